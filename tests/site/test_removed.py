"""What was removed is answered with 410, what was replaced with 301: by real servers and by ours."""

from __future__ import annotations

import re
import shutil
from functools import partial
from hashlib import sha256
from urllib.parse import unquote

import checkout  # noqa: F401  before `webservers`
import httpx
import loopback
import pytest
import webservers
from cases import some
from releases import BASE, VERSIONS, digests, release
from webservers import ask

from policygraph.catalog.catalog import Catalog
from policygraph.check.site.inspect import inspect
from policygraph.errors import PublicationError
from policygraph.rdf import reader
from policygraph.server.app import app
from policygraph.site import webserver
from policygraph.site.publication.memory import Written
from policygraph.site.publish import _check, publish as publish_site
from policygraph.site.site import Site
from policygraph.site.urls import GRAPHS
from policygraph.site.versions import archive, changes, stream
from policygraph.text import grouped

publish = partial(publish_site, processes=1)
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
TURTLE = "text/turtle"
GONE, MOVED = "/port/old", "/port/past"
AWKWARD = ("port/a,b", "port/q%22d", "port/c$d", "port/s/", "port/h%23h")  # for those who read rules
WORD, TERM, AT = "/port/word", "vocab#a$b'é", "#a%24b%27%C3%A9"  # replaced by a term, and what is sent of it
AROUND = {  # version 1.1.0 of the register
    "register": "latest-version",
    "register/1.0.0": "predecessor-version",
    "register/2.0.0": "successor-version",
    "register.link": "timemap",
}
PAGES = ("", "catalog")  # of the site, of which the first release says something too


@pytest.fixture(scope="module")
def place():
    """The third release in the folder of the two before it, where Apache may read it, and what each had."""
    with webservers.room() as home:
        folders, kept = home / "site", []
        for number in range(3):
            catalog = release(home / "register", number)
            data = home / "register" / "data" / "ports.ttl"
            more = (f'<{BASE}{each}> skos:prefLabel "It"@en .\n' for each in (*AWKWARD, *PAGES, WORD[1:]))
            term = f'<{BASE}{TERM}> skos:prefLabel "It"@en ; dct:replaces <{BASE}{WORD[1:]}> .\n'
            data.write_text(f"{data.read_text()}{term if number else ''.join(more)}", encoding="utf-8")
            publish(Catalog(catalog.root), folders)
            kept.append(digests(folders))
        yield folders, kept


@pytest.fixture(scope="module", params=some(["apache", "nginx", "caddy"]))
def server(request, place):
    config = webservers.rules(request.param, place[0]) if request.param != "apache" else ""
    with webservers.running(request.param, place[0], config=config) as running:
        yield running


@pytest.mark.parametrize(
    "path",
    [
        GONE,
        f"{GONE}.html",
        f"{GONE}.da.html",
        f"{GONE}.ttl",
        "/port/nameless",
        *(f"/{each}" for each in AWKWARD),
    ],
)
def test_a_server_says_that_something_is_gone_with_a_page_of_it(server, path):
    for accept, tongue, words in (
        (CHROME, "da", "Dette var offentliggjort her og er fjernet"),
        (CHROME, "en", "This was published here and has been removed"),
        (TURTLE, None, "This was published here and has been removed"),
    ):
        reply = ask(server, path, accept, tongue)
        assert reply.status == 410, (path, accept)
        assert words in reply.body.decode()
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src" in reply.headers["content-security-policy"]
    assert ask(server, path, CHROME, method="HEAD").status == 410


def test_a_page_of_the_site_stays_where_its_data_say_nothing_of_it_any_more(server, client):
    for page in PAGES:
        assert ask(server, f"/{page}", CHROME).status in (200, 303)
        assert client(f"/{page}", accept=CHROME).status_code == 200
        assert ask(server, f"/{page or 'index'}.html").status == 200


