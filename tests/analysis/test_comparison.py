"""A network's numbers are those that one counts by hand, and two networks are compared thing by thing."""

from __future__ import annotations

import networkx as nx
import pytest
from networks import shuffled

from policygraph.analysis import comparison
from policygraph.analysis.comparison import compare, summary
from policygraph.analysis.measures import analyse
from policygraph.analysis.network import narrowed, simple
from policygraph.analysis.table import Node
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError
from policygraph.rdf.namespaces import MODEL as BASE

STATED, WEAK = {"basis": "https://x.org/basis/stated"}, {"basis": "inferred", "strength": "weak"}


# What another dataset describes.
OTHER = """
PREFIX pg: <https://w3id.org/policygraph/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX b: <https://w3id.org/policygraph/concept/basis/> PREFIX x: <https://x.org/>
x:plan a pg:Plan . x:1 a pg:Claim ; rdf:subject x:plan ; rdf:predicate pg:hasGoal ;
  rdf:object <https://w3id.org/policygraph/id/ex/goal/shorter-waiting> ;
  pg:basis b:stated .
"""


def sample():
    """A square a b c d with a tail e, two claims on one side of it, a loop, and x alone."""
    graph = nx.MultiDiGraph(network="sample")
    graph.add_nodes_from("abcdex", kind="Odd")
    graph.add_nodes_from("bd", kind="Even")
    graph.add_edges_from([("a", "b", STATED), ("b", "a", WEAK), ("b", "c", STATED), ("c", "d", STATED)])
    graph.add_edges_from([("d", "a", STATED), ("e", "a", {"basis": "inferred"}), ("c", "c", STATED)])
    return graph


def frozen(graph):
    return [*map(repr, graph.nodes(data=True))], [*map(repr, graph.edges(data=True))], dict(graph.graph)


def values(table):
    return {row[:2]: row[2] for row in table.rows}


# A network in numbers


def test_a_summary_counts_things_pairs_and_claims_and_who_makes_them():
    found = values(summary(sample()))
    assert found["things", None] == 6
    assert found["connected pairs", None] == 5
    assert found["claims", None] == 7
    assert (found["claims", "stated"], found["claims", "inferred"]) == (5, 2)
    assert (found["inferred claims", "weak"], found["inferred claims", "of no strength"]) == (1, 1)


def test_a_summary_tells_how_the_network_holds_together():
    found = values(summary(sample()))
    assert found["things without connection", None] == 1
    assert found["parts", None] == 2
    assert found["share in the largest part", None] == 5 / 6
    assert found["mean neighbours", None] == 10 / 6
    assert found["most neighbours", "a"] == 3
    assert found["density", None] == 5 / 15
    # In the largest part: 5 pairs at 1 step, 4 at 2 (ac, bd, be, de), 1 at 3 (ce).
    assert found["mean steps", None] == pytest.approx((5 + 2 * 4 + 3) / 10)
    assert found["most steps", None] == 3
    assert found["clustering", None] == 0


def test_a_triangle_is_all_cluster():
    assert values(summary(nx.complete_graph(3)))["clustering", None] == 1


def test_assortativity_is_1_where_only_like_connect_and_below_0_where_only_unlike_do():
    graph = nx.Graph(["ab", "cd"])
    nx.set_node_attributes(graph, {"a": "x", "b": "x", "c": "y", "d": "y"}, "kind")
    assert values(summary(graph))["assortativity by kind", None] == 1
    nx.set_node_attributes(graph, {"b": "y", "c": "x"}, "kind")
    assert values(summary(graph))["assortativity by kind", None] == -1
    nx.set_node_attributes(graph, "x", "kind")
    assert values(summary(graph))["assortativity by kind", None] is None


