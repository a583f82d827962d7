"""Read saved queries, SPARQL files that run in any tool, and bind values to their parameters.

    #+ summary: Plans in force in a given year
    SELECT ?plan WHERE {
      VALUES ?year { 2014 }      # xsd:integer: the year asked about
      …

The `#+` lines are grlc's decorators (https://github.com/CLARIAH/grlc). A line with only `VALUES ?name { … }`
and a comment `# kind: help` is a parameter; its braces hold the default, `UNDEF` for any value. Binding
replaces the content of those braces, and only with terms that pyoxigraph has serialized.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from policygraph.errors import QueryError, nearest
from policygraph.rdf.namespaces import PREFIXES, compact, expand
from policygraph.rdf.sparql import MAX_LENGTH, tokens
from policygraph.rdf.store import EmbeddedStore

if TYPE_CHECKING:
    import os

_Term: TypeAlias = NamedNode | Literal
HEADER_KEYS = ("summary", "description", "tags", "view", "expect", "localised")
VIEWS = ("table", "graph", "timeline", "matrix", "things")
LANGUAGE = "language"
EXAMPLES = {
    LANGUAGE: "en",
    "xsd:boolean": "true",
    "xsd:date": "2014-05-31",
    "xsd:dateTime": "2014-05-31T12:00:00Z",
    "xsd:decimal": "2.7",
    "xsd:double": "2.7e9",
    "xsd:gYear": "2014",
    "xsd:gYearMonth": "2014-05",
    "xsd:integer": "2014",
    "xsd:string": "health",
}
"""The kinds of parameters besides classes, each with an example for error messages."""

_KIND_COMMENT = re.compile(r"#\s*(\S+?):(?:\s+(.*))?$")
_TAG = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")  # RFC 5646 (BCP 47), well-formed
_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Parameter(NamedTuple):
    """A parameter of a saved query; without a `default`, an unbound parameter matches any value.

    `kind` is the CURIE of a class or of a datatype, or "language"; `summary` is its help text.
    """

    name: str
    kind: str
    default: tuple[_Term, ...] = ()
    summary: str = ""


class Query(NamedTuple):
    """A saved query: its SPARQL text, the values of its header, and its parameters by name."""

    name: str
    text: str
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = {}
    view: str | None = None
    expect: str | None = None
    localised: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Query:
        """Read the query in a file, with the file's stem as its name; QueryError when it cannot be read."""
        from pathlib import Path

        path = Path(path)
        if not path.is_file():
            what = "this is not a regular file." if path.exists() else "there is no such file."
            raise QueryError(what, path=path)
        try:
            data = path.read_bytes()
            return cls.parse(data.decode("utf-8-sig"), name=path.stem, path=path)
        except OSError as error:
            raise QueryError(f"cannot be read: {error.strerror}.", path=path) from None
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise QueryError("is not UTF-8 text; save it as UTF-8.", path=path, line=line) from None

    @classmethod
    def parse(cls, text: str, *, name: str = "", path: object = None) -> Query:
        """Parse the text of a query; QueryError, with `path`, for a malformed header or parameter."""
        if len(text) > MAX_LENGTH:
            raise QueryError(f"is longer than {MAX_LENGTH:,} characters.", path=path)
        header, lines = _header(text, path)
        localised = tuple(header.get("localised", "").replace("?", "").split())
        columns = _columns(text) if localised else ()
        for column in localised:
            if columns is not None and column not in columns:
                what = f"the query selects no ?{column}; localised names columns.{nearest(column, columns)}"
                raise QueryError(what, path=path, line=lines["localised"])
        tags = header.get("tags", "").strip("[]").split(",")
        return cls(
            name,
            text,
            header.get("summary", ""),
            header.get("description", ""),
            tuple(tag.strip() for tag in tags if tag.strip()),
            _parameters(text, path),
            header.get("view"),
            header.get("expect"),
            localised,
        )

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
        for line in _parameter_lines(self.text):
            if line.name in values and line.name in self.parameters:
                parameter = self.parameters[line.name]
                terms = _terms(parameter, values[line.name])
                if parameter.default and not terms:
                    _refuse(parameter, "", "It needs a value.")
                parts += [self.text[end : line.start], " ", " ".join(map(_serialized, terms)) or "UNDEF", " "]
                end = line.end
        return "".join([*parts, self.text[end:]])

    def bind_in(self, language: str | None, /, **values: Any) -> str:
        """As `bind`, with `language` (if any) for those parameters of the kind "language" without a value."""
        names = [name for name, parameter in self.parameters.items() if parameter.kind == LANGUAGE]
        return self.bind(**(dict.fromkeys(names, language) if language else {}) | values)


