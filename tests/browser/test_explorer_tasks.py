"""Ten tasks of an analyst, each done with a keyboard alone, in a real browser.

With a mouse where that does something else; all that is pressed here is clicked in the tests beside these.
What they see is compared with what Python says of the same network.
"""

from __future__ import annotations

import re
from collections import Counter

import networkx as nx
import pytest
from visitors import Keyboard, Mouse, data, faults

from policygraph.analysis.crosswalk import crosswalk, notes
from policygraph.analysis.heatmap import svg as drawn
from policygraph.analysis.network import network
from policygraph.analysis.paths import paths
from policygraph.rdf.namespaces import word

pytest_plugins = ["visits"]
pytestmark = pytest.mark.full

ID = "https://w3id.org/policygraph/id/dk/"
CONCEPT = "https://w3id.org/policygraph/concept/"
NEMID = f"{ID}initiative/nemid"
STRATEGY = f"{ID}plan/digital-welfare-2013-2020"


@pytest.fixture
def visitor(visit, address, request):
    """Someone at the page, by keyboard where a test does not say otherwise."""
    return visit(address, getattr(request, "param", Keyboard))


def by(*people):
    return pytest.mark.parametrize("visitor", people, indirect=True)


both = by(Mouse, Keyboard)


@pytest.fixture(scope="module")
def whole(catalog, store):
    """The network as the page has it, with what somebody examined."""
    return network(catalog, "network", store=store)


@pytest.fixture
def matrix(visitor, whole):
    """The crosswalk of the two lists of areas, open before the visitor."""
    visitor.press("#tab-crosswalk")
    lists = ("modernisation-areas", "digital-welfare-areas")
    return crosswalk(
        whole,
        *(
            [node for node, scheme in whole.nodes(data="scheme") if word(scheme or "") == each]
            for each in lists
        ),
    )


def cells_of(matrix, kind: str) -> list[tuple[str, str, str]]:
    """Row, column and selector of the cells of a kind."""
    return [
        (row, column, f"#matrix {data('row', row)}{data('column', column)}")
        for row, column, cell in matrix.each()
        if cell.kind == kind
    ]


@pytest.fixture
def names(denmark):
    return dict(denmark.nodes(data="label"))


@both
def test_find_nemid(visitor):
    whole = isinstance(visitor, Mouse)  # axe-core looks at the page once
    assert not whole or faults(visitor, whole=True) == []
    visitor.search("nemd", "NemID")  # a letter is missing
    assert visitor.seen("#details h2") == "NemID"
    row = visitor.at(f"#outline tr{data('node', NEMID)}")
    assert row.get_attribute("aria-selected") == "true"
    assert visitor.seen("#outline tr[aria-selected=true]").startswith("NemID")
    assert visitor.state()["selected"] == NEMID
    x, y = visitor.spot(NEMID)
    box = visitor.at("#stage").bounding_box()
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    assert not whole or faults(visitor) == []


def test_list_the_areas_it_illustrates_and_read_why(visitor, denmark, names):
    visitor.search("NemID", "NemID")
    section = "#details section.relation:has(h3:text('exemplifies →'))"
    wanted = {
        other: facts
        for _, other, facts in denmark.out_edges(NEMID, data=True)
        if facts["relation"] == "exemplifies"
    }
    assert len(wanted) == 3
    assert visitor.listed(f"{section} .go") == sorted(names[area] for area in wanted)
    for area, facts in wanted.items():
        visitor.press(f"#details {data('claim', facts['claim'])}")
        seen = visitor.seen("#details")
        assert "Inferred" in seen
        assert word(facts["strength"]).lower() in seen.lower()
        assert facts["rationale"] in seen
        assert names[area] in seen
        for passage in facts["passages"].splitlines():
            section, place, quote = re.fullmatch("(.*) \\((.*?)\\):? ?(.*)", passage, re.DOTALL).groups()
            start, end = map(int, re.findall(r"\d+", place))
            where = f"{end - start:,} characters, from character {start:,} of the text"
            assert all(part in seen for part in (section, where, quote))
        assert visitor.page.evaluate("() => document.activeElement === document.querySelector('#details h2')")
        visitor.press(f"#details .ends {data('goto', NEMID)}")
        assert visitor.seen("#details h2") == "NemID"
    visitor.press(f"#details {data('claim', facts['claim'])}")
    assert faults(visitor) == []


