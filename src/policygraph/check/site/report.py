"""List the rules for a published linked-data site, and report findings with their fixes.

`RULES` is the whole list, from `rules.tsv`; the rules come from RFC 9110 (HTTP), RFC 8288 (Link), the W3C's
Cool URIs and Data on the Web Best Practices, DCAT-AP 3, VoID and HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from policygraph.text import table

_SHOWN = 3  # findings of one rule in a report for people
SEVERITIES = ("error", "warning", "hint")

COUNTS = {
    "pages": "pages read",
    "data documents": "data documents read",
    "other documents": "other documents read",
    "triples": "triples read",
    "links": "links followed",
    "iris": "IRIs of the site looked up",
    "dumps": "dumps opened",
    "checksums": "checksums computed",
    "counts": "VoID counts recomputed",
    "negotiations": "negotiated requests",
    "requests": "requests",
    "not looked at": "addresses not requested",
}
"""What an inspection counts, and the label of each count in a report for people."""


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
        return not any(RULES[finding.rule].severity == "error" for finding in self.findings)

    def text(self, width: int | None = None) -> str:
        """Format for people: a table of counts, and each broken rule with its fix and its findings."""
        counts = [[COUNTS.get(name, name), f"{count:,}"] for name, count in self.counts.items()]
        counts.append(["findings", f"{len(self.findings):,}"])
        parts = [table(("what", "number"), counts, width=width, right=(False, True))]
        by_rule: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_rule.setdefault(finding.rule, []).append(finding)
        for rule, findings in by_rule.items():
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


_LINES = (Path(__file__).parent / "rules.tsv").read_text(encoding="utf-8").splitlines()
RULES: Mapping[str, Rule] = {rule.name: rule for rule in (Rule(*line.split("\t")) for line in _LINES)}
"""Every rule by name, in the order of the report."""
