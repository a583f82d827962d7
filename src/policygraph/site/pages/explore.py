"""Make the pages that explore the network: the interactive explorer, and the crosswalk of two lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from policygraph.analysis import crosswalk as analysis
from policygraph.analysis.heatmap import svg
from policygraph.analysis.network import network
from policygraph.errors import PolicyGraphError
from policygraph.explorer.page import view
from policygraph.i18n import language_name
from policygraph.rdf.namespaces import compact, expand
from policygraph.site.context import SiteContext, once
from policygraph.site.rendering import Arguments, Page, render
from policygraph.site.urls import relative

if TYPE_CHECKING:
    import networkx as nx


def explore(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The explorer of the whole network."""
    return _explorer(context, path, language)


@once
def _explorer(context: SiteContext, path: str, language: str) -> Page:
    # The explorer is a page of its own, so the links to other languages and the licences are added here.
    graph = network(context.catalog, store=context.store, language=language)
    if not len(graph):
        return Page(render(context, "no_network.html", language, path), language=language)
    html = context.urls.html
    here = html(path, language)

    def link(to: str) -> str:
        return relative(to, here)

    others = [tag for tag in context.languages if tag != language]
    addresses = ((node, context.urls.of(node, language, link)) for node in graph)
    ways = {
        "home": link(html("/", language)),
        "languages": {tag: (link(html(path, tag)), language_name(tag, tag)) for tag in others},
        "pages": {node: address for node, address in addresses if context.urls.is_here(node)},
        "licences": context.licences,
    }
    page = view(graph, ways=ways)
    return Page(page.encode(), language=language, policy=page.policy)


def crosswalk(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The crosswalk of two lists: the form to choose them, the matrix, and its cells in a table."""
    graph = context.network(language)
    lists = _lists(graph, context.order(language))
    choices = [(name, context.labels.of(expand(name), language).text) for name in lists]
    # By default two long lists of the data, such as areas; those of the ontology are more general.
    defaults = sorted(lists, key=lambda name: (not name.startswith("pgid:"), -len(lists[name]), name))
    chosen = {
        side: next(iter(arguments.get(side, ())), "") or name
        for side, name in zip(("rows", "columns"), defaults, strict=False)
    }
    error, picture, pairs = next((name for name in chosen.values() if name not in lists), ""), "", []
    if len(chosen) == 2 and not error:
        try:
            result = analysis.crosswalk(
                graph, lists[chosen["rows"]], lists[chosen["columns"]], language=language
            )
            picture = svg(result)
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
        picture=picture,
        pairs=sorted(pairs, key=lambda pair: -pair[2].strength),
    )
    return Page(body, language=language, refused=bool(error))


def _lists(graph: nx.MultiDiGraph, order: Callable[[str], Any]) -> dict[str, list[str]]:
    """The concept schemes with two or more resources in the network, by CURIE, in their order."""
    lists: dict[str, list[str]] = {}
    for node, data in sorted(graph.nodes(data=True)):
        if data.get("scheme"):
            lists.setdefault(compact(data["scheme"]), []).append(node)
    return {name: sorted(nodes, key=order) for name, nodes in sorted(lists.items()) if len(nodes) > 1}
