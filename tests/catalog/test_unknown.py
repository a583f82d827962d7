"""A question that asks what nothing has is told so, with what was perhaps meant.

Tests of `catalog.notes`.
"""

from __future__ import annotations

import pytest
from command import run

from policygraph.catalog.notes import notes, outside
from policygraph.errors import EndpointError
from policygraph.rdf.reader import parse
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store

DATA = b"""PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX e: <http://example.org/>
e:a a skos:Concept ; skos:prefLabel "A"@en, "Aa"@nb-NO ."""


def opened(data):
    store = EmbeddedStore()
    store.add(parse(data, name="a.ttl"), graph="http://example.org/graph")
    return store


@pytest.fixture(scope="module")
def store():
    return opened(DATA)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("SELECT * { ?s a skos:Koncept }", ["skos:Koncept is used nowhere. Did you mean 'skos:Concept'?"]),
        ("SELECT * { ?s a <http://example.org/b> }", ["http://example.org/b is used nowhere. Did you mean"]),
        ("PREFIX x: <http://x.org/> ASK { x:one\\-two ?p ?o }", ["http://x.org/one-two is used nowhere."]),
        ("SELECT * FROM <http://example.org/g> { ?s ?p ?o }", ["http://example.org/g is used nowhere."]),
        ("SELECT * FROM <http://example.org/graph> { ?s skos:prefLabel 'B'@en }", []),
        (
            "SELECT * { ?s skos:prefLabel 'A'@sv }",
            ["No text is in the language 'sv'; there are: en, nb-no.", "No value of skos:prefLabel compares"],
        ),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(LANG(?l) = "sv") }', ["No text is in the language 'sv'"]),
        ('SELECT * { ?s skos:prefLabel ?l FILTER(langMatches(lang(?l), "nb")) }', []),
        ("SELECT * { ?s skos:prefLabel ?l } # LANG(" + " " * 100_000, []),  # which took minutes
        ("SELECT * { ?s skos:prefLabel ?l FILTER(xsd:integer(?l) = '3'^^xsd:byte) }  # skos:Koncept", []),
        ("BASE <http://other.org/> SELECT * { ?s ?p <a> }", []),
    ],
)
def test_what_a_query_names_and_the_store_has_not_is_told(store, text, sentences):
    found = notes(store, text)
    assert len(found) == len(sentences)
    assert all(sentence in each for sentence, each in zip(sentences, found, strict=True))


@pytest.mark.parametrize("text", ["SELECT ?s {{ {} }}", "SELECT (COUNT(*) AS ?n) {{ {} }}", "ASK {{ {} }}"])
def test_an_answer_with_nothing_in_it_says_why_on_stderr(small_catalog, text):
    done = run("--catalog", small_catalog.root, "query", "-e", text.format("?s a skos:Koncept"))
    assert done.returncode == 0
    assert done.stderr == "policygraph: note: skos:Koncept is used nowhere.\n"
    assert "note" not in run("--catalog", small_catalog.root, "query", "-e", text.format("?s ?p ?o")).stderr


DATED = b"""PREFIX e: <http://example.org/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
e:a e:begun "2011"^^xsd:gYear ; e:ended "2015-12-31"^^xsd:date ; e:cost 3 ; skos:prefLabel "A"@en, "Aa"@da ;
  e:by e:c ; e:note "so" .
e:b e:begun "2013-05-01"^^xsd:date ; e:ended "2017-12-31"^^xsd:date ; e:cost 4.5 ; skos:prefLabel "B"@en .
e:c e:begun "2014-03"^^xsd:gYearMonth ; e:note "well"@en ; skos:prefLabel "C"@en ."""
PREFIX = "PREFIX e: <http://example.org/> "


@pytest.fixture(scope="module")
def dated():
    return opened(DATED)


