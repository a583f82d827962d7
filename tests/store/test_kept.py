"""A store that is kept on disk: its contract, and when it is built, taken, left and removed.

Tests of `store.index`.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from hashlib import sha256
from types import SimpleNamespace

import pytest
from contract import OWN, NameContract, QuadContract, RealContract, in_graph

from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError, QueryError, ResourceError
from policygraph.rdf.formats import export
from policygraph.rdf.reader import Stream
from policygraph.store import kept
from policygraph.store.memory import EmbeddedStore


def open_kept(place, files):
    """The store in a folder, of files with the IRIs of their graphs, where it is already there."""

    def load():
        store = EmbeddedStore()
        store.load(files)
        return store

    return kept.KeptStore(place, load=load)


@pytest.fixture(scope="module", params=[True, False], ids=["with graphs", "the merge"])
def places(request, real, small_file, tmp_path_factory):
    """The folders of two kept stores, with their graphs and without, the small and the real one."""
    home = tmp_path_factory.mktemp("kept")
    small = [(small_file, OWN, False)]
    kept.build(home / "small", lambda holds: iter(small), graphs=request.param)
    kept.build(home / "large", lambda holds: iter(real), graphs=request.param)
    return home


class TestKeptStore(QuadContract, NameContract, RealContract):
    @pytest.fixture
    def stated(self, quads):
        return in_graph(quads)

    @pytest.fixture
    def store(self, places, small_file):
        return open_kept(places / "small", [(small_file, OWN, False)])

    @pytest.fixture
    def both(self, places, real, loaded):
        store = open_kept(places / "large", real)
        store.prefixes, store.base = loaded.prefixes, loaded.base
        return store


# Kept by itself, from a size on that is small here

TERMS = "PREFIX e: <http://example.org/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
SUM = "SELECT (SUM(?n) AS ?sum) { ?s <http://example.org/n> ?n }"
ASK = """
import sys
from policygraph.store import kept
kept.LARGE = 1
from policygraph.catalog.catalog import Catalog
print("ready", flush=True)
sys.stdin.readline()
store = Catalog(sys.argv[1]).store
print(type(store).__name__, *(row[0].value for row in store.query(sys.argv[2])), flush=True)
sys.stdin.readline()
print(*(row[0].value for row in store.query(sys.argv[2])), store.index and [*store.index.equal("thing 2")])
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The folder of the stores, which is not there yet."""
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "policygraph"


def catalogue(root, number=3, settings=""):
    """A catalogue of so many things, whose numbers add up to a sum that tells them from others."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "catalog.toml").write_text(settings)
    lines = (f'e:thing{n} e:n {n} ; skos:prefLabel "thing {n}"@en .\n' for n in range(number))
    (root / "data" / "xy.ttl").write_text(TERMS + "".join(lines))
    return root


def total(root):
    (row,) = Catalog(root).store.query(SUM)
    return int(row["sum"].value)


def stores(cache):
    """The stores that are kept, and what builders left."""
    found = [path for path in cache.glob("*") if path.is_dir()]
    return [each for each in found if each.name[0] != "."], [each for each in found if each.name[0] == "."]


def start(root, text=SUM, **options):
    """A process that is ready to open a catalogue and ask its store."""
    command = [sys.executable, "-c", ASK, root, text]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, text=True, **pipes, **options)
    assert process.stdout.readline() == "ready\n"
    return process


def answers(process):
    """What a process answers and says, when it is told to."""
    said, warned = process.communicate("\n\n", timeout=60)
    assert process.returncode == 0, warned
    return said.splitlines()[0], warned


def test_a_kept_store_does_not_change(tmp_path):
    kept.build(tmp_path / "store", lambda holds: iter(()))
    with pytest.raises(DocumentError, match=r"^A kept store is for reading; add to an EmbeddedStore"):
        kept.KeptStore(tmp_path / "store").add([])


def test_a_kept_store_has_the_same_quads_after_it_was_scanned(tmp_path):
    Catalog(catalogue(tmp_path / "a")).keep(tmp_path / "store")
    store = Catalog(tmp_path / "a", store=tmp_path / "store").store
    before = {*store}
    assert len(store) == len(before) == 6
    store.scanned()
    assert {*store} == before
    export(store, tmp_path / "all.nq")
    assert (tmp_path / "all.nq").read_bytes().count(b"\n") == 6


