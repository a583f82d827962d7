"""What is written as a network, other tools read as the same network."""

from __future__ import annotations

import csv
import datetime
import decimal
import gzip
import io
import json
import math
import os
import random
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from tools import missing

from policygraph.analysis import exchange
from policygraph.analysis.network import network, simple
from policygraph.errors import FormatError, NetworkError
from policygraph.rdf.namespaces import PREFIXES

HOSTILE = "Æblegrød på Ærø: \"a\", 'b'\n\tlinje 2\r\n😀 مرحبا <script>alert('x')</script> ]]> &amp; %20 \\ {}"
GEXF = "{http://gexf.net/1.3}"
SINGLE = ["graphml", "gexf", "node-link", "cytoscape"]


@pytest.fixture(scope="module")
def real(store, catalog):
    """The network of the shipped data."""
    return network(catalog, store=store)


def hostile():
    graph = nx.MultiDiGraph(question='Hvad hænger "sammen"?\n', seed=0, share=0.5, nothing=None)
    graph.add_node("https://x.org/a b%20c", label=HOSTILE, kind="Æ", start=2013, end=2020)
    graph.add_node('"80 %"', label="80 %", text="", whole=2**40, ratio=0.1, flag=True)
    graph.add_node("_:b0", label="x" * 5000, start=2021, end=2020, ratio=-1e-300, flag=False)
    graph.add_node("øen", label="alone", none=None, huge=2**70, day=datetime.date(2013, 9, 1))
    graph.add_node("ßen", start=1, moment=datetime.datetime(2013, 9, 1, 12, 30), none=None)
    graph.add_edge("_:b0", '"80 %"', claim="https://x.org/c1", relation="når", weight=0.25)
    graph.add_edge("_:b0", '"80 %"', claim="https://x.org/c2", relation="siger", weight=1.0)
    graph.add_edge("_:b0", '"80 %"', claim="https://x.org/c2", relation=HOSTILE)
    graph.add_edge("øen", "øen", passages="a\n\n  b ")
    return graph


def undirected():
    graph = nx.Graph([("b", "a", {"note": "æ,ø"}), ("c", "b", {"weight": 2.5})])
    graph.add_node("alone", label="")
    return graph


def empty():
    return nx.MultiDiGraph()


def data(graph, *, format):
    """The one file of a format."""
    (content,) = exchange.files(graph, format=format).values()
    return content


def read(name, content):
    """A network by networkx's own reader, with only what was in the network that was written."""
    stream = io.BytesIO(content)
    if name == "graphml":
        graph = nx.read_graphml(stream)
    elif name == "gexf":
        graph = nx.read_gexf(stream, version="1.3")
    elif name == "node-link":
        graph = nx.node_link_graph(json.load(stream), edges="edges")
    else:
        graph = nx.cytoscape_graph(json.load(stream))
    for name_, values in graph.nodes(data=True):
        if name == "cytoscape":
            assert values.pop("id") == values.pop("value") == name_
            assert values.pop("name") == (values.get("label") or name_)
    for *_, values in graph.edges(data=True):
        own = {"cytoscape": ["id", "source", "target", "key", "interaction"]}
        for each in own.get(name, ["id"]):
            values.pop(each, None)
    return graph


def plain(values):
    return {
        name: value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in values.items()
        if value is not None
    }


def contents(graph):
    """Nodes and edges with their attributes, whatever their order and keys."""
    nodes = {name: plain(values) for name, values in graph.nodes(data=True)}
    edges = []
    for *ends, values in graph.edges(data=True):
        ends = ends if graph.is_directed() else sorted(ends)
        edges.append((*ends, sorted(map(repr, plain(values).items()))))
    return nodes, sorted(edges)


