"""Judge a passage: is what stands at its positions in the text of its source what stood there?

A passage is compared by the SHA-256 of its characters, never by similar words: what is not the very text that
was read is gone, and the nearest place is only named.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple, TypeAlias

from policygraph.authoring.quotes import UNSEEN, SourceText, digest, find, is_locator, nearest
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


def judge(
    anchor: Anchor, text: SourceText | None, recorded: tuple[str, int], read: Iterable[SourceText]
) -> Verdict:
    """Judge a passage by its own data and the texts at hand; in a changed text, it has moved, if only by 0.

    Args:
        anchor: the passage.
        text: of its source, if at hand.
        recorded: SHA-256 and length of the text that was read; "" and 0 where they are unknown.
        read: all texts at hand, whosever they are.
    """
    iri, source, start, end, *_ = anchor
    sha256, length = recorded
    faulty = partial(Verdict, anchor, "faulty", ())
    if start is None and end is None and "#char=" not in iri:
        return Verdict(anchor, "unplaced")
    if start is None or end is None or iri != f"{source}#char={start},{end}":
        return faulty("has other positions, or another document, in its IRI than in its data")
    within = length if length and not (text and text.length == length) else end
    if not start < end <= within:  # of another text; what this one has no longer is gone
        return faulty(f"is not within the {length:,} characters of its text")
    if not anchor.digest:
        return faulty("has no SHA-256, or several values where one is to be")
    if text is None:
        return Verdict(anchor, "unchecked")
    words = text.characters[start:end]
    if end <= text.length and digest(words) == anchor.digest:
        if not is_locator(anchor.words, words):
            return faulty("begins or ends with other words than its label")
        if sha256 in ("", text.sha256):
            return Verdict(anchor, "exact", ((text.name, start, end),))
    words_of = anchor.words, anchor.digest, end - start
    if here := find_digest(text, *words_of):
        return Verdict(anchor, "moved", here)
    for other in read:
        if there := find_digest(other, *words_of):
            note = "is not there, but in {}.txt at {},{}".format(*there[0])
            return Verdict(anchor, "elsewhere", there, note)
    hits = [hit for hit in find(text, anchor.words) if hit.end - hit.start < 2 * (end - start)]
    near = min(hits, key=lambda hit: abs(hit.start - start), default=nearest(text, anchor.words))
    note = "is in no text at hand, nor is anything like it"
    if near:
        like = " ".join(text.characters[near.start : near.end][:80].split())
        note = f"is in no text at hand; nearest at {near.start},{near.end}: “{like}”"
    return Verdict(anchor, "gone", note=note)


def find_digest(text: SourceText, label: str, sha256: str, length: int) -> tuple[Place, ...]:
    """Where a text has the very characters of a passage: by their SHA-256, and how many they are."""
    # The label begins as the words do, so only where its first word stands is anything to hash.
    first = f"(?:{UNSEEN.pattern})*".join(map(re.escape, (label.split() or [""])[0].rstrip("…")))
    starts = (match.start() for match in re.finditer(f"(?={first})", text.characters))
    spans = [(start, start + length) for start in starts if start + length <= text.length]
    return tuple((text.name, *s) for s in spans if digest(text.characters[slice(*s)]) == sha256)


def choose(
    verdicts: Iterable[Verdict], texts: Mapping[str, SourceText], recorded: Mapping[str, tuple[str, int]]
) -> Iterator[Verdict]:
    """The verdicts, by source and position, with one place for each passage where the others decide it.

    A passage moves with those around it: as far as the nearest before or after it that can only be at one
    place. Where that does not decide it, it keeps all its places. The only place of one is not kept if it
    moves farther or less than those around it to another heading: the words there may be of another thing.
    """
    for source, group in groupby(verdicts, key=lambda each: each.anchor.source):
        every, text = [*group], texts.get(source, SourceText("", ""))
        ends = recorded[source][1] or text.length if source in recorded else 0, text.length
        found = (at for at, each in enumerate(every) if each.status in ("exact", "moved"))
        single = [at for at in found if len(every[at].places) == 1]
        sure = [at for at in single if _fits(every[at], _around(every, single, at, ends), text)]
        for at, each in enumerate(every):
            if each.status != "moved":
                yield each
                continue
            start, places = each.anchor.start or 0, each.places
            if at not in sure:
                moves = {now - once for once, now in _around(every, sure, at, ends)}
                free = tuple(place for place in places if place[1] - start in moves)
                places = free if len(free) == 1 or len(places) == 1 else places
            if [first for _, first, _ in places] == [start]:
                yield Verdict(each.anchor, "exact", places)
                continue
            shown = places or each.places
            note = "is at " + " or ".join(f"{first},{last}" for _, first, last in shown)
            if len(places) > 1:
                note += "; which of them, cannot be said"
            elif heading := text.heading_at(shown[0][1]):
                note += f", under “{heading}”"
            if not places:
                note += ", away from the passages around it: the words may be about another thing"
            yield each._replace(places=places, note=note)


def _around(
    every: Sequence[Verdict], among: Sequence[int], at: int, ends: tuple[int, int]
) -> list[tuple[int, int]]:
    """Where the nearest passages before and after one were, and are: or else the ends of the text."""
    before, after = bisect_left(among, at), bisect(among, at)
    near = [
        [every[each] for each in among[slice(*s)]] for s in ((max(before - 1, 0), before), (after, after + 1))
    ]
    first, last = ([(each.anchor.start or 0, each.places[0][1]) for each in side] for side in near)
    return [*(first or [(0, 0)]), *(last or [ends])]


def _fits(verdict: Verdict, near: Sequence[tuple[int, int]], text: SourceText) -> bool:
    """Whether the only place of a passage is one to which those around it moved, or under its heading."""
    _, start, end = verdict.places[0]
    moves, length = [now - once for once, now in near], end - start
    # Other places of equal words do not overlap the one to which it moves with them.
    moved = min(moves) - length < start - (verdict.anchor.start or 0) < max(moves) + length
    if moved and near[0][1] <= start <= near[1][1]:
        return True
    heading = text.heading_at(start)
    return heading == verdict.anchor.section != " ".join(text.characters[start:end].split())
