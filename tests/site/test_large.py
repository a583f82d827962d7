"""A large catalogue on a server: the same pages as of a small one, looked up, and parts of what grows."""

from __future__ import annotations

import json
import re
import threading
from collections import defaultdict
from urllib.parse import urlencode

import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.site import context as module
from policygraph.site.context import SiteContext
from policygraph.site.noted import once
from policygraph.site.pages import explore
from policygraph.site.site import Site
from policygraph.store import kept

ADDRESS = "https://data.example.org/"
MANY = ("/concept/basis/", "/concept/strength/", "/agent/policygraph", "/source/", "/doc/int/")
# What lists files to download, or versions, which only a small site has.
FILED = re.compile(r"/data/|/(alignment|concept|ontology|shapes)(/\d.*)?$")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where stores are kept, which here all are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "LARGE", 1)
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("POLICYGRAPH_CACHE", raising=False)
        yield patch


@pytest.fixture(scope="module")
def store(home):
    return Catalog.find().load(graphs=True)


@pytest.fixture(scope="module")
def large(store):
    return Site(Catalog.find(), store, address=ADDRESS)


@pytest.fixture(scope="module")
def small():
    return Site(Catalog.find(), Catalog.find().store, address=ADDRESS)


def body(site, path):
    """The body of a page, without the link to what a large site does not have.

    The example of a statement in the ontology is any of the first 500 that a large store gives.
    """
    page = re.sub(rb'<li[^>]*><a [^>]*href="[^"]*crosswalk[^>]*>[^<]*</a></li>\s*', b"", site.page(path).body)
    return re.sub(rb'<span class="said">.*?</span>', b"", page, flags=re.DOTALL)


