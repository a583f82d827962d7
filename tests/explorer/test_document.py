"""The view document holds the whole network, whatever is in it, and is the same however it was built.

The levels of evidence are those of `analysis.network`.
"""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from networks import HOSTILE, hostile_network, policy_network

from policygraph.analysis import centrality
from policygraph.analysis.network import confidence, narrowed, network
from policygraph.errors import NetworkError
from policygraph.explorer import document as explorer_document
from policygraph.explorer.document import (
    BASES,
    DASHES,
    DEFAULTS,
    EXPORTS,
    LANES,
    LIMITS,
    Preset,
    finding,
    view_document,
)
from policygraph.i18n import territory_code

ROOT = Path(__file__).parents[2]

# What each field holds: a type, a list of such, an object, or the name of the list that it points into; with
# None beside it, it may be empty.
ANSWER = {"finding": str, "nodes": ["nodes"], "edges": ["edges"], "marked": bool, "levels": dict}
SHAPE: dict[str, Any] = {
    "title": str,
    "language": str,
    "directed": bool,
    "datasets": [{"iri": str, "title": str, "version": str, "place": str, "license": str}],
    "texts": dict,
    "lanes": [{"layer": (int, None), "name": str, "color": int}],
    "kinds": [
        {
            "lane": int,
            **dict.fromkeys(("name", "letter", "color", "ink", "shape"), str),
            "iri": (str, None),
            "corners": [[float]],
            "lower": float,
            "count": int,
        }
    ],
    "relations": [{"name": str, "iri": (str, None), "transitive": bool, "succession": bool, "count": int}],
    "bases": [{"key": str, "name": str, "meaning": str, "dashes": [int], "count": int}],
    "strengths": [{"key": str, "name": str, "width": float, "count": int}],
    "evidence": [{"key": str, "name": str, "count": int}],
    "documents": [{"name": str, "link": str, "count": int}],
    "countries": [{"iri": str, "name": str, "mark": str, "count": int, "own": int, "color": int}],
    "communities": [{"name": str, "count": int, "color": int}],
    "comparisons": [{"aspect": str, "verdict": str, "rationale": str, "nodes": ["nodes"]}],
    "lists": [{"iri": str, "name": str, "members": ["nodes"]}],
    "examined": [[str]],
    "nodes": [
        {
            "id": str,
            "iri": str,
            "name": str,
            "names": [str],
            "kind": "kinds",
            "layer": (int, None),
            "level": (int, None),
            "start": (int, None),
            "end": (int, None),
            "horizon": (int, None),
            "interval": str,
            "measures": [int],
            "community": (int, None),
            "succeeded": (int, None),
            "notation": (str, None),
            "countries": ["countries"],
            "datasets": ["datasets"],
            "asides": [{"title": str, "columns": [str], "rows": [[str]], "reach": str}],
            "hub": bool,
            "description": str,
            "evidence": "evidence",
            "levels": dict,
            "x": int,
            "y": int,
            "facts": dict,
        }
    ],
    "edges": [
        {
            "id": str,
            "source": "nodes",
            "target": "nodes",
            "relation": "relations",
            "basis": "bases",
            "strength": ("strengths", None),
            "evidence": "evidence",
            "confidence": float,
            "rationale": str,
            "document": ("documents", None),
            "passages": [str],
            "links": [str],
            "curator": str,
            "claim": str,
            "datasets": ["datasets"],
            "facts": dict,
            "twin": int,
        }
    ],
    "questions": [{"name": str, "title": str, **ANSWER}],
    "focus": ({"node": "nodes", "steps": int}, None),
    "start": dict,
    "limits": dict.fromkeys(LIMITS, int),
    "defaults": {
        **dict.fromkeys(("steps", "hops", "kept", "width"), int),
        "weak": float,
        **{name: dict.fromkeys(DEFAULTS[name], str) for name in ("marks", "signs", "frames")},
        "kinds": [str],
    },
    "exports": [dict.fromkeys(("key", "name", "media", "suffix"), str)],
}


