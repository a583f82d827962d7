"""Make the files to download: whole datasets as RDF and as tables, the network, and their checksums.

Each is a document of the site below `/download/`, the same bytes on a server and in a folder. RDF files hold
a dataset as its source file does; the network is that of the whole catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from policygraph.analysis import exchange
from policygraph.catalog.catalog import Dataset
from policygraph.catalog.resource import graph_triples
from policygraph.errors import FormatError
from policygraph.explorer.export import looks
from policygraph.i18n import in_each_language
from policygraph.rdf import csvw
from policygraph.rdf.formats import FORMATS, Format, Ordered, by_suffix, ordered, write_held
from policygraph.rdf.namespaces import DESCRIPTION_PROPERTIES, PREFIXES
from policygraph.rdf.turtle import fill
from policygraph.site.context import SiteContext
from policygraph.site.noted import once
from policygraph.site.rendering import Page
from policygraph.site.urls import GRAPHS
from policygraph.text import gzipped

FOLDER = "/download/"
SUMS = f"{FOLDER}SHA256SUMS"  # the path of the checksums of all files, as `sha256sum --check` reads them

_BY_MEDIA = {row.media: row for row in FORMATS.values()}
_ALL, _NETWORK = "all", "network"
_RDF = ("turtle", "ntriples", "nquads", "trig", "jsonld", "rdfxml")
_GENID = "{}/.well-known/genid/"  # how IRIs in place of blank nodes begin
_DATASETS = ("nquads", "trig")  # these name the graph of each triple
# The formats of the network, with their standards.
_NETWORKS = {
    "graphml": "http://graphml.graphdrawing.org/specification.html",
    "gexf": "https://gexf.net/1.3/",
    "csv": FORMATS["csv"].standard,
}
_DEFINITIONS = f"""SELECT DISTINCT ?term ?text {{{{
  VALUES ?property {{{{ {" ".join(f"<{iri}>" for iri in DESCRIPTION_PROPERTIES)} }}}}
  ?term ?property ?text FILTER(isIRI(?term) && LANG(?text) != "")
  FILTER EXISTS {{{{ GRAPH <{{graph}}> {{{{ {{{{ ?s ?term ?o }}}} UNION {{{{ ?s a ?term }}}} }}}} }}}}
}}}} ORDER BY ?term LANG(?text) ?text"""


class Distribution(NamedTuple):
    """A file to download; its name ends with .gz if it is compressed."""

    path: str  # of its document
    media: str  # the media type of its content, before compression
    dataset: str  # the IRI of the dataset in it; empty for the whole catalogue
    standard: str  # the IRI of the standard that it follows
    titles: Mapping[str, str]  # its titles by language
    format: str  # its name for people
    part: str = ""  # the name of the table, if it is one of a dataset's tables

    @property
    def served(self) -> str:
        """The media type of the file as it is."""
        return "application/gzip" if self.path.endswith(".gz") else self.media


@once
def distributions(context: SiteContext) -> Mapping[str, Distribution]:
    """Every file by its document path, grouped by dataset."""
    return {each.path: each for each in _distributions(context)}


@once
def data(context: SiteContext, path: str) -> bytes:
    """The content of a file, or of the list of checksums.

    Raises:
        KeyError: there is no such file.
        FormatError: the data cannot be written in this format.
    """
    if path == SUMS:
        lines = (f"{measured(context, each)[1]}  {each[len(FOLDER) :]}\n" for each in distributions(context))
        return "".join(lines).encode()
    return _data(context, distributions(context)[path])


@partial(once, stored=True)
def measured(context: SiteContext, path: str) -> tuple[int, str]:
    """The size of a file's content, and its SHA-256 in hexadecimal digits."""
    content = data(context, path)
    return len(content), sha256(content).hexdigest()


def everything(context: SiteContext) -> bytes:
    """All graphs as TriG, as short as can be."""
    prefixes = dict(context.prefixes)
    return serialize(_every(context), format=RdfFormat.TRIG, prefixes=prefixes, base_iri=context.base) or b""


