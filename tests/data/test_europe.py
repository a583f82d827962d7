"""The catalogue of thirty-one accounts: what is drawn is what a reader found, and all of it conforms."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pyoxigraph as rdf
import pytest
from checkout import SHIPPED

from policygraph import Catalog, validate
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES as KNOWN

pytestmark = pytest.mark.full

ROOT = SHIPPED / "europe"
PREFIXES = f"@base <{BASE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in KNOWN.items())
HEADINGS = {
    "Artificial Intelligence": "artificial-intelligence",
    "Distributed Ledger Technologies": "distributed-ledger",
    "Big Data": "big-data",
    "Cloud Computing": "cloud-computing",
    "Internet of Things": "internet-of-things",
    "High-performance Computing": "high-performance-computing",
    "High-speed Broadband Connectivity": "broadband",
    "GovTech": "govtech",
}


@pytest.fixture(scope="module")
def europe():
    return Catalog(ROOT)


def test_thirty_one_accounts_and_the_deep_data_are_one_catalogue(europe):
    assert len(europe.datasets) == 31 + 1 + len(Catalog(SHIPPED).datasets)
    countries = {row["country"] for row in europe.ask("accounts-coverage")}
    assert len(countries) == 31


def test_every_dataset_conforms(europe):
    report = validate(europe)
    assert [each for each in report.results if each.severity == "Violation"] == []


def test_the_matrix_shows_what_a_reader_of_the_texts_found(europe):
    """In the eight fields that its sentence counts; Portugal prints two titles as bullets (README)."""
    with (ROOT / "cells.csv").open(encoding="utf-8", newline="") as file:
        read = {(row["country"], HEADINGS[row["heading"]]): row["mark"] for row in csv.DictReader(file)}
    shown = {}
    for row in europe.ask("domains-by-country"):
        country, domain = (str(row[name]).rpartition("/")[2] for name in ("country", "domain"))
        if domain in HEADINGS.values():
            number = int(row["named"])
            shown[country, domain] = str(number) if number else "none" if row["absence"] else "text"
    assert shown.pop(("portugal", "broadband")) == "2"
    assert read.pop(("portugal", "broadband")) == "4"
    assert shown == {cell: mark for cell, mark in read.items() if mark != "no heading"}


def test_what_its_sentences_count_is_checked(europe):
    """Each outline of the chapter on legislation, and each title in a field of technology."""
    for row in europe.ask("domains-by-country"):
        domain = str(row["domain"]).rpartition("/")[2]
        if row["absence"] or (domain in HEADINGS.values() and int(row["named"])):
            assert row["checked"], (row["country"], domain)


def test_a_first_is_checked_and_told_with_how_many_have_a_date(europe):
    rows = list(europe.ask("first-by-domain"))
    assert rows
    for row in rows:
        assert 0 < int(row["dated"]) <= int(row["named"])

    # Of Denmark and Norway no date is checked in this way, so their things do not count either.
    asked = """SELECT (COUNT(DISTINCT ?thing) AS ?n) {
      ?thing a ?kind ; pg:inCountry ?country ; pg:mentionedIn ?at
      VALUES ?kind { pg:Plan pg:Legislation pg:DigitalInfrastructure }
      ?at dct:title ?title ; dct:type pgc:chapter\\/legislation ; pg:inCountry ?country ; pg:inDomain ?domain
      FILTER(?domain = pgc:domain\\/security && !STRSTARTS(STR(?country), CONCAT(STR(pgid:), "dk"))
        && !STRSTARTS(STR(?country), CONCAT(STR(pgid:), "no")))
      FILTER NOT EXISTS { ?at dct:type/skos:inScheme pgc:government-level } }"""
    (security,) = (row["named"] for row in rows if str(row["domain"]).endswith("domain/security"))
    assert [int(row["n"]) for row in europe.ask(asked)] == [int(security)]


@pytest.fixture(scope="module")
def changed(europe):
    """Ask questions, each with columns, before and after a few statements more; both answers as texts."""
    store = europe.load()

    def answers(asked, values):
        for question, *columns in asked:
            chosen = {name: values[name] for name in values if name in europe.queries[question].parameters}
            rows = europe.ask(question, store=store, **chosen)
            yield {tuple(str(row[name]) for name in columns) for row in rows}

    def ask(text, *asked, **values):
        before = [*answers(asked, values)]
        store.add(rdf.parse(f"{PREFIXES}{text}".encode(), format=rdf.RdfFormat.TURTLE))
        return zip(before, answers(asked, values), strict=True)

    return ask


def test_what_nobody_checked_is_not_the_earliest(changed):
    act = "<id/at/legislation/security-of-network-and-information-systems-act>"
    drafted = f"""{act} pg:inForceSince "1970-01-01"^^xsd:date ; pg:startDate "1970-01-01"^^xsd:date .
        [] a pg:Claim ; rdf:subject {act} ; rdf:predicate pg:inForceSince ;
        rdf:object "1970-01-01"^^xsd:date ; pg:status <concept/review/drafted> ."""
    ((before, after),) = changed(drafted, ("first-by-domain", "domain", "country", "date"))
    assert after == before


def test_a_rejected_absence_is_none(changed):
    absence = "at/absence/no-legislation-artificial-intelligence"
    (counted, recounted), *others = changed(
        f"<id/{absence}> pg:status <concept/review/rejected> .",
        ("absent-by-domain", "domain", "checked"),
        ("domains-by-country", "absence"),
        ("countries-on-a-domain", "absence"),
    )
    (lost,), (got,) = counted - recounted, recounted - counted
    assert lost[0].endswith("/artificial-intelligence")
    assert int(lost[1]) == int(got[1]) + 1
    for before, after in others:
        assert before - after == {(f"{BASE}id/{absence}",)}


@pytest.mark.parametrize("question", ["domains-by-country", "countries-on-a-domain"])
def test_of_two_headings_the_first_in_the_text_stands_beside_its_titles(europe, question):
    values = {"chapter": "pgc:chapter/infrastructure"}
    values |= {"domain": "pgc:domain/platforms"} if question == "countries-on-a-domain" else {}
    rows = list(europe.ask(question, **values))
    (heading,) = (
        str(row["heading"])
        for row in rows
        if str(row["country"]).endswith("/cyprus")
        and str(row.get("domain", "domain/platforms")).endswith("domain/platforms")
    )
    assert heading.endswith("#char=69654,69689")


def test_a_title_in_two_languages_is_one(changed):
    more = '<source/eu-factsheet-cyprus#char=69691,69697> dct:title "Portal"@el .'
    asked = [(name, "country", "named", "below") for name in ("domains-by-country", "countries-on-a-domain")]
    chosen = {"chapter": "pgc:chapter/infrastructure", "domain": "pgc:domain/platforms"}
    for before, after in changed(more, *asked, **chosen):
        assert after == before


def test_a_heading_without_a_title_is_not_read_though_another_of_its_domain_has_titles(changed):
    more = """<source/eu-factsheet-cyprus#char=200000,200010> a pg:Passage ; pg:charStart 200000 ;
        dct:type <concept/chapter/infrastructure> ; pg:inDomain <concept/domain/platforms> ;
        pg:inCountry <id/cy/country/cyprus> ."""
    ((before, after),) = changed(more, ("accounts-coverage", "country", "headings", "notRead"))
    (lost,), (got,) = before - after, after - before
    assert [int(new) - int(old) for new, old in zip(got[1:], lost[1:], strict=True)] == [1, 1]


def test_what_may_be_the_earliest_is_told_beside_it(changed):
    """A year may be any of its days; what came after one of which the day is known is not the earliest."""
    act = "<id/at/legislation/security-of-network-and-information-systems-act>"
    days = (
        '"1901"^^xsd:gYear',
        '"1901-03-01"^^xsd:date',
        '"1901-03"^^xsd:gYearMonth',
        '"1901-04"^^xsd:gYearMonth',
    )
    more = "".join(
        f"[] a pg:Claim ; rdf:subject {act} ; rdf:predicate pg:inForceSince ; rdf:object {day} ;"
        " pg:status <concept/review/checked> .\n"
        for day in days
    )
    ((before, after),) = changed(more, ("first-by-domain", "date"))
    assert {each for (each,) in after - before} == {"1901", "1901-03-01", "1901-03"}


def test_a_directive_has_the_laws_of_several_accounts(europe):
    rows = list(europe.ask("laws-transposing"))
    assert Counter(str(row["directive"]).rpartition("/")[2] for row in rows).most_common(1)[0][1] > 1
    for row in rows:  # of which a clause says so, and no curator infers it
        claims = europe.claims(f"<{row['law']}>", relation="pg:transposes")
        bases = {each.basis for each in claims if each.object.value == str(row["directive"])}
        assert f"{BASE}concept/basis/stated" in bases


def test_a_draft_is_no_law_and_a_network_of_a_region_not_the_countrys(europe):
    asked = """SELECT ?thing ?level { ?thing pg:inCountry ?country OPTIONAL { ?thing pg:involvesLevel ?level }
      FILTER(STRENDS(STR(?thing), "/irisnet")
        || STRSTARTS(STR(?thing), CONCAT(STR(pgid:), "pl/legislation/artificial"))
        || STRSTARTS(STR(?thing), CONCAT(STR(pgid:), "pl/legislation/law-on-electronic"))) }"""
    (network,) = europe.ask(asked)
    assert str(network["level"]).endswith("government-level/regional")


def test_every_absence_says_whether_a_reader_checked_it(europe):
    """In the drafted accounts; those of Denmark and Norway were written by curators."""
    asked = """SELECT ?absence { ?absence a pg:StatedAbsence FILTER NOT EXISTS { ?absence pg:status ?review }
      FILTER(!REGEX(STR(?absence), "/id/(dk|no)/")) }"""
    assert list(europe.ask(asked)) == []


@pytest.mark.parametrize(
    ("place", "level"),
    [
        ("belgium#char=56937,56960", "regional"),  # Walloon Regional Portal
        ("slovenia#char=84288,84310", "local"),  # Municipalities Portals
        (
            "latvia#char=58460,58489",
            "subnational",
        ),  # Electronic Declaration System: the heading alone says so
    ],
)
def test_a_level_is_what_the_title_says_or_only_below_the_national_one(europe, place, level):
    (row,) = europe.ask(f"""SELECT ?level {{ <{BASE}source/eu-factsheet-{place}> dct:type ?level
      FILTER(CONTAINS(STR(?level), "government-level")) }}""")
    assert str(row["level"]).endswith(f"government-level/{level}")


def test_an_account_says_of_a_title_what_it_names_alone(europe):
    """By the account's own file: deep data cite titles for context, too."""
    things = """SELECT ?thing { GRAPH <%sdata/account-%s> {
      ?thing pg:mentionedIn <%ssource/eu-factsheet-%s#char=%s> } }"""
    for country, at, named in (
        ("denmark", "23531,23592", ["dk/plan/health-data-vision"]),
        ("denmark", "61978,62000", ["dk/infrastructure/eid-gateway"]),
        ("norway", "27650,27669", ["int/infrastructure/ebsi", "no/infrastructure/ebsi-node"]),
        ("norway", "40861,40883", ["no/legislation/public-procurement-act"]),
        ("norway", "48009,48024", ["no/infrastructure/norge-no"]),
    ):
        rows = europe.ask(things % (BASE, country, BASE, country, at))
        assert sorted(str(row["thing"]).partition("/id/")[2] for row in rows) == named, at


