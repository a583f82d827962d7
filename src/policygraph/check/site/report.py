"""List the rules for a published linked-data site, and keep what an inspection has seen and found.

`RULES` is the whole list, from `rules.tsv`; the rules come from RFC 9110 (HTTP), RFC 8288 (Link), the W3C's
Cool URIs and Data on the Web Best Practices, DCAT-AP 3, VoID and HTML.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from policygraph.check.site.fetch import Fetched, SiteUrls, Source, Web
from policygraph.i18n import languages
from policygraph.site.urls import folded
from policygraph.text import grouped, printable, shorten as text_shorten, table, tsv

_SHOWN = 3  # findings of one rule in a report for people
SEVERITIES = ("error", "warning", "hint")


class Rule(NamedTuple):
    """A rule: its name, how grave a violation is, what it requires, and how to fix a violation."""

    name: str
    severity: str
    asks: str
    fix: str


class Finding(NamedTuple):
    """A violation of a rule: where, what is wrong, and how to fix it."""

    rule: str
    where: str
    problem: str
    fix: str


@dataclass(frozen=True)
class SiteReport:
    """The report of an inspection: what was read, and every finding."""

    place: str  # the folder or the web address
    base: str  # the base of the site's IRIs
    counts: Mapping[str, int]  # how much was read, by name in `COUNTS`
    findings: tuple[Finding, ...]  # errors, warnings, hints, each in the order of the rules

    @property
    def clean(self) -> bool:
        """Whether there is no error; warnings and hints may be there."""
        return not self.errors

    @property
    def errors(self) -> list[Finding]:
        """The errors among the findings."""
        return [each for each in self.findings if RULES[each.rule].severity == "error"]

    def text(self, width: int | None = None) -> str:
        """Format for people: a table of counts, and each broken rule with its fix and its findings."""
        counts = [[COUNTS.get(name, name), f"{count:,}"] for name, count in self.counts.items()]
        counts.append(["findings", f"{len(self.findings):,}"])
        parts = [table(("what", "number"), counts, width=width, right=(False, True))]
        for rule, findings in grouped((each.rule, each) for each in self.findings).items():
            lines = [f"{RULES[rule].severity} {rule}: {RULES[rule].asks}.", f"  Fix: {findings[0].fix}"]
            lines += [f"  {each.where}: {each.problem}" for each in findings[:_SHOWN]]
            if len(findings) > _SHOWN:
                lines.append(f"  … and {len(findings) - _SHOWN:,} more.")
            parts.append("\n".join(lines) + "\n")
        if not self.findings:
            parts.append(f"{self.place} passes every rule.\n")
        return "\n".join(parts)

    def json(self) -> bytes:
        """Format as JSON: every finding with its rule, where it is, the problem and the fix."""
        report: dict[str, Any] = {
            "place": self.place,
            "base": self.base,
            "clean": self.clean,
            "counts": {**self.counts, "findings": len(self.findings)},
            "findings": [{"severity": RULES[each.rule].severity, **each._asdict()} for each in self.findings],
        }
        return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


COUNTS = dict(tsv(Path(__file__).parent / "counts.tsv"))
"""What an inspection counts, and the label of each count in a report for people."""

_RULES = [Rule(*cells) for cells in tsv(Path(__file__).parent / "rules.tsv")]
RULES: Mapping[str, Rule] = {each.name: each for by in SEVERITIES for each in _RULES if each.severity == by}
"""Every rule by name, in the order of the report."""


RECORD = "/catalog.ttl"  # where `publish` writes it
_MAX_TEXT = 60  # characters of untrusted text in a problem
_MAX_REDIRECTS = 5  # redirects that are followed
_LEAVE = "leave the site"


class Crawl:
    """The state of one inspection.

    Args:
        source: the site to read.
        paths: the paths that are known to exist.
        limit: the most addresses of a kind to request beyond the documents read; None for all.
    """

    def __init__(self, source: Source, *, paths: Iterable[str], limit: int | None = None) -> None:
        self.source, self.urls = source, SiteUrls(source.address, "")
        self.paths = set(paths)
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.links: dict[str, list[str]] = {}  # by target, the pages that link there
        self.iris: dict[str, str] = {}  # each IRI of the site to the document that names it first
        self.terms: dict[str, str] = {}  # likewise, the IRIs used as terms
        self.names_only: set[str] = set()  # IRIs of versions, graphs, what was replaced: without documents
        self.ids: dict[str, set[str]] = {}  # of each page read
        self.signposts: dict[str, set[tuple[str, str, str]]] = {}  # of each page, relations, URLs, types
        self.digests: dict[str, str] = {}  # the SHA-256 of each document of a folder that was read
        self.unlisted: set[str] = set()  # pages that say that search engines may not list them
        self.fingerprints: dict[str, tuple[str, frozenset[Any]]] = {}  # by path without suffix
        self.record = RECORD  # the path of the catalogue record
        self.own = ""  # the public address of the site, where it is known
        self.languages = {*languages()}  # in which there may be pages, by tag
        self._limit = limit
        self._exists: dict[str, bool] = {}

    def fault(self, rule: str, where: str, problem: str) -> None:
        """Add a finding; pass untrusted text in the problem through `shorten` first."""
        if not isinstance(self.source, Web):
            problem = problem.replace(self.source.address, "/")  # which is made up
        self.findings.append(Finding(rule, printable(where), printable(problem), RULES[rule].fix))

    @cached_property
    def _folded(self) -> set[str]:
        return {*map(folded, self.paths)}

    def has_twin(self, path: str) -> bool:
        """Whether a folder lacks a file and has one whose name differs by case alone, its twin to many."""
        return not isinstance(self.source, Web) and path not in self.paths and folded(path) in self._folded

    def check_own(self, where: str, address: str) -> None:
        """Check that what a document calls an address of this site is one."""
        if self.own and not address.startswith(self.own):
            self.fault("own-address", where, f"It names {shorten(address)}, not below {shorten(self.own)}.")

    def read(self, path: str, accept: str = "") -> Fetched:
        """Fetch a path, following redirects on this site; add a finding when it cannot be fetched."""
        answer, why = self._followed(path, accept)
        if why:
            location = shorten(answer.headers.get("location", ""))
            self.fault("redirects", path, f"The redirects {why}: the last leads to {location}.")
            return Fetched(0, problem="redirects")
        self._exists[path] = answer.status == 200
        if not answer.status:
            rule = "size-limit" if answer.problem.startswith("It has ") else "reachable"
            self.fault(rule, path, answer.problem)
        elif answer.status >= 500:
            self.fault("reachable", path, f"The server answers {answer.status}.")
        return answer

    def _followed(self, path: str, accept: str = "", **how: Any) -> tuple[Fetched, str]:
        """The last answer for a path, by redirects on this site, and why that is not the end of them."""
        answer, where, seen = self.source.get(path, accept, **how), path, {path}
        while answer.status in (301, 302, 303, 307, 308):
            location = answer.headers.get("location", "")
            target = self.urls.path(self.urls.resolve(location, where))
            if target is None or target in seen or len(seen) > _MAX_REDIRECTS:
                return answer, "form a loop" if target in seen else "do not end" if target else _LEAVE
            seen.add(target)
            answer, where = self.source.get(target, accept, **how), target
        return answer, ""

    def sample(self, addresses: list[str]) -> list[str]:
        """Pick as many addresses as the limit allows, evenly spaced."""
        if self._limit is None or len(addresses) <= self._limit:
            return addresses
        self.counts["not looked at"] += len(addresses) - self._limit
        return pick(addresses, self._limit, lambda _: "")

    def exists(self, path: str) -> bool:
        """Whether a path has a document."""
        if path in self.paths:
            return True
        if not isinstance(self.source, Web):
            return path.endswith("/") and f"{path}index.html" in self.paths
        if path not in self._exists:
            answer, why = self._followed(path, method="HEAD")
            if answer.status in (405, 501):  # the server knows no HEAD
                answer, why = self._followed(path)
            self._exists[path] = answer.status in (200, 410) or why == _LEAVE  # with what was removed
        return self._exists[path]


def is_404(path: str) -> bool:
    """Whether a page is the server's 404 page, which is shown at any address."""
    return path.startswith("/404.")


def shorten(text: str) -> str:
    """Make untrusted text fit for a report: one short line without control characters."""
    return text_shorten(printable(text), _MAX_TEXT)


def pick(paths: Iterable[str], count: int, kind: Callable[[str], str]) -> list[str]:
    """Pick `count` paths of each kind, evenly spaced; 0 for all."""
    chosen = []
    for group in grouped((kind(path), path) for path in paths).values():
        most = min(count or len(group), len(group))
        chosen += [group[round(number * (len(group) - 1) / max(1, most - 1))] for number in range(most)]
    return chosen
