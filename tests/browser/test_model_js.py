"""What the page's model answers is what Python answers: the same networks, asked in Node."""

from __future__ import annotations

import json
import pickle
import random
import re
from itertools import islice, pairwise, product
from pathlib import Path

import networkx as nx
import pytest
from checkout import SHIPPED
from node import running

import policygraph
from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.network import SHOWN, narrowed, network, simple
from policygraph.analysis.paths import paths
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.document import view_document
from policygraph.explorer.page import document_of, script

PLAIN = "value => JSON.stringify(value, (_, each) => (each instanceof Set ? [...each] : each))"
EX = "http://example.org/"
MODEL = "https://w3id.org/policygraph/ontology#"
CLAIMS = (
    ("stated", None),
    ("inferred", "strong"),
    ("inferred", "medium"),
    ("inferred", "weak"),
    ("external", None),
)


class Model:
    """The model of one view document, in Node; `ask` evaluates an expression in it."""

    def __init__(self, page, graph, **options):
        self.graph = graph
        self.doc = view_document(graph, title="A network", **options)
        self.page = page
        self.ids = {node["iri"]: node["id"] for node in self.doc["nodes"]}
        self.iris = {node["id"]: node["iri"] for node in self.doc["nodes"]}
        page.evaluate(
            "doc => { globalThis.model = index(doc); globalThis.all = doc.edges.map(({ id }) => id); }",
            self.doc,
        )

    def ask(self, expression, **values):
        """The value of an expression over `model`, `all` (ids of edges) and these; Sets come as lists."""
        names = ", ".join(values)
        return json.loads(self.page.evaluate(f"({{ {names} }}) => ({PLAIN})({expression})", values))


@pytest.fixture(scope="module")
def blank():
    with running(script("model.js")) as process:
        yield process


@pytest.fixture
def model(blank):
    return lambda graph, **options: Model(blank, graph, **options)


def random_network(seed, nodes=40, edges=80, directed=True, hubs=0):
    """Claims of all kinds, parallel ones and loops among them, between things that are named by numbers."""
    chance = random.Random(seed)
    graph = nx.MultiDiGraph() if directed else nx.MultiGraph()
    for number in range(nodes):
        graph.add_node(f"{EX}{number}", label=f"Thing {number}", kind=chance.choice("abc"), hub=number < hubs)
    for number in range(edges):
        ends = [f"{EX}{min(chance.randrange(nodes), chance.randrange(nodes))}" for _ in range(2)]
        basis, strength = chance.choices(CLAIMS, [4, 1, 1, 1, 1])[0]
        claim = {
            "basis": basis,
            "strength": strength,
            "relation": chance.choice("xy"),
            "claim": f"{EX}claim/{number}",
        }
        graph.add_edge(*ends, **{name: value for name, value in claim.items() if value})
    return graph


def of_countries(seed):
    """A random network whose things are of a country, of another, of both or of none."""
    graph, chance = random_network(seed), random.Random(seed)
    for _, data in graph.nodes(data=True):
        data["country"] = chance.choice((EX + "xx", EX + "yy", f"{EX}xx; {EX}yy", ""))
    return graph


NETWORKS = {
    "Denmark": lambda denmark: denmark,
    "dense": lambda _: random_network(1, 30, 90),
    "sparse": lambda _: random_network(2, 60, 60),
    "hubs": lambda _: random_network(4, 30, 80, hubs=5),
    "undirected": lambda _: random_network(3, 40, 80, directed=False),
}


@pytest.fixture(params=NETWORKS)
def graph(request, denmark):
    return NETWORKS[request.param](denmark)


def from_nowhere(graph):
    """A network of which nothing but its edges tells what is said."""
    return pickle.loads(pickle.dumps(graph))


@pytest.fixture(params=[False, True], ids=["all", "stated only"])
def narrow(request, graph):
    """The network, what is left of it, and the filter that leaves the same in the page."""
    part = narrowed(from_nowhere(graph), evidence="said") if request.param else graph
    level = "said" if request.param else "weak"
    return graph, part, f"visible(model, {{ evidence: {level!r} }}).edges"


def pairs_of(graph, seed, count):
    nodes = sorted(node for node in graph if graph.degree(node))
    chance = random.Random(seed)
    return [chance.sample(nodes, 2) for _ in range(count)]


