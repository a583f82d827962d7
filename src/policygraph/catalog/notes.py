"""Note what a query asks in vain: terms that the data do not use, comparisons that their values do not allow,
years that no dataset covers.

Whether values of a type compare with a literal is asked of the store itself, with one of each; what is not a
plain pattern is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from policygraph.catalog.labels import Labels
from policygraph.catalog.resource import query
from policygraph.errors import EndpointError, QueryError, nearest
from policygraph.rdf.namespaces import PREFIXES, compact
from policygraph.rdf.terms import is_iri
from policygraph.store.names import tags, terms, types
from policygraph.store.protocols import Store, batches, count, rows
from policygraph.store.sparql import declared, tokens
from policygraph.text import grouped

UNCHECKED = "The terms and comparisons of the query are not checked"
MOST_TRIPLES = 200_000  # of a service, beyond which the notes could take longer than the answer

_MOST_NAMED = 5  # unknown terms
_OCCURS = "{ ?x ?p1 ?o1 } UNION { ?s2 ?x ?o2 } UNION { ?s3 ?p3 ?x }"
_UNUSED = f"SELECT ?x {{ VALUES ?x {{ %s }} FILTER NOT EXISTS {{ {_OCCURS} }} }} ORDER BY ?x"
_GRAPH = "ASK {{ GRAPH <{}> {{ ?s ?p ?o }} }}"
_SPOKEN = "ASK {{ ?s ?p ?o FILTER(LANGMATCHES(LANG(?o), '{}')) }}"
# Which of some values compare with a literal.
_COMPARED = "SELECT ?n (%s AS ?compares) { VALUES (?n ?o) { %s } }"
_COMPARES = "COALESCE(IF(?o <= {0}, true, true), DATATYPE(?o) = DATATYPE({0}) && LANG(?o) = LANG({0}), false)"
_LANGUAGE = re.compile(
    r"""\bLANG(?:MATCHES)?\s*\([^()]*(?:\([^()]*\)\s*)?[=,)\s]{1,99}["']([A-Za-z]+(?:-\w+)*)["']""",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"[\"'\d]")
_TREATED = r"(?:\b(?:DATATYPE|STR|YEAR)|>) \( \{0} \)|\bAS \{0}\b"  # a variable that is not only compared


def notes(store: Store, text: str) -> list[str]:
    """A sentence for each term of a query that the store does not have, with the nearest, and for each
    comparison of a property with a literal that none of its values allows, or that leaves some out.
    """
    prefixes = store.prefixes
    words, name = _words(text, {**prefixes, **declared(text)}), partial(compact, prefixes=prefixes)
    iris, compared = [*dict.fromkeys(_named(words))], [*_compared(words)]
    asked = {token[0][1:] for token in tokens(text) if token.lastgroup == "tag"} | {*_LANGUAGE.findall(text)}
    if not (iris or compared or asked):
        return []
    try:
        if store.url and count(store, MOST_TRIPLES + 1) > MOST_TRIPLES:
            return [f"{UNCHECKED} above {MOST_TRIPLES:,} triples."]
        left = [note for each in compared for note in _left_out(store, name, *each)]
        graphs = {word[1:-1] for before, word in pairwise(words) if before in ("GRAPH", "FROM", "NAMED")}
        return [*_unused(store, name, iris, graphs), *_unspoken(store, asked), *left]
    except (EndpointError, QueryError) as error:  # the answer itself is there
        return [f"{UNCHECKED}: {error}"]


def coverage(
    store: Store, things: Iterable[str], language: str, labels: Callable[[Iterable[str]], Labels]
) -> dict[str, set[int]]:
    """The years that the datasets of things cover, or all do, by place, which is a text with them."""
    graphs = {row["data"].value for row in rows(store, query("records").bind(**{"class": "dcat:Dataset"}))}
    named, homes = [*filter(is_iri, things)], dict[str, str]()
    for thing, graph, _ in rows(store, query("homes").bind(thing=named)) if named else ():
        if graph and graph.value in graphs:
            homes.setdefault(thing.value, graph.value)
    every = [row for row in rows(store, query("covered").bind()) if row["data"].value in graphs]
    found = [row for row in every if row["data"].value in homes.values()] or every
    known = labels((row["spatial"] or row["data"]).value for row in found)
    places: dict[str, dict[str, range]] = {}
    for row in sorted(found, key=lambda row: row["data"].value):
        spans = places.setdefault(known.of((row["spatial"] or row["data"]).value, language).text, {})
        if row["first"] and row["last"]:
            first, last = (int(row[name].value) for name in ("first", "last"))
            spans[f"{first}–{last}"] = range(first, last + 1)
    text = {place: f"{place} ({', '.join(spans)})" if spans else place for place, spans in places.items()}
    return {text[place]: set().union(*spans.values()) for place, spans in places.items()}


def outside(asked: Iterable[str], covered: Mapping[str, set[int]]) -> tuple[list[str], bool]:
    """A sentence for each year asked about that places do not cover; whether none of them covers any."""
    dated = [place for place, years in covered.items() if years]
    without = {
        year: [place for place in dated if int(year) not in covered[place]]
        for year in asked
        if year.isdecimal()
    }
    if dated and without and all(places == dated for places in without.values()):
        return [f"{', '.join(without)} is outside what is covered: {', '.join(covered)}."], True
    partly = {year: ", ".join(places) for year, places in without.items() if places}
    return [f"{year} is outside what is covered of {places}." for year, places in partly.items()], False