@pytest.mark.full
def test_a_thing_has_the_same_documents(small, large):
    assert large._context.large
    assert not small._context.large
    folders = defaultdict(list)
    for path in small._context.urls.resources:
        if not path.startswith(MANY) and not FILED.match(path):
            folders["/concept" if path.startswith("/concept") else path.rpartition("/")[0]].append(path)
    # Of each folder, which are of one kind, an eighth, but of the claims and the concepts six.
    paths = [path for each in folders.values() for path in each[:: max(8, len(each) // 6)]]
    assert len(paths) > 25
    for path in paths:
        # The large one has no whole network, and so no page of it.
        assert large.variants(path) == small.variants(path)
        document = small._context.urls.html(path)
        assert body(large, document) == body(small, document), document
    for path in paths[::9]:
        for document in (small._context.urls.html(path, "da"), small.variants(path)["text/turtle"]):
            assert body(large, document) == body(small, document), document


@pytest.mark.full
@pytest.mark.parametrize("path", ["/query.html", "/catalog.nt", "/query/plans-in-force.html"])
def test_the_pages_that_do_not_grow_are_the_same(small, large, path):
    if path == "/catalog.nt":  # but for the files, which only a small one has
        ours, theirs = (
            {line for line in site.page(path).body.decode().splitlines() if "download" not in line}
            for site in (large, small)
        )
        assert {line for line in ours if "/void" not in line} <= theirs
        assert len(ours) > 100
        return
    assert body(large, path) == body(small, path)


def test_search_finds_the_same(small, large):
    assert len(Catalog.find().search("M1", store=large._context.store)) > 7  # one by its notation
    for text in ("digital", "NemID", "sundhed", "M1", "W3", "nemd", "kuka", "aldrig hørt", "a"):
        found = [
            site.page("/search.html", {"q": [text]}).body.decode().partition("<main")[2]
            for site in (small, large)
        ]
        listed = [re.findall(r'<li>.*?href="([^"]+)"', each) for each in found]
        if text == "nemd":  # the index finds them by what they are called, too
            listed = [each[:1] for each in listed]
        assert listed[0] == listed[1] != [], text


def test_a_kind_is_counted_and_some_of_it_listed(small, large, monkeypatch):
    monkeypatch.setattr("policygraph.site.pages.home._FEW", 5)
    pages = [site.page("/things.html").body.decode() for site in (small, large)]
    counts = [re.findall(r'id="(\w+)">.*?<span class="count">(\d+)</span>', each) for each in pages]
    assert counts[0] == counts[1]
    assert any(int(number) > 5 for _, number in counts[1])
    lists = re.findall(r'<ul class="columns">(.*?)</ul>', pages[1], re.DOTALL)
    assert max(each.count("<li>") for each in lists) == 5


def test_names_are_the_first_in_the_alphabet(large, monkeypatch):
    monkeypatch.setattr("policygraph.site.pages.home._FIRST", 30)
    page = large.page("/names.html").body.decode()
    letters = re.findall(r'<h2 id="(.)">', page)
    assert letters == sorted(letters)
    assert 0 < page.count('<li><a href="doc/') + page.count('<li><a href="concept/') <= 90
    assert "these are the first in the alphabet" in page


def test_what_much_leads_to_is_counted_not_listed(store, monkeypatch):
    monkeypatch.setattr(module, "_MANY", 100)
    large = Site(Catalog.find(), store, address=ADDRESS)
    path = "/concept/basis/stated"
    page = large.page(path + ".html").body.decode()
    (count,) = re.findall(
        r'<span class="count">(\d+)</span></h3>\s*<p><a class="next" href="[^"]*query=', page
    )
    asked = f"SELECT (COUNT(*) AS ?n) {{ ?s pg:basis <{large._context.base}{path[1:]}> }}"
    assert int(count) == int(next(iter(large._context.store.query(asked)))["n"].value) > module._MANY
    assert "query=SELECT%20%3Fthing" in page
    assert large.page(path + ".nt").body.count(b"\n") < module._MANY
    assert b"#type> <https://w3id.org/policygraph/ontology#Driver>" in large.page("/ontology.nt").body


def test_no_files_are_offered(large):
    assert b"download/" not in body(large, "/index.html")
    page = large.page("/catalog.html").body.decode()
    assert "too large for a server" in page
    assert "/download/" not in page
    for path in ("/download/denmark.ttl", "/download/SHA256SUMS", "/download/denmark"):
        assert large.page(path) is None
        assert not large.variants(path)


def test_lists_are_not_compared_on_a_page(large):
    page = large.page("/crosswalk.html").body.decode()
    assert "too large for a comparison" in page
    assert 'href="crosswalk' not in large.page("/index.html").body.decode()


def test_the_sitemap_has_the_pages_that_do_not_grow(large):
    page = large.page("/sitemap.xml").body.decode()
    assert f"{ADDRESS}query.html" in page
    assert "/doc/" not in page


def test_the_network_is_shown_by_kinds_and_around_a_thing(large, monkeypatch):
    monkeypatch.setitem(large._context.__dict__, "in_parts", True)
    page = large.page("/explore.html")
    document = json.loads(
        re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page.body.decode(), re.DOTALL)[1]
    )
    counts = {kind: len(members) for kind, members in large._context.members.items()}
    assert {node["iri"]: node["name"].rpartition("(")[2] for node in document["nodes"]} == {
        kind: f"{number})" for kind, number in counts.items()
    }
    assert all(lane["name"] not in ("", "Other things") for lane in document["lanes"])
    names = [edge["facts"]["Connections"] for edge in document["edges"]]
    assert sum(map(int, names)) == large._context.network("en").size()
    assert page.body == explore.explore(large._context, "/explore", "en", {}).body
    focus = f"{large._context.base}id/dk/initiative/nemid"
    part = large.page("/explore.html", {"focus": [focus]})
    assert b"<title>NemID</title>" in part.body
    assert f'<a href="explore.da.html?{urlencode({"focus": focus})}"'.encode() in part.body
    assert b"id/no/" not in part.body
    wrong = large.page("/explore.html", {"focus": ["https://example.org/none"]})
    assert "https://example.org/none" in wrong.refused


def test_an_iri_with_an_escape_or_a_fragment_is_found_by_its_path(home, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MANY", 0)
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.toml").write_text('base = "https://example.org/"\n')
    iris = ["a%20b", "part#one", "part#two", "plain", "æ", "%C3%B8", "50%25", "x%2Dy"]
    lines = [
        f'<https://example.org/{each}> <http://www.w3.org/2000/01/rdf-schema#label> "It" .' for each in iris
    ]
    lines.append(
        "<https://example.org/plain> <http://purl.org/dc/terms/relation> <https://example.org/part#one> ."
    )
    (tmp_path / "data" / "d.ttl").write_text("\n".join(lines))
    catalog = Catalog(tmp_path)
    site = Site(catalog, catalog.load(graphs=True), address=ADDRESS)
    assert site._context.large
    small = SiteContext(catalog, catalog.store, live=False).urls
    assert site.page("/part.html").body.count(b">1 reference to it</a>") == 1
    assert len(small.resources) == 7
    for path, known in small.resources.items():
        assert site._context.urls.at(path) == known
        assert all(map(site._context.urls.is_here, known))
    assert [site._context.urls.at(path) for path in ("/none", "/a", "/part#one", "/a<b")] == [[]] * 4


def test_labels_that_are_read_later_are_the_same(store):
    every, later = Labels(store), Labels(store, later=True)
    later.learn([*every][:50])
    assert later.size <= 50
    for iri in every:
        for language in ("en", "da", "de"):
            assert later.of(iri, language) == every.of(iri, language)
            assert later.others(iri, language) == every.others(iri, language)
        assert (later.kinds(iri), later.version(iri)) == (every.kinds(iri), every.version(iri))
    assert not later.has("https://example.org/none")


def test_what_was_read_is_forgotten_when_it_is_much(large, monkeypatch):
    monkeypatch.setattr("policygraph.site.site._REMEMBERED", 10)
    first = large.page("/doc/dk/initiative/nemid.html")
    assert large._context.labels.size > 10
    assert large.page("/doc/dk/initiative/nemid.html") == first


def test_what_goes_through_everything_is_asked_once(store, monkeypatch):
    for text in (
        "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ?c",
        "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c ; pg:basis ?b }",
        "ASK { ?s a pg:Plan }",
    ):
        asked = store.query(text)
        before = bool(asked) if text.startswith("ASK") else sorted(map(str, asked))
        for again in (store, kept.KeptStore(store._folder, prefixes=store.prefixes)):
            monkeypatch.setattr(kept.KeptStore, "query", None)  # it is not asked here
            answer = again.counted(text)
            assert (bool(answer) if text.startswith("ASK") else sorted(map(str, answer))) == before
            monkeypatch.undo()


def test_what_takes_long_keeps_nothing_else_waiting(small):
    """A page took 51 seconds once, since all that is memoised waited for the files to download."""
    started, done = threading.Event(), threading.Event()

    @once
    def long(context):
        started.set()
        return done.wait(20)

    @once
    def short(context):
        return "done"

    waiting = threading.Thread(target=lambda: long(small._context))
    waiting.start()
    assert started.wait(20)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(short(small._context)), daemon=True)
    asking.start()
    asking.join(10)
    done.set()
    waiting.join()
    assert answers == ["done"]
