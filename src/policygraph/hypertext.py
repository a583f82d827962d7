"""What an HTML page is made of, as far as links and readers go, read from a stranger's bytes."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import NamedTuple

LARGEST = 16_000_000  # bytes of a page; no person reads more
_PIECE = 65_536  # characters read at once
_LONGEST = 4_000_000  # characters of one tag or one script
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
    for start in range(0, len(text), _PIECE):
        reader.feed(text[start : start + _PIECE])
        if len(reader.rawdata) > _LONGEST:
            raise ValueError("One tag or script has no end.")
    reader.close()
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


class _Reader(HTMLParser):
    """Gathers the parts while it reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
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
        self._image = 0  # depth of <svg>, which has titles of its own

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, str] = {}
        for name, value in attrs:
            said.setdefault(name, value or "")
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
            self._image += 1
        if tag in ("script", "style") or (tag == "title" and not self._image):
            code = tag == "script" and ("src" in said or said.get("type", "").lower() not in _CODE)
            self._within, self._raw = ("" if code else tag), []
        elif tag == "h1":
            self._within = "h1"
            self.headings.append([])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag == "svg":
            self._image -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self._image = max(0, self._image - 1)
        if tag == "script" and self._within == "script":
            digest = hashlib.sha256("".join(self._raw).encode("utf-8", "replace")).digest()
            self.scripts.append(f"sha256-{base64.b64encode(digest).decode()}")
        elif tag == "style" and self._within == "style":
            self.links.extend(Link(address, "load") for address in loads("".join(self._raw)))
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within in ("script", "style"):
            self._raw.append(data)
            return
        if self.cdata_elem:  # what a program reads
            return
        if self._within == "title":
            self.title.append(data)
        elif self._within == "h1":
            self.headings[-1].append(data)
        self.words.append(data)
