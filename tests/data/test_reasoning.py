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
from shacl_faults import FAULTS, TRAPS
from tools import missing

from policygraph.catalog.catalog import Catalog
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, PREFIXES, compact, expand

CATALOG = Catalog(SHIPPED)
CORE, ALIGNMENTS = (CATALOG.root / "ontology" / name for name in ("policygraph.ttl", "alignments.ttl"))
PG = PREFIXES["pg"]

# What the vocabularies we build on say of their own terms, as far as it can contradict us: SKOS Reference
# (S9, S19, S27, S39-S46), PROV-O, ORG, FOAF. We neither copy nor publish it, but our data must agree with it.
FOREIGN = """
skos:Concept owl:disjointWith skos:ConceptScheme .
skos:inScheme rdfs:range skos:ConceptScheme .
skos:topConceptOf rdfs:subPropertyOf skos:inScheme ; rdfs:domain skos:Concept .
skos:semanticRelation rdfs:domain skos:Concept ; rdfs:range skos:Concept .
skos:mappingRelation rdfs:subPropertyOf skos:semanticRelation .
skos:broaderTransitive rdfs:subPropertyOf skos:semanticRelation ; a owl:TransitiveProperty .
skos:broader rdfs:subPropertyOf skos:broaderTransitive .
skos:related rdfs:subPropertyOf skos:semanticRelation ; a owl:SymmetricProperty ;
  owl:propertyDisjointWith skos:broaderTransitive .
skos:broadMatch rdfs:subPropertyOf skos:mappingRelation , skos:broader .
skos:relatedMatch rdfs:subPropertyOf skos:mappingRelation , skos:related ; a owl:SymmetricProperty .
skos:closeMatch rdfs:subPropertyOf skos:mappingRelation ; a owl:SymmetricProperty .
skos:exactMatch rdfs:subPropertyOf skos:closeMatch ; a owl:SymmetricProperty , owl:TransitiveProperty ;
  owl:propertyDisjointWith skos:broadMatch , skos:relatedMatch .
prov:Entity owl:disjointWith prov:Activity .
prov:Plan rdfs:subClassOf prov:Entity .
prov:wasDerivedFrom rdfs:domain prov:Entity ; rdfs:range prov:Entity .
prov:wasRevisionOf rdfs:subPropertyOf prov:wasDerivedFrom .
prov:wasAttributedTo rdfs:domain prov:Entity ; rdfs:range prov:Agent .
prov:used rdfs:domain prov:Activity ; rdfs:range prov:Entity .
org:Organization owl:equivalentClass foaf:Organization .
org:ChangeEvent rdfs:subClassOf prov:Activity .
org:originalOrganization rdfs:subPropertyOf prov:used .
org:originalOrganization rdfs:domain org:ChangeEvent ; rdfs:range org:Organization .
org:resultingOrganization rdfs:domain org:ChangeEvent ; rdfs:range org:Organization .
foaf:Organization rdfs:subClassOf foaf:Agent ; owl:disjointWith foaf:Document .
"""


def triples(text):
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    return [q.triple for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE, base_iri=BASE)]


def read(*paths):
    return [quad.triple for path in paths for quad in reader.read(path)]


# ---- OWL 2 RL: ontology, concepts, alignments and data


