"""What a government has said it will do, as a graph you can question.

import policygraph as pg

catalog = pg.Catalog.find()
print(catalog.ask("plans-in-force", year=2014))
graph = pg.network(catalog)
print(pg.paths(graph, "NemID", "Job creation"))
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
    from policygraph.analysis.exchange import write_network
    from policygraph.analysis.gaps import isolated, levels, overlaps
    from policygraph.analysis.measures import analyse
    from policygraph.analysis.network import narrowed, network, simple
    from policygraph.analysis.paths import paths
    from policygraph.authoring.evidence import Evidence, verify
    from policygraph.authoring.evidence_page import write_evidence
    from policygraph.authoring.quotation import Quotation, quote
    from policygraph.authoring.skeleton import new_dataset
    from policygraph.authoring.tables.conversion import import_tables, write_tables
    from policygraph.catalog.catalog import Catalog, Dataset
    from policygraph.catalog.query import Parameter, Query
    from policygraph.catalog.resource import Claim, Passage, Resource
    from policygraph.check.ontology import CheckResult, assess
    from policygraph.check.shacl import validate
    from policygraph.check.site.inspect import inspect
    from policygraph.errors import (
        CatalogError,
        DocumentError,
        EndpointError,
        EvidenceError,
        ExtraError,
        FormatError,
        NetworkError,
        PolicyGraphError,
        PublicationError,
        QueryError,
        ResourceError,
    )
    from policygraph.explorer.page import pyvis, view
    from policygraph.rdf.answer import Answer
    from policygraph.rdf.diff import Difference, difference
    from policygraph.rdf.formats import export, write
    from policygraph.rdf.store import EmbeddedStore, Endpoint, Store
    from policygraph.rdf.terms import frame
    from policygraph.server.app import app
    from policygraph.site.webserver import publish

    __version__: str

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
    "Evidence",
    "EvidenceError",
    "ExtraError",
    "FormatError",
    "NetworkError",
    "Parameter",
    "Passage",
    "PolicyGraphError",
    "PublicationError",
    "Query",
    "QueryError",
    "Quotation",
    "Resource",
    "ResourceError",
    "Store",
    "analyse",
    "app",
    "assess",
    "bridges",
    "central",
    "communities",
    "compare",
    "crosswalk",
    "difference",
    "export",
    "frame",
    "import_tables",
    "inspect",
    "isolated",
    "levels",
    "narrowed",
    "network",
    "new_dataset",
    "observations",
    "overlaps",
    "paths",
    "publish",
    "pyvis",
    "quote",
    "simple",
    "summary",
    "validate",
    "verify",
    "view",
    "write",
    "write_evidence",
    "write_network",
    "write_tables",
]

_HOMES = {
    "analysis.centrality": ("bridges", "central"),
    "analysis.communities": ("communities",),
    "analysis.comparison": ("compare", "summary"),
    "analysis.crosswalk": ("crosswalk",),
    "analysis.datacube": ("observations",),
    "analysis.exchange": ("write_network",),
    "analysis.gaps": ("isolated", "levels", "overlaps"),
    "analysis.measures": ("analyse",),
    "analysis.network": ("narrowed", "network", "simple"),
    "analysis.paths": ("paths",),
    "authoring.tables.conversion": ("import_tables", "write_tables"),
    "authoring.evidence": ("Evidence", "verify"),
    "authoring.evidence_page": ("write_evidence",),
    "authoring.quotation": ("Quotation", "quote"),
    "authoring.skeleton": ("new_dataset",),
    "catalog.catalog": ("Catalog", "Dataset"),
    "catalog.query": ("Parameter", "Query"),
    "catalog.resource": ("Claim", "Passage", "Resource"),
    "check.ontology": ("CheckResult", "assess"),
    "check.shacl": ("validate",),
    "check.site.inspect": ("inspect",),
    "explorer.page": ("pyvis", "view"),
    "rdf.answer": ("Answer",),
    "rdf.diff": ("Difference", "difference"),
    "rdf.formats": ("export", "write"),
    "rdf.store": ("EmbeddedStore", "Endpoint", "Store"),
    "rdf.terms": ("frame",),
    "server.app": ("app",),
    "site.webserver": ("publish",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    # Modules are imported when a name of theirs is first asked for, to keep the start cheap.
    if name not in (*__all__, "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = (
        _version()
        if name == "__version__"
        else getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
    )
    globals()[name] = value
    return value


def _version() -> str:
    """Return the version of the installed package, or else that in the pyproject.toml of its checkout."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("policygraph")
    except PackageNotFoundError:
        import tomllib
        from pathlib import Path

        text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
