"""Where the nodes of a network stand: apart from each other, and at once, however many."""

from __future__ import annotations

import time

import networkx as nx
import pytest
from networks import policy_network

from policygraph.explorer.layout import FOLD, MAX_SPRINGS, _places, layout


def test_no_two_nodes_cover_each_other():
    graph = policy_network()
    graph.add_nodes_from(f"alone {number}" for number in range(30))
    places = list(layout(graph).values())
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) > 60 or abs(y - b) > 40 for a, b in places[:number])


@pytest.mark.parametrize("count", [50, MAX_SPRINGS + 50], ids=["springs", "rows"])
def test_the_order_of_building_does_not_matter(count):
    edges = list(nx.gnm_random_graph(count, 2 * count, seed=1).edges)
    one, other = nx.Graph(edges), nx.Graph(reversed([(target, source) for source, target in edges]))
    first = layout(one)
    _places.cache_clear()
    assert layout(other) == first


def test_too_many_for_springs_stand_in_rows_each_beside_a_neighbour():
    places = layout(nx.cycle_graph(MAX_SPRINGS + 1))
    assert len(set(places.values())) == MAX_SPRINGS + 1
    far = [abs(places[node][0] - places[node + 1][0]) // FOLD for node in range(MAX_SPRINGS)]
    assert sorted(far)[MAX_SPRINGS // 2] == 1


def test_ten_thousand_nodes_take_seconds():
    graph = nx.gnm_random_graph(10_000, 20_000, seed=1)
    before = time.process_time()
    assert len(layout(graph)) == 10_000
    assert time.process_time() - before < 10
