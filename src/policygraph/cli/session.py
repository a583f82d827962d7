"""What a person's commands have in common: a catalogue, where to ask, and a language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.rdf.store import EmbeddedStore, Endpoint, Store


class Session:
    """A catalogue, the files or the service asked instead of its datasets, and a language, each as chosen."""

    def __init__(
        self, catalog: Path | None, data: tuple[Path, ...], endpoint: str | None, language: str | None
    ) -> None:
        self.catalog = Catalog.find(catalog)
        self.data = data
        self.endpoint = endpoint
        self.language = language

    def store(self, *, ontology: bool = True) -> Store:
        """The endpoint; or the files, beside the ontology if that is wanted; or the whole catalogue."""
        if self.endpoint:
            return Endpoint(self.endpoint)
        if self.data and not ontology:
            from policygraph.rdf.reader import read

            return EmbeddedStore(
                quad for path in self.data for quad in read(path, graph=path.absolute().as_uri())
            )
        return self.catalog.load(files=self.data)

    def elsewhere(self, path: Path) -> Session:
        """The same session over another catalogue (a folder), or over another file beside this ontology."""
        if path.is_dir():
            return Session(path, (), None, self.language)
        return Session(self.catalog.root, (path,), None, self.language)

    def question(self, name: str) -> Query:
        """A .rq file, or a saved question: the catalogue's own, or else the shipped one."""
        return Query.read(name) if name.endswith(".rq") or "/" in name else self.catalog.saved(name)

    def bind(self, query: Query, **values: Any) -> str:
        """The query's text with these values, and the session's language where it asks for one."""
        return query.bind_in(self.language, **values)
