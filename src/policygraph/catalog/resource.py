"""Describe one resource: group its statements and claims, collect the triples about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.catalog.query import beside
from policygraph.i18n import alphabetical, words
from policygraph.rdf.namespaces import DESCRIPTION_PROPERTIES, LABEL_PROPERTIES, compact, expand
from policygraph.rdf.terms import TYPE, about, best_literal, best_literals, term
from policygraph.store.protocols import Store, batches, rows, triples as select_triples
from policygraph.text import grouped, natural, printable, wrap

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.catalog.labels import Labels
    from policygraph.rdf.blanks import BlankNodes
    from policygraph.store.answer import Answer

_IN_STAR = 20  # resources on each side
_REIFICATION = tuple(map(expand, ("rdf:subject", "rdf:predicate", "rdf:object")))  # in reading order
# Properties that a page leaves out of the facts where no claim says so, since it shows them elsewhere.
_SHOWN_ELSEWHERE = {TYPE.value, expand("owl:deprecated"), *LABEL_PROPERTIES, *DESCRIPTION_PROPERTIES[:-1]}

_ONTOLOGIES = "SELECT DISTINCT ?iri {{ VALUES ?iri {{ {} }} GRAPH ?g {{ ?iri a owl:Ontology }} }}"
_ONTOLOGY = "CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH ?g {{ <{iri}> a owl:Ontology }} GRAPH ?g {{ ?s ?p ?o }} }}"
_BESIDE = """SELECT DISTINCT ?node ?outward ?p ?o {{
  {{ <{0}> ?from ?node }} UNION {{ ?node ?to <{0}> }} FILTER(isBlank(?node) && !sameTerm(?o, <{0}>))
  {{ ?node ?p ?o BIND(true AS ?outward) }} UNION {{ ?o ?p ?node BIND(false AS ?outward) FILTER(isIRI(?o)) }}
}}"""
_GRAPH = "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}"


query = partial(beside, __file__)
"""Gives one of the queries that describe resources, by name."""


class Passage(NamedTuple):
    """A passage of a document; the text is not at hand where it has no positions."""

    iri: str
    section: str  # the heading that it stands under, or ""
    start: int | None = None  # its first character, from 0
    end: int | None = None  # the character after its last
    words: Any = None  # its first and last words, with an ellipsis between, or a name whole: a literal
    page: str = ""  # the address of the document
    language: str = ""  # of the section

    @classmethod
    def of(cls, row: Any) -> Passage:
        """The passage in a row with ?passage, ?section, ?from, ?to, ?words and ?page."""
        *ends, section, page = (_value(row[name]) for name in ("from", "to", "section", "page"))
        start, end = (int(text) if text.isdecimal() else None for text in ends)
        page = page if page.startswith(("https://", "http://")) else ""  # it becomes a link
        language = getattr(row["section"], "language", None) or ""
        return cls(row["passage"].value, section, start, end, row["words"], page, language)

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
        place = "" if self.start is None else f"(char={self.start},{self.end})"
        words = self.words.value if self.words and self.words.value != self.section else ""
        where = " ".join(filter(None, (self.section, place)))
        return ": ".join(filter(None, (where, words and f"“{words}”"))) or self.iri.rpartition("/")[2]


class Claim(NamedTuple):
    """Who says a statement, and why: IRIs, empty where not given, but for four fields."""

    iri: str
    subject: str
    relation: str
    object: Any  # a term
    basis: str
    strength: str
    rationale: Any  # a literal, or None
    curator: str
    created: str  # the date of the judgement
    documents: tuple[str, ...]
    passages: tuple[Passage, ...]  # in their order in the text
    contested: tuple[str, ...] = ()  # claims that contradict it
    status: str = ""  # whether it was drafted by a program, checked, or is under review

    @property
    def grounds(self) -> tuple[str, ...]:
        """Its basis, and its strength and status where it has them."""
        return tuple(filter(None, (self.basis, self.strength, self.status)))


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
        types = (each.other for each in outward if each.predicate == TYPE.value)
        self.classes = [each.value for each in types if isinstance(each, NamedNode)]
        texts = [each for each in outward if not each.is_link]
        by_name = [[each for each in texts if each.predicate == name] for name in DESCRIPTION_PROPERTIES]
        described = [*chain(*by_name)]
        self.descriptions = [each.other for each in described]
        # A comment is a fact, but for one that describes it alone.
        alone = described[:1] if len(best_literals(self.descriptions, language)) == 1 else ()
        self._shown = _SHOWN_ELSEWHERE.union(each.predicate for each in alone)
        self.lead = best_literal(self.descriptions, language)
        best = (best_literals((each.other for each in some), language) for some in by_name)
        self._more = {*chain(*best)} - {self.lead}

    def __bool__(self) -> bool:
        return bool(self.statements)

    def __repr__(self) -> str:
        return f"<Resource {self.iri}: {len(self.statements):,} statements>"

    def groups(self, *, outward: bool, links: bool) -> dict[str, list[Statement]]:
        """Statements of one direction by property: links or literals.

        Labels and what describes it first are among them only where a claim says so.
        """
        groups: dict[str, list[Statement]] = {}
        for each in self.statements:
            shown = each.claims or each.predicate not in self._shown
            shown = shown or (each.predicate in DESCRIPTION_PROPERTIES and each.other in self._more)
            shown = shown or (each.predicate == TYPE.value and isinstance(each.other, BlankNode))
            if each.outward == outward and each.is_link == links and shown:
                groups.setdefault(each.predicate, []).append(each)
        return dict(sorted(groups.items(), key=lambda item: (*_REIFICATION, item[0]).index(item[0])))

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
            names |= {*claim.grounds, claim.curator, *claim.documents, *claim.contested}
        return names - {""}

    def connections(self) -> list[Statement]:
        """The links in both directions that have a claim."""
        return [each for each in self.statements if each.claims and each.is_link]

    def star(self, label: Callable[[str], str]) -> nx.MultiDiGraph:
        """A network of the resource (layer 1), what links to it (layer 0) and what it links to (layer 2).

        Of each side it has some, at least one for each property, and all of those with few, then those with
        a stated claim first; its attribute `more` has, by property, how many it lacks. `label` gives a
        property's label.
        """
        import networkx as nx

        graph = nx.MultiDiGraph(more=Counter())
        graph.add_node(self.iri, layer=1)
        links = [each for each in self.connections() if each.other.value != self.iri]
        links.sort(key=lambda each: all(not claim.basis.endswith("/stated") for claim in each.claims))
        many = Counter((each.outward, each.predicate) for each in links)
        links.sort(key=lambda each: many[each.outward, each.predicate])
        for outward in (False, True):
            side = [each for each in links if each.outward == outward]
            first = {each.predicate: each.other.value for each in reversed(side)}
            others = dict.fromkeys([*first.values(), *(each.other.value for each in side)])
            kept = list(others)[: max(_IN_STAR, len(first))]
            graph.add_nodes_from((each for each in kept if each not in graph), layer=2 if outward else 0)
            for each in side:
                other = each.other.value
                graph.graph["more"][each.predicate] += other not in kept
                ends = (self.iri, other) if outward else (other, self.iri)
                relation = label(each.predicate)
                for claim in each.claims if other in kept else ():
                    graph.add_edge(*ends, relation=relation, basis=claim.basis, strength=claim.strength)
        return graph


class Description(NamedTuple):
    """A resource with the labels of what it names, to read in a terminal or a notebook."""

    resource: Resource
    absences: Absences
    labels: Labels  # of all that the two name
    language: str  # BCP 47 tag of the labels to show
    answer: Answer  # the same as rows of the saved query `evidence`
    beside: Mapping[BlankNode, Sequence[Statement]] = {}  # what `said_of_blanks` gives

    def __repr__(self) -> str:
        return f"<Description {self.iri}: {len(self.statements):,} statements>"

    @property
    def iri(self) -> str:
        """The IRI of the resource."""
        return self.resource.iri

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements about it, each with its claims."""
        return self.resource.statements

    @property
    def claims(self) -> list[Claim]:
        """The claims that it is the subject or object of."""
        return self.resource.claims

    def text(self, *, width: int | None = None) -> str:
        """The statements as text: each direction, relation and other end once, its claims indented below.

        No line exceeds `width` columns; without it, none is wrapped.
        """
        lines, before, phrases = [self._heading, ""], "", words(self.language, "resource")
        pages = dict[str, None]()
        alike = Counter(map(self._line, self.statements))
        for each in sorted(self.statements, key=self._order):
            line = self._line(each)
            if alike[line] > 1 and (each.claims or each.is_link):
                line = f"{line} ({self._exactly(each.other)})"
            lines += wrap(line, width=width) if each.claims or line != before else ()
            before = line
            for claim in each.claims:
                basis, documents = (map(self._label, each) for each in (claim.grounds, claim.documents))
                pages |= dict.fromkeys(passage.page for passage in claim.passages if passage.page)
                below = [phrases["contested"].format(claim=self._label(iri)) for iri in claim.contested]
                below += claim_lines(", ".join(basis), _value(claim.rationale), documents, claim.passages)
                lines += (part for text in below for part in wrap(text, width=width, indent=4))
        absences = self.absences.lines(self._label, self.language)
        where = (line for each in pages for line in wrap(each, width=width, indent=4))
        lines += ["", phrases["passages_in"], *where] if pages else []
        lines += ["", *(line for each in absences for line in wrap(each, width=width))] if absences else []
        return "\n".join([*lines, ""])

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p><b>{escape(self._heading)}</b></p>{self.answer._repr_html_()}"

    @property
    def _heading(self) -> str:
        label, curie = self._label(self.iri), compact(self.iri, self.labels.prefixes)
        return curie if label == curie else f"{printable(label)} ({curie})"

    def _label(self, term: Any) -> str:
        """The label of an IRI or of a term."""
        if isinstance(term, str | NamedNode):
            return self.labels.of(term if isinstance(term, str) else term.value, self.language).text
        if stated := self.beside.get(term):
            order = sorted(stated, key=lambda each: (not each.outward, self._line(each)))
            return f"[{'; '.join(map(self._line, order))}]"
        return term.value if isinstance(term, Literal) else str(term)

    def _line(self, each: Statement) -> str:
        return f"{'→' if each.outward else '←'} {self._label(each.predicate)}: {self._label(each.other)}"

    def _exactly(self, term: Any) -> str:
        """What tells a term from others that read alike: its language, its datatype or its CURIE."""
        if getattr(term, "language", None):
            return str(term.language)
        return compact(term.datatype.value if isinstance(term, Literal) else term.value, self.labels.prefixes)

    def _order(self, each: Statement) -> tuple[Any, ...]:
        name = str(each.other).startswith("_:"), alphabetical(self._label(each.other), self.language)
        return not each.outward, self._label(each.predicate), name, str(each.other)


