"""Stores on disk, by name and by themselves, from the command line.

Tests of `cli.store`.
"""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import time

import pytest
from checkout import SHIPPED
from command import COMMAND, refused, run

from policygraph import Catalog
from policygraph.errors import CatalogError
from policygraph.store import kept

EXAMPLIA = SHIPPED / "tests" / "support" / "examplia.ttl"
COSTS = "SELECT (COUNT(?c) AS ?n) (SUM(?c) AS ?sum) (AVG(?c) AS ?mean) { ?x <urn:e:cost> ?c }"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A store of a packed copy of a file, which is removed afterwards."""
    folder = tmp_path_factory.mktemp("stores")
    packed = folder / "examplia.ttl.gz"
    packed.write_bytes(gzip.compress(EXAMPLIA.read_bytes()))
    done = run("load", packed, "--store", folder / "store")
    assert done.returncode == 0, done.stderr
    assert f"triples into {folder / 'store'}" in done.stderr
    packed.unlink()
    return folder / "store"


@pytest.mark.parametrize(
    "question",
    [
        ("query", "plans-in-force", "--format", "csv"),
        ("query", "network", "--format", "csv"),
        ("query", "-e", "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "--format", "csv"),
        ("query", "-e", "SELECT ?x { ?x a pg:Pln }"),
        ("query", "plans-in-force", "-p", "country=examplia", "--format", "csv"),
        ("describe", "Harbour Register"),
        ("describe", "Harbour Registr"),
        ("describe", "harbour"),
        ("path", "Harbour Register", "Harbour Office"),
        ("analyse", "central", "--format", "csv"),
    ],
    ids=" ".join,
)
def test_a_store_answers_as_its_files_do(loaded, question):
    ours, theirs = (run(*where, *question) for where in (("--store", loaded), ("--data", EXAMPLIA)))
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def test_what_a_store_holds_is_told_and_what_to_ask_it(loaded):
    told = run("--store", loaded).stdout
    assert told.startswith(f"{loaded} holds:")
    assert f"policygraph --store {loaded} queries" in told


def test_a_store_is_exported_as_it_was_loaded(loaded, tmp_path):
    for where, name in ((("--store", loaded), "ours.nq"), (("--data", EXAMPLIA), "theirs.nq")):
        assert run(*where, "export", tmp_path / name).returncode == 0
    ours, theirs = (set((tmp_path / name).read_text().splitlines()) for name in ("ours.nq", "theirs.nq"))
    assert theirs <= ours  # which has the ontology too
    assert {line.rsplit(" ", 2)[-2] for line in ours - theirs} == {
        f"<https://w3id.org/policygraph/ontology/{name}>"
        for name in ("alignments", "concepts", "policygraph")
    }


def test_the_datasets_are_loaded_without_a_file_and_a_store_is_replaced(tmp_path, examplia):
    place, file = tmp_path / "store", tmp_path / "costs.ttl"
    file.write_text("<urn:e:a> <urn:e:cost> 5 . <urn:e:b> <urn:e:cost> 7 .")
    other = tmp_path / "others.ttl"
    other.write_text("<urn:e:a> <urn:e:cost> 5 .")
    (link := tmp_path / "link").symlink_to(place)
    assert run("load", file, other, "--store", link).returncode == 0
    assert run("--store", place, "query", "-e", COSTS, "--format", "csv").stdout.split() == [
        "n,sum,mean",
        "2,12,6",
    ]
    assert run("--catalog", examplia.root, "load", "--store", link).returncode == 0
    assert link.is_symlink()
    assert (
        "Harbour Register"
        in run("--catalog", examplia.root, "--store", place, "describe", "Harbour Register").stdout
    )
    assert [*tmp_path.glob(".*")] == []


def test_in_python_too(loaded):
    catalog, files = Catalog.find(store=loaded), Catalog.find(files=[EXAMPLIA])
    ours, theirs = (each.describe("Harbour Register").claims for each in (catalog, files))
    assert ours == theirs
    assert [*catalog.datasets] == ["examplia"]
    with pytest.raises(CatalogError, match="is no store that can be opened"):
        Catalog.find(store=loaded.parent)


def test_mistakes_are_told_and_nothing_is_lost(loaded, tmp_path):
    broken = tmp_path / "broken.ttl"
    broken.write_text("<urn:a> <urn:b> .\n")
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    assert "broken.ttl:1:17: " in refused("load", broken, "--store", loaded)
    assert run("--store", loaded, "describe", "Harbour Register").returncode == 0
    assert "is no store, and is left as it is" in refused("load", EXAMPLIA, "--store", tmp_path)
    (tmp_path / "manifest.json").write_text('{"manifest_version": 3}')  # as of an extension of a browser
    assert "is no store, and is left as it is" in refused("load", EXAMPLIA, "--store", tmp_path)
    (loaded / "note.txt").write_text("mine")
    assert "it holds note.txt, which no load wrote" in refused("load", EXAMPLIA, "--store", loaded)
    (loaded / "note.txt").unlink()
    assert mine.read_text() == "precious"
    assert "There is no such file" in refused("load", tmp_path / "nothing.nt", "--store", tmp_path / "new")
    assert "is no store that can be opened" in refused("--store", tmp_path, "query", "plans-in-force")
    assert "exclude each other" in refused("--store", loaded, "--data", EXAMPLIA, "query", "plans-in-force")
    assert "export it to a file" in refused("--store", loaded, "validate")
    assert "leave out --data, --store" in refused(
        "--store", loaded, "load", EXAMPLIA, "--store", tmp_path / "new"
    )
    (tmp_path / EXAMPLIA.name).write_text("<urn:a> <urn:b> 1 .")
    twice = refused("load", EXAMPLIA, tmp_path / EXAMPLIA.name, "--store", tmp_path / "new")
    assert "have the same name, 'examplia'; rename one." in twice
    assert not (tmp_path / "new").exists()


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_load_that_is_stopped_leaves_the_store_before(tmp_path, number):
    place, file = tmp_path / "store", tmp_path / "many.nt"
    before = tmp_path / "one.ttl"
    before.write_text("<urn:a> <urn:b> <urn:c> .")
    assert run("load", before, "--store", place).returncode == 0
    file.write_text("".join(f"<urn:s{n}> <urn:p> <urn:o{n % 7}> .\n" for n in range(400_000)))
    process = subprocess.Popen([*COMMAND, "load", str(file), "--store", str(place)], stderr=subprocess.PIPE)
    while not [*tmp_path.glob(".store.policygraph-*/store/*")]:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode != 0
    count = ("--store", place, "query", "-e", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--format", "csv")
    assert run(*count).stdout.split() == ["n", "1"]
    assert run("load", before, "--store", place).returncode == 0
    assert [*tmp_path.glob(".*")] == []


@pytest.mark.full
def test_stores_that_are_kept_by_themselves_are_listed_and_removed(tmp_path):
    large = tmp_path / "large.nt"
    line = '<urn:a> <urn:b> "{}" .\n'
    large.write_text("".join(line.format(f"{n} {'x' * 1000}") for n in range(kept.LARGE // 1000)))
    own = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*args, env):  # in a process of its own, whose logging nobody has set
        return subprocess.run(
            [*COMMAND, *map(str, args)], env=env, capture_output=True, text=True, timeout=60
        )

    asked = ("--data", large, "query", "-e", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--format", "csv")
    first, second = (run(*asked, env=own) for _ in range(2))
    assert first.stdout == second.stdout == f"n\n{kept.LARGE // 1000}\n"
    assert first.stderr.startswith("policygraph: Keeping these data in ")
    assert second.stderr == ""
    listed = run("store", env=own)
    assert "large.nt" in listed.stdout
    (manifest,) = (tmp_path / "cache").glob("policygraph/*/manifest.json")
    manifest.write_text("{}")
    assert "of another version" in run("store", env=own).stdout
    assert "Stores removed: 1" in run("store", "clear", env=own).stderr
    assert not manifest.exists()
    off = run(*asked, env={**own, "POLICYGRAPH_CACHE": "off"})
    assert (off.stdout, off.stderr) == (first.stdout, "")


def test_the_first_screen_of_a_large_file_counts_what_is_in_that_file(monkeypatch):
    small = run("--data", EXAMPLIA).stdout
    monkeypatch.setattr(kept, "LARGE", 1)
    assert run("--data", EXAMPLIA).stdout == small
    assert run("--data", EXAMPLIA).stdout == small  # from the store that was kept


@pytest.mark.full
def test_a_large_file_is_validated_and_not_kept(monkeypatch, tmp_path):
    small = run("--data", EXAMPLIA, "validate", "--first", "1")
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    large = run("--data", EXAMPLIA, "validate", "--first", "1")
    assert (large.returncode, large.stdout, large.stderr) == (0, small.stdout, "")
    assert [*tmp_path.iterdir()] == []
