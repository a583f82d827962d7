"""Tables in plain text."""

from __future__ import annotations

import sys
from pathlib import Path
from unicodedata import east_asian_width, normalize

import pytest
from jinja2 import Environment

from policygraph.fonts import text_width
from policygraph.text import jinja, natural, notebook_progress, records, table

ROWS = [
    ["Digital welfare", "A strategy that brings digital services to hospitals, schools and homes", "7"],
    ["https://w3id.org/policygraph/id/x/plan/" + "y" * 60, "short", "12"],
    ["デジタル福祉戦略は全国の病院と学校に及ぶ", "戦略 " * 12, "3"],
]  # fmt: skip


def columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def test_a_table_is_a_header_a_rule_and_rows() -> None:
    assert table(["area", "n"], [["Health", "7"], ["Care", "12"]], right=[False, True]) == (
        "area     n\n------  --\nHealth   7\nCare    12\n"
    )


def test_without_a_width_nothing_is_wrapped() -> None:
    assert len(table(["a", "b", "c"], ROWS).splitlines()) == 5
    assert table(["a"], [["x\x1b\ny"]]).endswith("\nx y\n")
    assert records(["a"], [["x\x1b\ny"]]) == "a  x y\n\n"


@pytest.mark.parametrize("width", [79, 80, 120])
def test_a_table_fills_the_width_exactly_and_loses_nothing(width: int) -> None:
    text = table(["what", "summary", "n"], ROWS, width=width)
    assert columns(text.splitlines()[1]) == width
    assert max(map(columns, text.splitlines())) <= width
    whole = sorted("".join("".join(row) for row in ROWS).replace(" ", ""))
    kept = sorted("".join(text.split("\n", 2)[2].split()))
    assert kept == whole


def test_words_stay_whole_where_they_fit() -> None:
    text = table(["what", "summary", "n"], [ROWS[0]], width=50)
    assert {"hospitals,", "services", "Digital", "welfare"} <= set(text.split())


@pytest.mark.parametrize(
    ("width", "first"),
    [
        (25, "area         Telemedicine"),
        (31, "area         Telemedicine"),
        (32, "area          note  responsible"),
    ],
)
def test_where_columns_would_break_words_each_row_is_a_block(width: int, first: str) -> None:
    head, row = ["area", "note", "responsible"], ["Telemedicine", "", "Local governments, hospitals"]
    text = table(head, [row, row], width=width)
    assert text.splitlines()[0] == first
    assert set(" ".join(row).split()) <= set(text.split())
    assert max(map(columns, text.splitlines())) <= width


def test_numbers_are_in_order_and_digits_of_other_scripts_are_text() -> None:
    assert sorted(["٣", "a10", "a", "3", "a9"], key=natural) == ["3", "a", "a9", "a10", "٣"]


def test_a_number_of_any_length_has_its_place() -> None:
    long = [digit * 9_000 for digit in "129"]
    assert sorted([*reversed(long), "a", "3"], key=natural) == ["3", *long, "a"]


def test_a_block_has_a_line_for_each_cell_wrapped_at_words() -> None:
    text = records(["a", "long"], [["x", "one two three"], ["", "y"]], width=13)
    assert text == "a     x\nlong  one two\n      three\n\nlong  y\n\n"
    assert records(["a"], [["one two"]]) == "a  one two\n\n"
    assert records(["a"], []) == ""


def test_a_long_iri_breaks_after_a_slash_before_it_breaks_anywhere() -> None:
    text = table(["a"], [["https://example.org/area/digital"]], width=22)
    assert text.splitlines()[2:] == ["https://example.org/", "area/digital"]


def test_narrow_columns_keep_their_width() -> None:
    text = table(["id", "summary"], [["12345", "word " * 40]], width=40)
    assert text.splitlines()[1] == "-----  " + "-" * 33


def test_letters_with_combining_signs_line_up() -> None:
    first, rule, row = table(["e\u0301", "b"], [["eee", "x"]]).splitlines()
    assert first == "e\u0301    b"
    assert (rule, row) == ("---  -", "eee  x")


def test_a_table_without_rows_has_its_header() -> None:
    assert table(["a", "b"], [], width=10) == "a  b\n-  -\n"


def test_a_width_too_small_for_the_columns_still_shows_everything() -> None:
    text = table(["a", "b", "c"], [["xx", "yy", "zz"]], width=3)
    assert text.splitlines()[2:] == ["x  y  z", "x  y  z"]


def test_a_notebook_shows_a_count_in_one_line_and_nothing_else_does(monkeypatch) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    assert notebook_progress("files written") is None
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    InteractiveShell.instance()
    with capture_output() as said:
        show = notebook_progress("files written")
        assert show is not None
        for number in range(1, 102):
            show(number, 101)
    InteractiveShell.clear_instance()
    lines = [output.data["text/plain"] for output in said.outputs]
    assert lines == ["files written", *(f"{n} of 101 files written" for n in (50, 100, 101))]
    assert len({output.transient["display_id"] for output in said.outputs}) == 1


def test_a_template_is_compiled_once_and_anew_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rendered():
        return jinja.__wrapped__(tmp_path).get_template("a.html").render()

    (tmp_path / "a.html").write_text("one")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered() == "one"
    assert not (tmp_path / "__pycache__").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert rendered() == "one"
    with monkeypatch.context() as patch:
        patch.setattr(Environment, "_generate", lambda *_, **__: pytest.fail("It is compiled again."))
        assert rendered() == "one"
    (tmp_path / "a.html").write_text("two")
    assert rendered() == "two"


@pytest.mark.parametrize(
    ("text", "width"),  # in thousandths of the font's size
    [
        ("Crème 2,5 % – «æ»", 8948),
        ("Κυβερνητικό", 6290),
        ("Цифровая", 4610),
        ("البطاقة الوطنية", 6438),
        ("디지털", 3000),
        ("ガバメント", 5000),
        ("राष्ट्रीय", 3360),
        ("ดิจิทัล", 2240),
        ("日本\u200b\u2066", 2000),
    ],
)
def test_a_text_of_any_script_is_about_as_wide_as_its_letters(text: str, width: int) -> None:
    assert text_width(text, 985) == width
    assert text_width(normalize("NFD", text), 985) == width
