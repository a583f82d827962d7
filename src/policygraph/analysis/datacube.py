"""Write a measure's table as linked data that a paper can cite, with its provenance.

The table is a data set of the RDF Data Cube Vocabulary (https://www.w3.org/TR/vocab-data-cube/), one
observation a row; its recipe is described with PROV-O (https://www.w3.org/TR/prov-o/).
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import NamedNode

import policygraph
from policygraph.analysis.table import Node
from policygraph.rdf.terms import term
from policygraph.rdf.turtle import fill, literal, serialize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policygraph.analysis.table import Table


class _Component(NamedTuple):
    """A column of the data cube; also one that the table does not have but the cube needs."""

    role: str  # dimension, measure or attribute
    name: str
    range: NamedNode
    cells: list[Any]


def observations(table: Table, *, base: str = "urn:policygraph:analysis/") -> bytes:
    """Write a table as Turtle; the same table gives the same bytes.

    `base` is the start of the new IRIs. That of the data set ends in the measure's name and a digest of its
    recipe and rows, so the same result has the same IRI. The dimensions identify a row: the first column of
    nodes, or else as few as possible of the first columns of nodes or text, or else the row's number. Columns
    of numbers are measures; the others are attributes, as is any column with empty cells, which a measure may
    not have. A table without numbers has its full columns as measures, or else a `count` of 1 a row.
    """
    name = quote(table.name, safe="")
    content = [table.name, table.columns, table.rows, dict(table.recipe)]
    this = f"{base}{name}-{_digest(content)}"
    nodes = {
        node: _node(node, base)
        for row in table.rows for cell in row for node in _values(cell) if isinstance(node, Node)
    }  # fmt: skip
    # The language of a label is not known here, since the network's query chose it.
    labels = {iri: table.label(node) for node, iri in nodes.items() if table.label(node) != iri.value}
    components = _components(table)
    cube = fill(
        Path(__file__).parent / "templates" / "datacube.ttl",
        table=table,
        this=this,
        components=components,
        columns={each.name: NamedNode(f"{base}{name}#{quote(each.name, safe='')}") for each in components},
        term=lambda value: nodes[value] if isinstance(value, Node) else literal(value),
        values=_values,
        labels=labels,
        names={iri: node for node, iri in nodes.items() if iri.value != node},
        release=policygraph.__version__,
        software=f"{base}software#policygraph-{policygraph.__version__}",
        used=_used_datasets(table.recipe.get("dataset"), this),
        recipe={key: _values(value) for key, value in sorted(table.recipe.items())},
    )
    return serialize(cube).encode()


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:12]


def _node(name: str, base: str = "urn:policygraph:analysis/") -> NamedNode:
    """Return the IRI of a node; make one for a literal, a blank node or a node of a plain graph."""
    try:
        return NamedNode(str(name))
    except ValueError:
        return NamedNode(f"{base}node/{_digest(str(name))}")


def _values(cell: Any) -> Iterable[Any]:
    """Return the values of a cell: none, one or several."""
    return cell if isinstance(cell, tuple | list) else () if cell is None else (cell,)


def _components(table: Table) -> list[_Component]:
    columns = {name: [row[number] for row in table.rows] for number, name in enumerate(table.columns)}
    ranges = {name: _range(cells) for name, cells in columns.items()}
    for name in ranges:
        if ranges[name] == "xsd:double":
            columns[name] = [cell if cell is None else float(cell) for cell in columns[name]]
    full = [
        name
        for name, cells in columns.items()
        if cells and not any(cell is None or isinstance(cell, tuple) for cell in cells)
    ]
    keys = [name for name in full if ranges[name] in ("rdfs:Resource", "xsd:string")]
    # The subject of a table is its first column; use as few columns as possible.
    tries = [[name] for name in keys if ranges[name] == "rdfs:Resource"][:1]
    tries += [keys[: number + 1] for number in range(len(keys))]
    size = len(table.rows)
    dimensions = next(
        (names for names in tries if len(set(zip(*map(columns.get, names), strict=True))) == size), []
    )
    rest = [name for name in columns if name not in dimensions]
    numbers = [name for name in rest if name in full and ranges[name] in ("xsd:integer", "xsd:double")]
    measures = numbers or [name for name in rest if name in full]

    def add(role: str, names: list[str]) -> list[_Component]:
        return [_Component(role, name, term(ranges[name]), columns[name]) for name in names]

    def make(role: str, name: str, cells: Iterable[int]) -> list[_Component]:
        while name in columns:
            name += "_"
        return [_Component(role, name, term("xsd:integer"), list(cells))]

    return [
        *(add("dimension", dimensions) or make("dimension", "row", range(1, size + 1))),
        *(add("measure", measures) or make("measure", "count", [1] * size)),
        *add("attribute", [name for name in rest if name not in measures]),
    ]


def _range(cells: list[Any]) -> str:
    types = {type(value) for cell in cells for value in _values(cell)}
    if types == {Node}:
        return "rdfs:Resource"
    if types == {bool}:
        return "xsd:boolean"
    if types and types <= {int, float}:
        return "xsd:integer" if types == {int} else "xsd:double"
    return "xsd:string"


def _used_datasets(datasets: Any, this: str) -> dict[NamedNode, str]:
    """Return the datasets of a recipe: IRIs or CURIEs, with versions; and new IRIs with any other text."""
    used: dict[NamedNode, str] = {}
    for number, entry in enumerate((str(each) for each in _values(datasets) if each), start=1):
        try:
            used |= {term(each.partition(" ")[0]): "" for each in entry.split(", ")}
        except ValueError:
            used[NamedNode(f"{this}#dataset-{number}")] = entry
    return used
