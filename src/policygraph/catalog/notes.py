"""Note what a query asks in vain: terms that the data do not use, comparisons that their values do not allow.

Which values a literal compares with is asked of the store itself; what is not a plain pattern is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import partial

from policygraph.errors import EndpointError, QueryError, nearest
from policygraph.rdf.namespaces import PREFIXES, compact
from policygraph.rdf.sparql import declared, tokens
from policygraph.rdf.store import Store, batches, rows

MOST_TRIPLES = 200_000  # beyond, the notes could take longer than the answer

_MOST_NAMED = 5  # unknown terms
_COUNT = f"SELECT (COUNT(*) AS ?n) {{ SELECT ?s {{ ?s ?p ?o }} LIMIT {MOST_TRIPLES + 1} }}"
_OCCURS = "{ %s ?p1 ?o1 } UNION { ?s2 %s ?o2 } UNION { ?s3 ?p3 %s } UNION { GRAPH %s { ?s4 ?p4 ?o4 } }"
_UNUSED = (
    f"SELECT ?x {{ VALUES ?x {{ %s }} FILTER NOT EXISTS {{ {_OCCURS.replace('%s', '?x')} }} }} ORDER BY ?x"
)
_ALIKE = (
    "SELECT DISTINCT ?x { { ?x ?p1 ?o1 } UNION { ?s2 ?x ?o2 } UNION { ?s3 ?p3 ?x } "
    'FILTER(isIRI(?x) && STRSTARTS(STR(?x), "%s")) }'
)
_SPOKEN = "ASK { ?s ?p ?o FILTER(LANGMATCHES(LANG(?o), '%s')) }"
_TAGS = "SELECT DISTINCT (LCASE(LANG(?o)) AS ?tag) { ?s ?p ?o FILTER(isLiteral(?o) && LANG(?o) != '') }"
# How many values of each type a property has, and how many of them compare with a literal.
_VALUES = """SELECT ?type (COUNT(*) AS ?count) (SUM(IF(?compares, 1, 0)) AS ?some) {
  { SELECT DISTINCT ?s ?o { ?s <%s> ?o } }
  BIND(IF(LANG(?o) != "", CONCAT("@", LANG(?o)), STR(DATATYPE(?o))) AS ?known)
  BIND(COALESCE(?known, IF(isIRI(?o), "IRI", "blank")) AS ?type)
  BIND(%s AS ?compares)
} GROUP BY ?type ORDER BY DESC(?count) ?type"""
_COMPARES = "COALESCE(IF(?o <= {0}, true, true), DATATYPE(?o) = DATATYPE({0}) && LANG(?o) = LANG({0}), false)"

_LANGUAGE = re.compile(
    r"""\bLANG(?:MATCHES)?\s*\([^()]*(?:\([^()]*\)\s*)?[=,)\s]+["']([A-Za-z]+(?:-\w+)*)["']""", re.IGNORECASE
)
_WRITTEN = ("COALESCE", "IF", "STR")  # calls whose arguments need not be in the data
_DATATYPES = f"<{PREFIXES['xsd']}"
# In the words of a query with single spaces between. A string is matched so that nothing in it is.
_TEXT = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_LITERAL = rf"(?:{_TEXT})(?:@[\w-]+|\^\^<\S+>)?|(?:[-+] )?\d[\d.]*"
_COMPARED = re.compile(
    rf"(?<=[(&|,] )\?(?P<one>\w+) (?P<sign>[<>]=?|=) (?P<right>{_LITERAL})(?= [)&|,])"
    rf"|(?<=[(&|,] )(?P<left>{_LITERAL}) (?P<turned>[<>]=?|=) \?(?P<other>\w+)(?= [)&|,])"
    rf"|(?<=[;\]>\w] )<(?P<property>\w[\w+.-]*:\S+)> (?:\?(?P<bound>\w+)|(?P<object>{_LITERAL}))|{_TEXT}",
    re.DOTALL,
)
_TREATED = r"(?:\b(?:DATATYPE|STR|YEAR)|>) \( \?{0} \)|\bAS \?{0}\b"  # a variable that is not only compared


def notes(store: Store, text: str) -> list[str]:
    """A sentence for each term of a query that the store does not have, with the nearest, and for each
    comparison of a property with a literal that none of its values allows, or that leaves some out.
    """
    prefixes = getattr(store, "prefixes", PREFIXES)
    words = _words(text, {**prefixes, **declared(text)})
    iris, compared = [*dict.fromkeys(_named(words))], [*_compared(" ".join(words))]
    tags = {token[0][1:] for token in tokens(text) if token.lastgroup == "tag"} | {*_LANGUAGE.findall(text)}
    if not (iris or compared or tags):
        return []
    unchecked = "The terms and comparisons of the query are not checked"
    name = partial(compact, prefixes=prefixes)
    try:
        count = len(store) if isinstance(store, Sized) else int(next(rows(store, _COUNT))["n"].value)
        if count > MOST_TRIPLES:
            return [f"{unchecked} above {MOST_TRIPLES:,} triples."]
        left = [note for each in compared for note in _left_out(store, name, *each)]
        return [*_unused(store, name, iris), *_unspoken(store, tags), *left]
    except (EndpointError, QueryError) as error:  # the answer itself is there
        return [f"{unchecked}: {error}"]


