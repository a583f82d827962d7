"""List the versions of datasets and ontologies, and make the record and the downloads of each."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.catalog.resource import graph_triples
from policygraph.errors import PublicationError
from policygraph.rdf import csvw, reader
from policygraph.rdf.formats import FORMATS, ordered, write
from policygraph.rdf.namespaces import LABEL_PROPERTIES, expand, local_name
from policygraph.rdf.terms import TYPE, about, term
from policygraph.site import downloads
from policygraph.site.context import SiteContext
from policygraph.site.noted import by_key, once
from policygraph.site.urls import document_stem
from policygraph.text import grouped, gzipped, natural

LABELS = {NamedNode(iri) for iri in LABEL_PROPERTIES[:-1]}
KEPT = ("/download/", "/changes/")  # what is kept besides the records of versions
_VERSIONED = """SELECT ?thing ?graph ?name ?iri ?day {
  VALUES ?kind { dcat:Dataset owl:Ontology }
  GRAPH ?graph { ?thing a ?kind ; dcat:version|owl:versionInfo ?name FILTER(isIRI(?thing)) }
  OPTIONAL { ?thing owl:versionIRI ?iri }
  OPTIONAL { ?thing dct:modified ?modified } OPTIONAL { ?thing dct:issued ?issued }
  BIND(COALESCE(?modified, ?issued) AS ?day)
} ORDER BY ?thing ?name ?iri DESC(?day)"""


class Version(NamedTuple):
    """A version: its IRI, that of which it is one, its abstract path, its name and its day.

    `graph` is the named graph of one that is in the data; "" of an earlier one.
    """

    iri: str
    of: str
    path: str
    name: str
    day: str
    graph: str = ""

    @property
    def folder(self) -> str:
        """The path of the folder of its files."""
        return f"/download{self.path.rstrip('/')}/"

    @property
    def record(self) -> str:
        """The path of its record, in Turtle."""
        return f"{document_stem(self.path)}.ttl"

    @property
    def dump(self) -> str:
        """The path of its N-Triples."""
        return f"{self.folder}{local_name(self.of)}.nt.gz"


@once
def present(context: SiteContext) -> Sequence[Version]:
    """The versions that are in the data, of which each is to have a path of its own; "" where none can be."""
    now: dict[str, Version] = {}
    graphs = {each.iri for each in context.metadata.datasets.values()}
    for row in () if context.large else context.rows(_VERSIONED):
        thing, stated = row["thing"].value, row["iri"].value if row["iri"] else ""
        own = f"{thing.partition('#')[0].rstrip('/')}/{quote(row['name'].value, safe='')}"
        where = context.urls.path(thing)
        iri = stated if context.urls.path(stated) not in (None, where) else own
        if where and thing not in now:
            day = row["day"].value if row["day"] else ""
            # Where a graph has its name, that is it, wherever it is described.
            graph = thing if thing in graphs else row["graph"].value
            now[thing] = Version(iri, thing, context.urls.path(iri) or "", row["name"].value, day, graph)
    return [*now.values()]


@by_key
def versions(context: SiteContext) -> Mapping[str, Version]:
    """Every version by its abstract path, those of one dataset together, the latest last."""
    known = context.earlier()
    found = [
        published_as(context.urls.path, path, body)
        for path, body in known.items()
        if path.endswith(".ttl") and not path.startswith(KEPT)
    ]
    every = {each.path: each for each in (*found, *present(context)) if each.path}

    earlier: dict[str, str | None] = {}
    for each in found:
        for other in values(parsed(each.record, known[each.record]), each.iri, "dcat:previousVersion"):
            earlier[each.path] = context.urls.path(other.value)

    def order(each: Version) -> tuple[str, bool, str, list[str | int]]:
        new = bool(each.graph) and each.dump not in known
        return each.of, new, each.day, natural(each.name)

    placed: dict[str, Version] = {}
    for each in sorted(every.values(), key=order):
        # What a record says was before another counts for more than the days.
        line, path = dict[str, Version](), each.path
        while path in every and path not in placed and path not in line:
            line[path] = every[path]
            path = earlier.get(path) or ""
        placed |= reversed(line.items())
    return placed


@once
def history(context: SiteContext, of: str) -> Sequence[Version]:
    """The versions of a dataset or an ontology, the latest last."""
    return [each for each in versions(context).values() if each.of == of]


def before(context: SiteContext, version: Version) -> Version | None:
    """The version before another; None for the first."""
    known = history(context, version.of)
    place = known.index(version)
    return known[place - 1] if place else None


def record(context: SiteContext, version: Version) -> Sequence[Any]:
    """The record of a version."""
    return parsed(version.record, held(context, version)[version.record])


def held(context: SiteContext, version: Version) -> Mapping[str, bytes]:
    """The record and the files of a version, by path, as they were published where nothing is new."""
    found = known(context, version)
    if is_new(context, version) or (version.graph and _has_moved(context, version, found)):
        return _made(context, version)
    return found


def _has_moved(context: SiteContext, version: Version, found: Mapping[str, bytes]) -> bool:
    """Whether the record of a version names another address than the site has now."""
    here, at = unquote(context.urls.address(version.folder)), term("dcat:downloadURL")
    triples = parsed(version.record, found.get(version.record, b""))
    return not any(unquote(it.object.value).startswith(here) for it in triples if it.predicate == at)


def known(context: SiteContext, version: Version) -> Mapping[str, bytes]:
    """The record and the files with which a version was published, by path.

    Below its folder may be those of others, and others may have a record whose path begins as its own.
    """
    every = {**context.earlier(version.record), **context.earlier(version.folder)}
    own = (
        path for path in every if path == version.record or path.rpartition("/")[0] + "/" == version.folder
    )
    return {path: every[path] for path in own}


def measured(context: SiteContext, version: Version) -> list[tuple[str, int, str]]:
    """The paths of the files of a version, each with its size and its SHA-256 in hexadecimal digits."""
    known = sorted(held(context, version).items())
    files = ((path, body) for path, body in known if path.startswith(version.folder))
    return [(path, len(body), sha256(body).hexdigest()) for path, body in files]


def values(triples: Sequence[Triple], subject: str, *curies: str) -> list[Any]:
    """The values of the first of some properties that a subject has."""
    this = NamedNode(subject)
    found = grouped((each.predicate.value, each.object) for each in triples if each.subject == this)
    return next((found[iri] for iri in map(expand, curies) if iri in found), [])


def triples_of(context: SiteContext, version: Version) -> set[Triple]:
    """The triples of a version."""
    if not version.graph:
        return {*published(context, version)}
    return graph_triples(context.store, version.graph) | {*beside(context, version.of, version.graph)}


@once
def beside(context: SiteContext, of: str, graph: str) -> Sequence[Triple]:
    """What files of the ontology that have no header say of the terms of one whose header is in a graph."""
    names = [context.catalog.graph(path) for path in context.catalog.ontology]
    parts = {name: graph_triples(context.store, name) for name in names if graph in names}
    heads: dict[str, list[str]] = {name: [] for name in parts}
    defined: dict[Any, set[str]] = {}
    for name, triples in parts.items():
        for subject, predicate, object in triples:
            if predicate == TYPE and object == term("owl:Ontology"):
                heads[name].append(str(subject).strip("<>"))
            elif predicate == term("rdfs:isDefinedBy"):
                defined.setdefault(subject, set()).add(str(object).strip("<>"))

    def owners(subject: Any) -> set[str]:
        if any(subject.value in iris for iris in heads.values()):
            return {subject.value}
        every = ((iri.rstrip("#/"), iri) for iris in heads.values() for iri in iris)
        starts = [iri for name, iri in every if subject.value.startswith((f"{name}#", f"{name}/"))]
        return defined.get(subject) or {*sorted(starts, key=len)[-1:]}

    found: list[Triple] = []
    for triples in (parts[name] for name, iris in heads.items() if not iris):
        by = {it: owners(it) for it in {each.subject for each in triples} if isinstance(it, NamedNode)}
        others: set[Any] = {it for it, iris in by.items() if of not in iris}
        while more := {o for s, _, o in triples if s in others and isinstance(o, BlankNode)} - others:
            others |= more
        if any(of in iris for iris in by.values()):  # else it is about something else
            found += (each for each in triples if each.subject not in others)
    return found


def _written(context: SiteContext, version: Version, format: str) -> bytes:
    if not beside(context, version.of, version.graph):
        return downloads.written(context, version.graph, format)
    triples = ordered(triples_of(context, version))
    return write(triples, format=format, base=context.base, prefixes=context.prefixes)


def published(context: SiteContext, version: Version) -> Sequence[Any]:
    """The triples with which a version was published."""
    body = gzip.decompress(context.earlier(version.dump)[version.dump])
    return parsed(version.dump.removesuffix(".gz"), body)


@once
def is_new(context: SiteContext, version: Version) -> bool:
    """Whether a version is in the data and was not published with the same."""
    version = Version(*version)  # of which a note has the parts
    body = context.earlier(version.dump).get(version.dump)
    known = body and gzip.decompress(body)
    return bool(version.graph) and known != _written(context, version, "ntriples")


@once
def _made(context: SiteContext, version: Version) -> Mapping[str, bytes]:
    version = Version(*version)
    triples, titles = triples_of(context, version), context.labels.by_language(version.of)
    files: list[tuple[downloads.Distribution, bytes]] = []
    for row in (FORMATS["turtle"], FORMATS["ntriples"]):
        packed = row.name == "ntriples"
        name = f"{version.folder.removeprefix(downloads.FOLDER)}{local_name(version.of)}"
        file = downloads.rdf_file(name, row, version.iri, titles, zipped=packed)
        body = _written(context, version, row.name)
        files.append((file, gzipped(body) if packed else body))
    for each in downloads.distributions(context).values():
        folder, _, name = each.path.rpartition("/")
        if each.dataset == version.of and (each.part or name == csvw.METADATA):
            # The address of the metadata is in themselves.
            here, there = f"{folder}/{csvw.METADATA}", f"{version.folder}{csvw.METADATA}"
            body = downloads.data(context, each.path).replace(here.encode(), there.encode())
            files.append((each._replace(path=f"{version.folder}{name}", dataset=version.iri), body))
    this, of = NamedNode(version.iri), NamedNode(version.of)
    more: dict[str, Any] = {"dcat:isVersionOf": [of], "dcat:version": [Literal(version.name)]}
    if earlier := before(context, version):
        more["dcat:previousVersion"] = [NamedNode(earlier.iri)]
        if Triple(of, TYPE, term("owl:Ontology")) in triples:
            more["owl:priorVersion"] = [NamedNode(earlier.iri)]
    left_out = {*map(term, (*more, "dcat:distribution"))}

    def named(each: Any) -> Any:
        if each.predicate not in LABELS or not isinstance(each.object, Literal):
            return each.object
        return Literal(f"{each.object.value} {version.name}", language=each.object.language)

    stated = (
        Triple(this, each.predicate, named(each))
        for each in triples
        if each.subject == of and each.predicate not in left_out and not isinstance(each.object, BlankNode)
    )
    measured = ((each, len(body), sha256(body).hexdigest()) for each, body in files)
    described = [*stated, *about(this, more), *downloads.describe(context, measured)]
    record = write(described, format="turtle", base=context.base, prefixes=context.prefixes)
    return {version.record: record, **{each.path: body for each, body in files}}


def parsed(path: str, body: bytes) -> list[Any]:
    """The triples of a kept document."""
    return [quad.triple for quad in reader.parse(body, name=path)]


def published_as(path_of: Callable[[str], str | None], file: str, body: bytes) -> Version:
    """A version that was published, from its record in a file."""
    triples = parsed(file, body)
    for each in triples:
        path = path_of(each.subject.value) if each.predicate == term("dcat:isVersionOf") else None
        if path and f"{document_stem(path)}.ttl" == file:
            names = values(triples, each.subject.value, "dcat:version")
            days = values(triples, each.subject.value, "dct:modified", "dct:issued")
            name, day = (max((found.value for found in some), default="") for some in (names, days))
            return Version(each.subject.value, each.object.value, path, name, day)
    raise PublicationError(f"{file} is no record of a version; bring back the one that was published.")
