"""A network as one HTML page: no server, no network, no second file.

pyvis builds what vis-network draws and brings vis-network itself; the page around it (`pages/network.html`,
its style, script and texts) is our own. The positions come from `layout`, so the picture is drawn at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.layout import layer, layout
from policygraph.vocabulary import compact

if TYPE_CHECKING:
    import networkx as nx

PAGES = Path(__file__).parent / "pages"

# Okabe and Ito's colours, which colour-blind readers can tell apart, and for each an ink legible on it.
COLORS = (
    ("#E69F00", "#000000"),
    ("#56B4E9", "#000000"),
    ("#009E73", "#000000"),
    ("#F0E442", "#000000"),
    ("#0072B2", "#FFFFFF"),
    ("#D55E00", "#000000"),
    ("#CC79A7", "#000000"),
    ("#B0B0B0", "#000000"),
)
SHAPES = ("dot", "square", "diamond", "hexagon", "triangle", "triangleDown")
STYLES = ("stated", "inferred", "external", "derived", "none", "other")  # of edges, in the legend's order
DASHES = {"inferred": [10, 6], "external": [2, 5], "derived": [14, 4, 3, 4]}
WIDTHS = {"strong": 4.0, "medium": 2.5, "weak": 1.2}  # pixels; what is not weighed is drawn 2 wide


def view(graph: nx.Graph, *, title: str, language: str = "en") -> str:
    """One self-contained, interactive HTML page that shows a network.

    Args:
        graph: any networkx graph; it is not changed. The page understands, where present, the node attributes
            `label`, `kind`, `layer` (a whole number: the column the node stands in) and `description`, and
            the edge attributes `relation`, `basis` (stated, inferred, external or derived), `strength`
            (strong, medium or weak), `rationale`, `passages` (one a line), `document`, `curator` and `claim`.
            Any other attribute is listed under its own name.
        title: the heading of the page, as plain text.
        language: BCP 47 tag of the labels; the page's own texts are in English or Danish.
    """
    from jinja2 import Environment, FileSystemLoader

    known = json.loads((PAGES / "texts.json").read_text(encoding="utf-8"))
    texts = known.get(language.split("-")[0].lower(), known["en"])
    data = _data(graph, texts)
    names = {node["id"]: node["name"] for node in data["nodes"]}
    kinds = [{**kind, "nodes": []} for kind in data["kinds"]]
    for node in data["nodes"]:
        kinds[node["kind"]]["nodes"].append(node)

    style, script = ((PAGES / name).read_text(encoding="utf-8") for name in ("network.css", "network.js"))
    library = _library()
    policy = (
        f"default-src 'none'; script-src {_hash(library)} {_hash(script)}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    jinja = Environment(loader=FileSystemLoader(PAGES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    jinja.filters["count_of"] = lambda number, forms: forms[number != 1].replace("{n}", str(number))

    return jinja.get_template("network.html").render(
        data | {"data": data, "kinds": kinds, "names": names, "texts": texts},
        title=_text(title),
        language=language,
        policy=policy,
        style=style,
        script=script,
        library=library,
    )


def _library() -> str:
    """vis-network, as the installed pyvis package carries it."""
    import pyvis

    return max(Path(pyvis.__file__).parent.glob("lib/vis-*/vis-network.min.js")).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _text(value: object) -> str:
    """A value as text that UTF-8 can hold: half of a surrogate pair cannot be written."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode()


