"""The SPARQL 1.1 Protocol as other tools speak it, over a socket; `CASES` is the conformance table."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from typing import NamedTuple
from urllib.parse import quote, urlencode

import endpoint
import httpx
import pytest
from cases import in_process_and_over_a_socket
from loops import run

from policygraph.server.evaluation import Limits, QueryOutcome
from policygraph.server.protocol import MAX_ADDRESS, MAX_BODY, SparqlProtocol

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, NTRIPLES, JSONLD, RDFXML = (
    "text/turtle",
    "application/n-triples",
    "application/ld+json",
    "application/rdf+xml",
)
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"

DATA = "https://w3id.org/policygraph/data/denmark"
ONTOLOGY = "https://w3id.org/policygraph/ontology/policygraph"
SELECT, ASK = "SELECT ?s { ?s ?p ?o } LIMIT 1", "ASK { ?s ?p ?o }"
CONSTRUCT, DESCRIBE = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", f"DESCRIBE <{DATA}>"


class Case(NamedTuple):
    """A request, and the status and media type that it must get."""

    name: str
    status: int
    media: str
    query: str | None = None
    method: str = "GET"
    accept: str | None = None
    more: dict = {}  # noqa: RUF012  further parameters
    body: bytes | None = None
    content: str | None = None
    says: str = ""  # a pattern that the body holds


def form(**parameters):
    return urlencode(parameters, doseq=True).encode()


def count(graphs):
    return "SELECT (COUNT(*) AS ?n) " + graphs


PROTOCOL = [
    # Section 2.1: the three ways to send a query.
    Case("query-get", 200, JSON, ASK, says='"boolean":true'),
    Case("query-post-form", 200, JSON, method="POST", body=form(query=ASK), content=FORM, says="true"),
    Case("query-post-direct", 200, JSON, method="POST", body=ASK.encode(), content=DIRECT, says="true"),
    Case(
        "query-post-form-charset", 200, JSON, method="POST", body=form(query=ASK),
        content=FORM + "; charset=UTF-8",
    ),
    Case(
        "query-post-direct-charset", 200, JSON, method="POST", body=ASK.encode(),
        content=DIRECT + ";charset=utf-8",
    ),
    Case("query-post-type-in-capitals", 200, JSON, method="POST", body=ASK.encode(), content=DIRECT.title()),
    Case("query-get-decoded-once", 200, JSON, "ASK { FILTER('%20' = CONCAT('%', '20')) }", says="true"),
    Case("query-get-plus-is-a-space", 200, JSON, "ASK { FILTER(' ' = '\\u0020') }", says="true"),
    Case(
        "query-post-decoded-once", 200, JSON, method="POST", content=FORM, says="true",
        body=form(query="ASK { FILTER('%2B+' = CONCAT('%', '2B', '\\u002B')) }"),
    ),
    Case("query-utf-8", 200, JSON, "ASK { FILTER(STRLEN('å€𝄞') = 3) }", says="true"),
    Case(
        "query-utf-8-direct", 200, JSON, method="POST", content=DIRECT, says="true",
        body="ASK { FILTER(STRLEN('å€𝄞') = 3) }".encode(),
    ),
    Case("query-byte-order-mark", 200, JSON, method="POST", body=b"\xef\xbb\xbfASK {}", content=DIRECT),
    Case("query-comments", 200, JSON, "# SELECT INSERT\nASK {} # CONSTRUCT", says="true"),
    Case("query-unknown-parameters", 200, JSON, ASK, more={"timeout": "0", "debug": "on"}),
    # Section 2.1.4: the dataset. 0 is what a wrong dataset gives.
    Case(
        "query-dataset-default-graph", 200, CSV, count("{ ?s ?p ?o }"), accept=CSV,
        more={"default-graph-uri": DATA}, says=r"n\r\n[1-9]",
    ),
    Case(
        "query-dataset-default-graphs-get", 200, CSV, accept=CSV, says=r"s\r\nhttp",
        query=f"SELECT ?s {{ <{DATA}> a ?a . ?s a <http://www.w3.org/2002/07/owl#Ontology> }}",
        more={"default-graph-uri": [DATA, ONTOLOGY]},
    ),
    Case(
        "query-dataset-default-graphs-post", 200, CSV, method="POST", accept=CSV, content=FORM,
        says=r"n\r\n[1-9]", body=form(query=count("{ ?s ?p ?o }"), **{"default-graph-uri": [DATA, ONTOLOGY]}),
    ),
    Case(
        "query-dataset-named-graphs-get", 200, CSV, count("{ GRAPH ?g { ?s ?p ?o } }"), accept=CSV,
        more={"named-graph-uri": [DATA, ONTOLOGY]}, says=r"n\r\n[1-9]",
    ),
    Case(
        "query-dataset-named-graphs-post", 200, CSV, method="POST", accept=CSV, content=FORM, says=r"n\r\n0",
        body=form(query=count("{ ?s ?p ?o }"), **{"named-graph-uri": DATA}),
    ),
    Case(
        "query-dataset-full", 200, CSV, accept=CSV, says=r"n\r\n[1-9]",
        query=count("{ ?o a <http://www.w3.org/2002/07/owl#Ontology> . GRAPH ?g { <" + DATA + "> a ?a } }"),
        more={"default-graph-uri": ONTOLOGY, "named-graph-uri": DATA},
    ),
    Case(
        "query-dataset-direct-post", 200, CSV, method="POST", accept=CSV, content=DIRECT, says=r"n\r\n0",
        body=count("{ ?s ?p ?o }").encode(), more={"default-graph-uri": "https://example.org/none"},
    ),
    Case(
        "query-multiple-dataset", 200, CSV, count(f"FROM <{DATA}> {{ ?s ?p ?o }}"), accept=CSV,
        more={"default-graph-uri": "https://example.org/none"}, says=r"n\r\n0",
    ),
    Case(
        "query-dataset-not-fetched", 200, CSV, count("FROM <file:///etc/passwd> { ?s ?p ?o }"),
        accept=CSV, says="\n0",
    ),
    # Section 2.1.5 and 2.1.6: formats by Accept.
    Case("query-content-type-select", 200, JSON, SELECT, accept=JSON),
    Case("query-content-type-select-xml", 200, XML, SELECT, accept=XML, says="^<"),
    Case("query-content-type-select-csv", 200, CSV, SELECT, accept=CSV, says="^s\r\n"),
    Case("query-content-type-select-tsv", 200, TSV, SELECT, accept=TSV, says="^\\?s\n"),
    Case("query-content-type-ask", 200, XML, ASK, accept=XML, says="<boolean>true</boolean>"),
    Case("query-content-type-ask-csv", 200, CSV, ASK, accept=CSV, says="true"),
    Case("query-content-type-describe", 200, RDFXML, DESCRIBE, accept=RDFXML, says="rdf:RDF"),
    Case("query-content-type-describe-turtle", 200, TURTLE, DESCRIBE, accept=TURTLE, says="dcat:Dataset"),
    Case("query-content-type-construct", 200, NTRIPLES, CONSTRUCT, accept=NTRIPLES),
    Case("query-content-type-construct-jsonld", 200, JSONLD, CONSTRUCT, accept=JSONLD),
    Case("accept-missing-select", 200, JSON, SELECT),
    Case("accept-missing-construct", 200, TURTLE, CONSTRUCT),
    Case("accept-anything-select", 200, JSON, SELECT, accept="*/*"),
    Case("accept-anything-construct", 200, TURTLE, CONSTRUCT, accept="*/*"),
    Case("accept-quality", 200, XML, SELECT, accept=f"{JSON};q=0.3, {XML};q=0.5, {CSV};q=0.4"),
    Case("accept-quality-zero", 200, XML, SELECT, accept=f"{JSON};q=0, application/*"),
    Case("accept-range", 200, CSV, SELECT, accept="text/*"),
    Case("accept-both-kinds", 200, TURTLE, CONSTRUCT, accept=f"{JSON}, {TURTLE}"),
    Case("accept-plain-json", 200, "application/json", SELECT, accept="application/json"),
    Case("accept-plain-xml-graph", 200, "application/xml", CONSTRUCT, accept="application/xml"),
    Case("accept-rdflib", 200, XML, SELECT, accept=f"{XML}, application/rdf+xml"),
    Case("accept-browser", 200, "text/html", SELECT, accept=CHROME, says="page"),
    Case(
        "accept-browser-post", 200, "application/xml", method="POST", accept=CHROME,
        body=form(query=ASK), content=FORM,
    ),
    Case("accept-nothing-fits", 406, "text/plain", SELECT, accept="image/png", says=re.escape(JSON)),
    Case("accept-other-kind", 406, "text/plain", SELECT, accept=TURTLE, says=re.escape(JSON)),
    Case("accept-other-kind-graph", 406, "text/plain", CONSTRUCT, accept=CSV, says=TURTLE),
    # ?format= goes before Accept.
    Case("format-name", 200, CSV, SELECT, accept=JSON, more={"format": "csv"}),
    Case("format-suffix", 200, NTRIPLES, CONSTRUCT, more={"format": "nt"}),
    Case("format-media-type", 200, XML, SELECT, more={"format": XML}),
    Case("format-browser", 200, JSON, SELECT, accept=CHROME, more={"format": "json"}),
    Case("format-json-graph", 200, JSONLD, CONSTRUCT, more={"format": "json"}),
    Case("format-xml-graph", 200, RDFXML, CONSTRUCT, more={"format": "xml"}),
    Case("format-post", 200, CSV, method="POST", body=form(query=SELECT, format="csv"), content=FORM),
    Case(
        "format-direct-post", 200, TSV, method="POST", body=SELECT.encode(), content=DIRECT,
        more={"format": "tsv"},
    ),
    Case(
        "format-sparqlwrapper", 200, JSON, SELECT,
        more={"format": "json", "output": "json", "results": "json"},
    ),
    Case("format-unknown", 406, "text/plain", SELECT, more={"format": "pdf"}, says="turtle"),
    Case("format-other-kind", 406, "text/plain", SELECT, more={"format": "turtle"}),
    # Section 2.1.6: refusals. An error is never inside a 200.
    Case("bad-query-syntax", 400, "text/plain", "SELECT * {", says="line 1, column 10: "),
    Case(
        "bad-query-syntax-second-line", 400, "text/plain", "SELECT *\n{ ?s ) ?o }",
        says="line 2, column 6: ",
    ),
    Case("bad-query-syntax-for-a-browser-tool", 400, "text/plain", "SELECT", accept=JSON),
    Case("bad-query-empty", 400, "text/plain", "", says="no query"),
    Case("bad-query-missing", 400, "text/plain", more={"qurey": ASK}, says="no query"),
    Case("bad-query-missing-form", 400, "text/plain", method="POST", body=b"", content=FORM, says="no query"),
    Case("bad-query-missing-direct", 400, "text/plain", method="POST", body=b"", content=DIRECT),
    Case("bad-multiple-queries", 400, "text/plain", more={"query": [ASK, SELECT]}, says="several"),
    Case(
        "bad-multiple-queries-form", 400, "text/plain", method="POST", body=form(query=[ASK, ASK]),
        content=FORM,
    ),
    Case(
        "bad-multiple-queries-direct", 400, "text/plain", ASK, method="POST", body=ASK.encode(),
        content=DIRECT,
    ),
    Case(
        "bad-query-wrong-media-type", 415, "text/plain", method="POST", body=ASK.encode(),
        content="text/plain",
    ),
    Case("bad-query-missing-form-type", 415, "text/plain", method="POST", body=form(query=ASK)),
    Case("bad-query-missing-direct-type", 415, "text/plain", method="POST", body=ASK.encode()),
    Case(
        "bad-query-json", 415, "text/plain", method="POST", body=b'{"query": "ASK {}"}',
        content="application/json",
    ),
    Case(
        "bad-query-non-utf8", 415, "text/plain", method="POST", body=ASK.encode("utf-16"),
        content=DIRECT + ";charset=UTF-16",
    ),
    Case(
        "bad-query-malformed-utf8-direct", 400, "text/plain", method="POST", body=b"ASK { # \xff\n }",
        content=DIRECT,
    ),
    Case(
        "bad-query-malformed-utf8-form", 400, "text/plain", method="POST",
        body=b"query=ASK+%7B%7D%23%FF", content=FORM,
    ),
    Case("bad-dataset", 400, "text/plain", ASK, more={"default-graph-uri": "not an iri"}, says="IRI"),
    *(
        Case(f"bad-query-method-{method}", 405, "text/plain", ASK, method=method)
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW")
    ),
    # Section 2.2: updates are refused, in whichever form.
    Case(
        "bad-update-form", 403, "text/plain", method="POST", body=form(update="CLEAR ALL"),
        content=FORM, says="refused",
    ),
    Case(
        "bad-update-direct", 403, "text/plain", method="POST", body=b"CLEAR ALL",
        content="application/sparql-update",
    ),
    Case("bad-update-get", 403, "text/plain", more={"update": "CLEAR ALL"}),
    Case("bad-update-get-with-query", 403, "text/plain", ASK, more={"update": "CLEAR ALL"}),
    Case("bad-update-as-query", 400, "text/plain", "INSERT DATA { <a:a> <a:a> 1 }", says="update"),
    Case("bad-update-as-direct-query", 400, "text/plain", method="POST", body=b"DROP ALL", content=DIRECT),
]  # fmt: skip

DESCRIPTION = [
    # SPARQL 1.1 Service Description, section 2: a GET of the address itself.
    Case("sd-accept-missing", 200, TURTLE, says="Service"),
    Case("sd-turtle", 200, TURTLE, accept=TURTLE, says="Service"),
    Case("sd-rdf-xml", 200, RDFXML, accept=RDFXML, says="Service"),
    Case("sd-json-ld", 200, JSONLD, accept=JSONLD, says="Service"),
    Case("sd-n-triples", 200, NTRIPLES, accept=NTRIPLES, says="Service"),
    Case("sd-quality", 200, RDFXML, accept=f"{TURTLE};q=0.5, {RDFXML}", says="Service"),
    Case("sd-rdflib", 200, TURTLE, accept=f"{TURTLE}, {RDFXML};q=0.9, {NTRIPLES};q=0.8"),
    Case("sd-format", 200, NTRIPLES, more={"format": "nt"}, accept=CHROME),
    Case("sd-browser", 200, "text/html", accept=CHROME, says="page"),
    Case("sd-anything", 200, "text/html", accept="*/*", says="page"),
    Case("sd-nothing-fits", 406, "text/plain", accept="image/png", says=TURTLE),
    Case("sd-results-format", 406, "text/plain", accept=JSON, says=TURTLE),
]
CASES = PROTOCOL + DESCRIPTION
GETS = [case for case in CASES if case.method == "GET" and case.media != "text/html"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with endpoint.running(tmp_path_factory.mktemp("protocol"), timeout=3) as server:
        yield server


@pytest.fixture(scope="module")
def application():
    with endpoint.application(timeout=3) as application:
        yield application


@pytest.fixture(params=["server", "application"])
def everywhere(request):
    return request.getfixturevalue(request.param)


def each(cases):
    return in_process_and_over_a_socket(
        "everywhere", cases, lambda case: case.name, inside="application", served="server"
    )


def send(server, case, method=None, **headers):
    parameters = ({} if case.query is None else {"query": case.query}) | case.more
    address = "/sparql" + (f"?{urlencode(parameters, doseq=True)}" if parameters else "")
    headers = {"Accept": case.accept, "Content-Type": case.content} | headers
    headers = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
    return server.ask(method or case.method, address, case.body, headers)


@each(CASES)
def test_conformance(everywhere, case):
    reply = send(everywhere, case)
    assert (reply.status, reply.media) == (case.status, case.media)
    assert re.search(case.says, reply.body.decode())
    # What every answer has, the refusals too.
    if reply.body != b"page":
        assert reply.headers["access-control-allow-origin"] == "*"
        assert "Accept" in reply.headers["vary"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-length"] == str(len(reply.body))
    if case.status == 405:
        assert reply.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    if case.status >= 400:
        assert "etag" not in reply.headers
        assert re.fullmatch(r".*[.>]\n", reply.body.decode(), re.DOTALL), "an error is a sentence"


@each(GETS)
def test_head_is_get_without_a_body(everywhere, case):
    head, get = send(everywhere, case, "HEAD"), send(everywhere, case)
    assert head.body == b""
    for reply in (head, get):
        reply.headers.pop("date", None)
    assert (head.status, head.headers) == (get.status, get.headers)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in GETS if case.status == 200])
def test_what_one_has_is_not_sent_again(everywhere, case):
    first = send(everywhere, case)
    again = send(everywhere, case, If_None_Match=f'"other", {first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "Accept" in again.headers["vary"]
    assert send(everywhere, case, If_None_Match='"other"').status == 200


def test_the_tag_depends_on_query_format_and_dataset(everywhere):
    cases = [
        Case("", 200, "", ASK),
        Case("", 200, "", ASK, accept=XML),
        Case("", 200, "", ASK + " "),
        Case("", 200, "", ASK, more={"default-graph-uri": DATA}),
        Case("", 200, "", ASK, more={"named-graph-uri": DATA}),
    ]
    assert len({send(everywhere, case).headers["etag"] for case in cases}) == len(cases)


def test_what_changes_by_itself_is_not_kept(everywhere):
    case = Case("", 200, JSON, "SELECT (UUID() AS ?id) {}")
    one, other = send(everywhere, case), send(everywhere, case)
    assert one.body != other.body
    assert one.headers["cache-control"] == "no-store"
    assert "etag" not in one.headers


def test_gzip_is_for_who_accepts_it(everywhere):
    case = Case("", 200, JSON, "SELECT * { ?s ?p ?o } LIMIT 100")
    plain, zipped = send(everywhere, case), send(everywhere, case, Accept_Encoding="gzip, br")
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(zipped.body)) == json.loads(plain.body)
    assert "Accept-Encoding" in zipped.headers["vary"]


def test_a_preflight_is_answered(everywhere):
    reply = everywhere.ask(
        "OPTIONS", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    )
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "Content-Type" in reply.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in reply.headers


def test_what_is_too_long_is_refused(everywhere):
    assert send(everywhere, Case("", 0, "", "#" * MAX_ADDRESS)).status == 414
    body = b"ASK {} #" + b"x" * MAX_BODY
    reply = send(everywhere, Case("", 0, "", method="POST", body=body, content=DIRECT))
    assert (reply.status, reply.media) == (413, "text/plain")
    body = body[: MAX_BODY - 1_000_000 - 10_000]
    assert send(everywhere, Case("", 0, "", method="POST", body=body, content=DIRECT)).status == 200


def test_a_body_in_chunks_is_read(server):
    chunks = b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    reply = server.ask("POST", "/sparql", chunks, {"Transfer-Encoding": "chunked", "Content-Type": DIRECT})
    assert reply.status == 200


@pytest.mark.full
def test_a_timeout_says_what_to_do(server):
    case = Case("", 503, "text/plain", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    reply = send(server, case)
    assert reply.status == 503
    assert "within 3 seconds; ask for less" in reply.body.decode()


@pytest.mark.parametrize("limit", ["rows", "size"])
def test_an_answer_that_is_too_long_is_refused(limit):
    says = "more than 3 rows or triples" if limit == "rows" else "more than 1,000 bytes"
    with endpoint.application(limits={limit: 3 if limit == "rows" else 1_000}) as server:
        for accept in (JSON, XML, CSV, TSV, NTRIPLES, TURTLE):
            form = "CONSTRUCT" if accept in (NTRIPLES, TURTLE) else "SELECT *"
            long = send(server, Case("", 0, "", f"{form} WHERE {{ ?s ?p ?o }}", accept=accept))
            assert (long.status, long.media) == (413, "text/plain")
            assert f"{says}; ask for parts of it" in long.body.decode()
            assert "etag" not in long.headers
            short = f"{form} WHERE {{ ?s a ?o }} LIMIT 3"
            assert send(server, Case("", 0, "", short, accept=accept)).status == 200


# A pool without workers.


class _Pool:
    timeout, limits, volatile = 10.0, Limits(), False

    def __init__(self, *outcomes, limits=None):
        self.outcomes, self.jobs = list(outcomes), []
        self.limits = limits or self.limits

    async def query(self, job, *, client=""):
        self.jobs.append((job, client))
        return self.outcomes.pop(0)


class _Tool:
    """A client of the application itself, without a socket."""

    def __init__(self, protocol):
        self._transport = httpx.ASGITransport(protocol, client=("192.0.2.1", 1))

    def get(self, *address, **how):
        return run(self.all(("GET", *address, how)))[0]

    def post(self, *address, **how):
        return run(self.all(("POST", *address, how)))[0]

    async def all(self, *requests):
        """What comes of requests that are sent at the same time."""
        async with httpx.AsyncClient(transport=self._transport, base_url="http://x") as tool:
            return await asyncio.gather(*(tool.request(*request, **how) for *request, how in requests))


SETTINGS = {"version": "1", "description": str.encode, "page": None}


def client(pool, **settings):
    return _Tool(SparqlProtocol(pool, **(SETTINGS | settings)))


@pytest.mark.parametrize(
    ("outcome", "status", "says", "again"),
    [
        (QueryOutcome("busy"), 503, "Too many queries at once", True),
        (QueryOutcome("flood"), 429, "from your address", True),
        (QueryOutcome("memory"), 503, "too much memory; ask for less", False),
        (QueryOutcome("timeout"), 503, "within 10 seconds", False),
        (QueryOutcome("rows"), 413, "more than 1,000,000 rows or triples; ask for parts", False),
        (QueryOutcome("size"), 413, "more than 100,000,000 bytes; ask for parts", False),
        (QueryOutcome("crash"), 500, "could not be answered", False),
        (QueryOutcome("failed"), 500, "could not be answered", False),
        (QueryOutcome("text", "line 1: é\r\nSet-Cookie: x"), 400, "é", False),
    ],
)
def test_each_reason_has_its_status_and_sentence(outcome, status, says, again):
    reply = client(_Pool(outcome)).get("/", params={"query": ASK})
    assert (reply.status_code, says in reply.text, "retry-after" in reply.headers) == (status, True, again)
    assert "set-cookie" not in reply.headers


def test_a_service_that_fails_is_not_our_failure():
    pool = _Pool(QueryOutcome("failed"), limits=Limits(services=("http://x/",)))
    assert client(pool).get("/", params={"query": ASK}).status_code == 502


def test_an_endpoint_with_the_data_that_fails_is_not_our_failure():
    pool = _Pool(QueryOutcome("failed"))
    pool.volatile = True
    reply = client(pool).get("/", params={"query": ASK})
    assert (reply.status_code, "did not answer; try again later" in reply.text) == (502, True)


def test_an_answer_is_kept_and_a_refusal_is_not():
    pool = _Pool(QueryOutcome("busy"), QueryOutcome("answer", format="json", body=b"{}"))
    tool = client(pool)
    answers = [tool.get("/", params={"query": ASK}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 200, 200]
    assert tool.post("/", data={"query": ASK}).content == b"{}"
    assert tool.get("/", params={"query": ASK, "x": "1"}).content == b"{}"


def test_answers_that_do_not_fit_are_not_kept():
    bodies = [b"x" * size for size in (20_000, 5_000, 5_000, 5_000)]
    pool = _Pool(*(QueryOutcome("answer", format="json", body=body) for body in [*bodies, *bodies]))
    tool = client(pool, cache=100_000)

    def sizes(*numbers):
        return [len(tool.get("/", params={"query": f"ASK {{ # {n}\n }}"}).content) for n in numbers]

    assert sizes(0, 1, 2, 3) == [20_000, 5_000, 5_000, 5_000]
    assert sizes(3, 2, 1) == [5_000] * 3
    assert len(pool.jobs) == 4
    assert sizes(0) == [20_000]
    assert len(pool.jobs) == 5
    many = _Pool(*(QueryOutcome("answer", format="json", body=b"x" * 5_000) for _ in range(40)))
    tool = client(many, cache=100_000)
    sizes(*range(20), 19, 0)  # the oldest made room
    assert len(many.jobs) == 21


def test_the_same_query_at_the_same_time_runs_once():
    class Slow(_Pool):
        async def query(self, job, *, client=""):
            await asyncio.sleep(0.05)
            return await super().query(job, client=client)

    def at_once(pool, query):
        return run(client(pool).all(*[("GET", "/", {"params": {"query": query}})] * 20))

    assert {
        reply.status_code for reply in at_once(Slow(QueryOutcome("answer", format="json", body=b"{}")), ASK)
    } == {200}
    pool = Slow(*(QueryOutcome("answer", format="json", body=b"%d" % n) for n in range(20)))
    assert len({reply.content for reply in at_once(pool, "SELECT (UUID() AS ?u) {}")}) == 20


def test_the_client_of_a_query_is_the_peer():
    pool = _Pool(QueryOutcome("busy"))
    client(pool).get("/", params={"query": ASK})
    assert [name for _, name in pool.jobs] == ["192.0.2.1"]


def test_the_description_of_a_bare_get_comes_in_the_format_that_is_named():
    described = client(_Pool(), description=lambda name: name.encode())
    assert described.get("/", headers={"Accept": RDFXML}).text == "rdfxml"
    assert described.get("/", params={"format": "jsonld"}).text == "jsonld"
    assert described.get("/", params={"format": "png"}).status_code == 406


def test_a_new_version_of_the_data_has_new_tags():
    tags = set()
    for version in ("1", "2"):
        pool = _Pool(QueryOutcome("answer", format="json", body=b"{}"))
        tags.add(client(pool, version=version).get("/", params={"query": ASK}).headers["etag"])
    assert len(tags) == 2


def test_too_many_parameters_are_refused():
    assert client(_Pool()).get("/?" + "&" * 10 + "&".join(["a=1"] * 1_500)).status_code == 400
    assert client(_Pool()).get("/?query=" + quote("é", encoding="latin-1")).status_code == 400


def scope(**more):
    return {
        "type": "http",
        "method": "POST",
        "query_string": b"",
        "headers": [(b"content-type", DIRECT.encode())],
    } | more


def talk(protocol, messages, **more):
    """What an application answers to messages, which come as from a slow or broken client."""

    async def scene():
        sent = []

        async def receive():
            if not messages:
                await asyncio.sleep(60)
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await protocol(scope(**more), receive, send)
        return sent[0]["status"]

    return run(scene())


def test_what_may_change_is_asked_each_time_and_has_no_tag():
    answers = [QueryOutcome("answer", format="json", body=body) for body in (b"1", b"2", b"3", b"4")]
    pool = _Pool(*answers)
    pool.volatile = True
    tool = client(pool)
    assert [tool.get("/", params={"query": ASK}).text for _ in range(2)] == ["1", "2"]
    pool.volatile = False
    reply = tool.get("/", params={"query": ASK})
    assert (reply.text, "etag" in reply.headers) == ("3", True)
    again = tool.get("/", params={"query": ASK}, headers={"If-None-Match": reply.headers["etag"]})
    assert again.status_code == 304
    pool.volatile = True
    changed = client(pool).get("/", params={"query": ASK}, headers={"If-None-Match": reply.headers["etag"]})
    assert (changed.text, "etag" in changed.headers) == ("4", False)


def test_a_wrong_query_is_wrong_whatever_tag_one_has():
    tool = client(_Pool(QueryOutcome("text", "no query")))
    assert tool.get("/", params={"query": "x"}, headers={"If-None-Match": "*"}).status_code == 400


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    from policygraph.server import protocol

    monkeypatch.setattr(protocol, "_BODY_TIME", 0.05)
    slow = [{"type": "http.request", "body": b"A", "more_body": True}]
    assert talk(SparqlProtocol(_Pool(), **SETTINGS), slow) == 408
    assert talk(SparqlProtocol(_Pool(), **SETTINGS), [{"type": "http.disconnect"}]) == 400
    headers = [(b"content-type", DIRECT.encode()), (b"content-length", b"many")]
    assert (
        talk(SparqlProtocol(_Pool(), **SETTINGS), [{"type": "http.request", "body": b"A"}], headers=headers)
        == 400
    )
    for status, name, value in ((200, b"content-length", b"000000006"), (415, b"content-encoding", b"gzip")):
        headers[1:] = [(name, value)]
        app = SparqlProtocol(_Pool(QueryOutcome("answer", format="json", body=b"{}")), **SETTINGS)
        assert talk(app, [{"type": "http.request", "body": b"ASK {}"}], headers=headers) == status
    monkeypatch.setattr(protocol, "_MAX_BUFFERED", 10)
    app = SparqlProtocol(_Pool(), **SETTINGS)
    assert talk(app, [{"type": "http.request", "body": b"x" * 20}]) == 503
    assert app._buffered == 0


def test_a_long_answer_is_sent_in_parts_to_who_takes_them(monkeypatch):
    from policygraph.server import responses

    monkeypatch.setattr(responses, "_PART_TIME", 0.05)
    body = bytes(range(256)) * 10_000
    for taken, parts in ((10, 3), (1, 1)):
        sent = []

        async def send(message, sent=sent, taken=taken):
            if len(sent) > taken:
                await asyncio.sleep(60)
            sent.append(message)

        app = SparqlProtocol(_Pool(QueryOutcome("answer", format="json", body=body)), **SETTINGS)
        run(app(scope(method="GET", query_string=b"query=" + quote(ASK).encode()), None, send))
        assert sent[0]["status"] == 200
        assert len(sent) == 1 + parts
        assert b"".join(each["body"] for each in sent[1:]) == body[: parts * 1_000_000]
        assert [each["more_body"] for each in sent[1:]] == [True, True, False][:parts]


def test_only_so_many_long_answers_are_sent_at_once():
    outcome = QueryOutcome("answer", format="json", body=b"x" * 2_000_000)
    app = SparqlProtocol(_Pool(*[outcome] * 4, limits=Limits(size=200_000)), **SETTINGS)

    async def ask(number, statuses, read):
        async def send(message):
            statuses.append(message.get("status", 0))
            await read.wait()

        await app(scope(method="GET", query_string=b"query=ASK%7B%7D%23" + b"%d" % number), None, send)

    async def scene():
        read, one, other, after = asyncio.Event(), [], [], []
        first = asyncio.create_task(ask(1, one, read))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(ask(2, other, read))
        await asyncio.sleep(0.01)
        read.set()
        await asyncio.gather(first, second)
        await ask(3, after, read)
        return one[0], other[0], after[0]

    assert run(scene()) == (200, 503, 200)
