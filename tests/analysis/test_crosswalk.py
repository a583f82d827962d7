"""How two lists connect: each cell's strength, explanation and picture.

Tests of `analysis.heatmap`.
"""

from __future__ import annotations

import random
import re
import sys
import xml.etree.ElementTree as ET

import networkx as nx
import pytest

from policygraph.analysis.crosswalk import (
    PATHS_KEPT,
    crosswalk,
    format_crosswalk,
    format_markdown,
)
from policygraph.analysis.heatmap import svg
from policygraph.analysis.network import narrowed, network
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError
from policygraph.i18n import words
from policygraph.rdf.namespaces import MODEL as BASE

DK = BASE + "id/dk/"
SVG = "{http://www.w3.org/2000/svg}"


def graph_of():
    """Two lists, a and b against c and d: c direct, d through x (stated) and y (weak)."""
    graph = nx.MultiDiGraph()
    graph.add_edge("c", "a", relation="refines", basis="inferred", strength="strong")
    graph.add_edge("x", "a", relation="lists", basis="stated")
    graph.add_edge("x", "d", relation="lists", basis="stated")
    graph.add_edge("a", "y", relation="needs", basis="inferred", strength="weak")
    graph.add_edge("y", "d", relation="needs", basis="stated")
    graph.add_edge("x", "z", relation="lists", basis="external")
    graph.add_node("b")
    nx.set_node_attributes(
        graph, {"a": "First", "b": "Second", "c": "Third", "d": "Fourth", "x": "Plan X"}, "label"
    )
    nx.set_node_attributes(graph, {"a": "L1", "b": "L2"}, "notation")
    return graph


SMALL = graph_of()


@pytest.fixture(scope="module")
def lists(catalog):
    """The two lists of areas in the shipped data, in the order of their notations."""
    store = catalog.load()

    def members(name):
        group = f"<{DK}scheme/{name}>"
        return [row["member"].value for row in store.query(catalog.queries["members"].bind(group=group))]

    return members("modernisation-areas"), members("digital-welfare-areas")


@pytest.fixture(scope="module")
def areas(catalog):
    def read(language="en"):
        return network(catalog, store=store, language=language)

    store = catalog.load()
    return read


def cells(found):
    return {(row, column): cell for row, column, cell in found.each()}


def test_a_direct_connection_counts_its_weight_and_a_way_through_something_its_share():
    found = cells(crosswalk(SMALL, [*"ab"], [*"cd"]))
    assert found["a", "c"].strength == pytest.approx(0.7)
    # x has three neighbours, y two.
    by_x, by_y = 0.9 * 0.9 / 3, 0.2 * 0.9 / 2
    assert found["a", "d"].strength == pytest.approx(1 - (1 - by_x) * (1 - by_y))
    assert found["a", "d"].ways == 2
    assert [path.nodes for path in found["a", "d"].paths] == [("a", "x", "d"), ("a", "y", "d")]


def test_fewer_hops_find_less_and_more_find_more():
    assert cells(crosswalk(SMALL, [*"a"], [*"d"], hops=1))["a", "d"].ways == 0
    three = cells(crosswalk(SMALL, [*"c"], [*"d"], hops=3))["c", "d"]
    assert three.ways == 2
    assert three.strength == pytest.approx(1 - (1 - 0.7 / 3 * 0.81 / 3) * (1 - 0.7 / 3 * 0.18 / 2))
    assert cells(crosswalk(SMALL, [*"c"], [*"d"], hops=2))["c", "d"].ways == 0


def test_a_cell_is_explained_by_its_shortest_path():
    found = cells(crosswalk(SMALL, [*"abd"], [*"cdz"]))
    assert found["a", "c"].text == "← refines (inferred, strong)"
    assert found["a", "d"].text == "side by side in Plan X (stated), and 1 more"
    assert found["d", "z"].text == "side by side in Plan X (external)"
    assert found["b", "c"].text == "not examined"
    assert found["d", "d"].text == "the same"
    through = cells(crosswalk(SMALL, [*"y"], [*"x"]))["y", "x"].text
    assert through == "through Fourth (stated), and 1 more"
    shared = nx.MultiDiGraph([("a", "x"), ("b", "x")])
    assert cells(crosswalk(shared, [*"a"], [*"b"]))["a", "b"].text == "with x in common (no basis given)"
    assert cells(crosswalk(shared, [*"a"], [*"x"]))["a", "x"].text == "→ is connected to (no basis given)"


