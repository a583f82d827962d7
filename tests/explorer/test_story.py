"""Stories: what a file may say, what its sentences assert, and pictures that count what the data say.

Tests of `fonts` and `site.pages.story`.
"""

from __future__ import annotations

import re
import shutil
from datetime import date
from importlib.util import find_spec
from xml.etree import ElementTree

import pytest
from checkout import SHIPPED
from command import run

import policygraph as pg
from policygraph.analysis.network import SHOWN
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.metadata import Metadata
from policygraph.errors import CatalogError
from policygraph.explorer.story import Step, Story, Storyboard, faults, stories
from policygraph.fonts import text_width
from policygraph.rdf.namespaces import MODEL
from policygraph.site.context import SiteContext
from policygraph.store.protocols import rows

SVG = "{http://www.w3.org/2000/svg}"
STORY = """title = "Bridges"
author = "Somebody"
checked = 2026-11-29
datasets = ["xy"]

[[step]]
id = "needs"
sentence = { en = "The bridge needs a road.", da = "Broen kræver en vej." }
  [[step.asserts]]
  query = "needs"
  rows = 1
  [step.draw]
  query = "needs"
  lanes = ["source", "target"]
"""
IMPLEMENTS = """SELECT ?claim { ?claim rdf:predicate ?p ; rdf:object ?area
  FILTER(STRENDS(STR(?p), "#implements") || STRENDS(STR(?p), "#targetsArea"))
  ?area skos:topConceptOf ?list FILTER(STRENDS(STR(?list), "modernisation-areas"))
  FILTER NOT EXISTS {
    ?claim rdf:subject ?plan . ?plan ?coined true FILTER(STRENDS(STR(?coined), "#coined"))
  } }"""


@pytest.fixture
def told(small_catalog):
    """Writes a story into a small catalogue, with parts of it in place of others, and opens that."""
    folder = small_catalog.root / "stories"
    folder.mkdir()

    def write(*changes):
        text = STORY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / "bridges.toml").write_text(text, encoding="utf-8")
        return Catalog(small_catalog.root)

    return write


def slides(catalog, name, language="en"):
    return Storyboard(stories(catalog)[name], Metadata(catalog, catalog.store), language).slides


@pytest.fixture(scope="module")
def eight(catalog):
    return {language: slides(catalog, "eight-areas", language) for language in ("en", "da", "nb")}


def texts(svg):
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def size(text):
    return float(text.get("font-size", 16))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title", "titel", "titel is no setting; there are title, author, checked, datasets, step."),
        ("title = \"Bridges\"\n", "", "title is missing."),
        ("2026-11-29", '"today"', "checked takes a day such as 2026-11-29; not 'today'."),
        ("[[step]]", "[step]", "step is a list of tables, which each"),
        ('id = "needs"', 'id = "Needs!"', "step 1, id takes small letters, digits and hyphens"),
        ("rows = 1", 'rows = "one"', "step 1, asserts 1, rows takes a whole number; not 'one'."),
        ('  query = "needs"\n  rows', "  rows", "step 1, asserts 1, query is missing."),
        ("  lanes = [", "  lane = [", "step 1, draw, lanes is missing."),
        ('["source", "target"]', "[]", "step 1, draw, lanes is empty; name a column."),
        ('"target"]', '"target"]\n  mark = { query = "needs" }', "step 1, draw, mark, column is missing."),
        ('"target"]', '"target"]\n  headings.to.en = "X"', "step 1, draw, headings, to is no lane."),
        ("[step.draw]", "[step.drawn]", "step 1, drawn is no setting; there are id, sentence,"),
        ('"needs"\nsentence', '"needs"\nshow = "all"\nsentence', "step 1, show takes one of said,"),
        ("2026-11-29", "today", "Invalid value (at line 3, column 11)."),
    ],
)  # fmt: skip
def test_what_a_file_may_not_say_is_a_sentence_with_file_step_and_key(told, old, new, says):
    with pytest.raises(CatalogError) as refused:
        stories(told((old, new)))
    assert f"stories/bridges.toml: {says}" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('query = "needs"\n  rows', 'query = "nedes"\n  rows', "There is no query 'nedes'"),
        ('"target"]', '"targets"]', "no column 'targets'; it has: source, target."),
        ('  lanes =', '  country = "X"\n  lanes =', "needs has no parameter 'country'; it has: none."),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_names_the_step(told, old, new, says):
    done = run("--catalog", told((old, new)).root, "validate")
    assert done.returncode == 2
    assert re.match(r"policygraph: \S+stories/bridges.toml, step needs: ", done.stderr)
    assert says in done.stderr


