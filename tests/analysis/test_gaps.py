"""What a network covers is told by rules that one can check by hand."""

from __future__ import annotations

import pickle
import random
import re
from collections import Counter
from copy import deepcopy

import networkx as nx
import numpy
import pytest
from networks import shuffled

from policygraph.analysis import gaps as module
from policygraph.analysis.gaps import Expected, isolated, levels, overlaps
from policygraph.analysis.measures import analyse
from policygraph.analysis.network import narrowed, network, origin
from policygraph.analysis.table import Node
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, local_name
from policygraph.store.memory import EmbeddedStore

DO = "https://x.org/does"

# A plan whose area a source states, and whose goal is inferred.
FAR = """
PREFIX pg: <https://w3id.org/policygraph/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX b: <https://w3id.org/policygraph/concept/basis/> PREFIX x: <https://x.org/>
x:plan a pg:Plan . x:goal a pg:Goal . x:area a pg:Area .
x:1 a pg:Claim ; rdf:subject x:plan ; rdf:predicate pg:targetsArea ; rdf:object x:area ;
  pg:basis b:stated .
x:2 a pg:Claim ; rdf:subject x:plan ; rdf:predicate pg:hasGoal ; rdf:object x:goal ;
  pg:basis b:inferred ;
  pg:strength <https://w3id.org/policygraph/concept/strength/medium> .
"""


def graph_of(kinds, edges, **attributes):
    """A network of nodes with kinds, "kind: a b c; other: d", and edges, "a-b c-d"."""
    graph = nx.MultiDiGraph()
    for part in kinds.split(";"):
        kind, _, nodes = part.partition(":")
        graph.add_nodes_from(nodes.split(), kind=kind.strip())
    for pair in edges.split():
        graph.add_edge(*pair.split("-"), basis="stated", property=DO, relation="does")
    for name, values in attributes.items():
        nx.set_node_attributes(graph, values, name)
    return graph


def frozen(graph):
    return [*map(repr, graph.nodes(data=True))], [*map(repr, graph.edges(data=True))], dict(graph.graph)


def gaps(table):
    return [(gap, str(thing)) for gap, thing, *_ in table.rows]


@pytest.fixture(scope="module")
def expectations(catalog, store):
    rows = list(store.query(catalog.queries["connections-expected"].bind()))
    ends = [tuple(row[name].value for name in ("node", "direction", "property")) for row in rows]
    return [Expected(*each, f"{each[1]} {local_name(each[2])}") for each in ends]


# What is isolated


def test_a_thing_without_an_edge_or_with_a_loop_only_has_no_connection():
    table = isolated(graph_of("k: a b c d", "a-b c-c"))
    assert table.rows == (
        ("no connection", Node("c"), "k", 0, None),
        ("no connection", Node("d"), "k", 0, None),
    )
    assert isinstance(table.rows[0][1], Node)


def test_a_dead_end_is_one_that_its_kind_is_not_used_to():
    graph = graph_of("hub: h i j; leaf: a b c d", "h-a h-b i-a i-c j-d h-h b-c")
    # Hubs have 2, 2 and 1 neighbours, leaves 2, 2, 2 and 1.
    assert isolated(graph).rows == (
        ("dead end", Node("j"), "hub", 1, Node("d")),
        ("dead end", Node("d"), "leaf", 1, Node("j")),
    )
    # What by nature hangs by one thread is no dead end.
    assert isolated(graph_of("hub: h; leaf: a b c", "h-a h-b h-c")).rows == ()
    # Nor does a second claim about the same two make a second neighbour.
    assert isolated(graph_of("hub: h i; leaf: a b c d", "h-a h-b h-c i-d i-d")).rows[0][3:] == (1, Node("d"))


@pytest.mark.parametrize(
    ("direction", "relation", "missing"),
    [
        ("out", DO, "b c"),
        ("in", DO, "a c"),
        ("out", "does", "b c"),
        ("out", "helps", "a b c"),
    ],
)
def test_an_expected_relation_counts_by_direction_and_by_property_or_label(direction, relation, missing):
    graph = graph_of("k: a b c d", "a-b d-c")
    graph["d"]["c"][0].update(property="https://x.org/other", relation="other")
    expected = [Expected(node, direction, relation, "lacks it") for node in "abc"]
    assert gaps(isolated(graph, expected=expected)) == [("lacks it", node) for node in missing.split()]


