"""Pages as people meet them: valid, usable by everyone, by keyboard, without JavaScript, asking nobody else.

One of each kind of page in two languages, from a live site and of those that are published.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import loopback
import pytest
from checkout import SHIPPED
from tools import FOR_SHORT_RUNS, missing
from visitors import Keyboard, faults

from policygraph.catalog.catalog import Catalog
from policygraph.site.publish import publish
from policygraph.site.site import Site

pytestmark = pytest.mark.full

pytest_plugins = ["browser"]

JAR = Path(__file__).parents[1] / "interop/clients/node_modules/vnu-jar/build/dist/vnu.jar"
# A claim of NemID's, by what it says; the name of a claim tells nothing.
CLAIM = "/doc/" + re.search(
    r"""<id/(dk/claim/\w+)> a pg:Claim ;
  rdf:subject <id/dk/initiative/nemid> ;
  rdf:predicate pg:operatedBy ;
  rdf:object <id/dk/organisation/nets-danid> ;""",
    (SHIPPED / "data" / "denmark.ttl").read_text(encoding="utf-8"),
).group(1)
STEMS = (
    *("/index", "/query", "/things", "/data/denmark", "/source/opsi-denmark", "/concept/basis"),
    # A table, a graph, a timeline, triples.
    *("/query/targets", "/query/neighbourhood", "/query/timeline", "/query/plan-intervals"),
    *("/doc/dk/initiative/nemid", CLAIM, "/concept/basis/stated", "/catalog", "/ontology", "/search"),
    *("/crosswalk", "/sparql", "/explore"),
)
# Where a site that is files shows something else than a live one.
OTHERWISE = (
    *("/404", "/index", "/names", "/query/targets", "/query/neighbourhood", "/query/network"),
    *("/doc/dk/initiative/nemid", "/search"),
)
LOADED, LOST = (".css", ".js", "logo.svg"), {"/404.html": "en", "/404.da.html": "da"}
KINDS = tuple(stem + ending for stem in STEMS for ending in (".html", ".da.html"))
ASKED = {
    "/search-found.html": ("/search.html", {"q": ["digital"]}),
    "/search-nothing.html": ("/search.da.html", {"q": ["zzzzzz"]}),
    "/query/asked.html": ("/query/plans-in-force.html", {"year": ["2012"]}),
    "/query/refused.html": ("/query/plans-in-force.da.html", {"year": ["soon"]}),
    "/crosswalk-refused.html": ("/crosswalk.html", {"rows": ["<b>"]}),
}
# The checker knows neither where a page will be, which its policy calls self, nor hashes, nor that a script
# may hold the bare signs that vis-network's does. All else that it says counts, be it an error or a warning.
# The last is of SVG 2, which every browser has.
UNKNOWING = ("violates Content Security Policy", "Unicode Normalization Form C", "“paint-order”")
# How high a page is, and what scrolls up and down within it.
HEIGHT = """() => [document.documentElement.scrollHeight,
  [...document.querySelectorAll("main *")].filter(each =>
  /auto|scroll/.test(getComputedStyle(each).overflowY) && each.scrollHeight > each.clientHeight + 1
  && each.tagName !== "TEXTAREA").map(each => each.outerHTML.slice(0, 80))]"""
# Where the focus comes, and whether one sees that.
STOPS = """() => {
  window.stops = [];
  document.addEventListener("focusin", ({ target }) => {
    const look = getComputedStyle(target);
    let clipped = target;
    while (clipped && getComputedStyle(clipped).clipPath === "none") clipped = clipped.parentElement;
    stops.push([target.outerHTML.slice(0, 100),
      !clipped && look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2]);
  });
}"""
TALL = ("/ontology", "/source/opsi-denmark", "/query/evidence", "/query/network", "/search", "/names")
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module", params=["live_site", "published"])
def folder(request, tmp_path_factory):
    """The pages of each kind and what they load: as published, or of a live site with its answers too."""
    root = tmp_path_factory.mktemp("pages")
    paths = [*KINDS, *(f"{stem}.html" for stem in TALL), "/query/amounts.html"]
    if request.param == "published":
        publication, catalog = map(request.getfixturevalue, ("publication", "catalog"))
        site = publication(catalog)[0]
        loaded = [f"/{file.relative_to(site)}" for file in site.rglob("*.*") if file.name.endswith(LOADED)]
        pages = {path: (site / path[1:]).read_bytes() for path in (*paths, *LOST, *loaded)}
    else:
        site, examplia = map(request.getfixturevalue, ("live_site", "examplia"))
        small = Site(examplia, examplia.store)  # which loads the same, as does its explorer
        paths += [path for path in small.paths() if path.endswith(LOADED)]
        pages = {path: (small if path == "/explore.da.html" else site).page(path).body for path in paths}
        pages |= {name: site.page(path, arguments).body for name, (path, arguments) in ASKED.items()}
        pages |= {path: site.not_found("/doc/nemidd", tag).body for path, tag in LOST.items()}
    for path, body in pages.items():
        file = root / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return root


@pytest.fixture(scope="module")
def address(folder):
    """Where a plain web server answers with the folder; its 404 is its own."""

    with loopback.serving(folder) as running:
        yield running.rstrip("/")


def found(folder):
    """The paths of the folder's pages of each kind; what is published answers no arguments."""
    paths = [*KINDS, *ASKED, *LOST]
    return sorted(path for path in paths if (folder / path[1:]).is_file())


