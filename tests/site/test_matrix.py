"""Matrices and tiles on pages: a table with links to the rows of the answer, and the picture as a file."""

from __future__ import annotations

import re

import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.site.site import Site

THING = "https://w3id.org/policygraph/id/xy/project/"
MARKS = f"""#+ summary: Which project names what?
#+ da: Hvilket projekt nævner hvad?
#+ view: matrix
SELECT ?field ?project ?code ?named ?absence ?checked ?entries ?passages {{
  VALUES ?least {{ 0 }}  # xsd:integer: how many are named at least
  VALUES (?field ?project ?code ?named ?absence ?checked ?entries ?passages) {{
    (<{THING}road> <{THING}bridge> "B" 2 UNDEF false "Law A\\nLaw B" "{THING}road\\n{THING}bridge")
    (<{THING}road> <{THING}road> "R" 0 <{THING}road> false UNDEF UNDEF)
    (<{THING}bridge> <{THING}road> "R" 0 UNDEF false UNDEF UNDEF)
  }}
  FILTER(?named >= ?least)
}}
"""
TILES = MARKS.replace("matrix", "tiles").replace(
    "SELECT ?field ?project", "SELECT ?project (0 AS ?x) (1 AS ?y)"
)


@pytest.fixture
def site(small_catalog):
    for name, text in {"marks": MARKS, "tiles": TILES}.items():
        (small_catalog.root / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    return Site(Catalog(small_catalog.root), small_catalog.load())


def table_of(page):
    """The cells of the matrix on a page, as classes, links and texts."""
    body = page.body.decode()
    table = re.search(r'<table class="marks.*?</table>', body, re.DOTALL)
    return (
        re.findall(
            r'<td class="(\w+)(?: drafted)?"><a href="([^"]*)" title="([^"]*)" aria-label="\3">([^<]*)</a>',
            table[0],
        )
        if table
        else []
    )


def test_each_cell_leads_to_its_row_of_the_answer(site):
    page = site.page("/query/marks.html")
    assert table_of(page) == [
        ("untitled", "#row-2", "Road, Bridge: text without a title", "?"),
        ("n2", "#row-0", "Bridge, Road: 2 titles; drafted, not checked", "2"),
        ("none", "#row-1", "Road: says none to date; drafted, not checked", ""),
    ]
    body = page.body.decode()
    rows = re.findall(r'<tr id="(row-\d)">(.*?)</tr>', body, re.DOTALL)
    assert [name for name, _ in rows] == ["row-0", "row-1", "row-2"]
    assert '<li><a href="../doc/xy/project/bridge.html">Law B</a></li>' in rows[0][1]
    assert '<a href="../doc/xy/project/road.html">says none to date</a>' in re.sub(r"\n\s*", "", rows[1][1])
    assert ("drafted, not checked" in rows[0][1], "false" in rows[0][1]) == (True, False)
    legend = re.search(r'<ul class="legend">.*?</ul>', body)
    assert "Number: titles under the heading (1)." in legend[0]
    assert legend.start() < body.index('class="marks'), "the legend comes before the picture"
    assert '<th scope="col"><span lang="en">passages</span></th>' not in body


def test_a_question_has_its_matrix_for_other_values_too(site):
    assert len(table_of(site.page("/query/marks.html", {"least": ["1"]}))) == 1
    page = site.page("/query/marks.da.html", {"least": ["1"]})
    assert 'href="marks.da.svg?least=1"' in page.body.decode()
    refused = site.page("/query/marks.html", {"least": ["many"]})
    assert (bool(refused.refused), table_of(refused)) == (True, [])


def test_home_opens_on_it_and_a_thing_has_its_part(site):
    home = site.page("/index.html")
    assert [link for _, link, *_ in table_of(home)] == [f"query/marks.html#row-{n}" for n in (2, 0, 1)]
    assert home.body.index(b'class="marks') < home.body.index(b'class="asks"')
    part = table_of(site.page("/doc/xy/project/bridge.da.html"))
    page = site.page("/doc/xy/project/bridge.nb.html").body.decode()
    assert ': <span lang="en" dir="auto">Which project names what?</span></a></h2>' in page
    assert [(kind, link) for kind, link, *_ in part] == [
        ("untitled", "../../../query/marks.da.html#row-2"),
        ("n2", "../../../query/marks.da.html#row-0"),
    ]


def test_the_picture_is_a_file_in_each_language(site):
    drawn = {path for path in site.paths() if path.endswith(".svg")}
    assert drawn == {
        "/logo.svg",
        *(f"/query/{name}{tag}.svg" for name in ("marks", "tiles") for tag in ("", ".da", ".nb")),
    }
    page = site.page("/query/marks.da.svg")
    assert page.media == "image/svg+xml"
    assert "Hvilket projekt nævner hvad?" in page.body.decode()
    assert (
        site.page("/query/marks.svg", {"least": ["3"]}).body == b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    )
    assert site.page("/query/marks.svg", {"least": ["many"]}).refused
    assert site.page("/query/projects.svg") is None


def test_tiles_are_drawn_on_the_page_beside_what_they_count(site):
    body = site.page("/query/tiles.html").body.decode()
    assert '<a href="#row-0">' in re.search(r'<svg [^>]*class="tiles".*?</svg>', body, re.DOTALL)[0]
    assert '<li><a href="#row-0">Bridge</a>: Law A; Law B</li>' in body


def test_other_catalogues_have_nothing_of_it(small_catalog):
    site = Site(small_catalog, small_catalog.load())
    assert b".marks" not in site.page("/site.css").body
    assert b"aria-sort" in site.page("/site.js").body
    assert b"matrix" not in site.page("/site.js").body
    assert b"marks" not in site.page("/index.html").body + site.page("/doc/xy/project/bridge.html").body
