"""Endpoints from the command line: credentials, options, SERVICE, and push to a store.

Tests of `catalog.push`.
"""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import unquote_plus

import engines
import pytest
from command import COMMAND, refused, run
from loopback import EMPTY, sends, servers
from webservers import free

import policygraph
from policygraph import Catalog, EmbeddedStore, Endpoint, push
from policygraph.errors import EndpointError, QueryError
from policygraph.rdf import reader

SECRET = "tops3cret"
BASIC = "Basic YW5uYTp0b3BzM2NyZXQ="  # anna:tops3cret
QUERY = ("query", "-e", "SELECT ?x { ?x ?p 1 }")


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"POLICYGRAPH_{name}", raising=False)


@pytest.fixture
def serve():
    with servers() as start:
        yield start


def only_anna(request):
    right = request.headers["Authorization"] == BASIC
    sends(EMPTY if right else f"not {SECRET}".encode(), status=200 if right else 401)(request)


# Credentials


def test_a_password_of_the_environment_opens_an_endpoint(serve, monkeypatch):
    url = serve(only_anna)
    monkeypatch.setenv("POLICYGRAPH_USER", "anna")
    monkeypatch.setenv("POLICYGRAPH_PASSWORD", SECRET)
    assert run("--endpoint", url, *QUERY).returncode == 0


def test_a_wrong_password_is_one_sentence_that_does_not_tell_it(serve, monkeypatch):
    url = serve(sends(f"not {SECRET}".encode(), status=401))
    monkeypatch.setenv("POLICYGRAPH_USER", "anna")
    monkeypatch.setenv("POLICYGRAPH_PASSWORD", SECRET)
    said = refused("--endpoint", url, *QUERY)
    assert said.startswith(f"policygraph: {url} does not accept the user and password")
    assert said.count("\n") == 1
    assert SECRET not in said


def test_an_address_with_a_password_is_refused(serve):
    said = refused("--endpoint", f"http://anna:{SECRET}@127.0.0.1:9/", *QUERY)
    assert "set POLICYGRAPH_USER and POLICYGRAPH_PASSWORD" in said
    assert SECRET not in said


@pytest.mark.parametrize("command", [QUERY, ()])
def test_a_terminal_is_asked_for_the_password_once_and_does_not_show_it(serve, command):
    rows, no = b'{"head":{"vars":["kind"]},"results":{"bindings":[]}}', b'{"head":{},"boolean":false}'

    def answer(request):
        body = no if "ASK" in request.path else rows
        sends(body if request.headers["Authorization"] == BASIC else b"")(request)

    url = serve(answer)
    controller, terminal = pty.openpty()
    environment = {**os.environ, "POLICYGRAPH_USER": "anna", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [*COMMAND, "--endpoint", url, *command],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env=environment,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    while b"Password of anna: " not in shown:
        shown += os.read(controller, 1000)
    time.sleep(0.1)
    os.write(controller, SECRET.encode() + b"\n")
    try:
        while part := os.read(controller, 1000):
            shown += part
    except OSError:
        pass  # the terminal is closed
    assert process.wait(20) == 0, shown
    os.close(controller)
    assert shown.count(b"Password") == 1
    assert SECRET.encode() not in shown


# Options


def test_headers_method_graph_and_timeout_reach_the_endpoint(serve):
    seen = []

    def reply(request):
        body = request.rfile.read(int(request.headers["Content-Length"] or 0))
        seen.append((request.command, request.headers["X-Key"], body.split(b"&")[0]))
        sends()(request)

    url = serve(reply)
    options = ("--header", "X-Key=a=b", "--method", "POST", "--graph", "http://g/", "--timeout", "5")
    assert run("--endpoint", url, *options, *QUERY).returncode == 0
    assert seen[0] == ("POST", "a=b", b"default-graph-uri=http%3A//g/")


def test_a_timeout_is_heard(serve):
    url = serve(lambda request: time.sleep(1))
    assert "within 0.2 seconds" in refused("--endpoint", url, "--timeout", "0.2", *QUERY)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--header", "A=b"), "--timeout, --graph, --header and --method need --endpoint"),
        (("--graph", "http://g/"), "need --endpoint"),
        (("--endpoint", "http://127.0.0.1:9/", "--header", SECRET), "--header takes NAME=VALUE"),
        (("--endpoint", "http://127.0.0.1:9/", "--header", f"a b={SECRET}"), "'a b' is not the name"),
        (("--endpoint", "http://127.0.0.1:9/", "--header", f"Authorization={SECRET}"), "POLICYGRAPH_TOKEN"),
        (("--endpoint", "http://127.0.0.1:9/", "--allow-service", "http://s/"), "an endpoint decides"),
    ],
)
def test_options_that_do_not_fit_are_one_sentence(options, said):
    told = refused(*options, *QUERY)
    assert said in told
    assert SECRET not in told