def test_a_short_path_explains_even_where_a_longer_one_is_stronger():
    graph = nx.MultiDiGraph([("a", "x"), ("x", "b")])
    graph.add_edge("a", "b", basis="inferred", strength="weak")
    ((cell,),) = crosswalk(graph, ["a"], ["b"]).cells
    assert [path.nodes for path in cell.paths] == [("a", "b"), ("a", "x", "b")]
    assert cell.strength == pytest.approx(1 - (1 - 0.2) * (1 - 0.9 * 0.9 / 2))


def test_a_total_of_what_is_small_is_no_more_nothing_than_that():
    graph = nx.MultiDiGraph([("a", "x", {"basis": "inferred"}), ("x", "b", {"basis": "stated"})])
    graph.add_edges_from(("x", number) for number in range(60))
    found = crosswalk(graph, ["a", "b"], ["b"], hops=2)
    assert [row[1:] for row in found.grid(str)[1:]] == [["<0.01~", "<0.01"], ["=", "0.00"], ["<0.01", ""]]
    assert [text.text for text in ET.fromstring(svg(found)).iter(f"{SVG}text")].count("<0.01") == 2


def test_a_sign_is_explained_in_words_with_the_capitals_that_they_have(monkeypatch):
    def german(*sections):
        known = words(*sections)
        return known | {"basis_names": known.get("basis_names", {}) | {"inferred": "Aus Texten"}}

    monkeypatch.setattr("policygraph.analysis.crosswalk.words", german)
    assert "~ aus Texten" in str(crosswalk(SMALL, [*"ab"], [*"cd"]))


def test_a_number_bears_the_mark_of_its_basis():
    found = cells(crosswalk(SMALL, [*"abd"], [*"cdz"]))
    assert found["a", "c"].number == "0.70~"
    assert re.fullmatch(r"0\.\d\d", found["a", "d"].number)
    assert found["d", "z"].number.endswith("+")
    assert found["b", "c"].number == "?"
    assert found["d", "d"].number == "="
    weak = nx.MultiDiGraph([("a", "hub"), ("hub", "b"), *(("hub", str(n)) for n in range(300))])
    assert cells(crosswalk(weak, [*"a"], [*"b"]))["a", "b"].number == "<0.01*"


def test_totals_leave_out_what_a_thing_is_itself_and_the_empty_are_named():
    found = crosswalk(SMALL, [*"abd"], [*"cdb"])
    assert found.row_totals[0] == pytest.approx(sum(cell.strength for cell in found.cells[0]))
    assert found.column_totals[1] == pytest.approx(found.cells[0][1].strength)
    assert found.cells[2][1].same
    assert found.unconnected == (("b", "d"), ("b",))


def test_things_of_other_countries_change_no_number():
    alone = nx.MultiDiGraph()
    alone.add_edge("a", "c", basis="inferred", strength="strong")
    for end in "acd":
        alone.add_edge("plan", end, basis="stated")
        alone.add_edge("theme", end, basis="stated")
    for node in "abcd":
        alone.add_node(node, country="xx")
    alone.add_node("plan", country="xx; yy")
    both = alone.copy()
    both.add_node("other", country="yy")
    for end in ("a", "c", "d", "b", "plan", "theme"):  # beside them, and a neighbour of what lies between
        both.add_edge("other", end, relation="relates to", basis="stated")
    expected, found = (crosswalk(graph, [*"ab"], [*"cd"]) for graph in (alone, both))
    assert found.cells == expected.cells
    assert found.cells[0][0].ways == 3
    # Of a list that is of both countries, or of none, nothing is far.
    assert cells(crosswalk(both, ["a", "other"], ["d"]))["a", "d"].ways == 3
    assert cells(crosswalk(both, ["theme"], ["theme"]))["theme", "theme"].same
    assert cells(crosswalk(both, ["theme"], ["plan"], hops=2))["theme", "plan"].ways == 4


