"""The rules of a published folder, and Apache, nginx and Caddy that follow them.

What must come is not written down here: it is what the live site offers (`Site.variants`) and what
`negotiation` chooses of that. Each server is asked the whole matrix of kinds of address × what is accepted ×
languages, and methods; `UNDECIDED` names what the rules decide otherwise than the live server does.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import endpoint
import pytest
import webservers

from policygraph.server.negotiation import choose, language
from policygraph.site.site import Site
from policygraph.site.webserver.files import files
from policygraph.site.webserver.rules import FORMS, LESS, NAMES, Served, content_type, steps, summary

TURTLE, JSONLD, RDFXML = FORMS[".ttl"], FORMS[".jsonld"], FORMS[".rdf"]
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
THING = "/id/dk/initiative/nemid"
KINDS = {
    "thing": THING,
    "concept": "/concept/basis/stated",
    "vocabulary": "/ontology",
    "catalogue": "/catalog",
    "dataset": "/data/denmark",
    "question of rows": "/query/plans-in-force",
    "question of a graph": "/query/plan-intervals",
    "home": "/",
    "page": "/things",
    "explorer": "/explore",
    "schemes": "/concept",
    "source": "/source/digital-strategy-2016",
    "download": "/download/denmark",
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
def live(catalog, store):
    return Site(catalog, store)


@pytest.fixture(scope="module")
def folder():
    """The shipped catalogue, published as people publish it."""
    with webservers.room() as home:
        command = [sys.executable, "-m", "policygraph", "publish", str(home / "site")]
        done = subprocess.run(
            [*command, "--address", "https://data.example.org/pg/"],
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert done.returncode == 0, done.stderr
        yield home / "site"


@pytest.fixture(scope="module")
def server(request, folder):
    with webservers.running(request.param, folder) as running:
        yield running


each_server = pytest.mark.parametrize("server", webservers.SERVERS, indirect=True)


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
        if "location" in found:  # Apache tells the whole address
            found["location"] = found["location"].removeprefix(f"http://127.0.0.1:{server.port}")
        return endpoint.Reply(response.status, found, response.read())


def due(live, path, accept, tongue):
    """The status and the document that the live server answers with, by its own rules."""
    found = live.variants(path, language(tongue, ("en", "da")))
    media = TURTLE if accept is None and TURTLE in found else choose(accept, tuple(found))
    if media is None:
        return 406, None
    is_thing = path.count("/") > 1 and not path.startswith(("/data/", "/download/", "/query/"))
    return (303 if is_thing else 200), found[media]


def tag(value):
    return {None: "-", CHROME: "Chrome"}.get(value, str(value)[:60])


@each_server
@pytest.mark.parametrize("accept", ACCEPTS, ids=tag)
@pytest.mark.parametrize("kind", KINDS)
def test_the_matrix(kind, accept, server, live, folder):
    path = KINDS[kind]
    # Each language meets many kinds and many headers; all with all would take minutes to say the same.
    number = list(KINDS).index(kind) + ACCEPTS.index(accept)
    for tongue in {TONGUES[0], TONGUES[1 + number % (len(TONGUES) - 1)]}:
        status, where = due(live, path, accept, tongue)
        reply = ask(server, path, accept, tongue)
        assert reply.status == status, (tongue, reply)
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
    head = ask(server, path, accept, tongue, "HEAD")
    assert (head.status, head.body) == (status, b"")
    told = ("content-type", "content-location", "location", "vary", "link", "etag", "content-language")
    assert {name: head.headers.get(name) for name in told} == {name: headers.get(name) for name in told}


@each_server
@pytest.mark.parametrize("accept", UNDECIDED, ids=tag)
def test_what_the_rules_decide_otherwise_is_known(accept, server, live):
    found, otherwise = UNDECIDED[accept]
    assert ask(server, THING, accept).headers["location"].endswith(f"nemid{found}")
    assert due(live, THING, accept, None)[1].endswith(f"nemid{otherwise}")


@each_server
def test_which_languages_the_rules_choose_otherwise_is_known(server, live):
    for tongue, (found, otherwise) in UNDECIDED_TONGUES.items():
        assert ask(server, "/ontology", "text/html", tongue).headers["content-language"] == found
        assert language(tongue, ("en", "da")) == otherwise


@each_server
@pytest.mark.parametrize("path", [*KINDS.values(), "/doc/dk/initiative/nemid.ttl", "/site.css", "/nothing"])
def test_methods(path, server):
    for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
        reply = ask(server, path, CHROME, method=method)
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert reply.headers["access-control-allow-origin"] == "*"
    reply = ask(
        server, path, method="OPTIONS", Origin="https://a.example", Access_Control_Request_Method="GET"
    )
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-methods"] == reply.headers["allow"] == "GET, HEAD, OPTIONS"
    assert "Accept" in reply.headers["access-control-allow-headers"]


def served(folder):
    """What the publisher gave the rules to know, read from the folder's files."""
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    return [f"/{name}" for name in names if name not in NAMES and not Path(name).name.startswith(".")]


