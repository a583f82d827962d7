"""Find a quote in a source text, whatever its quotation marks, dashes and line breaks, and what to paste.

A quote and a text are normalised alike before they are compared, and each character of the normal form knows
where it stands in the text: positions are those of the text as it is, in Unicode code points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from unicodedata import category, combining, normalize

from pyoxigraph import Literal

from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError, EvidenceError, nearest as similar_word
from policygraph.rdf import reader
from policygraph.store.protocols import rows
from policygraph.text import UNSPACED, table, wrap

# What counts as the same character.
_SOFT_HYPHEN = "\u00ad"
# Zero-width spaces and joiners, and the marks of direction that a PDF in Arabic or Hebrew has everywhere.
_RANGES = ((0x61C, 0x61C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF))
_INVISIBLE = "".join(chr(sign) for first, last in _RANGES for sign in range(first, last + 1))
_FOLD = {
    **dict.fromkeys("‘’‚‛′‹›`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys(_SOFT_HYPHEN + _INVISIBLE, ""),
    "…": "...",
}
_KINDS = {  # of what differs, in the words of the answer
    "quotation marks": "[‘’‚‛′‹›`´'“”„‟″«»\"]",
    "dashes": "[‐‑‒–—―−-]",
    "soft hyphens or other invisible characters": f"[\u00ad{_INVISIBLE}]",
    "ellipses": r"…|\.{3}",
    "no-break spaces": "[\u00a0\u2007\u202f]",
    "line breaks": r"[\r\n\u2028\u2029]",
}
UNSEEN = re.compile(f"\u00ad\\s*|[{_INVISIBLE}]")
# Two words of a locator without spaces between are eight letters; a sign stays with the letter before it.
_PIECE, _SIGN = (re.compile(rf"[{UNSPACED}]{{1,{most}}}[^\w\s]*|[^\s{UNSPACED}]+") for most in (4, 1))
# They end a sentence or a part of one; a question mark is not among them, for a heading may be a question.
_ENDS = ".;,!:。．，、；：！｡､।॥۔؛،։።፣፤፥។៖၊။"
# A line with "#", or else a short one below an empty line that is neither a sentence nor a list's.
_HEADING = re.compile(
    r"^\ufeff?[ \t]*(?P<level>\#{1,6})[ \t]+(?P<marked>\S.*)$"
    r"|(?:\A\ufeff?|^[^\S\n]*\n)[ \t]*(?!\#|[•◦▪‣·*+–-]\s|\(?\w{1,3}[.)]\s)(?P<plain>(?=.*[^\W\d])"
    rf"(?=\S+(?:[ ]\S+){{0,2}}:\s*$|.*[^{_ENDS}{_INVISIBLE}\s\u00ad][\s{_INVISIBLE}]*$)\S.{{0,99}}$"
    rf"(?:\n.{{1,99}}[^{_ENDS}{_INVISIBLE}\s\u00ad][ \t{_INVISIBLE}]*(?=\n[^\S\n]*(?:\n|\Z)))?)",
    re.MULTILINE,
)
_SOURCE = """SELECT ?source ?language { ?source a pg:SourceDocument ; pg:sha256 ?digest
  FILTER(UCASE(STR(?digest)) = "%s") OPTIONAL { ?source dct:language/skos:notation ?language }
} ORDER BY ?source ?language LIMIT 1"""
_NAMED = "ASK { ?thing skos:prefLabel|skos:altLabel|dct:title ?name FILTER(STR(?name) = %s) }"
_ELLIPSIS = re.compile(r"[\[(]?\s*(?:…|\.{3,})\s*[\])]?")
_MARKS = " \"'“”„‘’«»"
_UNKNOWN = "SOURCE"
_LONGEST = 600  # characters of a passage
_AROUND = 60  # characters before and after a quote


class Heading(NamedTuple):
    """A heading of a text: its positions, its title, and its level from 1; 7 where nothing marks it."""

    start: int
    end: int
    title: str
    level: int


class Hit(NamedTuple):
    """Where a quote stands in a text."""

    start: int  # its first character, from 0
    end: int  # the character after its last
    heading: str  # that it stands under; "" above the first
    differences: tuple[str, ...] = ()  # in what the text differs from the quote, in words: "dashes"

    def __str__(self) -> str:
        return f"{self.start},{self.end}" + (f" under “{self.heading}”" if self.heading else "")


@dataclass(frozen=True)
class SourceText:
    """The text of a source, with its name: what it is called in the catalogue, or the name of its file."""

    name: str
    characters: str = field(repr=False)

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
        """Its headings: lines that begin with "#", and short ones below an empty line but sentences."""
        found = []
        for match in _HEADING.finditer(self.characters):
            level, title = match["level"], match["marked"] or match["plain"]
            start = match.start("level" if level else "plain")
            found.append(Heading(start, match.end(), " ".join(title.split()), len(level or 7 * "#")))
        return found

    def heading_at(self, position: int) -> str:
        """The title of the last heading that begins at or before a position; "" above the first."""
        return self.last_heading(position).title

    def last_heading(self, position: int) -> Heading:
        """The last heading that begins at or before a position; an empty one above the first."""
        before = (each for each in reversed(self.headings) if each.start <= position)
        return next(before, Heading(0, 0, "", 0))

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

    @cached_property
    def signs(self) -> tuple[str, str]:
        """The signs of its normal form that no word is cut between, and those that no letter is cut from."""
        return _signs(self.normal[0])


def read_text(path: str | Path) -> SourceText:
    """Read a source text, byte for byte: no line end and no byte-order mark is changed.

    DocumentError for what is no file, or is not UTF-8, with line and column.
    """
    return SourceText(Path(path).stem, reader.decode(reader.read_bytes(Path(path)), name=path))


def read_texts(folder: Path) -> list[SourceText]:
    """Read the texts in a folder, `.txt` files; DocumentError as for `read_text`, or when there is none."""
    if not folder.is_dir():
        raise DocumentError("There is no such folder; name one with the texts of the sources.", path=folder)
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".txt")
    if not paths:
        raise DocumentError("The folder has no text; put each there as SOURCE.txt.", path=folder)
    return [read_text(path) for path in paths]


def digest(words: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in upper-case hexadecimal digits."""
    return sha256(words.encode()).hexdigest().upper()


