"""Forward untrusted queries to a remote SPARQL endpoint, in place of local worker processes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from policygraph.errors import EndpointError, QueryError
from policygraph.rdf.sparql import declare
from policygraph.rdf.store import Endpoint, Results
from policygraph.server.evaluation import Limits, QueryJob, QueryOutcome, evaluate

if TYPE_CHECKING:
    import pyoxigraph


class RemotePool:
    """A remote endpoint in place of a `WorkerPool`, with the same limits of a result.

    `count` queries run at once and `waiting` may wait; the timeout is the endpoint's.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        limits: Limits = Limits(),  # noqa: B008  it cannot change
        count: int = 8,
        waiting: int = 128,
    ) -> None:
        self.timeout, self.limits = endpoint.timeout, limits._replace(services=())
        self.healthy = False
        self._store = cast("pyoxigraph.Store", _EndpointStore(endpoint))
        self._free = asyncio.Semaphore(count)
        self._room = count + waiting

    async def __aenter__(self) -> RemotePool:
        self.healthy = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.healthy = False

    async def query(self, job: QueryJob, *, client: str = "") -> QueryOutcome:
        """Run a query on the endpoint; `client` is not used."""
        if not self._room:
            return QueryOutcome("busy")
        self._room -= 1
        try:
            async with self._free:
                return await asyncio.to_thread(evaluate, self._store, job, self.limits)
        except EndpointError:  # its message names the endpoint, which may be private
            return QueryOutcome("failed")
        finally:
            self._room += 1


class _EndpointStore:
    """An endpoint with the `query` method of a pyoxigraph store."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def query(self, text: str, **options: Any) -> Results:
        if "default_graph" in options or "named_graphs" in options:
            raise QueryError("name graphs in the query, with FROM; this endpoint takes no graph parameters.")
        return self._endpoint.query(declare(text, base=self._endpoint.base))
