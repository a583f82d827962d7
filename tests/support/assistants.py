"""Ask the tools of assistants as they do, by the SDK's own client."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor

import pytest


def results(server, calls):
    """The tools of a server, and what it answers to calls, each a name and arguments."""
    return run(server, calling(calls))


def calling(calls):
    """What asks a client for both."""

    async def ask(client):
        return (await client.list_tools()).tools, [await client.call_tool(*call) for call in calls]

    return ask


def run(server, ask, **options):
    """What asking a client of a server gives, in a thread of its own: where a browser runs, this one has an
    event loop already. The server is one in this process, an address, or the arguments of a command.
    """
    mcp = pytest.importorskip("mcp")  # not at import, which takes every process a second
    if isinstance(server, list):
        started = mcp.StdioServerParameters(
            command=sys.executable, args=["-m", "policygraph", *server], env={**os.environ}
        )
        server = mcp.stdio_client(started)

    async def connected():
        async with mcp.Client(server, **options) as client:
            return await ask(client)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(connected())).result()


@contextlib.contextmanager
def connected(server):
    """What a client of a server that goes on running gives, as a function of what `run` asks."""
    mcp, begun, ended = pytest.importorskip("mcp"), Future(), Future()

    async def connect():
        async with mcp.Client(server) as client:
            begun.set_result((client, asyncio.get_running_loop()))
            await asyncio.wrap_future(ended)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: asyncio.run(connect()))
        running.add_done_callback(lambda done: begun.done() or begun.set_exception(done.exception()))
        client, loop = begun.result()
        try:
            yield lambda ask: asyncio.run_coroutine_threadsafe(ask(client), loop).result()
        finally:
            ended.set_result(None)
            running.result()
