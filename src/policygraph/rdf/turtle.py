"""Write Turtle in a canonical layout, in which equal graphs are equal text.

Each subject is one block: types first, then labels and descriptions, then the other predicates by CURIE;
objects in natural order ("area-2" before "area-10"), each on its own line where they do not fit in one. IRIs
under the base are written relative to it.

The syntax is RDF 1.1 Turtle (https://www.w3.org/TR/turtle/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact, expand, property_order
from policygraph.rdf.terms import TYPE, Node, Term, by_subject, canonical
from policygraph.text import jinja, natural

WIDTH = 110
# Only names that need no escapes; every other IRI is written in full.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?", re.ASCII)
# A relative path that a base resolves unchanged: no scheme, no leading slash, no dot segments.
_RELATIVE = re.compile(r"(?!.*/\.)[\w~%-][^:/?#]*(?:[/?#].*)?")
_SHORTHAND = {
    expand("xsd:boolean"): re.compile("true|false"),
    expand("xsd:integer"): re.compile(r"[+-]?[0-9]+"),
    expand("xsd:decimal"): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    expand("xsd:double"): re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+"),
}
_STRINGS = (None, expand("xsd:string"), expand("rdf:langString"))


def serialize(quads: Iterable[Quad | Triple], *, base: str = "", prefixes: Prefixes = PREFIXES) -> str:
    """Write a graph in canonical Turtle, with its subjects in natural order; graph names are left out.

    Blank nodes are labelled by RDF Dataset Canonicalization, so equal graphs give equal text.
    """
    union = (quad.triple if isinstance(quad, Quad) else quad for quad in quads)
    triples = {quad.triple for quad in canonical(union)}
    subjects = sorted({triple.subject for triple in triples}, key=_order)
    return document([(subject, "") for subject in subjects], triples, base=base, prefixes=prefixes)


def fill(template: Path, /, **values: Any) -> list[Triple]:
    """The triples of a Jinja template in Turtle; it knows every prefix, and `literal` writes a value."""
    environment = jinja(template.parent, literal=literal).overlay(autoescape=False)
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    text = prefixes + environment.get_template(template.name).render(values)
    return [quad.triple for quad in parse(text, format=RdfFormat.TURTLE, lenient=True)]


def literal(value: Any, language: str | None = None) -> Literal:
    """A Python value as a literal; a float as its shortest exact double."""
    if isinstance(value, bool | int):
        return Literal(value)
    if isinstance(value, float):
        special = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}
        text = special.get(repr(value)) or (repr(value) if "e" in repr(value) else f"{value!r}e0")
        return Literal(text, datatype=NamedNode(expand("xsd:double")))
    text = str(value).encode("utf-8", "ignore").decode()  # UTF-8 cannot encode lone surrogates
    return Literal(text, language=language)


def document(
    blocks: Iterable[tuple[Node, str]], triples: Iterable[Triple], *, base: str, prefixes: Prefixes = PREFIXES
) -> str:
    """Write subjects in the order given, each with all its triples, below a text such as a comment."""
    writer, about = _Writer(base, prefixes), by_subject(triples)
    written = [f"\n{heading}{writer.block(subject, about[subject])}" for subject, heading in blocks]
    header = [f"@base <{base}> .\n"] if base else []
    header += [f"@prefix {name}: <{writer.prefixes[name]}> .\n" for name in sorted(writer.used)]
    return "".join(header + written)


class _Writer:
    """Writes the terms of one document and remembers which prefixes it used."""

    def __init__(self, base: str, prefixes: Prefixes) -> None:
        self.base, self.all, self.used = base, prefixes, set[str]()
        self.place = cache(lambda predicate: property_order(predicate.value, prefixes))
        self.term = cache(self._term)  # since most occur again
        # After a prefix for a path under the base come slashes, which Turtle would have to escape.
        below = {iri for iri in prefixes.values() if base and iri.startswith(base) and iri.endswith("/")}
        self.prefixes = {name: iri for name, iri in prefixes.items() if iri not in below}

    def block(self, subject: Node, properties: Mapping[NamedNode, list[Term]]) -> str:
        lines = []
        for predicate in sorted(properties, key=self.place):
            name, values = "a" if predicate == TYPE else self.term(predicate), properties[predicate]
            objects = [self.term(term) for term in (sorted(values, key=_order) if values[1:] else values)]
            line = f"{name} {' , '.join(objects)}"
            if len(line) + 4 > WIDTH and len(objects) > 1:
                line = f"{name}\n    " + " ,\n    ".join(objects)
            lines.append(line)
        # The type is on the line of the subject.
        return f"{self.term(subject)} " + " ;\n  ".join(lines) + " .\n"

    def _term(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, BlankNode):
            return "_:" + re.sub("^c14n", "b", term.value)  # shorter than the labels of RDFC-1.0
        if isinstance(term, Triple):
            return f"<<( {' '.join(map(self.term, term))} )>>"
        datatype = term.datatype.value
        if datatype in _SHORTHAND and _SHORTHAND[datatype].fullmatch(term.value):
            return term.value
        if term.language or datatype in _STRINGS:
            return str(term)
        return f"{Literal(term.value)}^^{self.iri(datatype)}"

    def iri(self, iri: str) -> str:
        prefix, _, local = compact(iri, self.prefixes).partition(":")
        if prefix in self.prefixes and self.prefixes[prefix] + local == iri and _LOCAL.fullmatch(local):
            self.used.add(prefix)
            return f"{prefix}:{local}"
        rest = iri.removeprefix(self.base)
        return f"<{rest if rest != iri and _RELATIVE.fullmatch(rest) else iri}>"


def _order(term: Term) -> tuple[object, ...]:
    """Natural order: IRIs, blank nodes, then literals by language; digits count as numbers."""
    kind = 0 if isinstance(term, NamedNode) else 1 if isinstance(term, BlankNode) else 2
    language = getattr(term, "language", None) or ""
    return kind, language, natural(getattr(term, "value", str(term))), str(term)
