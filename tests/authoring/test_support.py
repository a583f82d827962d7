"""Claims are compared with the words of their passages: what is swapped is found, what is true is not.

With POLICYGRAPH_TEXTS, folders of the texts of sources, the shipped data are compared as well.

Tests of `authoring.verdicts`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from decimal import Decimal
from itertools import count
from pathlib import Path
from unittest.mock import Mock

import checkout
import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from command import refused, run

from policygraph import Catalog, import_tables, validate, verify, write_tables
from policygraph.authoring.evidence import judged
from policygraph.authoring.quotes import SourceText, digest, read_texts
from policygraph.authoring.support import Comparison, Words, alike
from policygraph.authoring.vocabulary import Vocabulary
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, expand
from policygraph.rdf.terms import TYPE
from policygraph.store.memory import EmbeddedStore

TEXT = (
    "Examplia: a small country with a large harbour. In March 2021 the government of Examplia launched the "
    "Open Harbour Plan 2021-2024. The Open Harbour Plan names two areas: quiet quays and paperless customs. "
    "Its goal is shorter waiting times for ships. Paperless customs rests on the Harbour Register, which the "
    "Harbour Office runs."
)
TEXTS = [Path(each) for each in os.environ.get("POLICYGRAPH_TEXTS", "").split(os.pathsep) if each]
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
FIRST = "Amber Birch Cedar Delta Ember Fjord Grove Heron Isle Jetty Knoll Larch Moss Nettle Otter".split()  # noqa: SIM905
SECOND = "Harbour Ferry Orchard Quarry Lantern Bridge Meadow Tunnel".split()  # noqa: SIM905


@pytest.fixture(scope="module")
def lexicon():
    return Vocabulary(Catalog(SHIPPED)).support


def words(text, lexicon, *tags):
    return Words(text, frozenset(tags or ("en",)), lexicon)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("EUR 2.7 billion", "2700000000"),
        ("EUR 2,7 mia.", "2700000000"),
        ("2.8 million", "2800000"),
        ("1,000 ships", "1000"),
        ("1 000 ships", "1000"),
        ("1.000 ships", "1000"),
        ("1.000 ships", "1.000"),
        ("12,345.6 tons", "12345.6"),
        ("eight areas", "8"),
        ("Twenty areas", "20"),
        ("five hundred ships", "500"),
        ("a hundred ships", "100"),
        ("80% of ships", "80"),
        ("in 2021/22", "2022"),
        ("in 2021/22", "2021"),
        ("from 2019–2025", "2025"),
        ("from 2019–25", "2025"),
        ("on 1 November 2014", "2014-11-01"),
        ("on the 21st of November 2014", "2014-11-21"),
        ("on 01.11.2014", "2014-11-01"),
        ("on 2014-11-01", "2014-11-01"),
        ("on 11/1/2014", "2014-11-01"),
        ("in Nov. 2014", "2014-11"),
        ("EUR 5m", "5000000"),
        ("5 m wide", "5"),
        ("Act No 617/2016", "Act 617"),
        ("fell by 5 per cent", "-5"),
        ("1,000,5 five ships", "5"),
        ("eighty areas", "80"),
        ("Fifteen areas", "15"),
        ("twenty-five areas", "25"),
        ("ninety nine million", "99000000"),
        ("in Sept. 2021", "2021-09"),
        ("9" * 32, "-" + "9" * 32),
    ],
)
def test_a_value_stands_in_words_that_write_it_otherwise(lexicon, text, value):
    assert all(words(text, lexicon).has(value))


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("2021年9月1日に", "ja", "2021-09-01"),
        ("２０１９年１２月２０日に", "ja", "2019-12-20"),
        ("2021年九月", "zh", "2021-09"),
        ("2021년 6월 18일", "ko", "2021-06-18"),
        ("ngày 1 tháng 9 năm 2021", "vi", "2021-09-01"),
        ("1 กันยายน 2021", "th", "2021-09-01"),
        ("1200億円を", "ja", "120000000000"),
        ("500억원", "ko", "50000000000"),
        ("１，０００人、３．５％", "ja", "1000"),
        ("１，０００人、３．５％", "ja", "3.5"),
        ("٥٠٬٠٠٠ و ٣٫٥", "ar", "50000"),
        ("٥٠٬٠٠٠ و ٣٫٥", "ar", "3.5"),
        ("على ٥٠ مليون", "ar", "50000000"),
        ("१०००", "hi", "1000"),
        ("5 מיליון", "he", "5000000"),
        ("2019¹", "en", "2019"),
    ],
)
def test_a_value_stands_in_words_of_any_script(lexicon, text, tag, value):
    assert all(words(text, lexicon, tag).has(value))


def test_another_value_of_another_script_does_not(lexicon):
    assert words("2021年9月1日に", lexicon, "ja").has("2021-08-01") == [True, True, False]
    assert words("ngày 1 tháng 12 năm 2021", lexicon, "vi").has("2021-01-01") == [True, True, False]
    assert words("٣٫٥", lexicon, "ar").has("35") == [False]


def test_a_name_stands_among_letters_without_spaces_between(lexicon):
    assert words("日本政府は、ＩＣＴを", lexicon, "ja").share("日本") == 1
    assert words("日本政府は、ＩＣＴを", lexicon, "ja").share("ICT") == 1
    assert words("日本政府は", lexicon, "ja").share("デジタル庁") == 0
    assert words("정부는 일한다", lexicon, "ko").share("정부") == 1


def test_a_soft_hyphen_parts_no_word(lexicon):
    comparison, text = Mock(v=Mock(support=lexicon)), "in No\u00ad\nvember 2014 for 5 mil\u00adlion"
    found = Comparison.words(comparison, [Mock(text=text, tag="en")])
    assert all(found.has("2014-11") + found.has("5000000"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("EUR 2.7 billion", "2700000"),
        ("EUR 2.7 billion", "2.7"),
        ("5 million", "5"),
        ("eight areas", "9"),
        ("12,345 ships", "345"),
        ("in 2021/22", "2023"),
        ("from 2019–2025", "2020"),
        ("on 1 November 2014", "2014-12-01"),
        ("on 1 November 2014", "2014-11-02"),
        ("in November 2014", "2015-11"),
        ("in November", "2014-11"),
        ("Act No 617/2016", "Act 618"),
        ("ships", "1"),
        ("twenty-five areas", "20"),
        ("twenty-five areas", "5"),
    ],
)
def test_another_value_does_not(lexicon, text, value):
    assert not all(words(text, lexicon).has(value))


def test_numbers_and_months_in_words_are_of_the_language_of_the_text(lexicon):
    assert words("i oktober 2016 åtte områder", lexicon, "nb").has("2016-10") == [True, True]
    assert Decimal(8) in words("åtte områder", lexicon, "nb-NO").numbers
    assert Decimal(8) not in words("åtte områder", lexicon, "en").numbers
    for text, tag in (
        ("femten", "da"),
        ("femogtyve", "da"),
        ("otteogfirs", "da"),
        ("tjuefem femogtyve", "nb"),
    ):
        known = {"femten": {15}, "otteogfirs": {88}}
        assert words(text, lexicon, tag).numbers.keys() == known.get(text, {25})
    assert words("oktober", lexicon, "de", "no such tag").months == {10: "oktober"}
    assert words("październiku 2016", lexicon, "pl").has("2016-10") == [True, True]


@pytest.mark.parametrize(
    ("text", "tag", "value"),
    [
        ("5 miljoner kronor", "sv", "5000000"),
        ("2,5 miljoonaa euroa", "fi", "2500000"),
        ("5 mil millones", "es", "5000000000"),
        ("3 billioner kroner", "da", "3000000000000"),
        ("3 billion", "en", "3000000000"),
        ("3 δισ. ευρώ", "el", "3000000000"),
        ("5 млн. лв.", "bg", "5000000"),
        ("5 tys. zł", "pl", "5000"),
    ],
)
def test_what_a_million_is_called_is_of_the_language_of_the_text(lexicon, text, tag, value):
    assert words(text, lexicon, tag).has(value) == [True]
    assert words(text, lexicon, tag).has(re.match(r"\d", text)[0]) == [False]


def test_a_word_that_only_begins_as_an_abbreviated_million_is_none(lexicon):
    assert words("5 εκθέσεις και 10 χιλιόμετρα", lexicon, "el").numbers.keys() == {5, 10}


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("strategy", "strategies", True),
        ("norge", "norges", True),
        ("act", "act", True),
        ("act", "acts", False),
        ("million", "milliards", False),
        ("digital", "digitalisation", False),
        ("health", "wealth", False),
    ],
)
def test_words_are_alike_that_end_otherwise(one, other, found):
    assert alike(one, other) is found


# ---- Made-up data: forty plans with bodies, dates, sums and shares


def compare(catalog, store, texts):
    graphs = {getattr(quad.graph_name, "value", "") for quad in store}
    found = judged(catalog, store, graphs, texts)
    return Comparison(catalog, store, found.verdicts, found.texts)


class Writer:
    """Writes a text and, in Turtle, claims with passages of it."""

    def __init__(self):
        self.text, self.numbers = "", count()
        self.turtle = ["<source/made-up> a pg:SourceDocument ."]

    def says(self, words):
        """Add words to the text; return the passage that they are."""
        start = len(self.text)
        self.text += words
        end = len(self.text)
        self.text += "\n\n"
        passage = f"<source/made-up#char={start},{end}>"
        self.turtle.append(
            f'{passage} a pg:Passage ; rdfs:label "…"@en ; pg:isPassageOf <source/made-up> ;'
            f' pg:charStart {start} ; pg:charEnd {end} ; pg:sha256 "{digest(words)}"^^xsd:hexBinary .'
        )
        return passage

    def thing(self, kind, name, more=""):
        iri = f"<id/ex/{kind.lower()}/{name.lower().replace(' ', '-')}>"
        self.turtle.append(f'{iri} a pg:{kind} ; skos:prefLabel "{name}"@en {more} .')
        return iri

    def claim(self, subject, relation, value, *passages, basis="stated"):
        claim = f"<id/ex/claim/{next(self.numbers)}>"
        self.turtle.append(
            f"{claim} a pg:Claim ; rdf:subject {subject} ; rdf:predicate pg:{relation} ; rdf:object {value} ;"
            f" pg:basis <concept/basis/{basis}> ; pg:passage {' , '.join(passages)} ."
        )
        return claim[1:-1]

    def compare(self):
        """Compare its claims."""
        prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
        text = f"@base <{BASE}> .\n{prefixes}" + "\n".join(self.turtle)
        catalog = Catalog(SHIPPED)
        store = EmbeddedStore(quad for path in catalog.ontology for quad in reader.read(path))
        store.add(
            reader.parse(text.encode(), name="made-up.ttl", format=ox.RdfFormat.TURTLE),
            graph=f"{BASE}data/made-up",
        )
        return compare(catalog, store, [SourceText("made-up", self.text)])


@pytest.fixture(scope="module")
def made_up():
    """Forty plans with the bodies, days, sums and shares that their entries name."""
    rng, writer = random.Random(1), Writer()
    titles = [f"{first} {second}" for first in FIRST for second in SECOND]
    rng.shuffle(titles)
    bodies = [writer.thing("PublicOrganisation", f"{name} Agency") for name in titles[80:120]]
    for number in range(40):
        name, body = f"{titles[number]} Strategy", bodies[number]
        plan = writer.thing("Plan", name)
        agency = f"{titles[80 + number]} Agency"
        year, month, day = rng.randrange(1990, 2024), rng.randrange(12), rng.randrange(1, 29)
        sum_, share = rng.randrange(11, 990) / 10, rng.randrange(13, 99)
        amount, target = (f"<id/ex/{kind}/{number}>" for kind in ("amount", "target"))
        writer.says(f"# {name}")
        first = writer.says(f"The {name} was launched on {day} {MONTHS[month]} {year} by the {agency}.")
        money = writer.says(f"It costs EUR {sum_} million, and is to reach {share} % of all ships.")
        writer.claim(plan, "launched", f'"{year}-{month + 1:02}-{day:02}"^^xsd:date', first)
        writer.claim(plan, "launchedBy", body, first)
        writer.claim(plan, "hasBudget", amount, money)
        writer.claim(amount, "value", f'"{Decimal(str(sum_)) * 1000000:f}"^^xsd:decimal', money)
        writer.claim(amount, "unit", "eu:currency/EUR".replace("eu:", f"<{PREFIXES['eu']}") + ">", money)
        writer.claim(target, "value", f"{share}", money)
        writer.claim(target, "unit", "<concept/unit/percent>", money)
    return writer.compare()


def swapped(data, part, alike, rng):
    """How many claims have a part that can be swapped for another claim's, and of how many this is found."""
    of_kind = {}
    for rows in data.claims.values():
        of_kind.setdefault(alike(rows[0][part]), set()).add(rows[0][part])
    total = found = 0
    for claim, rows in list(data.claims.items()):
        others = sorted(of_kind[alike(rows[0][part])] - {rows[0][part]}, key=str)
        if alike(rows[0][part]) and others and data.support(claim, "en"):
            wrong = rng.choice(others)
            names = ("graph", "subject", "relation", "object", "passage")
            data.claims[claim] = [{name: row[name] for name in names} | {part: wrong} for row in rows]
            findings = data.support(claim, "en").findings
            found += any(each.path == f"rdf:{part}" for each in findings)
            total += 1
            data.claims[claim] = rows
    return total, found


