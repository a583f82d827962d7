"""Place what a picture shows: the cards of the map in their lanes, the nodes of a network by springs.

The same network always has the same layout, in whatever order it was built.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

from policygraph.explorer.cards import HEAD, ROOM, Card, Lane
from policygraph.text import grouped

if TYPE_CHECKING:
    import networkx as nx

SEED = 20130201
FOLD, ROW = 172, 96  # pixels between two nodes, across and down
ASPECT = 1.2  # width to height of the picture
MAX_SPRINGS = 600  # the most nodes that springs place: the time grows with the square of their number
STARTS, SWEEPS = 6, 14  # seeded orders of the map, of which the one with the fewest crossings is kept
_MANY = 400  # lines; with more, the cards keep their order


def layout(graph: nx.Graph) -> dict[Any, tuple[int, int]]:
    """Return the position of each node, in whole pixels, x to the right and y down.

    Args:
        graph: any networkx graph; it is not changed. Springs place its nodes (ForceAtlas2: Jacomy and others,
            2014); too many to read all stand in one place.
    """
    nodes = sorted(graph, key=lambda node: (str(node), str(type(node))))
    rank = {node: number for number, node in enumerate(nodes)}
    # Undirected, single, and in one order: both layouts depend on the order.
    pairs = sorted({tuple(sorted((rank[source], rank[target]))) for source, target in graph.edges()})
    return dict(zip(nodes, _places(len(nodes), tuple(pairs)), strict=True))


@lru_cache(maxsize=8)  # the pages of a network in several languages have one layout
def _places(count: int, pairs: tuple[tuple[int, ...], ...]) -> list[tuple[int, int]]:
    import networkx as nx

    if not 1 < count <= MAX_SPRINGS:
        return [(0, 0)] * count
    plain = nx.empty_graph(count)
    plain.add_edges_from(pairs)
    steps = max(50, min(200, 40_000 // count))  # a step costs the square of the number of nodes
    # Strong gravity keeps the components together.
    drawn = nx.forceatlas2_layout(plain, max_iter=steps, seed=SEED, strong_gravity=True)
    far = max(abs(value) for point in drawn.values() for value in point) or 1
    scale = 0.8 * FOLD * math.sqrt(count) / far
    points = [[float(x) * scale * ASPECT, float(y) * scale] for x, y in map(drawn.__getitem__, range(count))]
    _separate(points)
    return [(round(x), round(y)) for x, y in points]


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
                apart, over = (across, down), (FOLD - abs(across), ROW - abs(down))
                axis = 0 if over[0] / FOLD < over[1] / ROW else 1
                push = math.copysign(over[axis] / 2 + 0.5, apart[axis])
                one[axis], other[axis] = one[axis] + push, other[axis] - push
        if not moved:
            return


def place(columns: Sequence[Sequence[Lane]], lefts: Sequence[float], widths: Sequence[float]) -> float:
    """Place every card; return how high the map is."""
    bottom = 0.0
    for column, x, width in zip(columns, lefts, widths, strict=True):
        tall = sum(lane.height(width) for lane in column)
        count = sum(len(lane.cards) for lane in column)
        more = max(0.0, min(8.0, (ROOM - tall) / max(1, count)))
        y = 0.0
        for lane in column:
            y += HEAD
            for card in lane.cards:
                y = card.put(x, y) + card.gap + more
        bottom = max(bottom, y)
    return bottom


def order(
    columns: Sequence[Sequence[Lane]],
    lefts: Sequence[float],
    widths: Sequence[float],
    lines: Iterable[tuple[Card, Card]],
) -> float:
    """Sort the cards of the lanes by where their lines lead (barycentres: Sugiyama and others, 1981).

    Frames and groups, whose order means something, stay; so do parts below their whole.
    """
    pairs = list(lines)
    tops = {
        id(box): card for column in columns for lane in column for card in lane.cards for box in card.boxes()
    }
    both = [ends for pair in pairs for ends in (pair, pair[::-1])]
    near = grouped((id(tops[id(one)]), (one, other)) for one, other in both)
    free = [lane for column in columns for lane in column if any(map(_moves, lane.cards))]
    if not pairs or len(pairs) > _MANY:
        return place(columns, lefts, widths)
    random_ = random.Random(SEED)  # noqa: S311
    best = math.inf, [list(lane.cards) for lane in free]
    for start in range(STARTS):
        for lane in free:
            moving = [card for card in lane.cards if _moves(card)]
            if start:
                random_.shuffle(moving)
            _refill(lane, moving)
        place(columns, lefts, widths)
        for sweep in range(SWEEPS):
            for lane in free if sweep % 2 else reversed(free):
                main = max(kinds := [card.kind for card in lane.cards], key=kinds.count)
                aim = {id(card): (card.kind != main, _aim(card, near)) for card in lane.cards}
                _refill(lane, sorted(filter(_moves, lane.cards), key=lambda card: aim[id(card)]))
            place(columns, lefts, widths)
            if sweep > SWEEPS // 2 and (crossed := crossings(pairs)) < best[0]:
                best = crossed, [list(lane.cards) for lane in free]
    for lane, cards in zip(free, best[1], strict=True):
        lane.cards[:] = cards
    return place(columns, lefts, widths)


def crossings(pairs: Iterable[tuple[Card, Card]]) -> float:
    """Count the crossings of straight lines in each gutter, and a little for their length."""
    gutters: dict[int, list[tuple[float, float]]] = {}
    far = 0.0
    for one, other in pairs:
        a, b = sorted((one, other), key=lambda card: card.column)
        # A line within a column crosses about as many lines as it passes cards.
        far += abs(a.middle - b.middle) * (40 if a.column == b.column else 1)
        if b.column == a.column + 1:
            gutters.setdefault(a.column, []).append((a.middle, b.middle))
    crossed = sum(
        one[1] > other[1] for ends in gutters.values() for one, other in combinations(sorted(ends), 2)
    )
    return crossed + far / 2000


def _moves(card: Card) -> bool:
    return card.form == "card"


def _refill(lane: Lane, moving: Sequence[Card]) -> None:
    rest = iter(moving)
    lane.cards[:] = [next(rest) if _moves(card) else card for card in lane.cards]


def _aim(card: Card, near: Mapping[int, list[tuple[Card, Card]]]) -> float:
    others = [other.middle - (one.middle - card.middle) for one, other in near.get(id(card), ())]
    return sum(others) / len(others) if others else card.middle