def shuffled(graph, seed):
    """The same network, made in another order."""
    mixed = random.Random(seed)
    nodes = [(name, dict(mixed.sample(list(v.items()), len(v)))) for name, v in graph.nodes(data=True)]
    edges = [(*ends, dict(mixed.sample(list(v.items()), len(v)))) for *ends, v in graph.edges(data=True)]
    if not graph.is_directed():
        edges = [(*mixed.sample(ends, 2), values) for *ends, values in edges]
    mixed.shuffle(nodes)
    mixed.shuffle(edges)
    other = graph.__class__(**dict(reversed(graph.graph.items())))
    other.add_nodes_from(nodes)
    other.add_edges_from(edges)
    return other


@pytest.fixture(params=["real", "simple", "hostile", "undirected", "empty"])
def any_network(request, real):
    made = {"hostile": hostile, "undirected": undirected, "empty": empty}
    return {"real": real, "simple": simple(real)}.get(request.param) or made[request.param]()


def expected(name, graph):
    """What a format cannot say as networkx has it: see the docstrings of the module."""
    nodes, edges = contents(graph)
    for values in nodes.values():
        if "huge" in values and name in ("graphml", "gexf"):
            values["huge"] = str(values["huge"])  # longer than any integer that they have
    if name == "gexf":
        for node, values in nodes.items():
            values.setdefault("label", node)  # every node in Gephi has one
            days, over = values.get("interval", "/").split("/"), values.get("end", values.get("succeeded"))
            years = {"start": values.get("start"), "end": over}
            if (years["start"] or 0) <= (over or 9999):
                for (key, year), known, day in zip(years.items(), days, ("-01-01", "-12-31"), strict=True):
                    if year is not None:
                        values[key] = known or f"{year:04}{day}"
        named = []
        for *ends, attributes in edges:
            relation = [each.replace("'relation'", "'label'") for each in attributes if "'relation'" in each]
            named.append((*ends, sorted(attributes + relation)))
        edges = sorted(named)
    return nodes, edges


@pytest.mark.parametrize("name", SINGLE)
def test_networkx_reads_back_the_same_nodes_edges_and_attributes(name, any_network):
    found = read(name, data(any_network, format=name))
    assert found.is_directed() == any_network.is_directed()
    assert contents(found) == expected(name, any_network)


@pytest.mark.parametrize("name", ["node-link", "cytoscape"])
def test_json_says_whether_edges_may_be_parallel(name, any_network):
    found = read(name, data(any_network, format=name))
    assert found.is_multigraph() == any_network.is_multigraph()


@pytest.mark.parametrize("name", ["graphml", "node-link", "cytoscape"])
def test_the_recipe_goes_along(name):
    found = read(name, data(hostile(), format=name)).graph
    assert plain(hostile().graph).items() <= found.items()


@pytest.mark.parametrize("name", ["graphml", "node-link", "cytoscape"])
def test_a_recipe_may_have_an_id(name):
    graph = nx.DiGraph(id="the first", share=math.inf)
    found = read(name, data(graph, format=name)).graph
    assert (found["id_"], found["share"]) == ("the first", "Infinity")


def test_gephi_shows_the_recipe_as_the_description():
    root = ElementTree.fromstring(data(hostile(), format="gexf"))
    text = root.findtext(f"{GEXF}meta/{GEXF}description")
    assert text == 'question: Hvad hænger "sammen"?\n\nseed: 0\nshare: 0.5'


@pytest.mark.parametrize("zipped", ["", ".gz"])
def test_lists_hold_the_same_in_rows(any_network, tmp_path, zipped):
    files = exchange.write_network(any_network, tmp_path / f"net.csv{zipped}")
    assert [file.name for file in files] == [f"net-nodes.csv{zipped}", f"net-edges.csv{zipped}"]
    texts = [(gzip.decompress if zipped else bytes)(file.read_bytes()).decode() for file in files]
    nodes, edges = ([*csv.reader(io.StringIO(text, newline=""))] for text in texts)
    assert nodes[0][0] == "id"
    assert edges[0][:3] == ["src", "dst", "relationship"]

    def cells(row):
        return {name: cell for name, cell in row.items() if cell}

    def texts_of(values):
        shown = {True: "true", False: "false"}
        return cells({k: shown[v] if isinstance(v, bool) else str(v) for k, v in plain(values).items()})

    found = {row[0]: cells(dict(zip(nodes[0][1:], row[1:], strict=True))) for row in nodes[1:]}
    assert found == {name: texts_of(values) for name, values in any_network.nodes(data=True)}
    rows = [cells(dict(zip(edges[0], row, strict=True))) for row in edges[1:]]
    wanted = []
    for *ends, values in any_network.edges(data=True):
        src, dst = ends if any_network.is_directed() else sorted(ends)
        attributes = texts_of(values)
        relation = {"relationship": attributes.pop("relation")} if "relation" in attributes else {}
        wanted.append({"src": src, "dst": dst} | relation | attributes)
    assert sorted(map(sorted, (row.items() for row in rows))) == sorted(
        map(sorted, (row.items() for row in wanted))
    )