def documented() -> dict[str, dict[str, str]]:
    """The tables of docs/view-document.md: by heading, the example of each field."""
    tables: dict[str, dict[str, str]] = {}
    for line in (ROOT / "docs" / "view-document.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            tables[line.removeprefix("## ").strip("`")] = {}
        elif line.startswith("| `"):
            field, _, example = (cell.strip() for cell in line.strip("|").split(" | "))
            tables[list(tables)[-1]][field.strip("`")] = example
    return tables


def test_no_script_repeats_a_constant_that_the_document_has():
    """Scripts know some bases: `stated`, which is special, and `none` and `other`, which are no bases."""
    scripts = {
        path.name: re.sub(r"^\s*//.*|\s// .*", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for path in (ROOT / "src/policygraph/explorer/static").glob("*.js")
    }
    dashes = [text for each in DASHES.values() for text in (f'"{" ".join(map(str, each))}"', str(each))]
    bases = [base for base in BASES if base not in ("stated", "none", "other")]
    limits = [str(each) for each in LIMITS.values() if each > 1000]  # smaller numbers mean much else
    media = [each for _, _, each, _ in EXPORTS]
    for name, script in scripts.items():
        for each in (*LANES, *dashes, *bases, *media):
            assert each.casefold() not in script.casefold(), (name, each)
        for each in limits:
            assert not re.search(rf"(?<![/\w]){each}\b", script), (name, each)


def test_every_field_is_documented_with_an_example_of_its_type():
    tables = documented()
    shapes = {
        name: shape[0]
        for name, shape in SHAPE.items()
        if isinstance(shape, list) and name not in ("datasets", "examined")
    }
    assert tables.keys() == {"The document", *shapes}
    for heading, examples in tables.items():
        shape = shapes.get(heading, SHAPE)
        assert examples.keys() == shape.keys(), heading
        for name, example in examples.items():
            if example == "see below":
                assert name in shapes
                continue
            kind = shape[name][0] if isinstance(shape[name], tuple) else shape[name]
            if isinstance(kind, str):
                kind = str if kind in ("nodes", "edges") else int
            value = json.loads(example.strip("`"))
            assert type(value) is (kind if isinstance(kind, type) else type(kind)), (heading, name)
            if isinstance(kind, dict):
                assert value.keys() == kind.keys()


def check(document: dict[str, Any]) -> None:
    """Hold a document, once written and read as JSON, against SHAPE."""
    written = json.loads(json.dumps(document, allow_nan=False))
    assert written == document

    def fits(value, shape, where):
        if isinstance(shape, tuple):
            assert value is None or fits(value, shape[0], where), where
        elif isinstance(shape, list):
            assert isinstance(value, list), where
            for number, item in enumerate(value):
                fits(item, shape[0], f"{where}[{number}]")
        elif isinstance(shape, dict):
            assert value.keys() == shape.keys(), where
            for name, inner in shape.items():
                fits(value[name], inner, f"{where}.{name}")
        elif isinstance(shape, str):  # points into a list: nodes and edges by id, others by number
            ids = {item["id"] for item in document[shape]} if shape in ("nodes", "edges") else None
            assert value in (range(len(document[shape])) if ids is None else ids), where
        else:
            assert type(value) is shape, (where, value)
        return True

    fits(written, SHAPE, "document")
    for field in ("nodes", "edges"):
        ids = [item["id"] for item in document[field]]
        assert ids == [f"{field[0]}{number}" for number in range(len(ids))]
    for legend, items, field in [
        *(
            ("kinds", "nodes", "kind"),
            ("countries", "nodes", "countries"),
            ("documents", "edges", "document"),
        ),
        *(
            ("relations", "edges", "relation"),
            ("bases", "edges", "basis"),
            ("strengths", "edges", "strength"),
        ),
    ]:
        values = [item[field] for item in document[items]]
        counts = Counter(one for each in values for one in (each if isinstance(each, list) else [each]))
        assert [each["count"] for each in document[legend]] == [
            counts[n] for n in range(len(document[legend]))
        ]


@pytest.fixture(scope="module")
def real(store, catalog) -> nx.MultiDiGraph:
    return network(catalog, store=store)


@pytest.mark.parametrize("make", [policy_network, hostile_network, nx.MultiDiGraph])
def test_every_node_and_edge_is_in_the_document(make):
    graph = make()
    document = view_document(graph, title="Plans & <things>")
    check(document)
    assert len(document["nodes"]) == len(graph)
    assert len(document["edges"]) == graph.number_of_edges()


def test_a_real_network_is_told_whole(real):
    document = view_document(real, title="x")
    check(document)
    iris = {node["id"]: node["iri"] for node in document["nodes"]}
    assert set(iris.values()) == set(real)
    kinds = Counter(document["kinds"][node["kind"]]["iri"] for node in document["nodes"])
    assert kinds == Counter(kind for _, kind in real.nodes(data="class"))
    told = sorted(
        (
            iris[edge["source"]],
            iris[edge["target"]],
            edge["claim"],
            document["relations"][edge["relation"]]["iri"],
            document["bases"][edge["basis"]]["key"],
            edge["confidence"],
            "\n".join(edge["passages"]),
        )
        for edge in document["edges"]
    )
    assert told == sorted(
        (s, t, a["claim"], a["property"], a["basis"].rpartition("/")[2], confidence(a), a.get("passages", ""))
        for s, t, a in real.edges(data=True)
    )
    assert all(node["facts"] == {} for node in document["nodes"])
    assert all(edge["facts"] == {} for edge in document["edges"])


def test_a_real_network_has_its_two_lists_of_areas_in_the_order_of_their_numbers(real):
    document = view_document(real, title="x")
    notation = {node["id"]: node["notation"] for node in document["nodes"]}
    numbered = [[notation[node] for node in each["members"]] for each in document["lists"]]
    for letter in "MW":
        (found,) = (each for each in numbered if f"{letter}1" in each)
        assert len(found) > 1
        assert found == [f"{letter}{number}" for number in range(1, len(found) + 1)]


def test_the_graph_is_not_changed():
    graph = policy_network()
    before = copy.deepcopy(graph)
    view_document(graph, title="x")
    assert dict(graph.nodes(data=True)) == dict(before.nodes(data=True))
    assert list(graph.edges(data=True)) == list(before.edges(data=True))


@pytest.mark.parametrize("make", [policy_network, hostile_network])
def test_the_order_of_building_does_not_matter(make):
    graph = make()
    other = nx.MultiDiGraph()
    other.add_nodes_from(
        (node, dict(reversed(list(facts.items())))) for node, facts in reversed(list(graph.nodes(data=True)))
    )
    other.add_edges_from(reversed(list(graph.edges(data=True))))
    assert view_document(graph, title="x") == view_document(other, title="x")


def test_hostile_texts_stay_what_they_are():
    document = view_document(hostile_network(), title=HOSTILE[0], names={HOSTILE[0]: HOSTILE})
    whole = {each.encode("utf-8", "replace").decode() for each in HOSTILE} - {""}
    assert {node["iri"] for node in document["nodes"]} >= whole
    assert {node["name"] for node in document["nodes"]} >= whole
    assert {relation["name"] for relation in document["relations"]} >= whole
    assert {edge["rationale"] for edge in document["edges"]} >= whole
    assert set(next(node for node in document["nodes"] if node["iri"] == HOSTILE[0])["names"]) >= whole


def test_claims_between_the_same_two_things_are_edges_of_their_own():
    graph = nx.MultiDiGraph(
        [("a", "b", {"claim": "1"}), ("b", "a", {"claim": "2"}), ("a", "b", {"claim": "3"})]
    )
    edges = view_document(graph, title="x")["edges"]
    assert [edge["claim"] for edge in edges] == ["1", "3", "2"]
    assert [edge["twin"] for edge in edges] == [0, 1, 2]


def test_kinds_stand_in_the_order_of_their_layers_and_each_looks_the_same_in_whatever_company():
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(
        (number, {"kind": f"Sort {number:02}", "class": f"x:Sort{number}", "layer": 40 - number})
        for number in range(40)
    )
    kinds = view_document(graph, title="x")["kinds"]
    assert [kind["name"] for kind in kinds] == [f"Sort {number:02}" for number in reversed(range(40))]
    assert len({(kind["color"], kind["shape"]) for kind in kinds}) > 20
    looks = ("color", "shape", "ink", "lane")
    nx.set_node_attributes(graph, {number: f"Slags {40 - number}" for number in graph}, "kind")
    few = view_document(graph.subgraph([7, 3, 30]), title="x", language="da")["kinds"]
    for kind in few:
        assert [kind[each] for each in looks] == [
            next(other for other in kinds if other["iri"] == kind["iri"])[each] for each in looks
        ]


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        ("Area Area Amount+of+money Area+scheme", "A AM AS"),
        ("Outcome Observation Organisation", "O Or Ou"),
        ("Mål Mål Mål Måltal Middel Middel", "M Mi Må"),
        ("Indicator Initiative", "I In"),
        ("A AAA Aa aei", "A A2 Aa Ae"),
        ("ßa ßb", "S Sb"),
    ],
)
def test_no_two_kinds_share_letters_and_the_commonest_has_one(names, letters):
    graph = nx.MultiDiGraph()
    for number, name in enumerate(names.split()):
        graph.add_node(number, kind=name.replace("+", " "))
    kinds = view_document(graph, title="x")["kinds"]
    assert sorted(kind["letter"] for kind in kinds) == sorted(letters.split())


