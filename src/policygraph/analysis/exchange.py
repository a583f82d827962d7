"""Write a network in the file formats of other tools; each format is a row of `FORMATS`.

The same network gives the same bytes, in whatever order its nodes and edges are, and networkx's own readers
read it back with the same nodes, edges and attributes:

- the id of a node is its name, that of an edge its `claim` if unique, else a number;
- text, numbers and booleans stay what they are, a decimal becomes a double, a date its ISO 8601 text, others
  their JSON text; None is left out, and so is what XML cannot hold: control characters and surrogates;
- an attribute whose values are of several types is text where the format declares types;
- an attribute whose name the format reserves, or that differs from another's only in case, gets "_" at its
  end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.errors import FormatError, nearest
from policygraph.rdf.formats import save

if TYPE_CHECKING:
    import os

    import networkx as nx


class _Network(NamedTuple):
    """A network as every format writes it: sorted, with names and values that a file can hold."""

    directed: bool
    multi: bool
    about: dict[str, Any]
    nodes: list[tuple[str, dict[str, Any]]]
    edges: list[tuple[str, str, str, dict[str, Any]]]  # id, source, target, attributes


class NetworkFormat(NamedTuple):
    """A way to write a network, as one file for each of `parts`, the endings of the files' stems.

    `of_nodes` and `of_edges` are the attribute names that the format reserves.
    """

    name: str
    media: str
    suffixes: tuple[str, ...]
    write: Callable[[_Network], Iterable[bytes]]
    of_nodes: tuple[str, ...] = ()
    of_edges: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("",)


def write(graph: nx.Graph, path: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write a network in the format of a file's suffix, gzipped if ".gz" follows; return the files written.

    Args:
        graph: any networkx graph; it is not changed.
        path: ".graphml" GraphML; ".gexf" GEXF 1.3, where years that a node has as `start` and `end` are its
            lifetime and `relation` distinguishes parallel edges; ".json" networkx's node-link JSON; ".cyjs"
            Cytoscape JSON, where `name` is the label; ".csv" two files: `X.csv` is `X-nodes.csv`, which has
            `id`, and `X-edges.csv`, which has `src`, `dst` and `relationship` (the edge's `relation`).

    The CSV files are RFC 4180 in UTF-8 with a header. pandas, DuckDB and cuGraph read them as they are, and
    Spark GraphFrames with the options `header=True, multiLine=True, escape='"'`. Neo4j's `database import
    full --multiline-fields=true --auto-skip-subsequent-headers=true` takes them after a file of one line with
    its own header: `id:ID,…` and `:START_ID,:END_ID,:TYPE,…`. They hold neither the recipe nor whether the
    network is directed, and an empty text is the same as none.

    Raises:
        FormatError: the suffix is unknown, two nodes would have one name, or a file cannot be written; then
            every file is as it was before.
    """
    target = Path(path)
    zipped = target.name.endswith(".gz")
    plain = target.with_suffix("") if zipped else target
    row = next((row for row in FORMATS.values() if plain.suffix.lower() in row.suffixes), None)
    if row is None:
        known = " ".join(suffix for row in FORMATS.values() for suffix in row.suffixes)
        raise FormatError(f"{path}: no network format has the suffix {plain.suffix!r}; use one of {known}.")
    ending = plain.suffix + (".gz" if zipped else "")
    paths = [plain.with_name(plain.stem + part + ending) for part in row.parts]
    contents = list(row.write(_network(graph, row)))
    if zipped:
        import gzip

        contents = [gzip.compress(content, mtime=0) for content in contents]
    if len(paths) == 1:
        save(contents[0], paths[0])
    else:
        _save_together(dict(zip(paths, contents, strict=True)))
    return tuple(paths)


def data(graph: nx.Graph, *, format: str) -> bytes:
    """Return a network as the bytes of one file.

    Raises:
        FormatError: the format is unknown or makes several files, or two nodes would have one name.
    """
    single = [row.name for row in FORMATS.values() if len(row.parts) == 1]
    if format not in single:
        problem = "makes several files" if format in FORMATS else "is no format of networks"
        known = ", ".join(single)
        raise FormatError(f"{format!r} {problem}; choose from {known}.{nearest(format, single)}")
    (content,) = files(graph, format=format).values()
    return content