class _Line(NamedTuple):
    """A parameter's line: the start and end of its braces' content, and the kind and help of its comment."""

    name: str
    start: int
    end: int
    kind: str
    summary: str


def _columns(text: str) -> tuple[str, ...] | None:
    """The columns of a SELECT, none for another form; None for a text that cannot be read."""
    try:
        answer = EmbeddedStore().query(text)
    except QueryError:
        return None
    if not isinstance(answer, QuerySolutions):
        return ()
    return tuple(variable.value for variable in answer.variables)


def _header(text: str, path: object) -> tuple[dict[str, str], dict[str, int]]:
    """The values of a header by key, and the line where each begins."""
    header: dict[str, str] = {}
    lines: dict[str, int] = {}
    key = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            continue
        match = re.match(r"#\+ ?([\w-]+):(?:\s+(.*?))?\s*$", line)
        if match:
            key = match[1]
            header[key], lines[key] = match[2] or "", number
        elif key and line.startswith("#+  "):  # the value continues
            header[key] = f"{header[key]} {line[2:].strip()}".strip()
        elif line.strip() != "#+":
            raise QueryError("a header line is written '#+ key: value'.", path=path, line=number)
        if key not in HEADER_KEYS and (hint := nearest(key, HEADER_KEYS)):
            raise QueryError(f"unknown key {key!r} in the header.{hint}", path=path, line=number)
        if key == "view" and header[key] not in VIEWS:
            raise QueryError(f"a view is one of {', '.join(VIEWS)}.", path=path, line=number)
    return header, lines


@lru_cache
def _parameter_lines(text: str) -> list[_Line]:
    """The lines with only `VALUES ?name { … }` and a comment that names a kind."""
    lines = []
    words = list(tokens(text))
    for index, token in enumerate(words):
        if token.lastgroup != "comment" or not (comment := _KIND_COMMENT.match(token[0].rstrip())):
            continue
        first = index
        while first and "\n" not in text[words[first - 1].start() : token.start()]:
            first -= 1
        line = words[first:index]
        if len(line) < 4 or line[0][0].upper() != "VALUES" or line[1].lastgroup != "variable":
            continue
        braces = [part[0] for part in line if part[0] in ("{", "}")]
        if line[2][0] == "{" and line[-1][0] == "}" and len(braces) == 2:
            name, start, end = line[1][0][1:], line[2].end(), line[-1].start()
            lines.append(_Line(name, start, end, comment[1], comment[2] or ""))
    return lines


