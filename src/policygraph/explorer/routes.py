"""Route the lines of the map from card to card, through the gutters and the gaps between cards, never through one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policygraph.explorer.cards import HEAD, LINE, PAD, Card, Lane

PORT = 6.0
"""The most pixels between two lines that leave a card at the same side."""


@dataclass
class Line:
    """All edges between two cards: from one to the other, or in both directions."""

    ends: tuple[Card, Card]
    edges: list[int] = field(default_factory=list)
    forward: bool = False
    back: bool = False
    rests: bool = True
    basis: int = 0
    path: str = ""
    arrows: str = ""


def lines(document: Mapping[str, Any], homes: Mapping[str, Card], hidden: frozenset[int] = frozenset()) -> list[Line]:
    """Bundle the edges of a view document to lines; one that goes to a whole list leads to its frame.

    A line rests, so is drawn before anything is selected, between neighbouring columns and within one, but not
    to a group, from a part below its whole, or where the whole has the same line.
    """
    edges = [(n, edge) for n, edge in enumerate(document["edges"]) if n not in hidden]
    frames: dict[str, tuple[Card, int]] = {}
    for frame in {id(card): card for card in _all(homes.values()) if card.form == "frame"}.values():
        members = {part.things[0] for part in frame.parts}
        for member in members:
            frames[member] = frame, len(members)
    same: dict[tuple[str, bool, int, str], set[str]] = {}
    for _, edge in edges:
        for far, near, out in ((edge["source"], edge["target"], True), (edge["target"], edge["source"], False)):
            if near in frames:
                same.setdefault((far, out, edge["relation"], frames[near][0].key), set()).add(near)

    def end(far: str, near: str, out: bool, relation: int) -> Card:
        frame, many = frames.get(near, (None, 0))
        if frame and len(same[far, out, relation, frame.key]) == many and homes[far] not in frame.parts:
            return frame
        return homes[near]

    found: dict[tuple[str, str], Line] = {}
    for number, edge in edges:
        one, other, relation = edge["source"], edge["target"], edge["relation"]
        ends = end(other, one, False, relation), end(one, other, True, relation)
        if ends[0] is ends[1]:
            continue
        key = ends[0].key, ends[1].key
        line = found.get(key) or found.get(key[::-1]) or found.setdefault(key, Line(ends))
        line.edges.append(number)
        line.basis = max(line.basis, edge["basis"])  # the weakest, which does not flatter
        if line.ends == ends or line.ends[0] is ends[0]:
            line.forward = True
        else:
            line.back = True
    whole = {id(part): card for card in _all(homes.values()) for part in card.parts if card.form == "card"}
    relations = {
        (card, document["edges"][n]["relation"], far)
        for line in found.values()
        for n in line.edges
        for card, far in ((line.ends[0].key, line.ends[1].key), (line.ends[1].key, line.ends[0].key))
    }
    for line in found.values():
        one, other = line.ends
        line.rests = abs(one.column - other.column) <= 1 and "group" not in (one.form, other.form)
        for card, far in ((one, other), (other, one)):
            above = whole.get(id(card))
            if above is far or (
                above
                and all((above.key, document["edges"][n]["relation"], far.key) in relations for n in line.edges)
            ):
                line.rests = False
    return list(found.values())


def _all(homes: Iterable[Card]) -> Iterable[Card]:
    return [box for card in {id(card): card for card in homes}.values() for box in card.boxes()]


def route(
    made: Sequence[Line], columns: Sequence[Sequence[Lane]], lefts: Sequence[float], widths: Sequence[float], bottom: float
) -> None:
    """Give each line its path and arrows.

    Lines leave a card at the side where they lead; those of one side stand in the order of their other ends.
    """
    gaps = [_gaps(column, bottom) for column in columns]
    sides: dict[tuple[int, int], list[tuple[float, int, int]]] = {}
    bows: dict[int, list[int]] = {}
    for line in made:
        for side, (card, far) in zip(_sides(line, len(columns), bows), (line.ends, line.ends[::-1]), strict=True):
            sides.setdefault((id(card), side), []).append((far.middle, id(line), 0 if card is line.ends[0] else 1))
    cards = {id(card): card for line in made for card in line.ends}
    at: dict[tuple[int, int], float] = {}
    for (card, _), ports in sides.items():
        ports.sort()
        box = cards[card]
        high = len(box.lines) * LINE + 2 * PAD
        step = min(PORT, (high - 8) / max(1, len(ports) - 1)) if len(ports) > 1 else 0.0
        for place, (_, line_id, which) in enumerate(ports):
            at[line_id, which] = box.y + high / 2 + (place - (len(ports) - 1) / 2) * step
    which_side = {(line, end): side for (_, side), ports in sides.items() for _, line, end in ports}
    for line in made:
        ys = [at[id(line), end] for end in (0, 1)]
        directions = [which_side[id(line), end] for end in (0, 1)]
        xs = [card.x + (card.w if side > 0 else 0) for card, side in zip(line.ends, directions, strict=True)]
        edges = [lefts[c.column] + (widths[c.column] if s > 0 else 0) for c, s in zip(line.ends, directions, strict=True)]
        if line.ends[0].column == line.ends[1].column:
            bow = directions[0] * min(8 + 0.06 * abs(ys[0] - ys[1]), 24 if len(columns) > 1 else 11)
            far = edges[0] + bow
            line.path = f"M{xs[0]:.1f} {ys[0]:.1f}H{edges[0]:.0f}C{far:.0f} {ys[0]:.1f} {far:.0f} {ys[1]:.1f} {edges[1]:.0f} {ys[1]:.1f}H{xs[1]:.1f}"
        else:
            step = directions[0]
            path, x, y = [f"M{xs[0]:.1f} {ys[0]:.1f}H{edges[0]:.0f}"], edges[0], ys[0]
            between = range(line.ends[0].column + step, line.ends[1].column, step)
            for column in between:
                share = abs(column - line.ends[0].column) / (len(between) + 1)
                level = _nearest(gaps[column], ys[0] + (ys[1] - ys[0]) * share)
                enter = lefts[column] + (0 if step > 0 else widths[column])
                path.append(_bend(x, y, enter, level))
                x, y = (enter + step * widths[column]), level
                path.append(f"H{x:.0f}")
            path.append(_bend(x, y, edges[1], ys[1]) + f"H{xs[1]:.1f}")
            line.path = "".join(path)
        for end, wanted in ((1, line.forward), (0, line.back)):
            if wanted and document_directed(line):
                side = directions[end]
                line.arrows += f"M{xs[end]:.1f} {ys[end]:.1f}l{6 * side} -3v6z"


def document_directed(line: Line) -> bool:
    """Tell whether the line has arrows."""
    return line.forward or line.back


def _bend(x: float, y: float, to: float, end: float) -> str:
    middle = (x + to) / 2
    return f"C{middle:.0f} {y:.1f} {middle:.0f} {end:.1f} {to:.0f} {end:.1f}"


def _sides(line: Line, count: int, bows: dict[int, list[int]]) -> tuple[int, int]:
    """Return at which side of its ends a line leaves: 1 is right, -1 left."""
    one, other = line.ends
    if one.column != other.column:
        return (1, -1) if one.column < other.column else (-1, 1)
    side = -1 if one.column == 0 and count > 1 else 1
    return side, side


def _gaps(column: Sequence[Lane], bottom: float) -> list[float]:
    """Return the heights at which a line can cross a column: between its cards, below its headings."""
    taken = [(card.y, card.y + card.h) for lane in column for top in lane.cards for card in top.boxes()]
    tops = [
        (top.y, max(box.y + box.h for box in top.boxes())) for lane in column for top in lane.cards
    ]
    ends = sorted([*(tops if tops else taken)])
    free = [HEAD - 3.0]
    for (_, end), (start, _) in zip(ends, [*ends[1:], (bottom + 40, 0)], strict=True):
        if start - end >= 4:
            free.append(end + min(6.0, (start - end) / 2))
    return sorted(free)


def _nearest(free: Sequence[float], wanted: float) -> float:
    place = bisect_left(free, wanted)
    return min(free[max(0, place - 1) : place + 1], key=lambda each: abs(each - wanted))