def test_relations_of_one_name_and_two_properties_are_two():
    graph = nx.MultiDiGraph([("a", "b", {"relation": "is in", "property": p}) for p in ("x:1", "x:2")])
    relations = view_document(graph, title="x")["relations"]
    assert [(each["name"], each["iri"]) for each in relations] == [("is in", "x:1"), ("is in", "x:2")]


@pytest.mark.parametrize(
    "basis", ["inferred", "Inferred", "https://example.org/basis/inferred", "ex:inferred", "basis#inferred"]
)
def test_a_basis_is_understood_as_slug_label_or_iri(basis):
    graph = nx.MultiDiGraph([("a", "b", {"basis": basis, "strength": "Weak"})])
    document = view_document(graph, title="x")
    assert document["bases"][0]["key"] == "inferred"
    assert document["bases"][0]["dashes"]
    assert document["strengths"][document["edges"][0]["strength"]]["key"] == "weak"


def test_an_unknown_or_missing_basis_or_strength_is_shown_as_it_is():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "Hearsay", "strength": "utter"}), ("a", "b", {})])
    document = view_document(graph, title="x")
    assert [(basis["key"], basis["name"]) for basis in document["bases"]] == [
        ("none", "No basis given"),
        ("other", "Hearsay"),
    ]
    assert document["strengths"] == []
    assert {edge["facts"].get("strength") for edge in document["edges"]} == {"utter", None}


