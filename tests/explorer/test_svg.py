"""The map is one well-formed SVG: everything has its place, no card covers another, no line pierces one.

Tests of `explorer.cards` and `explorer.routes`.
"""

from __future__ import annotations

import re
import time
from itertools import combinations
from xml.etree import ElementTree

import networkx as nx
import pytest
from networks import HOSTILE, hostile_network, policy_network, shuffled

from policygraph.analysis.network import LEVELS
from policygraph.explorer.cards import FONT, lanes, width, wrap
from policygraph.explorer.document import Preset, view_document
from policygraph.explorer.svg import chart, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph, **options) -> ElementTree.Element:
    document = view_document(graph, title=options.pop("title", "Plans"), **options)
    return ElementTree.fromstring(picture(document))


def whole(graph) -> ElementTree.Element:
    """The map as in the page, with the lines that come on selection."""
    return ElementTree.fromstring(str(chart(view_document(graph, title="Plans"))))


def having(root, name) -> list[ElementTree.Element]:
    return [each for each in root.iter(f"{SVG}g") if each.get(name) is not None]


def boxes(root) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Left, top, right and bottom of each card that is no frame."""
    found = []
    for card in having(root, "data-card"):
        if "frame" not in card.get("class").split():
            rect = card.find(f"{SVG}rect")
            x, y, w, h = (float(rect.get(name)) for name in ("x", "y", "width", "height"))
            found.append((card.get("data-card"), (x, y, x + w, y + h)))
    return found


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of M, H, V and C, close together."""
    found, x, y = [], 0.0, 0.0
    for command, rest in re.findall("([MHVC])([^MHVC]*)", path):
        numbers = [float(each) for each in rest.split()]
        if command == "H":
            found += [(x + (numbers[0] - x) * n / 40, y) for n in range(41)]
            x = numbers[0]
        elif command == "V":
            found += [(x, y + (numbers[0] - y) * n / 40) for n in range(41)]
            y = numbers[0]
        elif command == "C":
            a, b, c, d, e, f = numbers
            for n in range(41):
                t, u = n / 40, 1 - n / 40
                found.append(
                    (
                        u**3 * x + 3 * u * u * t * a + 3 * u * t * t * c + t**3 * e,
                        u**3 * y + 3 * u * u * t * b + 3 * u * t * t * d + t**3 * f,
                    )
                )
            x, y = e, f
        else:
            x, y = numbers
    return found


