"""The page fits every screen and every reader, runs only its own script, and works within a notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from visitors import Keyboard, Mouse, data, faults

from policygraph.explorer.page import page

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

NEMID = "https://w3id.org/policygraph/id/dk/initiative/nemid"
SIZES = {320: 640, 768: 1024, 1440: 900}

SHOWN = """() => [...document.querySelectorAll("h1, h2, h3, p, a, button, input, select, summary")].filter(
each => {
  const { width, height } = each.getBoundingClientRect();
  return each.checkVisibility({ checkVisibilityCSS: true }) && width && height && !each.closest(".unseen");
})"""
# What is cut off at a side of the window; what scrolls sideways in its own box may be.
CUT = f"""() => ({SHOWN})().filter(each => {{
  const {{ left, right }} = each.getBoundingClientRect();
  return !each.closest(".scroll") && (left < -1 || right > innerWidth + 1);
}}).map(each => `${{each.tagName}}#${{each.id}} ${{each.textContent.slice(0, 40)}}`)"""
# What belongs above everything and lies under something else.
COVERED = f"""() => document.querySelector("dialog[open]") ? [] : ({SHOWN})().filter(each => {{
  const {{ left, top, width, height }} = each.getBoundingClientRect();
  const above = document.elementFromPoint(left + width / 2, top + height / 2);
  const inPage = each.closest("body > header, #panes, #views");
  return inPage && !each.contains(above) && !above?.closest("#export-menu");
}}).map(each => `${{each.tagName}}#${{each.id}}`)"""


def document_of(address: str) -> dict:
    """What a page that was written is made of."""
    text = Path(url2pathname(urlsplit(address).path)).read_text(encoding="utf-8")
    return json.loads(re.search(r"<script[^>]* id=\"?document\"?[^>]*>(.*?)</script>", text, re.DOTALL)[1])


def fits(visitor) -> None:
    """Nothing runs out of the window, nothing lies over the header, and axe-core finds nothing."""
    wide = visitor.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], wide
    assert visitor.page.evaluate(CUT) == []
    assert visitor.page.evaluate(COVERED) == []


@pytest.mark.parametrize("width", SIZES)
def test_every_view_fits_the_window(width, visit, address):
    scheme = "dark" if width == 768 else "light"
    visitor = visit(address, width=width, height=SIZES[width], color_scheme=scheme)
    small = width <= 700

    def sound():
        """So far as axe tells; in a wide window it looks in test_explorer_tasks.py, at light colours too.

        A scheme gives colours and nothing else, the width what scrolls and, where it is small, the panes.
        """
        if width == 768:
            assert faults(visitor, only="color-contrast scrollable-region-focusable") == []
        assert not small or faults(visitor, colours=False) == []

    fits(visitor)
    visitor.search("NemID", "NemID")
    assert visitor.seen("#details h2") == "NemID"
    fits(visitor)
    visitor.press("#details [data-action=expand]")
    fits(visitor)
    visitor.press("#details .why")
    assert visitor.seen("#details h2") == "Who says so?"
    fits(visitor)
    sound()
    if small:
        visitor.press("#pane-picture")
        assert visitor.at("#lanes").bounding_box()["height"] > 250
    for tab in ("paths", "timeline", "crosswalk"):
        visitor.press(f"#tab-{tab}")
        fits(visitor)
        sound()
    if small:
        visitor.press("#pane-outline")
        visitor.open("Plan")
        assert visitor.listed("#outline tr[data-node]")
        fits(visitor)
        sound()
    visitor.press("#export")
    assert len(visitor.listed("#export-menu [data-format]")) == 4
    fits(visitor)
    visitor.page.keyboard.press("Escape")
    visitor.press("#help")
    assert visitor.at("#keys").is_visible()
    fits(visitor)
    sound()


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_long_title_leaves_room_for_the_status(language, visit, stored, address, danish):
    title = (
        "Denmark: plans for a modern and digital public sector · Norway: plans for a digital public sector"
    )
    document = document_of(danish if language == "da" else address)
    visitor = visit(stored(language, page(document | {"title": title})))
    assert visitor.seen("h1") == title
    visitor.press("#evidence [data-evidence=said]")
    visitor.press("#outline input[data-kind]")
    assert re.fullmatch(r"\d+ \w+ (and|og) \d+ \w+; \d+ \w+ (and|og) \d+ .*", visitor.status)
    for width in (1440, 1280, 1100, 1000, 768, 390, 320):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        cut = visitor.page.evaluate(
            """() => [...document.querySelectorAll("h1, #status")]
              .filter(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1)
              .map(({ id }) => id)"""
        )
        assert cut == [], width
        fits(visitor)


def test_dark_is_dark_and_light_is_light_and_it_changes_while_one_looks(visit, address):
    visitor = visit(address, color_scheme="light")
    ground = """() => {
        const copy = document.createElement("canvas");
      [copy.width, copy.height] = [40, 40];
      const context = copy.getContext("2d");
      context.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
      context.fillRect(0, 0, 40, 40);
      return [...context.getImageData(1, 1, 1, 1).data].slice(0, 3).reduce((sum, each) => sum + each) / 3;
    }"""
    light = visitor.page.evaluate(ground)
    visitor.page.emulate_media(color_scheme="dark")
    dark = visitor.page.evaluate(ground)
    assert (light > 240, dark < 60) == (True, True)
    field = "at => getComputedStyle(at, '::placeholder').color"
    soft = visitor.at("#status").evaluate("at => getComputedStyle(at).color")
    assert visitor.at("#search").evaluate(field) == soft
    visitor.choose("#layout", "Network")
    visitor.page.emulate_media(media="print", color_scheme="dark")
    assert visitor.page.evaluate(ground) > 240, "paper is light"
    exact = "() => getComputedStyle(document.querySelector('#canvas')).printColorAdjust"
    assert visitor.page.evaluate(exact) == "exact"
    foot, canvas = (visitor.at(each).bounding_box() for each in ("#canvas-foot", "#canvas canvas"))
    assert foot["y"] >= canvas["y"] + canvas["height"] > canvas["y"] + 300


def test_the_tab_key_goes_through_the_page_in_the_order_that_one_reads(visit, address):
    visitor = visit(address, Keyboard)
    visitor.search("NemID", "NemID")
    visitor.focus("#search")
    visitor.page.evaluate("() => { document.getElementById('search').dataset.reached = 'yes'; }")
    regions = ["header"]
    for _ in range(300):
        visitor.key("Tab")
        at = visitor.page.evaluate("""() => {
          const at = document.activeElement;
          if (!at || at === document.body) return null;
          at.dataset.reached = "yes";
          return at.closest("body > header, #side, #middle, #aside")?.id || "header";
        }""")
        if at is None:
            break
        regions += [at] if regions[-1] != at else []
    assert regions[:4] == ["header", "side", "middle", "aside"]
    missed = visitor.page.evaluate(f"""() => ({SHOWN})()
      .filter(each => each.matches("a, button, input, select, summary") && !each.dataset.reached)
      .filter(each => !each.disabled && each.tabIndex >= 0 && each.id !== "skip")
      .map(each => `${{each.tagName}}#${{each.id}} ${{each.textContent.slice(0, 30)}}`)""")
    assert missed == []


def test_f6_goes_from_pane_to_pane_and_question_mark_shows_the_keys(visit, address):
    visitor = visit(address, Keyboard)
    visitor.focus("#search")
    where = "() => document.activeElement.closest('body > header, #side, #middle, #aside').id || 'header'"
    panes = []
    for _ in range(4):
        visitor.key("F6")
        panes.append(visitor.page.evaluate(where))
    assert panes == ["side", "middle", "aside", "header"]
    for tab in ("table", "timeline", "paths", "crosswalk"):  # where there are no questions at the side
        visitor.at(f"#tab-{tab}").click()
        visitor.at("#search").focus()
        panes = []
        for _ in range(3):
            visitor.key("F6")
            panes.append(visitor.page.evaluate(where))
        assert panes == ["side", "middle", "header"], tab
    visitor.at("#tab-picture").click()
    visitor.at("#share").focus()
    visitor.key("?")
    assert visitor.at("#keys").is_visible()
    assert faults(visitor) == []
    visitor.key("Escape")
    assert not visitor.at("#keys").is_visible()
    visitor.key("/")
    assert visitor.page.evaluate("() => document.activeElement.id") == "search"


def test_the_picture_is_worked_by_mouse_too(visit, address, denmark):
    visitor = visit(address, Mouse)
    visitor.choose("#layout", "Network")
    visitor.press("#show-all")
    x, y = visitor.spot(NEMID)
    visitor.page.mouse.click(x, y)
    assert visitor.seen("#details h2") == "NemID"
    visitor.page.mouse.dblclick(x, y)
    assert visitor.seen("#expand h3") == "Its relations"
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x + 30, y - 40, steps=4)
    visitor.page.mouse.up()
    visitor.wait("iri => iri in explorer.state().moved", NEMID)
    moved = visitor.spot(NEMID)
    assert (round(moved[0] - x), round(moved[1] - y)) == pytest.approx((30, -40), abs=2)
    visitor.undo()
    visitor.wait("iri => !(iri in explorer.state().moved)", NEMID)
    assert visitor.spot(NEMID) == pytest.approx((x, y), abs=1)
    visitor.press("#redo")
    visitor.wait("iri => iri in explorer.state().moved", NEMID)


def test_a_line_in_the_picture_opens_who_says_so(visit, address, denmark):
    visitor = visit(address, Mouse)
    visitor.search("NemID", "NemID")
    visitor.press("#details [data-action=isolate]")
    x, y, edge = visitor.page.evaluate("""() => {
      const picture = explorer.frames();
      const box = document.getElementById("canvas").getBoundingClientRect();
      for (const id of picture.body.edgeIndices) {
        const at = picture.canvasToDOM(picture.body.edges[id].edgeType.getPoint(0.5));
        if (picture.getNodeAt(at) !== undefined || picture.getEdgeAt(at) !== id) continue;
        return [box.x + at.x, box.y + at.y, id];
      }
    }""")
    visitor.page.mouse.click(x, y)
    assert visitor.seen("#details h2") == "Who says so?"
    claim = visitor.page.evaluate("id => explorer.model.edge(id).claim", edge)
    assert visitor.state()["selected"] == claim


def test_expanding_adds_what_is_asked_for_and_no_more(visit, address, denmark):
    visitor = visit(address, Keyboard)  # test_explorer_counts.py adds by mouse
    visitor.press("#clear")
    visitor.wait("() => explorer.counts().nodes === 0")
    assert visitor.at("#canvas-empty").is_visible()
    assert visitor.at("#outline-empty").is_visible()
    visitor.search("NemID", "NemID")
    assert visitor.counts() == (1, 0)
    visitor.press("#details [data-action=expand]")
    out = [
        other for _, other, relation in denmark.out_edges(NEMID, data="relation") if relation == "exemplifies"
    ]
    row = "#expand tr:has(th[title='exemplifies → 3'])"
    assert len(out) == 3
    assert visitor.seen(f"{row} [data-add]") == "Add 3"
    visitor.press(f"{row} [data-add]")
    visitor.wait("() => explorer.counts().nodes === 4")
    around = {*denmark.predecessors(NEMID), *denmark.successors(NEMID)}
    visitor.press("#add-all")
    visitor.wait("many => explorer.counts().nodes === many", len(around) + 1)
    assert visitor.counts()[0] == len(around) + 1


def test_no_motion_for_those_who_ask_for_none(visit, address):
    visitor = visit(address, reduced_motion="reduce")
    visitor.choose("#layout", "Network")
    visitor.press("#show-all")
    visitor.page.evaluate(
        "() => explorer.frames().moveTo({ position: { x: 9999, y: 9999 }, animation: false })"
    )
    visitor.search("NemID", "NemID")
    x, y = visitor.spot(NEMID)
    box = visitor.at("#canvas").bounding_box()
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    assert visitor.page.evaluate("() => document.getAnimations().length") == 0
    before = visitor.positions()
    visitor.choose("#layout", "Around a thing")
    after = visitor.positions()
    assert after != before
    visitor.page.wait_for_timeout(200)
    assert visitor.positions() == after
    visitor.undo()
    assert visitor.positions() == before


def test_only_the_page_s_own_script_runs(visit, address, browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    assert refused == []
    ran = page.evaluate("""async () => {
      const script = document.createElement("script");
      script.textContent = "document.body.dataset.broken = 'script'";
      document.body.append(script);
      const button = document.createElement("button");
      button.setAttribute("onclick", "document.body.dataset.broken = 'handler'");
      document.body.append(button);
      button.click();
      const style = document.createElement("style");
      style.textContent = "body { display: none }";
      document.head.append(style);
      const image = new Image();
      const loaded = new Promise(done => {
        image.onload = () => done("image");
        image.onerror = () => done("");
      });
      image.src = "https://example.org/pixel.png";
      const sent = await fetch("https://example.org/").then(() => "fetch", () => "");
      const frame = document.createElement("iframe");
      frame.src = "https://example.org/";
      document.body.append(frame);
      const made = await new Promise(done => setTimeout(() => {
        try { done(new Function("return 'eval'")()); } catch { done(""); }
      }));
      const hidden = getComputedStyle(document.body).display === "none";
      return [document.body.dataset.broken || "", hidden, await loaded, sent, made];
    }""")
    context.close()
    assert ran == ["", False, "", "", ""]
    assert len([text for text in refused if "Content Security Policy" in text]) >= 5


def test_the_page_works_in_the_frame_of_a_notebook(visit, stored, address, denmark):
    shown = page(document_of(address))._repr_html_()
    outer = stored("notebook", f"<!doctype html><meta charset=utf-8><title>Notebook</title>{shown}")
    visitor = visit(outer, ready="iframe")
    frame = visitor.page.frames[1]
    frame.wait_for_selector("body[data-ready=yes][data-drawn=yes]", timeout=60_000)  # as any page has
    assert frame.evaluate("() => explorer.counts().nodes") == len(denmark)
    frame.locator("#search").fill("nemid")
    frame.locator(f"#found {data('node', NEMID)}").click()
    assert frame.locator("#details h2").inner_text() == "NemID"
    frame.locator("#evidence [data-evidence=said]").click()
    frame.wait_for_function(
        "() => explorer.counts().edges === explorer.model.doc.edges.filter(each => !each.evidence).length"
    )
    assert not frame.locator("#share").is_visible()  # such a frame has no address
    frame.locator("#undo").click()
    frame.wait_for_function("many => explorer.counts().edges === many", arg=denmark.size())
    with visitor.page.expect_download() as download:
        frame.locator("#export").click()
        frame.locator("[data-format=graphml]").click()
    assert download.value.suggested_filename.endswith(".graphml")


def test_the_page_speaks_danish(visit, danish, denmark):
    visitor = visit(danish)
    assert visitor.status == f"{len(denmark)} ting og {denmark.size()} forbindelser"
    assert visitor.page.evaluate("() => document.documentElement.lang") == "da"
    visitor.focus("#search")
    visitor.page.keyboard.type("Central-government")
    assert "Statsligt niveau" in visitor.seen("#found")
    assert faults(visitor) == []


def test_the_table_sorts_and_shows_what_the_picture_does(visit, address, denmark):
    visitor = visit(address, Keyboard)
    visitor.press("#tab-table")
    table = "#table .scroll:not([hidden])"
    rows, head = f"{table} tbody tr", f"{table} th:nth-child(4)"
    assert len(visitor.listed(rows)) == denmark.size()
    for way in ("ascending", "descending"):
        visitor.press(f"{head} button")
        assert visitor.at(head).get_attribute("aria-sort") == way
        bases = visitor.listed(f"{table} td:nth-child(4)")
        assert bases == sorted(bases, reverse=way == "descending")
    again = visit(visitor.page.url, Keyboard)
    assert again.at(head).get_attribute("aria-sort") == "descending"
    assert again.listed(f"{table} td:nth-child(4)") == bases, "the address keeps the order"
    visitor.press("#evidence [data-evidence=said]")
    assert 0 < len(visitor.listed(rows)) == visitor.at_level(0)[1] < denmark.size()
    visitor.press("#evidence [data-evidence=weak]")
    visitor.search("NemID", "NemID")
    assert len(visitor.listed(rows)) == denmark.degree(NEMID)
    visitor.press(f"{rows}:not([hidden]) button")
    assert visitor.seen("#details h2") == "Who says so?"
    assert len(visitor.listed("#table tr.chosen")) == 1
    assert faults(visitor) == []


def test_search_says_how_many_it_found_of_which_twelve_are_listed(visit, address):
    visitor = visit(address)
    visitor.at("#search").fill("digital")
    some, many = map(int, re.fullmatch(r"(\d+) of (\d+) found", visitor.status).groups())
    assert some == len(visitor.listed("#found li")) == 12
    assert many >= visitor.page.evaluate(
        "() => explorer.model.doc.nodes.filter(({ name }) => /\\bdigital/i.test(name)).length"
    )


def test_a_list_that_drops_down_keeps_no_undo_to_itself(visit, address):
    visitor = visit(address)
    visitor.choose("#layout", "Network")
    visitor.at("#layout").focus()
    visitor.page.keyboard.press("Control+z")
    visitor.wait("() => explorer.picture() === 'map'")
