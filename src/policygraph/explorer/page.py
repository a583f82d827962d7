"""A network as one HTML page: no server, no network, no second file.

pyvis builds what vis-network draws and brings vis-network itself; the page around it (`pages/explorer.html`,
its style, scripts and texts) is our own. What it shows is the view document of `scene`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.catalog.resource import find
from policygraph.explorer.document import Preset, ViewDocument, view_document
from policygraph.explorer.svg import picture
from policygraph.i18n import plural
from policygraph.text import natural

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.rdf.store import Store

MAX_ROWS = 2000
"""How many things, and how many connections, the page lists where no script runs."""

HEIGHT = 720
"""Of the frame in a notebook, in pixels."""

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"
_IMPORT = re.compile(r"""^import .*from ["']\./([\w-]+\.js)["'];?[ \t]*$""", re.MULTILINE)


class ExplorerPage(str):
    """An HTML page, as text; a notebook shows it in a frame, or its picture where frames are not shown."""

    scene: ViewDocument
    policy: str  # its Content-Security-Policy

    def __new__(cls, html: str, scene: ViewDocument, policy: str) -> ExplorerPage:
        """Keep the view document and the policy beside the text."""
        self = super().__new__(cls, html)
        self.scene, self.policy = scene, policy
        return self

    def __getnewargs__(self) -> tuple[str, ViewDocument, str]:  # type: ignore[override]
        """So that it can be copied, and sent from one process to another."""
        return str(self), self.scene, self.policy

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
    questions: Iterable[Preset] = (),
    focus: str | None = None,
    steps: int = 2,
    stated_only: bool = False,
) -> ExplorerPage:
    """One self-contained, interactive HTML page that shows a network.

    Args:
        graph: any networkx graph; it is not changed. What the page understands of its attributes, and what
            the other arguments mean, is told by `policygraph.explorer.document.document`.

    Raises:
        NetworkError: `focus` is not in the network, or `steps` is under 1.
    """
    return page(
        view_document(
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


def page(scene: ViewDocument, *, head: Iterable[Mapping[str, str]] = ()) -> ExplorerPage:
    """The page that shows a view document; `head` has the attributes of further <link> elements."""
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
    jinja.filters["plural"] = plural
    kinds: list[ViewDocument] = [{**kind, "nodes": []} for kind in scene["kinds"]]
    for node in sorted(scene["nodes"], key=lambda node: (natural(node["notation"] or ""), node["name"])):
        kinds[node["kind"]]["nodes"].append(node)

    return ExplorerPage(
        jinja.get_template("explorer.html").render(
            scene,
            document=scene,
            drawing=_drawing(scene),
            groups=kinds,
            names={node["id"]: node["name"] for node in scene["nodes"]},
            rows=MAX_ROWS,
            policy=policy,
            head=head,
            style=style,
            script=code,
            library=library,
        ),
        scene,
        policy,
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


def _drawing(scene: ViewDocument) -> dict[str, Any]:
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


WHOLE = "network"
"""The question that holds everything."""

_BEGINNINGS = ("graph", "timeline", "things")


def explore(
    catalog: Catalog,
    store: Store,
    *,
    language: str | None = None,
    query: Query | str = WHOLE,
    values: Mapping[str, Any] | None = None,
    focus: str | None = None,
    steps: int = 2,
    stated_only: bool = False,
    head: Iterable[Mapping[str, str]] = (),
) -> ExplorerPage:
    """The page that shows a saved question's network, with all that the catalogue knows to go with it.

    Args:
        catalog: its saved queries.
        store: where to ask.
        language: of the page and the labels; English without one.
        query: a query with ?source and ?target, or the name of a saved one; things without any connection
            are shown only with the query that holds everything.
        values: of the query's parameters.
        focus: the thing to begin with: a label or the start of one, a CURIE or an IRI.
        steps: how far around it.
        stated_only: begin with only what the source itself states.
        head: the attributes of further <link> elements.

    Raises:
        NetworkError: the thing to begin with is not in the network.
        QueryError: the question is no network, or has no such parameter.
        ResourceError: nothing, or more than one thing, is called so.
    """
    asked = catalog.saved(query) if isinstance(query, str) else query
    labels = catalog.bind("labels", language)
    edges = asked.bind_in(language, **(values or {}))
    graph = network(store, edges=edges, nodes=catalog.bind("network-nodes", language))
    origins: Any = store.query(catalog.bind("origins", language))
    places = {row["claim"].value: (row["origin"], row["link"]) for row in origins}
    for *_, data in graph.edges(data=True):
        for name, term in zip(("origin", "link"), places.get(str(data.get("claim")), ()), strict=False):
            if term is not None:
                data.setdefault(name, term.value)
    wanted = language or "en"
    datasets = _datasets(store, wanted)
    title = asked.summary or asked.name
    if asked.name == WHOLE:  # so it is called what the datasets are called
        title = " · ".join(data["title"] for data in datasets) or title
    else:
        graph.remove_nodes_from([node for node, degree in list(graph.degree) if not degree])
    shown = view_document(
        graph,
        title=title,
        language=wanted,
        datasets=datasets,
        names=_names(store, labels, wanted),
        questions=_questions(catalog, store, language, {} if values else {asked.name: graph}),
        focus=None if focus is None else find(store, focus, labels=labels),
        steps=steps,
        stated_only=stated_only,
    )
    return page(shown, head=head)


def _datasets(store: Store, language: str) -> list[dict[str, str]]:
    """Each dataset once, with its title in the language, or in English, or in any."""
    rows = store.query(
        "SELECT ?data ?title ?version { ?data a dcat:Dataset ; dct:title ?title "
        "OPTIONAL { ?data dcat:version ?version } } ORDER BY ?data ?title ?version"
    )
    best: dict[str, tuple[int, dict[str, str]]] = {}
    for row in rows:  # type: ignore[union-attr]
        iri, version = row["data"].value, row["version"].value if row["version"] else ""
        rank = _rank(row["title"].language, language)
        if iri not in best or rank < best[iri][0]:
            best[iri] = (rank, {"iri": iri, "title": row["title"].value, "version": version})
    return [data for _, data in best.values()]


def _names(store: Store, labels: str, language: str) -> Mapping[str, Sequence[str]]:
    """What each thing is called, in the language first, then in English, then in others."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in store.query(labels):  # type: ignore[union-attr]
        label = row["label"]
        found.setdefault(row["thing"].value, []).append((_rank(label.language, language), label.value))
    return {thing: [name for _, name in sorted(names)] for thing, names in found.items()}


def _rank(tag: str | None, language: str) -> int:
    wanted = (language.casefold(), "en")
    return wanted.index(tag) if tag in wanted else len(wanted)


def _questions(
    catalog: Catalog, store: Store, language: str | None, known: Mapping[str, nx.Graph]
) -> Iterator[Preset]:
    """The starting points; `known` are answers that need not be asked for again."""
    import networkx as nx
    from pyoxigraph import NamedNode, QuerySolutions

    for name, query in catalog.queries.items():
        if query.view not in _BEGINNINGS:
            continue
        if name in known:
            yield Preset(name, query.summary, known[name])
            continue
        text = query.bind_in(language)
        answer = store.query(text)
        if not isinstance(answer, QuerySolutions):
            continue
        if {"source", "target"} <= {variable.value for variable in answer.variables}:
            yield Preset(name, query.summary, network(store, edges=text))
            continue
        things = nx.Graph()
        things.add_nodes_from(term.value for row in answer for term in row if isinstance(term, NamedNode))
        yield Preset(name, query.summary, things)
