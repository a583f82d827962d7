"""SPARQL text: tokens, forms, prefixes, limits and explanations of what is wrong."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from policygraph.errors import QueryError
from policygraph.rdf.namespaces import PREFIXES
from policygraph.store import sparql
from policygraph.store.memory import EmbeddedStore


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


def test_declare_adds_what_is_used_and_not_declared_behind_the_header() -> None:
    text = "PREFIX skos: <http://other/>\nSELECT * { ?s a skos:Concept ; dct:title ?t ; nix:x 1 }"
    assert sparql.declare(text) == (declared := "PREFIX dct: <http://purl.org/dc/terms/> " + text)
    head = "#+ summary: a\r#+ tags: [b]\n\n "
    assert sparql.declare(head + text) == head + declared


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
        "PREFIX a: <http://x/> SELECT * { ?s ?p a:.SERVICE<http://x/>{} }",
        "PREFIX a: <http://x/> SELECT * { ?s ?p a:b.c.SERVICE<http://x/>{} }",
        "SELECT * { ?s ?p _:b.c.SERVICE<http://x/>{} }",
        # The engine reads these so that the service is in no string and no comment.
        "SELECT * { FILTER('a'<'x>y') SERVICE <http://x/> {} FILTER('a'<'x>y') }",
        "SELECT * { FILTER(1<(2>1)) FILTER(1<(2>1)) FILTER('a'<'x>y#') SERVICE <http://x/> {} }",
        "SELECT * { FILTER('a'<'x>y#') SERVICE <http://x/> {} }",
        'SELECT * { FILTER(1<2#>"""\n) SERVICE <http://x/> {} #"""\n}',
        "PREFIX b: <http://b/> SELECT * { OPTIONAL { ?s b:b.\\' ?o } SERVICE <http://x/> {} #'\n}",
        "PREFIX b: <http://b/> SELECT * { OPTIONAL { ?s b:b·\\' ?o } SERVICE <http://x/> {} #'\n}",
        "SELECT * { VALUES ?z { ''' ' } SERVICE <http://x/> {} #\\q'''\n}",
        "SELECT * { VALUES ?z { ''' ' } SERVICE <http://x/> {} #\\uD800'''\n}",
        "SELECT * { VALUES ?z { ''' ' } #\\q'''\"\"\"\n SERVICE <http://x/> {} #\"\"\"\n}",
        "SELECT * { VALUES ?z { '''a' } SERVICE <http://x/> {} }",
    ],
)
def test_service_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(QueryError, match=r"SERVICE is refused|can be read in two ways"):
        sparql.guard(text)


# § stands for what the engine reads there and a token would hide.
HIDDEN = [
    "{ FILTER(1<'>'||true) § FILTER('a'='a') }",
    "{ FILTER(1<2)#> '''\n § #'''\n }",
    "{ FILTER('a'<'>') § FILTER('a'='a') }",
    "{ FILTER(?x<a:b&&?y<'>') § FILTER('a'='a') }",
    "{ FILTER(abs(1)<'>') § FILTER('a'='a') }",
    "{ FILTER(EXISTS{?s ?p 1}<'>') § FILTER('a'='a') }",
    "{ FILTER(1e1<'>') § FILTER('a'='a') }",
    "{ FILTER(true<'>') § FILTER('a'='a') }",
    "{ BIND(1<='>' AS ?y) § BIND('' AS ?z) }",
    "{ FILTER EXISTS { SELECT (1<'>' AS ?y) { § FILTER('a'='a') } } }",
    "{ <<?s?p'>'>>?a?b. § ?s ?p 'x' }",
    "{ VALUES ?x { '''a' } § #\\q'''\n }",
    '{ VALUES ?x { """a" } § #\\uD800"""\n }',
    "{ ?s ?p a:b.\\' . § ?s ?p a:\\' }",
    "{ ?s ?p a:b\u0300\\' . § ?s ?p a:\\' }",
]
# And what nobody reads in its place.
KEYWORDS = {
    "SERVICE": ("SERVICE<http://127.0.0.1:9/>{?s ?p ?o}", "SERVICES<http://127.0.0.1:9/>{?s ?p ?o}"),
    "GRAPH": ("GRAPH<http://x/>{?s ?p ?o}", "GRAPHS<http://x/>{?s ?p ?o}"),
    "nesting": (f"FILTER({'(' * 120}1{')' * 120})", f"FILTER({'(' * 121}1{')' * 120})"),
}


