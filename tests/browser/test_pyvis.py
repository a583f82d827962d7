"""What pyvis writes of a network opens with the network cable out, in place, and runs nothing of a label."""

from __future__ import annotations

import networkx as nx
import pytest

from policygraph.explorer.export import pyvis

pytestmark = pytest.mark.full

pytest_plugins = ["browser"]

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> href"


def test_the_page_of_pyvis_works_offline_and_runs_no_label(tmp_path, browser):
    graph = nx.MultiDiGraph()
    graph.add_node("bridge", label=EVIL, kind=EVIL, description=EVIL)
    graph.add_edge("bridge", EVIL, relation=EVIL, basis="inferred", strength="weak")
    drawn = pyvis(graph)
    drawn.select_menu = True
    file = tmp_path / "graph.html"
    drawn.write_html(str(file))
    context = browser.new_context(offline=True)
    page = context.new_page()
    dialogs = []
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    page.wait_for_function("typeof network !== 'undefined' && network.getPositions().bridge")
    node = drawn.get_node("bridge")
    assert page.evaluate("network.getPositions(['bridge']).bridge") == {"x": node["x"], "y": node["y"]}
    # As one title has a link in it, pyvis writes them all as HTML.
    page.evaluate("network.body.emitter.emit('showPopup', 'bridge')")
    assert page.evaluate("document.querySelector('.popup').innerText").count("<") == EVIL.count("<") * 3
    page.wait_for_timeout(200)
    assert not dialogs
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert not said
    context.close()
