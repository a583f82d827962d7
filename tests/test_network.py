"""A network is what a SELECT with ?source and ?target says, edge by edge."""

from __future__ import annotations

import datetime

import networkx as nx
import pyoxigraph
import pytest

from policygraph.errors import QueryError
from policygraph.network import network, simple

EX = "http://example.org/"
DATA = """
PREFIX ex: <http://example.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
INSERT DATA {
  ex:a ex:serves ex:b ; ex:label "A" ; ex:since "2013-09-01"^^xsd:date .
  ex:a ex:answers ex:b .
  ex:b ex:serves ex:a ; ex:label "B" .
  ex:b ex:serves ex:b .
  ex:c ex:label "C" .
  ex:a ex:goal "80 %" .
}"""
EDGES = """
PREFIX ex: <http://example.org/>
SELECT ?source ?target ?relation ?since WHERE {
  VALUES ?relation { ex:serves ex:answers } ?source ?relation ?target . OPTIONAL { ?source ex:since ?since }
} ORDER BY ?source ?relation ?target"""
NODES = "PREFIX ex: <http://example.org/> SELECT ?node ?label WHERE { ?node ex:label ?label } ORDER BY ?node"


@pytest.fixture
def store() -> pyoxigraph.Store:
    """A bare engine: all that a network asks of a store is `query(text)`."""
    engine = pyoxigraph.Store()
    engine.update(DATA)
    return engine


def test_each_row_is_an_edge_between_two_iris(store):
    graph = network(store, edges=EDGES)
    assert isinstance(graph, nx.MultiDiGraph)
    pairs = [(source[-1], target[-1]) for source, target, _ in graph.edges]
    assert sorted(pairs) == [("a", "b"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert set(graph) == {EX + "a", EX + "b"}


def test_further_columns_are_attributes_as_python_values_and_unbound_ones_are_left_out(store):
    graph = network(store, edges=EDGES)
    assert graph[EX + "a"][EX + "b"][0] == {"relation": EX + "answers", "since": datetime.date(2013, 9, 1)}
    assert graph[EX + "b"][EX + "a"][0] == {"relation": EX + "serves"}


def test_the_nodes_query_describes_nodes_and_adds_those_without_an_edge(store):
    graph = network(store, edges=EDGES, nodes=NODES)
    assert dict(graph.nodes(data="label")) == {EX + "a": "A", EX + "b": "B", EX + "c": "C"}
    assert graph.degree(EX + "c") == 0


def test_the_first_row_that_tells_of_a_node_counts(store):
    nodes = f"SELECT * WHERE {{ VALUES (?node ?x ?y) {{ (<{EX}a> 1 UNDEF) (<{EX}a> 2 3) }} }}"
    assert network(store, edges=EDGES, nodes=nodes).nodes[EX + "a"] == {"x": 1, "y": 3}


def test_a_row_with_one_end_is_a_node_alone(store):
    rows = f"(<{EX}a> UNDEF) (UNDEF <{EX}b>) (UNDEF UNDEF)"
    graph = network(store, edges=f"SELECT * WHERE {{ VALUES (?source ?target) {{ {rows} }} }}")
    assert set(graph) == {EX + "a", EX + "b"}
    assert not graph.edges


def test_a_literal_is_a_node_of_its_own_that_shows_its_text(store):
    edges = f"SELECT ?source ?target WHERE {{ ?source <{EX}goal> ?target }}"
    assert network(store, edges=edges).nodes['"80 %"'] == {"label": "80 %"}


def test_columns_may_have_any_name(store):
    edges = f"SELECT (<{EX}a> AS ?source) (<{EX}b> AS ?target) (1 AS ?key) (2 AS ?u_for_edge) WHERE {{}}"
    graph = network(store, edges=edges)
    assert graph[EX + "a"][EX + "b"][0] == {"key": 1, "u_for_edge": 2}


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ("SELECT ?source ?goal WHERE { ?source ?p ?goal }", r"selects \?source, \?goal: add \?target\.$"),
        ("SELECT ?s ?o WHERE { ?s ?p ?o }", r"add \?source and \?target\.$"),
        ("ASK {}", "is not a SELECT"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "is not a SELECT"),
    ],
)
def test_a_query_that_is_no_network_is_refused_with_what_to_add(store, edges, message):
    with pytest.raises(QueryError, match=message):
        network(store, edges=edges)


def test_a_nodes_query_needs_node(store):
    with pytest.raises(QueryError, match=r"add \?node"):
        network(store, edges=EDGES, nodes="SELECT ?thing WHERE { ?thing ?p ?o }")


def test_simple_joins_parallel_and_opposite_edges_and_drops_loops(store):
    graph = network(store, edges=EDGES, nodes=NODES)
    plain = simple(graph)
    assert type(plain) is nx.Graph
    assert [*plain.edges(data="weight")] == [(EX + "a", EX + "b", 3)]
    assert dict(plain.nodes(data=True)) == dict(graph.nodes(data=True))


def test_simple_sums_the_weight_named_and_leaves_the_graph_as_it_was():
    graph = nx.MultiDiGraph([("a", "b", {"cost": 2.5}), ("b", "a", {"cost": 2}), ("a", "b", {})])
    assert simple(graph, weight="cost")["a"]["b"] == {"cost": 5.5}
    assert graph.number_of_edges() == 3
    assert graph["a"]["b"][1] == {}


def test_one_parameter_leaves_only_what_the_source_states(catalog):
    store = catalog.load()
    edges = catalog.queries["network"]
    stated = network(store, edges=edges.bind(basis="pgc:basis/stated"))
    everything = network(store, edges=edges.bind())
    bases = {basis.rpartition("/")[2] for *_, basis in everything.edges(data="basis")}
    assert bases == {"stated", "inferred", "external", "derived"}
    assert {basis.rpartition("/")[2] for *_, basis in stated.edges(data="basis")} == {"stated"}
    assert not any(document for *_, document in stated.edges(data="document"))
    # What other documents add is gone with them.
    assert {"nets-danid", "mitid", "kl", "danish-regions"} & {node.rpartition("/")[2] for node in everything}
    assert not {"nets-danid", "mitid", "kl", "danish-regions"} & {node.rpartition("/")[2] for node in stated}
