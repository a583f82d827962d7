"""The SPARQL endpoint on loopback, in a process of its own, as in production."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media(self):
        return self.headers.get("content-type", "").partition(";")[0]


class Endpoint(NamedTuple):
    """A running endpoint."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, method="GET", address="/sparql", body=None, headers=None, source=""):
        """Send a request with these headers and no others; header names come back in lower case.

        `source` is the address that it comes from, which on loopback may be any 127.x.y.z.
        """
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=30, source_address=(source, 0)
        )
        with contextlib.closing(connection):
            connection.putrequest(method, address, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and "Transfer-Encoding" not in (headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, received, response.read())

    def memory(self):
        """The resident memory of the server and all its processes, in MB."""
        pages = 0
        for pid in family(self.process.pid):
            with contextlib.suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def family(pid):
    """The ids of a process and of all that it started."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


@contextlib.contextmanager
def running(folder, **settings):
    """An endpoint with the settings of `WorkerPool`, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = Path(folder) / "server.log"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "endpoint:app"]
    command += ["--port", str(port), "--http", "1", "--http1-header-read-timeout", "3000"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "SETTINGS": repr(settings)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder
        )
    try:
        for _ in range(600):
            assert process.poll() is None, log.read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield Endpoint(port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Application(NamedTuple):
    """The same application in this process, without a socket; it lives on a thread of its own."""

    loop: asyncio.AbstractEventLoop
    transport: object

    def ask(self, method="GET", address="/sparql", body=None, headers=None):
        import httpx

        async def send():
            async with httpx.AsyncClient(transport=self.transport, base_url="http://127.0.0.1") as tool:
                request = tool.build_request(method, address, content=body)
                for name in ("accept", "accept-encoding", "content-type"):  # httpx has defaults
                    request.headers.pop(name, None)
                request.headers.update(headers or {})
                reply = await tool.send(request, stream=True)
                received = b"".join([part async for part in reply.aiter_raw()])  # gzipped as it came
                return Reply(reply.status_code, dict(reply.headers), received)

        return asyncio.run_coroutine_threadsafe(send(), self.loop).result(60)


@contextlib.contextmanager
def application(**settings):
    import httpx

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        pool, app = make(settings)
        asyncio.run_coroutine_threadsafe(pool.__aenter__(), loop).result(60)
        yield Application(loop, httpx.ASGITransport(app))
        asyncio.run_coroutine_threadsafe(pool.__aexit__(), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def app():
    """The application that `running` starts, made from the environment."""
    from ast import literal_eval

    return make(literal_eval(os.environ["SETTINGS"]))[1]


def make(settings):
    """The pool and the application with these settings."""
    from policygraph.catalog.catalog import Catalog
    from policygraph.server.evaluation import Limits
    from policygraph.server.pool import WorkerPool
    from policygraph.server.protocol import SparqlProtocol
    from policygraph.server.responses import page_response, send_response, text_response
    from policygraph.site.rendering import Page

    limits = Limits(**settings.pop("limits", {}))
    pool = WorkerPool(Catalog.find().load(), limits=limits, **settings)

    async def page(scope, receive, send):
        await send_response(page_response(200, Page(b"page")), scope, send)

    endpoint = SparqlProtocol(pool, "1", describe, page)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            async with pool:
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["path"] == "/sparql":
            await endpoint(scope, receive, send)
        else:
            await send_response(text_response(404, "Nothing is here."), scope, send)

    return pool, app


def describe(name):
    """A service description of one triple."""
    from pyoxigraph import RdfFormat, parse

    from policygraph.rdf.formats import write

    text = "[] a <http://www.w3.org/ns/sparql-service-description#Service> ."
    return write(parse(text.encode(), format=RdfFormat.TURTLE), format=name)
