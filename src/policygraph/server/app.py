"""Combine the endpoint, the site, a health check and an access log into one ASGI application."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from time import gmtime, perf_counter, strftime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pyoxigraph import Triple

import policygraph
from policygraph.rdf.formats import GRAPHS, write
from policygraph.server import responses
from policygraph.server.evaluation import Limits, RemotePool
from policygraph.server.linked_data import SPARQL, LinkedData
from policygraph.server.protocol import SparqlProtocol
from policygraph.server.responses import ASGIApp, Receive, Scope, Send
from policygraph.site.dcat import void_description
from policygraph.site.rendering import Page
from policygraph.site.site import Site
from policygraph.site.urls import public_url
from policygraph.store.protocols import Store

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog

_FAILED = "Something went wrong on the server, and the error has been logged; try again later."
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F))).replace('"', "")


def app(
    catalog: Catalog,
    *,
    store: Store | None = None,
    base: str = "http://127.0.0.1:8000/",
    timeout: float = 10.0,
    rows: int = Limits().rows,
    size: int = Limits().size,
    services: Sequence[str] = (),
    workers: int | None = None,
    proxy: str = "",
    log: Callable[[str], None] | None = None,
) -> ASGIApp:
    """The server of a catalogue as an ASGI application: its site, linked data and a SPARQL endpoint.

    Args:
        store: the data, or an `Endpoint` that has them; by default all the datasets.
        base: the public URL.
        timeout: of a query, in seconds.
        rows: the most rows or triples of a result; a longer one is refused.
        size: the most bytes of a result.
        services: the endpoints that a query may call with SERVICE.
        workers: processes that run queries, by default one for each CPU core; with an endpoint, queries that
            it runs at once.
        proxy: the address of the proxy whose X-Forwarded-For tells clients apart.
        log: takes a line for each request.
    """
    base = public_url(base, "base")
    settings = catalog.settings
    limits = Limits(rows, size, tuple(services), settings.prefixes, settings.base)
    pool: Any
    if store is not None and store.url:
        store.timeout = timeout  # type: ignore[attr-defined]
        pool = RemotePool(
            store,  # type: ignore[arg-type]
            limits=limits,
            count=workers or 8,
        )
    else:
        from policygraph.server.pool import WorkerPool

        store = catalog.load() if store is None else store
        limits = limits._replace(prefixes=store.prefixes)
        pool = WorkerPool(store, count=workers, timeout=timeout, limits=limits)  # type: ignore[arg-type]
    data: Store = store

    @functools.cache
    def triples() -> list[Triple]:
        return void_description(
            data,
            catalog.queries,
            settings=settings,
            endpoint=f"{base}sparql",
            federated=bool(pool.limits.services),
        )

    @functools.cache
    def description(name: str) -> bytes:
        return write(triples(), format=name, base=settings.base, prefixes=settings.prefixes)

    def prepare() -> None:
        for name in GRAPHS:
            description(name)
        site.page("/catalog.html")  # writes the downloads, for their checksums

    root = urlsplit(base).path
    site = Site(catalog, data, address=base, description=triples)
    version = data_version(catalog, remote=data.url)

    pages = LinkedData(site, root=root, query=lambda *asked: endpoint.respond(*asked))
    endpoint = SparqlProtocol(pool, version, description, pages)

    async def health(scope: Scope, receive: Receive, send: Send) -> None:
        body = json.dumps({"healthy": pool.healthy, "version": version}).encode() + b"\n"
        response = responses.page_response(
            200 if pool.healthy else 503, Page(body, "application/json"), responses.NO_STORE
        )
        await responses.send_response(responses.refused_method(scope["method"]) or response, scope, send)

    handlers: dict[str, ASGIApp] = {SPARQL: endpoint, "/health": health}

    async def lifespan(receive: Receive, send: Send) -> None:
        await receive()  # that the server starts
        async with pool:
            # Counting everything takes a while, and no response should wait for it.
            Thread(target=prepare, daemon=True).start()
            await send({"type": "lifespan.startup.complete"})
            await receive()  # that it stops
        pages.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await handlers.get(scope["path"], pages)(scope, receive, send)

    application = logged(route, log)
    return trust_proxy(proxy, application) if proxy else application


def trust_proxy(proxy: str, app: ASGIApp) -> ASGIApp:
    """Wrap an application to take the client from X-Forwarded-For when the peer is the proxy.

    Only the last address there counts, which the proxy saw; a client may have written the others.
    """
    from ipaddress import ip_address

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if (scope.get("client") or ("",))[0] == proxy:
            forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            with suppress(ValueError):
                last = forwarded.rpartition(b",")[2].decode("latin-1").strip()
                scope = {**scope, "client": (str(ip_address(last)), 0)}
        await app(scope, receive, send)

    return wrapped


def data_version(catalog: Catalog, *, remote: str = "") -> str:
    """A digest of the files and the software's version; of the time, for the endpoint `remote`."""
    digest = hashlib.sha256(policygraph.__version__.encode())
    if remote:
        digest.update(f"{remote} {time()}".encode())
    else:
        read = [dataset.path for dataset in catalog.datasets.values()]
        queries = sorted((catalog.root / "queries").rglob("*.rq"))
        for path in (*catalog.ontology, *read, *queries):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def logged(app: ASGIApp, log: Callable[[str], None] | None) -> ASGIApp:
    """Wrap an application to log a line for each request, and to hide the details of errors from clients.

    A line has the time, client, request, status, bytes and duration. Errors go to Python's `logging`.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        start, status, size = perf_counter(), 0, 0

        async def counted(message: Any) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await app(scope, receive, counted)
        except Exception:
            import logging

            logging.getLogger("policygraph").exception("%s %s failed", scope["method"], address(scope))
            if status:
                raise
            await responses.send_response(responses.text_response(500, _FAILED), scope, counted)
        finally:
            if log:
                client = (scope.get("client") or ("-",))[0]
                method = scope["method"]
                request = f'"{method if method in _METHODS else quote(method[:20])} {address(scope)}"'
                ms = (perf_counter() - start) * 1000
                moment = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())
                log(f"{moment} {client} {request} {status or 500} {size} {ms:.1f} ms")

    return wrapped


def address(scope: Scope) -> str:
    """The target of a request, escaped so that it stays on one line and between quotes."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if scope["query_string"]:
        raw = raw.partition(b"?")[0] + b"?" + scope["query_string"]
    text = raw[:500].decode("latin-1")
    plain = text.isascii() and text.isprintable() and " " not in text and '"' not in text
    return text if plain else quote(raw[:500], safe=_PRINTABLE)
