"""Read answers to questions with the view `matrix` or `tiles`, and draw them as SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.errors import QueryError
from policygraph.fonts import text_lines, text_width
from policygraph.i18n import alphabetical, format_number, plural, words
from policygraph.text import jinja

if TYPE_CHECKING:
    from policygraph.store.answer import Answer

TEMPLATES = Path(__file__).parent / "templates"

# The views, with how many of an answer's first columns name things, and which must be behind these.
VIEWS: Mapping[str | None, tuple[int, set[str]]] = {
    "matrix": (2, {"named", "absence"}),
    "tiles": (1, {"named", "absence", "x", "y"}),
}


class Mark(NamedTuple):
    """What is said in a cell: a number of titles, that there is none, or a text without a title."""

    kind: str  # "named", "none", "below" (only titles at a lower level) or "untitled"
    number: int
    status: str  # "checked" by a reader, "drafted", or empty where there is nothing to check
    row: int  # of the answer, from 0
    name: str  # of the things that it stands for
    says: str
    text: str  # its name, what it says and its status, for tooltips and screen readers
    place: str  # the IRI of the absence or of the heading
    code: str
    entries: list[tuple[str, str]]  # the titles that it counts, each with the IRI of its passage
    x: int  # where it stands, as a tile
    y: int

    @property
    def sign(self) -> str:
        """What is written in it."""
        return {"untitled": "?", "below": "0"}.get(self.kind, str(self.number or ""))

    @property
    def style(self) -> str:
        """The name of its style: its kind, or how deep the colour of its number is, in four steps."""
        return f"n{min(4, self.number.bit_length())}" if self.number else self.kind


class Matrix(NamedTuple):
    """Marks by the things of their row and column, or tiles, whose rows are their columns."""

    view: str
    title: str
    finding: str
    texts: Mapping[str, Any]  # the words around it
    marks: Mapping[tuple[str, str], Mark]
    names: Mapping[str, str]  # of the things
    rows: list[str]  # those with the fewest marks that say none first, those mostly blank last
    columns: list[str]
    sides: tuple[str, str]  # the answer's columns that name them
    source: str  # who publishes it, for the picture

    @classmethod
    def of(
        cls, answer: Answer, view: str | None, *, title: str, language: str, source: str = ""
    ) -> Matrix | None:
        """The matrix, or the tiles, in an answer; None for another view, without a row or a column for it.

        QueryError for a number of titles or a place that is no whole number, and for two numbers in a cell.
        """
        first, needed = VIEWS.get(view, (0, set()))
        if not (view and first and needed <= {*answer.columns[first:]}):
            return None
        ends, texts = (answer.columns[0], answer.columns[first - 1]), words(language, "matrix")
        marks: dict[tuple[str, str], Mark] = {}
        names: dict[str, str] = {}
        for place, row in enumerate(answer.shown.rows):
            cells = {k: str(getattr(v, "value", v or "")) for k, v in zip(answer.columns, row, strict=True)}
            key = cells[ends[0]], cells[ends[1]]
            names |= {each: answer.labels.get(each, each) for each in key}
            numbers = {name: cells.get(name) or "0" for name in ("named", "below", "x", "y")}
            if other := next((name for name, each in numbers.items() if not each.isdecimal()), None):
                what = f"{other} takes whole numbers from 0; not {numbers[other]!r}"
                raise QueryError(f"{view}, row {place + 1}: {what}.")
            number, below, x, y = map(int, numbers.values())
            kind = "named" if number else "none" if cells["absence"] else "below" if below else "untitled"
            says = texts.get("says_" + kind) or plural(texts, "says_named", number)
            if below:
                says += f" ({texts['lower_too' if number else 'lower'].format(n=below)})"
            status = "checked" if cells.get("checked") == "true" else "drafted"
            status = status if kind in ("named", "none") and "checked" in cells else ""
            name = ", ".join(dict.fromkeys(names[each] for each in reversed(key)))
            text = f"{name}: {says}" + (f"; {texts['is_' + status]}" if status else "")
            at = cells["absence"] if kind == "none" else cells.get("heading", "")
            entries, passages = (cells.get(k, "").split("\n") for k in ("entries", "passages"))
            if len(entries) != len(passages):
                passages = [""] * len(entries)
            listed = [*zip(entries, passages, strict=True)] if number else []
            code = cells.get("code") or names[key[1]]
            mark = Mark(kind, number, status, place, name, says, text, at, code, listed, x, y)
            if marks.setdefault(key, mark).number != number:  # a second absence says nothing else
                what = f"{name} has another number in a row before, {marks[key].number}"
                raise QueryError(f"{view}, row {place + 1}: {what}; let the query add them.")

        def ordered(side: int) -> list[str]:
            count = Counter((key[side], mark.kind) for key, mark in marks.items())
            filled, whole = Counter(key[side] for key in marks), len({key[1 - side] for key in marks})
            by_name = sorted(filled, key=lambda each: alphabetical(names[each], language))
            last = {each for each in by_name if side == 0 and view == "matrix" and 2 * filled[each] < whole}
            return sorted(by_name, key=lambda it: (it in last, count[it, "none"], -count[it, "named"]))

        matrix = cls(view, title, answer.finding, texts, marks, names, ordered(0), ordered(1), ends, source)
        return matrix if marks else None

    def part(self, thing: str) -> Matrix:
        """The row or the column of a thing; without marks where it has none."""
        marks = {key: mark for key, mark in self.marks.items() if thing in key}
        rows = [each for each in self.rows if any(each == row for row, _ in marks)]
        columns = [each for each in self.columns if any(each == column for _, column in marks)]
        return self._replace(marks=marks, rows=rows, columns=columns)

    def like(self, column: str) -> list[str]:
        """The three columns with most marks of the same kind as one of them, with how many, and where not."""
        kinds: dict[str, dict[str, str]] = {}
        for (row, each), mark in self.marks.items():
            kinds.setdefault(each, {})[row] = mark.kind
        found, own = [], kinds.pop(column, {})
        for other in kinds if own else ():
            unlike = [self.names[row] for row in own if kinds[other].get(row) != own[row]]
            few = {"name": self.names[other], "n": len(own) - len(unlike), "all": len(own)}
            pattern = self.texts["unlike" if 0 < len(unlike) < 4 else "alike"]
            found.append((len(unlike), self.names[other], pattern.format(rows=", ".join(unlike), **few)))
        return [text for *_, text in sorted(found)[:3]]

    def listed(self, kind: str, row: str = "") -> list[Mark]:
        """The marks of a kind, of all rows or of one, in the order of the answer."""
        return [mark for key, mark in self.marks.items() if mark.kind == kind and row in ("", key[0])]

    @property
    def by_row(self) -> Mapping[int, Mark]:
        """The marks by the row of the answer."""
        return {mark.row: mark for mark in self.marks.values()}

    @property
    def codes(self) -> Mapping[str, str]:
        """The short signs of the columns."""
        return {column: mark.code for (_, column), mark in self.marks.items()}

    @property
    def many(self) -> bool:
        """Whether it has several rows and columns, and so a sum of each row."""
        return self.view == "matrix" and len(self.rows) > 1 < len(self.columns)

    @property
    def legend(self) -> list[tuple[str, str]]:
        """What each kind of mark means, with how many there are, and how many no reader has checked."""
        count = Counter(mark.kind for mark in self.marks.values())
        count["blank"] = len(self.rows) * len(self.columns) - len(self.marks) if self.view == "matrix" else 0
        count["all"] = count["named"] + count["none"]
        count["drafted"] = sum(mark.status == "drafted" for mark in self.marks.values())
        known = {kind: format_number(number, self.texts["@language"]) for kind, number in count.items()}
        kinds = ("named", "none", "below", "untitled", "blank", "drafted")
        meanings = {k: self.texts[k].format(n=known[k], all=known["all"]) for k in kinds if count[k]}
        if self.many and "none" in meanings:
            meanings["none"] += " " + self.texts["sum"]
        return [*meanings.items()]

    @property
    def sources(self) -> str:
        """How many columns it has, and who publishes it."""
        columns = self.texts["columns"].format(n=len(self.columns)) if self.many else ""
        source = self.source and self.texts["source"].format(name=self.source)
        return " · ".join(filter(None, (columns, source)))

    def svg(self, *, inline: bool = False, within: tuple[float, ...] = ()) -> str:
        """Draw it as a self-contained SVG; `inline`, tiles with links to rows and no words around them.

        `within` x, y, width and height, it is a part of another, without words around it either.
        """
        environment = jinja(TEMPLATES, width=text_width, lines=text_lines)
        return environment.get_template("matrix.svg").render(matrix=self, inline=inline, within=within)
