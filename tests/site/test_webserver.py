"""The rules of a published folder, followed by a real Apache, and those of the docs for nginx and Caddy.

What Apache must answer is not written down here: it is what the live site offers (`Site.variants`) and what
`negotiation` chooses of that. Which format and language is chosen does not depend on the address, so many
headers are sent to two addresses, and few headers to an address of each kind; `UNDECIDED` names what the
rules decide otherwise than the live server does.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import random
import re
import shutil
import time
from pathlib import Path

import endpoint
import pytest
import webservers

from policygraph.catalog.catalog import Catalog
from policygraph.i18n import LANGUAGES
from policygraph.server.negotiation import choose, language
from policygraph.site.publish import Written, write_site as publish
from policygraph.site.rendering import WORKER_POLICY
from policygraph.site.site import Site
from policygraph.site.webserver import FORMS, LESS, files, publish as publish_site

TURTLE, JSONLD, RDFXML = FORMS[".ttl"], FORMS[".jsonld"], FORMS[".rdf"]
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
THING = "/id/ex/plan/open-harbour"
KINDS = {
    "thing": THING,
    "concept": "/concept/basis/stated",
    "vocabulary": "/ontology",
    "catalogue": "/catalog",
    "dataset": "/data/examplia",
    "question of rows": "/query/plans-in-force",
    "question of a graph": "/query/plan-intervals",
    "home": "/",
    "page": "/things",
    "explorer": "/explore",
    "schemes": "/concept",
    "source": "/source/examplia-harbour",
    "download": "/download/examplia",
    "VoID": "/.well-known/void",
}
ACCEPTS = (
    None,
    "*/*",
    CHROME,
    *FORMS.values(),
    "text/*",
    "application/*",
    "*",
    "TEXT/Turtle",
    "text/turtle;charset=utf-8",
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
    "image/png",
    "text/html;q=0",
    "text/html;q=0, */*",
    "text/*;q=0.5, text/turtle",
    "*/*;q=0.1, text/*;q=0.3, text/html;q=0.2",
    f"{TURTLE};q=0.5, {JSONLD}",
    f"{RDFXML}, {TURTLE};q=0.9, */*;q=0.1",
    f"{TURTLE};q=0.85, {JSONLD};q=0.854",
    f"{TURTLE};q=0.09, {JSONLD};q=0.1",
    f"{TURTLE};q=0.001",
    f"{TURTLE} ; q = 0.3 , text/html ; Q=0.30",
    f"{TURTLE};q=1.000;x=1, text/html;q=0.999",
    f"{TURTLE};v=1;q=0.4, text/html;quality=0.9;q=0.3",
    f'{JSONLD};profile="a,b;q=0";q=0.4, text/html;q=0.3',
    "text/csv;q=0.8, application/sparql-results+json;q=0.9, text/html;q=0.7",
    f"{TURTLE};q=abc, application/n-triples;q=0.1",
    f"{TURTLE};q=2",
    ";;;,,",
    "garbage;;;,,",
    "\t, text/turtle\t,",
)
TONGUES = (
    None,
    "da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7",
    "en,da",
    "DA",
    "fr, da;q=0.2",
    "da;q=0",
    "de, en;q=0.5, da;q=0.55",
)
# What is accepted, and the form that the rules choose though the live server would choose the other.
UNDECIDED = {
    # A server hands on an empty header as none.
    "": (".ttl", ".html"),
    # The same range twice: the first with a quality counts; live the one without parameters, or the best.
    f"{TURTLE};charset=utf-8;q=0.3, {TURTLE}, {JSONLD};q=0.5": (".jsonld", ".ttl"),
    f"{TURTLE};q=0.1, {TURTLE};q=0.9, {JSONLD};q=0.5": (".jsonld", ".ttl"),
    # A quality of four digits is none, so that the live server passes over its element.
    f"{TURTLE};q=0.9000, {JSONLD};q=0.5": (".ttl", ".jsonld"),
    # A comma in quotes, and after it what looks like an element.
    f'x/y;a="1,{TURTLE},2", {JSONLD};q=0.5': (".ttl", ".jsonld"),
}
UNDECIDED_TONGUES = {"da-DK;q=0.1, da, en;q=0.5": ("en", "da")}


@pytest.fixture(scope="module")
def live(examplia):
    return Site(examplia, examplia.store)


@pytest.fixture(scope="module")
def folder(publication, examplia):
    """Examplia, published as people publish it, where Apache may read it."""
    with webservers.room() as home:
        yield shutil.copytree(publication(examplia)[0], home / "site")


@pytest.fixture(scope="module")
def apache(folder):
    with webservers.running("apache", folder) as running:
        yield running


def ask(server, path, accept=None, tongue=None, method="GET", **more):
    """An answer; of a header that comes in several lines, what they say together (RFC 9110, section 5.3)."""
    headers = {"Accept": accept, "Accept-Language": tongue}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        names = {name.lower() for name in response.headers}
        found = {name: ", ".join(filter(None, response.headers.get_all(name))) for name in names}
        if "location" in found:  # Apache writes the whole address
            found["location"] = found["location"].removeprefix(f"http://127.0.0.1:{server.port}")
        return endpoint.Reply(response.status, found, response.read())


def due(live, path, accept, tongue=None):
    """The status and the document that the live server answers with, by its own rules."""
    found = live.variants(path, language(tongue, ("en", "da")))
    media = TURTLE if accept is None and TURTLE in found else choose(accept, tuple(found))
    if media is None:
        return 406, None
    is_thing = path.count("/") > 1 and not path.startswith(("/data/", "/download/", "/query/"))
    return (303 if is_thing else 200), found[media]


def content_type(media):
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def differing(server, live, requests):
    """The requests that the server does not answer as the live site does, by the paths of documents."""
    for path, accept, tongue in requests:
        reply = ask(server, path, accept, tongue)
        where = reply.headers.get("location") or reply.headers.get("content-location")
        if (reply.status, where) != due(live, path, accept, tongue):
            yield path, accept, tongue, reply.status, where


@pytest.mark.parametrize("kind", ["thing", "question of rows"])
def test_each_header_is_weighed_as_the_live_server_weighs_it(kind, apache, live):
    requests = ((KINDS[kind], accept, tongue) for accept in ACCEPTS for tongue in TONGUES)
    assert list(differing(apache, live, requests)) == []


@pytest.mark.full
def test_any_header_is_weighed_as_the_live_server_weighs_it(apache, live):
    chance = random.Random(7)
    ranges = [*FORMS.values(), "*/*", "text/*", "application/*", "image/png"]

    def weighted(names, digits):
        return ", ".join(
            f"{name}{chance.choice(('', ';x=1'))}{chance.choice(('', f';q={chance.random():.{digits}f}'))}"
            for name in names
        )

    requests = (
        (
            chance.choice(list(KINDS.values())),
            weighted(chance.sample(ranges, chance.randint(1, 6)), chance.choice((0, 1, 2, 3))),
            weighted(chance.sample(["da", "en", "de"], 2), 3),
        )
        for _ in range(1_500)
    )
    assert list(differing(apache, live, requests)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_address_is_answered_whole(kind, apache, live, folder):
    path = KINDS[kind]
    for accept, tongue in (
        (None, None),
        (CHROME, "da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7"),
        (CHROME, "en,da"),
        (TURTLE, "da"),
        (f"{JSONLD}, {TURTLE};q=0.9", None),
        ("text/csv;q=0.8, application/sparql-results+json;q=0.9", None),
        ("image/png", "da"),
    ):
        status, where = due(live, path, accept, tongue)
        reply = ask(apache, path, accept, tongue)
        assert reply.status == status, (accept, tongue, reply)
        headers = reply.headers
        varying = {each.strip().lower() for each in headers["vary"].split(",")}
        assert {"accept", "accept-language"} <= varying
        assert headers["access-control-allow-origin"] == "*"
        assert headers["x-content-type-options"] == "nosniff"
        if status == 303:
            assert headers["location"] == where
        elif status == 200:
            assert headers["content-location"] == where
            media = next(media for suffix, media in FORMS.items() if where.endswith(suffix))
            assert headers["content-type"] == content_type(media)
            assert reply.body == (folder / where[1:]).read_bytes()
            if media == "text/html":
                assert headers["content-language"] == ("da" if where.endswith(".da.html") else "en")
                assert "default-src" in headers["content-security-policy"]
        else:
            assert ("text/html" in reply.body.decode()) == ("text/html" in live.variants(path))
        head = ask(apache, path, accept, tongue, "HEAD")
        assert (head.status, head.body) == (status, b"")
        same = ("content-type", "content-location", "location", "vary", "link", "etag", "content-language")
        assert {name: head.headers.get(name) for name in same} == {name: headers.get(name) for name in same}


def test_what_the_rules_decide_otherwise_is_known(apache, live):
    for accept, (found, otherwise) in UNDECIDED.items():
        assert ask(apache, THING, accept).headers["location"].endswith(f"open-harbour{found}")
        assert due(live, THING, accept)[1].endswith(f"open-harbour{otherwise}")
    for tongue, (found, otherwise) in UNDECIDED_TONGUES.items():
        assert ask(apache, "/ontology", "text/html", tongue).headers["content-language"] == found
        assert language(tongue, ("en", "da")) == otherwise


def test_methods(apache):
    for path in [*KINDS.values(), "/doc/ex/plan/open-harbour.ttl", "/site.css", "/nothing"]:
        for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
            reply = ask(apache, path, CHROME, method=method)
            assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS"), path
            assert reply.headers["access-control-allow-origin"] == "*"
        origin = {"Origin": "https://a.example", "Access_Control_Request_Method": "GET"}
        reply = ask(apache, path, method="OPTIONS", **origin)
        assert (reply.status, reply.body) == (204, b""), path
        assert reply.headers["access-control-allow-methods"] == reply.headers["allow"] == "GET, HEAD, OPTIONS"
        assert "Accept" in reply.headers["access-control-allow-headers"]


def documents(folder):
    """The paths of the folder's files but those for servers."""
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [f"/{name}" for name in names if name != "w3id.htaccess" and not Path(name).name.startswith(".")]


