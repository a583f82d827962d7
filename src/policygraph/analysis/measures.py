"""Run a measure of a network by name, with the rows of saved queries that it needs; write the result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from policygraph.analysis.centrality import BRIDGES_CONNECTIONS, CENTRAL_CONNECTIONS, bridges, central
from policygraph.analysis.communities import MAX_CONNECTIONS as COMMUNITIES_CONNECTIONS, communities
from policygraph.analysis.comparison import columns_of, compare, components, summary
from policygraph.analysis.crosswalk import Crosswalk, format_crosswalk, format_markdown
from policygraph.analysis.engine import measured
from policygraph.analysis.gaps import Expected, isolated, levels, overlaps
from policygraph.analysis.network import THEN, narrowed, network, origin, part_of, require_nodes
from policygraph.analysis.table import MAX_CONNECTIONS, Table, phrase
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError, nearest
from policygraph.i18n import FALLBACK, words
from policygraph.rdf import formats
from policygraph.rdf.namespaces import local_name
from policygraph.text import escape_markdown, table as format_table

if TYPE_CHECKING:
    import os

    import networkx as nx

    from policygraph.analysis.paths import Paths
    from policygraph.store.protocols import Store

Ask: TypeAlias = Callable[[str], Iterable[Mapping[str, Any]]]
"""Runs a saved query and returns its rows: Python values by column name."""

Side: TypeAlias = "Catalog | str | Path"
"""What `compare` compares: a dataset of the catalogue by its name, an RDF file, a catalogue or its folder."""

_Named: TypeAlias = "tuple[str, nx.MultiDiGraph]"


class Measure(NamedTuple):
    """A measure, the saved query that selects its network, and its limit; the words have what it asks."""

    run: Callable[[nx.Graph, Ask], Table]
    network: str = "network"
    connections: int = MAX_CONNECTIONS


def analyse(
    name: str,
    source: nx.Graph | Catalog | str | Path,
    *,
    engine: str | None = None,
    scratch: str | None = None,
    ask: Ask | None = None,
    against: Side | Sequence[Side] = (),
    query: str | None = None,
    store: Store | None = None,
    language: str | None = None,
    values: Mapping[str, Any] | None = None,
    **options: Any,
) -> Table:
    """Run a measure on a network.

    Args:
        name: of a measure in `MEASURES`.
        source: any networkx graph, which is not changed; or a catalogue, of whose network the other arguments
            are those of `network.network`. Of a network that was narrowed, "compare" measures what is lost.
            For an engine also Parquet files: "X.parquet", as `engine.measured` takes them.
        engine: "local" (Sail, in this process) or the address of a Spark Connect server, "sc://host:15002",
            for networks that are too large for one process: "central", "components" and "summary".
        scratch: a place of files that such a server and its workers read and write.
        ask: runs the saved queries for what a measure needs besides the graph; by default where that is from.
        against: for "compare" of a catalogue: one of its datasets, an RDF file, or another catalogue or its
            folder; or several of these, compared with one another. `country` narrows the first network.
        query: selects the network; by default the measure's own.

    Raises:
        NetworkError: there is no such measure, or it cannot be used on this network.
        EndpointError, ExtraError: the engine fails, or a library for it is not installed.
        QueryError, ResourceError: as for `network.network`.
    """
    if name not in MEASURES:
        known = ", ".join(MEASURES)
        raise NetworkError(f"There is no measure {name!r}; there are {known}.{nearest(name, MEASURES)}")
    measure = MEASURES[name]
    sides = [against] if isinstance(against, (Catalog, str, Path)) else list(against)
    if sides and (name != "compare" or not isinstance(source, Catalog)):
        raise NetworkError("Only compare takes datasets, and only those of a catalogue.")
    if engine is not None:
        return measured(
            name, source, engine=engine, scratch=scratch, store=store, language=language, query=query,
            values=values, **options,
        )  # fmt: skip
    if scratch is not None:
        raise NetworkError("Only an engine writes to a scratch place: name one by engine= (--engine).")
    if isinstance(source, str | Path):
        what = f"Only an engine measures {source}"
        raise NetworkError(f"{what}: name one by engine= (--engine), such as local.")
    if isinstance(source, Catalog):
        chosen = {"language": language, "values": values, **options}
        saved = query or measure.network
        if sides:
            return _compare_sides(source, sides, saved, store, chosen)
        graph = network(source, saved, store=store, most=(name, measure.connections), **chosen)
    else:
        graph = part_of(source, query=query, values=values, **options)
    require_nodes(graph, f"{name} has nothing to measure")
    place = origin(graph)
    if name == "compare" and not isinstance(source, Catalog) and graph is not source:
        return compare(source, graph, names=("everything", "narrowed"))
    if name == "compare" and place and (whole := place.whole) is not None:
        return compare(whole, graph, names=("everything", "narrowed"))

    def rows(saved: str) -> Iterable[Mapping[str, Any]]:
        return place.catalog.ask(saved, store=place.store, language=place.language) if place else ()

    return measure.run(graph, ask or rows)


def _compare_sides(
    catalog: Catalog, sides: list[Side], query: str, store: Store | None, chosen: Mapping[str, Any]
) -> Table:
    """Compare the networks of sides, or the one of the store with that of a single side."""
    narrow = {name: value for name, value in chosen.items() if name not in ("language", "values")}
    plain = {name: chosen[name] for name in ("language", "values")}
    whole = cache(lambda: network(catalog, query, **plain))

    def own(name: str, store: Store | None) -> _Named:
        graph, known = network(catalog, query, store=store, **plain), whole().nodes
        # Other datasets describe some of what this one names.
        bare = [node for node, data in graph.nodes(data=True) if "class" not in data and node in known]
        graph.add_nodes_from((node, known[node]) for node in bare)
        return name, graph

    found = [own("this", store)] if len(sides) == 1 else []
    found += [_side(catalog, side, query, plain, own) for side in sides]
    names: list[str] = []
    parts: list[nx.MultiDiGraph] = []
    for number, (name, graph) in enumerate(found, 1):
        try:
            columns_of([*names, name], number)
        except NetworkError:  # they are alike, or a file's name cannot be a column
            name = f"other {number}" if number > 2 else "other"
        names.append(name)
        parts.append(narrowed(graph, **narrow))
        narrow["country"] = None  # it narrows the first alone
    table = compare(*parts, names=names)
    return table._replace(reading=f"{table.reading} {phrase(parts[0], 'compare', 'sides_hold')}")


def _side(
    catalog: Catalog, side: Side, query: str, plain: Mapping[str, Any], own: Callable[[str, Store], _Named]
) -> _Named:
    """Return a name and the network of a dataset, a file with the catalogue's ontology, or a catalogue.

    `own` names and makes that of a store which is a part of the catalogue.
    """
    if isinstance(side, Catalog) or Path(side).is_dir():
        other = side if isinstance(side, Catalog) else Catalog(side, past=True)  # in the words of this
        return other.root.stem, network(other, query, **plain)
    if side not in catalog.datasets:
        if not Path(side).exists():
            near = nearest(str(side), catalog.datasets)
            raise NetworkError(f"There is no dataset or file {str(side)!r}.{near}")
        return own(Path(side).stem, catalog.load(files=[side]))
    return own(str(side), catalog.load(str(side)))


def format_measures(language: str | None = None, *, width: int | None = None) -> str:
    """Format the measures and what each asks, for a terminal."""
    known = words(language or FALLBACK, "measures")
    head = (known["names"]["measure"], known["names"]["question"])
    return format_table(head, [(name, known[name]["asks"]) for name in MEASURES], width=width)


def choose_format(name: str | None, path: str | os.PathLike[str] | None, *others: str) -> str:
    """Choose the format of a result by name, else by a file's suffix, else "table".

    `others` are formats of this result beside those of rows: "svg". FormatError when none has that suffix.
    """
    if name is None and path is not None:
        drawn = {f".{each}": each for each in others}
        name = drawn.get(Path(path).suffix.lower())
        name = name or formats.by_suffix(path, holds="rows", packed=False, others=drawn).name
    return name or "table"


def write(result: Table | Crosswalk | Paths, *, format: str = "table", width: int | None = None) -> bytes:
    """Write a result in a format of rows, or a crosswalk as "svg".

    Text, Markdown and JSON hold how to read it and its recipe; the others have no place for them. Without the
    `width` of a terminal, tables are not wrapped.
    """
    lines = partial(fill, width=width or 110, break_long_words=False, break_on_hyphens=False)
    table = result if isinstance(result, Table) else result.table
    people, remarks = format in formats.PEOPLE, [table.reading, table.recipe_text]
    if isinstance(result, Crosswalk) and format == "svg":
        from policygraph.analysis.heatmap import svg

        return svg(result, title=result.title).encode()
    if isinstance(result, Crosswalk) and people:  # among whose notes is how to read it
        printed = format_crosswalk(result, width=width) if format == "table" else format_markdown(result)
        text, remarks = printed.encode(), [table.recipe_text]
    else:
        answer, labels = table.answer(people=people), table.labels if people else {}
        text = formats.write(answer, format=format, labels=labels, width=width)
    if people:
        shown = escape_markdown if format == "markdown" else str
        text += "".join(f"\n{lines(shown(each))}\n" for each in remarks).encode()
    elif format == "json":
        document = json.loads(text) | {"reading": table.reading, "recipe": dict(table.recipe)}
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str).encode() + b"\n"
    return text


def _isolated(graph: nx.Graph, ask: Ask) -> Table:
    answer = ask("connections-expected")
    labels = getattr(answer, "labels", {})
    expected = [
        Expected(*ends, phrase(graph, "isolated", ends[1], name=labels.get(ends[2], local_name(ends[2]))))
        for ends in ((row["node"], row["direction"], row["property"]) for row in answer)
    ]
    place, recipe = origin(graph), graph.graph
    whole = place.whole if place and recipe.keys() & {"kinds", "relations"} else None
    if whole is not None:  # in which a connection is that only its kind or relation narrowed away
        for name in ("country", "without", "evidence", "minimum strength"):
            option = {"minimum strength": "min_strength"}.get(name, name)
            for each in filter(None, recipe.get(name, "").split(THEN)):
                whole = narrowed(whole, **{option: each.split(", ") if name == "without" else each})
    table = isolated(graph, expected=expected, whole=whole)
    unknown = "" if place or expected else f" {phrase(graph, 'isolated', 'unknown')}"
    return table._replace(reading=table.reading + unknown)


def _compare(graph: nx.Graph) -> Table:
    return compare(graph, narrowed(graph, evidence="said"), names=("everything", "said"))


def _alone(measure: Callable[[nx.Graph], Table]) -> Callable[[nx.Graph, Ask], Table]:
    return lambda graph, _: measure(graph)


MEASURES: Mapping[str, Measure] = {
    "summary": Measure(_alone(summary)),
    "central": Measure(_alone(central), connections=CENTRAL_CONNECTIONS),
    "communities": Measure(
        lambda graph, ask: communities(graph, named_by=[str(row["member"]) for row in ask("members")]),
        connections=COMMUNITIES_CONNECTIONS,
    ),
    "components": Measure(_alone(components)),
    "bridges": Measure(_alone(bridges), connections=BRIDGES_CONNECTIONS),
    "isolated": Measure(_isolated),
    "overlaps": Measure(_alone(overlaps), "area-features"),
    "levels": Measure(_alone(levels)),
    "compare": Measure(_alone(_compare)),
}