def test_a_disk_that_fills_leaves_nothing(serve, tmp_path):
    url = serve(sends(b"<a:s> <a:p> <a:o> .\n" * 1_000, "application/n-triples"))
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))"
    code = f"{limit}; from policygraph.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--endpoint", url, "export", "all.nt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "policygraph: all.nt cannot be written: File too large.\n"
    assert list(tmp_path.iterdir()) == []


# SERVICE


RESULT = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"http://there/"}}]}}'


def test_a_service_that_is_allowed_is_asked(serve, small_catalog):
    url = serve(sends(RESULT))
    ask = ("--catalog", small_catalog.root)
    text = f"SELECT ?x {{ SERVICE <{url}> {{ ?x ?p ?o }} }}"
    assert "--allow-service" in refused(*ask, "query", "-e", text)
    assert "http://there/" in run(*ask, "--allow-service", url, "query", "-e", text).stdout
    assert "SERVICE is refused" in refused(*ask, "--allow-service", url + "/", "query", "-e", text)
    store = EmbeddedStore(services=[url])
    assert [row["x"].value for row in store.query(text)] == ["http://there/"]
    (triple,) = store.query(f"CONSTRUCT {{ ?x <a:p> 1 }} {{ SERVICE <{url}> {{ ?x ?p ?o }} }}")
    assert triple.subject.value == "http://there/"


@pytest.mark.parametrize("form", ["SELECT * {", "ASK {", "CONSTRUCT { ?x ?p ?o } {"])
def test_a_service_that_fails_is_one_sentence(serve, form):
    for url in (serve(sends(b"<h1>", "text/html")), serve(sends(b"", status=500)), "http://127.0.0.1:9/"):
        with pytest.raises(QueryError, match=r"^the query cannot be answered: [^\n]*\.$"):
            EmbeddedStore(services=[url]).query(f"{form} SERVICE <{url}> {{ ?x ?p ?o }} }}")


# Named graphs that a question does not see


@pytest.fixture(scope="module")
def unseen():
    """The address of an `oxigraph serve` of two triples in named graphs, which questions do not see."""
    with oxigraph_serve() as url:
        text = "INSERT DATA { GRAPH <a:g> { <a:s> <a:p> 1 } GRAPH <a:h> { <a:s> <a:p> 2 } }"
        subprocess.run(["curl", "-sf", "-d", f"update={text}", f"{url}/update"], check=True)
        yield f"{url}/query"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x ?p 1 }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?x ?n { VALUES ?x { <a:s> <a:t> } OPTIONAL { ?x ?p ?n } }",
        "ASK { ?s ?p ?o }",
        "ASK { FILTER NOT EXISTS { ?s ?p ?o } }",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "DESCRIBE <a:s>",
        "SELECT ?x { ?x ?p 'GRAPH' } # FROM GRAPH",
    ],
)
def test_a_question_that_sees_no_named_graph_is_an_error_and_never_nothing(unseen, text):
    endpoint = Endpoint(unseen)
    for _ in range(2):
        with pytest.raises(EndpointError) as caught:
            endpoint.query(text)
        assert str(caught.value) == (
            f"{unseen} has triples in named graphs but none in its default graph, which questions are "
            "asked of: start it with its union option (as `oxigraph serve --union-default-graph`), fill its "
            "default graph by `policygraph push --merge`, or name the graphs by --graph (in Python, graphs=)."
        )


def test_commands_say_so_too_and_write_no_file(unseen, tmp_path):
    for command in (
        ("query", "plans-in-force"),
        QUERY,
        ("describe", "NemID"),
        ("export", tmp_path / "x.nt"),
        (),
    ):
        assert "none in its default graph" in refused("--endpoint", unseen, *command), command
    assert [*tmp_path.glob("*.nt")] == []