@pytest.fixture(scope="module")
def paths(folder):
    """The pages to look at; of what is published, those that a live site has otherwise.

    The explorer is not among them: test_explorer_page.py visits it at every width and in both schemes.
    """
    paths = [path for path in found(folder) if not path.startswith("/explore")]
    return otherwise(paths, folder)


def otherwise(paths, folder):
    """All of a live site; of what is published, those that a live site has otherwise."""
    live = any((folder / path[1:]).is_file() for path in ASKED)
    return [path for path in paths if live or path.startswith(OTHERWISE)]


@pytest.fixture
def visit(browser, address):
    """Opens pages; fails for an error on the console or a request to anywhere else."""
    contexts, wrong = [], []

    def start(**options):
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((address, "data:", "blob:")) else wrong.append(asked.url)
            ),
        )
        return page

    yield start
    for context in contexts:
        context.close()
    # Nobody here answers the SPARQL editor.
    assert [each for each in wrong if "404" not in each and "The editor is not used" not in each] == []


def test_every_kind_of_page_is_there(folder):
    absent = {*KINDS, *ASKED, *LOST} - set(found(folder))
    assert absent in (set(), {*ASKED}), "no files answer arguments"


def test_the_nu_checker_finds_nothing(folder, paths, tmp_path):
    java = shutil.which("java")
    if java is None or not JAR.exists():
        missing(
            "Java is not there"
            if java is None
            else "the Nu checker is not there (`npm ci --ignore-scripts --prefix tests/interop/clients`)"
        )
    command = [java, "-Xss8m", *FOR_SHORT_RUNS, "-jar", str(JAR), "--format", "json"]
    wrong = tmp_path / "wrong.html"
    wrong.write_text("<!doctype html><html lang=en><title>x</title><p><ul><li></ul></p>")
    # In a folder, the explorer is the same.
    explorer = ("/explore.html", "/explore.da.html") if {*ASKED} & {*paths} else ()
    pages = [*(str(folder / path[1:]) for path in (*paths, *explorer)), str(wrong)]
    run = subprocess.run([*command, *pages], capture_output=True, text=True, timeout=300, check=False)
    messages = json.loads(run.stderr)["messages"]
    told = [
        (Path(each.get("url", "")).name, each["type"], each["message"][:300], each.get("extract", "")[:200])
        for each in messages
        if not any(words in each["message"] for words in UNKNOWING)
    ]
    assert [each for each in told if each[0] != wrong.name] == []
    assert any(each[:2] == (wrong.name, "error") for each in told), "it does read them"