@both
def test_hide_all_inferred_connections_and_see_what_remains(visitor, denmark, names):
    inferred = sum(word(basis) == "inferred" for *_, basis in denmark.edges(data="basis"))
    things, stated = visitor.at_level(0)
    visitor.search("NemID", "NemID")
    assert "exemplifies →" in " ".join(visitor.listed("#details h3"))
    visitor.press("#legend input[value=inferred]")
    left = denmark.size() - inferred
    assert visitor.status == f"{len(denmark)} things and {left} connections; {inferred} connections hidden"
    assert visitor.counts() == (len(denmark), left)
    assert "exemplifies →" not in " ".join(visitor.listed("#details h3"))
    assert re.search(r"\d connections not in the picture", visitor.seen("#details"))
    visitor.press("#evidence [data-evidence=said]")
    assert visitor.status == (
        f"{things} things and {stated} connections; "
        f"{len(denmark) - things} things and {denmark.size() - stated} connections hidden"
    )
    assert visitor.counts() == (things, stated)
    visitor.press(f"#outline tr{data('node', NEMID)}")
    if isinstance(visitor, Keyboard):
        visitor.reach(f"#outline tr{data('node', NEMID)}", "#outline")
        visitor.key("ArrowRight")
    else:
        box = visitor.at(f"#outline tr{data('node', NEMID)}").bounding_box()
        visitor.page.mouse.click(box["x"] + 25, box["y"] + box["height"] / 2)
    rows = visitor.listed("#outline tr[aria-level='3']")
    around = [*denmark.out_edges(NEMID, data=True), *denmark.in_edges(NEMID, data=True)]
    assert len(rows) == sum(word(facts["basis"]) == "stated" for *_, facts in around)
    assert all("Stated" in row for row in rows)


def test_find_what_connects_telemedicine_to_the_demographic_challenge(visitor, denmark, names):
    source, target = f"{CONCEPT}technology/telemedicine", f"{ID}challenge/demographic-change"
    visitor.press("#tab-paths")
    assert faults(visitor, only="color-contrast") == []
    visitor.search("telemed", names[source], "#path-from")
    visitor.search("demographic", names[target], "#path-to")
    expected = paths(denmark, source, target, k=5).paths
    visitor.at("#path-list > li").nth(len(expected) - 1).wait_for()
    for number, path in enumerate(expected):
        hops = visitor.at("#path-list > li").nth(number).locator(".hops > li")
        assert hops.count() == len(path.hops)
        for place, hop in enumerate(path.hops):
            told = re.sub(r"\s+", " ", hops.nth(place).inner_text())
            assert names[hop.source] in told
            assert names[hop.target] in told
            for claim in hop.claims:
                assert claim.attributes["relation"] in told
                assert word(claim.attributes["basis"]).capitalize() in told
    assert "Every path runs through Dissemination of telemedicine throughout Denmark." in visitor.seen(
        "#path-note"
    )
    assert "No path rests on stated connections alone." in visitor.seen("#path-note")
    best = visitor.at("#path-list [data-path='0']")
    assert best.get_attribute("aria-pressed") == "true", "the best is lit at once"
    assert best.evaluate("at => at === document.activeElement")
    assert visitor.page.evaluate("() => explorer.state().path") == 0
    reasons = visitor.listed("#path-list > li:first-child .reasons li")
    for claim in (claim for hop in expected[0].hops for claim in hop.claims):
        passages = re.sub(r":? \(char=[\d,]+\)", "", claim.attributes["passages"])
        passages = re.sub("(?m):? “.*….*”$", "", passages).split("\n")  # which are no more than a place
        assert {claim.attributes["rationale"], *passages} <= set(reasons)
    assert visitor.at("#map").is_visible()
    assert faults(visitor) == []
    visitor.press("#path-list > li:first-child .hops > li:first-child .why")
    assert "The area is named after the technology." in visitor.seen("#details")


