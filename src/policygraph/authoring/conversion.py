"""Write a dataset as tables, a fact a row, and import them: validated, compared, and whole or not at all.

One row of the sheet `claims` is a claim with its passages and the triple it claims. No triple is lost: what
was written is read again and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from statistics import mode
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.authoring import evidence, rows, workbook
from policygraph.authoring.quotes import SourceText, read_text
from policygraph.authoring.rows import STATEMENT
from policygraph.authoring.vocabulary import BETWEEN, Cell, Names, Tables, Term, Vocabulary, join, split
from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import ValidationResult, validate
from policygraph.errors import CatalogError, DocumentError
from policygraph.rdf import formats, reader
from policygraph.rdf.diff import Difference, difference
from policygraph.rdf.namespaces import LABEL_PROPERTIES, Prefixes, compact, expand, local_name
from policygraph.rdf.terms import TYPE, by_subject, term as node
from policygraph.store.kept import temporary
from policygraph.text import grouped, natural

_DATASET, _LABEL, _ALIAS = map(node, ("dcat:Dataset", "rdfs:label", "skos:altLabel"))
_DECIMAL = node("xsd:decimal")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}\.\d{3}")
_MOST = 5  # names that a message lists


class Import(NamedTuple):
    """What became of tables."""

    path: Path  # of the dataset's file
    difference: Difference  # between that file as it was and what the tables say
    problems: tuple[str, ...]  # comments on cells, and what the shapes found, a row of a sheet each
    conforms: bool  # whether none of that is a violation; else the dataset was not written
    comments: tuple[str, ...]  # comment lines of the file, which the tables do not have


def write_tables(catalog: Catalog, name: str, path: str | Path) -> tuple[str, ...]:
    """Write a dataset as a workbook, .xlsx, or a folder of .csv files.

    Returns:
        The comment lines of its file, which the tables do not have.

    Raises:
        CatalogError: there is no such dataset.
        DocumentError: the tables cannot hold a triple, or could not be read back the same.
        FormatError: the tables cannot be written, or others are there.
    """
    vocabulary, dataset = Vocabulary(catalog), catalog.datasets[name]
    quads = reader.read(dataset.path)
    sheets = convert(quads, vocabulary, known=_datasets(catalog))
    workbook.keep_others(sheets, path)
    workbook.write(sheets, path, vocabulary)
    return datafiles.comments(dataset.path, quads, vocabulary.iri, vocabulary.prefixes)


def import_tables(
    catalog: Catalog, path: str | Path, *, texts: Mapping[str, str | Path] | None = None, write: bool = True
) -> Import:
    """Validate tables, and write the dataset that they are if it conforms to the shapes.

    Args:
        catalog: to write in: the file of the dataset with that IRI, or else `data/NAME.ttl`.
        path: of a workbook, or of a folder of .csv files.
        texts: files with the texts of sources, by name of the source, in which quotes are found.
        write: whether to write, or only to validate and compare.

    DocumentError when the tables cannot be read, or say what they cannot mean; the message names the cells.
    CatalogError when that dataset is in an included folder, in two files or not in Turtle, or when another is
    in the file of its name, or has its name.
    """
    vocabulary, sheets = Vocabulary(catalog), workbook.read(path)
    read = {name: SourceText(name, read_text(file).characters) for name, file in (texts or {}).items()}
    known = _datasets(catalog)
    graph = rows.read(sheets, vocabulary, known=known, texts=read)
    workbook.refuse(graph.problems, path)
    file, prefixes = _file(catalog, graph.name), vocabulary.prefixes
    text = datafiles.write(graph.triples, vocabulary.iri, prefixes)
    old = reader.read(file) if file.exists() else []
    _require_same(file, old, graph)
    comments = datafiles.comments(file, old, vocabulary.iri, prefixes) if file.exists() else ()
    with temporary("import") as folder:
        draft = folder / file.name
        formats.save(text.encode(), draft)
        report = validate(catalog, draft)
        if read:  # texts at hand
            report = evidence.compared(report, catalog, draft, texts=read.values())
    notes = [f"Comments on cells are not kept: {count}."] if (count := workbook.comments(path)) else []
    notes += [*_elsewhere(old, graph, known), *_doubtful(old, graph)]
    found = (*notes, *_problems(report.results, graph))
    if write and report.conforms:
        file.parent.mkdir(exist_ok=True)
        formats.save(text.encode(), file)
    changes = difference(old, graph.triples, prefixes=prefixes)
    return Import(file, changes, found, report.conforms, comments)


def _require_same(file: Path, old: Iterable[Quad], graph: rows.Graph) -> None:
    """CatalogError where no thing of a dataset is in the tables, which are then of another."""
    now, before = ({each.subject for each in its if _is_thing(each, graph)} for its in (graph.triples, old))
    if before and before.isdisjoint(now):
        what = f"{file} holds none of the things in these tables, so it is of another dataset"
        raise CatalogError(f"{what}; give this one another 'name', or delete that file first.")


def _is_thing(each: Triple | Quad, graph: rows.Graph) -> bool:
    return each.predicate == TYPE and each.object in graph.v.things


def _doubtful(old: Iterable[Quad], graph: rows.Graph) -> Iterator[str]:
    """New numbers that may mean a thousand times as much."""
    known = {quad.triple for quad in old}
    for triple, cell in graph.triples.items():
        value = triple.object
        decimal = isinstance(value, Literal) and value.datatype == _DECIMAL and triple not in known
        if decimal and _THOUSANDS.fullmatch(number := value.value):  # type: ignore[union-attr]
            what = f"{number} is read with decimals; if thousands are meant, write {number.replace('.', '')}."
            yield f"{cell}: Warning: {what}"


def _elsewhere(old: Iterable[Quad], graph: rows.Graph, known: rows.Known) -> Iterator[str]:
    """What other datasets still name that is described no more, or describe already if this one is new."""
    now = {triple.subject for triple in graph.triples}
    gone = {quad.subject for quad in old}.difference(now, graph.others)
    for name in sorted(known.keys() - {graph.name}):
        links = (each for each in known[name] if each.predicate != graph.model["replaced"])
        named = {each.object for each in links if isinstance(each.object, NamedNode)} & gone
        if names := sorted(map(graph.names.of, named)):
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            what = f"still names {', '.join(names[:_MOST])}{more}, described nowhere now; mend that too"
            yield f"Warning: the dataset {name} {what}."
        same = now.intersection(each.subject for each in known[name])
        if not old and len(same) > len(now) / 2:
            what = f"{len(same):,} of {len(now):,} things are described in the dataset {name} already"
            yield f"Warning: {what}; if this is its new name, delete the file of the old one."


def _file(catalog: Catalog, name: str) -> Path:
    """The file of the dataset with that name in its IRI, or a new one."""
    folder, iri = catalog.folders[0], f"{catalog.settings.base}data/{name}"
    same = [each.path for each in catalog.datasets.values() if each.iri == iri]
    if len(same) > 1:
        raise CatalogError(f"{same[0]} and {same[1]} hold the same dataset, {iri}; make one file of them.")
    if not same and name in catalog.datasets:
        path, other = catalog.datasets[name][1:]
        raise CatalogError(f"{path} holds another dataset, {other}; give it another name.")
    file = same[0] if same else folder / f"{name}.ttl"
    if file.parent != folder or file.suffix.lower() != ".ttl":
        what = "not in Turtle" if file.parent == folder else "in an included folder"
        raise CatalogError(f"There is a dataset {name!r} already, {what}: {file}.")
    return file


def _datasets(catalog: Catalog) -> dict[str, list[Quad]]:
    """What each dataset holds, by the name in its IRI."""
    found: dict[str, list[Quad]] = {}
    for _, path, iri in catalog.datasets.values():
        found.setdefault(iri.removeprefix(f"{catalog.settings.base}data/"), []).extend(reader.read(path))
    return found


def _problems(results: Iterable[ValidationResult], graph: rows.Graph) -> Iterator[str]:
    """What is wrong with each row of a sheet, in their order, behind a cell and the name of the thing."""
    order = {name: number for number, name in enumerate(graph.v.sheets)}
    placed = sorted((_place(each, graph) for each in results), key=lambda e: (order[e[0].sheet], *e[0][1:]))
    for _, row in groupby(placed, key=lambda each: each[0][:2]):
        (cell, name, _), *_ = parts = list(row)
        yield f"{cell}{name}: {' '.join(dict.fromkeys(what for *_, what in parts))}"


def _place(result: ValidationResult, graph: rows.Graph) -> tuple[Cell, str, str]:
    """The cell of a result, of its value, an empty column or its thing; the thing's name, what is wrong."""
    names: list[Any] = [None] * 3
    for at, name in enumerate((result.focus, result.path, result.value)):
        with suppress(ValueError):  # a path of several properties, a text, or nothing
            names[at] = NamedNode(expand(name, graph.v.prefixes, base=graph.v.iri))
    focus, path, other = names
    about = [(triple, cell) for triple, cell in graph.triples.items() if triple.subject == focus]
    same = [(triple.object, cell) for triple, cell in about if triple.predicate == path]
    exact = [cell for value, cell in same if value == other or getattr(value, "value", "") == result.value]
    place, first = graph.places.get((focus, path)), graph.subjects.get(focus)
    cells = [*exact, place, *(cell for _, cell in same), first, *(cell for _, cell in about)]
    cell = next(filter(None, cells), Cell("dataset", 1, 1))
    name = f" ({graph.names.of(focus)})" if focus and graph.v.sheets[cell.sheet].key else ""
    grave = "" if result.severity == "Violation" else f"{result.severity}: "
    return cell, name, grave + graph.v.explain(result.message, cell.sheet)