def sound(root) -> None:
    """No card over another, none off the map, no line through one, every name within its card."""
    placed = boxes(root)
    wide, high = float(root.get("width")), float(root.get("height"))
    for (_, one), (_, other) in combinations(placed, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(min(box) >= 0 and box[2] <= wide and box[3] <= high for _, box in placed)
    for line in having(root, "data-edges"):
        for x, y in points(line.find(f"{SVG}path").get("d")):
            for _, (left, top, right, bottom) in placed:
                assert not (left + 1 < x < right - 1 and top + 1 < y < bottom - 1), line.get("data-ends")
    for card in having(root, "data-card"):
        rect = card.find(f"{SVG}rect")
        for row in card.iter(f"{SVG}tspan"):
            end = float(row.get("x")) + float(row.get("textLength"))
            assert end <= float(rect.get("x")) + float(rect.get("width")), row.text


@pytest.mark.parametrize(
    "graph",
    [
        policy_network(),
        hostile_network(),
        nx.MultiDiGraph([("a", "b")] * 4 + [("b", "a"), ("a", "a")]),
        nx.gnm_random_graph(300, 500, seed=1, directed=True),
    ],
    ids=["made-up", "hostile", "parallel", "without kinds"],
)
def test_everything_has_its_place_and_nothing_covers_another(graph):
    root = whole(graph)
    sound(root)
    things = [each for card in having(root, "data-things") for each in card.get("data-things").split()]
    assert sorted(things) == sorted(f"n{n}" for n in range(len(graph)))
    edges = [int(each) for line in having(root, "data-edges") for each in line.get("data-edges").split()]
    assert len(edges) == len(set(edges)) <= graph.number_of_edges()


def test_the_same_network_gives_the_same_map():
    graph = policy_network()
    assert picture(view_document(graph, title="x")) == picture(view_document(shuffled(graph), title="x"))


def test_lanes_stand_from_left_to_right_under_their_headings():
    graph = policy_network()
    for _, facts in graph.nodes(data=True):
        facts["lane"] = f"Lane {facts['layer']}"
    root = whole(graph)
    heads = [
        text.text
        for group in root.iter(f"{SVG}g")
        if group.get("class") == "heads"
        for text in group.iter(f"{SVG}text")
    ]
    assert heads == [f"Lane {number}" for number in range(7)]
    at = dict(boxes(root))
    card = {
        thing: card.get("data-card")
        for card in having(root, "data-things")
        for thing in card.get("data-things").split()
    }
    left = {}
    for node in view_document(graph, title="x")["nodes"]:
        left.setdefault(node["layer"], set()).add(at.get(card[node["id"]], (0,))[0] // 60)
    assert min(left[0]) <= min(left[2]) < min(left[3]) < min(left[6])


def test_a_list_has_a_frame_with_its_members_in_their_order_and_one_line_for_all():
    graph = nx.MultiDiGraph()
    for number in (10, 2, 1):
        graph.add_node(f"a{number}", notation=f"A{number}", scheme="list", layer=2, kind="Area")
        graph.add_edge("plan", f"a{number}", relation="targets", basis="stated")
    graph.add_node("plan", layer=1, kind="Plan")
    root = whole(graph)
    frames = [card for card in having(root, "data-card") if "frame" in card.get("class").split()]
    assert len(frames) == 1
    badges = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "number"]
    assert badges == ["A1", "A2", "A10"]
    (line,) = having(root, "data-edges")
    assert frames[0].get("data-card") in line.get("data-ends").split()
    assert len(line.get("data-edges").split()) == 3


def test_parts_stand_below_their_whole_and_what_many_share_is_counted():
    graph = nx.MultiDiGraph(transitive="https://example.org/part")
    for number in range(3):
        graph.add_node(f"place {number}", kind="Place", layer=2)
        graph.add_edge("whole", f"place {number}", relation="in")
    graph.add_node("whole", layer=1, level=1, kind="Plan")
    graph.add_node("part", layer=1, level=1, kind="Plan")
    graph.add_edge("part", "whole", relation="is part of", property="https://example.org/part")
    document = view_document(graph, title="x")
    ids = {node["iri"]: node["id"] for node in document["nodes"]}
    root = whole(graph)
    at = dict(boxes(root))
    assert at[ids["part"]][0] > at[ids["whole"]][0]
    assert at[ids["part"]][1] > at[ids["whole"]][1]
    (group,) = [card for card in having(root, "data-card") if "group" in card.get("class").split()]
    assert len(group.get("data-things").split()) == 3


def test_a_line_of_several_bases_is_drawn_as_the_weakest():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "stated"}), ("a", "b", {"basis": "inferred"})])
    (line,) = having(drawn(graph), "data-edges")
    assert "inferred" in line.get("class").split()


def test_it_can_be_read_without_seeing_it():
    root = drawn(policy_network(), title="Plans")
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Plans"
    described = root.find(f"{SVG}desc").text
    assert described.startswith("44 things and 61 connections.")
    assert "Sector 8" in described
    assert "Inferred" in described
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert "Challenge: Rural decline" in titles
    assert any("responds to" in title and title.endswith(")") for title in titles)


def test_bases_differ_in_their_lines():
    graph = nx.MultiDiGraph(
        [("a", f"b{b}", {"basis": b}) for b in ("stated", "inferred", "external", "derived")]
    )
    for node in graph:
        graph.nodes[node]["kind"] = node[0]
    dashes = [line.find(f"{SVG}path").get("stroke-dasharray") for line in having(drawn(graph), "data-edges")]
    assert len(set(dashes)) == 4


