"""SPARQL and saved questions where no server answers: a published folder in a real Chromium."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from functools import cache
from time import sleep
from urllib.parse import urlencode, urljoin

import loopback
import pytest
from checkout import SHIPPED, reduce
from lxml import html
from tools import missing

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.parameters import MEMBER
from policygraph.rdf.namespaces import compact
from policygraph.site.context import OXIGRAPH
from policygraph.site.rendering import NOTHING_LOADS, POLICY, WORKER_POLICY, _spaced
from policygraph.site.site import Site

pytestmark = pytest.mark.full

pytest_plugins = ["browser"]

DONE = "section[aria-labelledby=answer] .gone, .refused"
ANSWER = "section[aria-labelledby=answer]"
BOX = "document.querySelector('#editor .CodeMirror').CodeMirror"
# What a person reads in the table, and where its links lead.
CELLS = """() => JSON.stringify([...document.querySelectorAll("table#rows tbody tr")].map(row =>
  [...row.cells].filter(cell => cell.className !== "years").map(cell =>
    [cell.textContent.replace(/\\s+/g, " ").trim(), ...[...cell.querySelectorAll("a")].map(a => a.href),
     cell.className])))"""
# Pages in a frame ask the engine of the page around them, which is loaded once.
ONE_ENGINE = """
if (parent !== self) globalThis.Worker = class {
  constructor(url, options) {
    this.made = parent.made ??= new parent.Worker(url, options);
  }
  postMessage(message) {
    const known = parent.known ??= new parent.Map();
    const files = JSON.stringify(message.files);
    if (files && files !== parent.files) known.clear();
    parent.files = files ?? parent.files;
    const key = JSON.stringify(message);
    if (known.has(key)) return this.onmessage({ data: known.get(key) });
    this.made.onmessage = (event) => {
      if (!("loaded" in event.data)) known.set(key, event.data);
      this.onmessage(event);
    };
    this.made.onerror = (event) => this.onerror(event);
    this.made.postMessage(message);
  }
};
"""
SETTLED = "() => document.querySelector('form .cancel').hidden && !document.querySelector('.old')"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


class Handler(loopback.Quiet):
    """With `policies`, as a careful host answers; `below` a path."""

    def __init__(self, *arguments, policies=None, below="/", sizes=None, **more):
        self.policies, self.below, self.sizes = policies, below, sizes
        super().__init__(*arguments, **more)

    def translate_path(self, path):
        return super().translate_path(
            path.removeprefix(self.below[:-1]) if path.startswith(self.below) else "/none"
        )

    def end_headers(self):
        if self.policies:
            path = self.path.partition("?")[0]
            last = path.rpartition("/")[2]
            kind = "page" if last.endswith(".html") else "worker" if last.startswith("worker-") else "other"
            self.send_header("Content-Security-Policy", self.policies[kind])
        super().end_headers()


@contextlib.contextmanager
def serving(folder, below="/", **options):
    """A server of a folder; gives its address."""
    with loopback.serving(folder, Handler, below=below, **options) as address:
        yield address + below[1:]


def write(site, folder, paths, pages=r"query/.*\.html|(sparql|editor/).*"):
    """The pages of the questions and for SPARQL, or some of them, and what they load, as paths list them."""
    wanted = re.compile(rf"/({pages}|engine/.*\.(html|js|css|gz)|(site\.|logo|editions).*)")
    for path in filter(wanted.fullmatch, paths):
        file = folder / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(site.page(path).body)
    return folder


def shipped(folder, *datasets, part=False):
    """A catalogue of the shipped ontology and questions and some of the data, or a part of Denmark's."""
    (folder / "data").mkdir(parents=True)
    for name in ("catalog.toml", "ontology", "queries", *(f"data/{each}.ttl" for each in datasets)):
        (folder / name).symlink_to(SHIPPED / name)
    if part:
        reduce(folder / "data" / "denmark.ttl")
    return Catalog(folder)


