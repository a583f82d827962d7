"""Every passage is exact, moved, in another source, gone, faulty or not checked, and is counted as that."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import pyoxigraph as ox
import pytest
from checkout import SHIPPED
from command import refused, run

import policygraph
from policygraph.authoring.quotes import SourceText, digest, find, locator
from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.settings import Settings
from policygraph.errors import CatalogError, DocumentError, EvidenceError, PublicationError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.site.publication.memory import NOT_FOR_PUBLICATION
from policygraph.site.urls import MANIFEST

KNOWN = Settings.read(SHIPPED).prefixes

HARBOUR = """Goals

In March 2021 the “Open Harbour” plan was launched. It names quiet quays, and færger og småskibe.

Money

The plan costs EUR 3 million. The register costs EUR 3 million.
"""
FERRIES = "Ferries\n\nThe ferry plan was launched in May 2022 by the office.\n"
QUOTES = {
    "harbour": (
        "“Open Harbour” plan was launched",
        "quiet quays",
        "færger og småskibe",
        "The plan costs EUR 3 million",
        "EUR 3 million",
        "The register costs EUR 3 million",
    ),
    "ferries": ("ferry plan was launched in May 2022", "the office"),
}
HEAD = """@base <https://w3id.org/policygraph/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def source(name, text):
    return f"""
<source/{name}> a pg:SourceDocument ;
  dct:title "The {name}"@en ;
  pg:sha256 "{digest(text)}"^^xsd:hexBinary ;
  pg:textLength {len(text)} .
"""


def passage(name, text, words, nth=0):
    start, end = find(SourceText(name, text), words)[nth][:2]
    return f"""
<source/{name}#char={start},{end}> a pg:Passage ;
  rdfs:label "{locator(words, name=False)}"@en ;
  pg:charEnd {end} ;
  pg:charStart {start} ;
  pg:isPassageOf <source/{name}> ;
  pg:section "{SourceText(name, text).heading_at(start)}"@en ;
  pg:sha256 "{digest(words)}"^^xsd:hexBinary .
"""


