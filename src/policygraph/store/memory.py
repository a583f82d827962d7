"""Hold quads in memory, to be queried by Oxigraph."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

import pyoxigraph as ox

from policygraph.errors import DocumentError, QueryError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES, Prefixes, expand
from policygraph.store.protocols import Results, Store, whole
from policygraph.store.sparql import asked_graphs, asks_graphs, guard, syntax_error
from policygraph.text import printable

if TYPE_CHECKING:
    import rdflib

_DEFAULT = ox.DefaultGraph()
_WRITES = ("add", "addN", "remove", "remove_graph", "update")  # of rdflib's stores
_MOST = 200_000  # triples of several graphs after FROM, which are copied for each query


class EmbeddedStore(Store):
    """Quads in memory, queried by Oxigraph.

    A query without FROM is asked of the RDF merge of all graphs, in which a triple that several of them state
    is one (https://www.w3.org/TR/rdf11-mt/). To iterate, a store is the quads that were loaded, each once.
    Relative IRIs are resolved against `base`.

    `services` are the IRIs of the services that a query may call with SERVICE. `prefixes` are those of its
    CURIEs; as its attribute, with those that its files declare, they are what a query need not declare.
    """

    disk: Path | None = None
    """The folder in which the engine has all these quads on disk, for other processes to open."""

    def __init__(
        self, quads: Iterable[ox.Quad] = (), *, services: Collection[str] = (), prefixes: Prefixes = PREFIXES
    ) -> None:
        self.services, self.curies, self.base = services, prefixes, ""
        self.prefixes: Prefixes = dict(prefixes)
        # In its default graph is the merge; in the others, what was loaded into each.
        self._store = ox.Store()
        # Most commands ask for no named graph, so those of files are added when something first does.
        self._waiting: list[tuple[reader.RdfText, ox.NamedNode]] = []
        self._lock = Lock()
        self._unnamed: set[ox.Triple] | None = None  # triples without a graph, once others have one
        if quads:
            self.add(quads)

    def add(
        self,
        data: str | PathLike[str] | rdflib.Graph | Iterable[ox.Quad | ox.Triple],
        *,
        graph: str | None = None,
    ) -> None:
        """Add an RDF file, an rdflib graph, or quads and triples, all or none; what has no graph, to `graph`.

        Literals keep their value, not their spelling: "007" becomes 7, and 1e-3 becomes 0.001. DocumentError
        for a file that cannot be read, for a graph that is neither an IRI nor a CURIE, and for anything else.
        """
        try:
            graph = graph and expand(graph, self.prefixes, base=self.base)
        except ValueError as error:
            raise DocumentError(str(error)) from None
        if isinstance(data, str | PathLike):
            data = reader.read(Path(data))
        elif "rdflib" in sys.modules and isinstance(data, sys.modules["rdflib"].Graph):
            text = data.serialize(format="nquads" if data.context_aware else "nt", encoding="utf-8")
            data = reader.parse(text, name="the rdflib graph", format=ox.RdfFormat.N_QUADS)
        try:
            quads = [each if isinstance(each, ox.Quad) else ox.Quad(*[*each][:3]) for each in data]
        except TypeError:
            what = "This is no RDF: add a file, an rdflib graph, or pyoxigraph's quads or triples."
            raise DocumentError(what) from None
        quads = reader.in_graph(quads, ox.NamedNode(graph)) if graph else quads
        unnamed = [quad.triple for quad in quads if quad.graph_name == _DEFAULT]
        if len(unnamed) < len(quads):
            self._separate()
        if self._unnamed is not None:
            self._unnamed.update(unnamed)
        self._store.extend(merged(quads))

    def load(self, files: Iterable[tuple[Path, str, bool]]) -> None:
        """Add RDF files, each to the graph of an IRI, sooner than `add` does; DocumentError as for `add`.

        The last of the three is whether what has a graph in the file goes there too. What a file is to have
        may be asked of the store when the one before it is there.
        """
        self._separate()
        start = len(self._waiting)
        for path, graph, alone in files:
            document = reader.RdfText.open(path)
            if document.is_plain:
                document.load(self._store)
                self._waiting.append((document, ox.NamedNode(graph)))
            else:
                self._store.extend(merged(document.quads(graph=graph, alone=alone)))
            self.prefixes = {**document.prefixes, **self.prefixes}
        reader.check_types(self._store, [document for document, _ in self._waiting[start:]])

    def _separate(self) -> None:
        """Keep apart what came without a graph, before the first that has one."""
        if self._unnamed is None:
            self._unnamed = {quad.triple for quad in self._store}

    def _named(self) -> ox.Store:
        """The store with all its named graphs."""
        if self._waiting:
            with self._lock:  # so that no other thread sees a part of them
                for document, graph in self._waiting:
                    document.load(self._store, to_graph=graph)
                self._waiting = []
        return self._store

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[ox.Quad]:
        if self._unnamed is None:
            yield from self._store
            return
        for graph in (named := self._named()).named_graphs():
            yield from named.quads_for_pattern(None, None, None, graph)
        yield from (ox.Quad(*triple) for triple in self._unnamed)

    def query(self, text: str) -> Results:
        """Run a SPARQL query.

        QueryError, with line and column, for a text that is not a query, is an update, calls a service that
        is not allowed, or is so large or so deeply nested that it could crash the process; and for one of
        several large graphs.
        """
        guard(text, services=self.services)
        try:
            return self._answer(text)
        except SyntaxError:
            raise syntax_error(text, self.prefixes, self.base) from None
        except (OSError, RuntimeError, ValueError) as error:
            # Its message may hold the page that a service answered.
            what = printable(" ".join(str(error).split())[:300].rstrip(".: "))
            raise QueryError(f"the query cannot be answered: {what}.") from None

    def _answer(self, text: str) -> Results:
        store, graphs = dataset(self._store, (), ())
        if asks_graphs(text, self.prefixes):
            store, graphs = dataset(self._named(), *asked_graphs(text, self.prefixes, self.base))
        prefixes = dict(self.prefixes)
        answer: Results = store.query(text, base_iri=self.base or None, prefixes=prefixes, **graphs)
        return whole(answer) if self.services else answer  # so that a service's error is raised here

    def dataset(self) -> rdflib.Dataset:
        """The same quads, not a copy, as an rdflib dataset to read, with the same prefixes; its default graph
        is the merge of all graphs.
        """
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        view = Dataset(store=OxigraphStore(store=self._named()))
        # What is written there would be in the merge or in a graph alone. rdflib adds a graph to read it.
        refused = dict.fromkeys(_WRITES, _refuse)
        vars(view.store).update(refused, add_graph=lambda _: None, kept=self)  # whose folder it needs
        for prefix, iri in self.prefixes.items():
            view.bind(prefix, iri, replace=True)
        return view


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise DocumentError("This dataset is for reading; add to its store, by `add`.")


def merged(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """The quads, with each triple of a named graph in the default graph too, which becomes the RDF merge."""
    for quad in quads:
        yield quad
        if quad.graph_name != _DEFAULT:
            yield ox.Quad(*quad.triple)


def dataset(
    store: ox.Store, default: Sequence[ox.NamedNode], named: Sequence[ox.NamedNode]
) -> tuple[ox.Store, dict[str, Any]]:
    """What to ask, and with which options of `query`, for the dataset that these graphs are.

    The default graph is the merge of several (https://www.w3.org/TR/sparql11-query/#specifyingDataset), which
    the engine would repeat their common triples in. Without any graphs, it is the whole store. QueryError
    where they are too large to be merged for one query.
    """
    if not (default or named):
        return store, {}
    default = [*dict.fromkeys(default)]  # the engine would repeat the rows of one that is named twice
    options: dict[str, Any] = {"default_graph": default, "named_graphs": [*named]}
    if len(default) < 2:
        return store, options
    part = ox.Store()
    for number, graph in enumerate((*default, *named)):
        quads = islice(store.quads_for_pattern(None, None, None, graph), _MOST + 1)
        part.extend(quads if number >= len(default) else (ox.Quad(*quad.triple) for quad in quads))
        if len(part) > _MOST:
            what = f"FROM names several graphs with more than {_MOST:,} triples together, which are not"
            raise QueryError(f"{what} merged for one query; ask one of them, or all without FROM.")
    return part, options | {"default_graph": _DEFAULT}
