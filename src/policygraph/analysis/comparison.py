"""Summarise a network in numbers, and compare networks."""

from __future__ import annotations

import re
from collections import Counter
from math import fsum, log
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeAlias

from policygraph.analysis.centrality import indexed, ranks
from policygraph.analysis.network import STRENGTHS, language_of, simple
from policygraph.analysis.table import MAX_CONNECTIONS, Node, Table, check_size, make_table, phrase
from policygraph.errors import NetworkError
from policygraph.i18n import words
from policygraph.rdf.namespaces import word
from policygraph.text import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import networkx as nx

MAX_THINGS = 5_000
"""The most nodes of a component of which `summary` measures all paths: their distances take 200 MB."""

MEMBERS = 1_000
"""The most nodes of a component that `components` lists."""

MOVED = 5  # how many nodes `compare` lists, of those whose rank changes most

Figures: TypeAlias = "dict[tuple[str, str | None], Any]"  # by measure and of what, in their order
_Wholes: TypeAlias = "Mapping[str, tuple[Node | None, float | None]]"


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
    left = phrase(graph, "summary", "left", things=things, pairs=pairs) if mean is None and pairs else ""
    met = Counter(tuple(_kind(plain.nodes[end]) for end in pair) for pair in plain.edges)
    wholes = {"most neighbours": (Node(hub), plain.degree(hub)), "mean steps": (None, mean)}
    wholes |= {"most steps": (None, longest), "clustering": (None, _clustering(plain))}
    return summary_table(graph, found, wholes | {"assortativity by kind": (None, mixing(met))}, left)


def summary_table(graph: nx.Graph, found: Figures, more: _Wholes, left: str, **recipe: Any) -> Table:
    """Make the table of `summary` from `figures` and more of the whole, each of what and how much.

    `left` says why paths and triangles were left out.
    """
    things = found["things", None]
    meanings = words(language_of(graph), "measures")["summary"]["meanings"]
    wholes = {"claims": found["claims", None], "inferred claims": found.get(("claims", "inferred"))}
    rows: list[tuple[Any, ...]] = []
    for (measure, of), value in found.items():
        if of and measure not in wholes:
            continue  # of a kind
        whole = things if measure == "things without connection" else wholes.get(measure) if of else None
        share = phrase(graph, "summary", "share", n=_percent(value, whole)) if whole else ""
        rows.append((measure, of, value, share or meanings.get(measure, "")))
    for measure, (thing, value) in more.items():
        unknown = measure.endswith("steps") or (measure == "clustering" and value is None)
        rows.append((measure, thing, value, (left if unknown else "") or meanings[measure]))
    return make_table(graph, "summary", ("measure", "of", "value", "meaning"), rows, **recipe)


def components(graph: nx.Graph) -> Table:
    """List the connected components of a network, the largest first, with the nodes of all but huge ones.

    NetworkError when the network is empty or too big.
    """
    check_size(graph, "components", connections=MAX_CONNECTIONS)
    plain, parts, _ = _figures(graph)
    rows = []
    for part in parts:
        members = sorted(part, key=lambda node: (-plain.degree(node), str(node)))
        pairs = sum(plain.degree(node) for node in part) // 2
        rows.append((len(part), pairs, tuple(map(Node, members)) if len(part) <= MEMBERS else None))
    return components_table(graph, rows, len(plain))


def components_table(
    graph: nx.Graph, parts: Iterable[tuple[int, int, tuple[Node, ...] | None]], whole: int, /, **recipe: Any
) -> Table:
    """Make the table of `components` of so many nodes from the size, pairs and members of each in order."""
    columns = ("number", "size", "share", "connected_pairs", "members")
    rows = ((place, size, size / whole, *others) for place, (size, *others) in enumerate(parts, 1))
    return make_table(graph, "components", columns, rows, filled={"n": MEMBERS}, **recipe)


