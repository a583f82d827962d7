"""Read stories, check what their sentences assert, and draw each step as SVG.

A story is a file in `stories/` beside `queries/`; docs/stories.md describes its keys. A step draws the
rows of a saved query, and rests on the claims behind the lines that join their things.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import mean
from types import MappingProxyType
from typing import Any, NamedTuple

from policygraph.analysis.network import LEVELS, SHOWN, STRENGTHS, claim_levels, evidence_level, shows
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.matrix import VIEWS
from policygraph.catalog.metadata import Metadata, licence_name
from policygraph.catalog.query import best_text
from policygraph.catalog.settings import Texts, checked, like, texts, toml
from policygraph.errors import CatalogError, PolicyGraphError, nearest
from policygraph.explorer.document import LANES
from policygraph.fonts import text_lines, text_width
from policygraph.i18n import FALLBACK, format_number, plural, words
from policygraph.rdf import reader
from policygraph.rdf.namespaces import local_name
from policygraph.rdf.terms import is_iri
from policygraph.store.answer import NOT_STATED, Answer, positions
from policygraph.store.trace import kept
from policygraph.text import NOT_XML, grouped, jinja, lower, natural, upper

TEMPLATES = Path(__file__).parent / "templates"
_LOOKS = (*LEVELS, "unclaimed")  # by level; at -1, of what no claim says and so none can hide
# A year, month, day or moment of XML Schema, perhaps with a zone.
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-\d\d(?:T[\d:.]+)?)?)?(?:Z|[+-]\d\d:\d\d)?")
_PADS = (13, 10, 7, 5, 3)  # pixels above and below the text of a box, as there is room
_SIZE, _LINE, _TOP, _BOTTOM = 16, 19, 118, 596  # pixels


class Step(NamedTuple):
    """A step of a story: its sentence, what that asserts of answers, and what is drawn."""

    id: str
    sentence: Texts
    show: str = "read"
    asserts: Sequence[Mapping[str, Any]] = ()
    draw: Mapping[str, Any] = {}
    view: str = ""


class Story(NamedTuple):
    """A story: its steps, and whose sentences they are, compared with the data on a day."""

    name: str
    path: Path
    title: Texts
    author: Texts
    checked: date
    datasets: Sequence[str]
    steps: Sequence[Step]


class Slide(NamedTuple):
    """A step as it is drawn in a language, with what it rests on."""

    step: Step
    sentence: str
    language: str  # of the sentence
    total: str  # how much is said and how much is read
    rows: Sequence[str]  # what is drawn, as a list
    notes: Sequence[str]
    claims: Sequence[str]  # behind its lines, if behind each
    faults: Sequence[str]  # what no longer holds
    svg: str


class Place(NamedTuple):
    """A thing in a lane, and where it stands."""

    x: float
    y: float
    w: float
    h: float
    lines: Sequence[str]
    inset: float  # of the name, behind its number
    number: str
    lane: int  # whose colour it has


class Join(NamedTuple):
    """A line between two places, which are each the number of a lane and the IRI of a thing in it."""

    start: tuple[int, str]
    end: tuple[int, str]
    level: int  # of evidence, the strongest that the step shows, or else has
    claims: Sequence[Mapping[str, Any]]  # rows of the evidence that the step shows
    label: str


def _typed(kind: Any, what: str) -> Callable[[str, Any], Any]:
    def check(_: str, value: Any) -> Any:
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"takes {what}; not {value!r}")
        return value

    return check


_TEXT = like(r".*\S.*", "a text")
_LIST = _typed(list, 'a list of names such as ["area"]')
_VALUE = _typed((str, int, float, list), "a text, a number or a list of these")
_ASKED: Mapping[Any, Any] = {"query": _TEXT, "column": _TEXT, None: _VALUE}
_BESIDE = ("mark", "only")  # tables of a drawing that ask something else
_DRAW = {
    **_ASKED,
    "lanes": _LIST,
    **dict.fromkeys(("order", "keep-empty", "label"), _TEXT),
    "headings": {None: texts},
    "note": texts,
    **dict.fromkeys(_BESIDE, _ASKED),
}
_ASSERT = {**_ASKED, "rows": _typed(int, "a whole number"), "value": _VALUE}
_STEP = {
    "id": like("[a-z0-9]+(-[a-z0-9]+)*", "small letters, digits and hyphens"),
    "sentence": texts,
    "show": like("|".join(SHOWN), f"one of {', '.join(SHOWN)}"),
    "asserts": [_ASSERT],
    "draw": _DRAW,
    "view": like("map", "map"),
}
_DAY = _typed(date, "a day such as 2026-11-29")
_STORY = {"title": texts, "author": texts, "checked": _DAY, "datasets": _LIST, "step": [_STEP]}
_LINED = ("show", "order", "keep-empty", "mark", "label", "headings")  # which lanes and lines alone have
_IDLE: Mapping[str | None, Sequence[str]] = {"timeline": _LINED, **dict.fromkeys(VIEWS, (*_LINED, "only"))}
_KEYS = _DRAW.keys() | _ASSERT.keys()  # all others are parameters
_COLUMNS = ("order", "keep-empty", "label", "column")


def stories(catalog: Catalog) -> dict[str, Story]:
    """The stories of a catalogue by name, those of which it has the datasets.

    CatalogError names the file, the step and the key of what cannot be read.
    """
    found = {path.stem: _read(path) for path in sorted((catalog.root / "stories").glob("*.toml"))}
    return {name: each for name, each in found.items() if {*each.datasets} <= catalog.datasets.keys()}


def story(catalog: Catalog, name: str) -> Story:
    """A story by name; CatalogError when there is none."""
    found = stories(catalog)
    if name not in found:
        known = ", ".join(found) or "none"
        raise CatalogError(f"There is no story {name!r}; there are: {known}.{nearest(name, found)}")
    return found[name]


def _read(path: Path) -> Story:
    def fault(keys: tuple[str, ...], what: str) -> CatalogError:
        return CatalogError(f"{path}: {', '.join(keys)} {what}")

    given = toml(reader.decode(reader.read_bytes(path), name=path), path)

    def need(part: Mapping[str, Any], keys: Iterable[str], *place: str) -> None:
        for key in keys:
            if key not in part:
                raise fault((*place, key), "is missing.")

    found = checked(given, _STORY, (), fault)
    need(found, _STORY)
    for number, step in enumerate(found["step"], 1):
        where = f"step {number}"
        need(step, ("id", "sentence", "view" if "view" in step else "draw"), where)
        if step["id"] in {each["id"] for each in found["step"][: number - 1]}:
            raise fault((where, "id"), f"is that of another step: {step['id']!r}.")
        for place, each in enumerate(step.get("asserts", ()), 1):
            need(each, ("query",), where, f"asserts {place}")
        if (draw := step.get("draw")) is None:
            continue
        need(draw, ("query", "lanes"), where, "draw")
        for key in (key for key in _BESIDE if key in draw):
            need(draw[key], ("query", "column"), where, "draw", key)
        for lane in draw.get("headings", {}).keys() - {*draw["lanes"]}:
            raise fault((where, "draw", "headings", lane), "is no lane.")
        if not draw["lanes"]:
            raise fault((where, "draw", "lanes"), "is empty; name a column.")
    return Story(path.stem, path, steps=[Step(**each) for each in found.pop("step")], **found)


def faults(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """What sentences of stories assert and the data do not say, each behind its story and step."""
    metadata = Metadata(catalog, catalog.store)
    levels = Levels(metadata)
    for name, each in stories(catalog).items():
        board = Storyboard(each, metadata, levels=levels)
        for step in each.steps:
            yield from ((f"{name}#{step.id}", f"{each.path.name}: {what}") for what in board.faults(step))


class Levels:
    """Finds the level of evidence of each claim, which is the same in each story and language."""

    def __init__(self, metadata: Metadata) -> None:
        self.metadata, self.store = metadata, metadata.store

    @kept
    def of(self) -> Mapping[Any, int]:
        """The level of each claim, by its IRI."""
        return claim_levels(self.metadata.catalog, self.store)

    @kept
    def counts(self) -> Mapping[int, int]:
        """How many claims are at each level."""
        return Counter(self.of.values())


class Storyboard:
    """Asks and draws the steps of a story in a language; CatalogError names the step that cannot be."""

    def __init__(
        self, story: Story, metadata: Metadata, language: str = "en", levels: Levels | None = None
    ) -> None:
        self.story, self.metadata, self.language = story, metadata, language
        self.store, self.key = metadata.store, (story.name, language)
        self.levels = levels or Levels(metadata)
        self.words = words(language, "site", "story")

    def text(self, given: Texts) -> str:
        """One of the story's texts, in the language if it has that."""
        return best_text(given, self.language)[0]

    def _ask(self, step: Step, given: Mapping[str, Any], language: str = "") -> tuple[Answer, list[Any]]:
        """The answer that a table of a step asks for, and the rows that people read, as terms by column."""
        catalog, store = self.metadata.catalog, self.metadata.store
        named = [*given.get("lanes", ()), *(given[key] for key in _COLUMNS if key in given)]
        tag, asked = language or self.language, values(given)
        try:
            answer = catalog.ask(given.get("query", "query"), store=store, language=tag, values=asked)
            if named:
                positions([*dict.fromkeys(named)], answer.columns)
        except PolicyGraphError as error:
            raise CatalogError(f"{self.story.path}, step {step.id}: {error}") from None
        rows = ([None if each == NOT_STATED else each for each in row] for row in answer.shown.rows)
        return answer, [dict(zip(answer.columns, row, strict=True)) for row in rows]

    def _rows(self, step: Step) -> tuple[dict[str, str], list[dict[str, Any]]]:
        """The names of things, and the rows to draw, which have a label where lines have one."""
        answer, rows = self._ask(step, draw := step.draw)
        if "only" in draw:
            few = {_text(row[draw["only"]["column"]]) for row in self._ask(step, draw["only"])[1]} - {""}
            rows = [row for row in rows if few & {_text(row[lane]) for lane in draw["lanes"]}]
        return self._names(answer), [row for row in rows if "label" not in draw or row[draw["label"]]]

    def _names(self, answer: Answer) -> dict[str, str]:
        """The names of what an answer names, unlike its labels without CURIEs where two are the same."""
        labels = self.metadata.labels(answer.labels)
        return {iri: labels.of(iri, self.language).text for iri in answer.labels}

    def _view(self, step: Step) -> str | None:
        """How a step's question is drawn; CatalogError for a key of the step that has no place there."""
        if step.view:
            return None
        view = self.metadata.catalog.saved(step.draw["query"]).view
        given = {*step.draw, *(["show"] if step.show != "read" else [])}
        for key in _IDLE.get(view, ()):
            if key in given:
                where = f"{self.story.path}, step {step.id}: {'' if key == 'show' else 'draw, '}{key}"
                raise CatalogError(f"{where} has no place where the view of the question is {view}; omit it.")
        return view

    def faults(self, step: Step) -> list[str]:
        """What a step asserts that does not hold, each in a sentence."""
        found, draw = [], step.draw
        for asked in (draw, draw.get("mark"), draw.get("only")):  # which has to be possible
            if asked:
                self._ask(step, asked)
        self._view(step)
        for each in step.asserts:
            answer, rows = self._ask(step, each, FALLBACK)  # in which values are named
            column, wanted = each.get("column", ""), str(each.get("value", ""))
            cells = [_text(row.get(column), answer.labels) for row in rows]
            number = sum(cell == wanted if wanted else bool(cell) or not column for cell in cells)
            expected = each.get("rows", max(len(cells), 1))
            if number != expected:
                of = f" with {column} {wanted}".rstrip() if column else ""
                found.append(f"{each['query']} has {number} rows{of}, not {expected}.")
        return found

    @kept
    def slides(self) -> list[Slide]:
        """Its steps as slides, with equal room for their sentences, so that things keep their places."""
        lines = [text_lines(self.text(step.sentence), 1200, 4, 31) for step in self.story.steps]
        top = _TOP + 34 * (max(map(len, lines)) - 1)
        return [self._slide(n, step, lines[n], top) for n, step in enumerate(self.story.steps)]

    def _slide(self, number: int, step: Step, lines: Sequence[str], top: float) -> Slide:
        catalog, draw, records = self.metadata.catalog, step.draw, self.metadata.records
        view = self._view(step)
        if step.view or view in VIEWS:
            drawn = self.counts if step.view else self._matrix(step)
        else:
            drawn = (self._bars if view == "timeline" else self._lanes)(step, top)
        drawn = {"matrix": None, "total": "", "claims": (), "documents": (), **drawn}
        notes = [*([self.text(draw["note"])] if "note" in draw else []), *drawn["notes"]]
        asked = self.story.datasets if draw else catalog.datasets
        named = {name: catalog.datasets[name].iri for name in asked}
        data = {name: records[iri] for name, iri in named.items() if iri in records}
        licences = sorted({licence_name(each["license"]) for each in data.values() if each["license"]})
        place = self.words["step"].format(n=number + 1, of=len(self.story.steps))
        source = {"title": catalog.settings.text("title", self.language), "data": data, "licences": licences}
        around = {"id": step.id, "top": top, "sentence": lines, "place": place, "remarks": notes}
        environment = jinja(TEMPLATES, width=text_width, lines=text_lines, plural=plural)
        template = environment.get_template("slide.svg")
        svg = template.render(**drawn, **source, **around, t=self.words, colors=LANES)
        svg = NOT_XML.sub("\ufffd", svg)
        sentence, tag = best_text(step.sentence, self.language)
        total, rows, claims = drawn["total"], drawn["rows"], drawn["claims"]
        return Slide(step, sentence, tag, total, rows, notes, claims, self.faults(step), svg)

    def _joined(self, step: Step, rows: Sequence[Any], names: dict[str, str]) -> list[Join]:
        """The lines that join the things of each row, with the claims behind them, whose names it adds."""
        lanes, claims = [*enumerate(step.draw["lanes"])], dict[frozenset[str], list[Any]]()
        ends = ([(n, _text(row[lane])) for n, lane in lanes if row[lane]] for row in rows)
        joined = grouped((pair, row) for row, each in zip(rows, ends, strict=True) for pair in pairwise(each))
        if things := sorted({f"<{iri}>" for pair in joined for _, iri in pair if is_iri(iri)}):
            evidence, _ = self._ask(step, {"query": "evidence", "thing": things})
            names |= self._names(evidence)
            claimed = (each for each in evidence if each["claim"])
            claims = grouped((frozenset((each["source"], str(each["target"]))), each) for each in claimed)

        def alike(claim: Any, row: Any) -> bool:
            about = {_text(row.get(key)) for key in ("source", "target")} - {""}
            return not about <= {claim["source"], str(claim["target"])} or all(
                _text(row.get(key)) in ("", claim[key]) for key in ("claim", "property")
            )

        def level(each: Any) -> int:
            return self.levels.of.get(_text(each.get("claim")), _level(each))

        found = []
        for (start, end), same in joined.items():
            every = claims.get(frozenset((start[1], end[1])), ())
            every = [claim for claim in every if any(alike(claim, row) for row in same)]
            least = min(map(level, every or same), key=lambda each: (not shows(step.show, each), each))
            behind = [claim for claim in every if shows(step.show, level(claim))]
            if behind:  # what stands on the line is not of a claim that is hidden
                same = [row for row in same if any(alike(claim, row) for claim in behind)]
            named = (_text(row.get(step.draw.get("label", "")), names) for row in same)
            label = ", ".join(dict.fromkeys(filter(None, named)))
            found.append(Join(start, end, least, behind, label))
        return found

    def _lanes(self, step: Step, top: float) -> dict[str, Any]:
        """Draw things in lanes, from left to right, and lines between those of one row."""
        draw, lanes, t = step.draw, step.draw["lanes"], self.words
        names, rows = self._rows(step)
        first = lanes.index(draw["keep-empty"]) if draw.get("keep-empty") in lanes else 0
        placed = [(n, row[lane], row) for row in rows for n, lane in enumerate(lanes)]
        if "mark" in draw:
            marks, found = self._ask(step, draw["mark"])
            names |= self._names(marks)
            placed += [(first, row[draw["mark"]["column"]], row) for row in found]
        things: list[dict[str, str]] = [{} for _ in lanes]
        for n, thing, row in (each for each in placed if each[1]):
            things[n].setdefault(thing.value, _text(row.get(draw.get("order", ""))) if n == first else "")
        things[first] = dict(sorted(things[first].items(), key=lambda each: natural(each[1])))
        names = {each: each for lane in things for each in lane} | names  # a value is its own name
        joins = self._joined(step, rows, names)
        shown = [join for join in joins if shows(step.show, join.level)]
        reached = {end for join in shown for end in join[:2]}
        kept = {(first, iri) for iri in things[first]} if "keep-empty" in draw else set()
        boxes = self._boxes(things, joins, names, top)
        behind = [each for join in shown for each in join.claims]  # a row for each document and passage
        on_claims = all(join.claims for join in shown)  # a line may show what is none, such as a comparison
        drawn = []
        for join in shown:
            ends = [names[iri] for _, iri in join[:2]]
            if join.label and {each["source"] for each in join.claims} == {join.end[1]}:
                ends.reverse()  # what stands on the line is of the second to the first
            way = " – ".join(filter(None, (ends[0], join.label, ends[1])))
            drawn.append(f"{way} ({lower(t['levels'][_LOOKS[join.level]])})")
        empty = [iri for iri in things[first] if (first, iri) in kept - reached]
        heads = {n: draw.get("headings", {}).get(lane) for n, lane in enumerate(lanes)}
        cited = {at for each in behind if (at := each["document"] or each["origin"])}
        notes = [t["dashes"][_LOOKS[n]] for n in sorted({min(join.level, 2) for join in shown})]
        rest = len((reached | kept) - boxes.keys())
        tops = {n: box for (n, _), box in reversed(boxes.items())}
        headed = [(tops[n], self.text(text)) for n, text in heads.items() if text and n in tops]
        return {
            "headings": headed,
            "boxes": {end: box for end, box in boxes.items() if end in reached or end in kept},
            "reached": reached,
            "curves": _curves([join for join in shown if {*join[:2]} <= boxes.keys()], boxes),
            "total": self._total(step, joins, kept),
            "rows": [*drawn, *(f"{things[first][iri]} {names[iri]}: {t['no_line']}" for iri in empty)],
            "claims": [*dict.fromkeys(each["claim"] for each in behind)] if on_claims else [],
            "documents": sorted(names.get(at, at) for at in cited),
            "notes": [*notes, *([plural(t, "undrawn", rest)] if rest else [])],
        }

    def _total(self, step: Step, joins: Sequence[Join], kept: set[tuple[int, str]]) -> str:
        """How many of the things that are drawn in any case, or else how many lines, are said and read."""
        shown, t = [n for n in (*range(len(LEVELS)), -1) if shows(step.show, n)], self.words
        counts = Counter(join.level for join in joins)
        if not kept or counts[-1]:
            total = " · ".join(f"{t['levels'][_LOOKS[n]]} {counts[n]}" for n in shown if counts[n])
            return upper(total)
        at = [[end for join in joins if join.level in n for end in join[:2]] for n in ((0,), (0, 1), shown)]
        sources, other, every = (len(kept.intersection(ends)) for ends in at)
        keys = {"said": "total_sources", "documents": "total_documents", "only": "total_only"}
        key = keys.get(step.show, "total_read" if sources == other else "total_all")
        return str(t[key].format(sources=sources, other=other, every=every, of=len(kept)))

    def _boxes(
        self, things: Sequence[Mapping[str, str]], joins: Sequence[Join], names: Mapping[str, str], top: float
    ) -> dict[tuple[int, str], Place]:
        """Where each thing stands: the longest lane from the top, others beside what they are joined to."""
        boxes: dict[tuple[int, str], Place] = {}
        most = {1: 700.0, 2: 480.0, 3: 470.0}.get(len(things), 1200 / len(things) - 40)
        insets = [16 + 42 * any(lane.values()) for lane in things]
        longest = [max((text_width(names[iri], _SIZE) for iri in lane), default=0) for lane in things]
        wide = [min(most, inset + 18 + room) for inset, room in zip(insets, longest, strict=True)]
        gap = (1200 - sum(wide)) / max(len(things) - 1, 1)
        for n in sorted(range(len(things)), key=lambda n: -len(things[n])):
            near: dict[str, list[float]] = {iri: [] for iri in things[n]}
            for join in joins:
                for (at, iri), other in (join[:2], join[1::-1]):
                    if at == n and other in boxes:
                        near[iri].append(boxes[other].y + boxes[other].h / 2)
            order = sorted(near, key=lambda iri: mean(near[iri] or [0])) if boxes else [*near]
            lines = {iri: text_lines(names[iri], wide[n] - insets[n] - 16, 4, _SIZE) for iri in order}
            while sum(map(len, lines.values())) * _LINE + 9 * len(lines) > _BOTTOM - top:  # which do not fit
                lines.popitem()
            high = _LINE * sum(map(len, lines.values()))
            pad = next((each for each in _PADS if high + 3 * each * len(lines) <= _BOTTOM - top), _PADS[-1])
            high += (3 * len(lines) - 1) * pad
            y = mean([each for found in near.values() for each in found] or [top]) - high / 2
            y, x = max(min(y, _BOTTOM - high), top), 40 + sum(wide[:n]) + gap * n
            for iri in lines:
                h, lane = _LINE * len(lines[iri]) + 2 * pad, self._lane(iri)
                boxes[n, iri] = Place(x, y, wide[n], h, lines[iri], insets[n], things[n][iri], lane)
                y += h + pad
        return boxes

    def _lane(self, iri: str) -> int:
        """The lane of the map that a thing is in, from 0, which gives its colour."""
        kind = self.metadata.kind(iri) if is_iri(iri) else ""
        return ((self.metadata.layers.get(kind) or len(LANES)) - 1) % len(LANES)

    def _bars(self, step: Step, top: float) -> dict[str, Any]:
        """Draw the years of what is in the first lane as bars, with what is in other lanes before them."""
        names, rows = self._rows(step)
        first, *lanes = step.draw["lanes"]
        bars = []
        for row in rows:
            days = [_text(row.get(name)) for name in ("from", "to", "horizon")]
            begun, ended, far = map(_span, days)
            if not begun:
                continue
            far = far if far and far[1] > begun[0] else None
            kind = ("next" if row.get("successor") else "full") if ended else "horizon" if far else "open"
            over = max((ended or far or (0, begun[0] + 2))[1], begun[0] + 1 / 12)
            head = ", ".join(filter(None, (_text(row[lane], names) for lane in lanes)))
            name, lane = _text(row[first], names), self._lane(_text(row[first]))
            bars.append((name, head, begun[0], over, kind, lane, " – ".join(filter(None, days[:2]))))
        drawn = bars[: int((_BOTTOM - top) / 22)]
        rest = {"undrawn": len(bars) - len(drawn), "unplaced": len(rows) - len(bars)}
        notes = [text for kind, text in self.words["bars"].items() if kind in {bar[4] for bar in drawn}]
        return {
            "bars": drawn,
            "pitch": min(41.0, (_BOTTOM - top) / max(len(drawn), 1)),
            "rows": [f"{bar[0]} ({', '.join(filter(None, (bar[1], bar[6])))})" for bar in bars],
            "notes": [*notes, *(plural(self.words, key, number) for key, number in rest.items() if number)],
        }

    def _matrix(self, step: Step) -> dict[str, Any]:
        """Draw a matrix or tiles as the question's picture does, without the words around it."""
        matrix = self._ask(step, step.draw)[0].picture
        marks, legend = (matrix.marks.values(), matrix.legend) if matrix else ((), ())
        rows, notes = [mark.text for mark in marks], [text for _, text in legend]
        return {"matrix": matrix, "rows": rows, "notes": notes}

    @kept
    def counts(self) -> dict[str, Any]:
        """How many claims there are at each level of evidence."""
        counts = self.levels.counts
        found = [(self.words["levels"][each], counts[n], n) for n, each in enumerate(LEVELS) if counts[n]]
        rows = [f"{upper(name)}: {format_number(count, self.language)}" for name, count, _ in found]
        return {"counts": [*zip(found, rows, strict=True)], "rows": rows, "notes": [self.words["counted"]]}


