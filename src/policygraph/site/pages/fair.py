"""Link the page, the documents and the files of each dataset for programs: Signposting and RO-Crate.

Signposting, at both levels, is at https://signposting.org/FAIR/; the folder of a dataset or a version is an
RO-Crate 1.1 (https://www.researchobject.org/ro-crate/specification/1.1/).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from policygraph.catalog.metadata import licence_name
from policygraph.rdf.terms import best_literal, is_iri
from policygraph.site.context import SiteContext
from policygraph.site.downloads import FOLDER, distributions, files
from policygraph.site.rendering import Page
from policygraph.site.urls import GRAPHS, document_stem, suffix_of
from policygraph.site.versions.archive import MEDIA
from policygraph.site.versions.releases import Version, measured, record, values, versions

_LINKSET, CRATE = "linkset.json", "ro-crate-metadata.json"
_TYPES = ("https://schema.org/AboutPage", "https://schema.org/Dataset")
_CREATORS = "SELECT ?who {{ <{}> dct:creator ?who FILTER(isIRI(?who)) }} ORDER BY ?who"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_CONTEXT = (f"{_SPECIFICATION}/context", {"sha256": "http://schema.org/sha256"})  # which it lacks in 1.1


def documents(context: SiteContext) -> Mapping[str, Callable[[], Page]]:
    """What makes the linkset and the crate of each dataset with files, by path."""
    made: dict[str, Callable[[], Page]] = {}
    for iri, folder in _folders(context).items():
        made[folder + _LINKSET] = partial(_linkset, context, iri)
        if _day(context.metadata.records[iri]):
            made[folder + CRATE] = partial(_crate_of_dataset, context, iri)
    for each in filter(attrgetter("day"), versions(context).values()):
        made[each.folder + CRATE] = partial(_crate_of_version, context, each)
    return made


def links(context: SiteContext, iri: str) -> list[tuple[str, str, str]]:
    """The links of a dataset's page: the relation, the path here or an IRI, and the media type."""
    if iri not in context.recorded:
        return []
    folder, path = _folders(context).get(iri), context.urls.path(iri) or ""
    if not folder:
        return []
    record = context.metadata.records[iri]
    described = {document_stem(path) + suffix: media for suffix, media in GRAPHS.items()}
    if _day(record):
        described[folder + CRATE] = "application/ld+json"
    return [
        ("cite-as", iri, ""),
        *(("type", each, "") for each in _TYPES),
        *(("author", each, "") for each in context.column(_CREATORS.format(iri))),
        *(("license", each, "") for each in (record["license"],) if each),
        *(("describedby", each, media) for each, media in described.items()),
        *(
            ("item", each.path, each.served)
            for each in distributions(context).values()
            if each.dataset == iri
        ),
        ("linkset", folder + _LINKSET, "application/linkset+json"),
    ]


def _folders(context: SiteContext) -> Mapping[str, str]:
    known = context.metadata.datasets.items() if distributions(context) else ()
    return {
        each.iri: f"{FOLDER}{name}/"
        for name, each in known
        if each.iri in context.recorded and context.urls.is_here(each.iri)
    }


def _day(record: Mapping[str, Any]) -> Any:
    """The date of a dataset, without which its folder is no crate."""
    return record["modified"] or record["issued"]


def _linkset(context: SiteContext, iri: str) -> Page:
    """The same links as a document (RFC 9264), and from each file to the page."""
    page = context.urls.address(context.urls.html(context.urls.path(iri) or ""))
    ends: dict[str, Any] = {"anchor": page}
    for relation, to, media in links(context, iri):
        target = {"href": context.urls.address(to) if to.startswith("/") else to}
        ends.setdefault(relation, []).append(target | ({"type": media} if media else {}))
    back = [{"href": page, "type": "text/html"}]
    found = [{"anchor": each["href"], "collection": back} for each in ends["item"]]
    return _json({"linkset": [ends, *found]}, "application/linkset+json")


def _crate_of_dataset(context: SiteContext, iri: str) -> Page:
    """What is in the folder of a dataset's tables; its other files are at their addresses."""
    first = context.languages[0]
    parts = [
        (each.path, each.titles.get(first) or next(iter(each.titles.values())), each.served, size, digest)
        for each, size, digest in files(context, iri)
    ]
    return _crate(context, _folders(context)[iri], iri, context.metadata.records[iri], parts)


def _crate_of_version(context: SiteContext, version: Version) -> Page:
    """What is in the folder of a version."""
    stated = partial(values, record(context, version), version.iri)
    known = {
        "titles": stated("dct:title", "rdfs:label", "skos:prefLabel"),
        "abouts": stated("dct:description", "skos:definition", "rdfs:comment"),
        "version": version.name,
        "modified": version.day,
        **{key: next((x.value for x in stated(f"dct:{key}")), "") for key in ("license", "publisher")},
    }
    parts = [
        (path, path.removeprefix(version.folder), MEDIA[suffix_of(path)], size, digest)
        for path, size, digest in measured(context, version)
        if suffix_of(path) in MEDIA  # as it is served
    ]
    return _crate(context, version.folder, version.iri, known, parts)


def _crate(
    context: SiteContext,
    folder: str,
    iri: str,
    record: Mapping[str, Any],
    files: Iterable[tuple[str, str, str, int, str]],
) -> Page:
    """The crate of a folder, with a record as of `Metadata`; of a file, path, name, type, size, SHA-256."""
    parts = [
        {
            "@id": path.removeprefix(folder) if path.startswith(folder) else context.urls.address(path),
            "@type": "File",
            "name": name,
            "encodingFormat": media,
            "contentSize": str(size),
            "sha256": digest,
        }
        for path, name, media, size, digest in files
    ]
    language, licence, publisher = context.languages[0], record["license"], record["publisher"]
    name, description = (best_literal(record[each], language) for each in ("titles", "abouts"))
    named = {
        "license": (licence, "CreativeWork", licence_name(licence)),
        "publisher": (publisher, "Organization", context.labels.of(publisher, language).text),
    }
    named = {key: each for key, each in named.items() if is_iri(each[0])}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": iri,
        "name": name.value if name else iri,
        "description": description.value if description else iri,
        "version": record["version"],
        "datePublished": _day(record),
        **{key: {"@id": each[0]} for key, each in named.items()},
        "hasPart": [{"@id": each["@id"]} for each in parts],
    }
    about = {"@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}}
    about["conformsTo"] = {"@id": _SPECIFICATION}
    graph: list[Mapping[str, Any]] = [about, {key: value for key, value in root.items() if value}]
    graph += ({"@id": each, "@type": kind, "name": text} for each, kind, text in named.values())
    return _json({"@context": _CONTEXT, "@graph": [*graph, *parts]}, "application/ld+json")


def _json(document: Mapping[str, Any], media: str) -> Page:
    return Page((json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode(), media)