def test_what_goes_through_everything_is_asked_once_in_another_process(tmp_path, monkeypatch):
    root, place = catalogue(tmp_path / "small"), tmp_path / "store"
    Catalog(root).keep(place)
    store = Catalog(root, store=place).store
    monkeypatch.setattr(type(store), "query", lambda *_: pytest.fail("it was asked here"))
    for _ in range(2):
        (row,) = store.counted(SUM)
        assert int(row["sum"].value) == 3
        assert len([*place.glob("*.answer")]) == 1


def test_what_goes_through_the_named_graphs_finds_them_where_only_their_merge_is_kept(cache, tmp_path):
    root = catalogue(tmp_path / "a")
    asked = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    for _ in range(2):
        store = Catalog(root).store
        assert isinstance(store, kept.KeptStore)
        assert not store.manifest.graphs
        assert [int(row["n"].value) for row in store.counted(asked)] == [6]


def test_a_question_too_long_for_an_argument_is_asked_here(tmp_path):
    place = tmp_path / "store"
    Catalog(catalogue(tmp_path / "small")).keep(place)
    (row,) = Catalog(tmp_path / "small", store=place).store.counted(f"{SUM} # {'long ' * 40_000}")
    assert int(row["sum"].value) == 3


def test_what_is_loaded_of_a_kept_store_is_what_was_kept(tmp_path):
    root, place = catalogue(tmp_path / "a"), tmp_path / "store"
    (root / "data" / "z.ttl").write_text(TERMS + "e:z e:n 100 .")
    (root / "ontology").mkdir()
    (root / "ontology" / "own.ttl").write_text(TERMS + "e:own e:n 20 .")
    Catalog(root).keep(place)
    for path in root.glob("data/*"):
        path.write_text(TERMS + "e:a e:n 7000 .")
    catalog = Catalog(root, store=place)
    stores = (catalog.load(*names, ontology=both) for both in (True, False) for names in ((), ("z",)))
    sums = [int(row["sum"].value) for store in stores for row in store.query(SUM)]
    assert sums == [123, 120, 103, 100]


def test_the_graphs_that_a_kept_file_names_are_loaded_without_the_ontology_too(tmp_path):
    root, place = catalogue(tmp_path / "a"), tmp_path / "store"
    (tmp_path / "own.nq").write_text('<a:s> <a:p> "x" <a:g> .\n')
    Catalog(root).keep(place, files=[tmp_path / "own.nq"])
    assert [quad.graph_name.value for quad in Catalog(root, store=place).load(ontology=False)] == ["a:g"]


def test_a_store_that_its_owner_names_is_replaced_whole_or_stays(tmp_path):
    path, place, graph = tmp_path / "a.nt", tmp_path / "store", "http://example.org/a"

    def build(text):
        path.write_text(text)
        kept.build(place, lambda holds: iter([(path, graph, False)]), graphs=True, replace=True)

    def values(store):
        return [row["o"].value for row in store.query("SELECT ?o { GRAPH ?g { ?s ?p ?o } }")]

    build('<a:s> <a:p> "old" .\n')
    old = kept.KeptStore(place)
    with pytest.raises(DocumentError, match=r"a\.nt:1:13: "):
        build("<a:s> <a:p> oops .\n")
    assert values(kept.KeptStore(place)) == ["old"]
    build('<a:s> <a:p> "new" .\n')
    assert values(kept.KeptStore(place)) == ["new"]
    assert values(old) == ["old"]
    del old
    gc.collect()
    assert {each.name for each in tmp_path.iterdir()} == {"a.nt", "store"}