@pytest.fixture
def place(small_catalog, tmp_path):
    """A catalogue of three sources, with eight passages and one without positions, and two of their texts."""
    root, texts = small_catalog.root, tmp_path / "texts"
    texts.mkdir()
    for name, text in (("harbour", HARBOUR), ("ferries", FERRIES)):
        (texts / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    blocks = [source("harbour", HARBOUR), source("ferries", FERRIES), source("unread", "x")]
    blocks += [passage("harbour", HARBOUR, words) for words in QUOTES["harbour"]]
    blocks += [passage("ferries", FERRIES, words) for words in QUOTES["ferries"]]
    start, end = find(SourceText("", HARBOUR), "“Open Harbour” plan was launched")[0][:2]
    blocks.append(f"""
<source/unread#passage-title> a pg:Passage ;
  rdfs:label "Title"@en ;
  pg:isPassageOf <source/unread> ;
  pg:section "Title"@en .

<id/xy/plan/harbour> skos:prefLabel "Harbour <plan> & co"@en ;
  pg:mentionedIn <source/harbour#char={start},{end}> .

<id/xy/organisation/office> skos:prefLabel "Office"@en .

<id/xy/claim/aaaaaaaa> a pg:Claim ;
  rdf:subject <id/xy/plan/harbour> ;
  rdf:predicate pg:launchedBy ;
  rdf:object <id/xy/organisation/office> ;
  pg:basis <concept/basis/stated> ;
  pg:passage <source/harbour#char={start},{end}> .
""")
    (root / "data" / "zz.ttl").write_text(HEAD + "".join(blocks), encoding="utf-8")
    return root, texts


def verify(place, *names, **options):
    return policygraph.verify(Catalog(place[0]), *names, texts=place[1], **options)


def statuses(found):
    return dict(Counter(each.status for each in found.verdicts))


def of(found, words):
    (verdict,) = [each for each in found.verdicts if each.anchor.digest == digest(words)][:1]
    return verdict


def write(place, name, text):
    (place[1] / f"{name}.txt").write_text(text, encoding="utf-8", newline="")


def edit(place, old, new):
    path = place[0] / "data" / "zz.ttl"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_all_are_exact_and_what_cannot_be_checked_is_counted(place):
    found = verify(place)
    assert statuses(found) == {"exact": 8, "unplaced": 1}
    assert found.holds()
    assert not found.holds(strict=True)
    text = found.text()
    assert re.search(r"^harbour +harbour\.txt +6 +0$", text, re.MULTILINE)
    assert re.search(r"^unread +not at hand +0 +1$", text, re.MULTILINE)
    assert text.endswith("8 of 9 passages are exact, 0 are not, 1 were not checked.\n")


def test_a_text_that_is_not_at_hand_is_said_and_counted(place):
    (place[1] / "ferries.txt").unlink()
    found = verify(place)
    assert statuses(found) == {"exact": 6, "unchecked": 2, "unplaced": 1}
    assert (found.holds(), found.holds(strict=True)) == (True, False)
    assert re.search(r"^ferries +not at hand +0 +2 +0$", found.text(), re.MULTILINE)


def test_nothing_checked_is_no_success(place):
    for name in ("ferries", "harbour"):
        (place[1] / f"{name}.txt").unlink()
    write(place, "other", "Another text.")
    found = verify(place)
    assert not found.holds()
    assert "other.txt is the text of no source in the catalogue." in found.text()


def test_texts_are_known_by_their_digest_whatever_they_are_called(place):
    (place[1] / "ferries.txt").rename(place[1] / "x.TXT")
    (place[1] / "harbour.txt").rename(place[1] / "ferries.txt")
    found = verify(place)
    assert statuses(found) == {"exact": 8, "unplaced": 1}
    assert {text.name for text in found.texts.values()} == {"x", "ferries"}


def test_a_text_that_is_not_the_one_hashed_is_said_so(place):
    write(place, "harbour", HARBOUR + "\n")
    write(place, "harbour-2023", HARBOUR)
    what = (
        "harbour.txt is the text of no source in the catalogue; harbour has the SHA-256 of harbour-2023.txt."
    )
    assert what in verify(place).text()
    (place[1] / "harbour-2023.txt").unlink()
    found = verify(place)
    assert statuses(found) == {"exact": 8, "unplaced": 1}
    assert not found.holds()
    assert f"it has {len(HARBOUR) + 1} characters, that had {len(HARBOUR)}." in found.text()
    assert verify(place, fix=True).fixed == (
        f"Recorded the texts at hand, in {place[0] / 'data' / 'zz.ttl'}.",
    )


def test_what_moved_is_found_with_its_heading(place):
    write(place, "harbour", "Preface\n\nA new word.\n\n" + HARBOUR)
    found = verify(place)
    assert statuses(found) == {"exact": 2, "moved": 6, "unplaced": 1}
    assert not found.holds()
    start = HARBOUR.index("quiet quays")
    moved = of(found, "quiet quays")
    assert moved.places == (("harbour", start + 22, start + 33),)
    assert (
        f"moved: harbour {start},{start + 11} “quiet quays” is at {start + 22},{start + 33}" in found.text()
    )
    assert "under “Goals”" in str(moved)
    soft = HARBOUR.replace("quiet", "qui\u00adet")  # which no label has
    start = soft.index("qui\u00adet")
    edit(place, digest(HARBOUR), digest(soft))
    edit(place, digest("quiet quays"), digest("qui\u00adet quays"))
    edit(place, f"char={start},{start + 11}", f"char={start},{start + 12}")
    edit(place, f"pg:charEnd {start + 11} ", f"pg:charEnd {start + 12} ")
    write(place, "harbour", f"A. {soft}")
    assert of(verify(place), "qui\u00adet quays").status == "moved"


def test_a_source_without_a_recorded_text_is_said_so(place):
    edit(place, f'  pg:sha256 "{digest("x")}"^^xsd:hexBinary ;\n', "")
    write(place, "unread", "Whatever")
    found = verify(place)
    assert found.holds()
    assert "The catalogue has no SHA-256 of the text of unread to compare with." in found.text()


def test_a_copy_of_a_text_is_no_stray(place):
    write(place, "copy", HARBOUR)
    assert verify(place).strays == ()


def test_words_that_stand_several_times_move_with_those_around_them(place):
    write(place, "harbour", HARBOUR.replace("Money\n\n", "Money\n\nIt is EUR 3 million. "))
    money = of(verify(place), "EUR 3 million")
    text = (place[1] / "harbour.txt").read_text(encoding="utf-8")
    assert text[money.places[0][1] - 15 :].startswith("The plan costs EUR 3 million")
    assert len(money.places) == 1


def test_where_nothing_around_decides_all_places_are_named_and_none_is_taken(place):
    write(place, "harbour", "It is EUR 3 million. Or EUR 3 million.")
    found = verify(place)
    money = of(found, "EUR 3 million")
    assert (money.status, len(money.places)) == ("moved", 2)
    assert "is at 6,19 or 24,37; which of them, cannot be said" in str(money)
    write(place, "harbour", HARBOUR.replace("quiet", "loud") + "\nFerries\n\nThey serve quiet quays.\n")
    for fix in (False, True):
        quiet = of(verify(place, fix=fix), "quiet quays")
        assert (quiet.status, quiet.places) == ("moved", ())
    assert "under “Ferries”, away from the passages around it: the words may be" in str(quiet)


def test_fabricated_is_told_from_said_in_another_source(place):
    start = HARBOUR.index("quiet quays")
    edit(place, digest("quiet quays"), digest("the office."))
    edit(place, '"quiet quays"@en', '"the office."@en')
    edit(place, digest("færger og småskibe"), digest("færger og småskibE"))
    found = verify(place)
    elsewhere, gone = of(found, "the office."), of(found, "færger og småskibE")
    assert elsewhere.status == "elsewhere"
    assert elsewhere.places == (("ferries", FERRIES.index("the office."), FERRIES.index("the office.") + 11),)
    assert (
        f"elsewhere: harbour {start},{start + 11} “the office.” is not there, but in ferries.txt at"
        in found.text()
    )
    assert gone.status == "gone"
    assert re.search(r"is in no text at hand; nearest at \d+,\d+: “færger og", str(gone))
    assert not found.holds()


def test_one_changed_letter_is_gone_and_never_found_by_likeness(place):
    for changed in (
        HARBOUR.replace("quiet quays", "quiet Quays"),
        HARBOUR.replace("“Open Harbour”", '"Open Harbour"'),
    ):
        write(place, "harbour", changed)
        assert statuses(verify(place)) == {"exact": 7, "gone": 1, "unplaced": 1}


def test_a_part_of_the_text_leaves_the_rest_gone(place):
    write(place, "harbour", HARBOUR[: HARBOUR.index("Money")])
    for fix in (False, True):
        assert statuses(verify(place, fix=fix)) == {"exact": 5, "gone": 3, "unplaced": 1}


START = f"pg:charStart {FERRIES.index('ferry plan')} "


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        (START, "pg:charStart 1 ", "has other positions, or another document, in its IRI"),
        (START, "pg:charStart 6.5 ", "has other positions, or another document, in its IRI"),
        (START, "pg:charStart -1 ", "has other positions, or another document, in its IRI"),
        ("pg:isPassageOf <source/ferries>", "pg:isPassageOf <source/harbour>", "or another document"),
        (f"{START};", "", "has other positions, or another document, in its IRI"),
        (f"pg:textLength {len(FERRIES)}", "pg:textLength 20", "is not within the 20 characters of its text"),
        ('"the office"@en', '"the ferry"@en', "begins or ends with other words than its label"),
        ("ferry plan … May 2022", "ferry plan … June 2022", "begins or ends with other words"),
        (f'pg:sha256 "{digest("the office")}"', 'dct:note "AB"', "has no SHA-256, or several values"),
        (
            f'"{digest("the office")}"',
            f'"{digest("a")}"^^xsd:hexBinary , "{digest("the office")}"',
            "several",
        ),
    ],
)
def test_data_that_contradict_themselves_are_faulty(place, old, new, note):
    edit(place, old, new)
    found = verify(place)
    assert any(each.status == "faulty" and note in each.note for each in found.verdicts)
    assert not found.holds()


