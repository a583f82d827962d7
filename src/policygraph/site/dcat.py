"""Describe the catalogue for data portals and other programs: DCAT-AP 3, VoID and the saved queries.

The record repeats what each dataset states about itself, and adds the size and checksum of each file. The
application profile is at https://semiceu.github.io/DCAT-AP/releases/3.0.0/; `dcat-ap.ttl` beside this module
has its mandatory and recommended properties as SHACL shapes. The terms of the service's description are those
of SPARQL 1.1 Service Description and, for the saved queries, SHACL, laid out as SIB's SPARQL editor expects
(https://github.com/sib-swiss/sparql-editor). Every count is queried from the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryTriples, Triple

from policygraph.catalog.query import Query
from policygraph.catalog.settings import Settings
from policygraph.errors import EndpointError
from policygraph.i18n import in_each_language
from policygraph.rdf.formats import FORMATS, GRAPHS, ROWS
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.terms import TYPE, about, canonical, term
from policygraph.rdf.turtle import fill
from policygraph.site.context import SiteContext
from policygraph.site.downloads import describe, distributions, measured
from policygraph.site.noted import once
from policygraph.site.pages.resource import graph_document
from policygraph.site.rendering import Arguments, Page, public_page
from policygraph.site.versions.releases import versions
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store, rows

SHAPES = Path(__file__).parent / "dcat-ap.ttl"  # the SHACL shapes that the record conforms to

_QUERIES, _TEMPLATES = Path(__file__).parent / "queries", Path(__file__).parent / "templates"
_FORMS = ("SELECT", "CONSTRUCT", "ASK")  # of the queries that SHACL can describe
_VOID = PREFIXES["void"]


def document(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The record as a document."""
    return graph_document(context, record(context), suffix)


@once
def record(context: SiteContext, downloads: bool = True) -> list[Triple]:
    """The catalogue's record, sorted, with the files to download or without.

    FormatError when the data cannot be written in one of the formats of the downloads.
    """
    catalogue, home = NamedNode(f"{context.base}catalog"), NamedNode(context.address)
    email = NamedNode(f"mailto:{context.settings.email}") if context.settings.email else None
    # The store, for the queries, has none of the counts, and turns xsd:nonNegativeInteger into xsd:integer.
    graph, known = EmbeddedStore(), set[Triple]()

    def add(new: Iterable[Triple]) -> None:
        known.update(new := list(new))
        graph.add(Quad(*each) for each in new if not each.predicate.value.startswith(_VOID))

    if context.description:
        add(context.description())
    else:
        queries, endpoint = context.catalog.queries, context.sparql
        add(void_description(context.store, queries, settings=context.settings, endpoint=endpoint))
    add(construct(graph, "dataset", home=home, catalogue=catalogue, email=email))
    add(construct(graph, "catalogue", home=home, catalogue=catalogue))
    landing_page = term("dcat:landingPage")
    with_page = {triple.subject for triple in known if triple.predicate == landing_page}
    for iri in context.metadata.records:
        if NamedNode(iri) not in with_page and (page := context.urls.path(iri)):
            add([Triple(NamedNode(iri), landing_page, NamedNode(public_page(context, page, "")))])
    every = distributions(context).items() if downloads else ()
    add(describe(context, ((each, *measured(context, path)) for path, each in every)))
    for each in versions(context).values():
        names = ("dcat:hasVersion", "dcat:hasCurrentVersion") if each.graph else ("dcat:hasVersion",)
        if each.of in context.metadata.records:
            add(Triple(NamedNode(each.of), term(name), NamedNode(each.iri)) for name in names)
    add(construct(graph, "inherited", catalogue=catalogue))
    return sorted((quad.triple for quad in canonical(known)), key=str)


def faults(record: Iterable[Triple]) -> list[str]:
    """What in a record breaks DCAT-AP 3, each in a sentence: the mandatory properties of `SHAPES`."""
    store, shapes = EmbeddedStore(Quad(*triple) for triple in record), "urn:policygraph:shapes"
    store.add(SHAPES, graph=shapes)
    text = Query.read(_QUERIES / "mandatory.rq").bind(shapes=NamedNode(shapes))
    return [f"{row['focus']}: {row['message'].value}" for row in rows(store, text)]


def void_description(
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
    described = fill(
        _TEMPLATES / "service.ttl",
        base=settings.base,
        catalogue=catalogue.value,
        endpoint=endpoint,
        federated=federated,
        formats=[FORMATS[name].w3c for name in (*ROWS, *GRAPHS)],
        titles=in_each_language("records", "service", settings.languages),
        prefixes=settings.prefixes,
        queries=[(e.form.lower(), e, *_comment(e)) for e in queries.values() if e.form in _FORMS],
    )
    records = [
        *construct(store, "records", catalogue=catalogue, service=this),
        *construct(store, "stated", catalogue=catalogue),
    ]
    # The publisher of the catalogue, not those of its datasets, unless the data say themselves who that is.
    of = term("dct:publisher")
    own = [each.object for each in records if (each.subject, each.predicate) == (catalogue, of)]
    if settings.publisher and not own:
        records += publisher(settings)
    elif all(isinstance(each, BlankNode) for each in own):
        served = {each.object for each in records if each.predicate == term("dcat:dataset")}
        publishers = {each.object for each in records if each.predicate == of and each.subject in served}
        records += [Triple(catalogue, of, each) for each in publishers]
    known = {triple.predicate for triple in records if triple.subject == catalogue}
    words = {
        "dct:title": settings.title,
        "dct:description": settings.description
        or settings.tagline
        or in_each_language("records", "catalogue_description", settings.languages),
    }
    defaults = {
        name: [Literal(text, language=tag) for tag, text in texts.items()]
        for name, texts in words.items()
        if term(name) not in known
    }
    counts: list[Triple] = []
    with suppress(EndpointError):  # of a service that takes too long to go through all of it
        counts += construct(store, "graphs", union=union, service=this)
        counts += construct(store, "partitions", union=union)
        counts += construct(store, "usage", union=union)
    return sorted({*described, *counts, *records, *about(catalogue, defaults)}, key=str)


def _comment(query: Query) -> tuple[str, str | None]:
    """What a question asks, in English if it says so in that, and the tag of the language."""
    title, tag = query.title("en")
    return f"{title} {query.descriptions.get(tag, '')}".strip(), tag or None


def publisher(settings: Settings) -> Iterator[Triple]:
    """Who publishes the catalogue, as its settings say."""
    this = NamedNode(settings.iri or f"{settings.base}catalog#publisher")
    yield Triple(NamedNode(f"{settings.base}catalog"), term("dct:publisher"), this)
    yield Triple(this, TYPE, term("foaf:Agent"))
    names = [Literal(text, language=tag) for tag, text in settings.publisher.items()]
    pages = [NamedNode(settings.homepage)] if settings.homepage else []
    mail = [NamedNode(f"mailto:{settings.email}")] if settings.email else []
    yield from about(this, {"foaf:name": names, "foaf:homepage": pages, "foaf:mbox": mail})


def construct(store: Store, name: str, **values: NamedNode | None) -> Iterable[Triple]:
    """Run a CONSTRUCT of the folder `queries/`, with its parameters bound."""
    return cast(QueryTriples, store.counted(Query.read(_QUERIES / f"{name}.rq").bind(**values)))