def test_without_directions_an_edge_counts_at_both_ends():
    graph = nx.Graph(graph_of("k: a b", "a-b"))
    expected = [Expected(node, "in", "does", "lacks it") for node in "ab"]
    assert isolated(graph, expected=expected).rows == ()


def test_one_of_several_relations_with_the_same_gap_is_enough():
    graph = graph_of("k: a b", "a-b")
    either = [Expected("a", "out", "does", "idle"), Expected("a", "out", "helps", "idle")]
    assert isolated(graph, expected=either).rows == ()
    each = [Expected("a", "out", "does", "idle"), Expected("a", "out", "helps", "no help")]
    assert gaps(isolated(graph, expected=each)) == [("no help", "a")]


def test_a_loop_is_no_connection_that_was_expected():
    assert gaps(isolated(graph_of("k: a b", "a-a a-b"), expected=[Expected("a", "in", "does", "idle")])) == [
        ("idle", "a")
    ]


def test_what_is_not_in_the_network_is_not_missed_there():
    table = isolated(graph_of("k: a b", "a-b"), expected=[Expected("gone", "out", "does", "idle")])
    assert table.rows == ()
    assert table.recipe["expected connections"] == 0


@pytest.mark.parametrize("narrow", [{"kinds": "Plan"}, {"relations": "targets area"}], ids=str)
def test_what_is_only_not_shown_is_not_missing_but_what_is_too_doubtful_is(examplia, tmp_path, narrow):
    (tmp_path / "far.ttl").write_text(FAR, encoding="utf-8")
    both = Catalog.find(examplia.root, files=[examplia.datasets["examplia"].path, tmp_path / "far.ttl"])

    def lack(relation, **options):
        found = gaps(analyse("isolated", both, **narrow, **options))
        return [thing for gap, thing in found if gap == f"no connection “{relation}”"]

    far, own = "https://x.org/plan", BASE + "id/ex/plan/open-harbour"
    assert lack("has goal") == []
    assert lack("responds to") == [own, far]
    assert lack("has goal", evidence="said") == lack("has goal", min_strength="strong") == [far]
    assert lack("has goal", country="examplia") == []
    assert lack("has goal", without=BASE + "id/ex/goal/shorter-waiting") == [own]


def test_a_copy_is_from_where_the_network_is_and_what_a_file_gave_says_that_it_is_from_nowhere(examplia):
    graph = narrowed(network(examplia, language="da"), kinds=numpy.array(["Plan", "mål"]))
    found = analyse("isolated", graph)
    for copy in (graph.copy(), graph.subgraph(graph), nx.MultiDiGraph(graph), deepcopy(graph)):
        assert analyse("isolated", copy) == found
        assert origin(copy).whole is origin(graph).whole
        assert narrowed(copy, without=()).graph == graph.graph
    held = pickle.loads(pickle.dumps(graph))
    assert {type(name) for name in (*held.graph, *found.recipe)} == {str}
    lone = analyse("isolated", held)
    assert len(lone.rows) < len(found.rows)
    assert lone.reading.endswith("No catalogue is known here that would say which connections are expected.")
    assert "catalogue" not in analyse("isolated", network(examplia)).reading
    bare = network(examplia, store=EmbeddedStore(), edges="SELECT (<x:1> AS ?source) (<x:2> AS ?target) {}")
    assert origin(bare.copy()).catalog is examplia


def test_gaps_are_sorted_by_what_is_missing_then_by_kind_and_name():
    graph = graph_of("x: e; hub: h i j; leaf: a b c d", "h-a h-b i-a i-c j-d b-c")
    expected = [Expected(node, "in", "helps", gap) for gap in ("z", "y") for node in "ha"]
    assert [gap for gap, _ in gaps(isolated(graph, expected=expected))] == [
        "no connection", "y", "y", "z", "z", "dead end", "dead end"
    ]  # fmt: skip
    assert [thing for _, thing in gaps(isolated(graph, expected=expected))] == [*"ehahajd"]


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(NetworkError, match="'up' is no direction of a connection; there are 'in' and 'out'"):
        isolated(graph_of("k: a", ""), expected=[Expected("a", "up", "does", "idle")])


