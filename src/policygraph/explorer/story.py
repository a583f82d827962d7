"""Read stories, check what their sentences assert, and draw each step as SVG.

A story is a file in `stories/` beside `queries/`; docs/stories.md describes its keys. A step draws the
rows of a saved query, and rests on the claims behind the lines that join their things.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from statistics import mean
from types import MappingProxyType
from typing import Any, NamedTuple

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.matrix import VIEWS
from policygraph.catalog.metadata import Metadata, licence_name
from policygraph.catalog.query import best_text
from policygraph.catalog.settings import Texts, checked, like, texts
from policygraph.errors import CatalogError, PolicyGraphError, QueryError, nearest
from policygraph.explorer.document import LANES
from policygraph.fonts import text_lines, text_width
from policygraph.i18n import FALLBACK, basis_label, format_number, plural, words
from policygraph.rdf import reader
from policygraph.rdf.namespaces import local_name
from policygraph.store.answer import NOT_STATED, Answer, positions
from policygraph.text import NOT_XML, jinja, natural

SHOWN: Mapping[str, tuple[int, ...]] = {
    "said": (0,),
    "documents": (0, 1),
    "said-and-read": (0, 1, 2),
    "weak": (0, 1, 2, 3),
    "only-read": (2, 3),
}
"""What a step may show: claims of the sources, of other documents, read, and read with little strength."""

TEMPLATES = Path(__file__).parent / "templates"
_BASES = {"stated": 0, "external": 1}  # any other is read
_LEVELS = ("sources", "documents", "read", "weak")  # in the words
_PADS = (13, 10, 7, 5, 3, 2)  # pixels above and below the text of a box, as there is room
_SIZE, _LINE, _TOP, _BOTTOM = 16, 19, 118, 596  # pixels
_FEW = 4  # datasets or documents that are named
_FADE = 2  # years in which a bar fades whose end is not stated


class Step(NamedTuple):
    """A step of a story: its sentence, what that asserts of answers, and what is drawn."""

    id: str
    sentence: Texts
    show: str = "said-and-read"
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
    claims: Sequence[str]  # behind its lines
    values: Mapping[str, Any]  # of the parameters of the query that it draws
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
    hollow: bool


class Join(NamedTuple):
    """A line between two places, which are each the number of a lane and the IRI of a thing in it."""

    start: tuple[int, str]
    end: tuple[int, str]
    level: int  # of its strongest claim, in `SHOWN`
    claims: Sequence[Mapping[str, Any]]  # rows of the evidence
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
_ASKED: Mapping[Any, Any] = {"query": _TEXT, "column": _TEXT, "as": like("hollow", "hollow"), None: _VALUE}
_DRAW = {
    **_ASKED,
    "lanes": _LIST,
    **dict.fromkeys(("order", "keep-empty", "label"), _TEXT),
    "headings": {None: texts},
    "note": texts,
    **dict.fromkeys(("mark", "only"), _ASKED),
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

    def need(given: Mapping[str, Any], keys: Iterable[str], *where: str) -> None:
        for key in keys:
            if key not in given:
                raise fault((*where, key), "is missing.")

    try:
        given = tomllib.loads(reader.decode(reader.read_bytes(path), name=path))
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(f"{path}: {error}.") from None
    found = checked(given, _STORY, (), fault)
    need(found, _STORY)
    for number, step in enumerate(found["step"], 1):
        need(step, ("id", "sentence", "draw" if "view" not in step else "view"), f"step {number}")
        for key in ("draw",) if "draw" in step else ():
            need(step[key], ("query", "lanes"), f"step {number}", key)
        if step["id"] in {each["id"] for each in found["step"][: number - 1]}:
            raise fault((f"step {number}", "id"), f"is that of another step: {step['id']!r}.")
    return Story(path.stem, path, steps=[Step(**each) for each in found.pop("step")], **found)


def faults(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """What sentences of stories assert and the data do not say, each behind its story and step."""
    for name, each in stories(catalog).items():
        board = Storyboard(each, Metadata(catalog, catalog.store))
        for step in each.steps:
            yield from ((f"{name}#{step.id}", f"{each.path.name}: {what}") for what in board.faults(step))


class Storyboard:
    """Asks and draws the steps of a story in a language; CatalogError names the step that cannot be."""

    def __init__(self, story: Story, metadata: Metadata, language: str = "en") -> None:
        self.story, self.metadata, self.language = story, metadata, language
        self.texts = words(language, "site", "story")

    def text(self, given: Texts) -> str:
        """One of the story's texts, in the language if it has that."""
        return best_text(given, self.language)[0]

    def _ask(
        self, step: Step, given: Mapping[str, Any], language: str = ""
    ) -> tuple[Answer, list[dict[str, Any]]]:
        """The answer that a table of a step asks for, and the rows that people read, as terms by column."""
        catalog, store = self.metadata.catalog, self.metadata.store
        named = [*given.get("lanes", ()), *(given[key] for key in _COLUMNS if key in given)]
        try:
            if "query" not in given:
                raise QueryError("query is missing where an answer is asked for.")
            answer = catalog.ask(
                given["query"], store=store, language=language or self.language, values=values(given)
            )
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
            few = {_text(row[draw["only"]["column"]]) for row in self._ask(step, draw["only"])[1]}
            rows = [row for row in rows if few & {_text(row[lane]) for lane in draw["lanes"]}]
        return self._names(answer), [row for row in rows if "label" not in draw or row[draw["label"]]]

    def _names(self, answer: Answer) -> dict[str, str]:
        """The names of what an answer names, unlike its labels without CURIEs where two are the same."""
        labels = self.metadata.labels(answer.labels)
        return {iri: labels.of(iri, self.language).text for iri in answer.labels}

    def faults(self, step: Step) -> list[str]:
        """What a step asserts that does not hold, each in a sentence."""
        found, draw = [], step.draw
        for asked in (draw, draw.get("mark"), draw.get("only")):  # which has to be possible
            if asked:
                self._ask(step, asked)
        for each in step.asserts:
            answer, rows = self._ask(step, each, FALLBACK)  # in which values are named
            column, name = each.get("column"), each["query"]
            cells = (
                [_text(row[column], answer.labels) for row in rows if row[column]]
                if column
                else ["" for _ in rows]
            )
            wanted, number = str(each.get("value", "")), each.get("rows")
            if number is None and {*cells} != {wanted}:
                found.append(
                    f"{name} has {', '.join(sorted({*cells})) or 'nothing'} as {column}, not {wanted}."
                )
            counted = cells.count(wanted) if wanted else len(cells)
            if number not in (None, counted):
                of = " ".join(filter(None, (" with", column, wanted))) if column else ""
                found.append(f"{name} has {counted} rows{of}, not {number}.")
        return found

    @cached_property
    def slides(self) -> list[Slide]:
        """Its steps as slides, with equal room for their sentences, so that things keep their places."""
        lines = [text_lines(self.text(step.sentence), 1200, 4, 31) for step in self.story.steps]
        top = _TOP + 34 * (max(map(len, lines)) - 1)
        return [self._slide(n, step, lines[n], top) for n, step in enumerate(self.story.steps)]

    def _slide(self, number: int, step: Step, lines: Sequence[str], top: float) -> Slide:
        catalog, draw, t = self.metadata.catalog, step.draw, self.texts
        view = None if step.view else catalog.saved(draw["query"]).view
        if step.view:
            drawn = self.counts()
        elif view in VIEWS:
            drawn = self._matrix(step)
        else:
            drawn = (self._bars if view == "timeline" else self._lanes)(step, top)
        notes = [*([self.text(draw["note"])] if "note" in draw else []), *drawn["notes"]]
        named = self.story.datasets if draw else catalog.datasets
        known = self.metadata.records
        about = {
            name: known[catalog.datasets[name].iri] for name in named if catalog.datasets[name].iri in known
        }
        data = ", ".join(f"{name} {each['version']}".strip() for name, each in about.items())
        if len(about) > _FEW:
            data = plural(t, "datasets", len(about))
        licences = ", ".join(
            sorted({licence_name(each["license"]) for each in about.values() if each["license"]})
        )
        title = best_text(catalog.settings.title, self.language)[0]
        sources = ", ".join(documents := drawn.get("documents", ()))
        if len(documents) > _FEW:
            sources = plural(t, "documents", len(documents))
        source = ". ".join(filter(None, (sources, f"{title} {data}, {licences}".rstrip(", "))))
        source += ". " + t["step"].format(n=number + 1, of=len(self.story.steps))
        foot = [*text_lines(" ".join(notes), 1200, 2, _SIZE), *text_lines(source, 1200, 2, _SIZE)]
        environment = jinja(TEMPLATES, width=text_width, lines=text_lines)
        svg = environment.get_template("slide.svg").render(
            {"total": "", **drawn},
            sentence=lines,
            foot=foot,
            top=top,
            t=t,
            colors=LANES,
            id=step.id,
        )
        sentence, tag = best_text(step.sentence, self.language)
        return Slide(
            step,
            sentence,
            tag,
            drawn.get("total", ""),
            drawn["rows"],
            notes,
            drawn.get("claims", ()),
            values(draw),
            self.faults(step),
            NOT_XML.sub("\ufffd", svg),
        )

    def _joined(self, step: Step, rows: Sequence[Mapping[str, Any]], names: dict[str, str]) -> list[Join]:
        """The lines that join the things of each row, with the claims behind them, whose names it adds."""
        joined: dict[Any, list[Mapping[str, Any]]] = {}
        for row in rows:
            ends = [
                (n, row[lane].value) for n, lane in enumerate(step.draw["lanes"]) if row[lane] is not None
            ]
            for pair in pairwise(ends):
                joined.setdefault(pair, []).append(row)
        claims: dict[frozenset[str], list[Any]] = {}
        if joined:
            things = sorted({f"<{start}>" for (_, start), _ in joined})
            evidence, _ = self._ask(step, {"query": "evidence", "thing": things})
            names |= self._names(evidence)
            for claim in (each for each in evidence if each["claim"]):
                claims.setdefault(frozenset((claim["source"], str(claim["target"]))), []).append(claim)
        found = []
        for (start, end), same in joined.items():
            behind = [
                claim
                for claim in claims.get(frozenset((start[1], end[1])), ())
                if any(
                    all(_text(row.get(k)) in ("", claim[k]) for k in ("claim", "property")) for row in same
                )
            ]
            bases = behind or [{key: _text(row.get(key)) for key in ("basis", "strength")} for row in same]
            label = _text(same[0][step.draw["label"]], names) if "label" in step.draw else ""
            found.append(Join(start, end, min(map(_level, bases)), behind, label))
        return found

    def _lanes(self, step: Step, top: float) -> dict[str, Any]:
        """Draw things in lanes, from left to right, and lines between those of one row."""
        draw, lanes, t = step.draw, step.draw["lanes"], self.texts
        names, rows = self._rows(step)
        keep = lanes.index(draw["keep-empty"]) if draw.get("keep-empty") in lanes else None
        things: list[dict[str, str]] = [{} for _ in lanes]

        def place(n: int, row: Mapping[str, Any], column: str) -> None:
            if row[column] is not None:
                number = _text(row.get(draw.get("order", ""))) if n == (keep or 0) else ""
                things[n].setdefault(row[column].value, number)

        for row in rows:
            for n, lane in enumerate(lanes):
                place(n, row, lane)
        if "mark" in draw and keep is not None:
            marks, found = self._ask(step, draw["mark"])
            names |= self._names(marks)
            for row in found:
                place(keep, row, draw["mark"]["column"])
        things[keep or 0] = dict(sorted(things[keep or 0].items(), key=lambda each: natural(each[1])))
        joins = self._joined(step, rows, names)
        shown = [join for join in joins if join.level in SHOWN[step.show]]
        reached = {end for join in shown for end in (join.start, join.end)}
        kept = {} if keep is None else {(keep, iri): number for iri, number in things[keep].items()}
        boxes = self._boxes(things, joins, names, top, reached)
        claims = {each["claim"]: each for join in shown for each in join.claims}
        ends = {
            iri: f"{names[iri]} ({basis_label(_basis(each), self.language)})" for iri, each in claims.items()
        }
        listed = [ends[iri] for iri in ends] if "label" not in draw else []
        listed = listed or [
            " – ".join(filter(None, (names[join.start[1]], join.label, names[join.end[1]]))) for join in shown
        ]
        listed += [
            f"{kept[end]} {names[end[1]]}: {t['no_line']}".strip() for end in kept if end not in reached
        ]
        heads = {
            lanes.index(lane): self.text(each)
            for lane, each in draw.get("headings", {}).items()
            if lane in lanes
        }
        cited = {at for each in claims.values() if (at := each["document"] or each["origin"])}
        return {
            "headings": [(boxes[n, next(iter(things[n]))], text) for n, text in heads.items() if things[n]],
            "boxes": [box for end, box in boxes.items() if end in reached or end in kept],
            "curves": _curves(shown, boxes),
            "total": self._total(step, joins, kept),
            "rows": listed,
            "claims": [*claims],
            "documents": sorted(names.get(at, at) for at in cited),
            "notes": [
                t["dashes"][_LEVELS[n]] for n in range(3) if n in {min(join.level, 2) for join in shown}
            ],
        }

    def _total(self, step: Step, joins: Sequence[Join], kept: Mapping[Any, str]) -> str:
        """How many of the things that are drawn in any case, or else how many lines, are said and read."""
        shown, t = SHOWN[step.show], self.texts
        if not kept:
            counts = Counter(join.level for join in joins)
            total = " · ".join(f"{t['levels'][_LEVELS[n]]} {counts[n]}" for n in shown if counts[n])
            return total[:1].upper() + total[1:]
        said, other, every = (
            len(
                {end for join in joins if join.level in levels for end in (join.start, join.end)}
                & kept.keys()
            )
            for levels in ((0,), (0, 1), shown)
        )
        key = "total_sources" if len(shown) == 1 else "total_read" if said == other else "total_documents"
        return str(t[key].format(sources=said, other=other, every=every, of=len(kept)))

    def _boxes(
        self,
        things: Sequence[Mapping[str, str]],
        joins: Sequence[Join],
        names: Mapping[str, str],
        top: float,
        reached: set[tuple[int, str]],
    ) -> dict[tuple[int, str], Place]:
        """Where each thing stands: the longest lane from the top, others beside what they are joined to."""
        boxes: dict[tuple[int, str], Place] = {}
        most = {1: 700.0, 2: 480.0, 3: 470.0}.get(len(things), 1200 / len(things) - 40)
        insets = [16 + 42 * any(lane.values()) for lane in things]
        wide = [
            min(most, inset + 18 + max((text_width(names[iri], _SIZE) for iri in lane), default=0))
            for inset, lane in zip(insets, things, strict=True)
        ]
        gap = (1200 - sum(wide)) / max(len(things) - 1, 1)
        for n in sorted(range(len(things)), key=lambda n: -len(things[n])):
            lane, inset = things[n], insets[n]
            near: dict[str, list[float]] = {iri: [] for iri in lane}
            for join in joins:
                for (at, iri), other in ((join.start, join.end), (join.end, join.start)):
                    if at == n and other in boxes:
                        near[iri].append(boxes[other].y + boxes[other].h / 2)
            order = sorted(lane, key=lambda iri: mean(near[iri] or [0])) if boxes else [*lane]
            lines = {iri: text_lines(names[iri], wide[n] - inset - 16, 4, _SIZE) for iri in order}
            high = _LINE * sum(map(len, lines.values()))
            pad = next((each for each in _PADS if high + 3 * each * len(lane) <= _BOTTOM - top), _PADS[-1])
            high += (3 * len(lane) - 1) * pad
            y = mean([each for found in near.values() for each in found] or [top]) - high / 2
            y = max(min(y, _BOTTOM - high), top)
            for iri in order:
                h = _LINE * len(lines[iri]) + 2 * pad
                x, hollow = 40 + sum(wide[:n]) + gap * n, (n, iri) not in reached
                boxes[n, iri] = Place(x, y, wide[n], h, lines[iri], inset, lane[iri], self._lane(iri), hollow)
                y += h + pad
        return boxes

    def _lane(self, iri: str) -> int:
        """The lane of the map that a thing is in, from 0, which gives its colour."""
        return ((self.metadata.layers.get(self.metadata.kind(iri)) or len(LANES)) - 1) % len(LANES)

    def _bars(self, step: Step, top: float) -> dict[str, Any]:
        """Draw the years of what is in the first lane as bars, with what is in other lanes before them."""
        (names, rows), bars, (first, *lanes) = self._rows(step), [], step.draw["lanes"]
        for row in rows:
            start, end, horizon = (_year(row.get(name)) for name in ("from", "to", "horizon"))
            if start:
                last = end + 1 / 12 if end else horizon + 1 if horizon else start + _FADE
                kind = (
                    "next"
                    if end and row.get("successor")
                    else "full"
                    if end
                    else "horizon"
                    if horizon
                    else "open"
                )
                head = ", ".join(_text(row[lane], names) for lane in lanes)
                years = " – ".join(filter(None, (_text(row.get(name)) for name in ("from", "to"))))
                bars.append(
                    (_text(row[first], names), head, start, last, kind, self._lane(_text(row[first])), years)
                )
        before = max((text_width(bar[1], 1.1 * _SIZE) for bar in bars), default=0)
        room = max((text_width(bar[0], _SIZE) for bar in bars), default=0)
        notes = [self.texts["bars"][kind] for kind in self.texts["bars"] if kind in {bar[4] for bar in bars}]
        without = len(rows) - len(bars)
        return {
            "bars": bars,
            "name_at": 40 + before + 14 * bool(before),
            "bar_at": min(40 + before + 14 + room + 20, 760),
            "years": (int(min(bar[2] for bar in bars)), math.ceil(max(bar[3] for bar in bars)))
            if bars
            else (0, 1),
            "pitch": min(41.0, (_BOTTOM - top) / max(len(bars), 1)),
            "rows": [f"{bar[0]} ({', '.join(filter(None, (bar[1], bar[6])))})" for bar in bars],
            "notes": [*notes, *([plural(self.texts, "unplaced", without)] if without else [])],
        }

    def _matrix(self, step: Step) -> dict[str, Any]:
        """Draw a matrix or tiles as the question's picture does, without the words around it."""
        matrix = self._ask(step, step.draw)[0].picture
        marks, legend = (matrix.marks.values(), matrix.legend) if matrix else ((), ())
        return {
            "matrix": matrix,
            "rows": [mark.text for mark in marks],
            "notes": [text for _, text in legend],
        }

    def counts(self) -> dict[str, Any]:
        """Draw how many claims there are, said and read."""
        counts: Counter[int] = Counter()
        for row in self.metadata.catalog.ask("claims-by-basis", store=self.metadata.store):
            counts[_level(row)] += row["claims"]
        found = [(self.texts["levels"][each], counts[n], n) for n, each in enumerate(_LEVELS) if counts[n]]
        rows = [f"{name.capitalize()}: {format_number(count, self.language)}" for name, count, _ in found]
        return {"counts": [*zip(found, rows, strict=True)], "rows": rows, "notes": [self.texts["counted"]]}


