"""Draw a view document as the map: lanes of cards and the lines between them, as SVG without scripts."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.explorer import cards, routes
from policygraph.explorer.cards import FONT, GUTTER, HEAD, LINE, MARGIN, PAD, Card
from policygraph.explorer.document import LANES
from policygraph.explorer.order import order
from policygraph.i18n import format_number, plural
from policygraph.text import jinja, shorten

if TYPE_CHECKING:
    from markupsafe import Markup

Item = dict[str, Any]

_ROW, _COLUMN = 24, 200  # pixels of the legend
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(document: Item) -> str:
    """Draw the map with its title and legend, to stand alone; what `start` hides is left out."""
    return _render(document, alone=True)


def chart(document: Item) -> Markup:
    """Draw the map for the page, whose script shows and hides its lines and whose style colours it."""
    from markupsafe import Markup

    return Markup(_render({**document, "start": {}}, alone=False))  # noqa: S704 - the template escapes


def marked(document: Item) -> Item:
    """The starting point whose things the map marks: the first with a finding that is about things alone."""
    none = {"name": "", "finding": "", "nodes": ()}
    return next((each for each in document["questions"] if each["finding"] and not each["edges"]), none)


def icon(kind: Item) -> Markup:
    """Draw the shape of a kind with its letter, in a square from 0 to 20."""
    from markupsafe import Markup

    return Markup(
        '<g class="l{}" fill="{}">{}</g><text x="10" y="{:.1f}" fill="{}" '
        'font-size="{}" font-weight="bold" text-anchor="middle">{}</text>'
    ).format(
        kind["lane"],
        kind["color"],
        _mark(kind, 10, 10, 8.4),
        13.2 + 8.4 * kind["lower"],
        kind["ink"],
        9 if len(kind["letter"]) == 1 else 7.5,
        kind["letter"],
    )


def _mark(kind: Item, x: float, y: float, r: float) -> Markup:
    from markupsafe import Markup

    if not kind["corners"]:
        return Markup('<circle cx="{:g}" cy="{:g}" r="{:g}"/>').format(x, y, r)
    points = " ".join(f"{x + r * a:.1f},{y + r * b:.1f}" for a, b in kind["corners"])
    return Markup('<polygon points="{}"/>').format(points)


def _render(document: Item, *, alone: bool) -> str:
    hides = set(document["start"].get("hideBases", ()))
    hidden = frozenset(
        n for n, edge in enumerate(document["edges"]) if document["bases"][edge["basis"]]["key"] in hides
    )
    lanes, homes = cards.lanes(document)
    columns, widths = cards.columns(lanes)
    left = float(MARGIN)
    lines = routes.lines(document, columns, homes, hidden)
    resting = [line.ends for line in lines if line.rests]
    height = max(order(columns, widths, resting, GUTTER, left), 120)
    lefts = [left + sum(widths[:n]) + GUTTER * n for n in range(len(widths))]
    routes.route(lines, columns, lefts, widths, height)
    width = max(lefts[-1] + widths[-1] + MARGIN if lefts else 0, 4 * _COLUMN + 48 if alone else 0)
    counts = Counter("rest" if line.rests else "long" for line in lines for _ in line.edges)
    counts["rest"] += 0
    counts["long"] += 0
    counts["inside"] = len(document["edges"]) - len(hidden) - counts.total()
    finding = marked(document)
    boxes = [_box(document, card) for column in columns for lane in column for card in lane.boxes()]
    rows = math.ceil(len(document["kinds"]) / int((width - 24) // _COLUMN or 1)) if alone else 0
    environment = jinja(
        Path(__file__).parent / "templates",
        icon=icon,
        plural=plural,
        number=format_number,
        lane=LANES.__getitem__,
        r=_short,
    )
    svg = environment.get_template("picture.svg").render(
        document,
        alone=alone,
        shown=shorten(document["title"], 110),
        hidden=len(hidden),
        counts=counts,
        headings=[
            {"x": x, "y": lane.cards[0].y - HEAD, "w": wide, "name": name, "n": lane.number}
            for column, x, wide in zip(columns, lefts, widths, strict=True)
            for lane in column
            for name in cards.wrap(lane.name, wide / 1.3, 1)[:1]
        ],
        boxes=sorted(boxes, key=lambda box: box["form"] != "frame"),
        finding=finding["finding"],
        marked=set(finding["nodes"]),
        lines=[_line(document, line) for line in lines if line.rests or not alone],
        rows=rows,
        row=_ROW,
        columns=int((width - 24) // _COLUMN or 1),
        column=_COLUMN,
        width=round(width),
        height=round(height),
        font=FONT,
    )
    return _NOT_XML.sub("\ufffd", svg)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _box(document: Item, card: Card) -> Item:
    kind = document["kinds"][card.kind]
    framed, inside = card.form == "frame", len(card.things) - 1 if card.form == "card" else 0
    start = card.x + (8 if framed else 32 if card.badge else 20)
    count = str(len(card.parts) if framed else len(card.things)) if card.form != "card" else ""
    return {
        **{
            name: getattr(card, name)
            for name in ("key", "x", "y", "w", "h", "form", "badge", "name", "things")
        },
        "n": kind["lane"],
        "kind": kind,
        "mark": "" if card.badge or framed else _mark(kind, card.x + 10, card.y + PAD + LINE / 2, 4.2),
        "count": count,
        "inside": f"+{inside}" if inside else "",
        "text": [
            {"x": start, "y": card.y + PAD + LINE * place + 9.8, "line": line, "w": cards.width(line)}
            for place, line in enumerate(card.lines)
        ],
    }


def _line(document: Item, line: routes.Line) -> Item:
    return {
        **{name: getattr(line, name) for name in ("path", "arrows", "edges", "rests")},
        "basis": document["bases"][line.basis],
        "wide": any(card.form == "frame" for card in line.ends),
        "ends": [card.key for card in line.ends],
        "title": "; ".join(
            " ".join(
                shorten(each, 100) for each in (line.ends[0].name, relation, line.ends[1].name, f"({basis})")
            )
            for relation, basis in dict.fromkeys(
                (
                    document["relations"][document["edges"][n]["relation"]]["name"],
                    document["bases"][document["edges"][n]["basis"]]["name"],
                )
                for n in line.edges
            )
        ),
    }
