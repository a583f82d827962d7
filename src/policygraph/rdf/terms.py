"""Canonical blank nodes, the best literal for a language, dates, Python values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from math import inf
from typing import Any, TypeAlias, TypeVar

import pyoxigraph as ox

from policygraph.errors import FormatError
from policygraph.rdf.namespaces import PREFIXES, XSD, expand

Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Triple  # what can be the subject of a triple

Term: TypeAlias = Node | ox.Literal  # what can be the object of a triple

_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
INTEGERS: Mapping[str, tuple[float, float]] = {
    "integer": (-inf, inf),
    "nonNegativeInteger": (0, inf),
    "positiveInteger": (1, inf),
    "nonPositiveInteger": (-inf, 0),
    "negativeInteger": (-inf, -1),
    **{name: (-(2**bits) // 2, 2**bits // 2 - 1) for name, bits in _BITS.items()},
    **{f"unsigned{name.title()}": (0, 2**bits - 1) for name, bits in _BITS.items()},
}
"""The integer types of XML Schema, each with its least and its greatest value."""

_NUMBER, _DAY = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)", "-?[0-9]{4,}-[0-9]{2}-[0-9]{2}"
_ZONE = "(?:Z|[+-][0-9]{2}:[0-9]{2})?"
_FORMS = {
    "boolean": "true|false|1|0",
    **dict.fromkeys(INTEGERS, "[+-]?[0-9]{1,4000}"),  # int() refuses more than 4,300 digits
    "decimal": _NUMBER,
    **dict.fromkeys(("double", "float"), rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"),
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "gYear": f"-?[0-9]{{4,}}{_ZONE}",
    "date": f"{_DAY}{_ZONE}",
    "dateTime": rf"{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]+)?{_ZONE}",
}
PATTERNS = {name: re.compile(form) for name, form in _FORMS.items()}
"""The lexical forms of types of XML Schema 1.1 part 2; dates may need a calendar beside."""

NUMBERS = frozenset(XSD + name for name in (*INTEGERS, "decimal", "double", "float"))
_MOMENT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?)?)?")

# Blank nodes that look alike and are connected: so many are put in order within some seconds. The time grows
# with the fourth power of their number in a row, such as a list, and sooner than any power where they branch.
_MOST, _BRANCHING = 200, 6


def term(name: str, prefixes: Mapping[str, str] = PREFIXES) -> ox.NamedNode:
    """The IRI of a CURIE, as a term."""
    return ox.NamedNode(expand(name, prefixes))


TYPE = term("rdf:type")


def is_iri(value: Any) -> bool:
    """Whether a value is the text of an absolute IRI, which a query may have in angle brackets."""
    with suppress(TypeError, ValueError):
        return bool(ox.NamedNode(value))
    return False


def about(
    subject: ox.NamedNode,
    properties: Mapping[str, ox.NamedNode | ox.Literal | Iterable[ox.NamedNode | ox.Literal]],
) -> Iterator[ox.Triple]:
    """The triples of a subject with these values, one or several of each property, which is a CURIE."""
    for name, values in properties.items():
        for value in [values] if isinstance(values, ox.NamedNode | ox.Literal) else values:
            yield ox.Triple(subject, term(name), value)


_T = TypeVar("_T")
_Row = TypeVar("_Row", bound=Sequence[Any])


def by_subject(statements: Iterable[Any]) -> dict[Any, dict[Any, list[Any]]]:
    """The values of statements, quads or triples, by their subjects and these by their properties."""
    found: dict[Any, dict[Any, list[Any]]] = {}
    for subject, name, value, *_ in statements:
        found.setdefault(subject, {}).setdefault(name, []).append(value)
    return found


def blank_nodes(statements: Iterable[ox.Quad | ox.Triple]) -> set[ox.BlankNode]:
    """The blank nodes in some quads or triples, and in the triple terms in them."""
    nodes: set[ox.BlankNode] = set()
    for statement in statements:
        for term in statement:
            if isinstance(term, ox.BlankNode):
                nodes.add(term)
            elif isinstance(term, ox.Triple):
                nodes |= blank_nodes([term])
    return nodes


def renamed(term: Any, names: Mapping[Any, Any]) -> Any:
    """The term, or what stands for it; a triple term with what stands for its parts."""
    return (
        ox.Triple(*(renamed(each, names) for each in term))
        if type(term) is ox.Triple
        else names.get(term, term)
    )


def canonical(quads: Iterable[ox.Quad | ox.Triple]) -> set[ox.Quad]:
    """Each quad once, with blank nodes labelled c14n0, c14n1 … by RDFC-1.0: equal graphs give equal sets.

    FormatError when so many blank nodes look alike that this would take too long.
    """
    unique = {quad if isinstance(quad, ox.Quad) else ox.Quad(*quad) for quad in quads}
    # Most graphs have none, which the engine's text of them says sooner than their terms.
    text = ox.serialize(unique, format=ox.RdfFormat.N_QUADS) or b""
    count = len(blank_nodes(unique)) if b"_:" in text else 0
    if not count:
        return unique
    if count > _BRANCHING:
        alike, branch = _alike(unique)
        if alike > (_BRANCHING if branch else _MOST):
            what = f"{alike:,} blank nodes look alike, too many to put in an order that is always the same"
            raise FormatError(f"{what}; give them IRIs, or different properties.")
    dataset = ox.Dataset(unique)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def _alike(quads: Collection[ox.Quad]) -> tuple[int, bool]:
    """How many connected blank nodes have the statements of others, blank nodes in these not told apart.

    And whether one of those leads to two by the same property.
    """
    about: dict[ox.BlankNode, int] = {}
    for quad in quads:
        words = str(quad).split(" ")
        for node in blank_nodes([quad]):
            this = str(node)
            marked = ("_:this" if each == this else each if each[:2] != "_:" else "_:other" for each in words)
            about[node] = about.get(node, 0) + hash(" ".join(marked))  # in any order
    times = Counter(about.values())
    above = {node: node for node, text in about.items() if times[text] > 1}  # up to one of each group

    def top(node: ox.BlankNode) -> ox.BlankNode:
        while above[node] != node:
            above[node] = node = above[above[node]]
        return node

    ways = Counter[Any]()
    for quad in quads:
        nodes = [node for node in blank_nodes([quad]) if node in above]
        if len(nodes) > 1:
            way = None if isinstance(quad.graph_name, ox.BlankNode) else quad.predicate
            ways.update((node, way, node == quad.subject) for node in nodes)
        tops = [*map(top, nodes)]
        above |= dict.fromkeys(tops, *tops[:1])
    return max(Counter(map(top, above)).values(), default=0), max(ways.values(), default=0) > 1


def best_literal(literals: Iterable[_T], language: str) -> _T | None:
    """The first literal in the language, else in its primary language, in English, untagged, or in any."""
    return min(
        literals, key=lambda each: language_rank(getattr(each, "language", None), language), default=None
    )


def best_literals(terms: Iterable[_T], language: str) -> list[_T]:
    """The terms without a language, and those in the best of the languages, in their order."""
    tags = ((each, getattr(each, "language", None)) for each in terms)
    ranked = [(each, language_rank(tag, language) if tag else None) for each, tag in tags]
    best = min((rank for _, rank in ranked if rank is not None), default=None)
    return [each for each, rank in ranked if rank in (None, best)]


def in_language(rows: Iterable[_Row], columns: Collection[int], language: str) -> list[_Row]:
    """Of rows that differ only in the languages of some columns, those in the best, in their order.

    Of languages that are as far from the one wanted, the first by its tag is the best.
    """
    ranked: list[tuple[_Row, Any, tuple[Any, ...]]] = []
    best: dict[Any, tuple[Any, ...]] = {None: ()}
    rank_of = cache(lambda tag: language_rank(tag, language))
    for row in rows:
        tags = {n: tag for n in columns if (tag := getattr(row[n], "language", None))}
        key, rank = None, tuple[Any, ...]()  # of a row without languages, of which there is no other
        if tags:
            cells = [*row]
            for n in tags:
                cells[n] = True
            key, rank = tuple(cells), (sum(map(rank_of, tags.values())), *map(str.lower, tags.values()))
            best[key] = min(rank, best.get(key, rank))
        ranked.append((row, key, rank))
    return [row for row, key, rank in ranked if rank == best[key]]


def language_rank(tag: str | None, language: str) -> int:
    """How far a literal's language is from the one wanted, from 0: the order of `best_literal`."""
    tag, wanted = (tag or "").lower(), language.lower()
    primary, wanted_primary = tag.partition("-")[0], wanted.partition("-")[0]
    return [tag == wanted, primary == wanted_primary, primary == "en", not tag, True].index(True)


