"""The files that people edit are laid out in one way, which changes nothing that they say.

Tests of `catalog.datafiles`.
"""

from __future__ import annotations

import random
import subprocess
import sys

import format_turtle
import pyoxigraph as ox
import pytest
from checkout import SHIPPED

from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError
from policygraph.rdf import reader, turtle
from policygraph.rdf.namespaces import MODEL as BASE, expand

HEADER = f"""@base <{BASE}> .
@prefix e: <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""


def triples(text):
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)}


def body(text):
    """What format makes of some blocks, without the header."""
    formatted = format_turtle.format(HEADER + text)
    return formatted[formatted.index("\n\n") + 2 :]


def test_the_prefix_table_wins_over_the_file_s_own_spelling():
    text = (
        "@prefix s: <http://www.w3.org/2004/02/skos/core#> . @prefix skos: <http://e.org/> . s:a s:b skos:c ."
    )
    assert "skos:a skos:b <http://e.org/c> .\n" in format_turtle.format(text)


def test_subjects_keep_their_order_and_their_headings():
    text = (
        "### All ###\n\n# Z\ne:z e:p 1 .\n\ne:y e:p 1 .\n\n# Then\n# the first\n\ne:a e:p 1 .\n\n# The end\n"
    )
    assert body(text) == text


def test_comments_above_the_header_open_the_file():
    assert format_turtle.format("# About\n# this\n\n# and that\n" + HEADER + "e:x e:p 1 .").startswith(
        "# About\n# this\n\n# and that\n\n@base "
    )


def test_a_subject_that_comes_back_is_merged_and_its_heading_passes_to_the_next():
    text = "# One\ne:x e:p 1 .\n\n# Two\ne:x e:q 2 .\ne:y e:p 1 .\n"
    assert body(text) == "# One\ne:x e:p 1 ;\n  e:q 2 .\n\n# Two\ne:y e:p 1 .\n"


def test_a_heading_with_nothing_below_it_ends_the_file():
    assert body("e:x e:p 1 .\n# Two\ne:x e:q 2 .\n# End") == "e:x e:p 1 ;\n  e:q 2 .\n\n# Two\n\n# End\n"


def test_signs_within_strings_iris_and_names_are_not_punctuation():
    text = (
        'e:x e:p "a # b . c" , \'d "e" # . \' , """f\n# g " . """ , <http://e.org/#h> ,'
        " e:i.j , e:k\\#l ; e:q 1.5 ."
        "e:y e:p e:z . e:w e:p 1.<http://e.org/v> e:p 1."
    )
    assert triples(format_turtle.format(HEADER + text)) == triples(HEADER + text)
    assert len(format_turtle.format(HEADER + text).split("\n\n")) == 5


def test_both_spellings_of_directives_are_read():
    text = f"BASE <{BASE}>\nprefix e: <http://example.org/>\n@prefix f: <http://f.org/>.\n# H\n<a> e:p f:x ."
    assert format_turtle.format(text) == (
        f"@base <{BASE}> .\n@prefix e: <http://example.org/> .\n@prefix f: <http://f.org/> .\n"
        "\n# H\n<a> e:p f:x .\n"
    )


def test_a_prefix_declared_anew_means_what_it_means_where_it_stands():
    text = "@prefix e: <http://one.org/> . e:x e:p 1 . @prefix e: <http://two.org/> . e:x e:p 1 ."
    assert triples(format_turtle.format(text)) == triples(text)


@pytest.mark.parametrize(
    "text", ["e:x e:p 1 ;\n# why\n  e:q 2 .", "e:x e:p 1 ; # why\n  e:q 2 .", "\ne:x e:p 1 . # why"]
)
def test_a_comment_within_a_block_is_refused_with_its_line(text):
    with pytest.raises(
        DocumentError, match=r"^f\.ttl:[67]: A comment within a block .* move it above the block"
    ) as e:
        format_turtle.format(HEADER + text, path="f.ttl")
    assert "# why" in (HEADER + text).splitlines()[e.value.line - 1]


@pytest.mark.parametrize("node", ["_:a", "[]", "[ e:q 1 ]", "( 1 2 )"])
def test_blank_nodes_are_refused_with_their_line(node):
    with pytest.raises(DocumentError, match=r"^f\.ttl:7: A blank node has no place"):
        format_turtle.format(HEADER + f"e:x e:p\n{node} .", path="f.ttl")


def test_what_is_not_turtle_is_refused_with_its_place():
    with pytest.raises(DocumentError, match=r"^f\.ttl:6:9: The prefix no: has not been declared\.$"):
        format_turtle.format(HEADER + "e:x e:p no:y .", path="f.ttl")


