"""Which things belong together, and how far that survives if the claims had been drawn anew."""

from __future__ import annotations

from collections import Counter
from math import isqrt
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from policygraph.analysis.network import confidence, simple
from policygraph.analysis.table import Node, Table, check_size, make_table

if TYPE_CHECKING:
    from collections.abc import Collection

    import networkx as nx

RUNS = 10
"""How often the whole network is divided, each time from another seed; the best division counts."""

STABLE, DISSOLVED = 0.75, 0.5
"""From where on a community is stable, and from where down it is dissolved (Hennig 2007, 2008)."""

MAX_WORK = 6_000_000_000
"""Connections squared times divisions that end within about a minute, in a random network with hubs: with 50
resamples 10,000 connections; without, 24,000."""

_Link: TypeAlias = tuple[int, int, dict[str, Any]]  # the numbers of two nodes, and an edge's attributes
_LEAST = 1e-9  # a smaller gain is taken for a rounding error


def communities(
    graph: nx.Graph, *, named_by: Collection[str] = (), resamples: int = 50, seed: int = 0
) -> Table:
    """The parts of a network that are connected within more than with each other, the largest first.

    Args:
        graph: any networkx graph, each edge a claim; it is not changed.
        named_by: the nodes whose labels may name a community, such as policy areas; where it has none of
            them, any of its members may.
        resamples: how often the claims are drawn anew for the stability; 0 for none.
        seed: of the random order in which nodes are looked at and claims are drawn.

    A community's `name` is the labels of the up to three that are most distinctive for it: by the weight of
    their connections inside it times the share of their weight that is inside. `members` come in the order of
    their weight inside. `inside` is the share, by weight, of its members' connections that stay inside.

    Communities are those of Louvain (Blondel et al. 2008) by weight, at resolution 1; of ten divisions the
    one with the highest modularity (Newman 2004) counts. One in several pieces, which Louvain allows, is
    taken apart. A thing without a connection is in none. Modularity does not see communities that are small
    for the size of the network (Fortunato and Barthélemy 2007).

    `stability`, from 0 to 1, is Hennig's (2007) bootstrap: as many claims as there are are drawn with
    replacement and the network that they make is divided again; a community's likeness is the Jaccard
    similarity of those of its members that are still connected with the most similar new community, or 0 when
    none is; the mean counts.

    Raises:
        NetworkError: the network is empty, or too big for so many resamples.
    """
    resamples = max(resamples, 0)
    plain = simple(graph)
    check_size(plain, "communities", connections=isqrt(MAX_WORK // (RUNS + resamples)))
    names = sorted(plain, key=str)
    number = {name: index for index, name in enumerate(names)}
    claims = sorted(
        (
            (*sorted((number[one], number[two])), data)
            for one, two, data in graph.edges(data=True)
            if one != two
        ),
        key=lambda claim: (*claim[:2], confidence(claim[2])),
    )
    whole = _weighted(claims)
    parts, modularity = _best(whole, seed)
    stability = _stability(claims, parts, resamples, seed)
    may_name = {number[name] for name in named_by if name in number}
    rows = []
    for place, (part, stable) in enumerate(zip(parts, stability, strict=True), 1):
        weight = {node: whole.degree(node, "weight") for node in part}
        within = {
            node: sum(data["weight"] for other, data in whole[node].items() if other in part) for node in part
        }
        distinctive = {node: within[node] ** 2 / weight[node] for node in part & may_name or part}
        named = _by(distinctive)[:3]
        inner, ends = sum(within.values()) / 2, sum(weight.values())
        rows.append((
            place,
            " · ".join(str(plain.nodes[names[node]].get("label") or names[node]) for node in named),
            len(part),
            inner / (ends - inner),
            stable if resamples else None,
            tuple(Node(names[node]) for node in _by(within)),
        ))  # fmt: skip
    return make_table(
        graph,
        "communities",
        ("number", "name", "size", "inside", "stability", "members"),
        rows,
        reading="Things in one community are connected more with each other than chance would have it; "
        "inside is the share of their connections that stays among them, and stability how much of it "
        f"comes back when the claims are drawn anew: from {STABLE} on it is stable, below {DISSOLVED} "
        "dissolved, and in between its core is real but not each of its members.",
        algorithm=f"Louvain (Blondel et al. 2008), weighted, undirected, resolution 1, best of {RUNS} by "
        "modularity",
        stability=f"bootstrap of claims (Hennig 2007), {resamples} resamples",
        seed=seed,
        alone=len(plain) - len(whole),
        **({"modularity": modularity} if parts else {}),
        **({"mean_stability": fmean(stability)} if parts and resamples else {}),
    )


def _weighted(claims: list[_Link]) -> nx.Graph:
    """The simple graph of some claims, without what they do not touch: equal for equal claims in order."""
    import networkx as nx

    drawn = nx.MultiGraph()
    drawn.add_nodes_from(sorted({node for claim in claims for node in claim[:2]}))
    drawn.add_edges_from(claims)
    return simple(drawn)


def _best(graph: nx.Graph, seed: int) -> tuple[list[set[int]], float]:
    """The best of several divisions into connected communities, the largest first, and its modularity."""
    import networkx as nx

    best: tuple[list[set[int]], float] = [], -1  # no division has less than -1/2
    for run in range(RUNS if len(graph) else 0):
        parts = [
            piece
            for part in _divided(graph, seed + run)
            for piece in nx.connected_components(graph.subgraph(part))
        ]
        modularity = nx.community.modularity(graph, parts, weight="weight")
        if modularity > best[1] + _LEAST:
            best = sorted(parts, key=lambda part: (-len(part), min(part))), modularity
    return best


def _divided(graph: nx.Graph, seed: int) -> list[set[int]]:
    import networkx as nx

    return list(nx.community.louvain_communities(graph, weight="weight", seed=seed))


def _stability(claims: list[_Link], parts: list[set[int]], resamples: int, seed: int) -> list[float]:
    """How alike each part and its nearest are, in the mean, when claims are drawn with replacement."""
    chance = Random(seed)  # noqa: S311
    sums = [0.0] * len(parts)
    for number in range(resamples if parts else 0):
        places = sorted(chance.choices(range(len(claims)), k=len(claims)))
        new = _divided(_weighted([claims[place] for place in places]), seed + number)
        home = {node: number for number, part in enumerate(new) for node in part}
        for place, part in enumerate(parts):
            kept = [home[node] for node in part if node in home]
            likeness = (both / (len(kept) + len(new[other]) - both) for other, both in Counter(kept).items())
            sums[place] += max(likeness, default=0)
    return [total / max(resamples, 1) for total in sums]


def _by(values: dict[int, float]) -> list[int]:
    """Nodes by their values, the highest first; equal ones in the order of their names."""
    return sorted(values, key=lambda node: (-round(values[node], 9), node))