def test_pandas_reads_the_lists_with_their_types(real, tmp_path):
    pandas = pytest.importorskip("pandas")
    nodes, edges = (
        pandas.read_csv(file, keep_default_na=False, na_values={"start": "", "layer": ""})
        for file in exchange.write_network(real, tmp_path / "net.csv")
    )
    assert [*nodes["label"]] == [real.nodes[name]["label"] for name in nodes["id"]]
    # Documents, of which claims tell dates only, are in no lane; a column with gaps is of floats in pandas.
    assert nodes["layer"].dtype.kind == "f"
    assert nodes["layer"].dropna().isin(range(1, 7)).all()
    assert nodes["hub"].dtype.kind == "b"
    assert Counter(zip(edges["src"], edges["dst"], strict=True)) == Counter((u, v) for u, v, _ in real.edges)
    assert {*edges["passages"]} == {values.get("passages", "") for *_, values in real.edges(data=True)}


@pytest.mark.parametrize("ending", ["graphml", "gexf", "json", "cyjs", "csv", "gexf.gz"])
def test_the_order_of_nodes_and_edges_does_not_matter(ending, any_network, tmp_path):
    before = contents(any_network), any_network.graph.copy()
    files = exchange.write_network(any_network, tmp_path / f"one.{ending}")
    for seed in range(3):
        others = exchange.write_network(shuffled(any_network, seed), tmp_path / f"other{seed}.{ending}")
        assert [file.read_bytes() for file in others] == [file.read_bytes() for file in files]
    assert (contents(any_network), any_network.graph) == before


def test_a_file_is_what_the_bytes_are_and_may_be_zipped(tmp_path):
    for name in SINGLE:
        row = exchange.FORMATS[name]
        content = data(hostile(), format=name)
        (file,) = exchange.write_network(hostile(), tmp_path / f"a.b{row.suffixes[0].upper()}")
        assert file.read_bytes() == content
        (file,) = exchange.write_network(hostile(), f"{tmp_path}/net{row.suffixes[0]}.gz")
        assert gzip.decompress(file.read_bytes()) == content


# --- GEXF 1.3: https://github.com/gephi/gexf/tree/master/1.3 (gexf.rnc, dynamics.rnc) ---

TYPES = {"integer", "long", "double", "boolean", "string"}
ALLOWED = {  # element: (attributes that must be, attributes that may be, children)
    "gexf": ({"version"}, set(), {"meta", "graph"}),
    "meta": (set(), set(), {"creator", "description"}),
    "creator": (set(), set(), set()),
    "description": (set(), set(), set()),
    "graph": ({"defaultedgetype", "mode"}, {"timeformat"}, {"attributes", "nodes", "edges"}),
    "attributes": ({"class"}, set(), {"attribute"}),
    "attribute": ({"id", "title", "type"}, set(), set()),
    "nodes": (set(), set(), {"node"}),
    "edges": (set(), set(), {"edge"}),
    "node": ({"id", "label"}, {"start", "end"}, {"attvalues"}),
    "edge": ({"id", "source", "target"}, {"label", "kind", "weight", "start", "end"}, {"attvalues"}),
    "attvalues": (set(), set(), {"attvalue"}),
    "attvalue": ({"for", "value"}, set(), set()),
}


