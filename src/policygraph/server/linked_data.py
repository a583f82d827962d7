"""Serve a site as linked data: content negotiation, redirects, a cache of pages, and the SPARQL page.

An address may identify a resource; then 303 redirects to a document about it (Cool URIs for the Semantic Web,
https://www.w3.org/TR/cooluris/). Or it names a document in several formats; then one of them is the response.
The SPARQL page shows people what the endpoint returns to programs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import NamedTuple, TypeVar
from urllib.parse import quote, unquote_to_bytes, urlencode

from policygraph.errors import EndpointError
from policygraph.i18n import words
from policygraph.rdf.formats import FORMATS
from policygraph.server import responses
from policygraph.server.negotiation import choose, language
from policygraph.server.protocol import MAX_ADDRESS, RETRY, SILENT
from policygraph.server.responses import Receive, Refusal, Response, ResponseCache, Scope, Send
from policygraph.site.site import Site
from policygraph.site.urls import SAFE, Document, decode, document_stem, is_document, parse_path

T = TypeVar("T")

SPARQL = "/sparql"  # the path of the endpoint, and of its page for browsers
_AS_PROGRAM = b"application/sparql-results+json, application/n-triples"

_MAX_PATH = 2_000  # characters
_MAX_WAITING = 64  # pages that wait to be rendered
_MAX_ROWS = 10_000  # of an answer, or triples, that the SPARQL page reads
_NAMES = {"html": "text/html"}
for _row in FORMATS.values():
    _NAMES |= dict.fromkeys((_row.name, *(suffix[1:] for suffix in _row.suffixes)), _row.media)


class Request(NamedTuple):
    """What a request asks for: a path with parameters, and the headers for content negotiation."""

    path: str
    query: bytes
    arguments: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]


class LinkedData:
    """A site as an ASGI application.

    Args:
        site: has the pages.
        root: the path of the site in public URLs, which requests come without.
        cache: size of the page cache in bytes.
        query: responds to queries, with so many rows if there are more, so that people get the same limits
            and the same cache as programs.
    """

    def __init__(
        self,
        site: Site,
        *,
        root: str = "/",
        cache: int = 64_000_000,
        query: Callable[[Scope, Receive, int], Awaitable[Response | None]] | None = None,
    ) -> None:
        self._site, self._root, self._query = site, root.rstrip("/") + "/", query
        self._removed = site.removed
        self._variants = lru_cache(maxsize=4_000)(site.variants)
        # The documents of the SPARQL page, each with its language.
        languages = site.languages if query else ()
        self._sparql_pages = {site.variants(SPARQL, each)["text/html"]: each for each in languages}
        # The second thread is for when the first takes long; more would only take time from queries.
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pages")
        self._waiting = 0
        self._cache = ResponseCache(cache)
        self._rendering: dict[object, asyncio.Task[Response | None]] = {}

    def close(self) -> None:
        """Stop the threads that render."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        try:
            response = responses.refused_method(scope["method"]) or await self._respond(scope, receive)
        except Refusal as refusal:
            response = refusal.response
        except EndpointError:  # its message names the endpoint, which may be private
            response = responses.text_response(502, SILENT, RETRY)
        await responses.send_response(response, scope, send)

    def _language(self, request: Request) -> str:
        """The language of the site's pages that suits the client best."""
        return language(request.headers.get("accept-language"), self._site.languages)

    async def _in_thread(self, render: Callable[[], T]) -> T:
        """Run a function in a page thread; Refusal when too many wait for one."""
        if self._waiting >= _MAX_WAITING:
            raise Refusal(503, "Too many pages are requested at once; try again in a moment.", RETRY)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, render)
        finally:
            self._waiting -= 1

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        path, query = scope["path"], scope["query_string"]
        if len(path) > _MAX_PATH or len(query) > MAX_ADDRESS:
            raise Refusal(414, "The address is too long.")
        if b"%2f" in scope.get("raw_path", b"").lower():  # which the path no longer has
            path = decode(scope["raw_path"].partition(b"?")[0].decode("latin-1"))
        arguments = responses.parse_parameters(query, most=100)
        request = Request(path, query, arguments, responses.request_headers(scope))
        asked = arguments.get("query", [""])[0]
        if self._query and asked.strip() and (path == SPARQL or path in self._sparql_pages):
            parts = (each for each in query.split(b"&") if unquote_to_bytes(each.split(b"=")[0]) != b"format")
            as_program = {"method": "GET", "path": SPARQL, "headers": [(b"accept", _AS_PROGRAM)]}
            scope = {**scope, **as_program, "query_string": b"&".join(parts)}
            answer = await self._query(scope, receive, _MAX_ROWS)
            assert answer is not None  # noqa: S101  programs do not get the page
            language = self._sparql_pages.get(path) or self._language(request)
            return await self._sparql_page(asked, language, answer)
        return await self._route(request)

    async def _sparql_page(self, query: str, language: str, answer: Response) -> Response:
        """The SPARQL page with a query and what the endpoint returns for it."""
        results, error = answer.body or b"\n", ""  # as an empty graph is an answer too
        if answer.status != 200:
            results, error = b"", answer.body.decode().strip()
        note = words(language, "site")["truncated"] if answer.cut else ""
        render = partial(self._site.answer, query, language, results=results, error=error, note=note)
        page = await self._in_thread(render)
        retry = [(name, value) for name, value in answer.headers if name == b"retry-after"]
        return responses.page_response(answer.status, page, responses.NEGOTIATED, responses.NO_STORE, *retry)

    async def _route(self, request: Request) -> Response:
        path = request.path
        for document in (Document(path, "", ""), *parse_path(path)) if self._removed else ():
            if document.path in self._removed:
                return await self._gone(request, document)
        if self._variants(path):
            return await self._negotiate(request, self._variants(path, self._language(request)))
        if path.endswith("/") and self._variants(path[:-1]):
            return self._redirect(308, path[:-1], request.query)
        response = await self._document(path, request.arguments, responses.FIXED)
        if response:
            return response
        if choose(request.headers.get("accept"), ("text/html", "text/plain")) == "text/html":
            page = await self._in_thread(lambda: self._site.not_found(path, self._language(request)))
            return responses.page_response(404, page, responses.NEGOTIATED, responses.NO_STORE)
        sentence = "Nothing is here; check the spelling of the path."
        return responses.text_response(404, sentence, responses.NEGOTIATED)

    async def _gone(self, request: Request, document: Document) -> Response:
        """The response for what was removed: 410 with the page that says so, or 301 to what replaced it."""
        (to, fragment), (_, suffix, tag) = self._removed[document.path], document
        if to:
            successor = responses.link_header([("successor-version", self._link(to) + fragment, "")])
            where = f"{document_stem(to)}{'.' if tag else ''}{tag}{suffix}" if suffix else to
            return responses.redirect(301, self._link(where) + fragment, *successor)
        if choose(request.headers.get("accept"), ("text/html", "text/plain")) == "text/html":
            where = self._variants(document.path, tag or self._language(request))["text/html"]
            if page := await self._document(where, {}, responses.NEGOTIATED):
                return page._replace(status=410, etag="")
        return responses.text_response(410, "This was removed; its page says more.", responses.NEGOTIATED)

    async def _negotiate(self, request: Request, variants: Mapping[str, str]) -> Response:
        """The response where there are several documents: one of them, or a redirect to it."""
        links = [("alternate", self._link(where), media) for media, where in variants.items()]
        others = responses.link_header(links)
        wanted = request.arguments.get("format", ("",))[-1].strip().lower()
        accept = request.headers.get("accept")
        if wanted:
            media = next((each for each in variants if each in (wanted, _NAMES.get(wanted))), None)
        elif accept is None and "text/turtle" in variants:
            media = "text/turtle"  # a client without Accept is no browser
        else:
            media = choose(accept, tuple(variants))
        if media is None:
            sentence = f"This is available as {', '.join(variants)}; accept one of them."
            return responses.text_response(406, sentence, responses.NEGOTIATED, *others)
        if not is_document(request.path):
            return self._redirect(303, variants[media], b"", responses.NEGOTIATED, *others)
        arguments = {name: values for name, values in request.arguments.items() if name != "format"}
        response = await self._document(variants[media], arguments, responses.NEGOTIATED)
        if response is None:
            raise LookupError(f"{variants[media]} is offered but missing")
        return response

    async def _document(
        self, path: str, arguments: Mapping[str, Sequence[str]], vary: tuple[bytes, bytes]
    ) -> Response | None:
        key = (path, tuple((name, *values) for name, values in arguments.items()))
        response = self._cache.get(key)
        if response is None:
            response = await self._once(key, lambda: self._render(path, arguments))
        if response is None:
            return None
        address = self._link(path) + (f"?{urlencode(arguments, doseq=True)}" if arguments else "")
        return response._replace(headers=[*response.headers, vary, (b"content-location", address.encode())])

    def _render(self, path: str, arguments: Mapping[str, Sequence[str]]) -> Response | None:
        page = self._site.page(path, arguments)
        if page is None:
            return None
        if page.refused:
            return responses.page_response(400, page, responses.NO_STORE)
        return responses.with_etag(responses.page_response(200, page, responses.REVALIDATE))

    async def _once(self, key: object, render: Callable[[], Response | None]) -> Response | None:
        task = self._rendering.get(key)
        if task is None:
            task = self._rendering[key] = asyncio.get_running_loop().create_task(self._in_thread(render))
            task.add_done_callback(lambda _: self._rendering.pop(key, None))
        response = await asyncio.shield(task)
        if response and response.etag:
            self._cache.put(key, response)
        return response

    def _link(self, path: str) -> str:
        return self._root + quote(path.lstrip("/"), safe=SAFE)

    def _redirect(self, status: int, path: str, query: bytes, *headers: tuple[bytes, bytes]) -> Response:
        asked = f"?{query.decode('latin-1')}" if query else ""
        return responses.redirect(status, self._link(path) + asked, *headers)
