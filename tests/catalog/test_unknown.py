from __future__ import annotations

import pytest
from command import run

from policygraph.catalog.query import unknown
from policygraph.rdf.reader import parse
from policygraph.rdf.store import EmbeddedStore

DATA = b"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX e: <http://example.org/>
e:a a skos:Concept ; skos:prefLabel "A"@en, "Aa"@nb-NO ."""


@pytest.fixture(scope="module")
def store():
    return EmbeddedStore(parse(DATA, name="a.ttl", graph="http://example.org/graph"))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("SELECT * { ?s a skos:Koncept }", ["skos:Koncept is used nowhere. Did you mean 'skos:Concept'?"]),
        ("SELECT * { ?s a <http://example.org/b> }", ["http://example.org/b is used nowhere. Did you mean"]),
        ("PREFIX x: <http://x.org/> ASK { x:one\\-two ?p ?o }", ["http://x.org/one-two is used nowhere."]),
        ("SELECT * FROM <http://example.org/g> { ?s ?p ?o }", ["http://example.org/g is used nowhere."]),
        ("SELECT * FROM <http://example.org/graph> { ?s skos:prefLabel 'B'@en }", []),
        ("SELECT * { ?s skos:prefLabel 'A'@sv }", ["No text is in the language 'sv'; there are: en, nb-no."]),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(LANG(?l) = "sv") }', ["No text is in the language 'sv'"]),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(langMatches(lang(?l), "nb")) }', []),
        ("SELECT * { ?s skos:prefLabel ?l FILTER(xsd:integer(?l) = '3'^^xsd:byte) }  # skos:Koncept", []),
        ("BASE <http://other.org/> SELECT * { ?s ?p <a> }", []),
    ],
)
def test_what_a_query_names_and_the_store_has_not_is_told(store, text, sentences):
    found = unknown(store, text)
    assert len(found) == len(sentences)
    assert all(sentence in each for sentence, each in zip(sentences, found, strict=True))


@pytest.mark.parametrize("text", ["SELECT ?s {{ {} }}", "SELECT (COUNT(*) AS ?n) {{ {} }}", "ASK {{ {} }}"])
def test_an_answer_with_nothing_in_it_says_why_on_stderr(small_catalog, text):
    done = run("--catalog", small_catalog.root, "query", "-e", text.format("?s a skos:Koncept"))
    assert done.returncode == 0
    assert done.stderr == "policygraph: note: skos:Koncept is used nowhere.\n"
    assert "note" not in run("--catalog", small_catalog.root, "query", "-e", text.format("?s ?p ?o")).stderr
