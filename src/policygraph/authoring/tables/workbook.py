"""Read and write tables as a workbook (.xlsx) or a folder of .csv files.

Every cell is text. One that begins as a formula does is marked as text, so that no label is ever computed.
The same tables give the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from policygraph.authoring.tables.sheets import Cell, Sheet, Tables
from policygraph.authoring.tables.vocabulary import Vocabulary
from policygraph.errors import DocumentError, FormatError, extra
from policygraph.rdf import formats

MAX_BYTES = 20 * 1024 * 1024  # unpacked
MAX_ROWS = 20_000  # of all sheets; to validate more would take hours
LISTS = "lists"
"""The sheet of what the drop-downs offer, which is not read."""

_RISKY = "=+-@\t\r'"  # as the first sign of a cell of .csv, an apostrophe goes before it
_DAY = datetime(2000, 1, 1)  # of all that a workbook dates
_LONGEST = 32_767  # characters in a cell
_UNWRITABLE = re.compile(
    r"[\0-\x08\x0b-\x1f]|_x[0-9A-Fa-f]{4}_"
)  # the latter is such a character in a workbook
_WIDE = 50  # characters: columns of texts


def read(path: str | Path) -> Tables:
    """Read a workbook or a folder of .csv files.

    DocumentError, with the cell where there is one, for what cannot be read or would not be read as it looks.
    """
    path = Path(path)
    if not path.exists():
        raise DocumentError("There is no such file or folder.", path=path)
    try:
        sheets = dict(_csv(path) if path.is_dir() else _workbook(path))
    except OSError as error:
        raise DocumentError(f"This cannot be read ({error.strerror}).", path=path) from None
    if not sheets:
        raise DocumentError("This folder holds no .csv file.", path=path)
    if sum(len(sheet.rows) for sheet in sheets.values()) > MAX_ROWS:
        raise _too_long(path)
    return sheets


def write(tables: Tables, path: str | Path, vocabulary: Vocabulary) -> None:
    """Write tables to a workbook, if the path ends in .xlsx, or else to .csv files in a folder.

    FormatError when they cannot be written; ExtraError without openpyxl for a workbook.
    """
    path = Path(path)
    if sum(len(sheet.rows) for sheet in tables.values()) > MAX_ROWS:
        raise _too_long(path)
    for name, sheet in tables.items():
        for number, row in sheet.rows:
            for column, words in enumerate(row, 1):
                if len(words) > _LONGEST or _UNWRITABLE.search(words):
                    what = "this text is too long, or has control characters, which no table can hold."
                    raise DocumentError(f"{Cell(name, number, column)}: {what}")
    if path.suffix.lower() == ".xlsx":
        data = _packed(tables, vocabulary)
        _check_package(io.BytesIO(data), path)
        formats.save(data, path)
        return
    if path.suffix:
        raise FormatError(f"{path}: tables are written to a file .xlsx, or to a folder without suffix.")
    path.mkdir(parents=True, exist_ok=True)
    for name, sheet in tables.items():
        text = io.StringIO(newline="")
        rows = (sheet.head, *(row for _, row in sheet.rows))
        csv.writer(text, lineterminator="\n").writerows([_escaped(cell) for cell in row] for row in rows)
        # Spreadsheets take a file without a byte-order mark for the old encoding of the system.
        formats.save(text.getvalue().encode("utf-8-sig"), path / f"{name}.csv")


def _escaped(text: str) -> str:
    return "'" + text if text[:1] and text[0] in _RISKY else text


def _too_long(path: Path) -> DocumentError:
    return DocumentError(f"There are more than {MAX_ROWS:,} rows; make several datasets of them.", path=path)


def _csv(folder: Path) -> Iterator[tuple[str, Sheet]]:
    for path in sorted(folder.glob("*.csv")):
        if path.stat().st_size > MAX_BYTES:
            raise DocumentError(f"This file has more than {MAX_BYTES >> 20} MB.", path=path)
        data = path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            sign = data[error.start : error.start + 1].decode("windows-1252", "replace")
            what = f"This is not UTF-8, but perhaps Windows-1252 ({sign!r} here); save the file as CSV UTF-8."
            raise DocumentError(what, path=path, line=line) from None
        if "\0" in text:
            raise DocumentError("There is a NUL byte here; this is no CSV file.", path=path)
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows: list[tuple[int, list[str]]] = []
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            for number, row in enumerate(lines, 1):
                rows.append((number, [cell[1:] if re.match(f"'[{_RISKY}]", cell) else cell for cell in row]))
        except csv.Error as error:
            raise DocumentError(f"This is no CSV ({error}).", path=path, line=lines.line_num) from None
        yield path.stem, _sheet(path.stem, rows)


def _sheet(name: str, rows: list[tuple[int, list[str]]]) -> Sheet:
    """A sheet whose first row is its head; what stands behind the last column is refused."""
    head = [cell.strip() for cell in rows[0][1]] if rows else []
    while head and not head[-1]:
        head.pop()
    for number, row in rows[1:]:
        beyond = next((at for at, cell in enumerate(row, 1) if at > len(head) and cell.strip()), 0)
        if beyond:
            raise DocumentError(f"{Cell(name, number, beyond)}: this column has no name in the first row.")
    return Sheet(head, rows[1:])


def _workbook(path: Path) -> Iterator[tuple[str, Sheet]]:
    with extra("tables", "A workbook"):
        import openpyxl
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import fromstring
    _check_package(path, path)
    try:
        with zipfile.ZipFile(path) as package, path.open("rb") as file:
            for name in package.namelist():
                if name.endswith((".xml", ".rels")) and "/worksheets/" not in name:
                    fromstring(package.read(name))  # openpyxl itself reads some parts by a laxer parser
            book = openpyxl.load_workbook(file, keep_links=False)
    except Exception as error:  # of a damaged file, of any kind
        cause: BaseException | None = error
        while cause and not isinstance(cause, DefusedXmlException):
            cause = cause.__context__
        what = "declares XML entities, which are not read" if cause else f"cannot be read ({error!r:.100})"
        raise DocumentError(f"This workbook {what}.", path=path) from None
    for sheet in book.worksheets:
        if sheet.title == LISTS:
            continue
        for merged in sheet.merged_cells.ranges:
            what = f"the cells {merged.coord} are merged; unmerge them, and write each value into its row."
            raise DocumentError(f"{sheet.title}!{merged.coord.split(':')[0]}: {what}")
        rows: list[tuple[int, list[str]]] = []
        for row in sheet.iter_rows():
            texts = [_text(sheet.title, cell) for cell in row]
            if any(texts) or not rows:
                rows.append((row[0].row, texts))
        yield sheet.title, _sheet(sheet.title, rows)


def _check_package(file: Path | io.BytesIO, path: Path) -> None:
    """Refuse what is no workbook, or is too large, before anything of it is unpacked."""
    if not zipfile.is_zipfile(file):
        raise DocumentError("This is no workbook; save an .xls or .ods file as .xlsx.", path=path)
    with zipfile.ZipFile(file) as package:
        if sum(part.file_size for part in package.infolist()) > MAX_BYTES:
            what = f"This workbook has more than {MAX_BYTES >> 20} MB unpacked; make several datasets of it."
            raise DocumentError(what, path=path)
        sheets = [name for name in package.namelist() if "/worksheets/" in name and name.endswith(".xml")]
        if sum(package.read(name).count(b"<row ") for name in sheets) > 3 * MAX_ROWS:
            raise _too_long(path)


def _text(sheet: str, cell: Any) -> str:
    """The text of a cell, as the author sees it."""
    value = cell.value
    if cell.data_type in ("f", "e"):
        kind = "a formula" if cell.data_type == "f" else "an error"
        raise DocumentError(f"{Cell(sheet, cell.row, cell.column)}: this is {kind}; write its value.")
    if isinstance(value, int | float) and "%" in cell.number_format:
        shown = f"{value * 100:g}"
        raise DocumentError(
            f"{Cell(sheet, cell.row, cell.column)}: this is a percentage; write {shown} as a plain number."
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time(0) else value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


# ---- Writing


def _packed(tables: Tables, vocabulary: Vocabulary) -> bytes:
    with extra("tables", "A workbook"):
        import openpyxl
        from openpyxl.comments import Comment
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, sheet in tables.items():
        page = book.create_sheet(name)
        page.freeze_panes = "B2"
        for number, row in enumerate((sheet.head, *(cells for _, cells in sheet.rows)), 1):
            for column, text in enumerate(row, 1):
                cell = page.cell(number, column)
                cell.number_format = "@"  # text: a spreadsheet must not turn 2013-09 into a date
                if text:
                    cell.value = text
                    cell.data_type = "s"  # not "f", whatever its first sign
                    cell.quotePrefix = text[0] in _RISKY
                    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > _WIDE)
        for column, title in enumerate(sheet.head, 1):
            longest = max([len(title), *(len(row[column - 1]) for _, row in sheet.rows)])
            page.column_dimensions[get_column_letter(column)].width = min(longest, _WIDE) + 2
            page.cell(1, column).font = Font(bold=True)
            note = vocabulary.note(title, name)
            if note:
                page.cell(1, column).comment = Comment(note, "PolicyGraph", height=90, width=320)
    _add_lists(book, tables, vocabulary)
    packed = io.BytesIO()
    book.save(packed)
    return _undated(packed)


def _add_lists(book: Any, tables: Tables, vocabulary: Vocabulary) -> None:
    """Add drop-downs, and the sheet that holds what they offer."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    things = [row[0] for name in ("things", "amounts", "observations") for _, row in tables[name].rows]
    concepts = [f"concept/{iri.value.partition('/concept/')[2]}" for iri in vocabulary.concepts]
    choices = {
        "kind": sorted(name for name, iri in vocabulary.kinds.items() if iri in vocabulary.things),
        "relation": vocabulary.relations,
        "basis": [*vocabulary.strengths, "external", "derived"],
        "source": [row[0] for _, row in tables["sources"].rows],
        "thing": things,
        "subject": things,
        "object": things + sorted(concepts),
        "type": sorted(concepts),
    }
    page = book.create_sheet(LISTS)
    for column, (title, values) in enumerate(choices.items(), 1):
        for row, text in enumerate((title, *values), 1):
            page.cell(row, column, text).data_type = "s"
        letter = get_column_letter(column)
        for name, sheet in tables.items():
            if title in sheet.head and values and sheet.head[0] != title:
                area = f"{LISTS}!${letter}$2:${letter}${len(values) + 1}"
                strict = title in ("kind", "basis")  # in the others, a value may be new
                rule = DataValidation(type="list", formula1=area, allow_blank=True, showErrorMessage=strict)
                cells = get_column_letter(list(sheet.head).index(title) + 1)
                rule.add(f"{cells}2:{cells}{MAX_ROWS}")
                book[name].add_data_validation(rule)


def _undated(packed: io.BytesIO) -> bytes:
    """The workbook without the time when it was written."""
    result = io.BytesIO()
    with zipfile.ZipFile(packed) as package, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in package.infolist():
            data = package.read(part)
            if part.filename == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _DAY.isoformat().encode() + b"Z", data)
            entry = zipfile.ZipInfo(part.filename, _DAY.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, data)
    return result.getvalue()
