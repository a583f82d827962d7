"""Read tables as the triples of a dataset, and remember which cell says what."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.authoring.quotes import SourceText
from policygraph.authoring.tables.passages import SOURCES, Passages
from policygraph.authoring.tables.sheets import Cell, CellError, SheetRow, Tables, split
from policygraph.authoring.tables.things import ThingReader
from policygraph.authoring.tables.vocabulary import Term, Vocabulary, node
from policygraph.errors import nearest
from policygraph.rdf.namespaces import BASE, LABEL_PROPERTIES

_TYPE, _LABEL, _ALIAS = map(node, ("rdf:type", "rdfs:label", "skos:altLabel"))
_STATEMENT = tuple(map(node, ("rdf:subject", "rdf:predicate", "rdf:object")))
_Statement: TypeAlias = tuple[NamedNode, NamedNode, Term]
_BASES = ("stated", "inferred", "external", "derived")


class Graph(NamedTuple):
    """What tables say.

    Args:
        name: of the dataset.
        triples: each with the cell that says it.
        subjects: the cell that describes each resource.
        problems: sentences that begin with a cell; with any, the triples are not complete.
    """

    name: str
    triples: dict[Triple, Cell]
    subjects: dict[NamedNode, Cell]
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
        known: the datasets of the catalogue; a claim that says what one of this dataset does keeps its IRI.
        texts: of sources, by name, to find quotes in that have no positions yet.
    """
    reader = _Reader(vocabulary, texts or {})
    reader.run(tables, known)
    reader.check({quad.subject for name in known if name != reader.name for quad in known[name]})
    return Graph(reader.name, reader.triples, reader.subjects, reader.problems)


def _documents(text: str) -> list[NamedNode]:
    return [NamedNode(SOURCES + name) for name in dict.fromkeys(split(text))]


def _content(statement: Iterable[object], cites: Iterable[str], curator: str) -> str:
    """What the IRI of a claim is made of: subject, relation, object, basis, document, curator."""
    return "\n".join((*map(str, statement), min(cites, default=""), curator))


def _claims(quads: Iterable[Quad | Triple], vocabulary: Vocabulary) -> dict[str, NamedNode]:
    """The claims of a dataset by their content."""
    values: dict[Any, dict[NamedNode, list[Any]]] = {}
    for quad in quads:
        values.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
    model, curator = vocabulary.model, vocabulary.properties["curator"]
    kept = {}
    for claim, each in values.items():
        if {*_STATEMENT, model["basis"]} <= each.keys():
            *statement, value, basis = (each[name][0] for name in (*_STATEMENT, model["basis"]))
            cites = [document.value for document in each.get(model["cites"], ())]
            by = "".join(term.value for term in each.get(curator, ())[:1])
            kept[_content((*(term.value for term in statement), value, basis.value), cites, by)] = claim
    return kept