def test_an_instrument_is_known_by_its_spellings_and_not_by_what_amends_it(europe):
    rows = {str(row["instrument"]).partition("/id/")[2]: row for row in europe.ask("shared-instruments")}
    assert set(str(rows["int/plan/nordic-baltic-ai-declaration"]["codes"]).split()) == {
        "IS",
        "LT",
        "NO",
        "SE",
    }
    assert int(rows["int/infrastructure/ebsi"]["accounts"]) == 8
    assert {"HR", "LT", "LU"} <= set(str(rows["int/legislation/eidas-regulation"]["codes"]).split())
    assert "MT" in str(rows["int/legislation/directive-2016-1148"]["codes"])


def test_a_passage_stands_in_the_section_of_its_own_title(europe):
    asked = """SELECT ?at { ?at dct:title ?title ; pg:section ?section ; pg:inCountry ?country
      FILTER(STR(?title) != STR(?section))
      FILTER(!REGEX(STR(?country), "/id/(dk|no)/")) }"""
    assert list(europe.ask(asked)) == []
    (row,) = europe.ask(
        "SELECT ?section { ?at pg:section ?section FILTER(STRENDS(STR(?at), 'greece#char=77263,77316')) }"
    )
    assert str(row["section"]) == "GovTech"


def test_the_readme_tells_the_numbers(europe):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = list(europe.ask("accounts-coverage"))
    total = {
        name: sum(int(row[name]) for row in rows)
        for name in ("headings", "titles", "ofRegions", "none", "notRead")
    }
    for name, label in (
        ("headings", "headings of three chapters"),
        ("titles", "titles below them"),
        (
            "ofRegions",
            "of these, below the national level: of a region by their title, or under a heading on "
            "subnational things",
        ),
        (
            "notRead",
            "headings with text but without a title or such a sentence, drawn as `?` where "
            "their domain has no title",
        ),
        ("none", "stated absences"),
    ):
        assert f"| {label} | {total[name]:,} |" in text, name
    at = (
        "{ ?at dct:title ?title ; dct:type/skos:inScheme <https://w3id.org/policygraph/concept/chapter> } "
        "OPTIONAL { ?thing pg:mentionedIn ?at BIND(REGEX(STR(?thing), '/id/(int|dk|no)/') AS ?other) }"
    )
    found = list(europe.ask(f"SELECT ?at (MIN(?other) AS ?only) {{ {at} }} GROUP BY ?at"))
    # A title of both kinds counts as one of the country's.
    counts = Counter(row["only"] for row in found)
    own, others, none = (counts[each] for each in (False, True, None))
    assert re.search(rf"\| titles that name one thing of the country.* \| {own} \|", text)
    assert re.search(rf"\| titles of shared instruments.* \| {others} \|", text)
    assert re.search(rf"\| other titles.* \| {none:,} \|", text)


