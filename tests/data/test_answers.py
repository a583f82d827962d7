"""What saved questions answer: on a small graph that was made up, and on the shipped data."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from checkout import SHIPPED
from pyoxigraph import NamedNode, Triple

from policygraph import Catalog
from policygraph.analysis.network import network
from policygraph.check.shacl import check
from policygraph.errors import QueryError
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, expand
from policygraph.rdf.terms import term

CATALOG = Catalog(SHIPPED)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
LAND, OTHER = "<urn:x:land>", "<urn:x:other>"
SMALL = f"""
{LAND} a pg:Country ; skos:prefLabel "Land"@en . {OTHER} a pg:Country ; skos:prefLabel "Other"@en .

<urn:x:open> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2010-01-01"^^xsd:date ; pg:horizonYear 2015 .
<urn:x:old> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2012-01-01"^^xsd:date .
<urn:x:new> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2016-03-01"^^xsd:date ; pg:succeeds <urn:x:old> ;
  pg:endDate "2018-12-31"^^xsd:date .
<urn:x:next> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2017-01-01"^^xsd:date ; pg:succeeds <urn:x:new> ,
  <urn:x:old> .
<urn:x:undated> a pg:Plan ; pg:inCountry {LAND} . <urn:x:elsewhere> a pg:Plan ; pg:inCountry {OTHER} .
<urn:x:abroad> a pg:Plan ; pg:inCountry {OTHER} ; pg:startDate "2018-01-01"^^xsd:date ;
  pg:endDate "2019-12-31"^^xsd:date .

<urn:x:list> a pg:AreaScheme ; pg:inCountry {LAND} .
<urn:x:named> a pg:Area ; skos:topConceptOf <urn:x:list> ; skos:inScheme <urn:x:list> ; pg:inCountry {LAND} .
<urn:x:made> a pg:Plan ; pg:inCountry {LAND} ; pg:coined true ; pg:startDate "2030-01-01"^^xsd:date .
<urn:c:1> a pg:Claim ; pg:basis pgc:basis\\/stated ; pg:citedDocument <urn:d:1> , <urn:d:2> ;
  pg:passage <urn:p:1> ; rdf:subject <urn:x:made> ; rdf:predicate pg:implements ; rdf:object <urn:x:named> .
<urn:p:1> pg:isPassageOf <urn:d:1> .
<urn:c:2> a pg:Claim ; pg:basis pgc:basis\\/stated ; pg:citedDocument <urn:d:1> ;
  rdf:subject <urn:x:open> ; rdf:predicate pg:approvedBy ; rdf:object <urn:x:body> .
<urn:x:open> pg:approvedBy <urn:x:body> .

<urn:x:law> a pg:Legislation ; pg:inCountry {LAND} .
<urn:x:post> a pg:Duty ; pg:inCountry {LAND} ; pg:modality pgc:modality\\/must ;
  pg:hasLegalBasis <urn:x:law> ;
  pg:obliges <urn:x:people> ; pg:exempts <urn:x:hermits> ; pg:inForceSince "2014-11-01"^^xsd:date .
<urn:x:mail> a pg:Duty ; pg:inCountry {OTHER} ; pg:modality pgc:modality\\/may ; pg:obliges <urn:x:people> .
<urn:c:3> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:post> ; rdf:predicate pg:obliges ;
  pg:periodStart "2014-11"^^xsd:gYearMonth ; pg:periodEnd "2020"^^xsd:gYear ;
  rdf:object <urn:x:people> ; pg:rationale "So."@en , "Sådan."@da .
<urn:c:4> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:post> ; rdf:predicate pg:obliges ;
  rdf:object <urn:x:firms> ; pg:disputes <urn:c:3> ; pg:rationale "No."@en , "Nej."@da .
<urn:c:5> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:post> ; rdf:predicate pg:modality ;
  rdf:object pgc:modality\\/must .
<urn:c:6> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:mail> ; rdf:predicate pg:modality ;
  rdf:object pgc:modality\\/may .
<urn:c:7> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:post> ;
  rdf:predicate pg:inForceSince ;
  rdf:object "2014-11-01"^^xsd:date .
<urn:c:8> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:mail> ; rdf:predicate pg:relatesTo ;
  rdf:object <urn:x:post> .
<urn:x:opt-out> a pg:Comparison ; pg:compares <urn:x:mail> , <urn:x:post> ; pg:aspect pgc:aspect\\/opt-out ;
  prov:wasDerivedFrom <urn:c:6> ; pg:silentSide <urn:x:post> ; pg:verdict pgc:verdict\\/only-here ;
  pg:rationale "One may decline."@en , "Man kan sige nej."@da .

<urn:x:met> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 90.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:missed> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 95.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:low> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 91.0 ;
  pg:comparator pgc:comparator\\/at-most ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:passed> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 91.0 ;
  pg:comparator pgc:comparator\\/more-than ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:future> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 95.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2999"^^xsd:gYear ; pg:endDate "2999-12-31"^^xsd:date .
<urn:x:other> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:j> ; pg:value 80.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:unmeasured> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:k> ; pg:value 80.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:later> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:l> ; pg:value 80.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:both> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 90.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:x:said> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:z> ; pg:value 90.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "2012"^^xsd:gYear ; pg:endDate "2012-12-31"^^xsd:date .
<urn:c:14> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:both> ; rdf:predicate pg:status ;
  rdf:object pgc:status\\/reached ; pg:citedDocument <urn:d:3> .
<urn:c:15> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:said> ; rdf:predicate pg:status ;
  rdf:object pgc:status\\/reached ; pg:citedDocument <urn:d:9> .
<urn:x:seen> a pg:Observation ; pg:hasIndicator <urn:x:i> ; pg:value 91.0 ;
  pg:endDate "2011-12-31"^^xsd:date .
<urn:x:since> a pg:Observation ; pg:hasIndicator <urn:x:i> ; pg:value 99.0 ;
  pg:endDate "2013-12-31"^^xsd:date .
<urn:x:reported> a pg:Observation ; pg:hasIndicator <urn:x:m> ; pg:value 70.0 ;
  pg:endDate "2012-12-31"^^xsd:date .
<urn:x:too-late> a pg:Observation ; pg:hasIndicator <urn:x:l> ; pg:value 99.0 ;
  pg:endDate "2013-12-31"^^xsd:date .
<urn:c:9> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:seen> ; rdf:predicate pg:value ;
  rdf:object 91.0 .
<urn:c:10> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:since> ; rdf:predicate pg:value ;
  rdf:object 99.0 .
<urn:c:11> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:reported> ; rdf:predicate pg:value ;
  rdf:object 70.0 ; pg:citedDocument <urn:d:3> .
<urn:c:12> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:too-late> ; rdf:predicate pg:value ;
  rdf:object 99.0 .
<urn:c:13> a pg:Claim ; pg:basis pgc:basis\\/stated ; rdf:subject <urn:x:other> ; rdf:predicate pg:status ;
  rdf:object pgc:status\\/reached ; pg:citedDocument <urn:d:3> .
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "small.ttl"
    path.write_text(HEAD + SMALL, encoding="utf-8")
    return CATALOG.load(files=path)


def things(answer, column="plan"):
    return sorted(row[column].removeprefix("urn:x:") for row in answer)


@pytest.mark.parametrize(
    ("year", "plans"),
    [
        (2009, []),
        (2012, ["old", "open"]),
        (2016, ["new", "old", "open"]),  # until the day on which its successor begins
        (2017, ["new", "next", "open"]),
        (2018, ["abroad", "new", "next", "open"]),  # a stated end counts before a succession
        (2029, ["next", "open"]),  # a horizon is no end
    ],
)
def test_a_plan_is_in_force_until_its_stated_end_or_its_successor(small, year, plans):
    answer = CATALOG.ask("plans-in-force", store=small, year=year)
    assert things(answer) == plans
    assert (
        answer.finding
        == f"Plans by country, begun by {year}, not known to be over: {len(plans)}, and 2 undated"
    )


