"""Draw a view document as a static SVG without scripts or styles, for where the page cannot be shown."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from policygraph.i18n import format_number, plural
from policygraph.text import jinja, shorten

if TYPE_CHECKING:
    from markupsafe import Markup

Item = dict[str, Any]

MAX_NAMED = 300
"""The most nodes that have their names below them; with more, names are only in tooltips."""

_RADIUS, _EDGE, _ROW, _COLUMN = 13, 100, 26, 210  # pixels: of a node, the margin, and the legend
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(document: Item) -> str:
    """Draw the network: kinds differ in colour, shape and letter, bases in their lines.

    Args:
        document: a view document. What its `start` hides is left out. If it has more than its `limits` allow,
            the picture shows the kinds, and how many edges there are between each two.
    """
    hides = set(document["start"].get("hideBases", ()))
    edges = [edge for edge in document["edges"] if document["bases"][edge["basis"]]["key"] not in hides]
    whole = (
        len(document["nodes"]) <= document["limits"]["nodes"] and len(edges) <= document["limits"]["edges"]
    )
    nodes = _nodes(document) if whole else _kinds(document)
    lines = _lines(document, edges, nodes) if whole else _bundles(document, edges, nodes)

    left, top = (min((node[axis] for node in nodes), default=0) - _EDGE for axis in ("x", "y"))
    right, bottom = (max((node[axis] for node in nodes), default=0) + _EDGE for axis in ("x", "y"))
    width = max(right - left, 4 * _COLUMN + 48)
    rows = math.ceil(len(document["kinds"]) / int((width - 48) // _COLUMN)) or 1
    environment = jinja(Path(__file__).parent / "templates", icon=icon, plural=plural, number=format_number)
    svg = environment.get_template("picture.svg").render(
        document,
        shown=shorten(document["title"], 110),
        edges=edges,
        hidden=len(document["edges"]) - len(edges),
        points=nodes,
        lines=lines,
        kinds=[
            {**kind, "x": 24 + _COLUMN * (number // rows), "y": _ROW * (number % rows)}
            for number, kind in enumerate(document["kinds"])
        ],
        rows=rows,
        row=_ROW,
        column=_COLUMN,
        radius=_RADIUS,
        left=left,
        top=top - 60,
        width=width,
        height=bottom - top + 60 + _ROW * (rows + 3),
        bottom=bottom,
    )
    return _NOT_XML.sub("\ufffd", svg)


def icon(kind: Item) -> Markup:
    """Draw the shape of a kind with its letter, in a square from 0 to 20."""
    from markupsafe import Markup

    points = " ".join(f"{10 + 8.4 * x:.1f},{10 + 8.4 * y:.1f}" for x, y in kind["corners"])
    return Markup(
        '<g fill="{}" stroke="#595959" stroke-width=".8">{}</g><text x="10" y="{:.1f}" fill="{}" '
        'font-size="{}" font-weight="bold" text-anchor="middle">{}</text>'
    ).format(
        kind["color"],
        Markup('<polygon points="{}"/>').format(points)
        if points
        else Markup('<circle cx="10" cy="10" r="8.5"/>'),
        13.2 + 8.4 * kind["lower"],
        kind["ink"],
        9 if len(kind["letter"]) == 1 else 7.5,
        kind["letter"],
    )


def _nodes(document: Item) -> list[Item]:
    named = len(document["nodes"]) <= MAX_NAMED
    return [
        {
            **{name: node[name] for name in ("id", "x", "y")},
            "kind": document["kinds"][node["kind"]],
            "title": shorten(f"{document['kinds'][node['kind']]['name']}: {node['name']}", 300),
            "label": wrap(node["name"], 23, max_lines=3, placeholder=" …") if named else [],
        }
        for node in document["nodes"]
    ]


def _kinds(document: Item) -> list[Item]:
    """Place the kinds in a circle, each instead of its nodes."""
    round_ = 60 + 24 * len(document["kinds"])
    nodes = []
    for number, kind in enumerate(document["kinds"]):
        angle = 2 * math.pi * number / len(document["kinds"])
        place = {"x": round(1.4 * round_ * math.sin(angle)), "y": round(-round_ * math.cos(angle))}
        title = shorten(f"{kind['name']} ({kind['count']:,})", 300)
        label = wrap(title, 23, max_lines=3, placeholder=" …")
        nodes.append({"id": number, **place, "kind": kind, "title": title, "label": label})
    return nodes


def _lines(document: Item, edges: Iterable[Item], nodes: Iterable[Item]) -> list[Item]:
    of = {node["id"]: node for node in nodes}
    names = {node["id"]: node["name"] for node in document["nodes"]}
    lines = []
    for edge in edges:
        basis = document["bases"][edge["basis"]]
        weight = None if edge["strength"] is None else document["strengths"][edge["strength"]]
        label = ", ".join([basis["name"], *([weight["name"]] if weight else [])])
        ends = (names[edge["source"]], document["relations"][edge["relation"]]["name"], names[edge["target"]])
        style = {"width": 0.6 * (weight or document["defaults"])["width"], "dashes": basis["dashes"]}
        title = f"{' '.join(shorten(each, 100) for each in ends)} ({label})"
        path = _path(of[edge["source"]], of[edge["target"]], edge["twin"], arrow=document["directed"])
        lines.append({"title": title, **style, **path})
    return lines


def _bundles(document: Item, edges: Iterable[Item], kinds: list[Item]) -> list[Item]:
    """Draw one line for all edges between two kinds."""
    kind_of = {node["id"]: node["kind"] for node in document["nodes"]}
    counts = Counter(
        (min(ends), max(ends))
        for edge in edges
        for ends in [(kind_of[edge["source"]], kind_of[edge["target"]])]
    )
    lines = []
    for (one, other), count in sorted(counts.items()):
        names = [document["kinds"][number]["name"] for number in (one, other)]
        number = plural(document["texts"], "connections", count)
        style = {"width": round(1 + math.log10(count), 1), "dashes": []}
        path = _path(kinds[one], kinds[other], 0, arrow=False)
        lines.append({"title": shorten(f"{names[0]} – {names[1]}: {number}", 300), **style, **path})
    return lines


def _path(source: Item, target: Item, twin: int, *, arrow: bool) -> Item:
    """Draw a line between the rims of two nodes; parallel edges bend ever further, to alternate sides."""
    (x, y), (a, b) = ((node["x"], node["y"]) for node in (source, target))
    length = math.hypot(a - x, b - y)
    if not length:  # a loop, or two nodes at one position
        side = 26 + 8 * twin
        return {"d": f"M{x - 9} {y - 9}C{x - side} {y - 2 * side} {x + side} {y - 2 * side} {x + 9} {y - 9}"}
    # The order of the pair decides the side, not the direction of the edge, so that opposite edges differ.
    turn = 1 if (x, y) < (a, b) else -1
    bend = turn * 16 * ((twin + 1) // 2) * (1 if twin % 2 else -1)
    middle = ((x + a) / 2 - bend * (b - y) / length, (y + b) / 2 + bend * (a - x) / length)

    def rim(node: tuple[float, float], away: float) -> tuple[float, float]:
        far = math.dist(node, middle) or 1.0
        return (
            node[0] + (middle[0] - node[0]) * away / far,
            node[1] + (middle[1] - node[1]) * away / far,
        )

    start, end = rim((x, y), _RADIUS), rim((a, b), _RADIUS + (8 if arrow else 0))
    path = {"d": "M{:.0f} {:.0f}Q{:.0f} {:.0f} {:.0f} {:.0f}".format(*start, *middle, *end)}
    if arrow:
        tip = rim((a, b), _RADIUS)
        across = ((tip[1] - end[1]) / 2, (end[0] - tip[0]) / 2)
        corners = (*tip, end[0] + across[0], end[1] + across[1], end[0] - across[0], end[1] - across[1])
        path["arrow"] = "M{:.1f} {:.1f}L{:.1f} {:.1f} {:.1f} {:.1f}z".format(*corners)
    return path