def test_what_the_page_hides_at_first_is_not_drawn_but_counted():
    root = drawn(policy_network(), evidence="said")
    said = [text.text for text in root.iter(f"{SVG}text")]
    stated = sum(basis == "stated" for *_, basis in policy_network().edges(data="basis"))
    assert f"Said only: 26 things and {stated} connections, {61 - stated} hidden" in said
    assert all("stated" in line.get("class").split() for line in having(root, "data-edges"))
    counted = next(text for text in said if text and " drawn, " in text)
    assert sum(map(int, re.findall(r"\d+", counted))) == stated
    assert "not drawn" in counted
    assert "selection" not in " ".join(filter(None, said)), "nothing can be selected there"


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_texts_stay_text(title):
    root = drawn(hostile_network(), title=title + "\x00\x1b\uffff")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "polygon", "circle", "rect", "text", "tspan")
    }
    allowed = {"xmlns", "role", "lang", "viewBox", "width", "height", "d", "points", "transform", "class"}
    allowed |= {"x", "y", "cx", "cy", "r", "rx", "textLength", "lengthAdjust"}
    for element in root.iter():
        names = set(element.keys()) - allowed
        assert all(re.match("(fill|stroke|font|text|data)-?", name) for name in names), names
    assert root.find(f"{SVG}title").text.startswith(title.encode("utf-8", "replace").decode())


def test_names_are_wrapped_to_the_width_of_their_card():
    for name in [*HOSTILE, "Increased focus on exploiting capacities, economic management and procurement"]:
        lines = wrap(name, 100.0, 5)
        assert all(width(line) <= 100 or len(line) == 1 for line in lines)
        if not lines or not lines[-1].endswith("…"):
            assert re.sub("[- ]", "", "".join(lines)) == re.sub("-", "", "".join(name.split()))
    assert width("MMM") > width("iii") > 0
    assert width("Å", size=FONT) == width("A", size=FONT)


def test_two_thousand_things_are_lanes_of_groups():
    graph = nx.gnm_random_graph(2001, 4000, seed=1, directed=True)
    nx.set_node_attributes(graph, {node: f"Sort {node % 3}" for node in graph}, "kind")
    root = drawn(graph)
    groups = [card for card in having(root, "data-card") if "group" in card.get("class").split()]
    assert sum(len(card.get("data-things").split()) for card in groups) > 1900
    assert float(root.get("height")) < 3000


@pytest.mark.full
def test_forty_thousand_things_are_put_into_lanes_in_seconds():
    graph = nx.Graph()
    graph.add_nodes_from(range(40_000), kind="Project")
    document = view_document(graph, title="Many", placed=False)
    before = time.process_time()
    ((lane,), homes) = lanes(document)
    assert time.process_time() - before < 5
    assert sorted(key for card in lane.boxes() for key in card.things) == sorted(homes)


def test_nothing_is_said_to_be_nothing():
    assert "There is nothing to draw." in [text.text for text in drawn(nx.Graph()).iter(f"{SVG}text")]


def test_what_the_first_finding_counts_is_marked():
    graph = policy_network()
    things, pairs = nx.Graph(), nx.MultiDiGraph()
    (source, target, _) = next(iter(graph.edges))
    things.add_node(source)
    pairs.add_edge(source, target)
    questions = [
        Preset("pairs", "Pairs", pairs, "Pairs: {rows}"),
        Preset(
            "things",
            "Things",
            things,
            "Things: {rows}",
            {key: {source} for key in LEVELS[1:]} | {"said": set()},
        ),
    ]
    root = drawn(graph, questions=questions)
    marked = [card for card in having(root, "data-card") if "marked" in card.get("class").split()]
    assert len(marked) == 1
    sign = marked[0].find(f"{SVG}g[@class='shape']")
    assert (sign.get("fill"), marked[0].find(f"{SVG}rect").get("stroke-dasharray")) == ("#ffffff", None)
    assert "Things: 0 as said, 1 with what is read" in "".join(root.itertext())
    (line,) = [line for line in having(root, "data-edges") if "marked" in line.get("class").split()]
    assert {"rest", "marked"} <= set(line.get("class").split())
    assert line.get("stroke") == line.findall(f"{SVG}path")[-1].get("fill") != "#7b8692"
    assert not [card for card in having(drawn(graph), "data-card") if "marked" in card.get("class").split()]
    said = drawn(graph, questions=questions, evidence="said")
    assert "Things: 0 as said, 1 with what is read" in "".join(said.itertext())
    assert "Said only: " in "".join(said.itertext())
    assert not [each for each in having(said, "data-card") if "marked" in each.get("class").split()]


