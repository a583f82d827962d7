"""Open a catalogue: a folder with `ontology/*.ttl`, `data/*.ttl` and `queries/*.rq`.

One data file is one dataset and one named graph. To add a dataset or a query, add a file; there is no list of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from policygraph.catalog import resource
from policygraph.catalog.query import Query
from policygraph.catalog.resource import Claim, Resource
from policygraph.errors import CatalogError, ResourceError, nearest
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, compact
from policygraph.rdf.store import Answer, EmbeddedStore, Store

_FOLDERS = ("ontology", "data", "queries")
_SHAPES = "shapes.ttl"
_CONTEXT = "context.jsonld"

T = TypeVar("T")


class Dataset(NamedTuple):
    """One data file; `iri` names the dataset and, in a store, the graph of its triples."""

    name: str
    path: Path
    iri: str


class Catalog:
    """A folder with `ontology/`, `data/` and `queries/`; each file is read when it is first needed.

    CatalogError when the folder does not exist, lacks one of the three, or has no data.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            what = "is not a folder" if self.root.exists() else "does not exist"
            raise CatalogError(
                f"The catalogue {self.root} {what}; name a folder with {_enumerate(_FOLDERS)}."
            )
        missing = [folder for folder in _FOLDERS if not (self.root / folder).is_dir()]
        if missing:
            raise CatalogError(f"The folder {self.root} is not a catalogue: it has no {_enumerate(missing)}.")
        if not self.datasets:
            data = self.root / "data"
            raise CatalogError(f"The catalogue is empty: {data} holds no .ttl file; put a dataset there.")

    def __repr__(self) -> str:
        return f"Catalog({str(self.root)!r})"

    @classmethod
    def find(cls, path: str | Path | None = None) -> Catalog:
        """The catalogue in the folder `path`; without one, this package's own, in its wheel or its checkout.

        The result does not depend on the current folder.
        """
        if path is not None:
            return cls(path)
        package = Path(__file__).parents[1]
        shipped = package / "_catalog"
        return cls(shipped if shipped.is_dir() else package.parents[1])

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """The datasets by name, which is the name of the file without its suffix."""
        return _Files("dataset", self.root / "data", ".ttl", _dataset)

    @cached_property
    def queries(self) -> Mapping[str, Query]:
        """The saved queries by name; each is read when it is first needed."""
        return _Files("query", self.root / "queries", ".rq", Query.read)

    @cached_property
    def ontology(self) -> tuple[Path, ...]:
        """The ontology files that are loaded with the data: all but the shapes."""
        return tuple(path for path in _paths(self.root / "ontology", ".ttl") if path.name != _SHAPES)

    @property
    def shapes(self) -> Path:
        """The file of SHACL shapes for the data."""
        return self.root / "ontology" / _SHAPES

    @property
    def context(self) -> Path | None:
        """The JSON-LD context file, with a key for each term of the ontology; None if there is none."""
        path = self.root / "ontology" / _CONTEXT
        return path if path.is_file() else None

    def saved(self, name: str) -> Query:
        """A saved query of this catalogue, or else of the package's own catalogue."""
        return self.queries[name] if name in self.queries else Catalog.find().queries[name]

    def bind(self, name: str, language: str | None = None, /, **values: Any) -> str:
        """The text of a saved query with these values, and `language` for its parameters of that kind."""
        return self.saved(name).bind_in(language, **values)

    def ask(
        self, name: str, *, store: Store | None = None, language: str | None = None, **values: Any
    ) -> Answer:
        """The answer to a saved query with these values, from a store or else from all the datasets."""
        return (store or self.store).query(self.bind(name, language, **values))

    def describe(self, name: str, *, store: Store | None = None, language: str | None = None) -> Resource:
        """The statements about a resource, with the claims behind them.

        Args:
            name: a label or the start of one, a CURIE or an IRI.
            store: to ask, instead of all the datasets.
            language: of rationales, if they have it; else English.

        Raises:
            ResourceError: no resource has this name, or several have, or there is no statement about it.
        """
        store = store or self.store
        iri = resource.find(store, name, labels=self.bind("labels"))
        (about,) = self.resources([iri], store=store, language=language)
        if not about:
            raise ResourceError(f"There is no statement about {compact(iri)}; check its spelling.")
        return about

    def resources(
        self, iris: Sequence[str], *, store: Store | None = None, language: str | None = None
    ) -> list[Resource]:
        """As `describe`, of several resources by IRI, in this order; one without a statement is empty."""
        return resource.describe(store or self.store, iris, self._evidence(language))

    def claims(
        self,
        *,
        subject: str | None = None,
        relation: str | None = None,
        object: str | None = None,
        basis: str | None = None,
        store: Store | None = None,
        language: str | None = None,
    ) -> list[Claim]:
        """The claims with these parts, each named as in `describe`; without any, all claims.

        Raises:
            ResourceError: a name is that of no resource, or of several.
        """
        store = store or self.store
        names = {"subject": subject, "relation": relation, "object": object, "basis": basis}
        labels = self.bind("labels")
        iris = {part: resource.find(store, name, labels=labels) for part, name in names.items() if name}
        return resource.claims(store, self._evidence(language), **iris)

    def _evidence(self, language: str | None) -> Callable[[str], str]:
        return lambda iris: self.bind("evidence", language, thing=iris.split())

    @cached_property
    def store(self) -> EmbeddedStore:
        """All the datasets, loaded once."""
        return self.load()

    def load(self, *names: str, files: Iterable[str | Path] = ()) -> EmbeddedStore:
        """Load the ontology and datasets into a store, each file into a named graph of its own.

        `names` are datasets of the catalogue, `files` other RDF files; without either, it loads all datasets.
        CatalogError for an unknown name, DocumentError for a file that cannot be read.
        """
        others = [_dataset(Path(file)) for file in files]
        datasets = [self.datasets[name] for name in names or (() if others else self.datasets)] + others
        store = EmbeddedStore()
        for path in self.ontology:
            store.add(reader.read(path, graph=f"{BASE}ontology/{path.stem}"))
        for dataset in datasets:
            store.add(reader.read(dataset.path, graph=dataset.iri))
        return store


class _UnknownNameError(CatalogError, KeyError):
    """Also a KeyError, so that a mapping's `in` and `get` work, but with a sentence for its text."""

    __str__ = Exception.__str__


class _Files(Mapping[str, T], Generic[T]):
    """The files of a folder by name, in alphabetical order, each read into a T when first needed."""

    def __init__(self, noun: str, folder: Path, suffix: str, read: Callable[[Path], T]) -> None:
        self._noun, self._folder, self._read = noun, folder, read
        self._paths = {path.stem: path for path in _paths(folder, suffix)}
        self._cache: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name not in self._paths:
            # The folder is named because the user may have meant another catalogue.
            what = f"There is no {self._noun} {name!r} in {self._folder}."
            raise _UnknownNameError(what + nearest(name, self._paths))
        if name not in self._cache:
            self._cache[name] = self._read(self._paths[name])
        return self._cache[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def _paths(folder: Path, suffix: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"*{suffix}") if not path.name.startswith("."))


def _dataset(path: Path) -> Dataset:
    return Dataset(path.stem, path, f"{BASE}data/{path.stem}")


def _enumerate(folders: tuple[str, ...] | list[str]) -> str:
    *most, last = [f"{folder}/" for folder in folders]
    return f"{', '.join(most)} and {last}" if most else last