@pytest.mark.parametrize(
    ("address", "graphs", "text", "wanted"),
    [
        ("", (), "SELECT ?o { GRAPH ?g { ?s ?p ?o } }", "12"),
        ("", (), "SELECT ?o FROM <a:h> { ?s ?p ?o }", "2"),
        ("", (), "SELECT ?o { GRAPH <a:none> { ?s ?p ?o } }", ""),
        ("", ["a:g"], "SELECT ?o { ?s ?p ?o }", "1"),
        ("", ["a:none"], "SELECT ?o { ?s ?p ?o }", ""),
        ("?default-graph-uri=a:none", (), "SELECT ?o { ?s ?p ?o }", ""),
        ("?union-default-graph", (), "SELECT ?o { ?s ?p ?o }", "12"),
    ],
)
def test_a_question_that_names_its_graphs_is_answered(unseen, address, graphs, text, wanted):
    answer = Endpoint(unseen + address, graphs=graphs).query(text)
    assert "".join(sorted(row["o"].value for row in answer)) == wanted


def test_a_service_without_a_triple_answers_that_there_is_none(oxigraph):
    assert "0 rows" in run("--endpoint", f"{oxigraph}/query", *QUERY).stdout


@pytest.mark.parametrize("many", [1, 3])
def test_whether_questions_see_the_graphs_is_asked_once(serve, many):
    asked = []

    def reply(request):
        asked.append("ASK" in request.path)
        sends(b'{"head":{},"boolean":true}' if asked[-1] else EMPTY)(request)

    endpoint = Endpoint(serve(reply))
    for _ in range(many):
        endpoint.query("SELECT ?x { ?x ?p 1 }")
    assert asked == [False, True, False, False][: many + 1]


def test_a_service_that_cannot_say_so_answers_all_the_same(serve):
    def reply(request):
        sends(EMPTY, status=500 if "ASK" in request.path else 200)(request)

    assert [*Endpoint(serve(reply)).query("SELECT ?x { ?x ?p 1 }")] == []


# Push


@contextlib.contextmanager
def oxigraph_serve(*options):
    """Yields the address of an empty `oxigraph serve`."""
    program, port = str(Path(sys.executable).with_name("oxigraph")), free()
    with tempfile.TemporaryDirectory() as home:
        command = [program, "serve", "--location", f"{home}/store", "--bind", f"127.0.0.1:{port}", *options]
        with engines._running(command, f"http://127.0.0.1:{port}/query{engines._ASK}", home):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def oxigraph():
    """The address of an empty `oxigraph serve`."""
    with oxigraph_serve() as url:
        yield url


def graphs(url):
    text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    return {row["g"].value.rpartition("/")[2]: int(row["n"].value) for row in Endpoint(url).query(text)}


def test_datasets_are_pushed_with_the_ontology_by_updates_and_replace_what_was_there(oxigraph, small_catalog):
    wanted = {"xy": 9, "terms": 3}
    for _ in range(2):
        address = ("--endpoint", f"{oxigraph}/query", "--update", f"{oxigraph}/update")
        done = run("--catalog", small_catalog.root, "push", *address)
        assert done.returncode == 0, done
        assert done.stderr.count("Pushed ") == len(wanted)
        assert graphs(f"{oxigraph}/query") == wanted
    subprocess.run(["curl", "-sf", "-d", "update=DROP ALL", f"{oxigraph}/update"], check=True)


def test_files_are_pushed_without_the_ontology_by_the_graph_store_protocol(oxigraph, small_catalog, tmp_path):
    (tmp_path / "my file.ttl").write_text("[] a <a:C> ; <a:p> [ <a:q> '''a\nb\\r''' ] .", encoding="utf-8")
    address = ("--endpoint", f"{oxigraph}/query", "--graph-store", f"{oxigraph}/store")
    files = ("--catalog", small_catalog.root, "--data", tmp_path / "my file.ttl")
    done = run(*files, "push", *address, "--no-ontology")
    assert done.stderr.startswith("Pushed https://w3id.org/policygraph/data/my%20file: 3 triples\n")
    assert graphs(f"{oxigraph}/query") == {"my%20file": 3}
    subprocess.run(["curl", "-sf", "-d", "update=DROP ALL", f"{oxigraph}/update"], check=True)


