"""Every line of the quality checklist passes on what is shipped, and fails where its fault is planted."""

from __future__ import annotations

import re
import time

import checkout
import pytest
from click.testing import CliRunner
from command import run

from policygraph.catalog.catalog import Catalog
from policygraph.check.ontology import CHECKS, RESULTS, assess
from policygraph.cli.main import cli
from policygraph.errors import QueryError

FROM_FILES = [name for name in CHECKS if "-" in name]
ELSEWHERE = [name for name in CHECKS if "-" not in name]

PREFIXES = """@base <https://w3id.org/policygraph/> .
@prefix bibo: <http://purl.org/ontology/bibo/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://example.org/terms#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix vs: <http://www.w3.org/2003/06/sw-vocab-status/ns#> .
@prefix x: <https://example.org/other#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

TERMS = """
<https://example.org/terms> a owl:Ontology ;
  dct:title "Terms"@en ;
  dct:description "Terms for projects."@en ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:creator <agent/us> ;
  dct:publisher <agent/us> ;
  dct:created "2026-01-01"^^xsd:date ;
  dct:issued "2026-01-01"^^xsd:date ;
  dct:source <https://example.com/> ;
  dct:bibliographicCitation "Terms (2026)."@en ;
  owl:versionIRI <https://example.org/terms/1> ;
  owl:versionInfo "1" ;
  foaf:logo <logo> ;
  bibo:status "draft" ;
  skos:editorialNote "No relation has an inverse."@en ;
  vann:preferredNamespacePrefix "t" ;
  vann:preferredNamespaceUri "https://example.org/terms#" .

t:Project a owl:Class ;
  rdfs:label "Project"@en ;
  skos:definition "Work with an end."@en ;
  owl:disjointWith t:Place ;
  rdfs:isDefinedBy <https://example.org/terms> ;
  rdfs:subClassOf schema:Thing ;
  vs:term_status "stable" .

t:Place a owl:Class ;
  rdfs:label "Place"@en ;
  skos:definition "Where work is done."@en ;
  rdfs:isDefinedBy <https://example.org/terms> ;
  vs:term_status "stable" .

t:needs a owl:ObjectProperty ;
  rdfs:label "needs"@en ;
  skos:definition "Names what comes first."@en ;
  rdfs:domain t:Project ;
  rdfs:isDefinedBy <https://example.org/terms> ;
  rdfs:range t:Project ;
  vs:term_status "stable" .

t:takesPlaceIn a owl:ObjectProperty ;
  rdfs:label "takes place in"@en ;
  skos:definition "Names where it is."@en ;
  rdfs:domain t:Project ;
  rdfs:isDefinedBy <https://example.org/terms> ;
  rdfs:range t:Place ;
  vs:term_status "stable" .

<stage> a skos:ConceptScheme ; skos:prefLabel "Stages"@en ; skos:definition "How far it is."@en .
<stage/early> a skos:Concept ; skos:prefLabel "Early"@en ; skos:altLabel "Initial"@en ;
  skos:definition "Begun."@en ; skos:notation "1" ; skos:inScheme <stage> ; skos:topConceptOf <stage> .
<stage/late> a skos:Concept ; skos:prefLabel "Late"@en ;
  skos:definition "Nearly done."@en ; skos:notation "2" ; skos:inScheme <stage> ; skos:topConceptOf <stage> .
<stage/last> a skos:Concept ; skos:prefLabel "Last"@en ;
  skos:definition "Done but for the papers."@en ; skos:inScheme <stage> ; skos:broader <stage/late> .
"""

DATA = """
<data/xy> a dcat:Dataset ;
  dct:title "Projects"@en ;
  dct:description "Projects of a town."@en ;
  dcat:keyword "town"@en ;
  dcat:version "1" ;
  dct:conformsTo <https://example.org/terms> ;
  dct:creator <agent/us> ;
  dct:issued "2026-01-01"^^xsd:date ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:modified "2026-01-02"^^xsd:date ;
  dct:publisher <agent/us> ;
  dct:source <source/plan> ;
  dct:spatial <https://example.com/town> ;
  dct:temporal <period> .

<source/plan> dct:title "Plan of the town"@en ; dct:publisher "The town"@en .

