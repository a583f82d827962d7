"""Read what a title and the sentences below it say, by the words of a pattern: a kind, dates, directives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_YEAR = r"(?:19|20)\d\d"


class TitleReader:
    """Reads titles and the paragraphs below them by a pattern, whose keys `europe/pattern.toml` explains."""

    def __init__(self, pattern: Mapping[str, Any]) -> None:
        self.p, articles = pattern, _words(pattern["titles"]["articles"])
        self._article = rf"(?:(?:{articles})\s+)?"  # before a title in a sentence
        self._pronouns = _words(pattern["dates"]["pronouns"])
        rules = pattern["transposes"]
        # The number of a directive and what stands before it.
        self._directive = rf"{rules['before']}\s(?:(?:{_words(rules['between'])})\s*)*(\d{{2,4}}/\d+)"

    def has(self, title: str, rule: str) -> bool:
        """Whether a title has one of the words of a rule."""
        return bool(_any(self.p[rule]["words"], title))

    def names(self, label: str, title: str) -> bool:
        """Whether a title has a label whole, whatever its capitals, quotation marks and dashes are."""
        name, whole = _loose(label), re.IGNORECASE
        within = re.search(rf"(?<!\w){name}(?!\w)", self._itself(title), whole)
        return bool(within or re.fullmatch(name, title, whole))

    def _itself(self, title: str) -> str:
        """A title without what it amends."""
        return re.split(rf"\b(?:{_words(self.p['titles']['amends'])})\s", title)[0]

    def instruments(self, text: str, chapter: str = "") -> list[str]:
        """The shared instruments that a text names by directives' numbers, a chapter's title also by name."""
        if chapter:
            text = self._itself(text)
        numbers, names = self._numbers(text), text if chapter else ""
        return [
            name
            for name, each in self.p["instruments"].items()
            if _any(each.get("names", ()), names)
            or names in each.get(chapter, ())
            or _order(each.get("number", "")) in numbers
        ]

    def _numbers(self, text: str) -> set[tuple[str, ...]]:
        return {_order(each) for each in re.findall(self._directive, text)}

    def kind(self, chapter: str, title: str, body: list[str]) -> tuple[str, str, str]:
        """The kind of the one thing that a title names, its basis ("" for stated), or why it names none."""
        topics, first = self.p["topics"], body[0] if body else ""
        if word := _any(self.p["several_countries"]["words"], title):
            return "", "", f"the title has {word!r}, so it may be of several countries"
        joins = (each for each in topics["joins"] if each in title)
        if word := _any(topics["words"], title) or next(joins, ""):
            why = "so it may be a topic, several things, or one not there yet"
            return "", "", f"the title has {word!r}, {why}"
        if word := _any(topics["not_yet"], "\n\n".join(body)):
            return "", "", f"the text has {word!r}, so it may not be there yet"
        if not re.search(rf"{_loose(_core(title))}|^(?:{self._pronouns})\b", first, re.IGNORECASE):
            return "", "", "the text is of something else"
        behind = _words(self.p["titles"]["behind"])
        for kind, rules in self.p["kinds"].items():
            head = rf"(?:{_words(rules['words'])})"
            ends = rf"(?:^|.*\s){head}(?:\s+(?:\([^)]*\)|(?:(?:{behind})\s?)?\d\S*|[–:].*))*"
            begins = rf"(?:\w[\w.-]*\s)?{head}\s+(?:{behind}|\d).*"
            if chapter in rules["chapters"] and rules["words"] and re.fullmatch(rf"{ends}|{begins}", title):
                return kind, "", ""
        own = self.p["chapters"][chapter]["kind"]
        if self._is_subject(self.p["kinds"][own], title, first):
            return own, "medium", ""
        return "", "", "the title does not say that it is one thing"

    def _is_subject(self, rules: Mapping[str, Any], title: str, first: str) -> bool:
        """Whether the text begins with the title and a verb, and either has a noun that only the kind has."""
        if "subject" not in rules or _any(rules["several"], title):
            return False
        verbs, nouns = _words(rules["subject"]), _words(rules["nouns"])
        begins = rf"{self._named(title)}(?:\s\w+){{0,2}}?\s(?:{verbs})\b"
        if not (found := re.match(begins, first, re.IGNORECASE)):
            return False
        near, rest = rf"(?:\s[^\s,;.]+){{0,8}}?\s(?:{nouns})\b", first[found.end() :]
        ends = re.search(rf"\b(?:{nouns})$", _core(title), re.IGNORECASE)
        return bool(ends or re.match(near, rest, re.IGNORECASE))

    def facts(self, kind: str, title: str, body: list[str]) -> Iterator[tuple[str, str, tuple[int, int]]]:
        """Dates and directives that two sentences tell: a relation, a value, and where in the first block."""
        if any(_any(self.p["dates"]["superseded"], " ".join(words.split())) for words in body):
            return
        own = self._named(title)
        subjects = (own, rf"(?:{own}|{self._pronouns})")
        for subject, (start, end) in zip(subjects, self._sentences(body[0] if body else ""), strict=False):
            sentence = " ".join(body[0][start:end].split())
            facts = (*self._dates(kind, subject, sentence, title), *self._transposed(kind, subject, sentence))
            yield from ((*fact, (start, end)) for fact in facts)

    def _named(self, title: str) -> str:
        """A pattern for a title as a sentence has it: with an article, a bracket or a comma."""
        return rf"{self._article}{_loose(_core(title))}(?:\s\([^)]*\))?,?"

    def _sentences(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the sentences of a paragraph begin and end."""
        stops, begin = _words(self.p["dates"]["abbreviations"]), 0
        for match in re.finditer(r"[.!?](?=\s+[A-Z‘“(])|$", text):
            words = text[begin : match.end()]
            if words.strip() and not re.search(rf"(?<!\w)(?:{stops})$", words):
                yield match.end() - len(words.lstrip()), match.end()
                begin = match.end()

    def _dates(self, kind: str, subject: str, sentence: str, title: str) -> Iterator[tuple[str, str]]:
        """The one date of a sentence, if a verb joins it to the subject in one clause."""
        rules = self.p["dates"]
        written = rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s)?(?:{_words(rules['months'])})\s)?{_YEAR}"
        # Numbers of laws, and the days that laws are named by, are no dates of the clause.
        numbered = rf"\d+[A-Z]?\s?/\s?{_YEAR}|{_YEAR}\s?/\s?\d+"
        others = rf"{numbered}|\b(?:{_words(rules['named_by'])}) {written}(?=\W)"
        bare = re.sub(others, "§", re.sub(_loose(title), "¤", sentence, flags=re.IGNORECASE))
        found = re.findall(rf"(?<![\w/.-]){written}(?![\w/–-])", bare)
        years = re.findall(rf"(?<!\d){_YEAR}(?!\d)", bare)
        if len(found) != 1 or len(years) != 1 or _any(rules["not"], bare):
            return
        gap, active = rf"(?:\s[^\s,;:()]+){{0,{rules['gap']}}}?", _words(rules["active"])
        before = rf"(?:{_words(rules['before'])})\s{re.escape(found[0])}(?![\w/–-])"
        for relation, verbs in rules["verbs"].items():
            verb = rf"(?:{_words(verbs)})"
            forms = [
                rf"{subject}(?:\s(?:{_words(rules['relative'])}))?\s{verb}{gap}\s{before}",
                rf"{before},?\s{subject}\s{verb}\b",
            ]
            if relation in verbs:  # in the active voice it is the word itself
                forms.append(rf"{before},?{gap}\s{re.escape(relation)}\s(?:(?:{active})\s)?{subject}")
            if kind in rules["kinds"][relation] and re.match("|".join(forms), sentence, re.IGNORECASE):
                yield relation, _iso(found[0], rules["months"])
                return

    def _transposed(self, kind: str, subject: str, sentence: str) -> Iterator[tuple[str, str]]:
        """The one directive of a sentence, if a verb joins it to the subject in one clause."""
        rules = self.p["transposes"]
        if kind not in rules["kinds"] or len(self._numbers(sentence)) != 1 or _any(rules["not"], sentence):
            return
        others = _words(word for each in self.p["kinds"].values() for word in each["words"])
        between = rf"(?:\s(?!(?:{others})\b)[^\s;]+){{0,{rules['gap']}}}?"  # in which no other law is named
        verb = rf"(?:{_words(rules['verbs'])})(?:\s[^\s,;:]+){{0,6}}?\s{self._directive}"
        if re.match(rf"{subject}{between}\s{verb}", sentence, re.IGNORECASE):
            yield from ((rules["relation"], name) for name in self.instruments(sentence))


