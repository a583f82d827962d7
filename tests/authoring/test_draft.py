"""Drafting: a country and a structure that nobody has, read by a pattern alone.

Tests of `authoring.titles`.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest
from cases import sampled
from checkout import SHIPPED
from command import run

from policygraph import Catalog, draft_tables, import_tables, verify
from policygraph.authoring import draft
from policygraph.authoring.titles import TitleReader
from policygraph.errors import DocumentError, FormatError

EUROPE = SHIPPED / "europe" / "pattern.toml"
PATTERN = EUROPE.read_text(encoding="utf-8").replace('file = "verdicts.csv"\n', "")

ACCOUNT = """\
# Digital Public Administration Political Communications

## Specific Political Communications on Digital Public Administration

Harbour Strategy 2030

On 3 May 2021, the government adopted the Harbour Strategy 2030. It has six parts.

Berlin Declaration on Digital Society and Value-Based Digital Government

In December 2020, the government signed the declaration.

### Big Data

No political communication has been adopted in this field to date.

### Quays of Tomorrow

A heading that no pattern knows.

3

Digital Public Administration Legislation

# Digital Public Administration Legislation

## Interoperability

Lighthouse Act (2016)

The Lighthouse Act was adopted on 1 March 2016. It implements Directive (EU) 2102/2016.

Amendments to the Lighthouse Act

The Lighthouse Act was amended in 2020.

### Cloud Computing

Lighthouse Act (2016)

It is named again.

### GovTech

No legislation has been adopted in this field to date.

A pilot of the port authority is under way.

### Artificial Intelligence (AI)

The port authority studies the matter.

# Digital Public Administration Infrastructure

## Platforms and Applications

### National Platforms and Applications

Portal of the Ports

The Portal of the Ports is a website on which ships are registered.

Waves

Waves come and go.

### Subnational Platforms and Applications