def test_a_digest_in_small_letters_is_the_same(place):
    edit(place, digest(HARBOUR), digest(HARBOUR).lower())
    edit(place, digest("quiet quays"), digest("quiet quays").lower())
    assert verify(place).holds()


def test_only_the_passages_of_the_datasets_named_are_verified(place):
    assert verify(place, "xy").verdicts == ()
    assert len(verify(place, "zz").verdicts) == 9
    with pytest.raises(CatalogError, match="no dataset 'yy'"):
        verify(place, "yy")


@pytest.mark.parametrize(("text", "sentence"), [(None, "has no text"), (b"f\xe6rge", "is not UTF-8")])
def test_a_folder_without_a_text_that_can_be_read_is_refused(place, tmp_path, text, sentence):
    folder = tmp_path / "other"
    folder.mkdir()
    if text:
        (folder / "harbour.txt").write_bytes(text)
    with pytest.raises(DocumentError, match=sentence):
        policygraph.verify(Catalog(place[0]), texts=folder)
    with pytest.raises(DocumentError, match="no such folder"):
        policygraph.verify(Catalog(place[0]), texts=folder / "none")


# ---- Re-anchoring


def test_an_included_file_is_left_to_its_own_catalogue(place, tmp_path):
    outer, file = tmp_path / "outer", place[0] / "data" / "zz.ttl"
    (outer / "data").mkdir(parents=True)
    (outer / "catalog.toml").write_text(f'base = "{BASE}"\ninclude = ["../small/data"]', encoding="utf-8")
    assert verify((outer, place[1]), fix=True).fixed == ()
    write(place, "harbour", "New first line.\n\n" + HARBOUR)
    before = file.read_bytes()
    with pytest.raises(EvidenceError, match=rf"^Nothing was re-anchored: {file}, .* in an included folder"):
        verify((outer, place[1]), fix=True)
    assert file.read_bytes() == before
    assert len(verify(place, fix=True).fixed) == 1


