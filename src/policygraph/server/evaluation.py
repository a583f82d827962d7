"""Evaluate an untrusted query within limits: refuse it, or serialise its result, cut where it is too long.

A `WorkerPool` has a store evaluate it in a worker process, a `RemotePool` has a remote endpoint do so.

The outcome is bytes and a word for what happened, which can be sent from one process to another. Errors are
outcomes too, and are not raised.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from policygraph.errors import EndpointError, FormatError, QueryError
from policygraph.rdf.formats import FORMATS, GRAPHS, write
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.sparql import declare, guard, syntax_error
from policygraph.server.negotiation import MIN_GZIP

if TYPE_CHECKING:
    from policygraph.rdf.store import Endpoint, Results

ROWS = ("json", "xml", "csv", "tsv")
"""The formats of SELECT and ASK results; unlike pages, programs get JSON by default."""

_VOLATILE = ("NOW", "RAND", "UUID")  # functions


class QueryJob(NamedTuple):
    """A query and the form of its result.

    `rows` and `graph` name the format of either kind of result, or are empty where the client accepts none.
    The graphs are the dataset of the SPARQL Protocol (section 2.1.4); they take precedence over FROM.
    """

    text: str
    rows: str = ROWS[0]
    graph: str = GRAPHS[0]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    gzip: bool = False

    @property
    def volatile(self) -> bool:
        """Whether the result may differ each time, so that it must not be cached; errs on the side of yes."""
        text = self.text.upper()
        return any(function in text for function in _VOLATILE)


class Limits(NamedTuple):
    """Limits of a result: rows or triples, and bytes (of rows, as JSON); what a query may use undeclared.

    That is the services that it may call, the prefixes that it need not declare, and the base of its IRIs.
    """

    rows: int = 10_000
    size: int = 16_000_000
    services: tuple[str, ...] = ()
    prefixes: Mapping[str, str] = PREFIXES
    base: str = ""


class QueryOutcome(NamedTuple):
    """The outcome of a query: `kind` is "answer", or the reason why there is none.

    The reasons are "text" (the query is wrong or refused) and "format" (the client accepts none that fits),
    both with a `message`, "size", "failed", "memory", and from `pool` "timeout", "crash", "busy" and "flood".
    `cut` is "rows" or "bytes" when the result is not complete.
    """

    kind: str
    message: str = ""
    format: str = ""
    cut: str = ""
    gzip: bool = False
    body: bytes = b""


def merged(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads, with each triple of a named graph in the default graph too, as `evaluate` needs them.

    So a query that names no graph sees all graphs. The engine could form their union for each query instead,
    but that takes two to three times as long.
    """
    for quad in quads:
        yield quad
        if not isinstance(quad.graph_name, ox.DefaultGraph):
            yield ox.Quad(*quad.triple)


def evaluate(store: ox.Store | _EndpointStore, job: QueryJob, limits: Limits) -> QueryOutcome:
    """Evaluate a query on a store of `merged` quads."""
    text = job.text
    try:
        form = guard(text, services=limits.services)
        name = job.rows if form in ("SELECT", "ASK") else job.graph
        if not name:
            known = ROWS if form in ("SELECT", "ASK") else GRAPHS
            media = ", ".join(FORMATS[each].media for each in known)
            return QueryOutcome("format", f"{form} results are available as {media}; accept one of them.")
        dataset = _dataset(job)
        try:
            answer = store.query(text, base_iri=limits.base or None, **dataset)
        except SyntaxError:  # perhaps undeclared prefixes; to declare them for each query costs too much
            prefixes = dict(limits.prefixes)
            answer = store.query(text, base_iri=limits.base or None, prefixes=prefixes, **dataset)
        serialize: Any = _graph if isinstance(answer, ox.QueryTriples) else _rows
        body, cut = serialize(answer, name, limits)
    except QueryError as error:
        return QueryOutcome("text", str(error))
    except SyntaxError as error:
        return QueryOutcome("text", str(syntax_error(text, str(error), limits.prefixes)))
    except FormatError as error:
        return QueryOutcome("format", str(error))
    except EndpointError:  # its message names the endpoint, which may be private
        return QueryOutcome("failed")
    except MemoryError:
        return QueryOutcome("memory")
    except _TooLargeError:
        return QueryOutcome("size")
    except (OSError, RuntimeError, ValueError) as error:  # its message may name files of this machine
        if unknown := re.match("The custom function <.*> is not supported", str(error)):
            return QueryOutcome("text", f"{unknown[0]}.")
        return QueryOutcome("failed")
    zipped = job.gzip and len(body) >= MIN_GZIP
    if zipped:
        import gzip

        body = gzip.compress(body, 5, mtime=0)
    return QueryOutcome("answer", format=name, cut=cut, gzip=zipped, body=body)


