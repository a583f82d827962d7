"""Send the HTTP requests of endpoints: with credentials for their own host alone, retries and limits."""

from __future__ import annotations

import os
import re
import urllib.request
from base64 import b64encode
from contextlib import suppress
from copy import copy
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from http.client import HTTPException, IncompleteRead
from ipaddress import ip_address
from math import inf
from netrc import NetrcParseError, netrc
from socket import SHUT_RDWR
from threading import Timer
from time import monotonic, sleep, time
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

from policygraph.errors import EndpointError, reason
from policygraph.text import printable

_SIZE_LIMIT = 1_000_000_000  # bytes of a response, which is kept in memory
_HARMLESS = ("Accept", "User-agent")  # headers that every host may see
_WAITS = (0.5, 1.0, 2.0)  # seconds before another try; more where the service asks for more


class EndpointResponse(NamedTuple):
    """A response of whatever status, read to its end."""

    status: int
    headers: Message
    body: bytes


class Headers(dict[str, str]):
    """HTTP headers that repr does not tell, for some are secret."""

    def __repr__(self) -> str:
        return "Headers(…)"


class Login(NamedTuple):
    """A user and password, or a token, or nothing; repr tells none of them."""

    user: str | None = None
    password: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        return "Login(…)"

    @classmethod
    def find(cls, url: str) -> Login:
        """The login in the environment, else that of ~/.netrc for the host of a URL, else an empty one."""
        names = ("USER", "PASSWORD", "TOKEN")
        self = cls(*(os.environ.get(f"POLICYGRAPH_{name}") or None for name in names))
        if self == cls():
            with suppress(OSError, NetrcParseError, UnicodeDecodeError):  # they may quote a password
                # Not authenticators(), which gives any host the default entry.
                if entry := netrc().hosts.get(urlsplit(url).hostname or ""):
                    self = cls(entry[0], entry[2])
        if self.token is None and (self.user is None) != (self.password is None):
            raise EndpointError("Set both POLICYGRAPH_USER and POLICYGRAPH_PASSWORD; one alone is no use.")
        if not re.fullmatch(r"[!-~]*", self.token or ""):
            raise EndpointError("The token holds a space, a line break or another sign that no token has.")
        if self != cls() and urlsplit(url).scheme == "http" and not _is_loopback(url):
            what = f"{url} is plain http, where others can read a password or token; use https, or unset"
            raise EndpointError(f"{what} POLICYGRAPH_USER, POLICYGRAPH_PASSWORD and POLICYGRAPH_TOKEN.")
        return self


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirects of what is read, from https to https only; another host gets no secrets."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request for the new address; EndpointError where its query or its secrecy would be lost."""
        if req.data is not None or urlsplit(newurl).scheme not in ("https", req.type):
            fp.close()
            where = printable(newurl.partition("?")[0])
            here = req.full_url.partition("?")[0]
            raise EndpointError(f"{here} redirects to {where}; if you trust that, name it instead.")
        followed = super().redirect_request(req, fp, code, msg, headers, newurl)
        if followed and _host(newurl) != _host(req.full_url):
            followed.headers = {name: each for name, each in followed.headers.items() if name in _HARMLESS}
        return followed


