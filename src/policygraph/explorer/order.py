"""Order the cards of each lane so that few lines cross, the same for the same network."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from policygraph.explorer.cards import HEAD, ROOM, Card, Lane

SEED, STARTS, SWEEPS = 20130201, 6, 14
"""Seeded starts and sweeps of each; the one with the fewest crossings is kept."""
_MANY = 400  # lines; with more, the cards keep their order


def place(columns: Sequence[Sequence[Lane]], widths: Sequence[float], gutter: float, left: float) -> float:
    """Place every card; return how high the map is."""
    bottom, x = 0.0, left
    for column, width in zip(columns, widths, strict=True):
        tall = sum(lane.height(width) for lane in column)
        count = sum(len(lane.cards) for lane in column)
        more = max(0.0, min(8.0, (ROOM - tall) / max(1, count)))
        y = 0.0
        for lane in column:
            y += HEAD
            for card in lane.cards:
                y = card.put(x, y) + card.gap + more
        bottom, x = max(bottom, y), x + width + gutter
    return bottom


def order(
    columns: Sequence[Sequence[Lane]],
    widths: Sequence[float],
    lines: Iterable[tuple[Card, Card]],
    gutter: float,
    left: float,
) -> float:
    """Sort the cards of the lanes by where their lines lead (barycentres: Sugiyama and others, 1981).

    Frames and groups, whose order means something, stay; so do parts below their whole.
    """
    pairs = list(lines)
    tops = {
        id(box): card for column in columns for lane in column for card in lane.cards for box in card.boxes()
    }
    near: dict[int, list[tuple[Card, Card]]] = {}
    for one, other in pairs:
        near.setdefault(id(tops[id(one)]), []).append((one, other))
        near.setdefault(id(tops[id(other)]), []).append((other, one))
    free = [lane for column in columns for lane in column if any(map(_moves, lane.cards))]
    if not pairs or len(pairs) > _MANY:
        return place(columns, widths, gutter, left)
    random_ = random.Random(SEED)  # noqa: S311
    best: tuple[float, list[list[Card]]] | None = None
    for start in range(STARTS):
        for lane in free:
            moving = [card for card in lane.cards if _moves(card)]
            if start:
                random_.shuffle(moving)
            _refill(lane, moving)
        place(columns, widths, gutter, left)
        for sweep in range(SWEEPS):
            for lane in free if sweep % 2 else reversed(free):
                aim = {id(card): _aim(card, near) for card in lane.cards}
                _refill(lane, sorted(filter(_moves, lane.cards), key=lambda card: aim[id(card)]))
            place(columns, widths, gutter, left)
            if sweep > SWEEPS // 2:
                crossed = crossings(pairs)
                if best is None or crossed < best[0]:
                    best = crossed, [list(lane.cards) for lane in free]
    if best:
        for lane, cards in zip(free, best[1], strict=True):
            lane.cards[:] = cards
    return place(columns, widths, gutter, left)


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
    crossed = 0
    for ends in gutters.values():
        ends.sort()
        for number, (_, y) in enumerate(ends):
            crossed += sum(y > below for _, below in ends[number + 1 :])
    return crossed + far / 2000


def _moves(card: Card) -> bool:
    return card.form == "card"


def _refill(lane: Lane, moving: Sequence[Card]) -> None:
    rest = iter(moving)
    lane.cards[:] = [next(rest) if _moves(card) else card for card in lane.cards]


def _aim(card: Card, near: Mapping[int, list[tuple[Card, Card]]]) -> float:
    others = [other.middle - (one.middle - card.middle) for one, other in near.get(id(card), ())]
    return sum(others) / len(others) if others else card.middle
