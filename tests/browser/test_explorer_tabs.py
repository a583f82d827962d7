"""What one sees in the other pictures and tabs: dashes, suggestions, a lit path, colours of strength."""

from __future__ import annotations

import networkx as nx
import pytest
from visitors import Mouse, data, faults

from policygraph.analysis.crosswalk import KINDS, MARKS, SIGNS, crosswalk, notes
from policygraph.explorer.page import page, view

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

ID = "https://w3id.org/policygraph/id/dk/"
NEMID = f"{ID}initiative/nemid"
JOBS = "Job creation, especially in the private sector"

# Cards of the lit path that cannot be seen whole.
OUT_OF_VIEW = """() => {
  const view = document.getElementById("map-box").getBoundingClientRect();
  const lit = [...document.querySelectorAll("#map .card.lit:not(.frame) > rect:first-of-type")];
  return [lit.length, lit.filter(at => {
    const { left, right, top, bottom } = at.getBoundingClientRect();
    return left < view.left - 1 || right > view.right + 1 || top < view.top - 1 || bottom > view.bottom + 1;
  }).length];
}"""


TEXT = """() => {
  const map = document.getElementById("map");
  return 11 * map.getBoundingClientRect().width / map.viewBox.baseVal.width;
}"""  # the pixels of a name on the map


def find_path(visitor) -> None:
    visitor.press("#tab-paths")
    visitor.search("NemID", "NemID", "#path-from")
    visitor.search("Job creation", JOBS, "#path-to")


def test_the_dashes_of_what_is_inferred_are_as_long_as_its_line_is_thick(visit, address):
    visitor = visit(address, Mouse)
    visitor.choose("#layout", "Network")
    visitor.press("#show-all")
    for lit in (False, True):
        if lit:
            visitor.search("NemID", "NemID")
        drawn = visitor.page.evaluate("""() => explorer.frames().body.data.edges.get()
          .filter(({ id }) => explorer.model.doc.bases[explorer.model.edge(id).basis].key === "inferred")
          .map(({ width, dashes, color }) => [width, dashes[0] / width, dashes[1] / width, color.opacity])""")
        assert len({round(width, 2) for width, *_ in drawn}) >= 3, "weak, medium and strong"
        assert not lit or any(opacity == 1 for *_, opacity in drawn)
        assert all(dash >= 2.9 and gap >= 1.9 for _, dash, gap, _ in drawn), lit


def test_the_suggestions_lie_over_everything(visit, address):
    visitor = visit(address, Mouse)
    visitor.press("#tab-paths")
    visitor.focus("#path-to")
    visitor.page.keyboard.type("Job creation")
    rows = visitor.at("#path-to-found [role=option]")
    rows.first.wait_for(state="visible")
    assert rows.count() > 2
    for row in rows.all():
        assert row.evaluate("""at => {
          const { left, top, width, height } = at.getBoundingClientRect();
          return at.contains(document.elementFromPoint(left + width / 2, top + height - 3));
        }""")
    visitor.press(f"#path-to-found {data('node', visitor.iri(JOBS))}")
    assert visitor.at("#path-to").input_value() == JOBS


def test_a_path_is_in_view_where_it_begins_and_can_be_read(visit, address):
    visitor = visit(address, Mouse)
    find_path(visitor)
    lit, outside = visitor.page.evaluate(OUT_OF_VIEW)
    assert lit == 6
    assert outside < lit, "at least where it begins"
    visitor.press("#tab-picture")
    visitor.page.wait_for_timeout(100)
    lit, outside = visitor.page.evaluate(OUT_OF_VIEW)
    assert lit == 6
    assert outside < lit
    assert visitor.page.evaluate(TEXT) >= 11
    visitor.choose("#layout", "Network")
    bright = "() => explorer.frames().body.data.edges.get().filter(({ color }) => color.opacity === 1).length"
    assert visitor.page.evaluate(bright) >= 5
    visitor.choose("#layout", "Map")
    visitor.page.keyboard.press("Escape")
    assert visitor.page.evaluate("() => document.querySelectorAll('#map .lit').length") == 0
    assert visitor.state()["path"] == -1


