"""The record of a catalogue, for data portals and other programs: DCAT-AP 3, VoID and the saved questions.

It says of each dataset what the dataset says of itself, and of each file in which it can be had its size and
checksum, asked of the file itself. The application profile is at
https://semiceu.github.io/DCAT-AP/releases/3.0.0/; `dcat-ap.ttl` beside this module has its mandatory and
recommended properties as SHACL shapes.
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
from policygraph.site.void import service

SHAPES = Path(__file__).parent / "dcat-ap.ttl"
"""The SHACL shapes that a record is to meet."""

Said: TypeAlias = Mapping[str, Iterable[NamedNode | Literal] | NamedNode | Literal]

_EU = PREFIXES["eu"]
_IANA = "https://www.iana.org/assignments/media-types/"
_FORMATS = "http://www.w3.org/ns/formats/"
# For each media type the EU's code in its authority table of file types, and the W3C's name for ways to
# write RDF.
_FORMS = {
    "text/turtle": ("RDF_TURTLE", "Turtle"),
    "application/n-triples": ("RDF_N_TRIPLES", "N-Triples"),
    "application/n-quads": ("RDF_N_QUADS", "N-Quads"),
    "application/trig": ("RDF_TRIG", "TriG"),
    "application/ld+json": ("JSON_LD", "JSON-LD"),
    "application/rdf+xml": ("RDF_XML", "RDF_XML"),
    "text/csv": ("CSV", ""),
    "application/csvm+json": ("JSON", ""),
}
# What a whole catalogue, and the service to it, have from the datasets.
_SHARED = ("dct:language", "dct:publisher", "dct:spatial", "dcat:theme", "dcat:keyword", "dcat:contactPoint")
# What a file has from its dataset.
_INHERITED = ("dct:license", "dct:issued", "dct:modified", "dct:language")


class _Graph:
    """Triples by subject and property, the latter as CURIEs."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._said: dict[NamedNode, dict[NamedNode, set[NamedNode | Literal]]] = {}
        for triple in triples:
            self._add(triple.subject, triple.predicate, triple.object)

    def _add(self, subject: Any, property_: NamedNode, value: Any) -> None:
        self._said.setdefault(subject, {}).setdefault(property_, set()).add(value)

    def values(self, subject: NamedNode, name: str) -> set[Any]:
        """What the property has as values, in a set of its own."""
        return set(self._said.get(subject, {}).get(_term(name), ()))

    def say(self, subject: NamedNode, what: Said) -> None:
        """Add values."""
        for name, values in what.items():
            for value in [values] if isinstance(values, NamedNode | Literal) else values:
                self._add(subject, _term(name), value)

    def say_unless(self, subject: NamedNode, what: Said) -> None:
        """Add values of the properties that have none yet."""
        self.say(subject, {name: values for name, values in what.items() if not self.values(subject, name)})

    def triples(self) -> list[Triple]:
        """All of them, in order."""
        found = (
            Triple(subject, property_, value)
            for subject, said in self._said.items()
            for property_, values in said.items()
            for value in values
        )
        return sorted(found, key=str)


def document(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The record as a document."""
    return graph_document(context, record(context), suffix)


@once
def record(context: SiteContext) -> list[Triple]:
    """The catalogue's record, in order.

    Raises:
        FormatError: the data cannot be written in one of the formats that they are published in.
    """
    if context.description:
        described = context.description()
    else:
        described = service(
            context.store, context.catalog.queries, endpoint=context.sparql, base=context.base
        )
    graph, catalogue = _Graph(described), NamedNode(f"{context.base}catalog")
    datasets = [NamedNode(iri) for iri in context.records]
    for dataset in datasets:
        _dataset(context, graph, dataset)
    _catalogue(context, graph, catalogue, datasets)
    for each in distributions(context).values():
        _distribution(context, graph, catalogue, each)
    return graph.triples()


def _dataset(context: SiteContext, graph: _Graph, this: NamedNode) -> None:
    page = context.urls.path(this.value)
    graph.say(this, {"rdf:type": _term("void:Dataset")})
    graph.say_unless(
        this,
        {
            "dct:identifier": Literal(this.value, datatype=_term("xsd:anyURI")),
            "dcat:landingPage": NamedNode(context.base + html_path(page)[1:]) if page else (),
        },
    )
    if not graph.values(this, "dcat:contactPoint"):
        # Who wants to reach the publisher, and is told no other way, begins at the site.
        for publisher in graph.values(this, "dct:publisher"):
            contact = NamedNode(f"{context.base}catalog#contact-{publisher.value.removeprefix(context.base)}")
            names = graph.values(publisher, "foaf:name")
            graph.say(this, {"dcat:contactPoint": contact})
            graph.say(
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
    graph.say_unless(
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
    graph.say(this, {"rdf:type": _term("void:Dataset"), "void:subset": datasets})
    for each in graph.values(this, "dcat:service"):
        graph.say_unless(each, {name: graph.values(this, name) for name in (*_SHARED, "dct:license")})
    document = NamedNode(f"{context.base}.well-known/void")
    graph.say(document, {"rdf:type": _term("void:DatasetDescription"), "foaf:topic": [this, *datasets]})


def _distribution(context: SiteContext, graph: _Graph, catalogue: NamedNode, each: Distribution) -> None:
    of = NamedNode(each.dataset) if each.dataset else catalogue
    file = NamedNode(context.base + each.path[1:])
    this = NamedNode(f"{catalogue.value}#file{each.path.removeprefix('/download')}")
    hashed = NamedNode(f"{this.value}-sha256")
    form, feature = _FORMS.get(each.media, ("XML", ""))
    graph.say(of, {"dcat:distribution": this})
    if feature:
        graph.say(of, {"void:dataDump": file, "void:feature": NamedNode(_FORMATS + feature)})
    # While a version begins with 0, anything may still change (docs/versions.md).
    holders = [of] if each.dataset else graph.values(catalogue, "dcat:dataset")
    unstable = any(
        v.value.startswith("0") for holder in holders for v in graph.values(holder, "dcat:version")
    )
    availability = "EXPERIMENTAL" if unstable else "AVAILABLE"
    graph.say(
        this,
        {
            "rdf:type": _term("dcat:Distribution"),
            "dct:title": [
                Literal(f"{title} ({each.format})", language=tongue) for tongue, title in each.titles
            ],
            "dct:description": [
                Literal(
                    words(tongue, "records")["file_description"].format(title=title, format=each.format),
                    language=tongue,
                )
                for tongue, title in each.titles
            ],
            "dcat:accessURL": file,
            "dcat:downloadURL": file,
            "dct:format": NamedNode(f"{_EU}file-type/{form}"),
            # IANA knows GraphML and GEXF as XML only.
            "dcat:mediaType": NamedNode(_IANA + (each.media if each.media in _FORMS else "application/xml")),
            "dcat:compressFormat": NamedNode(f"{_IANA}application/gzip") if each.compressed else (),
            "dcat:byteSize": Literal(
                str(len(data(context, each.path))), datatype=_term("xsd:nonNegativeInteger")
            ),
            "spdx:checksum": hashed,
            "dct:conformsTo": map(NamedNode, each.conforms),
            "dcatap:availability": NamedNode(f"{_EU}planned-availability/{availability}"),
            **{name: graph.values(of, name) for name in _INHERITED},
        },
    )
    graph.say(
        hashed,
        {
            "rdf:type": _term("spdx:Checksum"),
            "spdx:algorithm": _term("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": Literal(checksum(context, each.path), datatype=_term("xsd:hexBinary")),
        },
    )


def _term(name: str) -> NamedNode:
    return NamedNode(expand(name))
