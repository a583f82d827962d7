"""How the server of a site behaves: what it answers to whom, for some things of every kind.

The rules are those of RFC 9110 (HTTP), RFC 8288 (Link), CORS (https://fetch.spec.whatwg.org/) and the W3C's
Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from policygraph.check.site.crawl import Crawl, shorten
from policygraph.check.site.fetch import MEDIA, Fetched, unpacked

_NOWHERE = "/doc/there-is/nothing-here"
_TEXT = ("text/html", "text/turtle", "text/csv", "text/tab-separated-values", "text/plain", "text/css")
_SAME = ("content-type", "etag", "vary", "content-location", "location", "link", "cache-control")
_DOCUMENTS = ("/data/", "/download/", "/query/")


def negotiation(survey: Crawl, path: str, suffixes: Iterable[str]) -> None:
    """Prove how a thing, or a document in several forms, is answered; `suffixes` are those of its forms."""
    is_thing = path.count("/") > 1 and not path.startswith(_DOCUMENTS)
    status = 303 if is_thing else 200
    for suffix in suffixes:
        _asked(survey, path, MEDIA[suffix], status)
    if ".ttl" in suffixes:
        _asked(survey, path, "", status)
    _asked(survey, path, "*/*", status)
    _refused(survey, path)
    _like_get(survey, path, accept="text/html")


def document(survey: Crawl, path: str, answer: Fetched) -> None:
    """Prove the headers of a document that was read, and what goes with them."""
    suffix = "." + path.rpartition(".")[2]
    wanted = MEDIA.get(suffix)
    if suffix in (".json", ".xml") and not path.startswith("/query/"):
        wanted = None
    said = answer.headers.get("content-type", "")
    if wanted and answer.media != wanted and not (suffix == ".js" and answer.media.endswith("/javascript")):
        survey.fault("media-type", path, f"It comes as {shorten(said) or 'nothing'}, and it is {wanted}.")
    elif answer.media in _TEXT and "charset=utf-8" not in said.lower().replace('"', "").replace(" ", ""):
        survey.fault("charset", path, f"Its Content-Type is {shorten(said)}, without charset=utf-8.")
    _open(survey, path, answer)
    tag = answer.headers.get("etag", "")
    if not tag:
        survey.fault("validator", path, "It has no ETag.")
    else:
        again = survey.place.get(path, if_none_match=tag)
        if again.status != 304:
            survey.fault(
                "validator", path, f"Asked again with its ETag, it comes with {again.status}, not 304."
            )
    _packed(survey, path, answer)
    _like_get(survey, path)


def not_found(survey: Crawl) -> None:
    """Prove what is answered where nothing is."""
    for accept in ("text/html", "text/turtle"):
        answer = survey.place.get(_NOWHERE, accept=accept)
        if answer.status != 404:
            survey.fault("not-found", _NOWHERE, f"Nothing is there, and the answer is {answer.status}.")
            return


def _asked(survey: Crawl, path: str, accept: str, status: int) -> None:
    where = f"{path} ({accept or 'no Accept'})"
    answer = survey.place.get(path, **({"accept": accept} if accept else {}))
    survey.counts["negotiations"] += 1
    if not answer.status or answer.status >= 500:
        survey.fault("reachable", where, answer.problem or f"The server answers {answer.status}.")
        return
    if answer.status != status:
        rule = "see-other" if status == 303 else "negotiation"
        survey.fault(rule, where, f"The answer is {answer.status}, not {status}.")
        if answer.status not in (301, 302, 307, 308):
            return
    vary = {each.strip().lower() for each in answer.headers.get("vary", "").split(",")}
    if not vary & {"accept", "*"}:
        survey.fault("vary", where, f"Vary is {shorten(answer.headers.get('vary', '')) or 'missing'}.")
    if status == 303:
        answer = _followed(survey, path, where, answer)
    elif not answer.headers.get("content-location"):
        survey.fault("content-location", where, "There is no Content-Location.")
    elif survey.map.path(survey.map.resolved(_own(survey, answer.headers["content-location"]), path)) is None:
        where_to = shorten(answer.headers["content-location"])
        survey.fault("content-location", where, f"Content-Location is {where_to}, not on this site.")
    if answer.status == 200:
        wanted = {"": "text/turtle", "*/*": "text/html"}.get(accept, accept)
        if answer.media != wanted:
            survey.fault(
                "negotiation", where, f"The answer is {shorten(answer.media) or 'of no type'}, not {wanted}."
            )
        if not re.search('rel="?alternate', answer.headers.get("link", "")):
            survey.fault("link-header", where, "No Link header names the other formats.")
        _open(survey, where, answer)


def _followed(survey: Crawl, path: str, where: str, answer: Fetched) -> Fetched:
    """The document that a thing's answer sends to."""
    location = answer.headers.get("location", "")
    target = survey.map.path(survey.map.resolved(_own(survey, location), path)) if location else None
    if target is None:
        why = f"Location leaves this site: {shorten(location)}." if location else "There is no Location."
        survey.fault("redirects", where, why)
        return Fetched(0)
    goal = survey.place.get(target)
    if goal.status in (301, 302, 303, 307, 308):
        survey.fault("redirects", where, f"The document {shorten(target)} redirects once more.")
    elif goal.status != 200:
        survey.fault("iri", where, f"It leads to {shorten(target)}, which answers {goal.status}.")
    return goal