@pytest.fixture(scope="module")
def site(examplia):
    if not OXIGRAPH.is_dir():
        missing("the engine is not built (install npm, then `make clean serve`)")
    return Site(examplia, examplia.store, live=False)


@pytest.fixture(scope="module")
def paths(site):
    """Those of the small site: of questions and of what they load, a large one has the same."""
    return [*site.paths()]


@pytest.fixture(scope="module")
def folder(site, paths, tmp_path_factory):
    return write(site, tmp_path_factory.mktemp("folder"), paths)


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as found:
        yield found


@pytest.fixture
def visit(browser):
    """Opens pages; fails for an error on the console, or a request to another host."""
    contexts, wrong = [], []

    def start(address, expected="", **options):
        context = browser.new_context(base_url=address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: said.type not in ("error", "warning") or wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda r: r.url.startswith((address, "blob:", "data:", "file:")) or wrong.append(r.url)
        )
        page.expected = expected
        return page

    yield start
    for context in contexts:
        context.close()
    assert wrong == []


def asked(page, **values):
    """Fill in the form and ask."""
    for name, value in values.items():
        field = page.locator(f"#p-{name}")
        field.select_option(value) if field.evaluate("each => each.tagName") == "SELECT" else field.fill(
            value
        )
    page.click("form.parameters button.main")
    page.wait_for_function("() => document.querySelector('form .cancel').hidden", timeout=60_000)


def cells(page):
    """As one text, which Playwright hands over in a tenth of the time of its parts."""
    return json.loads(page.evaluate(CELLS))


def expected(live, path, arguments, address):
    """The cells of the server's page."""
    page = live.page(path, arguments)
    assert not page.refused, page.refused
    document = html.fromstring(page.body.decode())
    found = []
    for row in document.xpath("//table[@id='rows']/tbody/tr"):
        found.append([])
        for cell in row:
            if cell.get("class") != "years":
                links = [urljoin(f"{address}{path[1:]}", each.get("href")) for each in cell.iter("a")]
                found[-1].append([" ".join(cell.text_content().split()), *links, cell.get("class", "")])
    finding = document.xpath("//section[@aria-labelledby='answer']//*[contains(@class, 'finding')]")
    return (
        found,
        " ".join(each.text_content() for each in finding),
        document.xpath("string(//h2[@id='answer'])").strip(),
    )


# The values of a list that are not what the field holds; null where there is no list.
LISTED = """field => {
  const all = [...((field.list ?? field).options ?? [])].map(option => option.value);
  return all.length ? all.filter(value => value && value !== field.value) : null;
}"""


@cache
def things(store, kind):
    """The first and last things of a class; of one without any, of the plans."""
    found = [row["x"] for row in store.query(f"SELECT ?x {{ ?x {MEMBER} <{kind}> }} ORDER BY ?x")]
    found = found or [row["x"] for row in store.query("SELECT ?x { ?x a pg:Plan }")]
    return [compact(each.value) for each in (*found[:2], *found[-2:])]


def other(page, store, parameter, last):
    """A value of a parameter that is not the one in its field, the first or the last that there is."""
    field = page.locator(f"#p-{parameter.name}")
    if field.get_attribute("type") == "number":
        return ("2012", "2018")[last]
    if (options := field.evaluate(LISTED)) is None:  # too many to list
        options = [each for each in things(store, parameter.iri) if each != field.input_value()]
    return options[-1 if last else 0]


