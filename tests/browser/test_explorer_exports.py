"""What one takes away from the page is read again by other programs, and holds what was shown."""

from __future__ import annotations

import base64
import csv

import networkx as nx
import pytest
import rdflib
from visitors import Keyboard, Mouse

from policygraph.rdf.namespaces import word

pytest_plugins = ["visits"]

RDF = rdflib.RDF
STRATEGY = "https://w3id.org/policygraph/id/dk/plan/digital-welfare-2013-2020"
COLORS = """async ([bytes, type]) => {
  const image = new Image();
  image.src = `data:${type};base64,${bytes}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const counts = new Map();
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    const color = data.slice(at, at + 4).join();
    counts.set(color, (counts.get(color) || 0) + 1);
  }
  const most = Math.max(...counts.values());
  return { size: [canvas.width, canvas.height], colors: counts.size, drawn: 1 - most / (data.length / 4) };
}"""


@pytest.fixture
def shown(visit, address, person, denmark):
    """The strategy and two steps around it, of what the sources state; and that part of the graph."""
    visitor = visit(address, person)
    visitor.press("#stated-only")
    visitor.search("strategy for digital welfare", "Strategy for Digital Welfare 2013-2020")
    visitor.choose("#steps", "2 steps")
    visitor.press("#details [data-action=isolate]")
    stated = nx.MultiDiGraph()
    stated.add_nodes_from(denmark.nodes(data=True))
    stated.add_edges_from(
        each for each in denmark.edges(keys=True, data=True) if word(each[3]["basis"]) == "stated"
    )
    near = nx.single_source_shortest_path_length(stated.to_undirected(), STRATEGY, cutoff=2)
    part = stated.subgraph(near)
    visitor.wait("many => explorer.counts().nodes === many", len(part))
    assert 5 < len(part) < len(denmark)
    return visitor, part


def saved(visitor, name: str, many: int = 1) -> list[tuple[str, bytes]]:
    """What is downloaded in this format: names and contents."""
    found = []

    def keep(download):
        found.append(download)

    visitor.page.on("download", keep)
    visitor.press("#export")
    visitor.press(f"#export-menu [data-format={name}]")
    for _ in range(1200):
        if len(found) == many:
            break
        visitor.page.wait_for_timeout(25)
    visitor.page.remove_listener("download", keep)
    visitor.wait("() => /^Saved/.test(document.getElementById('status').textContent)")
    return [(each.suggested_filename, each.path().read_bytes()) for each in found]


def test_every_format_holds_what_is_shown(shown, store):
    """networkx reads GraphML, Turtle has the catalogue's claims, CSV is two lists, the query asks for it."""
    visitor, part = shown
    ((name, content),) = saved(visitor, "graphml")
    assert name.endswith(".graphml")
    found = nx.parse_graphml(content.decode())
    assert (len(found), found.size()) == (len(part), part.size())
    assert {data["label"] for _, data in found.nodes(data=True)} == set(
        dict(part.nodes(data="label")).values()
    )

    ((name, content),) = saved(visitor, "turtle")
    assert name.endswith(".ttl")
    found = rdflib.Graph().parse(data=content, format="turtle")
    wanted = {
        (facts["claim"], source, facts["property"], target) for source, target, facts in part.edges(data=True)
    }
    claims = {
        (str(claim), *(str(found.value(claim, each)) for each in (RDF.subject, RDF.predicate, RDF.object)))
        for claim in found.subjects(RDF.type, RDF.Statement)
    }
    assert claims == wanted
    said = {(str(s), str(p), str(o)) for s, p, o in found}
    assert said >= {each[1:] for each in wanted}
    for claim, *triple in wanted:
        one, relation, other = (f"<{each}>" for each in triple)
        assert store.query(
            f"ASK {{ <{claim}> rdf:subject {one} ; rdf:predicate {relation} ; rdf:object {other} }}"
        )

    files = {
        name: list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        for name, content in saved(visitor, "csv", 2)
    }
    lengths = {name.rpartition("-")[2]: len(rows) for name, rows in files.items()}
    assert lengths == {"things.csv": len(part), "connections.csv": part.size()}

    ((name, content),) = saved(visitor, "sparql")
    assert name.endswith(".rq")
    rows = [(row["source"], row["target"]) for row in store.query(content.decode())]
    edges = [(source.value, target.value) for source, target in rows if source and target]
    assert sorted(edges) == sorted(part.edges())
    assert {end.value for ends in rows for end in ends if end} == set(part)


def test_pictures_are_not_blank(visit, address, browser):
    visitor, blank = visit(address, Mouse), browser.new_page()
    for name, kind in (("png", "image/png"), ("svg", "image/svg+xml")):
        ((file, content),) = saved(visitor, name)
        assert file.endswith(f".{name}")
        found = blank.evaluate(COLORS, [base64.b64encode(content).decode(), kind])
        assert min(found["size"]) > 400, name
        assert found["colors"] > 100, name
        assert 0.02 < found["drawn"] < 0.7, name
    blank.close()


def test_the_other_formats_are_saved_too(visit, address):
    visitor = visit(address, Keyboard)
    for name, start in (("gexf", b"<?xml"), ("jsonld", b"[")):
        ((file, content),) = saved(visitor, name)
        assert file.endswith(f".{name}")
        assert content.startswith(start)
        assert b"NemID" in content