def _own(survey: Crawl, address: str) -> str:
    """An address in a header: one of the public base is meant for this place."""
    path = survey.map.path(address)
    return address if path is None else survey.map.address + path[1:]


def _refused(survey: Crawl, path: str) -> None:
    """What is answered to who asks for what is not there, or wants to write."""
    answer = survey.place.get(path, accept="image/x-none")
    if answer.status != 406:
        survey.fault("not-acceptable", path, f"Asked for image/x-none, the server answers {answer.status}.")
    answer = survey.place.get(path, method="OPTIONS")
    if answer.status not in (200, 204) or "GET" not in answer.headers.get("allow", ""):
        allow = shorten(answer.headers.get("allow", "")) or "missing"
        survey.fault("options", path, f"To OPTIONS the answer is {answer.status}, and Allow is {allow}.")
    answer = survey.place.get(path, method="POST")
    if answer.status != 405:
        survey.fault("method", path, f"To POST the answer is {answer.status}, not 405.")
    elif "GET" not in answer.headers.get("allow", ""):
        survey.fault("method", path, "The answer 405 to POST does not say in Allow what may be done.")


def _like_get(survey: Crawl, path: str, **headers: str) -> None:
    get, head = (survey.place.get(path, method=method, **headers) for method in ("GET", "HEAD"))
    if get.status != head.status:
        survey.fault("head", path, f"GET is answered with {get.status}, HEAD with {head.status}.")
        return
    for name in _SAME:
        if get.headers.get(name) != head.headers.get(name):
            survey.fault("head", path, f"HEAD and GET have different headers {name}.")
            return
    length = head.headers.get("content-length")
    if length is not None and get.status == 200 and length != str(len(get.body)):
        survey.fault("head", path, f"HEAD promises {shorten(length)} bytes, and GET brings {len(get.body)}.")


def _open(survey: Crawl, where: str, answer: Fetched) -> None:
    if answer.headers.get("access-control-allow-origin") != "*":
        survey.fault("cors", where, "There is no Access-Control-Allow-Origin: *.")
    elif answer.headers.get("access-control-allow-credentials"):
        survey.fault("cors", where, "Credentials are allowed, which no open data need.")
    if answer.headers.get("x-content-type-options", "").lower() != "nosniff":
        survey.fault("nosniff", where, "There is no X-Content-Type-Options: nosniff.")


def _packed(survey: Crawl, path: str, answer: Fetched) -> None:
    """That a document is the same when it is compressed on its way, and a .gz file not unpacked on it."""
    if path.endswith(".gz"):
        if answer.headers.get("content-encoding"):
            survey.fault(
                "compression", path, "It comes with Content-Encoding, and clients would unpack the file."
            )
        return
    packed = survey.place.get(path, accept_encoding="gzip")
    body = packed.body
    if packed.headers.get("content-encoding", "") == "gzip":
        try:
            body = unpacked(body)
        except ValueError as error:
            survey.fault("compression", path, str(error))
            return
        tag = packed.headers.get("etag", "W/")
        if tag == answer.headers.get("etag") and not tag.startswith("W/"):
            survey.fault("compression", path, "Compressed and plain, it has the same strong ETag.")
        if "accept-encoding" not in packed.headers.get("vary", "").lower():
            survey.fault("compression", path, "It is compressed for who asks, without Vary: Accept-Encoding.")
    if body != answer.body:
        survey.fault("compression", path, "Compressed, it is another document.")
