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
            place the nodes (ForceAtlas2: Jacomy and others, 2014), or, where there are too many, a
            space-filling curve on which neighbours are near each other.
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
        return _springs(plain) if len(plain) <= MAX_SPRINGS else _curve(plain)
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
    # Each component by itself, because springs drive components far apart.
    import networkx as nx

    positions: Positions = {}
    order = {node: number for number, node in enumerate(plain)}
    parts = [sorted(part, key=order.__getitem__) for part in nx.connected_components(plain)]
    limit = 250 * ASPECT * math.sqrt(len(order))
    left = top = depth = 0.0
    for part in sorted(parts, key=len, reverse=True):
        points = [[0.0, 0.0]]
        if len(part) > 1:
            piece = nx.Graph()  # not `subgraph`, whose order differs from run to run
            piece.add_nodes_from(part)
            piece.add_edges_from(plain.edges(part))
            steps = max(50, min(200, 40_000 // len(part)))  # a step costs the square of the part's size
            drawn = nx.forceatlas2_layout(piece, max_iter=steps, seed=SEED)
            points = [[float(drawn[node][0]), float(drawn[node][1])] for node in part]
            scale = 70 * math.sqrt(len(part)) / max(abs(far) for point in points for far in point)
            points = [[x * scale * ASPECT, y * scale] for x, y in points]
            _separate(points)
        (west, north), (east, south) = (tuple(map(edge, zip(*points, strict=True))) for edge in (min, max))
        if left and left + east - west > limit:
            left, top, depth = 0.0, top + depth, 0.0
        for node, (x, y) in zip(part, points, strict=True):
            positions[node] = (round(left + x - west), round(top + y - north))
        left += east - west + FOLD
        depth = max(depth, south - north + ROW)
    return positions


def _curve(plain: nx.Graph) -> Positions:
    # Nodes in the order of a depth-first walk of each component, from its hub, along Hilbert's curve (1891),
    # on which neighbours are near each other in the plane. The time is linear.
    order: dict[Any, None] = {}
    for hub in sorted(plain, key=plain.degree, reverse=True):
        ahead = [hub]
        while ahead:
            node = ahead.pop()
            if node not in order:
                order[node] = None
                ahead.extend(other for other in plain[node] if other not in order)

    side = 1 << math.ceil(math.log2(len(order)) / 2)
    positions: Positions = {}
    for number, node in enumerate(order):
        x = y = 0
        size, rest = 1, number
        while size < side:
            right, down = rest >> 1 & 1, (rest ^ rest >> 1) & 1
            if not down:  # flip the quarter, so that its ends meet those of the next
                if right:
                    x, y = size - 1 - x, size - 1 - y
                x, y = y, x
            x, y = x + size * right, y + size * down
            size, rest = size * 2, rest >> 2
        positions[node] = (FOLD * x, ROW * y)
    return positions


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
