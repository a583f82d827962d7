"""A network is what a SELECT with ?source and ?target says, edge by edge."""

from __future__ import annotations

import datetime
import math
import re
from collections import defaultdict

import networkx as nx
import pyoxigraph
import pytest

from policygraph.analysis.network import add_levels, narrowed, network, simple
from policygraph.errors import NetworkError, QueryError
from policygraph.rdf.namespaces import PREFIXES
from policygraph.store.memory import EmbeddedStore

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
def store() -> EmbeddedStore:
    engine = pyoxigraph.Store()
    engine.update(DATA)
    return EmbeddedStore(engine)


def test_each_row_is_an_edge_between_two_iris(store):
    graph = network(store, edges=EDGES)
    assert isinstance(graph, nx.MultiDiGraph)
    pairs = [(source[-1], target[-1]) for source, target, _ in graph.edges]
    assert sorted(pairs) == [("a", "b"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert set(graph) == {EX + "a", EX + "b"}


def test_further_columns_are_attributes_as_python_values_and_unbound_ones_are_left_out(store):
    graph = network(store, edges=EDGES)
    assert graph[EX + "a"][EX + "b"][0] == {
        "relation": EX + "answers",
        "property": EX + "answers",
        "since": datetime.date(2013, 9, 1),
    }
    assert graph[EX + "b"][EX + "a"][0] == {"relation": EX + "serves", "property": EX + "serves"}


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


def test_what_several_rows_tell_of_a_claim_may_be_numbers(store):
    told = "?source ?target ?claim ?status ?document ?country"
    rows = f"(<{EX}a> <{EX}b> <{EX}c> 1 2013 UNDEF) (<{EX}a> <{EX}b> <{EX}c> 2 2013 7)"
    graph = network(store, edges=f"SELECT * WHERE {{ VALUES ({told}) {{ {rows} }} }}")
    assert [data for *_, data in graph.edges(data=True)] == [
        {"claim": EX + "c", "status": "1; 2", "document": 2013, "country": "7"}
    ]


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
    assert [*plain.edges(data="claims")] == [(EX + "a", EX + "b", 3)]
    assert dict(plain.nodes(data=True)) == dict(graph.nodes(data=True))


def test_claims_for_the_same_pair_reinforce_each_other_and_the_graph_stays_as_it_was():
    stated, weak = {"basis": "stated"}, {"basis": "https://x.org/basis/inferred", "strength": "Weak"}
    graph = nx.MultiDiGraph([("a", "b", stated), ("b", "a", weak), ("b", "c", weak)])
    plain = simple(graph)
    assert plain["a"]["b"]["weight"] == pytest.approx(1 - 0.1 * 0.8)
    assert plain["b"]["c"]["weight"] == pytest.approx(0.2)
    # b has two neighbours, and each of its connections bears half of what it costs to go through it.
    assert plain["a"]["b"]["length"] == pytest.approx(-math.log(0.92) + math.log(2) / 2)
    assert graph["a"]["b"][0] == {"basis": "stated"}
    assert graph.size() == 3


def test_a_path_through_a_hub_is_longer_by_the_logarithm_of_its_neighbours():
    pairs = [("a", "hub"), ("hub", "b"), ("hub", "c"), ("hub", "d"), ("a", "quiet"), ("quiet", "b")]
    plain = simple(nx.Graph(pairs))
    by_hub, by_quiet = (nx.path_weight(plain, ["a", middle, "b"], "length") for middle in ("hub", "quiet"))
    assert by_hub - by_quiet == pytest.approx(math.log(4) - math.log(2))


CLAIMS = nx.MultiDiGraph(
    [
        ("plan", "area", {"basis": "stated", "relation": "targets", "property": PREFIXES["pg"] + "targets"}),
        ("case", "area", {"basis": "inferred", "strength": "medium", "relation": "shows"}),
        ("case", "plan", {"basis": "inferred", "strength": "weak", "relation": "shows"}),
        ("case", "other", {"basis": "external", "relation": "is about"}),
    ]
)
CLAIMS.add_nodes_from(
    [("plan", {"kind": "Plan", "class": PREFIXES["pg"] + "P", "country": "https://x.org/xy"})]
)
CLAIMS.add_nodes_from([("area", {"kind": "Area", "country": "https://x.org/zz"}), ("case", {"kind": "Case"})])


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, "case-area case-other case-plan plan-area"),
        ({"evidence": "said"}, "plan-area"),
        ({"min_strength": "medium"}, "case-area case-other plan-area"),
        ({"min_strength": "strong"}, "case-other plan-area"),
        ({"kinds": ["plan", "Area"]}, "plan-area"),
        ({"kinds": ["pg:P", "Case"]}, "case-plan"),
        ({"relations": ["shows"]}, "case-area case-plan"),
        ({"relations": ["pg:targets"]}, "plan-area"),
        ({"country": "https://x.org/xy"}, "case-other case-plan"),
        ({"country": "ZZ"}, "case-area case-other"),
        ({"without": ["case"]}, "plan-area"),
    ],
)
def test_narrowed_keeps_what_is_asked_for(options, left):
    before = [*CLAIMS.edges(data=True)]
    part = narrowed(CLAIMS, **options)
    assert " ".join(sorted(f"{source}-{target}" for source, target in part.edges())) == left
    assert [*CLAIMS.edges(data=True)] == before
    assert bool(part.graph) == bool(options)


