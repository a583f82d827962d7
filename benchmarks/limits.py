"""Measures each measure on synthetic networks that grow until it takes seconds; estimates a minute's size.

The estimate goes on from the last two sizes as a power of the size, and holds for networks of this shape.
"""

import sys
from collections.abc import Callable
from math import log
from statistics import median
from typing import Any

import networkx as nx
from report import machine, row, timed, write
from synthetic import Shape, connections, sizes, thing

from policygraph import Catalog
from policygraph.analysis.centrality import bridges, central
from policygraph.analysis.communities import communities
from policygraph.analysis.comparison import compare, summary
from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.exchange import files as exported
from policygraph.analysis.gaps import isolated, levels, overlaps
from policygraph.analysis.paths import paths
from policygraph.errors import NetworkError
from policygraph.rdf.namespaces import PREFIXES

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
PATIENCE, USABLE = 4, 60  # seconds: no bigger network after a measure takes so long; what is still usable
LEVELS = ("Driver", "Goal", "Plan", "Area", "Initiative", "CaseStudy")
Measure = Callable[[nx.MultiDiGraph], Any]


def drawn(shape: Shape, size: int) -> nx.MultiDiGraph:
    """So many synthetic claims, and the things that they connect."""
    graph = nx.MultiDiGraph()
    for kind, number in sizes(shape, size).items():
        name = kind.removeprefix(PREFIXES["pg"])
        level = {"level": LEVELS.index(name)} if name in LEVELS else {}
        graph.add_nodes_from(
            (thing(kind, each), {"label": f"{name} {each}", "kind": name, "class": kind, **level})
            for each in range(number)
        )
    graph.add_edges_from(connections(shape, size))
    return graph


def of(graph: nx.MultiDiGraph, kind: str, most: int | None = None) -> list[str]:
    """The first things of a kind."""
    return [node for node, data in graph.nodes(data=True) if data["kind"] == kind][:most]


def far(graph: nx.MultiDiGraph) -> tuple[str, str]:
    """Two things that are connected, though not next to each other."""
    part = sorted(max(nx.weakly_connected_components(graph), key=len))
    return part[0], part[-1]


MEASURES: dict[str, Measure] = {
    "summary": summary,
    "compare": lambda graph: compare(graph, graph),
    "central": central,
    "bridges": bridges,
    "communities, no resamples": lambda graph: communities(graph, resamples=0),
    "communities": communities,
    "isolated": isolated,
    "overlaps, of areas": lambda graph: overlaps(graph.edge_subgraph(
        [edge for edge in graph.edges(keys=True) if graph.nodes[edge[0]]["kind"] == "Area"]
    )),
    "levels": levels,
    "path": lambda graph: paths(graph, *far(graph)),
    "crosswalk, 20 areas × 20 goals": lambda graph: crosswalk(
        graph, of(graph, "Area", 20), of(graph, "Goal", 20)
    ),
    "network x.graphml": lambda graph: exported(graph, format="graphml"),
}  # fmt: skip


def grown(measure: Measure, graphs: dict[int, nx.MultiDiGraph]) -> tuple[dict[int, float], str]:
    """The seconds by size, as far as patience goes, and what a measure says when it refuses."""
    found: dict[int, float] = {}
    for size, graph in graphs.items():
        if found and max(found.values()) > PATIENCE:
            break
        try:
            rounds = [timed(measure, graph)[0] / 1000]
        except NetworkError as error:
            return found, f"refuses {size:,}: {str(error).partition(';')[0]}"
        rounds += [timed(measure, graph)[0] / 1000 for _ in range(2) if rounds[0] < 1]
        found[size] = median(rounds)
    return found, ""


def usable(found: dict[int, float]) -> float:
    """How many claims take a minute, if it grows on as between the last two sizes."""
    (small, before), (big, after) = list(found.items())[-2:]
    power = max(log(after / before) / log(big / small), 1)  # none of them reads less than all of it
    return float(big * (USABLE / after) ** (1 / power))


def main(sizes: tuple[int, ...]) -> None:
    """Measure each measure on each size and write the table."""
    about, shape = machine(("policygraph", "networkx", "rustworkx"), ()), Shape.of(Catalog.find())
    graphs = {size: drawn(shape, size) for size in sizes}
    lines = [
        row("measure", *(f"{size:,} claims, s" for size in sizes), "a minute for about", "refuses"),
        "|---|" + "---:|" * (len(sizes) + 1) + "---|",
    ]
    for name, measure in MEASURES.items():
        found, refusal = grown(measure, graphs)
        about_a_minute = f"{float(f'{usable(found):.1g}'):,.0f}" if len(found) > 1 else ""
        times = (f"{found[size]:.2f}" if size in found else "" for size in graphs)
        lines.append(row(name, *times, about_a_minute, refusal))
        print(lines[-1], file=sys.stderr)
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
