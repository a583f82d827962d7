"""What a store says of a catalogue's datasets: records, citations, coverage, the home and kind of a thing."""

import pytest
from recording import Recording

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.catalog.metadata import Metadata, first_kind
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows

HARBOURS = """@prefix : <https://data.example.org/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
A = f"""{HARBOURS}
<https://data.example.org/data/a> a dcat:Dataset ; dct:title "Ports"@en , "Havne"@da ;
  dcat:version "2" , "1" ;
  dct:modified "2026-11-20" ; dct:license <https://example.org/free> ; dct:publisher :office ;
  dct:spatial <https://example.org/place/x> ; dct:temporal :years .
:years dcat:startDate "2016-01-01"^^xsd:date ; dcat:endDate "2025-12-31"^^xsd:date .
:x owl:sameAs <https://example.org/place/x> ; rdfs:label "Examplia" .
:office foaf:name "Ports Office" . :north a :Harbour ; rdfs:label "North" .
"""
B = f"""{HARBOURS}
<https://data.example.org/data/b> a dcat:Dataset ; dct:title "Ferries" ; dct:license "free" ;
  dct:spatial [ a dct:Location ] ; dct:publisher "nobody at all" .
:north :near :south . :south a :Marina ; dct:spatial "the south" .
"""
TERMS = f"""{HARBOURS}
:terms a owl:Ontology ; rdfs:label "Terms" ; owl:versionInfo "7" ; owl:versionIRI :terms7 .
:Harbour a owl:Class ; rdfs:isDefinedBy :terms . :Marina a owl:Class ; rdfs:subClassOf :Harbour .
:Jetty rdfs:subClassOf :Harbour . :pier a :Jetty .
:quay a :Quay , :Anchorage . :Anchorage rdfs:label "Anchorage" .
"""
IRI = "https://data.example.org/"


def ports(root, **files):
    for name, text in {"data/a": A, "data/b": B, "ontology/terms": TERMS, **files}.items():
        (root / name).parent.mkdir(exist_ok=True)
        if text:
            (root / f"{name}.ttl").write_text(text, encoding="utf-8")
    (root / "catalog.toml").write_text(f'base = "{IRI}"', encoding="utf-8")
    catalog = Catalog(root)
    return Metadata(catalog, Recording(catalog.load()))


@pytest.fixture
def metadata(tmp_path):
    return ports(tmp_path)


def test_a_record_has_the_first_of_each_value_and_every_title(metadata):
    record = metadata.records[f"{IRI}data/a"]
    assert [*metadata.records] == [f"{IRI}data/a", f"{IRI}data/b"]
    assert (record["version"], record["modified"], record["issued"]) == ("1", "2026-11-20", "")
    assert {title.value for title in record["titles"]} == {"Ports", "Havne"}
    assert record["publisher"] == f"{IRI}office"


def test_a_licence_is_a_link_or_none(metadata):
    assert metadata.records[f"{IRI}data/b"]["license"] == ""
    assert metadata.licences == ["https://example.org/free"]


def test_ontologies_are_described_where_no_dataset_is(tmp_path, metadata):
    assert metadata.described == metadata.records
    alone = Metadata(metadata.catalog, EmbeddedStore())
    alone.store.add(tmp_path / "ontology" / "terms.ttl")
    assert not alone.records
    assert [record["version"] for record in alone.described.values()] == ["7"]


def test_a_citation_has_title_version_date_and_publisher(metadata):
    records = metadata.records.values()
    assert metadata.cited([*records][:1], "da") == "Havne, version 1 (2026-11-20). Ports Office."
    assert metadata.cited(records, "en") == "Ports, version 1 (2026-11-20); Ferries. nobody at all."


def test_the_home_of_a_thing_is_the_first_dataset_with_it_or_else_the_ontology_that_defines_it(metadata):
    homes = metadata.homes([f"{IRI}{name}" for name in ("north", "south", "Harbour", "terms7", "Quay")])
    assert homes == {
        f"{IRI}north": f"{IRI}data/a",
        f"{IRI}south": f"{IRI}data/b",
        f"{IRI}Harbour": f"{IRI}terms",
        f"{IRI}terms7": f"{IRI}terms",
    }


def test_homes_of_things_at_hand_are_those_among_all_and_are_asked_for_alone(metadata):
    every = metadata.homes()
    metadata.store.texts.clear()
    assert metadata.homes([f"{IRI}north", f"{IRI}north"]) == {f"{IRI}north": every[f"{IRI}north"]}
    (text,) = metadata.store.texts
    assert text.count(f"VALUES ?thing {{ <{IRI}north> }}") == 1


def test_what_is_no_iri_has_no_home_and_asks_nothing(metadata):
    assert metadata.homes() != {}
    metadata.store.texts.clear()
    assert (
        metadata.homes(["", "2014", "a b", "> } ?s ?p ?o { <", "https://example.org/%zz", "http://a:b/"])
        == {}
    )
    assert metadata.store.texts == []


def test_the_homes_of_every_thing_are_the_same_in_batches(catalog, store):
    metadata = Metadata(catalog, store)
    subjects = {row["s"].value for row in rows(store, "SELECT DISTINCT ?s { ?s ?p ?o FILTER(isIRI(?s)) }")}
    every = metadata.homes()
    assert len(subjects) > 500, "more than are asked for at once"
    assert metadata.homes(subjects) == {iri: home for iri, home in every.items() if iri in subjects}


def test_the_record_of_a_thing_is_its_own_that_of_its_home_or_the_first(metadata):
    homes = metadata.homes()

    def of(name):
        return metadata.dataset_of(f"{IRI}{name}", homes)["iri"].removeprefix(IRI)

    assert [of(each) for each in ("data/b", "south", "Harbour", "unknown")] == [
        "data/b",
        "data/b",
        "terms",
        "data/a",
    ]
    empty = Metadata(metadata.catalog, EmbeddedStore())
    assert empty.dataset_of(f"{IRI}south", {})["iri"] == ""


def test_a_kind_is_a_class_of_the_datasets_where_there_is_no_network(metadata):
    assert metadata.layers == {}
    assert metadata.kind(f"{IRI}north") == f"{IRI}Harbour"
    assert metadata.kind(f"{IRI}south") == f"{IRI}Marina", "which is a kind itself"
    assert metadata.kind(f"{IRI}pier") == f"{IRI}Harbour", "which its class is below"
    assert metadata.kind(f"{IRI}quay") == f"{IRI}Anchorage", "of no kind, so the class that has a label"
    assert metadata.kind(f"{IRI}nowhere") == ""


def test_a_kind_is_a_class_of_the_network(catalog, store):
    metadata = Metadata(catalog, store)
    assert metadata.kind(f"{BASE}id/dk/initiative/nemid") == expand("pg:DigitalInfrastructure")
    assert metadata.layers[expand("pg:DigitalInfrastructure")] is not None
    assert metadata.kind(expand("pg:Plan")) == expand("owl:Class")


def test_a_network_may_have_any_number_of_classes(tmp_path):
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
    each = (f":c{n} rdfs:isDefinedBy :o . :t{n} a :c{n} . [] rdf:subject :t{n} ." for n in range(130))
    text = f"{HARBOURS}{rdf} :o a owl:Ontology . {' '.join(each)}"
    assert len(ports(tmp_path, **{"ontology/terms": text}).layers) == 130


def test_a_class_below_several_kinds_is_of_the_first(metadata):
    below = {f"{IRI}{each}": f"{IRI}Harbour" for each in ("Marina", "Jetty", "Harbour")}
    assert metadata.subclasses([f"{IRI}Harbour"]) == below
    assert metadata.subclasses([f"{IRI}Marina", f"{IRI}Harbour"])[f"{IRI}Marina"] == f"{IRI}Marina"
    assert first_kind([f"{IRI}Quay", f"{IRI}Marina"], below) == f"{IRI}Harbour"
    assert first_kind([f"{IRI}Quay"], below) == f"{IRI}Quay"
    assert first_kind([], below) == ""


def test_what_is_covered_has_places_and_years_where_they_are_known(metadata):
    covered = [
        (row["data"].removeprefix(IRI), row["place"], row["first"], row["last"]) for row in metadata.covered()
    ]
    assert covered == [
        ("data/b", None, None, None),
        ("data/a", f"{IRI}x", 2016, 2025),
        ("south", "the south", None, None),
    ]
    assert next(metadata.covered().where(lambda row: row["first"]).select("place", "last").texts) == [
        "Examplia",
        "2025",
    ]


def test_years_that_are_none_are_left_out(tmp_path):
    metadata = ports(tmp_path, **{"data/a": A.replace('"2016-01-01"^^xsd:date', '"once"')})
    assert {(row["first"], row["last"]) for row in metadata.covered() if row["place"] == f"{IRI}x"} == {
        (None, 2025)
    }


def test_datasets_are_those_with_a_graph_in_the_store(tmp_path, metadata):
    assert [*metadata.datasets] == ["a", "b"]
    assert [*Metadata(metadata.catalog, metadata.catalog.load("b")).datasets] == ["b"]


def test_labels_are_read_of_iris_alone(metadata):
    everything = Labels(metadata.store)
    metadata.store.texts.clear()
    labels = metadata.labels([f"{IRI}north", "no IRI", ""])
    assert [labels.of(each, "en").text for each in (f"{IRI}north", "no IRI")] == ["North", "no IRI"]
    assert all(f"VALUES ?iri {{ <{IRI}north> }}" in text for text in metadata.store.texts)
    assert labels.kinds(f"{IRI}north") == everything.kinds(f"{IRI}north")