# The simple graph


def test_the_simple_graph_has_pythons_weights_claims_and_lengths(model, narrow):
    graph, part, edges = narrow
    page = model(graph)
    found = {
        frozenset((page.iris[one], page.iris[other])): pair
        for one, others in page.ask(f"[...simple(model, {edges})].map(([id, others]) => [id, [...others]])")
        for other, pair in others
    }
    expected = {frozenset((one, two)): data for one, two, data in simple(part).edges(data=True)}
    assert found.keys() == expected.keys()
    for pair, data in expected.items():
        assert len(found[pair]["edges"]) == data["claims"]
        assert found[pair]["weight"] == pytest.approx(data["weight"], abs=1e-12)
        assert found[pair]["length"] == pytest.approx(data["length"], abs=1e-12)


# Paths


def test_paths_are_those_that_python_finds_the_shortest_simple_ones_of_networkx(model, narrow):
    graph, part, edges = narrow
    page, plain, some = model(graph), simple(part), 0
    pairs = pairs_of(graph, 5, 40)
    asked = [[page.ids[one], page.ids[two]] for one, two in pairs]
    found = page.ask(f"pairs.map(([one, two]) => paths(model, {edges}, one, two, 5))", pairs=asked)
    claims = {edge["id"]: edge for edge in page.doc["edges"]}
    for (one, two), ours in zip(pairs, found, strict=True):
        theirs = paths(part, one, two, k=5).paths
        assert [tuple(page.iris[node] for node in path["nodes"]) for path in ours] == [
            path.nodes for path in theirs
        ]
        for path, other in zip(ours, theirs, strict=True):
            assert path["length"] == pytest.approx(other.length, abs=1e-12)
            assert path["stated"] == other.stated
            assert tuple(page.iris[node] for node in path["hubs"]) == other.hubs
            assert [[claims[edge]["claim"] for edge in hop["edges"]] for hop in path["hops"]] == [
                [claim.attributes["claim"] for claim in hop.claims] for hop in other.hops
            ]
            weakest = page.doc["bases"][claims[path["weakest"]]["basis"]]["key"]
            assert weakest == other.weakest[0]
            assert nx.is_simple_path(plain, other.nodes)
        if one not in plain or two not in plain or not nx.has_path(plain, one, two):
            assert not ours
            continue
        hubs = {node for node, hub in plain.nodes(data="hub") if hub} - {one, two}
        apart = nx.restricted_view(plain, hubs, [])
        first = nx.shortest_simple_paths(apart, one, two, "length") if nx.has_path(apart, one, two) else ()
        shortest = list(islice(first, 5))
        if len(shortest) < 5:
            every = islice(nx.shortest_simple_paths(plain, one, two, "length"), 10)
            shortest += [route for route in every if not hubs.isdisjoint(route)]
        lengths = [nx.path_weight(plain, route, "length") for route in shortest[:5]]
        assert [path["length"] for path in ours] == pytest.approx(lengths, abs=1e-7)
        some += 1
    assert some > 4, "or else this tests nothing"


def test_no_path_leads_to_where_one_is_or_where_nothing_leads(model):
    graph = random_network(1)
    graph.add_node(EX + "alone", label="Alone")
    page = model(graph)
    one, alone = page.ids[EX + "1"], page.ids[EX + "alone"]
    for ends in ([one, one], [one, alone], [alone, one]):
        assert page.ask("paths(model, all, ...ends)", ends=ends) == []
        assert page.ask("through(model, all, ...ends)", ends=ends) == []
        assert page.ask("missing(model, visible(model, { shown: new Set() }), ...ends)", ends=ends) is None


def test_every_path_runs_through_the_things_without_which_there_is_none(model, narrow):
    graph, part, edges = narrow
    page, plain = model(graph), simple(part)
    some = 0
    for one, two in pairs_of(graph, 8, 60):
        found = [
            page.iris[node]
            for node in page.ask(f"through(model, {edges}, one, two)", one=page.ids[one], two=page.ids[two])
        ]
        if not nx.has_path(plain, one, two):
            assert found == []
            continue
        route = nx.shortest_path(plain, one, two)
        assert found == [
            node for node in route[1:-1] if not nx.has_path(nx.restricted_view(plain, [node], []), one, two)
        ]
        some += len(found)
    assert some


