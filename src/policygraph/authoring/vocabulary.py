"""Translate between terms of RDF and cells: names of properties and kinds, values by the range of a property.

Which sheets, columns and macros there are is in the catalogue's `ontology/tables.json`; the names of
properties and kinds are their English labels in `ontology/*.ttl`.
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from functools import cached_property, partial
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode

from policygraph.catalog.catalog import Catalog
from policygraph.errors import nearest
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL, PREFIXES, XSD, Prefixes, compact, expand
from policygraph.rdf.terms import TYPE, term as node
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows
from policygraph.text import grouped

SEPARATOR = "++"  # what stands between several values in a cell
BETWEEN = re.compile(r"(?<!\S)\+\+(?!\S)")  # not in a word, such as C++


class Cell(NamedTuple):
    """The address of a cell, such as claims!B12."""

    sheet: str
    row: int
    column: int  # from 1

    def __str__(self) -> str:
        letters, number = "", self.column
        while number:
            number, digit = divmod(number - 1, 26)
            letters = chr(65 + digit) + letters
        return f"{self.sheet}!{letters}{self.row}"


class Sheet(NamedTuple):
    """A table: the names of its columns, and its rows with their numbers."""

    head: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


Tables: TypeAlias = Mapping[str, Sheet]


class CellError(ValueError):
    """What is wrong with a cell, or with a sheet."""

    def __init__(self, cell: Cell | str, what: object) -> None:
        super().__init__(f"{cell}: {what}")


class SheetRow(NamedTuple):
    """The cells of a row that are not empty, by column."""

    values: dict[str, str]
    cells: dict[str, Cell]
    first: Cell

    def cell(self, *columns: str) -> Cell:
        """The address of the first of these columns that is not empty, or else of the row."""
        return next((self.cells[each] for each in columns if each in self.values), self.first)

    def need(self, *columns: str) -> list[str]:
        """The values of these columns, none of which may be empty."""
        for column in columns:
            if column not in self.cells:
                raise CellError(self.first.sheet, f"there is no column {column!r}.")
            if column not in self.values:
                raise CellError(self.first, f"this row has no {column}.")
        return [self.values[column] for column in columns]

    def parse(self, column: str, read: Callable[[str], Any]) -> Any:
        """What a function reads in a cell, perhaps an empty one; its ValueError is the cell's."""
        try:
            return read(self.values.get(column, ""))
        except ValueError as error:
            raise CellError(self.cells[column], error) from None


def split(text: str) -> list[str]:
    """The values in a cell."""
    return [part.strip() for part in BETWEEN.split(text)] if text.strip() else []


def join(parts: Iterable[str]) -> str:
    """Several values as one cell; ValueError when one of them has the separator in it."""
    parts = list(parts)
    if any(map(BETWEEN.search, parts)):
        raise ValueError(f"no cell can hold {SEPARATOR}")
    return f" {SEPARATOR} ".join(parts)


Term: TypeAlias = NamedNode | Literal  # what a cell can hold

Values: TypeAlias = Mapping[NamedNode, Sequence[Term]]  # the values of a resource, by property

_WHOLE = r"(\d+|[1-9]\d{0,2}([ .,'])\d{3}(?:\2\d{3})*)"  # a number, perhaps with its thousands apart
_EXAMPLES = {  # of datatypes; a text is of the first of them that it is valid for
    "integer": "a number",
    "decimal": "a number",
    "boolean": "true or false",
    "gYear": "2013",
    "gYearMonth": "2013-09",
    "date": "2013-09-30",
    "hexBinary": "hexadecimal digits",
    "language": "a tag",
    "string": "a text",
}