def written(text: str, keyword: str) -> str:
    return f"PREFIX a: <http://a/> SELECT * {text}".replace("§", keyword)


def is_read(text: str, name: str) -> bool:
    """Whether the engine can read a text, and the keyword in it as one."""
    for number, keyword in enumerate(KEYWORDS[name]):
        try:
            Store().query(written(text, keyword), base_iri="http://x/")
        except SyntaxError:
            return number == 1
        except RuntimeError:  # of a function that it does not know
            return False
    return False


def is_known(text: str, name: str) -> bool:
    text = written(text, KEYWORDS[name][0])
    if name == "GRAPH":
        return sparql.asks_graphs(text, {})
    with suppress(QueryError):
        return not sparql.guard(text)
    return True


@pytest.mark.parametrize("name", KEYWORDS)
@pytest.mark.parametrize("text", HIDDEN)
def test_no_token_hides_what_the_engine_reads(text: str, name: str) -> None:
    assert is_read(text, name)
    assert is_known(text, name)


@pytest.mark.parametrize("name", KEYWORDS)
def test_no_token_hides_what_the_engine_reads_in_texts_that_nobody_thought_of(name: str) -> None:
    chance = random.Random(name)
    texts = [*HIDDEN, "{ ?s ?p a:b.c.§ }", "{ ?s (<a>|^<b'c>) 1.§ }", "{ § VALUES (?x ?y) { (1 <#a'b>) } }"]
    signs = [*"<>'#()\\.,=!-{} \n1§", "'''", "\\'", "\\q", "?x", "a:", "_:b", "true", "'a'", "@en"]
    signs += ["<'>", "<#>", "<a>", "<<", ">>", "||", "//", "VALUES ?v {"]
    read = 0
    for _ in range(4_000):
        text = chance.choice(texts)
        for _ in range(chance.randrange(5)):
            place = chance.randrange(len(text))
            text = text[:place] + chance.choice(signs) + text[place + chance.choice((0, 0, 0, 1, 2)) :]
        if "§" in text and is_read(text, name):
            read += 1
            assert is_known(text, name), text
    assert read > 200


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