def test_on_a_small_screen_the_lanes_with_what_is_lit_are_open(visit, address):
    visitor = visit(address, Mouse, width=390, height=844)
    visitor.search("NemID", "NemID")
    visitor.press("#pane-picture")
    thing = visitor.at(f"#lanes .thing{data('node', NEMID)}")
    box, pane = thing.bounding_box(), visitor.at("#map-pane").bounding_box()
    assert pane["y"] <= box["y"] <= pane["y"] + pane["height"] - box["height"]
    assert "chosen" in thing.get_attribute("class")
    assert visitor.at("#lanes details:not([open]) .lit").count() == 0
    assert visitor.at("#lanes details[open]:not(:has(.lit))").count() == 0
    find_path(visitor)
    visitor.press("#tab-picture")
    assert len(visitor.listed("#lanes .lit")) == 6
    assert visitor.at("#lanes details[open]:not(:has(.lit))").count() == 0
    assert faults(visitor) == []


def test_the_stronger_a_cell_the_further_from_the_ground(visit, address):
    visitor = visit(address, Mouse, color_scheme="light")
    visitor.press("#tab-crosswalk")
    look = """() => {
      const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
      const light = color => {
        brush.fillStyle = color;
        brush.fillRect(0, 0, 1, 1);
        return [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).reduce((sum, each, part) =>
          sum + [0.2126, 0.7152, 0.0722][part] * (each / 255 <= 0.04045 ? each / 3294.6
            : ((each / 255 + 0.055) / 1.055) ** 2.4), 0);
      };
      const look = at => [parseFloat(at.textContent), light(getComputedStyle(at).backgroundColor),
        light(getComputedStyle(at).color)];
      return [light(getComputedStyle(document.documentElement).backgroundColor),
        [...document.querySelectorAll("#matrix button:not(.none)")].map(look),
        [...document.querySelectorAll("#matrix-signs .scale span")].map(look)];
    }"""
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        ground, cells, scale = visitor.page.evaluate(look)
        assert (ground > 0.5) == (scheme == "light")
        assert min(value for value, *_ in scale) == min(value for value, *_ in cells)
        assert max(value for value, *_ in scale) == max(value for value, *_ in cells)
        for some in (cells, scale):
            far = [abs(lit - ground) for _, lit, _ in sorted(some)]
            assert far == pytest.approx(sorted(far), abs=1e-3), scheme
            assert far[-1] > 0.3
            for _, lit, ink in some:
                assert (max(lit, ink) + 0.05) / (min(lit, ink) + 0.05) >= 4.5, scheme


