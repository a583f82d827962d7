from __future__ import annotations

from collections.abc import MutableMapping
from functools import partial
from pathlib import Path

import pytest
from checkout import SHIPPED

import policygraph
from policygraph.catalog.catalog import Catalog
from policygraph.errors import CatalogError, DocumentError, QueryError
from policygraph.rdf.namespaces import MODEL as BASE


def values(answer):
    return sorted(row[0].value for row in answer)


def test_datasets_and_queries_are_named_as_their_files(small_catalog):
    assert list(small_catalog.datasets) == ["xy"]
    assert list(small_catalog.queries) == ["needs", "projects"]
    assert small_catalog.datasets["xy"].path == small_catalog.root / "data" / "xy.ttl"
    assert small_catalog.datasets["xy"].iri == BASE + "data/xy"


def test_every_file_is_a_graph_of_its_own(small_catalog):
    store = small_catalog.load()
    assert len(store) == 12
    assert values(store.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")) == [
        BASE + "data/xy",
        BASE + "ontology/terms",
    ]


def test_load_takes_only_the_datasets_it_is_given(small_catalog):
    (small_catalog.root / "data" / "zz.ttl").write_text("<urn:a> <urn:p> <urn:b> .", encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    assert len(catalog.load("xy")) == 12
    assert len(catalog.load("zz")) == 4
    assert len(catalog.load()) == len(catalog.load("xy", "zz")) == 13


def test_a_file_that_came_or_went_is_loaded_or_not(small_catalog):
    before, new = len(small_catalog.load()), small_catalog.root / "data" / "new.ttl"
    new.write_text("<urn:x:a> <urn:x:b> <urn:x:c> .", encoding="utf-8")
    assert len(small_catalog.load()) == before + 1
    assert [*small_catalog.datasets] == ["new", "xy"]
    new.write_text("<urn:x:a> <urn:x:b", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"new\.ttl"):
        policygraph.validate(small_catalog)
    new.unlink()
    assert len(small_catalog.load()) == before


def test_the_shapes_are_apart_from_what_is_loaded(small_catalog):
    own = small_catalog.root / "ontology"
    (own / "shapes.ttl").write_text("<urn:a> <urn:p> <urn:b> .", encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    assert len(catalog.load()) == 12
    assert [path.name for path in catalog.ontology if path.parent == own] == ["terms.ttl"]
    assert "shapes.ttl" not in {path.name for path in catalog.ontology}


def test_a_saved_query_runs_with_its_default_and_with_a_value(small_catalog):
    store, query = small_catalog.load(), small_catalog.queries["projects"]
    assert query.summary == "What is being built"
    assert len(list(store.query(query.text))) == 2
    assert len(list(store.query(query.bind(language="de")))) == 1


def test_a_query_is_read_only_when_it_is_asked_for(small_catalog):
    (small_catalog.root / "queries" / "broken.rq").write_bytes(b"\xff")
    catalog = Catalog(small_catalog.root)
    assert "broken" in catalog.queries
    assert len(catalog.queries) == 3
    assert catalog.queries["needs"] is catalog.queries["needs"]
    with pytest.raises(DocumentError, match=r"broken\.rq"):
        catalog.queries["broken"]


def test_a_query_with_the_name_of_one_that_the_package_asks_is_refused(small_catalog):
    (small_catalog.root / "queries" / "labels.rq").write_text("SELECT * { ?s ?p ?o }", encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    for ask in (lambda: catalog.queries, lambda: catalog.find_resource("Road")):
        with pytest.raises(CatalogError, match=r"queries/labels\.rq has the name of .*; rename it\.$"):
            ask()


def test_an_unknown_name_names_the_nearest(small_catalog):
    with pytest.raises(
        CatalogError, match=r"^There is no query 'project' in .*queries\. Did you mean 'projects'\?$"
    ):
        small_catalog.queries["project"]
    with pytest.raises(CatalogError, match=r"^There is no dataset 'xyz' in .*data\. Did you mean 'xy'\?$"):
        small_catalog.load("xyz")


def test_a_question_that_neither_has_is_looked_for_in_the_own_folder(small_catalog):
    what = rf"^There is no query 'project' in {small_catalog.root / 'queries'}\. Did you mean 'projects'\?$"
    for name in ("project", b"project"):
        with pytest.raises(CatalogError, match=what):
            small_catalog.ask(name)
    with pytest.raises(CatalogError, match=r"^There is no query ' ' in "):
        small_catalog.ask(" ")
    assert small_catalog.saved("plans-in-force").path.parent == Catalog.find().root / "queries"


def test_a_record_of_other_files_is_none_of_them(small_catalog):
    dataset = f"<{BASE}data/{{}}> a <http://www.w3.org/ns/dcat#Dataset> .\n"
    for name, described in (("catalog", ("xy", "elsewhere")), ("one", ("two-else",))):
        text = "".join(map(dataset.format, described))
        (small_catalog.root / "data" / f"{name}.ttl").write_text(text, encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    assert {name: each.iri.removeprefix(f"{BASE}data/") for name, each in catalog.datasets.items()} == {
        "catalog": "elsewhere",
        "one": "two-else",
        "xy": "xy",
    }
    graphs = values(catalog.load().query("SELECT DISTINCT ?g { GRAPH ?g { ?s a dcat:Dataset } }"))
    assert graphs == [f"{BASE}data/elsewhere", f"{BASE}data/two-else"]


def test_names_behave_as_in_any_mapping(small_catalog):
    assert "nothing" not in small_catalog.queries
    assert small_catalog.queries.get("nothing") is None
    assert dict(small_catalog.datasets) == {"xy": small_catalog.datasets["xy"]}


def test_hidden_and_other_files_are_no_part_of_it(small_catalog):
    for name in ("data/.xy.ttl", "data/README.md", "queries/.q.rq", "queries/notes.txt"):
        (small_catalog.root / name).write_text("?", encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    assert list(catalog.datasets) == ["xy"]
    assert list(catalog.queries) == ["needs", "projects"]


def test_a_broken_data_file_is_named_with_its_line(small_catalog):
    path = small_catalog.datasets["xy"].path
    path.write_text("<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> ;", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"xy\.ttl:2:\d+: "):
        small_catalog.load()


def test_a_folder_that_is_not_there_is_no_catalogue(tmp_path):
    with pytest.raises(CatalogError, match=r"does not exist; name a folder with data/\.$"):
        Catalog.find(tmp_path / "nowhere")


def test_a_catalogue_stays_the_one_that_was_opened(small_catalog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = Catalog(small_catalog.root.name)
    monkeypatch.chdir("/")
    assert len(opened.load()) == len(small_catalog.load())


def test_an_empty_name_is_the_current_folder_and_not_the_catalogue_shipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogError, match="is not a catalogue"):
        Catalog.find("")


def test_a_file_is_no_catalogue(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CatalogError, match="is not a folder"):
        Catalog(tmp_path / "file")


def test_the_error_says_what_a_folder_lacks_to_be_a_catalogue(tmp_path):
    with pytest.raises(CatalogError, match=r"is not a catalogue: it has no data/\.$"):
        Catalog(tmp_path)


def test_an_empty_catalogue_is_refused(small_catalog):
    small_catalog.datasets["xy"].path.unlink()
    with pytest.raises(CatalogError, match=r"^The catalogue is empty: .*data holds no \.ttl, \.nt"):
        Catalog(small_catalog.root)


def test_the_catalogue_found_is_that_of_this_checkout_wherever_one_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Catalog.find().root == Path(policygraph.__file__).parents[2]


def test_what_is_shipped_loads_file_by_file(catalog, store):
    graphs = values(store.query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))
    assert graphs == sorted(
        [*(dataset.iri for dataset in catalog.datasets.values())]
        + [f"{BASE}ontology/{path.stem}" for path in catalog.ontology]
    )
    assert [path.is_file() for path in catalog.shapes] == [True]


def test_a_broken_saved_query_is_named_by_its_file(tmp_path):
    for folder in ("data", "queries"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "own.ttl").write_text("<a:s> <a:p> 1 .")
    (tmp_path / "queries" / "bad.rq").write_text("SELECT ?s { ?s a no:Thing }")
    (tmp_path / "queries" / "of-all.rq").write_text(
        '#+ finding: "Of {all-of}: {rows}"\nSELECT ?s { ?s a ?o }'
    )
    broken = Catalog(tmp_path)
    for ask in (broken.ask, partial(policygraph.network, broken)):
        for query in ("bad", broken.queries["bad"], str(tmp_path / "queries" / "bad.rq")):
            with pytest.raises(QueryError, match=r"^queries/bad\.rq:1:"):
                ask(query)
    with pytest.raises(QueryError, match=r"of-all\.rq: a finding .*'all-of', which is no question\."):
        broken.queries["of-all"]
    for text in ("SELECT ?s { ?s a no:Thing }", "SELECT ?s { ?s a no:Thing } # like a.rq"):
        with pytest.raises(QueryError, match=r"^line 1"):
            broken.ask(text)


def test_datasets_and_queries_cannot_be_changed(catalog):
    for files in (catalog.datasets, catalog.queries):
        assert not isinstance(files, MutableMapping)
        assert {**files}.keys() == files.keys()


# An ontology of one's own.

AGENCY = "https://data.agency.example/"
TERMS = f"""@prefix a: <{AGENCY}terms#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pg: <{BASE}ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{AGENCY}terms> a owl:Ontology .
a:Board a owl:Class ; rdfs:label "Board"@en ; rdfs:subClassOf pg:Organisation .
pg:Plan rdfs:label "Wasserplan"@de .
"""
SHAPE = f"""@prefix a: <{AGENCY}terms#> .
@prefix pg: <{BASE}ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
a:shape a sh:NodeShape ; sh:targetClass pg:Plan ;
  sh:property [ sh:path a:river ; sh:minCount 1 ; sh:message "A plan names its river." ] .
"""


def agency(root, examplia, **ontology):
    """Examplia below another base, with these files of an ontology of its own."""
    (root / "data").mkdir()
    data = examplia.datasets["examplia"].path.read_text(encoding="utf-8")
    for folder in ("agent", "data", "id", "source"):
        data = data.replace(f"<{folder}/", f"<{AGENCY}{folder}/")
    (root / "data" / "examplia.ttl").write_text(data, encoding="utf-8")
    (root / "catalog.toml").write_text(f'base = "{AGENCY}"\n', encoding="utf-8")
    (root / "ontology").mkdir()
    for name, text in ontology.items():
        (root / "ontology" / f"{name}.ttl").write_text(text, encoding="utf-8")
    return Catalog(root)


def test_an_ontology_of_ones_own_is_added_to_the_shipped_one(tmp_path, examplia):
    for name in ("without", "with"):
        (tmp_path / name).mkdir()
    before = policygraph.network(agency(tmp_path / "without", examplia))
    catalog = agency(tmp_path / "with", examplia, terms=TERMS)
    network = policygraph.network(catalog)
    assert len(network.edges) == len(before.edges) == 8
    assert {data["kind"] for _, data in network.nodes(data=True)} == {
        data["kind"] for _, data in before.nodes(data=True)
    }
    graphs = values(catalog.load().query("SELECT DISTINCT ?g { GRAPH ?g { ?s a owl:Ontology } }"))
    assert graphs == [
        AGENCY + "ontology/terms",
        *(f"{BASE}ontology/{n}" for n in ("alignments", "concepts", "policygraph")),
    ]
    labels = {str(row[0]) for row in catalog.load().query("SELECT ?l { pg:Plan rdfs:label ?l }")}
    assert {'"Wasserplan"@de', '"Plan"@en'} <= labels


def test_an_ontology_of_ones_own_that_builds_on_ours_brings_ours(small_catalog):
    assert not small_catalog.load().query("ASK { pg:Organisation ?p ?o }")
    (small_catalog.root / "ontology" / "boards.ttl").write_text(TERMS, encoding="utf-8")
    assert Catalog(small_catalog.root).load().query("ASK { pg:Organisation skos:definition ?x }")


def test_another_version_of_the_shipped_ontology_stands_in_its_place(examplia, tmp_path):
    assert {path.parent for path in examplia.ontology} == {examplia.root / "ontology"}
    other = agency(tmp_path, examplia, all=f"<{BASE}ontology> a <http://www.w3.org/2002/07/owl#Ontology> .")
    assert [path.name for path in other.ontology] == ["all.ttl"]
    assert other.shapes == Catalog.find().shapes


def test_data_conform_to_the_shapes_of_both_ontologies(tmp_path, examplia):
    catalog = agency(tmp_path, examplia, terms=TERMS)
    # Its claims were named under another base, which is found.
    assert {each.shape for each in policygraph.validate(catalog).results} == {"pgs:ClaimName"}
    (tmp_path / "ontology" / "shapes.ttl").write_text(SHAPE, encoding="utf-8")
    with (tmp_path / "data" / "examplia.ttl").open("a", encoding="utf-8") as data:
        data.write(f"<{AGENCY}id/ex/plan/other> a pg:Plan .\n")
    said = {(each.message, each.focus) for each in policygraph.validate(Catalog(tmp_path)).results}
    assert ("A plan names its river.", "<id/ex/plan/other>") in said
    assert len({message for message, focus in said if focus == "<id/ex/plan/other>"}) > 1


@pytest.mark.full
def test_a_second_copy_of_a_dataset_changes_no_answer(tmp_path):
    one = (SHIPPED / "data" / "norway.ttl").read_text(encoding="utf-8")
    copies = [tmp_path / "one.ttl", tmp_path / "other.ttl"]
    copies[0].write_text(one, encoding="utf-8")
    copies[1].write_text(one.replace("<data/norway>", "<data/other>"), encoding="utf-8")
    alone, twice = Catalog.find(files=copies[:1]), Catalog.find(files=copies)
    assert len(twice.store) > len(alone.store) + 10_000
    for question in ("network", "evidence", "claims-by-basis", "amounts", "goals-served"):
        assert twice.ask(question).to_csv() == alone.ask(question).to_csv()
    assert twice.describe("MinID").text() == alone.describe("MinID").text()


def test_what_two_things_are_compared_in_stands_beside_both():
    catalog = Catalog(SHIPPED)
    asides = catalog.asides(catalog.store, "en")
    compared: dict[tuple[str, str], list[str]] = {}
    answer = catalog.ask("contrasts", language="en")
    for row in answer.shown.rows:
        cells = dict(zip(answer.columns, row, strict=True))
        thing, other, aspect = (cells[name].value for name in ("thing", "other", "aspect"))
        compared.setdefault((thing, other), []).append(aspect)
    assert len(compared) > 10
    for pair, aspects in compared.items():
        for thing in pair:
            (aside,) = (each for each in asides[thing] if tuple(cell.value for cell in each.head) == pair)
            assert [row[0].value for row in aside.rows] == aspects
            assert (aside.query.name, aside.reach) == ("contrasts", "")
