from __future__ import annotations

import gzip
import json
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from policygraph.rdf.formats import FORMATS, GRAPHS
from policygraph.server import evaluation
from policygraph.server.evaluation import ROWS, Limits, QueryJob, QueryOutcome, evaluate
from policygraph.store.memory import merged
from policygraph.store.sparql import varies

TRAPS = ['"}},{"a', "</result>", "a\nb", "\\", '"', "{}", ",", "é", "\x7f", "},{"]
MANY = "SELECT ?n ?text { VALUES (?n ?text) { " + " ".join(
    f"({number} {ox.Literal(TRAPS[number % len(TRAPS)])})" for number in range(100)
) + " } } ORDER BY ?n"  # fmt: skip
ONE, OTHER = "https://example.org/graph/one", "https://example.org/graph/other"


@pytest.fixture(scope="module")
def store():
    store = ox.Store()
    for graph, name in ((ONE, "a"), (OTHER, "b"), (OTHER, "c")):
        thing = ox.NamedNode(f"https://example.org/{name}")
        quad = ox.Quad(thing, ox.NamedNode("https://example.org/in"), ox.Literal(name), ox.NamedNode(graph))
        store.extend(merged([quad]))
    return store


def outcome_of(store, text, limits=Limits(), **how):  # noqa: B008
    return evaluate(store, QueryJob(text, **how), limits)


def rows(outcome):
    """The rows of an answer, each as the values of its cells, read by others than who wrote them."""
    assert outcome.kind == "answer"
    if outcome.format == "csv":
        import csv

        return [tuple(row) for row in csv.reader(outcome.body.decode().splitlines(keepends=True))][1:]
    layout = {
        "json": ox.QueryResultsFormat.JSON,
        "xml": ox.QueryResultsFormat.XML,
        "tsv": ox.QueryResultsFormat.TSV,
    }
    answer = ox.parse_query_results(outcome.body, format=layout[outcome.format])
    return [tuple(term.value for term in row) for row in answer]


@pytest.mark.parametrize("name", ROWS)
def test_an_answer_is_whole_or_none(store, name):
    whole = outcome_of(store, MANY, rows=name)
    assert not whole.cut
    assert len(rows(whole)) == 100
    for most in (1, 7, 99):
        assert outcome_of(store, MANY, Limits(rows=most), rows=name) == QueryOutcome("rows")
    for size in (*range(400, 480, 9), len(whole.body) - 1):
        assert outcome_of(store, MANY, Limits(size=size), rows=name) == QueryOutcome("size")
    assert outcome_of(store, MANY, Limits(rows=100, size=len(whole.body)), rows=name) == whole


def test_who_asks_for_a_part_gets_whole_rows_and_hears_that_there_are_more(store):
    whole = rows(outcome_of(store, MANY))
    for most in (1, 7, 99):
        outcome = outcome_of(store, MANY, part=most)
        assert (outcome.cut, rows(outcome)) == (True, whole[:most])
    assert outcome_of(store, MANY, Limits(rows=1), part=100) == outcome_of(store, MANY)
    for size in range(400, 480, 9):
        outcome = outcome_of(store, MANY, Limits(size=size), part=99)
        part = rows(outcome)
        assert (outcome.cut, part) == (True, whole[: len(part)])
        assert 0 < len(part) < 99


@pytest.mark.parametrize("name", ROWS)
def test_rows_without_cells_are_rows_too(store, name):
    text = "SELECT * { VALUES () { () () () } }"
    assert outcome_of(store, text, Limits(rows=2), rows=name) == QueryOutcome("rows")
    outcome = outcome_of(store, text, Limits(rows=3), rows=name)
    assert outcome.kind == "answer"
    if name == "json":
        assert json.loads(outcome.body)["results"]["bindings"] == [{}, {}, {}]
    if name == "xml":
        assert len(ElementTree.fromstring(outcome.body).findall(".//{*}result")) == 3


def test_an_answer_without_rows_is_whole(store):
    for name in ROWS:
        assert outcome_of(store, "SELECT ?x { ?x <a:a> ?y }", Limits(rows=1), rows=name).kind == "answer"


def test_a_carriage_return_survives_xml(store):
    outcome = outcome_of(store, r"SELECT ?x { VALUES ?x { 'a\rb' } }", rows="xml")
    (found,) = ElementTree.fromstring(outcome.body).findall(".//{*}literal")
    assert found.text == "a\rb"


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_is_whole_or_none(store, name):
    text = "CONSTRUCT WHERE { ?s ?p ?o }"
    whole, part = outcome_of(store, text, graph=name), outcome_of(store, text, graph=name, part=2)
    assert (whole.cut, part.cut) == (False, True)
    layout = ox.RdfFormat.from_media_type(FORMATS[name].media)
    assert len(list(ox.parse(whole.body, format=layout))) == 3
    assert len(list(ox.parse(part.body, format=layout))) == 2
    assert outcome_of(store, text, Limits(rows=2), graph=name) == QueryOutcome("rows")
    assert outcome_of(store, text, Limits(size=50), graph=name) == QueryOutcome("size")


