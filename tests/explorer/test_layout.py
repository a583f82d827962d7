"""Where nodes stand: in columns if they have layers, apart from each other, and at once, however many."""

from __future__ import annotations

import math
import time
from itertools import pairwise

import networkx as nx
import pytest
from networks import policy_network

from policygraph.explorer.layout import layout


def test_layers_are_columns_from_left_to_right():
    graph = policy_network()
    places = layout(graph)
    columns: dict[int, set[int]] = {}
    for node, layer in graph.nodes(data="layer"):
        columns.setdefault(layer, set()).add(places[node][0])
    ordered = [columns[layer] for layer in sorted(columns)]
    assert all(max(left) < min(right) for left, right in pairwise(ordered))


@pytest.mark.parametrize("layered", [True, False])
def test_no_two_nodes_cover_each_other(layered):
    graph = policy_network()
    graph.add_nodes_from((f"alone {number}", {"layer": 7}) for number in range(30))
    if not layered:
        for _, attributes in graph.nodes(data=True):
            del attributes["layer"]
    places = list(layout(graph).values())
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) > 60 or abs(y - b) > 40 for a, b in places[:number])


@pytest.mark.parametrize("nodes", [40, 1000])
def test_the_order_of_building_does_not_matter(nodes):
    edges = list(nx.gnm_random_graph(nodes, 2 * nodes, seed=1).edges)
    one, other = nx.Graph(edges), nx.Graph(reversed([(target, source) for source, target in edges]))
    assert layout(one) == layout(other)


@pytest.mark.parametrize("graph", [nx.cycle_graph(600), nx.random_labeled_tree(1000, seed=1)])
def test_springs_put_neighbours_near_each_other_and_each_in_a_place_of_its_own(graph):
    before = time.process_time()
    places = layout(graph)
    assert time.process_time() - before < 2
    assert len(set(places.values())) == len(graph)
    joined = sum(math.dist(places[one], places[other]) for one, other in graph.edges) / graph.size()
    any_two = sum(math.dist(places[one], places[(one * 7 + 331) % len(graph)]) for one in graph) / len(graph)
    assert joined < any_two / 4


@pytest.mark.parametrize("size", [0, 1, 2])
def test_the_smallest_networks_have_a_layout(size):
    assert len(set(layout(nx.path_graph(size)).values())) == size


@pytest.mark.parametrize("layers", [0, 8])
def test_ten_thousand_nodes_take_seconds(layers):
    graph = nx.gnm_random_graph(10_000, 20_000, seed=1)
    if layers:
        nx.set_node_attributes(graph, {node: node % layers for node in graph}, "layer")
    before = time.process_time()
    assert len(layout(graph)) == 10_000
    assert time.process_time() - before < 10
