"""CSV tables: by the W3C's rules, they and their metadata give the same graph again, triple for triple."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import product

import pyoxigraph as ox
import pytest

from policygraph.errors import FormatError
from policygraph.rdf.csvw import METADATA, class_tables, names, tables
from policygraph.rdf.namespaces import PREFIXES

RDF, XSD = PREFIXES["rdf"], PREFIXES["xsd"]
# What a variable may be called in a URI template (RFC 6570), without percent signs.
VARIABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
# Everything that is hard to keep in a cell.
HARD = r"""
@prefix e: <http://e/> .
@prefix f: <http://f/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
e:a a e:T , e:U ;
  e:text "comma, \"quote\"\nline\r\n | bar ; semicolon ¦ " , "" , " space " ;
  e:empty "" ; e:some "" , "x" ;
  e:said "one"@en , "two"@en , "et"@da , "drei"@de-CH ;
  e:number 1 , 2.50 , 1e3 , "7"^^xsd:byte ;
  e:odd "x"^^e:type ; e:html "<p>a</p>"^^rdf:HTML ; e:day "2020-02-29"^^xsd:date , "2021"^^xsd:gYear ;
  e:ref e:b ; e:refs e:b , e:c , <http://elsewhere/x?y=1&z=2#f> ;
  f:text "another text" ; e:Text "and one more" ; e:iri "iri" ; e:is-a "is a" .
e:b a e:T ; e:ref e:c ; e:blank [ e:text "inside" ; e:deep [ e:text "deeper" ] ] .
e:c a f:T ; e:list ( 1 "two" e:b ) ; e:self e:c .
e:none e:ref e:a ; e:true true , false .
e:things a e:things . e:links a e:links . e:T-1 a <http://g/t> .
"""


def graph(turtle):
    return [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)]


def named(triples, skolem="urn:blank:"):
    """The triples with an IRI for each blank node, as the tables have them."""
    dataset = ox.Dataset(ox.Quad(*triple) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)

    def name(term):
        return ox.NamedNode(skolem + term.value) if isinstance(term, ox.BlankNode) else term

    return {ox.Triple(name(q.subject), q.predicate, name(q.object)) for q in dataset}


def rows(files, table):
    """The rows of a table by the names of its columns."""
    head, *found = csv.reader(io.StringIO(files[table["url"]].decode(), newline=""))
    columns = [column for column in table["tableSchema"]["columns"] if not column.get("virtual")]
    assert head == [column["name"] for column in columns]
    assert all(head[place] in column["titles"]["und"] for place, column in enumerate(columns))
    assert {len(row) for row in found} <= {len(head)}
    return [dict(zip(head, row, strict=True)) for row in found]


def filled(template, row):
    """A URI template with its variables put in (RFC 6570, reserved expansion)."""
    return re.sub(r"\{\+(\w+)\}", lambda found: row[found[1]], template)


def cell(column, text):
    """The values of a cell (https://www.w3.org/TR/tabular-data-model/#parsing-cells)."""
    several = text.split(column["separator"]) if text and "separator" in column else []
    texts = several if "separator" in column else [text]
    return [each for each in texts if each != column.get("null", "")]


def literal(column, text):
    datatype = column["datatype"]
    if column.get("lang"):
        return ox.Literal(text, language=column["lang"])
    if isinstance(datatype, dict):
        return ox.Literal(text, datatype=ox.NamedNode(datatype["@id"]))
    known = {"html": RDF + "HTML", "xml": RDF + "XMLLiteral"}
    return ox.Literal(text, datatype=ox.NamedNode(known.get(datatype, XSD + datatype)))


def triples(files):
    """What the rules for RDF from tables make of them, in minimal mode (https://www.w3.org/TR/csv2rdf/)."""
    for table in json.loads(files[METADATA])["tables"]:
        schema = table["tableSchema"]
        for row, column in product(rows(files, table), schema["columns"]):
            if column.get("suppressOutput"):
                continue
            subject = ox.NamedNode(filled(column.get("aboutUrl") or schema["aboutUrl"], row))
            property_ = ox.NamedNode(filled(column["propertyUrl"], row))
            values = [""] if column.get("virtual") else cell(column, row[column["name"]])
            if "valueUrl" in column:
                assert "separator" not in column, "the standard makes one IRI of such a cell"
                if values:
                    yield ox.Triple(subject, property_, ox.NamedNode(filled(column["valueUrl"], row)))
            else:
                for value in values:
                    yield ox.Triple(subject, property_, literal(column, value))


@pytest.fixture(scope="module")
def denmark(catalog, store):
    found = store.query(
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{catalog.datasets['denmark'].iri}> {{ ?s ?p ?o }} }}"
    )
    return list(found)


@pytest.fixture(scope="module", params=["denmark", "hard"])
def made(request, denmark):
    """A graph and its tables."""
    source = denmark if request.param == "denmark" else graph(HARD)
    return source, tables(source)


def test_the_graph_comes_back_triple_for_triple(made):
    source, files = made
    found = set(triples(files))
    assert found == named(source)


