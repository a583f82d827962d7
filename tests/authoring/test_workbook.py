"""Workbooks and .csv files: what a spreadsheet does to them is undone, or named."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import time
import zipfile

import pytest
from checkout import SHIPPED
from command import refused as command_refused

from policygraph import Catalog
from policygraph.authoring import workbook
from policygraph.authoring.vocabulary import Sheet, Vocabulary
from policygraph.errors import DocumentError, FormatError

ALL = "nothing was written, since "
PERCENT = "things!D3: this is a percentage; write 80 as a plain number."
NO_WORKBOOK = "This is no workbook, but damaged, behind a password, or of another kind; save it as .xlsx."
LABELS = ["=1+1", "+45 33 92", "-5 %", "@home", "'t Hooft", "'=x", "a;b,c", 'say "so"', "two\nlines", "æøå…"]

TOO_MANY = (
    "This has more than 20,000 rows; delete what stands below the last row, or make several datasets of it."
)


@pytest.fixture(scope="module")
def vocabulary():
    return Vocabulary(Catalog(SHIPPED))


def sheets(vocabulary, *labels):
    """Tables with nothing but these labels of things."""
    empty = {name: spec.sheet(["en"]) for name, spec in vocabulary.sheets.items()}
    head = empty["things"].head
    rows = [["goal/a", "Goal", *[""] * (len(head) - 2)] for _ in labels]
    for row, label in zip(rows, labels, strict=True):
        row[head.index("label@en")] = label
    return {**empty, "things": Sheet(head, list(enumerate(rows, 2)))}


def labels(tables):
    at = list(tables["things"].head).index("label@en")
    return [row[at] for _, row in tables["things"].rows]


@pytest.fixture(scope="module")
def written(tmp_path_factory, vocabulary):
    path = tmp_path_factory.mktemp("written") / "book.xlsx"
    workbook.write(sheets(vocabulary, "One", "Two"), path, vocabulary)
    return path


def opened(path):
    from openpyxl import load_workbook  # not at import, which every process of the tests does

    return load_workbook(path)


@pytest.fixture
def book(tmp_path, written):
    """A workbook, and how to change it."""
    path = shutil.copy(written, tmp_path / "book.xlsx")

    def change(function):
        loaded = opened(path)
        function(loaded)
        loaded.save(path)
        return path

    return change


def refused(path):
    with pytest.raises(DocumentError) as error:
        workbook.read(path)
    return str(error.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("form", ["t.xlsx", "t"])
def test_labels_that_look_like_formulas_are_text_and_come_back(tmp_path, vocabulary, form):
    workbook.write(sheets(vocabulary, *LABELS), tmp_path / form, vocabulary)
    assert labels(workbook.read(tmp_path / form)) == LABELS
    if form == "t.xlsx":
        cells = opened(tmp_path / form)["things"]["D"][1:]
        assert {cell.data_type for cell in cells} == {"s"}
        assert [cell.quotePrefix for cell in cells[:4]] == [True] * 4
    else:
        text = (tmp_path / form / "things.csv").read_bytes().decode("utf-8-sig")
        assert not re.search(r'(?m)(^|,)"?[=+@-]', text)


def test_an_apostrophe_that_is_of_the_text_stays(tmp_path, vocabulary):
    workbook.write(sheets(vocabulary, "One"), tmp_path / "t", vocabulary)
    file = tmp_path / "t" / "things.csv"
    for written in ("'90'er-planen", "'.", "'/x", "'<b>", "'?"):
        file.write_text(file.read_text(encoding="utf-8-sig").replace("One", written), encoding="utf-8")
        assert labels(workbook.read(tmp_path / "t")) == [written]
        file.write_text(file.read_text(encoding="utf-8").replace(written, "One"), encoding="utf-8-sig")


def test_a_workbook_has_choices_notes_and_frozen_heads(tmp_path, vocabulary):
    workbook.write(sheets(vocabulary, "One"), tmp_path / "t.xlsx", vocabulary)
    loaded = opened(tmp_path / "t.xlsx")
    assert loaded.sheetnames == [*vocabulary.sheets, "lists"]
    for name in vocabulary.sheets:
        page = loaded[name]
        assert page.freeze_panes == "B2"
        assert [cell.value for cell in page[1] if cell.comment is None] == []
    choices = {str(rule.sqref)[0]: rule.formula1 for rule in loaded["claims"].data_validations.dataValidation}
    assert choices.keys() >= {"B", "D"}
    column = re.match(r"lists!\$(\w+)\$2", choices["B"])[1]
    relations = [cell.value for cell in loaded["lists"][column][1:] if cell.value]
    assert {"has goal", "launched by", "period"} <= set(relations)


def test_a_hidden_sheet_is_refused_by_its_name(book):
    def change(loaded):
        loaded["things"].sheet_state = "hidden"

    assert refused(book(change)) == (
        "things!A1: this sheet is hidden, so nobody sees what it would change; show it, or delete it."
    )


def test_hidden_rows_and_columns_are_refused_unless_nothing_is_read_of_them(book):
    def change(loaded):
        page = loaded["things"]
        page.row_dimensions[2].hidden = page.column_dimensions["D"].hidden = True
        page.row_dimensions[90].hidden = page.column_dimensions["BZ"].hidden = True
        page["A3"], page.row_dimensions[3].hidden = "# a note", True

    message = refused(book(change))
    assert "things!A2: this row is hidden, so nobody sees" in message
    assert "things!D1: this column is hidden, so nobody sees" in message
    assert message.count("hidden") == 2


def test_trailing_spaces_numbers_and_dates_are_read_as_they_are_meant(book):
    def change(loaded):
        page = loaded["things"]
        page["D2"], page["D3"] = "One  \u00a0", 1.0
        page["D4"], page["D5"] = 2.5, True
        from datetime import date, datetime

        page["D6"], page["D7"] = date(2019, 1, 30), datetime(2019, 1, 30, 12, 30)
        # Sums as a spreadsheet saves them, which shows 0.8 and 1.
        page["D8"], page["D9"] = 0.1 + 0.7, sum([0.1] * 10)

    assert labels(workbook.read(book(change))) == [
        "One",
        "1",
        "2.5",
        "true",
        "2019-01-30",
        "2019-01-30 12:30:00",
        "0.8",
        "1",
    ]


@pytest.mark.parametrize(
    ("shown", "read"),
    [
        ("mmm-yy", "2021-10"),  # as Excel shows what was typed as 2021-10
        ("yyyy-mm", "2021-10"),
        ("[$-409]MMMM\\ YYYY;@", "2021-10"),  # as LibreOffice writes it
        ('mmmm "day" yyyy', "2021-10"),
        ("yyyy", "2021"),
        ("yyyy-mm-dd", "2021-10-01"),
        ("d. mmm yy", "2021-10-01"),
        ("[$-F800]dddd, mmmm dd, yyyy", "2021-10-01"),
    ],
)
def test_a_date_is_read_as_precisely_as_its_cell_shows_it(book, shown, read):
    def change(loaded):
        from datetime import date

        loaded["things"]["D2"] = date(2021, 10, 1)
        loaded["things"]["D2"].number_format = shown

    assert labels(workbook.read(book(change)))[0] == read


def test_a_date_without_its_year_is_refused_by_its_cell(book):
    """Excel makes 12-Jun of what was typed as 12-6, in a year that nobody typed."""

    def change(loaded):
        from datetime import date

        loaded["things"]["D2"] = date(2026, 6, 12)
        loaded["things"]["D2"].number_format = "d-mmm"

    what = "this is a date whose format shows no year; write it as 2026-06-12, or as text if it is none."
    assert refused(book(change)) == f"things!D2: {what}"


def test_a_new_line_of_excel_is_one_and_any_other_control_character_is_refused(book):
    def change(text):
        def write(loaded):
            loaded["things"]["D2"] = text

        return write

    assert labels(workbook.read(book(change("first_x000D_\nsecond"))))[0] == "first\nsecond"
    assert refused(book(change("bell_x0007_"))) == (
        "things!D2: this is a text with a control character, as _x0007_ is too in a workbook; delete that."
    )


def test_columns_are_text_so_that_a_month_typed_in_a_new_row_stays_one(written):
    loaded = opened(written)
    for page in loaded.worksheets[:-1]:
        for column in range(1, len(page[1]) + 1):
            letter = page.cell(1, column).column_letter
            assert page.column_dimensions[letter].number_format == "@", (page.title, letter)
    with zipfile.ZipFile(written) as package:
        columns = re.findall(rb"<col [^>]*>", package.read("xl/worksheets/sheet1.xml"))
    assert columns
    assert all(b'style="' in column for column in columns)


def test_choices_have_no_comment_rows_and_only_concepts_that_say_a_type(tmp_path, vocabulary):
    from policygraph import new_dataset

    new_dataset(Catalog(SHIPPED), "Examplia", tmp_path / "e.xlsx", language="nl")
    columns = {
        column[0].value: [cell.value for cell in column[1:] if cell.value]
        for column in (opened(tmp_path / "e.xlsx")["lists"].iter_cols())
    }
    assert columns["thing"] == ["country/examplia", "organisation/government"]
    assert columns["source"] == ["examplia-source"]
    assert not [text for texts in columns.values() for text in texts if text.startswith("#")]
    schemes = ("plan-type", "amount-kind", "absence", "relation")
    assert {text.rpartition("/")[0] for text in columns["type"]} == {f"concept/{each}" for each in schemes}
    assert "concept/basis/stated" in columns["object"]


def test_a_sheet_or_column_for_notes_is_not_read_whatever_it_holds(book, tmp_path, vocabulary):
    def change(loaded):
        notes = loaded.create_sheet("# notes")
        notes["A1"] = "=1+1"
        notes.merge_cells("B1:C1")
        loaded.create_sheet("#hidden").sheet_state = "hidden"
        page = loaded["things"]
        page["Z1"], page["Z2"] = "# words", "=LEN(D2)"

    tables = workbook.read(book(change))
    assert labels(tables) == ["One", "Two"]
    assert not [name for name in tables if name.startswith("#")]
    folder = tmp_path / "folder"
    workbook.write(sheets(vocabulary, "One"), folder, vocabulary)
    (folder / "# notes.csv").write_text('"unclosed', encoding="utf-8")
    assert not [name for name in workbook.read(folder) if name.startswith("#")]


def test_dates_of_the_1904_system_are_the_same_days(book):
    from datetime import date

    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    def change(loaded):
        loaded.epoch = CALENDAR_MAC_1904
        loaded["things"]["D2"] = date(2019, 1, 30)

    assert labels(workbook.read(book(change)))[0] == "2019-01-30"


def test_comments_on_heads_do_not_count_however_many_columns_there_are(book):
    from openpyxl.comments import Comment

    def change(loaded):
        for place in ("Z1", "AA1", "ABC1"):
            loaded["things"][place].comment = Comment("What it holds.", "Jo")

    assert workbook.comments(book(change)) == 0

    def ask(loaded):
        for place in ("A2", "B11", "AA11"):
            loaded["things"][place].comment = Comment("Ask Jo.", "Jo")

    assert workbook.comments(book(ask)) == 3


@pytest.mark.parametrize(
    ("value", "form", "read"),
    [(7, "000", ""), (0.07, "0.0", ""), (1.1, "#,##0.00", ""), (1234, "#,##0", "1234"), (2021, "0", "2021")],
)
def test_a_number_that_its_cell_shows_as_another_text_is_refused_unless_it_is_an_amount(
    book, value, form, read
):
    def change(loaded):
        loaded["things"]["D2"] = loaded["amounts"]["D2"] = value
        loaded["things"]["D2"].number_format = loaded["amounts"]["D2"].number_format = form

    path, what = book(change), f"this is {value}, shown by the format {form}; write what it is to be as text."
    if read:
        assert labels(workbook.read(path))[0] == read
    else:
        assert refused(path) == f"things!D2: {what}"


def test_a_formula_an_error_and_merged_cells_are_named(book):
    assert refused(book(lambda b: b["things"].__setitem__("D3", "=A1&A2"))) == (
        "things!D3: this is a formula; write its value."
    )
    assert (
        refused(book(lambda b: b["things"].__setitem__("D3", "#REF!")))
        == "things!D3: this is an error; write its value."
    )

    def percent(loaded):
        loaded["things"]["D3"] = 0.8
        loaded["things"]["D3"].number_format = "0%"

    assert refused(book(percent)) == PERCENT

    def merge(loaded):
        percent(loaded)
        loaded["things"].merge_cells("B2:B3")

    merged = "things!B2: the cells B2:B3 are merged; unmerge them, and write each value into its row."
    assert refused(book(merge)) == f"{ALL}2 things are wrong:\n  {merged}\n  {PERCENT}"


@pytest.mark.parametrize("form", ['0.0"%"', "0.0\\%"])
def test_a_sign_of_per_cent_that_a_format_only_shows_changes_no_number(book, form):
    def percent(loaded):
        loaded["things"]["D3"] = 98.5
        loaded["things"]["D3"].number_format = form

    assert workbook.read(book(percent))["things"].rows[1][1][3] == "98.5"


def test_a_row_of_notes_may_have_formulas_and_merged_cells(book):
    def note(loaded):
        page = loaded["things"]
        page["A4"], page["B4"], page["A5"] = "# count", "=COUNTA(A2:A3)", "# My notes on this sheet"
        page.merge_cells("A5:F5")

    assert len(workbook.read(book(note))["things"].rows) == 4

    def column(loaded):
        loaded["things"].unmerge_cells("A5:F5")
        loaded["things"].insert_cols(1)
        loaded["things"]["A1"], loaded["things"]["A2"] = "# notes", "# this row is read"
        loaded["things"]["C2"] = "=A1"

    assert refused(book(column)) == "things!C2: this is a formula; write its value."


def packed(path, **parts):
    """A copy of a workbook with other content in some parts."""
    result = io.BytesIO()
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as copy:
        for part in package.namelist():
            key = part.replace("/", "_").replace(".", "_")
            copy.writestr(part, parts.pop(key, package.read(part)))
        for name, data in parts.items():
            copy.writestr(name, data)
    path.write_bytes(result.getvalue())
    return path


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_xml_entities_are_refused_in_every_part(book, part):
    path = book(lambda _: None)
    with zipfile.ZipFile(path) as package:
        old = package.read(part)
    body = re.sub(rb"^<\?xml.*?\?>", b"", old)
    key = part.replace("/", "_").replace(".", "_")
    assert (
        refused(packed(path, **{key: BOMB + body}))
        == "This workbook declares XML entities, which are not read."
    )


def test_what_is_too_large_unpacked_is_refused_before_it_is_unpacked(book):
    path = packed(book(lambda _: None), bomb=b"0" * 21 * 1024 * 1024)
    assert path.stat().st_size < 200_000
    assert refused(path) == "This has more than 20 MB unpacked; make several datasets of it."


def test_macros_and_links_are_not_read(book):
    path = packed(
        book(lambda _: None), **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/externalLinks/x.bin": b"x"}
    )
    assert labels(workbook.read(path)) == ["One", "Two"]


def test_what_would_not_be_read_again_is_not_written(tmp_path, vocabulary):
    many = [(n, ["goal/a"]) for n in range(20_001)]
    for name in ("t", "t.xlsx"):
        with pytest.raises(DocumentError, match="more than 20,000 rows"):
            workbook.write({"things": Sheet(["thing"], many)}, tmp_path / name, vocabulary)
        assert not (tmp_path / name).exists()


def test_fifty_thousand_rows_are_refused_at_once(tmp_path, vocabulary):
    path = tmp_path / "t"
    path.mkdir()
    (path / "things.csv").write_text("thing,kind\n" + "goal/a,Goal\n" * 50_000, encoding="utf-8")
    started = time.process_time()
    assert refused(path) == TOO_MANY
    assert time.process_time() - started < 2
    workbook.write({**sheets(vocabulary), "things": Sheet(["thing"], [])}, tmp_path / "t.xlsx", vocabulary)
    packed(tmp_path / "t.xlsx", **{"xl/worksheets/sheet99.xml": b'<row r="1"/>' * 65_000})
    started = time.process_time()
    assert refused(tmp_path / "t.xlsx") == TOO_MANY
    assert time.process_time() - started < 2


@pytest.mark.parametrize("suffix", ["CSV", "Csv"])
def test_a_sheet_is_read_whatever_the_letters_of_its_suffix(tmp_path, vocabulary, suffix):
    workbook.write(sheets(vocabulary, "One"), tmp_path / "t", vocabulary)
    written = workbook.read(tmp_path / "t")
    (tmp_path / "t" / "mentions.csv").rename(tmp_path / "t" / f"mentions.{suffix}")
    assert workbook.read(tmp_path / "t") == written


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separators_and_byte_order_marks_of_spreadsheets_are_read(tmp_path, delimiter, encoding):
    text = 'thing,kind,label@en\r\ngoal/a,Goal,"Quays; å, or both"\r\n'
    text = text.replace(",", delimiter).replace(f"å{delimiter} or", "å, or") if delimiter != "," else text
    (tmp_path / "things.csv").write_bytes(text.encode(encoding))
    tables = workbook.read(tmp_path)
    assert labels(tables) == ["Quays; å, or both"]
    assert tables["things"].head == ["thing", "kind", "label@en"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            "thing,kind\nmål/a,Goal\n".encode("windows-1252"),
            "things.csv:2:2: The byte 0xE5 is not UTF-8; save the file in that encoding.",
        ),
        ("thing,kind\n".encode("utf-16"), "1:1: The byte 0xFF is not UTF-8"),
        (
            b"thing\0,kind\n",
            "things.csv:1:6: There is a NUL byte here; this is not text, or the file is damaged.",
        ),
        (b'thing,kind\n"goal/a,Goal\n', "This is no CSV (unexpected end of data)."),
    ],
)
def test_a_file_that_is_no_csv_is_named_with_its_line(tmp_path, data, message):
    (tmp_path / "things.csv").write_bytes(data)
    assert message in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", None, "There is no such file."),
        ("a.csv", None, "There is no such file."),
        *((f"a.{suffix}", b"PK", NO_WORKBOOK) for suffix in ("xlsx", "ods", "xls")),
        ("folder/a.txt", b"", "This folder holds no .csv file."),
    ],
)
def test_what_is_no_tables_is_told(tmp_path, name, data, message):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if data is not None:
        path.write_bytes(data)
    assert refused(path.parent if name.startswith("folder") else path) == message


def test_a_sheet_in_place_of_its_folder_names_the_folder(tmp_path):
    path = tmp_path / "things.csv"
    path.write_text("thing,kind\ngoal/a,Goal\n", encoding="utf-8")
    assert refused(path) == f"This is one sheet of several; name the folder they are in: {tmp_path}"
    for command in ("import", "validate"):
        assert f"name the folder they are in: {tmp_path}\n" in command_refused(
            "--catalog", SHIPPED, command, path
        )


def test_a_damaged_workbook_is_one_sentence(book):
    path = packed(book(lambda _: None), xl_workbook_xml=b"<workbook")
    assert refused(path).startswith("This workbook cannot be read (")
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(path) == NO_WORKBOOK


@pytest.mark.parametrize(
    ("record", "at", "value"),
    [
        (b"PK\x03\x04", 60, b"\xff" * 20),  # damaged
        (b"PK\x03\x04", 0, b"XX"),  # without the head of a part
        (b"PK\x01\x02", 8, b"\x01"),  # encrypted
        (b"PK\x01\x02", 10, b"\x63"),  # packed in another way
        (b"PK\x01\x02", 20, b"\x05\0"),  # a part that breaks off
    ],
)
def test_a_package_that_cannot_be_unpacked_is_no_workbook(book, record, at, value):
    path = book(lambda _: None)
    data = bytearray(path.read_bytes())
    at += data.index(record)
    data[at : at + len(value)] = value
    path.write_bytes(data)
    assert refused(path) == NO_WORKBOOK


@pytest.mark.parametrize("cell", ["A1048576", "XFD20000"])
def test_a_cell_far_from_all_others_is_refused_at_once(book, cell):
    path = book(lambda loaded: loaded["things"].__setitem__(cell, "x"))
    started = time.process_time()
    assert refused(path) == TOO_MANY
    assert time.process_time() - started < 2


@pytest.mark.full
def test_rows_that_only_have_a_format_and_far_cells_of_notes_are_no_rows(book):
    def change(loaded):
        loaded["things"]["A50000"].number_format = "@"
        loaded.create_sheet("#notes")["XFD1048576"] = "x"

    assert labels(workbook.read(book(change))) == ["One", "Two"]


def test_a_folder_of_tables_is_written_whole_or_not_at_all(tmp_path, vocabulary):
    (tmp_path / "t" / "names.csv").mkdir(parents=True)
    with pytest.raises(FormatError, match=r"names\.csv cannot be written"):
        workbook.write(sheets(vocabulary, "One"), tmp_path / "t", vocabulary)
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["names.csv"]


def test_tables_have_no_other_form(tmp_path, vocabulary):
    with pytest.raises(FormatError, match=r"t\.ods: tables are written to a file \.xlsx, or to a folder"):
        workbook.write({}, tmp_path / "t.ods", vocabulary)


@pytest.mark.full
def test_csv_works_without_openpyxl_and_a_workbook_says_what_brings_it(tmp_path):
    code = (
        "import sys; sys.modules['openpyxl'] = None; from policygraph.cli.main import main; "
        "sys.argv = ['policygraph', 'tables', 'international', '-o', sys.argv[1]]; main()"
    )
    run = [sys.executable, "-c", code]
    assert subprocess.run([*run, str(tmp_path / "t")], capture_output=True, timeout=60).returncode == 0
    done = subprocess.run([*run, str(tmp_path / "t.xlsx")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        'policygraph: A workbook needs openpyxl; install it with: pip install "policygraph[tables]"\n'
    )
    assert not (tmp_path / "t.xlsx").exists()
    shutil.rmtree(tmp_path / "t")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"things.csv": "thing,kind\nplan/a,Plan,,\n"}, r"things!C2: this row has more cells than the first"),
        ({"things.csv": "thing\n", "things.CSV": "thing\n"}, r"The sheet things is in two files; keep one"),
        (
            {"things.csv": "thing\n", "amounts.tsv": "amount\n"},
            r"amounts\.tsv.*This is not read beside files \.csv",
        ),
    ],
)
def test_what_a_folder_of_tables_would_lose_is_refused(tmp_path, files, said):
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=said):
        workbook.read(tmp_path)


def test_what_an_office_program_leaves_beside_tables_is_no_table(tmp_path):
    (tmp_path / "~$amounts.xlsx").write_bytes(b"")
    (tmp_path / "things.csv").write_text("thing\nplan/a\n", encoding="utf-8")
    assert workbook.read(tmp_path)["things"].rows == [(2, ["plan/a"])]
