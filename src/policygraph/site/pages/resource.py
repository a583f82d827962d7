"""Make the documents about a resource: its page, with statements, provenance and a picture, and its graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from pyoxigraph import BlankNode, Triple

from policygraph.catalog.resource import Resource, Statement, document_metadata
from policygraph.errors import FormatError
from policygraph.rdf.formats import by_media, write_held
from policygraph.rdf.namespaces import PREFIXES, compact, expand, local_name
from policygraph.site.context import SiteContext, tree
from policygraph.site.downloads import files
from policygraph.site.pages import fair, schema_org
from policygraph.site.pages.home import SPLIT, TOPS
from policygraph.site.pages.query import AnswerTable, bars
from policygraph.site.rendering import Arguments, Page, Shown, description, show
from policygraph.site.urls import GRAPHS, document_stem
from policygraph.site.versions.archive import relations
from policygraph.site.versions.changes import listed as all_versions, removed_at, replaced_by
from policygraph.text import grouped, natural

_SCHEME, _TOP, _BROADER, _NARROWER, _RELATED = (
    PREFIXES["skos"] + name for name in ("inScheme", "topConceptOf", "broader", "narrower", "related")
)
_PARTS = (expand("rdf:subject"), expand("rdf:object"))  # by which its claims lead to it
_ALL = "SELECT ?thing {{\n  ?thing <{}> <{}> .\n}}"
_MAPPINGS = [PREFIXES["skos"] + name + "Match" for name in ("exact", "close", "broad", "narrow", "related")]
_ABOVE, _BELOW = "<{}> skos:broader|^skos:narrower ?x", "?x skos:broader|^skos:narrower <{}>"
_WAYS, _SIDE = 5, 12  # ways up that are shown, and neighbours before and after a concept
_MANY = 12  # statements of a property, which are then shown by kind


def page(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of the resource at an abstract path; IRIs with a fragment are parts of it."""
    iris = context.urls.at(path)
    iri = _whole(iris)
    resource = Resource(iri, context.statements(iri), language)
    context.labels.learn(resource.named)
    labels, connections, picture, undrawn = context.labels, resource.connections(), "", {}
    if connections:
        star = resource.star(lambda each: labels.of(each, language).text)
        picture = context.draw(star, labels.of(iri, language).text, language, iri)
        undrawn = +star.graph["more"]
    inward = resource.groups(outward=False, links=True)
    parts = set(iris)  # the page shows its parts below, so they are not listed here
    inward = {
        name: group for name, group in inward.items() if not parts.issuperset(e.other.value for e in group)
    }
    links = resource.groups(outward=True, links=True)

    # What has a broader concept is read as narrower from there.
    def of(name: str) -> set[Any]:
        return {each.other for each in links.get(name, ())}

    for there, name in ((_BROADER, _NARROWER), (_NARROWER, _BROADER), (_RELATED, _RELATED)):
        if more := [each for each in inward.pop(there, []) if each.other not in of(name)]:
            links.setdefault(name, []).extend(more)
    # A top concept of a scheme is in it.
    if tops := of(_TOP):
        links[_SCHEME] = [each for each in links.get(_SCHEME, ()) if each.claims or each.other not in tops]
    links = {name: group for name, group in links.items() if group}
    ways = _ways(context, iri, language) if {_BROADER, _NARROWER} & links.keys() else []
    inside = inward.pop(_SCHEME, [])
    members = _named(inward.pop(_TOP, inside))  # what is listed, not its parts
    narrower = [each for each in inside if each.other.value not in members]
    above = _broader(context, iri) if members else {}
    if any(each.other.value in above for each in narrower):
        members += _named(narrower)
        narrower = [each for each in narrower if isinstance(each.other, BlankNode)]
    if narrower:
        inward[_SCHEME] = narrower
    order = context.order(language)
    members.sort(key=order)
    listed = [(each, depth) for depth, each in tree({each: above.get(each, "") for each in members})]
    if (number := len(listed)) > SPLIT:  # the rest is on the pages of these
        listed = [each for each in listed if each[1] < 2][:SPLIT]
    for group in (*links.values(), *inward.values()):
        group.sort(key=lambda each: order(each.other.value))
        if any(isinstance(each.other, BlankNode) for each in group):
            group.sort(key=lambda each: context.blanks.spelled(each.other))
    passages = resource.mentions
    quoting = [name for name, group in links.items() if all(each.other.value in passages for each in group)]
    quoted = [passages[each.other.value] for name in quoting for each in links.pop(name)]
    downloads = () if context.large else context.metadata.datasets.values()
    node = schema_org.resource(context, resource, language)

    def many(about: str, shown: Iterable[str]) -> dict[str, tuple[int, str]]:
        found = context.many(about).items()
        return {it: (n, _ALL.format(it, about)) for it, n in found if it not in (*_PARTS, *shown)}

    return show(
        "dataset.html" if iri in context.recorded else "resource.html",
        related=fair.links(context, iri),
        relations=relations(context).get(path, {}),
        json_ld=schema_org.json_ld(schema_org.terms(context, node, (each for each, _ in listed), language)),
        iri=iri,
        resource=resource,
        classes=sorted(resource.classes, key=lambda each: each not in context.kind_of_class),
        description=description(resource),
        facts=resource.groups(outward=True, links=False),
        links=links,
        inward=inward,
        many=many,
        members=listed,
        rest=number - len(listed),
        ways=ways,
        branch=_branch(context, ways[0], language) if ways else ([], 0),
        mappings={name: links.pop(name) for name in _MAPPINGS if name in links},
        passages=sorted(set(quoted), key=lambda passage: (natural(passage.iri), passage)),
        page_parts=context.resources(sorted(parts - {iri}, key=natural), language),
        removed={
            each: replaced_by(context, [each])
            for each in sorted({it.subject.value for it in removed_at(context).get(path, ())})
        },
        picture=picture,
        undrawn=undrawn,
        is_claim=(is_claim := any(e.outward and e.predicate == _PARTS[0] for e in resource.statements)),
        since=context.since.get(iri, "") if is_claim else "",
        # A claim's passages are parts of documents.
        cites=[e.other.value for e in resource.statements if e.outward and e.is_link and _is_part(e)],
        in_parts=picture and context.in_parts,
        absences=context.absences(iri),
        asides=[
            (each, table, bars(table, each.reach) if each.reach else None)
            for each in context.asides(language).get(iri, ())
            for table in [AnswerTable(each.columns, each.rows, len(each.rows))]
        ],
        matrices=[(context.catalog.queries[name], *each) for name, *each in context.parts(iri, language)],
        ordered=lambda iris: sorted(iris, key=order),
        by_kind=lambda statements: _by_kind(context, statements),
        bases=Counter((local_name(c.basis), c.status) for each in connections for c in each.claims),
        record=context.dataset_of(iris[0]),
        documents={suffix: document_stem(path) + suffix for suffix in GRAPHS},
        download=next((each for each in downloads if each.iri == iri), None),
        files=files(context, iri) if iri in context.recorded else [],
        versions=all_versions(context, iri),
        argument=quote(compact(iri, context.prefixes), safe=""),
        queries=context.catalog.queries if context.live else {},
    )


