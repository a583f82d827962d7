"""What publishers stumbled over in their first hour: slash IRIs, a language of their own, a thesaurus."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys

import pyoxigraph as ox
import pytest
import thesaurus
from command import run

from policygraph.authoring.skeleton import new_catalog, words_file
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.check.site.inspect import inspect
from policygraph.errors import CatalogError, QueryError
from policygraph.i18n import words
from policygraph.site.publish import publish
from policygraph.site.site import Site

FOAF, SKOS = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2004/02/skos/core#"
BASE = "https://data.dike.example/"
DATA = f"""@base <{BASE}> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<data/pumps> a dcat:Dataset ; dct:title "Pumper"@da ; dct:description "Alle pumper."@da ;
  dct:publisher <catalog#publisher> ; dct:license <https://creativecommons.org/licenses/by/4.0/> .
<id/pump/7/> a <def/water#Pump> ; skos:prefLabel "Pumpe"@da , "Pump"@en ; skos:notation "8.4.3" .
"""
TERMS = f"""@base <{BASE}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<def/water> a owl:Ontology ; rdfs:label "Vand"@da .
<def/water#Pump> a owl:Class ; rdfs:label "Pumpe"@da ; rdfs:isDefinedBy <def/water> .
"""
QUESTION = "#+ summary: Hvilke pumper er der?\nSELECT ?pump WHERE { ?pump a w:Pump } ORDER BY ?pump\n"
RECORD = """import sys
from policygraph import Catalog
from policygraph.site.site import Site
catalog = Catalog(sys.argv[1])
sys.stdout.buffer.write(Site(catalog, catalog.store, live=False).page("/catalog.ttl").body)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("dike") / "mine"
    new_catalog(root, base=BASE, name="Diget", languages=["da", "en"])
    settings = root / "catalog.toml"
    prefixes = f'\n[prefixes]\nw = "{BASE}def/water#"\n[site]\ncorrections = "mailto:data@dike.example"\n'
    settings.write_text(settings.read_text("utf-8") + prefixes, "utf-8")
    for name, text in (
        ("data/pumps.ttl", DATA),
        ("ontology/water.ttl", TERMS),
        ("queries/pumps.rq", QUESTION),
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    (root / "queries" / "things.rq").unlink()
    return root


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "site"
    publish(Catalog(root), folder, processes=1)
    return folder


def test_the_check_of_what_was_published_finds_no_error(folder):
    assert [(each.where, each.problem) for each in inspect(folder, base=BASE).errors] == []


def test_a_question_that_is_published_has_the_prefixes_of_the_catalogue(folder):
    text = (folder / "query" / "pumps.rq").read_text("utf-8")
    assert text.startswith("#+ summary: Hvilke pumper er der?\nPREFIX w: ")
    assert [*ox.Store().query(text)] == []
    assert f"PREFIX w: &lt;{BASE}def/water#&gt;" in (folder / "query" / "pumps.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["id/pump/7/index.ttl", "data/pumps.ttl", "def/water.ttl"])
def test_a_thing_is_not_its_document(folder, name):
    store = ox.Store()
    store.load(path=folder / name)
    types = f"ASK {{ ?x a <{FOAF}Document> ; a ?other FILTER(?other != <{FOAF}Document>) }}"
    assert not store.query(types)
    document = next(iter(store.query(f"SELECT ?x {{ ?x <{FOAF}primaryTopic> ?of }}")))["x"].value
    assert (folder / document.removeprefix(BASE)).is_file()


def test_json_ld_has_the_base_only_where_something_is_below_it(folder):
    assert "w3id.org/policygraph/" not in (folder / "id/pump/7/index.jsonld").read_text("utf-8")


def test_hosts_are_not_sent_where_nothing_is(folder):
    assert "/doc/" not in (folder / "_redirects").read_text("utf-8")


def test_what_a_header_says_is_in_the_first_language(root):
    query = Catalog(root).queries["pumps"]
    assert query.title("da") == ("Hvilke pumper er der?", "da")
    assert query.title("en") == ("Hvilke pumper er der?", "da")
    assert Query.parse("#+ summary: All\n#+ da: Alle\nSELECT * {}", language="da").title("en") == (
        "All",
        "en",
    )


def test_an_unknown_key_of_a_header_is_refused():
    with pytest.raises(QueryError, match="unknown key 'zzz' in the header: there are summary"):
        Query.parse("#+ zzz: 1\nSELECT * {}")
    assert Query.parse("#+ pagination: 10\n#+ nb: Alle\nSELECT * {}").title("nb") == ("Alle", "nb")


def test_the_words_of_a_language_are_those_of_the_catalogue(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (root / "queries" / "one.rq").write_text(
        "#+ summary: Én\nSELECT ?x WHERE {\n  VALUES ?kind { w:Pump }  # w:Pump: slags\n  ?x a ?kind\n}\n",
        "utf-8",
    )
    try:
        assert json.loads(words_file(root, "fo"))["questions"]["pumps"]["fo"] == ""
    finally:
        (root / "queries" / "one.rq").unlink()


def test_a_notation_is_searched_for_too(root, folder):
    assert "8.4.3" in (folder / "search.html").read_text("utf-8")
    catalog = Catalog(root)
    page = Site(catalog, catalog.store).page("/search.html", {"q": ["8.4.3"]})
    assert 'href="id/pump/7/index.html"' in page.body.decode()


def test_where_no_claim_can_be_named_the_page_of_corrections_has_the_address(folder):
    assert 'href="mailto:data@dike.example"' in (folder / "corrections.html").read_text("utf-8")


@pytest.mark.parametrize("value", ["data@dike.example", "mailto:"])
def test_a_wrong_address_for_corrections_gets_both_examples(root, tmp_path, value):
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.toml").write_text(f'base = "{BASE}"\n[site]\ncorrections = "{value}"\n', "utf-8")
    with pytest.raises(CatalogError, match=r"such as mailto:data@example\.org or https://"):
        Catalog(tmp_path)


def test_a_language_that_is_none_is_refused_in_the_settings(tmp_path):
    (tmp_path / "catalog.toml").write_text('title = { en = "Water", dk = "Vand" }\n', "utf-8")
    with pytest.raises(CatalogError, match="'dk', which is no language that the Unicode CLDR knows"):
        Catalog(tmp_path, empty=True)


def test_an_unknown_prefix_in_a_question_is_told_with_its_file(root, tmp_path):
    path = root / "queries" / "odd.rq"
    path.write_text("#+ summary: Odd\nSELECT ?x WHERE { ?x ww:p ?y }\n", "utf-8")
    try:
        with pytest.raises(Exception, match=r"odd\.rq.*unknown prefix 'ww'"):
            publish(Catalog(root), tmp_path / "site", processes=1)
    finally:
        path.unlink()


def test_the_record_is_in_no_language_that_has_no_words(root, tmp_path):
    shutil.copytree(root, tmp_path / "both")
    (tmp_path / "both" / "i18n").mkdir(exist_ok=True)
    (tmp_path / "both" / "i18n" / "fi.json").write_text(words_file(tmp_path / "both", "fi"), "utf-8")
    settings = tmp_path / "both" / "catalog.toml"
    settings.write_text(settings.read_text("utf-8").replace('["da", "en"]', '["fi", "da"]'), "utf-8")
    # In a process of its own, since languages are those of a process.
    command = [sys.executable, "-c", RECORD, tmp_path / "both"]
    record = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    assert '"Datasættene, og hvordan man spørger dem."@da' in record
    assert not re.findall(r'(?:description|title) "[^"]*"@fi', record.replace('dct:title "Diget"@fi', ""))


def test_files_in_owl_are_data(root, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.owl").write_bytes(
        ox.serialize(ox.parse(DATA, format=ox.RdfFormat.TURTLE), format=ox.RdfFormat.RDF_XML)
    )
    assert len(Catalog(tmp_path).load(ontology=False)) > 5


def test_without_a_licence_the_home_page_does_not_promise_open_data(root, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.ttl").write_text(DATA.replace(" ; dct:license", " . <x:y> dct:license"), "utf-8")
    (tmp_path / "catalog.toml").write_text(f'base = "{BASE}"\n', "utf-8")
    nothing = tmp_path / "nothing"  # is said of this dataset
    (nothing / "data").mkdir(parents=True)
    (nothing / "data" / "x.ttl").write_text(f'<{BASE}a> <urn:p> "A"@en .', "utf-8")
    (nothing / "catalog.toml").write_text(f'base = "{BASE}"\n', "utf-8")
    beside = tmp_path / "beside"  # one that is licensed
    shutil.copytree(root, beside)
    (beside / "data" / "more.nt").write_text(f'<{BASE}a> <urn:p> "A"@en .', "utf-8")
    places = ((root, True), (tmp_path, False), (nothing, False), (beside, False))
    for place, open_data in places:
        catalog = Catalog(place)
        page = Site(catalog, catalog.store, live=False).page("/index.html").body.decode()
        told = words(catalog.settings.languages[0], "site")
        assert (told["take_lead_closed"] not in page) == open_data


def test_a_concept_with_many_below_says_how_many_more(tmp_path):
    catalog = Catalog(thesaurus.write(tmp_path, 20))
    more = "".join(f"<c/more{n}> a <{SKOS}Concept> ; <{SKOS}broader> <c/1> .\n" for n in range(60))
    file = next((tmp_path / "data").iterdir())
    file.write_text(file.read_text("utf-8") + f"@base <{catalog.settings.base}> .\n{more}", "utf-8")
    catalog = Catalog(tmp_path)
    page = Site(catalog, catalog.store, live=False).page("/c/1.html").body.decode()
    assert page.count(" more</a></li>") == 1


def test_a_question_with_a_misspelt_property_is_told_at_its_publication(root, tmp_path):
    path = root / "queries" / "odd.rq"
    text = "SELECT ?x {\nVALUES ?z { UNDEF } # w:Pupm: z\n?x a w:Pmup ; w:at ?z ; skos:hiddenLabel ?y }\n"
    path.write_text(f"#+ summary: Odd\n{text}", "utf-8")
    try:
        done = run("--catalog", root, "publish", tmp_path / "site", "--no-check", "--processes", "1")
    finally:
        path.unlink()
    assert done.returncode == 0, done.stderr
    for odd in ("w:Pmup", "w:Pupm"):
        assert f"queries/odd.rq: {odd} is used nowhere. Did you mean 'w:Pump'?" in done.stderr
    assert "hiddenLabel" not in done.stderr


def test_the_terminal_speaks_the_first_language_of_a_catalogue_without_english(root):
    settings = root / "catalog.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('["da", "en"]', '["da"]'), "utf-8")
    try:
        command = [sys.executable, "-m", "policygraph", "--catalog", root, "describe", "Pump"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        settings.write_text(text, "utf-8")
    assert done.stdout.startswith("Pumpe "), done.stdout + done.stderr
