"""Define the command that serves the site, linked data and a SPARQL endpoint."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

import policygraph
from policygraph.cli.options import Session, option, previous_option, services_option, url_callback
from policygraph.errors import PolicyGraphError, extra

if TYPE_CHECKING:
    from policygraph.server.app import Application

_SOME = click.IntRange(1)


def _parse_ip(_: click.Context, option: click.Parameter, value: str | None) -> str:
    from ipaddress import ip_address

    try:
        return str(ip_address(value)) if value else ""
    except ValueError:
        what = f"{option.opts[0]} takes an address such as 127.0.0.1; not {value!r}."
        raise click.UsageError(what) from None


@click.command(context_settings={"show_default": True})
@click.option("--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", default=8000, type=click.IntRange(0, 65_535), help="Port to listen on; 0 for a free one."
)
@option("--base URL", "Public URL of this server, if it is behind a proxy.", callback=url_callback)
@option("--endpoint URL", "Serve the data of this SPARQL endpoint.")
@option(
    "--timeout SECONDS",
    "Query timeout; a query that takes longer is stopped.",
    default=10.0,
    type=click.FloatRange(0.1, 3_600),
)
@click.option("--max-rows", "rows", default=1_000_000, type=_SOME, help="Most rows of a result.")
@click.option("--max-bytes", "size", default=100_000_000, type=_SOME, help="Most bytes of a result.")
@click.option("--workers", type=_SOME, help="Processes that run queries; default: one per core, 2 at least.")
@services_option
@option(
    "--proxy ADDRESS",
    "Trust X-Forwarded-For from the proxy at this address, to tell clients apart.",
    callback=_parse_ip,
)
@previous_option
@click.option("--mcp", is_flag=True, help="Let assistants ask too, over the Model Context Protocol at /mcp.")
@click.option("--watch", is_flag=True, help="Serve changed files as soon as they can be read, as on SIGHUP.")
@click.pass_obj
def serve(
    session: Session,
    /,
    host: str,
    port: int,
    base: str,
    endpoint: str | None,
    services: tuple[str, ...],
    watch: bool,
    **options: Any,
) -> int:
    """Serve a web site, linked data and a SPARQL endpoint.

    The same URLs return HTML to browsers and RDF to programs; /sparql takes queries. Each request is
    logged in a line on stderr. Stop the server with Ctrl-C; SIGHUP has it read the files anew.

    \b
    policygraph serve
    policygraph serve --watch
    policygraph serve --port 8080 --timeout 5
    policygraph serve --host 0.0.0.0 --base https://data.example.org/
    """
    import asyncio
    import signal

    with extra("server", "policygraph serve"):
        import granian  # noqa: F401  imported where it is used, but missing before anything starts
        import uvloop

    remote = endpoint or session.endpoint
    context = click.get_current_context()
    if endpoint and (session.data or session.catalog.place or session.endpoint or session.catalog.is_past):
        what = "--data, --store, --as-of and --endpoint exclude each other: serve one of them."
        raise click.UsageError(what)
    if context.parent and context.parent.params["language"]:
        raise click.UsageError("--language is for one reader: each page is served in all; leave it out.")
    if session.options and not remote:
        raise click.UsageError("--graph, --header, --method, and --timeout before serve, need --endpoint.")
    if remote and (services or session.services):
        raise click.UsageError("--allow-service is for files and datasets; an endpoint decides for itself.")
    if context.get_parameter_source("timeout") is click.core.ParameterSource.DEFAULT:
        options["timeout"] = session.options.get("timeout", options["timeout"])
    if remote and watch:
        raise click.UsageError("--watch is for files: what an --endpoint holds is asked each time.")
    if not sys.stderr.isatty():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to read anew
    port = _free_port(host, port)
    name = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
    base = base or f"http://{name}:{port}/"
    asgi_app = policygraph.app(
        session.catalog,
        store=session.open(remote) if remote else None,
        base=base,
        services=(*session.services, *services),
        log=lambda line: click.echo(line, err=True),
        **options,
    )

    signal.signal(signal.SIGINT, signal.default_int_handler)  # until the server has its own
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run_server(asgi_app, host, port, base, watch=watch))


@click.command()
@click.pass_obj
def mcp(session: Session) -> None:
    """Let an assistant ask this catalogue, over the Model Context Protocol on stdin and stdout.

    Its tools search, describe, connect and ask, read-only; each reply has the claims with their basis,
    passages and a citation. Name this command in the assistant's list of servers:

    \b
    {"mcpServers": {"policygraph": {"command": "policygraph", "args": ["mcp"]}}}
    """
    import asyncio

    server = policygraph.assistant(session.catalog, **session.source)
    from mcp.server.stdio import stdio_server

    async def answer() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    asyncio.run(answer())


async def _run_server(app: Application, host: str, port: int, base: str, *, watch: bool) -> int:
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
    stopped, terminal, tasks = False, sys.stderr.isatty(), set()

    def stop() -> None:
        nonlocal stopped
        stopped = True
        server.stop()  # type: ignore[no-untyped-call]

    def hang_up() -> None:
        if terminal and not sys.stderr.isatty():  # it was closed
            stop()
        else:
            tasks.add(asyncio.create_task(app.reload()))  # or it may be garbage-collected

    for number, handle in ((signal.SIGINT, stop), (signal.SIGTERM, stop), (signal.SIGHUP, hang_up)):
        asyncio.get_running_loop().add_signal_handler(number, handle)
    tasks = {asyncio.create_task(_announce(host, port, base))}
    if watch:
        tasks.add(asyncio.create_task(app.watch()))
    try:
        await server.serve()
    except RuntimeError as error:
        if "in use" not in str(error):
            raise
        # Another process has taken the port since.
        raise _refused(host, port, str(error).partition(" (os error")[0].lower()) from None
    for task in tasks:
        task.cancel()
    return 0 if stopped else 2


async def _announce(host: str, port: int, base: str) -> None:
    import asyncio

    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            click.echo(f"Serving {base} and {base}sparql; Ctrl-C ends it.", err=True)
            return
        await asyncio.sleep(0.01)


def _free_port(host: str, port: int) -> int:
    """The port, or a free one for 0; PolicyGraphError when it is taken."""
    import os
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        number = error.errno or 0  # errors of name resolution are negative
        reason = os.strerror(number).lower() if number > 0 else error.strerror
        raise _refused(host, port, reason) from None


def _refused(host: str, port: int, reason: str | None) -> PolicyGraphError:
    what = f"cannot listen on {host}, port {port}: {reason}"
    return PolicyGraphError(f"{what}; choose another with --host or --port.")
