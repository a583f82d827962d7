"""What one takes away from the page is read again by other programs, and holds what was shown."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from datetime import date
from xml.etree import ElementTree

import networkx as nx
import pytest
import rdflib
from visitors import Keyboard, Mouse

from policygraph import paths
from policygraph.analysis.crosswalk import crosswalk
from policygraph.explorer.page import view
from policygraph.rdf.namespaces import word

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

RDF = rdflib.RDF
STRATEGY = "https://w3id.org/policygraph/id/dk/plan/digital-welfare-2013-2020"
COLORS = """async ([bytes, type]) => {
  const image = new Image();
  image.src = `data:${type};base64,${bytes}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth >> 1, image.naturalHeight >> 1]; // each fourth pixel
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const counts = new Map();
  const pixels = new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  for (const color of pixels) counts.set(color, (counts.get(color) || 0) + 1);
  const most = Math.max(...counts.values());
  const size = [image.naturalWidth, image.naturalHeight];
  return { size, colors: counts.size, drawn: 1 - most / pixels.length };
}"""


@pytest.fixture
def shown(visit, address, denmark):
    """The strategy and two steps around it, of what the sources state; and that part of the graph."""
    visitor = visit(address, Keyboard)  # tests below save by mouse
    visitor.press("#evidence [data-evidence=said]")
    visitor.search("strategy for digital welfare", "Strategy for Digital Welfare 2013-2020")
    visitor.choose("#steps", "2 steps")
    visitor.press("#details [data-action=isolate]")
    stated = nx.MultiDiGraph()
    stated.add_nodes_from(denmark.nodes(data=True))
    edges = visitor.document["edges"]
    claims = {edge["claim"] for edge in edges if edge["evidence"] == 0}
    stated.add_edges_from(each for each in denmark.edges(keys=True, data=True) if each[3]["claim"] in claims)
    near = nx.single_source_shortest_path_length(stated.to_undirected(as_view=True), STRATEGY, cutoff=2)
    part = stated.subgraph(near)
    visitor.wait("many => explorer.counts().nodes === many", len(part))
    assert 5 < len(part) < len(denmark)
    return visitor, part


def saved(visitor, name: str, many: int = 1) -> list[tuple[str, bytes]]:
    """What is downloaded in this format: names and contents."""
    found = []

    def keep(download):
        found.append(download)

    visitor.page.on("download", keep)
    visitor.press("#export")
    visitor.press(f"#export-menu [data-format={name}]")
    for _ in range(1200):
        if len(found) == many:
            break
        visitor.page.wait_for_timeout(25)
    visitor.page.remove_listener("download", keep)
    visitor.wait("() => /^Saved/.test(document.getElementById('status').textContent)")
    return [(each.suggested_filename, each.path().read_bytes()) for each in found]


def test_every_format_holds_what_is_shown(shown):
    """networkx reads GraphML, CSV is two lists."""
    visitor, part = shown
    ((name, content),) = saved(visitor, "graphml")
    assert name.endswith(".graphml")
    found = nx.parse_graphml(content.decode())
    assert (len(found), found.size()) == (len(part), part.size())
    assert {data["label"] for _, data in found.nodes(data=True)} == set(
        dict(part.nodes(data="label")).values()
    )

    files = {
        name: list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        for name, content in saved(visitor, "csv", 3)
        if name.endswith(".csv")
    }
    lengths = {name.rpartition("-")[2]: len(rows) for name, rows in files.items()}
    assert lengths == {"things.csv": len(part), "connections.csv": part.size()}
    assert {name.rpartition("-")[0] for name in files} == {
        "denmark-around-a-thing-strategy-for-digital-welfare-2013-2020-said-only"
    }


def tables(visitor, many: int = 1) -> dict[str, list[dict[str, str]]]:
    """The tables that are downloaded; beside them stands from where and under which licence they are."""
    *files, (_, about) = saved(visitor, "csv", many + 1)
    told = json.loads(about)
    assert [each["url"] for each in told["tables"]] == [name for name, _ in files]
    datasets = visitor.document["datasets"]
    for key, field in (("dc:source", "iri"), ("dc:license", "license")):
        known = {each[field] for each in datasets}
        assert {each["@id"] for each in told[key]} <= known
        assert told[key]
    return {name: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")))) for name, content in files}


def test_the_table_for_a_spreadsheet_is_that_of_the_tab(visit, address, catalog, store, denmark):
    visitor = visit(address, Mouse)
    visitor.press("#tab-crosswalk")
    (cells,) = tables(visitor).values()
    lists = [
        f"{STRATEGY.split('plan/')[0]}scheme/{name}-areas" for name in ("modernisation", "digital-welfare")
    ]
    matrix = crosswalk(denmark, *lists)
    expected = [(row, column, cell.kind, cell.ways, cell.shared) for row, column, cell in matrix.each()]
    assert [
        (row["row"], row["column"], row["kind"], int(row["paths"]), int(row["shared"])) for row in cells
    ] == expected
    for row, (*_, cell) in zip(cells, matrix.each(), strict=True):
        assert float(row["strength"]) == pytest.approx(cell.strength)
        assert row["basis"] == ", ".join(filter(None, map(word, cell.basis)))
    assert {"M2", "W1"} <= {row["row_label"].split()[0] for row in cells} | {
        row["column_label"].split()[0] for row in cells
    }

    visitor.press("#tab-timeline")
    ((name, bars),) = tables(visitor).items()
    assert name == "denmark-timeline.csv"
    bar = visitor.page.locator("#timeline-rows [data-node]:has(.track)")
    assert [row["id"] for row in bars] == sorted(bar.evaluate_all("all => all.map(at => at.dataset.node)"))
    assert all(row["start"] or row["end"] or row["horizon"] for row in bars)

    visitor.press("#tab-paths")
    visitor.search("NemID", "NemID", "#path-from")
    visitor.search("Increased public-private", "Increased public-private co-operation", "#path-to")
    ((name, hops),) = tables(visitor).items()
    assert name == "denmark-paths-nemid-increased-public-private-co-operation.csv"
    first = paths(denmark, "NemID", "Increased public-private co-operation", k=1).paths[0]
    of_first = [row for row in hops if row["path"] == "1"]
    assert {row["hop"] for row in of_first} == {str(n + 1) for n in range(len(first.hops))}
    claims = {claim.attributes["claim"] for hop in first.hops for claim in hop.claims}
    assert {row["claim"] for row in of_first} == claims

    visitor.press("#tab-table")
    ((name, rows),) = tables(visitor).items()
    assert name == "denmark-table-connections.csv"
    assert len(rows) == visitor.page.locator("#table tbody tr:not([hidden])").count()


def test_a_picture_credits_what_is_in_it_alone(visit, stored):
    graph = nx.MultiDiGraph()
    for country in ("xx", "yy"):
        facts = {"country": f"https://e.org/{country}", "datasets": f"https://e.org/data/{country}"}
        graph.add_nodes_from((f"{country}{number}", facts) for number in range(2))
        graph.add_edge(f"{country}0", f"{country}1", relation="needs", datasets=facts["datasets"])
    graph.add_edge("xx0", "yy0", relation="is like", datasets="https://e.org/data/ties")
    known = [{"iri": f"https://e.org/data/{name}", "title": f"Data of {name}", "version": "1",
              "place": f"https://e.org/{name}"} for name in ("none", "ties", "xx", "yy")]  # fmt: skip
    visitor = visit(stored("credits", view(graph, title="Of two: all", datasets=known)), Mouse)

    def credits() -> set[str]:
        ((_, svg),) = saved(visitor, "svg")
        return set(re.findall("Data of ([a-z]+) 1", svg.decode()))

    assert credits() == {"ties", "xx", "yy"}
    for bare in (True, False):
        visitor.page.evaluate("bare => { location.hash = explorer.address({ bare }); }", bare)
        visitor.wait("bare => explorer.state().bare === bare", bare)
        if bare:
            framed = set(re.findall("Data of ([a-z]+) 1", visitor.seen("#credit")))
            assert framed == {"ties", "xx", "yy"}
    visitor.press("#legend input[value='https://e.org/yy']")
    assert credits() == {"xx"}
    assert visitor.seen("h1") == visitor.page.title() == "Data of xx"
    ((_, graphml),) = saved(visitor, "graphml")
    assert nx.parse_graphml(graphml.decode()).graph["title"] == "Data of xx"


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("tab", ["map", "network", "paths", "crosswalk", "timeline"])
def test_a_picture_is_what_the_tab_shows_with_title_legend_source_and_date(visit, address, browser, tab):
    visitor, blank = visit(address, Mouse), browser.new_page()
    doc = visitor.document
    if tab in ("map", "network"):
        visitor.page.select_option("#layout", tab)
        if tab == "network":
            visitor.wait("() => explorer.frames()?.getScale()")
    else:
        visitor.press(f"#tab-{tab}")
    if tab == "paths":
        visitor.search("NemID", "NemID", "#path-from")
        visitor.search("Increased public-private", "Increased public-private co-operation", "#path-to")
    ((_, png),) = saved(visitor, "png")
    ((file, svg),) = saved(visitor, "svg")
    root = ElementTree.fromstring(svg)
    assert file.endswith(".svg")
    assert not {f"{SVG}{name}" for name in ("script", "style", "foreignObject", "image")} & {
        each.tag for each in root.iter()
    }
    words = " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    assert doc["title"] in words
    credited = [each for each in doc["datasets"] if f"{each['title']} {each['version']}" in words]
    # What connects the two lists, and what has a time, is in the data of Denmark.
    assert f"{len(doc['nodes'])} things and {len(doc['edges'])} connections" in words, (
        "not what was said of a file"
    )
    assert credited == doc["datasets"][: 1 if tab in ("crosswalk", "timeline") else None]
    assert (
        file.removeprefix("denmark-")
        == {
            "map": "map.svg",
            "network": "network.svg",
            "paths": "paths-nemid-increased-public-private-co-operation.svg",
            "crosswalk": "compare-areas-of-public-sector-modernisation-"
            "areas-of-the-strategy-for-digital-welfare.svg",
            "timeline": "timeline.svg",
        }[tab]
    )
    assert not [
        hint
        for hint in ("cell_hint", "paths_hint", "in_force", "any_year", "swap")
        if doc["texts"][hint] in words
    ]
    fields = visitor.page.evaluate("""() => [...document.querySelectorAll("#middle select, #middle input")]
        .filter(at => at.checkVisibility()).map(at => at.getBoundingClientRect())
        .map(({ width, height }) => [width.toFixed(1), height.toFixed(1)])""")
    boxes = [[each.get("width"), each.get("height")] for each in root.iter(f"{SVG}rect")]
    assert not [field for field in fields if field in boxes]
    assert date.today().isoformat() in words
    flat = re.sub(r"[\s\u00ad]+|(?<=-)", "", words)

    def there(name: str) -> bool:
        return re.sub(r"\s+", "", name) in flat

    names = {node["id"]: node for node in doc["nodes"]}
    if tab == "crosswalk":
        areas = [names[each] for list_ in doc["lists"] for each in list_["members"]]
        listed = [area["name"] for area in areas if re.fullmatch("[MW][1-8]", area["notation"] or "")]
        assert len(listed) == 15
        assert all(map(there, listed))
        assert "0.70~" in words
    elif tab == "timeline":
        dated = [node["name"] for node in doc["nodes"] if node["start"] or node["end"]]
        assert all(map(there, dated))
    else:
        # A network as large as this begins as its kinds, between which no line has a basis.
        for entry in (*(() if tab == "network" else doc["bases"]), *doc["kinds"]):
            assert f"{entry['name']} {entry['count']}" in words
    if tab == "paths":
        assert there("Developed with the banks, run by a private provider for the government")
    for content, kind in ((svg, "image/svg+xml"), (png, "image/png")):
        found = blank.evaluate(COLORS, [base64.b64encode(content).decode(), kind])
        size = [int(root.get(name)) for name in ("width", "height")]
        assert found["size"] == (size if kind != "image/png" else [2 * each for each in size])
        assert found["colors"] > 100
        assert 0.02 < found["drawn"] < 0.7
    blank.close()


def test_a_map_that_was_scrolled_is_saved_as_it_was(visit, address):
    visitor = visit(address, Mouse, width=1280, height=720)
    ((_, before),) = saved(visitor, "svg")
    visitor.page.evaluate("() => { document.getElementById('map-box').scrollTop = 100; }")
    moved = "document.querySelector('#map .heads > g').getAttribute('transform')"
    visitor.wait(f"() => /\\(0 [1-9]/.test({moved})")
    assert saved(visitor, "svg")[0][1] == before


def colours(visitor) -> tuple[set[str], set[str]]:
    """What the key to the colours of a network has, and the texts of the picture that is saved."""
    ((_, body),) = saved(visitor, "svg")
    names = visitor.page.evaluate(
        "() => [...document.querySelectorAll('#canvas-key [data-color]:not([hidden])')]"
        ".map(at => at.textContent)"
    )
    texts = ElementTree.fromstring(body).iter("{http://www.w3.org/2000/svg}text")
    return {*names}, {each.text for each in texts}


def test_the_colours_of_a_network_are_told_each_with_its_name(visit, address):
    visitor = visit(address)
    visitor.choose("#layout", "Network")
    visitor.at("#tint").select_option("basis")
    names, texts = colours(visitor)
    assert names
    assert names <= texts
    visitor.press("#tab-table")
    visitor.at("#tint").evaluate("at => { at.value = 'community'; at.dispatchEvent(new Event('change')); }")
    names, texts = colours(visitor)
    assert names
    assert not names & texts


def words_of(svg: bytes) -> str:
    """What is written in a picture that is saved."""
    return " ".join("".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def test_a_picture_says_what_is_in_it_and_no_more(visit, stored):
    graph = nx.MultiDiGraph()
    nx.add_path(graph, "abcdef", basis="stated", relation="needs")
    visitor = visit(stored("says", view(graph, title="A line")), Mouse)
    key = visitor.document["texts"]["map_key"]
    ((_, svg),) = saved(visitor, "svg")
    assert "6 things and 5 connections" in words_of(svg)
    assert key in words_of(svg)
    visitor.press("#tab-table")
    ((_, svg),) = saved(visitor, "svg")
    assert "6 things and 5 connections" in words_of(svg)
    assert key not in words_of(svg), "which is of the map"
    visitor.press("#tab-picture")
    visitor.page.evaluate("() => { location.hash = explorer.address({ picture: 'around', selected: 'c' }); }")
    visitor.wait("() => explorer.frames()?.body.data.nodes.length === 3")
    for tab in ("picture", "paths", "table"):
        visitor.press(f"#tab-{tab}")
        ((_, svg),) = saved(visitor, "svg")
        assert "3 things and 2 connections" in words_of(svg)
        assert "6 things" not in words_of(svg)
        ((_, graphml),) = saved(visitor, "graphml")
        assert len(nx.parse_graphml(graphml.decode())) == 3, tab


def test_the_name_of_a_file_has_the_letters_of_its_script(visit, stored):
    names = {"Plán: Ærø": "plan", "ガバメント": "ガバメント", "राष्ट्रीय योजना": "राष्ट्रीय-योजना", "Й": "й"}
    visitor = visit(stored("named", view(nx.MultiDiGraph([("a", "b")]))), Mouse)
    for title, name in names.items():
        visitor.page.evaluate("title => { explorer.model.doc.title = title; }", title)
        ((file, _),) = saved(visitor, "graphml")
        assert file.startswith(name)


def test_names_from_right_to_left_and_letters_of_kinds_are_saved_as_they_stand(visit, stored):
    name = "استراتيجية المياه الوطنية"
    graph = nx.MultiDiGraph()
    graph.add_node("a", label=name, kind="Plan", start=2010, end=2012)
    graph.add_edge("a", "b", basis="stated")
    visitor = visit(stored("rtl", view(graph, title="Names")), Mouse)
    visitor.press("#tab-timeline")
    ((_, svg),) = saved(visitor, "svg")
    lines = [
        each
        for each in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if each.text in name.split(" ") or each.text == name
    ]
    assert lines
    for each in lines:
        assert float(each.get("textLength")) > 0
        assert each.get("direction") == "rtl"
        assert float(each.get("x")) >= float(each.get("textLength")), "the place of its first letter"
    letters = [each for each in ElementTree.fromstring(svg).iter(f"{SVG}text") if each.text == "P"]
    assert [(each.get("paint-order"), each.get("stroke-linejoin")) for each in letters] == [
        ("stroke", "round")
    ]


@pytest.mark.parametrize(
    "lacking",
    [
        "HTMLCanvasElement.prototype.toBlob = done => done(null)",
        "Image.prototype.decode = () => Promise.reject(new Error('too large'))",
        "Object.defineProperty(Image.prototype, 'naturalHeight', { value: 16001 })",  # would not be readable
    ],
    ids=["blob", "decode", "long"],
)
def test_an_image_that_a_browser_cannot_make_is_not_said_to_be_saved(lacking, visit, stored):
    graph = nx.MultiDiGraph([("a", "b", {"basis": "stated"})])
    visitor = visit(stored("too-large", view(graph, title="Two")), Mouse)
    visitor.page.evaluate(f"() => {{ {lacking}; }}")
    visitor.press("#export")
    visitor.press("#export-menu [data-format=png]")
    visitor.wait("() => /too large/.test(document.getElementById('status').textContent)")
    assert visitor.seen("#status").endswith("Save it as SVG instead.")