class _Bounded(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Hang up when time is up, also on who sends headers for ever; a socket only bounds each part of them."""

    deadline = inf

    def do_open(self, http_class: Any, req: Request, **more: Any) -> Any:
        """The response to a request, as far as its headers; TimeoutError when these take too long."""
        made: list[Any] = []

        def connection(*args: Any, **options: Any) -> Any:
            made.append(http_class(*args, **options))
            return made[0]

        def hang_up() -> None:
            with suppress(OSError, AttributeError):  # it has just ended, or has not begun
                made[0].sock.shutdown(SHUT_RDWR)

        req.timeout = max(self.deadline - monotonic(), 0.001)
        timer = Timer(req.timeout, hang_up)
        timer.daemon = True
        timer.start()
        try:
            return super().do_open(connection, req, **more)
        finally:
            timer.cancel()
            if monotonic() > self.deadline:
                raise TimeoutError


def send(request: Request, url: str, *, timeout: float, headers: Headers) -> EndpointResponse:
    """Send a request and read the whole response; again, after a while, when the service is busy.

    Args:
        request: to an address on the host of `url`.
        url: of the service, for messages.
        timeout: seconds for all tries together.
        headers: to send to this host only.

    EndpointError when there is no whole response in time, or the login is refused.
    """
    deadline, login = monotonic() + timeout, Login.find(url)
    try:
        for wait in (*_WAITS, inf):
            response = _with_login(request, url, login, headers, deadline)
            pause = max(wait, _asked_wait(response.headers))
            # A server whose time or memory ran out says 503 too, but not to come back.
            busy = response.status == 429 or (response.status == 503 and response.headers["Retry-After"])
            if not busy or monotonic() + pause > deadline:
                break
            sleep(pause)
    except (TimeoutError, URLError) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            what = f"did not answer within {timeout:g} seconds; ask for less or wait longer."
            raise EndpointError(f"{url} {what}") from None
        raise EndpointError(f"{url} cannot be reached: {reason(cause)}; check its address.") from None
    except IncompleteRead:
        raise EndpointError(f"{url} breaks off in the middle of its answer; ask again.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise EndpointError(f"{url} does not answer as HTTP: {reason(error)}; check its address.") from None
    if response.status == 401:
        what = "does not accept the user and password, or token, that it got; check"
        what = what if login != Login() else "asks for a user and password, or a token; set"
        names = "POLICYGRAPH_USER and POLICYGRAPH_PASSWORD, or POLICYGRAPH_TOKEN, or ~/.netrc (with mode 600)"
        raise EndpointError(f"{url} {what} {names}.", status=401)
    return response


def _with_login(
    request: Request, url: str, login: Login, headers: Headers, deadline: float
) -> EndpointResponse:
    """The response to a request with a token or password; with a digest, where the service wants that."""
    known = Headers(headers)
    if login.token is not None:
        known["Authorization"] = f"Bearer {login.token}"
    elif login.user is not None:  # at once, since a service may answer a stranger too, with less
        known["Authorization"] = "Basic " + b64encode(f"{login.user}:{login.password}".encode()).decode()
    response = None
    try:
        response = _exchange(request, url, known, deadline)
        if response.status != 401 or login.user is None:
            return response
    except URLError as error:
        # A service that hangs up while a long body is sent may do so for want of a digest.
        if login.user is None or not isinstance(error.reason, ConnectionError):
            raise
    # Asked without a password, since Virtuoso refuses one without saying that it wants a digest.
    probe = Request(request.full_url, method="HEAD")  # noqa: S310  it is http or https
    challenge = str(_exchange(probe, url, headers, deadline).headers["WWW-Authenticate"] or "")
    digest = _digest(request, login, challenge)
    if response and not digest:
        return response
    known["Authorization"] = digest or known["Authorization"]
    return _exchange(request, url, known, deadline)


def _digest(request: Request, login: Login, challenge: str) -> str | None:
    """The answer to a challenge for a digest (RFC 7616); None to any other."""
    kind, _, parts = challenge.partition(" ")
    if kind.lower() != "digest":
        return None
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, request.full_url, login.user or "", login.password or "")
    with suppress(ValueError):  # what is not ASCII
        challenged = urllib.request.parse_keqv_list([*filter(None, urllib.request.parse_http_list(parts))])
        if answer := urllib.request.HTTPDigestAuthHandler(manager).get_authorization(request, challenged):
            return f"Digest {answer}"
    return None


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    with suppress(ValueError):
        return host == "localhost" or ip_address(host).is_loopback
    return False


def _exchange(request: Request, url: str, headers: Headers, deadline: float) -> EndpointResponse:
    direct = [urllib.request.ProxyHandler({})] if _is_loopback(url) else []
    bounded = _Bounded()
    bounded.deadline = deadline
    opener = urllib.request.build_opener(_Redirects, bounded, *direct)
    sent = copy(request)  # which proxies and handlers change
    sent.headers = {**request.headers, **{name.capitalize(): headers[name] for name in headers}}
    sent.unredirected_hdrs = {}
    try:
        opened: Any = opener.open(sent)
    except HTTPError as error:
        opened = error
    with opened:
        parts, size = [], 0
        while size <= _SIZE_LIMIT and (part := opened.read1(1 << 16)):
            parts.append(part)
            size += len(part)
            if monotonic() > deadline:
                raise TimeoutError
        if size > _SIZE_LIMIT:
            raise EndpointError(f"{url} sends more than {_SIZE_LIMIT:,} bytes; ask for less, with a LIMIT.")
        if opened.length:
            raise IncompleteRead(b"".join(parts))
    return EndpointResponse(opened.status, opened.headers, b"".join(parts))


def _asked_wait(headers: Message) -> float:
    """The seconds of a header Retry-After, which holds them or a date; 0 without one."""
    asked = str(headers["Retry-After"] or "").strip()
    date = parsedate_tz(asked)
    with suppress(OverflowError, ValueError):  # a date beyond the calendar
        return float(asked) if asked.isdecimal() else mktime_tz(date) - time() if date else 0.0
    return inf


def _host(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