@pytest.fixture
def told(dated, small_catalog):
    """What is noted of a question of one's own."""
    return lambda text: list(small_catalog.ask(PREFIX + text, store=dated).notes)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x e:needs|e:begun ?y }",
        "SELECT ?x { ?x e:begun ?y OPTIONAL { ?x e:needs ?z } }",
        "SELECT ?x { ?x e:begun ?y FILTER NOT EXISTS { ?x e:needs ?z } }",
        "SELECT ?x { ?x e:begun ?y FILTER NOT EXISTS { ?z ^e:needs ?x } }",
        "ASK { ?x e:begun ?y MINUS { ?x e:needs ?z } }",
        "CONSTRUCT { ?x e:new ?y } WHERE { ?x e:begun ?y OPTIONAL { ?x e:needs+ ?z } }",
    ],
)
def test_a_term_that_nobody_uses_is_told_also_where_there_is_an_answer(told, small_catalog, dated, text):
    assert small_catalog.ask(PREFIX + text, store=dated)
    assert [note.partition(".")[0] for note in told(text)] == ["http://example"]
    assert "http://example.org/needs is used nowhere." in told(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "PREFIX x: <http://x.org/> SELECT ?s { ?s ?p ?o }",
        "SELECT ?c { ?s a ?c FILTER(!STRSTARTS(STR(?c), STR(owl:))) }",
        "SELECT (e:much AS ?how) { ?s e:cost ?n BIND(e:x AS ?y) }",
        "CONSTRUCT { ?s e:new [ e:newer ?o ] } WHERE { ?s e:begun ?o }",
        "SELECT ?s { ?s e:begun ?o . { SERVICE <http://s.org/> { ?s e:other ?x . { ?x e:more 1 } } } }",
    ],
)
def test_what_a_query_declares_makes_or_asks_elsewhere_is_not_told(dated, text):
    assert notes(dated, PREFIX + text) == []


def test_of_many_unknown_terms_five_are_told(told):
    text = "SELECT * { VALUES ?s { " + " ".join(f"e:n{number}" for number in range(900)) + " } ?s ?p ?o }"
    assert len(told(text)) == 6
    assert told(text)[-1] == "895 more of its terms are used nowhere."


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            'SELECT ?s { ?s e:begun ?d FILTER(?d > "2012-01-01"^^xsd:date) }',
            'Of http://example.org/begun, 1 xsd:gYear, 1 xsd:gYearMonth do not compare with '
            '"2012-01-01"^^xsd:date, 1 xsd:date do. To have all, compare their STR() with a text.',
        ),
        (
            'SELECT ?s { ?s e:cost ?n ; e:begun ?d FILTER("2012"^^xsd:gYear <= ?d && ?n < 9) }',
            'Of http://example.org/begun, 1 xsd:date, 1 xsd:gYearMonth do not compare with '
            '"2012"^^xsd:gYear, 1 xsd:gYear do. To have all, compare their STR() with a text.',
        ),
        (
            'SELECT ?s { ?s e:ended ?d FILTER(?d > "2012-01-01") }',
            'No value of http://example.org/ended compares with "2012-01-01": it has 2 xsd:date.',
        ),
        (
            'SELECT ?s { ?s skos:prefLabel "A" }',
            'No value of skos:prefLabel compares with "A": it has 3 @en, 1 @da.',
        ),
        (
            "SELECT ?s { ?s a|^e:by/skos:prefLabel ?l ; skos:prefLabel ?name . FILTER(?name = 'A') }",
            "No value of skos:prefLabel compares with 'A': it has 3 @en, 1 @da.",
        ),
        (
            'SELECT ?s { ?s e:by ?o FILTER(?o = "C") }',
            'No value of http://example.org/by compares with "C": it has 1 IRI.',
        ),
        (
            "SELECT ?s { ?s e:ended 2015 }",
            "No value of http://example.org/ended compares with 2015: it has 2 xsd:date.",
        ),
    ],
)  # fmt: skip
def test_a_comparison_that_cannot_hold_is_told(told, text, note):
    assert told(text) == [note]


