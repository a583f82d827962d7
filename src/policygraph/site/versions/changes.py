"""Say what changed between two versions, which questions answer differently, and what was removed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.errors import FormatError, QueryError
from policygraph.rdf.diff import as_patch, difference
from policygraph.rdf.namespaces import expand
from policygraph.rdf.terms import term
from policygraph.site.context import SiteContext, once
from policygraph.site.versions.releases import (
    LABELS,
    Version,
    before,
    history,
    is_new,
    parsed,
    published,
    triples_of,
    values,
    versions,
)
from policygraph.store.memory import EmbeddedStore
from policygraph.store.sparql import form
from policygraph.text import csv_text, natural

GONE = "/changes/gone.ttl"
"""The path of the list of what was removed."""

THINGS, ANSWERS, PATCH = ".csv", ".answers.csv", ".ru"
"""What is behind the path of a page of changes in those of its files."""

KINDS = ("new", "withdrawn", "moved", "changed", "strengthened", "weakened")
_KINDS = {"added": "new", "removed": "withdrawn"}  # what `rdf.diff` calls otherwise
_HEAD = ("change", "thing", "label", "property", "before", "after")
_ANSWERED = ("question", "before", "after", "change", "row")
_PROPERTIES = ("prov:invalidatedAtTime", "dct:isReplacedBy", "dct:isPartOf")  # of what was removed


@once
def pairs(context: SiteContext) -> Mapping[str, tuple[Version, Version]]:
    """The versions between which there are changes, by the abstract path of their page."""
    found = {}
    for each in versions(context).values():
        if earlier := before(context, each):
            folder, _, name = each.path.rpartition("/")
            found[f"/changes{folder}/{earlier.path.rpartition('/')[2]}..{name}"] = earlier, each
    return found


def listed(context: SiteContext, of: str) -> Sequence[tuple[Version, str, str]]:
    """The versions of a dataset or an ontology, the latest first, with the page of what it changed."""
    known = {new.path: (path, old.name) for path, (old, new) in pairs(context).items()}
    return [(each, *known.get(each.path, ("", ""))) for each in reversed(history(context, of))]


@once
def files(context: SiteContext, path: str) -> Mapping[str, bytes]:
    """The tables and the patch of two versions, by path; those that were published where nothing is new."""
    old, new = pairs(context)[path]
    ours = [f"{path}{each}" for each in (THINGS, ANSWERS, PATCH)]
    if ours[0] in context.previous and not (new.graph and is_new(context, new)):
        return {each: context.previous[each] for each in ours if each in context.previous}
    first, triples = context.languages[0], [triples_of(context, each) for each in (old, new)]
    found, by = difference(*triples, prefixes=context.prefixes), _replaced({*triples[0], *triples[1]})
    rows = [_HEAD]
    for each in found.changes(language=first):
        iri, kind = "" if each.name == "[]" else expand(each.name, context.prefixes), each.kind
        kind = "moved" if kind == "removed" and iri in by else _KINDS.get(kind, kind)
        parts = [("", iri, min(by[iri]))] if kind == "moved" else each.statements
        rows += [(kind, iri, each.label, *part) for part in parts]
    answers = [_answers(context, new, each) for each in triples]
    made = {ours[0]: csv_text(rows), ours[1]: csv_text([_ANSWERED, *_differing(*answers)])}
    with suppress(FormatError):  # it would delete blank nodes, which have no names
        made[ours[2]] = as_patch(found).encode()
    return made


def _answers(
    context: SiteContext, version: Version, triples: set[Triple]
) -> Mapping[str, Counter[tuple[str, ...]]]:
    """The rows of each saved question when a dataset has these triples and all others are as they are."""
    graph = next((each.graph for each in history(context, version.of) if each.graph), version.of)
    others: Any = context.asked
    store = EmbeddedStore(each for each in others if each.graph_name != NamedNode(graph))
    store.add(triples, graph=graph)
    store.base, store.prefixes = context.base, others.prefixes
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for name, query in context.catalog.queries.items():
        if form(query.text) == "SELECT":
            with suppress(QueryError):
                answer = context.catalog.ask(name, store=store, language=context.languages[0])
                found[name] = Counter(map(tuple, answer.texts))
    return found


def _differing(
    old: Mapping[str, Counter[tuple[str, ...]]], new: Mapping[str, Counter[tuple[str, ...]]]
) -> Iterator[tuple[str, ...]]:
    for name in old.keys() & new.keys():
        numbers = [str(each[name].total()) for each in (old, new)]
        for sign, rows in (("-", old[name] - new[name]), ("+", new[name] - old[name])):
            yield from ((name, *numbers, sign, " | ".join(row)) for row in sorted(rows.elements()))


def table(context: SiteContext, path: str, which: str) -> Sequence[Mapping[str, str]]:
    """The rows of one of the tables of changes."""
    text = files(context, path)[f"{path}{which}"].decode("utf-8-sig")
    return [*csv.DictReader(text.splitlines(keepends=True))]


@once
def counts(context: SiteContext, path: str) -> Mapping[str, int]:
    """How many things are of each kind of change."""
    rows = table(context, path, THINGS)
    found = Counter(kind for kind, *_ in {(row["change"], row["thing"], row["label"]) for row in rows})
    return {kind: found[kind] for kind in KINDS if found[kind]}


class Gone(NamedTuple):
    """What was removed: its IRI, labels, since when, what replaced it, and the last version that had it."""

    iri: str
    labels: Sequence[Literal]
    since: str
    by: Sequence[str]
    last: str


@once
def gone(context: SiteContext) -> Mapping[str, Gone]:
    """What was published and is no longer there, by the abstract path that it had."""
    triples, found = removed(context), {}
    for iri in sorted({each.subject.value for each in triples}):
        since, by, last = ([each.value for each in values(triples, iri, name)] for name in _PROPERTIES)
        labels = [each.object for each in triples if each.subject.value == iri and each.predicate in LABELS]
        found[context.urls.path(iri) or ""] = Gone(iri, labels, "".join(since), by, "".join(last))
    return found


@once
def removed(context: SiteContext) -> Sequence[Any]:
    """The statements about what was removed: those before, and those of what was published last."""
    known = parsed(GONE, context.previous[GONE]) if GONE in context.previous else []
    days = sorted(each.day for each in versions(context).values() if each.graph)
    for of in dict.fromkeys(each.of for each in versions(context).values()):
        own = history(context, of)
        kept = [each for each in own if each.dump in context.previous]
        now = next((each for each in own if each.graph), None)
        last = max(kept, key=lambda each: (each.day, natural(each.name)), default=None)
        if last and not (now and last.path == now.path and not is_new(context, now)):
            day = now.day if now else "".join(days[-1:])
            known += _missing(context, last, day, "" if now and now.path == last.path else last.iri)
    here = [each for each in known if not context.urls.at(context.urls.path(each.subject.value))]
    replaced = {
        Triple(each.subject, term(_PROPERTIES[1]), row["by"])
        for each in here
        for row in context.deprecated.get(each.subject.value, ())
        if row["by"] is not None
    }
    return sorted({*here, *replaced}, key=str)


def _missing(context: SiteContext, version: Version, day: str, last: str) -> Iterator[Any]:
    """What to know of the things that a version had and that are not there."""
    since = Literal(day, datatype=term("xsd:date")) if day else None
    for each in published(context, version):
        iri = each.subject.value if isinstance(each.subject, NamedNode) else ""
        path = context.urls.path(iri) if "#" not in iri else None
        if path and not context.urls.at(path):
            if each.predicate in LABELS or each.predicate == term(_PROPERTIES[1]):
                yield each
            found = (since, None, NamedNode(last) if last else None)
            yield from (
                Triple(each.subject, term(name), value)
                for name, value in zip(_PROPERTIES, found, strict=True)
                if value
            )


def _replaced(triples: Iterable[Any]) -> Mapping[str, list[str]]:
    """What replaces each thing that is replaced."""
    found: dict[str, list[str]] = {}
    for subject, predicate, object in triples:
        if predicate == term(_PROPERTIES[1]):
            found.setdefault(subject.value, []).append(object.value)
        elif predicate == term("dct:replaces"):
            found.setdefault(object.value, []).append(subject.value)
    return found
