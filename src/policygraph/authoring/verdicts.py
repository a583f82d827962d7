"""Judge a passage: is what stands at its positions in the text of its source what stood there?

A passage is compared by the SHA-256 of its characters, never by similar words: what is not the very text that
was read is gone, and the nearest place is only named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from policygraph.authoring.quotes import SourceText, digest, find, nearest

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

NOT_CHECKED = ("unchecked", "unplaced")


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
        return f"{self.status}: {source_name(self.anchor.source)}{place} “{self.anchor.words}” {self.note}."


def judge(
    anchor: Anchor,
    texts: Mapping[str, SourceText],
    lengths: Mapping[str, int],
    read: Iterable[SourceText],
) -> Verdict:
    """Judge a passage by its own data and the texts at hand.

    Args:
        anchor: the passage.
        texts: by the IRI of the source.
        lengths: of the texts that were read, by the IRI of the source.
        read: all texts at hand, whosever they are.
    """
    start, end, length = anchor.start, anchor.end, lengths.get(anchor.source, 0)
    if start is None and end is None and "#char=" not in anchor.iri:
        return Verdict(anchor, "unplaced")
    if start is None or end is None or anchor.iri != f"{anchor.source}#char={start},{end}":
        note = "has other positions, or another document, in its IRI than in its data"
        return Verdict(anchor, "faulty", note=note)
    if not start < end <= (length or end):
        return Verdict(anchor, "faulty", note=f"is not within the {length:,} characters of its text")
    if not anchor.digest:
        return Verdict(anchor, "faulty", note="has no SHA-256, or several values where one is to be")
    text = texts.get(anchor.source)
    if text is None:
        return Verdict(anchor, "unchecked")
    if end <= text.length and digest(text.characters[start:end]) == anchor.digest:
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
    return [(text.name, *span) for span in spans if digest(text.characters[slice(*span)]) == anchor.digest]


def choose(verdicts: list[Verdict], texts: Mapping[str, SourceText]) -> list[Verdict]:
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


def source_name(iri: str) -> str:
    """The name of a source: the end of its IRI."""
    return iri.rpartition("/")[2]
