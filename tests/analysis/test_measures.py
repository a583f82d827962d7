"""Each measure by its name: asked of the network it is made for, on the catalogue that is shipped.

Tests of `analysis.table`.
"""

from __future__ import annotations

import csv
import io

import networkx as nx
import pytest

from policygraph import network
from policygraph.analysis import network as networks
from policygraph.analysis.centrality import central
from policygraph.analysis.measures import MEASURES, analyse
from policygraph.analysis.network import narrowed, simple
from policygraph.analysis.table import Node, Table
from policygraph.errors import NetworkError
from policygraph.rdf import formats
from policygraph.rdf.terms import python_value
from policygraph.store.protocols import Store


@pytest.fixture(scope="module")
def graphs(store, catalog):
    return {
        name: network(catalog, name, store=store)
        for name in {measure.network for measure in MEASURES.values()}
    }


@pytest.fixture(scope="module")
def ask(store, catalog):
    def rows(question: str):
        answer = store.query(catalog.queries[question].bind())
        names = [variable.value for variable in answer.variables]
        return [{name: python_value(row[name]) for name in names} for row in answer]

    return rows


@pytest.fixture(scope="module")
def found(graphs, ask):
    return {name: analyse(name, graphs[each.network], ask=ask) for name, each in MEASURES.items()}


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_answers_with_a_table_that_says_how_to_read_it_and_how_it_was_made(name, found):
    table = found[name]
    assert isinstance(table, Table)
    assert table.name == name
    assert table.rows
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert table.reading.endswith(".")
    assert {"things", "connections", "algorithm", "policygraph"} <= set(table.recipe)


class Service(Store):
    """A store that is not in this process, so that rows have to come from afar."""

    def __init__(self, store):
        self.query = store.query


def test_a_network_that_is_too_large_is_refused_before_it_is_made(store, catalog, graphs, monkeypatch):
    pairs = simple(graphs["network"]).number_of_edges()
    monkeypatch.setattr(networks, "_select", lambda *_, **__: pytest.fail("the network was made"))
    for most, refusal in (
        (pairs - 1, f"central is usable up to {pairs - 1} .* has {pairs};"),
        (pairs, "was made"),
    ):
        with pytest.raises((NetworkError, pytest.fail.Exception), match=refusal):
            network(catalog, store=store, most=("central", most))
    monkeypatch.setitem(MEASURES, "central", MEASURES["central"]._replace(connections=1))
    with pytest.raises(NetworkError, match="central is usable up to 1 connections"):
        analyse("central", catalog, store=store)
    with pytest.raises(NetworkError, match="central is usable up to 1 connections"):
        analyse("central", catalog, store=Service(store))
    with pytest.raises(pytest.fail.Exception):  # it may be small when it is narrowed
        analyse("central", catalog, store=store, evidence="said")


@pytest.mark.parametrize("name", MEASURES)
def test_every_format_of_answers_holds_the_table(name, found):
    table = found[name]
    for people in (True, False):
        for row in formats.FORMATS.values():
            if row.holds == "rows":
                text = formats.write(table.answer(people=people), format=row.name, labels=table.labels)
                assert text.strip(), row.name


@pytest.mark.parametrize("name", MEASURES)
def test_measures_leave_the_network_as_it_was_and_give_the_same_again(name, found, graphs, ask):
    graph = graphs[MEASURES[name].network]
    before = nx.to_dict_of_dicts(graph.copy())
    assert analyse(name, graph, ask=ask) == found[name]
    assert nx.to_dict_of_dicts(graph) == before


@pytest.mark.parametrize("name", MEASURES)
def test_an_empty_network_is_refused_in_a_sentence(name, ask):
    with pytest.raises(NetworkError, match=r"empty|nothing"):
        analyse(name, nx.MultiDiGraph(), ask=ask)


def test_an_unknown_measure_is_refused_with_the_nearest(ask):
    with pytest.raises(NetworkError, match="Did you mean 'central'"):
        analyse("centre", nx.path_graph(3), ask=ask)


def test_a_network_that_is_there_is_narrowed_too_but_not_asked():
    graph = nx.MultiDiGraph()
    graph.add_edges_from(["ab", "bc"], basis="stated")
    graph.add_edge("c", "d", basis="inferred")
    said = analyse("bridges", graph, evidence="said")
    assert said == analyse("bridges", narrowed(graph, evidence="said"))
    assert said.rows != analyse("bridges", graph).rows
    assert said.recipe["evidence"] == "said"
    for asked in ({"query": "network"}, {"values": {"basis": "pgc:basis/stated"}}):
        with pytest.raises(NetworkError, match="Only a catalogue is asked with a query"):
            analyse("bridges", graph, **asked)
    with pytest.raises(TypeError, match="evidnce"):
        analyse("bridges", graph, evidnce="said")


def test_nodes_that_are_numbers_have_their_labels():
    graph = nx.path_graph(3)
    nx.set_node_attributes(graph, {number: f"Thing {number}" for number in graph}, "label")
    table = central(graph)
    assert table.labels == {"0": "Thing 0", "1": "Thing 1", "2": "Thing 2"}
    assert "Thing 1" in str(table)


def test_people_read_numbers_as_their_language_writes_them_and_machines_do_not():
    rows, recipe = ((Node('"a"'), 2.7768),), {"modularity": 0.8021}
    table = Table("t", ("thing", "value"), rows, "Read it.", recipe, {'"a"': "A"}, "da")
    assert "2,777" in str(table)
    assert "0,802" in table.recipe_text
    assert "2.7768" in table.to_csv()


@pytest.mark.parametrize("name", ["1:2", "a:%zz", "http://[x"])
def test_a_name_that_only_looks_like_an_iri_is_text(name):
    rows = csv.DictReader(io.StringIO(central(nx.Graph([(name, "b:c")])).to_csv(), newline=""))
    assert {row["thing"] for row in rows} == {name, "b:c"}


def test_cells_for_machines_are_iris_with_labels_beside_them_and_for_people_labels():
    one, other = Node("https://x.org/1"), Node('"80 %"')
    labels = {"https://x.org/1": "Først", '"80 %"': "80 %"}
    rows = ((one, 0.081395433082, (one, other)), (other, 2, ()))
    table = Table("t", ("thing", "value", "several"), rows, "Read it.", {}, labels)
    machine = formats.write(table.answer(), format="csv").decode().splitlines()
    assert machine[0] == "thing,thing_label,value,several"
    assert machine[1].startswith("https://x.org/1,Først,0.081395433082,")
    people = formats.write(table.answer(people=True), format="csv").decode().splitlines()
    assert people == ["thing,value,several", "https://x.org/1,0.081,Først; 80 %", "80 %,2,"]