def _unused(store: Store, name: Callable[[str], str], iris: Sequence[str], graphs: set[str]) -> Iterator[str]:
    unused = [row["x"].value for few in batches(iris) for row in rows(store, _UNUSED % few)]
    unused = [iri for iri in unused if iri not in graphs or not store.query(_GRAPH.format(iri))]
    for iri in unused[:_MOST_NAMED]:
        local = name(iri).partition(":")[2] if name(iri) != iri else re.split("[/#]", iri)[-1]
        known = map(name, terms(store, iri, iri.removesuffix(local)))
        yield f"{name(iri)} is used nowhere.{nearest(name(iri), known)}"
    if more := len(unused[_MOST_NAMED:]):
        yield f"{more} more of its terms are used nowhere."


def _unspoken(store: Store, asked: set[str]) -> Iterator[str]:
    for tag in sorted(asked):
        if store.index or not store.query(_SPOKEN.format(tag)):
            known = sorted({each.lower() for each in tags(store)})
            if not any(f"{each}-".startswith(f"{tag.lower()}-") for each in known):
                yield f"No text is in the language {tag!r}; there are: {', '.join(known)}."


def _left_out(store: Store, name: Callable[[str], str], iri: str, literals: dict[str, str]) -> Iterator[str]:
    """A sentence where the literals, each with a sign, leave out values of a property."""
    found = [*types(store, iri)]
    examples = " ".join(f"({n} {each.example})" for n, each in enumerate(found) if each.type != "blank")
    asked = rows(store, _COMPARED % (" || ".join(map(_COMPARES.format, literals)), examples))
    fits = {int(row["n"].value) for row in asked if row["compares"].value in ("true", "1")}
    counts = grouped((n in fits, f"{each.number} {name(each.type)}") for n, each in enumerate(found))
    compared, left = (", ".join(counts.get(each, ())) for each in (True, False))
    value = " or ".join(re.sub("<(.*)>$", lambda type: name(type[1]), each) for each in literals)
    if left and not compared:
        yield f"No value of {name(iri)} compares with {value}: it has {left}."
    elif left and {*literals.values()} != {"="}:
        hint = "To have all, compare their STR() with a text."
        yield f"Of {name(iri)}, {left} do not compare with {value}, {compared} do. {hint}"


def _compared(words: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Properties with the literals, each with a sign, that their values are compared with."""
    properties: dict[str, set[str]] = {}
    literals: dict[str, dict[str, str]] = {}
    for before, one, sign, other, after in zip(*(words[n:] for n in range(5)), strict=False):
        if {before, after} <= {*"()&|,"} and sign in ("<", ">", "<=", ">=", "="):
            variable, literal = (one, other) if one[0] == "?" else (other, one)
            if variable[0] == "?" and _LITERAL.match(literal):
                literals.setdefault(variable, {})[literal] = sign
        elif re.match(r"[?<;\]_]", before) and re.match(r"<\w[\w+.-]*:", one):  # a subject, its property
            if sign[0] == "?":
                properties.setdefault(sign, set()).add(one)
            elif _LITERAL.match(sign):
                yield one[1:-1], {sign: "="}
    for variable, those in literals.items():
        first, *others = properties.get(variable, [""])
        if first and not others and not re.search(_TREATED.format(variable), " ".join(words)):
            yield first[1:-1], those


def _words(text: str, prefixes: Mapping[str, str]) -> list[str]:
    """The words of a query, names as IRIs, without its prologue and what it makes or asks other services."""
    words, depth, aside, before = [""], 0, False, ["", ""]
    for token in tokens(text):
        kind, word, (prefix, _, local) = token.lastgroup, token[0], token[0].partition(":")
        if kind == "name" and prefix in prefixes:
            word = re.sub(r"\\(.)", r"\1", f"<{prefixes[prefix]}{local}>")
        elif kind in ("word", "variable"):
            word = f"?{word[1:]}" if kind == "variable" else word.upper()
        aside = aside or word == "SERVICE" or [before[1], word] == ["CONSTRUCT", "{"]
        if aside:
            depth += (word == "{") - (word == "}")
            aside = word != "}" or depth > 0
        elif kind == "tag" or word == "^^" or words[-1].endswith("^^"):
            words[-1] += word
        elif before[0] != "PREFIX" and before[1] not in ("PREFIX", "BASE"):
            words.append(word)
        before = [before[1], word]
    return [*words, "", "", ""]


def _named(words: Sequence[str]) -> Iterator[str]:
    """The absolute IRIs among the words, but those of functions, of datatypes and for output."""
    for two_before, before, word, after in zip(["", *words], words, words[1:], words[2:], strict=False):
        written = two_before + before == "STR(" or word.startswith(f"<{PREFIXES['xsd']}")
        if re.match(r"<\w[\w+.-]*:", word) and after not in ("(", "AS") and not written:
            yield word[1:-1]