@pytest.mark.parametrize(
    ("asserts", "found"),
    [
        ("rows = 1", None),
        ("rows = 2", "needs has 1 rows, not 2."),
        ('column = "target"\n  value = "Road"', None),
        ('column = "target"\n  value = "Road"\n  rows = 1', None),
        ('column = "target"\n  value = "Port"', "needs has 0 rows with target Port, not 1."),
        ('column = "target"\n  rows = 3', "needs has 1 rows with target, not 3."),
        ('column = "target"\n  value = "Port"\n  rows = 1', "needs has 0 rows with target Port, not 1."),
    ],
)
def test_a_sentence_holds_as_long_as_its_numbers_do(told, asserts, found):
    catalog = told(("rows = 1", asserts))
    assert [*faults(catalog)] == ([("bridges#needs", f"bridges.toml: {found}")] if found else [])
    assert [*slides(catalog, "bridges")[0].faults] == ([found] if found else [])


def test_validate_asks_what_stories_assert_and_files_alone_do_not(told):
    root = told(("rows = 1", "rows = 7")).root
    report = pg.validate(Catalog(root))
    assert not report.conforms
    assert [each.message for each in report.results if "story/" in each.focus] == [
        "bridges.toml: needs has 1 rows, not 7."
    ]
    assert b"needs has 1 rows, not 7." in report.turtle()
    assert not [each for each in pg.validate(Catalog(root), "xy").results if "story/" in each.focus]


def test_a_story_is_offered_where_its_datasets_are(told, catalog):
    assert stories(told(('["xy"]', '["xy", "zz"]'))) == {}
    assert [*stories(catalog)] == ["eight-areas"]
    assert [*stories(Catalog(SHIPPED))] == ["eight-areas", "nemid", "two-countries"]


def test_what_lacks_a_language_is_in_english(told):
    catalog = told()
    assert [slides(catalog, "bridges", tag)[0].language for tag in ("en", "da", "nb")] == ["en", "da", "en"]
    assert "The bridge needs a road." in slides(catalog, "bridges", "nb")[0].svg


def test_the_picture_counts_what_the_data_say(eight, store):
    first = eight["en"][0]
    claims = {row["claim"].value for row in rows(store, IMPLEMENTS)}
    assert {*first.claims} == claims
    assert len(claims) == 4
    assert first.total == "Said by the sources: 0 of 8 · with what curators read into them: 2 of 8"
    assert first.total in "".join(ElementTree.fromstring(first.svg).itertext())
    assert first.svg.count('stroke-dasharray="9 6"') == len(claims)  # all read
    assert len(first.rows) == len(claims) + 6
    assert eight["da"][0].total == "Sagt af kilderne: 0 af 8 · med det, kuratorer læser ind i dem: 2 af 8"
    assert eight["nb"][0].total == "Sagt av kildene: 0 av 8 · med det kuratorer leser inn i dem: 2 av 8"


