"""Hand a network to other tools drawn as the page draws it: to pyvis, and to Gephi by a file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.analysis import exchange
from policygraph.analysis.network import network, require_nodes
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.document import ViewDocument, left, text, view_document
from policygraph.explorer.layout import MAX_SPRINGS, layout
from policygraph.explorer.page import document_of
from policygraph.fonts import text_lines, text_width
from policygraph.text import shorten

if TYPE_CHECKING:
    import os

    import networkx as nx
    from pyvis.network import Network

# Which pyvis's page fetches.
_BOOTSTRAP = re.compile(r"<(link|script)\s[^>]*/bootstrap@[^>]*>(\s*</script>)?")
# So that the picture fills the window, or the frame of a notebook.
_FILLED = """<style>
html, body { height: 100%; margin: 0; } body, .card { display: flex; flex-direction: column; }
h1:empty { display: none; } .card { flex: 1; min-height: 0; }
#mynetwork { flex: 1; height: auto !important; float: none !important; border: 0 !important; }
</style></head>"""
# In pixels: a window, a name when all fits it, a line of one.
_WINDOW, _SIZE, _WIDE = (1280, 720), 13, 120
_MARKUP = re.compile(r'[<>"]|&(?=#|\w+;)')


def pyvis(graph: nx.Graph, **options: Any) -> Network:
    """Make a pyvis network to change and show: its nodes and edges look and stand as in vis-network's `view`.

    A node's id is its name in the graph; what is said of a node or an edge is its title. What pyvis writes
    opens offline, fills the window, and has names that can be read at once. Of more than 600 nodes none has
    a place: pyvis's own physics moves them. Arguments and errors are those of `view`.
    """
    from jinja2 import ChoiceLoader, DictLoader
    from pyvis.edge import Edge
    from pyvis.network import Network
    from pyvis.node import Node

    require_nodes(graph, "there is nothing to draw")
    document = _begun(document_of(graph, options))
    kinds, bases, strengths = (document[name] for name in ("kinds", "bases", "strengths"))
    # Network's own add_node and add_edge search all nodes each time, so make what they make.
    network = Network(directed=document["directed"], cdn_resources="in_line")
    placed = len(document["nodes"]) <= MAX_SPRINGS
    network.toggle_physics(not placed)
    pages = network.templateEnv.loader
    plain = _BOOTSTRAP.sub("", pages.get_source(network.templateEnv, network.path)[0])
    plain = plain.replace("</head>", _FILLED, 1)
    network.templateEnv.loader = ChoiceLoader([DictLoader({network.path: plain}), pages])
    network.prep_notebook()  # as its method `show` needs, in a notebook or not
    ids = {node["id"]: _id(node["iri"]) for node in document["nodes"]}
    labels = _labels(document)
    for node in document["nodes"]:
        kind, id_ = kinds[node["kind"]], ids[node["id"]]
        title = _title(f"{kind['name']} {node['notation'] or ''}".strip(), node["name"], node["description"])
        style = {"color": kind["color"], "size": 16, "title": title}
        style |= {"x": node["x"], "y": node["y"]} if placed else {}
        label, style["font"] = labels[node["id"]]
        # Others are written as one comes near.
        style["scaling"] = {"label": {"drawThreshold": _SIZE - 3, "maxVisible": _SIZE + 3}}
        network.node_map[id_] = Node(id_, kind["shape"], label, **style).options
    network.nodes, network.node_ids = list(network.node_map.values()), list(network.node_map)
    for edge in document["edges"]:
        weight = None if edge["strength"] is None else strengths[edge["strength"]]
        basis, relation = bases[edge["basis"]], document["relations"][edge["relation"]]["name"]
        source = "" if edge["document"] is None else document["documents"][edge["document"]]["name"]
        words = ", ".join([basis["name"], *([weight["name"]] if weight else [])])
        bend, side = (edge["twin"] + 1) // 2, "curvedCW" if edge["twin"] % 2 else "curvedCCW"
        style = {
            "width": (weight or document["defaults"])["width"],
            "dashes": basis["dashes"] or False,
            "smooth": {"enabled": True, "type": side, "roundness": 0.18 * bend} if bend else False,
            "color": "#737373",
            "title": _title(relation, words, edge["rationale"], source),
        }
        ends = (ids[edge["source"]], ids[edge["target"]])
        network.edges.append(Edge(*ends, network.directed, **style).options)
    return network


def _begun(document: ViewDocument) -> ViewDocument:
    """Return what the page begins with: what its level of evidence leaves, and around the focus."""
    import networkx as nx

    nodes, edges = left(document, {each["id"] for each in document["nodes"]})
    if focus := document["focus"]:
        near = {focus["node"]}
        for _ in range(focus["steps"]):
            pairs = [{each["source"], each["target"]} for each in edges]
            near |= set().union(*(pair for pair in pairs if pair & near))
        nodes, edges = left(document, near)
    if len(document["nodes"]) > MAX_SPRINGS:  # so that none of them has a place yet
        part = nx.Graph([(each["source"], each["target"]) for each in edges])
        part.add_nodes_from(each["id"] for each in nodes)
        places = layout(part)
        nodes = [{**each, **dict(zip("xy", places[each["id"]], strict=True))} for each in nodes]
    return {**document, "nodes": nodes, "edges": edges}


def _labels(document: ViewDocument) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the name of each node in lines, and its font: large enough to be read when all fits a window.

    That is so of those that have room for it, the best connected first; the others' is of a usual size.
    """
    nodes, degrees = document["nodes"], Counter[str]()
    for edge in document["edges"]:
        degrees.update((edge["source"], edge["target"]))
    spans = [max(each) - min(each) for each in zip(*((node["x"], node["y"]) for node in nodes), strict=True)]
    scale = min([1.0, *(wide / (span + 200) for wide, span in zip(_WINDOW, spans, strict=False))])
    taken: list[tuple[float, float, float, float]] = []
    made = {}
    for node in sorted(nodes, key=lambda node: (-degrees[node["id"]], node["id"])):
        lines = text_lines(shorten(node["name"], 90), _WIDE, 9, size=_SIZE)
        half = max((text_width(line, size=_SIZE) for line in lines), default=0) / 2
        x, y = node["x"] * scale, (node["y"] + 25) * scale
        box = (x - half, y, x + half, y + 1.25 * _SIZE * len(lines))
        size = float(_SIZE)
        if not any(a < box[2] and c > box[0] and b < box[3] and d > box[1] for a, b, c, d in taken):
            taken.append(box)
            size /= scale
        font = {"size": round(size, 1), "color": "#16202b", "strokeWidth": round(size / 5, 1)}
        made[node["id"]] = "\n".join(lines), font
    return made


