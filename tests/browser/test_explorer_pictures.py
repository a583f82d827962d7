"""The pictures beside the map, what is lit in them, and how the page behaves while one gets there."""

from __future__ import annotations

import re

import networkx as nx
import pytest
from checkout import SHIPPED
from visitors import Keyboard, Mouse, data

import policygraph
from policygraph import Catalog
from policygraph.analysis.centrality import central
from policygraph.explorer.page import view

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

NEMID = "https://w3id.org/policygraph/id/dk/initiative/nemid"
# What is written on the canvas while it is drawn once more.
WRITTEN = """() => {
  const { fillText } = CanvasRenderingContext2D.prototype;
  const found = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    found.push(text);
    return fillText.call(this, text, ...rest);
  };
  explorer.frames().redraw();
  CanvasRenderingContext2D.prototype.fillText = fillText;
  return found;
}"""
# Each line that is written, with its box.
BOXES = """() => {
  const { fillText } = CanvasRenderingContext2D.prototype;
  const found = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
    const { width } = this.measureText(text);
    const [size] = /[\\d.]+(?=px)/.exec(this.font);
    const left = { left: x, right: x - width, center: x - width / 2 }[this.textAlign];
    const scale = this.textBaseline === "top" ? 1 : explorer.frames().getScale();
    const name = this.textBaseline === "top";
    found.push({ text, name, size: Number(size) * scale, left, right: left + width, top: y });
    return fillText.call(this, text, x, y);
  };
  explorer.frames().redraw();
  CanvasRenderingContext2D.prototype.fillText = fillText;
  return found;
}"""
SHIFTS = """globalThis.shifts = [];
new PerformanceObserver(list => shifts.push(...list.getEntries().map(({ value }) => value)))
  .observe({ type: "layout-shift", buffered: true });"""


def crowd(things: int = 150) -> nx.MultiDiGraph:
    """A hub, what touches it, and others with long names, of two countries."""
    graph = nx.MultiDiGraph()
    for number in range(things):
        facts = {"country": f"https://e.org/{'ab'[number % 2]}"} if number % 7 else {}
        name = f"Thing {number} with a name that takes several lines"
        graph.add_node(f"https://e.org/{number}", label=name, kind=f"Kind {number % 5}", **facts)
        bases = ("stated", "inferred")
        graph.add_edge(
            f"https://e.org/{number}",
            f"https://e.org/{0 if number < 24 else number // 6}",
            basis=bases[number % 2],
        )
    return graph


def test_a_network_of_150_is_drawn_with_whole_names_in_the_size_of_a_measure(visit, stored):
    graph = crowd()
    visitor = visit(stored("crowd", view(graph, title="Crowd")), Mouse)
    visitor.choose("#layout", "Network")
    assert visitor.counts()[0] == 150
    written = visitor.page.evaluate(WRITTEN)
    assert not [text for text in written if text.endswith("…")]
    assert " ".join(written).count("Thing ") >= 15
    sizes = "() => Object.fromEntries(explorer.model.doc.nodes.map(({ iri, measures }) => [iri, measures]))"
    measured = {row[1]: row[4:6] for row in central(graph).rows}
    for iri, found in visitor.page.evaluate(sizes).items():
        assert found == pytest.approx([10_000 * each for each in measured[iri]], abs=0.51)
    for size, word in (("PageRank", "PageRank"), ("Betweenness", "shortest paths"), ("all equal", "nothing")):
        visitor.choose("#size", size)
        assert word in visitor.seen("#canvas-key")
    visitor.choose("#tint", "Country")
    assert {"https://e.org/a", "https://e.org/b", "no country"} <= {
        text.strip() for text in visitor.listed("#canvas-key span")
    }
    visitor.choose("#tint", "Who says so")
    assert {"Stated", "Inferred"} <= {text.strip() for text in visitor.listed("#canvas-key span")}
    visitor.choose("#tint", "Community")
    names = [f"Around {each['name']} ({each['count']})" for each in view(graph).document["communities"]]
    assert len(names) == 5
    assert [*names, "Other things"] == [text.strip() for text in visitor.listed("#canvas-key span")][:6]
    assert visitor.page.evaluate("() => explorer.address()"), "which is in the address"


