"""Say what a store is: what answers SPARQL is one, wherever its data are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

import pyoxigraph as ox

from policygraph.errors import QueryError
from policygraph.rdf.namespaces import PREFIXES, Prefixes
from policygraph.store.index import Index

Results: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""The results of SELECT, of ASK, and of CONSTRUCT or DESCRIBE; solutions can be iterated once."""

EVERY = "CONSTRUCT WHERE { ?s ?p ?o }"  # each triple
_BATCH = 500


class Store(Protocol):
    """Anything that runs SPARQL queries; a class of your own inherits from this one."""

    prefixes: Prefixes = PREFIXES
    """Those that a query need not declare."""

    base: str = ""
    """What relative IRIs in a query are resolved against."""

    url: str = ""
    """The address of a service; empty for what is on this machine."""

    index: Index | None = None
    """Of what it names, where reading all of that would take long."""

    def scanned(self) -> Store:
        """The same to go through the whole of, which takes much longer on disk than in memory."""
        return self

    def query(self, text: str) -> Results:
        """Run a SPARQL query; QueryError when it cannot be read or is an update."""
        ...

    def streamed(self, text: str) -> Results:
        """The same, whose rows are read one by one as they are asked for, where the store can do that."""
        return self.query(text)

    def counted(self, text: str) -> Results:
        """The same, of which a store that never changes keeps the answer: for what goes through all of it."""
        return self.query(text)


class QuadStore(Store, Protocol):
    """A store that also gives its quads, each once, with the graph that it was loaded into."""

    def __iter__(self) -> Iterator[ox.Quad]: ...
    def __len__(self) -> int: ...


def rows(store: Store, text: str) -> Iterator[ox.QuerySolution]:
    """The rows of a SELECT; QueryError for a query of another form."""
    return solutions(store.query(text))


def solutions(answer: Results) -> Iterator[ox.QuerySolution]:
    """The rows of an answer to a SELECT; QueryError for that to a query of another form."""
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryError("This query gives no rows; write a SELECT.")
    return iter(answer)


def count(store: Store, most: int) -> int:
    """How many triples a query without a graph is asked of, or `most` where there are more."""
    some = f"SELECT ?s {{ ?s ?p ?o }} LIMIT {most}"
    return int(next(rows(store, f"SELECT (COUNT(*) AS ?n) {{ {{ {some} }} }}"))["n"].value)


def batches(iris: Sequence[str]) -> Iterator[str]:
    """IRIs as SPARQL writes them, with spaces between, some hundreds at a time for one query each."""
    for start in range(0, len(iris), _BATCH):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _BATCH])


def triples(store: Store, text: str) -> Iterator[ox.Triple]:
    """The triples of a CONSTRUCT or DESCRIBE; QueryError for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, ox.QueryTriples):
        raise QueryError("This query gives no triples; write a CONSTRUCT or a DESCRIBE.")
    return iter(answer)


def whole(answer: Results) -> Results:
    """The results read to their end, so that an error of their service is raised here."""
    if isinstance(answer, ox.QuerySolutions):
        layout = ox.QueryResultsFormat.JSON
        return ox.parse_query_results(answer.serialize(format=layout) or b"", format=layout)
    return of_triples(ox.Quad(*each) for each in answer) if isinstance(answer, ox.QueryTriples) else answer


def of_triples(quads: Iterable[ox.Quad]) -> ox.QueryTriples:
    """Triples as a result, which only a query can create."""
    store = ox.Store()
    store.extend(quads)
    return store.query(EVERY)  # type: ignore[return-value]


def read_answer(written: bytes) -> Results:
    """An answer that was written as JSON, or where it is triples as N-Triples."""
    if written.startswith(b"{"):
        return ox.parse_query_results(written, format=ox.QueryResultsFormat.JSON)
    return of_triples(ox.parse(written, format=ox.RdfFormat.N_TRIPLES))
