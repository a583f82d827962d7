"""Make the view document: everything that a page or a picture shows of a network, as JSON.

It has every node and edge, a position for each node, and a legend in which kinds and bases differ by more
than colour. `docs/view-document.md` describes each field.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from policygraph.analysis import network
from policygraph.analysis.centrality import CENTRAL_CONNECTIONS, central
from policygraph.analysis.communities import communities
from policygraph.analysis.crosswalk import FRAMES, HOPS, KINDS, MARKS, PATHS_KEPT, SIGNS
from policygraph.analysis.exchange import FORMATS as NETWORKS
from policygraph.errors import NetworkError
from policygraph.explorer.layout import MAX_SPRINGS, layout
from policygraph.i18n import alphabetical, format_number, territory_code, words
from policygraph.rdf.formats import FORMATS
from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact, local_name
from policygraph.text import grouped, natural

if TYPE_CHECKING:
    import networkx as nx

LIMITS: Mapping[str, int] = {
    "nodes": 2000, "edges": 5000, "whole": MAX_SPRINGS, "added": 25, "named": 8, "beside": 4
}  # fmt: skip
"""The most that is drawn at all, drawn whole at first and added at once; the most things or pairs that a
finding names, and pairs that the map marks; the most countries side by side."""
LANES = ("#c44a14", "#5a2d0c", "#2456d6", "#1b7f58", "#9a45ad", "#4e5566")
"""The colours of lanes, which colour-blind readers can tell apart, each at least 4.8 : 1 on white."""
TINTS = (2, 0, 3, 4, 1)
"""The lanes whose colours countries and communities have, in this order."""
DEFAULTS: Mapping[str, Any] = {
    "steps": 2,
    "hops": HOPS,
    "kept": PATHS_KEPT,
    "width": 2,
    "weak": network.CONFIDENCE["weak"],
    "marks": MARKS,
    "frames": FRAMES,
    "signs": SIGNS,
    "kinds": [*KINDS],
}
"""Steps around a node; edges of the crosswalk's paths, and how many a cell keeps; pixels of a plain line; the
confidence in a weak claim; marks, frames, signs and kinds of the crosswalk's cells."""

_TABLES: tuple[Any, ...] = (FORMATS["csv"], NETWORKS["graphml"])
EXPORTS = (
    ("png", "PNG", "image/png", ".png"),
    ("svg", "SVG", "image/svg+xml", ".svg"),
    *((row.name, row.title, row.media, row.suffixes[0]) for row in _TABLES),
)
"""What the page can be saved as: key, name, media type and suffix of each format."""

SHAPES: Mapping[str, tuple[list[list[float]], float]] = {
    "dot": ([], 0.0),
    "square": ([[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]], 0.0),
    "diamond": ([[0.0, -1.12], [1.12, 0.0], [0.0, 1.12], [-1.12, 0.0]], 0.0),
    "hexagon": ([[-0.54, -0.92], [0.54, -0.92], [1.06, 0.0], [0.54, 0.92], [-0.54, 0.92], [-1.06, 0.0]], 0.0),
    "triangle": ([[0.0, -1.1], [1.12, 0.85], [-1.12, 0.85]], 0.28),
    "triangleDown": ([[0.0, 1.1], [1.12, -0.85], [-1.12, -0.85]], -0.25),
}
"""The corners of each shape, in units of its radius (a circle has none), and how low its letter is."""
BASES = ("stated", "inferred", "external", "derived", "none", "other")  # in the legend's order
DASHES: Mapping[str, list[int]] = {"inferred": [6, 4], "external": [2, 3], "derived": [8, 3, 2, 3]}
WIDTHS: Mapping[str, float] = {"strong": 4.0, "medium": 2.5, "weak": 1.2}  # pixels

_IRIS = ("basis_iri", "strength_iri")  # which say no more than `basis` and `strength`

ViewDocument = dict[str, Any]