def test_names_are_whole_texts_are_large_and_nothing_lies_on_another(eight):
    for language, board in eight.items():
        for slide in board:
            drawn = texts(slide.svg)
            assert min(map(size, drawn)) >= 16, (language, slide.step.id)
            for text in drawn:
                wide, at = text_width(text.text, size(text)), float(text.get("x"))
                start = at - wide * {"middle": 0.5, "end": 1}.get(text.get("text-anchor"), 0)
                assert "…" not in text.text
                assert -1 <= start < start + wide <= 1281, text.text
                assert 0 < float(text.get("y")) <= 718, text.text
                if size(text) == 28 or (text.get("class") == "soft" and at == 40):
                    assert float(text.get("textLength")) <= 1200, "in a wider font too"
            boxes = [
                [float(rect.get(side)) for side in ("x", "y", "width", "height")]
                for rect in ElementTree.fromstring(slide.svg).iter(f"{SVG}rect")
                if rect.get("class") == "box"
            ]
            total = [float(text.get("y")) for text in drawn if size(text) == 20]
            for n, (x, y, w, h) in enumerate(boxes):
                assert not total or y + h < total[0] - 20
                assert not [
                    b
                    for b in boxes[:n]
                    if b[0] < x + w and x < b[0] + b[2] and b[1] < y + h and y < b[1] + b[3]
                ]


@pytest.mark.full
def test_things_keep_their_places_whatever_is_shown(catalog, tmp_path):
    def places(show):
        root = tmp_path / show
        shutil.copytree(catalog.root, root, symlinks=True, ignore=lambda *_: ["stories", "tests", "src"])
        (root / "stories").mkdir()
        text = (SHIPPED / "stories" / "eight-areas.toml").read_text(encoding="utf-8")
        (root / "stories" / "a.toml").write_text(text.replace('"read"', f'"{show}"'), encoding="utf-8")
        slide = slides(Catalog(root), "a")[0]
        return slide.total, {
            text.text: text.attrib["y"] for text in texts(slide.svg) if re.match("[A-Z]", text.text)
        }

    (said, sparse), (every, full) = places("said"), places("weak")
    assert said == "Said by the sources: 0 of 8"
    assert every == "Said by the sources: 0 of 8 · with what curators read into them: 2 of 8"
    areas = {name: y for name, y in sparse.items() if re.match(r"M\d", name)}
    assert len(areas) == 8
    assert areas.items() <= full.items()
    assert "Digital Strategy 2016-2020" not in sparse


def test_bars_are_the_days_of_the_answer(eight):
    time = eight["en"][1]
    assert [row.rpartition(" (")[2] for row in time.rows] == [
        "2011-01-01 – 2015-12-31)",
        "2013-01-01 – 2020-12-31)",
        "2016-05-01 – 2020-12-31)",
    ]
    bars = [
        rect for rect in ElementTree.fromstring(time.svg).iter(f"{SVG}rect") if rect.get("class") == "full"
    ]
    assert [float(bar.get("x")) for bar in bars] == sorted(float(bar.get("x")) for bar in bars)
    ratio = float(bars[0].get("width")) / float(bars[1].get("width"))
    assert ratio == pytest.approx(5 / 8, abs=0.01)


def test_what_does_not_fit_is_counted_and_listed(told):
    catalog = told()
    many = "\n".join(
        f'<id/xy/project/p{n}> a t:Project ; skos:prefLabel "Project {n}"@en ; t:needs <id/xy/project/road> .'
        for n in range(30)
    )
    data = catalog.root / "data" / "xy.ttl"
    data.write_text(f"{data.read_text(encoding='utf-8')}\n{many}\n", encoding="utf-8")
    slide = slides(Catalog(catalog.root), "bridges")[0]
    drawn = [text.text for text in texts(slide.svg) if text.text.startswith("Project ")]
    assert 10 < len(drawn) < 31
    assert f"{31 - len(drawn) - 1} more do not fit into the picture" in " ".join(slide.notes)
    assert len(slide.rows) == 31
    assert max(float(text.get("y")) for text in texts(slide.svg) if text.text in drawn) < 600


@pytest.mark.parametrize("lanes", [("project", "text"), ("text", "project"), ("text", "n")])
def test_a_lane_may_have_texts_and_numbers(told, lanes):
    catalog = told(('["source", "target"]', f'["{lanes[0]}", "{lanes[1]}"]'))
    asked = catalog.root / "queries" / "needs.rq"
    text = asked.read_text(encoding="utf-8").partition("SELECT")[0]
    text += 'SELECT ?project ?text ?n { ?project t:cost ?n BIND("At the quay" AS ?text) }'
    asked.write_text(text, encoding="utf-8")
    (slide,) = slides(Catalog(catalog.root), "bridges")
    names = {"project": "Road", "text": "At the quay", "n": "12"}
    drawn = [names[each] for each in lanes]
    assert slide.rows == [f"{drawn[0]} – {drawn[1]} (without a claim)"]
    assert slide.total == "Without a claim 1"
    assert 'stroke-width="1"/>' in slide.svg
    assert {*drawn} <= {each.text for each in texts(slide.svg)}


