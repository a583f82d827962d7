"""Describe one resource: find its IRI, group its statements and claims, collect the triples about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.errors import ResourceError, nearest
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, compact, expand
from policygraph.rdf.store import Store, rows
from policygraph.text import natural, printable

if TYPE_CHECKING:
    import networkx as nx
    from pyoxigraph import QuerySolutions


_CANDIDATES = 12  # shown in an error message; more would fill the terminal
_COLUMNS = ("direction", "relation", "other", "basis", "strength", "rationale", "document", "passages")
_BATCH = 500  # IRIs in one query

_TYPE = expand("rdf:type")
_REIFICATION = tuple(map(expand, ("rdf:subject", "rdf:predicate", "rdf:object")))  # in reading order
_DESCRIPTIONS = tuple(map(expand, ("skos:definition", "dct:description", "rdfs:comment")))
# Properties that a page leaves out of the facts, since it shows them elsewhere.
_SHOWN_ELSEWHERE = {_TYPE, *LABEL_PROPERTIES, *_DESCRIPTIONS} - {expand("rdfs:comment")}

_BOUNDED = """CONSTRUCT {{ ?about ?p ?o . ?s ?q ?about . ?c ?r ?v . ?b ?t ?w . ?d ?u ?x }} WHERE {{
  VALUES ?about {{ {iris} }}
  {{ ?about ?p ?o }}
  UNION {{ ?about ?first ?b FILTER(isBlank(?b)) ?b ?t ?w }}
  UNION {{ ?about ?first ?middle FILTER(isBlank(?middle)) ?middle ?second ?d FILTER(isBlank(?d)) ?d ?u ?x }}
  UNION {{ ?s ?q ?about FILTER(!isBlank(?s)) }}
  UNION {{ ?c rdf:subject ?about ; ?r ?v }}
  UNION {{ ?c rdf:object ?about ; ?r ?v }}
}}"""
_LABELS = f"""CONSTRUCT {{{{ ?s ?p ?label }}}} WHERE {{{{
  VALUES ?s {{{{ {{iris}} }}}} VALUES ?p {{{{ {" ".join(f"<{iri}>" for iri in LABEL_PROPERTIES[:-1])} }}}}
  ?s ?p ?label FILTER(isLiteral(?label))
}}}}"""
_ONTOLOGY = (
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ <{iri}> a owl:Ontology }} GRAPH ?g {{ ?s ?p ?o }} }}"
)
_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"


def find(store: Store, what: str, *, labels: str) -> str:
    """The IRI of the resource that `what` names: `<IRI>`, an absolute IRI, a CURIE or (the start of) a label.

    `labels` is a SELECT with ?thing and ?label. An equal label is preferred to one that differs in case, and
    that to one that only starts with `what`. ResourceError when no resource matches, or several do; those are
    its `candidates`.
    """
    what = what.strip()
    if what.startswith("<") or "://" in what or what.partition(":")[0] in PREFIXES:
        try:
            return expand(what)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a resource: {error}") from None
    return match(what, ((row["thing"].value, row["label"].value) for row in rows(store, labels)))


def match(what: str, labels: Iterable[tuple[str, str]]) -> str:
    """The thing that `what` names by its label, or the start of it, among things with labels.

    ResourceError as for `find`.
    """
    wanted = what.casefold()
    exact: dict[str, str] = {}
    any_case: dict[str, str] = {}
    starts: dict[str, str] = {}
    known: dict[str, str] = {}
    for thing, label in labels:
        folded = label.casefold()
        known.setdefault(folded, label)
        if label == what:
            exact.setdefault(thing, label)
        if folded == wanted:
            any_case.setdefault(thing, label)
        if wanted and folded.startswith(wanted):
            starts.setdefault(thing, label)
    matches = exact or any_case or starts
    if len(matches) == 1:
        return next(iter(matches))
    if not matches:
        close = nearest(wanted, known)
        for folded, label in known.items():
            close = close.replace(repr(folded), repr(label))
        raise ResourceError(f"No label begins with {what!r}, in any language.{close}")
    lines = [
        f"  {printable(label)}  {compact(thing)}"
        for thing, label in sorted(matches.items(), key=lambda item: item[1])
    ]
    more = [f"  and {len(lines) - _CANDIDATES} more"] if len(lines) > _CANDIDATES else []
    raise ResourceError(
        "\n".join([f"{what!r} may be any of these; name one by its CURIE:", *lines[:_CANDIDATES], *more]),
        candidates=tuple(matches),
    )


def format_statements(statements: QuerySolutions, *, width: int | None = None) -> str:
    """Format statements as text: each direction, relation and resource once, its claims indented below.

    `statements` has ?direction, ?relation, ?other and, of each claim, ?basis, ?strength, ?rationale,
    ?document and ?passages (one a line), any of which may be unbound. No line exceeds `width` columns;
    without it, none is wrapped.
    """
    from textwrap import wrap

    def put(text: str, indent: int) -> None:
        text = printable(text)
        lines.extend(wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))
                     if width else [" " * indent + text])  # fmt: skip

    lines: list[str] = []
    before = ""
    for row in statements:
        cells = {name: _text(row[name]) for name in _COLUMNS}
        line = "{direction} {relation}: {other}".format_map(cells)
        if line != before:
            put(line, 0)
            before = line
        basis = ", ".join(cells[name] for name in ("basis", "strength") if cells[name])
        if reason := ": ".join(part for part in (basis, cells["rationale"]) if part):
            put(reason, 4)
        for evidence in filter(
            None, [cells["document"], *sorted(cells["passages"].split("\n"), key=natural)]
        ):
            put(evidence, 4)
    return "\n".join([*lines, ""])


def _text(term: object) -> str:
    if isinstance(term, NamedNode):
        return compact(term.value)
    return "" if term is None else getattr(term, "value", str(term))


class Passage(NamedTuple):
    """A passage of a document: its IRI, section, start and end in characters, and text (a literal)."""

    iri: str
    section: str
    start: int
    end: int
    words: Any = None


class Claim(NamedTuple):
    """The provenance of a statement: basis, strength, rationale (a literal), curator, documents, passages."""

    iri: str
    basis: str
    strength: str
    rationale: Any
    curator: str
    documents: tuple[str, ...]
    passages: tuple[Passage, ...]


class Statement(NamedTuple):
    """A property and the term at its other end, with the claims that support it."""

    outward: bool
    predicate: str
    other: Any
    claims: tuple[Claim, ...] = ()

    @property
    def is_link(self) -> bool:
        """Whether the other end is a resource, not a literal."""
        return not hasattr(self.other, "datatype")


class Resource:
    """The statements about a resource, from the rows of the saved query `evidence`."""

    def __init__(self, iri: str, rows: Iterable[Any]) -> None:
        self.iri = iri
        self.statements = tuple(_statements(rows))
        outward = [each for each in self.statements if each.outward]
        self.classes = [each.other.value for each in outward if each.predicate == _TYPE]
        self.descriptions = [
            each.other for each in outward if each.predicate in _DESCRIPTIONS and not each.is_link
        ]

    def __bool__(self) -> bool:
        return bool(self.statements)

    def groups(self, *, outward: bool, links: bool) -> dict[str, list[Statement]]:
        """Statements of one direction by property, without labels and descriptions: links or literals."""
        groups: dict[str, list[Statement]] = {}
        for each in self.statements:
            if each.outward == outward and each.is_link == links and each.predicate not in _SHOWN_ELSEWHERE:
                groups.setdefault(each.predicate, []).append(each)
        order = dict(zip(_REIFICATION, range(3), strict=True))
        return dict(sorted(groups.items(), key=lambda item: order.get(item[0], 3)))

    def connections(self) -> list[Statement]:
        """The links in both directions that have a claim."""
        return [each for each in self.statements if each.claims and each.is_link]

    def star(self, label: Callable[[str], str], *, most: int = 10) -> nx.MultiDiGraph:
        """A network of the resource (layer 1), what links to it (layer 0) and what it links to (layer 2).

        Each side has at most `most` resources, those linked by a stated claim first. `label` gives the label
        of a property.
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
                    relation = label(each.predicate)
                    graph.add_edge(*ends, relation=relation, basis=claim.basis, strength=claim.strength)
        return graph