def test_marks_and_signs_of_a_crosswalk_are_those_of_the_document(visit, stored):
    """Written in one place, for Python and for the page: other marks in the document are other marks here."""
    graph = nx.MultiDiGraph(examined="r0 c5 r7")
    bases = ["stated", "inferred", "external", "derived", "", "rumour", "inferred"]
    for number in range(9):
        graph.add_node(f"r{number}", scheme="https://e.org/rows")
        graph.add_node(f"c{number}", scheme="https://e.org/columns")
    for number, basis in enumerate(bases):
        graph.add_edge(f"r{number}", f"c{number}", basis=basis, strength="weak" if number == 6 else "strong")
    graph.add_edges_from([("r7", "hub"), ("hub", "c7"), ("r8", "between"), ("between", "c8")], basis="stated")
    graph.add_node("hub", hub=True)
    rows, columns = ([f"{side}{number}" for number in range(9)] for side in "rc")
    matrix = crosswalk(graph, rows, columns)
    document = view(graph, title="Marks").document
    kinds = {*document["defaults"]["kinds"], "same"} - {"left out", "same"}
    assert {cell.kind for *_, cell in matrix.each()} == kinds

    def shown(name):
        visitor = visit(stored(name, page(document)))
        visitor.press("#tab-crosswalk")
        for pick, side in (("#rows", "rows"), ("#columns", "columns")):
            visitor.choose(pick, f"https://e.org/{side} (9)")
        visitor.wait("() => document.querySelector('#matrix button').dataset.row === 'r0'")
        cells = visitor.page.evaluate("""() => [...document.querySelectorAll("#matrix button")]
            .map(({ textContent, classList }) => [textContent, ...classList])""")
        return cells, visitor.seen("#matrix-note"), visitor.listed("#matrix-signs li:not(.scale)")

    cells, note, legend = shown("marks")
    assert [text for text, *_ in cells] == [cell.number for *_, cell in matrix.each()]
    assert note == notes(matrix)[1]
    frames = [cells[10 * number][1] for number in range(7)]
    assert frames == ["whole", "dashed", "dotted", "dotted", "dotted", "dotted", "dashed"]
    assert [text.split()[0] for text in legend][1:] == ["~", "+", "°", "*", "*", "h", "·", "?"]

    other = {
        "marks": dict(zip(MARKS, "STUVW", strict=True)),
        "signs": {kind: kind[0].upper() for kind in SIGNS},
        "frames": {"stated": "dotted", "": "whole"},
        "kinds": [*reversed(KINDS)],
        "weak": 0.7,
    }
    document["defaults"] |= other
    others, changed, _ = shown("other-marks")
    assert [text for text, *_ in others] == [
        text.translate(str.maketrans({"~": "T", "+": "U", "°": "V", "*": "W", "h": "S", "·": "N", "?": "N"}))
        + ("S" if text[0].isdigit() and text[-1].isdigit() else "")
        for text, *_ in cells
    ]
    assert [others[10 * number][1] for number in range(2)] == ["dotted", "whole"]
    shared, examined = "1 only through what many things share", "2 examined, none found"
    assert note.endswith(
        f": 6 direct, 1 weak, 1 through something else, {shared}, {examined}, 70 not examined."
    )
    assert changed.endswith(
        f": 70 not examined, {examined}, {shared}, 1 through something else, 2 weak, 5 direct."
    )


def test_the_scale_has_no_two_boxes_of_one_number(visit, stored):
    graph = nx.MultiDiGraph()
    for number in range(2):
        graph.add_node(f"a{number}", scheme="https://e.org/a")
        graph.add_node(f"b{number}", scheme="https://e.org/b")
        graph.add_edge(f"a{number}", f"b{number}", basis="stated")
    visitor = visit(stored("one-strength", view(graph, title="One strength")))
    visitor.press("#tab-crosswalk")
    assert len(visitor.listed("#matrix-signs .scale span")) == 1


def plans() -> nx.MultiDiGraph:
    """Plans of which beginning, end and horizon are known, or not; the open one was succeeded."""
    graph = nx.MultiDiGraph()
    years = {
        "whole": {"start": 2010, "end": 2014},
        "open": {"start": 2012, "in force since": "2012-11-01", "issued": "2011-06"},
        "looks": {"start": 2013, "horizon": 2016},
        "ended": {"start": 2011, "succeeded": 2015},
        "next": {"start": 2015, "end": 2018},
        "aimed": {"horizon": 2017},
        "over": {"end": 2013},
        "timeless": {},
    }
    for name, facts in years.items():
        graph.add_node(name, label=name, kind="Plan", **facts)
    graph.graph["succession"] = "https://e.org/succeeds"
    graph.add_edge("next", "ended", relation="succeeds", property="https://e.org/succeeds", basis="inferred")
    graph.add_node("quiet", label="quiet", kind="Sector")
    return graph


# From when to when something of a row is drawn, in years, by its name, and how it looks.
DRAWN = """() => {
  const ticks = [...document.querySelectorAll(".ticks span")].filter(at => at.textContent);
  const [one, two] = ticks.map(at => [at.getBoundingClientRect().left, Number(at.textContent)]);
  const year = x => one[1] + (x - one[0]) / ((two[0] - one[0]) / (two[1] - one[1]));
  return Object.fromEntries([...document.querySelectorAll("#timeline-rows li:has(.track)")].map(row => {
    const bar = row.querySelector(".track > *");
    const { left, right } = bar.getBoundingClientRect();
    return [row.querySelector(".who").textContent.slice(1), [
      Math.round(10 * year(left)) / 10, Math.round(10 * year(right)) / 10,
      bar.className.replace(/ *l\\d */, " ").trim(),
    ]];
  }));
}"""


