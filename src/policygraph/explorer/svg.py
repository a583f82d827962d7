"""Draw a view document as the map: lanes of cards and the lines between them, as SVG without scripts."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

from markupsafe import Markup

from policygraph.explorer import cards, routes
from policygraph.explorer.cards import FONT, GUTTER, HEAD, LINE, MARGIN
from policygraph.explorer.document import LANES
from policygraph.explorer.layout import order
from policygraph.i18n import format_number, plural
from policygraph.text import NOT_XML, jinja, shorten

Item = dict[str, Any]

_ROW, _COLUMN = 24, 200  # pixels of the legend


def picture(document: Item) -> str:
    """Draw the map with its title and legend, to stand alone; what `start` hides is left out."""
    return _render(document, alone=True)


def chart(document: Item) -> Markup:
    """Draw the map for the page, whose script shows and hides its lines and whose style colours it."""
    return Markup(_render({**document, "start": {}}, alone=False))  # noqa: S704 - the template escapes


def icon(kind: Item) -> Markup:
    """Draw the shape of a kind with its letter, in a square from 0 to 20."""
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
    counted = [
        (part, bool(each["edges"]), part is not each)
        for each in document["questions"]
        for part in (each, each["stated"])
        if part and part["marked"]
    ]
    now = [(part, pairs) for part, pairs, stated in counted if stated == bool(document["start"])]
    # The page's script marks lines as stated too, so that they have to rest there.
    lit = frozenset(int(each[1:]) for part, *_ in (now if alone else counted) for each in part["edges"])
    lines = routes.lines(document, columns, homes, hidden, lit)
    lefts = [MARGIN + sum(widths[:n]) + GUTTER * n for n in range(len(widths))]
    height = max(order(columns, lefts, widths, [line.ends for line in lines if line.rests]), 120)
    routes.route(lines, columns, lefts, widths, height)
    width = max(lefts[-1] + widths[-1] + MARGIN if lefts else 0, 4 * _COLUMN + 48 if alone else 0)
    counts = Counter(rest=0, long=0)
    counts.update("rest" if line.rests else "long" for line in lines for _ in line.edges)
    counts["inside"] = len(document["edges"]) - len(hidden) - counts.total()
    across = int((width - 24) // _COLUMN) or 1
    filters: dict[str, Any] = {"icon": icon, "mark": _mark, "plural": plural, "number": format_number}
    filters |= {"lane": LANES.__getitem__, "wide": cards.width, "sentence": _sentence}
    filters["r"] = lambda number: f"{number:.1f}".removesuffix(".0")
    svg = (
        jinja(Path(__file__).parent / "templates", **filters)
        .get_template("picture.svg")
        .render(
            document,
            document=document,
            alone=alone,
            shown=shorten(document["title"], 110),
            hidden=len(hidden),
            counts=counts,
            headings=[
                (x, lane.cards[0].y - HEAD, wide, name, lane.number)
                for column, x, wide in zip(columns, lefts, widths, strict=True)
                for lane in column
                for name in cards.wrap(lane.name, wide / 1.3, 1)[:1]
            ],
            boxes=[card for column in columns for lane in column for card in lane.boxes()],
            findings=sorted(((part["finding"], pairs) for part, pairs in now), key=lambda each: not each[1]),
            marked={node for part, pairs in now if not pairs for node in part["nodes"]},
            lines=[line for line in sorted(lines, key=lambda line: line.marked) if line.rests or not alone],
            rows=math.ceil(len(document["kinds"]) / across) if alone else 0,
            row=_ROW,
            column=_COLUMN,
            width=round(width),
            height=round(height),
            font=FONT,
            step=LINE,
        )
    )
    return NOT_XML.sub("\ufffd", svg)


def _sentence(edge: Item, document: Item) -> str:
    relation, basis = document["relations"][edge["relation"]], document["bases"][edge["basis"]]
    source, target = (document["nodes"][int(edge[end][1:])]["name"] for end in ("source", "target"))
    return " ".join(shorten(each, 100) for each in (source, relation["name"], target, f"({basis['name']})"))
