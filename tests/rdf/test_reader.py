from __future__ import annotations

import os
import re
import time

import pyoxigraph as ox
import pytest

from policygraph.errors import DocumentError
from policygraph.rdf import reader

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIX = f"@prefix xsd: <{XSD}> .\n"
TERM = "<<( <urn:s> <urn:p> "
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/"'


@pytest.fixture
def file(tmp_path):
    """Writes a file and gives its path."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write


def take(path):
    return reader.read(path, graph="urn:g")


SAME = {
    "a.ttl": "<urn:s> <urn:p> 'x' .",
    "a.nt": '<urn:s> <urn:p> "x" .',
    "a.nq": '<urn:s> <urn:p> "x" .',
    "a.trig": '{ <urn:s> <urn:p> "x" }',
    "a.jsonld": '{"@id": "urn:s", "urn:p": "x"}',
    "a.json": '{"@id": "urn:s", "urn:p": "x"}',
    "a.rdf": f'<rdf:RDF {RDF} xmlns:u="urn:"><rdf:Description rdf:about="urn:s" u:p="x"/></rdf:RDF>',
    "A.TTL": "<urn:s> <urn:p> 'x' .",
}


@pytest.mark.parametrize("name", SAME)
def test_the_suffix_says_the_format(name, file):
    quad = ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("x"), ox.NamedNode("urn:g"))
    assert take(file(name, SAME[name])) == [quad]


def test_a_graph_named_in_the_file_stays(file):
    path = file("a.trig", "<urn:h> { <urn:s> <urn:p> 1 } <urn:s> <urn:p> 2 .")
    assert {(q.object.value, q.graph_name.value) for q in take(path)} == {("1", "urn:h"), ("2", "urn:g")}


def test_without_a_graph_quads_stay_in_the_default_graph(file):
    assert reader.read(file("a.ttl", SAME["a.ttl"]))[0].graph_name == ox.DefaultGraph()


def test_read_keeps_lexical_forms(file):
    path = file("a.ttl", PREFIX + '<urn:s> <urn:p> "007"^^xsd:integer .')
    assert reader.read(path)[0].object.value == "007"


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_an_empty_file_is_an_empty_graph(text, file):
    assert take(file("a.ttl", text)) == []


@pytest.mark.parametrize("name", SAME)
def test_a_byte_order_mark_is_passed_over(name, file):
    path = file(name, "\ufeff" + SAME[name])
    assert len(take(path)) == 1
    assert (
        reader.RdfText.open(path).prefixes == reader.RdfText.open(file(f"plain-{name}", SAME[name])).prefixes
    )


def test_a_prefix_behind_a_byte_order_mark_is_known(file):
    read = reader.RdfText.open(file("a.ttl", "\ufeff@prefix e: <http://e.org/> . e:a e:b 1 ."))
    assert read.prefixes == {"e": "http://e.org/"}


def refused(path, pattern):
    """The error, whose sentence must begin with the file and go on as the pattern says."""
    with pytest.raises(DocumentError) as caught:
        take(path)
    assert str(caught.value).startswith(str(path))
    message = str(caught.value).removeprefix(str(path))
    assert re.search(pattern, message), message
    assert message.endswith((".", "?"))
    assert "\n" not in message
    return caught.value


@pytest.mark.parametrize("between", ["", "\n", "\t# >>\r"])
def test_too_deep_triple_terms_are_refused_with_their_place_however_they_end(file, between):
    path = file("a.ttl", f"# )>>\n<urn:s> <urn:p> {TERM * 201} 1 {f')>>{between}' * 201} .")
    refused(path, r"^:2:\d+: Nesting is deeper than 200 levels")
    assert len(take(file("b.ttl", f"<urn:s> <urn:p> {TERM * 200} 1 {f')>>{between}' * 200} ."))) == 1


@pytest.mark.parametrize(
    ("name", "content", "pattern"),
    [
        ("a.ttl", "<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> ;", r"^:2:\d+: "),
        ("a.ttl", "<urn:s> a no:Thing .", r"^:1:11: The prefix no: has not been declared"),
        ("a.ttl", "<s> <p> <o> .", "^:1:1: This IRI is relative, and the file declares no base"),
        ("a.ttl", "<urn:s> <urn:p> 'é".encode("latin-1"), r"^:1:18: The byte 0xE9 is not UTF-8; save"),
        ("a.ttl", "<urn:s>\n<urn:é> ".encode() + b"\xff", r"^:2:9: The byte 0xFF is not UTF-8"),
        ("a.ttl", "<urn:s> <urn:p> 'x' .".encode("utf-16"), r"^:1:1: The byte 0xFF is not UTF-8"),
        ("a.ttl", "<urn:s>\n<urn:p> '\0' .", r"^:2:10: There is a NUL byte here"),
        ("a.ttl", f"<urn:s> <urn:p> {TERM * 90_000} 1 {')>>' * 90_000} .", "deeper than 200"),
        ("a.nt", f'<urn:s> <urn:p> {TERM * 90_000} "1" {")>>" * 90_000} .', "deeper than 200"),
        ("a.ttl", f"<urn:s> <urn:p> {TERM * 90_000}", "^:1:1800017: Unexpected end"),
        ("a.rdf", f"<rdf:RDF {RDF}>\n<e:T></rdf:RDF>", r"^:2:\d+: Mismatched tag\.$"),
        ("a.rdf", "<html></html>", "^:1: XML namespaces are required"),
        ("a.rdf", "hello", "^:1:1: Syntax error"),
        ("a.xml", f'<!DOCTYPE r [\n<!ENTITY a "b">]><rdf:RDF {RDF}/>', "^:1:1: Entity declarations"),
        ("a.jsonld", '{"@id": "urn:s",\n"urn:p": 1,,}', r"^:2:\d+: "),
        ("a.ttl", "\ufeff<s> <p> <o> .", "^:1:1: This IRI is relative, and the file declares no base"),
        ("a.ttl", "\ufeff<urn:s> a no:Thing .", "^:1:11: The prefix no: has not been declared"),
        ("a.rdf", f"\ufeff<rdf:RDF {RDF}><e:T></rdf:RDF>", rf"^:1:{len(RDF) + 18}: Mismatched tag"),
        ("a.jsonld", '\ufeff{"@context": "http://e.org/c", "p": 1}', "^:1:2: A remote @context is never"),
        ("a.jsonld", "", "^:1:1: Unexpected end of file"),
        ("a.jsonld", '{"urn:p":' * 20_000 + "1" + "}" * 20_000, r"^:1:\d+: Nesting is deeper"),
        ("a.jsonld", '{"urn:p":' + "[" * 20_000 + "]" * 20_000 + "}", "Nesting is deeper than 200 levels"),
        ("a.jsonld", '{\n"@context": "http://e.org/c", "p": 1}', "^:2:1: A remote @context is never fetched"),
        ("a.jsonld", '{"@context": [{}, "http://e.org/c"], "p": 1}', r"^:1:2: A remote @context is never"),
        ("a.jsonld", '{"@context": {\n"@import": "http://e.org/c"}}', "^:2:1: A remote @context is never"),
        ("a.txt", "", r"^: No RDF format has the suffix '\.txt'; use one of \.ttl, "),
        ("a.tll", "", r"Did you mean '\.ttl'\?$"),
        ("a", "", "^: No RDF format has the suffix ''"),
    ],
)  # fmt: skip
def test_what_is_no_sound_document_is_refused_in_one_sentence_with_its_place(name, content, pattern, file):
    refused(file(name, content), pattern)


def test_entity_expansion_is_refused_before_the_parser_sees_it(file):
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">\n' for n in range(1, 12))
    bomb = f'<!DOCTYPE r [\n<!ENTITY e0 "ha">\n{entities}]>\n<rdf:RDF {RDF}><e:T e:p="&e11;"/></rdf:RDF>'
    refused(file("a.rdf", bomb), "Entity declarations")


def test_brackets_in_json_strings_are_no_nesting(file):
    assert len(take(file("a.jsonld", '{"@id": "urn:s", "urn:p": "' + '[{\\"' * 500 + '"}'))) == 1


def test_a_missing_file_is_refused(tmp_path):
    refused(tmp_path / "no.ttl", "^: There is no such file")


def test_a_folder_is_no_file(tmp_path):
    refused(tmp_path, "^: This is a folder; name a file in it")


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "a.ttl")
    refused(tmp_path / "a.ttl", "^: This is a pipe or a device")


def test_a_huge_file_is_refused_without_being_read(file):
    path = file("a.ttl", "")
    os.truncate(path, reader.MAX_BYTES + 1)
    refused(path, r"^: This file has 256 MB, more than the 256 MB that are read")


def test_a_file_name_that_cannot_be_one_is_refused():
    with pytest.raises(DocumentError, match="cannot be read"):
        take("a\0b.ttl")


WRONG = [
    *((text, "date") for text in ("2024-02-30", "2023-02-29", "2024-13-01", "2024-2-1", " 2024-02-01", "")),
    *(("24", "gYear"), ("2014-13", "gYearMonth"), ("--02-30", "gMonthDay"), ("25:00:00", "time")),
    *(("1Y", "duration"), ("P1D", "yearMonthDuration"), ("2024-02-01", "dateTime")),
    *((text, "integer") for text in ("1.5", "²", "1" * 5000)),
    *(("one", "decimal"), ("1e", "double"), ("TRUE", "boolean"), ("F", "hexBinary"), ("en_GB", "language")),
    *(("-1", "nonNegativeInteger"), ("0", "positiveInteger"), ("256", "unsignedByte")),
    *(("128", "byte"), ("2147483648", "int")),
]
RIGHT = [
    *((text, "date") for text in ("2024-02-29", "2013-12-31", "2024-02-01Z", "-0044-03-15")),
    *(
        ("2014", "gYear"),
        ("2014-09", "gYearMonth"),
        ("--02-29", "gMonthDay"),
        ("---31", "gDay"),
        ("--12", "gMonth"),
    ),
    *(("23:59:59.5", "time"), ("P1Y2M", "duration"), ("2024-02-01T10:00:00+02:00", "dateTime")),
    *(("99999999999999999999", "integer"), ("+1", "integer"), (".5", "decimal"), ("1e-3", "double")),
    *(("INF", "float"), ("1", "boolean"), ("255", "unsignedByte"), ("-128", "byte"), ("0F", "hexBinary")),
    *(("en-GB", "language"), ("any", "anyURI"), ("", "string"), ("x", "noSuchType")),
]


@pytest.mark.parametrize(("lexical", "datatype"), WRONG)
def test_an_ill_typed_literal_is_refused_with_its_place(lexical, datatype, file):
    path = file("a.ttl", PREFIX + f'<urn:s> <urn:p> "x" ,\n  "{lexical}"^^xsd:{datatype} .')
    error = refused(path, f"is not a valid xsd:{datatype}; correct the value or its datatype")
    assert (error.line, error.column) == (3, 3)


@pytest.mark.parametrize(("lexical", "datatype"), RIGHT)
def test_a_well_typed_literal_is_read(lexical, datatype, file):
    assert len(take(file("a.ttl", PREFIX + f'<urn:s> <urn:p> "{lexical}"^^xsd:{datatype} .'))) == 1


@pytest.mark.parametrize(
    "written",
    [
        "'2024-02-30'^^xsd:date",
        '"""2024-02-30"""^^xsd:date',
        '"2024-02-30" ^^ xsd:date',
        '"2024-02-30"^^\nxsd:date',
        f'"2024-02-30"^^<{XSD}date>',
        f'"2024-02-30"^^<{XSD}d\\u0061te>',
        '"2024-02-3\\u0030"^^xsd:date',
        '"x\\"2024-02-01"^^xsd:date',
        '"""x "2024-02-01"""^^xsd:date',
        '"2024-02-30"^^x:date',
        '"2024-02-30"^^da:te',
        '"2024-02-30"^^<#date>',
    ],
)
def test_no_way_of_writing_hides_an_ill_typed_literal(written, file):
    header = f"@base <{XSD}> .\n@prefix x: <{XSD}> .\n@prefix da: <{XSD}da> .\n"
    refused(file("a.ttl", PREFIX + header + f"<urn:s> <urn:p> {written} ."), "is not a valid xsd:date")


