"""Draft tables from texts that share a structure: what stands under which heading, by a file of patterns.

A pattern is words and lists. What it cannot read is listed, never guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from policygraph.authoring import workbook
from policygraph.authoring.quotes import SourceText, digest, locator, read_text
from policygraph.authoring.skeleton import slug
from policygraph.authoring.vocabulary import Sheet, Tables, Vocabulary, join
from policygraph.errors import DocumentError, nearest
from policygraph.rdf import reader
from policygraph.store.protocols import rows

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog

READ = "#read"
"""The sheet that says what was made of each heading and title; its sign makes `import` pass over it."""

_BLOCK = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_MARK = re.compile(r"(#{1,6})\s+(?:[\d.]+\s*)?(.*)", re.DOTALL)
_YEAR = r"(?:19|20)\d\d"

# The passages of a source that the catalogue has, where they stand, and what they are about.
_STANDING = """SELECT DISTINCT ?thing ?kind ?passage ?start ?end {
  ?source pg:sha256 "%s"^^xsd:hexBinary .
  ?passage pg:isPassageOf ?source ; pg:charStart ?start ; pg:charEnd ?end .
  OPTIONAL { { ?thing pg:mentionedIn ?passage } UNION { ?claim pg:passage ?passage ; rdf:subject ?thing }
    ?thing a ?kind } }"""


_Judged: TypeAlias = dict[tuple[str, str, str], set[str]]  # verdicts by account, place and what is said


class Part(NamedTuple):
    """A heading, title or paragraph of a text."""

    start: int
    end: int
    words: str  # with single spaces
    level: int = 0  # of a heading, from 1

    @property
    def at(self) -> str:
        """Its positions, as tables have them."""
        return f"{self.start},{self.end}"


class Titled(NamedTuple):
    """What stands below a heading of an account: a title with its paragraphs, or paragraphs without one."""

    title: Part | None
    body: list[Part]


class Account:
    """Reads one text by a pattern, and collects the rows of its tables."""

    def __init__(
        self, pattern: Mapping[str, Any], text: SourceText, catalog: Catalog, v: Vocabulary, judged: _Judged
    ) -> None:
        self.p, self.text, self.v, self.judged = pattern, text, v, judged
        code, country = pattern["accounts"][text.name]
        found = rows(catalog.store, f'SELECT ?s {{ ?s pg:sha256 "{text.sha256}"^^xsd:hexBinary }}')
        known = [row["s"].value.removeprefix(v.sources) for row in found if "#" not in row["s"].value]
        name = slug(country)
        self.source = known[0] if known else f"{pattern['prefix']}{name}"
        self.standing = list(rows(catalog.store, _STANDING % text.sha256)) if known else []
        self.quoted = {row["passage"].value for row in self.standing}
        self.known = bool(self.standing)  # whether the things of this account are written already
        self.country = f"country/{name}"
        self.values = {"country": country, "code": code, "source": self.source, "country_slug": name}
        self.values |= {"version": pattern["version"], "today": pattern["date"]}
        self.values["name"] = f"account-{name}" if self.known else name
        self.tag = pattern["language"]
        self.rows: dict[str, list[dict[str, str]]] = {
            sheet: [{k: t.format_map(self.values) for k, t in row.items()} for row in filled]
            for sheet, filled in pattern["tables"].items()
        }
        if self.known:
            kept = {
                column: text
                for column, text in self.rows["sources"][0].items()
                if column in ("source", "language")
            }
            self.rows |= {"sources": [kept], "things": []}
        self.rows |= {name: [] for name in ("claims", "mentions", "absences", "passages", READ)}
        self.things: dict[str, str] = {}  # the slugs of titles, by kind and title

    # ---- The structure

    @cached_property
    def parts(self) -> list[Part]:
        """The blocks of the text that are parted by empty lines; headings by their signs."""
        found = []
        for match in _BLOCK.finditer(self.text.characters):
            heading = _MARK.fullmatch(match[0])
            words = " ".join((heading[2] if heading else match[0]).split())
            start = match.start() + (heading.start(2) if heading else 0)
            found.append(Part(start, match.end(), words, len(heading[1]) if heading else 0))
        return found

    def sections(self) -> Iterator[tuple[str, str, Part, list[Part]]]:
        """Each heading of a chapter, with the chapter, its domain ("" for an unknown one) and its blocks."""
        chapters = _spelled({name: each["headings"] for name, each in self.p["chapters"].items()})
        domains, groups = _spelled(self.p["domains"]), _spelled({"": self.p["headings"]["groups"]})
        titles = self.p["titles"].get("level")  # of headings that are titles
        chapter, starts = "", [n for n, part in enumerate(self.parts) if part.level not in (0, titles)]
        for here, following in pairwise([*starts, len(self.parts)]):
            heading, below = self.parts[here], self.parts[here + 1 : following]
            words = heading.words.casefold()
            if heading.level == 1:
                chapter = chapters.get(words, "")
            elif chapter and (words not in groups or below):
                yield chapter, domains.get(words, ""), heading, below

    def is_title(self, part: Part, following: Part | None) -> bool:
        """Whether a block is the title of what follows it."""
        rules, words = self.p["titles"], part.words
        whole = not words.endswith(tuple(rules["ends"])) and not words.startswith(tuple(rules["begins"]))
        named = (
            words not in rules["none"]
            and len(words) <= rules["longest"]
            and not re.match(r"\d+(?:[)%]|\.\s|$)", words)
        )
        return bool(part.level or (whole and named and following))

    def entries(self, blocks: list[Part]) -> Iterator[Titled]:
        """The titles below a heading, each with the blocks up to the next."""
        titles = [
            number
            for number, part in enumerate(blocks)
            if self.is_title(part, blocks[number + 1] if number + 1 < len(blocks) else None)
        ]
        # Of two in a row, the second is a line of the text; of more, all but the last are lines of a list.
        runs = [[n for _, n in run] for _, run in groupby(enumerate(titles), lambda each: each[1] - each[0])]
        titles = [run[0] if len(run) == 2 else run[-1] for run in runs]
        if loose := blocks[: titles[0] if titles else len(blocks)]:
            yield Titled(None, loose)
        for here, following in pairwise([*titles, len(blocks)]):
            yield Titled(blocks[here], blocks[here + 1 : following])

    # ---- What is written

    def run(self) -> Tables:
        """The tables of the account."""
        for chapter, domain, heading, blocks in self.sections():
            if not domain:
                self.note(chapter, heading, "", "unread", "no such heading in the pattern")
                continue
            entries = list(self.entries(self.without_page(blocks)))
            concept = f"concept/domain/{domain}"
            self.passage(heading, chapter, concept)
            for title, body in entries:
                if title:
                    self.entry(chapter, domain, heading, title, body)
                else:
                    self.loose(chapter, domain, heading, body, alone=len(entries) == 1)
        columns = ["chapter", "heading", "title", "outcome", "why", "at"]
        tables = {
            name: spec.sheet([self.tag], self.rows.get(name, ())) for name, spec in self.v.sheets.items()
        }
        filled = [[row.get(column, "") for column in columns] for row in self.rows[READ]]
        return {**tables, READ: Sheet(columns, list(enumerate(filled, 2)))}

    def without_page(self, blocks: list[Part]) -> list[Part]:
        """The blocks but the number and name of the next chapter, which stand before its heading."""
        names = {name.casefold() for each in self.p["chapters"].values() for name in each["headings"]}
        names |= {name.casefold() for name in self.p["headings"]["page"]}
        kept = [part for part in blocks if part.words.casefold() not in names]
        return [part for part in kept if not part.words.isdecimal()]

    def note(self, chapter: str, heading: Part, title: str, outcome: str, why: str, at: str = "") -> None:
        """Say what became of a title or a block."""
        row = {"chapter": chapter, "heading": heading.words, "title": title, "outcome": outcome, "why": why}
        self.rows[READ].append({**row, "at": at or heading.at})

    def passage(self, part: Part, chapter: str, domain: str, **more: str) -> None:
        """Describe a heading or an entry."""
        words, name = self.text.characters[part.start : part.end], f"{self.source}#char={part.at}"
        described = {
            f"quote@{self.tag}": locator(words, name="title" in "".join(more)),
            f"under@{self.tag}": self.text.heading_at(part.start),
            "sha256": digest(words),
        }
        row = {"passage": name, "type": f"concept/chapter/{chapter}", "in domain": domain}
        described = {} if self.v.sources + name in self.quoted else described
        self.rows["passages"].append({**row, "in country": self.country, **described, **more})

    def loose(self, chapter: str, domain: str, heading: Part, body: list[Part], *, alone: bool) -> None:
        """Read blocks without a title: that there is nothing, or else what is not read."""
        rules, first, *more = self.p["absences"], *body
        word = next((each for each in rules["concept"] if each in first.words.casefold()), "")
        short = first.words.lstrip("• ").startswith(rules["begins"]) and len(first.words) <= rules["longest"]
        if not (short and word):
            self.note(chapter, heading, "", "unread", first.words[:80], first.at)
            return
        if heading.words in self.p["headings"]["subnational"]:
            self.note(chapter, heading, "", "left out", "an absence at a lower level", first.at)
            return
        outcome = "absent" if not more and alone else "absent, qualified"
        self.note(chapter, heading, "", outcome, word, first.at)
        if self.known:
            return
        spoken = self.p["chapters"][chapter]
        values = {**self.values, "absent": spoken["absent"], "word": word, "heading": heading.words}
        at = join([heading.at, first.at])
        status = [self.status(at, "absence"), *([rules["qualified"]] if outcome != "absent" else [])]
        self.rows["absences"].append(
            {
                "absence": f"absence/no-{slug(spoken['absent'])}-{domain}",
                "type": rules["concept"][word],
                "absent kind": spoken["kind"],
                "in domain": f"concept/domain/{domain}",
                "in country": self.country,
                "status": join(status),
                f"label@{self.tag}": rules["label"].format_map(values),
                "source": self.source,
                "at": at,
            }
        )

    def entry(self, chapter: str, domain: str, heading: Part, title: Part, body: list[Part]) -> None:
        """Write an entry, and the thing that it names, if it names one of the country."""
        below = heading.words in self.p["headings"]["subnational"]
        regional = self.has(title, "regional")
        more = {"status": self.status(title.at, "title"), f"title@{self.tag}": title.words}
        level = [self.p["regional"]["level"]] if regional or below else []
        more["type"] = join([f"concept/chapter/{chapter}", *level])
        self.passage(title, chapter, f"concept/domain/{domain}", **more)
        shared = self.instruments(title)
        if self.known:
            shared += self.found(title)
        for each in shared:
            self.mention(each, title)
        kind, basis, why = ("", "", join(shared)) if shared else self.kind(chapter, title, body)
        if kind and below and not regional:
            kind, why = "", "whose it is, the heading does not say"
        if kind and not self.status(title.at, f"kind {kind}"):
            kind, why = "", "a reader found that it is none"
        thing = self.thing(kind, title) if kind and not self.known else ""
        outcome = "thing" if thing else "known" if shared else "entry"
        self.note(chapter, heading, title.words, outcome, thing or why, title.at)
        if self.known:  # whose claims are written
            return
        words, today = self.p["claim"], {"curator": self.p["claim"]["curator"], "date": self.values["today"]}
        reasons = {each: {f"why@{self.tag}": words[each], **today} for each in ("domain", "kind", "level")}
        place = {"relation": "in domain", "object": f"concept/domain/{domain}", "basis": "strong"}
        for each in [thing] if thing else shared:
            self.claim(each, **place, **reasons["domain"], at=join([heading.at, title.at]))
        if not thing:
            return
        self.claim(
            thing,
            relation="kind",
            object=kind,
            basis=basis,
            at=title.at,
            **(reasons["kind"] if basis else {}),
        )
        if regional:
            levelled = {"relation": "involves level", "object": level[0], "basis": "strong"}
            self.claim(thing, **levelled, **reasons["level"], at=join([heading.at, title.at]))
        for relation, value, at in self.facts(kind, title, body):
            self.claim(thing, relation=relation, object=value, at=join([title.at, at]))

    def found(self, title: Part) -> list[str]:
        """The things, of kinds that titles name, whose passages in the catalogue stand where a title does."""
        kinds = {self.v.kind(kind) for kind in self.p["kinds"]}
        found = (
            row["thing"].value.removeprefix(f"{self.v.iri}id/")
            for row in self.standing
            if row["kind"] and row["kind"] in kinds
            if int(row["start"].value) < title.end
            if int(row["end"].value) > title.start
        )
        return sorted({*found})

    def claim(self, subject: str, **row: str) -> None:
        """Add a drafted claim, unless a row says so already, of a title that stands in two places."""
        known = {(each["subject"], each["relation"], each["object"]) for each in self.rows["claims"]}
        status = self.status(row["at"], f"{row['relation']} {row['object']}")
        if status and (subject, row["relation"], row["object"]) not in known:
            drafted = {"status": status, "generated by": self.p["claim"]["generated"]}
            self.rows["claims"].append({"subject": subject, "source": self.source, **row, **drafted})

    def status(self, at: str, says: str) -> str:
        """Drafted, or what the gravest verdict of a reader made of it: "" for what is wrong."""
        found = self.judged.get((self.text.name, at, says), set())
        order = self.p.get("verdicts", {})
        return next((str(order[each]) for each in order if each in found), str(self.p["claim"]["status"]))

    def mention(self, thing: str, title: Part) -> None:
        """Say that an entry names a thing."""
        self.rows["mentions"].append({"thing": thing, "source": self.source, "at": title.at})

    def thing(self, kind: str, title: Part) -> str:
        """The name of the thing that a title names; the same title twice is one."""
        key = f"{kind} {title.words.casefold()}"
        if key not in self.things:
            folder, path = self.p["kinds"][kind]["folder"], slug(title.words)[:70].strip("-")
            name, number = f"{folder}/{path}", 1
            while name in self.things.values():
                name, number = f"{folder}/{path}-{number + 1}", number + 1
            self.things[key] = name
            row = {
                "thing": name,
                "kind": kind,
                f"label@{self.tag}": title.words,
                "source": f"source/{self.source}",
            }
            self.rows["things"].append(row)
        self.mention(self.things[key], title)
        return self.things[key]

    # ---- What a title and its first sentences say

    def has(self, title: Part, rules: str) -> bool:
        """Whether a title has one of the words of a rule."""
        return _any(self.p[rules]["words"], title.words)

    def instruments(self, title: Part) -> list[str]:
        """The shared instruments that a title names."""
        numbers = self.numbers(title.words)
        return [
            name
            for name, each in self.p["instruments"].items()
            if _any(each.get("names", ()), title.words) or _order(each.get("number", "")) in numbers
        ]

    def numbers(self, words: str) -> set[tuple[str, ...]]:
        """The numbers of the directives that a text names."""
        return {_order(each) for each in re.findall(self.directive, words)}

    @cached_property
    def article(self) -> str:
        """A pattern for what may stand before a title in a sentence."""
        return rf"(?:(?:{_words(self.p['titles']['articles'])})\s+)?"

    @cached_property
    def directive(self) -> str:
        """A pattern for the number of a directive and what stands before it."""
        rules = self.p["transposes"]
        return rf"{rules['before']}\s(?:(?:{_words(rules['between'])})\s*)*(\d{{2,4}}/\d+)"

    def kind(self, chapter: str, title: Part, body: list[Part]) -> tuple[str, str, str]:
        """The kind of the one thing that a title names, its basis ("" for stated), or why it names none."""
        if self.has(title, "several_countries"):
            return "", "", "of several countries"
        topics, first = self.p["topics"], body[0].words if body else ""
        if self.has(title, "topics") or any(each in title.words for each in topics["joins"]):
            return "", "", "a topic, several things, or one that is not there yet"
        if any(_any(topics["not_yet"], part.words) for part in body):
            return "", "", "the text says that it is not there yet"
        if not re.search(
            rf"{_loose(_core(title.words))}|^(?:{_words(self.p['dates']['pronouns'])})\b", first, re.I
        ):
            return "", "", "the text is of something else"
        behind = _words(self.p["titles"]["behind"])
        for kind, rules in self.p["kinds"].items():
            head = rf"(?:{_words(rules['words'])})"
            ends = rf"(?:^|.*\s){head}(?:\s+(?:\([^)]*\)|(?:(?:{behind})\s?)?\d\S*|[–:].*))*"
            begins = rf"(?:\w[\w.-]*\s)?{head}\s+(?:{behind}|\d).*"
            named = rules["words"] and re.fullmatch(rf"{ends}|{begins}", title.words)
            if named and chapter in rules["chapters"]:
                return kind, "", ""
        own = self.p["chapters"][chapter]["kind"]
        if "subject" not in self.p["kinds"][own] or not self.is_subject(own, title, body):
            return "", "", "the title does not say that it is one thing"
        return own, "medium", ""

    def is_subject(self, kind: str, title: Part, body: list[Part]) -> bool:
        """Whether the text begins with the title and a verb, and either has a noun that only the kind has."""
        rules, first = self.p["kinds"][kind], body[0].words if body else ""
        verbs, nouns, name = _words(rules["subject"]), _words(rules["nouns"]), _core(title.words)
        begins = rf"{self.article}{_loose(name)}(?:\s\([^)]*\))?,?(?:\s\w+){{0,2}}?\s(?:{verbs})\b"
        if not (found := re.match(begins, first, re.IGNORECASE)) or _any(rules["several"], title.words):
            return False
        named = rf"(?:\s[^\s,;.]+){{0,8}}?\s(?:{nouns})\b"
        ends = re.search(rf"\b(?:{nouns})$", name, re.IGNORECASE)
        return bool(ends or re.match(named, first[found.end() :], re.IGNORECASE))

    def sentences(self, body: list[Part]) -> Iterator[tuple[str, str]]:
        """The sentences of the first paragraph below a title, with their positions."""
        stops = _words(self.p["dates"]["abbreviations"])
        for part in body[:1]:
            raw, begin = self.text.characters[part.start : part.end], 0
            for match in re.finditer(r"[.!?](?=\s+[A-Z‘“(])|$", raw):
                words = raw[begin : match.end()]
                if words.strip() and not re.search(rf"(?<!\w)(?:{stops})$", words):
                    first = part.start + begin + len(words) - len(words.lstrip())
                    yield " ".join(words.split()), f"{first},{part.start + match.end()}"
                    begin = match.end()

    def facts(self, kind: str, title: Part, body: list[Part]) -> Iterator[tuple[str, str, str]]:
        """Dates and directives that two sentences tell: a relation, a value, where the sentence stands."""
        own = rf"{self.article}{_loose(_core(title.words))}(?:\s\([^)]*\))?,?"
        if any(_any(self.p["dates"]["superseded"], part.words) for part in body):
            return
        later = rf"(?:{own}|{_words(self.p['dates']['pronouns'])})"
        for subject, (sentence, at) in zip((own, later), self.sentences(body), strict=False):
            yield from ((*fact, at) for fact in self.dates(kind, subject, sentence, title))
            yield from ((*fact, at) for fact in self.directives(kind, subject, sentence))

    def dates(self, kind: str, subject: str, sentence: str, title: Part) -> Iterator[tuple[str, str]]:
        """The one date of a sentence, if a verb joins it to the subject in one clause."""
        rules = self.p["dates"]
        written = rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)?\s)?(?:{_words(rules['months'])})\s)?{_YEAR}"
        # Numbers of laws, and the days that laws are named by, are no dates of the clause.
        bare = re.sub(_loose(title.words), "¤", sentence, flags=re.IGNORECASE)
        bare = re.sub(
            rf"\d+[A-Z]?\s?/\s?{_YEAR}|{_YEAR}\s?/\s?\d+|\b(?:{_words(rules['named_by'])}) {written}(?=\W)",
            "§",
            bare,
        )
        found = re.findall(rf"(?<![\w/.-]){written}(?![\w/–-])", bare)
        if (
            len(found) != 1
            or len(re.findall(rf"(?<!\d){_YEAR}(?!\d)", bare)) != 1
            or _any(rules["not"], bare)
        ):
            return
        day, gap = re.escape(found[0]), rf"(?:\s[^\s,;:()]+){{0,{rules['gap']}}}?"
        before = rf"(?:{_words(rules['before'])})\s{day}(?![\w/–-])"
        for relation, verbs in rules["verbs"].items():
            if kind not in rules["kinds"][relation]:
                continue
            verb, active = (
                rf"(?:{_words(sorted(each, key=len, reverse=True))})" for each in (verbs, rules["active"])
            )
            forms = [
                rf"^{subject}(?:\s(?:{_words(rules['relative'])}))?\s{verb}{gap}\s{before}",
                rf"^{before},?\s{subject}\s{verb}\b",
            ]
            if relation in verbs:  # in the active voice it is the word itself
                forms.append(rf"^{before},?{gap}\s{re.escape(relation)}\s(?:{active}\s)?{subject}")
            if any(re.search(form, sentence, re.IGNORECASE) for form in forms):
                yield relation, _iso(found[0], rules["months"])
                return

    def directives(self, kind: str, subject: str, sentence: str) -> Iterator[tuple[str, str]]:
        """The one directive of a sentence, if a verb joins it to the subject in one clause."""
        rules, found = self.p["transposes"], self.numbers(sentence)
        if kind not in rules["kinds"] or len(found) != 1 or _any(rules["not"], sentence):
            return
        others = _words(word for each in self.p["kinds"].values() for word in each["words"])
        between = rf"(?:\s(?!(?:{others})\b)[^\s;]+){{0,{rules['gap']}}}?"  # in which no other law is named
        verb = rf"(?:{_words(rules['verbs'])})(?:\s[^\s,;:]+){{0,6}}?\s{self.directive}"
        if re.search(rf"^{subject}{between}\s{verb}", sentence, re.IGNORECASE):
            for name, each in self.p["instruments"].items():
                if _order(each.get("number", "")) in found:
                    yield rules["relation"], name


def _judged(rules: Mapping[str, Any], pattern: Path) -> _Judged:
    """The verdicts of readers in the file beside the pattern that it names."""
    import csv

    found: dict[tuple[str, str, str], set[str]] = {}
    if name := rules.get("verdicts", {}).get("file"):
        path = pattern.parent / name
        for row in csv.DictReader(reader.decode(reader.read_bytes(path), name=path).splitlines()):
            key = row["account"], row["at"], row["says"]
            found.setdefault(key, set()).add(row["verdict"])
    return found


def _spelled(spellings: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {each.casefold(): name for name, words in spellings.items() for each in words}


def _words(words: Iterable[str]) -> str:
    """A pattern for any of some words, the longest first."""
    return "|".join(re.escape(each).replace(r"\ ", r"\s") for each in sorted(words, key=len, reverse=True))


def _any(words: Iterable[str], text: str) -> bool:
    """Whether a text has one of these words, whole."""
    return bool(words) and bool(re.search(rf"(?<!\w)(?:{_words(words)})(?!\w)", text))


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


def draft_tables(
    catalog: Catalog, texts: Iterable[str | Path], *, pattern: str | Path, path: str | Path
) -> list[str]:
    """Write tables of what texts of one structure say, a folder each, for `import_tables`.

    Args:
        catalog: that the datasets are to be part of.
        texts: files in UTF-8; by its name, the pattern knows of what country each is.
        pattern: a file such as `europe/pattern.toml`, which explains its keys.
        path: of a folder for the folders of tables.

    Returns:
        A line for each text: how many headings, entries, things and absences were read, and what was not.

    Raises:
        DocumentError: a text or the pattern cannot be read, or the pattern does not know a text.
    """
    text = reader.decode(reader.read_bytes(Path(pattern)), name=pattern)
    try:
        rules = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"It is no TOML: {error}.", path=pattern) from None
    vocabulary, lines = Vocabulary(catalog), []
    try:
        judged = _judged(rules, Path(pattern))
        for file in map(Path, texts):
            read = read_text(file)
            if read.name not in rules["accounts"]:
                what = f"[accounts] of {pattern} has no {read.name!r}.{nearest(read.name, rules['accounts'])}"
                raise DocumentError(what, path=file)
            account = Account(rules, read, catalog, vocabulary, judged)
            workbook.write(account.run(), Path(path) / account.values["name"], vocabulary)
            counts = Counter(row["outcome"] for row in account.rows[READ])
            outcomes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
            lines.append(f"{account.values['name']}: {outcomes}")
    except KeyError as error:
        what = f"It, or the file of verdicts that it names, has no {error}, which a pattern needs."
        raise DocumentError(what, path=pattern) from None
    return lines
