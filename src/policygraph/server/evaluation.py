"""Evaluate an untrusted query within limits: refuse it, or serialise its result, whole or as a part.

A `WorkerPool` has a store evaluate it in a worker process, a `RemotePool` has a remote endpoint do so.

The outcome is bytes and a word for what happened, which can be sent from one process to another. Errors are
outcomes too, and are not raised.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pyoxigraph as ox

from policygraph.errors import EndpointError, FormatError, QueryError
from policygraph.rdf.formats import FORMATS, GRAPHS, Solutions, for_xml, write
from policygraph.rdf.namespaces import PREFIXES, Prefixes
from policygraph.server.negotiation import MIN_GZIP
from policygraph.store.memory import dataset
from policygraph.store.protocols import Results, Store, read_answer
from policygraph.store.sparql import asked_graphs, declare, guard, syntax_error

if TYPE_CHECKING:
    from policygraph.store.endpoint import Endpoint

T = TypeVar("T")

ROWS = ("json", "xml", "csv", "tsv")
"""The formats of SELECT and ASK results; unlike pages, programs get JSON by default."""

_BETWEEN = {"json": b"},{", "xml": b"</result>", "tsv": b"\n"}  # rows
_JSON_END = "]}}"
_PART_SIZE = 16_000_000  # bytes of JSON, where a part will do


class QueryJob(NamedTuple):
    """A query and the form of its result.

    `rows` and `graph` name the format of either kind of result, or are empty where the client accepts none.
    The graphs are the dataset of the SPARQL Protocol (section 2.1.4); they take precedence over FROM. Of a
    result with more than `part` rows (in JSON) or triples, so many will do; by default, only all will.
    """

    text: str
    rows: str = ROWS[0]
    graph: str = GRAPHS[0]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    part: int = 0
    gzip: bool = False


class Limits(NamedTuple):
    """Limits of a result: rows or triples, and bytes; what a query may use undeclared.

    That is the services that it may call, the prefixes that it need not declare, and the base of its IRIs.
    """

    rows: int = 1_000_000
    size: int = 100_000_000
    services: tuple[str, ...] = ()
    prefixes: Prefixes = {**PREFIXES}  # noqa: RUF012  in JSON, no mapping of another kind
    base: str = ""


class QueryOutcome(NamedTuple):
    """The outcome of a query: `kind` is "answer", or the reason why there is none.

    The reasons are "text" (the query is wrong or refused) and "format" (the client accepts none that fits),
    both with a `message`, "rows" and "size" (the result is above that limit), "failed", "memory", and from
    `pool` "timeout", "crash", "busy" and "flood". `cut` is true when the result is a part that will do.
    """

    kind: str
    message: str = ""
    format: str = ""
    cut: bool = False
    gzip: bool = False
    body: bytes = b""


def evaluate(
    store: Any, job: QueryJob, limits: Limits, *, graphs: Callable[..., Any] = dataset
) -> QueryOutcome:
    """Evaluate a query on a pyoxigraph store with the merge of its graphs in the default graph.

    `graphs` gives what to ask, and with which options, for the store and the graphs that the job names.
    """
    text = job.text
    try:
        form = guard(text, services=limits.services)
        name, known = (job.rows, ROWS) if form in ("SELECT", "ASK") else (job.graph, GRAPHS)
        if not name:
            media = ", ".join(FORMATS[each].media for each in known)
            return QueryOutcome("format", f"{form} results are available as {media}; accept one of them.")
        store, options = graphs(store, *_named(job, limits))
        try:
            answer = store.query(text, base_iri=limits.base or None, **options)
        except SyntaxError:  # perhaps undeclared prefixes; to declare them for each query costs too much
            prefixes = dict(limits.prefixes)
            answer = store.query(text, base_iri=limits.base or None, prefixes=prefixes, **options)
        serialize: Any = _graph if isinstance(answer, ox.QueryTriples) else _rows
        body, cut = serialize(answer, name, limits, job.part)
        if len(body) > limits.size and form != "ASK":
            raise _TooLargeError("size")
    except QueryError as error:
        return QueryOutcome("text", str(error))
    except SyntaxError:
        return QueryOutcome("text", str(syntax_error(text, limits.prefixes, limits.base)))
    except FormatError as error:
        return QueryOutcome("format", str(error))
    except EndpointError:  # its message names the endpoint, which may be private
        return QueryOutcome("failed")
    except MemoryError:
        return QueryOutcome("memory")
    except _TooLargeError as error:
        return QueryOutcome(str(error))
    except (OSError, RuntimeError, ValueError) as error:  # its message may name files of this machine
        if unknown := re.match("The custom function <.*> is not supported", str(error)):
            return QueryOutcome("text", f"{unknown[0]}.")
        return QueryOutcome("failed")
    zipped = job.gzip and len(body) >= MIN_GZIP
    if zipped:
        import gzip

        body = gzip.compress(body, 5, mtime=0)
    return QueryOutcome("answer", format=name, cut=cut, gzip=zipped, body=body)


class PooledStore(Store):
    """A store whose queries run in a pool, within its limits, for pages that are rendered in threads.

    `refusal` gives the sentence for an outcome without an answer, which is raised as a QueryError.
    """

    def __init__(self, store: Store, pool: Any, refusal: Callable[[QueryOutcome], str]) -> None:
        self.prefixes, self.base, self.index = store.prefixes, store.base, store.index
        self._pool, self._refusal = pool, refusal

    def query(self, text: str) -> Results:
        """Run a query in the pool, and wait for it."""
        job = QueryJob(text, graph="ntriples")
        outcome = asyncio.run_coroutine_threadsafe(self._pool.query(job), self._pool.loop).result()
        if outcome.kind != "answer":
            raise QueryError(self._refusal(outcome))
        return read_answer(outcome.body)


class RemotePool:
    """A remote endpoint in place of a `WorkerPool`, with the same limits of a result.

    `count` queries run at once and `waiting` may wait; the timeout is the endpoint's.
    """

    volatile = True  # the data may change at any time

    def __init__(self, endpoint: Endpoint, *, limits: Limits, count: int = 8, waiting: int = 128) -> None:
        self.timeout, self.limits = endpoint.timeout, limits._replace(services=())
        self.healthy = False
        self._store, self._room = _EndpointStore(endpoint, limits.prefixes), count + waiting
        self._free = asyncio.Semaphore(count)
        # Not those of the event loop, in which those who wait for an answer may stand.
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="endpoint")

    async def __aenter__(self) -> RemotePool:
        self.healthy, self.loop = True, asyncio.get_running_loop()
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.healthy = False
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def query(self, job: QueryJob, *, client: str = "") -> QueryOutcome:
        """Run a query on the endpoint; `client` is not used."""
        if job.default_graphs or job.named_graphs:
            what = "name graphs in the query, with FROM; this endpoint takes no graph parameters."
            return QueryOutcome("text", what)
        if not self._room:
            return QueryOutcome("busy")
        self._room -= 1
        try:
            async with self._free:
                work = partial(evaluate, self._store, job, self.limits, graphs=lambda store, *_: (store, {}))
                return await self.loop.run_in_executor(self._threads, work)
        finally:
            self._room += 1


class _EndpointStore:
    """An endpoint with the `query` method of a pyoxigraph store."""

    def __init__(self, endpoint: Endpoint, prefixes: Prefixes) -> None:
        self._endpoint, self._prefixes = endpoint, prefixes

    def query(self, text: str, /, **options: Any) -> Results:
        return self._endpoint.query(declare(text, self._prefixes, self._endpoint.base))


class _TooLargeError(Exception):
    """The result is above a limit, "rows" or "size"."""


def _named(job: QueryJob, limits: Limits) -> tuple[list[ox.NamedNode], list[ox.NamedNode]]:
    """The graphs of a job, or else of its query: those that are merged, and those with names."""
    try:
        default, named = ([*map(ox.NamedNode, each)] for each in (job.default_graphs, job.named_graphs))
    except ValueError:
        raise QueryError("default-graph-uri and named-graph-uri take absolute IRIs.") from None
    return (default, named) if default or named else asked_graphs(job.text, limits.prefixes, limits.base)


def _graph(answer: ox.QueryTriples, name: str, limits: Limits, part: int) -> tuple[bytes, bool]:
    triples = list(_beginning(answer, part) if part else _counted(answer, limits.rows))
    cut = bool(part) and next(answer, None) is not None
    return write(triples, format=name, base=limits.base, prefixes=limits.prefixes), cut


def _beginning(triples: Iterable[ox.Triple], most: int) -> Iterator[ox.Triple]:
    size = 0
    for triple in islice(triples, most):
        yield triple
        if (size := size + len(str(triple))) > _PART_SIZE:
            return


def _rows(
    answer: ox.QuerySolutions | ox.QueryBoolean, name: str, limits: Limits, part: int
) -> tuple[bytes, bool]:
    if isinstance(answer, ox.QueryBoolean):
        return write(answer, format=name), False
    if name == "csv":
        one_by_one: Any = _counted(answer, limits.rows)
        solutions = Solutions([each.value for each in answer.variables], one_by_one)
        return write(solutions, format=name), False
    if name == "json" and part:
        return _first(answer, part, limits)
    buffer, layout = _Buffer(limits.size), FORMATS[name].engine
    answer.serialize(buffer, format=layout)
    body = for_xml(layout, buffer.getvalue())
    rows = body.count(_BETWEEN[name]) + (name == "json") - (name == "tsv")
    if rows > limits.rows and name == "json":  # where values may hold these signs too
        again: Any = ox.parse_query_results(body, format=layout)
        rows = sum(1 for _ in again)
    if rows > limits.rows:
        raise _TooLargeError("rows")
    return body, False


def _first(answer: ox.QuerySolutions, most: int, limits: Limits) -> tuple[bytes, bool]:
    """The first rows as JSON, and whether there are more."""
    buffer = _Buffer(min(limits.size, _PART_SIZE))
    with suppress(_TooLargeError):
        answer.serialize(buffer, format=ox.QueryResultsFormat.JSON)
    text = buffer.getvalue().decode("utf-8", "ignore")
    read = json.JSONDecoder().raw_decode
    end = place = text.index('"bindings":[') + len('"bindings":[')  # no variable has this name
    with suppress(ValueError, RecursionError):  # the end, or an incomplete row
        for _ in range(most):
            _, end = read(text, place)
            place = end + 1
    return f"{text[:end]}{_JSON_END}".encode(), text[end:] != _JSON_END


def _counted(rows: Iterable[T], most: int) -> Iterator[T]:
    for number, row in enumerate(rows):
        if number == most:
            raise _TooLargeError("rows")
        yield row


class _Buffer(BytesIO):
    """A file in memory with a maximum size, in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def write(self, data: Any) -> int:
        written = super().write(data[: self._left])
        self._left -= written
        if written < len(data):
            raise _TooLargeError("size")
        return written
