"""Quotes are found wherever the text has them, whatever a keyboard or a word processor made of them."""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from itertools import pairwise

import pytest
from checkout import SHIPPED
from command import refused, run

import policygraph
from policygraph.authoring.quotes import (
    Quotation,
    SourceText,
    digest,
    find,
    is_locator,
    locator,
    missing,
    nearest,
    read_text,
)
from policygraph.errors import DocumentError, EvidenceError
from policygraph.rdf.reader import parse
from policygraph.text import UNSPACED

HARBOUR = """Examplia

Goals towards 2030
The “Open Harbour” plan was launched in June 2019 – the port's third. It covers the years 2019\u20132024 and
costs EUR\u00a02.7 billion.

The plan names these areas:

  • Quiet quays.
  • Paper\u00adless customs for småskibe, færger and ø-både.

Results
A second plan was launched in May 2022. The cafe\u0301 of the harbour office was closed.
"""
TEXT = SourceText("harbour", HARBOUR)


def words(hit, text=TEXT):
    return text.characters[hit.start : hit.end]


@pytest.mark.parametrize(
    ("quote", "there", "differences"),
    [
        ("launched in June 2019", "launched in June 2019", ()),
        ('"Open Harbour" plan', "“Open Harbour” plan", ("quotation marks",)),
        ("the port’s third", "the port's third", ("quotation marks",)),
        ("June 2019 - the port", "June 2019 – the port", ("dashes",)),
        ("years 2019-2024", "years 2019–2024", ("dashes",)),
        ("EUR 2.7 billion", "EUR\u00a02.7 billion", ("no-break spaces",)),
        ("2024 and costs", "2024 and\ncosts", ("line breaks",)),
        ("2024\nand costs", "2024 and\ncosts", ("white space",)),
        ("Paperless customs", "Paper\u00adless customs", ("soft hyphens or other invisible characters",)),
        ("cust\u00adoms for", "customs for", ("soft hyphens or other invisible characters",)),
        ("launched  in June", "launched in June", ("white space",)),
        ("The café of", "The cafe\u0301 of", ("letters composed of several characters",)),
        ("småskibe, færger and ø-både", "småskibe, færger and ø-både", ()),
        (
            unicodedata.normalize("NFD", "småskibe, færger"),
            "småskibe, færger",
            ("letters composed of several characters",),
        ),
        ("  launched in June 2019\n", "launched in June 2019", ()),
    ],
)
def test_a_quote_is_found_and_what_differs_is_said(quote, there, differences):
    (hit,) = find(TEXT, quote)
    assert words(hit) == there
    assert hit.differences == differences


def test_a_word_that_a_soft_hyphen_parts_is_one():
    text = SourceText(
        "plan", "Goals\n\nIn No\u00ad\nvember it be\u00ad\ngan well.\n\nA digital infra\u00ad\nstructure.\n"
    )
    (hit,) = find(text, "In November it began well.")
    label = locator(words(hit, text), name=False)
    assert label == "In November … began well."
    assert is_locator(label, words(hit, text))
    assert is_locator("In No\u00advember … well.", words(hit, text))
    assert [each.title for each in text.headings] == ["Goals"]


def test_both_sides_are_normalised_alike():
    """Whatever stands in either, the text finds itself; brackets, quotes and dashes are left to neither."""
    odd = "It [the plan] — ‘so called’ – said “x”; «y» … and... z\u200b\u2060 a\u0323\u0307b "
    odd += "a\u0307\u0323b 가."
    text = SourceText("odd", odd)
    for quote in (odd, unicodedata.normalize("NFD", odd), unicodedata.normalize("NFC", odd)):
        assert [words(hit, text) for hit in find(text, quote)] == [odd]
    assert find(text, "[the plan]")[0].differences == ()
    assert find(text, "It the plan") == []


def test_positions_are_code_points_of_the_text_as_it_is():
    text = SourceText("emoji", "\ufeff🚢🚢\r\nSå  \u00ad «ja» 🚢")
    (hit,) = find(text, '"ja"')
    assert text.characters[hit.start : hit.end] == "«ja»"
    assert (hit.start, hit.end) == (11, 15)


