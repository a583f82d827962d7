"""Who is next: a few things that many clients want, one client each, in turns that a crowd cannot take away.

Clients take turns, however much each of them asks. One client's oldest wish is next while waiting is short;
in a crowd every second turn goes to its newest (after adaptive LIFO: B. Maurer, "Fail at Scale", ACM Queue
13(8), 2015), so that neither who came just before the crowd nor who comes later waits for all of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar, cast

T = TypeVar("T")


class ClientGone(Exception):  # noqa: N818  it says what to do
    """No turn came: "busy" when there are too many wishes, "flood" when most of them are this client's."""


class _Wish(NamedTuple):
    since: float
    granted: asyncio.Future[object]


class FairQueue(Generic[T]):
    """Things to be taken and given back; at most `most` wishes wait, none longer than `longest` seconds.

    A queue whose oldest wish is older than `crowded` seconds is a crowd. `spare` gives a thing that is in use
    and yet can be shared, if there is one.
    """

    def __init__(
        self, *, most: int, longest: float, crowded: float, spare: Callable[[], T | None] = lambda: None
    ) -> None:
        self._most, self._longest, self._crowded, self._spare = most, longest, crowded, spare
        self._resting: list[T] = []
        self._queues: dict[str, deque[_Wish]] = {}
        self._newest = self._closed = False

    async def take(self, client: str) -> T:
        """The next thing that is free; Away when none is in time."""
        if self._closed:
            raise ClientGone("busy")
        if not self._queues and (spare := self._spare()) is not None:
            return spare
        if self._resting:
            return self._resting.pop()  # the one used last, whose memory is warm
        loop = asyncio.get_running_loop()
        if sum(map(len, self._queues.values())) >= self._most:
            self._shed()
        wish = _Wish(loop.time(), loop.create_future())
        self._queues.setdefault(client, deque()).append(wish)
        timer = loop.call_later(self._longest, _refuse, wish, "busy")
        try:
            return cast(T, await wish.granted)
        except asyncio.CancelledError:
            if wish.granted.done() and not wish.granted.cancelled() and not wish.granted.exception():
                self.give(cast(T, wish.granted.result()))  # it came to someone who has just left
            raise
        finally:
            timer.cancel()
            queue = self._queues.get(client)
            if queue and wish in queue:
                queue.remove(wish)
                if not queue:
                    del self._queues[client]

    def give(self, thing: T, *, shared: bool = False) -> None:
        """Hand a thing to the next in turn, or let it rest unless it is still in use by another."""
        now = asyncio.get_running_loop().time()
        while self._queues:
            client, queue = next(iter(self._queues.items()))
            del self._queues[client]
            crowd = now - queue[0].since > self._crowded
            self._newest = crowd and not self._newest
            wish = queue.pop() if self._newest else queue.popleft()
            if queue:
                self._queues[client] = queue  # behind the others
            if not wish.granted.done():
                wish.granted.set_result(thing)
                return
        if not shared:
            self._resting.append(thing)

    def remove(self, thing: T) -> None:
        """Forget a thing that is of no use any more."""
        if thing in self._resting:
            self._resting.remove(thing)

    def close(self) -> None:
        """Send everybody away."""
        self._closed = True
        for queue in self._queues.values():
            for wish in queue:
                _refuse(wish, "busy")

    def _shed(self) -> None:
        """Send away one wish of whoever has most, from the middle, which has the longest to wait."""
        queue = max(self._queues.values(), key=len)
        middle = (len(queue) - 1) // 2
        _refuse(queue[middle], "flood" if len(self._queues) > 1 else "busy")
        del queue[middle]
        if not queue:
            self._queues = {client: others for client, others in self._queues.items() if others}


def _refuse(wish: _Wish, why: str) -> None:
    if not wish.granted.done():
        wish.granted.set_exception(ClientGone(why))
