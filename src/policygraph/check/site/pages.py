"""Parse HTML pages; check where their links lead, and the Signposting of datasets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from policygraph.check.site.fetch import LOCAL, Fetched, Web, split_url
from policygraph.check.site.report import Crawl, is_404, shorten
from policygraph.site.urls import GRAPHS, document_stem, parse_path
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows

MAX_PAGE_BYTES = 16_000_000  # no person reads more
_MAX_DEPTH = 512  # of nested elements: the parser looks for each end tag among all that are open
_PIECE = 1 << 14  # bytes that are parsed at once: an error of `HtmlDocument` is raised after each
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!--|!doctype html|html)", re.IGNORECASE)
# Bounded, since a hostile page may have a million headings without a word.
_NUMBER = re.compile(rb"<h[1-6][^>]{0,300}+>(?:\s|<[^>]{0,300}+>){0,20}+(?:_:\w+|[0-9a-f]{32})\b")
UNLISTED = re.compile(rb"<meta name=.?robots.? content=.?noindex", re.IGNORECASE)
SIGNPOSTS = {"cite-as", "type", "author", "license", "describedby", "item", "linkset"}
_LINKS = {"href", "xlink:href", "src", "poster", "data", "action"}
# A dataset with a fragment shares its page with others.
_OFFERED = """SELECT DISTINCT ?iri { ?iri a dcat:Dataset ; dcat:distribution []
  FILTER(isIRI(?iri) && !CONTAINS(STR(?iri), "#")) }"""


class HtmlDocument:
    """The language, ids and links of a page, taken from its tags; a target of lxml's parser."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.links: list[tuple[str, str, str]] = []  # also of files that it loads: the URL, rel and type
        self.language = ""
        self._depth = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError(f"More than {_MAX_DEPTH:,} elements are nested in each other.")
        if tag == "html":
            self.language = attributes.get("lang", "")
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag != "base" and not _LINKS.isdisjoint(attributes):
            rel, media = attributes.get("rel", "").lower(), attributes.get("type", "")
            self.links += [(attributes[name], rel, media) for name in attributes if name in _LINKS]

    def end(self, tag: str) -> None:
        """Take an end tag."""
        self._depth -= 1

    def close(self) -> HtmlDocument:
        """Return the document at its end."""
        return self


def parse_html(page: bytes) -> HtmlDocument:
    """Parse a page of HTML, well-formed or not, in linear time; ValueError when it is too large."""
    from lxml import etree

    if len(page) > MAX_PAGE_BYTES:
        raise ValueError(f"The page has {len(page):,} bytes.")
    document = HtmlDocument()
    parser = etree.HTMLParser(target=document, encoding="utf-8", huge_tree=True)
    for start in range(0, len(page) + 1, _PIECE):
        parser.feed(page[start : start + _PIECE])
    parser.close()
    return document


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
    crawl.ids[path] = document.ids
    if UNLISTED.search(answer.body):
        crawl.unlisted.add(path)
    tag = next((each.tag for each in parse_path(path, crawl.languages)), "")
    if not document.language or document.language != (tag or document.language):
        crawl.fault("page-language", path, f"Its lang is {shorten(document.language) or 'missing'}.")
    if _NUMBER.search(answer.body):
        crawl.fault("label", path, "A heading is the number of a blank node.")
    linked, rels = _check_links(crawl, path, document)
    if "license" not in rels and 'rel="license"' not in answer.headers.get("link", ""):
        crawl.fault("page-licence", path, "The page names no licence.")
    if not is_404(path):
        _check_alternates(crawl, path, linked)


