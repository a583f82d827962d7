"""The page of a network holds the whole graph, keeps hostile text as text, and needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import pickle
import re
from colorsys import rgb_to_hls
from pathlib import Path

import networkx as nx
import pytest
from networks import HOSTILE, Elements, explore, hostile_network, policy_network

from policygraph.errors import NetworkError
from policygraph.explorer.document import Preset, view_document
from policygraph.explorer.export import pyvis
from policygraph.explorer.page import MAX_ROWS, ExplorerPage, page, script, view


@pytest.fixture(params=[policy_network, hostile_network, nx.MultiDiGraph], ids=["policy", "hostile", "empty"])
def graph(request) -> nx.MultiDiGraph:
    return request.param()


@pytest.fixture
def elements(graph) -> Elements:
    return Elements(view(graph, title="Plans & <things>"))


def rows(elements: Elements) -> int:
    """The rows of the table of connections, without its head and without the page's own empty tables."""
    names = [name for name, _ in elements.elements]
    start = max(number for number, name in enumerate(names) if name == "caption")
    return names[start:].count("tr") - 1


def test_the_page_holds_the_document_and_the_map(graph, elements):
    document = view_document(graph, title="Plans & <things>")
    assert elements.data() == document
    things = [each for g in elements.attributes("g") for each in (g.get("data-things") or "").split()]
    assert sorted(things) == sorted(node["id"] for node in document["nodes"])


def test_without_a_script_the_page_lists_every_thing_and_every_connection(graph, elements):
    ids = {attributes.get("id") for attributes in elements.attributes("li")}
    assert ids >= {f"n{number}" for number in range(len(graph))}
    assert rows(elements) == graph.number_of_edges()


def test_looks_are_those_of_kind_basis_and_strength():
    graph = nx.MultiDiGraph()
    graph.add_node("a", label="word " * 100)
    graph.add_edge("a", "b", basis="inferred", strength="weak")
    graph.add_edge("a", "b", basis="stated")
    drawn = pyvis(graph)
    assert len(drawn.nodes[0]["label"]) == 90, "in lines"
    assert [(edge["width"], bool(edge["dashes"])) for edge in drawn.edges] == [(2, False), (1.2, True)]
    assert {edge["arrows"] for edge in drawn.edges} == {"to"}


def test_only_our_own_scripts_and_styles_may_run(elements):
    policy = elements.policy()
    assert policy["default-src"] == ["'none'"]
    assert policy["img-src"] == ["blob:", "data:"]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        runs = [text for a, text in elements.raw if a["tag"] == tag and a.get("type") != "application/json"]
        hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in runs]
        assert hashes == policy[directive]


def test_nothing_is_fetched_and_nothing_runs_from_an_attribute(elements):
    for tag, attributes in elements.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base"), tag
        assert not {"src", "href", "style", "action", "srcset"} & attributes.keys(), attributes
        assert not [name for name in attributes if name.startswith("on")], attributes


def test_hostile_texts_stay_text():
    plain = Elements(view(policy_network(), title="Plans"))
    found = Elements(view(hostile_network(), title=HOSTILE[0], language=HOSTILE[1]))
    for tag in ("script", "h1", "style", "form", "dialog"):
        assert len(found.attributes(tag)) == len(plain.attributes(tag)), tag
    assert found.attributes("html")[0].keys() == plain.attributes("html")[0].keys()
    whole = [text.encode("utf-8", "replace").decode() for text in HOSTILE if text]
    assert {node["name"] for node in found.data()["nodes"]} >= set(whole)
    assert all(text in found.text for text in whole)


def test_no_script_parses_text_as_markup():
    code = script("explorer.js")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert way not in code


