"""The store in memory: its contract, what can be added, and when the graphs of files are."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from contract import DATA, OWN, QuadContract, in_graph
from pyoxigraph import Literal, NamedNode

from policygraph.errors import DocumentError, QueryError
from policygraph.store.memory import EmbeddedStore


class TestEmbeddedStore(QuadContract):
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
        store.load([(small_file, OWN)])
        return store

    @pytest.fixture
    def both(self, loaded):
        return loaded


def test_names_find_what_the_others_are_compared_with(named_in_memory):
    digitisation = "https://w3id.org/policygraph/id/dk/organisation/agency-for-digitisation"
    for name in ("Agency for Digital Government", "digitaliseringsstyrelsen", "Digitaliseringsstyrelse"):
        assert named_in_memory[name] == (digitisation, [digitisation])
    assert "Did you mean 'Nødvendige reformer'?" in named_in_memory["Nodvendige reformer"][0][0]
    said, candidates = named_in_memory["indkøb"][0]
    assert said.startswith("'indkøb' may be any of these; name one by its CURIE:")
    assert len(candidates) == 2


def test_quads_can_be_added_and_read_back() -> None:
    store = EmbeddedStore()
    assert len(store) == 0
    quad = pyoxigraph.Quad(NamedNode("a:s"), NamedNode("a:p"), Literal("o"), NamedNode("a:g"))
    store.add([quad])
    assert list(store) == [quad]
    assert len(store) == 1


def test_service_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(QueryError, match="line 1, column 10: SERVICE is refused"):
        EmbeddedStore().query(
            "SELECT *{ SERVICE <http://127.0.0.1:1/> {} }"[0:8] + "{SERVICE <http://127.0.0.1:1/> {} }"
        )


def test_a_text_that_would_end_the_process_is_refused() -> None:
    with pytest.raises(QueryError, match="nested"):
        EmbeddedStore().query("ASK { FILTER(" + "(" * 50_000)


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib's own use of it
def test_the_rdflib_dataset_is_the_same_store() -> None:
    import rdflib

    store = EmbeddedStore(pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS))
    dataset = store.dataset()
    n = rdflib.URIRef("http://example.org/n")
    assert sorted(int(o) for o in dataset.objects(None, n)) == [1, 2, 3]
    dataset.add((rdflib.URIRef("http://example.org/c"), n, rdflib.Literal(4)))
    assert store.query("ASK { <http://example.org/c> ?p 4 }")
    assert {"pg", "pgc"} <= {prefix for prefix, _ in dataset.namespaces()}
    assert not dataset.query("ASK { ?s a pg:Plan }")


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_a_file_an_rdflib_graph_and_triples_are_added_to_a_graph_or_none(tmp_path: Path) -> None:
    import rdflib

    text = '<a:s> <a:p> "x"@da , "2014"^^<http://www.w3.org/2001/XMLSchema#gYear> .'
    (tmp_path / "file.ttl").write_text(text)
    triples = [quad.triple for quad in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE)]
    graph, dataset = rdflib.Graph().parse(data=text, format="turtle"), rdflib.Dataset()
    dataset.graph(rdflib.URIRef("a:own")).parse(data=text, format="turtle")
    for data in (tmp_path / "file.ttl", str(tmp_path / "file.ttl"), graph, triples, EmbeddedStore(triples)):
        store = EmbeddedStore()
        store.add(data)  # type: ignore[arg-type]
        assert {quad.triple for quad in store} == {*triples}
        store.add(data, graph="urn:g")  # type: ignore[arg-type]
        assert len(store) == 4
        assert store.query("ASK { GRAPH <urn:g> { <a:s> <a:p> 'x'@da } }")
    store = EmbeddedStore()
    store.add(dataset, graph="urn:g")
    assert {quad.graph_name for quad in store} == {NamedNode("a:own")}


def test_a_graph_to_add_to_is_an_iri_or_a_curie() -> None:
    store = EmbeddedStore()
    quad = pyoxigraph.Triple(NamedNode("a:s"), NamedNode("a:p"), NamedNode("a:o"))
    store.add([quad], graph="skos:x")
    assert [each.graph_name.value for each in store] == ["http://www.w3.org/2004/02/skos/core#x"]
    with pytest.raises(DocumentError, match=r"^'nix' is neither an IRI nor a CURIE"):
        store.add([quad], graph="nix")


@pytest.mark.parametrize("data", [[1], ["x"], 3, [(1, 2, 3)]])
def test_what_is_no_rdf_is_refused_and_nothing_added(data: object) -> None:
    store = EmbeddedStore()
    with pytest.raises(DocumentError, match=r"^This is no RDF: add a file, an rdflib graph"):
        store.add(data)  # type: ignore[arg-type]
    assert len(store) == 0


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(DocumentError, match=r"^file\.ttl: There is no such file\.$"):
        EmbeddedStore().add("file.ttl")