def files(graph: nx.Graph, *, format: str) -> Mapping[str, bytes]:
    """Return a network as the files of a format, by the endings of their names, such as `-nodes.csv`.

    Raises:
        FormatError: the format is unknown, or two nodes would have one name.
    """
    if format not in FORMATS:
        raise FormatError(f"{format!r} is no format of networks.{nearest(format, FORMATS)}")
    row = FORMATS[format]
    endings = (part + row.suffixes[0] for part in row.parts)
    return dict(zip(endings, row.write(_network(graph, row)), strict=True))


def _network(graph: nx.Graph, row: NetworkFormat) -> _Network:
    names = {node: _text(_value(node)) for node in graph}
    twice = [name for name, times in Counter(names.values()).items() if times > 1]
    if twice:
        raise FormatError(
            f"Two nodes would both have the name {min(twice)!r} in a file; give one of them another name."
        )
    columns = _column_names((values for _, values in graph.nodes(data=True)), row.of_nodes)
    nodes = [(names[node], _values(values, columns)) for node, values in graph.nodes(data=True)]
    nodes.sort(key=lambda node: node[0])

    columns = _column_names((values for *_, values in graph.edges(data=True)), row.of_edges)
    unnamed: list[tuple[str, str, str, dict[str, Any]]] = []
    for source, target, values in graph.edges(data=True):
        one, other = names[source], names[target]
        # The order of an undirected edge's ends depends on how the graph was made.
        if not graph.is_directed() and one > other:
            one, other = other, one
        unnamed.append((one, other, _text(_value(values.get("claim"))), _values(values, columns)))
    alike = Counter(edge[:3] for edge in unnamed)
    unnamed.sort(key=lambda edge: (*edge[:3], _json(edge[3]) if alike[edge[:3]] > 1 else ""))
    claims = Counter(edge[2] for edge in unnamed)
    numbers = (number for number in map(str, count()) if number not in claims)
    edges = [
        (claim if claim and claims[claim] == 1 else next(numbers), source, target, held)
        for source, target, claim, held in unnamed
    ]
    about = _values(graph.graph, _column_names([graph.graph], ("node_default", "edge_default")))
    return _Network(graph.is_directed(), graph.is_multigraph(), about, nodes, edges)


def _column_names(rows: Iterable[Mapping[Any, Any]], reserved: Iterable[str]) -> dict[Any, str]:
    """Return the name of each attribute in the file, in the order of the file."""
    used = set(reserved)
    names = {}
    for attribute in sorted(set().union(*rows), key=str):
        name = _text(_value(attribute))
        while name.casefold() in used:
            name += "_"
        used.add(name.casefold())
        names[attribute] = name
    return names


def _values(attributes: Mapping[Any, Any], columns: Mapping[Any, str]) -> dict[str, Any]:
    values = {}
    for attribute, name in columns.items():
        if (value := _value(attributes.get(attribute))) is not None:
            values[name] = value
    return values


_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, Char


def _value(value: Any) -> str | bool | int | float | None:
    if value is None or type(value) in (bool, int, float):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        return _UNWRITABLE.sub("", value)
    if hasattr(value, "tolist"):
        return _value(value.tolist())  # numpy's own types
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    # Values that networkx's readers leave in a graph, such as `node_default`, are mostly empty.
    return _UNWRITABLE.sub("", _json(value)) if value else None


def _json(value: Any) -> str:
    import json

    def plain(other: Any) -> Any:
        return sorted(map(str, other)) if isinstance(other, set | frozenset) else str(other)

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=plain)


def _text(value: str | bool | int | float | None) -> str:
    """Convert a value to text that both Python and Java read back."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return "" if value is None else str(value)


def _types(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the GraphML type of each attribute, which all its values have."""
    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    return {name: _type(columns[name]) for name in sorted(columns)}


def _type(values: list[Any]) -> str:
    types = {type(value) for value in values}
    if types == {bool}:
        return "boolean"
    if types == {int}:
        size = max(value.bit_length() for value in values)
        return "int" if size < 32 else "long" if size < 64 else "string"
    if types <= {int, float} and all(abs(value) <= 2**53 for value in values if isinstance(value, int)):
        return "double"
    return "string"


_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def _xml(name: str, attributes: Mapping[str, str], *content: str) -> str:
    """Write an element; its content is XML already."""
    head = "".join(f' {key}="{value.translate(_ESCAPES)}"' for key, value in attributes.items())
    return f"<{name}{head}>{''.join(content)}</{name}>" if content else f"<{name}{head}/>"


def _lines(elements: Iterable[str]) -> str:
    return "".join(f"\n{element}" for element in elements) + "\n"