def test_axe_finds_nothing_in_either_scheme(paths, visit):
    broken = []
    page = visit(viewport={"width": 1200, "height": 900}, color_scheme="light")
    # The page for what is not there names its style by the path of the site's address.
    page.route(
        "**/policygraph/**",
        lambda route: route.continue_(url=route.request.url.replace("/policygraph/", "/")),
    )

    def look(path, scheme, **options):
        page.emulate_media(color_scheme=scheme)
        return [(path, scheme, *fault) for fault in faults(Keyboard(page), **options)]

    live = {*ASKED} & {*paths}
    for path in paths:
        # Colours do not depend on the language, nothing else on the scheme, nor a folder's pages on both.
        first = not path.endswith((".da.html", ".nb.html"))
        if not first and not live:
            continue
        page.goto(path)
        broken += look(path, "light", colours=first)
        if first:
            broken += look(path, "dark", only="color-contrast")
    assert not broken, broken


def test_nothing_runs_out_of_the_window(paths, visit):
    page = visit()
    wide = []
    for path in paths:
        page.goto(path)
        for width in (320, 800, 1400):
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate(OVERFLOW) > 0:
                wide.append((path, width))
    assert wide == []


# For pages that a folder of files has as a live site has them; see OTHERWISE.
live = pytest.mark.parametrize("folder", ["live_site"], indirect=True)


@live
def test_the_explorer_fits_a_small_window_in_danish_too(visit):
    page = visit(viewport={"width": 320, "height": 740})
    page.goto("/explore.da.html")
    page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
    assert page.evaluate(OVERFLOW) == 0


def test_everything_is_there_without_javascript(paths, visit):
    page = visit(java_script_enabled=False)
    # Without a script, a page in Danish has what the one in English has, in other words.
    for path in [*(path for path in paths if not path.endswith(".da.html")), "/explore.html"]:
        page.goto(path)
        assert page.locator("h1").filter(visible=True).count() == 1, path
        assert len(page.locator("body").inner_text()) > 150, path
        if "explore" in path:
            continue  # it brings a list and a table, which tests of its own hold
        links = ["index", "query", "things", "ontology", "catalog", "search"]
        absent = page.evaluate(
            """links => links.filter(link =>
                 !document.querySelector(`a[href*="${link}"], form[action*="${link}"]`))""",
            links,
        )
        assert absent == [], path


def test_the_keyboard_reaches_every_link_and_shows_where_it_is(folder, visit):
    page = visit(viewport={"width": 1200, "height": 900})
    for stem in otherwise(("/index", "/ontology", "/catalog", CLAIM, "/query/targets"), folder):
        page.goto(f"{stem}.html")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", (
            "the first stop leads to the content"
        )
        wanted = page.evaluate(
            """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
                 .filter(each => each.tabIndex >= 0 && each.checkVisibility()).length"""
        )
        page.evaluate(STOPS)
        for _ in range(min(wanted, 60) - 1):
            page.keyboard.press("Tab")
        stops = page.evaluate("stops")
        assert [text for text, marked in stops if not marked] == [], stem
        assert len(stops) == min(wanted, 60) - 1, stem


@live
def test_the_skip_link_leads_to_the_content(visit):
    page = visit()
    page.goto("/things.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@live
def test_paper_is_white_and_has_no_navigation(visit):
    page = visit(color_scheme="dark")
    page.goto("/ontology.html")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != "rgb(255, 255, 255)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    box = page.locator(".boxes > .card").first
    assert box.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".top nav").is_visible()
    assert box.bounding_box()["width"] <= page.viewport_size["width"]