@pytest.mark.parametrize(
    "text",
    [
        'SELECT ?s { ?s e:ended ?d FILTER(?d > "2012-01-01"^^xsd:date && ?d < "2018-01-01"^^xsd:date) }',
        "SELECT ?s { ?s e:cost ?n FILTER(?n > 3.5 || ?n = 3) }",
        'SELECT ?s { ?s skos:prefLabel "A"@en ; e:cost 3 }',
        'SELECT ?s { ?s e:note ?n FILTER(?n = "so") }',  # a note without a language, another with one
        'SELECT ?s { ?s e:begun ?d FILTER(STR(?d) > "2012") }',
        'SELECT ?s { ?s e:begun ?d FILTER(DATATYPE(?d) = xsd:date && ?d > "2012-01-01"^^xsd:date) }',
        'SELECT ?s { ?s e:begun ?d FILTER(?d >= "2012-01-01"^^xsd:date || ?d >= "2012"^^xsd:gYear || '
        '?d >= "2012-01"^^xsd:gYearMonth) }',
        'SELECT ?s { ?s e:begun ?d BIND(STR(?d) AS ?t) FILTER(?t > "2012") }',
        'SELECT ?s { ?s e:ended|skos:prefLabel ?d FILTER(?d > "2012") }',
        'SELECT ?s { { ?s e:ended ?d } UNION { ?s skos:prefLabel ?d } FILTER(?d = "2012") }',
        'SELECT ?s { ?s e:ended ?d FILTER(CONCAT("(", ?d) > "(?d = 3)") }',
        'CONSTRUCT { ?s skos:prefLabel "A" } WHERE { ?s e:cost ?n }',
        'SELECT ?s { ?s e:ended ?d # FILTER(?d > "2012")\n }',
        'SELECT ?s { ?s e:ended ?d FILTER(?d != "2012") }',
    ],
)  # fmt: skip
def test_a_comparison_that_may_hold_is_not_told(told, text):
    assert told(text) == []


def test_of_a_service_with_more_triples_nothing_is_checked_and_that_is_told(told, monkeypatch):
    monkeypatch.setattr("policygraph.catalog.notes.MOST_TRIPLES", 10)
    monkeypatch.setattr(EmbeddedStore, "url", "https://example.org/sparql")
    said = ["The terms and comparisons of the query are not checked above 10 triples."]
    assert told("SELECT ?s { ?s e:needs ?o }") == said
    assert told("SELECT ?s { ?s ?p ?o }") == []


def test_an_endpoint_that_fails_afterwards_takes_no_answer_away(small_catalog, dated):
    class Once(Store):
        asked = 0

        def query(self, text):
            self.asked += 1
            if self.asked > 1:
                raise EndpointError("It is down.")
            return dated.query(text)

    answer = small_catalog.ask(PREFIX + "SELECT ?s { ?s e:needs|e:cost ?o }", store=Once())
    assert len(answer) == 2
    assert answer.notes == ["The terms and comparisons of the query are not checked: It is down."]


def test_a_file_of_ones_own_with_the_name_of_a_saved_question_has_notes(small_catalog, tmp_path):
    own = tmp_path / "needs.rq"
    own.write_text("SELECT ?x { ?x a skos:Koncept }")
    assert small_catalog.ask(own).notes == ["skos:Koncept is used nowhere."]


def test_a_notebook_shows_the_notes(small_catalog, dated):
    text = PREFIX + "SELECT ?s { ?s e:needs|e:cost ?o FILTER(?o > '<b>') }"
    html = small_catalog.ask(text, store=dated)._repr_html_()
    assert "http://example.org/needs is used nowhere." in html
    assert "&lt;b&gt;" in small_catalog.ask(PREFIX + "ASK { ?s e:cost '<b>' }", store=dated)._repr_html_()


def test_a_year_that_no_dataset_of_a_country_covers_is_noted(catalog):
    before, within = (
        catalog.ask("plans-in-force", country="Denmark", year=year).notes for year in (1850, 2014)
    )
    assert before == ["1850 is outside what is covered: Denmark (1992–2029)."]
    assert within == []


def test_what_is_no_year_is_not_compared_with_what_is_covered():
    covered = {"Examplia (2016–2017)": {2016, 2017}, "Nowhere": set()}
    assert outside(["spring"], covered) == ([], False)
    assert outside(["2016", "spring"], covered) == ([], False)
    assert outside(["2015", "2016"], covered) == (
        ["2015 is outside what is covered of Examplia (2016–2017)."],
        False,
    )