def test_a_bar_says_what_is_known_of_its_end(visit, stored):
    graph = plans()
    graph.add_node("days", label="days", kind="Plan", start=2012, end=2013, interval="2012-07-01/2013-06-30")
    graph.add_node("day", label="day", kind="Plan", start=2012, end=2012, interval="2012-07-01/2012-07-01")
    graph.add_node("late", label="late", kind="Plan", start=2013, interval="2013-07-01/", succeeded=2013)
    graph.add_node("year", label="year", kind="Plan", start=2013, interval="2013-01-01/")
    graph.add_edge("year", "late", relation="succeeds", property="https://e.org/succeeds", basis="stated")
    visitor = visit(stored("bars", view(graph, title="Plans")))
    visitor.press("#tab-timeline")
    drawn = visitor.page.evaluate(DRAWN)
    dots = {name: (one + other) / 2 for name, (one, other, look) in drawn.items() if look.startswith("mark")}
    assert dots == pytest.approx({"aimed": 2017.5, "day": 2012.5}, abs=0.11)
    assert {name: each for name, each in drawn.items() if name not in dots} == {
        "whole": [2010, 2015, "bar"],
        "days": [2012.5, 2013.5, "bar"],
        "ended": [2011, 2016, "bar horizon"],  # in the year in which its successor begins, which is inferred
        "open": [2012, 2014, "fade"],
        "looks": [2013, 2017, "bar horizon"],
        "over": [2012, 2014, "fade before"],
        "next": [2015, 2019, "bar"],
        "late": [2013.5, 2014, "bar"],  # as its successor can have begun in any month of that year
        "year": [2013, 2015, "fade"],
    }
    arrow, rows = (
        visitor.page.locator(each).first.bounding_box() for each in (".fade b", "#timeline-rows .track")
    )
    assert arrow["x"] + arrow["width"] < rows["x"] + rows["width"]
    labels = (
        "() => [...document.querySelectorAll('#timeline-rows button:has(.track)')].map(at => at.ariaLabel)"
    )
    said = {label.split(", ")[0]: label for label in visitor.page.evaluate(labels)}
    assert said["open"] == "open, Plan, from 2012; in force since 2012-11-01"
    assert said["looks"] == "looks, Plan, from 2013, horizon 2016"
    assert said["ended"] == "ended, Plan, from 2011, succeeded 2015"
    assert said["over"] == "over, Plan, to 2013"
    assert "no end is stated" in visitor.seen("#timeline-key")
    assert visitor.seen("#timeline-rows details summary") == (
        "1 more thing of these kinds cannot be placed: no year is stated."
    )
    visitor.press("#timeline-rows .successions .line.inferred .hit")
    assert "succeeds" in visitor.seen("#details .verb")


def test_a_bar_has_the_years_that_are_shown_at_its_level_of_evidence(visit, stored):
    graph = plans()
    levels = {"levels": {"end": 2, "succeeded": 3}, "level of evidence": 0}
    for name in ("whole", "ended"):
        graph.nodes[name].update(levels)
    graph.add_edge("whole", "ended", basis="stated")
    graph.add_edge("ended", "whole", basis="inferred", strength="weak")
    visitor = visit(stored("levels", view(graph, title="Plans")))
    visitor.press("#tab-timeline")
    before = visitor.page.evaluate(DRAWN)
    bars = {}
    for key in ("said", "weak"):
        visitor.press(f"#evidence [data-evidence={key}]")
        drawn = visitor.page.evaluate(DRAWN)
        bars[key] = [drawn[name][2] for name in ("whole", "ended")]
    assert bars == {"said": ["fade", "fade"], "weak": ["bar", "bar horizon"]}
    assert drawn == before