def test_around_a_thing_stands_what_touches_it_over_the_whole_stage_and_nothing_else(visit, stored):
    graph = crowd()
    visitor = visit(stored("crowd", view(graph, title="Crowd")), Mouse)
    visitor.choose("#layout", "Around a thing")
    near = {"https://e.org/0", *nx.all_neighbors(graph, "https://e.org/0")}
    assert visitor.counts()[0] == len(near)
    assert f"around it: {len(near) - 1}" in visitor.seen("#canvas-note")
    names = [each for each in visitor.page.evaluate(BOXES) if each["name"]]
    box = visitor.at("#canvas").bounding_box()
    assert max(each["right"] for each in names) - min(each["left"] for each in names) > 0.6 * box["width"]
    assert max(each["top"] for each in names) - min(each["top"] for each in names) > 0.6 * box["height"]
    words = set(" ".join(visitor.page.evaluate(WRITTEN)).split())
    assert {f"{number}" for number in range(24)} <= words, "all their names"
    visitor.search("Thing 30 with", "Thing 30 with a name that takes several lines")
    assert visitor.counts()[0] == len({*nx.all_neighbors(graph, "https://e.org/30"), "https://e.org/30"})


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (768, 1024), (390, 844)])
def test_around_a_thing_no_name_is_cut_nor_lies_on_another(visit, address, width, height):
    visitor = visit(address, Mouse, width=width, height=height)
    visitor.choose("#layout", "Around a thing")
    for name in ("NemID", "Danish government"):
        to = "iri => { location.hash = explorer.address({ selected: iri }); }"
        visitor.page.evaluate(to, visitor.iri(name))
        at = "iri => explorer.picture() === 'around' && explorer.state().selected === iri"
        visitor.wait(at, visitor.iri(name))
        apart(visitor)


def apart(visitor):
    """Each name is whole, within the window, and on no other and no sign."""
    boxes = visitor.page.evaluate(BOXES)
    drawn = [each for each in boxes if each["name"]]
    assert len(drawn) > 12, "lines of names"
    assert not [each["text"] for each in drawn if each["text"].endswith("…")]
    assert min(each["size"] for each in boxes) > 10.8
    box = visitor.at("#canvas canvas").bounding_box()
    signs = visitor.page.evaluate("""() => Object.values(explorer.frames().getPositions())
      .map(at => explorer.frames().canvasToDOM(at)).map(({ x, y }) => [x, y])""")
    for number, one in enumerate(drawn):
        assert 0 <= one["left"] < one["right"] <= box["width"], one
        assert 0 <= one["top"] < one["top"] + one["size"] <= box["height"], one
        for other in drawn[:number]:
            clear = (
                one["right"] <= other["left"]
                or other["right"] <= one["left"]
                or one["top"] + one["size"] <= other["top"] + 2
                or other["top"] + other["size"] <= one["top"] + 2
            )
            assert clear, (one, other)
        for x, y in signs:
            beside = one["right"] < x - 10 or one["left"] > x + 10
            assert beside or one["top"] + one["size"] < y - 10 or one["top"] > y + 10, (one, x, y)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_around_a_thing_with_more_than_the_window_holds_all_are_named_and_it_scrolls(
    visit, stored, width, height
):
    graph = crowd()
    for number in range(24, 70):
        graph.add_edge("https://e.org/0", f"https://e.org/{number}", basis="stated")
    visitor = visit(stored("hub", view(graph, title="Hub")), Mouse, width=width, height=height)
    visitor.choose("#layout", "Around a thing")
    names = [each for each in visitor.page.evaluate(BOXES) if each["name"]]
    words = " ".join(each["text"] for each in names).split()
    assert [str(number) for number in range(70) if str(number) not in words] == []
    box, high = visitor.at("#canvas"), visitor.at("#canvas canvas").bounding_box()["height"]
    assert all(0 <= each["top"] < high - each["size"] for each in names)
    assert high > box.bounding_box()["height"]
    x, y = visitor.spot("https://e.org/0")
    assert visitor.page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", [x, y]) == "CANVAS"
    middle = box.evaluate("at => at.scrollTop")
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.wheel(0, 5000)
    visitor.wait("was => document.getElementById('canvas').scrollTop > was", middle)
    assert visitor.page.evaluate("() => explorer.frames().getScale()") == 1


