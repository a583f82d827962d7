"""The SPARQL 1.1 Protocol over HTTP, for questions (https://www.w3.org/TR/sparql11-protocol/, section 2.1).

It knows requests and answers: parameters, methods, formats, what may be kept and what an error says.
Questions go to `workers`; the service description and the page for people come from outside.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from policygraph.rdf.formats import FORMATS
from policygraph.server.cache import LRUCache
from policygraph.server.evaluation import GRAPHS, ROWS, Limits, QueryJob, QueryOutcome
from policygraph.server.negotiation import choose, gzip_accepted

if TYPE_CHECKING:
    from policygraph.server.pool import WorkerPool

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_ADDRESS = 16_000  # bytes of a query string; longer questions are posted
MAX_BODY = 2_000_000  # bytes
_MAX_HELD = 64_000_000  # bytes of bodies that are being read, all together
_BODY_TIME = 10.0  # seconds for a body to arrive

# What a client may ask for, in the order of our preference. The last ones are other names for the same.
_MEDIA: Mapping[str, Mapping[str, str]] = {
    "rows": {FORMATS[name].media: name for name in ROWS}
    | {"application/json": "json", "application/xml": "xml", "text/xml": "xml"},
    "graph": {FORMATS[name].media: name for name in GRAPHS}
    | {"application/json": "jsonld", "application/xml": "rdfxml", "text/xml": "rdfxml"},
}
_ALL = (*_MEDIA["rows"], *_MEDIA["graph"], "text/html")
# `format` takes a name, a suffix or a media type; the first three are what SPARQLWrapper says.
_SHORT: Mapping[str, Mapping[str, str]] = {
    "rows": {},
    "graph": {"json-ld": "jsonld", "rdf+xml": "rdfxml", "n3": "turtle", "json": "jsonld", "xml": "rdfxml"},
}

_METHODS = "GET, HEAD, POST, OPTIONS"
_ALWAYS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Link, Policygraph-Truncated, Retry-After"),
    (b"vary", b"Accept, Accept-Encoding"),
    (b"x-content-type-options", b"nosniff"),
]
_PREFLIGHT = [
    (b"allow", _METHODS.encode()),
    (b"access-control-allow-methods", _METHODS.encode()),
    (
        b"access-control-allow-headers",
        b"Accept, Accept-Language, Content-Type, If-None-Match, X-Requested-With",
    ),
    (b"access-control-max-age", b"86400"),
]
_AGAIN = [(b"retry-after", b"2")]


class _Response(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class _Refusal(Exception):  # noqa: N818  it is an answer
    """A request that gets no answer but a status and a sentence."""

    def __init__(self, status: int, message: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        self.status, self.message, self.headers = status, message, headers


class _Asked(NamedTuple):
    """A question with what its answer's headers depend on."""

    question: QueryJob
    rows: str  # media types
    graph: str
    tag: bytes

    @property
    def key(self) -> tuple[bytes, str, str, bool]:
        """What stands for the question and the form of its answer, and is quick to compare."""
        return self.tag, self.rows, self.graph, self.question.gzip


