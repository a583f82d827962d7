"""Hold quads in memory, to be queried by Oxigraph."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from policygraph.errors import DocumentError, QueryError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES, Prefixes, expand
from policygraph.store.protocols import Results, whole
from policygraph.store.sparql import guard, names_graphs, syntax_error
from policygraph.text import printable

if TYPE_CHECKING:
    import rdflib


class EmbeddedStore:
    """Quads in memory, queried by Oxigraph; the default graph is the union of all graphs, unless FROM says
    otherwise, and relative IRIs are resolved against `base`.

    A pyoxigraph store is used as it is, other quads are copied into a new one. `services` are the IRIs of the
    services that a query may call with SERVICE. `prefixes` are those of its CURIEs; as its attribute, with
    those that its files declare, they are what a query need not declare.
    """

    url = ""

    def __init__(
        self,
        quads: Iterable[ox.Quad] = (),
        *,
        services: Collection[str] = (),
        prefixes: Prefixes = PREFIXES,
    ) -> None:
        self.services, self.curies, self.base = services, prefixes, ""
        self.prefixes: Prefixes = dict(prefixes)
        if isinstance(quads, ox.Store):
            self._store = quads
        else:
            self._store = ox.Store()
            self.add(quads)

    def add(
        self,
        data: str | PathLike[str] | rdflib.Graph | Iterable[ox.Quad | ox.Triple],
        *,
        graph: str | None = None,
    ) -> None:
        """Add an RDF file, an rdflib graph, or quads and triples, all or none; what has no graph, to `graph`.

        Literals get their canonical lexical form ("007" becomes 7). DocumentError for a file that cannot be
        read, for a graph that is neither an IRI nor a CURIE, and for anything else.
        """
        try:
            graph = graph and expand(graph, self.prefixes, base=self.base)
        except ValueError as error:
            raise DocumentError(str(error)) from None
        if isinstance(data, str | PathLike):
            if graph:
                reader.load(Path(data), self._store, graph=graph)
                return
            data = reader.read(Path(data))
        elif "rdflib" in sys.modules and isinstance(data, sys.modules["rdflib"].Graph):
            text = data.serialize(format="nquads" if data.context_aware else "nt", encoding="utf-8")
            data = reader.parse(text, name="the rdflib graph", format=ox.RdfFormat.N_QUADS)
        default = ox.DefaultGraph()
        to = ox.NamedNode(graph) if graph else default
        try:
            self._store.extend(
                each
                if isinstance(each, ox.Quad) and (to == default or each.graph_name != default)
                else ox.Quad(*[*each][:3], to)  # type: ignore[call-arg]
                for each in data
            )
        except TypeError:
            what = "This is no RDF: add a file, an rdflib graph, or pyoxigraph's quads or triples."
            raise DocumentError(what) from None

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[ox.Quad]:
        return iter(self._store)

    def query(self, text: str) -> Results:
        """Run a SPARQL query.

        QueryError, with line and column, for a text that is not a query, is an update, calls a service that
        is not allowed, or is so large or so deeply nested that it could crash the process.
        """
        guard(text, services=self.services)
        try:
            union = not names_graphs(text)  # the engine would let the union replace what FROM says
            answer: Results = self._store.query(
                text,
                base_iri=self.base or None,
                prefixes=dict(self.prefixes),
                use_default_graph_as_union=union,
            )
            return whole(answer) if self.services else answer  # so that a service's error is raised here
        except SyntaxError as error:
            raise syntax_error(text, str(error), self.prefixes) from None
        except (OSError, RuntimeError, ValueError) as error:
            # Its message may hold the page that a service answered.
            what = printable(" ".join(str(error).split())[:300].rstrip(".: "))
            raise QueryError(f"the query cannot be answered: {what}.") from None

    def dataset(self) -> rdflib.Dataset:
        """The same quads, not a copy, as an rdflib dataset with the same prefixes."""
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        dataset = Dataset(store=OxigraphStore(store=self._store), default_union=True)
        for prefix, iri in self.prefixes.items():
            dataset.bind(prefix, iri, replace=True)
        return dataset