def _document(name: str, attributes: Mapping[str, str], elements: Iterable[str]) -> Iterator[bytes]:
    root = _xml(name, attributes, _lines(elements))
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'.encode()


def _direction(network: _Network) -> str:
    return "directed" if network.directed else "undirected"


def _graphml(network: _Network) -> Iterator[bytes]:
    """Write GraphML (http://graphml.graphdrawing.org/specification.html)."""
    keys: dict[tuple[str, str], str] = {}
    declared = []
    for scope, types in (
        ("graph", _types([network.about])),
        ("node", _types(values for _, values in network.nodes)),
        ("edge", _types(values for *_, values in network.edges)),
    ):
        for name, type_ in types.items():
            key = keys[scope, name] = f"d{len(keys)}"
            declared.append(_xml("key", {"id": key, "for": scope, "attr.name": name, "attr.type": type_}))

    def held(scope: str, values: Mapping[str, Any]) -> list[str]:
        return [
            _xml("data", {"key": keys[scope, name]}, _text(value).translate(_ESCAPES))
            for name, value in values.items()
        ]

    body = held("graph", network.about)
    body += [_xml("node", {"id": name}, *held("node", values)) for name, values in network.nodes]
    for id_, source, target, values in network.edges:
        body.append(_xml("edge", {"id": id_, "source": source, "target": target}, *held("edge", values)))
    graph = _xml("graph", {"edgedefault": _direction(network)}, _lines(body))
    return _document("graphml", {"xmlns": "http://graphml.graphdrawing.org/xmlns"}, [*declared, graph])


def _gexf(network: _Network) -> Iterator[bytes]:
    """Write GEXF 1.3 (https://gexf.net), with dates for Gephi, since it has no time format for years.

    networkx's writer is not used: its 1.3 does not follow the schema, and contains today's date.
    """
    nodes, edges = [], []
    for name, values in network.nodes:
        held = dict(values)
        nodes.append(({"id": name, "label": _text(held.pop("label", name)), **_lifetime(values)}, held))
    for id_, source, target, values in network.edges:
        held = dict(values)
        head = {"id": id_, "source": source, "target": target, **_lifetime(values)}
        if "label" in held or "relation" in held:
            head["label"] = _text(held.pop("label", held.get("relation")))
        if "relation" in held:
            head["kind"] = _text(held["relation"])  # by which Gephi distinguishes parallel edges
        if type(weight := held.pop("weight", None)) in (int, float) and isfinite(weight):
            head["weight"] = _text(weight)
        elif weight is not None:
            held["weight_"] = weight  # a weight has to be a number
        edges.append((head, held))
    dynamic = any({"start", "end"} & head.keys() for head, _ in (*nodes, *edges))

    def declared(kind: str, elements: Iterable[tuple[Any, Mapping[str, Any]]]) -> str:
        types = _types(held for _, held in elements).items()
        # Gephi, when it appends one file to another, matches attributes by id.
        return _xml("attributes", {"class": kind}, *(
            _xml("attribute", {"id": name, "title": name, "type": "integer" if type_ == "int" else type_})
            for name, type_ in types
        ))  # fmt: skip

    def written(kind: str, elements: Iterable[tuple[dict[str, str], Mapping[str, Any]]]) -> Iterator[str]:
        for head, held in elements:
            cells = [_xml("attvalue", {"for": name, "value": _text(value)}) for name, value in held.items()]
            yield _xml(kind, head, _xml("attvalues", {}, *cells))

    about = "\n".join(f"{name}: {_text(value)}" for name, value in network.about.items())
    meta = [_xml("creator", {}, "PolicyGraph"), _xml("description", {}, about.translate(_ESCAPES))]
    time = {"mode": "dynamic", "timeformat": "date"} if dynamic else {"mode": "static"}
    graph = [
        declared("node", nodes),
        declared("edge", edges),
        _xml("nodes", {}, _lines(written("node", nodes))),
        _xml("edges", {}, _lines(written("edge", edges))),
    ]
    body = [_xml("meta", {}, *meta)]
    body.append(_xml("graph", {"defaultedgetype": _direction(network), **time}, _lines(graph)))
    return _document("gexf", {"xmlns": "http://gexf.net/1.3", "version": "1.3"}, body)


