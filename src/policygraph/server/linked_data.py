"""Which document answers for an address: content negotiation over a site, and the pages asked for last.

An address may name a thing in the world; then 303 sends to a document about it (Cool URIs for the Semantic
Web, https://www.w3.org/TR/cooluris/). Or it names a document that there is in several forms; then one of them
is the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from policygraph.rdf.formats import FORMATS
from policygraph.server.cache import LRUCache
from policygraph.server.negotiation import choose, language
from policygraph.server.protocol import MAX_ADDRESS, Receive, Scope, Send
from policygraph.server.responses import (
    FIXED,
    NEGOTIATED,
    NOT_KEPT,
    REVALIDATE,
    Response,
    link_header,
    page_response,
    refused_method,
    request_headers,
    send_response,
    text_response,
    with_etag,
)
from policygraph.site.site import Page, Site
from policygraph.site.urls import DOCUMENTS, LANGUAGES

T = TypeVar("T")

EDITOR: Mapping[str, str] = {
    "/editor.css": "text/css",
    "/editor.js": "text/javascript",
    "/yasgui/yasgui.min.css": "text/css",
    "/yasgui/yasgui.min.js": "text/javascript",
}
"""The files of the SPARQL editor by path, with their media types; YASGUI's may be missing."""

_STATIC = Path(__file__).parent / "static"
_MAX_PATH = 2_000  # characters
_MAX_WAITING = 64  # pages that wait to be made
_NAMES = {"html": "text/html"}
for _row in FORMATS.values():
    _NAMES |= dict.fromkeys((_row.name, *(suffix[1:] for suffix in _row.suffixes)), _row.media)
_SAFE = "/:@!$&'()*+,;=~"  # RFC 3986: pchar and the slash


class Request(NamedTuple):
    """What a request asks for: a path, with parameters, and how it likes the answer."""

    path: str
    query: bytes
    arguments: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]

    @property
    def language(self) -> str:
        """That of the pages which suits the client best."""
        return language(self.headers.get("accept-language"), LANGUAGES)


class TooBusy(Exception):  # noqa: N818  it is an answer
    """More pages are wanted at once than can be made."""


