"""Describe a catalogue and its SPARQL service in RDF, for programs that come to it for the first time.

The terms are those of SPARQL 1.1 Service Description, VoID, DCAT 3 and, for the saved queries, SHACL, laid
out as SIB's SPARQL editor expects them (https://github.com/sib-swiss/sparql-editor). Every count is queried
from the store, and what a dataset states about itself is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.catalog.query import Query
from policygraph.catalog.settings import Settings
from policygraph.i18n import in_each_language
from policygraph.rdf.formats import FORMATS, GRAPHS, ROWS
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.sparql import form
from policygraph.rdf.store import Store, triples
from policygraph.rdf.terms import about, term
from policygraph.rdf.turtle import fill

_QUERIES = Path(__file__).parent / "queries"
_TEMPLATE = Path(__file__).parent / "templates" / "service.ttl"
_FORMS = ("SELECT", "CONSTRUCT", "ASK")  # of the queries that SHACL can describe


def service(
    store: Store,
    queries: Mapping[str, Query],
    *,
    settings: Settings,
    endpoint: str = "",
    federated: bool = False,
) -> list[Triple]:
    """The description of a catalogue: its service, datasets, named graphs and saved queries.

    Args:
        store: the store that the service queries.
        queries: the saved queries by name.
        settings: of the catalogue.
        endpoint: the URL of the service; empty when there is none.
        federated: whether a query may call other services.
    """
    catalogue, this = NamedNode(f"{settings.base}catalog"), NamedNode(endpoint) if endpoint else None
    union = NamedNode(f"{endpoint or catalogue.value}#graph")
    forms = ((form(query.text), query) for query in queries.values())
    described = fill(
        _TEMPLATE,
        base=settings.base,
        catalogue=catalogue.value,
        endpoint=endpoint,
        federated=federated,
        formats=[FORMATS[name].w3c for name in (*ROWS, *GRAPHS)],
        titles=in_each_language("records", "service"),
        prefixes=PREFIXES,
        queries=[(name.lower(), query) for name, query in forms if name in _FORMS],
    )
    records = list(construct(store, "records", catalogue=catalogue, service=this))
    # The publisher of the catalogue, not those of its datasets, unless the data say themselves who that is.
    if settings.publisher and not store.query(f"ASK {{ {catalogue} dct:publisher ?own }}"):
        other = catalogue, term("dct:publisher")
        records = [each for each in records if (each.subject, each.predicate) != other]
        records += publisher(settings)
    known = {triple.predicate for triple in records if triple.subject == catalogue}
    words = {
        "dct:title": settings.title,
        "dct:description": settings.description
        or settings.tagline
        or in_each_language("records", "catalogue_description"),
    }
    defaults = {
        name: [Literal(text, language=tag) for tag, text in texts.items()]
        for name, texts in words.items()
        if term(name) not in known
    }
    parts = (
        described,
        construct(store, "graphs", union=union, service=this),
        construct(store, "partitions", union=union),
        construct(store, "usage", union=union),
        records,
        about(catalogue, defaults),
    )
    return sorted({triple for part in parts for triple in part}, key=str)


def publisher(settings: Settings) -> Iterator[Triple]:
    """Who publishes the catalogue, as its settings say."""
    this = NamedNode(settings.iri or f"{settings.base}catalog#publisher")
    yield Triple(NamedNode(f"{settings.base}catalog"), term("dct:publisher"), this)
    yield Triple(this, term("rdf:type"), term("foaf:Agent"))
    names = [Literal(text, language=tag) for tag, text in settings.publisher.items()]
    pages = [NamedNode(settings.homepage)] if settings.homepage else []
    mail = [NamedNode(f"mailto:{settings.email}")] if settings.email else []
    yield from about(this, {"foaf:name": names, "foaf:homepage": pages, "foaf:mbox": mail})


def construct(store: Store, name: str, **values: NamedNode | None) -> Iterable[Triple]:
    """Run a CONSTRUCT of the folder `queries/`, with its parameters bound."""
    return triples(store, Query.read(_QUERIES / f"{name}.rq").bind(**values))