def _data(graph: nx.Graph, texts: Mapping[str, Any]) -> dict[str, Any]:
    """What the page's script reads: nodes and edges for vis-network, kinds and bases for the legend."""
    from pyvis.edge import Edge
    from pyvis.network import Network

    nodes = sorted(graph.nodes(data=True), key=lambda item: (_text(item[0]), str(type(item[0]))))
    ids = {node: f"n{number}" for number, (node, _) in enumerate(nodes)}
    kinds = _kinds((attributes for _, attributes in nodes), texts["unnamed_kind"])
    ranks = {kind["name"]: rank for rank, kind in enumerate(kinds)}
    places = layout(graph)

    network = Network(directed=graph.is_directed())
    for node, attributes in nodes:
        facts = _facts(attributes)
        name = facts.pop("label", "") or compact(_text(node))
        rank = ranks[facts.pop("kind", texts["unnamed_kind"])]
        facts.pop("layer", None)
        x, y = places[node]
        look = {"shape": kinds[rank]["shape"], "color": kinds[rank]["color"], "x": x, "y": y}
        known = {"name": name, "kind": rank, "iri": _text(node), "description": facts.pop("description", "")}
        short = name if len(name) <= 48 else name[:47] + "…"
        network.add_node(ids[node], label=short, **look, **known, facts=facts)

    drawn = []
    for source, target, attributes in graph.edges(data=True):
        facts = _facts(attributes)
        said = facts.pop("basis", "none")
        style = _key(said, texts["basis_names"]) or "other"
        strength = _key(facts.get("strength", ""), texts["strength_names"])
        if strength:
            facts["strength"] = texts["strength_names"][strength]
        passages = (facts.pop(name, "") for name in ("passages", "passage", "evidence"))
        facts["passages"] = "\n".join(text for text in passages if text)
        relation = facts.pop("relation", texts["unnamed_relation"])
        basis = (STYLES.index(style), texts["basis_names"].get(style, said))
        drawn.append((ids[source], ids[target], relation, basis, WIDTHS.get(strength, 2.0), facts))
    counts = Counter(basis for _, _, _, basis, _, _ in drawn)
    bases = sorted(counts)

    twins: Counter[frozenset[str]] = Counter()
    for source, target, relation, basis, width, facts in sorted(drawn, key=repr):
        look = {"width": width, "dashes": DASHES.get(STYLES[basis[0]], False)}
        known = {
            "relation": relation,
            "basis": bases.index(basis),
            "twin": twins[frozenset((source, target))],
        }
        twins[frozenset((source, target))] += 1
        # pyvis's add_edge searches all nodes for every edge; the Edge that it makes is all that is needed.
        edge = Edge(
            source, target, network.directed, id=f"e{len(network.edges)}", **look, **known, facts=facts
        )
        network.edges.append(edge.options)

    legend = []
    for rank, name in bases:
        meaning = texts["basis_meanings"].get(STYLES[rank], "")
        legend.append({"name": name, "style": STYLES[rank], "meaning": meaning, "count": counts[rank, name]})
    return {"nodes": network.nodes, "edges": network.edges, "kinds": kinds, "bases": legend, "texts": texts}


def _facts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Attributes as text, without those that say nothing."""
    texts = ((str(name), _text(value)) for name, value in attributes.items() if value is not None)
    return {name: text for name, text in sorted(texts) if text}


def _key(value: str, names: Mapping[str, str]) -> str:
    """Which of our words a slug, an IRI or a label means: `…/basis/stated` and `Stated` are `stated`."""
    word = re.split("[/#:]", value.rstrip("/"))[-1].strip().casefold()
    return next((key for key, name in names.items() if word in (key, name.casefold())), "")


def _kinds(nodes: Iterable[Mapping[str, Any]], unnamed: str) -> list[dict[str, str]]:
    """The kinds in the order of their layers, each with a colour and shape, and letters of its own."""
    first: dict[str, float] = {}
    for attributes in nodes:
        name, place = _text(attributes.get("kind")) or unnamed, layer(attributes)
        first[name] = min(first.get(name, math.inf), math.inf if place is None else place)
    kinds: list[dict[str, str]] = []
    taken: set[str] = set()
    for number, name in enumerate(sorted(first, key=lambda name: (first[name], name))):
        initials = "".join(word[0].upper() for word in name.split()[:2])
        pairs = (name[0].upper() + letter for letter in name[1:40] if letter.isalpha())
        letter = next(word for word in (initials[:1], initials, *pairs, str(number)) if word not in taken)
        taken.add(letter)
        color, ink = COLORS[(number + number // 24) % len(COLORS)]  # 6 shapes and 8 colours meet again at 24
        look = {"color": color, "ink": ink, "shape": SHAPES[number % len(SHAPES)]}
        kinds.append({"name": name, "letter": letter, **look})
    return kinds
