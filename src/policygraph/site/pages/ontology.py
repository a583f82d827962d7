"""Make the reference of the ontology's terms: the definition, use and an example of each, and a map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pyoxigraph import NamedNode

from policygraph.i18n import alphabetical
from policygraph.rdf.namespaces import DESCRIPTION_PROPERTIES, expand
from policygraph.rdf.terms import TYPE, by_subject
from policygraph.site.context import SiteContext, tree
from policygraph.site.noted import once
from policygraph.site.pages import schema_org
from policygraph.site.rendering import Arguments, Shown, query, show
from policygraph.site.versions.archive import relations
from policygraph.site.versions.changes import listed
from policygraph.text import grouped

_KINDS = {
    "classes": (expand("owl:Class"), expand("rdfs:Class")),
    "relations": (expand("owl:ObjectProperty"),),
    "values": (expand("owl:DatatypeProperty"),),
    "notes": (expand("owl:AnnotationProperty"),),
    "properties": (expand("rdf:Property"),),
}
_NAMED = [each for kinds in _KINDS.values() for each in kinds]
_ONTOLOGY = expand("owl:Ontology")
_VALUES = "SELECT ?s ?p ?v { VALUES ?s { %s } ?s ?p ?v FILTER(isLiteral(?v)) }"
_FEW = 500  # claims of a large catalogue among which its example is, and the best in any
_PLAIN = {expand(f"xsd:{name}") for name in ("date", "gYear", "gYearMonth", "integer", "decimal")}
_MAX_LABEL = 60  # characters of a label in the example


class Term(NamedTuple):
    """A class or property: its IRI, its values (RDF terms) by property, the number of uses, and an example.

    The example of a property is a resource and a value; that of a class, a resource. `narrower_uses` counts
    the uses of its subclasses or subproperties.
    """

    iri: str
    facts: dict[str, list[Any]]
    uses: int
    example: tuple[Any, ...] = ()
    narrower_uses: int = 0

    def all(self, curie: str) -> list[Any]:
        """The values of a property."""
        return self.facts.get(expand(curie), [])

    def iris(self, *curies: str) -> list[str]:
        """The IRIs that are values of some properties."""
        return [each.value for curie in curies for each in self.all(curie) if isinstance(each, NamedNode)]

    @property
    def about(self) -> list[Any]:
        """What defines it, in the best property that does: a definition, a description or a comment."""
        texts = (self.facts.get(each, []) for each in DESCRIPTION_PROPERTIES)
        return next(filter(None, texts), [])

    @property
    def kinds(self) -> list[Any]:
        """Its classes beyond those that its part of the reference is of, such as functional properties."""
        return [each for each in self.all("rdf:type") if each.value not in _NAMED]


class Lesson(NamedTuple):
    """An example statement to explain: its parts, its claim, and a class and a value of its subject."""

    subject: str
    relation: str
    object: str
    claim: str = ""
    kind: str = ""
    value: tuple[Any, ...] = ()


class Box(NamedTuple):
    """A class on the map, with its subclasses, and its relations: each with its domain and its range."""

    iri: str
    kinds: list[str]
    rows: list[tuple[str, str, Any]]  # the range is a term, or None


class Reference(NamedTuple):
    """The terms of an ontology: `own` by kind, `borrowed` ones, and `tree`, the classes by depth.

    `narrower` has the subclasses or subproperties of each, `lesson` is an example statement, `map` has the
    main classes with their relations, by group; `header` and `related` are the ontology and the other
    ontologies here, and `schemes` has the number of concepts of each list.
    """

    header: Term
    own: dict[str, list[Term]]
    borrowed: list[Term]
    tree: list[tuple[int, Term]]
    narrower: dict[str, list[str]]
    lesson: Lesson | None
    map: dict[str, list[Box]]
    related: list[Term]
    schemes: dict[str, int]


def page(context: SiteContext, path: str, language: str, arguments: Arguments) -> Shown:
    """The page of the ontology's terms."""
    terms = reference(context, language)
    own = [term.iri for group in terms.own.values() for term in group]
    (about,) = context.resources([terms.header.iri], language)
    node = schema_org.resource(context, about, language)
    json_ld = schema_org.json_ld(schema_org.terms(context, node, own, language))
    return show(
        "ontology.html",
        json_ld=json_ld,
        reference=terms,
        kinds=context.kinds,
        versions=listed(context, terms.header.iri),
        relations=relations(context).get(path, {}),
    )


