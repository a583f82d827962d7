"""What paths, measures and a crosswalk find in the network of the shipped data, in cases read by hand.

Where a new claim changes what is found, read that: if it is right, write it here.
"""

from __future__ import annotations

from collections import Counter

import pytest

from policygraph.analysis.centrality import central
from policygraph.analysis.communities import STABLE, communities
from policygraph.analysis.crosswalk import crosswalk, format_crosswalk
from policygraph.analysis.network import narrowed, network
from policygraph.analysis.paths import format_paths, paths
from policygraph.rdf.namespaces import MODEL as BASE

DK = BASE + "id/dk/"
AGENDAS = "Areas of public sector modernisation", "Areas of the Strategy for Digital Welfare"


@pytest.fixture(scope="module", params=["en", "da"])
def told(request, catalog):
    """The shipped network in a language, and that language."""
    return network(catalog, language=request.param), request.param


@pytest.mark.full
def test_a_login_leads_to_jobs_by_what_the_sources_state_only_through_what_many_share(told):
    graph, language = told
    ends = DK + "initiative/nemid", DK + "goal/job-creation"
    assert not any(path.hubs or path.stated for path in paths(graph, *ends).paths)
    found = paths(narrowed(graph, evidence="said"), *ends)
    best = found.paths[0]
    government, plan = DK + "organisation/government", DK + "plan/jobs-and-growth-towards-2020"
    assert best.nodes == (ends[0], government, plan, ends[1])
    assert best.stated
    assert best.hubs == (government,)
    text = format_paths(found._replace(language=language))
    heading = {
        "en": "; many things share Danish government (all steps stated)",
        "da": "; mange ting har Den danske regering til fælles (alle led er oplyst)",
    }[language]
    assert text.splitlines()[2].endswith(heading)


def test_telemedicine_answers_the_demographic_challenge_by_an_inference_and_else_through_one_plan(told):
    graph, language = told
    ends = DK + "area/telemedicine", DK + "challenge/increasing-demographic-challenges"
    plan = DK + "plan/digital-welfare-2013-2020"
    everything, stated = (paths(part, *ends) for part in (graph, narrowed(graph, evidence="said")))
    assert everything.paths[0].nodes == ends
    assert everything.paths[0].weakest == ("inferred", "weak")
    assert everything.through == ()
    assert [path.nodes for path in stated.paths] == [
        (ends[0], plan, ends[1]),
        (ends[0], plan, DK + "goal/long-term-sustainable-services", ends[1]),
    ]
    assert [path.hubs for path in stated.paths] == [(plan,), (plan,)]
    assert stated.through == (plan,)
    assert not stated.more
    sentence = {
        "en": "Strategy for Digital Welfare 2013-2020 responds to Increasing demographic challenges.",
        "da": "Strategi for digital velfærd 2013-2020 er svar på Voksende demografiske udfordringer.",
    }
    assert sentence[language] in format_paths(stated._replace(language=language))
    # The two sources name two challenges; that they are one is inferred.
    longer = paths(graph, ends[0], DK + "challenge/demographic-change").paths[0]
    assert longer.nodes == (*ends, DK + "challenge/demographic-change")


def test_an_identity_of_the_shipped_network_is_known_by_its_symmetric_property(catalog):
    one, other = DK + "challenge/increasing-demographic-challenges", DK + "challenge/demographic-change"
    found = paths(network(catalog), one, other, k=1)
    assert found.paths[0].hops[0].identity
    assert "(stated, over an inferred identity)" in str(found)
    assert not {"examined", "symmetric"} & found.table.recipe.keys()


def test_better_regulation_hangs_on_one_plan_and_without_it_on_a_weak_inference(told):
    graph, language = told
    ends = DK + "area/better-regulation-and-goal-orientation", DK + "initiative/nemid"
    plan = DK + "plan/public-sector-modernisation"
    stated = paths(narrowed(graph, min_strength="strong"), *ends)
    assert stated.through == (plan,)
    without = paths(narrowed(graph, min_strength="strong", without=[plan]), *ends, whole=graph)
    assert without.paths == ()
    assert without.alone == (ends[0],)
    assert without.lacking.weakest == ("inferred", "weak")
    assert without.missing[0].claims[0].basis == ("inferred", "weak")
    said = {"en": ("There is no path", "Inferred, Weak"), "da": ("Der er ingen vej", "Udledt, Svag")}
    assert all(each in format_paths(without._replace(language=language)) for each in said[language])