def test_gexf_keeps_to_its_schema(any_network):
    root = ElementTree.fromstring(data(any_network, format="gexf"))
    assert root.attrib == {"version": "1.3"}
    for element in root.iter():
        must, may, children = ALLOWED[element.tag.removeprefix(GEXF)]
        assert must <= element.attrib.keys() <= must | may
        assert {child.tag.removeprefix(GEXF) for child in element} <= children
    graph = root.find(f"{GEXF}graph")
    order = [child.tag.removeprefix(GEXF) for child in graph]
    assert order == ["attributes", "attributes", "nodes", "edges"]
    declared = {}
    for group in graph.iter(f"{GEXF}attributes"):
        declared[group.get("class")] = {each.get("id"): each.get("type") for each in group}
        assert len(declared[group.get("class")]) == len(group)
        assert set(declared[group.get("class")].values()) <= TYPES
    assert declared.keys() == {"node", "edge"}
    for kind, types in declared.items():
        elements = graph.findall(f"{GEXF}{kind}s/{GEXF}{kind}")
        ids = [element.get("id") for element in elements]
        assert len(set(ids)) == len(ids)
        used = set()
        for value in graph.iterfind(f"{GEXF}{kind}s/{GEXF}{kind}/{GEXF}attvalues/{GEXF}attvalue"):
            used.add(value.get("for"))
            if (type_ := types[value.get("for")]) in ("integer", "long", "double"):
                assert re.fullmatch(
                    r"-?[0-9]+" if type_ != "double" else r"-?[0-9.]+(e-?[0-9]+)?", value.get("value")
                )
        assert used == set(types)
    names = {node.get("id") for node in graph.iterfind(f"{GEXF}nodes/{GEXF}node")}
    for edge in graph.iterfind(f"{GEXF}edges/{GEXF}edge"):
        assert {edge.get("source"), edge.get("target")} <= names
        assert math.isfinite(float(edge.get("weight", 1)))
    times = [e.get(key) for e in graph.iter() for key in ("start", "end") if e.get(key)]
    assert all(datetime.date.fromisoformat(time) for time in times)
    assert (graph.get("mode"), graph.get("timeformat")) == (
        ("dynamic", "date") if times else ("static", None)
    )


@pytest.mark.parametrize(
    ("values", "life"),
    [
        ({"start": 2013, "end": 2020}, ("2013-01-01", "2020-12-31")),
        ({"start": 2013, "end": 2013}, ("2013-01-01", "2013-12-31")),
        ({"start": 2013}, ("2013-01-01", None)),
        ({"end": 987}, (None, "0987-12-31")),
        ({"start": datetime.date(2013, 9, 1)}, ("2013-09-01", None)),
        ({"end": datetime.datetime(2013, 9, 1, 12)}, (None, "2013-09-01")),
        ({"start": 2021, "end": 2020}, (None, None)),
        ({"start": True, "end": 12_345}, (None, None)),
        ({"start": "spring", "end": -4}, (None, None)),
        ({"start": 2013.5}, (None, None)),
        ({"start": 2013, "end": 2020, "interval": "2013-09-15/2020-06-30"}, ("2013-09-15", "2020-06-30")),
        ({"start": 2013, "interval": "2013-09-15/", "succeeded": 2013}, ("2013-09-15", "2013-12-31")),
    ],
)
def test_years_and_dates_of_a_node_are_its_lifetime_and_stay_attributes(values, life):
    graph = nx.DiGraph()
    graph.add_node("a", **values)
    root = ElementTree.fromstring(data(graph, format="gexf"))
    node = next(root.iter(f"{GEXF}node"))
    assert (node.get("start"), node.get("end")) == life
    assert {value.get("for") for value in node.iter(f"{GEXF}attvalue")} == set(values)


