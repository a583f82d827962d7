"""Resolve quotes in cells to passages: those already described, or new ones found in a text at hand."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode

from policygraph.authoring.quotes import SourceText, digest, find, locator, nearest
from policygraph.authoring.tables.vocabulary import Values, Vocabulary, node
from policygraph.catalog.labels import fold
from policygraph.rdf.namespaces import BASE, local_name

SOURCES = f"{BASE}source/"
_MOST = 5  # places that a message names


class Quoted(NamedTuple):
    """A passage that a quote was resolved to; a new one has a label, a heading and a digest."""

    iri: NamedNode
    label: Literal | None = None
    heading: Literal | None = None
    digest: str = ""


class Passages:
    """Finds the passages that rows quote.

    Args:
        vocabulary: of the catalogue.
        values: what the tables say so far of sources and passages.
        texts: of sources, by name.
        names: labels and titles, which may be quoted whole.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        values: Mapping[NamedNode, Values],
        texts: Mapping[str, SourceText],
        names: Collection[str],
    ) -> None:
        self.model, self.languages = vocabulary.model, vocabulary.languages
        self.values, self.texts, self.names = values, texts, names

    def resolve(self, source: str, quote: str, under: str, at: str) -> Quoted:
        """The passage that a quote, a heading or positions in a source mean; ValueError where none."""
        document = NamedNode(SOURCES + source)
        if document not in self.values:
            raise ValueError(f"{source!r} is no row of the sheet sources.")
        if at:
            return self._at(document, quote, at)
        if source in self.texts:
            return self._found(document, self.texts[source], quote, under)
        same = [
            iri
            for iri in self.values
            if iri.value.startswith(f"{document.value}#")
            and quote
            and self._one(iri, node("rdfs:label")) == quote
            and (not under or self._one(iri, self.model["section"]) == under)
        ]
        if len(same) == 1:
            return Quoted(same[0])
        if self._one(document, self.model["length"]):
            raise ValueError(f"the text of {source} is needed to find the quote: --text {source}=FILE.")
        if not under:
            what = f"{source} has no text, so say in 'under' where the quote stands"
            raise ValueError(f"{what}, or give the text: --text {source}=FILE.")
        language = self._language(document)
        slug = "-".join(re.findall("[a-z0-9]+", fold(f"{under} {quote}")))[:40].strip("-")
        heading = Literal(under, language=language)
        label = Literal(locator(quote, name=quote in self.names), language=language) if quote else heading
        return Quoted(NamedNode(f"{document.value}#passage-{slug}"), label, heading)

    def _at(self, document: NamedNode, quote: str, at: str) -> Quoted:
        positions = re.fullmatch(r"(?:char=)?(\d+)[,-](\d+)", at)
        fragment = f"char={positions[1]},{positions[2]}" if positions else at
        passage, source = NamedNode(f"{document.value}#{fragment}"), document.value.removeprefix(SOURCES)
        if passage in self.values:
            label = self._one(passage, node("rdfs:label"))
            if quote and quote != label:
                raise ValueError(
                    f"the passage at {at} is {label!r}, not {quote!r}: empty 'at' to find the quote anew."
                )
            return Quoted(passage)
        if positions and source in self.texts:
            start, end = int(positions[1]), int(positions[2])
            if start < end <= self.texts[source].length:
                return self._new(document, self.texts[source], start, end)
        raise ValueError(
            f"nothing describes the passage at {at} of {source}: empty 'at' to find the quote anew."
        )

    def _found(self, document: NamedNode, text: SourceText, quote: str, under: str) -> Quoted:
        source, hits = document.value.removeprefix(SOURCES), find(text, quote, under=under)
        if len(hits) == 1:
            return self._new(document, text, hits[0].start, hits[0].end)
        if hits:
            places = ", ".join(f"{hit.start}-{hit.end} under {hit.heading!r}" for hit in hits[:_MOST])
            more = f" and {len(hits) - _MOST} more" if len(hits) > _MOST else ""
            raise ValueError(
                f"the quote is in {len(hits)} places of {source}: {places}{more}; write its heading into "
                "'under', more of its words, or the positions into 'at'."
            )
        elsewhere = [name for name, other in self.texts.items() if name != source and find(other, quote)]
        if elsewhere:
            raise ValueError(f"the quote is not in {source}, but in {' and '.join(elsewhere)}.")
        if under and find(text, quote):
            raise ValueError(f"the quote is in {source}, but not under {under!r}.")
        hit = nearest(text, quote)
        words = f" nearest: {' '.join(text.characters[hit.start : hit.end].split())!r}." if hit else ""
        raise ValueError(f"the quote is not in {source};{words or ' nothing there is like it.'}")

    def _new(self, document: NamedNode, text: SourceText, start: int, end: int) -> Quoted:
        words, language = text.characters[start:end], self._language(document)
        label = locator(words, name=" ".join(words.split()) in self.names)
        heading = text.heading_at(start) or self._one(document, node("dct:title")) or text.name
        return Quoted(
            NamedNode(f"{document.value}#char={start},{end}"),
            Literal(label, language=language),
            Literal(heading, language=language),
            digest(text.characters[start:end]),
        )

    def _language(self, document: NamedNode) -> str:
        code = local_name(self._one(document, node("dct:language")))
        if not code:
            raise ValueError(
                f"{local_name(document.value)} has no language yet: name it in the sheet sources."
            )
        return next((tag for tag, each in self.languages.items() if each == code), code.lower())

    def _one(self, subject: NamedNode, predicate: NamedNode) -> str:
        return next((term.value for term in self.values.get(subject, {}).get(predicate, ())), "")
