"""Denmark's data, read through the alignments, answers questions asked in other vocabularies only."""

from __future__ import annotations

import pytest
from checkout import SHIPPED

from policygraph import Catalog, EmbeddedStore
from policygraph.rdf.namespaces import MODEL as BASE

OWN = ("pg", "pgid", "pgc", "pgs")

# RDFS entailment (rules rdfs7 and rdfs9) over the mappings that say more than "much the same".
SUPER_PROPERTIES = """CONSTRUCT { ?s ?wider ?o } WHERE { ?p rdfs:subPropertyOf+ ?wider . ?s ?p ?o }"""
SUPER_CLASSES = """CONSTRUCT { ?s a ?wider } WHERE { ?class rdfs:subClassOf+ ?wider . ?s a ?class }"""

# In the terms of …: the question, and its answer on the shipped data, checked by hand against the source.
QUESTIONS = {
    "ORG: which organisation is below which?": (
        """SELECT ?below ?above { ?one org:subOrganizationOf ?other .
             ?one a org:Organization ; skos:prefLabel ?below .
             ?other a org:Organization ; skos:prefLabel ?above .
             FILTER(LANG(?below) = "en" && LANG(?above) = "en") }""",
        {
            ("Agency for Digital Government", "Ministry of Digital Government and Gender Equality"),
            ("Agency for Governmental IT Services", "Ministry of Finance"),
            ("Agency for Public Finance and Management", "Ministry of Finance"),
            ("Danish Business Authority", "Ministry of Industry, Business and Financial Affairs"),
            ("Unit for digital-ready legislation", "Ministry of Finance"),
        },
    ),
    "ORG: which organisations have a home page?": (
        """SELECT ?name ?page { ?body a org:Organization ; skos:prefLabel ?name ; foaf:homepage ?page .
             FILTER(LANG(?name) = "en") }""",
        {
            ("Agency for Digital Government", "https://digst.dk/"),
            ("Local Government Denmark", "https://www.kl.dk/"),
            ("Danish Regions", "https://www.regioner.dk/"),
            ("Observatory of Public Sector Innovation", "https://oecd-opsi.org/"),
        },
    ),
    "PROV: whose reading are hundreds of statements?": (
        """SELECT ?agent (COUNT(DISTINCT ?statement) >= 400 AS ?many) {
             ?statement a prov:Entity ; rdf:predicate [] ; prov:wasAttributedTo ?agent } GROUP BY ?agent""",
        {("agent/policygraph", "true")},
    ),
    "SKOS: which concept is narrower than one of another scheme?": (
        """SELECT ?narrow ?broad { ?narrow skos:broadMatch ?broad ; skos:inScheme ?one .
             ?broad skos:inScheme ?other . FILTER(?one != ?other) }""",
        {
            ("id/dk/area/welfare-technology-in-care", "id/dk/area/use-of-welfare-technology"),
            ("id/dk/area/digital-learning-and-education", "id/dk/area/digitisation-in-the-public-sector"),
            ("id/dk/area/digital-collaboration-in-education", "id/dk/area/digitisation-in-the-public-sector"),
            ("id/dk/area/digital-paths-in-case-processing", "id/dk/area/digitisation-in-the-public-sector"),
            ("concept/theme/digital-welfare", "concept/domain/domain-specific"),
        },
    ),
    "SKOS: how many top concepts has each scheme of the country?": (
        """SELECT ?scheme (COUNT(?concept) AS ?n) {
             ?concept skos:topConceptOf ?scheme . ?scheme dct:spatial ?country } GROUP BY ?scheme""",
        {
            ("id/dk/scheme/modernisation-areas", "8"),
            ("id/dk/scheme/digital-welfare-areas", "7"),
            ("id/dk/scheme/tech-diplomacy-pillars", "3"),
        },
    ),
    "DCAT: what is the dataset called, and under which licence?": (
        """SELECT ?title ?licence {
             ?data a dcat:Dataset ; dct:title ?title ; dct:license ?licence ; dcat:version [] .
             FILTER(LANG(?title) = "en") }""",
        {
            (
                "Denmark: plans for a modern and digital public sector",
                "https://creativecommons.org/licenses/by/4.0/",
            ),
            ("International bodies and acts", "https://creativecommons.org/licenses/by/4.0/"),
        },
    ),
    "schema.org: which works are about which subjects?": (
        """SELECT ?work ?subject { ?work a schema:CreativeWork ; schema:about ?subject }""",
        {
            ("id/dk/case-study/nemid", "id/dk/initiative/nemid"),
            ("id/dk/case-study/nemid", "id/dk/means/public-sector-innovation"),
            ("id/int/publication/opsi-case-study-database", "id/dk/means/public-sector-innovation"),
            ("id/int/publication/governance-of-inclusive-growth-2016-denmark", "id/dk/country/denmark"),
            ("id/int/publication/government-at-a-glance-2015-denmark", "id/dk/country/denmark"),
            ("id/dk/publication/digital-ready-guidelines", "id/dk/initiative/digital-ready-legislation"),
            ("id/dk/publication/digital-ready-report-2021", "id/dk/initiative/digital-ready-legislation"),
            ("id/dk/publication/digst-website", "id/dk/plan/digital-strategy-2016-2020"),
        },
    ),
    "OWL-Time: what ran at the end of 2014?": (
        """SELECT ?plan { ?plan time:hasTime ?interval . ?interval a time:ProperInterval ;
             time:hasBeginning/time:inXSDDate ?start ; time:hasEnd/time:inXSDDate ?end .
             FILTER(?start <= "2014-12-31"^^xsd:date && "2014-12-31"^^xsd:date <= ?end) }""",
        {
            ("id/dk/plan/public-sector-digitisation-2011-2015",),
            ("id/dk/plan/digital-welfare-2013-2020",),
            ("id/dk/plan/basic-data-programme",),
        },
    ),
    "Dublin Core: which subjects have several things in common?": (
        """SELECT ?subject (COUNT(DISTINCT ?thing) AS ?n) {
             ?thing dct:subject ?subject . ?subject a skos:Concept ; skos:inScheme ?scheme .
             FILTER(CONTAINS(STR(?subject), "/theme/")) }
           GROUP BY ?subject HAVING(COUNT(DISTINCT ?thing) > 1)""",
        {
            ("concept/theme/digital-welfare", "2"),
            ("concept/theme/economic-growth", "2"),
            ("concept/theme/job-creation", "2"),
            ("concept/theme/public-sector-digitisation", "3"),
        },
    ),
    "ADMS: how far is what?": (
        """SELECT ?system ?status { ?system adms:status ?status . ?status a skos:Concept
             FILTER(REGEX(STR(?system), "/(infrastructure|plan)/")) }""",
        {
            ("id/dk/plan/basic-data-programme", "concept/status/completed"),
            ("id/dk/infrastructure/data-distributor-next", "concept/status/planned"),
            ("id/dk/infrastructure/national-tender-system", "concept/status/planned"),
            ("id/dk/infrastructure/health-analysis-platform", "concept/status/under-way"),
            ("id/dk/infrastructure/health-data-contact-point", "concept/status/under-way"),
        },
    ),
}


