"""Check the catalogue record against the dumps, and the sitemap.

The record is in DCAT (https://www.w3.org/TR/vocab-dcat-3/) and VoID (https://www.w3.org/TR/void/).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.check.site.crawl import Crawl, is_404, shorten
from policygraph.check.site.data import check_rdf, parse_xml, suffix_of
from policygraph.check.site.fetch import MEDIA, decompress
from policygraph.errors import PolicyGraphError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import expand
from policygraph.site.downloads import SUMS

RECORD = "/catalog.ttl"
_TYPE = expand("rdf:type")
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_MAX_TRIPLES = 200_000  # of a record
_SHOWN = 20  # messages of the shapes, which are repetitive


class Record:
    """The triples of a catalogue record by subject, blank nodes included."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self._values: dict[object, dict[str, list[object]]] = {}
        for quad in quads:
            self._values.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)

    def objects(self, subject: object, name: str) -> list[object]:
        """The values of a property, given as a CURIE, of a subject."""
        return self._values.get(subject, {}).get(expand(name), [])

    def values(self, subject: object, name: str) -> list[str]:
        """The same as text, without blank nodes."""
        return [each.value for each in self.objects(subject, name) if isinstance(each, NamedNode | Literal)]

    def subjects_with(self, name: str) -> list[object]:
        """The subjects that have a property, sorted."""
        iri = expand(name)
        return sorted((subject for subject, values in self._values.items() if iri in values), key=str)

    def instances(self, name: str) -> list[object]:
        """The instances of a class, sorted."""
        class_ = NamedNode(expand(name))
        return sorted((each for each, vs in self._values.items() if class_ in vs.get(_TYPE, [])), key=str)


def base_from_record(quads: Iterable[Quad]) -> str:
    """The base of the site's IRIs, from its record; "" when the record does not give it."""
    record = Record(quads)
    for each in record.instances("dcat:Catalog"):
        iri = each.value if isinstance(each, NamedNode) else ""
        if iri.endswith("/catalog"):
            return iri.removesuffix("catalog")
    return ""


def check_dumps(crawl: Crawl, quads: list[Quad]) -> None:
    """Check the record and every dump: its checksum, its size, and the VoID counts."""
    record = Record(quads)
    if quads and not record.instances("dcat:Catalog"):
        crawl.fault("record", RECORD, "It describes no dcat:Catalog.")
    if quads:
        _check_shapes(crawl, quads)
    sums = _read_checksums(crawl)
    files: dict[str, list[object]] = {path: [] for path in sums}
    files |= {path: [] for path in crawl.paths if path.startswith("/download/")}
    for property_ in ("dcat:downloadURL", "void:dataDump"):
        for subject in record.subjects_with(property_):
            for address in record.values(subject, property_):
                if path := crawl.urls.path(address):
                    files.setdefault(path, []).append(subject)
    dumps: dict[str, list[Quad]] = {}
    for path, subjects in sorted(files.items()):
        if path != SUMS and not path.endswith(".html"):
            dumps[path] = _check_dump(crawl, path, sums, record, subjects)
    _check_counts(crawl, record, dumps)


def _check_shapes(crawl: Crawl, quads: list[Quad]) -> None:
    """Check the record with the DCAT-AP shapes."""
    from policygraph.check.shacl import check
    from policygraph.site.dcat import SHAPES

    if len(quads) > _MAX_TRIPLES:
        crawl.fault("size-limit", RECORD, f"It has {len(quads):,} triples, more than are checked.")
        return
    try:
        results = check(quads, shapes=SHAPES).results
    except PolicyGraphError as error:
        crawl.fault("dcat-ap", RECORD, f"The record cannot be checked: {error}")
        return
    violations = [each for each in results if each.severity == "Violation"]
    for each in violations[:_SHOWN]:
        subject = " ".join(part for part in (each.focus, each.path) if part)
        crawl.fault("dcat-ap", RECORD, f"{shorten(subject)}: {each.message}")