def test_a_yes_is_never_cut(store):
    assert outcome_of(store, "ASK { ?s ?p ?o }", Limits(rows=0, size=0)).body == b'{"head":{},"boolean":true}'


@pytest.mark.parametrize(
    ("default", "named", "text", "names"),
    [
        ((), (), "{ ?s ?p ?o }", "abc"),  # all graphs together
        ((), (), "{ GRAPH ?g { ?s ?p ?o } }", "abc"),
        ((ONE,), (), "{ ?s ?p ?o }", "a"),
        ((ONE, OTHER), (), "{ ?s ?p ?o }", "abc"),
        ((ONE,), (), "{ GRAPH ?g { ?s ?p ?o } }", ""),
        ((), (OTHER,), "{ ?s ?p ?o }", ""),
        ((), (OTHER,), "{ GRAPH ?g { ?s ?p ?o } }", "bc"),
        (("https://example.org/none",), (), "{ ?s ?p ?o }", ""),
        (("file:///etc/passwd",), (), "{ ?s ?p ?o }", ""),
        ((), (), f"FROM <{OTHER}> {{ ?s ?p ?o }}", "bc"),
        ((), (), f"FROM NAMED <{ONE}> {{ ?s ?p ?o }}", ""),
        ((), (), f"FROM NAMED <{ONE}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", "a"),
        ((), (), "FROM <file:///etc/passwd> { ?s ?p ?o }", ""),
        ((ONE,), (), f"FROM <{OTHER}> {{ ?s ?p ?o }}", "a"),  # the request goes before the text
        ((), (), "{ ?s ?p ?o FILTER(?o != 'FROM') }", "abc"),
    ],
)
def test_the_dataset_is_what_the_request_or_the_text_says(store, default, named, text, names):
    outcome = outcome_of(
        store, f"SELECT ?o {text} ORDER BY ?o", rows="tsv", default_graphs=default, named_graphs=named
    )
    assert "".join(value for (value,) in rows(outcome)) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * {", "line 1, column 10: '{' is never closed."),
        ("SELECT *\n{ ?s ) ?o }", "line 2, column 6: ')' closes nothing."),
        ("SELECT * { ?s nope:p ?o }", "line 1, column 15: the prefix of 'nope:p' is not declared."),
        ("", "the text holds no query"),
        ("INSERT DATA { <a:a> <a:a> 1 }", "INSERT is an update, and updates are refused"),
        ("ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "line 1, column 7: SERVICE is refused"),
        ("SELECT (<http://e/f>(1) AS ?x) {}", "The custom function <http://e/f> is not supported."),
        ("ASK {" * 200, "line 1, column 505: brackets are nested more than 100 deep."),
    ],
)
def test_an_error_names_the_line_and_column(store, text, message):
    outcome = outcome_of(store, text)
    assert outcome.kind == "text"
    assert message in outcome.message


def test_well_known_prefixes_need_no_declaration(store):
    assert outcome_of(store, "SELECT * { ?s skos:prefLabel ?o }").kind == "answer"


def test_relative_iris_are_those_of_the_catalogue(store):
    limits = Limits(base="https://example.org/")
    outcome = outcome_of(store, "CONSTRUCT { <s> <p> 1 } {}", limits, graph="ntriples")
    assert b"<https://example.org/s>" in outcome.body


def test_a_part_of_a_graph_is_no_longer_than_one_of_rows(store, monkeypatch):
    monkeypatch.setattr(evaluation, "_PART_SIZE", 2_000)
    text = "CONSTRUCT { ?x <a:is> ?text } { VALUES ?x { <a:1> <a:2> <a:3> <a:4> } BIND('%s' AS ?text) }"
    outcome = outcome_of(store, text % ("x" * 900), graph="ntriples", part=100)
    assert (outcome.cut, outcome.body.count(b"\n")) == (True, 3)
    outcome = outcome_of(store, text % "x", graph="ntriples", part=100)
    assert (outcome.cut, outcome.body.count(b"\n")) == (False, 4)


def test_a_graph_that_is_no_iri_is_refused(store):
    assert "absolute IRIs" in outcome_of(store, "ASK {}", default_graphs=("nonsense <",)).message


