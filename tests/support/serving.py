"""The server as people start it, for a session of tests, and the same application without a socket.

A test module says `pytest_plugins = ["serving"]` and takes `served`, `inside`, or both in turn as `either`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import endpoint
import pytest

PLANS = "SELECT ?plan WHERE { ?plan a pg:Plan ; pg:endDate ?end } ORDER BY ?plan"


@contextlib.contextmanager
def running(folder, *options, catalog=None):
    """Run `policygraph serve` with these options on a free port, until it is ready."""
    log = Path(folder) / "serve.log"
    own = ["--catalog", catalog.root] if catalog else []
    command = [sys.executable, "-m", "policygraph", *own, "serve", "--port", "0", *options]

    def start():
        with log.open("wb") as output:
            return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=folder)

    process = start()
    try:
        for _ in range(1_200):
            if process.poll() is not None and "already in use" in log.read_text():
                process = start()  # a client of another test had got the port before the server
            assert process.poll() is None, log.read_text()
            if match := re.search(r"Serving http://127\.0\.0\.1:(\d+)/", log.read_text()):
                break
            time.sleep(0.05)
        else:
            raise AssertionError(log.read_text())
        yield endpoint.Endpoint(int(match[1]), process, log)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """The shipped catalogue, served on loopback."""
    with running(tmp_path_factory.mktemp("served")) as server:
        yield server


async def started(app):
    """Start an application (ASGI's lifespan protocol); what is returned ends it."""
    received, sent = asyncio.Queue(), asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, received.get, sent.put))

    async def send(event):
        await received.put({"type": f"lifespan.{event}"})
        assert (await sent.get())["type"] == f"lifespan.{event}.complete"

    async def end():
        await send("shutdown")
        await task

    await send("startup")
    return end


@contextlib.contextmanager
def application(**settings):
    """The same without a socket, on a thread of its own."""
    import httpx

    import policygraph

    catalog = policygraph.Catalog.find(settings.pop("catalog", None))
    lines = settings.pop("lines", [])
    base = settings.pop("base", "http://127.0.0.1/")
    app = policygraph.app(catalog, base=base, workers=1, log=lines.append, **settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    alive = asyncio.run_coroutine_threadsafe(started(app), loop).result(60)
    try:
        yield endpoint.Application(loop, httpx.ASGITransport(app, raise_app_exceptions=False))
        asyncio.run_coroutine_threadsafe(alive(), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="session")
def inside():
    with application() as app:
        yield app


@pytest.fixture(params=["served", "inside"])
def either(request):
    return request.getfixturevalue(request.param)
