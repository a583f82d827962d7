"""Networks that tests of the page share: a made-up government's plans, and texts that could break out."""

from __future__ import annotations

import json
import random
import re
from html.parser import HTMLParser
from urllib.parse import quote

import networkx as nx

from policygraph.analysis.network import network
from policygraph.explorer.page import view

HOSTILE = [
    "</script><script>document.title = 'broken'</script>",
    '" onload="document.title = 1',
    "<img src=x onerror=\"document.title = 'broken'\">",
    "{{ 7 * 7 }} {% raw %}",
    "🌊 Floods & <b>fire</b> 👩‍🚒",
    "استراتيجية المياه",
    "half a pair \ud83d",
    "word " * 1000,
    "x" * 5000,
    "__proto__",
    "",
]


def policy_network() -> nx.MultiDiGraph:
    """A made-up government's plans, of the size and shape of a real one: 44 nodes in six layers."""
    graph = nx.MultiDiGraph()
    layers = {
        "Challenge": "Ageing population/Falling water tables/Slow public services/Rural decline",
        "Goal": "Water for everyone/Services that reach every valley/Balanced budget/Shorter waiting times",
        "Strategy": "River Basin Strategy 2021-2030/Strategy for Services at a Distance 2019-2024/"
        "National Plan for Rural Growth and Jobs/Open Records Strategy 2020-2025/Care at Home Strategy",
        "Policy area": "Efficient use of shared buildings/Digitisation of permits/"
        "Better management and leadership in public institutions/Co-operation with private partners/"
        "Less bureaucracy for teachers and nurses/Open data and transparency/Prevention before treatment/"
        "Local self-government",
        "Sector": "Health/Elderly care/Education/Water supply/Transport/Taxation/Employment/Housing",
        "Initiative": "Shared sign-in/Remote consultations/River gauges online/One form for every permit",
        "Target": "90 % of permits filed online by 2024/Loss in the mains below 10 % by 2030",
        "Case study": "How one valley moved its clinic online",
        "Organisation": "Ministry of Water/Association of Valleys/Agency for Services/Council of Auditors/"
        "Banks' Society",
        "Publication": "Rivers Review 2022/Digital Services Survey/Auditors' report of 2023",
    }
    columns = {"Initiative": 5, "Target": 5, "Case study": 6, "Organisation": 6, "Publication": 6}
    ids: dict[str, list[str]] = {}
    for layer, (kind, labels) in enumerate(layers.items()):
        for label in labels.split("/"):
            iri = "https://example.org/" + quote(f"{kind}/{label}".lower().replace(" ", "-"))
            ids.setdefault(kind, []).append(iri)
            text = f"{label}, in our own words: what it is, since when, and for whom."
            facts = {
                "layer": columns.get(kind, layer),
                "description": text,
                "country": "https://example.org/land",
            }
            facts |= {"class": f"https://example.org/{quote(kind)}"}
            if kind in ("Policy area", "Sector"):
                facts |= {"scheme": f"https://example.org/list/{quote(kind)}"}
                facts |= {"notation": f"{kind[0]}{labels.split('/').index(label) + 5}"}
            if years := re.search("(20[0-9]{2})-(20[0-9]{2})", label):
                facts |= {"start": int(years[1]), "end": int(years[2])}
            graph.add_node(iri, label=label, kind=kind, **facts)
    weights = ["strong", "medium", "weak"]
    bases = ["stated", "inferred", "stated", "inferred", "external", "inferred", "derived"]
    pairs = [
        ("Strategy", "responds to", "Challenge", 7),
        ("Strategy", "serves", "Goal", 6),
        ("Strategy", "implements", "Policy area", 11),
        ("Policy area", "concerns sector", "Sector", 12),
        ("Initiative", "exemplifies", "Policy area", 6),
        ("Target", "measures", "Strategy", 2),
        ("Case study", "illustrates", "Initiative", 2),
        ("Organisation", "takes part in", "Initiative", 5),
        ("Publication", "describes", "Strategy", 4),
        ("Goal", "answers", "Challenge", 4),
    ]
    for number, (source, relation, target, many) in enumerate(pairs):
        for i in range(many):
            basis = bases[(i + number) % 7]
            facts = {"basis": basis, "relation": relation, "claim": f"https://example.org/claim/{number}-{i}"}
            if basis == "inferred":
                facts |= {"strength": weights[i % 3], "curator": "The editors"}
                facts |= {"rationale": "Both speak of the same service, and the years are the same."}
            if basis != "derived":
                facts["passages"] = (
                    'Review of Rivers, section "Plans", characters 120–164: "water for every valley"\n'
                    'Review of Rivers, section "Areas", list item 3, characters 310–362'
                )
                facts["document"] = "https://example.org/source/review-of-rivers"
            one, other = ids[source], ids[target]
            graph.add_edge(one[(i + i // len(one)) % len(one)], other[(i * 3 + number) % len(other)], **facts)
    graph.add_edge(ids["Strategy"][0], ids["Strategy"][3], relation="is succeeded by", basis="external")
    graph.add_edge(ids["Strategy"][0], ids["Policy area"][0], relation="names", basis="stated")
    return graph


def hostile_network() -> nx.MultiDiGraph:
    """Every text that could break out of its place, in every place there is."""
    graph = nx.MultiDiGraph()
    for number, text in enumerate(HOSTILE):
        graph.add_node(text, label=text, kind=text, description=text, **{text or "blank": text})
        facts = dict.fromkeys(("basis", "strength", "rationale", "passages", "document", "claim"), text)
        graph.add_edge(text, HOSTILE[number - 1], relation=text, **facts)
    return graph


class Elements(HTMLParser):
    """A page as a browser sees it: its elements, its scripts and styles, and the text that can be read."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[dict[str, str | None], str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.raw.append(({"tag": tag, **dict(attrs)}, ""))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] in ("script", "style") and self.cdata_elem:
            self.raw[-1] = (self.raw[-1][0], self.raw[-1][1] + data)
        else:
            self.text += data

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def data(self, name: str = "document") -> dict:
        """The JSON of the block with this id."""
        return json.loads(next(text for attributes, text in self.raw if attributes.get("id") == name))

    def policy(self) -> dict[str, list[str]]:
        meta = next(a for a in self.attributes("meta") if a.get("http-equiv") == "Content-Security-Policy")
        return {part.split()[0]: part.split()[1:] for part in str(meta["content"]).split(";")}


def shuffled(graph, seed=1):
    """The same network, whose nodes and edges come in another order."""
    chance = random.Random(seed)
    nodes, edges = [*graph.nodes(data=True)], [*graph.edges(data=True)]
    chance.shuffle(nodes)
    chance.shuffle(edges)
    other = graph.__class__()
    other.graph.update(graph.graph)
    other.add_nodes_from(nodes)
    other.add_edges_from(edges)
    return other


def explore(catalog, store, *, query="network", language=None, values=None, **options):
    """The page of a saved query's network."""
    return view(network(catalog, query, store=store, language=language, values=values), **options)
