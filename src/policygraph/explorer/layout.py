"""Lay out the nodes of a network by springs.

The same network always has the same layout, in whatever order it was built.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

SEED = 20130201
FOLD, ROW = 172, 96  # pixels between two nodes, across and down
ASPECT = 1.45  # width to height of the picture
MAX_SPRINGS = 600  # the most nodes that springs place: the time grows with the square of their number

Positions = dict[Any, tuple[int, int]]


def layout(graph: nx.Graph) -> Positions:
    """Return the position of each node, in whole pixels, x to the right and y down.

    Args:
        graph: any networkx graph; it is not changed. Springs place its nodes (ForceAtlas2: Jacomy and others,
            2014), or, where there are too many, rows do.
    """
    nodes = sorted(graph, key=lambda node: (str(node), str(type(node))))
    rank = {node: number for number, node in enumerate(nodes)}
    # Undirected, single, and in one order: both layouts depend on the order.
    pairs = sorted({tuple(sorted((rank[source], rank[target]))) for source, target in graph.edges()})
    place = _springs if 1 < len(nodes) <= MAX_SPRINGS else _grid
    places = place(len(nodes), tuple(pairs))
    return {node: places[number] for number, node in enumerate(nodes)}


@lru_cache(maxsize=8)  # the pages of a network in several languages have one layout
def _springs(count: int, pairs: tuple[tuple[int, ...], ...]) -> dict[int, tuple[int, int]]:
    import networkx as nx

    plain = _plain(count, pairs)
    steps = max(50, min(200, 40_000 // len(plain)))  # a step costs the square of the number of nodes
    # Strong gravity keeps the components together.
    drawn = nx.forceatlas2_layout(plain, max_iter=steps, seed=SEED, strong_gravity=True)
    far = max(abs(value) for point in drawn.values() for value in point) or 1
    scale = 0.8 * FOLD * math.sqrt(len(plain)) / far
    points = [[float(x) * scale * ASPECT, float(y) * scale] for x, y in drawn.values()]
    _separate(points)
    return {node: (round(x), round(y)) for node, (x, y) in zip(drawn, points, strict=True)}


def _grid(count: int, pairs: tuple[tuple[int, ...], ...]) -> dict[int, tuple[int, int]]:
    """Place the nodes in rows, in the order of a depth-first walk; the time is linear."""
    import networkx as nx

    plain = _plain(count, pairs)
    side = math.ceil(math.sqrt(len(plain)))
    walk = enumerate(nx.dfs_preorder_nodes(plain))
    return {node: (FOLD * (number % side), ROW * (number // side)) for number, node in walk}


def _plain(count: int, pairs: Iterable[tuple[int, ...]]) -> nx.Graph:
    import networkx as nx

    plain = nx.Graph()
    plain.add_nodes_from(range(count))
    plain.add_edges_from(pairs)
    return plain


def _separate(points: list[list[float]]) -> None:
    """Push apart nodes that would cover another's label, in the shorter direction, until few do."""
    if len(points) > 400:
        return  # labels cannot be read at that size, and the time is quadratic
    for _ in range(80):
        moved = False
        for number, one in enumerate(points):
            for other in points[:number]:
                if not -FOLD < (across := one[0] - other[0]) < FOLD:
                    continue
                if not -ROW < (down := one[1] - other[1]) < ROW:
                    continue
                moved = True
                if (FOLD - abs(across)) / FOLD < (ROW - abs(down)) / ROW:
                    push = math.copysign((FOLD - abs(across)) / 2 + 0.5, across)
                    one[0], other[0] = one[0] + push, other[0] - push
                else:
                    push = math.copysign((ROW - abs(down)) / 2 + 0.5, down)
                    one[1], other[1] = one[1] + push, other[1] - push
        if not moved:
            return
