"""Combine the endpoint, the site, a health check and an access log into one ASGI application."""

from __future__ import annotations

import asyncio
import functools
import gc
import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from threading import Lock, Thread
from time import gmtime, monotonic, perf_counter, sleep, strftime, time
from typing import Any, TypeAlias
from urllib.parse import quote, urlsplit

from pyoxigraph import Triple

import policygraph
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.catalog.settings import NAME
from policygraph.errors import CatalogError, EndpointError, PolicyGraphError, QueryError
from policygraph.rdf import reader
from policygraph.rdf.formats import GRAPHS, write
from policygraph.server import responses
from policygraph.server.evaluation import Limits, PooledStore, RemotePool
from policygraph.server.linked_data import SPARQL, LinkedData
from policygraph.server.protocol import METHODS, SILENT, SparqlProtocol
from policygraph.server.responses import ASGIApp, Receive, Scope, Send
from policygraph.site.dcat import void_description
from policygraph.site.rendering import Page
from policygraph.site.site import Site
from policygraph.site.urls import public_url
from policygraph.site.versions.archive import gather
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store

_UNHEALTHY = (
    "No process that runs queries can be started, perhaps since files of the data are gone; "
    "send SIGHUP to read them anew, else start the server again."
)
_TRIES = 5  # to read files that change meanwhile
_SETTLED = 2.0  # seconds without a change, or without a request
_LONGEST = 600.0  # seconds that requests may take to end after what they ask was replaced
_FAILED = "Something went wrong on the server, and the error has been logged; try again later."
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F))).replace('"', "")

States: TypeAlias = dict[Path, tuple[int, ...]]
"""Of files, what changes when they do."""


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
    previous: Sequence[str | PathLike[str]] = (),
    log: Callable[[str], None] | None = None,
    mcp: bool = False,
) -> Application:
    """The server of a catalogue as an ASGI application: its site, linked data and a SPARQL endpoint.

    Its coroutine `reload` has it serve what the catalogue's files hold by then, without a break; `watch` does
    so when they change.

    Args:
        store: the data, or an `Endpoint` that has them; by default all the datasets.
        base: the public URL.
        timeout: of a query, in seconds.
        rows: the most rows or triples of a result; a longer one is refused.
        size: the most bytes of a result.
        services: the endpoints that a query may call with SERVICE.
        workers: processes that run queries, by default one per core and at least 2; with an endpoint, queries
            that it runs at once, by default 8.
        proxy: the address of the proxy whose X-Forwarded-For tells clients apart.
        previous: whose versions are served besides, as of `policygraph.publish`.
        log: takes a line for each request and each reload.
        mcp: whether assistants may ask too, over the Model Context Protocol at /mcp.

    ExtraError when they may, and the package `mcp` is not installed.
    """
    base = public_url(base, "base")
    kept = gather(catalog, map(str, previous), {}, address=base)

    def read(catalog: Catalog) -> Contents:
        data: Any
        catalog, data, version, states = _read(catalog, store)
        prefixes = catalog.settings.prefixes if data.url else data.prefixes
        limits = Limits(rows, size, tuple(services), prefixes, catalog.settings.base)
        pool: Any
        if data.url:
            data.timeout = timeout
            pool = RemotePool(data, limits=limits, count=workers or 8)
        else:
            from policygraph.server.pool import WorkerPool

            pool = WorkerPool(data, count=workers, timeout=timeout, limits=limits)
        return Contents(catalog, data, pool, base, version, states, mcp, kept)

    return Application(read(catalog), read if store is None or store.url else None, proxy, log)


