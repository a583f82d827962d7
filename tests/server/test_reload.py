"""New data served without a break: what a reload shows, refuses and leaves, in this process and in others."""

from __future__ import annotations

import asyncio
import concurrent.futures
import fcntl
import gc
import http.client
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import termios
import threading
import time
import weakref
from itertools import pairwise
from urllib.parse import quote

import command
import pytest

from policygraph import Catalog
from policygraph.errors import QueryError
from policygraph.server import app
from policygraph.server.app import Application

pytest_plugins = ["serving"]

TERMS = "@prefix t: <https://example.org/terms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
BOTH = "SELECT (COUNT(?a) AS ?n) (COUNT(DISTINCT ?b) AS ?m) { ?a <urn:a> ?b }"
CUBED = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
THING = "https://w3id.org/policygraph/id/xy/project/bridge"
PAGE = "/doc/xy/project/bridge.html"


def text(number, more=""):
    """Data whose two counts in one answer, and whose title on a page, are this number."""
    rows = "".join(f"<urn:s{n}> <urn:a> {n} .\n" for n in range(number))
    return f'{TERMS}<{THING}> a t:Project ; skos:prefLabel "Number {number}"@en .\n{rows}{more}'


def write(path, number, more=""):
    """Replace a file at once."""
    other = path.with_name(".new")
    other.write_text(text(number, more))
    other.replace(path)


def ask(address, query=BOTH, /, **headers):
    headers = {"Accept": "text/csv", **headers}
    return address.ask("GET", "/sparql?query=" + quote(query), headers=headers)


def number(reply):
    assert reply.status == 200, reply
    n, m = reply.body.split()[1].split(b",")
    assert n == m
    return int(n)


@pytest.fixture
def files(small_catalog):
    """The catalogue's only data file."""
    path = small_catalog.root / "data" / "xy.ttl"
    write(path, 3)
    return path


@pytest.fixture
def applications(monkeypatch):
    """Every application that is made."""
    made, init = [], Application.__init__
    monkeypatch.setattr(
        Application, "__init__", lambda self, *args, **more: made.append(self) or init(self, *args, **more)
    )
    return made


@pytest.fixture
def served(small_catalog, files, applications):
    """The catalogue, served in this process, with what reloads it and says how it is."""
    import serving

    with serving.application(catalog=small_catalog.root) as inside:

        class Served:
            ask = inside.ask
            application = applications[0]

            def start(self, coroutine):
                return asyncio.run_coroutine_threadsafe(coroutine, inside.loop)

            def reload(self):
                self.start(self.application.reload()).result(30)

            def health(self):
                reply = inside.ask("GET", "/health")
                assert reply.status == 200
                return json.loads(reply.body)

        yield Served()


def test_a_reload_shows_new_data_with_a_new_tag_and_forgets_the_old(served, files):
    old = weakref.ref(served.application._contents)
    first, before = ask(served), served.health()
    page = served.ask("GET", PAGE)
    assert b"Number 3" in page.body
    served.reload()
    assert (ask(served).headers["etag"], served.health()["version"]) == (
        first.headers["etag"],
        before["version"],
    ), "nothing has changed"
    write(files, 5)
    assert number(ask(served)) == 3
    served.reload()
    second, after = ask(served), served.health()
    assert (number(first), number(second)) == (3, 5)
    assert first.headers["etag"] != second.headers["etag"]
    assert before["version"] != after["version"]
    assert before["since"] <= after["since"]
    assert ask(served, **{"If-None-Match": first.headers["etag"]}).status == 200
    assert ask(served, **{"If-None-Match": second.headers["etag"]}).status == 304
    again = served.ask("GET", PAGE, headers={"If-None-Match": page.headers["etag"]})
    assert (again.status, b"Number 5" in again.body) == (200, True)
    until(lambda: gc.collect() is None or old() is None, 60)  # which else comes when it likes


