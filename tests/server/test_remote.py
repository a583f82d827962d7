"""Queries to a remote endpoint: how many at once, and what its failures become."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from loops import run
from pyoxigraph import Literal, NamedNode, Quad

from policygraph.errors import EndpointError, QueryError
from policygraph.server.evaluation import Limits, QueryJob, RemotePool
from policygraph.store.endpoint import Endpoint
from policygraph.store.memory import EmbeddedStore

pytest_plugins = ["serving"]

JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
NAMED = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
PROJECT = NamedNode("https://example.org/terms#Project")
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


class Service(Endpoint):
    """A service without a network."""

    def __init__(self, answer):
        super().__init__("http://127.0.0.1:9/")
        self._answer, self.texts = answer, []

    def query(self, text):
        self.texts.append(text)
        return self._answer(text)


def outcome(answer, text="SELECT (1 AS ?x) {}", **more):
    async def run_query():
        async with RemotePool(Service(answer), **({"limits": Limits()} | more)) as pool:
            assert pool.healthy
            return await pool.query(QueryJob(text))

    return run(run_query())


def test_an_answer_is_passed_on_within_the_limits():
    whole = outcome(EmbeddedStore().query, "SELECT ?x { VALUES ?x { 1 2 3 } }")
    assert (whole.kind, whole.cut) == ("answer", False)
    assert whole.body.count(b'"value":') == 3
    long = outcome(EmbeddedStore().query, "SELECT ?x { VALUES ?x { 1 2 3 } }", limits=Limits(rows=2))
    assert long.kind == "rows"


def test_the_catalogues_prefixes_need_not_be_declared_there_either():
    service = Service(EmbeddedStore().query)

    async def run_query():
        async with RemotePool(service, limits=Limits()) as pool:
            await pool.query(QueryJob("ASK { ?s a pg:Thing }"))

    run(run_query())
    assert service.texts[0].startswith("PREFIX pg: <https://w3id.org/policygraph/ontology#> ASK")


def test_updates_and_other_services_are_refused_before_they_are_sent():
    for text in ("DROP ALL", "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"):
        assert outcome(pytest.fail, text).kind == "text"
        assert outcome(pytest.fail, text, limits=Limits(services=("http://127.0.0.1/",))).kind == "text"


@pytest.mark.parametrize(
    ("error", "kind"), [(EndpointError("http://secret/ is down."), "failed"), (QueryError("no."), "text")]
)
def test_an_error_does_not_name_the_service(error, kind):
    def fail(text):
        raise error

    result = outcome(fail)
    assert result.kind == kind
    assert "secret" not in result.message


def test_too_many_queries_at_once_are_refused():
    go = threading.Event()

    def wait(text):
        go.wait(20)
        return EmbeddedStore().query(text)

    async def crowd():
        async with RemotePool(Service(wait), limits=Limits(), count=2, waiting=3) as pool:
            tasks = [asyncio.create_task(pool.query(QueryJob(f"SELECT ({n} AS ?x) {{}}"))) for n in range(9)]
            await asyncio.sleep(0.1)
            go.set()
            return [each.kind for each in await asyncio.gather(*tasks)]

    assert sorted(run(crowd())) == ["answer"] * 5 + ["busy"] * 4


def test_those_who_wait_in_the_threads_of_the_loop_get_their_answer():
    async def scene():
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        async with RemotePool(Service(EmbeddedStore().query), limits=Limits()) as pool:

            def ask():
                return asyncio.run_coroutine_threadsafe(pool.query(QueryJob("ASK {}")), loop).result(10)

            return await asyncio.to_thread(ask)

    assert run(scene()).kind == "answer"


@pytest.fixture
def remote(small_catalog):
    """The small catalogue, served with data of a service, and the store that it has; no address is told."""
    import serving

    store = small_catalog.load()
    service, lines = Service(store.query), []
    service.url = "http://secret/sparql"
    settings = {"catalog": small_catalog.root, "store": service, "mcp": True, "lines": lines}
    with serving.application(**settings) as application:
        yield application, store, service, lines
        assert not [each for each in lines if "secret" in each]


def add(store, name):
    thing = NamedNode(f"https://w3id.org/policygraph/id/xy/project/{name}")
    store.add([Quad(thing, TYPE, PROJECT), Quad(thing, NAMED, Literal(name, language="en"))])


def reload(application):
    asyncio.run_coroutine_threadsafe(application.transport.app.reload(), application.loop).result(60)
    return json.loads(application.ask("GET", "/health").body)


def test_a_saved_question_is_asked_each_time_and_things_are_listed_anew_when_told(remote):
    application, store, _, _ = remote
    before = application.ask("GET", "/query/projects.csv")
    page = application.ask("GET", "/doc/xy/project/tunnel.html")
    add(store, "tunnel")
    after = application.ask("GET", "/query/projects.csv")
    assert before.body.count(b"\n") + 1 == after.body.count(b"\n")
    assert before.headers["etag"] != after.headers["etag"]
    assert "refused" not in reload(application)
    assert (page.status, application.ask("GET", "/doc/xy/project/tunnel.html").status) == (404, 200)


def test_a_service_that_is_silent_is_no_fault_of_ours_and_is_not_named(remote):
    application, _, service, lines = remote

    def fail(text):
        raise EndpointError("http://secret/sparql cannot be reached: refused.")

    service._answer = fail
    for path in ("/query/projects.csv", "/query/needs.html", "/doc/xy/project/road.ttl"):
        reply = application.ask("GET", path)
        assert (reply.status, reply.headers["retry-after"]) == (502, "2"), path
        assert reply.body.startswith(b"The endpoint with the data did not answer; ")
    for name, given in (("search", {"text": "road"}), ("ask", {"question": "projects"})):
        call = {"name": name, "arguments": given}
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        result = json.loads(application.ask("POST", "/mcp", json.dumps(asked).encode(), JSON).body)["result"]
        assert result["isError"]
        assert result["content"][0]["text"].startswith("The data could not be asked; ")
    assert reload(application)["refused"]["reason"].startswith("The endpoint with the data did not answer")
    assert [each for each in lines if "did not answer" in each]
