"""Say what changed between two versions, which questions answer differently, and what was removed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any, TypeAlias, cast

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from policygraph.catalog.labels import Label
from policygraph.errors import FormatError, QueryError
from policygraph.rdf.diff import as_patch, difference
from policygraph.rdf.namespaces import expand
from policygraph.rdf.terms import about, best_literal, day_of, term
from policygraph.site.context import SiteContext
from policygraph.site.noted import by_key, once
from policygraph.site.urls import folded
from policygraph.site.versions import releases
from policygraph.site.versions.releases import Version, before, history, is_new, triples_of, versions
from policygraph.store.memory import EmbeddedStore
from policygraph.text import csv_text, grouped

GONE = "/changes/gone.ttl"
"""The path of the list of what was removed."""

SUFFIXES = THINGS, ANSWERS, PATCH = ".csv", ".answers.csv", ".ru"
"""What is behind the path of a page of changes in those of its files."""

KINDS = ("new", "withdrawn", "moved", "changed", "strengthened", "weakened")
_KINDS = {"added": "new", "removed": "withdrawn"}  # what `rdf.diff` calls otherwise
_HEAD = ("change", "thing", "label", "property", "before", "after")
_ANSWERED = ("question", "before", "after", "change", "row")
_BLANK = re.compile(r"_:\w+")
_BY, _SINCE = map(term, ("dct:isReplacedBy", "prov:invalidatedAtTime"))
_Rows: TypeAlias = Mapping[str, Counter[tuple[tuple[str, ...], tuple[str, ...]]]]  # of questions, by name


@by_key
def pairs(context: SiteContext) -> Mapping[str, tuple[Version, Version]]:
    """The versions between which there are changes, by the abstract path of their page."""
    both = ((before(context, new), new) for new in versions(context).values())
    return {_page(old, new): (old, new) for old, new in both if old}


def _page(old: Version, new: Version) -> str:
    (_, first), (folder, last) = (each.path.rstrip("/").rsplit("/", 1) for each in (old, new))
    return f"/changes{folder}/{first}..{last}"


def listed(context: SiteContext, of: str) -> Sequence[tuple[Version, str, str]]:
    """The versions of a dataset or an ontology, the latest first, with the page of what it changed."""
    both = ((before(context, new), new) for new in reversed(history(context, of)))
    return [(new, _page(old, new), old.name) if old else (new, "", "") for old, new in both]


@once
def files(context: SiteContext, path: str) -> Mapping[str, bytes]:
    """The tables and the patch of two versions, by path; those that were published where nothing is new."""
    (old, new), ours = pairs(context)[path], [f"{path}{each}" for each in SUFFIXES]
    known = context.earlier(path)
    if ours[0] in known and not is_new(context, new):
        return {each: known[each] for each in ours if each in known}
    triples = [triples_of(context, each) for each in (old, new)]
    found, by = difference(*triples, prefixes=context.prefixes), _replaced({*triples[0], *triples[1]})
    rows, unnamed = [_HEAD], count(1)
    for each in found.changes(language=context.languages[0]):
        iri = f"_:b{next(unnamed)}" if each.name == "[]" else expand(each.name, context.prefixes)
        kind = "moved" if each.kind == "removed" and iri in by else _KINDS.get(each.kind, each.kind)
        moved = [("", iri, other) for other in by[iri]] if kind == "moved" else []
        rows += [(kind, iri, each.label, *part) for part in (*moved, *each.statements)]
    made = {ours[0]: csv_text(rows)}
    if context.at_hand:  # else there can be no copy to ask
        made[ours[1]] = csv_text([_ANSWERED, *_differing(context, new.of, found.old, found.new)])
    with suppress(FormatError):  # it would delete blank nodes, which have no names
        made[ours[2]] = as_patch(found).encode()
    return made


def _differing(context: SiteContext, of: str, *sides: Iterable[Triple]) -> Iterator[tuple[str, ...]]:
    """The rows of saved questions that a dataset has with the triples of one side alone.

    Of the others that changed too, the later ones are as they were, so each row is on the page of one.
    """
    graph = next((each.graph for each in history(context, of) if each.graph), of)
    changed = (each for each in releases.present(context) if each.of > of and is_new(context, each))
    later = [(each, was) for each in changed if each.graph != graph and (was := before(context, each))]
    states = {each.graph: triples_of(context, was) for each, was in later}
    owners = {graph: of, **{each.graph: each.of for each, _ in later}}
    also = {triple for name, owner in owners.items() for triple in releases.beside(context, owner, name)}
    ontology = {NamedNode(context.catalog.graph(path)) for path in context.catalog.ontology}
    apart, quads = {*map(NamedNode, owners)}, cast(Iterable[Quad], context.store)
    there = (it for it in quads if it.graph_name not in apart)
    others = [it for it in there if it.graph_name not in ontology or it.triple not in also]
    old, new = (_answers(context, others, {**states, graph: each}) for each in sides)
    for name in sorted(old.keys() & new.keys()):
        numbers = [str(each[name].total()) for each in (old, new)]
        gone, came = old[name] - new[name], new[name] - old[name]
        alike = {texts for texts, _ in gone} & {texts for texts, _ in came}  # though not by their terms
        for sign, rows in (("-", gone), ("+", came)):
            for texts, terms in sorted(rows.elements()):
                yield name, *numbers, sign, " | ".join(terms if texts in alike else texts)


def _answers(context: SiteContext, quads: list[Quad], more: Mapping[str, Iterable[Triple]]) -> _Rows:
    """The rows of each saved question, as people read them and as terms, with more triples in some graphs."""
    store = EmbeddedStore(quads)
    for graph, triples in more.items():
        store.add(sorted(triples, key=str), graph=graph)  # since some answers have the order of the triples
    store.base, store.prefixes = context.base, context.store.prefixes
    found = {}
    for name, query in context.catalog.queries.items():
        with suppress(QueryError):
            answer = context.catalog.ask(name, store=store, language=context.languages[0])
            truth = [[str(bool(answer)).lower()]]
            rows: Any = (truth, truth) if query.form == "ASK" else (answer.texts, answer.shown.rows)
            found[name] = Counter(zip(*(map(_nameless, each) for each in rows), strict=True))
    return found


def _nameless(row: Iterable[Any]) -> tuple[str, ...]:
    texts = (str(each or "") for each in row)
    return tuple("[]" if _BLANK.fullmatch(text) else text for text in texts)


def answers(context: SiteContext, path: str) -> Mapping[str, Sequence[Mapping[str, str]]] | None:
    """The rows of answers that differ, by question; None where they could not be compared."""
    if f"{path}{ANSWERS}" not in files(context, path):
        return None
    return grouped((row["question"], row) for row in table(context, path, ANSWERS))


def table(context: SiteContext, path: str, which: str) -> Sequence[Mapping[str, str]]:
    """The rows of one of the tables of changes."""
    text = files(context, path)[f"{path}{which}"].decode("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text, newline=""))]


@once
def counts(context: SiteContext, path: str) -> Mapping[str, int]:
    """How many things are of each kind of change."""
    rows = {(row["change"], row["thing"], row["label"]) for row in table(context, path, THINGS)}
    found = Counter(kind for kind, *_ in rows)
    return {kind: found[kind] for kind in KINDS if found[kind]}


@by_key
def removed_at(context: SiteContext) -> Mapping[str, Sequence[Any]]:
    """What is known of what was published and is no longer there, by the abstract path that it had."""
    return grouped((context.urls.path(each.subject.value) or "", each) for each in removed(context))


def called(context: SiteContext, iri: str, language: str) -> Label:
    """What a resource is called, or was when it was there."""
    path = "" if context.labels.has(iri) else context.urls.path(iri) or ""
    known = [each for each in removed_at(context).get(path, ()) if each.predicate in releases.LABELS]
    had = best_literal((each.object for each in known if each.subject.value == iri), language)
    return Label(had.value, had.language or "") if had else context.labels.of(iri, language)


@by_key
def gone(context: SiteContext) -> Mapping[str, Sequence[Any]]:
    """Of that, what left nothing at its path, without the parts of what went there as a whole."""
    left = {path: known for path, known in removed_at(context).items() if not context.urls.at(path)}
    return {
        path: [each for each in known if "#" not in each.subject.value] or known
        for path, known in left.items()
    }


@by_key
def pages(context: SiteContext) -> Mapping[str, Sequence[Any]]:
    """What was removed and has a page that says so: in a folder, one of those that differ by case alone."""
    found = gone(context)
    if context.live or not found:
        return {**found}
    one, here = {folded(path): path for path in found}, context.folded
    return {path: found[path] for key, path in one.items() if key not in here}


def replaced_by(context: SiteContext, iris: Iterable[str]) -> Sequence[str]:
    """What replaced what was removed; in place of what was removed too, what replaced that."""
    found, every = set[str](), [*iris]
    for iri in every:
        at_path = removed_at(context).get(context.urls.path(iri) or "", ())
        known = [each for each in at_path if each.subject.value == iri]
        links = (each for each in known if each.predicate == _BY and isinstance(each.object, NamedNode))
        every += {each.object.value for each in links}.difference(every)
        found |= set() if known else {iri}
    return sorted(found)


@once
def removed(context: SiteContext) -> Sequence[Any]:
    """The statements about what was removed: those before, and those of what was published last."""
    known = [each for body in context.earlier(GONE).values() for each in _known(body)]
    before = {each.subject for each in known}
    days: dict[Any, tuple[bool, str]] = {}
    every = versions(context).values()
    for of in dict.fromkeys(each.of for each in every):
        own, missed = history(context, of), {*before}
        now = next((each for each in own if each.graph), None)
        for each, later in [*zip(own, [*own[1:], None], strict=True)][::-1]:
            if context.earlier(each.dump) and (each != now or is_new(context, now)):
                after = later or (now if each == now else None)
                # Of what no other version followed, only what came with this publication may say when.
                others = (it.day for it in every if it.day > each.day and is_new(context, it))
                day = after.day if after else max(others, default="")
                last = [NamedNode(each.iri)] if each != now else []
                missing = _missing(context, each) - missed
                missed |= missing  # of earlier versions, only what later ones lack
                about_it = (it for it in releases.published(context, each) if it.subject in missing)
                known += (it for it in about_it if it.predicate in (_BY, *releases.LABELS))
                for subject in missing:
                    known += about(subject, {"dct:isPartOf": last})
                    # Another version may have had it for longer; one that was not raised tells no day.
                    days[subject] = max(days.get(subject, (False, "")), (after != each, day))
    for subject, (_, day) in days.items():
        known += about(subject, {"prov:invalidatedAtTime": _since(day)})

    def is_gone(iri: str) -> bool:
        path = context.urls.path(iri) or ""
        return iri not in context.urls.at(path) and not context.has_page(path)

    here = {each for each in known if is_gone(each.subject.value)}
    replaced = {
        Triple(each.subject, _BY, row["by"])
        for each in here
        for row in context.deprecated.get(each.subject.value, ())
        if row["by"] is not None
    }
    return sorted(here | replaced, key=str)


def _known(body: bytes) -> Iterator[Any]:
    """What a list of what was removed says, in which earlier publications wrote any text as a day."""
    quads: Any = parse(body, format=RdfFormat.TURTLE)
    for each in quads:
        if each.predicate == _SINCE:
            yield from about(each.subject, {"prov:invalidatedAtTime": _since(each.object.value)})
        else:
            yield each.triple


def _since(text: str) -> list[Literal]:
    return [Literal(day, datatype=term("xsd:date"))] if (day := day_of(text)) else []


def _missing(context: SiteContext, version: Version) -> set[Any]:
    """The things that a version had and that are not there, without the parts of these."""
    published = releases.published(context, version)
    iris = {each.subject.value for each in published if isinstance(each.subject, NamedNode)}
    plain = {context.urls.path(iri) for iri in iris if "#" not in iri}
    missing = set[Any]()
    for iri in iris:
        path = context.urls.path(iri)
        there = context.urls.at(path)
        if path and iri not in there and (there or "#" not in iri or path not in plain):
            missing.add(NamedNode(iri))
    return missing


def _replaced(triples: Iterable[Any]) -> Mapping[str, Sequence[str]]:
    """What replaces each thing that is replaced."""
    links = [(each.predicate, each.subject, each.object) for each in triples]
    inverse = [(_BY, each, thing) for name, thing, each in links if name == term("dct:replaces")]
    found = {(one, by) for name, one, by in links + inverse if name == _BY}
    return grouped(sorted((one.value, by.value) for one, by in found if isinstance(by, NamedNode)))
