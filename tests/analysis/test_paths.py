"""Why two things are connected: the best paths, told the way their claims point, with who says so."""

from __future__ import annotations

import math
import random

import networkx as nx
import pytest
from pyoxigraph import Literal, NamedNode

from policygraph.analysis.measures import write
from policygraph.analysis.network import narrowed
from policygraph.analysis.paths import format_paths, paths
from policygraph.errors import NetworkError
from policygraph.rdf.namespaces import MODEL as BASE

STATED = {"basis": "stated"}
WEAK = {"basis": "https://x.org/basis/inferred", "strength": "Weak"}


def graph_of(*edges, **labels):
    """A network from (source, relation, target, attributes)."""
    graph = nx.MultiDiGraph()
    for source, relation, target, attributes in edges:
        graph.add_edge(source, target, relation=relation, **attributes)
    nx.set_node_attributes(graph, labels, "label")
    return graph


SMALL = graph_of(
    ("plan", "lists", "a", STATED),
    ("plan", "lists", "b", STATED),
    ("a", "serves", "far", WEAK),
    ("far", "serves", "b", STATED),
    ("b", "leads to", "c", {**WEAK, "rationale": "It is near.", "document": "Book", "passages": "p9\np10"}),
    ("alone", "is", "alone", STATED),
)


def nodes(found):
    return [path.nodes for path in found.paths]


def test_paths_go_either_way_and_the_most_reliable_is_first():
    found = paths(SMALL, "a", "b")
    assert nodes(found) == [("a", "plan", "b"), ("a", "far", "b")]
    assert not found.more
    assert [path.stated for path in found.paths] == [True, False]
    assert [path.weakest for path in found.paths] == [("stated", ""), ("inferred", "weak")]


def test_k_limits_the_paths_and_says_that_there_are_more():
    found = paths(SMALL, "a", "b", k=1)
    assert nodes(found) == [("a", "plan", "b")]
    assert found.more
    assert format_paths(found).startswith("The shortest path between a and b; there are more.\n")
    assert "There are 2 paths between a and b." in format_paths(paths(SMALL, "a", "b"))


def test_the_length_is_that_of_the_simple_network():
    path = paths(SMALL, "a", "b").paths[0]
    assert path.length == pytest.approx(-2 * math.log(0.9) + math.log(2 * 2 * 2 * 3) / 2)


def test_a_hub_explains_less_than_what_is_specific():
    graph = nx.MultiDiGraph(
        [("a", "hub"), ("hub", "b"), ("a", "x"), ("x", "b"), *(("hub", n) for n in "cdef")]
    )
    assert nodes(paths(graph, "a", "b", k=1)) == [("a", "x", "b")]


def test_what_every_path_runs_through_cannot_be_gone_round():
    assert paths(SMALL, "a", "c").through == ("b",)
    assert paths(SMALL, "a", "b").through == ()
    chain = nx.MultiDiGraph([("a", "x"), ("x", "y"), ("y", "b"), ("x", "leaf"), ("y", "z"), ("z", "b")])
    assert paths(chain, "a", "b").through == ("x", "y")
    assert paths(chain, "b", "a").through == ("y", "x")


def test_what_every_path_runs_through_parts_the_two_when_it_is_gone():
    for seed in range(40):
        graph = nx.gnm_random_graph(12, 14, seed=seed)
        if not nx.has_path(graph, 0, 11):
            continue
        parting = set()
        for node in range(1, 11):
            rest = graph.copy()
            rest.remove_node(node)
            if not nx.has_path(rest, 0, 11):
                parting.add(node)
        assert set(paths(graph, 0, 11).through) == parting


def test_the_order_of_the_network_and_of_the_ends_does_not_matter():
    edges = [(str(one), str(other), {"basis": "stated"}) for one, other in nx.grid_2d_graph(4, 4).edges]
    first, shuffle = None, random.Random(1)
    for _ in range(6):
        shuffle.shuffle(edges)
        found = nodes(paths(nx.MultiDiGraph(edges), "(0, 0)", "(3, 3)", k=5))
        turned = nodes(paths(nx.MultiDiGraph(edges), "(3, 3)", "(0, 0)", k=5))
        assert {path[::-1] for path in turned} == set(found)
        first = first or found
        assert found == first


def test_the_network_stays_as_it_was():
    before = nx.to_dict_of_dicts(SMALL)
    format_paths(paths(SMALL, "a", "c", whole=SMALL))
    assert nx.to_dict_of_dicts(SMALL) == before


