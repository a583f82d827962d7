"""The drawing of classes: boxes that do not touch, rows inside them, lines that end where they should."""

from __future__ import annotations

import re

import pytest

from policygraph.site.pages.diagram import COLUMNS, WIDTH, Box, Row, diagram


def boxes(count, rows=3):
    return [
        Box(
            f"c{number}",
            f"Class {number}",
            "one" if number < count * 2 // 3 else "two",
            kinds=["special", "more special"] if number % 3 == 0 else [],
            rows=[
                Row(f"p{number}-{row}", f"relation {row}", "Class 0", "c0", "c0")
                for row in range(number % (rows + 1))
            ],
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 24, 80])
def test_boxes_do_not_touch_and_lie_inside(count):
    drawn = diagram(boxes(count))
    assert len(drawn.boxes) == count
    places = [(box["x"], box["y"], box["x"] + WIDTH, box["y"] + box["height"]) for box in drawn.boxes]
    for number, (left, top, right, bottom) in enumerate(places):
        assert 0 <= left < right <= drawn.width
        assert 0 <= top < bottom <= drawn.height
        for other in places[:number]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    assert len({box["x"] for box in drawn.boxes}) <= COLUMNS
    for box in drawn.boxes:
        assert all(row["y"] > 0 and row["y"] + row["below"] < box["height"] for row in box["rows"])


def test_each_group_is_named_once_and_kept_together():
    drawn = diagram(boxes(24))
    assert [title["text"] for title in drawn.titles] == ["one", "two"]
    order = [int(box["key"][1:]) for box in drawn.boxes]
    assert order == sorted(order)


def test_a_line_leads_from_its_row_to_the_head_of_its_box():
    drawn = diagram(boxes(24))
    first = next(box for box in drawn.boxes if box["key"] == "c0")
    assert set(drawn.lines) == {row["row"].iri for box in drawn.boxes for row in box["rows"]}
    for box in drawn.boxes:
        for row in box["rows"]:
            numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", drawn.lines[row["row"].iri])]
            assert numbers[0] in (box["x"], box["x"] + WIDTH)
            assert box["y"] < numbers[1] < box["y"] + box["height"]
            assert numbers[8] in (first["x"], first["x"] + WIDTH)
            assert numbers[9] == first["y"] + 15


def test_what_leads_nowhere_has_no_line_and_long_names_keep_to_their_box():
    long = "a relation whose name is much longer than any box can hold in one line"
    drawn = diagram(
        [Box("c", "C", "g", rows=[Row("p", long, "Somewhere"), Row("q", "short", "C", "c", "c")])]
    )
    row = drawn.boxes[0]["rows"][0]
    assert set(drawn.lines) == {"q"}
    assert len(row["label"]) <= 40
    assert row["label"].endswith("…")
    assert row["below"]


def test_the_same_boxes_give_the_same_drawing():
    assert diagram(boxes(30)) == diagram(boxes(30))


def test_a_relation_of_two_classes_has_a_row_in_each_and_both_curves():
    row = Row("p", "relation", "C", "c", "c")
    drawn = diagram([Box("a", "A", "g", rows=[row]), Box("b", "B", "g", rows=[row]), Box("c", "C", "g")])
    assert [len(box["rows"]) for box in drawn.boxes] == [1, 1, 0]
    assert drawn.lines["p"].count("C") == 2
