"""A vocabulary of others reads well: its sentences in words, its own texts once, nothing of ours."""

from __future__ import annotations

import re
from html import unescape

import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.check.site.inspect import inspect
from policygraph.site.publish import publish
from policygraph.site.site import Site

BASE = "https://data.example.org/"
SETTINGS = f'base = "{BASE}"\nlanguages = ["en", "da", "nb"]\n[publisher]\nname = "Somebody"\n'
VOCABULARY = f"""
@base <{BASE}> .
@prefix : <{BASE}rail#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<rail> a owl:Ontology ; rdfs:label "Railway vocabulary"@en , "Jernbaneordforråd"@da ; owl:versionInfo "0.8" ;
  rdfs:comment "Words for railways."@en , "Ord om jernbaner."@da ;
  dct:license <http://www.opendatacommons.org/licenses/pddl/1.0/> .
:Station a owl:Class ; rdfs:label "Station"@en ;
  rdfs:comment "Where trains stop."@en , "Hvor toge holder."@da ;
  rdfs:isDefinedBy <rail> ; owl:hasKey ( :code :name ) ; owl:disjointWith :Train ; skos:example "Oslo S"@en .
:Train a owl:Class ; rdfs:label "Train"@en ; rdfs:isDefinedBy <rail> ;
  rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :stopsAt ; owl:allValuesFrom :Station ] ,
    [ a owl:Restriction ; owl:onProperty :stopsAt ; owl:minQualifiedCardinality 2 ; owl:onClass :Station ] ,
    [ a owl:Restriction ; owl:onProperty :code ; owl:cardinality 1 ] .
:Ferry a owl:Class ; rdfs:label "Ferry"@en ;
  owl:equivalentClass [ owl:intersectionOf ( :Train [ owl:complementOf :Station ] ) ] .
:Signal a rdfs:Class ; rdfs:label "Signal"@en .
:stopsAt a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label "stops at"@en ;
  rdfs:domain [ owl:unionOf ( :Train :Ferry ) ] ; rdfs:range [ owl:unionOf ( :Station foaf:Organization ) ] ;
  owl:inverseOf :stopOf .
:stopOf a owl:ObjectProperty ; rdfs:label "stop of"@en ; rdfs:domain :Station .
:code a owl:DatatypeProperty ; rdfs:label "code"@en ; rdfs:range xsd:string .
:shows a rdf:Property ; rdfs:label "shows"@en ; rdfs:domain :Signal ;
  dct:source <http://xmlns.com/foaf/0.1/topicInterest> .
:oldCode a owl:DatatypeProperty ; rdfs:subPropertyOf :code , <other#someCode> .
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("vocabulary")
    (root / "data").mkdir()
    (root / "data" / "rail.ttl").write_text(VOCABULARY, encoding="utf-8")
    (root / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    catalog = Catalog(root)
    return Site(catalog, catalog.load(), live=False)


def words(site, path):
    page = site.page(path).body.decode().partition("<main")[2]
    page = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", page)).split())


def entry(site, name, tag=""):
    """The words of a term in the reference."""
    page = site.page(f"/ontology{tag}.html").body.decode()
    (found,) = (each for each in page.split('<details class="term">')[1:] if f'id="{name}"' in each)
    return " ".join(unescape(re.sub("<[^>]*>", " ", found.partition("</details>")[0])).split())


@pytest.mark.parametrize(
    ("tag", "of_train", "of_ferry", "domain"),
    [
        (
            "",
            ("only Station", "at least 2 Station", "exactly 1"),
            "Train and (not Station )",
            "Train or Ferry",
        ),
        (
            ".da",
            ("kun Station", "mindst 2 Station", "præcis 1"),
            "Train en og (ikke Station en )",
            "Train en eller Ferry en",
        ),
        (
            ".nb",
            ("bare Station", "minst 2 Station", "nøyaktig 1"),
            "Train en og (ikke Station en )",
            "Train en eller Ferry en",
        ),
    ],
)
def test_restrictions_unions_and_lists_are_in_words(site, tag, of_train, of_ferry, domain):
    for each in of_train:
        assert each in entry(site, "Train", tag)
    assert of_ferry in entry(site, "Ferry", tag)
    assert domain in entry(site, "stopsAt", tag)
    everything = words(site, f"/ontology{tag}.html") + words(site, f"/rail{tag}.html")
    for machine in (" first ", " rest ", " nil", "on property", "union of", "Owl:"):
        assert machine not in everything, machine
    assert not re.search(r"\b[0-9a-f]{32}\b", everything)


def test_a_term_has_its_comment_as_definition_once_and_all_that_is_said_of_it(site):
    station = entry(site, "Station")
    assert station.count("Where trains stop.") == 1
    assert "Hvor toge holder." not in station
    assert "Has key code , name" in station
    assert "Oslo S" in station
    assert entry(site, "Station", ".da").count("Hvor toge holder.") == 1
    assert "Inverse of stop of" in entry(site, "stopsAt")
    assert "Functional" in entry(site, "stopsAt")
    assert words(site, "/rail.html").count("Words for railways.") == 1
    assert words(site, "/rail.html").count("Where trains stop.") == 1


def test_terms_without_a_label_have_the_words_of_their_names(site):
    assert "old code" in entry(site, "oldCode")
    assert "some code" in entry(site, "oldCode")
    assert "topic interest" in entry(site, "shows").casefold()
    assert "rail#" not in words(site, "/rail.html").replace(f"{BASE}rail#", "")


def test_classes_and_properties_of_rdf_schema_are_in_the_reference(site):
    assert "Signal" in entry(site, "Signal")
    assert "From Signal" in entry(site, "shows")


def test_nothing_is_said_that_the_vocabulary_does_not_say(site):
    for path in ("/ontology.html", "/rail.html"):
        page = words(site, path)
        for ours in ("Not stated", "this is the first", "not used yet", "“Station”", "opendatacommons"):
            assert ours not in page, (path, ours)
    assert "Words for railways." in words(site, "/ontology.html")
    assert "Railway vocabulary" in words(site, "/ontology.html")


HEADLESS = f"""
@base <{BASE}> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<data/it> a dcat:Dataset ; dct:title "Words"@en ; dct:description "Words."@en ; dct:issued "2026-02-02" ;
  dct:publisher <agency> ; dct:license <https://creativecommons.org/licenses/by/4.0/> .
<agency> a foaf:Agent ; foaf:name "Agency" .
<terms#depth> a owl:DatatypeProperty ; rdfs:label "depth"@en .
<terms#near> a owl:ObjectProperty ; rdfs:label "near"@en .
<single#only> a owl:ObjectProperty ; rdfs:label "only"@en .
<id/a> rdfs:label "a"@en ; <terms#depth> 3 ; <terms#near> <agency> ; <single#only> <agency> .
"""


def test_terms_without_a_header_are_each_at_their_place_on_the_page_of_their_address(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "it.ttl").write_text(HEADLESS, encoding="utf-8")
    (tmp_path / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    publish(Catalog(tmp_path), tmp_path / "site", processes=1)
    names = ("terms.html", "single.html", "terms.ttl")
    page, single, data = ((tmp_path / "site" / name).read_text(encoding="utf-8") for name in names)
    assert re.findall("<h1>(?:<bdi>)?([^<]*)", page) == [f"{BASE}terms"]
    assert re.findall('<li id="(.*?)"', page) == ["depth", "near"]
    assert '<header class="title" id="only">' in single
    assert "primaryTopic <terms>" in data
    found = inspect(tmp_path / "site", base=BASE).findings
    assert [each for each in found if each.rule in ("term", "topic")] == []
