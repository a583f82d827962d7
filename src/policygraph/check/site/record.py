"""What a site says that it holds, held against what it holds: the record, the dumps, their sums and counts.

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

from policygraph.check.site.crawl import Crawl, is_lost, shorten
from policygraph.check.site.data import data, unsound
from policygraph.check.site.fetch import MEDIA, unpacked
from policygraph.errors import PolicyGraphError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES, expand

RECORD = "/catalog.ttl"
SUMS = "/download/SHA256SUMS"
SHAPES = Path(__file__).parents[2] / "site" / "dcat-ap.ttl"
_TYPE = PREFIXES["rdf"] + "type"
_SPDX = "http://spdx.org/rdf/terms#"
_MOST = 200_000  # triples of a record
_SHOWN = 20  # messages of the shapes, which repeat themselves


class Record:
    """The triples of a catalogue's record by subject; blank nodes are subjects too."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.quads = list(quads)
        self._said: dict[object, dict[str, list[object]]] = {}
        for quad in self.quads:
            self._said.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)

    def objects(self, subject: object, name: str) -> list[object]:
        """What a property, named as a CURIE, has as values for a subject."""
        iri = _SPDX + name[5:] if name.startswith("spdx:") else expand(name)
        return self._said.get(subject, {}).get(iri, [])

    def values(self, subject: object, name: str) -> list[str]:
        """The same as text, blank nodes aside."""
        return [each.value for each in self.objects(subject, name) if isinstance(each, NamedNode | Literal)]

    def having(self, name: str) -> list[object]:
        """The subjects that have a property, in the order of their names."""
        iri = expand(name)
        return sorted((each for each, said in self._said.items() if iri in said), key=str)

    def typed(self, name: str) -> list[object]:
        """The subjects of a class, in the order of their names."""
        kind = NamedNode(expand(name))
        return sorted((each for each, said in self._said.items() if kind in said.get(_TYPE, [])), key=str)


def base_of(quads: Iterable[Quad]) -> str:
    """What the IRIs of a site begin with, by its record; empty when it does not tell."""
    record = Record(quads)
    for each in record.typed("dcat:Catalog"):
        iri = each.value if isinstance(each, NamedNode) else ""
        if iri.endswith("/catalog"):
            return iri.removesuffix("catalog")
    return ""


def dumps(survey: Crawl, quads: list[Quad]) -> None:
    """Prove the record, and with it every dump, its checksum and size, and what VoID counts."""
    record = Record(quads)
    if quads and not record.typed("dcat:Catalog"):
        survey.fault("record", RECORD, "It describes no dcat:Catalog.")
    if quads:
        _shaped(survey, quads)
    sums = _sums(survey)
    dumps: dict[str, list[Quad]] = {}
    listed = {path for path in survey.names if path.startswith("/download/")} | set(sums)
    by_path: dict[str, list[object]] = {}
    for each in record.typed("dcat:Distribution"):
        for address in record.values(each, "dcat:downloadURL"):
            path = survey.map.path(address)
            if path:
                by_path.setdefault(path, []).append(each)
    for each in record.having("void:dataDump"):
        for address in record.values(each, "void:dataDump"):
            path = survey.map.path(address)
            if path:
                by_path.setdefault(path, [])
    for path in sorted((listed | set(by_path)) - {SUMS}):
        if not path.endswith(".html"):
            _dump(survey, path, sums, record, by_path.get(path, []), dumps)
    _counted(survey, record, dumps)


def _shaped(survey: Crawl, quads: list[Quad]) -> None:
    """Whether the record has what our shapes of DCAT-AP ask for."""
    from policygraph.check.shacl import check

    if len(quads) > _MOST:
        survey.fault("size-limit", RECORD, f"It has {len(quads):,} triples, more than can be checked.")
        return
    try:
        results = check(quads, shapes=SHAPES).results
    except PolicyGraphError as error:
        survey.fault("dcat-ap", RECORD, f"The record cannot be checked: {error}")
        return
    wrong = [each for each in results if each.severity == "Violation"]
    for each in wrong[:_SHOWN]:
        what = " ".join(part for part in (each.focus, each.path) if part)
        survey.fault("dcat-ap", RECORD, f"{shorten(what)}: {each.message}")
    survey.counts["record rules broken"] += len(wrong)


def _sums(survey: Crawl) -> Mapping[str, str]:
    """The checksums by path, as `sha256sum -c` reads them."""
    if not survey.there(SUMS):
        return {}
    answer = survey.read(SUMS)
    found: dict[str, str] = {}
    for number, line in enumerate(answer.body.decode("utf-8", "replace").splitlines(), 1):
        match = re.fullmatch(r"([0-9a-f]{64}) [ *](\S.*)", line)
        if match:
            found["/download/" + match[2].removeprefix("./")] = match[1]
        elif line.strip():
            survey.fault("checksum", SUMS, f"Line {number} is none of sha256sum: {shorten(line)}.")
    return found