@pytest.mark.full
def test_the_explorer_begins_with_a_story_and_says_when_it_has_none(told, tmp_path):
    catalog = told()
    graph = pg.network(catalog, "needs")
    page = pg.view(graph, story="bridges", language="de")
    assert 'data-story="explorer"' in page
    assert page.count('<li class="step" id="step-') == 1
    assert 'data-story="explorer"' not in pg.view(graph)
    with pytest.raises(CatalogError, match="There is no story 'nine'; there are: bridges"):
        pg.view(graph, story="nine")
    asked = ("--catalog", catalog.root, "view", "--query", "needs", "--story")
    done = run(*asked, "bridge", "-o", tmp_path / "x.html")
    assert (done.returncode, done.stderr) == (
        2,
        "policygraph: There is no story 'bridge'; there are: bridges. Did you mean 'bridges'?\n",
    )


def test_a_publication_has_the_steps_and_says_where_it_has_no_image(told, tmp_path):
    root = told().root
    site = tmp_path / "site"
    done = run("--catalog", root, "publish", site, "--no-check", "--processes", "1")
    assert done.returncode == 0, done.stderr
    written = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    names = {f"embed/story/bridges/needs{end}" for end in (".html", ".da.html", ".svg", ".da.svg", ".json")}
    assert names | {"story/bridges.html", "story/bridges.nb.html", "embed/embed.js"} <= written
    lacks = find_spec("resvg_py") is None
    assert ('no image; for one: pip install "policygraph[images]"' in done.stderr) == lacks
    assert ("embed/story/bridges/needs.png" in written) == (not lacks)
    rules = (site / "_headers").read_text(encoding="utf-8")
    assert "/embed/*\n  Content-Security-Policy: default-src 'none'; script-src 'self';" in rules


def drawn(catalog, story, **draw):
    """A slide of a story that has one step, which draws this."""
    step = Step("a", {"en": "S"}, show=draw.pop("show", "weak"), draw=draw)
    board = Storyboard(stories(catalog)[story]._replace(steps=[step]), Metadata(catalog, catalog.store))
    return board.slides[0]


def test_a_line_has_the_level_that_the_explorer_gives_its_claim(catalog):
    """Of a thing that the project made up, nothing is said."""
    asked = {"query": "connections-by-basis", "lanes": ["documented", "thing"], "label": "property"}
    thing = f"{MODEL}id/dk/plan/public-sector-modernisation"
    assert drawn(catalog, "eight-areas", thing=thing, **asked).total
    assert drawn(catalog, "eight-areas", thing=thing, show="said", **asked).total == ""


def test_the_number_below_a_picture_is_of_what_it_shows(catalog):
    areas = {"query": "plans-by-area", "list": "Areas of public sector modernisation"}
    areas |= {"lanes": ["area", "plan"], "keep-empty": "area"}
    said, read = "Said by the sources: 0 of 3", " · with what curators read into them: 3 of 3"
    assert {show: drawn(catalog, "eight-areas", show=show, **areas).total for show in SHOWN} == {
        "said": said,
        "documents": f"{said} · with other documents: 0 of 3",
        "read": said + read,
        "weak": said + read,
        "only": "By what is read alone: 3 of 3",
    }


@pytest.mark.full
def test_a_successor_without_a_beginning_ends_no_bar():
    asked = {"query": "timeline", "country": "Norway", "lanes": ["thing"], "show": "read"}
    svg = drawn(Catalog(SHIPPED), "two-countries", **asked).svg
    assert re.search(r'<rect class="(\w+)"[^>]*><title>Powered by Nature', svg)[1] == "open"


