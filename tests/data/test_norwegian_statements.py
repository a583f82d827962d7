"""What a factsheet says of Norway can be said in the model, each statement with its passage."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from entailment import FOREIGN, closure, contradictions, triples

from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import validate
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

CATALOG = Catalog.find()
FIXTURE = Path(__file__).with_name("norwegian_statements.ttl")

# The statement; a question for the subject, relation and object of its claims; the answer.
STATEMENTS = {
    "The Digital Strategy 2019-2025 was launched in June 2019": (
        """?s ?p ?o ; dct:type <concept/plan-type/strategy> . FILTER(?p = pg:launched)""",
        {("plan/digital-strategy-2019-2025", "2019-06")},
    ),
    "The Geodata Strategy was launched on 1 November 2018": (
        """?s ?p ?o ; pg:launchedBy/a pg:Government . FILTER(?p = pg:launched)""",
        {("plan/geodata-strategy-2025", "2018-11-01")},
    ),
    "The StartOff programme was launched in 2021, in the State Budget": (
        """?s ?p ?o ; a pg:Initiative ; pg:isPartOf <id/no/plan/state-budget-2021> .
           FILTER(?p = pg:launched)""",
        {("initiative/startoff", "2021")},
    ),
    "The procurement programme lasts until 2024, costs NOK 91 million and gains NOK 3.6 billion": (
        """?programme pg:periodEnd "2024"^^xsd:gYear ; pg:hasBudget|pg:expectedContribution ?s .
           ?s ?p ?o ; pg:unit <http://publications.europa.eu/resource/authority/currency/NOK> .
           FILTER(?p = pg:value)""",
        {("amount/digital-procurement-cost", "91000000"), ("amount/digital-procurement-gains", "3600000000")},
    ),
    "The white paper has five priorities": (
        """?s ?p ?o ; dct:type <concept/plan-type/white-paper> . ?o skos:inScheme/pg:expectedConceptCount 5 .
           FILTER(?p = pg:targetsArea) FILTER NOT EXISTS { ?o skos:notation ?number }""",
        {
            ("plan/digital-agenda", f"area/{name}")
            for name in (
                "user-centric-focus",
                "innovation-and-productivity",
                "digital-competence-and-inclusion",
                "effective-digitisation",
                "data-protection-and-security",
            )
        },
    ),
    "The white paper has two objectives": (
        """?s ?p ?o ; dct:type <concept/plan-type/white-paper> . FILTER(?p = pg:hasGoal)""",
        {
            ("plan/digital-agenda", "goal/user-centric-administration"),
            ("plan/digital-agenda", "goal/value-creation-and-inclusion"),
        },
    ),
    "The action plan is coordinated by the agency, and a ministry is responsible for digital policy": (
        """?s ?p ?o . ?o a pg:PublicOrganisation . FILTER(?p IN (pg:coordinatedBy, pg:responsibleBody))""",
        {
            ("plan/action-plan-2019-2025", "organisation/digdir"),
            ("plan/digitalisation-policy", "organisation/ministry-of-local-government"),
        },
    ),
    "The register centre is subordinate to a ministry": (
        """?s ?p ?o . FILTER(?p = pg:subordinateTo)""",
        {("organisation/bronnoysund", "organisation/ministry-of-trade")},
    ),
    "eInvoicing is mandatory for central government since 2011": (
        """?s ?p ?o ; pg:inForceSince "2011"^^xsd:gYear . FILTER(?p = pg:obliges)""",
        {("duty/einvoicing-central", "group/central-government-entities")},
    ),
    "eInvoicing is mandatory for all by a regulation of 2019": (
        """?s ?p ?o ; pg:hasLegalBasis/pg:adopted "2019"^^xsd:gYear . FILTER(?p = pg:obliges)""",
        {("duty/einvoicing-all", "group/public-sector-entities")},
    ),
    "An act transposes Regulation 910/2014": (
        """?s ?p ?o ; pg:inForceSince ?since . FILTER(?p = pg:transposes)""",
        {("legislation/electronic-trust-services", "legislation/eidas")},
    ),
    "A principle has the score 4 of 1 to 4 in 2022, and 16 indicators are very good": (
        """?s ?p ?o ; pg:periodEnd "2022"^^xsd:gYear ; pg:hasIndicator ?indicator . FILTER(?p = pg:value)""",
        {("observation/eif-openness-2022", "4"), ("observation/eif-cross-border", "16")},
    ),
    "The contact register, run by the agency, has been in operation since 2014": (
        """?s ?p ?o ; pg:operatedBy <id/no/organisation/digdir> . FILTER(?p = pg:inOperationSince)""",
        {("infrastructure/contact-register", "2014")},
    ),
    "Beyond the eleven: who advises, who supervises, what was established when": (
        """?s ?p ?o . FILTER(?p IN (pg:advisedBy, pg:supervisedBy, pg:established))""",
        {
            ("initiative/digitalisation-projects", "organisation/digitalisation-board"),
            ("legislation/data-protection", "organisation/data-protection-agency"),
            ("organisation/data-sharing-centre", "2020-09"),
        },
    ),
}


@pytest.fixture(scope="module")
def norway():
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in [*CATALOG.load(), *reader.read(FIXTURE)])
    return store


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_is_said_with_its_passage(statement, norway):
    where, expected = STATEMENTS[statement]
    claimed = """?claim rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o ; pg:basis <concept/basis/stated> ;
        pg:passage ?passage . ?passage pg:isPassageOf <source/eu-factsheet-norway> ; pg:sha256 ?digest ."""
    rows = norway.query(
        f"SELECT DISTINCT ?s ?o {{ {where} {claimed} FILTER(STRSTARTS(STR(?s), '{BASE}id/no/')) }}",
        base_iri=BASE,
        prefixes=dict(PREFIXES),
    )
    assert {tuple(term.value.removeprefix(f"{BASE}id/no/") for term in row) for row in rows} == expected


def test_the_statements_conform_to_the_shapes_without_any_danish(examplia):
    assert "@da" not in FIXTURE.read_text(encoding="utf-8")
    report = validate(examplia, FIXTURE)
    assert [(each.focus, each.message) for each in report.results] == []


@pytest.mark.full
def test_the_statements_contradict_nothing():
    """Without Denmark, of which test_reasoning.py asks it."""
    quads = [*CATALOG.load("international"), *reader.read(FIXTURE)]
    assert contradictions(closure([*(quad.triple for quad in quads), *triples(FOREIGN)])) == []