FAULTS = {
    "a bad line": (lambda root: write(root / "data/xy.ttl", 1, "<urn:a> oops .\n"), "data/xy.ttl:4:"),
    "no data": (lambda root: (root / "data/xy.ttl").unlink(), "The catalogue is empty: data holds no"),
    "an empty file": (
        lambda root: (root / "data/xy.ttl").write_text(""),
        "There are no statements in the data.",
    ),
    "a bad query": (lambda root: (root / "queries/needs.rq").write_bytes(b"\xff"), "queries/needs.rq"),
    "no query": (lambda root: (root / "queries/needs.rq").write_text("SELEKT * {}"), "queries/needs.rq:1:1:"),
    "half a query": (lambda root: (root / "queries/x.rq").write_text("\nASK { ?s (1"), "queries/x.rq:2:"),
    "a bad setting": (
        lambda root: [
            (root / "catalog.toml").unlink(),
            (root / "catalog.toml").write_text("\n\ncolour = 1\n"),
        ],
        "catalog.toml, line 3: colour is no setting",
    ),
    "another base": (
        lambda root: [
            (root / "catalog.toml").unlink(),
            (root / "catalog.toml").write_text('base = "https://example.org/"'),
        ],
        "catalog.toml: base is https://example.org/, and was https://w3id.org/policygraph/ when",
    ),
    "no catalogue": (lambda root: root.rename(root.with_name("gone")), "does not exist"),
}


def test_what_cannot_be_served_leaves_what_was_and_is_told_until_it_is_mended(
    served, small_catalog, files, tmp_path
):
    root, since = small_catalog.root, set()
    whole = shutil.copytree(root, tmp_path / "whole", symlinks=True)
    for name, (harm, says) in FAULTS.items():
        harm(root)
        served.reload()
        health = served.health()
        assert says in health["refused"]["reason"], name
        assert str(tmp_path) not in health["refused"]["reason"]
        assert health["healthy"] is True
        since.add(health["refused"]["since"])
        assert number(ask(served)) == 3, name
        assert b"Number 3" in served.ask("GET", PAGE).body
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(whole, root, symlinks=True)
    assert len(since) == 1
    called = {"a": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "b": "ASK { FILTER(<f:f>()) }"}
    for name, text in called.items():  # what is not here
        (root / "queries" / f"{name}.rq").write_text(text)
    write(files, 5)
    served.reload()
    assert "refused" not in served.health()
    assert number(ask(served)) == 5


@pytest.mark.full
def test_what_goes_wrong_within_leaves_what_was_and_tells_nothing_of_itself(
    served, files, monkeypatch, caplog
):
    def broken(*_, **__):
        raise RuntimeError("secret")

    def restless(catalog, load=Catalog.load, **more):
        return [load(catalog, **more), write(files, 5)][0]

    for target, wrong, says in (
        ("policygraph.server.app.Site", broken, "Something went wrong, and the error has been logged."),
        ("policygraph.server.pool._persist", lambda *_: None, "No process that runs queries can be started"),
        ("policygraph.catalog.catalog.Catalog.load", restless, "The files change while they are read"),
    ):
        write(files, 4)
        with monkeypatch.context() as patch:
            patch.setattr(target, wrong)
            served.reload()
        assert says in served.health()["refused"]["reason"]
        assert "secret" not in served.health()["refused"]["reason"]
        assert number(ask(served)) == 3
    assert "secret" in caplog.text


@pytest.mark.alone
def test_a_query_that_runs_during_a_reload_gets_its_answer(served, files):
    write(files, 280)  # of which the query takes some four times as long as the reload
    served.reload()
    (triples,) = (
        int(each) for each in ask(served, CUBED.replace(" . ?d ?e ?f . ?g ?h ?i", "")).body.split()[1:]
    )
    old, replies = served.application._contents, []
    asking = threading.Thread(target=lambda: replies.append(ask(served, CUBED)))
    asking.start()
    time.sleep(0.3)
    write(files, 5)
    served.reload()
    assert number(ask(served)) == 5
    assert replies == [], "the query ended before the reload did"
    asking.join(30)
    assert [int(reply.body.split()[1]) for reply in replies] == [triples**3]
    until(lambda: not old.pool._folder.exists() and old.pages._threads._shutdown)