@pytest.mark.parametrize(
    ("make", "country"),
    [*((make, None) for make in NETWORKS.values()), (lambda _: of_countries(1), EX + "xx")],
)
def test_where_a_path_is_lacking_the_shortest_of_the_whole_tells_what(make, country, model, denmark):
    """Which is that of the country, where it has one."""
    graph = make(denmark)
    page = model(graph)
    off = [place for place, each in enumerate(page.doc["countries"]) if country not in (None, each["iri"])]
    part = narrowed(from_nowhere(graph), evidence="said", country=country)
    edges = "visible(model, { evidence: 'said', countries: new Set(off) }).edges"
    left = {"nodes": [page.ids[node] for node in part], "off": off}
    some = 0
    for one, two in pairs_of(graph.subgraph(part), 9, 60):
        ends = {"one": page.ids[one], "two": page.ids[two]}
        found = page.ask(
            f"missing(model, {{ nodes: new Set(nodes), edges: {edges} }}, one, two)", **ends, **left
        )
        expected = paths(part, one, two, k=1, whole=graph)
        if expected.lacking is None:
            assert found is None
            continue
        some += 1
        assert [page.iris[node] for node in found["path"]["nodes"]] == list(expected.lacking.nodes)
        assert [(page.iris[hop["from"]], page.iris[hop["to"]]) for hop in found["hops"]] == [
            (hop.source, hop.target) for hop in expected.missing
        ]
    assert some


# The crosswalk


def brute(plain, row, column, hops):
    """What all paths between two things count that avoid hubs, how many they are, and how many others."""
    doubt, count, shared = 1.0, 0, 0
    routes = [] if row == column else nx.all_simple_paths(plain, row, column, cutoff=hops)
    for route in routes:
        if any(plain.nodes[between].get("hub") for between in route[1:-1]):
            shared += 1
            continue
        score = 1.0
        for one, two in pairwise(route):
            score *= plain[one][two]["weight"]
        for between in route[1:-1]:
            score /= len(plain[between])
        doubt *= 1 - score
        count += 1
    return (1.0 if row == column else 1 - doubt), count, shared


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_a_crosswalk_has_the_strengths_that_all_paths_add_up_to(model, narrow, hops):
    graph, part, edges = narrow
    page, plain = model(graph), simple(part)
    nodes = sorted(graph, key=lambda node: (-len(plain[node]), node))
    rows, columns = nodes[:7], nodes[5:13]
    found = page.ask(
        f"crosswalk(model, {edges}, rows, columns, hops)",
        rows=[page.ids[row] for row in rows],
        columns=[page.ids[column] for column in columns],
        hops=hops,
    )
    cells = {}
    for (y, row), (x, column) in product(enumerate(rows), enumerate(columns)):
        strength, count, shared = brute(plain, row, column, hops)
        cell = cells[row, column] = found["cells"][y][x]
        assert cell["strength"] == pytest.approx(strength, abs=1e-12)
        assert (cell["count"], cell["shared"], cell["same"]) == (count, shared, row == column)
        assert len(cell["paths"]) == min(count + shared, 10)

    expected = crosswalk(part, rows, columns, hops=hops, whole=graph)
    assert found["rowTotals"] == pytest.approx(expected.row_totals, abs=1e-12)
    assert found["columnTotals"] == pytest.approx(expected.column_totals, abs=1e-12)
    claims = {edge["id"]: edge for edge in page.doc["edges"]}
    for row, column, theirs in expected.each():
        ours = cells[row, column]
        assert ours["strength"] == pytest.approx(theirs.strength, abs=1e-12)
        assert (ours["kind"], ours["count"], ours["shared"]) == (theirs.kind, theirs.ways, theirs.shared)
        assert [[page.iris[node] for node in path["nodes"]] for path in ours["paths"]] == [
            list(path.nodes) for path in theirs.paths
        ]
        if theirs.paths:
            assert ours["stated"] == theirs.paths[0].stated
            assert [page.iris[node] for node in ours["via"]] == list(theirs.paths[0].nodes[1:-1])
            assert page.doc["bases"][claims[ours["weakest"]]["basis"]]["key"] == theirs.basis[0]


