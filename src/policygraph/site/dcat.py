"""Describe the catalogue for data portals and other programs: DCAT-AP 3, VoID and the saved queries.

The record repeats what each dataset states about itself, and adds the size and checksum of each file. The
application profile is at https://semiceu.github.io/DCAT-AP/releases/3.0.0/; `dcat-ap.ttl` beside this module
has its mandatory and recommended properties as SHACL shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.i18n import words
from policygraph.rdf.namespaces import PREFIXES, expand
from policygraph.site.context import SiteContext, once
from policygraph.site.downloads import Distribution, checksum, data, distributions
from policygraph.site.pages.resource import graph_document
from policygraph.site.rendering import Arguments, Page
from policygraph.site.urls import html_path
from policygraph.site.void import Terms, service

SHAPES = Path(__file__).parent / "dcat-ap.ttl"
"""The SHACL shapes that the record conforms to."""

Properties: TypeAlias = Mapping[str, Terms]

_EU = PREFIXES["eu"]
_IANA = "https://www.iana.org/assignments/media-types/"
_FORMATS = "http://www.w3.org/ns/formats/"
# By media type: the code in the EU's authority table of file types, and the W3C's name of an RDF format.
_TYPES = {
    "text/turtle": ("RDF_TURTLE", "Turtle"),
    "application/n-triples": ("RDF_N_TRIPLES", "N-Triples"),
    "application/n-quads": ("RDF_N_QUADS", "N-Quads"),
    "application/trig": ("RDF_TRIG", "TriG"),
    "application/ld+json": ("JSON_LD", "JSON-LD"),
    "application/rdf+xml": ("RDF_XML", "RDF_XML"),
    "text/csv": ("CSV", ""),
    "application/csvm+json": ("JSON", ""),
}
# What the catalogue and its service take from the datasets.
_SHARED = ("dct:language", "dct:publisher", "dct:spatial", "dcat:theme", "dcat:keyword", "dcat:contactPoint")
# What a file takes from its dataset.
_INHERITED = ("dct:license", "dct:issued", "dct:modified", "dct:language")


class _Graph:
    """Triples by subject and property; methods take properties as CURIEs."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: dict[NamedNode, dict[NamedNode, set[NamedNode | Literal]]] = {}
        for triple in triples:
            self._put(triple.subject, triple.predicate, triple.object)

    def _put(self, subject: Any, property_: NamedNode, value: Any) -> None:
        self._values.setdefault(subject, {}).setdefault(property_, set()).add(value)

    def values(self, subject: NamedNode, name: str) -> set[Any]:
        """The values of a property, as a new set."""
        return set(self._values.get(subject, {}).get(_term(name), ()))

    def add(self, subject: NamedNode, properties: Properties) -> None:
        """Add values."""
        for name, values in properties.items():
            for value in [values] if isinstance(values, NamedNode | Literal) else values:
                self._put(subject, _term(name), value)

    def add_missing(self, subject: NamedNode, properties: Properties) -> None:
        """Add values to the properties that have none yet."""
        self.add(subject, {name: new for name, new in properties.items() if not self.values(subject, name)})

    def triples(self) -> list[Triple]:
        """All triples, sorted."""
        triples = (
            Triple(subject, property_, value)
            for subject, properties in self._values.items()
            for property_, values in properties.items()
            for value in values
        )
        return sorted(triples, key=str)


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
    graph, catalogue = _Graph(triples), NamedNode(f"{context.base}catalog")
    datasets = [NamedNode(iri) for iri in context.records]
    for dataset in datasets:
        _dataset(context, graph, dataset)
    _catalogue(context, graph, catalogue, datasets)
    for each in distributions(context).values():
        _distribution(context, graph, catalogue, each)
    return graph.triples()