def test_a_server_leads_from_what_was_replaced_to_what_did(server):
    for end in ("", ".html", ".da.html", ".ttl", ".rdf"):
        reply = ask(server, MOVED + end, CHROME)
        assert (reply.status, reply.headers["location"]) == (301, f"/port/south{end}")
        assert f'<{BASE}port/south>; rel="successor-version"' in reply.headers["link"]
    assert ask(server, "/port/south.ttl").status == 200


def test_a_server_leads_to_the_very_term_that_replaced_something(server, client):
    for end in ("", ".html", ".da.html", ".ttl"):
        reply = ask(server, WORD + end, CHROME)
        assert (reply.status, reply.headers["location"]) == (301, f"/vocab{end}{AT}")
        assert f'<{BASE}vocab{AT}>; rel="successor-version"' in reply.headers["link"]
        reply = client(WORD + end, accept=CHROME)
        assert (reply.status_code, reply.headers["location"]) == (301, f"/vocab{end}{AT}")
        assert reply.headers["link"] == f'</vocab{AT}>; rel="successor-version"'


def test_a_server_answers_at_every_address_that_ever_was(server, place):
    for kept in place[1]:
        for path, digest in kept.items():
            if path != "changes/gone.ttl":  # which grows
                reply = ask(server, f"/{path}")
                assert (reply.status, sha256(reply.body).hexdigest()) == (200, digest), path
    types = {
        path: ask(server, path).headers["content-type"]
        for path in ("/register.link", "/changes/register/1.0.0..1.1.0.ru")
    }
    assert [*types.values()] == ["application/link-format", "application/sparql-update"]


def test_a_server_links_the_versions(server):
    link = ask(server, "/register/1.1.0.ttl").headers["link"]
    found = dict(re.findall(r'<([^>]+)>; rel="([\w-]+)"', link))
    assert {f"{BASE}{path}": rel for path, rel in AROUND.items()}.items() <= found.items()
    reply = ask(server, "/register/1.0.0", TURTLE)
    assert (reply.status, reply.headers["location"]) == (303, "/register/1.0.0.ttl")
    assert "version" not in ask(server, "/port/south.ttl").headers.get("link", "")
    assert ask(server, "/register/3.0.0.ttl").status == 404


@pytest.fixture(scope="module")
def client(place):
    """Asks our own server of the third release, with what the folder keeps."""
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal() as portal:
        application = app(Catalog(place[0].parent / "register"), base=BASE, previous=[place[0]], workers=1)
        transport = httpx.ASGITransport(application)
        with portal.wrap_async_context_manager(
            httpx.AsyncClient(transport=transport, base_url=BASE[:-1])
        ) as http:
            yield lambda path, **headers: portal.call(partial(http.get, path, headers=headers))


def test_our_server_answers_the_same(client, place):
    for end in ("", ".html", ".da.html", ".ttl"):
        reply = client(GONE + end, accept=CHROME)
        assert (reply.status_code, reply.headers["content-type"]) == (410, "text/html; charset=utf-8")
        assert ("Dette var offentliggjort" if end == ".da.html" else "This was published") in reply.text
        assert client(GONE + end, accept=TURTLE).status_code == 410
        reply = client(MOVED + end, accept=CHROME)
        assert (reply.status_code, reply.headers["location"]) == (301, f"/port/south{end}")
        assert reply.headers["link"] == '</port/south>; rel="successor-version"'
    for path, digest in place[1][2].items():
        assert sha256(client(f"/{path}").content).hexdigest() == digest, path
    link = client("/register/1.1.0.ttl").headers["link"]
    assert AROUND.items() <= dict(re.findall(r'</([^>]+)>; rel="([\w-]+)"', link)).items()
    assert '</register/1.1.0>; rel="predecessor-version"' in client("/register.ttl").headers["link"]
    packed = client("/download/register/1.0.0/register.nt.gz")
    assert packed.headers["content-type"] == "application/gzip"
    assert client("/register/1.0.0", accept=TURTLE).headers["location"] == "/register/1.0.0.ttl"
    assert client("/changes/register/1.0.0..1.1.0", accept=CHROME).status_code == 200
    for name in ("stream", "gone", "register/1.0.0"):  # the stream has this IRI
        for accept in (TURTLE, "*/*"):
            reply = client(f"/changes/{name}", accept=accept)
            assert (reply.status_code, reply.headers["content-type"]) == (200, f"{TURTLE}; charset=utf-8")
            assert reply.headers["content-location"] == f"/changes/{name}.ttl"
    assert client("/changes/nothing", accept=TURTLE).status_code == 404