@pytest.mark.full
def test_of_the_real_network_a_gap_is_told_just_where_no_claim_fills_it(denmark, expectations):
    said = narrowed(denmark, evidence="said")
    missed = []
    for graph in (denmark, said):
        found = gaps(isolated(graph, expected=expectations))
        edges = [each for each in graph.edges(data="property") if each[0] != each[1]]
        filled = {("out", one, name) for one, _, name in edges} | {
            ("in", two, name) for _, two, name in edges
        }
        wanted = {(each.gap, each.node) for each in expectations if each.node in graph}
        wanted -= {(each.gap, each.node) for each in expectations if (each[1], each[0], each[2]) in filled}
        lone = {*graph} - {end for edge in edges for end in edge[:2]}
        assert wanted
        assert {(gap, thing) for gap, thing in found if gap != "dead end"} == wanted | {
            ("no connection", thing) for thing in lone
        }
        missed.append(wanted)
    assert {each for each in missed[0] if each[1] in said} < missed[1], "an inference fills some"


# What overlaps


def test_sources_are_compared_by_what_their_edges_lead_to():
    table = overlaps(graph_of("k: a b c x y z", "a-x a-y b-x b-y b-z c-z a-a"))
    assert [row[:4] for row in table.rows] == [("a", "b", 2 / 3, 3), ("b", "c", 1 / 3, 3)]
    assert [row[5] for row in table.rows] == [("x", "y"), ("z",)]
    assert isinstance(table.rows[0][5][0], Node)


def test_without_directions_things_of_one_kind_are_compared():
    graph = nx.Graph(graph_of("k: a b; l: x y", "a-x b-x a-y b-y"))
    assert [(row[0], row[1], row[2]) for row in overlaps(graph).rows] == [("a", "b", 1.0), ("x", "y", 1.0)]
    triangle = nx.Graph(graph_of("k: a; l: b; m: c", "a-b b-c a-c"))
    assert overlaps(triangle).rows == ()


def test_confidence_is_how_sure_it_is_that_one_neighbour_is_shared():
    graph = graph_of("k: a b x y", "a-x b-x a-y b-y")
    graph["a"]["x"][0].update(basis="inferred", strength="weak")
    graph["b"]["y"][0].update(basis="inferred", strength="medium")
    (row,) = overlaps(graph).rows
    assert row[4] == pytest.approx(1 - (1 - 0.2 * 0.9) * (1 - 0.9 * 0.5))
    graph.add_edge("a", "x", basis="inferred", strength="weak")
    (again,) = overlaps(graph).rows
    assert again[4] == pytest.approx(1 - (1 - (1 - 0.8 * 0.8) * 0.9) * (1 - 0.9 * 0.5))
    assert again[2] == 1


def test_of_pairs_as_alike_the_one_that_shares_more_comes_first():
    graph = graph_of("k: a b c d x y z", "a-x b-x c-y d-y c-z d-z")
    assert [row[:2] for row in overlaps(graph).rows] == [("c", "d"), ("a", "b")]


def test_nothing_in_common_is_an_empty_table():
    assert overlaps(graph_of("k: a b", "a-b")).rows == ()


def test_too_many_pairs_are_refused_before_they_are_made(monkeypatch):
    monkeypatch.setattr(module, "MAX_PAIRS", 5)
    few = graph_of("k: x", "a-x b-x c-x")
    assert len(overlaps(few).rows) == 3
    with pytest.raises(NetworkError, match=r"usable up to 5 pairs .* has 6; narrow it"):
        overlaps(graph_of("k: x", "a-x b-x c-x d-x"))


