"""Route the lines of the map through the gutters and the gaps between cards, never through a card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policygraph.explorer.cards import HEAD, LINE, PAD, Card, Lane
from policygraph.text import grouped

PORT = 6.0  # the most pixels between two lines at one side of a card


@dataclass(eq=False)
class Line:
    """All edges between two cards: from one to the other, or in both directions."""

    ends: tuple[Card, Card]
    edges: list[int] = field(default_factory=list)
    forward: bool = False
    back: bool = False
    rests: bool = True
    marked: bool = False
    basis: int = 0
    strength: int = -1  # or that of what is inferred
    path: str = ""
    arrows: str = ""


def lines(
    document: Mapping[str, Any],
    columns: Sequence[Sequence[Lane]],
    homes: Mapping[str, Card],
    marked: Collection[str] = (),
) -> list[Line]:
    """Bundle the edges of a view document to lines; one that goes to a whole list leads to its frame.

    A line rests, so is drawn before anything is selected, between neighbouring columns and within one,
    but not to a group, from a part below its whole, where the whole leads there too, or from list to list,
    unless one of its edges is marked.
    """
    edges = document["edges"]
    boxes = [box for column in columns for lane in column for box in lane.boxes()]
    frames = {part.things[0]: box for box in boxes if box.form == "frame" for part in box.parts}
    same: dict[tuple[str, bool, int, str], set[str]] = {}
    for edge in edges:
        one, other = edge["source"], edge["target"]
        for far, near, out in ((one, other, True), (other, one, False)):
            if near in frames:
                same.setdefault((far, out, edge["relation"], frames[near].key), set()).add(near)

    def end(far: str, near: str, out: bool, relation: int) -> Card:
        frame = frames.get(near)
        if not frame or homes[far] in frame.parts:
            return homes[near]
        return frame if len(same[far, out, relation, frame.key]) == len(frame.parts) else homes[near]

    found: dict[tuple[str, str], Line] = {}
    for edge in edges:
        one, other, relation = edge["source"], edge["target"], edge["relation"]
        ends = end(other, one, False, relation), end(one, other, True, relation)
        if ends[0] is ends[1]:
            continue
        key = ends[0].key, ends[1].key
        line = found.get(key) or found.get(key[::-1]) or found.setdefault(key, Line(ends))
        line.edges.append(int(edge["id"][1:]))
        line.basis = max(line.basis, edge["basis"])  # the weakest, which does not flatter
        line.strength = max(line.strength, -1 if edge["strength"] is None else edge["strength"])
        line.forward |= line.ends[0] is ends[0]
        line.back |= line.ends[0] is not ends[0]
    whole = {id(part): card for card in boxes for part in card.parts if card.form == "card"}
    joined = {each for one, other in found for each in ((one, other), (other, one))}
    for line in found.values():
        one, other = line.ends
        line.rests = abs(one.column - other.column) <= 1 and "group" not in (one.form, other.form)
        lists = frames.get(one.key), frames.get(other.key)
        line.rests &= not all(lists) or lists[0] is lists[1]
        for card, far in ((one, other), (other, one)):
            above = whole.get(id(card))
            if above and (above is far or (above.key, far.key) in joined):
                line.rests = False
        line.marked = any(f"e{number}" in marked for number in line.edges)
        line.rests |= line.marked
    return list(found.values())


def route(
    made: Sequence[Line],
    columns: Sequence[Sequence[Lane]],
    lefts: Sequence[float],
    widths: Sequence[float],
    bottom: float,
) -> None:
    """Give each line its path and arrows, and a bracket at a whole list.

    Lines leave a card at the side where they lead; those of one side stand in the order of their other ends.
    Between two columns each bends at its own distance, so that none lies on another.
    """
    gaps, trunks = [_gaps(column, bottom) for column in columns], _trunks(made)
    across = [sorted(line.ends, key=lambda card: card.column) for line in made if line.rests]
    leave = grouped(  # the heights at which lines leave a side of a column
        ((card.column, side), card.middle)
        for one, other in across
        for card, side in ((one, 1), (other, -1))
        if one.column != other.column
    )
    ports = grouped(
        ((id(line.ends[end]), side), (line.ends[1 - end].middle, number, end))
        for number, line in enumerate(made)
        for end, side in enumerate(_sides(line, leave, last=len(columns) - 1))
    )
    places: dict[tuple[int, int], tuple[float, int]] = {}
    brackets: dict[tuple[int, int], str] = {}
    for (_, side), leaving in ports.items():
        leaving.sort()
        card = made[leaving[0][1]].ends[leaving[0][2]]
        high = len(card.lines) * LINE + 2 * PAD
        step = min(PORT, (high - 8) / max(1, len(leaving) - 1))
        first = card.y + high / 2 - (len(leaving) - 1) / 2 * step
        for place, (_, number, end) in enumerate(leaving):
            places[number, end] = first + place * step, side
        if card.form == "frame":
            long, edge = (len(leaving) - 1) * step + 12, card.x + (card.w if side > 0 else 0)
            bracket = f"h{5 * side}v{long:.1f}h{-5 * side}v-2h{3 * side}v{4 - long:.1f}h{-3 * side}z"
            brackets[id(card), side] = f"M{edge:.1f} {first - 6:.1f}{bracket}"
    bends: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    for number, line in enumerate(made):
        left, right = sorted((card.column, places[number, end][0]) for end, card in enumerate(line.ends))
        if line.rests and right[0] == left[0] + 1:
            down = left[1] < right[1]
            bends.setdefault((left[0], down), []).append((-left[1] if down else left[1], number))
    turns = {
        number: 0.2 + 0.6 * (rank + 0.5) / len(some)
        for some in bends.values()
        for rank, (_, number) in enumerate(sorted(some))
    }
    rows: dict[int, float] = {}
    for number, line in enumerate(made):
        (start, side), (stop, arrives) = places[number, 0], places[number, 1]
        ends = [*zip(line.ends, (side, arrives), strict=True)]
        xs = [card.x + (card.w if way > 0 else 0) + 5 * way * (card.form == "frame") for card, way in ends]
        rims = [lefts[card.column] + (widths[card.column] if way > 0 else 0) for card, way in ends]
        rims = [x if card.form == "frame" else rim for (card, _), x, rim in zip(ends, xs, rims, strict=True)]
        x, y, path = rims[0], start, f"M{xs[0]:.1f} {start:.1f}H{rims[0]:.0f}"
        if line in trunks:  # each begins at the same point, so that their dashes fall on one another
            start = rows.setdefault(trunks[line], start)
            far = x + side * (9 + trunks[line] * min(11.0, 16 / max(1, max(trunks.values()))))
            path = f"M{xs[0]:.1f} {start:.1f}H{far:.1f}V{stop:.1f}"
        elif line.ends[0].column == line.ends[1].column:
            far = x + side * min(8 + 0.03 * abs(start - stop), 14)
            path += f"C{far:.0f} {start:.1f} {far:.0f} {stop:.1f} {rims[1]:.0f} {stop:.1f}"
        else:
            between = range(line.ends[0].column + side, line.ends[1].column, side)
            for passed, column in enumerate(between, 1):
                wanted = start + (stop - start) * passed / (len(between) + 1)
                _, level = min((abs(each - wanted), each) for each in gaps[column])
                enter = lefts[column] + (0 if side > 0 else widths[column])
                path += _bend(x, y, enter, level)
                x, y = enter + side * widths[column], level
                path += f"H{x:.0f}"
            turn = turns.get(number, 0.5)
            path += _bend(x, y, rims[1], stop, turn if side > 0 else 1 - turn)
        line.path = f"{path}H{xs[1]:.1f}"
        for drawn, x, y, way in ((line.forward, xs[1], stop, arrives), (line.back, xs[0], start, side)):
            line.arrows += f"M{x:.1f} {y:.1f}l{6 * way} -3v6z" if drawn else ""
        line.arrows += "".join(brackets.get((id(card), way), "") for card, way in ends)


def _trunks(made: Sequence[Line]) -> dict[Line, int]:
    """Number the trunks of marked lines within a column, short first; each line then begins at its trunk.

    Those of the same card and basis have one.
    """
    inside = [line for line in made if line.marked and line.ends[0].column == line.ends[1].column]
    joins = Counter(id(card) for line in inside for card in line.ends)
    longest: dict[tuple[int, int], float] = {}
    for line in inside:
        if joins[id(line.ends[1])] > joins[id(line.ends[0])]:
            line.ends, line.forward, line.back = line.ends[::-1], line.back, line.forward
        key, far = (id(line.ends[0]), line.basis), abs(line.ends[0].middle - line.ends[1].middle)
        longest[key] = max(far, longest.get(key, 0.0))
    ranks = {key: n for n, key in enumerate(sorted(longest, key=longest.__getitem__))}
    return {line: ranks[id(line.ends[0]), line.basis] for line in inside}


def _bend(x: float, y: float, to: float, end: float, turn: float = 0.5) -> str:
    middle = x + turn * (to - x)
    return f"C{middle:.0f} {y:.1f} {middle:.0f} {end:.1f} {to:.0f} {end:.1f}"


def _sides(line: Line, leave: Mapping[tuple[int, int], Sequence[float]], last: int) -> tuple[int, int]:
    """Return at which side of its ends a line leaves: 1 is right, -1 left.

    A line within a column bows at the side where it crosses fewer lines, and does not rest if it crosses any;
    one that is marked stays inside the map.
    """
    one, other = line.ends
    if one.column != other.column:
        return (1, -1) if one.column < other.column else (-1, 1)
    if line.marked:
        return (-1, -1) if one.column == last else (1, 1)
    top, bottom = sorted((one.middle, other.middle))
    crossed = {side: sum(top < y < bottom for y in leave.get((one.column, side), ())) for side in (-1, 1)}
    side = -1 if crossed[-1] < crossed[1] + (one.column == 0) else 1
    line.rests &= not crossed[side]
    return side, side


def _gaps(column: Sequence[Lane], bottom: float) -> list[float]:
    """Return the heights at which a line can cross a column: below its headings, between its cards."""
    taken = sorted(
        (top.y, max(box.y + box.h for box in top.boxes())) for lane in column for top in lane.cards
    )
    ends = zip(taken, [*taken[1:], (bottom + 40, 0.0)], strict=True)
    free = [end + min(6.0, (start - end) / 2) for (_, end), (start, _) in ends if start - end >= 4]
    return [HEAD - 3.0, *free]