def test_a_crosswalk_runs_over_things_of_its_countries_or_of_none(model):
    graph = of_countries(5)
    nodes = sorted((node for node in graph if graph.nodes[node]["country"] == EX + "xx"), key=graph.degree)
    rows, columns = nodes[::2], nodes[1::2]
    page, expected = model(graph), crosswalk(graph, rows, columns)
    lists = {name: [page.ids[node] for node in each] for name, each in (("rows", rows), ("columns", columns))}
    found = page.ask("crosswalk(model, all, rows, columns)", **lists)
    assert [cell["strength"] for row in found["cells"] for cell in row] == pytest.approx(
        [cell.strength for *_, cell in expected.each()], abs=1e-12
    )
    paths = [path for row in found["cells"] for cell in row for path in cell["paths"]]
    between = {page.iris[id_] for path in paths for id_ in path["nodes"][1:-1]}
    assert {graph.nodes[node]["country"] for node in between} == {EX + "xx", f"{EX}xx; {EX}yy", ""}


# Search


@pytest.fixture
def named(model):
    graph = nx.MultiDiGraph()
    labels = {
        "telemedicine": "Telemedicine",
        "spread": "Dissemination of telemedicine throughout Denmark",
        "challenge": "Demographic challenges",
        "health": "Health, e-health and care",
        "aarhus": "Århus Kommune",
        "soe": "Søfartsstyrelsen",
        "aero": "Ærø",
        "elysee": "Élysée",
        "arabic": "الصحة الرقمية",
        "hebrew": "בריאות דיגיטלית",
        "markup": "<script>alert('x')</script>",
        "party": "🎉",
        "long": "long " * 1000,
        "m3": "Use of technology",
    }
    for name, label in labels.items():
        graph.add_node(EX + name, label=label)
    graph.nodes[EX + "m3"]["notation"] = "M3"
    called = {EX + "health": ["Health, e-health and care", "Sundhed og omsorg"]}
    page = model(graph, names=called)
    return lambda typed, limit=12: [
        page.iris[hit["node"]].removeprefix(EX)
        for hit in page.ask("find(model, typed, limit)", typed=typed, limit=limit)
    ]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Telemedicine", "telemedicine"),  # the whole name
        ("telemed", "telemedicine"),  # its beginning
        ("dissem tele", "spread"),  # the beginnings of words, in any order
        ("tele dissem", "spread"),
        ("medicin", "telemedicine"),  # inside
        ("telemedcine", "telemedicine"),  # a letter left out
        ("teelmedicine", "telemedicine"),  # two exchanged
        ("telemediciine", "telemedicine"),  # one too many
        ("tilemedicime", "telemedicine"),  # two wrong
        ("telmedi", "telemedicine"),  # wrong and not yet finished
        ("demografic chalenges", "challenge"),  # in two words
        ("ehealth", "health"),  # without its hyphen
        ("omsorg", "health"),  # in another language
        ("aarhus", "aarhus"),  # å, as typed without a Danish keyboard
        ("arhus", "aarhus"),
        ("Århus", "aarhus"),
        ("sofart", "soe"),
        ("soefart", "soe"),
        ("SØFART", "soe"),
        ("aero", "aero"),
        ("ærø", "aero"),
        ("elysee", "elysee"),  # é, written as one sign or as two
        ("E\u0301lyse\u0301e", "elysee"),
        ("الرقمية", "arabic"),  # right to left
        ("بِرقمية", None),
        ("בריאות", "hebrew"),
        ("<script>", "markup"),
        ("🎉", "party"),
        ("long long", "long"),
        ("M3", "m3"),  # the notation, which has no typos
        ("M4", None),
        ("http://example.org/party", "party"),  # the IRI
        ("tlmdcn", None),  # too many typos
        ("zzz", None),
        ("", None),
        ("  ", None),
        ("?!", None),
        ("x" * 5000, None),
    ],
)
def test_search_finds(named, typed, first):
    assert next(iter(named(typed)), None) == first


def test_search_puts_the_whole_name_first_then_beginnings_words_insides_and_typos(model):
    graph = nx.MultiDiGraph()
    names = ["health", "health care", "public health", "telehealth", "heelth"]
    for name in reversed(names):
        graph.add_node(name, label=name)
    page = model(graph)
    found = page.ask('find(model, "health")')
    assert [hit["text"] for hit in found] == names
    assert [hit["score"] for hit in found] == sorted({hit["score"] for hit in found}, reverse=True)
    assert len(page.ask('find(model, "health", 2)')) == 2


