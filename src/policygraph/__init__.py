"""What a government has said it will do, as a graph you can question.

from policygraph import Catalog

catalog = Catalog.find()
store = catalog.load()
answer = store.query(catalog.bind("plans-in-force", year=2014))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policygraph.analysis.centrality import bridges, central
    from policygraph.analysis.communities import communities
    from policygraph.analysis.comparison import compare, summary
    from policygraph.analysis.crosswalk import crosswalk
    from policygraph.analysis.datacube import observations
    from policygraph.analysis.gaps import isolated, levels, overlaps
    from policygraph.analysis.network import narrowed, network, simple
    from policygraph.analysis.paths import paths
    from policygraph.catalog.catalog import Catalog, Dataset
    from policygraph.catalog.query import Parameter, Query
    from policygraph.catalog.resource import Claim, Passage, Resource
    from policygraph.check.ontology import CheckResult, assess
    from policygraph.check.shacl import validate
    from policygraph.errors import (
        CatalogError,
        DocumentError,
        EndpointError,
        ExtraError,
        FormatError,
        NetworkError,
        PolicyGraphError,
        PublicationError,
        QueryError,
        ResourceError,
    )
    from policygraph.explorer.page import view
    from policygraph.rdf.diff import Difference, difference
    from policygraph.rdf.formats import export, write
    from policygraph.rdf.store import Answer, EmbeddedStore, Endpoint, Store
    from policygraph.rdf.terms import frame

__all__ = [
    "Answer",
    "Catalog",
    "CatalogError",
    "CheckResult",
    "Claim",
    "Dataset",
    "Difference",
    "DocumentError",
    "EmbeddedStore",
    "Endpoint",
    "EndpointError",
    "ExtraError",
    "FormatError",
    "NetworkError",
    "Parameter",
    "Passage",
    "PolicyGraphError",
    "PublicationError",
    "Query",
    "QueryError",
    "Resource",
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
    "analysis.centrality": ("bridges", "central"),
    "analysis.communities": ("communities",),
    "analysis.comparison": ("compare", "summary"),
    "analysis.crosswalk": ("crosswalk",),
    "analysis.datacube": ("observations",),
    "analysis.gaps": ("isolated", "levels", "overlaps"),
    "analysis.network": ("narrowed", "network", "simple"),
    "analysis.paths": ("paths",),
    "catalog.catalog": ("Catalog", "Dataset"),
    "catalog.query": ("Parameter", "Query"),
    "catalog.resource": ("Claim", "Passage", "Resource"),
    "check.ontology": ("CheckResult", "assess"),
    "check.shacl": ("validate",),
    "explorer.page": ("view",),
    "rdf.diff": ("Difference", "difference"),
    "rdf.formats": ("export", "write"),
    "rdf.store": ("Answer", "EmbeddedStore", "Endpoint", "Store"),
    "rdf.terms": ("frame",),
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
