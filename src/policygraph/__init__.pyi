"""The public names with their types; `__init__.py` reads here which module each is in."""

from policygraph.analysis.centrality import central as central
from policygraph.analysis.communities import communities as communities
from policygraph.analysis.comparison import compare as compare, summary as summary
from policygraph.analysis.crosswalk import crosswalk as crosswalk
from policygraph.analysis.measures import analyse as analyse
from policygraph.analysis.network import narrowed as narrowed, network as network
from policygraph.analysis.paths import paths as paths
from policygraph.authoring.conversion import (
    import_tables as import_tables,
    write_tables as write_tables,
)
from policygraph.authoring.draft import draft_tables as draft_tables
from policygraph.authoring.evidence import (
    validate as validate,
    verify as verify,
    write_evidence as write_evidence,
)
from policygraph.authoring.quotes import quote as quote
from policygraph.authoring.skeleton import new_dataset as new_dataset
from policygraph.catalog.catalog import Catalog as Catalog
from policygraph.catalog.push import push as push
from policygraph.catalog.query import Query as Query
from policygraph.catalog.resource import Claim as Claim, Resource as Resource
from policygraph.check.ontology import assess as assess
from policygraph.check.site.inspect import inspect as inspect
from policygraph.errors import PolicyGraphError as PolicyGraphError
from policygraph.explorer.export import pyvis as pyvis, write_network as write_network
from policygraph.explorer.page import view as view
from policygraph.rdf.formats import export as export
from policygraph.server.app import app as app
from policygraph.server.mcp import assistant as assistant
from policygraph.site.publish import publish as publish
from policygraph.store.answer import Answer as Answer
from policygraph.store.endpoint import Endpoint as Endpoint
from policygraph.store.kept import kept_stores as kept_stores
from policygraph.store.memory import EmbeddedStore as EmbeddedStore
from policygraph.store.protocols import Store as Store

__version__: str
