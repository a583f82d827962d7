"""What reasoners make of the ontology and of the data: see docs/reasoning.md for what is checked by what."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from entailment import FOREIGN, closure, contradictions, triples
from shacl_faults import FAULTS, TRAPS
from tools import FOR_SHORT_RUNS, missing

from policygraph.catalog.catalog import Catalog
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact, expand

CATALOG = Catalog(SHIPPED)
CORE, ALIGNMENTS = (CATALOG.root / "ontology" / name for name in ("policygraph.ttl", "alignments.ttl"))
PG = PREFIXES["pg"]
pytestmark = pytest.mark.full


def read(*paths):
    return [quad.triple for path in paths for quad in reader.read(path)]


# ---- OWL 2 RL: ontology, concepts, alignments and data


@pytest.fixture(scope="module")
def stated():
    return {quad.triple for quad in CATALOG.load()}


@pytest.fixture(scope="module")
def said(stated, examplia):
    """All the shipped data, and what Examplia says."""
    return stated | {quad.triple for quad in examplia.load()}


@pytest.fixture(scope="module")
def entailed(said):
    return closure([*said, *triples(FOREIGN)])


def test_nothing_that_follows_is_a_contradiction(entailed):
    from rdflib import OWL, RDF

    assert contradictions(entailed) == []
    assert list(entailed.subjects(RDF.type, OWL.Nothing)) == []


def test_nothing_is_in_two_disjoint_classes(entailed):
    from rdflib import OWL, RDF

    pairs = list(entailed.subject_objects(OWL.disjointWith))
    assert len(pairs) > 40
    both = [
        (a, b, set(entailed.subjects(RDF.type, a)) & set(entailed.subjects(RDF.type, b))) for a, b in pairs
    ]
    assert [clash for clash in both if clash[2]] == []


def test_domains_and_ranges_invent_no_type(said, entailed):
    """Every class of ours that a thing is found to be in is one that it says, or one above it."""
    from rdflib import RDF

    above = defaultdict(set)
    for subject, predicate, value in said:
        if predicate.value == expand("rdfs:subClassOf"):
            above[subject.value].add(value.value)

    def with_ancestors(name):
        return {name}.union(*(with_ancestors(parent) for parent in above[name]))

    types = defaultdict(set)
    for subject, predicate, value in said:
        if predicate.value == expand("rdf:type"):
            types[str(subject.value)] |= with_ancestors(value.value)
    found = [(str(s), str(o)) for s, o in entailed.subject_objects(RDF.type) if str(o).startswith(PG)]
    assert len(found) > 50
    assert sorted((s, o) for s, o in found if o not in types[s]) == []


def test_text_is_never_a_thing_nor_a_thing_text(entailed):
    from rdflib import RDF, RDFS, Literal, URIRef

    kinds = {URIRef(expand(f"owl:{kind}")): kind for kind in ("ObjectProperty", "DatatypeProperty")}
    kind_of = {s: kinds[o] for s, o in entailed.subject_objects(RDF.type) if o in kinds and s.startswith(PG)}
    wrong = [
        (s, p, o)
        for s, p, o in entailed
        if kind_of.get(p) == ("ObjectProperty" if isinstance(o, Literal) else "DatatypeProperty")
    ]
    assert wrong == []
    types = {str(o) for s, o in entailed.subject_objects(RDF.type) if isinstance(s, Literal)}
    assert {name for name in types if not name.startswith(PREFIXES["xsd"])} == {str(RDFS.Literal)}


CONTRADICTIONS = {
    "a means that is a goal": "<urn:x> a pg:Means , pg:Goal",
    "an outcome that is a target": "<urn:x> a pg:Outcome , pg:Target",
    "an outcome that is a goal": "<urn:x> a pg:Outcome , pg:Goal",
    "a claim that is a thing": "<urn:x> a pg:Claim , pg:Goal",
    "a passage that is a thing": "<urn:x> a pg:Passage , pg:Publication",
    "an examination that is a claim": "<urn:x> a pg:Examination , pg:Claim",
    "a plan that is an area": "<urn:x> a pg:Plan , pg:Area",
    "an area that is its own list": "<urn:x> a pg:Area , pg:AreaScheme",
    "a body that is a group": "<urn:x> a pg:Government , pg:StakeholderGroup",
    "a measured value that is a target": "<urn:x> a pg:Observation , pg:Target",
    "a target where a goal belongs": "<urn:x> pg:hasGoal <urn:y> . <urn:y> a pg:Target",
    "a goal where an outcome belongs": "<urn:x> pg:hasOutcome <urn:y> . <urn:y> a pg:Goal",
    "an actor that refines an area": "<urn:x> a pg:Government ; pg:refines <urn:y>",
    "a law that obliges a plan": "<urn:x> pg:obliges <urn:y> . <urn:y> a pg:Plan",
}
# What 0.1 refused and a country must be able to say (docs/model.md).
CONSISTENT = {
    "an initiative with dates": """<urn:x> a pg:Initiative ; pg:launched "2021"^^xsd:gYear ;
        pg:startDate "2021-01-01"^^xsd:date ; pg:endDate "2024-12-31"^^xsd:date ; pg:status <urn:s> ;
        pg:implements <urn:y> ; pg:hasBudget <urn:z> ; pg:expectedContribution <urn:z> . <urn:y> a pg:Area""",
    "a system with a date": """<urn:x> a pg:DigitalInfrastructure ;
        pg:inOperationSince "2009-11"^^xsd:gYearMonth""",
    "a publication that is cited": """<urn:x> a pg:Publication , pg:SourceDocument .
        <urn:c> a pg:Claim ; pg:citedDocument <urn:x> ; pg:passage <urn:p> . <urn:p> pg:isPassageOf <urn:x> .
        <urn:plan> pg:setOutIn <urn:x>""",
    "an area of a list that is a concept": """<urn:x> a pg:Area , skos:Concept ; skos:inScheme <urn:l> .
        <urn:l> a pg:AreaScheme , skos:ConceptScheme""",
    "an agency under a ministry": "<urn:x> a pg:PublicOrganisation ; pg:subordinateTo <urn:y>",
    "a claim with a status": "<urn:x> a pg:Claim ; pg:status <urn:s>",
}
# Temptations that only a foreign vocabulary refuses.
AGAINST_OTHERS = {
    "PROV: an initiative with an author": "<urn:x> a pg:Initiative ; prov:wasAttributedTo <urn:y>",
    "SKOS: an area that is a scheme": "<urn:x> a pg:Area , skos:Concept , skos:ConceptScheme",
    "SKOS: an area related to what it refines": "<urn:x> pg:refines <urn:y> ; skos:related <urn:y>",
    "FOAF: a body under a document": "<urn:x> pg:subordinateTo <urn:y> . <urn:y> a pg:SourceDocument",
}


def each_apart(statements):
    """Statements in one graph, each about things of its own: <urn:x> of the third is <urn:2:x>."""
    return triples("".join(f"{text} .\n".replace("<urn:", f"<urn:{n}:") for n, text in enumerate(statements)))


@pytest.fixture(scope="module")
def planted():
    """The contradictions that follow when all the planted ones are there at once."""
    everything = [*CONTRADICTIONS.values(), *AGAINST_OTHERS.values()]
    statements = [*read(CORE, ALIGNMENTS), *triples(FOREIGN), *each_apart(everything)]
    return contradictions(closure(statements))


@pytest.mark.parametrize("name", [*CONTRADICTIONS, *AGAINST_OTHERS])
def test_a_planted_contradiction_is_found(name, planted):
    number = [*CONTRADICTIONS, *AGAINST_OTHERS].index(name)
    assert any(f"urn:{number}:" in message for message in planted), planted


def test_what_a_country_must_be_able_to_say_is_no_contradiction():
    statements = [*read(CORE, ALIGNMENTS), *triples(FOREIGN), *each_apart(CONSISTENT.values())]
    assert contradictions(closure(statements)) == []


@pytest.fixture(scope="module")
def trapped(stated):
    """What follows when the traps that an axiom catches are all there at once.

    From the ontology, what the traps add, and what is stated of their subjects: what follows from the whole
    is looked at above.
    """
    data = ox.Store()
    data.extend(ox.Quad(*triple) for triple in stated)
    caught = [fault for fault in FAULTS if TRAPS.get(fault.name, ("", ""))[1]]
    for fault in caught:
        data.update(fault.edit, base_iri=BASE, prefixes=dict(PREFIXES))
    subjects = {BASE + fault.focus.strip("<>") for fault in caught}
    of_them = {quad.triple for quad in data}
    of_them = {each for each in of_them if each not in stated or each.subject.value in subjects}
    return contradictions(closure([*of_them, *read(CORE, ALIGNMENTS)]))


@pytest.mark.parametrize("name", [name for name, (_, axiom) in TRAPS.items() if axiom])
def test_a_trap_contradicts_its_axiom(name, stated, trapped):
    (axiom,) = triples(f"{TRAPS[name][1]} .")
    assert axiom in stated
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    names = (axiom.subject.value, axiom.object.value, BASE + fault.focus.strip("<>"))
    assert any(all(each in message for each in names) for message in trapped), trapped


# ---- OWL 2 DL and RL: the ontology by its own declarations

KINDS = {expand(f"owl:{k}") for k in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
CHARACTERISTICS = {expand(f"owl:{name}Property") for name in ("Symmetric", "Transitive", "Functional")}
RESERVED = tuple(PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))
BUILT_IN = {expand(f"rdfs:{name}") for name in ("label", "comment", "seeAlso", "isDefinedBy")} | {
    expand(f"owl:{name}") for name in ("versionInfo", "deprecated", "priorVersion", "backwardCompatibleWith")
}
# https://www.w3.org/TR/owl2-profiles/#Entities_3; dates, years and rdf:langString are not among them.
DATATYPES = {"rdfs:Literal", "rdf:PlainLiteral", "rdf:XMLLiteral"} | set(
    """xsd:decimal xsd:integer xsd:nonNegativeInteger xsd:nonPositiveInteger xsd:positiveInteger
    xsd:negativeInteger xsd:long xsd:int xsd:short xsd:byte xsd:unsignedLong xsd:unsignedInt xsd:unsignedShort
    xsd:unsignedByte xsd:float xsd:double xsd:string xsd:normalizedString xsd:token xsd:language xsd:Name
    xsd:NCName xsd:NMTOKEN xsd:boolean xsd:hexBinary xsd:base64Binary xsd:anyURI xsd:dateTime
    xsd:dateTimeStamp""".split()  # noqa: SIM905
)


def profile_faults(statements):
    """Where statements leave OWL 2 DL or OWL 2 RL; knows the few kinds of axiom that the ontology makes."""
    kinds = defaultdict(set)
    for subject, predicate, value in statements:
        if predicate.value == expand("rdf:type") and value.value in KINDS:
            kinds[subject.value].add(compact(value.value).removeprefix("owl:"))
    faults = []
    for name, several in kinds.items():
        if len(several) > 1 and several != {"Class", "AnnotationProperty"}:
            faults.append(f"{compact(name)} is of several kinds: {sorted(several)}")
    faults += [f"{compact(name)} is reserved" for name in kinds if name.startswith(RESERVED)]

    def is_a(kind, term):
        return isinstance(term, ox.NamedNode) and kind in kinds[term.value]

    def is_thing(term):
        return isinstance(term, ox.NamedNode) and not term.value.startswith(RESERVED)

    def allowed(subject, path, value):
        both = [subject, value]
        properties = [kind for kind in ("ObjectProperty", "DatatypeProperty") if is_a(kind, subject)]
        match compact(path.value):
            case "rdf:type":
                if value.value in KINDS or value.value == expand("owl:Ontology"):
                    return True
                if value.value in CHARACTERISTICS:
                    return is_a("ObjectProperty", subject)
                return is_thing(subject) and is_a("Class", value)
            case "owl:imports" | "owl:versionIRI":
                return all(map(is_thing, both))
            case "rdfs:subClassOf" | "owl:disjointWith" | "owl:equivalentClass":
                return all(is_a("Class", term) for term in both)
            case "rdfs:subPropertyOf":
                return any(all(is_a(kind, term) for term in both) for kind in properties)
            case "rdfs:domain" | "rdfs:range" if is_a("AnnotationProperty", subject):
                return is_thing(value)
            case "rdfs:domain":
                return bool(properties) and is_a("Class", value)
            case "rdfs:range" if properties == ["DatatypeProperty"]:
                return compact(value.value) in DATATYPES
            case "rdfs:range":
                return properties == ["ObjectProperty"] and is_a("Class", value)
        if path.value in BUILT_IN or is_a("AnnotationProperty", path):
            return True
        if is_a("ObjectProperty", path):
            return all(map(is_thing, both))
        literal = isinstance(value, ox.Literal)
        return is_a("DatatypeProperty", path) and literal and compact(value.datatype.value) in DATATYPES

    for triple in statements:
        if not allowed(*triple):
            faults.append(" ".join(compact(getattr(term, "value", str(term))) for term in triple))
    return faults


# Alone, and together with what it imports: each is an ontology with its own declarations.
CLOSURES = {"policygraph.ttl": (CORE,), "alignments.ttl": (CORE, ALIGNMENTS)}
every_closure = pytest.mark.parametrize("paths", CLOSURES.values(), ids=CLOSURES)


@every_closure
def test_the_ontology_is_in_owl_2_dl_and_rl(paths):
    assert profile_faults(read(*paths)) == []


def test_every_file_that_is_imported_is_read_together_with_its_importer():
    imports = [t.object.value for t in read(ALIGNMENTS) if t.predicate.value == expand("owl:imports")]
    assert imports == [BASE + "ontology"]
    assert expand("owl:imports") not in {triple.predicate.value for triple in read(CORE)}


@pytest.mark.parametrize(
    "statement",
    [
        "pg:Plan rdfs:subClassOf prov:Bundle",
        "pg:Claim rdfs:subClassOf rdf:Statement",
        "pg:Plan rdfs:subClassOf [ a owl:Restriction ]",
        "pg:isPartOf rdfs:subPropertyOf pg:value",
        "pg:isPartOf rdfs:domain owl:Thing",
        "pg:startDate rdfs:range xsd:date",
        "pg:rationale rdfs:range rdf:langString",
        "pg:isPartOf rdfs:range xsd:string",
        "pg:Plan dct:rights 'free'@en",
        "pg:isPartOf a owl:DatatypeProperty",
        "dct:title a owl:ObjectProperty",
        "pg:value a owl:TransitiveProperty",
        "pg:isIdentifiedWith skos:relatedMatch owl:sameAs",
        "pg:Plan pg:value <urn:a>",
        "<urn:a> a pg:Undeclared",
        "rdf:object a owl:ObjectProperty",
    ],
)
def test_what_is_outside_the_profiles_is_found(statement):
    assert profile_faults([*read(CORE, ALIGNMENTS), *triples(f"{statement} .")]) != []


# ---- OWL 2 DL: HermiT, Pellet and the OWL API's profile checkers, from the wheel of owlready2


def java(*arguments):
    return subprocess.run(["java", *FOR_SHORT_RUNS, *arguments], capture_output=True, text=True)


@pytest.fixture(scope="module")
def needs_jdk():
    # The list fails where only Apple's stub is there.
    if not shutil.which("java") or "jdk.compiler@" not in java("--list-modules").stdout:
        missing(
            "no OWL reasoner was run, no OWL API profile was checked: install Java 17 or newer with its "
            "compiler (Debian: apt-get install default-jdk-headless)"
        )


def written(folder, statements, name="ontology"):
    """A file for a reasoner, without imports: they would be fetched, and are merged here already."""
    rest = [triple for triple in statements if triple.predicate.value != expand("owl:imports")]
    path = Path(folder) / f"{name}.rdf"
    path.write_bytes(ox.serialize(rest, format=ox.RdfFormat.RDF_XML))
    return path


def jars(name):
    import owlready2

    return os.pathsep.join(map(str, sorted((Path(owlready2.__file__).parent / name).glob("*.jar"))))


IMPOSSIBLE = "pg:Impossible a owl:Class ; rdfs:subClassOf pg:Means , pg:Goal"
REASONERS = """
import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.reasoner.OWLReasoner;
import org.semanticweb.owlapi.reasoner.OWLReasonerFactory;

