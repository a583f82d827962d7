"""Fetch documents of a published site from a folder or a web address.

Requests go to the site's own host only, redirects are returned and not followed, and size, time and number of
requests are bounded.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from policygraph.errors import PolicyGraphError
from policygraph.rdf.formats import FORMATS
from policygraph.site.urls import FORMS, SAFE, decode
from policygraph.text import printable

if TYPE_CHECKING:
    import httpx
    from anyio.from_thread import BlockingPortal

MAX_BYTES = 256 * 1024 * 1024  # of a document, decompressed
MAX_TOTAL_BYTES = 16 * MAX_BYTES  # of all responses of a web address
MAX_REQUESTS = 200_000
MEDIA: Mapping[str, str] = {
    **FORMS,
    **{row.suffixes[0]: row.media for row in FORMATS.values() if row.suffixes},
    ".gz": "application/gzip",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".atom": "application/atom+xml",
    ".graphml": "application/graphml+xml",
    ".gexf": "application/gexf+xml",
}
"""Media types by suffix; those of `.json` and `.xml` are SPARQL results."""

LOCAL = re.compile(r"localhost|.*\.localhost|.*\.local|127\.[0-9.]+|0\.0\.0\.0|::1")
"""Hosts that only this machine or network reaches."""

_AGENT = "PolicyGraph-inspection (publish check)"
_STEP = 10.0  # seconds without a byte


class CrawlError(PolicyGraphError):
    """A site that cannot be read at all."""


class Fetched(NamedTuple):
    """A response: a status, headers by lower-case name, and a body without content coding.

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

    @property
    def digest(self) -> str:
        """The SHA-256 of the body, in hexadecimal digits."""
        return sha256(self.body).hexdigest()


class Folder:
    """A site in a folder; CrawlError when there is no such folder."""

    def __init__(self, folder: str | Path) -> None:
        self._root = Path(folder).resolve()
        if not self._root.is_dir():
            raise CrawlError(f"{folder} is not a folder; name a published folder, or a web address.")
        # A made-up address, one level deep, so that too many ".." in a link do not lead back into the folder.
        self.address = "http://folder.invalid/site/"

    def get(self, path: str, accept: str = "") -> Fetched:
        """Read the file at a path."""
        try:
            file = (self._root / path.lstrip("/")).resolve()
            if not file.is_relative_to(self._root):
                return Fetched(0, problem="It lies outside the folder.")
            return Fetched(200, body=file.read_bytes()) if file.is_file() else Fetched(404)
        except (OSError, ValueError, RuntimeError) as error:
            return Fetched(0, problem=f"It cannot be read ({getattr(error, 'strerror', None) or error}).")

    def paths(self) -> list[str]:
        """List every file, sorted."""
        files = (file for file in self._root.rglob("*") if file.is_file())
        return sorted(f"/{file.relative_to(self._root).as_posix()}" for file in files)