def test_a_soft_hyphen_at_the_end_of_a_line_does_not_cut_the_word():
    text = SourceText("t", "the digi\u00ad\ntal harbour")
    (hit,) = find(text, "digital harbour")
    assert words(hit, text) == "digi\u00ad\ntal harbour"


@pytest.mark.parametrize(
    "quote", ["launch", "aunched in", "in Jun", "caf", "cafe", "(", "", "  ", "…", "LAUNCHED"]
)
def test_words_are_whole_and_as_they_are_written(quote):
    assert find(TEXT, quote) == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("quote", "longer"),
    [
        ("Plán digitální", "Plán digitálního státu"),
        ("Detta på", "Detta påverkar alla"),
        ("Plán … digitální", "Plán pro digitálního státu"),
    ],
)
def test_words_that_end_in_a_letter_with_a_mark_are_whole(form, quote, longer):
    quote, longer = unicodedata.normalize(form, quote), unicodedata.normalize(form, longer)
    assert find(SourceText("t", longer), quote) == []
    whole = quote.replace("…", "pro")
    for text in (whole, f"{whole}.", f"{whole} nu", f"{longer}. {whole}, {longer}"):
        assert [words(hit, SourceText("t", text)) for hit in find(SourceText("t", text), quote)] == [whole]


_AIM = "政府は、国民の利便性の向上を図るため、行政手続のオンライン化を進めるものとし、"
PLAN = SourceText("plan", f"# 計画\n\n{_AIM}2025年度末までに九割を達成する。\n")


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (PLAN.characters, "オンライン化"),
        (PLAN.characters, "2025"),
        (PLAN.characters, "国民の利便性 … 九割"),
        ("รัฐบาลไทยประกาศแผน", "ไทย"),
        ("行政ICT計画", "ICT"),
        ("\u200fمغرب رقمي\u200f \u202b2030\u202c", "مغرب رقمي 2030"),
    ],
)
def test_words_are_found_where_no_spaces_or_marks_of_direction_are_between(text, quote):
    assert len(find(SourceText("t", text), quote)) == 1


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (PLAN.characters, "025"),
        (PLAN.characters, "202"),
        ("か\u3099あ", "か"),
        ("कि योजना का", "क"),
        ("योजना", "जना"),
        ("योजनाओं", "योजना"),
        ("كُتب", "ك"),
        ("กี่", "ก"),
        ("๑๒", "๑"),
        ("각", "가"),
    ],
)
def test_no_number_and_no_letter_with_its_marks_is_cut_in_any_script(text, quote):
    assert find(SourceText("t", text), quote) == []


def test_the_nearest_letters_are_found_where_no_spaces_are_between():
    hit = nearest(PLAN, "オンライン化を急ぐ")
    assert words(hit, PLAN) == "オンライン化を進め"
    assert "[オンライン化]" in Quotation(PLAN, tuple(find(PLAN, "オンライン化")), ("",), "ja").around()
    assert Quotation(PLAN, tuple(find(PLAN, "オンライン化")), ("",), "ja").around().count("利便性") == 1


@pytest.mark.parametrize(
    "text", ["政府は、国民の利便性を図る。", "政府は！", "الحكومة تعمل،", "हम काम करते हैं।", "تعمل.\u200f"]
)
def test_a_sentence_is_no_heading_in_any_script(text):
    assert [each.title for each in SourceText("t", f"計画\n\n{text}\n\n政府").headings] == ["計画", "政府"]


def test_an_ellipsis_stands_for_as_little_as_can_be():
    text = SourceText("t", "The plan. The plan of June ends in May. The plan ends. Read more... now")
    assert [words(hit, text) for hit in find(text, "The plan … ends")] == [
        "The plan of June ends",
        "The plan ends",
    ]
    assert [words(hit, text) for hit in find(text, "The plan ... June … May")] == [
        "The plan of June ends in May"
    ]
    assert [words(hit, text) for hit in find(text, "Read more… now")] == ["Read more... now"]
    assert [words(hit, text) for hit in find(text, "Read more …")] == ["Read more"]
    assert find(text, "ends … plan of") == []
    assert find(text, "May … June") == []


