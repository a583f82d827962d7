"""Render pages from templates, with the words, labels and links that all of them use."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from xml.sax.saxutils import escape

from policygraph import i18n
from policygraph.catalog.labels import Label
from policygraph.catalog.matrix import TEMPLATES
from policygraph.catalog.metadata import licence_name
from policygraph.catalog.query import best_text
from policygraph.catalog.resource import Resource
from policygraph.explorer.story import TEMPLATES as SLIDES
from policygraph.explorer.svg import icon
from policygraph.i18n import direction, format_number, language_name, plural, plural_forms
from policygraph.rdf.namespaces import compact, local_name
from policygraph.rdf.terms import NUMBERS, best_literals
from policygraph.site.context import SiteContext
from policygraph.site.corrections import has_page, message
from policygraph.site.urls import GRAPHS, ROWS, relative
from policygraph.text import NOT_XML, jinja

if TYPE_CHECKING:
    from jinja2 import Environment

Arguments: TypeAlias = Mapping[str, Sequence[str]]  # the arguments of an address, each with all its values

METHODS = "GET, HEAD, OPTIONS"
ALWAYS: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Location, ETag, Link, Retry-After",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}
PREFLIGHT: Mapping[str, str] = {
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": "Accept, Accept-Language, If-None-Match",
    "access-control-max-age": "86400",
}
REVALIDATE = "no-cache"  # a cache may store it, but must revalidate
NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of everything but pages."""

WORKER_POLICY = "default-src 'none'; connect-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
"""The Content-Security-Policy of the script that runs WebAssembly, a worker: no page may do so."""

POLICY = (
    "default-src 'self'; img-src 'self' data:; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'"
)
"""The Content-Security-Policy of every page but the explorer, which has its own."""

FRAMED_ANYWHERE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors *"
)
"""The Content-Security-Policy of what is below /embed/, which pages of others frame."""

NOT_FOUND = "/404"  # the abstract path of the 404 page

