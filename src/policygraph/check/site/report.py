"""List the rules for a published linked-data site, and report findings with their fixes.

`RULES` is the whole list; the rules come from RFC 9110 (HTTP), RFC 8288 (Link), the W3C's Cool URIs
and Data on the Web Best Practices, DCAT-AP 3, VoID and HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from policygraph.text import table

_SHOWN = 10  # findings of one rule in a report for people
COUNTS = {
    "pages": "pages read",
    "data documents": "data documents read",
    "other documents": "other documents read",
    "triples": "triples read",
    "links": "links followed",
    "anchors": "anchors read",
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
    """A rule: its name, what it requires, and how to fix a violation."""

    name: str
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
    """The report of an inspection: what was read, and every finding.

    Args:
        place: the folder or the web address.
        base: the base of the site's IRIs.
        counts: how much was read, by name in `COUNTS`.
        findings: in the order of the rules.
    """

    place: str
    base: str
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def clean(self) -> bool:
        """Whether there is no finding."""
        return not self.findings

    def text(self, width: int | None = None) -> str:
        """Format for people: a table of counts, and each broken rule with its fix and its findings."""
        counts = [[COUNTS.get(name, name), f"{count:,}"] for name, count in self.counts.items()]
        counts.append(["findings", f"{len(self.findings):,}"])
        parts = [table(("what", "number"), counts, width=width, right=(False, True))]
        by_rule: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_rule.setdefault(finding.rule, []).append(finding)
        for rule, findings in by_rule.items():
            lines = [f"{rule}: {RULES[rule].asks}.", f"  Fix: {findings[0].fix}"]
            lines += [f"  {each.where}: {each.problem}" for each in findings[:_SHOWN]]
            if len(findings) > _SHOWN:
                lines.append(f"  … and {len(findings) - _SHOWN:,} more.")
            parts.append("\n".join(lines) + "\n")
        if self.clean:
            parts.append(f"{self.place} passes every rule.\n")
        return "\n".join(parts)

    def json(self) -> bytes:
        """Format as JSON: every finding with its rule, where it is, the problem and the fix."""
        report: dict[str, Any] = {
            "place": self.place,
            "base": self.base,
            "clean": self.clean,
            "counts": {**self.counts, "findings": len(self.findings)},
            "findings": [finding._asdict() for finding in self.findings],
        }
        return (json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "replace")


_TABLE = (
    # Fetching
    ("reachable", "Every address answers", "Look in the server's log, or publish the folder again."),
    ("size-limit", "Documents are small enough to read", "Split the document, or offer it as a .gz dump."),
    ("redirects", "Redirects lead to a document of this site", "Redirect straight to the document."),
    # Pages
    ("dead-link", "Every link leads readers to a document", "Correct the link, or publish its target."),
    ("anchor", "Every #fragment is an id on its page", "Give the element that id, or correct the link."),
    ("page-licence", "Every page names its licence", 'Add a link with rel="license".'),
    ("alternate", "A page links its data and translations", 'Add a <link rel="alternate"> for each.'),
    ("canonical", "A canonical link is the page's own URL", "Write the base followed by the page's path."),
    # Data
    ("not-rdf", "Data documents can be parsed", "Correct the document where the problem says."),
    ("content", "A document's content fits its suffix", "Publish the right content at this name."),
    ("topic", "A data document describes its topic", "Write the topic's own triples into the document."),
    ("formats-differ", "All formats of a document hold the same graph", "Write all formats from one graph."),
    ("label", "The topic of a document has a label", "Give the resource a label in each language."),
    ("literal-language", "Labels and texts have a language tag", "Add a language tag to the literal."),
    ("data-licence", "Every data document names its licence", "Add dct:license to the document."),
    ("iri", "Every IRI of the site has a document", "Publish the document, or correct the IRI in the data."),
    ("term", "Every term used has an anchor in the reference", "Document the term in the ontology."),
    # Record and dumps
    ("record", "There is a catalogue record, /catalog.ttl", "Publish the record with its dcat:Catalog."),
    ("dcat-ap", "The record conforms to DCAT-AP 3", "Complete the record as the message says."),
    ("distribution", "Every distribution in the record exists", "Publish the file, or correct the record."),
    ("distribution-type", "The record has the file's media type", "Correct dcat:mediaType or the suffix."),
    ("byte-size", "The record has the file's size", "Write the record after the file, with its size."),
    ("checksum", "Checksums match the files", "Publish the file again and write its SHA-256 afterwards."),
    ("unsummed", "Every dump has a checksum", "Add the file to SHA256SUMS."),
    ("dumps-differ", "All dumps of a dataset hold the same triples", "Write all dumps from the same store."),
    ("packed", "A .gz file is intact and decompresses to a reasonable size", "Compress the file again."),
    ("void", "VoID counts match the data", "Count again when the data have changed."),
    # Crawlers
    (
        "sitemap",
        "The sitemap lists every page, and nothing else",
        "Write the sitemap from the list of pages.",
    ),
    # HTTP
    ("see-other", "The IRI of a resource gets 303 to its document", "Redirect /id/… with 303 to /doc/…."),
    ("media-type", "A document has the media type of its suffix", "Map suffixes to types in the server."),
    ("negotiation", "A response has the media type that Accept asks for", "Choose the format by Accept."),
    ("vary", "A negotiated response has Vary: Accept", "Send Vary: Accept wherever Accept decides."),
    ("content-location", "A negotiated response names its document", "Send Content-Location."),
    ("link-header", "A Link header names the other formats", 'Send Link with rel="alternate".'),
    ("not-acceptable", "An unavailable format gets 406", "Respond with 406 and list the available types."),
    ("not-found", "A missing document gets 404", "Respond with 404 and a page that helps people on."),
    ("cors", "Scripts of other sites may read documents (CORS)", "Send Access-Control-Allow-Origin: *."),
)

RULES: Mapping[str, Rule] = {row[0]: Rule(*row) for row in _TABLE}
"""Every rule by name, in the order of the report."""
