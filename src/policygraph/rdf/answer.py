"""Keep the answer to a query, to read it several times: as Python values, a table or a file."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, parse_query_results

from policygraph.rdf import formats
from policygraph.rdf.terms import frame, python_value
from policygraph.text import html_table

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas

    from policygraph.rdf.store import Results


class Answer:
    """The answer to a query: the rows of a SELECT, the triples of a CONSTRUCT, or the truth of an ASK.

    Args:
        results: of the query; they are read to the end.
        context: a file with a JSON-LD context, for JSON-LD.
    """

    def __init__(self, results: Results, *, context: Path | None = None) -> None:
        self._context = context
        self._labels: Mapping[str, str] = {}
        if isinstance(results, QueryTriples):
            self._results: Any = list(results)
            self.columns: tuple[str, ...] = ("subject", "predicate", "object")
        elif isinstance(results, QueryBoolean):
            self._results, self.columns = results, ()
        else:
            self.columns = tuple(variable.value for variable in results.variables)
            self._results = results.serialize(format=QueryResultsFormat.JSON)

    @property
    def results(self) -> Any:
        """The results as those of pyoxigraph, from the first on: solutions, a boolean or triples."""
        if not isinstance(self._results, bytes):
            return self._results
        return parse_query_results(self._results, format=QueryResultsFormat.JSON)

    @cached_property
    def rows(self) -> Sequence[dict[str, Any]]:
        """The rows, or triples, as Python values by column; None where a variable is unbound."""
        if isinstance(self._results, QueryBoolean):
            return ()
        return [dict(zip(self.columns, map(python_value, row), strict=True)) for row in self.results]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self._results if isinstance(self._results, QueryBoolean) else self.rows)

    def labelled(self, labels: Mapping[str, str]) -> Answer:
        """The answer with labels, by IRI, for tables that people read."""
        self._labels = labels
        return self

    def frame(self) -> pandas.DataFrame:
        """The answer as a pandas DataFrame; FormatError for an ASK, ExtraError without pandas."""
        return frame(self.results)

    def write(self, *, format: str | None = None, width: int | None = None) -> bytes:
        """The answer in a format of `policygraph.rdf.formats.FORMATS`; by default a table, or Turtle."""
        default = "turtle" if isinstance(self._results, list) else "table"
        options: Any = {"labels": self._labels, "width": width, "context": self._context}
        return formats.write(self.results, format=format or default, **options)

    def save(self, path: str | os.PathLike[str], *, format: str | None = None) -> None:
        """Write the answer to a file, in the format of its suffix; FormatError when that cannot be."""
        holds = "graph" if isinstance(self._results, list) else "rows"
        formats.save(self.write(format=format or formats.by_suffix(path, holds=holds).name), path)

    def to_csv(self) -> str:
        """The rows as SPARQL 1.1 Query Results CSV; FormatError for a graph."""
        return self.write(format="csv").decode()

    def __str__(self) -> str:
        return self.write().decode()

    def __repr__(self) -> str:
        return f"<Answer: {', '.join(self.columns) or bool(self)}, {len(self):,} rows>"

    def _repr_html_(self) -> str:
        if isinstance(self._results, QueryBoolean):
            return f"<p>{'true' if self else 'false'}</p>"
        body = [[formats.shown(term, self._labels) for term in row] for row in self.results]
        return html_table(self.columns, body)
