"""Check the catalogue record against the dumps, and the sitemap.

The record is in DCAT (https://www.w3.org/TR/vocab-dcat-3/) and VoID (https://www.w3.org/TR/void/).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from html import unescape
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from policygraph.check.site.data import check_rdf, parse_xml
from policygraph.check.site.fetch import MEDIA, Web, decompress
from policygraph.check.site.pages import UNLISTED
from policygraph.check.site.report import Crawl, shorten
from policygraph.errors import DocumentError, PolicyGraphError, PublicationError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import compact
from policygraph.rdf.terms import TYPE
from policygraph.site.downloads import SUMS
from policygraph.site.pages.fair import CRATE
from policygraph.site.urls import MANIFEST, document_stem, suffix_of
from policygraph.site.versions.archive import INDEX, LINKS, list_path, listed_digest, memento
from policygraph.site.versions.changes import GONE
from policygraph.site.versions.releases import KEPT, published_as
from policygraph.site.versions.stream import STREAM
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows
from policygraph.text import grouped

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_MAX_TRIPLES = 200_000  # of a record
_SHOWN = 20  # messages of the shapes, which are repetitive

_ADDRESSES = {
    "/sitemap.xml": rb"<loc>\s*([^<\s]+)",
    "/robots.txt": rb"(?im)^sitemap:\s*(\S+)",
    "/feed.atom": rb'<link [^>]*href="([^"]+)"',
}
# Of what DCAT-AP recommends, what every dataset can say; not each has a place, a time or a theme.
_ASKED = ("dcat:contactPoint", "dcat:distribution", "dct:publisher")
CATALOGS = "SELECT ?catalog { ?catalog a dcat:Catalog } ORDER BY ?catalog"
_HOMES = "SELECT ?page { ?catalog a dcat:Catalog ; foaf:homepage ?page FILTER(STRENDS(STR(?page), '/')) }"
_FILES = """SELECT ?address ?size ?sum ?algorithm ?media ?packed {
  ?offer dcat:downloadURL|void:dataDump ?address
  OPTIONAL { ?offer dcat:byteSize ?size }
  OPTIONAL { ?offer spdx:checksum ?c . ?c spdx:checksumValue ?sum OPTIONAL { ?c spdx:algorithm ?algorithm } }
  OPTIONAL { ?offer dcat:mediaType ?media }
  OPTIONAL { ?offer dcat:compressFormat ?packed }
}"""
_DUMPS = "SELECT ?dataset ?address { ?dataset void:dataDump|dcat:distribution/dcat:downloadURL ?address }"
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")  # as the IRIs of SPDX end
_COUNTS = """SELECT ?dataset ?name ?of ?count {
  { VALUES ?name { void:triples void:distinctSubjects void:distinctObjects void:properties void:classes }
    ?dataset ?name ?count }
  UNION { ?dataset void:classPartition ?part . ?part void:class ?of ; void:entities ?count
    BIND(void:entities AS ?name) }
  UNION { ?dataset void:propertyPartition ?part . ?part void:property ?of ; void:triples ?count
    BIND(void:triples AS ?name) }
}"""


def base_from_record(record: EmbeddedStore) -> str:
    """The base of the site's IRIs, from its record; "" when the record does not give it."""
    iris = [row["catalog"].value for row in rows(record, CATALOGS)]
    return next((iri.removesuffix("catalog") for iri in iris if iri.endswith("/catalog")), "")


def homepage(record: EmbeddedStore) -> str:
    """The public URL of the site, from its record; "" when that gives no single one."""
    pages = {row["page"].value for row in rows(record, _HOMES)}
    return min(pages) if len(pages) == 1 else ""


def check_dumps(crawl: Crawl, record: EmbeddedStore, only: Collection[str] = ()) -> None:
    """Check the record and every dump, or `only` some: its checksum, its size, and the VoID counts."""
    if len(record):
        _check_shapes(crawl, record)
    kept = _read_checksums(crawl, INDEX, "/")
    _check_versions(crawl, kept, only)
    kept = {path: kept[path] for path in crawl.sample(sorted(kept))}
    sums = _read_checksums(crawl, SUMS, "/download/") | kept
    downloads = (path for path in crawl.paths if path.startswith("/download/"))
    files: dict[str, list[Any]] = {path: [] for path in (*sums, *downloads)}
    for row in rows(record, _FILES):
        if path := crawl.urls.path(row["address"].value):
            files.setdefault(path, []).append(row)
    dumps: dict[str, list[Quad]] = {}
    for path, offers in sorted(files.items()):
        if path != SUMS and not path.endswith(".html") and (not only or path in only):
            quads = _check_dump(crawl, path, sums, offers, INDEX if path in kept else SUMS)
            dumps |= {path: quads} if quads is not None else {}
    _check_counts(crawl, record, dumps)


