"""The rules of a published folder, followed by a real Apache, nginx and Caddy.

What Apache must answer is not written down here: it is what the live site offers (`Site.variants`) and what
`negotiation` chooses of that. Which format and language is chosen does not depend on the address, so many
headers are sent to two addresses, and few headers to an address of each kind; `UNDECIDED` names what the
rules decide otherwise than the live server does.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import time
from pathlib import Path

import checkout
import loopback
import pytest
import webservers
from cases import some
from webservers import ask

from policygraph.catalog.catalog import Catalog
from policygraph.i18n import LANGUAGES
from policygraph.server.negotiation import choose, language
from policygraph.site.publication.memory import Written
from policygraph.site.publish import publish as publish_site
from policygraph.site.rendering import FRAMED_ANYWHERE, WORKER_POLICY
from policygraph.site.site import Site
from policygraph.site.webserver import FORMS, files

FOUR = ("en", "da", "nb", "de")
GRAPHS = (".html", ".ttl", ".jsonld", ".nt", ".rdf")
ROWS = (".csv", ".tsv", ".json", ".xml")
SIMPLE = {
    "ontology/terms.ttl": """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/terms#Project> a owl:Class ; rdfs:label "Project"@en .
""",
    "data/xy.ttl": """@base <https://w3id.org/policygraph/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://example.org/terms#> .
<id/xy/project/bridge> a t:Project ; skos:prefLabel "Bridge"@en , "Brücke"@de ; t:needs <id/xy/port/1/> .
<id/xy/port/1/> a t:Project ; skos:prefLabel "Port"@en .
<id/xy/file.ttl> a t:Project ; skos:prefLabel "File"@en .
""",
    "queries/projects.rq": """#+ summary: What is being built
