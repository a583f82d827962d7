"""What a network turns on, against networkx and on graphs whose answers are known by hand."""

from __future__ import annotations

import random
from itertools import combinations

import networkx as nx
import pytest
from networks import shuffled
from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python

from policygraph.analysis import centrality
from policygraph.analysis.centrality import bridges, central
from policygraph.analysis.network import simple
from policygraph.analysis.table import Node
from policygraph.errors import NetworkError

INFERRED = {"basis": "https://x.org/basis/inferred", "strength": "weak"}


def columns(table, *names):
    """The rows of a table, with only these columns."""
    places = [table.columns.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in table.rows]


def named(graph):
    return nx.relabel_nodes(graph, {node: f"n{node:04}" for node in graph})


def weighed(seed):
    """A graph with several parts, things alone, and edges of every confidence."""
    graph = nx.MultiDiGraph(named(nx.gnm_random_graph(60, 70, seed=seed)))
    chance = random.Random(seed)
    for *_, data in graph.edges(data=True):
        data.update(basis=chance.choice(["stated", "inferred"]), strength=chance.choice(["weak", "strong"]))
    return graph


STAR = nx.star_graph(["hub", "a", "b", "c"])
PARTS = nx.union(nx.path_graph(["a", "b", "c"]), nx.star_graph(["s", "t", "u", "v"]))
PARTS.add_nodes_from(["alone", "lonely"])
GRAPHS = {
    "star": STAR,
    "parts": PARTS,
    "pair": nx.path_graph(["a", "b"]),
    "one": nx.empty_graph(["a"]),
    "nothing connected": nx.empty_graph(["a", "b", "c"]),
    "karate club": named(nx.karate_club_graph()),
    "hubs": named(nx.barabasi_albert_graph(300, 2, seed=1)),
    "random": weighed(1),
    "sparse": weighed(2),
}


def same_as_networkx(graph):
    plain, found = simple(graph), central(graph)
    # networkx's own, to many more digits than it has by default.
    scores = _pagerank_python(plain, weight="weight", tol=1e-13, max_iter=1000)
    assert dict(columns(found, "thing", "pagerank")) == pytest.approx(scores, abs=1e-6, rel=0)
    between = nx.betweenness_centrality(plain)
    assert dict(columns(found, "thing", "betweenness")) == pytest.approx(between, abs=1e-9, rel=0)
    assert dict(columns(found, "thing", "neighbours")) == dict(plain.degree)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_numbers_are_networkxs(name):
    same_as_networkx(GRAPHS[name])


def test_the_numbers_are_networkxs_on_the_real_network(denmark):
    same_as_networkx(denmark)


def test_a_star_turns_on_its_hub():
    found = columns(central(STAR), "rank", "thing", "neighbours", "betweenness")
    assert found == [(1, "hub", 3, 1.0), (2, "a", 1, 0.0), (2, "b", 1, 0.0), (2, "c", 1, 0.0)]
    assert all(isinstance(thing, Node) for _, thing, *_ in found)


def test_connections_count_by_their_weight():
    graph = nx.MultiGraph([("hub", "likely", {"basis": "stated"}), ("hub", "doubtful", INFERRED)])
    assert columns(central(graph), "thing") == [("hub",), ("likely",), ("doubtful",)]


def test_change_is_the_ranks_that_inferred_connections_give():
    graph = nx.MultiDiGraph([("x", "y"), ("y", "z")])
    graph.add_edges_from([(other, "x", INFERRED) for other in "zabc"])
    found = {
        thing: cells for thing, *cells in columns(central(graph), "thing", "rank", "rank_without", "change")
    }
    # Said: the path x-y-z, in which y is first. With what is inferred, x has five neighbours.
    assert found["x"] == [1, 2, 1]
    assert found["y"] == [2, 1, -1]
    assert found["z"] == [3, 2, -1]  # no longer beside x
    assert all(found[only][1:] == [None, None] for only in "abc")


def test_names_do_not_decide_how_many_ranks_a_thing_owes_to_inferences():
    graph = nx.MultiGraph([("hub", leaf) for leaf in "abc"])
    graph.add_edge("b", "x", **INFERRED)
    found = {
        thing: cells for thing, *cells in columns(central(graph), "thing", "rank", "rank_without", "change")
    }
    assert found["b"] == [2, 2, 0]
    assert found["a"] == found["c"] == [3, 2, -1]  # alike in both networks, so alike here


