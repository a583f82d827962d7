"""Tables of a dataset: nothing is lost on the way, and what is wrong in them is named by its cell.

Tests of `authoring.conversion`, `authoring.rows` and `authoring.vocabulary`.
"""

from __future__ import annotations

import re
import shutil
import signal
from copy import deepcopy
from functools import cache
from pathlib import Path

import checkout
import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from command import refused, run

from policygraph import Catalog, import_tables, network, write_tables
from policygraph.authoring import conversion, rows, workbook
from policygraph.authoring.quotes import SourceText
from policygraph.authoring.vocabulary import Cell, Names, Sheet, Vocabulary
from policygraph.catalog import datafiles
from policygraph.catalog.settings import Settings
from policygraph.errors import CatalogError, DocumentError, FormatError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, expand

KNOWN = Settings.read(SHIPPED).prefixes

EXAMPLIA = SHIPPED / "tests" / "support" / "examplia.ttl"
TEXT = (
    "Examplia: a small country with a large harbour. In March 2021 the government of Examplia launched the "
    "Open Harbour Plan 2021-2024. The Open Harbour Plan names two areas: quiet quays and paperless customs. "
    "Its goal is shorter waiting times for ships. Paperless customs rests on the Harbour Register, which the "
    "Harbour Office runs."
)


@pytest.fixture
def catalog(tmp_path):
    """The shipped ontology with a country that does not exist."""
    root = tmp_path / "catalog"
    for folder in ("ontology", "queries"):
        (root / folder).parent.mkdir(exist_ok=True)
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    shutil.copy(EXAMPLIA, root / "data")
    return Catalog(root)


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "harbour.txt"
    path.write_text(TEXT, encoding="utf-8")
    return {"examplia-harbour": path}


def back(path):
    """What tables say, without validation."""
    known = {"international": reader.read(SHIPPED / "data" / "international.ttl")}
    graph = rows.read(workbook.read(path), vocabulary(), known=known)
    assert graph.problems == []
    return set(graph.triples)


def triples(path):
    return {quad.triple for quad in reader.read(path)}


class Folder:
    """The tables of the country as .csv files, to change cells in."""

    def __init__(self, catalog, path, sheets):
        self.catalog, self.path, self.sheets = catalog, path, deepcopy(sheets)

    def row(self, sheet, start):
        """The index of the first row whose cells begin with these."""
        rows = self.sheets[sheet].rows
        return next(at for at, (_, row) in enumerate(rows) if tuple(row[: len(start)]) == start)

    def set(self, sheet, start, **cells):
        """Change cells of a row, found by its first cells; return the address of the first cell changed."""
        head, rows = self.sheets[sheet]
        number, row = rows[self.row(sheet, start)]
        row = list(row)
        for column, value in cells.items():
            row[head.index(column.replace("_", " "))] = value
        rows[self.row(sheet, start)] = (number, row)
        return Cell(sheet, number, head.index(next(iter(cells)).replace("_", " ")) + 1)

    def add(self, sheet, **cells):
        head, rows = self.sheets[sheet]
        cells = {column.replace("_", " "): value for column, value in cells.items()}
        rows.append((len(rows) + 2, [cells.get(column, "") for column in head]))
        return Cell(sheet, len(rows) + 1, 1)

    def widen(self, sheet, column):
        """Add a column without values."""
        head, rows = self.sheets[sheet]
        self.sheets[sheet] = Sheet([*head, column], [(number, [*row, ""]) for number, row in rows])
        return Cell(sheet, 1, len(head) + 1)

    def read(self, **options):
        workbook.write(self.sheets, self.path, vocabulary())
        return import_tables(self.catalog, self.path, **options)

    def graph(self, texts=None):
        """What the tables say, without validation."""
        known = {"examplia": reader.read(self.catalog.root / "data" / "examplia.ttl")}
        read = {
            name: SourceText(name, path.read_text(encoding="utf-8")) for name, path in (texts or {}).items()
        }
        return rows.read(self.sheets, vocabulary(), known=known, texts=read)

    def added(self, texts=None):
        """The triples that the dataset does not have."""
        graph = self.graph(texts)
        assert graph.problems == []
        return graph.triples.keys() - triples(self.catalog.root / "data" / "examplia.ttl")

    def wrong(self, **options):
        """The message about what is wrong; nothing has been written."""
        before = sorted(p.read_bytes() for p in (self.catalog.root / "data").iterdir())
        with pytest.raises(DocumentError) as error:
            self.read(**options)
        assert sorted(p.read_bytes() for p in (self.catalog.root / "data").iterdir()) == before
        return str(error.value).removeprefix(f"{self.path}: ")


@cache
def vocabulary():
    return Vocabulary(Catalog(SHIPPED))


@cache
def exported():
    quads = reader.read(EXAMPLIA)
    return conversion.convert(quads, vocabulary(), known={"examplia": quads})


@pytest.fixture
def folder(catalog, tmp_path):
    return Folder(catalog, tmp_path / "tables", exported())


PLAN = ("plan/open-harbour", "has goal")


# ---- There and back


@pytest.mark.parametrize("form", ["tables.xlsx", "tables"])
def test_a_dataset_comes_back_byte_by_byte(catalog, tmp_path, form):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(datafiles.write(triples(EXAMPLIA), BASE, KNOWN), encoding="utf-8")
    before = file.read_bytes()
    write_tables(catalog, "examplia", tmp_path / form)
    done = import_tables(catalog, tmp_path / form)
    assert file.read_bytes() == before
    assert (done.conforms, done.problems, done.difference.added, done.comments) == (True, (), set(), ())


@pytest.mark.full
def test_denmark_comes_back_byte_by_byte_without_a_text(tmp_path):
    root = tmp_path / "catalog"
    for name in ("ontology", "queries", "data"):
        shutil.copytree(SHIPPED / name, root / name)
    checkout.settings(root)
    catalog = Catalog(root)
    file = catalog.datasets["denmark"].path
    before = file.read_bytes()
    write_tables(catalog, "denmark", tmp_path / "denmark.xlsx")
    assert datafiles.write(back(tmp_path / "denmark.xlsx"), BASE, KNOWN).encode() == before
    sheets = workbook.read(tmp_path / "denmark.xlsx")
    workbook.write(sheets, tmp_path / "denmark", vocabulary())
    assert workbook.read(tmp_path / "denmark") == sheets


def test_a_workbook_that_libreoffice_saved_says_the_same(catalog):
    done = import_tables(catalog, SHIPPED / "tests" / "support" / "examplia-libreoffice.xlsx")
    assert (done.conforms, done.difference.added, done.difference.removed) == (True, set(), set())


def test_comments_of_people_are_told_and_headings_are_not(catalog, tmp_path):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(
        datafiles.write(triples(EXAMPLIA), BASE, KNOWN).replace("## Sources", "## Mine")
        + "# this; # again\n",
        encoding="utf-8",
    )
    own = ("## Mine", "# this; # again")
    assert write_tables(catalog, "examplia", tmp_path / "tables") == own
    assert import_tables(catalog, tmp_path / "tables").comments == own
    assert "again" not in file.read_text(encoding="utf-8")


def test_a_row_is_a_claim_with_its_passages_and_no_cell_holds_turtle(folder):
    head, rows = folder.sheets["claims"]
    claims = [dict(zip(head, row, strict=True)) for _, row in rows]
    goal = next(row for row in claims if row["relation"] == "has goal")
    assert (goal["object"], goal["basis"], goal["quote"]) == (
        "goal/shorter-waiting",
        "",
        "Its goal … for ships",
    )
    weak = next(row for row in claims if row["basis"] == "weak")
    assert (weak["subject"], weak["why@nl"]) == ("area/quiet-quays", "Minder papier geeft minder verkeer.")
    both = next(row for row in claims if row["basis"] == "medium")
    assert both["at"] == "char=153,203 ++ char=205,248"
    assert len(claims) == 10
    cells = [cell for sheet in folder.sheets.values() for _, row in sheet.rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("<", '"', "_:")) or "^^" in cell]