def test_a_hop_is_told_the_way_its_claim_points_with_its_evidence_in_order():
    text = format_paths(paths(SMALL, "c", "b"))
    assert text == (
        "There is one path between c and b.\n\n"
        "1. Directly (weakest link: inferred, weak)\n"
        "   b leads to c.\n"
        "       Inferred, Weak: It is near.\n"
        "       Book\n"
        "       p9\n"
        "       p10\n"
    )


def test_claims_of_one_relation_are_one_sentence_and_the_stated_one_is_first():
    graph = graph_of(
        ("a", "needs", "b", WEAK), ("a", "needs", "b", STATED), ("b", "serves", "a", {"basis": "external"})
    )
    path = paths(graph, "a", "b").paths[0]
    assert [claim.basis[0] for claim in path.hops[0].claims] == ["stated", "external", "inferred"]
    assert path.stated
    assert format_paths(paths(graph, "a", "b")).endswith(
        "   a needs b.\n       Stated\n       Inferred, Weak\n   b serves a.\n       External\n"
    )


def test_a_list_in_the_middle_says_nothing_of_one_for_the_other():
    path = paths(SMALL, "a", "b").paths[0]
    assert path.listed == (("plan", "lists", True),)
    assert "Note: plan has a and b side by side (“lists”)" in format_paths(paths(SMALL, "a", "b"))
    shared = graph_of(("a", "is about", "x", STATED), ("b", "is about", "x", STATED))
    assert paths(shared, "a", "b").paths[0].listed == (("x", "is about", False),)
    assert "a and b have x in common (“is about”)" in format_paths(paths(shared, "a", "b"))
    unnamed = format_paths(paths(nx.MultiDiGraph([("x", "a"), ("x", "b")]), "a", "b"))
    assert "x is connected to a." in unnamed
    assert "(“is connected to”)" in unnamed


def test_one_way_on_both_sides_is_no_list():
    assert paths(SMALL, "a", "b").paths[1].listed == ()
    assert paths(nx.Graph([("x", "a"), ("x", "b")]), "a", "b").paths[0].listed == ()


def test_without_a_path_it_says_what_the_shortest_would_need():
    part = narrowed(SMALL, evidence="said")
    found = paths(part, "a", "c", whole=SMALL)
    assert found.paths == found.through == ()
    assert found.lacking.nodes == ("a", "plan", "b", "c")
    assert [(hop.source, hop.target) for hop in found.missing] == [("b", "c")]
    text = format_paths(found)
    assert text.startswith("There is no path between a and c in this network.\nc has no connection")
    assert "run through plan and b. It needs 1 connection that is left out here:\n   b leads to c." in text
    assert "lists" not in text


def test_what_was_left_out_stays_out_when_there_is_another_way():
    part = narrowed(SMALL, evidence="said", without=["plan"])
    assert paths(part, "a", "c", whole=SMALL).lacking.nodes == ("a", "far", "b", "c")
    part = narrowed(SMALL, evidence="said", without=["plan", "far"])
    found = paths(part, "a", "c", whole=SMALL)
    assert found.lacking.nodes == ("a", "plan", "b", "c")
    assert len(found.missing) == 3
    assert "needs 3 connections" in format_paths(found)


def test_without_a_path_anywhere_it_says_so():
    assert "The whole network has none either." in format_paths(paths(SMALL, "a", "alone", whole=SMALL))
    text = format_paths(paths(SMALL, "a", "alone"))
    assert text == (
        "There is no path between a and alone in this network.\nalone has no connection in this network.\n"
    )


def test_no_line_is_wider_than_asked_and_nothing_is_lost():
    found = paths(SMALL, "a", "c", whole=SMALL)
    narrow = format_paths(found, width=30)
    assert max(map(len, narrow.splitlines())) <= 30
    assert narrow.split() == format_paths(found).split()


def test_things_that_share_a_label_are_told_apart():
    graph = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("b", "d")])
    nx.set_node_attributes(graph, {"a": "Same", "b": "Same", "c": "Same", "d": "Other"}, "label")
    nx.set_node_attributes(graph, {"a": "Plan", "b": "Case", "c": "Case"}, "kind")
    assert paths(graph, "a", "c").labels == {
        "a": "Same (Plan)",
        "b": "Same (Case) (b)",
        "c": "Same (Case) (c)",
    }
    assert paths(graph, "a", "d").labels["d"] == "Other"