def test_fix_rewrites_the_positions_and_nothing_else(place):
    path = place[0] / "data" / "zz.ttl"
    path.write_text(datafiles.write(reader.read(path), BASE, KNOWN), encoding="utf-8")
    before = path.read_text(encoding="utf-8")
    changed = HARBOUR.replace("It names", "It now names").replace("Money", "The money")
    write(place, "harbour", changed)
    found = verify(place, fix=True)
    assert statuses(found) == {"exact": 8, "unplaced": 1}
    assert found.holds()
    assert f"Re-anchored the passages that had moved, in {path}." in found.text()
    wanted = [
        source("harbour", changed),
        *(passage("harbour", changed, words) for words in QUOTES["harbour"]),
    ]
    after = path.read_text(encoding="utf-8")
    assert all(block in after for block in wanted)
    lines = [
        (old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new
    ]
    assert lines
    assert all(re.search("#char|pg:char|textLength|sha256|section", old) for old, _ in lines)
    again = verify(place, fix=True)
    assert again.fixed == ()
    assert path.read_text(encoding="utf-8") == after


def test_fix_follows_references_from_other_files(place):
    start = HARBOUR.index("quiet quays")
    other = place[0] / "data" / "xy.ttl"
    with other.open("a", encoding="utf-8") as data:
        data.write(f"<id/xy/project/road> t:seen <source/harbour#char={start},{start + 11}> ,\n")
        data.write(f"  <<( t:a t:b <source/harbour#char={start},{start + 11}> )>> .\n")
    write(place, "harbour", "A. " + HARBOUR)
    assert len(verify(place, fix=True).fixed) == 2
    assert other.read_text(encoding="utf-8").count(f"<source/harbour#char={start + 3},{start + 14}>") == 2


@pytest.mark.parametrize("suffix", [".trig", ".nq"])
def test_fix_leaves_what_is_in_a_named_graph_there(place, suffix):
    old = place[0] / "data" / "zz.ttl"
    path, graph = old.with_suffix(suffix), ox.NamedNode(f"{BASE}graph/read")
    quads = [ox.Quad(*quad.triple, graph) for quad in reader.read(old)]
    path.write_bytes(ox.serialize(quads, format=reader.SUFFIXES[suffix]) + b"# ask again")
    old.unlink()
    write(place, "harbour", "A. " + HARBOUR)
    found = verify(place, fix=True)
    assert found.holds()
    assert "'# ask again'" in found.text()
    assert {quad.graph_name for quad in reader.read(path)} == {graph}


def test_fix_re_anchors_the_passages_of_every_dataset(place):
    words = "It names"
    path = place[0] / "data" / "yy.ttl"
    path.write_text(HEAD + passage("harbour", HARBOUR, words), encoding="utf-8")
    write(place, "harbour", "A. " + HARBOUR)
    found = verify(place, "xy", "zz", fix=True)
    assert len(found.fixed) == 2
    assert verify(place).holds()


def test_fix_takes_no_text_for_that_of_a_source_by_its_name_alone(place):
    write(place, "unread", "Something else.")
    before = (place[0] / "data" / "zz.ttl").read_bytes()
    found = verify(place, fix=True)
    assert not found.holds()
    assert "unread.txt is not the text that was read for unread" in found.text()
    assert (place[0] / "data" / "zz.ttl").read_bytes() == before


@pytest.mark.full
def test_fix_leaves_what_is_gone_and_can_be_taken_back_by_the_text_that_was_read(place):
    path = place[0] / "data" / "zz.ttl"
    path.write_text(datafiles.write(reader.read(path), BASE, KNOWN), encoding="utf-8")
    before = path.read_bytes()
    write(place, "harbour", "A. " + HARBOUR.replace("quiet quays", "loud quays"))
    found = verify(place, fix=True)
    assert statuses(found) == {"exact": 7, "gone": 1, "unplaced": 1}
    assert of(found, "quiet quays").status == "gone"
    assert len(found.fixed) == 1
    assert found.other_texts == []
    assert not found.holds()
    write(place, "harbour", HARBOUR)
    assert verify(place, fix=True).holds()
    assert path.read_bytes() == before
    for text in (HARBOUR.replace("Goals", "Gains"), HARBOUR.replace("Money\n\n", ""), HARBOUR):
        write(place, "harbour", text)  # the heading of what stays changes, too
        assert verify(place, fix=True).holds()
        assert ('pg:section "Goals"' in path.read_text(encoding="utf-8")) == ("Goals" in text)
    assert path.read_bytes() == before


def test_fix_chooses_none_of_several_places(place):
    write(place, "harbour", "It is EUR 3 million. Or EUR 3 million.")
    before, after = verify(place), verify(place, fix=True)
    unsure = [each.anchor for each in before.verdicts if len(each.places) > 1]
    assert unsure
    assert {*unsure} <= {each.anchor for each in after.verdicts}
    assert not after.holds()


QUAYS = "Quays\n\nThe quays are old. They are run by the Office.\n\n"
SHIPS = QUAYS.replace("Quays", "Ships").replace("quays", "ships")


@pytest.fixture
def offices(place):
    """The file of passages on two things, of which equal words are said."""
    path, said = place[0] / "data" / "yy.ttl", [(f"The {name} are old", 0) for name in ("quays", "ships")]
    said += [("run by the Office", nth) for nth in (0, 1)]
    text = QUAYS + SHIPS
    blocks = [source("offices", text), *(passage("offices", text, *each) for each in said)]
    path.write_text(HEAD + "".join(blocks), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (QUAYS.replace("Office", "office") + SHIPS, "moved", "exact"),
        (QUAYS + SHIPS.replace("Office", "office"), "exact", "moved"),
        (SHIPS, "moved", "exact"),
        (SHIPS + QUAYS, "moved", "moved"),  # the words at either place are said of the other
    ],
)
def test_equal_words_of_another_thing_are_not_taken_for_what_is_gone(place, offices, text, first, second):
    write(place, "offices", text)
    found = verify(place, "yy", fix=True)
    assert {each.status for each in found.verdicts if "run by" in each.anchor.words} == {first, second}
    assert not found.holds()