def test_the_list_of_what_was_removed(place):
    found = {str(q.subject): set() for q in reader.read(place[0] / "changes" / "gone.ttl")}
    for quad in reader.read(place[0] / "changes" / "gone.ttl"):
        found[str(quad.subject)].add(
            (quad.predicate.value.rpartition("/")[2], getattr(quad.object, "value", ""))
        )
    assert {*found} == {f"<{BASE}port/{name}>" for name in ("old", "past", "nameless", "word")} | {
        f"<{BASE}{each}>" for each in (*AWKWARD, "vocab#Quay")
    }
    assert ("isPartOf", f"{BASE}register/1.0.0") in found[f"<{BASE}port/old>"]
    assert ("isReplacedBy", f"{BASE}port/south") in found[f"<{BASE}port/past>"]
    assert ("prov#invalidatedAtTime", "2026-10-01") in found[f"<{BASE}port/old>"]


def test_the_page_says_since_when_and_what_to_use(place):
    folder = place[0]
    old, past = ((folder / "port" / f"{name}.html").read_text(encoding="utf-8") for name in ("old", "past"))
    for page in (old, past):
        assert '<meta name="robots" content="noindex">' in page
        assert '<time datetime="2026-10-01">' in page
    assert "<h1>Old Harbour</h1>" in old.replace("<bdi>", "").replace("</bdi>", "")
    assert 'href="../register/1.0.0.html"' in old
    assert '<link rel="successor-version" href="south.html">' in past
    assert "Gammelhavn" in (folder / "port" / "old.da.html").read_text(encoding="utf-8")
    sitemap = (folder / "sitemap.xml").read_text(encoding="utf-8")
    assert "port/south.html" in sitemap
    assert "port/old" not in sitemap
    assert "Old Harbour" not in (folder / "search.html").read_text(encoding="utf-8")


def test_hosts_of_files_get_the_redirects_and_the_links(place):
    lines = (place[0] / "_redirects").read_text(encoding="utf-8").splitlines()
    assert "/port/past /port/south.html 301" in lines
    assert "/port/past.ttl /port/south.ttl 301" in lines
    assert {f"{WORD} /vocab.html{AT} 301", f"{WORD}.ttl /vocab.ttl{AT} 301"} <= {*lines}
    headers = (place[0] / "_headers").read_text(encoding="utf-8")
    assert f'/register/1.0.0.*\n  Link: <{BASE}register>; rel="latest-version"' in headers
    patterns = re.findall(r"^(/.*)\n  Link:", headers, re.MULTILINE)
    assert len(patterns) == len({*patterns})


def test_a_rule_for_hosts_of_files_is_of_the_documents_of_one_version():
    """The documents of 2.0.1 begin as 2.0 does, and the list of versions as what they are of."""
    names = [
        "1.ttl",
        "1.html",
        "1.da.html",
        "2.0.ttl",
        "2.0.html",
        "2.0.da.html",
        "2.0.1.ttl",
        "x.ttl",
        "x.link",
    ]
    written = {f"/v/{name}": Written(f"/v/{name}", "text/html", "", 1, "") for name in names}
    around = {f"/v/{name}": {"latest-version": "/v/x"} for name in ("1", "2.0", "2.0.1", "x", "moved")}
    rules = webserver.files(written, ("en", "da"), around=around)["_headers"].decode()
    patterns = {each.removeprefix("/v/") for each in re.findall(r"^(/.*)\n  Link:", rules, re.MULTILINE)}
    data = {f"{stem}{suffix}" for stem in ("2.0", "x") for suffix in GRAPHS}
    assert patterns == {"1.*", "2.0.1.*", "moved.*", "x.html", "x.da.html"} | data  # pages say it themselves