@pytest.mark.full
def test_the_numbers_are_those_of_networkx(denmark):
    plain = simple(denmark)
    chance = nx.gnm_random_graph(300, 640, seed=2)
    nx.set_node_attributes(chance, {node: f"kind {node % 3}" for node in chance}, "kind")
    for graph in (plain, chance):
        found = values(summary(graph))
        largest = graph.subgraph(max(nx.connected_components(graph), key=len))
        assert found["mean steps", None] == pytest.approx(nx.average_shortest_path_length(largest))
        assert found["most steps", None] == nx.diameter(largest)
        assert found["clustering", None] == pytest.approx(nx.transitivity(graph))
        assert found["density", None] == pytest.approx(nx.density(graph))
        alike = nx.attribute_assortativity_coefficient(graph, "kind")
        assert found["assortativity by kind", None] == pytest.approx(alike)


def test_some_are_never_none_of_them_and_all_but_some_never_all():
    graph = nx.MultiDiGraph([("a", "b", STATED)] * 1_277 + [("a", "b", WEAK)], language="da")

    def shares():
        return {of: text for measure, of, _, text in summary(graph).rows if measure == "claims" and of}

    assert shares() == {"stated": ">99 % af dem", "inferred": "<1 % af dem"}
    graph.remove_edges_from([edge for edge in graph.edges if edge[2] % 2])
    graph.graph["language"] = "en"
    assert shares() == {"stated": "100% of them"}


def test_of_parts_and_things_as_large_the_first_by_name_counts():
    assert ("most neighbours", "b") in values(summary(nx.Graph(["fe", "fg", "ba", "bc"])))
    assert isinstance(
        next(of for measure, of, *_ in summary(nx.Graph(["ab"])).rows if "most n" in measure), Node
    )


def test_paths_are_left_out_with_the_number_where_they_are_too_many(monkeypatch):
    monkeypatch.setattr(comparison, "MAX_THINGS", 4)
    rows = {row[0]: row[2:] for row in summary(sample()).rows if row[1] is None}
    assert rows["mean steps"] == (
        None,
        "left out: 6 things with 5 connections are too many; narrow the network",
    )
    assert rows["most steps"][0] is None
    assert rows["density"][0] == 1 / 3
    monkeypatch.setattr(comparison, "MAX_THINGS", 5)
    assert values(summary(sample()))["most steps", None] == 3


def test_without_any_edge_there_is_nothing_to_say_of_paths():
    graph = nx.Graph()
    graph.add_node("a")
    found = values(summary(graph))
    names = ("density", "mean steps", "most steps", "clustering", "assortativity by kind")
    assert [found[name, None] for name in names] == [None] * 5
    assert found["parts", None] == 1


def test_an_edge_without_a_basis_is_counted_as_such():
    assert values(summary(nx.Graph(["ab"])))["claims", "of no basis"] == 1


def test_the_real_network_hangs_together_but_for_small_parts_and_is_mostly_no_inference(
    denmark,
):
    found = values(summary(denmark))
    # Beside the largest are small parts only: laws and lists that nothing refers to, documents, observations.
    sizes = sorted(map(len, nx.connected_components(denmark.to_undirected(as_view=True))))
    assert found["parts", None] == len(sizes)
    assert found["share in the largest part", None] == pytest.approx(sizes[-1] / sum(sizes))
    assert found["share in the largest part", None] > 0.8
    assert sizes[-2] < 15
    assert found["claims", "stated"] > found["claims", "inferred"]
    assert found["claims", "stated"] + found["claims", "external"] > found["claims", None] / 2
    assert ("most neighbours", BASE + "id/dk/organisation/government") in found


# Two networks side by side


def rows_of(table):
    return {row[:2]: row[2:] for row in table.rows}