@pytest.fixture(scope="module")
def aligned() -> EmbeddedStore:
    """Denmark, what its mappings entail, and the intervals that a saved question makes of its plans."""
    from pyoxigraph import Quad

    catalog = Catalog(SHIPPED)
    store = catalog.load("denmark", "international")
    # Properties before classes: a rule of one never feeds the other here.
    for text in (SUPER_PROPERTIES, SUPER_CLASSES, catalog.queries["plan-intervals"].bind()):
        store.add([Quad(*triple) for triple in store.query(text)])
    return store


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_in_foreign_terms_is_answered(question, aligned, store):
    text, expected = QUESTIONS[question]
    assert not any(f"{prefix}:" in text for prefix in OWN)

    def answers(asked) -> set[tuple[str, ...]]:
        return {tuple(term.value.removeprefix(BASE) for term in row) for row in asked.query(text)}

    assert answers(aligned) == expected


def test_alignments_are_what_makes_the_difference(aligned, store):
    changed = 0
    for text, _ in QUESTIONS.values():
        changed += sorted(map(str, store.query(text))) != sorted(map(str, aligned.query(text)))
    assert changed >= 6


def test_inexact_mappings_say_what_differs(store):
    bare = """SELECT ?term ?other { ?term skos:closeMatch|skos:relatedMatch ?other .
                FILTER(STRSTARTS(STR(?term), STR(pg:)))
                FILTER NOT EXISTS { ?term skos:scopeNote ?note . FILTER(LANG(?note) = "en") } }"""
    assert [str(row) for row in store.query(bare)] == []


def test_nothing_is_mapped_to_what_would_make_it_something_else(store):
    """schema:Project is an organisation; a successor need not replace; OA's terms are named in notes only."""
    mapped = """SELECT ?term ?other { ?term ?how ?other . FILTER(STRSTARTS(STR(?term), STR(pg:)))
        FILTER(?how IN (rdfs:subClassOf, rdfs:subPropertyOf, skos:closeMatch, skos:relatedMatch))
        FILTER(?other = schema:Project || STRSTARTS(STR(?other), STR(oa:)) ||
          (?other = dct:replaces && ?how = rdfs:subPropertyOf)) }"""
    assert [str(row) for row in store.query(mapped)] == []


def test_only_concepts_and_terms_have_skos_mappings(store):
    wrong = """SELECT DISTINCT ?thing {
        ?thing skos:exactMatch|skos:closeMatch|skos:broadMatch|skos:narrowMatch|skos:relatedMatch ?other
        FILTER NOT EXISTS { ?thing a skos:Concept }
        FILTER NOT EXISTS { ?thing rdfs:isDefinedBy <https://w3id.org/policygraph/ontology> } }"""
    assert [str(row) for row in store.query(wrong)] == []