public class Reasoners {
  public static void main(String[] files) throws Exception {
    OWLReasonerFactory[] factories = {
      new org.semanticweb.HermiT.Reasoner.ReasonerFactory(),
      new com.clarkparsia.pellet.owlapiv3.PelletReasonerFactory()
    };
    for (String file : files) {
      OWLOntology ontology =
          OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(file));
      for (OWLReasonerFactory factory : factories) {
        OWLReasoner reasoner = factory.createReasoner(ontology);
        System.out.println(
            reasoner.isConsistent() ? reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom() : null);
      }
    }
  }
}
"""


@pytest.fixture(scope="module")
def found_by_both(needs_jdk, tmp_path_factory):
    """The classes that can have no member to HermiT and Pellet, or null where all is contradictory.

    Of the ontology, and with each contradiction; Java, which takes a second to start, starts once for all.
    """
    folder, both = tmp_path_factory.mktemp("reasoners"), read(CORE, ALIGNMENTS)
    source = folder / "Reasoners.java"
    source.write_text(REASONERS, encoding="utf-8")
    asked = {name: read(*paths) for name, paths in CLOSURES.items()}
    asked[IMPOSSIBLE] = [*read(CORE), *triples(f"{IMPOSSIBLE} .")]
    asked |= {name: [*both, *triples(f"{text} .")] for name, text in CONTRADICTIONS.items()}
    files = [written(folder, each, str(n)) for n, each in enumerate(asked.values())]
    done = java("-cp", os.pathsep.join((jars("pellet"), jars("hermit"))), str(source), *map(str, files))
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    return dict(zip(asked, zip(said[::2], said[1::2], strict=True), strict=True))


@pytest.mark.parametrize("name", CLOSURES)
def test_hermit_and_pellet_find_it_consistent_and_every_class_possible(name, found_by_both):
    assert found_by_both[name] == ("[]", "[]")


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_hermit_and_pellet_find_a_contradiction(contradiction, found_by_both):
    assert found_by_both[contradiction] == ("null", "null")


def test_hermit_and_pellet_find_a_class_that_can_have_no_member(found_by_both):
    assert found_by_both[IMPOSSIBLE] == (f"[<{PG}Impossible>]",) * 2


PROFILES = """
import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.*;

