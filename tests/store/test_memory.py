"""The store in memory: its contract, what can be added, and when the graphs of files are.

Tests of `store.answer`, `store.names` and `store.protocols`.
"""

from __future__ import annotations

import pyoxigraph
import pytest
from contract import DATA, OWN, QuadContract, RealContract, canonical, in_graph
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from policygraph.errors import DocumentError, QueryError
from policygraph.rdf.reader import read
from policygraph.store.memory import EmbeddedStore


class TestEmbeddedStore(QuadContract, RealContract):
    @pytest.fixture
    def store(self, quads):
        return EmbeddedStore(quads)

    @pytest.fixture
    def both(self, loaded):
        """Quad by quad, where `loaded` came from files."""
        store = EmbeddedStore(loaded, prefixes=loaded.prefixes)
        store.base = loaded.base
        return store


class TestLoadedStore(QuadContract):
    """Loaded from files, of which one names graphs itself."""

    @pytest.fixture
    def stated(self, quads):
        return in_graph(quads)

    @pytest.fixture
    def store(self, small_file):
        store = EmbeddedStore()
        store.load([(small_file, OWN, False)])
        return store


def test_names_find_what_the_others_are_compared_with(named_in_memory):
    digitisation = "https://w3id.org/policygraph/id/dk/organisation/agency-for-digitisation"
    for name in ("Agency for Digital Government", "digitaliseringsstyrelsen"):
        found, candidates = named_in_memory[name]
        assert (found, candidates[0]) == (digitisation, digitisation)
    assert "Did you mean 'Nødvendige reformer'?" in named_in_memory["Nodvendige reforer"][0][0]
    said, candidates = named_in_memory["Digital"][0]
    assert said.startswith("'Digital' may be any of these; name one by its CURIE:")
    assert len(candidates) > 2


def test_quads_can_be_added_and_read_back():
    store = EmbeddedStore()
    assert len(store) == 0
    quad = pyoxigraph.Quad(NamedNode("a:s"), NamedNode("a:p"), Literal("o"), NamedNode("a:g"))
    store.add([quad])
    assert list(store) == [quad]
    assert len(store) == 1


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib's own use of it
def test_the_rdflib_dataset_is_the_same_store():
    import rdflib

    store = EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset = store.dataset()
    n = rdflib.URIRef("http://example.org/n")
    assert sorted(int(o) for o in dataset.objects(None, n)) == [1, 2, 3]
    store.add([pyoxigraph.Triple(NamedNode("http://example.org/c"), NamedNode(n), Literal(4))])
    assert sorted(int(o) for o in dataset.objects(None, n)) == [1, 2, 3, 4]
    assert {"pg", "pgc"} <= {prefix for prefix, _ in dataset.namespaces()}
    assert not dataset.query("ASK { ?s a pg:Plan }")


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_a_file_an_rdflib_graph_and_triples_are_added_to_a_graph_or_none(tmp_path):
    import rdflib

    text = '<a:s> <a:p> "x"@da , "2014"^^<http://www.w3.org/2001/XMLSchema#gYear> .'
    (tmp_path / "file.ttl").write_text(text)
    triples = [quad.triple for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE)]
    graph, dataset = rdflib.Graph().parse(data=text, format="turtle"), rdflib.Dataset()
    dataset.graph(rdflib.URIRef("a:own")).parse(data=text, format="turtle")
    for data in (tmp_path / "file.ttl", str(tmp_path / "file.ttl"), graph, triples, EmbeddedStore(triples)):
        store = EmbeddedStore()
        store.add(data)
        assert {quad.triple for quad in store} == {*triples}
        store.add(data, graph="urn:g")
        assert len(store) == 4
        assert store.query("ASK { GRAPH <urn:g> { <a:s> <a:p> 'x'@da } }")
    store = EmbeddedStore()
    store.add(dataset, graph="urn:g")
    assert {quad.graph_name for quad in store} == {NamedNode("a:own")}


def test_a_graph_to_add_to_is_an_iri_or_a_curie():
    store = EmbeddedStore()
    quad = pyoxigraph.Triple(NamedNode("a:s"), NamedNode("a:p"), NamedNode("a:o"))
    store.add([quad], graph="skos:x")
    assert [each.graph_name.value for each in store] == ["http://www.w3.org/2004/02/skos/core#x"]
    with pytest.raises(DocumentError, match=r"^'nix' is neither an IRI nor a CURIE"):
        store.add([quad], graph="nix")


@pytest.mark.parametrize("data", [[1], ["x"], 3, [(1, 2, 3)]])
def test_what_is_no_rdf_is_refused_and_nothing_added(data):
    store = EmbeddedStore()
    with pytest.raises(DocumentError, match=r"^This is no RDF: add a file, an rdflib graph"):
        store.add(data)
    assert len(store) == 0


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(DocumentError, match=r"^file\.ttl: There is no such file\.$"):
        EmbeddedStore().add("file.ttl")