def test_fix_makes_no_two_passages_one(place, offices):
    write(place, "offices", QUAYS)
    assert statuses(verify(place, "yy")) == {"exact": 2, "moved": 1, "gone": 1}
    kept = {quad for quad in reader.read(offices) if quad.predicate.value.endswith("isPassageOf")}
    (left, _) = verify(place, fix=True).fixed
    assert re.match(r"offices \d+,\d+ was left: its words are now at \d+,\d+, the place of another", left)
    assert left.endswith("with these words. Quote other words for the one that the text no longer has.")
    assert kept <= set(reader.read(offices))


def test_fix_leaves_what_moved_to_the_place_of_what_is_gone_and_re_anchors_the_rest(place):
    text = "Quays\n\nOne is quiet.\n\nTwo is quiet.\n\nThe rest are loud.\n"
    said = ("One is quiet", "Two is quiet", "The rest are loud")
    blocks = [source("quays", text), *(passage("quays", text, words) for words in said)]
    (place[0] / "data" / "yy.ttl").write_text(HEAD + "".join(blocks), encoding="utf-8")
    write(place, "quays", text.replace("One is quiet.\n\n", ""))
    found = verify(place, fix=True)
    assert [of(found, words).status for words in said] == ["gone", "moved", "exact"]
    what = "quays 22,34 was left: its words are now at 7,19, the place of another passage, which is gone."
    assert found.fixed[0].startswith(what)
    assert "the sheet passages" in found.fixed[0]


def test_fix_says_that_comments_are_lost(place):
    path = place[0] / "data" / "zz.ttl"
    own = '<id/xy/plan/harbour> rdfs:comment """It is\n# loud."""@en . # ask again\n'
    path.write_text(path.read_text(encoding="utf-8") + own, encoding="utf-8")
    write(place, "harbour", "A. " + HARBOUR)
    found = verify(place, fix=True)
    assert found.fixed == (
        f"Re-anchored the passages that had moved, in {path}, without its comments: '# ask again', for one.",
    )
    assert found.holds()