@pytest.mark.full
def test_documents_have_their_own_types_and_policies(apache, folder, examplia):
    """All at the root and for download, and the first and last of each folder and suffix."""
    site = Site(examplia, examplia.store, live=False)
    paths = list(site.paths())
    assert len(paths) > 1_000
    paths.remove(KINDS["VoID"])
    assert set(paths) <= set(documents(folder))
    chosen = {path for path in paths if path.count("/") == 1 or path.startswith("/download/")}
    for each in (paths, paths[::-1]):
        chosen |= set({(path.split("/")[1], "".join(Path(path).suffixes)): path for path in each}.values())
    assert len(chosen) > 150
    for path in sorted(chosen):
        page, reply = site.page(path), ask(apache, path, method="HEAD", accept="image/png")
        assert reply.status == 200
        assert reply.headers["content-type"] == content_type(page.media), path
        if page.media == "text/html":
            assert reply.headers["content-security-policy"] == page.policy, path
            assert reply.headers["content-language"] == page.language


@pytest.mark.parametrize(
    "path", [f"{THING}", "/ontology", "/doc/ex/plan/open-harbour.ttl", "/query/plans-in-force"]
)
def test_the_other_forms_are_named(path, apache):
    link = ask(apache, path, CHROME).headers["link"]
    found = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"', link)
    assert len(found) >= 5
    for href, media in found:
        reply = ask(apache, href)
        assert (reply.status, reply.media) == (200, media)


