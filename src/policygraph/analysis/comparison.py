"""Summarise a network in numbers, and compare two networks."""

from __future__ import annotations

import re
from collections import Counter
from math import fsum, log
from statistics import fmean
from typing import TYPE_CHECKING, Any

from policygraph.analysis.centrality import indexed, ranks
from policygraph.analysis.network import STRENGTHS, simple
from policygraph.analysis.table import MAX_CONNECTIONS, Node, Table, check_size, make_table
from policygraph.errors import NetworkError
from policygraph.rdf.namespaces import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import networkx as nx

MAX_THINGS = 5_000
"""The most nodes of a component of which `summary` measures all paths: their distances take 200 MB."""

MOVED = 5  # how many nodes `compare` lists, of those whose rank changes most


_MEANINGS = {
    "things": "what can be connected",
    "connected pairs": "pairs of things that one claim or more connects",
    "claims": "single statements that two things are connected",
    "parts": "things in different parts are not connected in any way",
    "share in the largest part": "1 where everything hangs together",
    "mean neighbours": "how many things a thing is connected with",
    "density": "connected pairs, of all pairs that there are",
}


def summary(graph: nx.Graph) -> Table:
    """Summarise a network: its size, the bases of its claims, its components, paths and clustering.

    Shortest paths, clustering (transitivity, Newman 2003, SIAM Review 45) and assortativity (Newman 2003,
    Physical Review E 67) are those of the unweighted simple graph, and exact. Paths are left out where a
    component has more than `MAX_THINGS`.

    NetworkError when the network is empty.
    """
    check_size(graph, "summary", connections=MAX_CONNECTIONS)
    plain, parts, found = _figures(graph)
    things, pairs = found["things", None], found["connected pairs", None]
    hub = min(plain, key=lambda node: (-plain.degree(node), str(node)))
    mean, longest = _steps(plain, parts[0])
    steps = "from a thing to another by the shortest way, in the largest part"
    if mean is None and pairs:
        steps = f"left out: {things:,} things with {pairs:,} connections are too many; narrow the network"
    wholes = {"claims": found["claims", None], "inferred claims": found.get(("claims", "inferred"))}
    rows: list[tuple[Any, ...]] = []
    for (measure, of), value in found.items():
        if of and measure not in wholes:
            continue  # of a kind
        whole = things if measure == "things without connection" else wholes.get(measure) if of else None
        share = f"{value / whole:.0%} of them" if whole else ""
        rows.append((measure, of, value, share or _MEANINGS.get(measure, "")))
    rows += [
        ("most neighbours", Node(hub), plain.degree(hub), "the best connected thing"),
        ("mean steps", None, mean, steps),
        ("most steps", None, longest, "between the two things that are farthest apart there"),
        ("clustering", None, _clustering(plain), "how often two neighbours of a thing are connected too"),
        ("assortativity by kind", None, _assortativity(plain),
         "1: only like connect with like; 0: as by chance; less: unlike seek each other"),
    ]  # fmt: skip
    return make_table(
        graph,
        "summary",
        ("measure", "of", "value", "meaning"),
        rows,
        reading="Each row is one number about the whole network; numbers of two networks compare only where "
        "both were made by the same question.",
        algorithm="simple undirected graph without weights; exact shortest paths, transitivity and "
        "assortativity by kind (Newman 2003)",
    )


def compare(one: nx.Graph, other: nx.Graph, *, names: tuple[str, str] = ("one", "other")) -> Table:
    """Compare two networks: two datasets, or one dataset in two settings.

    Args:
        one: any networkx graph.
        other: the graph to compare it with. Nodes of the same name are the same.
        names: of the two, in words; the columns' names are made of them.

    `change` is the second number minus the first. The rank of a node is 1 plus the number of nodes with a
    higher weighted degree, among those connected in both networks; the `MOVED` whose ranks change by the
    largest factor are listed.

    NetworkError when one of the networks is empty, or the names do not make two columns.
    """
    import networkx as nx

    columns = columns_of(names)
    for graph in (one, other):
        check_size(graph, "compare", connections=MAX_CONNECTIONS)
    figures = [_figures(graph) for graph in (one, other)]
    plains, found = [plain for plain, *_ in figures], [numbers for *_, numbers in figures]
    rows: list[tuple[Any, ...]] = []

    def add(measure: str, of: Any, values: Iterable[float | None], *, change: bool = True) -> None:
        first, second = values
        differs = change and first is not None and second is not None
        rows.append((measure, of, first, second, second - first if differs else None))  # type: ignore[operator]

    for measure, of in dict.fromkeys([*found[0], *found[1]]):
        none = 0 if measure in ("things", "claims", "inferred claims") else None
        add(measure, of, (numbers.get((measure, of), none) for numbers in found))
        if measure == "claims" and of:
            shares = (_ratio(each.get((measure, of), 0), each[measure, None]) for each in found)
            add("share of claims", of, shares)
    things = [set(plain) for plain in plains]
    pairs = [{frozenset(pair) for pair in plain.edges} for plain in plains]
    for what, (first, second) in (("things", things), ("connected pairs", pairs)):
        shared = len(first & second)
        alike = _ratio(shared, len(first | second))
        add(f"{what} in both", None, (shared, shared), change=False)
        add(f"{what} only here", None, (len(first) - shared, len(second) - shared), change=False)
        add(f"{what} alike (Jaccard)", None, (alike, alike), change=False)
    connected = [{node for node, degree in plain.degree() if degree} for plain in plains]
    places = [
        ranks({node: fsum(d["weight"] for d in plain[node].values()) for node in connected[0] & connected[1]})
        for plain in plains
    ]
    # By the factor, since from 2 to 8 is further than from 52 to 58.
    moved = {node: abs(log(places[1][node] / place)) for node, place in places[0].items()}
    for node in sorted(moved, key=lambda node: (-round(moved[node], 9), str(node)))[:MOVED]:
        if moved[node]:
            add("rank by connections", Node(node), (place[node] for place in places))

    both = nx.Graph()
    for graph in (other, one):
        both.add_nodes_from(graph.nodes(data=True))
    for key in [*one.graph, *(key for key in other.graph if key not in one.graph)]:
        texts = [str(graph.graph.get(key, "")) for graph in (one, other)]
        if texts[0] == texts[1]:
            both.graph[key] = one.graph[key]
        else:
            both.graph.update(
                {f"{key} ({name})": text for name, text in zip(names, texts, strict=True) if text}
            )
    return make_table(
        both,
        "compare",
        ("measure", "of", *columns, "change"),
        rows,
        reading=f"Each row is a number about {names[0]} and the same about {names[1]}; ranks are among the "
        "things connected in both, 1 is the best connected, so a change below 0 is a rise.",
        things=f"{len(one)} and {len(other)}",
        connections=f"{one.number_of_edges()} and {other.number_of_edges()}",
        algorithm="things by name; Jaccard (1912); ranks by weighted degree",
    )


