"""SPARQL text: tokens, forms, prefixes, limits and explanations of what is wrong."""

from __future__ import annotations

import pytest

from policygraph.errors import QueryError
from policygraph.store import sparql


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("#+ summary: ASK me\nPREFIX ask: <http://x/CONSTRUCT#>\n select*{}", "SELECT"),
        ("BASE <http://x/> PREFIX : <http://x/> # DELETE\nAsk {}", "ASK"),
        ('VERSION "1.2" DESCRIBE <http://x/>', "DESCRIBE"),
        ("PREFIX a: <a:> CONSTRUCT WHERE { ?s ?p 'INSERT' }", "CONSTRUCT"),
        ("PREFIX a: <a:> INSERT DATA {}", "INSERT"),
    ],
)
def test_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert sparql.form(text) == form


def test_a_misspelt_form_names_the_nearest() -> None:
    with pytest.raises(
        QueryError, match=r"line 2, column 2: .*not with 'SELCT'. Did you mean 'SELECT'"
    ) as caught:
        sparql.form("\n SELCT * {}")
    assert (caught.value.line, caught.value.column) == (2, 2)


@pytest.mark.parametrize("text", ["", "  # only a comment", "PREFIX a: <http://x/>"])
def test_a_text_without_a_query_is_an_error(text: str) -> None:
    with pytest.raises(QueryError, match="holds no query"):
        sparql.form(text)


def test_declare_adds_what_is_used_and_not_declared_on_the_first_line() -> None:
    text = "PREFIX skos: <http://other/>\nSELECT * { ?s a skos:Concept ; dct:title ?t ; nix:x 1 }"
    assert sparql.declare(text) == "PREFIX dct: <http://purl.org/dc/terms/> " + text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {} # dct:title",
        "ASK { ?s ?p 'dct:title' }",
        "ASK { ?s ?p '''\ndct:title''' }",
        "ASK { <dct:x> ?p 1 }",
    ],
)
def test_declare_reads_no_comment_string_or_iri(text: str) -> None:
    assert sparql.declare(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://x/> {} }",
        "SELECT * { service silent ?s {} }",
        "SELECT * { SERVICESILENT<http://x/>{} }",
        "SELECT * { ?s ?p trueSERVICE<http://x/>{} }",
        "SELECT * { ?s ?p 1SERVICE<http://x/>{} }",
        "PREFIX : <http://x/> SELECT * { SERVICE:s{} }",
        "PREFIX ex: <http://x/> SELECT * { SERVICEex:s{} }",
        "PREFIX service: <http://x/> PREFIX : <http://x/> SELECT * { service:s{} }",
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://x/>{} }",
    ],
)
def test_service_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(QueryError, match="SERVICE is refused"):
        sparql.guard(text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("ASK { SERVICE <http://x/> { ?s ?p ?o } }", True),
        ("ASK { service silent #c <http://y/>\n <http://x/> { ?s ?p ?o } }", True),
        ("ASK { SERVICE <http://y/> { ?s ?p ?o } }", False),
        ("ASK { SERVICE #<http://x/>\n <http://y/> { ?s ?p ?o } }", False),
        ("ASK { SERVICE <http://x/> {} SERVICE <http://y/> {} }", False),
        ("BASE <http://x/> ASK { SERVICE <> { ?s ?p ?o } }", False),  # only an address in full
        ("PREFIX : <http://x/> ASK { SERVICE : { ?s ?p ?o } }", False),
        ("ASK { SERVICE ?x { ?s ?p ?o } VALUES ?x { <http://x/> } }", False),
        ("ASK { SERVICESILENT<http://x/> { ?s ?p ?o } }", False),
        ("ASK { SERVICE", False),
    ],
)
def test_only_services_on_the_list_are_allowed(text: str, allowed: bool) -> None:
    if allowed:
        sparql.guard(text, services=["http://x/"])
    else:
        with pytest.raises(QueryError, match="SERVICE is refused"):
            sparql.guard(text, services=["http://x/"])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service a schema:Service . # SERVICE\n ?s ?p 'SERVICE' }",
        "ASK { <http://x/service#a> ?p ?o FILTER(?o < 3 && ?o > 1) }",
        "ASK { ?s ?p ?o }" + "#" * 10_000,
        "ASK { VALUES ?x { " + "1 " * 50_000 + "} }",
    ],
)
def test_harmless_texts_pass(text: str) -> None:
    sparql.guard(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK { FILTER(" + "(" * 5_000 + "1" + ")" * 5_000 + ") }", "nested more than 100 deep"),
        ("ASK {" * 5_000, "nested more than 100 deep"),
        ("ASK { FILTER(" + "||".join(["?a"] * 10_000) + ") }", "more than 5,000 tokens"),
        ("ASK { FILTER(" + "!" * 16_000 + "1) }", "more than 5,000 tokens"),
        ("ASK { " + "?s ?p ?o . " * 5_000 + "}", "more than 5,000 tokens"),
        ("ASK { VALUES ?x { 1 } FILTER(" + "!" * 16_000 + "1) }", "more than 5,000 tokens"),
        ("ASK {} #" + "x" * 1_000_000, "1,000,008 characters long"),
    ],
)
def test_texts_that_would_end_the_process_are_refused(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        sparql.guard(text)


def test_updates_are_refused() -> None:
    with pytest.raises(QueryError, match="DELETE is an update, and updates are refused"):
        sparql.guard("PREFIX a: <a:> DELETE WHERE { ?s ?p ?o }")
