"""`policygraph serve`: how it begins, what it says, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import command
import pytest
import webservers
from command import COMMAND, refused
from loops import run
from pyoxigraph import RdfFormat, parse

from policygraph import Catalog
from policygraph.errors import CatalogError
from policygraph.server.app import data_version, trust_proxy

pytest_plugins = ["serving"]


@pytest.fixture(name="serving", scope="session")
def _serving():
    import serving

    return serving


SLOW = "/sparql?query=SELECT+(COUNT(*)+AS+?n)+%7B?a+?b+?c.?d+?e+?f.?g+?h+?i%7D"


def test_help_tells_every_option_and_begins_with_the_shortest_example():
    told = command.run("serve", "--help").stdout
    for (
        option
    ) in "host port base endpoint timeout max-rows max-bytes workers allow-service proxy watch".split():  # noqa: SIM905
        assert f"--{option} " in told
    examples = [line.strip() for line in told.splitlines() if line.startswith("  policygraph ")]
    assert examples[0] == "policygraph serve"


def test_it_says_where_it_serves_and_tells_each_request_in_a_line(behind_proxy):
    served = behind_proxy
    served.ask("GET", "/search?q=%22%0aGET%20/evil%22")
    served.ask("GET", "/health")
    time.sleep(0.5)  # lines are written together
    lines = served.log.read_text().splitlines()
    assert lines[0] == (
        f"Serving http://127.0.0.1:{served.port}/ and http://127.0.0.1:{served.port}/sparql; Ctrl-C ends it."
    )
    assert any('127.0.0.1 "GET /search?q=%22%0aGET%20/evil%22" 200 ' in line for line in lines)
    assert any('127.0.0.1 "GET /health" 200 ' in line for line in lines)
    assert all(line.endswith(" ms") for line in lines[1:])


@pytest.mark.full
def test_a_signal_lets_it_answer_what_was_asked_and_then_ends_it(tmp_path, examplia, serving):
    """SIGINT; the next test ends it by SIGTERM."""
    with serving.running(tmp_path, "--timeout", "1.5", catalog=examplia) as server:
        replies = []
        asking = threading.Thread(target=lambda: replies.append(server.ask("GET", SLOW)))
        asking.start()
        time.sleep(0.5)
        children = set(serving.endpoint.family(server.process.pid)) - {server.process.pid}
        assert children
        os.kill(server.process.pid, signal.SIGINT)
        asking.join(10)
        assert [reply.status for reply in replies] == [503]
        assert b"1.5 seconds" in replies[0].body
        assert server.process.wait(10) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert "Traceback" not in server.log.read_text()


def test_it_needs_no_standard_streams_and_the_first_answer_comes_soon(tmp_path, examplia):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*COMMAND, "--catalog", examplia.root, "serve", "--port", str(port)]
    start = time.perf_counter()
    process = subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command], cwd=tmp_path)
    try:
        for _ in range(100):  # benchmarks/ say how soon; here other tests run beside it
            assert process.poll() is None
            with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D") as answer:
                assert answer.status == 200
                break
            time.sleep(0.1)
        assert time.perf_counter() - start < 10
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()


def test_a_port_in_use_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("serve", "--port", port)
    assert told == (
        f"policygraph: cannot listen on 127.0.0.1, port {port}: address already in use; "
        "choose another with --host or --port.\n"
    )


def test_a_port_that_another_takes_meanwhile_is_said_in_a_sentence(examplia):
    code = """import sys