class Preset(NamedTuple):
    """A starting point: a saved query, and its result as a network."""

    name: str
    title: str
    graph: nx.Graph
    finding: str = ""  # a sentence in which {rows} is the number that the result counts
    levels: Mapping[str, set[Any]] | None = None  # the things found by each level of evidence


def view_document(
    graph: nx.Graph,
    *,
    title: str,
    language: str = "en",
    datasets: Sequence[Mapping[str, str]] = (),
    names: Mapping[str, Sequence[str]] | None = None,
    questions: Iterable[Preset] = (),
    comparisons: Iterable[Mapping[str, Any]] = (),
    focus: str | None = None,
    steps: int = int(DEFAULTS["steps"]),
    evidence: str | None = None,
    placed: bool = True,
    prefixes: Prefixes = PREFIXES,
) -> ViewDocument:
    """Make the view document of a network; it does not depend on the order in which the network was built.

    Args:
        graph: any networkx graph; it is not changed. Optional node attributes are `label`, `kind`, `class`
            (of the kind, an IRI), `layer` (a whole number: the node's lane) and `lane` (its heading), `level`
            (if some have one: those without are what many share, which the map counts), `notation`, `scheme`
            (the list it is in), `country` (or several, with "; " between), `start`, `end`, `horizon`,
            `succeeded` (years), `interval` (its first and last day, EDTF), `hub` (whether many things share
            it by its nature) and `description`; `level of evidence`, a place in `LEVELS`, and `levels`, those
            of its years and facts. The network's attribute `examined` names things or lists whose pairs
            somebody examined, IRIs with spaces between, groups with semicolons; `succession` has the IRIs of
            relations from a successor to what it succeeds, `letters` classes, each with the letters of its
            sign. Optional edge attributes are `relation`, `property` (of
            the relation, an IRI), `basis`, `strength`, `level of evidence`, `rationale`,
            `passages` (a list, or text with one a line), `document` or else `origin` (the source of the
            passages), `link` (its address), `links` (a list: that of each passage, where they are not all
            the same), `curator` and `claim`. Any other attribute is a fact by its name.
        title: of the network, as plain text.
        language: BCP 47 tag of the labels; the page's own words are in the nearest language that there is.
        datasets: each with `iri`, `title` and `version`, perhaps a `license`, and a `place`, the country it
            is about; the attribute `datasets` of nodes and edges has the IRIs of those that they are in, with
            spaces between, so that a picture names its own alone.
        names: by IRI, the labels of a resource in any language, the one to show first.
        comparisons: each with a `verdict` in words on its `nodes`, in an `aspect`, and the `rationale`.
        questions: starting points. Their nodes and edges that the network lacks are left out.
        focus: the node to begin with, and `steps`, how many steps around it are shown.
        evidence: the level of evidence to begin with, as in `narrowed`; the rest is hidden.
        placed: give the nodes positions, which the map has no need of.
        prefixes: of CURIEs.

    NetworkError when `focus` is not in the network, `steps` is under 1, or there is no level `evidence`.
    """
    texts, other_names = words(language, "explorer") | {"matrix": words(language, "crosswalk")}, names or {}
    order = sorted(graph.nodes(data=True), key=lambda item: (text(item[0]), str(type(item[0]))))
    rank = {node: number for number, (node, _) in enumerate(order)}
    if focus is not None and focus not in rank:
        raise NetworkError(
            f"{compact(text(focus), prefixes)} is not in this network, so the page cannot begin with it."
        )
    if evidence not in (None, *network.SHOWN):
        raise NetworkError(f"{evidence!r} is no level of evidence; there are {', '.join(network.SHOWN)}.")
    if steps < 1:
        raise NetworkError(f"A neighbourhood is one step wide or more, not {steps}.")

    positions = layout(graph) if placed else dict.fromkeys(graph, (0, 0))
    few = 0 < len(graph) <= LIMITS["nodes"] and graph.number_of_edges() <= CENTRAL_CONNECTIONS
    measured = placed and few
    measures = {text(row[1]): row[4:6] for row in central(graph).rows} if measured else {}
    parts = [row[-1] for row in communities(graph, resamples=0).rows[: len(LANES) - 1]] if measured else []
    home = {text(each): place for place, part in enumerate(parts) for each in part}
    nodes = [
        _node(rank[node], node, attributes, positions[node], other_names, texts, prefixes)
        for node, attributes in order
    ]
    edges = _edges(graph, rank, texts)
    near: dict[str, int] = {}
    for edge in edges:
        for end in (edge["source"], edge["target"]):
            near[end] = min(near.get(end, edge["evidence"]), edge["evidence"])
    at_level = Counter(edge["evidence"] for edge in edges)
    for node in nodes:
        node["evidence"] = near.get(node["id"], 0) if node["evidence"] is None else node["evidence"]
        node["measures"] = [round(10_000 * each) for each in measures.get(node["iri"], ())]
        node["community"] = home.get(node["iri"])
    labels = {node["iri"]: node["name"] for node in nodes}

    def name(iri: str) -> str:
        return labels.get(iri) or text(next(iter(other_names.get(iri, ())), "")) or compact(iri, prefixes)

    lowest = _lowest(nodes)
    layered = any(map(math.isfinite, lowest.values()))
    kinds = [
        _style(kind, count, lowest[kind], layered) for kind, count in _legend(nodes, "kind", list(lowest))
    ]
    letters = text(graph.graph.get("letters")).split()
    _letter(kinds, dict(zip(letters[::2], letters[1::2], strict=False)))
    marked = {each: text(graph.graph.get(each)).split() for each in ("transitive", "succession")}
    relations = _legend(edges, "relation", sorted({edge["relation"] for edge in edges}))
    bases = _legend(edges, "basis", sorted({edge["basis"] for edge in edges}))
    used = {edge["strength"] for edge in edges}
    strengths = _legend(edges, "strength", [key for key in reversed(network.STRENGTHS) if key in used])
    documents = _legend(edges, "document", sorted({edge["document"] for edge in edges} - {("", "")}))
    known = {data["iri"]: place for place, data in enumerate(datasets)}
    for item in (*nodes, *edges):
        item["datasets"] = sorted(known[iri] for iri in item["datasets"] if iri in known)
    placed_in = Counter(iri for node in nodes for iri in node["countries"])
    places = sorted(placed_in, key=lambda iri: (name(iri), iri))
    for node in nodes:
        node["countries"] = sorted(map(places.index, node["countries"]))
    own = Counter(node["countries"][0] for node in nodes if len(node["countries"]) == 1)
    keys = [BASES[rank] for (rank, _), _ in bases]
    examined = map(str.split, text(graph.graph.get("examined")).split(";"))
    return {
        "title": text(title),
        "language": language,
        "directed": graph.is_directed(),
        "datasets": [
            {key: text(data.get(key)) for key in ("iri", "title", "version", "place", "license")}
            for data in datasets
        ],
        "texts": texts,
        "lanes": _lanes(nodes, kinds),
        "kinds": kinds,
        "relations": [
            {"name": of, "iri": iri or None, **{each: iri in marked[each] for each in marked}, "count": count}
            for (of, iri), count in relations
        ],
        "bases": [
            {
                "key": key,
                "name": of,
                "meaning": texts["basis_meanings"].get(key, ""),
                "dashes": DASHES.get(key, []),
                "count": count,
            }
            for key, ((_, of), count) in zip(keys, bases, strict=True)
        ],
        "strengths": [
            {"key": key, "name": texts["strength_names"][key], "width": WIDTHS[key], "count": count}
            for key, count in strengths
        ],
        "evidence": [
            {"key": key, "name": texts["evidence"][key], "count": at_level[place]}
            for place, key in enumerate(network.LEVELS)
        ],
        "documents": [{"name": of, "link": link, "count": count} for (of, link), count in documents],
        "countries": [
            {
                "iri": iri,
                "name": of,
                "mark": territory_code(of, language),
                "count": placed_in[iri],
                "own": own[n],
                "color": TINTS[n % len(TINTS)],
            }
            for n, iri in enumerate(places)
            for of in [name(iri)]
        ],
        "communities": [
            {"name": name(text(part[0])), "count": len(part), "color": color}
            for part, color in zip(parts, TINTS, strict=False)
        ],
        "comparisons": [
            {**each, "nodes": found}
            for each in comparisons
            if len(found := sorted({f"n{rank[node]}" for node in each["nodes"] if node in rank})) > 1
        ],
        "lists": _lists(nodes, name, language),
        "examined": [group for group in examined if group],
        "nodes": nodes,
        "edges": edges,
        "questions": _questions(questions, rank, edges, relations),
        "focus": None if focus is None else {"node": f"n{rank[focus]}", "steps": steps},
        "start": {"evidence": evidence} if evidence else {},
        "limits": dict(LIMITS),
        "defaults": dict(DEFAULTS),
        "exports": [dict(zip(("key", "name", "media", "suffix"), row, strict=True)) for row in EXPORTS],
    }