def test_what_differs_by_rounding_alone_shares_a_rank():
    assert centrality.ranks({"b": 0.3, "a": 0.3 - 1e-12, "c": 0.1}) == {"a": 1, "b": 1, "c": 3}


def test_without_inferences_nothing_changes_and_a_thing_alone_has_no_rank_to_compare():
    found = columns(central(PARTS), "thing", "rank", "rank_without", "change")
    assert all(cells[1:] == ((None, None) if thing in ("alone", "lonely") else (rank, 0))
               for thing, rank, *cells in found for cells in [(rank, *cells)])  # fmt: skip


def test_directions_do_not_matter():
    graph = weighed(3)
    assert central(graph).rows == central(graph.reverse()).rows


@pytest.mark.parametrize("language", ["en", "da", "nb"])
def test_a_large_network_is_ranked_without_betweenness_and_says_so(monkeypatch, language):
    star = nx.MultiGraph(STAR, language=language)
    whole = central(star)
    monkeypatch.setattr(centrality, "BETWEENNESS_THINGS", len(star) - 1)
    found = central(star)
    assert found.columns == tuple(name for name in whole.columns if name != "betweenness")
    assert found.rows == whole.select(*found.columns).rows
    assert "betweenness" not in found.reading + found.recipe["algorithm"]
    assert "betweenness" in found.recipe["left out"]
    assert "left out" not in whole.recipe


MEASURES = pytest.mark.parametrize("measure", [central, bridges])


@MEASURES
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_input_does_not_matter(measure, seed, denmark):
    assert measure(shuffled(denmark, seed)) == measure(denmark)
    graph = weighed(seed)
    assert measure(shuffled(graph, seed)) == measure(graph)


@MEASURES
def test_the_input_stays_as_it_was(measure, denmark):
    before = denmark.copy()
    measure(denmark)
    assert nx.utils.graphs_equal(before, denmark)
    assert before.graph == denmark.graph


@MEASURES
def test_an_empty_network_is_refused(measure):
    with pytest.raises(NetworkError, match=f"network is empty, so {measure.__name__} has nothing to measure"):
        measure(nx.MultiDiGraph())


@pytest.mark.parametrize(
    ("measure", "limit", "message"),
    [
        (central, "CENTRAL_CONNECTIONS", r"central is usable up to 2 connections, and this network has 3"),
        (central, "CENTRAL_THINGS", r"central is usable up to 2 things, and this network has 4"),
        (bridges, "BRIDGES_CONNECTIONS", r"bridges is usable up to 2 connections, and this network has 3"),
    ],
)
def test_a_network_that_would_take_too_long_is_refused(measure, limit, message, monkeypatch):
    monkeypatch.setattr(centrality, limit, 2)
    with pytest.raises(NetworkError, match=message):
        measure(STAR)


@MEASURES
def test_the_recipe_tells_what_was_measured_and_how(measure):
    graph = nx.MultiDiGraph([("a", "b"), ("b", "a"), ("b", "c", INFERRED)], network="saved question")
    found = measure(graph)
    assert {key: found.recipe[key] for key in ("network", "things", "connections")} == {
        "network": "saved question", "things": 3, "connections": 3,
    }  # fmt: skip
    assert "undirected" in found.recipe["algorithm"] or "directions" in found.recipe
    assert found.reading.endswith(".")


def test_the_recipe_of_central_counts_what_was_inferred():
    assert central(nx.MultiDiGraph([("a", "b"), ("b", "c", INFERRED)])).recipe["inferred connections"] == 1


def test_a_path_falls_apart_at_each_inner_thing():
    found = bridges(nx.path_graph(["a", "b", "c", "d", "e"]))
    assert columns(found, "role", "thing", "other", "cut_off") == [
        ("cut point", "c", None, 2),
        ("cut point", "b", None, 1),
        ("cut point", "d", None, 1),
        ("bridge", "c", "b", 2),
        ("bridge", "c", "d", 2),
    ]


def test_a_star_has_no_bridge_since_only_single_things_hang_on_it():
    assert columns(bridges(STAR), "role", "thing", "cut_off") == [("cut point", "hub", 2)]


