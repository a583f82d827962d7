"""A drawing of classes and the relations between them: where each box, row and line stands.

A box is a class; its rows are the relations that begin there, each with the class that it leads to, so the
drawing can be read without following a line. Boxes stand in columns, below the name of their group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

WIDE, GAP, SPACE = 270, 44, 16
"""Pixels: a box, between two columns, between two boxes."""

COLUMNS = 4
"""How many columns the boxes fill."""

_HEAD, _LINE, _TITLE, _PAD = 30, 16, 30, 8
_SIGNS = 40  # letters that a row of a box holds at 12 pixels


class Row(NamedTuple):
    """A relation: its IRI and name, what it leads to by name and IRI, and the key of the box of that."""

    iri: str
    label: str
    target: str
    end: str = ""
    box: str = ""


class Box(NamedTuple):
    """A class: its key, name, group and colour, the names of its special kinds, and its relations."""

    key: str
    label: str
    group: str
    color: str = ""
    kinds: Sequence[str] = ()
    rows: Sequence[Row] = ()


class Drawing(NamedTuple):
    """What an SVG needs: its size, the titles of groups, the boxes and their texts, a line a relation."""

    width: int
    height: int
    titles: list[dict[str, Any]]
    boxes: list[dict[str, Any]]
    lines: dict[str, str]


def diagram(boxes: Sequence[Box]) -> Drawing:
    """The drawing of boxes, in the order given; a group keeps together, and a long one is folded."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for box in boxes:
        groups.setdefault(box.group, []).append(_texts(box))
    whole = sum(each["height"] + SPACE for group in groups.values() for each in group)
    columns: list[list[tuple[str, list[dict[str, Any]]]]] = [[]]
    filled = 0
    for name, group in groups.items():
        for place, each in enumerate(group):
            if filled and filled + each["height"] / 2 > whole / COLUMNS and len(columns) < COLUMNS:
                columns.append([])
                filled = 0
            if not place or not columns[-1]:
                columns[-1].append((name, []))
                filled += _TITLE
            columns[-1][-1][1].append(each)
            filled += each["height"] + SPACE
    titles, placed, told = [], [], set()
    deepest = 0
    for number, column in enumerate(columns):
        x, y = number * (WIDE + GAP) + SPACE, 0
        for name, group in column:
            if name not in told:
                titles.append({"x": x, "y": y + 20, "text": name})
                told.add(name)
            y += _TITLE
            for each in group:
                placed.append({**each, "x": x, "y": y})
                y += each["height"] + SPACE
        deepest = max(deepest, y)
    width = len(columns) * (WIDE + GAP) + 2 * SPACE
    return Drawing(width, deepest, titles, placed, _lines(placed))


def _texts(box: Box) -> dict[str, Any]:
    kinds = wrap(", ".join(box.kinds), 46, max_lines=2, placeholder=" …")
    y = _HEAD + 14 * len(kinds)
    rows = []
    for row in box.rows:
        label, target = _short(row.label), _short(f"→ {row.target}")
        apart = len(label) + len(target) + 2 > _SIGNS  # what it leads to then stands on a line of its own
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
        "width": WIDE,
    }


def _lines(boxes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A curve from each row to the head of the box that it leads to, by the relation's IRI."""
    place = {box["key"]: box for box in boxes}
    lines = {}
    for box in boxes:
        for row in box["rows"]:
            to = place.get(row["row"].box)
            if to is None:
                continue
            y, end = box["y"] + row["y"] + row["below"] - 4, to["y"] + 15
            right, left = to["x"] > box["x"], to["x"] < box["x"]
            x = box["x"] if left else box["x"] + WIDE
            tip = to["x"] if right else to["x"] + WIDE
            bend = GAP * 0.9 if not (right or left) else max(GAP * 0.8, abs(tip - x) / 2)
            out, back = (x - bend if left else x + bend), (tip - bend if right else tip + bend)
            side = -6 if right else 6
            lines[row["row"].iri] = (
                f"M{x} {y}C{out:.0f} {y} {back:.0f} {end} {tip + side} {end}M{tip} {end}l{side} -4v8z"
            )
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _SIGNS else text[: _SIGNS - 1] + "…"