class LinkedData:
    """A site as an ASGI application.

    `root` is the path below which it hangs for its visitors, though requests come without it; `cache` is how
    many bytes of pages are kept.
    """

    def __init__(self, site: Site, *, root: str = "/", cache: int = 64_000_000) -> None:
        self._site, self._root = site, root.rstrip("/") + "/"
        self._variants = lru_cache(maxsize=4_000)(site.variants)
        # One makes pages, another goes on when that takes long; more would only take time from questions.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pages")
        self._waiting = 0
        self._kept: LRUCache[Response] = LRUCache(cache, _weight)
        self._making: dict[object, asyncio.Task[Response | None]] = {}

    def close(self) -> None:
        """End the threads that make pages."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        await send_response(refused_method(scope["method"]) or await self._answer(scope), scope, send)

    async def made(self, make: Callable[[], T]) -> T:
        """What a function makes, away from the event loop; `TooBusy` when too many wait for theirs."""
        if self._waiting >= _MAX_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, make)
        finally:
            self._waiting -= 1

    async def _answer(self, scope: Scope) -> Response:
        try:
            asked = parse_request(scope)
            return asked if isinstance(asked, Response) else await self._found(asked)
        except TooBusy:
            return busy_response()

    async def _found(self, asked: Request) -> Response:
        path, tongue = asked.path, asked.language
        variants = self._variants(path, tongue)
        if variants:
            return await self._negotiated(asked, variants)
        if path.endswith("/") and self._variants(path[:-1], tongue):
            return self._elsewhere(308, path[:-1], asked.query)
        found = await self._document(path, asked.arguments, FIXED)
        if found:
            return found
        if choose(asked.headers.get("accept"), ("text/html", "text/plain")) == "text/html":
            page = await self.made(lambda: self._site.lost(path, tongue))
            return page_response(404, page, NEGOTIATED, NOT_KEPT)
        return text_response(404, "Nothing is here; perhaps its name is spelled otherwise.", NEGOTIATED)

    async def _negotiated(self, asked: Request, variants: Mapping[str, str]) -> Response:
        """The answer where there are several documents: one of them, or the way to it."""
        others = link_header(("alternate", self._link(where), media) for media, where in variants.items())
        wanted = asked.arguments.get("format", ("",))[-1].strip().lower()
        accept = asked.headers.get("accept")
        if wanted:
            media = next((each for each in variants if each in (wanted, _NAMES.get(wanted))), None)
        elif accept is None and "text/turtle" in variants:
            media = "text/turtle"  # who does not say what they want is no browser
        else:
            media = choose(accept, tuple(variants))
        if media is None:
            what = f"This is to be had as {', '.join(variants)}; accept one of them."
            return text_response(406, what, NEGOTIATED, *others)
        if asked.path.count("/") > 1 and not asked.path.startswith(DOCUMENTS):
            return self._elsewhere(303, variants[media], b"", NEGOTIATED, *others)
        arguments = {name: values for name, values in asked.arguments.items() if name != "format"}
        found = await self._document(variants[media], arguments, NEGOTIATED)
        if found is None:
            raise LookupError(f"{variants[media]} is promised but not there")
        return found

    async def _document(
        self, path: str, arguments: Mapping[str, Sequence[str]], vary: tuple[bytes, bytes]
    ) -> Response | None:
        """The answer at a document path; None when nothing is there."""
        key = (path, tuple((name, *values) for name, values in arguments.items()))
        found = self._kept.get(key)
        if found is None:
            found = await self._once(key, lambda: self._page(path, arguments))
        if found is None:
            return None
        address = self._link(path) + (f"?{urlencode(arguments, doseq=True)}" if arguments else "")
        return found._replace(headers=[*found.headers, vary, (b"content-location", address.encode())])

    def _page(self, path: str, arguments: Mapping[str, Sequence[str]]) -> Response | None:
        if path in EDITOR:
            file = _STATIC / path[1:]
            page = Page(file.read_bytes(), EDITOR[path]) if file.is_file() else None
        else:
            page = self._site.page(path, arguments)
        if page is None:
            return None
        return (
            page_response(400, page, NOT_KEPT)
            if page.refused
            else with_etag(page_response(200, page, REVALIDATE))
        )

    async def _once(self, key: object, make: Callable[[], Response | None]) -> Response | None:
        """A page that is made once, however many wait for it, and kept."""
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.get_running_loop().create_task(self.made(make))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        found = await asyncio.shield(task)
        if found and found.tag:
            self._kept.put(key, found)
        return found

    def _link(self, path: str) -> str:
        return self._root + quote(path.lstrip("/"), safe=_SAFE)

    def _elsewhere(self, status: int, path: str, query: bytes, *headers: tuple[bytes, bytes]) -> Response:
        address = self._link(path) + (f"?{query.decode('latin-1')}" if query else "")
        location = (b"location", address.encode("latin-1"))
        return text_response(status, f"See {address}", *headers, location, REVALIDATE)


def parse_request(scope: Scope) -> Request | Response:
    """What a request asks for, or the reply to one whose address is too long or cannot be read."""
    path, query = scope["path"], scope["query_string"]
    if len(path) > _MAX_PATH or len(query) > MAX_ADDRESS:
        return text_response(414, "The address is too long.")
    arguments: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        return text_response(400, "The parameters are too many, or not UTF-8 written with % signs.")
    for name, value in pairs:
        arguments.setdefault(name, []).append(value)
    return Request(path, query, arguments, request_headers(scope))


def busy_response() -> Response:
    """The reply when `TooBusy` is raised."""
    return text_response(
        503, "Too many pages are wanted at once; try again in a moment.", (b"retry-after", b"2")
    )


def _weight(made: Response) -> int:
    return len(made.body) + len(made.zipped) + 4_000