def test_two_areas_of_one_list_are_without_weaker_inferences_side_by_side_in_it(told):
    graph, language = told
    ends = DK + "area/use-of-welfare-technology", DK + "area/digitisation-in-the-public-sector"
    plan = DK + "plan/public-sector-modernisation"
    assert paths(graph, *ends, k=1).paths[0].nodes[1] == DK + "area/welfare-technology-in-care"
    found = paths(narrowed(graph, min_strength="strong"), *ends, k=1)
    assert found.paths[0].nodes[1] == plan
    assert found.paths[0].hubs == (plan,)
    assert found.paths[0].listed
    assert {"en": "side by side", "da": "side om side"}[language] in format_paths(
        found._replace(language=language)
    )


def test_what_denmarks_network_turns_on(denmark):
    found = central(denmark)
    first = [found.label(row[1]) for row in found.rows[:5]]
    assert first[0] == "Danish government"
    assert {"NemID", "Strategy for Digital Welfare 2013-2020"} < {*first}


@pytest.mark.full
def test_denmarks_digital_welfare_is_a_community_with_a_real_core_named_by_its_areas(denmark):
    areas = {node for node, kind in denmark.nodes(data="kind") if kind == "Area"}
    found = communities(denmark, named_by=areas)
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    strategy = "Strategy for Digital Welfare 2013-2020"
    (community,) = (row for row in rows if found.label(row["members"][0]) == strategy)
    assert "Welfare technology in nursing and care" in community["name"]
    # The weak claims between its areas and those of the other list, each drawn or not, keep it under stable.
    assert 0.5 < community["stability"] < STABLE
    assert found.recipe["modularity"] == pytest.approx(0.79, abs=0.01)


def test_the_lists_of_the_two_agendas_meet_in_welfare_technology(catalog):
    found = crosswalk(network(catalog), *AGENDAS)
    assert (len(found.rows), len(found.columns)) == (8, 7)
    assert [found.keys[row] for row in found.rows] == [f"M{n}" for n in range(1, 9)]
    row, column, strongest = max(found.each(), key=lambda each: each[2].strength)
    assert (found.keys[row], found.keys[column]) == ("M3", "W3")
    assert strongest.text == "← refines (inferred, strong)"
    assert {found.keys[row] for row in found.unconnected[0]} == {"M1", "M4", "M5", "M8"}
    assert found.unconnected[1] == ()
    by_key = {(found.keys[row], found.keys[column]): cell for row, column, cell in found.each()}
    assert (by_key["M3", "W3"].kind, by_key["M3", "W3"].number) == ("direct", "0.70~")
    assert Counter(cell.kind for cell in by_key.values()) == {
        "direct": 4, "weak": 5, "through": 2, "shared": 7, "none found": 38,
    }  # fmt: skip
    shared = by_key["M3", "W2"]
    assert (shared.number, shared.strength, shared.ways, shared.shared) == ("h", 0, 0, 1)
    assert shared.paths[0].hubs == (DK + "plan/digital-welfare-2013-2020",)


def test_what_the_authors_examined_is_told_from_what_they_left_out(catalog):
    found = crosswalk(network(catalog), *AGENDAS)
    kinds = Counter(cell.kind for _, _, cell in found.each())
    assert (kinds["none found"], kinds["not examined"], kinds["left out"]) == (38, 0, 0)
    assert "examined" not in found.table.recipe
    told = format_crosswalk(found)
    assert (
        "Of 56 pairs: 4 direct, 5 weak, 2 through something else, 7 only through what many things share, "
        "38 examined, none found.\n"
    ) in told
    assert (
        "through Strategy for Digital Welfare 2013-2020, which many things share (inferred, strong)" in told
    )
    stated = crosswalk(network(catalog, evidence="said"), *AGENDAS)
    assert Counter(cell.kind for _, _, cell in stated.each()) == {"left out": 9, "none found": 47}
