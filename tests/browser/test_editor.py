"""The SPARQL editor: in a real Chromium, without its files, and as the build puts it into the package."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tools import missing
from visitors import Keyboard, faults

import policygraph

pytest_plugins = ["browser", "serving"]

PACKAGE = Path(policygraph.__file__).parent
ROOT = PACKAGE.parents[1]
EDITOR = PACKAGE / "site" / "static" / "editor" / "yasgui"
BOX = "document.querySelector('#editor .CodeMirror').CodeMirror"
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def context(browser, served):
    """Where the editor is loaded once, as its files stay in the browser's cache."""
    base = f"http://127.0.0.1:{served.port}"
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, base_url=base)
    yield context
    context.close()


@pytest.fixture
def page(context, served):
    """A blank page that fails the test for an error, a breach of its policy or a request to elsewhere."""
    if not EDITOR.is_dir():
        missing("the editor is not built (install npm, then `make clean serve`)")
    page, wrong = context.new_page(), []
    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda r: None if r.url.startswith(f"http://127.0.0.1:{served.port}/") else wrong.append(r.url),
    )
    yield page
    page.evaluate("() => localStorage.clear()")
    page.close()
    assert [each for each in wrong if not re.search(r"400 \(Bad Request\)|403 \(Forbidden\)", each)] == []


@pytest.fixture(scope="module")
def plans(store):
    """How many plans are in what is served."""
    return len(list(store.query("SELECT ?plan { ?plan a pg:Plan }")))


def opened(page, address="/sparql"):
    page.goto(address)
    page.wait_for_selector("#editor .CodeMirror")


def typed(page, text):
    page.click("#editor .CodeMirror")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text, delay=15)


def run(page, text):
    """Run a query from the box and return what a screen reader says of its outcome."""
    page.evaluate(f"text => {BOX}.setValue(text)", text)
    page.focus("#editor .CodeMirror textarea")
    page.keyboard.press("Control+Enter")
    return page.wait_for_selector("#editor output:not(:empty)").inner_text()


def test_what_the_editor_says_is_in_the_language_of_the_page(page, plans):
    opened(page, "/sparql.da.html?query=SELECT ?plan { ?plan a pg:Plan }")
    page.click("#editor .yasqe_queryButton")
    page.wait_for_selector("#editor .yasr tbody tr")
    page.wait_for_function("document.querySelector('.yasr_response_chip').textContent.startsWith('Rækker')")
    said = page.inner_text("#editor .yasr_header")
    assert [each for each in ("Tabel", "Svar", "Enkel visning", "Forkort tekster") if each not in said] == []
    assert f"1 til {plans} af {plans}" in page.inner_text("#editor .dt-info")
    assert page.get_attribute("#editor .tableFilter", "placeholder") == "Filtrér svaret"
    assert page.get_attribute("#editor .yasr_downloadIcon", "aria-label") == "Hent svaret"
    assert page.locator("#editor .yasr [aria-label*=Activate]").count() == 0
    english = re.compile("Table|Response|Page size|Simple|Ellipse|results|seconds|Showing|entries")
    assert english.findall(page.inner_text("#editor .yasr")) == []


def test_before_a_query_too_all_is_in_the_language_of_the_page(page):
    opened(page, "/sparql.da.html")
    names = """() => [...document.querySelectorAll("#editor :is(button, .yasr_downloadIcon)")].map(each =>
      [each.getAttribute("aria-label"), each.title, each.innerText])"""
    for _ in range(2):
        assert page.evaluate(names) == [
            ["Del forespørgslen", "Del forespørgslen", ""],
            ["Kør", "Kør", ""],
            ["Tabel", "Tabel", "Tabel"],
            ["Svar", "Svar", "Svar"],
            ["Hent svaret", "Hent svaret", ""],
        ]
        assert run(page, "ASK {}") == "Svar: ja"
        assert page.inner_text("#editor .booleanResult") == "ja"


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("SELECT * { VALUES ?x { 1 2 } }", r"Rækker: 2 \([\d,]+ s\)"),
        ("SELECT * { VALUES ?x {} }", r"Rækker: 0 \([\d,]+ s\)"),
        ("ASK { FILTER(false) }", "Svar: nej"),
        ("SELEC", "Forespørgslen kan ikke køres. line 1, column 1.+"),
        ("DELETE WHERE { ?a ?b ?c }", "Forespørgslen kan ikke køres. Updates are refused.+"),
    ],
)
def test_the_outcome_of_a_query_is_announced(page, query, outcome):
    opened(page, "/sparql.da.html")
    told = run(page, query)
    assert re.fullmatch(outcome, told)
    if "kan ikke" in told:
        assert page.inner_text("#editor .errorResult") == told
        for place in ("output", ".errorResult"):
            assert page.get_attribute(f"#editor {place} span span", "lang") == "en"
    if "Rækker" in told:
        assert page.get_attribute("#editor table", "aria-label") == "Svar"


