"""Note what pages ask of a site's context, one by one, and ask it again for the next publication."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from policygraph.catalog.labels import Labels
from policygraph.store.index import Name
from policygraph.store.trace import Key, TracedStore
from policygraph.text import grouped

P = ParamSpec("P")
T = TypeVar("T")

_BATCH = 500  # things that are asked for together, so that what they name is in memory for a while only
_MADE: dict[str, Callable[..., Any]] = {}  # what is memoised, by the names that its notes have


def once(make: Callable[Concatenate[Any, P], T], *, stored: bool = False) -> Callable[Concatenate[Any, P], T]:
    """Memoise a function of a site context: each combination of arguments is computed once a context.

    What is `stored`, which is plain JSON, is not computed again by the next publication, if it is the same.
    """
    name = f"{make.__module__}:{make.__qualname__}"

    @wraps(make)
    def memoised(context: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key, memo = (name, *args, *kwargs.items()), context.memo
        if isinstance(context.store, TracedStore):
            return context.store.keep(key, partial(make, context, *args, **kwargs), stored=stored)
        if key not in memo:
            # One lock for all would let what takes a moment wait for what takes a minute.
            with context.locks.setdefault(make, threading.RLock()):
                if key not in memo:
                    memo[key] = make(context, *args, **kwargs)
        return memo[key]  # type: ignore[no-any-return]

    _MADE[name] = memoised
    return memoised


def by_key(
    make: Callable[Concatenate[Any, P], Mapping[str, T]],
) -> Callable[Concatenate[Any, P], Mapping[str, T]]:
    """As `once`, of a mapping whose values are noted one by one; who goes through it reads all of it."""
    whole = once(make)

    @wraps(make)
    def items(context: Any, /, *args: P.args, **kwargs: P.kwargs) -> Mapping[str, T]:
        return whole(context, *args, **kwargs) if context.live else _Items(context, whole, *args)

    return items


def door(context: Any, key: Key, make: Callable[[], T], read: Callable[[T], Any] = lambda value: value) -> T:
    """What `make` gives, noted by what is read of it, where what is read is noted."""
    return context.store.door(key, make, read=read) if isinstance(context.store, TracedStore) else make()


def again(context: Any, key: Key) -> None:
    """Read once more what a note is of."""
    name, *args = key
    if name == "item":
        _Items[Any](context, _MADE[args[0]], *args[1:-1]).get(args[-1])
    elif name == "ask":
        context.store.query(*args)
    elif name == "label":
        context.labels.learn(args) if args else iter(context.labels)
    elif name == "at":
        context.urls.at(*args)
    elif name in _MADE:
        _MADE[name](context, *args)
    else:
        of, _, attribute = name.rpartition(".")
        owners = {"Metadata": lambda: context.metadata, "Levels": lambda: context.levels}
        owners["Storyboard"] = partial(context.board, *args)
        owner = owners.get(of, lambda: context)()
        if callable(found := getattr(owner, attribute)):
            found(*args)


def compare(context: Any, keys: Iterable[Key]) -> None:
    """Read once more what notes are of resources and documents, which is sooner for many together."""
    asked = grouped((name, each) for name, *args in keys for each in args)
    for iris in _some(asked.get(".statements", ())):
        for iri, found in context.catalog.statements(iris, context.untraced).items():
            door(context, (".statements", iri), partial(as_rows, found))
    for paths in _some(asked.get(".described", ())):
        for path, triples in context.bounded(paths).items():
            door(context, (".described", path), partial(set, triples))


def as_rows(found: Iterable[Any]) -> set[tuple[Any, ...]]:
    """Rows by which to compare an answer, whose order is not the same each time."""
    return {(*row,) for row in found}


def _some(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + _BATCH] for start in range(0, len(names), _BATCH))


class NotedLabels(Labels):
    """Labels that are noted: what is known of each resource that is asked for, or of all."""

    def __init__(self, store: TracedStore, prefixes: Mapping[str, str]) -> None:
        super().__init__(store, prefixes=prefixes)
        self.store = store

    def learn(self, iris: Iterable[str]) -> None:
        """Read and note what is known of these resources."""
        for iri in (each for each in iris if ":" in each):  # what a blank node is called changes each time
            if not self.store.seen(key := ("label", iri)):
                self.store.door(key, partial(self.known, iri))

    def _all(self) -> Any:
        return self.store.door(("label",), lambda: None, read=lambda _: self._everything())

    def _everything(self) -> list[Any]:
        return [(each, self.known(each)) for each in {**self._labels, **self._classes, **self._claims}]

    def members(self) -> dict[str, list[str]]:
        """The resources of each class, which notes all."""
        self._all()
        return super().members()

    def names(self) -> Iterator[Name]:
        """All labels, which notes all."""
        self._all()
        return super().names()

    def __iter__(self) -> Iterator[str]:
        self._all()
        return super().__iter__()


class _Items(Mapping[str, T]):
    def __init__(self, context: Any, make: Callable[..., Mapping[str, T]], *args: Any) -> None:
        self._key: Key = ("item", f"{make.__module__}:{make.__qualname__}", *args)
        self._context, self._whole = context, partial(make, context, *args)

    def __getitem__(self, key: str) -> T:
        named = ":" in key or "/" in key  # unlike a blank node
        found = door(self._context, (*self._key, key), lambda: self._whole().get(key)) if named else None
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())