# What each template may use of the site.
_VALUES = ("address", "base", "deprecated", "in_browser", "live", "logo", "notations", "sections", "settings")
_FUNCTIONS = ("is_inside", "kind")
_UNTAGGED = re.compile(r"<(title|option|optgroup|script|style|textarea|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
_NOT_TEXT = re.compile(NOT_XML.pattern + "|[\x7f-\x9f\ufdd0-\ufdef]")


class Page(NamedTuple):
    """A document of the site: a page for people, or data."""

    body: bytes  # text is UTF-8
    media: str = "text/html"
    links: tuple[tuple[str, str, str], ...] = ()  # (rel, href, type) of each link that belongs in a header
    language: str = ""  # of a page for people; empty for data
    refused: str = ""  # what is wrong with an argument, where the page says so
    policy: str = f"{POLICY}; frame-ancestors 'self'"  # the Content-Security-Policy that it needs


class Shown(NamedTuple):
    """What `render` makes a page of: a template, and the values for it."""

    template: str
    values: Mapping[str, Any]


def content_type(media: str) -> str:
    """The Content-Type of a media type; text is UTF-8."""
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def show(template: str, /, **values: Any) -> Shown:
    """What a view shows."""
    return Shown(template, values)


def query(name: str) -> str:
    """The text of a SELECT in the folder `queries/`."""
    return (Path(__file__).parent / "queries" / f"{name}.rq").read_text(encoding="utf-8")


@cache
def _jinja() -> Environment:
    environment = jinja(
        Path(__file__).parent / "templates",
        TEMPLATES,
        SLIDES,
        icon=icon,
        direction=direction,
        language_name=language_name,
        number=format_number,
        plural=plural,
        plural_forms=plural_forms,
        curie=compact,
        local_name=local_name,
        spaced=_spaced,
        slug=lambda text: re.sub(r"\W+", "-", text).strip("-") or "other",
        best_text=best_text,
        without_header=lambda text: re.sub(r"^#\+.*\n|^ *\n(?= *\n)", "", text, flags=re.MULTILINE).strip(),
        shell=shlex.quote,
        xml=escape,
    )
    environment.globals |= {"media": {**GRAPHS, **ROWS}, "numbers": NUMBERS}
    return environment


def render(
    context: SiteContext,
    template: str,
    language: str,
    path: str,
    /,
    *,
    arguments: str = "",
    json_ld: str = "",
    policy: str = POLICY,
    image: str | None = None,
    related: Sequence[tuple[str, str, str]] = (),
    refused: str = "",
    **values: Any,
) -> Page:
    """Render a page.

    Args:
        context: the site.
        template: the name of a file in `templates/`.
        language: of the page.
        path: its abstract path, for the links to it in other languages.
        arguments: the query string of its URL, without the question mark.
        policy: its Content-Security-Policy, but for who may frame it.
        image: the path of what previews of links to it show, by default that of the catalogue's first story.
        related: what belongs to the page, for programs: relation, path here or IRI, media type.
        refused: what is wrong with an argument, where the page says so.
        json_ld: JSON-LD for the page's head, as `schema_org.json_ld` writes it.
        values: the variables of the template.
    """
    query = f"?{arguments}" if arguments else ""

    def link(to: str) -> str:
        # A server shows the 404 page at any path, so its links begin at the root.
        return context.urls.link(to) if path == NOT_FOUND else relative(to, context.urls.html(path, language))

    elsewhere = "/" if path == NOT_FOUND else path
    languages = [each for each in context.languages if each != language]
    others = {each: link(context.urls.html(elsewhere, each)) + query for each in languages}
    feed = f"/feed{context.urls.tag(language)}.atom"
    body = fill(
        template,
        t=context.words(language, marked=True),
        language=language,
        others=others,
        known_as={} if path == NOT_FOUND else known_as(context, path),
        here=path,
        own=lambda name: context.settings.text(name, language),
        # A table names the same things again and again.
        label=cache(lambda iri: label(context, iri, language)),
        other_labels=lambda iri: context.labels.others(iri, language),
        style=lambda iri: context.kinds.get(context.kind(iri)),
        url=cache(lambda iri: context.urls.of(iri, language, link)),
        is_here=cache(context.urls.is_here),
        is_term=context.labels.is_term,
        short=lambda iri: compact(iri, context.prefixes),
        blanks=context.blanks,
        page=lambda to: link(context.urls.html(to, language)),
        public_page=lambda to: public_page(context, to, language),
        link=link,
        json_ld=json_ld,
        image=context.preview(language) if image is None else image,
        feed=link(feed) if feed in context.feeds else "",
        policy="" if context.live else policy,
        # The page to write SPARQL in, here or elsewhere; empty when there is none.
        sparql=context.sparql
        or (link(context.urls.html("/sparql", language)) if context.live or context.in_browser else ""),
        pick=lambda terms: best_literals(sorted(terms, key=context.blanks.spelled), language),
        message=lambda iri, passages: message(context, iri, passages, language),
        corrected=has_page(context),
        related=[(rel, link(to) if to.startswith("/") else to, media) for rel, to, media in related],
        home=lambda iri: context.dataset_of(iri).get("iri", ""),
        **{name: getattr(context, name) for name in (*_VALUES, *_FUNCTIONS)},
        **{"records": context.sources, **values},
    )
    if i18n.MARKS[0].encode() in body:
        body = _tagged(body.decode()).encode()
    named = ((rel, context.urls.link(to) if to.startswith("/") else to, media) for rel, to, media in related)
    return Page(body, "text/html", (*named,), language, refused, f"{policy}; frame-ancestors 'self'")


def _tagged(page: str) -> str:
    """A page with a tag around each text that has marks around it, where there may be one."""
    before, behind = i18n.MARKS
    tag = rf'<span lang="{i18n.FALLBACK}" dir="ltr">\1</span>'
    marks = re.compile(rf"[{before}{behind}]|\\ue00[01]")  # in JSON, they are escaped
    page = _UNTAGGED.sub(lambda found: marks.sub("", found[0]), page)
    page = re.sub(f"{before}([^<{behind}]+){behind}?", tag, page)  # what is put into a gap may have tags
    return marks.sub("", re.sub(f"([^<>{before}]+){behind}", tag, page))


def label(context: SiteContext, iri: str, language: str) -> Label:
    """The label of a resource; another vocabulary's term without one gets the words of its name."""
    if iri.startswith("mailto:"):
        return Label(iri[7:])
    label, name = context.labels.of(iri, language), local_name(iri)
    kinds = "#" not in iri or context.labels.kinds(iri)
    own = context.urls.is_here(iri) and kinds and not context.labels.is_term(iri)
    if context.labels.has(iri) or own or label.text != compact(iri, context.prefixes):
        return label
    if (licence := licence_name(iri)) != iri:
        return Label(licence)
    if not re.fullmatch(r"[A-Za-z][\w-]*", name):
        return label
    words = Label(name[0] + _spaced(name)[1:], "" if name.isupper() else "en")
    return words if label.text != iri or "#" in iri else label


def _spaced(name: str) -> str:
    """The words of a name; a code in capitals, as of a currency, has none."""
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()
    return name if name.isupper() else words


def public_page(context: SiteContext, path: str, language: str) -> str:
    """The public URL of an abstract path's page."""
    return context.urls.address(context.urls.html(path, language))


def known_as(context: SiteContext, path: str) -> dict[str, str]:
    """The public URLs of an abstract path's pages, by language."""
    return {each: public_page(context, path, each) for each in context.languages}


def fill(template: str, /, **values: Any) -> bytes:
    """Fill in a template of any kind, as UTF-8 without the characters that neither HTML nor XML may hold."""
    return clean(_jinja().get_template(template).render(values)).encode("utf-8", "replace")


def clean(text: str) -> str:
    """A text without the characters that neither HTML nor XML may hold, its lines ended alike."""
    return _NOT_TEXT.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def description(resource: Resource) -> Label:
    """The definition or description of a resource, in the language that it was read in; empty without one."""
    lead = resource.lead
    return Label(lead.value, lead.language or "") if lead else Label("")
