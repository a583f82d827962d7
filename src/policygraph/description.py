"""How a SPARQL service describes itself and what it holds, for programs that come without knowing it.

The terms are those of SPARQL 1.1 Service Description, VoID, DCAT 3 and, for the saved questions, SHACL. Every
count is asked of the store, and what a dataset says of itself is said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.query import Query
from policygraph.sparql import form
from policygraph.store import Store
from policygraph.vocabulary import BASE, PREFIXES, compact, expand

Terms: TypeAlias = NamedNode | Literal | Iterable[NamedNode | Literal]

_FORMATS = "http://www.w3.org/ns/formats/"
_WRITTEN = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "JSON-LD", "N-Triples", "RDF_XML"),
)
_EXECUTABLE = {
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
}

# `%s` is where a pattern stands.
_GRAPHS = "SELECT DISTINCT ?graph { GRAPH ?graph { ?s ?p ?o } }"
_COUNTS = """SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?s) AS ?subjects)
(COUNT(DISTINCT ?p) AS ?properties) (COUNT(DISTINCT ?o) AS ?objects) { %s }"""
_ENTITIES = "SELECT (COUNT(DISTINCT ?s) AS ?entities) { %s ?s a ?class FILTER(ISIRI(?s)) }"
_CLASSES = "SELECT ?of (COUNT(DISTINCT ?s) AS ?count) { %s ?s a ?of FILTER(ISIRI(?of)) } GROUP BY ?of"
_PROPERTIES = "SELECT (?p AS ?of) (COUNT(*) AS ?count) { %s } GROUP BY ?p"
_RECORDS = """SELECT DISTINCT ?dataset ?subject ?property ?value {
  ?dataset a dcat:Dataset .
  { ?dataset ?property ?value BIND(?dataset AS ?subject) }
  UNION { ?dataset dct:temporal|dct:publisher|dct:creator ?subject . ?subject ?property ?value }
  FILTER(ISIRI(?subject) && !ISBLANK(?value))
}"""


def service(
    store: Store, questions: Mapping[str, Query], *, endpoint: str, base: str = BASE, federated: bool = False
) -> list[Triple]:
    """What a service says of itself, its datasets, their graphs and the questions it has ready.

    Args:
        store: what the service answers from.
        questions: the saved questions by name.
        endpoint: the address of the service.
        base: what the IRIs of the catalogue and of its questions begin with.
        federated: whether a query may call other services.
    """
    this, catalogue = NamedNode(endpoint), NamedNode(f"{base}catalog")
    parts = (
        _service(this, federated),
        _graphs(store, this),
        _catalogue(store, catalogue, this),
        _prefixes(NamedNode(f"{endpoint}#prefixes")),
        *(_question(each, NamedNode(f"{base}query/{each.name}"), this) for each in questions.values()),
    )
    return sorted({triple for part in parts for triple in part}, key=str)


def _service(this: NamedNode, federated: bool) -> Iterator[Triple]:
    return _say(
        this,
        {
            "rdf:type": [_term("sd:Service"), _term("dcat:DataService")],
            "sd:endpoint": this,
            "sd:supportedLanguage": _term("sd:SPARQL11Query"),
            "sd:feature": [
                _term("sd:UnionDefaultGraph"),
                *([_term("sd:BasicFederatedQuery")] if federated else []),
            ],
            "sd:resultFormat": [NamedNode(_FORMATS + name) for name in _WRITTEN],
            "sd:defaultDataset": NamedNode(f"{this.value}#dataset"),
            "dcat:endpointURL": this,
            "dcat:endpointDescription": this,
            "dct:conformsTo": NamedNode("https://www.w3.org/TR/sparql11-protocol/"),
            "dct:title": [
                Literal("Questions to the catalogue, in SPARQL", language="en"),
                Literal("Spørgsmål til kataloget, i SPARQL", language="da"),
            ],
        },
    )


def _graphs(store: Store, this: NamedNode) -> Iterator[Triple]:
    """The union of all graphs, which a query sees unless it says otherwise, and each graph by itself."""
    dataset, union = (NamedNode(f"{this.value}#{part}") for part in ("dataset", "graph"))
    yield from _say(dataset, {"rdf:type": _term("sd:Dataset"), "sd:defaultGraph": union})
    yield from _counts(store, this, union, "?s ?p ?o .")
    for row in _rows(store, _GRAPHS):
        graph = row["graph"]
        named = NamedNode(f"{this.value}#graph-{_short(graph)}")
        yield from _say(dataset, {"sd:namedGraph": named})
        yield from _say(named, {"rdf:type": _term("sd:NamedGraph"), "sd:name": graph, "sd:graph": graph})
        yield from _counts(store, this, graph, f"GRAPH {graph} {{ ?s ?p ?o }}")


def _counts(store: Store, this: NamedNode, graph: NamedNode, pattern: str) -> Iterator[Triple]:
    """VoID's numbers and partitions of what a pattern finds, said of a graph."""
    (counts,) = _rows(store, _COUNTS % pattern)
    classes = _rows(store, _CLASSES % pattern.replace("?p ?o", "a ?of"))
    (entities,) = _rows(store, _ENTITIES % pattern)
    yield from _say(
        graph,
        {
            "rdf:type": [_term("sd:Graph"), _term("void:Dataset")],
            "void:sparqlEndpoint": this,
            "void:triples": counts["triples"],
            "void:entities": entities["entities"],
            "void:classes": Literal(len(classes)),
            "void:properties": counts["properties"],
            "void:distinctSubjects": counts["subjects"],
            "void:distinctObjects": counts["objects"],
        },
    )
    properties = _rows(store, _PROPERTIES % pattern)
    for kind, unit, parts in (("class", "entities", classes), ("property", "triples", properties)):
        for row in parts:
            base, _, fragment = graph.value.partition("#")
            name = "-".join(filter(None, (fragment, kind, _short(row["of"]))))
            part = NamedNode(f"{base}#{name}")
            yield from _say(graph, {f"void:{kind}Partition": part})
            yield from _say(part, {f"void:{kind}": row["of"], f"void:{unit}": row["count"]})


