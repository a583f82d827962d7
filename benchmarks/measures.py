"""Measures the measures of a network beside other tools, and stops when their values are not the same.

Each tool runs in processes of its own, in turn; its time is from a networkx graph to a value for each node.
"""

import json
import sys
import tempfile
from itertools import combinations
from pathlib import Path
from statistics import median
from subprocess import TimeoutExpired
from typing import Any

import networkx as nx
from report import OTHER, OURS, asked, machine, row, write
from synthetic import Shape, connections

from policygraph import Catalog
from policygraph.analysis.network import simple

SIZES = (1_000, 4_000, 16_000)
TOOLS = {"policygraph": OURS, "networkx": OTHER, "igraph": OTHER, "kglab": OTHER}
MEASURES = {
    "betweenness": "betweenness, exact",
    "pagerank": "PageRank",
    "communities": "communities (Leiden; others Louvain), best of 10",
    "paths": "3 shortest paths, 10 pairs",
}
TOLERANCE = {"betweenness": 1e-9, "pagerank": 1e-9, "paths": 1e-6}
MODULARITY = 0.02  # divisions differ by method, and by the order in which a tool looks at nodes
TARGET, TARGET_SIZE = 10, 4_000  # times networkx on betweenness, for so many edges
CAP = 30  # seconds for one tool and measure


def drawn(shape: Shape, size: int) -> nx.MultiDiGraph:
    """So many synthetic claims."""
    graph = nx.MultiDiGraph()
    graph.add_edges_from(connections(shape, size))
    return graph


def saved(claims: nx.MultiDiGraph, plain: nx.Graph) -> str:
    """Both graphs as `with_graph_tools.py` reads them."""
    stated = [[*ends, data.get("basis"), data.get("strength")] for *ends, data in claims.edges(data=True)]
    pairs = [[*ends, data["weight"], data["length"]] for *ends, data in plain.edges(data=True)]
    return json.dumps({"claims": stated, "pairs": pairs})


def difference(measure: str, one: Any, other: Any, graph: nx.Graph) -> float:
    """How far two tools' values are apart, as a share of what is tolerated."""
    if measure == "communities":
        quality = [nx.community.modularity(graph, parts) for parts in (one, other)]
        return max(quality[1] - quality[0], 0) / MODULARITY  # policygraph is first, and may be better
    pairs = [(one[key], other[key]) for key in one] if isinstance(one, dict) else zip(one, other, strict=True)
    return max(abs(left - right) for left, right in pairs) / TOLERANCE[measure]


def measured(graph: nx.Graph, measure: str, file: str) -> dict[str, float | str]:
    """Each tool's median in ms, or why there is none; ends the program if two tools do not agree."""
    times: dict[str, float | str] = {}
    values = {}
    for tool, python in TOOLS.items():
        try:
            found = asked(python, "with_graph_tools.py", tool, measure, file, seconds=CAP)
        except TimeoutExpired:
            times[tool] = f"over {CAP} s"
            continue
        if found is None:
            times[tool] = "has none"
            continue
        times[tool], values[tool] = median(found[0]), found[1]
    values.pop("kglab", None)  # one path, by the number of steps: another question
    for one, other in combinations(values, 2):
        if (apart := difference(measure, values[one], values[other], graph)) > 1:
            sys.exit(f"{one} and {other} differ in {measure} by {apart:.1f} times what is tolerated.")
    return times


def shown(time: float | str) -> str:
    """A time in ms with three digits or so; a reason as it is."""
    return time if isinstance(time, str) else f"{time:,.0f}" if time >= 10 else f"{time:.1f}"


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size and write the table."""
    about = machine(("policygraph", "networkx", "rustworkx"), ("igraph", "kglab"))
    shape = Shape.of(Catalog.find())
    lines = [
        row(
            "claims", "things", "pairs", "measure", *(f"{tool}, ms" for tool in TOOLS), "faster than networkx"
        ),
        "|---:|---:|---:|---|" + "---:|" * (len(TOOLS) + 1),
    ]
    for size in sizes:
        claims = drawn(shape, size)
        graph = simple(claims)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "graph.json"
            file.write_text(saved(claims, graph), encoding="utf-8")
            for measure, title in MEASURES.items():
                times = measured(graph, measure, str(file))
                ours, theirs = times["policygraph"], times["networkx"]
                ratio = ""
                if isinstance(ours, float):
                    ratio = (
                        f"over {CAP * 1000 / ours:,.0f} ×"
                        if isinstance(theirs, str)
                        else f"{theirs / ours:.1f} ×"
                    )
                if (measure, size) == ("betweenness", TARGET_SIZE):
                    ratio += f" (target {TARGET} ×)"
                lines.append(row(f"{size:,}", f"{len(graph):,}", f"{graph.size():,}", title,
                                 *map(shown, times.values()), ratio))  # fmt: skip
                print(lines[-1], file=sys.stderr)
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