def _unused(store: Store, name: Callable[[str], str], iris: Sequence[str]) -> Iterator[str]:
    unused = [row["x"].value for few in batches(iris) for row in rows(store, _UNUSED % few)]
    for iri in unused[:_MOST_NAMED]:
        local = name(iri).partition(":")[2] if name(iri) != iri else re.split("[/#]", iri)[-1]
        near = iri.removesuffix(local)
        known = [name(other["x"].value) for other in rows(store, _ALIKE % near)]
        yield f"{name(iri)} is used nowhere.{nearest(name(iri), known)}"
    if more := len(unused[_MOST_NAMED:]):
        yield f"{more} more of its terms are used nowhere."


def _unspoken(store: Store, tags: set[str]) -> Iterator[str]:
    for tag in sorted(tags):
        if not store.query(_SPOKEN % tag):
            known = sorted(row["tag"].value for row in rows(store, _TAGS))
            yield f"No text is in the language {tag!r}; there are: {', '.join(known)}."


def _left_out(
    store: Store, name: Callable[[str], str], iri: str, variable: str, literals: Mapping[str, str]
) -> Iterator[str]:
    """A sentence where the literals, each with a sign or none, leave out values of a property."""
    compares = " || ".join(map(_COMPARES.format, literals))
    found = [
        (row["type"].value, row["count"].value, row["some"]) for row in rows(store, _VALUES % (iri, compares))
    ]
    left, right = (
        ", ".join(f"{count} {name(kind)}" for kind, count, some in found if (some.value == "0") is out)
        for out in (True, False)
    )
    value = " or ".join(re.sub("<(.*)>$", lambda type: name(type[1]), each) for each in literals)
    if left and not right:
        (first, *_), kind = literals, found[0][0]
        hint = f" Write {first}{kind}." if kind[0] == "@" else f' Write "…"^^{name(kind)}.'
        hint = hint if first[-1] in "\"'" and kind not in ("IRI", "blank") else ""
        yield f"No value of {name(iri)} compares with {value}: it has {left}.{hint}"
    elif left and {*literals.values()} != {"="}:
        what = f"{left} do not compare with {value}, {right} do"
        yield f"Of the values of {name(iri)}, {what}. To have all, compare STR(?{variable}) with a text."


def _compared(words: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Properties with their variables and the literals, each with a sign, that these are compared with."""
    properties: dict[str, set[str]] = {}
    literals: dict[str, dict[str, str]] = {}
    for match in _COMPARED.finditer(words):
        part = match.groupdict()
        if part["object"]:
            yield part["property"], "", {part["object"]: "="}
        elif part["bound"]:
            properties.setdefault(part["bound"], set()).add(part["property"])
        elif variable := part["one"] or part["other"]:
            literal, sign = part["right"] or part["left"], part["sign"] or part["turned"]
            literals.setdefault(variable, {})[literal] = sign
    for variable, those in literals.items():
        first, *others = properties.get(variable, {""})
        if first and not others and not re.search(_TREATED.format(variable), words, re.IGNORECASE):
            yield first, variable, those


def _words(text: str, prefixes: Mapping[str, str]) -> list[str]:
    """The words of a query, names as IRIs, without its prologue and what it makes or asks other services."""
    words, depth, aside = [""], 0, False
    two_before = before = ""
    for token in tokens(text):
        word, (prefix, _, local) = token[0], token[0].partition(":")
        if token.lastgroup == "comment":
            continue
        if token.lastgroup == "name" and prefix in prefixes:
            word = re.sub(r"\\(.)", r"\1", f"<{prefixes[prefix]}{local}>")
        aside = aside or word.upper() == "SERVICE" or (before == "CONSTRUCT" and word == "{")
        if aside:
            depth += (word == "{") - (word == "}")
            aside = word != "}" or depth > 0
        elif token.lastgroup == "tag" or word == "^^" or words[-1].endswith("^^"):
            words[-1] += word
        elif before not in ("PREFIX", "BASE") and two_before != "PREFIX":
            words.append(re.sub(r"^\$", "?", word))
        two_before, before = before, word.upper()
    return words


def _named(words: Sequence[str]) -> Iterator[str]:
    """The absolute IRIs among the words, but those of functions and those that only are to be written."""
    calls = [""]
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in ("(", "[", "{"):
            calls.append(before.upper())
        elif word in (")", "]", "}"):
            calls = calls[:-1] or [""]
        elif re.match(r"<\w[\w+.-]*:", word):
            written = before in ("(", ",") and calls[-1] in _WRITTEN
            if not (written or after == "(" or after.upper() == "AS" or word.startswith(_DATATYPES)):
                yield word[1:-1]
