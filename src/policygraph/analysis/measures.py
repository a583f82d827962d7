"""Run a measure of a network by name, with the rows of saved queries that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from policygraph.errors import NetworkError, nearest

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.analysis.table import Table

Ask: TypeAlias = Callable[[str], Iterable[Mapping[str, Any]]]
"""Runs a saved query and returns its rows: Python values by column name."""


class Measure(NamedTuple):
    """A measure: the question that it answers, and the saved query that selects its network."""

    asks: str
    run: Callable[[nx.Graph, Ask], Table]
    network: str = "network"


def analyse(name: str, graph: nx.Graph, *, ask: Ask) -> Table:
    """Run a measure on a network; the recipe of the result has the version of this package.

    Args:
        name: of a measure in `MEASURES`.
        graph: any networkx graph; it is not changed.
        ask: runs the saved queries for what a measure needs besides the graph.

    Raises:
        NetworkError: there is no such measure, or it cannot be used on this network.
    """
    from importlib.metadata import version

    table = find_measure(name).run(graph, ask)
    return table._replace(recipe={**table.recipe, "policygraph": version("policygraph")})


def find_measure(name: str) -> Measure:
    """Return the measure of that name; raise NetworkError, with the nearest name, when there is none."""
    if name not in MEASURES:
        known = ", ".join(MEASURES)
        raise NetworkError(f"There is no measure {name!r}; there are {known}.{nearest(name, MEASURES)}")
    return MEASURES[name]


def _central(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.centrality import central

    return central(graph)


def _communities(graph: nx.Graph, ask: Ask) -> Table:
    from policygraph.analysis.communities import communities

    return communities(graph, named_by=[str(row["member"]) for row in ask("members")])


def _bridges(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.centrality import bridges

    return bridges(graph)


def _isolated(graph: nx.Graph, ask: Ask) -> Table:
    from policygraph.analysis.gaps import Expected, isolated

    rows = ask("connections-expected")
    expected = [Expected(row["node"], row["direction"], row["property"], row["gap"]) for row in rows]
    return isolated(graph, expected=expected)


def _overlaps(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.gaps import overlaps

    return overlaps(graph)


def _levels(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.gaps import levels

    return levels(graph)


def _compare(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.comparison import compare
    from policygraph.analysis.network import narrowed

    return compare(graph, narrowed(graph, stated_only=True), names=("everything", "stated only"))


def _summary(graph: nx.Graph, _: Ask) -> Table:
    from policygraph.analysis.comparison import summary

    return summary(graph)


MEASURES: Mapping[str, Measure] = {
    "summary": Measure("How large and how dense is the network, and who says what in it?", _summary),
    "central": Measure("What matters most, and would it without the inferences?", _central),
    "communities": Measure("Which things belong together, and how sure is that?", _communities),
    "bridges": Measure("What holds the parts together?", _bridges),
    "isolated": Measure("What lacks a connection that one would expect?", _isolated),
    "overlaps": Measure(
        "Which areas share what they are about, and how much of it?", _overlaps, "area-features"
    ),
    "levels": Measure(
        "How far does the chain from challenge to case study reach, and where does it break?", _levels
    ),
    "compare": Measure("What is different without the inferences, or in another dataset?", _compare),
}
