"""The command that puts the catalogue on the web: what is served, where, and within which limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from policygraph.cli.options import Session, address
from policygraph.errors import PolicyGraphError

if TYPE_CHECKING:
    from pyoxigraph import Triple

    from policygraph.rdf.store import Store
    from policygraph.server.protocol import ASGIApp, Receive, Scope, Send


class ServerError(PolicyGraphError):
    """A server that cannot start."""


def _ip(_: click.Context, option: click.Parameter, value: str | None) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(value)) if value else ""
    except ValueError:
        raise click.UsageError(
            f"{option.opts[0]} takes an address such as 127.0.0.1; not {value!r}."
        ) from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen here; 0.0.0.0 is everywhere.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65_535),
    help="Listen at this port; 0 takes a free one.",
)
@click.option("--base", metavar="URL", help="Where the world finds this server, if a proxy stands before it.")
@click.option("--endpoint", metavar="URL", help="Serve what this SPARQL service holds.")
@click.option(
    "--timeout",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0.1, 3_600),
    metavar="SECONDS",
    help="End a question that takes longer.",
)
@click.option(
    "--max-rows",
    default=10_000,
    show_default=True,
    type=click.IntRange(1),
    help="Cut answers after so many rows or triples, and say so.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes for questions; by default one a core.")
@click.option(
    "--allow-service",
    multiple=True,
    metavar="URL",
    help="Let queries call this service with SERVICE; repeat it for several.",
)
@click.option(
    "--proxy",
    metavar="ADDRESS",
    callback=_ip,
    help="Believe the X-Forwarded-For of the proxy at this address, to tell its clients apart.",
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
) -> Callable[[], int]:
    """Serve the catalogue as a web site, as linked data and as a SPARQL endpoint, until Ctrl-C.

    Pages are for people, the same addresses give data to programs, and /sparql takes queries. Every request
    is told in a line on stderr.

    \b
    policygraph serve
    policygraph serve --port 8080 --timeout 5
    policygraph serve --host 0.0.0.0 --base https://data.example.org/
    """
    import asyncio

    from policygraph.rdf.store import Endpoint
    from policygraph.server.evaluation import Limits

    if endpoint:
        session = Session(session.catalog.root, session.data, endpoint, session.language)
    port = _free(host, port)
    base = address(
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

    lines = _Lines()
    served = application(session, store, pool, base=base, log=lines.add)
    if proxy:
        served = behind(proxy, served)

    def run() -> int:
        import uvloop

        def told() -> None:
            click.echo(f"Serving {base} and {base}sparql; Ctrl-C ends it.", err=True)

        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(_host(served, host, port, told))
        finally:
            lines.write()

    return run


class _Lines:
    """Lines for stderr, written ten times a second, for to write each at once costs as much as an answer."""

    def __init__(self) -> None:
        self._waiting: list[str] = []

    def add(self, line: str) -> None:
        import asyncio

        if not self._waiting:
            asyncio.get_running_loop().call_later(0.1, self.write)
        self._waiting.append(line)

    def write(self) -> None:
        lines, self._waiting = self._waiting, []
        if lines:
            click.echo("\n".join(lines), err=True)


def behind(proxy: str, served: ASGIApp) -> ASGIApp:
    """An application whose clients are those that the proxy at this address tells of in X-Forwarded-For.

    Only the last address there counts, for that one the proxy saw; the others anybody may have written.
    """
    from ipaddress import ip_address

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        if (scope.get("client") or ("",))[0] == proxy:
            said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
            with suppress(ValueError):
                last = said.rpartition(b",")[2].decode("latin-1").strip()
                scope = {**scope, "client": (str(ip_address(last)), 0)}
        await served(scope, receive, send)

    return told


def application(
    session: Session, store: Store, pool: Any, *, base: str, log: Callable[[str], None]
) -> ASGIApp:
    """What is served: the session's catalogue over a store, at the public address `base`.

    `pool` answers questions, as `WorkerPool` or `RemotePool`; `log` takes a line for each request.
    """
    import gc
    from threading import Thread
    from urllib.parse import urlsplit

    from pyoxigraph import Quad

    from policygraph.rdf.formats import FORMATS
    from policygraph.server.app import app
    from policygraph.server.evaluation import GRAPHS
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
        site.page("/catalog.html")  # the files that it lists are made for their checksums

    def ready() -> None:
        gc.freeze()  # what is here stays, and need not be looked through again and again
        # Counting everything takes a while, and then an answer must not wait for it.
        Thread(target=prepare, daemon=True).start()

    root = urlsplit(base).path
    site = Site(session.catalog, store, root=root, description=triples)
    return app(
        site,
        pool,
        version=version(session),
        root=root,
        description=description,
        log=log,
        ready=ready,
    )


def version(session: Session) -> str:
    """A name for what a session's files hold, which changes when they do; for a service, the time."""
    import hashlib
    from importlib.metadata import version as installed
    from time import time

    digest = hashlib.sha256(installed("policygraph").encode())
    if session.endpoint:
        digest.update(f"{session.endpoint} {time()}".encode())
    else:
        files = session.data or [dataset.path for dataset in session.catalog.datasets.values()]
        questions = sorted((session.catalog.root / "queries").glob("*.rq"))
        for path in (*session.catalog.ontology, *files, *questions):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


async def _host(application: ASGIApp, host: str, port: int, listening: Callable[[], None]) -> int:
    """Serve until a signal ends it; then what is being answered is answered."""
    import asyncio
    import signal

    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    server = Server(
        application,
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
    announcing = asyncio.create_task(_once_there(host, port, listening))
    await server.serve()
    announcing.cancel()
    return 0 if stopped else 2


async def _once_there(host: str, port: int, tell: Callable[[], None]) -> None:
    """Tell that the server listens, when it does."""
    import asyncio

    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            tell()
            return
        await asyncio.sleep(0.01)


def _free(host: str, port: int) -> int:
    """The port, or for 0 one that is free; HostingError when it cannot be listened at."""
    import os
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as taken:
            return int(taken.getsockname()[1])
    except OSError as error:
        number = error.errno or 0  # the name service has its own, below zero
        reason = os.strerror(number).lower() if number > 0 else error.strerror
        what = f"{host}, port {port}, cannot be listened at: {reason}; choose another with --host or --port."
        raise ServerError(what) from None