def test_reloads_that_are_asked_for_while_one_runs_become_one(served, files, monkeypatch):
    reads, read, go = [], app._read, threading.Event()

    def slowly(*given):
        reads.append(threading.active_count())
        go.wait(10)
        return read(*given)

    monkeypatch.setattr(app, "_read", slowly)
    waiting = [served.start(served.application.reload()) for _ in range(5)]
    while not reads:
        time.sleep(0.001)
    write(files, 7)
    waiting += [served.start(served.application.reload()) for _ in range(5)]
    go.set()
    concurrent.futures.wait(waiting, 20)
    assert len(reads) == 2
    assert number(ask(served)) == 7


def test_files_that_change_while_they_are_read_are_read_again(served, files, monkeypatch):
    load = Catalog.load

    def changes(catalog, **more):
        store = load(catalog, **more)
        if "Number 5" in files.read_text():
            write(files, 6)
        return store

    monkeypatch.setattr(Catalog, "load", changes)
    write(files, 5)
    served.reload()
    assert number(ask(served)) == 6
    version = served.health()["version"]
    served.reload()
    assert served.health()["version"] == version


@pytest.fixture
def stored(small_catalog, files, tmp_path, monkeypatch):
    """Where the catalogue is a store, whose file is no longer there; what puts other data into it."""

    def keep(number):
        write(files, number)
        small_catalog.keep(tmp_path / "store")
        files.unlink()

    keep(3)
    find = Catalog.find
    monkeypatch.setattr(Catalog, "find", lambda path: find(path, store=tmp_path / "store"))
    return keep


@pytest.mark.full
def test_a_store_that_is_replaced_is_served_when_told(stored, served, tmp_path):
    application, first = served.application, ask(served)
    assert application._contents.data.disk
    stored(5)
    assert number(ask(served)) == 3
    (process,) = (worker.process for worker in application._contents.pool._all)
    process.kill()
    time.sleep(0.1)
    until(lambda: ask(served, BOTH + " #").status == 200)
    assert number(ask(served, BOTH + " #")) == 3  # by another process
    assert b"Number 3" in served.ask("GET", PAGE).body
    served.reload()
    second = ask(served)
    assert (number(first), number(second)) == (3, 5)
    assert first.headers["etag"] != second.headers["etag"]
    assert b"Number 5" in served.ask("GET", PAGE).body
    until(lambda: [*tmp_path.glob(".store*")] == [])


@pytest.mark.full
def test_a_store_that_is_gone_is_told_and_another_is_served_when_told(stored, served, tmp_path):
    shutil.rmtree(tmp_path / "store")
    (process,) = (worker.process for worker in served.application._contents.pool._all)
    process.kill()
    replies = []
    until(lambda: replies.append(served.ask("GET", "/health")) or replies[-1].status == 503)
    health = json.loads(replies[-1].body)
    assert health["healthy"] is False
    time.sleep(0.5)
    assert served.ask("GET", "/health").body == replies[-1].body, "it is told before all is tried"
    assert "send SIGHUP to read them anew" in health["reason"]
    stored(5)
    served.reload()
    assert "reason" not in served.health()
    assert number(ask(served)) == 5


def test_a_store_that_was_given_is_not_read_anew(small_catalog, files):
    from loops import run
    from serving import started

    import policygraph

    async def scene():
        application = policygraph.app(small_catalog, store=small_catalog.load(), workers=1)
        end = await started(application)
        contents = application._contents
        await application.reload()
        assert application._contents is contents
        await end()

    run(scene())


@pytest.mark.full
def test_contents_that_were_being_prepared_when_they_were_replaced_are_forgotten(served, files):
    begun, go, contents = threading.Event(), threading.Event(), served.application._contents

    def prepare(held=contents):
        begun.set()
        go.wait(20)
        raise QueryError("The processes that answer have ended.")

    contents.prepare, old = prepare, weakref.ref(contents)
    preparing = threading.Thread(target=served.application._prepare)
    preparing.start()
    assert begun.wait(20)
    del contents, prepare
    served.reload()
    until(lambda: not served.application._closing)
    go.set()
    preparing.join(20)
    until(lambda: old() is None)


