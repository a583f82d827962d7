"""Check the server of a site: status codes, headers and content negotiation.

The rules are those of RFC 9110 (HTTP), RFC 8288 (Link), CORS (https://fetch.spec.whatwg.org/) and the W3C's
Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from policygraph.check.site.crawl import Crawl, shorten
from policygraph.check.site.fetch import MEDIA, Fetched
from policygraph.site.urls import is_document

_MISSING = "/doc/there-is/nothing-here"


def check_negotiation(crawl: Crawl, path: str, suffixes: Iterable[str]) -> None:
    """Check the responses for a resource, or a document in several formats with these suffixes."""
    status = 200 if is_document(path) else 303
    for suffix in suffixes:
        _check_response(crawl, path, MEDIA[suffix], status)
    if ".ttl" in suffixes:
        _check_response(crawl, path, "", status)
    _check_response(crawl, path, "*/*", status)
    answer = crawl.source.get(path, accept="image/x-none")
    if answer.status != 406:
        crawl.fault("not-acceptable", path, f"Accept: image/x-none gets {answer.status}, not 406.")


def check_document(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check the headers of a document that was read."""
    suffix = "." + path.rpartition(".")[2]
    wanted = MEDIA.get(suffix)
    if suffix in (".json", ".xml") and not path.startswith("/query/"):
        wanted = None
    if wanted and answer.media != wanted and not (suffix == ".js" and answer.media.endswith("/javascript")):
        media = shorten(answer.media) or "missing"
        crawl.fault("media-type", path, f"Its Content-Type is {media}, not {wanted}.")
    _check_cors(crawl, path, answer)


def check_not_found(crawl: Crawl) -> None:
    """Check the response for a missing document."""
    for accept in ("text/html", "text/turtle"):
        answer = crawl.source.get(_MISSING, accept=accept)
        if answer.status != 404:
            crawl.fault("not-found", _MISSING, f"A missing document gets {answer.status}, not 404.")
            return


def _check_response(crawl: Crawl, path: str, accept: str, status: int) -> None:
    where = f"{path} ({accept or 'no Accept'})"
    answer = crawl.source.get(path, accept)
    crawl.counts["negotiations"] += 1
    if not answer.status or answer.status >= 500:
        crawl.fault("reachable", where, answer.problem or f"The server answers {answer.status}.")
        return
    if answer.status != status:
        rule = "see-other" if status == 303 else "negotiation"
        crawl.fault(rule, where, f"The status is {answer.status}, not {status}.")
        if answer.status not in (301, 302, 307, 308):
            return
    vary = {each.strip().lower() for each in answer.headers.get("vary", "").split(",")}
    if not vary & {"accept", "*"}:
        crawl.fault("vary", where, f"Vary is {shorten(answer.headers.get('vary', '')) or 'missing'}.")
    if status == 303:
        answer = _follow(crawl, path, where, answer)
    elif not answer.headers.get("content-location"):
        crawl.fault("content-location", where, "There is no Content-Location.")
    elif crawl.urls.path(crawl.urls.resolve(_local(crawl, answer.headers["content-location"]), path)) is None:
        where_to = shorten(answer.headers["content-location"])
        crawl.fault("content-location", where, f"Content-Location is {where_to}, not on this site.")
    if answer.status == 200:
        wanted = {"": "text/turtle", "*/*": "text/html"}.get(accept, accept)
        if answer.media != wanted:
            media = shorten(answer.media) or "missing"
            crawl.fault("negotiation", where, f"The media type is {media}, not {wanted}.")
        if not re.search('rel="?alternate', answer.headers.get("link", "")):
            crawl.fault("link-header", where, "No Link header names the other formats.")
        _check_cors(crawl, where, answer)


def _follow(crawl: Crawl, path: str, where: str, answer: Fetched) -> Fetched:
    location = answer.headers.get("location", "")
    target = crawl.urls.path(crawl.urls.resolve(_local(crawl, location), path)) if location else None
    if target is None:
        why = f"Location leads off this site: {shorten(location)}." if location else "There is no Location."
        crawl.fault("redirects", where, why)
        return Fetched(0)
    document = crawl.source.get(target)
    if document.status in (301, 302, 303, 307, 308):
        crawl.fault("redirects", where, f"The document {shorten(target)} redirects once more.")
    elif document.status != 200:
        crawl.fault("iri", where, f"It leads to {shorten(target)}, which answers {document.status}.")
    return document


def _local(crawl: Crawl, address: str) -> str:
    """The URL to fetch for a URL in a header: the public base is replaced by the address that is checked."""
    path = crawl.urls.path(address)
    return address if path is None else crawl.urls.address + path[1:]


def _check_cors(crawl: Crawl, where: str, answer: Fetched) -> None:
    if answer.headers.get("access-control-allow-origin") != "*":
        crawl.fault("cors", where, "There is no Access-Control-Allow-Origin: *.")