class Contents:
    """What is served of a catalogue as its files were at one time.

    Args:
        catalog: the catalogue.
        data: the store of its datasets.
        pool: runs queries.
        base: the public URL.
        version: of the data.
        states: of the files, by `file_states`.
        mcp: whether assistants may ask.
        previous: what earlier publications keep of versions, by path.
    """

    def __init__(
        self,
        catalog: Catalog,
        data: Store,
        pool: Any,
        base: str,
        version: str,
        states: States,
        mcp: bool,
        previous: Mapping[str, bytes],
    ) -> None:
        self.catalog, self.data, self.pool = catalog, data, pool
        self.version, self.states, self.since = version, states, _now()
        self.asked = self.requests = 0  # so far, and now
        self.idle = asyncio.Event()  # without a request
        self.idle.set()
        settings = catalog.settings

        @functools.cache
        def triples() -> list[Triple]:
            service: dict[str, Any] = {"endpoint": f"{base}sparql", "federated": bool(pool.limits.services)}
            return void_description(data, catalog.queries, settings=settings, **service)

        @functools.cache
        def description(name: str) -> bytes:
            return write(triples(), format=name, base=settings.base, prefixes=settings.prefixes)

        def prepare() -> None:
            site.page("/index.html")  # what most pages need
            for name in GRAPHS:
                description(name)
            site.page("/catalog.html")  # writes the downloads, for their checksums

        self.prepare, root = prepare, urlsplit(base).path
        self._endpoint: SparqlProtocol
        # Of a large store, a question may take for ever.
        refused: Callable[[Any], str] = lambda outcome: self._endpoint.refusal(outcome).args[1]  # noqa: E731
        asked = PooledStore(data, pool, refused) if data.index else None
        site = Site(catalog, data, address=base, description=triples, asked=asked, previous=previous)
        respond: Any = lambda *asked: self._endpoint.respond(*asked)  # noqa: E731
        # What an endpoint holds may be another thing each time.
        kept = {"cache": 0} if data.url else {}
        self.pages = LinkedData(site, root=root, query=respond, **kept)
        self._endpoint = SparqlProtocol(pool, version, description, self.pages)
        self._apps: dict[str, ASGIApp] = {SPARQL: self._endpoint}
        if mcp:
            from policygraph.server.mcp import assistant
            from policygraph.server.mcp_http import MCP, streamable_http

            server = assistant(catalog, store=asked or data, pool=pool)
            self._apps[MCP] = streamable_http(server, base, self._endpoint.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        self.asked += 1
        self.requests += 1
        self.idle.clear()
        try:
            await self._apps.get(scope["path"], self.pages)(scope, receive, send)
        finally:
            self.requests -= 1
            if not self.requests:
                self.idle.set()

    async def close(self, *, wait: float = 0) -> None:
        """End the processes and threads, when the requests that are being answered are or time is up."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self.idle.wait()
        await self.pool.__aexit__(None, None, None)
        self.pages.close()


Read: TypeAlias = Callable[[Catalog], Contents]
Log: TypeAlias = Callable[[str], None]


class Application:
    """The ASGI application that `app` makes.

    Args:
        contents: what it serves at first.
        read: reads a catalogue anew; None where there is nothing to read.
        proxy: as of `app`.
        log: as of `app`.
    """

    def __init__(self, contents: Contents, read: Read | None, proxy: str, log: Log | None) -> None:
        self._contents, self._read, self._log = contents, read, log
        self._refused: dict[str, str] = {}
        self._asked = self._begun = 0
        self._started, self._lock, self._preparing = asyncio.Event(), asyncio.Lock(), Lock()
        self._closing: dict[asyncio.Task[None], Contents] = {}
        app = logged(self._route, log)
        self._app = trust_proxy(proxy, app) if proxy else app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop (ASGI 3)."""
        await self._app(scope, receive, send)

    async def reload(self) -> None:
        """Serve what the files hold now; where that cannot be, go on as before, and /health says why."""
        await self._started.wait()
        self._asked = asked = self._asked + 1
        async with self._lock:
            if self._read and self._begun < asked:  # else one began that reads what was there then
                self._begun = self._asked
                try:
                    await self._replace(self._read, self._contents)
                    what = f"version {self._contents.version}"
                except Exception as error:
                    reason = what = _reason(error, self._contents.catalog)
                    self._refused = {"since": _now(), **self._refused, "reason": reason}
                if self._log:
                    self._log(f"{_now()} reload: {what}")

    async def watch(self) -> None:
        """Reload whenever files have changed, once they no longer do."""
        before = tried = self._contents.states
        while True:
            await asyncio.sleep(_SETTLED)
            now = await asyncio.to_thread(file_states, self._contents.catalog)
            if now == before and now != (tried if self._refused else self._contents.states):
                tried = now
                await self.reload()
            before = now

    async def _replace(self, read: Read, old: Contents) -> None:
        new = await asyncio.to_thread(read, old.catalog)
        await asyncio.to_thread(_require_same, old.catalog, new)
        await new.pool.__aenter__()
        if not new.pool.healthy:
            await new.close()
            raise OSError(_UNHEALTHY)
        self._contents, self._refused = new, {}
        Thread(target=self._prepare, daemon=True).start()
        task = asyncio.create_task(old.close(wait=_LONGEST))
        self._closing[task] = old
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._closing[task]
        gc.collect()  # what was served is large, and holds its store, which may have been replaced

    def _prepare(self) -> None:
        asked, end = -1, monotonic() + _LONGEST
        while monotonic() < end and (self._contents.requests or asked != self._contents.asked):
            asked = self._contents.asked
            sleep(_SETTLED)  # it would keep who asks waiting
        with self._preparing:  # one at a time, the newest by then
            which = id(self._contents)
            with suppress(PolicyGraphError):  # its processes have ended, as it was replaced
                self._contents.prepare()
        if which != id(self._contents):  # they were replaced meanwhile, and held until now
            with suppress(RuntimeError):  # the server has ended
                # There, as while `_forget` collects, to collect in another thread does nothing.
                self._loop.call_soon_threadsafe(gc.collect)

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] == "/health":
            await self._health(scope, send)
        else:
            await self._contents(scope, receive, send)

    async def _health(self, scope: Scope, send: Send) -> None:
        now, healthy = self._contents, self._contents.pool.healthy
        reason, refused = None if healthy else _UNHEALTHY, self._refused or None
        state = {"healthy": healthy, "version": now.version, "since": now.since}
        state |= {name: what for name, what in (("reason", reason), ("refused", refused)) if what}
        page = Page(json.dumps(state).encode() + b"\n", "application/json")
        response = responses.page_response(200 if healthy else 503, page, responses.NO_STORE)
        await responses.send_response(responses.refused_method(scope["method"]) or response, scope, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()  # that the server starts
        self._loop = asyncio.get_running_loop()
        await self._contents.pool.__aenter__()
        # Counting everything takes a while, and no response should wait for it.
        Thread(target=self._prepare, daemon=True).start()
        self._started.set()
        await send({"type": "lifespan.startup.complete"})
        await receive()  # that it stops
        async with self._lock:
            self._read = None
        for old in self._closing.values():
            old.idle.set()
        await asyncio.gather(self._contents.close(), *self._closing)
        await send({"type": "lifespan.shutdown.complete"})


def _read(catalog: Catalog, given: Store | None) -> tuple[Catalog, Store, str, States]:
    """A catalogue read anew while its files do not change, its store, their version and the files' states.

    The store is the one that was given, if any.
    """
    for _ in range(_TRIES):
        before = file_states(catalog)
        new = catalog.anew()
        for queries in (new.queries, new.internal):
            for query in queries.values():  # else each would be read when it is first asked for
                if given is None:  # else it may know more than we do
                    _require_syntax(query)
        store = new.load(graphs=True) if given is None else given
        version = data_version(new, store)
        if before == file_states(catalog):
            return new, store, version, before
    raise CatalogError("The files change while they are read; try again when they rest.")


def _require_syntax(query: Query) -> None:
    """QueryError, with the file, for a saved question that is no SPARQL; what it calls need not be there."""
    with query.located():
        try:
            EmbeddedStore(prefixes=query.prefixes).query(query.text)
        except QueryError as error:
            if error.line and "SERVICE" not in query.text.upper():
                raise


def file_states(catalog: Catalog) -> States:
    """Of each file that is served of a catalogue, what changes when it does."""
    root, look = catalog.root, catalog.settings
    own = [root / NAME, *root.glob("ontology/*"), *_questions(root), look.logo, look.style]
    # Of a store, each use touches the manifest, but another store is another folder.
    data = [catalog.place] if catalog.place else catalog.files
    data = data or [path for folder in catalog.folders for path in reader.files(folder)]
    states: States = {}
    for path in filter(None, (*own, *data)):
        with suppress(OSError):
            found = path.stat()
            states[path] = (found.st_ino, found.st_size, found.st_mtime_ns)
    return states


def _questions(root: Path) -> list[Path]:
    """The files of a catalogue with its questions, what they are called in each language, and its stories."""
    patterns = ("queries/**/*.rq", "i18n/*.json", "stories/*.toml")
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def _require_same(old: Catalog, new: Contents) -> None:
    """CatalogError where what was read does not take the place of what is served."""
    base, graphs = new.catalog.settings.base, [new.catalog.graph(path) for path in new.catalog.ontology]
    if base != old.settings.base:
        what = f"{NAME}: base is {base}, and was {old.settings.base} when the server started"
        raise CatalogError(f"{what}; start it again to change that.")
    others = ", ".join(f"<{iri}>" for iri in graphs)
    if not new.data.url and not new.data.query(
        f"ASK {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g NOT IN ({others})) }}"
    ):
        raise CatalogError("There are no statements in the data.")


def _reason(error: Exception, catalog: Catalog) -> str:
    """Why nothing else is served, without the places of files on this machine."""
    if isinstance(error, EndpointError):  # which names the endpoint
        return SILENT
    if not isinstance(error, PolicyGraphError | OSError):
        logging.getLogger("policygraph").error("reload failed", exc_info=error)
        return "Something went wrong, and the error has been logged."
    reason = str(getattr(error, "strerror", None) or error)
    places = (file.parent for file in (*catalog.files, catalog.place, *catalog.settings.include) if file)
    for path in (catalog.root, *places):
        if path.name:
            reason = reason.replace(f"{path}/", "").replace(str(path), path.name)
    return reason


def _now() -> str:
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime())


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


