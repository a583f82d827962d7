"""A story as people meet it: played by keys, as a list without scripts, printed, in the frames of others."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

import pytest
from visitors import Keyboard, faults

import policygraph as pg
from policygraph.catalog.catalog import Catalog
from policygraph.site.rendering import FRAMED_ANYWHERE
from policygraph.site.site import Site

pytestmark = pytest.mark.full

pytest_plugins = ["browser", "serving"]

ADDRESS, OTHERS = "http://stories.example", "http://others.example"
PAGE, FRAME = "/story/eight-areas.html", "/embed/story/eight-areas/no-plan.html"
LISTENS = f"""<!doctype html><title>Another's</title>
<iframe sandbox="allow-scripts" width="700" src="{ADDRESS}{FRAME}"></iframe>
<script>addEventListener("message", ({{ data, source }}) => {{
  if (data?.from !== "policygraph") return;
  for (const frame of document.querySelectorAll("iframe")) {{
    if (frame.contentWindow === source) frame.height = data.height;
  }}
}});</script>"""


@pytest.fixture(scope="module")
def site(catalog, store):
    return Site(catalog, store, address=f"{ADDRESS}/")


@pytest.fixture
def visit(browser, site):
    """Opens a page of a site with a story; fails for an error on the console."""
    contexts, wrong = [], []

    def answer(route):
        if route.request.url.startswith(OTHERS):
            return route.fulfill(body=LISTENS, content_type="text/html")
        page = site.page(urlsplit(route.request.url).path)
        headers = {"content-security-policy": page.policy, "access-control-allow-origin": "*"}
        return route.fulfill(body=page.body, content_type=page.media, headers=headers)

    def start(path=PAGE, **options):
        context = browser.new_context(base_url=ADDRESS, **options)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", answer)
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path)
        return page

    yield start
    for context in contexts:
        context.close()
    assert wrong == []


def seen(page):
    """The steps that are seen."""
    return [step.get_attribute("id") for step in page.locator(".step").all() if step.is_visible()]


def test_keys_turn_the_steps_and_the_address_follows(visit):
    page = visit()
    visitor = Keyboard(page)
    assert seen(page) == ["no-plan"]
    assert page.locator(".play [role=status]").inner_text() == "Step 1 of 3"
    visitor.key("ArrowRight")
    assert (seen(page), urlsplit(page.url).fragment) == (["time"], "time")
    assert page.get_attribute(".tongues a", "href").endswith(".da.html#time")
    visitor.key("ArrowRight", 5)
    assert seen(page) == ["map"]
    assert page.locator("a.next", has_text="map").get_attribute("href") == "../explore.html"
    visitor.key("ArrowLeft", 2)
    assert seen(page) == ["no-plan"]
    page.get_by_role("button", name="All steps").click()
    assert seen(page) == ["no-plan", "time", "map"]
    assert seen(visit(f"{PAGE}#time")) == ["time"]


def test_without_a_script_it_is_a_list_of_steps(visit):
    page = visit(java_script_enabled=False)
    assert seen(page) == ["no-plan", "time", "map"]
    assert not page.locator(".play").is_visible()
    rows = page.locator("#no-plan .rows li").all_text_contents()
    assert len(rows) == 10
    assert sum(each.endswith("(read)") for each in rows) == 4


def test_printed_each_step_is_a_page(visit):
    sheets = visit().pdf(prefer_css_page_size=True)
    assert (sheets.count(b"/Type /Page\n"), b"[0 0 792 612]" in sheets) == (3, True), "landscape"
    page = visit("/query/timeline.html")
    assert b"[0 0 612 792]" in page.pdf(prefer_css_page_size=True), "all other pages are upright"
    page.emulate_media(media="print")
    assert not page.locator("form.parameters").is_visible()


def test_nothing_is_wrong_by_axe(visit):
    # At the page that begins with it, test_pages.py looks.
    # Colours do not depend on the language, nothing else on the scheme.
    assert faults(Keyboard(visit("/story/eight-areas.da.html")), colours=False) == []
    for path in (PAGE, FRAME):
        page = visit(path, color_scheme="light")
        assert faults(Keyboard(page)) == [], path
        page.emulate_media(color_scheme="dark")
        assert faults(Keyboard(page), only="color-contrast") == [], path


def test_it_fits_every_screen(visit):
    for path in (PAGE, FRAME, "/index.html"):
        page = visit(path)
        for width in (1440, 1280, 768, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            heading = page.locator(".step h1, .step h2").first
            small = heading.evaluate("each => getComputedStyle(each).position") != "absolute"
            assert small == (width < 640), "the sentence stands where the picture's is too small"


def test_another_page_learns_how_high_its_frame_has_to_be(visit, site):
    page = visit(OTHERS)
    page.wait_for_function("+document.querySelector('iframe').height > 300")
    frame = page.frames[1]
    assert frame.locator("h1").text_content().startswith("Denmark named eight areas")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    assert site.page(FRAME).policy == FRAMED_ANYWHERE
    assert site.page(PAGE).policy.endswith("frame-ancestors 'self'")
    assert frame.locator("a").first.get_attribute("href") == f"{ADDRESS}{PAGE}#no-plan"


def test_the_snippet_and_its_description_are_of_this_step(visit, site):
    page = visit()
    snippet = page.locator("#no-plan .embed code").text_content()
    assert snippet.startswith(f'<iframe src="{ADDRESS}{FRAME}" title="Denmark named eight areas')
    described = page.locator("link[type='application/json+oembed']").get_attribute("href")
    assert described == f"{ADDRESS}/embed/story/eight-areas/no-plan.json"
    about = json.loads(site.page(urlsplit(described).path).body)
    assert (about["version"], about["type"], about["html"]) == ("1.0", "rich", snippet)
    picture = page.locator("#no-plan a[download]").get_attribute("href")
    assert picture == "../embed/story/eight-areas/no-plan.svg"
    drawn = site.page(picture[2:])
    assert drawn.media == "image/svg+xml"
    assert b"<script" not in drawn.body


def test_a_sentence_that_no_longer_holds_says_so_and_takes_a_message(visit, catalog, tmp_path):
    for each in ("data", "ontology", "queries"):
        (tmp_path / each).symlink_to(catalog.root / each)
    settings = (catalog.root / "catalog.toml").read_text(encoding="utf-8")
    (tmp_path / "catalog.toml").write_text(f'{settings}\n[site]\ncorrections = "mailto:data@example.org"\n')
    (tmp_path / "stories").mkdir()
    text = (catalog.root / "stories" / "eight-areas.toml").read_text(encoding="utf-8")
    (tmp_path / "stories" / "eight-areas.toml").write_text(
        text.replace("rows = 6", "rows = 5"), encoding="utf-8"
    )
    other = Catalog(tmp_path)
    page = Site(other, other.load(), address=f"{ADDRESS}/").page(PAGE).body.decode()
    assert page.count("areas-without-plan has 6 rows, not 5.") == 1
    (link,) = re.findall(r'<a href="(mailto:[^"]*)">This is wrong</a>', page.partition('id="time"')[0])
    message = unquote(link)
    assert f"{ADDRESS}{PAGE}#no-plan" in message
    assert message.count("/claim/") == 4


def test_pages_tell_previews_what_they_are(site, catalog, store):
    head = site.page("/doc/dk/initiative/nemid.da.html").body.decode().partition("</head>")[0]
    assert '<meta property="og:title" content="NemID">' in head
    assert '<meta property="og:description" content="' in head
    assert ("og:image" in head) == (find_spec("resvg_py") is not None)
    pytest.importorskip("resvg_py")
    assert f'content="{ADDRESS}/embed/story/eight-areas/no-plan.da.png"' in head
    image = site.page("/embed/story/eight-areas/no-plan.da.png").body
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert [int.from_bytes(image[at : at + 4]) for at in (16, 20)] == [1200, 630]
    unknown = Site(catalog, store, live=False, address="http://localhost/")
    assert b"og:image" not in unknown.page("/index.html").body


def test_the_explorer_opens_on_the_story_and_then_on_the_map(browser, denmark, tmp_path):
    path = tmp_path / "view.html"
    path.write_text(pg.view(denmark, story="eight-areas"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    assert seen(page) == ["step-no-plan"]
    assert not page.locator("#app").is_visible()
    page.keyboard.press("ArrowRight")
    assert seen(page) == ["step-time"]
    page.get_by_role("button", name="To the map").click()
    assert page.locator("#map").is_visible()
    assert seen(page) == []
    assert page.evaluate("() => Boolean(document.activeElement.closest('#map'))"), "the focus is there too"
    shared = page.evaluate("() => explorer.address({ evidence: 'said' })")
    page.goto("about:blank")
    page.goto(f"{path.as_uri()}#{shared}")
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#map").is_visible(), "an address of one's own opens what it names"
    assert not page.locator("#story").count()
    page.close()


def test_the_server_lets_others_frame_a_step_and_no_other_page(served):
    others = {FRAME: "*", FRAME.replace(".html", ".svg"): "*", PAGE: "'self'"}
    for path, framing in others.items():
        reply = served.ask(address=path)
        policy = reply.headers["content-security-policy"]
        assert (reply.status, policy.rpartition("; ")[2]) == (200, f"frame-ancestors {framing}")
