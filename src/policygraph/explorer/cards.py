"""Fill the lanes of the map: what has a card, what stands inside one or in a group, and in which column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from policygraph.fonts import text_lines, text_width
from policygraph.text import grouped, natural

FONT, LINE, PAD, GAP, WITHIN, INSET, HEAD = 11, 12.8, 4.5, 8, 4, 5, 30  # pixels
ROOM, WIDTH, COLUMNS, GUTTER, MARGIN = 712, 876, 5, 30, 12
"""Pixels that a column should not be higher than, and all may take; how many; between and beside them."""
MOST, KEPT, LISTED, TALL = 40, 12, 60, 7
"""The most cards of a lane's main kind before all but so many are counted; in its lists; lines of a name."""

width, wrap = partial(text_width, size=FONT), partial(text_lines, size=FONT)


@dataclass(eq=False)
class Card:
    """A box of the map: of a thing, of a group of things with their number, or the frame of a list."""

    key: str
    kind: int
    name: str
    things: list[str] = field(default_factory=list)
    badge: str = ""
    form: str = "card"  # or "group" or "frame"
    rest: bool = True  # whether others of what it counts have cards of their own
    folded: int = 0  # things of other kinds inside a group
    parts: list[Card] = field(default_factory=list)  # framed, or parts of it, which stand below
    lines: tuple[str, ...] = ()
    column: int = 0
    x: float = 0
    y: float = 0
    w: float = 0
    h: float = 0

    @property
    def middle(self) -> float:
        """Its height on the map."""
        return self.y + (HEAD / 2 if self.form == "frame" else self.h / 2)

    @property
    def gap(self) -> float:
        """The least distance to what follows."""
        return 4 if self.form == "group" else GAP

    @property
    def beside(self) -> float:
        """The width that its name cannot have."""
        if self.form == "card":
            return 36 if self.badge else 26
        many = len(self.parts) if self.form == "frame" else len(self.things)
        few = f"{many - 1}/{many}" if self.more and many > 1 else str(many)  # some of so many
        return 36 + width(few, size=1.2 * FONT)

    @property
    def more(self) -> str:
        """The number of things in a group, with a plus sign of those beside others that have cards."""
        many = len(self.things) - (self.form == "card") - self.folded
        return "" if self.form == "frame" or not many else f"+{many}" if self.rest else str(many)

    def boxes(self) -> Iterator[Card]:
        """Yield it and its parts."""
        yield self
        for part in self.parts:
            yield from part.boxes()

    def measure(self, room: float) -> float:
        """Wrap its name and those of its parts to this width, and return how high all that is."""
        framed, left = self.form == "frame", room - self.beside
        self.w, self.lines = room, wrap(self.name, left, TALL)
        rows = max(1, len(self.lines))
        last = width("".join(self.lines[-1:])) + 1.2 * width(self.more) + 8
        if self.form == "card" and self.more and last > left:
            rows += 1
        self.h = rows * LINE + 2 * PAD
        below = sum(part.measure(room - (2 * INSET if framed else 12)) + WITHIN for part in self.parts)
        if framed:
            self.h += below
        return self.h + (0 if framed else below)

    def put(self, x: float, y: float) -> float:
        """Place it and its parts; return where they end."""
        self.x, self.y = x, y
        end = y + (len(self.lines) * LINE + 2 * PAD - 1 if self.form == "frame" else self.h + 6)
        for part in self.parts:
            end = part.put(x + (INSET if self.form == "frame" else 12), end) + WITHIN
        return y + self.h if self.form == "frame" or not self.parts else end - WITHIN


@dataclass(eq=False)
class Lane:
    """A lane with its heading and cards."""

    name: str
    number: int
    cards: list[Card] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)

    def boxes(self) -> Iterator[Card]:
        """Yield all its cards, with their parts."""
        for card in self.cards:
            yield from card.boxes()

    def height(self, room: float) -> float:
        """How high it is with columns of this width."""
        return HEAD + sum(card.measure(room) + card.gap for card in self.cards)