SELECT ?project WHERE { ?project a <https://example.org/terms#Project> }
ORDER BY ?project
""",
    "i18n/de.json": "{}",
    "stories/bridges.toml": """title = "Bridges"
author = "Somebody"
checked = 2026-11-29
datasets = ["xy"]
[[step]]
id = "built"
sentence = "What is being built"
[step.draw]
query = "projects"
lanes = ["project"]
""",
}
pytest_plugins = ["browser"]

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
    f"{RDFXML}, {TURTLE};q=0.9, */*;q=0.1",
    f"{TURTLE};q=0.001",
    f"{TURTLE} ; q = 0.3 , text/html ; Q=0.20",
    f"{TURTLE};q=1.000;x=1, text/html;q=0.999",
    f"{TURTLE};v=1;q=0.4, text/html;quality=0.9;q=0.3",
    f"{TURTLE};q=0, text/html;q=0.000, {JSONLD}",
    f'{JSONLD};profile="a,b;q=0";q=0.4, text/html;q=0.3',
    "text/csv;q=0.9, application/sparql-results+json;q=0.8, text/html;q=0.7",
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
    "de, da;q=0.5, en;q=0.45",
)
# What is accepted, and the form that the rules choose though the live server would choose the other.
UNDECIDED = {
    # A server hands on an empty header as none.
    "": (".ttl", ".html"),
    # What is listed first counts, not the quality, nor the order of ours, nor the nearer name.
    f"text/html;q=0.5, {TURTLE}": (".html", ".ttl"),
    f"{JSONLD}, {TURTLE}": (".jsonld", ".ttl"),
    f"*/*;q=0.1, {TURTLE}": (".html", ".ttl"),
    "text/html;q=0, */*": (".html", ".ttl"),
    # A quality that is none is not looked at.
    f"{TURTLE};q=2, {JSONLD}": (".ttl", ".jsonld"),
}
UNDECIDED_TONGUES = {"en;q=0.1, da": ("en", "da")}


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
def test_what_is_listed_first_is_what_the_live_server_chooses(kind, apache, live):
    requests = ((KINDS[kind], accept, tongue) for accept in ACCEPTS for tongue in TONGUES)
    assert list(differing(apache, live, requests)) == []


@pytest.mark.full
def test_any_list_in_the_order_of_its_qualities_is_answered_as_by_the_live_server(apache, live):
    chance = random.Random(7)

    def falling(names):
        weighted = (f"{name}{chance.choice(('', ';x=1'))};q=0.{9 - at}" for at, name in enumerate(names))
        return ", ".join(weighted)

    requests = (
        (
            chance.choice(list(KINDS.values())),
            falling([*chance.sample([*FORMS.values(), "image/png"], chance.randint(1, 6)), "*/*"]),
            falling(chance.sample(["da", "en", "de"], 2)),
        )
        for _ in range(300)
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
        ("text/csv;q=0.9, application/sparql-results+json;q=0.8", None),
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
    rules = {"w3id.htaccess", "nginx.conf", "Caddyfile", "_headers", "_redirects"}
    return [f"/{name}" for name in names if not ({name} & rules or Path(name).name.startswith("."))]


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
    assert policies == [("usual", "^text/html"), (FRAMED_ANYWHERE, "^embed/"), ("odd", r"/odd\.html$")]


def test_rules_for_w3id_need_an_address_and_all_are_the_same_each_time():
    some = {"/a.html": written("text/html"), "/a.ttl": written(TURTLE)}
    every = [".htaccess", "nginx.conf", "Caddyfile", "_headers", "_redirects"]
    assert list(files(some, LANGUAGES)) == every
    first = files(some, LANGUAGES, address="https://data.example.org")
    assert first == files(dict(reversed(some.items())), LANGUAGES, address="https://data.example.org/")
    assert list(first) == [*every, "w3id.htaccess"]


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


@pytest.fixture(scope="module")
def simple(tmp_path_factory):
    """A catalogue of four languages, of which the package has three, published as people publish it."""
    root = tmp_path_factory.mktemp("simple")
    for name, text in SIMPLE.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    text = (checkout.SHIPPED / "catalog.toml").read_text(encoding="utf-8")
    (root / "catalog.toml").write_text(re.sub("languages = .*", f"languages = {json.dumps(FOUR)}", text))
    with webservers.room() as home:
        publish_site(Catalog(root), home / "site", address="http://localhost/", processes=1)
        yield home / "site"


@pytest.fixture(scope="module", params=some(["nginx", "caddy"], "nginx"))
def other(request, simple):
    """Another web server than Apache, with the rules that lie in the folder."""
    with webservers.running(request.param, config=webservers.rules(request.param, simple)) as running:
        yield running


def answered(server, folder, path, status, where, **asked):
    reply = ask(server, path, **asked)
    assert reply.status == status, (path, reply)
    varying = {each.strip().lower() for each in reply.headers["vary"].split(",")}
    assert {"accept", "accept-language"} <= varying
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["x-content-type-options"] == "nosniff"
    if status == 303:
        assert reply.headers["location"] == where
    elif status in (200, 404):
        assert reply.body == (folder / where).read_bytes()
        media = next((media for suffix, media in FORMS.items() if where.endswith(suffix)), "")
        assert not media or reply.headers["content-type"] == content_type(media)
        framing = "frame-ancestors " + ("'self'" if media == "text/html" else "'none'")
        assert reply.headers["content-security-policy"].endswith(framing)


def test_other_servers_negotiate(other, simple):
    thing, about = "/id/xy/project/bridge", "doc/xy/project/bridge"
    for path, status, where, *asked in (
        ("/", 200, "index.html", CHROME),
        ("/", 200, "index.da.html", CHROME, "da-DK,da;q=0.9,en;q=0.8"),
        ("/things", 200, "things.html", CHROME, "en,da"),
        ("/things", 200, "things.html"),  # of which there is no Turtle
        (thing, 303, f"/{about}.html", CHROME),
        (thing, 303, f"/{about}.da.html", CHROME, "da"),
        (f"{thing}?a=b", 303, f"/{about}.ttl", f"{TURTLE}, */*;q=0.1"),
        (thing, 303, f"/{about}.ttl"),
        (thing, 303, f"/{about}.jsonld", "application/LD+json"),
        (thing, 303, f"/{about}.rdf", "application/x-none, application/rdf+xml;q=0.7, text/turtle;q=0.6"),
        *((f"/{about}{end}", 200, f"{about}{end}", "image/png") for end in GRAPHS),
        ("/query/projects", 200, "query/projects.html", CHROME),
        *(("/query/projects", 200, f"query/projects{end}", FORMS[end]) for end in ROWS),
        ("/query/projects.rq", 200, "query/projects.rq"),
        ("/catalog", 200, "catalog.jsonld", JSONLD),
        ("/.well-known/void", 303, "/catalog.ttl"),
        ("/catalog.ttl", 200, "catalog.ttl"),
        ("/concept/x/y", 303, "/concept/x/y.ttl"),
        ("/id/a%20b%0D%0Ac:d", 303, "/doc/a%20b%0D%0Ac:d.html", CHROME),
        ("/id/a%2fb/c%2Fd?e", 303, "/id/a%2fb/c%E2%88%95d?e"),
        ("/id/a%2fb", 303, "/id/a%E2%88%95b"),
        ("/id/a%E2%88%95b", 303, "/doc/a%E2%88%95b.ttl"),
        ("/id/xy/port/1/", 303, "/id/xy/port/1/index.ttl"),
        ("/id/xy/file.ttl", 303, "/doc/xy/file.ttl.html", CHROME),
        ("/doc/xy/file.ttl.nt", 200, "doc/xy/file.ttl.nt"),
        ("/id/xy/port/1/", 303, "/id/xy/port/1/index.da.html", CHROME, "da"),
        ("/id/xy/port/1/index.html", 200, "id/xy/port/1/index.html", CHROME),
        ("/nothing", 404, "404.html", CHROME),
        ("/nothing", 404, "404.nb.html", CHROME, "nb"),
        ("/concept/x/y.ttl", 404, "404.html", CHROME),
        (f"/{about}.docx", 404, "404.html", CHROME),
        *(
            (f"/{path.name}", 404, "404.html")
            for path in simple.iterdir()
            if (path.name[0] in "._" or path.name in ("nginx.conf", "Caddyfile")) and path.is_file()
        ),
    ):
        answered(other, simple, path, status, where, **dict(zip(("accept", "tongue"), asked, strict=False)))


@pytest.mark.parametrize(
    ("tongue", "found"),
    [
        ("da-DK,da;q=0.9,en-US;q=0.8,en;q=0.7", ".da"),
        ("nb-NO,nb;q=0.9,no;q=0.8,nn;q=0.7,en-US;q=0.6,en;q=0.5", ".nb"),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", ".de"),
        ("en-US,en;q=0.5", ""),
        ("fr-FR,fr;q=0.9,de;q=0.8", ".de"),
        ("fi", ""),
        ("dan,nbx", ""),
    ],
)
def test_browsers_of_each_language_get_it(tongue, found, other, simple):
    for path, status, where in (
        ("/", 200, "index"),
        ("/things", 200, "things"),
        ("/id/xy/project/bridge", 303, "/doc/xy/project/bridge"),
    ):
        answered(other, simple, path, status, f"{where}{found}.html", accept=CHROME, tongue=tongue)


def test_other_servers_give_types_and_methods(other):
    assert (ask(other, "/", method="POST").status, ask(other, "/", method="OPTIONS").status) == (405, 204)
    allowed = ask(other, "/id/xy/project/bridge", method="OPTIONS", Origin="https://a.example").headers
    assert allowed["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    types = {
        path: ask(other, path).headers["content-type"]
        for path in ("/sitemap.xml", "/robots.txt", "/site.css")
    }
    assert types == {
        "/sitemap.xml": "application/xml",
        "/robots.txt": "text/plain; charset=utf-8",
        "/site.css": "text/css; charset=utf-8",
    }
    assert ask(other, "/things.html", Accept_Encoding="gzip").headers["content-encoding"] == "gzip"


FRAMES = """<!doctype html><title>Another's</title>
<iframe src="{address}embed/story/bridges/built.html"></iframe><iframe src="{address}things.html"></iframe>"""


@pytest.mark.full
@pytest.mark.parametrize("server", ["apache", "nginx", "caddy"])
def test_a_page_of_another_origin_frames_what_is_for_it_and_no_other(server, simple, browser, tmp_path):
    config = "" if server == "apache" else webservers.rules(server, simple)
    with webservers.running(server, simple, config) as running, loopback.serving(tmp_path) as another:
        (tmp_path / "index.html").write_text(FRAMES.format(address=f"http://127.0.0.1:{running.port}/"))
        page = browser.new_page()
        page.goto(another, wait_until="load")
        _, picture, ordinary = page.frames
        assert picture.title() == "What is being built"
        assert picture.locator("svg.slide").bounding_box()["width"] > 100  # drawn, and styled
        assert ordinary.url.startswith("chrome-error:")
        page.goto(f"http://127.0.0.1:{running.port}/things.html")
        assert page.locator("h1").count() == 1
        page.close()


def test_hosts_of_files_get_rules_that_add_up(simple):
    headers = (simple / "_headers").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^(/\S*)\n((?:  .*\n)+)", headers, re.MULTILINE))
    assert "content-security-policy" not in blocks["/*"].lower()
    assert blocks["/*.ttl"] == "  Content-Type: text/turtle; charset=utf-8\n"
    assert blocks["/embed/*"].strip().endswith("frame-ancestors *")
    assert (simple / "_redirects").read_text(encoding="utf-8").splitlines()[
        -1
    ] == "/id/* /doc/:splat.html 303"


@pytest.mark.full
@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_the_rules_hold_below_a_path(server, simple):
    above = webservers.snippet(server, "publishing.md", ", below a path")
    with (
        webservers.running(server, config=webservers.rules(server, simple)) as inner,
        webservers.running(
            server, config=above.replace("127.0.0.1:8081", f"127.0.0.1:{inner.port}")
        ) as outer,
    ):
        reply = ask(outer, "/policy/id/xy/project/bridge", TURTLE)
        assert (reply.status, reply.headers["location"]) == (303, "/policy/doc/xy/project/bridge.ttl")
        assert (
            ask(outer, reply.headers["location"]).body == (simple / "doc/xy/project/bridge.ttl").read_bytes()
        )
        assert ask(outer, "/policy/things", CHROME).body == (simple / "things.html").read_bytes()
        lost = ask(outer, "/policy/nothing", CHROME)
        assert (lost.status, b"<!doctype html>" in lost.body) == (404, True)


@pytest.mark.parametrize("server", some(["apache", "nginx", "caddy"], "apache"))
def test_the_script_that_runs_webassembly_has_its_own_policy(server, simple):
    (worker,) = (simple / "engine").glob("worker-*.js")
    config = "" if server == "apache" else webservers.rules(server, simple)
    with webservers.running(server, simple, config) as running:
        reply = ask(running, f"/engine/{worker.name}")
        assert reply.headers["content-security-policy"] == WORKER_POLICY
        other = ask(running, "/engine/client.js")
        assert "wasm" not in other.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"
    headers = (simple / "_headers").read_text(encoding="utf-8")
    assert f"/engine/{worker.name}\n  Content-Security-Policy: {WORKER_POLICY}\n" in headers


def test_a_catalogue_in_one_language_has_no_pattern_of_others():
    """Which would match nothing between two dots: the documents of <…/a.> are a..html and a..ttl."""
    written = {path: Written(path, "text/html", "", 1, "") for path in ("/doc/a..html", "/doc/a..ttl")}
    rules = files(written, ("en",))[".htaccess"].decode()
    patterns = re.findall(r'"\^1\((?:query/)?\.\+\?\)(.+)\$"', rules)
    assert len(patterns) == 2
    for pattern in patterns:
        assert re.fullmatch(f"doc/(.+?){pattern}", "doc/a..ttl")[1] == "a."