def _check_versions(crawl: Crawl, kept: Collection[str], only: Collection[str]) -> None:
    """Check that what is kept of versions has its lists, and that they name each version and no other."""
    there = {path for path in {*crawl.paths, *crawl.links} if path.endswith(LINKS)}
    for path in (INDEX, STREAM) if kept or there else ():
        if not crawl.exists(path):
            crawl.fault("distribution", path, "There are versions, and this list of them is missing.")
    digest = listed_digest(crawl.source.get(f"/{MANIFEST}").body) if crawl.exists(INDEX) else ""
    if digest and digest != crawl.read(INDEX).digest:
        crawl.fault("checksum", INDEX, f"Its SHA-256 is not the one in {MANIFEST}.")
    folders = {path.rpartition("/")[0] for path in (GONE, *kept) if kept and path.startswith(KEPT)}
    beside = (each for each in crawl.paths.difference(kept, (STREAM,)) if not each.endswith((".html", CRATE)))
    for path in sorted(each for each in beside if each.rpartition("/")[0] in folders):
        crawl.fault("checksum", INDEX, f"It does not list {shorten(path)}.")
    records = sorted(path for path in kept if path.endswith(".ttl") and not path.startswith(KEPT))
    if records and crawl.exists(STREAM) and (not only or STREAM in only):
        with suppress(DocumentError):  # which is told as of any document
            found = reader.parse(crawl.read(STREAM).body, name=STREAM)
            nodes = (str(each.object)[1:-1] for each in found if each.predicate.value.endswith("tree#node"))
            named = {crawl.urls.path(iri) or iri for iri in nodes}
            for path in sorted(named ^ {f"/changes{each}" for each in records}):
                what = f"It names {path}, of no version." if path in named else f"It does not name {path}."
                crawl.fault("content", STREAM, what)
    if only and not there.intersection(only):
        return
    read, known = 0, dict[str, set[str]]()
    for path in filter(crawl.exists, crawl.sample(records)):
        with suppress(DocumentError, PublicationError):  # its SHA-256 is another then
            version = published_as(crawl.urls.path, path, crawl.read(path).body)
            known.setdefault(list_path(crawl.urls.path(version.of)), set()).add(memento(version))
            read += 1
    for path, named in known.items():
        lines = crawl.read(path).body.decode("utf-8", "replace").strip().split(",\n")
        listed = {line for line in lines if '; rel="memento"' in line}
        for each in sorted(named - listed | (listed - named if read == len(records) else set())):
            what = f"It lacks {shorten(each)}." if each in named else f"No record has its {shorten(each)}."
            crawl.fault("content", path, what)


def check_listed(crawl: Crawl, there: Collection[str]) -> None:
    """Check all files of a folder by its own list of them, where it has one."""
    listed, where = _read_checksums(crawl, f"/{MANIFEST}", "/"), f"/{MANIFEST}"
    known = {each.where for each in crawl.findings if each.rule == "checksum"}
    for path in sorted(listed.keys() - known):
        if path not in there:
            crawl.fault("checksum", where, f"It lists {shorten(path)}, which does not exist.")
        elif listed[path] != (crawl.digests.get(path) or crawl.source.get(path).digest):
            crawl.fault("checksum", path, f"Its SHA-256 is not the one in {MANIFEST}.")
    if where in there and (others := sorted({*there} - listed.keys() - {where})):
        number = f"{len(others):,} file{'' if len(others) == 1 else 's'}"
        crawl.fault("unlisted", where, f"It does not list {number}, such as {shorten(others[0])}.")


def _check_shapes(crawl: Crawl, record: EmbeddedStore) -> None:
    from policygraph.check.shacl import check
    from policygraph.site.dcat import SHAPES

    if len(record) > _MAX_TRIPLES:
        crawl.fault("size-limit", crawl.record, f"It has {len(record):,} triples, more than are checked.")
        return
    try:
        results = check(record, shapes=SHAPES).results
    except PolicyGraphError as error:
        crawl.fault("dcat-ap", crawl.record, f"The record cannot be checked: {error}")
        return
    rules = {"Violation": "dcat-ap", "Warning": "recommended"}
    asked = [each for each in results if each.severity == "Violation" or each.path in _ASKED]
    for each in asked[:_SHOWN]:
        subject = shorten(f"{each.focus} {each.path}".strip())
        crawl.fault(rules[each.severity], crawl.record, f"{subject}: {each.message}")