def said_of_blanks(store: Store, about: Resource) -> Mapping[BlankNode, Sequence[Statement]]:
    """What else is said of the blank nodes in the statements about a resource; a service cannot be asked."""
    found: dict[BlankNode, list[Statement]] = {}
    if not store.url and any(isinstance(each.other, BlankNode) for each in about.statements):
        for node, outward, name, other in rows(store, _BESIDE.format(about.iri)):
            other = Literal("[…]") if isinstance(other, BlankNode) else other
            found.setdefault(node, []).append(Statement(outward.value == "true", name.value, other))
    return found


def claim_lines(basis: str, rationale: str, documents: Iterable[str], passages: Iterable[Any]) -> list[str]:
    """The provenance of a claim as lines of text: basis and rationale, then documents, then passages."""
    reason = ": ".join(filter(None, (basis, rationale)))
    lines = filter(None, (reason, *documents, *sorted(map(str, passages), key=natural)))
    return list(dict.fromkeys(lines))  # a passage may be known by the title of its document only


class Absences(NamedTuple):
    """What is not there about a resource, all by IRI."""

    properties: tuple[str, ...]  # that no source states
    examined: Mapping[str, tuple[str, ...]]  # by date, what an examination found no connection to
    unexamined: tuple[str, ...]  # lists that nobody compared with the list of the resource

    @classmethod
    def of(cls, found: Iterable[Any]) -> Absences:
        """The absences in the rows of the saved query `absences`."""
        known, names = [*found], ("notStated", "notExamined")
        properties, unexamined = (tuple(row[name].value for row in known if row[name]) for name in names)
        none = grouped((_value(row["date"]), row["noneFound"].value) for row in known if row["noneFound"])
        return cls(properties, {day: tuple(iris) for day, iris in none.items()}, unexamined)

    @property
    def named(self) -> set[str]:
        """The IRIs in it."""
        return {*self.properties, *self.unexamined, *(iri for iris in self.examined.values() for iri in iris)}

    def lines(self, label: Callable[[str], str], language: str) -> list[str]:
        """A line for each kind of absence; `label` gives the label of an IRI."""
        texts = words(language, "resource")

        def every(iris: Iterable[str]) -> str:
            return "; ".join(sorted(map(label, iris), key=lambda each: alphabetical(each, language)))

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
                # A triple term, which has neither page nor name, is shown as its text.
                far = Literal(f"<<( {row[other]} )>>") if isinstance(row[other], Triple) else row[other]
                claims = claims_by_statement.setdefault((outward, row["property"].value, far), {})
                if row["claim"] is not None:
                    claims.setdefault(row["claim"].value, []).append(row)

    def order(statement: tuple[bool, str, Any]) -> tuple[Any, ...]:
        outward, relation, other = statement
        return not outward, relation, str(other.value), getattr(other, "language", None) or ""

    for outward, relation, other in sorted(claims_by_statement, key=order):
        ends = (iri, relation, other) if outward else (_value(other), relation, about)
        backing = claims_by_statement[outward, relation, other].items()
        yield Statement(outward, relation, other, tuple(_claim(*each, ends, language) for each in backing))