def test_the_checker_accepts_it_all(place):
    assert inspect(place[0], base=BASE).findings == ()
    assert inspect(place[0], base=BASE, static=True).findings == ()


@pytest.mark.full
def test_the_checker_accepts_each_server(server):
    found = inspect(f"http://127.0.0.1:{server.port}/", base=BASE).findings
    assert [each for each in found if each.rule in ("removed", "dead-link", "checksum", "distribution")] == []


@pytest.mark.full
def test_the_checker_finds_a_server_without_the_rules_and_a_list_without_pages(place, tmp_path):
    folder = shutil.copytree(place[0], tmp_path / "site")
    (folder / "port" / "old.html").unlink()
    feed = folder / "feed.atom"
    feed.write_text(
        feed.read_text(encoding="utf-8").replace("1.0.0..1.1.0.html", "1.0.0..1.2.0.html"), encoding="utf-8"
    )
    found = []
    with loopback.serving(folder) as plain:
        for static in (False, True):
            errors = inspect(plain, base=BASE, static=static).errors
            found.append({(each.rule, each.where) for each in errors})
    assert ("dead-link", "/feed.atom") in found[1]
    without, alone = ({where for rule, where in each if rule == "removed"} for each in found)
    assert alone == {"/port/old.html"}
    assert without - alone


def test_what_comes_back_is_there_again(place, tmp_path):
    catalog = release(tmp_path, 2)
    path = catalog.root / "data" / "ports.ttl"
    text = path.read_text(encoding="utf-8").replace('"2.0.0"', '"2.1.0"')
    path.write_text(text + '<port/old> skos:prefLabel "Old again"@en .\n', encoding="utf-8")
    site = Site(
        type(catalog)(catalog.root),
        type(catalog)(catalog.root).load(),
        live=False,
        previous=archive.read(str(place[0]), BASE),
    )
    assert "Old again" in site.page("/port/old.html").body.decode()
    assert {*site.removed} == {
        "/port/nameless",
        "/port/past",
        WORD,
        *(unquote(f"/{each}") for each in AWKWARD),
    }


def test_a_dataset_that_is_no_longer_published_keeps_its_versions(place, tmp_path):
    catalog = release(tmp_path, 2)
    (catalog.root / "data" / "ports.ttl").unlink()
    (catalog.root / "data" / "other.ttl").write_text(
        f"@base <{BASE}> . <other> a <http://www.w3.org/ns/dcat#Dataset> ; "
        '<http://purl.org/dc/terms/title> "Other"@en .',
        encoding="utf-8",
    )
    catalog = type(catalog)(catalog.root)
    site = Site(catalog, catalog.load(), live=False, previous=archive.read(str(place[0]), BASE))
    assert {"/register", "/port/north", "/port/old"} <= {*site.removed}
    assert {f"/register/{name}.ttl" for name in VERSIONS} <= {*site.paths()}
    assert "Register of ports" in site.page("/register.html").body.decode()
    assert site.page("/register/2.0.0.ttl").body == (place[0] / "register" / "2.0.0.ttl").read_bytes()
    assert re.search(r">Register of ports 2\.0\.0</a>", site.page("/register.html").body.decode())
    feed = site.page("/feed.atom").body.decode()
    assert "<title>Register of ports, version 2.0.0</title>" in feed
    assert "<name>Ports Agency</name>" in feed
    assert not re.search(f"<(title|name)>[^<]*{BASE}", feed)
    assert unquote(site.around["/register/1.0.0"]["latest-version"]) == "/register/2.0.0"