def _read_checksums(crawl: Crawl, where: str, root: str) -> dict[str, str]:
    """Read the checksums by path, in the format of `sha256sum`."""
    answer = crawl.read(where)
    text = answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
    checksums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.fullmatch(r"([0-9a-f]{64}) [ *](\S.*)", line):
            checksums[root + match[2].removeprefix("./")] = match[1]
        elif line.strip() and not line.startswith("#"):
            crawl.fault("checksum", where, f"Line {number} is not a sha256sum line: {shorten(line)}.")
    return checksums


def _check_dump(
    crawl: Crawl, path: str, sums: Mapping[str, str], offers: list[Any], listed: str
) -> list[Quad] | None:
    """Check a file that is offered for download, and return its quads, if it is RDF that can be parsed."""
    if not crawl.exists(path):
        where = crawl.record if offers or path not in sums else listed
        crawl.fault("distribution", where, f"It lists {shorten(path)}, which does not exist.")
        return None
    answer = crawl.read(path)
    if answer.status != 200:
        return None
    crawl.counts["dumps"] += 1
    if sums and offers and path not in sums:  # not what only describes others, such as a linkset
        crawl.fault("unsummed", path, "SHA256SUMS does not list it.")
    checksums = {(listed.rpartition("/")[2], "sha256", sums[path])} if path in sums else set()
    for size, checksum, algorithm, media, packed in (list(row)[1:] for row in offers):
        if size and size.value != str(len(answer.body)):
            problem = f"It has {len(answer.body):,} bytes, and the record says {shorten(size.value)}."
            crawl.fault("byte-size", path, problem)
        if checksum:
            name = algorithm.value.rpartition("_")[2].lower() if algorithm else "sha256"
            checksums.add(("the record", name, checksum.value.lower()))
        if media:
            _check_media_type(crawl, path, path.removesuffix(".gz") if packed else path, media.value)
    for source, name, wanted in sorted(each for each in checksums if each[1] in _DIGESTS):
        crawl.counts["checksums"] += 1
        digest = hashlib.new(name, answer.body, usedforsecurity=False).hexdigest()
        if digest != wanted:
            called = name.upper().replace("SHA", "SHA-")
            problem = f"Its {called} is {digest[:12]}…, and {source} has {shorten(wanted[:12])}…."
            crawl.fault("checksum", path, problem)
    if listed == INDEX:  # what it says was checked when it was published
        return None
    name = path.removesuffix(".gz")
    if name != path:
        try:
            answer = answer._replace(body=decompress(answer.body))
        except ValueError as error:
            crawl.fault("packed", path, str(error))
            return None
    is_rdf = suffix_of(name) in {*reader.SUFFIXES} - {".json", ".xml"}
    return check_rdf(crawl, name, answer) if is_rdf else None


def _check_media_type(crawl: Crawl, path: str, name: str, iri: str) -> None:
    media, wanted = iri.partition("media-types/")[2], MEDIA.get(suffix_of(name), "")
    if name.endswith("metadata.json"):
        wanted = "application/csvm+json"
    if media and wanted and media != wanted and not (media == "application/xml" and "+xml" in wanted):
        crawl.fault("distribution-type", path, f"The record says {shorten(iri)}, and it is {wanted}.")


def _check_counts(crawl: Crawl, record: EmbeddedStore, dumps: Mapping[str, list[Quad]]) -> None:
    """Check the VoID counts of every dataset and graph whose triples were read."""
    paths = {(row["dataset"], crawl.urls.path(row["address"].value) or "") for row in rows(record, _DUMPS)}
    offered = grouped((dataset, dumps[path]) for dataset, path in sorted(paths, key=str) if path in dumps)
    triples: dict[object, set[Triple]] = {dataset: _union(each) for dataset, each in offered.items()}
    for quads in dumps.values():  # each graph is counted in one file: others number its blank nodes otherwise
        graphs = grouped((quad.graph_name, quad.triple) for quad in quads)
        triples = {graph: set(found) for graph, found in graphs.items()} | triples
    stated: dict[object, dict[tuple[str, str], set[str]]] = {}
    for row in rows(record, _COUNTS):
        key = compact(row["name"].value), row["of"].value if row["of"] else ""
        stated.setdefault(row["dataset"], {}).setdefault(key, set()).add(row["count"].value)
    for dataset in stated.keys() & triples.keys():
        actual, counts = _counts(triples[dataset]), stated[dataset]
        parts, needed = (Counter(name for name, of in each if of) for each in (counts, actual))
        for name, of in actual.keys() | counts.keys():
            what = f"{name} of {shorten(of)} in {dataset}" if of else f"{name} of {dataset}"
            count = actual.get((name, of), 0)
            # VoID asks for none; but where half of all are there, another was forgotten.
            if of and (name, of) not in counts and 2 * parts[name] >= needed[name]:
                crawl.fault("void", crawl.record, f"No partition is for {what}.")
            for value in counts.get((name, of), ()):
                crawl.counts["counts"] += 1
                if value != str(count):
                    crawl.fault("void", crawl.record, f"{what} is {shorten(value)}, not {count}.")


