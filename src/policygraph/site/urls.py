"""Map between the IRIs of resources, abstract paths, document paths and links.

The IRI of a resource, below the base, is an abstract path: `id/xy/plan/growth` is at `/id/xy/plan/growth`.
The documents about it are named like files: `/doc/xy/plan/growth.html`, `….da.html`, `….ttl`; pages in the
first language of the site have no tag. An IRI with a fragment is described in the document of the IRI without
it (https://www.w3.org/TR/cooluris/). One that ends in a slash has its documents in that folder, where every
web server finds them: `/id/xy/port/1/index.html`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote, urlsplit

from policygraph.errors import EndpointError, PublicationError
from policygraph.i18n import languages
from policygraph.rdf import formats
from policygraph.rdf.formats import FORMATS
from policygraph.store.endpoint import Endpoint
from policygraph.text import grouped

GRAPHS: Mapping[str, str] = {FORMATS[each].suffixes[0]: FORMATS[each].media for each in formats.GRAPHS}
"""The formats of graphs on the site: suffixes with their media types."""

ROWS: Mapping[str, str] = {FORMATS[each].suffixes[0]: FORMATS[each].media for each in formats.ROWS}
"""The formats of query results on the site."""

_CHANGES = "/changes/"
DOCUMENTS = ("/data/", "/download/", "/query/", _CHANGES)
"""Folders of documents. Other paths of several segments are of resources that are no documents."""

_OPENED = ("https://", "http://", "mailto:")  # by browsers
_HTML = ".html"
FORMS: Mapping[str, str] = {_HTML: "text/html", **GRAPHS, **ROWS, ".rq": "application/sparql-query"}
"""The negotiated formats, the preferred first: media types by suffix."""

VOID = "/.well-known/void"
SAFE = "/:@!$&'()*+,;=~"  # the characters that a path needs no escapes for (RFC 3986: pchar and the slash)

MANIFEST = ".policygraph"  # the file that marks a folder as a published site: its files with their SHA-256

SERVER_RULES = (".htaccess", "nginx.conf", "Caddyfile", "_headers", "_redirects", "w3id.htaccess")
"""The files with rules for web servers, that of w3id.org last, which are no documents."""

ESCAPED = "\u2215"
"""In a path, what stands for a slash that its IRI escapes: few web servers find a file by %2F."""

_LOOKED_UP = 50_000  # paths that are remembered
_MAX_PATH = 1_000  # characters of a path that is, or that has a page
_RESOURCE, _DOCUMENT, _INDEX = "/id/", "/doc/", "/index"


class Document(NamedTuple):
    """A parsed document path: its abstract path, its suffix, and a page's language tag."""

    path: str
    suffix: str
    tag: str  # the language of a page; empty for the first one of the site


def is_document(path: str) -> bool:
    """Whether an abstract path names a document; any other path identifies a resource in the world."""
    return path.rstrip("/").count("/") < 2 or path.startswith(DOCUMENTS)


def folded(path: str) -> str:
    """A path as file systems compare it that know no case."""
    return normalize("NFC", path).casefold()


def document_stem(path: str) -> str:
    """An abstract path's document path without suffix."""
    if path.endswith("/"):
        return path + "index"
    return _DOCUMENT + path.removeprefix(_RESOURCE) if path.startswith(_RESOURCE) else path


def parse_path(path: str, tags: Iterable[str] = ()) -> Iterator[Document]:
    """What a document path may mean, the likeliest first: `/a.da.html` may be the page of `/a` or `/a.da`.

    `tags` are of languages, by default those of this process.
    """
    for suffix in FORMS:
        if not path.endswith(suffix):
            continue
        rest = path.removesuffix(suffix)
        if suffix == _HTML:
            for tag in tags or languages():
                if rest.endswith(f".{tag}"):
                    yield from (Document(p, suffix, tag) for p in _abstract(rest.removesuffix(f".{tag}")))
        yield from (Document(each, suffix, "") for each in _abstract(rest))


def suffix_of(path: str) -> str:
    """The suffix of a path; "" without one."""
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2] if "." in name else ""


def _abstract(rest: str) -> Iterator[str]:
    """The abstract paths with this document path without suffix, the likeliest first."""
    if rest.startswith(_DOCUMENT):
        yield _RESOURCE + rest.removeprefix(_DOCUMENT)
    if rest.endswith(_INDEX):
        yield rest.removesuffix(_INDEX) + "/"
    if rest != _INDEX and not rest.startswith((_RESOURCE, _DOCUMENT)):
        yield rest


def decode(path: str) -> str:
    """Unquote the path of an IRI, in which an escaped slash stays another than one between its parts."""
    return (_decode if len(path) <= _MAX_PATH else _decode.__wrapped__)(path)


@lru_cache(_LOOKED_UP)
def _decode(path: str) -> str:
    return ESCAPED.join(map(unquote, re.split("%2[Ff]", path)))


