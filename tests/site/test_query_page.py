"""Forms and answers of saved questions, on a catalogue small enough to know by heart.

Tests of `site.engine`.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from types import SimpleNamespace

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.catalog.query import Query
from policygraph.site.pages import query as form
from policygraph.site.site import Site
from policygraph.store.answer import Answer

BRIDGE = "https://w3id.org/policygraph/id/xy/project/bridge"
KINDS = """SELECT ?x WHERE {
  VALUES ?open { true }  # xsd:boolean: whether it is open
  VALUES ?day { UNDEF }  # xsd:date: on this day
  VALUES ?words { UNDEF }  # xsd:string: words
  VALUES ?thing { UNDEF }  # rdfs:Resource: the thing
}"""


@pytest.fixture
def small(small_catalog):
    store = small_catalog.load()
    return store, Labels(store, prefixes=small_catalog.settings.prefixes)


def filled(query, names, arguments=None, instances=lambda kind, limit: [BRIDGE], **more):
    context = SimpleNamespace(instances=instances, labels=names, prefixes=names.prefixes)
    found = form.form_fields(context, query, arguments or {}, "da", **more)
    return {field.parameter.name: field for field in found}


def test_each_kind_of_parameter_has_its_field(small):
    _, names = small
    fields = filled(Query.parse(KINDS), names)
    assert {name: field.widget for name, field in fields.items()} == {
        "open": "choice",
        "day": "date",
        "words": "text",
        "thing": "choice",
    }
    assert fields["open"].values == ("true",)
    assert fields["open"].choices == (("true", "ja"), ("false", "nej"))
    assert fields["thing"].choices == (("pgid:xy/project/bridge", "Bridge"),)


def test_of_too_many_things_one_types_the_name(small):
    _, names = small
    many = [f"{BRIDGE}/{number}" for number in range(form.MAX_CHOICES + 1)]
    found = {"instances": lambda kind, limit: [BRIDGE, *many]}
    field = filled(Query.parse(KINDS), names, {"thing": ["bridge"]}, **found)["thing"]
    assert (field.widget, field.values) == ("text", ("Bridge",))
    assert ("Bridge", "Bridge") in field.choices
    assert ("pgid:xy/project/bridge/7", "pgid:xy/project/bridge/7") in field.choices
    most = [f"{BRIDGE}/{number}" for number in range(form.MAX_SUGGESTIONS + 1)]
    assert filled(Query.parse(KINDS), names, instances=lambda kind, limit: most)["thing"].choices == ()
    assert filled(Query.parse(KINDS), names, instances=lambda kind, limit: [])["thing"].widget == "text"


def test_a_value_that_is_no_choice_is_kept_to_be_seen(small):
    _, names = small
    field = filled(Query.parse(KINDS), names, {"thing": ["no such thing"]}, wrong="thing")["thing"]
    assert ("no such thing", "no such thing") in field.choices
    assert field.wrong


def test_a_choice_may_be_named_in_any_case(small):
    _, names = small
    assert filled(Query.parse(KINDS), names, {"thing": ["BRIDGE"]})["thing"].values == (
        "pgid:xy/project/bridge",
    )


def test_an_ask_is_answered_in_one_cell(small):
    store, _ = small
    table = form.answer_table(Answer(store.query("ASK { ?s ?p ?o }")))
    assert (table.columns, table.rows[0][0].value, table.total) == (("answer",), "true", 1)


def test_a_graph_is_answered_in_triples(small):
    store, _ = small
    triples = store.query("CONSTRUCT { ?s skos:prefLabel ?o } WHERE { ?s skos:prefLabel ?o }")
    table = form.answer_table(Answer(triples))
    assert table.columns == ("subject", "predicate", "object")
    assert table.total == 3
    assert table.rows[0][0] == NamedNode(BRIDGE)


def test_more_rows_than_are_shown_are_counted(small):
    store, _ = small
    table = form.answer_table(Answer(store.query("SELECT * { ?s ?p ?o }")), most=2)
    assert len(table.rows) == 2
    assert table.total == len(store)


def test_cells_have_lines_and_numbers(small_catalog):
    text = 'SELECT ("a\\n\\nb" AS ?lines) (12 AS ?n) ("é"@fr AS ?l) ?none {}'
    store = small_catalog.load()
    results = store.query(text).serialize(format=QueryResultsFormat.JSON)
    body = Site(small_catalog, store).answer(text, results=results).body.decode()
    cells = re.findall(r"<td.*?</td>", body, re.DOTALL)
    assert cells == [
        '<td class="short"><ul class="lines"><li>a</li><li>b</li></ul></td>',
        '<td class="number"><span dir="auto">12</span></td>',
        '<td class="short"><span lang="fr" dir="auto">é</span></td>',
        '<td class="short"></td>',
    ]


def test_a_bar_to_a_horizon_is_as_open_as_one_without_an_end(small_catalog):
    text = """#+ summary: When?
