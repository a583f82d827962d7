"""Saved queries: header, parameters, binding."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy
import pyoxigraph
import pytest
import rdflib
from pyoxigraph import BlankNode, Literal, NamedNode

from policygraph.catalog.parameters import Parameter
from policygraph.catalog.query import Query
from policygraph.errors import DocumentError, QueryError
from policygraph.store.answer import Answer

TEXT = """\
#+ summary: What was there in a year?
#+ description: Everything that was there,
#+   whatever it is.
#+ tags: [plans, time]
#+ view: table
PREFIX ex: <http://example.org/>

SELECT * WHERE {
  VALUES ?year { 2014 2015 }   # xsd:integer: the year asked about
  VALUES ?thing { UNDEF }      # ex:Thing: only this thing
  VALUES ?text { "a } # b" }   # xsd:string: some text
  VALUES ?day { UNDEF }        # xsd:date: a day
  VALUES ?part { UNDEF }       # xsd:decimal: a number
  VALUES ?sure { UNDEF }       # xsd:boolean: yes or no
  VALUES ?gyear { UNDEF }      # xsd:gYear: a year
  VALUES (?fixed) { (1) }      # xsd:integer: nobody's business
  VALUES ?list { 1 2 }
  VALUES ?other { 1 }          # note: a list that explains itself
  VALUES ?inline { 1 } ?s ?p ?o .  # xsd:integer: not alone on its line
  # VALUES ?commented { 1 }    # xsd:integer: out
}
"""


@pytest.fixture
def query() -> Query:
    return Query.parse(TEXT, name="things")


INTEGER = NamedNode("http://www.w3.org/2001/XMLSchema#integer")


def integer(number: int) -> Literal:
    return Literal(number)


def bound(text: str, name: str) -> list[Any]:
    """What stands between the braces of a parameter, as terms read by the engine."""
    line = next((line for line in text.splitlines() if f"VALUES ?{name} " in line), "")
    rows = pyoxigraph.Store().query(f"SELECT ?{name} {{ {line}\n }}")
    return [row[0] for row in rows]


def test_the_header_is_read(query: Query) -> None:
    assert query.summary == "What was there in a year?"
    assert query.description == "Everything that was there, whatever it is."
    assert query.tags == ("plans", "time")
    assert (query.view, query.expect) == ("table", None)


def test_tags_may_be_a_list_of_several_lines() -> None:
    text = "#+ summary: Which?\n#+ tags:\n#+   - plans\n#+   - time-series\nASK {}"
    assert Query.parse(text).tags == ("plans", "time-series")


def test_a_line_that_holds_just_values_and_a_kind_is_a_parameter(query: Query) -> None:
    assert list(query.parameters) == ["year", "thing", "text", "day", "part", "sure", "gyear"]
    assert query.parameters["year"] == Parameter(
        "year",
        "xsd:integer",
        (integer(2014), integer(2015)),
        "the year asked about",
        summaries={"en": "the year asked about"},
    )
    assert query.parameters["thing"].default == ()
    assert query.parameters["text"].default == (Literal("a } # b"),)


def test_parameters_in_a_long_string_are_text() -> None:
    text = 'ASK { ?s ?p """\nVALUES ?x { 1 } # xsd:integer: no\n""" }'
    assert not Query.parse(text).parameters


def test_the_line_of_an_unset_parameter_is_left_out_and_the_others_keep_their_numbers(query: Query) -> None:
    old, new = TEXT.splitlines(), query.bind().splitlines()
    assert [a for a, b in zip(old, new, strict=True) if a != b] == [line for line in old if "UNDEF" in line]
    assert "UNDEF" not in query.bind()
    assert query.bind(gyear=2014, day="").count("\n") == TEXT.count("\n")


def test_binding_changes_only_what_stands_between_the_braces(query: Query) -> None:
    old, new = query.bind().splitlines(), query.bind(text="x").splitlines()
    assert [a for a, b in zip(old, new, strict=True) if a != b] == [old[10]]
    assert new[10] == '  VALUES ?text { "x" }   # xsd:string: some text'


