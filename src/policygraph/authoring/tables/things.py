"""Read the rows of tables that describe a resource, or the dataset, as triples.

Nothing is skipped in silence: what is wrong is a sentence that begins with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.authoring.quotes import SourceText
from policygraph.authoring.tables.passages import SOURCES
from policygraph.authoring.tables.sheets import Cell, CellError, Sheet, SheetRow, split
from policygraph.authoring.tables.vocabulary import Names, Term, Vocabulary, node
from policygraph.errors import nearest
from policygraph.rdf.namespaces import BASE

_TYPE, _DATASET = node("rdf:type"), node("dcat:Dataset")
_SOURCE = r"[\w-]+(#(char=\d+,\d+|passage-[\w-]+))?"


class ThingReader:
    """Collects what rows say, with the cell of each triple."""

    def __init__(self, vocabulary: Vocabulary, texts: Mapping[str, SourceText]) -> None:
        self.v, self.model, self.texts = vocabulary, vocabulary.model, texts
        self.name, self.names = "", Names("")
        self.country: NamedNode | None = None
        self.problems: list[str] = []
        self.triples: dict[Triple, Cell] = {}
        self.values: dict[NamedNode, dict[NamedNode, list[Term]]] = {}
        self.subjects: dict[NamedNode, Cell] = {}
        self.uses: dict[NamedNode, Cell] = {}  # where a resource is named first

    def each(self, rows: Iterable[SheetRow], function: Callable[[SheetRow], None]) -> None:
        """Call a function with each row, and note what is wrong."""
        for row in rows:
            try:
                function(row)
            except CellError as error:
                self.problems.append(str(error))

    def parse(self, name: str, sheet: Sheet) -> Iterator[SheetRow]:
        """The rows of a sheet that are neither empty nor comments; the names of its columns are checked."""
        spec = self.v.sheets[name]
        allowed = {spec.key, *spec.columns}
        for number, column in enumerate(sheet.head, 1):
            cell, plain = Cell(name, 1, number), column.partition("@")[0]
            if column and sheet.head.count(column) > 1:
                self.problems.append(f"{cell}: the column {column!r} is there twice.")
            elif column and not {column, f"{plain}@"} & {*allowed, *self.v.macros}:
                try:
                    if not spec.key and name != "claims":
                        raise ValueError(f"{column!r} is no column of this sheet.{nearest(column, allowed)}")
                    self.v.property(plain, name)
                except ValueError as error:
                    self.problems.append(f"{cell}: {error}")
        for number, texts in sheet.rows:
            cells = {column: Cell(name, number, at) for at, column in enumerate(sheet.head, 1)}
            values = {c: text.strip() for c, text in zip(sheet.head, texts, strict=False) if text.strip()}
            if "" in values:
                self.problems.append(f"{cells['']}: this column has no name in the first row.")
            elif values and not next(iter(values.values())).startswith("#"):
                yield SheetRow(values, cells, Cell(name, number, 1))

    def resource(self, row: SheetRow, column: str) -> NamedNode:
        """The resource that a cell names."""
        found: NamedNode = row.parse(column, self.names.node)
        self.uses.setdefault(found, row.cells[column])
        return found

    def add(self, subject: NamedNode, predicate: NamedNode, value: Term, cell: Cell) -> None:
        """Add a triple that a cell says."""
        triple = Triple(subject, predicate, value)
        if triple not in self.triples:
            self.triples[triple] = cell
            self.values.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def typed(self, value: object, datatype: str) -> Literal:
        """A literal of an XML Schema datatype."""
        return Literal(str(value), datatype=node(f"xsd:{datatype}"))

    def term(self, text: str, iri: NamedNode, language: str = "") -> Term:
        """What a text means as value of a property."""
        if not text:
            raise ValueError("there is nothing on one side of ++.")
        if iri == _TYPE and ":" not in text:
            return self.v.kind(text)
        return self.v.literal(text, iri, language) or self.names.node(text)

    def fill(self, subject: NamedNode, row: SheetRow, sheet: str, but: Collection[str]) -> None:
        """Add what the columns that are called by a property or a macro say."""
        for column in (each for each in row.values if each not in but):
            name, _, language = column.partition("@")
            cell, text = row.cells[column], row.values[column]
            try:
                if column in self.v.macros:
                    for predicate, value in row.parse(column, lambda text, c=column: self.macro(c, text)):  # type: ignore[misc]
                        self.add(subject, predicate, value, cell)
                    continue
                iri = self.v.property(name, sheet)
                if text == "-" and iri == self.v.usual:
                    continue
                if iri == self.v.properties["label"] and text.startswith("~"):
                    self.add(subject, self.model["own"], self.typed(language, "language"), cell)
                    text = text[1:].strip()
                for part in split(text):
                    self.add(subject, iri, self.term(part, iri, language), cell)
            except ValueError as error:
                if str(error) not in "\n".join(self.problems):  # of a column, once
                    self.problems.append(str(error) if isinstance(error, CellError) else f"{cell}: {error}")

    def macro(self, name: str, text: str) -> list[tuple[NamedNode, Term]]:
        """The properties and values that a macro stands for."""
        parts = self.v.macros[name]
        texts = re.split(r"\s*[-–]\s*", text) if len(parts) > 1 else [text]
        texts = texts * len(parts) if len(texts) == 1 else texts
        if len(texts) != len(parts):
            raise ValueError(f"{text!r} is no {name}; write it as 2019-2025.")
        pairs = [(iri, each) for each, part in zip(texts, parts, strict=True) for iri in part]
        return [(iri, self.term(each, iri)) for iri, each in pairs]

    # ---- Rows

    def head(self, row: SheetRow) -> None:
        """The name of the dataset and the code of its country."""
        field, value = row.values.get("field"), row.values.get("value", "")
        if field == "name":
            if not re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", value):
                what = f"{value!r} is no name of a dataset: small letters and hyphens."
                raise CellError(row.cell("value"), what)
            self.name = value
        elif field == "code":
            if not re.fullmatch("[a-z]{2,3}", value):
                raise CellError(row.cell("value"), f"{value!r} is no code of a country: two small letters.")
            self.names = Names(value)

    def dataset(self, row: SheetRow) -> None:
        """A row of the sheet `dataset`."""
        (field,) = row.need("field")
        if field in ("name", "code"):
            return
        dataset = NamedNode(f"{BASE}data/{self.name}")
        if "about" not in row.values and field == self.v.called(self.v.usual):
            row.need("value")
            self.country = self.resource(row, "value")
            return
        subject = row.parse("about", self.names.node) if "about" in row.values else dataset
        self.subjects.setdefault(subject, row.first)
        if subject == dataset:
            self.add(dataset, _TYPE, _DATASET, row.first)
        row.parse("field", lambda text: self.v.property(text.partition("@")[0]))
        cell = row.cell("value", "field")
        self.fill(subject, SheetRow({field: row.values.get("value", "")}, {field: cell}, cell), "dataset", ())

    def thing(self, row: SheetRow, sheet: str) -> None:
        """A row that describes one resource."""
        spec = self.v.sheets[sheet]
        key, source = spec.key, sheet in ("sources", "passages")
        (text,), cell = row.need(key), row.cells[key]
        if source and not re.fullmatch(_SOURCE, text):
            raise CellError(cell, f"{text!r} is no name of a source: small letters, digits and hyphens.")
        subject = NamedNode(SOURCES + text) if source else row.parse(key, self.names.node)
        if subject in self.subjects:
            raise CellError(cell, f"{text!r} is described by {self.subjects[subject]} already.")
        self.subjects[subject] = cell
        kinds = spec.kinds
        if not kinds:
            row.need("kind")
            kinds = row.parse("kind", lambda text: {*map(self.v.kind, split(text))})
        for kind in kinds.union(*(self.v.also.get(each, ()) for each in kinds)):
            self.add(subject, _TYPE, kind, row.cell("kind", key))
        self.fill(subject, row, sheet, {key, "kind"})
        if sheet == "passages":
            self.describe(subject, cell)
        if sheet == "sources" and text in self.texts:
            for role, column, value in (
                ("digest", "sha256", self.typed(self.texts[text].sha256, "hexBinary")),
                ("length", "length", self.typed(self.texts[text].length, "integer")),
            ):
                if self.values[subject].get(self.model[role], [value]) != [value]:
                    what = f"the text given for {text} is another: its {column} is {value.value}."
                    raise CellError(row.cell(column), what)
                self.add(subject, self.model[role], value, cell)
        usual = self.v.called(self.v.usual) in row.values
        if self.country and self.country != subject and not usual and kinds & self.v.things:
            self.add(subject, self.v.usual, self.country, cell)

    def describe(self, passage: NamedNode, cell: Cell) -> None:
        """Add what the IRI of a passage says."""
        source, _, fragment = passage.value.partition("#")
        self.add(passage, self.model["of"], NamedNode(source), cell)
        for role, number in zip(
            ("start", "end"), re.findall(r"\d+", fragment.partition("char=")[2]), strict=False
        ):
            self.add(passage, self.model[role], self.typed(number, "integer"), cell)
