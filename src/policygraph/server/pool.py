"""Run untrusted queries in worker processes that can be killed.

A query can run for ever, take all memory or crash its process, so none runs in the server's own. All workers
open the same read-only store on disk, a kept one or one made for them, so they share its memory; of few
quads, each has a copy in memory. A query first gets a short time in one of a few quick workers. If it needs
longer, its worker becomes a slow one, of lower priority, and a new one takes its place; when there are too
many slow ones it is killed. So no number of endless queries keeps the others waiting for much longer than
that time.

Python's own pools can do none of this: they neither replace a worker that is late nor choose who is next.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse, serialize

from policygraph.rdf.formats import GRAPHS
from policygraph.server.evaluation import ROWS, Limits, QueryJob, QueryOutcome, evaluate
from policygraph.server.queue import FairQueue, Rejected
from policygraph.store.kept import held, is_held, temporary
from policygraph.store.memory import merged

_SIZES = struct.Struct(">II")  # of a message's head, which is JSON, and of its body
_FILE = "quads.nq"
_SMALL = 300_000  # quads; so few take 100 MB in memory, where queries are four times as fast as on disk
_NICE = 10
_MAX_STARTS = 5  # in a row that fail
_MAX_PAUSE = 5.0  # seconds until a start that the system refused is tried again


class WorkerPool:
    """A pool of worker processes over one dataset, to be entered with `async with`.

    Args:
        quads: the dataset; of a kept store, workers open the folder that it was opened from.
        count: number of quick workers, and of slow ones; default: one per CPU core, at least 2.
        timeout: total time of a query, in seconds.
        patience: time of a query in a quick worker, in seconds.
        memory: what a worker may take beyond the store and a result, in bytes.
        limits: limits of a result.
        waiting: how many queries may wait.
        longest_wait: how long one may wait, in seconds.
    """

    volatile = False  # the data stay as they are

    def __init__(
        self,
        quads: Iterable[Quad],
        *,
        count: int | None = None,
        timeout: float = 10.0,
        patience: float = 0.2,
        memory: int = 512 * 2**20,
        limits: Limits = Limits(),  # noqa: B008  it cannot change
        waiting: int = 128,
        longest_wait: float = 3.0,
    ) -> None:
        self.timeout, self.limits = timeout, limits
        self._quads, self._memory = quads, memory
        self._count: int = count or max(2, os.cpu_count() or 2)
        self._patience = min(patience, timeout)
        self._all: set[_Worker] = set()
        self._queue = FairQueue[_Worker](max_waiting=waiting, max_wait=longest_wait)
        self._slow = self._failures = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> WorkerPool:
        self.loop = asyncio.get_running_loop()
        self._temporary = contextlib.ExitStack()
        self._folder = self._temporary.enter_context(temporary("serve"))
        disk = getattr(self._quads, "disk", None)
        self._kept = (str(disk.parent), self._quads.handle) if disk else None  # type: ignore[attr-defined]
        if not disk:
            await asyncio.to_thread(_persist, self._quads, self._folder)
        await asyncio.gather(*(self._start() for _ in range(self._count)))
        with contextlib.suppress(AttributeError):  # only glibc gives back what writing the store took
            ctypes.CDLL(None).malloc_trim(0)
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._closed = True
        self._queue.close()
        for worker in list(self._all):
            worker.kill("busy")
        for _ in range(200):
            if not self._all:
                break
            await asyncio.sleep(0.01)
        self._temporary.close()

    @property
    def healthy(self) -> bool:
        """Whether queries can be answered: a worker runs or is starting."""
        return not self._closed and bool(self._all or self._starting) and self._failures < _MAX_STARTS

    async def query(self, job: QueryJob, *, client: str = "") -> QueryOutcome:
        """Run a query for a client; clients take turns."""
        try:
            worker = await self._queue.take(client)
            while not worker.open:  # it has just ended
                worker = await self._queue.take(client)
        except Rejected as rejection:
            return QueryOutcome(str(rejection))
        task = worker.submit(job)
        try:
            return await task
        except asyncio.CancelledError:
            if worker.slow and worker.task is task:  # nobody waits for it any more
                worker.kill("busy")
            raise

    async def _start(self) -> None:
        """Start a worker and wait until it is ready; it then takes its first query."""
        pause = 0.02
        while not self._closed and self._failures < _MAX_STARTS:
            try:
                here, process = self._popen()
            except OSError:  # too many files or processes now, which is no fault of the worker's
                if asyncio.current_task() not in self._starting:  # who enters the pool is told
                    raise
                await asyncio.sleep(pause := min(2 * pause, _MAX_PAUSE))
                continue
            worker = _Worker(self, process)
            self._all.add(worker)
            here.setblocking(False)
            await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=here)  # noqa: B023
            if (await worker.started).kind == "ready":
                self._failures = 0
                self._queue.give(worker)
                return
            self._failures += 1
            await asyncio.sleep(0.02 * 2**self._failures)

    def _popen(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        here, there = socket.socketpair()
        number, (folder, handle) = there.fileno(), self._kept or (str(self._folder), None)
        settings = [number, folder, handle, self._memory, self.timeout, self.limits]
        try:
            with there:
                return here, subprocess.Popen(  # noqa: S603  our own module
                    [sys.executable, "-P", "-m", "policygraph.server.pool", json.dumps(settings)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[number] if handle is None else [number, handle],
                    start_new_session=True,  # Ctrl-C is for the server, which ends its workers itself
                )
        except OSError:
            here.close()
            raise

    def _replace(self) -> None:
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._start())
            self._starting.add(task)  # a task without a reference may be garbage-collected
            task.add_done_callback(self._starting.discard)

    def _make_slow(self, worker: _Worker) -> None:
        """Make a late worker a slow one and replace it, or kill it when there are too many."""
        if self._slow >= self._count or worker.task is None or worker.task.done():  # nobody waits for it
            worker.kill("busy")
            return
        self._slow += 1
        worker.slow = True
        left = self.timeout - self._patience
        worker.timer = asyncio.get_running_loop().call_later(left, worker.kill, "timeout")
        with contextlib.suppress(OSError):  # it may just have ended
            os.setpriority(os.PRIO_PROCESS, worker.process.pid, _NICE)
        self._replace()


class _Worker(asyncio.Protocol):
    """The server's side of a worker; `task` is the query that it runs."""

    def __init__(self, pool: WorkerPool, process: subprocess.Popen[bytes]) -> None:
        self.pool, self.process = pool, process
        self.slow = False
        self.timer: asyncio.TimerHandle | None = None
        self.started: asyncio.Future[QueryOutcome] = asyncio.get_running_loop().create_future()
        self.task: asyncio.Future[QueryOutcome] | None = None
        self._reason = ""
        self._received = bytearray()

    @property
    def open(self) -> bool:
        """Whether it can take a query."""
        return not (self._reason or self.slow or self.transport.is_closing())

    def submit(self, job: QueryJob) -> asyncio.Future[QueryOutcome]:
        loop = asyncio.get_running_loop()
        task: asyncio.Future[QueryOutcome] = loop.create_future()
        self.task = task
        self.transport.write(_message(job))
        self.timer = loop.call_later(self.pool._patience, self.pool._make_slow, self)
        return task

    def kill(self, reason: str) -> None:
        """Kill the process; `reason` is the outcome of the query that it runs."""
        self._reason = self._reason or reason
        self.process.kill()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        while len(self._received) >= _SIZES.size:
            head, body = _SIZES.unpack_from(self._received)
            end = _SIZES.size + head + body
            if len(self._received) < end:
                return
            fields = json.loads(self._received[_SIZES.size : _SIZES.size + head])
            with memoryview(self._received)[_SIZES.size + head : end] as part:
                outcome = QueryOutcome(**fields, body=bytes(part))
            del self._received[:end]
            self._finish(outcome)

    def _finish(self, outcome: QueryOutcome) -> None:
        if not self.started.done():
            self.started.set_result(outcome)  # _start() gives it to the queue
            return
        if self.timer:
            self.timer.cancel()
        task, self.task = self.task, None
        if task and not task.done():
            task.set_result(outcome)
        if self.slow or outcome.kind == "memory":
            self.transport.close()
        else:
            self.pool._queue.give(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._ending = asyncio.get_running_loop().create_task(self._ended())

    async def _ended(self) -> None:
        if self.timer:
            self.timer.cancel()
        pool = self.pool
        pool._queue.remove(self)
        if self.slow:
            pool._slow -= 1
        elif self.started.done():
            pool._replace()
        late = asyncio.get_running_loop().call_later(0.5, self.process.kill)
        while (code := self.process.poll()) is None:
            await asyncio.sleep(0.005)
        late.cancel()
        pool._all.discard(self)
        outcome = QueryOutcome(self._reason or _EXIT_REASONS.get(code, "crash"))
        for task in (self.started, self.task):
            if task and not task.done():
                task.set_result(outcome)


# The query engine aborts when it gets no memory; the alarm is the process's own deadline.
_EXIT_REASONS = {-signal.SIGABRT: "memory", -signal.SIGALRM: "timeout"}


def _persist(quads: Iterable[Quad], folder: Path) -> None:
    """Write the quads for the workers: few as a file, which is written and read sooner, more as a store."""
    found = merged(quads)
    first = list(islice(found, _SMALL + 1))
    if len(first) <= _SMALL:
        serialize(first, str(folder / _FILE), format=RdfFormat.N_QUADS)
        return
    store = Store(str(folder / "store"))
    store.bulk_extend(chain(first, found))
    store.optimize()
    store.flush()


def _open(folder: Path) -> Store:
    file = folder / _FILE
    if not file.exists():
        return Store.read_only(str(folder / "store"))
    store = Store()  # which `load` would give other names of blank nodes
    store.bulk_extend(parse(path=str(file), format=RdfFormat.N_QUADS, lenient=True))
    return store


def _message(record: QueryJob | QueryOutcome) -> bytes:
    fields = record._asdict()
    body = fields.pop("body", b"")
    head = json.dumps(fields).encode()
    return b"".join((_SIZES.pack(len(head), len(body)), head, body))


def _run(settings: str) -> None:
    """Run a worker process: open the store, give up what it does not need, and answer queries."""
    number, folder, handle, memory, timeout, limits = json.loads(settings)
    with socket.socket(fileno=number) as server:
        folder, before = Path(folder), _opened()
        folder = folder if handle is None else held(folder, handle)
        store, limits = _open(folder), Limits(*limits)
        if handle is not None and not is_held(folder, handle):
            raise FileNotFoundError("another store took its place")
        # The engine opens some files of a large store only when it needs them.
        late = len([*folder.glob("store/*.sst")]) - (_opened() - before)
        _warm_up(store, limits)
        _confine(memory + 2 * limits.size, files=max(0, late), network=bool(limits.services))
        answer_all(server, store, limits, timeout)


def _opened() -> int:
    return len([*Path("/dev/fd").iterdir()])


def _warm_up(store: Store, limits: Limits) -> None:
    """Write each format and each kind of error once, to import all modules while files can be opened."""
    rows = "SELECT * { VALUES ?x { " + "<a:a> 'a'@en " * 50 + "} }"
    for name in ROWS:
        evaluate(store, QueryJob(rows, name, gzip=True), limits)
    for name in GRAPHS:
        evaluate(store, QueryJob("CONSTRUCT { <a:a> <a:a> _:a , 1 , 'a'@en } {}", graph=name), limits)
    for wrong in ("SELEKT", "SELECT * { ?s skoss:prefLabel ?o", "SELECT"):
        evaluate(store, QueryJob(wrong), limits)


def answer_all(server: socket.socket, store: Store, limits: Limits, timeout: float) -> None:
    """Answer the queries that come through a socket, one at a time, until it is closed."""
    server.sendall(_message(QueryOutcome("ready")))
    requests = server.makefile("rb")
    while head := requests.read(_SIZES.size):
        fields = json.loads(requests.read(_SIZES.unpack(head)[0]))
        # The alarm ends the process even if the server no longer can.
        signal.setitimer(signal.ITIMER_REAL, timeout + 1)
        outcome = evaluate(store, QueryJob(**fields), limits)
        signal.setitimer(signal.ITIMER_REAL, 0)
        server.sendall(_message(outcome))
        if outcome.kind == "memory":  # what is left may be too scattered for the next
            return


def _confine(memory: int, *, files: int, network: bool) -> None:
    """Deny this process what no query needs: more memory, files but so many and, unless allowed, sockets."""
    import resource

    def limit(what: int, value: int) -> None:
        with contextlib.suppress(ValueError, OSError):  # macOS defines some of them without support
            resource.setrlimit(what, (value, value))

    pages = Path("/proc/self/statm")
    used = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 2**31
    limit(resource.RLIMIT_AS, used + memory)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)
    if not network:
        # The next files or sockets would get the lowest free numbers.
        free = [os.open(os.devnull, os.O_RDONLY) for _ in range(files + 1)]
        for number in free:
            os.close(number)
        limit(resource.RLIMIT_NOFILE, free[-1])


if __name__ == "__main__":
    try:
        _run(sys.argv[1])
    except FileNotFoundError as error:  # what was to be opened was replaced meanwhile
        sys.exit(f"A worker ends: {error}.")