def test_positions_that_swap_do_not_run_into_each_other(place):
    write(place, "ferries", "Ferries\n\nthe office, for which the ferry plan was launched in May 2022.")
    assert verify(place, fix=True).holds()


# ---- The page


class Reader(HTMLParser):
    """The identifiers, the links in the page, and the text of the marked source."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.tags = [], [], Counter()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags[tag] += 1
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []


def page(place, tmp_path, **options):
    policygraph.write_evidence(verify(place, **options), tmp_path / "evidence.html")
    return (tmp_path / "evidence.html").read_text(encoding="utf-8")


def test_a_page_leads_from_passages_to_claims_and_back(place, tmp_path):
    html = page(place, tmp_path)
    read = Reader(html)
    assert len(read.ids) == len(set(read.ids))
    assert {link[1:] for link in read.links} <= set(read.ids)
    assert all(link.startswith("#") for link in read.links), "it needs no other file"
    assert NOT_FOR_PUBLICATION in html
    assert "default-src 'none'; style-src 'sha256-" in unescape(html)
    assert not read.tags.keys() & {"script", "link", "img"}
    assert "Harbour &lt;plan&gt; &amp; co → launched by → Office" in html
    (claim,) = re.findall(r'<li id="c1">.*?<li><a href="#(p\d+)">', html, re.DOTALL)
    (entry,) = re.findall(rf'<li id="{claim}">.*?</li>\n(?=<li|</ol>)', html, re.DOTALL)
    assert 'href="#c1"' in entry
    assert f'href="#t{claim[1:]}"' in entry


def test_the_whole_text_is_there_and_each_passage_is_marked(place, tmp_path):
    html = page(place, tmp_path)
    papers = re.findall(r'<div class="paper".*?>(.*?)</div>', html, re.DOTALL)
    assert [re.sub("<[^>]*>", "", paper) for paper in papers] == [FERRIES, HARBOUR]
    marked = [re.findall(r'<a class="([^"]*)"[^>]*>([^<]*)', paper) for paper in papers]
    for verdict, key in zip(verify(place).verdicts[:8], (f"p{n}" for n in range(1, 9)), strict=True):
        words = "".join(text for links in marked for classes, text in links if key in classes.split())
        assert digest(words) == verdict.anchor.digest


def test_a_page_is_in_the_language_asked_for(place, tmp_path):
    html = page(place, tmp_path, language="da")
    assert '<html lang="da">' in html
    assert "må ikke offentliggøres" in html


def test_a_page_shows_what_is_wrong(place, tmp_path):
    write(place, "harbour", HARBOUR.replace("quiet quays", "loud quays"))
    html = page(place, tmp_path)
    assert '<strong class="status">gone</strong>' in html
    assert "This is not the text that was read" in html


def test_a_page_is_never_written_where_it_may_be_published(place, tmp_path):
    found = verify(place)
    site = tmp_path / "site" / "deep"
    site.mkdir(parents=True)
    (tmp_path / "site" / MANIFEST).write_text("")
    link = tmp_path / "link"
    link.symlink_to(place[0])
    for folder in (place[0], place[0] / "data", link, site, site / "none"):
        with pytest.raises(EvidenceError, match="not for publication"):
            policygraph.write_evidence(found, folder / "evidence.html")
        assert not (folder / "evidence.html").exists()
    with pytest.raises(EvidenceError, match=r"ends in \.html"):
        policygraph.write_evidence(found, tmp_path / "evidence.txt")


@pytest.mark.full
def test_a_site_is_not_published_beside_a_page(place, tmp_path):
    page(place, tmp_path / "texts")
    with pytest.raises(PublicationError, match=r"holds evidence\.html, which shows the texts of sources"):
        policygraph.publish(Catalog(place[0]), tmp_path / "texts")


def test_the_command_prints_the_figures_and_says_by_its_code_whether_all_is_well(place, tmp_path):
    command = ("--catalog", place[0], "verify", "zz", "--text", place[1])
    done = run(*command, "-o", tmp_path / "e.html")
    assert (done.returncode, done.stdout) == (0, verify(place).text())
    assert (tmp_path / "e.html").exists()
    assert run(*command, "--strict").returncode == 1
    write(place, "harbour", "A. " + HARBOUR)
    assert run(*command).returncode == 1
    assert run(*command, "--fix").returncode == 0
    assert "in the catalogue" in refused(*command, "-o", place[0] / "e.html")
