"""The map as a browser draws it, in pixels after zoom: nothing is cut, covered or pierced."""

from __future__ import annotations

import networkx as nx
import pytest
from checkout import SHIPPED
from networks import explore, policy_network
from visitors import Keyboard, Mouse, data, faults

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.page import view
from policygraph.rdf.namespaces import word

pytest_plugins = ["visits"]

NEMID = "https://w3id.org/policygraph/id/dk/initiative/nemid"

# What is wrong in the drawing, in a word each and where.
WRONG = """() => {
  const map = document.getElementById("map");
  const box = at => at.getBoundingClientRect();
  const inside = (a, b) =>
    a.left > b.left - 1 && a.right < b.right + 1 && a.top > b.top - 1 && a.bottom < b.bottom + 1;
  const over = (a, b) =>
    a.left + 0.5 < b.right && b.left + 0.5 < a.right && a.top + 0.5 < b.bottom && b.top + 0.5 < a.bottom;
  const seen = at => at.checkVisibility({ checkVisibilityCSS: true });
  const edge = card => box(card.querySelector("rect"));
  const cards = [...map.querySelectorAll(".card")].filter(seen);
  const plain = cards.filter(card => !card.classList.contains("frame"));
  const found = [];
  for (const card of cards) {
    for (const text of card.querySelectorAll("tspan, text:not(:has(tspan))")) {
      const said = text.textContent;
      if (said && !inside(box(text), edge(card))) found.push(`outside: ${said}`);
    }
  }
  plain.forEach((one, number) => plain.slice(0, number).forEach(other => {
    if (over(edge(one), edge(other))) found.push(`over: ${one.dataset.card} ${other.dataset.card}`);
  }));
  const whole = box(map);
  const scale = whole.width / map.viewBox.baseVal.width;
  for (const line of [...map.querySelectorAll(".line")].filter(seen)) {
    const path = line.querySelector("path");
    const length = path.getTotalLength();
    for (let at = 2; at < length - 2; at += 3) {
      const { x, y } = path.getPointAtLength(at);
      const [a, b] = [whole.left + x * scale, whole.top + y * scale];
      for (const card of plain) {
        const { left, right, top, bottom } = edge(card);
        const within = a > left + 1.5 && a < right - 1.5 && b > top + 1.5 && b < bottom - 1.5;
        if (within) found.push(`through: ${line.dataset.ends} ${card.dataset.card}`);
      }
    }
  }
  for (const text of map.querySelectorAll("text")) {
    const size = parseFloat(getComputedStyle(text).fontSize) * scale;
    if (seen(text) && size < 10.99) found.push(`small: ${text.textContent}`);
  }
  return [...new Set(found)];
}"""
IN_WINDOW = """selector => {
  const view = document.getElementById("map-box").getBoundingClientRect();
  return [...document.querySelectorAll(selector)].filter(at => {
    const { left, right, top, bottom } = at.getBoundingClientRect();
    const within = left >= view.left && right <= view.right && top >= view.top && bottom <= view.bottom;
    return within && bottom > top && getComputedStyle(at).display !== "none";
  }).length;
}"""


def foreign() -> nx.MultiDiGraph:
    """A network of somebody else: kinds, but no layers, levels or lists."""
    graph = policy_network()
    for _, facts in graph.nodes(data=True):
        for name in ("layer", "scheme", "notation"):
            facts.pop(name, None)
    return graph


@pytest.fixture(scope="module")
def pages(stored, catalog, store, address):
    """Pages by what they show."""

    def address_of(what: str) -> str:
        if what == "denmark":
            return address
        if what == "danish":
            return stored("map-da", explore(catalog, store, language="da"))
        if what == "shipped":
            return stored("map-shipped", view(network(Catalog(SHIPPED))))
        if what == "foreign":
            return stored("map-foreign", view(foreign(), title="Without lanes"))
        return stored("map-made-up", view(policy_network(), title="Plans"))

    return address_of


@pytest.mark.parametrize(
    ("what", "width", "height"),
    [
        ("denmark", 1440, 900),
        ("made-up", 1280, 720),
        *(
            pytest.param(what, *size, marks=pytest.mark.full)
            for what in ("denmark", "danish", "made-up", "shipped", "foreign")
            for size in ((1280, 720), (1440, 900), (1920, 1080))
            if (what, size) not in (("denmark", (1440, 900)), ("made-up", (1280, 720)))
        ),
    ],
)
def test_nothing_is_cut_covered_pierced_or_too_small(what, width, height, visit, pages):
    visitor = visit(pages(what), width=width, height=height)
    assert visitor.page.evaluate(WRONG) == []