def _catalogue(store: Store, catalogue: NamedNode, this: NamedNode) -> Iterator[Triple]:
    """The catalogue, and each dataset's record in its own words."""
    rows = _rows(store, _RECORDS)
    for row in rows:
        yield Triple(row["subject"], row["property"], row["value"])
    datasets = {row["dataset"] for row in rows}
    yield from _say(this, {"dcat:servesDataset": datasets})
    yield from _say(
        catalogue,
        {
            "rdf:type": _term("dcat:Catalog"),
            "dct:title": [
                Literal("PolicyGraph: the datasets and how to question them", language="en"),
                Literal("PolicyGraph: datasættene, og hvordan man spørger dem", language="da"),
            ],
            "dct:description": [
                Literal("What governments have said they will do, as linked data.", language="en"),
                Literal("Hvad regeringer har sagt, at de vil gøre, som linkede data.", language="da"),
            ],
            "dct:publisher": {row["value"] for row in rows if row["property"] == _term("dct:publisher")},
            "dcat:dataset": datasets,
            "dcat:service": this,
        },
    )


def _prefixes(these: NamedNode) -> Iterator[Triple]:
    for prefix, namespace in PREFIXES.items():
        declared = NamedNode(f"{these.value}-{prefix}")
        yield from _say(these, {"sh:declare": declared})
        yield from _say(
            declared,
            {
                "sh:prefix": Literal(prefix),
                "sh:namespace": Literal(namespace, datatype=_term("xsd:anyURI")),
            },
        )


def _question(question: Query, name: NamedNode, this: NamedNode) -> Iterator[Triple]:
    kind, text = _EXECUTABLE.get(form(question.text), ("", ""))
    if kind:
        yield from _say(
            name,
            {
                "rdf:type": [_term("sh:SPARQLExecutable"), _term(kind)],
                "rdfs:label": Literal(question.summary, language="en"),
                "rdfs:comment": Literal(question.description or question.summary, language="en"),
                text: Literal(question.text),
                "sh:prefixes": NamedNode(f"{this.value}#prefixes"),
                "schema:keywords": map(Literal, question.tags),
                "schema:target": this,
            },
        )


def _say(subject: NamedNode, what: Mapping[str, Terms]) -> Iterator[Triple]:
    for name, values in what.items():
        for value in [values] if isinstance(values, NamedNode | Literal) else values:
            yield Triple(subject, _term(name), value)


def _short(iri: NamedNode) -> str:
    """An IRI as a part of another's fragment."""
    return compact(iri.value).removeprefix(BASE).replace("#", "/")


def _term(name: str) -> NamedNode:
    return NamedNode(expand(name))


def _rows(store: Store, text: str) -> list[Any]:
    return list(store.query(text))  # type: ignore[arg-type]