def test_several_hits_are_all_found_under_their_headings():
    hits = find(TEXT, "was launched in")
    assert [hit.heading for hit in hits] == ["Goals towards 2030", "Results"]
    assert find(TEXT, "was launched in", under="results") == hits[1:]
    assert find(TEXT, "was launched in", under="Goals") == []
    assert [words(hit, SourceText("t", "a a a")) for hit in find(SourceText("t", "a a a"), "a a")] == [
        "a a"
    ] * 2


def test_headings_are_marked_or_stand_alone_above_text():
    marked = "Report 2023\n\n# Plans\n\n## A plan\n\nText of it.\n\nIts money\n\nEUR 3.\n\n"
    marked += "## Results\n\nNone.\n"
    text = SourceText("report", marked)
    assert [(h.title, h.level) for h in text.headings] == [
        ("Report 2023", 7), ("Plans", 1), ("A plan", 2), ("Its money", 7), ("Results", 2),
    ]  # fmt: skip
    assert all(marked[h.start : h.end].lstrip("# ") == h.title for h in text.headings)
    assert text.heading_at(marked.index("EUR")) == "Its money"
    assert [h.title for each in "#S" for h in SourceText("t", f"\ufeff{each} x\n\nIt is.").headings] == [
        "x",
        "S x",
    ]
    assert SourceText("t", "A whole sentence.").heading_at(3) == ""
    (part,) = text.parts("A plan")
    assert marked[slice(*part)].endswith("EUR 3.\n\n")
    (part,) = text.parts("Plans")
    assert part[1] == len(marked)
    assert [h.title for h in TEXT.headings] == ["Examplia", "Goals towards 2030", "Results"]


def test_a_locator_copies_a_name_or_four_words():
    assert locator("Open Harbour Plan of 2019 and later", name=True) == "Open Harbour Plan of 2019 and later"
    assert locator("the plan was launched in June", name=False) == "the plan … in June"
    assert locator("the plan of June", name=False) == "the plan …"
    assert locator("quiet quays", name=False) == "quiet quays"
    assert locator("\u00ad", name=False) == "…"
    # Without an ellipsis, the SHA-256 of the label is that of the passage.
    assert locator("quiet\nquays", name=True) == "quiet quays …"


@pytest.mark.parametrize(
    ("quoted", "label"),
    [
        (PLAN.characters[6:-1], "政府は、国民の利 … を達成する。"),
        ("2025年度末までに九割を達成する", "2025年度末ま … を達成する"),
        ("รัฐบาลไทยประกาศแผน ดิจิทัล", "รัฐบาลไท … ดิจิทัล"),
        ("オンライン化", "オンライン化"),
        ("行政手続のオンライン化", "行政手続のオンラ …"),
    ],
)
def test_letters_without_spaces_between_are_quoted_in_fours(quoted, label):
    assert locator(quoted, name=False) == label
    assert is_locator(label, quoted)
    assert is_locator(quoted, quoted)  # as once
    assert not is_locator(label, quoted[1:])
    assert [words(hit, SourceText("t", quoted)) for hit in find(SourceText("t", quoted), label)]
    assert locator(quoted, name=True) == quoted


def test_the_shape_has_the_scripts_without_spaces_that_the_code_has():
    assert f"([{UNSPACED}]" in (SHIPPED / "ontology/shapes.ttl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("quoted", "name"),
    [
        ("Read… more now and then", False),
        ("Read more… now and then", False),
        ("Read… more now", False),
        ("Read more… now", False),
        ("Read… now", False),
        ("Read … more now and then", False),
        ("Read… more now and then", True),
    ],
)
def test_a_locator_is_one_of_words_with_an_ellipsis(quoted, name):
    assert is_locator(locator(quoted, name=name), quoted)
    assert not is_locator(locator(quoted, name=name), f"Again {quoted}")


def test_a_digest_is_of_the_characters_as_they_stand():
    (hit,) = find(TEXT, "Paperless customs")
    assert digest(words(hit)) == sha256("Paper\u00adless customs".encode()).hexdigest().upper()
    assert TEXT.sha256 == sha256(HARBOUR.encode()).hexdigest().upper()
    assert TEXT.length == len(HARBOUR)


