"""Answers as matrices and tiles: what each mark says, in which order, and how they are drawn."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from policygraph.errors import FormatError, QueryError

# A checked number, a number, only titles at a lower level, two absences; and no row for b in 3.
ROWS = """#+ summary: Who names what?
#+ da: Hvem nævner hvad?
#+ view: {view}
#+ finding: "Of {{rows}}"
SELECT ?field ?place ?code ?x ?y ?named ?below ?absence ?checked ?entries ?passages {{
  VALUES (?field ?place ?code ?x ?y ?named ?below ?absence ?checked ?entries ?passages) {{
    ("one" "a" "A" 0 0 9 2 UNDEF true "Law <1>\\nLaw 2" "urn:1\\nurn:2")
    ("one" "b" "B" 1 0 1 UNDEF UNDEF false "Law 3" "urn:3")
    ("two" "a" "A" 0 0 0 UNDEF UNDEF false UNDEF UNDEF)
    ("two" "c" "C" 2 0 0 3 UNDEF false UNDEF UNDEF)
    ("two" "b" "B" 1 0 0 UNDEF "none" false UNDEF UNDEF)
    ("three" "a" "A" 0 0 0 UNDEF "none" true UNDEF UNDEF)
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
        ("two", "a"): ("untitled", "?", "untitled"),
        ("two", "c"): ("below", "0", "below"),
        ("two", "b"): ("none", "", "none"),
        ("three", "a"): ("none", "", "none"),
    }
    bare = ask().select(*(name for name in ask().columns if name != "checked")).picture
    assert ({mark.status for mark in bare.marks.values()}, "drafted" in dict(bare.legend)) == ({""}, False)
    said = {mark.row: mark.text for mark in ask().picture.marks.values()}
    assert [*said.values()] == [
        "a, one: 9 titles (and 2 at a lower level); checked",
        "b, one: 1 title; drafted, not checked",
        "a, two: text without a title",
        "c, two: 0 titles (3 at a lower level)",
        "b, two: says none to date; drafted, not checked",
        "a, three: says none to date; checked",
    ]
    assert ask(language="da").picture.marks["two", "b"].text == (
        "b, two: siger, at der endnu ikke er nogen; udkast, ikke kontrolleret"
    )


def test_the_fewest_that_say_none_come_first_and_what_is_mostly_blank_last(ask):
    matrix = ask().picture
    assert (matrix.rows, matrix.columns) == (["one", "two", "three"], ["c", "a", "b"])
    assert [len(matrix.listed("none", row)) for row in matrix.rows] == [0, 1, 1]
    assert dict(matrix.legend) == {
        "named": "Number: titles under the heading (2).",
        "none": "Outline: it says none to date (2). The column “none” counts the outlines of its row.",
        "below": "0: titles at a lower level only (1).",
        "untitled": "?: text without a title (1).",
        "blank": "Blank: no such heading (3).",
        "drafted": "Dot: drafted by a pattern, not checked by a reader (2 of 4).",
    }


def test_a_thing_has_its_row_or_its_column(ask):
    matrix = ask().picture
    assert (matrix.part("b").rows, matrix.part("b").columns) == (["one", "two"], ["b"])
    assert (matrix.part("three").rows, matrix.part("three").columns) == (["three"], ["a"])
    assert not matrix.part("else").marks


def test_a_column_is_told_which_are_most_like_it_and_where_they_are_not(ask):
    found = ask().picture.like("a")
    assert found == ["b (1 of 3 alike, not two, three)", "c (0 of 3 alike, not one, two, three)"]
    assert ask().picture.like("one") == []


def test_the_drawing_has_every_mark_and_its_words(ask):
    answer = ask()
    svg = answer.picture.svg()
    assert svg == answer._repr_html_() == answer.write(format="svg").decode()
    shown = texts(svg)
    assert shown[:5] == ["Who names what?", "Of 6", "cC", "aA", "bB"]
    assert svg.count("<title>") == 3 + 6
    assert svg.count("<circle") == 2 + 2, "what is drafted, and the samples of the legend"
    for _, words in answer.picture.legend:
        assert words in " ".join(shown)
    assert " ".join(shown).endswith("Columns: 3 · Source: PolicyGraph, The PolicyGraph authors")


def test_tiles_stand_where_the_answer_says_beside_what_is_named(ask):
    answer = ask("tiles", change=("SELECT ?field ?place", "SELECT ?place ?field"))
    tiles = answer.where(lambda row: "one" in str(row["field"]) or "c" in str(row["place"])).picture
    assert {mark.name: (mark.x, mark.y) for mark in tiles.marks.values()} == {
        "a": (0, 0),
        "b": (1, 0),
        "c": (2, 0),
    }
    shown = texts(tiles.svg())
    assert shown[shown.index("Titles") :][:3] == ["Titles", "A Law <1>; Law 2", "B Law 3"]
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
        answer.select("field").save(tmp_path / "x.svg")
    for change, what in (
        ((" 9 2 ", " 2.5 2 "), "row 1: named takes whole numbers from 0; not '2.5'"),
        (
            ('"two" "a"', '"one" "a"'),
            "row 3: a, one has another number in a row before, 9; let the query add them",
        ),
    ):
        with pytest.raises(QueryError, match=f"matrix, {what}"):
            ask(change=change).picture  # noqa: B018
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
