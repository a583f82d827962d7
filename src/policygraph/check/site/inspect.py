"""Whether a published site keeps its promises: pages, data, record and dumps, read as a stranger reads them.

A place is a folder or a web address, made by `policygraph publish` at whatever base. A folder is read whole;
of a web address some documents of every kind are read, and the server is asked whatever its visitors may ask.
Nothing that is found there is trusted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from policygraph.check.site import data, http, pages, record
from policygraph.check.site.crawl import Crawl, spread
from policygraph.check.site.crawl import shorten as shown
from policygraph.check.site.fetch import Fetched, Folder, Web, place
from policygraph.check.site.record import RECORD, SUMS, base_of, dumps
from policygraph.check.site.report import RULES, Finding
from policygraph.errors import DocumentError
from policygraph.rdf import reader
from policygraph.site.urls import GRAPHS, LANGUAGES, ROWS, document_stem
from policygraph.site.urls import parse_path as meanings
from policygraph.text import table

if TYPE_CHECKING:
    from pyoxigraph import Quad

SAMPLE = 3
"""So many documents of each kind are read at a web address, unless the caller says otherwise."""

_ASKED = 300  # addresses beyond those that are asked for, where only some documents are read
_SHOWN = 10  # findings of one rule that people are shown
_COUNTED = {
    "pages": "pages read",
    "data documents": "data documents read",
    "other documents": "other documents read",
    "triples": "triples read",
    "links": "links followed",
    "anchors": "anchors seen",
    "iris": "IRIs of the site looked up",
    "dumps": "dumps opened",
    "checksums": "checksums computed",
    "counts": "VoID counts recomputed",
    "negotiations": "negotiations tried",
    "requests": "requests",
    "not looked at": "addresses not asked for",
}
# What the publisher writes for web servers, which is no part of the site.
_SETTINGS = {"/.htaccess", "/.nojekyll", "/.policygraph", "/Caddyfile", "/nginx.conf", "/w3id.htaccess"}
_WELL_KNOWN = "/.well-known/void"
_RDF = {*GRAPHS, ".nq", ".trig"}
_ALWAYS = {"pages", "data documents", "links", "anchors", "checksums"}


@dataclass(frozen=True)
class SiteReport:
    """What an inspection found: of what, how much was read, and every fault.

    Args:
        place: the folder or the web address.
        base: what the site's IRIs begin with.
        counts: how much was read, by what.
        findings: the faults, in the order of the rules.
    """

    place: str
    base: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether there is no fault."""
        return not self.findings

    def text(self, width: int | None = None) -> str:
        """The report for people: a table of counts, and each broken rule with its fix and the places."""
        counts = [[_COUNTED.get(name, name), f"{count:,}"] for name, count in self.counts.items()]
        counts.append(["findings", f"{len(self.findings):,}"])
        parts = [table(("what", "number"), counts, width=width, right=(False, True))]
        by_rule: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_rule.setdefault(finding.rule, []).append(finding)
        for rule, found in by_rule.items():
            lines = [f"{rule}: {RULES[rule].asks}.", f"  Fix: {found[0].fix}"]
            lines += [f"  {each.where}: {each.problem}" for each in found[:_SHOWN]]
            if len(found) > _SHOWN:
                lines.append(f"  … and {len(found) - _SHOWN:,} more.")
            parts.append("\n".join(lines) + "\n")
        if self.clean:
            parts.append(f"{self.place} keeps every rule.\n")
        return "\n".join(parts)

    def json(self) -> bytes:
        """The report for machines: every finding with its rule, where it is, the problem and the fix."""
        found: dict[str, Any] = {
            "place": self.place,
            "base": self.base,
            "clean": self.clean,
            "counts": {**self.counts, "findings": len(self.findings)},
            "findings": [finding._asdict() for finding in self.findings],
        }
        return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


def inspect(
    where: str, *, sample: int = SAMPLE, told: Callable[[int, int], None] | None = None
) -> SiteReport:
    """Inspect a published site, in a folder or at a web address.

    Args:
        where: the folder, or the address that the site hangs under.
        sample: how many documents of each kind are read at a web address; 0 for all.
        told: is told how many documents were read, and how many there are to read.

    CrawlError when nothing can be read there at all.
    """
    site = place(where)
    try:
        return _inspected(where, site, sample, told or (lambda done, total: None))
    finally:
        site.close()


def _inspected(where: str, site: Folder | Web, sample: int, tell: Callable[[int, int], None]) -> SiteReport:
    names = {name for name in site.names() if name not in _SETTINGS}
    survey = Crawl(site, names=names, most=_ASKED if sample and site.live else None)
    quads = _record(survey)
    survey.settle(base_of(quads) or record.named_base(survey) or site.address)
    record.robots(survey)
    listed = record.sitemap(survey)
    read = _visited(survey, listed, sample, tell) if site.live else _read(survey, sorted(names), 0, tell)
    dumps(survey, quads)
    _leading(survey)
    _named(survey)
    for path in spread(listed, sample if site.live else 0, _kind):
        if not survey.there(path):
            survey.fault("sitemap", "/sitemap.xml", f"Nothing is at {shown(path)}.")
    if isinstance(site, Web):
        _behaving(survey, read, sample)
        survey.counts["requests"] = site.requests
    order = list(RULES)
    findings = sorted(set(survey.findings), key=lambda each: (order.index(each.rule), each))
    counts = {name: survey.counts[name] for name in _COUNTED if survey.counts[name] or name in _ALWAYS}
    return SiteReport(where, survey.base, counts, tuple(findings))


