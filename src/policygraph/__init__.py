"""What a government has said it will do, as a graph you can question.

from policygraph import Catalog

catalog = Catalog.find()
store = catalog.load()
answer = store.query(catalog.queries["…"].bind(year=2014))
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policygraph.catalog import Catalog, Dataset
    from policygraph.centrality import bridges, central
    from policygraph.community import communities
    from policygraph.comparison import compare, summary
    from policygraph.coverage import isolated, levels, overlaps
    from policygraph.crosswalk import crosswalk
    from policygraph.difference import Difference, difference
    from policygraph.errors import (
        CatalogError,
        DocumentError,
        EndpointError,
        FormatError,
        NetworkError,
        PolicyGraphError,
        PublicationError,
        QueryError,
        ResourceError,
    )
    from policygraph.formats import export, write
    from policygraph.network import narrowed, network, simple
    from policygraph.observation import observations
    from policygraph.paths import paths
    from policygraph.quality import Outcome, assess
    from policygraph.query import Parameter, Query
    from policygraph.store import Answer, EmbeddedStore, Endpoint, Store
    from policygraph.validation import validate
    from policygraph.values import frame
    from policygraph.view import view

__all__ = [
    "Answer",
    "Catalog",
    "CatalogError",
    "Dataset",
    "Difference",
    "DocumentError",
    "EmbeddedStore",
    "Endpoint",
    "EndpointError",
    "FormatError",
    "NetworkError",
    "Outcome",
    "Parameter",
    "PolicyGraphError",
    "PublicationError",
    "Query",
    "QueryError",
    "ResourceError",
    "Store",
    "assess",
    "bridges",
    "central",
    "communities",
    "compare",
    "crosswalk",
    "difference",
    "export",
    "frame",
    "isolated",
    "levels",
    "narrowed",
    "network",
    "observations",
    "overlaps",
    "paths",
    "simple",
    "summary",
    "validate",
    "view",
    "write",
]

_HOMES = {
    "catalog": ("Catalog", "Dataset"),
    "centrality": ("bridges", "central"),
    "community": ("communities",),
    "comparison": ("compare", "summary"),
    "coverage": ("isolated", "levels", "overlaps"),
    "crosswalk": ("crosswalk",),
    "difference": ("Difference", "difference"),
    "formats": ("export", "write"),
    "network": ("narrowed", "network", "simple"),
    "observation": ("observations",),
    "paths": ("paths",),
    "quality": ("Outcome", "assess"),
    "query": ("Parameter", "Query"),
    "store": ("Answer", "EmbeddedStore", "Endpoint", "Store"),
    "validation": ("validate",),
    "values": ("frame",),
    "view": ("view",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    # Modules are imported when a name of theirs is first asked for, to keep the start cheap.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """A package in which `view` is the function, also after the import system has bound the module view."""

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and name in __all__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