@once
def reference(context: SiteContext, language: str) -> Reference:
    """The reference of the ontology of this site, the first of several, its terms sorted by label."""
    stated = context.rows(query("term-facts"))
    facts = by_subject((iri.value, name.value, value) for iri, name, value in stated)
    ontologies = [iri for iri, about in facts.items() if NamedNode(_ONTOLOGY) in about.get(TYPE.value, ())]
    home = context.base + "ontology"
    home = home if home in facts else min(filter(context.urls.is_here, ontologies), default=home)
    uses: Counter[str] = Counter()
    for row in context.ask("terms-used"):
        uses[row["term"].value] += int(row["uses"].value)
    found = context.counted(query("term-examples"))
    examples = {row["term"].value: row["subject"].value for row in found if row["subject"]}

    def label(iri: str) -> tuple[Any, ...]:
        return alphabetical(context.labels.of(iri, language).text, language), iri

    terms = {iri: Term(iri, facts[iri], uses[iri]) for iri in sorted(facts, key=label)}
    here = {iri for iri in terms if context.urls.is_here(iri) and iri not in ontologies}
    narrower = grouped(
        (above, iri)
        for iri, each in terms.items()
        if iri in here
        for above in each.iris("rdfs:subClassOf", "rdfs:subPropertyOf")
    )
    for iri, each in terms.items():
        below = sum(uses[other] for other in _descendants(iri, narrower))
        terms[iri] = each._replace(example=_example(context, each, examples.get(iri)), narrower_uses=below)
    own = {
        name: [each for each in terms.values() if {*kinds} & {*each.iris("rdf:type")} and each.iri in here]
        for name, kinds in _KINDS.items()
    }
    special = {each.iri for name, group in own.items() if name != "properties" for each in group}
    own["properties"] = [each for each in own["properties"] if each.iri not in special]
    inside = {each.iri for group in own.values() for each in group}
    classes = list(_tree(own["classes"]))
    sizes = {row["scheme"].value: int(row["size"].value) for row in context.rows(query("schemes"))}
    return Reference(
        Term(home, facts.get(home, {}), uses[home]),
        own,
        [each for each in terms.values() if each.iri not in inside and not each.iri.startswith(context.base)],
        classes,
        narrower,
        _lesson(context, own, narrower, language),
        _map(context, [*own["relations"], *own["properties"]], classes, language),
        [terms[iri] for iri in terms if iri in ontologies and iri != home and context.urls.is_here(iri)],
        {iri: sizes[iri] for iri in sorted(sizes, key=label)},
    )


def _descendants(iri: str, narrower: Mapping[str, list[str]]) -> set[str]:
    found, waiting = set[str](), [iri]
    while waiting:
        new = {*narrower.get(waiting.pop(), ())} - found
        found |= new
        waiting += new
    return found - {iri}


def _lesson(
    context: SiteContext, own: Mapping[str, list[Term]], narrower: Mapping[str, list[str]], language: str
) -> Lesson | None:
    """The best example: a claim of a much used relation, with domain and range, between short labels."""
    labels = context.labels
    relations = {each.iri: each for each in (*own["relations"], *own["properties"])}
    classes = {each.iri for each in own["classes"]}
    parts = ("subject", "property", "object", "claim")
    some = query("sentences") + (f"LIMIT {_FEW}" if context.large else "ORDER BY ?claim")
    statements = [tuple(row[part].value for part in parts) for row in context.rows(some)]
    statements += [
        (each.example[0], each.iri, each.example[1].value, "") for each in relations.values() if each.example
    ]

    labels.learn(each[part] for each in statements for part in (0, 2))

    def rank(statement: tuple[str, ...]) -> tuple[Any, ...]:
        subject, relation, object_, claim = statement
        ends = [relations[relation].iris(end) for end in ("rdfs:domain", "rdfs:range")]
        general = any(
            not end or len(_descendants(end[0], narrower)) > 9 or end[0] not in classes for end in ends
        )
        names = [labels.of(each, language) for each in (subject, object_)]
        foreign = any(each.language not in ("", language) for each in names)
        length = sum(len(each.text) for each in names)
        return foreign, not claim, general, -relations[relation].uses, length, statement

    def is_short(iri: str) -> bool:
        return labels.has(iri) and len(labels.of(iri, language).text) <= _MAX_LABEL

    known = (each for each in statements if each[1] in relations and is_short(each[0]) and is_short(each[2]))
    best = sorted(known, key=rank)[:_FEW]
    if not best:
        return None
    uses = {each.iri: each.uses for each in own["values"]}
    values: dict[str, list[tuple[int, str, Any]]] = {}
    for row in context.rows(_VALUES % " ".join(f"<{iri}>" for iri in sorted({each[0] for each in best}))):
        if row["p"].value in uses and row["v"].datatype.value in _PLAIN:
            entry = (-uses[row["p"].value], row["p"].value, row["v"])
            values.setdefault(row["s"].value, []).append(entry)
    subject, relation, object_, claim = min(best, key=lambda each: each[0] not in values)
    kind = next((each for each in labels.kinds(subject) if each in classes), "")
    value = min(values.get(subject, ()), key=lambda each: (*each[:2], each[2].value), default=())
    return Lesson(subject, relation, object_, claim, kind, value[1:])