def test_the_readers_verdicts_are_those_that_the_readme_counts():
    """Of the last draw of things, and of what was read whole."""
    with (ROOT / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        verdicts = list(csv.DictReader(file))
    last = Counter((row["reader"], row["says"].split()[0], row["verdict"]) for row in verdicts)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for reader in "JK":
        right, doubtful = last[reader, "kind", "right"], last[reader, "kind", "doubtful"]
        assert last[reader, "kind", "wrong"] == 0
        assert right + doubtful == 100
        assert re.search(rf"{reader}: {right} (of 100 )?right, {doubtful} doubtful", text)
    assert last["G", "absence", "right"] == 201
    for reader, doubtful in (("H", 4), ("I", 1)):
        assert last[reader, "absence", "right"] == 150 - doubtful == 150 - last[reader, "absence", "doubtful"]


@pytest.mark.parametrize("chapter", ["infrastructure", "political-communications"])
def test_what_a_reader_doubts_is_not_told_as_checked(europe, chapter):
    asked = "SELECT ?a { ?a a pg:StatedAbsence ; pg:status pgc:review\\/under-review }"
    doubted = {row["a"] for row in europe.ask(asked)}
    found = europe.ask("domains-by-country", chapter=f"pgc:chapter/{chapter}")
    rows = [row for row in found if row["absence"] in doubted]
    assert rows
    assert not [row for row in rows if row["checked"]]
