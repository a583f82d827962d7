"""A catalogue's network made ready to explore: what things are called, its datasets, and where one may begin.

Every saved question whose header says `view: graph`, `timeline` or `things` is a starting point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.catalog.resource import find
from policygraph.explorer.document import Question
from policygraph.explorer.page import Page, view

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.rdf.store import Store

WHOLE = "network"
"""The question that holds everything."""

_BEGINNINGS = ("graph", "timeline", "things")


def explorer(
    catalog: Catalog,
    store: Store,
    *,
    language: str | None = None,
    query: Query | str = WHOLE,
    values: Mapping[str, Any] | None = None,
    focus: str | None = None,
    steps: int = 2,
    stated_only: bool = False,
) -> Page:
    """The page that shows a saved question's network, with all that the catalogue knows to go with it.

    Args:
        catalog: its saved queries.
        store: where to ask.
        language: of the page and the labels; English without one.
        query: a query with ?source and ?target, or the name of a saved one; things without any connection
            are shown only with the query that holds everything.
        values: of the query's parameters.
        focus: the thing to begin with: a label or the start of one, a CURIE or an IRI.
        steps: how far around it.
        stated_only: begin with only what the source itself states.

    Raises:
        NetworkError: the thing to begin with is not in the network.
        QueryError: the question is no network, or has no such parameter.
        ResourceError: nothing, or more than one thing, is called so.
    """
    asked = catalog.saved(query) if isinstance(query, str) else query
    labels = catalog.bind("labels", language)
    edges = asked.bind_in(language, **(values or {}))
    graph = network(store, edges=edges, nodes=catalog.bind("network-nodes", language))
    origins: Any = store.query(catalog.bind("origins", language))
    places = {row["claim"].value: (row["origin"], row["link"]) for row in origins}
    for *_, data in graph.edges(data=True):
        for name, term in zip(("origin", "link"), places.get(str(data.get("claim")), ()), strict=False):
            if term is not None:
                data.setdefault(name, term.value)
    wanted = language or "en"
    datasets = _datasets(store, wanted)
    title = asked.summary or asked.name
    if asked.name == WHOLE:  # so it is called what the datasets are called
        title = " · ".join(data["title"] for data in datasets) or title
    else:
        graph.remove_nodes_from([node for node, degree in list(graph.degree) if not degree])
    return view(
        graph,
        title=title,
        language=wanted,
        datasets=datasets,
        names=_names(store, labels, wanted),
        questions=_questions(catalog, store, language, {} if values else {asked.name: graph}),
        focus=None if focus is None else find(store, focus, labels=labels),
        steps=steps,
        stated_only=stated_only,
    )


def _datasets(store: Store, language: str) -> list[dict[str, str]]:
    """Each dataset once, with its title in the language, or in English, or in any."""
    rows = store.query(
        "SELECT ?data ?title ?version { ?data a dcat:Dataset ; dct:title ?title "
        "OPTIONAL { ?data dcat:version ?version } } ORDER BY ?data ?title ?version"
    )
    best: dict[str, tuple[int, dict[str, str]]] = {}
    for row in rows:  # type: ignore[union-attr]
        iri, version = row["data"].value, row["version"].value if row["version"] else ""
        rank = _rank(row["title"].language, language)
        if iri not in best or rank < best[iri][0]:
            best[iri] = (rank, {"iri": iri, "title": row["title"].value, "version": version})
    return [data for _, data in best.values()]


def _names(store: Store, labels: str, language: str) -> Mapping[str, Sequence[str]]:
    """What each thing is called, in the language first, then in English, then in others."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in store.query(labels):  # type: ignore[union-attr]
        label = row["label"]
        found.setdefault(row["thing"].value, []).append((_rank(label.language, language), label.value))
    return {thing: [name for _, name in sorted(names)] for thing, names in found.items()}


def _rank(tag: str | None, language: str) -> int:
    wanted = (language.casefold(), "en")
    return wanted.index(tag) if tag in wanted else len(wanted)


def _questions(
    catalog: Catalog, store: Store, language: str | None, known: Mapping[str, nx.Graph]
) -> Iterator[Question]:
    """The starting points; `known` are answers that need not be asked for again."""
    import networkx as nx
    from pyoxigraph import NamedNode, QuerySolutions

    for name, query in catalog.queries.items():
        if query.view not in _BEGINNINGS:
            continue
        if name in known:
            yield Question(name, query.summary, known[name])
            continue
        text = query.bind_in(language)
        answer = store.query(text)
        if not isinstance(answer, QuerySolutions):
            continue
        if {"source", "target"} <= {variable.value for variable in answer.variables}:
            yield Question(name, query.summary, network(store, edges=text))
            continue
        things = nx.Graph()
        things.add_nodes_from(term.value for row in answer for term in row if isinstance(term, NamedNode))
        yield Question(name, query.summary, things)
