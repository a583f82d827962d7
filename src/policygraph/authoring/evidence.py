"""Verify that passages still stand where the data say, and show the texts with what rests on them.

A passage is compared by the SHA-256 of its characters, never by similar words: what is not the very text that
was read is reported as gone, with the place that is nearest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.authoring.quotes import SourceText, find, nearest, passage_sha256, read_text
from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError, EvidenceError
from policygraph.rdf import formats
from policygraph.rdf.store import rows
from policygraph.text import table, wrap

if TYPE_CHECKING:
    from policygraph.authoring.anchors import Anchoring

_PASSAGES = """SELECT ?graph ?passage ?source ?start ?end ?section ?words ?digest {
  GRAPH ?graph { ?passage a pg:Passage }
  OPTIONAL { ?passage pg:isPassageOf ?source } OPTIONAL { ?passage pg:section ?section }
  OPTIONAL { ?passage pg:charStart ?start } OPTIONAL { ?passage pg:charEnd ?end }
  OPTIONAL { ?passage rdfs:label ?words } OPTIONAL { ?passage pg:sha256 ?digest }
} ORDER BY ?passage ?section ?words ?digest"""
_SOURCES = """SELECT ?source ?digest ?length { ?source a pg:SourceDocument
  OPTIONAL { ?source pg:sha256 ?digest } OPTIONAL { ?source pg:textLength ?length }
} ORDER BY ?source ?digest"""

STATUSES = {
    "exact": "exact",
    "moved": "moved",
    "elsewhere": "elsewhere",
    "gone": "gone",
    "faulty": "faulty",
    "unchecked": "no text",
    "unplaced": "no positions",
}
"""What a passage can be, with the head of its column: at its place; at another; in another source; in no text
at hand; contradicted by its own data; not checked without its text; not checkable without positions."""

_NOT_CHECKED = ("unchecked", "unplaced")


class Anchor(NamedTuple):
    """A passage as the data have it; positions are None, and texts empty, where they do not say."""

    iri: str
    source: str
    start: int | None
    end: int | None
    section: str
    words: str
    language: str
    digest: str


class Verdict(NamedTuple):
    """What became of a passage.

    Args:
        anchor: the passage.
        status: a key of `STATUSES`.
        places: where it stands: (name of the text, start, end). Several where it cannot be said which.
        note: what is wrong, in words.
    """

    anchor: Anchor
    status: str
    places: tuple[tuple[str, int, int], ...] = ()
    note: str = ""

    def __str__(self) -> str:
        place = f" {self.anchor.start},{self.anchor.end}"
        return f"{self.status}: {_name(self.anchor.source)}{place} “{self.anchor.words}” {self.note}."


@dataclass(frozen=True)
class Evidence:
    """The verdicts on the passages of datasets, with the texts that they were compared with.

    Args:
        catalog: where the datasets are.
        language: BCP 47 tag, for a page.
        verdicts: on every passage, by source and position.
        texts: at hand, by the IRI of the source.
        recorded: the SHA-256 and length of each source's text in the catalogue, by IRI.
        strays: texts at hand that are no source's.
        fixed: files whose passages were re-anchored.
    """

    catalog: Catalog
    language: str
    verdicts: tuple[Verdict, ...]
    texts: Mapping[str, SourceText]
    recorded: Mapping[str, tuple[str, int]]
    strays: tuple[SourceText, ...]
    fixed: tuple[Path, ...] = ()

    @cached_property
    def counts(self) -> Mapping[str, Counter[str]]:
        """How many passages of each source, by IRI, have each status."""
        found: dict[str, Counter[str]] = {}
        for each in self.verdicts:
            found.setdefault(each.anchor.source, Counter())[each.status] += 1
        return found

    @property
    def other_texts(self) -> list[str]:
        """The sources, by IRI, whose text at hand is not the one whose SHA-256 the catalogue has."""
        return [iri for iri, text in self.texts.items() if self.recorded[iri][0] not in ("", text.sha256)]

    def holds(self, *, strict: bool = False) -> bool:
        """Whether all that can be checked is exact, and something was; `strict` wants all to be checked."""
        total = sum(self.counts.values(), Counter())
        allowed = {"exact"} if strict else {"exact", *_NOT_CHECKED}
        return bool(total["exact"]) and not self.other_texts and total.keys() <= allowed

    def text(self, *, width: int | None = None) -> str:
        """The figures of each source, what is wrong, and the total, in lines of at most `width` columns."""
        total = sum(self.counts.values(), Counter())
        shown = [status for status in STATUSES if total[status] or status == "exact"]
        cells = [
            (_name(iri), f"{self.texts[iri].name}.txt" if iri in self.texts else "not at hand", counts)
            for iri, counts in self.counts.items()
        ]
        figures = table(
            ("source", "text", *(STATUSES[status] for status in shown)),
            [(*names, *(f"{counts[s]:,}" for s in shown)) for *names, counts in [*cells, ("all", "", total)]],
            width=width,
            right=[False, False, *(True for _ in shown)],
        )
        lines = [str(each) for each in self.verdicts if each.status not in ("exact", *_NOT_CHECKED)]
        for iri in self.other_texts:
            text, length = self.texts[iri], self.recorded[iri][1]
            lines.append(
                f"{text.name}.txt is not the text that was read for {_name(iri)}, by its SHA-256: it has "
                f"{text.length:,} characters, that had {length:,}."
            )
        unknown = [iri for iri in self.texts if not self.recorded[iri][0]]
        lines += [
            f"The catalogue has no SHA-256 of the text of {_name(iri)} to compare with." for iri in unknown
        ]
        lines += [f"{text.name}.txt is the text of no source in the catalogue." for text in self.strays]
        lines += [f"Re-anchored the passages that had moved, in {path}." for path in self.fixed]
        exact, rest = total["exact"], sum(total[status] for status in _NOT_CHECKED)
        lines.append(
            f"{exact:,} of {total.total():,} passages are exact, {total.total() - exact - rest:,} are not, "
            f"{rest:,} were not checked."
        )
        return figures + "\n" + "".join(f"{line}\n" for each in lines for line in wrap(each, width=width))


def verify(
    catalog: Catalog,
    *names: str,
    texts: str | Path,
    fix: bool = False,
    language: str | None = None,
) -> Evidence:
    """Verify that every passage of datasets is what stands at its positions in the text of its source.

    Args:
        catalog: where the datasets are.
        names: of datasets; by default all.
        texts: a folder of texts, `.txt` files. A text belongs to the source with its SHA-256, else to the one
            that is named as the file.
        fix: rewrite the positions of passages that moved, in the datasets' files: all of them, or none.
        language: BCP 47 tag, for `write_evidence`.

    Raises:
        CatalogError: there is no dataset of that name.
        DocumentError: a text cannot be read, or there is none.
        EvidenceError: passages cannot be re-anchored; nothing is then changed.
    """
    read = _read(Path(texts))
    # All datasets are re-anchored, since any may have passages in a text that has changed.
    fixed = _fix(_verify(catalog, (), read, "")) if fix else ()
    return _verify(Catalog(catalog.root) if fixed else catalog, names, read, language or "en", tuple(fixed))


def _read(folder: Path) -> list[SourceText]:
    if not folder.is_dir():
        raise DocumentError("There is no such folder; name one with the texts of the sources.", path=folder)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt")
    if not paths:
        raise DocumentError("The folder has no text; put each there as SOURCE.txt.", path=folder)
    return [read_text(path) for path in paths]


def _verify(
    catalog: Catalog,
    names: Sequence[str],
    read: list[SourceText],
    language: str,
    fixed: tuple[Path, ...] = (),
) -> Evidence:
    graphs = {catalog.datasets[name].iri for name in names or catalog.datasets}
    store = catalog.load()  # the files as they are now
    recorded = {
        row["source"].value: (_text(row["digest"]).upper(), max(_number(row["length"]) or 0, 0))
        for row in rows(store, _SOURCES)
    }
    by_digest, by_name = {text.sha256: text for text in read}, {text.name: text for text in read}
    found = {iri: by_digest.get(digest) or by_name.get(_name(iri)) for iri, (digest, _) in recorded.items()}
    texts = {iri: text for iri, text in found.items() if text}
    anchors: dict[str, Anchor] = {}
    for row in rows(store, _PASSAGES):
        if row["graph"].value in graphs:
            iri, source, section, words, digest = (
                _text(row[name]) for name in ("passage", "source", "section", "words", "digest")
            )
            places = _number(row["start"]), _number(row["end"])
            tongue = getattr(row["words"], "language", None) or ""
            anchors.setdefault(iri, Anchor(iri, source, *places, section, words, tongue, digest.upper()))
    ordered = sorted(
        anchors.values(), key=lambda each: (each.source, each.start or 0, each.end or 0, each.iri)
    )
    verdicts = [_verdict(each, texts, recorded, read) for each in ordered]
    known = {text.sha256 for text in texts.values()}
    strays = tuple(text for text in read if text.sha256 not in known)
    return Evidence(catalog, language, tuple(_chosen(verdicts, texts)), texts, recorded, strays, fixed)


def _verdict(
    anchor: Anchor,
    texts: Mapping[str, SourceText],
    recorded: Mapping[str, tuple[str, int]],
    read: Iterable[SourceText],
) -> Verdict:
    start, end, length = anchor.start, anchor.end, recorded.get(anchor.source, ("", 0))[1]
    if start is None and end is None and "#char=" not in anchor.iri:
        return Verdict(anchor, "unplaced")
    if start is None or end is None or anchor.iri != f"{anchor.source}#char={start},{end}":
        note = "has other positions, or another document, in its IRI than in its data"
        return Verdict(anchor, "faulty", note=note)
    if not start < end <= (length or end):
        return Verdict(anchor, "faulty", note=f"is not within the {length:,} characters of its text")
    if not anchor.digest:
        return Verdict(anchor, "faulty", note="has no SHA-256 to compare with")
    text = texts.get(anchor.source)
    if text is None:
        return Verdict(anchor, "unchecked")
    if end <= text.length and passage_sha256(text, start, end) == anchor.digest:
        if not _is_locator(anchor.words, text.characters[start:end]):
            return Verdict(anchor, "faulty", note="begins or ends with other words than its label")
        return Verdict(anchor, "exact", ((text.name, start, end),))
    if here := _places(text, anchor):
        return Verdict(anchor, "moved", tuple(here))
    for other in read:
        if other is not text and (there := _places(other, anchor)):
            place = "{}.txt at {},{}".format(*there[0])
            return Verdict(anchor, "elsewhere", tuple(there), f"is not there, but in {place}")
    hits = [hit for hit in find(text, anchor.words) if hit.end - hit.start < 2 * (end - start)]
    near = min(hits, key=lambda hit: abs(hit.start - start)) if hits else nearest(text, anchor.words)
    if near is None:
        return Verdict(anchor, "gone", note="is in no text at hand, nor is anything like it")
    words = " ".join(text.characters[near.start : near.end].split())
    words = words if len(words) < 80 else f"{words[:60]} … {words[-15:]}"
    return Verdict(
        anchor, "gone", note=f"is in no text at hand; nearest at {near.start},{near.end}: “{words}”"
    )


def _is_locator(label: str, words: str) -> bool:
    """Whether a label has the first and last words of a passage, or all."""
    first, ellipsis, last = label.partition("…")
    start, end, parts = first.split(), last.split(), words.split()
    return (
        (start == parts)
        if not ellipsis
        else parts[: len(start)] + parts[len(parts) - len(end) :] == start + end
    )


def _places(text: SourceText, anchor: Anchor) -> list[tuple[str, int, int]]:
    """Where a text has the very characters of a passage, by their SHA-256."""
    assert anchor.start is not None and anchor.end is not None  # noqa: S101, PT018
    # The label begins as the words do, so only where its first word stands is anything to hash.
    first, length = (anchor.words.split() or [""])[0].rstrip("…"), anchor.end - anchor.start
    starts = [match.start() for match in re.finditer(f"(?={re.escape(first)})", text.characters)]
    spans = [(start, start + length) for start in starts if start + length <= text.length]
    return [(text.name, *span) for span in spans if passage_sha256(text, *span) == anchor.digest]


def _chosen(verdicts: list[Verdict], texts: Mapping[str, SourceText]) -> list[Verdict]:
    """The verdicts, with one place for each passage that moved where the others of its text decide it.

    A passage moves with those around it: as far as the nearest before or after it that can only be at one
    place. Where that does not decide it, it keeps all its places.
    """
    sure: dict[str, list[tuple[int, int]]] = {}
    for each in verdicts:
        if each.status in ("exact", "moved") and len(each.places) == 1 and each.anchor.start is not None:
            sure.setdefault(each.anchor.source, []).append((each.anchor.start, each.places[0][1]))
    chosen = []
    for each in verdicts:
        if each.status == "moved":
            start, known = each.anchor.start or 0, sure.get(each.anchor.source, [])
            around = [
                *[pair for pair in known if pair[0] <= start][-1:],
                *[p for p in known if p[0] > start][:1],
            ]
            moves = {new - old for old, new in around}
            free = [place for place in each.places if len(each.places) == 1 or place[1] - start in moves]
            places = tuple(free) if len(free) == 1 else each.places
            at = " or ".join(f"{start},{end}" for _, start, end in places)
            heading = texts[each.anchor.source].heading_at(places[0][1]) if len(places) == 1 else ""
            under = f", under “{heading}”" if heading else ""
            doubt = "" if len(places) == 1 else "; which of them, cannot be said"
            each = each._replace(places=places, note=f"is at {at}{under}{doubt}")
        chosen.append(each)
    return chosen


def _fix(found: Evidence) -> list[Path]:
    """Re-anchor what moved, in every file that names it."""
    from policygraph.authoring.anchors import Anchoring, rewrite

    moved = [each for each in found.verdicts if each.status == "moved"]
    sure = ("exact", "moved", *_NOT_CHECKED)
    left = [each for each in found.verdicts if each.status not in sure]
    left += [each for each in moved if len(each.places) > 1]
    if left:
        raise EvidenceError(
            f"Nothing was re-anchored, for {len(left)} of {len(found.verdicts)} passages cannot be; mend "
            f"them first. One of them: {left[0]}"
        )
    changes: dict[str, Anchoring] = {}
    for iri in found.other_texts:
        text = found.texts[iri]
        if not found.counts.get(iri, Counter()).keys() & {"exact", "moved"}:
            continue  # nothing shows that this is a text of the same document
        changes[iri] = Anchoring(iri, {"pg:sha256": text.sha256, "pg:textLength": str(text.length)})
    for anchor, _, ((_, start, end),), _ in moved:
        values = {"pg:charStart": str(start), "pg:charEnd": str(end)}
        text = found.texts[anchor.source]
        parts = text.parts(anchor.section)
        under = any(first <= start <= last for first, last in parts)
        if (heading := text.heading_at(start)) and not under and (parts or not find(text, anchor.section)):
            values["pg:section"] = heading
        changes[anchor.iri] = Anchoring(f"{anchor.source}#char={start},{end}", values)
    if len({change.iri for change in changes.values()}) < len(changes):
        raise EvidenceError("Nothing was re-anchored: two passages would be the same; make them one first.")
    files = {each.path: rewrite(each.path, changes) for each in found.catalog.datasets.values()}
    files = {path: data for path, data in files.items() if data != path.read_bytes()}
    for path, data in files.items():
        formats.save(data, path)
    return list(files)


def _name(iri: str) -> str:
    return iri.rpartition("/")[2]


def _text(term: Any) -> str:
    return "" if term is None else str(term.value)


def _number(term: Any) -> int | None:
    """The position in a term; -1, which no text has, for what is no position."""
    return None if term is None else int(term.value) if term.value.isdecimal() else -1