def figures(data):
    """The shares of claims that are warned of, and of swapped values, objects and subjects that are found."""
    rng = random.Random(7)

    def value(term):
        kind = getattr(term, "datatype", None)
        return kind if kind and not term.language and kind.value != expand("xsd:boolean") else None

    def named(term):
        kinds = data.facts.get(term, {}).get(TYPE, ()) if isinstance(term, ox.NamedNode) else ()
        return frozenset(kinds) if kinds and data.is_named(term) else None

    supports = [each for claim in data.claims if (each := data.support(claim, "en"))]
    findings = [finding for each in supports for finding in each.findings]
    errors = [finding for finding in findings if finding.severity == "Violation"]
    counts = {"warnings": (len(supports), sum(bool(each.findings) for each in supports))}
    counts["values"] = swapped(data, "object", value, rng)
    counts["objects"] = swapped(data, "object", named, rng)
    counts["subjects"] = swapped(data, "subject", named, rng)
    print(errors, counts)  # shown by pytest -s
    return errors, {name: found / total for name, (total, found) in counts.items()}


def test_of_made_up_claims_none_is_warned_of_and_what_is_swapped_is_found(made_up):
    errors, shares = figures(made_up)
    assert errors == []
    assert shares["warnings"] == 0
    assert shares["values"] >= 0.95
    assert min(shares["objects"], shares["subjects"]) >= 0.9


