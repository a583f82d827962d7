"""The part of a graph that a document about some things holds, and where that document says it is from.

Their own triples with the blank nodes behind them, what points to them, the claims about either (RDF
reifications), and what everything named there is called: so the document can be read by itself, as a concise
bounded description can (https://www.w3.org/submissions/CBD/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.rdf.namespaces import PREFIXES

if TYPE_CHECKING:
    from policygraph.rdf.store import Store

_ABOUT = """CONSTRUCT {{ ?about ?p ?o . ?s ?q ?about . ?c ?r ?v . ?b ?t ?w . ?d ?u ?x }} WHERE {{
  VALUES ?about {{ {iris} }}
  {{ ?about ?p ?o }}
  UNION {{ ?about ?first ?b FILTER(isBlank(?b)) ?b ?t ?w }}
  UNION {{ ?about ?first ?middle FILTER(isBlank(?middle)) ?middle ?second ?d FILTER(isBlank(?d)) ?d ?u ?x }}
  UNION {{ ?s ?q ?about FILTER(!isBlank(?s)) }}
  UNION {{ ?c rdf:subject ?about ; ?r ?v }}
  UNION {{ ?c rdf:object ?about ; ?r ?v }}
}}"""
_CALLED = """CONSTRUCT {{ ?s ?p ?name }} WHERE {{
  VALUES ?s {{ {iris} }} VALUES ?p {{ skos:prefLabel rdfs:label dct:title }}
  ?s ?p ?name FILTER(isLiteral(?name))
}}"""
_GRAPHS = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ <{iri}> a owl:Ontology }} GRAPH ?g {{ ?s ?p ?o }} }}"
_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
_MANY = 500  # IRIs in one question


def about(store: Store, iris: Sequence[str]) -> set[Triple]:
    """What a document about these things holds."""
    found: set[Triple] = set()
    for part in _parts(iris):
        found |= _asked(store, _ABOUT.format(iris=part))
    found |= {triple for iri in iris for triple in _asked(store, _GRAPHS.format(iri=iri))}
    named = {term.value for triple in found for term in triple if isinstance(term, NamedNode)}
    for part in _parts(sorted(named)):
        found |= _asked(store, _CALLED.format(iris=part))
    return found


def whole(store: Store, iri: str) -> set[Triple]:
    """A named graph."""
    return _asked(store, _GRAPH.format(iri=iri))


def provenance(
    document: str, topic: str, record: Mapping[str, str], *, names: Iterable[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """What a document says of itself: its topic, names, licence, and what it is part of, where known."""
    this = NamedNode(document)

    def said(property_: str, value: NamedNode | Literal) -> Triple:
        prefix, _, local = property_.partition(":")
        return Triple(this, NamedNode(PREFIXES[prefix] + local), value)

    yield said("rdf:type", NamedNode(PREFIXES["foaf"] + "Document"))
    yield said("foaf:primaryTopic", NamedNode(topic))
    if record.get("license"):
        yield said("dct:license", NamedNode(record["license"]))
    for text, language in names:
        yield said("dct:title", Literal(text, language=language) if language else Literal(text))
    if record.get("iri") and record["iri"] != topic:
        yield said("dct:isPartOf", NamedNode(record["iri"]))


def _parts(iris: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(iris), _MANY):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _MANY])


def _asked(store: Store, text: str) -> set[Triple]:
    answer: Iterable[Triple] = store.query(text)  # type: ignore[assignment]
    return set(answer)
