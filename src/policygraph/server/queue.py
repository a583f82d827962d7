"""Share a few workers among many clients with a fair queue.

Clients take turns, however many requests each of them has waiting; a client's oldest request is next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Rejected(Exception):  # noqa: N818  it becomes an outcome
    """No item was free in time: "busy" when too many requests wait, "flood" when most are this client's."""


class FairQueue(Generic[T]):
    """A pool of items that clients take and give back, and a queue of clients who wait for one.

    Args:
        max_waiting: how many requests may wait.
        max_wait: how long one may wait, in seconds.
    """

    def __init__(self, *, max_waiting: int, max_wait: float) -> None:
        self._max_waiting, self._max_wait = max_waiting, max_wait
        self._idle: list[T] = []
        self._queues: dict[str, deque[asyncio.Future[object]]] = {}
        self._closed = False

    async def take(self, client: str) -> T:
        """Take the next free item; raise `Rejected` when none is free in time."""
        if self._closed:
            raise Rejected("busy")
        if self._idle:
            return self._idle.pop()  # the one used last, whose memory is warm
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[object] = loop.create_future()
        self._queues.setdefault(client, deque()).append(waiter)
        if sum(map(len, self._queues.values())) > self._max_waiting:
            self._shed()
        timer = loop.call_later(self._max_wait, _reject, waiter, "busy")
        try:
            return cast(T, await waiter)
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self.give(cast(T, waiter.result()))  # the client has just left
            raise
        finally:
            timer.cancel()
            queue = self._queues.get(client)
            if queue and waiter in queue:
                queue.remove(waiter)
                if not queue:
                    del self._queues[client]

    def give(self, item: T) -> None:
        """Give an item to the next client, or put it back."""
        while self._queues:
            client, queue = next(iter(self._queues.items()))
            del self._queues[client]
            waiter = queue.popleft()
            if queue:
                self._queues[client] = queue  # behind the others
            if not waiter.done():
                waiter.set_result(item)
                return
        self._idle.append(item)

    def remove(self, item: T) -> None:
        """Remove an item that can no longer be used."""
        if item in self._idle:
            self._idle.remove(item)

    def close(self) -> None:
        """Reject all who wait, and all who come."""
        self._closed = True
        for queue in self._queues.values():
            for waiter in queue:
                _reject(waiter, "busy")

    def _shed(self) -> None:
        """Reject the last request of the client with most, which would wait longest."""
        queue = max(self._queues.values(), key=len)
        _reject(queue.pop(), "flood" if len(self._queues) > 1 else "busy")
        if not queue:
            self._queues = {client: others for client, others in self._queues.items() if others}


def _reject(waiter: asyncio.Future[object], reason: str) -> None:
    if not waiter.done():
        waiter.set_exception(Rejected(reason))
