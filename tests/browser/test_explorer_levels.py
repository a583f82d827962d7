"""What is shown at a level of evidence: years, rows, numbers and files follow it, however one came to it."""

from __future__ import annotations

import base64
import csv
import io
import json

import networkx as nx
import pytest
from visitors import Keyboard

from policygraph.explorer import page as module
from policygraph.explorer.page import view

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

LEVELS = {"level of evidence": 0}
# What the table shows of each thing: its name, years and connections.
ROWS = """() => Object.fromEntries([...document.querySelectorAll("#table tbody tr:not([hidden])")]
  .filter(row => row.querySelector("[data-node]")).map(({ cells }) =>
    [cells[0].textContent, [cells[4].textContent, cells[5].textContent]]))"""


def graph() -> nx.MultiDiGraph:
    """Three plans: one whose years sources say, two whose years are read; joined by what is said and read."""
    made = nx.MultiDiGraph()
    made.add_node("said", label="said", kind="Plan", start=2010, end=2014, **LEVELS)
    read = {"start": 2, "end": 2, "Budget\n5": 2}
    made.add_node(
        "read",
        label="read",
        kind="Plan",
        start=2011,
        end=2012,
        interval="2011-03-01/2012-12-31",
        Budget="5",
        levels=read,
        **LEVELS,
    )
    made.add_node(
        "late", label="late", kind="Plan", start=2015, end=2019, levels={"start": 2, "end": 2}, **LEVELS
    )
    made.add_edge("said", "read", relation="serves", basis="stated")
    made.add_edge("said", "late", relation="needs", basis="inferred", strength="strong")
    made.add_edge("late", "read", relation="needs", basis="inferred", strength="weak")
    return made


@pytest.mark.parametrize("begun", ["only", "said"])
def test_the_timeline_is_that_of_the_level_wherever_one_began(begun, visit, stored):
    visitor = visit(stored(f"begun-{begun}", view(graph(), title="Plans", evidence=begun)))
    visitor.press("#evidence [data-evidence=weak]")
    visitor.press("#tab-timeline")
    assert visitor.listed("#timeline-rows li:has(.track) .who .name, #timeline-rows li:has(.track) .who")
    names = {each.split()[-1] for each in visitor.listed("#timeline-rows li:has(.track) .who")}
    assert {each.removeprefix("P") for each in names} == {"said", "read", "late"}
    assert visitor.page.locator("#in-force").get_attribute("min") == "2010"
    assert visitor.page.locator("#in-force").get_attribute("max") == "2019"


def test_the_table_of_things_follows_the_level_and_the_years_compared(visit, stored):
    visitor = visit(stored("table", view(graph(), title="Plans")))
    visitor.press("#tab-table")
    visitor.press("#table-things")
    assert visitor.page.evaluate(ROWS)["read"] == ["2011–2012", "2"]
    visitor.press("#evidence [data-evidence=said]")
    assert visitor.page.evaluate(ROWS)["read"] == ["", "1"]
    visitor.press("#evidence [data-evidence=weak]")
    visitor.press("#tab-timeline")
    visitor.type("#in-force", "2011")
    visitor.type("#in-force-against", "2016")
    visitor.wait("() => String(explorer.state().year) === '2011,2016'")
    visitor.press("#tab-table")
    visitor.type("#table-filter", "gone")
    visitor.wait("() => document.getElementById('table-note').textContent.startsWith('2 of')")
    assert set(visitor.page.evaluate(ROWS)) == {"said", "read"}


def test_a_state_of_defaults_is_in_the_address_and_without_one_a_page_is_as_it_begins(visit, stored):
    visitor = visit(stored("start", view(graph(), title="Plans", evidence="said")))
    visitor.press("#evidence [data-evidence=weak]")
    visitor.page.reload()
    visitor.wait("() => document.body.dataset.ready === 'yes'")
    assert visitor.state()["evidence"] == "weak"
    visitor.page.evaluate("() => { location.hash = ''; }")
    visitor.wait("() => explorer.state().evidence === 'said'")


def test_of_more_connections_than_are_listed_those_of_a_thing_have_rows(visit, stored, monkeypatch):
    monkeypatch.setattr(module, "MAX_ROWS", 1)
    visitor = visit(stored("many", view(graph(), title="Plans")))
    visitor.press("#tab-table")
    assert visitor.seen("#table-note") == "1 of 3"
    visitor.page.evaluate("() => { location.hash = explorer.address({ selected: 'late' }); }")
    visitor.wait("() => document.getElementById('table-note').textContent === '2 of 2'")
    rows = visitor.listed("#table tbody tr:not([hidden])")
    assert sorted(" ".join(each.split()[:4]) for each in rows) == [
        "late needs read Inferred",
        "said needs late Inferred",
    ]


def test_what_can_be_added_is_what_the_level_shows(visit, stored):
    visitor = visit(stored("expand", view(graph(), title="Plans", evidence="said")))
    visitor.page.evaluate(
        "() => { location.hash = explorer.address({ selected: 'said', shown: ['said'] }); }"
    )
    visitor.press("#details [data-action=expand]")
    assert visitor.page.locator("#details [data-add^='out'], #details [data-add^='in']").count() == 1
    visitor.press("#details [data-add]")
    assert visitor.state()["shown"] == ["said", "read"]


