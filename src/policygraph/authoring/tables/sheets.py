"""Define tables as rows of cells, each with its address; the text of a cell can hold several values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

SEPARATOR = "++"  # what stands between several values in a cell


class Cell(NamedTuple):
    """The address of a cell, such as claims!B12."""

    sheet: str
    row: int
    column: int  # from 1

    def __str__(self) -> str:
        letters, number = "", self.column
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(65 + digit) + letters
        return f"{self.sheet}!{letters}{self.row}"


class Sheet(NamedTuple):
    """A table: the names of its columns, and its rows with their numbers."""

    head: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


Tables: TypeAlias = Mapping[str, Sheet]


class CellError(ValueError):
    """What is wrong with a cell."""

    def __init__(self, cell: Cell, what: object) -> None:
        super().__init__(f"{cell}: {what}")


class SheetRow(NamedTuple):
    """The cells of a row that are not empty, by column."""

    values: dict[str, str]
    cells: dict[str, Cell]
    first: Cell

    def cell(self, *columns: str) -> Cell:
        """The address of the first of these columns that is not empty, or else of the row."""
        return next((self.cells[each] for each in columns if each in self.values), self.first)

    def need(self, *columns: str) -> list[str]:
        """The values of these columns, none of which may be empty."""
        for column in columns:
            if column not in self.values:
                raise CellError(self.first, f"this row has no {column}.")
        return [self.values[column] for column in columns]

    def parse(self, column: str, read: Callable[[str], Any]) -> Any:
        """What a function reads in a cell, perhaps an empty one; its ValueError is the cell's."""
        try:
            return read(self.values.get(column, ""))
        except ValueError as error:
            raise CellError(self.cells[column], error) from None


def split(text: str) -> list[str]:
    """The values in a cell."""
    return [part.strip() for part in text.split(SEPARATOR)] if text.strip() else []


def join(parts: Iterable[str]) -> str:
    """Several values as one cell; ValueError when one of them has the separator in it."""
    parts = list(parts)
    if any(SEPARATOR in part for part in parts):
        raise ValueError(f"no cell can hold {SEPARATOR}")
    return f" {SEPARATOR} ".join(parts)
