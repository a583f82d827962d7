"""Processes that answer strangers' questions and can be killed: how they are started, shared and ended.

A text can run for ever, take all memory or end the process it runs in, so none runs in the server's own. Each
process has the same read-only store on disk open, so they share its memory. A question first gets a short
turn in one of a few quick processes. If it needs longer, its process becomes a slow one, of lower priority,
and a new one takes its place; when there are too many slow ones it is ended. So no number of endless
questions keeps the others waiting for much longer than a turn.

A process that is quick to answer gets its next questions before it has answered, so that it need not wait for
them, which costs more than a small question does. They go elsewhere when it turns out to be late.

Python's own pools can do none of this: they neither hand over a process that is late nor choose who is next.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter

from pyoxigraph import Quad, Store

from policygraph.server.evaluation import GRAPHS, ROWS, Limits, QueryJob, QueryOutcome, evaluate, merged
from policygraph.server.queue import ClientGone, FairQueue

_SIZES = struct.Struct(">II")  # of a message's head, which is JSON, and of its body
_GROWTH = 128 * 2**20  # bytes by which a process may grow before a fresh one replaces it
_SMALL = 50_000  # quads; so few take 20 MB, and in memory they are found twice as fast as on disk
_MOMENT = 0.01  # seconds, in which no process grows so much
_NICE = 10
_AHEAD = 8  # questions that a quick worker has at a time
_QUICK = 0.001  # seconds for an answer
_LINGERS = 0.005  # seconds, after which who waits behind a question goes elsewhere
_ELSEWHERE = QueryOutcome("elsewhere")
# Memory is not given back to the system and asked for again at each question.
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_TOP_PAD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "4194304"}
_MAX_STARTS = 5  # in a row that fail


class WorkerPool:
    """A pool of processes over one dataset, to be entered with `async with`.

    `count` questions run at once in the quick processes and `slow` in the slow ones; `patience` is a turn in
    the first and `timeout` the whole time, in seconds; `memory` is what a process may take beyond the store,
    in bytes. At most `waiting` questions wait, none longer than `longest_wait` seconds.
    """

    def __init__(
        self,
        quads: Iterable[Quad],
        *,
        count: int | None = None,
        slow: int | None = None,
        timeout: float = 10.0,
        patience: float = 0.2,
        memory: int = 512 * 2**20,
        limits: Limits = Limits(),  # noqa: B008  it cannot change
        waiting: int = 128,
        longest_wait: float = 3.0,
    ) -> None:
        self.timeout = timeout
        self.limits = limits
        self._quads = quads
        self._count: int = count or max(2, os.cpu_count() or 2)
        self._most_slow = slow or self._count
        self._patience = min(patience, timeout)
        self._memory = memory
        self._all: set[_Worker] = set()
        self._turns: FairQueue[_Worker] = FairQueue(
            most=waiting, longest=longest_wait, crowded=self._patience, spare=self._spare
        )
        self._slow = 0
        self._failures = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> WorkerPool:
        self._folder = tempfile.TemporaryDirectory(prefix="policygraph-")
        count = await asyncio.to_thread(_persist, self._quads, self._folder.name)
        self._small = count <= _SMALL
        await asyncio.gather(*(self._start() for _ in range(self._count)))
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._closed = True
        self._turns.close()
        for worker in list(self._all):
            worker.end("busy")
        for _ in range(200):
            if not self._all:
                break
            await asyncio.sleep(0.01)
        self._folder.cleanup()

    @property
    def healthy(self) -> bool:
        """Whether questions can be answered: a process is there or about to be."""
        return not self._closed and bool(self._all) and self._failures < _MAX_STARTS

    async def query(self, question: QueryJob, *, client: str = "") -> QueryOutcome:
        """What comes of a question; `client` is whose it is, for clients take turns."""
        while True:
            try:
                worker = await self._turns.take(client)
            except ClientGone as away:
                return QueryOutcome(str(away))
            answer = worker.ask(question)
            try:
                outcome = await answer
            except asyncio.CancelledError:
                if worker.slow and worker.tasks[:1] == [answer]:  # nobody waits for it any more
                    worker.end("busy")
                raise
            if outcome is not _ELSEWHERE:
                return outcome

    def _spare(self) -> _Worker | None:
        """A worker that will soon have answered, as far as one can tell by its last answer."""
        now = perf_counter()
        for worker in self._all:
            if 0 < len(worker.tasks) < _AHEAD and worker.pace < _QUICK > now - worker.since and worker.open:
                return worker
        return None

    async def _start(self) -> None:
        """Start a process and wait until it is ready; it then takes its first question."""
        while not self._closed and self._failures < _MAX_STARTS:
            here, there = socket.socketpair()
            settings = [
                there.fileno(),
                self._folder.name,
                self._small,
                self._memory,
                self.timeout,
                self.limits,
            ]
            with there:
                process = subprocess.Popen(  # noqa: S603  our own module
                    [sys.executable, "-P", "-m", "policygraph.server.pool", json.dumps(settings)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[there.fileno()],
                    start_new_session=True,  # Ctrl-C is for the server, which ends its workers itself
                    env={**os.environ, **_MALLOC},
                )
            worker = _Worker(self, process)
            self._all.add(worker)
            here.setblocking(False)
            await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=here)  # noqa: B023
            if (await worker.started).kind == "ready":
                self._failures = 0
                self._turns.give(worker)
                return
            self._failures += 1
            await asyncio.sleep(0.02 * 2**self._failures)

    def _replace(self) -> None:
        if not self._closed:
            task = asyncio.get_running_loop().create_task(self._start())
            self._starting.add(task)  # a task that nobody holds may be collected
            task.add_done_callback(self._starting.discard)

    def _late(self, worker: _Worker) -> None:
        """A worker's turn is over and it has no answer."""
        if self._slow >= self._most_slow or worker.tasks[0].done():  # for nobody, or for too many
            worker.end("busy")
            return
        self._slow += 1
        worker.slow = True
        worker.timer = asyncio.get_running_loop().call_later(
            self.timeout - self._patience, worker.end, "timeout"
        )
        with contextlib.suppress(OSError):  # it may just have ended
            os.setpriority(os.PRIO_PROCESS, worker.process.pid, _NICE)
        self._replace()