def test_the_first_picture_shows_headings_plans_lists_and_lines(visit, address, denmark):
    visitor = visit(address)
    names = dict(denmark.nodes(data="kind"))
    listed = {node for node, scheme in denmark.nodes(data="scheme") if word(scheme or "").endswith("-areas")}
    plans = {node for node, kind in names.items() if kind == "Plan"}
    assert (len(listed), len(plans)) == (15, 10)
    ids = {each["iri"]: each["id"] for each in visitor.page.evaluate("() => explorer.model.doc.nodes")}
    for node in listed | plans:
        assert visitor.page.evaluate(IN_WINDOW, f"#map [data-card='{ids[node]}'] > rect"), names[node]
    assert visitor.page.evaluate(IN_WINDOW, "#map .heads text") == 6
    assert visitor.page.evaluate(IN_WINDOW, "#map .card:not(.frame) > rect") >= 50
    assert visitor.page.evaluate(IN_WINDOW, "#map .line.rest") >= 30
    counted = visitor.seen("#map-note")
    assert sum(int(part) for part in counted.replace(",", "").split() if part.isdecimal()) == denmark.size()


def test_headings_stay_in_sight_where_the_lanes_scroll(visit, address):
    visitor = visit(address, width=1280, height=720)
    box = "document.getElementById('map-box')"
    assert visitor.page.evaluate(f"() => {box}.scrollHeight > {box}.clientHeight + 50")
    visitor.page.evaluate(f"() => {{ {box}.scrollTop = 100; }}")
    visitor.page.wait_for_timeout(100)
    assert visitor.page.evaluate(IN_WINDOW, "#map .heads text") >= 5


def test_selection_lights_the_neighbours_and_names_their_relations(visit, address, denmark):
    visitor = visit(address, Mouse)
    visitor.page.mouse.click(*visitor.spot(NEMID))
    assert visitor.seen("#details h2") == "NemID"
    ids = {each["id"]: each["iri"] for each in visitor.page.evaluate("() => explorer.model.doc.nodes")}
    lit = visitor.page.evaluate(
        "() => [...document.querySelectorAll('#map .card.lit')].flatMap(at => at.dataset.things.split(' '))"
    )
    around = {NEMID, *denmark.successors(NEMID), *denmark.predecessors(NEMID)}
    assert around <= {ids[each] for each in lit if each}
    tabs = visitor.page.evaluate(
        "() => [...document.querySelectorAll('#map .tab')].map(at => at.textContent)"
    )
    assert tabs.count("exemplifies") == 3
    assert visitor.page.evaluate(WRONG) == []
    row = f"#map .card{data('card', next(key for key, iri in ids.items() if iri == NEMID))}"
    assert visitor.at(row).get_attribute("aria-pressed") == "true"


def test_the_arrow_keys_walk_from_card_to_card(visit, address):
    visitor = visit(address, Keyboard)
    visitor.reach("#map .card[tabindex='0']")
    here = "() => document.activeElement.getBoundingClientRect().x"
    before = visitor.page.evaluate(here)
    visitor.key("ArrowRight")
    assert visitor.page.evaluate(here) > before
    label = visitor.page.evaluate("() => document.activeElement.getAttribute('aria-label')")
    assert "connection" in label
    visitor.key("Enter")
    assert visitor.seen("#details h2") in label
    assert faults(visitor) == []


def test_on_a_small_screen_the_lanes_are_an_accordion(visit, address):
    visitor = visit(address, width=390, height=844)
    assert len(visitor.listed("#lanes summary")) == 6
    visitor.page.locator("#lanes summary").nth(3).click()
    assert "M1 Focus on impacts, results and mutual learning" in visitor.listed("#lanes .thing")
    sizes = visitor.page.evaluate(
        "() => [...document.querySelectorAll('#lanes .thing, #lanes summary')]"
        ".filter(at => at.checkVisibility()).map(at => at.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 24
    assert faults(visitor) == []


def test_pictures_have_names_fit_the_window_and_can_be_undone(visit, address):
    visitor = visit(address)
    box = visitor.at("#stage").bounding_box()
    for name in ("Network", "Around the selected thing", "Groups"):
        visitor.choose("#layout", name)
        visitor.press("#fit")
        places = visitor.page.evaluate("""() => {
          const picture = explorer.frames();
          return Object.values(picture.getPositions()).map(at => picture.canvasToDOM(at));
        }""")
        assert all(0 <= at["x"] <= box["width"] and 0 <= at["y"] <= box["height"] for at in places)
        visitor.page.wait_for_timeout(300)
        assert places == visitor.page.evaluate("""() => {
          const picture = explorer.frames();
          return Object.values(picture.getPositions()).map(at => picture.canvasToDOM(at));
        }""")
    for _ in range(3):
        visitor.undo()
    assert visitor.at("#map").is_visible()
    visitor.press("#zoom-in")
    visitor.press("#zoom-in")
    visitor.press("#fit")
    assert visitor.page.evaluate(IN_WINDOW, "#map") == 1


def test_what_the_filter_hides_leaves_the_map(visit, address):
    visitor = visit(address)
    visitor.press("#stated-only")
    bases = visitor.page.evaluate(
        """() => [...document.querySelectorAll("#map .line.rest:not(.off)")]
          .map(at => at.dataset.edges.split(" ").map(n => explorer.model.doc.edges[n].basis))"""
    )
    assert bases
    assert all(0 in each for each in bases)
