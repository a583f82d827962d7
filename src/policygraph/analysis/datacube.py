"""Write a measure's table as linked data that a paper can cite, with its provenance.

The table is a data set of the RDF Data Cube Vocabulary (https://www.w3.org/TR/vocab-data-cube/), one
observation a row; its recipe is described with PROV-O (https://www.w3.org/TR/prov-o/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

import policygraph
from policygraph.analysis.table import Node
from policygraph.rdf.namespaces import BASE, expand
from policygraph.rdf.turtle import serialize

if TYPE_CHECKING:
    from policygraph.analysis.table import Table


class _Component(NamedTuple):
    """A column of the data cube; also one that the table does not have but the cube needs."""

    role: str  # dimension, measure or attribute
    name: str
    range: str
    cells: list[Any]


def observations(table: Table, *, base: str = BASE + "analysis/") -> bytes:
    """Write a table as Turtle; the same table gives the same bytes.

    Args:
        table: the result of a measure.
        base: the start of the new IRIs. The data set is `base` + the measure's name + "-" + a digest of its
            recipe and rows, so the same result has the same IRI; a column is `base` + the name + "#" + the
            column.

    The dimensions identify a row: the first column of nodes, or else as few as possible of the first columns
    of nodes or text, or else the row's number. Columns of numbers are measures; the others are attributes, as
    is any column with empty cells, which a measure may not have. A table without numbers has its full columns
    as measures, or else a `count` of 1 a row. A node that is not an IRI gets one made from its name, which is
    its dct:identifier.
    """
    name = quote(table.name, safe="")
    content = [table.name, table.columns, table.rows, dict(table.recipe)]
    this = f"{base}{name}-{_digest(content)}"
    triples = [
        *_cube(table, this, f"{base}{name}#", base),
        *_provenance(table.recipe, this, f"{base}software#"),
    ]
    return serialize(triples).encode()


def _digest(content: Any) -> str:
    import json

    text = json.dumps(content, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()[:12]


def _node(name: str, base: str) -> NamedNode:
    """Return the IRI of a node; make one for a literal, a blank node or a node of a plain graph."""
    try:
        return NamedNode(str(name))
    except ValueError:
        return NamedNode(f"{base}node/{_digest(str(name))}")


def _cube(table: Table, this: str, columns: str, base: str) -> Iterator[Triple]:
    yield from _typed(this, "qb:DataSet")
    yield _triple(this, "dct:title", _english(table.name.replace("_", " ")))
    yield _triple(this, "dct:description", _english(table.reading))
    yield _triple(this, "qb:structure", _iri(f"{this}#structure"))
    yield from _typed(f"{this}#structure", "qb:DataStructureDefinition")
    components = _components(table)
    for number, (role, name, range_, _) in enumerate(components, start=1):
        column, part = columns + quote(name, safe=""), f"{this}#component-{number}"
        yield from _typed(column, f"qb:{role.capitalize()}Property", "rdf:Property")
        yield _triple(column, "rdfs:label", _english(name.replace("_", " ")))
        yield _triple(column, "rdfs:range", _iri(expand(range_)))
        yield _triple(f"{this}#structure", "qb:component", _iri(part))
        yield from _typed(part, "qb:ComponentSpecification")
        yield _triple(part, f"qb:{role}", _iri(column))
        yield _triple(part, "qb:order", _literal(number))
        if role == "attribute":
            yield _triple(part, "qb:componentRequired", _literal(False))
    named = set()
    for number in range(len(table.rows)):
        row = f"{this}#row-{number + 1}"
        yield from _typed(row, "qb:Observation")
        yield _triple(row, "qb:dataSet", _iri(this))
        for _, name, range_, cells in components:
            cell = cells[number]
            for value in cell if isinstance(cell, tuple) else (cell,):
                if value is None:
                    continue
                if isinstance(value, Node):
                    named.add(value)
                term = _node(value, base) if isinstance(value, Node) else _literal(value, range_)
                yield _triple(row, columns + quote(name, safe=""), term)
    for node in named:
        iri = _node(node, base)
        # The language of a label is not known here, since the network's query chose it.
        if table.label(node) != iri.value:
            yield _triple(iri.value, "rdfs:label", _literal(table.label(node)))
        if iri.value != node:
            yield _triple(iri.value, "dct:identifier", _literal(str(node)))


def _components(table: Table) -> list[_Component]:
    columns = {name: [row[number] for row in table.rows] for number, name in enumerate(table.columns)}
    ranges = {name: _range(cells) for name, cells in columns.items()}
    full = {
        name
        for name, cells in columns.items()
        if cells and not any(cell is None or isinstance(cell, tuple) for cell in cells)
    }
    keys = [name for name in columns if name in full and ranges[name] in ("rdfs:Resource", "xsd:string")]

    def identify(names: list[str]) -> bool:
        cells = {tuple(columns[name][number] for name in names) for number in range(len(table.rows))}
        return len(cells) == len(table.rows)

    # The subject of a table is its first column; use as few columns as possible.
    tries = [[name] for name in keys if ranges[name] == "rdfs:Resource"][:1]
    tries += [keys[: number + 1] for number in range(len(keys))]
    dimensions = next(filter(identify, tries), [])
    rest = [name for name in columns if name not in dimensions]
    numbers = [name for name in rest if name in full and ranges[name] in ("xsd:integer", "xsd:double")]
    measures = numbers or [name for name in rest if name in full]
    components = [_Component("dimension", name, ranges[name], columns[name]) for name in dimensions]
    if not dimensions:
        count = list(range(1, len(table.rows) + 1))
        components.append(_Component("dimension", _unused_name("row", columns), "xsd:integer", count))
    components += [_Component("measure", name, ranges[name], columns[name]) for name in measures]
    if not measures:
        ones = [1] * len(table.rows)
        components.append(_Component("measure", _unused_name("count", columns), "xsd:integer", ones))
    left = [name for name in rest if name not in measures]
    return components + [_Component("attribute", name, ranges[name], columns[name]) for name in left]


def _unused_name(name: str, columns: Mapping[str, Any]) -> str:
    while name in columns:
        name += "_"
    return name


def _range(cells: list[Any]) -> str:
    """Return the datatype that all values of a column have."""
    values = [
        value
        for cell in cells
        for value in (cell if isinstance(cell, tuple) else (cell,))
        if value is not None
    ]
    tests: tuple[tuple[str, Callable[[Any], bool]], ...] = (
        ("rdfs:Resource", lambda value: isinstance(value, Node)),
        ("xsd:boolean", lambda value: isinstance(value, bool)),
        ("xsd:integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
        ("xsd:double", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    )
    return next((name for name, test in tests if values and all(map(test, values))), "xsd:string")


def _provenance(recipe: Mapping[str, Any], this: str, software: str) -> Iterator[Triple]:
    activity, association, plan = (f"{this}#{part}" for part in ("activity", "association", "recipe"))
    release = policygraph.__version__
    agent = f"{software}policygraph-{release}"
    yield from _typed(agent, "prov:SoftwareAgent")
    yield _triple(agent, "rdfs:label", _literal("PolicyGraph"))
    yield _triple(agent, "schema:softwareVersion", _literal(release))
    yield from _typed(activity, "prov:Activity")
    yield _triple(activity, "prov:generated", _iri(this))
    yield _triple(this, "prov:wasGeneratedBy", _iri(activity))
    yield _triple(activity, "prov:wasAssociatedWith", _iri(agent))
    yield from _used_datasets(recipe.get("dataset"), activity, this)
    # A recipe is a plan in PROV, linked from the association with the agent. It is an entity of its own, so
    # that two results by one recipe differ from two by different recipes.
    yield _triple(activity, "prov:qualifiedAssociation", _iri(association))
    yield from _typed(association, "prov:Association")
    yield _triple(association, "prov:agent", _iri(agent))
    yield _triple(association, "prov:hadPlan", _iri(plan))
    yield from _typed(plan, "prov:Plan")
    known = ((name, value) for name, value in sorted(recipe.items()) if value is not None)
    for number, (name, value) in enumerate(known, start=1):
        entry = f"{plan}-{number}"
        yield _triple(plan, "schema:additionalProperty", _iri(entry))
        yield from _typed(entry, "schema:PropertyValue")
        yield _triple(entry, "schema:name", _literal(name))
        for each in value if isinstance(value, tuple | list) else (value,):
            yield _triple(entry, "schema:value", _literal(each))


def _used_datasets(datasets: Any, activity: str, this: str) -> Iterator[Triple]:
    """Describe the datasets of a recipe: IRIs or CURIEs, comma-separated with versions, or else a title."""
    entries = datasets if isinstance(datasets, tuple | list) else [datasets]
    for number, entry in enumerate((str(each) for each in entries if each), start=1):
        try:
            used = [_iri(expand(each.partition(" ")[0])) for each in entry.split(", ")]
        except ValueError:
            used = [_iri(f"{this}#dataset-{number}")]
            yield from _typed(used[0].value, "prov:Entity")
            yield _triple(used[0].value, "dct:title", _literal(entry))
        for each in used:
            yield _triple(activity, "prov:used", each)


def _typed(iri: str, *types: str) -> Iterator[Triple]:
    for each in types:
        yield _triple(iri, "rdf:type", _iri(expand(each)))


def _triple(subject: str, predicate: str, value: NamedNode | Literal) -> Triple:
    return Triple(_iri(subject), _iri(expand(predicate)), value)


_iri = NamedNode


def _english(text: str) -> Literal:
    return Literal(_encodable(text), language="en")


def _encodable(text: str) -> str:
    """Drop lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", "ignore").decode()


def _literal(value: Any, range_: str = "") -> Literal:
    """Convert a value to a literal; a double to its shortest exact form."""
    if isinstance(value, bool):
        return Literal(str(value).lower(), datatype=_iri(expand("xsd:boolean")))
    if isinstance(value, int) and range_ != "xsd:double":
        return Literal(str(int(value)), datatype=_iri(expand("xsd:integer")))
    if isinstance(value, int | float):
        text = repr(float(value))
        special = {"nan": "NaN", "inf": "INF", "-inf": "-INF"}
        text = special.get(text) or (text if "e" in text else f"{text}e0")
        return Literal(text, datatype=_iri(expand("xsd:double")))
    return Literal(_encodable(str(value)))
