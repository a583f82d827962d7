"""Look up the labels and classes of resources, choose the label for a language, and search in labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pyoxigraph import NamedNode

from policygraph.rdf.namespaces import LABEL_PROPERTIES, compact, local_name
from policygraph.rdf.store import Store, batches, rows
from policygraph.rdf.terms import best_literal

_LABELS = f"""SELECT ?iri ?property ?label {{
  VALUES ?property {{ {" ".join(f"<{property_}>" for property_ in LABEL_PROPERTIES)} }}
  ?iri ?property ?label FILTER(isIRI(?iri) && isLiteral(?label))
}}"""
_CLASSES = "SELECT ?iri ?class { ?iri a ?class FILTER(isIRI(?iri) && isIRI(?class)) }"
_CLAIMS = """SELECT ?iri ?s ?p ?o {
  ?iri rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o FILTER(isIRI(?iri))
}"""
# A version without a label gets that of the resource it is a version of, with its number.
_VERSIONS = f"""SELECT ?iri ?property ?label ?number {{
  VALUES ?property {{ {" ".join(f"<{property_}>" for property_ in LABEL_PROPERTIES[:-1])} }}
  ?of owl:versionIRI ?iri ; owl:versionInfo ?number ; ?property ?label
  FILTER(isIRI(?iri) && isLiteral(?label) && isLiteral(?number))
}}"""


class Label(NamedTuple):
    """A label and its language tag, which is empty where none is known."""

    text: str
    language: str = ""


class Labels:
    """The labels and classes of these resources, or of all in a store, as they were when this was created."""

    def __init__(self, store: Store, iris: Iterable[str] | None = None) -> None:
        wanted = None if iris is None else {*iris}

        def select(text: str) -> Iterator[Any]:
            if wanted is None:
                yield from rows(store, text)
            else:
                for few in batches(sorted(wanted)):
                    yield from rows(store, text.replace("{", f"{{ VALUES ?iri {{ {few} }}", 1))

        self._labels: dict[str, list[tuple[int, Label]]] = {}
        self._claims: dict[str, tuple[str, ...]] = {}
        self._classes: dict[str, list[str]] = {}
        named: set[str] = set()
        for row in select(_CLAIMS):
            parts = (row["s"], row["p"], row["o"])
            self._claims.setdefault(row["iri"].value, tuple(part.value for part in parts))
            named.update(part.value for part in parts if isinstance(part, NamedNode))
        if wanted is not None:
            wanted |= named
        for row in select(_LABELS):
            label = Label(row["label"].value, row["label"].language or "")
            rank = LABEL_PROPERTIES.index(row["property"].value)
            self._labels.setdefault(row["iri"].value, []).append((rank, label))
        self._versions: dict[str, set[Label]] = {}
        for row in select(_VERSIONS):
            iri, literal = row["iri"].value, row["label"]
            if iri not in self._labels or iri in self._versions:
                label = Label(f"{literal.value} {row['number'].value}", literal.language or "")
                self._versions.setdefault(iri, set()).add(label)
                self._labels.setdefault(iri, []).append(
                    (LABEL_PROPERTIES.index(row["property"].value), label)
                )
        for labels in self._labels.values():
            labels.sort(key=lambda each: (each[0], each[1].language, each[1].text))
        for row in select(_CLASSES):
            self._classes.setdefault(row["iri"].value, []).append(row["class"].value)

    def of(self, iri: str, language: str) -> Label:
        """The label to show: in the language, else in English, else in any; without a label, the CURIE.

        A claim (an RDF reification) without a label gets the labels of its subject, predicate and object.
        """
        known = self._labels.get(iri, ())
        labels = (label for rank, label in known if rank < len(LABEL_PROPERTIES) - 1)
        if best := best_literal(labels, language):
            return best
        if iri in self._claims:
            parts = [
                self.of(part, language) if part not in self._claims else Label(compact(part))
                for part in self._claims[iri]
            ]
            return Label(" · ".join(part.text for part in parts), parts[1].language)
        return Label(compact(iri))

    def others(self, iri: str, language: str) -> list[Label]:
        """Every other label of a resource, the best first, each text once."""
        shown = self.of(iri, language)
        labels = {label.text: label for _, label in reversed(self._labels.get(iri, []))}
        labels.pop(shown.text, None)
        return list(reversed(labels.values()))

    def has(self, iri: str) -> bool:
        """Whether a resource has a label."""
        return iri in self._labels

    def version(self, iri: str) -> list[Label]:
        """The labels of an `owl:versionIRI` that has none in the data; none for any other IRI."""
        return sorted(self._versions.get(iri, ()))

    def kinds(self, iri: str) -> list[str]:
        """The classes of a resource, those with a label first."""
        return sorted(self._classes.get(iri, ()), key=lambda each: (not self.has(each), each))

    def members(self) -> dict[str, list[str]]:
        """The resources of each class, without inference."""
        by_class: dict[str, list[str]] = {}
        for iri in sorted(self._classes):
            for each in self._classes[iri]:
                by_class.setdefault(each, []).append(iri)
        return by_class

    def search(self, text: str) -> list[str]:
        """The resources with a label that contains every word of a text, in any language; best match first.

        Case and accents do not count. An equal label ranks before one that starts with the text, then one in
        which each word starts a word, then one that only contains them.
        """
        wanted = fold(text)
        words = wanted.split()
        ranks: dict[str, tuple[int, int, int]] = {}
        for iri, labels in self._labels.items():
            for rank, label in labels:
                folded = fold(label.text)
                if words and all(word in folded for word in words):
                    key = (_match_rank(folded, wanted, words), rank, len(folded))
                    ranks[iri] = min(key, ranks.get(iri, key))
        return sorted(ranks, key=lambda iri: (ranks[iri], iri))

    def near(self, text: str, *, most: int = 5) -> list[str]:
        """The resources whose local name is most similar to that of a path or IRI, if any is similar."""
        from difflib import get_close_matches

        by_name: dict[str, list[str]] = {}
        for iri in sorted(self._labels):
            by_name.setdefault(local_name(iri).casefold(), []).append(iri)
        names = get_close_matches(local_name(text).casefold()[:100], by_name, n=most, cutoff=0.6)
        return [iri for name in names for iri in by_name[name]][:most]

    def __iter__(self) -> Iterator[str]:
        return iter(self._labels)


def fold(text: str) -> str:
    """Fold a text for comparison: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def _match_rank(folded: str, wanted: str, words: list[str]) -> int:
    if folded == wanted:
        return 0
    if folded.startswith(wanted):
        return 1
    return 2 if all(re.search(rf"\b{re.escape(word)}", folded) for word in words) else 3
