from __future__ import annotations

from collections.abc import MutableMapping
from functools import partial
from pathlib import Path

import pytest

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


def test_the_shapes_are_apart_from_what_is_loaded(small_catalog):
    small_catalog.shapes.write_text("<urn:a> <urn:p> <urn:b> .", encoding="utf-8")
    assert len(Catalog(small_catalog.root).load()) == 12
    assert [path.name for path in Catalog(small_catalog.root).ontology] == ["terms.ttl"]


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


def test_an_unknown_name_names_the_nearest(small_catalog):
    with pytest.raises(
        CatalogError, match=r"^There is no query 'project' in .*queries\. Did you mean 'projects'\?$"
    ):
        small_catalog.queries["project"]
    with pytest.raises(CatalogError, match=r"^There is no dataset 'xyz' in .*data\. Did you mean 'xy'\?$"):
        small_catalog.load("xyz")


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
    with pytest.raises(CatalogError, match=r"^The catalogue is empty: .*data holds no \.ttl file"):
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
    assert catalog.shapes.is_file()


def test_a_broken_saved_query_is_named_by_its_file(tmp_path):
    for folder in ("data", "queries"):
        (tmp_path / folder).mkdir()
    (tmp_path / "data" / "own.ttl").write_text("<a:s> <a:p> 1 .")
    (tmp_path / "queries" / "bad.rq").write_text("SELECT ?s { ?s a no:Thing }")
    broken = Catalog(tmp_path)
    for ask in (broken.ask, partial(policygraph.network, broken)):
        for query in ("bad", broken.queries["bad"], str(tmp_path / "queries" / "bad.rq")):
            with pytest.raises(QueryError, match=r"^queries/bad\.rq:1:"):
                ask(query)
    for text in ("SELECT ?s { ?s a no:Thing }", "SELECT ?s { ?s a no:Thing } # like a.rq"):
        with pytest.raises(QueryError, match=r"^line 1"):
            broken.ask(text)


def test_datasets_and_queries_cannot_be_changed(catalog):
    for files in (catalog.datasets, catalog.queries):
        assert not isinstance(files, MutableMapping)
        assert {**files}.keys() == files.keys()