def text(value: object) -> str:
    """Convert a value to text that UTF-8 can encode, without lone surrogates."""
    return "" if value is None else str(value).encode("utf-8", "replace").decode()


def _node(
    number: int,
    node: object,
    attributes: Mapping[str, Any],
    position: tuple[int, int],
    other_names: Mapping[str, Sequence[str]],
    texts: Mapping[str, Any],
    prefixes: Prefixes,
) -> ViewDocument:
    facts, iri = dict(attributes), text(node)
    curie = compact(iri, prefixes)
    kind, of = (text(facts.pop(each, None)) for each in ("kind", "class"))
    names = [text(facts.pop("label", None)), *map(text, other_names.get(iri, ())), curie]
    names = list(dict.fromkeys(filter(None, names)))
    fields = {
        "id": f"n{number}",
        "iri": iri,
        "name": names[0] if names else "",
        "names": names[:-1] if len(names) > 1 and names[-1] == curie else names,
        "kind": ((kind if kind != of else "") or local_name(of) or texts["unnamed_kind"], of),
        **{
            name: _whole_number(facts, name)
            for name in ("layer", "level", "start", "end", "horizon", "succeeded")
        },
        "interval": text(facts.pop("interval", None)),
        "notation": text(facts.pop("notation", None)) or None,
        "scheme": text(facts.pop("scheme", None)),
        "lane": text(facts.pop("lane", None)),
        "countries": list(map(text, network.countries({"country": facts.pop("country", None)}))),
        "datasets": text(facts.pop("datasets", None)).split(),
        "hub": network.taken(facts, "hub", bool, False),
        "evidence": network.taken(facts, "level of evidence", int),
        "levels": {
            name: level for name, level in network.taken(facts, "levels", Mapping, {}).items() if level
        },
        "asides": network.taken(facts, "asides", list, []),
        "description": text(facts.pop("description", None)),
        "x": position[0],
        "y": position[1],
    }
    return {**fields, "facts": _facts(facts)}


