"""Describe the catalogue for data portals and other programs: DCAT-AP 3, VoID and the saved queries.

The record repeats what each dataset states about itself, and adds the size and checksum of each file. The
application profile is at https://semiceu.github.io/DCAT-AP/releases/3.0.0/; `dcat-ap.ttl` beside this module
has its mandatory and recommended properties as SHACL shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.i18n import words
from policygraph.rdf.formats import FORMATS
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.store import EmbeddedStore
from policygraph.rdf.terms import about, term
from policygraph.site.context import SiteContext, once
from policygraph.site.downloads import Distribution, checksum, data, distributions
from policygraph.site.pages.resource import graph_document
from policygraph.site.rendering import Arguments, Page
from policygraph.site.urls import html_path
from policygraph.site.void import construct, service

SHAPES = Path(__file__).parent / "dcat-ap.ttl"
"""The SHACL shapes that the record conforms to."""

_EU, _VOID = PREFIXES["eu"], PREFIXES["void"]
_IANA = "https://www.iana.org/assignments/media-types/"
_BY_MEDIA = {row.media: row for row in FORMATS.values()}


def document(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The record as a document."""
    return graph_document(context, record(context), suffix)


@once
def record(context: SiteContext) -> list[Triple]:
    """The catalogue's record, sorted.

    Raises:
        FormatError: the data cannot be written in one of the formats of the downloads.
    """
    if context.description:
        triples = context.description()
    else:
        triples = service(context.store, context.catalog.queries, endpoint=context.sparql, base=context.base)
    catalogue, home = NamedNode(f"{context.base}catalog"), NamedNode(context.base)
    # The store, for the queries, has none of the counts, and turns xsd:nonNegativeInteger into xsd:integer.
    graph, known = EmbeddedStore(), set[Triple]()

    def add(new: Iterable[Triple]) -> None:
        known.update(new := list(new))
        graph.add(Quad(*each) for each in new if not each.predicate.value.startswith(_VOID))

    add(triples)
    add(construct(graph, "dataset", home=home))
    add(construct(graph, "catalogue", home=home))
    landing_page = term("dcat:landingPage")
    with_page = {triple.subject for triple in known if triple.predicate == landing_page}
    for iri in context.records:
        if NamedNode(iri) not in with_page and (page := context.urls.path(iri)):
            add([Triple(NamedNode(iri), landing_page, NamedNode(context.base + html_path(page)[1:]))])
    files = distributions(context).values()
    add(triple for each in files for triple in _distribution(context, catalogue, each))
    add(construct(graph, "inherited", catalogue=catalogue))
    return sorted(known, key=str)


def _distribution(context: SiteContext, catalogue: NamedNode, each: Distribution) -> Iterator[Triple]:
    owner = NamedNode(each.dataset) if each.dataset else catalogue
    file = NamedNode(context.base + each.path[1:])
    this = NamedNode(f"{catalogue.value}#file{each.path.removeprefix('/download')}")
    digest = NamedNode(f"{this.value}-sha256")
    row = _BY_MEDIA.get(each.media)
    is_json = each.media.endswith("json")  # the metadata of tables
    file_type = row.eu if row else "JSON" if is_json else "XML"
    yield from about(owner, {"dcat:distribution": this})
    if row and row.holds == "graph":
        yield from about(owner, {"void:dataDump": file, "void:feature": NamedNode(row.w3c)})
    yield from about(
        this,
        {
            "rdf:type": term("dcat:Distribution"),
            "dct:title": [
                Literal(f"{title} ({each.format})", language=language) for language, title in each.titles
            ],
            "dct:description": [
                Literal(
                    words(language, "records")["file_description"].format(title=title, format=each.format),
                    language=language,
                )
                for language, title in each.titles
            ],
            "dcat:accessURL": file,
            "dcat:downloadURL": file,
            "dct:format": NamedNode(f"{_EU}file-type/{file_type}"),
            # IANA has no media types for GraphML and GEXF.
            "dcat:mediaType": NamedNode(_IANA + (each.media if row or is_json else "application/xml")),
            "dcat:compressFormat": NamedNode(f"{_IANA}application/gzip") if each.compressed else (),
            "dcat:byteSize": Literal(
                str(len(data(context, each.path))), datatype=term("xsd:nonNegativeInteger")
            ),
            "spdx:checksum": digest,
            "dct:conformsTo": map(NamedNode, each.conforms),
        },
    )
    yield from about(
        digest,
        {
            "rdf:type": term("spdx:Checksum"),
            "spdx:algorithm": term("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": Literal(checksum(context, each.path), datatype=term("xsd:hexBinary")),
        },
    )