def test_a_list_may_be_compared_with_itself():
    found = crosswalk(SMALL, [*"acd"], [*"acd"])
    matrix = [[round(cell.strength, 9) for cell in row] for row in found.cells]
    assert matrix == [list(column) for column in zip(*matrix, strict=True)]
    assert all(found.cells[n][n].same for n in range(3))


def test_many_paths_are_counted_and_only_the_best_kept():
    graph = nx.MultiDiGraph([pair for n in range(25) for pair in (("a", f"m{n}"), (f"m{n}", "b"))])
    cell = cells(crosswalk(graph, [*"a"], [*"b"]))["a", "b"]
    assert cell.ways == 25
    assert len(cell.paths) == PATHS_KEPT
    assert 0 < cell.strength < 1
    assert cell.text.endswith("and 24 more")


def test_the_order_of_the_network_does_not_matter_and_it_stays_as_it_was():
    edges, before = [*SMALL.edges(data=True)], nx.to_dict_of_dicts(SMALL)
    first, shuffle = crosswalk(SMALL, [*"abcd"], [*"cdxz"], hops=3), random.Random(2)
    for _ in range(5):
        shuffle.shuffle(edges)
        other = nx.MultiDiGraph()
        other.add_edges_from(edges)
        other.add_nodes_from(SMALL.nodes(data=True))
        again = crosswalk(other, [*"abcd"], [*"cdxz"], hops=3)
        assert format_crosswalk(again) == format_crosswalk(first)
        assert svg(again) == svg(first)
    assert nx.to_dict_of_dicts(SMALL) == before


