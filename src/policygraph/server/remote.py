"""Strangers' questions passed on to another SPARQL service, where `workers` would answer them here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from policygraph.errors import EndpointError, QueryError
from policygraph.rdf.sparql import declare
from policygraph.rdf.store import Answer, Endpoint
from policygraph.server.evaluation import Limits, QueryJob, QueryOutcome, evaluate

if TYPE_CHECKING:
    import pyoxigraph


class RemotePool:
    """Asks a service in place of `Workers`, with the same limits on what comes back.

    `count` questions are asked at once and `waiting` wait; the time a question may take is the endpoint's.
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
        self._service = cast("pyoxigraph.Store", _Service(endpoint))
        self._free = asyncio.Semaphore(count)
        self._room = count + waiting

    async def __aenter__(self) -> RemotePool:
        self.healthy = True
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.healthy = False

    async def query(self, question: QueryJob, *, client: str = "") -> QueryOutcome:
        """What the service answers; `client` is whose question it is."""
        if not self._room:
            return QueryOutcome("busy")
        self._room -= 1
        try:
            async with self._free:
                return await asyncio.to_thread(evaluate, self._service, question, self.limits)
        except EndpointError:  # its message names the service, which may not be for everyone
            return QueryOutcome("failed")
        finally:
            self._room += 1


class _Service:
    """A service with the method of a pyoxigraph store."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def query(self, text: str, **options: Any) -> Answer:
        if "default_graph" in options or "named_graphs" in options:
            raise QueryError("name graphs in the query, with FROM; this service takes them nowhere else.")
        return self._endpoint.query(declare(text))
