"""Picture, outline and table hold what the networkx graph holds, however odd and however large."""

from __future__ import annotations

from xml.etree import ElementTree

import networkx as nx
import pytest
from networks import HOSTILE, explore, hostile_network, policy_network
from visitors import Keyboard, data

from policygraph.analysis.network import SHOWN, network
from policygraph.explorer.document import LIMITS
from policygraph.explorer.page import view

pytestmark = pytest.mark.full

pytest_plugins = ["visits"]

GRAPH_SHAPED = ("area-features", "areas-joined", "neighbourhood", "network", "policy-chain")
IDS = [
    "https://example.org/a b",
    "https://example.org/50%",
    "https://example.org/50%25",
    "https://example.org/smørrebrød/日本",
    'https://example.org/"quoted"',
    "https://example.org/#one#two",
    "urn:x:[brackets]\\",
    "مرحبا",
    "constructor",
    " ",
]


def odd_network() -> nx.MultiDiGraph:
    """Hostile texts, and names that addresses and selectors do not take as they are."""
    graph = hostile_network()
    for number, name in enumerate(IDS):
        graph.add_node(name, label=HOSTILE[number % len(HOSTILE)], kind="Odd")
        graph.add_edge(name, IDS[number - 1], relation="is beside", basis="stated")
        graph.add_edge(name, HOSTILE[number], relation="is beside", basis="inferred", strength="weak")
    return graph


def held(visitor) -> dict[str, int]:
    """How many things and connections the outline holds once all of it is open."""
    for kind in visitor.at("#outline tr[data-kind]").evaluate_all("all => all.map(at => at.dataset.key)"):
        visitor.at(f"#outline tr[data-key={kind}]").click()
    things = visitor.at("#outline tr[data-node]").count()
    ends = visitor.listed("#outline tr[data-node] td.number")
    return {"things": things, "ends": sum(int(text) for text in ends if text != "–")}


def agree(visitor, graph: nx.MultiDiGraph) -> None:
    """Every count that one can see is that of the graph."""
    loops = nx.number_of_selfloops(graph)
    assert visitor.counts() == (len(graph), graph.size())
    kinds = {kind for _, kind in graph.nodes(data="class")}
    assert len(visitor.positions()) == (len(graph) if len(graph) <= LIMITS["whole"] else len(kinds))
    words = ["thing" if len(graph) == 1 else "things", "connection" if graph.size() == 1 else "connections"]
    assert visitor.status == f"{len(graph):,} {words[0]} and {graph.size():,} {words[1]}"
    found = held(visitor)
    assert found["things"] == len(graph)
    assert found["ends"] in (2 * graph.size(), 2 * graph.size() - loops)


@pytest.mark.parametrize("name", GRAPH_SHAPED)
def test_the_page_of_a_saved_question_holds_its_answer(name, visit, stored, address, catalog, store):
    queries = catalog.queries
    nodes = catalog.bind("network-nodes") if name == "network" else None
    graph = network(store, edges=queries[name].bind(), nodes=nodes)
    page = address if name == "network" else stored(name, explore(catalog, store, query=name))
    agree(visit(page), graph)


def test_every_graph_shaped_question_is_looked_at(catalog):
    marked = {name for name, query in catalog.queries.items() if query.view == "graph"}
    assert set(GRAPH_SHAPED) == marked


@pytest.mark.parametrize("graph", [odd_network(), policy_network()], ids=["hostile", "made-up"])
def test_any_network_is_held_whole(graph, visit, stored):
    visitor = visit(stored(f"any-{len(graph)}", view(graph, title=HOSTILE[0])))
    agree(visitor, graph)
    assert visitor.page.title() == HOSTILE[0]
    assert visitor.seen("h1") == HOSTILE[0]


def test_hostile_texts_are_shown_as_text_do_nothing_and_outlive_the_address(visit, stored):
    graph = odd_network()
    visitor = visit(stored("hostile", view(graph, title="Odd names")))
    elements = (
        "() => document.querySelectorAll('script, img, iframe, b[onclick], [onload], [onerror]').length"
    )
    before = visitor.page.evaluate(elements)
    visitor.open("Odd")
    for name in IDS:
        visitor.press(f"#outline tr{data('node', name)}")
        wanted = graph.nodes[name]["label"].split()
        assert visitor.seen("#details h2").split() == [word.replace("\ud83d", "?") for word in wanted]
        assert visitor.state()["selected"] == name
    for edge in visitor.page.evaluate("() => explorer.model.doc.edges.map(({ id }) => id)")[:12]:
        visitor.page.evaluate("key => { location.hash = explorer.address({ selected: key }); }", edge)
        visitor.wait("key => explorer.state().selected === key", edge)
    for name in IDS:
        change = "name => { location.hash = explorer.address({ selected: name, pinned: [name] }); }"
        visitor.page.evaluate(change, name)
        visitor.wait(
            "name => [explorer.state().selected, ...explorer.state().pinned].join() === `${name},${name}`",
            name,
        )
    for tab in ("paths", "picture"):
        visitor.press(f"#tab-{tab}")
    assert visitor.page.evaluate(elements) == before
    assert visitor.page.title() == "Odd names"


