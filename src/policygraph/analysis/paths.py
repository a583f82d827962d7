"""Why two things are connected: the best paths between them, with the claims behind every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.analysis.network import confidence, simple, word
from policygraph.analysis.table import Node, Table, check_size, make_table
from policygraph.errors import NetworkError, nearest
from policygraph.i18n import basis_label, plural, words
from policygraph.rdf.namespaces import compact
from policygraph.text import lower, natural, printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import networkx as nx


MAX_CONNECTIONS = 500_000
"""Up to so many connections an answer takes less than half a minute; with 50,000, about a second."""

MAX_PATHS = 1_000
"""How many paths may be asked for: each further one takes longer to find than the one before."""


class NetworkClaim(NamedTuple):
    """One edge on the way; `forwards` when it points the way that the path goes."""

    attributes: Mapping[str, Any]
    forwards: bool

    @property
    def basis(self) -> tuple[str, str]:
        """Its basis and strength, as plain words such as ("inferred", "weak"), empty where not said."""
        return word(self.attributes.get("basis")), word(self.attributes.get("strength"))

    @property
    def relation(self) -> str:
        """What its relation is called; nothing when it has no name."""
        return str(self.attributes.get("relation") or "")


class Hop(NamedTuple):
    """One step of a path, with all claims that connect its ends, the most reliable first."""

    source: Hashable
    target: Hashable
    claims: tuple[NetworkClaim, ...]

    @property
    def stated(self) -> bool:
        """Whether the source itself says at least one of the claims."""
        return any(claim.basis[0] == "stated" for claim in self.claims)

    @property
    def relations(self) -> tuple[tuple[bool, str, tuple[NetworkClaim, ...]], ...]:
        """The claims by what they say: whether forwards, the relation, and the claims that say so."""
        groups: dict[tuple[bool, str], list[NetworkClaim]] = {}
        for claim in self.claims:
            groups.setdefault((claim.forwards, claim.relation), []).append(claim)
        return tuple((*said, tuple(claims)) for said, claims in groups.items())


class Path(NamedTuple):
    """A way from one thing to another; `length` is its cost, as `network.simple` reckons it."""

    hops: tuple[Hop, ...]
    length: float

    @property
    def nodes(self) -> tuple[Hashable, ...]:
        """The names of the things on it, both ends included."""
        return (self.hops[0].source, *(hop.target for hop in self.hops))

    @property
    def stated(self) -> bool:
        """Whether each hop has at least one claim that the source itself makes."""
        return all(hop.stated for hop in self.hops)

    @property
    def weakest(self) -> tuple[str, str]:
        """The basis and strength that the whole path stands on: of its weakest hop, the best claim."""
        return max((hop.claims[0] for hop in self.hops), key=_doubt).basis

    @property
    def listed(self) -> tuple[tuple[Hashable, str, bool], ...]:
        """Where it says little: a thing in its middle has both neighbours by one relation, as a list does.

        Each is the thing, the relation, and whether the relation points from the thing to the two.
        """
        found: list[tuple[Hashable, str, bool]] = []
        for before, after in pairwise(self.hops):
            towards = {(not claim.forwards, claim.relation) for claim in before.claims}
            same = sorted(towards & {(claim.forwards, claim.relation) for claim in after.claims})
            found.extend((after.source, relation, outwards) for outwards, relation in same)
        return tuple(found)


class Paths(NamedTuple):
    """The answer to why two things are connected.

    Args:
        source: the name of one.
        target: the name of the other.
        paths: the shortest, the best first.
        more: whether there are further ones.
        through: the things that every path between the two runs through, in order.
        alone: which of the two have no connection at all.
        lacking: without a path here, the shortest one in the whole network.
        missing: the hops of that one which this network does not have.
        nowhere: whether the whole network was searched and has no path either.
        labels: what to call the things, by name; no two alike.
    """

    source: Hashable
    target: Hashable
    paths: tuple[Path, ...]
    more: bool
    through: tuple[Hashable, ...]
    alone: tuple[Hashable, ...]
    lacking: Path | None
    missing: tuple[Hop, ...]
    nowhere: bool
    labels: Mapping[Hashable, str]


def paths(
    graph: nx.Graph, source: Hashable, target: Hashable, *, k: int = 3, whole: nx.Graph | None = None
) -> Paths:
    """The shortest paths between two things, whichever way the claims point.

    They are the k shortest simple paths (Yen 1971) by `length` of `network.simple`, which prefers reliable
    connections and avoids hubs; the same for any order of nodes and edges, and for the two ends exchanged.

    Args:
        graph: any networkx graph; it is not changed.
        source: name of a node.
        target: name of another.
        k: how many paths at most.
        whole: the network that `graph` was narrowed from. Where `graph` has no path, it says what is lacking;
            things that were left out of `graph` stay out if any path allows it.

    Raises:
        NetworkError: the network is empty or has more than `MAX_CONNECTIONS`, an end is not in it, both ends are
            the same, or k is under 1 or over `MAX_PATHS`.
    """
    if not 1 <= k <= MAX_PATHS:
        raise NetworkError(f"{k:,} paths cannot be told; ask for 1 to {MAX_PATHS:,}.")
    check_size(graph, "path", connections=MAX_CONNECTIONS)
    for end in (source, target):
        require_node(graph, end, whole=whole)
    if source == target:
        label = unique_labels(graph, [source])[source]
        raise NetworkError(f"Both ends are {label}; name two different things to be connected.")

    plain = simple(graph)
    routes = _shortest(plain, source, target, k + 1)
    found = tuple(path_along(graph, plain, nodes) for nodes in routes[:k])
    lacking, searched = None, whole is not None and not found
    if whole is not None and searched:
        check_size(whole, "path", connections=MAX_CONNECTIONS)
        for part in (whole.subgraph(graph), whole):
            wider = simple(part)
            if route := next(iter(_shortest(wider, source, target, 1)), None):
                lacking = path_along(whole, wider, route)
                break
    missing = [hop for hop in (lacking.hops if lacking else ()) if not plain.has_edge(hop.source, hop.target)]
    told = {node for path in (*found, *([lacking] if lacking else [])) for node in path.nodes}
    return Paths(
        source,
        target,
        found,
        len(routes) > k,
        _through(plain, routes[0]) if routes else (),
        tuple(end for end in (source, target) if not plain.degree(end)),
        lacking,
        tuple(missing),
        searched and lacking is None,
        unique_labels(graph if lacking is None or whole is None else whole, {source, target, *told}),
    )


def path_along(graph: nx.Graph, plain: nx.Graph, nodes: Iterable[Hashable]) -> Path:
    """The path through these nodes in turn; `plain` is `simple(graph)`."""
    hops, length = [], 0.0
    for one, other in pairwise(nodes):
        claims = [NetworkClaim(data, True) for data in _between(graph, one, other)]
        if graph.is_directed():
            claims += [NetworkClaim(data, False) for data in _between(graph, other, one)]
        hops.append(Hop(one, other, tuple(sorted(claims, key=_rank))))
        length += plain[one][other]["length"]
    return Path(tuple(hops), length)


def unique_labels(graph: nx.Graph, nodes: Collection[Hashable]) -> dict[Hashable, str]:
    """What to call nodes: by their labels, with the kind or else the name where two of them share a label."""

    def name(node: Hashable) -> str:
        return printable(compact(str(node)))

    known = {node: dict(graph.nodes[node]) for node in sorted(nodes, key=_order)}
    told: dict[Hashable, str] = {
        node: printable(str(data.get("label") or "")) or name(node) for node, data in known.items()
    }
    for more in (lambda node: printable(str(known[node].get("kind") or "")) or name(node), name):
        counts = Counter(told.values())
        told = {
            node: f"{label} ({more(node)})" if counts[label] > 1 else label for node, label in told.items()
        }
    return told


def paths_table(found: Paths, graph: nx.Graph) -> Table:
    """The answer as a table "path": one row for each claim of each hop of each path, as the claim points."""
    body = [
        (
            number,
            step,
            Node(hop.source if claim.forwards else hop.target),
            claim.relation or None,
            Node(hop.target if claim.forwards else hop.source),
            claim.basis[0] or None,
            claim.basis[1] or None,
            *(claim.attributes.get(name) for name in ("rationale", "document", "passages", "claim")),
        )
        for number, path in enumerate(found.paths, start=1)
        for step, hop in enumerate(path.hops, start=1)
        for claim in hop.claims
    ]
    columns = "path hop source relation target basis strength rationale document passages claim"
    return make_table(
        graph,
        "path",
        columns.split(),
        body,
        reading="Each row is one claim, told the way it points; the hops of a path, in order, connect "
        f"{found.labels[found.source]} with {found.labels[found.target]}, and path 1 is the best.",
        algorithm="shortest simple paths (Yen 1971) by -ln(weight) + ln(neighbours of what they go through)",
        source=str(found.source),
        target=str(found.target),
    )


def require_node(graph: nx.Graph, node: Hashable, *, whole: nx.Graph | None = None) -> None:
    """NetworkError, with the nearest label, for a node that is not in the network, or only in the whole."""
    if node in graph:
        return
    if whole is not None and node in whole:
        label = unique_labels(whole, [node])[node]
        raise NetworkError(f"{label} is left out of this network; narrow it less to find its paths.")
    labels = {label.casefold(): label for _, label in graph.nodes(data="label") if isinstance(label, str)}
    near = nearest(word(node).replace("-", " "), sorted(labels))
    for folded, label in labels.items():
        near = near.replace(repr(folded), repr(label))
    raise NetworkError(f"{compact(str(node))!r} is not in the network.{near}")


def _shortest(plain: nx.Graph, source: Hashable, target: Hashable, k: int) -> list[tuple[Hashable, ...]]:
    """The k shortest routes, the same whatever the order of the graph and of the two ends."""
    import networkx as nx

    if not (source in plain and target in plain and nx.has_path(plain, source, target)):
        return []
    # Among equals the search prefers what comes first: so all is in order, and lengths add up exactly.
    order = sorted(plain, key=_order)
    rank = {node: number for number, node in enumerate(order)}
    ordered = nx.Graph()
    ordered.add_nodes_from(range(len(order)))
    ordered.add_weighted_edges_from(sorted(
        (*sorted((rank[one], rank[other])), round(length * 1e9))
        for one, other, length in plain.edges(data="length")
    ))  # fmt: skip
    one, other = sorted((rank[source], rank[target]))
    routes = sorted(
        (nx.path_weight(ordered, route, "weight"), route)
        for route in islice(nx.shortest_simple_paths(ordered, one, other, weight="weight"), k)
    )
    step = 1 if one == rank[source] else -1
    return [tuple(order[number] for number in route[::step]) for _, route in routes]


def _through(plain: nx.Graph, route: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    """What every path between the ends of this one runs through.

    A thing on a path cannot be gone round when the path enters and leaves it in different blocks, the
    biconnected components (Hopcroft and Tarjan 1973).
    """
    import networkx as nx

    hops = {frozenset(hop) for hop in pairwise(route)}
    block = {
        frozenset(edge): number
        for number, edges in enumerate(nx.biconnected_component_edges(plain))
        for edge in edges
        if frozenset(edge) in hops
    }
    return tuple(
        middle
        for before, middle, after in zip(route, route[1:], route[2:], strict=False)
        if block[frozenset((before, middle))] != block[frozenset((middle, after))]
    )


def _between(graph: nx.Graph, source: Hashable, target: Hashable) -> Iterator[Mapping[str, Any]]:
    """The attributes of each edge from one node to another."""
    data = graph.get_edge_data(source, target, default={})
    if graph.is_multigraph():
        yield from data.values()
    elif graph.has_edge(source, target):
        yield data


def _doubt(claim: NetworkClaim) -> tuple[bool, float]:
    """The greater, the less a claim is relied on: first what the source states, then by confidence."""
    return claim.basis[0] != "stated", -confidence(claim.attributes)


def _rank(claim: NetworkClaim) -> tuple[Any, ...]:
    return (
        *_doubt(claim),
        claim.basis,
        not claim.forwards,
        claim.relation,
        str(claim.attributes.get("claim", "")),
        repr(sorted(claim.attributes.items(), key=str)),
    )


def _order(node: Hashable) -> tuple[str, str]:
    return str(node), type(node).__name__


def format_paths(found: Paths, *, language: str = "en", width: int | None = None) -> str:
    """The answer as text: a heading for each path, and for each hop a sentence and who says so.

    A sentence goes the way its claim points, whichever way the path goes.

    Args:
        found: the answer.
        language: BCP 47 tag; English or Danish. Labels and relations are in that of the network.
        width: columns that no line exceeds; without a width, none is wrapped.
    """
    from textwrap import wrap

    fixed, labels = words(language, "explorer", "paths"), found.labels
    lines: list[str] = []

    def put(text: str, indent: int = 0, hang: int = 2) -> None:
        text = printable(text)
        lines.extend(wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang))
                     if width else [" " * indent + text])  # fmt: skip

    def put_hop(hop: Hop) -> None:
        for forwards, relation, claims in hop.relations:
            ends = (hop.source, hop.target) if forwards else (hop.target, hop.source)
            one, other = (labels[end] for end in ends)
            put(f"{one} {relation or fixed['unnamed_relation']} {other}".rstrip(".") + ".", 3)
            for claim in claims:
                data = {name: str(value) for name, value in claim.attributes.items() if value is not None}
                basis = basis_label(claim.basis, language, capital=True) if claim.basis[0] else ""
                if reason := ": ".join(filter(None, (basis, data.get("rationale")))):
                    put(reason, 7)
                passages = sorted(data.get("passages", "").split("\n"), key=natural)
                for evidence in filter(None, [data.get("document"), *passages]):
                    put(evidence, 7)

    def every(things: Iterable[Hashable]) -> str:
        *most, last = [labels[each] for each in things]
        return f" {fixed['and']} ".join(filter(None, [", ".join(most), last]))

    ends = {"source": labels[found.source], "target": labels[found.target]}
    count = len(found.paths)
    if not count:
        opening = fixed["none"].format(**ends)
    else:
        opening = plural(fixed, "some" if found.more else "all", count).format(**ends)
    put(opening, hang=0)
    for end in found.alone:
        put(fixed["alone"].format(thing=labels[end]), hang=0)
    if found.through:
        put(fixed["every"].format(things=every(found.through)), hang=0)
    if found.nowhere:
        put(fixed["nowhere"], hang=0)

    def heading(path: Path) -> str:
        middle = path.nodes[1:-1]
        return str(fixed["through"].format(things=every(middle)) if middle else fixed["direct"])

    for number, path in enumerate(found.paths, start=1):
        weakest = (
            fixed["stated"]
            if path.stated
            else fixed["weakest"].format(basis=basis_label(path.weakest, language))
        )
        lines.append("")
        put(f"{number}. {heading(path)} ({weakest})")
        for hop in path.hops:
            put_hop(hop)
        around = {b: (a, c) for a, b, c in zip(path.nodes, path.nodes[1:], path.nodes[2:], strict=False)}
        for middle, relation, outwards in path.listed:
            one, other = (labels[each] for each in around[middle])
            note = fixed["lists" if outwards else "shared"]
            relation = relation or fixed["unnamed_relation"]
            put(note.format(middle=labels[middle], one=one, other=other, relation=relation), 3)
    if found.lacking is not None:
        lines.append("")
        put(plural(fixed, "lacking", len(found.missing)).format(way=lower(heading(found.lacking))))
        for hop in found.missing:
            put_hop(hop)
    return "\n".join([*lines, ""])
