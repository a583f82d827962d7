"""Read saved queries, SPARQL files that run in any tool, and bind values to their parameters.

    #+ summary: Plans in force in a given year
    SELECT ?plan WHERE {
      VALUES ?year { "2014"^^xsd:gYear }      # xsd:gYear: the year asked about
      …

The `#+` lines are grlc's decorators (https://github.com/CLARIAH/grlc). A line with only `VALUES ?name { … }`
and a comment `# kind: help` is a parameter; its braces hold the default, `UNDEF` for any value. Binding
replaces the content of those braces, and only with terms that pyoxigraph has serialized; the line of a
parameter without a value is left out, since engines differ in what `UNDEF` matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import QuerySolutions

from policygraph.catalog import matrix
from policygraph.catalog.parameters import Parameter, lines, read_parameters, refusal, serialized, terms_of
from policygraph.errors import QueryError, nearest
from policygraph.i18n import FALLBACK, OF_QUESTIONS, language_name
from policygraph.rdf import reader
from policygraph.rdf.formats import shown
from policygraph.rdf.namespaces import PREFIXES, Prefixes
from policygraph.rdf.terms import language_rank
from policygraph.store.memory import EmbeddedStore
from policygraph.store.sparql import MAX_LENGTH, declare, form
from policygraph.text import table, wrap

_NAMES = re.compile(r"{(.*?)}|[{}]")  # a bracket alone has an empty name

HEADER_KEYS = ("summary", "description", "tags", "view", "expect", "localised", "unstated", "finding")
_GRLC = ("endpoint", "endpoint_in_url", "method", "pagination", "enumerate", "defaults", "mime", "transform")
_COLUMNS = ("localised", "unstated")  # keys that name columns
ROWS = "rows"  # in a finding, the number of rows
VIEWS = ("table", "graph", "timeline", "matrix", "things", "bars", "contrast", "tiles")


@cache
def beside(module: str, name: str) -> Query:
    """The query of that name in the folder `queries` beside a module, which is named by its file."""
    return Query.read(Path(module).parent / "queries" / f"{name}.rq")


class Query(NamedTuple):
    """A saved query: its SPARQL text, the values of its header, and its parameters by name.

    `localised` are the columns whose texts people read in one language, `unstated` those where an empty cell
    means that no source states it; `summaries`, `descriptions` and `findings` are by language, where `{x}` in
    a finding is a column in which all rows have the same, a parameter, or the number of rows, here or, for a
    name with a hyphen, in the answer to the saved question of that name; `path` is its file, and `prefixes`
    are those that it need not declare.
    """

    name: str
    text: str
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = {}
    view: str | None = None
    expect: str | None = None
    localised: tuple[str, ...] = ()
    unstated: tuple[str, ...] = ()
    summaries: Mapping[str, str] = {}
    descriptions: Mapping[str, str] = {}
    findings: Mapping[str, str] = {}
    path: object = None
    prefixes: Prefixes = PREFIXES

    @classmethod
    def read(cls, path: str | Path, *, prefixes: Prefixes = PREFIXES, language: str = "en") -> Query:
        """Read the query in a file, whose stem is its name; DocumentError when it cannot be read.

        What its header says without a tag is in `language`, or in English where it has a text in that too.
        """
        path = Path(path)
        text = reader.decode(reader.read_bytes(path), name=path).removeprefix("\ufeff")
        return cls.parse(text, name=path.stem, path=path, prefixes=prefixes, language=language)

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        name: str = "",
        path: object = None,
        prefixes: Prefixes = PREFIXES,
        language: str = "en",
    ) -> Query:
        """Parse the text of a query; QueryError, with `path`, for a malformed header or parameter."""
        if len(text) > MAX_LENGTH:
            raise QueryError(f"is longer than {MAX_LENGTH:,} characters.", path=path)
        header, places = _header(text, path)
        language = FALLBACK if language in header else language
        parameters = read_parameters(text, path, prefixes, language)
        columns_of = {key: tuple(header.get(key, "").replace("?", "").split()) for key in _COLUMNS}
        named = [(key, name) for key, names in columns_of.items() for name in names]
        named += [("view", name) for name in sorted(matrix.VIEWS.get(header.get("view"), (0, ()))[1])]
        for key in header:
            if key.partition("-")[0] == "finding":
                header[key] = header[key].strip('"')
                named += [(key, name) for name in _NAMES.findall(header[key]) if "-" not in name]
        columns = selected(text, prefixes) if named else ()
        for key, column in named if columns is not None else ():
            known = [*(columns or ()), *((ROWS, *parameters) if key[:7] == "finding" else ())]
            if column not in known:
                what = f"{key} needs {column!r}, which the query does not select.{nearest(column, known)}"
                raise QueryError(what, path=path, line=places[key])
        tags, summary = header.get("tags", "").strip("[]"), header.get("summary", "")
        translated = {key: text for key, text in header.items() if re.fullmatch(r"[a-z]{2,3}(-\w+)*", key)}
        findings = {key.partition("-")[2] or language: header[key] for key in header if key[:7] == "finding"}
        query = cls(name, text, summary, header.get("description", ""), path=path, prefixes=prefixes)
        query = query._replace(descriptions={language: query.description} if query.description else {})
        listed = re.split("(?:^| )- " if tags.startswith("- ") else ",", tags)  # as YAML writes a list
        query = query._replace(tags=tuple(filter(None, map(str.strip, listed))), parameters=parameters)
        localised, unstated = (columns_of[key] for key in _COLUMNS)
        query = query._replace(view=header.get("view"), localised=localised, unstated=unstated)
        summaries = {language: summary} | translated
        return query._replace(summaries=summaries, findings=findings, expect=header.get("expect"))

    def with_languages(self, *known: Mapping[str, Mapping[str, str]]) -> Query:
        """It with what the sections `i18n.OF_QUESTIONS` have; QueryError for a finding with other columns."""
        titles, findings, descriptions = (each.get(self.name, {}) for each in known[:3])
        columns = {name for text in self.findings.values() for name in _NAMES.findall(text)}
        for tag, text in findings.items():
            if not self.findings or {*_NAMES.findall(text)} != columns:
                what = f"has no finding with the same columns as that in i18n/{tag}.json"
                raise QueryError(f"the header of {self.name!r} {what}.", path=self.path)
        parameters = {
            name: each._replace(summaries={**each.summaries, **known[3].get(each.summary, {})})
            for name, each in self.parameters.items()
        }
        return self._replace(
            parameters=parameters,
            summaries={**self.summaries, **titles},
            descriptions={**self.descriptions, **descriptions},
            findings={**self.findings, **findings},
        )

    def texts(self) -> Iterator[tuple[str, str, Mapping[str, str]]]:
        """Its texts by language, each with its section of `i18n.OF_QUESTIONS` and its key there."""
        own = (self.summaries, self.findings, self.descriptions)
        yield from ((section, self.name, each) for section, each in zip(OF_QUESTIONS, own, strict=False))
        yield from ((OF_QUESTIONS[3], each.summary, each.summaries) for each in self.parameters.values())

    @property
    def form(self) -> str:
        """Its form, as of `sparql.form`."""
        with self.located():
            return form(self.text)

    @contextmanager
    def located(self) -> Iterator[None]:
        """Run it inside: a QueryError at a place in its text names its file, if it has one."""
        try:
            yield
        except QueryError as error:
            if self.path is None or error.path or not error.line:
                raise
            what = str(error).partition(": ")[2]
            # Whoever asks a server need not know its folders.
            path = Path(*Path(str(self.path)).parts[-2:])
            raise QueryError(what, path=path, line=error.line, column=error.column) from None

    def parameter(self, name: str) -> Parameter:
        """Its parameter of that name; QueryError where it has none."""
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            what = f"{self.name or 'the query'} has no parameter {name!r}; it has: {known}."
            raise QueryError(what + nearest(name, self.parameters), parameter=name)
        return self.parameters[name]

    def bind(self, /, **values: Any) -> str:
        """Bind values to parameters and return the SPARQL text.

        A value is text, a Python number, boolean or date, a pyoxigraph term, or several of these; None or ""
        matches any value, if that is the default; an empty list is no value. QueryError for a name that is
        not a parameter, a value of the wrong kind, and no value where one is needed.
        """
        for name in values:
            self.parameter(name)
        parts, end = [], 0
        for line in lines(self.text):
            parameter = self.parameters[name := line["name"]]
            terms = terms_of(parameter, values.get(name, parameter.default), self.prefixes)
            given = values.get(name)  # a form sends [""] for any
            if not terms and (parameter.default or (given is not None and "" not in given)):
                raise refusal(parameter, "", "It needs a value.")
            if not terms:  # an empty line is left, so that the others keep their numbers
                parts.append(self.text[end : line.start()])
                end = line.end()
            elif name in values:
                parts += [self.text[end : line.start("default")], " ", " ".join(map(serialized, terms)), " "]
                end = line.end("default")
        return "".join([*parts, self.text[end:]])

    def parts(self) -> list[list[str]]:
        """Its text, with all prefixes, in parts for who binds values elsewhere.

        Of each parameter's line: the text before it, the line's up to the values, the parameter, the rest of
        the line, which is left out without a value. At the end, the text that follows.
        """
        text, parts, end = declare(self.text, self.prefixes), list[list[str]](), 0
        for line in lines(text):
            before, start = text[end : line.start()], text[line.start() : line.start("default")]
            parts.append([before, start, line["name"], text[line.end("default") : line.end()]])
            end = line.end()
        return [*parts, [text[end:]]]

    def title(self, language: str) -> tuple[str, str]:
        """Its summary in the best language, or else its name; and the tag of that language."""
        text, tag = best_text(self.summaries, language)
        return text or self.name, tag

    @property
    def counted(self) -> set[str]:
        """The other saved questions whose rows the findings count."""
        return {name for text in self.findings.values() for name in _NAMES.findall(text) if "-" in name}

    def finding(self, language: str, values: Mapping[str, str]) -> str:
        """The finding in the best language, with these values; empty without one, and where a value lacks."""
        text, _ = best_text(self.findings, language)
        return text.format_map(values) if all(values.get(name) for name in _NAMES.findall(text)) else ""

    def guide(self, language: str = "en", *, width: int | None = None) -> str:
        """What it answers, and its parameters with kinds, defaults and meanings, as text for a terminal."""
        rows = []
        for each in self.parameters.values():
            default = ", ".join(shown(term, {}, self.prefixes) for term in each.default) or "any"
            rows.append((each.name, each.kind, default, best_text(each.summaries, language)[0]))
        title, description = self.title(language)[0], best_text(self.descriptions, language)[0]
        lines = [*wrap(title, width=width), "", *wrap(description, width=width, hang=0)]
        head = ("parameter", "kind", "default", "meaning")
        return "\n".join(lines) + "\n" + (f"\n{table(head, rows, width=width)}" if rows else "")


def best_text(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Of texts by language, the one in the best, and its tag in lower case; empty without any."""
    tag = min(texts, key=lambda tag: language_rank(tag, language), default="")
    return texts.get(tag, ""), tag.lower()


