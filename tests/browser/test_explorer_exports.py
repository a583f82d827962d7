"""What one takes away from the page is read again by other programs, and holds what was shown."""

from __future__ import annotations

import base64
import csv
import re
from datetime import date
from xml.etree import ElementTree

import networkx as nx
import pytest
import rdflib
from cases import some
from visitors import Mouse

from policygraph.rdf.namespaces import word

pytest_plugins = ["visits"]

RDF = rdflib.RDF
STRATEGY = "https://w3id.org/policygraph/id/dk/plan/digital-welfare-2013-2020"
COLORS = """async ([bytes, type]) => {
  const image = new Image();
  image.src = `data:${type};base64,${bytes}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const counts = new Map();
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    const color = data.slice(at, at + 4).join();
    counts.set(color, (counts.get(color) || 0) + 1);
  }
  const most = Math.max(...counts.values());
  return { size: [canvas.width, canvas.height], colors: counts.size, drawn: 1 - most / (data.length / 4) };
}"""


@pytest.fixture
def shown(visit, address, person, denmark):
    """The strategy and two steps around it, of what the sources state; and that part of the graph."""
    visitor = visit(address, person)
    visitor.press("#stated-only")
    visitor.search("strategy for digital welfare", "Strategy for Digital Welfare 2013-2020")
    visitor.choose("#steps", "2 steps")
    visitor.press("#details [data-action=isolate]")
    stated = nx.MultiDiGraph()
    stated.add_nodes_from(denmark.nodes(data=True))
    stated.add_edges_from(
        each for each in denmark.edges(keys=True, data=True) if word(each[3]["basis"]) == "stated"
    )
    near = nx.single_source_shortest_path_length(stated.to_undirected(), STRATEGY, cutoff=2)
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


def test_every_format_holds_what_is_shown(shown, store):
    """networkx reads GraphML, CSV is two lists, the query asks for it."""
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
        for name, content in saved(visitor, "csv", 2)
    }
    lengths = {name.rpartition("-")[2]: len(rows) for name, rows in files.items()}
    assert lengths == {"things.csv": len(part), "connections.csv": part.size()}

    ((name, content),) = saved(visitor, "sparql")
    assert name.endswith(".rq")
    rows = [(row["source"], row["target"]) for row in store.query(content.decode())]
    edges = [(source.value, target.value) for source, target in rows if source and target]
    assert sorted(edges) == sorted(part.edges())
    assert {end.value for ends in rows for end in ends if end} == set(part)


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("tab", some(["map", "network", "paths", "crosswalk", "timeline"], "map", "paths"))
def test_a_picture_is_what_the_tab_shows_with_title_legend_source_and_date(visit, address, browser, tab):
    visitor, blank = visit(address, Mouse), browser.new_page()
    doc = visitor.page.evaluate("() => explorer.model.doc")
    if tab in ("map", "network"):
        visitor.page.select_option("#layout", tab)
        if tab == "network":
            visitor.wait("() => explorer.frames()?.getScale()")
    else:
        visitor.press(f"#tab-{tab}")
    if tab == "paths":
        visitor.search("NemID", "NemID", "#path-from")
        visitor.search("Increased public-private", "Increased public-private co-operation", "#path-to")
    ((file, svg),) = saved(visitor, "svg")
    ((_, png),) = saved(visitor, "png")
    root = ElementTree.fromstring(svg)
    assert file.endswith(".svg")
    assert not {f"{SVG}{name}" for name in ("script", "style", "foreignObject", "image")} & {
        each.tag for each in root.iter()
    }
    words = " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    assert doc["title"] in words
    for dataset in doc["datasets"]:
        assert f"{dataset['title']} {dataset['version']}" in words
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
        assert "0.71~" in words
    elif tab == "timeline":
        dated = [node["name"] for node in doc["nodes"] if node["start"] or node["end"]]
        assert all(map(there, dated))
    else:
        for entry in (*doc["bases"], *doc["kinds"]):
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
