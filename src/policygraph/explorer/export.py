"""Hand a network to other tools drawn as the page draws it: to pyvis, and to Gephi by a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from policygraph.analysis import exchange
from policygraph.analysis.network import require_nodes
from policygraph.explorer.document import text, view_document
from policygraph.explorer.page import document_of, drawing

if TYPE_CHECKING:
    import os
    from pathlib import Path

    import networkx as nx
    from pyvis.network import Network

_MARKUP = re.compile(r'[<>"]|&(?=#|\w+;)')


def pyvis(graph: nx.Graph, **options: Any) -> Network:
    """Make a pyvis network to change and show: its nodes and edges look and stand as `view` draws them.

    A node's id is its name in the graph; what is said of a node or an edge is its title. The page that pyvis
    writes needs no network: `cdn_resources` is "in_line".

    Args:
        graph: any networkx graph; it is not changed.
        options: those of `view`.

    NetworkError and ResourceError as for `view`.
    """
    require_nodes(graph, "there is nothing to draw")
    document = document_of(graph, options)
    network = drawing(document)
    network.cdn_resources = "in_line"
    network.toggle_physics(False)
    ids = {node["id"]: _id(node["iri"]) for node in document["nodes"]}
    for node, made in zip(document["nodes"], network.nodes, strict=True):
        kind = document["kinds"][node["kind"]]["name"]
        title = _title(f"{kind} {node['notation'] or ''}".strip(), node["name"], node["description"])
        made |= {"id": ids[node["id"]], "title": title}
        network.node_ids.append(made["id"])
        network.node_map[made["id"]] = made
    for edge, made in zip(document["edges"], network.edges, strict=True):
        ends = [ids[edge[end]] for end in ("source", "target")]
        relation = document["relations"][edge["relation"]]["name"]
        basis = document["bases"][edge["basis"]]["name"]
        if edge["strength"] is not None:
            basis += f", {document['strengths'][edge['strength']]['name']}"
        title = _title(relation, basis, edge["rationale"], edge["document"])
        bend, side = (edge["twin"] + 1) // 2, "curvedCW" if edge["twin"] % 2 else "curvedCCW"
        smooth = {"enabled": True, "type": side, "roundness": 0.18 * bend} if bend else False
        made |= {"from": ends[0], "to": ends[1], "title": title, "smooth": smooth, "color": "#737373"}
    return network


def write_network(graph: nx.Graph, path: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write a network in the format of a file's suffix, GEXF with colours and positions; return the files.

    Args:
        graph: any networkx graph; it is not changed.
        path: as `policygraph.analysis.exchange.write_network` takes it.

    NetworkError and FormatError as there.
    """
    return exchange.write_network(graph, path, looks=looks)


def looks(graph: nx.Graph) -> Mapping[Any, Mapping[str, Any]]:
    """Return the `color`, `x` and `y` of each node."""
    document = view_document(graph, title="")
    order = sorted(graph, key=lambda node: (text(node), str(type(node))))
    return {
        node: {"color": document["kinds"][made["kind"]]["color"], "x": made["x"], "y": made["y"]}
        for node, made in zip(order, document["nodes"], strict=True)
    }


def _id(name: str) -> str:
    """Return a node's name; with markup in it, which pyvis writes as it is into its menu, escaped."""
    return escape(name) if _MARKUP.search(name) else name


def _title(*lines: str) -> str:
    """Join the lines of a title, in which no `<` begins a tag: pyvis shows some titles as HTML."""
    return "\n".join(filter(None, lines)).replace("<", "<\u2060")