def test_what_is_suggested_asks_the_same_graph_in_the_same_way(oxigraph):
    told = run("--endpoint", f"{oxigraph}/query", "--graph", "http://g.example/", "--method", "GET").stdout
    assert "/query --graph http://g.example/ --method GET" in told


def quads(tmp_path, text):
    path = tmp_path / "data.nq"
    path.write_text(text, encoding="utf-8")
    return reader.read(path)


def test_blank_nodes_stay_one_across_the_batches_of_a_graph(oxigraph, tmp_path):
    lines = "_:b <a:p> <a:{0}> <a:g> .\n<a:{0}> <a:q> _:b <a:g> .\n<a:{0}> <a:r> <a:o> <a:g> .\n"
    given = quads(tmp_path, "".join(map(lines.format, range(2_500))))
    there = Endpoint(f"{oxigraph}/query")
    assert push(given, there, update=Endpoint(f"{oxigraph}/update")) == {"a:g": 7_500}
    text = "SELECT (COUNT(DISTINCT ?b) AS ?n) { GRAPH <a:g> { { ?b <a:p> ?o } UNION { ?s <a:q> ?b } } }"
    assert [row["n"].value for row in there.query(text)] == ["1"]


COUNT = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"%d"}}]}}'


def test_an_update_that_fails_says_which_graphs_are_whole(serve, oxigraph, tmp_path):
    given = quads(
        tmp_path, "<a:s> <a:p> <a:o> <a:g1> .\n<a:s> <a:p> <a:o> <a:g2> .\n<a:s> <a:p> <a:o> <a:g3> .\n"
    )
    replies = iter([sends(b"", status=204), sends(b"disk full", "text/plain", status=507)])
    queries = serve(sends(COUNT % 1))
    store = serve(lambda request: next(replies)(request))
    with pytest.raises(EndpointError) as caught:
        push(given, Endpoint(queries), update=Endpoint(store))
    assert str(caught.value) == (
        f"{store} answers with HTTP error 507: disk full. Perhaps in part: a:g2; whole: a:g1; "
        "as before: a:g3. Push again."
    )
    nobody = Endpoint("http://127.0.0.1:9/")
    for to in ({"update": nobody}, {"graph_store": nobody}):
        with pytest.raises(EndpointError, match="in part: none; whole: none; as before: a:g1, a:g2, a:g3"):
            push(given, Endpoint(queries), **to)


