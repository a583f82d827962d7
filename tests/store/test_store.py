"""Stores: one contract for all of them, and how an endpoint fails."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pyoxigraph
import pytest
from loopback import EMPTY, RESULTS, Reply, sends, servers
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from policygraph.errors import DocumentError, EndpointError, QueryError
from policygraph.store.endpoint import Endpoint
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store

DATA = b"""\
<http://example.org/a> <http://www.w3.org/2004/02/skos/core#prefLabel> "\xc3\x85"@da <http://example.org/g1> .
<http://example.org/a> <http://example.org/n> "1"^^<xsd:integer> <http://example.org/g1> .
<http://example.org/b> <http://example.org/n> "2"^^<xsd:integer> <http://example.org/g2> .
_:x <http://example.org/n> "3"^^<xsd:integer> <http://example.org/g2> .
""".replace(b"xsd:", b"http://www.w3.org/2001/XMLSchema#")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a SPARQL service that we did not write: Oxigraph's own server, over DATA."""
    folder = tmp_path_factory.mktemp("oxigraph")
    (folder / "data.nq").write_bytes(DATA)
    program = str(Path(sys.executable).with_name("oxigraph"))
    place = ["--location", str(folder / "store")]
    subprocess.run(
        [program, "load", *place, "--file", str(folder / "data.nq")],
        check=True,
        capture_output=True,
        timeout=60,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "serve-read-only", *place, "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        opener = build_opener(ProxyHandler({}))
        for _ in range(200):
            try:
                opener.open(f"http://127.0.0.1:{port}/", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "oxigraph did not start"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture(params=["embedded", "endpoint"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "endpoint":
        return Endpoint(request.getfixturevalue("service"), timeout=20)
    return EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))


# The contract


def test_select_answers_solutions_over_all_graphs(store: Store) -> None:
    answer = store.query("SELECT ?s ?n ?none { ?s <http://example.org/n> ?n FILTER(isIRI(?s)) } ORDER BY ?n")
    assert isinstance(answer, QuerySolutions)
    assert [variable.value for variable in answer.variables] == ["s", "n", "none"]
    a, b = NamedNode("http://example.org/a"), NamedNode("http://example.org/b")
    assert [list(row) for row in answer] == [[a, Literal(1), None], [b, Literal(2), None]]


def test_select_reaches_named_graphs(store: Store) -> None:
    rows = store.query("SELECT ?g { GRAPH ?g { <http://example.org/b> ?p ?o } }")
    assert [row["g"] for row in rows] == [NamedNode("http://example.org/g2")]


@pytest.mark.parametrize(
    ("dataset", "number"),
    [
        ("", 3),
        ("FROM <http://example.org/g1>", 1),
        ("from<http://example.org/g1>FROM <http://example.org/g2>", 3),
        ("FROM <http://example.org/nowhere>", 0),
        ("FROM NAMED <http://example.org/g1>", 0),
        ("# FROM <http://example.org/g1>\n", 3),
    ],
)
def test_from_says_which_graphs_are_asked(dataset: str, number: int) -> None:
    # Of the embedded store: Oxigraph's server, told to ask the union, lets FROM pass unread.
    store = EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))
    text = f"SELECT ('FROM' AS ?x) (COUNT(?s) AS ?n) {dataset} {{ ?s <http://example.org/n> ?o }}"
    assert [row["n"].value for row in store.query(text)] == [str(number)]


def test_from_named_says_which_named_graphs_are_asked(store: Store) -> None:
    text = "SELECT DISTINCT ?g FROM NAMED <http://example.org/g2> { GRAPH ?g { ?s ?p ?o } }"
    assert [row["g"].value for row in store.query(text)] == ["http://example.org/g2"]


def test_relative_iris_are_those_of_the_catalogue(store: Store) -> None:
    store.base = "https://w3id.org/policygraph/"
    (triple,) = store.query("CONSTRUCT { <id/s> <#p> <http://example.org/o> } {}")
    assert [str(term) for term in triple] == [
        *("<https://w3id.org/policygraph/id/s>", "<https://w3id.org/policygraph/#p>"),
        "<http://example.org/o>",
    ]