@pytest.mark.skipif(not TEXTS, reason="the texts of the sources are not in the project: POLICYGRAPH_TEXTS")
def test_of_shipped_claims_few_are_warned_of_and_what_is_swapped_is_found():
    catalog, store = Catalog(SHIPPED), Catalog(SHIPPED).load()
    read = [text for folder in TEXTS for text in read_texts(folder)]
    errors, shares = figures(compare(catalog, store, read))
    assert errors == []
    assert shares["warnings"] < 0.03
    assert shares["values"] >= 0.95
    assert min(shares["objects"], shares["subjects"]) >= 0.9


@pytest.mark.parametrize(
    ("unit", "text", "tag"),
    [
        ("eu:currency/EUR", "31,16 δισ. ευρώ", "el"),
        ("eu:currency/BGN", "5 млн. лв.", "bg"),
        ("eu:currency/PLN", "500 tys. złotych", "pl"),
        ("eu:currency/UAH", "5 гривень", "uk"),
        ("eu:currency/HRK", "5 kuna", "hr"),
        ("pgc:unit/percent", "5 τοις εκατό", "el"),
        ("pgc:unit/percent", "5 Prozent", "de"),
    ],
)
def test_a_unit_is_known_in_the_languages_of_texts(made_up, lexicon, unit, text, tag):
    of = ox.NamedNode(expand(unit))
    found = [made_up.has(of, words(each, lexicon, tag)) for each in (text, "5 m")]
    assert found == [[True], [False]]