def _dump(
    survey: Crawl,
    path: str,
    sums: Mapping[str, str],
    record: Record,
    distributions: list[object],
    dumps: dict[str, list[Quad]],
) -> None:
    """Prove a file that is offered to be taken away."""
    if not survey.there(path):
        where, what = (RECORD, "record") if distributions or path not in sums else (SUMS, "list of sums")
        survey.fault("distribution", where, f"Nothing is at {shorten(path)}, which the {what} names.")
        return
    answer = survey.read(path)
    if answer.status != 200:
        return
    survey.counts["dumps"] += 1
    digest, suffix = hashlib.sha256(answer.body).hexdigest(), Path(path).suffix
    if path in sums:
        _summed(survey, path, digest, sums[path], "SHA256SUMS")
    elif sums:
        survey.fault("unsummed", path, "SHA256SUMS does not name it.")
    for each in distributions:
        for size in record.values(each, "dcat:byteSize"):
            if size != str(len(answer.body)):
                survey.fault(
                    "byte-size", path, f"It has {len(answer.body):,} bytes, and the record says {size}."
                )
        for checksum in record.objects(each, "spdx:checksum"):
            for value in record.values(checksum, "spdx:checksumValue"):
                _summed(survey, path, digest, value.lower(), "the record")
        _typed(survey, path, record, each)
    body, name = answer.body, path
    if suffix == ".gz":
        try:
            body = unpacked(body)
        except ValueError as error:
            survey.fault("packed", path, str(error))
            return
        name = path.removesuffix(".gz")
    if Path(name).suffix in reader.SUFFIXES and Path(name).suffix not in (".json", ".xml"):
        dumps[path] = data(survey, name, answer._replace(body=body))


def _summed(survey: Crawl, path: str, digest: str, said: str, who: str) -> None:
    survey.counts["checksums"] += 1
    if digest != said:
        survey.fault(
            "checksum", path, f"Its SHA-256 is {digest[:12]}…, and {who} says {shorten(said[:12])}…."
        )


def _typed(survey: Crawl, path: str, record: Record, distribution: object) -> None:
    name = path.removesuffix(".gz") if record.values(distribution, "dcat:compressFormat") else path
    wanted = MEDIA.get(Path(name).suffix)
    if name.endswith("metadata.json"):
        wanted = "application/csvm+json"
    for said in record.values(distribution, "dcat:mediaType"):
        known = said.partition("media-types/")[2]
        if known and wanted and known != wanted and not (known == "application/xml" and "+xml" in wanted):
            survey.fault("distribution-type", path, f"The record says {shorten(said)}, and it is {wanted}.")


def _counted(survey: Crawl, record: Record, dumps: Mapping[str, list[Quad]]) -> None:
    """Count again what VoID says of every dataset and graph whose triples are here."""
    graphs: dict[object, set[Triple]] = {}
    for quads in dumps.values():
        found: dict[object, set[Triple]] = {}
        for quad in quads:
            found.setdefault(quad.graph_name, set()).add(quad.triple)
        for graph, triples in found.items():
            graphs.setdefault(graph, triples)
    subjects = [*record.having("void:triples"), *record.having("void:classPartition")]
    for subject in dict.fromkeys(subjects):
        held = _dumped(survey, record, subject, dumps) or graphs.get(subject)
        if held:
            _recounted(survey, record, subject, held)


def _dumped(survey: Crawl, record: Record, subject: object, dumps: Mapping[str, list[Quad]]) -> set[Triple]:
    """The triples of a dataset, by the first of its dumps that could be read."""
    addresses = record.values(subject, "void:dataDump")
    for each in record.objects(subject, "dcat:distribution"):
        addresses += record.values(each, "dcat:downloadURL")
    paths = (survey.map.path(address) or "" for address in addresses)
    return next(({quad.triple for quad in dumps[path]} for path in paths if dumps.get(path)), set())


def _recounted(survey: Crawl, record: Record, subject: object, triples: set[Triple]) -> None:
    things: dict[str, set[object]] = {}
    uses: Counter[str] = Counter()
    subjects, objects = set(), set()
    for s, p, o in triples:
        subjects.add(s)
        objects.add(o)
        uses[p.value] += 1
        if p.value == _TYPE and isinstance(o, NamedNode):
            things.setdefault(o.value, set()).add(s)
    counted = {
        "void:triples": len(triples),
        "void:distinctSubjects": len(subjects),
        "void:distinctObjects": len(objects),
        "void:properties": len(uses),
        "void:classes": len(things),
    }
    name = shorten(str(subject))
    for property_, count in counted.items():
        for said in record.values(subject, property_):
            survey.counts["counts"] += 1
            if said != str(count):
                survey.fault(
                    "void", RECORD, f"{property_} of {name} is {shorten(said)}, and there are {count}."
                )
    for kind, unit, found in (
        ("class", "void:entities", {iri: len(each) for iri, each in things.items()}),
        ("property", "void:triples", uses),
    ):
        parts = {
            iri: part
            for part in record.objects(subject, f"void:{kind}Partition")
            for iri in record.values(part, f"void:{kind}")
        }
        if parts:
            for iri in sorted(found.keys() - parts.keys()):
                survey.fault("void", RECORD, f"No {kind} partition of {name} counts {shorten(iri)}.")
        for iri, part in parts.items():
            for said in record.values(part, unit):
                survey.counts["counts"] += 1
                if said != str(found.get(iri, 0)):
                    what = f"{unit} of {shorten(iri)} in {name} is {shorten(said)}, and there are {found.get(iri, 0)}."
                    survey.fault("void", RECORD, what)


