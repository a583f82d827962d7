"""What an engine measures equals what is measured in memory, and what goes wrong there is one sentence."""

from __future__ import annotations

import os
import random
import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from importlib.util import find_spec

import networkx as nx
import pytest
from command import refused, run
from tools import missing

from policygraph import analyse
from policygraph.analysis import engine as engines
from policygraph.analysis.centrality import central
from policygraph.analysis.comparison import components
from policygraph.analysis.exchange import write_parquet
from policygraph.analysis.network import narrowed, network
from policygraph.errors import EndpointError, ExtraError, NetworkError

TOKEN = "s3cret-t0ken"


@pytest.fixture(scope="session")
def sail():
    """The address of a Spark Connect server: Sail, in a process of its own, or another by the environment."""
    if other := os.environ.get("POLICYGRAPH_TEST_ENGINE"):
        yield other
        return
    if not all(map(find_spec, ("pysail", "pyspark", "pyarrow"))):
        missing("pysail and pyspark-client are not installed")
    with served() as (_, address):
        yield address


@contextmanager
def served():
    """Start Sail; give its process and its address."""
    code = (
        "from pysail.spark import SparkConnectServer as S; s = S('127.0.0.1', 0); s.start(background=True); "
    )
    code += "print(*s.listening_address, flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as process:
        host, port = process.stdout.readline().split()
        yield process, f"sc://{host}:{port}"
        process.kill()


@pytest.fixture(scope="module")
def real(store, catalog):
    """The network of the shipped data."""
    return network(catalog, store=store)


def drawn(size: int, things: int) -> nx.MultiDiGraph:
    """Claims between things met unevenly, with loops, parallel ones and things without any."""
    chance, graph = random.Random(0), nx.MultiDiGraph()
    graph.add_nodes_from((f"urn:x:{each}", {"kind": f"kind {each % 3}"}) for each in range(things))
    for _ in range(size):
        one, other = (f"urn:x:{int(things * chance.random() ** 1.5)}" for _ in range(2))
        basis = chance.choice(["stated", "external", "inferred"])
        graph.add_edge(one, other, basis=basis, strength=chance.choice(["weak", "medium", "strong", None]))
    return graph


def same(graph, address, **options):
    """Compare all measures of a network in memory with those of an engine; return the largest difference."""
    ours, theirs = central(graph), analyse("central", graph, engine=address, **options)
    keys = [ours.columns.index(name) for name in theirs.columns]
    apart = 0.0
    for one, other in zip(ours.rows, theirs.rows, strict=True):
        for key, value in zip(keys, other, strict=True):
            if isinstance(value, float):
                apart = max(apart, abs(one[key] - value))
            else:
                assert one[key] == value, (one, other)
    assert components(graph).rows == analyse("components", graph, engine=address, **options).rows
    left = {"mean steps", "most steps", "clustering"}
    one, other = (
        {row[:2]: row[2] for row in analyse("summary", graph, **more).rows if row[0] not in left}
        for more in ({}, {"engine": address, **options})
    )
    assert one == pytest.approx(other)
    return apart


@pytest.mark.full
def test_an_engine_measures_as_one_process_does(real, sail):
    assert same(real, sail) < 1e-8


@pytest.mark.full
def test_so_it_does_where_nothing_is_stated_or_nothing_connects(sail):
    graph = nx.MultiDiGraph([("a", "b", {"basis": "inferred"}), ("c", "c")])
    assert same(graph, sail) < 1e-12
    graph.remove_edges_from([*graph.edges])
    assert same(graph, sail) < 1e-12


@pytest.mark.full
def test_local_is_sail_in_the_process(real, sail, tmp_path, monkeypatch):
    monkeypatch.setenv("SPARK_CONNECT_AUTHENTICATE_TOKEN", TOKEN)  # of a server elsewhere
    graph = narrowed(real, evidence="said")
    write_parquet(graph, tmp_path / "x.parquet")
    table = analyse("central", tmp_path / "x.parquet", engine="local")
    assert [row[1] for row in table.rows] == [row[1] for row in central(graph).rows]
    assert table.recipe["engine"].startswith("Sail ")
    assert table.recipe["evidence"] == "said"
    assert table.labels == central(graph).labels