def test_links_to_other_languages_keep_the_query_that_was_run(page):
    opened(page)
    run(page, "ASK {}")
    page.click(".tongues a >> nth=0")
    page.wait_for_url("**/sparql.da.html?*")
    page.wait_for_selector("#editor .CodeMirror")
    assert page.evaluate(f"{BOX}.getValue()") == "ASK {}"


def test_the_keyboard_gets_out_of_the_box_and_of_what_is_shared(page):
    opened(page)
    page.focus("#editor .CodeMirror textarea")
    text = page.evaluate(f"{BOX}.getValue()")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "yasqe_share"
    assert page.evaluate(f"{BOX}.getValue()") == text
    page.keyboard.press("Enter")
    page.wait_for_selector("#editor .yasqe_sharePopup input:focus[aria-label]")
    page.keyboard.press("Escape")
    assert page.locator("#editor .yasqe_sharePopup").count() == 0
    assert page.evaluate("document.activeElement.className") == "yasqe_share"
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    assert not page.evaluate("document.activeElement.closest('#editor')")
    run(page, "ASK {}")
    page.click("#editor .select_response")
    pressed = page.locator("#editor .yasr_btnGroup [aria-pressed=true]")
    assert pressed.get_attribute("aria-label") == "Response"
    assert page.get_attribute("#editor .yasr .CodeMirror textarea", "aria-label") == "Response"
    page.focus("#editor .yasr .CodeMirror textarea")
    page.keyboard.press("Shift+Tab")
    assert "yasr_external_ref_btn" in page.evaluate("document.activeElement.className")


@pytest.mark.parametrize("tag", ["da", "nb"])
def test_a_column_is_in_the_order_of_the_language(page, tag):
    opened(page, f"/sparql.{tag}.html")
    run(page, "SELECT ?x ?n { VALUES (?x ?n) { ('Å' 9) ('Æ' 10) ('Zebra' 1) ('Ø' 8) ('zone' 7) } }")
    ordered = """([column, wanted]) => [...document.querySelector("#editor table").rows].slice(1)
      .map(row => row.cells[column].innerText).join() === wanted"""
    for column, order in ((1, ["Zebra", "zone", "Æ", "Ø", "Å"]), (2, ["1", "7", "8", "9", "10"])):
        for wanted in (order, order[::-1]):
            page.click(f"#editor th >> nth={column}")
            page.wait_for_function(ordered, arg=[column, ",".join(wanted)], timeout=5_000)


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_the_buttons_lie_beside_the_query_and_what_they_open_on_the_page(page, width):
    page.set_viewport_size({"width": width, "height": 700})
    opened(page)
    page.evaluate(f"{BOX}.setValue('# long '.repeat(60))")
    below = "document.querySelector('.CodeMirror-code').getBoundingClientRect().top"
    for button in page.locator("#editor .yasqe_buttons button").all():
        box = button.bounding_box()
        assert box["y"] + box["height"] <= page.evaluate(below) + 1  # by the font
    page.click("#editor .yasqe_share")
    for part in page.locator("#editor .yasqe_sharePopup > *").all():
        box = part.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width


def test_in_forced_colours_one_section_and_one_tab_is_marked(page):
    page.emulate_media(forced_colors="active")
    opened(page)
    lines = """selector => [...document.querySelectorAll(selector)].map(each =>
      getComputedStyle(each).borderBottomColor !== "rgb(255, 255, 255)")"""
    for selector in (".top nav a", ".yasr_btnGroup button"):
        assert page.evaluate(lines, selector).count(True) == 1