def _read_checksums(crawl: Crawl) -> Mapping[str, str]:
    """Read the checksums by path, in the format of `sha256sum`."""
    if not crawl.exists(SUMS):
        return {}
    answer = crawl.read(SUMS)
    checksums: dict[str, str] = {}
    for number, line in enumerate(answer.body.decode("utf-8", "replace").splitlines(), 1):
        match = re.fullmatch(r"([0-9a-f]{64}) [ *](\S.*)", line)
        if match:
            checksums["/download/" + match[2].removeprefix("./")] = match[1]
        elif line.strip():
            crawl.fault("checksum", SUMS, f"Line {number} is not a sha256sum line: {shorten(line)}.")
    return checksums


def _check_dump(
    crawl: Crawl, path: str, sums: Mapping[str, str], record: Record, subjects: list[object]
) -> list[Quad]:
    """Check a file that is offered for download, and return its quads, if it is RDF."""
    if not crawl.exists(path):
        where = RECORD if subjects or path not in sums else SUMS
        crawl.fault("distribution", where, f"It lists {shorten(path)}, which does not exist.")
        return []
    answer = crawl.read(path)
    if answer.status != 200:
        return []
    crawl.counts["dumps"] += 1
    if sums and path not in sums:
        crawl.fault("unsummed", path, "SHA256SUMS does not list it.")
    checksums = [("SHA256SUMS", sums[path])] if path in sums else []
    for subject in subjects:
        for size in record.values(subject, "dcat:byteSize"):
            if size != str(len(answer.body)):
                problem = f"It has {len(answer.body):,} bytes, and the record says {shorten(size)}."
                crawl.fault("byte-size", path, problem)
        for checksum in record.objects(subject, "spdx:checksum"):
            values = record.values(checksum, "spdx:checksumValue")
            checksums += [("the record", value.lower()) for value in values]
        _check_media_type(crawl, path, record, subject)
    digest = hashlib.sha256(answer.body).hexdigest()
    for source, wanted in checksums:
        crawl.counts["checksums"] += 1
        if digest != wanted:
            problem = f"Its SHA-256 is {digest[:12]}…, and {source} has {shorten(wanted[:12])}…."
            crawl.fault("checksum", path, problem)
    name, body = path.removesuffix(".gz"), answer.body
    if name != path:
        try:
            body = decompress(body)
        except ValueError as error:
            crawl.fault("packed", path, str(error))
            return []
    if suffix_of(name) not in {*reader.SUFFIXES} - {".json", ".xml"}:
        return []
    return check_rdf(crawl, name, answer._replace(body=body))


def _check_media_type(crawl: Crawl, path: str, record: Record, distribution: object) -> None:
    name = path.removesuffix(".gz") if record.values(distribution, "dcat:compressFormat") else path
    wanted = MEDIA.get(suffix_of(name))
    if name.endswith("metadata.json"):
        wanted = "application/csvm+json"
    for value in record.values(distribution, "dcat:mediaType"):
        media = value.partition("media-types/")[2]
        if media and wanted and media != wanted and not (media == "application/xml" and "+xml" in wanted):
            crawl.fault("distribution-type", path, f"The record says {shorten(value)}, and it is {wanted}.")


def _check_counts(crawl: Crawl, record: Record, dumps: Mapping[str, list[Quad]]) -> None:
    """Check the VoID counts of every dataset and graph whose triples were read."""
    graphs: dict[object, set[Triple]] = {}
    for quads in dumps.values():
        by_graph: dict[object, set[Triple]] = {}
        for quad in quads:
            by_graph.setdefault(quad.graph_name, set()).add(quad.triple)
        for graph, triples in by_graph.items():
            graphs.setdefault(graph, triples)
    subjects = [*record.subjects_with("void:triples"), *record.subjects_with("void:classPartition")]
    for subject in dict.fromkeys(subjects):
        dumped = _dumped_triples(crawl, record, subject, dumps) or graphs.get(subject)
        if dumped:
            _compare_counts(crawl, record, subject, dumped)