def test_lines_differ_without_colour():
    bases = ["stated", "inferred", "external", "derived"]
    graph = nx.MultiDiGraph([("a", "b", {"basis": basis}) for basis in bases])
    found = view_document(graph, title="x")["bases"]
    assert [basis["key"] for basis in found] == bases
    assert len({str(basis["dashes"]) for basis in found}) == 4


def test_years_are_whole_numbers_and_what_is_none_is_a_fact():
    graph = nx.Graph()
    graph.add_node("a", start=datetime.date(2013, 2, 1), end="2020", level=1.0, layer="one")
    graph.add_node("b", start="soon", end=10**30)
    one, other = view_document(graph, title="x")["nodes"]
    assert (one["start"], one["end"], one["level"], one["layer"]) == (2013, 2020, 1, None)
    assert one["facts"] == {"layer": "one"}
    assert (other["start"], other["end"]) == (None, None)
    assert other["facts"] == {"start": "soon", "end": str(10**30)}


def test_passages_are_a_list_or_lines():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", passages="page 1\n\npage 2", evidence=["page 3\nline 2"])
    assert view_document(graph, title="x")["edges"][0]["passages"] == ["page 1", "page 2", "page 3\nline 2"]


def test_names_in_other_languages_follow_the_name_shown():
    graph = nx.Graph()
    graph.add_node("https://example.org/a", label="Water", country="https://example.org/land")
    graph.add_node("https://example.org/b")
    names = {
        "https://example.org/a": ["Water", "Vand"],
        "https://example.org/b": ["Fire", "Ild"],
        "https://example.org/land": ["The land", "Landet"],
    }
    document = view_document(graph, title="x", names=names)
    assert [node["names"] for node in document["nodes"]] == [["Water", "Vand"], ["Fire", "Ild"]]
    assert [node["name"] for node in document["nodes"]] == ["Water", "Fire"]
    (land,) = document["countries"]
    assert (land.pop("iri"), land.pop("color")) == ("https://example.org/land", 2)
    assert land == {"name": "The land", "mark": "Th", "count": 1, "own": 1}


