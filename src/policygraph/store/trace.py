"""Note what results are made of, so that they need not be made again while that stays as it was.

A frame collects the keys of what is read within it: answers of the store, values that are kept, whose own
needs are noted too, and values behind a door, which are asked anew to compare them. See "Build Systems à la
Carte" (https://doi.org/10.1145/3236774), where this is called a verifying trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import pyoxigraph as ox

from policygraph.rdf.terms import canonical
from policygraph.store.protocols import EVERY, QuadStore, Results, Store, rows

T = TypeVar("T")
Key = tuple[Any, ...]  # texts and numbers, the first of which says what it is

EACH_TIME: Key = ("",)
_REMEMBERED = 500  # answers
_PLAIN = (str, int, float, type(None))
_TERMS = (ox.NamedNode, ox.Literal, ox.Triple)
_CELLS = {ox.NamedNode, ox.Literal, type(None)}
_OF_BLANK = "SELECT ?s ?p ?o { ?s ?p ?o FILTER(isBlank(?s) || isBlank(?o)) }"


class Note(NamedTuple):
    """The digest of a value, None where it has none, and what it was made of, None where it is asked anew.

    A `value` that costs more than it takes room stands there itself.
    """

    digest: str | None
    needs: Set[Key] | None = None
    value: Any = None


class _Frame:
    """What collects keys; a class, since one that is made by a generator takes twice the time."""

    def __init__(self, store: TracedStore, found: set[Key] | None) -> None:
        self._store, self._found = store, found

    def __enter__(self) -> Any:
        self._store.frames.append(self._found)
        return self._found

    def __exit__(self, fault: object, *_: object) -> None:
        self._store.frames.pop()
        if fault:  # it is not known what that was made of
            self._store.volatile()


class TracedStore(Store):
    """A store whose answers are noted, and values that are made of them."""

    def __init__(self, store: Store) -> None:
        self._store, self.frames = store, list[set[Key] | None]()
        self.prefixes, self.base, self.url, self.index = store.prefixes, store.base, store.url, store.index
        self.notes: dict[Key, Note] = {}
        self.fresh: dict[Key, Note] = {}  # those since somebody emptied this
        self._values: dict[Key, Any] = {}
        self._answers: dict[str, Callable[[], Results]] = {}  # the latest, since many pages ask the same

    def query(self, text: str) -> Results:
        """Run a SPARQL query and note its answer."""
        return self._noted(text, self._store.query)

    def counted(self, text: str) -> Results:
        """The same of a query that goes through everything."""
        return self._noted(text, self._store.counted)

    def _noted(self, text: str, ask: Callable[[str], Results]) -> Results:
        key, noting = ("ask", text), bool(self.frames) and self.frames[-1] is not None
        if text not in self._answers:
            with self.frame():
                answer = ask(text)
            if not noting:
                return answer
            give, spelled = _repeated(answer)
            self._note(key, spelled)
            self._answers[text] = give
            if len(self._answers) > _REMEMBERED:
                del self._answers[next(iter(self._answers))]
        else:
            self._answers[text] = self._answers.pop(text)  # as the latest
            self._note(key, None)  # which is noted already
        return self._answers[text]()

    def __iter__(self) -> Iterator[ox.Quad]:
        self.volatile()  # what goes through all quads reads all of them
        return iter(cast(QuadStore, self._store))

    def frame(self, *, apart: bool = False) -> _Frame:
        """Collect what is read within; `apart`, nothing is noted."""
        return _Frame(self, None if apart else set())

    def volatile(self) -> None:
        """Note that what is made here is to be made each time."""
        self._note(EACH_TIME, object())  # which has no digest

    def _note(self, key: Key, value: Any) -> None:
        if self.frames and (top := self.frames[-1]) is not None:
            top.add(key)
            if key not in self.notes:
                self.notes[key] = self.fresh[key] = Note(self._digest(value))

    def door(self, key: Key, make: Callable[[], T], *, read: Callable[[T], Any] = lambda value: value) -> T:
        """What `make` gives, noted by what is read of it alone and not by what it was made of."""
        with self.frame(apart=True):
            value = make()
            spelled = None if key in self.notes else read(value)
        self._note(key, spelled)
        return value

    def seen(self, key: Key) -> bool:
        """Whether there is a note of this already, which is then read here too."""
        if found := key in self.notes:
            self._note(key, None)
        return found

    def keep(self, key: Key, make: Callable[[], T], *, stored: bool = False) -> T:
        """What `make` gives, which is called once, noted with what it was made of; and itself if `stored`."""
        if key not in self._values:
            with self.frame() as needs:
                self._values[key] = value = make()
            self.notes[key] = self.fresh[key] = Note(self._digest(value), needs, value if stored else None)
        self._note(key, None)
        return self._values[key]  # type: ignore[no-any-return]

    def unchanged(
        self,
        old: Sequence[tuple[Key, str | None, Sequence[int] | None, Any]],
        again: Callable[[Key], object],
        compare: Callable[[Iterable[Key]], object],
    ) -> list[bool]:
        """Which notes of another time still hold; `again` reads what a key names.

        `compare` does so for many, and may leave some out. Needs are named by their numbers. What a value was
        made of is looked at first, and only where that is no more the same, the value.
        """
        known: dict[int, bool] = {}
        with self.frame():
            compare(key for key, _, needs, _ in old if needs is None)

        def holds(number: int) -> bool:
            if number not in known:
                key, digest, needs, value = old[number]
                # All of them, so that what is to be made again finds those that hold.
                if needs is not None and all([holds(each) for each in needs]):  # noqa: C419
                    self.notes.setdefault(key, Note(digest, {old[each][0] for each in needs}, value))
                    if value is not None:
                        self._values.setdefault(key, value)
                    known[number] = True
                else:
                    if digest and key not in self.notes:
                        with self.frame(), suppress(Exception):  # what is no more there is not unchanged
                            again(key)
                    known[number] = bool(digest) and self.notes.get(key, Note(None)).digest == digest
            return known[number]

        return [*map(holds, range(len(old)))]

    @cached_property
    def _blank(self) -> str:
        """What stands for each blank node: a digest of all that is said of any, since they have no names."""
        found = (ox.Triple(row["s"], row["p"], row["o"]) for row in rows(self._store, _OF_BLANK))
        return sha256("".join(sorted(map(str, canonical(found)))).encode()).hexdigest()

    def _digest(self, value: Any) -> str | None:
        """A digest of a value; None for one that is of other than plain types."""
        try:
            return sha256("".join(self._spell(value)).encode("utf-8", "surrogatepass")).hexdigest()[:24]
        except TypeError:
            return None

    def _spell(self, value: Any) -> Iterator[str]:
        if isinstance(value, _PLAIN):
            yield repr(value)
        elif isinstance(value, tuple) and {*map(type, value)} <= _CELLS:  # a row, of which there are most
            yield "\t".join(map(str, value))
        elif isinstance(value, bytes):
            yield sha256(value).hexdigest()
        elif isinstance(value, ox.BlankNode):
            yield self._blank
        elif isinstance(value, _TERMS) and "_:" not in (text := str(value)):
            yield text
        elif isinstance(value, ox.Literal | ox.NamedNode | Path):
            yield str(value)
        elif hasattr(value, "noted"):  # that part of it which is shown
            yield from self._spell(value.noted)
        elif hasattr(value, "adj"):  # a network
            yield from self._spell([value.graph, [*value.nodes(data=True)], [*value.edges(data=True)]])
        elif (
            isinstance(value, Set)
            and {*map(type, value)} == {ox.Triple}
            and b"_:" not in (lines := ox.serialize(value, format=ox.RdfFormat.N_TRIPLES) or b"")
        ):  # as below, but sooner
            yield sha256(b"".join(sorted(lines.split(b"\n")))).hexdigest()
        elif isinstance(value, Set):
            yield f"{{{sorted(''.join(self._spell(each)) for each in value)}}}"
        elif isinstance(value, Mapping | list | tuple | ox.QuerySolution | ox.Triple):
            yield f"{type(value).__name__}("
            for each in value.items() if isinstance(value, Mapping) else value:
                yield from self._spell(each)
                yield ","
            yield ")"
        else:
            raise TypeError(type(value))


def _repeated(answer: Results) -> tuple[Callable[[], Results], Any]:
    """What gives an answer as often as it is asked for, and what to compare it by."""
    if isinstance(answer, ox.QuerySolutions):
        parse = partial(ox.parse_query_results, format=ox.QueryResultsFormat.JSON)
        written = answer.serialize(format=ox.QueryResultsFormat.JSON) or b""
        # Blank nodes have other names each time, by which their rows are in another order.
        solutions: Any = parse(written) if b'"bnode"' in written else ()
        return partial(parse, written), {(*row,) for row in solutions} or written
    if isinstance(answer, ox.QueryTriples):
        store, found = ox.Store(), {*answer}
        store.extend(ox.Quad(*each) for each in found)
        return partial(store.query, EVERY), found
    return lambda: answer, bool(answer)


class kept(cached_property[T]):  # noqa: N801  as the one of the standard library
    """A property that is made once; where the object's `store` notes what is read, by its notes.

    An object that is not the only one of its class has a `key`.
    """

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> T:  # type: ignore[override]
        if instance is None or not isinstance(store := instance.store, TracedStore):
            return super().__get__(instance, owner)  # type: ignore[no-any-return]
        key = (f"{owner.__name__ if owner else ''}.{self.attrname}", *getattr(instance, "key", ()))
        return store.keep(key, lambda: self.func(instance))
