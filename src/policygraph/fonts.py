"""Measure and wrap texts for pictures, in Arial and the fonts that have its widths."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from unicodedata import bidirectional, category, east_asian_width, normalize

from policygraph.text import tsv, wrap_words

# Thousandths of the font's size, of Arial's signs from the space to the tilde, and of others that are wide.
_WIDE = {sign: int(width) for sign, width in tsv(Path(__file__).with_suffix(".tsv"))}
_USUAL = {"AL": 440, "Lu": 690, "Mc": 280, "Mn": 0, "Me": 0, "Cf": 0}  # letters of Arabic, capitals, marks


@cache
def text_width(text: str, size: float) -> float:
    """Return the width of a text in Arial and the fonts with its widths, in pixels, with a little reserve."""
    return sum(map(_width, normalize("NFC", text))) * size / 985


@cache
def _width(sign: str) -> int:
    """Thousandths of the font's size that a sign is wide; about so many where Arial may not have it."""
    if sign in _WIDE or east_asian_width(sign) in "WF":
        return _WIDE.get(sign, 0 if category(sign)[0] == "M" else 1000)
    if (parts := normalize("NFKD", sign)) != sign:
        return sum(map(_width, parts))
    kind = "AL" if bidirectional(sign) == "AL" else category(sign)
    return _USUAL.get(kind, 560 if kind[0] in "LN" else 1000)


@cache
def text_lines(text: str, room: float, most: int, size: float) -> tuple[str, ...]:
    """Wrap a text to lines of so many pixels; what does not fit into the last line ends in an ellipsis."""

    def divide(word: str) -> tuple[str, str]:
        end = next(n for n in range(len(word), 0, -1) if n == 1 or fits(word[:n] + "-"))
        end = word[:end].rfind("-") + 1 or end  # after a hyphen, or where the line ends
        return word[:end] + ("" if word[end - 1] == "-" else "-"), word[end:]

    def fits(line: str) -> bool:
        return text_width(line, size) <= room

    lines = wrap_words(text[: 200 * most], fits, divide)
    if len(lines) > most:
        last = lines[most - 1]
        while last and not fits(last + "…"):
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + "…"]
    return tuple(line for line in lines if line)