@pytest.mark.parametrize(
    "more",
    [
        "<id/ex/plan/open-harbour> <http://example.org/note> [] .",
        "<id/ex/plan/open-harbour> <http://example.org/n> 5 .",
        '<id/ex/plan/open-harbour> skos:definition "with ++ in it"@de .',
        '<id/ex/plan/open-harbour> skos:prefLabel "~wavy"@de .',
        '<id/ex/claim/l7x6h4r3> rdf:object "another" .',
        "<id/ex/claim/aaaaaaaa> a pg:Claim ; rdf:subject <id/ex/plan/open-harbour> .",
    ],
)
def test_a_triple_that_fits_no_cell_is_named_and_nothing_is_written(catalog, tmp_path, more):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(EXAMPLIA.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.raises(DocumentError, match=r"^The tables cannot hold (pgid|pgsource):\S+ \S+ .* mend it"):
        write_tables(catalog, "examplia", tmp_path / "tables")
    assert not (tmp_path / "tables").exists()


@pytest.mark.parametrize(
    "more",
    [
        '<id/ex/plan/open-harbour> <http://example.org/note> "free text", <http://example.org/x> .',
        "<source/examplia-harbour#char=0,46> rdfs:label 'a second'@en .",
        "<agent/jo> a foaf:Person ; foaf:name 'Jo' .",
        "<id/ex/plan/open-harbour> skos:altLabel '=1+1'@en, '@home'@en .",
        "<id/ex/goal/shorter-waiting> pg:launched '2021'^^xsd:gYear ; pg:startDate '2020-05-01'^^xsd:date .",
        "<id/ex/goal/other> a pg:Goal ; skos:prefLabel 'Other'@en ; pg:coined true .",
        "<id/fr/goal/x> a pg:Goal, pg:Indicator ; dct:source <source/examplia-harbour> .",
        "<id/ex/claim/l7x6h4r3> <http://example.org/n> 'five' ; pg:status <concept/review/rejected> .",
        "<source/examplia-harbour> dct:issued '2020-02-29'^^xsd:date ; dct:source <http://example.org/> .",
        "<id/ex/plan/open-harbour> skos:definition 'Teaching C++ in schools'@de .",
        "<id/ex/plan/open-harbour> skos:closeMatch <id/ex/area/quiet-quays> .",
    ],
)
def test_whatever_else_a_dataset_says_comes_back(catalog, tmp_path, more):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(EXAMPLIA.read_text(encoding="utf-8") + more, encoding="utf-8")
    write_tables(catalog, "examplia", tmp_path / "t")
    assert back(tmp_path / "t") == triples(file)


def test_a_dataset_of_no_country_comes_back(catalog, tmp_path):
    file = catalog.root / "data" / "words.ttl"
    dataset = f"<{BASE}data/words> a <{expand('dcat:Dataset')}> ; <{expand('dct:title')}> 'Words'@en ."
    file.write_text(dataset, encoding="utf-8")
    write_tables(Catalog(catalog.root), "words", tmp_path / "t")
    assert back(tmp_path / "t") == triples(file)


@pytest.mark.parametrize("more", ["", "<source/a> a pg:SourceDocument .", "<id/xy/goal/a> a pg:Goal ."])
def test_a_file_that_describes_no_dataset_is_told_and_nothing_is_written(catalog, tmp_path, more):
    head = EXAMPLIA.read_text(encoding="utf-8").partition("##")[0]
    (catalog.root / "data" / "bare.ttl").write_text(head + more, encoding="utf-8")
    with pytest.raises(DocumentError, match="no row gives the name of the dataset"):
        write_tables(Catalog(catalog.root), "bare", tmp_path / "t")
    assert not (tmp_path / "t").exists()


@pytest.mark.full
def test_a_dataset_is_imported_into_its_file_whatever_that_is_called(folder):
    data = folder.catalog.root / "data"
    file = (data / "examplia.ttl").rename(data / "harbours.ttl")
    folder.catalog = Catalog(folder.catalog.root)
    write_tables(folder.catalog, "harbours", folder.path)
    done = import_tables(folder.catalog, folder.path)
    assert (done.path, done.difference.added, done.difference.removed) == (file, set(), set())
    del folder.sheets["claims"].rows[folder.row("claims", ("area/quiet-quays",))]
    folder.read()
    assert [*data.iterdir()] == [file]
    assert not any("quiet-quays" in str(claim.subject) for claim in folder.catalog.claims())


def test_a_dataset_is_not_imported_into_the_file_of_another_or_into_one_of_two(folder):
    file = folder.catalog.root / "data" / "examplia.ttl"
    other = f"<{BASE}data/quays> a <{expand('dcat:Dataset')}> .\n"
    file.write_text(other, encoding="utf-8")
    what = rf"^{file} holds another dataset, {BASE}data/quays; give it another name\.$"
    with pytest.raises(CatalogError, match=what):
        folder.read()
    assert file.read_text(encoding="utf-8") == other
    file.unlink()
    for name in ("one", "two"):
        shutil.copy(EXAMPLIA, file.with_stem(name))
    folder.catalog = Catalog(folder.catalog.root)
    what = rf"^{file.with_stem('one')} and {file.with_stem('two')} hold the same dataset"
    with pytest.raises(CatalogError, match=what):
        folder.read()


@pytest.mark.full
def test_what_tables_do_to_other_datasets_is_told(folder):
    other = folder.catalog.root / "data" / "other.ttl"
    other.write_text(
        f"<{BASE}data/other> a <{expand('dcat:Dataset')}> ; <{expand('dct:relation')}> "
        f"<{BASE}id/ex/area/quiet-quays> .",
        encoding="utf-8",
    )
    folder.catalog = Catalog(folder.catalog.root)
    for _, lines in folder.sheets.values():
        lines[:] = [row for row in lines if "area/quiet-quays" not in row[1]]
    problems = folder.read(write=False).problems
    what = "Warning: the dataset other still names area/quiet-quays, described nowhere now; mend that too."
    assert problems[0] == what
    folder.set("dataset", ("", "name"), value="renamed")
    (problem, *_) = folder.read(write=False).problems
    assert "things are described in the dataset examplia already; if this is its new name, del" in problem


def test_an_unknown_dataset_is_told(catalog, tmp_path):
    with pytest.raises(CatalogError, match=r"There is no dataset 'exemplia'.*Did you mean 'examplia'"):
        write_tables(catalog, "exemplia", tmp_path / "t")


def test_names_mean_what_they_are_short_for():
    names = Names(BASE, "ex")
    for path in (
        "id/ex/plan/a",
        "id/dk/plan/a",
        "concept/sector/health",
        "source/a#char=1,2",
        "agent/x",
        "ontology",
    ):
        assert names.node(names.of(ox.NamedNode(BASE + path))).value == BASE + path
    assert names.of(ox.NamedNode(f"{BASE}id/ex/plan/a")) == "plan/a"
    assert names.of(ox.NamedNode(expand("eu:country/NLD"))) == "eu:country/NLD"


# ---- New rows


def test_a_new_row_makes_claim_passage_and_triple_and_its_iri_follows_from_it(folder, text):
    folder.add(
        "claims",
        subject="organisation/harbour-office",
        relation="in country",
        object="country/examplia",
        source="examplia-harbour",
        quote="Examplia: a small … harbour",
    )
    done = folder.read(texts=text)
    added = {str(triple) for triple in done.difference.added}
    office = f"<{BASE}id/ex/organisation/harbour-office>"
    claim = next(each.split()[0] for each in added if each.endswith(office) and "#subject" in each)
    assert claim == f"<{BASE}id/ex/claim/7vhjzftp>"
    assert f"{claim} <{expand('pg:passage')}> <{BASE}source/examplia-harbour#char=0,46>" in added
    assert done.conforms
    assert folder.read(texts=text).difference.added == set()


def test_a_changed_object_gives_the_claim_another_iri_and_moves_what_disputes_it(folder):
    folder.set("claims", PLAN, object="area/quiet-quays", relation="relates to", id="mine")
    folder.set("claims", ("plan/open-harbour", "launched by"), about="disputes mine")
    added = folder.added()
    new = {str(t.subject) for t in added if "/claim/" in str(t.subject)}
    disputing = next(t for t in added if t.predicate.value == expand("pg:disputes"))
    assert str(disputing.object) in new
    assert f"<{BASE}id/ex/claim/bhqr6utt>" not in new


def test_a_claim_keeps_an_iri_that_other_tools_gave_it_until_it_is_changed(catalog, tmp_path):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(EXAMPLIA.read_text(encoding="utf-8").replace("bhqr6utt", "zzzzzzzz"), encoding="utf-8")
    write_tables(catalog, "examplia", tmp_path / "tables")
    folder = Folder(catalog, tmp_path / "tables", dict(workbook.read(tmp_path / "tables")))
    assert folder.added() == set()
    folder.set("claims", PLAN, quote="Its goal … for ships", object="area/quiet-quays", relation="relates to")
    assert "zzzzzzzz" not in str(folder.added())


def test_a_quote_that_is_corrected_leaves_no_mention_of_its_thing_behind(folder, text):
    """`tables` writes no row of what follows from claims, which would stay when these are changed."""
    goal = ox.NamedNode(f"{BASE}id/ex/goal/shorter-waiting")
    mentions = folder.sheets["mentions"].rows
    assert "goal/shorter-waiting" not in {row[0] for _, row in mentions}
    assert "infrastructure/harbour-register" in {row[0] for _, row in mentions}  # in one of its two passages
    folder.set("claims", PLAN, quote="shorter waiting times", at="")
    start = TEXT.index("shorter waiting times")
    passage = ox.NamedNode(f"{BASE}source/examplia-harbour#char={start},{start + 21}")
    assert folder.graph(text).values[goal][ox.NamedNode(expand("pg:mentionedIn"))] == [passage]


@pytest.mark.parametrize(("dutch", "section"), [("Een haven", '"Een haven"@nl'), ("", '"A harbour"@en')])
def test_the_title_that_stands_for_a_heading_is_in_the_language_of_the_text(folder, text, dutch, section):
    titles = {"title@en": "A harbour", "title@nl": dutch}
    folder.set("sources", ("examplia-harbour",), language="eu:language/NLD", **titles)
    new_quote(folder, "quiet quays and")
    (added,) = {t.object for t in folder.added(text) if t.predicate.value == expand("pg:section")}
    assert str(added) == section


@pytest.mark.full
@pytest.mark.parametrize("form", ["t.xlsx", "t"])
def test_tables_that_somebody_filled_in_are_not_written_over(catalog, tmp_path, form):
    for _ in range(2):  # the same may be
        write_tables(catalog, "examplia", tmp_path / form)
    filled = dict(workbook.read(tmp_path / form))
    filled["names"].rows.append((2, ["plan/open-harbour", "OHP", "en"]))
    workbook.write(filled, tmp_path / form, vocabulary())
    what = r"is there already, with other content; name a new file or folder\.$"
    with pytest.raises(FormatError, match=what):
        write_tables(catalog, "examplia", tmp_path / form)
    assert workbook.read(tmp_path / form) == filled


def test_the_bound_of_dates_that_dispute_each_other_is_the_outer_one():
    dates = [ox.Literal("2021-05"), ox.Literal("2020"), ox.Literal("2020-06-01")]
    for name, path, day in (("startDate", "launched", "2020-01-01"), ("endDate", "ended", "2021-05-31")):
        bound = vocabulary().bound(
            ox.NamedNode(expand(f"pg:{name}")), {ox.NamedNode(expand(f"pg:{path}")): dates}
        )
        assert bound.value == day


def test_macros_and_dates_write_what_queries_compare(folder, text):
    folder.set("things", ("plan/open-harbour",), period="", launched="2021-03-05")
    folder.add(
        "claims",
        subject="plan/open-harbour",
        relation="period",
        object="2022-2025",
        source="examplia-harbour",
        quote="Open Harbour Plan 2021-2024",
    )
    added = {(t.predicate.value, t.object.value) for t in folder.added(text)}
    assert {
        (expand("pg:startDate"), "2022-01-01"),
        (expand("pg:endDate"), "2025-12-31"),
        (expand("pg:launched"), "2021-03-05"),
        (expand("pg:periodStart"), "2022"),
    } <= added


def test_duties_absences_comparisons_and_the_time_of_a_relation_go_there_and_back(folder, text):
    office, post = "organisation/harbour-office", "duty/paperless-customs"
    names = {
        "label@en": "Ships declare on paper no more",
        "label@nl": "Schepen geven niets meer op papier aan",
    }
    own = {"source": "examplia-harbour", "quote": "Paperless customs rests … Office runs."}
    folder.add("things", thing=post, kind="Duty", **names)
    for relation, value in (("modality", "concept/modality/must"), ("applies to", office)):
        folder.add("claims", subject=post, relation=relation, object=value, **own)
    since = {"period start": "2021-03", "period end": "2024", "type": "concept/relation/appeal-body"}
    folder.add("claims", subject=post, relation="relates to", object=office, **own, **since)
    absence = {"absent kind": "Legislation", "in domain": "concept/domain/big-data", **names, **own}
    absence |= {"type": "concept/absence/none-adopted", "in country": "country/examplia"}
    folder.add("absences", absence="absence/big-data-law", **absence)
    judged = {"aspect": "concept/aspect/manner", "verdict": "concept/verdict/only-here", **names}
    head, claims = folder.sheets["claims"]
    claim = claims[folder.row("claims", ("plan/open-harbour",))][1][head.index("id")]
    judged |= {"silent side": post, "from": f"claim/{claim}", "curator": "agent/policygraph"}
    judged |= {"date": "2026-11-28", "why@en": "The duty is silent.", "why@nl": "De plicht zwijgt."}
    things = f"{post} ++ plan/open-harbour"
    folder.add("comparisons", comparison="comparison/paper", compares=things, **judged)
    done = folder.read(texts=text)
    assert done.problems == ()
    held = {(t.predicate.value, t.object.value) for t in done.difference.added}
    bounds = {(expand("pg:startDate"), "2021-03-01"), (expand("pg:endDate"), "2024-12-31")}
    assert bounds | {(expand("pg:absentKind"), expand("pg:Legislation"))} <= held
    before = triples(done.path)
    write_tables(folder.catalog, "examplia", folder.path.parent / "again")
    assert back(folder.path.parent / "again") == before


@pytest.mark.full
def test_entries_of_an_account_and_what_a_program_drafted_go_there_and_back(folder, text):
    """A passage may be an entry, and a claim drafted by a program that is described as an activity."""
    kinds = {"type": "concept/chapter/laws", "in domain": "concept/domain/big-data"}
    place = {"in country": "country/examplia", "status": "concept/review/drafted"}
    entry = {"title@en": "The Open Harbour Plan"}
    entry |= {"type": "concept/chapter/laws ++ concept/government-level/regional"}
    (folder.catalog.root / "data" / "chapters.ttl").write_text(
        f"<{BASE}concept/chapter/laws> a <{expand('skos:Concept')}> .\n"
        f"<{BASE}data/chapters> a <{expand('dcat:Dataset')}> .",
        encoding="utf-8",
    )
    folder.catalog = Catalog(folder.catalog.root)
    folder.set("passages", ("examplia-harbour#char=48,129",), **{**kinds, **place, **entry})
    folder.set("passages", ("examplia-harbour#char=153,203",), **kinds)
    activity, program = "activity/drafting-2026", "agent/drafter"
    for about, field, value in (
        (activity, "kind", "prov:Activity"),
        (activity, "rdfs:label@en", "Drafting by a pattern"),
        (activity, "used", "source/examplia-harbour"),
        (activity, "date", "2026-11-28"),
        (program, "kind", "prov:SoftwareAgent"),
        (program, "foaf:name", "policygraph draft"),
    ):
        folder.add("dataset", about=about, field=field, value=value)
    head, lines = folder.sheets["claims"]
    folder.sheets["claims"] = Sheet([*head, "generated by"], [(n, [*row, ""]) for n, row in lines])
    drafted = {"status": "concept/review/drafted", "generated by": activity, "curator": program}
    folder.set("claims", ("area/quiet-quays",), **drafted)
    done = folder.read(texts=text)
    assert done.problems == ()
    (claim,) = {t.subject for t in done.difference.added if t.predicate.value.endswith("wasGeneratedBy")}
    said = {f"{t.predicate.value.rpartition('/')[2]} {t.object.value}" for t in triples(done.path)}
    assert f"prov#wasGeneratedBy {BASE}id/ex/activity/drafting-2026" in said
    assert f"prov#used {BASE}source/examplia-harbour" in said
    assert f"type {BASE}concept/government-level/regional" in said
    catalog = Catalog(folder.catalog.root)
    assert claim.value in {data["claim"] for *_, data in network(catalog).edges(data=True)}
    assert not [node for node in network(catalog) if "#char" in node or "/activity/" in node]
    before = done.path.read_bytes()
    write_tables(catalog, "examplia", folder.path.parent / "again")
    assert import_tables(catalog, folder.path.parent / "again").conforms
    assert done.path.read_bytes() == before


def test_two_plus_signs_in_a_word_separate_nothing(folder):
    folder.set("things", ("plan/open-harbour",), **{"definition@en": "Teaching C++ in schools ++ Why C++"})
    assert {t.object.value for t in folder.added()} == {"Teaching C++ in schools", "Why C++"}
    cell = folder.set("things", ("plan/open-harbour",), **{"definition@en": "Teaching C++ ++"})
    assert folder.graph().problems == [f"{cell}: there is nothing on one side of ++."]


@pytest.mark.parametrize("written", ["In country", "IN COUNTRY", "pg:inCountry"])
def test_a_column_is_the_same_in_other_letters_and_as_a_curie(folder, written):
    folder.add("things", thing="country/other", kind="Country", **{"label@en": "Other"})
    folder.widen("things", written)
    folder.set("things", ("plan/open-harbour",), **{written: "country/other"})
    graph = folder.graph()
    assert graph.problems == []
    plan = graph.values[ox.NamedNode(f"{BASE}id/ex/plan/open-harbour")]
    assert plan[ox.NamedNode(expand("pg:inCountry"))] == [ox.NamedNode(f"{BASE}id/ex/country/other")]


@pytest.mark.parametrize("written", ["Curator", "prov:wasAttributedTo"])
def test_a_column_in_other_letters_gives_claims_the_same_names(folder, written):
    head = folder.sheets["claims"].head
    head[head.index("curator")] = written
    assert folder.added() == set()


def test_a_column_that_is_there_in_other_letters_is_there_twice(folder):
    cells = [folder.widen("things", column) for column in ("in country", "In country")]
    what = "the column 'in country' is there twice."
    assert folder.graph().problems == [f"{cell}: {what}" for cell in cells]


def test_a_comment_row_says_nothing(folder):
    folder.add("things", thing="# plan/another", kind="Nonsense")
    assert folder.added() == set()


# ---- What is wrong is named by its cell, and nothing is written


def test_several_things_wrong_are_all_listed(folder):
    folder.set("claims", PLAN, relation="has gaol")
    folder.set("things", ("area/quiet-quays",), kind="Aera")
    message = folder.wrong()
    assert message.startswith("nothing was written, since")
    assert "'has gaol' is no relation. Did you mean 'has goal'?" in message
    assert "'Aera' is no kind. Did you mean 'Area'?" in message


def test_a_label_of_two_terms_names_neither_unless_it_is_a_column(tmp_path):
    for folder in ("ontology", "data"):
        (tmp_path / folder).mkdir()
    shutil.copy(EXAMPLIA, tmp_path / "data")
    own = "<{0}> a owl:{1} ; rdfs:label '{2}'@en . ".format
    terms = own("a:runs", "ObjectProperty", "operated by") + own("a:size", "DatatypeProperty", "population")
    terms += own("a:unit", "DatatypeProperty", "unit") + own("a:Area", "Class", "Area")
    prefixes = "".join(f"PREFIX {name}: <{KNOWN[name]}> " for name in ("owl", "rdfs"))
    (tmp_path / "ontology" / "aaa.ttl").write_text(prefixes + terms, encoding="utf-8")
    checkout.settings(tmp_path)
    tables = Vocabulary(Catalog(tmp_path))
    with pytest.raises(
        ValueError, match=r"'operated by' is the label of a:runs and pg:operatedBy; write one"
    ):
        tables.property("Operated by", "claims")
    with pytest.raises(ValueError, match=r"'Area' is the label of a:Area and pg:Area; write one of those\.$"):
        tables.kind("Area")
    things = Sheet(["thing", "population"], [(2, ["town/a", "5"])])
    problems = rows.read({"things": things}, tables, known={}).problems
    assert "things!B1: 'population' is the label of pg:population and a:size; write one of those." in problems
    named = [tables.called(tables.property(each)) for each in ("pg:operatedBy", "unit", "<a:unit>")]
    assert named == ["pg:operatedBy", "unit", "a:unit"]


def test_a_label_without_its_last_words_means_the_passage_that_has_it(folder, text):
    folder.set("claims", PLAN, quote="Its goal …", at="")
    (problem,) = folder.graph(text).problems
    assert problem.endswith("'Its goal …' lacks its last words; write them for the ellipsis.")
    folder.set("passages", ("examplia-harbour#char=205,248",), **{"quote@en": "Its goal …"})
    (problem,) = folder.graph(text).problems  # of another claim, with the former label
    assert "is 'Its goal …', not 'Its goal … for ships'" in problem


YEARS = "which is years, as 2019-2025; a month or a day goes by 'period start' and 'period end'."
DATE = "write it as 2013 or 2013-09 or 2013-09-30."
NAME = "it has a space or a sign that no IRI has."
HINT = "One whose name begins with # is not read."
ANEW = "empty 'at' to find the quote anew."


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "column", "message"),
    [
        (
            "claims",
            PLAN,
            {"relation": "implement"},
            "relation",
            "'implement' is no relation. Did you mean 'implements'?",
        ),
        (
            "claims",
            PLAN,
            {"object": "goal/waiting"},
            "object",
            "'goal/waiting' is described nowhere. Did you mean 'goal/shorter-waiting'?",
        ),
        (
            "claims",
            PLAN,
            {"subject": "plan/harbor"},
            "subject",
            "'plan/harbor' is described nowhere. Did you mean 'plan/open-harbour'?",
        ),
        ("claims", PLAN, {"object": "a goal"}, "object", f"'a goal' is no name: {NAME}"),
        ("claims", PLAN, {"object": ""}, "subject", "this row has no object."),
        ("claims", PLAN, {"source": ""}, "subject", "this row has no source."),
        ("claims", PLAN, {"about": "++"}, "about", "'' should be ids behind disputes or from."),
        ("claims", PLAN, {"basis": "external", "cites": "a source"}, "cites", "Invalid IRI"),
        ("claims", PLAN, {"curator": "Jo Doe"}, "curator", f"'Jo Doe' is no name: {NAME}"),
        (
            "things",
            ("plan/open-harbour",),
            {"type": "concept/plan-type/strategy ++"},
            "type",
            "there is nothing on one side of ++.",
        ),
        ("dataset", ("", "name"), {"value": "two words"}, "value", "'two words' is no name of a dataset"),
        (
            "claims",
            PLAN,
            {"basis": "storng"},
            "basis",
            "'storng' is no basis; leave it empty or choose from medium, strong, weak, external",
        ),
        (
            "claims",
            PLAN,
            {"at": "205-249"},
            "at",
            f"nothing describes the passage at 205-249 of examplia-harbour: {ANEW}",
        ),
        (
            "claims",
            PLAN,
            {"quote": "Its aim"},
            "at",
            f"the passage at char=205,248 is 'Its goal … for ships', not 'Its aim': {ANEW}",
        ),
        ("claims", PLAN, {"at": "p. 5"}, "at", f"'p. 5' is no position, as char=10,25 is: {ANEW}"),
        ("claims", PLAN, {"id": "row 1"}, "id", f"'claim/row 1' is no name: {NAME}"),
        (
            "sources",
            ("examplia-harbour",),
            {"address": "www.example.org/plan"},
            "address",
            "'www.example.org/plan' is described nowhere. Begin an address with https://.",
        ),
        (
            "sources",
            ("examplia-harbour",),
            {"language": "Islandic"},
            "language",
            "'Islandic' is no language that the tables know; write it as eu:language/ENG.",
        ),
        (
            "claims",
            PLAN,
            {"relation": "scope note", "object": "A note"},
            "object",
            "the text needs its language: scope note@en, for instance.",
        ),
        (
            "claims",
            PLAN,
            {"relation": "scope note@english", "object": "A note"},
            "object",
            "'english' is no tag of a language. Did you mean 'en'?",
        ),
        (
            "dataset",
            ("", "keyword@en"),
            {"field": "keyword"},
            "value",
            "the text needs its language: keyword@en, for instance.",
        ),
        (
            "things",
            ("plan/open-harbour",),
            {"label@nl": "~?"},
            "label@nl",
            "write the text in place of '?'.",
        ),
        (
            "claims",
            PLAN,
            {"source": "examplia-habour"},
            "source",
            "'source/examplia-habour' is described nowhere. Did you mean 'source/examplia-harbour'?",
        ),
        ("claims", PLAN, {"about": "disputes abcdefgh"}, "about", "no claim has the id 'abcdefgh'."),
        (
            "claims",
            PLAN,
            {"about": "denies cxmihfod"},
            "about",
            "'denies cxmihfod' should be ids behind disputes or from.",
        ),
        ("claims", PLAN, {"quote": "Its goal ++ another"}, "at", "there are 1 values here for 2 quotes."),
        (
            "claims",
            PLAN,
            {"relation": "launched", "object": "30.1.2019"},
            "object",
            f"'30.1.2019' is no date for launched; {DATE}",
        ),
        (
            "claims",
            PLAN,
            {"relation": "launched", "object": "2019-02-30"},
            "object",
            f"'2019-02-30' is no date for launched; {DATE}",
        ),
        (
            "claims",
            PLAN,
            {"relation": "period", "object": "1-2-3"},
            "object",
            f"'1-2-3' is no period, {YEARS}",
        ),
        (
            "claims",
            PLAN,
            {"relation": "period", "object": "2019-06"},
            "object",
            f"'2019-06' is no period, {YEARS}",
        ),
        (
            "claims",
            PLAN,
            {"relation": "period", "object": "2019-"},
            "object",
            f"'2019-' is no period, {YEARS}",
        ),
        (
            "claims",
            PLAN,
            {"relation": "period", "object": "2019/25"},
            "object",
            f"'2019/25' is no period, {YEARS}",
        ),
        (
            "claims",
            PLAN,
            {"object": "goal/a ++ goal/b"},
            "object",
            "'goal/a ++ goal/b' is more than one name; write a row for each.",
        ),
        (
            "claims",
            PLAN,
            {"under": "Quays"},
            "at",
            f"the passage at char=205,248 stands under 'Examplia', not 'Quays': {ANEW}",
        ),
        (
            "things",
            ("plan/open-harbour",),
            {"thing": "plan/open harbour"},
            "thing",
            f"'plan/open harbour' is no name: {NAME}",
        ),
        ("things", ("plan/open-harbour",), {"kind": ""}, "thing", "this row has no kind."),
        (
            "sources",
            ("examplia-harbour",),
            {"issued": "May 2019"},
            "issued",
            f"'May 2019' is no date for issued; {DATE}",
        ),
        (
            "dataset",
            ("", "name"),
            {"value": "Examplia!"},
            "value",
            "'Examplia!' is no name of a dataset: small letters and hyphens.",
        ),
        (
            "dataset",
            ("", "code"),
            {"value": "exa1"},
            "value",
            "'exa1' is no code of a country: two small letters.",
        ),
        (
            "dataset",
            ("", "version"),
            {"field": "versoin"},
            "field",
            "'versoin' is no property. Did you mean 'version'?",
        ),
        (
            "mentions",
            ("plan/open-harbour",),
            {"thing": "goal/none"},
            "thing",
            "'goal/none' is described nowhere.",
        ),
        (
            "passages",
            ("examplia-harbour#char=0,46",),
            {"passage": "harbour 0"},
            "passage",
            "'harbour 0' is no name of a source: small letters, digits and hyphens.",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_meant(folder, sheet, row, cells, column, message):
    cell = folder.set(sheet, row, **cells)
    at = cell._replace(column=folder.sheets[sheet].head.index(column) + 1)
    assert f"{at}: {message}" in "\n".join(folder.graph().problems)


AMOUNT = {"amount": "amount/b", "type": "concept/amount-kind/budget", "value": "1", "unit": "eu:currency/EUR"}


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("… for ships", "'… for ships' lacks its first words; write them for the ellipsis."),
        ("-", "'-' has no word to find; write the words of the passage."),
        ("…", "'…' has no word to find; write the words of the passage."),
        ("Its goal is ++", "'' has no word to find; write the words of the passage."),
        ("“Its goal is”", "the quote is in examplia-harbour without the marks around it; leave these out."),
    ],
)
def test_what_is_no_quote_is_told_why(folder, text, quote, message):
    folder.set("claims", PLAN, quote=quote, at="")
    (problem,) = folder.graph(text).problems
    assert problem.endswith(f": {message}")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("wd:", "names nothing of what is there"),
        ("https://", "names nothing of what is there"),
        ("file:///C:/x.txt", "names nothing of what is there"),
        ("plan/open-harbour", "is the thing itself"),
    ],
)
def test_an_address_of_nothing_is_no_mapping(folder, address, what):
    cell = folder.add("mappings", thing="plan/open-harbour", relation="same as", address=address)
    at = cell._replace(column=folder.sheets["mappings"].head.index("address") + 1)
    assert folder.graph().problems == [f"{at}: {address!r} {what}; name a resource elsewhere."]