def test_two_years_compared_say_what_is_gone_new_continued_and_changed(visit, stored):
    visitor = visit(stored("plans", view(plans(), title="Plans")), width=1700)
    visitor.press("#tab-timeline")
    visitor.type("#in-force", "2014")
    visitor.type("#in-force-against", "2017")
    visitor.wait("() => String(explorer.state().year) === '2014,2017'")
    became = {
        "whole": "gone",
        "open": "continued",
        "looks": "continued",
        "ended": "changed",
        "next": "changed",
    }
    rows = """() => Object.fromEntries([...document.querySelectorAll("#timeline-rows button:has(.track)")]
      .map(at => [at.dataset.node, at.className]))"""
    assert visitor.page.evaluate(rows) == became
    assert "− gone: Plan 1. = continued: Plan 2. → changed, by a successor: Plan 2." in visitor.seen(
        "#timeline-note"
    )
    visitor.press("#tab-picture")
    cards = """() => Object.fromEntries([...document.querySelectorAll("#map .card:not(.off)")]
      .map(at => [explorer.model.node(at.dataset.things).name, at.querySelector(".change").textContent])
      .filter(([, sign]) => sign))"""
    signs = {"gone": "−", "continued": "=", "changed": "→"}
    assert visitor.page.evaluate(cards) == {name: signs[each] for name, each in became.items()}
    assert "→ changed, by a successor" in visitor.seen("#map-changes")
    assert (
        visitor.page.evaluate(
            """() => [...document.querySelectorAll("#map .card[aria-label*=', gone,']")].length"""
        )
        == 1
    )
    visitor.undo()
    visitor.undo()
    assert visitor.page.evaluate(cards) == {}


def test_in_force_in_a_year_is_what_has_begun_and_is_not_known_to_be_over(visit, stored):
    visitor = visit(stored("plans", view(plans(), title="Plans")))
    visitor.press("#tab-timeline")
    ends = {"whole": (2010, 2014), "open": (2012, 9999), "looks": (2013, 9999), "ended": (2011, 2015)}
    ends["next"] = (2015, 2018)
    for year in (2010, 2013, 2014, 2017, 2018):
        visitor.type("#in-force", str(year))
        visitor.wait("year => explorer.state().year === year", year)
        begun = {name for name, (one, other) in ends.items() if one <= year <= other}
        assert set(visitor.page.evaluate(DRAWN)) == begun, year
        unplaced = {"aimed", "timeless"} | ({"over"} if year <= 2013 else set())
        assert visitor.seen("#timeline-note") == (
            f"In force in {year}, known to have begun and not known to be over: Plan {len(begun)}. "
            "In the picture, what has no beginning stays, except things of kinds that begin and end: Plan."
        )
        assert visitor.seen("#timeline-rows summary") == (
            f"{len(unplaced)} more things of these kinds cannot be placed: no beginning is stated."
        )
        assert {*visitor.nodes("#timeline-rows details [data-node]")} == unplaced, year
        assert visitor.counts()[0] == len(begun) + 1, "what has no year stays"


