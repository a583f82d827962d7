"""The pages on which one asks: a saved question with its form and its answer, and SPARQL of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from pyoxigraph import QueryResultsFormat, parse_query_results

from policygraph.analysis.network import network
from policygraph.errors import QueryError
from policygraph.rdf.sparql import declare, form
from policygraph.site.context import Library
from policygraph.site.pages import form as forms
from policygraph.site.pages import schema_org
from policygraph.site.rendering import Told, Writer, title
from policygraph.site.urls import GRAPHS, ROWS

_DRAWN = 150  # nodes of a picture
_FIRST = """SELECT ?kind (COUNT(?thing) AS ?things) WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?things)
"""


def page(writer: Writer, path: str, language: str, arguments: Mapping[str, Sequence[str]]) -> Told:
    """A question with its form filled in, and its answer or what is wrong with the arguments."""
    library, query = writer.library, writer.library.catalog.queries[path.removeprefix("/query/")]
    error, wrong, table, drawn, text = "", None, None, "", query.text
    try:
        text = query.bind(**forms.values(query, arguments, library.names, language))
        answer = library.store.query(text)
        table = forms.read(answer, library.names, language)
        if query.view == "graph" and {"source", "target"} <= set(table.columns):
            graph = network(library.store, edges=text)
            if 0 < len(graph) <= _DRAWN:
                drawn = library.draw(graph, title(query, language).text, language)
    except QueryError as refusal:
        error, wrong = str(refusal), refusal.parameter
    encoded = urlencode([(name, each) for name, said in arguments.items() for each in said])
    builds = form(query.text) in ("CONSTRUCT", "DESCRIBE")
    body = writer.write(
        "question.html",
        language,
        path,
        markup=schema_org.written(schema_org.question(writer, query, GRAPHS if builds else ROWS, language)),
        arguments=encoded,
        query=query,
        fields=forms.fields(
            query,
            arguments,
            things=library.things,
            names=library.names,
            languages=writer.texts[language]["languages"],
            language=language,
            wrong=wrong,
        ),
        error=error,
        table=table,
        spans=_spans(table) if table and query.view == "timeline" else None,
        drawn=drawn,
        text=text,
        data=list(GRAPHS if builds else ROWS),
        asked=f"?{encoded}" if encoded else "",
        base=library.base,
        record=library.dataset_of(""),
    )
    return Told(body, refused=bool(error))


class Spans(NamedTuple):
    """The years of a table's rows: from and to of each, and of all."""

    first: int
    last: int
    rows: list[tuple[int | None, int | None]]


def _spans(table: forms.AnswerTable) -> Spans | None:
    """When the rows of a table begin and end; None where they do not say."""
    if not {"from", "to"} <= set(table.columns):
        return None
    ends = [table.columns.index(name) for name in ("from", "to")]
    rows = []
    for row in table.rows:
        years = [int(text) if (text := "".join(row[end].lines)).isdecimal() else None for end in ends]
        rows.append((years[0], years[1]))
    known = [year for years in rows for year in years if year is not None]
    return Spans(min(known), max(known) + 1, rows) if known else None


def sparql(
    writer: Writer, language: str, query: str, *, results: bytes = b"", error: str = "", note: str = ""
) -> bytes:
    """The page for SPARQL with a query in it, and what came of it: results in JSON, or an error."""
    table = None
    if results:
        answer = parse_query_results(results, format=QueryResultsFormat.JSON)
        table = forms.read(answer, writer.library.names, language)
    text = query or declare(_FIRST)
    return writer.write(
        "sparql.html",
        language,
        "/sparql",
        text=text,
        table=table,
        error=error,
        note=note,
        questions=by_tag(writer.library),
    )


def by_tag(library: Library) -> dict[str, list[Any]]:
    """The saved questions by their first tag."""
    found: dict[str, list[Any]] = {}
    for query in library.catalog.queries.values():
        found.setdefault(query.tags[0] if query.tags else "", []).append(query)
    return dict(sorted(found.items()))