def test_gephi_tells_parallel_edges_apart_and_can_colour_by_kind(real):
    root = ElementTree.fromstring(data(real, format="gexf"))
    for edge in root.iter(f"{GEXF}edge"):
        assert edge.get("kind") == edge.get("label")
        assert edge.get("id").startswith("https://w3id.org/policygraph/id/")
    kinds = [
        v.get("value")
        for n in root.iter(f"{GEXF}node")
        for v in n.iter(f"{GEXF}attvalue")
        if v.get("for") == "kind"
    ]
    assert sorted(kinds) == sorted(kind for _, kind in real.nodes(data="kind"))


# --- values ---


def types_of(name, graph):
    root = ElementTree.fromstring(data(graph, format=name))
    if name == "gexf":
        return {each.get("title"): each.get("type") for each in root.iter(f"{GEXF}attribute")}
    return {each.get("attr.name"): each.get("attr.type") for each in root if each.tag.endswith("key")}


@pytest.mark.parametrize(
    ("values", "type_", "texts"),
    [
        ([1, 2], "integer", ["1", "2"]),
        ([-(2**31), 2**31], "long", ["-2147483648", "2147483648"]),
        ([1, 2**63], "string", ["1", "9223372036854775808"]),
        ([1, 0.5], "double", ["1.0", "0.5"]),
        ([2**53 + 1, 0.5], "string", ["9007199254740993", "0.5"]),
        ([True, False], "boolean", ["True", "False"]),
        ([True, 1], "string", ["true", "1"]),
        ([1, "one"], "string", ["1", "one"]),
        ([decimal.Decimal("0.10"), 3], "double", ["0.1", "3.0"]),
        ([decimal.Decimal("NaN"), 3], "string", ["NaN", "3"]),
        ([math.nan, math.inf, -math.inf], "double", ["NaN", "Infinity", "-Infinity"]),
        ([datetime.date(2013, 9, 1)], "string", ["2013-09-01"]),
        ([["a", "ø"], {"b": {2}}], "string", ['["a", "ø"]', '{"b": [2]}']),
        ([datetime.time(1), "æ".encode(), [decimal.Decimal("0.1")]], "string", ["01:00:00", "æ", "[0.1]"]),
        (["a\x00\x1b\ud800\ufffeb"], "string", ["ab"]),
    ],
)
def test_an_attribute_has_the_type_of_all_its_values_and_text_if_they_differ(values, type_, texts):
    graph = nx.DiGraph()
    for number, value in enumerate(values):
        graph.add_node(str(number), x=value, y=None, z=[])
    # networkx declares any whole number long; it would write NaN in a way that only Python reads.
    text = type_ == "double" and "NaN" in texts
    assert types_of("graphml", graph) == {"x": "long" if type_ == "integer" else "string" if text else type_}
    assert types_of("gexf", graph) == {"x": type_}
    root = ElementTree.fromstring(data(graph, format="graphml"))
    assert [each.text for each in root.iter() if each.tag.endswith("data")] == texts
    written = read("gexf", data(graph, format="gexf"))
    assert [str(value) for _, value in written.nodes(data="x")] == [
        {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(each, each) if type_ == "double" else each
        for each in texts
    ]
    for name in ("node-link", "cytoscape"):  # JSON has neither NaN nor infinity
        json.loads(data(graph, format=name), parse_constant=pytest.fail)


def test_numbers_of_numpy_are_numbers_and_what_pandas_lacks_is_left_out():
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    graph = nx.Graph([(0, 1, {"weight": numpy.float64(0.5), "n": numpy.int64(3), "ok": numpy.bool_(True)})])
    graph.edges[0, 1].update(row=numpy.array([1, 2]), none=pandas.NA, day=pandas.NaT)
    assert types_of("graphml", graph) == {"weight": "double", "n": "long", "ok": "boolean", "row": "string"}


@pytest.mark.parametrize("weight", [math.nan, "heavy", True, decimal.Decimal("Infinity")])
def test_a_weight_that_is_no_finite_number_is_only_an_attribute(weight):
    graph = nx.DiGraph([("a", "b", {"weight": weight}), ("b", "c", {"weight": 3})])
    root = ElementTree.fromstring(data(graph, format="gexf"))
    assert [edge.get("weight") for edge in root.iter(f"{GEXF}edge")] == [None, "3"]
    assert [value.get("for") for value in root.iter(f"{GEXF}attvalue")] == ["weight_"]


WORDS = ["id", "key", "source", "target", "type", "name", "value", "label", "src", "dst", "relationship"]
WORDS += ["interaction", "timeset", "pid", "Id", "kind", "weight", "start", "node_default"]


@pytest.mark.parametrize("name", SINGLE)
def test_no_attribute_is_lost_to_a_name_that_the_format_uses(name):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(["a", ("b", {word: f"node {word}" for word in WORDS})])
    graph.add_edges_from([("a", "b", {word: f"edge {word}" for word in WORDS})] * 2)
    found = read(name, data(graph, format=name))
    assert set(found) == {"a", "b"}
    assert {f"node {word}" for word in WORDS} <= set(found.nodes["b"].values())
    for *_, values in found.edges(data=True):
        assert {f"edge {word}" for word in WORDS} <= set(values.values())
    assert found.number_of_edges() == 2


def test_lists_lose_no_attribute_either(tmp_path):
    graph = nx.DiGraph([("a", "b", {"src": 1, "relationship": 2, "relation": 3, "DST": 4})])
    _, edges = exchange.write_network(graph, tmp_path / "net.csv")
    assert edges.read_bytes() == b"src,dst,relationship,DST_,relationship_,src_\r\na,b,3,4,2,1\r\n"


def test_edges_have_their_claim_as_id_where_no_other_has_it():
    graph = nx.MultiDiGraph()
    for claim in ("c1", "c2", "c2", None, "0", ""):
        graph.add_edge("a", "b", claim=claim)
    document = json.loads(data(graph, format="node-link"))
    found = sorted((edge.get("claim", ""), edge["key"]) for edge in document["edges"])
    assert found == [("", "1"), ("", "2"), ("0", "0"), ("c1", "c1"), ("c2", "3"), ("c2", "4")]


@pytest.mark.parametrize(
    "graph",
    [
        nx.path_graph(3),
        nx.MultiDiGraph([("a", "b", {"claim": "c"}), ("b", "c", {"claim": "d"}), ("c", "0", {"claim": "1"})]),
    ],
    ids=["numbers", "claims"],
)
def test_no_edge_in_cytoscape_has_the_id_of_a_node(graph):
    elements = json.loads(data(graph, format="cytoscape"))["elements"]
    nodes, edges = ([each["data"]["id"] for each in elements[kind]] for kind in ("nodes", "edges"))
    assert {*nodes} == {*map(str, graph)}
    assert len({*nodes, *edges}) == len(graph) + graph.size()


def test_networks_of_any_names_can_be_written():
    club = nx.karate_club_graph()
    found = read("graphml", data(club, format="graphml"))
    assert nx.is_isomorphic(found, club)
    assert {*found.nodes} == {*map(str, club)}
    assert found.nodes["0"]["club"] == "Mr. Hi"


def test_keys_of_any_types_can_be_written_within_an_attribute():
    held = {(1, 2): {"x"}, 1: [{None: "a\x00", "b": datetime.date(2026, 1, 1)}], "a": {2: 0.5, "c": ()}}
    graph = nx.Graph([("a", "b", {"held": held})])
    [(*_, found)] = read("graphml", data(graph, format="graphml")).edges(data="held")
    assert json.loads(found) == {
        "[1, 2]": ["x"],
        "1": [{"": "a\x00", "b": "2026-01-01"}],
        "a": {"2": 0.5, "c": []},
    }


@pytest.mark.full
def test_what_networkx_read_can_be_written_again(real):
    for name in SINGLE:
        first = data(real, format=name)
        assert data(read(name, first), format="graphml") == data(
            read("graphml", data(read(name, first), format="graphml")), format="graphml"
        )


@pytest.mark.parametrize("names", [(1, "1"), ("a", "a\x00")])
def test_two_nodes_that_would_have_one_name_are_refused(names):
    graph = nx.Graph([names])
    with pytest.raises(FormatError, match=f"Two nodes would both have the name {str(names[0])!r}"):
        data(graph, format="graphml")


def test_two_keys_of_an_attribute_that_would_have_one_name_are_refused():
    graph = nx.Graph(years=[{1: "a", "1": "b"}])
    graph.add_node("a")
    with pytest.raises(FormatError, match="Two keys of an attribute would both have the name '1'"):
        data(graph, format="graphml")


# --- files ---


@pytest.mark.parametrize("name", ["net.xlsx", "net", "net.gz", "net.ttl"])
def test_an_unknown_suffix_is_refused_with_those_known(tmp_path, name):
    with pytest.raises(FormatError, match=r"use one of \.graphml \.gexf \.json \.cyjs \.csv \.parquet\."):
        exchange.write_network(empty(), tmp_path / name)
    assert not [*tmp_path.iterdir()]


def test_the_files_of_a_format_are_those_that_writing_makes(tmp_path):
    graph = nx.MultiDiGraph([("a", "b")])
    for name, row in exchange.FORMATS.items():
        if name == "parquet" and find_spec("pyarrow") is None:
            missing("pyarrow is not installed")
        written = exchange.write_network(graph, tmp_path / f"x{row.suffixes[0]}")
        made = exchange.files(graph, format=name)
        assert {path.name: path.read_bytes() for path in written} == {f"x{end}": made[end] for end in made}


@pytest.mark.parametrize("name", ["net.gexf", "net.csv"])
def test_a_file_that_cannot_be_written_is_named(tmp_path, name):
    with pytest.raises(FormatError, match=r"net.*cannot be written: No such file or directory"):
        exchange.write_network(empty(), tmp_path / "nowhere" / name)


def test_of_two_lists_none_is_written_when_one_cannot_be(tmp_path):
    nodes, edges = exchange.write_network(empty(), tmp_path / "net.csv")
    before = nodes.read_bytes()
    edges.unlink()
    edges.mkdir()
    with pytest.raises(FormatError, match=r"net-edges\.csv cannot be written: it is a folder"):
        exchange.write_network(hostile(), tmp_path / "net.csv")
    assert nodes.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"net-nodes.csv", "net-edges.csv"}


