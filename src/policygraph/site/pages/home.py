"""Make the home page, the list of resources, the list of datasets, and the 404 page."""

from __future__ import annotations

from collections import Counter

from policygraph.analysis.network import WHOLE
from policygraph.explorer.document import LIMITS
from policygraph.i18n import LANGUAGES, words
from policygraph.rdf.namespaces import local_name
from policygraph.site.context import SiteContext
from policygraph.site.downloads import files
from policygraph.site.pages import schema_org
from policygraph.site.rendering import NOT_FOUND, Arguments, Page, render

_MAX = 500  # resources of a kind that a server's page lists; the page says how many there are


def home(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The home page: featured queries, the kinds of resources, and the number of claims by basis."""
    views = {"things": 0, "timeline": 1, "graph": 2}
    featured = [
        query
        for query in context.catalog.queries.values()
        if (query.view in views or query.findings) and "lookup" not in query.tags
    ]
    featured.sort(key=lambda query: (query.name == WHOLE, not query.findings, views.get(query.view or "", 9)))
    bases: Counter[str] = Counter()
    for row in context.ask("claims-by-basis"):
        bases[row["basis"].value] += int(row["claims"].value)
    drawn: tuple[int, ...] = ()
    if 0 < bases.total() <= LIMITS["edges"]:  # to make a larger network takes too long here
        graph = context.network(LANGUAGES[0])
        alone = {each for members in context.members.values() for each in members} - set(graph)
        drawn = (len(graph), graph.size(), bases.total() - graph.size(), len(alone))
    body = render(
        context,
        "home.html",
        language,
        path,
        catalog=schema_org.catalog(context, language),
        kinds=[(iri, context.kinds[iri], len(members)) for iri, members in context.members.items()],
        featured=[(query, context.finding(query.name, language)) for query in featured[:8]],
        bases=[(basis, local_name(basis).casefold(), count) for basis, count in bases.most_common()],
        queries=len(context.catalog.queries),
        shared=words(language, "explorer"),
        drawn=drawn,
    )
    return Page(body, language=language)


def things(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """All resources, by kind."""
    groups = []
    for iri, members in context.members.items():
        ordered = sorted(members, key=context.order(language))
        groups.append((iri, context.kinds[iri], ordered[:_MAX] if context.live else ordered, len(ordered)))
    return Page(render(context, "things.html", language, path, groups=groups), language=language)


def catalog(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The datasets, with their files to download."""
    datasets = context.datasets
    body = render(
        context,
        "catalog.html",
        language,
        path,
        catalog=schema_org.catalog(context, language),
        about=[
            schema_org.resource(context, context.resource(iri, language), language) for iri in context.records
        ],
        datasets=datasets,
        files={iri: files(context, iri) for iri in ("", *(each.iri for each in datasets.values()))},
    )
    return Page(body, language=language)


def not_found(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The 404 page of a path, with the resources whose labels are similar to it.

    The page at `NOT_FOUND`, which is kept as a file, stands for any path and names none.
    """
    missing = "" if path == NOT_FOUND else path
    similar = context.labels.near(missing) if missing else []
    body = render(context, "not_found.html", language, NOT_FOUND, similar=similar, path=missing[:200])
    return Page(body, language=language)