def _edges(graph: nx.Graph, rank: Mapping[Any, int], texts: Mapping[str, Any]) -> list[ViewDocument]:
    """Return the edges in an order that does not depend on the graph's, their ends by id."""
    rows = []
    for source, target, attributes in graph.edges(data=True):
        facts = {name: value for name, value in attributes.items() if name not in _IRIS}
        given = text(facts.pop("basis", None)) or "none"
        basis = _key(given, texts["basis_names"], BASES[:-1]) or "other"
        strength = _key(text(facts.get("strength")), texts["strength_names"], network.STRENGTHS)
        level = network.taken(facts, "level of evidence", int)
        if strength:
            del facts["strength"]
        ends = (rank[source], rank[target])
        named = facts.pop("relation", None) or local_name(text(facts.get("property")))
        relation = text(named) or texts["unnamed_relation"]
        origin = text(facts.pop("origin", None))
        given_as = (facts.pop(name, None) for name in ("passages", "passage", "evidence"))
        edge = {
            "relation": (relation, text(facts.pop("property", None))),
            "basis": (BASES.index(basis), texts["basis_names"].get(basis, given)),
            "strength": strength or None,
            "evidence": network.evidence_level(basis, strength) if level is None else level,
            "confidence": network.confidence(attributes),
            "rationale": text(facts.pop("rationale", None)),
            "document": (text(facts.pop("document", None)) or origin, text(facts.pop("link", None))),
            "passages": [line for given in given_as for line in _texts(given)],
            "links": [*map(text, network.taken(facts, "links", list, []))],
            "curator": text(facts.pop("curator", None)),
            "claim": text(facts.pop("claim", None)),
            "datasets": text(facts.pop("datasets", None)).split(),
            "facts": _facts(facts),
        }
        one, other = ends if graph.is_directed() else sorted(ends)
        rows.append((one, other, json.dumps(edge, sort_keys=True), edge))
    rows.sort(key=lambda row: row[:3])

    twins: Counter[frozenset[int]] = Counter()
    edges = []
    for number, (one, other, _, edge) in enumerate(rows):
        twin = twins[frozenset((one, other))]
        twins[frozenset((one, other))] += 1
        edges.append({"id": f"e{number}", "source": f"n{one}", "target": f"n{other}", **edge, "twin": twin})
    return edges


