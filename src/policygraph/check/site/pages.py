"""Whether a page is sound for its readers: its words, its scripts, and where its links lead."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from policygraph.check.site import data
from policygraph.check.site.crawl import Crawl, is_lost, shorten
from policygraph.check.site.fetch import Fetched
from policygraph.site.urls import GRAPHS, LANGUAGES, html_path
from policygraph.site.urls import parse_path as meanings

_LOCAL = re.compile(r"localhost|.*\.localhost|.*\.local|127\.[0-9.]+|0\.0\.0\.0|::1")


def page(survey: Crawl, path: str, answer: Fetched) -> HtmlDocument | None:
    """Prove a page and note what it links to; what it is made of, or None when it cannot be read."""
    text = data.decoded(survey, path, answer.body)
    if not re.match(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--|<!doctype html|<html)", text[:2_000], re.IGNORECASE):
        survey.fault("content", path, f"It is no HTML page; it begins with “{shorten(text[:30])}”.")
        return None
    try:
        if len(answer.body) > LARGEST:
            raise ValueError(f"The page has {len(answer.body):,} bytes.")
        found = taken_apart(text)
    except ValueError as error:
        survey.fault("size-limit", path, str(error))
        return None
    survey.counts["pages"] += 1
    survey.counts["anchors"] += len(found.ids)
    survey.ids[path] = found.ids
    if found.scripts:
        survey.stateful.add(path)
    data.garbled(survey, path, found.text)
    _read_by_people(survey, path, found)
    _scripts(survey, path, found, answer)
    _linked(survey, path, found, answer)
    return found


def style(survey: Crawl, path: str, answer: Fetched) -> None:
    """Prove a style sheet and note what it loads."""
    survey.counts["other documents"] += 1
    if data.is_html(answer.body):
        survey.fault("content", path, "It is an HTML page.")
        return
    for address in loads(data.decoded(survey, path, answer.body)):
        link = HtmlLink(address, "load")
        target, _ = _target(survey, path, link, survey.map.resolved(address, path))
        if target:
            survey.links.setdefault((target, ""), []).append(path)


def _read_by_people(survey: Crawl, path: str, found: HtmlDocument) -> None:
    language = next((each for each in LANGUAGES[1:] if path.endswith(f".{each}.html")), LANGUAGES[0])
    if found.language.partition("-")[0] != language:
        said = f"lang is {shorten(found.language)!r}" if found.language else "lang is missing"
        survey.fault("page-language", path, f"On <html> {said}, and by its name the page is in {language!r}.")
    if not found.title:
        survey.fault("page-title", path, "The page has no title.")
    if len(found.headings) != 1 or not found.headings[0]:
        names = ", ".join(map(shorten, found.headings)) or "none"
        survey.fault("heading", path, f"The page's <h1>: {names}.")
    elif re.match(r"https?://\S+$", found.headings[0]):
        survey.fault(
            "heading", path, f"The heading is an address and no label: {shorten(found.headings[0])}."
        )
    if found.charset.lower() != "utf-8":
        survey.fault("charset", path, "There is no <meta charset> that says UTF-8.")
    if found.repeated:
        survey.fault(
            "duplicate-id", path, f"More than one element has the id {shorten(found.repeated[0])!r}."
        )


def _scripts(survey: Crawl, path: str, found: HtmlDocument, answer: Fetched) -> None:
    policy = answer.headers.get("content-security-policy", "") or found.policy
    if not policy:
        survey.fault("policy", path, "The page has no Content-Security-Policy.")
    elif not re.search(r"\b(?:default|script)-src\b", policy) or re.search(
        r"(?:default|script)-src[^;]*'unsafe-(?:inline|eval)'", policy
    ):
        survey.fault("policy", path, "The Content-Security-Policy lets any script run.")
    for digest in found.scripts:
        if f"'{digest}'" not in policy:
            survey.fault("script", path, f"The policy does not name the inline script {shorten(digest)}.")
            break
    if found.handlers:
        survey.fault("script", path, f"An attribute is a script: {shorten(found.handlers[0])}.")


def _linked(survey: Crawl, path: str, found: HtmlDocument, answer: Fetched) -> None:
    from_root = []
    header = answer.headers.get("link", "")
    alternates = set()
    for link in found.links:
        address = survey.map.resolved(link.href, path)
        parts = _parts(address)
        rels = set(link.rel.split())
        survey.counts["links"] += 1
        if parts is None or parts.scheme not in ("http", "https"):
            if parts is None or parts.scheme in ("javascript", "file", "vbscript", ""):
                rule = "script" if parts and "script" in parts.scheme else "local-link"
                survey.fault(rule, path, f"No one can follow this link: {shorten(link.href)}.")
            continue
        if "canonical" in rels:
            public = survey.iri(path)
            if address not in (public, public.removesuffix("index.html")):
                survey.fault(
                    "canonical", path, f"The canonical link is {shorten(link.href)}, not {shorten(public)}."
                )
            continue
        target, fragment = _target(survey, path, link, address)
        if target == "":
            continue
        if link.href.startswith("/") and not survey.place.live:
            from_root.append(link.href)
        if "alternate" in rels and target:
            alternates.add(target)
        if target:
            survey.links.setdefault((target, fragment), []).append(path)
    if from_root and not is_lost(path):
        survey.fault(
            "portable",
            path,
            f"{len(from_root)} links begin at the host's root, such as {shorten(from_root[0])}.",
        )
    if not any("license" in link.rel.split() for link in found.links) and 'rel="license"' not in header:
        survey.fault("page-licence", path, "Nothing on the page names a licence.")
    if not is_lost(path):
        _alternates(survey, path, alternates)


def _target(survey: Crawl, path: str, link: HtmlLink, address: str) -> tuple[str, str]:
    """The path on this site that a link leads to, and the fragment; both empty for other sites."""
    own, parts = urlsplit(survey.place.address), urlsplit(address)
    fragment = unquote(parts.fragment)
    if address.startswith(survey.place.address):
        return survey.map.path(address) or "", fragment
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        if not survey.place.live:  # a link from the root of where the folder is put, or out of the folder
            target = unquote(parts.path) if link.href.startswith("/") else "/.."
            return _below(survey, target) if is_lost(path) else target, fragment
        if not survey.on_host(parts.path):
            survey.fault(
                "dead-link", path, f"Nothing is at {shorten(parts.path)} of this host, which it links."
            )
        return "", ""
    if _LOCAL.fullmatch(parts.hostname or ""):
        survey.fault("local-link", path, f"It links to a private address, {shorten(address)}.")
    elif link.rel == "load":
        survey.fault("outside", path, f"It loads {shorten(address)}.")
    elif survey.map.path(address) is not None:
        survey.iris.setdefault(address.partition("#")[0], path)
    return "", ""


def _below(survey: Crawl, target: str) -> str:
    """The file of the folder that a link from a host's root means; the folder may be put below any path."""
    rest = target
    while rest and rest not in survey.names:
        _, slash, rest = rest[1:].partition("/")
        rest = slash + rest
    return rest or target