def unbroken(words: str) -> str:
    """A text without soft hyphens, and the white space behind them, and other invisible characters."""
    return UNSEEN.sub("", words)


def locator(words: str, *, name: bool) -> str:
    """The label that finds a passage without copying it: a name whole, else its first and last two words.

    A `name` is a label or title in the data, which may be quoted whole.
    """
    plain = " ".join(unbroken(words).split())
    parts = [*_PIECE.finditer(plain)]
    if (len(parts) <= 2 or name) and plain == words:  # a label without an ellipsis has their digest
        return words
    first = plain[: parts[:2][-1].end()] if parts else ""
    last = plain[parts[-2].start() :] if len(parts) > 4 else ""
    return f"{first} … {last}".strip()


def is_locator(label: str, words: str) -> bool:
    """Whether a label has the first and last words of a passage, or all."""
    label, parts = unbroken(label), _SIGN.findall(unbroken(words))
    for gap in re.finditer("…", label):  # which may be one of the words
        first, last = _SIGN.findall(label[: gap.start()]), _SIGN.findall(label[gap.end() :])
        if first + last == parts[: len(first)] + parts[max(len(parts) - len(last), 0) :]:
            return True
    return _SIGN.findall(label) == parts


def find(text: SourceText, quote: str, *, under: str = "") -> list[Hit]:
    """Find every place where a text has a quote, in its order; those elsewhere than `under` a heading not.

    An ellipsis in the quote stands for words left out, as few characters as there can be. No place has more
    than 600 characters, or a heading within.
    """
    hits = (hit for hit in _hits(text, quote, under) if hit.end - hit.start <= _LONGEST)
    return [hit for hit in hits if text.last_heading(hit.start) == text.last_heading(hit.end - 1)]


def _hits(text: SourceText, quote: str, under: str) -> list[Hit]:
    parts = [quote]
    if not (spans := _spans(text, parts)):
        parts = [part for part in _ELLIPSIS.split(quote) if part.strip()]
        spans = _spans(text, parts)
    inside = text.parts(under) if under else [(0, text.length)]
    quoted, hits = "\n".join(part.strip() for part in parts), []
    for each in spans:
        start, end = each[0][0], each[-1][1]
        if any(first <= start and end <= last for first, last in inside):
            written = "\n".join(text.characters[slice(*span)] for span in each)
            hits.append(Hit(start, end, text.heading_at(start), _differences(written, quoted)))
    return hits


