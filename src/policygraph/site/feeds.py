"""Make the sitemap, robots.txt and the Atom feeds of changes (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import Triple

from policygraph.i18n import format_number
from policygraph.rdf.terms import best_literals, day_of, instant, term
from policygraph.site.context import SiteContext
from policygraph.site.corrections import PAGE, corrections
from policygraph.site.noted import once
from policygraph.site.pages.story import FRAMES
from policygraph.site.rendering import NOT_FOUND, Page, public_page, render
from policygraph.site.urls import SAFE, parse_path
from policygraph.site.versions.changes import answers, called, counts, gone, pairs
from policygraph.site.versions.releases import record, versions
from policygraph.text import grouped

_Maker = Callable[[Iterable[str]], Page | None]  # makes a document from the paths of all
_Listed = tuple[str, str, Mapping[str, str]]  # a page: its address, its day, and its addresses by language
_MAX_PAGES = 50_000  # in a sitemap, by the protocol of sitemaps.org
_PART = re.compile(r"/sitemap-([1-9][0-9]{0,3})\.xml")


def documents(context: SiteContext) -> Mapping[str, _Maker]:
    """What makes each document, by path."""
    first = context.languages[0]

    def make(template: str, media: str, language: str = first, **values: Any) -> _Maker:
        return lambda _: _page(context, template, media, language, **values)

    # Queries are costly, and their results are on other pages too, so crawlers may not ask them (RFC 9309).
    makers: dict[str, _Maker] = {
        "/robots.txt": make("robots.txt", "text/plain"),
        "/sitemap.xml": partial(sitemap, context),
    }
    for language in context.languages:
        tag = context.urls.tag(language)
        if changes := entries(context, language):
            makers[f"/feed{tag}.atom"] = make("feed.atom", ATOM, language, tag=tag, entries=changes)
    return makers


def sitemap(context: SiteContext, paths: Iterable[str], part: int = 0) -> Page | None:
    """The pages, each with the date of the last change (https://www.sitemaps.org/protocol.html).

    Of more than one sitemap may have, it lists parts; None for a part that there is not.
    """
    every = _parts(context, paths)
    if part > len(every) or part == len(every) == 1:
        return None
    number, pages, first = 0 if part else len(every), every[max(part, 1) - 1], context.languages[0]
    return _page(context, "sitemap.xml", "application/xml", first, parts=number, pages=pages)


def part(context: SiteContext, path: str) -> _Maker | None:
    """What makes a part of the sitemap, by its path; None for any other."""
    match = _PART.fullmatch(path)
    return partial(sitemap, context, part=int(match[1])) if match else None


def parts(context: SiteContext, paths: Sequence[str]) -> list[str]:
    """The paths of the parts of the sitemap of a site with these; none where one has all."""
    many = sum(path.endswith(".html") for path in paths) > _MAX_PAGES
    number = len(_parts(context, paths)) if many else 1
    return [f"/sitemap-{each}.xml" for each in range(1, number + 1) if number > 1]


def _parts(context: SiteContext, paths: Iterable[str]) -> list[list[_Listed]]:
    """What is listed, in as many parts as it takes."""
    latest = max((day_of(record["modified"]) for record in context.metadata.records.values()), default="")
    apart = (f"{NOT_FOUND}.", f"{FRAMES}/")  # which search engines may not list
    pages = [path for path in paths if path.endswith(".html") and not path.startswith(apart)]
    dated, listed = list[_Listed](), set(pages)
    ends = {each: f"{context.urls.tag(each)}.html" for each in context.languages}
    longest = sorted(ends.values(), key=len, reverse=True)
    removed, deprecated = {*gone(context)}, {*context.deprecated}

    @cache  # since a page has the same in each language
    def listing(stem: str) -> tuple[bool, str, Mapping[str, str]]:
        paths = [each.path for each in parse_path(f"{stem}.html")]
        iris = next((iris for iris in map(context.urls.at, paths) if iris), ())
        hidden = bool(
            removed.intersection(paths) or deprecated.intersection(iri for iri in iris if "#" not in iri)
        )
        day = (context.dataset_of(iris[0], True)["modified"] if iris else "") or latest
        others = {tag: context.urls.address(stem + end) for tag, end in ends.items() if stem + end in listed}
        return hidden, day_of(day), others if len(others) > 1 else {}

    for path in pages:
        hidden, day, others = listing(next(path.removesuffix(end) for end in longest if path.endswith(end)))
        if not hidden:
            dated.append((context.urls.address(path), day, others))
    return [dated[first : first + _MAX_PAGES] for first in range(0, len(dated) or 1, _MAX_PAGES)]


ATOM = "application/atom+xml"
_FACTS = """SELECT DISTINCT ?thing ?property ?value {
  VALUES ?kind { dcat:Dataset owl:Ontology }
  ?thing a ?kind ; ?property ?value FILTER(isIRI(?thing))
} ORDER BY ?thing ?property ?value"""
_NOTES = ("adms:versionNotes", "skos:changeNote", "dct:description")


class Entry(NamedTuple):
    """A change: its IRI, title, time, author, note and its language, and page."""

    iri: str
    title: str
    updated: str
    author: str
    note: str
    language: str
    page: str = ""


@once
def entries(context: SiteContext, language: str) -> list[Entry]:
    """The dated changes, the latest first."""
    changes = [*_entries(context, language), *_corrected(context, language), *_changed(context, language)]
    return sorted(changes, key=lambda each: (each.updated, each.iri), reverse=True)


def _entries(context: SiteContext, language: str) -> Iterator[Entry]:
    t = context.words(language)
    known: list[Any] = [Triple(*row) for row in context.rows(_FACTS)]
    here = {each.subject.value for each in known}
    past = {each.iri: each for each in versions(context).values() if not each.graph and each.iri not in here}
    known += (it for each in past.values() for it in record(context, each) if it.subject.value == each.iri)
    for iri, facts in grouped((each.subject.value, each) for each in known).items():

        def values(*properties: str, facts: list[Any] = facts) -> list[Any]:
            return [it.object for each in properties for it in facts if it.predicate == term(each)]

        times = [instant(value.value) for value in values("dct:modified", "dct:issued", "dct:created")]
        updated = max(times, default="")
        if not updated or not (iri in past or iri in context.metadata.records or context.urls.is_here(iri)):
            continue  # without a date, or another's ontology
        version = next((each.value for each in values("dcat:version", "owl:versionInfo")), "")
        version_iri = next((each.value for each in values("owl:versionIRI")), "")
        author = next((each.value for each in values("dct:publisher", "dct:creator")), "")
        path = context.urls.path(iri)
        of = past[iri].of if iri in past else iri
        title = called(context, of, language).text
        yield Entry(
            version_iri or (f"{of.partition('#')[0]}#{quote(version, safe='')}" if version else iri),
            f"{title}, {t['version']} {version}" if version else title,
            updated,
            called(context, author, language).text if author else context.settings.text("title", language),
            *_note(
                ([each for each in values(name) if hasattr(each, "language")] for name in _NOTES), language
            ),
            public_page(context, path, language) if path and (iri in past or context.urls.at(path)) else "",
        )


def _corrected(context: SiteContext, language: str) -> Iterator[Entry]:
    """The claims that contradict or replace others, where it is known since when."""
    t, label, own = context.words(language), context.labels.of, context.settings.text("title", language)
    for claim, before, replaces, anchor in corrections(context, language):
        if not (updated := instant(claim.created)):
            continue
        title = t["replaces_claim" if replaces else "disputes_claim"]
        author = label(claim.curator, language).text if claim.curator else own
        yield Entry(
            f"{context.base}{PAGE[1:]}#{quote(anchor, safe=SAFE)}",
            title.format(claim=label(claim.iri, language).text, other=called(context, before, language).text),
            updated,
            author,
            getattr(claim.rationale, "value", ""),
            getattr(claim.rationale, "language", None) or language,
            public_page(context, PAGE, language),
        )


def _changed(context: SiteContext, language: str) -> Iterator[Entry]:
    """What changed from version to version, where it is known when."""
    past = context.words(language)["past"]
    for path, (old, new) in pairs(context).items():
        if updated := instant(new.day):
            title = {"title": called(context, new.of, language).text, "old": old.name, "new": new.name}
            numbers = {past["kinds"][kind]: n for kind, n in counts(context, path).items()}
            if (asked := answers(context, path)) is not None:
                numbers[past["answers"]] = len(asked)
            yield Entry(
                f"{context.base}{quote(path[1:], safe=SAFE)}",
                past["title"].format(**title),
                updated,
                context.settings.text("title", language),
                "\n".join(f"{what}: {format_number(n, language)}" for what, n in numbers.items()),
                language,
                public_page(context, path, language),
            )


def _note(choices: Iterable[list[Any]], language: str) -> tuple[str, str]:
    """The first notes that there are, in the language if possible, and their language."""
    notes = next(filter(None, choices), [])
    chosen = best_literals(notes, language)
    return "\n".join(each.value for each in chosen), next((each.language or "" for each in chosen), "")


def _page(context: SiteContext, template: str, media: str, language: str, **values: Any) -> Page:
    page = render(context, template, language, "/", media=media, **values)
    return page._replace(body=page.body + b"\n", media=media, language="")