def test_names_are_sound_and_each_once_whatever_the_case(made):
    _, files = made
    metadata = json.loads(files[METADATA])
    assert metadata["@context"][0] == "http://www.w3.org/ns/csvw"
    assert sorted(files) == sorted([METADATA, *(table["url"] for table in metadata["tables"])])
    assert len({name.casefold() for name in files}) == len(files)
    for table in metadata["tables"]:
        assert re.fullmatch(r"[A-Za-z0-9][\w-]*\.csv", table["url"], re.ASCII)
        names = [column["name"] for column in table["tableSchema"]["columns"]]
        assert len({name.casefold() for name in names}) == len(names)
        assert [name for name in names if not VARIABLE.fullmatch(name)] == []
        virtual = [bool(column.get("virtual")) for column in table["tableSchema"]["columns"]]
        assert virtual == sorted(virtual), "virtual columns stand last"


def title(iri):
    return {"en": iri, "da": "da"} if iri else {}


def test_names_and_titles_are_known_without_the_files(made):
    source = made[0]
    few = graph("@prefix e: <http://e/> . e:a a e:T ; e:ref e:b ; e:text 'one', 'two' . e:b e:text 'none' .")
    for triples in (source, few, []):
        known = names(class_tables(triples, PREFIXES, "urn:blank:"), title, ["en"])
        metadata = json.loads(tables(triples, labels=title)[METADATA])
        texts = {
            table["url"]: {each["@language"]: each["@value"] for each in table.get("dc:title", ())}
            for table in metadata["tables"]
        }
        assert {f"{name}.csv": found for name, found in known.items()} == texts
        assert ("links" in known) == (triples is source)


def test_keys_are_there_once(made):
    _, files = made
    found = {table["url"]: table for table in json.loads(files[METADATA])["tables"]}
    for url, table in found.items():
        key = table["tableSchema"]["primaryKey"]
        key = [key] if isinstance(key, str) else key
        values = [tuple(row[name] for name in key) for row in rows(files, table)]
        assert values
        assert all(all(value) for value in values)
        assert len(set(values)) == len(values), url


def test_every_thing_is_in_the_list_of_things_and_in_one_table(made):
    source, files = made
    found = {table["url"]: rows(files, table) for table in json.loads(files[METADATA])["tables"]}
    listed = [row["iri"] for row in found["things.csv"]]
    assert set(listed) == {triple.subject.value for triple in named(source)}
    elsewhere = [
        row["iri"] for url, each in found.items() if url not in ("things.csv", "links.csv") for row in each
    ]
    assert sorted(elsewhere) == sorted(listed)


def test_claims_are_a_table_with_what_they_connect(catalog, denmark):
    files = tables(denmark)
    claims = list(csv.DictReader(io.StringIO(files["Claim.csv"].decode(), newline="")))
    assert len(claims) == sum(triple.predicate.value == RDF + "subject" for triple in denmark)
    (one,) = [
        row
        for row in claims
        if row["subject"].endswith("/initiative/nemid") and row["object"].endswith("/organisation/nets-danid")
    ]
    assert one["predicate"].endswith("#operatedBy")
    assert one["rationale_da"]
    assert one["rationale_en"] != one["rationale_da"]


def test_columns_and_tables_are_called_what_the_ontology_calls_them(denmark):
    label, definition = {"en": "Claim", "da": "Udsagn"}, {"en": "Who says what."}
    files = tables(
        denmark,
        about={"dc:title": "All"},
        label=lambda iri: "a thing",
        labels=lambda iri: label if iri.endswith("#Claim") else {"en": "said"},
        definitions=lambda iri: definition,
    )
    metadata = json.loads(files[METADATA])
    assert metadata["dc:title"] == "All"
    (claim,) = [table for table in metadata["tables"] if table["url"] == "Claim.csv"]
    assert claim["dc:title"] == [{"@value": text, "@language": tag} for tag, text in label.items()]
    assert claim["dc:description"] == [{"@value": "Who says what.", "@language": "en"}]
    assert claim["tableSchema"]["columns"][1]["titles"] == {"und": ["subject"], "en": "said"}
    assert {row["label"] for row in rows(files, metadata["tables"][-2])} == {"a thing"}


def test_the_order_of_the_triples_makes_no_difference(made):
    source, files = made
    assert tables(list(reversed(source))) == files


def test_no_triples_are_an_empty_list_of_things():
    files = tables([])
    assert files.pop(METADATA)
    assert files == {"things.csv": b"iri,kind,label\r\n"}


def test_a_triple_about_a_triple_has_no_cell():
    one = ox.Triple(*(ox.NamedNode(f"http://e/{name}") for name in "spo"))
    with pytest.raises(FormatError, match="cell cannot hold"):
        tables([ox.Triple(one.subject, one.predicate, one)])


def test_a_text_with_a_direction_has_no_cell():
    with pytest.raises(FormatError, match="cell cannot hold a text with a base direction"):
        tables(graph('<http://e/s> <http://e/p> "x"@ar--rtl .'))


def test_a_separator_is_in_no_value():
    long = "|;¦\ue000"
    turtle = f'<http://e/s> <http://e/p> {ox.Literal(long)} , "x" , "|1" .'
    files = tables(graph(turtle))
    assert set(triples(files)) == set(graph(turtle))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_another_reader_finds_them_valid(tmp_path, made):
    """The csvw package of PyPI.

    It does not know what to do with a column that is called `self`.
    """
    import csvw

    _, files = made
    for name, content in files.items():
        (tmp_path / name).write_bytes(re.sub(rb"\bself\b", b"itself", content))
    assert csvw.CSVW(str(tmp_path / METADATA), validate=True).is_valid