def compare(one: nx.Graph, other: nx.Graph, *others: nx.Graph, names: Sequence[str] = ()) -> Table:
    """Compare networks: datasets, or one dataset in several settings.

    Args:
        one: any networkx graph.
        other: a graph to compare it with. Nodes of the same name are the same.
        others: more of them.
        names: of all, in words; the columns' names are made of them.

    Of two, `change` is the second number minus the first. The rank of a node is 1 plus the number of nodes
    with a higher weighted degree, among those connected in all networks; the `MOVED` whose ranks differ by
    the largest factor are listed.

    NetworkError when one of the networks is empty, or the names do not make a column for each.
    """
    import networkx as nx

    graphs = (one, other, *others)
    names = names or ("one", "other", *(f"other {number}" for number in range(2, len(graphs))))
    columns, every = columns_of(names, len(graphs)), "all" if others else "both"
    for graph, name in zip(graphs, names, strict=True):
        check_size(graph, f"compare of {name}", connections=MAX_CONNECTIONS)
    figures = [_figures(graph) for graph in graphs]
    plains, found = [plain for plain, *_ in figures], [numbers for *_, numbers in figures]
    rows: list[tuple[Any, ...]] = []

    def add(measure: str, of: Any, values: Iterable[float | None], *, change: bool = True) -> None:
        first, second, *more = values
        differs = change and first is not None and second is not None
        last = more if others else [second - first if differs else None]  # type: ignore[operator]
        rows.append((measure, of, first, second, *last))

    for measure, of in dict.fromkeys(key for numbers in found for key in numbers):
        none = 0 if measure in ("things", "claims", "inferred claims") else None
        add(measure, of, (numbers.get((measure, of), none) for numbers in found))
        if measure == "claims" and of:
            shares = (_ratio(each.get((measure, of), 0), each[measure, None]) for each in found)
            add("share of claims", of, shares)
    things = [set(plain) for plain in plains]
    pairs = [{frozenset(pair) for pair in plain.edges} for plain in plains]
    for what, sets in (("things", things), ("connected pairs", pairs)):
        shared, times = len(set.intersection(*sets)), Counter(each for those in sets for each in those)
        alone = (sum(times[each] == 1 for each in those) for those in sets)
        add(f"{what} in {every}", None, [shared] * len(sets), change=False)
        add(f"{what} only here", None, alone, change=False)
        add(f"{what} alike (Jaccard)", None, [_ratio(shared, len(times))] * len(sets), change=False)
    connected = set.intersection(*({node for node, degree in plain.degree() if degree} for plain in plains))
    places = [
        ranks({node: fsum(d["weight"] for d in plain[node].values()) for node in connected})
        for plain in plains
    ]
    # By the factor, since from 2 to 8 is further than from 52 to 58.
    moved = {node: log(max(at) / min(at)) for node in connected for at in [[each[node] for each in places]]}
    for node in sorted(moved, key=lambda node: (-round(moved[node], 9), str(node)))[:MOVED]:
        if moved[node]:
            add("rank by connections", Node(node), (place[node] for place in places))

    known = words(language_of(one), "explorer", "measures")
    sides = [known["compare"]["sides"].get(name, name) for name in names]
    whole, between = nx.Graph(language=known["@language"]), f" {known['and']} "
    for graph in reversed(graphs):
        whole.add_nodes_from(graph.nodes(data=True))
    for key in dict.fromkeys(key for graph in graphs for key in graph.graph):
        texts = [str(graph.graph.get(key, "")) for graph in graphs]
        if len({*texts}) == 1 and key in one.graph:
            whole.graph[key] = one.graph[key]
        else:
            named = zip(names, texts, strict=True)
            whole.graph.update({f"{key} ({name})": text for name, text in named if text})
    reading = phrase(whole, "compare", f"reading_of_{every}", one=sides[0], others=", ".join(sides[1:]))
    recipe: dict[str, Any] = {"things": between.join(str(len(graph)) for graph in graphs)}
    recipe["connections"] = between.join(str(graph.number_of_edges()) for graph in graphs)
    columns = ["measure", "of", *columns, *([] if others else ["change"])]
    return make_table(whole, "compare", columns, rows, reading=reading, **recipe)