def values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a query in a table of a step."""
    return {key: value for key, value in given.items() if key not in _KEYS}


def _text(term: Any, names: Mapping[str, str] = MappingProxyType({})) -> str:
    value = str(getattr(term, "value", term or ""))
    return names.get(value, value)


def _year(term: Any) -> float:
    """The year of a date, a month or a year, with the part of it that is over; 0 for none."""
    year, *month = (int(each) for each in (_text(term) or "0").split("-"))
    return year + (month[0] - 1) / 12 if month else year


def _basis(claim: Mapping[str, Any]) -> tuple[str, str]:
    return local_name(claim["basis"] or ""), local_name(claim["strength"] or "")


def _level(claim: Mapping[str, Any]) -> int:
    basis, strength = _basis(claim)
    return 3 if strength == "weak" else _BASES.get(basis, 2)


def _curves(joins: Sequence[Join], boxes: Mapping[tuple[int, str], Place]) -> list[dict[str, Any]]:
    """The lines, which meet a box one below the other, and whether their claim leads back."""
    heights: dict[tuple[int, int], float] = {}
    counts = Counter(end for join in joins for end in (join.start, join.end))
    for side in (0, 1):
        groups: dict[Any, list[int]] = {}
        for n, join in enumerate(joins):
            groups.setdefault(join[side], []).append(n)
        for end, group in groups.items():
            group.sort(key=lambda n: boxes[(joins[n].end, joins[n].start)[side]].y)
            step = min(10, (boxes[end].h - 8) / len(group))
            for at, n in enumerate(group):
                heights[n, side] = boxes[end].y + boxes[end].h / 2 + (at - (len(group) - 1) / 2) * step
    return [
        {
            "x": boxes[join.start].x + boxes[join.start].w + 4,
            "y": heights[n, 0],
            "to_x": boxes[join.end].x - 4,
            "to_y": heights[n, 1],
            "level": join.level,
            "label": join.label,
            "at_start": counts[join.start] < counts[join.end],  # where the label is, beside fewer lines
            "lane": boxes[join.end].lane,
            "back": bool(join.claims) and join.claims[0]["source"] == join.end[1],
        }
        for n, join in enumerate(joins)
    ]
