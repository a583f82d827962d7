"""The site as files: in a folder that any web server, or none, can show; opened here as a person opens it."""

from __future__ import annotations

import os
import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pyoxigraph as ox
import pytest

from policygraph.i18n import LANGUAGES
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.site.rendering import NOT_FOUND
from policygraph.site.site import Site

pytest_plugins = ["browser"]

ELSEWHERE = "https://sparql.example/policy"


@pytest.fixture(scope="module")
def site(static_site):
    return static_site


@pytest.fixture(scope="module")
def folder(publication, examplia, tmp_path_factory):
    """The site's files, below a name that a link must write with signs."""
    here = tmp_path_factory.mktemp("site") / "a site: 100 % files"
    return shutil.copytree(publication(examplia)[0], here, copy_function=os.link)


@pytest.fixture(scope="module")
def pages(published):
    """Every page of what is published, by its file."""
    return {path: path.read_text(encoding="utf-8") for path in published[0].rglob("*.html")}


ODD = "<built-in|0x[0-9a-f]{8}|Undefined"


def test_every_page_has_a_language_one_heading_and_ids_of_its_own_and_does_without_scripts(pages):
    for path, body in pages.items():
        if path.name.startswith(("explore", "404")):
            continue
        tag = path.stem.rpartition(".")[2]
        assert f'<html lang="{tag if tag in LANGUAGES else "en"}" dir="ltr">' in body, path
        assert body.count("<h1") == 1, path
        scripts = [each for each in re.findall(r"<script\b[^>]*>", body) if "application/" not in each]
        own = [each for each in scripts if not re.search(r'src="[./]*/?(site|editions).js" defer', each)]
        assert not own or path.name.startswith("sparql") or "embed" in path.parts, path
        assert not re.search("<[^<>]* style=", body), "the policy forbids styles in attributes"
        assert not re.search(r'(?:href|action|src)="/', body), f"{path} holds wherever the site hangs"
        if re.search(f"{ODD}|(?:&lt;|&#60;)built-in", body):  # faster than in its text
            said = re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]+>", "", body)
            assert not re.search(ODD, unescape(said)), path
        ids = re.findall(r'\bid="([^"]*)"', re.sub("(?s)<template.*?</template>", "", body))
        assert len(ids) == len({*ids}), path


def test_every_link_in_the_folder_leads_to_a_file_and_every_anchor_to_an_element(published, pages):
    folder = published[0]
    ids = {path: {*re.findall(r'\bid="([^"]*)"', body)} for path, body in pages.items()}
    broken, followed, files = set(), 0, {*folder.rglob("*")}
    for path, body in pages.items():
        body, here = re.sub(r"(?s)<script\b.*?</script>", "", body), path.as_uri()
        for link in {*re.findall(r'\s(?:href|action|src)="([^"]*)"', body)}:
            target = urlsplit(urljoin(here, unescape(link)))  # what is asked is for a script
            if target.scheme != "file":
                assert target.scheme in ("https", "http"), link
                continue
            followed += 1
            file, anchor = Path(unquote(target.path)), unquote(target.fragment)
            if path.stem.startswith("404") and not link.startswith("#"):
                file = folder / unescape(link).lstrip("/").partition("#")[0]
            ours = file in ids and not file.stem.startswith("explore")  # whose fragments are states
            if file not in files or (anchor and ours and anchor not in ids[file]):
                broken.add((str(path.relative_to(folder)), link))
    assert sorted(broken)[:10] == []
    assert followed > 5_000


def test_no_page_asks_anything_of_a_server(pages):
    for path, body in pages.items():
        body = re.sub("(?s)<template.*?</template>", "", body)
        asked = re.findall(r'(?:href|action|src)="([^"#]*)\?', body)
        # A browser answers SPARQL, and saved questions with other values.
        others = [each for each in asked if "sparql." not in each and "/query/" not in each]
        assert others == [], f"{path}: a script takes arguments"
        forms = re.findall(r"<form\b[^>]*>", body)
        assert all("search" in form or "hidden" in form for form in forms) or path.name.startswith(
            "explore"
        ), path
        assert 'action="/sparql"' not in body


def test_where_one_can_ask_in_sparql_is_named_if_there_is_such_a_place(examplia, site):
    asking = Site(examplia, examplia.store, live=False, sparql=ELSEWHERE)
    body = asking.page("/query/targets.da.html").body.decode()
    assert f'href="{ELSEWHERE}?query=' in body
    assert f'<a href="{ELSEWHERE}">SPARQL</a>' in body
    assert ELSEWHERE.encode() not in site.page("/query/targets.html").body


def test_a_question_shows_its_usual_answer_and_how_to_ask_otherwise(site):
    body = site.page("/query/plans-in-force.html").body.decode()
    assert "policygraph query plans-in-force -p year=" in body
    assert "<select" not in re.sub("(?s)<template.*?</template>", "", body)
    assert body.count("<tr>") > 3


