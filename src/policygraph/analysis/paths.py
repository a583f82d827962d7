"""Find and explain the shortest paths between two nodes, with the claims behind every hop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from html import escape
from itertools import islice, pairwise
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.analysis.network import confidence, find_node, language_of, origin, prefixes, simple
from policygraph.analysis.table import Node, Table, check_size, make_table
from policygraph.catalog.resource import claim_lines
from policygraph.errors import NetworkError
from policygraph.i18n import basis_label, plural, words
from policygraph.rdf.namespaces import compact, word
from policygraph.text import grouped, jinja, lower, printable, wrap

if TYPE_CHECKING:
    import networkx as nx


MAX_CONNECTIONS = 500_000  # the most edges: they take less than half a minute; 50,000 take about a second

MAX_PATHS = 1_000  # the most paths: each takes longer to find than the one before


class NetworkClaim(NamedTuple):
    """One edge on a path; `forwards` when it points in the direction of the path."""

    attributes: Mapping[str, Any]
    forwards: bool

    @property
    def basis(self) -> tuple[str, str]:
        """Its basis and strength in lower case, such as ("inferred", "weak"); empty where not given."""
        return word(self.attributes.get("basis")), word(self.attributes.get("strength"))

    @property
    def relation(self) -> str:
        """The label of its relation; empty when it has none."""
        return str(self.attributes.get("relation") or "")


class Hop(NamedTuple):
    """One step of a path."""

    source: Hashable
    target: Hashable
    claims: tuple[NetworkClaim, ...]  # all between its ends, the most reliable first
    identity: bool = False  # whether a curator infers that both ends are one and the same thing

    @property
    def stated(self) -> bool:
        """Whether the source itself states at least one of the claims."""
        return any(claim.basis[0] == "stated" for claim in self.claims)

    @property
    def relations(self) -> tuple[tuple[bool, str, tuple[NetworkClaim, ...]], ...]:
        """The claims grouped by direction and relation: whether forwards, the relation, its claims."""
        groups = grouped(((claim.forwards, claim.relation), claim) for claim in self.claims)
        return tuple((*key, tuple(claims)) for key, claims in groups.items())


class Path(NamedTuple):
    """A path from one node to another."""

    hops: tuple[Hop, ...]
    length: float  # as in `network.simple`
    hubs: tuple[Hashable, ...] = ()  # nodes between its ends whose attribute `hub` is True

    @property
    def nodes(self) -> tuple[Hashable, ...]:
        """The names of the nodes on it, both ends included."""
        return (self.hops[0].source, *(hop.target for hop in self.hops))

    @property
    def stated(self) -> bool:
        """Whether the source itself states at least one claim of each hop."""
        return all(hop.stated for hop in self.hops)

    @property
    def weakest(self) -> tuple[str, str]:
        """The basis and strength of the whole path: those of the best claim of its weakest hop."""
        return max((hop.claims[0] for hop in self.hops), key=_doubt).basis

    @property
    def listed(self) -> tuple[tuple[Hashable, str, bool], ...]:
        """The nodes between whose two neighbours on the path have the same relation to them, as in a list.

        Such a path says little. Each is the node, the relation, and whether it points away from the node.
        """
        middles: list[tuple[Hashable, str, bool]] = []
        for before, after in pairwise(self.hops):
            towards = {(not claim.forwards, claim.relation) for claim in before.claims}
            same = sorted(towards & {(claim.forwards, claim.relation) for claim in after.claims})
            middles.extend((after.source, relation, outwards) for outwards, relation in same)
        return tuple(middles)


class Paths(NamedTuple):
    """The result of a search for paths between two nodes."""

    source: Hashable
    target: Hashable
    paths: tuple[Path, ...]  # the shortest first, and those through hubs last
    more: bool  # whether there are more
    through: tuple[Hashable, ...]  # the nodes that every path between the two goes through, in order
    alone: tuple[Hashable, ...]  # which of the two have no edge at all
    lacking: Path | None  # the shortest path in the whole network, if there is none in this one
    missing: tuple[Hop, ...]  # the hops of `lacking` that this network does not have
    nowhere: bool  # whether the whole network was searched and has no path either
    labels: Mapping[Hashable, str]  # unique
    table: Table  # "path": one row for each claim of each hop, in the claim's direction
    language: str

    def __repr__(self) -> str:
        return f"<Paths from {self.source} to {self.target}: {len(self.paths)}>"

    def __str__(self) -> str:
        return format_paths(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(format_paths(self, width=100))}</pre>"


def paths(
    graph: nx.Graph, source: Hashable, target: Hashable, *, k: int = 3, whole: nx.Graph | None = None
) -> Paths:
    """Find the shortest paths between two nodes, ignoring directions.

    They are the k shortest simple paths (Yen 1971) by `length` of `network.simple`, which prefers reliable
    edges and few neighbours; the same for any order of nodes and edges, and for the two ends exchanged.
    Paths through hubs, nodes whose attribute `hub` is True, follow only where fewer than k do without them.

    Args:
        graph: any networkx graph; it is not changed.
        source: a node, as `network.find_node` takes it: by its name, label, CURIE or IRI.
        target: another.
        k: the most paths to find.
        whole: the network that `graph` was narrowed from; by default what `narrowed` made it from. If `graph`
            has no path, the result says which hops it lacks; nodes that `graph` does not have are used only
            if no path does without them.

    Raises:
        NetworkError: the network is empty or has more than `MAX_CONNECTIONS`, an end is not in it, both ends
            are the same, or k is under 1 or over `MAX_PATHS`.
        ResourceError: several resources have the label of an end, or none in the catalogue.
    """
    if not 1 <= k <= MAX_PATHS:
        raise NetworkError(f"{k:,} paths cannot be listed; ask for 1 to {MAX_PATHS:,}.")
    check_size(graph, "path", connections=MAX_CONNECTIONS)
    place = origin(graph)
    source, target = (find_node(graph, end, whole=whole) for end in (source, target))
    if source == target:
        label = unique_labels(graph, [source])[source]
        raise NetworkError(f"Both ends are {label}; name two different things to be connected.")

    plain = simple(graph)
    routes = _ranked(plain, source, target, k + 1)
    shortest = tuple(path_along(graph, plain, nodes) for nodes in routes[:k])
    if whole is None and place and not shortest:
        whole = place.whole
    lacking, searched = None, whole is not None and not shortest
    if whole is not None and searched:
        check_size(whole, "path", connections=MAX_CONNECTIONS)
        for part in (whole.subgraph(graph), whole):
            wider = simple(part)
            if route := next(iter(_ranked(wider, source, target, 1)), None):
                lacking = path_along(whole, wider, route)
                break
    missing = [hop for hop in (lacking.hops if lacking else ()) if not plain.has_edge(hop.source, hop.target)]
    between = {node for path in (*shortest, *([lacking] if lacking else [])) for node in path.nodes}
    labels = unique_labels(graph if lacking is None or whole is None else whole, {source, target, *between})
    through = _through(plain, routes[0]) if routes else ()
    alone = tuple(end for end in (source, target) if not plain.degree(end))
    lacks = (lacking, tuple(missing), searched and lacking is None)
    table = _table(graph, shortest, (source, target), labels, k)
    more = len(routes) > k
    return Paths(source, target, shortest, more, through, alone, *lacks, labels, table, language_of(graph))


def path_along(graph: nx.Graph, plain: nx.Graph, nodes: Sequence[Hashable]) -> Path:
    """Make the path through these nodes in turn; `plain` is `simple(graph)`."""
    hops, length, symmetric = [], 0.0, str(graph.graph.get("symmetric") or "").split()
    for one, other in pairwise(nodes):
        claims = [NetworkClaim(data, True) for data in _between(graph, one, other)]
        if graph.is_directed():
            claims += [NetworkClaim(data, False) for data in _between(graph, other, one)]
        identity = any(
            claim.basis[0] == "inferred" and claim.attributes.get("property") in symmetric for claim in claims
        )
        hops.append(Hop(one, other, tuple(sorted(claims, key=_rank)), identity))
        length += plain[one][other]["length"]
    return Path(tuple(hops), length, hubs_between(plain, nodes))


def hubs_between(graph: nx.Graph, nodes: Sequence[Hashable]) -> tuple[Hashable, ...]:
    """Return those of the nodes between the first and the last that are hubs."""
    return tuple(node for node in nodes[1:-1] if graph.nodes[node].get("hub") is True)


def unique_labels(graph: nx.Graph, nodes: Collection[Hashable]) -> dict[Hashable, str]:
    """Return unique labels of nodes, with the kind or else the name added where two share a label."""

    def name(node: Hashable) -> str:
        return printable(compact(str(node), prefixes(graph)))

    known = {node: dict(graph.nodes[node]) for node in sorted(nodes, key=_order)}
    labels: dict[Hashable, str] = {
        node: printable(str(data.get("label") or "")) or name(node) for node, data in known.items()
    }
    for more in (lambda node: printable(str(known[node].get("kind") or "")) or name(node), name):
        counts = Counter(labels.values())
        labels = {
            node: f"{label} ({more(node)})" if counts[label] > 1 else label for node, label in labels.items()
        }
    return labels


def _table(
    graph: nx.Graph, paths: Iterable[Path], ends: Sequence[Hashable], labels: Mapping[Hashable, str], k: int
) -> Table:
    attributes = ("status", "rationale", "document", "passages", "claim")
    columns = ("path", "hop", "source", "relation", "target", "basis", "strength", *attributes)
    body = []
    for number, path in enumerate(paths, start=1):
        for step, hop in enumerate(path.hops, start=1):
            for claim in hop.claims:
                one, other = (hop.source, hop.target) if claim.forwards else (hop.target, hop.source)
                triple = Node(one), claim.relation or None, Node(other)
                basis = (each or None for each in claim.basis)
                body.append((number, step, *triple, *basis, *map(claim.attributes.get, attributes)))
    filled = dict(zip(("one", "other"), map(labels.__getitem__, ends), strict=True))
    recipe: dict[str, Any] = {
        **dict(zip(("source", "target"), map(str, ends), strict=True)),
        "paths_at_most": k,
    }
    return make_table(graph, "path", columns, body, filled=filled, **recipe)


def _ranked(plain: nx.Graph, source: Hashable, target: Hashable, k: int) -> list[tuple[Hashable, ...]]:
    """Return the k shortest paths as nodes, those through hubs last."""
    hubs = {node for node, hub in plain.nodes(data="hub") if hub is True} - {source, target}
    routes = _shortest(plain.subgraph(set(plain) - hubs) if hubs else plain, source, target, k)
    if hubs and len(routes) < k:  # these are all without hubs, so among 2 k there are enough others
        wider = _shortest(plain, source, target, 2 * k)
        routes += [route for route in wider if hubs_between(plain, route)]
    return routes[:k]


def _shortest(plain: nx.Graph, source: Hashable, target: Hashable, k: int) -> list[tuple[Hashable, ...]]:
    """Return the k shortest paths as nodes; they do not depend on the order of the graph and of the ends."""
    import networkx as nx

    if not (source in plain and target in plain and nx.has_path(plain, source, target)):
        return []
    # Among equal paths the search prefers what comes first, so nodes are sorted and lengths are integers.
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
    """Return the nodes that every path between the ends of this one goes through."""
    import networkx as nx

    views = {node: nx.restricted_view(plain, [node], []) for node in route[1:-1]}
    return tuple(node for node, view in views.items() if not nx.has_path(view, route[0], route[-1]))


def _between(graph: nx.Graph, source: Hashable, target: Hashable) -> Iterable[Mapping[str, Any]]:
    data = graph.get_edge_data(source, target)
    return () if data is None else data.values() if graph.is_multigraph() else [data]


def _doubt(claim: NetworkClaim) -> tuple[bool, float]:
    """Return a sort key for claims: those that the source states first, then by confidence."""
    return claim.basis[0] != "stated", -confidence(claim.attributes)


def _rank(claim: NetworkClaim) -> tuple[Any, ...]:
    last = str(claim.attributes.get("claim", "")), repr(sorted(claim.attributes.items(), key=str))
    return *_doubt(claim), claim.basis, not claim.forwards, claim.relation, *last


def _order(node: Hashable) -> tuple[str, str]:
    return str(node), type(node).__name__


def format_paths(result: Paths, *, width: int | None = None) -> str:
    """Format paths as text: a heading for each path, and for each hop a sentence and its provenance.

    A sentence is in the direction of its claim, whatever the direction of the path. No line exceeds `width`;
    without it, nothing is wrapped.
    """
    language = result.language
    texts, labels, count = words(language, "explorer", "paths"), result.labels, len(result.paths)
    ends = {"source": labels[result.source], "target": labels[result.target]}

    def every(things: Iterable[Hashable]) -> str:
        *most, last = [labels[each] for each in things]
        return f" {texts['and']} ".join(filter(None, [", ".join(most), last]))

    def evidence(claim: NetworkClaim) -> Iterable[str]:
        data = {name: str(value) for name, value in claim.attributes.items() if value is not None}
        basis = basis_label(claim.basis, language, capital=True) if claim.basis[0] else ""
        basis = ", ".join(filter(None, (basis, data.get("status"))))
        documents, passages = [data.get("document", "")], data.get("passages", "").split("\n")
        return claim_lines(basis, data.get("rationale", ""), documents, passages)

    some = "some" if result.more else "all"
    environment = jinja(File(__file__).parent / "templates", printable=printable, lower_first=lower)
    template = environment.overlay(autoescape=False).get_template("paths.txt")
    text = template.render(
        result=result,
        labels=labels,
        t=texts,
        opening=(plural(texts, some, count) if count else texts["none"]).format(**ends),
        lacking=plural(texts, "lacking", len(result.missing)),
        basis=lambda basis: basis_label(basis, language),
        every=every,
        evidence=evidence,
    )
    lines = []
    for line in text.splitlines():
        shown = line.lstrip()
        hang = 2 if line[:1].isspace() or line[:1].isdigit() else 0
        wrapped = wrap(shown, width=width, indent=len(line) - len(shown), hang=hang)
        lines += wrapped if shown else [""]
    return "\n".join([*lines, ""])