def compared(page, live, query, store, address, *, last=False, language=""):
    """What differs between the server's cells and those made here, of defaults and other values."""
    name, path = query.name, f"/query/{query.name}{language and '.' + language}.html"
    page.goto(address + path[1:])
    parameters = query.parameters.values()
    runs = [{}, *({each.name: other(page, store, each, last)} for each in parameters)]
    for given in runs:
        page.evaluate(
            "query => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')) }",
            f"?{urlencode(given)}",
        )
        if page.locator("form .cancel").is_hidden() and not page.locator(DONE).count():
            page.click("form.parameters button.main")
        page.wait_for_function(SETTLED, timeout=60_000)
        wanted, finding, count = expected(live, path, {k: [v] for k, v in given.items()}, address)
        assert wanted or given, "it has an answer to compare"
        got = (
            cells(page),
            " ".join(page.locator(f"{ANSWER} .finding").all_inner_texts()).strip(),
            page.inner_text("h2#answer, .refused"),
        )
        assert page.locator("table#rows thead button").count() > 0 or len(got[0]) < 2, "it can be sorted"
        if got != (wanted, finding, count):
            yield (
                name,
                given,
                [pair for pair in zip(got[0], wanted, strict=False) if pair[0] != pair[1]][:2],
                got[1:],
                (finding, count),
                len(got[0]),
                len(wanted),
            )


def test_the_cells_are_those_of_the_server(tmp_path, visit, paths):
    """With its defaults and another value of each parameter: cells, links, finding, count.

    The first value that a list has and the last one take turns from question to question. Of two countries,
    that each question has an answer, but of Denmark a part: thousands of rows more look as these do.
    """
    catalog = shipped(tmp_path / "catalog", "denmark", "norway", "international", "ties", part=True)
    store = catalog.load(graphs=True)
    queries = [query for query in catalog.queries.values() if query.parameters]
    assert len(queries) >= 30
    pages = [*(rf"{query.name}\.html" for query in queries), r"plans-in-force\.da\.html"]
    folder = write(Site(catalog, store, live=False), tmp_path / "site", paths, f"query/({'|'.join(pages)})")
    live = Site(catalog, store)
    script = folder / "engine" / "question.js"
    script.write_text(script.read_text().replace('new Map([["", stored]])', "new Map()"))
    (folder / "around.html").write_text(
        "<!doctype html><title>All</title><iframe name=asked width=1200 height=800></iframe>"
    )
    with serving(folder) as address:
        around = visit(address)
        around.add_init_script(ONE_ENGINE)
        around.goto("around.html")
        page = around.frame("asked")
        wrong = [
            each
            for number, query in enumerate(queries)
            for each in compared(page, live, query, store, address, last=bool(number % 2))
        ]
        wrong += compared(page, live, catalog.queries["plans-in-force"], store, address, language="da")
    assert wrong == []


def test_the_words_of_a_name_that_nothing_labels_are_those_of_the_server():
    client = SHIPPED / "src" / "policygraph" / "site" / "static" / "engine" / "client.js"
    names = {"eMail": "e mail", "hasPart": "has part", "foo_bar": "foo bar", "X-ray": "X ray", "EUR": "EUR"}
    script = f"""
        Object.assign(globalThis, {{location: {{}}, document: {{documentElement: {{lang: "en"}}}}}});
        const {{Engine}} = await import({json.dumps(client.as_uri())});
        const labels = {{iris: {{}}, texts: [], prefixes: {{}}, base: "https://own.example/", tag: ".html"}};
        const named = (name) => Engine.prototype.named.call({{labels}}, `https://x.example/#${{name}}`).text;
        console.log(JSON.stringify({json.dumps([*names])}.map(named)));"""
    node = shutil.which("node") or missing("node is not installed")
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, check=True)
    assert json.loads(done.stdout) == [*names.values()]
    assert [name[0] + _spaced(name)[1:] for name in names] == [*names.values()]