def test_type_a_query_with_completion_run_it_and_go_to_a_row(page, served, plans):
    opened(page)
    assert page.is_hidden("form#sparql")
    typed(page, "SELECT ?plan WHERE { ?plan a pg:Pla")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".CodeMirror-hints")
    assert page.locator(".CodeMirror-hints li").all_inner_texts() == ["pg:Plan"]
    page.keyboard.press("Enter")
    page.keyboard.type(" }")
    text = page.evaluate(f"{BOX}.getValue()")
    assert (
        text == "PREFIX pg: <https://w3id.org/policygraph/ontology#>\nSELECT ?plan WHERE { ?plan a pg:Plan }"
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#editor .yasr tbody tr")
    assert page.locator("#editor .yasr tbody tr").count() == plans > 1
    page.click("#editor .yasr tbody a >> nth=0")
    page.wait_for_url("**/doc/*/plan/**")
    assert re.match(rf"http://127\.0\.0\.1:{served.port}/doc/(dk|int)/plan/", page.url)
    assert page.locator("h1").count() == 1


def test_an_answer_leads_to_its_things_as_a_picture(page):
    for query in (
        "SELECT ?plan ?area { ?plan a pg:Plan ; pg:implements ?area }",
        "CONSTRUCT WHERE { ?plan a pg:Plan ; pg:implements ?area }",
    ):
        opened(page)
        page.evaluate(f"query => {BOX}.setValue(query)", query)
        page.click("#editor .CodeMirror")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#editor .yasr tbody tr")
        page.goto(page.locator("#editor p > a.next").evaluate("at => at.href"))
        page.wait_for_selector("body[data-ready]")
        assert 2 < page.evaluate("() => explorer.counts().nodes") < 40
        assert page.evaluate("() => explorer.counts().edges") > 1


@pytest.mark.parametrize(("tag", "kind"), [("", "Digital infrastructure"), (".da", "Digital infrastruktur")])
def test_resources_are_shown_and_found_by_name_with_the_short_iri_as_title(page, tag, kind):
    opened(page, f"/sparql{tag}.html")
    page.evaluate(
        f"query => {BOX}.setValue(query)",
        r"""SELECT ?thing ?kind (866 AS ?n) ('to'@da AS ?two) {
          VALUES ?thing { pgid:dk\/initiative\/nemid pgid:dk\/initiative\/mitid } ?thing a ?kind
        } ORDER BY DESC(?thing)""",
    )
    page.click("#editor .CodeMirror")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#editor .yasr tbody [title='pgid:dk/initiative/nemid']")
    rows = page.locator("#editor .yasr tbody tr")
    assert rows.first.inner_text().split() == ["1", "NemID", *kind.split(), "866", "to", "da"]
    titles = rows.first.locator("[title]").evaluate_all("all => all.map(each => each.title)")
    assert titles[1:] == ["pg:DigitalInfrastructure", '"866"^^xsd:integer', '"to"@da']
    assert (
        rows.first.locator("a").first.evaluate("a => a.href").endswith(f"/doc/dk/initiative/nemid{tag}.html")
    )
    page.locator("#editor .tableFilter").press_sequentially("NemID")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    rows.nth(1).wait_for(state="detached")


def test_properties_are_completed_if_they_occur(page):
    opened(page)
    typed(page, "SELECT * WHERE { ?plan skos:")
    page.keyboard.press("Control+Space")
    page.wait_for_selector(".CodeMirror-hints")
    offered = page.locator(".CodeMirror-hints li").all_inner_texts()
    assert {"skos:prefLabel", "skos:definition", "skos:inScheme"} <= set(offered)
    assert "skos:historyNote" not in offered, "it is in SKOS, but not in these data"
    page.keyboard.press("Escape")


def test_the_address_holds_the_query_so_that_it_can_be_sent_to_others(page):
    opened(page)
    typed(page, "SELECT (1 AS ?one) {")
    page.keyboard.type("}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#editor .yasr tbody tr")
    address = page.url
    assert "query=SELECT" in address
    opened(page, address)
    assert page.evaluate(f"{BOX}.getValue()").startswith("SELECT (1 AS ?one)")
    assert page.locator("section[aria-labelledby=answer] tbody tr").count() == 1, (
        "the page came with its answer"
    )


def test_a_saved_question_is_an_example_that_runs(page):
    opened(page)
    page.locator("details.examples summary").first.click()
    page.locator("details.examples[open] a").first.click()
    page.wait_for_selector("#editor .CodeMirror")
    assert "#+ summary:" in page.evaluate(f"{BOX}.getValue()")
    assert page.locator("section[aria-labelledby=answer] tbody tr").count() > 0


COLOURED = (
    "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n# plans\nSELECT ?plan ?l WHERE {\n"
    '?plan a pg:Plan ; skos:prefLabel ?l FILTER(LANG(?l) = "en" && 1 < 2 && BOUND(?l))\n}'
)
SURFACES = """() => [...document.querySelectorAll("#editor, #editor *, .CodeMirror-hints *")]
  .map((part) => getComputedStyle(part).backgroundColor.match(/[\\d.]+/g).map(Number))
  .filter(([red, green, blue, alpha = 1]) => alpha > 0.5)
  .map(([red, green, blue]) => (red + green + blue) / 3)"""


def test_axe_finds_nothing_in_the_editor_its_answers_and_its_errors_in_either_scheme(page):
    opened(page)
    for text, sign in (("", ".CodeMirror"), (COLOURED, ".yasr tbody tr"), ("SELEC", ".yasr .errorResult")):
        if text:
            page.evaluate(f"text => {BOX}.setValue(text)", text)
            page.focus("#editor .CodeMirror textarea")
            page.keyboard.press("Control+Enter")
        page.wait_for_selector(f"#editor {sign}")
        assert faults(Keyboard(page)) == [], text
        page.emulate_media(color_scheme="dark")
        assert faults(Keyboard(page), only="color-contrast") == [], text
        assert max(page.evaluate(SURFACES), default=0) < 200, "a light sheet on a dark page"
        page.emulate_media(color_scheme="light")


def test_without_javascript_the_form_is_there_and_works(browser, served, plans):
    context = browser.new_context(java_script_enabled=False, base_url=f"http://127.0.0.1:{served.port}")
    page = context.new_page()
    page.goto("/sparql")
    page.fill("textarea[name=query]", "SELECT ?plan { ?plan a pg:Plan }")
    page.click("form#sparql button")
    assert page.locator("section[aria-labelledby=answer] tbody tr").count() == plans > 1
    context.close()


def test_without_its_files_the_form_stays(browser, served):
    page = browser.new_page(base_url=f"http://127.0.0.1:{served.port}")
    told = []
    page.on("console", lambda message: told.append(message.text) if message.type == "info" else None)
    page.route("**/yasgui/*", lambda route: route.fulfill(status=404))
    with page.expect_console_message(lambda message: "make clean serve" in message.text):
        page.goto("/sparql")
    assert page.is_visible("form#sparql")
    assert page.locator("#editor").count() == 0
    page.close()


@pytest.fixture
def checkout(tmp_path):
    """What the build needs of this checkout, without the editor."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "catalog.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("web", "ontology", "data", "queries", "stories", "i18n", "src"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "yasgui", "oxigraph")
        )
    return tmp_path


def build(checkout, path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    return subprocess.run(
        command,
        cwd=checkout,
        capture_output=True,
        text=True,
        env={"PATH": path, "HOME": str(checkout)},
        timeout=120,
    )


def fake_npm(folder, script):
    npm = folder / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f"#!/bin/sh\n{script}\n")
    npm.chmod(0o755)
    return f"{npm.parent}:/usr/bin:/bin"


def test_the_package_is_built_without_npm_or_the_network_too(checkout):
    for path in ("/nowhere", fake_npm(checkout, "exit 1")):
        done = build(checkout, path)
        assert done.returncode == 0, done.stderr
        assert "plain form" in done.stdout + done.stderr
        assert not (checkout / "src" / "policygraph" / "site" / "static" / "editor" / "yasgui").exists()


def test_the_editor_is_put_into_the_package_once(checkout):
    made = "node_modules/@zazuko/yasgui"
    versions = json.loads((ROOT / "web" / "package.json").read_text())["dependencies"]
    version, engine = versions["@zazuko/yasgui"], versions["oxigraph"]
    script = (
        f"echo $@ >> {checkout}/npm.log; mkdir -p {made}/build; echo 1 > {made}/build/yasgui.min.js; "
        f'echo 1 > {made}/build/yasgui.min.css; echo \'{{"version": "{version}"}}\' > {made}/package.json; '
        "mkdir -p node_modules/oxigraph; cd node_modules/oxigraph; echo 1 > web.js; echo 1 > web_bg.wasm; "
        f'echo \'{{"version": "{engine}"}}\' > package.json'
    )
    path = fake_npm(checkout, script)
    for _ in range(2):
        done = build(checkout, path)
        assert done.returncode == 0, done.stderr
    (called,) = (checkout / "npm.log").read_text().splitlines()
    assert called.startswith("ci --ignore-scripts ")
    import zipfile

    (wheel,) = (checkout / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "policygraph/site/static/editor/yasgui/yasgui.min.js" in names
    assert "policygraph/site/static/editor/yasgui/yasgui.min.css" in names
    assert "policygraph/site/static/engine/oxigraph/web.js" in names
    assert "policygraph/site/static/engine/oxigraph/web_bg.wasm.gz" in names


def test_what_npm_installs_is_locked_and_names_no_registry():
    for folder in (ROOT / "web", ROOT / "tests" / "interop" / "clients", ROOT / "tests" / "js"):
        text = (folder / "package-lock.json").read_text()
        packages = json.loads(text)["packages"]
        assert '"resolved"' not in text
        assert all("integrity" in each for name, each in packages.items() if name)
        package = json.loads((folder / "package.json").read_text())
        for name, version in (package.get("dependencies") or package["devDependencies"]).items():
            assert packages[f"node_modules/{name}"]["version"] == version


def test_a_known_prefix_that_is_not_declared_is_no_error(page):
    opened(page)
    for prefix, many in (("pg", 0), ("pgx", 1)):
        typed(page, f"SELECT ?plan WHERE {{ ?plan a {prefix}:Plan }}")
        page.wait_for_timeout(300)
        assert page.locator("#editor .parseErrorIcon").count() == many, prefix