def _check_links(crawl: Crawl, path: str, document: HtmlDocument) -> tuple[set[str], set[str]]:
    """Check and note every link; return the paths linked as alternates, and all values of rel."""
    alternates, all_rels = set(), set()
    from_root = []
    for href, rel, media in document.links:
        address, rels = crawl.urls.resolve(href, path), set(rel.split())
        # Search engines want those of other languages whole.
        if "alternate" in rels and crawl.own and address.startswith(crawl.own):
            address = crawl.source.address + address.removeprefix(crawl.own)
        parts = split_url(address)
        crawl.counts["links"] += 1
        all_rels |= rels
        crawl.signposts.setdefault(path, set()).update((rel, address, media) for rel in rels & SIGNPOSTS)
        if parts is None or parts.scheme in ("file", ""):
            crawl.fault("dead-link", path, f"Readers cannot follow this link: {shorten(href)}.")
        elif parts.scheme not in ("http", "https"):
            continue
        elif "canonical" in rels:
            crawl.check_own(path, address)
        elif target := _note(crawl, path, href, address):
            if href.startswith("/") and not isinstance(crawl.source, Web):
                from_root.append(href)
            if "alternate" in rels:
                alternates.add(target)
    if from_root and not is_404(path):
        problem = f"{len(from_root)} links begin at the host's root, such as {shorten(from_root[0])}"
        crawl.fault("dead-link", path, f"{problem}; below another path, or on a disk, they lead nowhere.")
    return alternates, all_rels


def _note(crawl: Crawl, path: str, href: str, address: str) -> str:
    """Note a link for the check of all links, and return the path of this site where it leads; or ""."""
    own, parts = urlsplit(crawl.source.address), urlsplit(address)
    target = ""
    if address.startswith(crawl.source.address):
        target = crawl.urls.path(address) or ""
    elif (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        if not isinstance(crawl.source, Web):  # relative to the host, or out of the folder
            target = unquote(parts.path) if href.startswith("/") else "/.."
            target = _path_in_folder(crawl, target) if is_404(path) else target
    elif LOCAL.fullmatch(parts.hostname or ""):
        crawl.fault("dead-link", path, f"It links a local address, {shorten(address)}.")
    elif crawl.urls.path(address) is not None:
        crawl.iris.setdefault(address.partition("#")[0], path)
    if target:
        crawl.links.setdefault(target, []).append(path)
    return target


def _path_in_folder(crawl: Crawl, target: str) -> str:
    """The file of a folder that a host-relative link means, at whatever path the folder is served."""
    parts = target.split("/")
    rests = ("/" + "/".join(parts[start:]) for start in range(1, len(parts)))
    return next((rest for rest in rests if rest in crawl.paths), target)


def _check_alternates(crawl: Crawl, path: str, linked: set[str]) -> None:
    """Check that a page links its data documents and its translations."""
    document = next(parse_path(path, crawl.languages), None)
    if document is None:
        return
    ends = (*GRAPHS, ".html", *(f".{tag}.html" for tag in crawl.languages))
    for other in (document_stem(document.path) + end for end in ends):
        if other in crawl.paths and other not in linked and other != path:
            crawl.fault("alternate", path, f"It does not link {shorten(other)}.")


def check_signposts(crawl: Crawl, record: EmbeddedStore) -> None:
    """Check that the page of each dataset with files names its identifier and has its linkset's links."""
    for iri in sorted(row["iri"].value for row in rows(record, _OFFERED)):
        page = f"{document_stem(crawl.urls.path(iri) or '/')}.html"
        if page not in crawl.signposts:
            continue
        here = {(rel, crawl.urls.path(to) or to, media) for rel, to, media in crawl.signposts[page]}
        if ("cite-as", crawl.urls.path(iri)) not in {each[:2] for each in here}:
            crawl.fault("signposting", page, f"No link with rel=cite-as names {shorten(iri)}.")
        for _, where, _ in sorted(each for each in here if each[0] == "linkset" and crawl.exists(each[1])):
            try:
                for rel, *target in _links(crawl, crawl.read(where), page) - here:
                    what = f"It lacks the {rel} of {where}: {shorten(' '.join(target).strip())}."
                    crawl.fault("signposting", page, what)
            except (ValueError, LookupError, TypeError, AttributeError):
                crawl.fault("signposting", where, "It is not a linkset, a JSON document as of RFC 9264.")


def _links(crawl: Crawl, answer: Fetched, page: str) -> set[tuple[str, str, str]]:
    """The relations, targets and media types that a linkset has for a page."""
    return {
        (rel, crawl.urls.path(each["href"]) or each["href"], each.get("type", ""))
        for context in json.loads(answer.body)["linkset"]
        if crawl.urls.path(context["anchor"]) == page
        for rel, targets in context.items()
        if rel != "anchor"
        for each in targets
    }
