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
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from policygraph.hosting import version
from policygraph.session import Session

pytest_plugins = ["serving"]


@pytest.fixture(name="serving")
def _serving():
    import serving

    return serving


COMMAND = [sys.executable, "-m", "policygraph.cli"]
SLOW = "/sparql?query=SELECT+(COUNT(*)+AS+?n)+%7B?a+?b+?c.?d+?e+?f.?g+?h+?i%7D"


def refused(*arguments):
    done = subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr


def test_help_tells_every_option_and_begins_with_the_shortest_example():
    told = subprocess.run([*COMMAND, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    for option in "host port base endpoint timeout max-rows workers allow-service".split():  # noqa: SIM905
        assert f"--{option} " in told
    examples = [line.strip() for line in told.splitlines() if line.startswith("  policygraph ")]
    assert examples[0] == "policygraph serve"


def test_it_says_where_it_serves_and_tells_each_request_in_a_line(served):
    served.ask("GET", "/search?q=%22%0aGET%20/evil%22")
    served.ask("GET", "/health")
    time.sleep(0.1)
    lines = served.log.read_text().splitlines()
    assert lines[0] == (
        f"Serving http://127.0.0.1:{served.port}/ and http://127.0.0.1:{served.port}/sparql; Ctrl-C ends it."
    )
    assert any('127.0.0.1 "GET /search?q=%22%0aGET%20/evil%22" 200 ' in line for line in lines)
    assert any('127.0.0.1 "GET /health" 200 ' in line for line in lines)
    assert all(line.endswith(" ms") for line in lines[1:])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_lets_it_answer_what_was_asked_and_then_ends_it(number, tmp_path, serving):
    with serving.running(tmp_path, "--timeout", "1.5") as server:
        replies = []
        asking = threading.Thread(target=lambda: replies.append(server.ask("GET", SLOW)))
        asking.start()
        time.sleep(0.5)
        children = set(serving.endpoint.family(server.process.pid)) - {server.process.pid}
        assert children
        os.kill(server.process.pid, number)
        asking.join(10)
        assert [reply.status for reply in replies] == [503]
        assert b"1.5 seconds" in replies[0].body
        assert server.process.wait(10) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert "Traceback" not in server.log.read_text()


def test_the_first_answer_comes_soon(tmp_path, serving):
    start = time.perf_counter()
    with serving.running(tmp_path) as server:
        assert server.ask("GET", "/sparql?query=ASK%7B%7D").status == 200
        taken = time.perf_counter() - start
    assert taken < 10  # benchmarks/ say how soon; here other tests run beside it


def test_a_port_in_use_is_said_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused("serve", "--port", port)
    assert told == (
        f"policygraph: 127.0.0.1, port {port}, cannot be listened at: address already in use; "
        "choose another with --host or --port.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--host", "no.such.host.invalid"), "cannot be listened at"),
        (("--port", "70000"), "70000"),
        (("--timeout", "0"), "0"),
        (("--max-rows", "0"), "0"),
        (("--workers", "0"), "0"),
        (("--base", "data.example"), "--base takes an address"),
        (("--base", "https://data.example/?a=b"), "--base takes an address"),
        (("--endpoint", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_before_it_begins(arguments, says):
    assert says in refused("serve", *arguments)


def test_the_public_base_is_in_what_is_said_and_not_in_the_data(serving):
    with serving.application(base="https://data.example/policy/") as app:
        text = app.ask("GET", "/sparql", headers={"Accept": "application/n-triples"}).body
        subjects = {quad.subject.value for quad in parse(text, format=RdfFormat.N_TRIPLES)}
        assert "https://data.example/policy/sparql" in subjects
        assert "https://w3id.org/policygraph/data/denmark" in subjects
        reply = app.ask("GET", "/id/dk/initiative/nemid", headers={"Accept": "text/html"})
        assert reply.headers["location"] == "/policy/doc/dk/initiative/nemid.html"
        page = app.ask("GET", "/doc/dk/initiative/nemid.html")
        assert b'href="../../../site.css"' in page.body
        assert page.headers["content-location"] == "/policy/doc/dk/initiative/nemid.html"


def test_the_version_changes_when_the_data_do_and_not_otherwise(small_catalog):
    def now(*files):
        return version(Session(small_catalog.root, files, None, None))

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


def test_another_service_can_be_what_is_served(served, tmp_path, serving):
    address = f"http://127.0.0.1:{served.port}/sparql"
    with serving.running(tmp_path, "--endpoint", address) as server:
        json_ = {"Accept": "application/sparql-results+json"}
        ask = "/sparql?query=" + serving.PLANS.replace(" ", "%20").replace("?", "%3F")
        here, there = (each.ask("GET", ask, headers=json_) for each in (server, served))
        assert json.loads(here.body) == json.loads(there.body)
        assert len(json.loads(here.body)["results"]["bindings"]) == 3
        wrong = server.ask("GET", "/sparql?query=SELECT", headers=json_)
        assert (wrong.status, wrong.media) == (400, "text/plain")
        named = server.ask("GET", ask + "&default-graph-uri=urn:x", headers=json_)
        assert named.status == 400
        assert b"FROM" in named.body
        page = server.ask("GET", "/doc/dk/initiative/nemid.html")
        assert b"NemID" in page.body


def test_a_failure_is_noted_and_tells_nothing(monkeypatch, caplog, serving):
    from policygraph.site import Site

    lines = []

    def broken(*_):
        raise RuntimeError("secret")

    with serving.application(lines=lines) as app:
        monkeypatch.setattr(Site, "page", broken)
        reply = app.ask("GET", "/doc/dk/initiative/nemid.html")
        assert (reply.status, reply.media) == (500, "text/plain")
        assert b"secret" not in reply.body
        assert b"Something went wrong" in reply.body
    assert "secret" in caplog.text
    assert any('"GET /doc/dk/initiative/nemid.html" 500' in line for line in lines)
