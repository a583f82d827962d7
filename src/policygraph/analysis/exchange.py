"""Write a network in the file formats of other tools; each format is a row of `FORMATS`.

networkx writes GraphML and both kinds of JSON. The same network gives the same bytes, in whatever order its
nodes and edges are, and networkx's own readers read it back with the same nodes, edges and attributes:

- the id of a node is its name, that of an edge its `claim` if nothing else has it, else a number;
- text, numbers and booleans stay what they are, a decimal becomes a double, a date its ISO 8601 text, bytes
  their text in UTF-8, lists, sets and mappings their JSON, others their text; None is left out, as pandas's
  missing values are, and so is what XML cannot hold: control characters and surrogates;
- NaN and infinity become text in GraphML and JSON;
- an attribute whose values are of several types is text where the format declares types;
- an attribute whose name the format reserves, or that differs from another's only in case, gets "_" at its
  end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count, islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import NamedNode

from policygraph.analysis.network import WHOLE, described, network, part_of, require_nodes, versions
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import require_language
from policygraph.errors import FormatError, extra
from policygraph.rdf.formats import save_together
from policygraph.rdf.namespaces import word
from policygraph.store.protocols import Store, solutions
from policygraph.text import NOT_XML, csv_text

if TYPE_CHECKING:
    import os

    import networkx as nx


_CLAIMS = "network-edges"  # the saved query of everything, to be read row by row
_PARTS = ("-nodes", "-edges")
NODES, EDGES = "number iri kind label", "source target relation basis strength"
# Rows that are in memory at a time as Python's, and how many times as many are as Arrow's, in a row group.
_PART, _GROUP = 2_000, 10
# What claims are about or lead to. Of a path, rdf:subject|rdf:object, the engine would remember all ends.
_ENDS = """SELECT ?thing { { ?claim rdf:subject ?thing } UNION { ?claim rdf:object ?thing }
  FILTER(isIRI(?thing)) }"""


class NetworkFormat(NamedTuple):
    """A way to write a network, as one file for each of `parts`, the endings of the files' stems.

    `write` takes what `_copy` makes, and whether parallel edges are allowed. `of_nodes` and `of_edges` are
    the attribute names that the format reserves, `title` its name for people.
    """

    name: str
    media: str
    suffixes: tuple[str, ...]
    write: Callable[[nx.MultiGraph, bool], Iterable[bytes]]
    of_nodes: tuple[str, ...] = ()
    of_edges: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("",)
    title: str = ""
    drawn: bool = False  # whether it has colours and positions


Looks = Callable[["nx.Graph"], Mapping[Any, Mapping[str, Any]]]
"""What gives each node its `color`, "#rrggbb", and perhaps its place, `x` to the right and `y` down."""


def write_network(
    graph: nx.Graph, path: str | os.PathLike[str], *, looks: Looks | None = None
) -> tuple[Path, ...]:
    """Write a network in the format of a file's suffix, gzipped if ".gz" follows; return the files written.

    Args:
        graph: any networkx graph; it is not changed.
        path: ".graphml" GraphML; ".gexf" GEXF 1.3, where years that a node has as `start` and `end` are its
            lifetime and `relation` distinguishes parallel edges; ".json" networkx's node-link JSON; ".cyjs"
            Cytoscape JSON, where `name` is the label; ".csv" two files: `X.csv` is `X-nodes.csv`, which has
            `id`, and `X-edges.csv`, which has `src`, `dst` and `relationship` (the edge's `relation`);
            ".parquet" likewise, see `write_parquet`.
        looks: of the nodes, for formats that have colours and positions.

    The CSV files are RFC 4180 in UTF-8 with a header (docs/network.md shows how engines read them). They hold
    neither the recipe nor whether the network is directed, and an empty text is the same as none.

    Raises:
        NetworkError: a network of a catalogue is empty.
        FormatError: the suffix is unknown, two nodes or two keys within an attribute would have one name, or
            a file cannot be written; then every file is as it was before.
    """
    require_nodes(graph, "there is nothing to write")
    target = Path(path)
    zipped = target.name.endswith(".gz")
    plain = target.with_suffix("") if zipped else target
    row = next((row for row in FORMATS.values() if plain.suffix.lower() in row.suffixes), None)
    if row is None:
        known = " ".join(suffix for row in FORMATS.values() for suffix in row.suffixes)
        raise FormatError(f"{path}: no network format has the suffix {plain.suffix!r}; use one of {known}.")
    ending = plain.suffix + (".gz" if zipped else "")
    paths = [plain.with_name(plain.stem + part + ending) for part in row.parts]
    contents = row.write(_copy(graph, row, looks), graph.is_multigraph())
    save_together(dict(zip(paths, contents, strict=True)))
    return tuple(paths)


def write_parquet(
    source: Catalog | nx.Graph,
    path: str | os.PathLike[str],
    *,
    store: Store | None = None,
    language: str | None = None,
    **chosen: Any,
) -> tuple[tuple[Path, ...], int, int]:
    """Write a network as Parquet; return the two files, and how many nodes and edges they have.

    Args:
        source: a catalogue, whose whole network is written row by row, with numbers in a file meanwhile;
            or any networkx graph.
        path: "X.parquet", for `X-nodes.parquet` (`number`, `iri`, `kind`, `label`) and `X-edges.parquet`
            (`source` and `target`, which are numbers of nodes, `relation`, `basis`, `strength`).
        store: where the queries of the catalogue run, by default on all its datasets.
        language: of labels, as a BCP 47 tag.
        chosen: the query and the filters of `network`; with any, the network is made in memory first.

    Errors are those of `network` and `write_network`, and ExtraError without pyarrow.
    """
    if isinstance(source, Catalog) and (any(chosen.values()) or not _streamable(source)):
        source = network(source, store=store, language=language, **chosen)
    elif not isinstance(source, Catalog):
        source = part_of(source, **chosen)
    if not isinstance(source, Catalog):
        return write_network(source, path), len(source), source.number_of_edges()
    store = source.store if store is None else store
    require_language(store, language)
    target = Path(path)
    paths = [target.with_name(f"{target.stem}{part}{target.suffix}") for part in _PARTS]
    try:
        nodes, edges = _stream(source, store, language, paths)
    except OSError as error:
        raise FormatError(f"{path} cannot be written: {error.strerror or error}.") from None
    if not nodes:
        require_nodes(network(source, store=store), "there is nothing to write")
    return tuple(paths), nodes, edges


def _streamable(catalog: Catalog) -> bool:
    """Whether the question of claims one by one is of the same network as that of everything."""
    whole, claims = (Path(str(catalog.saved(name).path)) for name in (WHOLE, _CLAIMS))
    return whole.parent == claims.parent.parent


def _stream(catalog: Catalog, store: Store, language: str | None, paths: list[Path]) -> tuple[int, int]:
    """Write the nodes and edges of a catalogue; the numbers of things are in a database beside meanwhile."""
    import sqlite3
    from contextlib import closing
    from tempfile import TemporaryDirectory

    dataset = versions(catalog, store)
    about = {"network": WHOLE, **({"dataset": dataset} if dataset else {})}
    with TemporaryDirectory(dir=paths[0].parent, prefix=".policygraph-") as folder:
        drafts = [Path(folder) / path.name for path in paths]
        with closing(sqlite3.connect(Path(folder) / "numbers.sqlite")) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, iri TEXT UNIQUE)")

            def numbered(iris: Iterable[str]) -> dict[str, int]:
                wanted = sorted({*iris})
                database.executemany("INSERT OR IGNORE INTO things (iri) VALUES (?)", ((x,) for x in wanted))
                values = "SELECT iri, number FROM things WHERE iri IN (SELECT value FROM json_each(?))"
                return dict(database.execute(values, [json.dumps(wanted)]))

            relations: dict[str, str] = {}

            def claims() -> Iterator[tuple[Any, ...]]:
                rows = solutions(store.streamed(catalog.bind(_CLAIMS, store)))
                while batch := [tuple(row)[:5] for row in islice(rows, _PART)]:
                    ends = [_name(term) for each in batch for term in (each[0], each[2])]
                    number = numbered(ends)
                    new = {each[1].value for each in batch} - relations.keys()
                    labels = catalog.labels(store, new) if new else None
                    relations.update((iri, labels.of(iri, language or "en").text) for iri in new if labels)
                    for source, relation, target, *basis in batch:
                        words = (word(each.value) if each else None for each in basis)
                        yield number[_name(source)], number[_name(target)], relations[relation.value], *words

            edges = save_rows(drafts[1], EDGES, claims(), about)
            (connected,) = next(database.execute("SELECT ifnull(max(number), 0) FROM things"))
            others = (row["thing"].value for row in solutions(store.streamed(_ENDS)))
            while batch := [*islice(others, _PART)]:
                numbered(batch)

            def things() -> Iterator[tuple[Any, ...]]:
                every = database.execute("SELECT number, iri FROM things ORDER BY number")
                while batch := every.fetchmany(_PART):
                    names = {iri for _, iri in batch if not iri.startswith("_:")}
                    ends = [iri for number, iri in batch if number <= connected]
                    known = described(catalog, store, names, ends, language).nodes
                    for number, iri in batch:
                        if iri in known:
                            yield number, iri, known[iri].get("kind"), known[iri].get("label")

            nodes = save_rows(drafts[0], NODES, things(), about)
        for draft, path in zip(drafts, paths, strict=True) if nodes else ():
            draft.replace(path)
    return nodes, edges


def _name(term: Any) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def save_rows(sink: Any, columns: str, rows: Iterator[tuple[Any, ...]], about: Mapping[str, Any]) -> int:
    """Write rows of numbers and texts to a Parquet file, with what the network is as metadata."""
    with extra("cluster", "Parquet"):
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

    numbers = {"number", "source", "target"}
    fields = [(name, pa.int64() if name in numbers else pa.string()) for name in columns.split()]
    schema, written = pa.schema(fields), 0

    def batch(part: list[tuple[Any, ...]]) -> pa.RecordBatch:
        cells = zip(zip(*part, strict=True), schema, strict=True)
        return pa.record_batch([pa.array(each, field.type) for each, field in cells], schema=schema)

    batches = map(batch, iter(lambda: [*islice(rows, _PART)], []))
    # Without Arrow's own schema, in which other engines would find types that they do not have.
    with ParquetWriter(sink, schema, store_schema=False) as writer:
        while group := [*islice(batches, _GROUP)]:
            writer.write_table(pa.Table.from_batches(group))
            written += sum(map(len, group))
        writer.add_key_value_metadata({"policygraph": json.dumps(about)})
    return written


def _parquet_files(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    import io

    number, words = {name: place for place, name in enumerate(copy)}, ("basis", "strength")
    nodes = ((number[name], name, *_texts(data, "kind", "label")) for name, data in copy.nodes(data=True))
    edges = (
        (number[one], number[two], *_texts(data, "relation"), *(word(data.get(x)) or None for x in words))
        for one, two, data in copy.edges(data=True)
    )
    for columns, rows in ((NODES, nodes), (EDGES, edges)):
        stream = io.BytesIO()
        save_rows(stream, columns, rows, copy.graph)
        yield stream.getvalue()


def _texts(data: Mapping[str, Any], *names: str) -> Iterator[str | None]:
    return (_text(data[name]) if name in data else None for name in names)


def files(graph: nx.Graph, *, format: str, looks: Looks | None = None) -> Mapping[str, bytes]:
    """Return a network as the files of one of `FORMATS`, by the endings of their names, such as `-nodes.csv`.

    FormatError when two nodes, or two keys within an attribute, would have one name.
    """
    row = FORMATS[format]
    endings = (part + row.suffixes[0] for part in row.parts)
    return dict(zip(endings, row.write(_copy(graph, row, looks), graph.is_multigraph()), strict=True))


def _copy(graph: nx.Graph, row: NetworkFormat, looks: Looks | None) -> nx.MultiGraph:
    """Copy a network in one order, with names and values that a file can hold; an edge's key is its id."""
    import networkx as nx

    names = _names(graph, "nodes")
    copy = nx.MultiDiGraph() if graph.is_directed() else nx.MultiGraph()
    reserved = ("id", "node_default", "edge_default")
    copy.graph.update(_values(graph.graph, _column_names([graph.graph], reserved)))
    columns = _column_names((values for _, values in graph.nodes(data=True)), row.of_nodes)
    nodes = [(names[node], _values(values, columns)) for node, values in graph.nodes(data=True)]
    copy.add_nodes_from(sorted(nodes, key=lambda node: node[0]))
    for node, look in looks(graph).items() if looks and row.drawn else ():
        copy.nodes[names[node]]["viz"] = look

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
    numbers = (number for number in map(str, count()) if number not in claims and number not in copy)
    copy.add_edges_from(
        (source, target, claim if claims[claim] == 1 and claim not in copy and claim else next(numbers), held)
        for source, target, claim, held in unnamed
    )
    return copy


def _names(things: Iterable[Any], what: str) -> dict[Any, str]:
    """Return the name of each thing in the file; FormatError when two would have one."""
    names = {thing: _text(_value(thing)) for thing in things}
    if twice := [name for name, times in Counter(names.values()).items() if times > 1]:
        reason = f"Two {what} would both have the name {min(twice)!r} in a file"
        raise FormatError(f"{reason}; give one of them another name.")
    return names


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
    values = {name: _value(attributes.get(attribute)) for attribute, name in columns.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(value: Any) -> str | bool | int | float | None:
    if value is None or type(value) in (bool, int, float):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str):
        return NOT_XML.sub("", value)
    if type(value).__name__ in ("NAType", "NaTType"):  # of pandas, which need not be there
        return None
    if hasattr(value, "tolist"):
        return _value(value.tolist())  # numpy's own types
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list | tuple | set | frozenset):
        # Those that networkx's readers leave in a graph, such as `node_default`, are mostly empty.
        return NOT_XML.sub("", _json(value)) if value else None
    return NOT_XML.sub("", value.decode(errors="replace") if isinstance(value, bytes) else str(value))