def test_a_long_text_is_folded_to_its_end(model, denmark):
    assert model(denmark).ask("fold(text)", text="Word " * 500 + "Ærø").endswith(" aero")


def test_search_tells_by_which_name_a_thing_was_found(model):
    graph = nx.MultiDiGraph()
    graph.add_node(EX + "a", label="Health")
    page = model(graph, names={EX + "a": ["Health", "Sundhed"]})
    assert page.ask('find(model, "sund")[0].text') == "Sundhed"


def test_each_thing_of_denmark_is_found_by_each_of_its_names(model, denmark):
    page = model(denmark)
    wanted = [(node["id"], name) for node in page.doc["nodes"] for name in node["names"]]
    lost = [
        name
        for id_, name in wanted
        if id_ not in [hit["node"] for hit in page.ask("find(model, name, 40)", name=name)[:5]]
    ]
    assert lost == []


# What is seen


@pytest.fixture
def small(model):
    graph = nx.MultiDiGraph()
    things = {
        "old": {"kind": "Plan", "start": 2010, "end": 2014, "country": EX + "xx"},
        "new": {"kind": "Plan", "start": 2015, "end": 2020, "country": EX + "yy"},
        "open": {"kind": "Plan", "start": 2012, "country": f"{EX}xx; {EX}yy"},
        "plan": {"kind": "Plan"},
        "aim": {"kind": "Goal", "horizon": 2020},
        "health": {"kind": "Sector"},
    }
    for name, data in things.items():
        graph.add_node(name, label=name, **data)
    claims = [
        ("old", "aim", "serves", "stated", None),
        ("old", "aim", "needs", "inferred", "weak"),
        ("new", "aim", "serves", "inferred", "strong"),
        ("new", "health", "concerns", "stated", None),
        ("open", "health", "concerns", "external", None),
        ("plan", "plan", "needs", "stated", None),
    ]
    for source, target, relation, basis, strength in claims:
        graph.add_edge(
            source, target, relation=relation, basis=basis, **({"strength": strength} if strength else {})
        )
    page = model(graph)
    doc = page.doc
    page.kinds = {kind["name"]: number for number, kind in enumerate(doc["kinds"])}
    page.relations = {relation["name"]: number for number, relation in enumerate(doc["relations"])}
    page.bases = {basis["key"]: number for number, basis in enumerate(doc["bases"])}
    page.strengths = {strength["key"]: number for number, strength in enumerate(doc["strengths"])}
    page.countries = {country["iri"]: number for number, country in enumerate(doc["countries"])}
    return page


def seen(page, **filters):
    """The names of what a filter leaves, and how many edges; lists become Sets."""
    sets = ("kinds", "relations", "bases", "strengths", "countries", "shown", "pinned")
    values = ", ".join(
        f"{name}: new Set({name})" if name in sets and filters[name] is not None else name for name in filters
    )
    found = page.ask(f"visible(model, {{ {values} }})", **filters)
    assert found["hiddenNodes"] == len(page.doc["nodes"]) - len(found["nodes"])
    assert found["hiddenEdges"] == len(page.doc["edges"]) - len(found["edges"])
    return {page.iris[node] for node in found["nodes"]}, len(found["edges"])


ALL = {"old", "new", "open", "plan", "aim", "health"}


def test_without_a_filter_everything_is_seen(small):
    assert seen(small) == (ALL, 6)
    assert seen(
        small, kinds=[], shown=None, pinned=[], years=None, year=None, connectedTo=None, evidence="weak"
    ) == (ALL, 6)


def test_a_hidden_kind_takes_its_connections_along(small):
    assert seen(small, kinds=[small.kinds["Goal"]]) == (ALL - {"aim"}, 3)


def test_a_thing_that_loses_its_connections_stays(small):
    assert seen(small, relations=[small.relations["concerns"]]) == (ALL, 4)
    assert seen(small, bases=[small.bases["stated"], small.bases["inferred"]]) == (ALL, 1)
    assert seen(small, strengths=[small.strengths["weak"]]) == (ALL, 5)
    assert seen(small, evidence="weak") == (ALL, 6)


