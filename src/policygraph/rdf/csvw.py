"""A graph as tables: a CSV file for each kind of thing, and one file that says what their columns mean.

The second is metadata by the W3C's CSV on the Web (https://www.w3.org/TR/tabular-metadata/); with it, every
triple of the graph can be made from the tables again (https://www.w3.org/TR/csv2rdf/), except that a blank
node comes back as an IRI. A property is a column for each language and datatype that its values have.

A cell can hold several texts or numbers, but by that standard no several IRIs. So a property that refers to
several things is a column to read in the thing's own table, and its triples are in the table `links`. The
table `things` lists everything with its kind: it is what the other tables' references lead to.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple

from policygraph.errors import FormatError
from policygraph.rdf.namespaces import PREFIXES, compact, expand

METADATA = "csv-metadata.json"
"""The name of the metadata file beside the tables."""

Texts: TypeAlias = Mapping[str, str]
"""A text by its language."""

_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_XSD = PREFIXES["xsd"]
_BUILT_IN = frozenset(
    "anyURI base64Binary boolean byte date dateTime dateTimeStamp dayTimeDuration decimal double "  # noqa: SIM905
    "duration float gDay gMonth gMonthDay gYear gYearMonth hexBinary int integer language long "
    "negativeInteger nonNegativeInteger nonPositiveInteger normalizedString positiveInteger short string "
    "time token unsignedByte unsignedInt unsignedLong unsignedShort yearMonthDuration".split()
)
_FIRST = [
    expand(name)
    for name in (
        *("rdf:type", "skos:prefLabel", "skos:altLabel", "rdfs:label", "dct:title", "foaf:name"),
        *("skos:definition", "dct:description", "rdf:subject", "rdf:predicate", "rdf:object"),
    )
]
_LINKS, _THINGS, _KEY = "links", "things", "iri"
_ALL = {"en": "All things, with their kind", "da": "Alle ting, med deres slags"}
_SEVERAL = {"en": "All references to several things", "da": "Alle henvisninger til flere ting"}
_SEPARATORS = "|;¦"


class _Column(NamedTuple):
    """What the cells of a column share: the property, and the language or datatype of its values."""

    property: str
    language: str = ""
    datatype: str = ""  # an IRI; empty for text in a language and for references


class _Table(NamedTuple):
    name: str
    kind: str  # the IRI of a class; empty for things that have none
    subjects: list[str]
    columns: dict[_Column, dict[str, list[str]]]  # values by subject


class _Cells(NamedTuple):
    """A column as the metadata describe it, and its cells by subject."""

    told: dict[str, Any]
    by: dict[str, str]


def tables(
    triples: Iterable[Triple],
    *,
    about: Mapping[str, Any] | None = None,
    label: Callable[[str], str] = compact,
    labels: Callable[[str], Texts] = lambda iri: {},
    definitions: Callable[[str], Texts] = lambda iri: {},
    skolem: str = "urn:blank:",
) -> dict[str, bytes]:
    """The tables of a graph by file name, and `csv-metadata.json`; the same graph gives the same bytes.

    Args:
        triples: the graph.
        about: what the metadata say of all the tables, such as `dc:title`.
        label: what a thing is called in the list of things.
        labels: what a class or property is called, for the titles of tables and columns.
        definitions: what a class or property means.
        skolem: what the IRIs begin with that stand for blank nodes.

    Raises:
        FormatError: a value is a triple, which no cell can hold.
    """
    split = _split(_named(triples, skolem))
    homes = {subject: table.name for table in split for subject in table.subjects}
    files: dict[str, bytes] = {}
    described: list[dict[str, Any]] = []

    def add(name: str, subjects: Sequence[str], columns: Sequence[_Cells], keys: Any, **told: Any) -> None:
        shown = [column for column in columns if "virtual" not in column.told]
        rows = [[each.by.get(s, each.told.get("null", "")) for each in shown] for s in subjects]
        files[f"{name}.csv"] = _csv([[each.told["name"] for each in shown], *rows])
        schema: dict[str, Any] = {"columns": [each.told for each in columns]}
        if keys is not None:
            schema |= {"aboutUrl": f"{{+{_KEY}}}", "primaryKey": _KEY, "foreignKeys": keys}
        described.append({"url": f"{name}.csv", **told, "tableSchema": schema})

    links: list[tuple[str, str, str]] = []
    for table in split:
        columns, keys = [_references(_KEY, table.subjects)], [_foreign(_KEY, _THINGS)]
        names = _names(table.columns)
        for column, values in table.columns.items():
            cells = _cells(names[column], column, values)
            cells.told["titles"] |= labels(column.property)
            cells.told.update(_meaning(definitions(column.property)))
            columns.append(cells)
            if "suppressOutput" in cells.told:
                links += [(s, column.property, o) for s, objects in values.items() for o in objects]
            elif "valueUrl" in cells.told and len(values) == len(table.subjects):
                # By the standard, an empty cell would be a reference that leads nowhere.
                goals = {homes.get(o, "") for objects in values.values() for o in objects}
                if "" not in goals:
                    keys.append(_foreign(names[column], goals.pop() if len(goals) == 1 else _THINGS))
        if table.kind:
            type_ = {"name": "is_a", "virtual": True, "propertyUrl": _TYPE.value, "valueUrl": table.kind}
            columns.append(_Cells(type_, {}))
        head = {"dc:title": _tagged(title)} if (title := labels(table.kind)) else {}
        add(table.name, table.subjects, columns, keys, **head, **_meaning(definitions(table.kind)))

    kinds = {subject: table.kind for table in split for subject in table.subjects if table.kind}
    subjects = sorted(homes)
    kind = _references("kind", subjects, kinds)
    kind.told["propertyUrl"] = _TYPE.value
    called: dict[str, Any] = {
        "name": "label",
        "titles": {"und": ["label"]},
        "datatype": "string",
        "suppressOutput": True,
    }
    listed = [_references(_KEY, subjects), kind, _Cells(called, {s: label(s) for s in subjects})]
    add(_THINGS, subjects, listed, [], **{"dc:title": _tagged(_ALL)})
    if links:
        links.sort()
        rows = [str(number) for number in range(len(links))]
        columns = [
            _references(name, rows, {row: link[place] for row, link in zip(rows, links, strict=True)})
            for place, name in enumerate(("subject", "property", "object"))
        ]
        columns[2].told.update(aboutUrl="{+subject}", propertyUrl="{+property}")
        for each in columns[:2]:
            each.told["suppressOutput"] = True
        add(_LINKS, rows, columns, None, **{"dc:title": _tagged(_SEVERAL)})
        described[-1]["tableSchema"] |= {
            "primaryKey": ["subject", "property", "object"],
            "foreignKeys": [_foreign("subject", _THINGS)],
        }
    metadata = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        **(about or {}),
        "dialect": {"encoding": "utf-8", "header": True, "trim": False},
        "tables": described,
    }
    from policygraph.rdf.jsonld import text

    return {**files, METADATA: (text(metadata) + "\n").encode()}


def _named(triples: Iterable[Triple], skolem: str) -> list[tuple[str, str, NamedNode | Literal]]:
    """The triples in order, with an IRI for each blank node."""
    quads: Iterable[Quad] = {Quad(*triple) for triple in triples}
    if any(isinstance(term, BlankNode) for quad in quads for term in quad.triple):
        dataset = Dataset(quads)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        quads = dataset
    found = []
    for quad in quads:
        subject, predicate, value = quad.triple
        if isinstance(value, Triple) or isinstance(subject, Triple):
            raise FormatError("A table has no cell for a triple about a triple; choose another format.")
        if isinstance(value, BlankNode):
            value = NamedNode(skolem + value.value)
        name = skolem + subject.value if isinstance(subject, BlankNode) else subject.value
        found.append((name, predicate.value, value))
    return sorted(found, key=lambda triple: (*triple[:2], str(triple[2])))


def _split(graph: list[tuple[str, str, NamedNode | Literal]]) -> list[_Table]:
    """A table for each kind; a thing of several kinds is in that of which there are fewest."""
    count = Counter(o.value for _, p, o in graph if p == _TYPE.value and isinstance(o, NamedNode))
    kinds: dict[str, str] = {}
    for s, p, o in graph:
        kind = kinds.setdefault(s, "")
        if p == _TYPE.value and isinstance(o, NamedNode):
            kinds[s] = min(filter(None, (kind, o.value)), key=lambda each: (count[each], each))
    names = _files(set(kinds.values()))
    found = {kind: _Table(names[kind], kind, [], {}) for kind in sorted(names, key=lambda kind: names[kind])}
    for subject, kind in kinds.items():
        found[kind].subjects.append(subject)
    for s, p, o in graph:
        if p == _TYPE.value and o.value == kinds[s]:
            continue
        if isinstance(o, NamedNode):
            column = _Column(p)
        else:
            column = _Column(p, o.language or "", "" if o.language else o.datatype.value)
        found[kinds[s]].columns.setdefault(column, {}).setdefault(s, []).append(o.value)

    def order(column: _Column) -> tuple[int, str, str, str]:
        place = _FIRST.index(column.property) if column.property in _FIRST else len(_FIRST)
        return place, compact(column.property), column.language, column.datatype

    return [
        t._replace(columns={c: t.columns[c] for c in sorted(t.columns, key=order)}) for t in found.values()
    ]


def _files(kinds: Iterable[str]) -> dict[str, str]:
    """A name for each kind's table, short where that is enough; case does not tell files apart everywhere."""
    short = {kind: _word(kind) or "other" for kind in kinds}
    often = Counter(name.casefold() for name in short.values())
    names: dict[str, str] = {}
    for kind, name in sorted(short.items()):
        if often[name.casefold()] > 1 or name.casefold() in (_THINGS, _LINKS):
            name = re.sub(r"\W+", "-", compact(kind), flags=re.ASCII).strip("-") or "others"
        names[kind] = _free(name, names.values())
    return names