def _json(value: Any) -> str:
    def plain(other: Any) -> Any:
        if isinstance(other, dict):
            names = _names(other, "keys of an attribute")
            return {names[key]: plain(held) for key, held in other.items()}
        if isinstance(other, set | frozenset):
            other = sorted(other, key=str)
        if isinstance(other, list | tuple):
            return [plain(each) for each in other]
        if hasattr(other, "tolist"):
            return plain(other.tolist())
        return other if isinstance(other, str) else _value(other)

    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True)


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
    rows = list(rows)
    return {name: _type([row[name] for row in rows if name in row]) for name in sorted(set().union(*rows))}


def _type(values: list[Any]) -> str:
    types = {type(value) for value in values}
    if types == {bool}:
        return "boolean"
    if types == {int}:
        size = max(map(int.bit_length, values))
        return "int" if size < 32 else "long" if size < 64 else "string"
    if types <= {int, float} and all(abs(value) <= 2**53 for value in values if isinstance(value, int)):
        return "double"
    return "string"


def _rows(copy: nx.MultiGraph) -> tuple[list[dict[str, Any]], ...]:
    nodes, edges = copy.nodes(data=True), copy.edges(data=True)
    return [copy.graph], [values for _, values in nodes], [values for *_, values in edges]


def _graphml(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    import io

    import networkx as nx

    convert: dict[str, Callable[[Any], Any]] = {"boolean": bool, "int": int, "long": int, "double": float}
    for rows in _rows(_plain(copy, True)):
        types = _types(rows)
        for values in rows:
            values.update([(name, convert.get(types[name], _text)(value)) for name, value in values.items()])
    stream = io.BytesIO()
    nx.write_graphml_xml(copy, stream)
    yield _xml(stream.getvalue())


def _xml(document: bytes) -> bytes:
    """Escape the carriage returns that ElementTree leaves in text, where readers make them newlines."""
    return document.replace(b"\r", b"&#13;") + b"\n"


def _gexf(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    """Write GEXF 1.3 (https://gexf.net), with dates for Gephi, since it has no time format for years.

    networkx's writer is not used: its 1.3 does not follow the schema, and contains today's date.
    """
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    nodes, edges = [], []
    looks: dict[str, Any] = {}
    for name, values in copy.nodes(data=True):
        held = dict(values)
        looks[name] = held.pop("viz", None)
        nodes.append(({"id": name, "label": _text(held.pop("label", name)), **_lifetime(values)}, held))
    for source, target, id_, values in copy.edges(keys=True, data=True):
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

    viz = {"xmlns:viz": "http://gexf.net/1.3/viz"} if any(looks.values()) else {}
    root = Element("gexf", {"xmlns": "http://gexf.net/1.3", **viz, "version": "1.3"})
    meta = SubElement(root, "meta")
    SubElement(meta, "creator").text = "PolicyGraph"
    about = (f"{name}: {_text(value)}" for name, value in copy.graph.items())
    SubElement(meta, "description").text = "\n".join(about)
    time = {"mode": "dynamic", "timeformat": "date"} if dynamic else {"mode": "static"}
    direction = "directed" if copy.is_directed() else "undirected"
    graph = SubElement(root, "graph", {"defaultedgetype": direction, **time})
    for kind, elements in (("node", nodes), ("edge", edges)):
        declared = SubElement(graph, "attributes", {"class": kind})
        for name, type_ in _types(held for _, held in elements).items():
            # Gephi, when it appends one file to another, matches attributes by id.
            shown = "integer" if type_ == "int" else type_
            SubElement(declared, "attribute", {"id": name, "title": name, "type": shown})
    for kind, elements in (("node", nodes), ("edge", edges)):
        group = SubElement(graph, f"{kind}s")
        for head, held in elements:
            element = SubElement(group, kind, head)
            cells = SubElement(element, "attvalues")
            for name, value in held.items():
                SubElement(cells, "attvalue", {"for": name, "value": _text(value)})
            if kind == "node" and (look := looks[head["id"]]):
                red, green, blue = (str(int(look["color"][at : at + 2], 16)) for at in (1, 3, 5))
                SubElement(element, "viz:color", {"r": red, "g": green, "b": blue})
                if "x" in look:  # in GEXF, y points up
                    SubElement(element, "viz:position", {"x": str(look["x"]), "y": str(-look["y"]), "z": "0"})
    indent(root, "")
    yield _xml(tostring(root, "utf-8", xml_declaration=True))


def _lifetime(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the first and last day, from `interval`, `start`, `end` and `succeeded`: days, else years.

    Nothing if the end is first.
    """
    life: dict[str, str] = {}
    first, _, last = str(values.get("interval", "")).partition("/")
    ends = {"start": (first, values.get("start")), "end": (last, values.get("end"), values.get("succeeded"))}
    for name, value in ((name, value) for name, known in ends.items() for value in known):
        if type(value) is int and 0 < value < 10_000:
            life.setdefault(name, f"{value:04}{'-01-01' if name == 'start' else '-12-31'}")
        elif isinstance(value, str):
            with suppress(ValueError):
                life.setdefault(name, datetime.fromisoformat(value).date().isoformat())
    return {} if life.get("start", "") > life.get("end", "9999-12-31") else life


def _node_link(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    import networkx as nx

    yield _json_document(nx.node_link_data(_plain(copy, multi), edges="edges"))


def _cytoscape(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    """Write networkx's Cytoscape JSON, with what Cytoscape shows of a node and an edge."""
    import networkx as nx

    for name, values in copy.nodes(data=True):
        values["name"] = _text(values.get("label")) or name
    for *_, id_, values in copy.edges(keys=True, data=True):
        values["id"] = id_
        if "relation" in values:
            values["interaction"] = _text(values["relation"])
    # networkx makes a list of the network's own attributes, Cytoscape an object.
    yield _json_document({**nx.cytoscape_data(_plain(copy, multi)), "data": copy.graph})


def _plain(copy: nx.MultiGraph, multi: bool) -> nx.Graph:
    """Replace NaN and infinity by text, as not all readers have them; drop the keys unless `multi`."""
    import networkx as nx

    for values in chain(*_rows(copy)):
        for name, value in values.items():
            if isinstance(value, float) and not isfinite(value):
                values[name] = _text(value)
    return copy if multi else nx.DiGraph(copy) if copy.is_directed() else nx.Graph(copy)


def _json_document(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _csv_files(copy: nx.MultiGraph, multi: bool) -> Iterator[bytes]:
    """Write CSV (RFC 4180): a file of nodes and one of edges, with the columns that GraphFrames requires."""
    yield _csv_file(["id"], [([name], values) for name, values in copy.nodes(data=True)])
    edges = []
    for source, target, values in copy.edges(data=True):
        held = dict(values)
        edges.append(([source, target, _text(held.pop("relation", None))], held))
    yield _csv_file(["src", "dst", "relationship"], edges)


def _csv_file(head: list[str], rows: list[tuple[list[str], dict[str, Any]]]) -> bytes:
    columns = sorted(set().union(*(values for _, values in rows)))
    body = (cells + [_text(values.get(name)) for name in columns] for cells, values in rows)
    return csv_text([[*head, *columns], *body])


FORMATS: Mapping[str, NetworkFormat] = {
    row.name: row
    for row in (
        # networkx's reader reads the id of an edge as its attribute `id`.
        NetworkFormat("graphml", "application/graphml+xml", (".graphml",), _graphml, (), (
            "id",
        ), title="GraphML"),
        # The names of Gephi's own columns, and `key`, on which networkx's reader fails.
        NetworkFormat("gexf", "application/gexf+xml", (".gexf",), _gexf, ("id", "timeset", "pid", "viz"), (
            "id", "source", "target", "type", "timeset", "key",
        ), title="GEXF", drawn=True),
        NetworkFormat("node-link", "application/json", (".json",), _node_link, ("id",), (
            "source", "target", "key",
        )),
        NetworkFormat("cytoscape", "application/json", (".cyjs",), _cytoscape, ("id", "value", "name"), (
            "id", "source", "target", "key", "interaction",
        )),
        NetworkFormat("csv", "text/csv", (".csv",), _csv_files, ("id",), ("src", "dst", "relationship"),
                      _PARTS, title="CSV"),
        NetworkFormat("parquet", "application/vnd.apache.parquet", (".parquet",), _parquet_files,
                      parts=_PARTS, title="Parquet"),
    )
}  # fmt: skip
"""Every format of networks by its name."""
