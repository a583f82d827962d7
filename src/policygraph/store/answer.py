"""Keep the answer to a query, to read it several times: as Python values, a table or a file."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import copy
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, parse_query_results

from policygraph.errors import FormatError, QueryError, extra, nearest, warn
from policygraph.i18n import and_more
from policygraph.rdf import formats
from policygraph.rdf.namespaces import PREFIXES, Prefixes, expand
from policygraph.rdf.terms import in_language, python_value
from policygraph.text import html_table, wrap

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas

    from policygraph.store.protocols import Results

NOT_STATED = NamedNode(expand("pgc:absence/not-stated"))  # what people read in an empty cell of `unstated`


def positions(names: Sequence[str], columns: Sequence[str]) -> list[int]:
    """Where columns stand; QueryError where none is named, or one twice, or one that does not exist."""
    if len({*names}) < max(len(names), 1):
        raise QueryError(f"name each column once, and at least one; not {', '.join(names) or 'none'}.")
    for name in names:
        if name not in columns:
            known = ", ".join(columns) or "none"
            raise QueryError(f"the answer has no column {name!r}; it has: {known}.{nearest(name, columns)}")
    return [columns.index(name) for name in names]


class Answer:
    """The answer to a query: the rows of a SELECT, the triples of a CONSTRUCT, or the truth of an ASK.

    Args:
        results: of the query; they are read to the end.
        context: a file with a JSON-LD context, for JSON-LD.
        base: what Turtle leaves out of IRIs.
        prefixes: of CURIEs.
        look_up: finds the labels of IRIs in `language`, by IRI; called once, when people read the answer.
        language: a BCP 47 tag. Of rows that differ only in the languages of the columns `localised`, people
            read those in the best languages.
        unstated: columns where an empty cell means that no source states it; people read that there.
        finding: the sentence that tells people what the answer says.
        notes: finds what the query asks in vain, such as terms that the data do not use.
        picture: makes what draws the answer, by a method `svg`; None where there is none.
    """

    def __init__(
        self,
        results: Results,
        *,
        context: Path | None = None,
        base: str = "",
        prefixes: Prefixes = PREFIXES,
        look_up: Callable[[set[str]], Mapping[str, str]] | None = None,
        language: str = "en",
        localised: Collection[str] = (),
        unstated: Collection[str] = (),
        finding: Callable[[Answer], str] | None = None,
        notes: Callable[[], Sequence[str]] = tuple,
        picture: Callable[[Answer], Any] = lambda _: None,
    ) -> None:
        self._context, self._look_up, self._finding, self._notes = context, look_up, finding, notes
        self._picture = picture
        self._base, self._prefixes = base, prefixes
        self.is_whole = True  # until rows are chosen from it
        self._language, self._localised, self._unstated = language, localised, unstated
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

    @cached_property
    def shown(self) -> formats.Solutions:
        """The terms that people read: a row for each that differs in more than the language of its texts."""
        if isinstance(self._results, QueryBoolean):
            return formats.Solutions((), ())
        empty = [NOT_STATED if name in self._unstated else None for name in self.columns]
        found = (zip(row, empty, strict=True) for row in self._in_language())
        return formats.Solutions(self.columns, [[term or other for term, other in row] for row in found])

    def _in_language(self) -> list[Any]:
        localised = [number for number, name in enumerate(self.columns) if name in self._localised]
        return in_language(self.results, localised, self._language)

    @property
    def repeated(self) -> str:
        """That rows stand there once for each language of their texts, in a sentence; empty where not."""
        if not self._localised or len(self) == len(self.shown.rows):
            return ""
        texts = ", ".join(name for name in self.columns if name in self._localised)
        return f"{len(self):,} rows, one for each language of {texts}; with labels, {len(self.shown.rows):,}."

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels of the IRIs that people read, by IRI."""
        iris = {term.value for row in self.shown.rows for term in row if isinstance(term, NamedNode)}
        return self._look_up(iris) if self._look_up and iris else {}

    def frame(self, *, labels: bool = False, terms: bool = False) -> pandas.DataFrame:
        """The answer as a DataFrame of Python values, a month (xsd:gYearMonth) as a Period.

        With `labels`, it has the rows that people read, with labels for IRIs, and else one for each language
        of their texts, which a line of the log then says (`repeated`); with `terms`, the cells are terms of
        pyoxigraph, which keep datatypes and languages. FormatError for an ASK, and for labels with terms;
        ExtraError without pandas.
        """
        if labels and terms:
            raise FormatError("a cell has a label or a term, not both; leave out labels or terms.")
        if isinstance(self._results, QueryBoolean):
            raise FormatError("the result of an ASK is true or false, not a table; use bool(answer).")
        with extra("pandas", "A DataFrame"):
            from pandas import DataFrame, Period, Series
        if not labels and self.repeated:
            warn(f"note: {self.repeated}")
        texts, month = self.labels if labels else {}, expand("xsd:gYearMonth")

        def value(term: Any) -> Any:
            if terms:
                return term
            if isinstance(term, Literal) and term.datatype.value == month and len(term.value) == 7:
                with suppress(ValueError):  # a month 13 stays a text
                    return Period(term.value, "M")
            name = texts.get(term.value) if isinstance(term, NamedNode) else None
            return python_value(term) if name is None else name

        rows = [[value(term) for term in row] for row in (self.shown.rows if labels else self.results)]
        columns = {name: [row[number] for row in rows] for number, name in enumerate(self.columns)}
        # By default, pandas turns a column of integers with one unbound value into floats.
        kinds = {name: object if None in each else None for name, each in columns.items()}
        return DataFrame({name: Series(each, dtype=kinds[name]) for name, each in columns.items()})

    @property
    def texts(self) -> Iterator[list[str]]:
        """The rows that people read, as text, with labels."""
        return ([formats.shown(term, self.labels, self._prefixes) for term in row] for row in self.shown.rows)

    @cached_property
    def finding(self) -> str:
        """What the answer says, in a sentence; empty without one."""
        return self._finding(self) if self._finding else ""

    @cached_property
    def notes(self) -> Sequence[str]:
        """What the query asks in vain: terms that nothing uses, comparisons that its values do not allow."""
        return self._notes()

    @cached_property
    def picture(self) -> Any:
        """The picture of a question that has one, drawn by its method `svg`; otherwise None."""
        return self._picture(self) if isinstance(self._results, bytes) else None

    def select(self, *columns: str) -> Answer:
        """The answer with only these columns, in this order.

        QueryError for one that it does not have, and when the query is no SELECT.
        """
        if not isinstance(self._results, bytes):
            raise QueryError("only the answer to a SELECT has columns to choose from.")
        positions(columns, self.columns)
        document = json.loads(self._results)
        document["head"]["vars"] = list(columns)
        if {*self._localised} & ({*self.columns} - {*columns}):  # else its rows stand there once a language
            read = {tuple(map(str, row)) for row in self._in_language()}
            rows = zip(document["results"]["bindings"], self.results, strict=True)
            document["results"]["bindings"] = [each for each, row in rows if tuple(map(str, row)) in read]
        for row in document["results"]["bindings"]:
            for name in row.keys() - {*columns}:
                del row[name]
        part, found = self._part(document), self._finding
        part.columns = columns
        # It may name other columns; but of some of these rows it says another thing.
        part._finding = found and (lambda answer: self.finding if answer is part else found(answer))
        return part

    def where(self, keep: Callable[[Mapping[str, Any]], bool]) -> Answer:
        """The answer with only the rows that a test accepts; its finding is about these.

        QueryError when the query is no SELECT.
        """
        if not isinstance(self._results, bytes):
            raise QueryError("only the answer to a SELECT has rows to choose from.")
        document = json.loads(self._results)
        rows = zip(document["results"]["bindings"], self.rows, strict=True)
        document["results"]["bindings"] = [binding for binding, row in rows if keep(row)]
        part = self._part(document)
        part.is_whole = False
        return part

    def _part(self, document: Any) -> Answer:
        part = copy(self)
        derived = ("rows", "shown", "finding", "picture")
        part.__dict__ = {name: value for name, value in vars(self).items() if name not in derived}
        part._results = json.dumps(document).encode()
        return part

    def write(
        self, *, format: str | None = None, width: int | None = None, labels: bool | None = None
    ) -> bytes:
        """The answer in a format of `policygraph.rdf.formats.FORMATS`; by default a table, or Turtle.

        `width` is for tables, in columns; without one, lines are not wrapped. With `labels`, it is in one
        language, with labels for IRIs, as by default in the formats for people; csv may have them too.
        `svg` is its picture. FormatError when the format is unknown, does not fit the answer, or cannot
        have labels.
        """
        if format == "svg":
            if not self.picture:
                what = "only the answer to a question with the view matrix or tiles has a picture."
                raise FormatError(what)
            return str(self.picture.svg()).encode()
        format = format or ("turtle" if isinstance(self._results, list) else "table")
        people = format in formats.PEOPLE
        if labels and not people and format != "csv":
            known = ", ".join(formats.PEOPLE)
            raise FormatError(f"{format} holds IRIs only; labels are for {known} and csv.")
        rows = (people or labels) and isinstance(self._results, bytes)
        written = formats.write(
            self.shown if rows else self.results,
            format=format,
            labels=self.labels if rows and labels is not False else {},
            width=width,
            context=self._context,
            base=self._base,
            prefixes=self._prefixes,
        )
        finding = self.finding if people else ""
        return written + "".join(f"{line}\n" for line in wrap(finding, width=width) if line).encode()

    def save(
        self, path: str | os.PathLike[str], *, format: str | None = None, labels: bool | None = None
    ) -> None:
        """Write the answer to a file, in the format of its suffix; otherwise as `write`."""
        holds = "graph" if isinstance(self._results, list) else "rows"
        drawn = str(path).lower().endswith(".svg")
        format = format or ("svg" if drawn else formats.by_suffix(path, holds=holds).name)
        formats.save(self.write(format=format, labels=labels), path)

    def to_csv(self, *, labels: bool = False) -> str:
        """The rows as SPARQL 1.1 Query Results CSV, with IRIs or labels; FormatError for a graph."""
        return self.write(format="csv", labels=labels).decode()

    def __str__(self) -> str:
        return self.write().decode()

    def __repr__(self) -> str:
        return f"<Answer: {', '.join(self.columns) or bool(self)}, {len(self):,} rows>"

    def _repr_html_(self) -> str:
        if self.picture:
            return str(self.picture.svg())
        columns = ["true" if self else "false"] if isinstance(self._results, QueryBoolean) else self.columns
        more, note = partial(and_more, language=self._language), filter(None, [self.finding, *self.notes])
        return html_table(columns, [*self.texts], more, note=" ".join(note))