def test_an_answer_comes_with_its_address_caption_title_and_file(visit, address):
    page = visit(address)
    asked_for = []
    page.on("request", lambda request: asked_for.append(request.url.removeprefix(address)))
    page.goto("query/plans-in-force.html")
    title, before = page.title(), cells(page)
    assert not [each for each in asked_for if ".gz" in each], "nothing is loaded on view"
    label = page.inner_text("form button.main")
    assert re.fullmatch(r"Answer here \(loads \d\.\d MB once\)", label)
    asked(page, year="2022")
    assert page.url.endswith("/query/plans-in-force.html?year=2022")
    assert "year: 2022" in page.title()
    assert "year: 2022" in page.text_content(f"{ANSWER} .values")
    assert "year: 2022" in page.text_content("table#rows caption")
    assert page.inner_text("form [role=status]") == page.inner_text("h2#answer .count")
    assert "year: 2014" in page.inner_text(".gone"), "what is not of this answer is named"
    assert page.locator(".stored:visible").count() == 0
    with page.expect_download() as download:
        page.click(f"{ANSWER} a[download]")
    assert download.value.suggested_filename == "plans-in-force.csv"
    page.go_back()
    assert (cells(page), page.title()) == (before, title)
    assert page.locator(".stored:visible").count() > 0
    page.go_forward()
    assert "year: 2022" in page.text_content(f"{ANSWER} .values")
    page.click("a.reset")
    assert page.url.endswith("/query/plans-in-force.html")
    assert cells(page) == before
    assert page.evaluate("document.activeElement.id") == "p-year", "the focus is where one asks"
    assert page.inner_text("form button.main") == "Ask"


def test_no_rows_and_a_wrong_value_are_answers_too(visit, address):
    page = visit(address)
    page.goto("query/plans-in-force.html?year=soon")
    pending = page.wait_for_selector("#pending:visible").inner_text()
    assert "year: 2014" in pending
    assert "year: soon" in pending
    assert "old" in page.get_attribute(ANSWER, "class")
    page.click("form button.main")
    page.wait_for_selector(".refused")
    assert (
        "parameter 'year' takes xsd:gYear, such as 2014; not 'soon'. A year has four digits."
        in page.inner_text(".refused")
    )
    field = page.locator("#p-year")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.inner_text(".refused") in field.evaluate(
        "each => each.ariaDescribedByElements.map(each => each.innerText).join()"
    )
    assert page.locator(ANSWER).count() == 0
    asked(page, year="1900")
    assert page.is_visible(f"{ANSWER} .none")
    assert page.locator("table#rows:visible").count() == 0
    page.goto("query/responsible-bodies.html?basis=pgc:strength/weak")
    page.click("form button.main")
    refused = page.wait_for_selector(".refused").inner_text()
    assert "'basis' takes pgc:basis, by name, CURIE or IRI; not 'pgc:strength/weak'." in refused


def test_the_policies_let_the_worker_run_and_pages_run_nothing_of_the_kind(visit, folder):
    assert "wasm" not in POLICY
    policies = {"page": f"{POLICY}; frame-ancestors 'self'", "worker": WORKER_POLICY, "other": NOTHING_LOADS}
    with serving(folder, policies=policies) as address:
        page = visit(address)
        page.goto("query/plans-in-force.html")
        asked(page, year="2022")
        assert page.locator(f"{ANSWER} .gone").count() == 1


def test_a_host_that_unpacks_and_a_folder_below_a_path(visit, folder, tmp_path):
    import gzip

    shutil.copytree(folder, tmp_path / "unpacked")
    for file in (tmp_path / "unpacked" / "engine").glob("*.gz"):
        file.write_bytes(gzip.decompress(file.read_bytes()))
    with serving(tmp_path / "unpacked", below="/some/path/") as address:
        page = visit(address)
        page.goto("query/plans-in-force.html")
        asked(page, year="2022")
        assert page.locator(f"{ANSWER} .gone").count() == 1
        assert (
            page.locator("table#rows tbody a")
            .first.evaluate("each => each.href")
            .startswith(f"{address}doc/")
        )