@pytest.mark.parametrize(
    ("name", "value", "terms"),
    [
        ("year", 1999, [integer(1999)]),
        ("year", " +1999 ", [integer(1999)]),
        ("year", [1, "2"], [integer(1), integer(2)]),
        ("year", "-00012345678901234567890", [Literal("-12345678901234567890", datatype=INTEGER)]),
        ("year", {3, 1}, [integer(1), integer(3)]),
        ("year", {3: 1}.keys(), [integer(3)]),
        ("year", numpy.array([1, 2]), [integer(1), integer(2)]),
        ("year", Literal(7), [integer(7)]),
        ("gyear", None, [None]),
        ("gyear", "", [None]),
        ("gyear", [""], [None]),  # a field of a form that is left empty
        ("thing", "skos:Concept", [NamedNode("http://www.w3.org/2004/02/skos/core#Concept")]),
        ("thing", "http://example.org/ø", [NamedNode("http://example.org/ø")]),
        ("thing", NamedNode("urn:x"), [NamedNode("urn:x")]),
        ("text", "a\"}\\\n'# é", [Literal("a\"}\\\n'# é")]),
        ("text", "\\u0022 \\U00000022", [Literal("\\u0022 \\U00000022")]),
        ("text", 5, [Literal("5")]),
        (
            "day",
            date(2024, 2, 29),
            [Literal("2024-02-29", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date"))],
        ),
        (
            "part",
            Decimal("1.50"),
            [Literal("1.5", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))],
        ),
        ("part", 2.5, [Literal("2.5", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))]),
        ("sure", True, [Literal(True)]),
        ("sure", "false", [Literal(False)]),
        ("gyear", 2014, [Literal("2014", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#gYear"))]),
    ],
)
def test_a_value_becomes_a_term_of_its_kind(query: Query, name: str, value: Any, terms: list[Any]) -> None:
    assert bound(query.bind(**{name: value}), name) == terms


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("year", "x", "takes xsd:integer, such as 2014; not 'x'"),
        ("year", "2014.5", "takes xsd:integer"),
        ("year", True, "takes xsd:integer"),
        ("year", '1" } #', "takes xsd:integer"),
        ("year", "\ud800", "takes xsd:integer"),
        ("year", Literal("1", language="en"), "takes xsd:integer"),
        ("year", NamedNode("urn:x"), "takes xsd:integer"),
        ("day", "2024-02-30", "takes xsd:date, such as 2014-05-31; not '2024-02-30'"),
        ("day", datetime(2024, 1, 1), "takes xsd:date"),
        ("text", "\x00", "control characters"),
        ("text", "\ud800", "lone surrogate"),
        ("text", b"bytes", "takes xsd:string"),
        ("thing", "pg", "takes ex:Thing, by name, CURIE or IRI.*neither an IRI nor a CURIE"),
        ("thing", "skoss:Concept", "Did you mean 'skos:Concept'"),
        ("thing", "http://x/> } #", "takes ex:Thing"),
        ("thing", "http://x/\ud800", "takes ex:Thing"),
        ("thing", Literal("x"), "takes ex:Thing"),
        ("thing", BlankNode("x"), "takes ex:Thing"),
        ("thing", 5, "takes ex:Thing"),
        ("thing", {}, "takes ex:Thing"),
    ],
)
def test_a_wrong_value_names_parameter_kind_and_an_example(
    query: Query, name: str, value: Any, message: str
) -> None:
    with pytest.raises(
        QueryError, match=f"parameter '{name}' {message}|parameter '{name}' .*{message}"
    ) as caught:
        query.bind(**{name: value})
    assert caught.value.parameter == name


def test_the_cells_of_a_frame_are_values() -> None:
    kinds = {"boolean": "true", "dateTime": "2014-05-31T12:00:00Z", "gYear": "2014", "gYearMonth": "2014-05"}
    names = " ".join(f"?{kind}" for kind in kinds)
    row = " ".join(f'"{text}"^^xsd:{kind}' for kind, text in kinds.items())
    rows = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT * {{ VALUES ({names}) {{ ({row}) }} }}"
    frame = Answer(pyoxigraph.Store().query(rows)).frame()
    for kind, text in kinds.items():
        query = Query.parse(f"SELECT ?x {{\n VALUES ?x {{ UNDEF }} # xsd:{kind}: x\n}}")
        (term,) = bound(query.bind(x=frame[kind].iloc[0]), "x")
        assert (term.value, term.datatype.value.rpartition("#")[2]) == (text, kind)


def test_an_unknown_parameter_names_the_nearest(query: Query) -> None:
    with pytest.raises(QueryError, match=r"things has no parameter 'yaer'; .*Did you mean 'year'"):
        query.bind(yaer=1)


def test_a_language_is_no_misspelt_key() -> None:
    assert Query.parse("#+ summary: Plans\n#+ ta: திட்டங்கள்\nASK {}").title("ta")[0] == "திட்டங்கள்"


NASTY = [
    '"', "'", "\\", '\\"', '"""', "}", "# x", "\n", '" } } ; DROP ALL #', "\\u0022", "\\\\u0022", "\\u005C",
    "\\u000A", '\\u0022 } VALUES ?x { "y', "<http://x/>", "?x", "\u2028", "\\U00000022", "\\", "\\\\",
]  # fmt: skip


@pytest.mark.parametrize("value", NASTY)
def test_no_text_gets_out_of_its_braces_on_any_engine(value: str) -> None:
    text = Query.parse("SELECT ?x WHERE {\n VALUES ?x { UNDEF } # xsd:string: x\n}").bind(x=[value, "end"])
    ours = [row["x"].value for row in pyoxigraph.Store().query(text)]
    theirs = [str(row[0]) for row in rdflib.Graph().query(text)]
    assert ours == theirs == [value, "end"]


def test_a_parameter_may_stand_in_each_part_of_a_query() -> None:
    part = "{\n VALUES ?x { 1 } # xsd:integer: x\n}"
    text = Query.parse(f"SELECT * {{ {part} UNION {part} }}").bind(x=2)
    assert text.count('"2"^^') == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#+ summary\nASK {}", "q.rq:1: a header line is written"),
        (
            "#+ summary: x\n#+ sumary: y\nASK {}",
            "q.rq:2: unknown key 'sumary' in the header: there are .* Did you mean 'summary'",
        ),
        (
            "#+ summary: x\n#+ description-da: y\nASK {}",
            "q.rq:2: unknown key 'description-da' in the header",
        ),
        ("#+ view: picture\nASK {}", "q.rq:1: a view is one of table"),
        ("ASK {\nVALUES ?x { 1 } # xsd:integr: x\n}", "q.rq:2: .*Did you mean 'xsd:integer'"),
        ("ASK {\nVALUES ?x { <a:b> } # nix:Thing: x\n}", "q.rq:2: the kind of \\?x is unknown"),
        (
            "ASK {\nVALUES ?x { 'a' } # xsd:integer: x\n}",
            "q.rq:2: the default does not fit: .*takes xsd:integer",
        ),
        (
            "ASK {\nVALUES ?x { oh no } # xsd:integer: x\n}",
            "q.rq:2: the default of \\?x is neither UNDEF nor",
        ),
        (
            "ASK {\nVALUES ?x { 1 } # xsd:integer: x\nVALUES ?x { 2 } # xsd:integer: x\n}",
            "q.rq:3: \\?x is a parameter twice",
        ),
        ("ASK {\nVALUES ?x { } # xsd:integer: x\n}", "q.rq:2: the default of .x is neither UNDEF nor"),
        (
            "ASK {\nVALUES ?x { 1 UNDEF } # xsd:integer: x\n}",
            "q.rq:2: the default of .x is neither UNDEF nor",
        ),
        ('#+ finding: "{n} of {m}"\nSELECT (1 AS ?n) {}', "q.rq:1: finding needs 'm', which the query"),
        ('#+ tags: [a]\n#+ finding-da: "{n"\nSELECT (1 AS ?n) {}', "q.rq:2: finding-da needs ''"),
        (
            "#+ view: matrix\nSELECT (1 AS ?named) {}",
            "q.rq:1: view needs 'absence', which the query does not",
        ),
        ('#+ finding: "{x}"\nCONSTRUCT WHERE { ?x ?y ?z }', "q.rq:1: finding needs 'x'"),
        (
            "SELECT * {\nVALUES ?x { 1 } # xsd:integer: x\n{ SELECT ?y {\n?y ?p ?x } } }",
            "q.rq:4: the parameter \\?x does not reach into, or out of, a nested SELECT",
        ),
        (
            "SELECT * { { SELECT ?y {\nVALUES ?x { 1 } # xsd:integer: x\n?y ?p ?x } }\n?y ?q ?x }",
            "q.rq:2: the parameter \\?x does not reach into, or out of, a nested SELECT",
        ),
        (
            "SELECT * {\nVALUES ?x { 1 } # xsd:integer: x\n{ SELECT ?y (COUNT(*) AS ?n) (MIN(?x) AS ?m) {\n"
            "?y ?p ?x } } }",
            "q.rq:4: the parameter",
        ),
    ],
)
def test_a_malformed_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "q.rq"
    path.write_text(text, "utf-8")
    with pytest.raises(QueryError, match=message):
        Query.read(path)


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "all-things.rq"
    path.write_text(TEXT, "utf-8-sig")
    assert Query.read(path) == Query.parse(TEXT, name="all-things", path=path)


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    latin = tmp_path / "latin.rq"
    latin.write_bytes(b"ASK {}\n# \xe6\n")
    with pytest.raises(DocumentError, match=r"latin.rq:2:3: The byte 0xE6 is not UTF-8"):
        Query.read(latin)
    with pytest.raises(DocumentError, match="There is no such file"):
        Query.read(tmp_path / "missing.rq")
    with pytest.raises(DocumentError, match="This is a folder"):
        Query.read(tmp_path)
    long = tmp_path / "long.rq"
    long.write_text("#" * 1_000_001, "utf-8")
    with pytest.raises(QueryError, match="longer than 1,000,000"):
        Query.read(long)


