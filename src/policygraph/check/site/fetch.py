"""Places where a published site can be read, a folder or a web address, one path at a time and within limits.

Neither is trusted. A folder is read without following links out of it; a web address is asked on its own host
alone, redirects are told and not followed, and whatever has no end is cut.
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

LARGEST = 256 * 1024 * 1024  # bytes of a document, packed or not
MOST_BYTES = 16 * LARGEST  # of all documents of a web address
MOST_REQUESTS = 200_000
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
"""Media types by suffix; `.json` and `.xml` are those of SPARQL's answers, where they are answers."""

_AGENT = "PolicyGraph-inspection (publish check)"
_TIMEOUT = 10.0  # seconds for each step on the network
_PATIENCE = 60.0  # seconds for one answer
_MEMBERS = 1_000  # of a gzip file
_SAFE = "/:@!$&'()*+,;=~%"


class CrawlError(PolicyGraphError):
    """A place that cannot be read at all."""


class Fetched(NamedTuple):
    """What a place answers for a path: a status, headers by name in lower case, and a body.

    `problem` is a sentence when there is no answer, and the status then 0.
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
    """Where a site is: `address` is what its paths hang under, `live` whether there is a server."""

    address: str
    live: bool

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """The answer for a path that begins with a slash, below the address."""

    def names(self) -> list[str]:
        """Every path that is known to be there; none where one cannot list them."""

    def close(self) -> None:
        """Give back what was taken to read it."""


class Folder:
    """A folder of documents; CrawlError when there is none."""

    live = False

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(folder).resolve()
        if not self._root.is_dir():
            raise CrawlError(f"{folder} is no folder; name the one that was published, or a web address.")
        # What stands for the folder in links; one level, so that ".." cannot lead back by going too far.
        self.address = "http://folder.invalid/site/"

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """The file at a path, with the media type that its name has."""
        name = unquote(path).lstrip("/")
        file = self._root / (name + "index.html" if name == "" or name.endswith("/") else name)
        try:
            if not file.resolve().is_relative_to(self._root):
                return Fetched(0, problem="It lies outside the folder.")
            status = file.stat()
            if not stat.S_ISREG(status.st_mode):
                return Fetched(404)
            if status.st_size > LARGEST:
                return Fetched(0, problem=f"It has {status.st_size:,} bytes.")
            body = b"" if method == "HEAD" else file.read_bytes()
        except FileNotFoundError:
            return Fetched(404)
        except (OSError, ValueError, RuntimeError) as error:
            return Fetched(0, problem=f"It cannot be read ({getattr(error, 'strerror', None) or error}).")
        return Fetched(200, {"content-type": MEDIA.get(file.suffix, "")}, body)

    def names(self) -> list[str]:
        """Every file, in the order of the alphabet."""
        return sorted(self._walk())

    def close(self) -> None:
        """Nothing is kept."""

    def _walk(self) -> Iterator[str]:
        for top, _, files in os.walk(self._root):
            below = Path(top).relative_to(self._root).as_posix()
            yield from (f"/{name}" if below == "." else f"/{below}/{name}" for name in files)


class Web:
    """A web address, which is what the site's paths hang under; CrawlError when it is none, or not there."""

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
            raise CrawlError(f"{address} is no web address such as https://data.example.org/.")
        self._secure = parts.scheme == "https"
        self._prefix = quote(
            parts.path.rpartition("/")[0] if parts.path.endswith(".html") else parts.path, _SAFE
        )
        self._prefix = self._prefix.rstrip("/")
        self.address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._prefix}/"
        self._kept: http.client.HTTPConnection | None = None
        self.requests = self._received = 0
        first = self.get("/", accept="text/html")
        if not first.status:
            self.close()
            raise CrawlError(f"{self.address} does not answer: {first.problem}")

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Fetched:
        """The answer for a path, redirects as they are; `if_none_match` is the header of that name."""
        return self.fetch(self._prefix + quote(path, _SAFE + "?"), method=method, **headers)

    def names(self) -> list[str]:
        """None: a server does not list what it has."""
        return []

    def close(self) -> None:
        """End the connection that is kept."""
        if self._kept is not None:
            self._kept.close()

    def fetch(self, target: str, *, method: str = "GET", **headers: str) -> Fetched:
        """The answer for a path of the host, whether or not it is below the address."""
        self.requests += 1
        if self.requests > MOST_REQUESTS or self._received > MOST_BYTES:
            raise CrawlError(
                f"{self.address} comes to no end: after {self.requests - 1:,} requests "
                f"and {self._received:,} bytes there is more; publish to a folder and check that."
            )
        for again in (True, True, False):
            answer = self._asked(target, method, headers)
            wait = answer.headers.get("retry-after", "1")
            if answer.status not in (429, 503) or not again:
                return answer
            time.sleep(min(int(wait), 5) if wait.isdecimal() else 1)
        return answer

    def _asked(self, target: str, method: str, headers: Mapping[str, str]) -> Fetched:
        for fresh in (False, True):
            connection = self._connection(fresh)
            try:
                connection.putrequest(method, target, skip_accept_encoding=True)
                connection.putheader("User-Agent", _AGENT)
                for name, value in headers.items():
                    connection.putheader(name.replace("_", "-"), value)
                if method == "POST":
                    connection.putheader("Content-Length", "0")
                connection.endheaders()
                with _at_most(_PATIENCE, connection.sock):
                    response = connection.getresponse()
                    body = _body(response)
            except http.client.IncompleteRead:
                connection.close()
                return Fetched(0, problem="Its body breaks off.")
            except (OSError, http.client.HTTPException, ValueError) as error:
                connection.close()
                if not fresh and isinstance(error, http.client.BadStatusLine | ConnectionError):
                    continue  # the server ended a connection that was kept
                said = printable(f"{type(error).__name__}: {error}")
                return Fetched(0, problem=said.rstrip(": .\N{REPLACEMENT CHARACTER}") + ".")
            found: dict[str, str] = {}
            for name, value in response.getheaders():
                key = name.lower()
                found[key] = f"{found[key]}, {value}" if key in found else value
            if body is None:
                connection.close()
                return Fetched(0, found, problem="It has more bytes than are read.")
            self._received += len(body)
            return Fetched(response.status, found, body)
        raise AssertionError("unreachable")

    def _connection(self, fresh: bool) -> http.client.HTTPConnection:
        if self._kept is None or fresh:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self.close()
            self._kept = kind(self._host, self._port, timeout=_TIMEOUT)
        return self._kept