@pytest.mark.parametrize("name", ["The Plan ++ OHP", "~The Plan"])
def test_another_name_is_one_and_nobody_s_translation(folder, name):
    cell = folder.add("names", thing="plan/open-harbour", name=name, language="en")._replace(column=2)
    assert folder.graph().problems == [
        f"{cell}: {name!r} should be one name, without ~: write a row for each."
    ]


def test_a_claim_does_not_dispute_itself(folder):
    cell = folder.set("claims", PLAN, about="disputes itself", id="itself")
    assert folder.graph().problems == [f"{cell}: 'itself' is this claim itself; name another."]


def test_the_tables_of_another_dataset_do_not_take_the_place_of_one(folder):
    file = folder.catalog.root / "data" / "examplia.ttl"
    other = file.read_text(encoding="utf-8").replace("id/ex/", "id/xy/")
    file.write_text(other, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"examplia\.ttl holds none of the things in these tables, so it"):
        folder.read()
    assert file.read_text(encoding="utf-8") == other


def test_a_number_that_may_be_a_thousand_times_as_much_is_noted(folder):
    folder.add("amounts", **AMOUNT | {"value": "1.234", "mentioned in": ""})
    found = [each for each in folder.read(write=False).problems if "thousands" in each]
    assert len(found) == 1
    assert found[0].endswith(": Warning: 1.234 is read with decimals; if thousands are meant, write 1234.")


