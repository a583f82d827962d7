"""Read the settings of a catalogue from its `catalog.toml`; every key has a default.

An error names the key and its line, which is looked for in the text, since `tomllib` knows none of values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from policygraph.catalog.query import best_text
from policygraph.errors import CatalogError, nearest
from policygraph.i18n import FALLBACK, LANGUAGES, add, language_name, languages
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES, Prefixes

NAME = "catalog.toml"
OWN = (NAME, "queries", "stories", "i18n")  # what a catalogue has in its folder beside ontology and data
LINKS = ("imprint", "privacy", "accessibility", "source", "feedback")
"""What the footer may link to, in its order."""

_TEXTS = ("title", "tagline", "description", "publisher")
NOWHERE = "http://localhost/"
"""The address of a site whose publisher names none."""
_PANEL = "#f6f7f9"  # the darkest of the light backgrounds that links stand on
_MIN_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3

Texts = Mapping[str, str]  # a text in one or more languages, by BCP 47 tag
Fault = Callable[[tuple[str, ...], str], Exception]  # makes what is raised of keys, and of what is wrong


@dataclass(frozen=True)
class Settings:
    """What a publisher decides about a catalogue."""

    base: str = NOWHERE  # the beginning of the catalogue's IRIs
    address: str = NOWHERE  # the public URL of its site
    languages: tuple[str, ...] = (FALLBACK,)  # of the pages, the default first
    title: Texts = field(default_factory=dict)  # of the catalogue and its site
    tagline: Texts = field(default_factory=dict)  # what it is, in a sentence
    description: Texts = field(default_factory=dict)  # what is in it, in some more
    publisher: Texts = field(default_factory=dict)  # the name of who publishes it; empty where none is named
    iri: str = ""  # of the publisher, as the next two
    email: str = ""
    homepage: str = ""
    logo: Path | None = None
    links: Mapping[str, str] = field(default_factory=dict)  # for the footer, by their names in `LINKS`
    corrections: str = ""  # where mistakes are told: mailto:, or an address that takes title and body
    accent: str = ""  # the colour of links and buttons, as `#rrggbb`
    style: Path | None = None  # the file of a style sheet that is added to the site's
    prefixes: Prefixes = field(default_factory=lambda: PREFIXES)  # the common ones and its own
    sparql: bool = True  # whether a published folder answers SPARQL in the browser
    include: tuple[Path, ...] = ()  # folders whose datasets are part of the catalogue too

    @property
    def language(self) -> str | None:
        """The language to speak where English, which is usual, is none of the catalogue's."""
        return None if FALLBACK in self.languages else self.languages[0]

    def text(self, name: str, language: str) -> str:
        """The title, tagline, description or publisher, in the language if it has that."""
        return best_text(getattr(self, name), language)[0]

    @classmethod
    def read(cls, folder: Path, *, past: bool = False) -> Settings:
        """Read the settings of the catalogue in a folder, and the words in it; of a `past` one, the missing.

        CatalogError, with the key and its line, for a key that does not exist and a value that it does not
        take; DocumentError for a file that cannot be read.
        """
        add(folder / "i18n", past=past)
        values = _values(folder)
        publisher, theme, site = (values.pop(section, {}) for section in ("publisher", "theme", "site"))
        values |= {"publisher": publisher.pop("name", {}), **publisher, **theme, **site}
        values["prefixes"] = {**PREFIXES, **values.get("prefixes", {})}
        values.setdefault("title", {"": folder.resolve().name})
        values.setdefault("address", values.get("base", NOWHERE))
        first = values.get("languages", (FALLBACK,))[0]
        for name in values.keys() & _TEXTS:  # a text without a tag is in the first language
            values[name] = {tag or first: each for tag, each in values[name].items()}
        return cls(**values)


def own_prefixes(folder: Path) -> Prefixes:
    """The prefixes of the settings in a folder, which may have faults elsewhere, with those of everyone."""
    return {**PREFIXES, **_values(folder, "prefixes").get("prefixes", {})}


def _values(folder: Path, *names: str) -> dict[str, Any]:
    """The settings in a folder, or only some of them, as they are to be; what is wrong is a CatalogError."""
    path = folder / NAME
    text = reader.decode(reader.read_bytes(path), name=path).removeprefix("\ufeff") if path.exists() else ""
    given = {key: value for key, value in toml(text, path).items() if not names or key in names}
    return checked(given, _keys(folder), (), _fault(path, text))


