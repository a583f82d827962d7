"""Answers as people read them: labels for IRIs, one language for texts; machines get what SPARQL gives."""

from __future__ import annotations

import json

import pytest

from policygraph.catalog.query import Query
from policygraph.errors import FormatError, QueryError
from policygraph.store.protocols import Store

NEEDS = "SELECT ?a ?relation ?b { ?a ?relation ?b FILTER(?relation = <https://example.org/terms#needs>) }"
NAMES = """#+ localised: name
SELECT ?thing ?name ?cost {
  ?thing skos:prefLabel ?name OPTIONAL { ?thing <https://example.org/terms#cost> ?cost } }
ORDER BY ?thing ?name"""


def cells(answer, **how):
    return [line.split("  ") for line in answer.write(**how).decode().splitlines()[2:-1]]


def asked(catalog, text, language=None, **more):
    return catalog.ask(Query.parse(text), language=language, **more)


def test_people_read_labels_in_their_language_else_in_english_else_the_curie(small_catalog):
    english, german = (asked(small_catalog, NEEDS, language) for language in (None, "de"))
    assert cells(english) == [["Bridge", "https://example.org/terms#needs", "Road"]]
    assert cells(german) == [["Brücke", "https://example.org/terms#needs", "Road"]]
    assert ">Brücke</td>" in german._repr_html_()
    assert german.write(format="markdown").decode().startswith("| a | relation | b |")
    assert (
        "[Brücke](<https://w3id.org/policygraph/id/xy/project/bridge>)"
        in german.write(format="markdown").decode()
    )
    assert german.to_csv(labels=True).splitlines()[1] == "Brücke,https://example.org/terms#needs,Road"


def test_machines_read_iris(small_catalog):
    answer = asked(small_catalog, NEEDS, "de")
    row = "https://w3id.org/policygraph/id/xy/project/bridge,https://example.org/terms#needs"
    assert answer.to_csv().splitlines()[1].startswith(row)
    assert answer.rows[0]["a"] == "https://w3id.org/policygraph/id/xy/project/bridge"
    bindings = json.loads(answer.write(format="json"))["results"]["bindings"]
    assert bindings[0]["a"]["value"] == answer.rows[0]["a"]
    with pytest.raises(FormatError, match="json holds IRIs only; labels are for table, "):
        answer.write(format="json", labels=True)
    assert cells(answer, labels=False)[0][0] == "pgid:xy/project/bridge"


def test_labels_are_looked_up_once_and_only_for_people(small_catalog):
    class Counting(Store):
        asked = 0

        def query(self, text):
            self.asked += 1
            return small_catalog.store.query(text)

    store = Counting()
    answer = asked(small_catalog, NEEDS, store=store)
    for format in ("csv", "json", "tsv", "xml"):
        answer.write(format=format)
    assert (len(answer), store.asked) == (1, 1)
    for format in ("table", "markdown"):
        answer.write(format=format)
    answer.to_csv(labels=True)
    assert store.asked == 2


def test_rows_that_differ_in_the_language_of_a_text_are_one_row_for_people(small_catalog):
    answer = asked(small_catalog, NAMES, "de")
    assert [(row["name"], row["cost"]) for row in answer] == [
        ("Bridge", None),
        ("Brücke", None),
        ("Road", 12),
    ]
    assert answer.write(labels=False).decode().splitlines()[2:] == [
        "pgid:xy/project/bridge  Brücke",
        "pgid:xy/project/road    Road      12",
        "2 rows",
    ]
    assert asked(small_catalog, NAMES.partition("\n")[2], "de").write().decode().endswith("\n3 rows\n"), (
        "nothing is left out that the header does not name"
    )
    assert answer.to_csv().count("\n") == 4


def test_a_localised_column_that_is_not_there_is_refused_with_its_line():
    with pytest.raises(QueryError, match=r"q.rq:1: .*'nmae'.*Did you mean 'name'"):
        Query.parse(NAMES.replace("localised: name", "localised: nmae"), path="q.rq")


def test_people_read_that_a_value_is_not_stated_and_machines_get_no_value(catalog):
    text = "SELECT ?a ?b ?c { VALUES (?a ?b ?c) { (1 UNDEF UNDEF) } }"
    answer = asked(catalog, f"#+ unstated: b\n{text}")
    assert "Not stated" in answer.write().decode()
    assert answer.to_csv() == "a,b,c\r\n1,,\r\n"
    assert answer.to_csv(labels=True) == "a,b,c\r\n1,Not stated,\r\n"
    assert list(answer) == [{"a": 1, "b": None, "c": None}]
    danish = asked(catalog, f"#+ unstated: b\n{text}", "da")
    assert "Ikke oplyst" in danish._repr_html_()
    with pytest.raises(QueryError, match=r"q.rq:1: unstated needs 'd'"):
        Query.parse(f"#+ unstated: d\n{text}", path="q.rq")


def test_people_read_not_stated_also_in_a_catalogue_without_the_claim_model(small_catalog):
    text = "#+ unstated: b\nSELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) } }"
    found = [asked(small_catalog, text, tag).to_csv(labels=True) for tag in ("en", "da", "nb")]
    assert [each.splitlines()[1] for each in found] == ["1,Not stated", "1,Ikke oplyst", "1,Ikke oppgitt"]


def test_things_with_the_same_label_are_told_apart(small_catalog):
    text = "SELECT ?a { VALUES ?a { foaf:Agent prov:Agent owl:Class } }"
    assert cells(asked(small_catalog, text)) == [["Agent (foaf:Agent)"], ["Agent (prov:Agent)"], ["Class"]]


def test_a_network_has_the_labels_of_what_its_query_names_by_iri(small_catalog):
    from policygraph.analysis.network import network

    text = """SELECT ?source ?target ?property ?document {
      ?source <https://example.org/terms#needs> ?target
      BIND(skos:prefLabel AS ?property) BIND(?target AS ?document) }"""
    nodes = "SELECT ?node ?class { ?node a ?class ; skos:prefLabel ?name }"
    graph = network(small_catalog, edges=text, nodes=nodes, language="de")
    ((_, _, edge),) = graph.edges(data=True)
    assert (edge["relation"], edge["document"]) == ("name", "Road")
    assert sorted((data["label"], data["kind"]) for _, data in graph.nodes(data=True)) == [
        ("Brücke", "Projekt"),
        ("Road", "Projekt"),
    ]