@pytest.mark.parametrize("words", ["Quiet\x07quays", "q" * 32_768])
def test_a_text_that_no_table_can_hold_is_not_imported(folder, tmp_path, words):
    cell = folder.set("things", ("area/quiet-quays",), **{"label@en": "Changed"})
    workbook.write(folder.sheets, folder.path, vocabulary())
    file = folder.path / "things.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Changed", words), encoding="utf-8")
    with pytest.raises(DocumentError, match=re.escape(str(cell))):
        import_tables(folder.catalog, folder.path)


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"subject": "Open harbour plan 2021-2024"}, "A", f"{NAME} Did you mean 'plan/open-harbour'?"),
        ({"subject": "Open Harbour Plan"}, "A", f"{NAME} Did you mean 'plan/open-harbour'?"),
        ({"object": "Quiet Quays"}, "C", f"{NAME} Did you mean 'area/quiet-quays'?"),
        ({"object": "Public sector"}, "C", f"{NAME} Did you mean 'concept/sector/public-sector'?"),
        (
            {"object": "Banking"},
            "C",
            "'Banking' is described nowhere. Did you mean 'concept/sector/banking'?",
        ),
        (
            {"source": "Examplia adopted it", "quote": "", "at": ""},
            "E",
            f"{NAME} Name a row of the sheet sources",
        ),
        (
            {"source": "examplia-harbor", "quote": "", "at": "", "basis": "medium"},
            "E",
            "'source/examplia-harbor' is described nowhere. Did you mean 'source/examplia-harbour'?",
        ),
        (
            {"relation": "launched", "object": "44470"},
            "C",
            "'44470' is no date for launched; write it as 2021-10-01, as spreadsheets count days.",
        ),
        ({"relation": "period", "object": "44470-2024"}, "C", f"'44470-2024' is no period, {YEARS}"),
    ],
)
def test_what_was_meant_in_a_claim_is_said(folder, cells, column, message):
    cell = folder.set("claims", PLAN, **cells)
    cell = cell._replace(column=ord(column) - 64)
    (problem,) = folder.graph().problems
    assert problem.startswith(f"{cell}: ")
    assert message in problem