def test_an_inference_without_a_strength_counts_as_weak():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "inferred"}), ("b", "c", {"basis": "stated"})])
    assert [narrowed(graph, min_strength=each).size() for each in ("weak", "medium")] == [2, 1]


def test_a_network_that_is_narrowed_twice_tells_of_both():
    twice = narrowed(narrowed(CLAIMS, evidence="said"), evidence="weak")
    assert twice.graph == {"evidence": "said → weak"}
    assert twice.size() == 1
    less = narrowed(narrowed(CLAIMS, without="case"), without="area")
    assert less.graph == {"without": "case → area"}
    assert {*less} == {"plan", "other"}


def test_a_node_that_is_a_number_is_dropped_by_it():
    part = narrowed(nx.path_graph(5), without=[3])
    assert {*part} == {0, 1, 2, 4}
    assert part.graph == {"without": "3"}


def test_a_node_that_loses_its_edges_stays():
    assert set(narrowed(CLAIMS, evidence="said")) == set(CLAIMS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ["Plann"]}, "there are Area, Case, Plan. Did you mean 'Plan'"),
        ({"relations": ["show"]}, "No relation in the network is called 'show'"),
        ({"country": "nowhere"}, "of the country 'nowhere'; there is https://x.org/xy, https://x.org/zz"),
        ({"min_strength": "huge"}, "'huge' is no strength; there are weak, medium, strong"),
    ],
)
def test_what_the_network_does_not_have_is_refused_with_what_it_has(options, message):
    with pytest.raises(NetworkError, match=re.escape(message)):
        narrowed(CLAIMS, **options)


def test_one_parameter_leaves_only_what_the_source_states(catalog):
    stated = network(catalog, values={"basis": "pgc:basis/stated"})
    everything = network(catalog)
    bases = {basis.rpartition("/")[2] for *_, basis in everything.edges(data="basis")}
    assert bases == {"stated", "inferred", "external", "derived"}
    assert {basis.rpartition("/")[2] for *_, basis in stated.edges(data="basis")} == {"stated"}
    assert not any(document for *_, document in stated.edges(data="document"))
    # What other documents add is connected by nothing then.
    everything, stated = ({end for edge in graph.edges for end in edge[:2]} for graph in (everything, stated))
    base = catalog.settings.base + "id/dk/"
    added = {base + "organisation/nets-danid", base + "challenge/demographic-change"}
    assert added < everything
    assert not added & stated


def test_edges_are_joined_as_networkx_joins_them(catalog):
    graph = network(catalog.load(), edges=catalog.queries["network"].bind())
    again = nx.MultiDiGraph()
    again.add_edges_from((source, target, data) for source, target, data in graph.edges(data=True))
    assert nx.utils.graphs_equal(graph, again)
    assert {(target, source, key) for source, target, key in graph.edges} == set(graph.reverse().edges)
    graph.add_edge(*next(iter(graph.edges))[:2], basis="more")
    assert graph.size() == again.size() + 1


def test_basis_and_strength_are_words_with_their_iris_beside_them(catalog):
    edges = [data for *_, data in network(catalog).edges(data=True)]
    assert {data["basis"] for data in edges} == {"stated", "inferred", "external", "derived"}
    assert {data.get("strength") for data in edges} == {None, "strong", "medium", "weak"}
    assert all(data["basis_iri"].endswith(f"/basis/{data['basis']}") for data in edges)
    assert all(
        data["strength_iri"].endswith(f"/strength/{data['strength']}") for data in edges if "strength" in data
    )


def test_a_computed_claim_has_the_level_of_its_weakest_premise_however_far_off_that_is():
    """A claim of what the project made up is read, and so is what is computed from itself."""
    claims = {"said": "a stated", "weak": "a inferred", "made": "coined stated"}
    premises = {"of made": ["made", "said"], "of weak": ["of made", "weak"], "loop": ["loop", "said"]}
    for n in range(1200):  # with two ways to each of the claims below
        premises |= {f"one {n}": [f"{way} {n - 1}" if n else "said" for way in ("one", "two")]}
        premises |= {f"two {n}": premises[f"one {n}"]}
    claims |= dict.fromkeys(premises, "a derived")
    ends = {claim: each.split() for claim, each in claims.items()}
    evidence = [
        {"claim": claim, "source": source, "target": "b", "basis": basis, "strength": None}
        for claim, (source, basis) in reversed(ends.items())
    ]
    told = [("coined", {"coined": True})]
    told += [(claim, {"premise": each}) for claim, some in premises.items() for each in some]
    found = [
        defaultdict(lambda: None, {name: pyoxigraph.Literal(value) for name, value in row.items()})
        for row in ({"thing": thing, **row} for thing, row in told)
    ]
    levels = add_levels(nx.MultiDiGraph(), evidence, found)
    assert levels.keys() == claims.keys()
    assert {name: level for name, level in levels.items() if level} == {
        "made": 2, "of made": 2, "weak": 3, "of weak": 3, "loop": 2
    }  # fmt: skip
