"""Labels: which is shown, and search."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from policygraph.catalog.labels import Label, Labels, match, matching, near
from policygraph.errors import ResourceError
from policygraph.rdf.namespaces import MODEL
from policygraph.store.index import Name
from policygraph.store.memory import EmbeddedStore
from policygraph.text import fold

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
def labels():
    return Labels(EmbeddedStore(parse(DATA, format=RdfFormat.TURTLE)))


def test_a_label_without_a_sign_is_none():
    data = b"""@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix : <https://example.org/> .
    :a rdfs:label "" , " "@en . :b rdfs:label "" , "Bro"@da ."""
    labels = Labels(EmbeddedStore(parse(data, format=RdfFormat.TURTLE)))
    names = [labels.of(f"https://example.org/{name}", "en").text for name in "ab"]
    assert names == ["https://example.org/a", "Bro"]
    assert [*labels] == ["https://example.org/b"]


def test_a_term_is_known_by_its_class():
    data = b"""@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix : <https://example.org/> .
    :Road a owl:Class . :leads a owl:ObjectProperty . : a owl:Ontology . :one a :Road ."""
    labels = Labels(EmbeddedStore(parse(data, format=RdfFormat.TURTLE)))
    assert [
        labels.is_term(f"https://example.org/{name}") for name in ("Road", "leads", "", "one", "none")
    ] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("local", "language", "label"),
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
def test_the_label_to_show(labels, local, language, label):
    assert labels.of(f"https://example.org/{local}", language) == label


def test_a_resource_without_a_label_is_shown_by_its_curie(labels):
    assert labels.of("http://www.w3.org/2004/02/skos/core#Nothing", "en").text == "skos:Nothing"


def test_a_common_term_without_a_label_has_the_words_of_pages(labels):
    concept = "http://www.w3.org/2004/02/skos/core#Concept"
    assert labels.of(concept, "en") == ("Concept", "en")
    assert labels.of(concept, "da") == ("Begreb", "da")
    assert labels.of(concept, "fr") == ("Concept", "en")


def test_what_was_looked_for_in_vain_counts_too():
    labels = Labels(EmbeddedStore(parse(DATA, format=RdfFormat.TURTLE)), later=True)
    labels.learn(f"https://example.org/none/{number}" for number in range(9))
    labels.learn(["https://example.org/" + "x" * 2_000])
    assert labels.size == 9


def test_other_labels_are_each_listed_once(labels):
    assert [label.text for label in labels.others("https://example.org/a", "da")] == ["Health care", "Care"]


def test_classes_with_a_label_go_before_others(labels):
    assert labels.kinds("https://example.org/a") == [
        "https://example.org/Kind",
        "https://example.org/Unnamed",
    ]


@pytest.mark.parametrize(
    ("words", "matches"),
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
def test_search(labels, words, matches):
    assert matching(labels.names(), words) == [f"https://example.org/{local}" for local in matches]


def test_near_local_names(labels):
    found = [near(EmbeddedStore(), lambda: labels, path) for path in ("/somewhere/relate", "/zzzzzzzz")]
    assert found == [["https://example.org/relates"], []]


def test_a_label_may_be_a_prefix_too(small_catalog):
    path = small_catalog.datasets["xy"].path
    path.write_text(path.read_text("utf-8").replace('"Road"', '"time"'), "utf-8")
    assert small_catalog.find_resource("time") == f"{MODEL}id/xy/project/road"
    assert small_catalog.find_resource("time:Instant") == "http://www.w3.org/2006/time#Instant"


def test_a_name_that_is_no_unicode_is_refused_in_a_sentence(small_catalog):
    with pytest.raises(ResourceError, match="it is not valid Unicode"):
        small_catalog.find_resource("Road\udcff")


def test_folding_takes_case_accents_and_spaces_away():
    assert fold("  Brücke\n ÅR ") == "brucke ar"
    assert fold("ŁÓDŹ Ærø Đorđe Ħal Þór Œuvre Maße Ǿ") == "lodz aero dorde hal thor oeuvre masse o"


def test_a_name_is_found_without_its_accents_and_an_equal_one_before_that(caplog):
    known = [("a", "Łódź"), ("b", "Lodz"), ("c", "Βίβλος του Μετασχηματισμού"), ("d", "Área"), ("e", "Areas")]
    asked = {
        "lodz": "b",
        "łódź": "a",
        "βιβλοσ": "c",
        "ΒΙΒΛΟΣ": "c",
        "μετασχη": "c",
        "area": "d",
        "areas": "e",
    }
    assert {what: match(what, known) for what in asked} == asked
    assert [each.message.split("'")[1] for each in caplog.records] == ["μετασχη"]
    with pytest.raises(ResourceError, match="No label"):
        match("\u0301", known)
    names = [Name(iri, 0, text) for iri, text in known]
    assert [matching(names, each) for each in ("lodz", "Łódź")] == [["b", "a"], ["a", "b"]]


def test_a_claim_about_a_triple_is_named_by_the_text_of_that():
    data = b"""@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix : <https://example.org/> .
    :claim rdf:subject :a ; rdf:predicate :of ; rdf:object <<( :a :of 1 )>> ."""
    labels = Labels(EmbeddedStore(parse(data, format=RdfFormat.TURTLE)))
    assert labels.of("https://example.org/claim", "en").text.partition(" <")[::2] == (
        "https://example.org/a · https://example.org/of ·",
        'https://example.org/a> <https://example.org/of> "1"^^<http://www.w3.org/2001/XMLSchema#integer>',
    )