from policygraph.cli import main, serve
serve._free_port = lambda host, port: port  # it was free
sys.exit(main.main())"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-c", code, "--catalog", examplia.root, "serve", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot listen on 127.0.0.1, port {port}: address already in use; choose" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "no.such.host.invalid"), "cannot listen on"),
        (("--port", "70000"), "70000"),
        (("--timeout", "0"), "0"),
        (("--max-rows", "0"), "0"),
        (("--max-bytes", "0"), "0"),
        (("--workers", "0"), "0"),
        (("--base", "data.example"), "--base takes an address"),
        (("--base", "https://data.example/?a=b"), "--base takes an address"),
        (("--endpoint", "nowhere", "--port", "0"), "nowhere"),
        (("--allow-service", "not a url"), "'not a url' is not the address of a SPARQL service"),
        (("--proxy", "localhost"), "--proxy takes an address such as 127.0.0.1; not 'localhost'."),
    ],
)
def test_what_cannot_be_is_refused_before_it_begins(arguments, says):
    assert says in refused("serve", *arguments)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (("--timeout", "60"), (), "need --endpoint"),
        (("--graph", "urn:g"), (), "need --endpoint"),
        (("--language", "da"), (), "--language is for one reader"),
        (("--as-of", "HEAD"), ("--endpoint", "http://b.example/"), "exclude each other"),
        (("--allow-service", "http://x/"), ("--endpoint", "http://b.example/"), "decides for itself"),
        (("--endpoint", "http://a.example/"), ("--endpoint", "http://b.example/"), "exclude each other"),
        (("--data", "x.ttl"), ("--endpoint", "http://b.example/"), "exclude each other"),
        ((), ("--endpoint", "http://b.example/", "--allow-service", "http://x/"), "decides for itself"),
    ],
)
def test_no_option_before_it_is_dropped(before, after, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    assert says in refused(*before, "serve", *after)


@pytest.mark.parametrize(("own", "wanted"), [((), 60), (("--timeout", "5"), 5)])
def test_a_timeout_before_it_is_that_of_queries_unless_it_has_its_own(own, wanted, monkeypatch):
    given = {}

    def app(*_, timeout, **__):
        given["timeout"] = timeout
        raise CatalogError("That will do.")

    monkeypatch.setattr("policygraph.app", app)
    said = refused("--endpoint", "http://a.example/", "--timeout", "60", "serve", "--port", "0", *own)
    assert (given["timeout"], "That will do." in said) == (wanted, True)


def test_the_public_base_is_in_what_is_said_and_not_in_the_data(examplia, serving):
    with serving.application(catalog=examplia.root, base="https://data.example/policy/") as app:
        text = app.ask("GET", "/sparql", headers={"Accept": "application/n-triples"}).body
        subjects = {quad.subject.value for quad in parse(text, format=RdfFormat.N_TRIPLES)}
        assert "https://data.example/policy/sparql" in subjects
        assert "https://w3id.org/policygraph/data/examplia" in subjects
        reply = app.ask("GET", "/id/ex/plan/open-harbour", headers={"Accept": "text/html"})
        assert reply.headers["location"] == "/policy/doc/ex/plan/open-harbour.html"
        page = app.ask("GET", "/doc/ex/plan/open-harbour.html")
        assert b'href="../../../site.css"' in page.body
        assert page.headers["content-location"] == "/policy/doc/ex/plan/open-harbour.html"


def test_the_version_changes_when_the_data_do_and_not_otherwise(small_catalog):
    def now(*files):
        catalog = Catalog(small_catalog.root, files=files)
        return data_version(catalog, catalog.store)

    first = now()
    assert now() == first
    path = small_catalog.root / "data" / "xy.ttl"
    path.write_text(path.read_text() + "\n# longer\n")
    assert now() != first
    assert now(path) == now()  # it is the only dataset
    other = small_catalog.root / "other.ttl"
    other.write_text("<urn:a> <urn:b> <urn:c> .")
    assert now(other) != now()


def test_a_catalogue_of_ones_own_is_served(small_catalog, serving):
    with serving.application(catalog=small_catalog.root) as app:
        reply = app.ask(
            "GET", "/sparql?query=SELECT%20*%7B%3Fs%20a%20%3Fo%7D", headers={"Accept": "text/csv"}
        )
        assert reply.body.count(b"project/") == 2
        assert app.ask("GET", "/query/projects.csv").body.count(b"project/") == 2
        page = app.ask("GET", "/id/xy/project/bridge", headers={"Accept": "text/html"})
        assert page.headers["location"] == "/doc/xy/project/bridge.html"


@pytest.mark.full
def test_another_service_can_be_what_is_served(behind_proxy, tmp_path, examplia, serving):
    address = f"http://127.0.0.1:{behind_proxy.port}/sparql"
    with serving.running(tmp_path, "--endpoint", address, catalog=examplia) as server:
        json_ = {"Accept": "application/sparql-results+json"}
        ask = "/sparql?query=" + serving.PLANS.replace(" ", "%20").replace("?", "%3F")
        here, there = (each.ask("GET", ask, headers=json_) for each in (server, behind_proxy))
        assert json.loads(here.body) == json.loads(there.body)
        assert len(json.loads(here.body)["results"]["bindings"]) == 1
        wrong = server.ask("GET", "/sparql?query=SELECT", headers=json_)
        assert (wrong.status, wrong.media) == (400, "text/plain")
        named = server.ask("GET", ask + "&default-graph-uri=urn:x", headers=json_)
        assert named.status == 400
        assert b"FROM" in named.body
        page = server.ask("GET", "/doc/ex/plan/open-harbour.html")
        assert b"Open Harbour Plan" in page.body
        os.kill(server.process.pid, signal.SIGHUP)  # of which nothing comes
        time.sleep(0.2)
        assert server.ask("GET", ask, headers=json_).body == here.body


def test_a_failure_is_noted_and_tells_nothing(small_catalog, monkeypatch, caplog, serving):
    from policygraph.site.site import Site

    lines, page = [], Site.page

    def broken(site, path, *more):
        if "bridge" in path:  # what is prepared meanwhile is not
            raise RuntimeError("secret")
        return page(site, path, *more)

    with serving.application(catalog=small_catalog.root, lines=lines) as app:
        monkeypatch.setattr(Site, "page", broken)
        reply = app.ask("GET", "/doc/xy/project/bridge.html")
        assert (reply.status, reply.media) == (500, "text/plain")
        assert b"secret" not in reply.body
        assert b"Something went wrong" in reply.body
    assert "secret" in caplog.text
    assert any('"GET /doc/xy/project/bridge.html" 500' in line for line in lines)


PEER = "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "said", "who"),
    [
        (PEER, ["203.0.113.7"], "203.0.113.7"),
        (PEER, ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),  # what a client wrote itself comes first
        (PEER, ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (PEER, ["2001:DB8::0:7"], "2001:db8::7"),
        (PEER, [], PEER),
        (PEER, [""], PEER),
        (PEER, ["203.0.113.7, unknown"], PEER),
        (PEER, ['203.0.113.7" 200\n'], PEER),
        ("127.0.0.9", ["203.0.113.7"], "127.0.0.9"),
    ],
)
def test_only_the_proxy_tells_who_asks_and_only_with_the_address_that_it_wrote(peer, said, who):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", each.encode()) for each in said]}
    run(trust_proxy(PEER, app)(scope, None, None))
    assert seen == [who]
    assert scope["client"] == (peer, 1)


@pytest.fixture(scope="module")
def behind_proxy(tmp_path_factory, examplia, serving):
    folder = tmp_path_factory.mktemp("behind")
    with serving.running(folder, "--proxy", "127.0.0.1", catalog=examplia) as server:
        yield server


@pytest.mark.parametrize("server", ["nginx", pytest.param("caddy", marks=pytest.mark.full)])
def test_the_proxies_of_the_documentation_pass_everything_on(server, behind_proxy):
    config = webservers.snippet(server, "server.md")
    config = config.replace("127.0.0.1:8000", f"127.0.0.1:{behind_proxy.port}")
    assert str(behind_proxy.port) in config
    question = "/sparql?query=SELECT+*%7B%3Fs+a+%3Fo%7D+LIMIT+3"
    with webservers.running(server, config=config) as proxy:
        for address, headers in [
            ("/", {"Accept": "text/html"}),
            ("/id/ex/plan/open-harbour", {"Accept": "text/turtle"}),
            ("/doc/ex/plan/open-harbour.ttl", {"Accept-Encoding": "gzip"}),
            ("/ontology", {"Accept": "application/rdf+xml", "Accept-Language": "da"}),
            (question, {"Accept": "text/csv"}),
            ("/sparql?query=SELECT", {}),
            ("/nothing%20here", {"Accept": "text/html"}),
            ("/ontology", {"Accept": "image/png"}),
        ]:
            plain, passed = (each.ask("GET", address, headers=headers) for each in (behind_proxy, proxy))
            assert (passed.status, passed.body) == (plain.status, plain.body)
            kept = set(plain.headers) - {"date", "server", "connection"}
            kept -= {"transfer-encoding", "content-length"}
            assert {name: passed.headers.get(name) for name in kept} == {n: plain.headers[n] for n in kept}
            if tag := plain.headers.get("etag"):
                again = proxy.ask("GET", address, headers=headers | {"If-None-Match": tag})
                assert (again.status, again.body) == (304, b"")
        asked = "query=" + "ASK%7B%7D" + "&note=" + "a" * 1_500_000
        form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/csv"}
        assert proxy.ask("POST", "/sparql", asked.encode(), form).status in (200, 406)
        too_long = asked + "a" * 1_000_000
        assert proxy.ask("POST", "/sparql", too_long.encode(), form).status == 413
        assert proxy.ask("PUT", "/ontology").status == 405
        # Who asks is told by the proxy, whatever they say of themselves.
        lie = {"X-Forwarded-For": "203.0.113.9"}
        assert proxy.ask("GET", f"{question}&from={server}", headers=lie, source="127.0.0.77").status == 200
    time.sleep(0.3)
    lines = [line for line in behind_proxy.log.read_text().splitlines() if f"from={server}" in line]
    assert [line.split()[1] for line in lines] == ["127.0.0.77"]
