"""Write the versions of things as a linked data event stream (LDES), a fragment for each release."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.rdf.diff import difference
from policygraph.rdf.formats import write
from policygraph.rdf.terms import TYPE, Node, term
from policygraph.site.context import SiteContext
from policygraph.site.feeds import instant
from policygraph.site.urls import SAFE
from policygraph.site.versions.releases import Version, before, is_new, triples_of, versions

STREAM = "/changes/stream.ttl"
"""The path of the document that a client begins with."""

_TREE, _LDES = "https://w3id.org/tree#", "https://w3id.org/ldes#"
_DELETED = NamedNode("https://www.w3.org/ns/activitystreams#Delete")
_OF, _TIME = term("dct:isVersionOf"), term("prov:generatedAtTime")


def path(version: Version) -> str:
    """The path of the fragment of a version."""
    return f"/changes{version.path}.ttl"


def start(context: SiteContext) -> bytes:
    """The stream, and where its fragments are."""
    stream, view = _stream(context), NamedNode(context.urls.address(STREAM))
    triples = [
        Triple(stream, TYPE, NamedNode(f"{_LDES}EventStream")),
        Triple(stream, NamedNode(f"{_LDES}versionOfPath"), _OF),
        Triple(stream, NamedNode(f"{_LDES}timestampPath"), _TIME),
        Triple(stream, NamedNode(f"{_TREE}view"), view),
        Triple(view, TYPE, NamedNode(f"{_TREE}Node")),
    ]
    for each in versions(context).values():
        relation = BlankNode()
        triples += [
            Triple(view, NamedNode(f"{_TREE}relation"), relation),
            Triple(relation, TYPE, NamedNode(f"{_TREE}Relation")),
            Triple(relation, NamedNode(f"{_TREE}node"), NamedNode(context.urls.address(path(each)))),
        ]
    return write(triples, format="turtle", prefixes={**context.prefixes, "tree": _TREE, "ldes": _LDES})


def fragment(context: SiteContext, version: Version) -> bytes:
    """What a version has new, changed or no longer; as it was published where nothing is new."""
    if path(version) in context.previous and not (version.graph and is_new(context, version)):
        return context.previous[path(version)]
    prefixes = {**context.prefixes, "tree": _TREE}
    return write(_members(context, version), format="turtle", base=context.base, prefixes=prefixes)


def _members(context: SiteContext, version: Version) -> Iterator[Triple]:
    earlier = before(context, version)
    found = difference(triples_of(context, earlier) if earlier else (), triples_of(context, version))
    about: dict[Node, list[Triple]] = {}
    for each in found.new:
        about.setdefault(each.subject, []).append(each)
    moment = instant(version.day)
    for thing in {each.subject for each in found.added | found.removed}:
        if not isinstance(thing, NamedNode) or not thing.value.startswith(context.base):
            continue
        member = NamedNode(f"{version.iri}#{quote(thing.value.removeprefix(context.base), safe=SAFE)}")
        yield Triple(_stream(context), NamedNode(f"{_TREE}member"), member)
        yield Triple(member, _OF, thing)
        if moment:
            yield Triple(member, _TIME, Literal(moment, datatype=term("xsd:dateTime")))
        if thing not in about:
            yield Triple(member, TYPE, _DELETED)
        waiting: list[Node] = [thing]
        while waiting:
            node = waiting.pop()
            for _, predicate, object in about.get(node, ()):
                yield Triple(member if node == thing else node, predicate, object)
                waiting += [object] if isinstance(object, BlankNode) else []


def _stream(context: SiteContext) -> NamedNode:
    return NamedNode(f"{context.base}changes/stream")
