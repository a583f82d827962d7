"""Find where a source text says something, whatever its quotation marks, dashes and line breaks.

A quote and a text are normalised alike before they are compared, and each character of the normal form knows
where it stands in the text: positions are those of the text as it is, in Unicode code points.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

from policygraph.errors import DocumentError

# What counts as the same character, by what a person would call the difference.
_SOFT_HYPHEN = "\u00ad"
_FOLD = {
    **dict.fromkeys("‘’‚‛′‹›`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys(f"{_SOFT_HYPHEN}\u200b\u200c\u200d\u2060\ufeff", ""),
    "…": "...",
}
_KINDS = {  # of what differs, in the words of the answer
    "quotation marks": "[‘’‚‛′‹›`´'“”„‟″«»\"]",
    "dashes": "[‐‑‒–—―−-]",
    "soft hyphens or other invisible characters": "[\u00ad\u200b-\u200d\u2060\ufeff]",
    "ellipses": r"…|\.{3}",
    "no-break spaces": "[\u00a0\u2007\u202f]",
    "line breaks": r"[\r\n\u2028\u2029]",
}

_MARK = "[\u0300-\u036f]"
_LETTER = r"[\w\u0300-\u036f]"
_WORD = re.compile(rf"\w(?:{_LETTER}|['-])*")
_BULLET = re.compile(r"[•◦▪‣·*+–-]\s|\(?\w{1,3}[.)]\s")
_MARKED = re.compile(r"[ \t]*(#{1,6})[ \t]+(?=\S)")
_LOWEST = 7  # the level of a heading that nothing marks
_LONGEST_HEADING = 100  # characters
_LABEL_WORDS = 3  # of a heading with a colon; a longer line introduces a list


class Heading(NamedTuple):
    """A heading of a text: its positions, its title in one line, and its level, 1 for the highest."""

    start: int
    end: int
    title: str
    level: int = _LOWEST


class Hit(NamedTuple):
    """Where a quote stands in a text.

    Args:
        start: its first character, from 0.
        end: the character after its last.
        heading: the heading that it stands under; "" above the first.
        exact: whether the text has the very characters of the quote.
        differences: what differs where it has not, in words: "dashes".
    """

    start: int
    end: int
    heading: str
    exact: bool
    differences: tuple[str, ...]


@dataclass(frozen=True)
class SourceText:
    """The text of a source, with its name: what it is called in the catalogue, or the name of its file."""

    name: str
    characters: str

    def __repr__(self) -> str:
        return f"SourceText({self.name!r}, {self.length} characters)"

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of its UTF-8 bytes, in upper-case hexadecimal digits."""
        return digest(self.characters)

    @property
    def length(self) -> int:
        """How many Unicode code points it has."""
        return len(self.characters)

    @cached_property
    def headings(self) -> list[Heading]:
        """Its headings: lines that begin with "#", and short lines above a paragraph that are no sentence."""
        return list(_headings(self.characters))

    def heading_at(self, position: int) -> str:
        """The title of the last heading that begins at or before a position; "" above the first."""
        return next((each.title for each in reversed(self.headings) if each.start <= position), "")

    def parts(self, title: str) -> list[tuple[int, int]]:
        """Where the text under a heading begins and ends, once for each heading of that title.

        A part ends at the next heading of the same or a higher level, but reaches over a heading that
        follows at once.
        """
        wanted, found = _normal(title)[0].strip().casefold(), []
        for number, each in enumerate(self.headings):
            if _normal(each.title)[0].casefold() != wanted:
                continue
            end, below = self.length, each.end
            for other in self.headings[number + 1 :]:
                if other.level <= each.level and self.characters[below : other.start].strip():
                    end = other.start
                    break
                below = max(below, other.end) if other.level <= each.level else below
            found.append((each.start, end))
        return found

    @cached_property
    def normal(self) -> tuple[str, list[int], list[int]]:
        """Its normal form, and where each of its characters begins and ends in the text."""
        return _normal(self.characters)


def read_text(path: str | Path) -> SourceText:
    """Read a source text, byte for byte: no line end and no byte-order mark is changed.

    DocumentError for what is no file, or is not UTF-8, with line and column.
    """
    path = Path(path)
    try:
        if not path.is_file():
            what = "is no file of text; name one" if path.exists() else "is not there; check the name"
            raise DocumentError(f"The text {what}.", path=path)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"The text cannot be read ({reason}).", path=path) from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        what = (
            f"The byte 0x{data[error.start]:02X}, after {len(before)} characters, is not UTF-8; save it so."
        )
        raise DocumentError(what, path=path, line=line, column=column) from None
    if "\0" in text:
        raise DocumentError("This is not text: it holds a NUL character; save it as UTF-8.", path=path)
    return SourceText(path.stem, text)


