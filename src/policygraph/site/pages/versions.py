"""Make the pages of versions, of what changed between them, and of what was removed."""

from __future__ import annotations

from collections.abc import Mapping

from policygraph.catalog.labels import Label
from policygraph.rdf.terms import best_literal
from policygraph.site.context import SiteContext
from policygraph.site.pages.resource import graph_document
from policygraph.site.rendering import Arguments, Page, Shown, show
from policygraph.site.urls import GRAPHS, document_stem
from policygraph.site.versions import archive, changes
from policygraph.site.versions.releases import LABELS, Version, held, measured, record, values, versions

_NAMED = ("new", "withdrawn", "moved")
_MOST = 200  # rows of a table of changes on a page


def version(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of a version: its files, and the versions around it."""
    this = versions(context)[path]
    triples = record(context, this)
    return show(
        "version.html",
        this=this,
        title=_title(context, this, language),
        licence=next((each.value for each in values(triples, this.iri, "dct:license")), ""),
        files=[({"path": each, "part": "", "format": ""}, *rest) for each, *rest in measured(context, this)],
        versions=changes.listed(context, this.of),
        documents={suffix: document_stem(path) + suffix for suffix in GRAPHS},
        relations=archive.relations(context)[path],
    )


def data(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The record of a version, in Turtle the bytes that were published."""
    this = versions(context)[path]
    if suffix == ".ttl":
        return Page(held(context, this)[this.record], GRAPHS[suffix])
    return graph_document(context, record(context, this), suffix)


def difference(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of what changed between two versions."""
    old, new = changes.pairs(context)[path]
    things: dict[str, list[Mapping[str, str]]] = {}
    for row in changes.table(context, path, changes.THINGS):
        group = things.setdefault(row["change"], [])
        # What is new, withdrawn or moved is named; its statements are in the table.
        is_named = group and (group[-1]["thing"], group[-1]["label"]) == (row["thing"], row["label"])
        if not is_named or row["change"] not in _NAMED or not row["property"]:
            group.append(row)
    return show(
        "changes.html",
        old=old,
        new=new,
        title=_title(context, new, language),
        counts=changes.counts(context, path),
        things={kind: things[kind] for kind in changes.KINDS if kind in things},
        answers=changes.answers(context, path),
        queries=context.catalog.queries,
        named=_NAMED,
        most=_MOST,
        files=[*changes.files(context, path)],
        gone=lambda iri: path if (path := context.urls.path(iri) or "") in changes.pages(context) else "",
        licence=next((v.value for v in values(record(context, new), new.iri, "dct:license")), ""),
    )


def gone(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page in place of what was removed."""
    known = changes.gone(context)[path]
    iri = known[0].subject.value
    # Several datasets may have had it.
    since = max((each.value for each in values(known, iri, "prov:invalidatedAtTime")), default="")
    parts = (context.urls.path(each.value) or "" for each in values(known, iri, "dct:isPartOf"))
    had = filter(None, map(versions(context).get, parts))
    last = max(had, key=lambda each: each.day, default=None)
    return show(
        "gone.html",
        iri=iri,
        name=best_literal((each.object for each in known if each.predicate in LABELS), language),
        since=since,
        by=changes.replaced_by(context, {each.subject.value for each in known}),
        last=last,
        had=_title(context, last, language).text if last else "",
    )


def _title(context: SiteContext, version: Version, language: str) -> Label:
    """What that is called of which this is a version."""
    titles = values(record(context, version), version.iri, "dct:title", "rdfs:label", "skos:prefLabel")
    best = best_literal(titles, language)
    if not best:
        return Label(version.of)
    return Label(best.value.removesuffix(f" {version.name}"), best.language or "")
