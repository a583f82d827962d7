"""Write a graph as CSV tables, one for each class, with CSV on the Web metadata.

With the metadata (https://www.w3.org/TR/tabular-metadata/), every triple of the graph can be made from the
tables again (https://www.w3.org/TR/csv2rdf/), except that a blank node becomes an IRI. A property is a column
for each language and datatype of its values.

A cell can hold several literals but, by that standard, only one IRI. So a property that links to several
resources is a column without triples in its subject's table, and its triples are in the table `links`. The
table `things` lists every resource with its class.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.errors import FormatError
from policygraph.i18n import FALLBACK, in_each_language
from policygraph.rdf.namespaces import PREFIXES, XSD, Prefixes, compact, property_order
from policygraph.rdf.terms import TYPE, canonical
from policygraph.text import csv_text

METADATA = "csv-metadata.json"  # the name of the metadata file beside the tables
DIALECT = {"encoding": "utf-8", "header": True, "trim": False}  # of the tables

Texts: TypeAlias = Mapping[str, str]  # a text by its language

# All of CSVW but "language", which the csvw package of PyPI does not know.
_BUILT_IN = frozenset(
    "anyURI base64Binary boolean byte date dateTime dateTimeStamp dayTimeDuration decimal double "  # noqa: SIM905
    "duration float gDay gMonth gMonthDay gYear gYearMonth hexBinary int integer long "
    "negativeInteger nonNegativeInteger nonPositiveInteger normalizedString positiveInteger short string "
    "time token unsignedByte unsignedInt unsignedLong unsignedShort yearMonthDuration".split()
)
_LINKS, _THINGS, _KEY = "links", "things", "iri"
_SEPARATORS = "|;¦"


class _Values(NamedTuple):
    """What the cells of a column share: the property, and the language or datatype of its values."""

    property: str
    language: str = ""
    datatype: str = ""  # an IRI; empty for text in a language and for links


class _Table(NamedTuple):
    name: str
    kind: str  # the IRI of a class; empty for resources that have none
    subjects: list[str]
    columns: dict[_Values, dict[str, list[str]]]  # values by subject


class _Cells(NamedTuple):
    """A column's metadata, and its cells by subject."""

    metadata: dict[str, Any]
    by: dict[str, str]


def tables(
    triples: Iterable[Triple],
    *,
    about: Mapping[str, Any] | None = None,
    label: Callable[[str], str] = compact,
    labels: Callable[[str], Texts] = lambda iri: {},
    definitions: Callable[[str], Texts] = lambda iri: {},
    skolem: str = "urn:blank:",
    languages: Sequence[str] = (FALLBACK,),
    prefixes: Prefixes = PREFIXES,
) -> dict[str, bytes]:
    """The tables of a graph by file name, and `csv-metadata.json`; the same graph gives the same bytes.

    Args:
        triples: the graph.
        about: metadata of all the tables together, such as `dc:title`.
        label: the label of a resource, for the table of resources.
        labels: the labels of a class or property, for the titles of tables and columns.
        definitions: the definitions of a class or property.
        skolem: the start of the IRIs that replace blank nodes.
        languages: of the titles of the tables of all resources and of links.
        prefixes: by which columns are ordered, and tables named where their local names are the same.

    A reader of the tables has letters beyond ASCII in an IRI percent-encoded (RFC 6570, section 3.2.3).
    FormatError when a subject or object is a triple, or a text has a base direction: no cell can hold these.
    """
    by_class = class_tables(triples, prefixes, skolem)
    titles, links = names(by_class, labels, languages), _links(by_class)
    files: dict[str, bytes] = {}
    descriptions: list[dict[str, Any]] = []

    def add(name: str, subjects: Sequence[str], columns: Sequence[_Cells], key: Any, **notes: Any) -> None:
        shown = [column for column in columns if "virtual" not in column.metadata]
        rows = [[each.by.get(s, each.metadata.get("null", "")) for each in shown] for s in subjects]
        files[f"{name}.csv"] = csv_text([[each.metadata["name"] for each in shown], *rows])
        schema: dict[str, Any] = {"columns": [each.metadata for each in columns], "primaryKey": key}
        schema |= {"aboutUrl": f"{{+{_KEY}}}"} if key == _KEY else {}
        title = _texts("title", titles[name])
        descriptions.append({"url": f"{name}.csv", **title, **notes, "tableSchema": schema})

    for table in by_class:
        columns = [_key_column(table.subjects)]
        for column, name in _column_names(table.columns).items():
            cells = _value_column(name, column, table.columns[column])
            cells.metadata["titles"] |= labels(column.property)
            cells.metadata.update(_texts("description", definitions(column.property)))
            columns.append(cells)
        if table.kind:
            type_ = {"name": "is_a", "virtual": True, "propertyUrl": TYPE.value, "valueUrl": table.kind}
            columns.append(_Cells(type_, {}))
        add(table.name, table.subjects, columns, _KEY, **_texts("description", definitions(table.kind)))

    kinds = {subject: table.kind for table in by_class for subject in table.subjects if table.kind}
    subjects = sorted({subject for table in by_class for subject in table.subjects})
    columns = [
        _key_column(subjects),
        _column("kind", kinds, datatype="anyURI", valueUrl="{+kind}", propertyUrl=TYPE.value),
        _column("label", {s: label(s) for s in subjects}, datatype="string", suppressOutput=True),
    ]
    add(_THINGS, subjects, columns, _KEY)
    if links:
        parts = dict(zip(("subject", "property", "object"), zip(*sorted(links), strict=True), strict=True))
        rows = [str(number) for number in range(len(links))]
        columns = []
        for name, iris in parts.items():
            link = {"aboutUrl": "{+subject}", "propertyUrl": "{+property}"}
            more = link if name == "object" else {"suppressOutput": True}
            by = dict(zip(rows, iris, strict=True))
            columns.append(_column(name, by, datatype="anyURI", valueUrl=f"{{+{name}}}", **more))
        add(_LINKS, rows, columns, list(parts))
    context = ["http://www.w3.org/ns/csvw", {"@language": "en"}]
    metadata = {"@context": context, **(about or {}), "dialect": DIALECT, "tables": descriptions}
    return {**files, METADATA: (json.dumps(metadata, ensure_ascii=False, indent=2) + "\n").encode()}