def test_in_a_small_window_kinds_are_all_named_and_of_a_network_a_part_can_be_read(visit, address):
    visitor = visit(address, Mouse, width=390, height=844)
    visitor.choose("#layout", "Groups")
    names = [each for each in visitor.page.evaluate(BOXES) if each["name"]]
    words = " ".join(each["text"] for each in names)
    kinds = visitor.page.evaluate(
        "() => explorer.model.doc.kinds.map(({ name, count }) => `${name} ${count}`)"
    )
    assert [kind for kind in kinds if kind not in words] == []
    high = visitor.at("#canvas canvas").bounding_box()["height"]
    assert high > visitor.at("#canvas").bounding_box()["height"], "it scrolls"
    assert all(0 <= each["top"] < high - each["size"] for each in names)
    visitor.choose("#layout", "Network")
    visitor.page.locator("#canvas-note", has_text="Drag").wait_for()
    distances = """() => {
      const at = Object.values(explorer.frames().getPositions()).map(({ x, y }) => [x, y]);
      const scale = explorer.frames().getScale();
      const near = ([x, y]) => Math.min(...at.map(([a, b]) => Math.hypot(a - x, b - y)).filter(Boolean));
      return at.map(near).sort((a, b) => a - b)[at.length >> 1] * scale;
    }"""
    assert visitor.page.evaluate(distances) > 12, "pixels to the next, in the middle"


def test_three_thousand_things_are_kinds_by_country_and_grow_from_one(visit, stored):
    graph = crowd(3000)
    visitor = visit(stored("many", view(graph, title="Many")), Mouse)
    visitor.choose("#layout", "Network")
    visitor.press("#show-all")
    assert visitor.counts()[0] == 5, "the kinds"
    names = " ".join(visitor.page.evaluate(WRITTEN))
    assert names.count("\u00a0257") >= 6, "so many of each country"
    assert "Kind 0 600 (" in names
    assert "too many" in visitor.seen("#canvas-note")
    visitor.search("Thing 2999", "Thing 2999 with a name that takes several lines")
    visitor.press("#details [data-action=expand]")
    assert visitor.state()["shown"] == ["https://e.org/2999"]
    assert visitor.counts()[0] == 1
    visitor.press("#expand [data-add]")
    assert visitor.counts()[0] == 2


def test_several_are_selected_by_shift_and_kept(visit, address):
    visitor = visit(address, Mouse)
    visitor.search("NemID", "NemID")
    cards = visitor.page.locator("#map .card:not(.group, .frame)")
    for place in (2, 5):
        cards.nth(place).click(modifiers=["Shift"])
    assert visitor.seen("#keep") == "Keep only 3"
    assert visitor.page.locator("#map .card.chosen").count() == 3
    visitor.page.locator(f"#outline tr{data('node', NEMID)}").click(modifiers=["Shift"])
    assert visitor.seen("#keep") == "Keep only 2"
    cards.nth(7).click(modifiers=["Shift"])
    visitor.page.evaluate(
        "() => { location.hash = explorer.address({ hidden: [explorer.state().picked[0]] }); }"
    )
    visitor.wait("() => explorer.state().hidden.length")
    assert visitor.seen("#keep") == "Keep only 2", "what is hidden is not picked"
    visitor.press("#keep")
    assert visitor.counts()[0] == 2
    assert not visitor.at("#keep").is_visible()
    visitor.undo()
    assert visitor.counts()[0] > 2