def columns_of(names: tuple[str, str]) -> list[str]:
    """Return the two columns that `compare` makes of names; raise NetworkError when they do not differ."""
    columns = [re.sub(r"\W+", "_", name).strip("_").lower() for name in names]
    if len({*columns, "measure", "of", "change", ""}) != 6:
        raise NetworkError(
            f"{names[0]!r} and {names[1]!r} do not name two columns; give two different words."
        )
    return columns


def _figures(graph: nx.Graph) -> tuple[nx.Graph, list[set[Any]], dict[tuple[str, str | None], Any]]:
    """Return the simple graph, its components, the largest first, and what both measures tell of it."""
    import networkx as nx

    plain = simple(graph)
    parts = sorted(nx.connected_components(plain), key=lambda part: (-len(part), min(map(str, part))))
    bases: Counter[str] = Counter()
    strengths: Counter[str] = Counter()
    for *_, data in graph.edges(data=True):
        basis = word(data.get("basis")) or "of no basis"
        bases[basis] += 1
        if basis == "inferred":
            strengths[word(data.get("strength")) or "of no strength"] += 1
    kinds: dict[str, list[int]] = {}  # how many neighbours those of a kind have
    for node, data in plain.nodes(data=True):
        kinds.setdefault(_kind(data), []).append(plain.degree(node))
    things, pairs = len(plain), plain.size()
    found: dict[tuple[str, str | None], Any] = {("things", None): things}
    found |= {("things", kind): len(kinds[kind]) for kind in sorted(kinds)}
    found |= {("connected pairs", None): pairs, ("claims", None): bases.total()}
    found |= {("claims", name): bases[name] for name in sorted(bases, key=lambda name: (-bases[name], name))}
    known = [*reversed(STRENGTHS), *sorted({*strengths} - {*STRENGTHS})]
    found |= {("inferred claims", name): strengths[name] for name in known if strengths[name]}
    found["things without connection", None] = nx.number_of_isolates(plain)
    found |= {("parts", None): len(parts), ("share in the largest part", None): len(parts[0]) / things}
    found["mean neighbours", None] = 2 * pairs / things
    found |= {("mean neighbours", kind): fmean(kinds[kind]) for kind in sorted(kinds)}
    found["density", None] = _ratio(2 * pairs, things * (things - 1))
    return plain, parts, found


def _kind(data: Mapping[str, Any]) -> str:
    return str(data.get("kind") or "of no kind")


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _assortativity(plain: nx.Graph) -> float | None:
    """Return how far kinds connect with their own (Newman 2003); None where there is only one kind."""
    import networkx as nx

    kinds = {node: _kind(data) for node, data in plain.nodes(data=True)}
    if len({kinds[node] for edge in plain.edges for node in edge}) < 2:
        return None
    named = nx.Graph(plain.edges)
    nx.set_node_attributes(named, kinds, "kind")
    # networkx adds in the order of a set, which is another in each process.
    return round(float(nx.attribute_assortativity_coefficient(named, "kind")), 12)


def _clustering(plain: nx.Graph) -> float | None:
    import rustworkx as rx

    if not any(degree > 1 for _, degree in plain.degree()):
        return None
    return float(rx.transitivity(indexed(plain)[1]))


def _steps(plain: nx.Graph, part: set[Any]) -> tuple[float | None, int | None]:
    """Return the mean and the largest distance between two nodes of a component, unless it is too large."""
    import rustworkx as rx

    size = len(part)
    if not 2 <= size <= MAX_THINGS:
        return None, None
    distances = rx.distance_matrix(indexed(plain.subgraph(part))[1])
    return float(distances.sum()) / (size * (size - 1)), int(distances.max())
