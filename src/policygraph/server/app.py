"""Combine the endpoint, the site, a health check and an access log into one ASGI application."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from time import gmtime, perf_counter, strftime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from policygraph.server.editor import PATH, PATHS, SparqlPage
from policygraph.server.linked_data import LinkedData
from policygraph.server.protocol import SparqlProtocol
from policygraph.server.responses import (
    ASGIApp,
    Receive,
    Scope,
    Send,
    page_response,
    refused_method,
    send_response,
    text_response,
)
from policygraph.site.rendering import Page
from policygraph.site.site import Site

if TYPE_CHECKING:
    from policygraph.server.pool import WorkerPool

_FAILED = "Something went wrong on the server, and the error has been logged; try again later."
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F))).replace('"', "")


def app(
    site: Site,
    pool: WorkerPool,
    *,
    version: str,
    root: str = "/",
    description: Callable[[str], bytes] | None = None,
    client: Callable[[Scope], str] | None = None,
    log: Callable[[str], None] | None = None,
    cache: int = 64_000_000,
    ready: Callable[[], None] | None = None,
) -> ASGIApp:
    """The server as an ASGI application, which starts and stops the pool.

    Args:
        site: its pages.
        pool: runs the queries.
        version: identifies the data; it is part of the ETags of query results.
        root: the path of the site in public URLs, which requests come without.
        description: writes the service description in a format of `evaluation.GRAPHS`.
        client: identifies the client of a request, for fairness; default: by the peer's address.
        log: takes a line for each request.
        cache: size in bytes of the page cache, and of the cache of query results.
        ready: called when the pool can answer queries.
    """

    async def run_query(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(scope, receive, send)

    pages = LinkedData(site, root=root, cache=cache)
    sparql_page = SparqlPage(site, pages, run_query)
    endpoint = SparqlProtocol(pool, version, description, sparql_page, client, cache)

    handlers: dict[str, ASGIApp] = {
        PATH: endpoint,
        **dict.fromkeys(PATHS, sparql_page),
        "/health": Health(pool, version),
    }

    async def lifespan(receive: Receive, send: Send) -> None:
        await receive()  # that the server starts
        async with pool:
            if ready:
                ready()
            await send({"type": "lifespan.startup.complete"})
            await receive()  # that it stops
        pages.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await handlers.get(scope["path"], pages)(scope, receive, send)

    return AccessLog(route, log)


class Health:
    """A health check as an ASGI application, which runs no query."""

    def __init__(self, pool: WorkerPool, version: str) -> None:
        self._pool, self._version = pool, version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3): 200 when queries can be answered, else 503."""
        healthy = self._pool.healthy
        body = json.dumps({"healthy": healthy, "version": self._version}).encode() + b"\n"
        response = page_response(
            200 if healthy else 503, Page(body, "application/json"), (b"cache-control", b"no-store")
        )
        await send_response(refused_method(scope["method"]) or response, scope, send)


class AccessLog:
    """An ASGI application with a log line for each request, which hides the details of errors from clients.

    A line has the time, client, request, status, bytes and duration. Errors go to Python's `logging`.
    """

    def __init__(self, app: ASGIApp, log: Callable[[str], None] | None) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and log it when it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status, size = perf_counter(), 0, 0

        async def counted(message: Any) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            import logging

            logging.getLogger("policygraph").exception("%s %s failed", scope["method"], address(scope))
            if status:
                raise
            await send_response(text_response(500, _FAILED), scope, counted)
        finally:
            if self._log:
                client = (scope.get("client") or ("-",))[0]
                method = scope["method"]
                request = f'"{method if method in _METHODS else quote(method[:20])} {address(scope)}"'
                ms = (perf_counter() - start) * 1000
                self._log(f"{_timestamp(int(time()))} {client} {request} {status or 500} {size} {ms:.1f} ms")


def address(scope: Scope) -> str:
    """The target of a request, escaped so that it stays on one line and between quotes."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if scope["query_string"]:
        raw = raw.partition(b"?")[0] + b"?" + scope["query_string"]
    text = raw[:500].decode("latin-1")
    plain = text.isascii() and text.isprintable() and " " not in text and '"' not in text
    return text if plain else quote(raw[:500], safe=_PRINTABLE)


@lru_cache(maxsize=1)
def _timestamp(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))
