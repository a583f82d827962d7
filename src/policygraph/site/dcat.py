"""Describe the catalogue for data portals and other programs: DCAT-AP 3, VoID and the saved queries.

The record repeats what each dataset states about itself, and adds the size and checksum of each file. The
application profile is at https://semiceu.github.io/DCAT-AP/releases/3.0.0/; `dcat-ap.ttl` beside this module
has its mandatory and recommended properties as SHACL shapes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Triple

from policygraph.catalog.query import Query
from policygraph.i18n import words
from policygraph.rdf.formats import FORMATS
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.store import EmbeddedStore, rows
from policygraph.rdf.terms import canonical, term
from policygraph.rdf.turtle import fill
from policygraph.site.context import SiteContext, once
from policygraph.site.downloads import checksum, data, distributions
from policygraph.site.pages.resource import graph_document
from policygraph.site.rendering import Arguments, Page
from policygraph.site.urls import html_path
from policygraph.site.void import construct, service

SHAPES = Path(__file__).parent / "dcat-ap.ttl"  # the SHACL shapes that the record conforms to

_FILES = Path(__file__).parent / "templates" / "files.ttl"
_MANDATORY = Path(__file__).parent / "queries" / "mandatory.rq"
_VOID = PREFIXES["void"]
_BY_MEDIA = {row.media: row for row in FORMATS.values()}


def document(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The record as a document."""
    return graph_document(context, record(context), suffix)


@once
def record(context: SiteContext) -> list[Triple]:
    """The catalogue's record, sorted.

    FormatError when the data cannot be written in one of the formats of the downloads.
    """
    if context.description:
        triples = context.description()
    else:
        triples = service(
            context.store, context.catalog.queries, settings=context.settings, endpoint=context.sparql
        )
    catalogue, home = NamedNode(f"{context.base}catalog"), NamedNode(context.address)
    email = NamedNode(f"mailto:{context.settings.email}") if context.settings.email else None
    # The store, for the queries, has none of the counts, and turns xsd:nonNegativeInteger into xsd:integer.
    graph, known = EmbeddedStore(), set[Triple]()

    def add(new: Iterable[Triple]) -> None:
        known.update(new := list(new))
        graph.add(Quad(*each) for each in new if not each.predicate.value.startswith(_VOID))

    add(triples)
    add(construct(graph, "dataset", home=home, catalogue=catalogue, email=email))
    add(construct(graph, "catalogue", home=home, catalogue=catalogue))
    landing_page = term("dcat:landingPage")
    with_page = {triple.subject for triple in known if triple.predicate == landing_page}
    for iri in context.records:
        if NamedNode(iri) not in with_page and (page := context.urls.path(iri)):
            add([Triple(NamedNode(iri), landing_page, NamedNode(context.urls.address(html_path(page))))])
    files = [
        {
            "file": each,
            "format": _BY_MEDIA.get(each.media),
            "size": len(data(context, each.path)),
            "checksum": checksum(context, each.path),
            "titles": {tag: (title, words(tag, "records")["file_description"]) for tag, title in each.titles},
        }
        for each in distributions(context).values()
    ]
    add(fill(_FILES, base=context.base, address=context.address, eu=PREFIXES["eu"], files=files))
    add(construct(graph, "inherited", catalogue=catalogue))
    return sorted((quad.triple for quad in canonical(known)), key=str)


def faults(triples: Iterable[Triple]) -> list[str]:
    """What in a record breaks DCAT-AP 3, each in a sentence: the mandatory properties of `SHAPES`."""
    store, shapes = EmbeddedStore(Quad(*triple) for triple in triples), "urn:policygraph:shapes"
    store.add(SHAPES, graph=shapes)
    text = Query.read(_MANDATORY).bind(shapes=NamedNode(shapes))
    return [f"{row['focus']}: {row['message'].value}" for row in rows(store, text)]