def small(root, datasets, **kept):
    """A site of datasets, each with its version, its day and what else is in it."""
    (root / "data").mkdir(parents=True)
    settings = 'base = "https://x.example/"\nlanguages = ["en"]\n[site]\nsparql = false\n'
    (root / "catalog.toml").write_text(settings, encoding="utf-8")
    head = (
        "@base <https://x.example/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        "@prefix dct: <http://purl.org/dc/terms/> .\n"
    )
    for name, (number, day, more) in datasets.items():
        about = f'dct:title "{name}"@en ; dcat:version "{number}" ; dct:modified "{day}" .'
        text = f"{head}<data/{name}> a dcat:Dataset ; {about} {more}"
        (root / "data" / f"{name}.ttl").write_text(text, encoding="utf-8")
    catalog = Catalog(root)
    return Site(catalog, catalog.load(), live=False, **kept)


X = '<id/x> dct:title "X"@en .'


def test_what_two_datasets_removed_has_one_date(tmp_path):
    first = dict.fromkeys("ab", ("1", "2026-01-01", X))
    kept = archive.stays(small(tmp_path / "1", first)._context)
    then = {"a": ("2", "2026-02-01", ""), "b": ("2", "2026-03-01", "")}
    page = small(tmp_path / "2", then, previous=kept).page("/doc/x.html").body.decode()
    assert '<time datetime="2026-03-01">' in page
    assert "data/a/1.html" in page


@pytest.mark.parametrize(
    ("version", "day", "since"),
    [("1", "2026-08-01", []), ("2", "2026-05-01", []), ("2", "2026-09-01", ["2026-09-01"])],
)
def test_a_dataset_is_gone_since_a_day_that_came_with_a_publication_without_it(tmp_path, version, day, since):
    first = {"a": ("1", "2026-06-01", X), "b": ("1", "2026-08-01", "")}
    kept = archive.stays(small(tmp_path / "1", first)._context)
    site = small(tmp_path / "2", {"b": (version, day, "")}, previous=kept)
    for path in ("/doc/x.html", "/data/a.html"):
        note = re.search('role="note">.*', site.page(path).body.decode())[0]
        assert re.findall('<time datetime="([^"]+)"', note) == since
    assert site.page("/doc/x.ttl") is None


def test_a_time_map_says_of_what_is_gone_that_its_last_version_is_the_latest(tmp_path):
    kept, of = {}, "https://x.example/data/a"
    for number, datasets in enumerate(({"a": ("1", "2026-06-01", "")}, {"a": ("2", "", "")}, {})):
        site = small(tmp_path / f"{number}", {"b": ("1", "2026-06-01", ""), **datasets}, previous=kept)
        kept, lines = archive.stays(site._context), site.page("/data/a.link").body.decode().split(",\n")
        assert (f'<{of}>; rel="original latest-version"' in lines) == bool(datasets)
    assert lines[:2] == [f'<{of}>; rel="original"', f'<{of}/2>; rel="latest-version"']
    assert [line.partition(";")[0] for line in lines[3:]] == [f"<{of}/1>", f"<{of}/2>"]


@pytest.mark.parametrize("path", ["//evil.example/x", "//evil.example/a/", "//id//evil.example/x"])
def test_no_address_leads_to_another_host(server, path):
    assert not ask(server, path, CHROME).headers.get("location", "").startswith(("//", "http:", "https:"))


_DAYS = pytest.mark.parametrize(
    ("day", "since"),
    [
        ("2026-10-01T00:30:00+02:00", ["2026-10-01"]),
        ("2026-10-01Z", ["2026-10-01"]),
        ("2026", []),
        ("October 2026", []),
    ],
)


def since_when(site):
    return re.findall(r'role="note">[^\n]*<time datetime="([^"]+)"', site.page("/doc/x.html").body.decode())


@_DAYS
def test_what_went_at_a_time_has_its_day_and_what_went_in_words_has_none(tmp_path, day, since):
    kept = archive.stays(small(tmp_path / "1", {"a": ("1", "2026-01-01", X)})._context)
    for version in "23":  # the third reads what the second wrote
        site = small(tmp_path / version, {"a": (version, day, "")}, previous=kept)
        kept = archive.stays(site._context)
    assert since_when(site) == since
    assert reader.parse(kept[changes.GONE], name=changes.GONE)