def write_network(graph: nx.Graph | Catalog, path: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write a network in the format of a file's suffix, as `analysis.exchange.write_network` does.

    GEXF has the colours of the page, and its positions up to 600 nodes. Arguments, result and errors are
    those of that function; of a catalogue, whose whole network is written, as Parquet row by row, also those
    of `write_parquet`.
    """
    if isinstance(graph, Catalog) and Path(path).suffix == ".parquet":
        return exchange.write_parquet(graph, path)[0]
    graph = network(graph) if isinstance(graph, Catalog) else graph
    return exchange.write_network(graph, path, looks=looks)


def looks(graph: nx.Graph) -> Mapping[Any, Mapping[str, Any]]:
    """Return the `color` of each node, and its `x` and `y` where there are not too many for a layout."""
    document = view_document(graph, title="", placed=False)
    order = sorted(graph, key=lambda node: (text(node), str(type(node))))
    places = layout(graph) if len(graph) <= MAX_SPRINGS else {}
    colors = [kind["color"] for kind in document["kinds"]]
    return {
        node: {"color": colors[made["kind"]], **dict(zip("xy", places.get(node, ()), strict=False))}
        for node, made in zip(order, document["nodes"], strict=True)
    }


def _id(name: str) -> str:
    """Return a node's name; with markup in it, which pyvis writes as it is into its menu, escaped."""
    return escape(name) if _MARKUP.search(name) else name


def _title(*lines: str) -> str:
    """Join the lines of a title, in which no `<` begins a tag: pyvis shows some titles as HTML."""
    return "\n".join(filter(None, lines)).replace("<", "<\u2060")
