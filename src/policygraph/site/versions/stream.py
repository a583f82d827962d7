"""Write the versions of things as a linked data event stream (LDES), a fragment for each release."""

from __future__ import annotations

from collections.abc import Iterator
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
from policygraph.site.versions.releases import Version, before, is_new, triples_of, versions
from policygraph.text import grouped

STREAM = "/changes/stream.ttl"
"""The path of the document that a client begins with."""

_DELETED = NamedNode("https://www.w3.org/ns/activitystreams#Delete")
_PREFIXES = {"ldes": "https://w3id.org/ldes#", "tree": "https://w3id.org/tree#"}


def path(version: Version) -> str:
    """The path of the fragment of a version."""
    return f"/changes{version.record}"


def start(context: SiteContext) -> bytes:
    """The stream, and where its fragments are."""
    view, *fragments = map(context.urls.address, (STREAM, *map(path, versions(context).values())))
    template = Path(__file__).parents[1] / "templates" / "stream.ttl"
    triples = fill(template, base=context.base, view=view, fragments=fragments)
    return write(triples, format="turtle", prefixes={**context.prefixes, **_PREFIXES})


def fragment(context: SiteContext, version: Version) -> bytes:
    """What a version has new, changed or no longer; as it was published where nothing is new."""
    known = context.earlier(path(version))
    if path(version) in known and not is_new(context, version):
        return known[path(version)]
    prefixes = {**context.prefixes, **_PREFIXES}
    return write(_members(context, version), format="turtle", base=context.base, prefixes=prefixes)


def _members(context: SiteContext, version: Version) -> Iterator[Triple]:
    earlier, moment = before(context, version), instant(version.day)
    found = difference(triples_of(context, earlier) if earlier else (), triples_of(context, version))
    stream = NamedNode(f"{context.base}changes/stream")
    times = [Literal(moment, datatype=term("xsd:dateTime"))] if moment else []
    known = grouped((each.subject, each) for each in found.new)
    for thing in {each.subject for each in found.added | found.removed}:
        if not isinstance(thing, NamedNode) or not thing.value.startswith(context.base):
            continue
        name = quote(thing.value.removeprefix(context.base), safe=SAFE)
        member = NamedNode(f"{version.iri.partition('#')[0]}#{name}")
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
