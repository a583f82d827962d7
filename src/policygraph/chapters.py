"""The pages for people: what each kind of page tells, and which template tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

from policygraph import inquiry, portrait
from policygraph.crosswalk import crosswalk
from policygraph.errors import PolicyGraphError
from policygraph.explorer import explorer
from policygraph.heatmap import svg
from policygraph.names import fold
from policygraph.terms import reference
from policygraph.vocabulary import PREFIXES, compact
from policygraph.wording import natural
from policygraph.writing import Told, Writer, word

Arguments: TypeAlias = Mapping[str, Sequence[str]]

MOST = 50  # things in a list; the page says how many there are


def page(writer: Writer, path: str, language: str, arguments: Arguments) -> Told:
    """The page of an abstract path that has one."""
    if path in CHAPTERS:
        return CHAPTERS[path](writer, language, arguments)
    if path.startswith("/query/"):
        return inquiry.page(writer, path, language, arguments)
    return portrait.page(writer, path, language)


def lost(writer: Writer, path: str, language: str) -> bytes:
    """The page that says that nothing is at a path, and what is nearly called so."""
    return writer.write("lost.html", language, "/", near=writer.library.names.near(path), path=path[:200])


def _home(writer: Writer, language: str, arguments: Arguments) -> Told:
    library = writer.library
    featured = [
        query for query in library.catalog.queries.values() if query.view and not query.name.startswith("n")
    ]
    bases: Counter[str] = Counter()
    for row in library.asked("claims-by-basis", "en"):
        bases[row["basis"].value] += int(row["claims"].value)
    body = writer.write(
        "home.html",
        language,
        "/",
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
        groups.append((iri, library.kinds[iri], ordered[: 10 * MOST], len(ordered)))
    return Told(writer.write("things.html", language, "/things", groups=groups))


def _search(writer: Writer, language: str, arguments: Arguments) -> Told:
    text = " ".join(next(iter(arguments.get("q", ())), "").split())[:200]
    names = writer.library.names
    found = [iri for iri in names.search(text) if writer.library.addresses.of(iri, language)]
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
    return Told(writer.write("catalog.html", language, "/catalog", datasets=writer.library.catalog.datasets))


def _ontology(writer: Writer, language: str, arguments: Arguments) -> Told:
    told = writer.library.kept("ontology", language, lambda: reference(writer.library, language))
    return Told(writer.write("ontology.html", language, "/ontology", reference=told))


def _list(writer: Writer, language: str, arguments: Arguments) -> Told:
    return Told(writer.write("questions.html", language, "/query", questions=inquiry.by_tag(writer.library)))


def _sparql(writer: Writer, language: str, arguments: Arguments) -> Told:
    return Told(inquiry.sparql(writer, language, next(iter(arguments.get("query", ())), "")))


def _explore(writer: Writer, language: str, arguments: Arguments) -> Told:
    library = writer.library
    told = library.kept("explorer", language, lambda: str(explorer(library.session(language))))
    policy = told.partition('http-equiv="Content-Security-Policy" content="')[2].partition('"')[0]
    return Told(told.encode(), policy=policy.replace("&#39;", "'"))


def _crosswalk(writer: Writer, language: str, arguments: Arguments) -> Told:
    library, graph = writer.library, writer.library.network(language)
    lists: dict[str, list[str]] = {}
    for node, data in graph.nodes(data=True):
        if data.get("scheme"):
            lists.setdefault(data["scheme"], []).append(node)
    lists = {iri: inside for iri, inside in sorted(lists.items()) if len(inside) > 1}
    order = {
        iri: natural(str(data.get("notation") or data.get("label") or iri))
        for iri, data in graph.nodes(data=True)
    }
    choices = sorted(
        ((compact(iri), library.names.of(iri, language).text) for iri in lists), key=lambda each: each[1]
    )
    sides = sorted(lists, key=lambda iri: (not iri.startswith(PREFIXES["pgid"]), -len(lists[iri]), iri))[:2]
    error, drawn, chosen = "", "", {}
    for place, name in enumerate(("rows", "columns")):
        said = next(iter(arguments.get(name, ())), "") or (
            compact(sides[place]) if len(sides) > place else ""
        )
        chosen[name] = said
        if said not in {value for value, _ in choices}:
            error = said
    if not error and choices:
        ends = [
            sorted(next(v for k, v in lists.items() if compact(k) == chosen[name]), key=order.__getitem__)
            for name in chosen
        ]
        try:
            drawn = svg(crosswalk(graph, *ends, language=language))
        except PolicyGraphError as refusal:
            error = str(refusal)
    body = writer.write(
        "crosswalk.html",
        language,
        "/crosswalk",
        arguments=urlencode({name: said for name, said in chosen.items() if arguments.get(name)}),
        choices=choices,
        chosen=chosen,
        error=error,
        drawn=drawn,
    )
    return Told(body, refused=bool(error))


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
