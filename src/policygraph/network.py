"""An answer as a network: networkx graphs from SPARQL, and the explicit step to a simple graph.

Any SELECT with ?source and ?target is a network. Only here do RDF terms become the nodes of networkx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policygraph.errors import QueryError
from policygraph.values import python_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx

    from policygraph.store import Store


def network(store: Store, *, edges: str, nodes: str | None = None) -> nx.MultiDiGraph:
    """The directed network that a SELECT describes, row by row.

    Args:
        store: what to ask.
        edges: SPARQL text of a SELECT with ?source and ?target. Each row is an edge, and each further column
            an attribute of it, as a Python value. A row where only one end is bound is a node alone.
        nodes: SPARQL text of a SELECT with ?node. Each further column is an attribute of that node; nodes
            that no edge touches are part of the network too. Where several rows tell of one node, the first
            that binds an attribute counts.

    Nodes are named by their IRI; a literal or blank node by its N-Triples form, and a literal's text is its
    `label`. What a row leaves unbound is left out.

    Raises:
        QueryError: a query is not a SELECT, or ?source, ?target or ?node is missing from it.
    """
    import networkx as nx

    graph = nx.MultiDiGraph()
    for (source, target), attributes in _rows(store, edges, "source", "target"):
        ends = [_node(graph, term) for term in (source, target) if term is not None]
        if len(ends) == 2:
            graph.add_edges_from([(*ends, attributes)])  # not add_edge, which takes ?key for a key of its own
    if nodes is not None:
        for (term,), attributes in _rows(store, nodes, "node"):
            if term is not None:
                known = graph.nodes[_node(graph, term)]
                known.update({name: value for name, value in attributes.items() if name not in known})
    return graph


def simple(graph: nx.Graph, *, weight: str = "weight") -> nx.Graph:
    """One undirected edge for each pair of nodes that is connected at all: the form many algorithms ask for.

    Args:
        graph: any networkx graph; it is not changed. Attributes of nodes are kept, loops are left out.
        weight: the attribute that each edge gets: the sum of that attribute over the edges it stands for,
            where an edge without it counts 1.
    """
    import networkx as nx

    plain = nx.Graph()
    plain.add_nodes_from((node, dict(attributes)) for node, attributes in graph.nodes(data=True))
    for source, target, value in graph.edges(data=weight, default=1):
        if source != target:
            before = plain.get_edge_data(source, target, {weight: 0})[weight]
            plain.add_edge(source, target, **{weight: before + value})
    return plain


def _rows(store: Store, text: str, *needed: str) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """The terms of the needed columns, and the Python values of the others, row by row."""
    from pyoxigraph import QuerySolutions

    names = " and ".join(f"?{name}" for name in needed)
    answer = store.query(text)
    if not isinstance(answer, QuerySolutions):
        raise QueryError(f"A network is made from a SELECT with {names}; this query is not a SELECT.")
    variables = [variable.value for variable in answer.variables]
    if missing := [name for name in needed if name not in variables]:
        found = ", ".join(f"?{name}" for name in variables) or "nothing"
        lack = " and ".join(f"?{name}" for name in missing)
        raise QueryError(
            f"A network is made from a SELECT with {names}; this one selects {found}: add {lack}."
        )
    others = [name for name in variables if name not in needed]
    for row in answer:
        values = {name: python_value(row[name]) for name in others if row[name] is not None}
        yield [row[name] for name in needed], values


def _node(graph: nx.MultiDiGraph, term: Any) -> str:
    from pyoxigraph import Literal, NamedNode

    name = term.value if isinstance(term, NamedNode) else str(term)
    graph.add_nodes_from([(name, {"label": term.value} if isinstance(term, Literal) else {})])
    return str(name)