@each_server
def test_every_document_has_its_own_type_and_policy(server, folder, catalog, store):
    site = Site(catalog, store, live=False)
    paths = list(site.paths())
    assert len(paths) > 2_000
    assert set(paths) <= set(served(folder))
    paths.remove(KINDS["VoID"])
    many = [path for path in paths if path.startswith(("/doc/", "/concept/", "/source/"))]
    for path in [*(path for path in paths if path not in many), *many[::23]]:
        page, reply = site.page(path), ask(server, path, method="HEAD", accept="image/png")
        assert reply.status == 200
        assert reply.headers["content-type"] == content_type(page.media), path
        if page.media == "text/html":
            assert reply.headers["content-security-policy"] == page.policy, path
            assert reply.headers["content-language"] == page.language


@each_server
@pytest.mark.parametrize(
    "path", [f"{THING}", "/ontology", "/doc/dk/initiative/nemid.ttl", "/query/plans-in-force"]
)
def test_the_other_forms_are_named(path, server):
    link = ask(server, path, CHROME).headers["link"]
    found = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"', link)
    assert len(found) >= 5
    for href, media in found:
        reply = ask(server, href)
        assert (reply.status, reply.media) == (200, media)


@each_server
def test_nothing_is_at_other_paths(server, folder):
    hidden = [path.name for path in folder.iterdir() if path.name.startswith(".") or path.name in NAMES]
    assert {*NAMES} <= {*hidden}
    for path in (
        "/nothing",
        "/id/dk/initiative/nemidd",
        "/doc/dk/initiative/nemid.docx",
        "/doc",
        "/doc/",
        "/doc/dk",
        "/concept/none",
        "/query/none",
        "/query/none.csv",
        "/sitemap",
        "/%0A",
        "/id/%0D%0Aany",
        "/%2e%2e/%2e%2e/etc/passwd",
        *(f"/{name}" for name in hidden),
    ):
        reply = ask(server, path, CHROME)
        assert reply.status in (400, 404), path
        if reply.status == 404:
            assert (reply.media, b"<!doctype html>" in reply.body) == ("text/html", True), path
            assert "link" not in reply.headers
    assert b'lang="da"' in ask(server, "/nothing", CHROME, "da").body


@each_server
def test_a_slash_at_the_end_is_led_away(server):
    for path in ("/ontology", THING, "/concept/basis/stated", "/query/plans-in-force"):
        reply = ask(server, f"{path}/?a=b", TURTLE)
        assert (reply.status, reply.headers["location"]) == (308, f"{path}?a=b")
    assert ask(server, "//ontology/").headers["location"] == "/ontology"


@each_server
def test_what_is_kept_is_not_sent_again_and_what_is_long_is_packed(server, folder):
    for path, file in (("/ontology", "ontology.ttl"), ("/site.css", "site.css")):
        plain = ask(server, path)
        assert "content-encoding" not in plain.headers
        packed = ask(server, path, Accept_Encoding="gzip")
        assert packed.headers["content-encoding"] == "gzip"
        assert "accept-encoding" in packed.headers["vary"].lower()
        assert gzip.decompress(packed.body) == plain.body == (folder / file).read_bytes()
        assert packed.headers["etag"] != plain.headers["etag"]
        for first, more in ((plain, {}), (packed, {"Accept_Encoding": "gzip"})):
            again = ask(server, path, If_None_Match=first.headers["etag"], **more)
            assert (again.status, again.body) == (304, b"")