@pytest.mark.parametrize(
    ("rows", "columns", "hops", "message"),
    [
        ("", "a", 2, "one is empty"),
        ("a", ["nowhere"], 2, "'nowhere' is not in the network"),
        ("a", "b", 4, "1, 2 or 3 hops, not of 4"),
        ("a", "b", 0, "not of 0"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(rows, columns, hops, message):
    with pytest.raises(NetworkError, match=message):
        crosswalk(SMALL, rows, columns, hops=hops)


@pytest.mark.full
def test_what_is_too_big_is_refused_with_the_number(monkeypatch):
    star = nx.star_graph(200)
    assert len(crosswalk(star, range(150), range(150)).table.rows) == 22_500
    # Not by its name, since the package has a function of that name too.
    monkeypatch.setattr(sys.modules["policygraph.analysis.crosswalk"], "MAX_CELLS", 10_000)
    with pytest.raises(NetworkError, match="would have 200 × 200; take a shorter list"):
        crosswalk(star, range(200), range(200))
    monkeypatch.setattr(sys.modules["policygraph.analysis.crosswalk"], "MAX_STEPS", 100)
    with pytest.raises(NetworkError, match="100 ways at most, and here are 200; follow 2 hops"):
        crosswalk(star, [1], [0], hops=3)
    assert crosswalk(star, [1], [0], hops=2).cells[0][0].ways == 1
    with pytest.raises(NetworkError, match="empty"):
        crosswalk(nx.Graph(), [*"a"], [*"b"])


@pytest.mark.parametrize(
    ("one", "other"), [("Plan", "pg:Goal"), ("NemID; MitID", "Driver"), ("NemID", "Area")]
)
def test_lists_that_are_too_long_are_refused_before_there_is_a_network(
    catalog, denmark, monkeypatch, one, other
):
    module = sys.modules["policygraph.analysis.crosswalk"]
    found = crosswalk(denmark, one, other)
    size = f"{len(found.rows)} × {len(found.columns)}"
    monkeypatch.setattr(module, "MAX_CELLS", len(found.rows) * len(found.columns))
    module.check_lists(catalog, catalog.store, one, other)
    monkeypatch.setattr(module, "MAX_CELLS", len(found.rows) * len(found.columns) - 1)
    with pytest.raises(NetworkError, match=f"would have {size}; take a shorter list"):
        module.check_lists(catalog, catalog.store, one, other)


def test_the_table_has_a_row_for_each_cell_the_empty_ones_too():
    found = crosswalk(SMALL, [*"ab"], [*"cd"]).table
    assert found.name == "crosswalk"
    assert len(found.rows) == 4
    assert found.rows[1][2] == "through"
    assert found.rows[1][3] == pytest.approx(1 - (1 - 0.27) * (1 - 0.09))
    assert found.rows[1][4:] == (2, 0, ("x",), "stated", "side by side in Plan X (stated), and 1 more")
    assert found.rows[2] == ("b", "c", "not examined", 0.0, 0, 0, (), None, "not examined")
    assert "at most 2 steps" in found.reading
    assert found.recipe["hops"] == 2


def test_short_names_are_notations_or_else_free_numbers():
    assert dict(crosswalk(SMALL, [*"ab"], [*"cda"]).keys) == {"a": "L1", "b": "L2", "c": "1", "d": "2"}
    graph = nx.Graph([("a", "b"), ("b", "c")])
    nx.set_node_attributes(graph, {"a": "1", "b": "X", "c": "X"}, "notation")
    assert dict(crosswalk(graph, [*"a"], [*"bc"]).keys) == {"a": "1", "b": "2", "c": "3"}
    # A list is in the order of its labels, which differs from language to language; its numbers are not.
    assert dict(crosswalk(graph, [*"a"], [*"cb"]).keys) == {"a": "1", "b": "2", "c": "3"}


def test_the_text_has_matrix_key_and_explanations():
    lines = format_crosswalk(crosswalk(SMALL, [*"ab"], [*"cd"])).splitlines()
    assert [line.split() for line in (lines[0], *lines[2:5])] == [
        ["1", "2", "Total"],
        ["L1", "0.70~", "0.34", "1.04"],
        ["L2", "?", "?", "0.00"],
        ["Total", "0.70", "0.34"],
    ]
    assert "L1  First" in lines
    assert "L1 × 1      0.70~     ← refines (inferred, strong)" in lines
    assert "Of 4 pairs: 1 direct, 1 through something else, 2 not examined." in lines
    assert "Signs for the weakest basis of the explanation: ~ inferred." in lines
    assert "Signs in place of a number: ? not examined." in lines
    assert "No specific connection is found for L2." in lines


def test_a_wide_matrix_goes_on_below_itself():
    graph = nx.complete_graph(30)
    narrow = format_crosswalk(crosswalk(graph, range(15), range(15, 30)), width=40)
    assert max(map(len, narrow.splitlines())) <= 40
    assert sum(line.startswith("Total") for line in narrow.splitlines()) == 4
    heads = " ".join(line for line in narrow.splitlines() if re.fullmatch(r" +[\d ]+(Total)?", line))
    assert heads.split() == [*map(str, range(16, 31)), "Total"]
    empty = format_crosswalk(crosswalk(nx.empty_graph(2), [0], [1]))
    assert "Explanation" not in empty


def test_a_matrix_too_wide_to_be_read_is_told_by_its_connected_pairs():
    graph = nx.MultiDiGraph([(0, 100, {"basis": "stated", "relation": "serves"})])
    graph.add_nodes_from(range(200))
    matrix = crosswalk(graph, range(100), range(100, 200))
    wide = " ".join(format_crosswalk(matrix, width=80).split())
    assert "Of 10,000 pairs: 1 direct, 9999 not examined." in wide
    assert "The matrix is too wide to be shown here; below are the pairs that are connected" in wide
    assert "1 × 101 0.90 → serves (stated)" in wide
    assert "Total 0" not in wide
    assert "Total" in format_crosswalk(matrix)
    assert "too wide" not in format_crosswalk(matrix)


def test_markdown_escapes_what_would_break_the_table():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "stated", "relation": "x|y"})])
    nx.set_node_attributes(graph, {"a": "One | two\n*three*", "b": "<b>"}, "label")
    lines = format_markdown(crosswalk(graph, [*"a"], [*"b"])).splitlines()
    assert lines[0] == r"|  | 2 \<b\> | Total |"
    assert lines[1] == "| --- | ---: | ---: |"
    assert lines[2] == r"| 1 One \| two \*three\* | 0.90 | 0.90 |"
    assert lines[3] == "| Total | 0.90 |  |"
    assert lines[-1] == r"- 1 × 2: 0.90, → x\|y (stated)"