#+ view: timeline
    SELECT ?from ?to ?horizon { VALUES (?from ?to ?horizon) {
      ("2010" "2012" UNDEF) ("2010" UNDEF "2014") ("2011" UNDEF UNDEF)
      (UNDEF UNDEF "2013") (UNDEF UNDEF UNDEF)
    } }"""
    (small_catalog.root / "queries" / "when.rq").write_text(text, encoding="utf-8")
    page = Site(Catalog(small_catalog.root), small_catalog.load()).page("/query/when.html").body.decode()
    assert re.findall(r'<rect( class="open")? x="(\d+)" y="2" width="(\d+)"', page) == [
        ("", "0", "30"),
        (' class="open"', "0", "50"),
        (' class="open"', "10", "10"),
        (' class="open"', "30", "10"),
    ]


FINDS = """#+ summary: How many?
#+ de: Wie viele?
#+ finding: "{n} of {rows} & {first}"
SELECT ?first (COUNT(?x) AS ?n) {
  ?x a <https://example.org/terms#Project> ; ^<https://example.org/terms#needs> ?first
}
GROUP BY ?first"""


def test_a_finding_is_told_on_its_page_and_on_the_home_page_in_its_language(small_catalog):
    (small_catalog.root / "queries" / "how-many.rq").write_text(FINDS, encoding="utf-8")
    site = Site(Catalog(small_catalog.root), small_catalog.load())
    for path, told in (
        ("/query/how-many.html", "Bridge"),
        ("/index.html", "Bridge"),
        ("/index.da.html", "Bridge"),
    ):
        mark = ' lang="en" dir="auto"' if ".da." in path else ""
        assert f'<span class="finding"{mark}>1 of 1 &amp; {told}</span>' in site.page(path).body.decode()
    assert "1 of 1" not in site.page("/query/how-many.csv").body.decode()


def test_an_answer_that_xml_cannot_hold_is_refused_as_xml_alone(small_catalog):
    text = "#+ summary: What is odd?\nSELECT ('\\u0001' AS ?odd) {}"
    (small_catalog.root / "queries" / "odd.rq").write_text(text, encoding="utf-8")
    site = Site(Catalog(small_catalog.root), small_catalog.load())
    assert "U+0001" in site.page("/query/odd.xml").refused
    assert not site.page("/query/odd.json").refused


def test_a_thing_is_suggested_by_its_label_in_the_language_of_the_page(live_site):
    page = live_site.page("/query/evidence.da.html").body.decode()
    suggested = re.search(r'<input [^>]*list="l-thing".*?</datalist>', page, re.DOTALL)[0]
    assert '<option value="NemID">' in suggested
    assert '<option value="Udbredelse af telemedicin i hele landet">' in suggested
    answer = live_site.page("/query/evidence.da.html", {"thing": ["Udbredelse af telemedicin i hele landet"]})
    assert not answer.refused
    assert 'value="Udbredelse af telemedicin i hele landet" list' in answer.body.decode()


def test_a_wrong_name_is_answered_with_the_nearest(live_site):
    page = live_site.page("/query/neighbourhood.html", {"thing": ["Nemd"]})
    assert page.refused
    assert "Did you mean &#39;NemID&#39;?" in page.body.decode()


def test_an_answer_with_literals_at_an_end_still_leads_to_the_explorer(static_site):
    page = static_site.page("/query/evidence.html").body.decode()
    assert '<a class="next" href="../explore.html">' in page


TOLD = """#+ summary: What?
#+ description: Each of them. And more of it.
SELECT ?thing {
  VALUES ?thing { UNDEF }  # rdfs:Resource: only this thing
  ?thing a ?kind
}"""


def test_a_server_asks_once_for_the_table_and_its_picture(examplia, monkeypatch):
    store, asked = examplia.load(), []
    site, ask = Site(examplia, store), store.query
    monkeypatch.setattr(store, "query", lambda text: asked.append(text) or ask(text))
    monkeypatch.setattr(store, "scanned", lambda: store)
    body = site.page("/query/area-features.html").body.decode()
    assert "<svg" in body
    assert asked.count(examplia.bind("area-features", store)) == 1


def test_what_a_question_says_is_in_the_language_of_the_page_or_marked_as_another(small_catalog):
    words = small_catalog.root / "i18n" / "da.json"
    words.parent.mkdir()
    danish = {"descriptions": {"what": "Hver af dem. Og mere."}, "hints": {"only this thing": "kun denne"}}
    words.write_text(json.dumps(danish), "utf-8")
    (small_catalog.root / "queries" / "what.rq").write_text(TOLD, encoding="utf-8")
    site = Site(Catalog(small_catalog.root), small_catalog.load())
    for tag, mark, (first, more, hint) in (
        (".da", "", ("Hver af dem. ", "Og mere.", "kun denne")),
        (".nb", ' lang="en" dir="auto"', ("Each of them. ", "And more of it.", "only this thing")),
        ("", "", ("Each of them. ", "And more of it.", "only this thing")),
    ):
        page = site.page(f"/query/what{tag}.html").body.decode()
        assert f"<span{mark}>{first}</span>" in page
        assert f"<p{mark}>{more}</p>" in page
        assert f'<dd id="h-thing"{mark}>{hint}</dd>' in page
        assert f'<p class="soft"{mark}>{first}{more}</p>' in site.page(f"/query{tag}.html").body.decode()
    assert ">What?<" in site.page("/search.da.html", {"q": ["hver af dem"]}).body.decode()


def test_what_is_not_stated_is_told_on_a_page_and_in_the_browser_without_the_claim_model(small_catalog):
    text = "#+ unstated: b\nSELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) } }"
    (small_catalog.root / "queries" / "gap.rq").write_text(text, encoding="utf-8")
    site = Site(Catalog(small_catalog.root), small_catalog.load(), live=False)
    assert ">Ikke oplyst</" in site.page("/query/gap.da.html").body.decode()
    assert "Ikke oplyst" in json.loads(gzip.decompress(site.page("/engine/labels.da.json.gz").body))["texts"]


def test_each_of_several_values_has_its_field(small_catalog):
    text = """SELECT ?thing WHERE {
      VALUES ?word { "x" "y" }  # xsd:string: a word
      ?thing ?property ?word
    }"""
    (small_catalog.root / "queries" / "words.rq").write_text(text, encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    page = Site(catalog, catalog.load()).page("/query/words.html").body.decode()
    assert re.findall(r'name="word"[^>]*value="(\w*)"', page) == ["x", "y"]
    assert page.count('aria-labelledby="n-word"') == 1


def test_a_server_says_in_title_caption_and_answer_for_which_values_they_are(small_catalog):
    site = Site(small_catalog, small_catalog.load())
    page = site.page("/query/projects.html", {"language": ["de", "<b>"]}).body.decode()
    for tag in ("title", 'p class="values"', 'caption class="unseen"'):
        assert re.search(rf"<{tag}>[^\n]*language: de, &lt;b&gt;", page)
    page = site.page("/query/projects.html", {"language": [""]}).body.decode()
    assert "<title>What is being built (language: any)" in page
    page = site.page("/query/projects.html").body.decode()
    assert "<title>What is being built ·" in page
    assert '<p class="values"></p>' in page


def test_choices_and_schemes_are_in_the_order_of_the_alphabet(small_catalog):
    """Å is an A in English and the last letter in Danish; numbers are by value."""
    skos = "http://www.w3.org/2004/02/skos/core#"
    text = "".join(
        f'<{BRIDGE}/{n}> a <{skos}ConceptScheme> ; <{skos}prefLabel> "{name}" .\n'
        f"<{BRIDGE}/{n}/x> <{skos}inScheme> <{BRIDGE}/{n}> .\n"
        for n, name in enumerate(("Zoo", "Ålborg 10", "Ålborg 2"))
    )
    (small_catalog.root / "data" / "lists.ttl").write_text(text, encoding="utf-8")
    asks = "SELECT ?x {\n  VALUES ?x { UNDEF }  # skos:ConceptScheme: a list\n  ?x a ?y }"
    (small_catalog.root / "queries" / "lists.rq").write_text(asks, encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    site = Site(catalog, catalog.load())
    for tag, names in (("", ["Ålborg 2", "Ålborg 10", "Zoo"]), (".da", ["Zoo", "Ålborg 2", "Ålborg 10"])):
        page = site.page(f"/query/lists{tag}.html").body.decode()
        assert re.findall(r"<option value=.pgid[^>]*>([^<]*)", page) == names
        page = site.page(f"/ontology{tag}.html").body.decode()
        assert re.findall(r"Zoo|Ålborg \d+", page) == names


def test_that_a_file_has_more_rows_than_the_page_is_said(live_site):
    rows = [*csv.reader(live_site.page("/query/pairs-examined.csv").body.decode().splitlines())]
    said = f"En fil har {len(rows) - 1} rækker: én for hvert sprog i dens tekster."
    assert said in live_site.page("/query/pairs-examined.da.html").body.decode()
    assert "En fil har" not in live_site.page("/query/targets.da.html").body.decode()