@pytest.mark.parametrize("when", [{"year": 2011}, {"years": [2005, 2010]}], ids=["year", "years"])
def test_the_numbers_of_the_levels_are_those_one_finds_there(when, visit, stored):
    visitor = visit(stored("numbers", view(graph(), title="Plans")))
    numbers = {}
    for level in ("said", "read", "weak", "only"):
        visitor.page.evaluate(
            "asked => { location.hash = explorer.address(asked); }", {"evidence": level, **when}
        )
        visitor.wait(f"() => explorer.state().evidence === '{level}'")
        numbers[level] = [int(each) for each in visitor.listed("#evidence .count")]
        shown = visitor.page.evaluate("() => explorer.counts().edges")
        place = ["said", "documents", "read", "weak", "only"].index(level)
        there = numbers[level][place] if level in ("said", "only") else sum(numbers[level][: place + 1])
        assert shown == there, level
    assert len({tuple(each) for each in numbers.values()}) == 1, numbers


def test_an_export_has_the_years_and_facts_of_the_level(visit, stored):
    visitor = visit(stored("export", view(graph(), title="Plans", evidence="said")))
    for level, facts in (
        ("said", ("", "", "", "")),
        ("weak", ("2011", "2012", "2011-03-01/2012-12-31", "5")),
    ):
        visitor.press(f"#evidence [data-evidence={level}]")
        visitor.press("#tab-table")
        visitor.press("#table-things")
        visitor.press("#export")
        with visitor.page.expect_download(lambda file: file.suggested_filename.endswith(".csv")) as download:
            visitor.press("#export-menu [data-format=csv]")
        text = download.value.path().read_text(encoding="utf-8-sig")
        (row,) = (each for each in csv.DictReader(io.StringIO(text)) if each["label"] == "read")
        assert tuple(row.get(name, "") for name in ("start", "end", "interval", "Budget")) == facts, level


def test_the_keyboard_stays_near_what_it_pressed(visit, stored):
    visitor = visit(stored("keyboard", view(graph(), title="Plans")), Keyboard)
    visitor.page.evaluate("() => { location.hash = explorer.address({ relations: ['needs'] }); }")
    visitor.page.evaluate("() => document.getElementById('legend').open = true")
    visitor.press("#legend-reset")
    assert visitor.page.evaluate("() => document.activeElement.id") == "legend-title"
    visitor.page.evaluate(
        "() => { location.hash = explorer.address({ picked: ['said', 'late'], picture: 'network' }); }"
    )
    visitor.press("#hide-picked")
    visitor.wait("() => document.activeElement.id === 'layout'")


def test_search_tells_no_fact_that_the_level_hides(visit, stored):
    visitor = visit(stored("searched", view(graph(), title="Plans")))
    visitor.type("#search", "Budget")
    assert visitor.page.locator("#found [data-node]").count() == 1
    visitor = visit(stored("searched-said", view(graph(), title="Plans", evidence="said")))
    visitor.type("#search", "Budget")
    assert visitor.page.locator("#found [data-node]").count() == 0


def test_connections_are_found_sorted_and_saved_that_are_not_listed_yet(visit, stored, monkeypatch):
    monkeypatch.setattr(module, "MAX_ROWS", 1)
    visitor = visit(stored("sorted", view(graph(), title="Plans")))
    visitor.press("#tab-table")
    visitor.type("#table-filter", "weak")
    visitor.wait("() => document.getElementById('table-note').textContent === '1 of 3'")
    visitor.type("#table-filter", " ")
    visitor.wait("() => document.querySelectorAll('#table tbody tr:not([hidden])').length === 1")
    visitor.press("#export")
    with visitor.page.expect_download(lambda file: file.suggested_filename.endswith(".csv")) as download:
        visitor.press("#export-menu [data-format=csv]")
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) == 1 + 3
    visitor.press("#table thead tr :nth-child(3) button")
    visitor.press("#table thead tr :nth-child(3) button")
    assert visitor.seen("#table-note") == "3 of 3"
    ends = [each.split()[2] for each in visitor.listed("#table tbody tr:not([hidden])")]
    assert ends == ["read", "read", "late"]


def fragment(state: dict[str, object]) -> str:
    """An address's state, as somebody may write it."""
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def test_a_value_of_an_address_that_the_page_does_not_know_is_as_none(visit, stored):
    asked = {"evidence": "stated", "tint": "kind", "size": "rank", "picture": "network"}
    state = visit(f"{stored('unknown', view(graph(), title='Plans'))}#{fragment(asked)}").state()
    assert [state[name] for name in asked] == ["weak", "lane", "degree", "network"]


def test_a_filter_of_what_is_not_here_is_left_out_and_said(visit, stored):
    asked = {"relations": ["wants", "needs"], "connectedTo": "gone", "hidden": ["gone"]}
    visitor = visit(f"{stored('lost', view(graph(), title='Plans'))}#{fragment(asked)}")
    assert visitor.seen("#status").endswith("names what is not here, so that is left out: wants, gone.")
    state = visitor.state()
    assert (state["relations"], state["connectedTo"], state["hidden"]) == (["needs"], "", [])
    assert visitor.seen("#legend-title") == "Filter and legend (1 set)"
    assert visitor.counts() == (3, 1)