def _dataset(context: SiteContext, graph: _Graph, this: NamedNode) -> None:
    page = context.urls.path(this.value)
    graph.add(this, {"rdf:type": _term("void:Dataset")})
    graph.add_missing(
        this,
        {
            "dct:identifier": Literal(this.value, datatype=_term("xsd:anyURI")),
            "dcat:landingPage": NamedNode(context.base + html_path(page)[1:]) if page else (),
        },
    )
    if not graph.values(this, "dcat:contactPoint"):
        # Without a contact, the publisher can be reached by way of the site.
        for publisher in graph.values(this, "dct:publisher"):
            contact = NamedNode(f"{context.base}catalog#contact-{publisher.value.removeprefix(context.base)}")
            names = graph.values(publisher, "foaf:name")
            graph.add(this, {"dcat:contactPoint": contact})
            graph.add(
                contact,
                {"rdf:type": _term("vcard:Kind"), "vcard:fn": names, "vcard:hasURL": NamedNode(context.base)},
            )


def _catalogue(context: SiteContext, graph: _Graph, this: NamedNode, datasets: list[NamedNode]) -> None:
    licences = {licence for each in datasets for licence in graph.values(each, "dct:license")}
    days = {
        name: sorted(
            (day for each in datasets for day in graph.values(each, name)), key=lambda day: str(day.value)
        )
        for name in ("dct:issued", "dct:modified")
    }
    graph.add_missing(
        this,
        {
            **{name: {v for each in datasets for v in graph.values(each, name)} for name in _SHARED},
            "dct:license": licences if len(licences) == 1 else (),  # only what holds for all of it
            "dct:issued": days["dct:issued"][:1],
            "dct:modified": days["dct:modified"][-1:],
            "foaf:homepage": NamedNode(context.base),
            "dcat:themeTaxonomy": NamedNode(f"{_EU}data-theme"),
        },
    )
    graph.add(this, {"rdf:type": _term("void:Dataset"), "void:subset": datasets})
    for each in graph.values(this, "dcat:service"):
        graph.add_missing(each, {name: graph.values(this, name) for name in (*_SHARED, "dct:license")})
    document = NamedNode(f"{context.base}.well-known/void")
    graph.add(document, {"rdf:type": _term("void:DatasetDescription"), "foaf:topic": [this, *datasets]})


def _distribution(context: SiteContext, graph: _Graph, catalogue: NamedNode, each: Distribution) -> None:
    owner = NamedNode(each.dataset) if each.dataset else catalogue
    file = NamedNode(context.base + each.path[1:])
    this = NamedNode(f"{catalogue.value}#file{each.path.removeprefix('/download')}")
    digest = NamedNode(f"{this.value}-sha256")
    file_type, feature = _TYPES.get(each.media, ("XML", ""))
    graph.add(owner, {"dcat:distribution": this})
    if feature:
        graph.add(owner, {"void:dataDump": file, "void:feature": NamedNode(_FORMATS + feature)})
    # While a version begins with 0, anything may still change (docs/versions.md).
    holders = [owner] if each.dataset else graph.values(catalogue, "dcat:dataset")
    unstable = any(
        v.value.startswith("0") for holder in holders for v in graph.values(holder, "dcat:version")
    )
    availability = "EXPERIMENTAL" if unstable else "AVAILABLE"
    graph.add(
        this,
        {
            "rdf:type": _term("dcat:Distribution"),
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
            "dcat:mediaType": NamedNode(_IANA + (each.media if each.media in _TYPES else "application/xml")),
            "dcat:compressFormat": NamedNode(f"{_IANA}application/gzip") if each.compressed else (),
            "dcat:byteSize": Literal(
                str(len(data(context, each.path))), datatype=_term("xsd:nonNegativeInteger")
            ),
            "spdx:checksum": digest,
            "dct:conformsTo": map(NamedNode, each.conforms),
            "dcatap:availability": NamedNode(f"{_EU}planned-availability/{availability}"),
            **{name: graph.values(owner, name) for name in _INHERITED},
        },
    )
    graph.add(
        digest,
        {
            "rdf:type": _term("spdx:Checksum"),
            "spdx:algorithm": _term("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": Literal(checksum(context, each.path), datatype=_term("xsd:hexBinary")),
        },
    )


def _term(name: str) -> NamedNode:
    return NamedNode(expand(name))