def _whole(iris: Sequence[str]) -> str:
    """The IRI that the document of some is about: without a fragment, where that is there or has several."""
    part = iris[0] if len(iris) == 1 else iris[0].partition("#")[0]
    return next((each for each in iris if not each.partition("#")[2]), part)


def _named(statements: Iterable[Statement]) -> list[str]:
    return [each.other.value for each in statements if not isinstance(each.other, BlankNode)]


def _is_part(statement: Statement) -> bool:
    return "#" in statement.other.value and not statement.predicate.startswith(PREFIXES["rdf"])


def data(context: SiteContext, path: str, suffix: str, arguments: Arguments) -> Page:
    """The graph of the resource at an abstract path, with metadata of the document."""
    iris, stem = context.urls.at(path), document_stem(path)
    # What is not below /id/ has no address for its documents together but its own.
    apart = stem != path and not path.endswith("/")
    document = context.urls.address(stem if apart else f"{stem}.html")
    record, versions = context.dataset_of(iris[0]), context.labels.version(iris[0])
    about = document_metadata(document, _whole(iris), record, names=versions)
    return graph_document(context, {*context.described(path), *about}, suffix)


def formats(context: SiteContext, path: str) -> Iterable[str]:
    """The suffixes of the data at an abstract path, if it is that of a resource."""
    return GRAPHS if context.urls.at(path) else ()