def _legend(items: Iterable[ViewDocument], name: str, order: Sequence[Any]) -> list[tuple[Any, int]]:
    """Replace a field of the items by its value's index in this order; return each value with its count."""
    numbers, counts = {value: number for number, value in enumerate(order)}, Counter[Any]()
    for item in items:
        counts[item[name]] += 1
        item[name] = numbers.get(item[name])
    return [(value, counts[value]) for value in order]


def _lowest(nodes: Iterable[ViewDocument]) -> dict[tuple[str, str], float]:
    """Return the lowest layer of each kind, or infinity; in the order of the legend."""
    first: dict[tuple[str, str], float] = {}
    for node in nodes:
        place = math.inf if node["layer"] is None else node["layer"]
        first[node["kind"]] = min(first.get(node["kind"], math.inf), place)
    return {kind: first[kind] for kind in sorted(first, key=lambda kind: (first[kind], kind[1], kind[0]))}


def _lanes(nodes: Iterable[ViewDocument], styles: Iterable[ViewDocument]) -> list[ViewDocument]:
    """Return the lanes of the map: the layers of the nodes, or without any their kinds."""
    names: dict[int, str] = {}
    for node in nodes:
        lane = node.pop("lane")
        if node["layer"] is not None:
            names[node["layer"]] = names.get(node["layer"]) or lane
    if not names:
        return [{"layer": None, "name": kind["name"], "color": kind["lane"]} for kind in styles]
    return [{"layer": n, "name": names[n], "color": (n - 1) % len(LANES)} for n in sorted(names)]


def _style(kind: tuple[str, str], count: int, layer: float, layered: bool) -> ViewDocument:
    """Give a kind a colour and a shape, which depend on nothing but its class and its lane."""
    name, iri = kind
    number = crc32((iri or name).encode())
    lane = len(LANES) - 1 if layered else number // 8 % len(LANES)
    lane = lane if math.isinf(layer) else (int(layer) - 1) % len(LANES)
    shape, (corners, lower) = list(SHAPES.items())[number % len(SHAPES)]
    style = {"letter": "", "lane": lane, "color": LANES[lane], "ink": "#FFFFFF"}
    outline = {"shape": shape, "corners": corners, "lower": lower}
    return {"name": name, "iri": iri or None, **style, **outline, "count": count}


