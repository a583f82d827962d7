"""Under each filter, all sentences, marks and numbers are what the view document says, counted anew."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import checkout
import pytest
from checkout import SHIPPED
from visitors import Mouse

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.page import view

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

EXAMPLIA = Path(__file__).parents[1] / "support" / "examplia.ttl"

# What is done to the page, and what it leaves as of `left`.
FILTERS = {
    "none": ([], {}),
    "said": (["#evidence [data-evidence=said]"], {"evidence": "said"}),
    "documents": (["#evidence [data-evidence=documents]"], {"evidence": "documents"}),
    "read": (["#evidence [data-evidence=read]"], {"evidence": "read"}),
    "only": (["#evidence [data-evidence=only]"], {"evidence": "only"}),
    "said of Examplia": (
        ["#legend input[value=Denmark]", "#evidence [data-evidence=said]"],
        {"country": "Denmark", "evidence": "said"},
    ),
    "stated by hand": (
        [f"#legend input[value={basis}]" for basis in ("inferred", "external", "derived")],
        {"bases": {"stated"}},
    ),
    "strength": (["#legend input[value=weak]"], {"strength": "weak"}),
    "relation": (["#legend input[value='implements']"], {"relation": "implements"}),
    "kind": (["#outline input[data-kind=Plan]"], {"kind": "Plan"}),
    "area": (["#outline input[data-kind=Area]"], {"kind": "Area"}),
    "Denmark": (["#legend input[value=Denmark]"], {"country": "Denmark"}),
    "Examplia": (["#legend input[value=Examplia]"], {"country": "Examplia"}),
    "years": ([("#year-from", "2021"), ("#year-to", "2030")], {"years": (2021, 2030)}),
    "year": (["#tab-timeline", ("#in-force", "2014"), "#tab-picture"], {"year": 2014}),
    "hidden": (
        ["#outline tr[data-kind=Plan]", "#outline tr[data-node]", "#details [data-action=hide]"],
        {},
    ),
    "question": (["#questions [data-question=areas-without-plan]"], {}),  # the rest is faded, not hidden
}


# The cards and lines that are not hidden, with all that they say, as one text.
DRAWN = """() => JSON.stringify((() => {
  const words = text => (text || "").split(" ").filter(Boolean);
  const form = at => ["group", "frame"].find(name => at.classList.contains(name)) || "card";
  return {
    cards: [...document.querySelectorAll("#map .card:not(.off)")].map(at => ({
      form: form(at), things: words(at.dataset.things), marked: at.classList.contains("marked"),
      label: at.getAttribute("aria-label"), title: at.querySelector("title").textContent,
      count: at.querySelector(".count")?.textContent || "",
    })),
    lines: [...document.querySelectorAll("#map .line:not(.off)")].map(at => ({
      edges: words(at.dataset.edges).map(number => `e${number}`), marked: at.classList.contains("marked"),
      title: at.querySelector("title").textContent,
    })),
  };
})())"""


@pytest.fixture(scope="module")
def address(catalog, stored, tmp_path_factory):
    """A part of Denmark, with a small made-up country beside it."""
    root = tmp_path_factory.mktemp("both")
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    for path in (*(dataset.path for dataset in catalog.datasets.values()), EXAMPLIA):
        (root / "data" / path.name).symlink_to(path.resolve())
    checkout.reduce(root / "data" / checkout.DATA[0])
    return stored("two-countries", view(network(Catalog(root))))


LEVELS = ("said", "documents", "read", "weak")


def there(level, evidence):
    """Whether this level of evidence is shown."""
    return level >= 2 if evidence == "only" else level <= LEVELS.index(evidence)


def told_by(question, nodes, edges, levels):
    """What a question finds of what is left, and the sentence of its finding."""
    doc, among, evidence = levels

    def found(key):
        if not question["edges"]:
            return [each for each in question["levels"][key] if each in among]
        ends = (doc["edges"][int(each[1:])] for each in question["edges"])
        return [
            each["id"] for each in ends
            if there(each["evidence"], key) and {each["source"], each["target"]} <= among.keys()
        ]  # fmt: skip

    now, first = found(evidence), found("said")
    other = found("weak") if evidence in ("said", "only") else now

    def counted(things, with_):
        kinds = {doc["nodes"][int(each[1:])]["kind"] for each in with_ if each[0] == "n"}
        listed = {each for one in doc["lists"] for each in one["members"]} & among.keys()
        of = {each for each in listed if doc["nodes"][int(each[1:])]["kind"] in kinds}
        return f"{len(things)} of {len(of)}" if of and {*with_} <= of else str(len(things))

    some = counted(first, [*first, *other])
    words = {
        "said": "with what is read",
        "documents": "with other documents",
        "read": "with what is read, weak readings left out",
        "weak": "with what is read",
        "only": "by what is read alone",
    }
    both = [f"{some} as said", f"{len(other)} {words[evidence]}"]
    if evidence == "only":
        both = [f"{counted(now, now)} {words[evidence]}", both[0]]
    sentence = question["finding"].replace("{rows}", ", ".join(both))
    names = []
    for each in now:
        ids = [each] if each[0] == "n" else [doc["edges"][int(each[1:])][end] for end in ("source", "target")]
        names.append([doc["nodes"][int(one[1:])]["notation"] for one in ids])
    if 0 < len(now) <= 8 and all(map(all, names)):
        sentence += f" ({', '.join(sorted({'–'.join(sorted(each)) for each in names}))})"
    return sentence, now


def left(
    doc,
    *,
    bases=None,
    strength="",
    relation="",
    kind="",
    country="",
    evidence="weak",
    years=(),
    year=0,
    hidden=(),
):
    """The nodes and edges that a filter leaves."""

    def name(of, place, key="name"):
        return "" if place is None else doc[of][place][key]

    allowed = [
        edge for edge in doc["edges"]
        if (bases is None or name("bases", edge["basis"], "key") in bases)
        and not (strength and name("strengths", edge["strength"], "key") == strength)
        and not (relation and name("relations", edge["relation"]) == relation)
        and there(edge["evidence"], evidence)
    ]  # fmt: skip
    joined = {
        node["id"] for node in doc["nodes"]
        if not country or {name("countries", n) for n in node["countries"]} - {country}
    }  # fmt: skip
    free = {node["id"] for node in doc["nodes"] if not node["countries"]}
    while more := {
        end for edge in doc["edges"] for end in (edge["source"], edge["target"])
        if {edge["source"], edge["target"]} & joined and end in free
    } - joined:  # fmt: skip
        joined |= more
    pairs = [{edge["source"], edge["target"]} for edge in allowed]
    ends = set().union(*(pair for pair in pairs if pair <= joined))
    lasting = {node["kind"] for node in doc["nodes"] if node["start"] and node["end"]}

    def stays(node):
        start, end, horizon = (
            node[each] if there(node["levels"].get(each, 0), evidence) else None
            for each in ("start", "end", "horizon")
        )
        if year:
            over = bool(end and end < year)
            return not over and (start <= year if start else node["kind"] not in lasting)
        if years and (start or end or horizon):
            begun = start or end or horizon
            over = end if end or start else horizon
            return begun <= years[1] and (over is None or over >= years[0])
        return (
            not (kind and name("kinds", node["kind"]) == kind)
            and (not country or node["id"] in joined)
            and (there(node["evidence"], evidence) or (evidence == "only" and node["id"] in ends))
            and node["iri"] not in hidden
        )

    nodes = {node["id"]: node for node in doc["nodes"] if stays(node)}
    edges = {edge["id"]: edge for edge in allowed if {edge["source"], edge["target"]} <= nodes.keys()}
    return nodes, edges


def number(text):
    return int(text.replace(",", ""))


@pytest.mark.parametrize("name", FILTERS)
def test_every_number_sentence_and_mark_is_true_of_what_is_left(name, visit, address):
    visitor = visit(address, Mouse)
    visitor.choose("#layout", "Map")
    steps, told = FILTERS[name]
    for step in steps:
        visitor.type(*step) if isinstance(step, tuple) else visitor.press(step)
    doc = visitor.document
    if name == "hidden":
        told = {"hidden": visitor.page.evaluate("() => explorer.state().hidden")}
        assert len(told["hidden"]) == 1
    nodes, edges = left(doc, **told)

    def texts(selector):
        return [re.sub(r"\s+", " ", text).strip() for text in visitor.at(selector).all_text_contents()]

    # Above, in the outline and in the legend.
    assert visitor.status.startswith(f"{len(nodes):,} things and {len(edges):,} connections")
    kinds = Counter(node["kind"] for node in nodes.values())
    rows = dict(
        visitor.page.evaluate(
            "() => [...document.querySelectorAll('#outline tr[data-kind]')]"
            ".map(at => [at.dataset.kind, at.querySelector('.number').textContent])"
        )
    )
    for place, kind in enumerate(doc["kinds"]):
        partly = f"{kinds[place]} of {kind['count']}" if kinds[place] < kind["count"] else None
        said = rows.get(kind["name"], f"0 of {kind['count']}")
        assert said == partly or sum(map(number, said.split(" + "))) == kind["count"], kind["name"]
    labels = visitor.page.evaluate(
        "() => [...document.querySelectorAll('#legend label:has([type=checkbox])')]"
        ".map(at => [at.querySelector('input').value, at.lastChild.textContent])"
    )
    for of, field, some in (
        ("bases", "basis", edges),
        ("strengths", "strength", edges),
        ("countries", "countries", nodes),
        ("relations", "relation", edges),
    ):
        values = (each[field] for each in some.values())
        counts = Counter(n for value in values for n in (value if isinstance(value, list) else [value]))
        for place, each in enumerate(doc[of]):
            partly = f"{counts[place]:,} of {each['count']:,}" if counts[place] < each["count"] else None
            assert labels.pop(0) == [each.get("key", each["name"]), partly or f"{each['count']:,}"]

    # On the map: cards, also for screen readers, and lines.
    drawn = json.loads(visitor.page.evaluate(DRAWN))
    for card in drawn["cards"]:
        things = [thing for thing in card["things"] if thing in nodes]
        ends = [
            edge for thing in things for edge in edges.values() if thing in (edge["source"], edge["target"])
        ]
        if card["form"] == "group":
            kind = doc["nodes"][int(card["things"][0][1:])]["kind"]
            assert number(card["count"].removeprefix("+")) == sum(nodes[n]["kind"] == kind for n in things)
        elif card["form"] == "card":
            assert card["title"].count("\n+ ") == len({*things} - {card["things"][0]})
        if card["label"] is not None:
            many, bases = re.search(r", ([\d,]+) (?:thing|connection)s?(?:: (.*))?$", card["label"]).groups()
            assert number(many) == len(things if card["form"] == "group" else ends), card["label"]
            counts = Counter(doc["bases"][edge["basis"]]["name"] for edge in ends)
            said = dict(part.rsplit(" ", 1) for part in (bases or "").split(", ") if part)
            assert said == {basis: str(count) for basis, count in counts.items()}, card["label"]
    for line in drawn["lines"]:
        assert len(line["title"].splitlines()) == len([edge for edge in line["edges"] if edge in edges])
    resting, *others = map(number, re.findall(r"\d[\d,]*", texts("#map-counts")[0]))
    assert resting + sum(others) == len(edges)

    # The control: what each level adds to what is shown otherwise.
    sizes = {key: len(left(doc, **{**told, "evidence": key})[1]) for key in (*LEVELS, "only")}
    if name != "year":  # a year is of the level too
        *found, only = map(number, texts("#evidence .count"))
        added = [after - before for before, after in pairwise([0, *(sizes[key] for key in LEVELS)])]
        assert found == added
        assert only == sizes["only"] or name == "years"  # of which that level knows others
    evidence = told.get("evidence", "weak")
    assert visitor.page.evaluate("() => explorer.state().evidence") == evidence
    assert texts("#evidence [aria-pressed=true]")[0].startswith(
        {each["key"]: each["name"] for each in doc["evidence"]}.get(evidence, "only what is read")
    )

    # Findings, their marks, and questions: by evidence and country they are counted anew.
    told_of = [each for each in doc["questions"] if each["finding"]]
    plain = name == "none" or (not told.keys() - {"country", "evidence"} and name != "hidden")
    among = left(doc, **{key: each for key, each in told.items() if key == "country"})[0]
    parts = {each["name"]: told_by(each, nodes, edges, (doc, among, evidence)) for each in told_of}
    standing = told_of if plain else []
    assert visitor.listed("#finding [data-finding]") == [parts[each["name"]][0] for each in standing]
    out = len(told_of) - len(standing)
    note = {0: "", 1: "1 finding counts everything, not what is shown, and is left out."}
    assert texts("#finding-note") == [
        note.get(out, f"{out} findings count everything, not what is shown, and are left out.")
    ]
    marked = [
        (parts[each["name"]][1], bool(each["edges"])) for each in standing
        if each["marked"] and not (each["edges"] and len(parts[each["name"]][1]) > 8)
    ]  # fmt: skip
    things = {n for part, pairs in marked if not pairs for n in part}
    pairs = {e for part, pairs in marked if pairs for e in part}
    assert {card["things"][0] for card in drawn["cards"] if card["marked"]} == things & nodes.keys()
    lines = [pairs & {*line["edges"]} for line in drawn["lines"] if line["marked"]]
    assert all(lines)
    assert set().union(*lines) == pairs & edges.keys()
    allowed, links = left(doc, **({} if name in ("hidden", "question") else told))
    counted = dict(
        visitor.at("#questions [data-question]").evaluate_all(
            "all => all.map(at => [at.dataset.question, at.querySelector('.count')?.textContent.trim()])"
        )
    )
    for each in doc["questions"]:
        wanted = ""  # where the answer under the filter is not known
        if plain and (each["edges"] or each["levels"] or evidence == "weak"):
            ends = {doc["edges"][int(e[1:])][end] for e in each["edges"] for end in ("source", "target")}
            some = {links[e][end] for e in each["edges"] if e in links for end in ("source", "target")}
            alone = each["levels"][evidence] if each["levels"] else {*each["nodes"]} - ends
            number_ = len(some | ({*alone} & (among if each["levels"] else allowed).keys()))
            wanted = f"{number_} {'thing' if number_ == 1 else 'things'}"
        assert counted[each["name"]] == wanted, each["name"]

    # Compare offers what is left, and says nothing of what is not.
    visitor.press("#tab-crosswalk")
    lists = {each["name"]: [m for m in each["members"] if m in allowed] for each in doc["lists"]}
    several = not told.get("country")

    def marks(members):
        of = doc["nodes"][int(members[0][1:])]["countries"] if several else []
        return "".join(f"{doc['countries'][place]['mark']} " for place in of)

    offered = [f"{marks(some)}{title} ({len(some)})" for title, some in lists.items() if some]
    assert texts("#rows option") == texts("#columns option") == offered
    rows = visitor.at("#matrix tbody tr").count()
    beside = visitor.at("#matrix button").evaluate_all("all => all.map(at => at.dataset.row)")
    assert {*beside} <= {node["iri"] for node in allowed.values()}
    assert bool(rows) == bool(offered)
    if name not in ("none", "hidden", "question"):
        assert "No specific connection is found" not in texts("#matrix-reading")[0]
    if offered:
        across = visitor.at("#matrix thead th:not(.total)").count()
        same = visitor.at("#matrix button:disabled").count()
        assert visitor.seen("#matrix-note").startswith(f"Of {rows * across - same} pair")

    # The timeline's sentence counts its rows, and an exported picture says what the screen says.
    visitor.press("#tab-timeline")
    dated = visitor.at("#timeline-rows li:has(.track)").count()
    _, _, noted = texts("#timeline-note")[0].partition(". ")[0].rpartition(": ")
    assert sum(map(number, re.findall(r"\d[\d,]*", noted))) == dated
    known = ("start",) if told.get("year") else ("start", "end", "horizon")
    assert dated == sum(
        any(node[each] and there(node["levels"].get(each, 0), evidence) for each in known)
        for node in nodes.values()
    )
    visitor.press("#tab-picture")
    if name in ("none", "said", "kind"):
        visitor.press("#export")
        with visitor.page.expect_download() as done:
            visitor.at("#export-menu [data-format=svg]").click()
        picture = ElementTree.parse(done.value.path()).getroot()
        written = " ".join(re.sub(r"\s+", " ", "".join(picture.itertext())).split())
        assert ("Said only:" in written) == (name == "said")
        assert ("said-only" in done.value.suggested_filename) == (name == "said")
        for sentence in visitor.listed("#finding button[data-finding]") + texts("#finding-note"):
            assert all(word in written for word in sentence.split()), sentence
        signs = Counter(re.findall("[─□]", written))
        assert signs == Counter("─" if pairs else "□" for part, pairs in marked if part)


def test_the_relations_stand_below_the_field_and_not_in_it(visit, address):
    visitor = visit(address)
    assert visitor.at("#legend .field + section [data-list=relations]").count()
    assert 0 < visitor.at("#connected").bounding_box()["height"] < 80