def _lifetime(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the first and last day of `start` and `end`, years or dates; nothing if the end is first."""
    life = {}
    for name, day in (("start", "-01-01"), ("end", "-12-31")):
        value = values.get(name)
        if type(value) is int and 0 < value < 10_000:
            life[name] = f"{value:04}{day}"
        elif isinstance(value, str):
            try:
                life[name] = datetime.fromisoformat(value).date().isoformat()
            except ValueError:
                continue
    return {} if life.get("start", "") > life.get("end", "9999-12-31") else life


def _node_link(network: _Network) -> Iterator[bytes]:
    """Write the JSON that networkx.node_link_graph(…, edges="edges") reads."""
    yield _json_document({
        "directed": network.directed,
        "multigraph": network.multi,
        "graph": _finite(network.about),
        "nodes": [{"id": name, **_finite(values)} for name, values in network.nodes],
        "edges": [
            {"source": source, "target": target}
            | ({"key": id_} if network.multi else {})
            | _finite(values)
            for id_, source, target, values in network.edges
        ],
    })  # fmt: skip


def _cytoscape(network: _Network) -> Iterator[bytes]:
    """Write the JSON that networkx.cytoscape_graph, Cytoscape and cytoscape.js read."""
    nodes, edges = [], []
    for name, values in network.nodes:
        # networkx names the node by `value`, Cytoscape shows `name`.
        own = {"id": name, "value": name, "name": _text(values.get("label")) or name}
        nodes.append({"data": own | _finite(values)})
    for id_, source, target, values in network.edges:
        own = {"id": id_, "source": source, "target": target}
        own |= {"key": id_} if network.multi else {}
        own |= {"interaction": _text(values["relation"])} if "relation" in values else {}
        edges.append({"data": own | _finite(values)})
    yield _json_document({
        "data": _finite(network.about),
        "directed": network.directed,
        "multigraph": network.multi,
        "elements": {"nodes": nodes, "edges": edges},
    })  # fmt: skip


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """Replace NaN and infinity, which JSON does not have, by text."""
    return {
        name: _text(value) if isinstance(value, float) and not isfinite(value) else value
        for name, value in values.items()
    }


def _json_document(document: Mapping[str, Any]) -> bytes:
    import json

    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _csv_files(network: _Network) -> Iterator[bytes]:
    """Write CSV (RFC 4180): a file of nodes and one of edges, with the columns that GraphFrames requires."""
    yield _csv_file(["id"], [([name], values) for name, values in network.nodes])
    edges = []
    for _, source, target, values in network.edges:
        held = dict(values)
        edges.append(([source, target, _text(held.pop("relation", None))], held))
    yield _csv_file(["src", "dst", "relationship"], edges)


def _csv_file(head: list[str], rows: list[tuple[list[str], dict[str, Any]]]) -> bytes:
    import csv
    import io

    columns = sorted(set().union(*(values for _, values in rows)))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*head, *columns])
    for cells, values in rows:
        writer.writerow(cells + [_text(values.get(name)) for name in columns])
    return text.getvalue().encode()


def _save_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files, all under temporary names before any is renamed."""
    import os

    drafts: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            target = path.resolve()  # keep symbolic links
            if target.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            if target.exists() and not os.access(target, os.W_OK):
                raise PermissionError(13, "Permission denied")
            drafts[target] = target.with_name(f".{target.name}.{os.getpid()}")
            drafts[target].write_bytes(content)
        for target, draft in drafts.items():
            draft.replace(target)
    except OSError as error:
        raise FormatError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)


FORMATS: Mapping[str, NetworkFormat] = {
    row.name: row
    for row in (
        # networkx's reader reads the id of an edge as its attribute `id`.
        NetworkFormat("graphml", "application/graphml+xml", (".graphml",), _graphml, of_edges=("id",)),
        # The names of Gephi's own columns, and `key`, on which networkx's reader fails.
        NetworkFormat("gexf", "application/gexf+xml", (".gexf",), _gexf, ("id", "timeset", "pid"), (
            "id", "source", "target", "type", "timeset", "key",
        )),
        NetworkFormat("node-link", "application/json", (".json",), _node_link, ("id",), (
            "source", "target", "key",
        )),
        NetworkFormat("cytoscape", "application/json", (".cyjs",), _cytoscape, ("id", "value", "name"), (
            "id", "source", "target", "key", "interaction",
        )),
        NetworkFormat("csv", "text/csv", (".csv",), _csv_files, ("id",), ("src", "dst", "relationship"), (
            "-nodes", "-edges",
        )),
    )
}  # fmt: skip
"""Every format of networks by its name."""