def luminance(color):
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


HOSTILE = [
    "<script>alert(1)</script>",
    "a \"quoted\" & 'single' ]]>",
    "عربي 🙂 漢字",
    "x" * 5000,
    "word " * 1000,
]


@pytest.mark.parametrize("count", [1, 5, 16])
def test_the_picture_is_one_accessible_file_with_nothing_from_elsewhere(count):
    graph = nx.MultiDiGraph()
    bases = ["stated", "inferred", "external", "derived", None]
    for n in range(count):
        for m in range(5):
            if (n + m) % 3:
                graph.add_edge(f"r{m}", f"c{n}", basis=bases[(n + m) % 5], relation=HOSTILE[m])
    graph.add_nodes_from((f"r{m}", {"label": HOSTILE[m]}) for m in range(5))
    graph.add_nodes_from((f"c{n}", {"label": HOSTILE[n % 5]}) for n in range(count))
    found = crosswalk(graph, [f"r{m}" for m in range(5)], [f"c{n}" for n in range(count)])
    picture = svg(found, title="<Title> & more")
    root = ET.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("lang") == "en"
    named = [root.find(SVG + "title"), root.find(SVG + "desc")]
    assert root.get("aria-labelledby").split() == [each.get("id") for each in named]
    assert named[0].text == "<Title> & more"
    assert f"5 × {count} cells" in named[1].text
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "g",
        "text",
    }
    assert picture.count("http") == 1  # the namespace
    titles = [each.text for each in root.iter(SVG + "title")]
    assert all(any(cell.text in title for title in titles) for _, _, cell in found.each())


def test_numbers_in_the_picture_can_be_read_on_their_cells_and_lie_within_it(areas, lists):
    for language in ("en", "da"):
        picture = svg(crosswalk(areas(language), *lists, hops=3, language=language))
        root = ET.fromstring(picture)
        _, _, wide, high = map(float, root.get("viewBox").split())
        for group in root.iter(SVG + "g"):
            boxes, words = group.findall(SVG + "rect"), group.findall(SVG + "text")
            if boxes and words[0].get("fill"):
                assert contrast(boxes[0].get("fill"), words[0].get("fill")) >= 4.5
        for box in root.iter(SVG + "rect"):
            if box.get("x"):
                assert float(box.get("x")) + float(box.get("width")) <= wide
                assert float(box.get("y")) + float(box.get("height")) <= high
        assert 'stroke-dasharray="5 3.5"' in picture


def test_a_picture_of_nothing_found_says_so():
    picture = svg(crosswalk(nx.empty_graph(2), [0], [1]))
    assert "1 of them empty" in picture
    assert "strongest" not in picture
    assert "Strength" not in picture


def test_the_scale_has_no_two_boxes_of_one_number():
    graph = nx.MultiDiGraph([("a", "c", {"basis": "stated"}), ("b", "d", {"basis": "stated"})])
    picture = ET.fromstring(svg(crosswalk(graph, [*"ab"], [*"cd"])))
    assert len([box for box in picture.iter(SVG + "rect") if box.get("width") == "44"]) == 1


def test_the_legend_names_every_basis_that_a_frame_stands_for():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "external"}), ("a", "c", {"basis": "derived"})])
    legend = [text.text for text in ET.fromstring(svg(crosswalk(graph, [*"a"], [*"bc"]))).iter(SVG + "text")]
    assert "derived, external" in legend


