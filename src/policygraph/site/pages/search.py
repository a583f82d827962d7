"""Search resources by their labels, and queries by their words: on a server, or in the browser alone."""

from __future__ import annotations

from urllib.parse import urlencode

from policygraph.catalog.labels import fold
from policygraph.site.context import SiteContext
from policygraph.site.pages.query import by_tag
from policygraph.site.rendering import Arguments, Page, render
from policygraph.text import natural

_MOST = 50  # results that are listed; the page says how many there are


def search(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The resources and queries that match the text `q`."""
    text = " ".join(next(iter(arguments.get("q", ())), "").split())[:200]
    names = context.labels
    found = [iri for iri in names.search(text) if context.urls.of(iri, language, str)]
    words = fold(text).split()
    questions = [
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
        found=found[:_MOST],
        total=len(found),
        questions=questions[:_MOST],
        near=names.near(text) if text and not found else [],
    )
    return Page(body, language=language)


def index(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """Every label, for a search in the browser that needs no server."""
    names, addresses = context.labels, context.urls
    found = [iri for iri in names if addresses.of(iri, language, str)]
    found.sort(key=lambda iri: (natural(fold(names.of(iri, language).text)), iri))
    questions = [each for group in by_tag(context).values() for each in group]
    body = render(context, "names.html", language, path, found=found, questions=questions)
    return Page(body, language=language)