def columns_of(names: Sequence[str], number: int) -> list[str]:
    """Return the columns that `compare` makes of names; raise NetworkError when they are not so many."""
    columns = [re.sub(r"\W+", "_", name).strip("_").lower() for name in names]
    if len({*columns, "measure", "of", "change", ""}) != number + 4 or len(columns) != number:
        raise NetworkError(f"{', '.join(names)} do not name {number} columns; give as many different words.")
    return columns


def _figures(graph: nx.Graph) -> tuple[nx.Graph, list[set[Any]], Figures]:
    """Return the simple graph, its components, the largest first, and what both measures tell of it."""
    import networkx as nx

    plain = simple(graph)
    parts = sorted(nx.connected_components(plain), key=lambda part: (-len(part), min(map(str, part))))
    bases, strengths = Counter[str](), Counter[str]()
    for *_, data in graph.edges(data=True):
        basis = word(data.get("basis")) or "of no basis"
        bases[basis] += 1
        if basis == "inferred":
            strengths[word(data.get("strength")) or "of no strength"] += 1
    degrees = grouped((_kind(data), plain.degree(node)) for node, data in plain.nodes(data=True))
    means = {kind: (len(each), fmean(each)) for kind, each in degrees.items()}
    alone, largest = nx.number_of_isolates(plain), len(parts[0])
    found = figures(means, plain.size(), bases, strengths, alone=alone, parts=len(parts), largest=largest)
    return plain, parts, found


def figures(
    kinds: Mapping[str, tuple[int, float]],
    pairs: int,
    bases: Counter[str],
    strengths: Counter[str],
    *,
    alone: int,
    parts: int,
    largest: int,
) -> Figures:
    """Return what `summary` and `compare` tell of a network, by measure and of what, in their order.

    Args:
        kinds: how many things there are of each, and their mean number of neighbours.
        pairs: how many are connected.
        bases: how many claims there are on each.
        strengths: how many inferred claims there are of each.
        alone: how many things have no neighbour.
        parts: how many components there are.
        largest: the number of things of the largest.
    """
    things = sum(number for number, _ in kinds.values())
    found: Figures = {("things", None): things}
    found |= {("things", kind): kinds[kind][0] for kind in sorted(kinds)}
    found |= {("connected pairs", None): pairs, ("claims", None): bases.total()}
    found |= {("claims", name): bases[name] for name in sorted(bases, key=lambda name: (-bases[name], name))}
    known = [*reversed(STRENGTHS), *sorted({*strengths} - {*STRENGTHS})]
    found |= {("inferred claims", name): strengths[name] for name in known if strengths[name]}
    found["things without connection", None] = alone
    found |= {("parts", None): parts, ("share in the largest part", None): largest / things}
    found["mean neighbours", None] = 2 * pairs / things
    found |= {("mean neighbours", kind): kinds[kind][1] for kind in sorted(kinds)}
    found["density", None] = _ratio(2 * pairs, things * (things - 1))
    return found


def _percent(part: int, whole: int) -> str:
    """Return a share in whole percent, in which some are not none, nor all but some all."""
    percent = f"{100 * part / whole:.0f}"
    return {"0": "<1", "100": ">99"}.get(percent, percent) if 0 < part < whole else percent


def _kind(data: Mapping[str, Any]) -> str:
    return str(data.get("kind") or "of no kind")


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def mixing(pairs: Mapping[tuple[str, ...], int]) -> float | None:
    """Return how far kinds connect with their own (Newman 2003); None where there is only one kind.

    `pairs` are the numbers of connected pairs of things of two kinds.
    """
    ends: Counter[str] = Counter()
    for kinds, number in pairs.items():
        ends.update(dict.fromkeys(kinds, number) if kinds[0] != kinds[1] else {kinds[0]: 2 * number})
    if len(ends) < 2:
        return None
    whole = ends.total()
    alike = 2 * sum(number for kinds, number in pairs.items() if kinds[0] == kinds[1]) / whole
    chance = sum(number * number for number in ends.values()) / whole**2
    return round((alike - chance) / (1 - chance), 12)


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
