"""What the site's pages are made of: a catalogue, a store, names, addresses, and what is costly to find."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.labels import Labels
from policygraph.catalog.resource import Resource
from policygraph.explorer.document import document
from policygraph.explorer.svg import picture
from policygraph.site.urls import UrlMap

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.rdf.store import Store

_RECORDS = """SELECT ?data ?title ?about ?version ?issued ?modified ?license ?publisher {{
  ?data a {kind} OPTIONAL {{ ?data dct:title ?title }} OPTIONAL {{ ?data dct:description ?about }}
  OPTIONAL {{ ?data dcat:version|owl:versionInfo ?version }} OPTIONAL {{ ?data dct:issued ?issued }}
  OPTIONAL {{ ?data dct:modified ?modified }} OPTIONAL {{ ?data dct:license ?license }}
  OPTIONAL {{ ?data dct:publisher ?publisher }} FILTER(isIRI(?data))
}} ORDER BY ?data ?version ?issued ?modified ?license ?publisher"""
# What an ontology tells of that is in no dataset.
_DEFINED = """SELECT DISTINCT ?s ?home {
  ?home a owl:Ontology
  { ?s rdfs:isDefinedBy|^owl:versionIRI ?home } UNION { ?s skos:inScheme/rdfs:isDefinedBy ?home }
} ORDER BY ?s ?home"""

# What something is said of, and what names a version of it.
_NAMED = "SELECT DISTINCT ?s { { ?s ?p ?o } UNION { ?of owl:versionIRI ?s } FILTER(isIRI(?s)) }"
_RECORDED = ("version", "issued", "modified", "license", "publisher")


class Library:
    """A catalogue and its store, as they were when this was made; the arguments are those of `Site`."""

    def __init__(self, catalog: Catalog, store: Store, *, base: str, root: str) -> None:
        self.catalog, self.store, self.base = catalog, store, base
        rows = store.query(_NAMED)
        self.addresses = UrlMap((row["s"].value for row in rows), base=base, root=root)  # type: ignore[union-attr]
        self.names = Labels(store)
        self._kept: dict[tuple[str, str], Any] = {}
        self._lock = threading.RLock()

    @cached_property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """The datasets by IRI, with what a citation needs."""
        return self._recorded("dcat:Dataset")

    def _recorded(self, kind: str) -> Mapping[str, Mapping[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in self.store.query(_RECORDS.format(kind=kind)):  # type: ignore[union-attr]
            record = found.setdefault(
                row["data"].value, {"iri": row["data"].value, "titles": [], "abouts": []}
            )
            for key in _RECORDED:
                record.setdefault(key, row[key].value if row[key] is not None else "")
            if not record["license"].startswith(("https://", "http://")):
                record["license"] = ""  # it becomes a link
            for key, column in (("titles", "title"), ("abouts", "about")):
                if row[column] is not None and row[column] not in record[key]:
                    record[key].append(row[column])
        return found

    @cached_property
    def dataset_of(self) -> Callable[[str], Mapping[str, Any]]:
        """The record of the dataset that tells of a thing, or else of the ontology that defines it.

        Where neither is said, it is that of the first dataset.
        """
        graphs = {dataset.iri for dataset in self.catalog.datasets.values()}
        records = {**self._recorded("owl:Ontology"), **self.records}
        homes: dict[str, str] = {}
        for graph in sorted(graphs & self.records.keys()):
            for row in self.store.query(f"SELECT DISTINCT ?s {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"):  # type: ignore[union-attr]
                homes.setdefault(str(row["s"].value), graph)
        for row in self.store.query(_DEFINED):  # type: ignore[union-attr]
            homes.setdefault(str(row["s"].value), str(row["home"].value))
        first = next(iter(self.records), "")
        none = {**dict.fromkeys(("iri", *_RECORDED), ""), "titles": [], "abouts": []}
        return lambda iri: records.get(iri) or records.get(homes.get(iri, first), none)

    def kept(self, what: str, language: str, make: Callable[[], Any]) -> Any:
        """Something costly, made once a language."""
        with self._lock:
            if (what, language) not in self._kept:
                self._kept[what, language] = make()
            return self._kept[what, language]

    def asked(self, name: str, language: str, **values: Any) -> Any:
        """The answer to a question that a page depends on, with its labels in the language."""
        return self.store.query(self.catalog.bind(name, language, **values))

    def account(self, iri: str, language: str) -> Resource:
        """What is known of a thing."""
        return Resource(iri, self.asked("evidence", language, thing=NamedNode(iri)))

    def things(self, kind: str) -> Sequence[str]:
        """The instances of a class and of its subclasses, by IRI."""
        text = f"SELECT DISTINCT ?x {{ ?x a/rdfs:subClassOf* <{kind}> FILTER(isIRI(?x)) }} ORDER BY ?x"
        found: Sequence[str] = self.kept(f"things {kind}", "", lambda: self.column(text))
        return found

    def column(self, text: str) -> list[str]:
        """The first column of an answer, as text, without what is unbound."""
        return [row[0].value for row in self.store.query(text) if row[0] is not None]  # type: ignore[union-attr]

    def network(self, language: str) -> nx.MultiDiGraph:
        """Everything that connects."""
        edges, nodes = (self.catalog.bind(name, language) for name in ("network", "network-nodes"))
        found: nx.MultiDiGraph = self.kept(
            "network", language, lambda: network(self.store, edges=edges, nodes=nodes)
        )
        return found

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[str, Any]]:
        """The kinds of things that connect, by class, each with its sign as in the picture of them all."""
        import networkx as nx

        kinds = nx.Graph()
        for row in self.asked("network-nodes", "en"):
            told = {name: row[name].value for name in ("kind", "class") if row[name] is not None}
            layer = int(row["layer"].value) if row["layer"] is not None else None
            kinds.add_node(row["class"].value, **told, layer=layer)
        found = document(kinds, title="")["kinds"]
        return {kind["iri"]: kind for kind in found if kind["iri"]}

    @cached_property
    def kind_of_class(self) -> Mapping[str, str]:
        """Which of the kinds a class is, or is a subclass of."""
        found = {kind: kind for kind in self.kinds}
        for kind in self.kinds:
            for below in self.column(f"SELECT DISTINCT ?c {{ ?c rdfs:subClassOf+ <{kind}> }} ORDER BY ?c"):
                found.setdefault(below, kind)
        return found

    def kind(self, iri: str) -> str:
        """The kind of a thing, or else a class of it; empty for what has neither."""
        classes = self.names.kinds(iri)
        kinds = (self.kind_of_class[each] for each in classes if each in self.kind_of_class)
        return next(kinds, next(iter(classes), ""))

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """The things of each kind."""
        found: dict[str, list[str]] = {kind: [] for kind in self.kinds}
        for things in self.names.members().values():
            for iri in things:
                if (kind := self.kind(iri)) in found and self.addresses.is_here(iri):
                    found[kind].append(iri)
        return {kind: sorted(set(things)) for kind, things in found.items() if things}

    def draw(self, graph: nx.Graph, title: str, language: str) -> str:
        """A picture of some things, each with its name and the sign of its kind; the graph gets them too."""
        for node, data in graph.nodes(data=True):
            kind = self.kind(node)
            data["label"] = self.names.of(node, language).text
            data["kind"] = self.names.of(kind, language).text if kind else ""
            data["class"] = kind
        scene = document(graph, title=title, language=language)
        for each in scene["kinds"]:
            look = self.kinds.get(each["iri"], {})
            each.update({name: look[name] for name in ("color", "ink", "shape", "letter") if look})
        return picture(scene)
