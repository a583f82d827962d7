"""Measure which nodes a network depends on: the best connected, and those without which it falls apart.

Only this module gives networks to rustworkx; its results equal networkx's.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from itertools import combinations
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from policygraph.analysis.network import language_of, simple
from policygraph.analysis.table import Node, Table, check_size, make_table, phrase
from policygraph.i18n import words
from policygraph.rdf.namespaces import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx
    import rustworkx as rx

CENTRAL_CONNECTIONS, CENTRAL_THINGS = 100_000, 75_000
"""The largest network that `central` measures within about a minute on two cores."""

BETWEENNESS_THINGS = 10_000
"""The most nodes whose betweenness `central` measures, in a time proportional to nodes times edges."""

BRIDGES_CONNECTIONS = 1_000_000  # the same for `bridges`, whose time is proportional to the edges

BROKERS = 10  # how many brokers `bridges` lists

DAMPING = 0.85  # of PageRank
_DIGITS = 12  # further digits depend on the order of additions
_ALIKE = 10  # scores with the same digits up to here share a rank


def central(graph: nx.Graph) -> Table:
    """Rank nodes by how well they are connected, and measure how far that depends on inferred claims.

    Nodes are ranked by weighted PageRank (Page, Brin, Motwani and Winograd 1999) on the simple graph; equal
    ones share a rank. `betweenness` is Freeman's (1977), normalised, unweighted, by the algorithm of Brandes
    (2001); above `BETWEENNESS_THINGS` it is left out, and the recipe says so.
    `rank_without` is the rank without edges whose `basis` is "inferred", empty where nothing else connects
    the node; `change` is how many ranks it gains by them (below 0: loses).

    NetworkError when the network is empty or too big.
    """
    import networkx as nx

    plain = simple(graph)
    check_size(plain, "central", connections=CENTRAL_CONNECTIONS, things=CENTRAL_THINGS)
    others = nx.MultiGraph()
    others.add_nodes_from(graph)
    others.add_edges_from(edge for edge in graph.edges(data=True) if word(edge[2].get("basis")) != "inferred")
    scores, without = _pagerank(plain), simple(others)
    exact = len(plain) <= BETWEENNESS_THINGS
    between = _betweenness(plain) if exact else {}
    rank, rank_without = ranks(scores), ranks(_pagerank(without))
    rows = []
    for node, place in rank.items():
        before = rank_without[node] if without.degree(node) else None
        change = None if before is None else before - place
        measured = plain.degree(node), scores[node], between.get(node), before, change
        rows.append((place, Node(node), plain.nodes[node].get("kind"), *measured))
    text = partial(phrase, graph, "central")
    inferred = graph.number_of_edges() - others.number_of_edges()
    recipe = {"directions": text("directions"), "inferred_connections": inferred}
    columns = ("rank", "thing", "kind", "neighbours", "pagerank", "betweenness", "rank_without", "change")
    if exact:
        filled = {"damping": DAMPING, "further": text("betweenness")}
        return make_table(graph, "central", columns, rows, filled=filled, **recipe)
    table = make_table(graph, "central", columns, rows, **without_betweenness(graph), **recipe)
    return table.select(*(name for name in columns if name != "betweenness"))


def without_betweenness(graph: nx.Graph, further: str = "") -> dict[str, Any]:
    """Return what `make_table` says of a table without betweenness, with `further` on its PageRank."""
    text = partial(phrase, graph, "central")
    algorithm = text("algorithm", damping=DAMPING, further=further)
    return {"reading": text("reading_without"), "algorithm": algorithm, "left_out": text("left_out")}


def bridges(graph: nx.Graph) -> Table:
    """Find what holds the parts of a network together, in three roles, each with the largest first.

    - "cut point" (Hopcroft and Tarjan 1973): without `thing`, its component falls apart, and `cut_off` nodes
      are no longer connected to the largest piece;
    - "bridge": the only edge to `other` and what is behind it, `cut_off` nodes, two or more;
    - "broker": `thing` is between `pairs` pairs of its neighbours that are not connected to each other, it
      and the two being of three kinds; most pairs are `between` the two kinds given. This is the liaison of
      Gould and Fernandez (1989), undirected. The `BROKERS` with most pairs are listed.

    NetworkError when the network is empty or too big.
    """
    plain = simple(graph)
    check_size(plain, "bridges", connections=BRIDGES_CONNECTIONS)
    cuts, spans = _cuts(plain)
    kind = {node: data.get("kind") for node, data in plain.nodes(data=True)}
    rows: list[tuple[Any, ...]] = [
        ("cut point", Node(node), kind[node], None, cut_off, None, None)
        for node, cut_off in sorted(cuts.items(), key=lambda item: (-item[1], str(item[0])))
    ]
    rows += (
        ("bridge", Node(near), kind[near], Node(far), cut_off, None, None)
        for near, far, cut_off in sorted(spans, key=lambda span: (-span[2], str(span[0]), str(span[1])))
        if cut_off > 1  # else the other end has no other edge
    )
    joined = words(language_of(graph), "explorer")["and"]
    brokers = sorted(_brokers(plain, kind), key=lambda item: (-item[1], str(item[0])))
    rows += (
        ("broker", Node(node), kind[node], None, None, pairs, f" {joined} ".join(between))
        for node, pairs, between in brokers[:BROKERS]
    )
    columns = ("role", "thing", "kind", "other", "cut_off", "pairs", "between")
    return make_table(graph, "bridges", columns, rows, filled={"n": BROKERS})


def indexed(plain: nx.Graph) -> tuple[list[Any], rx.PyGraph]:
    """Convert a simple graph to rustworkx; return its node names in order, and the graph of their indices.

    The result does not depend on the order of the input, so neither do sums.
    """
    import rustworkx as rx

    names = sorted(plain, key=str)
    number = {name: index for index, name in enumerate(names)}
    pairs = (
        (*sorted((number[one], number[two])), round(weight, _DIGITS))
        for one, two, weight in plain.edges(data="weight")
    )
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(names)
    graph.add_edges_from(sorted(pairs))
    return names, graph


def _pagerank(plain: nx.Graph) -> dict[Any, float]:
    import rustworkx as rx

    names, graph = indexed(plain)
    # rustworkx stops when the sum of all changes is below the tolerance times the number of nodes.
    tolerance = 1e-12 / len(names)
    scores = rx.pagerank(graph.to_directed(), alpha=DAMPING, weight_fn=float, tol=tolerance, max_iter=1000)
    return {name: round(scores[index], _DIGITS) for index, name in enumerate(names)}


def _betweenness(plain: nx.Graph) -> dict[Any, float]:
    import rustworkx as rx

    names, graph = indexed(plain)
    # A forked process lacks the threads that its parent may have begun, and would wait for them.
    threshold = 50 if parent_process() is None else sys.maxsize
    scores = rx.graph_betweenness_centrality(graph, normalized=True, parallel_threshold=threshold)
    return {name: round(scores[index], _DIGITS) for index, name in enumerate(names)}


def ranks(scores: dict[Any, float]) -> dict[Any, int]:
    """Rank from 1, the highest score first, in the order of names; equal scores share a rank."""
    # Unrounded, names would decide how many ranks a node gains or loses by inferences.
    equal = {name: round(score, _ALIKE) for name, score in scores.items()}
    first: dict[float, int] = {}
    order = sorted(scores, key=lambda name: (-equal[name], str(name)))
    return {name: first.setdefault(equal[name], place) for place, name in enumerate(order, 1)}


def _cuts(plain: nx.Graph) -> tuple[dict[Any, int], list[tuple[Any, Any, int]]]:
    """Return how many nodes each cut point cuts off, and each bridge with the size of its far side."""
    import networkx as nx

    cuts: dict[Any, int] = {}
    spans = []
    seen: set[Any] = set()
    for root in plain:
        if root in seen:
            continue
        above = {node: parent for parent, node in nx.dfs_edges(plain, root)}
        order = {node: place for place, node in enumerate([root, *above])}
        seen.update(order)
        # The first node in `order` that can be reached from below a node without going through its parent.
        reach, size = dict(order), dict.fromkeys(order, 1)
        pieces: dict[Any, list[int]] = {node: [] for node in order}
        for node in reversed(above):
            parent = above[node]
            reach[node] = min([reach[node], *(order[other] for other in plain[node] if other != parent)])
            reach[parent] = min(reach[parent], reach[node])
            size[parent] += size[node]
            if reach[node] >= order[parent]:
                pieces[parent].append(size[node])
            if reach[node] > order[parent]:
                sides = [(size[node], node), (len(order) - size[node], parent)]
                (_, near), (cut_off, far) = sorted(sides, key=lambda side: (-side[0], str(side[1])))
                spans.append((near, far, cut_off))
        for node, below in pieces.items():
            parts = [*below, len(order) - 1 - sum(below)]
            if cut_off := sum(parts) - max(parts):
                cuts[node] = cut_off
    return cuts, spans


def _brokers(plain: nx.Graph, kind: dict[Any, Any]) -> Iterator[tuple[Any, int, tuple[str, str]]]:
    """Yield each broker, its number of pairs, and the two kinds that most of them are of.

    A hub has too many pairs to look at each, so all pairs of neighbours of two other kinds are counted by
    multiplication, and the connected ones subtracted.
    """
    connected: dict[Any, Counter[tuple[str, str]]] = {}
    for one, two in plain.edges:
        if None in (kind[one], kind[two]) or kind[one] == kind[two]:
            continue
        few, many = sorted((plain[one], plain[two]), key=len)
        ends = _pair(kind[one], kind[two])
        for node in few:
            if node in many and kind[node] not in ends:
                connected.setdefault(node, Counter())[ends] += 1
    for node, own in kind.items():
        around = Counter(str(kind[other]) for other in plain[node] if kind[other] not in (None, own))
        if own is None or len(around) < 2:
            continue
        pairs = Counter({_pair(one, two): around[one] * around[two] for one, two in combinations(around, 2)})
        pairs.subtract(connected.get(node, {}))
        if total := pairs.total():
            most = min(pairs, key=lambda ends: (-pairs[ends], ends))
            yield node, total, most


def _pair(one: object, two: object) -> tuple[str, str]:
    first, second = sorted((str(one), str(two)))
    return first, second
