"""Read saved queries, SPARQL files that run in any tool, and bind values to their parameters.

    #+ summary: Plans in force in a given year
    SELECT ?plan WHERE {
      VALUES ?year { 2014 }      # xsd:integer: the year asked about
      …

The `#+` lines are grlc's decorators (https://github.com/CLARIAH/grlc). A line with only `VALUES ?name { … }`
and a comment `# kind: help` is a parameter; its braces hold the default, `UNDEF` for any value. Binding
replaces the content of those braces, and only with terms that pyoxigraph has serialized; the line of a
parameter without a value is left out, since engines differ in what `UNDEF` matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import QuerySolutions

from policygraph.catalog.parameters import (
    Parameter,
    lines,
    read_parameters,
    refusal,
    serialized,
    terms_of,
)
from policygraph.errors import QueryError, nearest
from policygraph.rdf import reader
from policygraph.rdf.formats import shown
from policygraph.rdf.namespaces import PREFIXES, compact
from policygraph.rdf.sparql import MAX_LENGTH, declared, tokens
from policygraph.rdf.store import EmbeddedStore, Store, batches, rows
from policygraph.rdf.terms import language_rank
from policygraph.text import table, wrap

_NAMES = re.compile(r"{(.*?)}|[{}]")  # a bracket alone has an empty name

HEADER_KEYS = ("summary", "description", "tags", "view", "expect", "localised", "unstated", "finding")
_COLUMNS = ("localised", "unstated")  # keys that name columns
ROWS = "rows"  # in a finding, the number of rows
VIEWS = ("table", "graph", "timeline", "matrix", "things")

_OCCURS = "{ %s ?p1 ?o1 } UNION { ?s2 %s ?o2 } UNION { ?s3 ?p3 %s } UNION { GRAPH %s { ?s4 ?p4 ?o4 } }"
_UNUSED = (
    f"SELECT ?x {{ VALUES ?x {{ %s }} FILTER NOT EXISTS {{ {_OCCURS.replace('%s', '?x')} }} }} ORDER BY ?x"
)
_ALIKE = (
    "SELECT DISTINCT ?x { { ?x ?p1 ?o1 } UNION { ?s2 ?x ?o2 } UNION { ?s3 ?p3 ?x } "
    'FILTER(isIRI(?x) && STRSTARTS(STR(?x), "%s")) }'
)
_TAGS = "SELECT DISTINCT (LCASE(LANG(?o)) AS ?tag) { ?s ?p ?o FILTER(isLiteral(?o) && LANG(?o) != '') }"
_LANGUAGE = re.compile(
    r"""\bLANG(?:MATCHES)?\s*\([^()]*(?:\([^()]*\)\s*)?[=,)\s]+["']([A-Za-z]+(?:-\w+)*)["']""", re.IGNORECASE
)


