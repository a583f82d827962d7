"""Where the nodes of a network stand: apart from each other, and at once, however many."""

from __future__ import annotations

import time

import networkx as nx
from networks import policy_network

from policygraph.explorer.layout import MAX_SPRINGS, _places, layout


def test_no_two_nodes_cover_each_other():
    graph = policy_network()
    graph.add_nodes_from(f"alone {number}" for number in range(30))
    places = list(layout(graph).values())
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) > 60 or abs(y - b) > 40 for a, b in places[:number])


def test_the_order_of_building_does_not_matter():
    edges = list(nx.gnm_random_graph(50, 100, seed=1).edges)
    one, other = nx.Graph(edges), nx.Graph(reversed([(target, source) for source, target in edges]))
    first = layout(one)
    _places.cache_clear()
    assert layout(other) == first


def test_too_many_for_springs_have_no_places_of_their_own():
    assert set(layout(nx.cycle_graph(MAX_SPRINGS + 1)).values()) == {(0, 0)}


def test_ten_thousand_nodes_take_seconds():
    graph = nx.gnm_random_graph(10_000, 20_000, seed=1)
    before = time.process_time()
    assert len(layout(graph)) == 10_000
    assert time.process_time() - before < 10