def test_without_javascript_and_from_a_disk_the_stored_answer_says_what_it_is_for(visit, folder, address):
    page = visit(address, java_script_enabled=False)
    page.goto("query/plans-in-force.html?year=2022")
    assert page.locator("form.parameters:visible").count() == 0
    assert "2014" in page.inner_text(".usual")
    page.goto("sparql.html")
    assert page.is_visible("#unable")
    assert page.is_hidden("form#sparql")
    page = visit("file://")
    page.goto(f"file://{folder}/query/plans-in-force.html?year=2022")
    assert "Opened from a disk" in page.inner_text(".usual .note")
    assert page.locator("form.parameters:visible").count() == 0
    assert "2014" in page.inner_text(".usual")


def test_a_runaway_query_is_ended_and_the_next_is_answered(visit, address, folder):
    client = (folder / "engine" / "client.js").read_text(encoding="utf-8")
    assert "const LIMIT = 10;" in client, "seconds, of which the engine is busy for two here"
    hasty = {"body": client.replace("LIMIT = 10;", "LIMIT = 2;"), "content_type": "text/javascript"}
    page = visit(address)
    page.route("**/engine/client.js", lambda route: route.fulfill(**hasty))
    page.goto(f"sparql.html?{urlencode({'query': RUNAWAY})}")
    page.wait_for_selector("#editor .CodeMirror")
    page.focus("#editor .CodeMirror textarea")
    page.keyboard.press("Control+Enter")
    page.click(".doing .cancel", timeout=40_000)
    page.wait_for_selector(".doing .cancel", state="hidden")
    assert page.locator("#editor .yasr .errorResult").count() == 0, "whoever ended it knows that"
    page.focus("#editor .CodeMirror textarea")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#editor .yasr .errorResult", timeout=40_000)
    assert "No answer within 2 seconds" in page.inner_text("#editor .yasr")
    page.evaluate(f"{BOX}.setValue('SELECT ?plan {{ ?plan a pg:Plan }}')")
    page.focus("#editor .CodeMirror textarea")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#editor .yasr tbody tr", timeout=40_000)
    assert (
        page.locator("#editor .yasr tbody a").first.get_attribute("href").startswith(f"{address}doc/ex/plan/")
    )


SHOWN = "#editor .yasr .errorResult, #editor .yasr tbody tr, #editor .yasr .CodeMirror"


def test_the_page_for_sparql_answers_or_refuses_in_a_sentence(visit, address):
    page = visit(address)
    page.goto("sparql.html")
    page.wait_for_selector("#editor .CodeMirror")
    for text, sentence in (
        ("LOAD <https://example.org/x>", "Updates are refused"),
        ("PREFIX a: <x:y> INSERT DATA { a:b a:c a:d }", "Updates are refused"),
        ("SELECT * { SERVICE SILENT <https://example.org/x> { ?s ?p ?o } }", "SERVICE is refused"),
        ("SELECT * FROM <x:a> FROM <x:b> { ?s ?p ?o }", "Several graphs after FROM"),
        ("SELECT ?x { ?x nope:p ?y }", "Line 1, column 2"),
        ("SELECT ?from { ?from a pg:Plan # SERVICE\n FILTER(STR(?from) != 'SERVICE') }", ""),
        ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s a pg:Plan } } GROUP BY ?g", ""),
        ("CONSTRUCT { ?x a ?y } { ?x a ?y } LIMIT 3", ""),
    ):
        before = "shown => document.querySelectorAll(shown).forEach(each => { each.dataset.before = 'yes'; })"
        page.evaluate(before, SHOWN)
        page.evaluate(f"text => {BOX}.setValue(text)", text)
        page.focus("#editor .CodeMirror textarea")
        page.keyboard.press("Control+Enter")
        wanted = ":is(tbody tr, .CodeMirror)" if not sentence else ".errorResult"
        page.wait_for_selector(f"#editor .yasr {wanted}:not([data-before])", timeout=40_000)
        assert sentence in page.inner_text("#editor .yasr"), text
        assert (sentence or "Rows: ") in page.inner_text("#editor output:not(:empty)"), text