def test_scripts_are_joined_each_after_what_it_imports_and_once(tmp_path, monkeypatch):
    # By the module itself: the package gives its function `view` under the same name.
    monkeypatch.setitem(script.__globals__, "STATIC", tmp_path)
    files = {
        "a.js": 'import {\n  b,\n} from "./b.js";\nimport { c } from "./c.js";\nb(c);\n',
        "b.js": "import { c } from './c.js'\nexport function b() {}\n",
        "c.js": 'import { b } from "./b.js";\nexport const c = 1;\nconst text = "export c";\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    lines = [line for line in script("a.js").splitlines() if line]
    assert lines == ["const c = 1;", 'const text = "export c";', "function b() {}", "b(c);"]


def test_the_joined_scripts_have_one_scope_without_two_things_of_one_name():
    code = script("explorer.js")
    assert not re.search(r"^(import|export)\b", code, re.MULTILINE)
    named = re.findall(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", code, re.MULTILINE)
    assert len(named) == len(set(named)), {name for name in named if named.count(name) > 1}
    assert "</script" not in code.lower()


def test_the_page_speaks_the_language_asked_for():
    danish, german = (Elements(view(policy_network(), title="x", language=tag)) for tag in ("da-DK", "de"))
    assert danish.attributes("html")[0]["lang"] == "da-DK"
    assert "kun det læste" in danish.text
    assert "only what is read" in german.text


def test_the_page_begins_where_its_words_do():
    document = view_document(policy_network(), title="Plans")
    assert document["texts"]["@language"] == "en"
    for tag, direction in (("en", "ltr"), ("ar", "rtl")):
        document["texts"]["@language"] = tag
        assert Elements(page(document)).attributes("html")[0]["dir"] == direction


def test_the_whole_of_what_view_is_told_is_in_the_page():
    graph = policy_network()
    node = sorted(graph)[0]
    answer = nx.Graph()
    answer.add_node(node)
    options = {
        "datasets": [{"iri": "https://example.org/data", "title": "Plans", "version": "1"}],
        "names": {node: ["One name", "Another name"]},
        "questions": [Preset("first", "Which is first?", answer)],
        "focus": node,
        "steps": 1,
        "evidence": "said",
    }
    document = Elements(view(graph, title="x", **options)).data()
    assert document == view_document(graph, title="x", **options)
    assert (document["focus"], document["start"]) == ({"node": "n0", "steps": 1}, {"evidence": "said"})
    assert document["questions"][0]["nodes"] == ["n0"]
    assert "Another name" in document["nodes"][0]["names"]


def test_plain_and_undirected_graphs_are_shown_too():
    drawn = pyvis(nx.path_graph(3))
    assert len(drawn.edges) == 2
    assert "arrows" not in drawn.edges[0]


@pytest.mark.full
def test_a_list_too_long_to_read_is_cut_and_says_by_how_much():
    graph = nx.gnm_random_graph(MAX_ROWS + 500, MAX_ROWS + 1500, seed=1)
    found = Elements(view(graph, title="x"))
    assert "2,500 things and 3,500 connections" in found.text
    assert "500 more, not listed here" in found.text
    assert "1,500 more connections, not listed here" in found.text
    assert rows(found) == MAX_ROWS
    assert len([a for a in found.attributes("li") if str(a.get("id")).startswith("n")]) == MAX_ROWS
    assert len(found.data()["nodes"]) == MAX_ROWS + 500


def test_a_notebook_shows_the_page_in_a_frame_that_cannot_reach_it_over_the_still_picture():
    graph = hostile_network()
    made = view(graph, title=HOSTILE[0])
    found = Elements(made._repr_html_())
    (frame,) = found.attributes("iframe")
    assert frame["srcdoc"] == made
    assert frame["sandbox"].split() == ["allow-scripts", "allow-downloads", "allow-popups"]
    assert frame["title"] == HOSTILE[0]
    (image,) = found.attributes("img")
    kind, _, drawn = image["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert base64.b64decode(drawn).decode() == made._repr_svg_()
    assert [name for name, _ in found.elements] == ["div", "p", "img", "iframe"]
    assert "static image" in found.text


def test_a_page_is_text_and_its_repr_is_short():
    made = view(policy_network(), title="Plans")
    assert isinstance(made, ExplorerPage)
    assert made.startswith("<!doctype html>")
    assert repr(made) == "<Page 'Plans': 44 things, 61 connections>"
    assert page(made.document) == made
    sent = pickle.loads(pickle.dumps(made))
    assert (sent, sent.document) == (made, made.document)


def test_text_and_lines_can_be_seen_in_light_and_in_dark():
    style = (script.__globals__["STATIC"] / "explorer.css").read_text(encoding="utf-8")

    def luminance(color):
        parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colors = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme))
        grounds, texts = {"page", "panel", "wash"}, {"ink", "soft", "link"}
        for ground in grounds:
            for name in colors.keys() - grounds - {"rule"}:
                one, other = sorted((luminance(colors[ground]), luminance(colors[name])))
                assert (other + 0.05) / (one + 0.05) >= (4.5 if name in texts else 3), (name, ground)


def test_the_page_of_a_country_is_light(catalog, store):
    page = explore(catalog, store)
    assert len(page.encode()) <= 820_000 + 1_700 * len(page.document["edges"])


def test_lines_at_rest_and_lanes_stand_out_from_their_ground():
    style = Path(__file__).parents[2] / "src/policygraph/explorer/static/explorer.css"
    schemes = re.findall(r"--page: (#\w{6}).*?--edge: (#\w{6})(.*?)--stated", style.read_text(), re.DOTALL)
    assert len(schemes) == 2
    for one, other in zip(*(re.findall(r"--lane\d: (#\w{6})", rest) for *_, rest in schemes), strict=True):
        hues = [rgb_to_hls(*(int(c[at : at + 2], 16) for at in (1, 3, 5)))[0] for c in (one, other)]
        assert abs(hues[0] - hues[1]) < 0.06, "a lane has one hue in light and dark"

    def light(color: str) -> float:
        parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.05 + 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for ground, edge, rest in schemes:
        lanes = re.findall(r"--lane\d: (#\w{6})", rest)
        assert len(lanes) == 6
        for color, least in [(edge, 3), *((lane, 4.5) for lane in lanes)]:
            dark, bright = sorted((light(ground), light(color)))
            assert bright / dark >= least, color


def test_a_level_of_evidence_is_one_that_there_is():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "stated"})])
    with pytest.raises(NetworkError, match="'stated' is no level of evidence; there are said"):
        view(graph, title="x", evidence="stated")
    assert view(graph, title="x", evidence="weak")._repr_svg_().startswith("<svg")