def digest(words: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in upper-case hexadecimal digits."""
    return sha256(words.encode()).hexdigest().upper()


def passage_sha256(text: SourceText, start: int, end: int) -> str:
    """The SHA-256 of the characters of a text from `start` up to `end`, as they stand."""
    return digest(text.characters[start:end])


def locator(words: str, *, name: bool) -> str:
    """The label that finds a passage without copying it: a name whole, else its first and last two words.

    Args:
        words: of the passage, as they stand in the text.
        name: whether they are a label or title in the data, which may be quoted whole.
    """
    parts = words.split()
    if (len(parts) <= 2 or name) and " ".join(parts) == words:  # a label without an ellipsis has their digest
        return words
    first = " ".join(parts[:2])
    return f"{first} … {' '.join(parts[-2:])}" if len(parts) > 4 else f"{first} …"


def find(text: SourceText, quote: str, *, under: str = "") -> list[Hit]:
    """Find every place where a text has a quote, in its order.

    Args:
        text: to search.
        quote: whole words; or some of them with an ellipsis for those left out, which stands for as few
            characters as there can be.
        under: a heading; places elsewhere are left out.
    """
    parts = [quote]
    if not (spans := _spans(text, parts)):
        parts = [part for part in re.split(r"…|\.{3,}", quote) if part.strip()]
        spans = _spans(text, parts)
    inside = text.parts(under) if under else [(0, text.length)]
    hits = []
    for each in spans:
        start, end = each[0][0], each[-1][1]
        if any(first <= start and end <= last for first, last in inside):
            written = [text.characters[slice(*span)] for span in each]
            differences = _differences(written, [part.strip() for part in parts])
            hits.append(Hit(start, end, text.heading_at(start), not differences, differences))
    return hits


def nearest(text: SourceText, quote: str) -> Hit | None:
    """Find the stretch of a text that has most words of a quote, rare words first; None for under half."""
    from difflib import get_close_matches

    normal, starts, ends = text.normal
    words = [(each.start(), each.end(), each[0].casefold()) for each in _WORD.finditer(normal)]
    known = Counter(word for _, _, word in words)
    asked = _WORD.findall(_normal(quote)[0].casefold())
    wanted = {near for word in asked for near in get_close_matches(word, known, n=1, cutoff=0.8)}
    weights = [1 / known[word] if word in wanted else 0.0 for *_, word in words]
    windows = [sum(weights[at : at + len(asked)]) for at in range(len(words))]
    best = max(range(len(words)), key=windows.__getitem__, default=0)
    found = [each for each in words[best : best + len(asked)] if each[2] in wanted]
    if not found or 2 * len(found) < len(asked):
        return None
    start, end = starts[found[0][0]], ends[found[-1][1] - 1]
    return Hit(start, end, text.heading_at(start), False, ())


def _normal(characters: str) -> tuple[str, list[int], list[int]]:
    """The normal form of a text, and where each of its characters begins and ends in it.

    Letters are decomposed (Unicode NFD), so that each code point of the text is a stretch of the normal form.
    """
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for at, sign in enumerate(characters):
        if sign.isspace():
            if at and characters[at - 1] == _SOFT_HYPHEN:  # the word goes on in the next line
                continue
            if signs and signs[-1] == " ":
                ends[-1] = at + 1
                continue
            plain = " "
        else:
            plain = _FOLD[sign] if sign in _FOLD else sign if sign.isascii() else normalize("NFD", sign)
        for part in plain:
            place = len(signs)
            while place and 0 < combining(part) < combining(signs[place - 1]):  # canonical order of marks
                place -= 1
            signs.insert(place, part)
            starts.append(at)
            ends.append(at + 1)
    return "".join(signs), starts, ends


def _spans(text: SourceText, parts: list[str]) -> list[list[tuple[int, int]]]:
    """The shortest stretches that have all parts of a quote in their order, by where each part stands."""
    normal, starts, ends = text.normal
    wanted = [_normal(part)[0].strip() for part in parts]
    if not wanted or not all(wanted):
        return []
    # No word is cut, and no letter from its marks.
    edges = [(rf"(?<!{_LETTER})" * w[0].isalnum(), _LETTER if w[-1].isalnum() else _MARK) for w in wanted]
    found = [f"{a}{re.escape(w)}(?!{b})" for w, (a, b) in zip(wanted, edges, strict=True)]
    # Between two parts the first does not stand again, so a stretch is the shortest, and each is read once.
    pattern = "".join(f"({each})(?:(?!{each}).)*?" for each in found).removesuffix(f"(?:(?!{found[-1]}).)*?")
    return [
        [(starts[first], ends[last - 1]) for first, last in match.regs[1:]]
        for match in re.finditer(f"(?s)(?={pattern})", normal)
    ]


def _differences(written: list[str], quoted: list[str]) -> tuple[str, ...]:
    """In what, in words, a text differs from a quote that it has."""
    if written == quoted:
        return ()
    one, other = "\n".join(written), "\n".join(quoted)
    found = [kind for kind, signs in _KINDS.items() if re.findall(signs, one) != re.findall(signs, other)]
    if any(map(combining, one)) != any(map(combining, other)):
        found.append("letters composed of several characters")
    return tuple(found) or ("white space",)


def _headings(characters: str) -> Iterator[Heading]:
    for block in re.finditer(r"(?:[^\S\n]*\S[^\n]*(?:\n|\Z))+", characters):
        lines = list(re.finditer(r"[^\n]+", block[0]))
        marked = [_MARKED.match(line[0]) for line in lines]
        if any(marked):
            taken = [(line, line, len(mark[1])) for line, mark in zip(lines, marked, strict=True) if mark]
        elif len(lines) <= 2 and all(map(_is_title, lines)):
            taken = [(lines[0], lines[-1], _LOWEST)]
        else:
            taken = [(lines[0], lines[0], _LOWEST)] if _is_title(lines[0]) else []
        for first, last, level in taken:
            title = " ".join(block[0][first.start() : last.end()].lstrip("#").split())
            yield Heading(block.start() + first.start(), block.start() + last.end(), title, level)


def _is_title(line: re.Match[str]) -> bool:
    """Whether a line that nothing marks as a heading reads as one."""
    words = line[0].strip()
    return (
        len(words) <= _LONGEST_HEADING
        and any(map(str.isalpha, words))
        and not _BULLET.match(words)
        and not words.endswith((".", ";", ",", "!"))
        and (not words.endswith(":") or len(words.split()) <= _LABEL_WORDS)
    )
