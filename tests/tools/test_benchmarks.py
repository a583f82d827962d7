"""The benchmarks of networks run at a small size and measure what their tables say."""

from __future__ import annotations

import subprocess
import sys

import networkx as nx
import pytest

from policygraph import Catalog

BENCHMARKS = Catalog.find().root / "benchmarks"

pytestmark = pytest.mark.full


@pytest.mark.parametrize("script", ["projection", "limits"])
def test_a_script_runs_to_its_table(script):
    code = f"import report; report.write = print; import {script}; {script}.main((100, 200))"
    table = subprocess.check_output([sys.executable, "-c", code], cwd=BENCHMARKS, text=True)
    assert "| network" in table


def test_what_is_compared_is_a_number_for_each_node(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from with_graph_tools import Networkx, Policygraph

    graph = nx.barbell_graph(4, 2)
    nx.set_edge_attributes(graph, 1.0, "weight")
    assert Policygraph().betweenness(graph) == pytest.approx(Networkx().betweenness(graph))