class Layout(NamedTuple):
    """What a sheet has: columns, and a key if each of its rows describes a resource, of these kinds."""

    columns: Sequence[str]
    key: str = ""
    kinds: frozenset[NamedNode] = frozenset()
    names: Mapping[str, NamedNode] = {}
    holds: Mapping[str, NamedNode] = {}

    def sheet(self, tags: Iterable[str], rows: Iterable[Mapping[str, str]] = ()) -> Sheet:
        """Make a table of rows by column: a column of texts is there once a language."""
        keys, rows = [self.key] if self.key else [], list(rows)
        spread = [[each + tag for tag in tags] if each[-1] == "@" else [each] for each in self.columns]
        head = [*keys, *(column for columns in spread for column in columns)]
        head += sorted({column for row in rows for column in row} - set(head))
        return Sheet(head, list(enumerate(([row.get(column, "") for column in head] for row in rows), 2)))


def _nodes(value: Any, prefixes: Prefixes) -> Any:
    """The resources for the CURIEs in a value of JSON; keys stay as they are."""
    if isinstance(value, dict):
        return {key: _nodes(each, prefixes) for key, each in value.items()}
    return node(value, prefixes) if isinstance(value, str) else [_nodes(each, prefixes) for each in value]


class Vocabulary:
    """The sheets and columns of a catalogue, and the names of its properties, kinds and concepts."""

    def __init__(self, catalog: Catalog) -> None:
        self.iri, self.prefixes = catalog.settings.base, catalog.settings.prefixes
        self.sources = f"{self.iri}source/"
        nodes = partial(_nodes, prefixes=self.prefixes)
        layout: dict[str, Any] = json.loads(catalog.tables.read_text(encoding="utf-8"))
        self.model: dict[str, NamedNode] = nodes(layout["model"])
        self.properties: dict[str, NamedNode] = nodes(layout["names"])
        self.about: dict[str, NamedNode] = nodes(layout["about"])
        self.macros: dict[str, list[list[NamedNode]]] = nodes(layout["macros"])
        self.mappings: list[NamedNode] = nodes(layout["mappings"])
        self.usual, self.rejected = nodes(layout["default"]), nodes(layout["rejected"])
        self.evidence = {*nodes(layout["evidence"]), self.model["mentioned"]}
        self.also = {nodes(kind): set(nodes(more)) for kind, more in layout["also"].items()}
        self.bounds = {nodes(name): (side, nodes(of)) for name, (side, *of) in layout["bounds"].items()}
        self.languages, self._notes = layout["languages"], layout["notes"]
        self.first, self.start = layout["first"], layout["start"]  # rows to fill in
        self.support: dict[str, Any] = layout["support"]
        for tag, forms in self.support.get("compounds", {}).items():  # of tens and units
            named = self.support["numbers"][tag]
            pairs = [
                (t, u) for t in named for u in named if named[u] < 10 < named[t] < 100 and not named[t] % 10
            ]
            named |= {form.format(ten=t, unit=u): named[t] + named[u] for t, u in pairs for form in forms}
        self.signs: dict[NamedNode, list[str]] = {nodes(x): y for x, y in self.support["signs"].items()}
        self.hints, self.types = layout["hints"], tuple(layout["types"])
        self.sheets: dict[str, Layout] = {}
        for name, each in layout["sheets"].items():
            kinds, names, holds = (nodes(each.get(part, {})) for part in ("classes", "names", "holds"))
            self.sheets[name] = Layout(each["columns"], each.get("key", ""), frozenset(kinds), names, holds)
        store = EmbeddedStore(quad for path in catalog.ontology for quad in reader.read(path))

        def ask(pattern: str) -> list[list[Any]]:
            found = rows(store, f"SELECT ?x ?y {{ {pattern} }} ORDER BY ?x ?y")
            return [[row["x"], row["y"]] for row in found]

        english = 'FILTER(LANG(?y) = "en")'
        self._called: dict[str, NamedNode] = nodes(layout["called"])
        self.shared = dict[str, str]()  # what to say of a label of several terms, by its small letters
        self.kinds = self._by_label(ask(f"?x a owl:Class ; rdfs:label ?y {english}"))
        self.things = {x for x, _ in ask(f"?x rdfs:subClassOf* {self.model['thing']} BIND(1 AS ?y)")}
        self.concepts = [x for x, _ in ask("?x skos:inScheme ?y")]
        self.labels = {y.value.casefold(): x for x, y in ask("?x skos:prefLabel ?y ; skos:inScheme ?scheme")}
        self.labels |= {name.casefold(): iri for name, iri in self._called.items()}
        self.described = {x.value for x, _ in ask("?x a ?y")}
        kinds = " ".join(map(str, nodes(self.support["named"])))
        self.named = {x for x, _ in ask(f"?x rdfs:subClassOf* ?y VALUES ?y {{ {kinds} }}")}
        self._definitions = {x: y.value for x, y in ask(f"?x skos:definition ?y {english}")}
        ranges = grouped((x, y.value) for x, y in ask("?x rdfs:range|schema:rangeIncludes ?y"))
        links = ask(f"?x a owl:ObjectProperty ; rdfs:label ?y {english}")
        self._ranges: dict[NamedNode, Iterable[str]] = {**ranges, **{x: () for x, _ in links}}
        links += ask(f"?x a owl:DatatypeProperty ; rdfs:label ?y {english}")
        self.properties |= self._by_label(links) | self.properties  # in whose order the first name counts
        domain = {x for x, y in ask("?x rdfs:domain|schema:domainIncludes ?y") if y in self.things}
        self.relations = sorted({*self.macros, *(name for name, x in self.properties.items() if x in domain)})
        self._ranges |= {nodes(it): [x.value for x in nodes(each)] for it, each in layout["ranges"].items()}
        scheme = f"{MODEL}concept/strength/"
        self.strengths = [x.value.removeprefix(scheme) for x in self.concepts if x.value.startswith(scheme)]
        self._names = {iri: name for name, iri in reversed([*self.properties.items(), *self.kinds.items()])}

    def _by_label(self, pairs: Iterable[Sequence[Any]]) -> dict[str, NamedNode]:
        """Terms by label, or by CURIE where they share one, unless it is a column: that is the model's."""
        columns = {each.rstrip("@") for sheet in self.sheets.values() for each in sheet.columns}
        found = dict[str, NamedNode]()
        for same in grouped((y.value.casefold(), (x, y.value)) for x, y in pairs).values():
            curies = {compact(x.value, self.prefixes): x for x, _ in same}
            ours = [pair for pair in same if pair[0].value.startswith(MODEL) and pair[1] in columns]
            found |= {y: x for x, y in ours or same} if ours or len(curies) == 1 else curies
            if len(curies) > 1:
                what = f"{same[0][1]!r} is the label of {' and '.join(curies)}; write one of those."
                self.shared[same[0][1].casefold()] = what
        return found

    def called(self, iri: NamedNode, sheet: str = "things") -> str:
        """The name of a property or kind in a sheet: of its own, its English label, or its CURIE."""
        spec = self.sheets[sheet]
        name = {each: name for name, each in spec.names.items()}.get(iri) or self._names.get(iri, "")
        usable = name and name != spec.key and name not in spec.holds
        return name if usable else compact(iri.value, self.prefixes)

    def explain(self, message: str, sheet: str) -> str:
        """Put in place of each CURIE in a message what an author writes for it in a sheet."""
        own = reversed([*self.sheets[sheet].holds.items(), *self.sheets[sheet].names.items()])
        names = {**self._names, **{iri: name for name, iri in own}}
        words = {compact(iri.value, self.prefixes): f"'{name}'" for iri, name in names.items()}
        words[compact(self.model["mentioned"].value)] = "in the sheet mentions"
        words[compact(self.model["own"].value)] = "~ before it, in"
        return re.sub(r"[a-z]+:\w+", lambda m: words.get(m[0], m[0]), message)

    def property(self, name: str, sheet: str = "things") -> NamedNode:
        """The property of that name; ValueError, with the nearest name, for what is none."""
        what = "relation" if sheet in ("claims", "mappings") else "property"
        return self._find(name, {**self.properties, **self.sheets[sheet].names}, what)

    def kind(self, name: str) -> NamedNode:
        """The kind of that name; ValueError, with the nearest name, for what is none."""
        return self._find(name, {**self._called, **self.kinds}, "kind")

    def holds(self, column: str, sheet: str) -> NamedNode | None:
        """The property whose values a column holds, if it holds those of one."""
        spec, name = self.sheets[sheet], column.partition("@")[0]
        return {**self.properties, **spec.names, **spec.holds}.get(name)

    def note(self, column: str, sheet: str) -> str:
        """What a column holds, in a sentence."""
        iri = self.holds(column, sheet)
        return self._notes.get(column.partition("@")[0]) or (self._definitions.get(iri, "") if iri else "")

    def bound(self, name: NamedNode, values: Values) -> Literal | None:
        """The first or last day that follows from a thing's dates; None where none does."""
        side, paths = self.bounds[name]
        dates = next((values[path] for path in paths if values.get(path)), ())
        days = list[str]()
        for date_ in dates:
            found = re.fullmatch(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(\d\d))?)?", date_.value)
            if not found or found[1] == "0000":
                return None
            month = found[2] or ("01" if side == "first" else "12")
            day = found[3] or ("01" if side == "first" else monthrange(int(found[1]), int(month))[1])
            days.append(f"{found[1]}-{month}-{day}")
        outer = min if side == "first" else max  # of dates that dispute each other
        return Literal(outer(days), datatype=node("xsd:date")) if days else None

    def mentions(self, thing: Term, values: Values, quoted: Mapping[Any, Sequence[Term]]) -> Sequence[Term]:
        """Where a thing is mentioned that says so nowhere: where its claims are, best as subject."""
        evidence = {term.value for each in self.evidence for term in values.get(each, ())}
        if self.things.isdisjoint(values.get(TYPE, ())) or evidence - {"false", "0"}:
            return ()
        return quoted.get((thing, True)) or quoted.get((thing, False)) or ()

    @cached_property
    def _tags(self) -> Mapping[str, str]:
        from babel import Locale

        return {name.casefold(): tag for tag, name in Locale("en").languages.items()}

    def tag(self, language: str) -> str:
        """The tag of a language by its English name, of the Unicode CLDR; any other text in small letters."""
        return self._tags.get(language.casefold(), language.casefold())

    def no_language(self, tag: str) -> str:
        """Say that a tag is no language's; empty if it is, or may be, as are the codes of the EU's tables."""
        code = tag.casefold().partition("-")[0]
        known = re.fullmatch("[a-z]{3}", code) or code in self._tags.values()
        return "" if known else f"{tag!r} is no tag of a language.{nearest(self.tag(tag), self.languages)}"

    def text(self, words: str, tag: str) -> Literal:
        """A text in a language; ValueError for a tag that is none, or a placeholder."""
        if what := self.no_language(tag):
            raise ValueError(what)
        if words == "?":
            raise ValueError("write the text in place of '?'.")
        return Literal(words, language=tag)

    def literal(self, text: str, iri: NamedNode) -> Literal | None:
        """The literal that a cell means as value of a property; None when it means a resource.

        ValueError for a text that is no value of that property.
        """
        if iri not in self._ranges:
            return None if re.match(r"[a-z][\w.+-]*:\S+$|\S+/\S*$", text) else Literal(text)
        allowed = [each for each in _EXAMPLES if XSD + each in self._ranges[iri]]
        dates = {*allowed} <= {"gYear", "gYearMonth", "date"}
        serial = dates and re.fullmatch(r"[1-9]\d{4}", text)  # a day as spreadsheets count them, or no year
        for name in allowed:
            value = text.lower() if name == "boolean" else text  # spreadsheets write TRUE
            if not serial and not reader.ill_typed({(value, name)}):
                return Literal(value, datatype=NamedNode(XSD + name))
        if allowed:
            what = "no date" if dates else "no value"
            forms = " or ".join(_EXAMPLES[each] for each in allowed)
            bare = re.fullmatch(r"[^\w(-]*?([-−–]?)[^\w(-]*(\d(?:[\d\s.,'’]*\d)?)\W*", text)  # of 98 %
            found = readings(bare[2]) if bare and "decimal" in allowed else []
            if serial:
                forms = f"{date(1899, 12, 30) + timedelta(int(text))}, as spreadsheets count days"
            elif bare and found:
                values = " or ".join("-"[: len(bare[1])] + each for each in found)
                forms = f"{values}, without a unit or spaces"
            raise ValueError(f"{text!r} is {what} for {self.called(iri)}; write it as {forms}.")
        if expand("rdf:langString") in self._ranges[iri]:
            raise ValueError(f"the text needs its language: {self.called(iri)}@en, for instance.")
        return None

    def _find(self, name: str, known: Mapping[str, NamedNode], what: str) -> NamedNode:
        folded = {each.casefold(): iri for each, iri in known.items()}
        try:
            return known.get(name) or folded.get(name.casefold()) or node(name, self.prefixes)
        except ValueError:
            unknown = f"{name!r} is no {what}.{nearest(name, known)}"
            raise ValueError(self.shared.get(name.casefold(), unknown)) from None