def _record(survey: Crawl) -> list[Quad]:
    answer = survey.read(RECORD, accept="text/turtle")
    if answer.status != 200:
        survey.fault("record", RECORD, "It is not there.")
        return []
    try:
        return reader.parse(answer.body, name=RECORD)
    except DocumentError:
        return []  # said when the document is proved


def _visited(survey: Crawl, listed: list[str], sample: int, tell: Callable[[int, int], None]) -> set[str]:
    """Read some documents of every kind at a web address; the paths of those that were."""
    front = listed or ["/index.html"]
    read = _read(survey, spread(front, sample, _kind), 0, tell)
    if not listed:
        linked = sorted({path for path, _ in survey.links if path.endswith(".html")} - read)
        read |= _read(survey, spread(linked, sample, _kind), len(read), tell)
    # What the pages offer beside themselves, and what they are made with.
    offered = {path for path, _ in survey.links if not path.endswith((".html", "/"))} - read
    chosen = {RECORD} | set(spread(sorted(offered), sample, _kind))
    return read | _read(survey, sorted(chosen), len(read), tell)


def _read(survey: Crawl, paths: list[str], before: int, tell: Callable[[int, int], None]) -> set[str]:
    kinds: Counter[str] = Counter()
    for number, path in enumerate(paths, before + 1):
        answer = survey.read(path)
        if answer.status == 200:
            _proved(survey, path, answer)
            kinds[_kind(path)] += 1
            if survey.place.live and kinds[_kind(path)] == 1:
                http.document(survey, path, answer)
        tell(number, before + len(paths))
    return set(paths)


def _proved(survey: Crawl, path: str, answer: Fetched) -> None:
    suffix = PurePosixPath(path).suffix
    if suffix == ".html":
        pages.page(survey, path, answer)
    elif suffix == ".css":
        pages.style(survey, path, answer)
    elif path in ("/sitemap.xml", "/robots.txt", SUMS) or suffix == ".gz":
        return  # these have proofs of their own
    elif suffix in _RDF or path == _WELL_KNOWN:
        if not path.startswith("/download/"):
            data.data(survey, path, answer)
    elif suffix == ".atom":
        record.feed(survey, path)
    elif path == "/opensearch.xml":
        record.search(survey, path)
    else:
        data.other(survey, path, answer)


def _leading(survey: Crawl) -> None:
    """Follow every link that was seen, as far as one may."""
    targets = sorted({target for target, _ in survey.links})
    asked = set(survey.some([path for path in targets if path not in survey.names]))
    for (target, fragment), sources in survey.links.items():
        many = f" ({len(sources):,} links do)" if len(sources) > 1 else ""
        if target == "/..":
            survey.fault("dead-link", sources[0], f"It links something outside the folder{many}.")
        elif (target in survey.names or target in asked) and not survey.there(target):
            survey.fault("dead-link", sources[0], f"It links {shown(target)}, where nothing is{many}.")
        page = f"{target}index.html" if target.endswith("/") else target
        ids = survey.ids.get(page)
        stateful = fragment.startswith(":~:") or ("=" in fragment and page in survey.stateful)
        if fragment and ids is not None and fragment not in ids and not stateful:
            survey.fault(
                "anchor",
                sources[0],
                f"It links {shown(page)}#{shown(fragment)}, which no element has{many}.",
            )


def _named(survey: Crawl) -> None:
    """Look up every IRI of the site that its data name, as far as one may, and every term on its page."""
    for iri in survey.some(sorted(survey.iris.keys() - survey.names_only)):
        path = survey.map.path(iri) or "/"
        path = "/catalog" if path == _WELL_KNOWN else path  # the server sends on from there
        survey.counts["iris"] += 1
        if not any(
            survey.there(each) for each in (f"{document_stem(path)}.html", f"{document_stem(path)}.ttl", path)
        ):
            survey.fault("iri", survey.iris[iri], f"It names {shown(iri)}, which has no document.")
    for iri, source in sorted(survey.terms.items()):
        address, _, fragment = iri.partition("#")
        ids = survey.ids.get(document_stem(survey.map.path(address) or "/") + ".html")
        if ids is not None and fragment not in ids:
            survey.fault("term", source, f"It uses {shown(iri)}, and the page of terms does not tell of it.")


def _behaving(survey: Crawl, read: set[str], sample: int) -> None:
    """Ask the server for some of what has several forms, of every kind."""
    known = read | {path for path, _ in survey.links}
    forms: dict[str, list[str]] = {}
    for path in sorted(read):
        if path.endswith(".html") and not path.startswith("/download/"):
            meaning = next(iter(meanings(path)))
            if meaning.language == LANGUAGES[0]:
                suffixes = [each for each in (*GRAPHS, *ROWS) if document_stem(meaning.path) + each in known]
                forms[meaning.path] = [".html", *suffixes]
    several = sorted(path for path, suffixes in forms.items() if len(suffixes) > 1)
    for path in spread(several, sample, _kind):
        http.negotiation(survey, path, forms[path])
    http.not_found(survey)
    known_well = survey.read(_WELL_KNOWN, accept="text/turtle")
    if known_well.status != 200 or known_well.media != "text/turtle":
        said = f"{known_well.status} and {shown(known_well.media) or 'no type'}"
        survey.fault("iri", _WELL_KNOWN, f"Asked for Turtle, it answers {said}, not 200 and text/turtle.")


def _kind(path: str) -> str:
    """What documents have in common that come from one template: the folder and what the name ends with."""
    above, _, name = path.rpartition("/")
    return name if not above else f"{above}/*.{name.partition('.')[2]}"
