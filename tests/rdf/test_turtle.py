from __future__ import annotations

import pyoxigraph as ox
import pytest

from policygraph.rdf import turtle
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

HEADER = f"""@base <{BASE}> .
@prefix e: <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""


def triples(text):
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)}


def written(text):
    """What some blocks are written as."""
    return turtle.serialize(
        triples(HEADER + text), base=BASE, prefixes={**PREFIXES, "e": "http://example.org/"}
    )


def body(text):
    """What some blocks are written as, without the header."""
    return written(text).partition("\n\n")[2]


def test_types_come_first_then_labels_then_predicates_by_curie():
    assert body('e:x e:b 1 ; skos:definition "d"@en ; e:a 2 ; skos:prefLabel "l"@en ; a e:T .') == (
        'e:x a e:T ;\n  skos:prefLabel "l"@en ;\n  skos:definition "d"@en ;\n  e:a 2 ;\n  e:b 1 .\n'
    )


def test_objects_stand_in_natural_order_with_literals_last():
    assert body('e:x e:p "b"@en , "a"@da , e:n10 , e:n2 , "1900"^^xsd:gYear .') == (
        'e:x e:p e:n2 , e:n10 , "1900"^^xsd:gYear , "a"@da , "b"@en .\n'
    )


def test_a_very_long_number_is_written():
    assert body(f'e:x e:p "{"1" * 5_000}" , "b" .') == f'e:x e:p\n    "{"1" * 5_000}" ,\n    "b" .\n'


def test_a_line_too_long_has_one_object_a_line():
    assert body(f'e:x e:p "{"a" * 80}" , "{"b" * 80}" .') == (
        f'e:x e:p\n    "{"a" * 80}" ,\n    "{"b" * 80}" .\n'
    )


def test_the_header_declares_only_the_prefixes_used_in_alphabetical_order():
    assert written('e:x skos:altLabel "x" .').splitlines()[:4] == [
        f"@base <{BASE}> .",
        "@prefix e: <http://example.org/> .",
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "",
    ]


@pytest.mark.parametrize(
    ("iri", "written"),
    [
        (BASE + "id/xy/plan/growth", "<id/xy/plan/growth>"),
        (BASE + "source/a#char=1,2", "<source/a#char=1,2>"),
        (BASE + "ontology#Thing", "pg:Thing"),
        (BASE, f"<{BASE}>"),
        (BASE + "a:b", f"<{BASE}a:b>"),
        (BASE + "/a", f"<{BASE}/a>"),
        (BASE + "a/../b", f"<{BASE}a/../b>"),
        ("http://eurovoc.europa.eu/6894", "eurovoc:6894"),
        ("http://eurovoc.europa.eu/a/b", "<http://eurovoc.europa.eu/a/b>"),
        ("http://www.w3.org/2004/02/skos/core#", "<http://www.w3.org/2004/02/skos/core#>"),
    ],
)
def test_an_iri_is_written_the_shortest_way_that_reads_back_as_itself(iri, written):
    triple = ox.Triple(ox.NamedNode(iri), ox.NamedNode("http://e.org/p"), ox.NamedNode(iri))
    text = turtle.serialize([triple], base=BASE)
    assert f"\n{written} <http://e.org/p> {written} .\n" in text
    assert triples(text) == {triple}


@pytest.mark.parametrize(
    "literal", ["1", "-1", "007", "1.50", "1e3", "1.5E-3", "true", '"x"', '"x"@en-gb', '"é\\n"']
)
def test_a_literal_is_written_as_it_is_read(literal):
    assert body(f"e:x e:p {literal} .") == f"e:x e:p {literal} .\n"


@pytest.mark.parametrize("lexical", ["", "one", "1.", "NaN", "TRUE", "²"])
@pytest.mark.parametrize("datatype", ["integer", "decimal", "double", "boolean", "date"])
def test_what_has_no_shorthand_keeps_its_quotes(lexical, datatype):
    assert f'"{lexical}"^^xsd:{datatype} .\n' in written(f'e:x e:p "{lexical}"^^xsd:{datatype} .')


def test_serialize_does_not_depend_on_the_order_it_is_given():
    quads = list(ox.parse(HEADER + "e:z e:p 1 , 2 . e:a e:p e:n10 , e:n9 .", format=ox.RdfFormat.TURTLE))
    assert turtle.serialize(quads) == turtle.serialize(reversed(quads))
    assert turtle.serialize(quads, base=BASE, prefixes={"e": "http://example.org/"}).split("\n\n")[1:] == [
        "e:a e:p e:n9 , e:n10 .",
        "e:z e:p 1 , 2 .\n",
    ]


def test_equal_graphs_with_blank_nodes_are_written_alike():
    def text(names):
        return HEADER + "e:x e:p _:{0} . _:{0} e:q _:{1} . _:{1} e:r 1 .".format(*names)

    one, two = (turtle.serialize(triples(text(names))) for names in (["a", "b"], ["z", "y"]))
    assert one == two
    assert "_:b0" in one
    assert len(triples(one)) == 3


def test_an_empty_graph_is_an_empty_document():
    assert (turtle.serialize([]), turtle.serialize([], base=BASE)) == ("", f"@base <{BASE}> .\n")


def test_triple_terms_are_read_back_with_their_blank_nodes():
    blocks = "_:z e:p <<( _:z e:p _:y )>> . _:y e:q 1 . e:x e:p <<( e:x e:p <<( e:a e:b _:y )>> )>> ."
    text = HEADER + blocks
    assert "e:x e:p <<( e:x e:p <<( e:a e:b _:b" in written(blocks)

    def canonical(found):
        dataset = ox.Dataset(ox.Quad(*triple) for triple in found)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return dataset

    assert canonical(triples(turtle.serialize(triples(text)))) == canonical(triples(text))
    assert turtle.serialize(triples(text)) == turtle.serialize(triples(text.replace("_:z", "_:c14n1")))
