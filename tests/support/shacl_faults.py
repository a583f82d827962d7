"""The faults that are planted in the shipped data: for each message of the shapes, an edit that causes it."""

from __future__ import annotations

from typing import NamedTuple

from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import PREFIXES

CATALOG = Catalog.find()
SH = PREFIXES["sh"]

WELFARE = "<id/dk/plan/digital-welfare-2013-2020>"
EARLIER = "<id/dk/plan/public-sector-digitisation-2011-2015>"
LATER = "<id/dk/plan/digital-strategy-2016-2020>"
GROWTH = "<id/dk/plan/jobs-and-growth-towards-2020>"
TARGET = "<id/dk/target/digital-written-communication-2015>"
NEMID = "<id/dk/initiative/nemid>"
PSI = "<id/dk/means/public-sector-innovation>"
AREAS = "<id/dk/scheme/modernisation-areas>"
BANKS = "<id/dk/participation/nemid-danish-banks>"
PROVIDER = "<id/dk/participation/nemid-private-provider>"
SECTOR = "<id/dk/participation/nemid-banking-sector>"
SUM = "<id/dk/contribution/reform-track-1>"
OTHER_SUM = "<id/dk/contribution/reform-track-2>"
DOCUMENT = "<source/signicat-nemid>"
NO_PASSAGE = "<source/opsi-denmark#char=1,2>"


class Fault(NamedTuple):
    """An edit (SPARQL Update) of the shipped data, and what must be reported about it."""

    name: str
    shape: str
    message: str  # the beginning of it
    focus: str
    edit: str


def claim(name):
    return f"<id/dk/claim/{name}>"


def lacks(thing, path):
    """The edit that takes every value of a property away from a thing."""
    return f"DELETE WHERE {{ {thing} {path} ?value }}"


def has(*statements):
    return f"INSERT DATA {{ {' . '.join(statements)} }}"


def instead(thing, path, value):
    return f"{lacks(thing, path)} ; {has(f'{thing} {path} {value}')}"


def new_claim(name, statement, more=""):
    """The edit that adds a stated claim with its passage and, in Turtle, more."""
    subject, predicate, value = statement.split(maxsplit=2)
    return has(
        f"{claim(name)} a pg:Claim ; rdf:subject {subject} ; rdf:predicate {predicate} ; rdf:object {value} ;"
        f" pg:basis <concept/basis/stated> ; pg:passage <source/opsi-denmark#char=0,7> {more}"
    )


def broken_claim(name, path):
    return f"{new_claim(name, f'{NEMID} pg:purpose 1')} ; {lacks(claim(name), path)}"


