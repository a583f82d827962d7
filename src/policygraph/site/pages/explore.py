"""Make the pages that explore the network: the interactive explorer, and the crosswalk of two lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from policygraph.analysis import crosswalk as analysis
from policygraph.analysis.heatmap import svg
from policygraph.errors import PolicyGraphError
from policygraph.explorer import page as explorer
from policygraph.i18n import LANGUAGES
from policygraph.rdf.namespaces import compact, expand
from policygraph.site.context import SiteContext, once
from policygraph.site.rendering import Arguments, Page, render
from policygraph.site.urls import html_path
from policygraph.text import natural

if TYPE_CHECKING:
    import networkx as nx


def explore(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The explorer of the whole network."""
    return _explorer(context, path, language)


@once
def _explorer(context: SiteContext, path: str, language: str) -> Page:
    # The page stands by itself elsewhere; here it is part of a site, in several languages.
    head = [
        {"rel": "alternate", "hreflang": tag, "href": html_path(path, tag)[1:]}
        for tag in LANGUAGES
        if tag != language
    ]
    head += [{"rel": "license", "href": licence} for licence in context.licences]
    page = explorer.explore(context.catalog, context.store, language=language, head=head)
    return Page(page.encode(), language=language, policy=page.policy)


def crosswalk(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """Two lists laid across each other: the form to choose them, the matrix and its cells."""
    graph = context.network(language)
    lists = _lists(graph)
    choices = [(name, context.labels.of(expand(name), language).text) for name in lists]
    # The lists of a place, such as its areas, say more than those that all places share.
    usual = sorted(lists, key=lambda name: (not name.startswith("pgid:"), -len(lists[name]), name))
    chosen = {
        side: next(iter(arguments.get(side, ())), "") or name
        for side, name in zip(("rows", "columns"), usual, strict=False)
    }
    error, drawn, pairs = next((name for name in chosen.values() if name not in lists), ""), "", []
    if len(chosen) == 2 and not error:
        try:
            result = analysis.crosswalk(
                graph, lists[chosen["rows"]], lists[chosen["columns"]], language=language
            )
            drawn = svg(result)
            pairs = [(row, column, cell) for row, column, cell in result.each() if cell.ways]
        except PolicyGraphError as refusal:
            error = str(refusal)
    body = render(
        context,
        "crosswalk.html",
        language,
        path,
        arguments=urlencode({side: name for side, name in chosen.items() if arguments.get(side)}),
        choices=sorted(choices, key=lambda each: each[1]) if len(chosen) == 2 else [],
        chosen=chosen,
        error=error,
        drawn=drawn,
        pairs=sorted(pairs, key=lambda pair: -pair[2].strength),
    )
    return Page(body, language=language, refused=bool(error))


def _lists(graph: nx.MultiDiGraph) -> dict[str, list[str]]:
    """The schemes with two or more connected resources, by CURIE, each in its own order."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for node, data in sorted(graph.nodes(data=True)):
        if data.get("scheme"):
            order = natural(str(data.get("notation") or data.get("label") or node))
            found.setdefault(compact(data["scheme"]), []).append((order, node))
    return {
        name: [node for _, node in sorted(inside)]
        for name, inside in sorted(found.items())
        if len(inside) > 1
    }
