"""Lay out the nodes of a network: in columns by their layers, or else by springs.

The same network always has the same layout, in whatever order it was built.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import networkx as nx

SEED = 20130201
COLUMN, FOLD, ROW = 205, 172, 96  # pixels between two layers, two columns of a layer, two nodes of a column
ASPECT = 1.45  # width to height of the picture
Positions = dict[Any, tuple[int, int]]


def layout(graph: nx.Graph) -> Positions:
    """Return the position of each node, in whole pixels, x to the right and y down.

    Args:
        graph: any networkx graph; it is not changed. The node attribute `layer` (a whole number) is the
            node's column, counted from the left; nodes without one come last. Without any layer, springs
            place the nodes (Fruchterman and Reingold, 1991), each in the cell of a grid.
    """
    nodes = sorted(graph, key=lambda node: (str(node), str(type(node))))
    rank = {node: number for number, node in enumerate(nodes)}
    # Undirected, single, and in one order: both layouts depend on the order.
    ends = ((rank[source], rank[target]) for source, target in graph.edges())
    pairs = sorted({(min(pair), max(pair)) for pair in ends})

    columns: dict[int, list[Any]] = {}
    unlayered: list[Any] = []
    for node in nodes:
        number = layer(graph.nodes[node])
        (unlayered if number is None else columns.setdefault(number, [])).append(node)
    if not columns:
        return _springs(nodes, pairs)
    neighbours: dict[Any, list[Any]] = {node: [] for node in nodes}
    for one, other in pairs:
        neighbours[nodes[one]].append(nodes[other])
        neighbours[nodes[other]].append(nodes[one])
    ordered = [columns[number] for number in sorted(columns)]
    return _columns(neighbours, [*ordered, unlayered] if unlayered else ordered)


def layer(attributes: Mapping[str, Any]) -> int | None:
    """Return a node's layer, if it is a whole number."""
    try:
        return int(attributes["layer"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _columns(neighbours: Mapping[Any, list[Any]], columns: list[list[Any]]) -> Positions:
    # Each node moves to the mean height of its neighbours in other columns, which leaves few crossings
    # (the barycentre method of Sugiyama, Tagawa and Toda, 1981).
    height: dict[Any, float] = {}
    column_of = {node: number for number, column in enumerate(columns) for node in column}

    def pull(node: Any) -> float:
        others = [height[other] for other in neighbours[node] if column_of[other] != column_of[node]]
        return sum(others) / len(others) if others else height[node]

    for sweep in range(12):
        for column in columns:
            if sweep:
                column.sort(key=pull)
            height.update((node, (place + 0.5) / len(column)) for place, node in enumerate(column))

    def extent(rows: int) -> float:
        width = sum(COLUMN + FOLD * (math.ceil(len(column) / rows) - 1) for column in columns)
        return max(width / ASPECT, rows * ROW)

    # Fold long columns into several, as many as make the picture largest on the screen.
    rows = min(range(1, max(map(len, columns)) + 1), key=extent)
    positions, x = {}, 0
    for number, column in enumerate(columns):
        folds = math.ceil(len(column) / rows)
        # Lower every other column a little, so that an edge to the next but one passes above a node, not
        # through it; stagger folds, so that labels do not touch.
        lower = (number % 2) / 4
        for place, node in enumerate(column):
            y = (place - (len(column) - 1) // 2) / folds + lower
            positions[node] = (x + FOLD * (place % folds), round(ROW * y))
        x += COLUMN + FOLD * (folds - 1)
    return positions


def _springs(nodes: list[Any], pairs: list[tuple[int, int]]) -> Positions:
    import rustworkx

    graph = rustworkx.PyGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from_no_data(pairs)
    # A step costs the square of the size: about a second for all steps, and none from 14,143 nodes on.
    steps = min(200, 200_000_000 // max(1, len(nodes)) ** 2)
    spots = rustworkx.spring_layout(graph, num_iter=steps, seed=SEED)

    # Keep only the order from left to right and from top to bottom, since springs let nodes cover each other.
    rows = math.ceil(math.sqrt(len(nodes) * FOLD / ROW / ASPECT))
    across = sorted(spots, key=lambda number: spots[number][0])
    positions: Positions = {}
    for column, first in enumerate(range(0, len(nodes), rows or 1)):
        down = sorted(across[first : first + rows], key=lambda number: spots[number][1])
        for row, number in enumerate(down):
            # Lower every other column by half a row, so that level edges pass between two nodes.
            positions[nodes[number]] = (FOLD * column, ROW * row + ROW // 2 * (column % 2))
    return positions
