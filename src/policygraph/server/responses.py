"""Make and send HTTP responses: headers, ETags, compression, and a cache (RFC 9110, RFC 8288)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs, quote

from policygraph.server.negotiation import MIN_GZIP, gzip_accepted
from policygraph.site import rendering
from policygraph.site.rendering import Page

# The types of ASGI 3 (https://asgi.readthedocs.io/en/latest/specs/main.html).
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]

NEGOTIATED = (b"vary", b"Accept, Accept-Encoding, Accept-Language")
FIXED = (b"vary", b"Accept-Encoding")
REVALIDATE = (b"cache-control", rendering.REVALIDATE.encode())
NO_STORE = (b"cache-control", b"no-store")

METHODS = rendering.METHODS
ALWAYS: Headers = [(name.encode(), value.encode()) for name, value in rendering.ALWAYS.items()]
NOTHING_LOADS = rendering.NOTHING_LOADS.encode()
_GZIP = b"\x1f\x8b"  # how a gzip file begins
PART = 1_000_000  # bytes of a body that are sent at once
_PART_TIME = 60.0  # seconds for a client to take them
_IN_LINKS = "!#$%&'()*+,/:;=?@[]~"
_USED = frozenset(
    b"accept accept-encoding accept-language if-none-match"
    b" content-encoding content-length content-type".split()
)


class Response(NamedTuple):
    """A status, headers and a body, perhaps gzipped too; `etag` is its validator if it may be cached.

    `cut` is true when the body is a part that will do.
    """

    status: int
    headers: Headers
    body: bytes = b""
    gzipped: bytes = b""
    etag: str = ""
    cut: bool = False


class Refusal(Exception):  # noqa: N818  it becomes a response
    """A request that is answered with an error status and a sentence."""

    def __init__(self, status: int, sentence: str, *headers: tuple[bytes, bytes]) -> None:
        self.response = text_response(status, sentence, *headers)


def page_response(status: int, page: Page, *headers: tuple[bytes, bytes]) -> Response:
    """A response with a page, the headers that follow from its media type, and others."""
    own_policy = page.media == "text/html" or page.policy == rendering.FRAMED_ANYWHERE
    own: Headers = [
        (b"content-type", rendering.content_type(page.media).encode()),
        (b"content-security-policy", page.policy.encode() if own_policy else NOTHING_LOADS),
        *link_header(page.links),
    ]
    if page.language:
        own.append((b"content-language", page.language.encode()))
    return Response(status, [*ALWAYS, *own, *headers], page.body)


def text_response(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Response:
    """A response with a sentence as plain text; not to be cached unless `headers` say otherwise."""
    cached = any(name == b"cache-control" for name, _ in headers)
    page = Page(f"{sentence}\n".encode("utf-8", "replace"), "text/plain")
    return page_response(status, page, *headers, *(() if cached else (NO_STORE,)))


def redirect(status: int, address: str, *headers: tuple[bytes, bytes]) -> Response:
    """A redirect to another address, which caches may keep."""
    location = (b"location", address.encode("latin-1"))
    return text_response(status, f"See {address}", *headers, location, REVALIDATE)


def with_etag(response: Response) -> Response:
    """The response with the ETag of its body, and with the body gzipped where that makes it smaller."""
    body = response.body
    gzipped = b"" if len(body) < MIN_GZIP or body.startswith(_GZIP) else gzip.compress(body, 6, mtime=0)
    return response._replace(etag=etag(body), gzipped=gzipped)


def etag(body: bytes) -> str:
    """The validator of a body, without the quotes around it."""
    return hashlib.sha256(body).hexdigest()[:32]


def refused_method(method: str) -> Response | None:
    """The response to a method other than GET and HEAD; None for these two."""
    if method in ("GET", "HEAD"):
        return None
    if method == "OPTIONS":
        return preflight()
    allow = (b"allow", METHODS.encode())
    return text_response(405, f"{quote(method[:20])} is not supported here; use GET.", allow)


def preflight(methods: str = METHODS, *request_headers: str) -> Response:
    """The response to OPTIONS (CORS), with request headers that are allowed beside those of every GET."""
    own = {"allow": methods, **rendering.PREFLIGHT, "access-control-allow-methods": methods}
    own["access-control-allow-headers"] = ", ".join((own["access-control-allow-headers"], *request_headers))
    return Response(204, [*ALWAYS, *((name.encode(), value.encode()) for name, value in own.items())])


def link_header(links: Iterable[tuple[str, str, str]]) -> Headers:
    """A Link header for (rel, href, media type) triples; none for none."""
    typed = ((href, rel, f'; type="{media}"' if media else "") for rel, href, media in links)
    values = [f'<{quote(href, safe=_IN_LINKS)}>; rel="{rel}"{kind}' for href, rel, kind in typed]
    return [(b"link", ", ".join(values).encode("ascii"))] if values else []


def request_headers(scope: Scope) -> dict[str, str]:
    """The request headers that are used here; repeated ones are joined to a list (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name in _USED:
            key, text = name.decode(), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def parse_parameters(data: bytes, *, most: int) -> dict[str, list[str]]:
    """The parameters of a query string or a form; Refusal when they cannot be read."""
    try:
        return parse_qs(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=most)
    except UnicodeDecodeError:
        raise Refusal(400, "The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise Refusal(400, f"There are more than {most:,} parameters.") from None


async def send_response(response: Response, scope: Scope, send: Send) -> None:
    """Send a response: 304 to a client that has it, gzipped if the client takes that, no body to HEAD.

    A long body is sent as the client takes it, and broken off when the client takes too long.
    """
    status, headers, body = response.status, response.headers, response.body
    request = request_headers(scope) if response.etag or response.gzipped else {}
    if response.gzipped and gzip_accepted(request.get("accept-encoding")):
        body, headers = response.gzipped, [*headers, (b"content-encoding", b"gzip")]
    if response.etag:
        # A strong validator is for one sequence of bytes, and each coding of a body is another.
        tag = f"{response.etag}-gzip" if body is not response.body else response.etag
        headers = [*headers, (b"etag", f'"{tag}"'.encode())]
        if matches(request.get("if-none-match", ""), tag):
            status = 304
            headers = [each for each in headers if each[0] not in (b"content-type", b"content-encoding")]
    if status in (204, 304):
        body = b""
    else:
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    size = 0 if scope["method"] == "HEAD" else len(body)
    with suppress(TimeoutError):  # then the server closes the connection
        for start in range(0, size or 1, PART):
            async with asyncio.timeout(_PART_TIME):
                part, more = body[start : min(start + PART, size)], start + PART < size
                await send({"type": "http.response.body", "body": part, "more_body": more})


def matches(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match names the ETag, by weak comparison (RFC 9110, section 13.1.2)."""
    known = {part.strip().removeprefix("W/").strip('"') for part in if_none_match.split(",")}
    return not known.isdisjoint(("*", etag))


class ResponseCache:
    """An LRU cache of responses, bounded by the bytes that they take."""

    def __init__(self, size: int) -> None:
        self._size, self._used = size, 0
        self._responses: OrderedDict[object, Response] = OrderedDict()

    def get(self, key: object) -> Response | None:
        """The response of a key, which becomes the most recently used."""
        if key in self._responses:
            self._responses.move_to_end(key)
        return self._responses.get(key)

    def put(self, key: object, response: Response) -> None:
        """Keep a response, unless it is so large that it would evict many others."""
        if key in self._responses or _weight(response) > self._size // 8:
            return
        self._responses[key] = response
        self._used += _weight(response)
        while self._used > self._size:
            self._used -= _weight(self._responses.popitem(last=False)[1])


def _weight(response: Response) -> int:
    return len(response.body) + len(response.gzipped) + 4_000  # what its headers take, too