def test_how_the_end_of_a_plan_is_known_is_told(small):
    rows = {row["plan"]: row for row in CATALOG.ask("plans-in-force", store=small, year=2016)}
    ends = {plan: (str(row["to"]), row["successor"]) for plan, row in rows.items()}
    assert ends == {
        "urn:x:new": ("2018-12-31", None),
        "urn:x:old": ("2016-03-01", "urn:x:new"),
        "urn:x:open": ("None", None),
    }
    (row,) = (row for row in CATALOG.ask("timeline", store=small) if row["thing"] == "urn:x:old")
    assert (str(row["to"]), row["successor"], row["country"]) == ("2016-03-01", "urn:x:new", "urn:x:land")


def test_a_plan_with_two_successors_of_one_day_or_of_none_is_counted_once(tmp_path):
    twins = f"""
<urn:x:one-day> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2012-01-01"^^xsd:date .
<urn:x:no-day> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2012-01-01"^^xsd:date .
<urn:x:b> pg:succeeds <urn:x:one-day> , <urn:x:no-day> . <urn:x:a> pg:succeeds <urn:x:no-day> .
<urn:x:b> pg:startDate "2015-01-01"^^xsd:date . <urn:x:c> pg:succeeds <urn:x:one-day> .
<urn:x:c> pg:startDate "2015-01-01"^^xsd:date .
<urn:x:none> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2012-01-01"^^xsd:date .
<urn:x:d> pg:succeeds <urn:x:none> . <urn:x:e> pg:succeeds <urn:x:none> .
<urn:x:late> a pg:Plan ; pg:inCountry {LAND} ; pg:startDate "2015-09-15"^^xsd:date .
<urn:x:f> pg:succeeds <urn:x:late> ; pg:startDate "2015-01-01"^^xsd:date .
"""
    (tmp_path / "twins.ttl").write_text(HEAD + twins, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "twins.ttl")
    answer = CATALOG.ask("plans-in-force", store=store, year=2015)
    named = {row["plan"][6:]: (str(row["to"]), row["successor"][6:]) for row in answer}
    late = ("None", "f")  # which began in 2015, and no plan ends before it begins
    none = ("None", "d")
    assert named == {
        "one-day": ("2015-01-01", "b"),
        "no-day": ("2015-01-01", "b"),
        "none": none,
        "late": late,
    }
    assert answer.finding.endswith(": 4, and 0 undated")
    told = {row["thing"][6:]: str(row["to"]) for row in CATALOG.ask("timeline", store=store)}
    assert told == {plan: to for plan, (to, _) in named.items()}


def test_a_plan_of_one_day_is_no_proper_interval(tmp_path):
    """By https://www.w3.org/TR/owl-time/#time:ProperInterval, the two ends of which differ."""
    day, plan = '"2016-02-29"^^xsd:date', "<urn:x:plan> a pg:Plan ; pg:startDate"
    (tmp_path / "p.ttl").write_text(f"{HEAD}{plan} {day} ; pg:endDate {day} .", encoding="utf-8")
    made = CATALOG.load(files=tmp_path / "p.ttl").query(CATALOG.bind("plan-intervals"))
    kinds = {each.object.value for each in made if each.predicate.value == expand("rdf:type")}
    assert kinds == {expand("time:Interval"), expand("time:Instant")}


def test_plans_that_cannot_be_placed_are_those_of_the_country_asked_about(small):
    answer = CATALOG.ask("plans-in-force", store=small, year=2018, country=LAND)
    assert answer.finding == "Plans by country, begun by 2018, not known to be over: 3, and 1 undated"
    # Whoever leaves rows out cannot tell which of the others to leave out.
    for key in (lambda row: row["to"], lambda row: row.get("to"), lambda row: row["plan"]):
        assert answer.where(key).finding == ""
        assert answer.select("to", "plan").where(key).finding == ""
        assert answer.where(key).where(bool).select("to").finding == ""


def test_the_cookbook_answers_as_the_saved_question():
    text = (SHIPPED / "docs" / "cookbook.md").read_text(encoding="utf-8")
    recipe = text.partition("**19.")[2].partition("```sparql\n")[2].partition("```")[0]
    for year in range(2009, 2031):
        own = CATALOG.ask(recipe.replace("2014-", f"{year}-"))
        saved = CATALOG.ask("plans-in-force", year=year)
        assert {(r["plan"], r["to"]) for r in own} == {(r["plan"], r["to"]) for r in saved}, year
    agenda = "no/plan/digital-agenda"
    assert f"{BASE}id/{agenda}" not in things(CATALOG.ask("plans-in-force", year=2026))


@pytest.mark.parametrize("year", [20140, 14, -2014, "2014Z", "soon"])
def test_a_year_has_four_digits(year):
    with pytest.raises(QueryError, match=f"'year' takes xsd:gYear, such as 2014; not '{year}'. A year has"):
        CATALOG.ask("plans-in-force", year=year)


def test_plans_overlap_across_the_border_seen_from_either_side(small):
    pairs = {
        name: [tuple(things([row], column)[0] for column in ("plan", "other")) for row in answer]
        for name in (LAND, OTHER)
        for answer in [CATALOG.ask("plans-overlapping", store=small, country=name)]
    }
    assert pairs == {LAND: [("abroad", "new")], OTHER: [("abroad", "new")]}
    norway, denmark, every = (
        {(row["plan"], row["other"]) for row in CATALOG.ask("plans-overlapping", country=name)}
        for name in ("Norway", "Denmark", None)
    )
    assert every == norway | denmark
    assert norway & denmark
    assert norway - denmark


@pytest.mark.parametrize(
    "basis",
    [None, "stated", "inferred", "external", ["stated", "external"], ["stated", "inferred"]],
    ids=str,
)
@pytest.mark.parametrize("graph", ["small", "shipped"])
def test_an_area_has_a_plan_or_is_listed_as_without_one(request, graph, basis):
    store = request.getfixturevalue("small") if graph == "small" else CATALOG.store
    carrying = {expand("pg:implements"), expand("pg:targetsArea")}
    by_area = CATALOG.ask("plans-by-area", store=store, basis=basis)
    without = CATALOG.ask("areas-without-plan", store=store, basis=basis)
    some = {row["area"] for row in by_area if row["property"] in carrying}
    none = {row["area"] for row in without}
    assert none == {row["area"] for row in CATALOG.ask("areas-listed", store=store)} - some
    assert without.finding == f"Listed areas that no plan carries out: {len(none)}"
    assert {row["area"]: row["contributing"] for row in without} == {
        area: len({row["plan"] for row in by_area if row["area"] == area}) for area in none
    }


def test_an_area_without_plan_has_its_list_and_country(small):
    (row,) = CATALOG.ask("areas-without-plan", store=small)
    assert (row["area"], row["list"], row["country"]) == ("urn:x:named", "urn:x:list", "urn:x:land")


def test_a_statement_falls_in_one_row_that_tells_what_else_it_cites(small):
    rows = list(CATALOG.ask("claims-falling", store=small, origin="<urn:d:1>"))
    assert [(row["subject"], row["documents"]) for row in rows] == [("urn:x:made", 2), ("urn:x:open", 1)]
    rows = list(CATALOG.ask("claims-falling", origin="pgsource:eu-factsheet-denmark"))
    said = {(row["subject"], row["property"], str(row["object"]), row["basis"]) for row in rows}
    assert len(rows) == len(said) > 500
    assert any(row["documents"] > 1 for row in rows)


def test_who_approved_a_plan_is_named_for_that(small):
    rows = CATALOG.ask("responsible-bodies", store=small)
    said = {row["plan"]: (row["relation"], row["body"]) for row in rows}
    assert said["urn:x:open"] == (expand("pg:approvedBy"), "urn:x:body")
    assert said["urn:x:undated"] == (None, None)
    assert ["Not stated" in texts for texts in rows.texts].count(False) == 1