def test_what_is_also_of_another_country_stays_and_of_none_what_is_joined_to_one(small):
    one, other = (small.countries[EX + name] for name in ("xx", "yy"))
    assert seen(small, countries=[one]) == (ALL - {"old", "plan"}, 3)
    assert seen(small, countries=[other]) == (ALL - {"new", "plan"}, 3)
    assert seen(small, countries=[one, other]) == (set(), 0)
    left = {"new", "health", "aim"}
    assert seen(small, countries=[one], evidence="said") == (left, 1), "joined, whatever is shown"


@pytest.mark.full
def test_a_country_has_as_much_beside_another_as_alone_and_in_python(blank):
    catalog = Catalog(SHIPPED)
    whole, lone = network(catalog), network(catalog, country="Denmark")
    both, alone = (document_of(graph, {"placed": False}) for graph in (whole, lone))
    others = [place for place, each in enumerate(both["countries"]) if each["name"] != "Denmark"]

    def seen(document, off=()):
        count = """(found => [found.nodes.size, found.edges.size])(
          visible(index(doc), { evidence, countries: new Set(off) }))"""
        return [
            blank.evaluate(f"({{ doc, evidence, off }}) => {count}", {**values, "doc": document, "off": off})
            for values in ({"evidence": key} for key in SHOWN)
        ]

    def told(**options):
        parts = [narrowed(whole, evidence=key, **options) for key in SHOWN]
        return [[len(part), part.size()] for part in parts]

    assert others
    assert seen(both, others) == seen(alone) == told(country="Denmark")
    assert seen(both) == told()


def test_what_a_shown_source_names_stays_without_its_connections(model):
    graph = nx.MultiDiGraph()
    for name, level in (("named", 0), ("made up", 2), ("read", None), ("other", None)):
        graph.add_node(name, **{"level of evidence": level})
    graph.add_edge("named", "read", basis="inferred", strength="medium")
    graph.add_edge("made up", "named", basis="stated", **{"level of evidence": 2})
    graph.add_edge("other", "other", basis="external")
    graph.add_edge("read", "other", basis="inferred")
    page = model(graph)
    assert [each["count"] for each in page.doc["evidence"]] == [0, 1, 2, 1]
    assert seen(page, evidence="said") == ({"named"}, 0)
    assert seen(page, evidence="documents") == ({"named", "other"}, 1)
    assert seen(page, evidence="read") == (set(graph), 3)
    assert seen(page, evidence="only") == (set(graph), 3)
    assert seen(page) == (set(graph), 4)


def test_years_hide_what_lies_outside_and_leave_what_has_none(small):
    assert seen(small, years=[2015, 2019])[0] == {"new", "open", "plan", "health"}  # what has no end goes on
    assert seen(small, years=[2012, 2012])[0] == {"old", "open", "plan", "health"}
    assert seen(small, years=[2013, None])[0] == {"old", "new", "open", "plan", "aim", "health"}
    assert seen(small, years=[None, 2011])[0] == {"old", "plan", "health"}


def test_in_force_in_a_year_is_what_has_begun_and_is_not_over(small):
    """Of what has no beginning, only kinds that do not begin and end stay."""
    assert seen(small, year=2014)[0] == {"old", "open", "aim", "health"}, "an unknown end is open"
    assert seen(small, year=2011)[0] == {"old", "aim", "health"}
    assert seen(small, year=2020)[0] == {"new", "open", "aim", "health"}, "a horizon is no beginning"
    assert seen(small, year=1999)[0] == {"aim", "health"}


def test_a_horizon_is_no_end_and_a_successor_that_has_begun_is(model):
    graph = nx.MultiDiGraph()
    graph.add_node("plan", kind="Plan", start=2010, horizon=2012, succeeded=2016)
    graph.add_node("next", kind="Plan", start=2016, end=2020)
    graph.add_node("last", kind="Plan")
    page = model(graph)
    assert [seen(page, year=year)[0] for year in (2012, 2016, 2017)] == [{"plan"}, {"plan", "next"}, {"next"}]
    assert [seen(page, years=[year, year])[0] for year in (2013, 2017)] == [
        {"plan", "last"},
        {"next", "last"},
    ]
    assert seen(page, year=2017, evidence="said")[0] == {"next"}


