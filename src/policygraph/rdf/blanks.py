"""Describe blank nodes by what is said of them: constructs of OWL, lists, an order that needs no names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Triple

from policygraph.rdf.namespaces import Prefixes, compact, property_order
from policygraph.rdf.terms import TYPE, Term
from policygraph.text import grouped

_ON = ("owl:onProperty", "owl:onClass", "owl:onDataRange")
_LONG = 200  # items of a list that a page shows
_DEPTH = 4  # of blank nodes within each other
Ask = Callable[[str], Iterable[Any]]  # gives the rows of a SELECT


class BlankNodes:
    """What is said of the blank nodes of a store, which `every` reads at once, and of parts of documents."""

    def __init__(self, ask: Ask, every: Ask, prefixes: Prefixes) -> None:
        self._ask, self._all, self._order = ask, every, partial(property_order, prefixes=prefixes)

    @cached_property  # since the notes of what names one are of all that is said of any
    def _about(self) -> Mapping[str, list[tuple[str, Term]]]:
        return _grouped(self._all("SELECT ?s ?p ?o { ?s ?p ?o FILTER(isBlank(?s)) }"))

    @cached_property
    def _owners(self) -> Mapping[str, list[tuple[str, Term]]]:
        return _grouped(self._all("SELECT ?s ?p ?o { ?o ?p ?s FILTER(isIRI(?o) && isBlank(?s)) }"))

    def owners(self, node: Term) -> list[tuple[str, Term]]:
        """The named things whose descriptions a blank node is a part of, each with the property."""
        return sorted(self._owners.get(node.value, ()), key=str) if isinstance(node, BlankNode) else []

    def expression(self, node: Term) -> tuple[str, list[Term]]:
        """The construct of OWL that a blank node is, or `rdf:List`, by CURIE, and its operands; or ""."""
        about = self._by_curie(node)
        if items := self._items(about):
            return "rdf:List", items
        if "owl:onProperty" in about and (names := [name for name in about if name not in _ON]):
            return names[0], [about[each] for each in (_ON[0], names[0], *_ON[1:]) if each in about]
        name = next((each for each in about if each.startswith("owl:")), "")
        return name, (self._items(self._by_curie(about[name])) or [about[name]]) if name else []

    def _by_curie(self, node: Term | None) -> dict[str, Term]:
        return {compact(p): o for p, o in self.inside(node)} if isinstance(node, BlankNode) else {}

    def _items(self, about: Mapping[str, Term]) -> list[Term]:
        """The items of the list that begins at a node of which this is said."""
        items: list[Term] = []
        while "rdf:first" in about and len(items) < _LONG:
            items.append(about["rdf:first"])
            about = self._by_curie(about.get("rdf:rest"))
        return items

    def inside(self, node: BlankNode | NamedNode, depth: int = _DEPTH) -> list[tuple[str, Term]]:
        """What is said of a resource without a name, in an order that does not depend on its number."""
        if isinstance(node, NamedNode):
            known = [(row["p"].value, row["o"]) for row in self._ask(f"SELECT ?p ?o {{ {node} ?p ?o }}")]
        else:
            known = self._about.get(node.value, [])
        known = [each for each in known if each[0] != TYPE.value] or known
        return sorted(known, key=lambda each: (self._order(each[0]), self.spelled(each[1], depth)))

    def close(self, found: set[Triple]) -> None:
        """Add to triples what is said of the blank nodes that they lead to, at any depth."""
        known, waiting = {each.subject for each in found}, [each.object for each in found]
        while waiting:
            node = waiting.pop()
            if isinstance(node, BlankNode) and node not in known:
                known.add(node)
                for name, value in self._about.get(node.value, ()):
                    found.add(Triple(node, NamedNode(name), value))
                    waiting.append(value)

    def spelled(self, term: Term, depth: int = _DEPTH) -> str:
        """A text of a term to sort by, in which a blank node is what is said of it, so many levels deep."""
        if not isinstance(term, BlankNode):
            return str(term)
        statements = self.inside(term, depth - 1) if depth else ()
        return " ".join(f"{name} {self.spelled(value, depth - 1)}" for name, value in statements)


def _grouped(rows: Iterable[Any]) -> Mapping[str, list[tuple[str, Term]]]:
    return grouped((row["s"].value, (row["p"].value, row["o"])) for row in rows)
