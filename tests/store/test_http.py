"""The requests of endpoints: who gets credentials, who never does, retries and limits."""

from __future__ import annotations

import hashlib
import re
import socket
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from urllib.request import Request

import pytest
from loopback import EMPTY, RESULTS, sends, servers

from policygraph import Endpoint
from policygraph.errors import EndpointError
from policygraph.store import http

SECRET = "tops3cret"
BASIC = "Basic YW5uYTp0b3BzM2NyZXQ="  # anna:tops3cret
QUERY = "SELECT ?x { ?x ?p 1 }"


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """A home without .netrc, and no variables of the person who tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"POLICYGRAPH_{name}", raising=False)
    return tmp_path


@pytest.fixture
def anna(monkeypatch):
    monkeypatch.setenv("POLICYGRAPH_USER", "anna")
    monkeypatch.setenv("POLICYGRAPH_PASSWORD", SECRET)


@pytest.fixture
def serve():
    with servers() as start:
        yield start


@pytest.fixture
def seen(serve):
    """The address of a service that answers, and the requests that it got, but whether it has a triple."""
    requests = []

    def reply(request):
        body = request.rfile.read(int(request.headers["Content-Length"] or 0)).decode()
        if "ASK" not in request.path + body:
            requests.append((request.command, request.path, request.headers, body))
        sends()(request)

    return serve(reply), requests


def sentence(endpoint):
    """The error of an endpoint that fails, which tells nothing secret even with local variables shown."""
    with pytest.raises(EndpointError) as caught:
        endpoint.query(QUERY)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in shown.stack if "/policygraph/" in frame.filename]
    assert frames
    told = "".join(str(frame.locals) for frame in frames) + str(caught.value) + repr(endpoint)
    assert SECRET not in told
    assert BASIC not in told
    return str(caught.value)


# Credentials


def test_user_and_password_come_from_the_environment(seen, anna):
    url, requests = seen
    Endpoint(url).query(QUERY)
    assert [headers["Authorization"] for _, _, headers, _ in requests] == [BASIC]


def test_a_token_comes_from_the_environment(seen, monkeypatch):
    url, requests = seen
    monkeypatch.setenv("POLICYGRAPH_TOKEN", SECRET)
    Endpoint(url).query(QUERY)
    assert requests[0][2]["Authorization"] == f"Bearer {SECRET}"


def test_user_and_password_come_from_netrc_for_their_host_alone(seen, home):
    url, requests = seen
    netrc = home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login anna password {SECRET}\ndefault login x password y\n")
    netrc.chmod(0o600)
    Endpoint(url).query(QUERY)
    Endpoint(url.replace("127.0.0.1", "localhost")).query(QUERY)
    assert [headers["Authorization"] for _, _, headers, _ in requests] == [BASIC, None]


@pytest.mark.parametrize(
    "challenge", ["Basic realm='x'", "Bearer", "Negotiate", 'Digest realm="x", nonce="n"']
)
def test_a_wrong_password_is_one_sentence_and_tried_once(serve, challenge, anna):
    tries = []

    def reply(request):
        tries.append(request.headers["Authorization"])
        sends(b"no", "text/plain", status=401, header=("WWW-Authenticate", challenge))(request)

    url = serve(reply)
    said = sentence(Endpoint(url))
    assert said.startswith(
        f"{url} does not accept the user and password, or token, that it got; check POLICY"
    )
    assert tries[:2] == [BASIC, None]
    assert len(tries) == 2 + challenge.startswith("Digest")


def test_who_needs_a_password_and_has_none_is_told_how(serve):
    said = sentence(Endpoint(serve(sends(b"", status=401, header=("WWW-Authenticate", "Digest x=1")))))
    assert "asks for a user and password, or a token; set POLICYGRAPH_USER and POLICYGRAPH_PASSWORD" in said


def test_a_digest_is_answered(serve, anna):
    def reply(request):
        given = dict(re.findall(r'(\w+)="?([^",]*)', request.headers["Authorization"] or ""))
        first = hashlib.md5(f"anna:x:{SECRET}".encode()).hexdigest()
        second = hashlib.md5(f"GET:{request.path}".encode()).hexdigest()
        right = hashlib.md5(f"{first}:n:{second}".encode()).hexdigest()
        if given.get("response") == right:
            sends()(request)
        else:
            sends(b"", status=401, header=("WWW-Authenticate", 'Digest realm="x", nonce="n"'))(request)

    assert list(Endpoint(serve(reply)).query(QUERY)) == []


def test_a_digest_is_answered_where_only_strangers_are_told_of_it(serve, anna):
    """As Virtuoso has it, which tells Basic off without a word."""

    def reply(request):
        given = request.headers["Authorization"]
        challenge = (
            ("X-None", "1") if given else ("WWW-Authenticate", 'Digest realm="x", nonce="n", qop="auth"')
        )
        right = given and given.startswith('Digest username="anna", realm="x"')
        sends(EMPTY if right else b"", status=200 if right else 401, header=challenge)(request)

    assert list(Endpoint(serve(reply)).query(QUERY)) == []


def test_a_digest_is_answered_where_the_service_hangs_up_on_a_long_body(serve, anna):
    def reply(request):
        if request.headers["Authorization"].startswith("Digest"):
            request.rfile.read(int(request.headers["Content-Length"]))
            sends()(request)
        elif request.command == "POST":
            request.connection.shutdown(socket.SHUT_RDWR)

    def stranger(request):
        if request.headers["Authorization"]:
            reply(request)
        else:
            sends(b"", status=401, header=("WWW-Authenticate", 'Digest realm="x", nonce="n"'))(request)

    url = serve(stranger)
    assert Endpoint(url).send(Request(url, b"x" * 8_000_000)).body == EMPTY


@pytest.mark.parametrize(
    "reply",
    [
        sends(b"no", "text/plain", status=403),
        sends(b"<p>", "text/html"),
        sends(b"{", length=999),
        sends(b"{"),
        sends(b"", status=302, header=("Location", "ftp://x/")),
        sends(EMPTY, header=("X-SPARQL-MaxRows", "9")),
    ],
)
def test_no_failure_tells_the_password(serve, reply, monkeypatch):
    for login in ({"USER": "anna", "PASSWORD": SECRET}, {"TOKEN": SECRET}):
        for name in ("USER", "PASSWORD", "TOKEN"):
            monkeypatch.setenv(f"POLICYGRAPH_{name}", login.get(name, ""))
        assert sentence(Endpoint(serve(reply), headers={"X-Key": SECRET}))


def test_a_digest_of_what_is_not_ascii_is_one_sentence(serve, anna, monkeypatch):
    monkeypatch.setenv("POLICYGRAPH_PASSWORD", SECRET + "å")
    url = serve(sends(b"", status=401, header=("WWW-Authenticate", 'Digest realm="x", nonce="n"')))
    assert "does not accept" in sentence(Endpoint(url))


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_plain_http_carries_none_but_to_loopback(scheme, anna):
    said = sentence(Endpoint(f"{scheme}://192.0.2.1/sparql"))
    assert "is plain http, where others can read a password or token; use https" in said


@pytest.mark.parametrize(
    "url",
    [
        f"https://anna:{SECRET}@example.org/",
        f"https://anna:a/{SECRET}@example.org/",
        f"http://a:{SECRET}@x:y/",
    ],
)
def test_an_address_with_a_password_is_refused_without_repeating_it(url):
    with pytest.raises(EndpointError, match="POLICYGRAPH_PASSWORD") as caught:
        Endpoint(url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"POLICYGRAPH_USER": "anna"}, "Set both POLICYGRAPH_USER and POLICYGRAPH_PASSWORD"),
        ({"POLICYGRAPH_PASSWORD": SECRET}, "Set both POLICYGRAPH_USER and POLICYGRAPH_PASSWORD"),
        ({"POLICYGRAPH_TOKEN": f"{SECRET}\nX-Evil: 1"}, "The token holds a space, a line break"),
    ],
)
def test_half_a_login_is_one_sentence(given, said, monkeypatch):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert said in sentence(Endpoint("http://127.0.0.1:1/"))


def test_a_netrc_that_cannot_be_read_is_none(seen, home):
    url, requests = seen
    (home / ".netrc").write_text(f"machin 127.0.0.1 login anna password {SECRET}")
    Endpoint(url).query(QUERY)
    assert requests[0][2]["Authorization"] is None


# Headers, method, graphs


def test_headers_are_sent(seen):
    url, requests = seen
    Endpoint(url, headers={"X-Api-Key": "k", "User-Agent": "me"}).query(QUERY)
    assert (requests[0][2]["X-Api-Key"], requests[0][2]["User-Agent"]) == ("k", "me")


@pytest.mark.parametrize("headers", [{"Authorization": SECRET}, {"A b": SECRET}, {"A": f"{SECRET}\r\nB: 1"}])
def test_a_header_that_is_none_is_refused_without_its_value(headers):
    with pytest.raises(EndpointError) as caught:
        Endpoint("https://example.org/", headers=headers)
    assert SECRET not in str(caught.value)


def test_queries_go_by_post_where_asked(seen):
    url, requests = seen
    Endpoint(url, method="POST").query(QUERY)
    ((method, path, _, body),) = requests
    assert (method, path) == ("POST", "/sparql")
    assert "query=SELECT" in body


def test_graphs_are_named_in_the_request_unless_the_query_does(seen):
    url, requests = seen
    endpoint = Endpoint(url, graphs=["http://a/", "http://b/"])
    endpoint.query(QUERY)
    endpoint.query("SELECT ?x FROM <http://c/> { ?x ?p 1 }")
    assert requests[0][1].startswith("/sparql?default-graph-uri=http%3A//a/&default-graph-uri=http%3A//b/&")
    assert "default-graph-uri" not in requests[1][1]


# Redirects


def test_another_host_gets_neither_credentials_nor_headers(serve, seen, anna):
    there, requests = seen

    def redirect(request):
        assert request.headers["Authorization"] == BASIC
        where = there.replace("127.0.0.1", "localhost") + "?" + request.path.partition("?")[2]
        sends(b"", status=302, header=("Location", where))(request)

    endpoint = Endpoint(serve(redirect), headers={"X-Api-Key": "k"})
    assert list(endpoint.query(QUERY)) == []
    ((_, _, headers, _),) = requests
    assert (headers["Authorization"], headers["X-Api-Key"]) == (None, None)


def test_the_same_host_gets_them_again(serve, anna):
    def reply(request):
        assert request.headers["Authorization"] == BASIC
        moved = request.path.startswith("/new")
        sends(EMPTY, status=200 if moved else 308, header=("Location", "/new" + request.path))(request)

    assert list(Endpoint(serve(reply)).query(QUERY)) == []


def test_a_post_is_not_redirected_and_loses_no_query(serve):
    url = serve(sends(b"", status=302, header=("Location", "https://example.org/new?key=k")))
    said = sentence(Endpoint(url, method="POST"))
    assert said == f"{url} redirects to https://example.org/new; if you trust that, name it instead."


def test_no_redirect_leaves_https():
    with pytest.raises(EndpointError, match="https://a/ redirects to http://a/; if you trust that"):
        http._Redirects().redirect_request(Request("https://a/?q"), BytesIO(), 302, "", {}, "http://a/")


def test_no_redirect_leaves_the_web(serve):
    url = serve(sends(b"", status=302, header=("Location", "ftp://example.org/")))
    assert "redirects to ftp://example.org/" in sentence(Endpoint(url))


# Retries and limits


@pytest.fixture
def slept(monkeypatch):
    waits = []
    monkeypatch.setattr(http, "sleep", waits.append)
    return waits


def test_a_busy_service_is_asked_again(serve, slept):
    busy = [
        sends(b"", status=429),
        sends(b"", status=503, header=("Retry-After", "7")),
        sends(b"", status=503, header=("Retry-After", "1")),
    ]
    replies = iter([*busy, sends()])
    assert list(Endpoint(serve(lambda request: next(replies)(request))).query(QUERY)) == []
    assert slept == [0.5, 7.0, 2.0]


def test_a_service_that_could_not_do_it_is_not_asked_again(serve, slept):
    """As ours, when the time or the memory of a query runs out."""
    assert "HTTP error 503: Ask for less." in sentence(Endpoint(serve(sends(b"Ask for less", status=503))))
    assert slept == []


def test_a_date_to_come_back_is_heard(serve, slept):
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=10), usegmt=True)
    replies = iter([sends(b"", status=503, header=("Retry-After", when)), sends()])
    Endpoint(serve(lambda request: next(replies)(request))).query(QUERY)
    assert 8 < slept[0] <= 10


def test_nobody_waits_beyond_the_timeout(serve, slept):
    url = serve(sends(b"Full", "text/plain", status=429, header=("Retry-After", "60")))
    assert sentence(Endpoint(url)) == f"{url} answers with HTTP error 429: Full."
    assert slept == []


@pytest.mark.parametrize(
    "when", ["Fri, 31 Dec 99999999999 23:59:59 GMT", "Fri, 31 Dec 19999 23:59:59 GMT", "9" * 400]
)
def test_a_time_that_nobody_lives_to_see_is_not_waited_for(serve, slept, when):
    url = serve(sends(b"Full", "text/plain", status=503, header=("Retry-After", when)))
    assert sentence(Endpoint(url)) == f"{url} answers with HTTP error 503: Full."
    assert slept == []


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_an_error_carries_the_status_of_its_response(serve, slept, status):
    with pytest.raises(EndpointError) as caught:
        Endpoint(serve(sends(b"no", "text/plain", status=status))).query(QUERY)
    assert caught.value.status == status


def test_an_error_without_a_response_carries_no_status():
    with pytest.raises(EndpointError) as caught:
        Endpoint("http://127.0.0.1:1/").query(QUERY)
    assert caught.value.status is None


def test_a_service_that_stays_busy_is_an_error_after_four_tries(serve, slept):
    assert "HTTP error 429" in sentence(Endpoint(serve(sends(b"", status=429))))
    assert slept == [0.5, 1.0, 2.0]


def test_an_answer_beyond_the_limit_is_an_error(serve, monkeypatch):
    monkeypatch.setattr(http, "_SIZE_LIMIT", 100)
    url = serve(sends(b" " * 101))
    assert sentence(Endpoint(url)) == f"{url} sends more than 100 bytes; ask for less, with a LIMIT."


def test_a_chunked_answer_that_breaks_off_is_an_error(serve):
    def reply(request):
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Content-Type", RESULTS)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b'5\r\n{"hea\r\n')
        request.close_connection = True

    url = serve(reply)
    assert sentence(Endpoint(url)) == f"{url} breaks off in the middle of its answer; ask again."
