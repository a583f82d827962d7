"""The table of docs/endpoints.md: each command works on the servers of others, or says what to do instead."""

from __future__ import annotations

import re
import shutil
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import checkout
import engines
import pyoxigraph as ox
import pytest
import thesaurus
from command import COMMAND, run
from webservers import free

from policygraph import Catalog, EmbeddedStore

pytestmark = pytest.mark.full

DOCUMENT = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
HEAD = ("command", "`oxigraph serve`", "Virtuoso 7.2")
COMMANDS = {
    "query": ["query", "plans-in-force"],
    "describe": ["describe", "NemID"],
    "path": ["path", "NemID", "Increased public-private", "-k", "1"],
    "crosswalk": ["crosswalk", "Plan", "Goal"],
    "analyse": ["analyse", "central"],
    "network": ["network", "x.graphml"],
    "view": ["view", "-o", "x.html"],
    "export": ["export", "x.nt"],
    "validate": ["validate"],
}
BLANK = '<urn:e:data> <urn:e:contact> [ <urn:e:name> "Office" ] .'
ASKED = "SELECT ?name ?contact { ?data <urn:e:contact> ?contact . ?contact <urn:e:name> ?name }"


@contextmanager
def oxigraph(folder):
    """`oxigraph serve`: the address to ask, and the two to fill it."""
    address = f"127.0.0.1:{free()}"
    command = [str(Path(sys.executable).with_name("oxigraph")), "serve", "--location", "store"]
    with engines._running([*command, "--bind", address], f"http://{address}/query{engines._ASK}", folder):
        to = [["--merge", f"--{name}", f"http://{address}/{path}"] for name, path in TO["oxigraph"]]
        yield f"http://{address}/query", *to


@contextmanager
def virtuoso(folder):
    """Virtuoso, likewise."""
    with engines.virtuoso(EmbeddedStore([ox.Quad(*[ox.NamedNode("urn:e:before")] * 4)]), folder) as started:
        home = started[0].partition("/sparql")[0]
        yield f"{home}/sparql", *([f"--{name}", f"{home}/{path}"] for name, path in TO["virtuoso"])


SERVERS = {"oxigraph": oxigraph, "virtuoso": virtuoso}
TO = {
    "oxigraph": (("graph-store", "store"), ("update", "update")),
    "virtuoso": (("graph-store", "sparql-graph-crud-auth"), ("update", "sparql-auth")),
}


def outcome(done):
    """A cell of the table: "works", or the sentence that refuses."""
    if done.returncode == 0:
        return "works"
    assert done.returncode == 2, done
    return done.stderr.strip().splitlines()[-1].removeprefix("policygraph: ").removeprefix("Error: ")


def pages(url, folder):
    """What a site over a service answers for its record and the ontology."""
    address = f"127.0.0.1:{(port := free())}"
    command = [*COMMAND, "--endpoint", url, "--timeout", "60", "serve", "--port", str(port)]
    with engines._running(command, f"http://{address}/health", folder):
        for path, word in (("catalog.ttl", b"dcat:Catalog"), ("ontology.ttl", b"owl:Ontology")):
            with urllib.request.urlopen(f"http://{address}/{path}", timeout=300) as answer:
                assert word in answer.read()
    return "works"


@pytest.mark.parametrize("name", [*SERVERS])
def test_every_command_works_or_says_why_not(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    if name == "virtuoso":
        monkeypatch.setenv("POLICYGRAPH_USER", "dba")
        monkeypatch.setenv("POLICYGRAPH_PASSWORD", "dba")
    Path("blank.ttl").write_text(BLANK)
    shutil.copytree(Catalog.find().root / "data", "part")
    checkout.reduce(Path("part/denmark.ttl"))
    (tmp_path / "terms" / "data").mkdir(parents=True)
    Path("terms/catalog.toml").write_text(thesaurus.SETTINGS)
    Path("terms/data/terms.ttl").write_text(thesaurus.HEAD + "".join(thesaurus.lines(20)))
    found = {}
    with SERVERS[name](tmp_path) as (url, graph_store, update):
        there = ("--endpoint", url, "--timeout", "60")
        # First a small catalogue, of which a whole site is made.
        small = ("--catalog", "terms")
        assert run(*small, "push", "--no-ontology", "--endpoint", url, *graph_store).returncode == 0
        found["publish"] = outcome(run(*small, *there, "publish", "site"))
        assert "works" not in found["publish"] or Path("site/index.html").exists()
        files = [word for path in sorted(Path("part").iterdir()) for word in ("--data", path)]
        found["push"] = outcome(run(*files, "push", "--endpoint", url, *graph_store))
        found |= {command: outcome(run(*there, *words)) for command, words in COMMANDS.items()}
        found["serve"] = pages(url, tmp_path)
        for way, to in (("--update", update), ("--graph-store", graph_store)):
            pushed = run("--data", "blank.ttl", "push", "--no-ontology", "--endpoint", url, *to)
            found[f"push {way}, blank nodes"] = outcome(pushed)
            asked = run(*there, "query", "-e", ASKED, "--format", "csv")
            assert re.fullmatch(r"name,contact\r\nOffice,_:\w+\r\n", asked.stdout), asked
    lines = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", DOCUMENT, re.MULTILINE)
    head = lines.index(HEAD)
    table = {re.sub("`", "", line[0]): line[[*SERVERS].index(name) + 1] for line in lines[head + 1 :]}
    assert found == {command: table[command] for command in found}