def lanes(document: Mapping[str, Any]) -> tuple[list[Lane], dict[str, Card]]:
    """Return the lanes of a view document, and the card in which each of its nodes stands."""
    filling = _Filling(document)
    homes = filling.homes
    layered = any(node["layer"] is not None for node in document["nodes"])
    number = {lane["layer"]: place for place, lane in enumerate(document["lanes"])}
    last = len(document["lanes"]) - 1
    kept = [number.get(each["layer"], last) if layered else each["kind"] for each in document["nodes"]]
    filled = []
    for lane, nodes in sorted(grouped(zip(kept, document["nodes"], strict=True)).items()):
        row = document["lanes"][lane]
        filled.append(Lane(row["name"], row["color"], filling.cards(nodes, ROOM), nodes))
    for column in columns(filled)[0]:  # lanes that share a column share its height
        for lane in sorted(column, key=lambda each: -each.height(WIDTH / 5.6)) if len(column) > 1 else ():
            others = sum(other.height(WIDTH / 5.6) for other in column if other is not lane)
            lane.cards = filling.cards(lane.nodes, max(ROOM / 2, ROOM - others))
    inside = [node for node in document["nodes"] if isinstance(homes[node["id"]], str)]
    for node in inside:  # another, which may itself be inside
        while isinstance(to := homes[node["id"]], str):
            homes[node["id"]] = homes[to]
        homes[node["id"]].things.append(node["id"])
        homes[node["id"]].folded += homes[node["id"]].form == "group"
    return [lane for lane in filled if lane.cards], homes


