"""Serve queries by the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/, section 2.1).

This module handles HTTP: parameters, methods, formats, caching and error messages. A `WorkerPool` runs the
queries; the service description and the page for browsers are passed in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from policygraph.rdf.formats import FORMATS, GRAPHS
from policygraph.server import responses
from policygraph.server.evaluation import ROWS, QueryJob, QueryOutcome
from policygraph.server.negotiation import choose, gzip_accepted
from policygraph.server.responses import ASGIApp, Headers, Receive, Refusal, Response, Scope, Send
from policygraph.site.rendering import Page
from policygraph.store.sparql import varies

if TYPE_CHECKING:
    from policygraph.server.pool import WorkerPool

MAX_ADDRESS = 16_000  # bytes of a query string; longer queries need POST
MAX_BODY = 2_000_000  # bytes
RETRY = (b"retry-after", b"2")
SILENT = "The endpoint with the data did not answer; try again later, or ask for less."
_MAX_BUFFERED = 64_000_000  # bytes of all bodies that are being read
_MOST = 1_000  # parameters
_MOST_SENT = 10  # of the longest answers that may be, at once
_BODY_TIME = 10.0  # seconds for a body to arrive

# The media types on offer, in order of preference; the last ones are aliases.
_MEDIA: Mapping[str, Mapping[str, str]] = {
    "rows": {FORMATS[name].media: name for name in ROWS}
    | {"application/json": "json", "application/xml": "xml", "text/xml": "xml"},
    "graph": {FORMATS[name].media: name for name in GRAPHS}
    | {"application/json": "jsonld", "application/xml": "rdfxml", "text/xml": "rdfxml"},
}
_ALL = (*_MEDIA["rows"], *_MEDIA["graph"], "text/html")
# `format` takes a name, a suffix, a media type or one of these; SPARQLWrapper sends the first three.
_OF_GRAPHS = {"json-ld": "jsonld", "rdf+xml": "rdfxml", "n3": "turtle", "json": "jsonld", "xml": "rdfxml"}

METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_QUERY, _FORM = "application/sparql-query", "application/x-www-form-urlencoded"  # what is sent by POST
_VARY = (b"vary", b"Accept, Accept-Encoding")
_CLOSE = (b"connection", b"close")


class _QueryRequest(NamedTuple):
    """A query job, and what the headers of its response depend on."""

    job: QueryJob
    rows: str  # media types
    graph: str
    tag: str  # of its ETag, which is weak, since the order of rows may differ without ORDER BY
    volatile: bool  # whether the answer may differ each time

    @property
    def key(self) -> tuple[str, str, str, bool]:
        """The cache key: the query and the form of its response."""
        return self.tag, self.rows, self.graph, self.job.gzip


class SparqlProtocol:
    """The endpoint as an ASGI application.

    Args:
        pool: runs the queries.
        version: identifies the data; it is part of every ETag.
        description: writes the service description in a format of `evaluation.GRAPHS`.
        page: responds to browsers, with and without a query in the address.
        cache: size of the response cache in bytes.
    """

    def __init__(
        self,
        pool: WorkerPool,
        version: str,
        description: Callable[[str], bytes],
        page: ASGIApp,
        cache: int = 64_000_000,
    ) -> None:
        self._pool, self._version = pool, version
        self._description, self._page = description, page
        self._cache = responses.ResponseCache(cache)
        self._running: dict[object, asyncio.Future[QueryOutcome]] = {}
        self._buffered = self._sending = 0  # bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        response = await self.respond(scope, receive)
        if response is None:
            await self._page(scope, receive, send)
            return
        size = len(response.body)
        if size > responses.PART and self._sending + size > _MOST_SENT * self._pool.limits.size:
            message = "Too many long answers are being sent; try again in a moment."
            response, size = responses.text_response(503, message, RETRY, _VARY), 0
        self._sending += size
        try:
            await responses.send_response(response, scope, send)
        finally:
            self._sending -= size

    async def respond(self, scope: Scope, receive: Receive, part: int = 0) -> Response | None:
        """The response to a request, None if it asks for the page; `part` is that of `QueryJob`."""
        try:
            return await self._respond(scope, receive, part)
        except Refusal as refusal:
            return refusal.response._replace(headers=[*refusal.response.headers, _VARY])

    async def _respond(self, scope: Scope, receive: Receive, part: int) -> Response | None:
        method, headers = scope["method"], responses.request_headers(scope)
        if method == "OPTIONS":
            return responses.preflight(", ".join(METHODS), "Content-Type", "X-Requested-With")
        if method not in METHODS:
            message = f"{method} is not supported here; use GET or POST."
            raise Refusal(405, message, (b"allow", ", ".join(METHODS).encode()))
        if len(scope["query_string"]) > MAX_ADDRESS:
            message = (
                f"The address is longer than {MAX_ADDRESS:,} bytes; send the query by POST, in the body."
            )
            raise Refusal(414, message)
        parameters = responses.parse_parameters(scope["query_string"], most=_MOST)
        if method == "POST":
            await self._post(parameters, headers, receive)
        elif not parameters.keys() - {"format"}:
            return await self._describe(parameters, headers)
        elif "format" not in parameters and _choose(headers.get("accept"), _ALL) == "text/html":
            return None
        return await self._answer(self._parse_query(parameters, headers, part), scope, headers)

    async def _describe(
        self, parameters: Mapping[str, list[str]], headers: Mapping[str, str]
    ) -> Response | None:
        """The service description (https://www.w3.org/TR/sparql11-service-description/, section 2)."""
        offered, accept = [FORMATS[name].media for name in GRAPHS], headers.get("accept")
        if accept and "format" not in parameters and choose(accept, ["text/html", *offered]) == "text/html":
            return None
        name, media = _choose_format("graph", parameters, accept)
        if not name:
            raise Refusal(406, f"The description is available as {', '.join(offered)}; accept one of them.")
        tag = self._tag("description", name)
        if responses.matches(headers.get("if-none-match", ""), tag):
            return _not_modified(tag)
        body = await asyncio.to_thread(self._description, name)  # the first goes through everything
        return responses.page_response(200, Page(body, media), _VARY, *_validator(tag))

    async def _post(
        self, parameters: dict[str, list[str]], headers: Mapping[str, str], receive: Receive
    ) -> None:
        """Add the parameters in the body of a request."""
        media, *parts = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
        charset = next((each.partition("=")[2].strip(' "') for each in parts if each[:8] == "charset="), "")
        if media == "application/sparql-update":
            raise Refusal(403, "Updates are refused: the catalogue is files; edit those.")
        if media not in (_QUERY, _FORM):
            message = f"Send the query as {_QUERY}, or as the field query of {_FORM}."
            raise Refusal(415, message, (b"accept-post", f"{_QUERY}, {_FORM}".encode()))
        if charset not in ("", "utf-8", "utf8", "us-ascii") or "content-encoding" in headers:
            raise Refusal(415, "Send the query in UTF-8, not packed.")
        body = await self.body(headers, receive)
        if media == _QUERY:
            if "query" in parameters:
                raise Refusal(400, "There are two queries, one in the address and one in the body; send one.")
            try:
                parameters["query"] = [body.decode("utf-8-sig")]
            except UnicodeDecodeError as error:
                raise Refusal(400, f"The query is not UTF-8: byte {error.start} cannot be read.") from None
        else:
            for name, values in responses.parse_parameters(body, most=_MOST).items():
                parameters.setdefault(name, []).extend(values)

    async def body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """The body of a request; Refusal for one that is too long, slow, incomplete, or one of too many."""
        length = headers.get("content-length", "")
        body = bytearray()
        size = 0
        try:
            async with asyncio.timeout(_BODY_TIME):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Refusal(400, "The body is incomplete.")
                    part = message.get("body", b"")
                    size += len(part)
                    if size <= MAX_BODY and len(length.lstrip("0")) < 8 and int(length or 0) <= MAX_BODY:
                        body += part
                        self._buffered += len(part)
                    elif size > 8 * MAX_BODY:  # until then read on, so that the client gets to the response
                        break
                    if self._buffered > _MAX_BUFFERED:
                        raise Refusal(503, "Too many long queries arrive at once; try again.", RETRY)
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise Refusal(408, f"The body did not arrive within {_BODY_TIME:g} seconds.", _CLOSE) from None
        except ValueError:
            raise Refusal(400, "Content-Length is not a number.") from None
        finally:
            self._buffered -= len(body)
        if len(body) < size:
            raise Refusal(413, f"The body is longer than {MAX_BODY:,} bytes; send a shorter query.", _CLOSE)
        return bytes(body)

    def _parse_query(
        self, parameters: Mapping[str, list[str]], headers: Mapping[str, str], part: int
    ) -> _QueryRequest:
        if "update" in parameters:
            raise Refusal(403, "Updates are refused: the catalogue is files; edit those.")
        texts = parameters.get("query", [])
        if len(texts) != 1:
            many = "are several queries" if texts else "is no query"
            raise Refusal(400, f"There {many}; send one, as the parameter query.")
        rows, rows_media = _choose_format("rows", parameters, headers.get("accept"))
        graph, graph_media = _choose_format("graph", parameters, headers.get("accept"))
        if not rows and not graph:
            known = ", ".join(FORMATS[name].media for name in ROWS + GRAPHS)
            raise Refusal(406, f"Results are available as {known}; accept one of them.")
        default, named = (tuple(parameters.get(f"{each}-graph-uri", ())) for each in ("default", "named"))
        gzip = gzip_accepted(headers.get("accept-encoding"))
        job = QueryJob(texts[0], rows, graph, default, named, part, gzip)
        asks_others = bool(self._pool.limits.services) and "SERVICE" in job.text.upper()
        volatile = varies(job.text) or asks_others or self._pool.volatile
        return _QueryRequest(job, rows_media, graph_media, self._tag(*map(repr, job[:6])), volatile)

    def _tag(self, *parts: str) -> str:
        return responses.etag("\0".join((self._version, *parts)).encode("utf-8", "surrogatepass"))

    async def _answer(self, request: _QueryRequest, scope: Scope, headers: Mapping[str, str]) -> Response:
        known = headers.get("if-none-match", "") if scope["method"] != "POST" else ""
        # A tag is that of an answer; "*" is none, and the query may be wrong.
        if known.strip() != "*" and not request.volatile and responses.matches(known, request.tag):
            return _not_modified(request.tag)
        if cached := self._cache.get(request.key):
            return cached
        job, client = request.job, str((scope.get("client") or ("",))[0])  # the peer, for fairness
        if request.volatile:
            outcome = await self._pool.query(job, client=client)
        elif running := self._running.get(request.key):  # the same query runs already, for another client
            outcome = await asyncio.shield(running)
        else:
            outcome = await self._run(request, client)
        if outcome.kind != "answer":
            raise self.refusal(outcome)
        response = _result_response(outcome, request)
        if not request.volatile:
            self._cache.put(request.key, response)
        return response

    async def _run(self, request: _QueryRequest, client: str) -> QueryOutcome:
        running = self._running[request.key] = asyncio.get_running_loop().create_future()
        outcome = QueryOutcome("busy")  # for those who wait, if this client leaves
        try:
            outcome = await self._pool.query(request.job, client=client)
        finally:
            del self._running[request.key]
            running.set_result(outcome)
        return outcome

    def refusal(self, outcome: QueryOutcome) -> Refusal:
        """The status and the sentence for a query without a result."""
        limits = self._pool.limits
        if outcome.kind == "failed" and self._pool.volatile:
            return Refusal(502, SILENT, RETRY)
        if outcome.kind == "failed" and limits.services:
            return Refusal(502, "A service that the query calls does not respond; try again later.", RETRY)
        less = "ask for less: fewer patterns without a shared variable, a narrower path, a LIMIT"
        parts = "ask for parts of it (LIMIT, OFFSET) or take the data as files; its operator can raise"
        reasons: dict[str, tuple[int, str]] = {
            "text": (400, outcome.message),
            "format": (406, outcome.message),
            "timeout": (503, f"No answer within {self._pool.timeout:g} seconds; {less}."),
            "memory": (503, f"The query takes too much memory; {less}."),
            "rows": (413, f"The answer has more than {limits.rows:,} rows or triples; {parts} --max-rows."),
            "size": (413, f"The answer has more than {limits.size:,} bytes; {parts} --max-bytes."),
            "busy": (503, "Too many queries at once; try again in a moment."),
            "flood": (429, "Too many queries at once from your address; try again in a moment."),
        }
        status, message = reasons.get(outcome.kind, (500, f"The query could not be answered; {less}."))
        return Refusal(status, message, *(() if outcome.kind not in ("busy", "flood") else (RETRY,)))


def _result_response(outcome: QueryOutcome, request: _QueryRequest) -> Response:
    media = request.rows if outcome.format in ROWS else request.graph
    headers = [_VARY, *([responses.NO_STORE] if request.volatile else _validator(request.tag))]
    if outcome.gzip:
        headers.append((b"content-encoding", b"gzip"))
    return responses.page_response(200, Page(outcome.body, media), *headers)._replace(cut=outcome.cut)


def _validator(tag: str) -> Headers:
    return [(b"etag", f'W/"{tag}"'.encode()), responses.REVALIDATE]


def _not_modified(tag: str) -> Response:
    return Response(304, [*responses.ALWAYS, _VARY, *_validator(tag)])


def _choose_format(kind: str, parameters: Mapping[str, list[str]], accept: str | None) -> tuple[str, str]:
    media, aliases = _MEDIA[kind], _OF_GRAPHS if kind == "graph" else {}
    # SPARQLWrapper sends the parameter twice, and lists several names of one format.
    wanted = [part.strip().lower() for value in parameters.get("format", ()) for part in value.split(",")]
    for name in (aliases.get(each, each) for each in wanted):
        for known in media.values():
            if name == known or f".{name}" in FORMATS[known].suffixes:
                return known, FORMATS[known].media
        if name in media:
            return media[name], name
    chosen = None if any(wanted) else _choose(accept, tuple(media))
    return (media[chosen], chosen) if chosen else ("", "")


_choose = lru_cache(maxsize=500)(choose)  # clients of one kind send the same header
