"""What the page exports is read again by other programs, with the same things, connections and words."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter

import networkx as nx
import pytest
from node import running

from policygraph.explorer.document import view_document
from policygraph.explorer.page import script

pytest_plugins = ["browser"]

EX = "http://example.org/"
BAD = 'a "quoted", <b>bold</b> & \\ back\nnew\tline\r\x00\x08\x1b\u2028 \ufffe 🎉 שלום ]]> ${x} {{ y }}'
HOSTILE = {
    EX + "markup": "<script>alert('x')</script>",
    EX + "attribute": '" onload="alert(1)',
    EX + "bad": BAD,
    EX + "long": "long " * 1000,
    EX + "word": "x" * 5000,
    EX + "empty": "",
    EX + "a b": "a space in its name",
    EX + "50%": "a percent sign",
    EX + "50%25": "an escaped percent sign",
    EX + "smørrebrød/日本": "letters that are not ASCII",
    EX + 'quo"te<>{}|\\^`': "what no IRI has",
    EX + "#one#two": "two fragments",
    EX + "[brackets]": "brackets",
    EX + "\ue000": "private use",
    "http://host:port/": "no port",
    "urn:isbn:0451450523": "a URN",
    "rdfs:label": "what looks like a short name",
    "Alice": "no IRI at all",
    "=1+1": "what looks like a formula",
    "مرحبا": "right to left",
    "_:b0": "a blank node",
    '"80 %"': "a literal",
    '"Hej \\"du\\"\\n\\u00E6"@da': "a literal in Danish",
    '"5"^^<http://www.w3.org/2001/XMLSchema#integer>': "a literal with a type",
    '""': "an empty literal",
    '"not closed': "no literal",
    "__proto__": "a name that objects have",
    "line\nbreak": "a line break in its name",
    "nul\x00": "a control sign in its name",
    "nul": "the same without it",
}


def hostile():
    """Names, labels and attributes that break what does not take care."""
    graph = nx.MultiDiGraph()
    names = list(HOSTILE)
    for number, (name, label) in enumerate(HOSTILE.items()):
        graph.add_node(name, label=label, kind=f"<kind> {number % 3}", **{"class": f"{EX}Class {number % 3}"})
        graph.nodes[name].update(
            {"description": BAD, "notation": '1"', "ID": "not the id", "constructor": "x", "a b": "y"}
        )
    graph.nodes["Alice"]["__proto__"] = "own"
    for number, name in enumerate(names):
        other = names[(number * 7 + 3) % len(names)]
        graph.add_edge(
            name,
            other,
            relation="<relates> & 'to'",
            property=EX + "relates",
            basis="inferred",
            strength="strong",
            rationale=BAD,
            passages=[BAD, "second"],
            document="A <document>",
            claim=f"{EX}claim/{number}",
            source="a fact",
            label="another",
        )
    graph.add_edge(
        names[0], names[1], relation="weak", property=EX + "weak", basis="inferred", strength="weak"
    )
    graph.add_edge(names[0], names[1], relation="no property", basis="stated", claim=f"{EX}claim/0")
    graph.add_edge(names[0], names[1])
    graph.add_edge(names[0], names[0], relation="loop", property="not an IRI", basis="rumour", weight=3)
    return graph


def plain():
    """A network with nothing but names."""
    graph = nx.MultiGraph()
    graph.add_edges_from([("a", "b"), ("a", "b"), ("b", "b")])
    graph.add_node("c")
    return graph


@pytest.fixture(scope="module")
def blank():
    with running(script("model.js", "export.js")) as process:
        yield process


@pytest.fixture(params=["denmark", "hostile", "plain", "empty"])
def graph(request):
    if request.param == "denmark":
        return request.getfixturevalue("denmark")
    return {"hostile": hostile, "plain": plain, "empty": nx.MultiDiGraph}[request.param]()


@pytest.fixture
def exported(blank):
    """exported(graph, format): the text that the page writes, and the document it shows."""

    def export(graph, name, *, shown=None, title="A <network> & 'its' title", language="en", rest=""):
        doc = view_document(graph, title=title, language=language)
        nodes = [node["id"] for node in doc["nodes"] if shown is None or node["iri"] in shown]
        edges = [edge["id"] for edge in doc["edges"] if edge["source"] in nodes and edge["target"] in nodes]
        things = "" if name == "edgesCsv" else "new Set(nodes), "
        text = blank.evaluate(
            f"([doc, nodes, edges]) => {name}(index(JSON.parse(doc)), {things}new Set(edges){rest})",
            [json.dumps(doc), nodes, edges],
        )
        return text, doc

    return export


def clean(text):
    """What XML and RDF can hold of a text."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def iris(doc):
    """What the page calls each node in a file, by its id."""
    names, taken = {}, set()
    for node in doc["nodes"]:
        name = clean(node["iri"])
        while name in taken:
            name += "_"
        taken.add(name)
        names[node["id"]] = name
    return names


