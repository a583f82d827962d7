"""A stranger's question, answered within limits: refused, cut or serialised, but never raised.

What comes out is bytes and a word for what happened, so that it can cross from one process to another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
)

from policygraph.errors import FormatError, QueryError
from policygraph.rdf.formats import FORMATS
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.sparql import guard, syntax_error
from policygraph.site.headers import MIN_GZIP

if TYPE_CHECKING:
    import pyoxigraph

ROWS = ("json", "xml", "csv", "tsv")
"""The formats of answers to SELECT and ASK, as `formats.FORMATS` names them; the first is the default."""

GRAPHS = ("turtle", "jsonld", "ntriples", "rdfxml")
"""The formats of answers to CONSTRUCT and DESCRIBE."""

_LAYOUTS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "tsv": QueryResultsFormat.TSV,
}
_VOLATILE = ("NOW", "RAND", "UUID")  # functions


class QueryJob(NamedTuple):
    """A query text and how it is to be answered.

    `rows` and `graph` name the format for either kind of answer, or are empty where the asker takes none. The
    graphs are the dataset of the SPARQL Protocol (2.1.4) and go before the text's own FROM.
    """

    text: str
    rows: str = ROWS[0]
    graph: str = GRAPHS[0]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    gzip: bool = False

    @property
    def volatile(self) -> bool:
        """Whether each answer may be another, so that none may be kept; a false alarm costs little."""
        text = self.text.upper()
        return any(function in text for function in _VOLATILE)


class Limits(NamedTuple):
    """What an answer may hold: rows or triples, bytes before compression, and calls to other services."""

    rows: int = 10_000
    size: int = 16_000_000
    services: tuple[str, ...] = ()


class QueryOutcome(NamedTuple):
    """What came of a question: `kind` is "answer" or the reason there is none.

    The reasons are "text" (it is wrong or refused), "format" (the asker takes none that fits), both of which
    `message` tells a person, "size", "failed", and from `workers`: "timeout", "memory", "crash", "busy" and
    "flood". `cut` is "rows" or "bytes" when the answer is not whole.
    """

    kind: str
    message: str = ""
    format: str = ""
    cut: str = ""
    gzip: bool = False
    body: bytes = b""


def merged(quads: Iterable[Quad]) -> Iterator[Quad]:
    """The quads, and each triple of a named graph in the default graph too, as `evaluate` wants its store.

    A query that names no graph sees all of them. The engine could take their union at each question instead,
    and then takes two to three times as long.
    """
    for quad in quads:
        yield quad
        if not isinstance(quad.graph_name, DefaultGraph):
            yield Quad(*quad.triple)


def evaluate(store: pyoxigraph.Store, question: QueryJob, limits: Limits) -> QueryOutcome:
    """What comes of a question to a store of `merged` quads."""
    text = question.text
    try:
        asked = guard(text, services=limits.services)
        name = question.rows if asked in ("SELECT", "ASK") else question.graph
        if not name:
            known = ROWS if asked in ("SELECT", "ASK") else GRAPHS
            media = ", ".join(FORMATS[each].media for each in known)
            return QueryOutcome("format", f"{asked} is answered as {media}; accept one of them.")
        dataset = _dataset(question)
        try:
            answer = store.query(text, **dataset)
        except SyntaxError:  # perhaps for want of prefixes, which cost too much to declare for each question
            answer = store.query(text, prefixes=dict(PREFIXES), **dataset)
        body, cut = (
            _graph(answer, name, limits) if isinstance(answer, QueryTriples) else _rows(answer, name, limits)
        )
    except QueryError as error:
        return QueryOutcome("text", str(error))
    except SyntaxError as error:
        return QueryOutcome("text", str(syntax_error(text, str(error))))
    except FormatError as error:
        return QueryOutcome("format", str(error))
    except MemoryError:
        return QueryOutcome("memory")
    except _TooLargeError:
        return QueryOutcome("size")
    except (OSError, RuntimeError, ValueError):  # its message may name files of this machine
        return QueryOutcome("failed")
    zipped = question.gzip and len(body) >= MIN_GZIP
    if zipped:
        import gzip

        body = gzip.compress(body, 5, mtime=0)
    return QueryOutcome("answer", format=name, cut=cut, gzip=zipped, body=body)


class _TooLargeError(Exception):
    """The answer has more bytes than it may."""


def _dataset(question: QueryJob) -> dict[str, Any]:
    if question.default_graphs or question.named_graphs:
        try:
            return {
                "default_graph": [NamedNode(iri) for iri in question.default_graphs],
                "named_graphs": [NamedNode(iri) for iri in question.named_graphs],
            }
        except ValueError:
            raise QueryError("default-graph-uri and named-graph-uri take whole IRIs.") from None
    return {}


def _graph(answer: QueryTriples, name: str, limits: Limits) -> tuple[bytes, str]:
    triples = list(islice(answer, limits.rows + 1))
    try:
        body = FORMATS[name].write([Quad(*triple) for triple in triples[: limits.rows]], None)
    except ValueError as error:  # RDF/XML has no way to write some predicates
        raise FormatError(f"The graph cannot be written as {name}: {error}.") from None
    if len(body) > limits.size:
        raise _TooLargeError
    return body, "rows" if len(triples) > limits.rows else ""


def _rows(answer: QuerySolutions | QueryBoolean, name: str, limits: Limits) -> tuple[bytes, str]:
    if isinstance(answer, QueryBoolean):
        return FORMATS[name].write(answer, {}, None), ""
    if name == "csv":
        some = _Some(answer, limits)
        return FORMATS["csv"].write(some, {}, None), some.cut
    whole = _Buffer(limits.size)
    try:
        answer.serialize(cast(IO[bytes], whole), format=_LAYOUTS[name])
        cut = ""
    except _TooLargeError:
        cut = "bytes"
    body = bytes(whole.data)
    if cut or _CUTS[name][0](body) > limits.rows:
        shorter, rows, more = _CUTS[name][1](body, limits.rows)
        if cut or more:
            return shorter, "rows" if rows >= limits.rows else "bytes"
    return body, cut


class _Buffer:
    """A file in memory that takes so much and no more."""

    def __init__(self, size: int) -> None:
        self.data, self._size = bytearray(), size

    def write(self, data: bytes) -> int:
        if len(self.data) + len(data) > self._size:
            self.data += data[: self._size - len(self.data)]
            raise _TooLargeError
        self.data += data
        return len(data)

    def flush(self) -> None:
        pass


class _Some:
    """The first rows of an answer, as far as the limits go; `cut` says afterwards which limit ended it."""

    def __init__(self, answer: QuerySolutions, limits: Limits) -> None:
        self.variables, self._answer, self._limits, self.cut = answer.variables, answer, limits, ""

    def __iter__(self) -> Iterator[Any]:
        size = 0
        for number, row in enumerate(self._answer):
            size += sum(len(getattr(term, "value", "")) + 1 for term in row)
            if number >= self._limits.rows or size > self._limits.size:
                self.cut = "rows" if number >= self._limits.rows else "bytes"
                return
            yield row


def _cut_json(body: bytes, rows: int) -> tuple[bytes, int, bool]:
    """The first rows of a result that may itself break off, their number, and whether any were dropped."""
    text = body.decode("utf-8", "ignore")
    read = json.JSONDecoder().raw_decode
    end = place = text.index('"bindings":[') + len('"bindings":[')  # no variable is called so
    for done in range(rows + 1):
        try:
            _, after = read(text, place)
        except (ValueError, RecursionError):  # the end, or a row that breaks off
            return f"{text[:end]}]}}}}".encode(), done, False
        if done < rows:
            end, place = after, after + 1
    return f"{text[:end]}]}}}}".encode(), rows, True


def _cut_xml(body: bytes, rows: int) -> tuple[bytes, int, bool]:
    return _cut_after(b"</result>", body, rows, start=b"<results>", end=b"</results></sparql>")


def _cut_tsv(body: bytes, rows: int) -> tuple[bytes, int, bool]:
    return _cut_after(b"\n", body, rows, start=b"\n", end=b"")


def _cut_after(mark: bytes, body: bytes, rows: int, *, start: bytes, end: bytes) -> tuple[bytes, int, bool]:
    place = body.index(start) + len(start)
    for done in range(rows):
        found = body.find(mark, place)
        if found < 0:
            return body[:place] + end, done, False
        place = found + len(mark)
    return body[:place] + end, rows, mark in body[place:]


# For each format: at most so many rows by a count that costs nothing, and how it is cut. A mark cannot stand
# in a value, where it is escaped; only JSON's can, and then the count is too high and the rows are read.
_CUTS: dict[str, tuple[Callable[[bytes], int], Callable[[bytes, int], tuple[bytes, int, bool]]]] = {
    "json": (lambda body: body.count(b"},{") + 1, _cut_json),
    "xml": (lambda body: body.count(b"</result>"), _cut_xml),
    "tsv": (lambda body: body.count(b"\n") - 1, _cut_tsv),
}