def _names(columns: Iterable[_Column]) -> dict[_Column, str]:
    """A name for each column, with its language, and with its datatype where the property has several."""
    columns = list(columns)
    names: dict[_Column, str] = {}
    for column in columns:
        alike = [each for each in columns if each.property == column.property and not each.language]
        name = (_word(column.property) or "value").replace("-", "_")
        if column.language:
            name += "_" + column.language.replace("-", "_")
        elif len(alike) > 1 and column.datatype:
            name += "_" + _word(column.datatype)
        names[column] = _free(name, (_KEY, "is_a", *names.values()))
    return names


def _word(iri: str) -> str:
    """The last word of an IRI, of letters that file systems, spreadsheets and databases bear."""
    return re.sub(r"\W+", "-", re.split("[/#:]", iri.rstrip("/#"))[-1], flags=re.ASCII).strip("-_")


def _free(name: str, taken: Iterable[str]) -> str:
    used, number, free = {each.casefold() for each in taken}, 1, name
    while free.casefold() in used:
        number += 1
        free = f"{name}_{number}"
    return free


def _references(name: str, subjects: Iterable[str], by: Mapping[str, str] | None = None) -> _Cells:
    """A column of single IRIs: those of the subjects themselves, unless others are given."""
    told: dict[str, Any] = {"name": name, "titles": {"und": [name]}, "datatype": "anyURI"}
    if by is None:
        # What a row is about is no property of it.
        told |= {"required": True, "suppressOutput": True}
    else:
        told["valueUrl"] = f"{{+{name}}}"
    return _Cells(told, dict(by) if by is not None else {s: s for s in subjects})