@pytest.mark.full
def test_a_scratch_place_is_empty_afterwards(sail, tmp_path, monkeypatch):
    graph = drawn(50, 40)
    assert same(graph, sail, scratch=str(tmp_path)) < 1e-8
    assert [*tmp_path.iterdir()] == []
    monkeypatch.setattr(engines, "_pagerank", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        analyse("central", graph, engine=sail, scratch=str(tmp_path))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.full
def test_components_of_many_claims_and_of_a_chain_of_a_hundred_thousand(sail, tmp_path):
    graph = drawn(20_000, 12_000)
    ours, theirs = (each.rows for each in (components(graph), analyse("components", graph, engine=sail)))
    assert ours == theirs
    chain = nx.path_graph(100_000, nx.DiGraph)
    found = analyse("components", chain, engine=sail, scratch=str(tmp_path))
    assert [row[1] for row in found.rows] == [100_000]
    assert found.recipe["rounds"] <= 4 * 17


@pytest.mark.full
def test_pagerank_of_many_claims(sail, tmp_path):
    graph = drawn(20_000, 12_000)
    ours = {row[1]: row for row in central(graph).rows}
    for row in analyse("central", graph, engine=sail, scratch=str(tmp_path)).rows:
        assert abs(ours[row[1]][4] - row[4]) < 1e-9
        assert (
            abs(ours[row[1]][0] - row[0]) <= 20
        )  # of 12,000, where scores differ by less than they are exact


@pytest.mark.full
def test_four_workers_measure_the_same(tmp_path, monkeypatch):
    if find_spec("pysail") is None:
        missing("pysail is not installed")
    write_parquet(drawn(20_000, 12_000), tmp_path / "x.parquet")
    words = ("analyse", "components", str(tmp_path / "x.parquet"), "--engine", "local", "--format", "csv")
    one = run(*words)
    monkeypatch.setenv("SAIL_MODE", "local-cluster")
    monkeypatch.setenv("SAIL_CLUSTER__WORKER_INITIAL_COUNT", "4")
    four = run(*words)
    assert (four.returncode, four.stdout) == (0, one.stdout), four.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("communities", "--engine", "local"),
            "communities is no measure of an engine, which has central, c",
        ),
        (("central", "--engine", "spark://x"), "An engine is 'local', or the address of a Spark Connect ser"),
        (("central", "x.parquet"), "Only an engine measures x.parquet: name one by engine= (--engine), such"),
        (("central", "--scratch", "/tmp"), "Only an engine writes to a scratch place: name one by engine="),
        (
            ("central", "x.parquet", "--engine", "local", "--country", "Denmark"),
            "Parquet files are measured w",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(words, sentence):
    assert sentence in refused("analyse", *words)


@pytest.mark.full
def test_no_server_no_file_and_no_library_are_one_sentence(sail, tmp_path, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    graph = nx.MultiDiGraph([("a", "b")])
    with pytest.raises(EndpointError, match=rf"^No engine at sc://127.0.0.1:{port} answers: .*Spark Connect"):
        analyse("central", graph, engine=f"sc://127.0.0.1:{port}/;token={TOKEN}")
    with pytest.raises(NetworkError, match=r"^\S*x-nodes.parquet cannot be read as Parquet: "):
        analyse("central", tmp_path / "x.parquet", engine=sail)
    monkeypatch.setattr(engines, "UPLOADED", 0)
    with pytest.raises(
        NetworkError, match="connections do not go over the address of an engine; name a place"
    ):
        analyse("central", graph, engine=sail)
    for missing_one, extra in (("pysail.spark", "sail"), ("pyspark.sql.connect.session", "sail")):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing_one, None)
            with pytest.raises(ExtraError, match=rf"^--engine needs .*; install it with: .*\[{extra}\]"):
                analyse("central", graph, engine="local")


@pytest.mark.full
def test_a_server_that_speaks_something_else_is_one_sentence_without_the_token(sail, monkeypatch):
    monkeypatch.setattr(engines, "_RETRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up, args=[server], daemon=True).start()
        place = f"sc://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(EndpointError) as failed:
            analyse("central", nx.MultiDiGraph([("a", "b")]), engine=f"{place}/;token={TOKEN}")
    assert str(failed.value).startswith(f"The engine at {place} failed: ")
    assert TOKEN not in str(failed.value)


def test_a_server_lost_in_the_middle_is_one_sentence(sail, monkeypatch):
    measure = engines._pagerank
    monkeypatch.setattr(engines, "_RETRIES", 1)
    with served() as (process, address):

        def killed(network):
            process.kill()
            process.wait()
            return measure(network)

        monkeypatch.setattr(engines, "_pagerank", killed)
        with pytest.raises(EndpointError) as failed:
            analyse("central", nx.MultiDiGraph([("a", "b")]), engine=address)
    assert re.match(rf"The engine at {address} failed: .+[.]$", str(failed.value))


def hang_up(server):
    """Answer each connection with what is no gRPC."""
    while True:
        try:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.close()
        except OSError:
            return


def test_another_version_is_one_sentence(sail, monkeypatch):
    from pyspark.sql.connect.session import SparkSession

    monkeypatch.setattr(SparkSession, "version", "3.5.1")
    with pytest.raises(
        EndpointError, match=r"^The engine at \S+ speaks Spark 3.5.1, and this needs 4; start"
    ):
        analyse("central", nx.MultiDiGraph([("a", "b")]), engine=sail)