# ---- What is said of one claim


@pytest.fixture
def writer():
    writer = Writer()
    writer.says("# Harbour Strategy")
    return writer


def support(writer, claim):
    data = writer.compare()
    return data.support(ox.NamedNode(BASE + claim), "en")


def findings(writer, claim):
    return [(each.severity, each.path, each.message) for each in support(writer, claim).findings]


@pytest.mark.parametrize(
    ("value", "has"),
    [
        ('"2012"^^xsd:gYear', "March and 2021, not 2012"),
        ('"2021-04"^^xsd:gYearMonth', "March and 2021, not 2021-04"),
        ("8", "March and 2021, not 8"),
        ("<concept/unit/percent>", "nothing of it, not Percent"),
        ('"In force in 2020."@en', "March and 2021, not In force in 2020."),
    ],
)
def test_an_error_says_what_the_passage_has(writer, value, has):
    passage = writer.says("It was launched in March 2021.")
    claim = writer.claim(writer.thing("Plan", "Harbour Strategy"), "launched", value, passage)
    what = f"The passage has {has}: mend it, or quote what says it."
    assert findings(writer, claim) == [("Violation", "rdf:object", what)]


def test_what_may_stand_in_number_words_that_are_not_known_is_a_warning(writer):
    passage = writer.says("Den har fem hamnar.")
    writer.turtle[-1] = writer.turtle[-1].replace('"…"@en', '"…"@sv')
    claim = writer.claim(writer.thing("Plan", "Harbour Strategy"), "value", "5", passage)
    assert [each[:2] for each in findings(writer, claim)] == [("Warning", "rdf:object")]