def two_lists(strengths):
    """Two lists of four; the second things of the first list lead to all of the other, in one column."""
    graph, pairs = nx.MultiDiGraph(), nx.MultiDiGraph()
    for name in "AB":
        for number in range(1, 5):
            graph.add_node(f"{name}{number}", notation=f"{name}{number}", scheme=name, layer=1, kind="Area")
    for number, basis in enumerate(strengths, 1):
        graph.add_edge(f"B{number}", "A2", relation="continues", basis=basis, strength="medium")
        pairs.add_edge(f"B{number}", "A2")
    return graph, pairs


def test_lines_between_two_lists_rest_where_a_finding_counts_them():
    graph, pairs = two_lists(["inferred"] * 3)
    assert having(drawn(graph), "data-edges") == []
    root = drawn(graph, questions=[Preset("joins", "Joins", pairs, "Connections: {rows}")])
    found = having(root, "data-edges")
    assert len(found) == 3
    # They leave at the same point: dashes that do not fall on one another look like a whole line.
    assert len({line.find(f"{SVG}path").get("d").split("V")[0] for line in found}) == 1
    assert "Connections: 0 as said, 3 with what is read (A2–B1, A2–B2, A2–B3)" in "".join(root.itertext())
    sound(root)


def test_lines_of_two_bases_never_lie_on_one_another():
    graph, pairs = two_lists(["inferred", "stated", "inferred"])
    found = having(drawn(graph, questions=[Preset("joins", "Joins", pairs, "Joins: 3")]), "data-edges")
    trunks = {
        (line.get("class").split()[2], line.find(f"{SVG}path").get("d").split("V")[0].split("H")[-1])
        for line in found
    }
    assert len({place for _, place in trunks}) == len({basis for basis, _ in trunks}) == 2


def test_what_stands_inside_a_card_is_counted_at_its_right_and_named():
    graph = nx.MultiDiGraph()
    for number in range(8):
        graph.add_edge(f"plan {number}", f"plan {number + 1}")
        graph.add_edge("plan 0", f"money {number}")
    for node in graph:
        graph.nodes[node].update(
            kind=node.split()[0].title(), label=f"{node} " + "of the realm " * 6, layer=1
        )
    root = drawn(graph)
    (count,) = [
        text for text in root.iter(f"{SVG}text") if text.get("class") == "count" and text.text == "+8"
    ]
    card = next(card for card in having(root, "data-card") if count in list(card))
    rect, lines = card.find(f"{SVG}rect"), list(card.iter(f"{SVG}tspan"))
    assert float(count.get("x")) == float(rect.get("x")) + float(rect.get("width")) - 7
    last = lines[-1]
    beside = float(last.get("x")) + float(last.get("textLength")) < float(count.get("x")) - 16
    assert beside or float(last.get("y")) < float(count.get("y")) - FONT
    assert card.find(f"{SVG}title").text.count("money") == 8
    assert any("+2" in (text.text or "") for text in root.iter(f"{SVG}text"))  # the key says what it means


def test_cards_of_the_lane_s_own_kind_stand_together():
    graph = nx.MultiDiGraph()
    for number in range(4):
        graph.add_node(f"plan {number}", kind="Plan", layer=1)
        graph.add_edge(f"plan {number}", f"goal {number}")
        graph.add_edge(f"act {number % 2}", f"goal {3 - number}")
    for node in graph:
        graph.nodes[node].update(kind=node.split()[0].title(), layer=1 if node[0] != "g" else 2)
    document = view_document(graph, title="x")
    at = dict(boxes(whole(graph)))
    kinds = {node["id"]: document["kinds"][node["kind"]]["name"] for node in document["nodes"]}
    lane = sorted((box[1], kinds[key]) for key, box in at.items() if kinds[key] != "Goal")
    assert [kind for _, kind in lane] == ["Plan"] * 4 + ["Act"] * 2


def test_of_what_is_only_read_the_ends_stay_and_the_legend_counts_what_is_drawn():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", basis="stated")
    graph.add_edge("a", "b", basis="inferred", strength="strong")
    told = "".join(drawn(graph, evidence="only").itertext())
    assert "Only what is read: 2 things and 1 connection, 1 hidden" in told
    assert "Stated 0" in told
    assert "Inferred 1" in told
    described = drawn(graph, evidence="only").find(f"{SVG}desc").text
    assert described.startswith(
        "Only what is read: 2 things and 1 connection, 1 hidden. Kinds of things: Thing 2."
    )
