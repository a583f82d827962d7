"""Send the HTTP requests of endpoints: with credentials for their own host alone, retries and limits."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Mapping
from copy import copy
from email.message import Message
from email.utils import mktime_tz, parsedate_tz
from http.client import HTTPException, IncompleteRead
from ipaddress import ip_address
from math import inf
from netrc import NetrcParseError, netrc
from time import monotonic, sleep, time
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    BaseHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from policygraph.errors import EndpointError
from policygraph.text import printable

_SIZE_LIMIT = 1_000_000_000  # bytes of a response, which is kept in memory
_ERROR_LIMIT = 1 << 16  # bytes of a message that are read
_WAITS = (0.5, 1.0, 2.0)  # seconds before another try; more where the service asks for more


class Response(NamedTuple):
    """A response of whatever status, read to its end."""

    status: int
    headers: Message
    body: bytes


class Login(NamedTuple):
    """A user and password, or a token, which neither repr nor str tells."""

    user: str | None = None
    password: str | None = None
    token: str | None = None

    def __repr__(self) -> str:
        return "Login(…)"

    def found(self, url: str) -> Login:
        """This login, what it lacks from the environment, else that of ~/.netrc for the host, else none."""
        if self.user is None and self.token is None:
            self = Login(_set("USER"), self.password or _set("PASSWORD"), _set("TOKEN"))
        if self.token is None and self.user is None and self.password is None:
            try:
                entry = netrc().hosts.get(urlsplit(url).hostname or "")
            except (OSError, NetrcParseError, UnicodeDecodeError):  # whose message may quote a password
                entry = None
            return Login(entry[0], entry[2]) if entry else self
        if self.token is None and None in (self.user, self.password):
            raise EndpointError("Set both POLICYGRAPH_USER and POLICYGRAPH_PASSWORD; one alone is no use.")
        if self.token is not None and not re.fullmatch(r"[!-~]+", self.token):
            raise EndpointError("The token holds a space, a line break or another sign that no token has.")
        return self


def _set(name: str) -> str | None:
    return os.environ.get(f"POLICYGRAPH_{name}") or None


class _OwnHost(BaseHandler):
    """Add headers to the requests for one host, but not to those for another that it redirects to."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._host, self._headers = _host(url), headers

    def http_request(self, request: Request) -> Request:
        """Add the headers, unless the answer to a challenge stands there already."""
        for name, value in self._headers.items() if _host(request.full_url) == self._host else ():
            if name != "Authorization" or not request.has_header(name):
                request.add_unredirected_header(name, value)
        return request

    https_request = http_request


class _Redirects(HTTPRedirectHandler):
    """Follow redirects of what is read, from https to https only."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """The request for the new address; EndpointError where its query or its secrecy would be lost."""
        if req.data is not None or urlsplit(newurl).scheme not in ("https", req.type):
            fp.close()
            where = printable(newurl.partition("?")[0])
            here = req.full_url.partition("?")[0]
            raise EndpointError(f"{here} redirects to {where}; if you trust that, name it instead.")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Digest(HTTPDigestAuthHandler):
    """Answer a challenge by digest once, since a wrong password, tried again, may lock the user out."""

    def http_error_401(self, req: Request, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """The response to the answer; None where there is none, such as to a challenge of another kind."""
        fp.close()
        self.retried: int = max(self.retried, 5)  # the sixth try is the last
        try:
            return super().http_error_401(req, fp, code, msg, headers)
        except ValueError:
            return None


def send(request: Request, url: str, *, timeout: float, login: Login, headers: Mapping[str, str]) -> Response:
    """Send a request and read the whole response; again, after a while, when the service is busy.

    Args:
        request: to an address on the host of `url`.
        url: of the service, for messages.
        timeout: seconds for all tries together.
        login: where it is empty, the environment and ~/.netrc are asked.
        headers: to send to this host only.

    Raises:
        EndpointError: there is no whole response in time, or the login is refused.
    """
    deadline, login = monotonic() + timeout, login.found(url)
    opener = _opener(url, login, headers)
    try:
        for wait in (*_WAITS, inf):
            response = _exchange(opener, request, url, deadline)
            pause = max(wait, _asked_wait(response.headers))
            if response.status not in (429, 503) or monotonic() + pause > deadline:
                break
            sleep(pause)
    except (TimeoutError, URLError) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, TimeoutError):
            raise EndpointError(
                f"{url} did not answer within {timeout:g} seconds; ask for less or wait longer."
            ) from None
        raise EndpointError(f"{url} cannot be reached: {reason(cause)}.") from None
    except IncompleteRead:
        raise EndpointError(f"{url} breaks off in the middle of its answer.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise EndpointError(f"{url} does not answer as HTTP: {reason(error)}.") from None
    if response.status == 401:
        what = "does not accept the user and password, or token, that it got; check"
        raise EndpointError(
            f"{url} {what if login != Login() else 'asks for a user and password, or a token; set'} "
            "POLICYGRAPH_USER and POLICYGRAPH_PASSWORD, or POLICYGRAPH_TOKEN, or ~/.netrc (with mode 600)."
        )
    return response


def _opener(url: str, login: Login, headers: Mapping[str, str]) -> OpenerDirector:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    handlers: list[BaseHandler] = [_Redirects(), *([ProxyHandler({})] if loopback else [])]
    headers = dict(headers)
    if login != Login() and parts.scheme == "http" and not loopback:
        raise EndpointError(
            f"{url} is plain http, where others can read a password or token; use https, or unset "
            "POLICYGRAPH_USER, POLICYGRAPH_PASSWORD and POLICYGRAPH_TOKEN."
        )
    if login.token is not None:
        headers["Authorization"] = f"Bearer {login.token}"
    elif login.user is not None:
        # At once, since a service may answer a stranger too, with less.
        pair = b64encode(f"{login.user}:{login.password}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
        manager = HTTPPasswordMgrWithDefaultRealm()
        manager.add_password(None, f"{parts.scheme}://{parts.netloc}/", login.user, login.password or "")
        handlers.append(_Digest(manager))
    return build_opener(*handlers, _OwnHost(url, headers))


def _exchange(opener: OpenerDirector, request: Request, url: str, deadline: float) -> Response:
    try:
        # A copy, since a proxy changes the request.
        opened: Any = opener.open(copy(request), timeout=max(deadline - monotonic(), 0.001))
    except HTTPError as error:
        if error.code == 401:  # whose body _Digest has closed
            error.close()
            return Response(error.code, error.headers, b"")
        opened = error
    limit = _SIZE_LIMIT if opened.status < 300 else _ERROR_LIMIT
    with opened:
        parts, size = [], 0
        while size <= limit and (part := opened.read1(1 << 16)):
            parts.append(part)
            size += len(part)
            if monotonic() > deadline:
                raise TimeoutError
        if opened.status < 300 and size > limit:
            raise EndpointError(f"{url} sends more than {limit:,} bytes; ask for less, with a LIMIT.")
        if opened.status < 300 and opened.length:
            raise EndpointError(f"{url} breaks off in the middle of its answer.")
    return Response(opened.status, opened.headers, b"".join(parts))


def _asked_wait(headers: Message) -> float:
    """The seconds of a header Retry-After, which holds them or a date; 0 without one."""
    asked = str(headers["Retry-After"] or "").strip()
    date = parsedate_tz(asked)
    return float(asked) if asked.isdecimal() else mktime_tz(date) - time() if date else 0.0


def _host(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def reason(error: object) -> str:
    """An exception's message in short: its first line, without the error number and the full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).strip().splitlines()[0].rstrip(".")
