"""Map the paths of the site to the views that make its documents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from policygraph.site import dcat
from policygraph.site.context import SiteContext
from policygraph.site.pages import explore, home, ontology, query, resource, search
from policygraph.site.rendering import NOT_FOUND, Arguments, Page
from policygraph.site.urls import GRAPHS

View = Callable[[SiteContext, str, str, Arguments], Page]
"""Makes a page from an abstract path, a language and arguments."""

Data = Callable[[SiteContext, str, str, Arguments], Page]
"""Makes data from an abstract path, a suffix and arguments."""


def _graphs(context: SiteContext, path: str) -> Iterable[str]:
    return GRAPHS


def _graphs_of_resource(context: SiteContext, path: str) -> Iterable[str]:
    return GRAPHS if path in context.urls.resources else ()


class Route(NamedTuple):
    """The views that make the documents of an abstract path, or of every path in a folder."""

    page: View | None  # makes the page for people, if there is one
    data: Data = resource.data
    formats: Callable[[SiteContext, str], Iterable[str]] = _graphs_of_resource  # suffixes of the data
    names: Callable[[SiteContext], Collection[str]] | None = None  # those that are in the folder

    def suffixes(self, context: SiteContext, path: str) -> Iterator[str]:
        """The suffix of each document at a path, that of the page first."""
        if self.page:
            yield ".html"
        yield from self.formats(context, path)


_ALWAYS: Mapping[str, Route] = {
    "/": Route(home.home),
    "/query": Route(query.index),
    "/things": Route(home.things),
    "/catalog": Route(home.catalog, dcat.document, _graphs),
    "/ontology": Route(ontology.page),
    "/search": Route(search.search),
    "/explore": Route(explore.explore),
    "/crosswalk": Route(explore.crosswalk),
}
ON_SERVER: Mapping[str, Route] = {**_ALWAYS, "/sparql": Route(query.sparql)}
"""The routes of single pages where a server answers."""

IN_FOLDER: Mapping[str, Route] = {**_ALWAYS, "/search": Route(search.index), NOT_FOUND: Route(home.not_found)}
"""The routes of single pages where the site is files."""

FOLDERS: Mapping[str, Route] = {
    "/query/": Route(query.page, query.data, query.formats, lambda context: context.catalog.queries),
    "/download/": Route(None, formats=_graphs, names=lambda context: context.datasets),
}
"""The routes of folders. A path below one is a document, even if it is also that of an IRI."""

RESOURCE = Route(resource.page)  # the route of every resource that has a page here


def find(context: SiteContext, path: str) -> Route | None:
    """The route of an abstract path; None when it has none."""
    if route := (ON_SERVER if context.live else IN_FOLDER).get(path):
        return route
    folder, slash, name = path.rpartition("/")
    route = FOLDERS.get(folder + slash)
    if route and route.names and name in route.names(context):
        return route
    return RESOURCE if path in context.urls.resources else None


def paths(context: SiteContext) -> Iterator[str]:
    """Every abstract path that has a page."""
    single = ON_SERVER if context.live else IN_FOLDER
    yield from single
    yield from (f"/query/{name}" for name in context.catalog.queries)
    yield from (path for path in context.urls.resources if path not in single)
