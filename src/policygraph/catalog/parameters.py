"""Read the parameters of saved queries, and make terms of the values for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode, Store as _Oxigraph

from policygraph.catalog.labels import Named, called, match
from policygraph.errors import QueryError, ResourceError, nearest
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, Prefixes, compact, expand
from policygraph.store.protocols import Store, batches, rows
from policygraph.store.sparql import declared, tokens
from policygraph.text import shorten, tsv

_Term: TypeAlias = NamedNode | Literal
EXAMPLES = dict(tsv(Path(__file__).with_name("datatypes.tsv")))
"""The kinds of parameters besides classes and concept schemes, each with an example for error messages."""

MEMBER = "a/rdfs:subClassOf*|skos:inScheme"
"""The path from a thing to a class that it is an instance of, or to a concept scheme that it is in."""

_LINE = re.compile(
    r"""^[ \t]*VALUES[ \t]*[?$](?P<name>\w+)[ \t]*
    \{(?P<default>(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|[^{}"'\#<\n])*)\}
    [ \t]*\#[ \t]*(?P<kind>[^\s:]*:\S+?):(?:[ \t]+(?P<summary>.*?))?[ \t\r]*$""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_LONG = re.compile("\"{3}|'{3}")  # strings of several lines
_MOST = 6  # things in an error message
_INSTANCES = f"""SELECT DISTINCT ?thing ?label {{{{
  {{among}}
  ?thing {MEMBER} <{{iri}}> FILTER(isIRI(?thing))
  OPTIONAL {{{{ ?thing {"|".join(f"<{iri}>" for iri in LABEL_PROPERTIES)} ?label }}}}
}}}} ORDER BY ?thing ?label"""
_STRING, _YEAR, _INTEGER = map(expand, ("xsd:string", "xsd:gYear", "xsd:integer"))
_UNSAID = (expand("rdfs:Resource"), expand("rdf:Property"))  # of which a thing is whether or not data say so
USED = "ASK {{ {{ {0} ?p ?o }} UNION {{ ?s {0} ?o }} UNION {{ ?s ?p {0} }} }}"
FOUR_DIGITS, NO_YEAR = "[0-9]{4}", "A year has four digits."


class Parameter(NamedTuple):
    """A parameter of a saved query; without a `default`, an unbound parameter matches any value.

    `kind` is the CURIE of a class, a concept scheme or a datatype, `summary` its help text, `iri` the IRI of
    the class or the scheme, `summaries` its help texts by language.
    """

    name: str
    kind: str
    default: tuple[_Term, ...] = ()
    summary: str = ""
    iri: str = ""
    summaries: Mapping[str, str] = {}


@lru_cache
def lines(text: str) -> list[re.Match[str]]:
    """The lines with only `VALUES ?name { … }` and a comment that names a kind, outside of strings."""
    strings = [t.span() for t in tokens(text) if t.lastgroup == "string"] if _LONG.search(text) else []
    found = _LINE.finditer(text)
    return [line for line in found if not any(start < line.start() < end for start, end in strings)]


def read_parameters(text: str, path: object, known: Prefixes, language: str) -> Mapping[str, Parameter]:
    """The parameters in a text, which may use `known` prefixes, by name; QueryError for a malformed one.

    What it says of them is in the language.
    """
    parameters, prefixes = dict[str, Parameter](), {**known, **declared(text)}
    for line in lines(text):
        name, kind, number = line["name"], line["kind"], text.count("\n", 0, line.start()) + 1
        error_here = partial(QueryError, path=path, line=number, parameter=name)
        iri = ""
        if kind not in EXAMPLES:
            try:
                iri = expand(kind, prefixes)
            except ValueError as error:
                raise error_here(f"the kind of ?{name} is unknown: {error}") from None
            if iri.startswith(PREFIXES["xsd"]):
                what = f"the kind of ?{name} is none of {', '.join(EXAMPLES)}: {kind!r}."
                raise error_here(what + nearest(kind, EXAMPLES))
        summary = line["summary"] or ""
        parameter = Parameter(name, kind, (), summary, iri, {language: summary} if summary else {})
        asked = f"SELECT ?x WHERE {{ VALUES ?x {{ {line['default']} }} }}"
        try:
            default = [row[0] for row in _Oxigraph().query(asked, prefixes=prefixes)]  # type: ignore[union-attr]
            if not default or (None in default and len(default) > 1):
                raise SyntaxError
            parameter = parameter._replace(default=tuple(terms_of(parameter, default, known)))
        except SyntaxError:
            raise error_here(f"the default of ?{name} is neither UNDEF nor a list of terms.") from None
        except QueryError as error:
            raise error_here(f"the default does not fit: {error}") from None
        # A query with several parts may need the same parameter in each of them.
        if parameters.setdefault(name, parameter)[:3] != parameter[:3]:
            raise error_here(f"?{name} is a parameter twice, with a different kind or default.")
    for name, start in ((name, start) for name, start in _unreached(text) if name in parameters):
        number, nested = text.count("\n", 0, start) + 1, f"a nested SELECT that selects no ?{name}."
        what = f"the parameter ?{name} does not reach into, or out of, {nested}"
        raise QueryError(what, path=path, line=number, parameter=name)
    return parameters


def _unreached(text: str) -> Iterator[tuple[str, int]]:
    """Variables in a nested SELECT that does not select them, with offsets: SPARQL binds bottom-up.

    A parameter that it has itself, as what is around it does, is none of them.
    """
    nested: list[tuple[int, set[str]]] = []  # the brackets around each that is open, and what it selects
    depth, brackets, head, before = 0, 0, False, ""
    several = {name for name, times in Counter(line["name"] for line in lines(text)).items() if times > 1}
    for token in tokens(text):
        word, name = token[0].upper(), token[0][1:]
        if word == "SELECT" and depth:
            nested.append((depth, set()))
            head, brackets = True, 0
        elif word in ("{", "}"):
            head, depth = False, depth + (1 if word == "{" else -1)
            if nested and nested[-1][0] > depth:
                nested.pop()
        elif head:
            brackets += (word == "(") - (word == ")")
            nested[-1][1].update([name or word] if not brackets else ())
        elif token.lastgroup == "variable" and not all(each & {name, "*"} for _, each in nested):
            if before == "VALUES" and name in several:
                nested[-1][1].add(name)
            else:
                yield name, token.start()
        before = word


def find_things(
    parameters: Mapping[str, Parameter], given: Mapping[str, Any], store: Store, names: Named, known: Prefixes
) -> dict[str, Any]:
    """Replace the texts among values of classes by the IRIs of the things that they name, known in the store.

    For a thing of any kind, an IRI in angle brackets is taken as it is; `names` are for a class that has no
    instances.
    QueryError for a text that names nothing, or several things.
    """

    def found(parameter: Parameter | None, value: Any) -> Any:
        if (many := several(value)) is not None:
            return [found(parameter, each) for each in many]
        if not parameter or not parameter.iri or not isinstance(value, str) or not value.strip():
            return value
        return _thing(parameter, value.strip().replace("\\/", "/"), store, names, known)

    return {name: found(parameters.get(name), value) for name, value in given.items()}


def _thing(parameter: Parameter, text: str, store: Store, labels: Named, prefixes: Prefixes) -> NamedNode:
    thing = None
    with suppress(ValueError):
        thing = NamedNode(expand(text, prefixes, base=store.base))
    is_any = text.startswith("<") and parameter.iri in _UNSAID
    if thing and (is_any or store.query(f"ASK {{ {thing} {MEMBER} <{parameter.iri}> }}")):
        return thing
    among = sorted({iri for iri, _ in called(store, text, labels)}) if store.index and not thing else []
    known = [each for few in batches(among) for each in instances(store, parameter.iri, prefixes, few)]
    if parameter.iri not in _UNSAID:
        known = known or list(instances(store, parameter.iri, prefixes))
    if thing and not known and store.query(USED.format(thing)):
        return thing
    known = known or [*called(store, text, labels)]
    if thing:
        curies = list(dict.fromkeys(compact(iri, prefixes) for iri, _ in known))
        few = f" There are {', '.join(curies)}." if 0 < len(curies) <= _MOST else ""
        reason = f"No {parameter.kind} has this IRI.{nearest(compact(thing.value, prefixes), curies) or few}"
        raise refusal(parameter, text, reason)
    try:
        return NamedNode(match(text, known, prefixes))
    except ResourceError as error:
        one_line = str(error).replace(":\n  ", ": ").replace("\n  ", "; ") + "." * bool(error.candidates)
        raise refusal(parameter, text, one_line) from None


def instances(store: Store, iri: str, prefixes: Prefixes, among: str = "") -> Iterator[tuple[str, str]]:
    """The instances of a class and its subclasses, or a scheme's concepts, with each label or else the CURIE.

    `among` are IRIs as in `batches`, for only those of them.
    """
    values = f"VALUES ?thing {{ {among} }}" if among else ""
    for thing, label in rows(store, _INSTANCES.format(iri=iri, among=values)):
        yield thing.value, compact(thing.value, prefixes) if label is None else label.value


def several(value: Any) -> list[Any] | None:
    """The values in a collection, also one of NumPy or pandas; None for what is a single value."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        return None
    return sorted(value, key=str) if isinstance(value, set | frozenset) else [*value]


def terms_of(parameter: Parameter, value: object, prefixes: Prefixes) -> list[_Term]:
    """The terms of a value, or of several; QueryError, in one sentence, for a value of the wrong kind."""
    values = [value] if (many := several(value)) is None else many
    return [_term(parameter, x, prefixes) for x in values if not isinstance(x, str | None) or x]


def _term(parameter: Parameter, value: object, prefixes: Prefixes) -> _Term:
    try:
        if parameter.kind in EXAMPLES:
            return _literal(value, NamedNode(expand(parameter.kind)))
        if isinstance(value, NamedNode):
            return value
        if isinstance(value, str):
            return NamedNode(expand(value, prefixes))
        raise ValueError
    except ValueError as error:
        raise refusal(parameter, value, str(error)) from None


def _literal(value: object, datatype: NamedNode) -> Literal:
    """The literal that a value means; ValueError, with a reason where one helps, when it means none."""
    value = value.item() if hasattr(value, "item") else value  # of NumPy, as the cells of a frame are
    if isinstance(value, Literal) and value.datatype.value in (datatype.value, _STRING):
        text = value.value
    elif isinstance(value, (str, int, float)):
        text = str(value).lower() if isinstance(value, bool) else str(value)
    elif isinstance(value, date | Decimal) or hasattr(value, "freqstr"):  # the last is a period of pandas
        text = str(value).replace(" ", "T")
    else:
        raise ValueError
    if datatype.value == _YEAR and not re.fullmatch(FOUR_DIGITS, text.strip()):
        raise ValueError(NO_YEAR)
    if datatype.value == _STRING and re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]", text):
        raise ValueError("It holds control characters.")
    if re.search(r"[\ud800-\udfff]", text):
        raise ValueError("It holds half a character (a lone surrogate).")
    if datatype.value == _STRING:
        return Literal(text)
    if datatype.value == _INTEGER and re.fullmatch("[+-]?[0-9]{1,4000}", text.strip()):
        return Literal(str(int(text)), datatype=datatype)  # of any size, where the engine has 64 bits
    # The engine's cast knows the lexical forms of every datatype and returns the canonical one.
    cast: Any = _Oxigraph().query(f"SELECT ({datatype}({Literal(text.strip())}) AS ?x) {{}}")
    if not isinstance(term := next(cast)[0], Literal):
        raise ValueError
    return term


def refusal(parameter: Parameter, value: object, reason: str = "") -> QueryError:
    """The QueryError for a value that a parameter does not take."""
    kind = parameter.kind
    wanted = f"{kind}, such as {EXAMPLES[kind]}" if kind in EXAMPLES else f"{kind}, by name, CURIE or IRI"
    what = f"parameter {parameter.name!r} takes {wanted}; not {shorten(str(value), 61)!r}. {reason}"
    return QueryError(what.rstrip(), parameter=parameter.name)


def serialized(term: _Term) -> str:
    """The term as SPARQL writes it, for any engine."""
    # rdflib expands the escape \u anywhere in a literal, even after an escaped backslash, and takes eight
    # digits; so the letter u itself is written as an eight-digit escape.
    return re.sub(r"(?<=\\\\)[uU]", lambda letter: f"\\U{ord(letter[0]):08X}", str(term))
