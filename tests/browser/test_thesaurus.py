"""The pages of a thesaurus in a browser: the search in parts, and what axe and the HTML parser find."""

from __future__ import annotations

import re

import html5rdf
import loopback
import pytest
import thesaurus
from visitors import Keyboard, faults

from policygraph.catalog.catalog import Catalog
from policygraph.i18n import alphabetical
from policygraph.site.pages import home
from policygraph.site.site import Site
from policygraph.text import fold

pytest_plugins = ["browser"]
pytestmark = pytest.mark.full

PAGES = (
    "index.html",
    "c/60.da.html",
    "c/6.html",
    "terms.html",
    "search.html",
    "search-r.html",
    "names-r.html",
)
LOADED = re.compile(r"/(search|names)[\w.-]*\.html|/[\w.]+\.(css|js|svg)")  # what they load


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("thesaurus")
    catalog = Catalog(thesaurus.write(root / "catalog", 200))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("home", "resource"):
            patch.setattr(f"policygraph.site.pages.{name}.SPLIT", 150)
        patch.setattr(home, "_PART", 60)
        site = Site(catalog, catalog.load(graphs=True), live=False)
        for path in site.paths():
            if path[1:] in PAGES or LOADED.fullmatch(path):
                file = root / "site" / path[1:]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(site.page(path).body)
    return root / "site"


@pytest.fixture(scope="module")
def address(folder):
    with loopback.serving(folder) as running:
        yield running


def test_axe_finds_nothing(browser, address, folder):
    """At each width in the light scheme; the dark one has other colours and nothing else, a width none."""
    for path in PAGES:
        parser = html5rdf.HTMLParser()
        parser.parse((folder / path).read_text(encoding="utf-8"))
        assert not parser.errors, path
        page = browser.new_page()
        page.goto(address + path)
        for width, scheme in ((1440, "light"), (768, "light"), (390, "light"), (390, "dark")):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            only = "color-contrast" if scheme == "dark" else ""
            colours = width == 1440
            found = () if width == 768 else faults(Keyboard(page), colours=colours, only=only)
            assert not found, (path, width, scheme)
        page.close()


def test_the_search_loads_the_part_that_is_typed(browser, address):
    from playwright.sync_api import expect

    page = browser.new_page()
    page.goto(address + "search.html?q=river")
    page.wait_for_selector("#things > li:not([hidden])")
    rivers = page.locator("#things > li:not([hidden])")
    assert rivers.count() == 8 + 3  # those of EuroVoc
    box, heading = page.locator("#q"), page.locator("#found")
    expect(heading).to_have_text("11 things with words that begin so")
    box.fill("iver")  # of which each name's part knows nothing
    expect(heading).to_have_text("Nothing has words that begin so.")
    box.fill("river")
    expect(rivers).to_have_count(11)
    box.fill("")
    expect(heading).to_have_text(re.compile(r"^\d{3} things found$"))
    assert rivers.count() == 0
    box.fill("river")
    expect(rivers).to_have_count(11)
    every = "Straße Σίσυφος ÆŒØŁĐĦÞÐŊŦı ǽǿ"
    assert page.evaluate("fold", every) == fold(every)
    names = ["Zulu", "Łódź", "Lublin", "Øst", "Oslo", "Ħal", "Hz", "Æra", "Adz", "Đak", "Dz", "ðe", "Åa"]
    for tag in ("en", "da", "nb"):
        sort = "([names, tag]) => names.sort(new Intl.Collator(tag, { numeric: true }).compare)"
        assert page.evaluate(sort, [names, tag]) == sorted(names, key=lambda each: alphabetical(each, tag))
    box.fill("planning river")
    expect(rivers).to_have_count(1)
    box.fill("af")  # which each name in Danish has
    expect(heading).to_have_text(re.compile("^Too many"))
    box.fill("zzz")
    expect(heading).to_have_text(re.compile("^Nothing"))
    assert heading.get_attribute("aria-live") == "polite"
    page.close()


def test_a_folder_on_a_disk_is_searched_too(browser, folder):
    page = browser.new_page()
    page.goto((folder / "search.html").as_uri() + "?q=harbour")
    page.wait_for_url("**/search-h*.html?q=harbour")
    page.wait_for_selector("#things > li:not([hidden])")
    assert page.locator("#things > li:not([hidden])").first.inner_text().startswith("C\nHarbour")
    page.close()


def test_a_part_that_failed_is_asked_for_again(browser, address):
    from playwright.sync_api import expect

    page = browser.new_page()
    page.goto(address + "search.html")
    page.route("**/search-*", lambda route: route.abort(), times=1)
    page.locator("#q").fill("river")
    expect(page.locator("#things > li:not([hidden])")).to_have_count(11)
    page.close()
