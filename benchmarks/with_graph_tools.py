"""One measure of a network by one tool, timed from a networkx graph to a value for each node's name.

    python benchmarks/with_graph_tools.py TOOL MEASURE FILE

FILE holds JSON: `claims`, each [source, target, basis, strength], and the `pairs` that they connect, each
[one, other, weight, length]. The last line of what is printed is JSON: the
milliseconds of each round, and the values. policygraph is asked in the project's Python, the others in the
other, which has the SciPy that networkx's PageRank needs.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import networkx as nx

ENOUGH, ROUNDS = 3.0, 5  # seconds after which no other round starts, and rounds at most
K, DAMPING, RUNS = 3, 0.85, 10
Values = dict[str, float] | list[Any]


def ends(graph: nx.Graph) -> list[tuple[str, str]]:
    """Ten pairs of nodes in the largest part, as far apart in the alphabet as can be."""
    part = sorted(max(nx.connected_components(graph), key=len))
    return [(part[number], part[-1 - number]) for number in range(10)]


class Policygraph:
    """As policygraph measures; where its function does more than the others', the part that is the same."""

    def betweenness(self, graph: nx.Graph) -> Values:
        """By rustworkx."""
        from policygraph.analysis.centrality import _betweenness

        return dict(_betweenness(graph))

    def pagerank(self, graph: nx.Graph) -> Values:
        """By rustworkx."""
        from policygraph.analysis.centrality import _pagerank

        return _pagerank(graph)

    def communities(self, graph: nx.Graph) -> Values:
        """All that the measure does, but for the resamples: from the claims to named communities."""
        from policygraph.analysis.communities import communities

        return [sorted(row[-1]) for row in communities(graph.graph["claims"], resamples=0).rows]

    def paths(self, graph: nx.Graph) -> Values:
        """The lengths of the shortest paths."""
        from policygraph.analysis.paths import _shortest

        return [
            round(nx.path_weight(graph, path, "length"), 9)
            for one, other in ends(graph)
            for path in _shortest(graph, one, other, K)
        ]


class Networkx:
    """Plain networkx."""

    def betweenness(self, graph: nx.Graph) -> Values:
        """Brandes 2001."""
        return nx.betweenness_centrality(graph)

    def pagerank(self, graph: nx.Graph) -> Values:
        """Power iteration in SciPy, as far as policygraph goes: its default is off by 1e-5 at 600 nodes."""
        return nx.pagerank(graph, alpha=DAMPING, tol=1e-12 / len(graph), max_iter=1000)

    def communities(self, graph: nx.Graph) -> Values:
        """Louvain, the best of some divisions."""
        divisions = [nx.community.louvain_communities(graph, seed=seed) for seed in range(RUNS)]
        best = max(divisions, key=lambda parts: nx.community.modularity(graph, parts))
        return [sorted(part) for part in best]

    def paths(self, graph: nx.Graph) -> Values:
        """Yen 1971."""
        return [
            round(nx.path_weight(graph, path, "length"), 9)
            for one, other in ends(graph)
            for path in islice(nx.shortest_simple_paths(graph, one, other, weight="length"), K)
        ]


class Igraph:
    """python-igraph, given numbers for the nodes, which is its fastest way in."""

    def _graph(self, graph: nx.Graph) -> tuple[list[str], Any]:
        import igraph

        names = list(graph)
        number = {name: place for place, name in enumerate(names)}
        edges = graph.edges(data=True)
        made = igraph.Graph(len(names), [(number[one], number[two]) for one, two, _ in edges])
        for name in ("weight", "length"):
            made.es[name] = [data[name] for *_, data in edges]
        return names, made

    def betweenness(self, graph: nx.Graph) -> Values:
        """Brandes 2001, normalised as networkx does."""
        names, made = self._graph(graph)
        pairs = (len(names) - 1) * (len(names) - 2) / 2
        return {
            name: value / pairs for name, value in zip(names, made.betweenness(directed=False), strict=True)
        }

    def pagerank(self, graph: nx.Graph) -> Values:
        """PRPACK."""
        names, made = self._graph(graph)
        return dict(zip(names, made.pagerank(directed=False, damping=DAMPING, weights="weight"), strict=True))

    def communities(self, graph: nx.Graph) -> Values:
        """Louvain, the best of some divisions."""
        names, made = self._graph(graph)
        divisions = [made.community_multilevel(weights="weight") for _ in range(RUNS)]
        best = max(divisions, key=lambda parts: parts.modularity)
        return [sorted(names[place] for place in part) for part in best]

    def paths(self, graph: nx.Graph) -> Values:
        """Yen 1971."""
        names, made = self._graph(graph)
        number = {name: place for place, name in enumerate(names)}
        found, lengths = [], made.es["length"]
        for one, other in ends(graph):
            for path in made.get_k_shortest_paths(
                number[one], number[other], k=K, mode="all", weights="length", output="epath"
            ):
                found.append(round(sum(lengths[edge] for edge in path), 9))
        return found


class Kglab:
    """kglab, given a graph; all that it computes is one shortest path, by networkx and without weights."""

    def paths(self, graph: nx.Graph) -> Values:
        """One path, by its number of steps."""
        import kglab

        matrix = kglab.SubgraphMatrix(kglab.KnowledgeGraph(), "SELECT * {}")
        matrix.nx_graph = graph
        return [len(matrix.get_shortest_path(one, other)) - 1 for one, other in ends(graph)]


TOOLS = {"policygraph": Policygraph, "networkx": Networkx, "igraph": Igraph, "kglab": Kglab}


def main(tool: str, measure: str, file: str) -> None:
    """Measure in a few rounds, after one to warm up if that was quick."""
    graph, claims = nx.Graph(), nx.MultiDiGraph()
    data = json.loads(Path(file).read_text(encoding="utf-8"))
    for one, two, weight, length in data["pairs"]:
        graph.add_edge(one, two, weight=weight, length=length)
    for source, target, basis, strength in data["claims"]:
        claims.add_edge(source, target, basis=basis, strength=strength)
    graph.graph["claims"] = claims
    action: Callable[[nx.Graph], Values] | None = getattr(TOOLS[tool](), measure, None)
    if action is None:
        print(json.dumps(None))
        return
    import_module(tool)  # kglab's import takes longer than what is measured
    times: list[float] = []
    begin = perf_counter()
    while len(times) <= ROUNDS and (not times or perf_counter() - begin < ENOUGH):
        start = perf_counter()
        values = action(graph)
        times.append((perf_counter() - start) * 1000)
    print(json.dumps([times[1:] or times, values]))  # the first, if there are more, also imports


if __name__ == "__main__":
    main(*sys.argv[1:])
