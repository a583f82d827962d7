"""What every store answers alike, in memory, kept on disk or on the web: each has a class of tests."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pyoxigraph
import pytest
from pyoxigraph import Literal, NamedNode, QueryBoolean, QuerySolutions, QueryTriples

from policygraph.catalog.labels import matching
from policygraph.catalog.notes import notes
from policygraph.errors import DocumentError, QueryError, ResourceError
from policygraph.store.names import named

# Two graphs, both of which state that c costs 5, and one triple that stands in no graph and in one.
DATA = b"""\
<http://example.org/a> <http://www.w3.org/2004/02/skos/core#prefLabel> "\xc3\x85"@da <http://example.org/g1> .
<http://example.org/a> <http://example.org/n> "1"^^<xsd:integer> <http://example.org/g1> .
<http://example.org/b> <http://example.org/n> "2"^^<xsd:integer> <http://example.org/g2> .
_:x <http://example.org/n> "3"^^<xsd:integer> <http://example.org/g2> .
<http://example.org/c> <http://example.org/cost> "5"^^<xsd:integer> <http://example.org/g1> .
<http://example.org/c> <http://example.org/cost> "5"^^<xsd:integer> <http://example.org/g2> .
<http://example.org/d> <http://example.org/cost> "7"^^<xsd:integer> <http://example.org/g2> .
_:x <http://example.org/of> _:y <http://example.org/g1> .
_:y <http://example.org/is> "y" <http://example.org/g2> .
<http://example.org/e> <http://example.org/of> <http://example.org/f> .
<http://example.org/e> <http://example.org/of> <http://example.org/f> <http://example.org/g1> .
<http://example.org/f> <http://example.org/of> <http://example.org/e> .
""".replace(b"xsd:", b"http://www.w3.org/2001/XMLSchema#")
COSTS = "SELECT (COUNT(?n) AS ?count) (SUM(?n) AS ?sum) (AVG(?n) AS ?mean) {} {{ ?s e:cost ?n }}"
OWN = "http://example.org/own"
E = "PREFIX e: <http://example.org/> "

# Labels, words in them and their starts, in four languages; what is misspelt, shared, or no name at all.
NAMES = [
    *("Agency for Digital Government", "digitaliseringsstyrelsen", "Digital", "indkøb", "indkob", "Norge.no"),
    *("Digital dømmekraft", "Vår felles", "ø", "Å", "d", "It", "NO", "ELMA", "77 %", "%", "_", '"', "\\"),
    *('"Digital', "l'", ".*", "e-", "styrelse", "Digitaliseringsstyrelse", "Agncy for Digital Government"),
    *("Emergng technologies", "Nodvendige reformer", "Nodvendige reforer"),
    *("Borger dk", "qqqq", "zx", "🙂", "é", "Café", "ﬁ", "ß"),
    *(
        "",
        "  Peppol  eDelivery ",
        "is part of",
        "Plan",
        "2016",
        "M1",
        "digital service",
        "service digital",
        "Danmark",
    ),
]
NOTED = [
    "SELECT * { ?s a pg:Plam }",
    "SELECT * { ?s a pg:Plan }",
    "SELECT * { ?s pg:hasGoals ?o ; skos:prefLabels ?l ; pg:Plan ?x }",
    "SELECT * { <https://w3id.org/policygraph/id/dk/organisation/digitaliseringsstyrelse> ?p ?o }",
    "SELECT * { ?s <http://example.org/nothing-like-it> ?o }",
    "SELECT * FROM <https://w3id.org/policygraph/data/denmrk> { ?s ?p ?o }",
    "SELECT * { GRAPH <https://w3id.org/policygraph/data/sweden> { ?s ?p ?o } }",
    'SELECT * { ?s skos:prefLabel ?l FILTER(LANG(?l) = "sv") }',
    'SELECT * { ?s skos:prefLabel ?l FILTER(LANGMATCHES(LANG(?l), "no")) }',
    'SELECT * { ?s skos:prefLabel ?l FILTER(LANG(?l) = "DA") }',
    "SELECT * { ?s skos:prefLabel 'Digitaliseringsstyrelsen' }",
    "SELECT * { ?s skos:prefLabel 'Digitaliseringsstyrelsen'@sv }",
    "SELECT * { ?s skos:prefLabel 'Digitaliseringsstyrelsen'@da }",
    "SELECT * { ?s pg:startDate ?d FILTER(?d > 2012) }",
    'SELECT * { ?s pg:startDate ?d FILTER(?d > "2012-01-01"^^xsd:date) }',
    'SELECT * { ?s pg:startDate ?d FILTER(?d > "2012"^^xsd:gYear) }',
    'SELECT * { ?s pg:endDate ?d FILTER(?d = "2012") }',
    'SELECT * { ?s dct:issued ?d FILTER(?d < "2012-01"^^xsd:gYearMonth && ?d > 5) }',
    "SELECT * { ?s skos:notation ?n FILTER(?n = 'DK') }",
    "SELECT * { " + " ".join(f"?s pg:no{number} ?o{number} ." for number in range(6)) + " }",
]


class StoreContract:
    """The contract; a subclass has the fixture `store`, of DATA."""

    def test_select_answers_solutions_over_all_graphs(self, store):
        text = "SELECT ?s ?n ?none { ?s <http://example.org/n> ?n FILTER(isIRI(?s)) } ORDER BY ?n"
        answer = store.query(text)
        assert isinstance(answer, QuerySolutions)
        assert [variable.value for variable in answer.variables] == ["s", "n", "none"]
        a, b = NamedNode("http://example.org/a"), NamedNode("http://example.org/b")
        assert [list(row) for row in answer] == [[a, Literal(1), None], [b, Literal(2), None]]

    def test_select_reaches_named_graphs(self, store):
        rows = store.query("SELECT ?g { GRAPH ?g { <http://example.org/b> ?p ?o } }")
        assert [row["g"] for row in rows] == [NamedNode("http://example.org/g2")]

    def test_what_two_graphs_state_counts_once(self, store):
        assert _costs(store) == [2, 12, 6]
        (row,) = store.query(E + "SELECT (COUNT(*) AS ?n) { ?s e:of|e:cost ?o }")
        assert row["n"].value == "5"

    def test_no_row_is_repeated_but_by_each_graph_that_is_asked(self, store):
        asked = "SELECT ?g ?n { %s }"
        assert [row["n"].value for row in store.query(E + asked % "e:c e:cost ?n")] == ["5"]
        rows = store.query(E + asked % "GRAPH ?g { e:c e:cost ?n }")
        assert sorted(row["g"].value[-2:] for row in rows) == ["g1", "g2"]

    @pytest.mark.parametrize(
        ("dataset", "number"),
        [
            ("", 3),
            ("FROM <http://example.org/g1>", 1),
            ("from<http://example.org/g1>FROM <http://example.org/g2>", 3),
            ("FROM <http://example.org/nowhere>", 0),
            ("FROM NAMED <http://example.org/g1>", 0),
            ("# FROM <http://example.org/g1>\n", 3),
        ],
    )
    def test_from_says_which_graphs_are_asked(self, store, dataset, number):
        text = f"SELECT ('FROM' AS ?x) (COUNT(?s) AS ?n) {dataset} {{ ?s <http://example.org/n> ?o }}"
        assert [row["n"].value for row in store.query(text)] == [str(number)]

    @pytest.mark.parametrize(
        ("dataset", "found"),
        [
            ("FROM e:g1", [1, 5, 5]),
            ("FROM e:g2", [2, 12, 6]),
            ("FROM e:g1 FROM NAMED e:g2", [1, 5, 5]),
            ("FROM NAMED e:g1 FROM NAMED e:g2", [0, 0, 0]),
        ],
    )
    def test_one_graph_after_from_is_asked_alone(self, store, dataset, found):
        assert _costs(store, dataset) == found

    def test_from_named_says_which_named_graphs_are_asked(self, store):
        text = "SELECT DISTINCT ?g FROM NAMED <http://example.org/g2> { GRAPH ?g { ?s ?p ?o } }"
        assert [row["g"].value for row in store.query(text)] == ["http://example.org/g2"]

    def test_of_from_and_from_named_each_pattern_asks_its_own(self, store):
        text = E + "SELECT ?s ?n FROM e:g1 FROM e:g2 FROM NAMED e:g1 { ?s e:n ?n GRAPH ?g { ?x e:cost 5 } }"
        assert sorted(row["n"].value for row in store.query(text)) == ["1", "2", "3"]

    def test_blank_nodes_are_the_same_in_the_merge_and_in_every_graph(self, store):
        joined = "?x e:n 3 . GRAPH e:g1 { ?x e:of ?y } ?y e:is 'y' . GRAPH e:g2 { ?y e:is ?o }"
        assert store.query(E + f"ASK {{ {joined} }}")
        assert store.query(E + "ASK { ?x e:n 3 ; e:of/e:is 'y' }")
        assert store.query(E + "ASK FROM e:g1 FROM e:g2 { ?x e:n 3 ; e:of/e:is 'y' }")

    def test_relative_iris_are_those_of_the_catalogue(self, store):
        store.base = "https://w3id.org/policygraph/"
        (triple,) = store.query("CONSTRUCT { <id/s> <#p> <http://example.org/o> } {}")
        assert [str(term) for term in triple] == [
            *("<https://w3id.org/policygraph/id/s>", "<https://w3id.org/policygraph/#p>"),
            "<http://example.org/o>",
        ]

    def test_ask_answers_a_boolean(self, store):
        answer = store.query("ASK { ?s ?p 2 }")
        assert isinstance(answer, QueryBoolean)
        assert answer
        assert not store.query("ASK { ?s ?p 4 }")

    @pytest.mark.parametrize(
        "text", ["CONSTRUCT WHERE { <http://example.org/a> ?p ?o }", "DESCRIBE <http://example.org/a>"]
    )
    def test_construct_and_describe_answer_triples(self, store, text):
        answer = store.query(text)
        assert isinstance(answer, QueryTriples)
        assert {triple.object for triple in answer} == {Literal("Å", language="da"), Literal(1)}

    def test_the_catalogues_prefixes_need_no_declaration(self, store):
        assert store.query("ASK { ?s skos:prefLabel 'Å'@da }")

    def test_a_texts_own_prefixes_win(self, store):
        assert not store.query("PREFIX skos: <http://example.org/> ASK { ?s skos:prefLabel ?o }")
        assert store.query("PREFIX skos: <http://example.org/> ASK { ?s skos:n 1 }")

    def test_words_in_comments_mislead_nobody(self, store):
        assert store.query("#+ summary: CONSTRUCT or DELETE?\n# INSERT\nASK { ?s ?p 1 } # SELECT")

    def test_a_long_query_is_answered(self, store):
        values = " ".join(f"<http://example.org/{number}>" for number in range(2_000))
        assert store.query(f"ASK {{ VALUES ?s {{ {values} <http://example.org/a> }} ?s ?p ?o }}")

    @pytest.mark.parametrize(
        "text", ["DELETE WHERE { ?s ?p ?o }", "PREFIX a: <a:> DROP ALL", "LOAD <http://x/>"]
    )
    def test_updates_are_refused(self, store, text):
        with pytest.raises(QueryError, match="update, and updates are refused"):
            store.query(text)

    @pytest.mark.parametrize(
        ("text", "line", "column", "message"),
        [
            ("#+ summary: x\nSELECT * {\n  ?s skos:a ;; ?o\n", 2, 10, "'{' is never closed"),
            ("SELECT * { ?s skos:prefLabel } LIMIT 1", 1, 30, "cannot be read at or before '} LIMIT 1'"),
            ("SELECT * { ?s ?p ?o } LIMIT", 1, 28, "the end of the query is missing"),
            (
                "ASK {\n ?s skoss:prefLabel ?o }",
                2,
                5,
                "prefix of 'skoss:prefLabel' is not declared. Did you mean 'skos'",
            ),
            ("ASK { ?s ?p zzzz:a }", 1, 13, "Declare it: PREFIX zzzz: <…>"),
            ("ASK { ?s ?p 'a }", 1, 13, "a string begins here and is never closed"),
            ("ASK { ?s ?p (1 } )", 1, 16, "'}' closes nothing"),
            (
                "SELECT ?x { ?s skos:prefLabel ?o } GROUP BY ?s",
                1,
                1,
                "The SELECT contains a variable that is unbound",
            ),
            ("SELCT * {}", 1, 1, "Did you mean 'SELECT'"),
        ],
    )
    def test_a_syntax_error_is_placed_in_the_text_as_written(self, store, text, line, column, message):
        with pytest.raises(QueryError) as caught:
            store.query(text)
        assert message in str(caught.value)
        assert (caught.value.line, caught.value.column) == (line, column)
        assert "\n" not in str(caught.value)


class NameContract:
    """What a store of Denmark and Norway, the fixture `both`, finds by name as one in memory does."""

    names = NAMES

    @pytest.mark.full
    def test_a_name_finds_the_same_things_in_the_same_order(self, shipped, both, named_in_memory):
        assert by_name(shipped, both, self.names) == {name: named_in_memory[name] for name in self.names}

    @pytest.mark.full
    @pytest.mark.parametrize("text", NOTED)
    def test_what_a_query_asks_in_vain_is_told_alike(self, loaded, both, text):
        assert notes(both, text) == notes(loaded, text)


class QuadContract(StoreContract):
    """The contract of a store that gives its quads too; `stated` are those that it was made of."""

    @pytest.fixture
    def stated(self, quads):
        return quads

    @pytest.mark.parametrize(
        "dataset", ["FROM e:g1 FROM e:g2", "FROM e:g2 FROM e:g2", "FROM e:g1 FROM e:g2 FROM NAMED e:g1"]
    )
    def test_several_graphs_after_from_are_merged(self, store, dataset):
        # A service may repeat the rows that they share, as Oxigraph's server does.
        assert _costs(store, dataset) == [2, 12, 6]
        assert len([*store.query(E + f"SELECT ?s {dataset} {{ ?s e:cost ?n }}")]) == 2

    def test_iteration_and_length_are_what_was_loaded(self, store, stated):
        found = [*store]
        assert len(found) == len(store) == len(stated)
        assert canonical(found) == canonical(stated)

    def test_a_question_comes_out_alike_before_and_after_iteration(self, store):
        assert _costs(store) == [2, 12, 6]
        assert len([*store])
        assert _costs(store) == [2, 12, 6]

    @pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib's own use of it
    def test_the_rdflib_dataset_sums_what_two_graphs_state_once(self, store):
        dataset = store.dataset()
        (row,) = dataset.query(E + COSTS.format(""))
        assert [int(row["count"]), int(row["sum"]), float(row["mean"])] == [2, 12, 6]
        rows = dataset.query(E + "SELECT ?g { GRAPH ?g { e:c e:cost ?n } }")
        assert sorted(str(row["g"])[-2:] for row in rows) == ["g1", "g2"]

    @pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
    def test_the_rdflib_dataset_is_read_and_nothing_is_written_to_it(self, store, stated):
        from rdflib import Graph, URIRef

        dataset, triple = store.dataset(), (URIRef("e:new"), URIRef("e:p"), URIRef("e:o"))
        graphs = {str(graph.identifier): len(graph) for graph in dataset.graphs()}
        graph = next(name for name in graphs if name[-2:] == "g1")
        assert len(dataset.graph(URIRef(graph))) == graphs[graph] > 0
        assert len(dataset.graph(URIRef("e:none"))) == 0
        writes = [
            lambda: dataset.add(triple),
            lambda: dataset.graph(URIRef(graph)).add(triple),
            lambda: dataset.addN([(*triple, URIRef(graph))]),
            lambda: dataset.remove((None, None, None)),
            lambda: dataset.remove_graph(URIRef(graph)),
            lambda: dataset.update("INSERT DATA { <e:new> <e:p> <e:o> }"),
            *(
                partial(dataset.parse, data=Graph().add(triple).serialize(format=each), format=each)
                for each in ("turtle", "xml", "trig", "json-ld")
            ),
        ]
        for write in writes:
            with pytest.raises(
                DocumentError, match=r"^This dataset is for reading; add to its store, by `add`\.$"
            ):
                write()
        assert {str(each.identifier) for each in dataset.graphs()} == graphs.keys()
        assert len(store) == len(stated)


class RealContract:
    """What a store of Denmark and Norway, the fixture `both`, gives as it was loaded from files."""

    @pytest.mark.full
    def test_real_data_are_given_as_they_were_loaded(self, loaded, canonical_loaded, both):
        assert len(both) == len(loaded) > 15_000
        assert Counter(quad.graph_name for quad in both) == Counter(quad.graph_name for quad in loaded)
        assert canonical(both) == canonical_loaded


def by_name(catalog, store, names=NAMES):
    """What each name finds: a thing or what is said instead, with the candidates; and what search finds."""
    found = {}
    for name in names:
        try:
            thing = catalog.find_resource(name, store=store)
        except ResourceError as error:
            thing = str(error), error.candidates
        found[name] = thing, matching(named(store, name), name)
    return found


def in_graph(quads):
    """The quads, those without a graph in that of their file, OWN."""
    default, own = pyoxigraph.DefaultGraph(), NamedNode(OWN)
    return [quad if quad.graph_name != default else pyoxigraph.Quad(*quad.triple, own) for quad in quads]


def _costs(store, dataset=""):
    """Number, sum and mean of the costs in the graphs that are named after FROM, or in all."""
    (row,) = store.query(E + COSTS.format(dataset))
    return [float(row[name].value) for name in ("count", "sum", "mean")]


def canonical(quads):
    """Quads in an order and with blank nodes that are the same for all that mean the same."""
    dataset = pyoxigraph.Dataset(quads)
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))