def test_a_question_fades_the_rest(visit, address):
    visitor = visit(address, Mouse)
    before = visitor.counts()
    visitor.press("#finding .marked.things")
    name = visitor.page.get_attribute("#finding .marked.things", "data-finding")
    asked = "name => explorer.model.doc.questions.find(each => each.name === name).nodes"
    nodes = visitor.page.evaluate(asked, name)
    assert visitor.counts() == before, "nothing is gone"
    lit = "() => [...document.querySelectorAll('#map .card.lit:not(.frame)')].map(at => at.dataset.card)"
    assert set(visitor.page.evaluate(lit)) == set(nodes)
    visitor.press("#tab-table")
    visitor.press("#table-things")
    assert len(visitor.listed("#table tbody tr")) == len(nodes)
    visitor.page.keyboard.press("Escape")
    assert len(visitor.listed("#table tbody tr")) == before[0]
    visitor.type("#table-filter", "nemid")
    rows = visitor.listed("#table tbody tr")
    assert 0 < len(rows) < 20
    assert all("nemid" in row.lower() for row in rows)
    assert visitor.seen("#table-note") == f"{len(rows)} of {before[0]}"


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1280, 720), (390, 844)])
def test_nothing_moves_while_the_page_loads(browser, address, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.add_init_script(SHIFTS)
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_timeout(300)
    assert page.evaluate("() => shifts.reduce((sum, each) => sum + each, 0)") < 0.05
    page.close()


def test_the_map_is_a_dozen_presses_away(visit, address):
    visitor = visit(address, Keyboard)
    presses = 1
    visitor.key("Tab")
    while not visitor.page.evaluate("() => document.activeElement.id === 'skip'"):
        visitor.key("Tab")
        presses += 1
        assert presses < 12
    assert visitor.seen("#skip") == "To the picture"
    visitor.key("Enter")
    assert visitor.page.evaluate("() => Boolean(document.activeElement.closest('#map'))")


def test_a_claim_and_a_finding_are_copied_with_their_source(visit, address):
    visitor = visit(address, Mouse)
    visitor.page.evaluate("""() => {
      globalThis.got = [];
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async text => got.push(text) } });
    }""")
    document = visitor.document
    edge = next(each for each in document["edges"] if each["passages"] and each["document"] is not None)
    visitor.page.evaluate("of => { location.hash = explorer.address({ selected: of }); }", edge["claim"])
    visitor.press("#details [data-copy]")
    visitor.wait("() => got.length === 1")
    assert visitor.seen("#status") == "Copied, with its source."
    (copied,) = visitor.page.evaluate("() => got")
    source, target = (document["nodes"][int(edge[end][1:])]["name"] for end in ("source", "target"))
    (dataset,) = (document["datasets"][place] for place in edge["datasets"])
    for part in (source, target, *edge["passages"], document["documents"][edge["document"]]["name"]):
        assert part in copied
    for part in (dataset["title"], dataset["version"], edge["claim"]):
        assert part in copied
    finding = visitor.page.locator("#finding .marked.things")
    visitor.press("#finding .marked.things + [data-copy]")
    visitor.wait("() => got.length === 2")
    first, *_, last = visitor.page.evaluate("() => got[1]").split("\n")
    assert first == finding.text_content()
    assert dataset["version"] in last
    visitor.press("#evidence [data-evidence=said]")
    assert finding.text_content() != first
    for label, said in visitor.page.evaluate(
        """() => [...document.querySelectorAll("#finding [data-copy]:not([hidden])")]
        .map(at => [at.ariaLabel, at.previousElementSibling.textContent])"""
    ):
        assert label == f"Copy with its source: {said}"


def test_a_file_of_other_data_is_shown_as_it_is(tmp_path):
    file = tmp_path / "org.ttl"
    file.write_text(
        """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix : <https://e.org/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        :Body a owl:Class ; rdfs:label "Body"@en . :Unit a owl:Class ; rdfs:subClassOf :Body .
        :unitOf a owl:ObjectProperty ; rdfs:domain :Unit ; rdfs:range :Body .
        :size a owl:DatatypeProperty ; rdfs:domain :Body ; rdfs:range <http://www.w3.org/2001/XMLSchema#int> .
        """
    )
    graph = policygraph.network(Catalog(SHIPPED, files=[file]), "file-links")
    assert {node.rpartition("/")[2] for node in graph} == {"Body", "Unit", "unitOf", "size"}
    assert graph.number_of_edges() == 4
    document = view(graph).document
    assert document["title"] == "org.ttl"
    assert [lane["name"] for lane in document["lanes"]] == [kind["name"] for kind in document["kinds"]]
    assert len(document["kinds"]) == 3
    assert document["nodes"][0]["measures"][0] > 0


# What can be scrolled sideways, of what is seen.
SIDEWAYS = """() => [...document.querySelectorAll("body *")].filter(at => at.checkVisibility()
  && at.clientWidth && at.scrollWidth > at.clientWidth + 1
  && /auto|scroll/.test(getComputedStyle(at).overflowX))
  .map(({ id, className }) => id || className)"""


@pytest.mark.parametrize("width", [1100, 1024, 768, 390])
def test_nothing_scrolls_sideways(visit, address, width):
    visitor = visit(address, Mouse, width=width, height=900)
    if width < 700:
        visitor.press("#pane-picture")
    assert visitor.page.evaluate(SIDEWAYS) == [], "the map"
    for tab in ("paths", "crosswalk", "timeline", "table"):
        visitor.press(f"#tab-{tab}")
        assert visitor.page.evaluate(SIDEWAYS) == [], tab
    visitor.press("#table-things")
    assert visitor.page.evaluate(SIDEWAYS) == [], "things"
    visitor.press("#tab-picture")
    drawn = visitor.at("#map-box" if width > 899 else "#lanes")
    assert drawn.is_visible()
    assert drawn.bounding_box()["width"] > 0.75 * min(width, 1024)


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_a_comparison_without_room_for_names_has_the_numbers_of_its_columns(visit, address, width):
    visitor = visit(address, Mouse, width=width, height=844)
    visitor.press("#tab-crosswalk")
    heads = [text.split()[0] for text in visitor.listed("#matrix thead th[scope=col]:not(.total)")]
    assert heads == [f"W{number}" for number in range(1, 8)]
    first = visitor.listed("#matrix tbody tr:first-child .of")
    assert first[:7] == ([] if width > 1000 else heads)
    visitor.page.locator("#matrix button:not(.none)").first.click()
    assert " × " in visitor.seen("#cell h3")


def test_a_rectangle_with_shift_selects_what_is_in_it(visit, address):
    visitor = visit(address, Mouse)
    visitor.choose("#layout", "Around a thing")
    visitor.page.evaluate("iri => { location.hash = explorer.address({ selected: iri }); }", NEMID)
    visitor.wait("() => explorer.picture() === 'around' && explorer.state().selected")
    box = visitor.at("#canvas").bounding_box()
    middle = box["x"] + box["width"] / 2
    inside = visitor.page.evaluate(
        """() => { const { x } = explorer.frames().getViewPosition();
        return Object.values(explorer.positions()).filter(at => at.x < x - 40).length; }"""
    )
    mouse = visitor.page.mouse
    visitor.page.keyboard.down("Shift")
    mouse.move(box["x"] + 2, box["y"] + 2)
    mouse.down()
    mouse.move(middle - 40, box["y"] + box["height"] - 2, steps=4)
    assert visitor.at("#canvas .rectangle").bounding_box()["width"] > 200
    mouse.up()
    assert visitor.at("#canvas .rectangle").count() == 0
    assert inside > 3
    assert visitor.seen("#keep") == f"Keep only {inside + 1}", "with what was selected"
    assert visitor.state()["moved"] == {}, "nothing is dragged"
    mouse.click(*visitor.spot(NEMID))
    visitor.page.keyboard.up("Shift")
    assert visitor.seen("#keep") == f"Keep only {inside}", "a click takes one away"
    picked = visitor.state()["picked"]
    visitor.press("#hide-picked")
    assert visitor.state()["hidden"] == picked
    assert not visitor.at("#picks").is_visible()
    visitor.undo()
    assert visitor.state()["hidden"] == []


def test_several_are_selected_by_keys(visit, address):
    visitor = visit(address, Keyboard)
    visitor.open("Plan")
    visitor.key("ArrowDown")
    visitor.key("Shift+ArrowDown", 2)
    assert visitor.seen("#keep") == "Keep only 3"
    assert visitor.at("#outline tr[aria-selected=true]").count() == 3
    visitor.key("Escape")
    assert not visitor.at("#picks").is_visible()
    visitor.reach("#map [tabindex='0']")
    visitor.key("Shift+Enter")
    visitor.key("ArrowDown")
    visitor.key("Shift+Enter")
    assert visitor.seen("#keep") == "Keep only 2"


def test_years_are_played_one_by_one_and_stop(visit, address):
    visitor = visit(address, Mouse)
    visitor.press("#tab-timeline")
    visitor.type("#in-force", "2010")
    visitor.press("#play")
    assert visitor.seen("#play") == "Stop"
    visitor.wait("() => explorer.state().year >= 2013")
    assert re.match(r"In force in 201\d,", visitor.seen("#timeline-note")), "a status"
    visitor.press("#play")
    assert visitor.seen("#play") == "Play"
    year = visitor.state()["year"]
    visitor.page.wait_for_timeout(1700)
    assert visitor.state()["year"] == year
    visitor.undo()
    assert visitor.state()["year"] == 2010, "one step for all of it"
    visitor.press("#play")
    visitor.press("#tab-picture")
    year = visitor.state()["year"]
    visitor.page.wait_for_timeout(1700)
    assert visitor.state()["year"] == year, "what cannot be seen does not play"


def test_who_wants_no_motion_goes_from_year_to_year(visit, address):
    visitor = visit(address, Keyboard, reduced_motion="reduce")
    visitor.press("#tab-timeline")
    visitor.type("#in-force", "2010")
    assert visitor.seen("#play") == "Next year"
    visitor.press("#play")
    visitor.page.wait_for_timeout(1700)
    assert visitor.state()["year"] == 2011


@pytest.mark.parametrize("width", [1440, 390])
def test_each_connection_says_in_a_word_who_says_so(visit, address, width):
    visitor = visit(address, Mouse, width=width, height=844)
    visitor.search("NemID", "NemID")
    words = visitor.listed("#details .links .why")
    assert {"Stated", "Inferred"} <= set(words) <= {"Stated", "Inferred", "External", "Derived"}
    labels = visitor.at("#details .links .why").evaluate_all("all => all.map(at => at.ariaLabel)")
    for label, word in zip(labels, words, strict=True):
        assert label.startswith(f"Who says so? {word}")
    assert visitor.listed("#details .relation h3 .asks")[0] == "Who says so?"


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1100, 700), (768, 1024)])
def test_the_legend_can_be_seen_to_open_and_has_room_then(visit, address, width, height):
    visitor = visit(address, Mouse, width=width, height=height)
    summary = visitor.at("#legend > summary")
    assert summary.evaluate("at => getComputedStyle(at).borderTopWidth") == "1px", "as a button"
    assert summary.bounding_box()["y"] + 20 < height
    summary.click()
    assert visitor.at("#legend").bounding_box()["height"] > 200
    assert visitor.at("#outline tr").first.is_visible()


