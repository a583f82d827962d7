"""The server's HTTP, over a socket and without: the response of each address, header by header.

`CASES` is the conformance table: RFC 9110 (HTTP), RFC 8288 (Link), the W3C's Cool URIs, and CORS. Every case
is sent to the application in this process, and every tenth to the server on a socket too.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
from pathlib import Path
from typing import NamedTuple

import pytest
from cases import in_process_and_over_a_socket

import policygraph
from policygraph.rdf.formats import FORMATS
from policygraph.store import kept

pytest_plugins = ["serving"]

PACKAGE = Path(policygraph.__file__).parent

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
TURTLE, NTRIPLES, JSONLD, RDFXML = (
    FORMATS[each].media for each in ("turtle", "ntriples", "jsonld", "rdfxml")
)
CSV, TSV, JSON, XML = (FORMATS[each].media for each in ("csv", "tsv", "json", "xml"))
HTML, TEXT, RQ = "text/html", "text/plain", "application/sparql-query"
GRAPHS = {".html": HTML, ".ttl": TURTLE, ".jsonld": JSONLD, ".nt": NTRIPLES, ".rdf": RDFXML}
ROWS = {".html": HTML, ".csv": CSV, ".tsv": TSV, ".json": JSON, ".xml": XML, ".rq": RQ}

THING, DOCUMENT = "/id/dk/initiative/nemid", "/doc/dk/initiative/nemid"
CONCEPT = "/concept/basis/stated"


class Case(NamedTuple):
    """A request, and the status, the media type and the address that must answer it."""

    address: str
    accept: str | None
    status: int
    media: str
    where: str = ""  # of a redirect its goal, of a document its own address
    method: str = "GET"
    language: str | None = None


def cases():
    # A thing in the world: 303 to the document that suits.
    for accept, suffix in {
        None: ".ttl",
        "*/*": ".html",
        CHROME: ".html",
        TURTLE: ".ttl",
        JSONLD: ".jsonld",
        NTRIPLES: ".nt",
        RDFXML: ".rdf",
        f"{TURTLE};q=0.5, {JSONLD}": ".jsonld",
        f"{RDFXML}, {TURTLE};q=0.9, */*;q=0.1": ".rdf",
        "text/*": ".html",
        "text/*;q=0.5, text/turtle": ".ttl",
        "application/*": ".jsonld",
        "text/html;q=0, */*": ".ttl",
        f"{TURTLE};charset=utf-8": ".ttl",
        ";;;,,": ".html",
    }.items():
        yield Case(THING, accept, 303, TEXT, DOCUMENT + suffix)
    for accept in ("image/png", "garbage;;;,,", "text/html;q=0"):
        yield Case(THING, accept, 406, TEXT)
    yield Case(THING, CHROME, 303, TEXT, f"{DOCUMENT}.da.html", language="da-DK, en;q=0.5")
    yield Case(THING, CHROME, 303, TEXT, f"{DOCUMENT}.html", language="fr")
    yield Case(CONCEPT, TURTLE, 303, TEXT, f"{CONCEPT}.ttl")
    for name, suffix in {
        "ttl": ".ttl",
        "turtle": ".ttl",
        "html": ".html",
        TURTLE: ".ttl",
        "nt": ".nt",
    }.items():
        yield Case(f"{THING}?format={name}", CHROME, 303, TEXT, DOCUMENT + suffix)
    yield Case(f"{THING}?format=docx", CHROME, 406, TEXT)
    yield Case("/.well-known/void", TURTLE, 303, TEXT, "/catalog.ttl")
    # A document in several forms: the one that suits, and where it is.
    for suffix, media in GRAPHS.items():
        yield Case(DOCUMENT + suffix, None, 200, media, DOCUMENT + suffix)
        yield Case(DOCUMENT + suffix, "image/png", 200, media, DOCUMENT + suffix)
        yield Case("/ontology", media, 200, media, f"/ontology{suffix}")
        yield Case("/data/international", media, 200, media, f"/data/international{suffix}")
        yield Case("/catalog", media, 200, media, f"/catalog{suffix}")
    for suffix, media in ROWS.items():
        year = "?year=2014"
        yield Case(
            f"/query/plans-in-force{suffix}{year}", None, 200, media, f"/query/plans-in-force{suffix}{year}"
        )
        yield Case(f"/query/plans-in-force{year}", media, 200, media, f"/query/plans-in-force{suffix}{year}")
    yield Case(
        "/query/plans-in-force?year=2014&format=csv", CHROME, 200, CSV, "/query/plans-in-force.csv?year=2014"
    )
    yield Case("/query/plans-in-force?year=none", CSV, 400, TEXT)
    yield Case("/query/plans-in-force?year=none", CHROME, 400, HTML)
    yield Case("/query/plan-intervals", TURTLE, 200, TURTLE, "/query/plan-intervals.ttl")
    for path in ("/", "/query", "/search?q=nem", "/sparql", "/explore", "/crosswalk", "/things"):
        yield Case(path, CHROME, 200, HTML)
    yield Case("/", CHROME, 200, HTML, "/index.html")
    yield Case("/", CHROME, 200, HTML, "/index.da.html", language="da")
    yield Case("/", None, 200, HTML, "/index.html")
    yield Case("/", TURTLE, 406, TEXT)
    yield Case("/site.css", "text/css", 200, "text/css", "/site.css")
    yield Case("/logo.svg", "*/*", 200, "image/svg+xml", "/logo.svg")
    yield Case("/editor/editor.js", "*/*", 200, "text/javascript", "/editor/editor.js")
    yield Case("/robots.txt", None, 200, TEXT, "/robots.txt")
    yield Case("/sitemap.xml", None, 200, "application/xml", "/sitemap.xml")
    yield Case("/health", None, 200, "application/json")
    # The endpoint's page and description are at one address.
    yield Case("/sparql", TURTLE, 200, TURTLE)
    yield Case("/sparql", None, 200, TURTLE)
    yield Case("/sparql?query=ASK%7B%7D", CHROME, 200, HTML)
    yield Case("/sparql?query=ASK%7B%7D", JSON, 200, JSON)
    yield Case("/sparql?query=ASK%7B", CHROME, 400, HTML)
    yield Case("/sparql.da.html?query=ASK%7B%7D", None, 200, HTML)
    for name in ("format", "form%61t"):
        yield Case(f"/sparql.html?query=ASK%7B%7D&{name}=csv", CHROME, 200, HTML)
    yield Case("/sparql?query=CONSTRUCT+WHERE%7B%3Fs+a+%3Fo%7D+LIMIT+1", CHROME, 200, HTML)
    # Nothing is here, or not so.
    for path in (
        "/nothing",
        "/id/dk/initiative/nemidd",
        f"{DOCUMENT}.docx",
        "/query/none.csv",
        "/query/none",
    ):
        yield Case(path, CHROME, 404, HTML)
        yield Case(path, TURTLE, 404, TEXT)
    yield Case("/editor/../../cli.py", CHROME, 404, HTML)
    yield Case("/..%2f..%2f..%2fetc%2fpasswd", CHROME, 404, HTML)
    yield Case("/doc/%00.html", CHROME, 404, HTML)
    yield Case("/ontology/", CHROME, 308, TEXT, "/ontology")
    yield Case(f"{THING}/?format=ttl", CHROME, 308, TEXT, f"{THING}?format=ttl")
    yield Case("/search?q=%ff", CHROME, 400, TEXT)
    yield Case("/search?" + "&".join(["q=1"] * 101), CHROME, 400, TEXT)
    yield Case("/" + "a" * 2_001, CHROME, 414, TEXT)
    yield Case("/search?q=" + "a" * 16_001, CHROME, 414, TEXT)
    for path in ("/", THING, f"{DOCUMENT}.ttl", "/health", "/nothing", "/site.css", "/query/plans-in-force"):
        yield Case(path, CHROME, 204, "", method="OPTIONS")
        for method in ("POST", "PUT", "DELETE", "PATCH", "PROPFIND"):
            yield Case(path, CHROME, 405, TEXT, method=method)


CASES = list(dict.fromkeys(cases()))


def ask(server, case, **more):
    headers = {"Accept": case.accept} if case.accept is not None else {}
    if case.language:
        headers["Accept-Language"] = case.language
    return server.ask(case.method, case.address, headers=headers | more)


def names(case):
    accept = {CHROME: "Chrome", None: "-"}.get(case.accept, case.accept)
    return f"{case.method} {case.address[:40]} {accept} {case.language or ''}"


def everywhere(cases):
    return in_process_and_over_a_socket("either", cases, names, inside="inside", served="served")


@everywhere(CASES)
def test_conformance(case, either):
    reply = ask(either, case)
    assert (reply.status, reply.media) == (case.status, case.media), reply
    headers = reply.headers
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    if case.status == 204:
        assert headers["access-control-allow-methods"] == headers["allow"] == "GET, HEAD, OPTIONS"
        assert reply.body == b""
        return
    assert headers["x-content-type-options"] == "nosniff"
    assert int(headers["content-length"]) == len(reply.body) > 0
    if case.media.startswith("text/"):
        assert headers["content-type"].endswith("; charset=utf-8")
    if case.status in (303, 308):
        assert headers["location"] == case.where
    elif case.where:
        assert headers["content-location"] == case.where
    if case.media == HTML:
        policy = headers["content-security-policy"]
        assert "default-src" in policy
        assert "unsafe-eval" not in policy
        assert headers["content-language"] == (
            "da" if case.language == "da" or ".da." in case.address else "en"
        )
    if case.status == 405:
        assert headers["allow"] == "GET, HEAD, OPTIONS"
    negotiated = case.status in (200, 303, 406) and headers.get("vary")
    if negotiated and "accept, " in f"{headers['vary'].lower()}, ":
        assert "accept-encoding" in headers["vary"].lower()
    for leak in ("Traceback", "site-packages", str(PACKAGE)):
        assert leak.encode() not in reply.body


@everywhere([c for c in CASES if c.method == "GET" and c.status < 500])
def test_head_is_get_without_the_body(case, either):
    got, head = ask(either, case), ask(either, case._replace(method="HEAD"))
    assert head.body == b""
    ignored = ("date",)
    assert head.status == got.status
    assert {k: v for k, v in head.headers.items() if k not in ignored} == {
        k: v for k, v in got.headers.items() if k not in ignored
    }


KEPT = [
    c
    for c in CASES
    if (c.method, c.status) == ("GET", 200) and c.where and not c.address.startswith("/sparql")
]


@everywhere(KEPT)
def test_what_a_client_has_is_not_sent_again(case, either):
    first = ask(either, case)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[\w-]+"', tag), "a strong validator"
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = ask(either, case, **{"If-None-Match": known})
        assert (again.status, again.body) == (304, b"")
        assert "content-type" not in again.headers
        for name in ("etag", "vary", "cache-control", "content-location"):
            assert again.headers[name] == first.headers[name]
    assert ask(either, case, **{"If-None-Match": '"other"'}).status == 200


@everywhere(KEPT)
def test_gzip_is_for_those_who_take_it_and_is_tagged_apart(case, either):
    whole, zipped = ask(either, case), ask(either, case, **{"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in whole.headers
    assert "accept-encoding" in whole.headers["vary"].lower()
    if len(whole.body) < 1_000:
        assert "content-encoding" not in zipped.headers
        return
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == whole.body
    assert len(zipped.body) < len(whole.body)
    assert zipped.headers["etag"] != whole.headers["etag"]
    other = {"Accept-Encoding": "gzip", "If-None-Match": whole.headers["etag"]}
    assert ask(either, case, **other).status == 200  # of another coding
    refused = ask(either, case, **{"Accept-Encoding": "gzip;q=0"})
    assert refused.body == whole.body


@pytest.mark.full
@pytest.mark.parametrize("address", [THING, "/ontology", "/data/denmark", "/query/plans-in-force", CONCEPT])
def test_what_is_negotiated_says_so_and_names_the_other_forms(address, inside):
    reply = inside.ask("GET", address, headers={"Accept": CHROME})
    assert {"Accept", "Accept-Language", "Accept-Encoding"} <= set(reply.headers["vary"].split(", "))
    links = re.findall(r'<([^>]*)>; rel="alternate"; type="([^"]*)"', reply.headers["link"])
    forms = ROWS if address.startswith("/query/") else GRAPHS
    assert {media for _, media in links} >= set(forms.values()) - {HTML}
    for href, media in links:
        other = inside.ask("GET", href)
        assert (other.status, other.media) == (200, media)


@pytest.mark.parametrize("address", [f"{DOCUMENT}.html", "/data/denmark.ttl", "/ontology.jsonld"])
def test_a_document_links_to_its_licence_and_its_public_address(address, either):
    link = either.ask("GET", address).headers["link"]
    assert '<https://creativecommons.org/licenses/by/4.0/>; rel="license"' in link
    assert re.search(rf'<https?://[^/>]+{re.escape(address)}>; rel="canonical"', link)


def test_vary_on_a_document_is_for_its_coding_alone(either):
    assert either.ask("GET", f"{DOCUMENT}.ttl").headers["vary"] == "Accept-Encoding"


def test_a_missing_page_suggests_similar_names(served):
    page = served.ask("GET", "/id/dk/initiative/nemidd", headers={"Accept": CHROME}).body.decode()
    assert re.search(r'href="/doc/dk/[\w-]+/nemid\.html"', page)


def test_the_sparql_page_shows_rows_graphs_and_errors(either):
    def page(query, **more):
        from urllib.parse import urlencode

        return either.ask("GET", "/sparql?" + urlencode({"query": query} | more), headers={"Accept": CHROME})

    rows = page("SELECT ?plan { ?plan a pg:Plan }")
    assert rows.body.count(b'href="doc/dk/plan/') >= 3
    graph = page("CONSTRUCT WHERE { ?s a pg:Plan ; skos:prefLabel ?l }")
    assert graph.body.count(b'href="doc/dk/plan/') >= 3
    assert b"Strategi" in graph.body
    assert b"0 rows" in page("CONSTRUCT WHERE { ?s <urn:no> ?o }").body
    wrong = page("SELECT ?x { ?x pgg:a ?y }")
    assert wrong.status == 400
    assert re.search(rb"line 1, column \d+: ", wrong.body)
    assert b"pgg:a" in wrong.body
    update = page("DELETE WHERE { ?s ?p ?o }")
    assert update.status == 400
    assert b"updates are refused" in update.body
    assert page("ASK {}").headers["cache-control"] == "no-store"


@pytest.mark.full
def test_the_page_shows_a_part_and_says_so_where_programs_get_all(inside):
    def ask(query, accept):
        from urllib.parse import urlencode

        return inside.ask("GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": accept})

    pairs = "SELECT DISTINCT ?s ?o { ?s a ?a . ?o a ?b } LIMIT "
    for query in (pairs + "%s", f"CONSTRUCT {{ ?s <a:a> ?o }} WHERE {{ {pairs}%s }}"):
        long = ask(query % 12_000, CHROME)
        assert b"10,000 rows" in long.body
        assert b"more rows than this page reads" in long.body
        whole = ask(query % 10_000, CHROME)
        assert b"10,000 rows" in whole.body
        assert b"more rows than this page reads" not in whole.body
    data = ask(pairs + "12000", JSON)
    assert len(json.loads(data.body)["results"]["bindings"]) == 12_000


@pytest.mark.full
def test_the_limits_of_an_answer_are_options(tmp_path, examplia):
    from serving import running

    asked = {
        "SELECT%20(1%20AS%20?x)%7B?s%20?p%20?o%7D%20LIMIT%20501": b"more than 500 rows",
        "SELECT%20*%7B?s%20?p%20?o.?a%20?b%20?c%7D%20LIMIT%20500": b"more than 100,000 bytes",
    }
    with running(tmp_path, "--max-rows", "500", "--max-bytes", "100000", catalog=examplia) as server:
        for query, says in asked.items():
            reply = server.ask("GET", f"/sparql?query={query}", headers={"Accept": JSON})
            assert reply.status == 413
            assert says in reply.body


def test_a_query_on_the_page_is_only_ever_text(either):
    from urllib.parse import quote

    nasty = 'SELECT * { ?s ?p "</textarea><script>alert(1)</script>" }'
    reply = either.ask("GET", f"/sparql?query={quote(nasty)}", headers={"Accept": CHROME})
    assert b"<script>alert" not in reply.body


@pytest.mark.parametrize(
    "address", ["/%0d%0aSet-Cookie:%20a=b", "/search?q=%0d%0aSet-Cookie:%20a=b", "/ontology%0d%0ax:y/"]
)
def test_no_header_can_be_smuggled_in(address, served):
    reply = served.ask("GET", address, headers={"Accept": CHROME})
    assert "set-cookie" not in reply.headers
    assert "x" not in reply.headers
    assert reply.status in (200, 404)


@pytest.mark.full
@pytest.mark.parametrize("host", ["evil.example", "evil.example:80@127.0.0.1"])
def test_the_host_of_a_request_is_not_believed(host, served):
    for address in ("/", THING, "/ontology/", "/sitemap.xml", "/data/denmark"):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.putrequest("GET", address, skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        response = connection.getresponse()
        assert b"evil" not in response.read()
        assert "evil" not in str(response.getheaders())
        connection.close()


def test_health_is_cheap_and_true(either):
    reply = either.ask("GET", "/health")
    health = json.loads(reply.body)
    assert health["healthy"] is True
    assert re.fullmatch(r"[0-9a-f]{16}", health["version"])
    assert reply.headers["cache-control"] == "no-store"


def test_half_a_request_keeps_nobody_waiting(served):
    with socket.create_connection(("127.0.0.1", served.port), 5) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert served.ask("GET", "/health").status == 200


def test_the_table_is_as_long_as_it_says():
    assert len(CASES) >= 150
    assert len({case.status for case in CASES}) >= 9


def test_too_many_sparql_pages_at_once_are_refused(inside, monkeypatch):
    from policygraph.server import linked_data

    monkeypatch.setattr(linked_data, "_MAX_WAITING", 0)
    reply = inside.ask("GET", "/sparql?query=ASK%7B%7D", headers={"Accept": CHROME})
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")


def test_every_kind_of_term_is_shown_on_the_sparql_page(inside):
    query = "CONSTRUCT { [] <urn:p> 'text'@da , 7 , <urn:x> , [] } WHERE {}".replace(" ", "%20")
    page = inside.ask("GET", f"/sparql?query={query}", headers={"Accept": CHROME}).body.decode()
    table = page.partition("<tbody>")[2]
    assert table.count("urn:p") >= 4
    for word in ("text", "7", "urn:x"):
        assert word in table


@pytest.mark.full
def test_the_questions_of_a_large_catalogue_have_the_limits_of_the_endpoint(
    small_catalog, tmp_path, monkeypatch
):
    """Its pages wait for one no longer than the endpoint does, and give the answers of a small one."""
    import serving

    queries = small_catalog.root / "queries"
    every = " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(7))
    (queries / "slow.rq").write_text(f"#+ summary: How many?\nSELECT (COUNT(*) AS ?n) {{ {every} }}\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("POLICYGRAPH_CACHE", raising=False)
    answers = []
    for size in (kept.LARGE, 1):
        monkeypatch.setattr(kept, "LARGE", size)
        with serving.application(catalog=small_catalog.root, timeout=0.6) as app:
            answers.append(
                [app.ask("GET", f"/query/projects{suffix}").body for suffix in (".html", ".csv", ".json")]
            )
            if size == 1:
                for suffix in (".html", ".csv"):
                    refused = app.ask("GET", f"/query/slow{suffix}")
                    assert refused.status == 400
                    assert b"No answer within 0.6 seconds" in refused.body
    assert answers[0] == answers[1]
    assert (tmp_path / "cache").is_dir()
