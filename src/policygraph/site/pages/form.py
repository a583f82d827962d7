"""A saved question as a form to fill in, and its answer as a table to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from policygraph.catalog.labels import Labels, fold
from policygraph.catalog.query import EXAMPLES, LANGUAGE, Parameter, Query
from policygraph.errors import QueryError
from policygraph.rdf.namespaces import compact, expand
from policygraph.rdf.terms import NUMBERS

if TYPE_CHECKING:
    from policygraph.rdf.store import Answer

MOST_ROWS = 1_000
"""How many rows of an answer a page shows."""

MOST_CHOICES = 200
"""Up to so many things are offered in a list to choose from; of more, one types the name."""

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


def values(
    query: Query, arguments: Mapping[str, Sequence[str]], names: Labels, language: str
) -> dict[str, Any]:
    """What a form's arguments bind, things also by their names; without another, the page's language.

    QueryError as by `Query.bind`.
    """
    given: dict[str, Any] = {
        name: language for name, parameter in query.parameters.items() if parameter.kind == LANGUAGE
    }
    for name, said in arguments.items():
        parameter = query.parameters.get(name)
        if parameter is None or parameter.kind in EXAMPLES:
            given[name] = list(said)
        else:
            given[name] = [_thing(text, names) for text in said]
    return given


def _thing(text: str, names: Labels) -> str:
    """The IRI of the only thing with just that name; anything else as it is, for the question to judge."""
    text = text.strip()
    try:
        expand(text)
    except ValueError:
        wanted = fold(text)
        found = [
            iri
            for iri in names.search(text)
            if any(fold(name.text) == wanted for name in (names.of(iri, "en"), *names.others(iri, "en")))
        ]
        if len(found) == 1:
            return found[0]
    return text


def fields(
    query: Query,
    arguments: Mapping[str, Sequence[str]],
    *,
    things: Callable[[str], Sequence[str]],
    names: Labels,
    languages: Mapping[str, str],
    language: str,
    wrong: str | None = None,
) -> list[Field]:
    """The form of a question, filled in with the arguments or else the defaults.

    Args:
        query: the question.
        arguments: values of parameters, as text.
        things: the instances of a class, both by IRI.
        names: what things are called.
        languages: tags and names of the languages to choose from.
        language: of the page.
        wrong: the name of the parameter whose value is refused.
    """
    found = []
    for name, parameter in query.parameters.items():
        default = [compact(t.value) if isinstance(t, NamedNode) else t.value for t in parameter.default]
        if parameter.kind == LANGUAGE:
            default = [language]
        said = tuple(arguments.get(name, default))
        widget = _WIDGETS.get(parameter.kind, "text")
        choices: list[tuple[str, str]] = []
        if parameter.kind == LANGUAGE:
            choices = list(languages.items())
        elif parameter.kind == "xsd:boolean":
            choices = [("true", "true"), ("false", "false")]
        elif parameter.kind not in EXAMPLES:
            instances = things(expand(parameter.kind))
            choices = sorted(
                ((compact(iri), names.of(iri, language).text) for iri in instances),
                key=lambda choice: (choice[1].casefold(), choice[0]),
            )
            if 0 < len(instances) <= MOST_CHOICES:
                widget = "choice"
            said = tuple(_short(each, names) for each in said)
        if widget == "choice":
            known = {value for value, _ in choices}
            choices += [(each, each) for each in dict.fromkeys(said) if each and each not in known]
        found.append(Field(parameter, widget, said, tuple(choices[:1_000]), name == wrong))
    return found


def _short(text: str, names: Labels) -> str:
    try:
        return compact(expand(_thing(text, names)))
    except ValueError:
        return text


def read(answer: Answer, names: Labels, language: str, *, most: int = MOST_ROWS) -> AnswerTable:
    """An answer as a table, with the things by name; a column of labels that says no more is left out."""
    if isinstance(answer, QueryBoolean):
        return AnswerTable(("answer",), ((AnswerCell(("true" if answer else "false",)),),), 1)
    if isinstance(answer, QueryTriples):
        triples = sorted(answer, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))
        return _table(("subject", "predicate", "object"), triples, names, language, most)
    if not isinstance(answer, QuerySolutions):
        raise QueryError("The answer is of no kind that is known.")
    columns = tuple(variable.value for variable in answer.variables)
    return _table(columns, answer, names, language, most)


def _table(
    columns: tuple[str, ...], rows: Iterable[Any], names: Labels, language: str, most: int
) -> AnswerTable:
    rows = iter(rows)
    shown = [tuple(_cell(term, names, language) for term in row) for row in islice(rows, most)]
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


def _cell(term: Any, names: Labels, language: str) -> AnswerCell:
    if isinstance(term, NamedNode):
        name = names.of(term.value, language)
        return AnswerCell((name.text,), name.language, term.value)
    if isinstance(term, Literal):
        lines = tuple(line for line in term.value.split("\n") if line)
        return AnswerCell(lines, term.language or "", number=term.datatype.value in NUMBERS)
    return AnswerCell(() if term is None else (str(term),))
