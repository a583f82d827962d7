"""What an HTML page is made of, as far as links and readers go, read from a stranger's bytes.

The reading takes time in proportion to the page, whatever is in it, as that of `html.parser` does not.
"""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import NamedTuple

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


class Link(NamedTuple):
    """A link as it is written: its address, rel ("load" for what the page needs), type and language."""

    href: str
    rel: str = ""
    media: str = ""
    language: str = ""


class Hypertext(NamedTuple):
    """A page taken apart."""

    language: str
    title: str
    headings: tuple[str, ...]
    charset: str
    policy: str
    links: tuple[Link, ...]
    ids: frozenset[str]
    repeated: tuple[str, ...]
    scripts: tuple[str, ...]  # the hashes of its inline scripts, as a Content-Security-Policy names them
    handlers: tuple[str, ...]  # attributes that are scripts
    text: str


def taken_apart(text: str) -> Hypertext:
    """What a page is made of; ValueError, with a sentence, when it is beyond what browsers should get."""
    reader = _Reader()
    _scan(text, reader)
    return Hypertext(
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
        self.links: list[Link] = []
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
                self.links.extend(Link(address, "load") for address in loads(value))
            elif (tag, name.removeprefix("xlink:")) in _LOADED and value and value[:1] != "#":
                self.links.append(Link(value, "load"))
            elif name == "srcset" and value:
                self.links.extend(Link(each.split()[0], "load") for each in value.split(",") if each.split())
        if tag == "html":
            self.language = said.get("lang", "")
        elif tag == "meta":
            self.charset = self.charset or said.get("charset", "")
            if said.get("http-equiv", "").lower() == "content-security-policy":
                self.policy = said.get("content", "")
        elif tag == "link" and said.get("href"):
            rel = said.get("rel", "").lower()
            kind = "load" if _LOADING & set(rel.split()) else rel
            self.links.append(Link(said["href"], kind, said.get("type", ""), said.get("hreflang", "")))
        elif tag in ("a", "area") and "href" in said:
            self.links.append(Link(said["href"], said.get("rel", "").lower(), "", said.get("hreflang", "")))
        elif tag == "form" and said.get("action"):
            self.links.append(Link(said["action"], "form"))
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
            self.links.extend(Link(address, "load") for address in loads("".join(self._raw)))
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
