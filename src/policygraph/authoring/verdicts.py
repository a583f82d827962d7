"""Judge a passage: is what stands at its positions in the text of its source what stood there?

A passage is compared by the SHA-256 of its characters, never by similar words: what is not the very text that
was read is gone, and the nearest place is only named.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple, TypeAlias

from policygraph.authoring.quotes import SourceText, digest, find, is_locator, nearest
from policygraph.rdf.namespaces import local_name

NOT_CHECKED = {"unchecked": "no text", "unplaced": "no positions"}
"""What a passage is of which nothing can be said, with the head of its column."""

STATUSES = ("exact", "moved", "elsewhere", "gone", "faulty", *NOT_CHECKED)
"""What a passage can be: at its place, moved, in another source, in no text, contradicted by its own data."""

Place: TypeAlias = tuple[str, int, int]  # the name of a text, and the positions of a passage in it


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
    """What became of a passage."""

    anchor: Anchor
    status: str  # of `STATUSES`
    places: tuple[Place, ...] = ()  # where it stands; several where it cannot be said which
    note: str = ""  # what is wrong, in words

    def __str__(self) -> str:
        place = f" {self.anchor.start},{self.anchor.end}"
        return f"{self.status}: {local_name(self.anchor.source)}{place} “{self.anchor.words}” {self.note}."


def judge(anchor: Anchor, text: SourceText | None, length: int, read: Iterable[SourceText]) -> Verdict:
    """Judge a passage by its own data and the texts at hand.

    Args:
        anchor: the passage.
        text: of its source, if at hand.
        length: of the text that was read; 0 where it is unknown.
        read: all texts at hand, whosever they are.
    """
    iri, source, start, end, *_ = anchor
    faulty = partial(Verdict, anchor, "faulty", ())
    if start is None and end is None and "#char=" not in iri:
        return Verdict(anchor, "unplaced")
    if start is None or end is None or iri != f"{source}#char={start},{end}":
        return faulty("has other positions, or another document, in its IRI than in its data")
    if not start < end <= (length or end):
        return faulty(f"is not within the {length:,} characters of its text")
    if not anchor.digest:
        return faulty("has no SHA-256, or several values where one is to be")
    if text is None:
        return Verdict(anchor, "unchecked")
    words = text.characters[start:end]
    if end <= text.length and digest(words) == anchor.digest:
        if is_locator(anchor.words, words):
            return Verdict(anchor, "exact", ((text.name, start, end),))
        return faulty("begins or ends with other words than its label")
    if here := _places(text, anchor, end - start):
        return Verdict(anchor, "moved", here)
    for other in read:
        if there := _places(other, anchor, end - start):
            note = "is not there, but in {}.txt at {},{}".format(*there[0])
            return Verdict(anchor, "elsewhere", there, note)
    hits = [hit for hit in find(text, anchor.words) if hit.end - hit.start < 2 * (end - start)]
    near = min(hits, key=lambda hit: abs(hit.start - start), default=nearest(text, anchor.words))
    note = "is in no text at hand, nor is anything like it"
    if near:
        like = " ".join(text.characters[near.start : near.end][:80].split())
        note = f"is in no text at hand; nearest at {near.start},{near.end}: “{like}”"
    return Verdict(anchor, "gone", note=note)


def _places(text: SourceText, anchor: Anchor, length: int) -> tuple[Place, ...]:
    """Where a text has the very characters of a passage, by their SHA-256."""
    # The label begins as the words do, so only where its first word stands is anything to hash.
    first = (anchor.words.split() or [""])[0].rstrip("…")
    starts = (match.start() for match in re.finditer(f"(?={re.escape(first)})", text.characters))
    spans = [(start, start + length) for start in starts if start + length <= text.length]
    return tuple((text.name, *s) for s in spans if digest(text.characters[slice(*s)]) == anchor.digest)


def choose(verdicts: list[Verdict], texts: Mapping[str, SourceText]) -> Iterator[Verdict]:
    """The verdicts, with one place for each passage that moved where the others of its text decide it.

    A passage moves with those around it: as far as the nearest before or after it that can only be at one
    place. Where that does not decide it, it keeps all its places.
    """
    sure: dict[str, list[tuple[int, int]]] = {}
    for each in verdicts:
        if each.status in ("exact", "moved") and len(each.places) == 1:
            start = each.anchor.start or 0
            sure.setdefault(each.anchor.source, []).append((start, each.places[0][1] - start))
    for each in verdicts:
        if each.status == "moved":
            start, known = each.anchor.start or 0, sure.get(each.anchor.source, [])
            at = bisect(known, start, key=lambda pair: pair[0])
            moves = {move for _, move in known[max(at - 1, 0) : at + 1]}
            free = tuple(place for place in each.places if place[1] - start in moves)
            places = free if len(free) == 1 else each.places
            note = "is at " + " or ".join(f"{first},{last}" for _, first, last in places)
            if len(places) > 1:
                note += "; which of them, cannot be said"
            elif heading := texts[each.anchor.source].heading_at(places[0][1]):
                note += f", under “{heading}”"
            yield each._replace(places=places, note=note)
        else:
            yield each
