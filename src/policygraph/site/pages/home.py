"""Make the pages of the whole catalogue: home, lists, search, crosswalk, and the 404 page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from policygraph.analysis import crosswalk as analysis
from policygraph.analysis.heatmap import svg
from policygraph.analysis.network import WHOLE, countries
from policygraph.catalog.labels import Label, matching, near
from policygraph.errors import PolicyGraphError
from policygraph.explorer.document import LIMITS
from policygraph.i18n import alphabetical, initial, words
from policygraph.rdf.namespaces import LABEL_PROPERTIES, Prefixes, compact, expand
from policygraph.site.context import SiteContext
from policygraph.site.corrections import corrections
from policygraph.site.downloads import files
from policygraph.site.noted import by_key, once
from policygraph.site.pages import schema_org
from policygraph.site.pages.query import by_tag
from policygraph.site.pages.story import lead
from policygraph.site.rendering import NOT_FOUND, Arguments, Page, Shown, render, show
from policygraph.site.urls import GRAPHS
from policygraph.store.index import Name, also
from policygraph.store.names import named
from policygraph.text import fold, grouped, natural

if TYPE_CHECKING:
    import networkx as nx

TOPS = "?x skos:topConceptOf|^skos:hasTopConcept {}"
_MAX_RESULTS = 50  # of a search that are listed; the page says how many there are
_MOST = 8  # names of a letter in the list from A to Z that are not folded
SPLIT, _PART = 1_000, 500  # names on a page, above which there are several, and those on each of these
_FIRST, _FEW = 1_000, 50  # of a large catalogue, names in that list and resources of a kind
_MAX = 500  # resources of a kind that a server's page lists; the page says how many there are


def home(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The home page: featured queries, the kinds of resources, and the number of claims by basis."""
    views = {"things": 0, "timeline": 1, "graph": 2}
    queries = [each for each in context.catalog.queries.values() if "lookup" not in each.tags]
    featured = [each for each in queries if each.view in views or each.findings]
    featured.sort(key=lambda query: (query.name == WHOLE, not query.findings, views.get(query.view or "", 9)))
    bases: Counter[tuple[str, str]] = Counter()  # what was drafted is not counted with what was checked
    for row in context.ask("claims-by-basis"):
        bases[row["basis"].value, getattr(row["status"], "value", "")] += int(row["claims"].value)
    drawn: tuple[int, ...] = ()
    # To make a larger network takes too long here.
    if 0 < bases.total() <= LIMITS["edges"] and not context.large:
        things, connections, alone = _size(context)
        drawn = (things, connections, bases.total() - connections, alone)
    schemes = [] if context.metadata.layers else context.found("?x a skos:ConceptScheme", language)
    found = {each: context.found(TOPS.format(f"<{each}>"), language) for each in schemes}
    tops = {each: concepts for each, concepts in found.items() if concepts}
    return show(
        "home.html",
        catalog=schema_org.catalog(context, language),
        records=context.metadata.described,
        kinds=[(iri, context.kinds[iri], len(members)) for iri, members in context.members.items()],
        anchors=context.anchors,
        # Of a large catalogue, to ask them all takes too long here.
        featured=[
            (q, "" if context.large else context.finding(q.name, language)) for q in (featured or queries)[:8]
        ],
        bases=bases.most_common(),
        queries=len(context.catalog.queries),
        tops=tops,
        letters=_alphabet(context, language) if tops else (),
        pages=letter_pages(context),
        shared=words(language, "explorer", marked=True),
        drawn=drawn,
        licensed=_licensed(context),
        matrices=list(context.matrices(language).items())[:1],
        dataset="" if context.large else next(iter(context.metadata.datasets), ""),
        itself=context.resources(sorted(context.urls.at("/"), key=natural), language),
        **lead(context, language),
        documents=[(media, f"/index{suffix}") for suffix, media in GRAPHS.items()],
        by_kind=lambda statements: {"": statements},
    )


def _licensed(context: SiteContext) -> bool:
    """Whether all that is described has a licence, and each dataset is, where any is."""
    licensed = {iri: bool(each["license"]) for iri, each in context.metadata.described.items()}
    needed = {each.iri for each in context.metadata.datasets.values()} if context.metadata.records else ()
    return bool(licensed) and all(licensed.values()) and licensed.keys() >= {*needed}


@once
def _size(context: SiteContext) -> tuple[int, int, int]:
    """How many things and connections are in the network, and how many things of its kinds are not."""
    graph = context.network(context.languages[0])
    alone = {each for members in context.members.values() for each in members} - set(graph)
    return len(graph), graph.size(), len(alone)


