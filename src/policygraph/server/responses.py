"""What an HTTP answer is made of, and how it goes out: validators, compression and the headers of each kind.

The rules are those of RFC 9110 (HTTP) and RFC 8288 (Link).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias
from urllib.parse import quote

from policygraph.server.negotiation import gzip_accepted
from policygraph.server.protocol import Scope, Send
from policygraph.site import headers
from policygraph.site.headers import MIN_GZIP
from policygraph.site.site import Page

Headers: TypeAlias = list[tuple[bytes, bytes]]

NEGOTIATED = (b"vary", b"Accept, Accept-Encoding, Accept-Language")
FIXED = (b"vary", b"Accept-Encoding")
REVALIDATE = (b"cache-control", headers.REVALIDATE.encode())
NOT_KEPT = (b"cache-control", b"no-store")

METHODS = headers.METHODS.encode()
ALWAYS: Headers = [(name.encode(), value.encode()) for name, value in headers.ALWAYS.items()]
PREFLIGHT: Headers = [
    (b"allow", METHODS),
    *((name.encode(), value.encode()) for name, value in headers.PREFLIGHT.items()),
]
NOTHING_LOADS = headers.NOTHING_LOADS.encode()
_IN_LINKS = "!#$%&'()*+,/:;=?@[]~"
_READ = frozenset((b"accept", b"accept-encoding", b"accept-language", b"if-none-match"))


class Response(NamedTuple):
    """A status, headers and a body, which may be there gzipped too; `tag` names what a client may keep."""

    status: int
    headers: Headers
    body: bytes = b""
    zipped: bytes = b""
    tag: str = ""


def page_response(status: int, page: Page, *headers: tuple[bytes, bytes]) -> Response:
    """A page with the headers that follow from what it is, and others."""
    is_html = page.media == "text/html"
    charset = "; charset=utf-8" if page.media.startswith("text/") else ""
    own: Headers = [
        (b"content-type", f"{page.media}{charset}".encode()),
        (b"content-security-policy", page.policy.encode() if is_html else NOTHING_LOADS),
        *link_header(page.links),
    ]
    if page.language:
        own.append((b"content-language", page.language.encode()))
    return Response(status, [*ALWAYS, *own, *headers], page.body)


def text_response(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Response:
    """A sentence for a person or a program; not to be kept unless `headers` say otherwise."""
    kept = any(name == b"cache-control" for name, _ in headers)
    page = Page(f"{sentence}\n".encode("utf-8", "replace"), "text/plain")
    return page_response(status, page, *headers, *(() if kept else (NOT_KEPT,)))


def with_etag(made: Response) -> Response:
    """A reply with the validator of its body, and the body gzipped where that is worth it."""
    packed = made.body.startswith(b"\x1f\x8b")  # a .gz file
    worth = len(made.body) >= MIN_GZIP and not packed
    zipped = gzip.compress(made.body, 6, mtime=0) if worth else b""
    return made._replace(tag=hashlib.sha256(made.body).hexdigest()[:32], zipped=zipped)


def refused_method(method: str) -> Response | None:
    """The reply to a method that does not read: to OPTIONS what may be done, else that it may not."""
    if method in ("GET", "HEAD"):
        return None
    if method == "OPTIONS":
        return Response(204, [*ALWAYS, *PREFLIGHT])
    return text_response(405, f"{quote(method[:20])} does nothing here; use GET.", (b"allow", METHODS))


def link_header(found: Iterable[tuple[str, str, str]]) -> Headers:
    """A Link header for (rel, href, media type) triples; none for none."""
    told = [
        f'<{quote(href, safe=_IN_LINKS)}>; rel="{rel}"' + (f'; type="{media}"' if media else "")
        for rel, href, media in found
    ]
    return [(b"link", ", ".join(told).encode("ascii"))] if told else []


def request_headers(scope: Scope) -> dict[str, str]:
    """The headers of a request that matter here; one that comes twice is a list (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in _READ:
            key, text = name.decode(), value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


async def send_response(made: Response, scope: Scope, send: Send) -> None:
    """Send a reply: not again to who has it, gzipped to who takes that, without its body to HEAD."""
    asked = request_headers(scope)
    status, headers, body = made.status, made.headers, made.body
    if made.zipped and gzip_accepted(asked.get("accept-encoding")):
        body, headers = made.zipped, [*headers, (b"content-encoding", b"gzip")]
    if made.tag:
        # A strong validator is for one sequence of bytes, and each coding of a body is another.
        tag = f'"{made.tag}-gzip"' if body is not made.body else f'"{made.tag}"'
        headers = [*headers, (b"etag", tag.encode())]
        if _names(asked.get("if-none-match", ""), made.tag):
            status = 304
            headers = [each for each in headers if each[0] not in (b"content-type", b"content-encoding")]
    if status in (204, 304):
        body = b""
    else:
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _names(known: str, tag: str) -> bool:
    """Whether an If-None-Match names the tag, by weak comparison (RFC 9110, section 13.1.2)."""
    names = {part.strip().removeprefix("W/").strip('"') for part in known.split(",")}
    return "*" in names or bool({tag, f"{tag}-gzip"} & names)