def test_a_dispute_is_one_row_in_every_format(small):
    answer = CATALOG.ask("disagreements", store=small)
    assert len(answer) == len(list(csv.reader(io.StringIO(answer.to_csv())))) - 1 == 1


def test_a_duty_has_its_own_day_addressee_and_law_each_with_who_says_so(small):
    said = {
        (row["duty"].removeprefix("urn:x:"), row["property"].rpartition("#")[2]): row
        for row in CATALOG.ask("duties", store=small)
    }
    assert str(said["post", "inForceSince"]["value"]) == "2014-11-01"
    assert said["post", "modality"]["value"] == expand("pgc:modality/must")
    assert said["mail", "modality"]["value"] == expand("pgc:modality/may")
    assert said["mail", "modality"]["basis"] == expand("pgc:basis/stated")
    last = said["post", "obliges"]
    assert (last["value"], str(last["from"]), str(last["to"])) == ("urn:x:people", "2014-11", "2020")
    # What no source says is a row without a value, and without a basis.
    assert {key for key, row in said.items() if row["value"] is None} == {
        ("mail", "hasLegalBasis"),
        ("mail", "inForceSince"),
        ("mail", "obliges"),  # which no claim says
        ("mail", "requires"),
        ("post", "hasLegalBasis"),
        ("post", "requires"),
    }


@pytest.mark.parametrize(
    ("target", "result", "figure"),
    [
        ("met", "reached", 91),
        ("missed", "not-reached", 91),  # what was measured after it was due does not count
        ("low", "reached", 91),
        ("passed", "not-reached", 91),  # more than means more
        ("future", "open", 99),
        ("other", "no-figure-of-this", 70),
        ("unmeasured", "no-figure", None),
        ("later", "no-figure", None),
        ("both", "reached", 91),  # a figure of another indicator decides nothing, though it is later
        ("said", "no-figure", None),
    ],
)
def test_a_target_is_reached_by_the_last_figure_of_its_indicator_until_it_is_due(
    small, target, result, figure
):
    *_, last = (r for r in CATALOG.ask("progress", store=small) if r["target"] == f"urn:x:{target}")
    assert last["result"] == expand(f"pgc:result/{result}")
    assert last["measured"] == figure


@pytest.mark.parametrize(
    ("wanted", "given", "measured", "result"),
    [
        ("at-least", "exactly", 80, "reached"),
        ("at-least", "at-least", 80, "reached"),
        ("at-least", "more-than", 80, "reached"),
        ("at-least", "more-than", 79, "undecided"),
        ("at-least", "up-to", 80, "undecided"),
        ("at-least", "about", 81, "undecided"),
        ("more-than", "at-least", 80, "undecided"),
        ("more-than", "more-than", 80, "reached"),
        ("at-most", "up-to", 80, "reached"),
        ("at-most", "at-least", 79, "undecided"),
        ("up-to", "exactly", 81, "not-reached"),
        ("exactly", "exactly", 81, "not-reached"),
    ],
)
def test_a_figure_decides_where_its_own_comparator_lets_it(tmp_path, wanted, given, measured, result):
    facts = f"""<urn:x:t> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ; pg:value 80.0 ;
  pg:hasIndicator <urn:x:i> ; pg:comparator pgc:comparator\\/{wanted} ; pg:endDate "2012-12-31"^^xsd:date ;
  pg:due "2012"^^xsd:gYear . <urn:x:o> a pg:Observation ; pg:hasIndicator <urn:x:i> ;
  pg:endDate "2012-01-31"^^xsd:date ; pg:comparator pgc:comparator\\/{given} .
"""
    facts += claimed(1, "o", "pg:value", measured)
    (tmp_path / "facts.ttl").write_text(HEAD + facts, encoding="utf-8")
    (row,) = CATALOG.ask("progress", store=CATALOG.load(files=tmp_path / "facts.ttl"))
    assert row["result"] == expand(f"pgc:result/{result}")
    assert row["result"] in [*CATALOG.labels(CATALOG.store)]


@pytest.mark.parametrize("of", ["inCountry", "isAbout", "population"])
def test_figures_of_another_country_subject_or_population_decide_nothing_and_each_due_date_counts(
    tmp_path, of
):
    facts = f"""<urn:x:t> a pg:Target ; pg:inCountry {LAND} ; pg:{of} {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:value 80.0 ; pg:hasIndicator <urn:x:i> ; pg:comparator pgc:comparator\\/at-least ;
  pg:due "2012"^^xsd:gYear , "2999"^^xsd:gYear ; pg:endDate "2999-12-31"^^xsd:date .
<urn:x:own> pg:{of} {LAND} , {OTHER} . <urn:x:theirs> pg:{of} {OTHER} .
"""
    for number, (name, year) in enumerate((("own", 2012), ("theirs", 2012), ("any", 2013)), start=80):
        facts += claimed(number, name, "pg:value", number)
        facts += f"""<urn:x:{name}> a pg:Observation ; pg:hasIndicator <urn:x:i> ;
  pg:endDate "{year}-12-31"^^xsd:date .\n"""
    # A figure without a claim of its own counts by that on its indicator, a rejected one not at all.
    facts += "".join(claimed(100 + each, f"f{each}", "pg:hasIndicator", "<urn:x:i>") for each in (1, 2))
    facts += """<urn:x:f1> pg:value 83 . <urn:x:f1> a pg:Observation ; pg:endDate "2014-12-31"^^xsd:date .
  <urn:x:f2> a pg:Observation ; pg:endDate "2014-12-31"^^xsd:date .\n"""
    facts += claimed(103, "f2", "pg:value", 84, REFUSED)
    (tmp_path / "facts.ttl").write_text(HEAD + facts, encoding="utf-8")
    rows = CATALOG.ask("progress", store=CATALOG.load(files=tmp_path / "facts.ttl"))
    told = [(str(row["due"]), row["result"].rpartition("/")[2], row["measured"]) for row in rows]
    assert told == [("2012", "reached", 80), *(("2999", "open", each) for each in (80, 82, 83))]


def test_what_differs_between_two_countries_is_told_side_by_side_with_who_is_silent(small):
    answer = CATALOG.ask("contrasts", store=small)
    rows = {row["aspect"].rpartition("#")[2].rpartition("/")[2]: row for row in answer}
    assert rows.keys() == {"modality", "obliges", "inForceSince", "opt-out"}
    sides = {(row["thing"], row["other"]) for row in answer}
    assert sides == {("urn:x:mail", "urn:x:post"), ("urn:x:post", "urn:x:mail")}
    modality, since, out = (rows[name] for name in ("modality", "inForceSince", "opt-out"))
    assert [modality[side].rpartition("/")[2] for side in ("here", "there")] == ["may", "must"]
    assert (since["here"], str(since["there"])) == (None, "2014-11-01")
    assert (out["verdict"], out["here"]) == (expand("pgc:verdict/only-here"), None)
    by_country = [CATALOG.ask("contrasts", store=small, country=each) for each in (LAND, OTHER)]
    assert {*map(len, by_country)} == {len(answer)}
    assert {r["verdict"] for r in CATALOG.ask("contrasts", store=small, basis="inferred")} == {out["verdict"]}
    assert not [r for r in CATALOG.ask("contrasts", store=small, basis="stated") if r["verdict"]]


def test_a_comparison_of_countries_says_that_it_counts_what_was_coded():
    query = CATALOG.queries["countries-compared"]
    assert "coded" in query.summary
    assert "not what the countries do" in CATALOG.ask("countries-compared").finding


BODIES = ("organisation/unicef", "organisation/undp", "organisation/nordic-council-of-ministers")