@pytest.mark.parametrize("value", [None, "", (), [""]])
def test_a_parameter_that_is_not_open_by_default_needs_a_value(query: Query, value: Any) -> None:
    with pytest.raises(QueryError, match=r"'year'.*xsd:integer.*needs a value"):
        query.bind(year=value)


@pytest.mark.parametrize("value", [[], set(), frozenset(), (), [None], numpy.array([])])
def test_an_empty_list_is_not_any_value(query: Query, value: Any) -> None:
    with pytest.raises(QueryError, match=r"'thing'.*ex:Thing.*needs a value") as caught:
        query.bind(thing=value)
    assert caught.value.parameter == "thing"


def test_what_pandas_does_not_know_is_no_value(query: Query) -> None:
    pandas = pytest.importorskip("pandas")
    assert query.bind(year=pandas.Series([1, 2])) == query.bind(year=[1, 2])
    with pytest.raises(QueryError, match="takes xsd:integer, such as 2014; not '<NA>'"):
        query.bind(year=pandas.NA)


@pytest.mark.parametrize(
    "text",
    [
        "{ SELECT ?x (COUNT(*) AS ?n) { ?y ?p ?x } GROUP BY ?x }",
        "{ SELECT * { ?y ?p ?x } }",
        "{ SELECT (MAX(?z) AS ?x) { ?y ?p ?z } }",
        "{ SELECT (COUNT(*) AS ?n) { ?y ?p ?z } }",
        "FILTER EXISTS { ?y ?p ?x }",
    ],
)
def test_a_parameter_may_reach_a_nested_select_that_selects_it(text: str) -> None:
    assert Query.parse(f"SELECT * {{\nVALUES ?x {{ 1 }} # xsd:integer: x\n{text} }}").parameters