@contextmanager
def _at_most(seconds: float, connection: Any) -> Iterator[None]:
    """A connection that is ended after so long, however slowly what comes there trickles."""

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
    if late:  # what has come looks whole where its length was not told
        raise TimeoutError(f"it took more than {seconds:.0f} seconds")


def _body(response: http.client.HTTPResponse) -> bytes | None:
    """A whole body; None when it is too large."""
    parts, size = [], 0
    while part := response.read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            return None
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(parts)


def unpacked(data: bytes) -> bytes:
    """What is in gzipped data; ValueError, with a sentence, when it is unsound or grows without measure."""
    parts, size, members = [], 0, 0
    while data:
        members += 1
        if members > _MEMBERS:
            raise ValueError(f"It is packed in more than {_MEMBERS:,} pieces.")
        packer = zlib.decompressobj(wbits=31)
        try:
            while not packer.eof and data:
                part = packer.decompress(data, 1 << 20)
                parts.append(part)
                size += len(part)
                if size > LARGEST:
                    raise ValueError(f"Unpacked, it has more than {LARGEST:,} bytes.")
                data = packer.unconsumed_tail
                if not part and not data:
                    break
        except zlib.error as error:
            raise ValueError(f"It cannot be unpacked ({error}).") from None
        if not packer.eof:
            raise ValueError("It ends too early.")
        data = packer.unused_data
    return b"".join(parts)


def printable(text: str) -> str:
    """A stranger's text without line breaks and control signs, which a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def place(where: str) -> Folder | Web:
    """The place that a web address or the name of a folder means; CrawlError when it is none."""
    return Web(where) if where.startswith(("http://", "https://")) else Folder(where)


class SiteUrls:
    """The ways between addresses: what is at `address` of a place has IRIs that begin with `base`."""

    def __init__(self, address: str, base: str) -> None:
        self.address, self.base = address, base

    def path(self, address: str) -> str | None:
        """The path of an absolute address or an IRI of the site, without its fragment; None for any other."""
        for beginning in (self.address, self.base):
            if beginning and address.startswith(beginning):
                return "/" + unquote(re.split("[?#]", address[len(beginning) :], maxsplit=1)[0])
        return None

    def resolved(self, href: str, path: str) -> str:
        """The absolute address that a link means on the page at a path."""
        with suppress(ValueError):
            return urljoin(self.address + quote(path.lstrip("/"), _SAFE), href.strip())
        return ""
