"""Queries to a remote endpoint: how many at once, and what its failures become."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from loops import run

from policygraph.errors import EndpointError, QueryError
from policygraph.server.evaluation import Limits, QueryJob, RemotePool
from policygraph.store.endpoint import Endpoint
from policygraph.store.memory import EmbeddedStore


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
