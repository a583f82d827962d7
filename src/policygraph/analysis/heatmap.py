"""Draw a crosswalk as a heat map: one SVG file with nothing but shapes and text."""

from __future__ import annotations

from math import sqrt
from pathlib import Path as File
from typing import Any

from policygraph.analysis.crosswalk import FRAMES, Crosswalk, CrosswalkCell, notes, two_decimals
from policygraph.fonts import text_lines, text_width
from policygraph.i18n import basis_label, format_number, words
from policygraph.text import grouped, jinja, pixels, printable

SIZE = 12.0  # font size in pixels; a matrix of seven columns fits into 900 pixels
# To measure texts with: rather too large, as the reader's fonts are not known.
_PLAIN, _BOLD = 1.13 * SIZE, 1.22 * SIZE

_LINE, _GAP, _HEIGHT = 15.0, 12.0, 36.0  # line height, margin, and least height of a row
_LABEL, _KEY = 174.0, 30.0  # width of the rows' labels, and least width of their short names
_WRAPPED, _WORD = 10, 96.0  # with more columns, or wider words in their labels, the labels are slanted
_LIGHT, _DARK = (247, 251, 255), (8, 48, 107)  # one hue, from light to dark: ColorBrewer's Blues


def svg(matrix: Crosswalk, *, title: str | None = None) -> str:
    """Draw a heat map of a matrix, as a self-contained SVG without scripts.

    The darker a cell, the stronger the connection; its frame shows the weakest basis of the explanation. The
    numbers say both as well. Each cell has its explanation as a title, for tooltips and screen readers.

    Args:
        matrix: the matrix.
        title: shown above the picture; without one, it has only a title for screen readers.
    """
    title = printable(title or "") or None
    texts = words(matrix.language, "crosswalk")
    count = len(matrix.columns)
    heads = [matrix.labels[column] for column in matrix.columns]
    longest = max(text_width(word, _PLAIN) for head in heads for word in head.split() or [""])
    slanted = count > _WRAPPED or longest > _WORD
    if slanted:
        width, lines = max(52.0, 400.0 / count), [text_lines(head, 170.0, 3, _PLAIN) for head in heads]
        head_height = 178.0
    else:
        width = max(longest + 6, 62.0, 400.0 / count)
        lines = [text_lines(head, width - 4, 8, _PLAIN) for head in heads]
        head_height = _LINE * (1 + max(map(len, lines))) + 4
    key = max(_KEY, *(text_width(matrix.keys[row], _BOLD) + 8 for row in matrix.rows))
    total = max(text_width(texts["total"], _BOLD), 36.0) + 12
    left = _GAP + key + _LABEL
    right = left + width * count
    top = _GAP + (26.0 if title else 0.0) + head_height

    strengths = [cell.strength for _, _, cell in matrix.each() if cell.ways]
    most = max(strengths, default=1.0)
    least = sqrt(min(strengths, default=1.0) / most)
    rows, y = [], top
    for row, cells, sum_ in zip(matrix.rows, matrix.cells, matrix.row_totals, strict=True):
        label = text_lines(matrix.labels[row], _LABEL - 10, 6, _PLAIN)
        height = max(_HEIGHT, _LINE * len(label) + 8)
        drawn = [
            (column, cell, _style(cell, most)) for column, cell in zip(matrix.columns, cells, strict=True)
        ]
        rows.append({"node": row, "y": y, "height": height, "lines": label, "cells": drawn, "total": sum_})
        y += height

    bases = sorted({cell.basis[0] for _, _, cell in matrix.each() if cell.ways})
    # Several share a frame, and differ by the mark at their numbers.
    known = grouped((_frame(it), printable(basis_label((it, ""), matrix.language))) for it in bases)
    frames = [(frame, ", ".join(known[frame])) for frame in FRAMES.values() if frame in known]
    # Slanted labels extend beyond the last column.
    whole = max(right + total + _GAP, right - width / 2 + 140.0 if slanted else 0.0, 660.0)
    if frames:  # the last is the longest
        last = text_width(frames[-1][1], _PLAIN)
        whole = max(whole, 2 * _GAP + 262.0 + 110.0 * (len(frames) - 1) + 36.0 + last)
    below = [line for note in notes(matrix) for line in text_lines(note, whole - 2 * _GAP, 99, _PLAIN)]
    row, column, strongest = max(matrix.each(), key=lambda each: each[2].strength * (each[2].ways > 0))
    empty = sum(not cell.paths and not cell.same for _, _, cell in matrix.each())
    description = [texts["described"].format(rows=len(matrix.rows), columns=count, empty=empty)]
    if strongest.ways:
        cell = f"{matrix.full(row)} × {matrix.full(column)}: {strongest.summary}"
        description.append(texts["strongest"].format(cell=cell))
    description += notes(matrix)
    shares = (least + part / 3 * (1 - least) for part in range(4 if frames else 0))
    scale = {format_number(share * share * most, matrix.language, 2): _shade(share) for share in shares}
    columns = [*zip(matrix.columns, lines, matrix.column_totals, strict=True)]
    sizes = {
        "whole": whole,
        "high": y + 36 + 16 + 44 + _LINE * len(below) + _GAP,
        "size": SIZE,
        "line": _LINE,
    }
    sizes |= {"gap": _GAP, "key": key, "left": left, "right": right, "top": top, "bottom": y, "width": width}
    shown: dict[str, Any] = {"t": texts, "title": title, "described": " ".join(description), "rows": rows}
    shown |= {"matrix": matrix, "columns": columns, "slanted": slanted, "scale": scale, "frames": frames}
    environment = jinja(File(__file__).parent / "templates", px=pixels, number=two_decimals)
    return environment.get_template("crosswalk.svg").render(shown, total=total, below=below, **sizes)


def _style(cell: CrosswalkCell, most: float) -> dict[str, str]:
    if not cell.ways:
        return {"fill": "#ececec" if cell.same else "#ffffff", "ink": "#595959", "frame": ""}
    # Most strengths are small, so their square roots differ more. The legend has the numbers.
    share = sqrt(cell.strength / most)
    fill, ink = _shade(share)
    return {"fill": fill, "ink": ink, "frame": _frame(cell.basis[0])}


def _frame(basis: str) -> str:
    return FRAMES.get(basis, FRAMES[""])


def _shade(share: float) -> tuple[str, str]:
    """Return a color between the lightest, at 0, and the darkest, at 1, and that of the text on it.

    Text is black on light colors and white on dark ones: a contrast of at least 4.5 (WCAG 2.2).
    """
    rgb = (round(a + (b - a) * share) for a, b in zip(_LIGHT, _DARK, strict=True))
    return "#{:02x}{:02x}{:02x}".format(*rgb), "#000000" if share < 0.65 else "#ffffff"
