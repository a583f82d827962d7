"""Make the pages of saved queries, each with its form and its answer, and the page to write SPARQL in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryTriples

from policygraph.analysis.network import LEVELS, SHOWN, network, shows
from policygraph.catalog.labels import look_up
from policygraph.catalog.matrix import VIEWS
from policygraph.catalog.parameters import Parameter
from policygraph.catalog.query import Query
from policygraph.errors import FormatError, QueryError
from policygraph.i18n import alphabetical, words
from policygraph.rdf.formats import by_media, write
from policygraph.rdf.namespaces import Prefixes, compact, expand
from policygraph.rdf.terms import Term
from policygraph.site import engine
from policygraph.site.context import SiteContext
from policygraph.site.noted import once
from policygraph.site.rendering import POLICY, Arguments, Page, Shown, clean, show
from policygraph.site.urls import GRAPHS, ROWS
from policygraph.store.answer import Answer
from policygraph.store.protocols import read_answer
from policygraph.store.sparql import declare
from policygraph.text import fold, grouped

# The two style sheets that YASGUI's table adds to the page, by their hash.
_EDITOR_POLICY = (
    f"{POLICY}; style-src 'self' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk=' "
    "'sha256-c0O6TmFAkgpNbHxKAa1BrveWHHopjEtC47i0PzMudxg='"
)
_MAX_NODES = 150  # in a picture
_MANY = 200_000  # triples, for a browser
_DRAWN = ("code", "x", "y", "below", "absence", "heading", "passages")  # what a matrix shows otherwise
_DEFAULT_QUERY = """SELECT ?kind (COUNT(?thing) AS ?things) WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?things)
"""


def page(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of a saved query: its form filled in, and its answer or the error in the arguments."""
    query = _saved_query(context, path)
    error, wrong, table, picture, text, finding = "", None, None, "", query.text, ""
    explorer, fragment, matrix, asked_here, level = False, "", None, None, LEVELS[-1]
    data_formats = _formats(query)
    try:
        level, arguments = _at_level(query, arguments)
        text, asked = context.catalog.bind(query, context.store, **arguments), context.asked
        answer = context.catalog.ask(
            query, store=asked, labels=context.store, language=language, values=arguments
        )
        finding, matrix = answer.finding, answer.picture
        kept = [name for name in answer.columns if name not in _DRAWN]
        table = answer_table(answer.select(*kept) if matrix else answer)
        context.labels.learn(t.value for row in table.rows for t in row if isinstance(t, NamedNode))
        if {"source", "target"} <= set(table.columns):
            ends = {each for row in answer.results for each in (row["source"], row["target"])} - {None}
            explorer = bool(ends)
            if 0 < len(ends) <= _MAX_NODES:
                rows = answer.results
                graph = network(context.catalog, edges=text, answer=rows, store=asked, language=language)
                fragment = urlencode({"show": " ".join(map(compact, graph))}, quote_via=quote)
                picture = context.draw(graph, query.title(language)[0], language)
    except QueryError as exception:
        error, wrong = str(exception), exception.parameter
    if table and context.in_browser and query.parameters:
        shape = {"columns": answer.columns, "shown": table.columns, "graph": data_formats is GRAPHS}
        media = next(iter(data_formats.values()))
        asked_here = engine.question(context, query, language, **shape, most=MAX_ROWS, media=media)
    given = [(name, each) for name, values in arguments.items() for each in values]
    encoded = urlencode(given)
    return show(
        "query.html",
        arguments=urlencode([*given, ("evidence", level)]) if level != LEVELS[-1] else encoded,
        query=query,
        fields=form_fields(context, query, arguments, language, wrong),
        error=error,
        finding=finding,
        table=table,
        spans=_spans(table) if table and query.view == "timeline" else None,
        bars=bars(table) if table and query.view == "bars" else None,
        picture=picture,
        matrix=matrix,
        level=level,
        chosen=level if level != LEVELS[-1] else "",
        levels={key: shows(key, LEVELS.index("said")) for key in SHOWN},
        l=words(language, "explorer"),
        drawn=f"/query/{query.name}{context.urls.tag(language)}.svg",
        asked=asked_here,
        explorer=explorer,
        fragment=fragment,
        text=declare(text, context.prefixes, context.base),
        data=list(data_formats),
        repeated=len(answer) if table and answer.repeated else 0,
        query_string=f"?{encoded}" if encoded else "",
        refused=error,
    )


def formats(context: SiteContext, path: str) -> Iterable[str]:
    """The suffixes of a saved query's data and of its text."""
    return (*_formats(_saved_query(context, path)), ".rq")