DATASET = "<data/denmark>"
THIRTEEN = " ".join(["word"] * 13)
FAULTS = [
    Fault(
        "dataset without title",
        "pgs:Dataset",
        "Give the dataset a dct:title",
        DATASET,
        lacks(DATASET, "dct:title"),
    ),
    Fault(
        "dataset without description",
        "pgs:Dataset",
        "Give the dataset a dct:description",
        DATASET,
        lacks(DATASET, "dct:description"),
    ),
    Fault(
        "dataset without publisher",
        "pgs:Dataset",
        "Name who publishes",
        DATASET,
        lacks(DATASET, "dct:publisher"),
    ),
    Fault(
        "dataset without licence",
        "pgs:Dataset",
        "Name exactly one licence",
        DATASET,
        lacks(DATASET, "dct:license"),
    ),
    Fault(
        "dataset without source",
        "pgs:Dataset",
        "Name the document the data",
        DATASET,
        lacks(DATASET, "dct:source"),
    ),
    Fault(
        "dataset without country",
        "pgs:Dataset",
        "Name the country by",
        DATASET,
        lacks(DATASET, "dct:spatial"),
    ),
    Fault(
        "dataset without version",
        "pgs:Dataset",
        "Give the dataset one",
        DATASET,
        lacks(DATASET, "dcat:version"),
    ),
    # Whatever the graph describes
    Fault(
        "label without language",
        "pgs:Label",
        "Give the thing a skos:prefLabel with a language tag.",
        "<id/int/organisation/oecd>",
        has('<id/int/organisation/oecd> skos:prefLabel "OECD"'),
    ),
    Fault(
        "two labels in one language",
        "pgs:Label",
        "Keep one skos:prefLabel per language",
        "<id/dk/goal/job-creation>",
        has('<id/dk/goal/job-creation> skos:prefLabel "More jobs"@en'),
    ),
    Fault(
        "no English label",
        "pgs:Label",
        "Add an English skos:prefLabel",
        "<id/dk/goal/competitiveness>",
        instead("<id/dk/goal/competitiveness>", "skos:prefLabel", '"Konkurrenceevne"@da'),
    ),
    Fault(
        "two definitions in one language",
        "pgs:Label",
        "Keep one skos:definition per language",
        "<id/dk/goal/economic-growth>",
        has('<id/dk/goal/economic-growth> skos:definition "Growth of the economy."@en'),
    ),
    Fault(
        "no Danish label",
        "pgs:DanishLabel",
        "A Danish skos:prefLabel is lacking",
        "<id/dk/goal/cost-savings>",
        instead("<id/dk/goal/cost-savings>", "skos:prefLabel", '"Cost savings"@en'),
    ),
    Fault(
        "thing that nothing mentions",
        "pgs:Evidence",
        "Say where the thing is mentioned",
        "<id/dk/challenge/public-finances>",
        lacks("<id/dk/challenge/public-finances>", "pg:mentionedIn"),
    ),
    Fault(
        "means typed as goal",
        "pgs:Disjoint",
        "A thing is either a pg:Goal or a pg:Means, never both",
        PSI,
        has(f"{PSI} a pg:Goal"),
    ),
    Fault(
        "reform contribution typed as budget",
        "pgs:Disjoint",
        "A thing is either a pg:Budget or a pg:ExpectedContribution, never both",
        SUM,
        has(f"{SUM} a pg:Budget"),
    ),
    Fault(
        "same slug twice",
        "pgs:Disjoint",
        "A thing is either a pg:Strategy or a pg:Goal, never both",
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
    *(
        Fault(
            f"slug in a second spelling: {slug}",
            "pgs:Slug",
            "Write the IRI as id/COUNTRY/TYPE/SLUG",
            f"<id/dk/goal/{slug}>",
            has(f"<id/dk/goal/{slug}> a pg:Goal"),
        )
        for slug in ("Job-Creation", "job-creation/", "job%2Dcreation", "job_creation")
    ),
    Fault(
        "thing that is there twice",
        "pgs:Slug",
        "<id/dk/goal/economic-growth> is of the same kind and has the same English name",
        "<id/dk/goal/economic-growth-2>",
        has('<id/dk/goal/economic-growth-2> a pg:Goal ; skos:prefLabel "Economic growth in general"@en'),
    ),
    Fault(
        "text without language",
        "pgs:Datatype",
        'The value "to log in" of pg:purpose must be a rdf:langString',
        NEMID,
        has(f'{NEMID} pg:purpose "to log in"'),
    ),
    Fault(
        "date that is text, in a claim",
        "pgs:Datatype",
        'The value "2015" of pg:endDate must be a xsd:date',
        claim("ends-sometime"),
        new_claim("ends-sometime", f'{WELFARE} pg:endDate "2015"'),
    ),
    Fault(
        "plan without country",
        "pgs:CountryOfThing",
        "Name the one country",
        GROWTH,
        lacks(GROWTH, "pg:inCountry"),
    ),
    # Who takes part
    Fault(
        "nobody takes part",
        "pgs:Participation",
        "Name the one pg:Actor",
        SECTOR,
        lacks(SECTOR, "pg:participant"),
    ),
    Fault(
        "part of nothing",
        "pgs:Participation",
        "Name the one thing",
        PROVIDER,
        lacks(PROVIDER, "pg:participatesIn"),
    ),
    Fault(
        "role that is a sector",
        "pgs:Participation",
        "Give the participation a pg:role",
        PROVIDER,
        instead(PROVIDER, "pg:role", "<concept/sector/banking>"),
    ),
    Fault(
        "participation without involves",
        "pgs:Participation",
        f"The participation needs the direct connection too: add {NEMID} pg:involves <id/dk/group/d",
        BANKS,
        f"DELETE DATA {{ {NEMID} pg:involves <id/dk/group/danish-banks> }}",
    ),
    # Plans and areas
    Fault(
        "two launch months",
        "pgs:PlanPeriod",
        "Write the launch month once",
        GROWTH,
        has(f'{GROWTH} pg:launched "2013-03"^^xsd:gYearMonth'),
    ),
    Fault(
        "launch month without its bounds",
        "pgs:PlanPeriod",
        "The date bounds must fit the stated precision: pg:launched 2013-03 has",
        GROWTH,
        "",
    ),
    Fault(
        "first possible launch day after the last",
        "pgs:PlanPeriod",
        "The first possible launch day",
        WELFARE,
        instead(WELFARE, "pg:launchedNotBefore", '"2013-10-01"^^xsd:date'),
    ),
    Fault(
        "first year that is a number",
        "pgs:PlanPeriod",
        "Write the first year of the period once",
        EARLIER,
        instead(EARLIER, "pg:periodStart", "2011"),
    ),
    Fault(
        "last year that is a number",
        "pgs:PlanPeriod",
        "Write the last year of the period once",
        EARLIER,
        instead(EARLIER, "pg:periodEnd", "2015"),
    ),
    Fault(
        "period ending before it starts",
        "pgs:PlanPeriod",
        "The period must not end before it starts",
        LATER,
        instead(LATER, "pg:endDate", '"2015-12-31"^^xsd:date'),
    ),
    Fault("last year without its bound", "pgs:PlanPeriod", "The date bounds must fit", LATER, ""),
    Fault(
        "area outside its scheme",
        "pgs:Area",
        "Put the area into exactly one",
        "<id/dk/area/telemedicine>",
        lacks("<id/dk/area/telemedicine>", "skos:inScheme"),
    ),
    Fault(
        "seven areas counted, six there",
        "pgs:AreaScheme",
        "The source counts 7 areas but the data hold 6",
        "<id/dk/scheme/digital-welfare-areas>",
        "",
    ),
    Fault(
        "area without number",
        "pgs:Area",
        "Give the area one skos:notation",
        "<id/dk/area/use-of-welfare-technology>",
        instead("<id/dk/area/use-of-welfare-technology>", "skos:notation", '"third"'),
    ),
    Fault(
        "nine areas where the source says eight",
        "pgs:AreaScheme",
        "The source counts 8 areas but the data hold 9",
        AREAS,
        has(f'<id/dk/area/ninth> a pg:Area ; skos:inScheme {AREAS} ; skos:notation "M9"'),
    ),
    Fault(
        "number above the count", "pgs:AreaScheme", "Number the areas from 1 without a gap: M9 is", AREAS, ""
    ),
    Fault(
        "number of two areas",
        "pgs:AreaScheme",
        "Number the areas from 1 without a gap: M1 is",
        AREAS,
        has('<id/dk/area/digitisation-in-the-public-sector> skos:notation "M1"'),
    ),
    Fault(
        "scheme that does not say how many areas it has",
        "pgs:AreaScheme",
        "State how many areas the source counts",
        "<id/dk/scheme/new>",
        has("<id/dk/scheme/new> a pg:AreaScheme"),
    ),
    # Ends and numbers
    Fault(
        "target without comparator",
        "pgs:Target",
        "Say by pg:comparator",
        TARGET,
        lacks(TARGET, "pg:comparator"),
    ),
    Fault(
        "target without number",
        "pgs:Target",
        "Give the number to be",
        TARGET,
        lacks(TARGET, "pg:targetValue"),
    ),
    Fault("target without unit", "pgs:Target", "Give the target a pg:unit", TARGET, lacks(TARGET, "pg:unit")),
    Fault(
        "target due twice",
        "pgs:Target",
        "Give the year the target is",
        TARGET,
        has(f"{TARGET} pg:dueYear 2016"),
    ),
    Fault(
        "target due after its plan", "pgs:Target", "The target is due in 2016, outside the period", TARGET, ""
    ),
    Fault(
        "two legal natures",
        "pgs:Target",
        "Say at most once how binding",
        TARGET,
        has(f"{TARGET} pg:legalNature <concept/legal-nature/voluntary>"),
    ),
    Fault(
        "target without indicator",
        "pgs:Target",
        "Name what the target",
        TARGET,
        lacks(TARGET, "pg:hasIndicator"),
    ),
    Fault(
        "sum without amount",
        "pgs:SumOfMoney",
        "Give the sum once",
        OTHER_SUM,
        lacks(OTHER_SUM, "pg:amount"),
    ),
    Fault(
        "sum without currency",
        "pgs:SumOfMoney",
        "Name the currency",
        SUM,
        lacks(SUM, "pg:currency"),
    ),
    Fault(
        "sum of no kind",
        "pgs:ExpectedContribution",
        "Say what the sum",
        SUM,
        lacks(SUM, "pg:contributionKind"),
    ),
    Fault(
        "sum of no plan",
        "pgs:ExpectedContribution",
        "Name the plan that the contribution",
        "<id/dk/contribution/new>",
        has("<id/dk/contribution/new> a pg:ExpectedContribution"),
    ),
    # Claims
    *(
        Fault(
            f"claim without {part}",
            "pgs:Claim",
            f"Give the claim exactly one rdf:{part}",
            claim(f"without-{part}"),
            broken_claim(f"without-{part}", f"rdf:{part}"),
        )
        for part in ("subject", "predicate", "object")
    ),
    Fault(
        "claim without basis",
        "pgs:Claim",
        "Say where the claim comes from",
        claim("without-basis"),
        broken_claim("without-basis", "pg:basis"),
    ),
    Fault(
        "claim of two strengths",
        "pgs:Claim",
        "Give at most one pg:strength",
        claim("of-two-strengths"),
        new_claim(
            "of-two-strengths",
            f"{NEMID} pg:purpose 1",
            "; pg:strength <concept/strength/weak> , <concept/strength/strong>",
        ),
    ),
    Fault(
        "passage that is not described",
        "pgs:Claim",
        "Describe each pg:passage",
        claim("nowhere"),
        new_claim("nowhere", f"{NEMID} pg:purpose 1", f"; pg:passage {NO_PASSAGE}"),
    ),
    Fault(
        "dangling IRI",
        "pgs:Dangling",
        "<source/opsi-denmark#char=1,2> is named by pg:passage but described nowhere",
        claim("nowhere"),
        "",
    ),
    Fault(
        "rationale without language",
        "pgs:Claim",
        "Keep one pg:rationale per language",
        claim("nowhere"),
        has(f'{claim("nowhere")} pg:rationale "because"'),
    ),
    Fault(
        "stated claim without passage",
        "pgs:StatedClaim",
        "A stated claim needs the pg:passage",
        claim("government-governs-denmark"),
        lacks(claim("government-governs-denmark"), "pg:passage"),
    ),
    *(
        Fault(
            f"inferred claim without {path}",
            "pgs:InferredClaim",
            "An inferred claim needs its pg:rationale, its pg:strength and its curator",
            claim(name),
            lacks(claim(name), path),
        )
        for path, name in {
            "pg:rationale": "nemid-exemplifies-public-private-cooperation",
            "pg:strength": "nemid-exemplifies-digitisation-area",
            "prov:wasAttributedTo": "nemid-enables-target-80",
        }.items()
    ),
    Fault(
        "external claim without document",
        "pgs:ExternalClaim",
        "An external claim needs its document",
        claim("nemid-involves-nets-danid"),
        lacks(claim("nemid-involves-nets-danid"), "pg:citedDocument"),
    ),
    Fault(
        "derived claim without premises",
        "pgs:DerivedClaim",
        "A derived claim needs the claims",
        claim("contribution-total-amount-7000000000"),
        lacks(claim("contribution-total-amount-7000000000"), "prov:wasDerivedFrom"),
    ),
    Fault(
        "direct triple without claim",
        "pgs:ClaimOfTriple",
        "Who says so? Add a pg:Claim for pg:supports <id/dk/goal/job-creation>.",
        "<id/dk/goal/cost-savings>",
        has("<id/dk/goal/cost-savings> pg:supports <id/dk/goal/job-creation>"),
    ),
    Fault(
        "direct triple with a weak claim only",
        "pgs:ClaimOfTriple",
        "Who says so? Add a pg:Claim for pg:exemplifies <id/dk/area/service-minded-public-sector>.",
        NEMID,
        has(f"{NEMID} pg:exemplifies <id/dk/area/service-minded-public-sector>"),
    ),
    Fault(
        "claim without direct triple",
        "pgs:TripleOfClaim",
        f"The claim says {NEMID} pg:usesTechnology <concept/technology/digital-signature>, but the data lack",
        claim("nemid-uses-technology-digital-signature"),
        f"DELETE DATA {{ {NEMID} pg:usesTechnology <concept/technology/digital-signature> }}",
    ),
    Fault(
        "claim with a misspelt predicate",
        "pgs:TripleOfClaim",
        "The claim uses pg:involvs, which the ontology does not define",
        claim("misspelt"),
        new_claim("misspelt", f"{NEMID} pg:involvs <id/dk/organisation/kl>"),
    ),
    Fault(
        "subject outside the domain",
        "pgs:DomainAndRange",
        "The subject <id/dk/country/denmark> is not a pg:Plan, which pg:targetsArea needs",
        claim("misfit"),
        new_claim("misfit", "<id/dk/country/denmark> pg:targetsArea <id/dk/goal/job-creation>"),
    ),
    Fault(
        "object outside the range",
        "pgs:DomainAndRange",
        "The object <id/dk/goal/job-creation> is not a pg:Area, which pg:targetsArea needs",
        claim("misfit"),
        "",
    ),
    # Passages and documents
    Fault(
        "passage of no document",
        "pgs:Passage",
        "Name the one document",
        "<source/opsi-denmark#char=0,7>",
        lacks("<source/opsi-denmark#char=0,7>", "pg:isPassageOf"),
    ),
    Fault(
        "passage that ends before it starts",
        "pgs:Passage",
        "Give pg:charStart once, from 0, before pg:charEnd",
        "<source/opsi-denmark#char=10,30>",
        instead("<source/opsi-denmark#char=10,30>", "pg:charStart", "31"),
    ),
    Fault(
        "passage whose IRI has other positions",
        "pgs:Passage",
        "The IRI of the passage must end in #char=31,30",
        "<source/opsi-denmark#char=10,30>",
        "",
    ),
    Fault(
        "passage without end",
        "pgs:Passage",
        "Give pg:charEnd once",
        "<source/opsi-denmark#char=32,88>",
        lacks("<source/opsi-denmark#char=32,88>", "pg:charEnd"),
    ),
    Fault(
        "passage without heading",
        "pgs:Passage",
        "Name the heading the passage",
        "<source/opsi-denmark#char=100,122>",
        lacks("<source/opsi-denmark#char=100,122>", "pg:section"),
    ),
    Fault(
        "passage outside the text's length",
        "pgs:Passage",
        "The passage ends at character 5217, after the end of the text",
        "<source/opsi-denmark#char=5175,5216>",
        instead("<source/opsi-denmark#char=5175,5216>", "pg:charEnd", "5217"),
    ),
    Fault(
        "quotation of 13 words",
        "pgs:Quotation",
        "Quote at most 12 words",
        "<source/opsi-denmark#char=127,159>",
        instead("<source/opsi-denmark#char=127,159>", "<http://www.w3.org/ns/oa#exact>", f'"{THIRTEEN}"@en'),
    ),
    Fault(
        "document without title",
        "pgs:SourceDocument",
        "Give the document a",
        DOCUMENT,
        lacks(DOCUMENT, "dct:title"),
    ),
    Fault(
        "document without publisher",
        "pgs:SourceDocument",
        "Name the publisher of",
        DOCUMENT,
        lacks(DOCUMENT, "dct:publisher"),
    ),
    Fault(
        "document without length",
        "pgs:SourceDocument",
        "Passages of the document are cited",
        "<source/eu-factsheet-denmark>",
        lacks("<source/eu-factsheet-denmark>", "pg:textLength"),
    ),
]
UNDESCRIBED = Fault(
    "data that do not say what they are",
    "pgs:SelfDescription",
    "The data do not say what they are",
    "<ontology>",
    "DELETE { ?dataset a dcat:Dataset } WHERE { ?dataset a dcat:Dataset }",
)


# The traps that data about public policy fall into, the shape that catches each, and the axiom where a
# reasoner catches it too (tests/data/test_reasoning.py). The names are those of the faults above.
TRAPS = {
    "means typed as goal": ("pgs:Disjoint", "pg:Goal owl:disjointWith pg:Means"),
    "target without unit": ("pgs:Target", ""),
    "reform contribution typed as budget": (
        "pgs:Disjoint",
        "pg:Budget owl:disjointWith pg:ExpectedContribution",
    ),
    "area outside its scheme": ("pgs:Area", ""),
    "nine areas where the source says eight": ("pgs:AreaScheme", ""),
    "period ending before it starts": ("pgs:PlanPeriod", ""),
    "claim without basis": ("pgs:Claim", ""),
    "inferred claim without pg:rationale": ("pgs:InferredClaim", ""),
    "direct triple without claim": ("pgs:ClaimOfTriple", ""),
    "passage outside the text's length": ("pgs:Passage", ""),
    "label without language": ("pgs:Label", ""),
    "two labels in one language": ("pgs:Label", ""),
    "dangling IRI": ("pgs:Dangling", ""),
    "same slug twice": ("pgs:Disjoint", "pg:Plan owl:disjointWith pg:Goal"),
}
