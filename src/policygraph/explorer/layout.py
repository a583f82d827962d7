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
MAX_SPRINGS = 600
"""The most nodes that springs place: the time grows with the square of their number."""

Positions = dict[Any, tuple[int, int]]


def layout(graph: nx.Graph) -> Positions:
    """Return the position of each node, in whole pixels, x to the right and y down.

    Args:
        graph: any networkx graph; it is not changed. The node attribute `layer` (a whole number) is the
            node's column, counted from the left; nodes without one come last. Without any layer, springs
            place the nodes (ForceAtlas2: Jacomy and others, 2014), or, where there are too many, rows do.
    """
    import networkx as nx

    nodes = sorted(graph, key=lambda node: (str(node), str(type(node))))
    rank = {node: number for number, node in enumerate(nodes)}
    pairs = {tuple(sorted((rank[source], rank[target]))) for source, target in graph.edges()}
    plain = nx.Graph()  # undirected, single, and in one order: both layouts depend on the order
    plain.add_nodes_from(nodes)
    plain.add_edges_from((nodes[one], nodes[other]) for one, other in sorted(pairs))

    columns: dict[int, list[Any]] = {}
    unlayered: list[Any] = []
    for node in nodes:
        number = layer(graph.nodes[node])
        (unlayered if number is None else columns.setdefault(number, [])).append(node)
    if not columns:
        return _springs(plain) if 1 < len(plain) <= MAX_SPRINGS else _grid(plain)
    return _columns(
        plain, [*(columns[number] for number in sorted(columns)), *([unlayered] if unlayered else [])]
    )


def layer(attributes: Mapping[str, Any]) -> int | None:
    """Return a node's layer, if it is a whole number."""
    try:
        return int(attributes["layer"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _columns(plain: nx.Graph, columns: list[list[Any]]) -> Positions:
    # Each node moves to the mean height of its neighbours in other columns, which leaves few crossings
    # (the barycentre method of Sugiyama, Tagawa and Toda, 1981).
    height: dict[Any, float] = {}
    column_of = {node: number for number, column in enumerate(columns) for node in column}

    def pull(node: Any) -> float:
        others = [height[other] for other in plain[node] if column_of[other] != column_of[node]]
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


def _springs(plain: nx.Graph) -> Positions:
    import networkx as nx

    steps = max(50, min(200, 40_000 // len(plain)))  # a step costs the square of the number of nodes
    # Strong gravity keeps the components together.
    drawn = nx.forceatlas2_layout(plain, max_iter=steps, seed=SEED, strong_gravity=True)
    far = max(abs(value) for point in drawn.values() for value in point) or 1
    scale = 0.8 * FOLD * math.sqrt(len(plain)) / far
    points = [[float(x) * scale * ASPECT, float(y) * scale] for x, y in drawn.values()]
    _separate(points)
    return {node: (round(x), round(y)) for node, (x, y) in zip(drawn, points, strict=True)}


def _grid(plain: nx.Graph) -> Positions:
    """Place the nodes in rows, in the order of a depth-first walk; the time is linear."""
    import networkx as nx

    side = math.ceil(math.sqrt(len(plain)))
    walk = enumerate(nx.dfs_preorder_nodes(plain))
    return {node: (FOLD * (number % side), ROW * (number // side)) for number, node in walk}


def _separate(points: list[list[float]]) -> None:
    """Push apart nodes that would cover another's label, in the shorter direction, until few do."""
    if len(points) > 400:
        return  # labels cannot be read at that size, and the time is quadratic
    for _ in range(80):
        moved = False
        for number, one in enumerate(points):
            for other in points[:number]:
                across, down = one[0] - other[0], one[1] - other[1]
                if abs(across) >= FOLD or abs(down) >= ROW:
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