def test_nothing_is_at_other_paths(apache, folder):
    hidden = {path.name for path in folder.iterdir() if path.name.startswith(".")} | {"w3id.htaccess"}
    assert {".htaccess", ".policygraph"} <= hidden
    for path in (
        "/nothing",
        "/id/ex/plan/open-harbours",
        "/doc/ex/plan/open-harbour.docx",
        "/doc",
        "/doc/",
        "/doc/ex",
        "/concept/none",
        "/query/none",
        "/query/none.csv",
        "/sitemap",
        "/%0A",
        "/id/%0D%0Aany",
        "/%2e%2e/%2e%2e/etc/passwd",
        *(f"/{name}" for name in hidden),
    ):
        reply = ask(apache, path, CHROME)
        assert reply.status in (400, 404), path
        if reply.status == 404:
            assert (reply.media, b"<!doctype html>" in reply.body) == ("text/html", True), path
            assert "link" not in reply.headers
    assert b'lang="da"' in ask(apache, "/nothing", CHROME, "da").body


def test_a_slash_at_the_end_is_led_away(apache):
    for path in ("/ontology", THING, "/concept/basis/stated", "/query/plans-in-force"):
        reply = ask(apache, f"{path}/?a=b", TURTLE)
        assert (reply.status, reply.headers["location"]) == (308, f"{path}?a=b")
    assert ask(apache, "//ontology/").headers["location"] == "/ontology"