def instant(text: str) -> str:
    """A date of the data as an RFC 3339 timestamp, at its start and in UTC; empty for any other text."""
    if match := _MOMENT.fullmatch(text):
        year, month, day, time, zone = match.groups()
        moment = f"{year}-{month or '01'}-{day or '01'}T{time or '00:00:00'}{zone or 'Z'}"
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(moment).astimezone(UTC).isoformat().replace("+00:00", "Z")
    return ""


def day_of(text: str) -> str:
    """The day in a date or a time of the data, in its own zone; empty for any other text."""
    return text[:10] if text[7:8] == "-" and instant(text) else ""


def fits(text: str, name: str) -> bool:
    """Whether a text has the form and range of one of the types in `PATTERNS`; not what a calendar says."""
    if not PATTERNS[name].fullmatch(text):
        return False
    return name not in INTEGERS or INTEGERS[name][0] <= int(text) <= INTEGERS[name][1]


_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys((*INTEGERS, "gYear"), int),
    **dict.fromkeys(("double", "float"), float),
    "boolean": {"true": True, "1": True, "false": False, "0": False}.__getitem__,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "dateTime": datetime.fromisoformat,
}


def python_value(term: Term | None) -> Any:
    """The Python value of a term: int, float, Decimal, bool, date, datetime or str; None for an unbound one.

    IRIs are str, blank nodes "_:label"; a year (xsd:gYear) is an int. A literal of another datatype, or one
    whose value is not valid, is its text.
    """
    if term is None:
        return None
    if not isinstance(term, ox.Literal):
        return term.value if isinstance(term, ox.NamedNode) else str(term)
    name = term.datatype.value.removeprefix(XSD)
    with suppress(KeyError, ValueError, ArithmeticError):
        if fits(term.value, name):  # else Python would read 1_000 too
            return _READ[name](term.value)
    return term.value