def test_graphs_that_are_too_large_to_be_merged_for_a_query_are_refused(monkeypatch):
    monkeypatch.setattr("policygraph.store.memory._MOST", 6)
    store = EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))
    start = "PREFIX e: <http://example.org/> ASK FROM e:g1"
    assert store.query(f"{start} {{ ?s e:cost 5 }}")
    with pytest.raises(QueryError, match="more than 6 triples together, which are not merged for one query;"):
        store.query(f"{start} FROM e:g2 {{ ?s e:cost 5 }}")


# Files, whose named graphs wait until they are asked for


FILES = {
    "blank.ttl": b"""PREFIX e: <http://example.org/>
      e:a e:of [ e:is 'blank' ] ; e:list ( 1 [ e:is 'item' ] ) .""",
    "terms.ttl": b"""PREFIX e: <http://example.org/> e:a e:says <<( e:b e:of _:x )>> . _:x e:is 'quoted' .
      e:c e:cost 5 {| e:by [ e:is 'annotator' ] |} .""",
    "plain.ttl": b"PREFIX e: <http://example.org/> e:c e:cost 5 . e:d e:cost 7 .",
    "quads.trig": b"""PREFIX e: <http://example.org/>
      e:q e:cost 9 . e:g { e:q e:of _:z . _:z e:is 'z' } _:z e:n 1 .""",
    "quads.nq": b'_:n <http://example.org/is> "nq" <http://example.org/h> .\n<a:s> <a:p> _:n .\n',
}