def test_what_is_kept_is_not_sent_again_and_what_is_long_is_packed(apache, folder):
    for path, file in (("/ontology", "ontology.ttl"), ("/site.css", "site.css")):
        plain = ask(apache, path)
        assert "content-encoding" not in plain.headers
        packed = ask(apache, path, Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in packed.headers["vary"].lower()
        assert gzip.decompress(packed.body) == plain.body == (folder / file).read_bytes()
        assert packed.headers["etag"] != plain.headers["etag"]
        for first, more in ((plain, {}), (packed, {"Accept_Encoding": "gzip"})):
            again = ask(apache, path, If_None_Match=first.headers["etag"], **more)
            assert (again.status, again.body) == (304, b"")


def test_a_name_with_odd_signs_is_a_name(apache, folder):
    """Rules are about paths, so they hold for what another catalogue may call its things."""
    name = 'id/xy/plan/vækst & 100% "sund" (2014), a+b'
    file = folder / "doc" / f"{name[3:]}.ttl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# odd\n")
    try:
        from urllib.parse import quote, unquote

        where = "/doc/" + quote(name[3:])
        reply = ask(apache, "/" + quote(name), TURTLE)
        assert reply.status == 303
        assert unquote(reply.headers["location"]) == unquote(where) + ".ttl"
        assert reply.headers["location"].isascii()
        assert ask(apache, reply.headers["location"]).body == b"# odd\n"
        assert ask(apache, "/" + quote(name), "text/html").status == 406
    finally:
        file.unlink()


@pytest.mark.full
def test_the_check_finds_nothing_amiss(apache):
    """What `policygraph publish check` asks, without trusting the publisher."""
    from policygraph.check.site.inspect import inspect

    report = inspect(f"http://127.0.0.1:{apache.port}/", sample=1)
    assert report.findings == ()
    assert report.clean


