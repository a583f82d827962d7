"""Draw a view document as the map: lanes of cards and the lines between them, as SVG without scripts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from policygraph.analysis.network import LEVELS, SHOWN
from policygraph.explorer import cards, routes
from policygraph.explorer.cards import FONT, GUTTER, HEAD, LINE, MARGIN
from policygraph.explorer.document import LANES, LIMITS, SHAPES, finding, left
from policygraph.explorer.layout import order
from policygraph.i18n import format_number, plural
from policygraph.text import NOT_XML, jinja, pixels, shorten

Item = dict[str, Any]

_ROW, _COLUMN = 24, 200  # pixels of the legend


def picture(document: Item) -> str:
    """Draw the map with its title and legend, to stand alone; what `start` hides is left out."""
    return _render(document, alone=True)


def chart(document: Item, country: int | None = None) -> Markup:
    """Draw the map for the page, whose script shows and hides its lines and whose style colours it.

    With a country, by its place in the document, it has what is of this one, or of none and joined to it.
    """
    return Markup(_render({**document, "start": {}}, alone=False, country=country))  # noqa: S704 - the template escapes


def icon(kind: Item) -> Markup:
    """Draw the shape of a kind with its letter, in a square from 0 to 20."""
    return _icon(*(kind[each] for each in ("lane", "color", "ink", "letter", "shape")))


@cache
def _icon(lane: int, color: str, ink: str, letter: str, shape: str) -> Markup:
    corners, lower = SHAPES[shape]
    return Markup(
        '<g class="l{}" fill="{}">{}</g><text x="10" y="{:.1f}" fill="{}" '
        'font-size="9" font-weight="bold" text-anchor="middle">{}</text>'
    ).format(lane, color, _mark({"corners": corners}, 10, 10, 8.4), 13.2 + 8.4 * lower, ink, letter)


def _mark(kind: Item, x: float, y: float, r: float) -> Markup:
    if not kind["corners"]:
        return Markup('<circle cx="{:g}" cy="{:g}" r="{:g}"/>').format(x, y, r)
    points = " ".join(f"{x + r * a:.1f},{y + r * b:.1f}" for a, b in kind["corners"])
    return Markup('<polygon points="{}"/>').format(points)


def _of(document: Item, country: int | None) -> set[str]:
    """Return the nodes of a country, and those of none that lead to it through none of another."""
    of = {node["id"]: node["countries"] for node in document["nodes"]}
    found = last = {node for node, own in of.items() if country is None or country in own}
    pairs = [{edge["source"], edge["target"]} for edge in document["edges"]]
    while last:
        last = {end for pair in pairs if pair & last for end in pair if not of[end]} - found
        found = found | last
    return found


def _counted(items: Sequence[Item], places: Sequence[int]) -> list[Item]:
    counts = Counter(places)
    return [{**each, "count": counts[place]} for place, each in enumerate(items)]


def _render(document: Item, *, alone: bool, country: int | None = None) -> str:
    key, of = document["start"].get("evidence", LEVELS[-1]), _of(document, country)
    nodes, edges = left(document, of)
    part = {**document, "nodes": nodes, "edges": edges}
    if country is None and sum(each["own"] > 0 for each in document["countries"]) > 1:
        marks = [each["mark"] for each in document["countries"]]  # each card says whose it is
        part["nodes"] = [
            {**each, "name": " ".join([*(marks[of] for of in each["countries"]), each["name"]])}
            for each in nodes
        ]
    lanes, homes = cards.lanes(part)
    columns, widths = cards.columns(lanes)
    asked = [each for each in document["questions"] if each["finding"]]
    findings = [(finding(each, document, of)[0], bool(each["edges"])) for each in asked]
    lit: dict[bool, set[str]] = {True: set(), False: set()}
    for each in asked:  # on the page at any level, so that its lines rest there
        for level in (key,) if alone else SHOWN:
            found = finding(each, {**document, "start": {"evidence": level}}, of)[1]
            if each["marked"] and (not each["edges"] or len(found) <= LIMITS["named"]):
                lit[bool(each["edges"])].update(found)
    if alone and (focus := document["focus"]):  # nothing can be selected there, so all its lines rest
        lit[True].update(each["id"] for each in edges if focus["node"] in (each["source"], each["target"]))
    lines = routes.lines(part, columns, homes, lit[True])
    lefts = [MARGIN + sum(widths[:n]) + GUTTER * n for n in range(len(widths))]
    height = max(order(columns, lefts, widths, [line.ends for line in lines if line.rests]), 120)
    routes.route(lines, columns, lefts, widths, height)
    width = max(lefts[-1] + widths[-1] + MARGIN if lefts else 0, 4 * _COLUMN + 48 if alone else 0)
    counts = Counter(rest=0, long=0)
    counts.update("rest" if line.rests else "long" for line in lines for _ in line.edges)
    counts["inside"] = len(edges) - counts.total()
    across = int((width - 24) // _COLUMN) or 1
    filters: dict[str, Any] = {"icon": icon, "mark": _mark, "plural": plural, "number": format_number}
    filters |= {"lane": LANES.__getitem__, "wide": cards.width, "sentence": _sentence}
    filters["r"] = pixels
    template = jinja(Path(__file__).parent / "templates", **filters).get_template("picture.svg")
    svg = template.render(
        document,
        document=document,
        alone=alone,
        # The legend counts what is drawn.
        kinds=_counted(document["kinds"], [each["kind"] for each in nodes]),
        bases=_counted(document["bases"], [each["basis"] for each in edges]),
        shown=shorten(document["title"], 110),
        things=len(nodes),
        hidden=len(document["edges"]) - len(edges),
        counts=counts,
        headings=[
            (x, lane.cards[0].y - HEAD, wide, name, lane.number)
            for column, x, wide in zip(columns, lefts, widths, strict=True)
            for lane in column
            for name in cards.wrap(lane.name, wide / 1.3, 1)[:1]
        ],
        boxes=[card for column in columns for lane in column for card in lane.boxes()],
        findings=sorted(findings, key=lambda each: not each[1]),
        marked=lit[False] if alone else (),
        lines=[line for line in sorted(lines, key=lambda line: line.marked) if line.rests or not alone],
        rows=math.ceil(len(document["kinds"]) / across) if alone else 0,
        row=_ROW,
        column=_COLUMN,
        width=round(width),
        height=round(height),
        font=FONT,
        step=LINE,
    )
    return NOT_XML.sub("\ufffd", svg)


def _sentence(edge: Item, document: Item) -> str:
    relation, basis = document["relations"][edge["relation"]], document["bases"][edge["basis"]]
    source, target = (document["nodes"][int(edge[end][1:])]["name"] for end in ("source", "target"))
    return " ".join(shorten(each, 100) for each in (source, relation["name"], target, f"({basis['name']})"))