@pytest.mark.full
def test_the_levels_of_claims_are_found_once_for_all_stories(catalog, monkeypatch):
    from policygraph.explorer import story

    asked, levels = [], story.claim_levels
    monkeypatch.setattr(story, "claim_levels", lambda *given: asked.append(1) or levels(*given))
    context = SiteContext(catalog, catalog.store)
    for name in context.stories:
        for language in ("en", "da"):
            assert context.board(name, language).slides
            assert context.board(name, language).counts
    assert asked == [1]


YEARS = """#+ summary: When was what?
#+ tags: [projects]
#+ view: {view}
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?thing ?place ?other ?from ?to ?horizon {more} {{
  VALUES (?thing ?place ?other ?from ?to ?horizon) {{ {rows} }} }}
"""
FEW = """#+ summary: Which few?
#+ tags: [projects]
SELECT ?thing ?place { VALUES (?thing ?place) { ("A" UNDEF) } }
"""


def timed(told, *rows, view="timeline", **draw):
    """The slide of what is in rows: a thing, a place or "", and when it begins, is over and looks forward."""
    catalog = told()

    def cell(value):
        return value if value.startswith('"') else f'"{value}"' if value else "UNDEF"

    text = " ".join(f"({' '.join(map(cell, [*row[:2], '', *row[2:]]))})" for row in rows)
    more = "" if view == "timeline" else "?named ?absence ?x ?y"  # which matrices and tiles need
    queries = {"years": YEARS.format(view=view, rows=text, more=more), "few": FEW}
    for name, text in queries.items():
        (catalog.root / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    asked = {"query": "years", "lanes": ["thing", "place", "other"], "show": "read", **draw}
    return drawn(Catalog(catalog.root), "bridges", **asked)


def bars(slide):
    """How each bar looks, and from which year to which it reaches."""
    svg = ElementTree.fromstring(slide.svg)
    years = [each for each in texts(slide.svg) if re.fullmatch(r"\d{4}", each.text)]
    (year, left), *_, (last, right) = ((int(each.text), float(each.get("x"))) for each in years)
    scale = (right - left) / (last - year)
    found = [each for each in svg.iter(f"{SVG}rect") if each.find(f"{SVG}title") is not None]
    ends = [(each.get("class"), float(each.get("x")), float(each.get("width"))) for each in found]
    return [(look, year + (x - left) / scale, year + (x + wide - left) / scale) for look, x, wide in ends]


@pytest.mark.parametrize(
    ("days", "looks", "begun", "over"),
    [
        (('"2014"^^xsd:gYear', '"2016"^^xsd:gYear', ""), "full", 2014, 2017),
        (('"2014-03-01"^^xsd:date', '"2016-05-12Z"^^xsd:date', ""), "full", 2014 + 2 / 12, 2016 + 5 / 12),
        (('"2014-03"^^xsd:gYearMonth', "2016-05-12T10:00:00Z", ""), "full", 2014 + 2 / 12, 2016 + 5 / 12),
        (("2014", "2016-05:00", ""), "full", 2014, 2017),
        (("2014", "", "2010"), "open", 2014, 2016),
        (("2014", "", "2014"), "horizon", 2014, 2015),
        (("2014-06-01", "", "2014"), "horizon", 2014 + 5 / 12, 2015),
        (("2014", "2013", ""), "full", 2014, 2014 + 1 / 12),
        (("2014", "some day", ""), "open", 2014, 2016),
    ],
)  # fmt: skip
def test_a_bar_ends_where_what_is_told_of_its_end_is_over(told, days, looks, begun, over):
    ((look, start, end),) = bars(slide := timed(told, ("A", "", *days)))
    assert (look, start, end) == (looks, pytest.approx(begun, abs=0.02), pytest.approx(over, abs=0.02))
    assert len(slide.rows) == 1


def test_what_begins_on_no_day_that_can_be_read_is_counted_as_not_placed(told):
    unread = ("B", "", "in spring", "2016", ""), ("C", "", "2014-13", "", "")
    slide = timed(told, ("A", "", "2014", "", ""), *unread)
    assert [row.partition(" ")[0] for row in slide.rows] == ["A"]
    assert "2 more without a stated beginning cannot be placed." in slide.notes


def test_only_some_are_drawn_and_an_empty_lane_is_no_text(told):
    only = {"query": "few", "column": "place"}
    rows = [("A", "Denmark", "2014", "", ""), ("B", "", "2015", "", "")]
    assert timed(told, *rows, only={**only, "column": "thing"}).rows == ["A (Denmark, 2014)"]
    assert timed(told, *rows, only=only).rows == []


def test_a_key_that_lines_alone_have_is_refused_where_a_question_is_drawn_otherwise(told):
    row, few = ("A", "", "2014", "", ""), {"query": "few", "column": "thing"}
    lined = {"order": "place", "keep-empty": "thing", "label": "place", "headings": {"thing": {"en": "X"}}}
    given = {"show": "said", **{f"draw, {key}": value for key, value in {**lined, "mark": few}.items()}}
    for view, more in (("timeline", {}), ("matrix", {"draw, only": few}), ("tiles", {"draw, only": few})):
        for key, value in {**given, **more}.items():
            with pytest.raises(CatalogError) as refused:
                timed(told, row, view=view, **{key.rpartition(" ")[2]: value})
            says = (
                f"bridges.toml, step a: {key} has no place where the view of the question is {view}; omit it."
            )
            assert says in str(refused.value)


def test_validate_refuses_such_a_key_too(told):
    catalog = told(("  lanes =", '  order = "source"\n  lanes ='))
    asked = catalog.root / "queries" / "needs.rq"
    text = asked.read_text(encoding="utf-8").replace("view: graph", "view: timeline")
    asked.write_text(text, encoding="utf-8")
    done = run("--catalog", catalog.root, "validate")
    assert done.returncode == 2
    assert (
        "bridges.toml, step needs: draw, order has no place where the view of the question is" in done.stderr
    )


CLAIMED = """PREFIX pg: <https://w3id.org/policygraph/ontology#> PREFIX x: <https://x.org/>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX s: <https://w3id.org/policygraph/concept/basis/>
x:plan a pg:Plan ; rdfs:label "Plan" . x:goal a pg:Goal ; rdfs:label "Goal" .
x:saying rdfs:label "The saying report" . x:reading rdfs:label "The read report" .
x:said a pg:Claim ; rdf:subject x:plan ; rdf:predicate pg:hasGoal ; rdf:object x:goal ;
  pg:basis s:stated ; pg:citedDocument x:saying .
x:read a pg:Claim ; rdf:subject x:goal ; rdf:predicate pg:relatesTo ; rdf:object x:plan ;
  pg:basis s:inferred ; pg:citedDocument x:reading ;
  pg:strength <https://w3id.org/policygraph/concept/strength/strong> .
"""
PAIRS = """PREFIX pg: <https://w3id.org/policygraph/ontology#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
SELECT ?plan ?goal%s { ?plan a pg:Plan . ?goal a pg:Goal .
  ?claim rdf:subject|rdf:object ?plan, ?goal ; rdf:predicate ?property } ORDER BY DESC(?plan)"""


@pytest.fixture
def paired(tmp_path):
    """Draws plans and goals at a level, of which claims join one pair by what is said and what is read."""

    def draw(show, more="", columns="", **draw):
        (tmp_path / "x.ttl").write_text(CLAIMED + more, encoding="utf-8")
        (tmp_path / "pairs.rq").write_text(PAIRS % columns, encoding="utf-8")
        asked = {"query": str(tmp_path / "pairs.rq"), "lanes": ["plan", "goal"], **draw}
        step, catalog = (
            Step("a", {"en": "S"}, show, draw=asked),
            Catalog.find(SHIPPED, files=[tmp_path / "x.ttl"]),
        )
        about = Story("x", tmp_path / "x.toml", {"en": "X"}, {"en": "Y"}, date(2026, 12, 1), [], [step])
        return Storyboard(about, Metadata(catalog, catalog.store)).slides[0]

    return draw


def test_a_line_rests_on_no_claim_that_its_level_hides(paired):
    for show, drawn, claims, reports, back in (
        ("said", "said", {"said"}, (True, False), False),
        ("only", "read", {"read"}, (False, True), True),
        ("weak", "said", {"said", "read"}, (True, True), True),
    ):
        slide = paired(show)
        assert slide.rows == [f"Plan – Goal ({drawn})"], show
        assert {*slide.claims} == {f"https://x.org/{each}" for each in claims}
        assert ("The saying report" in slide.svg, "The read report" in slide.svg) == reports
        assert ("l9 -4.5" in slide.svg) == back, "the way of its first claim"


def test_what_is_both_said_and_read_counts_as_read_where_only_that_is_shown(paired):
    assert paired("only", **{"keep-empty": "plan"}).total == "By what is read alone: 1 of 1"
    assert paired("said", **{"keep-empty": "plan"}).total == "Said by the sources: 1 of 1"
    assert paired("only").total == "Read 1"


def test_what_stands_on_a_line_is_of_no_claim_that_its_level_hides(paired):
    asked = {"columns": " ?claim ?property", "label": "property"}
    assert paired("said", **asked).rows == ["Plan – has goal – Goal (said)"]
    assert paired("only", **asked).rows == ["Goal – relates to – Plan (read)"]
    (both,) = paired("weak", **asked).rows
    assert "has goal" in both
    assert "relates to" in both


def test_a_row_reads_from_the_subject_of_its_claims_to_their_object(paired):
    asked = {"columns": " ?claim ?property", "label": "property", "lanes": ["goal", "plan"]}
    assert paired("said", **asked).rows == ["Plan – has goal – Goal (said)"]
    assert paired("only", **asked).rows == ["Goal – relates to – Plan (read)"]


def test_a_step_rests_on_claims_only_where_each_of_its_lines_does(paired, tmp_path):
    (path := tmp_path / "compared.rq").write_text(
        """PREFIX x: <https://x.org/>
        SELECT * { VALUES (?plan ?goal ?source ?property) {
          (x:plan x:goal x:other x:of) (x:plan x:other UNDEF UNDEF) } }""",
        encoding="utf-8",
    )
    slide = paired("weak", 'x:other a pg:Goal ; rdfs:label "Other" .', query=str(path))
    assert (slide.rows, slide.claims) == (["Plan – Goal (said)", "Plan – Other (without a claim)"], [])
    assert len(paired("weak").claims) == 2


def test_what_a_level_hides_is_not_counted_as_what_does_not_fit(paired):
    more = "".join(
        f"""x:p{n} a pg:Plan ; rdfs:label "Plan {n}" . x:c{n} a pg:Claim ; rdf:subject x:p{n} ;
        rdf:predicate pg:hasGoal ; rdf:object x:goal ; pg:basis s:inferred .\n"""
        for n in range(40)
    )
    assert not [note for note in paired("said", more).notes if "fit into the picture" in note]
    assert [note for note in paired("weak", more).notes if "more do not fit into the picture" in note]


def test_a_level_keeps_the_capitals_within_its_name(catalog):
    told = stories(catalog)["eight-areas"]
    board = Storyboard(told, Metadata(catalog, catalog.store))
    levels = {**board.words["levels"], "said": "Von Quellen gesagt", "read": "In Texte gelesen"}
    board.words = {**board.words, "levels": levels}
    assert board.slides[0].rows[0].endswith(" (in Texte gelesen)")
    assert board.counts["rows"][0].startswith("Von Quellen gesagt: ")


@pytest.mark.full
def test_a_heading_of_the_last_lane_ends_within_the_picture():
    (svg, *_) = (each.svg for each in slides(Catalog(SHIPPED), "nemid", "da"))
    (line,) = re.findall(
        r'<text class="l\d" x="([\d.]+)"( text-anchor="end")? y="[\d.]+" font-size="17"', svg
    )
    assert line == ("1240", ' text-anchor="end"')