class _Worker(asyncio.Protocol):
    """A process as the server sees it; `tasks` are the answers it owes, the first begun `since` then."""

    def __init__(self, pool: WorkerPool, process: subprocess.Popen[bytes]) -> None:
        self.pool, self.process = pool, process
        self.slow = False
        self.timer: asyncio.TimerHandle | None = None
        self.started: asyncio.Future[QueryOutcome] = asyncio.get_running_loop().create_future()
        self.tasks: list[asyncio.Future[QueryOutcome]] = []
        self.since, self.pace = 0.0, 1.0
        self._fate = ""
        self._received = bytearray()

    @property
    def open(self) -> bool:
        """Whether it may be asked more."""
        return not (self._fate or self.slow or self.transport.is_closing())

    def ask(self, question: QueryJob) -> asyncio.Future[QueryOutcome]:
        answer: asyncio.Future[QueryOutcome] = asyncio.get_running_loop().create_future()
        if not self.open:
            answer.set_result(_ELSEWHERE)
            return answer
        self.tasks.append(answer)
        self.transport.write(_message(question))
        if len(self.tasks) == 1:
            self._watch()
        return answer

    def send_away(self, tasks: list[asyncio.Future[QueryOutcome]]) -> None:
        """Let others answer what has not been begun here."""
        for answer in tasks:
            if not answer.done():
                answer.set_result(_ELSEWHERE)

    def end(self, fate: str) -> None:
        """Kill the process; whoever waits for its answer is told `fate`."""
        self._fate = self._fate or fate
        self.process.kill()

    def _watch(self) -> None:
        self.since = perf_counter()
        self.timer = asyncio.get_running_loop().call_later(_LINGERS, self._lingers)

    def _lingers(self) -> None:
        self.send_away(self.tasks[1:])
        rest = self.pool._patience - _LINGERS
        self.timer = asyncio.get_running_loop().call_later(rest, self.pool._late, self)

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
            last = fields.pop("last")
            outcome = QueryOutcome(**fields, body=bytes(self._received[_SIZES.size + head : end]))
            del self._received[:end]
            self._answered(outcome, last)

    def _answered(self, outcome: QueryOutcome, last: bool) -> None:
        if not self.started.done():
            self.started.set_result(outcome)  # _start() frees it
            return
        if self.timer:
            self.timer.cancel()
        if not self.tasks:
            return
        self.pace = perf_counter() - self.since
        answer = self.tasks.pop(0)
        if not answer.done():
            answer.set_result(outcome)
        if last or self.slow:
            self.send_away(self.tasks[:])
            self.transport.close()
            return
        if self.tasks:
            self._watch()
        if not self.tasks or self.pace < _QUICK:
            self.pool._turns.give(self, shared=bool(self.tasks))

    def connection_lost(self, error: Exception | None) -> None:
        self._ending = asyncio.get_running_loop().create_task(self._ended())

    async def _ended(self) -> None:
        if self.timer:
            self.timer.cancel()
        pool, begun = self.pool, self.tasks[:1]
        pool._turns.remove(self)
        self.send_away(self.tasks[1:])
        if self.slow:
            pool._slow -= 1
        elif self.started.done():
            pool._replace()
        waited = 0
        while (code := self.process.poll()) is None:
            waited += 1
            if waited == 100:
                self.process.kill()
            await asyncio.sleep(0.005)
        pool._all.discard(self)
        outcome = QueryOutcome(self._fate or _FATES.get(code, "crash"))
        for answer in (self.started, *begun):
            if not answer.done():
                answer.set_result(outcome)