def test_the_layout_of_the_layout_is_itself_and_says_the_same():
    dice = random.Random(7)
    terms = [
        "e:a",
        "e:b",
        "<id/c>",
        "<d#e>",
        '"x"@en',
        '"y"@da',
        "1",
        "2.50",
        '"2014"^^xsd:gYear',
        f'"{"long " * 30}"',
    ]
    for _ in range(200):
        blocks = [
            f"{dice.choice(['', '# h', '# h' + chr(10) * 2 + '# i' + chr(10)])}\n"
            f"{dice.choice(terms[:4])} {dice.choice(['a', 'e:p', 'skos:prefLabel'])} {dice.choice(terms)} ."
            + "\n"
            * dice.randrange(3)
            for _ in range(dice.randrange(1, 9))
        ]
        text = HEADER + "\n".join(blocks)
        once = format_turtle.format(text)
        assert format_turtle.format(once) == once
        assert triples(once) == triples(text)
        assert once.count("#") == turtle.serialize(triples(text)).count("#") + text.count("# h") + text.count(
            "# i"
        )


DATASET = """<data/xy> a dcat:Dataset .
<id/xy/claim/aaaaaaaa> rdf:subject <id/xy/goal/g> ; rdf:predicate pg:isPartOf ; rdf:object <id/xy/plan/p10> .
<source/s#char=10,20> a pg:Passage .
<id/xy/plan/p10> a pg:Plan .
<id/xy/plan/p2> a pg:Plan .
<source/s> a pg:SourceDocument .
<source/s#char=9,20> a pg:Passage .
<id/xy/goal/g> a pg:Goal ; skos:prefLabel "Goal"@en .
<http://example.org/en> skos:notation "en" .
"""
PREFIXES = "".join(f"@prefix {name}: <{expand(f'{name}:')}> .\n" for name in ("dcat", "pg", "rdf", "skos"))


def test_the_order_and_the_headings_of_a_dataset_follow_from_its_triples():
    lines = DATASET.splitlines()
    dice = random.Random(3)
    texts = set()
    for _ in range(20):
        dice.shuffle(lines)
        texts.add(format_turtle.format(f"@base <{BASE}> .\n{PREFIXES}" + "\n".join(lines)))
    (text,) = texts
    shown = [line.split(" a ")[0] for line in text.splitlines() if line.startswith(("## ", "<"))]
    assert [each.split()[0] if each.startswith("<") else each for each in shown] == [
        "## The dataset",
        "<data/xy>",
        "<http://example.org/en>",
        "## Sources",
        "<source/s>",
        "## Goal",
        "<id/xy/goal/g>",
        "## Plan",
        "<id/xy/plan/p2>",
        "<id/xy/plan/p10>",
        "## Claims about: Goal",
        "<id/xy/claim/aaaaaaaa>",
        "## Passages",
        "<source/s#char=9,20>",
        "<source/s#char=10,20>",
    ]
    assert datafiles.write(triples(text), BASE, Catalog.find().settings.prefixes) == text


def test_comments_of_people_stay_above_their_block_of_a_dataset_and_stale_headings_go(tmp_path):
    plain = format_turtle.format(f"@base <{BASE}> .\n{PREFIXES}{DATASET}")
    text = plain.replace("## Plan\n", "## Strategy\n# ask again\n").replace(
        "Claims about: Goal", "Claims about: X"
    )
    formatted = format_turtle.format(text + "\n# the end\n")
    assert formatted == plain.replace("## Plan\n", "## Plan\n# ask again\n") + "\n# the end\n"
    assert format_turtle.format(formatted) == formatted
    file = tmp_path / "data.ttl"
    file.write_text(formatted, encoding="utf-8")
    assert datafiles.comments(file, reader.read(file), BASE, {}) == ("# ask again", "# the end")


def test_the_command_formats_files_in_place_and_leaves_blank_nodes_alone(tmp_path):
    plain, byhand = tmp_path / "plain.ttl", tmp_path / "byhand.ttl"
    plain.write_text(HEADER + "e:x   e:p 2,1 .", encoding="utf-8")
    byhand.write_text(HEADER + "e:x   e:p [] .", encoding="utf-8")
    format_turtle.main([str(plain), str(byhand)])
    assert plain.read_text(encoding="utf-8").endswith("\n\ne:x e:p 1 , 2 .\n")
    assert byhand.read_text(encoding="utf-8") == HEADER + "e:x   e:p [] ."
    assert sorted(p.name for p in tmp_path.iterdir()) == ["byhand.ttl", "plain.ttl"]


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path):
    (tmp_path / "f.ttl").write_text("<a> <b>", encoding="utf-8")
    command = [sys.executable, format_turtle.__file__, str(tmp_path / "f.ttl")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "f.ttl:1:1: This IRI is relative" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_leaves_the_shipped_data_as_they_are(tmp_path):
    for path in (SHIPPED / "data").glob("*.ttl"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    command = [sys.executable, SHIPPED / "tools" / "format_turtle.py", *tmp_path.glob("*.ttl")]
    subprocess.run(command, check=True)
    for path in tmp_path.glob("*.ttl"):
        assert path.read_bytes() == (SHIPPED / "data" / path.name).read_bytes(), path.name