def test_jaccard_is_that_of_networkx():
    chance = random.Random(3)
    graph = nx.DiGraph()
    graph.add_edges_from((f"s{chance.randrange(12)}", f"f{chance.randrange(20)}") for _ in range(80))
    plain = nx.Graph(graph)
    sources = [node for node in plain if node.startswith("s")]
    pairs = [(one, other) for one in sources for other in sources if one < other]
    known = {(one, other): share for one, other, share in nx.jaccard_coefficient(plain, pairs) if share}
    assert {row[:2]: row[2] for row in overlaps(graph).rows} == pytest.approx(known)


def test_areas_of_the_real_network_share_what_they_are_about(catalog, store):
    graph = network(catalog, "area-features", store=store)
    rows = {(row[0].rpartition("/")[2], row[1].rpartition("/")[2]): row for row in overlaps(graph).rows}
    row = rows["use-of-welfare-technology", "welfare-technology-in-care"]
    assert PREFIXES["pgc"] + "technology/welfare-technology" in row[5]
    assert row[2] == pytest.approx(len(row[5]) / row[3])


# How far the levels reach

LEVELS = {**dict.fromkeys("ab", 0), **dict.fromkeys("cde", 1), **dict.fromkeys("fg", 2), "h": 3}
KINDS = "why: a b; aim: c d; mission: e; plan: f g; act: h; other: o"


def chain(edges):
    return graph_of(KINDS, edges, level=LEVELS)


def rows_of(table, how):
    return {row[0]: row[2:] for row in table.rows if row[1] == how}


def test_each_step_tells_who_is_linked_who_is_reached_and_who_breaks_the_chain():
    # An edge counts in either direction, and twice the same pair once; links within a level do not.
    table = levels(chain("a-c c-a d-a c-f f-h a-b f-g"))
    assert rows_of(table, "step") == {
        "why → aim": (2, 1, 2, 2, ("b",)),
        "aim → plan": (3, 1, 1, 1, ("d", "e")),
        "plan → act": (2, 1, 1, 1, ("g",)),
    }
    assert rows_of(table, "skip") == rows_of(table, "with skips") == {}
    assert isinstance(table.rows[0][6][0], Node)


def test_chains_are_counted_from_the_first_level_on():
    table = levels(chain("a-c a-d b-d c-f d-f d-g f-h g-h"))
    assert rows_of(table, "chain") == {"why ⇢ plan": (2, 2, 5, 2, ()), "why ⇢ act": (2, 2, 5, 1, ())}


def test_the_first_chain_that_reaches_nothing_is_the_last_row_of_chains():
    assert rows_of(levels(chain("a-c f-h")), "chain") == {"why ⇢ plan": (2, 0, 0, 0, ("a", "b"))}


def test_links_that_skip_levels_are_told_and_chains_with_them():
    table = levels(chain("a-f b-f a-c c-f f-h b-h"))
    assert rows_of(table, "skip") == {"why → plan": (2, 2, 2, 1, ()), "why → act": (2, 1, 1, 1, ())}
    assert rows_of(table, "chain") == {"why ⇢ plan": (2, 1, 1, 1, ("b",)), "why ⇢ act": (2, 1, 1, 1, ("b",))}
    assert rows_of(table, "with skips") == {"why ⇢ plan": (2, 2, 3, 1, ()), "why ⇢ act": (2, 2, 4, 1, ())}


def test_chains_lead_only_from_one_level_to_the_next_and_only_through_things_with_a_level():
    graph = chain("a-o o-f")
    assert [row for row in levels(graph).rows if row[3]] == []
    # Through g, which nothing from the first level leads to, nobody is reached.
    assert rows_of(levels(chain("a-c c-f g-h")), "chain")["why ⇢ act"] == (2, 0, 0, 0, ("a", "b"))


def test_levels_that_are_missing_are_passed_over_and_those_without_a_kind_have_their_number():
    graph = graph_of("why: a; plan: f", "a-f f-x", level={"a": 0, "f": 2, "x": 9})
    assert [row[:2] for row in levels(graph).rows] == [
        ("why → plan", "step"), ("plan → level 9", "step"), ("why ⇢ level 9", "chain")
    ]  # fmt: skip


