"""The pages for people: what each kind of page tells, and which template tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlencode

from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.heatmap import svg
from policygraph.catalog.labels import fold
from policygraph.errors import PolicyGraphError
from policygraph.explorer.page import WHOLE, explore
from policygraph.i18n import natural
from policygraph.rdf.namespaces import compact, expand
from policygraph.site.downloads import files
from policygraph.site.pages import query, resource, schema_org
from policygraph.site.pages.ontology import reference
from policygraph.site.rendering import LOST, Told, Writer, word
from policygraph.site.urls import LANGUAGES, html_path

if TYPE_CHECKING:
    import networkx as nx

Arguments: TypeAlias = Mapping[str, Sequence[str]]

MOST = 50  # things in a list; the page says how many there are


def page(writer: Writer, path: str, language: str, arguments: Arguments) -> Told:
    """The page of an abstract path that has one."""
    chapters = CHAPTERS if writer.live else FILED
    if path in chapters:
        return chapters[path](writer, language, arguments)
    if path.startswith("/query/"):
        return query.page(writer, path, language, arguments)
    return resource.page(writer, path, language)


def lost(writer: Writer, path: str, language: str) -> bytes:
    """The page that says that nothing is at a path (empty when not known), and what is nearly called so."""
    near = writer.library.names.near(path) if path else []
    return writer.write("lost.html", language, LOST, near=near, path=path[:200])


def _home(writer: Writer, language: str, arguments: Arguments) -> Told:
    library = writer.library
    views = {"things": 0, "timeline": 1, "graph": 2}
    featured = [
        query
        for query in library.catalog.queries.values()
        if query.view in views and "lookup" not in query.tags
    ]
    featured.sort(key=lambda query: (query.name == WHOLE, views[query.view or ""]))
    bases: Counter[str] = Counter()
    for row in library.asked("claims-by-basis", "en"):
        bases[row["basis"].value] += int(row["claims"].value)
    body = writer.write(
        "home.html",
        language,
        "/",
        markup=schema_org.written(schema_org.home(writer, language)),
        kinds=[(iri, library.kinds[iri], len(things)) for iri, things in library.members.items()],
        featured=featured[:8],
        bases=[(label, word(label).casefold(), number) for label, number in bases.most_common()],
        questions=len(library.catalog.queries),
    )
    return Told(body)


def _things(writer: Writer, language: str, arguments: Arguments) -> Told:
    library, groups = writer.library, []
    for iri, things in library.members.items():
        ordered = sorted(
            things, key=lambda each: (natural(library.names.of(each, language).text.casefold()), each)
        )
        groups.append(
            (iri, library.kinds[iri], ordered[: 10 * MOST] if writer.live else ordered, len(ordered))
        )
    return Told(writer.write("things.html", language, "/things", groups=groups))


def _lost(writer: Writer, language: str, arguments: Arguments) -> Told:
    return Told(lost(writer, "", language))


def _index(writer: Writer, language: str, arguments: Arguments) -> Told:
    """Every name, for a search that needs no server."""
    names, addresses = writer.library.names, writer.library.addresses
    found = [iri for iri in names if addresses.of(iri, language, str)]
    found.sort(key=lambda iri: (natural(fold(names.of(iri, language).text)), iri))
    questions = [each for group in query.by_tag(writer.library).values() for each in group]
    return Told(writer.write("names.html", language, "/search", found=found, questions=questions))


def _search(writer: Writer, language: str, arguments: Arguments) -> Told:
    text = " ".join(next(iter(arguments.get("q", ())), "").split())[:200]
    names = writer.library.names
    found = [iri for iri in names.search(text) if writer.library.addresses.of(iri, language, str)]
    words = fold(text).split()
    questions = [
        query
        for query in writer.library.catalog.queries.values()
        if words and all(each in fold(f"{query.summary} {query.description}") for each in words)
    ]
    body = writer.write(
        "search.html",
        language,
        "/search",
        arguments=urlencode({"q": text}) if text else "",
        text=text,
        found=found[:MOST],
        total=len(found),
        questions=questions[:MOST],
        near=names.near(text) if text and not found else [],
    )
    return Told(body)


def _catalog(writer: Writer, language: str, arguments: Arguments) -> Told:
    told = schema_org.written(schema_org.catalog(writer, language))
    datasets = writer.library.catalog.datasets
    held = {iri: files(writer.library, iri) for iri in ("", *(each.iri for each in datasets.values()))}
    return Told(
        writer.write("catalog.html", language, "/catalog", markup=told, datasets=datasets, files=held)
    )


def _ontology(writer: Writer, language: str, arguments: Arguments) -> Told:
    told = writer.library.kept("ontology", language, lambda: reference(writer.library, language))
    terms = [term.iri for group in told.own.values() for term in group]
    node = schema_org.thing(writer, writer.library.account(told.header.iri, language), language)
    node = schema_org.terms(writer, node, terms, language)
    return Told(
        writer.write("ontology.html", language, "/ontology", markup=schema_org.written(node), reference=told)
    )


def _list(writer: Writer, language: str, arguments: Arguments) -> Told:
    return Told(writer.write("questions.html", language, "/query", questions=query.by_tag(writer.library)))


def _sparql(writer: Writer, language: str, arguments: Arguments) -> Told:
    return Told(query.sparql(writer, language, next(iter(arguments.get("query", ())), "")))


def _explore(writer: Writer, language: str, arguments: Arguments) -> Told:
    library = writer.library
    told = library.kept(
        "explorer", language, lambda: str(explore(library.catalog, library.store, language=language))
    )
    # The explorer's page stands by itself; here it is part of a site, in several languages.
    head = [
        f'<link rel="alternate" hreflang="{other}" href="{html_path("/explore", other)[1:]}">'
        for other in LANGUAGES
        if other != language
    ]
    licences = {record["license"] for record in library.records.values() if record["license"]}
    head += [f'<link rel="license" href="{escape(licence, quote=True)}">' for licence in sorted(licences)]
    told = told.replace("</title>", "\n".join(["</title>", *head]), 1)
    policy = told.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    return Told(told.encode(), policy=policy.replace("&#39;", "'"))


def _crosswalk(writer: Writer, language: str, arguments: Arguments) -> Told:
    library, graph = writer.library, writer.library.network(language)
    lists = _lists(graph)
    choices = [(name, library.names.of(expand(name), language).text) for name in lists]
    # The lists of a place, such as its areas, say more than those that all places share.
    usual = sorted(lists, key=lambda name: (not name.startswith("pgid:"), -len(lists[name]), name))
    chosen = {
        side: next(iter(arguments.get(side, ())), "") or name
        for side, name in zip(("rows", "columns"), usual, strict=False)
    }
    error, drawn, pairs = next((name for name in chosen.values() if name not in lists), ""), "", []
    if len(chosen) == 2 and not error:
        try:
            found = crosswalk(graph, lists[chosen["rows"]], lists[chosen["columns"]], language=language)
            drawn = svg(found)
            pairs = [(row, column, cell) for row, column, cell in found.each() if cell.ways]
        except PolicyGraphError as refusal:
            error = str(refusal)
    body = writer.write(
        "crosswalk.html",
        language,
        "/crosswalk",
        arguments=urlencode({side: name for side, name in chosen.items() if arguments.get(side)}),
        choices=sorted(choices, key=lambda each: each[1]) if len(chosen) == 2 else [],
        chosen=chosen,
        error=error,
        drawn=drawn,
        pairs=sorted(pairs, key=lambda pair: -pair[2].strength),
    )
    return Told(body, refused=bool(error))


def _lists(graph: nx.MultiDiGraph) -> dict[str, list[str]]:
    """The lists with two things or more that connect, by CURIE, each in its own order."""
    found: dict[str, list[tuple[Any, str]]] = {}
    for node, data in sorted(graph.nodes(data=True)):
        if data.get("scheme"):
            order = natural(str(data.get("notation") or data.get("label") or node))
            found.setdefault(compact(data["scheme"]), []).append((order, node))
    return {
        name: [node for _, node in sorted(inside)]
        for name, inside in sorted(found.items())
        if len(inside) > 1
    }


CHAPTERS: Mapping[str, Callable[[Writer, str, Arguments], Told]] = {
    "/": _home,
    "/query": _list,
    "/things": _things,
    "/catalog": _catalog,
    "/ontology": _ontology,
    "/search": _search,
    "/explore": _explore,
    "/crosswalk": _crosswalk,
    "/sparql": _sparql,
}
"""The pages that are not about one thing, or about one question, by their abstract path."""

FILED: Mapping[str, Callable[[Writer, str, Arguments], Told]] = {
    **{path: chapter for path, chapter in CHAPTERS.items() if path != "/sparql"},
    "/search": _index,
    LOST: _lost,
}
"""Those of a site that is files."""
