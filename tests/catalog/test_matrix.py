"""Answers as matrices and tiles: what each mark says, in which order, and how they are drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from policygraph.errors import FormatError

# One of each mark: a checked number, a number, an absence, a text that was not read; and no row for b in 3.
ROWS = """#+ summary: Who names what?
#+ da: Hvem nævner hvad?
#+ view: {view}
#+ finding: "Of {{rows}}"
SELECT ?field ?place ?code ?x ?y ?named ?absence ?checked ?entries ?passages {{
  VALUES (?field ?place ?code ?x ?y ?named ?absence ?checked ?entries ?passages) {{
    ("one" "a" "A" 0 0 9 UNDEF true "Law <1>\\nLaw 2" "urn:1\\nurn:2")
    ("one" "b" "B" 1 0 1 UNDEF false "Law 3" "urn:3")
    ("two" "a" "A" 0 0 0 UNDEF false UNDEF UNDEF)
    ("two" "b" "B" 1 0 0 "none" false UNDEF UNDEF)
    ("three" "a" "A" 0 0 0 "none" true UNDEF UNDEF)
  }}
}}
"""


@pytest.fixture
def ask(small_catalog):
    def ask(view="matrix", language="en", change=("", "")):
        return small_catalog.ask(ROWS.format(view=view).replace(*change), language=language)

    return ask


def texts(svg):
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter() if each.tag.endswith("}text")]


def test_each_mark_says_one_thing(ask):
    marks = {key: (mark.kind, mark.sign, mark.style) for key, mark in ask().picture.marks.items()}
    assert marks == {
        ("one", "a"): ("named", "9", "n4"),
        ("one", "b"): ("named", "1", "n1"),
        ("two", "a"): ("unread", "?", "unread"),
        ("two", "b"): ("none", "", "none"),
        ("three", "a"): ("none", "", "none"),
    }
    said = {mark.row: mark.text for mark in ask().picture.marks.values()}
    assert [*said.values()] == [
        "a, one: 9 named (checked)",
        "b, one: 1 named",
        "a, two: text not read",
        "b, two: says none to date",
        "a, three: says none to date (checked)",
    ]
    assert ask(language="da").picture.marks["two", "b"].text == "b, two: siger, at der endnu ikke er nogen"


def test_the_fewest_that_say_none_come_first_and_only_these_are_counted(ask):
    matrix = ask().picture
    assert (matrix.rows, matrix.columns) == (["one", "three", "two"], ["a", "b"])
    assert [len(matrix.listed("none", row)) for row in matrix.rows] == [0, 1, 1]
    assert matrix.legend == (
        "Number: named in the account (2). Outline: it says none to date (2). "
        "?: text under the heading that was not read (1). Blank: no such heading (1). "
        "Drafted by a pattern, not checked by a reader: 2 of 4."
    )


def test_a_thing_has_its_row_or_its_column(ask):
    matrix = ask().picture
    assert (matrix.part("b").rows, matrix.part("b").columns) == (["one", "two"], ["b"])
    assert (matrix.part("three").rows, matrix.part("three").columns) == (["three"], ["a"])
    assert not matrix.part("else").marks


def test_the_drawing_has_every_mark_and_its_words(ask):
    answer = ask()
    svg = answer.picture.svg()
    assert svg == answer._repr_html_() == answer.write(format="svg").decode()
    shown = texts(svg)
    assert shown[:4] == ["Who names what?", "Of 5", "aA", "bB"]
    assert [shown.count(each) for each in ("9", "1", "?", "none")] == [1, 3, 1, 1], "1 is a count of none too"
    assert svg.count("<rect class=") == 5
    assert answer.picture.legend in " ".join(shown)


def test_tiles_stand_where_the_answer_says_beside_what_is_named(ask):
    tiles = ask("tiles", change=("SELECT ?field ?place", "SELECT ?place ?field")).picture
    assert {mark.name: (mark.x, mark.y) for mark in tiles.marks.values()} == {"a": (0, 0), "b": (1, 0)}
    shown = texts(tiles.svg())
    assert shown[shown.index("Named") :][:3] == ["Named", "A Law <1>; Law 2", "B Law 3"]
    inline = tiles.svg(inline=True)
    assert ('<a href="#row-1">' in inline, "Law 3" in inline) == (True, False)


def test_what_lacks_a_column_is_no_matrix(ask, small_catalog, tmp_path):
    """Without its absences, an answer would look as if nobody had read it."""
    answer = ask()
    assert answer.select("field", "place", "named").picture is None
    assert answer.select("field", "named", "absence").picture is None
    assert answer.where(lambda row: False).picture is None
    assert small_catalog.ask("projects").picture is None
    with pytest.raises(FormatError, match="view matrix or tiles"):
        answer.select("field").write(format="svg")
    answer.save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text(encoding="utf-8") == answer.picture.svg()


def test_a_matrix_of_five_hundred_marks_is_drawn_at_once(small_catalog):
    from time import process_time

    rows = "\n".join(f'("f{n % 16}" "c{n // 16}" {n % 4} "none")' for n in range(496))
    columns = "?field ?place ?named ?absence"
    text = f"#+ view: matrix\nSELECT {columns} {{ VALUES ({columns}) {{ {rows} }} }}"
    answer = small_catalog.ask(text)
    answer.picture.svg()
    start = process_time()
    answer.select("field", "place", "named", "absence").picture.svg()
    assert process_time() - start < 0.3