def _union(dumps: Iterable[list[Quad]]) -> set[Triple]:
    """The triples of a dataset's dumps, of which some may be the same in other formats, and some parts."""
    found: set[Triple] = set()
    for quads in sorted(dumps, key=len, reverse=True):
        # Blank nodes are others in each format.
        if not found or any(q.triple not in found for q in quads if BlankNode not in map(type, q.triple)):
            found.update(quad.triple for quad in quads)
    return found


def _counts(triples: set[Triple]) -> dict[tuple[str, str], int]:
    """The VoID counts of some triples by property, and those of partitions by their class or property too."""
    typed = {(t.subject, t.object) for t in triples if t.predicate == TYPE}
    classes = Counter(kind.value for _, kind in typed if isinstance(kind, NamedNode))
    properties = Counter(triple.predicate.value for triple in triples)
    return {
        ("void:triples", ""): len(triples),
        ("void:distinctSubjects", ""): len({triple.subject for triple in triples}),
        ("void:distinctObjects", ""): len({triple.object for triple in triples}),
        ("void:properties", ""): len(properties),
        ("void:classes", ""): len(classes),
        **{("void:entities", of): count for of, count in classes.items()},
        **{("void:triples", of): count for of, count in properties.items()},
    }


def check_removed(crawl: Crawl, listed: Collection[str], *, static: bool) -> None:
    """Check the answer for each thing that was removed: that it is gone, or where what replaced it is."""
    removed: set[str] = set()
    with suppress(DocumentError):  # its SHA-256 is another then
        quads = reader.parse(crawl.read(GONE).body, name=GONE) if crawl.exists(GONE) else []
        removed = {str(quad.subject).strip("<>") for quad in quads}
    for iri in sorted(removed):
        page = f"{document_stem(crawl.urls.path(iri) or '/')}.html"
        if page in listed or crawl.has_twin(page):  # others that are there have this page too
            continue
        found = crawl.source.get(page, "text/html")
        if found.status not in ((200,) if static or not isinstance(crawl.source, Web) else (301, 410)):
            crawl.fault("removed", page, f"The thing was removed, and this answers {found.status}.")
        elif found.status == 200 and not UNLISTED.search(found.body):
            crawl.fault("removed", page, "The thing was removed, and search engines may list this.")


def check_addresses(crawl: Crawl, record: EmbeddedStore) -> None:
    """Check that what names addresses of the site names its own, not those of another host."""
    for path, pattern in _ADDRESSES.items():
        if crawl.exists(path) and (found := re.search(pattern, crawl.source.get(path).body)):
            crawl.check_own(path, found[1].decode("utf-8", "replace"))
    feeds = {path for path in crawl.paths if re.fullmatch(r"/feed(\.[\w-]+)?\.atom", path)} | {"/feed.atom"}
    for feed in sorted(filter(crawl.exists, feeds)):
        for link in re.findall(_ADDRESSES["/feed.atom"], crawl.source.get(feed).body):
            if target := crawl.urls.path(unescape(link.decode("utf-8", "replace"))):
                crawl.links.setdefault(target, []).append(feed)
    files = (row["address"].value for row in rows(record, _FILES))
    if own := min((each for each in files if crawl.urls.path(each)), default=""):
        crawl.check_own(crawl.record, own)


def check_sitemap(crawl: Crawl) -> list[str]:
    """Check the sitemap, or the sitemaps that it is an index of, and return the paths that are listed."""
    where, read = "/sitemap.xml", 0
    listed: list[str] = []
    sitemaps = [where]
    for each in sitemaps:
        if (answer := crawl.read(each)).status != 200:
            crawl.fault("sitemap", each, "It is missing.")
            continue
        try:
            tree = parse_xml(decompress(answer.body) if each.endswith(".gz") else answer.body)
        except ValueError as error:
            crawl.fault("sitemap", each, f"It cannot be read: {shorten(str(error))}.")
            continue
        read += 1
        found: list[str] = []
        for address in ((loc.text or "").strip() for loc in tree.iter(f"{_SITEMAP}loc")):
            if path := crawl.urls.path(address):
                found.append(path)
            else:
                crawl.fault("sitemap", each, f"{shorten(address)} is not on this site.")
        if tree.tag != f"{_SITEMAP}sitemapindex":
            listed += (f"{path}index.html" if path.endswith("/") else path for path in found)
        elif each == where:
            sitemaps += crawl.sample(found)
    if read and not listed:
        crawl.fault("sitemap", where, "It lists no page.")
    return listed
