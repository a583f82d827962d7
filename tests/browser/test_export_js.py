"""What the page exports is read again by other programs, with the same things, connections and words."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter

import networkx as nx
import pyoxigraph
import pytest
import rdflib
from node import running
from rdflib.compare import to_isomorphic

from policygraph.analysis.network import network
from policygraph.catalog.query import Query
from policygraph.explorer.document import view_document
from policygraph.explorer.page import script
from policygraph.rdf.namespaces import word

pytest_plugins = ["browser"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
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
        text = blank.evaluate(
            f"([doc, nodes, edges]) => {name}(index(JSON.parse(doc)), new Set(nodes), new Set(edges){rest})",
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


# GraphML and GEXF


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_networkx_reads_the_same_network(exported, graph, name):
    text, doc = exported(graph, name)
    if name == "graphml":
        read = nx.parse_graphml(text, force_multigraph=True)
    else:
        read = nx.read_gexf(io.BytesIO(text.encode()))
        if not read.is_multigraph():
            read = (nx.MultiDiGraph if read.is_directed() else nx.MultiGraph)(read)
    assert read.is_directed() == graph.is_directed()
    names = iris(doc)
    assert list(read) == list(names.values())
    assert Counter(held(read)) == Counter(claims_of(doc))
    for node in doc["nodes"]:
        data = read.nodes[names[node["id"]]]
        for key in ("start", "end", "layer", "level"):
            assert data.get(key) == node[key]
        for key in ("description", "notation"):
            assert data.get(key, "") == clean(node[key] or "")
        assert data["label"] == (
            clean(node["name"]) or names[node["id"]] if name == "gexf" else clean(node["name"])
        )
    for *_, data in read.edges(data=True):
        assert 0 < (data["weight"] if name == "gexf" else data["confidence"]) < 1


def test_the_words_of_denmark_come_back_from_graphml_as_they_are_in_its_network(exported, denmark):
    text, _ = exported(denmark, "graphml")
    read = nx.parse_graphml(text, force_multigraph=True)
    for node, data in denmark.nodes(data=True):
        for key, value in data.items():
            assert read.nodes[node].get(key, False if key == "hub" else None) == value, key
    ours = {data["claim"]: (source, target, data) for source, target, data in read.edges(data=True)}
    assert len(ours) == denmark.number_of_edges() == 224
    for source, target, data in denmark.edges(data=True):
        one, two, found = ours[data["claim"]]
        assert (one, two) == (source, target)
        for key, value in data.items():
            expected = word(value) if key in ("basis", "strength") else value
            assert found.get(key, "") == expected, key
    assert read.graph["title"] == "A <network> & 'its' title"


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_other_attributes_are_kept_under_a_name_that_nothing_else_has(exported, name):
    text, doc = exported(hostile(), name)
    read = nx.parse_graphml(text) if name == "graphml" else nx.read_gexf(io.BytesIO(text.encode()))
    assert {data["ID_"] for _, data in read.nodes(data=True)} == {"not the id"}
    assert {data["constructor"] for _, data in read.nodes(data=True)} == {"x"}
    assert read.nodes["Alice"]["__proto__"] == "own"
    assert "__proto__" not in read.nodes["urn:isbn:0451450523"]
    assert sum(data.get("source_") == "a fact" for *_, data in read.edges(data=True)) == len(HOSTILE)
    assert len(doc["nodes"]) == len(HOSTILE)


def test_gexf_has_the_colours_and_the_places_of_the_picture(exported, denmark):
    text, doc = exported(denmark, "gexf")
    read = nx.read_gexf(io.BytesIO(text.encode()))
    for node in doc["nodes"]:
        look = read.nodes[node["iri"]]["viz"]
        color = doc["kinds"][node["kind"]]["color"]
        assert "#{r:02X}{g:02X}{b:02X}".format(**look["color"]) == color
        assert look["position"] == {"x": node["x"], "y": -node["y"], "z": 0}


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


# Turtle and JSON-LD


def rdf(text, format):
    return rdflib.Graph().parse(data=text, format=format)


def oxigraph(text):
    return list(pyoxigraph.parse(text.encode(), format=pyoxigraph.RdfFormat.TURTLE))


def test_turtle_has_the_triples_of_the_networks_edges(exported, denmark):
    text, _ = exported(denmark, "turtle")
    properties = {data["property"] for *_, data in denmark.edges(data=True)}
    read = {
        (triple.subject.value, triple.predicate.value, triple.object.value)
        for triple in oxigraph(text)
        if triple.predicate.value in properties
    }
    assert read == {
        (source, data["property"], target)
        for source, target, data in denmark.edges(data=True)
        if word(data.get("strength")) != "weak"
    }
    assert {tuple(map(str, triple)) for triple in rdf(text, "turtle") if str(triple[1]) in properties} == read


def test_turtle_has_a_statement_for_each_claim(exported, denmark):
    text, _ = exported(denmark, "turtle")
    read = rdf(text, "turtle")
    rows = read.query(
        "SELECT ?claim ?source ?property ?target WHERE "
        "{ ?claim a rdf:Statement ; rdf:subject ?source ; rdf:predicate ?property ; rdf:object ?target }"
    )
    assert {tuple(map(str, row)) for row in rows} == {
        (data["claim"], source, data["property"], target) for source, target, data in denmark.edges(data=True)
    }
    for *_, data in denmark.edges(data=True):
        said = {str(value) for value in read.objects(rdflib.URIRef(data["claim"]))}
        for text in (data.get("rationale"), data.get("document"), *data.get("passages", "").split("\n")):
            assert not text or text in said


def test_turtle_calls_things_kinds_and_relations_by_their_labels(exported, denmark):
    text, _ = exported(denmark, "turtle", language="da-DK")
    read = rdf(text, "turtle")
    for node, data in denmark.nodes(data=True):
        assert list(read.objects(rdflib.URIRef(node), rdflib.RDFS.label)) == [
            rdflib.Literal(data["label"], "da-DK")
        ]
        assert (rdflib.URIRef(node), rdflib.RDF.type, rdflib.URIRef(data["class"])) in read
        assert str(read.value(rdflib.URIRef(data["class"]), rdflib.RDFS.label)) == data["kind"]
    for *_, data in denmark.edges(data=True):
        assert str(read.value(rdflib.URIRef(data["property"]), rdflib.RDFS.label)) == data["relation"]


def test_hostile_words_come_back_from_turtle(exported):
    graph = hostile()
    text, doc = exported(graph, "turtle")
    read = rdf(text, "turtle")
    labels = {str(label) for label in read.objects(None, rdflib.RDFS.label)}
    # A literal has no label of its own; the page shows the others by label, or else by name.
    shown = {clean(node["name"]) for node in doc["nodes"] if not re.match('".*"', node["iri"], re.DOTALL)}
    assert shown <= labels
    assert str(read.value(None, rdflib.DC.source)) is not None
    assert clean(BAD) in {str(comment) for comment in read.objects(None, rdflib.RDFS.comment)}
    statements = set(read.subjects(rdflib.RDF.type, rdflib.RDF.Statement))
    assert len(statements) == graph.number_of_edges()
    assert {statement for statement in statements if isinstance(statement, rdflib.URIRef)} == {
        rdflib.URIRef(f"{EX}claim/{number}") for number in range(len(HOSTILE))
    }


def test_names_that_are_iris_stay_and_others_become_ones_or_nodes_without_a_name(exported):
    text, _ = exported(hostile(), "turtle")
    terms = {term for triple in oxigraph(text) for term in (triple.subject, triple.object)}
    named = {term.value for term in terms if isinstance(term, pyoxigraph.NamedNode)}
    assert {
        "urn:isbn:0451450523",
        "rdfs:label",
        EX + "markup",
        EX + "smørrebrød/日本",
        EX + "50%25",
        EX + "a%20b",
        EX + "quo%22te%3C%3E%7B%7D%7C%5C%5E%60",
        EX + "#one%23two",
        EX + "%5Bbrackets%5D",
        EX + "%EE%80%80",
    } <= named
    literals = {term for term in terms if isinstance(term, pyoxigraph.Literal)}
    assert {
        pyoxigraph.Literal("80 %"),
        pyoxigraph.Literal('Hej "du"\næ', language="da"),
        pyoxigraph.Literal(5),
        pyoxigraph.Literal(""),
    } <= literals
    identifiers = {
        triple.object.value for triple in oxigraph(text) if triple.predicate.value.endswith("/identifier")
    }
    assert identifiers == {
        "Alice", "=1+1", "مرحبا", '"not closed', "__proto__", "line\nbreak", "nul", "http://host:port/",
    }  # fmt: skip


def test_every_edge_between_iris_is_a_triple(exported):
    graph = hostile()
    text, _ = exported(graph, "turtle")
    safe = [name for name in graph if re.fullmatch(r"(http://example.org/|urn:|rdfs:)[\w/:]+", name)]
    read = {
        (t.subject.value, t.predicate.value, t.object.value)
        for t in oxigraph(text)
        if t.subject and hasattr(t.object, "value")
    }
    some = 0
    for source, target, data in graph.edges(data=True):
        if source in safe and target in safe and "property" in data and "://" in data["property"]:
            assert ((source, data["property"], target) in read) == (data["strength"] != "weak")
            some += 1
    assert some > 2


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own
def test_json_ld_has_the_same_triples_as_turtle(exported, graph):
    turtle, _ = exported(graph, "turtle")
    jsonld, _ = exported(graph, "jsonld")
    one, other = rdf(turtle, "turtle"), rdf(jsonld, "json-ld")
    assert len(one) == len(other)
    assert to_isomorphic(one) == to_isomorphic(other)
    assert len(oxigraph(turtle)) == len(one)
    assert json.loads(jsonld) is not None


def test_a_language_that_is_none_is_left_out(exported):
    text, _ = exported(plain(), "turtle", language='en"@x')
    assert rdflib.Literal("a") in set(rdf(text, "turtle").objects(None, rdflib.RDFS.label))


# SPARQL


def test_the_query_gives_what_is_shown_from_the_catalogue(exported, denmark, store):
    text, _ = exported(denmark, "sparql")
    again = network(store, edges=text)
    assert set(again) == set(denmark), "those that nothing connects too"
    told = [
        Counter(
            (source, target, data["claim"], data["property"], data["relation"])
            for source, target, data in each.edges(data=True)
        )
        for each in (denmark, again)
    ]
    assert told[0] == told[1]


def test_the_query_gives_a_part_and_the_things_alone_in_it(exported, denmark, store):
    shown = set(sorted(denmark)[::3])
    text, _ = exported(denmark, "sparql", shown=shown)
    again = network(store, edges=text)
    part = denmark.subgraph(shown)
    assert any(not part.degree(node) for node in part)
    assert part.number_of_edges()
    assert set(again) == shown
    assert Counter(again.edges()) == Counter(part.edges())


def test_the_query_is_one_that_can_be_saved(exported, denmark, tmp_path):
    text, _ = exported(denmark, "sparql", title="Denmark:\nplans # and\r more")
    path = tmp_path / "shown.rq"
    path.write_text(text, encoding="utf-8")
    assert Query.read(path).summary == "Denmark: plans and more"


def test_connections_without_a_claim_are_asked_for_as_they_stand(exported):
    graph = nx.MultiDiGraph()
    graph.add_edge(EX + "a", EX + "b", relation="knows", property=EX + "knows")
    graph.add_edge(EX + "a", EX + "c", relation="knows", property=EX + "knows")
    graph.add_edge(EX + "b", EX + "c", relation="likes")
    graph.add_node(EX + "d")
    text, _ = exported(graph, "sparql")
    store = pyoxigraph.Store()
    store.update(f"INSERT DATA {{ <{EX}a> <{EX}knows> <{EX}b> }}")  # but no longer c
    again = network(store, edges=text)
    assert sorted(again.edges(data="relation")) == [
        (EX + "a", EX + "b", "knows"),
        (EX + "b", EX + "c", "likes"),
    ]
    assert EX + "d" in again


def test_a_hostile_network_makes_a_query_that_runs_on_its_own_turtle(exported):
    graph = hostile()
    text, _ = exported(graph, "turtle")
    store = pyoxigraph.Store()
    store.load(text.encode(), format=pyoxigraph.RdfFormat.TURTLE)
    query, doc = exported(graph, "sparql")
    rows = list(store.query(query))
    claims = {row["claim"].value for row in rows if row["claim"] is not None}
    assert claims == {f"{EX}claim/{number}" for number in range(len(HOSTILE))}
    # Besides, the three that have no claim of their own; but not the weak one, which is no triple.
    assert len(rows) == len(HOSTILE) + 3
    assert "Left out" not in query
    assert len(doc["nodes"]) == len(HOSTILE)


def test_what_has_no_iri_is_left_out_of_the_query_and_counted(exported):
    query, _ = exported(plain(), "sparql")
    assert "# Left out, for want of an IRI: 4\n" in query
    assert list(pyoxigraph.Store().query(query)) == []


def test_nothing_shown_makes_a_query_with_no_answer(exported):
    query, _ = exported(nx.MultiDiGraph(), "sparql")
    assert list(pyoxigraph.Store().query(query)) == []


# SVG

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_has_a_figure_for_each_thing_and_a_line_for_each_connection(exported, graph):
    text, doc = exported(graph, "svg")
    root = ET.fromstring(text)
    figures = root.findall(f"{SVG}g[@class='node']")
    lines = root.findall(f"{SVG}g[@class='edge']")
    assert (len(figures), len(lines)) == (graph.number_of_nodes(), graph.number_of_edges())
    assert root.find(f"{SVG}title").text == doc["title"]
    for figure, node in zip(figures, doc["nodes"], strict=True):
        title = figure.find(f"{SVG}title").text
        assert title.startswith(clean(doc["kinds"][node["kind"]]["name"]))
        assert len(title) < 400
    assert not {element.tag for element in root.iter()} & {
        f"{SVG}script",
        f"{SVG}foreignObject",
        f"{SVG}style",
    }
    assert not [
        name for element in root.iter() for name in element.attrib if name.startswith("on") or "href" in name
    ]


def test_svg_shows_each_kind_and_basis_and_tells_bases_apart_without_colour(exported, denmark):
    text, doc = exported(denmark, "svg")
    root = ET.fromstring(text)
    words = {element.text for element in root.findall(f".//{SVG}g[@class='legend']//{SVG}text")}
    for entry in (*doc["kinds"], *doc["bases"]):
        assert any(
            word.startswith(entry["name"][:18]) and word.endswith(f" {entry['count']}") for word in words
        )
    dashes = [
        line.find(f"{SVG}path").get("stroke-dasharray") for line in root.findall(f"{SVG}g[@class='edge']")
    ]
    keys = [doc["bases"][edge["basis"]]["key"] for edge in doc["edges"]]
    assert len(set(zip(keys, dashes, strict=True))) == len(set(dashes)) == len(set(keys)) == 4


def test_svg_takes_the_places_and_colours_of_the_page(exported):
    graph = nx.MultiDiGraph([("a", "b")])
    rest = ', { n0: { x: 1000.4, y: -7 } }, { page: "#101010", ink: "#eeeeee", none: "#abcdef" }'
    text, _ = exported(graph, "svg", rest=rest)
    root = ET.fromstring(text)
    assert root.find(f"{SVG}g[@class='node']/{SVG}g").get("transform") == "translate(1000 -7)"
    assert (root.get("fill"), root.find(f"{SVG}rect").get("fill")) == ("#eeeeee", "#101010")
    assert root.find(f"{SVG}g[@class='edge']").get("stroke") == "#abcdef"


def test_everything_in_the_svg_is_inside_its_frame(exported, denmark):
    text, _ = exported(denmark, "svg")
    root = ET.fromstring(text)
    left, top, width, height = map(float, root.get("viewBox").split())
    numbers = [
        re.findall(r"-?[\d.]+", element.get("transform"))
        for element in root.findall(f"{SVG}g[@class='node']/{SVG}g")
    ]
    for x, y in numbers:
        assert left < float(x) < left + width
        assert top < float(y) < top + height


def test_the_browser_draws_the_svg(exported, denmark, browser):
    text, _ = exported(denmark, "svg")
    page = browser.new_page()
    colors = page.evaluate(
        """async (text) => {
          const image = new Image();
          image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
          await image.decode();
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
          const seen = new Set();
          for (let at = 0; at < data.length; at += 4) {
            seen.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
          }
          return [...seen];
        }""",
        text,
    )
    assert {0xFFFFFF, 0xE69F00, 0x56B4E9, 0x009E73, 0x0072B2} <= set(colors)


# The whole


@pytest.mark.parametrize(
    "name", ["nodesCsv", "edgesCsv", "graphml", "gexf", "turtle", "jsonld", "sparql", "svg"]
)
def test_only_what_is_shown_is_written(exported, denmark, name):
    shown = sorted(denmark)[:40]
    text, doc = exported(denmark, name, shown=shown)
    hidden = [node["iri"] for node in doc["nodes"] if node["iri"] not in shown]
    classes = {data["class"] for _, data in denmark.nodes(data=True)}
    lists = {entry["iri"] for entry in doc["lists"]} | {entry["iri"] for entry in doc["countries"]}
    for iri in set(hidden) - classes - lists:
        assert not re.search(re.escape(iri) + r"""(?=["<>\s,]|$)""", text)
    assert exported(denmark, name, shown=shown)[0] == text
