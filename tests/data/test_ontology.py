"""The ontology's style guide, executable: headers, terms, concepts and shapes."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations

import format_turtle
import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from offenders import of_every

from policygraph.catalog.catalog import Catalog
from policygraph.check.ontology import CHECKS, assess
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact, expand

CATALOG = Catalog(SHIPPED)
FILES = sorted((CATALOG.root / "ontology").glob("*.ttl"))
LANGUAGES = {"en", "da", "nb"}
PG = PREFIXES["pg"]
# What this ontology has no need of: there is nothing to look at.
NOTHING = {
    "OM3-doi",
    "P05-wrong-inverses",
    "P25-inverse-of-itself",
    "P26-inverse-of-symmetric",
    "P33-short-chain",
    "SKOS8-related",
}


class Graph:
    """The triples of files, looked up by subject and property."""

    def __init__(self, *paths):
        self.about = defaultdict(lambda: defaultdict(list))
        for path in paths:
            for quad in reader.read(path):
                self.about[quad.subject][compact(quad.predicate.value)].append(quad.object)

    def of_type(self, *types):
        wanted = {ox.NamedNode(expand(name)) for name in types}
        return [subject for subject, properties in self.about.items() if wanted & set(properties["rdf:type"])]

    def values(self, subject, path):
        return [value.value for value in self.about[subject][path]]

    def texts(self, subject, path):
        """The texts by language; two in one language are an error."""
        literals = self.about[subject][path]
        texts = {text.language: text.value for text in literals}
        assert len(texts) == len(literals), f"{subject} has two {path} in one language"
        return texts


CORE = Graph(CATALOG.root / "ontology" / "policygraph.ttl")
ALL = Graph(*FILES)
CLASSES = [term for term in CORE.of_type("owl:Class") if term.value.startswith(PG)]
PROPERTIES = [t for t in CORE.of_type("owl:ObjectProperty", "owl:DatatypeProperty") if t.value.startswith(PG)]
SCHEMES = ALL.of_type("skos:ConceptScheme")
CONCEPTS = ALL.of_type("skos:Concept")


def is_sentence(text):
    return text[0].isupper() and text.endswith(".") and " " in text


def short(term):
    return compact(term.value).removeprefix(BASE)


every_file = of_every(FILES, lambda path: path.name)
every_term = of_every([*CLASSES, *PROPERTIES], short)
every_class = of_every(CLASSES, short)
every_property = of_every(PROPERTIES, short)
every_concept = of_every(CONCEPTS, short)

# ---- Files


@every_file
def test_a_file_has_one_header_with_title_creator_licence_and_version(path):
    graph = Graph(path)
    (header,) = graph.of_type("owl:Ontology")
    for text in ("rdfs:label", "dct:title", "dct:description"):
        assert set(graph.texts(header, text)) == LANGUAGES, text
    assert graph.values(header, "dct:creator")
    assert graph.values(header, "dct:license") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert isinstance(graph.about[header]["dct:license"][0], ox.NamedNode)
    (version,) = graph.values(header, "owl:versionInfo")
    assert graph.values(header, "owl:versionIRI") == [f"{header.value}/{version}"]


def test_the_ontology_s_header_is_that_of_its_namespace():
    """What else it has to say is in the checklist, which the last test goes through."""
    (header,) = CORE.of_type("owl:Ontology")
    assert header.value == BASE + "ontology"
    assert CORE.values(header, "vann:preferredNamespaceUri") == [PG]
    assert CORE.values(header, "vann:preferredNamespacePrefix") == ["pg"]
    assert CORE.values(header, "dct:modified")
    assert CORE.values(header, "dct:abstract")


@of_every([p for p in FILES if p.name != "shapes.ttl"], lambda path: path.name)
def test_a_file_is_laid_out_canonically(path):
    text = path.read_text(encoding="utf-8")
    assert format_turtle.format(text) == text, "run: make format"


@every_file
def test_a_file_reads_the_same_in_every_syntax(path):
    triples = [quad.triple for quad in reader.read(path)]
    for syntax in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):
        copies = ox.parse(ox.serialize(triples, format=syntax), format=syntax)
        assert canonical(quad.triple for quad in copies) == canonical(triples), syntax


def canonical(triples):
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


# ---- Terms


@every_term
def test_a_term_has_a_label_and_a_definition_in_each_language(term):
    labels, definitions = CORE.texts(term, "rdfs:label"), CORE.texts(term, "skos:definition")
    assert set(labels) == set(definitions) == LANGUAGES
    for language, definition in definitions.items():
        assert is_sentence(definition), definition
        assert definition.rstrip(".").lower() != labels[language].lower()


@every_term
def test_a_term_says_where_it_is_defined_and_how_stable_it_is(term):
    assert CORE.values(term, "rdfs:isDefinedBy") == [BASE + "ontology"]
    assert CORE.values(term, "vs:term_status")[0] in {"unstable", "testing", "stable", "archaic"}


@every_class
def test_a_class_is_named_in_upper_camel_case_and_labelled_with_a_capital(term):
    assert re.fullmatch(r"([A-Z][a-z]+)+", term.value.removeprefix(PG))
    assert all(label[0].isupper() for label in CORE.texts(term, "rdfs:label").values())


@every_property
def test_a_property_is_named_in_lower_camel_case_and_labelled_without_a_capital(term):
    assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*|sha256", term.value.removeprefix(PG))
    labels = CORE.texts(term, "rdfs:label").values()
    assert all(label[0].islower() or label.isupper() or label == "SHA-256" for label in labels)


@every_property
def test_a_property_has_a_domain_and_a_range_of_its_kind(term):
    """One of each; or a choice, which OWL 2 RL cannot say, by schema.org's weaker relations."""
    classes = {each.value for each in CLASSES} | {expand("skos:Concept")}
    domains, several = CORE.values(term, "rdfs:domain"), CORE.values(term, "schema:domainIncludes")
    assert len(domains) == 1 or (not domains and len(several) > 1)
    assert {*domains, *several} <= classes
    ranges = CORE.values(term, "rdfs:range")
    includes = CORE.values(term, "schema:rangeIncludes")
    assert len(ranges) == 1 or (not ranges and len(includes) > 1)
    range_ = [*ranges, *includes][0]
    literal = range_.startswith(PREFIXES["xsd"]) or range_ == expand("rdfs:Literal")
    kinds = {compact(value) for value in CORE.values(term, "rdf:type")}
    kinds -= {"owl:SymmetricProperty", "owl:TransitiveProperty"}
    assert kinds == {"owl:DatatypeProperty" if literal else "owl:ObjectProperty"}
    assert literal or {*ranges, *includes} <= classes


