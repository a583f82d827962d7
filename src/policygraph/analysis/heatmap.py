"""A crosswalk as a picture for a paper: one SVG file with nothing but shapes and text."""

from __future__ import annotations

from math import sqrt
from pathlib import Path as File
from typing import TYPE_CHECKING

from policygraph.analysis.crosswalk import notes
from policygraph.i18n import basis_label, words
from policygraph.text import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from policygraph.analysis.crosswalk import Crosswalk, CrosswalkCell

SIZE = 12.0
"""Of the letters, in pixels of the picture; 800 pixels wide, a matrix of seven columns is shown as it is."""

_LINE, _GAP, _HEIGHT = 15.0, 12.0, 36.0  # from line to line, around all, and of the lowest row
_LABEL, _KEY = 174.0, 30.0  # widths of the rows' labels and, at least, of their short names
_WRAPPED, _WORD = 10, 96.0  # more columns, or wider words in their labels, and the labels are slanted
_LIGHT, _DARK = (247, 251, 255), (8, 48, 107)  # one hue, from light to dark: ColorBrewer's Blues


def svg(found: Crosswalk, *, title: str | None = None) -> str:
    """A heat map of a crosswalk: a picture by itself, without script and without anything from elsewhere.

    The darker a cell, the stronger the connection, and its frame says what the explanation stands on; the
    numbers say both as well. Each cell has its explanation as a title, which browsers show and readers read.

    Args:
        found: the crosswalk.
        title: of the picture, shown above it; without one, it has only a title for screen readers.
    """
    from jinja2 import Environment, FileSystemLoader

    title = printable(title or "") or None
    fixed = words(found.language, "crosswalk")
    count = len(found.columns)
    heads = [found.labels[column] for column in found.columns]
    longest = max(_length(word) for head in heads for word in head.split() or [""])
    slanted = count > _WRAPPED or longest > _WORD
    if slanted:
        width, lines = max(52.0, 400.0 / count), [_wrapped(head, 170.0, 3) for head in heads]
        head_height = 178.0
    else:
        width = max(longest + 6, 62.0, 400.0 / count)
        lines = [_wrapped(head, width - 4, 8) for head in heads]
        head_height = _LINE * (1 + max(map(len, lines))) + 4
    key = max(_KEY, *(_length(found.keys[row], bold=True) + 8 for row in found.rows))
    total = max(_length(fixed["total"], bold=True), 36.0) + 12
    left = _GAP + key + _LABEL
    right = left + width * count
    top = _GAP + (26.0 if title else 0.0) + head_height

    most = max([cell.strength for _, _, cell in found.each() if cell.ways], default=1.0)
    rows, y = [], top
    for row, cells, sum_ in zip(found.rows, found.cells, found.row_totals, strict=True):
        label = _wrapped(found.labels[row], _LABEL - 10, 6)
        height = max(_HEIGHT, _LINE * len(label) + 8)
        drawn = [
            {
                "x": left + number * width,
                "number": cell.number,
                **_look(cell, most),
                "title": f"{_full(found, row)} × {_full(found, column)}: {_said(cell)}",
            }
            for number, (column, cell) in enumerate(zip(found.columns, cells, strict=True))
        ]
        rows.append({
            "y": y, "height": height, "key": found.keys[row], "lines": label, "label": found.labels[row],
            "cells": drawn, "total": f"{sum_:.2f}",
        })  # fmt: skip
        y += height

    bases = sorted({cell.basis[0] for _, _, cell in found.each() if cell.ways})
    known: dict[str, str] = {}
    for basis in bases:  # several share a frame; the mark at their numbers tells them apart
        name = printable(basis_label((basis, ""), found.language))
        known[_frame(basis)] = ", ".join(filter(None, [known.get(_frame(basis)), name]))
    # Slanted labels reach over the last column.
    whole = max(right + total + _GAP, right - width / 2 + 140.0 if slanted else 0.0, 660.0)
    frames = sorted(known.items(), key=lambda item: ("whole", "dashed", "dotted").index(item[0]))
    if frames:  # the last is the longest
        whole = max(whole, 2 * _GAP + 262.0 + 110.0 * (len(frames) - 1) + 36.0 + _length(frames[-1][1]))
    below = [line for note in notes(found) for line in _wrapped(note, whole - 2 * _GAP, 99)]
    strongest = max(found.each(), key=lambda each: each[2].strength * (each[2].ways > 0))
    told = [
        fixed["described"].format(
            rows=len(found.rows),
            columns=count,
            empty=sum(not cell.ways and not cell.same for _, _, cell in found.each()),
        ),
        fixed["strongest"].format(
            cell=f"{_full(found, strongest[0])} × {_full(found, strongest[1])}: {_said(strongest[2])}"
        )
        if strongest[2].ways
        else "",
        *notes(found),
    ]
    environment = Environment(
        loader=FileSystemLoader(File(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["px"] = lambda number: f"{number:.1f}".removesuffix(".0")
    return environment.get_template("crosswalk.svg").render(
        language=found.language,
        name=title or fixed["title"],
        shown=title,
        described=" ".join(filter(None, told)),
        whole=whole,
        high=y + 36 + 16 + 44 + _LINE * len(below) + _GAP,
        size=SIZE,
        line=_LINE,
        gap=_GAP,
        key=key,
        left=left,
        right=right,
        top=top,
        bottom=y,
        width=width,
        total=total,
        total_word=fixed["total"],
        slanted=slanted,
        columns=[
            {
                "x": left + number * width,
                "key": found.keys[column],
                "lines": lines[number],
                "label": found.labels[column],
                "total": f"{found.column_totals[number]:.2f}",
            }
            for number, column in enumerate(found.columns)
        ],
        rows=rows,
        scale_word=fixed["strength"],
        scale=[
            {"value": f"{share * share * most:.2f}", "fill": _hex(_mixed(share)), "ink": _ink(_mixed(share))}
            for share in ((0.25, 0.5, 0.75, 1.0) if bases else ())
        ],
        frames=frames,
        below=below,
    )


def _look(cell: CrosswalkCell, most: float) -> dict[str, str]:
    """The fill, ink and frame of a cell."""
    if not cell.ways:
        return {"fill": "#ececec" if cell.same else "#ffffff", "ink": "#595959", "frame": ""}
    # Strengths are mostly small: their square roots tell them apart. The legend has the numbers.
    color = _mixed(sqrt(cell.strength / most))
    return {"fill": _hex(color), "ink": _ink(color), "frame": _frame(cell.basis[0])}


def _frame(basis: str) -> str:
    """How the frame of a cell is drawn: whole for what a source states, broken for what is inferred."""
    return {"stated": "whole", "inferred": "dashed"}.get(basis, "dotted")


def _mixed(share: float) -> tuple[int, int, int]:
    """A color between the lightest, at 0, and the darkest, at 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(_LIGHT, _DARK, strict=True))
    return red, green, blue


def _hex(color: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _ink(color: Sequence[int]) -> str:
    """White or black, whichever stands out: on any color one of them has a contrast of 4.5 (WCAG 2.2)."""
    parts = [part / 255 for part in color]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    light = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000000" if (light + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


def _said(cell: CrosswalkCell) -> str:
    return f"{cell.number}, {cell.text}" if cell.ways else cell.text


def _full(found: Crosswalk, node: Hashable) -> str:
    return f"{found.keys[node]} {found.labels[node]}"


def _length(text: str, *, bold: bool = False) -> float:
    """About how wide a text is, rather too wide: the fonts of the reader's system are not known."""
    em = sum(
        1.0 if ord(sign) > 0x2000 else 0.3 if sign in "iljtf.,:;'|! " else 0.85 if sign in "mwMW@%" else 0.7
        if sign.isupper() else 0.55
        for sign in text
    )  # fmt: skip
    return em * SIZE * (1.08 if bold else 1.0)


def _wrapped(text: str, width: float, most: int) -> list[str]:
    """A text in lines that are about so wide; what needs more lines than `most` ends with an ellipsis."""
    lines = [""]
    for word in text.split():
        while _length(word) > width and len(word) > 1:  # a word that is wider than a line is broken
            end = max(1, int(len(word) * width / _length(word)) - 1)
            lines += [word[:end] + "-"] if lines[-1] else []
            if not lines[-1]:
                lines[-1] = word[:end] + "-"
            word = word[end:]
        joined = f"{lines[-1]} {word}".strip()
        if _length(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
        if len(lines) > most:
            kept = lines[:most]
            while _length(kept[-1] + "…") > width:
                kept[-1] = kept[-1][:-1]
            return [*kept[:-1], kept[-1].rstrip() + "…"]
    return lines
