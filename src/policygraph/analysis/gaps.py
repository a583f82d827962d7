"""Find gaps in a network: nodes without expected edges, nodes with the same neighbours, broken chains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import combinations, pairwise, product
from math import comb, prod
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.analysis.network import confidence, simple
from policygraph.analysis.table import MAX_CONNECTIONS, Node, Table, check_size, make_table, phrase
from policygraph.errors import NetworkError
from policygraph.text import grouped

if TYPE_CHECKING:
    import networkx as nx

UNCONNECTED, DEAD_END = "no connection", "dead end"
"""The gaps of a network for which no expected connections are needed."""

MAX_PAIRS = 1_000_000
"""The most pairs with a shared neighbour that `overlaps` compares; it lists each of them."""

MAX_LEVELS = 50  # the most levels that `levels` accepts


class Expected(NamedTuple):
    """An edge that a node is expected to have."""

    node: str
    direction: str  # "out" of the node or "in" to it
    relation: str  # the IRI of the edge's property, or the label of its relation
    gap: str  # what to report for a node without it


def isolated(graph: nx.Graph, *, expected: Iterable[Expected] = (), whole: nx.Graph | None = None) -> Table:
    """Find nodes that lack an edge, by what they lack: gaps in policy, in the source or in the data.

    A row is a gap of a node: "no connection" at all, the `gap` of an expected edge that is missing, or "dead
    end": one neighbour, where the median of nodes of its kind is more than one. Of several expected edges
    with the same node and gap, one is enough; of a part of a network, it may be in the `whole`. Loops are
    ignored.

    NetworkError when the network is empty, or a direction is neither "in" nor "out".
    """
    from statistics import median

    check_size(graph, "isolated", connections=MAX_CONNECTIONS)
    plain = simple(graph)
    kinds = {node: str(kind or "") for node, kind in plain.nodes(data="kind")}
    degrees = grouped((kind, plain.degree(node)) for node, kind in kinds.items())
    several = {kind for kind, counts in degrees.items() if median(counts) > 1}

    wanted: dict[tuple[str, Any], set[tuple[str, str]]] = {}
    for each in expected:
        if each.direction not in ("in", "out"):
            what = f"{each.direction!r} is no direction of a connection"
            raise NetworkError(f"{what}; there are 'in' and 'out'.")
        if each.node in plain:
            wanted.setdefault((each.gap, each.node), set()).add((each.direction, each.relation))
    relations = _relations(graph if whole is None else whole, {node for _, node in wanted})

    only = {node: Node(*plain[node]) for node in plain if plain.degree(node) == 1}
    gaps = [(1, gap, node) for (gap, node), ways in wanted.items() if not ways & relations[node]]
    gaps += [(0, UNCONNECTED, node) for node in plain if not plain.degree(node)]
    gaps += [(2, DEAD_END, node) for node in only if kinds[node] in several]
    gaps.sort(key=lambda row: (row[0], row[1], kinds[row[2]], str(row[2])))
    rows = [(gap, Node(node), kinds[node], plain.degree(node), only.get(node)) for _, gap, node in gaps]
    columns = ("gap", "thing", "kind", "neighbours", "only_through")
    return make_table(graph, "isolated", columns, rows, expected_connections=sum(map(len, wanted.values())))


def _relations(graph: nx.Graph, nodes: set[Any]) -> dict[Any, set[tuple[str, str]]]:
    relations: dict[Any, set[tuple[str, str]]] = {node: set() for node in nodes}
    ways = (("out",), ("in",)) if graph.is_directed() else (("in", "out"),) * 2
    for source, target, data in graph.edges(data=True):
        if source == target:
            continue
        names = [str(data[name]) for name in ("property", "relation") if data.get(name)]
        for node, directions in zip((source, target), ways, strict=True):
            if node in relations:
                relations[node].update(product(directions, names))
    return relations


def overlaps(graph: nx.Graph) -> Table:
    """Find pairs of nodes with neighbours in common, the most similar first.

    In a directed graph, nodes are compared by the targets of their edges; in an undirected one, nodes of the
    same `kind` by their neighbours. `jaccard` (Jaccard 1912) is the number of shared neighbours over
    `in_all`, the number that at least one of the two has. `confidence` is the probability that at least one
    neighbour is really shared, if each claim may be wrong independently, as in `network.simple`.

    NetworkError when the network is empty, or more than `MAX_PAIRS` pairs have a neighbour in common.
    """
    check_size(graph, "overlaps")
    doubts: dict[Any, dict[Any, float]] = {}
    for source, target, data in graph.edges(data=True):
        for one, other in ((source, target), *([] if graph.is_directed() else [(target, source)])):
            if one != other:
                known = doubts.setdefault(one, {})
                known[other] = known.get(other, 1.0) * (1 - confidence(data))
    kinds = dict(graph.nodes(data="kind"))
    ends = ((feature, thing) for thing in sorted(doubts, key=str) for feature in doubts[thing])
    # Of each neighbour, those of one kind.
    holders = grouped(((end, None if graph.is_directed() else kinds[thing]), thing) for end, thing in ends)
    pairs = sum(comb(len(things), 2) for things in holders.values())
    if pairs > MAX_PAIRS:
        what = f"overlaps is usable up to {MAX_PAIRS:,} pairs of things that share a neighbour"
        less = "narrow it by kind, relation or country, or leave out what most connect to"
        raise NetworkError(f"{what}, and this network has {pairs:,}; {less}.")

    order = sorted(holders.items(), key=lambda each: str(each[0][0]))
    shared = grouped((pair, feature) for (feature, _), things in order for pair in combinations(things, 2))
    nodes = {node: Node(node) for node in (*doubts, *(feature for feature, _ in holders))}
    rows = []
    for (one, other), features in shared.items():
        in_all = len(doubts[one]) + len(doubts[other]) - len(features)
        doubt = prod(1 - (1 - doubts[one][each]) * (1 - doubts[other][each]) for each in features)
        row = (nodes[one], nodes[other], len(features) / in_all, in_all, round(1 - doubt, 12))
        rows.append((*row, tuple(nodes[each] for each in features)))
    rows.sort(key=lambda row: (-row[2], -row[3], -row[4], row[0], row[1]))
    columns = ("thing", "other", "jaccard", "in_all", "confidence", "shared")
    compared = phrase(graph, "overlaps", "by_targets" if graph.is_directed() else "by_kind")
    return make_table(graph, "overlaps", columns, rows, compared=compared)


def levels(graph: nx.Graph) -> Table:
    """Measure how far the chain from level to level reaches, where it breaks, and which links skip a level.

    A node's `level` is a whole number; an edge in either direction is a link. Each row is about the `things`
    of one level: how many are `linked` to a later one, by how many `links`, how many nodes are `reached`
    there, and which of the first are `unlinked`. By `how`, a row is about

    - "step": links from a level to the next;
    - "skip": links past one or more levels;
    - "chain": paths from the first level on, step by step; the first that reaches nothing is the last row;
    - "with skips": the same where links may skip levels.

    For chains, `links` is the number of different paths. A level is named by its most frequent `kind`.

    NetworkError when the network is empty, or has fewer than two levels or more than `MAX_LEVELS`.
    """
    check_size(graph, "levels", connections=MAX_CONNECTIONS)
    level = {node: value for node, value in graph.nodes(data="level") if type(value) is int}
    members = grouped((level[node], node) for node in sorted(level, key=str))
    order = sorted(members)
    if not 2 <= len(order) <= MAX_LEVELS:
        what = f"levels needs things of two to {MAX_LEVELS} levels, and this network has {len(order)}"
        how = "give its nodes a whole number as ?level, as queries/internal/network-nodes.rq does"
        raise NetworkError(f"{what}; {how}.")
    names = {}
    for each in order:
        level_name = phrase(graph, "levels", "level", n=each)
        kinds = Counter(str(graph.nodes[node].get("kind") or level_name) for node in members[each])
        names[each] = min(kinds, key=lambda kind: (-kinds[kind], kind))
    following = list(pairwise(order))
    up: dict[Any, set[Any]] = {node: set() for node in level}
    for source, target in graph.edges():
        if source in level and target in level and level[source] != level[target]:
            low, high = sorted((source, target), key=level.__getitem__)
            up[low].add(high)

    def row(low: int, high: int, how: str, allowed: set[tuple[int, int]]) -> tuple[Any, ...]:
        """Measure the links from one level to another, through the pairs of levels allowed."""
        ways: dict[Any, int] = {}
        reached = set(members[low])
        between = sorted({each for each, _ in allowed if low <= each < high})
        links = {
            node: [other for other in up[node] if level[other] <= high and (each, level[other]) in allowed]
            for each in between
            for node in members[each]
        }
        for node, others in links.items():  # from the lowest level up
            if node in reached:
                reached.update(others)
        for node, others in reversed(links.items()):
            ways[node] = sum(1 if level[other] == high else ways.get(other, 0) for other in others)
        things = members[low]
        unlinked = () if how == "skip" else tuple(Node(node) for node in things if not ways[node])
        linked = sum(ways[node] > 0 for node in things)
        total = sum(ways[node] for node in things)
        far = sum(level[node] == high for node in reached)
        arrow = "→" if how in ("step", "skip") else "⇢"
        return f"{names[low]} {arrow} {names[high]}", how, len(things), linked, total, far, unlinked

    steps = set(following)
    skips = {(level[low], level[high]) for low, highs in up.items() for high in highs} - steps
    rows = [row(low, high, "step", steps) for low, high in following]
    rows += [row(low, high, "skip", {(low, high)}) for low, high in sorted(skips)]
    for high in order[2:]:
        rows.append(row(order[0], high, "chain", steps))
        if not rows[-1][3]:
            break
    if skips:
        rows += [row(order[0], high, "with skips", steps | skips) for high in order[2:]]
    columns = ("step", "how", "things", "linked", "links", "reached", "unlinked")
    named = ", ".join(f"{each} {names[each]} ({len(members[each])})" for each in order)
    return make_table(graph, "levels", columns, rows, levels=named)
