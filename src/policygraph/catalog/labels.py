"""What things are called, in which language, and of what kind they are; and things found by their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from policygraph.rdf.namespaces import PREFIXES, compact

if TYPE_CHECKING:
    from policygraph.rdf.store import Store

_NAMED = tuple(
    PREFIXES[prefix] + local
    for prefix, local in (
        ("skos", "prefLabel"),
        ("rdfs", "label"),
        ("dct", "title"),
        ("foaf", "name"),
        ("skos", "altLabel"),
    )
)
"""The properties that name a thing, the best first; the last one only helps to find it."""

_ALL = f"""SELECT ?thing ?property ?name {{
  VALUES ?property {{ {" ".join(f"<{property_}>" for property_ in _NAMED)} }}
  ?thing ?property ?name FILTER(isIRI(?thing) && isLiteral(?name))
}}"""
_KINDS = "SELECT ?thing ?class { ?thing a ?class FILTER(isIRI(?thing) && isIRI(?class)) }"
_CLAIMS = """SELECT ?claim ?s ?p ?o {
  ?claim rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o FILTER(isIRI(?claim))
}"""
# Versions, which are called as what they are a version of, with a number.
_VERSIONS = f"""SELECT ?thing ?property ?name ?number {{
  VALUES ?property {{ {" ".join(f"<{property_}>" for property_ in _NAMED[:-1])} }}
  ?of owl:versionIRI ?thing ; owl:versionInfo ?number ; ?property ?name
  FILTER(isIRI(?thing) && isLiteral(?name) && isLiteral(?number))
}}"""


class Label(NamedTuple):
    """A name and its language, which is empty where none is known."""

    text: str
    language: str = ""


class Labels:
    """Every name of every thing in a store, as it was when this was made."""

    def __init__(self, store: Store) -> None:
        self._names: dict[str, list[tuple[int, Label]]] = {}
        self._claims: dict[str, tuple[str, str, str]] = {}
        self._kinds: dict[str, list[str]] = {}
        for row in store.query(_ALL):  # type: ignore[union-attr]
            name = Label(row["name"].value, row["name"].language or "")
            rank = _NAMED.index(row["property"].value)
            self._names.setdefault(row["thing"].value, []).append((rank, name))
        self._versions: dict[str, set[Label]] = {}
        for row in store.query(_VERSIONS):  # type: ignore[union-attr]
            iri, name = row["thing"].value, row["name"]
            if iri not in self._names or iri in self._versions:
                called = Label(f"{name.value} {row['number'].value}", name.language or "")
                self._versions.setdefault(iri, set()).add(called)
                self._names.setdefault(iri, []).append((_NAMED.index(row["property"].value), called))
        for names in self._names.values():
            names.sort(key=lambda each: (each[0], each[1].language, each[1].text))
        for row in store.query(_KINDS):  # type: ignore[union-attr]
            self._kinds.setdefault(row["thing"].value, []).append(row["class"].value)
        for row in store.query(_CLAIMS):  # type: ignore[union-attr]
            self._claims.setdefault(row["claim"].value, (row["s"].value, row["p"].value, row["o"].value))

    def of(self, iri: str, language: str) -> Label:
        """The name to show: in the language, else in English, else in any; the CURIE of what has none.

        A claim (an RDF reification) without a name is called by what it says.
        """
        names = [(rank, name) for rank, name in self._names.get(iri, ()) if rank < len(_NAMED) - 1]
        if names:
            return min(names, key=lambda each: (_distance(each[1].language, language), each[0]))[1]
        if iri in self._claims:
            parts = [
                self.of(part, language) if part not in self._claims else Label(compact(part))
                for part in self._claims[iri]
            ]
            return Label(" · ".join(part.text for part in parts), parts[1].language)
        return Label(compact(iri))

    def others(self, iri: str, language: str) -> list[Label]:
        """Every other name of a thing, the best first, each text once."""
        shown = self.of(iri, language)
        found = {name.text: name for _, name in reversed(self._names.get(iri, []))}
        found.pop(shown.text, None)
        return list(reversed(found.values()))

    def has(self, iri: str) -> bool:
        """Whether a thing has a name of its own."""
        return iri in self._names

    def version(self, iri: str) -> list[Label]:
        """What the version with this address is called, where nothing says; nothing for all else."""
        return sorted(self._versions.get(iri, ()))

    def kinds(self, iri: str) -> list[str]:
        """The classes of a thing, those that have a name themselves before others."""
        return sorted(self._kinds.get(iri, ()), key=lambda each: (not self.has(each), each))

    def members(self) -> dict[str, list[str]]:
        """The things of each class, as they say themselves."""
        found: dict[str, list[str]] = {}
        for iri in sorted(self._kinds):
            for each in self._kinds[iri]:
                found.setdefault(each, []).append(iri)
        return found

    def search(self, text: str) -> list[str]:
        """The things with a name that holds every word of a text, in any language; the closest first.

        Case and accents do not count. A whole name goes before one that begins so, that before one with a
        word that begins so, and that before one that only holds it.
        """
        wanted = fold(text)
        words = wanted.split()
        found: dict[str, tuple[int, int, int]] = {}
        for iri, names in self._names.items():
            for rank, name in names:
                folded = fold(name.text)
                if words and all(word in folded for word in words):
                    grade = (_grade(folded, wanted, words), rank, len(folded))
                    found[iri] = min(grade, found.get(iri, grade))
        return sorted(found, key=lambda iri: (found[iri], iri))

    def near(self, text: str, *, most: int = 5) -> list[str]:
        """The things whose IRI ends most like a text does; none when nothing is similar."""
        from difflib import get_close_matches

        ends: dict[str, list[str]] = {}
        for iri in sorted(self._names):
            ends.setdefault(_end(iri), []).append(iri)
        close = get_close_matches(_end(text)[:100], ends, n=most, cutoff=0.6)
        return [iri for end in close for iri in ends[end]][:most]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


def fold(text: str) -> str:
    """A text without case and accents, with single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def _grade(folded: str, wanted: str, words: list[str]) -> int:
    if folded == wanted:
        return 0
    if folded.startswith(wanted):
        return 1
    return 2 if all(re.search(rf"\b{re.escape(word)}", folded) for word in words) else 3


def _distance(tag: str, language: str) -> int:
    order: Mapping[str, int] = {"en": 1, "": 2, language: 0}
    return order.get(tag, order.get(tag.partition("-")[0], 3))


def _end(iri: str) -> str:
    return re.split("[/#]", iri.rstrip("/#"))[-1].casefold()