def claims_of(doc):
    """Each connection as (source, target, relation, basis, strength, rationale, passages, claim)."""
    names = iris(doc)
    unnamed = doc["texts"]["unnamed_relation"]
    for edge in doc["edges"]:
        relation, basis = doc["relations"][edge["relation"]], doc["bases"][edge["basis"]]
        yield (
            names[edge["source"]],
            names[edge["target"]],
            "" if relation["name"] == unnamed else clean(relation["name"]),
            {"none": "", "other": basis["name"]}.get(basis["key"], basis["key"]),
            "" if edge["strength"] is None else doc["strengths"][edge["strength"]]["key"],
            clean(edge["rationale"]),
            clean("\n".join(edge["passages"])),
            clean(edge["claim"]),
        )


COLUMNS = ("relation", "basis", "strength", "rationale", "passages", "claim")


def held(graph):
    """The same of a graph that was read."""
    for source, target, data in graph.edges(data=True):
        ends = (source, target) if graph.is_directed() else sorted((source, target))
        yield (*ends, *(data.get(column, "") for column in COLUMNS))


# GraphML


def test_networkx_reads_the_same_network(exported, graph):
    text, doc = exported(graph, "graphml")
    read = nx.parse_graphml(text, force_multigraph=True)
    assert read.is_directed() == graph.is_directed()
    names = iris(doc)
    assert list(read) == list(names.values())
    assert Counter(held(read)) == Counter(claims_of(doc))
    for node in doc["nodes"]:
        data = read.nodes[names[node["id"]]]
        for key in ("start", "end", "horizon", "succeeded", "layer", "level"):
            assert data.get(key) == node[key]
        for key in ("description", "notation"):
            assert data.get(key, "") == clean(node[key] or "")
        assert data["label"] == clean(node["name"])
    for *_, data in read.edges(data=True):
        assert 0 < data["confidence"] < 1


def test_the_words_of_denmark_come_back_from_graphml_as_they_are_in_its_network(exported, denmark):
    text, _ = exported(denmark, "graphml")
    read = nx.parse_graphml(text, force_multigraph=True)
    for node, data in denmark.nodes(data=True):
        for key, value in data.items():
            if key != "lane":  # the heading of its layer
                assert read.nodes[node].get(key, False if key == "hub" else None) == value, key
    ours = {data["claim"]: (source, target, data) for source, target, data in read.edges(data=True)}
    assert len(ours) == denmark.number_of_edges() > 200
    for source, target, data in denmark.edges(data=True):
        one, two, found = ours[data["claim"]]
        assert (one, two) == (source, target)
        for key, value in data.items():
            if key not in ("basis_iri", "strength_iri"):
                assert found.get(key, "") == value, key
    assert read.graph["title"] == "A <network> & 'its' title"


def test_other_attributes_are_kept_under_a_name_that_nothing_else_has(exported):
    text, doc = exported(hostile(), "graphml")
    read = nx.parse_graphml(text)
    assert {data["ID_"] for _, data in read.nodes(data=True)} == {"not the id"}
    assert {data["constructor"] for _, data in read.nodes(data=True)} == {"x"}
    assert read.nodes["Alice"]["__proto__"] == "own"
    assert "__proto__" not in read.nodes["urn:isbn:0451450523"]
    assert sum(data.get("source_") == "a fact" for *_, data in read.edges(data=True)) == len(HOSTILE)
    assert len(doc["nodes"]) == len(HOSTILE)


# CSV


def test_csv_has_a_row_for_each_thing_and_each_connection(exported, graph):
    text, doc = exported(graph, "nodesCsv")
    things = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    names = iris(doc)
    assert [row["id"] for row in things] == list(names.values())
    assert [row["label"] for row in things] == [clean(node["name"]) for node in doc["nodes"]]
    assert [row["description"] for row in things] == [clean(node["description"]) for node in doc["nodes"]]
    assert [row["start"] for row in things] == [str(node["start"] or "") for node in doc["nodes"]]

    text, doc = exported(graph, "edgesCsv")
    links = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    told = [(row["source"], row["target"], *(row[column] for column in COLUMNS)) for row in links]
    assert told == list(claims_of(doc))
    labels = {names[node["id"]]: clean(node["name"]) for node in doc["nodes"]}
    assert [(row["source_label"], row["target_label"]) for row in links] == [
        (labels[row["source"]], labels[row["target"]]) for row in links
    ]


def test_csv_ends_lines_as_rfc_4180_has_it(exported):
    text, _ = exported(plain(), "edgesCsv")
    assert text.count("\r\n") == text.count("\n") == 4
    assert text.startswith("source,source_label,target,target_label,relation,property,basis,strength,")


# The whole


@pytest.mark.parametrize("name", ["nodesCsv", "edgesCsv", "graphml"])
def test_only_what_is_shown_is_written(exported, denmark, name):
    shown = sorted(denmark)[:40]
    text, doc = exported(denmark, name, shown=shown)
    hidden = [node["iri"] for node in doc["nodes"] if node["iri"] not in shown]
    classes = {data["class"] for _, data in denmark.nodes(data=True)}
    lists = {entry["iri"] for entry in doc["lists"]} | {entry["iri"] for entry in doc["countries"]}
    for iri in set(hidden) - classes - lists:
        assert not re.search(re.escape(iri) + r"""(?=["<>\s,]|$)""", text)
    assert exported(denmark, name, shown=shown)[0] == text
