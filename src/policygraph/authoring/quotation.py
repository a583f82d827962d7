"""Say where a source text has a quote, with the Turtle and the cells of a table to paste."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal

from policygraph.authoring.quotes import Hit, SourceText, digest, find, locator, missing, read_text
from policygraph.catalog.catalog import Catalog
from policygraph.errors import EvidenceError
from policygraph.rdf.store import rows
from policygraph.text import table, wrap

_SOURCE = """SELECT ?source ?language { ?source a pg:SourceDocument ; pg:sha256 ?digest
  FILTER(UCASE(STR(?digest)) = "%s") OPTIONAL { ?source dct:language/skos:notation ?language }
} ORDER BY ?source ?language LIMIT 1"""
_NAMED = "ASK { ?thing skos:prefLabel|skos:altLabel|dct:title ?name FILTER(STR(?name) = %s) }"
_UNKNOWN = "SOURCE"
_AROUND = 60  # characters before and after a quote


class Quotation(NamedTuple):
    """Where a text has a quote, and how to write that down."""

    source: SourceText  # named as the source is, `SOURCE` where the catalogue has no such text
    hits: tuple[Hit, ...]  # every place
    labels: tuple[str, ...]  # the label of a passage at each place
    language: str  # BCP 47 tag of the text; "und" where the catalogue does not say

    def turtle(self, number: int = 0) -> str:
        """The passage at one of the places, as a block of Turtle."""
        hit, document = self.hits[number], f"source/{self.source.name}"
        label, section = (
            Literal(words, language=self.language) for words in (self.labels[number], hit.heading)
        )
        return (
            f"<{document}#char={hit.start},{hit.end}> a pg:Passage ;\n"
            f"  rdfs:label {label} ;\n"
            f"  pg:charEnd {hit.end} ;\n"
            f"  pg:charStart {hit.start} ;\n"
            f"  pg:isPassageOf <{document}> ;\n"
            f"  pg:section {section} ;\n"
            f'  pg:sha256 "{digest(self.source.characters[hit.start : hit.end])}"^^xsd:hexBinary .\n'
        )

    def cells(self, number: int = 0) -> dict[str, str]:
        """The cells of a claim's row for one of the places."""
        hit, source = self.hits[number], self.source.name
        at = f"{hit.start},{hit.end}"
        return {"source": source, "quote": self.labels[number], "under": hit.heading, "at": at}

    def around(self, number: int = 0) -> str:
        """The words in square brackets, with some words before and after, in one line."""
        start, end, text = *self.hits[number][:2], self.source.characters
        before, after = text[max(start - _AROUND, 0) : start], text[end : end + _AROUND]
        before = before if start <= _AROUND else f"… {before.partition(' ')[2]}"
        after = after if end + _AROUND >= len(text) else f"{after.rpartition(' ')[0]} …"
        return " ".join(f"{before}[{text[start:end]}]{after}".split())

    def text(self, *, width: int | None = None) -> str:
        """Every place with its heading and the words around; of a single one, the Turtle and cells."""
        lines = []
        for number, hit in enumerate(self.hits):
            differs = f"; the text differs in {', '.join(hit.differences)}" if hit.differences else ""
            lines += wrap(f"{hit} ({hit.end - hit.start} characters){differs}", width=width)
            lines += [*wrap(self.around(number), width=width, indent=4, hang=0), ""]
        if self.source.name == _UNKNOWN:
            known = f"pg:sha256 {self.source.sha256}, pg:textLength {self.source.length}"
            what = f"No source of the catalogue has this text ({known}): write its name for {_UNKNOWN}."
            lines += [*wrap(what, width=width), ""]
        if len(self.hits) > 1:
            what = f"{len(self.hits)} places: choose one by --under HEADING or by more words."
            return "\n".join([*lines, what, ""])
        cells = {name: cell for name, cell in self.cells().items() if cell}
        return "\n".join([*lines, self.turtle(), table([*cells], [[*cells.values()]], width=width)])


def quote(catalog: Catalog, words: str, *, text: str | Path, under: str = "") -> Quotation:
    """Find a quote in a source text, which the catalogue knows by its SHA-256.

    Args:
        words: of the text; an ellipsis stands for words left out. Quotation marks, dashes, spaces and line
            breaks need not be the same.
        text: a file in UTF-8.
        under: a heading of the text; places elsewhere are left out.

    Raises:
        DocumentError: the text cannot be read.
        EvidenceError: it has no such words, or no such heading.
    """
    read = read_text(text)
    source = next(rows(catalog.store, _SOURCE % read.sha256), None)
    named = SourceText(source["source"].value.rpartition("/")[2] if source else _UNKNOWN, read.characters)
    hits = find(read, words, under=under)
    if not hits:
        what = missing(read, words, under=under)
        raise EvidenceError(what[0].upper() + what[1:])
    written = [read.characters[hit.start : hit.end] for hit in hits]
    names = [bool(catalog.store.query(_NAMED % Literal(each))) for each in written]
    labels = tuple(locator(each, name=name) for each, name in zip(written, names, strict=True))
    language = source["language"].value if source and source["language"] else "und"
    return Quotation(named, tuple(hits), labels, language)
