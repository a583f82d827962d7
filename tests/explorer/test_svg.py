"""The still picture is one well-formed SVG that shows the whole network, or says what it leaves out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import networkx as nx
import pytest
from networks import HOSTILE, hostile_network, policy_network

from policygraph.explorer.document import view_document
from policygraph.explorer.svg import MAX_NAMED, picture

SVG = "{http://www.w3.org/2000/svg}"


def drawn(graph, **options) -> ElementTree.Element:
    document = view_document(graph, title=options.pop("title", "Plans"), **options)
    return ElementTree.fromstring(picture(document))


def titles(root) -> list[str]:
    return [title.text or "" for title in root.iter(f"{SVG}title")][1:]


def lines(root) -> list[ElementTree.Element]:
    return [
        group.find(f"{SVG}path")
        for group in root.iter(f"{SVG}g")
        if " (" in (group.findtext(f"{SVG}title") or "")
    ]


def test_every_thing_and_connection_is_drawn_and_named():
    graph = policy_network()
    root = drawn(graph)
    assert len(titles(root)) == len(graph) + graph.number_of_edges()
    assert "Challenge: Rural decline" in titles(root)
    relations = [title for title in titles(root) if "responds to" in title]
    assert len(relations) == sum(name == "responds to" for *_, name in graph.edges(data="relation"))
    assert any(title.endswith("(Inferred, weak)") for title in titles(root))


def test_it_can_be_read_without_seeing_it():
    root = drawn(policy_network(), title="Plans")
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == "Plans"
    described = root.find(f"{SVG}desc").text
    assert described.startswith("44 things and 61 connections.")
    assert "Sector 8" in described
    assert "Inferred" in described


def test_bases_differ_in_their_lines_and_kinds_in_their_letters():
    root = drawn(
        nx.MultiDiGraph([("a", "b", {"basis": b}) for b in ("stated", "inferred", "external", "derived")])
    )
    assert len({line.get("stroke-dasharray") for line in lines(root)}) == 4
    letters = [
        text.text for text in drawn(policy_network()).iter(f"{SVG}text") if text.get("font-weight") == "bold"
    ]
    assert {"C", "G", "S", "P", "Se", "CS"} <= set(letters)


def test_parallel_claims_do_not_cover_each_other():
    graph = nx.MultiDiGraph()
    graph.add_edges_from([*[("a", "b")] * 4, *[("b", "a")] * 3, ("a", "a"), ("a", "a")])
    ways = set()
    for line in lines(drawn(graph)):
        numbers = line.get("d").strip("M")
        ends, middle = re.split("[QC]", numbers), re.findall(r"Q(\S+ \S+)", numbers)
        ways.add(str(middle or ends))
    assert len(ways) == 9


def test_what_the_page_hides_at_first_is_not_drawn_but_counted():
    root = drawn(policy_network(), stated_only=True)
    said = [text.text for text in root.iter(f"{SVG}text")]
    stated = sum(basis == "stated" for *_, basis in policy_network().edges(data="basis"))
    assert len(lines(root)) == stated
    assert f"44 things and {stated} connections, {61 - stated} hidden" in said


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_texts_stay_text(title):
    graph = hostile_network()
    root = drawn(graph, title=title + "\x00\x1b\uffff")
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "g", "path", "polygon", "circle", "rect", "text")
    }
    allowed = {
        "xmlns",
        "role",
        "lang",
        "viewBox",
        "width",
        "height",
        "d",
        "points",
        "x",
        "y",
        "cx",
        "cy",
        "r",
        "transform",
    }
    for element in root.iter():
        names = set(element.keys()) - allowed
        assert all(re.match("(fill|stroke|font|text|paint)", name) for name in names), names
    assert root.find(f"{SVG}title").text.startswith(title.encode("utf-8", "replace").decode())


def test_long_names_are_shortened():
    longest = max(len(text.text or "") for text in drawn(hostile_network()).iter(f"{SVG}text"))
    assert longest <= 110


def test_many_things_show_their_names_when_they_are_pointed_at():
    graph = nx.path_graph(MAX_NAMED + 1)
    root = drawn(graph)
    assert len(titles(root)) == 2 * MAX_NAMED + 1
    assert (
        sum(text.get("text-anchor") == "middle" for text in root.iter(f"{SVG}text")) == MAX_NAMED + 2
    )  # the letters, and that of the legend


def test_too_much_to_draw_is_drawn_as_kinds_with_their_numbers():
    graph = nx.gnm_random_graph(2001, 4000, seed=1, directed=True)
    nx.set_node_attributes(graph, {node: f"Sort {node % 3}" for node in graph}, "kind")
    root = drawn(graph)
    assert titles(root)[-3:] == ["Sort 0 (667)", "Sort 1 (667)", "Sort 2 (667)"]
    assert len(titles(root)) == 3 + 6
    connections = [int(title.split(": ")[1].split()[0].replace(",", "")) for title in titles(root)[:6]]
    assert sum(connections) == 4000


def test_nothing_is_said_to_be_nothing():
    assert "There is nothing to draw." in [text.text for text in drawn(nx.Graph()).iter(f"{SVG}text")]
