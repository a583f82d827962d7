"""What follows by the OWL 2 RL rules, and the axioms of other vocabularies that bear on ours."""

from __future__ import annotations

import pyoxigraph as ox

from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

# What the vocabularies we build on say of their own terms, as far as it can contradict us: domains, ranges,
# hierarchies and disjointness of the terms that our data or alignments use, or that data like ours are
# tempted to use. Written down by us from SKOS (S9, S19, S27, S39-S46), PROV-O, ORG, FOAF, OA, DCAT 3, ADMS
# and schema.org, which takes domains and ranges as hints, so that its hierarchy alone counts.
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
org:subOrganizationOf rdfs:domain org:Organization ; rdfs:range org:Organization ;
  rdfs:subPropertyOf org:transitiveSubOrganizationOf .
org:transitiveSubOrganizationOf a owl:TransitiveProperty .
org:classification rdfs:domain org:Organization ; rdfs:range skos:Concept .
foaf:Organization rdfs:subClassOf foaf:Agent ; owl:disjointWith foaf:Document .
foaf:page rdfs:range foaf:Document .
foaf:homepage rdfs:subPropertyOf foaf:page ; a owl:InverseFunctionalProperty .
oa:exact rdfs:range xsd:string .
oa:start rdfs:range xsd:nonNegativeInteger .
oa:end rdfs:range xsd:nonNegativeInteger .
oa:hasSource rdfs:domain oa:ResourceSelection ; rdfs:range rdfs:Resource .
oa:hasSelector rdfs:domain oa:ResourceSelection ; rdfs:range oa:Selector .
oa:SpecificResource rdfs:subClassOf oa:ResourceSelection .
oa:TextPositionSelector rdfs:subClassOf oa:Selector .
dcat:Dataset rdfs:subClassOf dcat:Resource .
dcat:theme rdfs:domain dcat:Resource ; rdfs:range skos:Concept ; rdfs:subPropertyOf dct:subject .
dcat:keyword rdfs:domain dcat:Resource ; rdfs:range rdfs:Literal .
dcat:startDate rdfs:domain dct:PeriodOfTime ; rdfs:range rdfs:Literal .
dcat:endDate rdfs:domain dct:PeriodOfTime ; rdfs:range rdfs:Literal .
dcat:distribution rdfs:domain dcat:Dataset ; rdfs:range dcat:Distribution .
adms:status rdfs:range skos:Concept .
schema:Project rdfs:subClassOf schema:Organization .
schema:GovernmentOrganization rdfs:subClassOf schema:Organization .
schema:Country rdfs:subClassOf schema:AdministrativeArea .
schema:AdministrativeArea rdfs:subClassOf schema:Place .
schema:Claim rdfs:subClassOf schema:CreativeWork .
schema:Legislation rdfs:subClassOf schema:CreativeWork .
schema:Dataset rdfs:subClassOf schema:CreativeWork .
schema:DefinedTermSet rdfs:subClassOf schema:CreativeWork .
schema:Organization rdfs:subClassOf schema:Thing .
schema:Place rdfs:subClassOf schema:Thing .
schema:CreativeWork rdfs:subClassOf schema:Thing .
"""


def triples(text):
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    return [q.triple for q in ox.parse(head + text, format=ox.RdfFormat.TURTLE, base_iri=BASE)]


def closure(statements):
    """Everything that follows by the OWL 2 RL rules (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL)."""
    from owlrl import DeductiveClosure, OWLRL_Semantics
    from rdflib import OWL, Graph, Literal

    class Rules(OWLRL_Semantics):
        """Looks in a set whether a triple is there; owlrl asks rdflib's graph, twice for each."""

        def __init__(self, graph, *arguments, **options):
            super().__init__(graph, *arguments, **options)
            self.known = {*graph}

        def store_triple(self, triple):
            if triple not in self.known and not isinstance(triple[1], Literal):
                self.known.add(triple)
                self.added_triples.add(triple)

        def _equality(self, triple, cycle):
            subject, predicate, value = triple
            itself = predicate == OWL.sameAs and subject == value
            if itself and (subject, OWL.differentFrom, value) not in self.known:
                self.store_triple((predicate, predicate, predicate))  # the rest of what follows is there
            else:
                super()._equality(triple, cycle)

    graph = Graph().parse(data=ox.serialize(statements, format=ox.RdfFormat.N_TRIPLES), format="nt")
    DeductiveClosure(Rules).expand(graph)
    return graph


def contradictions(graph):
    from owlrl.Namespaces import ERRNS

    return sorted(str(message) for message in graph.objects(None, ERRNS.error))