def test_nothing_told_commands_a_terminal_or_breaks_a_line():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", relation="is\x9b1m by", basis="st\x1bated", rationale="why\x1b]0;me\x07\nnot",
                   document="D\u202e", passages="p\x1bp\nq")  # fmt: skip
    nx.set_node_attributes(graph, {"a": "One\x1b[2J\nOne", "b": "One [2J One"}, "label")
    nx.set_node_attributes(graph, {"a": "K\x1b"}, "kind")
    text = format_paths(paths(graph, "a", "b"))
    assert [line for line in text.splitlines() if not line.isprintable()] == []
    assert "   One [2J One (K) is 1m by One [2J One (b).\n" in text
    assert "why ]0;me not\n" in text
    assert "       p p\n       q\n" in text


@pytest.mark.parametrize(
    ("source", "target", "options", "message"),
    [
        ("a", "a", {}, "Both ends are a; name two different things"),
        (
            "a",
            NamedNode("https://x.org/first-thin"),
            {},
            "'https://x.org/first-thin' is not in the network. Did you mean 'First thing'?",
        ),
        ("a", "b", {"k": 0}, "0 paths cannot be listed; ask for 1 to 1,000"),
        ("a", "b", {"k": 100_000}, "100,000 paths cannot be listed; ask for 1 to 1,000"),
        ("a", "gone", {"whole": nx.Graph([("gone", "a")])}, "gone is left out of this network"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(source, target, options, message):
    graph = graph_of(("a", "x", "b", STATED), b="First thing")
    with pytest.raises(NetworkError) as caught:
        paths(graph, source, target, **options)
    assert message in str(caught.value)


def test_an_empty_network_is_refused():
    with pytest.raises(NetworkError, match="empty"):
        paths(nx.MultiDiGraph(), "a", "b")


def test_each_row_is_a_claim_the_way_it_points():
    table = paths(SMALL, "c", "a").table
    assert table.name == "path"
    assert table.columns[:7] == ("path", "hop", "source", "relation", "target", "basis", "strength")
    assert table.rows[0] == (
        1, 1, "b", "leads to", "c", "inferred", "weak", None, "It is near.", "Book", "p9\np10", None,
    )  # fmt: skip
    assert [row[:5] for row in table.rows[1:3]] == [
        (1, 2, "plan", "lists", "b"),
        (1, 3, "plan", "lists", "a"),
    ]
    assert "c with a" in table.reading
    assert len(list(table.answer())) == len(table.rows) == 6


def test_a_claim_is_an_iri_without_a_label():
    graph = nx.MultiDiGraph(
        [("a:1", "a:2", {"claim": "https://x.org/claim/1"}), ("a:2", "a:3", {"claim": "c2"})]
    )
    table = paths(graph, "a:1", "a:3").table
    for people in (False, True):
        answer = table.answer(people=people)
        assert "claim_label" not in [each.value for each in answer.variables]
        assert [row["claim"] for row in answer] == [NamedNode("https://x.org/claim/1"), Literal("c2")]
    assert table.select("claim").to_csv() == "claim\r\nhttps://x.org/claim/1\r\nc2\r\n"
    assert b"[https://x.org/claim/1](<https://x.org/claim/1>)" in write(table, format="markdown")


def test_paths_through_hubs_come_last_are_named_and_never_called_stated():
    graph = SMALL.copy()
    graph.nodes["plan"]["hub"] = True
    found = paths(graph, "a", "b")
    assert nodes(found) == [("a", "far", "b"), ("a", "plan", "b")]
    assert [path.hubs for path in found.paths] == [(), ("plan",)]
    assert nodes(paths(graph, "a", "b", k=1)) == [("a", "far", "b")]
    assert paths(graph, "a", "b", k=1).more
    text = format_paths(found)
    assert "2. Through plan, which many things share (all steps stated)\n" in text
    assert paths(graph, "a", "plan").paths[0].hubs == (), "an end is no way through"
    mixed = format_paths(paths(graph, "a", "c", whole=graph))
    assert "Through plan and b; many things share plan (weakest link: inferred, weak)\n" in mixed
    lacking = format_paths(paths(narrowed(graph, evidence="said", without=["far"]), "a", "c", whole=graph))
    assert "run through plan and b; many things share plan. It needs 1 connection" in lacking


def test_an_identity_that_is_inferred_is_told_from_what_is_stated():
    same = {"property": BASE + "ontology#isIdentifiedWith", "basis": "inferred", "strength": "strong"}
    graph = graph_of(("a", "serves", "b", STATED), ("b", "is", "c", same), ("c", "needs", "d", WEAK))
    graph.graph["symmetric"] = same["property"]
    assert "1. Through b (stated, over an inferred identity)\n" in format_paths(paths(graph, "a", "c"))
    assert not paths(graph, "a", "c").paths[0].stated
    assert "(weakest link: inferred, weak)" in format_paths(paths(graph, "a", "d"))