def test_titles_and_findings_are_in_the_best_language() -> None:
    text = '#+ summary: Which?\n#+ da: Hvilke?\n#+ finding: "{n} are"\n#+ finding-da: "{n} er"\n'
    text += "SELECT (1 AS ?n) {}"
    query = Query.parse(text, name="which")
    titles = [query.title(language) for language in ("en", "da", "da-DK", "fr")]
    assert titles == [("Which?", "en"), ("Hvilke?", "da"), ("Hvilke?", "da"), ("Which?", "en")]
    assert Query.parse("ASK {}", name="ask").title("da") == ("ask", "en")
    findings = [query.finding(language, {"n": "1"}) for language in ("en", "da", "fr")]
    assert findings == ["1 are", "1 er", "1 are"]
    assert query.finding("en", {"n": ""}) == query.finding("en", {}) == ""


def test_the_guide_is_in_the_best_language(query: Query) -> None:
    descriptions = {"things": {"da": "Alt, hvad der var."}}
    hints = {"the year asked about": {"da": "det år, der spørges om"}}
    query = query.with_languages({"things": {"da": "Hvad var der?"}}, {}, descriptions, hints)
    assert query.guide("da").splitlines()[:3] == ["Hvad var der?", "", "Alt, hvad der var."]
    assert "  det år, der spørges om\n" in query.guide("da")
    assert "  only this thing\n" in query.guide("da")  # which has no Danish
    assert "Everything that was there" in query.guide("nb")
    texts = {(section, key): sorted(text) for section, key, text in query.texts()}
    assert texts["hints", "the year asked about"] == texts["descriptions", "things"] == ["da", "en"]


def test_the_guide_tells_parameters_with_kinds_defaults_and_meanings(query: Query) -> None:
    lines = query.guide().splitlines()
    assert lines[:3] == ["What was there in a year?", "", "Everything that was there, whatever it is."]
    cells = [re.split("  +", line) for line in lines[4:]]
    assert cells[0] == ["parameter", "kind", "default", "meaning"]
    assert ["year", "xsd:integer", "2014, 2015", "the year asked about"] in cells
    assert ["thing", "ex:Thing", "any", "only this thing"] in cells
    assert max(map(len, query.guide(width=50).splitlines())) <= 50
