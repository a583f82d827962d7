"""A catalogue that includes the datasets of other folders: they are its own everywhere, but not to write."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from checkout import SHIPPED
from command import refused, run

from policygraph import import_tables, validate, write_tables
from policygraph.catalog.catalog import Catalog
from policygraph.errors import CatalogError
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.server import app
from policygraph.site.site import Site
from policygraph.store import kept

THING = '<https://w3id.org/policygraph/id/xy/project/{0}> <http://purl.org/dc/terms/title> "{0}"@en .\n'
SETTINGS = f'base = "{BASE}"\ninclude = ["../small/data"]\n'


@pytest.fixture
def outer(small_catalog):
    """A catalogue of one thing beside the small one, which it includes."""
    root = small_catalog.root.parent / "outer"
    (root / "data").mkdir(parents=True)
    (root / "data" / "own.ttl").write_text(THING.format("tunnel"), encoding="utf-8")
    (root / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    return Catalog(root)


@pytest.fixture
def country(tmp_path):
    """A catalogue of nothing of its own, which includes a country."""
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(SHIPPED / "tests" / "support" / "examplia.ttl", tmp_path / "elsewhere")
    root = tmp_path / "country"
    (root / "data").mkdir(parents=True)
    (root / "queries").symlink_to(SHIPPED / "queries")
    (root / "catalog.toml").write_text(f'base = "{BASE}"\ninclude = ["../elsewhere"]', encoding="utf-8")
    return Catalog(root)


def test_included_datasets_are_asked_like_its_own(outer):
    assert list(outer.datasets) == ["own", "xy"]
    assert outer.datasets["xy"].iri == BASE + "data/xy"
    assert outer.find_resource("Bridge") == BASE + "id/xy/project/bridge"
    assert outer.find_resource("tunnel") == BASE + "id/xy/project/tunnel"
    graphs = outer.load().query("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g")
    assert [row["g"].value for row in graphs] == [BASE + "data/own", BASE + "data/xy"]
    assert len(outer.load("own")) == 1
    assert "Bridge" in run("--catalog", outer.root, "describe", "Bridge").stdout


def test_a_catalogue_may_have_no_data_of_its_own(country):
    assert list(country.datasets) == ["examplia"]
    (country.root / "data").rmdir()
    assert list(Catalog(country.root).datasets) == ["examplia"]
    assert validate(Catalog(country.root)).conforms


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ('"../small/data"', "line 2: include takes a list of folders such as"),
        ("[7]", "line 2: include takes a list of folders such as"),
        ('["../nowhere"]', "line 2: include names '../nowhere', which does not exist; name a folder"),
        ('["../twin/xy.ttl"]', "line 2: include names '../twin/xy.ttl', which is no folder; name a folder"),
        ('["../small/queries"]', "line 2: include names '../small/queries', which has no file of data"),
        ('["../small/data", "../twin"]', "line 2: include adds a second dataset 'xy', "),
        ('["../third"]', "line 2: include adds a second dataset 'own', "),
    ],
)
def test_what_cannot_be_included_is_named_with_its_line(outer, given, sentence):
    for folder, name in (("twin", "xy"), ("third", "own")):
        (outer.root.parent / folder).mkdir()
        (outer.root.parent / folder / f"{name}.ttl").write_text(THING.format("twin"), encoding="utf-8")
    (outer.root / "catalog.toml").write_text(f'base = "{BASE}"\ninclude = {given}', encoding="utf-8")
    said = refused("--catalog", outer.root, "query", "SELECT * { ?s ?p ?o }")
    assert sentence in said
    assert said.count("\n") == 1


def test_a_folder_included_twice_is_one(outer):
    twice = SETTINGS.replace('["', '["../small/data/", "data", "')
    (outer.root / "catalog.toml").write_text(twice, encoding="utf-8")
    assert list(Catalog(outer.root).datasets) == ["own", "xy"]


def test_a_kept_store_follows_an_included_file(outer, monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    first = Catalog(outer.root).load()
    path = outer.datasets["xy"].path
    path.write_text(path.read_text(encoding="utf-8") + THING.format("ferry"), encoding="utf-8")
    second = Catalog(outer.root).load()
    ferry = f"ASK {{ <{BASE}id/xy/project/ferry> ?p ?o }}"
    assert (isinstance(first, kept.KeptStore), bool(first.query(ferry))) == (True, False)
    assert (isinstance(second, kept.KeptStore), bool(second.query(ferry))) == (True, True)


def test_a_store_holds_included_datasets(outer, tmp_path):
    outer.keep(tmp_path / "store")
    assert list(Catalog(outer.root, store=tmp_path / "store").datasets) == ["own", "xy"]


def test_a_server_notices_a_change_of_an_included_file_and_hides_its_place(outer):
    before = app.file_states(outer)
    (outer.settings.include[0] / "new.ttl").write_text(THING.format("new"), encoding="utf-8")
    assert app.file_states(outer).keys() - before.keys() == {outer.settings.include[0] / "new.ttl"}
    (outer.settings.include[0] / "new.ttl").write_text("<", encoding="utf-8")
    with pytest.raises(Exception, match=r"new\.ttl") as error:
        Catalog(outer.root).load()
    assert str(outer.root.parent) not in app._reason(error.value, outer)


def test_an_included_thing_has_a_page_and_its_dataset_a_download(outer):
    site = Site(outer, outer.load(graphs=True))
    for path in ("/doc/xy/project/bridge.html", "/doc/xy/project/tunnel.html", "/download/xy.ttl"):
        assert site.page(path), path


def test_tables_are_written_of_any_dataset_but_imported_only_as_its_own(country, tmp_path):
    write_tables(country, "examplia", tmp_path / "tables")
    before = country.datasets["examplia"].path.read_bytes()
    with pytest.raises(
        CatalogError, match=r"^There is a dataset 'examplia' already, in an included folder: "
    ):
        import_tables(country, tmp_path / "tables")
    assert not list((country.root / "data").iterdir())
    assert country.datasets["examplia"].path.read_bytes() == before


def test_a_revision_has_the_included_files_too(outer, tmp_path):
    def git(*arguments):
        named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *named, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    path = outer.datasets["xy"].path
    path.write_text(path.read_text(encoding="utf-8") + THING.format("ferry"), encoding="utf-8")
    changes = outer.diff("HEAD")
    assert ([*changes.removed], len(changes.added)) == ([], 1)
    assert not outer.diff(outer.root).added
