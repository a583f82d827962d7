"""The page of a network holds the whole graph, keeps hostile text as text, and needs nothing but itself."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import quote

import networkx as nx
import pytest

from policygraph.layout import layout
from policygraph.view import PAGES, view

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
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
            graph.add_node(iri, label=label, kind=kind, layer=columns.get(kind, layer), description=text)
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


class Page(HTMLParser):
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

    def data(self) -> dict:
        return json.loads(next(text for attributes, text in self.raw if attributes.get("id") == "data"))

    def policy(self) -> dict[str, list[str]]:
        meta = next(a for a in self.attributes("meta") if a.get("http-equiv") == "Content-Security-Policy")
        return {part.split()[0]: part.split()[1:] for part in str(meta["content"]).split(";")}


@pytest.fixture(params=[policy_network, hostile_network, nx.MultiDiGraph], ids=["policy", "hostile", "empty"])
def graph(request) -> nx.MultiDiGraph:
    return request.param()


@pytest.fixture
def page(graph) -> Page:
    return Page(view(graph, title="Plans & <things>"))


def test_every_node_and_edge_is_in_the_data_and_in_the_tables(graph, page):
    data = page.data()
    assert len(data["nodes"]) == len(graph)
    assert len(data["edges"]) == graph.number_of_edges()
    assert sum(basis["count"] for basis in data["bases"]) == graph.number_of_edges()
    assert [name for name, _ in page.elements].count("tr") == len(graph) + graph.number_of_edges() + 2


def test_ends_and_attributes_of_an_edge_survive():
    graph = policy_network()
    data = Page(view(graph, title="x")).data()
    iris = {node["id"]: node["iri"] for node in data["nodes"]}
    drawn = sorted(
        (iris[edge["from"]], iris[edge["to"]], edge["relation"], edge["facts"].get("claim", ""))
        for edge in data["edges"]
    )
    assert drawn == sorted((s, t, a["relation"], a.get("claim", "")) for s, t, a in graph.edges(data=True))


def test_only_our_own_scripts_and_styles_may_run(page):
    policy = page.policy()
    assert policy["default-src"] == ["'none'"]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        runs = [text for a, text in page.raw if a["tag"] == tag and a.get("type") != "application/json"]
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in runs]
        assert hashes == policy[directive]


def test_nothing_is_fetched_and_nothing_runs_from_an_attribute(page):
    for tag, attributes in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form"), tag
        assert not {"src", "href", "style", "action", "srcset"} & attributes.keys(), attributes
        assert not [name for name in attributes if name.startswith("on")], attributes


def test_hostile_texts_stay_text():
    page = Page(view(hostile_network(), title=HOSTILE[0]))
    assert [name for name, _ in page.elements].count("script") == 3
    assert [name for name, _ in page.elements].count("h1") == 1
    whole = [text.encode("utf-8", "replace").decode() for text in HOSTILE if text]
    assert {node["name"] for node in page.data()["nodes"]} >= set(whole)
    assert all(text in page.text for text in whole)


def test_the_script_never_parses_text_as_markup():
    script = (PAGES / "network.js").read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert way not in script


def test_the_graph_is_left_as_it_was(graph):
    before = copy.deepcopy(graph)
    view(graph, title="x")
    assert dict(graph.nodes(data=True)) == dict(before.nodes(data=True))
    assert list(graph.edges(keys=True, data=True)) == list(before.edges(keys=True, data=True))


@pytest.mark.parametrize("layered", [True, False])
def test_the_bytes_do_not_depend_on_the_order_of_building(layered):
    graph = policy_network()
    if not layered:
        for _, attributes in graph.nodes(data=True):
            del attributes["layer"]
    other = nx.MultiDiGraph()
    other.add_nodes_from(reversed(list(graph.nodes(data=True))))
    other.add_edges_from(reversed(list(graph.edges(data=True))))
    assert view(graph, title="x") == view(other, title="x")


def test_layers_are_columns_from_left_to_right():
    graph = policy_network()
    places = layout(graph)
    columns: dict[int, set[int]] = {}
    for node, layer in graph.nodes(data="layer"):
        columns.setdefault(layer, set()).add(places[node][0])
    ordered = [columns[layer] for layer in sorted(columns)]
    assert all(max(left) < min(right) for left, right in pairwise(ordered))


@pytest.mark.parametrize("layered", [True, False])
def test_no_two_nodes_cover_each_other(layered):
    graph = policy_network()
    graph.add_nodes_from((f"alone {number}", {"layer": 7}) for number in range(30))
    if not layered:
        for _, attributes in graph.nodes(data=True):
            del attributes["layer"]
    places = list(layout(graph).values())
    for number, (x, y) in enumerate(places):
        assert all(abs(x - a) > 60 or abs(y - b) > 40 for a, b in places[:number])


def test_a_network_of_thousands_is_laid_out_without_layers():
    assert len(layout(nx.gnm_random_graph(600, 900, seed=1))) == 600


def test_kinds_differ_in_letter_and_in_colour_or_shape():
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((number, {"kind": f"Sort {number}"}) for number in range(40))
    kinds = Page(view(graph, title="x")).data()["kinds"]
    assert len({kind["letter"] for kind in kinds}) == 40
    assert len({(kind["color"], kind["shape"]) for kind in kinds}) == 40


@pytest.mark.parametrize(
    "basis", ["inferred", "Inferred", "https://example.org/basis/inferred", "ex:inferred", "basis#inferred"]
)
def test_a_basis_is_understood_as_slug_label_or_iri(basis):
    graph = nx.MultiDiGraph([("a", "b", {"basis": basis, "strength": "Weak"})])
    data = Page(view(graph, title="x")).data()
    assert data["bases"][0]["style"] == "inferred"
    assert data["edges"][0]["dashes"]
    assert data["edges"][0]["width"] < 2


def test_styles_of_edges_differ_without_colour():
    bases = ["stated", "inferred", "external", "derived"]
    graph = nx.MultiDiGraph([("a", "b", {"basis": basis}) for basis in bases])
    assert len({str(edge["dashes"]) for edge in Page(view(graph, title="x")).data()["edges"]}) == 4


def test_an_unknown_or_missing_basis_is_shown_as_it_is():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "Hearsay"}), ("a", "b", {})])
    bases = Page(view(graph, title="x")).data()["bases"]
    assert [basis["name"] for basis in bases] == ["Not said", "Hearsay"]


def test_the_page_speaks_the_language_asked_for():
    graph = policy_network()
    danish, german = (Page(view(graph, title="x", language=tag)) for tag in ("da-DK", "de"))
    assert danish.attributes("html")[0]["lang"] == "da-DK"
    assert "Kun det, kilderne siger" in danish.text
    assert "Only what the sources state" in german.text


def test_both_languages_have_the_same_texts():
    texts = json.loads((PAGES / "texts.json").read_text(encoding="utf-8"))

    def shape(value):
        return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value)

    assert shape(texts["en"]) == shape(texts["da"])


def test_plain_and_undirected_graphs_are_shown_too():
    data = Page(view(nx.path_graph(3), title="x")).data()
    assert len(data["edges"]) == 2
    assert "arrows" not in data["edges"][0]


def test_text_can_be_read_in_light_and_in_dark():
    style = (PAGES / "network.css").read_text(encoding="utf-8")

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for theme in re.findall(r":root \{(.*?)\}", style, re.S):
        colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme))
        for ground in ("page", "panel"):
            for name in colors.keys() - {"page", "panel", "rule"}:
                one, other = sorted((luminance(colors[ground]), luminance(colors[name])))
                assert (other + 0.05) / (one + 0.05) >= 4.5, (name, ground)


@pytest.fixture
def browse(tmp_path):
    """Open a page in a real browser without a network: its document afterwards, and its console."""
    if not CHROMIUM:
        pytest.skip("NOT TESTED in a browser: no chromium is installed here")

    def browse(html: str, fragment: str = "") -> tuple[Page, str]:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        switches = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
        switches += " disable-component-update disable-sync dump-dom enable-logging=stderr"
        switches += " host-resolver-rules=MAP*~NOTFOUND virtual-time-budget=3000 window-size=1200,800"
        command = [CHROMIUM, *(f"--{switch}" for switch in switches.split())]
        command += [f"--user-data-dir={tmp_path / 'profile'}", file.as_uri() + fragment]
        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
        console = [line for line in done.stderr.decode().splitlines() if "CONSOLE" in line]
        return Page(done.stdout.decode()), "\n".join(console)

    return browse


def body(page: Page) -> dict[str, str | None]:
    return page.attributes("body")[0]


def test_a_browser_draws_the_whole_network_and_complains_of_nothing(browse):
    graph = policy_network()
    page, console = browse(view(graph, title="Plans"))
    assert console == ""
    assert body(page) == {
        "data-drawn": "yes",
        "data-nodes": str(len(graph)),
        "data-edges": str(graph.number_of_edges()),
        "data-hidden-nodes": "0",
        "data-hidden-edges": "0",
        "data-found": str(len(graph)),
    }


def test_a_browser_hides_what_no_source_states_and_says_how_much(browse):
    graph = policy_network()
    page, console = browse(view(graph, title="Plans"), "#only=sources")
    sourced = sum(basis in ("stated", "external") for _, _, basis in graph.edges(data="basis"))
    assert console == ""
    assert body(page)["data-edges"] == str(sourced)
    assert body(page)["data-hidden-edges"] == str(graph.number_of_edges() - sourced)
    assert f"{graph.number_of_edges() - sourced} connections hidden" in page.text


def test_a_browser_opens_the_details_of_a_linked_thing_and_of_a_claim(browse):
    graph = policy_network()
    html = view(graph, title="Plans")
    node = "https://example.org/strategy/river-basin-strategy-2021-2030"
    page, _ = browse(html, f"#thing={quote(node, safe='')}")
    assert "River Basin Strategy 2021-2030, in our own words" in page.text
    assert [a.get("class") for a in page.attributes("button")].count("why") == graph.degree(node)
    page, console = browse(html, f"#claim={quote('https://example.org/claim/2-1', safe='')}")
    assert console == ""
    details = page.text.split("Who says so?")[1]
    assert 'section "Plans", characters 120–164: "water for every valley"' in details


def test_a_browser_finds_by_a_part_of_the_name_without_accents(browse):
    graph = nx.MultiDiGraph()
    for number, name in enumerate(["Énergie renouvelable", "Ældrepleje på landet", "x"]):
        graph.add_node(number, label=name)
    html = view(graph, title="x")
    assert body(browse(html, "#search=energie")[0])["data-found"] == "1"
    assert body(browse(html, "#search=land+aeldre")[0])["data-found"] == "1"


def test_a_browser_keeps_hostile_texts_as_text(browse):
    graph = hostile_network()
    page, console = browse(view(graph, title="Plans", language="no such language"))
    assert console == ""
    assert body(page)["data-drawn"] == "yes"
    assert body(page)["data-nodes"] == str(len(graph))
    assert not page.attributes("img")


def test_a_browser_shows_an_empty_network(browse):
    page, console = browse(view(nx.MultiDiGraph(), title="Plans"))
    assert console == ""
    assert "There is nothing to draw." in page.text
