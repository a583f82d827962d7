"""Compact JSON-LD: plain keys, the same graph, and a sentence when it cannot be."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

from policygraph.errors import DocumentError, FormatError
from policygraph.rdf import formats, jsonld

CONTEXT = """{"@context": {
  "@base": "https://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#", "unused": "https://example.org/u",
  "id": "@id", "type": {"@id": "@type", "@container": "@set"}, "graph": "@graph",
  "name": {"@id": "https://example.org/t#name", "@container": "@language"},
  "born": {"@id": "https://example.org/t#date", "@type": "xsd:date"},
  "year": {"@id": "https://example.org/t#date", "@type": "xsd:gYear"},
  "count": {"@id": "https://example.org/t#count", "@type": "xsd:integer"},
  "free": {"@id": "https://example.org/t#free", "@type": "xsd:boolean"},
  "needs": {"@id": "https://example.org/t#needs", "@type": "@id", "@container": "@set"},
  "Bridge": "https://example.org/t#Bridge"
}}"""
TURTLE = """@base <https://example.org/> . @prefix t: <t#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<a> a t:Bridge ; t:needs <b> ; t:name "B"@en , "Æ"@da ; t:date "2014"^^xsd:gYear , "2014-02-01"^^xsd:date ;
  t:count 7 , 007 , 12345678901234567890 , -0 ; t:free true , "1"^^xsd:boolean ; t:other "x" , 1.50 , 2e0 ;
  t:list ( 1 [ t:needs <b> ] ) ."""


@pytest.fixture
def context(tmp_path):
    path = tmp_path / "context.jsonld"
    path.write_text(CONTEXT, encoding="utf-8")
    return path


def quads(text=TURTLE, format=ox.RdfFormat.TURTLE):
    return sorted(ox.parse(text.encode(), format=format), key=str)


def again(data):
    return ox.Dataset(ox.parse(data, format=ox.RdfFormat.JSON_LD))


def test_keys_are_those_of_the_context_in_its_order_and_values_are_plain(context):
    given = [quad for quad in quads() if "other" not in str(quad) and "list" not in str(quad)]
    document = json.loads(jsonld.serialize(given, context=context))
    (node,) = (node for node in document["graph"] if node["id"] == "a")
    assert list(node) == ["id", "type", "name", "born", "year", "count", "free", "needs"]
    assert node["name"] == {"da": "Æ", "en": "B"}
    assert (node["born"], node["year"], node["needs"], node["type"]) == (
        "2014-02-01",
        "2014",
        ["b"],
        ["Bridge"],
    )


def test_numbers_and_truth_values_are_json_only_where_that_says_the_same(context):
    node = next(n for n in json.loads(jsonld.serialize(quads(), context=context))["graph"] if n["id"] == "a")
    assert sorted(node["count"], key=str) == ["-0", "007", "12345678901234567890", 7]
    assert sorted(node["free"], key=str) == ["1", True]


def test_a_datatype_is_never_called_by_another_name(context):
    # rdflib would overlook it
    node = next(n for n in json.loads(jsonld.serialize(quads(), context=context))["graph"] if n["id"] == "a")
    assert {"@type": "xsd:decimal", "@value": "1.50"} in node["https://example.org/t#other"]


def test_all_is_read_again_as_it_was(context):
    read, expected = again(jsonld.serialize(quads(), context=context)), ox.Dataset(quads())
    for dataset in (read, expected):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert read == expected


def test_named_graphs_stay_apart(context):
    given = quads(
        "<urn:a> <urn:p> <urn:b> . <urn:g> { <urn:a> <urn:p> <urn:b> . <urn:g> <urn:p> <urn:b> }",
        ox.RdfFormat.TRIG,
    )
    data = jsonld.serialize(given, context=context)
    assert again(data) == ox.Dataset(given)
    assert [node["id"] for node in json.loads(data)["graph"]] == ["urn:a", "urn:g"]


def test_no_quads_are_a_document_too(context):
    assert len(again(jsonld.serialize([], context=context))) == 0


def test_only_what_is_used_of_the_context_is_written(context):
    (needs,) = (
        quad for quad in quads() if str(quad.subject) == "<https://example.org/a>" and "needs" in str(quad)
    )
    written = json.loads(jsonld.serialize([needs], context=context))["@context"]
    assert list(written) == ["@base", "id", "graph", "needs"]
    (born,) = (quad for quad in quads() if str(quad.object).endswith("#date>"))
    assert "xsd" in json.loads(jsonld.serialize([born], context=context))["@context"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"context.jsonld:1:1: Expecting value\."),
        ('{"@context":\n {,}}', r"context.jsonld:2:3: Expecting property name"),
        ("[" * 200_000, r"context.jsonld: This is nested too deep for a context\."),
        ("[]", r'context.jsonld: This is not a JSON-LD context; write {"@context": {…}}\.'),
        ('{"@context": 7}', r"context.jsonld: This is not a JSON-LD context: .*context must be an object"),
        ('{"@context": {"a": {"@id": "@x y"}}}', r"context.jsonld: This is not a JSON-LD context: "),
        (
            '{"@context": "https://example.org/c"}',
            r"jsonld: .* A remote context is never fetched; copy the content of https://example.org/c into",
        ),
        ('{"@context": [{}, {"@import": "https://example.org/c"}]}', "A remote context is never fetched"),
    ],
)
def test_an_unsound_context_is_refused_in_a_sentence(context, text, message):
    context.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        jsonld.serialize(quads(), context=context)


def test_a_context_that_is_not_there_or_no_text_is_refused(context):
    context.write_bytes(b'{"@context": {"\xff": 1}}')
    with pytest.raises(DocumentError, match=r"This is not UTF-8 text\."):
        jsonld.serialize(quads(), context=context)
    context.unlink()
    with pytest.raises(DocumentError, match=r"This cannot be read: No such file or directory\."):
        jsonld.serialize(quads(), context=context)


def test_an_iri_that_would_be_read_again_as_another_is_written_in_full(context):
    # relative to the base, this IRI would be "a:b", which is an IRI of its own
    odd = [ox.Quad(*(ox.NamedNode("https://example.org/" + name) for name in ("a:b", "p", "c")))]
    again = ox.parse(jsonld.serialize(odd, context=context), format=ox.RdfFormat.JSON_LD)
    assert list(again) == odd


def test_triple_terms_are_refused(context):
    triple = ox.Triple(*[ox.NamedNode("urn:a")] * 2, ox.Triple(*[ox.NamedNode("urn:a")] * 3))
    for each in (context, None):
        with pytest.raises(FormatError, match="as jsonld: JSON-LD does not support RDF"):
            formats.write([triple], format="jsonld", context=each)