def test_lists_keep_links_and_do_not_write_over_what_is_kept_from_them(tmp_path, monkeypatch):
    real_file = tmp_path / "kept.csv"
    real_file.write_text("old", encoding="utf-8")
    (tmp_path / "net-edges.csv").symlink_to(real_file)
    exchange.write_network(undirected(), tmp_path / "net.csv")
    assert (tmp_path / "net-edges.csv").is_symlink()
    assert real_file.read_bytes().startswith(b"src,dst,relationship")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FormatError, match=r"net-nodes\.csv cannot be written: Permission denied"):
        exchange.write_network(hostile(), tmp_path / "net.csv")
    assert "80 %" not in (tmp_path / "net-nodes.csv").read_text(encoding="utf-8")


def test_the_table_of_formats_is_keyed_by_name_and_no_suffix_is_used_twice():
    assert all(name == row.name for name, row in exchange.FORMATS.items())
    suffixes = [suffix for row in exchange.FORMATS.values() for suffix in row.suffixes]
    assert len(set(suffixes)) == len(suffixes)


def tables(path):
    """The nodes by number, and the claims as names with their attributes, of Parquet files."""
    pq = pytest.importorskip("pyarrow.parquet")
    nodes, edges = (
        pq.read_table(path.with_name(f"{path.stem}-{part}.parquet")).to_pylist()
        for part in ("nodes", "edges")
    )
    named = {each["number"]: each["iri"] for each in nodes}
    assert len(named) == len(nodes)
    ends = [(named[each.pop("source")], named[each.pop("target")], *each.values()) for each in edges]
    return {each["iri"]: (each["kind"], each["label"]) for each in nodes}, Counter(ends)


