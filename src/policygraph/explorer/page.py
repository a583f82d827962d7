"""A network as one HTML page: no server, no network, no second file.

pyvis builds what vis-network draws and brings vis-network itself; the page around it (`pages/explorer.html`,
its style, scripts and texts) is our own. What it shows is the view document of `scene`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.explorer.document import Document, Question, document
from policygraph.explorer.svg import picture
from policygraph.i18n import natural

if TYPE_CHECKING:
    import networkx as nx

ROWS = 2000
"""How many things, and how many connections, the page lists where no script runs."""

HEIGHT = 720
"""Of the frame in a notebook, in pixels."""

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_IMPORT = re.compile(r"""^import .*from ["']\./([\w-]+\.js)["'];?[ \t]*$""", re.MULTILINE)


class Page(str):
    """An HTML page, as text; a notebook shows it in a frame, or its picture where frames are not shown."""

    scene: Document

    def __new__(cls, html: str, scene: Document) -> Page:
        """The text, which remembers what it shows."""
        self = super().__new__(cls, html)
        self.scene = scene
        return self

    def __getnewargs__(self) -> tuple[str, Document]:  # type: ignore[override]
        """So that it can be copied, and sent from one process to another."""
        return str(self), self.scene

    def __repr__(self) -> str:
        count = f"{len(self.scene['nodes'])} things, {len(self.scene['edges'])} connections"
        return f"<Page {self.scene['title'][:80]!r}: {count}>"

    def _repr_svg_(self) -> str:
        """For what shows no HTML, such as a notebook printed by LaTeX."""
        return picture(self.scene)

    def _repr_html_(self) -> str:
        """The page in a frame that runs scripts but cannot reach the notebook; below the frame, the picture.

        Browsers never show what is within a frame, and GitHub and notebooks that are not trusted take the
        frame away but keep what is beside it. So the picture lies beside, and the frame covers it. It is an
        image and not SVG in the HTML, because those same places let images through and cut SVG to pieces.
        """
        texts = self.scene["texts"]
        drawn = base64.b64encode(picture(self.scene).encode()).decode()
        title = escape(self.scene["title"])
        return (
            f'<div style="position: relative; height: {HEIGHT}px; overflow: auto">'
            f"<p>{escape(texts['still'])}</p>"
            f'<img width="100%" alt="{escape(texts["picture"])}: {title}" '
            f'src="data:image/svg+xml;base64,{drawn}">'
            f'<iframe title="{title}" srcdoc="{escape(self)}" sandbox="allow-scripts allow-downloads '
            'allow-popups" style="position: absolute; inset: 0; width: 100%; height: 100%; border: 0; '
            'background: Canvas"></iframe></div>'
        )


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
    """One self-contained, interactive HTML page that shows a network.

    Args:
        graph: any networkx graph; it is not changed. What the page understands of its attributes, and what
            the other arguments mean, is told by `policygraph.explorer.document.document`.

    Raises:
        NetworkError: `focus` is not in the network, or `steps` is under 1.
    """
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

    style = (_STATIC / "explorer.css").read_text(encoding="utf-8")
    code, library = script("explorer.js"), _library()
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(code)}; style-src {_hash(style)}; "
        "img-src blob: data:; base-uri 'none'; form-action 'none'"
    )
    jinja = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters["count_of"] = lambda number, forms: forms[number != 1].replace("{n}", f"{number:,}")
    kinds: list[Document] = [{**kind, "nodes": []} for kind in scene["kinds"]]
    for node in sorted(scene["nodes"], key=lambda node: (natural(node["notation"] or ""), node["name"])):
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
        ),
        scene,
    )


def script(*entries: str) -> str:
    """The page's scripts as one, each after those that it imports, without their imports and exports."""
    order: dict[str, str] = {}

    def visit(name: str) -> None:
        if name not in order:
            source = (_STATIC / name).read_text(encoding="utf-8")
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
        width = 2 if edge["strength"] is None else scene["strengths"][edge["strength"]]["width"]
        look = {"width": width, "dashes": scene["bases"][edge["basis"]]["dashes"] or False}
        drawn = Edge(edge["source"], edge["target"], network.directed, id=edge["id"], **look)
        network.edges.append(drawn.options)
    return {"nodes": network.nodes, "edges": network.edges}


def _library() -> str:
    """vis-network, as the installed pyvis package carries it."""
    import pyvis

    file = max(Path(pyvis.__file__).parent.glob("lib/vis-*/vis-network.min.js"))
    # It holds a control sign in a string, which HTML forbids and JavaScript can say in other words.
    return file.read_text(encoding="utf-8").replace("\x85", "\\x85")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