def _map(
    context: SiteContext, relations: Iterable[Term], tree: list[tuple[int, Term]], language: str
) -> dict[str, list[Box]]:
    """The main classes, on the two upper levels, with the relations that begin there, by group."""
    boxes: dict[str, Box] = {}
    main: dict[str, str] = {}  # by class, the main class that it is or is below
    roots: dict[str, Term] = {}
    for depth, each in tree:
        if depth == 0:
            root = each
        if depth <= 1:
            top = each.iri
        main[each.iri], roots[each.iri] = top, root
        box = boxes.setdefault(top, Box(top, [], []))
        box.kinds.extend([each.iri] * (each.iri != top))
    for each in relations:
        ends = each.all("rdfs:range")
        end = next((term for term in ends if term.value in main), ends[0] if ends else None)
        starts = each.iris("rdfs:domain", "schema:domainIncludes")
        for construct, of in map(context.blanks.expression, each.all("rdfs:domain")):
            starts += [str(one.value) for one in of if construct == "owl:unionOf" and hasattr(one, "value")]
        for start in filter(main.__contains__, starts):
            boxes[main[start]].rows.append((each.iri, start, end))
    sizes = Counter(root.iri for root in roots.values())
    # Of the classes without a hierarchy, those that relations connect are the parts of claims.
    alone = [box for iri, box in boxes.items() if sizes[roots[iri].iri] == 1]
    connected = {box.iri for box in alone if box.rows} | {
        main.get(row[2].value) for box in alone for row in box.rows if row[2]
    }
    order = {iri: place for place, iri in enumerate(context.kinds)}
    about_claims = "claims" if any(context.rows(query("sentences") + "LIMIT 1")) else "things"
    groups: dict[str, list[Box]] = {"things": [], "claims": [], "lists": [], "others": []}
    for iri, box in boxes.items():
        is_list = expand("skos:Concept") in roots[iri].iris("rdfs:subClassOf")
        single = "lists" if is_list else about_claims if iri in connected else "others"
        groups["things" if sizes[roots[iri].iri] > 1 else single].append(box)

    def rank(box: Box) -> tuple[Any, ...]:
        most_rows = -len(box.rows) if box in groups["claims"] else 0
        name = alphabetical(context.labels.of(box.iri, language).text, language)
        return box.iri != roots[box.iri].iri, most_rows, order.get(box.iri, len(order)), name

    return {name: sorted(group, key=rank) for name, group in groups.items() if group}


def _example(context: SiteContext, about: Term, subject: str | None) -> tuple[Any, ...]:
    if subject is None:
        return ()
    if {*_KINDS["classes"]} & {*about.iris("rdf:type")}:
        return (subject,)
    rows = context.rows(f"SELECT ?o {{ <{subject}> <{about.iri}> ?o }} ORDER BY STR(?o) LIMIT 1")
    return next(((subject, row["o"]) for row in rows), ())


def _tree(classes: Iterable[Term]) -> Iterable[tuple[int, Term]]:
    """The classes with their depth, each once, below the first class that it is a subclass of."""
    terms = {term.iri: term for term in classes}
    above = {iri: next(filter(terms.__contains__, terms[iri].iris("rdfs:subClassOf")), "") for iri in terms}
    return ((depth, terms[iri]) for depth, iri in tree(above))