def test_parquet_that_is_written_row_by_row_is_the_network(real, store, catalog, tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    _, nodes, edges = exchange.write_parquet(catalog, tmp_path / "rows.parquet", store=store)
    exchange.write_network(real, tmp_path / "graph.parquet")
    assert (nodes, edges) == (len(real), real.number_of_edges())
    assert tables(tmp_path / "rows.parquet") == tables(tmp_path / "graph.parquet")
    assert sorted(path.name[:4] for path in tmp_path.iterdir()) == ["grap"] * 2 + ["rows"] * 2
    kinds = {name: (data.get("kind"), data.get("label")) for name, data in real.nodes(data=True)}
    assert tables(tmp_path / "rows.parquet")[0] == kinds


def test_a_filter_narrows_what_parquet_has(store, catalog, tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    exchange.write_parquet(catalog, tmp_path / "x.parquet", store=store, evidence="said")
    assert {each[3] for each in tables(tmp_path / "x.parquet")[1]} == {"stated"}


def test_a_filter_narrows_a_network_that_is_there_too(tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    graph, path = nx.DiGraph(), tmp_path / "x.parquet"
    graph.add_edge("a", "b", basis="stated")
    graph.add_edge("b", "c", basis="inferred")
    assert exchange.write_parquet(graph, path, evidence="said")[1:] == (3, 1)
    assert {each[3] for each in tables(path)[1]} == {"stated"}
    with pytest.raises(NetworkError, match="Only a catalogue is asked with a query"):
        exchange.write_parquet(graph, path, query="network")
    with pytest.raises(TypeError, match="evidnce"):
        exchange.write_parquet(graph, path, evidnce="said")


def test_parquet_has_the_words_of_a_basis_and_a_strength(tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", basis=PREFIXES["pgc"] + "basis/inferred", strength="Weak")
    graph.add_edge("b", "c", basis="Inferred", strength=PREFIXES["pgc"] + "strength/weak")
    graph.add_edge("c", "d", relation="Is part of")
    exchange.write_network(graph, tmp_path / "x.parquet")
    assert {*tables(tmp_path / "x.parquet")[1]} == {
        ("a", "b", None, "inferred", "weak"),
        ("b", "c", None, "inferred", "weak"),
        ("c", "d", "Is part of", None, None),
    }


def test_parquet_that_cannot_be_written_is_one_sentence(store, catalog, tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    with pytest.raises(FormatError, match=r"nowhere/x.parquet cannot be written: No such file"):
        exchange.write_parquet(catalog, tmp_path / "nowhere" / "x.parquet", store=store)


WRITES = """
from pathlib import Path
from policygraph import Catalog
from policygraph.analysis.exchange import write_parquet

def peak():  # ru_maxrss would have that of the process that started this one
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

catalog = Catalog.find(files=[Path("x.ttl")])
store, before = catalog.store, peak()
_, things, claims = write_parquet(catalog, "x.parquet", store=store)
print(things, claims, peak() - before)
"""
CLAIM = """
<thing/{0}> a pg:Initiative ; skos:prefLabel "Initiative no. {0}"@en .
<claim/{0}> a pg:Claim ; rdf:subject <thing/{0}> ; rdf:predicate pg:implements ; rdf:object <thing/{1}> ;
  pg:basis <https://w3id.org/policygraph/concept/basis/stated> .
"""


@pytest.mark.full
def test_parquet_of_four_times_the_claims_takes_no_more_memory_above_the_store(tmp_path):
    if find_spec("pyarrow") is None:
        missing("pyarrow is not installed")
    if not Path("/proc/self/status").exists():
        missing("this system has no /proc")

    def above(claims):
        prefixes = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("pg", "rdf", "skos"))
        lines = (CLAIM.format(number, number // 2) for number in range(claims))
        (tmp_path / "x.ttl").write_text(f"@base <https://example.org/> .\n{prefixes}" + "".join(lines))
        command, environment = [sys.executable, "-c", WRITES], {**os.environ, "POLICYGRAPH_CACHE": "off"}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        *written, kilobytes = map(int, done.stdout.split())
        assert written == [claims, claims]
        return kilobytes

    assert above(40_000) - above(10_000) < 13_000
