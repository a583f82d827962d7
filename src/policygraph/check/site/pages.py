"""Parse HTML pages; check their text, scripts and links."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from policygraph.check.site import data
from policygraph.check.site.crawl import Crawl, is_404, shorten
from policygraph.check.site.fetch import Fetched
from policygraph.i18n import LANGUAGES
from policygraph.site.urls import GRAPHS, html_path, parse_path

MAX_PAGE_BYTES = 16_000_000  # no person reads more
_LOCAL = re.compile(r"localhost|.*\.localhost|.*\.local|127\.[0-9.]+|0\.0\.0\.0|::1")
_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_ATTRIBUTE = re.compile(r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_END = re.compile(r"[\s/]*+>")
# Elements whose content is text up to their end tag.
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title")
}
_LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("frame", "src"),
    ("embed", "src"),
    ("source", "src"),
    ("video", "src"),
    ("video", "poster"),
    ("audio", "src"),
    ("track", "src"),
    ("input", "src"),
    ("object", "data"),
    ("use", "href"),
    ("image", "href"),
}
_LOADING = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest", "apple-touch-icon"}
_CODE = {"", "module", "text/javascript", "application/javascript"}
_URL = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])([^"')\s]{1,2000})""", re.IGNORECASE)


def check_page(crawl: Crawl, path: str, answer: Fetched) -> HtmlDocument | None:
    """Check a page, note its links, and return the parsed document; None when it cannot be parsed."""
    text = data.decode(crawl, path, answer.body)
    if not re.match(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--|<!doctype html|<html)", text[:2_000], re.IGNORECASE):
        crawl.fault("content", path, f"It is not an HTML page; it begins with “{shorten(text[:30])}”.")
        return None
    try:
        if len(answer.body) > MAX_PAGE_BYTES:
            raise ValueError(f"The page has {len(answer.body):,} bytes.")
        document = parse_html(text)
    except ValueError as error:
        crawl.fault("size-limit", path, str(error))
        return None
    crawl.counts["pages"] += 1
    crawl.counts["anchors"] += len(document.ids)
    crawl.ids[path] = document.ids
    if document.scripts:
        crawl.stateful.add(path)
    data.check_mojibake(crawl, path, document.text)
    _check_structure(crawl, path, document)
    _check_scripts(crawl, path, document, answer)
    _check_links(crawl, path, document, answer)
    return document