@pytest.mark.parametrize(
    "text",
    [
        '# "never"^^xsd:date\n<urn:s> <urn:p> 1 .',
        "<urn:s> <urn:p> '\"never\"^^xsd:date' .",
        '<urn:s> <urn:p> "a^^b" .',
        '@prefix xsd: <http://e.org/> . <urn:s> <urn:p> "never"^^xsd:date .',
    ],
)
def test_what_only_looks_like_an_ill_typed_literal_is_read(text, file):
    assert len(take(file("a.ttl", PREFIX + text))) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.nt", f'<urn:s> <urn:p> "2024-02-30"^^<{XSD}date> .'),
        ("a.jsonld", '{"@id":"urn:s","urn:p":{"@value":"2024-02-30","@type":"' + XSD + 'date"}}'),
        ("a.rdf", f'<rdf:RDF {RDF}><e:T><e:p rdf:datatype="{XSD}date">2024-02-30</e:p></e:T></rdf:RDF>'),
    ],
)
def test_ill_typed_literals_are_refused_in_every_format(name, text, file):
    refused(file(name, text), r'^:1:\d+: "2024-02-30" is not a valid xsd:date')


def test_the_first_of_several_ill_typed_literals_is_named(file):
    text = PREFIX + '<urn:s> <urn:p> "z"^^xsd:date .\n<urn:s> <urn:p> "a"^^xsd:integer .'
    refused(file("a.ttl", text), r'^:2:17: "z" is not a valid xsd:date')