def test_the_nearest_stretch_has_most_of_the_words():
    assert (
        words(nearest(TEXT, "a second plan was launched in April 2022"))
        == "A second plan was launched in May 2022"
    )
    assert words(nearest(TEXT, "Paperless custms")) == "Paper\u00adless customs"
    assert nearest(TEXT, "zzzz") is None
    assert nearest(SourceText("t", ""), "word") is None


def test_a_text_is_read_byte_for_byte(tmp_path):
    path = tmp_path / "odd.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree")
    text = read_text(path)
    assert (text.name, text.characters) == ("odd", "\ufeffone\r\ntwo\rthree")
    assert text.sha256 == sha256(path.read_bytes()).hexdigest().upper()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            "line\nfærge".encode("cp1252"),
            r"t\.txt:2:2: The byte 0xE6 is not UTF-8",
        ),
        ("færge".encode("utf-16"), ":1:1: The byte 0xFF"),
        (b"PK\0\0", "NUL byte"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path, data, sentence):
    path = tmp_path / "t.txt"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=sentence):
        read_text(path)


def test_a_folder_or_nothing_is_refused(tmp_path):
    with pytest.raises(DocumentError, match="This is a folder"):
        read_text(tmp_path)
    with pytest.raises(DocumentError, match="There is no such file"):
        read_text(tmp_path / "none.txt")


# ---- The answer to who asks for a quote


@pytest.fixture
def known(small_catalog, tmp_path):
    """A catalogue that knows the text by its SHA-256, and the file, which has another name."""
    with (small_catalog.root / "data" / "xy.ttl").open("a", encoding="utf-8") as data:
        data.write(f"""
@prefix pg: <https://w3id.org/policygraph/ontology#> .
<source/harbour-plan> a pg:SourceDocument ; dct:language <language/en> ;
  pg:sha256 "{TEXT.sha256}"^^xsd:hexBinary ; pg:textLength {TEXT.length} .
<language/en> skos:notation "en" .
<id/xy/area/quays> skos:prefLabel "these areas of the plan and more"@en , "The plan names these areas"@en .
""")
    path = tmp_path / "some name.txt"
    path.write_bytes(HARBOUR.encode())
    return policygraph.Catalog(small_catalog.root), path


def test_the_turtle_is_a_passage_of_the_source_that_the_catalogue_knows(known):
    catalog, path = known
    found = policygraph.quote(catalog, "It covers the years 2019-2024", text=path)
    ((start, end, *_),) = found.hits
    assert found.turtle() == (
        f"<source/harbour-plan#char={start},{end}> a pg:Passage ;\n"
        '  rdfs:label "It covers … years 2019–2024"@en ;\n'
        f"  pg:charEnd {end} ;\n  pg:charStart {start} ;\n  pg:isPassageOf <source/harbour-plan> ;\n"
        '  pg:section "Goals towards 2030"@en ;\n'
        f'  pg:sha256 "{digest(HARBOUR[start:end])}"^^xsd:hexBinary .\n'
    )
    assert found.cells() == {
        "source": "harbour-plan",
        "quote": "It covers … years 2019–2024",
        "under": "Goals towards 2030",
        "at": f"{start},{end}",
    }
    text = found.text(width=80)
    assert "under “Goals towards 2030” (29 characters); the text differs in dashes" in text.replace(
        "\n  ", " "
    )
    assert "[It covers the years 2019–2024]" in " ".join(text.split())
    assert all(len(line) <= 80 or "sha256" in line for line in text.splitlines())


def test_a_name_of_the_data_is_quoted_whole(known):
    catalog, path = known
    assert policygraph.quote(catalog, "The plan names these areas", text=path).labels == (
        "The plan names these areas",
    )


def test_the_cells_say_which_place_and_with_which_words(known):
    catalog, path = known
    for quote in ("The plan names these areas", "Quiet quays", "The … launched in", "A second plan", "2019"):
        found = policygraph.quote(catalog, quote, text=path)
        for number, hit in enumerate(found.hits):
            cells = found.cells(number)
            assert is_locator(cells["quote"], words(hit))
            assert cells["at"] == f"{hit.start},{hit.end}"


