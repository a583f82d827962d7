"""Lay out the file of a dataset, as its triples determine; read the files of a version of a catalogue.

First come the dataset and what belongs to it, then sources, then things by kind, then claims by subject, then
passages. Equal graphs give equal text.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.catalog.settings import Settings
from policygraph.errors import CatalogError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, Prefixes, compact, expand, local_name
from policygraph.rdf.terms import TYPE, Node, Term, best_literal
from policygraph.rdf.turtle import document
from policygraph.text import natural

HEADING = "## "
"""How a heading begins; a comment of any other form is somebody's own."""

_DATASET = NamedNode(expand("dcat:Dataset"))
_SUBJECT, _PREDICATE, _OBJECT = (expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_Properties: TypeAlias = dict[Node, dict[str, list[Term]]]
_DATASETS, _SOURCES, _THINGS, _CLAIMS, _PASSAGES = range(5)


def write(quads: Iterable[Quad | Triple], base: str, prefixes: Prefixes) -> str:
    """Write the triples of a dataset, which has no blank nodes, as the Turtle of its file.

    `base` and `prefixes` are those of its catalogue.
    """
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    return document(blocks(triples, base, prefixes), triples, base=base, prefixes=prefixes)


def blocks(triples: Iterable[Triple], base: str, prefixes: Prefixes) -> Iterator[tuple[Node, str]]:
    """The subjects in their order, each with the heading above it, or ""."""
    about: _Properties = {}
    for triple in sorted(triples, key=str):
        about.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
    places = {subject: _place(subject, about, base, prefixes) for subject in about}
    order = sorted(about, key=lambda subject: (*places[subject], natural(_text(subject))))
    for _, group in groupby(order, key=lambda subject: places[subject][:3]):
        for number, subject in enumerate(group):
            title = places[subject][2]
            yield subject, f"{HEADING}{title}\n" if number == 0 else ""


def comments(text: str) -> tuple[str, ...]:
    """The comment lines of a file that are nobody's but its author's: all but the headings."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line.startswith("#") and not line.startswith(HEADING))


def _place(
    subject: Node, about: _Properties, base: str, prefixes: Prefixes
) -> tuple[int, list[str | int], str, object]:
    """Where a subject stands: its part of the file, its group within that, the heading, its place there."""
    properties, iri = about[subject], _text(subject)
    types = sorted(_text(term) for term in properties.get(TYPE.value, ()))
    if _SUBJECT in properties:
        of = properties[_SUBJECT][0]
        parts = properties.get(_PREDICATE, []) + properties.get(_OBJECT, [])
        within = [natural(compact(_text(term), prefixes)) for term in parts]
        return _CLAIMS, natural(_text(of)), f"Claims about: {_name(of, about, base)}", within
    if iri.startswith(f"{base}source/"):
        return (_PASSAGES, [], "Passages", []) if "#" in iri else (_SOURCES, [], "Sources", [])
    kind = next((each for each in types if each.startswith(PREFIXES["pg"])), "")
    if not kind:
        return _DATASETS, [], "The dataset", [[_DATASET.value not in types]]
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", local_name(kind)).capitalize()
    return _THINGS, [words], words, []


def _name(term: Term, about: _Properties, base: str) -> str:
    """What a subject is called in a heading: its label in English, or else its path."""
    properties = about.get(term, {}) if not isinstance(term, Literal) else {}
    for name in LABEL_PROPERTIES[:-1]:
        label = best_literal((each for each in properties.get(name, ()) if isinstance(each, Literal)), "en")
        if label:
            return " ".join(label.value.split())
    return _text(term).removeprefix(base)


def _text(term: Term) -> str:
    return str(term) if isinstance(term, Triple) else term.value


def read(version: str | Path, *, root: str | Path) -> list[Quad]:
    """Read the quads of an RDF file, a catalogue's folder, or a git revision of the catalogue in `root`.

    Of a folder or a revision, the .ttl files in `ontology/`, and the files of data in `data/` and the folders
    that `catalog.toml` includes now are read. A name that is both a file and a revision is the file. The work
    tree is not touched. DocumentError, naming the revision and the file,
    for a file that cannot be read; CatalogError for a folder or a revision that has no such files, and for an
    unknown revision.
    """
    path, what = Path(version), f"folder {version}"
    if path.is_dir():
        files = sorted(file for folder in _folders(path) for file in reader.files(folder) if _is_read(file))
        parts = [reader.read(file) for file in files]
    elif path.exists() or path.suffix.lower() in reader.SUFFIXES:
        return reader.read(path)
    else:
        what, parts = f"revision {version!r} of {root}", list(_revision(str(version), Path(root)))
    if not parts:
        raise CatalogError(f"The {what} is not a catalogue: it has no RDF file in ontology/ or data/.")
    return [quad for part in parts for quad in part]


def _folders(root: Path) -> list[Path]:
    return [root / "ontology", root / "data", *Settings.read(root).include]


def _revision(version: str, root: Path) -> Iterator[list[Quad]]:
    try:
        commit = _git(root, "rev-parse", "--verify", "--end-of-options", f"{version}^{{commit}}").decode()
    except CatalogError as error:
        what = f"{version!r} is no file or folder here, and no revision in the git history of {root}"
        plain = "Needed a single revision" in str(error)  # which adds nothing
        raise CatalogError(f"{what}." if plain else f"{what}: {error}") from None
    # Files are read by hash, since git's paths depend on the current folder.
    folders = (f"{os.path.relpath(folder, root.resolve())}/" for folder in _folders(root.resolve()))
    tree = _git(root, "ls-tree", "-z", commit.strip(), "--", *folders)
    for entry in tree.decode("utf-8", "surrogateescape").split("\0"):
        columns, _, name = entry.partition("\t")
        if Path(name).suffix in reader.DATA and _is_read(Path(name)):
            data = _git(root, "cat-file", "blob", columns.split()[2])
            yield reader.parse(data, name=f"{version}:{name}")


def _is_read(path: Path) -> bool:
    """Whether a file is read: in `ontology/`, JSON-LD is a context."""
    return not path.name.startswith(".") and (path.suffix == ".ttl" or path.parent.name != "ontology")


def _git(root: Path, *arguments: str) -> bytes:
    """Run git and return its output; CatalogError with git's own reason when it fails."""
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