def test_the_number_of_chains_is_that_of_all_simple_paths_upwards():
    chance = random.Random(5)
    nodes = {f"n{number:02}": number % 4 for number in range(20)}
    graph = nx.DiGraph()
    graph.add_nodes_from((node, {"level": level}) for node, level in nodes.items())
    graph.add_edges_from((chance.choice([*nodes]), chance.choice([*nodes])) for _ in range(60))
    upward = nx.DiGraph()
    upward.add_nodes_from(nodes)
    upward.add_edges_from(
        sorted(pair, key=nodes.__getitem__) for pair in graph.edges if nodes[pair[0]] != nodes[pair[1]]
    )
    firsts, lasts = ([node for node in nodes if nodes[node] == level] for level in (0, 3))
    found = [[*nx.all_simple_paths(upward, first, lasts)] for first in firsts]
    (row,) = [row for row in levels(graph).rows if row[:2] == ("level 0 ⇢ level 3", "with skips")]
    assert row[2:5] == (5, sum(map(bool, found)), sum(map(len, found)))
    assert row[5] == len({way[-1] for ways in found for way in ways})
    stepwise = [way for ways in found for way in ways if len(way) == 4]
    (row,) = [row for row in levels(graph).rows if row[:2] == ("level 0 ⇢ level 3", "chain")]
    assert row[4] == len(stepwise)


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 0),
        ({"a": 1, "b": 1}, 1),
        ({"a": "1", "b": True}, 0),
        ({number: number for number in range(51)}, 51),
    ],
)
def test_too_few_or_too_many_levels_are_refused_with_where_levels_come_from(values, count):
    graph = nx.Graph()
    graph.add_nodes_from((node, {"level": value}) for node, value in (values or {"a": None}).items())
    with pytest.raises(NetworkError, match=rf"has {count}; .* .*network-nodes"):
        levels(graph)


@pytest.mark.full
def test_of_the_real_chain_each_row_is_what_a_walk_along_the_edges_finds(denmark):
    level = {node: each for node, each in denmark.nodes(data="level") if each is not None}
    order = sorted({*level.values()})
    kinds = [Counter(denmark.nodes[node]["kind"] for node in level if level[node] == each) for each in order]
    names = {each: max(of, key=of.get) for each, of in zip(order, kinds, strict=True)}
    edges = {tuple(sorted(pair, key=level.get)) for pair in denmark.edges() if level.keys() >= {*pair}}
    rows = levels(denmark).rows
    assert {row[1] for row in rows} == {"step", "skip", "chain", "with skips"}
    for name, how, things, linked, _, reached, unlinked in rows:
        low, high = (each for end in re.split(" [→⇢] ", name) for each in order if names[each] == end)
        walks = nx.DiGraph()
        walks.add_nodes_from(level)
        walks.add_edges_from(
            (one, two)
            for one, two in edges
            if level[one] < level[two] <= high
            and (
                how == "with skips" or order.index(level[two]) - order.index(level[one]) == 1 or how == "skip"
            )
            and (how != "skip" or (level[one], level[two]) == (low, high))
        )
        ends = {
            node: {end for end in nx.descendants(walks, node) if level[end] == high}
            for node in level
            if level[node] == low
        }
        assert (things, linked) == (len(ends), sum(map(bool, ends.values()))), name
        assert reached == len(set().union(*ends.values())), name
        assert how == "skip" or {*unlinked} == {node for node, found in ends.items() if not found}, name


# Of all three


@pytest.mark.parametrize("measure", [isolated, overlaps, levels])
def test_the_order_of_the_input_does_not_matter_and_the_input_stays(denmark, measure):
    before = frozen(denmark)
    table = measure(denmark)
    assert table.rows
    assert measure(shuffled(denmark)) == table
    assert measure(denmark.to_undirected()).rows
    assert frozen(denmark) == before


@pytest.mark.parametrize("measure", [isolated, overlaps, levels])
def test_an_empty_network_is_refused(measure):
    with pytest.raises(NetworkError, match="network is empty"):
        measure(nx.MultiDiGraph())
