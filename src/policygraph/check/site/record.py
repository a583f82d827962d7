"""Check the catalogue record against the dumps, and the sitemap, robots.txt, Atom feeds and OpenSearch.

The record is in DCAT (https://www.w3.org/TR/vocab-dcat-3/) and VoID (https://www.w3.org/TR/void/).
"""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.robotparser import RobotFileParser

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.check.site.crawl import Crawl, is_404, shorten
from policygraph.check.site.data import check_rdf, xml_problem
from policygraph.check.site.fetch import MEDIA, decompress
from policygraph.errors import PolicyGraphError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES, expand

RECORD = "/catalog.ttl"
SUMS = "/download/SHA256SUMS"
SHAPES = Path(__file__).parents[2] / "site" / "dcat-ap.ttl"
_TYPE = PREFIXES["rdf"] + "type"
_SPDX = "http://spdx.org/rdf/terms#"
_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
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
        iri = _SPDX + name[5:] if name.startswith("spdx:") else expand(name)
        return self._values.get(subject, {}).get(iri, [])

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
    dumps: dict[str, list[Quad]] = {}
    listed = {path for path in crawl.paths if path.startswith("/download/")} | set(sums)
    by_path: dict[str, list[object]] = {}
    for each in record.instances("dcat:Distribution"):
        for address in record.values(each, "dcat:downloadURL"):
            path = crawl.urls.path(address)
            if path:
                by_path.setdefault(path, []).append(each)
    for each in record.subjects_with("void:dataDump"):
        for address in record.values(each, "void:dataDump"):
            path = crawl.urls.path(address)
            if path:
                by_path.setdefault(path, [])
    for path in sorted((listed | set(by_path)) - {SUMS}):
        if not path.endswith(".html"):
            _check_dump(crawl, path, sums, record, by_path.get(path, []), dumps)
    _check_counts(crawl, record, dumps)


def _check_shapes(crawl: Crawl, quads: list[Quad]) -> None:
    """Check the record with the DCAT-AP shapes."""
    from policygraph.check.shacl import check

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
    crawl: Crawl,
    path: str,
    sums: Mapping[str, str],
    record: Record,
    distributions: list[object],
    dumps: dict[str, list[Quad]],
) -> None:
    """Check a file that is offered for download."""
    if not crawl.exists(path):
        where = RECORD if distributions or path not in sums else SUMS
        crawl.fault("distribution", where, f"It lists {shorten(path)}, which does not exist.")
        return
    answer = crawl.read(path)
    if answer.status != 200:
        return
    crawl.counts["dumps"] += 1
    digest, suffix = hashlib.sha256(answer.body).hexdigest(), Path(path).suffix
    if path in sums:
        _check_checksum(crawl, path, digest, sums[path], "SHA256SUMS")
    elif sums:
        crawl.fault("unsummed", path, "SHA256SUMS does not list it.")
    for each in distributions:
        for size in record.values(each, "dcat:byteSize"):
            if size != str(len(answer.body)):
                crawl.fault(
                    "byte-size", path, f"It has {len(answer.body):,} bytes, and the record says {size}."
                )
        for checksum in record.objects(each, "spdx:checksum"):
            for value in record.values(checksum, "spdx:checksumValue"):
                _check_checksum(crawl, path, digest, value.lower(), "the record")
        _check_media_type(crawl, path, record, each)
    body, name = answer.body, path
    if suffix == ".gz":
        try:
            body = decompress(body)
        except ValueError as error:
            crawl.fault("packed", path, str(error))
            return
        name = path.removesuffix(".gz")
    if Path(name).suffix in reader.SUFFIXES and Path(name).suffix not in (".json", ".xml"):
        dumps[path] = check_rdf(crawl, name, answer._replace(body=body))


def _check_checksum(crawl: Crawl, path: str, digest: str, wanted: str, source: str) -> None:
    crawl.counts["checksums"] += 1
    if digest != wanted:
        crawl.fault(
            "checksum", path, f"Its SHA-256 is {digest[:12]}…, and {source} has {shorten(wanted[:12])}…."
        )


def _check_media_type(crawl: Crawl, path: str, record: Record, distribution: object) -> None:
    name = path.removesuffix(".gz") if record.values(distribution, "dcat:compressFormat") else path
    wanted = MEDIA.get(Path(name).suffix)
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
    uses: Counter[str] = Counter()
    subjects, objects = set(), set()
    for s, p, o in triples:
        subjects.add(s)
        objects.add(o)
        uses[p.value] += 1
        if p.value == _TYPE and isinstance(o, NamedNode):
            instances.setdefault(o.value, set()).add(s)
    counted = {
        "void:triples": len(triples),
        "void:distinctSubjects": len(subjects),
        "void:distinctObjects": len(objects),
        "void:properties": len(uses),
        "void:classes": len(instances),
    }
    name = shorten(str(subject))
    for property_, count in counted.items():
        for value in record.values(subject, property_):
            crawl.counts["counts"] += 1
            if value != str(count):
                crawl.fault("void", RECORD, f"{property_} of {name} is {shorten(value)}, not {count}.")
    for kind, unit, actual in (
        ("class", "void:entities", {iri: len(each) for iri, each in instances.items()}),
        ("property", "void:triples", uses),
    ):
        parts = {
            iri: part
            for part in record.objects(subject, f"void:{kind}Partition")
            for iri in record.values(part, f"void:{kind}")
        }
        if parts:
            for iri in sorted(actual.keys() - parts.keys()):
                crawl.fault("void", RECORD, f"No {kind} partition of {name} is for {shorten(iri)}.")
        for iri, part in parts.items():
            count = actual.get(iri, 0)
            for value in record.values(part, unit):
                crawl.counts["counts"] += 1
                if value != str(count):
                    problem = f"{unit} of {shorten(iri)} in {name} is {shorten(value)}, not {count}."
                    crawl.fault("void", RECORD, problem)