def page(context: SiteContext, path: str) -> Page | None:
    """A file, or the checksums of all of them, with its links; None when there is no such file."""
    files = distributions(context)
    if not files or (path != SUMS and path not in files):
        return None
    file, records = files.get(path), context.metadata.records
    media = file.served if file else "text/plain"
    stem = path.rpartition(".")[0]
    paths = ((stem + suffix, GRAPHS[suffix]) for suffix in formats(context, stem))
    links = [("alternate", context.urls.link(other), type_) for other, type_ in paths if other != path]
    links.append(("canonical", context.urls.address(path), media))
    links.append(("describedby", context.urls.link("/catalog"), ""))
    metadata = f"{path.rpartition('/')[0]}/{csvw.METADATA}"
    if metadata in files and path != metadata:  # https://www.w3.org/TR/tabular-data-model/#link-header
        links.append(("describedby", context.urls.link(metadata), files[metadata].media))
    if file and (home := context.urls.path(file.dataset)):
        links.append(("collection", context.urls.link(context.urls.html(home)), "text/html"))
    sources = [records[file.dataset]] if file and file.dataset in records else records.values()
    licences = {record["license"] for record in sources}
    if len(licences) == 1:  # only what holds for all of it
        links += [("license", licence, "") for licence in licences if licence]
    return Page(data(context, path), media, tuple(links))


def formats(context: SiteContext, path: str) -> Iterable[str]:
    """The suffixes of the RDF files of a dataset, by the path of these without suffix."""
    return [suffix for suffix in GRAPHS if path + suffix in distributions(context)]


def files(context: SiteContext, dataset: str) -> list[tuple[Distribution, int, str]]:
    """The files of a dataset, or those of the whole catalogue for "", each with its size and checksum."""
    found = distributions(context).items()
    return [(each, *measured(context, path)) for path, each in found if each.dataset == dataset]


def _distributions(context: SiteContext) -> Iterator[Distribution]:
    if context.large:  # a server would take minutes to write all of them, for their sizes and checksums
        return
    csv = FORMATS["csv"]
    for name, dataset in context.metadata.datasets.items():
        titles, folder = _titles(context, dataset), f"{FOLDER}{name}/"
        formats = [it for it in _RDF if it != "jsonld" or not _has_triple_terms(context, dataset.iri)]
        yield from (rdf_file(name, FORMATS[it], dataset.iri, titles, zipped=it == "nquads") for it in formats)
        if not (tables := _listed(context, name)):
            continue
        media, standard = "application/csvm+json", "https://www.w3.org/TR/tabular-metadata/"
        yield Distribution(folder + csvw.METADATA, media, dataset.iri, standard, titles, "CSVW")
        for part, texts in tables:
            both = {tag: f"{title}: {texts.get(tag, part)}" for tag, title in titles.items()}
            path = f"{folder}{part}.csv"
            yield Distribution(path, csv.media, dataset.iri, csv.standard, both, csv.title, part)
    if _ALL not in context.metadata.datasets:
        titles = in_each_language("records", "everything", context.languages)
        yield from (rdf_file(_ALL, FORMATS[it], "", titles, zipped=it == "nquads") for it in _DATASETS)
    for row in (exchange.FORMATS[each] for each in _NETWORKS if _is_connected(context)):
        for part in row.parts:
            path = f"{FOLDER}{_NETWORK}{part}{row.suffixes[0]}"
            titles = in_each_language("records", "network", context.languages)
            yield Distribution(path, row.media, "", _NETWORKS[row.name], titles, row.title)


@partial(once, stored=True)
def _listed(context: SiteContext, name: str) -> list[tuple[str, Mapping[str, str]]]:
    """The tables of a dataset by name, each with its titles by language; none where cells cannot hold it."""
    iri = context.metadata.datasets[name].iri
    triples = graph_triples(context.store, iri)
    try:
        tables = csvw.class_tables(triples, context.prefixes, _GENID.format(iri))
    except FormatError:
        return []
    return [*csvw.names(tables, context.labels.by_language, context.languages).items()]


@partial(once, stored=True)
def _has_triple_terms(context: SiteContext, graph: str) -> bool:
    return any(isinstance(each.object, Triple) for each in graph_triples(context.store, graph))


@partial(once, stored=True)
def _is_connected(context: SiteContext) -> bool:
    return bool(context.network(context.languages[0]))