def test_all_passages_of_a_claim_count_together(writer):
    one, other = writer.says("Harbour Strategy was launched in March."), writer.says("This was in 2021.")
    plan = writer.thing("Plan", "Harbour Strategy")
    assert findings(writer, writer.claim(plan, "launched", '"2021-03"^^xsd:gYearMonth', one, other)) == []


MISSING = "No name of {!r} stands in the passage or the title above{}: quote it, or add that name."


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [
        ("PublicOrganisation", "Port Office", False),
        ("PublicOrganisation", "Office of the Port (Harbourmasters)", False),
        ("PublicOrganisation", "Offices of Ports", False),
        ("PublicOrganisation", "Harbour Strategies", False),  # in the title
        ("PublicOrganisation", "Ferry Office", True),
        ("Legislation", "Port Office Act", True),
        ("Goal", "Ferries", False),
        ("StakeholderGroup", "Sailors", False),
        ("Outcome", "Fewer accidents", False),
    ],
)
def test_an_object_with_a_proper_name_is_to_be_named(writer, kind, name, found):
    passage = writer.says("The Harbour Strategy was launched by the Port Office.")
    claim = writer.claim(
        writer.thing("Plan", "Harbour Strategy"), "relatesTo", writer.thing(kind, name), passage
    )
    assert findings(writer, claim) == [("Warning", "rdf:object", MISSING.format(name, ""))] * found


def test_a_name_of_the_project_s_own_is_none_of_a_source(writer):
    passage = writer.says("The Harbour Strategy was launched by a provider.")
    more = '; pg:projectTranslation "en"^^xsd:language'
    provider = writer.thing("Organisation", "Unnamed company", more)
    assert (
        findings(
            writer, writer.claim(writer.thing("Plan", "Harbour Strategy"), "launchedBy", provider, passage)
        )
        == []
    )
    known = writer.thing("Organisation", "Unknown firm", f'{more} ; skos:altLabel "Ourfirm"@en')
    claim = writer.claim(writer.thing("Plan", "Harbour Strategy"), "launchedBy", known, passage)
    assert [path for _, path, _ in findings(writer, claim)] == ["rdf:object"]


