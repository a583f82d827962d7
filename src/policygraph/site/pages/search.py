"""Search resources by their labels, and queries by their words: on a server, or in the browser alone."""

from __future__ import annotations

from urllib.parse import urlencode

from policygraph.catalog.labels import fold
from policygraph.i18n import alphabetical
from policygraph.site.context import SiteContext
from policygraph.site.pages.query import by_tag
from policygraph.site.rendering import Arguments, Page, render

_MAX_RESULTS = 50  # that are listed; the page says how many there are


def search(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The resources and queries that match the text `q`."""
    text = " ".join(next(iter(arguments.get("q", ())), "").split())[:200]
    labels = context.labels
    matches = [iri for iri in labels.search(text) if context.urls.of(iri, language, str)]
    words = fold(text).split()
    queries = [
        query
        for query in context.catalog.queries.values()
        if words and all(each in fold(f"{query.summary} {query.description}") for each in words)
    ]
    body = render(
        context,
        "search.html",
        language,
        path,
        arguments=urlencode({"q": text}) if text else "",
        text=text,
        matches=matches[:_MAX_RESULTS],
        total=len(matches),
        queries=queries[:_MAX_RESULTS],
        similar=labels.near(text) if text and not matches else [],
    )
    return Page(body, language=language)


def index(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """Every label, for a search in the browser that needs no server."""
    labels, urls = context.labels, context.urls
    iris = [iri for iri in labels if urls.of(iri, language, str)]
    iris.sort(key=lambda iri: (alphabetical(labels.of(iri, language).text, language), iri))
    queries = [each for group in by_tag(context).values() for each in group]
    body = render(context, "names.html", language, path, iris=iris, queries=queries)
    return Page(body, language=language)
