"""Lay out a diagram of classes and the relations between them: boxes, rows and lines.

A box is a class; its rows are the relations with that domain, each with its range, so the diagram can be read
without following a line. Boxes stand in columns, below the name of their group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from policygraph.text import shorten

WIDTH, COLUMN_GAP, BOX_GAP = 270, 44, 16
"""Pixels: the width of a box, the gap between columns, the gap between boxes."""

COLUMNS = 4  # the greatest number of columns

_HEAD, _LINE, _TITLE, _PAD = 30, 16, 30, 8
_CHARACTERS = 40  # that fit in a row of a box at 12 pixels


class Row(NamedTuple):
    """A relation: its IRI and label, the label and IRI of its range, and the key of that one's box."""

    iri: str
    label: str
    target: str
    end: str = ""
    box: str = ""


class Box(NamedTuple):
    """A class: its key, label, group and colour, the labels of its subclasses, and its relations."""

    key: str
    label: str
    group: str
    color: str = ""
    kinds: Sequence[str] = ()
    rows: Sequence[Row] = ()


class Drawing(NamedTuple):
    """A layout: its size, the titles of groups, the boxes with their texts, and a line for each relation."""

    width: int
    height: int
    titles: list[dict[str, Any]]
    boxes: list[dict[str, Any]]
    lines: dict[str, str]


def diagram(boxes: Sequence[Box]) -> Drawing:
    """Lay out boxes in the order given; a group stays together, or continues in the next column."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for box in boxes:
        groups.setdefault(box.group, []).append(_box(box))
    total = sum(each["height"] + BOX_GAP for group in groups.values() for each in group)
    columns: list[list[tuple[str, list[dict[str, Any]]]]] = [[]]
    filled = 0
    for name, group in groups.items():
        for place, each in enumerate(group):
            if filled and filled + each["height"] / 2 > total / COLUMNS and len(columns) < COLUMNS:
                columns.append([])
                filled = 0
            if not place or not columns[-1]:
                columns[-1].append((name, []))
                filled += _TITLE
            columns[-1][-1][1].append(each)
            filled += each["height"] + BOX_GAP
    titles, placed, titled = [], [], set()
    height = 0
    for number, column in enumerate(columns):
        x, y = number * (WIDTH + COLUMN_GAP) + BOX_GAP, 0
        for name, group in column:
            if name not in titled:
                titles.append({"x": x, "y": y + 20, "text": name})
                titled.add(name)
            y += _TITLE
            for each in group:
                placed.append({**each, "x": x, "y": y})
                y += each["height"] + BOX_GAP
        height = max(height, y)
    width = len(columns) * (WIDTH + COLUMN_GAP) + 2 * BOX_GAP
    return Drawing(width, height, titles, placed, _lines(placed))


def _box(box: Box) -> dict[str, Any]:
    kinds = wrap(", ".join(box.kinds), 46, max_lines=2, placeholder=" …")
    y = _HEAD + 14 * len(kinds)
    rows = []
    for row in box.rows:
        label, target = (shorten(each, _CHARACTERS) for each in (row.label, f"→ {row.target}"))
        apart = len(label) + len(target) + 2 > _CHARACTERS  # then the target has a line of its own
        rows.append(
            {"row": row, "label": label, "target": target, "y": y + 12, "below": _LINE if apart else 0}
        )
        y += _LINE * (2 if apart else 1)
    height = y + (_PAD if rows or kinds else 0)
    return {
        "key": box.key,
        "color": box.color,
        "label": box.label,
        "kinds": kinds,
        "rows": rows,
        "height": height,
        "width": WIDTH,
    }


def _lines(boxes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A curve from each row to the head of the box that it leads to, by the relation's IRI."""
    by_key = {box["key"]: box for box in boxes}
    lines: dict[str, str] = {}
    for box in boxes:
        for row in box["rows"]:
            to = by_key.get(row["row"].box)
            if to is None:
                continue
            y, end = box["y"] + row["y"] + row["below"] - 4, to["y"] + 15
            right, left = to["x"] > box["x"], to["x"] < box["x"]
            x = box["x"] if left else box["x"] + WIDTH
            tip = to["x"] if right else to["x"] + WIDTH
            bend = COLUMN_GAP * 0.9 if not (right or left) else max(COLUMN_GAP * 0.8, abs(tip - x) / 2)
            out, back = (x - bend if left else x + bend), (tip - bend if right else tip + bend)
            side = -6 if right else 6
            lines[row["row"].iri] = lines.get(row["row"].iri, "") + (  # of several classes, in one path
                f"M{x} {y}C{out:.0f} {y} {back:.0f} {end} {tip + side} {end}M{tip} {end}l{side} -4v8z"
            )
    return lines
