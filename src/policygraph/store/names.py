"""Find names, terms and types of values in a store: by its index, or else by reading all of them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator
from functools import partial

from policygraph.store.index import ANY_NAME, NEAR, TYPES, Name, Values, read_names
from policygraph.store.protocols import Store, rows

_TERMS = f"""SELECT DISTINCT ?x {{ {{ ?s ?x ?o }} UNION {{ ?s a ?x }} UNION {{ ?x {ANY_NAME} ?o }}
  FILTER(isIRI(?x) && STRSTARTS(STR(?x), "%s")) }} ORDER BY ?x"""
_TAGS = 'SELECT DISTINCT (LANG(?o) AS ?tag) { ?s ?p ?o FILTER(isLiteral(?o) && LANG(?o) != "") }'


def named(store: Store, text: str = "") -> Iterable[Name]:
    """By what a search finds things, at least what has every word of a text, folded: see `read_names`."""
    return store.index.names(text) if store.index else read_names(partial(rows, store))


def types(store: Store, iri: str) -> Iterator[Values]:
    """The types of the values that a property has, the most frequent first."""
    if store.index:
        return store.index.types(iri)
    found = rows(store, TYPES % ("", f"{{ SELECT DISTINCT ?s ?o {{ ?s <{iri}> ?o }} }}", ""))
    return (Values(t.value, int(n.value), str(o)) for t, n, o in found)


def tags(store: Store) -> list[str]:
    """The language tags of all texts in a store."""
    return store.index.tags() if store.index else sorted({row["tag"].value for row in rows(store, _TAGS)})


def terms(store: Store, iri: str, start: str) -> list[str]:
    """Terms that start so and may be meant by an IRI: properties, classes, and what has a name."""
    if store.index:
        return store.index.terms(iri, start)
    found = [row["x"].value for row in rows(store, _TERMS % start)]
    place = bisect(found, iri)
    return found[max(place - NEAR, 0) : place + NEAR]
