"""Lay out the file of a dataset, as its triples determine.

First come the dataset and what belongs to it, then sources, then things by kind, then claims by subject, then
passages. Equal graphs give equal text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from policygraph.rdf import reader
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, Prefixes, compact, expand, local_name
from policygraph.rdf.terms import TYPE, Node, Term, best_literal, by_subject
from policygraph.rdf.turtle import document
from policygraph.store import sparql
from policygraph.text import natural

HEADING = "## "
"""How a heading begins."""

_DATASET = NamedNode(expand("dcat:Dataset"))
_SUBJECT, _PREDICATE, _OBJECT = (expand(f"rdf:{name}") for name in ("subject", "predicate", "object"))
_ABOUT = "Claims about: "
_NONE = (RdfFormat.RDF_XML, RdfFormat.JSON_LD)  # formats without comments of the sign #
_Properties: TypeAlias = dict[Node, dict[str, list[Term]]]
_DATASETS, _SOURCES, _THINGS, _CLAIMS, _PASSAGES = range(5)


def write(quads: Iterable[Quad | Triple], base: str, prefixes: Prefixes) -> str:
    """Write the triples of a dataset, which has no blank nodes, as the Turtle of its file.

    `base` and `prefixes` are those of its catalogue.
    """
    triples = _triples(quads)
    return document(blocks(triples, base, prefixes), triples, base=base, prefixes=prefixes)


def blocks(triples: Iterable[Triple], base: str, prefixes: Prefixes) -> Iterator[tuple[Node, str]]:
    """The subjects in their order, each with the heading above it, or ""."""
    about = by_subject((t.subject, t.predicate.value, t.object) for t in sorted(triples, key=str))
    places = {subject: _place(subject, about, base, prefixes) for subject in about}
    order = sorted(about, key=lambda subject: (*places[subject], natural(_text(subject))))
    for (*_, title), group in groupby(order, key=lambda subject: places[subject][:3]):
        for number, subject in enumerate(group):
            yield subject, f"{HEADING}{title}\n" if number == 0 else ""


def comments(path: Path, quads: Iterable[Quad], base: str, prefixes: Prefixes) -> tuple[str, ...]:
    """The comments in a file of quads, if it can have any, that are somebody's own: all but the headings."""
    headings = {heading.rstrip() for _, heading in blocks(_triples(quads), base, prefixes)}
    found = () if reader.SUFFIXES[path.suffix.lower()] in _NONE else sparql.comments(path.read_text("utf-8"))
    return tuple(each for each in found if each not in headings and not each.startswith(HEADING + _ABOUT))


def _triples(quads: Iterable[Quad | Triple]) -> set[Triple]:
    return {quad.triple if isinstance(quad, Quad) else quad for quad in quads}


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
        return _CLAIMS, natural(_text(of)), f"{_ABOUT}{_name(of, about, base)}", within
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
