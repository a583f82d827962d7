"""The tools of assistants over HTTP: what is refused, in this process; what is answered, over a socket."""

from __future__ import annotations

import json
import time
from importlib.util import find_spec

import command
import pytest
import serving
from assistants import results, run
from checkout import SHIPPED

pytestmark = pytest.mark.skipif(find_spec("mcp") is None, reason="MCP is not installed")

JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
CALL = {"name": "evidence", "arguments": {"source": "NemID", "target": "Sweden"}}
ASKED = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}


@pytest.fixture(scope="module")
def inside():
    with serving.application(mcp=True, base="https://data.example.org/") as app:
        yield app


def post(server, body, **headers):
    return server.ask(
        "POST", "/mcp", body if isinstance(body, bytes) else json.dumps(body).encode(), headers | JSON
    )


def test_one_message_is_answered_without_a_session(inside):
    reply = post(inside, ASKED, host="data.example.org")
    assert reply.status == 200
    assert "mcp-session-id" not in reply.headers
    found = json.loads(reply.body)["result"]["structuredContent"]
    assert (found["ending"], found["asked"]) == ("outside what is covered", "Sweden")


@pytest.mark.parametrize(
    ("body", "headers", "status", "text"),
    [
        (ASKED, {"host": "evil.example"}, 421, b"Invalid Host header"),
        (ASKED, {"origin": "https://evil.example"}, 403, b"Invalid Origin header"),
        (b"x" * 2_100_000, {}, 413, b"longer than 2,000,000 bytes"),
        (b"[nonsense", {}, 400, b"Parse error"),
        ({**ASKED, "method": "tools/drop"}, {}, 200, b'"code":-32601'),
        (
            {**ASKED, "params": {"name": "describe", "arguments": {"thing": "x" * 30_000}}},
            {},
            200,
            b"is too long",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused(body, headers, status, text, inside):
    reply = post(inside, body, **headers)
    assert reply.status == status, reply.body
    assert text in reply.body


def test_another_method_is_refused(inside):
    for method in ("GET", "DELETE", "PUT"):
        reply = inside.ask(method, "/mcp")
        assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_assistants_are_answered_only_where_that_was_asked_for():
    with serving.application() as app:
        assert post(app, ASKED).status == 405


@pytest.mark.full
@pytest.mark.parametrize("source", ["store", "endpoint", "europe"])
def test_other_data_are_asked_as_well(source, tmp_path, examplia):
    """Over HTTP, and over stdin and stdout."""
    if source == "store":
        command.run("load", SHIPPED / "data" / "denmark.ttl", "--store", tmp_path / "kept")
        check(["--store", str(tmp_path / "kept"), "mcp"])
    elif source == "endpoint":
        things = ("Harbour Register", "Shorter waiting times for ships")
        with serving.running(tmp_path, catalog=examplia) as other:
            address = f"http://127.0.0.1:{other.port}/sparql"
            check(["--catalog", str(examplia.root), "--endpoint", address, "mcp"], *things)
            (tmp_path / "b").mkdir()
            options = ("--mcp", "--endpoint", address)
            with serving.running(tmp_path / "b", *options, catalog=examplia) as server:
                check(f"http://127.0.0.1:{server.port}/mcp", *things)
    else:
        calls = [("coverage", {}), ("coverage", {"thing": "Sweden"})]
        calls += [("ask", {"question": "domains-by-country", "parameters": {"country": "Denmark"}})]
        listed, found = results(["--catalog", str(SHIPPED / "europe"), "mcp"], calls)
        whole, sweden, denmark = (each.structured_content for each in found)
        assert len(whole["covered"]) > 30
        assert sweden["ending"] == "not stated"
        assert "things link to it" in sweden["nothing"]
        # Of what is counted, the titles are those of the drafted account.
        assert any("data/account-denmark" in each for each in denmark["citation"])
        tools = [each.model_dump(mode="json", exclude_none=True, by_alias=True) for each in listed]
        assert len(json.dumps(tools, separators=(",", ":"))) <= 8_000


def check(server, thing="NemID", other="MitID"):
    calls = [
        ("describe", {"thing": thing}),
        ("describe", {"thing": "Sweden"}),
        ("sparql", {"query": "SELECT ?s { ?s pg:hasBudgetx ?o }"}),
        ("coverage", {}),
        ("path", {"source": thing, "target": other}),
    ]
    endings = [each.structured_content["ending"] for each in results(server, calls)[1]]
    assert endings == ["answered", "outside what is covered", "not stated", "answered", "answered"]


@pytest.mark.full
def test_old_and_new_clients_ask_and_files_that_change_are_read_anew(tmp_path, examplia):
    with serving.running(tmp_path, "--mcp", catalog=examplia) as server:

        async def ask(client):
            return await client.call_tool("sparql", {"query": "ASK { ?s a pg:Plan }"})

        address, modes = f"http://127.0.0.1:{server.port}/mcp", ("auto", "legacy")
        assert [run(address, ask, mode=mode).structured_content["answer"] for mode in modes] == [True, True]
        server.process.send_signal(1)
        for _ in range(100):
            if "reload: version" in server.log.read_text():
                break
            time.sleep(0.2)
        assert [run(address, ask, mode=mode).structured_content["answer"] for mode in modes] == [True, True]