def test_a_source_of_which_nothing_is_quoted_is_named(folder):
    cells = [
        folder.set("claims", ("area/quiet-quays",), source="examplia-harbour", quote="", at=""),
        folder.add("mentions", thing="plan/open-harbour", source="examplia-harbour"),
    ]
    columns = [folder.sheets[cell.sheet].head.index("source") + 1 for cell in cells]
    what = "nothing of this source is quoted: fill in 'quote', or name it in 'cites' alone."
    places = [cell._replace(column=column) for cell, column in zip(cells, columns, strict=True)]
    assert sorted(folder.graph().problems) == [f"{place}: {what}" for place in places]


def test_what_is_inferred_without_a_text_is_a_warning(folder):
    cell = folder.set("claims", ("area/quiet-quays",), quote="", at="", source="")
    done = folder.read()
    assert done.conforms
    assert [each.partition(":")[0] for each in done.problems] == [str(cell)]
    assert "Warning: The inferred claim rests on no text" in done.problems[0]


def test_a_claim_of_another_basis_has_another_name_and_may_say_which_it_replaces(folder):
    head, claims = folder.sheets["claims"]
    at = folder.row("claims", ("area/quiet-quays",))
    old = claims[at][1][head.index("id")]
    head.append("dct:replaces")
    for number, (_, row) in enumerate(claims):
        row.append(f"claim/{old}" if number == at else "")
    why = dict.fromkeys((name for name in head if name.startswith("why@")), "")
    folder.set("claims", ("area/quiet-quays",), basis="", curator="", date="", **why)
    (new,) = {t.subject.value for t in folder.added() if t.predicate.value == expand("dct:replaces")}
    assert new.startswith(f"{BASE}id/ex/claim/")
    assert not new.endswith(old)
    assert folder.read().conforms


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("98 %", "98, without a unit or spaces."),
        ("\u0663", "3, without a unit or spaces."),
        ("90\u00a0000", "90000, without a unit or spaces."),
        ("90,000.5", "90000.5, without a unit or spaces."),
        ("99,3", "99.3, without a unit or spaces."),
        ("€5", "5, without a unit or spaces."),
        ("5 million", "a number."),
        ("0,125", "0.125, without a unit or spaces."),
        ("\u22125,5 %", "-5.5, without a unit or spaces."),
        ("1 234,567", "1234.567, without a unit or spaces."),
        ("1,234", "1234 or 1.234, without a unit or spaces."),
        ("12.500.000", "12500000, without a unit or spaces."),
        ("12.500.000,50 €", "12500000.50, without a unit or spaces."),
        ("12,34,567", "a number."),
        ("-", "a number."),
    ],
)
def test_a_number_that_is_written_as_in_a_text_is_said(folder, value, message):
    folder.add("amounts", **{**AMOUNT, "value": value})
    (problem,) = folder.graph().problems
    assert problem == f"amounts!D2: {value!r} is no value for value; write it as {message}"


def test_a_unit_and_a_kind_are_said_as_the_tables_call_them(folder):
    folder.add("amounts", **{**AMOUNT, "unit": "EUR"})
    assert folder.graph().problems == [
        "amounts!E2: 'EUR' is described nowhere. Did you mean 'eu:currency/EUR'?"
    ]
    folder.set("amounts", ("amount/b",), unit="%")
    assert folder.graph().problems == [
        f"amounts!E2: '%' is no name: {NAME} Did you mean 'concept/unit/percent'?"
    ]
    folder.set("amounts", ("amount/b",), unit="eu:currency/EUR")
    folder.set("things", ("plan/open-harbour",), kind="Law")
    assert ox.NamedNode(expand("pg:Legislation")) in {triple.object for triple in folder.added()}


def test_a_curator_is_introduced_as_the_message_says(folder):
    cell = folder.set("claims", ("area/quiet-quays",), curator="Jo Doe")
    how = (
        "A curator is introduced in the sheet dataset by two rows about agent/jo-doe, for instance: its "
        "kind foaf:Person, and its foaf:name."
    )
    assert folder.graph().problems == [f"{cell}: 'Jo Doe' is no name: {NAME} {how}"]
    folder.set("claims", ("area/quiet-quays",), curator="agent/jo-doe")
    assert folder.graph().problems == [f"{cell}: 'agent/jo-doe' is described nowhere."]
    folder.set("claims", PLAN, curator="agent/jo-doe")
    (problem,) = folder.graph().problems
    assert problem.endswith(" and 1 more: 'agent/jo-doe' is described nowhere.")
    folder.set("claims", PLAN, curator="")
    folder.add("dataset", about="agent/jo-doe", field="kind", value="foaf:Person")
    folder.add("dataset", about="agent/jo-doe", field="foaf:name", value="Jo Doe")
    done = folder.read()
    assert (done.conforms, done.problems) == (True, ())


def test_a_row_about_another_does_not_name_the_dataset(folder):
    cell = folder.add("dataset", about="agent/anna", field="name", value="anna")._replace(column=2)
    graph = folder.graph()
    assert graph.name == "examplia"
    (problem,) = graph.problems
    assert problem.startswith(f"{cell}: 'name' is no property.")


@pytest.mark.parametrize(("field", "value"), [("name", "other"), ("code", "xy")])
def test_a_dataset_has_one_name_and_one_code(folder, field, value):
    cell = folder.add("dataset", field=field, value=value)._replace(column=3)
    assert folder.graph().problems == [f"{cell}: the dataset has a {field} already."]


CLOSE = {"thing": "plan/open-harbour", "relation": "close match"}


@pytest.mark.parametrize("address", ["area/quiet-quays", "ex/area/quiet-quays", "pgid:ex/area/quiet-quays"])
def test_a_mapping_may_lead_to_a_thing_of_the_catalogue(folder, address):
    folder.add("mappings", **CLOSE, address=address)
    quays = ox.NamedNode(f"{BASE}id/ex/area/quiet-quays")
    assert [(t.predicate.value, t.object) for t in folder.added()] == [(expand("skos:closeMatch"), quays)]


