"""Read tables as the triples of a dataset, and remember which cell says what.

Nothing is skipped in silence: what is wrong is a sentence that begins with its cell.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.authoring.quotes import SourceText
from policygraph.authoring.tables.passages import SOURCES, Passages
from policygraph.authoring.tables.sheets import Cell, CellError, Sheet, SheetRow, Tables, split
from policygraph.authoring.tables.vocabulary import Names, Term, Vocabulary, node
from policygraph.errors import nearest
from policygraph.rdf.namespaces import BASE, LABEL_PROPERTIES

_TYPE, _ALIAS, _DATASET = map(node, ("rdf:type", "skos:altLabel", "dcat:Dataset"))
STATEMENT = tuple(map(node, ("rdf:subject", "rdf:predicate", "rdf:object")))
_Statement: TypeAlias = tuple[NamedNode, NamedNode, Term]
_BASES = ("stated", "inferred", "external", "derived")
_SOURCE = r"[\w-]+(#(char=\d+,\d+|passage-[\w-]+))?"
_HEAD = {  # rows that are no properties of the dataset: what they may be
    "name": ("[a-z][a-z0-9]*(-[a-z0-9]+)*", "name of a dataset: small letters and hyphens"),
    "code": ("[a-z]{2,3}", "code of a country: two small letters"),
}


class Graph(NamedTuple):
    """What tables say.

    Args:
        name: of the dataset.
        triples: each with the cell that says it.
        subjects: the cell that describes each resource.
        places: the cell for values of a property of a resource, an empty one where there is one.
        problems: sentences that begin with a cell; with any, the triples are not complete.
    """

    name: str
    triples: dict[Triple, Cell]
    subjects: dict[NamedNode, Cell]
    places: dict[tuple[NamedNode, NamedNode], Cell]
    problems: list[str]


def read(
    tables: Tables,
    vocabulary: Vocabulary,
    *,
    known: Mapping[str, Iterable[Quad | Triple]],
    texts: Mapping[str, SourceText] | None = None,
) -> Graph:
    """Read tables as a dataset.

    Args:
        tables: by the name of the sheet.
        vocabulary: of the catalogue.
        known: the datasets of the catalogue; a claim of this one that says what it said keeps its IRI.
        texts: of sources, by name, to find quotes in that have no positions yet.
    """
    reader = _Reader(vocabulary, texts or {})
    reader.run(tables, known)
    reader.check({quad.subject for name in known if name != reader.name for quad in known[name]})
    return Graph(reader.name, reader.triples, reader.subjects, reader.cells, reader.problems)


def _documents(text: str) -> list[NamedNode]:
    return [NamedNode(SOURCES + name) for name in dict.fromkeys(split(text))]


class _Reader:
    """Collects what rows say, with the cell of each triple."""

    def __init__(self, vocabulary: Vocabulary, texts: Mapping[str, SourceText]) -> None:
        self.v, self.model, self.texts = vocabulary, vocabulary.model, texts
        self.name, self.names = "", Names("")
        self.country: NamedNode | None = None
        self.problems: list[str] = []
        self.triples: dict[Triple, Cell] = {}
        self.values: dict[NamedNode, dict[NamedNode, list[Term]]] = {}
        self.subjects: dict[NamedNode, Cell] = {}
        self.cells: dict[tuple[NamedNode, NamedNode], Cell] = {}
        self.uses: dict[NamedNode, Cell] = {}  # where a resource is named first
        self.quoted: dict[tuple[Term, bool], list[NamedNode]] = {}  # of a thing, as subject or not
        self.known: set[Triple] = set()
        self.claimed: dict[str, tuple[NamedNode, SheetRow]] = {}  # claims by what they say

    def run(self, tables: Tables, known: Mapping[str, Iterable[Quad | Triple]]) -> None:
        """Read the sheets, in the order in which one builds on another."""
        sheets = self.v.sheets
        for name in sorted(tables.keys() - sheets.keys()):
            self.problems.append(f"{name}: there is no such sheet.{nearest(name, sheets)}")
        rows = {name: list(self.parse(name, tables[name])) for name in sheets if name in tables}
        self.each(rows.get("dataset", ()), self.head)
        if not self.name:
            self.problems.append("dataset: no row gives the name of the dataset.")
        self.known = {q.triple if isinstance(q, Quad) else q for q in known.get(self.name, ())}
        self.each(rows.get("dataset", ()), self.dataset)
        for name in (name for name, spec in sheets.items() if spec.key):
            self.each(rows.get(name, ()), lambda row, sheet=name: self.thing(row, sheet))  # type: ignore[misc]
        titles = set(map(node, LABEL_PROPERTIES))
        labels = {triple.object.value for triple in self.triples if triple.predicate in titles}  # type: ignore[union-attr]
        self.passages = Passages(self.v, self.values, self.texts, labels)
        for name in ("mappings", "names", "mentions", "claims"):
            self.each(rows.get(name, ()), getattr(self, f"read_{name}"))
        self.each([row for _, row in self.claimed.values() if "about" in row.values], self.about)
        self.complete()

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
            if sheet.head.count(column) > 1:
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

    def typed(self, subject: NamedNode, role: str, value: object, datatype: str, cell: Cell) -> None:
        """Add a value of an XML Schema datatype."""
        self.add(subject, self.model[role], Literal(str(value), datatype=node(f"xsd:{datatype}")), cell)

    def term(self, text: str, iri: NamedNode, language: str = "") -> Term:
        """What a text means as value of a property."""
        if not text:
            raise ValueError("there is nothing on one side of ++.")
        if iri == _TYPE and ":" not in text:
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
            if held and not (row.values.get(column) and (subject, held) in self.cells):
                self.cells[subject, held] = cell
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
                if str(error) not in "\n".join(self.problems):  # of a column, once
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
                self.names = Names(value)

    def dataset(self, row: SheetRow) -> None:
        """A row of the sheet `dataset`."""
        (field,) = row.need("field")
        if field in _HEAD:
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
        cell = row.cells.get("value", row.first)
        self.fill(subject, SheetRow({field: row.values.get("value", "")}, {field: cell}, cell), "dataset", ())

    def thing(self, row: SheetRow, sheet: str) -> None:
        """A row that describes one resource."""
        key, kinds = self.v.sheets[sheet].key, self.v.sheets[sheet].kinds
        (text,), cell = row.need(key), row.cells[key]
        source = sheet in ("sources", "passages")
        if source and not re.fullmatch(_SOURCE, text):
            raise CellError(cell, f"{text!r} is no name of a source: small letters, digits and hyphens.")
        subject = NamedNode(SOURCES + text) if source else row.parse(key, self.names.node)
        if subject in self.subjects:
            raise CellError(cell, f"{text!r} is described by {self.subjects[subject]} already.")
        self.subjects[subject] = cell
        if not kinds:
            row.need("kind")
            kinds = row.parse("kind", lambda text: {*map(self.v.kind, split(text))})
        for kind in kinds.union(*(self.v.also.get(each, ()) for each in kinds)):
            self.add(subject, _TYPE, kind, row.cell("kind", key))
        self.fill(subject, row, sheet, {key, "kind"})
        if sheet == "passages":
            self.describe(subject, cell)
        if sheet == "sources" and text in self.texts:
            read = self.texts[text]
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

    # ---- Rows that connect something

    def read_mappings(self, row: SheetRow) -> None:
        """A row that leads from a thing to a resource elsewhere."""
        row.need("thing", "relation", "address")
        predicate = row.parse("relation", lambda text: self.v.property(text, "mappings"))
        address = row.parse("address", node)
        self.add(self.resource(row, "thing"), predicate, address, row.cells["address"])

    def read_names(self, row: SheetRow) -> None:
        """A row with another name of a thing."""
        _, name, _ = row.need("thing", "name", "language")
        alias = row.parse("language", lambda tag: Literal(name, language=tag))
        self.add(self.resource(row, "thing"), _ALIAS, alias, row.cells["name"])

    def read_mentions(self, row: SheetRow) -> None:
        """A row that says where a thing is mentioned."""
        row.need("thing", "source")
        for passage in self.places(row):
            self.add(self.resource(row, "thing"), self.model["mentioned"], passage, row.cell("quote", "at"))

    def places(self, row: SheetRow) -> list[NamedNode]:
        """The passages that a row quotes; new ones are added."""
        parts = {name: split(row.values.get(name, "")) for name in ("source", "quote", "under", "at")}
        count = max(len(parts[name]) for name in ("quote", "under", "at"))
        if count:
            row.need("source")
        for name, values in parts.items():
            if not values or (len(values) == 1 and name in ("source", "under")):
                parts[name] = (values or [""]) * count
            elif len(values) != count > 0:
                raise CellError(row.cells[name], f"there are {len(values)} values here for {count} quotes.")
        found = []
        for source, quote, under, at in zip(*parts.values(), strict=count > 0):
            cell = row.cell("at" if at else "quote", "under")
            try:
                passage, described = self.passages.resolve(source, quote, under, at)
            except ValueError as error:
                raise CellError(cell, error) from None
            found.append(passage)
            if described and passage not in self.values:
                self.subjects[passage] = cell
                for predicate, value in described.items():
                    self.add(passage, predicate, value, cell)
                self.describe(passage, cell)
        return found

    def read_claims(self, row: SheetRow) -> None:
        """A row that is a claim, or several by a macro."""
        relation, _, language = row.need("subject", "relation", "object")[1].partition("@")
        subject, passages = self.resource(row, "subject"), self.places(row)
        if relation in self.v.macros:
            pairs = row.parse("object", lambda text: self.macro(relation, text))
        else:
            iri = row.parse("relation", lambda text: self.v.property(text.partition("@")[0], "claims"))
            pairs = [(iri, row.parse("object", lambda text: self.term(text, iri, language)))]
        for predicate, value in pairs:
            self.claim(row, (subject, predicate, value), passages)

    def claim(self, row: SheetRow, triple: _Statement, passages: list[NamedNode]) -> None:
        """Add a claim, and the triple that it claims."""
        basis, strengths = row.values.get("basis", "stated"), self.v.strengths
        if basis not in (*_BASES, *strengths):
            what = f"{basis!r} is no basis; leave it empty or choose from"
            raise CellError(row.cells["basis"], f"{what} {', '.join((*strengths, *_BASES[2:]))}.")
        strength, basis = (basis, "inferred") if basis in strengths else ("", basis)
        column = "cites" if "cites" in row.values or basis != "external" else "source"
        cites = row.parse(column, _documents) if column in row.values else []
        curator = self.resource(row, "curator").value if "curator" in row.values else ""
        grounds = NamedNode(f"{BASE}concept/basis/{basis}")
        document = min((each.value for each in cites), default="")
        parts = (triple[0].value, triple[1].value, str(triple[2]), grounds.value, document, curator)
        content = "\n".join(parts)
        if content in self.claimed:
            raise CellError(row.first, f"this row says again what {self.claimed[content][1].first} says.")
        claim = self.identify(content, triple, row.values.get("id", ""))
        self.claimed[content] = claim, row
        self.subjects[claim] = row.first
        self.add(claim, _TYPE, self.model["claim"], row.first)
        for predicate, value, name in zip(STATEMENT, triple, ("subject", "relation", "object"), strict=True):
            self.add(claim, predicate, value, row.cells[name])
        self.add(claim, self.model["basis"], grounds, row.cell("basis"))
        if strength:
            value = NamedNode(f"{BASE}concept/strength/{strength}")
            self.add(claim, self.model["strength"], value, row.cells["basis"])
        for passage in passages:
            self.add(claim, self.model["evidence"], passage, row.cell("quote", "at"))
        for document_ in cites:
            self.add(claim, self.model["cites"], document_, row.cell("cites", "source"))
        for thing, first in ((triple[0], True), (triple[2], False)):
            self.quoted.setdefault((thing, first), []).extend(passages if basis != "inferred" else ())
        self.fill(claim, row, "claims", self.v.sheets["claims"].holds)
        status = self.values[claim].get(self.v.properties["status"], ())
        if strength != "weak" and self.v.rejected not in status:
            self.add(*triple, row.cells["object"])

    def identify(self, content: str, triple: _Statement, given: str) -> NamedNode:
        """The IRI of a claim: the one that it has, or eight letters of a digest of what it says."""
        folder, _, name = given.rpartition("/")
        own = self.names.node(f"{folder or 'claim'}/{name}")
        if {Triple(own, name, term) for name, term in zip(STATEMENT, triple, strict=True)} <= self.known:
            return own
        letters = b32encode(sha256(content.encode()).digest()).decode().lower()
        ids = [self.names.node(f"{folder or 'claim'}/{letters[at : at + 8]}") for at in range(0, 48, 8)]
        free = [each for each in ids if each not in self.subjects]
        return own if own in free else free[0]

    def about(self, row: SheetRow) -> None:
        """Connect a claim to those that it disputes or is computed from."""
        given = {each.values["id"]: claim for claim, each in self.claimed.values() if "id" in each.values}
        verbs, cell = self.v.about, row.cells["about"]
        for part in split(row.values["about"]):
            verb, *ids = part.split() or [""]
            if verb not in verbs or not ids:
                raise CellError(cell, f"{part!r} should be ids behind {' or '.join(verbs)}.")
            for each in ids:
                if each not in given:
                    raise CellError(cell, f"no claim has the id {each!r}.{nearest(each, given)}")
                for claim in (claim for claim, other in self.claimed.values() if other is row):
                    self.add(claim, verbs[verb], given[each], cell)

    # ---- What follows from the rows

    def complete(self) -> None:
        """Add the dates that queries compare, and where things are mentioned that no row says it of."""
        for subject, cell in self.subjects.items():
            values = self.values.get(subject, {})
            if not self.v.things.isdisjoint(values.get(_TYPE, ())):
                for name in self.v.bounds.keys() - values.keys():
                    if bound := self.v.bound(name, values):
                        self.add(subject, name, bound, cell)
                quoted = self.quoted.get((subject, True)) or self.quoted.get((subject, False)) or []
                for passage in quoted if self.v.evidence.isdisjoint(values) else ():
                    self.add(subject, self.model["mentioned"], passage, cell)

    def check(self, known: Collection[object]) -> None:
        """Name the cells that name what is described nowhere."""
        described = {*self.v.described, *(each.value for each in self.subjects)}
        described |= {each.value for each in known if isinstance(each, NamedNode)}
        for triple, cell in self.triples.items():
            for term in (triple.object, triple.subject):
                if isinstance(term, NamedNode):
                    self.uses.setdefault(term, cell)
        ours = [self.names.of(NamedNode(iri)) for iri in described if iri.startswith(BASE)]
        for term, cell in self.uses.items():
            if term.value.startswith(BASE) and term.value not in described:
                name = self.names.of(term)
                self.problems.append(f"{cell}: {name!r} is described nowhere.{nearest(name, ours)}")