def test_the_page_for_sparql_shows_resources_by_name_and_links_to_their_pages(visit, address):
    page = visit(address)
    query = r"SELECT ?x ?n { VALUES ?x { pgid:ex\/area\/paperless-customs } BIND(866 AS ?n) }"
    page.goto(f"sparql.da.html?{urlencode({'query': query})}")
    page.wait_for_selector("#editor .CodeMirror")
    page.focus("#editor .CodeMirror textarea")
    page.keyboard.press("Control+Enter")
    name = page.locator("#editor .yasr tbody [title='pgid:ex/area/paperless-customs'] a")
    name.wait_for(timeout=40_000)
    assert page.inner_text("#editor .yasr tbody tr").split() == ["1", "Paperless", "customs", "en", "866"]
    assert name.evaluate("a => a.href") == f"{address}doc/ex/area/paperless-customs.da.html"


NEEDS = """#+ summary: Which of them needs what
PREFIX t: <https://example.org/terms#>
SELECT ?thing ?needed WHERE {
  VALUES ?thing { <https://w3id.org/policygraph/id/xy/project/bridge> \
<https://w3id.org/policygraph/id/xy/project/road> }  # t:Project: the thing
  ?thing t:needs ?needed
}"""
BRIDGE, ROAD = "pgid:xy/project/bridge", "pgid:xy/project/road"
CHOSEN = "select => [...select.selectedOptions].map(each => each.value)"


@pytest.fixture
def small(small_catalog, tmp_path):
    """The address of the folder of a small catalogue with a question on two things."""
    (small_catalog.root / "queries" / "which.rq").write_text(NEEDS, encoding="utf-8")
    catalog = Catalog(small_catalog.root)
    site = Site(catalog, catalog.load(graphs=True), live=False)
    with serving(write(site, tmp_path / "folder", site.paths())) as found:
        yield found


def test_one_of_several_default_things_is_another_question(visit, small):
    page = visit(small)
    page.goto("query/which.html")
    assert page.locator("#p-thing").evaluate(CHOSEN) == [BRIDGE, ROAD]
    assert page.inner_text(f"{ANSWER} .values") == "Thing: Bridge, Road"
    assert page.inner_text("h2#answer .count") == "1 row"
    asked(page, thing=[ROAD])
    assert page.is_visible(f"{ANSWER} .none")
    assert page.url.endswith(f"?{urlencode({'thing': ROAD})}")
    asked(page, thing=[BRIDGE, ROAD])
    assert page.url.endswith("query/which.html")
    page.goto(f"query/which.html?{urlencode({'thing': ROAD})}")
    assert "asks for thing: Road," in page.wait_for_selector("#pending:visible").inner_text()
    assert page.locator("#p-thing").evaluate(CHOSEN) == [ROAD]


def test_a_thing_is_asked_about_by_its_name_in_another_language(visit, small):
    page = visit(small)
    page.goto("query/which.html?thing=br%C3%BCcke")
    page.click("form.parameters button.main")
    page.wait_for_selector(DONE)
    assert page.inner_text("h2#answer .count") == "1 row"
    page.goto("query/which.html?thing=Tunnel")
    page.click("form.parameters button.main")
    refused = page.wait_for_selector(".refused span")
    assert refused.get_attribute("lang") == "en"
    assert "by name, CURIE or IRI; not 'Tunnel'." in refused.inner_text()


def test_links_to_other_languages_keep_the_query_that_was_run(visit, small):
    page = visit(small)
    page.goto("sparql.html?query=SELECT")
    page.wait_for_selector("#editor .CodeMirror")
    page.evaluate(f"{BOX}.setValue('ASK {{}}')")
    page.click("#editor .yasqe_queryButton")
    assert page.wait_for_selector("#editor output:not(:empty)").inner_text() == "Response: yes"
    page.click(".tongues a >> nth=0")
    page.wait_for_selector("#editor .CodeMirror")
    assert (page.evaluate("document.documentElement.lang"), page.evaluate(BOX + ".getValue()")) == (
        "da",
        "ASK {}",
    )