def test_ask_answers_a_boolean(store: Store) -> None:
    answer = store.query("ASK { ?s ?p 2 }")
    assert isinstance(answer, QueryBoolean)
    assert answer
    assert not store.query("ASK { ?s ?p 4 }")


@pytest.mark.parametrize(
    "text", ["CONSTRUCT WHERE { <http://example.org/a> ?p ?o }", "DESCRIBE <http://example.org/a>"]
)
def test_construct_and_describe_answer_triples(store: Store, text: str) -> None:
    answer = store.query(text)
    assert isinstance(answer, QueryTriples)
    assert {triple.object for triple in answer} == {Literal("Å", language="da"), Literal(1)}


def test_the_catalogues_prefixes_need_no_declaration(store: Store) -> None:
    assert store.query("ASK { ?s skos:prefLabel 'Å'@da }")


def test_a_texts_own_prefixes_win(store: Store) -> None:
    assert not store.query("PREFIX skos: <http://example.org/> ASK { ?s skos:prefLabel ?o }")
    assert store.query("PREFIX skos: <http://example.org/> ASK { ?s skos:n 1 }")


def test_words_in_comments_mislead_nobody(store: Store) -> None:
    assert store.query("#+ summary: CONSTRUCT or DELETE?\n# INSERT\nASK { ?s ?p 1 } # SELECT")


def test_a_long_query_is_answered(store: Store) -> None:
    values = " ".join(f"<http://example.org/{number}>" for number in range(2_000))
    assert store.query(f"ASK {{ VALUES ?s {{ {values} <http://example.org/a> }} ?s ?p ?o }}")