def _dumped_triples(
    crawl: Crawl, record: Record, subject: object, dumps: Mapping[str, list[Quad]]
) -> set[Triple]:
    """The triples of a dataset, from the first of its dumps that could be read."""
    addresses = record.values(subject, "void:dataDump")
    for each in record.objects(subject, "dcat:distribution"):
        addresses += record.values(each, "dcat:downloadURL")
    paths = (crawl.urls.path(address) or "" for address in addresses)
    return next(({quad.triple for quad in dumps[path]} for path in paths if dumps.get(path)), set())


def _compare_counts(crawl: Crawl, record: Record, subject: object, triples: set[Triple]) -> None:
    instances: dict[str, set[object]] = {}
    for triple in triples:
        if triple.predicate.value == _TYPE and isinstance(triple.object, NamedNode):
            instances.setdefault(triple.object.value, set()).add(triple.subject)
    entities = {iri: len(each) for iri, each in instances.items()}
    uses = Counter(triple.predicate.value for triple in triples)
    name = shorten(str(subject))
    counts = [
        (f"{property_} of {name}", value, count)
        for property_, count in (
            ("void:triples", len(triples)),
            ("void:distinctSubjects", len({triple.subject for triple in triples})),
            ("void:distinctObjects", len({triple.object for triple in triples})),
            ("void:properties", len(uses)),
            ("void:classes", len(entities)),
        )
        for value in record.values(subject, property_)
    ]
    for kind, unit, actual in (("class", "void:entities", entities), ("property", "void:triples", uses)):
        parts = {
            iri: part
            for part in record.objects(subject, f"void:{kind}Partition")
            for iri in record.values(part, f"void:{kind}")
        }
        for iri in sorted(actual.keys() - parts.keys()) if parts else []:
            crawl.fault("void", RECORD, f"No {kind} partition of {name} is for {shorten(iri)}.")
        for iri, part in parts.items():
            what, count = f"{unit} of {shorten(iri)} in {name}", actual.get(iri, 0)
            counts += [(what, value, count) for value in record.values(part, unit)]
    crawl.counts["counts"] += len(counts)
    for what, value, count in counts:
        if value != str(count):
            crawl.fault("void", RECORD, f"{what} is {shorten(value)}, not {count}.")


def base_from_robots(crawl: Crawl) -> str:
    """The base of the site's IRIs, from the sitemap line of robots.txt; "" without one."""
    answer = crawl.source.get("/robots.txt")
    text = answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
    line = re.search(r"(?im)^[ \t]*sitemap:[ \t]*(\S+/)sitemap\.xml[ \t]*$", text)
    return line[1] if line else ""


def check_sitemap(crawl: Crawl) -> list[str]:
    """Check the sitemap and return the paths that it lists."""
    where = "/sitemap.xml"
    answer = crawl.read(where)
    if answer.status != 200:
        crawl.fault("sitemap", where, "It is missing.")
        return []
    try:
        tree = parse_xml(answer.body)
    except ValueError as error:
        crawl.fault("sitemap", where, f"It cannot be read: {shorten(str(error))}.")
        return []
    listed = []
    for loc in tree.iter(f"{_SITEMAP}loc"):
        address = (loc.text or "").strip()
        path = crawl.urls.path(address)
        if path is None:
            crawl.fault("sitemap", where, f"{shorten(address)} is not on this site.")
            continue
        listed.append(path if not path.endswith("/") else path + "index.html")
    if not listed:
        crawl.fault("sitemap", where, "It lists no page.")
    known = set(listed)
    for page in sorted(each for each in crawl.paths if each.endswith(".html") and not is_404(each)):
        if listed and page not in known:
            crawl.fault("sitemap", page, "The sitemap does not list it.")
    return listed