# The engine aborts when it gets no memory; the alarm is the process's own deadline.
_FATES = {-signal.SIGABRT: "memory", -signal.SIGALRM: "timeout"}


def _persist(quads: Iterable[Quad], folder: str) -> int:
    """Write the store that the processes open; how many quads there are."""
    count = 0

    def counted() -> Iterator[Quad]:
        nonlocal count
        for quad in merged(quads):
            count += 1
            yield quad

    store = Store(str(Path(folder) / "store"))
    store.bulk_extend(counted())
    store.optimize()
    store.flush()
    return count


def _message(record: QueryJob | QueryOutcome, **more: bool) -> bytes:
    fields = record._asdict()
    body = fields.pop("body", b"")
    head = json.dumps(fields | more).encode()
    return b"".join((_SIZES.pack(len(head), len(body)), head, body))


def _run(settings: str) -> None:
    """The life of a worker process: open the store, give up what it does not need, answer to the end."""
    number, folder, small, memory, timeout, limits = json.loads(settings)
    with socket.socket(fileno=number) as server:
        store = Store.read_only(str(Path(folder) / "store"))
        if small:
            held = Store()
            held.bulk_extend(store)
            store = held
        limits = Limits(*limits)
        _rehearse(store, limits)
        peak = _peak()
        _confine(memory, network=bool(limits.services))
        answer_all(server, store, limits, timeout, peak)


def _rehearse(store: Store, limits: Limits) -> None:
    """Answer in each format and refuse once, so that all that takes is imported while files can be opened."""
    rows = "SELECT * { VALUES ?x { " + "<a:a> 'a'@en " * 50 + "} }"
    for name in ROWS:
        evaluate(store, QueryJob(rows, name, gzip=True), limits)
    for name in GRAPHS:
        evaluate(store, QueryJob("CONSTRUCT { <a:a> <a:a> _:a , 1 , 'a'@en } {}", graph=name), limits)
    for wrong in ("SELEKT", "SELECT * { ?s skoss:prefLabel ?o", "SELECT"):
        evaluate(store, QueryJob(wrong), limits)


def answer_all(
    server: socket.socket, store: Store, limits: Limits, timeout: float, peak: Callable[[], int]
) -> None:
    """Answer the questions that come through a socket, one at a time, until it is closed.

    `peak` tells the most memory that the process has had, in bytes.
    """
    server.sendall(_message(QueryOutcome("ready"), last=False))
    start = peak()
    questions = server.makefile("rb")
    while head := questions.read(_SIZES.size):
        fields = json.loads(questions.read(_SIZES.unpack(head)[0]))
        # Whatever becomes of the server, no question outlives this: the alarm ends the process.
        signal.setitimer(signal.ITIMER_REAL, timeout + 1)
        begun = perf_counter()
        outcome = evaluate(store, QueryJob(**fields), limits)
        long = perf_counter() - begun > _MOMENT
        signal.setitimer(signal.ITIMER_REAL, 0)
        # Memory is given back with the process.
        last = outcome.kind == "memory" or (long and peak() > start + _GROWTH)
        server.sendall(_message(outcome, last=last))
        if last:
            return


def _peak() -> Callable[[], int]:
    """A function that tells the most memory that this process has had, in bytes, and opens no file for it."""
    import resource

    with contextlib.suppress(OSError):
        number = os.open("/proc/self/status", os.O_RDONLY)
        return lambda: int(os.pread(number, 4096, 0).partition(b"VmHWM:")[2].split()[0]) * 1024
    # Of macOS; Linux would count what the process had that started this one.
    return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _confine(memory: int, *, network: bool) -> None:
    """Take from this process what no question needs: more memory, files and, unless allowed, sockets."""
    import resource

    def limit(what: int, value: int) -> None:
        with contextlib.suppress(ValueError, OSError):  # macOS knows some of them by name only
            resource.setrlimit(what, (value, value))

    pages = Path("/proc/self/statm")
    used = int(pages.read_text().split()[0]) * resource.getpagesize() if pages.exists() else 2**31
    limit(resource.RLIMIT_AS, used + memory)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)
    if not network:
        # The lowest number that is free is the one that the next file or socket would get.
        with open(os.devnull) as free:  # noqa: PTH123
            number = free.fileno()
        limit(resource.RLIMIT_NOFILE, number)


if __name__ == "__main__":
    _run(sys.argv[1])
