"""What things are called, and how they are found."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from policygraph.catalog.labels import Label, Labels, fold
from policygraph.rdf.store import EmbeddedStore

DATA = b"""
@prefix : <https://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:a skos:prefLabel "Health care"@en , "Sundhed"@da ; skos:altLabel "Care"@en ; a :Unnamed , :Kind .
:b skos:prefLabel "Gesundheit"@de , "Sant\xc3\xa9"@fr .
:c rdfs:label "Untagged" ; skos:altLabel "Other" .
:d skos:altLabel "only another"@en .
:Kind rdfs:label "Kind"@en .
:relates rdfs:label "relates to"@en , "ang\xc3\xa5r"@da .
:claim rdf:subject :a ; rdf:predicate :relates ; rdf:object :b .
:odd rdf:subject :odd ; rdf:predicate :relates ; rdf:object :odd .
"""


@pytest.fixture(scope="module")
def names():
    return Labels(EmbeddedStore(parse(DATA, format=RdfFormat.TURTLE)))


@pytest.mark.parametrize(
    ("thing", "language", "name"),
    [
        ("a", "da", Label("Sundhed", "da")),
        ("a", "fr", Label("Health care", "en")),
        ("b", "da", Label("Gesundheit", "de")),
        ("c", "da", Label("Untagged", "")),
        ("d", "en", Label("https://example.org/d", "")),
        ("claim", "da", Label("Sundhed · angår · Gesundheit", "da")),
        ("odd", "en", Label("https://example.org/odd · relates to · https://example.org/odd", "en")),
        ("none", "en", Label("https://example.org/none", "")),
    ],
)
def test_the_name_to_show(names, thing, language, name):
    assert names.of(f"https://example.org/{thing}", language) == name


def test_a_curie_stands_for_what_has_no_name(names):
    assert names.of("http://www.w3.org/2004/02/skos/core#Concept", "en").text == "skos:Concept"


def test_other_names_are_each_told_once(names):
    assert [name.text for name in names.others("https://example.org/a", "da")] == ["Health care", "Care"]


def test_named_classes_go_before_others(names):
    assert names.kinds("https://example.org/a") == ["https://example.org/Kind", "https://example.org/Unnamed"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("care", ["a"]),
        ("CARE health", ["a"]),
        ("sante", ["b"]),
        ("sund", ["a", "b"]),
        ("er", ["c", "d"]),
        ("", []),
        ("x y", []),
    ],
)
def test_search(names, words, found):
    assert names.search(words) == [f"https://example.org/{name}" for name in found]


def test_near_names(names):
    assert names.near("/somewhere/relate")[0] == "https://example.org/relates"
    assert names.near("/zzzzzzzz") == []


def test_folding_takes_case_accents_and_spaces_away():
    assert fold("  Brücke\n ÅR ") == "brucke ar"