@pytest.mark.parametrize("name", [*BODIES, "initiative/digital-public-goods-alliance"])
def test_what_is_of_no_country_is_in_none(name):
    thing = f"<{BASE}id/int/{name}>"
    text = f"SELECT ?class ?country {{ {thing} a ?class OPTIONAL {{ {thing} pg:inCountry ?country }} }}"
    (row,) = CATALOG.ask(text)
    assert row["country"] is None


def test_telemedicine_and_welfare_technology_are_joined_by_no_claim_and_by_no_concept():
    """The source lists telemedicine (W1) beside welfare technology (M3, W3)."""
    concepts = [f"<{expand(f'pgc:technology/{name}')}>" for name in ("telemedicine", "welfare-technology")]
    assert not CATALOG.ask("ASK {{ {} skos:broader|^skos:narrower {} }}".format(*concepts))
    areas = {f"{BASE}id/dk/area/{name}" for name in ("telemedicine", "use-of-welfare-technology")}
    assert not CATALOG.claims("pgid:dk/area/telemedicine", object="pgid:dk/area/use-of-welfare-technology")
    rows = CATALOG.ask("pairs-examined", language="en")
    assert [row["rationale"] for row in rows if {row["one"], row["other"]} == areas]


PAIRS = """
<urn:x:l1> a pg:AreaScheme . <urn:x:l2> a pg:AreaScheme . <urn:x:l3> a pg:AreaScheme .
<urn:x:a> skos:topConceptOf <urn:x:l1> . <urn:x:b> skos:topConceptOf <urn:x:l2> .
<urn:x:c> skos:topConceptOf <urn:x:l3> .
<urn:e:1> pg:examined <urn:x:l1> , <urn:x:l2> ; dct:created "2026-01-01"^^xsd:date .
<urn:e:2> pg:examined <urn:x:a> , <urn:x:b> ; dct:created "2026-01-02"^^xsd:date .
<urn:e:3> pg:examined <urn:x:a> , <urn:x:c> ; dct:created "2026-01-03"^^xsd:date .
<urn:e:4> pg:examined <urn:x:plan> , <urn:x:goal> ; dct:created "2026-01-04"^^xsd:date .
"""


def test_a_pair_that_is_examined_itself_counts_as_one_of_two_lists_does(tmp_path):
    (tmp_path / "pairs.ttl").write_text(HEAD + PAIRS, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "pairs.ttl")
    pairs = {
        (row["one"][6:], row["other"][6:], row["examination"][6:])
        for row in CATALOG.ask("pairs-examined", store=store)
    }
    assert pairs == {("b", "a", "1"), ("c", "a", "3")}  # what both say, once
    none = {
        (row["thing"][6:], row["noneFound"][6:], row["examination"][6:])
        for row in CATALOG.ask("absences", store=store)
        if row["noneFound"]
    }
    both = {("a", "b", "1"), ("a", "c", "3"), ("plan", "goal", "4")}
    assert none == both | {(other, one, number) for one, other, number in both}


def test_an_area_asked_about_has_each_pair_that_it_is_in():
    rows = CATALOG.ask("pairs-examined").rows
    for area in {row[end] for row in rows for end in ("one", "other")}:
        expected = [row for row in rows if area in (row["one"], row["other"])]
        assert CATALOG.ask("pairs-examined", area=f"<{area}>").rows == expected, area


@pytest.mark.parametrize("basis", ["stated", "inferred", "external"])
def test_what_no_claim_on_the_basis_says_is_a_row_too(basis):
    """And none is lost because a claim on another basis says it."""
    every = {
        name: {row["plan"] for row in CATALOG.ask(name)}
        for name in ("responsible-bodies", "initiatives-by-plan")
    }
    for name, plans in every.items():
        answer = CATALOG.ask(name, basis=basis)
        assert {row["plan"] for row in answer} == plans, name
        assert {row["basis"] for row in answer} <= {None, expand(f"pgc:basis/{basis}")}, name
        assert not [row for row in answer.texts if "Not stated" in row], "another basis may say it"
        assert [row for row in CATALOG.ask(name).texts if "Not stated" in row]
    rows = CATALOG.ask("duties", basis=basis).rows
    duties = {row["duty"] for row in CATALOG.ask("SELECT ?duty { ?duty a/rdfs:subClassOf* pg:Duty }")}
    told = {(row["duty"], row["property"].rpartition("#")[2]) for row in rows}
    assert {
        (each, name) for each in duties for name in ("obliges", "requires", "hasLegalBasis", "inForceSince")
    } <= told


@pytest.mark.parametrize("basis", ["stated", "inferred"])
def test_both_steps_of_a_neighbourhood_are_claims_on_the_basis(basis):
    thing = expand("pgc:target-group/citizens")
    pairs = [{row["source"], row["target"]} for row in CATALOG.ask("neighbourhood", basis=basis)]
    near = {thing}.union(*(pair for pair in pairs if thing in pair))
    assert len(pairs) > 10
    assert [pair for pair in pairs if pair.isdisjoint(near)] == []