def data(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """A saved query's answer as data, or its text with the arguments in it."""
    query = _saved_query(context, path)
    links = (("describedby", context.urls.link(context.urls.html(path)), "text/html"),)
    try:
        text = context.catalog.bind(query, context.store, **arguments)
        if suffix == ".rq":
            text = declare(text, context.prefixes, context.base)  # so that any engine reads it
            return Page(text.encode(), "application/sparql-query", links)
        answer = context.asked.query(text)
        keys = context.catalog.context if isinstance(answer, QueryTriples) else None
        media = {**GRAPHS, **ROWS}[suffix]
        body = write(answer, format=by_media(media).name, context=keys, prefixes=context.prefixes)
    except (QueryError, FormatError) as error:
        return Page(f"{error}\n".encode(), "text/plain", links, "en", refused=str(error))
    return Page(body, media, links)


@once
def pictures(context: SiteContext) -> Mapping[str, tuple[str, str]]:
    """The saved queries with a matrix or tiles, each with a language, by the path of that picture."""
    tags = {language: context.urls.tag(language) for language in context.languages}
    return {
        f"/query/{name}{tag}.svg": (name, each) for name in context.pictured for each, tag in tags.items()
    }


def picture(context: SiteContext, path: str, arguments: Arguments) -> Page:
    """The matrix or the tiles of a saved query's answer, as SVG; without a shape where it has none."""
    name, language = pictures(context)[path]
    try:
        level, arguments = _at_level(context.catalog.queries[name], arguments)
        answer = context.catalog.ask(
            name, store=context.asked, labels=context.store, language=language, values=arguments
        )
        matrix = answer.picture if shows(level, LEVELS.index("said")) else None
    except QueryError as error:
        return Page(f"{error}\n".encode(), "text/plain", language="en", refused=str(error))
    drawn = matrix.svg() if matrix else '<svg xmlns="http://www.w3.org/2000/svg"/>'
    return Page(clean(drawn).encode(), "image/svg+xml")


def index(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The list of the saved queries."""
    return show("queries.html", queries=by_tag(context))


def sparql(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page to write SPARQL in, without an answer."""
    return sparql_answer(context, language, next(iter(arguments.get("query", ())), ""))


def sparql_answer(
    context: SiteContext, language: str, query: str, *, results: bytes = b"", error: str = "", note: str = ""
) -> Shown:
    """The SPARQL page with a query in it and its answer: results as JSON or N-Triples, or an error."""
    return show(
        "sparql.html",
        arguments=urlencode({"query": query}) if query else "",
        text=query or declare(_DEFAULT_QUERY, context.prefixes),
        table=answer_table(Answer(read_answer(results))) if results else None,
        error=error,
        note=note,
        queries=by_tag(context),
        policy=_EDITOR_POLICY,
        engine=engine.terms(context, language) if context.in_browser else {},
        in_parts=context.in_parts,
        triples=_triples(context) if context.in_browser else 0,
        refused=error,
    )


@once
def _triples(context: SiteContext) -> int:
    """How many triples a browser would load, where they are many; else 0."""
    (row,) = context.counted("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    return number if (number := int(row["n"].value)) > _MANY else 0


def _at_level(query: Query, arguments: Arguments) -> tuple[str, Arguments]:
    """The level of evidence that an address asks of a matrix, and its other arguments."""
    if query.view not in VIEWS or "evidence" in query.parameters:
        return LEVELS[-1], arguments
    level = next(iter(arguments.get("evidence", ())), LEVELS[-1])
    if level not in SHOWN:
        raise QueryError(f"{level!r} is no level of evidence; there are {', '.join(SHOWN)}.")
    return level, {name: values for name, values in arguments.items() if name != "evidence"}


def _saved_query(context: SiteContext, path: str) -> Query:
    return context.catalog.queries[path.rpartition("/")[2]]


def _formats(query: Query) -> Mapping[str, str]:
    """The media types of a query's answer, by suffix."""
    return GRAPHS if query.form in ("CONSTRUCT", "DESCRIBE") else ROWS


class Spans(NamedTuple):
    """The years of a table: first and last of all rows, and start, end and horizon of each."""

    first: int
    last: int
    rows: list[tuple[int | None, int | None, int | None]]


def _spans(table: AnswerTable) -> Spans | None:
    """The years in the columns `from`, `to` and `horizon` of a table; None when there are none."""
    if not {"from", "to"} <= set(table.columns):
        return None

    def year(row: Any, column: str) -> int | None:
        cell = row[table.columns.index(column)] if column in table.columns else None
        return int(cell.value[:4]) if cell and cell.value[:4].isdecimal() else None

    rows = [(year(row, "from"), year(row, "to"), year(row, "horizon")) for row in table.rows]
    known = [each for years in rows for each in years if each is not None]
    return Spans(min(known), max(known) + 1, rows) if known else None


def bars(table: AnswerTable, reach: str = "") -> list[tuple[float | None, float]]:
    """What each row has to reach, else its `value`, and its `measured`, in hundredths of the greater.

    What is below zero, or is no number, has no place in the picture.
    """

    def number(cell: Any) -> float:
        try:
            found = float(getattr(cell, "value", -1))
        except ValueError:
            return -1
        return found if isfinite(found) else -1

    found = []
    for row in table.rows:
        cells = dict(zip(table.columns, row, strict=True))
        value, measured = number(cells.get("value") or Literal(reach)), number(cells.get("measured"))
        top = max(value, measured, 0) or 1
        found.append((100 * value / top if value >= 0 else None, 100 * max(measured, 0) / top))
    return found


def by_tag(context: SiteContext) -> dict[str, list[Any]]:
    """The saved queries by their first tag."""
    queries = grouped((next(iter(each.tags), ""), each) for each in context.catalog.queries.values())
    return dict(sorted(queries.items()))


MAX_ROWS = 1_000  # the most rows of an answer that a page shows

MAX_CHOICES = 200
"""The most resources that a field lists as choices; with more, it takes a label as text and suggests them."""

MAX_SUGGESTIONS = 1_000  # the most resources that a field suggests; with more, it suggests none

_WIDGETS = {"xsd:integer": "number", "xsd:gYear": "number", "xsd:date": "date", "xsd:boolean": "choice"}


class Field(NamedTuple):
    """A parameter as a field: a `choice` of values with their labels, or a `text`, `number` or `date`."""

    parameter: Parameter
    widget: str
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    wrong: bool = False


class AnswerTable(NamedTuple):
    """An answer's columns, and its rows of terms; `total` counts the rows, of which `rows` are the first."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Term | None]]
    total: int


def form_fields(
    context: SiteContext, query: Query, arguments: Arguments, language: str, wrong: str | None = None
) -> list[Field]:
    """The form of a query, filled in with the arguments or else the defaults; `wrong` is the invalid one."""
    fields, known = [], context.prefixes
    for name, parameter in query.parameters.items():
        default = [
            compact(t.value, known) if isinstance(t, NamedNode) else t.value for t in parameter.default
        ]
        values = tuple(arguments.get(name, default))
        widget = _WIDGETS.get(parameter.kind, "text")
        choices: list[tuple[str, str]] = []
        if parameter.kind == "xsd:boolean":
            choices = [(each, words(language, "site")[each]) for each in ("true", "false")]
        elif parameter.iri:
            things = context.instances(parameter.iri, MAX_SUGGESTIONS + 1)
            names = look_up(context.labels, things, language) if len(things) <= MAX_SUGGESTIONS else {}
            choices = [(compact(iri, known), name) for iri, name in names.items()]
            choices.sort(key=lambda choice: (alphabetical(choice[1], language), choice[0]))
            by_name = {fold(label): curie for curie, label in reversed(choices)}
            values = tuple(by_name.get(fold(each), _short(each, known)) for each in values)
            if 0 < len(names) <= MAX_CHOICES:
                widget = "choice"
            else:  # typed by name; what shares its name with another, by its CURIE
                by_curie = {curie: curie if f"({curie})" in name else name for curie, name in choices}
                values = tuple(by_curie.get(each, each) for each in values)
                choices = [(by_curie[curie], name) for curie, name in choices]
        if widget == "choice":
            listed = {value for value, _ in choices}
            choices += [(each, each) for each in dict.fromkeys(values) if each and each not in listed]
        fields.append(Field(parameter, widget, values, tuple(choices), name == wrong))
    return fields


def _short(text: str, prefixes: Prefixes) -> str:
    try:
        return compact(expand(text, prefixes), prefixes)
    except ValueError:
        return text


def answer_table(answer: Answer, *, most: int = MAX_ROWS) -> AnswerTable:
    """An answer as a table."""
    if isinstance(answer.results, QueryBoolean):
        return AnswerTable(("answer",), [[Literal("true" if answer else "false")]], 1)
    rows = answer.shown.rows
    if isinstance(answer.results, list):
        rows = sorted(rows, key=lambda row: tuple(map(str, row)))
    return AnswerTable(answer.columns, rows[:most], len(rows))
