"""Define the command that serves the site, linked data and a SPARQL endpoint."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from policygraph.cli.options import Session, base_url
from policygraph.errors import PolicyGraphError, extra

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from policygraph.rdf.store import Store
    from policygraph.server.responses import ASGIApp, Receive, Scope, Send


class ServerError(PolicyGraphError):
    """A server that cannot start."""


def _parse_ip(_: click.Context, option: click.Parameter, value: str | None) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(value)) if value else ""
    except ValueError:
        raise click.UsageError(
            f"{option.opts[0]} takes an address such as 127.0.0.1; not {value!r}."
        ) from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="Port to listen on; 0 for a free one.",
)
@click.option("--base", metavar="URL", help="Public URL of this server, if it is behind a proxy.")
@click.option("--endpoint", metavar="URL", help="Serve the data of this SPARQL endpoint.")
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3_600),
    metavar="SECONDS",
    help="Query timeout; a query that takes longer is stopped.",
)
@click.option(
    "--max-rows",
    default=10_000,
    show_default=True,
    type=click.IntRange(1),
    help="Maximum rows or triples of a result; more are cut, and a header says so.",
)
@click.option(
    "--workers", type=click.IntRange(1), help="Processes that run queries; default: one per CPU core."
)
@click.option(
    "--allow-service",
    multiple=True,
    metavar="URL",
    help="Allow queries to call this endpoint with SERVICE; repeat for several.",
)
@click.option(
    "--proxy",
    metavar="ADDRESS",
    callback=_parse_ip,
    help="Trust X-Forwarded-For from the proxy at this address, to tell clients apart.",
)
@click.pass_obj
def serve(
    session: Session,
    host: str,
    port: int,
    base: str | None,
    endpoint: str | None,
    timeout: float,
    max_rows: int,
    workers: int | None,
    allow_service: tuple[str, ...],
    proxy: str,
) -> int:
    """Serve a web site, linked data and a SPARQL endpoint.

    The same URLs return HTML to browsers and RDF to programs; /sparql takes queries. Each request is
    logged in a line on stderr. Stop the server with Ctrl-C.

    \b
    policygraph serve
    policygraph serve --port 8080 --timeout 5
    policygraph serve --host 0.0.0.0 --base https://data.example.org/
    """
    import asyncio
    import signal

    with extra("server", "policygraph serve"):
        import granian  # noqa: F401  imported where it is used, but missing before anything starts
        import uvloop

    from policygraph.rdf.store import Endpoint
    from policygraph.server.evaluation import Limits

    if endpoint:
        session = Session(session.catalog.root, session.data, endpoint, session.language)
    port = _free_port(host, port)
    base = base_url(
        base or f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}/",  # noqa: S104
        option="--base",
    )
    limits = Limits(rows=max_rows, services=allow_service)
    store: Store = session.store()
    pool: Any
    if isinstance(store, Endpoint):
        from policygraph.server.remote import RemotePool

        store.timeout = timeout
        pool = RemotePool(store, limits=limits, count=workers or 8)
    else:
        from policygraph.server.pool import WorkerPool

        pool = WorkerPool(store, count=workers, timeout=timeout, limits=limits)  # type: ignore[arg-type]

    buffer = _LogBuffer()
    asgi_app = application(session, store, pool, base=base, log=buffer.add)
    if proxy:
        asgi_app = trust_proxy(proxy, asgi_app)

    def announce() -> None:
        click.echo(f"Serving {base} and {base}sparql; Ctrl-C ends it.", err=True)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # until the server has its own
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run_server(asgi_app, host, port, announce))
    finally:
        buffer.write()


class _LogBuffer:
    """Write log lines to stderr ten times a second; writing each at once costs as much as a response."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        import asyncio

        if not self._lines:
            asyncio.get_running_loop().call_later(0.1, self.write)
        self._lines.append(line)

    def write(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            click.echo("\n".join(lines), err=True)


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


def application(
    session: Session, store: Store, pool: Any, *, base: str, log: Callable[[str], None]
) -> ASGIApp:
    """Make the ASGI application: the session's catalogue over a store, at the public URL `base`.

    `pool` is a `WorkerPool` or a `RemotePool`; `log` takes a line for each request.
    """
    import gc
    from threading import Thread
    from urllib.parse import urlsplit

    from pyoxigraph import Quad

    from policygraph.rdf.formats import FORMATS, GRAPHS
    from policygraph.server.app import app
    from policygraph.site.site import Site
    from policygraph.site.void import service

    @cache
    def triples() -> list[Triple]:
        return service(
            store, session.catalog.queries, endpoint=f"{base}sparql", federated=bool(pool.limits.services)
        )

    @cache
    def description(name: str) -> bytes:
        return FORMATS[name].write((Quad(*triple) for triple in triples()), None)

    def prepare() -> None:
        for name in GRAPHS:
            description(name)
        site.page("/catalog.html")  # writes the downloads, for their checksums

    def ready() -> None:
        gc.freeze()  # these objects live as long as the process, so collections can skip them
        # Counting everything takes a while, and no response should wait for it.
        Thread(target=prepare, daemon=True).start()

    root = urlsplit(base).path
    site = Site(session.catalog, store, root=root, description=triples)
    return app(
        site,
        pool,
        version=data_version(session),
        root=root,
        description=description,
        log=log,
        ready=ready,
    )


def data_version(session: Session) -> str:
    """A digest of a session's files and the software's version; of the time, for an endpoint."""
    import hashlib
    from importlib.metadata import version
    from time import time

    digest = hashlib.sha256(version("policygraph").encode())
    if session.endpoint:
        digest.update(f"{session.endpoint} {time()}".encode())
    else:
        files = session.data or [dataset.path for dataset in session.catalog.datasets.values()]
        queries = sorted((session.catalog.root / "queries").glob("*.rq"))
        for path in (*session.catalog.ontology, *files, *queries):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


async def _run_server(app: ASGIApp, host: str, port: int, announce: Callable[[], None]) -> int:
    """Serve until a signal; requests in progress are finished."""
    import asyncio
    import signal

    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),  # milliseconds
        websockets=False,
        backlog=1024,
        log_enabled=False,
    )
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        server.stop()  # type: ignore[no-untyped-call]

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    announcing = asyncio.create_task(_when_listening(host, port, announce))
    await server.serve()
    announcing.cancel()
    return 0 if stopped else 2


async def _when_listening(host: str, port: int, announce: Callable[[], None]) -> None:
    """Announce the server as soon as it accepts connections."""
    import asyncio

    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            announce()
            return
        await asyncio.sleep(0.01)


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0; ServerError when it is taken."""
    import os
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        number = error.errno or 0  # errors of name resolution are negative
        reason = os.strerror(number).lower() if number > 0 else error.strerror
        raise ServerError(
            f"cannot listen on {host}, port {port}: {reason}; choose another with --host or --port."
        ) from None