def test_a_mapping_leads_to_nothing_that_is_described_nowhere(folder):
    cell = folder.add("mappings", **CLOSE, address="area/none")
    (problem,) = folder.graph().problems
    assert problem.startswith(f"{cell._replace(column=3)}: 'area/none' is described nowhere.")


@pytest.mark.parametrize("written", ["en", "EN", "English", "english"])
def test_a_language_may_be_written_as_its_tag_and_as_its_english_name(folder, text, written):
    folder.add("names", thing="plan/open-harbour", name="OHP", language=written)
    folder.set("sources", ("examplia-harbour",), language=written)
    new_quote(folder, "quiet quays and")
    added = folder.added(text)
    assert ox.Literal("OHP", language="en") in {triple.object for triple in added}
    assert not [triple for triple in added if triple.predicate.value == expand("dct:language")]


def test_a_column_in_no_language_is_named_once_by_its_head(folder):
    cell = folder.widen("things", "definition@islenska")
    for name in ("plan/open-harbour", "goal/shorter-waiting"):
        folder.set("things", (name,), **{"definition@islenska": "Orð"})
    assert folder.graph().problems == [f"{cell}: 'islenska' is no tag of a language."]


def test_a_tag_that_is_none_is_named(folder):
    cell = folder.add("names", thing="plan/open-harbour", name="OHP", language="in English")
    assert folder.wrong().startswith(f"{cell._replace(column=3)}: ")


@pytest.mark.parametrize("text", ["bell\u0007", "a\rb", "_x0007_", "long " * 7000])
def test_what_no_cell_can_hold_is_named_and_nothing_is_written(catalog, tmp_path, text):
    more = f"<id/ex/goal/shorter-waiting> skos:editorialNote {ox.Literal(text.strip(), language='en')} ."
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(EXAMPLIA.read_text(encoding="utf-8") + more, encoding="utf-8")
    for form in ("t.xlsx", "t"):
        with pytest.raises(DocumentError, match=r"^things!\w+: this is a text (of more than|with a control)"):
            write_tables(catalog, "examplia", tmp_path / form)
        assert not (tmp_path / form).exists()


def test_each_side_of_a_pair_that_was_examined_is_one(folder):
    """Of three in two columns, those of one would have been examined together."""
    looked = {"examination": "examination/areas", "curator": "agent/policygraph", "date": "2026-01-01"}
    looked |= {"label@en": "Areas", "why@en": "Read."}
    folder.add("examined", **looked, first="area/quiet-quays", second="plan/open-harbour")
    assert folder.graph().problems == []
    cell = folder.set("examined", ("examination/areas",), second="plan/open-harbour ++ goal/shorter-waiting")
    what = "'plan/open-harbour ++ goal/shorter-waiting' is not one side of a pair; write a row for each pair."
    assert folder.graph().problems == [f"{cell}: {what}"]


@pytest.mark.parametrize("sheet", ["examined", "absences", "comparisons"])
def test_a_label_that_marks_no_translation_of_a_name_has_no_sign_of_one(folder, sheet):
    key = folder.sheets[sheet].head[0]
    folder.add(sheet, **{key: f"{key}/quays", "label@nl": "~Kades"})
    assert [each.partition(": ")[2] for each in folder.graph().problems] == [
        "~ marks the name of a thing as your own; delete it here."
    ]


@pytest.mark.parametrize(("coined", "mentioned"), [("true", False), ("TRUE", False), ("false", True)])
def test_what_is_not_coined_is_mentioned_where_claims_quote_it(folder, coined, mentioned):
    folder.set("things", ("plan/open-harbour",), coined_by_the_project=coined)
    folder.sheets["mentions"].rows.clear()
    graph = folder.graph()
    values = graph.values[ox.NamedNode(f"{BASE}id/ex/plan/open-harbour")]
    assert (ox.NamedNode(expand("pg:mentionedIn")) in values) is mentioned


def test_rows_that_contradict_each_other_name_both(folder):
    first = folder.row("claims", PLAN) + 2
    folder.sheets["claims"].rows.append((12, list(folder.sheets["claims"].rows[first - 2][1])))
    assert folder.wrong().startswith(
        f"claims!A12: this row says again what claims!A{first} says. For another"
    )
    head, (_, row) = folder.sheets["claims"].head, folder.sheets["claims"].rows.pop()
    row[head.index("object")], row[head.index("id")] = "area/paperless-customs", "same"
    folder.sheets["claims"].rows.extend([(12, row), (13, [*row[:2], "area/quiet-quays", *row[3:]])])
    what = "'same' is the id of the claim in claims!A12 already."
    assert f"claims!{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[head.index('id')]}13: {what}" in folder.wrong()
    del folder.sheets["claims"].rows[-2:]
    folder.add("things", thing="goal/shorter-waiting", kind="Goal")
    assert "'goal/shorter-waiting' is described by things!A" in folder.wrong()


def test_values_that_contradict_each_other_do_not_conform(folder):
    folder.set("things", ("plan/open-harbour",), launched="2021-03")
    folder.add(
        "claims",
        subject="plan/open-harbour",
        relation="launched",
        object="2020-03",
        source="examplia-harbour",
        quote="In March … Plan 2021-2024",
        at="48-129",
    )
    done = folder.read()
    assert not done.conforms
    assert [each for each in done.problems if "has several values" in each and each.startswith("things!")]
    assert (folder.catalog.root / "data" / "examplia.ttl").read_bytes() == EXAMPLIA.read_bytes()


def test_what_the_shapes_find_is_named_by_its_cell(folder):
    label = folder.set("things", ("goal/shorter-waiting",), **{"label@nl": ""})
    why = folder.set("claims", ("area/quiet-quays",), curator="")
    done = folder.read()
    assert not done.conforms
    assert [each.partition(": ")[0] for each in done.problems] == [
        f"{label} (goal/shorter-waiting)",
        str(why),
    ]
    assert done.problems[1].startswith(f"{why}: An inferred claim needs")
    assert done.problems[1].endswith("add 'curator'.")
    assert (folder.catalog.root / "data" / "examplia.ttl").read_bytes() == EXAMPLIA.read_bytes()


def test_of_several_values_of_a_property_the_wrong_one_is_named(folder):
    wrong = folder.add("dataset", field="source", value="plan/open-harbour")
    folder.add("dataset", field="source", value="source/examplia-harbour")
    (problem,) = folder.read().problems
    assert problem.startswith(f"{wrong._replace(column=3)}: Name the document")


# ---- Quotes


def new_quote(folder, quote, **cells):
    cells = {
        "subject": "plan/open-harbour",
        "relation": "relates to",
        "object": "area/quiet-quays",
        "source": "examplia-harbour",
        "quote": quote,
        **cells,
    }
    cell = folder.add("claims", **cells)
    return cell._replace(column=folder.sheets["claims"].head.index("quote") + 1)


def test_a_quote_in_no_source_names_the_nearest_words(folder, text):
    cell = new_quote(folder, "Its gaol is shorter waiting")
    message = (
        f"{cell}: the quote is not in examplia-harbour; nearest, at 205,232: “Its goal is shorter waiting”."
    )
    assert folder.wrong(texts=text) == message


