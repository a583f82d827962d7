"""Real processes, killed for real; times are bounds that a slow machine keeps too."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import json
import os
import shutil
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from loops import run

from policygraph.catalog.catalog import Catalog
from policygraph.server import pool as module
from policygraph.server.evaluation import Limits, QueryJob
from policygraph.server.pool import WorkerPool
from policygraph.store import kept
from policygraph.store.memory import merged

ENDLESS = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(6)) + " }"
GREEDY = "SELECT * { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(4)) + " } ORDER BY ?c0 ?c1 ?c2"
NORMAL = QueryJob("ASK { ?s ?p ?o }")


@pytest.fixture(scope="module")
def quads():
    p = ox.NamedNode("https://example.org/p")
    return [
        ox.Quad(
            ox.NamedNode(f"https://example.org/{i}"), p, ox.Literal(i), ox.NamedNode("https://example.org/g")
        )
        for i in range(120)
    ]


async def settled(pool, count):
    """Wait until the pool is back to so many processes, all at rest."""
    for _ in range(1000):
        if len(pool._all) == count == len(pool._queue._idle):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the pool does not come to rest")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] not in "ZX"
    except OSError:
        return False


def test_a_query_is_answered_in_another_process_and_nothing_is_left_behind(quads, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "policygraph-serve-killed").mkdir()

    async def scene():
        async with WorkerPool(quads, count=2) as pool:
            assert pool.healthy
            assert [*tmp_path.iterdir()] == [pool._folder]
            pids = [worker.process.pid for worker in pool._all]
            outcomes = await asyncio.gather(
                *(pool.query(QueryJob(f"ASK {{ ?s ?p {i} }}")) for i in range(50))
            )
        assert {outcome.body for outcome in outcomes} == {b'{"head":{},"boolean":true}'}
        assert os.getpid() not in pids
        assert not any(map(alive, pids))
        assert not [*tmp_path.iterdir()]
        assert not pool.healthy
        assert (await pool.query(NORMAL)).kind == "busy"

    run(scene())


@pytest.mark.parametrize(
    ("text", "settings", "kind"),
    [
        (ENDLESS, {"timeout": 0.6}, "timeout"),
        (GREEDY, {"timeout": 30, "memory": 64 * 2**20}, "memory"),
        ("ASK { ?s ?p ?o } ", {}, "answer"),
    ],
)
def test_a_query_that_takes_too_much_ends_and_the_pool_is_as_before(quads, text, settings, kind):
    async def scene():
        async with WorkerPool(quads, count=1, **settings) as pool:
            assert (await pool.query(QueryJob(text))).kind == kind
            assert (await pool.query(NORMAL)).kind == "answer"
            await settled(pool, 1)
            assert pool._slow == 0

    run(scene())


def test_a_process_that_dies_is_replaced(quads):
    async def scene():
        async with WorkerPool(quads, count=1, patience=5) as pool:
            task = asyncio.create_task(pool.query(QueryJob(ENDLESS)))
            await asyncio.sleep(0.1)
            (worker,) = pool._all
            worker.process.kill()  # as the kernel does when memory is short
            assert (await task).kind == "crash"
            assert (await pool.query(NORMAL)).kind == "answer"
            (worker,) = pool._all
            worker.process.kill()  # while it rests
            await asyncio.sleep(0.1)
            assert (await pool.query(NORMAL)).kind == "answer"

    run(scene())


@pytest.mark.full
def test_who_waits_behind_an_endless_query_is_answered_elsewhere(quads):
    async def scene():
        async with WorkerPool(quads, count=2, timeout=1.5) as pool:
            endless = asyncio.create_task(pool.query(QueryJob(ENDLESS)))
            behind = [asyncio.create_task(pool.query(QueryJob(f"ASK {{ ?s ?p {i} }}"))) for i in range(3)]
            await asyncio.sleep(0)
            start = time.monotonic()
            kinds = [(await each).kind for each in behind]
            took = time.monotonic() - start
            assert (await endless).kind == "timeout"
            await settled(pool, 2)
        return kinds, took

    kinds, took = run(scene())
    assert kinds == ["answer"] * 3
    assert took < 1


def test_the_end_of_a_process_harms_only_the_query_that_it_was_at(quads):
    async def scene():
        async with WorkerPool(quads, count=1, patience=5) as pool:
            (worker,) = pool._all
            endless = asyncio.create_task(pool.query(QueryJob(ENDLESS)))
            behind = [asyncio.create_task(pool.query(NORMAL)) for _ in range(3)]
            await asyncio.sleep(0)
            worker.process.kill()
            return (await endless).kind, [(await each).kind for each in behind]

    assert run(scene()) == ("crash", ["answer"] * 3)


def test_a_process_that_lacked_memory_leaves_its_other_queries_to_its_successor(quads):
    async def scene():
        async with WorkerPool(quads, count=1) as pool:
            (worker,) = pool._all
            tasks = [asyncio.create_task(pool.query(NORMAL)) for _ in range(4)]
            await asyncio.sleep(0)
            worker._finish(module.QueryOutcome("memory"))
            outcomes = [await each for each in tasks]
            await settled(pool, 1)
            assert worker not in pool._all
        return outcomes

    first, *others = run(scene())
    assert first.kind == "memory"
    assert {each.body for each in others} == {b'{"head":{},"boolean":true}'}


@pytest.mark.full
def test_endless_queries_do_not_keep_others_waiting(quads):
    async def scene():
        async with WorkerPool(quads, count=2, timeout=3, longest_wait=2) as pool:
            crowd = [
                asyncio.create_task(pool.query(QueryJob(f"{ENDLESS} #{i}"), client="crowd"))
                for i in range(30)
            ]
            await asyncio.sleep(0.2)
            times = []
            for number in range(6):
                start = time.monotonic()
                outcome = await pool.query(NORMAL, client="crowd" if number % 2 else "other")
                times.append(time.monotonic() - start)
                assert outcome.kind == "answer"
            # Half of them, that a busy machine may be slow at any one.
            assert sorted(times)[3] < 1
            assert {(await task).kind for task in crowd} <= {"timeout", "busy", "flood"}
            await settled(pool, 2)

    run(scene())


def test_a_query_that_is_late_is_finished_in_a_slow_process(quads):
    async def scene():
        text = (
            "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c + ?f + ?i < 0 && ?c < 100) }"
        )
        async with WorkerPool(quads, count=1, patience=0.05, timeout=50) as pool:
            task = asyncio.create_task(pool.query(QueryJob(text)))
            await asyncio.sleep(0.4)
            nice = [
                os.getpriority(os.PRIO_PROCESS, worker.process.pid) for worker in pool._all if worker.slow
            ]
            assert nice == [] or nice[0] >= 10
            assert (await task).kind == "answer"
            await settled(pool, 1)

    run(scene())


def test_who_leaves_frees_the_process(quads):
    async def scene():
        async with WorkerPool(quads, count=1, patience=0.1, timeout=50) as pool:
            task = asyncio.create_task(pool.query(QueryJob(ENDLESS)))
            await asyncio.sleep(0.05)
            task.cancel()  # before the turn is over
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await settled(pool, 1)
            task = asyncio.create_task(pool.query(QueryJob(ENDLESS)))
            while not pool._slow:
                await asyncio.sleep(0.01)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await settled(pool, 1)
            assert pool._slow == 0

    run(scene())


def test_a_process_can_open_nothing_and_write_nothing(quads):
    async def scene():
        async with WorkerPool(quads, count=1) as pool:
            (worker,) = pool._all
            limits = Path(f"/proc/{worker.process.pid}/limits").read_text()
            files = len(list(Path(f"/proc/{worker.process.pid}/fd").iterdir()))
        soft = {line[:26].strip(): line[26:].split() for line in limits.splitlines()}
        assert soft["Max core file size"][:2] == ["0", "0"]
        assert soft["Max file size"][:2] == ["0", "0"]
        assert int(soft["Max open files"][0]) <= files
        assert soft["Max address space"][0] != "unlimited"

    run(scene())


def test_no_service_is_reached_but_those_allowed(quads):
    async def scene():
        with socket.create_server(("127.0.0.1", 0)) as door:
            door.settimeout(5)
            address = f"http://127.0.0.1:{door.getsockname()[1]}/"
            text = f"ASK {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
            async with WorkerPool(quads, count=1) as pool:
                assert (await pool.query(QueryJob(text))).kind == "text"
            async with WorkerPool(quads, count=1, timeout=5, limits=Limits(services=(address,))) as pool:
                task = asyncio.create_task(pool.query(QueryJob(text)))
                connection, _ = await asyncio.to_thread(door.accept)
                connection.recv(1000)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
                    b"Content-Length: 61\r\nConnection: close\r\n\r\n"
                    b'{"head":{"vars":["s"]},"results":{"bindings":[{}]}}          '
                )
                connection.close()
                assert (await task).body == b'{"head":{},"boolean":true}'

    run(scene())


@pytest.mark.full
def test_a_pool_that_cannot_start_says_so_and_does_not_try_for_ever(quads, monkeypatch):
    monkeypatch.setattr(module, "_persist", lambda quads, folder: None)

    async def scene():
        async with WorkerPool(quads, count=1, longest_wait=0.1) as pool:
            assert not pool.healthy
            assert (await pool.query(NORMAL)).kind == "busy"

    run(scene())


@pytest.mark.parametrize("what", ["socket.socketpair", "subprocess.Popen"])
def test_a_worker_that_the_system_lets_no_one_start_now_is_started_later(quads, monkeypatch, what):
    refused = []

    def refuse(*_, **__):
        refused.append(OSError(errno.EMFILE, "Too many open files"))
        raise refused[-1]

    monkeypatch.setattr(module, "_MAX_PAUSE", 0.05)

    async def scene():
        async with WorkerPool(quads, count=1, longest_wait=30) as pool:
            (worker,) = pool._all
            with monkeypatch.context() as now:
                now.setattr(f"{module.__name__}.{what}", refuse)
                worker.process.kill()
                while len(refused) <= module._MAX_STARTS:  # of which none counts as a failure of the worker
                    await asyncio.sleep(0.01)
                assert pool.healthy
                with pytest.raises(OSError, match="Too many"):  # who enters a pool is told
                    await pool._start()
            assert (await pool.query(NORMAL)).kind == "answer"
            assert pool._failures == 0

    run(scene())


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps the memory")
def test_what_writing_the_store_took_is_given_back_once_it_is_written(monkeypatch):
    library, seen = ctypes.CDLL(None), []

    def memory():
        return int(Path("/proc/self/statm").read_text().split()[1])

    def trim(pad):
        seen.append(memory())
        library.malloc_trim(pad)
        seen.append(memory())

    async def scene():
        async with WorkerPool(made, count=1):
            pass

    monkeypatch.setattr(module, "_SMALL", 0)
    monkeypatch.setattr(module.ctypes, "CDLL", lambda name: SimpleNamespace(malloc_trim=trim))
    p, graph = ox.NamedNode("https://example.org/p"), ox.DefaultGraph()
    made = (ox.Quad(ox.NamedNode(f"https://example.org/{i}"), p, ox.Literal(i), graph) for i in range(20_000))
    run(scene())
    before, after = seen
    assert after < before


@pytest.mark.full
@pytest.mark.parametrize("root", [SHIPPED, SHIPPED / "europe"], ids=["main", "europe"])
def test_what_is_shipped_is_asked_in_memory(root):
    """On disk, a question takes four times as long."""
    assert 10_000 < sum(1 for _ in merged(Catalog(root).load(graphs=True))) < module._SMALL


@pytest.mark.parametrize("small", [True, False])
def test_a_worker_answers_until_the_socket_closes(quads, tmp_path, monkeypatch, small):
    here, there = socket.socketpair()
    answers = here.makefile("rb")
    monkeypatch.setattr(module, "_SMALL", 1_000 if small else 0)
    module._persist(quads, tmp_path)
    assert (tmp_path / "quads.nq").exists() == small
    # This process goes on and is not to be confined.
    confined = []
    monkeypatch.setattr(module, "_confine", lambda memory, **more: confined.append((memory, more)))
    settings = json.dumps([there.detach(), str(tmp_path), None, 1000, 10.0, Limits(size=100)])

    def ask(job):
        here.sendall(module._message(job))
        return receive()

    def receive():
        head, body = module._SIZES.unpack(answers.read(module._SIZES.size))
        return answers.read(head), answers.read(body)

    thread = threading.Thread(target=module._run, args=(settings,))
    thread.start()
    assert b'"ready"' in receive()[0]
    assert ask(NORMAL)[1] == b'{"head":{},"boolean":true}'
    assert b'"text"' in ask(QueryJob("nonsense"))[0]
    monkeypatch.setattr(module, "evaluate", lambda *_: module.QueryOutcome("memory"))
    assert b'"memory"' in ask(NORMAL)[0]
    thread.join(5)
    assert not thread.is_alive()
    answers.close()
    here.close()
    assert confined == [(1200, {"files": 0, "network": False})]


def test_what_a_process_gives_up(monkeypatch):
    import resource

    limits = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, value: limits.update({what: value}))
    module._confine(1_000_000, files=0, network=True)
    assert limits.pop(resource.RLIMIT_AS)[0] > 1_000_000
    assert limits == {resource.RLIMIT_CORE: (0, 0), resource.RLIMIT_FSIZE: (0, 0)}
    module._confine(1_000_000, files=0, network=False)
    least = limits[resource.RLIMIT_NOFILE][0]
    assert least > 2
    module._confine(1_000_000, files=7, network=False)
    assert limits[resource.RLIMIT_NOFILE][0] >= least + 7


def kept_store(folder, number, graph="https://example.org/g"):
    """A kept store of so many triples, in more files than the engine opens at once."""
    path = folder / "a.nt"
    path.write_text("".join(f'<a:{n}> <a:p> "{n}" .\n' for n in range(number)))
    kept.build(folder / "store", lambda holds: iter([(path, graph, False)]), graphs=True, replace=True)
    return kept.KeptStore(folder / "store")


EVERYTHING = [
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT (COUNT(*) AS ?n) { ?s <a:p> ?o FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } }",
]


def counts(outcomes):
    return [json.loads(each.body)["results"]["bindings"][0]["n"]["value"] for each in outcomes]


def test_of_a_kept_store_nothing_is_copied_and_all_of_it_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_BATCH", 150)
    store = kept_store(tmp_path, 300)
    assert len([*store.disk.glob("*.sst")]) > 16

    async def scene():
        async with WorkerPool(store, count=1) as pool:
            assert [each.name for each in pool._folder.iterdir()] == ["lock"]
            return [await pool.query(QueryJob(text)) for text in EVERYTHING]

    assert counts(run(scene())) == ["300"] * 3


def test_a_process_that_is_replaced_opens_the_same_store_as_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "_BATCH", 150)
    store = kept_store(tmp_path, 300)

    async def scene():
        async with WorkerPool(store, count=1) as pool:
            kept_store(tmp_path, 5)
            for _ in range(2):
                (worker,) = pool._all
                worker.process.kill()
                await asyncio.sleep(0.1)
                yield [await pool.query(QueryJob(text)) for text in EVERYTHING]

    async def collected():
        return [counts(each) async for each in scene()]

    assert run(collected()) == [["300"] * 3] * 2


def test_a_process_opens_no_other_store_where_the_system_has_no_path_to_a_folder_that_was_moved(
    tmp_path, monkeypatch
):
    store = kept_store(tmp_path, 300)
    exists = Path.exists
    monkeypatch.setattr(Path, "exists", lambda path: "/fd/" not in str(path) and exists(path))
    kept_store(tmp_path, 5)
    here, there = socket.socketpair()
    with here, pytest.raises(FileNotFoundError, match="another store took its place"):
        module._run(json.dumps([there.detach(), str(tmp_path / "store"), store.handle, 0, 1.0, Limits()]))


@pytest.mark.full
def test_a_pool_whose_store_is_gone_is_not_healthy(tmp_path):
    store = kept_store(tmp_path, 3)

    async def scene():
        async with WorkerPool(store, count=1, longest_wait=0.1) as pool:
            assert pool.healthy
            shutil.rmtree(tmp_path / "store")
            (worker,) = pool._all
            worker.process.kill()
            while pool.healthy:
                await asyncio.sleep(0.01)
            assert pool._failures == module._MAX_STARTS, "it was still trying"
            return await pool.query(NORMAL)

    assert run(scene()).kind == "busy"