def data_version(catalog: Catalog, store: Store) -> str:
    """A digest of the files, or their kept store, and the software's version; of the time, for a service."""
    digest = hashlib.sha256(policygraph.__version__.encode())
    read = [catalog.root / NAME, *_questions(catalog.root)]
    if disk := getattr(store, "disk", None):
        # One that is kept by itself is named by its contents, which other servers may have too.
        digest.update(f"{disk.stat().st_mtime_ns if catalog.place else disk.parent.name}".encode())
    elif store.url:
        digest.update(f"{store.url} {time()}".encode())
    else:
        read += [*catalog.ontology, *(dataset.path for dataset in catalog.datasets.values())]
    for path in read:
        digest.update(hashlib.sha256(path.read_bytes() if path.exists() else b"").digest())
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
            logging.getLogger("policygraph").exception("%s %s failed", scope["method"], address(scope))
            if status:
                raise
            await responses.send_response(responses.text_response(500, _FAILED), scope, counted)
        finally:
            if log:
                client = (scope.get("client") or ("-",))[0]
                method = scope["method"]
                request = f'"{method if method in METHODS else quote(method[:20])} {address(scope)}"'
                ms = (perf_counter() - start) * 1000
                log(f"{_now()} {client} {request} {status or 500} {size} {ms:.1f} ms")

    return wrapped


def address(scope: Scope) -> str:
    """The target of a request, escaped so that it stays on one line and between quotes."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if scope["query_string"]:
        raw = raw.partition(b"?")[0] + b"?" + scope["query_string"]
    return quote(raw[:500], safe=_PRINTABLE)