def test_at_each_level_of_evidence_the_page_has_what_the_terminal_has(visit, address, catalog, store):
    visitor = visit(address)
    for level in SHOWN:
        visitor.press(f"#evidence [data-evidence={level}]")
        part = network(catalog, store=store, evidence=level)
        assert visitor.counts() == (len(part), part.size()), level


@pytest.mark.parametrize("what", ["denmark", "hostile"])
def test_without_a_script_outline_and_table_hold_everything(what, visit, stored, address, denmark):
    graph = denmark if what == "denmark" else odd_network()
    where = address if what == "denmark" else stored("plain", view(graph, title="Odd names"))
    visitor = visit(where, java_script_enabled=False, ready="#plain")
    assert visitor.at("#plain").is_visible()
    assert visitor.at("#plain li").count() == len(graph)
    assert visitor.at("#plain tbody tr").count() == graph.size()
    assert visitor.seen("#status") == f"{len(graph)} things and {graph.size()} connections"
    assert not visitor.at(".needs-js").filter(visible=True).count()
    if what == "denmark":
        seen = visitor.seen("#plain")
        for _, _, rationale in denmark.edges(data="rationale", default=""):
            assert " ".join(rationale.split()) in seen


def test_ten_thousand_things_begin_as_kinds_with_numbers_and_the_tab_answers(visit, stored):
    """Of eight kinds, more than can be drawn one by one."""
    plain = nx.gnm_random_graph(10_000, 15_000, seed=1)
    graph = nx.MultiDiGraph()
    for node in plain:
        graph.add_node(
            f"https://example.org/{node}", label=f"Thing {node}", kind=f"Kind {node % 8}", layer=node % 8
        )
    for one, other in plain.edges:
        graph.add_edge(
            f"https://example.org/{one}", f"https://example.org/{other}", relation="needs", basis="stated"
        )
    visitor = visit(stored("large", view(graph, title="Ten thousand things")))
    assert visitor.status == "10,000 things and 15,000 connections"
    visitor.choose("#layout", "Network")
    x, y = visitor.page.evaluate("""() => {
      const picture = explorer.frames();
      const [id] = picture.body.data.nodes.getIds();
      const at = picture.canvasToDOM(picture.getPositions([id])[id]);
      const box = document.getElementById("canvas").getBoundingClientRect();
      return [box.x + at.x, box.y + at.y];
    }""")
    visitor.page.mouse.dblclick(x, y)  # lists what cannot be read, and leaves it grouped
    said = "1,250 things are too many to draw one by one"
    visitor.wait("said => document.getElementById('status').textContent.startsWith(said)", said)
    assert visitor.at("#outline tr[data-node]").count() == 200
    assert visitor.counts()[0] == 8
    visitor.choose("#layout", "Groups")
    kinds, pairs = visitor.counts()
    assert (kinds, pairs <= 64) == (8, True)
    drawn = visitor.page.evaluate("() => explorer.frames().body.data.nodes.getIds()")
    assert len(drawn) == 8
    assert visitor.at("#canvas-note").is_visible()
    assert [row.split()[-1] for row in visitor.listed("#outline tr[data-kind]")] == ["1,250"] * 8
    # What takes the page's only thread for long would keep this from being counted.
    visitor.page.evaluate("""() => {
      globalThis.longest = 0;
      let before = performance.now();
      setInterval(() => {
        const now = performance.now();
        globalThis.longest = Math.max(globalThis.longest, now - before);
        before = now;
      }, 20);
    }""")
    visitor.open("Kind 3")
    assert "Thing 1003" in visitor.seen("#outline")
    visitor.search("thing 4711", "Thing 4711")
    assert visitor.seen("#details h2") == "Thing 4711"
    visitor.press("#details [data-action=isolate]")
    visitor.wait("() => explorer.counts().nodes < 30")
    visitor.press("#show-all")
    visitor.wait("() => explorer.counts().nodes === 10000")
    visitor.choose("#layout", "Groups")
    assert visitor.counts()[0] == 8
    assert visitor.at("#canvas-note").is_visible()
    visitor.page.wait_for_timeout(100)
    assert visitor.page.evaluate("() => globalThis.longest") < 3000


