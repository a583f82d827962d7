"""The data in data/*.ttl held to account: rules for every dataset, then Denmark against its source."""

from __future__ import annotations

import csv
import re
from hashlib import sha256

import format_turtle
import pyoxigraph as ox
import pytest
from checkout import SHIPPED as ROOT

from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import validate
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, expand

CATALOG = Catalog(ROOT)
DATASETS = list(CATALOG.datasets.values())
# What is written for machines, and so has no language.
CODES = {expand("skos:notation"), expand("dcat:version")}


def iri(name):
    return ox.NamedNode(name if ":" in name else BASE + name)


def rows(store, select):
    """The answer as tuples of text; IRIs of the catalogue are relative to its base, an unbound one is ""."""
    return [
        tuple(term.value.removeprefix(BASE) if term else "" for term in row) for row in store.query(select)
    ]


def table(name):
    with (ROOT / "tests" / "data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def everything():
    """The ontology with every dataset."""
    return CATALOG.load()


@pytest.fixture(scope="module")
def store():
    """The ontology with Denmark."""
    return CATALOG.load("denmark")


# ---- Every dataset

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


@every_dataset
def test_a_dataset_is_laid_out_canonically(dataset):
    text = dataset.path.read_text(encoding="utf-8")
    assert format_turtle.format(text) == text, "run: make format"


@every_dataset
def test_the_engine_keeps_every_literal_as_it_is_written(dataset):
    quads = set(reader.read(dataset.path, graph=dataset.iri))
    stored = ox.Store()
    stored.extend(quads)
    assert set(stored) == quads, "write these literals in canonical form"


@every_dataset
def test_a_dataset_describes_itself_under_the_iri_of_its_graph(dataset):
    quads = reader.read(dataset.path)
    described = [q.subject.value for q in quads if q.object == iri(expand("dcat:Dataset"))]
    assert described == [dataset.iri]


@every_dataset
def test_a_dataset_conforms_to_the_shapes_by_itself(dataset):
    report = validate(CATALOG, dataset.name)
    assert report.results == ()
    assert report.conforms


def test_all_datasets_conform_together():
    report = validate(CATALOG)
    assert report.results == ()
    assert report.conforms


@every_dataset
def test_a_dataset_has_no_blank_nodes(dataset):
    terms = {term for quad in reader.read(dataset.path) for term in quad.triple}
    assert not [term for term in terms if isinstance(term, ox.BlankNode)]


@every_dataset
def test_every_text_for_people_has_a_language(dataset):
    texts = {
        (q.predicate.value, q.object.value)
        for q in reader.read(dataset.path)
        if isinstance(q.object, ox.Literal) and q.object.datatype.value == expand("xsd:string")
    }
    assert {path for path, _ in texts} <= CODES


@every_dataset
def test_no_iri_of_the_catalogue_is_named_but_described_nowhere(dataset):
    quads = reader.read(dataset.path)
    shared = [q for path in [*CATALOG.ontology, CATALOG.shapes] for q in reader.read(path)]
    described = {q.subject for q in [*quads, *shared]}
    named = {t for q in quads for t in q.triple if isinstance(t, ox.NamedNode) and t.value.startswith(BASE)}
    assert named <= described


@every_dataset
def test_iris_of_things_are_plain_and_say_their_type_in_their_path(dataset):
    for subject in {quad.subject.value for quad in reader.read(dataset.path)}:
        path = subject.removeprefix(BASE)
        assert re.fullmatch(
            r"id/[a-z]{2,3}/[a-z-]+/[a-z0-9]+(-[a-z0-9]+)*|source/[a-z0-9-]+(#char=\d+,\d+)?|data/[a-z-]+(#\w+)?",
            path,
        ), subject


@every_dataset
def test_direct_triples_and_claims_are_in_step(everything, dataset):
    relations = {name for (name,) in rows(everything, "SELECT ?p { ?p rdfs:subPropertyOf* pg:relatesTo }")}
    direct, claimed, weak = set(), set(), set()
    quads = reader.read(dataset.path)
    about = {}
    for quad in quads:
        if quad.predicate.value.removeprefix(BASE) in relations:
            direct.add(quad.triple)
        about.setdefault(quad.subject, {})[quad.predicate.value] = quad.object
    for properties in about.values():
        predicate = properties.get(expand("rdf:predicate"))
        if predicate and predicate.value.removeprefix(BASE) in relations:
            said = ox.Triple(properties[expand("rdf:subject")], predicate, properties[expand("rdf:object")])
            strength = properties.get(expand("pg:strength"))
            (weak if strength == iri("concept/strength/weak") else claimed).add(said)
    assert direct == claimed
    assert not direct & weak


@every_dataset
def test_what_the_source_states_about_a_thing_stands_at_the_thing(everything, dataset):
    unsaid = rows(
        everything,
        f"""SELECT ?claim {{ GRAPH <{dataset.iri}> {{
              ?claim pg:basis <{BASE}concept/basis/stated> ;
                rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o .
              FILTER NOT EXISTS {{ ?s ?p ?o }} }} }}""",
    )
    assert unsaid == []


@every_dataset
def test_every_thing_has_a_claim_or_belongs_to_something_that_has(everything, dataset):
    lonely = rows(
        everything,
        f"""SELECT DISTINCT ?thing {{ GRAPH <{dataset.iri}> {{ ?thing a ?type }}
              ?type rdfs:subClassOf* pg:PolicyEntity .
              FILTER NOT EXISTS {{ ?claim rdf:subject ?thing }}
              FILTER NOT EXISTS {{ ?claim rdf:object ?thing }}
              FILTER NOT EXISTS {{ ?document dct:publisher ?thing }}
              FILTER NOT EXISTS {{ ?thing a pg:Participation }} }}""",
    )
    assert lonely == []


@pytest.mark.parametrize(
    "path",
    [*CATALOG.ontology, *(dataset.path for dataset in DATASETS)],
    ids=lambda path: f"{path.parent.name}/{path.stem}",
)
def test_a_text_is_given_in_every_language_of_its_file(path):
    """The languages of a file are those of the title of what it describes itself as."""
    quads = reader.read(path)
    files = {q.subject for q in quads if q.object.value in (expand("dcat:Dataset"), expand("owl:Ontology"))}
    titles = [q for q in quads if q.subject in files and q.predicate.value == expand("dct:title")]
    languages = {title.object.language for title in titles}
    texts = {expand(term) for term in ("skos:prefLabel", "skos:definition", "pg:rationale", "rdfs:label")}
    given = {}
    for quad in quads:
        if quad.predicate.value in texts:
            given.setdefault((quad.subject, quad.predicate), set()).add(quad.object.language)
    assert given
    assert "en" in languages
    assert {text: found for text, found in given.items() if not found >= languages} == {}


# ---- Denmark: the source, fact by fact

FACTS = table("facts.csv")
CONNECTIONS = table("cross-connections.csv")
SOURCE = "source/opsi-denmark"


@pytest.fixture(scope="module")
def passages(store):
    """Every passage of the source: its positions, words, number of uses and reason for being left out."""
    found = rows(
        store,
        f"""SELECT ?start ?end ?exact ?reason (COUNT(DISTINCT ?user) AS ?uses) {{
              ?passage pg:isPassageOf <{BASE}{SOURCE}> ; pg:charStart ?start ; pg:charEnd ?end .
              OPTIONAL {{ ?passage oa:exact ?exact }}
              OPTIONAL {{ ?passage pg:omissionReason ?reason FILTER(LANG(?reason) = "en") }}
              OPTIONAL {{ ?user pg:mentionedIn|pg:passage ?passage }}
            }} GROUP BY ?start ?end ?exact ?reason""",
    )
    assert len(found) == len({row[:2] for row in found})
    return {(int(start), int(end)): (exact, reason, int(uses)) for start, end, exact, reason, uses in found}


def positions(fact):
    return int(fact["start"]), int(fact["end"])


def test_each_of_the_103_facts_is_in_the_graph_or_left_out_for_a_reason(passages):
    assert len(FACTS) == 103
    missing = [
        fact["id"]
        for fact in FACTS
        if positions(fact) not in passages or not any(passages[positions(fact)][1:])
    ]
    assert missing == []


def test_what_is_left_out_is_what_the_documentation_says(passages):
    left_out = [fact["id"] for fact in FACTS if passages[positions(fact)][1]]
    text = (ROOT / "docs" / "omissions.md").read_text(encoding="utf-8")
    assert left_out == ["F081", "F099"] == sorted(set(re.findall(r"\bF\d{3}\b", text)))


def test_what_is_left_out_is_used_nowhere(passages):
    assert [at for at, (_, reason, uses) in passages.items() if reason and uses] == []


def test_every_passage_of_the_source_is_a_fact(passages):
    assert set(passages) == {positions(fact) for fact in FACTS}


def test_quotations_are_the_words_of_the_source(passages):
    digests = {positions(fact): fact["sha256"] for fact in FACTS}
    quoted = {at: exact for at, (exact, *_) in passages.items() if exact}
    assert len(quoted) > 50
    assert [at for at, exact in quoted.items() if sha256(exact.encode()).hexdigest() != digests[at]] == []


# ---- Denmark: the cross-connections


@pytest.mark.parametrize(
    "row", CONNECTIONS, ids=lambda row: f"{row['id']} {row['predicate']} {row['object'].rsplit('/', 1)[1]}"
)
def test_a_cross_connection_has_its_claim_with_basis_and_strength(store, row):
    subject, predicate, value = BASE + row["subject"], expand(row["predicate"]), BASE + row["object"]
    claims = rows(
        store,
        f"""SELECT ?basis ?strength {{ ?claim rdf:subject <{subject}> ; rdf:predicate <{predicate}> ;
              rdf:object <{value}> ; pg:basis ?basis . OPTIONAL {{ ?claim pg:strength ?strength }} }}""",
    )
    strength = row["strength"] and f"concept/strength/{row['strength']}"
    assert (f"concept/basis/{row['basis']}", strength) in claims
    direct = bool(store.query(f"ASK {{ <{subject}> <{predicate}> <{value}> }}"))
    assert direct == (row["strength"] != "weak")


def test_all_44_cross_connections_are_tested():
    assert {row["id"] for row in CONNECTIONS} == {f"X{number:02}" for number in range(1, 45)}


# ---- Denmark: what the source counts and dates


@pytest.mark.parametrize(
    ("kind", "scheme", "letter", "count"),
    [
        ("pg:ModernisationArea", "id/dk/scheme/modernisation-areas", "M", 8),
        ("pg:DigitalWelfareArea", "id/dk/scheme/digital-welfare-areas", "W", 7),
    ],
)
def test_areas_are_numbered_without_a_gap_in_the_order_of_the_source(store, kind, scheme, letter, count):
    areas = rows(
        store,
        f"""SELECT ?notation (MIN(?start) AS ?first) {{ ?area a {kind} ; skos:notation ?notation ;
              skos:inScheme <{BASE}{scheme}> ; pg:mentionedIn/pg:charStart ?start }}
            GROUP BY ?area ?notation""",
    )
    in_order = [notation for notation, _ in sorted(areas, key=lambda area: int(area[1]))]
    assert in_order == [f"{letter}{number}" for number in range(1, count + 1)]
    assert rows(store, f"SELECT ?n {{ <{BASE}{scheme}> pg:expectedConceptCount ?n }}") == [(str(count),)]
    assert len(rows(store, f"SELECT ?area {{ ?area a {kind} }}")) == count


def test_the_areas_have_the_names_of_the_source(store):
    procurement = "better public procurement"
    names = [
        ("M1", "Focus on impacts, results and mutual learning"),
        ("M2", "Digitisation in the public sector"),
        ("M3", "Use of welfare technology"),
        ("M4", "A service-minded public sector"),
        ("M5", "Work time regulation and working conditions in the public sector"),
        ("M6", "Increased public-private co-operation"),
        ("M7", "Better regulation and goal-orientation"),
        (
            "M8",
            f"Increased focus on exploiting capacities, economic management, leadership and {procurement}",
        ),
        ("W1", "Dissemination of telemedicine throughout Denmark"),
        ("W2", "Effective collaboration in the health area"),
        ("W3", "Welfare technology in nursing and care"),
        ("W4", "New digital paths in case processing"),
        ("W5", "Digital learning and education"),
        ("W6", "Digital collaboration in education"),
        ("W7", "Preconditions for digital welfare"),
    ]
    select = """SELECT ?n ?name { ?a a/rdfs:subClassOf pg:Area ; skos:notation ?n ; skos:prefLabel ?name
                  FILTER(LANG(?name) = "en") } ORDER BY ?n"""
    assert rows(store, select) == names


def test_three_reform_tracks_are_expected_to_contribute_2_7_and_2_7_and_1_6_billion_euro(store):
    select = """SELECT ?number ?amount ?currency { ?track a pg:ReformTrack ; skos:notation ?number ;
                  pg:isPartOf <https://w3id.org/policygraph/id/dk/plan/jobs-and-growth-towards-2020> ;
                  pg:hasExpectedContribution [ pg:amount ?amount ; pg:currency ?currency ] }
                ORDER BY ?number"""
    euro = expand("eu:currency/EUR")
    assert rows(store, select) == [
        ("1", "2700000000", euro),
        ("2", "2700000000", euro),
        ("3", "1600000000", euro),
    ]


def test_the_sum_of_the_tracks_is_marked_as_derived(store):
    select = """SELECT ?amount ?basis { ?claim rdf:predicate pg:amount ; rdf:object ?amount ; pg:basis ?basis
                  FILTER(?amount = 7000000000) }"""
    assert rows(store, select) == [("7000000000", "concept/basis/derived")]


def test_at_least_80_percent_by_2015_by_law(store):
    select = """SELECT ?comparator ?value ?unit ?due ?nature ?plan { ?target a pg:Target ;
                  pg:comparator ?comparator ; pg:targetValue ?value ; pg:unit ?unit ; pg:dueYear ?due ;
                  pg:legalNature ?nature . ?plan pg:hasTarget ?target }"""
    assert rows(store, select) == [
        (
            "concept/comparator/at-least",
            "80",
            "concept/unit/percent",
            "2015",
            "concept/legal-nature/legally-mandated",
            "id/dk/plan/public-sector-digitisation-2011-2015",
        )
    ]


def test_launch_months_are_as_precise_as_the_source_and_have_bounds(store):
    select = """SELECT ?plan ?month ?first ?last { ?plan pg:launched ?month ;
                  pg:launchedNotBefore ?first ; pg:launchedNotAfter ?last } ORDER BY ?month"""
    assert rows(store, select) == [
        ("id/dk/plan/jobs-and-growth-towards-2020", "2013-02", "2013-02-01", "2013-02-28"),
        ("id/dk/plan/digital-welfare-2013-2020", "2013-09", "2013-09-01", "2013-09-30"),
    ]
    assert len(rows(store, "SELECT ?plan { ?plan pg:launched ?month }")) == 2


def test_periods_are_as_precise_as_the_source_and_have_bounds(store):
    select = """SELECT ?plan ?start ?first ?end ?last { ?plan pg:periodStart ?start ; pg:startDate ?first ;
                  pg:periodEnd ?end ; pg:endDate ?last } ORDER BY ?start"""
    assert rows(store, select) == [
        ("id/dk/plan/public-sector-digitisation-2011-2015", "2011", "2011-01-01", "2015", "2015-12-31"),
        ("id/dk/plan/digital-welfare-2013-2020", "2013", "2013-01-01", "2020", "2020-12-31"),
        ("id/dk/plan/digital-strategy-2016-2020", "2016", "2016-01-01", "2020", "2020-12-31"),
    ]


def test_one_plan_is_both_a_strategy_and_an_action_plan(store):
    select = "SELECT ?plan { ?plan a pg:Strategy , pg:ActionPlan }"
    assert rows(store, select) == [("id/dk/plan/public-sector-digitisation-2011-2015",)]


def test_nemids_participations_have_their_roles(store):
    select = """SELECT ?who ?role { ?participation a pg:Participation ; pg:participant ?who ; pg:role ?role ;
                  pg:participatesIn <https://w3id.org/policygraph/id/dk/initiative/nemid> } ORDER BY ?who"""
    assert rows(store, select) == [
        ("id/dk/group/banking-sector", "concept/role/development-partner"),
        ("id/dk/group/danish-banks", "concept/role/commissioning-party"),
        ("id/dk/organisation/government", "concept/role/commissioning-party"),
        ("id/dk/organisation/nemid-private-provider", "concept/role/operator"),
        ("id/dk/organisation/nets-danid", "concept/role/operator"),  # external: see below
    ]


def test_the_name_of_nemids_operator_is_external(store):
    select = """SELECT ?basis { ?claim rdf:predicate pg:involves ; pg:basis ?basis ;
                  rdf:object <https://w3id.org/policygraph/id/dk/organisation/nets-danid> }"""
    assert rows(store, select) == [("concept/basis/external",)]


@pytest.mark.parametrize(
    ("at", "sectors"),
    [
        ("3511,3573", {"health", "social-services", "education"}),
        ("4435,4501", {"health", "elderly-care", "social-services", "education"}),
    ],
)
def test_both_lists_of_sectors_stand(store, at, sectors):
    select = f"""SELECT ?sector {{ ?claim rdf:predicate pg:concernsSector ; rdf:object ?sector ;
                   rdf:subject <{BASE}id/dk/plan/digital-welfare-2013-2020> ;
                   pg:basis <{BASE}concept/basis/stated> ; pg:passage <{BASE}{SOURCE}#char={at}> }}"""
    assert {sector.rsplit("/", 1)[1] for (sector,) in rows(store, select)} == sectors


def test_the_digital_strategy_involves_three_levels_of_government(store):
    select = f"""SELECT ?level {{ <{BASE}id/dk/plan/digital-strategy-2016-2020> pg:involvesLevel ?level }}
                 ORDER BY ?level"""
    assert [level.rsplit("/", 1)[1] for (level,) in rows(store, select)] == ["central", "local", "regional"]


def test_oecd_publications_have_their_parts_and_years(store):
    select = f"""SELECT ?work ?year ?part {{ ?work pg:publishedBy <{BASE}id/int/organisation/oecd> .
                   OPTIONAL {{ ?work dct:issued ?year }} OPTIONAL {{ ?part pg:isPartOf ?work }} }}
                 ORDER BY ?work"""
    works = [tuple(cell.removeprefix("id/int/publication/") for cell in row) for row in rows(store, select)]
    assert works == [
        ("governance-of-inclusive-growth-2016", "2016", "governance-of-inclusive-growth-2016-denmark"),
        ("government-at-a-glance-2015", "2015", "government-at-a-glance-2015-denmark"),
        ("oecd-publications-about-denmark", "", ""),
    ]


def test_what_the_source_does_not_say_is_not_stated(store):
    stated = f"pg:basis <{BASE}concept/basis/stated>"
    launch = f"""SELECT ?who {{ ?claim rdf:predicate ?how ; rdf:object ?who ; {stated} ;
                   rdf:subject <{BASE}id/dk/plan/digital-strategy-2016-2020>
                   FILTER(?how IN (pg:launched, pg:launchedBy, pg:approvedBy)) }}"""
    assert rows(store, launch) == []
    law = f"SELECT ?law {{ ?claim rdf:predicate pg:hasLegalBasis ; rdf:object ?law ; {stated} }}"
    assert rows(store, law) == []


def test_documents_that_disagree_both_stand(store):
    disputes = rows(store, "SELECT ?a ?b { ?a pg:disputes ?b . ?a a pg:Claim . ?b a pg:Claim }")
    assert len(disputes) >= 3
    results = rows(store, "SELECT ?text { ?claim rdf:predicate pg:reportedResult ; rdf:object ?text }")
    assert len(results) == 2


def test_a_name_that_is_no_project_translation_has_its_source(store):
    # A Danish name is either ours, and marked so, or a claim cites who uses it; names of two languages aside.
    unmarked = """SELECT DISTINCT ?thing {
        ?thing a/rdfs:subClassOf* pg:PolicyEntity ; skos:prefLabel ?danish , ?english .
        FILTER(LANG(?danish) = "da" && LANG(?english) = "en" && STR(?danish) != STR(?english))
        FILTER NOT EXISTS { ?thing pg:projectTranslation "da"^^xsd:language }
        FILTER NOT EXISTS { ?thing dct:source ?document }
        FILTER NOT EXISTS { [] rdf:subject ?thing ; rdf:predicate skos:prefLabel ; rdf:object ?danish } }"""
    assert rows(store, unmarked) == []


# Identifiers that were looked up in the registers themselves or in public files that use them.
VERIFIED = {
    "http://publications.europa.eu/resource/authority/": """country/DNK corporate-body/OECD data-theme/EDUC
        data-theme/GOVE data-theme/HEAL data-theme/SOCI""",
    "http://eurovoc.europa.eu/": """45 68 77 82 284 310 829 830 887 1018 1154 1164 1439 1503 2059 2149 2175
        2467 2468 2695 2724 2910 2968 3279 3324 4143 5899 6233 6370 6894 6929 7219 7934 7948 c_31da5694
        c_4c7717f3 c_cef8ea9d""",
    "http://www.wikidata.org/entity/": "Q35 Q41550 Q46994",
    "https://sws.geonames.org/": "2623032/",
    "http://dbpedia.org/resource/": "Denmark",
}
# Only these are the very same; every other link claims less.
SAME = {"country/DNK", "corporate-body/OECD", "Q35", "Q41550"}


def test_links_are_the_verified_ones_with_the_weakest_true_relation(store):
    links = rows(
        store,
        """SELECT ?link ?target { ?thing ?link ?target .
             FILTER(?link IN (skos:exactMatch, skos:closeMatch, skos:broadMatch, skos:narrowMatch,
                              skos:relatedMatch, owl:sameAs))
             FILTER(!STRSTARTS(STR(?thing), STR(pg:))) }""",
    )
    known = {base + name: name for base, names in VERIFIED.items() for name in names.split()}
    assert {target for _, target in links} == set(known)
    assert {known[target] for link, target in links if link.endswith(("exactMatch", "sameAs"))} == SAME