class Web:
    """A site at a web address; CrawlError when the address is invalid or does not answer."""

    def __init__(
        self, address: str, client: httpx.AsyncClient, portal: BlockingPortal, seconds: float
    ) -> None:
        self._client, self._portal, self._seconds = client, portal, seconds
        parts = split_url(address) or urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise CrawlError(f"{address} is not a web address such as https://data.example.org/.")
        self._host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        path = parts.path.rpartition("/")[0] if parts.path.endswith(".html") else parts.path
        self._prefix = quote(path, f"{SAFE}%").rstrip("/")
        self.address = f"{self._host}{self._prefix}/"
        if f".{path.rpartition('.')[2]}" in MEDIA:
            raise CrawlError(f"{printable(address)} is a document; give the address of the site.")
        self.is_local = bool(LOCAL.fullmatch(parts.hostname or ""))
        self.requests = self._received = 0
        first = self.get("/", accept="text/html")
        if not first.status:
            raise CrawlError(f"{printable(self.address)} does not answer: {first.problem}")

    def get(self, path: str, accept: str = "", *, method: str = "GET") -> Fetched:
        """Fetch a path below the address without following redirects."""
        import httpx

        self.requests += 1
        if self.requests > MAX_REQUESTS or self._received > MAX_TOTAL_BYTES:
            so_far = f"{self.requests - 1:,} requests and {self._received:,} bytes did not reach its end"
            raise CrawlError(f"{self.address} is too large: {so_far}; publish to a folder and check that.")
        url = self._host + self._prefix + quote(path, SAFE)
        try:
            answer = self._portal.call(self._request, method, url, accept)
        except (TimeoutError, httpx.TimeoutException):
            what = f"It took more than {self._seconds:g} seconds, or {_STEP:g} without a byte."
            return Fetched(0, problem=what)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            return Fetched(0, problem=printable(f"{type(error).__name__}: {error}").rstrip(": .") + ".")
        if answer.status == 429:
            raise CrawlError(f"{self.address} answers 429 (too many requests); wait, and check again.")
        self._received += len(answer.body)
        return answer

    async def _request(self, method: str, url: str, accept: str) -> Fetched:
        headers, body = {"accept": accept} if accept else {}, bytearray()
        async with asyncio.timeout(self._seconds):
            async with self._client.stream(method, url, headers=headers) as response:
                # Each coding can expand a thousandfold.
                if "," in response.headers.get("content-encoding", ""):
                    return Fetched(0, problem="It is encoded more than once.")
                async for part in response.aiter_bytes():
                    body += part
                    if len(body) > MAX_BYTES:
                        return Fetched(0, problem="It has more bytes than are read.")
        return Fetched(response.status_code, dict(response.headers), bytes(body))


Source: TypeAlias = Folder | Web


@contextmanager
def open_source(where: str, seconds: float) -> Iterator[Source]:
    """Open a web address or a folder.

    Args:
        where: the folder or the web address.
        seconds: the most that a document may take to arrive.

    CrawlError when it is neither.
    """
    if not where.startswith(("http://", "https://")):
        yield Folder(where)
        return
    import ssl

    import httpx
    from anyio.from_thread import start_blocking_portal

    client = httpx.AsyncClient(
        headers={"user-agent": _AGENT, "accept-encoding": "gzip"},
        limits=httpx.Limits(keepalive_expiry=2),  # servers close an idle connection after 5 seconds or more
        timeout=min(_STEP, seconds),
        trust_env=False,
        verify=ssl.create_default_context(),  # the system's authorities
    )
    del client.headers["accept"]
    # The requests run in a thread of their own, where they can be cancelled at any time.
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        yield Web(where, client, portal, seconds)


@lru_cache(1 << 14)
def split_url(address: str) -> SplitResult | None:
    """Split a URL; None when its host or port is invalid."""
    with suppress(ValueError):
        parts = urlsplit(address)
        _ = parts.port
        return parts
    return None


def decompress(data: bytes) -> bytes:
    """Decompress gzip data; ValueError, with a sentence, when it is corrupt or too large."""
    try:
        body = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"It cannot be decompressed ({str(error).rstrip('.')}).") from None
    if len(body) > MAX_BYTES:
        raise ValueError(f"Decompressed, it has more than {MAX_BYTES:,} bytes.")
    return body


class SiteUrls:
    """Map URLs to paths: documents are at `address`, for the public at `public`; IRIs begin with `base`."""

    def __init__(self, address: str, base: str, public: str = "") -> None:
        self.address, self.base, self.public = address, base, public

    def path(self, address: str) -> str | None:
        """The path of a URL or IRI of the site, without fragment; None for any other."""
        for prefix in (self.address, self.public, self.base):
            if prefix and address.startswith(prefix):
                return "/" + decode(re.split("[?#]", address[len(prefix) :], maxsplit=1)[0])
        return None

    def resolve(self, href: str, path: str) -> str:
        """The absolute URL of a link on the page at a path."""
        href = href.strip()
        # A link without a path leads to the page; of all others, the folder is enough.
        to_page = re.match(r"(?:[a-z]+:)?(?://)?(?:[?#;\0]|$)", href)
        return _join(self.address, path if to_page else f"{path.rpartition('/')[0]}/", href)


@lru_cache(1 << 14)  # since pages link the same again and again
def _join(address: str, path: str, href: str) -> str:
    with suppress(ValueError):
        return urljoin(address + quote(path.lstrip("/"), SAFE), href)
    return ""