def test_pyvis_fills_the_window_and_its_names_can_be_read_at_once(tmp_path, browser):
    file = tmp_path / "crowd.html"
    policygraph.pyvis(crowd()).write_html(str(file))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_timeout(500)
    box = page.locator("#mynetwork").bounding_box()
    assert (box["width"], box["height"]) == (1440, 900)
    sizes = page.evaluate(
        """() => Object.values(network.body.nodes).map(node =>
          node.labelModule.fontOptions.size * network.getScale()).filter(size => size >= 11)"""
    )
    assert len(sizes) >= 15
    assert asked == [file.as_uri()]
    page.close()


def test_letters_of_kinds_can_be_read_and_names_are_whole(visit, stored):
    long = " ".join(["A name that goes on and on in the pane of details"] * 12)
    graph = nx.MultiDiGraph()
    graph.add_node("a", label="Alpha", kind="Digital infrastructure")
    graph.add_node("b", label=long, kind="Driver")
    graph.add_edge("a", "b", basis="stated", relation="is about")
    visitor = visit(stored("long", view(graph, title="Long")), Mouse)
    sizes = """() => [...document.querySelectorAll(".sign text")].map(at => {
      const { clientWidth, viewBox } = at.ownerSVGElement;
      return parseFloat(getComputedStyle(at).fontSize) * clientWidth / viewBox.baseVal.width;
    })"""
    assert min(filter(None, visitor.page.evaluate(sizes))) >= 11, "of those that can be seen"
    cut = """() => [...document.querySelectorAll("#details :is(h2, h3, .go), #outline [dir]")]
      .filter(at => at.scrollHeight > at.clientHeight + 1 && getComputedStyle(at).display !== "inline")
      .map(at => at.textContent.slice(0, 30))"""
    for name in ("Alpha", long):
        visitor.search(name[:12], name)
        assert visitor.page.evaluate(cut) == []
    visitor.search("Alpha", "Alpha")
    assert "is about →" in visitor.seen("#details .relation h3")
    visitor.search(long[:12], long)
    assert visitor.seen("#details .relation h3").startswith("… is about → this one")


