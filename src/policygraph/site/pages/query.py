"""Make the pages of saved queries, each with its form and its answer, and the page to write SPARQL in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    parse_query_results,
)

from policygraph.analysis.network import network
from policygraph.catalog.labels import Labels, fold
from policygraph.catalog.query import EXAMPLES, LANGUAGE, Parameter, Query
from policygraph.errors import QueryError
from policygraph.i18n import LANGUAGES, language_name
from policygraph.rdf.formats import by_media, write
from policygraph.rdf.namespaces import compact, expand
from policygraph.rdf.sparql import declare, form
from policygraph.rdf.terms import NUMBERS, in_language
from policygraph.site.context import SiteContext
from policygraph.site.pages import schema_org
from policygraph.site.rendering import POLICY, Arguments, Page, render, title
from policygraph.site.urls import GRAPHS, ROWS, html_path

if TYPE_CHECKING:
    from policygraph.rdf.store import Results

# The two style sheets that YASGUI's table adds to the page, by their hash.
_EDITOR_POLICY = (
    f"{POLICY}; frame-ancestors 'self'; style-src 'self' "
    "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk=' "
    "'sha256-c0O6TmFAkgpNbHxKAa1BrveWHHopjEtC47i0PzMudxg='"
)
_MAX_NODES = 150  # in a picture
_DEFAULT_QUERY = """SELECT ?kind (COUNT(?thing) AS ?things) WHERE {
  ?thing a ?kind .
}
GROUP BY ?kind
ORDER BY DESC(?things)
"""


def page(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The page of a saved query: its form filled in, and its answer or the error in the arguments."""
    query = _saved_query(context, path)
    error, wrong, table, picture, text = "", None, None, "", query.text
    try:
        text = query.bind(**form_values(query, arguments, context.labels, language))
        answer = context.store.query(text)
        table = answer_table(answer, context.labels, language, localised=query.localised)
        if query.view == "graph" and {"source", "target"} <= set(table.columns):
            graph = network(context.catalog, edges=text, store=context.store, language=language)
            if 0 < len(graph) <= _MAX_NODES:
                picture = context.draw(graph, title(query, language).text, language)
    except QueryError as exception:
        error, wrong = str(exception), exception.parameter
    encoded = urlencode([(name, each) for name, values in arguments.items() for each in values])
    data_formats = GRAPHS if _is_graph(query) else ROWS
    body = render(
        context,
        "query.html",
        language,
        path,
        json_ld=schema_org.json_ld(schema_org.query(context, query, data_formats, language)),
        arguments=encoded,
        query=query,
        fields=form_fields(
            query,
            arguments,
            instances=context.instances,
            labels=context.labels,
            languages={tag: language_name(tag, tag).capitalize() for tag in LANGUAGES},
            language=language,
            wrong=wrong,
        ),
        error=error,
        table=table,
        spans=_spans(table) if table and query.view == "timeline" else None,
        picture=picture,
        text=text,
        data=list(data_formats),
        query_string=f"?{encoded}" if encoded else "",
        base=context.base,
        record=context.dataset_of(""),
    )
    return Page(body, language=language, refused=bool(error))


def formats(context: SiteContext, path: str) -> Iterable[str]:
    """The suffixes of a saved query's data and of its text."""
    return (*(GRAPHS if _is_graph(_saved_query(context, path)) else ROWS), ".rq")


