"""Fetch documents of a published site from a folder or a web address, within limits.

Neither is trusted. Symbolic links out of a folder are refused; requests go to the site's own host only,
redirects are returned and not followed, and size, time and number of requests are bounded.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import stat
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, unquote, urljoin, urlsplit

from policygraph.errors import PolicyGraphError
from policygraph.site.urls import GRAPHS, ROWS

MAX_BYTES = 256 * 1024 * 1024  # of a document, compressed or not
MAX_TOTAL_BYTES = 16 * MAX_BYTES  # of all responses of a web address
MAX_REQUESTS = 200_000
MEDIA: Mapping[str, str] = {
    ".html": "text/html",
    **GRAPHS,
    **ROWS,
    ".nq": "application/n-quads",
    ".trig": "application/trig",
    ".gz": "application/gzip",
    ".rq": "application/sparql-query",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain",
    ".atom": "application/atom+xml",
    ".graphml": "application/graphml+xml",
    ".gexf": "application/gexf+xml",
}
"""Media types by suffix; those of `.json` and `.xml` are SPARQL results."""

_AGENT = "PolicyGraph-inspection (publish check)"
_TIMEOUT = 10.0  # seconds for each step on the network
_RESPONSE_TIMEOUT = 60.0  # seconds for a whole response
_MEMBERS = 1_000  # in a gzip file
_SAFE = "/:@!$&'()*+,;=~%"


class CrawlError(PolicyGraphError):
    """A site that cannot be read at all."""


class Fetched(NamedTuple):
    """A response: a status, headers by lower-case name, and a body.

    Without a response, `status` is 0 and `problem` is a sentence.
    """

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    problem: str = ""

    @property
    def media(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Source(Protocol):
    """Where a site is read from: `address` is the root of its paths, `live` whether a server answers."""

    address: str
    live: bool

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """Fetch a path below the address; it begins with a slash."""

    def paths(self) -> list[str]:
        """List the known paths; empty where they cannot be listed."""

    def close(self) -> None:
        """Release the connection."""


class Folder:
    """A site in a folder; CrawlError when there is no such folder."""

    live = False

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(folder).resolve()
        if not self._root.is_dir():
            raise CrawlError(f"{folder} is not a folder; name a published folder, or a web address.")
        # A made-up address, one level deep, so that too many ".." in a link do not lead back into the folder.
        self.address = "http://folder.invalid/site/"

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """Read the file at a path; its suffix gives the media type."""
        name = unquote(path).lstrip("/")
        file = self._root / (name + "index.html" if name == "" or name.endswith("/") else name)
        try:
            if not file.resolve().is_relative_to(self._root):
                return Fetched(0, problem="It lies outside the folder.")
            status = file.stat()
            if not stat.S_ISREG(status.st_mode):
                return Fetched(404)
            if status.st_size > MAX_BYTES:
                return Fetched(0, problem=f"It has {status.st_size:,} bytes.")
            body = b"" if method == "HEAD" else file.read_bytes()
        except FileNotFoundError:
            return Fetched(404)
        except (OSError, ValueError, RuntimeError) as error:
            return Fetched(0, problem=f"It cannot be read ({getattr(error, 'strerror', None) or error}).")
        return Fetched(200, {"content-type": MEDIA.get(file.suffix, "")}, body)

    def paths(self) -> list[str]:
        """List every file, sorted."""
        return sorted(self._walk())

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _walk(self) -> Iterator[str]:
        for top, _, files in os.walk(self._root):
            below = Path(top).relative_to(self._root).as_posix()
            yield from (f"/{name}" if below == "." else f"/{below}/{name}" for name in files)


class Web:
    """A site at a web address; CrawlError when the address is invalid or does not answer."""

    live = True

    def __init__(self, address: str) -> None:
        try:
            parts = urlsplit(address)
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError:
            parts, self._host = urlsplit(""), ""
        if not parts.netloc.isprintable() or " " in parts.netloc:
            self._host = ""
        if parts.scheme not in ("http", "https") or not self._host or parts.query or parts.fragment:
            raise CrawlError(f"{address} is not a web address such as https://data.example.org/.")
        self._secure = parts.scheme == "https"
        self._prefix = quote(
            parts.path.rpartition("/")[0] if parts.path.endswith(".html") else parts.path, _SAFE
        )
        self._prefix = self._prefix.rstrip("/")
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._prefix}/"
        self._connection: http.client.HTTPConnection | None = None
        self.requests = self._received = 0
        first = self.get("/", accept="text/html")
        if not first.status:
            self.close()
            raise CrawlError(f"{self.address} does not answer: {first.problem}")

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """Fetch a path without following redirects; a header such as `if_none_match` is a keyword."""
        return self.fetch(self._prefix + quote(path, _SAFE + "?"), method=method, **headers)

    def paths(self) -> list[str]:
        """Return an empty list: a server does not list its documents."""
        return []

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def fetch(self, target: str, *, method: str = "GET", **headers: str) -> Fetched:
        """Fetch a path of the host, which need not be below the address."""
        self.requests += 1
        if self.requests > MAX_REQUESTS or self._received > MAX_TOTAL_BYTES:
            raise CrawlError(
                f"{self.address} is too large: {self.requests - 1:,} requests and "
                f"{self._received:,} bytes did not reach its end; publish to a folder and check that."
            )
        for retry in (True, True, False):
            answer = self._request(target, method, headers)
            wait = answer.headers.get("retry-after", "1")
            if answer.status not in (429, 503) or not retry:
                return answer
            time.sleep(min(int(wait), 5) if wait.isdecimal() else 1)
        return answer

    def _request(self, target: str, method: str, headers: Mapping[str, str]) -> Fetched:
        for fresh in (False, True):
            connection = self._connect(fresh)
            try:
                connection.putrequest(method, target, skip_accept_encoding=True)
                connection.putheader("User-Agent", _AGENT)
                for name, value in headers.items():
                    connection.putheader(name.replace("_", "-"), value)
                if method == "POST":
                    connection.putheader("Content-Length", "0")
                connection.endheaders()
                with _deadline(_RESPONSE_TIMEOUT, connection.sock):
                    response = connection.getresponse()
                    body = _body(response)
            except http.client.IncompleteRead:
                connection.close()
                return Fetched(0, problem="Its body ends too early.")
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                if not fresh and isinstance(error, http.client.BadStatusLine | ConnectionError):
                    continue  # the server closed an idle connection
                message = printable(f"{type(error).__name__}: {error}")
                return Fetched(0, problem=message.rstrip(": .\N{REPLACEMENT CHARACTER}") + ".")
            received: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                received[key] = f"{received[key]}, {value}" if key in received else value
            if body is None:
                connection.close()
                return Fetched(0, received, problem="It has more bytes than are read.")
            self._received += len(body)
            return Fetched(response.status, received, body)
        raise AssertionError("unreachable")

    def _connect(self, fresh: bool) -> http.client.HTTPConnection:
        if self._connection is None or fresh:
            connection = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self.close()
            self._connection = connection(self._host, self._port, timeout=_TIMEOUT)
        return self._connection


@contextmanager
def _deadline(seconds: float, connection: Any) -> Iterator[None]:
    """Shut a connection down after so many seconds, even if bytes keep coming."""

    late = False

    def end() -> None:
        nonlocal late
        late = True
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late:  # without a Content-Length, a cut body looks complete
        raise TimeoutError(f"it took more than {seconds:.0f} seconds")


def _body(response: http.client.HTTPResponse) -> bytes | None:
    """Read a body; None when it is too large."""
    parts, size = [], 0
    while part := response.read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            return None
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


def decompress(data: bytes) -> bytes:
    """Decompress gzip data; ValueError, with a sentence, when it is corrupt or too large."""
    parts, size, members = [], 0, 0
    while data:
        members += 1
        if members > _MEMBERS:
            raise ValueError(f"It has more than {_MEMBERS:,} gzip members.")
        decompressor = zlib.decompressobj(wbits=31)
        try:
            while not decompressor.eof and data:
                part = decompressor.decompress(data, 1 << 20)
                parts.append(part)
                size += len(part)
                if size > MAX_BYTES:
                    raise ValueError(f"Decompressed, it has more than {MAX_BYTES:,} bytes.")
                data = decompressor.unconsumed_tail
                if not part and not data:
                    break
        except zlib.error as error:
            raise ValueError(f"It cannot be decompressed ({error}).") from None
        if not decompressor.eof:
            raise ValueError("It ends too early.")
        data = decompressor.unused_data
    return b"".join(parts)


def printable(text: str) -> str:
    """Replace line breaks and control characters in untrusted text, which a terminal would obey."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def open_source(where: str) -> Folder | Web:
    """Open a web address or a folder; CrawlError when it is neither."""
    return Web(where) if where.startswith(("http://", "https://")) else Folder(where)


class SiteUrls:
    """Map URLs to paths: documents are at `address`, and their IRIs begin with `base`."""

    def __init__(self, address: str, base: str) -> None:
        self.address, self.base = address, base

    def path(self, address: str) -> str | None:
        """The path of a URL or IRI of the site, without fragment; None for any other."""
        for prefix in (self.address, self.base):
            if prefix and address.startswith(prefix):
                return "/" + unquote(re.split("[?#]", address[len(prefix) :], maxsplit=1)[0])
        return None

    def resolve(self, href: str, path: str) -> str:
        """The absolute URL of a link on the page at a path."""
        with suppress(ValueError):
            return urljoin(self.address + quote(path.lstrip("/"), _SAFE), href.strip())
        return ""
