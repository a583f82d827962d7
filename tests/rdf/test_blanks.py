"""Blank nodes: what they are in OWL, the items of lists, and an order that does not depend on their names."""

from __future__ import annotations

from functools import partial

import pyoxigraph as ox
import pytest

from policygraph.rdf.blanks import BlankNodes
from policygraph.rdf.namespaces import PREFIXES
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows

DATA = """@prefix : <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
:of :union [ a owl:Class ; owl:unionOf ( :Train :Ferry ) ] ; :list ( 1 :two ) ;
  :only [ a owl:Restriction ; owl:onProperty :stops ; owl:allValuesFrom :Station ] ;
  :not [ owl:complementOf :Ferry ] ; :other [ :p :a ] , [ :p :b ] ."""


@pytest.fixture(scope="module")
def store():
    return EmbeddedStore(ox.parse(DATA, format=ox.RdfFormat.TURTLE))


def about(store):
    ask = partial(rows, store)
    return BlankNodes(ask, ask, PREFIXES)


def values(store, name):
    return [row["o"] for row in rows(store, f"SELECT ?o {{ ?s <https://example.org/{name}> ?o }}")]


@pytest.mark.parametrize(
    ("name", "construct", "operands"),
    [
        ("union", "owl:unionOf", ["Train", "Ferry"]),
        ("not", "owl:complementOf", ["Ferry"]),
        ("only", "owl:allValuesFrom", ["stops", "Station"]),
        ("list", "rdf:List", ["1", "two"]),
    ],
)
def test_it_is_the_construct_that_it_is_in_owl(store, name, construct, operands):
    (node,) = values(store, name)
    found, terms = about(store).expression(node)
    assert (found, [each.value.rpartition("/")[2] for each in terms]) == (construct, operands)


def test_a_list_without_an_end_has_the_items_that_it_has():
    text = "[] <urn:p> [ <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> 1 ] ."
    store = EmbeddedStore(ox.parse(text, format=ox.RdfFormat.TURTLE))
    (row,) = rows(store, "SELECT ?o { ?s <urn:p> ?o }")
    assert about(store).expression(row["o"]) == ("rdf:List", [ox.Literal(1)])


def test_a_blank_node_of_nothing_known_is_no_construct(store):
    assert {about(store).expression(node) == ("", []) for node in values(store, "other")} == {True}


def test_the_order_is_that_of_what_is_said_not_of_names(store):
    blanks, again = about(store), EmbeddedStore(ox.parse(DATA, format=ox.RdfFormat.TURTLE))
    spelled = sorted(map(blanks.spelled, values(store, "other")))
    assert spelled == [
        "https://example.org/p <https://example.org/a>",
        "https://example.org/p <https://example.org/b>",
    ]
    assert sorted(map(about(again).spelled, values(again, "other"))) == spelled


def test_what_is_said_of_all_is_asked_once(store):
    asked = []
    blanks = BlankNodes(list, lambda text: asked.append(text) or rows(store, text), PREFIXES)
    for node in values(store, "other"):
        assert [value.value for _, value in blanks.inside(node)]
    assert len(asked) == 1