class _Filling:
    """Fills lanes with cards; knows in which card each node stands, or within which other node."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.homes: dict[str, Any] = {}
        self.near: dict[str, set[str]] = {node["id"]: set() for node in document["nodes"]}
        for edge in document["edges"]:
            if edge["source"] != edge["target"]:
                self.near[edge["source"]].add(edge["target"])
                self.near[edge["target"]].add(edge["source"])

    def cards(self, nodes: Sequence[dict[str, Any]], room: float) -> list[Card]:
        """Fill a lane, with fewer and fewer cards until it is low enough."""
        level = any(node["level"] is not None for node in self.document["nodes"])
        common = {node["id"] for node in nodes if level and node["level"] is None}
        kinds = Counter(node["kind"] for node in nodes if node["id"] not in common)
        joined = Counter(n["kind"] for n in nodes if n["id"] not in common for _ in self.near[n["id"]])
        main = max(kinds, key=lambda kind: (joined[kind], -kind), default=None)
        here = {node["id"] for node in nodes}
        framed = {each for row in self.document["lists"] for each in row["members"] if each in here} - common
        loose = [node for node in nodes if node["id"] not in framed | common]
        single = {node["id"] for node in loose if len(self.near[node["id"]]) == 1}
        inside: dict[str, str] = {}
        counted: set[str] = set()
        cards: list[Card] = []
        many = sorted((kind for kind in kinds if kind != main), key=lambda kind: (-kinds[kind], kind))
        steps = ["", "inside", "single others", "single", *many, *([main] if kinds[main] > MOST else [])]
        for step in steps if kinds else [""]:
            if step == "inside":
                tied = {node["kind"] for node in nodes if node["id"] not in single}
                for node in loose:
                    to = sorted(self.near[node["id"]] & framed)
                    if len(to) == 1:
                        inside[node["id"]] = to[0]
                    elif node["kind"] not in {*tied, main}:
                        (host,) = self.near[node["id"]]
                        if len(self.near[host]) > 1:
                            inside[node["id"]] = host
            elif step == "single others":
                counted |= {n["id"] for n in loose if n["id"] in single and n["kind"] != main}
            elif step == "single":
                counted |= single
            elif step == main:  # all but the best connected
                ranked = ((-len(self.near[node["id"]]), node["id"]) for node in loose if node["kind"] == main)
                counted |= {each for _, each in sorted(ranked)[KEPT:]}
            elif step != "":
                counted |= {node["id"] for node in loose if node["kind"] == step}
            cards = self._made(nodes, common | (counted - inside.keys()), inside)
            if Lane("", 0, cards).height(WIDTH / 5.6) <= room:
                break
        return cards

    def _made(
        self, nodes: Sequence[dict[str, Any]], counted: set[str], inside: Mapping[str, str]
    ) -> list[Card]:
        """Make the cards of a lane: frames, cards with their parts below, groups."""
        made, groups = {}, {}
        of = {node["id"]: node for node in nodes}

        def card(key: str) -> Card:
            return Card(key, of[key]["kind"], of[key]["name"], [key], of[key]["notation"] or "")

        lists = [(row, [each for each in row["members"] if each in of]) for row in self.document["lists"]]
        whole = sum(len(members) for _, members in lists) <= LISTED
        own = {node["iri"]: node for node in nodes}
        top: dict[Card, None] = {}  # in this order
        for row, members in lists:
            heading = own.get(row["iri"])
            if not whole:
                counted = counted | set(members)
            elif members and not counted & set(members):
                kind = of[members[0]]["kind"]
                frame = Card(f"f{members[0]}", kind, row["name"], form="frame")
                if heading:
                    frame.key, frame.things = heading["id"], [heading["id"]]
                    made[heading["id"]] = self.homes[heading["id"]] = frame
                top[frame] = None
                for each in members:
                    made[each] = self.homes[each] = card(each)
                    frame.parts.append(made[each])
        kinds = Counter(node["kind"] for node in nodes)
        fewer = Counter(of[each]["kind"] for each in counted)
        for node in nodes:
            key, kind = node["id"], node["kind"]
            if key in made:
                continue
            if key in inside and key not in counted:
                self.homes[key] = inside[key]
            elif key in counted and (fewer[kind] > 1 or not self.near[key] or node["level"] is None):
                if kind not in groups:
                    groups[kind] = Card(f"g{key}", kind, self.document["kinds"][kind]["name"], form="group")
                    groups[kind].rest = fewer[kind] < kinds[kind]
                groups[kind].things.append(key)
                self.homes[key] = groups[kind]
            else:
                made[key] = self.homes[key] = card(key)
                top[made[key]] = None
        for edge in self.document["edges"]:  # parts stand below their whole
            above, part = made.get(edge["target"]), made.get(edge["source"])
            if not self.document["relations"][edge["relation"]]["transitive"] or above is part:
                continue
            if part in top and above in top and not part.parts and "frame" not in (part.form, above.form):
                del top[part]
                above.parts.append(part)
        for above in top:
            if above.form == "card":
                above.parts.sort(key=lambda part: natural(part.name))
        return [*top, *sorted(groups.values(), key=lambda card: card.kind)]


def _longest(card: Card) -> float:
    """Return how wide a column has to be for the longest word of a card, within reason."""
    below = max(map(_longest, card.parts), default=0.0) + 12
    own = max((width(word) for word in card.name.split()), default=0.0) + card.beside + 1
    return min(156.0, max(own if card.form != "frame" else 0.0, below))


def columns(filled: Sequence[Lane]) -> tuple[list[list[Lane]], list[float]]:
    """Put the lanes into columns, small neighbours together, and share the width, most to the highest."""
    made = [[lane] for lane in filled]

    def height(column: Iterable[Lane], room: float) -> float:
        high = sum(lane.height(room) for lane in column)
        boxes = [box for lane in column for box in lane.boxes()]
        # Rather wider than with a name in more than three lines, or a word broken.
        return high + sum(60.0 for box in boxes if len(box.lines) > 3 or " ".join(box.lines) != box.name)

    while len(made) > COLUMNS:
        at = min(range(len(made) - 1), key=lambda n: height(made[n] + made[n + 1], 130))
        made[at : at + 2] = [made[at] + made[at + 1]]
    widths = [
        max([102.0, *(min(1.3 * width(lane.name) + 1, 160.0) for lane in column), *map(_longest, cards)])
        for column in made
        for cards in [[card for lane in column for card in lane.cards]]
    ]
    left = WIDTH - 2 * MARGIN - GUTTER * (len(made) - 1) - sum(widths)
    heights = [height(column, wide) for column, wide in zip(made, widths, strict=True)]
    while left >= 6 and made:
        at = max(range(len(made)), key=lambda n: heights[n] if widths[n] < 240 else 0)
        if widths[at] >= 240:
            break
        widths[at] += 6
        heights[at] = height(made[at], widths[at])
        left -= 6
    for number, column in enumerate(made):
        for card in (box for lane in column for box in lane.boxes()):
            card.column = number
        height(column, widths[number])
    return made, widths