@pytest.mark.parametrize("lose", ["replace", "clear"])
def test_one_of_many_files_that_is_replaced_or_cleared_stays_whole_for_those_who_have_it(
    tmp_path, monkeypatch, lose
):
    """The engine opens sixteen files at once, the others later."""
    monkeypatch.setattr(kept, "_BATCH", 150)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path, place = tmp_path / "a.nt", tmp_path / "policygraph" / "store"

    def build(name, number):
        path.write_text("".join(f'<{name}:{n}> <a:p> "{n}" .\n' for n in range(number)))
        kept.build(place, lambda holds: iter([(path, "a:graph", False)]), graphs=True, replace=True)

    build("old", 300)
    assert len([*place.glob("store/*.sst")]) > 16
    old, view = kept.KeptStore(place), kept.KeptStore(place).dataset()
    if lose == "replace":
        build("new", 3)
    else:
        assert (len(kept.kept_stores()), kept.clear_stores()) == (1, 1)
        assert not place.exists()
        assert (kept.kept_stores(), kept.clear_stores()) == ([], 0)
    gc.collect()
    for text in ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", "SELECT ?s { ?s ?p ?o }"):
        assert len([*old.query(text)]) == 300
    assert len({subject for subject, *_ in view.quads()}) == 300
    assert [*old.index.names("7")] == []
    del old, view
    gc.collect()
    assert {each.name for each in place.parent.iterdir()} <= {"store"}


