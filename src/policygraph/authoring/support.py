"""Compare stated and external claims with the words of their passages.

Numbers, dates, units and names can be compared. Verbs, their direction and their modality cannot: for these,
each claim has the share of its words that stand in its passages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from itertools import takewhile
from operator import eq
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from policygraph.authoring.quotes import SourceText, unbroken
from policygraph.authoring.verdicts import Verdict
from policygraph.authoring.vocabulary import Term, Vocabulary, readings
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.catalog.query import beside
from policygraph.check.shacl import ValidationResult
from policygraph.i18n import locale
from policygraph.rdf.namespaces import LABEL_PROPERTIES, local_name
from policygraph.rdf.terms import TYPE, by_subject, term as node
from policygraph.store.protocols import Store, rows
from policygraph.text import UNSPACED, fold, grouped

_PARTS = """SELECT DISTINCT ?thing ?term ?value {{ VALUES ?term {{ {} }}
  ?claim rdf:subject|rdf:predicate|rdf:object ?thing . ?thing ?term ?value }}"""
# A number with its thousands apart, any other number, or a word.
_TOKEN = re.compile(r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|[^\W\d_]+")
_WORD = re.compile(rf"[^\W\d_{UNSPACED}]+|[{UNSPACED}]+|\d+")
_ALONE = re.compile(f"[{UNSPACED}]")  # in a script without spaces, a word stands anywhere among letters
_PLAIN = {0x66B: ".", 0x66C: "'"} | {sign: sign - 0xFEE0 for sign in range(0xFF01, 0xFF5F)}  # full width
_VALUE = re.compile(r"(?P<date>(\d{4})(?:-(\d\d)(?:-(\d\d))?)?)|-?\d+(?:\.\d+)?")
_DAY = re.compile(r"(?<!\d)(\d\d?)([./-])(\d\d?)\2\d{4}(?!\d)|(?<!\d)\d{4}-(\d\d)(?:-(\d\d))?(?!\d)")
_SPAN = re.compile(r"(?<!\d)(\d\d)\d\d ?[/–-] ?(\d\d)(?![\d/–-])")  # 2021/22
_BRACKETS = re.compile(r"(.+?)\s*\(([^()]*[^\W\d][^()]*)\)")  # a name with another one behind it
_SHORT = 4  # letters: lower-case words of fewer do not count
_ENDING = 3  # letters at most in which two forms of a word differ
_SHOWN = 5  # numbers of a passage that a message has


class Support(NamedTuple):
    """What the passages of a claim say of it."""

    claim: str
    parts: tuple[str, ...]  # subject, relation and object, as they are called
    findings: tuple[ValidationResult, ...]
    needs_entry: bool  # the passages do not name the subject, so a reader needs what stands around them
    share: float  # of its subject, relation and object, from 0 to 1
    words: str  # of the passages


@dataclass(frozen=True)
class Words:
    """The words and numbers of a text; `tags` are its languages, `lexicon` has their numbers in words."""

    text: str
    tags: frozenset[str]
    lexicon: Mapping[str, Any]

    @cached_property
    def plain(self) -> str:
        """It with the digits and separators of ASCII, for those of full width and of other scripts."""
        return re.sub(r"\d", lambda digit: str(int(digit[0])), self.text.translate(_PLAIN))

    @cached_property
    def folded(self) -> str:
        """It without capitals and accents."""
        return fold(self.plain)

    @cached_property
    def known(self) -> frozenset[str]:
        """Its words, without capitals and accents, and its digits."""
        return frozenset(_WORD.findall(self.folded))

    @cached_property
    def months(self) -> dict[int, str]:
        """The months that it names, in words or in dates of digits, as written."""
        months = [month for tag in self.tags for month in _months(tag)]
        written, found = {fold(word): word for word in _WORD.findall(self.plain)}, dict[int, str]()
        for number, name in months:
            if name.isalpha() and not _ALONE.search(name):
                here = [
                    written[word] for word in written if alike(word, name) or self.abbreviates(word, name)
                ]
            else:  # with a digit or a space, or among letters without spaces
                here = re.findall(rf"(?<!\d){re.escape(name)}(?!(?<=\d)\d)", self.folded)
            if here:
                found[number] = here[-1]
        for day in _DAY.finditer(self.plain):
            found |= {int(number): day[0] for number in day.group(1, 3, 4) if number and int(number) <= 12}
        return found

    def abbreviates(self, word: str, name: str) -> bool:
        """Whether a word stands for a name, cut off at a full stop."""
        return len(word) >= _SHORT and name.startswith(word) and f"{word}." in self.folded

    @cached_property
    def numbers(self) -> dict[Decimal, str]:
        """What its numbers may mean, in digits or in words, as written."""
        languages = [self.lexicon["numbers"].get(tag.partition("-")[0], {}) for tag in self.tags]
        named = {fold(word): number for each in languages for word, number in each.items()}
        scales = {fold(word): number for word, number in self.lexicon["scales"].items()}
        scales |= {word: number for tag in self.tags for word, number in _scales(tag)}
        read, end = list[dict[Decimal, str]](), -1
        for token in _TOKEN.finditer(self.plain):
            word, near = fold(token[0]), not self.plain[end : token.start()].strip(" \n\u00a0-\u2010\u2011")
            # What is counted may follow at once, in scripts other than Latin.
            starts = (s for s in scales if s.rstrip(".") == word or (s > "\u02af" and word.startswith(s)))
            scale = max(starts, key=len, default="")
            if token[0][0].isdigit():
                read.append(dict.fromkeys(map(Decimal, readings(token[0])), token[0]))
            elif scale and read and near:  # five million is no five; 5 m may be metres
                scaled = {value * scales[scale]: f"{number} {token[0]}" for value, number in read[-1].items()}
                read[-1] = scaled if len(scale.rstrip(".")) > 1 else read[-1] | scaled
            elif word in named:
                before = next(iter(read[-1].values()), "") if read and near else ""
                if (whole := f"{fold(before)} {word}") in named:  # twenty-five is neither twenty nor five
                    read[-1] = {Decimal(named[whole]): f"{before}-{token[0]}"}
                else:
                    read.append({Decimal(named[word]): token[0]})
            else:
                continue
            end = token.end()
        found = {value: number for each in read for value, number in each.items()}
        for span in _SPAN.finditer(self.plain):
            found[Decimal(span[1] + span[2])] = span[0]
        for day in _DAY.finditer(self.plain):
            found |= {Decimal(number): day[0] for number in day.group(1, 3, 5) if number}
        return found

    def share(self, name: str) -> float:
        """Which part of a name stands in it, by the words that count, in any form and order."""
        words = _WORD.findall(name)
        counted = [word for word in words if len(word) >= _SHORT or not word.islower()] or words
        here = [
            word in self.folded if _ALONE.search(word) else any(alike(word, other) for other in self.known)
            for word in map(fold, counted)
        ]
        return sum(here) / max(len(here), 1)

    def has(self, value: str) -> list[bool]:
        """Whether it has each number and month of a number, a date or another text."""
        match = _VALUE.fullmatch(value)
        if not match:
            return [number in self.known for number in re.findall(r"\d+", value)]
        year, month, day = match.group(2, 3, 4) if match["date"] else (match[0], None, None)
        numbers = [Decimal(each).copy_abs() in self.numbers for each in (year, day) if each]
        return [*numbers, int(month) in self.months] if month else numbers

    def written(self) -> str:
        """Its first months and numbers, as written."""
        numbers = [each for each in self.numbers.values() if re.search(r"\d", each)]
        return " and ".join([*dict.fromkeys((*self.months.values(), *numbers))][:_SHOWN])


def alike(one: str, other: str) -> bool:
    """Whether two words may be forms of one: they begin alike, and differ in a few letters at the end."""
    same = sum(takewhile(bool, map(eq, one, other)))
    return one == other or (same >= _SHORT and max(len(one), len(other)) - same <= _ENDING)


@cache
def _months(tag: str) -> list[tuple[int, str]]:
    """The months in a language, in words and abbreviated; CLDR has them (https://cldr.unicode.org)."""
    forms = known.months.values() if (known := locale(tag)) else ()
    names = [pair for form in forms for width in ("wide", "abbreviated") for pair in form[width].items()]
    return [(number, fold(name.rstrip("."))) for number, name in names]


@cache
def _scales(tag: str) -> list[tuple[str, int]]:
    """The words of a language that multiply the number before them, as million, or mln.; CLDR has them."""
    formats: Mapping[str, Any] = known.compact_decimal_formats if (known := locale(tag)) else {}
    forms = [form for width in ("long", "short") for form in formats.get(width, {}).values()]
    pairs = [(int(size), each.pattern.replace("'", "")) for form in forms for size, each in form.items()]
    # The parts are, of 10,000,000, "00" and "million".
    found = ((size, re.fullmatch(r"\W?(0+)\s*([^\W\d_]+\.?)", pattern)) for size, pattern in pairs)
    return [(fold(match[2]), size // 10 ** (len(match[1]) - 1)) for size, match in found if match]


class _Passage(NamedTuple):
    text: str
    title: str  # the line above it
    entry: tuple[str, int]  # its source, and where the title stands
    tag: str


class Comparison:
    """What the data say of claims, their parts and their passages."""

    def __init__(
        self, catalog: Catalog, store: Store, verdicts: Iterable[Verdict], texts: Mapping[str, SourceText]
    ) -> None:
        self.v, self.base, self.labels = Vocabulary(catalog), catalog.settings.base, Labels(store)
        self.own, self.mentioned = self.v.model["own"], self.v.model["mentioned"]
        self.label, *self.others = self.naming = [*map(node, LABEL_PROPERTIES)]
        terms = " ".join(map(str, (*self.naming, self.own, self.mentioned, TYPE)))
        self.facts = by_subject(rows(store, _PARTS.format(terms)))
        self.passages: dict[NamedNode, _Passage] = {}
        exact = (each.anchor for each in verdicts if each.status == "exact")
        for iri, source, start, end, section, _, tag, _ in exact:
            text, title = texts[source].characters[start:end], texts[source].last_heading(start or 0)
            entry, titles = (source, title.start), f"{title.title}\n{section}"
            self.passages[NamedNode(iri)] = _Passage(text, titles, entry, tag)
        found = rows(store, beside(__file__, "claims").text)
        self.claims = grouped((row["claim"], row) for row in found)
        for row in (row for each in self.claims.values() for row in each):
            for thing in (row["subject"], row["object"]):
                self.facts.setdefault(thing, {}).setdefault(self.mentioned, []).append(row["passage"])

    def words(self, passages: Iterable[_Passage], *, titles: bool = False) -> Words:
        """The words of passages, with the titles above them or without."""
        passages = list(passages)
        text = "\n".join(f"{each.title}\n{each.text}" if titles else each.text for each in passages)
        return Words(unbroken(text), frozenset(each.tag or "en" for each in passages), self.v.support)

    def names(self, thing: Term) -> Iterator[str]:
        """What a thing is called, whole and in parts: before brackets and in them, around a colon."""
        facts = self.facts.get(thing, {})
        for name in (each.value for term in self.naming for each in facts.get(term, ())):
            yield name
            yield from match.groups() if (match := _BRACKETS.fullmatch(name)) else ()
            yield from (part for part in name.split(": ") if len(part.split()) > 2)

    def share(self, part: Term, words: Words) -> float:
        """How much of the best name of a part of a claim stands in words, or of a literal."""
        if here := self.has(part, words):
            return sum(here) / len(here)
        names = [part.value] if isinstance(part, Literal) else self.names(part)
        return max(map(words.share, names), default=0)

    def has(self, part: Term, words: Words) -> list[bool]:
        """Whether words have each number, month or unit of a part of a claim."""
        if isinstance(part, Literal):
            return words.has(part.value)
        signs = self.v.signs.get(part, ())
        names = map(fold, (*signs, local_name(part.value), *self.names(part)))
        found = (
            name in (words.known if name.isalpha() and not _ALONE.search(name) else words.folded)
            for name in names
        )
        return [any(found)] if signs else []

    def is_named(self, thing: Term) -> bool:
        """Whether a thing is of a kind with proper names, and one of its names is not the project's own."""
        facts = self.facts.get(thing, {})
        own = {tag.value for tag in facts.get(self.own, ())}
        given = [each for each in facts.get(self.label, ()) if each.language not in own]
        given += [each for term in self.others for each in facts.get(term, ())]
        return bool(given) and not self.v.named.isdisjoint(facts.get(TYPE, ()))

    def supports(self, graphs: Collection[str], language: str) -> tuple[Support, ...]:
        """Compare the claims in some graphs, as far as their passages are at hand as they were read."""
        chosen = [c for c, found in self.claims.items() if any(row["graph"].value in graphs for row in found)]
        return tuple(filter(None, (self.support(claim, language) for claim in chosen)))

    def support(self, claim: NamedNode, language: str) -> Support | None:
        """Compare a claim with its passages; None if one of them is not at hand as it was read."""
        quoted, first = [row["passage"] for row in self.claims[claim]], self.claims[claim][0]
        if not self.passages.keys() >= {*quoted}:
            return None
        passages = [self.passages[each] for each in quoted]
        parts = [subject, _, value] = [first[name] for name in ("subject", "relation", "object")]
        label = self.labels.of
        called = [e.value if isinstance(e, Literal) else label(e.value, language).text for e in parts]
        words, above = self.words(passages), self.words(passages, titles=True)
        found, name = [], f"<{claim.value.removeprefix(self.base)}>"
        if not all(self.has(value, words)):
            has = words.written() if isinstance(value, Literal) else ""
            what = f"The passage has {has or 'nothing of it'}, not {called[2]}"
            # It may say so by a word for a number, which is not known in all languages.
            read = all(tag.partition("-")[0] in self.v.support["numbers"] for tag in words.tags)
            grave = "Violation" if read else "Warning"
            found.append((grave, "object", f"{what}: mend it, or quote what says it."))
        missing = "No name of {!r} stands in the passage or the title above{}: quote it, or add that name."
        if self.is_named(value) and self.share(value, above) < 1:
            found.append(("Warning", "object", missing.format(called[2], "")))
        needs = self.is_named(subject) and self.share(subject, words) < 1
        if needs and self.share(subject, above) < 1:
            others = {*self.facts[subject].get(self.mentioned, ())}.intersection(self.passages) - {*quoted}
            entries = {each.entry for each in passages}
            near = [each for each in map(self.passages.__getitem__, others) if each.entry in entries]
            if all(self.share(subject, self.words([each])) < 1 for each in near):
                below = ", nor in what else is quoted below it"
                found.append(("Warning", "subject", missing.format(called[0], below)))
        findings = (ValidationResult(a, name, f"rdf:{b}", "", c, "pgs:Support") for a, b, c in found)
        share = sum(self.share(each, words) for each in parts) / len(parts)
        text = " ".join(words.text.split())
        return Support(claim.value, tuple(called), tuple(findings), needs, share, text)