@pytest.mark.parametrize("text", ["DELETE WHERE { ?s ?p ?o }", "PREFIX a: <a:> DROP ALL", "LOAD <http://x/>"])
def test_updates_are_refused(store: Store, text: str) -> None:
    with pytest.raises(QueryError, match="update, and updates are refused"):
        store.query(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("#+ summary: x\nSELECT * {\n  ?s skos:a ;; ?o\n", 2, 10, "'{' is never closed"),
        ("SELECT * { ?s skos:prefLabel } LIMIT 1", 1, 30, "cannot be read at or before '} LIMIT 1'"),
        ("SELECT * { ?s ?p ?o } LIMIT", 1, 28, "the end of the query is missing"),
        (
            "ASK {\n ?s skoss:prefLabel ?o }",
            2,
            5,
            "prefix of 'skoss:prefLabel' is not declared. Did you mean 'skos'",
        ),
        ("ASK { ?s ?p zzzz:a }", 1, 13, "Declare it: PREFIX zzzz: <…>"),
        ("ASK { ?s ?p 'a }", 1, 13, "a string begins here and is never closed"),
        ("ASK { ?s ?p (1 } )", 1, 16, "'}' closes nothing"),
        (
            "SELECT ?x { ?s skos:prefLabel ?o } GROUP BY ?s",
            1,
            47,
            "The SELECT contains a variable that is unbound",
        ),
        ("SELCT * {}", 1, 1, "Did you mean 'SELECT'"),
    ],
)
def test_a_syntax_error_is_placed_in_the_text_as_written(
    store: Store, text: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(QueryError) as caught:
        store.query(text)
    assert message in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert "\n" not in str(caught.value)


# EmbeddedStore


def test_quads_can_be_added_and_read_back() -> None:
    store = EmbeddedStore()
    assert len(store) == 0
    quad = pyoxigraph.Quad(NamedNode("a:s"), NamedNode("a:p"), Literal("o"), NamedNode("a:g"))
    store.add([quad])
    assert list(store) == [quad]
    assert len(store) == 1


def test_service_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(QueryError, match="line 1, column 10: SERVICE is refused"):
        EmbeddedStore().query(
            "SELECT *{ SERVICE <http://127.0.0.1:1/> {} }"[0:8] + "{SERVICE <http://127.0.0.1:1/> {} }"
        )


def test_a_text_that_would_end_the_process_is_refused() -> None:
    with pytest.raises(QueryError, match="nested"):
        EmbeddedStore().query("ASK { FILTER(" + "(" * 50_000)


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib's own use of it
def test_the_rdflib_dataset_is_the_same_store() -> None:
    import rdflib

    store = EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset = store.dataset()
    n = rdflib.URIRef("http://example.org/n")
    assert sorted(int(o) for o in dataset.objects(None, n)) == [1, 2, 3]
    dataset.add((rdflib.URIRef("http://example.org/c"), n, rdflib.Literal(4)))
    assert store.query("ASK { <http://example.org/c> ?p 4 }")
    assert {"pg", "pgc"} <= {prefix for prefix, _ in dataset.namespaces()}
    assert not dataset.query("ASK { ?s a pg:Plan }")


# Endpoint: what can go wrong


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
        (sends(EMPTY[:-9], RESULTS), "that cannot be read"),
        (sends(b"[]", RESULTS), "that cannot be read"),
        (sends(b"<h1>Hello</h1>", RESULTS), "that cannot be read"),
        (sends(EMPTY, "application/sparql-results+xml"), "that cannot be read"),
        (sends(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":1}]}}'), "that cannot be read"),
        (sends(b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + DEEP), "that cannot be read"),
        (sends(b"<sparql><oops", "application/sparql-results+xml"), "that cannot be read"),
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
        (b"<a:s> <a:p> ", "text/turtle", "answers with text/turtle that cannot be read"),
        (b"<a:s> <a:p> <a:o> . oops", "application/n-triples", "that cannot be read"),
        (b"<h1>Hello</h1>", "application/n-triples", "that cannot be read"),
        (b"<rdf/>", "application/rdf+xml", "answers with application/rdf+xml instead of an RDF graph"),
        (b"<a:s> <a:p> " + b"<<( <a:s> <a:p> " * 50_000, "text/turtle", "too many triple terms"),
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
    assert str(caught.value) == f"{url} refuses the query (HTTP 400): unknown function."


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


@pytest.mark.parametrize(
    "url", ["", "localhost:7878", "file:///etc/passwd", "http://", "http://a b/", "http://x:y/", "ftp://x/"]
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(EndpointError, match="is not the address of a SPARQL service"):
        Endpoint(url)


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_a_file_an_rdflib_graph_and_triples_are_added_to_a_graph_or_none(tmp_path: Path) -> None:
    import rdflib

    text = '<a:s> <a:p> "x"@da , "2014"^^<http://www.w3.org/2001/XMLSchema#gYear> .'
    (tmp_path / "file.ttl").write_text(text)
    triples = [quad.triple for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE)]
    graph, dataset = rdflib.Graph().parse(data=text, format="turtle"), rdflib.Dataset()
    dataset.graph(rdflib.URIRef("a:own")).parse(data=text, format="turtle")
    for data in (tmp_path / "file.ttl", str(tmp_path / "file.ttl"), graph, triples, EmbeddedStore(triples)):
        store = EmbeddedStore()
        store.add(data)  # type: ignore[arg-type]
        assert {quad.triple for quad in store} == {*triples}
        store.add(data, graph="urn:g")  # type: ignore[arg-type]
        assert len(store) == 4
        assert store.query("ASK { GRAPH <urn:g> { <a:s> <a:p> 'x'@da } }")
    store = EmbeddedStore()
    store.add(dataset, graph="urn:g")
    assert {quad.graph_name for quad in store} == {NamedNode("a:own")}


def test_a_graph_to_add_to_is_an_iri_or_a_curie() -> None:
    store = EmbeddedStore()
    quad = pyoxigraph.Triple(NamedNode("a:s"), NamedNode("a:p"), NamedNode("a:o"))
    store.add([quad], graph="skos:x")
    assert [each.graph_name.value for each in store] == ["http://www.w3.org/2004/02/skos/core#x"]
    with pytest.raises(DocumentError, match=r"^'nix' is neither an IRI nor a CURIE"):
        store.add([quad], graph="nix")


@pytest.mark.parametrize("data", [[1], ["x"], 3, [(1, 2, 3)]])
def test_what_is_no_rdf_is_refused_and_nothing_added(data: object) -> None:
    store = EmbeddedStore()
    with pytest.raises(DocumentError, match=r"^This is no RDF: add a file, an rdflib graph"):
        store.add(data)  # type: ignore[arg-type]
    assert len(store) == 0


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(DocumentError, match=r"^file\.ttl: There is no such file\.$"):
        EmbeddedStore().add("file.ttl")