def _parameters(text: str, path: object) -> Mapping[str, Parameter]:
    parameters: dict[str, Parameter] = {}
    lines = _parameter_lines(text)
    if not lines:
        return parameters
    prefixes = dict(PREFIXES)
    words = [token for token in tokens(text) if token.lastgroup != "comment"]
    for word, name, iri in zip(words, words[1:], words[2:], strict=False):
        if word[0].upper() == "PREFIX" and name.lastgroup == "name" and iri.lastgroup == "iri":
            prefixes[name[0][:-1]] = iri[0][1:-1]
    for line in lines:
        number = text.count("\n", 0, line.start) + 1
        error_here = partial(QueryError, path=path, line=number, parameter=line.name)
        if line.kind not in EXAMPLES:
            try:
                datatype = ":" not in line.kind or expand(line.kind, prefixes).startswith(PREFIXES["xsd"])
            except ValueError as error:
                raise error_here(f"the kind of ?{line.name} is unknown: {error}") from None
            if datatype:
                known = ", ".join(EXAMPLES)
                what = f"the kind of ?{line.name} is neither a class nor one of {known}: {line.kind!r}."
                raise error_here(what + nearest(line.kind, EXAMPLES))
        parameter = Parameter(line.name, line.kind, summary=line.summary)
        try:
            rows = Store().query(
                f"SELECT ?x WHERE {{ VALUES ?x {{ {text[line.start : line.end]} }} }}", prefixes=prefixes
            )
            default = [row[0] for row in rows]  # type: ignore[union-attr]
        except SyntaxError:
            raise error_here(f"the default of ?{line.name} is neither UNDEF nor a list of terms.") from None
        try:
            terms = tuple(_terms(parameter, [term for term in default if term is not None]))
        except QueryError as error:
            raise error_here(f"the default does not fit: {error}") from None
        parameter = parameter._replace(default=terms)
        # A query with several parts may need the same parameter in each of them.
        if parameters.setdefault(line.name, parameter)[:3] != parameter[:3]:
            raise error_here(f"?{line.name} is a parameter twice, with a different kind or default.")
    return parameters


def _terms(parameter: Parameter, value: object) -> list[_Term]:
    values = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
    values = values if isinstance(values, (list, tuple)) else [values]
    return [_term(parameter, each) for each in values if each is not None and each != ""]


def _term(parameter: Parameter, value: object) -> _Term:
    kind = parameter.kind
    if kind not in EXAMPLES:
        if isinstance(value, NamedNode):
            return value
        if not isinstance(value, str):
            _refuse(parameter, value)
        try:
            return NamedNode(expand(value))
        except ValueError as error:
            _refuse(parameter, value, str(error))
    datatype = NamedNode(expand("xsd:string" if kind == LANGUAGE else kind))
    if isinstance(value, Literal):
        if value.language or value.datatype.value not in (datatype.value, _STRING):
            _refuse(parameter, value)
        text = value.value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (str, int, float)):
        text = str(value)
    elif type(value).__module__ in ("datetime", "decimal"):
        text = str(value).replace(" ", "T")
    else:
        _refuse(parameter, value)
    if kind == LANGUAGE:
        if not _TAG.fullmatch(text):
            _refuse(parameter, value)
        return Literal(text.lower())
    if kind == "xsd:string":
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text):
            _refuse(parameter, value, "It holds control characters.")
        try:
            return Literal(text)
        except ValueError:
            _refuse(parameter, value, "It holds half a character (a lone surrogate).")
    # The engine's cast knows the lexical forms of every datatype and returns the canonical one.
    try:
        cast = Store().query(f"SELECT ({datatype}({Literal(text.strip())}) AS ?x) {{}}")
    except (SyntaxError, ValueError):
        _refuse(parameter, value)
    term = next(cast)[0]  # type: ignore[arg-type]
    if not isinstance(term, Literal):
        _refuse(parameter, value)
    return term


def _refuse(parameter: Parameter, value: object, reason: str = "") -> NoReturn:
    kind = parameter.kind
    if kind in EXAMPLES:
        wanted = f"{kind}, such as {EXAMPLES[kind]}"
    else:
        example = next((compact(term.value) for term in parameter.default), "pgid:name")
        wanted = f"{kind}, by its IRI or a CURIE such as {example}"
    shown = str(value)
    shown = shown[:60] + "…" if len(shown) > 60 else shown
    raise QueryError(
        f"parameter {parameter.name!r} takes {wanted}; not {shown!r}." + (f" {reason}" if reason else ""),
        parameter=parameter.name,
    )


def _serialized(term: _Term) -> str:
    # rdflib expands \uXXXX anywhere in a literal, even after an escaped backslash, and takes up to eight
    # digits; so the letter u itself is written as an eight-digit escape.
    return re.sub(r"(?<=\\\\)[uU]", lambda letter: f"\\U{ord(letter[0]):08X}", str(term))
