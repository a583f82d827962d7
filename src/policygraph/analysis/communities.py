"""Divide a network into communities, and measure how stable they are when its claims are resampled."""

from __future__ import annotations

from collections import Counter
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from policygraph.analysis.network import confidence, simple
from policygraph.analysis.table import Node, Table, check_size, make_table, phrase
from policygraph.errors import NetworkError
from policygraph.text import grouped

if TYPE_CHECKING:
    from collections.abc import Collection

    import networkx as nx

RUNS = 10  # how often the whole network is divided; the best division counts
ITERATIONS, RANDOMNESS = 10, 0.05  # of a division

RESAMPLES, LEAST_RESAMPLES, RESAMPLED = 50, 10, 100_000
"""How often the claims are resampled: so often that at most so many are drawn, but at least 10 times."""

STABLE, DISSOLVED = 0.75, 0.5
"""A community is stable from the first value up, and dissolved below the second (Hennig 2007, 2008)."""

MAX_WORK = 2_000_000
"""The most edges times divisions: about a minute in a random network with hubs, of 100,000 edges with 10
resamples or 200,000 without."""

MAX_CONNECTIONS = MAX_WORK // (RUNS + LEAST_RESAMPLES)  # the most edges by default

_Claim: TypeAlias = tuple[int, int, float]  # the numbers of two nodes, and the confidence in a claim
_Links: TypeAlias = dict[int, dict[int, float]]  # the weights of a simple graph, both ways


def communities(
    graph: nx.Graph, *, named_by: Collection[str] = (), resamples: int | None = None, seed: int = 0
) -> Table:
    """Find the parts of a network that are connected more within than with each other, the largest first.

    Args:
        graph: any networkx graph, each edge a claim; it is not changed.
        named_by: the nodes whose labels may name a community; in one without any of them, every member may.
        resamples: how often the claims are resampled for the stability; 0 for no stability. By default 50
            times, in a network of more than 2,000 claims less often, and of more than 10,000 10 times.
        seed: of the random order of nodes and of the resampling.

    A community's `name` is the labels of up to three members that are most distinctive for it: by the weight
    of their edges inside it times the share of their weight that is inside.

    Communities are those of Leiden (Traag, Waltman and van Eck 2019), each connected, weighted, at resolution
    1; of `RUNS` divisions the one with the highest modularity (Newman 2004) counts. Modularity misses
    communities that are small for the network (Fortunato and Barthélemy 2007).

    `stability`, from 0 to 1, is Hennig's (2007) bootstrap: the claims are resampled with replacement and the
    network that they make is divided again. A community's similarity is the highest Jaccard similarity of
    those of its members that are still connected to a new community, or 0 when none is; the mean counts.

    NetworkError when the network is empty, or too big for so many resamples, or these are fewer than 0.
    """
    plain, seed = simple(graph), int(seed)  # or NumPy's, which overflows
    if resamples is None:
        resamples = min(RESAMPLES, max(LEAST_RESAMPLES, RESAMPLED // (graph.number_of_edges() or 1)))
    if resamples < 0:
        raise NetworkError(f"resamples is a number from 0 on; not {resamples}.")
    check_size(plain, "communities", connections=MAX_WORK // (RUNS + resamples))
    names = sorted(plain, key=str)
    number = {name: index for index, name in enumerate(names)}
    pairs = ((*sorted((number[one], number[two])), data) for one, two, data in graph.edges(data=True))
    claims = sorted((one, two, confidence(data)) for one, two, data in pairs if one != two)
    whole = _links(claims)
    modularity, parts = _divide(whole, seed, RUNS)
    stability = _stability(claims, parts, resamples, seed)
    may_name = {number[name] for name in named_by if name in number}
    rows = []
    for place, (part, stable) in enumerate(zip(parts, stability, strict=True), 1):
        weight = {node: sum(whole[node].values()) for node in part}
        within = {node: sum(each for other, each in whole[node].items() if other in part) for node in part}
        distinctive = {node: within[node] ** 2 / weight[node] for node in part & may_name or part}
        named = _by_value(distinctive)[:3]
        inner, ends = sum(within.values()) / 2, sum(weight.values())
        name = " · ".join(str(plain.nodes[names[node]].get("label") or names[node]) for node in named)
        numbers = len(part), inner / (ends - inner), stable if resamples else None
        rows.append((place, name, *numbers, tuple(Node(names[node]) for node in _by_value(within))))
    means: dict[str, Any] = {"modularity": modularity} if parts else {}
    means |= {"mean_stability": fmean(stability)} if parts and resamples else {}
    columns = ("number", "name", "size", "inside", "stability", "members")
    filled = {"stable": STABLE, "dissolved": DISSOLVED, "iterations": ITERATIONS, "runs": RUNS}
    drawn = phrase(graph, "communities", "stability", n=resamples)
    recipe = {"stability": drawn, "seed": seed, "alone": len(plain) - len(whole), **means}
    return make_table(graph, "communities", columns, rows, filled=filled, **recipe)


def _links(claims: list[_Claim]) -> _Links:
    """Join claims as `simple` does, without isolated nodes and lengths."""
    doubts: dict[tuple[int, int], float] = {}
    for one, two, sure in claims:
        doubts[one, two] = doubts.get((one, two), 1.0) * (1 - sure)
    links: _Links = {node: {} for node in sorted({node for pair in doubts for node in pair})}
    for (one, two), doubt in doubts.items():
        links[one][two] = links[two][one] = 1 - doubt
    return links


def _divide(links: _Links, seed: int, trials: int = 1) -> tuple[float, list[set[int]]]:
    """Return the modularity and the parts of the best of several divisions, the largest part first."""
    from graspologic_native import leiden

    pairs = ((one, two, weight) for one, row in links.items() for two, weight in row.items())
    edges = [(str(one), str(two), weight) for one, two, weight in pairs if one < two]
    if not edges:
        return 0.0, []
    modularity, home = leiden(
        edges, None, 1.0, RANDOMNESS, ITERATIONS, use_modularity=True, seed=seed % 2**64, trials=trials
    )
    parts = map(set, grouped((home[str(node)], node) for node in links).values())
    return modularity, sorted(parts, key=lambda part: (-len(part), min(part)))


def _stability(claims: list[_Claim], parts: list[set[int]], resamples: int, seed: int) -> list[float]:
    """Return each part's mean similarity to its nearest one when claims are drawn with replacement."""
    chance = Random(seed)  # noqa: S311
    sums = [0.0] * len(parts)
    for number in range(resamples if parts else 0):
        places = sorted(chance.choices(range(len(claims)), k=len(claims)))
        _, new = _divide(_links([claims[place] for place in places]), seed + number)
        home = {node: number for number, part in enumerate(new) for node in part}
        for place, part in enumerate(parts):
            kept = [home[node] for node in part if node in home]
            jaccard = (both / (len(kept) + len(new[other]) - both) for other, both in Counter(kept).items())
            sums[place] += max(jaccard, default=0)
    return [total / max(resamples, 1) for total in sums]


def _by_value(values: dict[int, float]) -> list[int]:
    """Sort nodes by their values, the highest first; equal ones in the order of their names."""
    return sorted(values, key=lambda node: (-round(values[node], 9), node))