def missing(text: SourceText, quote: str, *, under: str = "") -> str:
    """Say that a text does not have a quote under a heading, and where something like it is."""
    if under and not text.parts(under):
        titles = [each.title for each in text.headings]
        return f"{text.name} has no heading {under!r}.{similar_word(under, titles)}"
    if under and (elsewhere := find(text, quote)):
        places = "; ".join(map(str, elsewhere))
        return f"the quote is in {text.name}, but not under {under!r}: it is at {places}."
    if (bare := quote.strip(_MARKS)) != quote and find(text, bare, under=under):
        return f"the quote is in {text.name} without the marks around it; leave these out."
    if wide := _hits(text, quote, under):
        shortest = min(wide, key=lambda each: each.end - each.start)
        what = f"the quote is in {text.name} only over a heading or more than {_LONGEST} characters"
        return f"{what}; the shortest place is {shortest}: quote less of it, or its parts on their own."
    if hit := nearest(text, quote):
        words = " ".join(text.characters[hit.start : hit.end].split())
        return f"the quote is not in {text.name}; nearest, at {hit}: “{words}”."
    return f"the quote is not in {text.name}; nothing there is like it."


def nearest(text: SourceText, quote: str) -> Hit | None:
    """Find where a text has most words of a quote in one run; None when it has no run of half of them."""
    from difflib import SequenceMatcher

    (normal, starts, ends), wanted = text.normal, _normal(quote)[0].casefold()
    letters, marks = _signs(normal + wanted)
    word = re.compile(rf"[{letters}][{letters}'-]*|\w[{marks}]*")  # each letter that stands alone is one
    words, asked = list(word.finditer(normal)), word.findall(wanted)
    folded = [word[0].casefold() for word in words]
    run = SequenceMatcher(None, folded, asked, autojunk=False).find_longest_match()
    if not run.size or 2 * run.size < len(asked):
        return None
    stretch = words[max(run.a - run.b, 0) :][: len(asked)]
    start, end = starts[stretch[0].start()], ends[stretch[-1].end() - 1]
    return Hit(start, end, text.heading_at(start))


def _normal(characters: str) -> tuple[str, list[int], list[int]]:
    """The normal form of a text, and where each of its characters begins and ends in it.

    Letters are decomposed (Unicode NFD), so that each code point of the text is a stretch of the normal form.
    """
    signs, starts, ends = list[str](), list[int](), list[int]()
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


def _signs(normal: str) -> tuple[str, str]:
    """The signs of a normal form that no word is cut between, and the marks, that no letter is cut from."""
    signs = sorted({"_", "\u0301", *normal})  # one of each, since a class cannot be empty
    marks = "".join(sign for sign in signs if category(sign)[0] == "M")
    words = (sign for sign in signs if sign == "_" or sign.isalnum() or sign in marks)
    return "".join(sign for sign in words if sign.isdecimal() or not re.match(f"[{UNSPACED}]", sign)), marks


def _spans(text: SourceText, parts: list[str]) -> list[list[tuple[int, int]]]:
    """The shortest stretches that have all parts of a quote in their order, by where each part stands."""
    (normal, starts, ends), (letters, marks) = text.normal, text.signs
    wanted = [_normal(part)[0].strip() for part in parts]
    if not wanted or not all(wanted):
        return []
    # No word is cut, and no letter from its marks.
    found = [
        f"{f'(?<![{letters}])' * (w[0] in letters)}{re.escape(w)}(?![{marks}{letters * (w[-1] in letters)}])"
        for w in wanted
    ]
    # Between two parts the first does not stand again, so a stretch is the shortest, and each is read once.
    pattern = "".join(f"({each})(?:(?!{each}).)*?" for each in found[:-1]) + f"({found[-1]})"
    matches = re.finditer(f"(?s)(?={pattern})", normal)
    return [[(starts[first], ends[last - 1]) for first, last in match.regs[1:]] for match in matches]


def _differences(written: str, quoted: str) -> tuple[str, ...]:
    """In what, in words, a text differs from a quote that it has."""
    kinds = [k for k, signs in _KINDS.items() if re.findall(signs, written) != re.findall(signs, quoted)]
    if any(map(combining, written)) != any(map(combining, quoted)):
        kinds.append("letters composed of several characters")
    return tuple(kinds or (["white space"] if written != quoted else ()))


class Quotation(NamedTuple):
    """Where a text has a quote, and how to write that down."""

    source: SourceText  # named as the source is, `SOURCE` where the catalogue has no such text
    hits: tuple[Hit, ...]  # every place
    labels: tuple[str, ...]  # the label of a passage at each place
    language: str  # BCP 47 tag of the text; "und" where the catalogue does not say

    def turtle(self, number: int = 0) -> str:
        """The passage at one of the places, as a block of Turtle."""
        hit, document = self.hits[number], f"source/{self.source.name}"
        written = (self.labels[number], hit.heading)
        label, section = (Literal(words, language=self.language) for words in written)
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
        before = before if start <= _AROUND else f"… {before.partition(' ')[2] or before}"
        after = after if end + _AROUND >= len(text) else f"{after.rpartition(' ')[0] or after} …"
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