def graph_document(context: SiteContext, triples: Iterable[Triple], suffix: str) -> Page:
    """Triples as a document."""
    media, graph = GRAPHS[suffix], list(triples)
    write_as = partial(write_held, format=by_media(media).name, base=context.base, prefixes=context.prefixes)
    try:
        body = write_as(graph, context=context.catalog.context)
    except FormatError:  # what the catalogue's own context cannot express
        body = write_as(graph)
    return Page(body, media)


def _ways(context: SiteContext, iri: str, language: str) -> list[list[str]]:
    """The ways from the top of a hierarchy down to a concept."""
    found, waiting = list[list[str]](), [[iri]]
    while waiting and len(found) < _WAYS:
        way = waiting.pop()
        above = [each for each in context.found(_ABOVE.format(way[0]), language) if each not in way]
        waiting += [[each, *way] for each in reversed(above)]
        found += [] if above else [way]
    return found


def _branch(
    context: SiteContext, way: Sequence[str], language: str
) -> tuple[list[tuple[str | int, int]], int]:
    """What is above, beside and below a concept, each with its depth; and how many more are beside it.

    A number stands for so many more below.
    """
    *above, iri = way
    schemes = context.found(TOPS.replace("?x", f"<{iri}>").format("?x"), language)
    around = _BELOW.format(above[-1]) if above else TOPS.format(f"<{next(iter(schemes), '')}>")
    beside = context.found(around, language) if above or schemes else way  # which stands alone
    place = beside.index(iri)
    shown = beside[max(place - _SIDE, 0) : place + _SIDE + 1]
    narrower = context.found(_BELOW.format(iri), language)
    below: list[tuple[str | int, int]] = [(each, len(way)) for each in narrower[: 2 * _SIDE]]
    below += [(len(narrower) - len(below), len(way))] if len(narrower) > len(below) else []
    branch: list[tuple[str | int, int]] = [(each, depth) for depth, each in enumerate(above)]
    for each in shown:
        branch += [(each, len(above)), *(below if each == iri else ())]
    return branch, len(beside) - len(shown)


def _broader(context: SiteContext, scheme: str) -> dict[str, str]:
    """The broader concept of each concept of a scheme that has one there."""
    pattern = "?x skos:broader|^skos:narrower ?above ; skos:inScheme <{0}> . ?above skos:inScheme <{0}>"
    found = context.rows(f"SELECT ?x ?above {{ {pattern.format(scheme)} }} ORDER BY DESC(?above)")
    return {row["x"].value: row["above"].value for row in found}


def _by_kind(context: SiteContext, statements: Sequence[Statement]) -> dict[str, Sequence[Statement]]:
    """Many statements by the kind of what is at their other end; few, or of one kind, are together."""
    groups = grouped((context.kind(each.other.value), each) for each in statements)
    kinds = (kind for kind in dict.fromkeys((*context.kinds, *groups)) if kind in groups)
    few = len(statements) <= _MANY or len(groups) == 1
    return {"": statements} if few else {kind: groups[kind] for kind in kinds}