LONG = 7_000  # characters; apaches take 8,000 or so
HOSTILE = (
    ";" * LONG,
    f"{TURTLE}{' ' * LONG}x",
    f"{TURTLE};{' ' * LONG}=",
    f'{TURTLE};x=1{" " * LONG}"',
    f"{TURTLE};q=0.5{' ' * LONG}x",
    f"{TURTLE}{'; ' * (LONG // 2)}x",
    f"{TURTLE}{';q=0.0' * (LONG // 6)}x",
    f"{TURTLE};q={'0' * LONG}",
    f"{TURTLE};{'q' * LONG}",
    f'{TURTLE};a="{"x" * LONG}',
    f'{TURTLE};a="' + '\\"' * (LONG // 2),
    'a;b="c",' * (LONG // 8),
    f"{TURTLE}{' ' * 50}" * (LONG // 70),
    f"{TURTLE};x{' ' * 50}" * (LONG // 70) + '"',
)


@pytest.mark.parametrize("header", HOSTILE, ids=lambda header: f"{header[:16]}…{header[-3:]}")
def test_a_header_that_is_made_to_take_long_does_not(header, apache):
    start = time.perf_counter()
    assert ask(apache, THING, header).status in (303, 406)
    assert ask(apache, "/ontology", "text/html", header.replace(TURTLE, "da")).status == 200
    assert (
        time.perf_counter() - start < 2
    )  # as nothing, where patterns take linear time; else a apache gives up


def test_apache_serves_the_folder_below_any_prefix(apache, live):
    for path in KINDS.values():
        for accept in (None, CHROME, TURTLE, "image/png"):
            status, where = due(live, path, accept, "da")
            reply = ask(apache, f"/some/prefix{path}", accept, "da")
            assert reply.status == status
            found = reply.headers.get("location") or reply.headers.get("content-location")
            assert found == (f"/some/prefix{where}" if where else None)
    lost = ask(apache, "/some/prefix/nothing", CHROME)
    assert (lost.status, b"<!doctype html>" in lost.body) == (404, True)
    link = ask(apache, f"/some/prefix{THING}", CHROME).headers["link"]
    assert '</some/prefix/doc/ex/plan/open-harbour.ttl>; rel="alternate"' in link
    assert ask(apache, "/some/prefix/ontology/").headers["location"] == "/some/prefix/ontology"


@pytest.mark.parametrize("languages", [("nb", "en"), ("en",)])
def test_the_first_language_of_a_catalogue_has_the_plain_addresses(languages, small_catalog):
    """One in English alone is answered to visitors who want another language, too."""
    settings = small_catalog.root / "catalog.toml"
    text = re.sub("languages = .*", f"languages = {json.dumps(languages)}", settings.read_text())
    settings.unlink()  # a link to the shipped one
    settings.write_text(text, "utf-8")
    catalog = Catalog(small_catalog.root)
    live = Site(catalog, catalog.store)
    with webservers.room() as home:
        publish_site(catalog, home / "site", processes=1)
        with webservers.running("apache", home / "site") as server:
            for tongue in (None, "da", "en", "nb, en;q=0.5"):
                for path in ("/things", "/id/xy/project/bridge"):
                    page = live.variants(path, language(tongue, languages))["text/html"]
                    reply = ask(server, path, "text/html", tongue)
                    assert page in (reply.headers.get("location"), reply.headers.get("content-location"))
            assert ask(server, "/things.html").headers["content-language"] == languages[0]


def test_w3id_leads_every_persistent_address_to_the_folder(folder, live):
    place = "https://data.example.org"
    with webservers.room() as home:
        (home / "policygraph").mkdir()
        rules = (folder / "w3id.htaccess").read_text()
        (home / "policygraph" / ".htaccess").write_text(rules)
        many = [(KINDS[kind], accept) for kind in ("thing", "question of rows") for accept in ACCEPTS]
        few = [(path, accept) for path in KINDS.values() for accept in ACCEPTS[:8]]
        wrong = []
        with webservers.running("apache", home) as server:
            for path, accept in many + few:
                for tongue in TONGUES[:4]:
                    status, where = due(live, path, accept, tongue)
                    if status == 406:  # not there: w3id.org leads to a page instead
                        continue
                    reply = ask(server, f"/policygraph{path}", accept, tongue)
                    if (reply.status, reply.headers["location"]) != (303, place + where):
                        wrong.append((path, accept, tongue, reply.status, reply.headers["location"]))
            assert wrong == []
            refused = ask(server, f"/policygraph{THING}", "image/png").headers["location"]
            assert refused == f"{place}/doc/ex/plan/open-harbour.html"
            for path in documents(folder):
                if path.count("/") == 1 or path.startswith("/download/"):
                    reply = ask(server, f"/policygraph{path}")
                    assert (reply.status, reply.headers["location"]) == (302, place + path)
    # What w3id.org asks of a file: https://w3id.org/docs/
    assert rules.startswith("# Redirects to ")
    assert "RewriteEngine on" in rules
    directives = {line.split()[0] for line in rules.splitlines() if line and not line.startswith("#")}
    assert directives == {"RewriteEngine", "RewriteCond", "RewriteRule"}
    assert not re.search(r"\[[A-Z=0-9]+, |R=301|R=406|http://", rules)


def test_less_compares_qualities():
    def written(number):
        return f"{number / 1_000:.3f}".rstrip("0").rstrip(".")

    chance = random.Random(1)
    numbers = [0, 1, 9, 10, 99, 100, 101, 110, 500, 850, 854, 899, 900, 990, 999, 1_000]
    for first in [*numbers, *chance.sample(range(1_001), 60)]:
        for second in [*numbers, *chance.sample(range(1_001), 60)]:
            found = bool(re.search(LESS, f"{written(first)} {written(second)}"))
            assert found == (first < second) == (written(first) < written(second)), (first, second)


def written(media, policy=""):
    return Written("", media, policy, 0, "")


def test_types_are_by_suffix_and_where_that_does_not_do_by_path():
    rules = files(
        {
            "/a.json": written("application/json"),
            "/b.json": written("application/json"),
            "/c.json": written("application/csvm+json"),
            "/query/q.json": written("application/sparql-results+json"),
            "/query/r.json": written("application/sparql-results+json"),
            "/query/odd.json": written("application/json"),
            "/query/q.csv": written("text/csv"),
            "/a.html": written("text/html", "usual"),
            "/b.html": written("text/html", "usual"),
            "/odd.html": written("text/html", "odd"),
            "/SUMS": written("text/plain"),
        },
        LANGUAGES,
    )[".htaccess"].decode()
    assert re.findall("^AddType (.*)", rules, re.MULTILINE) == [
        "text/csv .csv",
        "text/html .html",
        "application/json .json",
    ]
    assert re.findall(r"m#(.*)#\">\n  ForceType \"(.*)\"", rules) == [
        (r"/query/[^/]+\.json$", "application/sparql-results+json"),
        (r"/c\.json$", "application/csvm+json"),
        (r"/query/odd\.json$", "application/json"),
    ]
    policies = re.findall(
        r'^Header set Content-Security-Policy "(.*?)" "expr=.*=~ m#(.*)#"', rules, re.MULTILINE
    )
    assert policies == [("usual", "^text/html"), ("odd", r"/odd\.html$")]


def test_rules_for_w3id_need_an_address_and_all_are_the_same_each_time():
    some = {"/a.html": written("text/html"), "/a.ttl": written(TURTLE)}
    assert list(files(some, LANGUAGES)) == [".htaccess"]
    first = files(some, LANGUAGES, address="https://data.example.org")
    assert first == files(dict(reversed(some.items())), LANGUAGES, address="https://data.example.org/")
    assert list(first) == [".htaccess", "w3id.htaccess"]


def test_rules_do_not_grow_with_the_data():
    def lengths(number):
        pages = {
            f"/doc/xy/plan/{n}{suffix}": written(FORMS[suffix])
            for n in range(number)
            for suffix in (".html", ".ttl")
        }
        return {
            name: len(text)
            for name, text in files(pages, LANGUAGES, address="https://data.example.org/").items()
        }

    assert lengths(10) == lengths(1_000)


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_the_rules_of_the_documentation_negotiate(server, small_catalog):
    config = webservers.snippet(server, "publishing.md")
    with webservers.room() as home:
        folder = home / "site"
        publish(Site(small_catalog, small_catalog.load(), live=False), folder, processes=1)
        (folder / ".htaccess").touch()
        assert "/srv/policy" in config
        with webservers.running(server, config=config.replace("/srv/policy", str(folder))) as running:

            def answered(path, status, where, **asked):
                reply = ask(running, path, **asked)
                assert reply.status == status, path
                vary = {each.strip() for each in reply.headers["vary"].split(",")}
                assert {"Accept", "Accept-Language"} <= vary
                assert reply.headers["access-control-allow-origin"] == "*"
                assert reply.headers["x-content-type-options"] == "nosniff"
                if status == 303:
                    assert reply.headers["location"] == where
                elif status in (200, 404):
                    assert reply.body == (folder / where).read_bytes()
                    media = next((media for suffix, media in FORMS.items() if where.endswith(suffix)), "")
                    assert not media or reply.headers["content-type"] == content_type(media)

            thing, about = "/id/xy/project/bridge", "doc/xy/project/bridge"
            answered("/", 200, "index.html", accept=CHROME)
            answered("/", 200, "index.da.html", accept=CHROME, tongue="da-DK,da;q=0.9,en;q=0.8")
            answered("/things", 200, "things.html", accept=CHROME, tongue="en,da")
            answered("/things", 200, "things.html")  # of which there is no Turtle
            answered(thing, 303, f"/{about}.html", accept=CHROME)
            answered(thing, 303, f"/{about}.da.html", accept=CHROME, tongue="da")
            answered(f"{thing}?a=b", 303, f"/{about}.ttl", accept=f"{TURTLE}, */*;q=0.1")
            answered(thing, 303, f"/{about}.ttl")
            answered(thing, 303, f"/{about}.jsonld", accept="application/LD+json")
            for suffix in (".html", ".ttl", ".jsonld", ".nt", ".rdf"):
                answered(f"/{about}{suffix}", 200, f"{about}{suffix}", accept="image/png")
            answered("/query/projects", 200, "query/projects.html", accept=CHROME)
            for suffix in (".csv", ".tsv", ".json", ".xml"):
                answered("/query/projects", 200, f"query/projects{suffix}", accept=FORMS[suffix])
            answered("/query/projects.rq", 200, "query/projects.rq")
            answered("/catalog", 200, "catalog.jsonld", accept=JSONLD)
            answered("/.well-known/void", 303, "/catalog.ttl")
            answered("/catalog.ttl", 200, "catalog.ttl")
            answered("/concept/x/y", 303, "/concept/x/y.ttl")
            answered("/id/a%20b%0D%0Ac:d", 303, "/doc/a%20b%0D%0Ac:d.html", accept=CHROME)
            for path in ("/nothing", "/concept/x/y.ttl", f"/{about}.docx", "/.htaccess", "/.policygraph"):
                answered(path, 404, "404.html", accept=CHROME)
            assert ask(running, thing, method="POST").status == 405
            other = {
                path: ask(running, path).headers["content-type"] for path in ("/sitemap.xml", "/robots.txt")
            }
            assert other == {"/sitemap.xml": "application/xml", "/robots.txt": "text/plain; charset=utf-8"}
            assert ask(running, "/site.css").media == "text/css"


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_the_rules_of_the_documentation_hold_below_a_path(server, small_catalog):
    rules = webservers.snippet(server, "publishing.md")
    above = webservers.snippet(server, "publishing.md", ", below a path")
    with webservers.room() as home:
        folder = home / "site"
        site = Site(
            small_catalog, small_catalog.load(), live=False, address="https://data.example.org/policy/"
        )
        publish(site, folder, processes=1)
        with (
            webservers.running(server, config=rules.replace("/srv/policy", str(folder))) as inner,
            webservers.running(
                server, config=above.replace("127.0.0.1:8081", f"127.0.0.1:{inner.port}")
            ) as outer,
        ):
            reply = ask(outer, "/policy/id/xy/project/bridge", TURTLE)
            assert (reply.status, reply.headers["location"]) == (303, "/policy/doc/xy/project/bridge.ttl")
            assert (
                ask(outer, reply.headers["location"]).body
                == (folder / "doc/xy/project/bridge.ttl").read_bytes()
            )
            assert ask(outer, "/policy/things", CHROME).body == (folder / "things.html").read_bytes()
            lost = ask(outer, "/policy/nothing", CHROME)
            assert (lost.status, b'href="/policy/site.css"' in lost.body) == (404, True)


@pytest.mark.parametrize("server", ["apache", "nginx", "caddy"])
def test_the_script_that_runs_webassembly_has_its_own_policy(server, folder):
    (worker,) = (folder / "engine").glob("worker-*.js")
    config = webservers.snippet(server, "publishing.md") if server != "apache" else ""
    config = config.replace("/srv/policy", str(folder))
    with webservers.running(server, folder, config) as running:
        reply = ask(running, f"/engine/{worker.name}")
        assert reply.headers["content-security-policy"] == WORKER_POLICY
        other = ask(running, "/engine/client.js")
        assert "wasm" not in other.headers.get("content-security-policy", "")
        assert reply.headers["x-content-type-options"] == "nosniff"
