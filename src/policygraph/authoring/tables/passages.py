"""Resolve quotes in cells to passages: those already described, or new ones found in a text at hand."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from policygraph.authoring.quotes import Hit, SourceText, digest, find, is_locator, locator, missing
from policygraph.authoring.tables.vocabulary import Term, Values, Vocabulary, node
from policygraph.catalog.labels import fold
from policygraph.rdf.namespaces import local_name

Described: TypeAlias = tuple[NamedNode, Mapping[NamedNode, Term]]
"""A passage, and its properties if it is a new one."""

_TYPE, _LABEL, _TITLE, _LANGUAGE = map(node, ("rdf:type", "rdfs:label", "dct:title", "dct:language"))
_MOST = 5  # places that a message names


class Passages(NamedTuple):
    """Finds the passages that rows quote."""

    vocabulary: Vocabulary
    values: Mapping[NamedNode, Values]  # what the tables say so far of sources and passages
    texts: Mapping[str, SourceText]  # of sources, by name
    names: Collection[str]  # labels and titles, which may be quoted whole

    def resolve(self, source: str, quote: str, under: str, at: str) -> Described:
        """The passage that a quote, a heading or positions in a source mean; ValueError where none."""
        document, text = NamedNode(self.vocabulary.sources + source), self.texts.get(source)
        if document not in self.values:
            raise ValueError(f"{source!r} is no row of the sheet sources.")
        if at:
            return self._at(document, quote, at)
        if text:
            hits = find(text, quote, under=under)
            if len(hits) == 1:
                return self._new(document, text, hits[0].start, hits[0].end)
            raise ValueError(self._not_one(text, hits, quote, under))
        same = [iri for iri in self.values if quote and iri.value.startswith(f"{document.value}#")]
        same = [iri for iri in same if self._one(iri, _LABEL) == quote]
        same = [iri for iri in same if under in ("", self._one(iri, self.vocabulary.model["section"]))]
        if len(same) == 1:
            return same[0], {}
        if self._one(document, self.vocabulary.model["length"]):
            raise ValueError(f"the text of {source} is needed to find the quote: --text {source}=FILE.")
        if not under:
            what = f"{source} has no text, so say in 'under' where the quote stands"
            raise ValueError(f"{what}, or give the text: --text {source}=FILE.")
        slug = "-".join(re.findall("[a-z0-9]+", fold(f"{under} {quote}")))[:40].strip("-")
        label = locator(quote, name=quote in self.names) if quote else under
        return self._passage(document, f"passage-{slug}", label, under)

    def _at(self, document: NamedNode, quote: str, at: str) -> Described:
        positions = re.fullmatch(r"(?:char=)?(\d+)[,-](\d+)", at)
        fragment = f"char={positions[1]},{positions[2]}" if positions else at
        passage, source = NamedNode(f"{document.value}#{fragment}"), local_name(document.value)
        if passage in self.values:
            label = self._one(passage, _LABEL)
            if quote in ("", label):
                return passage, {}
            what = f"the passage at {at} is {label!r}, not {quote!r}"
        else:
            what = f"nothing describes the passage at {at} of {source}"
            if positions and (text := self.texts.get(source)):
                start, end = int(positions[1]), int(positions[2])
                words = text.characters[start:end]
                if words.split() and end <= text.length and (not quote or is_locator(quote, words)):
                    return self._new(document, text, start, end)
                what = f"the text of {source} has other words at {at} than {quote!r}"
        raise ValueError(f"{what}: empty 'at' to find the quote anew.")

    def _not_one(self, text: SourceText, hits: Sequence[Hit], quote: str, under: str) -> str:
        if hits:
            places = "; ".join(map(str, hits[:_MOST])) + (", and others" if len(hits) > _MOST else "")
            return (
                f"the quote is in {len(hits)} places of {text.name}: {places}; write its heading into "
                "'under', more of its words, or the positions into 'at'."
            )
        others = [name for name, other in self.texts.items() if other is not text and find(other, quote)]
        if others and not find(text, quote):
            return f"the quote is not in {text.name}, but in {' and '.join(others)}."
        return missing(text, quote, under=under)

    def _new(self, document: NamedNode, text: SourceText, start: int, end: int) -> Described:
        words = text.characters[start:end]
        label = locator(words, name=" ".join(words.split()) in self.names)
        heading = text.heading_at(start) or self._one(document, _TITLE) or text.name
        passage, values = self._passage(document, f"char={start},{end}", label, heading)
        sha256 = Literal(digest(words), datatype=node("xsd:hexBinary"))
        return passage, {**values, self.vocabulary.model["digest"]: sha256}

    def _passage(self, document: NamedNode, fragment: str, label: str, heading: str) -> Described:
        code = local_name(self._one(document, _LANGUAGE))
        if not code:
            raise ValueError(
                f"{local_name(document.value)} has no language yet: name it in the sheet sources."
            )
        tag = next((tag for tag, each in self.vocabulary.languages.items() if each == code), code.lower())
        texts = {_LABEL: label, self.vocabulary.model["section"]: heading}
        values = {name: Literal(text, language=tag) for name, text in texts.items()}
        return NamedNode(f"{document.value}#{fragment}"), {_TYPE: self.vocabulary.model["passage"], **values}

    def _one(self, subject: NamedNode, predicate: NamedNode) -> str:
        return next((term.value for term in self.values.get(subject, {}).get(predicate, ())), "")
