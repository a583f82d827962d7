"""Formats: how results and graphs are written."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from policygraph.errors import FormatError
from policygraph.rdf import formats
from policygraph.rdf.namespaces import PREFIXES, expand
from policygraph.rdf.reader import parse, read
from policygraph.store.memory import EmbeddedStore

XSD = "http://www.w3.org/2001/XMLSchema#"
TURTLE = """\
@prefix pgid: <https://w3id.org/policygraph/id/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
pgid:a skos:prefLabel "A | \\u009b[31m*b*\\nc"@en ; skos:notation 7 .
pgid:b skos:prefLabel "Æ"@da ; skos:related [ skos:notation 1 ] , [ skos:notation 2 ] .
"""
ROWS = "SELECT ?s ?label ?n { ?s skos:prefLabel ?label OPTIONAL { ?s skos:notation ?n } } ORDER BY ?s"
GRAPH = "CONSTRUCT WHERE { ?s skos:prefLabel ?o }"
GRAPHS = [name for name, row in formats.FORMATS.items() if row.holds == "graph"]
TABLES = [name for name, row in formats.FORMATS.items() if row.holds == "rows"]
A = "https://w3id.org/policygraph/id/a"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    graph = NamedNode("http://example.org/g")
    triples = pyoxigraph.parse(TURTLE, format=RdfFormat.TURTLE)
    return EmbeddedStore(Quad(t.subject, t.predicate, t.object, graph) for t in triples)


def written(store: EmbeddedStore, format: str, text: str = ROWS, **options: Any) -> str:
    prefixes = {**PREFIXES, "pgid": "https://w3id.org/policygraph/id/"}
    return formats.write(store.query(text), format=format, prefixes=prefixes, **options).decode()


def test_a_table_shows_curies_and_counts_its_rows(store: EmbeddedStore) -> None:
    assert written(store, "table") == (
        "s       label             n\n------  ----------------  -\n"
        "pgid:a  A |  [31m*b* · c  7\npgid:b  Æ\n2 rows\n"
    )


def test_a_table_shows_labels_and_fits_the_width(store: EmbeddedStore) -> None:
    text = written(store, "table", labels={A: "The first of all things"}, width=30)
    assert "The first" in text
    assert max(map(len, text.splitlines())) == 30


def test_a_table_of_one_row_or_none_says_so(store: EmbeddedStore) -> None:
    assert written(store, "table", ROWS + " LIMIT 1").endswith("\n1 row\n")
    assert written(store, "table", "SELECT ?x { ?x skos:broader ?y }") == "x\n-\n0 rows\n"
    assert written(store, "table", "SELECT * {}") == "1 row\n"


def test_markdown_links_things_and_escapes_signs(store: EmbeddedStore) -> None:
    assert written(store, "markdown", labels={A: "First"}) == (
        "| s | label | n |\n"
        "| --- | --- | ---: |\n"
        f"| [First](<{A}>) | A \\| \\[31m\\*b\\* · c | 7 |\n"
        "| [pgid:b](<https://w3id.org/policygraph/id/b>) | Æ |  |\n"
    )


def test_machine_formats_hold_full_iris(store: EmbeddedStore) -> None:
    assert written(store, "csv").startswith(f's,label,n\r\n{A},"A | \x9b[31m*b*\nc",7\r\n')
    assert written(store, "tsv").startswith(f"?s\t?label\t?n\n<{A}>\t")
    for format, layout in (("json", "JSON"), ("xml", "XML"), ("tsv", "TSV")):
        again = pyoxigraph.parse_query_results(
            written(store, format), format=getattr(pyoxigraph.QueryResultsFormat, layout)
        )
        assert [list(row) for row in again] == [list(row) for row in store.query(ROWS)]


def test_a_carriage_return_outlives_xml() -> None:
    answer = EmbeddedStore().query('SELECT ?x { VALUES ?x { "a\\rb" } }')
    assert [text.text for text in ElementTree.fromstring(formats.write(answer, format="xml")).iter()][
        -1
    ] == "a\rb"


@pytest.mark.parametrize("format", TABLES)
def test_every_row_format_holds_a_boolean(store: EmbeddedStore, format: str) -> None:
    assert "true" in written(store, format, "ASK {}")


@pytest.mark.parametrize("format", GRAPHS)
def test_every_graph_format_holds_the_same_graph(store: EmbeddedStore, format: str) -> None:
    row = formats.by_name(format)
    layout = RdfFormat.from_media_type(row.media)
    assert layout is not None
    again = EmbeddedStore(pyoxigraph.parse(written(store, format, GRAPH), format=layout))
    assert {quad.triple for quad in again} == set(store.query(GRAPH))


@pytest.mark.parametrize("format", GRAPHS)
def test_a_graph_format_refuses_rows_and_names_those_that_fit(store: EmbeddedStore, format: str) -> None:
    with pytest.raises(
        FormatError, match=f"a table of rows, which {format} cannot hold; choose from table, record, csv"
    ):
        formats.write(store.query(ROWS), format=format)


@pytest.mark.parametrize("format", TABLES)
def test_a_row_format_refuses_a_graph_and_names_those_that_fit(store: EmbeddedStore, format: str) -> None:
    with pytest.raises(
        FormatError, match=f"a graph, which {format} cannot hold; choose from turtle, ntriples"
    ):
        formats.write(store.query(GRAPH), format=format)


def test_an_unknown_format_names_the_nearest(store: EmbeddedStore) -> None:
    with pytest.raises(FormatError, match=r"unknown format 'turtel'.*Did you mean 'turtle'"):
        formats.write(store.query(GRAPH), format="turtel")


def test_a_predicate_without_an_xml_name_is_refused_as_rdfxml() -> None:
    store = EmbeddedStore([Quad(NamedNode("a:s"), NamedNode("http://x/1/"), Literal(1))])
    with pytest.raises(FormatError, match="no XML name can be made of <http://x/1/>"):
        written(store, "rdfxml", "CONSTRUCT WHERE { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("format", "query"), [("rdfxml", "CONSTRUCT WHERE { ?s ?p ?o }"), ("xml", "SELECT ?o { ?s ?p ?o }")]
)
def test_a_character_that_xml_has_not_is_refused_there(format: str, query: str) -> None:
    store = EmbeddedStore([Quad(NamedNode("a:s"), NamedNode("a:p"), Literal("ab\x01c"))])
    with pytest.raises(FormatError, match=r"XML cannot hold the character U\+0001, which follows 'ab'"):
        written(store, format, query)


def test_a_document_has_the_statements_that_xml_can_hold_and_says_how_many_not() -> None:
    node, own = NamedNode("a:s"), Triple(NamedNode("a:s"), NamedNode("a:p"), Literal("c"))
    lost = [Triple(node, NamedNode("a:p"), Literal("\x01")), Triple(node, NamedNode("a:1"), Literal("c"))]
    body = formats.write_held([own, *lost], format="rdfxml")
    assert [each.triple for each in parse(body, name="a.rdf")] == [own]
    assert b"<!-- 2 statements " in body
    assert formats.write_held(lost[:1], format="turtle") == formats.write(lost[:1], format="turtle")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x.ttl", "turtle"),
        ("a.b/x.NT.gz", "ntriples"),
        ("x.json", "json"),
        ("x.md", "markdown"),
        ("x.trig", "trig"),
    ],
)
def test_the_suffix_of_a_file_chooses_the_format(path: str, name: str) -> None:
    assert formats.by_suffix(path).name == name
    assert formats.by_suffix(Path(path)).name == name


def test_an_unknown_suffix_names_the_known_ones() -> None:
    with pytest.raises(FormatError, match=r"x.docx: no format has the suffix '.docx'; use one of .txt .csv"):
        formats.by_suffix("x.docx")
    with pytest.raises(FormatError, match=r"use one of .ttl .nt .nq .trig .jsonld .rdf\."):
        formats.by_suffix("x.csv", holds="graph")


EXPORTS = [suffix for name in GRAPHS for suffix in formats.FORMATS[name].suffixes]


@pytest.mark.parametrize("suffix", [*EXPORTS, ".nq.gz", ".ttl.gz"])
def test_an_export_is_the_same_bytes_each_time_and_holds_everything(
    store: EmbeddedStore, tmp_path: Path, suffix: str
) -> None:
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    row = formats.export(store, one)
    renamed = EmbeddedStore(
        Quad(*(BlankNode("z" + t.value) if isinstance(t, BlankNode) else t for t in quad)) for quad in store
    )
    formats.export(reversed(list(renamed)), two)
    assert one.read_bytes() == two.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [one.name, two.name]
    data = gzip.decompress(one.read_bytes()) if suffix.endswith(".gz") else one.read_bytes()
    layout = RdfFormat.from_media_type(row.media)
    assert layout is not None
    again = pyoxigraph.Dataset(
        pyoxigraph.parse(data, format=layout, base_iri="https://w3id.org/policygraph/")
    )
    expected = pyoxigraph.Dataset(store if layout.supports_datasets else (Quad(*q.triple) for q in store))
    for dataset in (again, expected):
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    assert again == expected


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".trig", ".nq", ".rdf"])
def test_an_export_with_triple_terms_and_directions_is_read_back(suffix: str, tmp_path: Path) -> None:
    text = """PREFIX e: <http://example.org/> e:a e:says <<( e:b e:of <<( e:c e:of "x"@ar--rtl )>> )>> ;
      e:name "y"@ar--rtl ."""
    quads = list(pyoxigraph.parse(text, format=RdfFormat.TURTLE))
    formats.export(quads, tmp_path / f"a{suffix}")
    assert {quad.triple for quad in read(tmp_path / f"a{suffix}")} == {quad.triple for quad in quads}


def test_trig_needs_no_escapes() -> None:
    iris = "https://e.org/id/xy/plan/growth", expand("skos:broader")
    node, property = map(pyoxigraph.NamedNode, iris)
    prefixes = {**PREFIXES, "e": "https://e.org/id/"}
    quads = [pyoxigraph.Quad(node, property, node)]
    text = formats.write(quads, format="trig", prefixes=prefixes).decode()
    assert f"{node} skos:broader {node} ." in text


@pytest.mark.parametrize("suffix", [".trig", ".rdf", ".jsonld", ".ttl"])
def test_an_export_is_the_same_bytes_in_every_process(suffix: str, tmp_path: Path) -> None:
    program = (
        "import sys, pyoxigraph; from policygraph.rdf import formats\n"
        "formats.export(pyoxigraph.parse(sys.argv[1], format=pyoxigraph.RdfFormat.TURTLE), sys.argv[2])"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program, TURTLE, str(tmp_path / (seed + suffix))]
        subprocess.run(command, check=True, env=environment, timeout=60)
    assert (tmp_path / f"1{suffix}").read_bytes() == (tmp_path / f"2{suffix}").read_bytes()


def test_a_file_that_cannot_be_written_is_left_as_it_was(store: EmbeddedStore, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"missing/x.ttl cannot be written: No such file or directory\."):
        formats.export(store, tmp_path / "missing" / "x.ttl")
    (tmp_path / "x.ttl").mkdir()
    with pytest.raises(FormatError, match=r"x.ttl cannot be written: it is a folder\."):
        formats.export(store, tmp_path / "x.ttl")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(FormatError, match="cannot be written: Not a directory"):
        formats.export(store, tmp_path / "file" / "x.ttl")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "x.ttl"]


def test_a_file_that_is_written_over_keeps_who_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    for mode in (0o600, 0o640):
        path.touch()
        path.chmod(mode)
        formats.save(b"new", path)
        assert path.stat().st_mode & 0o777 == mode


def test_saving_follows_links_and_writes_into_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old", "utf-8")
    link.symlink_to(target)
    formats.save(b"new", link)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    formats.save(b"gone", os.devnull)
    assert not Path(os.devnull).is_file()
    with target.open("ab") as file:  # as of a shell's >>
        formats.save(b"er", f"/dev/fd/{file.fileno()}")
    assert target.read_bytes() == b"newer"
    formats.save(b"new", link)
    formats.save(b"long", tmp_path / ("x" * 255))
    monkeypatch.setattr(os, "urandom", bytes)
    for name in (f".new.{os.getpid()}", ".new.000000"):  # but no link in the place of a draft
        (tmp_path / name).symlink_to(target)
    with pytest.raises(FormatError, match="new cannot be written: File exists"):
        formats.save(b"newer", tmp_path / "new")
    assert target.read_bytes() == b"new"
    assert (tmp_path / ".new.000000").is_symlink()


def test_csv_quotes_an_iri_with_a_comma():
    answer = EmbeddedStore().query("SELECT (<http://example.org/#char=1,2> AS ?passage) (1 AS ?n) {}")
    assert formats.write(answer, format="csv") == b'passage,n\r\n"http://example.org/#char=1,2",1\r\n'


def test_jsonld_has_the_keys_of_a_context_where_there_is_one(store: EmbeddedStore, tmp_path: Path) -> None:
    context = tmp_path / "context.jsonld"
    context.write_text(
        '{"@context": {"skos": "http://www.w3.org/2004/02/skos/core#",'
        ' "label": {"@id": "skos:prefLabel", "@container": "@language"}}}',
        "utf-8",
    )
    text = written(store, "jsonld", GRAPH, context=context)
    assert {"label": {"da": "Æ"}, "@id": "https://w3id.org/policygraph/id/b"} in json.loads(text)["@graph"]
    assert '"label"' not in written(store, "jsonld", GRAPH)
    formats.export(store, tmp_path / "x.jsonld", context=context)
    again = pyoxigraph.Dataset(pyoxigraph.parse(path=tmp_path / "x.jsonld", format=RdfFormat.JSON_LD))
    again.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    expected = pyoxigraph.Dataset(store)
    expected.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    assert again == expected


def test_what_a_context_cannot_express_is_refused(store: EmbeddedStore, tmp_path: Path) -> None:
    context = tmp_path / "context.jsonld"
    context.write_text('{"@context": {"a": "http://example.org/"}}', "utf-8")
    with pytest.raises(
        FormatError, match=r"cannot be written as jsonld: the context .* use another format\."
    ):
        written(store, "jsonld", "CONSTRUCT { <a:b> a skos:Concept } {}", context=context)