def check_style_sheet(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check a style sheet and note the files that it loads."""
    crawl.counts["other documents"] += 1
    if data.is_html(answer.body):
        crawl.fault("content", path, "It is an HTML page.")
        return
    for address in stylesheet_urls(data.decode(crawl, path, answer.body)):
        link = HtmlLink(address, "load")
        target, _ = _resolve(crawl, path, link, crawl.urls.resolve(address, path))
        if target:
            crawl.links.setdefault((target, ""), []).append(path)


def _check_structure(crawl: Crawl, path: str, document: HtmlDocument) -> None:
    language = next((each for each in LANGUAGES[1:] if path.endswith(f".{each}.html")), LANGUAGES[0])
    if document.language.partition("-")[0] != language:
        lang = f"lang is {shorten(document.language)!r}" if document.language else "lang is missing"
        crawl.fault("page-language", path, f"On <html> {lang}; the file name says {language!r}.")
    if not document.title:
        crawl.fault("page-title", path, "The page has no title.")
    if len(document.headings) != 1 or not document.headings[0]:
        names = ", ".join(map(shorten, document.headings)) or "none"
        crawl.fault("heading", path, f"The page must have one <h1>; it has: {names}.")
    elif re.match(r"https?://\S+$", document.headings[0]):
        crawl.fault("heading", path, f"The heading is an IRI, not a label: {shorten(document.headings[0])}.")
    if document.charset.lower() != "utf-8":
        crawl.fault("charset", path, '<meta charset="utf-8"> is missing.')
    if document.repeated:
        crawl.fault(
            "duplicate-id", path, f"More than one element has the id {shorten(document.repeated[0])!r}."
        )


def _check_scripts(crawl: Crawl, path: str, document: HtmlDocument, answer: Fetched) -> None:
    policy = answer.headers.get("content-security-policy", "") or document.policy
    if not policy:
        crawl.fault("policy", path, "The page has no Content-Security-Policy.")
    elif not re.search(r"\b(?:default|script)-src\b", policy) or re.search(
        r"(?:default|script)-src[^;]*'unsafe-(?:inline|eval)'", policy
    ):
        crawl.fault("policy", path, "The Content-Security-Policy allows any script.")
    for digest in document.scripts:
        if f"'{digest}'" not in policy:
            crawl.fault("script", path, f"The policy lacks the hash of an inline script, {shorten(digest)}.")
            break
    if document.handlers:
        crawl.fault("script", path, f"An attribute holds a script: {shorten(document.handlers[0])}.")


def _check_links(crawl: Crawl, path: str, document: HtmlDocument, answer: Fetched) -> None:
    from_root = []
    header = answer.headers.get("link", "")
    alternates = set()
    for link in document.links:
        address = crawl.urls.resolve(link.href, path)
        parts = _split_url(address)
        rels = set(link.rel.split())
        crawl.counts["links"] += 1
        if parts is None or parts.scheme not in ("http", "https"):
            if parts is None or parts.scheme in ("javascript", "file", "vbscript", ""):
                rule = "script" if parts and "script" in parts.scheme else "local-link"
                crawl.fault(rule, path, f"Readers cannot follow this link: {shorten(link.href)}.")
            continue
        if "canonical" in rels:
            public = crawl.iri(path)
            if address not in (public, public.removesuffix("index.html")):
                crawl.fault(
                    "canonical", path, f"The canonical link is {shorten(link.href)}, not {shorten(public)}."
                )
            continue
        target, fragment = _resolve(crawl, path, link, address)
        if target == "":
            continue
        if link.href.startswith("/") and not crawl.source.live:
            from_root.append(link.href)
        if "alternate" in rels and target:
            alternates.add(target)
        if target:
            crawl.links.setdefault((target, fragment), []).append(path)
    if from_root and not is_404(path):
        crawl.fault(
            "portable",
            path,
            f"{len(from_root)} links are relative to the host, such as {shorten(from_root[0])}.",
        )
    if not any("license" in link.rel.split() for link in document.links) and 'rel="license"' not in header:
        crawl.fault("page-licence", path, "The page names no licence.")
    if not is_404(path):
        _check_alternates(crawl, path, alternates)


def _resolve(crawl: Crawl, path: str, link: HtmlLink, address: str) -> tuple[str, str]:
    """Resolve a link to a path of this site and a fragment; both empty for other sites."""
    own, parts = urlsplit(crawl.source.address), urlsplit(address)
    fragment = unquote(parts.fragment)
    if address.startswith(crawl.source.address):
        return crawl.urls.path(address) or "", fragment
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        if not crawl.source.live:  # relative to the host, or out of the folder
            target = unquote(parts.path) if link.href.startswith("/") else "/.."
            return _path_in_folder(crawl, target) if is_404(path) else target, fragment
        if not crawl.on_host(parts.path):
            crawl.fault(
                "dead-link", path, f"It links {shorten(parts.path)} on this host, which does not exist."
            )
        return "", ""
    if _LOCAL.fullmatch(parts.hostname or ""):
        crawl.fault("local-link", path, f"It links a local address, {shorten(address)}.")
    elif link.rel == "load":
        crawl.fault("outside", path, f"It loads {shorten(address)}.")
    elif crawl.urls.path(address) is not None:
        crawl.iris.setdefault(address.partition("#")[0], path)
    return "", ""


def _path_in_folder(crawl: Crawl, target: str) -> str:
    """The file of a folder that a host-relative link means, at whatever path the folder is served."""
    rest = target
    while rest and rest not in crawl.paths:
        _, slash, rest = rest[1:].partition("/")
        rest = slash + rest
    return rest or target


def _check_alternates(crawl: Crawl, path: str, linked: set[str]) -> None:
    for document in parse_path(path):
        stems = [path.removesuffix(".html")]
        if document.language != LANGUAGES[0]:
            stems = [path.removesuffix(f".{document.language}.html")]
        for stem in stems:
            missing = [s for s in GRAPHS if stem + s in crawl.paths and stem + s not in linked]
            if missing:
                crawl.fault("alternate", path, f"It does not link {shorten(stem + missing[0])}.")
        others = {html_path(document.path, each) for each in LANGUAGES} - {path}
        for other in sorted(others & crawl.paths - linked):
            crawl.fault("translation", path, f"It does not link {shorten(other)}.")
        return


def _split_url(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


class HtmlLink(NamedTuple):
    """A link as written: URL, rel ("load" for a file that the page loads), media type and language."""

    href: str
    rel: str = ""
    media: str = ""
    language: str = ""


class HtmlDocument(NamedTuple):
    """The parts of a parsed page."""

    language: str
    title: str
    headings: tuple[str, ...]
    charset: str
    policy: str
    links: tuple[HtmlLink, ...]
    ids: frozenset[str]
    repeated: tuple[str, ...]
    scripts: tuple[str, ...]  # hashes of inline scripts, as in a Content-Security-Policy
    handlers: tuple[str, ...]  # attributes that hold scripts
    text: str


def parse_html(text: str) -> HtmlDocument:
    """Parse a page of HTML, well-formed or not."""
    builder = _DocumentBuilder()
    _scan(text, builder)
    return HtmlDocument(
        builder.language,
        " ".join("".join(builder.title).split()),
        tuple(" ".join("".join(parts).split()) for parts in builder.headings),
        builder.charset,
        builder.policy,
        tuple(builder.links),
        frozenset(builder.ids),
        tuple(sorted(builder.repeated)),
        tuple(builder.scripts),
        tuple(builder.handlers),
        "".join(builder.texts),
    )


def stylesheet_urls(style: str) -> list[str]:
    """The URLs that a style sheet loads."""
    return [url for url in _URL.findall(style) if not url.startswith(("data:", "#"))]


def _scan(text: str, builder: _DocumentBuilder) -> None:
    """Pass every tag and text to a builder, in order; an unclosed tag ends the page."""
    at, end = 0, len(text)
    while at < end:
        start = text.find("<", at)
        if start != at:
            builder.text(_unescape(text[at : start if start >= 0 else end]))
            if start < 0:
                return
        if text.startswith(("<!", "<?"), start):
            mark = "-->" if text.startswith("<!--", start) else ">"
            close_at = text.find(mark, start + (4 if mark == "-->" else 2))
            at = close_at + len(mark) if close_at >= 0 else end
            continue
        tag = _NAME.match(text, start)
        if not tag:
            builder.text("<")
            at = start + 1
            continue
        at, name = tag.end(), tag[2].lower()
        attributes: list[tuple[str, str]] = []
        while not (close := _END.match(text, at)):
            match = _ATTRIBUTE.match(text, at)
            if not match:
                return
            attributes.append((match[1].lower(), _unescape(match[2] or match[3] or match[4] or "")))
            at = match.end()
        at = close.end()
        if tag[1]:
            builder.end_tag(name)
            continue
        builder.start_tag(name, attributes)
        if name == "svg" and close[0].endswith("/>"):
            builder.end_tag(name)
        if name in _RAW and not builder.svg_depth:
            last = _RAW[name].search(text, at)
            content = text[at : last.start() if last else end]
            builder.text(content if name in ("script", "style") else _unescape(content))
            at = last.start() if last else end


def _unescape(text: str) -> str:
    return unescape(text) if "&" in text else text


class _DocumentBuilder:
    """Collect the parts of a page from its tags and texts."""

    def __init__(self) -> None:
        self.language = self.charset = self.policy = ""
        self.title: list[str] = []
        self.headings: list[list[str]] = []
        self.links: list[HtmlLink] = []
        self.ids: set[str] = set()
        self.repeated: set[str] = set()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.texts: list[str] = []
        self._element = ""
        self._raw: list[str] = []
        self.svg_depth = 0  # <svg> has its own <title>

    def start_tag(self, tag: str, attributes: list[tuple[str, str]]) -> None:
        """Take a start tag."""
        values: dict[str, str] = {}
        for name, value in attributes:
            values.setdefault(name, value)
            if name == "id" and value:
                (self.repeated if value in self.ids else self.ids).add(value)
            elif name.startswith("on") and len(name) > 3:
                self.handlers.append(f"{tag} {name}")
            elif name == "style" and value:
                self.links.extend(HtmlLink(address, "load") for address in stylesheet_urls(value))
            elif (tag, name.removeprefix("xlink:")) in _LOADED and value and value[:1] != "#":
                self.links.append(HtmlLink(value, "load"))
            elif name == "srcset" and value:
                self.links.extend(
                    HtmlLink(each.split()[0], "load") for each in value.split(",") if each.split()
                )
        if tag == "html":
            self.language = values.get("lang", "")
        elif tag == "meta":
            self.charset = self.charset or values.get("charset", "")
            if values.get("http-equiv", "").lower() == "content-security-policy":
                self.policy = values.get("content", "")
        elif tag == "link" and values.get("href"):
            rel = values.get("rel", "").lower()
            kind = "load" if _LOADING & set(rel.split()) else rel
            self.links.append(
                HtmlLink(values["href"], kind, values.get("type", ""), values.get("hreflang", ""))
            )
        elif tag in ("a", "area") and "href" in values:
            self.links.append(
                HtmlLink(values["href"], values.get("rel", "").lower(), "", values.get("hreflang", ""))
            )
        elif tag == "form" and values.get("action"):
            self.links.append(HtmlLink(values["action"], "form"))
        elif tag == "svg":
            self.svg_depth += 1
        if tag in ("script", "style") or (tag == "title" and not self.svg_depth):
            code = tag == "script" and ("src" in values or values.get("type", "").lower() not in _CODE)
            self._element, self._raw = ("data" if code else tag), []
        elif tag == "h1":
            self._element = "h1"
            self.headings.append([])

    def end_tag(self, tag: str) -> None:
        """Take an end tag."""
        if tag == "svg":
            self.svg_depth = max(0, self.svg_depth - 1)
        if tag == "script" and self._element == "script":
            digest = hashlib.sha256("".join(self._raw).encode("utf-8", "replace")).digest()
            self.scripts.append(f"sha256-{base64.b64encode(digest).decode()}")
        elif tag == "style" and self._element == "style":
            self.links.extend(HtmlLink(address, "load") for address in stylesheet_urls("".join(self._raw)))
        if tag == self._element or (tag == "script" and self._element == "data"):
            self._element = ""

    def text(self, text: str) -> None:
        """Take the text between two tags."""
        if self._element in ("script", "style"):
            self._raw.append(text)
        elif self._element == "data":  # not for people
            return
        elif self._element == "title":
            self.title.append(text)
            self.texts.append(text)
        else:
            if self._element == "h1":
                self.headings[-1].append(text)
            self.texts.append(text)
