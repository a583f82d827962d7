"""SPARQL and saved questions where no server answers: a published folder in a real Chromium."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import re
import shutil
import threading
from urllib.parse import urlencode, urljoin

import pytest
from checkout import SHIPPED
from lxml import html
from tools import missing

from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import compact
from policygraph.site.context import OXIGRAPH
from policygraph.site.rendering import NOTHING_LOADS, POLICY, WORKER_POLICY
from policygraph.site.site import Site

pytest_plugins = ["browser"]

DONE = "section[aria-labelledby=answer] .gone, .refused"
ANSWER = "section[aria-labelledby=answer]"
BOX = "document.querySelector('#editor .CodeMirror').CodeMirror"
# What a person reads in the table, and where its links lead.
CELLS = """() => [...document.querySelectorAll("table#rows tbody tr")].map(row =>
  [...row.cells].filter(cell => cell.className !== "years").map(cell =>
    [cell.textContent.replace(/\\s+/g, " ").trim(), ...[...cell.querySelectorAll("a")].map(a => a.href), cell.className]))"""
SETTLED = "() => document.querySelector('form .cancel').hidden && !document.querySelector('.old')"
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


class Handler(http.server.SimpleHTTPRequestHandler):
    """What `python -m http.server` runs; with `policies`, as a careful host answers."""

    def __init__(self, *arguments, policies=None, below="/", sizes=None, **more):
        self.policies, self.below, self.sizes = policies, below, sizes
        super().__init__(*arguments, **more)

    def translate_path(self, path):
        return super().translate_path(path.removeprefix(self.below[:-1]) if path.startswith(self.below) else "/none")

    def end_headers(self):
        if self.policies:
            path = self.path.partition("?")[0]
            last = path.rpartition("/")[2]
            kind = "page" if last.endswith(".html") else "worker" if last.startswith("worker-") else "other"
            self.send_header("Content-Security-Policy", self.policies[kind])
        super().end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder, **options):
    """A server of a folder; gives its address."""
    handler = functools.partial(Handler, directory=str(folder), **options)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{options.get('below', '/')}"
    server.shutdown()
    server.server_close()
    thread.join()


def write(site, folder):
    """The pages of the questions and what they load."""
    wanted = re.compile(r"/(query|engine|editor)/.*\.(html|js|css|gz)|/(site|sparql|logo).*")
    for path in filter(wanted.fullmatch, site.paths()):
        file = folder / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(site.page(path).body)
    return folder


@pytest.fixture(scope="module")
def folder(examplia, tmp_path_factory):
    if not OXIGRAPH.is_dir():
        missing("the engine is not built (install npm, then `make clean serve`)")
    return write(Site(examplia, examplia.store, live=False), tmp_path_factory.mktemp("folder"))


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
        page.on("request", lambda r: r.url.startswith((address, "blob:", "data:", "file:")) or wrong.append(r.url))
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
        field.select_option(value) if field.evaluate("each => each.tagName") == "SELECT" else field.fill(value)
    page.click("form.parameters button.main")
    page.wait_for_function("() => document.querySelector('form .cancel').hidden", timeout=60_000)


def cells(page):
    return page.evaluate(CELLS)


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
    return found, " ".join(each.text_content() for each in finding), document.xpath("string(//h2[@id='answer'])").strip()


def others(page, store, parameter):
    """Two values of a parameter that are not the one in its field."""
    name = parameter.name
    field = page.locator(f"#p-{name}")
    if field.get_attribute("type") == "number":
        return ["2012", "2018"]
    options = field.evaluate("each => [...((each.list ?? each).options ?? [])].map(option => option.value)")
    if not options:  # too many to list
        found = store.query(f"SELECT ?x {{ ?x a/rdfs:subClassOf* <{parameter.iri}> }} ORDER BY ?x")
        things = [row["x"] for row in found] or [row["x"] for row in store.query("SELECT ?x { ?x a pg:Plan }")]
        options = [compact(each.value) for each in things]
    known = [each for each in options if each and each != field.input_value()]
    return list(dict.fromkeys([*known[:1], *known[-1:]]))


def compared(page, live, query, store, address, language=""):
    """The differences between the server's cells and those made here, of a question's defaults and other values."""
    name, path = query.name, f"/query/{query.name}{language and '.' + language}.html"
    page.goto(path[1:])
    parameters = query.parameters.values()
    runs = [{}, *({each.name: value} for each in parameters for value in others(page, store, each))]
    for given in runs:
        page.evaluate("query => { history.pushState(null, '', query); dispatchEvent(new PopStateEvent('popstate')) }", f"?{urlencode(given)}")
        if page.locator("form .cancel").is_hidden() and not page.locator(DONE).count():
            page.click("form.parameters button.main")
        page.wait_for_function(SETTLED, timeout=60_000)
        wanted, finding, count = expected(live, path, {k: [v] for k, v in given.items()}, address)
        got = (cells(page), " ".join(page.locator(f"{ANSWER} .finding").all_inner_texts()).strip(), page.inner_text("h2#answer"))
        if got != (wanted, finding, count):
            yield name, given, [pair for pair in zip(got[0], wanted, strict=False) if pair[0] != pair[1]][:2], got[1:], (finding, count), len(got[0]), len(wanted)
