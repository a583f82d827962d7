"""Describe a catalogue and its SPARQL service in RDF, for programs that come to it for the first time.

The terms are those of SPARQL 1.1 Service Description, VoID, DCAT 3 and, for the saved queries, SHACL, laid
out as SIB's SPARQL editor expects them (https://github.com/sib-swiss/sparql-editor). Every count is queried
from the store, and what a dataset states about itself is repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.catalog.query import Query
from policygraph.i18n import in_each_language
from policygraph.rdf.formats import FORMATS, GRAPHS, ROWS
from policygraph.rdf.namespaces import BASE, PREFIXES, compact
from policygraph.rdf.sparql import form
from policygraph.rdf.store import EmbeddedStore, Store, rows, triples
from policygraph.rdf.terms import about, term

_QUERIES = Path(__file__).parent / "queries"
_EXECUTABLE = {
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
}

# `%s` stands for a graph pattern. Oxigraph repeats a triple of several graphs in their union.
_UNION = "{ SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"
_GRAPHS = "SELECT DISTINCT ?graph { GRAPH ?graph { ?s ?p ?o } }"
_COUNTS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects)
(COUNT(DISTINCT ?p) AS ?properties) (COUNT(DISTINCT ?o) AS ?objects) { %s }"""
_ENTITIES = "SELECT (COUNT(DISTINCT ?s) AS ?entities) { %s FILTER(ISIRI(?s)) }"
_CLASSES = "SELECT ?of (COUNT(DISTINCT ?s) AS ?count) { %s ?s a ?of FILTER(ISIRI(?of)) } GROUP BY ?of"
_PROPERTIES = "SELECT (?p AS ?of) (COUNT(*) AS ?count) { %s } GROUP BY ?p"
# The properties of a class's instances, and the classes and datatypes of their values.
_OF_CLASS = """SELECT ?class ?p (COUNT(*) AS ?count) {
  SELECT DISTINCT ?class ?s ?p ?o { ?s a ?class . ?s ?p ?o FILTER(ISIRI(?class)) }
} GROUP BY ?class ?p"""
_VALUE_CLASSES = """SELECT DISTINCT ?class ?p ?of {
  ?s a ?class . ?s ?p ?o . ?o a ?of FILTER(ISIRI(?class) && ISIRI(?of))
}"""
_VALUE_DATATYPES = """SELECT DISTINCT ?class ?p (DATATYPE(?o) AS ?of) {
  ?s a ?class . ?s ?p ?o FILTER(ISIRI(?class) && ISLITERAL(?o))
}"""


def service(
    store: Store,
    queries: Mapping[str, Query],
    *,
    endpoint: str = "",
    base: str = BASE,
    federated: bool = False,
) -> list[Triple]:
    """The description of a catalogue: its service, datasets, named graphs and saved queries.

    Args:
        store: the store that the service queries.
        queries: the saved queries by name.
        endpoint: the URL of the service; empty when there is none.
        base: the beginning of the IRIs of the catalogue and its queries.
        federated: whether a query may call other services.
    """
    catalogue = NamedNode(f"{base}catalog")
    this = NamedNode(endpoint) if endpoint else None
    prefixes = NamedNode(f"{(this or catalogue).value}#prefixes")
    parts = (
        _service(this, federated) if this else (),
        _graphs(store, this, catalogue),
        _catalogue(store, catalogue, this),
        _prefixes(prefixes),
        *(_query(each, NamedNode(f"{base}query/{each.name}"), prefixes, this) for each in queries.values()),
    )
    return sorted({triple for part in parts for triple in part}, key=str)


def _service(this: NamedNode, federated: bool) -> Iterator[Triple]:
    feature = term("sd:BasicFederatedQuery") if federated else None
    formats = [NamedNode(FORMATS[name].w3c) for name in (*ROWS, *GRAPHS)]
    yield from construct(EmbeddedStore(), "service", service=this, feature=feature, format=formats)
    yield from about(this, {"dct:title": _words("service")})


def _graphs(store: Store, this: NamedNode | None, catalogue: NamedNode) -> Iterator[Triple]:
    """The union of all graphs, which is the default graph of a query, and each node graph."""
    union = NamedNode(f"{(this or catalogue).value}#graph")
    yield from _counts(store, this, union, _UNION)
    yield from _usage(store, union)
    for row in rows(store, _GRAPHS):
        graph = row["graph"]
        yield from about(union, {"void:subset": graph})
        yield from _counts(store, this, graph, f"GRAPH {graph} {{ ?s ?p ?o }}")
        if this:
            node = NamedNode(f"{this.value}#graph-{_short(graph)}")
            yield from about(NamedNode(f"{this.value}#dataset"), {"sd:namedGraph": node})
            yield from about(node, {"rdf:type": term("sd:NamedGraph"), "sd:name": graph, "sd:graph": graph})


