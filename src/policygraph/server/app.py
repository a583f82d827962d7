"""The server put together: the endpoint, its page, the site, its health, and a line for each request."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from time import gmtime, perf_counter, strftime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from policygraph.server.editor import PATH, PATHS, SparqlPage
from policygraph.server.linked_data import LinkedData
from policygraph.server.protocol import ASGIApp, Receive, Scope, Send, SparqlProtocol
from policygraph.server.responses import page_response, refused_method, send_response, text_response
from policygraph.site.site import Page, Site

if TYPE_CHECKING:
    from starlette.routing import Router

    from policygraph.server.pool import WorkerPool

_FAILED = "Something went wrong here, and it has been noted; try again, or ask another way."
_USUAL = ("GET", "HEAD", "POST", "OPTIONS")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F))).replace('"', "")


def app(
    site: Site,
    workers: WorkerPool,
    *,
    version: str,
    root: str = "/",
    description: Callable[[str], bytes] | None = None,
    client: Callable[[Scope], str] | None = None,
    log: Callable[[str], None] | None = None,
    cache: int = 64_000_000,
    ready: Callable[[], None] | None = None,
) -> ASGIApp:
    """The server as an ASGI application, which starts and ends the workers.

    Args:
        site: its pages.
        workers: what answers questions.
        version: which data these are; another version makes kept answers stale.
        root: the path below which the site hangs for its visitors; requests come without it.
        description: writes the service description in a format of `evaluation.GRAPHS`.
        client: tells who asks, for fairness; without it, that is the peer's address.
        log: takes a line for each request.
        cache: how many bytes of pages are kept, and as many of answers.
        ready: is called when questions can be answered.
    """
    from starlette.routing import Route, Router

    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(scope, receive, send)

    pages = LinkedData(site, root=root, cache=cache)
    workbench = SparqlPage(site, pages, ask)
    endpoint = SparqlProtocol(workers, version, description, workbench, client, cache)

    @contextlib.asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        async with workers:
            if ready:
                ready()
            yield
        pages.close()

    others = Router(
        routes=[
            *(Route(path, workbench) for path in PATHS),
            Route("/health", Health(workers, version)),
            Route("/{path:path}", pages),
        ],
        lifespan=lifespan,
    )

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        # Questions are many and small, so they do not go the way of the pages.
        await (endpoint if scope.get("path") == PATH else others)(scope, receive, send)

    return AccessLog(served, log)


class Health:
    """Whether questions can be answered, as an ASGI application; asking costs nothing."""

    def __init__(self, workers: WorkerPool, version: str) -> None:
        self._workers, self._version = workers, version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3): 200 when it is well, else 503."""
        well = self._workers.healthy
        body = json.dumps({"healthy": well, "version": self._version}).encode() + b"\n"
        told = page_response(
            200 if well else 503, Page(body, "application/json"), (b"cache-control", b"no-store")
        )
        await send_response(refused_method(scope["method"]) or told, scope, send)


class AccessLog:
    """An ASGI application whose requests are told in a line each, and whose errors tell its clients nothing.

    A line says when, who, what, and what came of it. An error goes to the log of Python.
    """

    def __init__(self, app: ASGIApp, log: Callable[[str], None] | None) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write its line when it is answered."""
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
                who = (scope.get("client") or ("-",))[0]
                method = scope["method"]
                what = f'"{method if method in _USUAL else quote(method[:20])} {address(scope)}"'
                seconds = perf_counter() - start
                self._log(f"{_at(int(time()))} {who} {what} {status or 500} {size} {seconds * 1000:.1f} ms")


def address(scope: Scope) -> str:
    """What a request asked for, so written that it stays on its line and between quotes."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if scope["query_string"]:
        raw = raw.partition(b"?")[0] + b"?" + scope["query_string"]
    text = raw[:500].decode("latin-1")
    plainly = text.isascii() and text.isprintable() and " " not in text and '"' not in text
    return text if plainly else quote(raw[:500], safe=_PRINTABLE)


@lru_cache(maxsize=1)
def _at(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(seconds))