<id/xy/project/bridge> a t:Project ;
  skos:prefLabel "Bridge"@en ;
  dct:issued "2014"^^xsd:gYear ;
  t:needs <id/xy/project/road> ;
  skos:exactMatch <https://example.com/bridge> .

<id/xy/project/road> a t:Project ; skos:prefLabel "Road"@en .
"""

SHAPES = """
<shape> a owl:Ontology ; dct:title "Shapes"@en ; dct:license <https://example.com/licence> ;
  owl:versionIRI <shape/1> .
<shape/Project> a sh:NodeShape ; sh:targetClass t:Project ;
  sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:message "Give it a name."@en ] .
"""

ONTOLOGY = "<https://example.org/terms>"
PROPERTY = "a owl:ObjectProperty ; rdfs:domain t:Project ; rdfs:range t:Project"


def sound(root):
    for folder in ("ontology", "data", "queries"):
        (root / folder).mkdir(parents=True)
    checkout.settings(root)
    for name, text in (("ontology/terms", TERMS), ("ontology/shapes", SHAPES), ("data/xy", DATA)):
        (root / f"{name}.ttl").write_text(PREFIXES + text, encoding="utf-8")
    return root


# Each fault: what is replaced in a file (nothing: added at its end), by what, and whom it must name.
IN_TERMS = {
    "OM1-minimal-metadata": ("dct:creator <agent/us> ;\n", "", f"{ONTOLOGY[1:-1]} lacks dct:creator"),
    "OM2-recommended-metadata": ('owl:versionInfo "1" ;', "", "lacks owl:versionInfo"),
    "OM3-detailed-metadata": ("foaf:logo <logo> ;", "", "lacks foaf:logo"),
    "OM3-doi": ("", f'{ONTOLOGY} bibo:doi "doi:soon" .', "is no DOI: doi:soon"),
    "OM4.1-licence": ("dct:license <https://creativecommons.org/licenses/by/4.0/> ;", "", "dct:license"),
    "OM4.2-licence-iri": ("<https://creativecommons.org/licenses/by/4.0/>", '"CC BY"', "CC BY"),
    "OM5.1-provenance": ('dct:created "2026-01-01"^^xsd:date ;', "", "lacks dct:created"),
    "OM5.2-publication": ("dct:publisher <agent/us> ;", "", "lacks dct:publisher"),
    "VER1-version-iri": ("versionIRI <https://example.org/terms/1>", f"versionIRI {ONTOLOGY}", "own version"),
    "URI2-same-iri": ('Uri "https://example.org/terms#', 'Uri "https://example.org/other#', "other#"),
    "FIND1-prefix": ('vann:preferredNamespacePrefix "t" ;', "", "declares no prefix"),
    "VOC1-metadata-vocabularies": ("", "<bare> a owl:Ontology .", "<bare> uses none"),
    "VOC2-reuse": ("rdfs:subClassOf schema:Thing ;", "", "uses no other vocabulary"),
    "VOC3-labels": ('rdfs:label "Place"@en ;', "", "terms#Place lacks"),
    "VOC4-definitions": ('skos:definition "Where work is done."@en ;', "", "terms#Place lacks"),
    "RDF1-syntaxes": ("", "t:Project <https://example.org/terms#1> t:Place .", "written as RDF/XML"),
    "TERM1-defined-by": ('vs:term_status "stable" .\n\nt:Place', ".\n\nt:Place", "Project lacks vs:"),
    "LANG1-languages": ('"Terms"@en', '"Terms"@en , "Termer"@da', "#Place lacks a label in 'da'"),
    "P03-relation-is": ("", f"t:is {PROPERTY} .", "terms#is says nothing"),
    "P04-unconnected": ("", "t:Alone a owl:Class .", "terms#Alone stands alone"),
    "P05-wrong-inverses": ("", f"t:hosts {PROPERTY} ; owl:inverseOf t:takesPlaceIn .", "#hosts does"),
    "P06-hierarchy-cycle": (
        "",
        "t:A a owl:Class ; rdfs:subClassOf t:B . t:B a owl:Class ; rdfs:subClassOf t:A .",
        "#A is above",
    ),
    "P07-merged-concepts": ("", "t:RoadOrBridge a owl:Class .", "#RoadOrBridge has"),
    "P08-annotations": ("", "t:Bare a owl:Class .", "#Bare lacks rdfs:label"),
    "P10-disjointness": ("owl:disjointWith t:Place ;", "", "no two classes disjoint"),
    "P11-domain-range": ("rdfs:range t:Place ;", "", "#takesPlaceIn lacks rdfs:range"),
    "P13-inverses": ("No relation has an inverse.", "Made by us.", "#needs has no inverse"),
    "P19-several-domains": ("", "t:needs rdfs:range t:Place .", "#needs has several"),
    "P20-misused-annotations": ("Where work is done.", "Place.", "#Place repeats"),
    "P21-miscellaneous-class": ("", "t:OtherProject a owl:Class .", "#OtherProject is a class"),
    "P22-naming": ("", "t:town_hall a owl:Class .", "#town_hall is named"),
    "P24-recursive-definition": ("", "t:Place owl:equivalentClass t:Place .", "#Place is defined by"),
    "P25-inverse-of-itself": ("", "t:needs owl:inverseOf t:needs .", "#needs is its own inverse"),
    "P26-inverse-of-symmetric": (
        "",
        "t:needs a owl:SymmetricProperty ; owl:inverseOf t:takesPlaceIn .",
        "#needs is symmetric",
    ),
    "P28-wrong-symmetric": ("", "t:takesPlaceIn a owl:SymmetricProperty .", "#takesPlaceIn is symm"),
    "P29-wrong-transitive": ("", "t:takesPlaceIn a owl:TransitiveProperty .", "#takesPlaceIn is tr"),
    "P32-same-label": (
        '"Place"@en',
        '"project"@en , "area"@en ; rdfs:subClassOf <ontology#Area>',
        "#Place has the label 'area' of pg:Area",
    ),
    "P33-short-chain": ("", "t:needs owl:propertyChainAxiom ( t:takesPlaceIn ) .", "#needs has a chain"),
    "P36-file-suffix": ("", "<https://example.org/terms.owl> a owl:Ontology .", "terms.owl ends in"),
    "P40-hijacking": (
        "",
        "schema:Policy a owl:Class ; rdfs:subClassOf schema:Thing .",
        "schema:Policy is def",
    ),
    "P41-licence": ("", "<bare> a owl:Ontology .", "<bare> has no licence"),
    "SKOS1-orphans": (
        "",
        "<stage/lost> a skos:Concept ; skos:inScheme <stage> .",
        "<stage/lost> is an orphan",
    ),
    "SKOS2-cycles": ("", "<stage/late> skos:broader <stage/last> .", "<stage/last> is broader"),
    "SKOS3-label-clash": ('"Late"@en', '"early"@en', "<stage/late> has the label 'early' of <stage/early>"),
    "SKOS4-disjoint-labels": ('"Initial"@en', '"Early"@en', "<stage/early> has twice the label Early"),
    "SKOS6-top-concepts": ("", "<stage/last> skos:topConceptOf <stage> .", "<stage/last> is on top"),
    "SKOS8-related": ("", "<stage/late> skos:related <stage/last> .", "<stage/late> is both"),
    "SKOS9-disjoint-classes": ("", "<stage> a skos:Concept .", "<stage> is a scheme"),
    "SKOS10-notations": ('notation "2"', 'notation "1"', "<stage/late> has the notation of"),
    "SKOS11-definitions": ('skos:definition "Nearly done."@en ;', "", "<stage/late> has no"),
}
IN_DATA = {
    "P34-untyped-class": ("", "<id/xy/x> a t:Lost .", "#Lost is used as a class"),
    "P35-untyped-property": ("", "<id/xy/x> t:lost 1 .", "#lost is used as a property"),
    "P40-undefined-terms": ("", "<id/xy/x> a schema:Policy .", "schema:Policy is not among"),
    "P40-unlisted-terms": ("", "<id/xy/x> x:goal 1 .", "https://example.org/other#goal is of no"),
    "SKOS5-one-label": ('"Road"@en', '"Road"@en , "Way"@en', "pgid:xy/project/road is called both Road"),
    "SKOS7-mapping": (
        "",
        "<id/xy/project/bridge> skos:broadMatch <https://example.com/bridge> .",
        "bridge is mapped",
    ),
    "STAR1-open-licence": ("<https://creativecommons.org/licenses/by/4.0/>", '"free"', "pgdata:xy has no"),
    "STAR4-iris": ("", "[] t:needs <id/xy/project/road> .", "has no IRI, in pgdata:xy"),
    "STAR5-links": ("<https://example.com/bridge>", "<id/xy/project/road>", "pgdata:xy has no link"),
    "BP2-descriptive": ('dcat:keyword "town"@en ;', "", "pgdata:xy lacks dcat:keyword"),
    "BP3-structural": (f"dct:conformsTo {ONTOLOGY} ;", "", "pgdata:xy lacks dct:conformsTo"),
    "BP5-provenance": ("dct:source <source/plan> ;", "", "pgdata:xy lacks dct:source"),
    "BP7-version": ('dcat:version "1" ;', "", "pgdata:xy lacks dcat:version"),
    "BP9-identifiers": ("<data/xy>", "<data/xy.ttl>", "pgdata:xy.ttl is no persistent"),
    "BP10-identifiers-within": ("", "<urn:x:y> t:needs <id/xy/y> .", "urn:x:y is no persistent"),
    "BP13-languages": ('"Road"@en', '"Road"', "road has a text without a language: Road"),
    "BP13-dates": ('"2014"^^xsd:gYear', '"2014"', "bridge has a text for a date: 2014"),
    "BP35-source": (' ; dct:publisher "The town"@en', "", "pgsource:plan lacks dct:publisher"),
    "DATA1-disjoint-classes": ("", "<id/xy/project/road> a t:Place .", "road is both https://example.org"),
}
# And in which file.
TERMS_FILE, DATA_FILE = "ontology/terms.ttl", "data/xy.ttl"
FAULTS = {
    **{check: (TERMS_FILE, *fault) for check, fault in IN_TERMS.items()},
    **{check: (DATA_FILE, *fault) for check, fault in IN_DATA.items()},
    "P38-header": ("ontology/second.ttl", "", "t:Second a owl:Class .", "<ontology/second> has 0 headers"),
    "P39-base-namespace": (
        "ontology/second.ttl",
        PREFIXES,
        "<https://a.example/b> a <https://a.example/c> .",
        "second",
    ),
    "STAR2-structured": ("data/zz.ttl", "", "", "pgdata:zz is empty"),
    "STAR3-open-format": ("data/zz.xlsx", "", "", "zz.xlsx is in a proprietary"),
    "BP1-dataset": ("data/zz.ttl", "", "<id/xy/x> t:needs <id/xy/y> .", "pgdata:zz holds no description"),
}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return Catalog(sound(tmp_path_factory.mktemp("sound") / "sound"))


@pytest.fixture(scope="module")
def outcomes(catalogue):
    """Of a sound catalogue; tests/data/test_ontology.py has those of what is shipped."""
    return {each.check: each for each in assess(catalogue)}


@pytest.mark.parametrize("check", ELSEWHERE)
def test_what_files_cannot_tell_is_listed_with_the_reason(check, outcomes):
    outcome = outcomes[check]
    assert (outcome.result, outcome.seen, outcome.faults) == ("not applicable", 0, ())
    assert re.match("needs |is ", outcome.note)


def test_the_decision_on_inverses_is_reported(outcomes):
    assert outcomes["P13-inverses"].note == "none by design: see the header's note"


@pytest.mark.parametrize("name", [*FROM_FILES, *ELSEWHERE])
def test_a_check_says_what_it_asks(name, outcomes):
    assert re.fullmatch(r"[A-Z].{15,99}[^.]", outcomes[name].asks)


def test_a_sound_catalogue_passes(outcomes):
    assert [(each.check, each.faults) for each in outcomes.values() if each.result == "failed"] == []


def test_every_check_has_a_planted_fault():
    assert set(FAULTS) == set(FROM_FILES)


@pytest.mark.parametrize("check", FROM_FILES)
def test_a_planted_fault_is_found_and_named(check, tmp_path):
    root = sound(tmp_path / "broken")
    file, old, new, named = FAULTS[check]
    path = root / file
    text = path.read_text(encoding="utf-8") if path.exists() else PREFIXES
    assert old in text
    path.write_text(text.replace(old, new) if old else f"{text}\n{new}\n", encoding="utf-8")
    (outcome,) = assess(Catalog(root), check)
    assert outcome.result == ("not checked" if check == "P40-unlisted-terms" else "failed")
    assert any(named in fault for fault in outcome.faults), outcome.faults


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("P40-hijacking", "foaf:Agent a owl:Class ."),
        (
            "P34-untyped-class",
            "t:Colour a rdfs:Datatype . t:colour a owl:DatatypeProperty ; rdfs:range t:Colour .",
        ),
    ],
    ids=["the kind of a foreign term is declared", "a datatype is declared as one"],
)
def test_what_is_no_fault_is_not_found(check, text, tmp_path):
    root = sound(tmp_path / "declared")
    with (root / TERMS_FILE).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")
    (outcome,) = assess(Catalog(root), check)
    assert outcome.result == "passed"


def test_what_compares_all_with_all_grows_with_them(tmp_path):
    checks = ("SKOS3-label-clash", "SKOS10-notations", "P32-same-label")
    took = {check: [] for check in checks}
    for number in (400, 1_600):
        root = sound(tmp_path / str(number))
        concepts = (
            f'<stage/{n}> a skos:Concept ; skos:inScheme <stage> ; skos:prefLabel "S {n}"@en , "T {n}"@da ; '
            f'skos:notation "n{n}" . t:C{n} a owl:Class ; rdfs:label "S {n}"@en .\n'
            for n in range(number)
        )
        with (root / TERMS_FILE).open("a", encoding="utf-8") as file:
            file.writelines(concepts)
        catalog = Catalog(root)
        for check in checks:
            start = time.process_time()
            (outcome,) = assess(catalog, check)
            took[check].append(time.process_time() - start)
            assert outcome.result == "passed"
    for check, (few, many) in took.items():
        # Of four times as many; comparing each with each takes sixteen.
        assert many < 6 * few + 0.2, (check, few, many)


def test_a_catalogue_without_a_header_is_told_so(small_catalog):
    outcomes = {each.check: each for each in assess(small_catalog)}
    assert outcomes["P38-header"].faults == ("<ontology/terms> has 0 headers",)
    assert outcomes["OM1-minimal-metadata"].result == "not applicable"


def test_an_ontology_of_ones_own_is_examined_without_the_shipped_one(small_catalog):
    terms = small_catalog.root / "ontology" / "terms.ttl"
    with terms.open("a", encoding="utf-8") as file:
        file.write("t:Project rdfs:subClassOf <https://w3id.org/policygraph/ontology#Plan> .\n")
    (result,) = assess(Catalog(small_catalog.root), "P39-base-namespace")
    assert result.seen == 1


def test_checks_are_chosen_by_id(catalog):
    assert [each.check for each in assess(catalog, "VER1-version-iri")] == ["VER1-version-iri"]
    with pytest.raises(QueryError, match=r"no check 'SKOZ1-orphans'\. Did you mean 'SKOS1-orphans'\?"):
        assess(catalog, "SKOZ1-orphans")


# ---- The command


def test_the_command_prints_a_line_for_each_check_and_the_counts(catalogue, outcomes):
    done = run("--catalog", catalogue.root, "validate", "--ontology")
    *lines, last = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].split("  ")[0] == "check"
    assert [line.split("  ")[0] for line in lines[2:]] == list(outcomes)
    results = [each.result for each in outcomes.values()]
    counts = ", ".join(f"{results.count(result)} {result}" for result in RESULTS)
    assert last == f"{len(results)} checks: {counts}."


def test_the_command_ends_with_1_when_a_check_fails(small_catalog, tmp_path):
    report = tmp_path / "report.txt"
    command = ["--catalog", str(small_catalog.root), "validate", "--ontology", "-o", str(report)]
    done = CliRunner().invoke(cli, command, standalone_mode=False)
    assert done.return_value == 1
    assert "<ontology/terms> has 0 headers" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize("more", [["draft.ttl"], ["--format", "turtle"]])
def test_the_command_checks_a_whole_catalogue_or_none(more):
    done = CliRunner().invoke(cli, ["validate", "--ontology", *more])
    assert done.exit_code == 2
    assert "--ontology checks a whole catalogue" in done.output