CITIZENS = term("pgc:target-group/citizens")
REJECTED = {
    "contrasts": "?claim rdf:predicate ?said FILTER(?said != pg:relatesTo)",
    "countries-compared": "?claim rdf:subject/pg:inCountry? ?country . ?country a pg:Country",
    "amounts": "?claim rdf:predicate pg:hasBudget",
    "disagreements": "?other pg:disputes ?claim",
    "neighbourhood": f"?claim rdf:subject|rdf:object {CITIZENS}",
    "network-nodes": f"?claim rdf:subject|rdf:object {CITIZENS}",
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_rejected_claim_counts_nowhere(name):
    store, status = CATALOG.load(), (term("pg:status"), term("pgc:review/rejected"))
    before = CATALOG.ask(name, store=store).rows
    found = store.query(f"SELECT DISTINCT ?claim {{ {REJECTED[name]} }}")
    store.add([Triple(row["claim"], *status) for row in found])
    rest = {
        "contrasts": [
            row if row.get("aspect") == expand("pg:unit") else row | {"here": None, "there": None}
            for row in before  # a unit is part of its target, not claimed
            if row.get("verdict") or row.get("aspect") == expand("pg:unit")
        ],
        "countries-compared": [row | {"documented": 0, "inferred": 0} for row in before],
        "amounts": [row for row in before if row.get("property") != expand("pg:hasBudget")],
        "network-nodes": [row for row in before if row.get("node") != CITIZENS.value],
    }
    assert before != rest.get(name, []) == CATALOG.ask(name, store=store).rows


def test_what_two_areas_share_rests_on_the_basis_on_both_sides(tmp_path):
    about = " . ".join(
        f"<urn:x:{name}> skos:topConceptOf <urn:x:l{name}> ; pg:inCountry <urn:x:{land}> . <urn:c:{name}>"
        f" a pg:Claim ; pg:basis pgc:basis\\/{basis} ; rdf:subject <urn:x:{name}>"
        " ; rdf:predicate pg:concernsSector ; rdf:object <urn:x:sector>"
        for name, land, basis in (("a1", "one", "stated"), ("a2", "two", "inferred"), ("a3", "two", "stated"))
    )
    path = tmp_path / "areas.ttl"
    path.write_text(HEAD + about + " .", encoding="utf-8")
    store = CATALOG.load(files=[path])

    def pairs(**values):
        rows = CATALOG.ask("areas-sharing", store=store, **values)
        return {(row["area"][-2:], row["other"][-2:]) for row in rows if row["shared"] == "urn:x:sector"}

    assert pairs() == {("a1", "a2"), ("a1", "a3"), ("a2", "a3")}
    assert pairs(basis="stated") == {("a1", "a3")}
    assert pairs(basis="inferred") == set()
    assert pairs(country="<urn:x:one>") == {("a1", "a2"), ("a1", "a3")}
    assert pairs(country="<urn:x:two>") == {("a1", "a2"), ("a1", "a3"), ("a2", "a3")}


def test_a_year_is_shown_from_the_first_claim_that_gives_it():
    """A month is a year too; a law's date is not the day from which it holds."""
    shown = network(CATALOG, evidence="said").nodes
    for name in (
        "dk/plan/tech-giants-white-paper",
        "no/infrastructure/id-porten",
        "dk/legislation/act-617-2016",
    ):
        assert not {"start", "interval"} & shown[f"{BASE}id/{name}"].keys(), name
    assert not {"end", "interval"} & shown[f"{BASE}id/dk/initiative/nemid"].keys()
    assert shown[f"{BASE}id/dk/target/gigabit-2025"]["interval"] == "/2025-12-31"
    whole = network(CATALOG).nodes
    assert whole[f"{BASE}id/dk/plan/tech-giants-white-paper"]["start"] == 2021
    assert whole[f"{BASE}id/dk/initiative/nemid"]["interval"].endswith("/2023-10-31")
    for _, data in shown(data=True):
        assert ("interval" in data) == bool(data.keys() & {"start", "end"})


def test_a_finding_is_about_the_rows_that_were_chosen():
    answer = CATALOG.ask("areas-without-plan")
    part = answer.select("area", "country")
    assert part.finding == answer.finding
    few = part.where(lambda row: row["country"].endswith("norway"))
    assert few.finding == answer.where(lambda row: row["country"].endswith("norway")).finding
    assert few.finding.endswith(f": {len(few)}")
    assert len(few) < len(answer)


def test_goals_served_has_what_is_of_no_country_and_the_classes_below():
    things = {row["thing"] for row in CATALOG.ask("goals-served")}
    assert f"{BASE}id/int/initiative/nordic-smart-government" in things
    found = [
        CATALOG.ask("goals-served", **{"class": f"pg:{name}"}) for name in ("PublicOrganisation", "Actor")
    ]
    below, actors = ({row["thing"] for row in answer} for answer in found)
    assert below
    assert below <= actors
    assert len(CATALOG.ask("goals-served", **{"class": "pg:PolicyEntity"})) == len(
        CATALOG.ask("goals-served")
    )


def test_a_connection_to_a_goal_is_counted_by_the_wholes_of_its_thing(tmp_path):
    store = CATALOG.load()
    before = CATALOG.ask("goals-served", store=store)
    thing = next(row["thing"] for row in before if row["whole"])
    part = claimed(1, "part", "pg:isPartOf", "<urn:x:whole>", basis="inferred")
    (tmp_path / "part.ttl").write_text(HEAD + part.replace("<urn:x:part>", f"<{thing}>"), encoding="utf-8")
    store = CATALOG.load(files=[*(SHIPPED / "data").glob("*.ttl"), tmp_path / "part.ttl"])
    after = CATALOG.ask("goals-served", store=store)
    assert len(after) > len(before)
    whole = [row["otherBasis"] for row in after if row["whole"] == "urn:x:whole"]
    assert {*whole} == {expand("pgc:basis/inferred")}
    assert after.finding.endswith(f"to goals, by whole and basis: {len(after)}")


@pytest.mark.parametrize("basis", ["stated", "external", "inferred"])
def test_no_target_is_lost_by_a_basis(basis):
    every, some = (CATALOG.ask("progress", **given) for given in ({}, {"basis": basis}))
    assert {row["target"] for row in some} == {row["target"] for row in every}


def test_a_sector_is_reached_by_plans_of_sources_through_areas_alone():
    rows = CATALOG.ask("plans-by-sector", country="Denmark", basis="stated")
    (row,) = (row for row in rows if row["sector"].endswith("/public-sector"))
    assert (row["plans"], row["areas"]) == (3, 0)


def test_a_rejected_claim_contests_nothing():
    store, status = CATALOG.load(), (term("pg:status"), term("pgc:review/rejected"))
    assert [row for row in CATALOG.ask("evidence", store=store) if row["contested"]]
    found = store.query("SELECT ?claim { ?claim pg:disputes ?other }")
    store.add([Triple(row["claim"], *status) for row in found])
    assert not [row for row in CATALOG.ask("evidence", store=store) if row["contested"]]


@pytest.mark.parametrize(
    ("name", "column"), [("participations", "document"), ("disagreements", "disputedDocument")]
)
def test_what_a_source_states_has_its_document(name, column):
    rows = CATALOG.ask(name, **({"basis": "stated"} if name == "participations" else {}))
    assert rows
    assert all(row[column] for row in rows)


THREE = f"""
<urn:x:wire> a pg:Duty ; pg:inCountry {LAND} .
<urn:x:three> a pg:Comparison ; pg:compares <urn:x:mail> , <urn:x:post> , <urn:x:wire> ;
  pg:aspect pgc:aspect\\/opt-out ; pg:verdict pgc:verdict\\/only-here .
<urn:c:99> a pg:Claim ; rdf:subject <urn:x:wire> ; rdf:predicate pg:transposes ; rdf:object <urn:x:law> .
<urn:x:a> pg:inCountry {LAND} . <urn:x:b> pg:inCountry {OTHER} . <urn:x:c> pg:inCountry <urn:x:third> .
<urn:x:one-silent> pg:compares <urn:x:a> , <urn:x:b> , <urn:x:c> ; pg:aspect <urn:x:1> ;
  pg:verdict pgc:verdict\\/only-here ; pg:silentSide <urn:x:c> .
<urn:x:two-silent> pg:compares <urn:x:a> , <urn:x:b> , <urn:x:c> ; pg:aspect <urn:x:2> ;
  pg:verdict pgc:verdict\\/only-here ; pg:silentSide <urn:x:b> , <urn:x:c> .
"""


def test_two_things_of_one_country_or_that_both_speak_or_are_silent_are_not_contrasted(tmp_path):
    """And what no statement uses is a row of terms, though a weak claim names it."""
    (tmp_path / "three.ttl").write_text(HEAD + SMALL + THREE, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "three.ttl")
    sides = [{row["thing"], row["other"]} for row in CATALOG.ask("contrasts", store=store)]
    assert {"urn:x:mail", "urn:x:wire"} in sides
    assert {"urn:x:post", "urn:x:wire"} not in sides
    found = {(row["aspect"], row["thing"], row["other"]) for row in CATALOG.ask("contrasts", store=store)}
    silent = {"".join(each[6:] for each in row) for row in found if row[0][6:] in ("1", "2")}
    assert silent == {"1ca", "1cb", "2ba", "2ca"}
    used = [
        row["uses"]
        for row in CATALOG.ask("terms-used", store=store)
        if row["term"] == expand("pg:transposes")
    ]
    assert used == [0]


TODAY = datetime.now(UTC).date().isoformat()
FOUND = f"""
<urn:x:due> a pg:Target ; pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ;
  pg:hasIndicator <urn:x:i> ; pg:value 90.0 ;
  pg:comparator pgc:comparator\\/at-least ; pg:due "{TODAY}"^^xsd:date ; pg:endDate "{TODAY}"^^xsd:date .
<urn:x:seen> pg:inCountry {LAND} ; pg:unit pgc:unit\\/percent ; pg:comparator pgc:comparator\\/about .
<urn:c:21> pg:status pgc:review\\/rejected ; pg:basis pgc:basis\\/external ; rdf:subject <urn:x:seen> ;
  rdf:predicate pg:value ; rdf:object 91.0 ; pg:citedDocument <urn:d:9> .
<urn:c:22> pg:basis pgc:basis\\/stated ; pg:passage <urn:p:1> ; rdf:subject <urn:x:unmeasured> ;
  rdf:predicate pg:status ; rdf:object pgc:status\\/reached .
<urn:x:stated> a pg:Observation ; pg:hasIndicator <urn:x:n> ; pg:value 60.0 ;
  pg:endDate "2012-12-31"^^xsd:date .
<urn:c:23> pg:basis pgc:basis\\/stated ; pg:passage <urn:p:1> ; rdf:subject <urn:x:stated> ;
  rdf:predicate pg:value ; rdf:object 60.0 .
<urn:c:13> pg:status pgc:review\\/rejected .
"""


def test_targets_alone_are_measured_by_claims_that_stand_once_their_last_day_is_over(tmp_path):
    """By figures and what is said of a target alike, whether a document is cited or a passage of it."""
    (tmp_path / "found.ttl").write_text(HEAD + SMALL + FOUND, encoding="utf-8")
    rows = CATALOG.ask("progress", store=CATALOG.load(files=tmp_path / "found.ttl")).rows
    told = {row["target"].removeprefix("urn:x:"): row for row in rows}
    assert "seen" not in told  # an observation, though it has a comparator
    assert {row["basis"] for row in rows} == {None, expand("pgc:basis/stated")}
    results = {name: told[name]["result"].rpartition("/")[2] for name in ("due", "unmeasured", "other")}
    assert results == {"due": "open", "unmeasured": "no-figure-of-this", "other": "no-figure"}
    assert (told["unmeasured"]["measured"], told["unmeasured"]["document"]) == (60, "urn:d:1")


def claimed(number, subject, predicate, object, more="", basis="stated"):
    """The Turtle of a claim and of what it claims."""
    return (
        f"<urn:c:{number}> a pg:Claim ; pg:basis pgc:basis\\/{basis} ; rdf:subject <urn:x:{subject}> ;"
        f" rdf:predicate {predicate} ; rdf:object {object} {more} .\n"
        f"<urn:x:{subject}> {predicate} {object} .\n"
    )


REFUSED = "; pg:status pgc:review\\/rejected"


def test_plans_share_goals_by_claims_on_the_basis_that_stand_and_are_compared_by_goals_alone(tmp_path):
    plans = "".join(
        f"<urn:x:{name}> a pg:Plan .\n" + claimed(n, name, "pg:succeeds", "<urn:x:p1>", basis="inferred")
        for n, name in ((7, "p4"), (8, "p5"))
    )
    plans += "<urn:x:p1> a pg:Plan . <urn:x:p2> a pg:Plan . <urn:x:p3> a pg:Plan . <urn:x:g> a pg:Goal .\n"
    plans += "<urn:x:h> a pg:Goal .\n"
    plans += claimed(1, "p1", "pg:hasGoal", "<urn:x:g>") + claimed(
        2, "p3", "pg:hasGoal", "<urn:x:g>", REFUSED
    )
    plans += claimed(3, "p2", "pg:contributesTo", "<urn:x:g>", basis="inferred")
    plans += claimed(4, "p4", "pg:contributesTo", "<urn:x:p1>") + claimed(5, "p5", "pg:hasGoal", "<urn:x:h>")
    (tmp_path / "goals.ttl").write_text(HEAD + plans, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "goals.ttl")

    def others(column, **values):
        rows = CATALOG.ask("goals-compared", store=store, **values)
        return {(row["plan"][6:], row[column][6:]) for row in rows if row[column]}

    assert others("sharedWith") == {("p1", "p2"), ("p2", "p1")}
    assert others("sharedWith", basis="stated") == set()
    assert others("droppedBy") == {("p1", "p5")}  # p4 contributes to a plan, which is no goal
    assert others("addedSince") == {("p5", "p1")}
    dropped = [row for row in CATALOG.ask("goals-compared", store=store, basis="stated") if row["droppedBy"]]
    assert {row["otherBasis"] for row in dropped} == {expand("pgc:basis/inferred")}  # that p5 came after

    # A weak claim is a claim, though its triple is not there.
    weak = claimed(6, "p5", "pg:hasGoal", "<urn:x:g>", "; pg:strength pgc:strength\\/weak", "inferred")
    (tmp_path / "goals.ttl").write_text(HEAD + plans + weak.partition("\n")[0], encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "goals.ttl")
    assert others("droppedBy") == set()
    assert others("addedSince") == {("p5", "p1")}


def test_what_is_said_of_a_country_itself_is_among_its_claims(tmp_path):
    said = claimed(1, "land", "pg:memberOf", "<urn:x:union>")
    said += claimed(2, "land", "pg:relatesTo", "<urn:x:union>", basis="inferred")
    said += f"{LAND} a pg:Country . <urn:x:a> pg:inCountry {LAND} ." + claimed(
        3, "a", "pg:hasGoal", "<urn:x:g>"
    )
    (tmp_path / "said.ttl").write_text(HEAD + said, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "said.ttl")
    (row,) = CATALOG.ask("countries-compared", store=store)
    assert (row["documented"], row["inferred"]) == (2, 1)
    lands = ["<urn:x:b/country/a>", "<urn:x:a/country/b>"]  # in the order of their names, not of their codes
    store.add([Triple(term(each), term("rdf:type"), term("pg:Country")) for each in lands])
    store.add([Triple(term("<urn:x:a>"), term("pg:inCountry"), term(each)) for each in lands])
    assert [f"<{row['country']}>" for row in CATALOG.ask("countries-compared", store=store)][1:] == lands


def test_an_area_that_an_organisation_targets_is_expected_to_be_targeted_as_is_told():
    targets = "SELECT DISTINCT ?area { ?body a/rdfs:subClassOf* pg:Actor ; pg:targetsArea ?area }"
    areas = {row["area"] for row in CATALOG.ask(targets)}
    told = {(row["node"], row["property"]) for row in CATALOG.ask("connections-expected")}
    assert areas
    assert {(area, expand("pg:targetsArea")) for area in areas} <= told
    assert "a plan or an actor names as its own" in CATALOG.queries["connections-expected"].description


def test_a_total_falls_with_what_it_is_derived_from_unless_another_document_says_that(tmp_path):
    sums = claimed(1, "part", "pg:value", 5, "; pg:citedDocument <urn:d:a>", "external")
    sums += claimed(2, "total", "pg:value", 10, "; prov:wasDerivedFrom <urn:c:1>", "derived")
    sums += claimed(3, "grand", "pg:value", 20, "; prov:wasDerivedFrom <urn:c:2>", "derived")
    file = tmp_path / "sums.ttl"

    def falling():
        file.write_text(HEAD + sums, encoding="utf-8")
        rows = CATALOG.ask("claims-falling", store=CATALOG.load(files=file), origin="<urn:d:a>")
        return [row["subject"][6:] for row in rows]

    assert falling() == ["grand", "part", "total"]
    sums += claimed(4, "part", "pg:value", 5, "; pg:citedDocument <urn:d:b>", "external")
    assert falling() == []


def test_a_total_stays_if_what_it_is_derived_from_has_another_document(tmp_path):
    sums = claimed(1, "part", "pg:value", 5, "; pg:citedDocument <urn:d:a> , <urn:d:b>", "external")
    sums += claimed(2, "total", "pg:value", 10, "; prov:wasDerivedFrom <urn:c:1>", "derived")
    (tmp_path / "sums.ttl").write_text(HEAD + sums, encoding="utf-8")
    rows = CATALOG.ask(
        "claims-falling", store=CATALOG.load(files=tmp_path / "sums.ttl"), origin="<urn:d:a>"
    ).rows
    assert [(row["subject"], row["documents"]) for row in rows] == [("urn:x:part", 2)]


def test_what_was_computed_from_a_rejected_claim_is_no_connection_and_no_evidence(tmp_path):
    data = claimed(1, "a", "pg:relatesTo", "<urn:x:b>", REFUSED) + claimed(
        2, "b", "pg:relatesTo", "<urn:x:c>"
    )
    data += claimed(
        3, "a", "pg:relatesTo", "<urn:x:c>", "; prov:wasDerivedFrom <urn:c:1> , <urn:c:2>", "derived"
    )
    data += claimed(4, "a", "pg:relatesTo", "<urn:x:d>", "; prov:wasDerivedFrom <urn:c:3>", "derived")
    data += claimed(5, "b", "pg:relatesTo", "<urn:x:d>", "; prov:wasDerivedFrom <urn:c:2>", "derived")
    (tmp_path / "computed.ttl").write_text(HEAD + data, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "computed.ttl")
    for name in ("network", "evidence"):
        assert {row["claim"][6:] for row in CATALOG.ask(name, store=store)} == {"2", "5"}, name


def test_what_was_computed_from_a_rejected_claim_is_named_until_it_is_rejected_too(tmp_path):
    store, rejected = (
        CATALOG.load("denmark", "international"),
        (term("pg:status"), term("pgc:review/rejected")),
    )
    text, file = CATALOG.shapes[0].read_text("utf-8"), tmp_path / "shapes.ttl"
    shape = re.search(r"^pgs:DerivedClaim .+?\] \.$", text, re.DOTALL | re.MULTILINE)[0]
    file.write_text(text.partition("\npgs:")[0] + "\n" + shape, encoding="utf-8")

    def derived():
        return [row for row in CATALOG.ask("amounts", store=store) if row["basis"].endswith("/derived")]

    def named():
        return [(each.focus, each.message) for each in check(store, shapes=file).results]

    assert derived()
    (ground, *_) = (row["x"] for row in store.query("SELECT ?x { ?c prov:wasDerivedFrom ?x } ORDER BY ?x"))
    store.add([Triple(ground, *rejected)])
    for focus, message in (found := named()):
        assert f"<{ground.value.removeprefix(BASE)}>, which is rejected: reject it too" in message
        store.add([Triple(NamedNode(expand(focus, base=BASE)), *rejected)])
    assert found
    assert (derived(), named()) == ([], [])


def test_two_passages_under_headings_in_different_languages_are_no_translations_of_one(tmp_path):
    data = claimed(1, "a", "pg:relatesTo", "<urn:x:b>", "; pg:passage <urn:p:1> , <urn:p:2>")
    data += '<urn:p:1> pg:section "Introduction"@en , "Indføring"@da . <urn:p:2> pg:section "Indledning"@da .'
    (tmp_path / "two.ttl").write_text(HEAD + data, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "two.ttl")
    for language, lines in {"en": ["Introduction", "Indledning"], "da": ["Indføring", "Indledning"]}.items():
        ((*_, edge),) = network(CATALOG, store=store, language=language).edges(data=True)
        assert sorted(edge["passages"].splitlines()) == sorted(lines)
        assert "passage" not in edge


def test_a_sum_of_what_is_of_no_country_is_told_but_not_of_a_country(tmp_path):
    sums = f"{LAND} a pg:Country . {OTHER} a pg:Country . <urn:x:here> pg:inCountry {LAND} .\n"
    sums += claimed(1, "here", "pg:hasBudget", "<urn:x:m1>") + claimed(2, "m1", "pg:value", 5)
    sums += claimed(3, "nowhere", "pg:hasBudget", "<urn:x:m2>") + claimed(4, "m2", "pg:value", 6)
    sums += claimed(5, "here", "pg:hasBudget", "<urn:x:m3>") + claimed(6, "m3", "pg:value", 5)
    # Of a sum without a claim of its own who names it says it, and of a rejected one nobody.
    sums += claimed(7, "here", "pg:hasBudget", "<urn:x:m4>", basis="inferred") + "<urn:x:m4> pg:value 7 .\n"
    sums += claimed(8, "here", "pg:hasBudget", "<urn:x:m5>") + claimed(9, "m5", "pg:value", 8, REFUSED)
    (tmp_path / "sums.ttl").write_text(HEAD + sums, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "sums.ttl")
    assert things(CATALOG.ask("amounts", store=store), "thing") == ["here", "here", "here", "nowhere"]
    assert things(CATALOG.ask("amounts", store=store, country=LAND), "amount") == ["m1", "m3", "m4"]
    assert things(CATALOG.ask("amounts", store=store, basis="inferred"), "amount") == ["m4"]
    assert things(CATALOG.ask("amounts", store=store, country=OTHER), "thing") == []


@pytest.mark.parametrize(
    ("question", "column", "said"),
    [
        ("duties", "duty", claimed(1, "d", "pg:obliges", "<urn:x:people>")),
        ("drivers", "driver", claimed(1, "p", "pg:respondsTo", "<urn:x:d>")),
        ("policy-chain", "source", "<urn:x:g> a pg:Goal ." + claimed(1, "d", "pg:drives", "<urn:x:g>")),
    ],
)
def test_what_is_of_no_country_is_told_where_none_is_asked_for(tmp_path, question, column, said):
    kind = "pg:Duty" if question == "duties" else "pg:Driver"
    facts = f"{LAND} a pg:Country . {OTHER} a pg:Country . <urn:x:d> a {kind} .\n{said}"
    (tmp_path / "facts.ttl").write_text(HEAD + facts, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "facts.ttl")
    assert "d" in things(CATALOG.ask(question, store=store), column)
    assert things(CATALOG.ask(question, store=store, country=LAND), column) == []
    store.add([Triple(term("<urn:x:d>"), term("pg:inCountry"), term(LAND))])
    assert "d" in things(CATALOG.ask(question, store=store, country=LAND), column)
    assert things(CATALOG.ask(question, store=store, country=OTHER), column) == []


def test_who_took_part_until_when_is_told(tmp_path):
    ended = '; pg:periodStart "2019"^^xsd:gYear ; pg:periodEnd "2022"^^xsd:gYear'
    said = claimed(1, "p", "pg:coordinatedBy", "<urn:x:b>", ended) + claimed(
        2, "p", "pg:approvedBy", "<urn:x:b>"
    )
    (tmp_path / "said.ttl").write_text(HEAD + said, encoding="utf-8")
    rows = CATALOG.ask("participations", store=CATALOG.load(files=tmp_path / "said.ttl"))
    told = {row["role"].rpartition("#")[2]: (str(row["from"]), str(row["to"])) for row in rows}
    assert told == {"coordinatedBy": ("2019", "2022"), "approvedBy": ("None", "None")}


def test_joint_plans_are_not_contrasted_with_each_other_or_with_one_of_their_countries(tmp_path):
    def joined(*lands):
        plans = "".join(f"<urn:x:{name}> a pg:Plan ; pg:inCountry {each} .\n" for name, each in lands)
        plans += claimed(1, "next", "pg:succeeds", "<urn:x:joint>")
        plans += claimed(2, "joint", "pg:launched", '"2014"^^xsd:gYear')
        (tmp_path / "joint.ttl").write_text(HEAD + plans, encoding="utf-8")
        return CATALOG.ask("contrasts", store=CATALOG.load(files=tmp_path / "joint.ttl")).rows

    joint = ("joint", f"{LAND} , {OTHER}")
    assert joined(("joint", LAND), ("next", OTHER))
    assert joined(joint, ("next", LAND)) == joined(joint, ("next", f"{LAND} , {OTHER}")) == []


def test_a_comparison_tells_what_a_claim_says_of_the_thing_that_it_names_last(tmp_path):
    more = "<urn:x:opt-out> prov:wasDerivedFrom <urn:c:31> .\n"
    more += claimed(31, "law", "pg:requires", "<urn:x:post>")
    more += "<urn:x:post> pg:unit <urn:x:eur> . <urn:x:mail> pg:unit <urn:x:dkk> ."
    (tmp_path / "more.ttl").write_text(HEAD + SMALL + more, encoding="utf-8")
    rows = CATALOG.ask("contrasts", store=CATALOG.load(files=tmp_path / "more.ttl"))
    (unit,) = (row for row in rows if row["aspect"] == expand("pg:unit"))
    assert {unit["here"], unit["there"]} == {"urn:x:dkk", "urn:x:eur"}
    row = next(row for row in rows if row["verdict"])
    sides = {row["thing"]: row["here"], row["other"]: row["there"]}
    assert sides == {"urn:x:post": "urn:x:law", "urn:x:mail": expand("pgc:modality/may")}


@pytest.mark.parametrize(("coined", "missing"), [("true", False), ("false", True)])
def test_what_is_said_not_to_be_coined_is_asked_for_its_source_and_what_a_plan_has(tmp_path, coined, missing):
    (tmp_path / "p.ttl").write_text(f"{HEAD}<urn:x:p> a pg:Plan ; pg:coined {coined} .", encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "p.ttl")
    lacks = {row["missing"] for row in CATALOG.ask("incomplete-resources", store=store)}
    assert (expand("dct:source") in lacks) is missing
    asked = {row["node"] for row in CATALOG.ask("connections-expected", store=store)}
    assert ("urn:x:p" in asked) is missing


def test_a_number_or_status_that_is_inferred_says_so_beside_what_is_stated():
    life = CATALOG.ask("areas-listed", list="Focus areas of Digital Throughout Life")
    assert life.finding == "Focus areas of Digital Throughout Life: 6 here of 6 (Inferred)"
    rows = CATALOG.ask("initiatives-by-plan", basis="stated")
    assert {row["otherBasis"] for row in rows if row["status"]} == {expand("pgc:basis/inferred")}
    rows = CATALOG.ask("participations", thing="National Metadata Portal")
    assert {(row["launched"], row["otherBasis"]) for row in rows if row["launched"]} == {
        ("2022-09", expand("pgc:basis/inferred"))
    }
    rows = CATALOG.ask("amounts", country="Norway")
    assert {row["kindBasis"].rpartition("/")[2] for row in rows} == {"stated", "inferred"}


def test_what_is_part_of_a_part_is_part_of_the_plan(tmp_path):
    plan = f"<urn:x:plan> a pg:Plan ; pg:inCountry {LAND} .\n" + "".join(
        f"<urn:x:{name}> a pg:Initiative .\n" for name in ("one", "two", "three")
    )
    plan += claimed(1, "one", "pg:isPartOf", "<urn:x:plan>", basis="inferred")
    plan += claimed(2, "two", "pg:isPartOf", "<urn:x:one>") + claimed(
        3, "three", "pg:implements", "<urn:x:one>"
    )
    (tmp_path / "parts.ttl").write_text(HEAD + plan, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "parts.ttl")
    rows = CATALOG.ask("initiatives-by-plan", store=store)
    assert {(row["initiative"], row["whole"]) for row in rows} == {
        ("urn:x:one", None),
        ("urn:x:two", "urn:x:one"),  # three carries out the part, which is not to carry out the plan
    }
    (row,) = CATALOG.ask("initiatives-by-plan", store=store, basis="stated")
    assert row["initiative"] is None  # that two is part of the plan rests on what is inferred


def test_what_only_a_weak_claim_says_is_not_told_beside_others(tmp_path):
    weak = "; pg:strength pgc:strength\\/weak"
    plan = f"<urn:x:plan> a pg:Plan ; pg:inCountry {LAND} . <urn:x:goal> a pg:Goal .\n"
    plan += "".join(f"<urn:x:{name}> a pg:Initiative .\n" for name in ("one", "two"))
    plan += claimed(1, "one", "pg:hasGoal", "<urn:x:goal>") + claimed(2, "two", "pg:isPartOf", "<urn:x:one>")
    plan += claimed(3, "plan", "pg:hasBudget", "<urn:x:sum>") + claimed(4, "sum", "pg:value", "1")
    for n, says in enumerate(
        (
            ("one", "pg:isPartOf", "<urn:x:plan>"),
            ("two", "pg:status", "pgc:status\\/ended"),
            ("sum", "pg:unit", "<urn:x:eur>"),
            ("sum", "pg:comparator", "pgc:comparator\\/about"),
            ("sum", "dct:type", "pgc:amount-kind\\/cost"),
        ),
        5,
    ):
        plan += claimed(n, *says, weak, "inferred").partition("\n")[0] + "\n"  # without its triple
    (tmp_path / "weak.ttl").write_text(HEAD + plan, encoding="utf-8")
    store = CATALOG.load(files=tmp_path / "weak.ttl")
    (row,) = CATALOG.ask("initiatives-by-plan", store=store)  # weak itself, and not the way of another
    assert (row["initiative"], row["status"]) == ("urn:x:one", None)
    (row,) = CATALOG.ask("goals-served", store=store)
    assert (row["thing"], row["whole"]) == ("urn:x:one", None)
    (row,) = CATALOG.ask("amounts", store=store)
    assert [row[name] for name in ("unit", "comparator", "kind")] == [None] * 3


def test_a_sum_that_two_documents_give_differently_has_what_each_of_them_says(tmp_path):
    sums = "<urn:x:plan> pg:hasBudget <urn:x:sum> . " + claimed(1, "plan", "pg:hasBudget", "<urn:x:sum>")
    for n, (value, unit, more) in enumerate(
        (("43.0", "eur", ""), ("320.0", "dkk", "pgc:comparator\\/about"))
    ):
        passage = f"; pg:passage <urn:p:{n}>"
        sums += f"<urn:p:{n}> pg:isPassageOf <urn:d:{n}> .\n"
        sums += claimed(f"v{n}", "sum", "pg:value", value, passage)
        sums += claimed(f"u{n}", "sum", "pg:unit", f"<urn:x:{unit}>", passage)
        sums += claimed(f"c{n}", "sum", "pg:comparator", more, passage) if more else ""
    (tmp_path / "sums.ttl").write_text(HEAD + sums, encoding="utf-8")
    rows = CATALOG.ask("amounts", store=CATALOG.load(files=tmp_path / "sums.ttl"))
    found = {(str(row["value"]), row["unit"], bool(row["comparator"]), row["document"]) for row in rows}
    assert found == {("43", "urn:x:eur", False, "urn:d:0"), ("320", "urn:x:dkk", True, "urn:d:1")}


def test_what_is_derived_from_claims_of_a_curator_falls_with_that_curator(tmp_path):
    by = "; prov:wasAttributedTo <urn:a:one> ; pg:passage <urn:p:1>"
    more = "<urn:p:1> pg:isPassageOf <urn:d:1> .\n" + claimed(1, "a", "pg:value", "1", by, basis="inferred")
    more += claimed(2, "b", "pg:value", "2", "; prov:wasDerivedFrom <urn:c:1>", basis="derived")
    (tmp_path / "by.ttl").write_text(HEAD + more, encoding="utf-8")
    rows = CATALOG.ask("claims-falling", store=CATALOG.load(files=tmp_path / "by.ttl"), origin="<urn:a:one>")
    assert {row["subject"] for row in rows} == {"urn:x:a", "urn:x:b"}


def test_a_document_of_which_no_omission_is_recorded_is_named(tmp_path):
    left = CATALOG.ask("passages-left-out", document="pgsource:eu-factsheet-denmark")
    assert [row["reason"] for row in left] == [None]
    assert "Not stated" in next(iter(left.texts))


def test_a_contrast_shows_no_weak_reading_and_things_of_two_kinds():
    rows = CATALOG.ask("contrasts").rows
    ends = {str(row["there"]) for row in rows if row["aspect"] == expand("pg:periodEnd")}
    assert "2026" in ends
    assert "2030" not in ends, "a weak claim disputes the stated year"
    due = [row["there"] for row in rows if row["aspect"] == expand("pg:due")]
    assert "2015" in {str(each) for each in due}, "of a target that a goal is tied to"


def test_a_membership_is_a_participation():
    rows = CATALOG.ask("participations", role=expand("pg:memberOf")).rows
    said = CATALOG.claims(relation="member of")
    found = {(each.object.value, each.subject) for each in said}
    assert {(row["thing"], row["actor"]) for row in rows} == found
    assert len(rows) == len(said) > 10