def test_nothing_shown_commands_a_terminal_or_breaks_the_picture():
    graph = nx.MultiDiGraph([("a", "b", {"relation": "is\x1b[1m", "basis": "x\x07"}), ("b", "c")])
    nx.set_node_attributes(graph, {"a": "A\x1b[2J\nA", "b": "B\x00\ufffe", "c": "C"}, "label")
    nx.set_node_attributes(graph, {"a": "N\x1b"}, "notation")
    found = crosswalk(graph, ["a"], ["b", "c"])
    for told in (format_crosswalk(found), format_markdown(found)):
        assert [line for line in told.splitlines() if not line.isprintable()] == []
        assert "A [2J A" in told.replace("\\", "")
    drawn = svg(found, title="T\x1bT")
    assert "A [2J A" in "".join(ET.fromstring(drawn).itertext())
    assert "T T" in drawn


def test_a_list_that_was_examined_covers_its_pairs_but_no_others():
    graph = nx.MultiDiGraph(examined="l m;n", a=1)
    for node, scheme in zip("abcde", "lmnnl", strict=True):
        graph.add_node(node, scheme=scheme)
    found = cells(crosswalk(graph, [*"abcde"], [*"abcde"]))
    pairs = {frozenset(pair) for pair, cell in found.items() if cell.kind == "none found"}
    assert pairs == {frozenset("ab"), frozenset("be"), frozenset("cd")}


def test_ways_through_a_hub_count_for_nothing_and_come_last():
    graph = SMALL.copy()
    graph.nodes["x"]["hub"] = True
    cell = cells(crosswalk(graph, [*"a"], [*"d"]))["a", "d"]
    assert cell.strength == pytest.approx(0.2 * 0.9 / 2)
    assert (cell.ways, cell.shared, cell.kind) == (1, 1, "through")
    assert [path.nodes for path in cell.paths] == [("a", "y", "d"), ("a", "x", "d")]
    graph.remove_node("y")
    found = crosswalk(graph, [*"a"], [*"d"])
    ((cell,),) = found.cells
    assert (cell.number, cell.strength, cell.ways, cell.shared) == ("h", 0, 0, 1)
    assert cell.text == "through Plan X, which many things share (stated); not examined"
    assert found.unconnected == (("a",), ("d",))
    assert cells(crosswalk(graph, [*"a"], [*"x"]))["a", "x"].kind == "direct", "an end is no way through"


def test_no_source_states_a_connection_of_the_two_lists(areas, lists):
    stated = crosswalk(narrowed(areas(), evidence="said"), *lists)
    assert not any(cell.ways for _, _, cell in stated.each())
    assert stated.unconnected == tuple(map(tuple, lists))


def test_danish_is_danish_throughout(areas, lists):
    found = crosswalk(areas("da"), *lists, language="da")
    told = format_crosswalk(found)
    read = [cell.number for *_, cell in found.each() if cell.kind == "direct" and cell.number.endswith("~")]
    assert all(number.replace(".", ",") in told for number in read)
    assert re.search(r"M\d × W\d +0,\d\d~ +← konkretiserer \(udledt, (middel|stærk)\)", told)
    assert "I alt" in told
    assert not re.search(r"\b(and|the|through|none|found)\b", told)


def test_danish_stays_danish_where_a_member_of_a_list_has_no_claim(examplia, tmp_path):
    (tmp_path / "lonely.ttl").write_text(
        "<https://x.org/lonely> a <https://w3id.org/policygraph/ontology#Goal> .", encoding="utf-8"
    )
    files = [examplia.datasets["examplia"].path, tmp_path / "lonely.ttl"]
    graph = network(Catalog.find(examplia.root, files=files), language="da")
    found = crosswalk(graph, "Plan", "Goal")
    assert "https://x.org/lonely" in {*found.columns} - {*graph}
    assert found.table.recipe["algorithm"] == words("da", "measures")["crosswalk"]["algorithm"]
