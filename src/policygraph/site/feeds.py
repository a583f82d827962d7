"""What a site puts up for programs that come by: the list of its pages, what they may read, how to search."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from policygraph.site import feed
from policygraph.site.rendering import LOST, Writer, clean
from policygraph.site.urls import LANGUAGES, documents, html, tongue

OPENSEARCH = "application/opensearchdescription+xml"
_MOST = 50_000  # pages in a sitemap, by the protocol of sitemaps.org
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Sign(NamedTuple):
    """What is at a path: its media type, and what makes it."""

    media: str
    kind: str
    language: str = LANGUAGES[0]


def signs(writer: Writer) -> Mapping[str, Sign]:
    """What there is beside the pages, by document path."""
    found = {"/robots.txt": Sign("text/plain", "robots"), "/sitemap.xml": Sign("application/xml", "sitemap")}
    for language in LANGUAGES:
        found[search(language)] = Sign(OPENSEARCH, "search", language)
        if feed.entries(writer, language):
            found[feed.path(language)] = Sign(feed.MEDIA, "feed", language)
    return found


def made(writer: Writer, sign: Sign, paths: Iterable[str]) -> bytes:
    """The content of a sign; `paths` are those of the site's documents."""
    if sign.kind == "robots":
        return _robots(writer)
    if sign.kind == "sitemap":
        return _sitemap(writer, paths)
    return feed.atom(writer, sign.language) if sign.kind == "feed" else _opensearch(writer, sign.language)


def search(language: str) -> str:
    """The document path of the description of the search in a language."""
    return f"/opensearch{tongue(language)}.xml"


def _robots(writer: Writer) -> bytes:
    # A query is a question to a machine that has others to answer, and its address says nothing new.
    closed = "Disallow: /sparql" if writer.live else "Disallow:"
    return f"User-agent: *\n{closed}\nSitemap: {writer.library.base}sitemap.xml\n".encode()


def _sitemap(writer: Writer, paths: Iterable[str]) -> bytes:
    """The pages with the day on which what they tell of was changed (https://www.sitemaps.org/protocol.html)."""
    library = writer.library
    days = [record["modified"] for record in library.records.values() if _DAY.fullmatch(record["modified"])]
    latest = max(days, default="")
    pages = [path for path in paths if path.endswith(".html") and not path.startswith(LOST + ".")][:_MOST]
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    )
    lines = [head]
    for path in pages:
        iris = next(
            (found for each in documents(path) if (found := library.addresses.things.get(each.path))), []
        )
        day = (library.dataset_of(iris[0])["modified"] if iris else "") or latest
        when = f"<lastmod>{day}</lastmod>" if _DAY.fullmatch(day) else ""
        where = library.base + library.addresses.link(path).removeprefix(library.addresses.root)
        lines.append(f"<url><loc>{escape(where)}</loc>{when}</url>")
    return "\n".join([*lines, "</urlset>", ""]).encode()


def _opensearch(writer: Writer, language: str) -> bytes:
    """How a browser searches here (https://github.com/dewitt/opensearch, 1.1)."""
    t, base = writer.texts[language], writer.library.base
    template = f"{base}{quote(html('/search', language)[1:])}?q={{searchTerms}}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(clean(t['site'])[:16])}</ShortName>",
        f"<Description>{escape(clean(t['search_lead']))}</Description>",
        f'<Image width="16" height="16" type="image/svg+xml">{escape(base)}logo.svg</Image>',
        f'<Url type="text/html" method="get" template={quoteattr(template)}/>',
        f'<Url type="{OPENSEARCH}" rel="self" template={quoteattr(base + search(language)[1:])}/>',
        f"<Language>{language}</Language>",
        "<OutputEncoding>UTF-8</OutputEncoding>",
        "<InputEncoding>UTF-8</InputEncoding>",
        "</OpenSearchDescription>",
        "",
    ]
    return "\n".join(lines).encode()