def test_all_that_is_said_of_a_thing_is_on_its_page_for_nobody_can_be_asked(examplia):
    many = examplia.load()
    country, goal, lies, kind = (
        ox.NamedNode(expand(each))
        for each in (f"{BASE}id/ex/country/examplia", "pg:Goal", "pg:inCountry", "rdf:type")
    )
    for number in range(60):
        one = ox.NamedNode(f"{BASE}id/ex/goal/made-up-{number}")
        many.add([ox.Quad(one, kind, goal), ox.Quad(one, lies, country)])
    live, filed = (
        Site(examplia, many, live=asked).page("/doc/ex/country/examplia.html").body.decode()
        for asked in (True, False)
    )
    assert "See all of them" in live
    assert "See all of them" not in filed
    assert filed.count("<li>") > live.count("<li>")


def test_the_search_page_holds_every_name_in_both_languages(named, store):
    from policygraph.catalog.labels import Labels

    names = Labels(store)
    for language, end in (("en", ".html"), ("da", ".da.html")):
        files = [file for file in named.iterdir() if re.fullmatch(rf"search[^.]*{end}", file.name)]
        body = "".join(unescape(file.read_text(encoding="utf-8")) for file in files)
        for iri in ("id/dk/initiative/nemid", "id/dk/challenge/demographic-change", "concept/basis/stated"):
            whole = f"https://w3id.org/policygraph/{iri}"
            assert names.of(whole, language).text in body
            assert all(name.text in body for name in names.others(whole, language))


def test_the_page_for_what_is_lost_holds_wherever_it_is_read(small_catalog):
    below = Site(small_catalog, small_catalog.load(), live=False, address="https://data.example.org/policy/")
    body = below.page(NOT_FOUND + ".html").body.decode()
    links = re.findall(r'\s(?:href|action|src)="([^#"][^"]*)"', body)
    assert "/policy/site.css" in links
    assert all(link.startswith(("/policy/", "https://")) for link in links)
    assert f"{NOT_FOUND}.html" not in below.page("/sitemap.xml").body.decode()


@pytest.fixture
def tab(browser):
    """A blank page that fails the test for an error, a breach of its policy or a request to elsewhere."""
    tab = browser.new_page(viewport={"width": 1200, "height": 900})
    wrong = []
    tab.on("console", lambda told: wrong.append(told.text) if told.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda asked: None if asked.url.startswith("file:") else wrong.append(asked.url))
    tab.on("requestfailed", lambda asked: wrong.append(f"{asked.url}: {asked.failure}"))
    yield tab
    tab.close()
    # A page that one leaves before its icon is there gives up on it.
    assert [each for each in wrong if not each.endswith("ERR_ABORTED")] == []


KINDS = (
    *("index", "query.da", "query/timeline", "things", "search.da", "crosswalk", "ontology", "catalog"),
    *("data/examplia", "doc/ex/plan/open-harbour.da", "concept/basis", "explore"),
)


@pytest.mark.full
def test_pages_open_from_the_folder_in_their_clothes(tab, folder):
    for name in KINDS:
        tab.goto((folder / f"{name}.html").as_uri())
        assert tab.evaluate("document.styleSheets.length") > 0, name
        assert tab.evaluate("getComputedStyle(document.body).margin") == "0px", name
        assert tab.locator("h1").count() == 1, name
        if name != "explore":
            assert tab.evaluate("document.querySelector('.brand img').naturalWidth") > 0, name
            rule = tab.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
            assert rule.startswith("default-src 'self'"), name


@pytest.mark.full
def test_links_lead_from_page_to_page(tab, folder):
    tab.goto((folder / "index.html").as_uri())
    tab.click("nav >> text=Browse")
    tab.click('main >> text="Open Harbour Plan 2021-2024"')
    assert tab.url.endswith("/doc/ex/plan/open-harbour.html")
    tab.click(".tongues a")
    assert tab.url.endswith("/doc/ex/plan/open-harbour.da.html")
    tab.click("main a[href$='ontology.da.html#Plan'] >> nth=0")
    tab.wait_for_load_state()
    assert tab.locator(":target").count() == 1
    tab.click(".brand")
    assert tab.url.endswith("/index.da.html")


@pytest.mark.full
@pytest.mark.parametrize("language", ["", ".da"])
def test_a_things_page_opens_the_explorer_on_it(tab, folder, language):
    tab.goto((folder / f"doc/ex/plan/open-harbour{language}.html").as_uri())
    tab.click("a[href*='explore'][href*='focus']")
    tab.wait_for_selector("body[data-ready=yes]")
    assert f"explore{language}.html#" in tab.url
    state = tab.evaluate("explorer.state()")
    assert state["selected"] == "https://w3id.org/policygraph/id/ex/plan/open-harbour"
    assert 5 < len(state["shown"]) < 100