def test_many_ill_typed_literals_take_no_longer_than_one(file):
    lines = (f'<urn:s> <urn:p> "no {number}"^^<{XSD}integer> .\n' for number in range(100_000))
    start = time.monotonic()
    refused(file("a.nt", "".join(lines)), r'^:1:17: "no 0" is not a valid xsd:integer')
    assert time.monotonic() - start < 30


TWICE = {
    "a.jsonld": f"""{{"@id": "urn:s", "urn:text": "x",
      "urn:year": {{"@type": "{XSD}gYear", "@value": "x"}}}}""",
    "a.rdf": f"""<rdf:RDF {RDF} xmlns:u="urn:"><rdf:Description rdf:about="urn:s"><u:text>x</u:text>
      <u:year rdf:datatype="{XSD}gYear">x</u:year></rdf:Description></rdf:RDF>""",
}


@pytest.mark.parametrize("name", TWICE)
def test_an_ill_typed_literal_whose_text_occurs_twice_has_the_name_of_its_property(name, file):
    refused(file(name, TWICE[name]), r'^: "x" is not .* datatype, in the property <urn:year> of <urn:s>\.$')


def test_blank_nodes_of_two_files_are_never_the_same(file):
    path = file("a.ttl", "_:x <urn:p> <<( _:x <urn:q> 1 )>> . [] <urn:p> 2 .")
    one, two = reader.read(path), reader.read(path)
    assert len({quad.subject for quad in [*one, *two]}) == 4
    assert one[0].subject == one[0].object.subject


