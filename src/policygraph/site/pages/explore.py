"""Make the explorer's page: of the whole network, or of a large one its kinds, or what is around a thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from policygraph.analysis.network import network
from policygraph.errors import PolicyGraphError
from policygraph.explorer.page import view
from policygraph.i18n import format_number, language_name, plural, words
from policygraph.site.context import SiteContext
from policygraph.site.noted import once
from policygraph.site.pages.home import not_found
from policygraph.site.rendering import Arguments, Page, known_as, render
from policygraph.site.urls import relative
from policygraph.text import upper

if TYPE_CHECKING:
    import networkx as nx


def explore(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The explorer; where a page shows a part of the network, `focus` is the IRI of what it is around."""
    if not context.in_parts:
        return _whole(context, path, language)
    focus = next(iter(arguments.get("focus", ())), "")
    if not focus:
        return _kinds(context, path, language)
    try:
        iri = context.catalog.find_resource(focus, store=context.store)
        part = network(context.catalog, store=context.store, language=language, around=iri, steps=1)
    except PolicyGraphError as error:
        return not_found(context, focus, language, {})._replace(refused=str(error))
    return _page(context, part, path, language, focus=iri, title=context.labels.of(iri, language).text)


@once
def _whole(context: SiteContext, path: str, language: str) -> Page:
    graph = context.network(language)
    if not len(graph):
        return render(context, "no_network.html", language, path, too_large=False)
    return _page(context, graph, path, language)


@once
def _kinds(context: SiteContext, path: str, language: str) -> Page:
    """The kinds of things, with the number of each, and what connects them, with the number of claims."""
    import networkx as nx

    graph, texts, claims = nx.MultiDiGraph(), words(language, "explorer"), 0

    def label(iri: str) -> str:
        return context.labels.of(iri, language).text

    lanes = context.lanes(language)
    for kind, members in context.members.items():
        name, count = label(kind), format_number(len(members), language)
        lane = {"layer": context.metadata.layers.get(kind), "lane": lanes.get(kind)}
        graph.add_node(kind, label=f"{name} ({count})", kind=name, **{"class": kind}, **lane)
    for one, relation, other, basis, number in context.between_kinds:
        claims += int(number.value)
        if one.value in graph and other.value in graph:
            named = {"relation": label(relation.value), "property": relation.value, "basis": basis.value}
            count = format_number(int(number.value), language)
            graph.add_edge(one.value, other.value, **named, **{texts["connections_heading"]: count})
    things = plural(texts, "things", sum(map(len, context.members.values())))
    title = f"{texts['kinds']}: {things} {texts['and']} {plural(texts, 'connections', claims)}"
    listed = relative(context.urls.html("/things", language), context.urls.html(path, language))
    pages = {kind: f"{listed}#{context.anchors[kind]}" for kind in graph}
    return _page(context, graph, path, language, pages=pages, title=title)


def _page(
    context: SiteContext,
    graph: nx.MultiDiGraph,
    path: str,
    language: str,
    *,
    pages: dict[str, str] | None = None,
    **options: Any,
) -> Page:
    graph.graph["letters"] = context.letters
    # The explorer is a page of its own, so the links to other languages and the licences are added here.
    html = context.urls.html
    here = html(path, language)

    def link(to: str) -> str:
        return relative(to, here)

    others = [tag for tag in context.languages if tag != language]
    asked = f"?{urlencode({'focus': options['focus']})}" if "focus" in options else ""

    def url(iri: str) -> str:
        return context.urls.of(iri, language, link) or ""

    ways = {
        "home": link(html("/", language)),
        "languages": {tag: (link(html(path, tag)) + asked, upper(language_name(tag, tag))) for tag in others},
        "url": url,
        "pages": pages or {node: url(node) for node in graph if context.urls.is_here(node)},
        "licences": context.metadata.licences,
        "known_as": known_as(context, path),
    }
    page = view(graph, ways=ways, language=language, **options)
    return Page(page.encode(), language=language, policy=page.policy)
