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

if TYPE_CHECKING:  # for type checkers, the same as `_HOMES`
    from policygraph.analysis.centrality import central as central
    from policygraph.analysis.communities import communities as communities
    from policygraph.analysis.comparison import compare as compare, summary as summary
    from policygraph.analysis.crosswalk import crosswalk as crosswalk
    from policygraph.analysis.measures import analyse as analyse
    from policygraph.analysis.network import narrowed as narrowed, network as network
    from policygraph.analysis.paths import paths as paths
    from policygraph.authoring.evidence import verify as verify
    from policygraph.authoring.evidence_page import write_evidence as write_evidence
    from policygraph.authoring.quotation import quote as quote
    from policygraph.authoring.skeleton import new_dataset as new_dataset
    from policygraph.authoring.tables.conversion import (
        import_tables as import_tables,
        write_tables as write_tables,
    )
    from policygraph.catalog.catalog import Catalog as Catalog
    from policygraph.catalog.push import push as push
    from policygraph.catalog.query import Query as Query
    from policygraph.catalog.resource import Claim as Claim, Resource as Resource
    from policygraph.check.ontology import assess as assess
    from policygraph.check.shacl import validate as validate
    from policygraph.check.site.inspect import inspect as inspect
    from policygraph.errors import PolicyGraphError as PolicyGraphError
    from policygraph.explorer.export import pyvis as pyvis, write_network as write_network
    from policygraph.explorer.page import view as view
    from policygraph.rdf.answer import Answer as Answer
    from policygraph.rdf.formats import export as export
    from policygraph.rdf.store import EmbeddedStore as EmbeddedStore, Endpoint as Endpoint, Store as Store
    from policygraph.server.app import app as app
    from policygraph.server.mcp import assistant as assistant
    from policygraph.site.webserver import publish as publish

    __version__: str

_HOMES = {
    "analysis.centrality": ("central",),
    "analysis.communities": ("communities",),
    "analysis.comparison": ("compare", "summary"),
    "analysis.crosswalk": ("crosswalk",),
    "analysis.measures": ("analyse",),
    "analysis.network": ("narrowed", "network"),
    "analysis.paths": ("paths",),
    "authoring.evidence": ("verify",),
    "authoring.evidence_page": ("write_evidence",),
    "authoring.quotation": ("quote",),
    "authoring.skeleton": ("new_dataset",),
    "authoring.tables.conversion": ("import_tables", "write_tables"),
    "catalog.catalog": ("Catalog",),
    "catalog.push": ("push",),
    "catalog.query": ("Query",),
    "catalog.resource": ("Claim", "Resource"),
    "check.ontology": ("assess",),
    "check.shacl": ("validate",),
    "check.site.inspect": ("inspect",),
    "errors": ("PolicyGraphError",),
    "explorer.export": ("pyvis", "write_network"),
    "explorer.page": ("view",),
    "rdf.answer": ("Answer",),
    "rdf.formats": ("export",),
    "rdf.store": ("EmbeddedStore", "Endpoint", "Store"),
    "server.app": ("app",),
    "server.mcp": ("assistant",),
    "site.webserver": ("publish",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    # Modules are imported when a name of theirs is first asked for, to keep the start cheap.
    if name not in (*__all__, "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _version() if name == "__version__" else getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
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