def test_pages_are_prepared_when_nobody_asks(served, monkeypatch):
    monkeypatch.setattr(app, "_SETTLED", 0.2)
    contents, prepared = served.application._contents, threading.Event()
    contents.prepare = prepared.set
    preparing = threading.Thread(target=served.application._prepare)
    preparing.start()
    end = time.monotonic() + 1
    while time.monotonic() < end:
        number(ask(served))
    assert not prepared.is_set()
    preparing.join(20)
    assert prepared.is_set()


@pytest.mark.full
def test_pages_are_not_prepared_while_somebody_asks_slowly(served, monkeypatch):
    """Neither between questions, nor while one waits for its answer."""
    monkeypatch.setattr(app, "_SETTLED", 0.4)
    contents, prepared = served.application._contents, threading.Event()
    contents.prepare = prepared.set
    preparing = threading.Thread(target=served.application._prepare)
    preparing.start()
    for _ in range(8):
        number(ask(served))
        assert not prepared.wait(0.2)
    contents.requests += 1
    assert not prepared.wait(1.5)
    contents.requests -= 1
    preparing.join(20)
    assert prepared.is_set()


def until(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def changed(root):
    write(root / "data" / "xy.ttl", 4)


def added(root):
    (root / "data" / "z.ttl").write_text("<urn:z> <urn:a> 77 .")


def removed(root):
    (root / "data" / "z.ttl").unlink()


@pytest.mark.full
def test_watching_sees_a_changed_a_new_and_a_removed_file_once_it_rests(
    served, small_catalog, files, monkeypatch
):
    monkeypatch.setattr(app, "_SETTLED", 0.1)
    watching = served.start(served.application.watch())
    for change, expected in [(changed, 4), (added, 5), (removed, 4)]:
        change(small_catalog.root)
        until(lambda expected=expected: number(ask(served)) == expected)
    since = served.application._begun
    time.sleep(0.5)
    assert served.application._begun == since, "nothing has changed"
    growing, moments = 10, [time.monotonic()]
    while moments[-1] < moments[0] + 0.5:
        write(files, growing)
        growing += 1
        time.sleep(0.01)
        moments.append(time.monotonic())
    rested = max(after - before for before, after in pairwise(moments)) > 0.05  # on a busy machine
    assert rested or served.application._begun == since, "it still changes"
    until(lambda: number(ask(served)) == growing - 1)
    (small_catalog.root / "queries" / "new.rq").write_text("#+ summary: New\nSELECT ?s { ?s <urn:a> 1 }")
    until(lambda: served.ask("GET", "/query/new.csv").status == 200)
    bad = small_catalog.root / "data" / "bad.ttl"
    bad.write_text("oops")
    until(lambda: "data/bad.ttl:1:" in served.health().get("refused", {}).get("reason", ""))
    begun = served.application._begun
    time.sleep(0.5)
    assert served.application._begun == begun, "it is as bad as before"
    bad.unlink()
    until(lambda: "refused" not in served.health())
    watching.cancel()


def test_watching_sees_another_store_and_not_its_use(tmp_path, small_catalog, files):
    place = tmp_path / "store"
    small_catalog.keep(place)
    catalog = Catalog(small_catalog.root, store=place)
    before = app.file_states(catalog)
    time.sleep(0.01)
    catalog.load()
    assert app.file_states(catalog) == before
    small_catalog.keep(place)
    assert app.file_states(catalog) != before


@pytest.mark.parametrize(
    ("name", "content"),
    [("i18n/da.json", '{"questions": {"ask": "Hvad?"}}'), ("stories/bridge.toml", 'title.en = "Bridge"')],
)
def test_words_and_stories_are_watched_and_count_for_the_version(name, content, small_catalog):
    def seen():
        return app.file_states(small_catalog), app.data_version(small_catalog, small_catalog.store)

    before = seen()
    (small_catalog.root / name).parent.mkdir()
    (small_catalog.root / name).write_text(content, "utf-8")
    assert all(one != other for one, other in zip(before, seen(), strict=True))


def test_closing_the_terminal_ends_it(small_catalog, files):
    controller, terminal = pty.openpty()
    given = [*command.COMMAND, "--catalog", str(small_catalog.root), "serve", "--port", "0", "--workers", "1"]
    process = subprocess.Popen(
        given,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(terminal)
    written = b""
    while b"Serving" not in written:
        written += os.read(controller, 1_000)
    os.close(controller)
    assert process.wait(20) == 0


def test_an_endpoint_is_not_watched():
    said = command.refused("serve", "--endpoint", "http://127.0.0.1:1/", "--watch")
    assert "--watch is for files: what an --endpoint holds is asked each time." in said


def test_sighup_reads_the_files_anew_without_watching(tmp_path, small_catalog, files):
    import serving

    with serving.running(tmp_path, "--workers", "1", catalog=small_catalog) as server:
        write(files, 5)
        os.kill(server.process.pid, signal.SIGHUP)
        until(lambda: number(ask(server)) == 5)
        write(files, 6, "oops")
        os.kill(server.process.pid, signal.SIGHUP)
        until(lambda: b"data/xy.ttl:9:" in server.ask("GET", "/health").body)
        until(lambda: "reload: data/xy.ttl:9:" in server.log.read_text())
        assert number(ask(server)) == 5


READERS, CHANGES = 8, 12
PAUSE = (
    0.004  # seconds of one of them, while the others ask; without, they would keep the server from reading
)


class Reader(threading.Thread):
    """Asks again and again, over a connection that it keeps or one for each, and notes what it saw."""

    def __init__(self, port, keeps):
        super().__init__()
        self.port, self.keeps, self.ends = port, keeps, False
        self.numbers, self.tags, self.faults = [], {}, []

    def run(self):
        connection = None
        while not self.ends:
            try:
                for address in (f"/sparql?query={quote(BOTH)}", PAGE):
                    if connection is None or not self.keeps:
                        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                    connection.request("GET", address, headers={"Accept": "text/csv, text/html;q=0.5"})
                    response = connection.getresponse()
                    body = response.read()
                    assert response.status == 200, (response.status, body)
                    if address == PAGE:
                        (seen,) = {int(each) for each in re.findall(rb"Number (\d+)", body)}
                    else:
                        seen, other = map(int, body.split()[1].split(b","))
                        assert seen == other
                    self.numbers.append(seen)
                    assert self.tags.setdefault((address, response.headers["etag"]), seen) == seen
                    if not self.keeps:
                        connection.close()
                    time.sleep(PAUSE)
            except Exception as error:
                self.faults.append(error)
                return
        connection.close()


@pytest.mark.full
@pytest.mark.parametrize("stored", [False, True])
def test_who_asks_without_a_break_sees_each_change_whole_and_no_error(
    tmp_path, small_catalog, files, stored, monkeypatch
):
    import serving

    def change(number):
        write(files, number)
        if stored:
            small_catalog.keep(tmp_path / "store")

    change(3)
    if stored:  # as an option before `serve`
        command = subprocess.Popen
        add = ["--store", str(tmp_path / "store")]
        monkeypatch.setattr(
            subprocess, "Popen", lambda given, **more: command([*given[:3], *add, *given[3:]], **more)
        )
    with serving.running(tmp_path, "--workers", "2", catalog=small_catalog) as server:
        monkeypatch.undo()
        readers = [Reader(server.port, keeps=bool(n % 2)) for n in range(READERS)]
        for reader in readers:
            reader.start()
        for new in range(4, 4 + CHANGES):
            change(new)
            os.kill(server.process.pid, signal.SIGHUP)
            if new % 2:  # else the next change comes while this one is read
                until(lambda new=new: number(ask(server)) == new)
        time.sleep(0.5)
        for reader in readers:
            reader.ends = True
        for reader in readers:
            reader.join(30)
        assert [reader.faults for reader in readers] == [[]] * READERS
        assert sum(len(reader.numbers) for reader in readers) > 50 * CHANGES
        for reader in readers:
            assert reader.numbers == sorted(reader.numbers)
            assert reader.numbers[-1] == 3 + CHANGES
            assert len(set(reader.numbers)) > CHANGES // 4
        assert server.process.poll() is None
    assert "Traceback" not in server.log.read_text()
    assert [
        line for line in server.log.read_text().splitlines() if " 50" in line.partition('" ')[2][:3]
    ] == []
