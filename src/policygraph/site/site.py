"""Which page is at which path: the catalogue as a web site, whether a server or a folder holds it.

There is no HTTP here. A page is what the data say, put into a template; `addresses` says what paths are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Quad, QueryTriples, Triple

from policygraph.catalog import resource
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.errors import QueryError
from policygraph.rdf.csvw import METADATA
from policygraph.rdf.formats import FORMATS, write
from policygraph.rdf.namespaces import BASE
from policygraph.rdf.sparql import form
from policygraph.site import feeds, rendering
from policygraph.site.context import Library
from policygraph.site.dcat import record
from policygraph.site.downloads import SUMS, data, distributions
from policygraph.site.pages import home
from policygraph.site.pages import query as query_pages
from policygraph.site.pages.form import values
from policygraph.site.rendering import STATIC, Writer
from policygraph.site.urls import GRAPHS, LANGUAGES, ROWS, Document, document_stem, html_path, parse_path

if TYPE_CHECKING:
    from policygraph.rdf.store import Store

POLICY = f"{rendering.POLICY}; frame-ancestors 'self'"
"""The Content-Security-Policy of every page but the explorer, as a header can say it."""

# The two style sheets that YASGUI's table writes into the page, by their hash.
_EDITING = (
    f"{POLICY}; style-src 'self' 'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk=' "
    "'sha256-c0O6TmFAkgpNbHxKAa1BrveWHHopjEtC47i0PzMudxg='"
)

_FILES: Mapping[str, str] = {"/site.css": "text/css", "/logo.svg": "image/svg+xml"}
_MEDIA = {**GRAPHS, **ROWS, ".html": "text/html", ".rq": "application/sparql-query"}
_NAMED = {row.media: name for name, row in FORMATS.items()}
_VOID = "/.well-known/void"


class Page(NamedTuple):
    """What is at a document path.

    Args:
        body: as bytes; text is UTF-8.
        media: its media type.
        links: (rel, href, type) of each link that belongs in a header.
        language: of a page for people; empty for data.
        refused: whether the page only tells that its arguments are wrong.
        policy: the Content-Security-Policy that it needs.
    """

    body: bytes
    media: str
    links: tuple[tuple[str, str, str], ...] = ()
    language: str = ""
    refused: bool = False
    policy: str = POLICY


class Site:
    """A catalogue's site: its pages by path, as the store was when this was made.

    Args:
        catalog: the questions and the context of JSON-LD.
        store: where to ask.
        base: what the data's IRIs begin with, which is also the public address of the site.
        root: the path below which this site's own links hang.
        description: the triples that describe the catalogue as a service, when they are known already.
        live: whether a server answers; otherwise the site is files, which cannot.
        sparql: the address of a service where the people who read files can ask in SPARQL.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: Store,
        *,
        base: str = BASE,
        root: str = "/",
        description: Callable[[], Iterable[Triple]] | None = None,
        live: bool = True,
        sparql: str = "",
    ) -> None:
        self._library = Library(catalog, store, base=base, root=root)
        self._writer = Writer(self._library, live=live, sparql=sparql)
        self._chapters = home.CHAPTERS if live else home.FILED
        self._files = _FILES if live else {**_FILES, "/search.js": "text/javascript"}
        self._description = description
        self._signs = feeds.signs(self._writer)
        self._writer.linked = frozenset(self._signs)
        self._lately: tuple[str, set[Triple]] = "", set()

    def page(self, path: str, arguments: Mapping[str, Sequence[str]] | None = None) -> Page | None:
        """What is at a document path; None when nothing is.

        `arguments` are those of the address, each with all its values. Where they are wrong, the page says so
        and is `refused`.
        """
        if path in self._files:
            return Page((STATIC / path[1:]).read_bytes(), self._files[path])
        if path in self._signs:
            sign = self._signs[path]
            return Page(feeds.made(self._writer, sign, self.paths()), sign.media)
        if path == _VOID:
            return self._page(Document("/catalog", ".ttl", LANGUAGES[0]), {})
        if path == SUMS or path in distributions(self._library):
            return self._distribution(path)
        for document in parse_path(path):
            found = self._page(document, arguments or {})
            if found is not None:
                return found
        return None

    def variants(self, path: str, language: str = LANGUAGES[0]) -> Mapping[str, str]:
        """The documents of an abstract path by media type, the page first; none when nothing is there."""
        if path == _VOID:
            path = "/catalog"
            return {media: path + suffix for suffix, media in GRAPHS.items()}
        return {_MEDIA[suffix]: where for suffix, where in self._variants(path, language)}

    def paths(self) -> Iterator[str]:
        """Every document path, without arguments, in the order of the alphabet within its kind."""
        yield from (*self._files, *self._signs, _VOID)
        yield from (*distributions(self._library), SUMS)
        for path in self._abstract():
            for language in LANGUAGES:
                found = dict(self._variants(path, language))
                if language == LANGUAGES[0]:
                    yield from found.values()
                elif ".html" in found:
                    yield found[".html"]

    def things(self, path: str) -> Sequence[str]:
        """The IRIs of what a document path is about; none where it is about no thing."""
        found = (self._library.addresses.things.get(document.path) for document in parse_path(path))
        return next((iris for iris in found if iris), ())

    def lost(self, path: str, language: str = LANGUAGES[0]) -> Page:
        """The page for a path where nothing is, with the things whose names are like it."""
        return Page(home.lost(self._writer, path, language), "text/html", language=language)

    def answer(
        self,
        query: str,
        language: str = LANGUAGES[0],
        *,
        results: bytes = b"",
        error: str = "",
        note: str = "",
    ) -> Page:
        """The SPARQL page with a query in it and what came of it: results as SPARQL JSON, or an error."""
        body = query_pages.sparql(self._writer, language, query, results=results, error=error, note=note)
        return Page(body, "text/html", language=language, refused=bool(error), policy=_EDITING)

    def _abstract(self) -> Iterator[str]:
        yield from self._chapters
        yield from (f"/query/{name}" for name in self._library.catalog.queries)
        yield from (path for path in self._library.addresses.things if path not in self._chapters)

    def _variants(self, path: str, language: str) -> Iterator[tuple[str, str]]:
        kind, _, name = path[1:].partition("/")
        if kind == "query" and name in self._library.catalog.queries:
            suffixes: Iterable[str] = (".html", *(GRAPHS if self._builds(name) else ROWS), ".rq")
        elif kind == "download" and name in self._library.catalog.datasets:
            suffixes = GRAPHS
        elif path == "/catalog" or path in self._library.addresses.things:
            suffixes = (".html", *GRAPHS)
        elif path in self._chapters:
            suffixes = (".html",)
        else:
            return
        for suffix in suffixes:
            yield suffix, html_path(path, language) if suffix == ".html" else document_stem(path) + suffix

    def _builds(self, name: str) -> bool:
        return form(self._library.catalog.queries[name].text) in ("CONSTRUCT", "DESCRIBE")

    def _page(self, document: Document, arguments: Mapping[str, Sequence[str]]) -> Page | None:
        path, suffix, language = document
        found = dict(self._variants(path, language))
        if suffix not in found:
            return None
        links = tuple(self._links(path, suffix, found))
        if suffix == ".html":
            body, refused, policy = home.page(self._writer, path, language, arguments)
            return Page(
                body,
                "text/html",
                links,
                language,
                refused,
                policy or (_EDITING if path == "/sparql" else POLICY),
            )
        kind, _, name = path[1:].partition("/")
        if kind == "query":
            return self._answer(self._library.catalog.queries[name], suffix, arguments, links)
        return Page(self._graph(path, _MEDIA[suffix]), _MEDIA[suffix], links)

    def _distribution(self, path: str) -> Page:
        """A file in which data can be had, or the checksums of all of them."""
        library, all_ = self._library, distributions(self._library)
        each = all_.get(path)
        media = "text/plain" if each is None else "application/gzip" if each.compressed else each.media
        document_stem, dot, suffix = path.rpartition(".")
        links = [
            ("alternate", library.addresses.link(where), _MEDIA[other])
            for other, where in self._variants(document_stem, LANGUAGES[0])
            if other != dot + suffix
        ]
        links.append(("canonical", library.base + path[1:], media))
        links.append(("describedby", library.addresses.link("/catalog"), ""))
        metadata = f"{path.rpartition('/')[0]}/{METADATA}"
        if metadata in all_ and path != metadata:  # https://www.w3.org/TR/tabular-data-model/#link-header
            links.append(("describedby", library.addresses.link(metadata), all_[metadata].media))
        records = library.records
        of = [records[each.dataset]] if each and each.dataset in records else records.values()
        licences = {record["license"] for record in of}
        if len(licences) == 1:  # only what holds for all of it
            links += [("license", licence, "") for licence in licences if licence]
        return Page(data(library, path), media, tuple(links))

    def _record(self) -> Iterable[Triple]:
        def make() -> Iterable[Triple]:
            described = self._description() if self._description else None
            return record(self._library, endpoint=self._writer.sparql, described=described)

        found: Iterable[Triple] = self._library.kept("record", "", make)
        return found

    def _links(self, path: str, suffix: str, found: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
        for other, where in found.items():
            if other != suffix:
                yield "alternate", self._library.addresses.link(where), _MEDIA[other]
        yield "canonical", self._library.base + found[suffix].lstrip("/"), _MEDIA[suffix]
        licenses = {record["license"] for record in self._library.records.values() if record["license"]}
        yield from (("license", each, "") for each in sorted(licenses))
        if path.startswith("/query/") and suffix != ".html":
            yield "describedby", self._library.addresses.link(html_path(path)), "text/html"

    def _answer(self, query: Query, suffix: str, arguments: Mapping[str, Sequence[str]], links: Any) -> Page:
        try:
            text = query.bind(**values(query, arguments, self._library.names, LANGUAGES[0]))
            if suffix == ".rq":
                return Page(text.encode(), _MEDIA[suffix], links)
            answer = self._library.store.query(text)
        except QueryError as error:
            return Page(f"{error}\n".encode(), "text/plain", links, "en", refused=True)
        context = self._library.catalog.context if isinstance(answer, QueryTriples) else None
        return Page(write(answer, format=_NAMED[_MEDIA[suffix]], context=context), _MEDIA[suffix], links)

    def _graph(self, path: str, media: str) -> bytes:
        if path == "/catalog":
            triples = self._record()
        else:
            iris = self._library.addresses.things[path]
            topic = iris[0]
            told = resource.document_metadata(
                self._library.base + document_stem(path)[1:],
                topic,
                self._library.dataset_of(topic),
                names=self._library.names.version(topic),
            )
            lately = self._lately  # who asks for one form of a document often asks for the others too
            if lately[0] != path:
                lately = self._lately = path, resource.bounded_description(self._library.store, iris)
            triples = {*lately[1], *told}
        quads = (Quad(*triple) for triple in triples)
        return FORMATS[_NAMED[media]].write(quads, self._library.catalog.context)