def test_where_folders_cannot_be_exchanged_a_store_is_replaced_in_two_steps(tmp_path, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    for number in range(2):
        kept.build(tmp_path / "store", lambda holds: iter(()), replace=True)
        assert {each.name for each in tmp_path.iterdir()} == {"store"}, number


def test_a_file_that_changes_while_it_is_read_is_not_kept(cache, tmp_path, monkeypatch, caplog):
    root = catalogue(tmp_path / "a")
    batches = Stream.batches

    def changes(stream, size, **more):
        yield from batches(stream, size, **more)
        (root / "data" / "xy.ttl").write_text(TERMS + "e:a e:n 70 .")

    monkeypatch.setattr(Stream, "batches", changes)
    assert total(root) == 70
    assert "a file changed while it was read" in caplog.records[-1].message
    assert stores(cache) == ([], [])


def test_a_file_that_cannot_be_read_is_told_as_without_a_store(cache, tmp_path):
    root = catalogue(tmp_path / "a")
    (root / "data" / "xy.ttl").write_text(TERMS + "e:a e:n oops .")
    with pytest.raises(DocumentError, match=r"xy\.ttl:1:\d+: "):
        total(root)
    assert stores(cache) == ([], [])


def test_small_files_are_not_kept(cache, tmp_path, monkeypatch):
    root = catalogue(tmp_path / "a")
    monkeypatch.setattr(kept, "LARGE", sum(path.stat().st_size for path in root.glob("data/*")) + 1_000_000)
    assert total(root) == 3
    assert not cache.exists()


def test_the_second_opening_reads_and_parses_nothing(cache, tmp_path, monkeypatch, caplog):
    root = catalogue(tmp_path / "a", 100)
    assert isinstance(Catalog(root).store, kept.KeptStore)
    assert [record.message.partition(" in ")[0] for record in caplog.records] == [
        "policygraph: Keeping these data"
    ]
    caplog.clear()

    def parses(*_, **__):
        raise AssertionError

    for name in ("RdfText.open", "RdfText.of", "Stream.batches"):
        monkeypatch.setattr(f"policygraph.rdf.reader.{name}", parses)
    assert total(root) == 4950
    assert Catalog(root).find_resource("thing 42") == "http://example.org/thing42"
    assert caplog.records == []
    ((store,), left) = stores(cache)
    assert left == []
    assert [stat.S_IMODE(path.stat().st_mode) for path in (cache, store)] == [0o700, 0o700]


def test_a_store_of_many_files_stays_as_it_was_written(tmp_path):
    # While it is open, the engine goes on compacting what came in several parts.
    files = [(tmp_path / f"{number}.nt", f"http://example.org/{number}", True) for number in range(6)]
    for path, graph, _ in files:
        path.write_text("".join(f'<{graph}> <a:n> "{n}" .\n' for n in range(300)))
    for number in range(3):
        place = tmp_path / f"store{number}"
        kept.build(place, lambda holds: iter(files))
        assert len([*kept.KeptStore(place).query("SELECT ?s { ?s ?p ?o }")]) == 6 * 300


def test_what_a_store_depends_on_makes_another_store(cache, tmp_path):
    root = catalogue(tmp_path / "a")
    totals = [total(root)]
    (root / "data" / "xy.ttl").write_text(TERMS + "e:thing1 e:n 40 .")
    totals.append(total(root))
    (root / "catalog.toml").write_text('base = "https://example.org/other/"')
    totals.append(total(root))
    (root / "ontology").mkdir()
    (root / "ontology" / "own.ttl").write_text(TERMS + "e:own e:n 2 .")
    totals.append(total(root))
    (root / "data" / "z.ttl").write_text(TERMS + "e:z e:n 100 .")
    totals.append(total(root))
    (root / "data" / "z.ttl").rename(root / "data" / "y.ttl")  # another graph
    totals.append(total(root))
    assert totals == [3, 40, 40, 42, 142, 142]
    assert len(stores(cache)[0]) == 6


def test_the_same_contents_elsewhere_are_the_same_store(cache, tmp_path, caplog):
    assert total(catalogue(tmp_path / "a")) == 3
    assert total(catalogue(tmp_path / "b")) == 3
    (tmp_path / "a" / "data" / "xy.ttl").touch()
    assert total(tmp_path / "a") == 3
    assert len(stores(cache)[0]) == len(caplog.records) == 1


def test_one_with_the_named_graphs_is_kept_for_who_asks_for_them_and_then_used_by_all(cache, tmp_path):
    root = catalogue(tmp_path / "a")
    alone, both = Catalog(root).store, Catalog(root).load(graphs=True)
    assert (alone.disk, both.disk.is_dir()) == (None, True)
    assert len(stores(cache)[0]) == 2
    count = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert [row["n"].value for row in both.query(count)] == [row["n"].value for row in alone.query(count)]
    assert Catalog(root).store.disk == both.disk
    assert total(root) == 3


@pytest.mark.parametrize("age", [0, 100])
def test_a_file_that_changes_and_keeps_its_size_and_time_is_read_anew(cache, tmp_path, age):
    root = tmp_path / "a"
    path = catalogue(root) / "data" / "xy.ttl"
    when = time.time() - age
    for number in range(1, 4):
        path.write_text(TERMS + f"e:a e:n {number} .")
        os.utime(path, (when, when))
        assert total(root) == number


def test_large_files_that_are_older_are_not_read_to_find_their_store(cache, tmp_path, monkeypatch):
    root = catalogue(tmp_path / "a")
    os.utime(root / "data" / "xy.ttl", (1e9, 1e9))
    assert total(root) == 3
    with (root / "data" / "xy.ttl").open("rb") as file:
        read = []
        monkeypatch.setattr(
            hashlib, "file_digest", lambda each, _: read.append(each.name) or sha256(each.read())
        )
        assert total(root) == 3
        assert file.name not in read
    (cache / "hashes.json").write_text("[garbage")
    assert total(root) == 3
    assert str(root / "data" / "xy.ttl") in read


def test_the_least_recently_used_stores_go(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "MOST_STORES", 2)
    roots = [catalogue(tmp_path / str(number), number + 2) for number in range(3)]
    for root in (roots[0], roots[1], roots[0], roots[2]):
        total(root)
    paths = {next(iter(kept.manifest(each).files.values())) for each in stores(cache)[0]}
    assert paths == {str(root / "data" / "xy.ttl") for root in (roots[0], roots[2])}


def test_stores_that_are_too_large_together_go_but_the_last_used(cache, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(kept, "MOST_BYTES", 1)
    for number in (3, 4):
        root = catalogue(tmp_path / str(number), number)
        assert isinstance(Catalog(root).store, kept.KeptStore)
        assert len(stores(cache)[0]) == 1
    assert len(caplog.records) == 2


def test_nothing_is_kept_where_that_is_switched_off(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("POLICYGRAPH_CACHE", "OFF")
    assert total(catalogue(tmp_path / "a")) == 3
    assert not cache.exists()


@pytest.mark.parametrize("given", ["", "relative", "./cache", "~/cache"])
def test_a_cache_at_a_relative_path_is_ignored(tmp_path, monkeypatch, given):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert kept.cache() == tmp_path / ".cache" / "policygraph"


def test_nothing_is_kept_for_a_user_without_a_home(cache, tmp_path, monkeypatch, caplog):
    def nobody(_):
        raise KeyError

    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert total(catalogue(tmp_path / "a")) == 3
    assert caplog.records == []


@pytest.mark.parametrize("place", ["cache", "cache/policygraph"])
def test_a_file_where_the_folder_should_be_is_told_in_one_line(cache, tmp_path, caplog, place):
    cache.parent.mkdir()
    shutil.rmtree(tmp_path / place, ignore_errors=True)
    (tmp_path / place).write_text("")
    assert total(catalogue(tmp_path / "a")) == 3
    assert [record.message.partition(" in ")[0] for record in caplog.records[-1:]] == [
        "policygraph: No store is kept"
    ]
    assert (tmp_path / place).read_text() == ""


def unprivileged():
    """Let root obey the modes of folders."""
    for capability in (1, 2) if sys.platform == "linux" else ():  # DAC_OVERRIDE and DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def test_a_folder_that_cannot_be_written_in_is_told_in_one_line(cache, tmp_path):
    cache.parent.mkdir(mode=0o500)
    root = catalogue(tmp_path / "a")
    said, warned = answers(start(root, preexec_fn=unprivileged))
    assert said == "EmbeddedStore 3"
    assert "Permission denied" in warned
    assert warned.count("No store is kept in") == 1
    cache.parent.chmod(0o700)
    assert [*cache.parent.iterdir()] == []


def test_a_store_in_a_folder_that_is_only_readable_is_used(cache, tmp_path):
    root = catalogue(tmp_path / "a")
    total(root)
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o500)
    try:
        assert answers(start(root, preexec_fn=unprivileged)) == ("KeptStore 3", "")
    finally:
        for path in folders:
            path.chmod(0o700)


def test_a_store_of_another_user_is_used(cache, tmp_path, monkeypatch, caplog):
    root = catalogue(tmp_path / "a")
    total(root)
    caplog.clear()

    def not_permitted(*_):
        raise PermissionError

    monkeypatch.setattr("os.utime", not_permitted)
    assert isinstance(Catalog(root).store, kept.KeptStore)
    assert caplog.records == []


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A catalogue that takes some time to be kept."""
    return catalogue(tmp_path_factory.mktemp("large"), 20_000), sum(range(20_000))


@pytest.mark.full
def test_a_killed_builder_leaves_nothing_that_the_next_does_not_remove(cache, large):
    root, answer = large
    seen = []
    for moment in (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6):
        process = start(root)
        process.stdin.write("\n")
        process.stdin.flush()
        time.sleep(moment)
        process.kill()
        process.communicate()
        if cache.exists():
            there, left = stores(cache)
            assert len(there) <= 1
            seen += left
    assert seen
    assert total(root) == answer
    assert [len(each) for each in stores(cache)] == [1, 0]


KEEP = """
import os, sys
from policygraph.catalog.catalog import Catalog
while sys.stdin.readline():
    if not (builder := os.fork()):
        Catalog(sys.argv[1]).keep(sys.argv[2])
        os._exit(0)
    print(builder, flush=True)
    sys.stdin.readline()  # until then nobody else has its number
    os.waitpid(builder, 0)
    print("ended", flush=True)
"""


class Keeping:
    """A process that writes a catalogue's store to a place, each time by a process of its own."""

    def __init__(self, root, place):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, "-c", KEEP, root, place], text=True, **pipes)

    def _told(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def begin(self):
        return int(self._told())

    def end(self):
        assert self._told() == "ended\n"

    def close(self):
        self._process.communicate()
        assert self._process.returncode == 0


@pytest.mark.full
def test_a_builder_killed_at_any_of_fifty_moments_leaves_the_store_before_or_the_new_one(tmp_path):
    root, answer = catalogue(tmp_path / "large", 2_000), sum(range(2_000))
    small, place = catalogue(tmp_path / "small"), tmp_path / "stores" / "store"
    keeping = Keeping(root, place)
    keeping.begin()
    keeping.end()
    start = time.monotonic()
    keeping.begin()
    keeping.end()
    taken = time.monotonic() - start
    found, left = [], 0
    for number in range(50):
        Catalog(small).keep(place)
        assert {each.name for each in place.parent.iterdir()} == {"store"}
        builder = keeping.begin()
        if number < 49:  # the last one ends, however much slower than the first it is
            time.sleep(1.1 * taken * number / 50)
            os.kill(builder, signal.SIGKILL)
        keeping.end()
        (row,) = Catalog(small, store=place).store.query(SUM)
        found.append(int(row["sum"].value))
        left += len([*place.parent.iterdir()]) - 1
    keeping.close()
    assert set(found) == {3, answer}
    assert left
    Catalog(small).keep(place)
    assert {each.name for each in place.parent.iterdir()} == {"store"}


READ = """
import gc, sys, time
from pathlib import Path
from policygraph.catalog.catalog import Catalog
seen, end = [], Path(sys.argv[2] + ".end")
print("ready", flush=True)
while not end.exists() or seen[-1] != int(sys.argv[4]):
    store = Catalog(sys.argv[1], store=sys.argv[2]).store
    assert not seen or store.manifest.triples >= seen[-1], seen
    (row,) = store.query(sys.argv[3])
    (all,) = store.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")
    seen.append(store.manifest.triples)
    number = seen[-1] // 2
    assert int(all["n"].value) == seen[-1]
    assert int(row["sum"].value) == number * (number - 1) // 2, (seen, row)
    assert [*store.index.equal(f"thing {number - 1}")] and not [*store.index.equal(f"thing {number}")]
print(len(set(seen)), len(seen))
"""


@pytest.mark.full
def test_eight_processes_read_a_store_without_a_break_while_it_is_replaced_twelve_times(tmp_path):
    root, place = catalogue(tmp_path / "a", 100), tmp_path / "stores" / "store"
    Catalog(root).keep(place)
    command = [sys.executable, "-c", READ, root, place, SUM, str(2 * 112)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    readers = [subprocess.Popen(command, text=True, **pipes) for _ in range(8)]
    for reader in readers:
        assert reader.stdout.readline() == "ready\n"
    for number in range(101, 113):
        Catalog(catalogue(root, number)).keep(place)
    place.with_name("store.end").touch()
    for reader in readers:
        said, warned = reader.communicate(timeout=60)
        assert (reader.returncode, warned) == (0, "")
        assert int(said.split()[0]) > 3
    place.with_name("store.end").unlink()
    Catalog(root).keep(place)
    assert {each.name for each in place.parent.iterdir()} == {"store"}


def test_what_a_killed_builder_of_other_contents_left_goes_too(cache, large, tmp_path):
    process = start(large[0])
    process.stdin.write("\n")
    process.stdin.flush()
    while not (cache.exists() and [*cache.glob(".*/store/*.sst")]):
        time.sleep(0.01)
    process.kill()
    process.communicate()
    assert [len(each) for each in stores(cache)] == [0, 1]
    assert total(catalogue(tmp_path / "a")) == 3
    assert [len(each) for each in stores(cache)] == [1, 0]


def test_a_replaced_store_goes_though_a_process_that_is_being_started_has_its_lock_too(tmp_path, monkeypatch):
    path, place, handles, hold = tmp_path / "a.nt", tmp_path / "store", [], kept._hold
    path.write_text("<a:a> <a:b> <a:c> .\n")
    monkeypatch.setattr(kept, "_hold", lambda folder: handles.append(hold(folder)) or handles[-1])

    def build():
        kept.build(place, lambda holds: iter([(path, "a:graph", False)]), replace=True)

    build()
    store = kept.KeptStore(place)
    copy = os.dup(handles[0][1])  # as a process has between its start and its program
    build()
    assert len([*tmp_path.glob(".store*")]) == 1
    del store
    for _ in range(50):  # a collection is none while another thread makes one
        gc.collect()
        if not [*tmp_path.glob(".store*")]:
            break
        time.sleep(0.1)
    os.close(copy)
    assert [*tmp_path.glob(".store*")] == []


def test_what_was_left_half_removed_goes_too(tmp_path):
    place = tmp_path / "store [1]"
    for left in (".store [1].policygraph-a", ".store [1].policygraph-b.old"):
        (tmp_path / left / "store").mkdir(parents=True)
    other, link = tmp_path / ".store-of-another", tmp_path / ".store [1].policygraph-c"
    other.mkdir()
    link.symlink_to(other)
    kept.build(place, lambda holds: iter(()))
    assert {*tmp_path.iterdir()} == {place, other, link}
    assert [*other.iterdir()] == []


@pytest.mark.full
def test_two_builders_at_once_both_answer_and_one_store_stays(cache, large):
    root, answer = large
    processes = [start(root) for _ in range(2)]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [answers(process)[0] for process in processes] == [f"KeptStore {answer}"] * 2
    assert [len(each) for each in stores(cache)] == [1, 0]


def test_a_store_that_another_process_removes_is_passed_over(cache, tmp_path, monkeypatch):
    for name, number in (("a", 500), ("b", 501)):
        total(catalogue(tmp_path / name, number))
    one, other = (each.place for each in kept.kept_stores())
    read = kept.manifest

    def removed(place):
        if place == one:
            shutil.rmtree(place)
        return read(place)

    monkeypatch.setattr(kept, "manifest", removed)
    assert [each.place for each in kept.kept_stores()] == [other]


def test_a_store_that_is_removed_still_answers_those_who_have_it_open(cache, tmp_path):
    root = catalogue(tmp_path / "a", 500)
    total(root)
    process = start(root)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "KeptStore 124750\n"
    assert kept.clear_stores() == 1
    said, warned = process.communicate("\n", timeout=60)
    assert said.startswith("124750 [Name(iri='http://example.org/thing2'"), warned
    assert total(root) == 124750


def small_files():
    """Let the process write no file of more than 100 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.full
def test_a_file_that_cannot_grow_is_told_in_one_line(cache, large):
    root, answer = large
    said, warned = answers(start(root, preexec_fn=small_files))
    assert said == f"EmbeddedStore {answer}"
    assert warned.count("No store is kept in") == 1
    assert stores(cache) == ([], [])


@pytest.mark.full
@pytest.mark.skipif(os.geteuid() != 0, reason="Not tested: only root mounts a small disk.")
@pytest.mark.parametrize("size", ["64k", "1m", "2m", "3m"])
def test_a_full_disk_is_told_in_one_line(cache, large, size):
    root, answer = large
    cache.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", cache]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("Not tested: no disk can be mounted here.")
    try:
        said, warned = answers(start(root))
        assert said == f"EmbeddedStore {answer}"
        assert warned.count("No store is kept in") == 1
        assert stores(cache) == ([], [])
    finally:
        subprocess.run(["umount", cache], check=True)


def tables(store):
    return sorted(store.glob("store/*.sst"))


def other_manifest(**values):
    def change(store):
        manifest = json.loads((store / "manifest.json").read_text())
        (store / "manifest.json").write_text(json.dumps({**manifest, **values}))

    return change


def garbage(name):
    def change(store):
        for path in store.glob(name):
            path.write_bytes(random.Random(1).randbytes(path.stat().st_size))

    return change


DAMAGES = {
    "a table cut short": lambda store: os.truncate(tables(store)[0], 100),
    "no table": lambda store: tables(store)[-1].unlink(),
    "all tables garbage": garbage("store/*.sst"),
    "no index": lambda store: (store / "index.sqlite").unlink(),
    "an index cut short": lambda store: os.truncate(store / "index.sqlite", 5_000),
    "an empty index": lambda store: os.truncate(store / "index.sqlite", 0),
    "a garbage index": garbage("index.sqlite"),
    "a garbage manifest": garbage("manifest.json"),
    "an empty manifest": lambda store: (store / "manifest.json").write_text(""),
    "a manifest that is a list": lambda store: (store / "manifest.json").write_text("[]"),
    "another engine's manifest": other_manifest(engine="0.4.0"),
    "another layout's manifest": other_manifest(layout=0),
    "no manifest": lambda store: (store / "manifest.json").unlink(),
    "a garbage CURRENT": garbage("store/CURRENT"),
    "no CURRENT": lambda store: (store / "store" / "CURRENT").unlink(),
    "a garbage MANIFEST of the engine": garbage("store/MANIFEST*"),
    "no engine": lambda store: shutil.rmtree(store / "store"),
    "nothing in it": lambda store: [shutil.rmtree(store), store.mkdir()],
}


@pytest.mark.full
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_store_is_told_in_one_line_and_made_anew(cache, tmp_path, caplog, damage):
    root = catalogue(tmp_path / "a", 100)
    total(root)
    ((store,), _) = stores(cache)
    damage(store)
    caplog.clear()
    catalog = Catalog(root)
    assert [row["sum"].value for row in catalog.store.query(SUM)] == ["4950"]
    assert catalog.find_resource("thing 42") == "http://example.org/thing42"
    assert [record.message.partition(" in ")[0] for record in caplog.records] == [
        "policygraph: No store is kept"
    ]
    caplog.clear()
    assert total(root) == 4950
    assert isinstance(Catalog(root).store, kept.KeptStore)
    assert [record.message.partition(" in ")[0] for record in caplog.records] == [
        "policygraph: Keeping these data"
    ]


def few_files():
    """Let the process open fewer files than the engine wants."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))


def unreadable(store):
    (store / "store" / "CURRENT").chmod(0)


@pytest.mark.parametrize(
    ("spoil", "limit"), [(id, few_files), (unreadable, unprivileged)], ids=["few files", "no permission"]
)
def test_a_store_that_cannot_be_opened_now_is_told_in_one_line_and_stays(cache, tmp_path, spoil, limit):
    root = catalogue(tmp_path / "a")
    total(root)
    ((store,), _) = stores(cache)
    spoil(store)
    said, warned = answers(start(root, preexec_fn=limit))
    assert (said, warned.count("No store is kept in")) == ("EmbeddedStore 3", 1)
    assert stores(cache) == ([store], [])


def test_a_store_that_is_found_damaged_stays_whole_for_those_who_have_it_open(cache, tmp_path):
    root = catalogue(tmp_path / "a", 500)
    total(root)
    ((store,), _) = stores(cache)
    process = start(root)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "KeptStore 124750\n"
    (store / "manifest.json").write_text("")
    assert total(root) == 124750
    assert [len(each) for each in stores(cache)] == [0, 1]
    said, warned = process.communicate("\n", timeout=60)
    assert said.startswith("124750 [Name(iri='http://example.org/thing2'"), warned
    gc.collect()
    assert total(root) == 124750
    assert [len(each) for each in stores(cache)] == [1, 0]


def test_an_index_that_is_damaged_within_is_one_sentence(cache, tmp_path):
    root = catalogue(tmp_path / "a", 2_000)
    total(root)
    ((store,), _) = stores(cache)
    index = bytearray((store / "index.sqlite").read_bytes())
    for start in range(0, len(index), 4_096):
        if b"thing 777" in index[start : start + 4_096]:
            index[start : start + 100] = b"\xff" * 100
    (store / "index.sqlite").write_bytes(index)
    with pytest.raises(QueryError, match=rf"the index of this store is damaged .*; remove {store}, or load"):
        Catalog(root).find_resource("thing 777")


def little_memory():
    """The engine may take any memory for a count over damaged blocks."""
    resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))


