"""Write the versions of things as a linked data event stream (LDES), a fragment for each release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.rdf.diff import difference
from policygraph.rdf.formats import write
from policygraph.rdf.terms import about, instant, term
from policygraph.rdf.turtle import fill
from policygraph.site.context import SiteContext
from policygraph.site.urls import SAFE
from policygraph.site.versions.changes import removed_at
from policygraph.site.versions.releases import Version, before, history, is_new, triples_of, values, versions
from policygraph.store.protocols import EVERY, triples
from policygraph.text import grouped

STREAM = "/changes/stream.ttl"
"""The path of the document that a client begins with."""

_DELETED = NamedNode("https://www.w3.org/ns/activitystreams#Delete")
_PREFIXES = {"ldes": "https://w3id.org/ldes#", "tree": "https://w3id.org/tree#"}


def path(version: Version) -> str:
    """The path of the fragment of a version."""
    return f"/changes{version.record}"


def start(context: SiteContext) -> bytes:
    """The stream, where its fragments are, and the end of what only datasets had that are gone."""
    every = versions(context).values()
    view, *fragments = map(context.urls.address, (STREAM, *map(path, every)))
    template = Path(__file__).parents[1] / "templates" / "stream.ttl"
    found = [*fill(template, base=context.base, view=view, fragments=fragments)]
    for of in {each.of for each in every}.difference(each.of for each in every if each.graph):
        known, last = removed_at(context).get(context.urls.path(of) or "", ()), history(context, of)[-1]
        day = max((each.value for each in values(known, of, "prov:invalidatedAtTime")), default="")
        name = f"{context.base}changes/stream#{quote(last.path[1:], safe=SAFE)}/"
        gone = {each.subject for each in triples_of(context, last)}
        found += _members(context, name, gone, {}, instant(day))
    return write(found, format="turtle", prefixes={**context.prefixes, **_PREFIXES})


def fragment(context: SiteContext, version: Version) -> bytes:
    """What a version has new, changed or no longer; as it was published where nothing is new."""
    kept, earlier, moment = context.earlier(), before(context, version), instant(version.day)
    if path(version) in kept and not is_new(context, version):
        return kept[path(version)]
    found = difference(triples_of(context, earlier) if earlier else (), triples_of(context, version))
    things, stated = {each.subject for each in found.added | found.removed}, found.new
    if version.graph and context.at_hand:  # what other datasets say of them too
        every = triples(context.store, EVERY)
        every = (it for it in every if it.subject in things or isinstance(it.subject, BlankNode))
        stated = difference((), every).new
    if moment:  # those of a day have an order
        same = [each for each in history(context, version.of) if instant(each.day) == moment]
        later = datetime.fromisoformat(moment) + timedelta(seconds=same.index(version))
        moment = instant(later.isoformat())
    known = grouped((each.subject, each) for each in stated)
    members = _members(context, f"{version.iri.partition('#')[0]}#", things, known, moment)
    return write(members, format="turtle", base=context.base, prefixes={**context.prefixes, **_PREFIXES})


def _members(
    context: SiteContext, name: str, things: Iterable[Any], known: Mapping[Any, Sequence[Triple]], moment: str
) -> Iterator[Triple]:
    stream = NamedNode(f"{context.base}changes/stream")
    times = [Literal(moment, datatype=term("xsd:dateTime"))] if moment else []
    for thing in things:
        if not isinstance(thing, NamedNode) or not thing.value.startswith(context.base):
            continue
        if thing not in known and thing.value in context.urls.at(context.urls.path(thing.value)):
            continue  # others say something of it
        member = NamedNode(name + quote(thing.value.removeprefix(context.base), safe=SAFE))
        yield Triple(stream, NamedNode(f"{_PREFIXES['tree']}member"), member)
        yield from about(member, {"dct:isVersionOf": thing, "prov:generatedAtTime": times})
        yield from about(member, {"rdf:type": [] if thing in known else _DELETED})
        waiting, seen = list[Any]([thing]), set[Any]()
        while waiting:
            for subject, predicate, object in known.get(waiting.pop(), ()):
                yield Triple(member if subject == thing else subject, predicate, object)
                if isinstance(object, BlankNode) and object not in seen:
                    seen.add(object)
                    waiting.append(object)