class SparqlProtocol:
    """The endpoint as an ASGI application.

    `version` says which data these are: another version makes every kept answer stale. `description` writes
    the service description in a format of `evaluation.GRAPHS`, `page` answers browsers, with and without a
    query in the address, and `client` tells who asks, for fairness; without it, that is the peer's address.
    `cache` is how many bytes of answers are kept.
    """

    def __init__(
        self,
        workers: WorkerPool,
        version: str,
        description: Callable[[str], bytes] | None = None,
        page: ASGIApp | None = None,
        client: Callable[[Scope], str] | None = None,
        cache: int = 64_000_000,
    ) -> None:
        self._workers, self._version = workers, version
        self._description, self._page = description, page
        self._client = client or _peer
        self._kept: LRUCache[_Response] = LRUCache(cache, _weight)
        self._read: dict[tuple[bytes, str, str], _Asked] = {}  # addresses that were read before
        self._running: dict[object, asyncio.Future[QueryOutcome]] = {}
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        method = scope["method"]
        headers = _headers(scope["headers"])
        try:
            if method in ("GET", "HEAD"):
                asked = self._get(scope, headers)
            elif method == "POST":
                asked = await self._post(scope, headers, receive)
            elif method == "OPTIONS":
                asked = _Response(204, [*_ALWAYS, *_PREFLIGHT], b"")
            else:
                what = f"{method} is not for questions; use GET or POST."
                raise _Refusal(405, what, [(b"allow", _METHODS.encode())])
            if asked is None:
                assert self._page is not None  # noqa: S101
                await self._page(scope, receive, send)
                return
            response = await self._answer(asked, scope, headers) if isinstance(asked, _Asked) else asked
        except _Refusal as refusal:
            response = _refused(refusal)
        await _send(response, send, head=method == "HEAD")

    def _get(self, scope: Scope, headers: Mapping[str, str]) -> _Asked | _Response | None:
        """What a GET asks for; None if it is a page."""
        address, accept = scope["query_string"], headers.get("accept")
        key = (address, accept or "", headers.get("accept-encoding", ""))
        if key in self._read:
            return self._read[key]
        if len(address) > MAX_ADDRESS:
            raise _Refusal(414, f"The address is longer than {MAX_ADDRESS:,} bytes; send the query by POST.")
        parameters = _parameters(address)
        bare = not {name for name in parameters if name != "format"}
        if bare and not (self._description or self._page):
            raise _Refusal(400, "There is no query; send one as ?query=….")
        if bare:
            return self._described(parameters, headers)
        if self._page and "format" not in parameters and _is_browser(accept):
            return None
        asked = self._asked(parameters, headers)
        if sum(map(len, key)) < 4_000 and not asked.question.volatile:
            if len(self._read) >= 2_000:
                self._read.clear()
            self._read[key] = asked
        return asked

    def _described(self, parameters: Mapping[str, list[str]], headers: Mapping[str, str]) -> _Response | None:
        """The service description (https://www.w3.org/TR/sparql11-service-description/, section 2)."""
        offered, accept = [FORMATS[name].media for name in GRAPHS], headers.get("accept")
        if "format" in parameters or not self._page:
            media = _wanted("graph", parameters, accept)[1]
        else:
            media = choose(accept, ["text/html", *offered] if accept else [*offered, "text/html"]) or ""
            if media == "text/html":
                return None
        if not media or not self._description:
            raise _Refusal(406, f"This address is described in {', '.join(offered)}; accept one of them.")
        name = _MEDIA["graph"][media]
        tag = self._tag("description", name)
        if _matches(headers.get("if-none-match", ""), tag):
            return _unchanged(tag)
        found = [*_ALWAYS, *_described_as(media), (b"etag", tag), _REVALIDATE]
        return _Response(200, found, self._description(name))

    async def _post(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> _Asked:
        media, charset = _content_type(headers.get("content-type", ""))
        if media == "application/sparql-update":
            raise _Refusal(403, "Updates are refused: the catalogue is files; edit those.")
        if media not in ("application/x-www-form-urlencoded", "application/sparql-query"):
            what = (
                "Send the query as application/sparql-query, or as the field query of "
                "application/x-www-form-urlencoded."
            )
            raise _Refusal(
                415, what, [(b"accept-post", b"application/sparql-query, application/x-www-form-urlencoded")]
            )
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise _Refusal(415, "Send the query in UTF-8.")
        if len(scope["query_string"]) > MAX_ADDRESS:
            raise _Refusal(414, f"The address is longer than {MAX_ADDRESS:,} bytes.")
        body = await self._body(headers, receive)
        parameters = _parameters(scope["query_string"])
        if media == "application/sparql-query":
            if "query" in parameters:
                raise _Refusal(
                    400, "There are two queries, one in the address and one in the body; send one."
                )
            try:
                parameters["query"] = [body.decode("utf-8-sig")]
            except UnicodeDecodeError as error:
                raise _Refusal(400, f"The query is not UTF-8: byte {error.start} cannot be read.") from None
        else:
            for name, values in _parameters(body).items():
                parameters.setdefault(name, []).extend(values)
        return self._asked(parameters, headers)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        said = headers.get("content-length", "")
        body = bytearray()
        size = held = 0
        try:
            async with asyncio.timeout(_BODY_TIME):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Refusal(400, "The body breaks off.")
                    part = message.get("body", b"")
                    size += len(part)
                    if size <= MAX_BODY and len(said) < 8 and int(said or 0) <= MAX_BODY:
                        body += part
                        held += len(part)
                        self._held += len(part)
                    elif size > 8 * MAX_BODY:  # up to there it is read, so that the sender gets to our answer
                        break
                    if self._held > _MAX_HELD:
                        raise _Refusal(503, "Too many long questions arrive at once; ask again.", _AGAIN)
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            raise _Refusal(408, f"The body did not arrive within {_BODY_TIME:g} seconds.", _CLOSE) from None
        except ValueError:
            raise _Refusal(400, "Content-Length is not a number.") from None
        finally:
            self._held -= held
        if len(body) < size:
            what = f"The body is longer than {MAX_BODY:,} bytes; ask with a shorter query."
            raise _Refusal(413, what, _CLOSE)
        return bytes(body)

    def _asked(self, parameters: Mapping[str, list[str]], headers: Mapping[str, str]) -> _Asked:
        if "update" in parameters:
            raise _Refusal(403, "Updates are refused: the catalogue is files; edit those.")
        texts = parameters.get("query", [])
        if len(texts) != 1:
            many = "are several queries" if texts else "is no query"
            raise _Refusal(400, f"There {many}; send one, as the parameter query.")
        rows, rows_media = _wanted("rows", parameters, headers.get("accept"))
        graph, graph_media = _wanted("graph", parameters, headers.get("accept"))
        if not rows and not graph:
            known = ", ".join(FORMATS[name].media for name in ROWS + GRAPHS)
            raise _Refusal(406, f"Answers come as {known}; accept one of them.")
        question = QueryJob(
            texts[0],
            rows,
            graph,
            tuple(parameters.get("default-graph-uri", ())),
            tuple(parameters.get("named-graph-uri", ())),
            gzip_accepted(headers.get("accept-encoding")),
        )
        return _Asked(question, rows_media, graph_media, self._tag(*map(repr, question[:5])))

    def _tag(self, *parts: str) -> bytes:
        # Weak, since rows without an order may come in another one next time.
        digest = hashlib.sha256("\0".join((self._version, *parts)).encode("utf-8", "surrogatepass"))
        return f'W/"{digest.hexdigest()[:32]}"'.encode()

    async def _answer(self, asked: _Asked, scope: Scope, headers: Mapping[str, str]) -> _Response:
        if scope["method"] != "POST" and _matches(headers.get("if-none-match", ""), asked.tag):
            return _unchanged(asked.tag)
        kept = self._kept.get(asked.key)
        if kept:
            return kept
        question, client = asked.question, self._client(scope)
        if question.volatile:
            outcome = await self._workers.query(question, client=client)
        elif running := self._running.get(asked.key):  # who asks the same now waits for the same answer
            outcome = await asyncio.shield(running)
        else:
            outcome = await self._ask(asked, client)
        if outcome.kind != "answer":
            raise self._why_not(outcome)
        response = _answered(outcome, asked, self._workers.limits)
        if not question.volatile:
            self._kept.put(asked.key, response)
        return response

    async def _ask(self, asked: _Asked, client: str) -> QueryOutcome:
        running = self._running[asked.key] = asyncio.get_running_loop().create_future()
        outcome = QueryOutcome("busy")  # for those who wait, if this one leaves
        try:
            outcome = await self._workers.query(asked.question, client=client)
        finally:
            del self._running[asked.key]
            running.set_result(outcome)
        return outcome

    def _why_not(self, outcome: QueryOutcome) -> _Refusal:
        """The status and the sentence for a question without an answer."""
        limits = self._workers.limits
        if outcome.kind == "text":
            return _Refusal(400, outcome.message)
        if outcome.kind == "format":
            return _Refusal(406, outcome.message)
        if outcome.kind == "failed" and limits.services:
            return _Refusal(502, "A service that the query calls does not answer; ask again later.", _AGAIN)
        less = "ask for less: fewer patterns without a shared variable, a narrower path, a LIMIT"
        why: dict[str, tuple[int, str]] = {
            "timeout": (503, f"No answer within {self._workers.timeout:g} seconds; {less}."),
            "memory": (503, f"The answer takes too much memory; {less}."),
            "size": (503, f"The graph is larger than {limits.size:,} bytes; ask for parts of it with LIMIT."),
            "busy": (503, "Too many questions at once; ask again in a moment, or ask for less."),
            "flood": (429, "Too many questions at once from your address; ask again in a moment."),
        }
        status, message = why.get(outcome.kind, (500, f"The question could not be answered; {less}."))
        return _Refusal(status, message, _AGAIN if outcome.kind in ("busy", "flood") else ())


_REVALIDATE = (b"cache-control", b"no-cache")  # keep it, but ask whether the data have changed
_CLOSE = [(b"connection", b"close")]


def _weight(response: _Response) -> int:
    return len(response.body) + 2_000


def _answered(outcome: QueryOutcome, asked: _Asked, limits: Limits) -> _Response:
    media = asked.rows if outcome.format in ROWS else asked.graph
    headers = [*_ALWAYS, *_described_as(media)]
    if asked.question.volatile:
        headers.append((b"cache-control", b"no-store"))
    else:
        headers += [(b"etag", asked.tag), _REVALIDATE]
    if outcome.gzip:
        headers.append((b"content-encoding", b"gzip"))
    if outcome.cut:
        most = limits.rows if outcome.cut == "rows" else limits.size
        headers.append((b"policygraph-truncated", f"{outcome.cut}; limit={most}".encode()))
    return _Response(200, headers, outcome.body)


def _unchanged(tag: bytes) -> _Response:
    return _Response(304, [*_ALWAYS, (b"etag", tag), _REVALIDATE], b"")


def _refused(refusal: _Refusal) -> _Response:
    headers = [*_ALWAYS, *_described_as("text/plain"), (b"cache-control", b"no-store"), *refusal.headers]
    return _Response(refusal.status, headers, f"{refusal.message}\n".encode("utf-8", "replace"))


def _described_as(media: str) -> list[tuple[bytes, bytes]]:
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    return [(b"content-type", f"{media}{charset}".encode())]


async def _send(response: _Response, send: Send, *, head: bool) -> None:
    status, headers, body = response
    if status not in (204, 304):
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


def _wanted(kind: str, parameters: Mapping[str, list[str]], accept: str | None) -> tuple[str, str]:
    """The format and the media type that a client wants of that kind; empty where it takes none."""
    media = _MEDIA[kind]
    # SPARQLWrapper says it twice, and lists several names of one format.
    asked = [part.strip().lower() for value in parameters.get("format", ()) for part in value.split(",")]
    for name in (_SHORT[kind].get(each, each) for each in asked):
        for known in media.values():
            if name == known or f".{name}" in FORMATS[known].suffixes:
                return known, FORMATS[known].media
        if name in media:
            return media[name], name
    return ("", "") if any(asked) else _negotiated(kind, accept)


@lru_cache(maxsize=500)  # clients of one make say the same
def _is_browser(accept: str | None) -> bool:
    return choose(accept, _ALL) == "text/html"


@lru_cache(maxsize=500)
def _negotiated(kind: str, accept: str | None) -> tuple[str, str]:
    chosen = choose(accept, tuple(_MEDIA[kind]))
    return (_MEDIA[kind][chosen], chosen) if chosen else ("", "")


def _parameters(data: bytes) -> dict[str, list[str]]:
    """What a form holds, decoded once."""
    if data.count(b"&") >= 1_000:
        raise _Refusal(400, "There are more than 1,000 parameters.")
    found: dict[str, list[str]] = {}
    try:
        for pair in filter(None, data.replace(b"+", b" ").split(b"&")):
            name, _, value = (unquote_to_bytes(part).decode() for part in pair.partition(b"="))
            found.setdefault(name, []).append(value)
    except UnicodeDecodeError:
        raise _Refusal(400, "The parameters are not UTF-8, written with % signs.") from None
    return found


def _content_type(header: str) -> tuple[str, str]:
    media, *parameters = (part.strip().lower() for part in header.split(";"))
    charset = next((p.partition("=")[2].strip(' "') for p in parameters if p.startswith("charset=")), "")
    return media, charset


def _headers(pairs: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers that matter here; those that come twice are one list (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in _READ:
            key, text = name.decode(), value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
    return found


_READ = frozenset((b"accept", b"accept-encoding", b"content-type", b"content-length", b"if-none-match"))


def _matches(header: str, tag: bytes) -> bool:
    """Whether an If-None-Match names the tag, by weak comparison (RFC 9110, section 13.1.2)."""
    strong = tag.decode().removeprefix("W/")
    return header.strip() == "*" or any(
        part.strip().removeprefix("W/") == strong for part in header.split(",")
    )


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])
