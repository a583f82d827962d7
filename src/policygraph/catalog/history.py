"""Read a version of a graph from a file, a catalogue's folder, or a git revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Quad

from policygraph.errors import CatalogError
from policygraph.rdf import reader

_FOLDERS = ("ontology", "data")


def read(version: str | Path, *, root: str | Path) -> list[Quad]:
    """Read the quads of an RDF file, a catalogue's folder, or a git revision of the catalogue in `root`.

    Of a folder or a revision, the .ttl files in `ontology/` and `data/` are read. A name that is both a file
    and a revision is the file. The work tree is not touched. DocumentError, naming the revision and the file,
    for a file that cannot be read; CatalogError for a folder or a revision that has no such files, and for an
    unknown revision.
    """
    path = Path(version)
    if path.is_dir():
        files = sorted(file for folder in _FOLDERS for file in (path / folder).glob("*.ttl"))
        files = [file for file in files if not file.name.startswith(".")]
        if not files:
            raise CatalogError(f"The folder {path} is not a catalogue: it has no .ttl in ontology/ or data/.")
        return [quad for file in files for quad in reader.read(file)]
    if path.exists() or path.suffix.lower() in reader.SUFFIXES:
        return reader.read(path)
    return list(_revision(str(version), Path(root)))


def _revision(version: str, root: Path) -> Iterator[Quad]:
    try:
        commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{version}^{{commit}}").decode()
    except CatalogError as error:
        what = f"{version!r} is no file or folder here, and no revision in the git history of {root}"
        plain = "Needed a single revision" in str(error)  # which adds nothing
        raise CatalogError(f"{what}." if plain else f"{what}: {error}") from None
    # Files are read by hash, since git's paths depend on the current folder.
    tree = _git(root, "ls-tree", "-z", commit.strip(), "--", *(f"{folder}/" for folder in _FOLDERS))
    empty = True
    for entry in tree.decode("utf-8", "surrogateescape").split("\0"):
        columns, _, name = entry.partition("\t")
        if name.endswith(".ttl") and not Path(name).name.startswith("."):
            empty = False
            data = _git(root, "cat-file", "blob", columns.split()[2])
            yield from reader.parse(data, name=f"{version}:{name}")
    if empty:
        what = f"The revision {version!r} of {root} is not a catalogue"
        raise CatalogError(f"{what}: it has no .ttl in ontology/ or data/.")


def _git(root: Path, *arguments: str) -> bytes:
    """Run git and return its output; CatalogError with git's own reason when it fails."""
    import os
    import subprocess

    # In a git hook, the variables GIT_… point to the hook's repository, which may not be the catalogue's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  a list, no shell; user input comes after --end-of-options
            ["git", "-C", str(root), *arguments],  # noqa: S607  git is found on the user's PATH
            capture_output=True,
            env={**environment, "LC_ALL": "C"},
        )
    except (OSError, ValueError) as error:
        raise CatalogError(f"git cannot be run ({getattr(error, 'strerror', None) or error}).") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it refused"]
        raise CatalogError(f"{lines[0].removeprefix('fatal: ').rstrip('.')}.")
    return done.stdout