@every_property
def test_a_datatype_that_owl_does_not_know_is_named_beside_the_range(term):
    """OWL 2 DL has no xsd:date, xsd:gYear or rdf:langString; shapes hold the data to the ones named here."""
    if CORE.values(term, "rdfs:range") == [expand("rdfs:Literal")]:
        datatypes = set(CORE.values(term, "schema:rangeIncludes"))
        assert len(datatypes) == 1 or datatypes == {
            expand(f"xsd:{d}") for d in ("date", "gYear", "gYearMonth")
        }
        assert all(each.startswith(PREFIXES["xsd"]) or each == expand("rdf:langString") for each in datatypes)


def test_the_model_is_small():
    assert len(CLASSES) <= 36
    annotations = [each for each in CORE.of_type("owl:AnnotationProperty") if each.value.startswith(PG)]
    assert len(PROPERTIES) + len(annotations) <= 92


def test_every_term_is_used_by_the_data():
    used = set()
    for dataset in CATALOG.datasets.values():
        for subject, predicate, value in (quad.triple for quad in reader.read(dataset.path)):
            used |= {subject.value, predicate.value, getattr(value, "value", "")}
    # Abstract classes are used through those below them, and those of shared concepts by the concepts.
    used |= {above for term in CLASSES for above in CORE.values(term, "rdfs:subClassOf")}
    used |= {quad.object.value for quad in reader.read(CATALOG.root / "ontology" / "concepts.ttl")}
    own = {term.value for term in [*CLASSES, *PROPERTIES]}
    assert own - used == set(), "remove these"


@of_every(("implements", "contributesTo", "enables", "hasGoal"), str)
def test_each_verb_of_help_says_when_not_to_use_it_and_names_two_countries(name):
    notes = CORE.texts(ox.NamedNode(PG + name), "skos:scopeNote")
    assert set(notes) == LANGUAGES
    assert all(word in notes["en"] for word in ("Not ", "Denmark: ", "Norway: "))
    for language in ("da", "nb"):
        assert all(word in notes[language] for word in ("Ikke ", "Danmark: ", "Norge: "))


@pytest.mark.parametrize("name", ["obliges", "requires"])
def test_a_relation_of_duties_is_called_so_that_a_right_may_have_it(name):
    """A duty that may be done asks for nothing."""
    labels = {label.value for label in CORE.about[ox.NamedNode(PG + name)]["rdfs:label"]}
    assert labels.isdisjoint({"obliges", "forpligter", "forplikter", "requires", "kræver", "krever"})


def test_every_class_but_the_roots_has_a_parent():
    roots = {short(term) for term in CLASSES if not CORE.values(term, "rdfs:subClassOf")}
    evidence = {"pg:SourceDocument", "pg:Passage", "pg:Claim", "pg:Examination"}
    assert roots == {"pg:PolicyEntity", *evidence, "pg:StatedAbsence", "pg:Comparison"}


def test_means_goals_and_outcomes_are_disjoint():
    pairs = {
        frozenset((compact(term.value), compact(other)))
        for term in CLASSES
        for other in CORE.values(term, "owl:disjointWith")
    }
    assert {frozenset(p) for p in combinations(("pg:Means", "pg:Goal", "pg:Outcome"), 2)} <= pairs


