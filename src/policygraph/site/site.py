"""Make the document at every path of a catalogue's web site, for a server or for a folder of files.

There is no HTTP here: a `Route` maps paths to views, `urls` maps IRIs to paths.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from mimetypes import guess_type
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import Triple

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.settings import NAME
from policygraph.explorer.page import STATIC
from policygraph.site import corrections, dcat, downloads, engine, feeds
from policygraph.site.context import SiteContext
from policygraph.site.noted import again, by_key, compare
from policygraph.site.pages import explore, fair, home, ontology, query, resource, story, versions as past
from policygraph.site.pages.query import sparql_answer
from policygraph.site.rendering import NOT_FOUND, Arguments, Page, Shown, render
from policygraph.site.urls import FORMS, GRAPHS, VOID, document_stem, folded, parse_path
from policygraph.site.versions import archive, changes
from policygraph.site.versions.releases import versions
from policygraph.store.trace import TracedStore

if TYPE_CHECKING:
    from policygraph.store.protocols import Store

_REMEMBERED = 50_000  # labels of a large catalogue
_STATIC, _EDITIONS = Path(__file__).parent / "static", "/editions.js"
# On a dark background, a third of the colour in white has the contrast that the colour has on a light one.
_ACCENT = """:root {{ --link: {0}; }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ --link: color-mix(in srgb, {0} 35%, white); }} }}
"""


View = Callable[[SiteContext, str, str, Arguments], Page | Shown]
"""Makes the page of an abstract path in a language, or says what it shows; with arguments."""


class Route(NamedTuple):
    """The views that make the documents of an abstract path."""

    page: View | None
    data: Callable[[SiteContext, str, str, Arguments], Page] = resource.data  # by a suffix
    formats: Callable[[SiteContext, str], Iterable[str]] = resource.formats  # the suffixes of the data

    @property
    def noted(self) -> str:
        """What is noted of it."""
        return repr([getattr(each, "__qualname__", "") for each in self])


ROUTES: Mapping[str, Route] = {
    "/": Route(home.home),
    "/query": Route(query.index),
    "/things": Route(home.things),
    "/names": Route(home.names),
    "/catalog": Route(home.catalog, dcat.document, lambda context, path: GRAPHS),
    "/ontology": Route(ontology.page),
    "/search": Route(home.search),
    "/explore": Route(explore.explore),
    "/crosswalk": Route(home.crosswalk),
    corrections.PAGE: Route(home.corrections_page),
}
"""The routes of single pages, on a server and in a folder."""

_SPARQL = {"/sparql": Route(query.sparql)}
_ON_SERVER = {**ROUTES, **_SPARQL}
_IN_FOLDER = {**ROUTES, "/search": Route(home.index), NOT_FOUND: Route(home.not_found)}
_QUERY = Route(query.page, query.data, query.formats)
_STORY = Route(story.story, formats=lambda context, path: ())
_EMBED = Route(story.embed, formats=lambda context, path: ())
_DOWNLOAD = Route(None, formats=downloads.formats)
_RESOURCE = Route(resource.page)
_VERSION = Route(past.version, past.data, lambda context, path: GRAPHS)
_PAST = {
    "version": _VERSION,
    "changes": Route(past.difference, formats=lambda context, path: ()),
    "gone": Route(past.gone, formats=lambda context, path: ()),
}
_ABOUT = (ROUTES["/"], ROUTES["/catalog"], ROUTES["/ontology"])  # pages about the resources with their paths


@by_key
def _single(context: SiteContext) -> Mapping[str, Route]:
    """The routes of single pages, with those of each letter."""
    names, search = home.letter_pages(context).values(), home.search_paths(context)[0]
    parts = {**dict.fromkeys(names, Route(home.names)), **dict.fromkeys(search, Route(home.index))}
    here = _ON_SERVER if context.live else {**_IN_FOLDER, **(_SPARQL if context.in_browser else {})}
    return {**here, **parts}


@by_key
def _past(context: SiteContext) -> Mapping[str, str]:
    """What the pages of versions, changes and removed things are about, by abstract path."""
    known = {"gone": changes.pages(context), "changes": changes.pairs(context), "version": versions(context)}
    return {path: what for what, paths in known.items() for path in paths}


def _own(context: SiteContext, path: str) -> Route | None:
    """The route of a page of the site, which takes precedence over a resource with its path."""
    folder, _, name = path.rpartition("/")
    route = _single(context).get(path)
    if route and (path != corrections.PAGE or corrections.has_page(context)):
        return route
    if folder == "/query" and name in context.catalog.queries:
        return _QUERY
    if folder == story.FOLDER and name in context.stories:
        return _STORY
    if path in story.steps(context):
        return _EMBED
    datasets = context.metadata.datasets if folder == "/download" and not context.large else ()
    return _DOWNLOAD if name in datasets else None


def find(context: SiteContext, path: str) -> Route | None:
    """The route of an abstract path; None when it has none."""
    if own := _own(context, path):
        return own
    past = _past(context).get(path, "")
    return _RESOURCE if past != "version" and context.urls.at(path) else _PAST.get(past)


class Site:
    """A catalogue's site: its pages by path, as the store was when this was made.

    Args:
        catalog: the saved queries and the context of JSON-LD.
        store: the store to query.
        address: the public URL of the site; by default that in the catalogue's settings.
        description: returns the triples of the service description, if they are known already.
        live: whether a server answers queries; otherwise the site is files.
        sparql: the URL of a SPARQL endpoint that pages link to if the site is files.
        asked: what answers saved queries, by default `store`.
        previous: what earlier publications keep of versions, by path, as `archive.read` gives it.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        *,
        address: str = "",
        description: Callable[[], Iterable[Triple]] | None = None,
        live: bool = True,
        sparql: str = "",
        asked: Store | None = None,
        previous: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._context = context = SiteContext(
            catalog, store, address=address, live=live, sparql=sparql, description=description, asked=asked
        )
        context.previous = previous
        context.has_page = lambda path: _own(context, path) is not None
        self.trace = context.store  # what notes the reads of pages, in a folder
        self.again, self.compare = partial(again, context), partial(compare, context)
        self.languages = context.languages  # of its pages, the first at the plain addresses
        self.has_stories = bool(context.stories)
        self._files = _files(context)
        self._feeds = feeds.documents(context)
        context.feeds = frozenset(self._feeds)
        datasets = () if live else [each.iri for each in catalog.datasets.values()]
        # What is not noted.
        self.given = sorted(context.feeds), sorted(context.store.prefixes.items()), datasets

    @cached_property  # when a publication has found what of before it need not make again
    def _made(self) -> Mapping[str, Callable[[], Page]]:
        made = {**engine.documents(self._context), **fair.documents(self._context)}
        return made if self._context.live else {**made, _EDITIONS: self._editions}

    def page(self, path: str, arguments: Arguments | None = None) -> Page | None:
        """The document at a path; None when there is none.

        `arguments` are those of the URL. If one is invalid, the page says so and is `refused`.
        """
        if self._context.large and self._context.labels.size > _REMEMBERED:
            self._context.forget()
        if path in self._files:
            return self._files[path]
        if path in self._made:
            return self._made[path]()
        if make := self._feeds.get(path) or feeds.part(self._context, path):
            if not isinstance(self.trace, TracedStore):
                return make(self._paths())
            self.trace.volatile()  # the paths are not noted, and so nothing need be
            with self.trace.frame(apart=True):
                return make(self._paths())
        if path == VOID:
            return self._document("/catalog", ".ttl", "", {})
        if path.startswith(downloads.FOLDER) and (file := downloads.page(self._context, path)):
            return file
        if path in query.pictures(self._context):
            return query.picture(self._context, path, arguments or {})
        if path in story.files(self._context):
            return story.file(self._context, path)
        candidates = (self._document(*document, arguments or {}) for document in parse_path(path))
        return next((page for page in candidates if page), None) or archive.page(self._context, path)

    def _editions(self) -> Page:
        """The script that has what changes with each version: editions, and the files of the engine."""
        context, about = self._context, dict[str, Any]()
        about["editions"] = {
            iri: {"version": each["version"], "modified": each["modified"]}
            for iri, each in context.metadata.known.items()
        }
        if context.in_browser:
            about["engine"] = {each: engine.sources(context, each) for each in self.languages}
        script = (_STATIC / "editions.js").read_text(encoding="utf-8")
        text = json.dumps(about, ensure_ascii=False)
        return Page(f"globalThis.published = {text};\n{script}".encode(), "text/javascript")

    def variants(self, path: str, language: str = "") -> Mapping[str, str]:
        """The documents of an abstract path by media type, the page first; empty when it has none."""
        if path == VOID:
            return {media: f"/catalog{suffix}" for suffix, media in GRAPHS.items()}
        if path.startswith("/changes/") and archive.page(self._context, f"{path}.ttl"):  # without a page
            return {FORMS[".ttl"]: f"{path}.ttl"}
        language = language if language in self.languages else ""
        return {FORMS[suffix]: where for suffix, where in self._variants(path, language).items()}

    def paths(self) -> Iterator[str]:
        """Every document path, without arguments, in alphabetical order within its kind.

        Of a large catalogue, a server has too many of things to tell.
        """
        paths = [*self._paths()]
        yield from (*paths, *feeds.parts(self._context, paths))

    def _paths(self) -> Iterator[str]:
        yield from (*self._files, *self._made, *self._feeds, VOID)
        yield from (*downloads.distributions(self._context), downloads.SUMS, *query.pictures(self._context))
        yield from (*story.files(self._context), *archive.files(self._context))
        queries = (f"/query/{name}" for name in self._context.catalog.queries)
        things = () if self._context.large else self._context.urls.resources
        pages = (*(f"{story.FOLDER}/{name}" for name in self._context.stories), *story.steps(self._context))
        for path in dict.fromkeys(
            (*_single(self._context), *queries, *pages, *things, *_past(self._context))
        ):
            if variants := self._variants(path, ""):
                yield from variants.values()
                yield from (self._context.urls.html(path, language) for language in self.languages[1:])

    def resources(self, path: str) -> Sequence[str]:
        """The IRIs of the resources that a document path may be about, one for each way to read it."""
        paths = (each.path for each in parse_path(path) if each.tag in ("", *self.languages[1:]))
        return [iris[0] for each in paths if (iris := self._context.urls.at(each))]

    def unpublishable(self, *, partial: bool = False) -> str:
        """Why this site cannot be published, all of it or in part, in a sentence; empty where it can."""
        context = self._context
        settings = context.catalog.root / NAME
        graphs = " ".join(f"<{each.iri}>" for each in context.metadata.datasets.values())
        of = f"VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s ?p ?o }}" if graphs else "?s ?p ?o"
        if context.catalog.files and not graphs:
            return f"No statement is in {', '.join(map(str, context.catalog.files))}."
        things = context.column(f"SELECT DISTINCT ?s {{ {of} FILTER(isIRI(?s)) }}")
        if not any(map(context.urls.is_here, things)):
            starts = Counter(re.sub("(?<=[^:/]/)[^/]*(#.*)?$", "", iri) for iri in things)
            common = f"; most begin with {starts.most_common(1)[0][0]}" if starts else ""
            what = f"No thing of this catalogue would have a page, since none has an IRI below {context.base}"
            if context.catalog.files:
                move = "Put this file into a folder data/, and set base in a catalog.toml beside that folder."
                return f"{what}{common}. {move}"
            return f"{what}{common}. Set base in {settings}."
        if not partial and (reason := self._incomplete()):
            return f"{reason} Give them other IRIs, or publish with --partial."
        if reason := archive.refusal(context):
            return reason
        if faults := dcat.faults(dcat.record(context, False)):
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            what = f"The record would break its profile. {faults[0].rstrip('.')}{more}"
            return f"{what}; say it in the data or in {settings}."
        return ""

    def things(self) -> tuple[int, int]:
        """How many things below the base have a page of their own, and how many there are."""
        urls = self._context.urls
        number = len(urls.unmapped()) + sum(map(len, urls.resources.values()))
        return number - len(self._without_page()), number

    def _without_page(self) -> list[str]:
        """The things below the base that have no page of their own."""
        urls = self._context.urls
        own = (_RESOURCE, _VERSION, *_ABOUT)
        taken = [path for path in urls.resources if find(self._context, path) not in own]
        return [*urls.unmapped(), *(iri for path in taken for iri in urls.resources[path])]

    def _incomplete(self) -> str:
        """Which things of the base would have no page of their own, in a sentence; empty where all have."""
        urls, without = self._context.urls, self._without_page()
        known = {folded(path): iris[0] for path, iris in urls.resources.items()}
        if twin := next(((path, iri) for iri in urls.unmapped() if (path := urls.path(iri))), None):
            names = f"<{known[folded(twin[0])]}> and <{twin[1]}>"
            return f"{names} cannot both be published: many file systems take them for one name."
        if without:
            what = f"{len(without):,} of the things below {urls.base} would have no page"
            why = "an IRI cannot have a question mark or an empty part, be below doc/ or changes/"
            return f"{what}, such as <{without[0]}>: {why}, or be that of another page of the site."
        for path, iris in urls.resources.items():
            if len(both := sorted({iri.partition("#")[0] for iri in iris})) > 1:
                return f"{' and '.join(f'<{iri}>' for iri in both)} would have one document, {path}."
        return ""

    @property
    def note(self) -> str:
        """What a publisher should know of the versions here, in a sentence; empty for nothing."""
        return archive.note(self._context)

    @property
    def removed(self) -> Mapping[str, tuple[str, str]]:
        """What was published and is not there, by abstract path, with the place of what replaced it.

        That is a path, and an escaped fragment with its #; each is "" where there is none.
        """
        urls, found = self._context.urls, dict[str, tuple[str, str]]()
        for path, known in changes.gone(self._context).items():
            by = changes.replaced_by(self._context, {each.subject.value for each in known})
            to = urls.path(by[0]) if len(by) == 1 else None
            fragment = "".join(by[0].partition("#")[1:]) if by and by[0] in urls.at(to) else ""
            found[path] = (to or "" if urls.at(to) else "", quote(fragment, safe="#%/:@,;="))
        return found

    @property
    def around(self) -> Mapping[str, Mapping[str, str]]:
        """The paths of the versions around others and around that of which they are, by path and relation."""
        return archive.relations(self._context)

    def not_found(self, path: str, language: str = "") -> Page:
        """The 404 page for a path, with the resources whose labels are similar."""
        return home.not_found(self._context, path, language or self.languages[0], {})

    def answer(
        self, query: str, language: str = "", *, results: bytes = b"", error: str = "", note: str = ""
    ) -> Page:
        """The SPARQL page with a query in it and its answer: results as JSON or N-Triples, or an error."""
        language = language or self.languages[0]
        shown = sparql_answer(self._context, language, query, results=results, error=error, note=note)
        return self._render(shown, language, "/sparql")

    def _render(self, shown: Shown, language: str, path: str) -> Page:
        return render(self._context, shown.template, language, path, **shown.values)

    def _variants(self, path: str, language: str) -> Mapping[str, str]:
        """The document paths of an abstract path, by suffix."""
        route = find(self._context, path)
        if not route:
            return {}
        data = {suffix: document_stem(path) + suffix for suffix in route.formats(self._context, path)}
        return {".html": self._context.urls.html(path, language), **data} if route.page else data

    def _document(self, path: str, suffix: str, language: str, arguments: Arguments) -> Page | None:
        route, variants = find(self._context, path), self._variants(path, language)
        if not route or suffix not in variants or language not in ("", *self.languages[1:]):
            return None
        if suffix == ".html" and route.page:
            language = language or self.languages[0]
            shown = route.page(self._context, path, language, arguments)
            page = shown if isinstance(shown, Page) else self._render(shown, language, path)
        else:
            page = route.data(self._context, path, suffix, arguments)
        around = ((rel, self._context.urls.link(to), "") for rel, to in self.around.get(path, {}).items())
        links = (*self._links(suffix, variants), *page.links, *around)
        return page._replace(links=(*dict.fromkeys(links),))

    def _links(self, suffix: str, variants: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        for other, where in variants.items():
            if other != suffix:
                yield "alternate", self._context.urls.link(where), FORMS[other]
        yield "canonical", self._context.urls.address(variants[suffix]), FORMS[suffix]
        yield from (("license", licence, "") for licence in self._context.metadata.licences)


def _files(context: SiteContext) -> Mapping[str, Page]:
    """The files that pages load, by path: the style sheet with the publisher's own, scripts, the logo."""
    settings, style = context.settings, (_STATIC / "site.css").read_bytes()
    if settings.accent:
        style += _ACCENT.format(settings.accent).encode()
    if settings.style:
        style += settings.style.read_bytes()
    script = (_STATIC / "site.js").read_bytes()
    for name, is_shown in (("matrix", context.pictured), ("story", context.stories)):
        if is_shown:
            style += (STATIC / f"{name}.css").read_bytes()
            script += (STATIC / f"{name}.js").read_bytes()
    logo = (settings.logo or _STATIC / "logo.svg").read_bytes()
    embed, medias = (_STATIC / "embed.js").read_bytes(), {".css": "text/css", ".js": "text/javascript"}
    found = sorted((_STATIC / "editor").rglob("*")) if context.live or context.in_browser else ()
    editor = {
        f"/{file.relative_to(_STATIC).as_posix()}": Page(file.read_bytes(), medias[file.suffix])
        for file in found
        if file.suffix in medias
    }
    return {
        **editor,
        "/site.css": Page(style, "text/css"),
        "/site.js": Page(script, "text/javascript"),
        **({story.SCRIPT: Page(embed, "text/javascript")} if context.stories else {}),
        context.logo: Page(logo, guess_type(context.logo)[0] or "application/octet-stream"),
    }