def corrections_page(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The claims that contradict or replace others."""
    return show("corrections.html", corrections=corrections(context, language))


def things(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """All resources, by kind."""
    groups = []
    for iri, members in context.members.items():
        shown = members[:_FEW] if context.large else members
        context.labels.learn(shown)
        ordered = sorted(shown, key=context.order(language))
        most = _MAX if context.live else _FEW if len(members) > SPLIT else SPLIT
        groups.append((iri, context.kinds[iri], ordered[:most], len(members)))
    asked = context.live and "members" in context.catalog.queries
    return show("things.html", groups=groups, anchors=context.anchors, asked=asked)


def names(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The names of all resources from A to Z, and their other names in the language of the page."""
    letters = _alphabet(context, language)
    parts, part = letter_pages(context), path.partition("-")[2]
    shown = {each: _letter(context, each, language) for each in letters if not parts or _name(each) == part}
    most = SPLIT * SPLIT if part else _MOST
    return show(
        "a-z.html", letters=shown, pages=parts, all=letters, most=most, first=len(_first(context)) == _FIRST
    )


@once
def _alphabet(context: SiteContext, language: str) -> list[str]:
    return [*_letters(context, language)]


@once
def _letter(context: SiteContext, letter: str, language: str) -> list[tuple[Label, str]]:
    return _letters(context, language)[letter]


@once
def _letters(context: SiteContext, language: str) -> Mapping[str, list[tuple[Label, str]]]:
    """The names in a language by first letter, each with what it is of."""
    known: list[tuple[list[str | int], Label, str]] = []
    iris = _first(context) or context.labels
    context.labels.learn(iris)
    for iri in filter(context.urls.is_here, iris):
        best, others = context.labels.of(iri, language), context.labels.others(iri, language)
        alike = [best, *(each for each in others if each.language == language)]
        known += ((alphabetical(each.text, language), each, iri) for each in alike)
    known.sort()
    return grouped((initial(label.text, language), (label, iri)) for _, label, iri in known)


def _first(context: SiteContext) -> Sequence[str]:
    """Of a large catalogue, what is in that list."""
    return context.store.index.first(_FIRST) if context.large and context.store.index else ()


def _name(letter: str) -> str:
    """A letter as it stands in the path of its page."""
    return letter.lower() if letter.isalpha() else "0"


@once
def letter_pages(context: SiteContext) -> Mapping[str, str]:
    """The path of the page of each letter; none where all names are on one."""
    letters = [] if context.large else [_letters(context, each) for each in context.languages]
    if all(sum(map(len, each.values())) <= SPLIT for each in letters):
        return {}
    return {letter: f"/names-{_name(letter)}" for letter in sorted({*chain.from_iterable(letters)})}


def catalog(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The datasets, with their files to download."""
    datasets, about = context.metadata.datasets, context.resources([*context.metadata.records], language)
    return show(
        "catalog.html",
        catalog=schema_org.catalog(context, language),
        about=[schema_org.resource(context, each, language) for each in about],
        records=context.metadata.described,
        datasets=datasets,
        files={iri: files(context, iri) for iri in ("", *(each.iri for each in datasets.values()))},
    )


def not_found(context: SiteContext, path: str, language: str, arguments: Arguments) -> Page:
    """The 404 page of a path, with the resources whose labels are similar to it.

    The page at `NOT_FOUND`, which is kept as a file, stands for any path and names none.
    """
    missing = "" if path == NOT_FOUND else path
    similar = _near(context, missing) if missing else []
    return render(context, "not_found.html", language, NOT_FOUND, similar=similar, path=missing[:200])


def search(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The resources and queries that match the text `q`."""
    text = " ".join(next(iter(arguments.get("q", ())), "").split())[:200]
    names = named(context.store, text) if context.large else _names(context)
    matches = [iri for iri in matching(names, text) if _is_sought(context, iri)]
    words = fold(text).split()
    asked = context.catalog.queries.values() if words else ()
    read = ((each, fold(" ".join([*each.summaries.values(), *each.descriptions.values()]))) for each in asked)
    queries = [query for query, about in read if all(each in about for each in words)]
    return show(
        "search.html",
        arguments=urlencode({"q": text}) if text else "",
        text=text,
        matches=matches[:_MAX_RESULTS],
        total=len(matches),
        queries=queries[:_MAX_RESULTS],
        similar=_near(context, text) if text and not matches else [],
    )


def _names(context: SiteContext) -> Iterator[Name]:
    """By what things are found: their labels, then their notations and the labels of what they replace."""
    yield from context.labels.names()
    for iri, texts in _also(context).items():
        yield from (Name(iri, len(LABEL_PROPERTIES), text, "") for text in texts)


@by_key
def _also(context: SiteContext) -> Mapping[str, Sequence[str]]:
    """By what things are found besides their labels."""
    return grouped((each.iri, each.text) for each in also(context.rows))


def _is_sought(context: SiteContext, iri: str) -> bool:
    """Whether a search finds a resource: what is deprecated is left out."""
    return context.urls.has_link(iri) and iri not in context.deprecated


def _near(context: SiteContext, text: str) -> list[str]:
    """The resources here whose names are similar to a text or a path."""
    return [*filter(context.urls.is_here, near(context.store, lambda: context.labels, text))]


def index(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """Every label, or those with a word of the start that the path names, for a search without a server."""
    labels, (parts, common) = context.labels, search_paths(context)
    found = _part(context, path) if path in parts else [each for each in labels if _is_sought(context, each)]
    iris = found if path in parts or not parts else []
    iris = sorted(iris, key=lambda iri: (alphabetical(labels.of(iri, language).text, language), iri))
    return show(
        "names.html",
        iris=iris,
        total=len(found),
        queries=[each for group in by_tag(context).values() for each in group],
        also={iri: texts for iri in iris if (texts := _also(context).get(iri))},
        starts={each.partition("-")[2]: each for each in parts},
        common=common,
    )


@once
def search_paths(context: SiteContext) -> tuple[Sequence[str], Sequence[str]]:
    """The paths of the pages of the starts of words, and the words that too many names have."""
    pages, common = _search_pages(context)
    return [*pages], common


@once
def _part(context: SiteContext, path: str) -> Sequence[str]:
    return [*_search_pages(context)[0][path]]


@once
def _search_pages(context: SiteContext) -> tuple[Mapping[str, Iterable[str]], Sequence[str]]:
    """The resources with a name in which a word has some start, by the path of the page of that start.

    There are none where one page has all. The other are words that too many names have.
    """
    words: dict[str, dict[str, None]] = {}
    if context.live or sum(_is_sought(context, each) for each in context.labels) <= SPLIT:
        return {}, ()
    for name in _names(context):
        for word in re.findall(r"[^\W_]+", fold(name.text)) if _is_sought(context, name.iri) else ():
            words.setdefault(word, {})[name.iri] = None
    common = sorted(word for word, iris in words.items() if len(iris) > _PART)
    pages: dict[str, Iterable[str]] = {}
    waiting = [("", sorted(words.keys() - common))]
    while waiting:
        start, group = waiting.pop()
        iris = {iri: None for word in group for iri in words[word]}
        if start and (len(iris) <= _PART or group == [start]):
            pages[f"/search-{start}"] = iris
        else:
            size = len(start) + 1
            waiting += ((each, [*alike]) for each, alike in groupby(group, lambda word: word[:size]))  # noqa: B023
    return dict(sorted(pages.items())), common


def crosswalk(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The crosswalk of two lists: the form to choose them, the matrix, and its cells in a table.

    Of a large catalogue, whose network takes too long to make, it says what to do.
    """
    if context.large:
        return show("no_network.html", too_large=True)
    graph = context.network(language)
    lists = _lists(graph, context.order(language), context.prefixes)
    choices = [(name, context.labels.of(expand(name, context.prefixes), language).text) for name in lists]
    # By default two long lists of the data, such as areas; those of the ontology are more general.
    defaults = sorted(lists, key=lambda name: (not name.startswith("pgid:"), -len(lists[name]), name))
    if not arguments:  # of several countries, with the list of another one of which most is known
        defaults[1:] = sorted(defaults[1:], key=lambda name: -_known(graph, lists[defaults[0]], lists[name]))
    chosen = {
        side: next(iter(arguments.get(side, ())), "") or name
        for side, name in zip(("rows", "columns"), defaults, strict=False)
    }
    error, picture, pairs = next((name for name in chosen.values() if name not in lists), ""), "", []
    too_large = ""
    if len(chosen) == 2 and not error:
        try:
            rows, columns = lists[chosen["rows"]], lists[chosen["columns"]]
            result = analysis.crosswalk(graph, rows, columns, language=language)
            picture = svg(result)
            pairs = [(row, column, cell) for row, column, cell in result.each() if cell.ways]
        except PolicyGraphError as refusal:
            too_large = str(refusal)
    return show(
        "crosswalk.html",
        arguments=urlencode({side: name for side, name in chosen.items() if arguments.get(side)}),
        choices=sorted(choices, key=lambda each: alphabetical(each[1], language)) if len(chosen) == 2 else [],
        chosen=chosen,
        error=error,
        too_large=too_large,
        picture=picture,
        pairs=sorted(pairs, key=lambda pair: -pair[2].strength),
        refused=error or (too_large if arguments else ""),
    )


def _known(graph: nx.MultiDiGraph, one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs of two countries' lists are connected or were examined; 0 for lists of the same one."""
    of, home = ({*chain(*(countries(graph.nodes[each]) for each in some))} for some in (one, other))
    with suppress(PolicyGraphError):  # too large
        cells = analysis.crosswalk(graph, one, other).each() if of and home and not of & home else ()
        return sum(cell.kind != "not examined" for *_, cell in cells)
    return 0


def _lists(graph: nx.MultiDiGraph, order: Callable[[str], Any], prefixes: Prefixes) -> dict[str, list[str]]:
    """The concept schemes with two or more resources in the network, by CURIE, in their order."""
    nodes = sorted(graph.nodes(data=True))
    lists = grouped((compact(of, prefixes), node) for node, data in nodes if (of := data.get("scheme")))
    return {name: sorted(nodes, key=order) for name, nodes in sorted(lists.items()) if len(nodes) > 1}
