"""Countries side by side: what ties them, counted anew from the document, and all else as numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import networkx as nx
import pytest
from visitors import Keyboard, data, faults

from policygraph.explorer.page import view
from policygraph.rdf.namespaces import MODEL

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

# What the picture has: pairs of things with what is between them, things of both, lanes with their numbers.
DRAWN = """() => {
  const things = at => [...at.querySelectorAll("[data-node]")].map(each => each.dataset.node);
  const text = at => at.textContent.replace(/\\s+/g, " ").trim();
  return {
    sentence: text(document.querySelector("#countries > p")),
    pairs: [...document.querySelectorAll("#countries .pairs > li")].map(at => [
      things(at), [...at.querySelectorAll("[data-claim]")].map(each => each.dataset.claim),
      [...at.querySelectorAll(".tie b")].map(text),
    ]),
    both: [...document.querySelectorAll("#countries .both > li")].map(at => things(at)[0]),
    lanes: [...document.querySelectorAll("#countries [data-part^=lane] > summary")]
      .map(at => [...at.querySelectorAll(".count")].map(text)),
  };
}"""


def expected(doc, shown):
    """What the document has between its countries at some levels of evidence."""
    nodes = {
        node["id"]: node for node in doc["nodes"] if node["evidence"] in shown or node["ends"] & {*shown}
    }
    edges = [
        edge for edge in doc["edges"]
        if edge["evidence"] in shown and {edge["source"], edge["target"]} <= nodes.keys()
    ]  # fmt: skip
    of = {key: {*node["countries"]} for key, node in nodes.items()}
    pairs: dict[frozenset[str], list[list[str]]] = {}
    for edge in edges:
        one, other = edge["source"], edge["target"]
        if of[one] and of[other] and not of[one] & of[other]:
            pairs.setdefault(frozenset((one, other)), [[], []])[0].append(edge["claim"])
    for each in doc["comparisons"] if 2 in shown else ():
        pairs.setdefault(frozenset(each["nodes"]), [[], []])[1].append(each["verdict"])
    near: dict[str, set[int]] = {}
    for edge in edges:
        for end, other in ((edge["source"], edge["target"]), (edge["target"], edge["source"])):
            near.setdefault(end, set()).update(of[other])
    shared = {key for key in nodes if len(of[key]) > 1 or (not of[key] and len(near.get(key, ())) > 1)}
    return nodes, edges, pairs, shared


@pytest.mark.parametrize("level", ["weak", "said", "only"])
def test_the_picture_has_what_ties_the_countries_and_counts_the_rest(level, visit, countries):
    visitor = visit(countries)
    doc = visitor.document
    for node in doc["nodes"]:
        node["ends"] = set()
    if level == "only":
        for edge in doc["edges"]:
            for end in ("source", "target"):
                doc["nodes"][int(edge[end][1:])]["ends"].add(edge["evidence"])
        for each in doc["comparisons"]:
            for key in each["nodes"]:
                doc["nodes"][int(key[1:])]["ends"].add(2)
    visitor.press(f"#evidence [data-evidence={level}]")
    shown = {"weak": (0, 1, 2, 3), "said": (0,), "only": (2, 3)}[level]
    nodes, edges, pairs, shared = expected(doc, shown)
    assert visitor.status.startswith(f"{len(nodes):,} things and {len(edges):,} connections")
    for part in visitor.at("#countries details:not([data-part^=lane]) > summary").all():
        number = int(re.search(r"\d+$", part.text_content())[0])
        part.click()
        rows = part.locator("xpath=..").locator("li")
        rows.nth(number - 1).wait_for()
        assert rows.count() == number, "what is folded is counted"
    drawn = visitor.page.evaluate(DRAWN)
    iris = {node["id"]: node["iri"] for node in doc["nodes"]}
    found = {frozenset(ends): (sorted(claims), sorted(verdicts)) for ends, claims, verdicts in drawn["pairs"]}
    assert found == {
        frozenset(map(iris.get, ends)): (sorted(claims), sorted(verdicts))
        for ends, (claims, verdicts) in pairs.items()
    }
    assert all("/dk/" in ends[0] for ends, *_ in drawn["pairs"]), "each country has its side"
    assert set(drawn["both"]) == {iris[key] for key in shared}
    *_, every, _ = expected(doc, (0, 1, 2, 3))
    links = sum(len(claims) + len(verdicts) for claims, verdicts in every.values())
    said = sum(len(claims) for claims, _ in expected(doc, (0,))[2].values())
    assert drawn["sentence"].startswith(
        f"Of {links} connections and comparisons between the countries, the sources say {said}; the rest is "
    )
    assert f" {len(shared)} things have to do with" in drawn["sentence"]
    assert said == 0, "which the sentence says, where the sources do tie them the docs have to change"
    # All else, once for each country that it is of.
    rest = nodes.keys() - shared - {end for ends in pairs for end in ends}
    numbers = [int(re.search(r"\d+$", text)[0]) for lane in drawn["lanes"] for text in lane]
    assert sum(numbers) == sum(max(1, len(nodes[key]["countries"])) for key in rest)


def test_what_was_chosen_is_counted_alone_and_compare_opens_at_both_countries(visit, countries):
    visitor = visit(countries)
    ends, claims, verdicts = visitor.page.evaluate(DRAWN)["pairs"][0]
    shown = "iris => { location.hash = explorer.address({ shown: iris }); }"
    visitor.page.evaluate(shown, ends)
    visitor.wait("() => explorer.counts().nodes === 2")
    many = len(claims) + len(verdicts)
    assert visitor.page.evaluate(DRAWN)["sentence"].startswith(f"Of {many} connections and comparisons ")
    visitor.press("#show-all")
    visitor.press("#tab-crosswalk")
    names = visitor.page.evaluate(
        "() => ['rows', 'columns'].map(id => document.getElementById(id).selectedOptions[0].text)"
    )
    assert [name[:3] for name in names] == ["DK ", "NO "]
    assert "not examined" not in visitor.seen("#matrix-note"), "where most is known"


def test_it_is_for_every_reader_and_names_are_whole(visit, countries):
    visitor = visit(countries, color_scheme="dark")  # where outline, picture and details are all seen
    assert faults(visitor, only="color-contrast") == []
    visitor.page.emulate_media(color_scheme="light")
    for width in (1440, 768, 390):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        for size, cut in visitor.page.evaluate(
            """() => [...document.querySelectorAll("#countries .thing > span[dir]")].map(at => [
              parseFloat(getComputedStyle(at).fontSize),
              at.scrollWidth > at.clientWidth + 1 && getComputedStyle(at).overflow !== "visible"])"""
        ):
            assert size >= 14
            assert not cut
        assert visitor.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert width == 768 or faults(visitor, colours=width == 1440) == []


def test_a_lane_opens_and_a_verdict_has_its_reason(visit, countries):
    visitor = visit(countries, Keyboard)
    lane = visitor.at("#countries [data-part^=lane] > summary").first
    many = [int(re.search(r"\d+$", text)[0]) for text in lane.locator(".count").all_text_contents()]
    lane.focus()
    visitor.page.keyboard.press("Enter")
    visitor.wait("() => document.querySelector('#countries details[open] li')")
    assert visitor.at("#countries details[open] li").count() == sum(many)
    assert visitor.page.evaluate("() => document.activeElement.matches('#countries [open] > summary')")
    compared = visitor.at("#countries .pairs > li:has(.tie b)").first
    assert visitor.at("#countries .pairs > li:has(.tie b)").count() == 8
    doc = visitor.page.evaluate("() => explorer.model.doc.comparisons")
    assert compared.locator("p").text_content() in {each["rationale"] for each in doc}
    claim = visitor.at("#countries [data-claim]").first
    claim.focus()
    visitor.page.keyboard.press("Enter")
    assert visitor.seen("#details h2") == "Who says so?"


def test_a_country_switched_off_is_laid_out_anew(visit, countries):
    visitor = visit(countries)
    whole = visitor.seen("h1")
    visitor.press("#tab-crosswalk")
    lists = visitor.at("#rows option").all_text_contents()
    assert {text[:3] for text in lists} >= {"DK ", "NO "}
    visitor.press("#tab-picture")
    visitor.press("#legend input[value=Norway]")
    assert visitor.seen("h1") == whole.split(" · ")[0] != whole
    assert visitor.at("#map").is_visible()
    holes = """() => {
      const at = [...document.querySelectorAll("#map .card:not(.off) > rect:first-of-type")];
      return [at.length, document.querySelectorAll("#map .card.off").length,
        at.filter(each => !each.closest("[data-things]").textContent.trim()).length];
    }"""
    shown, off, _ = visitor.page.evaluate(holes)
    assert shown > 80
    assert off == 0, "no card of the other country leaves a hole"
    assert not visitor.listed(".flag"), "one country alone needs no mark"
    sentences = visitor.listed("#finding button")
    assert any("8 of 18 as said, 6 with what is read (M1, M4, M5, M6, M7, M8)" in each for each in sentences)
    visitor.press("#tab-crosswalk")
    assert {text[:3] for text in visitor.at("#rows option").all_text_contents()}.isdisjoint({"DK ", "NO "})
    visitor.press("#tab-picture")
    visitor.press("#export")
    with visitor.page.expect_download() as done:
        visitor.at("#export-menu [data-format=svg]").click()
    assert done.value.suggested_filename == "denmark-map.svg"
    assert (
        "Norway" not in "".join(ElementTree.parse(done.value.path()).getroot().itertext()).split("Source:")[0]
    )
    visitor.undo()
    assert visitor.at("#countries").is_visible()
    assert visitor.seen("h1") == whole


def test_the_picture_is_exported_as_it_is_and_skipped_to_where_all_is_folded(visit, countries):
    visitor = visit(countries)
    visitor.press("#evidence [data-evidence=said]")
    visitor.page.evaluate("() => document.getElementById('skip').click()")
    assert visitor.page.evaluate("() => Boolean(document.activeElement.closest('#countries'))")
    visitor.press("#export")
    with visitor.page.expect_download() as done:
        visitor.at("#export-menu [data-format=svg]").click()
    assert done.value.suggested_filename == "denmark-norway-countries-side-by-side-said-only.svg"
    written = " ".join("".join(ElementTree.parse(done.value.path()).getroot().itertext()).split())
    assert "Said only:" in written
    assert visitor.seen("#countries > p").split(";")[0].split()[-1] in written


def test_an_address_keeps_the_level_and_the_picture(visit, countries):
    visitor = visit(countries)
    visitor.press("#evidence [data-evidence=only]")
    visitor.choose("#layout", "Map")
    again = visit(visitor.page.url)
    assert (again.state()["evidence"], again.state()["picture"]) == ("only", "map")
    assert again.at("#map").is_visible()
    assert again.at(f"#evidence {data('evidence', 'only')}").get_attribute("aria-pressed") == "true"


def lands(many: int) -> nx.MultiDiGraph:
    """A thing of each of so many countries, each tied to the next, and one that all have to do with."""
    graph = nx.MultiDiGraph()
    graph.add_node("shared", label="Shared", kind="Topic")
    for number in range(many):
        name = f"{'ABCDE'[number]}land"
        graph.add_node(f"plan {number}", label=f"Plan of {name}", kind="Plan", country=name)
        graph.add_node(f"{name} alone", label=f"Alone in {name}", kind="Plan", country=name)
        graph.add_edge(f"plan {number}", "shared", basis="stated", relation="is about")
        if number:
            graph.add_edge(f"plan {number - 1}", f"plan {number}", basis="inferred", strength="weak")
    return graph


def test_up_to_four_countries_stand_side_by_side_and_one_has_a_map(visit, stored):
    visitor = visit(stored("lands", view(lands(3), title="Lands")))
    assert [len(pair[0]) for pair in visitor.page.evaluate(DRAWN)["pairs"]] == [2, 2]
    assert visitor.page.evaluate(DRAWN)["both"] == ["shared"]
    assert visitor.listed("#countries .both .count") == ["Al 1 · Bl 1 · Cl 1"]
    visitor.press("#legend input[value=Bland]")
    assert visitor.page.evaluate(DRAWN)["pairs"] == []
    assert visitor.listed("#countries .both .count") == ["Al 1 · Cl 1"]
    visitor.press("#legend input[value=Cland]")
    visitor.wait("() => explorer.picture() === 'map'")
    assert visitor.at("#map .card:not(.off)").count() == 3
    assert visitor.at("#map .card.off").count() == 0


def test_what_is_of_no_country_is_counted_as_such(visit, stored):
    graph = lands(2)
    graph.add_node("loose", label="Loose", kind="Topic")
    visitor = visit(stored("loose", view(graph, title="Lands")))
    assert "of no country 1" in visitor.listed("#countries [data-part^=lane] .count")


def test_more_than_four_countries_begin_with_the_map(visit, stored):
    visitor = visit(stored("many", view(lands(5), title="Lands")))
    assert visitor.at("#map").is_visible()
    assert "countries" not in visitor.page.evaluate(
        "() => [...document.getElementById('layout').options].map(({ value }) => value)"
    )
    assert "El Plan of Eland" in " ".join(visitor.at("#map .card").all_text_contents())


def test_the_numbers_of_the_levels_are_those_of_what_is_left(visit, countries):
    visitor, found = visit(countries), []
    for change in ({"countries": ["Norway"]}, {"connectedTo": f"{MODEL}id/dk/initiative/nemid"}):
        visitor.page.evaluate("change => { location.hash = explorer.address(change); }", change)
        visitor.wait("name => explorer.state()[name]?.length", next(iter(change)))
        for at, level in ((0, "said"), (-1, "only")):
            visitor.press(f"#evidence [data-evidence={level}]")
            found.append(int(visitor.listed("#evidence .count")[at].replace(",", "")))
            assert visitor.page.evaluate("() => explorer.counts().edges") == found[-1], change
    assert found[:2] != found[2:]


def test_a_finding_of_one_country_cites_its_dataset_alone(visit, countries):
    visitor = visit(countries)
    visitor.page.evaluate(
        """() => { globalThis.got = [];
        Object.defineProperty(navigator, "clipboard",
          { value: { writeText: async text => got.push(text) } }); }"""
    )
    visitor.press("#legend input[value=Norway]")
    visitor.press("#finding [data-copy=areas-joined]")
    visitor.wait("() => got.length === 1")
    assert "/norway" not in visitor.page.evaluate("() => got[0]")


def test_a_comparison_of_several_ties_each_two_of_different_countries(visit, stored):
    """Once in the sentence, and not at all where things of one country are compared."""
    three, one = ["plan 0", "Aland alone", "plan 1", "plan 2"], ["plan 0", "Aland alone"]
    row = {"aspect": "Form", "verdict": "Differs", "rationale": "So they say."}
    compared = [{**row, "nodes": nodes} for nodes in (three, one)]
    visitor = visit(stored("compared", view(lands(3), title="Lands", comparisons=compared)))
    drawn = visitor.page.evaluate(DRAWN)
    assert sorted(sorted(ends) for ends, _, verdicts in drawn["pairs"] if verdicts) == [
        ["Aland alone", "plan 1"], ["Aland alone", "plan 2"],
        ["plan 0", "plan 1"], ["plan 0", "plan 2"], ["plan 1", "plan 2"],
    ]  # fmt: skip
    assert drawn["sentence"].startswith("Of 3 connections and comparisons")
    card = visitor.at("#countries [data-node='plan 2']").last
    card.click()
    assert card.evaluate("at => at === document.activeElement"), "not at its first card"


def test_a_part_that_has_vanished_by_the_time_it_opens_is_no_fault(visit, stored):
    visitor = visit(stored("vanished", view(lands(3), title="Lands")))
    visitor.page.evaluate("""() => {
      const part = Object.assign(document.createElement("details"), { open: true });
      part.dataset.part = "vanished";
      document.getElementById("countries").append(part);
    }""")
    visitor.wait("() => !document.querySelector('[data-part=vanished]')")