@each_server
def test_a_name_with_odd_signs_is_a_name(server, folder):
    """Rules are about paths, so they hold for what another catalogue may call its things."""
    name = 'id/xy/plan/vækst & 100% "sund" (2014), a+b'
    file = folder / "doc" / f"{name[3:]}.ttl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# odd\n")
    try:
        from urllib.parse import quote, unquote

        where = "/doc/" + quote(name[3:])
        reply = ask(server, "/" + quote(name), TURTLE)
        assert reply.status == 303
        assert unquote(reply.headers["location"]) == unquote(where) + ".ttl"
        assert reply.headers["location"].isascii()
        assert ask(server, reply.headers["location"]).body == b"# odd\n"
        assert ask(server, "/" + quote(name), "text/html").status == 406
    finally:
        file.unlink()


@each_server
def test_the_check_finds_nothing_amiss(server):
    """What `policygraph publish check` asks, without trusting the publisher."""
    from policygraph.check.site.inspect import inspect

    report = inspect(f"http://127.0.0.1:{server.port}/", sample=1)
    assert report.findings == ()
    assert report.clean


LONG = 7_000  # characters; servers take 8,000 or so
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


@each_server
@pytest.mark.parametrize("header", HOSTILE, ids=lambda header: f"{header[:16]}…{header[-3:]}")
def test_a_header_that_is_made_to_take_long_does_not(header, server):
    start = time.perf_counter()
    assert ask(server, THING, header).status in (303, 406)
    assert ask(server, "/ontology", "text/html", header.replace(TURTLE, "da")).status == 200
    assert (
        time.perf_counter() - start < 2
    )  # as nothing, where patterns take linear time; else a server gives up


def test_apache_serves_the_folder_below_any_prefix(folder, live):
    with webservers.running("apache", folder) as server:
        for path in KINDS.values():
            for accept in (None, CHROME, TURTLE, "image/png"):
                status, where = due(live, path, accept, "da")
                reply = ask(server, f"/some/prefix{path}", accept, "da")
                assert reply.status == status
                found = reply.headers.get("location") or reply.headers.get("content-location")
                assert found == (f"/some/prefix{where}" if where else None)
        lost = ask(server, "/some/prefix/nothing", CHROME)
        assert (lost.status, b"<!doctype html>" in lost.body) == (404, True)
        link = ask(server, f"/some/prefix{THING}", CHROME).headers["link"]
        assert '</some/prefix/doc/dk/initiative/nemid.ttl>; rel="alternate"' in link
        assert ask(server, "/some/prefix/ontology/").headers["location"] == "/some/prefix/ontology"


def test_w3id_leads_every_persistent_address_to_the_folder(folder, live):
    place = "https://data.example.org/pg"
    with webservers.room() as home:
        (home / "policygraph").mkdir()
        rules = (folder / "w3id.htaccess").read_text()
        (home / "policygraph" / ".htaccess").write_text(rules)
        with webservers.running("apache", home) as server:
            for path in KINDS.values():
                for accept in ACCEPTS:
                    for tongue in TONGUES[:4]:
                        status, where = due(live, path, accept, tongue)
                        if status == 406:  # not there: w3id.org leads to a page instead
                            continue
                        reply = ask(server, f"/policygraph{path}", accept, tongue)
                        assert (reply.status, reply.headers["location"]) == (303, place + where), (
                            path,
                            accept,
                        )
            refused = ask(server, f"/policygraph{THING}", "image/png").headers["location"]
            assert refused == f"{place}/doc/dk/initiative/nemid.html"
            for path in served(folder):
                if path.count("/") == 1 or path.startswith("/download/"):  # each is a document
                    reply = ask(server, f"/policygraph{path}")
                    assert (reply.status, reply.headers["location"]) == (302, place + path)
    # What w3id.org asks of a file: https://w3id.org/docs/
    assert rules.startswith("# Redirects to ")
    assert "RewriteEngine on" in rules
    directives = {line.split()[0] for line in rules.splitlines() if line and not line.startswith("#")}
    assert directives == {"RewriteEngine", "RewriteCond", "RewriteRule"}
    assert not re.search(r"\[[A-Z=0-9]+, |R=301|R=406|http://", rules)


def written(text, known):
    return re.sub(r"\{(\w+)\}", lambda found: known[found[1]], text)


