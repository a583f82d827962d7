"""Read answers to questions with the view `matrix` or `tiles`, and draw them as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.i18n import alphabetical, format_number, plural, words
from policygraph.text import jinja, text_lines, text_width

if TYPE_CHECKING:
    from policygraph.store.answer import Answer

# The views, with how many of an answer's first columns name things, and which must be behind these.
VIEWS: Mapping[str, tuple[int, set[str]]] = {
    "matrix": (2, {"named", "absence"}),
    "tiles": (1, {"named", "absence", "x", "y"}),
}
_SIZE, _CELL, _TILE = 14.0, 32.0, 46.0  # the font's size, and the width of a cell and of a tile
_GAP, _LIST = 24.0, 340.0  # the margin, and the width of the list beside tiles


class Mark(NamedTuple):
    """What is said in a cell: a number of things, that there is none, or a text that was not read."""

    kind: str  # "named", "none" or "unread"
    number: int
    checked: bool  # by a reader
    row: int  # of the answer, from 0
    name: str  # of the things that it stands for
    text: str  # its name and what it says, for tooltips and screen readers
    code: str
    entries: tuple[str, ...]  # what it counts
    x: int = 0  # where it stands, as a tile
    y: int = 0

    @property
    def sign(self) -> str:
        """What is written in it."""
        return "?" if self.kind == "unread" else str(self.number or "")

    @property
    def style(self) -> str:
        """The name of its style: its kind, or how deep the colour of its number is, in four steps."""
        return f"n{min(4, self.number.bit_length())}" if self.number else self.kind


class Matrix(NamedTuple):
    """Marks by the things of their row and column, those with the fewest that say none first."""

    view: str
    title: str
    finding: str
    language: str
    marks: Mapping[tuple[str, str], Mark]
    names: Mapping[str, str]  # of the things
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    sides: tuple[str, str]  # the answer's columns that name them

    @classmethod
    def of(cls, answer: Answer, view: str | None, *, title: str, language: str) -> Matrix | None:
        """The matrix, or the tiles, in an answer; None for another view, without a row or a column for it."""
        first, needed = VIEWS.get(view or "", (0, set()))
        if view is None or not first or not needed <= {*answer.columns[first:]}:
            return None
        things, texts = answer.columns[:first], words(language, "matrix")
        marks: dict[tuple[str, str], Mark] = {}
        names: dict[str, str] = {}
        for place, row in enumerate(answer.shown.rows):
            pairs = zip(answer.columns, row, strict=True)
            cells = {name: str(getattr(term, "value", term)) for name, term in pairs if term is not None}
            key = cells.get(things[0], ""), cells.get(things[-1], "")
            names |= {each: answer.labels.get(each, each) for each in key}
            number, x, y = (_number(cells.get(each, "")) for each in ("named", "x", "y"))
            kind = "named" if number else "none" if "absence" in cells else "unread"
            checked = cells.get("checked") == "true"
            says = plural(texts, "says_named", number) if number else texts[f"says_{kind}"]
            name = ", ".join(dict.fromkeys(names[each] for each in reversed(key)))
            text = f"{name}: {says}" + (f" ({texts['checked']})" if checked else "")
            entries = tuple(filter(None, cells.get("entries", "").split("\n")))
            code = cells.get("code", names[key[1]])
            mark = Mark(kind, number, checked, place, name, text, code, entries, x, y)
            marks.setdefault(key, mark)
        if not marks:
            return None
        rows, columns = (_ordered(marks, names, side, language) for side in (0, 1))
        ends = things[0], things[-1]
        return cls(view, title, answer.finding, language, marks, names, rows, columns, ends)

    def part(self, thing: str) -> Matrix:
        """The row or the column of a thing; without marks where it has none."""
        marks = {key: mark for key, mark in self.marks.items() if thing in key}
        rows, columns = ({key[side] for key in marks} for side in (0, 1))
        return self._replace(
            marks=marks,
            rows=tuple(each for each in self.rows if each in rows),
            columns=tuple(each for each in self.columns if each in columns),
        )

    def none(self, row: str) -> int:
        """How many marks of a row say that there is none."""
        return sum(key[0] == row and mark.kind == "none" for key, mark in self.marks.items())

    @property
    def texts(self) -> dict[str, Any]:
        """The words around it."""
        return words(self.language, "matrix")

    @property
    def codes(self) -> Mapping[str, str]:
        """The short signs of the columns."""
        return {column: mark.code for (_, column), mark in self.marks.items()}

    @property
    def legend(self) -> list[str]:
        """What each mark means, with how many there are, and how many no reader has checked."""
        count = Counter(mark.kind for mark in self.marks.values())
        if self.view == "matrix":
            count["blank"] = len(self.rows) * len(self.columns) - len(self.marks)
        count["all"] = count["named"] + count["none"]
        count["drafted"] = sum(not m.checked and m.kind != "unread" for m in self.marks.values())
        known = {kind: format_number(number, self.language) for kind, number in count.items()}
        kinds = (each for each in ("named", "none", "unread", "blank", "drafted") if count[each])
        return [self.texts[kind].format(n=known[kind], all=known["all"]) for kind in kinds]

    def listed(self, kind: str) -> list[Mark]:
        """The marks of a kind, by name."""
        found = [mark for mark in self.marks.values() if mark.kind == kind]
        return sorted(found, key=lambda mark: alphabetical(mark.name, self.language))

    def svg(self, *, inline: bool = False) -> str:
        """Draw it as a self-contained SVG; `inline`, tiles with links to rows and no words around them."""
        label = max(text_width(self.names[row], _SIZE) for row in self.rows) + 12
        wide, beside = max(2 * _GAP + label + _CELL * len(self.columns) + 46, _LIST + _GAP), [(False, "")]
        if self.view == "tiles":
            across = _TILE * (1 + max(mark.x for mark in self.marks.values()))
            wide = across if inline else across + 4 * _GAP + _LIST
            for kind in ("named", "unread"):
                beside += [(True, self.texts[f"{kind}_list"])] * bool(self.listed(kind))
                for mark in self.listed(kind):
                    text = f"{mark.code} {'; '.join(mark.entries) or mark.name}"
                    beside += [(False, line) for line in text_lines(text, _LIST, 2, 1.1 * _SIZE)]
        around = {"head": [(22.0, self.title), (_SIZE, self.finding)]}
        around["below"] = [(_SIZE, " ".join(self.legend))]
        lines = {
            place: [
                (size, line)
                for size, text in ([] if inline else texts)
                for line in (text_lines(text, wide - 2 * _GAP, 9, 1.15 * size) if text else ())
            ]
            for place, texts in around.items()
        }
        drawing = jinja(Path(__file__).parent / "templates").get_template("matrix.svg")
        sizes = {"size": _SIZE, "cell": _CELL, "tile": _TILE, "gap": 0 if inline else _GAP, "list": _LIST}
        return drawing.render(
            matrix=self, inline=inline, wide=wide, label=label, beside=beside, **lines, **sizes
        )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _ordered(
    marks: Mapping[tuple[str, str], Mark], names: Mapping[str, str], side: int, language: str
) -> tuple[str, ...]:
    """The things of one side: those with the fewest that say none first, then with the most numbers."""
    count = Counter((key[side], mark.kind) for key, mark in marks.items())
    things = dict.fromkeys(key[side] for key in marks)
    return tuple(
        sorted(
            things,
            key=lambda each: (
                count[each, "none"],
                -count[each, "named"],
                alphabetical(names[each], language),
            ),
        )
    )