@pytest.mark.full
def test_the_explorer_leads_home_to_the_page_of_a_thing_and_to_the_other_language(tab, folder):
    iri = "https://w3id.org/policygraph/id/ex/plan/open-harbour"
    tab.goto((folder / "explore.html").as_uri() + "#focus=pgid:ex/plan/open-harbour&steps=1")
    tab.wait_for_selector("body[data-ready=yes]")
    english = tab.locator("#questions button").all_inner_texts()
    shown = tab.evaluate("explorer.counts().nodes")
    tab.click("#ways a[hreflang=da]")
    tab.wait_for_selector("html[lang=da] body[data-ready=yes]")
    assert "/explore.da.html#" in tab.url
    assert (tab.evaluate("explorer.state().selected"), tab.evaluate("explorer.counts().nodes")) == (
        iri,
        shown,
    )
    assert not {*english} & {*tab.locator("#questions button").all_inner_texts()}
    tab.click("#details a[href*='open-harbour']")
    assert tab.url.endswith("/doc/ex/plan/open-harbour.da.html")
    tab.go_back()
    tab.click("#ways a:first-child")
    assert tab.url.endswith("/index.da.html")


@pytest.fixture(scope="module")
def named(site, tmp_path_factory):
    """What a search in Denmark needs of its folder."""
    here = tmp_path_factory.mktemp("named")
    wanted = ("/index.html", "/search.html", "/search.da.html", "/doc/dk/initiative/mitid.html")
    for path in site.paths():
        if path.startswith("/search-") or path in wanted or path.endswith((".css", ".js", ".svg")):
            (here / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (here / path[1:]).write_bytes(site.page(path).body)
    return here


def seen(tab):
    return tab.locator("#things li:visible .name:first-child").all_inner_texts()


def search(tab, text):
    """Search as one does in a folder on a disk, where a script cannot read another page."""
    tab.fill("#q", text)
    tab.press("#q", "Enter")
    tab.wait_for_load_state()


def test_search_finds_by_any_name_without_a_server(tab, named):
    tab.goto((named / "index.html").as_uri())
    tab.fill(".find input", "voksende demo")
    tab.press(".find input", "Enter")
    tab.wait_for_url("**/search*.html?q=voksende*demo")
    assert len(seen(tab)) == 1
    parts = tab.get_attribute("#found", "data-part")  # of many names, of which a part has those that begin so
    told = "with words that begin so" if parts else "found"
    assert tab.inner_text("#found") == f"1 thing {told}"
    assert not tab.is_visible("#questions")
    search(tab, "nemid")
    assert seen(tab)[0] == "NemID", "a whole name goes first"
    assert tab.get_attribute(".tongues a", "href").endswith(".da.html?q=nemid")
    assert tab.inner_text("#found") == f"{len(seen(tab))} things {told}"
    tab.fill("#q", "data")
    assert "Nothing" not in tab.inner_text("#found"), "which is known once that part is read"
    search(tab, "<img src=x onerror=alert(1)>")
    assert seen(tab) == []
    assert tab.inner_text("#found") == (
        "Nothing has words that begin so." if parts else "Nothing has that name."
    )
    search(tab, "")
    assert len(seen(tab)) in (0, 50), "of very many, each letter has a page"
    assert int(re.sub(r"\D", "", tab.inner_text("#found"))) > 300, "the others are counted"
    tab.fill("#q", "which plans")
    assert tab.is_visible("#questions")
    search(tab, "MITID")
    tab.click("#things li:visible a")
    assert tab.url.endswith("/doc/dk/initiative/mitid.html")


@pytest.mark.full
def test_search_is_an_index_without_script(browser, named):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((named / "search.da.html").as_uri() + "?q=nemid")
    parts = [each.get_attribute("href") for each in tab.locator(".jump a").all()]
    found = tab.locator("#things li:visible").count()
    for part in parts:
        tab.goto(urljoin((named / "search.da.html").as_uri(), part))
        found += tab.locator("#things li:visible").count()
    assert found > 300
    assert "ting fundet" in tab.inner_text("#found")
    context.close()


@pytest.mark.full
@pytest.mark.parametrize("path", ["/index.da.html", "/sparql.html"])
def test_all_above_a_page_is_on_one_line_of_a_wide_window(browser, catalog, store, tmp_path, path):
    live = Site(catalog, store)
    for each in (path, "/site.css", "/logo.svg"):
        (tmp_path / each[1:]).write_bytes(live.page(each).body)
    tab = browser.new_page()
    tab.goto((tmp_path / path[1:]).as_uri())
    for width in (1160, 1200, 1280, 1440):
        tab.set_viewport_size({"width": width, "height": 700})
        middles = tab.evaluate(
            "[...document.querySelectorAll('.top > *')].map((part) => part.getBoundingClientRect())"
            ".map(({ top, bottom }) => (top + bottom) / 2)"
        )
        assert max(middles) - min(middles) < 4, width
    tab.close()