def test_open_the_crosswalk_cell_of_two_areas(visitor, matrix):
    row, column = f"{ID}area/use-of-welfare-technology", f"{ID}area/welfare-technology-in-care"
    assert visitor.at("#matrix tbody tr").count() == 8, "it begins with the longest lists"
    lists = {
        each["iri"]: f"{each['name']} ({len(each['members'])})"
        for each in visitor.page.evaluate("() => explorer.model.doc.lists")
    }
    for pick, iri in (
        ("#rows", f"{ID}scheme/digital-welfare-areas"),
        ("#columns", f"{ID}scheme/modernisation-areas"),
    ):
        visitor.choose(pick, lists[iri])
    visitor.wait("() => document.querySelector('#matrix tbody').rows.length === 7")
    for pick, iri in (
        ("#rows", f"{ID}scheme/modernisation-areas"),
        ("#columns", f"{ID}scheme/digital-welfare-areas"),
    ):
        visitor.choose(pick, lists[iri])
    visitor.wait("() => document.querySelector('#matrix tbody').rows.length === 8")
    cells = visitor.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("#matrix button")].map(
          ({ dataset, textContent }) => [`${dataset.row} ${dataset.column}`, textContent]))"""
    )
    assert len(cells) == 8 * 7
    for one, other, cell in matrix.each():
        assert cells[f"{one} {other}"] == cell.number, "with the mark of its basis, as on the site"
    kinds = Counter(cell.kind for *_, cell in matrix.each())
    assert set(kinds) == {"direct", "weak", "through", "shared", "none found"}
    reading, pairs, _, _, alone = notes(matrix)
    assert visitor.seen("#matrix-note") == pairs
    assert sorted(map(int, re.findall(r"\d+", pairs))) == sorted([8 * 7, *kinds.values()]), pairs
    shown = visitor.seen("#matrix-reading")
    assert shown.startswith(reading)
    assert sorted(re.findall(r"M\d", shown)) == sorted(re.findall(r"M\d", alone))
    signs = ["~ Inferred", "h Only through what many things share", "· Examined, none found"]
    assert visitor.listed("#matrix-signs li:not(.scale)") == signs
    roots = [cell.strength**0.5 for *_, cell in matrix.each() if cell.ways]
    steps = [min(roots) + part / 3 * (max(roots) - min(roots)) for part in range(4)]
    assert visitor.listed("#matrix-signs .scale span") == [f"{step**2:.2f}" for step in steps]
    svg = drawn(matrix)
    for one, other, cell in matrix.each():
        if cell.ways:
            color = visitor.at(f"#matrix {data('row', one)}{data('column', other)}").evaluate(
                "at => getComputedStyle(at).backgroundColor.match(/[\\d.]+/g)"
                ".map(each => Math.round(each * 255))"
            )
            assert 'fill="#{:02x}{:02x}{:02x}"'.format(*color) in svg, "the colours of the site's"
    visitor.press(f"#matrix {data('row', row)}{data('column', column)}")
    told = visitor.seen("#cell")
    assert "Welfare technology in nursing and care" in told
    assert "Use of welfare technology" in told
    cell = matrix.cells[matrix.rows.index(row)][matrix.columns.index(column)]
    assert cell.paths
    assert visitor.at("#cell .paths > li").count() == len(cell.paths)
    hubs = [bool(path.hubs) for path in cell.paths]
    badges = visitor.listed("#cell .paths .badge")
    assert [badge.startswith("Through what many") for badge in badges] == hubs == sorted(hubs)


@by(Mouse)
def test_a_cell_says_whether_somebody_looked(visitor, matrix, names):
    assert faults(visitor) == []
    row, column, cell = cells_of(matrix, "none found")[0]
    pair = f"{names[row]} × {names[column]}"
    assert visitor.at(cell).get_attribute("aria-label") == f"{pair}: Examined, none found"
    visitor.press(cell)
    assert visitor.at(cell).get_attribute("aria-pressed") == "true"
    nothing = "No path of at most 2 steps connects them."
    assert visitor.seen("#cell") == f"{pair} Examined, none found {nothing}"
    # With only what the sources state, the pairs that others connect are no pairs without a connection.
    visitor.press("#evidence [data-evidence=said]")
    row, column, cell = cells_of(matrix, "weak")[0]
    visitor.wait("cell => document.querySelector(cell).textContent === '–'", cell)
    pair = f"{names[row]} × {names[column]}"
    assert visitor.at(cell).get_attribute("aria-label") == f"{pair}: Left out here"
    visitor.press(cell)
    assert visitor.seen("#cell") == f"{pair} Left out here {nothing}"
    assert faults(visitor) == []
    visitor.press("#evidence [data-evidence=weak]")
    lists = visitor.page.evaluate(
        "() => explorer.model.doc.lists.map(({ name, members }) => [name, members.length])"
    )
    for pick, name in (("#rows", "Levels of government"), ("#columns", "Themes")):
        visitor.choose(pick, f"{name} ({dict(lists)[name]})")
    cell = "#matrix tbody tr:first-child td:nth-of-type(2) button"
    visitor.wait("cell => document.querySelector(cell)?.textContent === '?'", cell)
    pair = "Central-government level × Economic growth"
    assert visitor.at(cell).get_attribute("aria-label") == f"{pair}: Not examined"
    visitor.press(cell)
    assert visitor.seen("#cell") == f"{pair} Not examined {nothing}"
    assert visitor.listed("#matrix-signs li")[-1] == "? Not examined"
    assert faults(visitor) == []


@by(Mouse)
def test_a_cell_of_what_many_things_share_says_so(visitor, matrix, names):
    row, column, cell = cells_of(matrix, "shared")[0]
    pair = f"{names[row]} × {names[column]}"
    only = "Only through what many things share. Examined, none found"
    assert visitor.at(cell).get_attribute("aria-label") == f"{pair}: {only}"
    visitor.press(cell)
    assert visitor.seen("#cell").startswith(f"{pair} {only}")
    found = matrix.cells[matrix.rows.index(row)][matrix.columns.index(column)].paths
    assert visitor.listed("#cell .badge") == [shared(path, names) for path in found]
    assert faults(visitor) == []
    visitor.press("#cell [data-longer]")
    assert visitor.at("#path-from").input_value() == names[row]
    assert visitor.at("#path-to").input_value() == names[column]


def shared(path, names) -> str:
    """What the badge of a path through hubs says."""
    return f"Through what many things share: {', '.join(names[node] for node in path.hubs)}"


@by(Mouse)
def test_a_path_through_a_hub_follows_the_others_with_a_badge(visitor, whole, names):
    visitor.press("#tab-paths")
    target = f"{ID}area/welfare-technology-in-care"
    stated = nx.MultiDiGraph(whole)
    stated.remove_edges_from(
        [
            (*ends, key)
            for *ends, key, basis in whole.edges(keys=True, data="basis")
            if word(basis) != "stated" or f"{ID}plan/public-sector-modernisation" in ends  # made up
        ]
    )
    for name, plain in (("service-minded-public-sector", 0), ("use-of-welfare-technology", 1)):
        source = f"{ID}area/{name}"
        found = paths(whole, source, target, k=5).paths
        assert [bool(path.hubs) for path in found] == [number >= plain for number in range(5)]
        visitor.search(names[source], names[source], "#path-from")
        visitor.search(names[target], names[target], "#path-to")
        found += paths(stated, source, target, k=1).paths  # as none of the five is
        visitor.at("#path-list > li").nth(len(found) - 1).wait_for()
        badges = visitor.listed("#path-list .top .badge")
        assert badges[plain:] == [shared(path, names) for path in found[plain:]]
        assert all(re.fullmatch(r"\d of \d steps stated", badge) for badge in badges[:plain])
    visitor.press("#path-list [data-path='4']")
    assert visitor.at("#path-list [data-path='4']").get_attribute("aria-pressed") == "true"
    assert faults(visitor) == []


def test_the_arrow_keys_go_from_cell_to_cell(visit, address):
    visitor = visit(address, Keyboard)
    visitor.press("#tab-crosswalk")
    visitor.reach("#matrix tbody button")
    for keys, row, column in (
        ("ArrowLeft ArrowUp", 1, 1),
        ("ArrowRight ArrowDown", 2, 2),
        ("ArrowDown", 3, 2),
        ("Enter ArrowRight", 3, 3),
    ):
        for key in keys.split():
            visitor.key(key)
        at = f"#matrix tbody tr:nth-child({row}) td:nth-of-type({column}) button"
        assert visitor.page.evaluate("at => document.activeElement.matches(at)", at), keys
    assert visitor.at("#matrix [aria-pressed=true]").count() == 1
    assert visitor.seen("#cell h3").startswith("Use of welfare technology × Effective collaboration")


def test_find_areas_no_plan_implements(visitor, store, catalog, names):
    rows = store.query(catalog.queries["areas-without-plan"].bind())
    answer = {row["area"].value: names[row["area"].value] for row in rows}
    assert len(answer) == 6
    visitor.press("#questions [data-question=areas-without-plan]")
    visitor.wait("() => document.querySelectorAll('#map .card.lit:not(.frame)').length === 6")
    assert "6 things" in visitor.seen("#status")
    visitor.press("#tab-table")
    visitor.press("#table-things")
    assert {*visitor.nodes("#table tbody tr:not([hidden]) [data-node]")} == {*answer}
    for label in answer.values():
        assert label in visitor.seen("#table")
    assert faults(visitor) == []


def test_see_which_plans_were_in_force_in_2014(visitor, store, catalog, denmark):
    rows = list(store.query(catalog.queries["plans-in-force"].bind(year=2014)))
    answer = {row["plan"].value for row in rows}
    assert len(answer) > 1
    visitor.press("#tab-timeline")
    everything = visitor.at("#timeline-rows [data-node]").count()
    assert everything > len(answer)
    assert faults(visitor) == []
    visitor.type("#in-force", "2014")
    visitor.wait("() => explorer.state().year === 2014")
    kind = "h3:text-is('Plan') + ul"
    assert {*visitor.nodes(f"#timeline-rows {kind} [data-node]")} == answer
    undated = visitor.at("#timeline-rows details [data-node]").count()
    drawn = visitor.at("#timeline-rows li:has(.track)").count()
    both = {facts["kind"] for _, facts in denmark.nodes(data=True) if facts.get("start") and facts.get("end")}
    assert {"Observation", "Plan"} <= both < {kind for _, kind in denmark.nodes(data="kind")}
    kinds = visitor.page.evaluate("() => explorer.model.doc.kinds.map(({ name }) => name)")
    lasting = [name for name in kinds if name in both]
    told, _, rest = visitor.seen("#timeline-note").partition(". ")
    head, _, counted = told.partition(": ")
    assert head == "In force in 2014, known to have begun and not known to be over"
    assert f"Plan {len(answer)}" in counted.split(", ")
    assert sum(int(each.rpartition(" ")[2]) for each in counted.split(", ")) == drawn
    assert rest == (
        "In the picture, what has no beginning stays, except things of kinds that begin and end: "
        f"{', '.join(lasting)}."
    )
    assert visitor.seen("#timeline-rows summary").startswith(f"{undated} more things of these kinds cannot")
    plans = visitor.page.evaluate(
        "() => explorer.model.doc.nodes.filter((node) => explorer.model.doc.kinds[node.kind].name === 'Plan'"
        " && !node.start).map(({ iri }) => iri)"
    )
    assert plans
    assert {*visitor.nodes("#timeline-rows details [data-node]")} >= {*plans}
    assert "hidden" in visitor.status
    assert faults(visitor) == []
    visitor.press(f"#timeline-rows {data('node', STRATEGY)}")
    assert visitor.seen("#details h2") == "Strategy for Digital Welfare 2013-2020"
    assert "2013–2020" in visitor.seen("#details")


def test_isolate_the_strategy_two_steps_out(visitor, denmark):
    near = nx.single_source_shortest_path_length(denmark.to_undirected(as_view=True), STRATEGY, cutoff=2)
    part = denmark.subgraph(near)
    visitor.search("strategy for digital welfare", "Strategy for Digital Welfare 2013-2020")
    visitor.choose("#steps", "2 steps")
    visitor.press("#details [data-action=isolate]")
    visitor.wait("many => explorer.counts().nodes === many", len(part))
    assert visitor.counts() == (len(part), part.size())
    assert visitor.status.startswith(
        f"{len(part)} things and {part.size()} connections; {len(denmark) - len(part)} things"
    )
    assert visitor.seen("#details h2") == "Strategy for Digital Welfare 2013-2020"
    assert faults(visitor) == []


def test_what_is_done_to_a_thing_is_said_in_a_sentence(visit, address, denmark):
    visitor = visit(address, Mouse)
    visitor.search("NemID", "NemID")
    visitor.press("#details [data-action=hide]")
    hidden = "iri => { location.hash = explorer.address({ selected: iri }); }"
    visitor.page.evaluate(hidden, NEMID)
    visitor.press("#details [data-action=show]")
    visitor.page.evaluate(
        "iri => map.querySelector(`[data-card=${explorer.model.named(iri).id}]`).focus()", NEMID
    )
    visitor.page.keyboard.press("Control+z")
    assert visitor.page.evaluate("() => document.activeElement.textContent") == "NemID"
    visitor.press("#details [data-action=show]")
    near = len({*nx.all_neighbors(denmark, NEMID)} - {NEMID})
    for action, sentence in (
        ("pin", "NemID is pinned: no filter hides it."),
        ("pin", "NemID is no longer pinned."),
        ("expand", "All that NemID is connected to is shown already."),
        ("isolate", f"Only NemID and {near} things around it are shown now, as “Around a thing”"),
        ("hide", "NemID is hidden; Undo shows it again."),
    ):
        visitor.press(f"#details [data-action={action}]")
        assert visitor.seen("#status").startswith(sentence)
    assert visitor.at("#status").get_attribute("role") == "status"


def test_open_the_page_on_one_thing_by_a_link(visit, address, denmark):
    from urllib.parse import quote

    around = nx.ego_graph(denmark.to_undirected(as_view=True), NEMID, radius=1)
    visitor = visit(f"{address}#focus={quote('pgid:dk/initiative/nemid', safe='')}&steps=1")
    assert visitor.seen("#details h2") == "NemID"
    assert visitor.state()["selected"] == NEMID
    assert set(visitor.state()["shown"]) == set(around)
    assert visitor.counts()[0] == len(around)
    again = visit(visitor.page.url)
    assert again.state() == visitor.state(), "the address that is left is that of the view"
    further = visit(address)
    further.page.evaluate("name => { location.hash = `focus=${name}`; }", NEMID)
    further.wait("iri => explorer.state().selected === iri", NEMID)
    near = nx.ego_graph(denmark.to_undirected(as_view=True), NEMID, radius=2)
    assert set(further.state()["shown"]) == set(near)


def test_a_link_to_what_is_not_there_opens_the_whole(visit, address):
    visitor = visit(f"{address}#focus=%")
    for name in ("", "pgid:dk/nothing", "denmark%22%3E%3Cb%3E", "pgid:nemid"):
        assert (visitor.state()["shown"], visitor.state()["selected"]) == (None, "")
        visitor.page.evaluate("iri => { location.hash = `focus=${iri}`; }", NEMID)
        visitor.wait("() => explorer.state().selected")
        visitor.page.evaluate("name => { location.hash = `focus=${name}`; }", name)
        visitor.wait("() => !explorer.state().selected")
    assert visitor.state()["shown"] is None


def test_undo_three_times(visitor):
    before = (visitor.state(), visitor.counts())
    steps = []
    for change in (
        "#outline input[data-kind=Goal]",
        "#evidence [data-evidence=said]",
        "#questions [data-question=targets]",
    ):
        steps.append(visitor.status)
        visitor.press(change)
        visitor.wait("said => document.getElementById('status').textContent !== said", steps[-1])
    last = visitor.counts()
    for wanted in reversed(steps):
        visitor.undo()
        visitor.wait("said => document.getElementById('status').textContent === said", f"Undone. {wanted}")
    assert (visitor.state(), visitor.counts()) == before
    assert visitor.at("#status").get_attribute("aria-live") == "polite"
    for _ in steps:
        visitor.press("#redo")
    assert visitor.counts() == last
    assert visitor.state()["question"] == "targets"
    assert visitor.seen("#status").startswith("Redone. ")


def test_send_the_view_to_a_colleague_by_its_address_and_get_the_same_picture(visitor, visit):
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.press("#questions [data-question=neighbourhood]")
    visitor.press("#legend input[value=external]")
    visitor.search("NemID", "NemID")
    visitor.press("#details [data-action=pin]")
    visitor.press("#share")
    visitor.wait("() => /Link copied. Only those who/.test(document.getElementById('status').textContent)")
    sent = visitor.page.evaluate("() => navigator.clipboard.readText()")
    assert sent == visitor.page.url
    assert 20 < len(sent.partition("#")[2]) < 500
    colleague = visit(sent)
    assert colleague.state() == visitor.state()
    assert colleague.counts() == visitor.counts()
    assert colleague.positions() == visitor.positions()
    assert colleague.seen("#details") == visitor.seen("#details")
    visible = visitor.counts()
    assert colleague.status.startswith(f"{visible[0]} things and {visible[1]} connections")
    assert colleague.listed("#outline tr[data-kind]") == visitor.listed("#outline tr[data-kind]")
    same = """() => [...document.querySelectorAll("#map, #map *")]
      .map(at => `${at.tagName} ${at.getAttribute("class")} ${at.textContent}`).join()"""
    for each in (visitor, colleague):
        each.page.mouse.move(0, 0)
        each.press("#fit")
        each.page.wait_for_timeout(150)
    assert colleague.page.evaluate(same) == visitor.page.evaluate(same)
    assert faults(colleague) == []


def test_search_finds_what_is_said_and_says_where(visit, address):
    visitor = visit(address, Mouse)
    option = visitor.at(f"#found [role=option]{data('node', NEMID)}")
    for typed, where in (
        ("2023-10-31", "ended: 2023-10-31"),
        ("one way to identify", "Description: "),
        ("banking sector", "developed with, Passages: "),
    ):
        visitor.focus("#search")
        visitor.page.keyboard.press("Control+a")
        visitor.page.keyboard.type(typed)
        option.locator(".also", has_text=where).wait_for(state="visible")
    visitor.search(typed, "NemID")
    assert visitor.seen("#details h2") == "NemID"


def test_what_a_filter_hides_is_shown_when_asked_for(visit, address):
    visitor = visit(address)
    kind = visitor.page.evaluate(
        "iri => { const { doc, named } = explorer.model; return doc.kinds[named(iri).kind].name; }", NEMID
    )
    change = {"kinds": [kind], "selected": NEMID}
    visitor.page.evaluate("change => { location.hash = explorer.address(change); }", change)
    visitor.press("#details [data-action=show]")
    visitor.wait("() => explorer.state().pinned.length === 1")
    assert visitor.at("#details [data-action=show]").count() == 0