def _words(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return "|".join(re.escape(each).replace(r"\ ", r"\s") for each in sorted(words, key=len, reverse=True))


def _any(words: Iterable[str], text: str) -> str:
    """The first of these words that a text has, whole; "" for none."""
    found = words and re.search(rf"(?<!\w)(?:{_words(words)})(?!\w)", text)
    return found[0] if found else ""


def _core(title: str) -> str:
    """A title without what is in brackets at its end."""
    return re.sub(r"\s*\([^)]*\)$", "", title)


def _loose(name: str) -> str:
    """A pattern for a name whatever its spaces, quotation marks and dashes are."""
    parts = re.split(r"[\s‘’'“”\"–-]+", name)
    return r"[\s‘’'“”\"–-]+".join(map(re.escape, filter(None, parts)))


def _order(number: str) -> tuple[str, ...]:
    """The two parts of a directive's number in one order, since texts turn them round."""
    return tuple(sorted(number.split("/")))


def _iso(words: str, months: list[str]) -> str:
    """A date as tables have it, as precise as it is written."""
    *day, name, year = ["", "", *words.split()][-3:]
    if not name:
        return year
    number = re.sub(r"\D", "", day[0])
    return f"{year}-{months.index(name) + 1:02}" + (f"-{int(number):02}" if number else "")