def test_a_page_that_begins_at_a_thing_with_what_is_stated_shows_no_orphans(visit, stored):
    graph = nx.MultiDiGraph()
    for name, basis in (("b", "stated"), ("c", "inferred"), ("d", "external")):
        graph.add_edge("a", name, relation="knows", basis=basis)
    visitor = visit(stored("begun", view(graph, title="Begun", focus="a", steps=1, evidence="said")))
    assert visitor.status == "2 things and 1 connection; 2 things and 2 connections hidden"


def star(leaves: int) -> nx.MultiDiGraph:
    """One thing that holds many of one kind."""
    graph = nx.MultiDiGraph()
    graph.add_node("https://example.org/hub", label="Hub", kind="Hub")
    for number in range(leaves):
        graph.add_node(f"https://example.org/{number}", label=f"Leaf {number}", kind="Leaf")
        graph.add_edge(
            "https://example.org/hub", f"https://example.org/{number}", relation="holds", basis="stated"
        )
    return graph


def test_at_most_twenty_five_are_added_at_once_and_the_rest_is_counted(visit, stored):
    visitor = visit(stored("rest", view(star(40), title="A hub")))
    visitor.choose("#layout", "Network")
    visitor.press("#clear")
    visitor.search("hub", "Hub")
    visitor.press("#details [data-action=expand]")
    assert visitor.seen("#expand tr [data-add]") == "Add 25 of 40"
    visitor.press("#expand tr [data-add]")
    visitor.wait("() => explorer.counts().nodes === 26")
    assert visitor.counts() == (26, 25)
    assert "15 connections not in the picture." in visitor.seen("#details")
    assert visitor.seen("#expand tr [data-add]") == "Add 15"
    visitor.press("#expand tr [data-add]")
    visitor.wait("() => explorer.counts().nodes === 41")
    assert visitor.counts() == (41, 40)


def test_a_double_click_in_groups_draws_the_things_of_the_kind(visit, stored):
    visitor = visit(stored("kinds", view(star(5), title="A hub")))
    visitor.page.evaluate("() => { location.hash = explorer.address({ picture: 'groups' }); }")
    visitor.wait("() => explorer.picture() === 'groups' && explorer.frames()?.body.data.nodes.length === 2")
    at = visitor.page.evaluate(
        """() => {
        const id = `k ${explorer.model.doc.kinds.findIndex(({ name }) => name === "Leaf")}`;
        const spot = explorer.frames().canvasToDOM(explorer.positions()[id]);
        const box = document.getElementById("canvas").getBoundingClientRect();
        return [box.x + spot.x, box.y + spot.y]; }"""
    )
    visitor.page.mouse.dblclick(*at)
    visitor.wait("() => explorer.frames().body.data.nodes.length === 5")
    nothing = "() => { location.hash = explorer.address({ picture: 'groups', kinds: ['Hub', 'Leaf'] }); }"
    visitor.page.evaluate(nothing)
    visitor.wait("() => !document.getElementById('canvas-empty').hidden")


def test_names_that_look_shortened_outlive_the_address(visit, stored):
    graph = nx.MultiDiGraph([("~a", "=b", {"basis": "stated"}), ("=b", "c", {"basis": "stated"})])
    visitor = visit(stored("marks", view(graph, title="Marks")))
    fragment = visitor.page.evaluate("() => explorer.address({ shown: ['~a', '=b'] })")
    visitor.page.evaluate("fragment => { location.hash = fragment; }", fragment)
    visitor.wait("() => explorer.state().shown")
    assert {*visitor.state()["shown"]} == {"~a", "=b"}


def test_the_numbers_of_groups_follow_the_level_in_what_is_saved_too(visit, stored):
    graph = star(3)
    graph.edges["https://example.org/hub", "https://example.org/0", 0].update(
        basis="inferred", strength="weak"
    )
    visitor = visit(stored("groups", view(graph, title="A hub")))
    visitor.choose("#layout", "Groups")
    for level, many in (("weak", 3), ("said", 2), ("weak", 3)):
        visitor.press(f"#evidence [data-evidence={level}]")
        visitor.press("#export")
        with visitor.page.expect_download() as done:
            visitor.press("#export-menu [data-format=svg]")
        texts = {each.text for each in ElementTree.parse(done.value.path()).getroot().iter()}
        assert {each for each in texts if each and each.startswith("Leaf ")} == {f"Leaf {many}"}


def test_a_sign_of_patterns_in_a_name_is_a_letter_of_it(visit, stored):
    graph = nx.MultiDiGraph()
    graph.add_node("a", label="Costs $& fees", kind="Odd")
    graph.add_edge("a", "b", relation="is beside", basis="stated")
    graph.nodes["b"].update(label="b", kind="Plain")
    visitor = visit(stored("dollar", view(graph, title="Signs")), Keyboard)
    visitor.open("Plain")
    visitor.reach("#outline tr[data-node=b]", "#outline")
    visitor.key("ArrowRight")
    assert "Costs $& fees is beside" in visitor.seen("#outline tr[data-edge]")
