"""Read the rows of tables that describe a resource, or the dataset, as triples.

Nothing is skipped in silence: what is wrong is a sentence that begins with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import zip_longest

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.authoring.quotes import SourceText
from policygraph.authoring.vocabulary import Cell, CellError, Names, Sheet, SheetRow, Term, Vocabulary, split
from policygraph.errors import nearest
from policygraph.rdf.terms import TYPE, term as node

_DATASET = node("dcat:Dataset")
NOT_READ = " One whose name begins with # is not read."
_SOURCE = r"[\w-]+(#(char=\d+,\d+|passage-[\w-]+))?"
_HEAD = {  # rows that are no properties of the dataset: what they may be
    "name": ("[a-z][a-z0-9]*(-[a-z0-9]+)*", "name of a dataset: small letters and hyphens"),
    "code": ("[a-z]{2,3}", "code of a country: two small letters"),
}


class ThingReader:
    """Collects what rows say."""

    def __init__(self, vocabulary: Vocabulary, texts: Mapping[str, SourceText]) -> None:
        self.v, self.model, self.texts = vocabulary, vocabulary.model, texts
        self.name = ""  # of the dataset
        self.names = Names(vocabulary.iri, "", vocabulary.prefixes)  # in it
        self.country: NamedNode | None = None
        self.problems: list[str] = []  # each begins with a cell
        self.triples: dict[Triple, Cell] = {}  # each with the cell that says it
        self.values: dict[NamedNode, dict[NamedNode, list[Term]]] = {}
        self.subjects: dict[NamedNode, Cell] = {}  # the cell that describes each resource
        self.places: dict[tuple[NamedNode, NamedNode], Cell] = {}  # of a property of each, also an empty one
        self.uses: dict[NamedNode, Cell] = {}  # where a resource is named first

    def each(self, rows: Iterable[SheetRow], function: Callable[[SheetRow], None]) -> None:
        """Call a function with each row, and note what is wrong."""
        for row in rows:
            try:
                function(row)
            except CellError as error:
                if str(error) not in self.problems:  # of a column, once
                    self.problems.append(str(error))

    def parse(self, name: str, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that are neither empty nor comments; the names of its columns are checked."""
        spec = self.v.sheets[name]
        allowed = {spec.key, *spec.columns}
        if any(sheet.head) and allowed.isdisjoint(sheet.head):
            what = "the first row names no column of this sheet; delete what stands above its head."
            self.problems.append(f"{Cell(name, 1, 1)}: {what}")
            return
        columns = zip_longest(sheet.head, *(texts for _, texts in sheet.rows), fillvalue="")
        for number, (column, *below) in enumerate(columns, 1):
            cell, plain = Cell(name, 1, number), column.partition("@")[0]
            if not column and any(map(str.strip, below)):
                self.problems.append(f"{cell}: this column has no name in the first row.")
            elif not column or column.startswith("#"):
                continue
            elif sheet.head.count(column) > 1:
                self.problems.append(f"{cell}: the column {column!r} is there twice.")
            elif column.rstrip("@") == plain and f"{plain}@" in allowed:
                self.problems.append(f"{cell}: the text needs its language: {plain}@en, for instance.")
            elif not {column, f"{plain}@"} & {*allowed, *self.v.macros}:
                try:
                    self.v.property(plain if spec.key or name == "claims" else "", name)
                except ValueError:
                    others = {*allowed, *(self.v.properties if spec.key else ())}.difference(sheet.head)
                    what = f"{column!r} is no column of {name}.{nearest(column, others) or NOT_READ}"
                    self.problems.append(f"{cell}: {what}")
        for number, texts in sheet.rows:
            cells = {column: Cell(name, number, at) for at, column in enumerate(sheet.head, 1)}
            filled = zip(sheet.head, map(str.strip, texts), strict=False)
            values = {column: text for column, text in filled if text and not column.startswith("#")}
            if values and not next(iter(values.values())).startswith("#"):
                yield SheetRow(values, cells, Cell(name, number, 1))

    def resource(self, row: SheetRow, column: str) -> NamedNode:
        """The resource that a cell names."""
        found: NamedNode = row.parse(column, lambda text: self.names.node(text, self.v.hints.get(column, "")))
        self.uses.setdefault(found, row.cells[column])
        return found

    def add(self, subject: NamedNode, predicate: NamedNode, value: Term, cell: Cell) -> None:
        """Add a triple that a cell says."""
        triple = Triple(subject, predicate, value)
        if triple not in self.triples:
            self.triples[triple] = cell
            self.values.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def typed(self, subject: NamedNode, role: str, value: object, datatype: str, cell: Cell) -> None:
        """Add a value of an XML Schema datatype."""
        self.add(subject, self.model[role], Literal(str(value), datatype=node(f"xsd:{datatype}")), cell)

    def term(self, text: str, iri: NamedNode, language: str = "") -> Term:
        """What a text means as value of a property."""
        if not text:
            raise ValueError("there is nothing on one side of ++.")
        if iri in (TYPE, self.model["absent"]) and ":" not in text:
            return self.v.kind(text)
        return self.v.literal(text, iri, language) or self.names.node(text)

    def macro(self, name: str, text: str) -> list[tuple[NamedNode, Term]]:
        """The properties and values that a macro stands for."""
        parts = self.v.macros[name]
        texts = re.split(r"\s*[-–]\s*", text) if len(parts) > 1 else [text]
        texts = texts * len(parts) if len(texts) == 1 else texts
        if len(texts) != len(parts):
            raise ValueError(f"{text!r} is no {name}; write it as 2019-2025.")
        pairs = [(iri, each) for each, part in zip(texts, parts, strict=True) for iri in part]
        return [(iri, self.term(each, iri)) for iri, each in pairs]

    def fill(self, subject: NamedNode, row: SheetRow, sheet: str, but: Collection[str]) -> None:
        """Add what the columns that are called by a property or a macro say."""
        for column, cell in row.cells.items():
            held = self.v.holds(column, sheet)
            if held and not (row.values.get(column) and (subject, held) in self.places):
                self.places[subject, held] = cell
        for column in (each for each in row.values if each not in but):
            name, _, language = column.partition("@")
            cell, text = row.cells[column], row.values[column]
            try:
                if column in self.v.macros:
                    pairs = self.macro(column, text)
                else:
                    iri = self.v.property(name, sheet)
                    if iri == self.v.properties["label"] and text.startswith("~"):
                        self.typed(subject, "own", language, "language", cell)
                        text = text[1:].strip()
                    none = text == "-" and iri == self.v.usual
                    pairs = [] if none else [(iri, self.term(part, iri, language)) for part in split(text)]
                for iri, value in pairs:
                    self.add(subject, iri, value, cell)
            except ValueError as error:
                self.problems.append(f"{cell}: {error}")

    # ---- Rows that describe something

    def head(self, row: SheetRow) -> None:
        """The name of the dataset and the code of its country."""
        field, value = row.values.get("field", ""), row.values.get("value", "")
        if field in _HEAD:
            pattern, what = _HEAD[field]
            if not re.fullmatch(pattern, value):
                raise CellError(row.cell("value"), f"{value!r} is no {what}.")
            if field == "name":
                self.name = value
            else:
                self.names = Names(self.v.iri, value, self.v.prefixes)

    def dataset(self, row: SheetRow) -> None:
        """A row of the sheet `dataset`."""
        (field,) = row.need("field")
        if field in _HEAD:
            return
        dataset = NamedNode(f"{self.v.iri}data/{self.name}")
        if "about" not in row.values and field == self.v.called(self.v.usual):
            row.need("value")
            self.country = self.resource(row, "value")
            return
        subject = row.parse("about", self.names.node) if "about" in row.values else dataset
        self.subjects.setdefault(subject, row.first)
        if subject == dataset:
            self.add(dataset, TYPE, _DATASET, row.first)
        row.parse("field", lambda text: self.v.property(text.partition("@")[0]))
        cell = row.cells.get("value", row.first)
        self.fill(subject, SheetRow({field: row.values.get("value", "")}, {field: cell}, cell), "dataset", ())

    def thing(self, sheet: str, row: SheetRow) -> None:
        """A row that describes one resource."""
        key, kinds = self.v.sheets[sheet].key, self.v.sheets[sheet].kinds
        (text,), cell = row.need(key), row.cells[key]
        source = sheet in ("sources", "passages")
        if source and not re.fullmatch(_SOURCE, text):
            raise CellError(cell, f"{text!r} is no name of a source: small letters, digits and hyphens.")
        subject = NamedNode(self.v.sources + text) if source else row.parse(key, self.names.node)
        if subject in self.subjects:
            raise CellError(cell, f"{text!r} is described by {self.subjects[subject]} already.")
        self.subjects[subject] = cell
        if not kinds:
            row.need("kind")
            kinds = row.parse("kind", lambda text: {*map(self.v.kind, split(text))})
        for kind in kinds.union(*(self.v.also.get(each, ()) for each in kinds)):
            self.add(subject, TYPE, kind, row.cell("kind", key))
        self.fill(subject, row, sheet, {key, "kind", *self.v.sheets[sheet].holds})
        if sheet == "passages":
            self.describe(subject, cell)
        if sheet == "sources" and (read := self.texts.get(text)):
            for role, column, value, datatype in (
                ("digest", "sha256", read.sha256, "hexBinary"),
                ("length", "length", read.length, "integer"),
            ):
                self.typed(subject, role, value, datatype, row.cell(column, key))
                if len(self.values[subject][self.model[role]]) > 1:
                    what = f"the text given for {text} is another: its {column} is {value}."
                    raise CellError(row.cell(column), what)
        usual = self.v.called(self.v.usual) in row.values
        if self.country and self.country != subject and not usual and kinds & self.v.things:
            self.add(subject, self.v.usual, self.country, cell)

    def describe(self, passage: NamedNode, cell: Cell) -> None:
        """Add what the IRI of a passage says."""
        source, _, fragment = passage.value.partition("#")
        self.add(passage, self.model["of"], NamedNode(source), cell)
        numbers = re.findall(r"\d+", fragment) if fragment.startswith("char=") else ()
        for role, number in zip(("start", "end"), numbers, strict=False):
            self.typed(passage, role, number, "integer", cell)
