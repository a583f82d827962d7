"""docs/endpoints.md, followed to the letter: a filled store answers as the files do, or says why not."""

from __future__ import annotations

import re
import shlex
import sys
from contextlib import contextmanager
from pathlib import Path

import engines
import pyoxigraph as ox
import pytest
from command import refused, run
from documents import fences
from webservers import free

from policygraph import Catalog, EmbeddedStore
from policygraph.rdf import reader
from policygraph.rdf.terms import canonical

pytestmark = pytest.mark.full

DOCUMENT = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
SENTENCE = "has triples in named graphs but none in its default graph"
FILES = {
    "one": "<urn:e:a> a <urn:e:Plan> ; <urn:e:cost> 5 . <urn:e:b> a <urn:e:Plan> ; <urn:e:cost> 7 .",
    "two": "<urn:e:a> <urn:e:cost> 5 .",
}
BEFORE = ox.NamedNode("urn:e:before")
SUM = "SELECT (SUM(?cost) AS ?n) { ?plan <urn:e:cost> ?cost }"


@pytest.fixture(scope="module")
def store():
    return Catalog.find().load()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder, where the document is followed, and a home without credentials."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    for name, text in FILES.items():
        (tmp_path / f"{name}.ttl").write_text(text)
    return tmp_path


@contextmanager
def followed(heading, folder, monkeypatch, *, without="none"):
    """The commands of a section, as the words behind `policygraph`, with its store running elsewhere."""
    ((_, _, block),) = fences(re.search(rf"(?ms)^### {heading}\n(.*?)(?=^### |\Z)", DOCUMENT)[1])
    first, *lines = block.splitlines()
    program, *words = shlex.split(first)
    if program == "export":
        for each in words:
            monkeypatch.setenv(*each.split("=", 1))
        there, server = "localhost:8890", engines.virtuoso(EmbeddedStore([ox.Quad(*[BEFORE] * 4)]), folder)
    else:
        there, address = "localhost:7878", f"127.0.0.1:{free()}"
        command = [str(Path(sys.executable).with_name(program)), *words, "--bind", address]
        server = engines._running(command, f"http://{address}/query{engines._ASK}", folder)
    with server as started:
        if program == "export":
            address = started[0].split("/")[2]
        texts = (line.replace(there, address).replace(f"{without} ", "") for line in lines)
        yield [shlex.split(text)[1:] for text in texts]


def succeeded(words):
    done = run(*words)
    assert done.returncode == 0, (words, done.stderr)
    return done


def note(push, *files):
    """The note on what questions see of what a command has pushed."""
    return succeeded([*files, *push]).stderr.splitlines()[-1]


def triples(quads):
    return {*canonical({quad.triple for quad in quads})}


@pytest.mark.parametrize(
    ("heading", "kind", "total"),
    [("Oxigraph", "merge", "12"), ("Oxigraph with its union option", "sum", "17"), ("Virtuoso", "sum", "17")],
)
def test_a_store_that_is_filled_answers_as_the_files_do(heading, kind, total, store, folder, monkeypatch):
    with followed(heading, folder, monkeypatch) as (push, question, count, describe, export):
        assert f": the {kind} of the" in note(push)
        for words in (question, describe, count):
            local = succeeded(words[2:]).stdout
            if "COUNT(*)" in words[-1]:
                local = local.replace(str(len([*store])), str(len({quad.triple for quad in store})))
            found = succeeded(words).stdout
            assert found == (local.replace(": true\n", ": 1\n") if heading == "Virtuoso" else local), words
        succeeded(export)
        found, wanted = triples(reader.read(folder / "all.nt")), triples(store)
        assert not wanted - found
        assert heading == "Virtuoso" or found == wanted
        files = ("--data", "one.ttl", "--data", "two.ttl")
        assert f": the {kind} of the" in note([*push, "--no-ontology"], *files)
        asked = succeeded([*question[:2], "query", "-e", SUM, "--format", "csv"])
        assert asked.stdout.split() == ["n", total]


def test_a_store_whose_default_graph_is_empty_says_so_and_writes_nothing(folder, monkeypatch):
    with followed("Oxigraph", folder, monkeypatch, without="--merge") as (push, *others):
        done = succeeded(push)
        assert SENTENCE in done.stderr.splitlines()[-1]
        assert done.stderr.count("Pushed ") > 3
        for words in others:
            assert SENTENCE in refused(*words)
    assert not (folder / "all.nt").exists()


def test_the_union_is_asked_by_an_address_of_it(folder, monkeypatch):
    address = re.search(r"--endpoint '(\S+)'` asks the union", DOCUMENT)[1]
    with followed("Oxigraph", folder, monkeypatch, without="--merge") as (push, question, *_):
        succeeded(push)
        asked = address.replace("localhost:7878", question[1].split("/")[2])
        assert succeeded(["--endpoint", asked, *question[2:]]).stdout == succeeded(question[2:]).stdout