_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def named_base(survey: Crawl) -> str:
    """What the site's IRIs begin with, by the line for the sitemap in robots.txt; empty without one."""
    answer = survey.place.get("/robots.txt")
    named = _sitemaps(answer.body.decode("utf-8", "replace")) if answer.status == 200 else []
    return named[0] if named else ""


def robots(survey: Crawl) -> None:
    """Prove robots.txt."""
    answer = survey.read("/robots.txt")
    if answer.status != 200:
        survey.fault("robots", "/robots.txt", "There is no robots.txt.")
        return
    lines = answer.body.decode("utf-8", "replace").splitlines()
    rules = RobotFileParser()
    rules.parse(lines)
    if not rules.can_fetch("*", "/") or not rules.can_fetch("*", "/index.html"):
        survey.fault("robots", "/robots.txt", "It forbids the whole site to everyone.")
    bases = _sitemaps("\n".join(lines))
    if survey.base not in bases:
        other = f"names {shorten(bases[0])}sitemap.xml, not its own" if bases else "names no sitemap"
        survey.fault("robots", "/robots.txt", f"It {other}.")


def sitemap(survey: Crawl) -> list[str]:
    """Prove the sitemap; the paths that it lists."""
    where = "/sitemap.xml"
    tree = _xml(survey, where, "sitemap")
    if tree is None:
        return []
    listed = []
    for loc in tree.iter(f"{_SITEMAP}loc"):
        address = (loc.text or "").strip()
        path = survey.map.path(address)
        if path is None:
            survey.fault("sitemap", where, f"{shorten(address)} is not on this site.")
            continue
        listed.append(path if not path.endswith("/") else path + "index.html")
    if not listed:
        survey.fault("sitemap", where, "It lists nothing.")
    known = set(listed)
    for page in sorted(each for each in survey.names if each.endswith(".html") and not is_lost(each)):
        if listed and page not in known:
            survey.fault("unlisted", page, "The sitemap does not list it.")
    return listed


def feed(survey: Crawl, path: str) -> None:
    """Prove an Atom feed (RFC 4287)."""
    tree = _xml(survey, path, "feed")
    if tree is None:
        return
    if tree.tag != f"{_ATOM}feed":
        survey.fault("feed", path, f"It is no Atom feed but {shorten(tree.tag)}.")
        return
    entries = tree.findall(f"{_ATOM}entry")
    for part in (tree, *entries):
        for name in ("id", "title", "updated"):
            found = part.find(_ATOM + name)
            if found is None or not "".join(found.itertext()).strip():
                what = "The feed" if part is tree else f"The entry {_called(part)}"
                survey.fault("feed", path, f"{what} has no {name}.")
            elif name == "updated" and not re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", (found.text or "").strip()
            ):
                survey.fault(
                    "feed", path, f"It was updated at no RFC 3339 time: {shorten(found.text or '')}."
                )
    names = Counter((each.findtext(f"{_ATOM}id") or "").strip() for each in entries)
    for name in sorted(each for each, times in names.items() if each and times > 1):
        survey.fault("feed", path, f"Two entries have the id {shorten(name)}.")
    for link in tree.iter(f"{_ATOM}link"):
        target = survey.map.path(survey.map.resolved(link.get("href", ""), path))
        if target is not None:
            survey.links.setdefault((target, ""), []).append(path)


def search(survey: Crawl, path: str) -> None:
    """Prove a description in OpenSearch, where there is one."""
    tree = _xml(survey, path, "content")
    if tree is None:
        return
    templates = [each.get("template", "") for each in tree.iter(f"{_OPENSEARCH}Url")]
    if not templates:
        survey.fault("content", path, "It has no address to search at.")
    for template in templates:
        target = survey.map.path(survey.map.resolved(template.partition("?")[0], path))
        if target is not None:
            survey.links.setdefault((target, ""), []).append(path)


def _sitemaps(text: str) -> list[str]:
    """What the addresses of sitemaps begin with that robots.txt names."""
    return re.findall(r"(?im)^[ \t]*sitemap:[ \t]*(\S+/)sitemap\.xml[ \t]*$", text)


def _called(entry: ET.Element) -> str:
    return shorten(
        (entry.findtext(f"{_ATOM}title") or entry.findtext(f"{_ATOM}id") or "without a name").strip()
    )


def _xml(survey: Crawl, path: str, rule: str) -> ET.Element | None:
    """An XML document that is safe to read; None, and a fault, where it is not there or unsound."""
    answer = survey.read(path)
    if answer.status != 200:
        survey.fault(rule, path, "It is not there.")
        return None
    problem = unsound(answer.body)
    if problem:
        survey.fault(rule, path, problem)
        return None
    return ET.fromstring(answer.body)  # noqa: S314  without entities, by `unsound`