public class Profiles {
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      OWLOntology ontology =
          OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(file));
      for (OWLProfile profile : new OWLProfile[] {new OWL2DLProfile(), new OWL2RLProfile()})
        for (OWLProfileViolation violation : profile.checkOntology(ontology).getViolations())
          System.out.println(file + " " + profile.getName() + ": " + violation);
    }
  }
}
"""
OUTSIDE = """pg:startDate rdfs:range xsd:date . pg:isPartOf rdfs:domain owl:Thing .
pg:Claim rdfs:subClassOf rdf:Statement ."""


@pytest.fixture(scope="module")
def owl_api_faults(needs_jdk, tmp_path_factory):
    """What the OWL API finds in each ontology, and in both with what is outside."""
    folder = tmp_path_factory.mktemp("profiles")
    source = folder / "Profiles.java"
    source.write_text(PROFILES, encoding="utf-8")
    asked = {name: read(*paths) for name, paths in CLOSURES.items()}
    asked[OUTSIDE] = [*read(CORE, ALIGNMENTS), *triples(OUTSIDE)]
    files = {str(written(folder, each, str(n))): name for n, (name, each) in enumerate(asked.items())}
    done = java("-cp", jars("pellet"), str(source), *files)
    assert done.returncode == 0, done.stderr
    found = {name: [] for name in asked}
    for line in done.stdout.splitlines():
        file, _, fault = line.partition(" ")
        # The dates in the header belong to no axiom; RL knows no xsd:date, the usual type there.
        if "xsd:date  [null in OntologyID" not in fault:
            found[files[file]].append(fault)
    return found


@pytest.mark.parametrize("name", CLOSURES)
def test_the_owl_api_finds_it_in_owl_2_dl_and_rl(name, owl_api_faults):
    assert owl_api_faults[name] == []


def test_the_owl_api_finds_what_is_outside_the_profiles(owl_api_faults):
    faults = "\n".join(owl_api_faults[OUTSIDE])
    assert all(word in faults for word in ("OWL 2 RL: ", "OWL 2 DL: ", "xsd:date", "owl:Thing", "Statement"))