def test_a_passage_begins_with_where_it_stands_and_leads_there(visit, stored):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((name, {"label": name, "kind": "Thing"}) for name in ("a", "b"))
    place = {"passages": ["The plan (char=1200,1431): “In the … year-end”"], "document": "Report"}
    graph.add_edge("a", "b", claim="https://e.org/c", basis="stated", link="https://e.org/report", **place)
    visitor = visit(stored("passage", view(graph, title="Passage")), Mouse)
    visitor.page.evaluate("() => { location.hash = explorer.address({ selected: 'https://e.org/c' }); }")
    assert visitor.seen("#details blockquote") == (
        "The plan: “In the … year-end” 231 characters, from character 1,200 of the text"
        " · Read it in the document"
    )
    link = visitor.at("#details blockquote a").get_attribute("href")
    assert link == "https://e.org/report#:~:text=In%20the,year%2Dend"


def test_the_lists_to_compare_have_the_whole_width_where_there_is_little(visit, address):
    visitor = visit(address, Mouse, width=768, height=1024)
    visitor.press("#tab-crosswalk")
    for name in ("rows", "columns"):
        visitor.page.evaluate(
            """name => {
          const pick = document.getElementById(name);
          const { font } = getComputedStyle(pick);
          const context = Object.assign(document.createElement("canvas").getContext("2d"), { font });
          globalThis.room = pick.clientWidth - context.measureText(pick.selectedOptions[0].text).width;
        }""",
            name,
        )
        assert visitor.page.evaluate("() => room") > 20, "pixels beside the text, for the arrow"


def test_what_was_dragged_elsewhere_stays_there(visit, address):
    visitor = visit(address)
    nemid = "https://w3id.org/policygraph/id/dk/initiative/nemid"
    change = {"picture": "network", "moved": {nemid: [3000, 3000]}, "selected": nemid}
    visitor.page.evaluate("change => { location.hash = explorer.address(change); }", change)
    visitor.wait("() => explorer.picture() === 'network'")
    visitor.press("#details [data-action=isolate]")
    visitor.wait("() => explorer.picture() === 'around'")
    assert visitor.state()["moved"] == {}