def test_parse_names_a_document_that_has_no_file():
    with pytest.raises(DocumentError, match=r"^https://e\.org/doc:1:1: "):
        reader.parse(b"<s> a 1 .", name="https://e.org/doc", format=ox.RdfFormat.TURTLE)


def test_a_literal_longer_than_the_parser_takes_is_refused(file):
    with pytest.raises(DocumentError, match="more than the 16 MB"):
        reader.read(file("a.ttl", f'<a:a> <a:b> "{"x" * (16 << 20)}" .'))


def test_an_undeclared_prefix_in_xml_has_its_place(tmp_path):
    file = tmp_path / "x.rdf"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    file.write_text(f'<r:RDF xmlns:r="{rdf}">\n<r:Description r:about="urn:a"><e:p/></r:Description></r:RDF>')
    with pytest.raises(DocumentError, match="Unbound prefix") as caught:
        reader.read(file)
    assert caught.value.line == 2


def test_a_link_that_is_said_to_be_a_literal_is_refused(file):
    link = '<e:p rdf:resource="http://e/b" rdf:parseType="Literal"/>'
    node = f'<rdf:Description rdf:about="http://e/a">{link}</rdf:Description>'
    refused(file("x.rdf", f"<rdf:RDF {RDF}>{node}</rdf:RDF>"), "rdf:XMLLiteral value of property")