class RemotePool:
    """A remote endpoint in place of a `WorkerPool`, with the same limits of a result.

    `count` queries run at once and `waiting` may wait; the timeout is the endpoint's.
    """

    def __init__(self, endpoint: Endpoint, *, limits: Limits, count: int = 8, waiting: int = 128) -> None:
        self.timeout, self.limits = endpoint.timeout, limits._replace(services=())
        self.healthy = False
        self._store, self._room = _EndpointStore(endpoint), count + waiting
        self._free = asyncio.Semaphore(count)

    async def __aenter__(self) -> RemotePool:
        self.healthy = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.healthy = False

    async def query(self, job: QueryJob, *, client: str = "") -> QueryOutcome:
        """Run a query on the endpoint; `client` is not used."""
        if not self._room:
            return QueryOutcome("busy")
        self._room -= 1
        try:
            async with self._free:
                return await asyncio.to_thread(evaluate, self._store, job, self.limits)
        finally:
            self._room += 1


class _EndpointStore:
    """An endpoint with the `query` method of a pyoxigraph store."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def query(self, text: str, /, **options: Any) -> Results:
        if "default_graph" in options or "named_graphs" in options:
            raise QueryError("name graphs in the query, with FROM; this endpoint takes no graph parameters.")
        return self._endpoint.query(declare(text, base=self._endpoint.base))


class _TooLargeError(Exception):
    """The result has more bytes than allowed."""


def _dataset(job: QueryJob) -> dict[str, Any]:
    if job.default_graphs or job.named_graphs:
        try:
            return {
                "default_graph": [ox.NamedNode(iri) for iri in job.default_graphs],
                "named_graphs": [ox.NamedNode(iri) for iri in job.named_graphs],
            }
        except ValueError:
            raise QueryError("default-graph-uri and named-graph-uri take absolute IRIs.") from None
    return {}


def _graph(answer: ox.QueryTriples, name: str, limits: Limits) -> tuple[bytes, str]:
    triples = list(islice(answer, limits.rows + 1))
    body = write(triples[: limits.rows], format=name, base=limits.base)
    if len(body) > limits.size:
        raise _TooLargeError
    return body, "rows" if len(triples) > limits.rows else ""


def _rows(answer: ox.QuerySolutions | ox.QueryBoolean, name: str, limits: Limits) -> tuple[bytes, str]:
    """The rows within the limits, and the limit that cuts them; JSON is cut, and other formats made of it."""
    if isinstance(answer, ox.QueryBoolean):
        return write(answer, format=name), ""
    buffer, cut = _Buffer(limits.size), ""
    try:
        answer.serialize(buffer, format=ox.QueryResultsFormat.JSON)
    except _TooLargeError:
        cut = "bytes"
    body = buffer.getvalue()
    # A cheap upper bound of the number of rows; braces may occur in values too.
    if cut or body.count(b"},{") >= limits.rows:
        body, rows, more = _cut_json(body, limits.rows)
        cut = "rows" if more or (cut and rows == limits.rows) else cut
    if name == "json":
        return body, cut
    return write(ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON), format=name), cut


class _Buffer(BytesIO):
    """A file in memory with a maximum size, in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def write(self, data: Any) -> int:
        written = super().write(data[: self._left])
        self._left -= written
        if written < len(data):
            raise _TooLargeError
        return written


def _cut_json(body: bytes, rows: int) -> tuple[bytes, int, bool]:
    """The first rows of a result that may be incomplete, their number, and whether any were dropped."""
    text = body.decode("utf-8", "ignore")
    read = json.JSONDecoder().raw_decode
    end = place = text.index('"bindings":[') + len('"bindings":[')  # no variable has this name
    for done in range(rows + 1):
        try:
            _, after = read(text, place)
        except (ValueError, RecursionError):  # the end, or an incomplete row
            return f"{text[:end]}]}}}}".encode(), done, False
        if done < rows:
            end, place = after, after + 1
    return f"{text[:end]}]}}}}".encode(), rows, True