def test_two_cliques_hang_together_by_their_bridge():
    graph = named(nx.barbell_graph(4, 0))
    assert columns(bridges(graph), "role", "thing", "other", "cut_off") == [
        ("cut point", "n0003", None, 3),
        ("cut point", "n0004", None, 3),
        ("bridge", "n0003", "n0004", 4),
    ]


def test_a_ring_has_nothing_to_cut():
    assert bridges(named(nx.cycle_graph(6))).rows == ()


def cut_off_by_hand(plain, node):
    """How many things lose the largest piece, by taking the node out and looking."""
    rest = plain.subgraph(nx.node_connected_component(plain, node) - {node})
    sizes = sorted(map(len, nx.connected_components(rest)))
    return sum(sizes[:-1])


@pytest.mark.parametrize("name", [*GRAPHS, "real"])
def test_cut_points_and_bridges_are_networkxs(name, denmark):
    graph = denmark if name == "real" else GRAPHS[name]
    plain, found = simple(graph), columns(bridges(graph), "role", "thing", "other", "cut_off")
    cuts = {thing: lost for role, thing, _, lost in found if role == "cut point"}
    assert cuts == {node: cut_off_by_hand(plain, node) for node in nx.articulation_points(plain)}
    spans = {frozenset((thing, other)): lost for role, thing, other, lost in found if role == "bridge"}
    sides = {}
    for one, two in nx.bridges(plain):
        without = plain.copy()
        without.remove_edge(one, two)
        sides[frozenset((one, two))] = min(
            len(nx.node_connected_component(without, end)) for end in (one, two)
        )
    assert spans == {ends: size for ends, size in sides.items() if size > 1}


def kinded(edges, **kinds):
    graph = nx.MultiDiGraph(edges)
    nx.set_node_attributes(graph, kinds, "kind")
    return graph


def brokers(graph):
    return [
        row[1:] for row in columns(bridges(graph), "role", "thing", "pairs", "between") if row[0] == "broker"
    ]


def test_a_broker_stands_between_two_of_other_kinds_that_are_not_connected():
    graph = kinded([("m", "a"), ("m", "b"), ("m", "c"), ("b", "c")], m="Plan", a="Area", b="Goal", c="Actor")
    # a-b and a-c go through m; b and c are connected themselves.
    assert brokers(graph) == [("m", 2, "Actor and Area")]


@pytest.mark.parametrize("other", ["Plan", "Area", None])
def test_a_pair_of_like_kinds_or_of_none_has_no_broker(other):
    assert brokers(kinded([("m", "a"), ("m", "b")], m="Plan", a="Area", b=other)) == []


def test_of_the_brokers_the_first_ten_are_told_of():
    kinds = {f"m{number:02}": "Plan" for number in range(12)} | {"a": "Area", "b": "Goal", "c": "Goal"}
    graph = kinded(
        [(node, end) for node in kinds if node[0] == "m" for end in "ab"] + [("m11", "c")], **kinds
    )
    found = brokers(graph)
    assert found[0] == ("m11", 2, "Area and Goal")
    assert [name for name, *_ in found[1:]] == [f"m{number:02}" for number in range(9)]


def test_brokers_are_what_one_finds_by_looking_at_every_pair(denmark):
    plain = simple(denmark)
    kind = plain.nodes(data="kind")
    pairs = {
        node: sum(
            len({kind[one], kind[two], kind[node]}) == 3 and not plain.has_edge(one, two)
            for one, two in combinations(plain[node], 2)
        )
        for node in plain
    }
    expected = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:10]
    assert [(node, count) for node, count, _ in brokers(denmark)] == expected


def test_things_of_the_real_network_are_ranked_by_their_scores_and_inferences_are_counted(denmark):
    found = central(denmark)
    scores = [round(score, 10) for (score,) in columns(found, "pagerank")]
    assert scores == sorted(scores, reverse=True)
    assert [row[0] for row in found.rows] == [scores.index(score) + 1 for score in scores]
    assert any(row[-1] for row in found.rows), "inferences change some ranks"
    inferred = [
        basis for *_, basis in denmark.edges(data="basis_iri") if basis.rpartition("/")[2] == "inferred"
    ]
    assert found.recipe["inferred connections"] == len(inferred)