def test_things_and_pairs_are_compared_by_name():
    one, other = nx.MultiDiGraph(["ab", "bc", "cd"]), nx.MultiDiGraph(["ba", "bc", "be", "bc"])
    rows = rows_of(compare(one, other))
    assert rows["things", None] == (4, 4, 0)
    assert rows["things in both", None] == (3, 3, None)
    assert rows["things only here", None] == (1, 1, None)
    assert rows["things alike (Jaccard)", None] == (3 / 5, 3 / 5, None)
    assert rows["connected pairs", None] == (3, 3, 0)
    assert rows["connected pairs in both", None] == (2, 2, None)
    assert rows["connected pairs alike (Jaccard)", None] == (2 / 4, 2 / 4, None)
    assert rows["claims", None] == (3, 4, 1)


def test_bases_and_kinds_of_either_are_counted_in_both():
    one, other = sample(), nx.MultiDiGraph()
    other.add_nodes_from("ab", kind="Odd")
    other.add_node("z", kind="New")
    other.add_edges_from([("a", "b", {"basis": "external"}), ("a", "z", STATED)])
    rows = rows_of(compare(one, other))
    assert rows["claims", "external"] == (0, 1, 1)
    assert rows["share of claims", "stated"] == (5 / 7, 1 / 2, 1 / 2 - 5 / 7)
    assert rows["things", "Even"] == (2, 0, -2)
    assert rows["mean neighbours", "Even"] == (2, None, None)
    assert rows["mean neighbours", "New"] == (None, 1, None)
    assert rows["mean neighbours", "Odd"] == (6 / 4, 3 / 2, 0)


def test_it_is_told_how_each_holds_together():
    rows = rows_of(compare(sample(), nx.MultiDiGraph(["ab"])))
    assert rows["things without connection", None] == (1, 0, -1)
    assert rows["parts", None] == (2, 1, -1)
    assert rows["share in the largest part", None] == (5 / 6, 1, pytest.approx(1 / 6))
    assert rows["mean neighbours", None] == (10 / 6, 1, pytest.approx(-4 / 6))
    assert rows["density", None] == (1 / 3, 1, pytest.approx(2 / 3))


def test_ranks_are_among_the_things_connected_in_both_and_those_that_move_by_the_largest_factor_are_told():
    one = nx.Graph(["ab", "ac", "ad", "bc", "xa", "xb", "xc", "xd"])  # a 4, b 3, c 3, d 2, and x 4
    other = nx.Graph(["da", "db", "dc", "ab", "ya"])  # d 3, a 3, b 2, c 1
    other.add_node("x")
    table = compare(one, other)
    ranks = {node: row for (measure, node), row in rows_of(table).items() if measure == "rank by connections"}
    assert ranks == {"d": (4, 1, -3), "c": (2, 4, 2), "b": (2, 3, 1)}
    assert [*ranks] == ["d", "c", "b"]
    assert all(isinstance(node, Node) for node in ranks)


def test_no_more_than_five_ranks_are_told():
    other = nx.path_graph(12)
    one = nx.relabel_nodes(nx.star_graph(11), dict(enumerate([*range(5, 12), *range(5)])))
    rows = compare(one, other).rows
    assert sum(row[0] == "rank by connections" for row in rows) == comparison.MOVED


def test_a_network_is_like_itself():
    for measure, of, first, second, change in compare(sample(), sample()).rows:
        assert first == second, (measure, of)
        assert not change
        assert measure != "rank by connections"


def test_a_dataset_is_like_a_file_with_the_same_in_it(examplia, tmp_path):
    files = [examplia.datasets["examplia"].path, tmp_path / "other.ttl"]
    for name in ("other", "copy"):
        (tmp_path / f"{name}.ttl").write_text(OTHER, encoding="utf-8")
    both = Catalog.find(examplia.root, files=files)
    table = analyse("compare", both, against=["other", tmp_path / "copy.ttl"])
    assert table.columns[2:4] == ("other", "copy")
    assert [row for row in table.rows if row[2] != row[3]] == []
    assert rows_of(table)["things", "Goal"] == (1, 1, 0)


def test_networks_without_edges_are_compared_too():
    one = nx.Graph()
    one.add_node("a")
    rows = rows_of(compare(one, one))
    assert rows["connected pairs alike (Jaccard)", None] == (None, None, None)
    assert rows["density", None] == (None, None, None)


