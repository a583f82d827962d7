"""One thing of the graph: found by the name a person has for it, and told with who says what about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.errors import ResourceError, nearest
from policygraph.i18n import natural, printable
from policygraph.rdf.namespaces import PREFIXES, compact, expand

if TYPE_CHECKING:
    import networkx as nx
    from pyoxigraph import QuerySolutions

    from policygraph.rdf.store import Store

_SHOWN = 12  # candidates in an error message; more would scroll the rest away


def find(store: Store, what: str, *, labels: str) -> str:
    """The IRI of the thing that `what` names: `<IRI>`, an absolute IRI, a CURIE or (the start of) a label.

    `labels` is the SPARQL text of a SELECT with ?thing and ?label. A whole label as written goes before one
    that differs in upper and lower case, and that before the start of one. ResourceError when nothing or more
    than one thing has such a name; its candidates are the things it may be.
    """
    what = what.strip()
    if what.startswith("<") or "://" in what or what.partition(":")[0] in PREFIXES:
        try:
            return expand(what)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a thing: {error}") from None
    wanted = what.casefold()
    exact: dict[str, str] = {}
    graph_triples: dict[str, str] = {}
    starts: dict[str, str] = {}
    known: dict[str, str] = {}
    for row in store.query(labels):  # type: ignore[union-attr]
        thing, label = row["thing"].value, row["label"].value
        folded = label.casefold()
        known.setdefault(folded, label)
        if label == what:
            exact.setdefault(thing, label)
        if folded == wanted:
            graph_triples.setdefault(thing, label)
        if wanted and folded.startswith(wanted):
            starts.setdefault(thing, label)
    found = exact or graph_triples or starts
    if len(found) == 1:
        return next(iter(found))
    if not found:
        close = nearest(wanted, known)
        for folded, label in known.items():
            close = close.replace(repr(folded), repr(label))
        raise ResourceError(f"No label begins with {what!r}, in any language.{close}")
    listed = [
        f"  {printable(label)}  {compact(thing)}"
        for thing, label in sorted(found.items(), key=lambda item: item[1])
    ]
    more = [f"  and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    raise ResourceError(
        "\n".join([f"{what!r} may be any of these; name one by its CURIE:", *listed[:_SHOWN], *more]),
        candidates=tuple(found),
    )


def format_statements(statements: QuerySolutions, *, width: int | None = None) -> str:
    """Statements as text: each arrow, relation and thing once, with the claims behind it indented below.

    `statements` has ?direction, ?relation, ?other and, of each claim, ?basis, ?strength, ?rationale,
    ?document and ?passages (one a line), any of which may be unbound. No line is longer than `width`
    columns; without a width, none is wrapped.
    """
    from textwrap import wrap

    def put(text: str, indent: int) -> None:
        text = printable(text)
        lines.extend(wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))
                     if width else [" " * indent + text])  # fmt: skip

    lines: list[str] = []
    before = ""
    for row in statements:
        cells = {name: _text(row[name]) for name in _STATEMENT}
        line = "{direction} {relation}: {other}".format_map(cells)
        if line != before:
            put(line, 0)
            before = line
        basis = ", ".join(cells[name] for name in ("basis", "strength") if cells[name])
        if said := ": ".join(part for part in (basis, cells["rationale"]) if part):
            put(said, 4)
        for evidence in filter(
            None, [cells["document"], *sorted(cells["passages"].split("\n"), key=natural)]
        ):
            put(evidence, 4)
    return "\n".join([*lines, ""])


_STATEMENT = ("direction", "relation", "other", "basis", "strength", "rationale", "document", "passages")


def _text(term: object) -> str:
    if isinstance(term, NamedNode):
        return compact(term.value)
    return "" if term is None else getattr(term, "value", str(term))


_TYPE = PREFIXES["rdf"] + "type"
# What a page says in another place than among the facts: what a thing is, what it is called, what it means.
SHOWN_ELSEWHERE = frozenset(
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


class Passage(NamedTuple):
    """A passage of a document: its IRI, its section, from and to which character, and its words."""

    iri: str
    section: str
    start: int
    end: int
    words: Any = None


class Claim(NamedTuple):
    """Who says so: on what basis, how strongly, why (a literal), by whom, in which document, and where."""

    iri: str
    basis: str
    strength: str
    rationale: Any
    curator: str
    documents: tuple[str, ...]
    passages: tuple[Passage, ...]


class Statement(NamedTuple):
    """A property and what stands at its other end (a term), with the claims behind it."""

    outward: bool
    predicate: str
    other: Any
    claims: tuple[Claim, ...] = ()

    @property
    def is_link(self) -> bool:
        """Whether the other end is a thing, and not a value."""
        return not hasattr(self.other, "datatype")


class Resource:
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
            if each.outward == outward and each.is_link == links and each.predicate not in SHOWN_ELSEWHERE:
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


def _claim(iri: str, rows: list[Any]) -> Claim:
    first = rows[0]
    places = {row["passage"].value: row for row in rows if row["passage"] is not None}
    passages = [
        Passage(
            place, row["section"].value, int(row["from"].value), int(row["to"].value), row["words"]
        )
        for place, row in places.items()
    ]  # fmt: skip
    documents = dict.fromkeys(row["document"].value for row in rows if row["document"] is not None)
    return Claim(
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


_ABOUT = """CONSTRUCT {{ ?about ?p ?o . ?s ?q ?about . ?c ?r ?v . ?b ?t ?w . ?d ?u ?x }} WHERE {{
  VALUES ?about {{ {iris} }}
  {{ ?about ?p ?o }}
  UNION {{ ?about ?first ?b FILTER(isBlank(?b)) ?b ?t ?w }}
  UNION {{ ?about ?first ?middle FILTER(isBlank(?middle)) ?middle ?second ?d FILTER(isBlank(?d)) ?d ?u ?x }}
  UNION {{ ?s ?q ?about FILTER(!isBlank(?s)) }}
  UNION {{ ?c rdf:subject ?about ; ?r ?v }}
  UNION {{ ?c rdf:object ?about ; ?r ?v }}
}}"""
_CALLED = """CONSTRUCT {{ ?s ?p ?name }} WHERE {{
  VALUES ?s {{ {iris} }} VALUES ?p {{ skos:prefLabel rdfs:label dct:title }}
  ?s ?p ?name FILTER(isLiteral(?name))
}}"""
_GRAPHS = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ <{iri}> a owl:Ontology }} GRAPH ?g {{ ?s ?p ?o }} }}"
_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"
_MANY = 500  # IRIs in one question


def bounded_description(store: Store, iris: Sequence[str]) -> set[Triple]:
    """What a document about these things holds."""
    found: set[Triple] = set()
    for part in _parts(iris):
        found |= _asked(store, _ABOUT.format(iris=part))
    found |= {triple for iri in iris for triple in _asked(store, _GRAPHS.format(iri=iri))}
    named = {term.value for triple in found for term in triple if isinstance(term, NamedNode)}
    for part in _parts(sorted(named)):
        found |= _asked(store, _CALLED.format(iris=part))
    return found


def graph_triples(store: Store, iri: str) -> set[Triple]:
    """A named graph."""
    return _asked(store, _GRAPH.format(iri=iri))


def document_metadata(
    document: str, topic: str, record: Mapping[str, str], *, names: Iterable[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """What a document says of itself: its topic, names, licence, and what it is part of, where known."""
    this = NamedNode(document)

    def said(property_: str, value: NamedNode | Literal) -> Triple:
        prefix, _, local = property_.partition(":")
        return Triple(this, NamedNode(PREFIXES[prefix] + local), value)

    yield said("rdf:type", NamedNode(PREFIXES["foaf"] + "Document"))
    yield said("foaf:primaryTopic", NamedNode(topic))
    if record.get("license"):
        yield said("dct:license", NamedNode(record["license"]))
    for text, language in names:
        yield said("dct:title", Literal(text, language=language) if language else Literal(text))
    if record.get("iri") and record["iri"] != topic:
        yield said("dct:isPartOf", NamedNode(record["iri"]))


def _parts(iris: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(iris), _MANY):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _MANY])


def _asked(store: Store, text: str) -> set[Triple]:
    answer: Iterable[Triple] = store.query(text)  # type: ignore[assignment]
    return set(answer)
