"""A table in plain text, laid out for a terminal's width: wrapped where it must be, never cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width: int | None = None,
    right: Sequence[bool] | None = None,
) -> str:
    """A header, a rule and the rows, each line ended; two spaces stand between columns.

    `width`, in columns of the terminal, is what no line exceeds; without it, nothing is wrapped. `right` says
    which columns are aligned to the right.
    """
    body = [list(row) for row in rows]
    widths = _fit([list(head), *body], width)
    lines = []
    for cells in (head, ["-" * size for size in widths], *body):
        wrapped = [_wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
        for number in range(max(map(len, wrapped))):
            line = []
            for column, parts in enumerate(wrapped):
                part = parts[number] if number < len(parts) else ""
                space = " " * (widths[column] - _columns(part))
                line.append(space + part if right and right[column] else part + space)
            lines.append("  ".join(line).rstrip() + "\n")
    return "".join(lines)


def _columns(text: str) -> int:
    """The columns that a text takes on a terminal: two for a wide character, none for a combining one."""
    if text.isascii() or max(text) < "\u0300":
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) or c == "\u200d" else 1 + (east_asian_width(c) in "WF") for c in text)


def _fit(rows: list[list[str]], width: int | None) -> list[int]:
    """The width of each column, so that with two spaces between them they fill `width` columns at most."""
    wanted = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    if width is None or sum(wanted) + 2 * (len(wanted) - 1) <= width:
        return wanted
    room = max(width - 2 * (len(wanted) - 1), len(wanted))
    words = [
        max(_columns(word) for cell in column for word in (cell.split() or [""]))
        for column in zip(*rows, strict=True)
    ]
    # First so much that no word need be broken, then so much that no line need be; narrow columns first.
    sizes = _shared(room, words)
    rest = _shared(room - sum(sizes), [want - size for want, size in zip(wanted, sizes, strict=True)])
    return [size + more for size, more in zip(sizes, rest, strict=True)]


def _shared(room: int, wanted: list[int]) -> list[int]:
    """Fair shares of the room: who wants less than an equal share gets it, the others divide what is left."""
    shares = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for served, column in enumerate(order):
        shares[column] = min(wanted[column], room // (len(wanted) - served))
        room -= shares[column]
    return shares


def _wrap(text: str, size: int) -> list[str]:
    """The text in lines of at most `size` columns, broken at spaces, and longer words after a sign."""
    if _columns(text) <= size:
        return [text]
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if _columns(joined) <= size:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        while _columns(word) > size:
            end = next(n for n in range(1, len(word)) if _columns(word[: n + 1]) > size)
            breaks = [match.end() for match in re.finditer(r"[/#:-]", word[:end])]
            end = breaks[-1] if breaks and breaks[-1] > end // 2 else end
            lines[-1] = word[:end]
            lines.append("")
            word = word[end:]
        lines[-1] = word
    return lines