def test_names_become_columns_and_the_reading_and_recipe_say_what_was_compared():
    part = narrowed(sample(), evidence="said")
    table = compare(sample(), part, names=("everything", "Stated only!"))
    assert table.columns == ("measure", "of", "everything", "stated_only", "change")
    assert "everything and the same about Stated only!" in table.reading
    assert table.recipe["network"] == "sample"
    assert table.recipe["evidence (Stated only!)"] == "said"
    assert "evidence (everything)" not in table.recipe
    assert table.recipe["things"] == "6 and 6"
    assert table.recipe["connections"] == "7 and 5"


@pytest.mark.parametrize("names", [("same", "Same"), ("of", "other"), ("one", "…")])
def test_names_that_are_no_two_columns_are_refused(names):
    with pytest.raises(NetworkError, match="give as many different words"):
        compare(sample(), sample(), names=names)


def test_any_number_of_networks_are_compared_a_column_each():
    one, two, three = nx.Graph(["ab", "bc"]), nx.Graph(["ab", "bd", "be"]), nx.Graph(["ab", "ca"])
    for number, graph in enumerate((one, two, three)):
        graph.graph["dataset"] = f"d{number}"
        graph.graph["examined"] = f"https://x.org/{number}"
    table = compare(one, two, three, names=("A", "B", "C"))
    rows = rows_of(table)
    assert table.columns == ("measure", "of", "a", "b", "c")
    assert rows["things", None] == (3, 4, 3)
    assert rows["things in all", None] == (2, 2, 2)
    assert rows["things only here", None] == (0, 2, 0)
    assert rows["things alike (Jaccard)", None] == (2 / 5, 2 / 5, 2 / 5)
    assert rows["connected pairs in all", None] == (1, 1, 1)
    assert rows["rank by connections", "a"] == (2, 2, 1)
    assert table.recipe["things"] == "3 and 4 and 3"
    assert table.recipe["dataset (C)"] == "d2"
    assert "examined" not in str(table)
    assert "about A and the same about B, C; ranks are among the things connected in all" in table.reading
    assert compare(one, two, three).columns[2:] == ("one", "other", "other_2")
    with pytest.raises(NetworkError, match="do not name 3 columns"):
        compare(one, two, three, names=("A", "B"))


def test_things_of_either_network_have_their_labels():
    one, other = nx.Graph(["ab", "bc", "bd"]), nx.Graph(["ab", "ac", "ad"])
    nx.set_node_attributes(one, {"a": "Alpha"}, "label")
    nx.set_node_attributes(other, {"a": "Other", "b": "Beta"}, "label")
    assert compare(one, other).labels == {"a": "Alpha", "b": "Beta"}


def test_without_inferences_the_real_network_falls_apart_a_little(denmark):
    rows = rows_of(compare(denmark, narrowed(denmark, evidence="said")))
    assert rows["things", None][2] <= 0, "what nothing that is said names"
    assert rows["claims", "inferred"][1] == 0
    assert rows["claims", "stated"][2] < 0, "what the project made up is read"
    assert rows["parts", None][2] > 0
    assert rows["share of claims", "stated"][1] == 1


# Of both


@pytest.mark.parametrize(
    "measure", [summary, lambda graph: compare(graph, narrowed(graph, min_strength="strong"))]
)
def test_the_order_of_the_input_does_not_matter_and_the_input_stays(denmark, measure):
    before = frozen(denmark)
    table = measure(denmark)
    assert measure(shuffled(denmark)) == table
    assert frozen(denmark) == before
    assert [*table.answer(people=True)]


@pytest.mark.parametrize(
    "measure",
    [summary, lambda graph: compare(graph, sample()), lambda graph: compare(sample(), graph)],
)
def test_an_empty_network_is_refused(measure):
    with pytest.raises(NetworkError, match="network is empty"):
        measure(nx.MultiDiGraph())
