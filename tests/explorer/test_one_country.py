"""The numbers of one country are the same whether another is loaded, in a crosswalk and on the page."""

from __future__ import annotations

import networkx as nx
import pytest
from checkout import SHIPPED

from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.page import view


@pytest.fixture(scope="module")
def shipped():
    return Catalog(SHIPPED)


@pytest.fixture(scope="module")
def both(shipped):
    return network(shipped)


@pytest.fixture(scope="module")
def alone(shipped):
    return network(shipped, country="Denmark")


@pytest.fixture(scope="module")
def page(alone):
    return view(alone)


LISTS = ("Areas of public sector modernisation", "Areas of the Strategy for Digital Welfare")


def test_a_crosswalk_of_a_country_is_the_same_beside_another(both, alone):
    one, other = (crosswalk(graph, *LISTS) for graph in (both, alone))
    assert (one.rows, one.columns) == (other.rows, other.columns)
    assert len(one.rows) == 8
    for (row, column, cell), (*_, mine) in zip(one.each(), other.each(), strict=True):
        assert cell.strength == pytest.approx(mine.strength, abs=1e-12), (row, column)
        assert (cell.kind, cell.ways, cell.shared, cell.text) == (
            mine.kind,
            mine.ways,
            mine.shared,
            mine.text,
        )


@pytest.mark.full
def test_the_page_of_a_country_has_of_no_country_what_is_joined_to_it(alone, page):
    assert {node["iri"] for node in page.document["nodes"]} == {*alone}
    assert all(
        any(alone.nodes[node].get("country") for node in part)
        for part in nx.weakly_connected_components(alone)
    )
    assert [node for node, country in alone.nodes(data="country") if not country]


@pytest.mark.full
def test_a_thing_of_two_countries_does_not_bring_the_other_with_it(page):
    assert sorted(each["own"] > 0 for each in page.document["countries"]) == [False, True]
    assert "<template" not in page
    for each in page.document["questions"]:
        ends = {
            page.document["edges"][int(e[1:])][end] for e in each["edges"] for end in ("source", "target")
        }
        assert not each["edges"] or each["name"] == "network" or ends == {*each["nodes"]}, each["name"]


@pytest.mark.full
def test_the_page_of_a_country_is_what_the_page_of_both_has_of_it(both, page):
    counts = []
    for document in (view(both).document, page.document):
        found = {each["name"]: each for each in document["questions"] if each["finding"]}
        iris = {node["id"]: node for node in document["nodes"]}
        own = [
            {
                key: [iris[n]["iri"] for n in ids if "/dk/" in iris[n]["iri"]]
                for key, ids in each["levels"].items()
            }
            for each in found.values()
        ]
        counts.append(own)
    assert counts[0] == counts[1]
    assert counts[0]
