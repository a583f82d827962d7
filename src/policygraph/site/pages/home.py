"""Make the home page, the lists of resources and datasets, the search, and the 404 page."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from policygraph.analysis.network import WHOLE
from policygraph.catalog.labels import Label, fold
from policygraph.explorer.document import LIMITS
from policygraph.i18n import alphabetical, initial, words
from policygraph.rdf.namespaces import local_name
from policygraph.site.context import SiteContext
from policygraph.site.downloads import files
from policygraph.site.pages import schema_org
from policygraph.site.pages.query import by_tag
from policygraph.site.rendering import NOT_FOUND, Arguments, Page, render

_MAX_RESULTS = 50  # of a search that are listed; the page says how many there are
_MAX_NAMES, _MOST = 20_000, 8  # names in the list from A to Z, and those of a letter that are not folded
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
    featured = featured or [each for each in context.catalog.queries.values() if "lookup" not in each.tags]
    bases: Counter[str] = Counter()
    for row in context.ask("claims-by-basis"):
        bases[row["basis"].value] += int(row["claims"].value)
    drawn: tuple[int, ...] = ()
    if 0 < bases.total() <= LIMITS["edges"]:  # to make a larger network takes too long here
        graph = context.network(context.languages[0])
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


def names(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The names of all resources from A to Z, and their other names in the language of the page."""
    known: list[tuple[list[str | int], Label, str]] = []
    for iri in filter(context.urls.is_here, context.labels):
        best, others = context.labels.of(iri, language), context.labels.others(iri, language)
        alike = [best, *(each for each in others if each.language == language)]
        known += ((alphabetical(each.text, language), each, iri) for each in alike)
    known.sort()
    letters: dict[str, list[tuple[Label, str]]] = {}
    for _, label, iri in known[:_MAX_NAMES]:
        letters.setdefault(initial(label.text, language), []).append((label, iri))
    rest = len(known) - _MAX_NAMES
    body = render(context, "a-z.html", language, path, letters=letters, most=_MOST, rest=rest)
    return Page(body, language=language)


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