def test_one_service_stands_for_a_list_of_one_and_allows_no_other() -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        sparql.guard("ASK { SERVICE <https://a.ex> { ?s ?p ?o } }", services="https://a.example/sparql")
    assert sparql.guard("ASK { SERVICE <https://a.ex> { ?s ?p ?o } }", services="https://a.ex") == "ASK"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service a schema:Service . # SERVICE\n ?s ?p 'SERVICE' }",
        "ASK { <http://x/service#a> ?p ?o FILTER(?o < 3 && ?o > 1) }",
        "ASK { ?service <http://x/Paris_(city)> <http://x/it's#a> , ('a' <http://x/it's>) , <#it's> }",
        "ASK { ?service ?p <urn:x:(y)> ; <#a> <#b> . VALUES (?x ?y) { (<#a> <#it's>) } }",
        "ASK { ?service (<#a>|^<#b>)/<#c> ?o FILTER(?o IN (<#it's>, <#a>) && ?o != <#b> && 1 < 2) }",
        """ASK { ?service ?p '''it\\'s \\n \"""''' , skos:it\\'s ; ?q "\\u00e6" FILTER(?a<?b&&?c>?d) }""",
        "ASK { ?s ?p ?o }" + "#" * 10_000,
        "ASK { VALUES ?x { " + "1 " * 50_000 + "} }",
        "ASK { VALUES ?x { " + "<#l'a> " * 50_000 + "} }",
        "ASK { <http://x/l'a#b> ?p '''a \\t \\u00e9 \\\\ ' b''' . ?service a ?x }",
        "PREFIX : <#> ASK FROM <#l'a> { FILTER(?service < 'x' && ?o > 'y') ?s :l\\'a ?o }",
    ],
)
def test_harmless_texts_pass(text: str) -> None:
    sparql.guard(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK { FILTER(" + "(" * 5_000 + "1" + ")" * 5_000 + ") }", "nested more than 100 deep"),
        ("ASK { FILTER(1<" + "(" * 5_000 + "1" + ")" * 5_000 + ">0) }", "can be read in two ways"),
        ("ASK { FILTER(1<" + "!" * 16_000 + "1>0) }", "more than 5,000 tokens"),
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK { ?x a a:b .\n  FILTER(?x == 3)\n  ?x a:b ?c .\n}\n", "line 2, column 14: .* before '= 3\\)'"),
        ("SELECT ?x, ?y WHERE { ?x a ?y }", "column 10: .* before ', "),
        ("SELECT * {} ORDER ?x", "column 19: .* before '\\?x'"),
        ("SELECT (SUM(?x)) { ?x ?p ?o }", "column 16: .* before '\\) {"),
        ("ASK { BIND(COALESCE(?x, 1) AS ?y) FILTER(NOPE(?x)) }", "column 42: .* before 'NOPE"),
        ("SELECT * {} LIMIT # e\n", "line 1, column 22: the end of the query is missing"),
        ("SELECT ?x ?x { { SELECT ?y { ?y ?x 1 } } } LIMIT 5\n\n", "line 1, column 1: Duplicated variable"),
        ("SELECT * { ?x a ?y } GROUP BY ?x", "column 28: SELECT . is not authorized with GROUP BY"),
        ("ASK { VALUES (?x ?y) { (1) } }", "column 7: The VALUES clause rows should"),
        ("ASK { <d> ?x ?y } ORDER ?x", "column 25: .* before '\\?x'"),
        ("ASK { ?x ?y <http://a:b:c> }", "column 13: IRI parsing failed"),
        ("ASK { ?x ?y <http://x y> }", "column 13: an IRI begins here that holds a space"),
        ("PREFIX a: <b c> ASK { a:b ?y 1 }", "column 11: an IRI begins here that holds a space"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, message: str) -> None:
    store = EmbeddedStore(prefixes={"a": "http://x/"})
    store.base = "http://x/"
    with pytest.raises(QueryError, match=message):
        store.query(text)


def test_updates_are_refused() -> None:
    with pytest.raises(QueryError, match="DELETE is an update, and updates are refused"):
        sparql.guard("PREFIX a: <a:> DELETE WHERE { ?s ?p ?o }")


def test_a_text_with_a_base_of_its_own_gets_no_other() -> None:
    text = "# a\nBASE <http://x/> ASK { <a> skos:broader <b> }"
    assert "BASE <http://y/>" not in sparql.declare(text, base="http://y/")
    assert sparql.declare("ASK { <a> ?p <b> }", base="http://y/").startswith("BASE <http://y/>")


@pytest.mark.parametrize(
    "line",
    ['\\"""\n', "\\'''\n", '\\"', '\\"\\\n', '"""\\', '"\\\n', "a.", "a-", "<\\u1111", "<\\u1", ":.", "'"],
)
def test_tokens_take_the_time_of_their_length(line: str) -> None:
    # Where each of them was looked for to the end of the text, this took minutes, or without end.
    start = time.monotonic()
    for text in (line * (200_000 // len(line)), "<" + line[1:] * (200_000 // len(line))):
        assert not sparql.varies(text)
        read = "".join(token[0] for token in sparql.tokens(text))
        assert "".join(read.split()) == "".join(text.split())
    assert time.monotonic() - start < 5


HEAD = "PREFIX : <http://x/> PREFIX b: <http://b/> "


@pytest.mark.parametrize(
    ("prologue", "clauses", "default", "named"),
    [
        ("", "", [], []),
        ("", "FROM :g", ["http://x/g"], []),
        ("", "FROM NAMED :g", [], ["http://x/g"]),
        ("", "from :g from named :h from b:", ["http://x/g", "http://b/"], ["http://x/h"]),
        ("", "FROM<http://g/>FROM NAMED<http://h/>", ["http://g/"], ["http://h/"]),
        ("", "FROM<http://g/>FROMNAMED<http://h/>", ["http://g/"], ["http://h/"]),
        ("", "FROMb:g FROM NAMEDb:h FROMNAMEDb:i", ["http://b/g"], ["http://b/h", "http://b/i"]),
        ("", "FROM:g FROM NAMED:h", ["http://x/g"], ["http://x/h"]),
        ("", "# FROM :h\nFROM # NAMED\n:g", ["http://x/g"], []),
        ("", "FROM#NAMED\n:g", ["http://x/g"], []),
        ("", "FROM :from FROM NAMED :named", ["http://x/from"], ["http://x/named"]),
        ("", "FROM b:FROM FROM b:named", ["http://b/FROM", "http://b/named"], []),
        ("PREFIX FROM: <http://f/>", "FROM FROM:g", ["http://f/g"], []),
        ("PREFIX named: <http://n/>", "FROM named:g", ["http://n/g"], []),
        ("PREFIX NAMED: <http://n/>", "FROM NAMED:g", ["http://n/g"], []),
        ("PREFIX NAMED: <http://n/>", "FROM NAMED NAMED:g", [], ["http://n/g"]),
        ("PREFIX graph: <http://graph/>", "FROM graph:g", ["http://graph/g"], []),
        ("BASE <http://base/a/>", "FROM <g> FROM NAMED <../h>", ["http://base/a/g"], ["http://base/h"]),
        ("BASE <http://base/> PREFIX r: <r/>", "FROM r:g", ["http://base/r/g"], []),
        ("", "FROM <g> FROM <>", ["http://own/g", "http://own/"], []),
        ("", "FROM skos:g", ["http://www.w3.org/2004/02/skos/core#g"], []),
        ("", "FROM :\\-g\\.x FROM :a%20b", ["http://x/-g.x", "http://x/a%20b"], []),
        ("", "FROM <http://x/\\u0067>", ["http://x/g"], []),
    ],
)
def test_the_graphs_after_from_are_those_that_the_engine_asks(prologue, clauses, default, named):
    of_default = f"{HEAD}{prologue} SELECT ?s {clauses} {{ ?s ?p ?o }}"
    of_named = f"{HEAD}{prologue} SELECT ?g {clauses} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    for text in (of_default, of_named):
        found = sparql.asked_graphs(text, base="http://own/")
        assert [[graph.value for graph in part] for part in found] == [default, named]
        assert sparql.asks_graphs(text) or not clauses
    store, graphs = Store(), {*default, *named, "http://other/"}
    store.extend(Quad(*[NamedNode(graph)] * 4) for graph in graphs)
    options = {"prefixes": dict(PREFIXES), "base_iri": "http://own/"}
    assert {row[0].value for row in store.query(of_default, **options)} == {*default}
    assert {row[0].value for row in store.query(of_named, **options)} == ({*named} if clauses else graphs)


@pytest.mark.parametrize(
    ("text", "default"),
    [
        ("CONSTRUCT { ?s ?p ?o } FROM :g WHERE { ?s ?p ?o }", ["http://x/g"]),
        ("CONSTRUCT FROM :g WHERE { ?s ?p ?o }", ["http://x/g"]),
        ("DESCRIBE :a FROM :g", ["http://x/g"]),
        ("DESCRIBE ?from FROM :g { ?from ?p ?o }", ["http://x/g"]),
        ("SELECT ?from (COUNT(?graph) AS ?named) FROM :g { ?from ?p ?graph } GROUP BY ?from", ["http://x/g"]),
        ('SELECT (""" FROM\n:h """ AS ?x) FROM :g { ?s ?p ?o }', ["http://x/g"]),
        ("SELECT ('FROM :g' AS ?x) { ?s ?p ?o } # FROM :g\n", []),
        ("SELECT * { ?s <http://x/FROM> ?o ; :FROM ?from }", []),
        ("ASK { { SELECT * { ?from ?named ?o } } FILTER EXISTS { ?s ?p :FROM } }", []),
    ],
)
def test_from_elsewhere_in_a_query_names_no_graph(text, default):
    Store().query(HEAD + text)  # which the engine can read
    assert [graph.value for graph in sparql.asked_graphs(HEAD + text)[0]] == default
    assert sparql.asks_graphs(HEAD + text) or not default


@pytest.mark.parametrize(
    "text",
    [
        "ASK { GRAPH ?g { ?s ?p ?o } }",
        "ask { graph<http://g/>{ ?s ?p ?o } }",
        "ASK { {}GRAPH<http://g/>{ ?s ?p ?o } }",
        "ASK { FILTER('<http://a' != 'b')GRAPH?g{ ?s ?p ?o FILTER(1 != 2 || 1 > 2) } }",
        "ASK { ?x ?y 1 .GRAPH b:g { ?s ?p ?o } }",
        "ASK { ?x ?y true.GRAPH?g { ?s ?p ?o } }",
        "ASK { GRAPHb:g { ?s ?p ?o } }",
        "PREFIX GRAPHb: <http://z/> ASK { GRAPHb:g { ?s ?p ?o } }",
        "ASK { ?x ?y 1GRAPH?g{ ?s ?p ?o } }",
        "ASK { ?x ?y 1.GRAPH?g{ ?s ?p ?o } }",
        "ASK { ?x ?y trueGRAPH?g{ ?s ?p ?o } }",
        "ASK { ?x ?y <a:o>GRAPH?g{ ?s ?p ?o } }",
        "ASK { FILTER(1<2)GRAPH?g{ ?s ?p ?o } }",
        "ASK { FILTER(1<2)GRAPH<http://g/>{ ?s ?p ?o } }",
        "ASK { FILTER(1<2)GRAPH#>\n?g{ ?s ?p ?o } }",
        "ASK FROM b:g { ?s ?p ?o }",
        "ASKFROM<http://g/>{ ?s ?p ?o }",
        "ASK FROMb:g { ?s ?p ?o }",
    ],
)
def test_a_query_that_asks_for_graphs_is_known_however_it_is_written(text):
    store, o = Store(), [Literal(1), Literal(True), NamedNode("a:o")]
    store.extend(Quad(NamedNode("a:s"), NamedNode("a:p"), each) for each in o)
    store.extend(Quad(*[NamedNode("a:x")] * 3, NamedNode(each)) for each in ("http://g/", "http://b/g"))
    assert store.query(HEAD + text)
    assert sparql.asks_graphs(HEAD + text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?from ?graph ?GRAPH }",
        "ASK { $from $graph 'FROM x GRAPH' } # GRAPH ?g",
        'ASK { ?s ?p """\nGRAPH ?g {}""" }',
        "ASK { ?s <http://x/GRAPH> <http://x/FROM> }",
        "ASK { ?s skos:GRAPH skos:from }",
        "ASK { _:graph ?p _:from }",
        "ASK { ?s ?p 'a'@from }",
        "PREFIX ex: <http://e.org/> SELECT ?d { ?s ex:validFrom ?d }",
        "PREFIX ex: <http://e.org/> ASK { ?s ex:geography ?o }",
    ],
)
def test_a_query_that_asks_for_no_graph_does_not_have_them_added(text):
    assert not sparql.asks_graphs(text)


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("SELECT * { ?s ?p ?a FILTER(?a<NOW()&&NOW()>?a) }", True),
        ("SELECT (STRUUID() AS ?x) {}", True),
        ("ASK { <http://x.example/NOW> ?now ?known } # NOW()", False),
        ('ASK { ?s ?p "NOW()" }', False),
        ('ASK { ?s ?p "NOW()" }' + " " * 5_000, True),  # whose tokens would keep others waiting
        ("ASK { ?s ?p 'now }", True),
    ],
)
def test_what_varies_by_itself_is_known(text: str, does: bool) -> None:
    assert sparql.varies(text) is does