def test_a_thing_without_any_name_is_called_by_its_curie():
    graph = nx.Graph()
    graph.add_node("http://www.w3.org/2004/02/skos/core#Concept")
    assert view_document(graph, title="x")["nodes"][0]["name"] == "skos:Concept"


def test_a_list_with_one_thing_in_it_is_only_a_fact():
    graph = nx.Graph()
    graph.add_node("a", scheme="https://example.org/list", notation="A10")
    graph.add_node("b", scheme="https://example.org/other", notation="B10")
    graph.add_node("c", scheme="https://example.org/other", notation="B9")
    graph.add_node("https://example.org/other", label="The list")
    document = view_document(graph, title="x")
    assert document["nodes"][0]["facts"] == {"scheme": "https://example.org/list"}
    assert document["lists"] == [
        {"iri": "https://example.org/other", "name": "The list", "members": ["n2", "n1"]}
    ]


def test_a_comparison_has_each_thing_once_and_two_at_least():
    graph = nx.MultiDiGraph([("a", "b")])
    row = {"aspect": "Form", "verdict": "Same", "rationale": ""}
    given = [{**row, "nodes": nodes} for nodes in (["b", "a", "b", "a"], ["a", "a"], ["a", "elsewhere"])]
    document = view_document(graph, title="x", comparisons=given)
    assert document["comparisons"] == [{**row, "nodes": ["n0", "n1"]}]


def test_a_question_is_the_part_of_its_answer_that_is_in_the_network():
    graph = nx.MultiDiGraph()
    for number, relation in enumerate(("needs", "needs", "blocks")):
        graph.add_edge("a", "b", claim=f"c{number}", relation=relation, property=f"p:{relation}")
    graph.add_edge("b", "c", relation="needs")

    def asked(*rows, alone=()):
        answer = nx.MultiDiGraph(list(rows))
        answer.add_nodes_from(alone)
        found = view_document(graph, title="x", questions=[Preset("q", "Which?", answer)])["questions"]
        return found and (found[0]["nodes"], found[0]["edges"])

    assert asked(("a", "b", {"claim": "c1"})) == (["n0", "n1"], ["e1"])
    assert asked(("a", "b", {"relation": "needs"})) == (["n0", "n1"], ["e0", "e1"])
    assert asked(("a", "b", {"property": "p:blocks", "relation": "another name"})) == (["n0", "n1"], ["e2"])
    assert asked(("a", "b", {}), ("b", "a", {})) == (["n0", "n1"], ["e0", "e1", "e2"])
    assert asked(("b", "elsewhere", {}), alone=["c"]) == (["n2"], [])
    assert asked(alone=["elsewhere"]) == []


def test_every_graph_shaped_saved_question_is_a_part_of_the_real_network(real, store, catalog):
    graphs = {
        name: network(store, edges=query.bind())
        for name, query in catalog.queries.items()
        if query.view == "graph"
    }
    assert len(graphs) >= 3
    questions = [Preset(name, catalog.queries[name].summary, graph) for name, graph in graphs.items()]
    document = view_document(real, title="x", questions=questions)
    check(document)
    for found in document["questions"]:
        graph = graphs[found["name"]]
        assert len(found["nodes"]) == len(graph)
        assert len(found["edges"]) >= graph.number_of_edges() > 0