def selected(text: str, prefixes: Prefixes) -> tuple[str, ...] | None:
    """The columns of a SELECT, none for another form; None for a text that cannot be read."""
    with suppress(QueryError):
        answer = EmbeddedStore(prefixes=prefixes).query(text)
        return tuple(each.value for each in answer.variables) if isinstance(answer, QuerySolutions) else ()
    return None


def _header(text: str, path: object) -> tuple[dict[str, str], dict[str, int]]:
    header, places, key = dict[str, str](), dict[str, int](), ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        if match := re.match(r"#\+ ?([\w-]+):(?:\s+(.*?))?\s*$", line):
            key = match[1].lower()
            header[key], places[key] = match[2] or "", number
        elif key and line.startswith("#+  "):  # the value continues
            header[key] = f"{header[key]} {line[2:].strip()}".strip()
        elif line.strip() != "#+":
            raise QueryError("a header line is written '#+ key: value'.", path=path, line=number)
        keys = (*HEADER_KEYS, *_GRLC)
        known = len(key) == 2 or key.startswith("finding-") or key in keys  # two letters are a language
        if not known and language_name(key, FALLBACK) == key:
            what = f"unknown key {key!r} in the header: there are {', '.join(HEADER_KEYS)}, and languages."
            raise QueryError(f"{what}{nearest(key, HEADER_KEYS)}", path=path, line=number)
        if key == "view" and header[key] not in VIEWS:
            raise QueryError(f"a view is one of {', '.join(VIEWS)}.", path=path, line=number)
    return header, places