@pytest.mark.parametrize(
    ("text", "how"),
    [("ASK {}", {"rows": ""}), ("CONSTRUCT {} {}", {"graph": ""}), ("DESCRIBE <a:a>", {"graph": ""})],
)
def test_a_client_that_accepts_no_format_for_that_kind_gets_the_list(store, text, how):
    outcome = outcome_of(store, text, **how)
    assert outcome.kind == "format"
    assert ("turtle" in outcome.message) == ("graph" in how)


def test_a_graph_that_a_format_cannot_hold_is_an_error_of_the_format(store):
    outcome = outcome_of(store, "CONSTRUCT { <a:a> <a:1> 1 } {}", graph="rdfxml")
    assert (outcome.kind, outcome.body) == ("format", b"")
    assert outcome.message.startswith("the graph cannot be written as rdfxml")


@pytest.mark.parametrize("text", [r"SELECT ('\u0001' AS ?x) {}", r"CONSTRUCT { <a:a> <a:b> '\u0001' } {}"])
def test_a_character_that_xml_has_not_is_an_error_of_the_format(store, text):
    outcome = outcome_of(store, text, rows="xml", graph="rdfxml")
    assert (outcome.kind, outcome.message[:40]) == ("format", "XML cannot hold the character U+0001, wh")


def test_only_long_answers_are_gzipped(store):
    assert not outcome_of(store, "ASK {}", gzip=True).gzip
    outcome = outcome_of(store, MANY, gzip=True)
    assert outcome.gzip
    assert gzip.decompress(outcome.body) == outcome_of(store, MANY).body
    assert outcome == outcome_of(store, MANY, gzip=True)


def test_a_long_answer_in_csv_is_not_in_memory_as_objects(store):
    text = "SELECT * { " + "".join(f"VALUES ?{name} {{ {'0 ' * 30} }} " for name in "abc") + "}"

    def taken(name):
        import tracemalloc

        tracemalloc.start()
        assert outcome_of(store, text, rows=name).body.count(b"0") >= 27_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert taken("csv") < 3_000_000


class _Broken:
    def __init__(self, error):
        self.error = error

    def query(self, *args, **how):
        raise self.error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError("/srv/secret/000004.sst: bad block"), "failed"),
        (RuntimeError("connection to 10.0.0.1 refused"), "failed"),
        (MemoryError(), "memory"),
    ],
)
def test_internal_errors_are_not_shown(error, kind):
    assert evaluate(_Broken(error), QueryJob("ASK {}"), Limits()) == QueryOutcome(kind)


@pytest.mark.parametrize(
    ("text", "volatile"),
    [
        ("ASK {}", False),
        ("SELECT (now() AS ?t) {}", True),
        ("SELECT (STRUUID() AS ?t) {}", True),
        ("ASK { ?known <urn:nowhere> 'Rwanda' }", False),
        ("SELECT * { ?s ?p ?o } ORDER BYRAND()", True),  # the engine needs no space
    ],
)
def test_what_changes_by_itself_is_known(text, volatile):
    assert varies(text) is volatile


def test_a_triple_of_two_graphs_counts_once_and_keeps_both():
    triple = ox.Triple(*[ox.NamedNode("https://example.org/a")] * 3)
    quads = [ox.Quad(*triple, ox.NamedNode(ONE)), ox.Quad(*triple, ox.NamedNode(OTHER)), ox.Quad(*triple)]
    store = ox.Store()
    store.extend(merged(quads))
    assert rows(outcome_of(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) == [("1",)]
    assert rows(outcome_of(store, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")) == [("2",)]
    assert set(merged(quads[2:])) == {quads[2]}


@pytest.mark.parametrize("named", ["protocol", "FROM"])
def test_what_two_graphs_state_counts_once(named):
    store = ox.Store()
    cost, (a, b) = ox.NamedNode("urn:cost"), (ox.NamedNode(f"urn:{each}") for each in "ab")
    stated = [(ONE, a, 5), (OTHER, a, 5), (OTHER, b, 7)]
    store.extend(
        merged(ox.Quad(thing, cost, ox.Literal(n), ox.NamedNode(graph)) for graph, thing, n in stated)
    )
    sums = "SELECT (COUNT(?n) AS ?count) (SUM(?n) AS ?sum) {} {{ ?thing <urn:cost> ?n }}"
    for graphs, answer in (((), "2,12"), ((ONE,), "1,5"), ((ONE, OTHER), "2,12"), ((ONE, ONE), "1,5")):
        said = " ".join(f"FROM <{graph}>" for graph in graphs) if named == "FROM" else ""
        job = QueryJob(sums.format(said), "csv", default_graphs=() if said else graphs)
        assert evaluate(store, job, Limits()).body.decode().split() == ["count,sum", answer]
