"""A service on the web as a store, on Oxigraph's own server, and how one fails."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import engines
import pytest
from contract import NAMES, NameContract, StoreContract
from loopback import EMPTY, RESULTS, Reply, sends, servers
from pyoxigraph import QueryBoolean

from policygraph.errors import EndpointError, QueryError
from policygraph.store.endpoint import Endpoint


@pytest.fixture(scope="module")
def small(quads, tmp_path_factory):
    """The address of a service with a graph and its merge, as `push --merge` leaves them."""
    with engines.oxigraph(quads, tmp_path_factory.mktemp("small"), union=False) as url:
        yield url


@pytest.fixture(scope="module")
def large(loaded, tmp_path_factory):
    """The address of one with Denmark and Norway."""
    with engines.oxigraph(loaded, tmp_path_factory.mktemp("large"), union=False) as url:
        yield url


class TestEndpoint(StoreContract, NameContract):
    names = NAMES[::2]  # the service sends all labels for each

    @pytest.fixture
    def store(self, small):
        return Endpoint(small, timeout=20)

    @pytest.fixture
    def both(self, large, loaded):
        endpoint = Endpoint(large, timeout=20)
        endpoint.prefixes = loaded.prefixes
        return endpoint


@pytest.fixture
def serve() -> Iterator[Callable[[Reply], str]]:
    with servers() as start:
        yield start


def failure(url: str, text: str = "SELECT ?x { ?x ?p ?o }", *, timeout: float = 20) -> str:
    with pytest.raises(EndpointError) as caught:
        Endpoint(url, timeout=timeout).query(text)
    message = str(caught.value)
    assert message.startswith(url)
    assert message.endswith((".", "?"))
    assert "\n" not in message
    return message.removeprefix(url).strip()


DEEP = b'{"type":"triple","value":{"subject":' * 50_000
BOMB = b'<!DOCTYPE s [<!ENTITY a "b">]><sparql xmlns="http://www.w3.org/2005/sparql-results#">&a;</sparql>'


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            sends(b"<h1>Hello</h1>", "text/html; charset=utf-8"),
            "answers with a web page instead of SPARQL results",
        ),
        (sends(b"hello", "text/plain"), "answers with text/plain instead of SPARQL results"),
        (sends(b"hello", "nonsense"), "answers with text/plain instead of SPARQL results"),
        (sends(EMPTY, None), "answers with text/plain instead of SPARQL results"),
        (sends(b"", RESULTS), "+json that cannot be read: "),
        (sends(EMPTY[:-9], RESULTS), "breaks off in the middle of its answer; ask again."),
        (sends(b'{"head":{"vars":["x', RESULTS), "breaks off"),
        (sends(b"[]", RESULTS), "that cannot be read"),
        (sends(b"<h1>Hello</h1>", RESULTS), "that cannot be read"),
        (sends(EMPTY, "application/sparql-results+xml"), "that cannot be read"),
        (sends(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":1}]}}'), "that cannot be read"),
        (sends(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + DEEP), "that cannot be read"),
        (sends(b"<sparql><oops", "application/sparql-results+xml"), "breaks off"),
        (sends(BOMB, "application/sparql-results+xml"), "that cannot be read"),
        (sends(b'{"head":{},"boolean":true}'), "answers SELECT with a result of another query form"),
        (sends(EMPTY, length=999), "breaks off in the middle of its answer; ask again."),
        (
            sends(b"\n Too busy.\nAt line 9 of x.c", "text/plain", status=503),
            "answers with HTTP error 503: Too busy.",
        ),
        (sends(b"boom", "text/plain", status=500), "answers with HTTP error 500: boom."),
        (sends(b"", "text/plain", status=404), "answers with HTTP error 404: no explanation."),
        (
            sends(b"no", "text/plain", status=401),
            "asks for a user and password, or a token; set POLICYGRAPH_USER",
        ),
        (
            sends(b"<html><head><title>502 Bad\n Gateway</title></head>", "text/html", status=502),
            "answers with HTTP error 502: 502 Bad Gateway.",
        ),
        (sends(EMPTY, status=206), "sends only a part of the answer (HTTP 206); ask for less"),
        (sends(EMPTY, header=("X-SQL-State", "S1TAT")), "a part of the answer (X-SQL-State: S1TAT)"),
        (sends(EMPTY, header=("X-SPARQL-MaxRows", "9")), "a part of the answer (X-SPARQL-MaxRows: 9)"),
        (sends(b"x" * 5_000, "text/plain", status=500), "answers with HTTP error 500: " + "x" * 200 + "…"),
    ],
)
def test_each_failure_is_one_clear_sentence(
    serve: Callable[[Reply], str], reply: Reply, message: str
) -> None:
    assert message in failure(serve(reply))


@pytest.mark.parametrize(
    ("body", "media", "message"),
    [
        (b"<a:s> <a:p> ", "text/turtle", "breaks off"),
        (b"<a:s> <a:p> <a:o> . oops", "application/n-triples", "that cannot be read"),
        (b"<h1>Hello</h1>", "application/n-triples", "that cannot be read"),
        (b"<rdf/>", "application/rdf+xml", "answers with application/rdf+xml instead of an RDF graph"),
        (
            b"<a:s> <a:p> " + b"<<( <a:s> <a:p> " * 50_000 + b"1" + b" )>>" * 50_000,
            "text/turtle",
            "nested more than 200 deep",
        ),
        (EMPTY, RESULTS, "instead of an RDF graph"),
    ],
)
def test_a_graph_that_is_none_is_one_clear_sentence(
    serve: Callable[[Reply], str], body: bytes, media: str, message: str
) -> None:
    assert message in failure(serve(sends(body, media)), "DESCRIBE <a:s>")


def test_a_graph_in_turtle_is_read(serve: Callable[[Reply], str]) -> None:
    answer = Endpoint(serve(sends(b"<#s> a <o>.", "text/turtle"))).query("DESCRIBE <a:s>")
    assert [triple.object.value.rsplit("/", 1)[1] for triple in answer] == ["o"]


def test_many_triple_terms_and_signs_like_theirs_are_read(serve: Callable[[Reply], str]) -> None:
    body = b"".join(b'<a:s> <a:p%d> <<( <a:s> <a:p> "<<" )>> .\n' % number for number in range(1_500))
    url = serve(sends(body, "application/n-triples"))
    assert len([*Endpoint(url).query("CONSTRUCT WHERE { ?s ?p ?o }")]) == 1_500


def test_results_in_xml_are_read(serve: Callable[[Reply], str]) -> None:
    body = (
        b'<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head><results>'
        b'<result><binding name="x"><uri>a:b</uri></binding></result></results></sparql>'
    )
    rows = Endpoint(serve(sends(body, "application/sparql-results+xml"))).query("SELECT ?x { ?x ?p ?o }")
    assert [row["x"].value for row in rows] == ["a:b"]


@pytest.mark.parametrize("answer", [True, False])
def test_a_row_is_read_as_virtuosos_answer_to_ask(serve: Callable[[Reply], str], answer: bool) -> None:
    row = b'{"__ASK_RETVAL":{"type":"literal","value":"%d"}}' % answer
    body = b'{"head":{"vars":["__ASK_RETVAL"]},"results":{"bindings":[%s]}}' % row
    found = Endpoint(serve(sends(body))).query("ASK { ?s ?p ?o }")
    assert isinstance(found, QueryBoolean)
    assert bool(found) == answer


def test_a_refused_connection_is_one_clear_sentence() -> None:
    with socket.socket() as probe:  # bound, but it does not listen
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/sparql"
        assert failure(url) == "cannot be reached: Connection refused; check its address."


def test_a_service_that_says_nothing_is_left_after_the_timeout(serve: Callable[[Reply], str]) -> None:
    done = threading.Event()
    url = serve(lambda request: done.wait(20) and None)
    try:
        assert failure(url, timeout=0.1) == "did not answer within 0.1 seconds; ask for less or wait longer."
    finally:
        done.set()


def test_a_service_that_trickles_is_left_after_the_timeout(serve: Callable[[Reply], str]) -> None:
    def trickle(request: BaseHTTPRequestHandler) -> None:
        sends(b"", length=10_000)(request)
        try:
            for _ in range(10_000):
                request.wfile.write(b" ")
                time.sleep(0.01)
        except OSError:
            pass

    assert failure(serve(trickle), timeout=0.1).startswith("did not answer within 0.1 seconds")


def test_headers_that_trickle_are_left_after_the_timeout(serve: Callable[[Reply], str]) -> None:
    def trickle(request: BaseHTTPRequestHandler) -> None:
        try:
            request.wfile.write(b"HTTP/1.0 200 OK\r\n")
            for number in range(300):
                request.wfile.write(f"X-{number}: 1\r\n".encode())
                time.sleep(0.02)
        except OSError:
            pass

    start = time.monotonic()
    assert failure(serve(trickle), timeout=0.2).startswith("did not answer within 0.2 seconds")
    assert time.monotonic() - start < 2


def test_a_server_that_does_not_speak_http_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"SSH-2.0-hello\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        assert (
            failure(f"http://127.0.0.1:{server.getsockname()[1]}/")
            == "does not answer as HTTP: SSH-2.0-hello; check its address."
        )
        thread.join()


def test_a_query_that_only_the_service_refuses_has_its_message(serve: Callable[[Reply], str]) -> None:
    url = serve(sends(b"unknown function\nstack trace", "text/plain", status=400))
    with pytest.raises(QueryError) as caught:
        Endpoint(url).query("ASK { ?s ?p ?o }")
    assert str(caught.value) == "the service refuses the query (HTTP 400): unknown function."


def test_the_request_is_plain_sparql_protocol(serve: Callable[[Reply], str]) -> None:
    seen = []

    def reply(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.command, request.path, request.headers["Accept"]))
        sends(EMPTY)(request)

    url = serve(reply)
    Endpoint(url + "?default-graph-uri=http://g/").query("#+ summary: x\nSELECT ?x { ?x ?p skos:y }")
    Endpoint(url).query("SELECT ?x { ?x ?p 1 }" + "#" * 3_000)
    (get, path, accept), (post, plain, _), _ = seen  # the last asks whether it has a triple
    assert (get, post, plain) == ("GET", "POST", "/sparql")
    assert path.startswith("/sparql?default-graph-uri=http%3A//g/&query=")
    assert "summary" not in path
    assert "PREFIX+skos" in path
    assert accept == "application/sparql-results+json, application/sparql-results+xml;q=0.8"


def test_the_address_of_a_request_is_never_longer_than_servers_take(serve: Callable[[Reply], str]) -> None:
    seen = []

    def reply(request: BaseHTTPRequestHandler) -> None:
        seen.append((request.command, len(request.path)))
        sends(b'{"head":{},"boolean":true}')(request)

    graphs, url = ["http://a.example/graph"] * 20, serve(reply)
    Endpoint(url, graphs=graphs).query("ASK {}")
    Endpoint(url, graphs=graphs).query("ASK {} # " + "\u00e6" * 300)
    Endpoint(url, graphs=graphs * 3).query("ASK {}")
    assert [command for command, _ in seen] == ["GET", "POST", "POST"]
    assert max(length for _, length in seen) < 2_000


def test_names_of_virtuoso_are_blank_nodes_and_its_texts_stay(serve):
    name = "nodeID://b10003"
    cells = {"x": {"type": "bnode", "value": name}, "y": {"type": "literal", "value": name}}
    document = {"head": {"vars": ["x", "y"]}, "results": {"bindings": [cells]}}
    ((blank, text),) = Endpoint(serve(sends(json.dumps(document).encode()))).query(
        "SELECT ?x ?y { ?x ?p ?y }"
    )
    assert (str(blank), text.value) == ("_:b10003", name)


@pytest.mark.parametrize(
    "url", ["", "localhost:7878", "file:///etc/passwd", "http://", "http://a b/", "http://x:y/", "ftp://x/"]
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(EndpointError, match="is not the address of a SPARQL service"):
        Endpoint(url)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"timeout": -1}, "timeout is a number of seconds above 0, not -1."),
        ({"timeout": float("nan")}, "timeout is a number of seconds above 0, not nan."),
        ({"timeout": "5"}, "timeout is a number of seconds above 0, not '5'."),
        ({"method": "PUT"}, "method is 'GET' or 'POST', not 'PUT'."),
        (
            {"graphs": "http://a.example/g"},
            "graphs is a list of IRIs, not 'http://a.example/g'; put it into one.",
        ),
        ({"graphs": ["no iri"]}, "'no iri' is not the IRI of a graph."),
    ],
)
def test_an_argument_that_is_none_is_refused_at_once(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(EndpointError) as caught:
        Endpoint("http://127.0.0.1:1/", **wrong)  # type: ignore[arg-type]
    assert str(caught.value) == said
