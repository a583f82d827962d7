"""Draft tables from texts that share a structure: what stands under which heading, by a file of patterns.

A pattern is words and lists. What it cannot read is listed, never guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from policygraph.authoring import workbook
from policygraph.authoring.quotes import SourceText, digest, locator, read_text
from policygraph.authoring.skeleton import slug
from policygraph.authoring.titles import TitleReader
from policygraph.authoring.vocabulary import Sheet, Tables, Vocabulary, join
from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError, nearest
from policygraph.rdf import reader
from policygraph.store.protocols import rows
from policygraph.text import natural

READ = "#read"
"""The sheet that says what was made of each heading and title; its sign makes `import` pass over it."""

_COLUMNS = ["chapter", "heading", "title", "outcome", "why", "at"]  # of that sheet
_BLOCK = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
_MARK = re.compile(r"(#{1,6})\s+(?:[\d.]+\s*)?(.*)", re.DOTALL)

# The passages of a source that the catalogue has, where they stand, and what they are about, by its names.
_STANDING = """SELECT DISTINCT ?thing ?kind ?label ?passage ?start ?end {
  ?source pg:sha256 "%s"^^xsd:hexBinary .
  ?passage pg:isPassageOf ?source ; pg:charStart ?start ; pg:charEnd ?end .
  OPTIONAL { ?passage ^pg:mentionedIn|(^pg:passage/rdf:subject) ?thing .
    ?thing a ?kind ; skos:prefLabel|skos:altLabel ?label } }"""

# Verdicts by account, place and what is said, each with its last round.
_Judged: TypeAlias = Mapping[tuple[str, str, str], Mapping[str, list[str | int]]]


class Part(NamedTuple):
    """A heading, title or paragraph of a text."""

    start: int
    end: int
    raw: str
    words: str  # with single spaces
    level: int  # of a heading, from 1; 0 of other text

    @property
    def at(self) -> str:
        """Its positions, as tables have them."""
        return f"{self.start},{self.end}"


class Section(NamedTuple):
    """A heading below that of a chapter."""

    chapter: str
    domain: str  # the name of the concept that the heading stands for; "" for an unknown one
    heading: Part


class Account:
    """Reads one text by a pattern, and collects the rows of its tables."""

    def __init__(
        self, pattern: Mapping[str, Any], text: SourceText, catalog: Catalog, v: Vocabulary, judged: _Judged
    ) -> None:
        self.p, self.text, self.v, self.judged = pattern, text, v, judged
        self.reader = TitleReader(pattern)
        code, country = pattern["accounts"][text.name]
        found = rows(catalog.store, f'SELECT ?s {{ ?s pg:sha256 "{text.sha256}"^^xsd:hexBinary }}')
        known = [row["s"].value.removeprefix(v.sources) for row in found if "#" not in row["s"].value]
        slugged = slug(country)
        self.source = known[0] if known else f"{pattern['prefix']}{slugged}"
        self.standing = list(rows(catalog.store, _STANDING % text.sha256)) if known else []
        self.known = bool(self.standing)  # whether the things of this account are written already
        self.name = f"account-{slugged}" if self.known else slugged
        self.country = f"country/{slugged}"
        self.values = {"country": country, "code": code, "source": self.source, "country_slug": slugged}
        self.values |= {"version": pattern["version"], "today": pattern["date"], "name": self.name}
        self.tag = pattern["language"]
        self.rows: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        for sheet, filled in pattern["tables"].items():
            self.rows[sheet] = [{k: t.format_map(self.values) for k, t in row.items()} for row in filled]
        if self.known:
            own = self.rows["sources"][0].items()
            self.rows["sources"] = [{k: cell for k, cell in own if k in ("source", "language")}]
            self.rows["things"] = []
        self.read: list[list[str]] = []  # what became of each title or block
        self.things: dict[str, str] = {}  # the slugs of titles, by kind and title

    # ---- The structure

    def parts(self) -> Iterator[Part]:
        """The blocks of the text that are parted by empty lines; headings by their signs."""
        for match in _BLOCK.finditer(self.text.characters):
            heading = _MARK.fullmatch(match[0])
            raw, level = (heading[2], len(heading[1])) if heading else (match[0], 0)
            yield Part(match.end() - len(raw), match.end(), raw, " ".join(raw.split()), level)

    def sections(self) -> Iterator[tuple[Section, list[Part]]]:
        """Each heading of a chapter with its blocks."""
        chapters = _spelled({name: each["headings"] for name, each in self.p["chapters"].items()})
        domains, groups = _spelled(self.p["domains"]), _spelled({"": self.p["headings"]["groups"]})
        # The number and name of the next chapter stand before its heading.
        page = {*chapters, *_spelled({"": self.p["headings"]["page"]})}
        titles = self.p["titles"].get("level")  # of headings that are titles
        parts = [*self.parts()]
        chapter, starts = "", [n for n, part in enumerate(parts) if part.level not in (0, titles)]
        for here, following in pairwise([*starts, len(parts)]):
            heading, below = parts[here], parts[here + 1 : following]
            words = heading.words.casefold()
            if heading.level == 1:
                chapter = chapters.get(words, "")
            elif chapter and (words not in groups or below):
                own = [each for each in below if each.words.casefold() not in page]
                own = [each for each in own if not each.words.isdecimal()]
                yield Section(chapter, domains.get(words, ""), heading), own

    def is_title(self, words: str) -> bool:
        """Whether a block with another behind it is the title of that."""
        rules = self.p["titles"]
        whole = not words.endswith(tuple(rules["ends"])) and not words.startswith(tuple(rules["begins"]))
        named = words not in rules["none"] and len(words) <= rules["longest"]
        return whole and named and not re.match(r"\d+(?:[)%]|\.\s|$)", words)

    def entries(self, blocks: list[Part]) -> Iterator[tuple[Part | None, list[Part]]]:
        """The titles below a heading, each with the blocks up to the next; blocks before them without one."""
        last = len(blocks) - 1
        titles = [n for n, it in enumerate(blocks) if it.level or (n < last and self.is_title(it.words))]
        # Of two in a row, the second is a line of the text; of more, all but the last are lines of a list.
        runs = [[n for _, n in run] for _, run in groupby(enumerate(titles), lambda each: each[1] - each[0])]
        titles = [run[0] if len(run) == 2 else run[-1] for run in runs]
        if loose := blocks[: titles[0] if titles else len(blocks)]:
            yield None, loose
        for here, following in pairwise([*titles, len(blocks)]):
            yield blocks[here], blocks[here + 1 : following]

    # ---- What is written

    def run(self) -> Tables:
        """The tables of the account."""
        for section, blocks in self.sections():
            if not section.domain:
                self.note(section, "unread", "no such heading in the pattern")
                continue
            heading = section.heading
            self.passage(heading.at, heading.raw, self.text.heading_at(heading.start), **self.place(section))
            for title, body in (entries := list(self.entries(blocks))):
                if title:
                    self.entry(section, title, body)
                else:
                    self.loose(section, body, alone=len(entries) == 1)
        tables = {name: spec.sheet([self.tag], self.rows[name]) for name, spec in self.v.sheets.items()}
        return {**tables, READ: Sheet(_COLUMNS, list(enumerate(self.read, 2)))}

    def note(self, section: Section, outcome: str, why: str, at: str = "", title: str = "") -> None:
        """Say what became of a title or a block."""
        heading = section.heading
        self.read.append([section.chapter, heading.words, title, outcome, why, at or heading.at])

    def passage(self, at: str, raw: str, under: str, **more: str) -> None:
        """Describe a passage, in the words of the catalogue if it has it."""
        row = {"passage": f"{self.source}#char={at}", **more}
        if all(each["passage"].value != self.v.sources + row["passage"] for each in self.standing):
            quoted = locator(raw, name=f"title@{self.tag}" in more)
            row |= {f"quote@{self.tag}": quoted, f"under@{self.tag}": under, "sha256": digest(raw)}
        if row not in self.rows["passages"]:
            self.rows["passages"].append(row)

    def place(self, section: Section) -> dict[str, str]:
        """Where a heading and what stands under it belong."""
        domain, chapter = f"concept/domain/{section.domain}", f"concept/chapter/{section.chapter}"
        return {"type": chapter, "in country": self.country, "in domain": domain}

    def loose(self, section: Section, body: list[Part], *, alone: bool) -> None:
        """Read blocks without a title: that there is nothing, or else what is not read."""
        rules, words, heading = self.p["absences"], body[0].words, section.heading
        word = next((each for each in rules["concept"] if each in words.casefold()), "")
        outcome, why = "absent" if alone and len(body) == 1 else "absent, qualified", word
        if not (word and words.lstrip("• ").startswith(rules["begins"]) and len(words) <= rules["longest"]):
            outcome, why = "unread", words[:80]
        elif heading.words in self.p["headings"]["subnational"]:
            outcome, why = "left out", "an absence at a lower level"
        at = join([heading.at, body[0].at])
        if not (status := self.status(at, "absence")):
            outcome, why = "left out", "a reader found that it is none"
        self.note(section, outcome, why, body[0].at)
        if self.known or not outcome.startswith("absent"):
            return
        spoken = self.p["chapters"][section.chapter]
        values = {**self.values, "absent": spoken["absent"], "word": word, "heading": heading.words}
        row = {"absence": f"absence/no-{slug(spoken['absent'])}-{section.domain}", "in country": self.country}
        row |= {"type": rules["concept"][word], "absent kind": spoken["kind"], "source": self.source}
        row |= {"in domain": f"concept/domain/{section.domain}", "at": at}
        row["status"] = join([status, *[rules["qualified"]] * (outcome != "absent")])
        row[f"label@{self.tag}"] = rules["label"].format_map(values)
        self.rows["absences"].append(row)
        self.passage(body[0].at, body[0].raw, self.text.heading_at(heading.start))

    def entry(self, section: Section, title: Part, body: list[Part]) -> None:
        """Write an entry, and the thing that it names, if it names one of the country."""
        below = section.heading.words in self.p["headings"]["subnational"]
        whose = next((w for w in ("regional", "local") if self.reader.has(title.words, w)), "headings")
        regional, level = whose == "regional", self.p[whose]["level"]
        row = {**self.place(section), "status": self.status(title.at, "title")}
        row["type"] = join([row["type"], *[level] * (regional or below)])
        row[f"title@{self.tag}"] = title.words
        self.passage(title.at, title.raw, title.words, **row)
        found = *self.reader.instruments(title.words, section.chapter), *self.found(section, title, body)
        shared = [*dict.fromkeys(found)]
        kind, basis, why = "", "", join(shared)
        if not shared:
            kind, basis, why = self.reader.kind(section.chapter, title.words, [each.words for each in body])
        if kind and below and not regional:
            kind, why = "", "whose it is, the heading does not say"
        if kind and not self.status(title.at, f"kind {kind}"):
            kind, why = "", "a reader found that it is none"
        thing = self.thing(kind, title) if kind and not self.known else ""
        outcome = "thing" if thing else "known" if shared else "entry"
        self.note(section, outcome, thing or why, title.at, title.words)
        named = [thing] if thing else shared
        self.rows["mentions"] += [{"thing": each, "source": self.source, "at": title.at} for each in named]
        if self.known:  # whose claims are written
            return
        both = join([section.heading.at, title.at])
        for each in named:
            self.claim(each, "in domain", f"concept/domain/{section.domain}", both, "strong", why="domain")
        if thing:
            self.claim(thing, "kind", kind, title.at, basis, why="kind" if basis else "")
            if regional:
                self.claim(thing, "involves level", level, both, "strong", why="level")
            facts = self.reader.facts(kind, title.words, [each.raw for each in body])
            for relation, value, (start, end) in facts:
                at = f"{body[0].start + start},{body[0].start + end}"
                if self.claim(thing, relation, value, join([title.at, at])):
                    self.passage(at, body[0].raw[start:end], title.words)

    def found(self, section: Section, title: Part, body: list[Part]) -> list[str]:
        """The things that a title names with a passage in it or, of its chapter's kind, in the text below."""
        kinds, found = {self.v.kind(kind) for kind in self.p["kinds"]}, set()
        own = self.v.kind(self.p["chapters"][section.chapter]["kind"])
        others = {code for code, _ in self.p["accounts"].values()} - {self.values["code"]}
        for row in (row for row in self.standing if row["kind"] in kinds):
            thing = row["thing"].value.removeprefix(f"{self.v.iri}id/")
            end = body[-1].end if row["kind"] == own else title.end
            if int(row["start"].value) < end and int(row["end"].value) > title.start:
                named = self.reader.names(row["label"].value, title.words)
                found |= {thing} if named and thing.partition("/")[0] not in others else set()
        return sorted(found)

    def claim(self, subject: str, relation: str, value: str, at: str, basis: str = "", why: str = "") -> bool:
        """Add a drafted claim, unless a row says so already, of a title that stands in two places."""
        row, words = {"subject": subject, "relation": relation, "object": value}, self.p["claim"]
        status = self.status(at, f"{relation} {value}")
        new = bool(status) and all(row.items() - each.items() for each in self.rows["claims"])
        if new:
            row |= {"source": self.source, "at": at, "basis": basis, "status": status}
            row["generated by"] = words["generated"]
            if why:
                row |= {f"why@{self.tag}": words[why], "curator": words["curator"], "date": self.p["date"]}
            self.rows["claims"].append(row)
        return new

    def status(self, at: str, says: str) -> str:
        """Drafted, or what the gravest verdict of a reader made of it: "" for what is wrong.

        What is not written is mended before the next round, whose readers judge it anew.
        """
        found, order = self.judged.get((self.text.name, at, says), {}), self.p.get("verdicts", {})
        last = max(found.values(), default=None)
        counts = (
            str(order[each]) for each in order if each in found and (order[each] or found[each] == last)
        )
        return next(counts, str(self.p["claim"]["status"]))

    def thing(self, kind: str, title: Part) -> str:
        """The name of the thing that a title names; the same title twice is one."""
        key = f"{kind} {title.words.casefold()}"
        if key not in self.things:
            path = f"{self.p['kinds'][kind]['folder']}/{slug(title.words)[:70].strip('-')}"
            names = (path if number == 1 else f"{path}-{number}" for number in count(1))
            self.things[key] = next(name for name in names if name not in self.things.values())
            row = {"thing": self.things[key], "kind": kind, f"label@{self.tag}": title.words}
            self.rows["things"].append({**row, "source": f"source/{self.source}"})
        return self.things[key]