def _cells(name: str, column: _Column, values: Mapping[str, list[str]]) -> _Cells:
    told: dict[str, Any] = {"name": name, "titles": {"und": [name]}, "propertyUrl": column.property}
    several = any(len(each) > 1 for each in values.values())
    if not column.language and not column.datatype:
        if several:
            told |= {"datatype": "anyURI", "separator": " ", "suppressOutput": True}
        else:
            told |= {"datatype": "anyURI", "valueUrl": f"{{+{name}}}"}
        return _Cells(told, {s: " ".join(each) for s, each in values.items()})
    told |= {"datatype": _datatype(column.datatype)}
    if column.language:
        told["lang"] = column.language
    held = {value for each in values.values() for value in each}
    if "" in held:
        told["null"] = next(token for token in ("NULL", *map(str, range(len(held) + 1))) if token not in held)
    if not several:
        return _Cells(told, {s: each[0] for s, each in values.items()})
    told["separator"] = _separator(held)
    # An empty cell has no values, so a single empty one is said twice.
    return _Cells(
        told, {s: told["separator"].join(each if each != [""] else each * 2) for s, each in values.items()}
    )


def _separator(values: Iterable[str]) -> str:
    """A character that none of the values has in it."""
    used = set().union(*values)
    return next(each for each in chain(_SEPARATORS, map(chr, range(0xE000, 0x110000))) if each not in used)


def _datatype(iri: str) -> str | dict[str, str]:
    name = iri.removeprefix(_XSD)
    if not iri or name in _BUILT_IN:
        return name or "string"
    if iri in (PREFIXES["rdf"] + "HTML", PREFIXES["rdf"] + "XMLLiteral"):
        return "html" if iri.endswith("HTML") else "xml"
    return {"@id": iri, "base": "string"}


def _foreign(column: str, table: str) -> dict[str, Any]:
    return {
        "columnReference": column,
        "reference": {"resource": f"{table}.csv", "columnReference": _KEY},
    }


def _tagged(texts: Texts) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def _meaning(definition: Texts) -> dict[str, Any]:
    return {"dc:description": _tagged(definition)} if definition else {}


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