def data(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """A saved query's answer as data, or its text with the arguments in it."""
    query = _saved_query(context, path)
    links = (("describedby", context.urls.link(html_path(path)), "text/html"),)
    try:
        text = query.bind(**form_values(query, arguments, context.labels, LANGUAGES[0]))
        if suffix == ".rq":
            return Page(text.encode(), "application/sparql-query", links)
        answer = context.store.query(text)
    except QueryError as error:
        return Page(f"{error}\n".encode(), "text/plain", links, "en", refused=True)
    keys = context.catalog.context if isinstance(answer, QueryTriples) else None
    media = {**GRAPHS, **ROWS}[suffix]
    return Page(write(answer, format=by_media(media).name, context=keys), media, links)


def index(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The list of the saved queries."""
    return Page(render(context, "queries.html", language, path, queries=by_tag(context)), language=language)


def sparql(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The page to write SPARQL in, without an answer."""
    return sparql_answer(context, language, next(iter(arguments.get("query", ())), ""))


def sparql_answer(
    context: SiteContext, language: str, query: str, *, results: bytes = b"", error: str = "", note: str = ""
) -> Page:
    """The SPARQL page with a query in it and its answer: results as SPARQL JSON, or an error."""
    table = None
    if results:
        answer = parse_query_results(results, format=QueryResultsFormat.JSON)
        table = answer_table(answer, context.labels, language)
    body = render(
        context,
        "sparql.html",
        language,
        "/sparql",
        text=query or declare(_DEFAULT_QUERY),
        table=table,
        error=error,
        note=note,
        queries=by_tag(context),
    )
    return Page(body, language=language, refused=bool(error), policy=_EDITOR_POLICY)


def _saved_query(context: SiteContext, path: str) -> Query:
    return context.catalog.queries[path.rpartition("/")[2]]


def _is_graph(query: Query) -> bool:
    return form(query.text) in ("CONSTRUCT", "DESCRIBE")


class Spans(NamedTuple):
    """The years of a table: first and last of all rows, and start and end of each."""

    first: int
    last: int
    rows: list[tuple[int | None, int | None]]


def _spans(table: AnswerTable) -> Spans | None:
    """The years in the columns `from` and `to`, or else `horizon`, of a table; None when there are none."""
    if not {"from", "to"} <= set(table.columns):
        return None

    def year(row: Any, *columns: str) -> int | None:
        texts = ("".join(row[table.columns.index(name)].lines) for name in columns if name in table.columns)
        return next((int(text[:4]) for text in texts if text[:4].isdecimal()), None)

    rows = [(year(row, "from"), year(row, "to", "horizon")) for row in table.rows]
    known = [each for years in rows for each in years if each is not None]
    return Spans(min(known), max(known) + 1, rows) if known else None


def by_tag(context: SiteContext) -> dict[str, list[Any]]:
    """The saved queries by their first tag."""
    queries: dict[str, list[Any]] = {}
    for query in context.catalog.queries.values():
        queries.setdefault(query.tags[0] if query.tags else "", []).append(query)
    return dict(sorted(queries.items()))


MAX_ROWS = 1_000
"""The most rows of an answer that a page shows."""

MAX_CHOICES = 200
"""The most resources that a field offers as choices; with more, it takes a label as text."""

_WIDGETS = {"xsd:integer": "number", "xsd:date": "date", "xsd:boolean": "choice", LANGUAGE: "choice"}


class Field(NamedTuple):
    """A parameter as a field: a `choice` of values with their labels, or a `text`, `number` or `date`."""

    parameter: Parameter
    widget: str
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] = ()
    wrong: bool = False


class AnswerCell(NamedTuple):
    """A term for people: its text in lines, its language, its IRI if it has one, whether it is a number."""

    lines: tuple[str, ...]
    language: str = ""
    iri: str = ""
    number: bool = False


class AnswerTable(NamedTuple):
    """An answer's columns and rows; `total` counts the rows, of which `rows` are the first."""

    columns: tuple[str, ...]
    rows: tuple[tuple[AnswerCell, ...], ...]
    total: int


def form_values(
    query: Query, arguments: Mapping[str, Sequence[str]], labels: Labels, language: str
) -> dict[str, Any]:
    """The values for `Query.bind`; resources may be given by label, a language is the page's by default."""
    given: dict[str, Any] = {
        name: language for name, parameter in query.parameters.items() if parameter.kind == LANGUAGE
    }
    for name, texts in arguments.items():
        parameter = query.parameters.get(name)
        if parameter is None or parameter.kind in EXAMPLES:
            given[name] = list(texts)
        else:
            given[name] = [_resource(text, labels) for text in texts]
    return given


def _resource(text: str, labels: Labels) -> str:
    """The IRI of the only resource with that label; other text unchanged, for `Query.bind` to judge."""
    text = text.strip()
    try:
        expand(text)
    except ValueError:
        wanted = fold(text)
        matches = [
            iri
            for iri in labels.search(text)
            if any(fold(name.text) == wanted for name in (labels.of(iri, "en"), *labels.others(iri, "en")))
        ]
        if len(matches) == 1:
            return matches[0]
    return text


def form_fields(
    query: Query,
    arguments: Mapping[str, Sequence[str]],
    *,
    instances: Callable[[str], Sequence[str]],
    labels: Labels,
    languages: Mapping[str, str],
    language: str,
    wrong: str | None = None,
) -> list[Field]:
    """The form of a query, filled in with the arguments or else the defaults.

    Args:
        query: the saved query.
        arguments: values of parameters, as text.
        instances: the instances of a class, both by IRI.
        labels: of all resources.
        languages: tags and names of the languages to choose from.
        language: of the page.
        wrong: the name of the parameter with an invalid value.
    """
    fields = []
    for name, parameter in query.parameters.items():
        default = [compact(t.value) if isinstance(t, NamedNode) else t.value for t in parameter.default]
        if parameter.kind == LANGUAGE:
            default = [language]
        values = tuple(arguments.get(name, default))
        widget = _WIDGETS.get(parameter.kind, "text")
        choices: list[tuple[str, str]] = []
        if parameter.kind == LANGUAGE:
            choices = list(languages.items())
        elif parameter.kind == "xsd:boolean":
            choices = [("true", "true"), ("false", "false")]
        elif parameter.kind not in EXAMPLES:
            members = instances(expand(parameter.kind))
            choices = sorted(
                ((compact(iri), labels.of(iri, language).text) for iri in members),
                key=lambda choice: (choice[1].casefold(), choice[0]),
            )
            if 0 < len(members) <= MAX_CHOICES:
                widget = "choice"
            values = tuple(_short(each, labels) for each in values)
        if widget == "choice":
            known = {value for value, _ in choices}
            choices += [(each, each) for each in dict.fromkeys(values) if each and each not in known]
        fields.append(Field(parameter, widget, values, tuple(choices[:1_000]), name == wrong))
    return fields


def _short(text: str, labels: Labels) -> str:
    try:
        return compact(expand(_resource(text, labels)))
    except ValueError:
        return text


def answer_table(
    answer: Results, labels: Labels, language: str, *, most: int = MAX_ROWS, localised: Sequence[str] = ()
) -> AnswerTable:
    """An answer as a table, resources by label; a column that repeats those labels is left out.

    Of rows that differ only in the languages of the `localised` columns, those in the best are shown.
    """
    if isinstance(answer, QueryBoolean):
        return AnswerTable(("answer",), ((AnswerCell(("true" if answer else "false",)),),), 1)
    if isinstance(answer, QueryTriples):
        triples = sorted(answer, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))
        return _table(("subject", "predicate", "object"), triples, labels, language, most)
    if not isinstance(answer, QuerySolutions):
        raise QueryError("The answer is of an unknown kind.")
    columns = tuple(variable.value for variable in answer.variables)
    places = [columns.index(name) for name in localised if name in columns]
    rows = in_language(answer, places, language) if places else answer
    return _table(columns, rows, labels, language, most)


def _table(
    columns: tuple[str, ...], rows: Iterable[Any], labels: Labels, language: str, most: int
) -> AnswerTable:
    rows = iter(rows)
    shown = [tuple(_cell(term, labels, language) for term in row) for row in islice(rows, most)]
    total = len(shown) + sum(1 for _ in rows)
    kept = [
        number
        for number, column in enumerate(columns)
        if not (
            number
            and column.lower().endswith("label")
            and shown
            and all(row[number].lines in ((), row[number - 1].lines) and row[number - 1].iri for row in shown)
        )
    ]
    return AnswerTable(
        tuple(columns[number] for number in kept), tuple(tuple(row[n] for n in kept) for row in shown), total
    )


def _cell(term: Any, labels: Labels, language: str) -> AnswerCell:
    if isinstance(term, NamedNode):
        label = labels.of(term.value, language)
        return AnswerCell((label.text,), label.language, term.value)
    if isinstance(term, Literal):
        lines = tuple(line for line in term.value.split("\n") if line)
        return AnswerCell(lines, term.language or "", number=term.datatype.value in NUMBERS)
    return AnswerCell(() if term is None else (str(term),))