def _counts(store: Store, this: NamedNode | None, graph: NamedNode, pattern: str) -> Iterator[Triple]:
    """The VoID counts and partitions of a graph, whose triples match a pattern."""
    (counts,) = rows(store, _COUNTS % pattern)
    classes = list(rows(store, _CLASSES % ("" if pattern == _UNION else pattern.replace("?p ?o", "a ?of"))))
    (entities,) = rows(store, _ENTITIES % pattern)
    yield from about(
        graph,
        {
            "rdf:type": [*([term("sd:Graph")] if this else []), term("void:Dataset")],
            "void:sparqlEndpoint": this or (),
            "void:triples": counts["triples"],
            "void:entities": entities["entities"],
            "void:classes": Literal(len(classes)),
            "void:properties": counts["properties"],
            "void:distinctSubjects": counts["subjects"],
            "void:distinctObjects": counts["objects"],
        },
    )
    properties = rows(store, _PROPERTIES % pattern)
    for kind, unit, parts in (("class", "entities", classes), ("property", "triples", properties)):
        for row in parts:
            part = _part(graph, kind, row["of"])
            yield from about(graph, {f"void:{kind}Partition": part})
            yield from about(part, {f"void:{kind}": row["of"], f"void:{unit}": row["count"]})


def _usage(store: Store, graph: NamedNode) -> Iterator[Triple]:
    """What editors complete from: the properties of each class, the classes and datatypes of their values."""
    for row in rows(store, _OF_CLASS):
        whole = _part(graph, "class", row["class"])
        part = _part(whole, "property", row["p"])
        yield from about(whole, {"void:propertyPartition": part})
        yield from about(part, {"void:property": row["p"], "void:triples": row["count"]})
    for prefix, kind, text in (("void", "class", _VALUE_CLASSES), ("void-ext", "datatype", _VALUE_DATATYPES)):
        for row in rows(store, text):
            whole = _part(_part(graph, "class", row["class"]), "property", row["p"])
            part = _part(whole, kind, row["of"])
            yield from about(whole, {f"{prefix}:{kind}Partition": part})
            yield from about(part, {f"{prefix}:{kind}": row["of"]})


def _part(whole: NamedNode, kind: str, of: NamedNode) -> NamedNode:
    """The IRI of a partition."""
    base, _, fragment = whole.value.partition("#")
    return NamedNode(f"{base}#{'-'.join(filter(None, (fragment, kind, _short(of))))}")


def _catalogue(store: Store, catalogue: NamedNode, this: NamedNode | None) -> Iterator[Triple]:
    """The catalogue, with the data's own metadata of each dataset and, where it has any, of the catalogue."""
    triples = list(construct(store, "records", catalogue=catalogue, service=this))
    yield from triples
    known = {triple.predicate for triple in triples if triple.subject == catalogue}
    defaults = {"dct:title": _words("catalogue"), "dct:description": _words("catalogue_description")}
    yield from about(catalogue, {name: defaults[name] for name in defaults if term(name) not in known})


def _words(key: str) -> list[Literal]:
    return [Literal(text, language=tag) for tag, text in in_each_language("records", key).items()]


def _prefixes(these: NamedNode) -> Iterator[Triple]:
    for prefix, namespace in PREFIXES.items():
        declared = NamedNode(f"{these.value}-{prefix}")
        yield from about(these, {"sh:declare": declared})
        yield from about(
            declared,
            {
                "sh:prefix": Literal(prefix),
                "sh:namespace": Literal(namespace, datatype=term("xsd:anyURI")),
            },
        )


def _query(query: Query, name: NamedNode, prefixes: NamedNode, this: NamedNode | None) -> Iterator[Triple]:
    kind, text = _EXECUTABLE.get(form(query.text), ("", ""))
    others = re.findall(r"^#\+ ([a-z]{2}): +(.+?) *$", query.text, re.MULTILINE)
    if kind:
        yield from about(
            name,
            {
                "rdf:type": [term("sh:SPARQLExecutable"), term(kind)],
                "rdfs:label": [
                    Literal(query.summary, language="en"),
                    *(Literal(summary, language=language) for language, summary in others),
                ],
                # SIB's editor lists its examples by this text, so there is one, in one language.
                "rdfs:comment": Literal(f"{query.summary} {query.description}".strip(), language="en"),
                text: Literal(query.text),
                "sh:prefixes": prefixes,
                "schema:keywords": map(Literal, query.tags),
                "schema:target": this or (),
            },
        )


def construct(store: Store, name: str, **values: NamedNode | Iterable[NamedNode] | None) -> Iterable[Triple]:
    """Run a CONSTRUCT of the folder `queries/`, with its parameters bound."""
    return triples(store, Query.read(_QUERIES / f"{name}.rq").bind(**values))


def _short(iri: NamedNode) -> str:
    """An IRI as a part of another's fragment."""
    return compact(iri.value).removeprefix(BASE).replace("#", "/")