def test_a_successor_took_the_place_of_a_thing_where_its_connection_is_shown(model):
    graph = nx.MultiDiGraph(succession=f"{EX}follows")
    graph.add_node("old", start=2010, end=2016)
    graph.add_node("new", start=2017)
    graph.add_edge("new", "old", property=f"{EX}follows", basis="inferred", strength="medium")
    page = model(graph)

    def found(level):
        shown = "Object.assign(model, { evidence }).doc.nodes"
        asked = ("became(model, node, [2015, 2020])", "successors(model, node).length")
        became, many = (page.ask(f"{shown}.map((node) => {each})", evidence=level) for each in asked)
        return became, sum(many)

    assert found("weak") == (["changed", "changed"], 1)
    assert found("said") == (["new", "gone"], 0)


def test_connected_to_a_thing_is_what_one_allowed_connection_reaches(small):
    health = small.ids["health"]
    assert seen(small, connectedTo=health) == ({"health", "new", "open"}, 2)
    assert seen(small, connectedTo=health, evidence="said") == ({"health", "new"}, 1)
    assert seen(small, connectedTo=health, kinds=[small.kinds["Sector"]]) == ({"new", "open"}, 0)


def test_what_is_pinned_is_seen_whatever_is_hidden(small):
    ids = small.ids
    assert seen(small, shown=[ids["old"], ids["aim"]]) == ({"old", "aim"}, 2)
    assert seen(small, shown=[ids["old"]], pinned=[ids["aim"]], kinds=[small.kinds["Goal"]]) == (
        {"old", "aim"},
        2,
    )


def test_filters_go_together(small):
    assert seen(small, kinds=[small.kinds["Plan"]], evidence="said") == ({"aim", "health"}, 0)


def test_the_plans_in_force_in_a_year_are_those_of_the_saved_question(model, denmark, catalog, store):
    page = model(denmark)
    plan = next(number for number, kind in enumerate(page.doc["kinds"]) if kind["name"] == "Plan")
    for year in range(2009, 2028):
        found = page.ask(
            "[...visible(model, { year }).nodes].map(model.node).filter(({ kind }) => kind === plan)",
            plan=plan,
            year=year,
        )
        rows = catalog.ask("plans-in-force", store=store, year=year)
        assert {node["iri"] for node in found} == {row["plan"] for row in rows}, year


def test_a_neighbourhood_is_what_so_many_steps_reach(model, graph):
    page = model(graph)
    undirected = graph.to_undirected(as_view=True)
    for node, steps in product(sorted(graph)[::9], range(4)):
        found = page.ask("neighbourhood(model, id, steps, all)", id=page.ids[node], steps=steps)
        assert {page.iris[each] for each in found} == set(nx.ego_graph(undirected, node, radius=steps))


def test_a_neighbourhood_keeps_to_the_edges_given(small):
    found = small.ask(
        "neighbourhood(model, id, 3, visible(model, { evidence: 'said' }).edges)", id=small.ids["old"]
    )
    assert {small.iris[node] for node in found} == {"old", "aim"}


def test_relations_tell_what_can_be_added_by_name(small):
    found = small.ask(
        "relations(model, id, new Set(shown), new Set(all))", id=small.ids["aim"], shown=[small.ids["old"]]
    )
    told = {
        (small.doc["relations"][each["relation"]]["name"], each["direction"]): (
            each["total"],
            [small.iris[node] for node in each["hidden"]],
        )
        for each in found
    }
    assert told == {("serves", "in"): (2, ["new"]), ("needs", "in"): (1, [])}
    assert small.ask("relations(model, id, new Set(), new Set(all))", id=small.ids["health"])[0][
        "hidden"
    ] == [
        small.ids["new"],
        small.ids["open"],
    ]


def test_relations_go_out_before_they_come_in_and_a_loop_once(small):
    assert small.ask("relations(model, id, new Set([id]), new Set(all))", id=small.ids["plan"]) == [
        {"relation": small.relations["needs"], "direction": "out", "total": 1, "hidden": []}
    ]


def test_relations_count_the_things_that_networkx_has(model, denmark):
    page = model(denmark)
    for node in sorted(denmark)[::7]:
        for each in page.ask("relations(model, id, new Set(), new Set(all))", id=page.ids[node]):
            name = page.doc["relations"][each["relation"]]["name"]
            edges = denmark.out_edges if each["direction"] == "out" else denmark.in_edges
            place = 1 if each["direction"] == "out" else 0
            things = {edge[place] for edge in edges(node, data=True) if edge[2]["relation"] == name}
            assert {page.iris[other] for other in each["hidden"]} == things
            assert each["total"] == len(things)


