"""What a site puts up for programs that come by: the feed of changes and the sitemap."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from itertools import chain
from urllib.parse import quote

import checkout
import pytest
from releases import release

from policygraph import Catalog
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.rdf.terms import day_of, instant
from policygraph.site import feeds
from policygraph.site.site import Site
from policygraph.site.urls import SAFE
from policygraph.site.versions import archive

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FEEDS = {"/feed.atom": "en", "/feed.da.atom": "da"}


@pytest.fixture(scope="module", params=["live_site", "static_site"], ids=["live", "files"])
def site(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module", params=[True, False], ids=["live", "files"])
def few(request, examplia):
    """The site of few things."""
    return Site(examplia, examplia.store, live=request.param)


def catalogue(folder, data):
    for name in ("ontology", "data", "queries"):
        (folder / name).mkdir()
    checkout.settings(folder)
    prefixes = (
        f"@base <{BASE}> . @prefix dct: <http://purl.org/dc/terms/> ."
        " @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        " @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix adms: <http://www.w3.org/ns/adms#> .\n"
    )
    (folder / "data" / "xy.ttl").write_text(prefixes + data, encoding="utf-8")
    return Catalog(folder)


def made(folder, data):
    catalog = catalogue(folder, data)
    return Site(catalog, catalog.load())


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_valid_atom(few, path):
    page = few.page(path)
    assert page.media == "application/atom+xml"
    feed = ET.fromstring(page.body)
    assert feed.tag == ATOM + "feed"
    entries = feed.findall(ATOM + "entry")
    assert len(entries) >= 2
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(each.findall(ATOM + name)) == 1, name
        assert re.fullmatch(r"https?://\S+", each.findtext(ATOM + "id"))
        assert datetime.fromisoformat(each.findtext(ATOM + "updated")).tzinfo, "RFC 3339 asks for a zone"
    for entry in entries:
        assert entry.findtext(f"{ATOM}author/{ATOM}name"), "the feed has no author of its own"
        alternates = entry.findall(f"{ATOM}link[@rel='alternate']")
        assert len(alternates) == 1 or entry.find(ATOM + "content") is not None
        for link in alternates:
            assert few.page("/" + link.get("href").removeprefix(BASE)).language == FEEDS[path]
    assert len({entry.findtext(ATOM + "id") for entry in entries}) == len(entries)
    assert feed.findtext(ATOM + "updated") == max(entry.findtext(ATOM + "updated") for entry in entries)
    (this,) = feed.findall(f"{ATOM}link[@rel='self']")
    assert this.get("href") == BASE + path[1:]
    assert feed.findtext(ATOM + "id") == BASE + path[1:]


def test_a_feed_tells_of_the_versions_of_data_and_terms_in_its_language(site):
    titles = {
        path: {each.text for each in ET.fromstring(site.page(path).body).iter(ATOM + "title")}
        for path in FEEDS
    }
    assert "PolicyGraph ontology, version 0.4.0" in titles["/feed.atom"]
    assert (
        "Danmark: planer for en moderne og digital offentlig sektor, version 0.4.0" in titles["/feed.da.atom"]
    )
    ids = [
        {each.text for each in ET.fromstring(site.page(path).body).iterfind(f"{ATOM}entry/{ATOM}id")}
        for path in FEEDS
    ]
    assert ids[0] == ids[1], "a change is the same change in each language"


def test_the_same_catalogue_gives_the_same_feed(examplia, few):
    again = Site(examplia, examplia.store)
    assert [few.page(path).body for path in FEEDS] == [again.page(path).body for path in FEEDS]


def test_a_page_leads_to_the_feed_of_its_language(site):
    body = site.page("/doc/dk/initiative/nemid.da.html").body.decode()
    assert 'type="application/atom+xml" title="Hvad der er ændret" href="../../../feed.da.atom"' in body


def test_the_notes_of_a_version_are_in_its_entry_whatever_they_hold(tmp_path):
    hostile = made(
        tmp_path,
        '<data/xy> a dcat:Dataset ; dct:title "]]></title><script>alert(1)</script>\\u0007"@en ;'
        ' dcat:version "1 & <2>" ; dct:modified "2024-05"^^xsd:gYearMonth ;'
        ' adms:versionNotes "Added <b>Bridge</b> & more"@en , "Bro tilføjet"@da ;'
        ' dct:issued "<yesterday>" .',
    )
    english, danish = (ET.fromstring(hostile.page(path).body) for path in FEEDS)
    (entry,) = english.findall(ATOM + "entry")
    assert entry.findtext(ATOM + "content") == "Added <b>Bridge</b> & more"
    assert danish.findtext(f"{ATOM}entry/{ATOM}content") == "Bro tilføjet"
    assert entry.findtext(ATOM + "title") == "]]></title><script>alert(1)</script>\ufffd, version 1 & <2>"
    assert entry.findtext(ATOM + "id") == BASE + "data/xy#1%20%26%20%3C2%3E"
    assert entry.findtext(ATOM + "updated") == "2024-05-01T00:00:00Z"
    assert "<lastmod>" not in hostile.page("/sitemap.xml").body.decode(), "a month is no day"


def test_the_id_of_a_version_is_an_iri_also_where_that_of_the_dataset_ends_with_a_hash(tmp_path):
    data = (
        '<x#> a dcat:Dataset ; dct:title "X"@en ; dct:modified "2024-01-01"^^xsd:date ; dcat:version "0.8" .'
    )
    feed = ET.fromstring(made(tmp_path, data).page("/feed.atom").body)
    assert [each.findtext(f"{ATOM}id") for each in feed.findall(f"{ATOM}entry")] == [f"{BASE}x#0.8"]


def test_without_a_date_there_is_no_feed_and_no_link_to_one(small_catalog):
    small = Site(small_catalog, small_catalog.load())
    assert small.page("/feed.atom") is None
    assert not [path for path in small.paths() if path.endswith(".atom")]
    assert b"application/atom+xml" not in small.page("/index.html").body


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024", "2024-01-01T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("2024-02-03T04:05:06", "2024-02-03T04:05:06Z"),
        ("2024-02-03T04:05:06.5+02:00", "2024-02-03T02:05:06.500000Z"),
        ("2026-11-26Z", "2026-11-26T00:00:00Z"),
        ("2026-11-26+02:00", "2026-11-25T22:00:00Z"),
        ("2026-11-26+99:00", ""),
        ("0001-01-01+02:00", ""),
        ("2023-02-29", ""),
        ("2024-13", ""),
        ("soon", ""),
        ("2024-01-01\n", ""),
        ("", ""),
    ],
)
def test_a_date_is_a_moment(text, moment):
    assert instant(text) == moment


@pytest.mark.parametrize(
    "text", ["2026-11-26", "2026-11-26Z", "2026-11-26+02:00", "2026-11-26T00:30:00+02:00"]
)
def test_a_day_is_that_of_its_own_zone(text):
    assert day_of(text) == "2026-11-26"
    assert [day_of(other) for other in ("2026", "2026-11", "2026-11-31", f"In {text}", "")] == [""] * 5


def test_dates_with_a_zone_are_in_the_feed_and_the_sitemap_and_in_order(tmp_path):
    data = "".join(
        f'<data/{name}> a dcat:Dataset ; dct:title "{name}"@en ; dct:modified "{text}"^^xsd:{kind} .'
        for name, text, kind in (
            ("a", "2026-11-26Z", "date"),
            ("b", "2026-11-26T01:00:00+02:00", "dateTime"),
            ("c", "2026-11-25T23:30:00Z", "dateTime"),
        )
    )
    site = made(tmp_path, data)
    entries = ET.fromstring(site.page("/feed.atom").body).findall(f"{ATOM}entry")
    assert [(each.findtext(f"{ATOM}title"), each.findtext(f"{ATOM}updated")) for each in entries] == [
        ("a", "2026-11-26T00:00:00Z"),
        ("c", "2026-11-25T23:30:00Z"),
        ("b", "2026-11-25T23:00:00Z"),
    ]
    days = {each.findtext(MAP + "loc"): each.findtext(MAP + "lastmod") for each in _listed(site)}
    assert [days[f"{BASE}data/{name}.html"] for name in "abc"] == ["2026-11-26", "2026-11-26", "2026-11-25"]


def _listed(site, path="/sitemap.xml"):
    return ET.fromstring(site.page(path).body).findall(f"{MAP}url")


@pytest.mark.parametrize("live", [True, False])
def test_more_pages_than_a_sitemap_may_have_are_in_several(tmp_path, monkeypatch, live):
    old = '<id/xy/old> dct:title "Old" ; dct:isReplacedBy <id/xy/new> . <id/xy/new> dct:title "New" .'
    catalog = catalogue(tmp_path, old)
    site = Site(catalog, catalog.load(), live=live)
    whole = [each.findtext(MAP + "loc") for each in _listed(site)]
    monkeypatch.setattr(feeds, "_MAX_PAGES", len(whole))
    assert len(_listed(site)) == len(whole), "what is hidden does not count"
    assert not [path for path in site.paths() if "/sitemap-" in path]
    assert site.page("/sitemap-1.xml") is None
    monkeypatch.setattr(feeds, "_MAX_PAGES", most := len(whole) // 2)
    index = ET.fromstring(site.page("/sitemap.xml").body)
    assert index.tag == f"{MAP}sitemapindex"
    paths = [each.text.replace(BASE, "/") for each in index.iterfind(f"{MAP}sitemap/{MAP}loc")]
    assert len(paths) in (2, 3)
    assert [path for path in site.paths() if "/sitemap-" in path] == paths
    parts = [[each.findtext(MAP + "loc") for each in _listed(site, path)] for path in paths]
    assert [*chain(*parts)] == whole
    assert max(map(len, parts)) == most
    assert site.page(f"/sitemap-{len(paths) + 1}.xml") is None
    assert f"Sitemap: {BASE}sitemap.xml" in site.page("/robots.txt").body.decode()


def test_numbers_are_written_as_in_the_language_of_the_feed(tmp_path, monkeypatch):
    first, later = (release(tmp_path / str(number), number) for number in range(2))
    kept = archive.stays(Site(first, first.load(), live=False)._context)
    monkeypatch.setattr(feeds, "counts", lambda context, path: {"new": 1234})
    site = Site(later, later.load(), live=False, previous=kept)
    notes = [
        "".join(each.text or "" for each in ET.fromstring(site.page(path).body).iter(ATOM + "content"))
        for path in FEEDS
    ]
    assert "1,234" in notes[0]
    assert "1.234" in notes[1]


@pytest.mark.full
def test_the_sitemap_names_each_page_once_with_the_day_of_its_data(site, catalog):
    tree = ET.fromstring(site.page("/sitemap.xml").body)
    places = [each.findtext(MAP + "loc") for each in tree]
    every = [path for path in site.paths() if path.endswith(".html")]
    pages = [path for path in every if not path.startswith(("/404.", "/embed/"))]
    frame = next(path for path in every if path.startswith("/embed/"))
    assert b'<meta name="robots" content="noindex">' in site.page(frame).body
    assert places == [BASE + quote(path[1:], safe=SAFE) for path in pages]
    days = {each.findtext(MAP + "loc"): each.findtext(MAP + "lastmod") for each in tree}
    said = re.compile(r'^  dct:modified "([-0-9]+)"\^\^xsd:date', re.MULTILINE)
    modified = {name: said.search(each.path.read_text())[1] for name, each in catalog.datasets.items()}
    assert len(modified) > 1
    assert {name: days[f"{BASE}data/{name}.html"] for name in modified} == modified
    assert days[f"{BASE}doc/dk/initiative/nemid.da.html"] == modified["denmark"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", min(days.values())), "each page has one"


def test_each_page_has_the_day_of_its_own_dataset(tmp_path):
    catalog = catalogue(
        tmp_path, '<data/xy> a dcat:Dataset ; dct:modified "2024-05-06"^^xsd:date . <id/xy/a> dct:title "A" .'
    )
    text = (
        (catalog.root / "data" / "xy.ttl").read_text().replace("xy", "zz").replace("2024-05-06", "2020-01-02")
    )
    (catalog.root / "data" / "zz.ttl").write_text(text)
    catalog = Catalog(catalog.root)
    tree = ET.fromstring(Site(catalog, catalog.load()).page("/sitemap.xml").body)
    days = {each.findtext(MAP + "loc"): each.findtext(MAP + "lastmod") for each in tree}
    assert days[BASE + "doc/xy/a.html"] == days[BASE + "data/xy.html"] == "2024-05-06"
    assert days[BASE + "doc/zz/a.da.html"] == "2020-01-02"
    assert days[BASE + "index.html"] == "2024-05-06"


def test_robots_may_read_all_but_the_answers_of_a_machine(site):
    text = site.page("/robots.txt").body.decode()
    assert f"Sitemap: {BASE}sitemap.xml\n" in text
    assert ("Disallow: /sparql\n" in text) == ("/engine/client.js" not in set(site.paths()))