def test_a_text_that_the_catalogue_does_not_know_is_said_so(small_catalog, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(HARBOUR, encoding="utf-8")
    found = policygraph.quote(small_catalog, "Quiet quays", text=path)
    assert f"No source of the catalogue has this text (pg:sha256 {TEXT.sha256}" in found.text()
    assert "<source/SOURCE#char=" in found.turtle()
    assert '"Quiet quays"@und' in found.turtle()
    prefixes = "".join(f"@prefix {n}: <{i}> .\n" for n, i in policygraph.rdf.namespaces.PREFIXES.items())
    assert len(parse(f"@base <https://x.example/> .\n{prefixes}{found.turtle()}".encode(), name="t.ttl")) == 7


def test_several_places_are_listed(known):
    catalog, path = known
    text = policygraph.quote(catalog, "was launched in", text=path).text()
    assert "under “Goals towards 2030”" in text
    assert "under “Results”" in text
    assert "2 places: choose one" in text
    assert "a pg:Passage" not in text


@pytest.mark.parametrize(
    ("quote", "under", "sentence"),
    [
        ("launched in June 2018", "", "The quote is not in some name; nearest, at "),
        ("qqqq", "", "The quote is not in some name; nothing there is like it."),
        ("Quiet quays", "Results", "The quote is in some name, but not under 'Results': it is at "),
        ("Quiet quays", "Resluts", "Some name has no heading 'Resluts'. Did you mean 'Results'?"),
    ],
)
def test_what_is_not_there_is_a_sentence(known, quote, under, sentence):
    catalog, path = known
    with pytest.raises(EvidenceError) as error:
        policygraph.quote(catalog, quote, text=path, under=under)
    assert sentence in str(error.value)


def test_the_command_prints_the_answer_or_a_sentence(known):
    catalog, path = known
    done = run("--catalog", catalog.root, "quote", "Quiet quays", "--text", path)
    assert (done.returncode, done.stdout) == (0, policygraph.quote(catalog, "Quiet quays", text=path).text())
    assert "nearest" in refused("--catalog", catalog.root, "quote", "Quiet quay", "--text", path)


def test_the_hits_of_a_long_text_are_in_order_and_quickly_found():
    text = SourceText("long", "the plan of the harbour, " * 5_000)
    hits = find(text, "the plan … harbour")
    assert len(hits) == 5_000
    assert all(one.start < other.start for one, other in pairwise(hits))
    assert find(text, "the plan … ferry") == []


LONG = (
    "# One\n\nIn June 2019 it began. "
    + "So it went on. " * 50
    + "\n\nIn June 2019 there was a card.\n\n# Two\n\nA card.\n"
)


def test_a_match_over_a_heading_or_of_more_than_600_characters_is_none():
    text = SourceText("cards", LONG)
    (hit,) = find(text, "In June … card")
    assert text.characters[hit.start : hit.end] == "In June 2019 there was a card"
    assert find(text, "it began … Two … card") == []
    assert missing(text, "it began … there") == (
        "the quote is in cards only over a heading or more than 600 characters; the shortest place is "
        f"{LONG.index('it began')},{LONG.index('there') + 5} under “One”: quote less of it, or its parts on "
        "their own."
    )
    assert "shortest place is 801,827 under “One”" in missing(text, "was a card … A card")
    assert find(text, " ".join(["So it went on."] * 45)) == []
    assert len(find(text, "So it went on. " * 39 + "So it went on")) == 11


def test_a_match_over_a_heading_of_the_same_title_is_none():
    text = SourceText("money", "# Money\n\nOne euro.\n\n# Money\n\nTwo euros.\n")
    assert find(text, "One … Two") == []
    assert [hit.heading for quote in ("One euro", "Two euros") for hit in find(text, quote)] == ["Money"] * 2


def test_a_heading_may_be_quoted_with_what_stands_below_it():
    assert [hit[:2] for hit in find(SourceText("", LONG), "# Two … card")] == [
        (LONG.index("# Two"), len(LONG) - 2)
    ]


@pytest.mark.parametrize("ellipsis", ["…", "...", "[…]", "[...]", "(...)", " [ … ] "])
def test_words_left_out_are_written_in_several_ways(ellipsis):
    assert [hit[:2] for hit in find(SourceText("", "one two three four"), f"one{ellipsis}four")] == [(0, 18)]
