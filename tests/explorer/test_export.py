"""A network handed to pyvis or Gephi looks as on the page; no label is markup there."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import networkx as nx
import pytest
from networks import hostile_network

from policygraph.analysis.network import network
from policygraph.errors import FormatError, NetworkError
from policygraph.explorer import document as explorer_document
from policygraph.explorer.export import pyvis, write_network
from policygraph.explorer.layout import MAX_SPRINGS
from policygraph.explorer.page import view


@pytest.fixture(scope="module")
def denmark(catalog, store):
    return network(catalog, store=store)


@pytest.mark.full
def test_pyvis_draws_what_the_page_draws_under_the_names_of_the_graph(denmark):
    drawn, document = pyvis(denmark), view(denmark).document
    assert drawn.get_nodes() == [node["iri"] for node in document["nodes"]]
    nemid = next(node for node in document["nodes"] if node["name"] == "NemID")
    kind = document["kinds"][nemid["kind"]]
    made = drawn.get_node(nemid["iri"])
    assert (made["x"], made["y"]) == (nemid["x"], nemid["y"])
    assert (made["shape"], made["color"]) == (kind["shape"], kind["color"])
    assert made["title"].startswith(f"{kind['name']}\nNemID\n")
    ends = [(edge["from"], edge["to"], bool(edge["dashes"])) for edge in drawn.get_edges()]
    names = {node["id"]: node["iri"] for node in document["nodes"]}
    assert ends == [
        (names[edge["source"]], names[edge["target"]], bool(document["bases"][edge["basis"]]["dashes"]))
        for edge in document["edges"]
    ]
    assert any("Inferred, strong\n" in edge["title"] for edge in drawn.get_edges())
    assert drawn.options.physics.enabled is False


def test_a_pyvis_network_is_changed_by_its_own_methods(denmark):
    nemid = next(node for node, label in denmark.nodes(data="label") if label == "NemID")
    graph = denmark.copy()
    graph.add_edge(5, nemid, claim=7)  # as a user may, with what is no IRI
    drawn = pyvis(graph)
    drawn.add_node("mine", title="My remark")
    drawn.add_edge("mine", nemid)
    assert "mine" in drawn.get_adj_list()
    assert {nemid} == {*drawn.neighbors("mine")} == {*drawn.neighbors("5")}
    assert len(drawn.nodes) == len(denmark) + 2


def test_parallel_edges_of_pyvis_do_not_cover_each_other():
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "a")])
    bends = [
        edge["smooth"] and (edge["smooth"]["type"], edge["smooth"]["roundness"])
        for edge in pyvis(graph).edges
    ]
    assert len(set(bends)) == 3


def test_no_label_is_markup_in_what_pyvis_writes(tmp_path):
    graph = hostile_network()
    evil = (
        '</script><script>alert(1)</script><img src=x onerror=alert(1)> href="javascript:alert(1)" &lt;b&gt;'
    )
    graph.add_node(evil, label=evil, kind=evil, description=evil)
    graph.add_edge(evil, evil, relation=evil, rationale=evil)
    drawn = pyvis(graph)
    drawn.select_menu = True
    drawn.show(str(tmp_path / "graph.html"))
    html = (tmp_path / "graph.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "<img" not in html
    for item in (*drawn.nodes, *drawn.edges):
        assert not re.search("<[a-zA-Z/!?]", item["title"])
    assert len({node["id"] for node in drawn.nodes}) == len(graph)


def test_an_empty_network_of_a_catalogue_is_refused(denmark, catalog, store):
    with pytest.raises(NetworkError, match="nothing to draw"):
        pyvis(network(catalog, store=store, kinds=["Plan"], without=list(denmark)))


def test_gexf_has_the_colours_and_positions_of_the_page(denmark, tmp_path):
    (file,) = write_network(denmark, tmp_path / "denmark.gexf")
    document = view(denmark).document
    nodes = {node["iri"]: node for node in document["nodes"]}
    names = {"": "http://gexf.net/1.3", "viz": "http://gexf.net/1.3/viz"}
    drawn = ElementTree.parse(file).getroot().findall(".//node", names)
    assert len(drawn) == len(nodes)
    for element in drawn:
        node = nodes[element.get("id")]
        color, place = (element.find(f"viz:{name}", names) for name in ("color", "position"))
        rgb = "#" + "".join(f"{int(color.get(part)):02X}" for part in "rgb")
        assert rgb == document["kinds"][node["kind"]]["color"].upper()
        assert (float(place.get("x")), float(place.get("y"))) == (node["x"], -node["y"])
    read = nx.read_gexf(file, version="1.3")
    assert set(read) == set(denmark)
    (plain,) = write_network(denmark, tmp_path / "denmark.graphml")
    assert "viz" not in plain.read_text(encoding="utf-8")


def test_too_many_to_be_placed_are_left_to_the_physics_of_the_tool(tmp_path):
    graph = nx.path_graph(MAX_SPRINGS + 1)
    drawn = pyvis(graph)
    assert drawn.options.physics.enabled is True
    assert not [node for node in drawn.nodes if {"x", "y"} & node.keys()]
    part = pyvis(graph, focus=0, steps=3)
    assert part.options.physics.enabled is False
    assert len({(node["x"], node["y"]) for node in part.nodes}) == 4
    (file,) = write_network(graph, tmp_path / "x.gexf")
    text = file.read_text(encoding="utf-8")
    assert (text.count("<viz:color"), text.count("<viz:position")) == (MAX_SPRINGS + 1, 0)


def test_a_file_has_no_measures_so_none_is_made(monkeypatch, tmp_path):
    for name in ("central", "communities"):
        monkeypatch.setattr(explorer_document, name, lambda *_, **__: pytest.fail("It is measured."))
    write_network(nx.path_graph(3), tmp_path / "x.gexf")


def test_of_a_catalogue_the_suffix_chooses_the_format_too(examplia, tmp_path):
    for graph, name in ((examplia, "catalogue"), (network(examplia), "network")):
        assert write_network(graph, tmp_path / f"{name}.gexf") == (tmp_path / f"{name}.gexf",)
    assert (tmp_path / "catalogue.gexf").read_bytes() == (tmp_path / "network.gexf").read_bytes()
    with pytest.raises(FormatError, match=r"no network format has the suffix '\.txt'"):
        write_network(examplia, tmp_path / "x.txt")


def test_a_hostile_network_has_looks_too(tmp_path):
    (file,) = write_network(hostile_network(), tmp_path / "x.gexf")
    assert len(ElementTree.parse(file).getroot().findall(".//{http://gexf.net/1.3/viz}color")) == len(
        hostile_network()
    )


def test_pyvis_begins_with_what_the_page_begins_with():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "stated"}), ("b", "c", {"basis": "inferred"})])
    assert len(pyvis(graph).edges) == 2
    assert len(pyvis(graph, evidence="said").edges) == 1
    assert {*pyvis(graph, focus="a", steps=1).get_nodes()} == {"a", "b"}