No particular infrastructure in this field has been reported to date.
"""


@pytest.fixture
def catalog(tmp_path):
    (tmp_path / "own" / "data").mkdir(parents=True)
    for name in ("international", "denmark", "norway"):
        text = (SHIPPED / "data" / f"{name}.ttl").read_text(encoding="utf-8")
        (tmp_path / "own" / "data" / f"{name}.ttl").write_text(text, encoding="utf-8")
    (tmp_path / "own" / "catalog.toml").write_text('base = "https://w3id.org/policygraph/"\n')
    (tmp_path / "own" / "ontology").symlink_to(SHIPPED / "europe" / "ontology")
    return Catalog(tmp_path / "own")


@pytest.fixture
def drafted(catalog, tmp_path):
    """The tables of an account, by the pattern of the thirty-one with one line more."""
    (tmp_path / "examplia.txt").write_text(ACCOUNT, encoding="utf-8")
    pattern = PATTERN.replace("[accounts]", '[accounts]\nexamplia = ["xe", "Examplia"]')
    (tmp_path / "pattern.toml").write_text(pattern, encoding="utf-8")
    lines = draft_tables(
        catalog, [tmp_path / "examplia.txt"], pattern=tmp_path / "pattern.toml", path=tmp_path / "out"
    )
    assert lines == [
        "examplia: 1 absent, 1 absent, qualified, 2 entry, 1 known, 1 left out, 4 thing, 2 unread"
    ]
    return tmp_path / "out" / "examplia"


def sheet(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_was_made_of_each_title_is_told(drafted):
    told = [(row["title"], row["outcome"]) for row in sheet(drafted, "#read") if row["title"]]
    assert told == [
        ("Harbour Strategy 2030", "thing"),
        ("Berlin Declaration on Digital Society and Value-Based Digital Government", "known"),
        ("Lighthouse Act (2016)", "thing"),
        ("Amendments to the Lighthouse Act", "entry"),
        ("Lighthouse Act (2016)", "thing"),
        ("Portal of the Ports", "thing"),
        ("Waves", "entry"),
    ]
    unread = [(row["heading"], row["why"]) for row in sheet(drafted, "#read") if row["outcome"] == "unread"]
    assert unread == [
        ("Quays of Tomorrow", "no such heading in the pattern"),
        ("Artificial Intelligence (AI)", "The port authority studies the matter."),
    ]
    kind, later = TitleReader(tomllib.loads(PATTERN)).kind, ["Adopted in 2021.", "A new one is planned."]
    titles = ("eIDAS Implementation Act", []), ("Ports Act and Decree", []), ("Ports Act", later)
    assert [kind("legislation", *each)[2] for each in titles] == [
        "the title has 'eIDAS', so it may be of several countries",
        "the title has 'and Decree', so it may be a topic, several things, or one not there yet",
        "the text has 'is planned', so it may not be there yet",
    ]


def test_the_same_title_under_two_headings_is_one_thing(drafted):
    things = {row["thing"]: row["kind"] for row in sheet(drafted, "things")}
    assert things == {
        "country/examplia": "Country",
        "plan/harbour-strategy-2030": "Plan",
        "legislation/lighthouse-act-2016": "Legislation",
        "infrastructure/portal-of-the-ports": "Digital infrastructure",
    }
    said = {
        (row["subject"].partition("/")[2], row["relation"], row["object"])
        for row in sheet(drafted, "claims")
        if not row["subject"].startswith("int/")
    }
    assert said == {
        ("harbour-strategy-2030", "kind", "Plan"),
        ("harbour-strategy-2030", "in domain", "concept/domain/general"),
        ("harbour-strategy-2030", "adopted", "2021-05-03"),
        ("lighthouse-act-2016", "kind", "Legislation"),
        ("lighthouse-act-2016", "in domain", "concept/domain/interoperability"),
        ("lighthouse-act-2016", "in domain", "concept/domain/cloud-computing"),
        ("lighthouse-act-2016", "adopted", "2016-03-01"),
        ("lighthouse-act-2016", "transposes", "int/legislation/web-accessibility-directive"),
        ("portal-of-the-ports", "kind", "Digital infrastructure"),
        ("portal-of-the-ports", "in domain", "concept/domain/platforms"),
    }


def test_absences_hold_under_their_heading(drafted):
    found = [(row["in domain"], row["absent kind"], row["status"]) for row in sheet(drafted, "absences")]
    assert found == [
        ("concept/domain/big-data", "Plan", "concept/review/drafted"),
        ("concept/domain/govtech", "Legislation", "concept/review/drafted ++ concept/status/qualified"),
    ]


@pytest.mark.full
def test_the_tables_are_imported_and_their_passages_are_exact(catalog, drafted, tmp_path):
    text = tmp_path / "examplia.txt"
    done = import_tables(catalog, drafted, texts={"eu-factsheet-examplia": text})
    assert done.problems == ()
    assert done.conforms
    (tmp_path / "texts").mkdir()
    text.rename(tmp_path / "texts" / "eu-factsheet-examplia.txt")
    checked = verify(Catalog(catalog.root), "examplia", texts=tmp_path / "texts")
    assert {verdict.status for verdict in checked.verdicts} == {"exact"}


def test_what_readers_found_is_kept_when_drafted_anew(catalog, drafted, tmp_path):
    """What is right is checked, what is wrong is not written, and of two verdicts the graver counts.

    What was wrong in one round and not in a later one was mended in between; a doubt is not.
    """
    at = {row["title"]: row["at"] for row in sheet(drafted, "#read")}
    portal = at["Portal of the Ports"]
    dated = next(row["at"] for row in sheet(drafted, "claims") if row["object"] == "2021-05-03")
    data, govtech = (row["at"] for row in sheet(drafted, "absences"))
    act = next(row["at"] for row in sheet(drafted, "claims") if row["object"] == "Legislation")
    verdicts = [
        ("kind Digital infrastructure", portal, "wrong", 2),
        ("kind Digital infrastructure", portal, "right", 2),
        ("title", at["Waves"], "right", 1),
        ("adopted 2021-05-03", dated, "doubtful", 9),
        ("adopted 2021-05-03", dated, "right", 10),
        ("kind Legislation", act, "wrong", 9),
        ("kind Legislation", act, "right", 10),
        ("absence", data, "wrong", 9),
        ("absence", data, "right", 10),
        ("absence", govtech, "wrong", 1),
    ]
    lines = [
        "account,at,says,verdict,round",
        *(f'examplia,"{at}",{says},{verdict},{number}' for says, at, verdict, number in verdicts),
    ]
    (tmp_path / "verdicts.csv").write_text("\n".join(lines), encoding="utf-8")
    pattern = (tmp_path / "pattern.toml").read_text(encoding="utf-8")
    pattern = pattern.replace("[verdicts]", '[verdicts]\nfile = "verdicts.csv"')
    (tmp_path / "pattern.toml").write_text(pattern, encoding="utf-8")
    draft_tables(
        catalog, [tmp_path / "examplia.txt"], pattern=tmp_path / "pattern.toml", path=tmp_path / "new"
    )
    found = {row["object"]: row["status"] for row in sheet(tmp_path / "new" / "examplia", "claims")}
    assert found["2021-05-03"] == "concept/review/under-review"
    assert found["Legislation"] == "concept/review/checked"
    assert "Digital infrastructure" not in found
    passages = {row["title@en"]: row["status"] for row in sheet(tmp_path / "new" / "examplia", "passages")}
    assert passages["Waves"] == "concept/review/checked"
    assert passages["Portal of the Ports"] == "concept/review/drafted"
    absences = [(row["at"], row["status"]) for row in sheet(tmp_path / "new" / "examplia", "absences")]
    assert absences == [(data, "concept/review/checked")]


OUTLINE = """\
# Rules
## Cloud
### Sky Act
The Sky Act came into force on 2 May 2019.
## Robots
None so far is in force.
"""


def test_another_structure_needs_another_pattern_only(catalog, tmp_path):
    """Of an outline whose titles are headings, and whose absences begin otherwise."""
    (tmp_path / "sky.txt").write_text(OUTLINE.replace("\n", "\n\n"), encoding="utf-8")
    pattern = PATTERN
    for old, new in (
        ("[accounts]", '[accounts]\nsky = ["xs", "Skyland"]'),
        ('headings = ["Digital Public Administration Legislation"]', 'headings = ["Rules"]'),
        ("[domains]", '[domains]\nrobots = ["Robots"]'),
        ('cloud-computing = ["Cloud Computing"]', 'cloud-computing = ["Cloud"]'),
        ("[titles]", "[titles]\nlevel = 3"),
        ('begins = "No "', 'begins = "None "'),
        ("concept.adopted", 'concept.force = "concept/absence/none-adopted"\nconcept.adopted'),
    ):
        assert old in pattern
        pattern = pattern.replace(old, new)
    (tmp_path / "pattern.toml").write_text(pattern, encoding="utf-8")
    lines = draft_tables(catalog, [tmp_path / "sky.txt"], pattern=tmp_path / "pattern.toml", path=tmp_path)
    assert lines == ["skyland: 1 absent, 1 thing"]
    claims = [(row["relation"], row["object"]) for row in sheet(tmp_path / "skyland", "claims")]
    assert ("in force since", "2019-05-02") in claims


@pytest.mark.parametrize(
    ("sentence", "date"),
    sampled(
        [
            ("The Sky Act was adopted in March 2014.", "2014-03"),
            ("On 5 June 2015, Parliament adopted the Sky Act.", "2015-06-05"),
            ("The Sky Act (Act No. 34/2002) was adopted in 2003.", "2003"),
            ("The Sky Act was adopted between 2014 and 2015.", None),
            ("The Sky Act was adopted for 2014–2020.", None),
            ("The draft Sky Act was adopted in 2014.", None),
            ("The Sky Act will be adopted in 2024.", None),
            ("An amendment to the Sky Act was adopted in 2014.", None),
            ("The Sea Act was adopted in 2014.", None),
            ("The Sky Act of 5 June 2014 regulates the sky.", None),
            ("The Sky Act and its annex, on which a report of 2014 was adopted, is long.", None),
        ],
        4,
    ),
)
def test_a_date_needs_its_title_and_a_verb_in_one_clause(catalog, tmp_path, sentence, date):
    text = f"# Digital Public Administration Legislation\n\n## Interoperability\n\nSky Act\n\n{sentence}\n"
    (tmp_path / "austria.txt").write_text(text, encoding="utf-8")
    draft_tables(catalog, [tmp_path / "austria.txt"], pattern=EUROPE, path=tmp_path)
    found = [row["object"] for row in sheet(tmp_path / "austria", "claims") if row["relation"] == "adopted"]
    assert found == ([date] if date else [])


def test_the_command_writes_the_same_tables(catalog, drafted, tmp_path):
    options = ("--pattern", tmp_path / "pattern.toml", "-o", tmp_path / "again")
    done = run("--catalog", catalog.root, "draft", tmp_path / "examplia.txt", *options)
    assert (done.returncode, done.stdout[:9]) == (0, "examplia:")
    for path in drafted.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / "examplia" / path.name).read_bytes()


def test_faults_are_told(catalog, tmp_path):
    (tmp_path / "poland.txt").write_text(ACCOUNT, encoding="utf-8")
    (tmp_path / "polan.txt").write_text(ACCOUNT, encoding="utf-8")
    (tmp_path / "broken.toml").write_text("[accounts", encoding="utf-8")
    with pytest.raises(
        DocumentError, match=r"polan\.txt: \[accounts\] .* has no 'polan'\. Did you mean 'poland'\?"
    ):
        draft_tables(catalog, [tmp_path / "polan.txt"], pattern=EUROPE, path=tmp_path)
    with pytest.raises(DocumentError, match=r"broken\.toml: It is no TOML: Expected"):
        draft_tables(catalog, [tmp_path / "poland.txt"], pattern=tmp_path / "broken.toml", path=tmp_path)
    (tmp_path / "short.toml").write_text(PATTERN.replace("[absences]", "[absent]"), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"short\.toml: It, .* has no 'absences', which a pattern needs"):
        draft_tables(catalog, [tmp_path / "poland.txt"], pattern=tmp_path / "short.toml", path=tmp_path)
    with pytest.raises(DocumentError, match=r"none\.toml"):
        draft_tables(catalog, [tmp_path / "poland.txt"], pattern=Path("none.toml"), path=tmp_path)


def test_two_texts_of_one_country_are_refused_before_anything_is_written(catalog, tmp_path):
    pattern = PATTERN.replace("[accounts]", '[accounts]\nquay = ["xq", "Quay"]\nquay-2 = ["xq", "Quay"]')
    (tmp_path / "pattern.toml").write_text(pattern, encoding="utf-8")
    texts = [tmp_path / f"{name}.txt" for name in ("quay", "quay-2")]
    for each in texts:
        each.write_text(ACCOUNT, encoding="utf-8")
    with pytest.raises(DocumentError) as error:
        draft_tables(catalog, texts, pattern=tmp_path / "pattern.toml", path=tmp_path / "out")
    what = f"Its tables would be called 'quay', as those of {texts[0]} are"
    assert str(error.value) == f"{texts[1]}: {what}; draft one of them into another folder."
    assert not (tmp_path / "out").exists()


def test_tables_that_a_reader_checked_are_not_drafted_again(catalog, drafted, tmp_path):
    texts, pattern = [tmp_path / "examplia.txt"], tmp_path / "pattern.toml"
    draft_tables(catalog, texts, pattern=pattern, path=tmp_path / "out")  # the same may be
    claims = drafted / "claims.csv"
    checked = claims.read_text(encoding="utf-8").replace("concept/review/drafted", "concept/review/checked")
    claims.write_text(checked, encoding="utf-8")
    with pytest.raises(FormatError, match=r"out/examplia is there already, with other content; name a new"):
        draft_tables(catalog, texts, pattern=pattern, path=tmp_path / "out")
    assert claims.read_text(encoding="utf-8") == checked


def test_a_kind_that_is_none_is_told_of_the_pattern(catalog, tmp_path):
    (tmp_path / "poland.txt").write_text(ACCOUNT, encoding="utf-8")
    pattern = PATTERN.replace('[kinds."Legislation"]', "[kinds.Legislatio]")
    (tmp_path / "kinds.toml").write_text(pattern, encoding="utf-8")
    what = r"kinds\.toml: 'Legislatio' is no kind\. Did you mean 'Legislation'\?$"
    with pytest.raises(DocumentError, match=what):
        draft_tables(
            catalog, [tmp_path / "poland.txt"], pattern=tmp_path / "kinds.toml", path=tmp_path / "out"
        )


def test_a_verdict_is_one_row_whatever_its_text_has(tmp_path):
    text = 'account,at,says,verdict\nx,"a\u2028b\nc",title,right\n'
    (tmp_path / "verdicts.csv").write_text(text, encoding="utf-8")
    found = draft._judged({"verdicts": {"file": "verdicts.csv"}}, tmp_path / "pattern.toml")
    assert {key: {*verdicts} for key, verdicts in found.items()} == {("x", "a\u2028b\nc", "title"): {"right"}}


@pytest.mark.parametrize(
    ("title", "chapter", "named"),
    [
        ("Involvement in the European Blockchain Service Infrastructure", "infrastructure", ["ebsi"]),
        ("eIDAS", "legislation", ["eidas-regulation"]),
        ("eIDAS", "infrastructure", []),
        ("eIDAS Node", "legislation", []),
        (
            "Directive (EU) 2022/2555, repealing Directive (EU) 2016/1148",
            "legislation",
            ["directive-2022-2555"],
        ),
    ],
)
def test_a_title_names_an_instrument_by_its_spellings_and_not_what_it_repeals(title, chapter, named):
    found = TitleReader(tomllib.loads(PATTERN)).instruments(title, chapter)
    assert [each.rpartition("/")[2] for each in found] == named


@pytest.mark.parametrize(
    ("label", "title", "named"),
    [
        ("National tender system", "SME-friendly National Tender System", True),
        ("White Paper on 'Data as a Resource'", "White Paper on ‘Data as a Resource’ (2020)", True),
        ("Act Amending the Harbour Act", "Act Amending the Harbour Act", True),
        ("Harbour Act", "Act Amending the Harbour Act", False),
        ("Pilot of the Harbour App", "Harbour App", False),
        ("Harbour", "Harbourmaster", False),
    ],
)
def test_a_title_names_a_thing_whose_label_stands_in_it_whole(label, title, named):
    assert TitleReader(tomllib.loads(PATTERN)).names(label, title) is named


def test_a_title_too_long_for_a_heading_is_the_section_of_what_it_stands_above(catalog, tmp_path):
    title = f"Act on {'Quays, Moles, Boats, Barges, ' * 4}Harbours"
    below = f"## GovTech\n\n{title}\n\nThe {title} was adopted in 2014.\n"
    text = f"# Digital Public Administration Legislation\n\n{below}"
    (tmp_path / "austria.txt").write_text(text, encoding="utf-8")
    draft_tables(catalog, [tmp_path / "austria.txt"], pattern=EUROPE, path=tmp_path)
    under = [row["under@en"] for row in sheet(tmp_path / "austria", "passages")]
    assert under == ["GovTech", title, title]


def test_a_level_is_what_the_title_says_or_only_below_the_national_one(catalog, tmp_path):
    titles = ["Portal of Flanders", "Municipalities Portals", "Portal of the Quays"]
    parts = "".join(f"{title}\n\nThey are many.\n\n" for title in titles)
    heading = "## Subnational Platforms and Applications"
    text = f"# Digital Public Administration Infrastructure\n\n{heading}\n\n{parts}"
    (tmp_path / "austria.txt").write_text(text, encoding="utf-8")
    draft_tables(catalog, [tmp_path / "austria.txt"], pattern=EUROPE, path=tmp_path)
    levels = [row["type"].rpartition("/")[2] for row in sheet(tmp_path / "austria", "passages")]
    assert levels == ["infrastructure", "regional", "local", "subnational"]