@_DAYS
def test_a_list_in_which_any_text_stands_as_a_day_is_read(tmp_path, day, since):
    kept = archive.stays(small(tmp_path / "1", {"a": ("1", "2026-01-01", X)})._context)
    kept = archive.stays(small(tmp_path / "2", {"a": ("2", "2026-10-01", "")}, previous=kept)._context)
    wrong = kept[changes.GONE].replace(b'"2026-10-01"', f'"{day}"'.encode())
    assert wrong != kept[changes.GONE]
    site = small(tmp_path / "3", {"a": ("3", "2026-11-01", "")}, previous={**kept, changes.GONE: wrong})
    assert since_when(site) == since


def renamed(tmp_path, *steps):
    """The site of the last of these releases of one dataset, each published after the one before it."""
    kept: dict[str, bytes] = {}
    for number, more in enumerate(steps, 1):
        dataset = {"a": (f"{number}", f"2026-0{number}-01", more)}
        site = small(tmp_path / f"{number}", dataset, previous=kept)
        kept = archive.stays(site._context)
    return site


def test_what_was_renamed_twice_leads_to_the_name_that_it_has_now(tmp_path):
    site = renamed(
        tmp_path,
        X,
        '<id/y> dct:title "Y"@en ; dct:replaces <id/x> .',
        '<id/z> dct:title "Z"@en ; dct:replaces <id/y> .',
    )
    assert site.removed == {"/id/x": ("/id/z", ""), "/id/y": ("/id/z", "")}
    page = site.page("/doc/x.html").body.decode()
    assert '<link rel="successor-version" href="z.html">' in page
    assert "/id/y" not in page


@pytest.mark.parametrize("last", ["", '<id/x> dct:isReplacedBy <id/y> ; dct:title "X"@en .'])
def test_what_was_replaced_by_what_is_gone_too_names_no_dead_replacement(tmp_path, last):
    site = renamed(tmp_path, X, '<id/y> dct:title "Y"@en ; dct:replaces <id/x> .', last, "")
    assert site.removed == {"/id/x": ("", ""), "/id/y": ("", "")}
    page = site.page("/doc/x.html").body.decode()
    assert "successor-version" not in page
    assert "id/y" not in page


def test_what_went_with_the_version_that_had_brought_it_has_no_earlier_day(tmp_path):
    kept: dict[str, bytes] = {}
    steps = ("1", "2026-01-01", ""), ("2", "2026-02-01", X), ("1", "2026-01-01", "")
    for place, dataset in enumerate(steps):
        site = small(tmp_path / f"{place}", {"a": dataset}, previous=kept)
        kept = archive.stays(site._context)
    assert site.removed == {"/id/x": ("", "")}
    assert since_in_list(site) == []


def since_in_list(site):
    quads = reader.parse(archive.stays(site._context)[changes.GONE], name=changes.GONE)
    return [(quad.subject.value, quad.object.value) for quad in quads if "invalidatedAt" in str(quad)]


def test_the_list_has_one_day_for_what_two_datasets_removed(tmp_path):
    kept = archive.stays(small(tmp_path / "1", dict.fromkeys("ab", ("1", "2026-01-01", X)))._context)
    then = {"a": ("2", "2026-03-01", ""), "b": ("2", "2026-02-01", "")}
    site = small(tmp_path / "2", then, previous=kept)
    assert since_in_list(site) == [("https://x.example/id/x", "2026-03-01")]


def test_a_version_that_was_not_raised_tells_no_day_where_another_was(tmp_path):
    ontology = (
        '<ont> a <http://www.w3.org/2002/07/owl#Ontology> ; dcat:version "1" ; dct:issued "2026-01-01" .'
    )
    kept = archive.stays(small(tmp_path / "1", {"a": ("1", "2026-01-01", f"{ontology} {X}")})._context)
    site = small(tmp_path / "2", {"a": ("2", "2026-04-01", ontology)}, previous=kept)
    assert since_in_list(site) == [("https://x.example/id/x", "2026-04-01")]


