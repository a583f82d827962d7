"""Describe one resource: find its IRI, group its statements and claims, collect the triples about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from policygraph.errors import ResourceError, nearest
from policygraph.i18n import words
from policygraph.rdf.namespaces import (
    DESCRIPTION_PROPERTIES,
    LABEL_PROPERTIES,
    OPAQUE,
    PREFIXES,
    compact,
    expand,
)
from policygraph.rdf.store import Store, batches, rows, triples as select_triples
from policygraph.rdf.terms import about, best_literal, term
from policygraph.text import natural, printable, wrap

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.catalog.labels import Labels

_CANDIDATES = 12  # shown in an error message; more would fill the terminal

_TYPE = expand("rdf:type")
_REIFICATION = tuple(map(expand, ("rdf:subject", "rdf:predicate", "rdf:object")))  # in reading order
# Properties that a page leaves out of the facts where no claim says so, since it shows them elsewhere.
_SHOWN_ELSEWHERE = {_TYPE, *LABEL_PROPERTIES, *DESCRIPTION_PROPERTIES[:-1]}

_BOUNDED = """CONSTRUCT {{ ?about ?p ?o . ?s ?q ?about . ?c ?r ?v . ?b ?t ?w . ?d ?u ?x }} WHERE {{
  VALUES ?about {{ {iris} }}
  {{ ?about ?p ?o }}
  UNION {{ ?about ?first ?b FILTER(isBlank(?b)) ?b ?t ?w }}
  UNION {{ ?about ?first ?middle FILTER(isBlank(?middle)) ?middle ?second ?d FILTER(isBlank(?d)) ?d ?u ?x }}
  UNION {{ ?s ?q ?about FILTER(!isBlank(?s)) }}
  UNION {{ ?c rdf:subject ?about ; ?r ?v }}
  UNION {{ ?c rdf:object ?about ; ?r ?v }}
}}"""
# As rows of the query `evidence`, without ?claim and ?passage.
_STATED = """SELECT DISTINCT ?source ?property ?target ?claim ?passage WHERE {{
  {{ VALUES ?source {{ {iris} }} ?source ?property ?target }}
  UNION {{
    VALUES ?target {{ {iris} }} ?source ?property ?target FILTER(?property NOT IN (rdf:subject, rdf:object))
  }}
}}"""
_NOTED = "SELECT ?thing {{ ?thing skos:notation ?n FILTER(isIRI(?thing) && STR(?n) = {}) }} ORDER BY ?thing"
_SUBJECTS = """SELECT DISTINCT ?s {{
  {given} ?claim rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o FILTER(isIRI(?s))
}} ORDER BY ?s"""
_LABELS = f"""CONSTRUCT {{{{ ?s ?p ?label }}}} WHERE {{{{
  VALUES ?s {{{{ {{iris}} }}}} VALUES ?p {{{{ {" ".join(f"<{iri}>" for iri in LABEL_PROPERTIES[:-1])} }}}}
  ?s ?p ?label FILTER(isLiteral(?label))
}}}}"""
_ONTOLOGY = (
    "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH ?g {{ <{iri}> a owl:Ontology }} GRAPH ?g {{ ?s ?p ?o }} }}"
)
_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"


def find(store: Store, what: str, *, labels: str) -> str:
    """The IRI of the resource that `what` names: an IRI, a CURIE, (a part of) a label, or a skos:notation.

    `labels` is a SELECT with ?thing and ?label. An equal label is preferred to one that differs in case, that
    to one that starts with `what`, that to one with a word that does, and that to an equal notation.
    ResourceError when no resource matches, or several do; those are its `candidates`.
    """
    what = what.strip()
    if what.lower().startswith(("<", *OPAQUE)) or "://" in what or what.partition(":")[0] in PREFIXES:
        try:
            return expand(what)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a resource: {error}") from None
    try:
        return match(what, ((row["thing"].value, row["label"].value) for row in rows(store, labels)))
    except ResourceError as error:
        noted = [row["thing"].value for row in rows(store, _NOTED.format(Literal(what)))]
        if error.candidates or not noted:
            raise
        return match(what, ((thing, what) for thing in noted))


def match(what: str, labels: Iterable[tuple[str, str]]) -> str:
    """The thing that `what` names by its label, or the start of it or of a word in it.

    ResourceError as for `find`.
    """
    wanted, known = what.casefold(), list(labels)[::-1]  # so that of several labels, the first stays
    folded = {label.casefold(): label for _, label in known}
    found = {thing: label for thing, label in known if label == what}
    found = found or {thing: label for thing, label in known if label.casefold() == wanted}
    for before in ("^", r"\b") if wanted else ():
        start = re.compile(before + re.escape(wanted))
        found = found or {thing: label for thing, label in known if start.search(label.casefold())}
    if len(found) == 1:
        return next(iter(found))
    if not found:
        close = nearest(wanted, folded)
        for each, label in folded.items():
            close = close.replace(repr(each), repr(label))
        raise ResourceError(f"No label, nor a word in one, begins with {what!r}, in any language.{close}")
    things = sorted(found, key=found.__getitem__)
    lines = [f"  {printable(found[thing])}  {compact(thing)}" for thing in things[:_CANDIDATES]]
    more = [f"  and {len(things) - _CANDIDATES} more"] if len(things) > _CANDIDATES else []
    head = f"{what!r} may be any of these; name one by its CURIE:"
    raise ResourceError("\n".join([head, *lines, *more]), candidates=tuple(reversed(found)))


class Passage(NamedTuple):
    """A passage of a document.

    Args:
        iri: the passage's own.
        section: the heading that it stands under.
        start: its first character, from 0; None where the text is not at hand, as `end`.
        end: the character after its last.
        words: its first and last words, with an ellipsis between, or a name whole: a literal, or None.
        page: the address of the document; empty where not given.
    """

    iri: str
    section: str
    start: int | None = None
    end: int | None = None
    words: Any = None
    page: str = ""

    @classmethod
    def of(cls, row: Any) -> Passage:
        """The passage in a row with ?passage, ?section, ?from, ?to, ?words and ?page."""
        start, end = (None if row[name] is None else int(row[name].value) for name in ("from", "to"))
        return cls(row["passage"].value, row["section"].value, start, end, row["words"], _value(row["page"]))

    @property
    def link(self) -> str:
        """The address of the document with a fragment that finds the passage, by its first and last words.

        https://wicg.github.io/scroll-to-text-fragment/
        """
        if not self.page or not self.words:
            return self.page
        ends = [quote(part.strip(), safe="").replace("-", "%2D") for part in self.words.value.split("…")]
        return f"{self.page}#:~:text={','.join(filter(None, ends))}"

    def __str__(self) -> str:
        place = "" if self.start is None else f" (char={self.start},{self.end})"
        words = self.words.value if self.words and self.words.value != self.section else ""
        return f"{self.section}{place}{f': “{words}”' if words else ''}"


class Claim(NamedTuple):
    """Who says a statement, and why.

    Args:
        iri: the claim's own.
        subject: the IRI of what it is about.
        relation: the IRI of the property.
        object: a resource or a literal.
        basis: the IRI of its basis, such as that the source states it; empty where not given, as all below.
        strength: the IRI of its strength.
        rationale: a literal, or None.
        curator: the IRI of who judged it.
        created: the date of the judgement.
        documents: the IRIs of the documents that it cites.
        passages: the passages that it rests on, in their order in the text.
        contested: the IRIs of claims that contradict it.
    """

    iri: str
    subject: str
    relation: str
    object: Any
    basis: str
    strength: str
    rationale: Any
    curator: str
    created: str
    documents: tuple[str, ...]
    passages: tuple[Passage, ...]
    contested: tuple[str, ...] = ()


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
    """The statements about a resource, with the claims behind each, and the passages that mention it."""

    def __init__(self, iri: str, found: Iterable[Any], language: str) -> None:
        """Sort rows of the query `evidence`, and of plain statements without a ?claim."""
        self.iri = iri
        found = list(found)
        mentions = (row for row in found if row["claim"] is None and row["passage"] is not None)
        self.mentions = {row["passage"].value: Passage.of(row) for row in mentions}
        self.statements = tuple(_statements(iri, found, language))
        outward = [each for each in self.statements if each.outward]
        self.classes = [each.other.value for each in outward if each.predicate == _TYPE]
        self.descriptions = [
            each.other for each in outward if each.predicate in DESCRIPTION_PROPERTIES and not each.is_link
        ]

    def __bool__(self) -> bool:
        return bool(self.statements)

    def groups(self, *, outward: bool, links: bool) -> dict[str, list[Statement]]:
        """Statements of one direction by property: links or literals.

        Labels and descriptions are among them only where a claim says so.
        """
        groups: dict[str, list[Statement]] = {}
        for each in self.statements:
            shown = each.claims or each.predicate not in _SHOWN_ELSEWHERE
            if each.outward == outward and each.is_link == links and shown:
                groups.setdefault(each.predicate, []).append(each)
        order = dict(zip(_REIFICATION, range(3), strict=True))
        return dict(sorted(groups.items(), key=lambda item: order.get(item[0], 3)))

    @property
    def claims(self) -> list[Claim]:
        """The claims that it is the subject or object of."""
        return list(dict.fromkeys(claim for each in self.statements for claim in each.claims))

    @property
    def named(self) -> set[str]:
        """The IRIs in its statements and claims."""
        names = {self.iri, *(each.predicate for each in self.statements)}
        names |= {each.other.value for each in self.statements if isinstance(each.other, NamedNode)}
        for claim in self.claims:
            names |= {claim.basis, claim.strength, claim.curator, *claim.documents, *claim.contested}
        return names - {""}

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


def describe(
    store: Store, iris: Sequence[str], evidence: Callable[[str], str], language: str
) -> list[Resource]:
    """Describe resources, in this order; `evidence` binds IRIs to the saved query of that name.

    Of a rationale in several languages, the one in the best language is kept.
    """
    rows_of: dict[str, list[Any]] = {iri: [] for iri in iris}
    for few in batches(iris):
        for text in (_STATED.format(iris=few), evidence(few)):
            for row in rows(store, text):
                ends = {end.value for end in (row["source"], row["target"]) if isinstance(end, NamedNode)}
                for iri in ends & rows_of.keys():
                    rows_of[iri].append(row)
    return [Resource(iri, about, language) for iri, about in rows_of.items()]


def claims(
    store: Store,
    evidence: Callable[[str], str],
    language: str,
    *,
    subject: str | None = None,
    relation: str | None = None,
    object: str | None = None,
    basis: str | None = None,
) -> list[Claim]:
    """The claims of this subject, relation, object and basis, each an IRI; without any, all claims."""
    given = {"s": subject, "p": relation, "o": object}
    lines = "".join(f"VALUES ?{name} {{ {NamedNode(iri)} }} " for name, iri in given.items() if iri)
    subjects = [row["s"].value for row in rows(store, _SUBJECTS.format(given=lines))]
    return [
        each
        for about in describe(store, subjects, evidence, language)
        for each in about.claims
        if each.subject == about.iri
        and relation in (None, each.relation)
        and (object is None or each.object == NamedNode(object))
        and basis in (None, each.basis)
    ]


def format_resource(resource: Resource, *, labels: Labels, language: str, width: int | None = None) -> str:
    """Format a resource as text: each direction, relation and other end once, its claims indented below.

    No line exceeds `width` columns; without it, none is wrapped.
    """

    def label(term: Any) -> str:
        if isinstance(term, NamedNode):
            return labels.of(term.value, language).text
        return term.value if isinstance(term, Literal) else str(term)

    def order(each: Statement) -> tuple[Any, ...]:
        other = label(each.other)
        return not each.outward, label(NamedNode(each.predicate)), natural(other), str(each.other)

    lines: list[str] = []
    before, text = "", words(language, "resource")["contested"]
    for each in sorted(resource.statements, key=order):
        arrow = "→" if each.outward else "←"
        line = f"{arrow} {label(NamedNode(each.predicate))}: {label(each.other)}"
        lines += wrap(line, width=width) if line != before else ()
        before = line
        for claim in each.claims:
            basis = ", ".join(labels.of(iri, language).text for iri in (claim.basis, claim.strength) if iri)
            documents = [labels.of(iri, language).text for iri in claim.documents]
            contested = [text.format(claim=labels.of(iri, language).text) for iri in claim.contested]
            given = claim_lines(basis, label(claim.rationale or ""), documents, claim.passages)
            for line in [*contested, *given]:
                lines += wrap(line, width=width, indent=4)
    return "\n".join([*lines, ""])


def claim_lines(
    basis: str, rationale: str, documents: Iterable[str], passages: Iterable[object]
) -> list[str]:
    """The provenance of a claim as lines of text: basis and rationale, then documents, then passages."""
    reason = ": ".join(filter(None, (basis, rationale)))
    lines = filter(None, (reason, *documents, *sorted(map(str, passages), key=natural)))
    return list(dict.fromkeys(lines))  # a passage may be known by the title of its document only


class Absences(NamedTuple):
    """What is not there about a resource.

    Args:
        properties: the IRIs of properties that no source states.
        examined: the date of an examination, and what it found no connection to.
        unexamined: the IRIs of lists that nobody compared with the list of the resource.
    """

    properties: tuple[str, ...]
    examined: Mapping[str, tuple[str, ...]]
    unexamined: tuple[str, ...]

    @classmethod
    def of(cls, found: Iterable[Any]) -> Absences:
        """The absences in the rows of the saved query `absences`."""
        properties, unexamined = [], []
        examined: dict[str, list[str]] = {}
        for row in found:
            if row["notStated"] is not None:
                properties.append(row["notStated"].value)
            elif row["notExamined"] is not None:
                unexamined.append(row["notExamined"].value)
            else:
                examined.setdefault(_value(row["date"]), []).append(row["noneFound"].value)
        return cls(tuple(properties), {d: tuple(iris) for d, iris in examined.items()}, tuple(unexamined))

    @property
    def named(self) -> set[str]:
        """The IRIs in it."""
        return {*self.properties, *self.unexamined, *(iri for iris in self.examined.values() for iri in iris)}

    def lines(self, label: Callable[[str], str], language: str) -> list[str]:
        """A line for each kind of absence; `label` gives the label of an IRI."""
        texts = words(language, "resource")

        def every(iris: Iterable[str]) -> str:
            return "; ".join(sorted(map(label, iris), key=natural))

        lines = [texts["not_stated"].format(names=every(self.properties))] if self.properties else []
        for date, iris in sorted(self.examined.items()):
            lines.append(texts["examined_none"].format(date=date, names=every(iris)))
        if self.unexamined:
            lines.append(texts["not_examined"].format(names=every(self.unexamined)))
        return lines


def _statements(iri: str, found: Iterable[Any], language: str) -> Iterator[Statement]:
    claims_by_statement: dict[tuple[bool, str, Any], dict[str, list[Any]]] = {}
    about = NamedNode(iri)
    for row in found:
        for outward, end, other in ((True, "source", "target"), (False, "target", "source")):
            if row[end] == about:
                claims = claims_by_statement.setdefault((outward, row["property"].value, row[other]), {})
                if row["claim"] is not None:
                    claims.setdefault(row["claim"].value, []).append(row)

    def order(statement: tuple[bool, str, Any]) -> tuple[Any, ...]:
        outward, relation, other = statement
        return not outward, relation, str(other.value), getattr(other, "language", None) or ""

    for outward, relation, other in sorted(claims_by_statement, key=order):
        claims = claims_by_statement[outward, relation, other]
        ends = (iri, relation, other) if outward else (_value(other), relation, about)
        yield Statement(
            outward, relation, other, tuple(_claim(*each, ends, language) for each in claims.items())
        )


def _claim(iri: str, rows: list[Any], ends: tuple[str, str, Any], language: str) -> Claim:
    first = rows[0]
    rationales = (row["rationale"] for row in rows if row["rationale"] is not None)
    passages = {row["passage"].value: Passage.of(row) for row in rows if row["passage"] is not None}

    def each(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[name].value for row in rows if row[name] is not None))

    return Claim(
        iri,
        *ends,
        _value(first["basis"]),
        _value(first["strength"]),
        best_literal(rationales, language),
        _value(first["curator"]),
        _value(first["created"]),
        each("document"),
        tuple(sorted(passages.values(), key=lambda each: (each.start or 0, each.end or 0, each.iri))),
        each("contested"),
    )


def _value(term: Any) -> str:
    return "" if term is None else str(term.value)


def bounded_description(store: Store, iris: Sequence[str]) -> set[Triple]:
    """The triples of a document about these resources: theirs, their claims, and labels of all they name.

    For an ontology, that includes all triples in its named graph.
    """
    triples: set[Triple] = set()
    for batch in batches(iris):
        triples |= set(select_triples(store, _BOUNDED.format(iris=batch)))
    triples |= {triple for iri in iris for triple in select_triples(store, _ONTOLOGY.format(iri=iri))}
    named = {term.value for triple in triples for term in triple if isinstance(term, NamedNode)}
    for batch in batches(sorted(named)):
        triples |= set(select_triples(store, _LABELS.format(iris=batch)))
    return triples


def graph_triples(store: Store, iri: str) -> set[Triple]:
    """The triples of a named graph."""
    return set(select_triples(store, _GRAPH.format(iri=iri)))


def document_metadata(
    document: str, topic: str, record: Mapping[str, str], *, names: Iterable[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """The metadata of a document: its topic, titles, licence, and what it is part of, where known."""
    part_of = record.get("iri", "")
    yield from about(
        NamedNode(document),
        {
            "rdf:type": term("foaf:Document"),
            "foaf:primaryTopic": NamedNode(topic),
            "dct:license": [NamedNode(record["license"])] if record.get("license") else [],
            "dct:title": [Literal(text, language=tag) if tag else Literal(text) for text, tag in names],
            "dct:isPartOf": [NamedNode(part_of)] if part_of not in ("", topic) else [],
        },
    )
