"""What is known of one thing: each statement out of it and into it, with who says so, ready to be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.rdf.namespaces import PREFIXES

if TYPE_CHECKING:
    import networkx as nx

_TYPE = PREFIXES["rdf"] + "type"
# What a page says in another place than among the facts: what a thing is, what it is called, what it means.
SAID_ELSEWHERE = frozenset(
    PREFIXES[prefix] + local
    for prefix, local in (
        ("rdf", "type"),
        ("skos", "prefLabel"),
        ("skos", "altLabel"),
        ("skos", "definition"),
        ("rdfs", "label"),
        ("dct", "title"),
        ("dct", "description"),
        ("foaf", "name"),
    )
)
_CLAIMED = tuple(PREFIXES["rdf"] + local for local in ("subject", "predicate", "object"))  # as one says it
DESCRIBING = tuple(
    PREFIXES[p] + local for p, local in (("skos", "definition"), ("dct", "description"), ("rdfs", "comment"))
)


class Place(NamedTuple):
    """A passage of a document: its IRI, its section, from and to which character, and its words."""

    iri: str
    section: str
    start: int
    end: int
    words: Any = None


class Testimony(NamedTuple):
    """Who says so: on what basis, how strongly, why (a literal), by whom, in which document, and where."""

    iri: str
    basis: str
    strength: str
    rationale: Any
    curator: str
    documents: tuple[str, ...]
    passages: tuple[Place, ...]


class Statement(NamedTuple):
    """A property and what stands at its other end (a term), with the claims behind it."""

    outward: bool
    predicate: str
    other: Any
    claims: tuple[Testimony, ...] = ()

    @property
    def is_link(self) -> bool:
        """Whether the other end is a thing, and not a value."""
        return not hasattr(self.other, "datatype")


class Account:
    """What the rows of the question `evidence` say of a thing."""

    def __init__(self, iri: str, rows: Iterable[Any]) -> None:
        self.iri = iri
        self.statements = tuple(_statements(rows))
        outward = [each for each in self.statements if each.outward]
        self.classes = [each.other.value for each in outward if each.predicate == _TYPE]
        self.descriptions = [
            each.other for each in outward if each.predicate in DESCRIBING and not each.is_link
        ]

    def __bool__(self) -> bool:
        return bool(self.statements)

    def groups(self, *, outward: bool, links: bool) -> dict[str, list[Statement]]:
        """Statements of one direction, to things or of values, by property; not what is said elsewhere."""
        found: dict[str, list[Statement]] = {}
        for each in self.statements:
            if each.outward == outward and each.is_link == links and each.predicate not in SAID_ELSEWHERE:
                found.setdefault(each.predicate, []).append(each)
        return dict(
            sorted(found.items(), key=lambda item: _CLAIMED.index(item[0]) if item[0] in _CLAIMED else 3)
        )

    def connections(self) -> list[Statement]:
        """The statements that a claim stands behind, whichever way they go."""
        return [each for each in self.statements if each.claims and each.is_link]

    def star(self, name: Callable[[str], str], *, most: int = 10) -> nx.MultiDiGraph:
        """The thing in the middle, on its left what points to it, on its right what it points to.

        Of more than `most` on a side, the first are kept, those that a source states before others. `name`
        says what a relation is called.
        """
        import networkx as nx

        graph = nx.MultiDiGraph()
        graph.add_node(self.iri, layer=1)
        for outward in (False, True):
            side = [each for each in self.connections() if each.outward == outward]
            side.sort(key=lambda each: all(not claim.basis.endswith("/stated") for claim in each.claims))
            others = dict.fromkeys(each.other.value for each in side if each.other.value != self.iri)
            kept = list(others)[:most]
            graph.add_nodes_from((each for each in kept if each not in graph), layer=2 if outward else 0)
            for each in side:
                other = each.other.value
                ends = (self.iri, other) if outward else (other, self.iri)
                for claim in each.claims if other in kept else ():
                    relation = name(each.predicate)
                    graph.add_edge(*ends, relation=relation, basis=claim.basis, strength=claim.strength)
        return graph


def _statements(rows: Iterable[Any]) -> Iterator[Statement]:
    found: dict[tuple[bool, str, Any], dict[str, list[Any]]] = {}
    for row in rows:
        key = (row["direction"].value == "→", row["property"].value, row["other"])
        claims = found.setdefault(key, {})
        if row["claim"] is not None:
            claims.setdefault(row["claim"].value, []).append(row)
    for (outward, property_, other), claims in found.items():
        told = tuple(_claim(iri, said) for iri, said in claims.items())
        yield Statement(outward, property_, other, told)


def _claim(iri: str, rows: list[Any]) -> Testimony:
    first = rows[0]
    places = {row["passage"].value: row for row in rows if row["passage"] is not None}
    passages = [
        Place(
            place, row["section"].value, int(row["from"].value), int(row["to"].value), row["words"]
        )
        for place, row in places.items()
    ]  # fmt: skip
    documents = dict.fromkeys(row["document"].value for row in rows if row["document"] is not None)
    return Testimony(
        iri,
        _value(first["basis"]),
        _value(first["strength"]),
        first["rationale"],
        _value(first["curator"]),
        tuple(documents),
        tuple(sorted(passages, key=lambda each: (each.start, each.end))),
    )


def _value(term: Any) -> str:
    return "" if term is None else str(term.value)