def base_from_robots(crawl: Crawl) -> str:
    """The base of the site's IRIs, from the sitemap line of robots.txt; "" without one."""
    answer = crawl.source.get("/robots.txt")
    bases = _sitemap_bases(answer.body.decode("utf-8", "replace")) if answer.status == 200 else []
    return bases[0] if bases else ""


def check_robots(crawl: Crawl) -> None:
    """Check robots.txt."""
    answer = crawl.read("/robots.txt")
    if answer.status != 200:
        crawl.fault("robots", "/robots.txt", "It is missing.")
        return
    lines = answer.body.decode("utf-8", "replace").splitlines()
    rules = RobotFileParser()
    rules.parse(lines)
    if not rules.can_fetch("*", "/") or not rules.can_fetch("*", "/index.html"):
        crawl.fault("robots", "/robots.txt", "It disallows the whole site for every crawler.")
    bases = _sitemap_bases("\n".join(lines))
    if crawl.base not in bases:
        problem = f"names {shorten(bases[0])}sitemap.xml, not its own" if bases else "names no sitemap"
        crawl.fault("robots", "/robots.txt", f"It {problem}.")


def check_sitemap(crawl: Crawl) -> list[str]:
    """Check the sitemap and return the paths that it lists."""
    where = "/sitemap.xml"
    tree = _read_xml(crawl, where, "sitemap")
    if tree is None:
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
            crawl.fault("unlisted", page, "The sitemap does not list it.")
    return listed


def check_feed(crawl: Crawl, path: str) -> None:
    """Check an Atom feed (RFC 4287)."""
    tree = _read_xml(crawl, path, "feed")
    if tree is None:
        return
    if tree.tag != f"{_ATOM}feed":
        crawl.fault("feed", path, f"Its root is {shorten(tree.tag)}, not an Atom feed.")
        return
    entries = tree.findall(f"{_ATOM}entry")
    for part in (tree, *entries):
        for name in ("id", "title", "updated"):
            element = part.find(_ATOM + name)
            if element is None or not "".join(element.itertext()).strip():
                owner = "The feed" if part is tree else f"The entry {_entry_name(part)}"
                crawl.fault("feed", path, f"{owner} has no {name}.")
            elif name == "updated" and not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", (element.text or "").strip()
            ):
                crawl.fault("feed", path, f"updated is not an RFC 3339 time: {shorten(element.text or '')}.")
    ids = Counter((each.findtext(f"{_ATOM}id") or "").strip() for each in entries)
    for id_ in sorted(each for each, times in ids.items() if each and times > 1):
        crawl.fault("feed", path, f"Two entries have the id {shorten(id_)}.")
    for link in tree.iter(f"{_ATOM}link"):
        target = crawl.urls.path(crawl.urls.resolve(link.get("href", ""), path))
        if target is not None:
            crawl.links.setdefault((target, ""), []).append(path)


def check_opensearch(crawl: Crawl, path: str) -> None:
    """Check an OpenSearch description."""
    tree = _read_xml(crawl, path, "content")
    if tree is None:
        return
    templates = [each.get("template", "") for each in tree.iter(f"{_OPENSEARCH}Url")]
    if not templates:
        crawl.fault("content", path, "It has no URL template.")
    for template in templates:
        target = crawl.urls.path(crawl.urls.resolve(template.partition("?")[0], path))
        if target is not None:
            crawl.links.setdefault((target, ""), []).append(path)


def _sitemap_bases(text: str) -> list[str]:
    """The base of each sitemap that robots.txt names."""
    return re.findall(r"(?im)^[ \t]*sitemap:[ \t]*(\S+/)sitemap\.xml[ \t]*$", text)


def _entry_name(entry: ET.Element) -> str:
    return shorten(
        (entry.findtext(f"{_ATOM}title") or entry.findtext(f"{_ATOM}id") or "without a name").strip()
    )


def _read_xml(crawl: Crawl, path: str, rule: str) -> ET.Element | None:
    """Fetch and parse XML; add a finding and return None when it is missing, unsafe or not well-formed."""
    answer = crawl.read(path)
    if answer.status != 200:
        crawl.fault(rule, path, "It is missing.")
        return None
    problem = xml_problem(answer.body)
    if problem:
        crawl.fault(rule, path, problem)
        return None
    return ET.fromstring(answer.body)  # noqa: S314  `xml_problem` refuses entities
