"""The faults that are planted in the shipped data: for each message of the shapes, an edit that causes it."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

CATALOG = Catalog.find()
SH = PREFIXES["sh"]

DENMARK = "<id/dk/country/denmark>"
WELFARE = "<id/dk/plan/digital-welfare-2013-2020>"
GROWTH = "<id/dk/plan/jobs-and-growth-towards-2020>"
TARGET = "<id/dk/target/digital-written-communication-2015>"
INDICATOR = "<id/dk/indicator/share-of-digital-only-communication>"
NEMID = "<id/dk/initiative/nemid>"
PSI = "<id/dk/means/public-sector-innovation>"
AREAS = "<id/dk/scheme/modernisation-areas>"
SUM = "<id/dk/amount/reform-track-1>"
OTHER_SUM = "<id/dk/amount/reform-track-2>"
THIRD_SUM = "<id/dk/amount/reform-track-3>"
TOTAL = "<id/dk/amount/growth-plan-total>"
JOBS = "<id/dk/goal/job-creation>"
SAVINGS = "<id/dk/outcome/cost-savings>"
TECHNOLOGY = "<concept/technology/digital-signature>"
DATASET = "<data/denmark>"
PERCENT = "<concept/unit/percent>"
ABSENCE = "<id/dk/absence/no-infrastructure-for-govtech>"
MIXED = "<id/dk/amount/mixed>"
KRONER = f"<{PREFIXES['eu']}currency/DKK>"
PAGE = "<source/opsi-denmark#char=0,7>"
NO_PASSAGE = "<source/opsi-denmark#char=1,2>"
REJECTED = "pg:status <concept/review/rejected>"
WEAK = "pg:strength <concept/strength/weak>"


class Fault(NamedTuple):
    """An edit (SPARQL Update) of the shipped data, and what must be reported about it.

    Without an edit, it is one more result of the fault before it.
    """

    name: str
    shape: str
    message: str  # the beginning of it
    focus: str
    edit: str


def claim(name):
    """The IRI of a planted claim."""
    return f"<id/dk/claim/{base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:8]}>"


@cache
def shipped():
    data = ox.Store()
    data.extend(ox.Quad(*quad.triple) for quad in CATALOG.load())
    return data


def claim_of(subject, predicate, value):
    """The IRI of the shipped claim that says this."""
    query = f"SELECT ?c {{ ?c rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value} }}"
    ((found,),) = shipped().query(query, base_iri=BASE, prefixes=dict(PREFIXES))
    return f"<{found.value.removeprefix(BASE)}>"


def without(thing, path):
    """The edit that takes every value of a property away from a thing, and leaves the claims alone."""
    return f"DELETE WHERE {{ {thing} {path} ?value }}"


def lacks(thing, path):
    """The edit that takes every value of a property away from a thing, with the claims that give it."""
    claims = f"?claim rdf:subject {thing} ; rdf:predicate {path}"
    return f"DELETE {{ ?claim ?p ?o }} WHERE {{ {claims} ; ?p ?o }} ; {without(thing, path)}"


def has(*statements):
    return f"INSERT DATA {{ {' . '.join(statements)} }}"


def instead(thing, path, value):
    return f"{lacks(thing, path)} ; {has(f'{thing} {path} {value}')}"


def replaced(thing, path, old, new):
    """The edit of one value, on the thing or in the claim alone."""
    return f"DELETE DATA {{ {thing} {path} {old} }} ; {has(f'{thing} {path} {new}')}"


def new_claim(name, statement, more=f"pg:passage {PAGE}", *, basis="stated"):
    """The edit that adds a claim; the statement itself is added only by `says`."""
    subject, predicate, value = statement.split(maxsplit=2)
    iri = name if name.endswith(">") and " " not in name else claim(name)
    return has(
        f"{iri} a pg:Claim ; rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value} ;"
        f" pg:basis <concept/basis/{basis}> ; {more}"
    )


def says(statement):
    return f"{has(statement)} ; {new_claim(statement, statement)}"


def thing(iri, kinds, *properties):
    """The edit that adds a thing with all that any thing needs, and these properties."""
    label = f'"{iri[1:-1].replace("/", " ")}"@en'
    more = "".join(f" ; {each}" for each in properties)
    return (
        f"{has(f'{iri} a {kinds} ; pg:inCountry {DENMARK} ; pg:mentionedIn {PAGE}{more}')} ;"
        f" {has(f'{iri} skos:prefLabel {label} , {label[:-2]}da')} ;"
        f" {new_claim(iri[1:-1], f'{iri} skos:prefLabel {label}')}"
    )


def initiative(name, *properties):
    return thing(f"<id/dk/initiative/{name}>", "pg:Initiative", *properties)


def compared(name, verdict, silent, *more):
    """The edit that adds a comparison of a goal and a plan in which sides are silent."""
    return has(
        f'<id/dk/comparison/{name}> a pg:Comparison ; rdfs:label "{name}"@en ; pg:rationale "Read."@en ;'
        f" pg:compares {JOBS} , {WELFARE} ; pg:silentSide {silent} ; pg:aspect <concept/aspect/manner> ;"
        f" pg:verdict <concept/verdict/{verdict}> ; prov:wasAttributedTo <agent/policygraph> ;"
        f' dct:created "2026-11-28"^^xsd:date{"".join(f" ; {each}" for each in more)}'
    )


# What makes one message of a shape each: name, message, edit.
def group(shape, focus, *rows):
    return [Fault(name, shape, message, focus, edit) for name, message, edit in rows]


# Dates of a thing (without pg:), and the bound that they ask for by which of them.
DATES = [
    ("launched 2013", "startDate 2013-01-01", "launched 2013"),
    ("launched 2013-09", "startDate 2013-09-01", "launched 2013-09"),
    ("launched 2013-09-30", "startDate 2013-09-30", "launched 2013-09-30"),
    ("established 2010, launched 2011-05", "startDate 2010-01-01", "established 2010"),
    ("inOperationSince 2009-11, established 2008", "startDate 2009-11-01", "inOperationSince 2009-11"),
    ("inForceSince 2012, inOperationSince 2011", "startDate 2012-01-01", "inForceSince 2012"),
    ("periodStart 2016, inForceSince 2016-05", "startDate 2016-05-01", "inForceSince 2016-05"),
    ("periodEnd 2020, ended 2019-03", "endDate 2019-03-31", "ended 2019-03"),
    ("ended 2021", "endDate 2021-12-31", "ended 2021"),
    ("ended 2012-01", "endDate 2012-01-31", "ended 2012-01"),
    ("ended 2012-04", "endDate 2012-04-30", "ended 2012-04"),
    ("ended 2012-02", "endDate 2012-02-29", "ended 2012-02"),
    ("ended 2013-02", "endDate 2013-02-28", "ended 2013-02"),
    ("ended 2000-02", "endDate 2000-02-29", "ended 2000-02"),
    ("ended 1900-02", "endDate 1900-02-28", "ended 1900-02"),
    ("ended 2023-10-31", "endDate 2023-10-31", "ended 2023-10-31"),
]


def date(text):
    path, value = text.split()
    return f'pg:{path} "{value}"^^xsd:{ {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)] }'


def dated(number, dates, bound):
    return initiative(f"dated-{number}", *(date(each) for each in dates.split(", ")), date(bound))


def misdated(number, dates, bound, reason):
    path, value = reason.split()
    limit, right = bound.split()
    wrong = f"{limit} {'1999-01-01' if limit == 'startDate' else '2999-01-01'}"
    return Fault(
        f"{limit} that does not fit {dates}",
        "pgs:Dates",
        f'pg:{path} says {value}, so queries need pg:{limit} "{right}"^^xsd:date.',
        f"<id/dk/initiative/dated-{number}>",
        dated(number, dates, wrong),
    )


PERIOD = '[ dcat:startDate "2031" ; dcat:endDate "2020" ]'
ISSUED, BEFORE = "2026-11-24", "2026-11-23"  # of the dataset
DAY = f'"{BEFORE}"^^xsd:date'
NUMBER = ("pg:value 70.0", f"pg:unit {PERCENT}")
YEAR_2014 = ("periodEnd 2014", "endDate 2014-12-31")
DUE_2015 = ("due 2015", "endDate 2015-12-31")
REFUSED = [
    "2013",
    "<urn:june>",
    '"June"',
    '"13-09"^^xsd:gYearMonth',
    '"2013-13"^^xsd:gYearMonth',
    '"2013-09"^^xsd:gYear',
]
DANISH = f"{NEMID} pg:inCountry {DENMARK}"
CHECKED = 'prov:wasAttributedTo <agent/policygraph> ; dct:created "2026-11-25"^^xsd:date'
INFERRED = {
    "pg:rationale": claim_of(NEMID, "pg:exemplifies", "<id/dk/area/public-private-cooperation>"),
    "pg:strength": claim_of(NEMID, "pg:exemplifies", "<id/dk/area/digitisation-in-the-public-sector>"),
    "prov:wasAttributedTo": claim_of(NEMID, "pg:contributesTo", TARGET),
    "dct:created": claim_of(NEMID, "pg:contributesTo", "<id/dk/area/digital-paths-in-case-processing>"),
}
STRATEGY = "<id/dk/plan/digital-strategy-2016-2020>"
EARLIER = "<id/dk/plan/public-sector-digitisation-2011-2015>"
EXTERNAL = {
    "pg:citedDocument": claim_of(EARLIER, "pg:setOutIn", "<source/digitisation-strategy-2011>"),
    "prov:wasAttributedTo": claim_of(WELFARE, "pg:setOutIn", "<source/digital-welfare-strategy-2013>"),
    "dct:created": claim_of(STRATEGY, "pg:setOutIn", "<source/digital-strategy-2016>"),
}
ENDED = claim_of(NEMID, "pg:ended", '"2023-10-31"^^xsd:date')
SERVICE = claim_of(NEMID, "pg:contributesTo", "<id/dk/goal/strong-and-secure-digital-denmark>")
NETS = claim_of(NEMID, "pg:operatedBy", "<id/dk/organisation/nets-danid>")
PROVIDER = claim_of(NEMID, "pg:operatedBy", "<id/dk/organisation/nemid-private-provider>")
USES = claim_of(NEMID, "pg:usesTechnology", TECHNOLOGY)
VALUE = claim_of(SUM, "pg:value", "2700000000.0")
OTHER_VALUE = claim_of(OTHER_SUM, "pg:value", "2700000000.0")
START = claim_of(WELFARE, "pg:periodStart", '"2013"^^xsd:gYear')
THIRD_VALUE = claim_of(THIRD_SUM, "pg:value", "1600000000.0")
TOTAL_VALUE = claim_of(TOTAL, "pg:value", "7000000000.0")

POSITIONS = "A passage with positions needs pg:charStart, pg:charEnd and pg:sha256 of the characters between"
ADDRESS = (
    "External claims cite <source/new>, so it needs its address (foaf:page) and the date it was read"
    " (pav:retrievedOn): add"
)
NEW_DOCUMENT = has(
    "<source/new> a pg:SourceDocument",
    "<source/new#passage-title> a pg:Passage ; pg:isPassageOf <source/new>",
)
CITED = new_claim(
    "new document",
    DANISH,
    f"pg:citedDocument <source/new> ; pg:passage <source/new#passage-title> ; {CHECKED}",
    basis="external",
)

LOOPED = new_claim("looped", f"{PSI} pg:relatesTo {PSI}", f"pg:passage {PAGE} ; {REJECTED}")

FAULTS = [
    *group(
        "pgs:Dataset",
        DATASET,
        *(
            (f"dataset without {path}", message, without(DATASET, path))
            for path, message in {
                "dct:title": "Give the dataset a dct:title",
                "dct:description": "Give the dataset a dct:description",
                "dct:publisher": "Name who publishes",
                "dct:license": "Name exactly one licence",
                "dct:source": "Name the document the data",
                "dcat:version": "Give the dataset one",
            }.items()
        ),
        ("country by its name", "Name the country by", has(f'{DATASET} dct:spatial "Denmark"')),
        ("language by its name", "Name the languages of", has(f'{DATASET} dct:language "Danish"')),
        ("language without a tag", "Say once in the file which tag Danish has", ""),
    ),
    *(
        Fault(name, "pgs:Future", f"{end} lies before {start}", DATASET, edit)
        for name, start, end, edit in (
            ("period that ends before it starts", 2031, 2020, has(f"{DATASET} dct:temporal {PERIOD}")),
            ("dataset changed before it was issued", ISSUED, BEFORE, instead(DATASET, "dct:modified", DAY)),
        )
    ),
    Fault(
        "claim that is still to come",
        "pgs:Future",
        "dct:created is 2931-01-01, which is still to come: mend the date.",
        INFERRED["pg:strength"],
        has(f'{INFERRED["pg:strength"]} dct:created "2931-01-01"^^xsd:date'),
    ),
    # Whatever the graph describes
    *group(
        "pgs:Label",
        "<id/int/organisation/oecd>",
        (
            "label without language",
            "Give the skos:prefLabel a language tag",
            has('<id/int/organisation/oecd> skos:prefLabel "OECD"'),
        ),
    ),
    *group(
        "pgs:Label",
        JOBS,
        (
            "two labels in one language",
            "Keep one skos:prefLabel per language",
            has(f'{JOBS} skos:prefLabel "More jobs"@en'),
        ),
        (
            "two definitions in one language",
            "Keep one skos:definition per language",
            has(f'{JOBS} skos:definition "Jobs."@en'),
        ),
    ),
    *group(
        "pgs:Label",
        "<id/dk/goal/no-english>",
        (
            "no English label",
            "Add an English skos:prefLabel",
            f"{thing('<id/dk/goal/no-english>', 'pg:Goal')} ;"
            ' DELETE WHERE { <id/dk/goal/no-english> skos:prefLabel "id dk goal no-english"@en }',
        ),
        # Its claim gives the label that is lacking.
    ),
    Fault(
        "label of a claim that is lacking",
        "pgs:TripleOfClaim",
        "The claim says <id/dk/goal/no-english> skos:prefLabel",
        claim("id/dk/goal/no-english"),
        "",
    ),
    Fault(
        "no label in a language of the dataset",
        "pgs:LanguageLabel",
        "The dataset has texts in da: add a skos:prefLabel",
        "<id/dk/goal/no-danish>",
        f"{thing('<id/dk/goal/no-danish>', 'pg:Goal')} ;"
        ' DELETE WHERE { <id/dk/goal/no-danish> skos:prefLabel "id dk goal no-danish"@da }',
    ),
    Fault(
        "thing that nothing mentions",
        "pgs:Evidence",
        "Say where the thing is mentioned",
        "<id/dk/challenge/public-finances>",
        without("<id/dk/challenge/public-finances>", "pg:mentionedIn"),
    ),
    Fault(
        "thing that no claim names",
        "pgs:Unclaimed",
        "No claim says anything about the thing",
        "<id/dk/goal/lonely>",
        f"{thing('<id/dk/goal/lonely>', 'pg:Goal')} ; DELETE WHERE {{ {claim('id/dk/goal/lonely')} ?p ?o }}",
    ),
    *group(
        "pgs:Undefined",
        SAVINGS,
        ("undefined property", "The property pg:colour is not in", has(f'{SAVINGS} pg:colour "blue"')),
        (
            "wrong domain",
            "The thing is no pg:Target, which pg:due",
            has(f"{SAVINGS} {date('due 2020')} ; {date('endDate 2020-12-31')}"),
        ),
        (
            "wrong range",
            f"{JOBS} is no pg:Country, which pg:inCountry",
            has(f"{SAVINGS} pg:inCountry {JOBS}"),
        ),
    ),
    Fault(
        "class of 0.1",
        "pgs:UndefinedClass",
        "The class pg:Strategy is not in the ontology",
        WELFARE,
        has(f"{WELFARE} a pg:Strategy"),
    ),
    Fault(
        "means typed as goal",
        "pgs:Disjoint",
        "A thing is either a pg:Goal or a pg:Means, never both",
        PSI,
        has(f"{PSI} a pg:Goal"),
    ),
    Fault(
        "sum of money typed as goal",
        "pgs:Disjoint",
        "A thing is either a pg:Goal or a pg:Amount, never both",
        TOTAL,
        has(f"{TOTAL} a pg:Goal"),
    ),
    Fault(
        "same slug twice",
        "pgs:Disjoint",
        "A thing is either a pg:Plan or a pg:Goal, never both",
        WELFARE,
        has(f'{WELFARE} a pg:Goal ; skos:prefLabel "Digital welfare"@en'),
    ),
    Fault(
        "two things of one kind under one IRI",
        "pgs:Label",
        "Keep one skos:prefLabel per language: make the others skos:altLabel, or give a second thing its own",
        WELFARE,
        "",
    ),
    Fault("name of no claim", "pgs:ValueOfClaim", 'skos:prefLabel is "Digital welfare"', WELFARE, ""),
    *(
        Fault(
            f"slug in a second spelling: {slug}",
            "pgs:Slug",
            "Write the IRI as id/COUNTRY/TYPE/SLUG",
            f"<id/dk/goal/{slug}>",
            thing(f"<id/dk/goal/{slug}>", "pg:Goal"),
        )
        for slug in ("Job-Creation", "job-creation/", "job%2Dcreation", "job_creation")
    ),
    *(
        Fault(
            f"thing that is there twice: {one}",
            "pgs:Slug",
            f"<id/dk/goal/{other}> is of the same kind and has the same English name",
            f"<id/dk/goal/{one}>",
            edit,
        )
        for one, other, edit in (
            (
                "twin-1",
                "twin-2",
                "".join(
                    f"{thing(f'<id/dk/goal/twin-{n}>', 'pg:Goal')} ;"
                    f" {instead(f'<id/dk/goal/twin-{n}>', 'skos:prefLabel', text)} ;"
                    f" {new_claim(f'twin-{n}', f'<id/dk/goal/twin-{n}> skos:prefLabel {name}')} ;"
                    for n in (1, 2)
                    for name, text in [('"Twin"@en', '"Twin"@en , "Tvilling"@da')]
                ).rstrip(";"),
            ),
            ("twin-2", "twin-1", ""),
        )
    ),
    Fault(
        "rationale without language",
        "pgs:Datatype",
        'The value "because" of pg:rationale must be text with a language tag, as in "text"@en.',
        INFERRED["pg:strength"],
        has(f'{INFERRED["pg:strength"]} pg:rationale "because"'),
    ),
    Fault(
        "empty definition",
        "pgs:Empty",
        "skos:definition is an empty text",
        "<id/dk/initiative/empty>",
        initiative("empty", 'skos:definition " "@en'),
    ),
    Fault(
        "date that is text, in a claim",
        "pgs:Datatype",
        'The value "2015" of pg:endDate must be a day, such as "2013-09-30"^^xsd:date.',
        claim("ends"),
        new_claim("ends", f'{WELFARE} pg:endDate "2015"', f"pg:passage {PAGE} ; {REJECTED}"),
    ),
    Fault(
        "dataset of no date",
        "pgs:Datatype",
        'The value "soon" of dct:issued must be a ',
        DATASET,
        has(f'{DATASET} dct:issued "soon"'),
    ),
    Fault(
        "text where a thing belongs",
        "pgs:Datatype",
        'The value "page 3" of pg:mentionedIn must be the IRI of a pg:Passage.',
        SAVINGS,
        has(f'{SAVINGS} pg:mentionedIn "page 3"'),
    ),
    Fault("day without a name", "pgs:Datatype", 'The value "', SAVINGS, has(f"{SAVINGS} pg:endDate [ ]")),
    *(
        Fault(
            f"launched {value}",
            "pgs:Datatype",
            f'The value "{value.strip("<>" + chr(34)).split(chr(34))[0]}" of pg:launched must be a ',
            f"<id/dk/initiative/launched-{number}>",
            initiative(
                f"launched-{number}",
                f"pg:launched {value}",
                'pg:startDate "2013-09-01"^^xsd:date'
                if "09" in value
                else 'pg:startDate "2013-01-01"^^xsd:date',
            ),
        )
        for number, value in enumerate(REFUSED)
    ),
    Fault(
        "plan without country",
        "pgs:CountryOfThing",
        "Name the country, or",
        GROWTH,
        lacks(GROWTH, "pg:inCountry"),
    ),
    Fault("plan without the country of its IRI", "pgs:CountryOfName", f"The IRI is of {DENMARK}", GROWTH, ""),
    # Dates
    *(misdated(number, *row) for number, row in enumerate(DATES)),
    Fault(
        "period ending before it starts",
        "pgs:Dates",
        "The period must not end before it starts",
        "<id/dk/initiative/backwards>",
        initiative(
            "backwards",
            *map(date, ("periodStart 2016", "periodEnd 2015", "startDate 2016-01-01", "endDate 2015-12-31")),
        ),
    ),
    Fault(
        "end that no date says",
        "pgs:Dates",
        "Nothing says pg:endDate 2018-06-30: add the date that it is written from",
        "<id/dk/initiative/endless>",
        initiative("endless", *map(date, ("launched 2010", "startDate 2010-01-01", "endDate 2018-06-30"))),
    ),
    Fault(
        "two launch months",
        "pgs:OneValue",
        'pg:launched has several values, "2013-02" and "2013-03"',
        GROWTH,
        has(f"{GROWTH} {date('launched 2013-03')}"),
    ),
    Fault("launch month of no claim", "pgs:ValueOfClaim", 'pg:launched is "2013-03" here, but', GROWTH, ""),
    Fault(
        "horizon beside an end",
        "pgs:OneValue",
        "The thing has a pg:horizonYear and a pg:periodEnd",
        WELFARE,
        says(f"{WELFARE} pg:horizonYear 2025"),
    ),
    # Plans and areas
    Fault(
        "plan of a kind that is a sector",
        "pgs:PlanType",
        "Say by dct:type what kind",
        "<id/dk/plan/kind>",
        thing("<id/dk/plan/kind>", "pg:Plan", "dct:type <concept/sector/health>"),
    ),
    Fault(
        "plan of a kind that is a text",
        "pgs:PlanType",
        "Say by dct:type what kind",
        "<id/dk/plan/kind-text>",
        thing("<id/dk/plan/kind-text>", "pg:Plan", 'dct:type "strategy"'),
    ),
    Fault(
        "area outside its scheme",
        "pgs:Area",
        "Put the area into exactly one",
        "<id/dk/area/telemedicine>",
        lacks("<id/dk/area/telemedicine>", "skos:inScheme"),
    ),
    *group(
        "pgs:Area",
        "<id/dk/area/odd>",
        (
            "area that is neither listed nor within one",
            "The area is neither listed nor",
            thing("<id/dk/area/odd>", "pg:Area", f'skos:inScheme {AREAS} ; skos:notation "third area"'),
        ),
        ("area with a number in words", "Write the number that the source", ""),
        ("area that is no concept", "An area is also a skos:Concept", ""),
    ),
    *group(
        "pgs:AreaScheme",
        AREAS,
        (
            "nine areas where the source says eight",
            "The source counts 8 areas but the data hold 9",
            thing(
                "<id/dk/area/ninth>",
                "pg:Area , skos:Concept",
                f'skos:inScheme {AREAS} ; skos:topConceptOf {AREAS} ; skos:notation "Å9"',
            ),
        ),
        ("number above the count", "Number the areas from 1 without a gap: Å9 is", ""),
        (
            "number of two areas",
            "Number the areas from 1 without a gap: M1 is",
            instead("<id/dk/area/digitisation-in-the-public-sector>", "skos:notation", '"M1"'),
        ),
    ),
    *group(
        "pgs:AreaScheme",
        "<id/dk/scheme/uncounted>",
        (
            "area list that does not say how many areas it has",
            "State how many areas the source counts",
            thing("<id/dk/scheme/uncounted>", "pg:AreaScheme"),
        ),
        ("area list that is no concept scheme", "An area list is also", ""),
    ),
    Fault(
        "area list without areas",
        "pgs:AreaScheme",
        "The source counts 3 areas but the data hold 0",
        "<id/dk/scheme/empty>",
        thing("<id/dk/scheme/empty>", "pg:AreaScheme , skos:ConceptScheme", "pg:expectedConceptCount 3"),
    ),
    # Ends and numbers
    Fault("target without unit", "pgs:Target", "Give the target a pg:unit", TARGET, lacks(TARGET, "pg:unit")),
    *group(
        "pgs:Target",
        "<id/dk/target/new>",
        (
            "target without comparator",
            "Say by pg:comparator",
            thing("<id/dk/target/new>", "pg:Target", "pg:unit <concept/unit/percent>"),
        ),
        ("target without number", "Give the number to be", ""),
        ("target of no plan", "Say whose target it is", ""),
        ("target without indicator", "Name the pg:Indicator that the target", ""),
    ),
    Fault(
        "target due after its plan",
        "pgs:Target",
        "The target is due in 2030, outside the period",
        "<id/dk/target/late>",
        thing(
            "<id/dk/target/late>",
            "pg:Target",
            *map(date, ("due 2030", "endDate 2030-12-31")),
            "pg:value 1.0 ; pg:unit <concept/unit/percent>",
            "pg:comparator <concept/comparator/at-least>",
        )
        + f" ; {says(f'{WELFARE} pg:hasTarget <id/dk/target/late>')}"
        + f" ; {says(f'<id/dk/target/late> pg:hasIndicator {INDICATOR}')}",
    ),
    Fault(
        "target due before its plan, which has no end",
        "pgs:Target",
        "The target is due in 2012, outside the period",
        "<id/dk/target/early>",
        thing(
            "<id/dk/target/early>",
            "pg:Target",
            *map(date, ("due 2012", "endDate 2012-12-31")),
            "pg:value 1.0 ; pg:unit <concept/unit/percent>",
            "pg:comparator <concept/comparator/at-least>",
        )
        + f" ; {says(f'{GROWTH} pg:hasTarget <id/dk/target/early>')}"
        + f" ; {says(f'<id/dk/target/early> pg:hasIndicator {INDICATOR}')}",
    ),
    *group(
        "pgs:Amount",
        "<id/dk/amount/new>",
        (
            "sum without amount",
            "Give the sum",
            thing("<id/dk/amount/new>", "pg:Amount", "pg:comparator <concept/sector/health>"),
        ),
        ("sum without currency", "Name the currency", ""),
        ("sum of no kind", "Say by dct:type whether the sum", ""),
        ("sum of no plan", "Say what the sum belongs to", ""),
    ),
    Fault(
        "sum that is compared by a sector",
        "pgs:Comparator",
        "Take pg:comparator from",
        "<id/dk/amount/new>",
        "",
    ),
    *group(
        "pgs:Duty",
        "<id/dk/duty/new>",
        ("duty that does not say whether", "Say by pg:modality", thing("<id/dk/duty/new>", "pg:Duty")),
        ("duty of nobody", "Say whom the duty binds", ""),
    ),
    Fault(
        "domain that is a sector",
        "pgs:Domain",
        "Take pg:inDomain from the scheme",
        "<id/dk/initiative/healthy>",
        f"{initiative('healthy')} ; {says('<id/dk/initiative/healthy> pg:inDomain <concept/sector/health>')}",
    ),
    *group(
        "pgs:StatedAbsence",
        "<id/dk/absence/new>",
        ("absence without name", "Name what is absent", has("<id/dk/absence/new> a pg:StatedAbsence")),
        ("absence in no country", "Name the country of which", ""),
        ("absence in no domain", "Name the domain under whose", ""),
        ("absence of nothing", "Name the one class", ""),
        ("absence of no kind", "Say by dct:type whether the source", ""),
        ("absence that nothing says", "Give the pg:passage in which", ""),
    ),
    Fault(
        "absence of a misspelt kind",
        "pgs:StatedAbsence",
        "Name the one class",
        ABSENCE,
        instead(ABSENCE, "pg:absentKind", "pg:Legislatoin"),
    ),
    *group(
        "pgs:Comparison",
        "<id/dk/comparison/new>",
        (
            "comparison without name",
            "Name the comparison",
            has(f"<id/dk/comparison/new> a pg:Comparison ; pg:compares {JOBS} ; pg:silentSide {SAVINGS}"),
        ),
        ("comparison of one thing", "Name the things that are compared", ""),
        ("comparison in no respect", "Say in what respect", ""),
        ("comparison without verdict", "Give one pg:verdict", ""),
        ("comparison by nobody", "Name who compared them", ""),
        ("comparison of no date", "Give the date of the comparison", ""),
        ("comparison that does not say why", "Say why by pg:rationale", ""),
        ("comparison with a side of which nothing is said", f"Nothing says what holds of {JOBS}", ""),
        ("comparison with a silent side that is not compared", f"{SAVINGS} is silent but not compared", ""),
    ),
    Fault(
        "comparison of two sides that are the same, one of them silent",
        "pgs:Comparison",
        "The verdict is only-here where",
        "<id/dk/comparison/same>",
        compared("same", "same", JOBS, f"prov:wasDerivedFrom {START}"),
    ),
    Fault(
        "comparison of silent sides",
        "pgs:Comparison",
        "The verdict is only-here where",
        "<id/dk/comparison/silent>",
        compared("silent", "only-here", f"{JOBS} , {WELFARE}"),
    ),
    *group(
        "pgs:Comparison",
        "<id/dk/comparison/heard>",
        (
            "comparison of two sides that both speak, with the verdict only-here",
            "The verdict is only-here where",
            f"{compared('heard', 'only-here', JOBS, f'prov:wasDerivedFrom {START}')} ;"
            f" {without('<id/dk/comparison/heard>', 'pg:silentSide')} ;"
            f" {has('<id/dk/comparison/heard> pg:aspect <concept/aspect/opt-out>')}",
        ),
        ("comparison in two respects", "Compare in one respect", ""),
        ("comparison with a side that no claim names", f"Nothing says what holds of {JOBS}", ""),
    ),
    *group(
        "pgs:Observation",
        "<id/dk/observation/new>",
        (
            "observation without number",
            "Give the measured number",
            thing("<id/dk/observation/new>", "pg:Observation"),
        ),
        ("observation of nothing", "Name the quantity that", ""),
        ("observation without unit", "Give the observation a", ""),
        ("observation of no time", "Say for which period", ""),
    ),
    # Claims
    *(
        Fault(
            f"claim without {path.split(':')[1]}",
            "pgs:Claim",
            message,
            claim(path),
            f"{new_claim(path, DANISH)} ; {without(claim(path), path)}",
        )
        for path, message in {
            "rdf:subject": "Give the claim exactly one rdf:subject",
            "rdf:predicate": "Give the claim exactly one rdf:predicate",
            "rdf:object": "Give the claim exactly one rdf:object",
            "pg:basis": "Say where the claim comes from",
        }.items()
    ),
    *group(
        "pgs:Claim",
        claim("twofold"),
        (
            "claim of two strengths",
            "Give at most one pg:strength",
            new_claim(
                "twofold",
                DANISH,
                f"pg:passage {PAGE} ; {CHECKED} ; {WEAK} , <concept/strength/medium>",
                basis="inferred",
            ),
        ),
        (
            "claim with two rationales",
            "Keep one pg:rationale per language",
            has(f'{claim("twofold")} pg:rationale "one"@en , "two"@en'),
        ),
    ),
    Fault(
        "claim whose status is a strength",
        "pgs:Review",
        "Say by one pg:status only how far it has been read",
        PROVIDER,
        has(f"{PROVIDER} pg:status <concept/strength/weak>"),
    ),
    Fault(
        "claim that is checked and rejected",
        "pgs:Review",
        "Say by one pg:status only how far it has been read",
        claim("refused"),
        has(f"{claim('refused')} pg:status <concept/review/checked>"),
    ),
    Fault(
        "claim without its type",
        "pgs:UntypedClaim",
        "This is written like a claim but lacks its type",
        "<id/dk/claim/untyped>",
        has(f"<id/dk/claim/untyped> rdf:subject {NEMID} ; pg:passage {PAGE}"),
    ),
    Fault(
        "stated claim with a strength",
        "pgs:StatedClaim",
        "A stated claim is the source's own, not a reading: remove pg:strength",
        claim("stated"),
        new_claim("stated", DANISH, f"pg:passage {PAGE} ; pg:strength <concept/strength/strong>"),
    ),
    *(
        Fault(
            f"claim of {agent}",
            "pgs:Curator",
            f"{agent.strip(chr(34))} is not a person, body or program",
            name,
            instead(name, "prov:wasAttributedTo", agent),
        )
        for agent, name in (('"a curator"', ENDED), (WELFARE, INFERRED["pg:strength"]))
    ),
    Fault(
        "stated claim without passage",
        "pgs:StatedClaim",
        "A stated claim needs the pg:passage",
        PROVIDER,
        without(PROVIDER, "pg:passage"),
    ),
    *(
        Fault(
            f"inferred claim without {path}",
            "pgs:InferredClaim",
            "An inferred claim needs its pg:rationale, its pg:strength, its curator",
            name,
            without(name, path),
        )
        for path, name in INFERRED.items()
    ),
    Fault(
        "inferred claim without passage or document",
        "pgs:InferredEvidence",
        "The inferred claim rests on no text",
        INFERRED["pg:rationale"],
        without(INFERRED["pg:rationale"], "pg:passage"),
    ),
    *(
        Fault(
            f"{path} elsewhere that is not described",
            "pgs:Dangling",
            f"https://example.org/report is named by {path} but described nowhere",
            thing,
            has(f"{thing} {path} <https://example.org/report>"),
        )
        for thing, path in {PROVIDER: "pg:citedDocument", START: "pg:passage", JOBS: "pg:mentionedIn"}.items()
    ),
    Fault("passage without a description", "pgs:Dangling", "", SAVINGS, has(f"{SAVINGS} pg:mentionedIn [ ]")),
    *(
        Fault(
            f"external claim without {path}",
            "pgs:ExternalClaim",
            "An external claim must be checkable",
            name,
            without(name, path),
        )
        for path, name in EXTERNAL.items()
    ),
    Fault(
        "external claim without passage",
        "pgs:ExternalClaim",
        "An external claim needs a pg:passage of the document <source/",
        ENDED,
        without(ENDED, "pg:passage"),
    ),
    *group(
        "pgs:ExternalClaim",
        claim("new document"),
        *(
            (
                f"external claim from a document without {path}",
                f"{ADDRESS} {path}",
                edit,
            )
            for path, edit in {
                "foaf:page": f"{NEW_DOCUMENT} ; {CITED}",
                "pav:retrievedOn": "",
            }.items()
        ),
    ),
    *group(
        "pgs:SourceDocument",
        "<source/new>",
        ("document without title", "Give the document a", ""),
        ("document without licence", "Say under which terms", ""),
    ),
    *group(
        "pgs:Passage",
        "<source/new#passage-title>",
        ("passage without words", "Give the passage one rdfs:label", ""),
        ("passage without heading", "Name the heading the passage", ""),
    ),
    Fault(
        "derived claim without premises",
        "pgs:DerivedClaim",
        "A derived claim needs the claims",
        TOTAL_VALUE,
        without(TOTAL_VALUE, "prov:wasDerivedFrom"),
    ),
    Fault(
        "claim computed from a rejected one",
        "pgs:DerivedClaim",
        f"The claim was computed from {claim('refused')}, which is rejected: reject it too",
        claim("computed"),
        " ; ".join(
            [
                new_claim("refused", f"{NEMID} pg:relatesTo {PSI}", f"pg:passage {PAGE} ; {REJECTED}"),
                new_claim(
                    "computed",
                    f"{NEMID} pg:relatesTo {JOBS}",
                    f"prov:wasDerivedFrom {claim('refused')} ; {WEAK}",
                    basis="derived",
                ),
            ]
        ),
    ),
    Fault(
        "direct triple without claim",
        "pgs:ClaimOfTriple",
        f"Who says so? Add a pg:Claim for pg:contributesTo {JOBS}.",
        SAVINGS,
        has(f"{SAVINGS} pg:contributesTo {JOBS}"),
    ),
    Fault(
        "status without claim",
        "pgs:ClaimOfTriple",
        "Who says so? Add a pg:Claim for pg:status <concept/status/reached>",
        GROWTH,
        has(f"{GROWTH} pg:status <concept/status/reached>"),
    ),
    Fault(
        "direct triple with a weak claim only",
        "pgs:TripleOfClaim",
        f"The claim is weak or rejected, so the data must not hold {NEMID} pg:contributesTo",
        SERVICE,
        has(f"{NEMID} pg:contributesTo <id/dk/goal/strong-and-secure-digital-denmark>"),
    ),
    Fault(
        "direct triple with a rejected claim only",
        "pgs:TripleOfClaim",
        f"The claim is weak or rejected, so the data must not hold {NEMID} pg:operatedBy",
        NETS,
        has(f"{NETS} pg:status <concept/review/rejected>"),
    ),
    Fault(
        "claim without direct triple",
        "pgs:TripleOfClaim",
        f"The claim says {NEMID} pg:usesTechnology {TECHNOLOGY}, but the data lack",
        USES,
        f"DELETE DATA {{ {NEMID} pg:usesTechnology {TECHNOLOGY} }}",
    ),
    Fault(
        "value changed on the thing only",
        "pgs:ValueOfClaim",
        'pg:value is "2800000000" here, but the claims about it give other values: mend',
        SUM,
        replaced(SUM, "pg:value", '"2700000000"^^xsd:decimal', '"2800000000"^^xsd:decimal'),
    ),
    Fault("unit of no claim", "pgs:ClaimOfValue", "Who says so? Add a pg:Claim for pg:unit", MIXED, ""),
    Fault("claim of the value that was", "pgs:TripleOfClaim", f"The claim says {SUM} pg:value 27", VALUE, ""),
    Fault(
        "value changed in the claim only",
        "pgs:TripleOfClaim",
        f"The claim says {OTHER_SUM} pg:value 2800000000, but the data lack",
        OTHER_VALUE,
        replaced(OTHER_VALUE, "rdf:object", '"2700000000"^^xsd:decimal', '"2800000000"^^xsd:decimal'),
    ),
    Fault(
        "value that its claim does not give",
        "pgs:ValueOfClaim",
        'pg:value is "2700000000" here, but',
        OTHER_SUM,
        "",
    ),
    Fault(
        "claim with a misspelt predicate",
        "pgs:TripleOfClaim",
        "The claim uses pg:involvs, which the ontology does not define",
        claim("misspelt"),
        new_claim(
            "misspelt",
            f"{NEMID} pg:involvs <id/dk/organisation/government>",
            f"pg:passage {PAGE} ; {REJECTED}",
        ),
    ),
    Fault(
        "claim whose IRI repeats what it says",
        "pgs:TripleOfClaim",
        "Write the IRI of the claim as id/COUNTRY/claim/ and eight",
        "<id/dk/claim/nemid-is-danish>",
        new_claim("<id/dk/claim/nemid-is-danish>", DANISH),
    ),
    *group(
        "pgs:DomainAndRange",
        claim("misfit"),
        (
            "subject outside the domain",
            f"The subject {DENMARK} is no pg:Area, which pg:refines needs",
            new_claim("misfit", f"{DENMARK} pg:refines {JOBS}", f"pg:passage {PAGE} ; {REJECTED}"),
        ),
        ("object outside the range", f"The object {JOBS} is no pg:Area, which pg:refines needs", ""),
    ),
    *group(
        "pgs:Examination",
        "<id/dk/examination/new>",
        (
            "examination of nothing",
            "Name what was examined",
            has("<id/dk/examination/new> a pg:Examination"),
        ),
        ("examination by nobody", "Name who examined", ""),
        ("examination of no date", "Give the date of the examination", ""),
        ("examination that does not say how", "Say how it was examined", ""),
    ),
    # Passages and documents
    Fault(
        "passage of no document",
        "pgs:Passage",
        "Name the one document",
        PAGE,
        without(PAGE, "pg:isPassageOf"),
    ),
    Fault(
        "passage whose title is in no language",
        "pgs:Passage",
        "Give a passage that is a title",
        PAGE,
        has(f'{PAGE} dct:title "A title"'),
    ),
    *group(
        "pgs:Passage",
        "<source/opsi-denmark#char=10,30>",
        (
            "passage that ends before it starts",
            "The passage ends at character 30, which lies before its start",
            instead("<source/opsi-denmark#char=10,30>", "pg:charStart", "31"),
        ),
        ("passage whose IRI has other positions", "The IRI of the passage must end in #char=31,30", ""),
    ),
    *group(
        "pgs:Passage",
        "<source/opsi-denmark#char=89,122>",
        (
            "passage that starts nowhere",
            "Give pg:charStart once, from 0",
            instead("<source/opsi-denmark#char=89,122>", "pg:charStart", "[ ]"),
        ),
    ),
    Fault("position without a name", "pgs:Datatype", 'The value "', "<source/opsi-denmark#char=89,122>", ""),
    *(
        Fault(
            f"passage without {path}",
            "pgs:Passage",
            f"{POSITIONS} them: add {path}",
            "<source/opsi-denmark#char=32,88>",
            without("<source/opsi-denmark#char=32,88>", path),
        )
        for path in ("pg:charStart", "pg:charEnd", "pg:sha256")
    ),
    *group(
        "pgs:Passage",
        "<source/opsi-denmark#char=127,159>",
        (
            "passage with two ends",
            "Give pg:charEnd once",
            has("<source/opsi-denmark#char=127,159> pg:charEnd 160"),
        ),
        ("passage whose IRI has one of its ends", "The IRI of the passage must end in #char=127,160", ""),
    ),
    *group(
        "pgs:Passage",
        "<source/opsi-denmark#char=5175,5216>",
        (
            "passage outside the text's length",
            "The passage ends at character 5217, which lies",
            instead("<source/opsi-denmark#char=5175,5216>", "pg:charEnd", "5217"),
        ),
        ("passage whose IRI ends before it", "The IRI of the passage must end in #char=5175,5217", ""),
    ),
    Fault(
        "digest that is too short",
        "pgs:Digest",
        "Give one pg:sha256",
        "<source/opsi-denmark#char=98,159>",
        instead("<source/opsi-denmark#char=98,159>", "pg:sha256", '"AB"^^xsd:hexBinary'),
    ),
    Fault(
        "document of two titles in one language",
        "pgs:SourceDocument",
        "Give the document a dct:title with a language tag, one per",
        "<source/digital-strategy-2016>",
        has('<source/digital-strategy-2016> dct:title "A"@en , "B"@en'),
    ),
    Fault(
        "quotation that is too long",
        "pgs:Quotation",
        '"one common identification … for citizens" quotes more than a locator may',
        "<source/opsi-denmark#char=369,406>",
        instead(
            "<source/opsi-denmark#char=369,406>",
            "rdfs:label",
            '"one common identification … for citizens"@en',
        ),
    ),
    Fault(
        "quotation that is too long, of letters without spaces between",
        "pgs:Quotation",
        '"政府は、国民の利便性の向上を図る …" quotes more than a locator may',
        "<source/opsi-denmark#char=98,159>",
        instead("<source/opsi-denmark#char=98,159>", "rdfs:label", '"政府は、国民の利便性の向上を図る …"@en'),
    ),
    Fault(
        "words that are not those of the passage",
        "pgs:Quotation",
        'The words "NemID" are not those of the passage',
        "<source/opsi-denmark#char=290,302>",
        instead("<source/opsi-denmark#char=290,302>", "rdfs:label", '"NemID"@en'),
    ),
    Fault(
        "document without length",
        "pgs:SourceDocument",
        "Passages of the document have positions",
        "<source/digital-strategy-2016>",
        has("<source/x#char=1,2> pg:isPassageOf <source/digital-strategy-2016> ; pg:charStart 1"),
    ),
    Fault(
        "dangling IRI",
        "pgs:Dangling",
        f"{NO_PASSAGE} is named by pg:mentionedIn but described nowhere",
        NEMID,
        has(f"{NEMID} pg:mentionedIn {NO_PASSAGE}"),
    ),
    # Meaning
    Fault(
        "plan that implements a country",
        "pgs:Signature",
        f"By what the two things are, {WELFARE} cannot stand in pg:implements to {DENMARK}",
        claim("nonsense"),
        new_claim("nonsense", f"{WELFARE} pg:implements {DENMARK}", f"pg:passage {PAGE} ; {REJECTED}"),
    ),
    Fault(
        "outcome that is about a plan",
        "pgs:Signature",
        f"By what the two things are, {SAVINGS} cannot stand in pg:isAbout to {WELFARE}",
        claim("about"),
        new_claim("about", f"{SAVINGS} pg:isAbout {WELFARE}", f"pg:passage {PAGE} ; {REJECTED}"),
    ),
    *(
        Fault(name, "pgs:Loop", f"A connection leads from {PSI} back to itself", focus, edit)
        for name, focus, edit in (
            ("claim that relates a thing to itself", claim("looped"), LOOPED),
            ("broader than itself", PSI, has(f"{PSI} skos:broader {PSI}")),
        )
    ),
    Fault(
        "part of itself",
        "pgs:Order",
        "pg:isPartOf leads from the thing back to itself, by <id/dk/initiative/own-part>",
        "<id/dk/initiative/own-part>",
        f"{initiative('own-part')} ;"
        f" {says('<id/dk/initiative/own-part> pg:isPartOf <id/dk/initiative/own-part>')}",
    ),
    Fault(
        "computed from itself",
        "pgs:Order",
        "prov:wasDerivedFrom leads from the thing back to itself, by",
        claim("circular"),
        new_claim(
            "circular",
            f"{NEMID} pg:relatesTo {JOBS}",
            f"prov:wasDerivedFrom {claim('circular')} ; {WEAK}",
            basis="derived",
        ),
    ),
    Fault(
        "successor that is older",
        "pgs:Order",
        "The thing begins before <id/dk/initiative/newer>",
        "<id/dk/initiative/older>",
        f"{initiative('older', date('launched 2010'), date('startDate 2010-01-01'))} ;"
        f" {initiative('newer', date('launched 2011-02'), date('startDate 2011-02-01'))} ;"
        f" {says('<id/dk/initiative/older> pg:succeeds <id/dk/initiative/newer>')}",
    ),
    Fault(
        "share of 180 per cent",
        "pgs:Measure",
        "A share lies between 0 and 100 per cent, and 180",
        "<id/dk/initiative/share>",
        initiative("share", "pg:value 180.0", f"pg:unit {PERCENT}"),
    ),
    Fault(
        "indicator in two units",
        "pgs:Measure",
        "The indicator <id/dk/indicator/one> is measured in <concept/unit/percent> too",
        "<id/dk/goal/measured>",
        f"{thing('<id/dk/indicator/one>', 'pg:Indicator', f'pg:unit {PERCENT}')} ;"
        f" {thing('<id/dk/goal/measured>', 'pg:Goal', 'pg:unit <concept/unit/point>')} ;"
        f" {says('<id/dk/goal/measured> pg:hasIndicator <id/dk/indicator/one>')}",
    ),
    Fault(
        "currency of what is no sum",
        "pgs:Measure",
        f"{KRONER[1:-1]} is a currency, which only sums of money have",
        "<id/dk/initiative/priced>",
        initiative("priced", f"pg:unit {KRONER}"),
    ),
    Fault(
        "sum that is not that of its parts",
        "pgs:Sum",
        "The parts add up to 2800000000, not 5",
        claim("added"),
        new_claim(
            "added", f"{SUM} pg:value 5.0", f"prov:wasDerivedFrom {OTHER_VALUE} ; {WEAK}", basis="derived"
        ),
    ),
    Fault(
        "sum of no sums",
        "pgs:Sum",
        "The parts add up to 0, not 7",
        claim("groundless"),
        new_claim(
            "groundless", f"{SUM} pg:value 7.0", f"prov:wasDerivedFrom {USES} ; {WEAK}", basis="derived"
        ),
    ),
    Fault(
        "sum of another currency than its part",
        "pgs:Sum",
        f"The sum is in {KRONER[1:-1]}, but its part {SUM} in",
        claim("mixed"),
        " ; ".join(
            [
                thing("<id/dk/amount/mixed>", "pg:Amount", f"pg:value 2700000000.0 ; pg:unit {KRONER}"),
                has("<id/dk/amount/mixed> dct:type <concept/amount-kind/growth>"),
                says(f"{WELFARE} pg:expectedContribution <id/dk/amount/mixed>"),
                new_claim(
                    "mixed",
                    "<id/dk/amount/mixed> pg:value 2700000000.0",
                    f"prov:wasDerivedFrom {VALUE}",
                    basis="derived",
                ),
            ]
        ),
    ),
    Fault(
        "launch that is still to come",
        "pgs:Future",
        "pg:launched is 2931, which is still to come",
        "<id/dk/initiative/to-come>",
        initiative("to-come", date("launched 2931"), date("startDate 2931-01-01")),
    ),
    Fault(
        "definition that is not translated",
        "pgs:SameText",
        "skos:definition is the same text in da and en",
        "<id/dk/initiative/untranslated>",
        initiative("untranslated", 'skos:definition "The same text twice."@en , "The same text twice."@da'),
    ),
    Fault(
        "dispute about different things",
        "pgs:Dispute",
        f"{USES} says something else, so nothing is disputed",
        claim("quarrel"),
        new_claim(
            "quarrel",
            f"{PSI} pg:contributesTo {JOBS}",
            f"pg:passage {PAGE} ; {REJECTED} ; pg:disputes {USES}",
        ),
    ),
    Fault(
        "thing of Denmark in Norway",
        "pgs:CountryOfName",
        f"The IRI is of {DENMARK}, but the thing does not belong to it",
        "<id/dk/initiative/abroad>",
        f"{initiative('abroad')} ;"
        f" {replaced('<id/dk/initiative/abroad>', 'pg:inCountry', DENMARK, '<id/no/country/norway>')}",
    ),
]
UNDESCRIBED = Fault(
    "data that do not say what they are",
    "pgs:SelfDescription",
    "The data do not say what they are",
    "<ontology>",
    "DELETE { ?dataset a dcat:Dataset } WHERE { ?dataset a dcat:Dataset }",
)

# What must be accepted, in the same data: no result is about it.
LATER_START = f"{WELFARE} {date('periodStart 2014')}"
SERVICES = "<id/dk/area/use-of-welfare-technology>"
ACCEPTED = [
    *(dated(f"rightly-{number}", *row[:2]) for number, row in enumerate(DATES)),
    thing("<id/no/country/norway>", "pg:Country"),
    has(f"{STRATEGY} pg:inCountry <id/no/country/norway>"),
    lacks(SERVICES, "skos:notation"),
    instead("<id/dk/area/public-private-cooperation>", "skos:notation", '"II"'),
    instead("<id/dk/area/service-minded-public-sector>", "skos:notation", '"1.2"'),
    has(f"{DATASET} dct:spatial [ a dct:Location ]"),
    new_claim("weak", f"{SERVICES} pg:contributesTo {JOBS}", f"pg:passage {PAGE} ; {REJECTED}"),
    has(f"{START} dct:replaces <id/dk/claim/aaaaaaaa>"),  # a corrected claim, and the one before
    # Two claims that disagree: both values stand.
    says(f"{THIRD_SUM} pg:value 28.0"),
    has(f"{claim(f'{THIRD_SUM} pg:value 28.0')} pg:disputes {THIRD_VALUE}"),
    says(LATER_START),
    has(f"{claim(LATER_START)} pg:disputes {START}"),
]


# The traps that data about public policy fall into, the shape that catches each, and the axiom where a
# reasoner catches it too (tests/data/test_reasoning.py). The names are those of the faults above.
TRAPS = {
    "means typed as goal": ("pgs:Disjoint", "pg:Goal owl:disjointWith pg:Means"),
    "target without unit": ("pgs:Target", ""),
    "sum of money typed as goal": ("pgs:Disjoint", "pg:Goal owl:disjointWith pg:Amount"),
    "area outside its scheme": ("pgs:Area", ""),
    "nine areas where the source says eight": ("pgs:AreaScheme", ""),
    "period ending before it starts": ("pgs:Dates", ""),
    "claim without basis": ("pgs:Claim", ""),
    "inferred claim without pg:rationale": ("pgs:InferredClaim", ""),
    "direct triple without claim": ("pgs:ClaimOfTriple", ""),
    "passage outside the text's length": ("pgs:Passage", ""),
    "label without language": ("pgs:Label", ""),
    "two labels in one language": ("pgs:Label", ""),
    "dangling IRI": ("pgs:Dangling", ""),
    "same slug twice": ("pgs:Disjoint", "pg:Plan owl:disjointWith pg:Goal"),
}
