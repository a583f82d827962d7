"""Check the Signposting of the datasets' pages, and the RO-Crates of their folders, against what is there."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from policygraph.check.site.fetch import Fetched
from policygraph.check.site.report import Crawl, shorten
from policygraph.site.urls import document_stem
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows

# A dataset with a fragment shares its page with others.
_OFFERED = """SELECT DISTINCT ?iri { ?iri a dcat:Dataset ; dcat:distribution []
  FILTER(isIRI(?iri) && !CONTAINS(STR(?iri), "#")) }"""


def check_signposts(crawl: Crawl, record: EmbeddedStore) -> None:
    """Check that the page of each dataset with files names its identifier and has its linkset's links."""
    for iri in sorted(row["iri"].value for row in rows(record, _OFFERED)):
        page = f"{document_stem(crawl.urls.path(iri) or '/')}.html"
        if page not in crawl.signposts:
            continue
        here = {(rel, crawl.urls.path(to) or to) for rel, to in crawl.signposts[page]}
        if ("cite-as", crawl.urls.path(iri)) not in here:
            crawl.fault("signposting", page, f"No link with rel=cite-as names {shorten(iri)}.")
        for _, where in sorted(each for each in here if each[0] == "linkset" and crawl.exists(each[1])):
            try:
                for rel, to in _links(crawl, crawl.read(where), page) - here:
                    crawl.fault("signposting", page, f"It lacks the {rel} of {where}: {shorten(to)}.")
            except (ValueError, LookupError, TypeError, AttributeError):
                crawl.fault("signposting", where, "It is not a linkset, a JSON document as of RFC 9264.")


def _links(crawl: Crawl, answer: Fetched, page: str) -> set[tuple[str, str]]:
    """The relations and targets that a linkset has for a page."""
    return {
        (rel, crawl.urls.path(each["href"]) or each["href"])
        for context in json.loads(answer.body)["linkset"]
        if crawl.urls.path(context["anchor"]) == page
        for rel, targets in context.items()
        if rel != "anchor"
        for each in targets
    }


def check_crate(crawl: Crawl, path: str, crate: Any) -> str:
    """Check the files of an RO-Crate, their sizes and SHA-256; return what is wrong with the whole of it."""
    try:
        parts = {each["@id"]: each for each in crate["@graph"]}
        for name in [each["@id"] for each in parts["./"]["hasPart"]]:
            where = crawl.urls.path(crawl.urls.resolve(name, path))
            if where is None:
                continue
            if not crawl.exists(where):
                crawl.fault("crate", path, f"It names {shorten(name)}, which does not exist.")
                continue
            body = crawl.read(where).body
            actual = {"contentSize": str(len(body)), "sha256": hashlib.sha256(body).hexdigest()}
            if wrong := [key for key in actual if parts[name].get(key, actual[key]) != actual[key]]:
                crawl.fault("crate", path, f"{shorten(name)} has another {' and '.join(wrong)}.")
    except (LookupError, TypeError, AttributeError):
        return "It is not an RO-Crate: a JSON document with a @graph, where ./ has parts."
    return ""