@pytest.fixture
def files(tmp_path):
    """Files of several formats with the IRIs of their graphs, which are their names."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return [(tmp_path / name, f"http://example.org/{name}") for name in FILES]


def load(files):
    store = EmbeddedStore()
    store.load((*each, False) for each in files)
    return store


def test_named_graphs_of_files_are_added_only_when_asked_for(files):
    store = load(files)
    assert store.query("ASK { ?s <http://example.org/is> 'item' }")
    assert store.query("ASK { ?GRAPH ?from 'item' } # GRAPH ?g FROM")
    assert [document.name.rpartition("/")[2] for document, _ in store._waiting] == ["plain.ttl"]
    assert store.query("ASK { GRAPH <http://example.org/plain.ttl> { ?s ?p 7 } }")
    assert not store._waiting


@pytest.mark.parametrize(
    "asks",
    [
        lambda store: store.query("ASK { GRAPH ?g { ?s ?p ?o } }"),
        lambda store: store.query("ASK FROM <http://example.org/plain.ttl> { ?s ?p ?o }"),
        lambda store: next(iter(store)),
        len,
        EmbeddedStore.dataset,
    ],
    ids=["GRAPH", "FROM", "iteration", "length", "rdflib"],
)
def test_whatever_needs_the_graphs_of_files_has_them_added_once(files, asks):
    store = load(files)
    asks(store)
    assert not store._waiting
    before = sorted(map(str, store))
    asks(store)
    assert sorted(map(str, store)) == before


def test_a_file_has_the_same_blank_nodes_in_its_graph_as_in_the_merge(files):
    store = load(files)
    merge = {*map(str, store.query("CONSTRUCT WHERE { ?s ?p ?o }"))}
    graphs = {*map(str, store.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"))}
    assert {*map(str, store.query("CONSTRUCT WHERE { ?s ?p ?o }"))} == graphs
    assert len(graphs) == len(merge)
    for text, graph in [
        ("?a e:of ?x . GRAPH ?g { ?x e:is 'blank' }", "blank.ttl"),
        ("?a e:list/rdf:rest*/rdf:first ?x . GRAPH ?g { ?x e:is 'item' }", "blank.ttl"),
        ("?a e:list ?l . GRAPH ?g { ?l rdf:rest/rdf:first/e:is 'item' }", "blank.ttl"),
        ("?a e:says <<( ?b ?of ?x )>> . GRAPH ?g { ?x e:is 'quoted' }", "terms.ttl"),
        ("?x e:is 'quoted' . GRAPH ?g { ?a e:says <<( ?b ?of ?x )>> }", "terms.ttl"),
        ("?r rdf:reifies <<( e:c e:cost 5 )>> . GRAPH ?g { ?r e:by/e:is 'annotator' }", "terms.ttl"),
        ("e:q e:of ?z . ?z e:n 1 . GRAPH ?g { ?z e:is 'z' }", "g"),
        ("<a:s> <a:p> ?n . GRAPH ?g { ?n e:is 'nq' }", "h"),
    ]:
        rows = store.query(f"PREFIX e: <http://example.org/> SELECT DISTINCT ?g {{ {text} }}")
        assert [row["g"].value.removeprefix("http://example.org/") for row in rows] == [graph], text


@pytest.mark.parametrize(
    "text", ["e:c e:cost 5 {| e:by e:me |} .", "<< e:c e:cost 5 >> e:by e:me .", "e:c e:cost 5 ~ ."]
)
def test_a_reifier_without_a_name_is_the_same_in_the_graph_of_its_file_as_in_the_merge(tmp_path, text):
    (tmp_path / "a.ttl").write_text(f"PREFIX e: <http://example.org/> {text}")
    store = load([(tmp_path / "a.ttl", "a:g")])
    assert len([*store.query("SELECT ?g { ?r rdf:reifies ?t . GRAPH ?g { ?r rdf:reifies ?t } }")]) == 1


def test_signs_in_texts_iris_and_comments_are_no_blank_nodes(tmp_path):
    (tmp_path / "a.ttl").write_text('<a:s~b> <a:p> "~ << {| [ ( _:" , 1 . # ~ <<\n')
    assert [document.name for document, _ in load([(tmp_path / "a.ttl", "a:g")])._waiting] == [
        str(tmp_path / "a.ttl")
    ]


def test_files_are_merged_and_each_gives_its_own_quads(files):
    store = load(files)
    (row,) = store.query("SELECT (SUM(?n) AS ?sum) { ?s <http://example.org/cost> ?n }")
    assert int(row["sum"].value) == 5 + 7 + 9
    quads = [quad for path, graph in files for quad in read(path, graph=graph)]
    assert len(store) == len({*quads})
    assert canonical(store) == canonical(quads)
    (row,) = store.query("SELECT (SUM(?n) AS ?sum) { ?s <http://example.org/cost> ?n }")
    assert int(row["sum"].value) == 5 + 7 + 9


def test_what_is_added_before_and_after_files_stays_apart_from_them(files):
    plain = Triple(*(NamedNode(f"http://example.org/{name}") for name in ("c", "cost")), Literal(5))
    blank = Triple(BlankNode("mine"), NamedNode("http://example.org/is"), Literal("mine"))
    for before, after in (([plain, blank], []), ([], [plain, blank]), ([plain], [blank])):
        store = EmbeddedStore(before)
        store.load((*each, False) for each in files)
        store.add(after)
        loaded = load(files)
        assert len(store) == len(loaded) + 2
        assert {quad.triple for quad in store if quad.graph_name == pyoxigraph.DefaultGraph()} == {
            plain,
            blank,
        }
        assert store.query("ASK { ?s <http://example.org/is> 'mine' }")
        assert not store.query("ASK { GRAPH ?g { ?s <http://example.org/is> 'mine' } }")


def test_a_wrong_datatype_in_the_second_of_three_files_is_told_with_its_place(tmp_path):
    texts = ["<a:s> <a:p> 1 .", '<a:s> <a:p> 2 ;\n  <a:q> "x"^^<http://www.w3.org/2001/XMLSchema#integer> .']
    paths = [tmp_path / f"{number}.ttl" for number in range(3)]
    for path, text in zip(paths, [*texts, "<a:s> <a:p> 3 ."], strict=True):
        path.write_text(text)
    with pytest.raises(DocumentError, match='"x" is not a valid xsd:integer') as caught:
        load([(path, f"a:{path.stem}") for path in paths])
    assert (caught.value.path, caught.value.line, caught.value.column) == (str(paths[1]), 2, 9)


XSD = "http://www.w3.org/2001/XMLSchema#"
BOUNDED = {
    "a.nt": f'<a:s> <a:p> <a:o> .\n<a:s> <a:p> "%s"^^<{XSD}%s> .\n',
    "a.ttl": f'<a:s> <a:p> <a:o> .\n<a:s> <a:p> "%s"^^<{XSD}%s> .\n',
    "prefix.ttl": f'PREFIX xsd: <{XSD}>\n<a:s> <a:p> "%s"^^xsd:%s .\n',
}


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("literal", [("-5", "nonNegativeInteger"), ("300", "byte")], ids=" ".join)
def test_an_integer_beyond_the_bounds_of_its_type_is_told_with_its_place(tmp_path, name, literal):
    (tmp_path / name).write_text(BOUNDED[name] % literal)
    with pytest.raises(DocumentError, match='"{}" is not a valid xsd:{};'.format(*literal)) as caught:
        load([(tmp_path / name, "a:g")])
    assert (caught.value.path, caught.value.line, caught.value.column) == (str(tmp_path / name), 2, 13)


@pytest.mark.parametrize("name", ["bad.nq", "bad.trig"])
def test_a_wrong_datatype_in_quads_is_told_with_its_place(tmp_path, name):
    path = tmp_path / name
    path.write_text('<a:s> <a:p> "x"^^<http://www.w3.org/2001/XMLSchema#date> .\n')
    with pytest.raises(DocumentError, match='"x" is not a valid xsd:date') as caught:
        load([(path, "a:g")])
    assert (caught.value.path, caught.value.line) == (str(path), 1)
