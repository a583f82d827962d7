"""Share a few workers among many clients with a fair queue.

Clients take turns, however many requests each of them has waiting. A client's oldest request is next; under
overload every second turn goes to its newest (after adaptive LIFO: B. Maurer, "Fail at Scale", ACM Queue
13(8), 2015), so that neither those who came just before the overload nor later ones wait for all of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, NamedTuple, TypeVar, cast

T = TypeVar("T")


class Rejected(Exception):  # noqa: N818  it becomes an outcome
    """No item was free in time: "busy" when too many requests wait, "flood" when most are this client's."""


class _Waiter(NamedTuple):
    since: float
    item: asyncio.Future[object]


class FairQueue(Generic[T]):
    """A pool of items that clients take and give back, and a queue of clients who wait for one.

    Args:
        max_waiting: how many requests may wait.
        max_wait: how long one may wait, in seconds.
        overload: a client's queue is overloaded when its oldest request has waited so many seconds.
    """

    def __init__(self, *, max_waiting: int, max_wait: float, overload: float) -> None:
        self._max_waiting, self._max_wait, self._overload = max_waiting, max_wait, overload
        self._idle: list[T] = []
        self._queues: dict[str, deque[_Waiter]] = {}
        self._newest = self._closed = False

    async def take(self, client: str) -> T:
        """Take the next free item; raise `Rejected` when none is free in time."""
        if self._closed:
            raise Rejected("busy")
        if self._idle:
            return self._idle.pop()  # the one used last, whose memory is warm
        loop = asyncio.get_running_loop()
        if sum(map(len, self._queues.values())) >= self._max_waiting:
            self._shed()
        waiter = _Waiter(loop.time(), loop.create_future())
        self._queues.setdefault(client, deque()).append(waiter)
        timer = loop.call_later(self._max_wait, _reject, waiter, "busy")
        try:
            return cast(T, await waiter.item)
        except asyncio.CancelledError:
            if waiter.item.done() and not waiter.item.cancelled() and not waiter.item.exception():
                self.give(cast(T, waiter.item.result()))  # the client has just left
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
        now = asyncio.get_running_loop().time()
        while self._queues:
            client, queue = next(iter(self._queues.items()))
            del self._queues[client]
            overloaded = now - queue[0].since > self._overload
            self._newest = overloaded and not self._newest
            waiter = queue.pop() if self._newest else queue.popleft()
            if queue:
                self._queues[client] = queue  # behind the others
            if not waiter.item.done():
                waiter.item.set_result(item)
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
        """Reject one request of the client with most, from the middle, which would wait longest."""
        queue = max(self._queues.values(), key=len)
        middle = (len(queue) - 1) // 2
        _reject(queue[middle], "flood" if len(self._queues) > 1 else "busy")
        del queue[middle]
        if not queue:
            self._queues = {client: others for client, others in self._queues.items() if others}


def _reject(waiter: _Waiter, reason: str) -> None:
    if not waiter.item.done():
        waiter.item.set_exception(Rejected(reason))