def _statements(rows: Iterable[Any]) -> Iterator[Statement]:
    claims_by_statement: dict[tuple[bool, str, Any], dict[str, list[Any]]] = {}
    for row in rows:
        key = (row["direction"].value == "→", row["property"].value, row["other"])
        claims = claims_by_statement.setdefault(key, {})
        if row["claim"] is not None:
            claims.setdefault(row["claim"].value, []).append(row)
    for key, claims in claims_by_statement.items():
        yield Statement(*key, tuple(_claim(iri, claim_rows) for iri, claim_rows in claims.items()))


def _claim(iri: str, rows: list[Any]) -> Claim:
    first = rows[0]
    by_passage = {row["passage"].value: row for row in rows if row["passage"] is not None}
    passages = [
        Passage(passage, row["section"].value, int(row["from"].value), int(row["to"].value), row["words"])
        for passage, row in by_passage.items()
    ]
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


def bounded_description(store: Store, iris: Sequence[str]) -> set[Triple]:
    """The triples of a document about these resources: theirs, their claims, and labels of all they name.

    For an ontology, that includes all triples in its named graph.
    """
    triples: set[Triple] = set()
    for batch in _batches(iris):
        triples |= _construct(store, _BOUNDED.format(iris=batch))
    triples |= {triple for iri in iris for triple in _construct(store, _ONTOLOGY.format(iri=iri))}
    named = {term.value for triple in triples for term in triple if isinstance(term, NamedNode)}
    for batch in _batches(sorted(named)):
        triples |= _construct(store, _LABELS.format(iris=batch))
    return triples


def graph_triples(store: Store, iri: str) -> set[Triple]:
    """The triples of a named graph."""
    return _construct(store, _GRAPH.format(iri=iri))


def document_metadata(
    document: str, topic: str, record: Mapping[str, str], *, names: Iterable[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """The metadata of a document: its topic, titles, licence, and what it is part of, where known."""

    def triple(property_: str, value: NamedNode | Literal) -> Triple:
        return Triple(NamedNode(document), NamedNode(expand(property_)), value)

    yield triple("rdf:type", NamedNode(expand("foaf:Document")))
    yield triple("foaf:primaryTopic", NamedNode(topic))
    if record.get("license"):
        yield triple("dct:license", NamedNode(record["license"]))
    for text, language in names:
        yield triple("dct:title", Literal(text, language=language) if language else Literal(text))
    if record.get("iri") and record["iri"] != topic:
        yield triple("dct:isPartOf", NamedNode(record["iri"]))


def _batches(iris: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(iris), _BATCH):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _BATCH])


def _construct(store: Store, text: str) -> set[Triple]:
    answer: Iterable[Triple] = store.query(text)  # type: ignore[assignment]
    return set(answer)