def relative(path: str, start: str) -> str:
    """The relative link from one document path to another, for a site below any root."""
    return _relative(path, posixpath.dirname(start))


@lru_cache(_LOOKED_UP)
def _relative(path: str, folder: str) -> str:
    link = posixpath.relpath(path, folder)
    if ":" in link.partition("/")[0]:
        link = "./" + link  # or it would be read as a scheme
    return quote(link, safe=SAFE)


def path_of(iri: str, base: str) -> str | None:
    """The abstract path of an IRI; None when it has none below the base, or one that no file can have."""
    if not iri.startswith(base):
        return None
    within = iri[len(base) :].partition("#")[0]
    path = "/" + decode(within)
    parts = path[1:].removesuffix("/").split("/") if path != "/" else ()
    odd = any(part in ("", ".", "..") for part in parts) or not path.isprintable() or len(path) > _MAX_PATH
    # The site has its own there; and its first page is at /index, the page of /id/x at /doc/x.
    taken = path.startswith(_CHANGES) or path not in _abstract(document_stem(path))
    return None if odd or taken or "?" in path or "\\" in path else path  # ?: a server reads on as a query


class UrlMap:
    """The resources that have pages here, by path.

    `base` is the beginning of their IRIs, `address` the URL of the site, `languages` those of its pages; `at`
    gives the IRIs at a path. Where pages are `files`, the second of two paths that some file systems take for
    one has none.
    """

    def __init__(
        self,
        iris: Callable[[], Iterable[str]],
        *,
        base: str,
        address: str,
        languages: Sequence[str],
        at: Callable[[str], Sequence[str]],
        files: bool = False,
    ) -> None:
        self.base, self.public, self.root = base, address, urlsplit(address).path
        self._plain, self._all, self._at, self._files = languages[0], iris, at, files

    @cached_property
    def resources(self) -> Mapping[str, Sequence[str]]:
        """The IRIs at each path."""
        found = grouped((path, iri) for iri in sorted({*self._all()}) if (path := self.path(iri)))
        first = {folded(path): path for path in reversed(found)} if self._files else {}
        return {path: iris for path, iris in found.items() if first.get(folded(path), path) == path}

    def unmapped(self) -> list[str]:
        """The IRIs below the base that are at no path."""
        below = (iri for iri in {*self._all()} if iri.startswith(self.base))
        return sorted(iri for iri in below if self.path(iri) not in self.resources)

    def at(self, path: str | None) -> Sequence[str]:
        """The IRIs at a path, none where there is no resource."""
        return self._at(path) if path else ()

    def path(self, iri: str) -> str | None:
        """The abstract path of an IRI; None when it has none here, or one that no file can have."""
        return path_of(iri, self.base)

    def tag(self, language: str) -> str:
        """What a language adds to the path of a document, before the suffix."""
        return f".{language}" if language not in ("", self._plain) else ""

    def html(self, path: str, language: str = "") -> str:
        """The document path of an abstract path's page, by default in the first language of the site."""
        return document_stem(path) + self.tag(language) + _HTML

    def link(self, path: str) -> str:
        """The absolute link to a path of the site."""
        return self.root + quote(path.lstrip("/"), safe=SAFE)

    def address(self, path: str) -> str:
        """The public URL of a path."""
        return self.public + quote(path.lstrip("/"), safe=SAFE)

    def of(self, iri: str, language: str, link: Callable[[str], str]) -> str | None:
        """The link to the page of an IRI here, or else to the IRI if a browser opens it; None for any other.

        `link` makes a link of a document path.
        """
        path = self.path(iri)
        if path and (iris := self.at(path)):
            fragment = iri.partition("#")[2] if iri in iris else ""
            return link(self.html(path, language)) + (f"#{quote(fragment, safe=SAFE)}" if fragment else "")
        return iri if iri.startswith(_OPENED) else None

    def has_link(self, iri: str) -> bool:
        """Whether `of` gives a link that leads somewhere."""
        return iri.startswith(_OPENED) and not self.is_pageless(iri)

    def is_pageless(self, iri: str) -> bool:
        """Whether an IRI is below the base, and no page can have it."""
        return iri.startswith(self.base) and self.path(iri) is None

    def is_here(self, iri: str) -> bool:
        """Whether an IRI has a page on this site."""
        return bool(self.at(self.path(iri)))


def public_url(url: str, what: str) -> str:
    """Check a public address and end it with a slash; PublicationError, which names `what`, for another."""
    try:
        Endpoint(url)
    except EndpointError:
        reason = f"{what} takes an address such as https://data.example.org/; not {url!r}."
        raise PublicationError(reason) from None
    if "?" in url or "#" in url:
        raise PublicationError(f"{what} takes an address without ? and #.")
    return url.rstrip("/") + "/"