def values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a query in a table of a step."""
    return {key: value for key, value in given.items() if key not in _KEYS}


def _text(term: Any, names: Mapping[str, str] = MappingProxyType({})) -> str:
    value = str(getattr(term, "value", term or ""))
    return names.get(value, value)


def _span(text: str) -> tuple[float, float] | None:
    """When a year, or the month of a date, begins and is over, in years; None for another text."""
    if not (found := _DATE.fullmatch(text)):
        return None
    month = 12 * int(found[1]) + int(found[2] or 1) - 1
    return month / 12, (month + (1 if found[2] else 12)) / 12


def _level(claim: Mapping[str, Any]) -> int:
    basis, strength = (local_name(_text(claim.get(key))) for key in ("basis", "strength"))
    # A comparison has no strength: its verdict is a reading like any other.
    return evidence_level(basis, strength or STRENGTHS[-1]) if basis else -1


def _curves(joins: Sequence[Join], boxes: Mapping[tuple[int, str], Place]) -> list[tuple[Any, ...]]:
    """The lines, which meet a box one below the other: each with its boxes and where it meets them."""
    curves: list[tuple[Any, ...]] = [(join, boxes[join.start], boxes[join.end]) for join in joins]
    counts = Counter(end for join in joins for end in join[:2])
    for side, ends in enumerate(([join.start for join in joins], [join.end for join in joins])):
        for end in {*ends}:
            group = [n for n, each in enumerate(ends) if each == end]
            for at, n in enumerate(sorted(group, key=lambda n: curves[n][2 - side].y)):
                step = min(10, (boxes[end].h - 8) / len(group))
                curves[n] += (boxes[end].y + boxes[end].h / 2 + (at - (len(group) - 1) / 2) * step,)
    # Where its label is: beside the fewer lines.
    return [(*each, counts[each[0].start] < counts[each[0].end]) for each in curves]