def test_a_subject_is_named_in_the_passage_above_it_or_in_what_else_is_quoted_there(writer):
    plan, office = writer.thing("Plan", "Harbour Strategy"), writer.thing("PublicOrganisation", "Port Office")
    stranger = writer.thing("Plan", "Ferry Strategy")
    first = writer.says("The Harbour Strategy was launched by the Port Office.")
    second = writer.says("It was ended in 2021.")
    writer.claim(plan, "launchedBy", office, first)
    below = writer.claim(plan, "ended", '"2021"^^xsd:gYear', second)
    by_mention = writer.claim(office, "ended", '"2021"^^xsd:gYear', second)
    wrong = writer.claim(stranger, "ended", '"2021"^^xsd:gYear', second)
    writer.says("# Ferries")
    elsewhere = writer.claim(office, "ended", '"2022"^^xsd:gYear', writer.says("It was ended in 2022."))
    writer.says("# Offices")
    named = writer.claim(
        office, "ended", '"2022"^^xsd:gYear', writer.says("The Port Office was closed in 2022.")
    )
    data = writer.compare()
    found = {each: data.support(ox.NamedNode(BASE + each), "en") for each in (below, by_mention, named)}
    assert [each.findings for each in found.values()] == [(), (), ()]
    assert [each.needs_entry for each in found.values()] == [True, True, False]
    for claim, name in ((wrong, "Ferry Strategy"), (elsewhere, "Port Office")):
        message = MISSING.format(name, ", nor in what else is quoted below it")
        assert findings(writer, claim) == [("Warning", "rdf:subject", message)]


def test_a_claim_is_compared_only_with_what_was_read(writer):
    plan = writer.thing("Plan", "Harbour Strategy")
    claim = writer.claim(plan, "launched", '"2012"^^xsd:gYear', writer.says("It was launched in 2021."))
    inferred = writer.claim(plan, "launched", '"2012"^^xsd:gYear', writer.says("In 2021."), basis="inferred")
    assert support(writer, claim).findings
    data = writer.compare()
    assert ox.NamedNode(BASE + inferred) not in data.claims
    writer.text = writer.text.replace("launched", "Launched")
    assert support(writer, claim) is None


# ---- Where it is asked


@pytest.fixture
def place(tmp_path):
    """A catalogue of a country that does not exist, the folder of its text, and its tables."""
    root, texts = tmp_path / "catalog", tmp_path / "texts"
    (root / "data").mkdir(parents=True)
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data" / "examplia.ttl").write_bytes((SHIPPED / "tests/support/examplia.ttl").read_bytes())
    texts.mkdir()
    (texts / "harbour.txt").write_text(TEXT, encoding="utf-8")
    write_tables(Catalog(root), "examplia", tmp_path / "tables")
    return root, texts, tmp_path / "tables"


def launched(place, month):
    """Import that a plan was launched in March 2021, and write another month into the tables."""
    root, texts, tables = place
    with (tables / "claims.csv").open("a", encoding="utf-8") as file:
        file.write('plan/open-harbour,launched,2021-03,,examplia-harbour,"In March 2021 … Harbour Plan"\n')
    done = import_tables(Catalog(root), tables, texts={"examplia-harbour": texts / "harbour.txt"})
    assert done.problems == ()
    shutil.rmtree(tables)
    write_tables(Catalog(root), "examplia", tables)
    text = (tables / "claims.csv").read_text(encoding="utf-8")
    assert text.count(",2021-03,") == 1
    (tables / "claims.csv").write_text(text.replace(",2021-03,", f",{month},"), encoding="utf-8")


@pytest.mark.full
def test_import_compares_where_texts_are_at_hand_and_names_the_cell(place):
    root, texts, tables = place
    given = {"examplia-harbour": texts / "harbour.txt"}
    launched(place, "2012-03")
    assert import_tables(Catalog(root), tables, write=False).conforms
    before = (root / "data" / "examplia.ttl").read_bytes()
    done = import_tables(Catalog(root), tables, texts=given)
    assert not done.conforms
    (problem,) = done.problems
    assert problem.startswith("claims!C")
    assert problem.endswith("The passage has March and 2021, not 2012-03: mend it, or quote what says it.")
    assert (root / "data" / "examplia.ttl").read_bytes() == before