def _letter(kinds: Sequence[ViewDocument], given: Mapping[str, str]) -> None:
    """Give each kind the letters given to its class, else the first of its name, or one that is left."""
    for kind in kinds:
        kind["letter"] = given.get(kind["iri"], "")
    for kind in sorted(kinds, key=lambda kind: -kind["count"]):
        name = kind["name"]
        first, *rest = [word[0].upper()[0] for word in re.findall(r"\w{3,}|^\w+", name)] or ["?"]
        later = re.findall(r"[^\W\d_]", name[1:].lower())
        seconds = chain(("",), rest[:1], later, map(str, count(2)))
        taken = {other["letter"] for other in kinds} | {*given.values()}
        kind["letter"] = kind["letter"] or next(first + each for each in seconds if first + each not in taken)


def by_number(node: ViewDocument, language: str) -> tuple[Any, ...]:
    """The place of a node in a list: by its number, else by its name as the language sorts."""
    number = node["notation"]
    return number is None, natural(number or ""), alphabetical(node["name"], language)


def _lists(nodes: Iterable[ViewDocument], name: Callable[[str], str], language: str) -> list[ViewDocument]:
    """Return the lists of two or more nodes, such as the areas of one agenda; a list of one is a fact."""
    members = grouped((scheme, node) for node in nodes if (scheme := node.pop("scheme")))
    lists = []
    for iri in sorted(members, key=lambda iri: (alphabetical(name(iri), language), iri)):
        inside = members[iri]
        if len(inside) == 1:
            inside[0]["facts"] = dict(sorted({**inside[0]["facts"], "scheme": iri}.items()))
            continue
        inside.sort(key=lambda node: by_number(node, language))
        lists.append({"iri": iri, "name": name(iri), "members": [node["id"] for node in inside]})
    return lists


def _questions(
    questions: Iterable[Preset],
    rank: Mapping[Any, int],
    edges: Sequence[ViewDocument],
    relations: Sequence[Any],
) -> list[ViewDocument]:
    """Return each starting point's nodes and edges in the network, edges by their claim or relation.

    The first finding about things and the first about edges are marked on the map. What is found by a level
    of evidence and is not in the network cannot be counted there, so then there is no finding.
    """
    between = grouped(((edge["source"], edge["target"]), edge) for edge in edges)

    def same(edge: ViewDocument, row: Mapping[str, Any]) -> bool:
        (relation, iri), _ = relations[edge["relation"]]
        for name, value in (("claim", edge["claim"]), ("property", iri), ("relation", relation)):
            if value and row.get(name):
                return bool(value == text(row[name]))
        return True

    def ids(things: Iterable[Any]) -> list[str]:
        return [f"n{number}" for number in sorted(rank[each] for each in things if each in rank)]

    presets: list[ViewDocument] = []
    for name, title, graph, finding, levels in questions:
        shown: set[int] = set()
        for source, target, row in graph.edges(data=True):
            if source in rank and target in rank:
                ends = (f"n{rank[source]}", f"n{rank[target]}")
                shown |= {int(edge["id"][1:]) for edge in between.get(ends, ()) if same(edge, row)}
        things = {key: ids(found) for key, found in levels.items()} if levels else {}
        whole = all(found <= rank.keys() for found in levels.values()) if levels else bool(shown)
        held = {edges[edge][end] for edge in shown for end in ("source", "target")}
        alone = ids(node for node in graph if not graph.degree(node))  # else its edges are not in the network
        if (nodes := sorted({*alone, *held}, key=natural)) or things.get(network.LEVELS[0]):
            preset: ViewDocument = {"name": text(name), "title": text(title) or text(name)}
            preset |= {"finding": text(finding) if whole else "", "marked": False, "nodes": nodes}
            presets.append({**preset, "edges": [f"e{edge}" for edge in sorted(shown)], "levels": things})
    for pairs in (True, False):
        first = next((each for each in presets if each["finding"] and bool(each["edges"]) is pairs), None)
        if first:
            first["marked"] = True
    return presets