def test_ctrl_c_says_which_graphs_are_whole(serve, small_catalog):
    waiting = threading.Event()

    def reply(request):
        if request.command == "GET":
            sends(COUNT % 9)(request)
        elif b"Bridge" in request.rfile.read(int(request.headers["Content-Length"])):
            sends(b"", status=204)(request)
        else:
            waiting.set()
            time.sleep(20)

    command = [*COMMAND, "--catalog", str(small_catalog.root), "push", "--endpoint", serve(reply)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert waiting.wait(20)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    base = "https://w3id.org/policygraph"
    assert process.returncode == 2
    assert said.splitlines() == [
        f"Pushed {base}/data/xy: 9 triples",
        f"policygraph: Stopped. Perhaps in part: {base}/ontology/terms; whole: {base}/data/xy; "
        "as before: none. Push again.",
    ]


def test_a_store_that_counts_otherwise_is_an_error(serve, tmp_path):
    """Such as one that another process writes at the same time."""
    given = quads(tmp_path, "<a:s> <a:p> <a:o> <a:g> .\n")
    url = serve(sends(COUNT % 2))
    with pytest.raises(EndpointError, match=r"counts 2 triples for the 1 it got\. Perhaps in part: a:g;"):
        push(given, Endpoint(url))


def test_a_triple_in_no_graph_is_not_pushed(tmp_path):
    with pytest.raises(EndpointError, match="named graphs"):
        push(
            policygraph.rdf.reader.parse(b"<a:s> <a:p> <a:o> .", name="x.nt"), Endpoint("http://127.0.0.1:9/")
        )


# What a question sees of what was pushed

COSTS = """<a:a> <a:cost> 5 . <a:a> a <a:P> . [] <a:cost> 0 ."""
SUM = "SELECT (SUM(?c) AS ?n) { ?x a <a:P> ; <a:cost> ?c }"


@pytest.fixture
def costs(tmp_path):
    """The arguments for two files that state a cost twice: 8 of 10 triples are distinct."""
    (tmp_path / "one.ttl").write_text(COSTS + "<a:b> <a:cost> 7 ; a <a:P> . [] <a:p> <a:o> .")
    (tmp_path / "two.ttl").write_text(COSTS + "[] <a:p> <a:o> .")
    return ("--data", tmp_path / "one.ttl", "--data", tmp_path / "two.ttl")


def addresses(url, way):
    return ("--no-ontology", "--endpoint", f"{url}/query", f"--{way}", f"{url}/{way.rpartition('-')[2]}")


def value(url, text):
    return next(iter(Endpoint(url).query(text)))["n"].value


@pytest.fixture
def fresh(oxigraph):
    """The address of an empty `oxigraph serve`, which others use before and after us."""
    empty = ["curl", "-sf", "-d", "update=DROP ALL", f"{oxigraph}/update"]
    subprocess.run(empty, check=True)
    yield oxigraph
    subprocess.run(empty, check=True)


@pytest.fixture(scope="module")
def union():
    """The address of an `oxigraph serve` whose default graph shows all graphs."""
    with oxigraph_serve("--union-default-graph") as url:
        yield url


def test_push_says_what_to_do_where_questions_see_nothing(fresh, costs):
    done = run(*costs, "push", *addresses(fresh, "graph-store"))
    assert done.returncode == 0
    assert done.stderr.count("Pushed ") == 2
    assert done.stderr.splitlines()[-1] == (
        f"policygraph: note: {fresh}/query has triples in named graphs but none in its default graph, which "
        "questions are asked of: start it with its union option (as `oxigraph serve --union-default-graph`), "
        "fill its default graph by `policygraph push --merge`, or name the graphs by --graph (in Python, "
        "graphs=)."
    )


@pytest.mark.parametrize("way", ["update", "graph-store"])
def test_a_merge_is_what_questions_see(fresh, costs, way):
    for _ in range(2):
        done = run(*costs, "push", "--merge", *addresses(fresh, way))
        assert done.returncode == 0, done
        assert [line.rpartition("/")[2] for line in done.stderr.splitlines()] == [
            "one: 6 triples",
            "two: 4 triples",
            "Pushed the default graph: 8 triples",
            "policygraph: note: Questions without GRAPH see 8 triples: the merge of these graphs, "
            "each triple once.",
        ]
        assert graphs(f"{fresh}/query") == {"one": 6, "two": 4}
        assert value(f"{fresh}/query", SUM) == "12"
    named = Endpoint(f"{fresh}/query").query("SELECT ?g { GRAPH ?g {} }")
    assert len([*named]) == 2


@pytest.mark.parametrize("way", ["update", "graph-store"])
def test_a_merge_is_refused_before_anything_is_pushed_where_questions_see_all_graphs(union, costs, way):
    given = run(*costs, "push", *addresses(union, way))
    assert given.stderr.splitlines()[-1] == (
        "policygraph: note: Questions without GRAPH see 10 triples: the sum of the graphs, where "
        "SUM, AVG and COUNT count what several state several times; push --merge to a store without a union "
        "avoids that."
    )
    assert value(f"{union}/query", SUM) != "12"
    assert refused(*costs[2:], "push", "--merge", *addresses(union, way)) == (
        f"policygraph: {union}/query shows the named graphs in its default graph already, where a merge "
        "would count once more; push without --merge, or end that union.\n"
    )
    assert graphs(f"{union}/query") == {"one": 6, "two": 4}


def test_graphs_without_a_triple_in_common_are_seen_each_triple_once(union, tmp_path, costs):
    run(*costs, "push", *addresses(union, "update"))
    (tmp_path / "one.ttl").write_text("<a:only> <a:here> <a:o> .")
    done = run(*costs[:2], "push", *addresses(union, "update"))
    assert done.stderr.endswith("see 5 triples: the merge of these graphs, each triple once.\n")


def test_a_merge_of_before_does_not_pass_for_the_graphs(fresh, costs, tmp_path):
    run(*costs, "push", "--merge", *addresses(fresh, "update"))
    (tmp_path / "one.ttl").write_text("<a:only> <a:here> <a:o> .")
    done = run(*costs, "push", *addresses(fresh, "update"))
    assert done.returncode == 0
    said = "/query shows questions without GRAPH only 8 triples of its default graph: start it with"
    assert said in done.stderr


def test_a_store_that_does_not_say_what_it_shows_has_the_graphs_all_the_same(serve, small_catalog):
    def reply(request):
        body = request.rfile.read(int(request.headers["Content-Length"] or 0)).decode()
        if "probe" in body:
            sends(b"read only", "text/plain", status=500)(request)
        else:
            sends(COUNT % 9 if "xy" in request.path else COUNT % 3)(request)

    url = serve(reply)
    done = run("--catalog", small_catalog.root, "push", "--endpoint", url)
    assert done.returncode == 0
    assert done.stderr.endswith(f"policygraph: note: {url} answers with HTTP error 500: read only.\n")


def test_nothing_is_left_in_a_store_that_does_not_say_what_it_shows(serve, tmp_path):
    given, updates = quads(tmp_path, "<a:s> <a:p> <a:o> <a:g> .\n"), []

    def reply(request):
        if body := request.rfile.read(int(request.headers["Content-Length"] or 0)):
            updates.append(unquote_plus(body.decode()))
            sends(b"", status=204)(request)
        else:
            sends(b"too slow", "text/plain", status=500)(request)

    with pytest.raises(EndpointError, match="too slow"):
        push(given, Endpoint(serve(reply)), merge=True)
    assert "INSERT DATA" in updates[0]
    assert updates[1:] == ["update=DROP SILENT GRAPH <urn:policygraph:probe> ;\n"]


def test_a_default_graph_that_fails_says_what_is_whole(serve, fresh, tmp_path):
    given = quads(tmp_path, "<a:s> <a:p> <a:o> <a:g1> .\n<a:s> <a:p> <a:o> <a:g2> .\n")
    full = sends(b"disk full", "text/plain", status=507)

    def reply(request):
        body = request.rfile.read(int(request.headers["Content-Length"])).decode()
        if "DEFAULT" in body:
            full(request)
        else:
            subprocess.run(["curl", "-sf", "-d", body, f"{fresh}/update"], check=True)
            sends(b"", status=204)(request)

    store = serve(reply)
    with pytest.raises(EndpointError) as caught:
        push(given, Endpoint(f"{fresh}/query"), update=Endpoint(store), merge=True)
    assert str(caught.value) == (
        f"{store} answers with HTTP error 507: disk full. Perhaps in part: the default graph; whole: a:g1, "
        "a:g2; as before: none. Push again."
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("push",), "Missing option '--endpoint'"),
        (("--graph", "a:g", "push", "--endpoint", "http://127.0.0.1:9/"), "leave out --graph"),
        (
            ("push", "--endpoint", "http://x/", "--update", "http://x/", "--graph-store", "http://x/"),
            "exclude",
        ),
    ],
)
def test_what_push_cannot_do_is_one_sentence(options, said):
    assert said in refused(*options)