def test_a_link_within_the_page_asks_nothing_and_keeps_the_form(visit, small):
    page = visit(small)
    page.goto("query/which.html")
    page.select_option("#p-thing", BRIDGE)
    page.evaluate("location.hash = 'content'")
    page.wait_for_timeout(100)
    assert page.locator("#p-thing").evaluate(CHOSEN) == [BRIDGE]
    page.click("form.parameters button.main")
    page.evaluate("location.hash = 'answer'")
    page.wait_for_selector(f"{ANSWER} .gone")


def test_what_a_question_needs_may_come_late(visit, address):
    def later(route):
        sleep(0.5)
        route.continue_()

    page = visit(address)
    page.route("**/editions.js", later)
    page.goto("query/plans-in-force.html")
    page.wait_for_selector("form.parameters button.main")


def test_on_a_phone_the_form_is_first_and_the_first_column_stays(visit, address):
    page = visit(address, viewport={"width": 390, "height": 800})
    page.goto("query/plans-in-force.html")
    asked(page, year="2022")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    above = page.locator("form.parameters").bounding_box()["y"]
    assert above < page.locator(ANSWER).bounding_box()["y"]
    first = page.locator("table#rows tbody tr >> nth=0").locator("td").first
    before = first.bounding_box()["x"]
    page.evaluate("document.querySelector('.scroll').scrollLeft = 200")
    assert abs(first.bounding_box()["x"] - before) < 2


def test_loading_can_be_cancelled(visit, folder):
    with serving(folder) as address:
        page = visit(address)
        page.route("**/*.trig.gz*", lambda route: None)
        page.goto("query/plans-in-force.html?year=2022")
        page.wait_for_selector("#pending:visible")
        before = page.inner_text("#pending")
        page.click("form button.main")
        page.wait_for_function(
            "() => /^Loading: .* of .* MB$/.test(document.querySelector('form [role=status]').textContent)"
        )
        assert page.get_attribute(ANSWER, "aria-busy") == "true"
        page.click("form .cancel")
        page.wait_for_function("() => document.querySelector('form .cancel').hidden")
        assert page.evaluate("document.activeElement.textContent") == page.inner_text("form button.main")
        assert page.inner_text("#pending") == before
        assert "old" in page.get_attribute(ANSWER, "class")
        page.unroute("**/*.trig.gz*")
        page.click("form button.main")
        page.wait_for_selector(f"{ANSWER} .gone", timeout=40_000)


def test_the_first_answer_of_two_countries_takes_two_megabytes(tmp_path):
    catalog = shipped(tmp_path / "catalog", "denmark", "norway", "international")
    site = Site(catalog, catalog.load(graphs=True), live=False)
    page = "/query/plans-in-force.html", "/engine/client.js", "/engine/question.js"
    files = {
        path: site.page(path).body for path in (*page, "/site.css", "/site.js", "/editions.js", "/logo.svg")
    }
    told = files["/editions.js"].partition(b" = ")[2].partition(b";\n")[0]
    loaded = json.loads(told)["engine"]["en"]["size"]  # which the button says too
    assert loaded + sum(map(len, files.values())) <= 2_000_000


def test_sparql_false_leaves_it_out(small_catalog):
    here = [
        path
        for path in Site(small_catalog, small_catalog.load(), live=False).paths()
        if path.startswith(("/engine", "/sparql", "/editor"))
    ]
    assert here
    settings = small_catalog.root / "catalog.toml"  # a link to the shipped one
    text = settings.read_text()
    settings.unlink()
    settings.write_text(text + "\n[site]\nsparql = false\n")
    catalog = Catalog(small_catalog.root)
    site = Site(catalog, catalog.load(), live=False)
    assert not {*here} & {*site.paths()}
    assert b"/engine/" not in site.page("/query/projects.html").body
