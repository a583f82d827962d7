"""Write the tables of a dataset, and import them: validated, compared, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Quad

from policygraph.authoring.quotes import SourceText, read_text
from policygraph.authoring.tables import export, rows, workbook
from policygraph.authoring.tables.sheets import Cell
from policygraph.authoring.tables.vocabulary import Vocabulary
from policygraph.catalog import datafiles
from policygraph.errors import DocumentError
from policygraph.rdf import formats, reader
from policygraph.rdf.diff import Difference, difference
from policygraph.rdf.namespaces import expand

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog
    from policygraph.check.shacl import ValidationResult

_MOST = 20  # problems that a message lists


class Import(NamedTuple):
    """What became of tables."""

    path: Path  # of the dataset's file
    difference: Difference  # between that file as it was and what the tables say
    problems: tuple[str, ...]  # what the shapes found, each with its cell
    conforms: bool  # whether none of that is a violation; else the dataset was not written
    comments: tuple[str, ...]  # comment lines of the file, which the tables do not have


def write_tables(catalog: Catalog, name: str, path: str | Path) -> tuple[str, ...]:
    """Write a dataset as a workbook, .xlsx, or a folder of .csv files.

    Returns:
        The comment lines of its file, which the tables do not have.

    Raises:
        CatalogError: there is no such dataset.
        DocumentError: the tables cannot hold a triple, or could not be read back the same.
        FormatError: the tables cannot be written.
    """
    vocabulary, dataset = Vocabulary(catalog), catalog.datasets[name]
    sheets = export.convert(reader.read(dataset.path), vocabulary, known=_datasets(catalog))
    workbook.write(sheets, path, vocabulary)
    return datafiles.comments(dataset.path.read_text(encoding="utf-8"))


def import_tables(
    catalog: Catalog, path: str | Path, *, texts: Mapping[str, str | Path] | None = None, write: bool = True
) -> Import:
    """Validate tables, and write the dataset that they are if it conforms to the shapes.

    Args:
        catalog: to write `data/NAME.ttl` in.
        path: of a workbook, or of a folder of .csv files.
        texts: files with the texts of sources, by name of the source, in which quotes are found.
        write: whether to write, or only to validate and compare.

    DocumentError when the tables cannot be read, or say what they cannot mean; the message names the cells.
    """
    from policygraph.check.shacl import validate

    vocabulary, sheets = Vocabulary(catalog), workbook.read(path)
    read = {name: SourceText(name, read_text(file).characters) for name, file in (texts or {}).items()}
    graph = rows.read(sheets, vocabulary, known=_datasets(catalog), texts=read)
    sources = {row[0] for _, row in sheets["sources"].rows} if "sources" in sheets else set()
    unknown = [f"{name!r} is no row of the sheet sources, but has a text." for name in read.keys() - sources]
    problems = unknown + graph.problems
    if len(problems) == 1:
        raise DocumentError(problems[0], path=path)
    if problems:
        more = [f"and {len(problems) - _MOST} more."] if len(problems) > _MOST else []
        lines = "\n  ".join([*problems[:_MOST], *more])
        what = f"nothing was written, since {len(problems)} things are wrong:\n  {lines}"
        raise DocumentError(what, path=path)
    text, file = datafiles.write(graph.triples, vocabulary.iri), catalog.root / "data" / f"{graph.name}.ttl"
    old = reader.read(file) if file.exists() else []
    comments = datafiles.comments(file.read_text(encoding="utf-8")) if file.exists() else ()
    with TemporaryDirectory() as folder:
        draft = Path(folder) / file.name
        draft.write_text(text, encoding="utf-8")
        report = validate(catalog, draft)
    found = tuple(f"{_cell(result, graph)}: {result.message}" for result in report.results)
    if write and report.conforms:
        formats.save(text.encode(), file)
    return Import(file, difference(old, graph.triples), found, report.conforms, comments)


def _datasets(catalog: Catalog) -> dict[str, list[Quad]]:
    return {name: reader.read(dataset.path) for name, dataset in catalog.datasets.items()}


def _cell(result: ValidationResult, graph: rows.Graph) -> Cell | str:
    """The cell that a result is about: of the value, of an empty column, or else of the thing."""
    names = []
    for name in (result.focus, result.path):
        with suppress(ValueError):  # a path of several properties, or none
            names.append(NamedNode(expand(name, base=graph.v.iri)))
    focus, path = (*names, None, None)[:2]
    about = [(triple, cell) for triple, cell in graph.triples.items() if triple.subject == focus]
    same = [(triple.object, cell) for triple, cell in about if triple.predicate == path]
    exact = [cell for value, cell in same if result.value in (str(value), getattr(value, "value", ""))]
    place = graph.places.get((focus, path)) if focus and path else None
    first = graph.subjects.get(focus) if focus else None
    cells = [*exact, place, *(cell for _, cell in same), first, *(cell for _, cell in about)]
    return next(filter(None, cells), result.focus)