def _judged(rules: Mapping[str, Any], pattern: Path) -> _Judged:
    """The verdicts of readers in the file beside the pattern that it names."""
    import csv
    import io

    found: defaultdict[tuple[str, str, str], dict[str, list[str | int]]] = defaultdict(dict)
    if name := rules.get("verdicts", {}).get("file"):
        path = pattern.parent / name
        text = reader.decode(reader.read_bytes(path), name=path)
        for row in csv.DictReader(io.StringIO(text, newline="")):
            rounds, number = found[row["account"], row["at"], row["says"]], natural(row.get("round") or "")
            rounds[row["verdict"]] = max(number, rounds.get(row["verdict"], number))
    return found


def _spelled(spellings: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {each.casefold(): name for name, words in spellings.items() for each in words}


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
        DocumentError: a text or the pattern cannot be read, the pattern does not know a text, or two are of
            one country; nothing is written then.
        FormatError: other tables are in such a folder; nothing is written then.
    """
    try:
        rules = tomllib.loads(reader.decode(reader.read_bytes(Path(pattern)), name=pattern))
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"It is no TOML: {error}.", path=pattern) from None
    vocabulary, lines = Vocabulary(catalog), []
    drafts: dict[str, tuple[Path, Account, Tables]] = {}  # by name
    try:
        judged = _judged(rules, Path(pattern))
        for file in map(Path, texts):
            read = read_text(file)
            if read.name not in rules["accounts"]:
                what = f"[accounts] of {pattern} has no {read.name!r}.{nearest(read.name, rules['accounts'])}"
                raise DocumentError(what, path=file)
            account = Account(rules, read, catalog, vocabulary, judged)
            if other := drafts.get(account.name):
                what = f"Its tables would be called {account.name!r}, as those of {other[0]} are"
                raise DocumentError(f"{what}; draft one of them into another folder.", path=file)
            drafts[account.name] = file, account, account.run()
    except KeyError as error:
        what = f"It, or the file of verdicts that it names, has no {error}, which a pattern needs."
        raise DocumentError(what, path=pattern) from None
    except ValueError as error:  # of a kind that is none
        raise DocumentError(str(error), path=pattern) from None
    for name, (_, _, tables) in drafts.items():
        workbook.keep_others(tables, Path(path) / name)
    for name, (_, account, tables) in drafts.items():
        workbook.write(tables, Path(path) / name, vocabulary)
        counts = Counter(outcome for _, _, _, outcome, _, _ in account.read)
        outcomes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
        lines.append(f"{name}: {outcomes}")
    return lines
