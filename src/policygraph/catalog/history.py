"""A version of a graph, read from where versions are kept: a file, a catalogue's folder, or git's history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, Quad, Triple

from policygraph.errors import CatalogError
from policygraph.rdf import reader

_FOLDERS = ("ontology", "data")

T = TypeVar("T")


def read(version: str | Path, *, root: str | Path) -> list[Quad]:
    """The quads of an RDF file, of a catalogue's folder, or of a git revision of the catalogue in `root`.

    A folder and a revision stand for the .ttl files in their `ontology/` and `data/`. A name that is both a
    file and a revision is the file. The work tree is not touched. DocumentError for what cannot be read, with
    the revision and the file; CatalogError for a folder or a revision that holds no catalogue, and where git
    knows no such revision.
    """
    path = Path(version)
    if path.is_dir():
        files = sorted(file for folder in _FOLDERS for file in (path / folder).glob("*.ttl"))
        files = [file for file in files if not file.name.startswith(".")]
        if not files:
            raise CatalogError(f"The folder {path} is no catalogue: it has no .ttl in ontology/ or data/.")
        return list(_apart(reader.read(file) for file in files))
    if path.exists() or path.suffix.lower() in reader.SUFFIXES:
        return reader.read(path)
    return list(_apart(_revision(str(version), Path(root))))


def _revision(version: str, root: Path) -> Iterator[list[Quad]]:
    try:
        commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{version}^{{commit}}").decode()
    except CatalogError as error:
        what = f"{version!r} is no file or folder here, and no revision in the git history of {root}"
        plain = "Needed a single revision" in str(error)  # which says no more
        raise CatalogError(f"{what}." if plain else f"{what}: {error}") from None
    # Hashes, not paths, name the files: what git calls a path depends on where one stands.
    listed = _git(root, "ls-tree", "-z", commit.strip(), "--", *(f"{folder}/" for folder in _FOLDERS))
    found = False
    for entry in listed.decode("utf-8", "surrogateescape").split("\0"):
        about, _, name = entry.partition("\t")
        if name.endswith(".ttl") and not Path(name).name.startswith("."):
            found = True
            yield reader.parse(_git(root, "cat-file", "blob", about.split()[2]), name=f"{version}:{name}")
    if not found:
        what = f"The revision {version!r} of {root} is no catalogue"
        raise CatalogError(f"{what}: it has no .ttl in ontology/ or data/.")


def _git(root: Path, *arguments: str) -> bytes:
    """What git prints; CatalogError with git's own reason when it refuses."""
    import os
    import subprocess

    # Within a git hook these would point to another repository than the catalogue's.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  a list, no shell; what a user gives follows --end-of-options
            ["git", "-C", str(root), *arguments],  # noqa: S607  git is where the user has it
            capture_output=True,
            env={**ours, "LC_ALL": "C"},
        )
    except (OSError, ValueError) as error:
        raise CatalogError(f"git cannot be run ({getattr(error, 'strerror', None) or error}).") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it refused"]
        raise CatalogError(f"{lines[0].removeprefix('fatal: ').rstrip('.')}.")
    return done.stdout


def _apart(files: Iterable[list[Quad]]) -> Iterator[Quad]:
    """The quads of all the files, with the blank nodes of each kept apart from the others'."""
    for number, quads in enumerate(files):
        for quad in quads:
            yield Quad(_own(quad.subject, number), quad.predicate, _own(quad.object, number), quad.graph_name)


def _own(term: T, number: int) -> T:
    if isinstance(term, BlankNode):
        return BlankNode(f"f{number}.{term.value}")  # type: ignore[return-value]
    if isinstance(term, Triple):
        return Triple(*(_own(part, number) for part in term))  # type: ignore[return-value]
    return term
