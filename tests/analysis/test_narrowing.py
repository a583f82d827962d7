"""What is narrowed before it is made is the same as what is made whole and then narrowed."""

from __future__ import annotations

import shutil

import checkout
import networkx as nx
import pytest
from checkout import SHIPPED

from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.measures import analyse
from policygraph.analysis.network import countries, countries_of, left_out, narrowed, network, origin
from policygraph.analysis.paths import paths
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError
from policygraph.explorer.page import view

ODD = """
PREFIX pg: <https://w3id.org/policygraph/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX dk: <https://w3id.org/policygraph/id/dk/>
PREFIX no: <https://w3id.org/policygraph/id/no/> PREFIX s: <https://w3id.org/policygraph/concept/basis/>
PREFIX x: <https://x.org/>
x:both a pg:Plan ; rdfs:label "Of both" ; pg:inCountry <https://w3id.org/policygraph/id/dk/country/denmark> ,
  <https://w3id.org/policygraph/id/no/country/norway> .
x:norwegian a pg:Plan ; pg:inCountry <https://w3id.org/policygraph/id/no/country/norway> .
x:nobodys a pg:Goal ; rdfs:label "Of nobody" .
x:unknown pg:inCountry <https://w3id.org/policygraph/id/no/country/norway> .
x:region a pg:Country ; pg:inCountry <https://w3id.org/policygraph/id/dk/country/denmark> .
x:town a pg:Plan ; pg:inCountry x:region .
x:1 a pg:Claim ; rdf:subject x:both ; rdf:predicate pg:hasGoal ; rdf:object x:nobodys ; pg:basis s:stated .
x:2 a pg:Claim ; rdf:subject x:norwegian ; rdf:predicate pg:hasGoal ; rdf:object x:nobodys ;
  pg:basis s:stated .
x:3 a pg:Claim ; rdf:subject x:both ;
  rdf:predicate pg:relatesTo ; rdf:object x:unknown ; pg:basis s:stated .
x:4 a pg:Claim ; rdf:subject x:town ;
  rdf:predicate pg:relatesTo ; rdf:object x:region ; pg:basis s:stated .
x:5 a pg:Claim ; rdf:subject x:region ;
  rdf:predicate pg:relatesTo ; rdf:object x:both ; pg:basis s:stated .
x:6 a pg:Claim ; rdf:subject x:both ;
  rdf:predicate pg:relatesTo ; rdf:object "a text" ; pg:basis s:stated .
"""
NORWAY = "https://w3id.org/policygraph/id/no/country/norway"
HEALTH = "https://w3id.org/policygraph/concept/sector/health"


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Parts of two countries, and with them a third one and what is of several or of none."""
    folder = tmp_path_factory.mktemp("many")
    for name in ("denmark", "international", "norway"):
        shutil.copy(SHIPPED / "data" / f"{name}.ttl", folder)
    checkout.reduce(folder / "denmark.ttl")
    (folder / "odd.ttl").write_text(ODD, encoding="utf-8")
    return Catalog.find(SHIPPED, files=sorted(folder.iterdir()))


@pytest.fixture(scope="module")
def whole(many):
    return network(many)


SUCCESSIONS = """
PREFIX pg: <https://w3id.org/policygraph/ontology#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX s: <https://w3id.org/policygraph/concept/basis/> PREFIX x: <https://x.org/>
"""


def test_a_year_is_as_sure_as_all_that_gives_it(tmp_path):
    """Of what is succeeded the first successor gives the year, by being one and by its own beginning."""
    lines, claims = [SUCCESSIONS], 0
    for thing, successor, year, succeeds, begins in (
        ("one", "first", 2014, "inferred", "inferred"),
        ("one", "second", 2016, "stated", "stated"),
        ("two", "third", 2018, "stated", "external"),
        ("three", "fourth", 2019, "stated", "stated"),
    ):
        begun = f'"{year}"^^<http://www.w3.org/2001/XMLSchema#gYear>'
        lines += [f"x:{each} a pg:Plan ." for each in (thing, successor)]
        for predicate, value, basis in (("succeeds", f"x:{thing}", succeeds), ("startDate", begun, begins)):
            claims += 1
            lines += [
                f"x:{successor} pg:{predicate} {value} .",
                f"x:c{claims} a pg:Claim ; pg:basis s:{basis} ;",
            ]
            lines += [f"rdf:subject x:{successor} ; rdf:predicate pg:{predicate} ; rdf:object {value} ."]
            lines += [f"x:c{claims} pg:strength <https://w3id.org/policygraph/concept/strength/strong> ."]
    (tmp_path / "plans.ttl").write_text("\n".join(lines), encoding="utf-8")
    graph = network(Catalog.find(SHIPPED, files=[tmp_path / "plans.ttl"]))

    def years(level):
        nodes = narrowed(graph, evidence=level).nodes
        return [nodes[f"https://x.org/{each}"].get("succeeded") for each in ("one", "two", "three")]

    assert years("said") == [None, None, 2019]
    assert years("documents") == [None, 2018, 2019]
    assert years("read") == [2014, 2018, 2019]
    told = {node["iri"]: node["levels"] for node in view(graph).document["nodes"]}
    assert told["https://x.org/one"] == {"succeeded": 2}


def test_an_attribute_of_ones_own_that_is_no_level_stays():
    graph = nx.MultiDiGraph()
    graph.add_node("a", levels=3, **{"level of evidence": "high"})
    graph.add_edge("a", "b", basis="stated", **{"level of evidence": "high"})
    part = narrowed(graph, evidence="said")
    assert dict(part.nodes["a"]) == {"levels": 3, "level of evidence": "high"}
    assert [data["level of evidence"] for *_, data in part.edges(data=True)] == ["high"]


def parts(graph):
    """The nodes, edges and attributes of a network, whatever their order."""
    edges = [
        (one, two, key, sorted(data.items(), key=str))
        for one, two, key, data in graph.edges(keys=True, data=True)
    ]
    return dict(graph.nodes(data=True)), sorted(edges, key=str), list(graph.graph.items())


@pytest.mark.full
@pytest.mark.parametrize("options", [{}, {"evidence": "said"}, {"kinds": ["Plan", "Goal"]}], ids=str)
def test_the_network_of_a_country_is_the_whole_narrowed_to_it(many, whole, options):
    countries = sorted(countries_of(whole))
    assert len(countries) > 1
    for country in countries:
        one, other = network(many, country=country, **options), narrowed(whole, country=country, **options)
        assert parts(one) == parts(other), country
        assert countries_of(one) == countries_of(other)
        assert left_out(one) == left_out(other)
        if country in (countries[0], countries[-1]):  # it is made anew, with all that is in it
            assert parts(origin(one).whole) == parts(whole)


@pytest.mark.full
def test_what_is_told_of_a_country_is_the_same(many, whole):
    one, other = network(many, country="norway"), narrowed(whole, country="norway")
    for graph in (one, other):
        with pytest.raises(NetworkError, match="NemID is left out of this network; narrow it less"):
            paths(graph, "MinID", "NemID")
    assert crosswalk(one, "Plan", "Goal").table == crosswalk(other, "Plan", "Goal").table
    assert analyse("compare", one) == analyse("compare", other)
    far = [
        str(paths(graph, "MinID", "https://w3id.org/policygraph/concept/sector/health"))
        for graph in (one, other)
    ]
    assert far[0] == far[1]
    assert view(one).document["title"] == view(other).document["title"]
    with pytest.raises(
        NetworkError, match=r"nothing of the country 'nowhere'|of the country 'nowhere'; there is pgid:dk"
    ):
        network(many, country="nowhere")


@pytest.mark.full
@pytest.mark.parametrize(
    "options",
    [{"evidence": "said"}, {"evidence": "read"}, {"min_strength": "strong"}, {"kinds": ["Plan", "Goal"]}],
)
def test_a_country_keeps_the_same_whatever_was_narrowed_first(whole, options):
    first, last = narrowed(narrowed(whole, country="Norway"), **options), narrowed(whole, **options)
    last = narrowed(last, country="Norway")
    assert {*first} == {*last} < {*whole}
    assert sorted(map(str, first.edges(data="claim"))) == sorted(map(str, last.edges(data="claim")))
    assert origin(last).whole is whole
    with pytest.raises(NetworkError, match="Nothing in the network is of the country 'Denmark'; there is"):
        narrowed(last, country="Denmark")


def test_one_country_is_made_without_reading_everything(many, monkeypatch):
    store = many.load()
    monkeypatch.setattr(type(store), "scanned", lambda self: pytest.fail("everything was read"))
    assert len(network(many, store=store, country=NORWAY)) > 300
    assert 2 < len(network(many, store=store, around="MinID", steps=1)) < 50


def test_around_a_thing_ends_where_nothing_is_new(examplia):
    assert len(network(examplia, around="Open Harbour", steps=10**9)) > 2
    for steps in (-1, "1"):
        with pytest.raises(NetworkError, match=f"steps is a number from 0 on; not {steps!r}"):
            network(examplia, around="Open Harbour", steps=steps)


@pytest.mark.parametrize(("steps", "told"), [(1, "1 step"), (2, "2 steps")])
def test_around_a_thing_is_what_lies_within_so_many_steps(many, whole, steps, told):
    minid = many.find_resource("MinID")
    near = network(many, around="MinID", steps=steps)
    assert {*near} == {*nx.ego_graph(nx.Graph(whole), minid, radius=steps)}
    assert parts(near)[:2] == parts(whole.subgraph(near))[:2]
    assert near.graph["around"] == f"pgid:no/infrastructure/minid, {told}"


@pytest.mark.parametrize(
    ("language", "told"), [("da", "; omkring: {minid}, 2 trin; "), ("nb", "; rundt: {minid}, 2 trinn; ")]
)
def test_a_recipe_tells_in_its_language_how_far_around_a_thing(language, told, many):
    near = network(many, around="MinID", steps=2, language=language)
    assert told.format(minid="pgid:no/infrastructure/minid") in analyse("central", near).recipe_text


def test_around_a_thing_is_nothing_of_another_country_than_the_one_asked_for(many, whole):
    near, others = network(many, around=HEALTH, steps=2), countries_of(whole) - {NORWAY}
    norwegian = network(many, around=HEALTH, steps=2, country="norway")
    assert parts(norwegian) == parts(narrowed(near, country="norway"))

    def foreign(graph):
        return {node for node, data in graph.nodes(data=True) if (of := countries(data)) and others >= {*of}}

    assert foreign(near)
    assert foreign(norwegian) == set()
    assert HEALTH in norwegian


def test_a_thing_that_nothing_connects_has_no_neighbourhood(many):
    with pytest.raises(NetworkError, match="'pgdata:denmark' is not in the network"):
        network(many, around="pgdata:denmark", steps=1)


@pytest.mark.full
def test_only_what_cannot_be_drawn_whole_is_cut_to_what_is_near(many, whole):
    def drawn(things, connections, **options):
        return len(network(many, around="MinID", steps=1, drawn=(things, connections), **options))

    assert drawn(len(whole), 10_000) == len(whole)
    assert drawn(len(whole) - 2, 10_000) < 50
    assert drawn(10_000, whole.size()) == len(whole)
    assert drawn(10_000, whole.size() - 1) < 50
    assert drawn(10, 10, country="norway") == len(network(many, country="norway"))
    assert drawn(10, 10, query="policy-chain") == len(network(many, "policy-chain"))


def test_the_page_of_a_neighbourhood_has_its_things_and_no_questions_about_everything(many):
    page = view(network(many, around="MinID", steps=1), focus="MinID", steps=1)
    names = {node["name"] for node in page.document["nodes"]}
    assert "MinID" in names
    assert page.document["questions"] == []
    assert {each["name"] for each in page.document["countries"]} <= {"Denmark", "Norway"}


def test_a_page_too_large_to_be_of_use_is_refused_with_what_to_do(many):
    with pytest.raises(
        NetworkError, match=r"view is usable up to 10 connections, .*; begin with --focus, or"
    ):
        network(many, most=("view", 10))