@pytest.mark.parametrize(
    "text", ["SELECT ?s { ?s ?p 7 } LIMIT 1", "SELECT ('one' AS ?x) { ?s skos:prefLabel ?l } LIMIT 1"]
)
def test_damaged_blocks_are_told_in_one_line_and_not_in_the_answer(cache, tmp_path, text):
    root = catalogue(tmp_path / "a", 2_000)
    expected = answers(start(root, text))[0].removeprefix("KeptStore ")
    ((store,), _) = stores(cache)
    for table in tables(store):
        data = bytearray(table.read_bytes())
        for place in range(30, len(data) - 1_000, 500):
            data[place : place + 3] = bytes(255 - byte for byte in data[place : place + 3])
        table.write_bytes(data)
    said, warned = answers(start(root, text, preexec_fn=little_memory))
    assert said in (f"KeptStore {expected}", f"EmbeddedStore {expected}")
    assert warned.count("No store is kept in") == 1
    assert stores(cache) == ([], [])


def test_a_very_long_name_is_looked_for_as_any_other(cache, tmp_path):
    catalog = Catalog(catalogue(tmp_path / "a"))
    assert isinstance(catalog.store, kept.KeptStore)
    for text in ("thing " * 5_000 + "0", "x" * 20_000, '"' * 3_000):
        with pytest.raises(ResourceError, match="No label, nor a word in one"):
            catalog.find_resource(text)
        assert len(catalog.search(text)) == 0 or text[0] == "t"
