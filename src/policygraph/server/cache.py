"""Answers kept for the next who asks: as many as fit; what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LRUCache(Generic[T]):
    """What was made, by key; `size` is how much of it is kept, and `weight` how much one takes, in bytes."""

    def __init__(self, size: int, weight: Callable[[T], int]) -> None:
        self._size, self._weight, self._used = size, weight, 0
        self._made: OrderedDict[object, T] = OrderedDict()

    def get(self, key: object) -> T | None:
        """What is kept under a key."""
        found = self._made.get(key)
        if found is not None:
            self._made.move_to_end(key)
        return found

    def put(self, key: object, made: T) -> None:
        """Keep something, unless it would take the place of too many others."""
        weight = self._weight(made)
        if key in self._made or weight > self._size // 8:
            return
        self._made[key] = made
        self._used += weight
        while self._used > self._size:
            self._used -= self._weight(self._made.popitem(last=False)[1])
