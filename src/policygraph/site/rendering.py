"""HTML from templates: what every page has around its own matter, and how an IRI becomes a link."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.catalog.labels import Label
from policygraph.catalog.query import Query
from policygraph.catalog.resource import Resource
from policygraph.rdf.namespaces import compact
from policygraph.site.context import Library
from policygraph.site.urls import GRAPHS, LANGUAGES, ROWS, html_path, language_suffix, relative

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
"""The Content-Security-Policy of every page but the explorer, which brings its own."""

LOST = "/404"
"""The path of the page for paths where nothing is."""

_NOT_TEXT = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\ufdd0-\ufdef]")


class Told(NamedTuple):
    """A page: its HTML, whether its arguments are refused, and a Content-Security-Policy of its own."""

    body: bytes
    refused: bool = False
    policy: str = ""


class Writer:
    """Writes pages about what a library holds; `live` and `sparql` are those of `Site`."""

    def __init__(self, library: Library, *, live: bool = True, sparql: str = "") -> None:
        self.library, self.live, self.sparql = library, live, sparql
        self.linked: frozenset[str] = frozenset()  # documents that a page's head names if they are there
        self.texts: dict[str, Any] = json.loads(
            (_HERE.parent / "i18n" / "site.json").read_text(encoding="utf-8")
        )

    @cached_property
    def _jinja(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        jinja = Environment(
            loader=FileSystemLoader([_HERE / "templates", _HERE.parent / "explorer" / "templates"]),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )
        jinja.filters["count_of"] = lambda number, forms: forms[number != 1].replace("{n}", f"{number:,}")
        jinja.filters["curie"] = compact
        jinja.filters["word"] = word
        jinja.filters["spaced"] = lambda name: (
            re.sub("(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()
        )
        jinja.filters["slug"] = lambda text: re.sub(r"\W+", "-", text).strip("-") or "other"
        jinja.filters["title_of"] = lambda query, language: title(query, language).text
        jinja.filters["title_language"] = lambda query, language: title(query, language).language
        jinja.filters["headless"] = lambda text: re.sub(r"^#\+.*\n", "", text, flags=re.MULTILINE).strip()
        jinja.filters["shell"] = shlex.quote
        jinja.globals["media"] = {**GRAPHS, **ROWS}
        return jinja

    def write(
        self,
        template: str,
        language: str,
        path: str,
        /,
        *,
        arguments: str = "",
        markup: str = "",
        **matter: Any,
    ) -> bytes:
        """A page as UTF-8.

        Args:
            template: the name of a file in `pages/site`.
            language: of the page.
            path: the abstract path that it belongs to, for the link to it in another language.
            arguments: the query string that gives this page, without its question mark.
            markup: JSON-LD for the page's head, in which no tag can end.
            matter: what the template asks for.
        """
        library, names, addresses = self.library, self.library.names, self.library.addresses
        query = f"?{arguments}" if arguments else ""

        def link(to: str) -> str:
            # Nobody knows from where the page for what is lost is read.
            return addresses.link(to) if path == LOST else relative(to, html_path(path, language))

        elsewhere = "/" if path == LOST else path
        others = {each: link(html_path(elsewhere, each)) + query for each in LANGUAGES if each != language}
        text = self._jinja.get_template(template).render(
            t=self.texts[language],
            language=language,
            others=others,
            here=path,
            records=library.records,
            name=lambda iri: self.name(iri, language),
            also=lambda iri: names.others(iri, language),
            kind=library.kind,
            look=self.look,
            address=lambda iri: addresses.of(iri, language, link),
            is_here=addresses.is_here,
            page=lambda to: link(html_path(to, language)),
            link=link,
            markup=markup,
            live=self.live,
            feed=link(feed) if (feed := f"/feed{language_suffix(language)}.atom") in self.linked else "",
            opensearch=link(f"/opensearch{language_suffix(language)}.xml"),
            policy="" if self.live else POLICY,
            # Where a person can ask in SPARQL; empty when nowhere.
            sparql=link(html_path("/sparql", language)) if self.live else self.sparql,
            pick=lambda terms: pick(terms, language),
            **matter,
        )
        return clean(text).encode("utf-8", "replace")

    def name(self, iri: str, language: str) -> Label:
        """What a thing is called in the data; common terms that are not in the data, by our own words."""
        known = None if self.library.names.has(iri) else self.texts[language]["terms"].get(compact(iri))
        return Label(known, language) if known else self.library.names.of(iri, language)

    def look(self, iri: str) -> Mapping[str, Any] | None:
        """The sign of a thing's kind, as in the picture of the network."""
        return self.library.kinds.get(self.library.kind(iri))

    def description(self, account: Resource, language: str) -> Label:
        """What a thing is, in a sentence of the data; empty where there is none."""
        found = pick(account.descriptions, language)
        return Label(found[0].value, found[0].language or "") if found else Label("")


def clean(text: str) -> str:
    """A text without the characters that neither HTML nor XML may hold."""
    return _NOT_TEXT.sub("\ufffd", text)


def pick(terms: Iterable[Any], language: str) -> list[Any]:
    """Of literals in several languages those in this one, else in English, else all; others are kept."""
    terms = list(terms)
    tagged = [term for term in terms if getattr(term, "language", None)]
    for wanted in (language, "en"):
        if chosen := [term for term in tagged if term.language.partition("-")[0] == wanted]:
            return [term for term in terms if term in chosen or term not in tagged]
    return terms


def word(iri: str) -> str:
    """The last word of an IRI, such as the `stated` of `…/basis/stated`."""
    return re.split("[/#]", iri.rstrip("/#"))[-1]


def title(query: Query, language: str) -> Label:
    """A question as one asks it: its header's line for the language, such as `#+ da: …`, or its summary."""
    found = re.search(rf"^#\+ {language}: +(.+?) *$", query.text, re.MULTILINE)
    return Label(found[1], language) if found else Label(query.summary or query.name, "en")
