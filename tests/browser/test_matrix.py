"""A matrix as people meet it: sorted, opened by mouse and keyboard, on a phone, without JavaScript."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from visitors import Keyboard, faults

from policygraph.catalog.catalog import Catalog
from policygraph.site.site import Site

pytestmark = pytest.mark.full

pytest_plugins = ["browser"]

ADDRESS = "http://matrix.example"
EXPLORED = "/explore.html#eyJ2aWV3IjoibWF0cmljZXMifQ"  # {"view": "matrices"}
BASE = "https://w3id.org/policygraph/id/xy/project/"
PLACES, FIELDS = range(14), range(6)
NAMED = {(f, p): (f * p + f) % 5 for f in FIELDS for p in PLACES if f + p != 7}  # no row where they are seven
ROWS = "\n".join(
    f'(<{BASE}field-{f}> <{BASE}place-{p}> "P{p}" {p % 7} {p // 7} {n} '
    + (f'"Law\\nAct" "{BASE}road\\n{BASE}bridge")' if n else "UNDEF UNDEF)")
    for (f, p), n in NAMED.items()
)
QUESTION = """#+ summary: Which place names what?
#+ view: {view}
SELECT {things} ?code ?x ?y ?named ?absence ?checked ?entries ?passages {{
  VALUES (?field ?place ?code ?x ?y ?named ?entries ?passages) {{ {rows} }}
  OPTIONAL {{ BIND(<{base}road> AS ?absence) FILTER(?named = 0 && ?code != "P3") }}{only}
}}
ORDER BY ?field ?place
"""


@pytest.fixture
def visit(browser, small_catalog):
    """Opens a page of a site with a matrix and tiles; fails for an error on the console."""
    for name, things, only in (
        ("matrix", "?field ?place", ""),
        ("tiles", "?place", f" FILTER(?field = <{BASE}field-1>)"),
    ):
        text = QUESTION.format(view=name, things=things, rows=ROWS, base=BASE, only=only)
        (small_catalog.root / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    questions = small_catalog.root / "queries"
    (questions / "network.rq").write_text((questions / "needs.rq").read_text())
    catalog = Catalog(small_catalog.root)
    contexts, wrong = [], []

    def answer(route, site, *, live):
        asked = urlsplit(route.request.url)
        page = site.page(asked.path, parse_qs(asked.query) if live else None)
        route.fulfill(
            status=200 if page else 404,
            body=page.body if page else b"",
            content_type=page.media if page else "",
        )

    def start(path="/query/matrix.html", *, live=False, **options):
        site = Site(catalog, small_catalog.load(), live=live)
        context = browser.new_context(base_url=ADDRESS, **options)
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: answer(route, site, live=live))
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(path)
        if "explore" in path:
            page.wait_for_selector("body[data-ready]")
        return page

    yield start
    for context in contexts:
        context.close()
    assert wrong == []


def heads(page):
    return page.locator("table.marks thead th").all_inner_texts()[:-1]


def numbers(page, selector):
    """Numbers, "?" as half of one, outlines and blanks."""
    return [int(text) if text.isdecimal() else text for text in page.locator(selector).all_inner_texts()]


def test_it_sorts_by_any_row_and_column(visit):
    page = visit()
    first, row = heads(page), "table.marks tbody tr:has(th:text-is('pgid:xy/project/field-3')) td:not(.sum)"
    before = numbers(page, row)
    page.locator(".sort select").select_option(label="pgid:xy/project/field-3")
    assert sorted(map(str, numbers(page, row))) == sorted(map(str, before))
    shown = [each for each in numbers(page, row) if isinstance(each, int)]
    assert shown == sorted(shown, reverse=True)
    assert page.locator("[aria-sort=descending]").inner_text() == "pgid:xy/project/field-3"
    kinds = [
        each or "blank" for each in page.locator(row).evaluate_all("all => all.map(each => each.className)")
    ]
    order = ["n", "u", "none", "blank"]
    places = [
        next(n for n, start in enumerate(order) if kind.startswith(start)) for kind in kinds if kind != "none"
    ]
    assert places == sorted(places), kinds
    page.locator(".sort select").select_option(label="pgid:xy/project/place-2")
    assert page.locator("[aria-sort=descending]").inner_text() == "P2"
    assert heads(page) == first
    page.locator(".sort select").select_option(value="")
    assert numbers(page, row) == before
    assert page.locator("[aria-sort]").count() == 0


def test_a_cell_opens_its_row_by_keyboard(visit):
    page = visit()
    cell = page.locator("table.marks td a[href='#row-70']")
    assert not page.locator("#row-70").is_visible(), "the answer shows 25 rows at a time"
    Keyboard(page).reach("table.marks td a[href='#row-70']")
    page.keyboard.press("Enter")
    assert page.locator("#row-70").is_visible()
    assert page.evaluate("document.activeElement.closest('tr').id") == "row-70"
    assert page.url.endswith("#row-70")
    page.locator(".tools input").fill("no such words")
    cell.click()
    assert page.locator("#row-70").is_visible()
    page.goto("/index.html")
    page.locator("table.marks td a[href$='#row-70']").click()
    page.wait_for_url("**/query/matrix.html#row-70")
    assert page.locator("#row-70").is_visible()


def test_a_phone_has_the_columns_as_rows_and_it_stays_a_table(visit):
    page = visit(viewport={"width": 390, "height": 844})
    boxes = [each.bounding_box() for each in page.locator("table.marks thead th").all()]
    assert len({round(box["x"]) for box in boxes}) == 1
    assert [box["y"] for box in boxes] == sorted(box["y"] for box in boxes)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.locator("table.marks").get_by_role("columnheader", name="P2", exact=True).count() == 1
    size = page.locator("table.marks td a").first.evaluate("each => getComputedStyle(each).fontSize")
    assert 12 <= float(size.removesuffix("px")) <= 16
    page.set_viewport_size({"width": 900, "height": 844})
    boxes = [each.bounding_box() for each in page.locator("table.marks thead th").all()]
    assert len({round(box["y"]) for box in boxes}) == 1


def test_a_phone_has_the_rows_of_the_answer_as_cards_with_a_way_back(visit):
    page = visit("/query/matrix.html#row-70", viewport={"width": 390, "height": 844})
    row = page.locator("#row-70")
    cells = [each.bounding_box() for each in row.locator("td").all()]
    assert [box["y"] for box in cells] == sorted({box["y"] for box in cells}), "beneath each other"
    assert all(box["x"] + box["width"] <= 390 for box in cells)
    covered = page.evaluate(
        "(({left, top}) => document.elementFromPoint(left + 20, top + 12).closest('tr')?.id)"
        "(document.getElementById('row-70').getBoundingClientRect())"
    )
    assert covered == "row-70"
    row.locator(".back a").click()
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#row-70"
    assert page.locator("table.marks a[href='#row-70']").is_visible()


def test_a_keyboard_skips_it(visit):
    page = visit()
    Keyboard(page).reach("a.skip-marks")
    assert page.locator("a.skip-marks").bounding_box()["height"] > 10
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.drawn')") is None


def test_every_mark_is_seen_in_forced_colours_and_on_paper(visit):
    page = visit(forced_colors="active")
    looks = page.locator("table.marks td a").evaluate_all(
        "all => all.map(each => getComputedStyle(each)).map(look =>"
        " [look.color, look.backgroundColor, look.borderTopWidth])"
    )
    assert looks
    assert all(ink != ground and edge != "0px" for ink, ground, edge in looks)
    page.emulate_media(media="print")
    assert not page.locator("#rows").is_visible()
    assert not page.locator(".sort").is_visible()
    assert page.locator("table.marks caption").bounding_box()["height"] > 10


def test_axe_finds_nothing(visit):
    for path in (
        "/query/matrix.html",
        "/query/tiles.html",
        "/index.html",
        "/explore.html#eyJ2aWV3IjoibWF0cmljZXMifQ",
    ):
        page = visit(path, color_scheme="light")
        assert faults(Keyboard(page)) == [], path
        page.emulate_media(color_scheme="dark")
        assert faults(Keyboard(page), only="color-contrast") == [], path


LEVELS = {"said": 1, "documents": 1, "read": 1, "weak": 1, "only": 0}  # all of a matrix is said


def level(page):
    """The names and counts of the levels, the one that is shown, and whether its marks are."""
    names = [" ".join(each.split()) for each in page.locator(".levels a").all_inner_texts()]
    return names, page.locator(".levels [aria-current]").get_attribute("data-evidence")


@pytest.mark.parametrize("live", [False, True])
def test_it_obeys_a_level_of_evidence_in_the_address(visit, small_catalog, live):
    page = visit(live=live, java_script_enabled=not live)
    marks = page.locator("table.marks td a")
    whole = marks.count()
    assert whole == len(NAMED)
    assert level(page) == (
        [
            f"said by the sources {whole}",
            "+ other documents 0",
            "+ read (strong, medium) 0",
            "+ weak 0",
            "only what is read 0",
        ],
        "weak",
    )
    for key, shown in LEVELS.items():
        page.locator(f".levels [data-evidence={key}]").click()
        page.wait_for_url(f"**/query/matrix.html?evidence={key}")
        assert level(page)[1] == key
        assert marks.filter(visible=True).count() == shown * whole
        note = page.get_by_text("nothing in it is read")
        assert note.is_visible() == (not shown)
        for at in ("#rows", "#answer .count"):
            assert page.locator(at).is_visible() == bool(shown), at
    if live:
        page.goto("/query/matrix.html?evidence=all")
        assert "'all' is no level of evidence" in page.get_by_role("alert").inner_text()


def test_without_a_script_it_is_a_table_with_links_in_a_folder_of_no_level(visit):
    page = visit("/query/matrix.html?evidence=only", java_script_enabled=False)
    assert not page.locator(".levels").is_visible()
    assert page.locator("table.marks td a").filter(visible=True).count() == len(NAMED)
    assert not page.locator(".sort").is_visible()
    page.locator("table.marks td a[href='#row-70']").click()
    assert page.locator("#row-70").evaluate("each => each.matches(':target')")


def test_who_asks_at_a_level_of_evidence_stays_at_it(small_catalog):
    only = "\n  VALUES ?code { UNDEF }  # xsd:string: only this place\n"
    text = QUESTION.format(view="matrix", things="?field ?place", rows=ROWS, base=BASE, only=only)
    (small_catalog.root / "queries" / "coded.rq").write_text(text, encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    site, hidden = Site(catalog, catalog.store), b'<input type="hidden" name="evidence" value="only">'
    assert hidden in site.page("/query/coded.html", {"evidence": ["only"], "code": ["P1"]}).body
    assert b'name="evidence"' not in site.page("/query/coded.html").body


def test_a_tile_opens_its_row(visit):
    page = visit("/query/tiles.html")
    page.locator(".tiles a[href='#row-2']").click()
    assert page.locator("#row-2").evaluate("each => each.matches(':target')")


def test_in_the_explorer_a_cell_lists_what_it_counts_and_is_in_the_address(visit):
    page = visit("/explore.html")
    page.get_by_role("tab", name="Matrix").click()
    assert page.locator("#matrices > section").count() == 2
    assert page.locator("#matrices [data-cell]:visible").count() == 0
    row = sorted((f"field-{f}", f"place-{p}") for f, p in NAMED).index(("field-4", "place-5"))
    page.locator(f"#matrices td a[href='#row-{row}']").focus()
    page.keyboard.press("Enter")
    (shown,) = page.locator("#matrices [data-cell]:visible").all()
    assert shown.locator("li").all_inner_texts() == ["Law", "Act"]
    assert shown.locator("b").inner_text().startswith("pgid:xy/project/place-5, pgid:xy/project/field-4: ")
    assert page.locator("#matrices [aria-current]").count() == 1
    assert [urlsplit(a.get_attribute("href")).path.rpartition("/")[2] for a in shown.locator("a").all()] == [
        "road.html",
        "bridge.html",
    ]
    for level, shown in (("said", 2), ("only", 0)):
        page.evaluate("evidence => { location.hash = explorer.address({ evidence }); }", level)
        assert page.locator("#matrices > section:visible").count() == shown
        assert ("nothing in it is read" in page.locator("#matrices-note").inner_text()) == (not shown)
    page.evaluate("() => { location.hash = explorer.address({ evidence: 'weak' }); }")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#matrices [data-cell]:visible li").all_inner_texts() == ["Law", "Act"]
    page.locator(".sort select").select_option(label="pgid:xy/project/place-2")
    assert page.locator("[aria-sort=descending]").inner_text() == "P2"


def test_any_tab_can_be_put_into_a_page_of_others(visit):
    page = visit(EXPLORED)
    page.evaluate("() => { document.execCommand = () => { window.line = document.activeElement.value; }; }")
    page.locator("#export").click()
    page.locator("[data-format=embed]").click()
    line = page.evaluate("() => window.line")
    page.goto("about:blank")
    page.set_content(f"<h1>Another's page</h1>{line}")
    (_, frame) = page.frames
    frame.wait_for_selector("body[data-ready]")
    assert frame.locator("#matrices > section:visible").count() == 2
    for around in ("body > header", "#side", "#aside", ".bar-top"):
        assert not frame.locator(around).is_visible(), around
    assert frame.locator("#credit a").get_attribute("target") == "_blank"


def test_the_explorer_exports_what_the_tab_shows(visit, tmp_path):
    page = visit(EXPLORED)
    held = {}
    for name in ("svg", "csv"):
        page.locator("#export").click()
        with page.expect_download() as download:
            page.locator(f"[data-format={name}]").click()
        held[name] = Path(download.value.path()).read_text(encoding="utf-8")
    assert page.locator("#matrices .drafted").count() > 20
    assert held["svg"].count("<circle") == page.locator("#matrices :is(.drafted, circle)").count()
    assert "Sort by" not in held["svg"]
    first, *rows = csv.reader(held["csv"].splitlines())
    assert first == ["row", "column", "says", "titles"]
    assert len(rows) == page.locator("#matrices [data-cell]").count()
    assert {row[3] for row in rows} == {"", "Law; Act"}


def test_a_page_that_one_comes_back_to_shows_what_it_was_asked(visit):
    """Browsers put back what was in forms and menus when one left, or keep the page as it was."""
    page = visit("/query/projects.html?language=de", live=True)
    page.fill("#p-language", "en")
    page.fill("header input[name=q]", "Bridge")
    page.goto("/query/matrix.html")
    page.locator(".sort select").select_option(index=2)
    page.locator(".tools input").fill("no such words")
    page.goto("/search.html?q=Road")
    page.fill("#q", "Bridge")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.input_value("#q") == "Road"
    page.go_back()
    assert [page.input_value(each) for each in (".sort select", ".tools input")] == ["", ""]
    page.go_back()
    assert [page.input_value(each) for each in ("#p-language", "header input[name=q]")] == ["de", ""]