def _alternates(survey: Crawl, path: str, linked: set[str]) -> None:
    for document in meanings(path):
        stems = [path.removesuffix(".html")]
        if document.language != LANGUAGES[0]:
            stems = [path.removesuffix(f".{document.language}.html")]
        for start in stems:
            lacking = [s for s in GRAPHS if start + s in survey.names and start + s not in linked]
            if lacking:
                survey.fault("alternate", path, f"It does not link {shorten(start + lacking[0])}.")
        others = {html_path(document.path, each) for each in LANGUAGES} - {path}
        for other in sorted(others & survey.names - linked):
            survey.fault("translation", path, f"It does not link {shorten(other)}.")
        return


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


LARGEST = 16_000_000  # bytes of a page; no person reads more
_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_ATTRIBUTE = re.compile(r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_END = re.compile(r"[\s/]*+>")
# What has no tags in it, up to its end tag.
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


class HtmlLink(NamedTuple):
    """A link as it is written: its address, rel ("load" for what the page needs), type and language."""

    href: str
    rel: str = ""
    media: str = ""
    language: str = ""


class HtmlDocument(NamedTuple):
    """A page taken apart."""

    language: str
    title: str
    headings: tuple[str, ...]
    charset: str
    policy: str
    links: tuple[HtmlLink, ...]
    ids: frozenset[str]
    repeated: tuple[str, ...]
    scripts: tuple[str, ...]  # the hashes of its inline scripts, as a Content-Security-Policy names them
    handlers: tuple[str, ...]  # attributes that are scripts
    text: str


def taken_apart(text: str) -> HtmlDocument:
    """What a page is made of; ValueError, with a sentence, when it is beyond what browsers should get."""
    reader = _Reader()
    _scan(text, reader)
    return HtmlDocument(
        reader.language,
        " ".join("".join(reader.title).split()),
        tuple(" ".join("".join(parts).split()) for parts in reader.headings),
        reader.charset,
        reader.policy,
        tuple(reader.links),
        frozenset(reader.ids),
        tuple(sorted(reader.repeated)),
        tuple(reader.scripts),
        tuple(reader.handlers),
        "".join(reader.words),
    )


def loads(style: str) -> list[str]:
    """The addresses that a style sheet loads."""
    return [found for found in _URL.findall(style) if not found.startswith(("data:", "#"))]


def _scan(text: str, reader: _Reader) -> None:
    """Tell a reader of every tag and text, in their order; a tag that has no end ends the page."""
    at, end = 0, len(text)
    while at < end:
        start = text.find("<", at)
        if start != at:
            reader.words_between(_plain(text[at : start if start >= 0 else end]))
            if start < 0:
                return
        if text.startswith(("<!", "<?"), start):
            mark = "-->" if text.startswith("<!--", start) else ">"
            found = text.find(mark, start + (4 if mark == "-->" else 2))
            at = found + len(mark) if found >= 0 else end
            continue
        tag = _NAME.match(text, start)
        if not tag:
            reader.words_between("<")
            at = start + 1
            continue
        at, name = tag.end(), tag[2].lower()
        attributes: list[tuple[str, str]] = []
        while not (close := _END.match(text, at)):
            each = _ATTRIBUTE.match(text, at)
            if not each:
                return
            attributes.append((each[1].lower(), _plain(each[2] or each[3] or each[4] or "")))
            at = each.end()
        at = close.end()
        if tag[1]:
            reader.ended(name)
            continue
        reader.started(name, attributes)
        if name == "svg" and close[0].endswith("/>"):
            reader.ended(name)
        if name in _RAW and not reader.image:
            last = _RAW[name].search(text, at)
            within = text[at : last.start() if last else end]
            reader.words_between(within if name in ("script", "style") else _plain(within))
            at = last.start() if last else end


def _plain(text: str) -> str:
    return unescape(text) if "&" in text else text


class _Reader:
    """Gathers the parts as it is told of them."""

    def __init__(self) -> None:
        self.language = self.charset = self.policy = ""
        self.title: list[str] = []
        self.headings: list[list[str]] = []
        self.links: list[HtmlLink] = []
        self.ids: set[str] = set()
        self.repeated: set[str] = set()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self._within = ""
        self._raw: list[str] = []
        self.image = 0  # depth of <svg>, which has titles of its own

    def started(self, tag: str, attributes: list[tuple[str, str]]) -> None:
        """A start tag."""
        said: dict[str, str] = {}
        for name, value in attributes:
            said.setdefault(name, value)
            if name == "id" and value:
                (self.repeated if value in self.ids else self.ids).add(value)
            elif name.startswith("on") and len(name) > 3:
                self.handlers.append(f"{tag} {name}")
            elif name == "style" and value:
                self.links.extend(HtmlLink(address, "load") for address in loads(value))
            elif (tag, name.removeprefix("xlink:")) in _LOADED and value and value[:1] != "#":
                self.links.append(HtmlLink(value, "load"))
            elif name == "srcset" and value:
                self.links.extend(
                    HtmlLink(each.split()[0], "load") for each in value.split(",") if each.split()
                )
        if tag == "html":
            self.language = said.get("lang", "")
        elif tag == "meta":
            self.charset = self.charset or said.get("charset", "")
            if said.get("http-equiv", "").lower() == "content-security-policy":
                self.policy = said.get("content", "")
        elif tag == "link" and said.get("href"):
            rel = said.get("rel", "").lower()
            kind = "load" if _LOADING & set(rel.split()) else rel
            self.links.append(HtmlLink(said["href"], kind, said.get("type", ""), said.get("hreflang", "")))
        elif tag in ("a", "area") and "href" in said:
            self.links.append(
                HtmlLink(said["href"], said.get("rel", "").lower(), "", said.get("hreflang", ""))
            )
        elif tag == "form" and said.get("action"):
            self.links.append(HtmlLink(said["action"], "form"))
        elif tag == "svg":
            self.image += 1
        if tag in ("script", "style") or (tag == "title" and not self.image):
            code = tag == "script" and ("src" in said or said.get("type", "").lower() not in _CODE)
            self._within, self._raw = ("data" if code else tag), []
        elif tag == "h1":
            self._within = "h1"
            self.headings.append([])

    def ended(self, tag: str) -> None:
        """An end tag."""
        if tag == "svg":
            self.image = max(0, self.image - 1)
        if tag == "script" and self._within == "script":
            digest = hashlib.sha256("".join(self._raw).encode("utf-8", "replace")).digest()
            self.scripts.append(f"sha256-{base64.b64encode(digest).decode()}")
        elif tag == "style" and self._within == "style":
            self.links.extend(HtmlLink(address, "load") for address in loads("".join(self._raw)))
        if tag == self._within or (tag == "script" and self._within == "data"):
            self._within = ""

    def words_between(self, words: str) -> None:
        """What stands between two tags."""
        if self._within in ("script", "style"):
            self._raw.append(words)
        elif self._within == "data":  # what a program reads
            return
        elif self._within == "title":
            self.title.append(words)
            self.words.append(words)
        else:
            if self._within == "h1":
                self.headings[-1].append(words)
            self.words.append(words)