def _claim(iri: str, rows: list[Any], ends: tuple[str, str, Any], language: str) -> Claim:
    first = rows[0]
    rationales = (row["rationale"] for row in rows if row["rationale"] is not None)
    passages = {row["passage"].value: Passage.of(row) for row in rows if row["passage"] is not None}

    def each(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[name].value for row in rows if row[name] is not None))

    names = ("basis", "strength", "curator", "created", "status")
    basis, strength, curator, created, status = (_value(first[name]) for name in names)
    order = tuple(sorted(passages.values(), key=lambda each: (each.start or 0, each.end or 0, each.iri)))
    rationale = best_literal(rationales, language)
    claim = Claim(iri, *ends, basis, strength, rationale, curator, created, each("document"), order)
    return claim._replace(contested=each("contested"), status=status)


def _value(term: Any) -> str:
    return "" if term is None else str(getattr(term, "value", term))  # a triple term has none


def is_of_source(row: Any) -> bool:
    """Whether a row of statements is of the thing at its source alone, by the queries of one thing."""
    source, target = _value(row["source"]), _value(row["target"])
    within = "#char=" in source and not source.startswith(target)
    alone = within or row["passage"] is not None or row["property"].value in _REIFICATION[::2]
    return alone and row["claim"] is None


def without(text: str, properties: Iterable[str]) -> str:
    """A query that leaves out statements by these properties, where it leaves out some."""
    return text.replace("NOT IN (", f"NOT IN ({''.join(f'<{each}>, ' for each in properties)}")