class Following:
    """The steps followed in Python, as a server follows them, to try many requests quickly."""

    def __init__(self, there):
        self.there = there

    def __call__(self, path, accept, tongue):
        held = {"path": path[1:], "raw": path[1:], "accept": accept or "", "language": tongue or ""}
        for step in steps():
            group = ""
            if step.test:
                how, text, other = step.test._replace(text=written(step.test.text, held))
                if how == "match":
                    found = re.search(other, text)
                    group = found[1] if found and found.re.groups else ""
                elif how == "less":
                    found = re.search(LESS, f"{text} {written(other, held)}")
                else:
                    found = (text in self.there) == (how == "file")
                if not found:
                    continue
            held |= {name: written(value, held | {"1": group}) for name, value in step.sets.items()}
        return held


def test_any_header_is_weighed_as_the_live_server_weighs_it(live):
    chance = random.Random(7)
    follow = Following({path[1:] for path in live.paths()} | {"404.html", "404.da.html"})
    ranges = [*FORMS.values(), "*/*", "text/*", "application/*", "image/png"]
    for _ in range(1_500):
        path = chance.choice(list(KINDS.values()))
        chosen = chance.sample(ranges, chance.randint(1, 6))
        qualities = [
            "",
            *(f";q={chance.choice((0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1))}" for _ in chosen),
        ]
        accept = ", ".join(
            f"{each}{chance.choice(('', ';x=1'))}{chance.choice(qualities)}" for each in chosen
        )
        tongue = ",".join(
            f"{each};q={chance.randint(0, 1_000) / 1_000}"
            for each in chance.sample(["da", "en", "de", "da-DK"][:3], 2)
        )
        status, where = due(live, path, accept, tongue)
        held = follow(path, accept, tongue)
        answer = {"see": 303, "document": 200, "refused": 406}[held["answer"]]
        assert (answer, f"/{held['at']}{held['form']}" if where else None) == (status, where), (
            path,
            accept,
            tongue,
        )


def test_less_compares_qualities():
    def written(number):
        return f"{number / 1_000:.3f}".rstrip("0").rstrip(".")

    chance = random.Random(1)
    numbers = [0, 1, 9, 10, 99, 100, 101, 110, 500, 850, 854, 899, 900, 990, 999, 1_000]
    for first in [*numbers, *chance.sample(range(1_001), 60)]:
        for second in [*numbers, *chance.sample(range(1_001), 60)]:
            found = bool(re.search(LESS, f"{written(first)} {written(second)}"))
            assert found == (first < second) == (written(first) < written(second)), (first, second)


def test_types_are_told_by_suffix_and_where_that_does_not_do_by_path():
    documents = {
        "/a.json": Served("application/json"),
        "/b.json": Served("application/json"),
        "/c.json": Served("application/csvm+json"),
        "/query/q.json": Served("application/sparql-results+json"),
        "/a.html": Served("text/html", "usual"),
        "/b.html": Served("text/html", "usual"),
        "/odd.html": Served("text/html", "odd"),
        "/SUMS": Served("text/plain"),
    }
    found = summary(documents)
    assert found.types == {".json": "application/json", ".html": "text/html", "": "text/plain"}
    assert found.answers == {".json": "application/sparql-results+json"}
    assert found.single == {"/c.json": "application/csvm+json"}
    assert (found.policy, found.policies) == ("usual", {"/odd.html": "odd"})


def test_rules_for_w3id_need_an_address_and_all_are_the_same_each_time():
    documents = {"/a.html": Served("text/html"), "/a.ttl": Served(TURTLE)}
    assert list(files(documents)) == [".htaccess", "nginx.conf", "Caddyfile"]
    first = files(documents, address="https://data.example.org")
    assert first == files(dict(reversed(documents.items())), address="https://data.example.org/")
    assert list(first) == list(NAMES)


def test_rules_do_not_grow_with_the_data():
    def written(number):
        pages = {
            f"/doc/xy/plan/{n}{suffix}": Served(media)
            for n in range(number)
            for suffix, media in FORMS.items()
            if suffix in (".html", ".ttl")
        }
        return {name: len(text) for name, text in files(pages, address="https://data.example.org/").items()}

    assert written(10) == written(1_000)
