"""Two catalogues in one process: the prefixes of one change nothing that the other shows, reads or writes.

They say the same below two bases, and each has its own `ex:`: what one gives, the other gives too, with its
base in place of the first one's, whichever was opened first.
"""

from __future__ import annotations

import json
import re

import pyoxigraph as ox
import pytest
from command import run

import policygraph as pg
from policygraph.authoring.vocabulary import Names, Vocabulary
from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import check
from policygraph.errors import PolicyGraphError
from policygraph.explorer.page import document_of
from policygraph.rdf.diff import as_patch, as_table
from policygraph.rdf.namespaces import PREFIXES
from policygraph.server.evaluation import Limits, QueryJob, evaluate
from policygraph.server.mcp import _Tools
from policygraph.site.site import Site

BASES = ("https://a.example/", "https://b.example/")
DATA = """@base <{base}> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

<data/mills> a dcat:Dataset ; dct:title "Mills"@en ; dcat:version "1" .
<vocab#Machine> a owl:Class .
<vocab#loom> a <vocab#Machine> ; rdfs:label "Loom"@en ; <vocab#feeds> <vocab#mill> ; <vocab#age> 3 .
<vocab#loft> rdfs:label "Loft"@en .
<vocab#mill> a <vocab#Machine> .
"""
SETTINGS = """base = "{base}"
title = "Mills"

[prefixes]
ex = "{base}vocab#"
"""
QUERY = """#+ summary: What feeds what
#+ finding: "Of {machine}: {target}."
SELECT ?source ?target ?relation WHERE {
  VALUES ?machine { ex:loom }  # ex:Machine: the machine
  ?machine ex:feeds ?target BIND(?machine AS ?source) BIND(ex:feeds AS ?relation)
}
"""
NODES = "SELECT ?node ?kind { ?node a ?kind FILTER(?kind = ex:Machine) }"
FEEDS = "SELECT ?a ?b { ?a ex:feeds ?b }"
GRAPH = "CONSTRUCT WHERE { ?a ex:feeds ?b }"
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> a sh:NodeShape ; sh:targetClass <{base}vocab#Machine> ; sh:sparql [
  sh:message "It feeds nothing." ;
  sh:select "SELECT $this {{ $this a ex:Machine FILTER NOT EXISTS {{ $this ex:feeds ?other }} }}"
] .
"""


@pytest.fixture(params=[(0, 1), (1, 0)], ids=["one first", "the other first"])
def both(request, tmp_path):
    """The two catalogues, opened in one order and in the other."""
    opened = {}
    for base in (BASES[number] for number in request.param):
        root = tmp_path / base[8]
        for name in ("data", "queries"):
            (root / name).mkdir(parents=True)
        (root / "catalog.toml").write_text(SETTINGS.format(base=base))
        (root / "data" / "mills.ttl").write_text(DATA.format(base=base))
        (root / "queries" / "feeds.rq").write_text(QUERY)
        opened[base] = Catalog(root)
    return [opened[base] for base in BASES]


def refusal(call):
    with pytest.raises(PolicyGraphError) as error:
        call()
    return str(error.value)


def exported(suffix):
    def text(catalog, folder):
        pg.export(catalog.load(), folder / f"out{suffix}")
        return (folder / f"out{suffix}").read_text(encoding="utf-8")

    return text


def network(catalog, **options):
    return pg.network(catalog, edges=catalog.saved("feeds").text, nodes=NODES, **options)


def page(path):
    def text(catalog, folder):
        return Site(catalog, catalog.load()).page(path).body.decode()

    return text


def lines(path):
    """Those with a CURIE only: the others have checksums, and colours that an IRI chooses."""
    return lambda c, folder: "\n".join(re.findall(r'[^<>"\n]*\bex:[^<>"\n]*', page(path)(c, folder)))


def changed(catalog, folder):
    new = folder / "new.ttl"
    new.write_text(DATA.format(base=catalog.settings.base).replace(" 3 ", " 4 "), encoding="utf-8")
    return catalog.diff(catalog.root / "data" / "mills.ttl", new)


def served(catalog, folder):
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in catalog.load())
    limits = Limits(prefixes=catalog.load().prefixes, base=catalog.settings.base)
    return evaluate(store, QueryJob(GRAPH, "json", "turtle"), limits).body.decode()


def report(catalog, folder):
    shapes = folder / "shapes.ttl"
    shapes.write_text(SHAPES.format(base=catalog.settings.base), encoding="utf-8")
    return check(catalog.load(), shapes=shapes).turtle().decode()


def cell(catalog, folder):
    tables = Vocabulary(catalog)
    read = [tables.property("ex:feeds"), Names(tables.iri, "xy", tables.prefixes).node("ex:mill")]
    return f"{tables.called(read[0])} {read}"


def assistant(tool, *arguments):
    def text(catalog, folder):
        return json.dumps(getattr(_Tools(catalog, catalog.load(), "en", None), tool)(*arguments))

    return text


# Each gives a text with a CURIE, of a thing without a label or where labels do not count.
GIVEN = {
    "answer": lambda c, _: str(c.ask(FEEDS)),
    "answer without labels": lambda c, _: c.ask(FEEDS).write(labels=False).decode(),
    "answer as csv": lambda c, _: c.ask(FEEDS).to_csv(labels=True),
    "graph": lambda c, _: c.ask(GRAPH).write().decode(),
    "saved question": lambda c, _: str(c.ask("feeds", machine="ex:loom")),
    "finding": lambda c, _: c.ask("feeds", machine="ex:loom").finding,
    "guide": lambda c, _: c.saved("feeds").guide(),
    "value": lambda c, _: c.saved("feeds").bind(machine="ex:mill"),
    "choices": lambda c, _: str(c.choices("feeds", "machine")),
    "no such value": lambda c, _: refusal(lambda: c.ask("feeds", machine="ex:milk")),
    "used nowhere": lambda c, _: str(c.ask("SELECT ?a { ?a ex:fed ?b }").notes),
    "description": lambda c, _: c.describe("ex:mill").text(),
    "no statement": lambda c, _: refusal(lambda: c.describe("ex:nothing")),
    "several": lambda c, _: refusal(lambda: c.find_resource("Lo")),
    "command": lambda c, _: run("--catalog", c.root, "query", "feeds", "-p", "machine=ex:loom").stdout,
    "own SPARQL": lambda c, _: run("--catalog", c.root, "query", "-e", FEEDS, "--explain").stdout,
    "turtle": exported(".ttl"),
    "trig": exported(".trig"),
    "rdf/xml": exported(".rdf"),
    "kinds": lambda c, _: str([*network(c, kinds="ex:Machine").nodes(data=True)]),
    "relations": lambda c, _: str([*network(c, relations="ex:feeds").nodes(data=True)]),
    "without": lambda c, _: str(network(c, without="ex:mill").graph),
    "path": lambda c, _: str(pg.paths(network(c), "ex:loom", "ex:mill")),
    "measure": lambda c, _: str(pg.central(network(c))),
    "no node": lambda c, _: refusal(lambda: pg.paths(network(c), "ex:loom", "ex:loft")),
    "explorer": lambda c, _: str(document_of(network(c), {})["nodes"]),
    "resource page": page("/vocab.html"),
    "resource data": page("/vocab.ttl"),
    "record": lines("/catalog.ttl"),
    "download": page("/download/mills.trig"),
    "question page": lines("/query/feeds.html"),
    "difference": lambda c, folder: as_table(changed(c, folder)),
    "patch": lambda c, folder: as_patch(changed(c, folder)),
    "endpoint": served,
    "assistant": assistant("ask", "feeds", {"machine": "ex:loom"}),
    "assistant's description": assistant("describe", "ex:mill"),
    "report": report,
    "cell": cell,
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_each_catalogue_has_its_own_prefixes(name, both, tmp_path):
    one, other = (GIVEN[name](catalog, tmp_path) for catalog in both)
    assert "ex:" in one
    assert one.replace(BASES[0], BASES[1]) == other


@pytest.mark.parametrize("suffix", [".ttl", ".trig", ".jsonld", ".rdf", ".nt"])
def test_opening_a_catalogue_changes_no_byte_of_what_another_exports(suffix, both, tmp_path):
    plain, known = tmp_path / "plain", dict(PREFIXES)
    (plain / "data").mkdir(parents=True)
    (plain / "catalog.toml").write_text('base = "https://c.example/"\n')
    (plain / "data" / "mills.ttl").write_text(DATA.format(base="https://c.example/"))
    catalog = Catalog(plain)
    before = exported(suffix)(catalog, tmp_path)
    other = tmp_path / "other"
    (other / "data").mkdir(parents=True)
    (other / "catalog.toml").write_text('[prefixes]\nzz = "https://c.example/vocab#"\n')
    (other / "data" / "mills.ttl").write_text(DATA.format(base="https://d.example/"))
    pg.export(Catalog(other).load(), tmp_path / f"other{suffix}")
    assert exported(suffix)(catalog, tmp_path) == before
    assert exported(suffix)(Catalog(plain), tmp_path) == before
    assert dict(PREFIXES) == known


def test_the_common_prefixes_are_constant():
    with pytest.raises(TypeError):
        PREFIXES["zz"] = "https://c.example/"


def test_a_store_of_another_answers_with_the_prefixes_of_the_catalogue_asked(both):
    one, other = both
    plain = pg.EmbeddedStore(one.load())
    assert "ex:mill" in str(one.ask("feeds", store=plain, machine="ex:loom"))
    assert "ex:" not in str(other.ask("SELECT ?b { ?a rdf:type ?b }", store=plain))
