"""Servers on loopback that answer every request as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Reply = Callable[[BaseHTTPRequestHandler], None]
RESULTS = "application/sparql-results+json"
EMPTY = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'


@contextmanager
def servers() -> Iterator[Callable[[Reply], str]]:
    """A function that starts a server and returns the address of its endpoint."""
    started = []

    def start(reply: Reply) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                reply(self)

            do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}/sparql"

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """What `python -m http.server` answers with."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(folder: Path, handler: type[Quiet] = Quiet, **options: object) -> Iterator[str]:
    """The address of a plain web server of a folder; `options` are the handler's."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder), **options))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def sends(
    body: bytes = EMPTY,
    media: str | None = RESULTS,
    *,
    status: int = 200,
    length: int | None = None,
    header: tuple[str, str] = ("X-Test", "1"),
) -> Reply:
    """A reply with a body and a header."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header(*header)
        if media:
            request.send_header("Content-Type", media)
        request.send_header("Content-Length", str(len(body) if length is None else length))
        request.end_headers()
        request.wfile.write(body)

    return reply