def test_the_overview_counts_things_by_kind_and_connections_by_pairs_of_kinds(model, graph):
    page = model(graph)
    found = page.ask("overview(model, model.doc.nodes.map(({ id }) => id), all)")
    names = [kind["name"] for kind in page.doc["kinds"]]
    kinds = dict(graph.nodes(data="kind"))
    counts, pairs = {}, {}
    for kind in kinds.values():
        counts[kind] = counts.get(kind, 0) + 1
    for source, target in graph.edges():
        pair = (kinds[source], kinds[target])
        pair = pair if graph.is_directed() else tuple(sorted(pair, key=names.index))
        pairs[pair] = pairs.get(pair, 0) + 1
    assert {names[each["kind"]]: each["count"] for each in found["nodes"]} == counts
    assert {(names[each["source"]], names[each["target"]]): each["count"] for each in found["edges"]} == pairs


def test_the_overview_counts_only_what_is_given(small):
    assert small.ask("overview(model, [], [])") == {"nodes": [], "edges": []}
    found = small.ask("overview(model, [id], [])", id=small.ids["old"])
    plan = {"kind": small.kinds["Plan"], "count": 1, "ids": [small.ids["old"]]}
    assert found == {"nodes": [plan], "edges": []}


# The whole


def test_an_empty_network_is_answered_with_nothing(model):
    page = model(nx.MultiDiGraph())
    assert page.ask('[find(model, "x"), [...simple(model, all)], [...visible(model).nodes]]') == [[]] * 3
    assert page.ask("crosswalk(model, all, [], [])") == {"cells": [], "rowTotals": [], "columnTotals": []}


def test_no_question_changes_the_document(model, denmark):
    page = model(denmark)
    before = page.ask("model.doc")
    one, two = (page.ids[node] for node in pairs_of(denmark, 1, 1)[0])
    page.ask(
        "[find(model, 'plan'), paths(model, all, one, two), relations(model, one, new Set(), new Set(all)), "
        "overview(model, [one], all)]",
        one=one,
        two=two,
    )
    assert page.ask("model.doc") == before


def test_no_two_scripts_of_the_page_use_one_name_for_different_things():
    names = {}
    for path in sorted((Path(policygraph.__file__).parent / "explorer" / "static").glob("*.js")):
        if path.name != "network.js":
            declared = re.findall(
                r"^(?:export )?(?:async )?(?:function\*?|const|let|class) (\w+)",
                path.read_text("utf-8"),
                re.MULTILINE,
            )
            for name in declared:
                names.setdefault(name, []).append(path.name)
    assert {name: files for name, files in names.items() if len(files) > 1} == {}


def test_a_name_is_rather_wider_than_with_a_word_broken():
    """Of 118 pixels, where lines of 104 are the first choice."""
    drawn = """name => {
      const written = [];
      const context = {
        measureText: (text) => ({ width: 6.5 * text.length }), strokeText() {}, fillRect() {},
        fillText: (text) => written.push(text),
      };
      const things = [{ id: "x", name, x: 300, y: 300, r: 8 }];
      const box = { width: 600, height: 600 };
      const options = { scale: 0.5, colors: {}, face: "", cache: new Map(), box };
      writeNames(context, things, labelSpace(), options);
      return written;
    }"""
    with running(script("labels.js")) as page:
        assert page.evaluate(drawn, "Forvaltningsniveau") == ["Forvaltningsniveau"]
        assert page.evaluate(drawn, "Digital infrastruktur") == ["Digital", "infrastruktur"]
        # Wider than any line: after the s that joins two words, or after a syllable.
        assert page.evaluate(drawn, "Informationssikkerhedspolitik")[0] == "Informations-"
        lines = (
            "word => linesOf({ measureText: ({ length }) => ({ width: length + 1 }) }, word, word.length, 2)"
        )
        for parts in ("Forvaltnings- niveau", "Kildedoku- ment", "Govern- ment", "Xxxxxxxxxx- xxx"):
            assert page.evaluate(lines, parts.replace("- ", "")) == parts.split()
        assert page.evaluate(lines.replace("word.length, 2", "7, 2"), "2016-2020") == ["2016-", "2020"]