class _Reader(ThingReader):
    def __init__(self, vocabulary: Vocabulary, texts: Mapping[str, SourceText]) -> None:
        super().__init__(vocabulary, texts)
        self.quoted: dict[tuple[Term, bool], list[NamedNode]] = {}  # of a thing, as subject or not
        self.kept: dict[str, NamedNode] = {}
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
        self.kept = _claims(known.get(self.name, ()), self.v)
        self.each(rows.get("dataset", ()), self.dataset)
        for name in (name for name in ("passages", *sheets) if sheets[name].key):
            self.each(rows.pop(name, ()), lambda row, name=name: self.thing(row, name))  # type: ignore[misc]
        titles = set(map(node, LABEL_PROPERTIES))
        labels = {triple.object.value for triple in self.triples if triple.predicate in titles}  # type: ignore[union-attr]
        self.passages = Passages(self.v, self.values, self.texts, labels)
        for name in ("mappings", "names", "mentions", "claims"):
            self.each(rows.get(name, ()), getattr(self, f"read_{name}"))
        self.each([row for _, row in self.claimed.values() if "about" in row.values], self.about)
        self.complete()

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
            mentioned = self.model["mentioned"]
            self.add(self.resource(row, "thing"), mentioned, passage, row.cell("quote", "at"))

    def places(self, row: SheetRow) -> list[NamedNode]:
        """The passages that a row quotes; new ones are added."""
        parts = {name: split(row.values.get(name, "")) for name in ("source", "quote", "under", "at")}
        count = max(len(parts[name]) for name in ("quote", "under", "at"))
        if count:
            row.need("source")
        for name, values in parts.items():
            if len(values) in (0, 1) and (not values or name in ("source", "under")):
                parts[name] = (values or [""]) * count
            elif len(values) != count > 0:
                raise CellError(row.cells[name], f"there are {len(values)} values here for {count} quotes.")
        found = []
        for source, quote, under, at in zip(*parts.values(), strict=count > 0):
            cell = row.cell("at" if at else "quote", "under")
            try:
                passage = self.passages.resolve(source, quote, under, at)
            except ValueError as error:
                raise CellError(cell, error) from None
            found.append(passage.iri)
            if passage.label and passage.heading and passage.iri not in self.values:
                self.subjects[passage.iri] = cell
                self.add(passage.iri, _TYPE, self.model["passage"], cell)
                self.add(passage.iri, _LABEL, passage.label, cell)
                self.add(passage.iri, self.model["section"], passage.heading, cell)
                if passage.digest:
                    self.add(passage.iri, self.model["digest"], self.typed(passage.digest, "hexBinary"), cell)
                self.describe(passage.iri, cell)
        return found

    def read_claims(self, row: SheetRow) -> None:
        """A row that is a claim, or several by a macro."""
        relation, _, language = row.need("subject", "relation", "object")[1].partition("@")
        subject, passages = self.resource(row, "subject"), self.places(row)
        if relation in self.v.macros:
            for predicate, value in row.parse("object", lambda text: self.macro(relation, text)):
                self.claim(row, (subject, predicate, value), passages)
        else:
            iri = row.parse("relation", lambda text: self.v.property(text.partition("@")[0], "claims"))
            value = row.parse("object", lambda text: self.term(text, iri, language))
            self.claim(row, (subject, iri, value), passages)

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
        statement = (triple[0].value, triple[1].value, triple[2], f"{BASE}concept/basis/{basis}")
        content = _content(statement, [document.value for document in cites], curator)
        if content in self.claimed:
            raise CellError(row.first, f"this row says again what {self.claimed[content][1].first} says.")
        claim = self.kept.get(content) or self.identify(content, row.values.get("id", ""))
        self.claimed[content] = claim, row
        self.subjects[claim] = row.first
        self.add(claim, _TYPE, self.model["claim"], row.first)
        for predicate, value, name in zip(_STATEMENT, triple, ("subject", "relation", "object"), strict=True):
            self.add(claim, predicate, value, row.cells[name])
        self.add(claim, self.model["basis"], NamedNode(f"{BASE}concept/basis/{basis}"), row.cell("basis"))
        if strength:
            value = NamedNode(f"{BASE}concept/strength/{strength}")
            self.add(claim, self.model["strength"], value, row.cells["basis"])
        for passage in passages:
            self.add(claim, self.model["evidence"], passage, row.cell("quote", "at"))
        for thing, first in ((triple[0], True), (triple[2], False)):
            self.quoted.setdefault((thing, first), []).extend(passages if basis != "inferred" else ())
        for document in cites:
            self.add(claim, self.model["cites"], document, row.cell("cites", "source"))
        self.fill(claim, row, "claims", self.v.sheets["claims"].holds)
        status = self.values[claim].get(self.v.properties["status"], ())
        if strength != "weak" and self.v.rejected not in status:
            self.add(*triple, row.cells["object"])

    def identify(self, content: str, given: str) -> NamedNode:
        """The IRI of a claim: eight letters of a digest of what it says, on a clash the next eight."""
        letters = b32encode(sha256(content.encode()).digest()).decode().lower()
        folder, _, name = given.rpartition("/")
        ids = [self.names.node(f"{folder or 'claim'}/{letters[at : at + 8]}") for at in range(0, 48, 8)]
        free = [each for each in ids if each not in self.subjects]
        return next((each for each in free if each.value.endswith(f"/{name}")), free[0])

    def about(self, row: SheetRow) -> None:
        """Connect a claim to those that it disputes or is computed from."""
        given = {each.values["id"]: claim for claim, each in self.claimed.values() if "id" in each.values}
        verbs = self.v.about
        for part in split(row.values["about"]):
            verb, *ids = part.split() or [""]
            if verb not in verbs or not ids:
                raise CellError(row.cells["about"], f"{part!r} should be ids behind {' or '.join(verbs)}.")
            for each in ids:
                if each not in given:
                    what = f"no claim has the id {each!r}.{nearest(each, given)}"
                    raise CellError(row.cells["about"], what)
                for claim in (claim for claim, other in self.claimed.values() if other is row):
                    self.add(claim, verbs[verb], given[each], row.cells["about"])

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
        names: list[str] = []
        for term, cell in self.uses.items():
            if term.value.startswith(BASE) and term.value not in described:
                ours = (NamedNode(iri) for iri in described if iri.startswith(BASE))
                names, name = names or list(map(self.names.of, ours)), self.names.of(term)
                self.problems.append(f"{cell}: {name!r} is described nowhere.{nearest(name, names)}")