# ---- From triples to tables


def convert(quads: Iterable[Quad | Triple], vocabulary: Vocabulary, *, known: rows.Known) -> Tables:
    """Convert the triples of a dataset to tables.

    DocumentError when the tables cannot hold a triple, which the message names.
    """
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    odd = [t for t in triples if not all(isinstance(term, NamedNode | Literal) for term in t)]
    if not odd:
        sheets = _Writer(triples, vocabulary).sheets()
        named = next((cells[2] for _, cells in sheets["dataset"].rows if "name" in cells[:2]), "")
        if not named:
            raise DocumentError("Nothing in it is a dcat:Dataset, so no row gives the name of the dataset.")
        odd = [*(triples ^ rows.read(sheets, vocabulary, known={**known, named: triples}).triples.keys())]
    if odd:
        raise _unwritable(min(odd, key=str), vocabulary.prefixes)
    return sheets


def _unwritable(triple: Iterable[Any], prefixes: Prefixes) -> DocumentError:
    parts = (compact(part.value, prefixes) if isinstance(part, NamedNode) else str(part) for part in triple)
    return DocumentError(f"The tables cannot hold {' '.join(parts)} as it is; mend it or leave it out.")


class _Writer:
    """Fills the sheets of one dataset; `left` are the triples that no cell holds yet."""

    def __init__(self, triples: set[Triple], vocabulary: Vocabulary) -> None:
        self.v, self.left = vocabulary, set(triples)
        self.about = by_subject(sorted(triples, key=lambda triple: natural(str(triple.object))))
        subjects = sorted(self.about, key=str)
        paths = (each.value.removeprefix(f"{self.v.iri}id/").split("/") for each in subjects)
        self.code = mode([path[0] for path in paths if len(path) == 3] or [""])
        self.names = Names(self.v.iri, self.code, self.v.prefixes)
        usual = [term for each in subjects for term in self.about[each].get(self.v.usual, ())]
        self.country = mode(usual) if usual else None
        self.rows: dict[str, list[dict[str, str]]] = {name: [] for name in self.v.sheets}
        self.quoted: dict[tuple[Term, bool], list[Term]] = {}  # of a thing, as subject or not

    def sheets(self) -> Tables:
        """The rows of all sheets, in the order of the dataset's file."""
        order: list[Any] = [each for each, _ in datafiles.blocks(self.left, self.v.iri, self.v.prefixes)]
        dataset = next((each for each in order if _DATASET in self.about[each].get(TYPE, ())), None)
        labels = [triple.object for triple in self.left if triple.predicate.value in LABEL_PROPERTIES]
        tags = sorted({term.language for term in labels if isinstance(term, Literal) and term.language})
        for claim in (each for each in order if STATEMENT[0] in self.about[each]):
            self.claim(claim)
        for subject in order:
            self.simple(subject)
        facts = {"name": local_name(dataset.value) if dataset else "", "code": self.code}
        facts |= {self.v.called(self.v.usual): self.names.of(self.country)} if self.country else {}
        self.rows["dataset"] += [{"field": field, "value": value} for field, value in facts.items() if value]
        for subject in (each for each in order if STATEMENT[0] not in self.about[each]):
            self.thing(subject, dataset)
        return {name: self.v.sheets[name].sheet(tags, filled) for name, filled in self.rows.items()}

    def take(self, subject: NamedNode, *predicates: NamedNode) -> list[Term]:
        """The values that no cell holds yet; from now on one does."""
        values = self.about[subject]
        triples = [Triple(subject, name, term) for name in predicates for term in values.get(name, ())]
        found = [triple for triple in triples if triple in self.left]
        self.left -= set(found)
        return [triple.object for triple in found]  # type: ignore[misc]

    def rest(self, row: dict[str, str], sheet: str, subject: NamedNode) -> None:
        """Fill the columns that are called by a property, one a language."""
        columns = self.v.sheets[sheet].columns
        for predicate in sorted(self.about[subject], key=str):
            by_tag = grouped((_tag(term), term) for term in self.take(subject, predicate))
            # Several columns of one property have a value each, the last of them all others.
            same = [each for each in columns if self.v.properties.get(each) == predicate]
            for tag, terms in by_tag.items():
                used = same[: len(terms)] or [self.v.called(predicate, sheet)]
                for number, column in enumerate(used):
                    values = terms[number:] if column == used[-1] else terms[number : number + 1]
                    called: Any = self.v.called if predicate == self.v.model["absent"] else self.names.of
                    try:
                        row[column + tag] = join(map(called, values))
                    except ValueError:
                        raise _unwritable((subject, predicate, values[0]), self.v.prefixes) from None

    def bounds(self, subject: NamedNode) -> None:
        """Leave the first and last day that follow from other dates to the reader of the tables."""
        for day in self.v.bounds:
            if self.about[subject].get(day) == [self.v.bound(day, self.about[subject])]:
                self.take(subject, day)

    def places(self, passages: Sequence[Term]) -> dict[str, str]:
        """The cells of some passages: source, quote, and where."""
        parts = [each.value.removeprefix(self.v.sources).partition("#") for each in passages]
        sources = [source for source, _, _ in parts]
        sources = sources[:1] if len(set(sources)) == 1 else sources
        labels = (self.about.get(NamedNode(each.value), {}).get(_LABEL) for each in passages)
        quotes = [found[0].value if found else "" for found in labels]
        quote = "" if any(map(BETWEEN.search, quotes)) else join(quotes)
        return {"source": join(sources), "quote": quote, "at": join(place for *_, place in parts)}

    def claim(self, claim: NamedNode) -> None:
        """A row of the sheet `claims`, which also has the triple that is claimed."""
        model, values = self.v.model, self.about[claim]
        subject, predicate = (NamedNode(values.get(name, [claim])[0].value) for name in STATEMENT[:2])
        value = values.get(STATEMENT[2], [claim])[0]
        self.take(claim, TYPE, *STATEMENT)
        row = {"subject": self.names.of(subject), "relation": self.v.called(predicate) + _tag(value)}
        row |= {"object": self.names.of(value), "id": self.names.of(claim).removeprefix("claim/")}
        taken = (self.take(claim, model[role]) for role in ("basis", "strength"))
        basis, strength = ("".join(local_name(each.value) for each in terms) for terms in taken)
        row["basis"] = strength if basis == "inferred" and strength else basis.replace("stated", "")
        row |= self.places(passages := self.take(claim, model["evidence"]))
        for thing, first in ((subject, True), (value, False)):
            self.quoted.setdefault((thing, first), []).extend(passages if basis != "inferred" else ())
        cited = sorted(local_name(term.value) for term in self.take(claim, model["cites"]))
        if basis != "external" or cited != sorted(set(split(row["source"]))):
            row["cites"] = join(cited)
        others = {verb: map(self.names.of, self.take(claim, each)) for verb, each in self.v.about.items()}
        ids = ((verb, " ".join(each.removeprefix("claim/") for each in of)) for verb, of in others.items())
        row["about"] = join(f"{verb} {each}" for verb, each in ids if each)
        standing = strength != "weak" and self.v.rejected not in values.get(self.v.properties["status"], ())
        if standing and predicate.value not in LABEL_PROPERTIES[:-1]:  # a label stays with its thing too
            self.left.discard(Triple(subject, predicate, value))
        self.bounds(claim)
        self.rest(row, "claims", claim)
        self.rows["claims"].append(row)

    def simple(self, subject: NamedNode) -> None:
        """Rows of the sheets `mentions`, `mappings` and `names`."""
        thing, mentioned = {"thing": self.names.of(subject)}, self.v.model["mentioned"]
        follow = {*self.v.mentions(subject, {**self.about[subject], mentioned: ()}, self.quoted)}
        passages = self.take(subject, mentioned)
        for passage in passages if {*passages} != follow else ():  # else they follow from claims
            self.rows["mentions"].append({**thing, **self.places([passage])})
        for predicate in self.v.mappings:
            for term in self.take(subject, predicate):
                row = {"relation": self.v.called(predicate), "address": self.names.of(term)}
                self.rows["mappings"].append({**thing, **row})
        for term in self.take(subject, _ALIAS):
            self.rows["names"].append({**thing, "name": self.names.of(term), "language": _tag(term)[1:]})

    def thing(self, subject: NamedNode, dataset: NamedNode | None) -> None:
        """A row of the sheet for its kind, or rows of the sheet `dataset` for what is no thing."""
        values = self.about[subject]
        row: dict[str, str] = {}
        types = {term for term in values.get(TYPE, ()) if isinstance(term, NamedNode)}
        kinds = types - {each for kind in types for each in self.v.also.get(kind, ())}
        sheet = next((name for name, it in self.v.sheets.items() if kinds and it.kinds == kinds), "things")
        if sheet == "things" and not (kinds and kinds <= set(self.v.kinds.values())):
            if subject == dataset:
                self.left.discard(Triple(subject, TYPE, _DATASET))
            self.rest(row, "dataset", subject)
            about = "" if subject == dataset else self.names.of(subject)
            self.rows["dataset"] += ({"about": about, "field": at, "value": row[at]} for at in row)
            return
        row[self.v.sheets[sheet].key] = self.names.of(subject).removeprefix("source/")
        self.take(subject, TYPE)
        if sheet == "things":
            row["kind"] = join(sorted(map(self.v.called, kinds)))
        if sheet == "passages":
            self.take(subject, *(self.v.model[role] for role in ("of", "start", "end")))
        if self.country and kinds & self.v.things:
            if values.get(self.v.usual) == [self.country]:
                self.take(subject, self.v.usual)
            elif self.country != subject and self.v.usual not in values:
                row[self.v.called(self.v.usual)] = "-"
        for name, parts in self.v.macros.items():
            same = [{term for each in part for term in values.get(each, ())} for part in parts]
            if all(len(terms) == 1 for terms in same):
                ends = [terms.pop() for terms in same]
                pairs = zip(parts, ends, strict=True)
                triples = {Triple(subject, each, term) for part, term in pairs for each in part}
                if triples <= self.left:
                    self.left -= triples
                    row[name] = "-".join(dict.fromkeys(map(self.names.of, ends)))
        self.bounds(subject)
        if "quote" in self.v.sheets[sheet].holds:
            row |= self.places(self.take(subject, self.v.model["evidence"]))
        own = self.take(subject, self.v.model["own"])
        self.rest(row, sheet, subject)
        for tag in own:
            row[f"label@{tag.value}"] = "~" + row.get(f"label@{tag.value}", "")
        self.rows[sheet].append(row)


def _tag(term: Term) -> str:
    """What a language adds to the name of a column."""
    return f"@{term.language}" if isinstance(term, Literal) and term.language else ""