def test_a_quote_in_another_source_names_it(folder, text, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("The quays sleep at night.", encoding="utf-8")
    folder.add("sources", source="other", **{"title@en": "Other", "licence": "https://example.org/"})
    cell = new_quote(folder, "The quays sleep")
    message = folder.wrong(texts={**text, "other": other})
    assert message == f"{cell}: the quote is not in examplia-harbour, but in other."


def test_a_quote_of_a_source_that_another_dataset_describes_is_named(folder):
    data = folder.catalog.root / "data"
    (data / "ferries.ttl").write_text(
        f"<{BASE}data/ferries> a <{expand('dcat:Dataset')}> .\n"
        f"<{BASE}source/ferries> a <{expand('pg:SourceDocument')}> .",
        encoding="utf-8",
    )
    folder.catalog = Catalog(folder.catalog.root)
    cells = [
        folder.add("mentions", thing="plan/open-harbour", source="ferries", quote="Ferries go"),
        new_quote(folder, "Ferries go", source="ferries"),
    ]
    columns = [folder.sheets[cell.sheet].head.index("source") + 1 for cell in cells]
    what = "'ferries' is of another dataset; add its row to the sheet sources to quote it."
    places = [cell._replace(column=column) for cell, column in zip(cells, columns, strict=True)]
    assert folder.wrong().splitlines()[1:] == [f"  {place}: {what}" for place in places]


def test_a_mention_in_a_source_of_another_dataset_without_a_quote_is_named(folder):
    (folder.catalog.root / "data" / "ferries.ttl").write_text(
        f"<{BASE}source/ferries> a <{expand('pg:SourceDocument')}> .", encoding="utf-8"
    )
    folder.catalog = Catalog(folder.catalog.root)
    cell = folder.add("mentions", thing="plan/open-harbour", source="ferries")
    what = "nothing of this source is quoted: fill in 'quote', or name it in 'cites' alone."
    assert folder.wrong() == f"{cell._replace(column=2)}: {what}"


def test_a_quote_in_several_places_lists_them(folder, text):
    cell = new_quote(folder, "the")
    message = folder.wrong(texts=text)
    assert message.startswith(f"{cell}: the quote is in 4 places of examplia-harbour: 62,65; ")
    assert message.endswith("write its heading into 'under', more of its words, or the positions into 'at'.")


def test_positions_are_those_of_the_words_quoted(folder, text):
    cell = new_quote(folder, "quiet quays and", at="0,15")
    cell = cell._replace(column=folder.sheets["claims"].head.index("at") + 1)
    what = "the text of examplia-harbour has other words at 0,15 than 'quiet quays and'"
    assert folder.wrong(texts=text) == f"{cell}: {what}: {ANEW}"
    folder.sheets["claims"].rows.pop()
    start = TEXT.index("quiet quays and")
    new_quote(folder, "quiet quays and", at=f"{start},{start + 15}")
    assert folder.added(text)


def test_a_quote_needs_the_text_and_the_text_that_is_recorded(folder, text):
    cell = new_quote(folder, "quiet quays and")
    assert folder.wrong() == (
        f"{cell}: the text of examplia-harbour is needed to find the quote: --text examplia-harbour=FILE."
    )
    text["examplia-harbour"].write_text(TEXT + "\n", encoding="utf-8")
    other = folder.wrong(texts=text)
    assert other.startswith("sources!M2: the text given for examplia-harbour is another: its sha256 is ")
    assert other.endswith("run 'policygraph verify --text FOLDER --fix' first.")
    assert "'exemplia' is no row of the sheet sources, but has a text." in folder.wrong(
        texts={"exemplia": text["examplia-harbour"]}
    )


def test_a_quote_may_have_an_ellipsis_in_its_words(folder, text):
    quotes = ("Read… more and more of it", "Read more… now", "Go… now")
    folder.set("sources", ("examplia-harbour",), sha256="", length="")
    text["examplia-harbour"].write_text(f"{TEXT} {'. '.join(quotes)}.", encoding="utf-8")
    for quote in quotes:
        folder.add("mentions", thing="plan/open-harbour", source="examplia-harbour", quote=quote)
    done = folder.read(texts=text)
    assert (done.conforms, done.problems) == (True, ())


def test_a_digest_in_small_letters_is_that_of_the_text(folder, text):
    head, ((_, row),) = folder.sheets["sources"]
    folder.set("sources", ("examplia-harbour",), sha256=row[head.index("sha256")].lower())
    done = folder.read(texts=text)
    assert (done.conforms, done.problems) == (True, ())


def not_in_the_text(folder, text):
    """What is said of each passage where all are found not to be in the text; nothing has been written."""
    done = folder.read(texts=text)
    assert not done.conforms
    rows = [(number, row[0]) for number, row in folder.sheets["passages"].rows]
    said = [each.partition(": ") for each in done.problems]
    assert [cell for cell, _, _ in said] == [f"passages!A{number} (source/{name})" for number, name in rows]
    assert (folder.catalog.root / "data" / "examplia.ttl").read_bytes() == EXAMPLIA.read_bytes()
    return [what for _, _, what in said]


def test_passages_that_stand_elsewhere_in_the_text_given_are_named(folder, text):
    folder.set("sources", ("examplia-harbour",), sha256="", length="")
    text["examplia-harbour"].write_text(f"Preface. {TEXT}", encoding="utf-8")
    said = not_in_the_text(folder, text)
    assert said[0] == "moved: examplia-harbour 0,46 “Examplia: a … large harbour” is at 9,55."
    assert all(each.startswith("moved: examplia-harbour ") for each in said)


@pytest.mark.full
def test_passages_with_another_digest_than_the_text_has_are_named(folder, text):
    head, rows = folder.sheets["passages"]
    for _, row in rows:
        row[head.index("sha256")] = "AB" * 32
    (whole,) = folder.read(write=False).problems  # of the one whose label has all words, a shape says it
    assert "quiet quays" in whole
    said = not_in_the_text(folder, text)
    assert said[0].startswith("gone: examplia-harbour 0,46 “Examplia: a … large harbour” is in no text at")
    assert all("gone: examplia-harbour " in each for each in said)


@pytest.mark.parametrize(
    "headings",
    [
        ("The quays of the harbour and the customs of the north", "The quays of the harbour and the customs"),
        ("Ψηφιακή πολιτική", "Δημόσιες υπηρεσίες"),
        ("Chapter 2: Ψηφιακή πολιτική", "Chapter 2: Δημόσιες υπηρεσίες"),
    ],
)
@pytest.mark.parametrize("quote", ["", "Quays are to be quiet by night"])
def test_headings_that_begin_alike_or_have_no_latin_letters_are_not_one(folder, headings, quote):
    paper = {"title@en": "On paper", "terms@en": "Cited, not copied."}
    folder.add("sources", source="paper", language="eu:language/ENG", **paper)
    things = ("area/quiet-quays", "area/paperless-customs", "organisation/harbour-office")
    for thing, under in zip(things, (*headings, headings[0]), strict=True):
        new_quote(folder, quote, object=thing, source="paper", under=under)
    added = folder.added()
    sections = {t.subject: t.object.value for t in added if t.predicate.value == expand("pg:section")}
    assert sorted(sections.values()) == sorted(headings)
    resting = [t.object for t in added if t.predicate.value == expand("pg:passage")]
    assert sorted(map(sections.get, resting)) == sorted([*headings, headings[0]])


def test_a_source_without_a_text_is_quoted_by_its_heading(folder):
    folder.add(
        "sources",
        source="paper",
        language="eu:language/ENG",
        **{"title@en": "On paper", "terms@en": "Cited, not copied."},
    )
    cell = new_quote(folder, "All quays are to be quiet by night", source="paper")
    assert "paper has no text, so say in 'under' where the quote stands" in folder.wrong()
    folder.set("claims", ("plan/open-harbour", "relates to"), under="Chapter 2")
    labels = {t.object.value for t in folder.added() if t.predicate.value == expand("rdfs:label")}
    assert labels == {"All quays … by night"}
    assert cell.sheet == "claims"


def test_a_column_of_notes_is_told_how_to_stay_and_one_with_a_hash_is_not_read(folder):
    folder.sheets["my notes"] = Sheet(["a"], [])
    head = folder.sheets["claims"].head
    at = head.index("cites")
    head[at] = "note"
    assert folder.graph().problems == [
        f"my notes: there is no such sheet. {HINT}",
        f"{Cell('claims', 1, at + 1)}: 'note' is no column of claims. {HINT}",
    ]
    del folder.sheets["my notes"]
    head[at], head[0:0] = "# note", ["# mine"]
    for _, row in folder.sheets["claims"].rows:
        row[0:0] = ["# ask again"]
    assert folder.added() == set()


def test_a_wrong_column_is_named_and_nothing_that_only_follows_from_it(folder, text):
    head, rows = folder.sheets["claims"]
    head[head.index("quote")] = "citation"
    for _, row in rows:
        row[head.index("at")], row[head.index("under")] = "", "Examplia"
    cell = Cell("claims", 1, head.index("citation") + 1)
    assert folder.graph(text).problems == [f"{cell}: 'citation' is no column of claims. {HINT}"]


def test_a_row_above_the_head_is_told(folder):
    titles = {"dataset": "", "claims": "Claims of Examplia", "things": "Things; of Examplia"}
    for sheet, title in titles.items():
        head, rows = folder.sheets[sheet]
        moved = [(2, head), *((number + 1, row) for number, row in rows)]
        folder.sheets[sheet] = Sheet([title, *[""] * (len(head) - 1)], moved)
    what = "the first row names no column of this sheet; delete what stands above its head."
    assert folder.graph().problems == [f"{sheet}!A1: {what}" for sheet in ("dataset", "things", "claims")]


def test_a_value_behind_the_last_column_is_named(folder):
    folder.sheets["names"].rows[:] = [(2, ["", "", "", "", "x"])]
    assert folder.wrong() == "names!E1: this column has no name in the first row."


def test_a_name_of_which_nobody_could_publish_a_page_is_refused(folder):
    for name in ("plan/x?y", "\u200bplan/zero", "plan/.."):
        folder.add("things", thing=name, kind="Plan", label_en="x")
    wrong = "\n".join(folder.graph().problems)
    for name in ("'plan/x?y'", r"'\u200bplan/zero'", "'plan/..'"):
        assert f"{name} is no name: it has a ?, dots alone or a sign that nobody sees." in wrong


def test_a_dataset_without_the_code_that_its_names_need_is_refused(folder):
    rows = folder.sheets["dataset"].rows
    rows[:] = [row for row in rows if "code" not in row[1]]
    assert "which no row 'code' of dataset gives" in folder.wrong()


def test_a_missing_sheet_of_claims_is_told_once(folder):
    del folder.sheets["claims"]
    assert folder.wrong() == "claims: this sheet is missing."


def test_a_language_that_the_dataset_does_not_have_is_told_once(folder):
    head = folder.sheets["things"].head
    at = head.index("label@nl")
    head[at] = "label@du"
    cell = Cell("things", 1, at + 1)
    assert folder.wrong() == (
        f"{cell}: label@du is in no language of the dataset, which has label@en, label@nl."
    )
    head[at] = "label@nl"
    head.append("label@se")
    assert folder.added() == set()


def test_what_the_shapes_find_is_said_once_a_thing_in_the_order_of_the_rows_with_its_name(folder):
    things = [row[0] for _, row in folder.sheets["things"].rows]
    folder.sheets["claims"].rows.clear()
    folder.sheets["mentions"].rows.clear()
    folder.set("things", (things[3],), **{"label@nl": ""})
    done = folder.read()
    assert [each.partition(": ")[0] for each in done.problems] == [
        f"things!A{number} ({name})" for number, name in enumerate(things, 2)
    ]
    about = next(each for each in done.problems if things[3] in each)
    assert "Say where the thing is mentioned: in the sheet mentions a passage, 'source' a document" in about
    assert " The dataset has texts in nl: add a 'label' in it; " in about
    assert "pg:" not in "".join(done.problems)


@pytest.mark.full
def test_a_month_that_a_spreadsheet_made_a_day_is_claimed_as_a_month(catalog, tmp_path, text):
    from datetime import date

    from openpyxl import load_workbook

    path = tmp_path / "t.xlsx"
    write_tables(catalog, "examplia", path)
    book = load_workbook(path)
    page = book["claims"]
    head = [cell.value for cell in page[1]]
    cells = {"subject": "plan/open-harbour", "relation": "launched", "object": date(2021, 3, 1)}
    cells |= {"source": "examplia-harbour", "quote": "In March 2021 … Plan"}
    for column, value in cells.items():
        page.cell(page.max_row + (column == "subject"), head.index(column) + 1).value = value
    page.cell(page.max_row, head.index("object") + 1).number_format = "mmm-yy"
    book.save(path)
    added = {str(each.object) for each in import_tables(catalog, path, texts=text).difference.added}
    assert any(each.startswith('"2021-03"^^') for each in added)
    assert "2021-03-01" not in "".join(added)


@pytest.mark.full
def test_comments_on_cells_are_lost_and_said(catalog, tmp_path):
    from openpyxl import load_workbook
    from openpyxl.comments import Comment

    path = tmp_path / "t.xlsx"
    write_tables(catalog, "examplia", path)
    book = load_workbook(path)
    for place in ("A2", "C3"):
        book["claims"][place].comment = Comment("Ask Jo.", "Jo")
    book.save(path)
    done = import_tables(catalog, path, write=False)
    assert done.conforms
    assert done.problems == ("Comments on cells are not kept: 2.",)


def test_a_sheet_or_column_that_does_not_exist_is_told(folder):
    folder.sheets["clams"] = Sheet(["subject"], [])
    head = folder.sheets["things"].head
    head[head.index("notation")] = "notaton"
    folder.sheets["mentions"].head[1] = "sauce"
    folder.sheets["names"].head[1] = "thing"
    message = folder.wrong()
    assert "clams: there is no such sheet. Did you mean 'claims'?" in message
    assert "'notaton' is no column of things. Did you mean 'notation'?" in message
    assert "mentions!B1: 'sauce' is no column of mentions. Did you mean 'source'?" in message
    assert "names!A1: the column 'thing' is there twice." in message


@pytest.mark.parametrize("sheet", ["sources", "amounts"])
def test_a_column_of_kinds_in_a_sheet_of_one_kind_is_named(folder, sheet):
    cell = folder.widen(sheet, "kind")
    what = f"all rows of {sheet} are of one kind, so that this column says nothing; call it 'type'"
    assert folder.graph().problems == [f"{cell}: {what}, or delete it."]


@pytest.mark.parametrize("column", ["label@nl", "definition@en"])
def test_a_column_of_texts_without_its_language_is_named_once_by_its_head(folder, column):
    head, rows = folder.sheets["things"]
    at, name = head.index(column), column.partition("@")[0]
    for _, row in rows:
        row[at] = row[at] and f"~{row[at].removeprefix('~')}"
    for wrong in (name, f"{name}@"):
        head[at] = wrong
        cell = Cell("things", 1, at + 1)
        assert folder.wrong() == f"{cell}: the text needs its language: {name}@en, for instance."


def test_a_field_of_the_dataset_without_its_language_is_named(folder):
    for field in ("title", "description", "label"):
        cell = folder.add("dataset", field=field, value="~Examplia")._replace(column=3)
        assert f"{cell}: the text needs its language: {field}@en, for instance." in folder.wrong()


def test_a_missing_column_is_told_once_of_its_sheet(folder):
    head = folder.sheets["things"].head
    head[head.index("kind")] = "class"
    assert folder.graph().problems == [f"things!B1: 'class' is no column of things. {HINT}"]
    head[1] = "# class"
    assert folder.graph().problems == ["things: there is no column 'kind'."]
    head[:2] = ["things", "kind"]
    assert folder.graph().problems == ["things!A1: 'things' is no column of things. Did you mean 'thing'?"]
    head[0] = "# thing"
    assert folder.graph().problems == ["things: there is no column 'thing'."]


@pytest.mark.parametrize(("sheet", "name"), [("things", "country/examplia"), ("sources", "examplia-harbour")])
@pytest.mark.parametrize(
    "change",
    [lambda sheets, sheet: sheets.pop(sheet), lambda sheets, sheet: sheets.update({sheet: Sheet([], [])})],
)
def test_a_sheet_that_others_lead_to_is_missing_or_empty(folder, change, sheet, name):
    for others in ("mentions", "mappings", "names", "passages"):
        del folder.sheets[others]
    folder.sheets["claims"].rows.clear()
    change(folder.sheets, sheet)
    (problem,) = (each for each in folder.graph().problems if each.startswith(f"{sheet}: "))
    assert problem.startswith(f"{sheet}: this sheet is missing or empty; add a row for '")
    assert f"{name}', which dataset!C" in problem
    assert "Did you mean" not in "".join(folder.graph().problems)


def test_many_things_wrong_are_listed_up_to_a_bound(folder):
    for number in range(40):
        folder.add("things", thing=f"goal/{number}", kind="Gaol")
    lines = folder.wrong().splitlines()
    assert len(lines) == 22
    assert lines[-1].strip() == "and 20 more."


def test_no_dataset_is_told(folder):
    del folder.sheets["dataset"]
    assert "dataset: no row gives the name of the dataset." in folder.wrong()


def test_a_name_of_the_dataset_that_is_none_is_told_once(folder):
    cell = folder.set("dataset", ("", "name"), value="3m-agency")
    assert folder.wrong() == f"{cell}: '3m-agency' is no name of a dataset: small letters and hyphens."


@pytest.mark.parametrize("disk", ["data", "temporary"])
def test_the_file_is_written_whole_or_not_at_all(folder, monkeypatch, disk):
    file, replace = folder.catalog.root / "data" / "examplia.ttl", Path.replace
    before = file.read_bytes()
    folder.set("things", ("plan/open-harbour",), **{"label@en": "Another name"})

    def fail(self, target):
        if (target == file) is (disk == "data"):
            raise OSError(28, "No space left on device")
        replace(self, target)

    workbook.write(folder.sheets, folder.path, vocabulary())
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(FormatError, match=r"/examplia\.ttl cannot be written: No space left"):
        import_tables(folder.catalog, folder.path)
    assert file.read_bytes() == before


# ---- In a terminal


def test_the_commands_say_what_they_did(catalog, tmp_path):
    file = catalog.root / "data" / "examplia.ttl"
    file.write_text(
        datafiles.write(triples(EXAMPLIA), BASE, KNOWN) + "\n# mine\n",
        encoding="utf-8",
    )
    at = ("--catalog", catalog.root)
    written = run(*at, "tables", "examplia", "-o", tmp_path / "t")
    assert (
        written.stderr
        == f"Comments in the Turtle are not kept by tables: '# mine'.\nWrote {tmp_path / 't'}\n"
    )
    names = tmp_path / "t" / "names.csv"
    names.write_text(names.read_text(encoding="utf-8") + "plan/open-harbour,OHP,en\n", encoding="utf-8")
    checked = run(*at, "validate", tmp_path / "t")
    assert (checked.returncode, checked.stdout) == (0, "The data conform to the shapes.\n")
    assert "leave out --format" in refused(*at, "validate", tmp_path / "t", "--format", "turtle")
    done = run(*at, "import", tmp_path / "t")
    assert done.returncode == 0
    assert 'skos:altLabel          "OHP"@en' in done.stdout
    assert done.stdout.endswith("1 thing changed, 1 statement added\nThe data conform to the shapes.\n")
    assert done.stderr.endswith(f"Wrote {file}\n")
    elsewhere = run("import", tmp_path / "t", cwd=catalog.root / "data")
    assert elsewhere.returncode == 2
    assert f"and you are in {catalog.root}; name one of them with --catalog." in elsewhere.stderr
    names.write_text(names.read_text(encoding="utf-8") + "plan/none,None,en\n", encoding="utf-8")
    assert refused(*at, "import", tmp_path / "t") == (
        f"policygraph: {tmp_path / 't'}: names!A3: 'plan/none' is described nowhere.\n"
    )
    assert "--text takes SOURCE=FILE; not 'a'." in refused(*at, "import", tmp_path / "t", "--text", "a")


def test_ctrl_c_stops_an_import_which_then_clears_away_its_draft(folder, monkeypatch):
    monkeypatch.setattr("policygraph.import_tables", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert "Stopped." in refused("--catalog", folder.catalog.root, "import", folder.path)
    finally:
        signal.signal(signal.SIGINT, before)


def test_tables_that_do_not_conform_change_nothing_and_exit_with_1(folder):
    cell = folder.set("things", ("goal/shorter-waiting",), **{"label@nl": ""})
    workbook.write(folder.sheets, folder.path, vocabulary())
    before = (folder.catalog.root / "data" / "examplia.ttl").read_bytes()
    done = run("--catalog", folder.catalog.root, "import", folder.path)
    assert done.returncode == 1
    assert done.stdout.startswith(
        f"{cell} (goal/shorter-waiting): The dataset has texts in nl: add a 'label' in it; if"
    )
    assert 'say so with ~ before it, in "nl".' in " ".join(done.stdout.split())
    assert "changed" not in done.stdout
    assert done.stdout.endswith("The data do not conform to the shapes. Nothing was written.\n")
    assert (folder.catalog.root / "data" / "examplia.ttl").read_bytes() == before