@pytest.mark.full
def test_virtuoso_takes_the_datasets_by_updates_and_as_graphs_with_a_digest(tmp_path, monkeypatch):
    store = Catalog.find().store
    monkeypatch.setenv("POLICYGRAPH_USER", "dba")
    monkeypatch.setenv("POLICYGRAPH_PASSWORD", "dba")
    with engines.virtuoso(EmbeddedStore(list(store)[:3]), tmp_path) as (url, _):
        address = url.partition("/sparql")[0]
        there, update = Endpoint(f"{address}/sparql"), Endpoint(f"{address}/sparql-auth")
        said = []
        wanted = push(store, there, update=update, seen=said.append)
        crud = Endpoint(f"{address}/sparql-graph-crud-auth")
        assert push(store, there, graph_store=crud, seen=said.append) == wanted
        assert all("the sum of the graphs" in each for each in said), said
        assert len(said) == 2
        for way in ({"update": update}, {"graph_store": crud}):
            with pytest.raises(EndpointError, match="shows the named graphs in its default graph already"):
                push(store, there, merge=True, **way)
        assert not there.query("ASK { GRAPH <urn:policygraph:probe> { ?s ?p ?o } }")
        monkeypatch.setenv("POLICYGRAPH_PASSWORD", "wrong")
        with pytest.raises(EndpointError, match="does not accept the user and password"):
            update.query("ASK {}")
