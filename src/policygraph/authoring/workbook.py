"""Read and write tables as a workbook (.xlsx) or a folder of .csv files.

Every cell is text. One that begins as a formula does is marked as text, so that no label is ever computed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, time
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

from policygraph.authoring.vocabulary import Cell, Sheet, Tables, Vocabulary
from policygraph.errors import DocumentError, FormatError, extra
from policygraph.rdf import formats, reader

MAX_BYTES = 20 * 1024 * 1024  # unpacked
MAX_ROWS = 20_000  # of all sheets; to validate more would take hours
LISTS = "lists"  # the sheet of what the drop-downs offer, which is not read

_RISKY = "=+-@\t\r'"  # as the first sign of a cell of .csv, an apostrophe goes before it
_LONGEST = 32_767  # characters in a cell
# The last is such a character in a workbook.
_CONTROL = "a text with a control character, as _x0007_ is too in a workbook; delete that."
_UNWRITABLE = re.compile(r"[\0-\x08\x0b-\x1f]|_x[0-9A-Fa-f]{4}_")
_TABLES = (".ods", ".tab", ".tsv", ".xls", ".xlsx")
_MOST = 20  # problems that a message lists
_WIDE = 50  # characters: columns of texts
_Rows: TypeAlias = list[tuple[int, list[str]]]


def read(path: str | Path) -> Tables:
    """Read a workbook or a folder of .csv files.

    DocumentError, with the cell where there is one, for what cannot be read or would not be read as it looks.
    """
    path, problems = Path(path), list[str]()
    found = dict(_csv(path) if path.is_dir() else _workbook(path, problems))
    problems += (what for name, rows in found.items() if path.is_dir() for what in _too_much(name, rows))
    refuse(problems, path)
    if not found:
        raise DocumentError("This folder holds no .csv file.", path=path)
    _check(path, rows=sum(len(rows) - 1 for rows in found.values()))
    heads = {name: [cell.strip() for cell in rows[0][1]] if rows else [] for name, rows in found.items()}
    return {name: Sheet(heads[name], rows[1:]) for name, rows in found.items()}


def refuse(problems: Sequence[str], path: str | Path) -> None:
    """DocumentError that lists what is wrong with tables, if anything is."""
    if problems:
        more = [f"and {len(problems) - _MOST} more."] if len(problems) > _MOST else []
        lines = "\n  ".join([*problems[:_MOST], *more])
        what = f"nothing was written, since {len(problems)} things are wrong:\n  {lines}"
        raise DocumentError(problems[0] if len(problems) == 1 else what, path=path)


def comments(path: str | Path) -> int:
    """How many comments a workbook has on cells, which are not read; those on heads do not count."""
    if Path(path).is_dir():
        return 0
    with zipfile.ZipFile(path) as package:
        found = b"".join(package.read(name) for name in package.namelist() if "comment" in name)
    return len(re.findall(rb'<comment [^>]*\bref="[A-Z]++(?!1")', found))


def keep_others(tables: Tables, path: str | Path) -> None:
    """FormatError where a path has other tables than these, which somebody may have filled in."""
    path, others = Path(path), True
    with suppress(DocumentError):  # of tables that cannot be read
        others = read(path) != {name: sheet for name, sheet in tables.items() if not name.startswith("#")}
    if others and (path.is_file() or any(path.glob("*.[cC][sS][vV]"))):
        raise FormatError(f"{path} is there already, with other content; name a new file or folder.")


def write(tables: Tables, path: str | Path, vocabulary: Vocabulary) -> None:
    """Write tables to a workbook, if the path ends in .xlsx, or else to .csv files in a folder.

    DocumentError for a text that no cell can hold, FormatError when they cannot be written, ExtraError when a
    workbook needs openpyxl.
    """
    path = Path(path)
    _check(path, rows=sum(len(sheet.rows) for sheet in tables.values()))
    for what in (what for name, sheet in tables.items() for what in _too_much(name, sheet.rows)):
        raise DocumentError(what)
    if path.suffix.lower() == ".xlsx":
        formats.save(_packed(tables, vocabulary), path)
        return
    if path.suffix:
        raise FormatError(f"{path}: tables are written to a file .xlsx, or to a folder without suffix.")
    path.mkdir(parents=True, exist_ok=True)
    files: dict[str | PathLike[str], bytes] = {}
    for name, sheet in tables.items():
        text = io.StringIO(newline="")
        for row in (sheet.head, *(row for _, row in sheet.rows)):
            cells = ["'" + cell if cell[:1] and cell[0] in _RISKY else cell for cell in row]
            csv.writer(text, lineterminator="\n").writerow(cells)
        # Spreadsheets take a file without a byte-order mark for the old encoding of the system.
        files[path / f"{name}.csv"] = text.getvalue().encode("utf-8-sig")
    formats.save_together(files)


def _too_much(name: str, rows: Sequence[tuple[int, Sequence[str]]]) -> Iterator[str]:
    """Name the cells of what no workbook can hold, and so no table."""
    for cell, words in ((Cell(name, n, at), words) for n, row in rows for at, words in enumerate(row, 1)):
        if _UNWRITABLE.search(words):
            yield f"{cell}: this is {_CONTROL}"
        elif len(words) > _LONGEST:
            yield f"{cell}: this is a text of more than {_LONGEST:,} characters; shorten it."


def _check(path: Path, *, rows: int = 0, size: int = 0) -> None:
    if rows > MAX_ROWS or size > MAX_BYTES:
        most = f"{MAX_ROWS:,} rows" if rows else f"{MAX_BYTES >> 20} MB unpacked"
        below = "delete what stands below the last row, or " if rows else ""
        raise DocumentError(f"This has more than {most}; {below}make several datasets of it.", path=path)


def _csv(folder: Path) -> Iterator[tuple[str, _Rows]]:
    paths = sorted(folder.glob("[!#]*.[cC][sS][vV]"))
    sheets = Counter(path.stem for path in paths)
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in _TABLES and path.stem[:1] not in ("#", "~", "."):
            what = "This is not read beside files .csv; save its sheets as such, or move it elsewhere."
            raise DocumentError(what, path=path)
        if sheets[path.stem] > 1:
            raise DocumentError(f"The sheet {path.stem} is in two files; keep one of them.", path=path)
    for path in paths:
        _check(path, size=path.stat().st_size)
        text = reader.decode(reader.read_bytes(path), name=path).removeprefix("\ufeff")
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            mark = re.compile(f"^'(?=[{re.escape(_RISKY)}])|\r")
            rows = [[mark.sub("", cell) for cell in row] for row in lines]
        except csv.Error as error:
            raise DocumentError(f"This is no CSV ({error}).", path=path, line=lines.line_num) from None
        width = len(rows[0]) if rows else 0
        for number, row in enumerate(rows, 1):
            if any(map(str.strip, row)) and len(row) > width and not any(map(str.strip, row[width:])):
                what = "this row has more cells than the first; put a text with a comma in quotes."
                raise DocumentError(f"{Cell(path.stem, number, width + 1)}: {what}", path=path)
        yield path.stem, list(enumerate(rows, 1))


def _workbook(path: Path, problems: list[str]) -> Iterator[tuple[str, _Rows]]:
    data = reader.read_bytes(path)
    _check_package(data, path)
    with extra("tables", "A workbook"):
        import defusedxml  # noqa: F401  # openpyxl parses with it
        import openpyxl
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    except Exception as error:  # of a damaged file, of any kind
        what = f"This workbook cannot be read ({error!r:.100}); save it anew, without charts and pictures."
        raise DocumentError(what, path=path) from None
    sheets = [each for each in book.worksheets if each.title != LISTS and not each.title.startswith("#")]
    # All cells up to the last are made; MAX_ROWS of 90 columns are, or more rows that only have a format.
    _check(path, rows=sum(each.max_row * max(each.max_column, 30) for each in sheets) // 90)
    for sheet in sheets:
        for what, row, column in _hidden(sheet):
            why = "is hidden, so nobody sees what it would change; show it, or delete it."
            problems.append(f"{Cell(sheet.title, row, column)}: this {what} {why}")
        for merged in (each for each in sheet.merged_cells.ranges if not _is_note(sheet, each.min_row)):
            what = f"the cells {merged.coord} are merged; unmerge them, and write each value into its row."
            problems.append(f"{Cell(sheet.title, merged.min_row, merged.min_col)}: {what}")
        rows = ((n, [_text(cell, problems) for cell in row]) for n, row in enumerate(sheet.iter_rows(), 1))
        yield sheet.title, [row for row in rows if any(row[1]) or row[0] == 1]


def _hidden(sheet: Any) -> Iterator[tuple[str, int, int]]:
    """What nobody sees: a sheet, or rows and columns of it that hold something, by their first cell."""
    if sheet.sheet_state != "visible":
        yield "sheet", 1, 1
    for number in (n for n, each in sheet.row_dimensions.items() if each.hidden and n <= sheet.max_row):
        if any(cell.value for cell in sheet[number]) and not _is_note(sheet, number):
            yield "row", number, 1
    for first, last in ((each.min, each.max) for each in sheet.column_dimensions.values() if each.hidden):
        for number in range(first, min(last, sheet.max_column) + 1):
            values = [sheet.cell(row, number).value for row in range(1, sheet.max_row + 1)]
            if any(values) and not str(values[0]).startswith("#"):
                yield "column", 1, number


def _is_note(sheet: Any, row: int) -> bool:
    """Whether a row is not read: its first filled cell, but in columns that are not read, begins with "#"."""
    pairs = zip(sheet[1], sheet[row], strict=True)
    read = (cell.value for head, cell in pairs if not str(head.value).startswith("#"))
    return row > 1 and str(next(filter(None, read), "")).strip().startswith("#")


def _check_package(data: bytes, path: Path) -> None:
    """Refuse what is no workbook, is too large, or declares entities, before anything of it is parsed."""
    what = "This is no workbook, but damaged, behind a password, or of another kind; save it as .xlsx."
    if path.suffix.lower() == ".csv":
        what = f"This is one sheet of several; name the folder they are in: {path.parent}"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check(path, size=sum(part.file_size for part in package.infolist()))
            parts = {name: package.read(name) for name in package.namelist()}
        parts["[Content_Types].xml"]  # which an .ods does not have
    except DocumentError:
        raise
    except Exception:  # of each way to pack, others
        raise DocumentError(what, path=path) from None
    # UTF-16 has a NUL beside each of these characters.
    if any(b"<!DOCTYPE" in part.replace(b"\0", b"") for part in parts.values()):
        raise DocumentError("This workbook declares XML entities, which are not read.", path=path)
    sheets = [part for name, part in parts.items() if "/worksheets/" in name]
    # A spreadsheet also writes empty rows that have a format.
    _check(path, rows=sum(part.count(b"<row ") for part in sheets) // 3)


def _text(cell: Any, problems: list[str]) -> str:
    """The text of a cell, as the author sees it; it is a problem if it would be read as another."""
    value, wrong, head = cell.value, "", str(cell.parent.cell(1, cell.column).value)
    if isinstance(value, float):  # with the 15 digits that a spreadsheet shows
        value = float(f"{value:.15g}")
        value = int(value) if value.is_integer() else value
    shown = re.sub(r'"[^"]*"|\\.|\[[^]]*]', "", cell.number_format).lower()
    amount = head == "value" and cell.parent.title != "dataset"  # is a number, however it is shown
    fixed = re.fullmatch(r"[#,]*([0,]*)(?:\.(0+))?", shown.partition(";")[0])
    if kind := {"f": "a formula", "e": "an error"}.get(cell.data_type):
        wrong = f"{kind}; write its value."
    elif isinstance(value, int | float) and "%" in shown:
        wrong = f"a percentage; write {value * 100:g} as a plain number."
    elif isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int | float) and fixed and not amount:
        digits = len(fixed[2] or "")
        width = fixed[1].count("0") + digits + bool(digits)
        if f"{Decimal(str(value)):0{width}.{digits}f}" != str(value):
            wrong = f"{value}, shown by the format {cell.number_format}; write what it is to be as text."
    elif isinstance(value, datetime) and "y" not in shown:
        wrong = f"a date whose format shows no year; write it as {value.date()}, or as text if it is none."
    elif isinstance(value, datetime) and value.time() == time(0):  # as precise as its format shows it
        parts = next((count for sign, count in (("d", 3), ("m", 2), ("y", 1)) if sign in shown), 3)
        value = "-".join(str(value.date()).split("-")[:parts])
    elif isinstance(value, str):
        value = re.sub("_x000D_|\r", "", value)  # of a new line within the cell
        wrong = _CONTROL if _UNWRITABLE.search(value) else ""
    if wrong and not head.startswith("#") and not _is_note(cell.parent, cell.row):
        problems.append(f"{Cell(cell.parent.title, cell.row, cell.column)}: this is {wrong}")
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
                if text:
                    cell = page.cell(number, column, text)
                    cell.number_format = "@"
                    cell.data_type = "s"  # not "f", whatever its first sign
                    cell.quotePrefix = text[0] in _RISKY
                    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > _WIDE)
        for column, title in enumerate(sheet.head, 1):
            longest = max([len(title), *(len(row[column - 1]) for _, row in sheet.rows)])
            shape = page.column_dimensions[get_column_letter(column)]
            shape.width = min(longest, _WIDE) + 2
            shape.number_format = "@"  # text: a spreadsheet must not turn 2013-09 in a new row into a date
            page.cell(1, column).font = Font(bold=True)
            if note := vocabulary.note(title, name):
                page.cell(1, column).comment = Comment(note, "PolicyGraph", height=90, width=320)
    _add_lists(book, tables, vocabulary)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _add_lists(book: Any, tables: Tables, vocabulary: Vocabulary) -> None:
    """Add drop-downs, and the sheet that holds what they offer."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    things = [row[0] for name in ("things", "amounts", "observations") for _, row in tables[name].rows]
    concepts = sorted(f"concept/{iri.value.partition('/concept/')[2]}" for iri in vocabulary.concepts)
    choices = {
        "kind": sorted(name for name, iri in vocabulary.kinds.items() if iri in vocabulary.things),
        "relation": vocabulary.relations,
        "basis": [*vocabulary.strengths, "external", "derived"],
        "source": [row[0] for _, row in tables["sources"].rows],
        **dict.fromkeys(("thing", "subject"), things),
        "object": things + concepts,
        "type": [each for each in concepts if each.startswith(vocabulary.types)],
    }
    page = book.create_sheet(LISTS)
    for column, (title, given) in enumerate(choices.items(), 1):
        values = [each for each in given if not each.startswith("#")]
        for row, text in enumerate((title, *values), 1):
            page.cell(row, column, text).data_type = "s"
        letter, strict = get_column_letter(column), title in ("kind", "basis")  # others may be new
        area = f"{LISTS}!${letter}$2:${letter}${len(values) + 1}"
        for name in (name for name, sheet in tables.items() if title in sheet.head[1:] and values):
            rule = DataValidation(type="list", formula1=area, allow_blank=True, showErrorMessage=strict)
            cells = get_column_letter(list(tables[name].head).index(title) + 1)
            rule.add(f"{cells}2:{cells}{MAX_ROWS}")
            book[name].add_data_validation(rule)
