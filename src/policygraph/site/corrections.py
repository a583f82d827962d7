"""Link each claim to where its mistakes are told, and list the claims that contradict or replace another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from policygraph.catalog.resource import Claim
from policygraph.site.context import SiteContext
from policygraph.site.noted import once

PAGE = "/corrections"
"""The abstract path of the page that lists them."""

_REPLACED = """SELECT ?claim ?before ?subject {
  ?claim dct:replaces|^dct:isReplacedBy|prov:wasRevisionOf ?before ; rdf:subject ?subject .
  FILTER(isIRI(?claim) && isIRI(?before)) }"""
_MOST = 5  # passages in a message, which is as long as an address may be


class Correction(NamedTuple):
    """A claim, that which it contradicts or replaces, and the id of both on the page."""

    claim: Claim
    before: str
    replaces: bool
    anchor: str


@once
def corrections(context: SiteContext, language: str) -> list[Correction]:
    """The claims that contradict or replace others, the latest first."""
    asked = ((False, context.ask("disagreements")), (True, context.counted(_REPLACED)))
    found = {
        (row["claim"].value, row["before"].value): (row["subject"].value, replaces)
        for replaces, rows in asked
        for row in rows
    }
    subjects = sorted({subject for subject, _ in found.values()})
    claims = {each.iri: each for about in context.resources(subjects, language) for each in about.claims}
    # No IRI has a bar, so that no two have one id.
    ids = {both: "|".join(iri.removeprefix(context.base) for iri in both) for both in found}
    listed = [Correction(claims[c], b, how, ids[c, b]) for (c, b), (_, how) in found.items() if c in claims]
    return sorted(listed, key=lambda each: (each.claim.created, each.claim.iri, each.before), reverse=True)


def has_page(context: SiteContext) -> bool:
    """Whether there is a page of corrections: where they can be told, or there are some."""
    return bool(context.settings.corrections or corrections(context, context.languages[0]))


def message(context: SiteContext, iri: str, passages: Iterable[str], language: str) -> str:
    """A link that begins a message on a claim, with the version of its dataset and passages; "" for none."""
    to, t = context.settings.corrections, context.words(language)
    if not to:
        return ""
    record = context.dataset_of(iri)  # of a page in a folder, a script adds the version
    version = f", {t['version']} {record['version']}" if record.get("version") else ""
    title = f"{t['wrong']}: {context.labels.of(iri, language).text}"
    lines = [iri, f"{record.get('iri', '')}{version}", *[*passages][:_MOST]]
    body = "\n".join(filter(None, lines)) + "\n\n"
    names = ("subject", "body") if to.startswith("mailto:") else ("title", "body")
    asked = urlencode(dict(zip(names, (title, body), strict=True)), quote_via=quote)
    return f"{to}{'&' if '?' in to else '?'}{asked}"
