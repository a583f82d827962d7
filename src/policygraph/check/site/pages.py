"""Parse HTML pages; check where their links lead."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from policygraph.check.site.crawl import Crawl, is_404, shorten
from policygraph.check.site.data import is_html
from policygraph.check.site.fetch import Fetched, Web, split_url
from policygraph.i18n import LANGUAGES
from policygraph.site.urls import GRAPHS, html_path, language_suffix, parse_path

MAX_PAGE_BYTES = 16_000_000  # no person reads more
_LOCAL = re.compile(r"localhost|.*\.localhost|.*\.local|127\.[0-9.]+|0\.0\.0\.0|::1")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!--|!doctype html|html)", re.IGNORECASE)
_LINKS = {"href", "xlink:href", "src", "poster", "data", "action"}
_CODE = {"", "module", "text/javascript", "application/javascript"}
_URL = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s]{1,2000})""", re.IGNORECASE)


class HtmlLink(NamedTuple):
    """A link or a file that the page loads: the URL as written, and the value of rel."""

    href: str
    rel: str = ""


class HtmlDocument(NamedTuple):
    """The ids and links of a page.

    `stateful` says whether the page has an inline script, which may read the fragment of its URL.
    """

    ids: set[str]
    links: list[HtmlLink]
    stateful: bool


def parse_html(page: bytes) -> HtmlDocument:
    """Parse a page of HTML, well-formed or not; ValueError when it is too large or too deeply nested."""
    from lxml import etree, html

    if len(page) > MAX_PAGE_BYTES:
        raise ValueError(f"The page has {len(page):,} bytes.")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = etree.fromstring(page or b"<html>", parser)
    if any("depth" in error.message for error in parser.error_log):
        raise ValueError("Its elements are nested too deeply to be read.")
    ids: set[str] = set()
    links: list[HtmlLink] = []
    stateful = False
    for element in tree.iter(etree.Element) if tree is not None else ():
        rel = element.get("rel", "").lower()
        for name, value in element.items():
            if name == "id":
                ids.add(value)
            elif name in _LINKS and element.tag != "base":
                links.append(HtmlLink(value, rel))
            elif name == "style":
                links += map(HtmlLink, stylesheet_urls(value))
            elif name == "srcset":
                links += [HtmlLink(each.split()[0]) for each in value.split(",") if each.strip()]
        if element.tag == "script" and element.get("src") is None:
            stateful = stateful or element.get("type", "").lower() in _CODE
        elif element.tag == "style":
            links += map(HtmlLink, stylesheet_urls(element.text or ""))
    return HtmlDocument(ids, links, stateful)


def stylesheet_urls(style: str) -> list[str]:
    """The URLs that a style sheet loads."""
    return [url for url in _URL.findall(style) if not url.startswith(("data:", "#"))]


def check_page(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check a page, and note its ids and links."""
    if not _PAGE.match(answer.body):
        start = shorten(answer.body[:30].decode("utf-8", "replace"))
        crawl.fault("content", path, f"It is not an HTML page; it begins with “{start}”.")
        return
    try:
        document = parse_html(answer.body)
    except ValueError as error:
        crawl.fault("size-limit", path, str(error))
        return
    crawl.counts["pages"] += 1
    crawl.counts["anchors"] += len(document.ids)
    crawl.ids[path] = document.ids
    if document.stateful:
        crawl.stateful.add(path)
    linked, rels = _check_links(crawl, path, document)
    if "license" not in rels and 'rel="license"' not in answer.headers.get("link", ""):
        crawl.fault("page-licence", path, "The page names no licence.")
    if not is_404(path):
        _check_alternates(crawl, path, linked)


def check_style_sheet(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check a style sheet and note the files that it loads."""
    crawl.counts["other documents"] += 1
    if is_html(answer.body):
        crawl.fault("content", path, "It is an HTML page.")
        return
    for url in stylesheet_urls(answer.body.decode("utf-8", "replace")):
        _note(crawl, path, HtmlLink(url), crawl.urls.resolve(url, path))


def _check_links(crawl: Crawl, path: str, document: HtmlDocument) -> tuple[set[str], set[str]]:
    """Check and note every link; return the paths linked as alternates, and all values of rel."""
    alternates, all_rels = set(), set()
    from_root = []
    for link in document.links:
        address = crawl.urls.resolve(link.href, path)
        parts, rels = split_url(address), set(link.rel.split())
        crawl.counts["links"] += 1
        all_rels |= rels
        if parts is None or parts.scheme in ("file", ""):
            crawl.fault("dead-link", path, f"Readers cannot follow this link: {shorten(link.href)}.")
        elif parts.scheme not in ("http", "https"):
            continue
        elif "canonical" in rels:
            public = crawl.iri(path)
            if address not in (public, public.removesuffix("index.html")):
                problem = f"The canonical link is {shorten(link.href)}, not {shorten(public)}."
                crawl.fault("canonical", path, problem)
        elif target := _note(crawl, path, link, address):
            if link.href.startswith("/") and not isinstance(crawl.source, Web):
                from_root.append(link.href)
            if "alternate" in rels:
                alternates.add(target)
    if from_root and not is_404(path):
        problem = f"{len(from_root)} links begin at the host's root, such as {shorten(from_root[0])}"
        crawl.fault("dead-link", path, f"{problem}; below another path, or on a disk, they lead nowhere.")
    return alternates, all_rels


def _note(crawl: Crawl, path: str, link: HtmlLink, address: str) -> str:
    """Note a link for the check of all links, and return the path of this site where it leads; or ""."""
    own, parts = urlsplit(crawl.source.address), urlsplit(address)
    target = ""
    if address.startswith(crawl.source.address):
        target = crawl.urls.path(address) or ""
    elif (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        if isinstance(crawl.source, Web):
            if not crawl.on_host(parts.path):
                problem = f"It links {shorten(parts.path)} on this host, which does not exist."
                crawl.fault("dead-link", path, problem)
        else:  # relative to the host, or out of the folder
            target = unquote(parts.path) if link.href.startswith("/") else "/.."
            target = _path_in_folder(crawl, target) if is_404(path) else target
    elif _LOCAL.fullmatch(parts.hostname or ""):
        crawl.fault("dead-link", path, f"It links a local address, {shorten(address)}.")
    elif crawl.urls.path(address) is not None:
        crawl.iris.setdefault(address.partition("#")[0], path)
    if target:
        crawl.links.setdefault((target, unquote(parts.fragment)), []).append(path)
    return target


def _path_in_folder(crawl: Crawl, target: str) -> str:
    """The file of a folder that a host-relative link means, at whatever path the folder is served."""
    rest = target
    while rest and rest not in crawl.paths:
        _, slash, rest = rest[1:].partition("/")
        rest = slash + rest
    return rest or target


def _check_alternates(crawl: Crawl, path: str, linked: set[str]) -> None:
    """Check that a page links its data documents and its translations."""
    document = next(parse_path(path), None)
    if document is None:
        return
    stem = path.removesuffix(".html").removesuffix(language_suffix(document.language))
    others = [stem + suffix for suffix in GRAPHS] + [html_path(document.path, each) for each in LANGUAGES]
    for other in others:
        if other in crawl.paths and other not in linked and other != path:
            crawl.fault("alternate", path, f"It does not link {shorten(other)}.")