def readings(number: str) -> list[str]:
    """What a number in digits may mean: 1.000 is a thousand, or one."""
    ascii_digits = re.sub(r"\d", lambda digit: str(int(digit[0])), number)
    text = re.sub(r"\s", " ", ascii_digits.replace("’", "'"))
    whole, parts = re.fullmatch(_WHOLE, text), re.fullmatch(rf"{_WHOLE}(?!\2)[.,](\d+)", text)
    found = [(match[1], end) for match, end in ((whole, ""), (parts, parts and f".{parts[3]}")) if match]
    return [re.sub(r"\D", "", each) + str(end) for each, end in found]


class Names:
    """Short names of resources: `plan/growth` for `id/xy/plan/growth` in a dataset of xy, or a CURIE."""

    def __init__(self, base: str, country: str, prefixes: Prefixes = PREFIXES) -> None:
        self.catalogue, self.base, self.prefixes = base, f"{base}id/{country}/", prefixes
        self.labels: dict[str, str] = {}  # the name of what is called so, in small letters

    def of(self, term: Term) -> str:
        """The shortest name of a resource that means it; the text of a literal."""
        if isinstance(term, Literal):
            return term.value
        iri, path = term.value, term.value.removeprefix(self.catalogue)
        curie = compact(iri, self.prefixes)
        for name in (iri.removeprefix(self.base), path.removeprefix("id/"), path, curie):
            with suppress(ValueError):
                if name != iri and self.node(name) == term:
                    return name
        return iri

    def meant(self, name: str) -> str:
        """The end of a message: what is called so, or nearly so."""
        from difflib import get_close_matches

        near = "/" not in name and get_close_matches(name.casefold(), self.labels, n=1, cutoff=0.75)
        return f" Did you mean {self.labels[near[0]]!r}?" if near else ""

    def node(self, name: str, hint: str = "") -> NamedNode:
        """The resource that a name means; ValueError, with a hint, for what is none."""
        if len(split(name)) > 1:
            raise ValueError(f"{name!r} is more than one name; write a row for each.")
        if re.search(r"[\s<>\"{}|^`\\]|%(?![0-9A-Fa-f]{2})", name):
            what = f"{name!r} is no name: it has a space or a sign that no IRI has."
            raise ValueError(what + (self.meant(name) or f" {hint}".rstrip()))
        if ":" in name.partition("/")[0]:
            return node(name, self.prefixes)
        first, *rest = name.split("/")
        if "?" in name or not name.isprintable() or {".", ".."} & {first, *rest}:
            raise ValueError(f"{name!r} is no name: it has a ?, dots alone or a sign that nobody sees.")
        if first in ("agent", "concept", "data", "id", "ontology", "shape", "source") or not rest:
            return NamedNode((MODEL if first in ("concept", "ontology", "shape") else self.catalogue) + name)
        if len(rest) == 1 and self.base.endswith("//"):
            raise ValueError(f"{name!r} needs the code of the country, which no row 'code' of dataset gives.")
        return NamedNode(f"{self.catalogue}id/{name}" if len(rest) > 1 else self.base + name)