def names(tables: list[_Table], labels: Callable[[str], Texts], languages: Sequence[str]) -> dict[str, Texts]:
    """The names of all tables of a graph, each with its titles: that of a class has those of the class."""
    found = {table.name: labels(table.kind) for table in tables}
    found[_THINGS] = in_each_language("records", "all_things", languages)
    if _links(tables):
        found[_LINKS] = in_each_language("records", "all_links", languages)
    return found


def _links(by_class: Iterable[_Table]) -> list[tuple[str, str, str]]:
    """The links by a property that has several of a resource, which a cell of its table cannot hold."""
    columns = [each for table in by_class for each in table.columns.items() if _several(each[1])]
    apart = [(each.property, values) for each, values in columns if not (each.language or each.datatype)]
    return [(s, name, o) for name, values in apart for s, objects in values.items() for o in objects]


def _several(values: Mapping[str, list[str]]) -> bool:
    return any(len(each) > 1 for each in values.values())


def _skolemized(triples: Iterable[Triple], skolem: str) -> list[tuple[str, str, NamedNode | Literal]]:
    result = []
    for quad in canonical(triples):
        if isinstance(quad.object, Triple) or isinstance(quad.subject, Triple):
            raise FormatError("A CSV cell cannot hold a triple about a triple; choose another format.")
        if getattr(quad.object, "direction", None):
            raise FormatError("A CSV cell cannot hold a text with a base direction; choose another format.")
        subject = (skolem if isinstance(quad.subject, BlankNode) else "") + quad.subject.value
        value = NamedNode(skolem + quad.object.value) if isinstance(quad.object, BlankNode) else quad.object
        result.append((subject, quad.predicate.value, value))
    return sorted(result, key=lambda triple: (*triple[:2], str(triple[2])))


def class_tables(triples: Iterable[Triple], prefixes: Prefixes, skolem: str) -> list[_Table]:
    """A table for each class of a graph; a resource of several is in that with the fewest members."""
    graph = _skolemized(triples, skolem)
    count = Counter(o.value for _, p, o in graph if p == TYPE.value and isinstance(o, NamedNode))
    kinds: dict[str, str] = {}
    for s, p, o in graph:
        kind = kinds.setdefault(s, "")
        if p == TYPE.value and isinstance(o, NamedNode):
            kinds[s] = min(filter(None, (kind, o.value)), key=lambda each: (count[each], each))
    names = _table_names(set(kinds.values()), prefixes)
    by_class = {kind: _Table(names[kind], kind, [], {}) for kind in sorted(names, key=names.__getitem__)}
    for subject, kind in kinds.items():
        by_class[kind].subjects.append(subject)
    for s, p, o in graph:
        if p == TYPE.value and o.value == kinds[s]:
            continue
        column = _Values(p)
        if isinstance(o, Literal):
            column = _Values(p, o.language or "", "" if o.language else o.datatype.value)
        by_class[kinds[s]].columns.setdefault(column, {}).setdefault(s, []).append(o.value)

    def order(item: tuple[_Values, object]) -> tuple[int, str, str, str]:
        return *property_order(item[0].property, prefixes), item[0].language, item[0].datatype

    return [t._replace(columns=dict(sorted(t.columns.items(), key=order))) for t in by_class.values()]