def test_no_document_is_disjoint_with_a_publication():
    """A publication may be cited as a source, and a plan is set out in one."""
    documents = [
        CORE.values(term, "owl:disjointWith") for term in CLASSES if short(term) == "pg:SourceDocument"
    ]
    things = [
        CORE.values(term, "owl:disjointWith")
        for term in CLASSES
        if short(term) in ("pg:PolicyEntity", "pg:Publication")
    ]
    assert not {PG + "PolicyEntity", PG + "Publication"} & {each for found in documents for each in found}
    assert PG + "SourceDocument" not in {each for found in things for each in found}


def test_no_term_is_used_that_the_ontology_does_not_declare():
    declared = {term.value for term in [*CLASSES, *PROPERTIES]} | {PG + "lane", PG + "absentKind"}
    paths = [*FILES, *(dataset.path for dataset in CATALOG.datasets.values())]
    triples = [(path.name, quad.triple) for path in paths for quad in reader.read(path)]
    used = {
        (name, compact(term.value))
        for name, triple in triples
        for term in triple
        if isinstance(term, ox.NamedNode) and term.value.startswith(PG)
    }
    assert {(name, term) for name, term in used if expand(term) not in declared} == set()
    rules = (CATALOG.root / "ontology" / "shapes.ttl").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"\bpg:\w+", rules) if expand(name) not in declared} == set()


def test_only_the_alignments_say_how_terms_relate_to_other_vocabularies():
    foreign = {
        (term, value)
        for term in [*CLASSES, *PROPERTIES]
        for path in ("rdfs:subClassOf", "rdfs:subPropertyOf", "skos:closeMatch", "owl:equivalentClass")
        for value in CORE.values(term, path)
        if not value.startswith((PG, PREFIXES["skos"]))
    }
    assert foreign == set()


# ---- Concepts


@every_concept
def test_a_concept_is_in_one_scheme_at_the_top_or_below_another(concept):
    (scheme,) = ALL.values(concept, "skos:inScheme")
    assert concept.value.startswith(f"{scheme}/")
    assert ox.NamedNode(scheme) in SCHEMES
    top, broader = ALL.values(concept, "skos:topConceptOf"), ALL.values(concept, "skos:broader")
    assert top == [scheme] if not broader else top == []
    for above in broader:
        assert ALL.values(ox.NamedNode(above), "skos:inScheme") == [scheme]


@of_every([*SCHEMES, *CONCEPTS], short)
def test_a_concept_or_scheme_has_a_label_and_a_definition_in_each_language(thing):
    assert set(ALL.texts(thing, "skos:prefLabel")) == LANGUAGES
    definitions = ALL.texts(thing, "skos:definition")
    assert set(definitions) == LANGUAGES
    assert all(is_sentence(definition) for definition in definitions.values())
    assert ALL.values(thing, "rdfs:isDefinedBy") == [BASE + "concept"]


def test_concepts_have_a_plain_slug():
    slugs = [thing.value.removeprefix(BASE) for thing in [*SCHEMES, *CONCEPTS]]
    assert [slug for slug in slugs if not re.fullmatch(r"concept(/[a-z0-9]+(-[a-z0-9]+)*){1,2}", slug)] == []


# ---- Shapes

SHAPES = Graph(CATALOG.shapes[0])


def constraints():
    """The property shapes and SPARQL constraints that stand directly in a named shape."""
    for shape in SHAPES.of_type("sh:NodeShape"):
        for path in ("sh:property", "sh:sparql"):
            for node in SHAPES.about[shape][path]:
                yield compact(shape.value), node
        if any(SHAPES.about[shape][path] for path in ("sh:or", "sh:not", "sh:and", "sh:node")):
            yield compact(shape.value), shape


def test_every_rule_of_a_shape_has_an_english_sentence_that_says_what_to_do():
    rules = list(constraints())
    assert len(rules) > 50
    for shape, rule in rules:
        messages = SHAPES.texts(rule, "sh:message")
        assert set(messages) == {"en"}, shape
        assert messages["en"].endswith("."), messages["en"]


def test_every_shape_has_a_name_and_a_target():
    for shape in SHAPES.of_type("sh:NodeShape"):
        assert shape.value.startswith(PREFIXES["pgs"])
        targets = ("sh:targetClass", "sh:targetNode", "sh:targetSubjectsOf")
        assert any(SHAPES.values(shape, target) for target in targets), shape


def test_what_is_shipped_passes_every_check_of_the_checklist():
    """`policygraph validate --ontology` says more of each."""
    found = {each.check: each for each in assess(CATALOG) if "-" in each.check}
    assert found.keys() == {name for name in CHECKS if "-" in name}
    assert {name: each.faults for name, each in found.items() if each.result == "failed"} == {}
    assert {name for name, each in found.items() if each.result != "passed"} == {
        *NOTHING,
        "P40-unlisted-terms",
    }
    assert {name for name, each in found.items() if not each.seen} == NOTHING