def toml(text: str, path: Path) -> dict[str, Any]:
    """The values in the text of a file; CatalogError for what is no TOML, or nested too deep."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        what = "Nesting is too deep; flatten it" if isinstance(error, RecursionError) else error
        raise CatalogError(f"{path}: {what}.") from None


def checked(given: Mapping[str, Any], keys: Any, above: tuple[str, ...], fault: Fault) -> dict[str, Any]:
    """The values of a table, each as its key wants it; what is wrong is raised as the `fault` of its keys.

    `keys` has by key the function that checks its value, the keys of a table, or in a list those of several;
    None stands for any other key.
    """
    found: dict[str, Any] = {}
    for key, value in given.items():
        here = (*above, key)
        if key not in keys and None not in keys:
            raise fault(here, f"is no setting; there are {', '.join(keys)}.{nearest(key, keys)}")
        wanted = keys.get(key, keys.get(None))
        if isinstance(wanted, list):
            if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
                raise fault(here, f"is a list of tables, which each begin with [[{'.'.join(here)}]].")
            several = enumerate(value, 1)
            found[key] = [checked(each, wanted[0], (*above, f"{key} {n}"), fault) for n, each in several]
        elif isinstance(wanted, dict):
            if not isinstance(value, dict):
                raise fault(here, f"is a table, which begins with [{'.'.join(here)}].")
            found[key] = checked(value, wanted, here, fault)
        else:
            try:
                found[key] = wanted(key, value)
            except ValueError as error:
                raise fault(here, f"{error}.") from None
    return found


def _fault(path: Path, text: str) -> Fault:
    return lambda keys, what: CatalogError(f"{path}, line {_line(text, keys)}: {'.'.join(keys)} {what}")


def _line(text: str, keys: tuple[str, ...]) -> int:
    """The line of a key, from 1; that of its table if it stands in none of its own."""
    section: tuple[str, ...] = ()
    found = 1
    for number, line in enumerate(text.splitlines(), 1):
        head = line.strip().startswith("[")
        name = re.split(r"\s*[]#]" if head else "=", line.strip())[0].lstrip("[")
        here = tuple(part.strip(" \"'") for part in name.split("."))
        if head:
            section = here
            found = number if here == keys[: len(here)] else found
        elif section + here == keys[: len(section + here)]:
            return number
    return found


def _keys(folder: Path) -> dict[Any, Any]:
    """The settings, each with the function that checks its value."""
    return {
        **dict.fromkeys(("base", "address"), _base),
        "languages": partial(_languages, folder),
        "include": partial(_folders, folder),
        **dict.fromkeys(("title", "tagline", "description"), texts),
        "publisher": {
            "name": texts,
            "iri": _iri,
            "email": _email,
            "homepage": _url,
            "logo": partial(_file, folder, (".svg", ".png", ".jpg", ".jpeg", ".webp")),
        },
        "links": dict.fromkeys(LINKS, _link),
        "site": {"corrections": _link, "sparql": _switch},
        "theme": {"accent": _accent, "style": partial(_file, folder, (".css",))},
        "prefixes": {None: _prefix},
    }


def like(pattern: str, what: str) -> Callable[[str, Any], str]:
    """A check that a value is a text of some form."""

    def check(_: str, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
            raise ValueError(f"takes {what}; not {value!r}")
        return value

    return check


_text = like(r".*\S.*", "a text")
_iri = like(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]+", "an IRI such as https://data.example.org/agency")
_email = like(r"[^\s@<>\"?&]+@[^\s@<>\"?&]+\.[^\s@<>\"?&]+", "an address such as data@example.org")
_colour = like("#[0-9a-fA-F]{6}", 'a colour such as "#005ea5"')


def _switch(_: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"takes true or false; not {value!r}")
    return value


def texts(_: str, value: Any) -> dict[str, str]:
    """A text, or texts by language; the tag "" stands for the first language of the pages."""
    given = {"": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not given:
        raise ValueError(f'takes a text, or one for each language such as {{en = "…"}}; not {value!r}')
    for tag in given:
        if not re.fullmatch("([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?", tag):
            raise ValueError(f"has {tag!r} where a language is named, such as en")
        if tag and tag not in languages() and language_name(tag, FALLBACK) == tag:
            raise ValueError(f"has {tag!r}, which is no language that the Unicode CLDR knows")
    return {tag: _text("", text).strip() for tag, text in given.items()}


def _url(_: str, value: Any) -> str:
    try:
        parts = urlsplit(_iri("", value))
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        usable = usable and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"takes an address such as https://data.example.org/about; not {value!r}")
    return str(value)


def _base(name: str, value: Any) -> str:
    url = _url("", value)
    if not url.endswith("/") or "?" in url or "#" in url:
        wanted = f"takes an address that ends with a slash, without ? and #; not {value!r}"
        folder, _, page = url.partition("#")[0].rpartition("/")
        if name == "base" and url.endswith("#") and page:  # the namespace of a vocabulary in one document
            wanted += f". Write {folder}/: each {url}x then has its place on the page /{page}"
        raise ValueError(wanted)
    if not url.isascii():  # redirects and sitemaps hold it as it stands
        raise ValueError(f"takes an address in ASCII, with a host as xn--… and a path as %…; not {value!r}")
    return url


def _link(_: str, value: Any) -> str:
    try:
        return f"mailto:{_email('', value[7:])}" if str(value).startswith("mailto:") else _url("", value)
    except ValueError:
        what = "takes an address such as mailto:data@example.org or https://data.example.org/about"
        raise ValueError(f"{what}; not {value!r}") from None


def _languages(folder: Path, _: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise ValueError(f'takes a list of languages such as ["{FALLBACK}"]; not {value!r}')
    value = [tag.lower() for tag in value]  # as data have them
    own = {path.stem.lower() for path in (folder / "i18n").glob("*.json")}  # not those of another catalogue
    known = [tag for tag in languages() if tag in own.union(LANGUAGES)]
    for tag in value:
        if tag not in known:
            what = f"has {tag!r}, a language without words for pages; there are {', '.join(known)}"
            raise ValueError(f"{what}. Write those of another: policygraph words TAG -o i18n/TAG.json")
    return tuple(dict.fromkeys(value))


def _prefix(name: str, value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z]([\w.-]*[\w-])?", name, re.ASCII):
        raise ValueError("is no prefix: one begins with a letter and has letters, digits, dots and dashes")
    iri = _iri("", value)
    if PREFIXES.get(name, iri) != iri:
        raise ValueError(f"is taken: {name}: stands for {PREFIXES[name]} everywhere; choose another prefix")
    return iri


def _accent(_: str, value: Any) -> str:
    colour = _colour("", value).lower()
    contrast = (_luminance(_PANEL) + 0.05) / (_luminance(colour) + 0.05)
    if contrast < _MIN_CONTRAST:
        what = f"has a contrast of {contrast:.1f}:1 on the pages, where text needs {_MIN_CONTRAST}:1"
        raise ValueError(f"{what}; choose a darker colour than {value}")
    return colour


def _luminance(colour: str) -> float:
    """The relative luminance of a colour, by WCAG 2.2."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _folders(folder: Path, _: str, value: Any) -> tuple[Path, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError(f'takes a list of folders such as ["../data"]; not {value!r}')
    own, *others = ((folder / name).resolve() for name in ("data", *value))
    found = {path.stem: path for path in reader.files(own)}
    for name, place in zip(value, others, strict=True):
        if not (files := reader.files(place)):
            what = "is no folder" if place.exists() else "does not exist"
            what = "has no file of data" if place.is_dir() else what
            raise ValueError(f"names {name!r}, which {what}; name a folder as from that of {NAME}")
        for path in files:
            if (other := found.setdefault(path.stem, path)) != path:
                raise ValueError(f"adds a second dataset {path.stem!r}, {path} beside {other}; rename one")
    return tuple(each for each in others if each != own)


def _file(folder: Path, suffixes: tuple[str, ...], _: str, value: Any) -> Path:
    path = folder / _text("", value)
    try:
        inside, found = path.resolve().is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError, ValueError):  # a loop of links, or no path at all
        inside = found = False
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"takes a file with one of {', '.join(suffixes)}; not {value!r}")
    if not inside:
        raise ValueError(f"leads out of the folder {folder}: {value!r}; copy the file into it")
    if not found:
        raise ValueError(f"names {value!r}, which is no file beside {NAME}")
    return path