def describe(context: SiteContext, files: Iterable[tuple[Distribution, int, str]]) -> list[Triple]:
    """Describe files of these sizes and with these checksums in the record of what they belong to."""
    described = [
        {
            "file": each,
            "format": _BY_MEDIA.get(each.media),
            "size": size,
            "checksum": digest,
            "texts": in_each_language("records", "file_description", [*each.titles]),
        }
        for each, size, digest in files
    ]
    known = {"base": context.base, "address": context.address, "eu": PREFIXES["eu"]}
    return fill(Path(__file__).parent / "templates" / "files.ttl", **known, files=described)


def rdf_file(
    name: str, row: Format, dataset: str, titles: Mapping[str, str], *, zipped: bool
) -> Distribution:
    """A file of a dataset, or of the whole catalogue for "", in a format of RDF."""
    path, title = f"{FOLDER}{name}{row.suffixes[0]}{'.gz' * zipped}", row.title + ", gzip" * zipped
    return Distribution(path, row.media, dataset, row.standard, titles, title)


def _data(context: SiteContext, each: Distribution) -> bytes:
    name = each.path[len(FOLDER) :]
    if not each.dataset and name.startswith(_NETWORK):
        return _networks(context)[name]
    folder, _, file = name.partition("/")
    if file:
        return _tables(context, folder)[file]
    data = written(context, each.dataset, by_suffix(name, holds="graph").name)
    return gzipped(data) if name.endswith(".gz") else data


@once
def written(context: SiteContext, graph: str, format: str) -> bytes:
    """The triples of a named graph, or of all for "", in a format; with the graph where that names it."""
    known: dict[str, Any] = {"context": context.catalog.context, "prefixes": context.prefixes}
    quads = _quads(context, graph) if graph else _every(context)
    if graph and format in _DATASETS:
        named = NamedNode(graph)
        quads = Ordered(Quad(each.subject, each.predicate, each.object, named) for each in quads)
    return write_held(quads, format=format, base=context.base, **known)


@once
def _quads(context: SiteContext, graph: str) -> Ordered:
    """The triples of a named graph."""
    return ordered(graph_triples(context.store, graph))


@once
def _every(context: SiteContext) -> Ordered:
    """The quads of all graphs."""
    names = context.column("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    found = ((NamedNode(name), each) for name in names for each in graph_triples(context.store, name))
    return ordered(Quad(each.subject, each.predicate, each.object, graph) for graph, each in found)


@once
def _tables(context: SiteContext, name: str) -> Mapping[str, bytes]:
    dataset = context.metadata.datasets[name]
    record = context.metadata.records.get(dataset.iri, {})
    about = {
        "@id": f"{context.address}{FOLDER[1:]}{name}/{csvw.METADATA}",
        "dc:title": [{"@value": text, "@language": tag} for tag, text in _titles(context, dataset).items()],
        "dc:source": {"@id": dataset.iri},
        **({"dc:license": {"@id": record["license"]}} if record.get("license") else {}),
    }
    return csvw.tables(
        graph_triples(context.store, dataset.iri),
        about=about,
        label=lambda iri: context.labels.of(iri, context.languages[0]).text,
        labels=context.labels.by_language,
        definitions=_definitions(context, dataset.iri),
        skolem=_GENID.format(dataset.iri),
        languages=context.languages,
        prefixes=context.prefixes,
    )


@once
def _networks(context: SiteContext) -> Mapping[str, bytes]:
    graph = context.network(context.languages[0])
    return {
        f"{_NETWORK}{ending}": content
        for name in _NETWORKS
        for ending, content in exchange.files(graph, format=name, looks=looks).items()
    }


def _titles(context: SiteContext, dataset: Dataset) -> Mapping[str, str]:
    titles = context.metadata.records.get(dataset.iri, {}).get("titles", ())
    first = context.languages[0]
    return {title.language or first: title.value for title in titles} or {first: dataset.name}


def _definitions(context: SiteContext, graph: str) -> Callable[[str], Mapping[str, str]]:
    """The definitions, by language, of every term that the graph uses."""
    texts: dict[str, dict[str, str]] = {}
    for row in context.rows(_DEFINITIONS.format(graph=graph)):
        texts.setdefault(row["term"].value, {}).setdefault(row["text"].language, row["text"].value)
    return lambda iri: texts.get(iri, {})