def wrong_digests(place):
    """Give each passage of the dataset a SHA-256 that no text has."""
    draft = place[0] / "data" / "examplia.ttl"
    head, passages, rest = draft.read_text(encoding="utf-8").partition("## Passages")
    draft.write_text(head + passages + re.sub("[0-9A-F]{64}", "AB" * 32, rest), encoding="utf-8")


def strange(tmp_path):
    """A folder with a text that is no source's."""
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "ferries.txt").write_text("The ferries go at night.", encoding="utf-8")
    return tmp_path / "strange"


def test_passages_that_the_text_does_not_have_do_not_conform(place):
    root, texts, _ = place
    assert validate(Catalog(root), "examplia", texts=texts).conforms
    wrong_digests(place)
    (whole,) = validate(Catalog(root), "examplia").results  # a label that has all words
    report = validate(Catalog(root), "examplia", texts=texts)
    assert not report.conforms
    found = [each for each in report.results if each != whole]
    assert {each.severity for each in found} == {"Violation"}
    assert [each.focus for each in found] == sorted(
        f"<source/examplia-harbour#char={start},{end}>"
        for start, end in ((0, 46), (48, 129), (153, 203), (170, 181), (205, 248), (250, 297), (299, 328))
    )
    assert all("is in no text at hand; nearest at" in each.message for each in found)
    assert report.turtle().decode().count("gone: examplia-harbour ") == 7


NOT_COMPARED = "ferries.txt is the text of no source, so nothing was compared."


@pytest.mark.full
def test_that_nothing_was_compared_is_a_warning(place, tmp_path):
    root, texts, _ = place
    report = validate(Catalog(root), "examplia", texts=strange(tmp_path))
    assert report.conforms
    assert [(each.severity, each.message) for each in report.results] == [("Warning", NOT_COMPARED)]
    assert NOT_COMPARED in report.text()
    assert NOT_COMPARED in report.turtle().decode()
    (texts / "ferries.txt").write_text("The ferries go at night.", encoding="utf-8")
    assert validate(Catalog(root), "examplia", texts=texts).results == ()


@pytest.mark.full
def test_validate_and_verify_compare_with_a_folder_of_texts(place):
    root, texts, tables = place
    catalog, text = ("--catalog", root), ("--text", texts)
    assert run(*catalog, "validate", *text).stdout == "The data conform to the shapes.\n"
    assert verify(Catalog(root), texts=texts).holds()
    draft = root / "data" / "examplia.ttl"
    launched(place, "2012-03")
    import_tables(Catalog(root), tables)
    what = "The passage has March and 2021, not 2012-03"
    for given in ((), ("examplia",), (draft,)):
        done = run(*catalog, "validate", *given, *text)
        assert done.returncode == 1
        assert what in done.stdout
        assert "The data do not conform." in done.stdout
    found = verify(Catalog(root), texts=texts)
    assert not found.holds()
    assert "Violation: <id/ex/claim/" in found.text()
    assert what in found.text()
    turtle = run(*catalog, "validate", *text, "--format", "turtle").stdout
    assert "sh:conforms false" in turtle
    assert what in turtle


def test_the_list_of_a_second_reader_begins_with_what_the_words_say_least_of(place):
    root, texts, _ = place
    found = verify(Catalog(root), texts=texts)
    shares = [each.share for each in found.supports]
    assert len(shares) > 5
    lines = run("--catalog", root, "verify", "--text", texts, "--order").stdout.splitlines()
    assert lines == found.order().splitlines()
    assert lines[0].split()[:4] == ["claim", "share", "note", "subject"]
    listed = [int(line.split()[1].rstrip("%")) for line in lines[2:]]
    assert listed == sorted(listed)
    assert len(listed) == len(shares)


def test_texts_are_a_folder_for_data_and_a_file_for_tables(place):
    root, texts, tables = place
    given = ("--catalog", root, "validate", "--text")
    assert "names one folder of texts" in refused(*given, f"harbour={texts / 'harbour.txt'}")
    assert "names the source: SOURCE=FILE" in refused(*given, texts, tables)
    assert "There is no such folder" in refused(*given, texts / "none")
