"""Read tables as the triples of a dataset, and remember which cell says what.

Nothing is skipped in silence: what is wrong is a sentence that begins with its cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, zip_longest
from typing import Any, TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.authoring.quotes import Hit, SourceText, digest, find, is_locator, locator, missing
from policygraph.authoring.verdicts import find_digest
from policygraph.authoring.vocabulary import Cell, CellError, Names, Sheet, SheetRow, Term, Vocabulary, split
from policygraph.check.claims import names as claim_names
from policygraph.errors import nearest
from policygraph.rdf.namespaces import LABEL_PROPERTIES, MODEL, local_name
from policygraph.rdf.terms import TYPE, term as node
from policygraph.text import fold, grouped

_ALIAS, _LABEL, _TITLE, _LANGUAGE = map(node, ("skos:altLabel", "rdfs:label", "dct:title", "dct:language"))
_DATASET = node("dcat:Dataset")
_TWICE = " For another source, name both in one row, with ++ between them and between their quotes."
_NOT_READ = " One whose name begins with # is not read."
_SOURCE = r"[\w-]+(#(char=\d+,\d+|passage-[\w-]+))?"
_HEAD = {  # rows that are no properties of the dataset: what they may be
    "name": ("[a-z][a-z0-9]*(-[a-z0-9]+)*", "name of a dataset: small letters and hyphens"),
    "code": ("[a-z]{2,3}", "code of a country: two small letters"),
}
_BEHIND_SCHEME = re.compile(r"[\w.+-]+:(//)?[^/]")
_MOST = 5  # places that a message names
STATEMENT = tuple(map(node, ("rdf:subject", "rdf:predicate", "rdf:object")))
_Statement: TypeAlias = tuple[NamedNode, NamedNode, Term]
Known: TypeAlias = Mapping[str, Iterable[Quad | Triple]]  # datasets of the catalogue, by name
Texts: TypeAlias = Mapping[str, SourceText]  # of sources, by name
_PARTS = ("subject", "relation", "object")
_BASES = ("stated", "inferred", "external", "derived")


def read(tables: Mapping[str, Sheet], v: Vocabulary, *, known: Known, texts: Texts | None = None) -> Graph:
    """Read tables as a dataset; where there are problems, its triples are not complete.

    Of the `known` datasets of the catalogue, a claim of this one that says what it said keeps its IRI. In the
    `texts` of sources, by name, quotes are found that have no positions yet.
    """
    graph = Graph(v, texts or {})
    graph.run(tables, known)
    graph.check()
    return graph


class Graph:
    """What tables say."""

    def __init__(self, vocabulary: Vocabulary, texts: Texts) -> None:
        self.v, self.model, self.texts = vocabulary, vocabulary.model, texts
        self.name = ""  # of the dataset
        self.names = Names(vocabulary.iri, "", vocabulary.prefixes)  # in it
        self.country: NamedNode | None = None
        self.problems: list[str] = []  # each begins with a cell
        self.triples: dict[Triple, Cell] = {}  # each with the cell that says it
        self.values: dict[NamedNode, dict[NamedNode, list[Term]]] = {}
        self.subjects: dict[NamedNode, Cell] = {}  # the cell that describes each resource
        self.places: dict[tuple[NamedNode, NamedNode], Cell] = {}  # of a property of each, also an empty one
        self.uses: dict[NamedNode, list[Cell]] = {}  # where a resource is named
        self.quoted: dict[tuple[Term, bool], list[NamedNode]] = {}  # of a thing, as subject or not
        # Of claims, what makes their names, and what they said of it, by IRI.
        self.core = {*STATEMENT, self.model["basis"], self.model["cites"], self.v.properties["curator"]}
        self.known: Mapping[Any, Sequence[tuple[Any, Any]]] = {}
        self.claimed: dict[str, tuple[NamedNode, SheetRow]] = {}  # claims by what they say
        self.headed: set[str] = set()  # what the dataset has of `_HEAD`
        self.others: Collection[object] = ()  # what other datasets describe
        self.ids: dict[str, SheetRow] = {}  # the rows of claims with these
        self.titles: set[str] = set()  # labels and titles, which may be quoted whole

    def run(self, tables: Mapping[str, Sheet], known: Known) -> None:
        """Read the sheets, in the order in which one builds on another."""
        sheets = self.v.sheets
        for name in sorted(tables.keys() - sheets.keys()):
            self.problems.append(f"{name}: there is no such sheet.{nearest(name, sheets) or _NOT_READ}")
        if "claims" not in tables:
            self.problems.append("claims: this sheet is missing.")
        rows = {name: list(self.parse(name, tables[name])) for name in sheets if name in tables}
        self.languages(rows)
        if self.problems:  # what only follows from them is not told
            return
        self.each(rows.get("dataset", ()), self.head)
        self.names.labels = {label: self.names.of(iri) for label, iri in self.v.labels.items()}
        for sheet, each in ((name, row.values) for name in rows for row in rows[name]):
            labels = [text.strip("~ ").casefold() for column, text in each.items() if column[:6] == "label@"]
            self.names.labels |= dict.fromkeys(labels, each.get(sheets[sheet].key, ""))
        if "name" not in self.headed:
            self.problems.append("dataset: no row gives the name of the dataset.")
        self.others = {quad.subject for name in known if name != self.name for quad in known[name]}
        core = (quad for quad in known.get(self.name, ()) if quad.predicate in self.core)
        self.known = grouped((quad.subject, (quad.predicate, quad.object)) for quad in core)
        self.each(rows.get("dataset", ()), self.dataset)
        for name in (name for name, spec in sheets.items() if spec.key):
            self.each(rows.get(name, ()), partial(self.thing, name))
        sources = {each.value.removeprefix(self.v.sources) for each in self.subjects}
        for name in sorted(self.texts.keys() - sources):
            self.problems.append(f"{name!r} is no row of the sheet sources, but has a text.")
        titles = set(map(node, LABEL_PROPERTIES))
        self.titles = {triple.object.value for triple in self.triples if triple.predicate in titles}  # type: ignore[union-attr]
        for name in ("mappings", "names", "mentions", "claims"):
            self.each(rows.get(name, ()), getattr(self, f"read_{name}"))
        for name, it in ((name, it) for name, it in sheets.items() if it.key and "quote" in it.holds):
            self.each(rows.get(name, ()), partial(self.read_quoted, it.key, self.model["evidence"]))
        self.each([row for _, row in self.claimed.values() if "about" in row.values], self.about)
        self.complete()

    def languages(self, rows: Mapping[str, list[SheetRow]]) -> None:
        """Name the columns of labels in a language that the dataset does not have, in place of one it has."""
        facts = [row.values for row in rows.get("dataset", ())]
        known = {f"label@{fact.get('value', '')}" for fact in facts if fact.get("field") == "notation"}
        for cells in (each[0].cells for each in rows.values() if each):
            labels = {column for column in cells if column.startswith("label@") and column != "label@"}
            for column in sorted(labels - known if known - labels else ()):
                what = f"{column} is in no language of the dataset, which has {', '.join(sorted(known))}."
                self.problems.append(f"{cells[column]._replace(row=1)}: {what}")

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
        allowed = {spec.key, *spec.columns} - {""}
        sheet = Sheet([self.column(each, name) for each in sheet.head], sheet.rows)
        filled = any(map(str.strip, chain(sheet.head, *(texts for _, texts in sheet.rows))))
        if filled and allowed.isdisjoint(sheet.head):
            what = "the first row names no column of this sheet; delete what stands above its head."
            self.problems.append(f"{Cell(name, 1, 1)}: {what}")
            return
        columns = zip_longest(sheet.head, *(texts for _, texts in sheet.rows), fillvalue="")
        for number, (column, *below) in enumerate(columns, 1):
            cell, (plain, _, tag) = Cell(name, 1, number), column.partition("@")
            if not column and any(map(str.strip, below)):
                self.problems.append(f"{cell}: this column has no name in the first row.")
            elif not column or column.startswith("#"):
                continue
            elif [each.casefold() for each in sheet.head].count(column.casefold()) > 1:
                self.problems.append(f"{cell}: the column {column!r} is there twice.")
            elif column == "kind" and spec.kinds and column not in spec.columns:
                what = f"all rows of {name} are of one kind, so that this column says nothing; call it 'type'"
                self.problems.append(f"{cell}: {what}, or delete it.")
            elif column.rstrip("@") == plain and f"{plain}@" in allowed:
                self.problems.append(f"{cell}: the text needs its language: {plain}@en, for instance.")
            elif plain != "label" and tag and (what := self.v.no_language(tag)):
                self.problems.append(f"{cell}: {what}")
            elif not {column, f"{plain}@"} & {*allowed, *self.v.macros}:
                try:
                    self.v.property(plain if spec.key or name == "claims" else "", name)
                except ValueError:
                    others = {*allowed, *(self.v.properties if spec.key else ())}.difference(sheet.head)
                    what = f"{column!r} is no column of {name}.{nearest(column, others) or _NOT_READ}"
                    self.problems.append(f"{cell}: {self.v.shared.get(plain.casefold(), what)}")
        for number, texts in sheet.rows:
            cells = {column: Cell(name, number, at) for at, column in enumerate(sheet.head, 1)}
            pairs = zip(sheet.head, map(str.strip, texts), strict=False)
            values = {column: text for column, text in pairs if text and not column.startswith("#")}
            if values and not next(iter(values.values())).startswith("#"):
                yield SheetRow(values, cells, Cell(name, number, 1))

    def column(self, written: str, sheet: str) -> str:
        """The name of a column, in which a property may be written in other letters, or as a CURIE."""
        spec, (plain, at, tag) = self.v.sheets[sheet], written.partition("@")
        if not plain or {written, f"{plain}@"} & {spec.key, *spec.columns, *self.v.macros}:
            return written
        try:
            iri = self.v.property(plain if spec.key or sheet == "claims" else "", sheet)
        except ValueError:
            return written
        return self.v.called(iri, sheet) + at + tag

    def resource(self, row: SheetRow, column: str) -> NamedNode:
        """The resource that a cell names."""
        found: NamedNode = row.parse(column, lambda text: self.names.node(text, self.v.hints.get(column, "")))
        self.uses.setdefault(found, []).append(row.cells[column])
        return found

    def add(self, subject: NamedNode, predicate: NamedNode, value: Term, cell: Cell) -> None:
        """Add a triple that a cell says."""
        triple = Triple(subject, predicate, value)
        if triple not in self.triples:
            self.triples[triple] = cell
            self.values.setdefault(subject, {}).setdefault(predicate, []).append(value)

    def typed(self, subject: NamedNode, role: str, text: str, cell: Cell) -> None:
        """Add what a text means as value of a property of the model."""
        self.add(subject, self.model[role], self.term(text, self.model[role]), cell)

    def term(self, text: str, iri: NamedNode, language: str = "") -> Term:
        """What a text means as value of a property."""
        if not text:
            raise ValueError("there is nothing on one side of ++.")
        if iri in (TYPE, self.model["absent"]) and ":" not in text:
            return self.v.kind(text)
        if language:
            return self.v.text(text, language)
        if iri == _LANGUAGE and not re.search("[:/]", text):
            if (tag := self.v.tag(text)) not in self.v.languages:
                what = f"{text!r} is no language that the tables know"
                raise ValueError(f"{what}; write it as eu:language/ENG.")
            text = f"eu:language/{self.v.languages[tag]}"
        return self.v.literal(text, iri) or self.names.node(text)

    def macro(self, name: str, text: str) -> list[tuple[NamedNode, Term]]:
        """The properties and values that a macro stands for."""
        parts = self.v.macros[name]
        texts = re.split(r"\s*[-–]\s*", text) if len(parts) > 1 else [text]
        texts = texts * len(parts) if len(texts) == 1 else texts
        if len(parts) > 1 and not re.fullmatch(r"\d{4}(\s*[-–]\s*\d{4})?", text):
            ends = " and ".join(repr(self.v.called(part[0])) for part in parts)
            what = f"{text!r} is no {name}, which is years, as 2019-2025; a month or a day goes by {ends}."
            raise ValueError(what)
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
                    if name == "label" and language and text.startswith("~"):
                        if iri != self.v.properties["label"]:
                            raise ValueError("~ marks the name of a thing as your own; delete it here.")
                        self.typed(subject, "own", language, cell)
                        text = text[1:].strip()
                    none = text == "-" and iri == self.v.usual
                    parts, columns = split(text), self.v.sheets[sheet].columns
                    if len(parts) > 1 < sum(self.v.properties.get(each) == iri for each in columns):
                        raise ValueError(f"{text!r} is not one side of a pair; write a row for each pair.")
                    pairs = [] if none else [(iri, self.term(part, iri, language)) for part in parts]
                for iri, value in pairs:
                    self.add(subject, iri, value, cell)
            except ValueError as error:
                self.problems.append(f"{cell}: {error}")

    # ---- Rows that describe something

    def head(self, row: SheetRow) -> None:
        """The name of the dataset and the code of its country."""
        field, value = row.values.get("field", ""), row.values.get("value", "")
        if field in _HEAD and "about" not in row.values:
            pattern, what = _HEAD[field]
            if field in self.headed:
                raise CellError(row.cell("value"), f"the dataset has a {field} already.")
            self.headed.add(field)
            if not re.fullmatch(pattern, value):
                raise CellError(row.cell("value"), f"{value!r} is no {what}.")
            if field == "name":
                self.name = value
            else:
                self.names = Names(self.v.iri, value, self.v.prefixes)

    def dataset(self, row: SheetRow) -> None:
        """A row of the sheet `dataset`."""
        (field,) = row.need("field")
        if field in _HEAD and "about" not in row.values:
            return
        dataset = NamedNode(f"{self.v.iri}data/{self.name}")
        iri = row.parse("field", lambda text: self.v.property(text.partition("@")[0]))
        if "about" not in row.values and iri == self.v.usual:
            row.need("value")
            self.country = self.resource(row, "value")
            return
        subject = row.parse("about", self.names.node) if "about" in row.values else dataset
        self.subjects.setdefault(subject, row.first)
        if subject == dataset:
            self.add(dataset, TYPE, _DATASET, row.first)
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
            facts = (("digest", "sha256", read.sha256), ("length", "length", str(read.length)))
            for role, column, value in facts:
                given = {each.value.upper() for each in self.values[subject].get(self.model[role], ())}
                if not given:
                    self.typed(subject, role, value, row.cell(column, key))
                elif given != {value}:
                    how = "if it is a new edition, run 'policygraph verify --text FOLDER --fix' first"
                    what = f"the text given for {text} is another: its {column} is {value}; {how}."
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
            self.typed(passage, role, number, cell)

    # ---- Rows that say something of what is described

    def read_mappings(self, row: SheetRow) -> None:
        """A row that leads from a thing to a resource elsewhere."""
        row.need("thing", "relation", "address")
        predicate = row.parse("relation", lambda text: self.v.property(text, "mappings"))
        address, thing = row.parse("address", self.names.node), self.resource(row, "thing")
        nothing = address.value in self.v.prefixes.values() or not _BEHIND_SCHEME.match(address.value)
        if nothing or address == thing:
            what = "is the thing itself" if address == thing else "names nothing of what is there"
            what = f"{row.values['address']!r} {what}; name a resource elsewhere."
            raise CellError(row.cells["address"], what)
        self.add(thing, predicate, address, row.cells["address"])

    def read_names(self, row: SheetRow) -> None:
        """A row with another name of a thing."""
        _, name, _ = row.need("thing", "name", "language")
        if len(split(name)) > 1 or name.startswith("~"):
            what = f"{name!r} should be one name, without ~: write a row for each."
            raise CellError(row.cells["name"], what)
        alias = row.parse("language", lambda language: self.v.text(name, self.v.tag(language)))
        self.add(self.resource(row, "thing"), _ALIAS, alias, row.cells["name"])

    def read_mentions(self, row: SheetRow) -> None:
        """A row that says where a thing is mentioned."""
        row.need("thing", "source")
        self.read_quoted("thing", self.model["mentioned"], row)

    def read_quoted(self, column: str, predicate: NamedNode, row: SheetRow) -> None:
        """A row of a thing with the passages that it is mentioned in, or rests on."""
        for passage in self.quotes(row):
            self.add(self.resource(row, column), predicate, passage, row.cell("quote", "at"))

    def quotes(self, row: SheetRow) -> list[NamedNode]:
        """The passages that a row quotes; new ones are added."""
        parts = {name: split(row.values.get(name, "")) for name in ("source", "quote", "under", "at")}
        count = max(len(parts[name]) for name in ("quote", "under", "at"))
        if count:
            row.need("source")
        # Of what is stated or external, the shapes say that it needs a passage.
        asked = "relation" in row.values and row.values.get("basis", "stated") in ("stated", "external")
        for name in parts["source"]:
            one = row._replace(values={"source": f"source/{name}"})
            if (source := self.resource(one, "source")) not in self.subjects:
                if source in self.others and count:
                    what = f"{name!r} is of another dataset; add its row to the sheet sources to quote it."
                    raise CellError(row.cells["source"], what)
                if asked or source not in self.others:
                    return []
        if parts["source"] and not count and not asked:
            what = "nothing of this source is quoted: fill in 'quote', or name it in 'cites' alone."
            raise CellError(row.cells["source"], what)
        for name, values in parts.items():
            if not values or (len(values) == 1 and name in ("source", "under")):
                parts[name] = (values or [""]) * count
            elif len(values) != count > 0:
                raise CellError(row.cells[name], f"there are {len(values)} values here for {count} quotes.")
        found = []
        for source, quote, under, at in zip(*parts.values(), strict=count > 0):
            cell = row.cell("at" if at else "quote", "under")
            try:
                found.append(self.passage(source, quote, under, at, cell))
            except ValueError as error:
                raise CellError(cell, error) from None
        return found

    def read_claims(self, row: SheetRow) -> None:
        """A row that is a claim, or several by a macro."""
        relation, _, language = row.need(*_PARTS)[1].partition("@")
        subject, passages = self.resource(row, "subject"), self.quotes(row)
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
        sources = row.parse(column, lambda text: [NamedNode(self.v.sources + name) for name in split(text)])
        cites = list(dict.fromkeys(sources))
        curator = self.resource(row, "curator").value if "curator" in row.values else ""
        grounds = NamedNode(f"{MODEL}concept/basis/{basis}")
        document = min((each.value for each in cites), default="")
        parts = (triple[0].value, triple[1].value, str(triple[2]), grounds.value, document, curator)
        content = "\n".join(parts)
        if content in self.claimed:
            what = f"this row says again what {self.claimed[content][1].first} says."
            raise CellError(row.first, what + _TWICE)
        level = [NamedNode(f"{MODEL}concept/strength/{strength}")] if strength else []
        facts: list[tuple[NamedNode, Term, Sequence[str]]] = [
            (TYPE, self.model["claim"], ()),
            *zip(STATEMENT, triple, zip(_PARTS), strict=True),
            (self.model["basis"], grounds, ["basis"]),
            *((self.model["strength"], each, ["basis"]) for each in level),
            *((self.model["evidence"], each, ["quote", "at"]) for each in passages),
            *((self.model["cites"], each, ["cites", "source"]) for each in cites),
        ]
        core = {(predicate, term) for predicate, term, _ in facts if predicate in self.core}
        core |= {(self.v.properties["curator"], NamedNode(curator))} if curator else set()
        given = row.values.get("id", "")
        if (other := self.ids.setdefault(given, row)) is not row and given:
            raise CellError(row.cells["id"], f"{given!r} is the id of the claim in {other.first} already.")
        claim = row.parse("id", lambda given: self.identify(content, core, given))
        self.claimed[content] = claim, row
        self.subjects[claim] = row.first
        for predicate, term, columns in facts:
            self.add(claim, predicate, term, row.cell(*columns))
        for thing, first in ((triple[0], True), (triple[2], False)):
            self.quoted.setdefault((thing, first), []).extend(passages if basis != "inferred" else ())
        self.fill(claim, row, "claims", self.v.sheets["claims"].holds)
        status = self.values[claim].get(self.v.properties["status"], ())
        if strength != "weak" and self.v.rejected not in status:
            self.add(*triple, row.cells["object"])

    def identify(self, content: str, core: set[tuple[NamedNode, Term]], given: str) -> NamedNode:
        """The IRI of a claim: the one that it has, or eight letters of a digest of what it says."""
        folder, _, name = given.rpartition("/")
        own = self.names.node(f"{folder or 'claim'}/{name}")
        if {*self.known.get(own, ())} == core:
            return own
        ids = [self.names.node(f"{folder or 'claim'}/{each}") for each in claim_names(content)]
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
                    if claim == given[each]:
                        raise CellError(cell, f"{each!r} is this claim itself; name another.")
                    self.add(claim, verbs[verb], given[each], cell)

    # ---- Passages: those already described, or new ones found in a text at hand

    def passage(self, source: str, quote: str, under: str, at: str, cell: Cell) -> NamedNode:
        """The passage that a quote, a heading or positions in a source mean; ValueError where none."""
        document, text = NamedNode(self.v.sources + source), self.texts.get(source)
        if at:
            found = self.passage_at(document, quote, at, cell)
            section, start = (self.one(found, self.model[role]) for role in ("section", "start"))
            spans = text.parts(under) if text and start else ()
            if under not in ("", section) and not any(a <= int(start) <= b for a, b in spans):
                what = f"the passage at {at} stands under {section!r}, not {under!r}"
                raise ValueError(f"{what}: empty 'at' to find the quote anew.")
            return found
        if not re.search(r"\w", quote) and (quote or not under):
            raise ValueError(f"{quote!r} has no word to find; write the words of the passage.")
        same = [iri for iri in self.values if quote and iri.value.startswith(f"{document.value}#")]
        same = [iri for iri in same if self.one(iri, _LABEL) == quote]
        same = [iri for iri in same if under in ("", self.one(iri, self.model["section"]))]
        if text:
            # A label lacks words, so its passage is found by the SHA-256 of them all.
            places = self.spans(same[0], text) if len(same) == 1 else []
            if len(places) != 1:
                hits = find(text, quote, under=under)
                places = [slice(hit.start, hit.end) for hit in hits]
                if len(hits) != 1:
                    raise ValueError(self.not_one(text, hits, quote, under))
                for side, place in (("first", hits[0].start), ("last", hits[0].end - 1)):
                    if quote[-(side == "last")] == "…" != text.characters[place]:
                        raise ValueError(f"{quote!r} lacks its {side} words; write them for the ellipsis.")
            return self.new_passage(document, text, places[0], cell)
        if len(same) == 1:
            return same[0]
        if self.one(document, self.model["length"]):
            raise ValueError(f"the text of {source} is needed to find the quote: --text {source}=FILE.")
        if not under:
            what = f"{source} has no text, so say in 'under' where the quote stands"
            raise ValueError(f"{what}, or give the text: --text {source}=FILE.")
        slug = "-".join(re.findall("[a-z0-9]+", fold(f"{under} {quote}")))[:40].strip("-")
        label, of = locator(quote, name=quote in self.titles) if quote else under, self.model["section"]
        there = NamedNode(f"{document.value}#passage-{slug}")  # perhaps of another heading
        other = (self.one(there, _LABEL), self.one(there, of)) != (label, under)
        if not slug or (there in self.values and other):
            slug = f"{slug}-{digest(f'{under} {quote}')[:8].lower()}".strip("-")
        return self.add_passage(document, f"passage-{slug}", label, under, cell)

    def spans(self, passage: NamedNode, text: SourceText) -> list[slice]:
        """Where a text has the very words of a passage."""
        start, end, sha256 = (self.one(passage, self.model[role]) for role in ("start", "end", "digest"))
        label = self.one(passage, _LABEL)
        length = int(end or 0) - int(start or 0)
        return [slice(*at) for _, *at in find_digest(text, label, sha256.upper(), length)]

    def passage_at(self, document: NamedNode, quote: str, at: str, cell: Cell) -> NamedNode:
        """The passage at some positions, or with that fragment as its IRI's."""
        positions = re.fullmatch(r"(?:char=)?(\d+)[,-](\d+)", at)
        fragment = f"char={positions[1]},{positions[2]}" if positions else at
        source = local_name(document.value)
        if not re.fullmatch(_SOURCE, f"{source}#{fragment}"):
            raise ValueError(f"{at!r} is no position, as char=10,25 is: empty 'at' to find the quote anew.")
        passage = NamedNode(f"{document.value}#{fragment}")
        what = f"nothing describes the passage at {at} of {source}"
        if passage in self.values:
            label = self.one(passage, _LABEL)
            if quote in ("", label):
                return passage
            what = f"the passage at {at} is {label!r}, not {quote!r}"
        elif positions and (text := self.texts.get(source)):
            span = slice(int(positions[1]), int(positions[2]))
            words = text.characters[span]
            if words.split() and span.stop <= text.length and (not quote or is_locator(quote, words)):
                return self.new_passage(document, text, span, cell)
            what = f"the text of {source} has other words at {at} than {quote!r}"
        raise ValueError(f"{what}: empty 'at' to find the quote anew.")

    def not_one(self, text: SourceText, hits: Sequence[Hit], quote: str, under: str) -> str:
        """Say why a quote means no passage: it is in several places of a text, or in none."""
        if hits:
            places = "; ".join(map(str, hits[:_MOST])) + (", and others" if len(hits) > _MOST else "")
            what = "write its heading into 'under', more of its words, or the positions into 'at'"
            return f"the quote is in {len(hits)} places of {text.name}: {places}; {what}."
        others = [name for name, other in self.texts.items() if other is not text and find(other, quote)]
        if others and not find(text, quote):
            return f"the quote is not in {text.name}, but in {' and '.join(others)}."
        return missing(text, quote, under=under)

    def new_passage(self, document: NamedNode, text: SourceText, at: slice, cell: Cell) -> NamedNode:
        """The passage at these positions of a text."""
        words = text.characters[at]
        label = locator(words, name=" ".join(words.split()) in self.titles)
        heading = text.heading_at(at.start)
        passage = self.add_passage(document, f"char={at.start},{at.stop}", label, heading, cell)
        if self.subjects.get(passage) is cell:
            self.typed(passage, "digest", digest(words), cell)
        return passage

    def add_passage(self, document: NamedNode, at: str, label: str, heading: str, cell: Cell) -> NamedNode:
        """Add a passage with its label and heading, or else its document's title, unless it is there."""
        code, name = local_name(self.one(document, _LANGUAGE)), local_name(document.value)
        if not code:
            raise ValueError(f"{name} has no language yet: name it in the sheet sources.")
        tag = next((tag for tag, each in self.v.languages.items() if each == code), code.lower())
        passage = NamedNode(f"{document.value}#{at}")
        if passage not in self.values:
            self.subjects[passage] = cell
            self.add(passage, TYPE, self.model["passage"], cell)
            self.add(passage, _LABEL, Literal(label, language=tag), cell)
            titles = self.values.get(document, {}).get(_TITLE, ())
            own = sorted(titles, key=lambda title: not str(title).endswith(f"@{tag}"))
            section = (
                Literal(heading, language=tag) if heading else next(iter(own), Literal(name, language=tag))
            )
            self.add(passage, self.model["section"], section, cell)
            self.describe(passage, cell)
        return passage

    def one(self, subject: NamedNode, predicate: NamedNode) -> str:
        """A value of a property as text; empty without one."""
        return next((term.value for term in self.values.get(subject, {}).get(predicate, ())), "")

    # ---- What follows from the rows

    def complete(self) -> None:
        """Add the dates that queries compare, and where things are mentioned that no row says it of."""
        for subject, cell in self.subjects.items():
            values = self.values.get(subject, {})
            for name in self.v.bounds.keys() - values.keys():
                if bound := self.v.bound(name, values):
                    self.add(subject, name, bound, cell)
            for passage in self.v.mentions(subject, values, self.quoted):
                self.add(subject, self.model["mentioned"], passage, cell)

    def check(self) -> None:
        """Name the cells that name what is described nowhere."""
        described = {*self.v.described, *(each.value for each in self.subjects)}
        described |= {each.value for each in self.others if isinstance(each, NamedNode)}
        for triple, cell in self.triples.items():
            for term in (triple.object, triple.subject):
                # What a claim replaces is no longer there.
                if isinstance(term, NamedNode) and triple.predicate != self.model["replaced"]:
                    self.uses.setdefault(term, []).append(cell)
        wrong = {problem.partition(":")[0].partition("!")[0] for problem in self.problems}
        empty = self.v.sheets.keys() - {cell.sheet for cell in self.subjects.values()}
        ours = [self.names.of(NamedNode(iri)) for iri in described if iri.startswith(self.v.iri)]
        for term, cells in self.uses.items():
            if term.value.startswith(self.v.iri) and term.value not in described:
                name, cell = self.names.of(term), cells[0]
                own = term.value.startswith((self.names.base, self.v.sources))
                keys = (each for each, spec in self.v.sheets.items() if name.startswith(f"{spec.key}/"))
                sheet = next(keys, "things")
                if not own or sheet not in empty:
                    meant = nearest(name, ours) or self.names.meant(name)
                    meant = " Begin an address with https://." if "." in name.partition("/")[0] else meant
                    others = len({each[:2] for each in cells}) - 1  # rows
                    more = f" and {others} more" if others else ""
                    self.problems.append(f"{cell}{more}: {name!r} is described nowhere.{meant}")
                elif sheet not in wrong:
                    wrong.add(sheet)
                    what = f"add a row for {name!r}, which {cell} names"
                    self.problems.append(f"{sheet}: this sheet is missing or empty; {what}.")