def _table_names(kinds: Iterable[str], prefixes: Prefixes) -> dict[str, str]:
    """A name for each class's table, short where unique; some file systems ignore case."""
    short = {kind: _local_name(kind) or "other" for kind in kinds}
    count = Counter(name.casefold() for name in short.values())
    names: dict[str, str] = {}
    for kind, name in sorted(short.items()):
        if count[name.casefold()] > 1 or name.casefold() in (_THINGS, _LINKS):
            name = re.sub(r"\W+", "-", compact(kind, prefixes), flags=re.ASCII).strip("-") or "others"
        names[kind] = _unique_name(name, names.values())
    return names


def _column_names(columns: Iterable[_Values]) -> dict[_Values, str]:
    """A name for each column, with its language, and with its datatype where the property has several."""
    columns = list(columns)
    names: dict[_Values, str] = {}
    for column in columns:
        others = [each for each in columns if each.property == column.property and not each.language]
        name = (_local_name(column.property) or "value").replace("-", "_")
        if column.language:
            name += "_" + column.language.replace("-", "_")
        elif len(others) > 1 and column.datatype:
            name += "_" + _local_name(column.datatype)
        names[column] = _unique_name(name, (_KEY, "is_a", *names.values()))
    return names


def _local_name(iri: str) -> str:
    """The last part of an IRI, in characters that file systems, spreadsheets and databases accept."""
    return re.sub(r"\W+", "-", re.split("[/#:]", iri.rstrip("/#"))[-1], flags=re.ASCII).strip("-_")


def _unique_name(name: str, taken: Iterable[str]) -> str:
    used, number, unique = {each.casefold() for each in taken}, 1, name
    while unique.casefold() in used:
        number += 1
        unique = f"{name}_{number}"
    return unique


def _column(name: str, by: dict[str, str], **metadata: Any) -> _Cells:
    return _Cells({"name": name, "titles": {"und": [name]}, **metadata}, by)


def _key_column(subjects: Iterable[str]) -> _Cells:
    return _column(_KEY, {s: s for s in subjects}, datatype="anyURI", required=True, suppressOutput=True)


def _value_column(name: str, column: _Values, values: Mapping[str, list[str]]) -> _Cells:
    several = _several(values)
    if not column.language and not column.datatype:
        more = {"separator": " ", "suppressOutput": True} if several else {"valueUrl": f"{{+{name}}}"}
        by = {s: " ".join(each) for s, each in values.items()}
        return _column(name, by, propertyUrl=column.property, datatype="anyURI", **more)
    metadata: dict[str, Any] = {"lang": column.language} if column.language else {}
    used = {value for each in values.values() for value in each}
    if "" in used:
        candidates = ("NULL", *map(str, range(len(used) + 1)))
        metadata["null"] = next(token for token in candidates if token not in used)
    separator = ""
    if several:
        # An empty cell has no values, so a single empty string is written twice.
        values = {s: each if each != [""] else each * 2 for s, each in values.items()}
        signs, free = set().union(*used), chain(_SEPARATORS, map(chr, range(0xE000, 0x110000)))
        separator = metadata["separator"] = next(sign for sign in free if sign not in signs)
    by = {s: separator.join(each) for s, each in values.items()}
    datatype = _datatype(column.datatype)
    return _column(name, by, propertyUrl=column.property, datatype=datatype, **metadata)


def _datatype(iri: str) -> str | dict[str, str]:
    name = iri.removeprefix(XSD)
    if not iri or name in _BUILT_IN:
        return name or "string"
    known = {f"{PREFIXES['rdf']}HTML": "html", f"{PREFIXES['rdf']}XMLLiteral": "xml"}
    return known.get(iri) or {"@id": iri, "base": "string"}


def _texts(name: str, texts: Texts) -> dict[str, Any]:
    """A property of the metadata with a text in each language, if there is any."""
    values = [{"@value": text, "@language": language} for language, text in texts.items()]
    return {f"dc:{name}": values} if texts else {}