def test_a_part_that_was_removed_is_listed_and_named_on_the_page_that_stands(tmp_path):
    whole = '<id/w> dct:title "W"@en . <id/w#kept> dct:title "Kept"@en .'
    site = renamed(
        tmp_path,
        f'{whole} <id/w#old> dct:title "Old"@en . <t#a> dct:title "A"@en . <t#b> dct:title "B"@en .',
        f'{whole} <id/w#new> dct:title "New"@en ; dct:replaces <id/w#old> . <t#a> dct:title "A"@en .',
    )
    days = [(f"https://x.example/{each}", "2026-02-01") for each in ("id/w#old", "t#b")]
    assert sorted(since_in_list(site)) == days
    assert site.removed == {}
    for path, name in (("/doc/w.html", "old"), ("/t.html", "b")):
        (note,) = re.findall(f'<p[^>]* id="{name}">.*', site.page(path).body.decode())
        assert "This was published here and has been removed" in note
        assert ("#new" in note) == (name == "old")
    assert site.page("/doc/w.ttl") is not None


def test_what_went_after_a_part_of_it_is_named_and_replaced_as_a_whole(tmp_path):
    whole = '<id/w> dct:title "Whole"@en .'
    new = '<id/n> dct:title "N"@en ; dct:replaces <id/w#old> .'
    site = renamed(tmp_path, f'{whole} <id/w#old> dct:title "Old"@en .', f"{whole} {new}", new)
    assert site.removed == {"/id/w": ("", "")}
    page = site.page("/doc/w.html").body.decode()
    assert "Whole" in page
    assert "successor-version" not in page


def test_the_event_stream_ends_what_nobody_describes_and_has_an_order_within_a_day(tmp_path):
    """One dataset goes, and has none of its things in its second version; of one, another says something."""
    more, other, found, kept = (
        f'{X} <id/y> dct:title "Y"@en .',
        "<id/x> dct:subject [ dct:title 1 ] .",
        [],
        {},
    )
    for number, datasets in enumerate(({"a": more}, {"a": ""}, {"a": more}, {}), 1):
        a = {name: (f"{number}", "2026-01-01", text) for name, text in datasets.items()}
        b = ("1", "2026-01-01", other) if a else ("2", "2026-03-01", other)
        site = small(tmp_path / f"{number}", {**a, "b": b}, previous=kept)
        kept = archive.stays(site._context)
        text = kept.get(f"/changes/data/a/{number}.ttl") or stream.start(site._context)
        said = grouped((each.subject, each) for each in reader.parse(text, name=stream.STREAM))
        for member in said.values():
            by = {each.predicate.value.rpartition("/")[2]: each.object for each in member}
            if "/id/" in str(by.get("isVersionOf")):
                ends, blank = "Delete" in str(by), by.get("subject") in said
                found.append((by["isVersionOf"].value[-1], by["prov#generatedAtTime"].value[5:], ends, blank))
    first, second, third, last = "01-01T00:00:00Z", "01-01T00:00:01Z", "01-01T00:00:02Z", "03-01T00:00:00Z"
    assert sorted(found) == [
        ("x", first, False, True),
        ("x", second, False, True),
        ("x", third, False, True),
        ("y", first, False, False),
        ("y", second, True, False),
        ("y", third, False, False),
        ("y", last, True, False),
    ]


def test_a_text_about_what_replaces_a_thing_is_no_link(tmp_path):
    site = renamed(tmp_path, '<id/x> dct:title "X"@en ; dct:isReplacedBy "the new one" .', "")
    assert site.removed == {"/id/x": ("", "")}
    assert "the new one" not in site.page("/doc/x.html").body.decode()


def test_two_documents_at_one_path_are_refused_in_a_sentence(tmp_path):
    site = small(tmp_path / "1", {"a": ("1", "2026-01-01", X)})
    with pytest.raises(PublicationError, match=r"^Two documents cannot both be published as /data/a/1; "):
        _check(site, ["/data/a/1", "/data/a/1"])
