"""A network as one HTML page: no server, no network, no second file.

pyvis builds what vis-network draws and brings vis-network itself; the page around it (`pages/explorer.html`,
its style, scripts and texts) is our own. What it shows is the view document of `scene`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.scene import PAGES, Document, Question, document, text

if TYPE_CHECKING:
    import networkx as nx

ROWS = 2000
"""How many things, and how many connections, the page lists where no script runs."""

DASHES = {"inferred": [10, 6], "external": [2, 5], "derived": [14, 4, 3, 4]}
WIDTHS = {"strong": 4.0, "medium": 2.5, "weak": 1.2}  # pixels; what is not weighed is drawn 2 wide
_IMPORT = re.compile(r"""^import .*from ["']\./([\w-]+\.js)["'];?[ \t]*$""", re.MULTILINE)


class Page(str):
    """An HTML page, as text; a notebook shows it in a frame of its own."""


def view(
    graph: nx.Graph,
    *,
    title: str,
    language: str = "en",
    datasets: Iterable[Mapping[str, str]] = (),
    names: Mapping[str, Sequence[str]] | None = None,
    questions: Iterable[Question] = (),
    focus: str | None = None,
    steps: int = 2,
    stated_only: bool = False,
) -> Page:
    """One self-contained, interactive HTML page that shows a network; all arguments are those of `document`."""
    return page(
        document(
            graph,
            title=title,
            language=language,
            datasets=datasets,
            names=names,
            questions=questions,
            focus=focus,
            steps=steps,
            stated_only=stated_only,
        )
    )


def page(scene: Document) -> Page:
    """The page that shows a view document."""
    from jinja2 import Environment, FileSystemLoader

    style = (PAGES / "explorer.css").read_text(encoding="utf-8")
    code, library = script("explorer.js"), _library()
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(code)}; style-src {_hash(style)}; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    jinja = Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    jinja.filters["count_of"] = lambda number, forms: forms[number != 1].replace("{n}", f"{number:,}")
    kinds: list[Document] = [{**kind, "nodes": []} for kind in scene["kinds"]]
    for node in scene["nodes"]:
        kinds[node["kind"]]["nodes"].append(node)

    return Page(
        jinja.get_template("explorer.html").render(
            scene,
            document=scene,
            drawing=_drawing(scene),
            groups=kinds,
            names={node["id"]: node["name"] for node in scene["nodes"]},
            rows=ROWS,
            policy=policy,
            style=style,
            script=code,
            library=library,
        )
    )


def script(*entries: str) -> str:
    """The page's scripts as one: each after those that it imports, without the words `import` and `export`."""
    order: dict[str, str] = {}

    def visit(name: str) -> None:
        if name not in order:
            source = (PAGES / name).read_text(encoding="utf-8")
            order[name] = ""  # as modules do, so that two that import each other come to an end
            for imported in _IMPORT.findall(source):
                visit(imported)
            del order[name]
            order[name] = re.sub(r"^export ", "", _IMPORT.sub("", source), flags=re.MULTILINE)

    for entry in entries:
        visit(entry)
    return "\n".join(order.values())


def _drawing(scene: Document) -> dict[str, Any]:
    """What vis-network draws: nodes and edges with the looks that their kinds and bases have."""
    from pyvis.edge import Edge
    from pyvis.network import Network
    from pyvis.node import Node

    # Network's own add_node and add_edge look through all nodes each time; what they make is all we need.
    network = Network(directed=scene["directed"])
    for node in scene["nodes"]:
        kind = scene["kinds"][node["kind"]]
        label = node["name"] if len(node["name"]) <= 48 else node["name"][:47] + "…"
        look = {"color": kind["color"], "x": node["x"], "y": node["y"]}
        network.nodes.append(Node(node["id"], kind["shape"], label, **look).options)
    for edge in scene["edges"]:
        strength = edge["strength"]
        width = 2.0 if strength is None else WIDTHS[scene["strengths"][strength]["key"]]
        look = {"width": width, "dashes": DASHES.get(scene["bases"][edge["basis"]]["key"], False)}
        drawn = Edge(edge["source"], edge["target"], network.directed, id=edge["id"], **look)
        network.edges.append(drawn.options)
    return {"nodes": network.nodes, "edges": network.edges}


def _library() -> str:
    """vis-network, as the installed pyvis package carries it."""
    import pyvis

    return max(Path(pyvis.__file__).parent.glob("lib/vis-*/vis-network.min.js")).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
