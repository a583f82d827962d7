"""Python values of terms and answers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat

from policygraph.catalog.labels import Label
from policygraph.errors import ExtraError, FormatError
from policygraph.rdf.terms import (
    best_literal,
    best_literals,
    blank_nodes,
    canonical,
    in_language,
    is_iri,
    python_value,
)
from policygraph.store.answer import Answer
from policygraph.store.memory import EmbeddedStore

XSD = "http://www.w3.org/2001/XMLSchema#"
TURTLE = """\
@prefix : <http://example.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
:a skos:prefLabel "A"@en ; skos:notation 7 .
:b skos:prefLabel "Æ"@da ; skos:related [ skos:notation 1 ] , [ skos:notation 2 ] .
"""
ROWS = "SELECT ?s ?label ?n { ?s skos:prefLabel ?label OPTIONAL { ?s skos:notation ?n } } ORDER BY ?s"
GRAPH = "CONSTRUCT WHERE { ?s skos:prefLabel ?o }"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    return EmbeddedStore(pyoxigraph.parse(TURTLE, format=RdfFormat.TURTLE))


def typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + name))


INVALID = (  # which Python reads
    ("1_000", "integer"), ("٣", "gYear"), ("14", "gYear"), ("300", "byte"), ("1e5", "decimal"),
    (" 1", "double"), ("nan", "float"), ("2014-W05-1", "date"),
    ("20140531", "date"), ("2014-05-31", "dateTime"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (None, None),
        (NamedNode("a:b"), "a:b"),
        (BlankNode("x"), "_:x"),
        (Literal("x"), "x"),
        (Literal("x", language="en"), "x"),
        (Literal(7), 7),
        (typed("7", "positiveInteger"), 7),
        (typed("2.70", "decimal"), Decimal("2.70")),
        (typed("1.5e3", "double"), 1500.0),
        (Literal(True), True),
        (typed("0", "boolean"), False),
        (typed("2014-05-31", "date"), date(2014, 5, 31)),
        (typed("2014-05-31T12:00:00Z", "dateTime"), datetime(2014, 5, 31, 12, tzinfo=UTC)),
        (typed("2014", "gYear"), 2014),
        (typed("2014-05", "gYearMonth"), "2014-05"),
        (typed("2014-05-31Z", "date"), "2014-05-31Z"),
        (typed("many", "integer"), "many"),
        *((typed(text, name), text) for text, name in INVALID),
        (typed("maybe", "boolean"), "maybe"),
        (typed("much", "decimal"), "much"),
        (Literal("x", datatype=NamedNode("a:type")), "x"),
    ],
)
def test_a_term_has_a_python_value(term: Any, value: Any) -> None:
    assert python_value(term) == value
    assert type(python_value(term)) is type(value)


def test_a_frame_has_python_types(store: EmbeddedStore) -> None:
    data = Answer(store.query(ROWS)).frame()
    assert list(data.columns) == ["s", "label", "n"]
    assert data["n"].tolist() == [7, None]
    numbers = Answer(store.query("SELECT ?n { ?s skos:notation ?n } ORDER BY ?n")).frame()
    assert numbers["n"].sum() == 10
    assert str(numbers["n"].dtype) == "int64"


def test_months_of_a_frame_are_in_the_order_of_time(store: EmbeddedStore) -> None:
    values = '"2013-12"^^xsd:gYearMonth "2013-09"^^xsd:gYearMonth'
    data = Answer(store.query(f"SELECT ?m ?n {{ VALUES ?m {{ {values} }} BIND(STR(?m) AS ?n) }}")).frame()
    assert str(data["m"].dtype) == "period[M]"
    assert data["m"].min().month == 9
    assert data["n"].tolist() == ["2013-12", "2013-09"]
    odd = 'SELECT ?m { VALUES ?m { "12013-09"^^xsd:gYearMonth "2013-13"^^xsd:gYearMonth } }'
    assert Answer(store.query(odd)).frame()["m"].tolist() == ["12013-09", "2013-13"]


def test_a_frame_of_a_graph_has_three_columns(store: EmbeddedStore) -> None:
    data = Answer(store.query(GRAPH)).frame()
    assert list(data.columns) == ["subject", "predicate", "object"]
    assert len(data) == 2


def test_a_frame_of_no_rows_keeps_its_columns(store: EmbeddedStore) -> None:
    assert list(Answer(store.query("SELECT ?x ?y { ?x skos:broader ?y }")).frame().columns) == ["x", "y"]


def test_a_boolean_is_no_frame(store: EmbeddedStore) -> None:
    with pytest.raises(FormatError, match=r"use bool\(answer\)"):
        Answer(store.query("ASK {}")).frame()


def test_a_frame_without_pandas_says_how_to_get_it(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ExtraError, match=r"policygraph\[pandas\]"):
        Answer(store.query(ROWS)).frame()


@pytest.mark.parametrize(
    ("tags", "language", "best"),
    [
        (["en", "da", "da-DK"], "da-DK", "da-DK"),
        (["en", "da", ""], "da-DK", "da"),
        (["en", "da-DK"], "da", "da-DK"),
        (["en", "EN-GB"], "en-gb", "EN-GB"),
        (["", "de", "en-GB"], "da", "en-GB"),
        (["de", ""], "da", ""),
        (["de", "fr"], "da", "de"),
        (["en", ""], "", ""),
        ([], "da", None),
    ],
)
def test_the_best_literal_is_in_the_language_or_the_nearest(
    tags: list[str], language: str, best: str | None
) -> None:
    labels = [Label(f"in {tag}", tag) for tag in tags]
    literals = [Literal(label.text, language=label.language or None) for label in labels]
    expected = None if best is None else f"in {best}"
    assert getattr(best_literal(labels, language), "text", None) == expected
    assert getattr(best_literal(literals, language), "value", None) == expected


def test_equal_graphs_have_equal_canonical_quads() -> None:
    text = b"_:g { _:x <urn:p> _:y , 1 . <urn:a> <urn:p> <<( _:y <urn:q> 2 )>> }"
    renamed = text.replace(b"_:x", b"_:y2").replace(b"_:g", b"_:x")
    one, two = (list(pyoxigraph.parse(each, format=RdfFormat.TRIG)) for each in (text, renamed))
    assert canonical(one) == canonical(reversed(two))
    assert {node.value for node in blank_nodes(canonical(one))} == {"c14n0", "c14n1", "c14n2"}
    (only,) = canonical(pyoxigraph.parse(b"_:g { <urn:a> <urn:p> 1 }", format=RdfFormat.TRIG))
    assert only.graph_name == BlankNode("c14n0")
    assert len(canonical([only.triple, only.triple])) == 1


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("da", ["1", "IRI", "A", "B"]),
        ("da-DK", ["1", "IRI", "A", "B"]),
        ("de", ["1", "IRI", "C"]),
        ("fr", ["1", "IRI", "D"]),
    ],
)
def test_the_best_literals_are_all_in_one_language_and_those_in_none(language, expected):
    terms = [
        Literal("1"),
        NamedNode("urn:IRI"),
        Literal("A", language="da"),
        Literal("D", language="fr"),
        Literal("B", language="da"),
        Literal("C", language="en"),
    ]
    assert [term.value.removeprefix("urn:") for term in best_literals(terms, language)] == expected
    others = [Literal("Ü", language="de"), Literal("Å", language="sv")]
    assert best_literals(others, "da") == others


@pytest.mark.parametrize(
    ("tags", "language", "best"),
    [("nn nb", "en", "nb"), ("de-CH de-AT", "de", "de-at"), ("nb da", "da", "da")],
)
def test_of_two_languages_as_far_from_the_one_wanted_a_row_is_in_one(tags, language, best):
    rows = [(1, Literal("text", language=tag), Literal("more", language=tag)) for tag in tags.split()]
    assert [row[1].language.lower() for row in in_language(rows, (1, 2), language)] == [best]


def listed(items: Iterable[str]) -> list[pyoxigraph.Quad]:
    return list(pyoxigraph.parse(f"[] <p:p> ( {' '.join(items)} ) .", format=RdfFormat.TURTLE))


@pytest.mark.parametrize(
    ("items", "size"), [(["1"] * 60, 121), ([f"({x} {x * x})" for x in range(60)], 361), (["[]"] * 60, 121)]
)
def test_like_blank_nodes_in_a_row_have_one_order(items: list[str], size: int) -> None:
    first, second = (canonical(listed(items)) for _ in range(2))
    assert first == second
    assert len(first) == size


def net(size: int) -> list[pyoxigraph.Quad]:
    nodes = [BlankNode() for _ in range(size)]
    return [pyoxigraph.Quad(s, NamedNode("p:p"), o) for s in nodes for o in nodes if s != o]


def test_like_blank_nodes_that_are_not_connected_are_many() -> None:
    pairs = [pyoxigraph.Quad(BlankNode(), NamedNode("p:p"), BlankNode()) for _ in range(5_000)]
    assert len(canonical(pairs)) == 5_000
    hub = BlankNode()
    star = [pyoxigraph.Quad(hub, NamedNode("p:p"), BlankNode()) for _ in range(1_000)]
    assert len(canonical(star)) == 1_000


@pytest.mark.parametrize("depth", [2_000, pytest.param(50_000, marks=pytest.mark.full)])
def test_too_many_like_blank_nodes_are_refused_before_they_take_memory(depth: int, tmp_path: Path) -> None:
    path = tmp_path / "deep.ttl"
    path.write_text("[] <p:p> " + "[ <p:p> " * depth + "1" + "]" * depth + " .", encoding="utf-8")
    program = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True, text=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, done.returncode, done.stderr)"
    )
    command = [sys.executable, "-m", "policygraph", "--data", path, "export", tmp_path / "deep.nt"]
    done = subprocess.run([sys.executable, "-c", program, *command], capture_output=True, text=True)
    peak, code, said = done.stdout.split(maxsplit=2)
    assert (code, said[:12]) == ("2", "policygraph:")
    assert f"{depth - 1:,} blank nodes look alike" in said
    assert int(peak) < 250  # MB


def in_graphs(size: int) -> list[pyoxigraph.Quad]:
    """Blank nodes that lead to each other by the names of graphs alone."""
    nodes = [BlankNode() for _ in range(size)]
    ends = [(start, step) for start in range(size) for step in range(1, size)]
    return [
        pyoxigraph.Quad(nodes[start], NamedNode(f"p:{step}"), NamedNode("p:o"), nodes[(start + step) % size])
        for start, step in ends
    ]


@pytest.mark.parametrize("made", [net, in_graphs])
@pytest.mark.parametrize("size", [8, 40])
def test_blank_nodes_that_cannot_be_told_apart_in_time_are_refused(
    made: Callable[[int], list[pyoxigraph.Quad]], size: int
) -> None:
    start = time.monotonic()
    with pytest.raises(FormatError, match=f"{size} blank nodes look alike"):
        canonical(made(size))
    assert time.monotonic() - start < 2


def test_an_iri_is_what_a_query_may_have_in_angle_brackets():
    store = EmbeddedStore()
    names = ("urn:x:y", "https://example.org/a#b", "https://example.org/æ")
    others = ("", "x", "2014", "a b", "_:b0", "http://e/>", "http://e/%zz", "http://a:b/", "leads to")
    assert [name for name in names + others if is_iri(name)] == [*names]
    assert not store.query("ASK { VALUES ?s { " + " ".join(f"<{name}>" for name in names) + " } ?s ?p ?o }")