@live
@pytest.mark.parametrize("width", [390, 1400])
def test_a_relation_on_the_map_leads_to_its_entry_and_to_the_class_where_it_ends(visit, width):
    page = visit(viewport={"width": width, "height": 900})
    page.goto("/ontology.html")
    row = page.locator(".boxes ul li", has_text="targets area →").first
    row.get_by_role("link").first.click()
    assert re.search(r"#targetsArea$", page.url)
    assert page.locator("#targetsArea").is_visible()
    row.get_by_role("link").last.click()
    assert re.search(r"#Area$", page.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_page_is_higher_than_twelve_windows(folder, visit):
    page, tall = visit(), []
    for stem in otherwise(TALL, folder):
        page.goto(f"{stem}.html")
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            height, inner = page.evaluate(HEIGHT)
            if height > 12_000 or inner:
                tall.append((stem, width, height, inner))
    assert tall == []


def column(page, place):
    """The texts of a column of the answer, as they are seen."""
    return page.locator(f"#rows tbody tr:visible td:nth-child({place})").all_inner_texts()


def alphabetic(text):
    """Where a reader looks for it: quotation marks, however curled, come before letters."""
    return text.casefold().replace("‘", "'").replace("’", "'")


def test_a_table_is_sorted_filtered_and_paged_without_a_reload(visit, catalog, store):
    page = visit()
    page.goto("/query/neighbourhood.html")
    page.evaluate("window.kept = true")
    status, given = page.locator(".tools [role=status]"), column(page, 1)
    many = len(catalog.ask("neighbourhood", store=store))
    assert many > 25
    assert (len(given), status.inner_text()) == (25, f"1–25 of {many}")
    for first in range(26, many + 1, 25):
        page.get_by_role("button", name="Next").click()
        last = min(first + 24, many)
        told = f"{first}–{last} of {many}"
        assert (len(column(page, 1)), status.inner_text()) == (last - first + 1, told)
    page.get_by_role("button", name="All rows").click()
    everything = column(page, 1)
    assert len(everything) == many
    source = page.get_by_role("button", name="Source")
    source.press("Enter")
    assert column(page, 1) == sorted(everything, key=alphabetic)
    assert page.locator("th[aria-sort=ascending]").inner_text().casefold().startswith("source")
    source.press("Enter")
    assert column(page, 1) == sorted(everything, key=alphabetic, reverse=True)
    source.press("Enter")
    assert column(page, 1) == everything
    assert page.locator("th[aria-sort]").count() == 0
    page.get_by_label("Filter rows").fill("NEMID inferred")
    kept = page.locator("#rows tbody tr:visible").all_inner_texts()
    assert 0 < len(kept) < many
    assert all("NemID" in row and "Inferred" in row for row in kept)
    assert status.inner_text() == f"1–{len(kept)} of {len(kept)}"
    page.get_by_label("Filter rows").fill("no such words")
    assert (column(page, 1), status.inner_text()) == ([], "No row has these words.")
    assert page.evaluate("window.kept")


@live
def test_numbers_are_sorted_as_numbers_and_what_is_empty_comes_last(visit):
    page = visit()
    page.goto("/query/amounts.html")
    heads = [each.casefold() for each in page.locator("#rows thead th").all_inner_texts()]
    place = 1 + heads.index("value")
    for direction in (1, -1):
        page.locator("#rows th button").nth(place - 1).click()
        numbers = [float(each) for each in column(page, place) if each]
        assert len(set(numbers)) > 2
        assert numbers == sorted(numbers, reverse=direction < 0)


def test_a_table_with_bars_is_sorted_by_the_column_of_the_button(browser, small_catalog):
    rows = '("a" 3 "z") ("b" 1 "y") ("c" 2 "x")'
    text = f"#+ view: bars\nSELECT ?thing ?value ?unit {{ VALUES (?thing ?value ?unit) {{ {rows} }} }}"
    (small_catalog.root / "queries" / "bars.rq").write_text(text, encoding="utf-8")
    page = browser.new_page()
    site = Site(Catalog(small_catalog.root), small_catalog.load())
    page.set_content(site.page("/query/bars.html").body.decode())
    assert page.locator("#rows td.years").count() == 3
    page.add_script_tag(path=SHIPPED / "src/policygraph/site/static/site.js")
    for name, cells in (("Value", ["1", "2", "3"]), ("Unit", ["x", "y", "z"])):
        page.get_by_role("button", name=name).click()
        assert column(page, {"Value": 3, "Unit": 4}[name]) == cells
    page.close()


def test_a_table_is_whole_without_javascript_and_on_paper(visit, catalog, store):
    many = len(catalog.ask("neighbourhood", store=store))
    page = visit(java_script_enabled=False)
    page.goto("/query/neighbourhood.html")
    assert len(column(page, 1)) == many > 25
    assert not page.locator(".tools").is_visible()
    page = visit()
    page.goto("/query/neighbourhood.html")
    page.emulate_media(media="print")
    assert len(column(page, 1)) == many > 25


@pytest.mark.parametrize("stem", ["/query/targets", "/query/timeline", "/query/neighbourhood"])
def test_the_answer_to_a_question_begins_high_on_its_page(visit, stem):
    """Below the title, the form and the finding; the rest of the description unfolds."""
    page = visit()
    page.set_viewport_size({"width": 1280, "height": 720})
    for tag in ("", ".da"):
        page.goto(f"{stem}{tag}.html")
        assert page.locator("#rows").bounding_box()["y"] <= 400
        meaning = page.locator("details.lead dd").first
        assert not meaning.is_visible()
        page.click("details.lead summary")
        assert meaning.is_visible()
        assert page.locator(".field select, .field input").first.get_attribute(
            "aria-describedby"
        ) == meaning.get_attribute("id")


def test_an_answer_that_connects_things_leads_to_their_picture(visit):
    page = visit()
    page.goto("/query/neighbourhood.html")
    things = page.evaluate(
        """() => new Set([...document.querySelectorAll("#rows td:is(:nth-child(1), :nth-child(3)) a")]
             .map(each => each.href)).size"""
    )
    page.get_by_role("link", name="Explore these things").click()
    page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
    assert page.evaluate("explorer.counts().nodes") == things


@live
@pytest.mark.parametrize("name", ["targetsArea", "part-values"])
def test_a_link_to_a_term_opens_what_it_is_folded_in(visit, name):
    page = visit()
    page.goto("/ontology.html")
    assert not page.locator(f"#{name}").is_visible()
    page.goto(f"/ontology.html#{name}")
    assert page.locator(f"#{name}").is_visible()
    assert 0 <= page.locator(f"#{name}").bounding_box()["y"] < 900
    page.emulate_media(media="print")
    assert page.locator("#Area").is_visible()


def test_a_script_says_of_which_edition_a_folder_is(browser, small_catalog, tmp_path):
    data = small_catalog.root / "data" / "xy.ttl"
    about = """<data/xy> a <http://www.w3.org/ns/dcat#Dataset> ; dct:title "Roads"@en ;
      dct:description "Of xy."@en ; <http://www.w3.org/ns/dcat#version> "1.0" ; dct:modified "2026-01-01" ."""
    data.write_text(f"{data.read_text()}\n{about}", encoding="utf-8")
    publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    address, shown = (tmp_path / "site" / "doc/xy/project/road.html").as_uri(), []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(address)
        shown.append((page.inner_text("footer.bottom p"), page.inner_text(".cite")))
        if script:
            # A link to tell a mistake has the version behind the dataset, which is no part of another's IRI.
            link = "mailto:a@b.example?body=x%0Ahttps%3A%2F%2Fw3id.org%2Fpolicygraph%2Fdata%2Fxy%0A%0A"
            add = "(href) => document.body.append(Object.assign(document.createElement('a'), {href}))"
            page.evaluate(add, link)
            page.evaluate("document.body.lastChild.dataset.edition = 'https://w3id.org/policygraph/data/xy'")
            text = (SHIPPED / "src/policygraph/site/static/editions.js").read_text(encoding="utf-8")
            page.evaluate(f"() => {{ {text} }}")
            assert page.evaluate("document.body.lastChild.href").endswith("xy%2C%20version%201.0%0A%0A")
            page.goto((tmp_path / "site" / "index.html").as_uri())
            assert page.inner_text("footer.bottom p").count("1.0") == 1
        context.close()
    (foot, cited), (plain_foot, plain_cited) = shown
    assert foot.startswith("Roads, version 1.0 (2026-01-01)")
    assert "In: Roads, version 1.0 (2026-01-01)." in cited
    assert plain_foot.startswith("Roads")
    assert "In: Roads." in plain_cited
    assert "1.0" not in plain_foot + plain_cited