def test_one_may_begin_at_a_thing_and_with_what_is_stated():
    graph = policy_network()
    node = sorted(graph)[4]
    document = view_document(graph, title="x", focus=node, steps=3, evidence="said")
    check(document)
    assert document["focus"] == {"node": "n4", "steps": 3}
    assert document["start"] == {"evidence": "said"}
    shown = [edge for edge in document["edges"] if document["bases"][edge["basis"]]["key"] == "stated"]
    assert len(shown) == narrowed(graph, evidence="said").number_of_edges()


def test_one_cannot_begin_elsewhere_or_no_step_wide():
    with pytest.raises(NetworkError, match="skos:Concept is not in this network"):
        view_document(nx.path_graph(2), title="x", focus="http://www.w3.org/2004/02/skos/core#Concept")
    with pytest.raises(NetworkError, match="one step wide or more, not 0"):
        view_document(nx.path_graph(2), title="x", focus=1, steps=0)


def test_an_attribute_of_ones_own_that_only_has_such_a_name_is_a_fact():
    graph, own = nx.MultiDiGraph(), {"level of evidence": "high"}
    graph.add_edge("a", "b", **own)
    graph.add_node("a", hub="yes", levels=3, **own)
    document = view_document(graph, title="x")
    check(document)
    assert document["nodes"][0]["facts"] == {"hub": "yes", "levels": "3", **own}
    assert document["edges"][0]["facts"] == own
    assert document["nodes"][1]["facts"] == {}


def test_what_is_too_dense_to_be_measured_is_drawn_without_measures(monkeypatch):
    for module in (centrality, explorer_document):
        monkeypatch.setattr(module, "CENTRAL_CONNECTIONS", 10, raising=False)
    document = view_document(nx.complete_graph(6), title="x")
    assert len(document["edges"]) == 15
    assert [(node["measures"], node["community"]) for node in document["nodes"]] == [([], None)] * 6
    assert view_document(nx.complete_graph(5), title="x")["nodes"][0]["measures"]


def test_an_undirected_graph_says_so_and_has_its_ends_in_order():
    graph = nx.Graph([("b", "a")])
    document = view_document(graph, title="x")
    check(document)
    assert document["directed"] is False
    assert (document["edges"][0]["source"], document["edges"][0]["target"]) == ("n0", "n1")


def test_the_document_speaks_the_language_asked_for():
    graph = nx.MultiDiGraph([("a", "b", {"basis": "https://example.org/basis/stated"})])
    danish, german = (view_document(graph, title="x", language=tag) for tag in ("da-DK", "de"))
    assert danish["language"] == "da-DK"
    assert danish["bases"][0]["name"] == "Oplyst"
    assert german["bases"][0]["name"] == "Stated"


def test_a_country_has_the_two_letters_of_its_code_whatever_the_language_of_its_name():
    """In a Danish page too: "Denmark" is not marked with the letters of another country."""
    for language, name, code in (
        ("en", "Denmark", "DK"),
        ("nb", "Denmark", "DK"),
        ("da", "Tyskland", "DE"),
        ("nb", "Czechia", "CZ"),
        ("en", "Denmarkia", "De"),
    ):
        assert territory_code(name, language) == code


def test_a_finding_has_the_number_of_its_level():
    graph = nx.MultiDiGraph()
    for number, (basis, strength) in enumerate(
        [("stated", ""), ("inferred", "medium"), ("inferred", "weak")]
    ):
        graph.add_edge("a", f"b{number}", basis=basis, strength=strength)
    pairs = nx.MultiDiGraph([(source, target) for source, target in graph.edges()])

    def told(level):
        asked = [Preset("p", "P", pairs, "P: {rows}")]
        document = view_document(graph, title="x", evidence=level, questions=asked)
        return finding(document["questions"][0], document, {node["id"] for node in document["nodes"]})[0]

    assert told("said") == "P: 1 as said, 3 with what is read"
    assert told("documents") == "P: 1 as said, 1 with other documents"
    assert told("read") == "P: 1 as said, 2 with what is read, weak readings left out"
    assert told("only") == "P: 2 by what is read alone, 1 as said"