class Query(NamedTuple):
    """A saved query: its SPARQL text, the values of its header, and its parameters by name.

    `localised` are the columns whose texts people read in one language, `unstated` those where an empty cell
    means that no source states it; `summaries` and `findings` are by language, where `{x}` in a finding is a
    column in which all rows have the same, a parameter, or the number of rows; `path` is its file.
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
    findings: Mapping[str, str] = {}
    path: object = None

    @classmethod
    def read(cls, path: str | Path) -> Query:
        """Read the query in a file, whose stem is its name; DocumentError when it cannot be read."""
        path = Path(path)
        text = reader.decode(reader.read_bytes(path), name=path).removeprefix("\ufeff")
        return cls.parse(text, name=path.stem, path=path)

    @classmethod
    def parse(cls, text: str, *, name: str = "", path: object = None) -> Query:
        """Parse the text of a query; QueryError, with `path`, for a malformed header or parameter."""
        if len(text) > MAX_LENGTH:
            raise QueryError(f"is longer than {MAX_LENGTH:,} characters.", path=path)
        header, places = _header(text, path)
        parameters = read_parameters(text, path)
        columns_of = {key: tuple(header.get(key, "").replace("?", "").split()) for key in _COLUMNS}
        named = [(key, name) for key, names in columns_of.items() for name in names]
        for key in header:
            if key.partition("-")[0] == "finding":
                header[key] = header[key].strip('"')
                named += [(key, name) for name in _NAMES.findall(header[key])]
        columns = _columns(text) if named else None
        for key, column in named if columns is not None else ():
            known = [*(columns or ()), *(() if key in _COLUMNS else (ROWS, *parameters))]
            if column not in known:
                what = f"{key} names {column!r}, which the query does not select.{nearest(column, known)}"
                raise QueryError(what, path=path, line=places[key])
        tags = header.get("tags", "").strip("[]").split(",")
        return cls(
            name,
            text,
            header.get("summary", ""),
            header.get("description", ""),
            tuple(tag.strip() for tag in tags if tag.strip()),
            parameters,
            header.get("view"),
            header.get("expect"),
            columns_of["localised"],
            columns_of["unstated"],
            {"en": header.get("summary", "")}
            | {key: text for key, text in header.items() if re.fullmatch(r"[a-z]{2,3}(-\w+)*", key)},
            {key.partition("-")[2] or "en": text for key, text in header.items() if key[:7] == "finding"},
            path,
        )

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

    def bind(self, /, **values: Any) -> str:
        """Bind values to parameters and return the SPARQL text.

        A value is text, a Python number, boolean or date, a pyoxigraph term, or several of these; None or ""
        matches any value, if that is the default. QueryError for a name that is not a parameter, a value of
        the wrong kind, and no value where one is needed.
        """
        for name in values.keys() - self.parameters.keys():
            known = ", ".join(self.parameters) or "none"
            raise QueryError(
                f"{self.name or 'the query'} has no parameter {name!r}; it has: {known}."
                + nearest(name, self.parameters),
                parameter=name,
            )
        parts, end = [], 0
        for line in lines(self.text):
            name = line["name"]
            parameter = self.parameters[name]
            terms = terms_of(parameter, values.get(name, parameter.default))
            if parameter.default and not terms:
                raise refusal(parameter, "", "It needs a value.")
            if not terms:  # an empty line is left, so that the others keep their numbers
                parts.append(self.text[end : line.start()])
                end = line.end()
            elif name in values:
                parts += [self.text[end : line.start("default")], " ", " ".join(map(serialized, terms)), " "]
                end = line.end("default")
        return "".join([*parts, self.text[end:]])

    def title(self, language: str) -> tuple[str, str]:
        """Its summary in the best language, or else its name; and the tag of that language."""
        text, tag = best_text(self.summaries, language)
        return text or self.name, tag

    def finding(self, language: str, values: Mapping[str, str]) -> str:
        """The finding in the best language, with these values; empty without one, and where a value lacks."""
        text, _ = best_text(self.findings, language)
        return text.format_map(values) if all(values.get(name) for name in _NAMES.findall(text)) else ""

    def guide(self, language: str = "en", *, width: int | None = None) -> str:
        """What it answers, and its parameters with kinds, defaults and meanings, as text for a terminal."""
        rows = [
            (name, kind, ", ".join(shown(term, {}) for term in default) or "any", help)
            for name, kind, default, help, _ in self.parameters.values()
        ]
        title, description = self.title(language)[0], self.description
        lines = [*wrap(title, width=width), "", *wrap(description, width=width, hang=0)]
        head = ("parameter", "kind", "default", "meaning")
        return "\n".join(lines) + "\n" + (f"\n{table(head, rows, width=width)}" if rows else "")


def best_text(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """Of texts by language, the one in the best, and its tag; empty without any."""
    tag = min(texts, key=lambda tag: language_rank(tag, language), default="")
    return texts.get(tag, ""), tag


def _columns(text: str) -> tuple[str, ...] | None:
    """The columns of a SELECT, none for another form; None for a text that cannot be read."""
    try:
        answer = EmbeddedStore().query(text)
    except QueryError:
        return None
    variables = answer.variables if isinstance(answer, QuerySolutions) else ()
    return tuple(variable.value for variable in variables)


def _header(text: str, path: object) -> tuple[dict[str, str], dict[str, int]]:
    header: dict[str, str] = {}
    places: dict[str, int] = {}
    key = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        match = re.match(r"#\+ ?([\w-]+):(?:\s+(.*?))?\s*$", line)
        if match:
            key = match[1]
            header[key], places[key] = match[2] or "", number
        elif key and line.startswith("#+  "):  # the value continues
            header[key] = f"{header[key]} {line[2:].strip()}".strip()
        elif line.strip() != "#+":
            raise QueryError("a header line is written '#+ key: value'.", path=path, line=number)
        known = key.partition("-")[0] in HEADER_KEYS or len(key) == 2  # which is a language
        if not known and (hint := nearest(key, HEADER_KEYS)):
            raise QueryError(f"unknown key {key!r} in the header.{hint}", path=path, line=number)
        if key == "view" and header[key] not in VIEWS:
            raise QueryError(f"a view is one of {', '.join(VIEWS)}.", path=path, line=number)
    return header, places


def unknown(store: Store, text: str) -> list[str]:
    """A sentence for each IRI and language tag of a query that the store does not have, with the nearest."""
    iris = dict.fromkeys(_named(text))
    sentences = []
    for few in batches([*iris]):
        for row in rows(store, _UNUSED % few):
            name, iri = compact(row["x"].value), row["x"].value
            namespace = iri[: -len(name.partition(":")[2])] if name != iri else re.sub("[^/#]*$", "", iri)
            known = [compact(other["x"].value) for other in rows(store, _ALIKE % namespace)]
            sentences.append(f"{name} is used nowhere.{nearest(name, known)}")
    tags = {token[0][1:] for token in tokens(text) if token.lastgroup == "tag"}
    tags |= set(_LANGUAGE.findall(text))
    if tags:
        known = sorted(row["tag"].value for row in rows(store, _TAGS))
        for tag in sorted(tags):
            if not any(f"{each}-".startswith(f"{tag.lower()}-") for each in known):
                sentences.append(f"No text is in the language {tag!r}; there are: {', '.join(known)}.")
    return sentences


def _named(text: str) -> Iterator[str]:
    """The absolute IRIs that a query names, except those of functions, datatypes and prefixes."""
    prefixes = {**PREFIXES, **declared(text)}
    words = [token for token in tokens(text) if token.lastgroup != "comment"]
    for token, *around in zip(words, [None, None, *words], [None, *words], [*words[1:], None], strict=False):
        two_before, before, after = (each[0].upper() if each else "" for each in around)
        word, prefix = token[0], token[0].partition(":")[0]
        if before in ("^", "BASE", "PREFIX") or two_before == "PREFIX" or after == "(":
            continue
        if token.lastgroup == "iri" and re.match(r"<\w[\w+.-]*:", word):
            yield word[1:-1]
        elif token.lastgroup == "name" and prefix in prefixes:
            yield prefixes[prefix] + re.sub(r"\\(.)", r"\1", word.partition(":")[2])