def left(document: ViewDocument, among: Collection[str]) -> tuple[list[ViewDocument], list[ViewDocument]]:
    """Return the nodes and edges among some nodes that the first level of evidence leaves, as on the page.

    Of what is only read, the ends of edges stay, and what is compared.
    """
    key, ends = document["start"].get("evidence", network.LEVELS[-1]), set[str]()
    edges = [each for each in document["edges"] if network.shows(key, each["evidence"])]
    if key == "only":
        ends.update(*((each["source"], each["target"]) for each in edges))
        ends.update(*(each["nodes"] for each in document["comparisons"]))
    nodes = [each for each in document["nodes"] if each["id"] in ends or network.shows(key, each["evidence"])]
    nodes = [each for each in nodes if each["id"] in among]
    kept = {each["id"] for each in nodes}
    return nodes, [each for each in edges if {each["source"], each["target"]} <= kept]


def finding(question: ViewDocument, document: ViewDocument, among: set[str]) -> tuple[str, list[str]]:
    """Return what a question finds `among` these nodes at the first level of evidence, as the page does.

    The sentence has the number by what the source says and that by what is read, and names what it counts,
    if that is little and numbered; beside it are the ids of edges, or else of things.
    """
    texts, language, edges = document["texts"], document["language"], document["edges"]

    def ends(each: str) -> list[str]:
        return [each] if each[0] == "n" else [edges[int(each[1:])][end] for end in ("source", "target")]

    def counted(key: str) -> list[str]:
        pairs = (each for each in question["edges"] if network.shows(key, edges[int(each[1:])]["evidence"]))
        return [each for each in question["levels"].get(key, pairs) if among.issuperset(ends(each))]

    now = document["start"].get("evidence", network.LEVELS[-1])
    source, found = counted(network.LEVELS[0]), counted(now)
    read = counted(network.LEVELS[-1]) if now in (network.LEVELS[0], "only") else found

    def number(some: list[str], within: set[str]) -> str:
        kinds = {document["nodes"][int(each[1:])]["kind"] for each in within if each[0] == "n"}
        listed = {each for some in document["lists"] for each in some["members"]} & among
        of = {each for each in listed if document["nodes"][int(each[1:])]["kind"] in kinds}
        many = format_number(len(some), language)
        if not of or not of.issuperset(within):
            return many
        return str(texts["n_of_m"].format(n=many, m=format_number(len(of), language)))

    many = number(found, {*found}) if now == "only" else format_number(len(read), language)
    rows = texts["evidence_counts"][now].format(sourced=number(source, {*source, *read}), n=many)
    numbers = [[document["nodes"][int(one[1:])]["notation"] for one in ends(each)] for each in found]
    few = 0 < len(numbers) <= LIMITS["named"] and all(map(all, numbers))
    short = {"–".join(sorted(some, key=natural)) for some in numbers} if few else ()
    note = f" ({', '.join(sorted(short, key=natural))})" if short else ""
    return question["finding"].format(rows=rows) + note, found


def _whole_number(facts: dict[str, Any], name: str) -> int | None:
    """Take an attribute that is a whole number, or the year of a date; leave any other among the facts."""
    value: Any = facts.get(name)
    try:
        number = int(getattr(value, "year", value))
    except (TypeError, ValueError, OverflowError):
        return None
    if abs(number) > 999_999:  # not a year, and too many for the page's script
        return None
    del facts[name]
    return number


def _facts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Convert attributes to text, without empty ones."""
    facts = ((text(name), text(value)) for name, value in attributes.items())
    return {name: value for name, value in sorted(facts) if value}


def _texts(value: object) -> list[str]:
    """Return the texts of an attribute that is a list, or one text with a line for each."""
    parts = value if isinstance(value, (list, tuple)) else text(value).split("\n")
    return [part for part in map(text, parts) if part]


def _key(value: str, names: Mapping[str, str], keys: Sequence[str]) -> str:
    """Return the key of a slug, an IRI or a label: `stated` for `…/basis/stated` and `Stated`."""
    word = re.split("[/#:]", value.rstrip("/"))[-1].strip().casefold()
    return next((key for key in keys if word in (key, names[key].casefold())), "")