def xml(body):
    return f'<rdf:RDF {RDF} xml:base="http://b.org/">\n<e:T/>\n{body}</rdf:RDF>'


@pytest.mark.parametrize(
    ("body", "pattern"),
    [
        ('<e:T rdf:ID="a"/>\n<e:T\n  rdf:ID="a"/>\n<e:T/>', "^:5: .* already been used as rdf:ID"),
        ('\n<e:T rdf:ID="1 a"/>\n', "^:4: 1 a is not a valid rdf:ID value"),
        ('<e:T rdf:nodeID="1 a"/>', "^:3: 1 a is not a valid rdf:nodeID value"),
        ('<e:T rdf:about="a" rdf:ID="b"/>\n', "^:3: Not both"),
        ('<e:T rdf:li="a"/>\n<e:T/>', "^:3: .*#li is not a valid attribute"),
        ('<e:T rdf:about="http://e.org/a b"/>\n', "^:3: error while parsing IRI"),
        ('<e:T>\n<e:p xml:lang="1-">a</e:p></e:T>\n', "^:4: error while parsing language tag"),
        ("<e:T><rdf:Description/></e:T>\n", "^:3: Invalid property element tag name"),
        ("<e:T>\n text</e:T>\n", "^:4: Unexpected text"),
        (f"<e:T>{'<e:p>x</e:p>' * 5000}<e:p rdf:li='x'/></e:T>\n\n", "^:3: .*#li is not a valid attribute"),
    ],
)  # fmt: skip
def test_what_is_xml_but_no_rdf_is_refused_with_its_line(body, pattern, file):
    refused(file("a.rdf", xml(body)), pattern)


@pytest.mark.parametrize("value", ["literal", "Statements", "", "Triple"])
def test_what_the_parser_would_pass_over_is_refused(value, file):
    body = f"<e:T>\n  <e:p rdf:parseType = '{value}'><e:x/></e:p></e:T>\n"
    there = f"^:4:12: '{value}' is no rdf:parseType; there are Literal, Resource, Collection, and Triple with"
    refused(file("a.rdf", xml(body)), there)


def test_triple_terms_too_deep_in_xml_are_refused(file):
    term = '<rdf:Description rdf:about="urn:s"><e:p rdf:parseType="Triple" rdf:version="1.2">'
    deep = {
        depth: xml(f"{term * depth}<rdf:Description e:q='1'/>{'</e:p></rdf:Description>' * depth}")
        for depth in (100, 201)
    }
    assert take(file("a.rdf", deep[100]))
    refused(file("b.rdf", deep[201]), r"^:3:\d+: Nesting is deeper than 200 levels")


@pytest.mark.parametrize("value", ["Literal", "Resource", "Collection"])
def test_the_parse_types_that_exist_are_read(value, file):
    node = f"""<e:T e:q="parseType='no'"><e:p rdf:parseType="{value}"><e:x/></e:p></e:T>"""
    assert take(file("a.rdf", xml(f'<!-- parseType="none" -->{node}')))