def bounded_descriptions(
    store: Store, iris: Sequence[str], blanks: BlankNodes, *, left_out: Iterable[str] = ()
) -> dict[str, set[Triple]]:
    """The triples about each of these resources: its own, its claims, and labels of all that they name.

    They include all that `blanks` says of the blank nodes in them; a service is asked for two levels, since
    its names for them end with the answer. For an ontology, they include all triples in its named graph.
    `left_out` are properties by which too much leads to them.
    """
    triples: dict[str, set[Triple]] = {iri: set() for iri in iris}
    for batch in batches(iris):
        for topic, *parts in rows(store, without(query("bounded").bind(about=batch.split()), left_out)):
            triples[topic.value].add(Triple(*parts))
        for (iri,) in rows(store, _ONTOLOGIES.format(batch)):
            triples[iri.value].update(select_triples(store, _ONTOLOGY.format(iri=iri.value)))
    for found in triples.values() if not store.url else ():
        blanks.close(found)
    named = {iri: {*chain(*found)} for iri, found in triples.items()}
    iris = sorted(term.value for term in set().union(*named.values()) if isinstance(term, NamedNode))
    asked = (query("labelled").bind(about=batch.split()) for batch in batches(iris))
    stated = (each for text in asked for each in select_triples(store, text))
    labels = grouped((t.subject, t) for t in stated if t.predicate.value in LABEL_PROPERTIES[:-1])
    for iri, found in triples.items():
        found.update(*(labels[term] for term in named[iri] & labels.keys()))
    return triples


def graph_triples(store: Store, iri: str) -> set[Triple]:
    """The triples of a named graph."""
    return set(select_triples(store, _GRAPH.format(iri=iri)))


def document_metadata(
    document: str, topic: str, record: Mapping[str, str], *, names: Iterable[tuple[str, str]] = ()
) -> Iterator[Triple]:
    """The metadata of a document: its topic with titles, licence, and what it is part of, where known."""
    part_of = record.get("iri", "")
    titles = [Literal(text, language=tag) if tag else Literal(text) for text, tag in names]
    yield from about(NamedNode(topic), {"dct:title": titles})
    licences = [NamedNode(record["license"])] if record.get("license") else []
    wholes = [NamedNode(part_of)] if part_of not in ("", topic) else []
    known = {"rdf:type": term("foaf:Document"), "foaf:primaryTopic": NamedNode(topic)}
    yield from about(NamedNode(document), {**known, "dct:license": licences, "dct:isPartOf": wholes})
