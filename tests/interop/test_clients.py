"""Programs that others wrote, used as their own documents say, against the server on a socket."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from tools import missing

import policygraph
from policygraph.rdf.terms import canonical

pytest_plugins = ["serving"]
pytestmark = pytest.mark.full

CLIENTS = Path(__file__).parent / "clients"
PLANS = """PREFIX pg: <https://w3id.org/policygraph/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?plan ?label WHERE { ?plan a pg:Plan ; skos:prefLabel ?label . FILTER(LANG(?label) = "da") }
ORDER BY ?plan"""
THING = "https://w3id.org/policygraph/id/dk/initiative/nemid"
GRAPH = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ <{THING}> }} ?s ?p ?o }}"


@pytest.fixture
def address(served):
    return f"http://127.0.0.1:{served.port}"


@pytest.fixture(scope="module")
def plans(store):
    """What every client must find."""
    return [(row["plan"].value, row["label"].value) for row in store.query(PLANS)]


def test_there_is_something_to_find(plans):
    assert len(plans) > 1


@pytest.mark.parametrize("post", [False, True], ids=["GET", "POST"])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_sparqlwrapper(form, post, address, plans):
    import SPARQLWrapper

    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql")
    client.setQuery(PLANS)
    client.setReturnFormat(getattr(SPARQLWrapper, form.upper()))
    client.setMethod(SPARQLWrapper.POST if post else SPARQLWrapper.GET)
    if form == "json":
        rows = client.queryAndConvert()["results"]["bindings"]
        found = [(row["plan"]["value"], row["label"]["value"]) for row in rows]
        assert {row["label"]["xml:lang"] for row in rows} == {"da"}
    else:
        rows = client.queryAndConvert().getElementsByTagName("result")
        found = [
            (
                row.getElementsByTagName("uri")[0].firstChild.data,
                row.getElementsByTagName("literal")[0].firstChild.data,
            )
            for row in rows
        ]
    assert found == plans


def test_sparqlwrapper_posts_the_query_as_it_is(address, plans):
    import SPARQLWrapper

    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql")
    client.setQuery(PLANS)
    client.setMethod(SPARQLWrapper.POST)
    client.setRequestMethod(SPARQLWrapper.POSTDIRECTLY)
    client.setReturnFormat(SPARQLWrapper.JSON)
    assert len(client.queryAndConvert()["results"]["bindings"]) == len(plans)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # it makes one
@pytest.mark.parametrize("form", ["TURTLE", "RDFXML", "JSONLD"])
def test_sparqlwrapper_constructs(form, address, store):
    import SPARQLWrapper

    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql")
    client.setQuery(GRAPH)
    client.setReturnFormat(getattr(SPARQLWrapper, form))
    found = client.queryAndConvert()
    if form == "TURTLE":
        import rdflib

        found = rdflib.Graph().parse(data=found, format="turtle")
    assert len(found) == len(list(store.query(GRAPH)))


def test_sparqlwrapper_learns_where_a_query_is_wrong(address):
    import SPARQLWrapper
    from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

    client = SPARQLWrapper.SPARQLWrapper(f"{address}/sparql")
    client.setQuery("SELECT ?x WHERE { ?x ?y }")
    client.setReturnFormat(SPARQLWrapper.JSON)
    with pytest.raises(QueryBadFormed, match="line 1"):
        client.query()


def test_rdflib_store(address, plans, store):
    import rdflib
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    graph = rdflib.Graph(SPARQLStore(f"{address}/sparql", method="POST"))
    assert [(str(row.plan), str(row.label)) for row in graph.query(PLANS)] == plans
    thing = rdflib.URIRef(THING)
    assert len(set(graph.predicate_objects(thing))) == len(list(store.query(GRAPH)))
    assert graph.query("ASK { ?s ?p ?o }").askAnswer


def test_rdflib_follows_a_thing_to_its_data(address):
    import rdflib

    graph = rdflib.Graph().parse(f"{address}/id/dk/initiative/nemid")
    thing = rdflib.URIRef(THING)
    assert any(graph.predicate_objects(thing))


def test_pandas_reads_csv(address, plans):
    import pandas

    table = pandas.read_csv(f"{address}/sparql?query={quote(PLANS)}&format=csv")
    assert list(table.itertuples(index=False, name=None)) == plans
    saved = pandas.read_csv(f"{address}/query/plans-in-force.csv?year=2014")
    assert len(saved) > 0


PAIRS = "SELECT DISTINCT ?s ?o WHERE { ?s a ?x . ?o a ?y } LIMIT 13070"


def whole_answers():
    """The ways in which people ask for all the rows of an answer."""

    def frame(address):
        import pandas

        return pandas.read_csv(f"{address}/sparql?query={quote(PAIRS)}&format=csv")

    def wrapper(address, form):
        from SPARQLWrapper import SPARQLWrapper

        client = SPARQLWrapper(f"{address}/sparql")
        client.setQuery(PAIRS)
        client.setReturnFormat(form)
        return client.queryAndConvert()

    def graph(address):
        import rdflib
        from rdflib.plugins.stores.sparqlstore import SPARQLStore

        return rdflib.Graph(SPARQLStore(f"{address}/sparql")).query(PAIRS)

    return {
        "pandas": frame,
        "SPARQLWrapper, JSON": lambda address: wrapper(address, "json")["results"]["bindings"],
        "SPARQLWrapper, XML": lambda address: wrapper(address, "xml").getElementsByTagName("result"),
        "rdflib": graph,
        "policygraph": lambda address: policygraph.Endpoint(f"{address}/sparql").query(PAIRS),
    }


@pytest.fixture(scope="module")
def narrow(tmp_path_factory, examplia):
    """A server that gives at most so many rows."""
    import serving

    folder = tmp_path_factory.mktemp("narrow")
    with serving.running(folder, "--max-rows", "13069", catalog=examplia) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize("name", whole_answers())
def test_a_client_gets_all_rows_or_hears_that_it_does_not(name, address, narrow):
    ask = whole_answers()[name]
    assert len(list(ask(address).index if name == "pandas" else ask(address))) == 13_070
    # rdflib says that one did something wrong, because of what the server said.
    with pytest.raises((HTTPError, policygraph.errors.EndpointError, ValueError)) as raised:
        ask(narrow)
    causes = (raised.value, raised.value.__context__)
    assert "413" in f"{causes}"
    for each in causes:
        if isinstance(each, HTTPError):
            each.close()


def curl(*arguments):
    command = shutil.which("curl")
    if not command:
        missing("curl is not installed")
    done = subprocess.run([command, "-sS", "--fail", *arguments], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl(address, plans, store, tmp_path):
    csv = curl(f"{address}/sparql", "-H", "Accept: text/csv", "--data-urlencode", f"query={PLANS}").decode()
    assert csv.count("\n") == len(plans) + 1
    assert (
        curl(
            "-G", f"{address}/sparql", "-H", "Accept: text/csv", "--data-urlencode", f"query={PLANS}"
        ).decode()
        == csv
    )
    (tmp_path / "q.rq").write_text(PLANS)
    direct = ["--data-binary", f"@{tmp_path / 'q.rq'}", "-H", "Content-Type: application/sparql-query"]
    assert curl(f"{address}/sparql", "-H", "Accept: text/csv", *direct).decode() == csv
    turtle = curl("-L", "-H", "Accept: text/turtle", f"{address}/id/dk/initiative/nemid").decode()
    assert "id/dk/initiative/nemid" in turtle
    plain, zipped = (
        curl(*more, "-H", "Accept: text/turtle", f"{address}/ontology") for more in ([], ["--compressed"])
    )
    assert plain == zipped


def test_curl_resumes_nothing_that_has_not_changed(address, tmp_path):
    tag = tmp_path / "etag"
    first = curl("--etag-save", str(tag), f"{address}/ontology.ttl")
    assert first
    assert curl("--etag-compare", str(tag), f"{address}/ontology.ttl") == b""


@pytest.fixture(scope="module")
def node():
    """Node, with the clients of npm."""
    if not (CLIENTS / "node_modules" / "jsonld").is_dir():
        missing("the clients are not installed (`npm ci --ignore-scripts --prefix tests/interop/clients`)")
    return shutil.which("node") or missing("node is not installed")


def test_the_record_in_json_ld_is_the_same_to_jsonld_js(node, publication, catalog):
    """`tests/site/test_publisher.py` asks the readers in Python."""
    folder = publication(catalog)[0]
    done = subprocess.run(
        [node, "triples.mjs"],
        cwd=CLIENTS,
        input=(folder / "catalog.jsonld").read_bytes(),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = {quad.triple for quad in ox.parse(done.stdout, format=ox.RdfFormat.N_QUADS)}
    expected = {quad.triple for quad in ox.parse(path=folder / "catalog.nt")}
    assert {*canonical(found)} == {*canonical(expected)}
    assert len(expected) > 1_000


@pytest.mark.parametrize("source", ["/sparql", "/data/denmark.ttl", "/download/denmark"])
def test_comunica(node, source, address, plans):
    query = (
        PLANS
        if source != "/data/denmark.ttl"
        else "SELECT ?t { ?d <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"
    )
    done = subprocess.run(
        [node, "bindings.mjs", f"{address}{source}", query],
        cwd=CLIENTS,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    if query == PLANS:
        assert lines == [",".join(row) for row in plans]
    else:
        assert len(lines) >= 2


def test_a_browsers_script_of_another_site_may_read_the_answers(served):
    origin = {"Origin": "https://elsewhere.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = served.ask("OPTIONS", "/sparql", headers=origin | asked)
    assert preflight.status == 204
    assert "content-type" in preflight.headers["access-control-allow-headers"].lower()
    answer = served.ask("GET", "/sparql?query=ASK%7B%7D", headers=origin | {"Accept": "*/*"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert json.load(io.BytesIO(answer.body))["boolean"] is True