def closure(statements):
    """Everything that follows by the OWL 2 RL rules (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL)."""
    from owlrl import DeductiveClosure, OWLRL_Semantics
    from rdflib import Graph

    graph = Graph().parse(data=ox.serialize(statements, format=ox.RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(OWLRL_Semantics).expand(graph)
    return graph


def contradictions(graph):
    from owlrl.Namespaces import ERRNS

    return sorted(str(message) for message in graph.objects(None, ERRNS.error))


@pytest.fixture(scope="module")
def stated():
    return {quad.triple for quad in CATALOG.load()}


@pytest.fixture(scope="module")
def entailed(stated):
    return closure([*stated, *triples(FOREIGN)])


def test_nothing_that_follows_is_a_contradiction(entailed):
    from rdflib import OWL, RDF

    assert contradictions(entailed) == []
    assert list(entailed.subjects(RDF.type, OWL.Nothing)) == []


def test_nothing_is_in_two_disjoint_classes(entailed):
    from rdflib import OWL, RDF

    pairs = list(entailed.subject_objects(OWL.disjointWith))
    assert len(pairs) > 50
    both = [
        (a, b, set(entailed.subjects(RDF.type, a)) & set(entailed.subjects(RDF.type, b))) for a, b in pairs
    ]
    assert [clash for clash in both if clash[2]] == []


def test_domains_and_ranges_invent_no_type(stated, entailed):
    """Every class of ours that a thing is found to be in is one that it says, or one above it."""
    from rdflib import RDF

    above = defaultdict(set)
    for subject, predicate, value in stated:
        if predicate.value == expand("rdfs:subClassOf"):
            above[subject.value].add(value.value)

    def with_ancestors(name):
        return {name}.union(*(with_ancestors(parent) for parent in above[name]))

    said = defaultdict(set)
    for subject, predicate, value in stated:
        if predicate.value == expand("rdf:type"):
            said[str(subject.value)] |= with_ancestors(value.value)
    found = [(str(s), str(o)) for s, o in entailed.subject_objects(RDF.type) if str(o).startswith(PG)]
    assert len(found) > 500
    assert sorted((s, o) for s, o in found if o not in said[s]) == []


def test_text_is_never_a_thing_nor_a_thing_text(stated, entailed):
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


@pytest.fixture(scope="module")
def trapped(stated):
    """What follows when the traps that an axiom catches are all there at once."""
    data = ox.Store()
    data.extend(ox.Quad(*triple) for triple in stated)
    for fault in FAULTS:
        if TRAPS.get(fault.name, ("", ""))[1]:
            data.update(fault.edit, base_iri=BASE, prefixes=dict(PREFIXES))
    return contradictions(closure([quad.triple for quad in data]))


@pytest.mark.parametrize("name", [name for name, (_, axiom) in TRAPS.items() if axiom])
def test_a_trap_contradicts_its_axiom(name, stated, trapped):
    (axiom,) = triples(f"{TRAPS[name][1]} .")
    assert axiom in stated
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    names = (axiom.subject.value, axiom.object.value, BASE + fault.focus.strip("<>"))
    assert any(all(each in message for each in names) for message in trapped), trapped


# ---- OWL 2 DL and RL: the ontology by its own declarations

KINDS = {expand(f"owl:{k}") for k in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")}
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
                return is_thing(subject) and is_a("Class", value)
            case "owl:imports" | "owl:versionIRI":
                return all(map(is_thing, both))
            case "rdfs:subClassOf" | "owl:disjointWith" | "owl:equivalentClass":
                return all(is_a("Class", term) for term in both)
            case "rdfs:subPropertyOf":
                return any(all(is_a(kind, term) for term in both) for kind in properties)
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
        "pg:isPartOf rdfs:subPropertyOf pg:amount",
        "pg:isPartOf rdfs:domain owl:Thing",
        "pg:startDate rdfs:range xsd:date",
        "pg:rationale rdfs:range rdf:langString",
        "pg:isPartOf rdfs:range xsd:string",
        "pg:Plan dct:rights 'free'@en",
        "pg:isPartOf a owl:DatatypeProperty",
        "dct:title a owl:ObjectProperty",
        "pg:isIdentifiedWith skos:relatedMatch owl:sameAs",
        "pg:Plan pg:amount <urn:a>",
        "<urn:a> a pg:Undeclared",
        "rdf:object a owl:ObjectProperty",
    ],
)
def test_what_is_outside_the_profiles_is_found(statement):
    assert profile_faults([*read(CORE, ALIGNMENTS), *triples(f"{statement} .")]) != []


# ---- OWL 2 DL: HermiT, Pellet and the OWL API's profile checkers, from the wheel of owlready2

JDK = "install Java 17 or newer with its compiler (Debian: apt-get install default-jdk-headless)"


def java(*arguments):
    return subprocess.run(["java", *arguments], capture_output=True, text=True)


def has_java(*modules):
    if not shutil.which("java"):
        return False
    listed = java("--list-modules")  # fails where only Apple's stub is there
    return listed.returncode == 0 and all(f"{module}@" in listed.stdout for module in modules)


@pytest.fixture(scope="module")
def needs_java():
    if not has_java():
        missing(f"no OWL reasoner was run: {JDK}")


@pytest.fixture(scope="module")
def needs_jdk():
    if not has_java("jdk.compiler"):
        missing(f"no OWL API profile was checked: {JDK}")


CONTRADICTIONS = {
    "a means that is a goal": "<urn:x> a pg:Means , pg:Goal",
    "a plan that is an area": "<urn:x> a pg:Strategy , pg:ModernisationArea",
    "an expected contribution that is a budget": "<urn:x> a pg:ExpectedContribution , pg:Budget",
    "a target where a goal belongs": "<urn:x> pg:hasGoal <urn:y> . <urn:y> a pg:Target",
    "an actor that refines an area": "<urn:x> a pg:Government ; pg:refines <urn:y>",
}


def written(folder, statements, *, suffix):
    """A file for a reasoner, without imports: they would be fetched, and are merged here already."""
    rest = [triple for triple in statements if triple.predicate.value != expand("owl:imports")]
    path = Path(folder) / f"ontology.{suffix}"
    path.write_bytes(ox.serialize(rest, format=ox.RdfFormat.from_extension(suffix)))
    return path


def jars(name):
    import owlready2

    return os.pathsep.join(map(str, sorted((Path(owlready2.__file__).parent / name).glob("*.jar"))))


def hermit(path):
    """The classes that can have no member; None where the ontology contradicts itself."""
    import owlready2

    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return None
    return [each.iri for each in world.inconsistent_classes() if each is not owlready2.Nothing]


def pellet(path, command):
    # owlready2 asks Jena to read, in a build that wants Java 25; Pellet's other reader is content with less.
    done = java(
        "-cp", jars("pellet"), "pellet.Pellet", command, "--loader", "OWLAPI", "--ignore-imports", str(path)
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
@pytest.mark.usefixtures("needs_java")
@every_closure
def test_hermit_and_pellet_find_it_consistent_and_every_class_possible(paths, tmp_path):
    statements = read(*paths)
    assert hermit(written(tmp_path, statements, suffix="nt")) == []
    file = written(tmp_path, statements, suffix="rdf")
    assert "Consistent: Yes" in pellet(file, "consistency")
    assert "Found no unsatisfiable concepts" in pellet(file, "unsat")


@pytest.mark.full
@pytest.mark.usefixtures("needs_java")
@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_hermit_and_pellet_find_a_contradiction(contradiction, tmp_path):
    statements = [*read(CORE, ALIGNMENTS), *triples(f"{CONTRADICTIONS[contradiction]} .")]
    assert hermit(written(tmp_path, statements, suffix="nt")) is None
    assert "Consistent: No" in pellet(written(tmp_path, statements, suffix="rdf"), "consistency")


@pytest.mark.full
@pytest.mark.usefixtures("needs_java")
def test_hermit_finds_a_class_that_can_have_no_member(tmp_path):
    more = triples("pg:Impossible a owl:Class ; rdfs:subClassOf pg:Means , pg:Goal .")
    assert hermit(written(tmp_path, [*read(CORE), *more], suffix="nt")) == [PG + "Impossible"]


PROFILES = """
import java.io.File;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.*;

public class Profiles {
  public static void main(String[] files) throws Exception {
    OWLOntology ontology =
        OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(files[0]));
    for (OWLProfile profile : new OWLProfile[] {new OWL2DLProfile(), new OWL2RLProfile()})
      for (OWLProfileViolation violation : profile.checkOntology(ontology).getViolations())
        System.out.println(profile.getName() + ": " + violation);
  }
}
"""


def owl_api_faults(folder, statements):
    source = Path(folder) / "Profiles.java"
    source.write_text(PROFILES, encoding="utf-8")
    done = java("-cp", jars("pellet"), str(source), str(written(folder, statements, suffix="rdf")))
    assert done.returncode == 0, done.stderr
    # "null": the dates in the header, which belong to no axiom; RL knows no xsd:date, the usual type there.
    return [line for line in done.stdout.splitlines() if "xsd:date  [null in OntologyID" not in line]


@pytest.mark.full
@pytest.mark.usefixtures("needs_jdk")
@every_closure
def test_the_owl_api_finds_it_in_owl_2_dl_and_rl(paths, tmp_path):
    assert owl_api_faults(tmp_path, read(*paths)) == []


@pytest.mark.full
@pytest.mark.usefixtures("needs_jdk")
def test_the_owl_api_finds_what_is_outside_the_profiles(tmp_path):
    more = triples(
        """pg:startDate rdfs:range xsd:date . pg:isPartOf rdfs:domain owl:Thing .
        pg:Claim rdfs:subClassOf rdf:Statement ."""
    )
    faults = "\n".join(owl_api_faults(tmp_path, [*read(CORE, ALIGNMENTS), *more]))
    assert all(word in faults for word in ("OWL 2 RL: ", "OWL 2 DL: ", "xsd:date", "owl:Thing", "Statement"))