WHOLE = """field => {
  const held = document.getElementById(field).parentElement.querySelector(".held");
  const [words, frame] = [held, held.parentElement].map(at => at.getBoundingClientRect());
  const inside = words.left >= frame.left && words.right <= frame.right && words.bottom <= frame.bottom;
  const line = parseFloat(getComputedStyle(held).lineHeight);
  const shown = held.checkVisibility({ visibilityProperty: true }) && held.scrollWidth <= held.clientWidth;
  return [held.textContent, inside && shown, Math.round((words.height - 7) / line)];
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_long_name_is_whole_in_the_field_that_holds_it(visit, danish, width):
    visitor = visit(danish, width=width, height=844)
    named = "() => explorer.model.doc.nodes.map(({ name }) => name).sort((a, b) => b.length - a.length)"
    longest, next_longest, *_ = visitor.page.evaluate(named)
    visitor.page.evaluate(
        "ends => { location.hash = explorer.address({ view: 'paths', from: ends[0], to: ends[1] }); }",
        [visitor.iri(longest), visitor.iri(next_longest)],
    )
    for field, name in (("path-from", longest), ("path-to", next_longest)):
        visitor.at(f"#{field}").wait_for()
        text, whole, lines = visitor.page.evaluate(WHOLE, field)
        assert (text, whole) == (name, True)
        assert lines > 1
    visitor.at("#path-from").focus()
    assert not visitor.page.evaluate(WHOLE, "path-from")[1], "one writes in the field itself"
    visitor.at("#tab-crosswalk").click()
    for field in ("rows", "columns"):
        text, whole, _ = visitor.page.evaluate(WHOLE, field)
        assert whole
        assert text == visitor.at(f"#{field} option:checked").inner_text().strip()
    visitor.at("#rows").select_option(index=1)
    assert visitor.page.evaluate(WHOLE, "rows")[0] == visitor.at("#rows option:checked").inner_text().strip()


def test_no_year_that_is_asked_about_runs_through_a_name(visit, address):
    visitor = visit(address, Mouse, width=768, height=844)
    visitor.page.evaluate(
        "() => { location.hash = explorer.address({ view: 'timeline', year: [2011, 2016] }); }"
    )
    visitor.at("#timeline-rows .who").first.wait_for()
    page = visitor.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor")
    for width in (768, 390):
        visitor.page.set_viewport_size({"width": width, "height": 844})
        assert visitor.at("#timeline-rows .ticks i").count() == 2
        grounds = visitor.at("#timeline-rows li .who").evaluate_all(
            "all => all.map(at => getComputedStyle(at).backgroundColor + getComputedStyle(at).zIndex)"
        )
        assert set(grounds) == {f"{page}1"}, width


def test_names_stand_whole_in_a_shut_lane_and_numbers_in_a_stacked_comparison_off_its_frame(visit, address):
    visitor = visit(address, Mouse, width=390, height=844)
    cut = """() => [...document.querySelectorAll("#lanes .some")].flatMap(at => {
      const room = at.getBoundingClientRect();
      return [...at.children].map(each => each.getBoundingClientRect())
        .filter(({ top }) => top < room.bottom - 2)
        .filter(({ right, bottom }) => right > room.right + 1 || bottom > room.bottom + 3);
    }).length"""
    assert len(visitor.listed("#lanes .some span")) > 3
    assert visitor.page.evaluate(cut) == 0
    visitor.press("#tab-crosswalk")
    gaps = visitor.at("#matrix.stacked button.dashed").evaluate_all("""all => all.map(at => {
      const range = document.createRange();
      range.selectNodeContents(at);
      const [words, cell] = [range, at].map(each => each.getBoundingClientRect());
      return words.left - cell.left + parseFloat(getComputedStyle(at).outlineOffset);
    })""")
    assert len(gaps) > 3
    assert min(gaps) >= 2


GO = "change => { location.hash = explorer.address(change); }"


def test_what_is_pinned_is_on_paths_at_once(visit, stored):
    graph = nx.MultiDiGraph()
    for name, kind in (("a", "End"), ("x", "Way"), ("b", "End")):
        graph.add_node(name, label=name, kind=kind)
    graph.add_edges_from([("a", "x"), ("x", "b")], relation="r", basis="stated")
    visitor = visit(stored("pinned", view(graph, title="P")))
    asked = {"view": "paths", "from": "a", "to": "b", "kinds": ["Way"]}
    for pinned, many in (([], 0), (["x"], 1), ([], 0)):
        visitor.page.evaluate(GO, asked | {"pinned": pinned})
        visitor.wait(
            "n => explorer.state().pinned.length === n && explorer.state().kinds.length", len(pinned)
        )
        assert visitor.at("#path-list > li").count() == many


def test_what_was_typed_and_not_chosen_is_no_end_of_a_path(visit, address):
    visitor = visit(address)
    visitor.press("#tab-paths")
    visitor.at("#path-from").fill("Digital Post")
    visitor.at("#path-from").blur()
    assert visitor.at("#path-from").input_value() == ""
    find_path(visitor)
    name = visitor.at("#path-from").input_value()
    visitor.at("#path-from").fill("Digital Post")
    visitor.at("#path-from").blur()
    assert visitor.at("#path-from").input_value() == name


def test_years_of_things_are_sorted_as_years(visit, stored):
    visitor = visit(stored("sorted", view(plans(), title="Plans")))
    visitor.page.evaluate(GO, {"view": "table", "table": "things", "sort": 5})
    visitor.wait("() => explorer.state().sort === 5")
    years = [int(each) for each in visitor.page.evaluate(
        """() => [...document.querySelectorAll("#table tbody tr:not([hidden])")]
        .map(({ cells }) => cells[4]?.dataset.by).filter(Boolean)"""
    )]  # fmt: skip
    assert len(years) > 3
    assert years == sorted(years)


def shortcuts() -> nx.MultiDiGraph:
    """Five short ways from a to b of which a half is read, and a long one that sources say."""
    graph = nx.MultiDiGraph()
    for way in ("v", "w", "x", "y", "z"):
        graph.add_edge("a", way, basis="stated")
        graph.add_edge(way, "b", basis="inferred", strength="strong")
    nx.add_path(graph, ["a", "m", "n", "b"], basis="stated")
    return graph


def twice() -> nx.MultiDiGraph:
    """One way that two claims make, of which one counts as read."""
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", basis="stated", **{"level of evidence": 2})
    graph.add_edge("a", "b", basis="external", **{"level of evidence": 0})
    return graph


@pytest.mark.parametrize(
    ("graph", "note", "many"),
    [
        (
            shortcuts(),
            "6 paths, the most specific first. The last is the best that rests on what sources say alone.",
            6,
        ),
        (twice(), "1 path. Every path", 1),
    ],
    ids=["further", "there"],
)
def test_as_many_paths_are_listed_as_are_said(graph, note, many, visit, stored):
    visitor = visit(stored(f"ways-{many}", view(graph, title="Ways")))
    visitor.page.evaluate(GO, {"view": "paths", "from": "a", "to": "b"})
    visitor.wait("n => document.querySelectorAll('#path-list > li').length === n", many)
    assert visitor.seen("#path-note").startswith(note.partition(" Every")[0])
    assert visitor.listed("#path-list > li .badge")[-1] == (
        "all stated" if many > 1 else "0 of 1 steps stated"
    )


def test_a_path_that_is_lit_stays_so_under_another_filter_or_none_is(visit, stored):
    visitor = visit(stored("lit", view(shortcuts(), title="Ways")))
    visitor.page.evaluate(GO, {"view": "paths", "from": "a", "to": "b"})
    for place, left in ((5, 0), (0, -1)):
        visitor.press(f"#path-list [data-path='{place}']")
        lit = visitor.seen("#path-list .chosen .hops")
        visitor.press("#legend input[value=inferred]")
        assert visitor.state()["path"] == left
        assert visitor.listed("#path-list .chosen .hops") == [lit][: left + 1]
        visitor.undo()
        assert visitor.seen("#path-list .chosen .hops") == lit
        assert visitor.state()["path"] == place


def test_a_fact_of_a_network_is_called_as_it_is_there(visit, stored):
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", basis="stated", start=2011, document_type="law", level="high")
    visitor = visit(stored("facts", view(graph, title="Facts")))
    (edge,) = visitor.document["edges"]
    visitor.page.evaluate(GO, {"selected": edge["id"]})
    visitor.wait("() => explorer.state().selected")
    titles = visitor.at("#details dt").all_text_contents()
    assert {"start", "document type", "Level"} <= {*titles}
    assert "Start from a question" not in titles


def test_the_list_to_compare_with_is_that_of_the_first_that_is_left(visit, stored):
    graph = nx.MultiDiGraph()
    for place in "ABCD":
        for number in (0, 1):
            facts = {"scheme": f"https://e.org/list-{place}", "country": f"https://e.org/{place}land"}
            graph.add_node(f"{place}{number}", label=f"{place}{number}", kind="Area", **facts)
    graph.add_edges_from([("A0", "D0"), ("A1", "D1"), ("B0", "C0")], basis="stated", relation="is like")
    visitor = visit(stored("lists", view(graph, title="Lists")))
    visitor.press("#tab-crosswalk")
    chosen = "() => ['rows', 'columns'].map(id => document.getElementById(id).value.at(-1)).join('')"
    assert visitor.page.evaluate(chosen) == "AD"
    visitor.press("#legend input[value='https://e.org/Aland']")
    assert visitor.page.evaluate(chosen) == "BC"
