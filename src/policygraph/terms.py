"""An ontology's terms as a reference for people: what each means, how it is used, and an example of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.vocabulary import PREFIXES

if TYPE_CHECKING:
    from policygraph.library import Library

_OWL, _RDFS, _SKOS, _RDF = (PREFIXES[prefix] for prefix in ("owl", "rdfs", "skos", "rdf"))
_KINDS = (
    ("classes", _OWL + "Class"),
    ("relations", _OWL + "ObjectProperty"),
    ("values", _OWL + "DatatypeProperty"),
    ("notes", _OWL + "AnnotationProperty"),
)
_ABOUT = (
    "SELECT ?term ?property ?value { ?term a ?kind ; ?property ?value } ORDER BY ?term ?property STR(?value)"
)
_EXAMPLES = (
    ("class", "SELECT ?term (MIN(STR(?x)) AS ?subject) { ?x a ?term FILTER(isIRI(?x)) } GROUP BY ?term"),
    (
        "property",
        "SELECT ?term (MIN(STR(?x)) AS ?subject) { ?x ?term ?value FILTER(isIRI(?x)) } GROUP BY ?term",
    ),
)


class Term(NamedTuple):
    """A class or property: its IRI, what is said of it by property (terms of RDF), its uses, and an example.

    The example of a property is a thing and its value; that of a class, a thing.
    """

    iri: str
    facts: dict[str, list[Any]]
    uses: int
    example: tuple[Any, ...] = ()

    def all(self, curie: str) -> list[Any]:
        """The values of one of its properties."""
        prefix, _, local = curie.partition(":")
        return self.facts.get(PREFIXES[prefix] + local, [])


class Reference(NamedTuple):
    """The terms of an ontology: `own` by kind, `borrowed` ones, and `tree`, the classes by depth."""

    iri: str
    facts: dict[str, list[Any]]
    own: dict[str, list[Term]]
    borrowed: list[Term]
    tree: list[tuple[int, Term]]
    below: dict[str, list[str]]


def reference(library: Library, language: str) -> Reference:
    """The reference of the ontology at the site's path `/ontology`, its terms sorted by label."""
    home = library.base + "ontology"
    facts: dict[str, dict[str, list[Any]]] = {}
    for kind in (*(iri for _, iri in _KINDS), _OWL + "Ontology"):
        for row in library.store.query(_ABOUT.replace("?kind", f"<{kind}>")):  # type: ignore[union-attr]
            values = facts.setdefault(row["term"].value, {}).setdefault(row["property"].value, [])
            if row["value"] not in values:
                values.append(row["value"])
    uses: Counter[str] = Counter()
    for row in library.asked("terms-used", language):
        uses[row["term"].value] += int(row["uses"].value)
    examples: dict[str, str] = {}
    for _, text in _EXAMPLES:
        for row in library.store.query(text):  # type: ignore[union-attr]
            if row["subject"] is not None:
                examples.setdefault(row["term"].value, row["subject"].value)

    def label(iri: str) -> tuple[str, str]:
        return (library.names.of(iri, language).text.casefold(), iri)

    def term(iri: str) -> Term:
        return Term(iri, facts[iri], uses[iri], _example(library, iri, examples.get(iri), facts[iri]))

    own: dict[str, list[Term]] = {}
    for name, kind in _KINDS:
        of_kind = [iri for iri, said in facts.items() if kind in _iris(said, _RDF + "type")]
        own[name] = [term(iri) for iri in sorted(of_kind, key=label) if iri.startswith(home + "#")]
    inside = {each.iri for group in own.values() for each in group}
    others = [
        iri for iri in sorted(facts, key=label) if iri not in inside and not iri.startswith(library.base)
    ]
    below: dict[str, list[str]] = {}
    for group in own.values():
        for each in group:
            for above in _iris(each.facts, _RDFS + "subClassOf") + _iris(each.facts, _RDFS + "subPropertyOf"):
                below.setdefault(above, []).append(each.iri)
    return Reference(
        home, facts.get(home, {}), own, [term(iri) for iri in others], list(_tree(own["classes"])), below
    )


def _example(library: Library, iri: str, subject: str | None, said: dict[str, list[Any]]) -> tuple[Any, ...]:
    if subject is None:
        return ()
    if _OWL + "Class" in _iris(said, _RDF + "type"):
        return (subject,)
    rows = library.store.query(f"SELECT ?o {{ <{subject}> <{iri}> ?o }} ORDER BY STR(?o) LIMIT 1")
    return next(((subject, row["o"]) for row in rows), ())  # type: ignore[union-attr]


def _iris(facts: dict[str, list[Any]], property_: str) -> list[str]:
    return [term.value for term in facts.get(property_, ()) if not hasattr(term, "datatype")]


def _tree(classes: Iterable[Term]) -> Iterable[tuple[int, Term]]:
    """The classes, each below one that it is a subclass of, with how deep it is; each once."""
    terms = {term.iri: term for term in classes}
    below: dict[str, list[str]] = {}
    for iri, term in terms.items():
        parent = next((each for each in _iris(term.facts, _RDFS + "subClassOf") if each in terms), "")
        below.setdefault(parent, []).append(iri)
    seen: set[str] = set()
    waiting = [(0, iri) for iri in reversed(below.get("", []))]
    while waiting:
        depth, iri = waiting.pop()
        if iri not in seen:
            seen.add(iri)
            yield depth, terms[iri]
            waiting += [(depth + 1, each) for each in reversed(below.get(iri, []))]
    yield from ((0, term) for iri, term in terms.items() if iri not in seen)
