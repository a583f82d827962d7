"""The description of the service: what a program reads that has never met this catalogue."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Literal, Quad

from policygraph.catalog.query import Query
from policygraph.catalog.settings import Settings
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.rdf.terms import term
from policygraph.site.dcat import void_description
from policygraph.store.memory import EmbeddedStore

ENDPOINT = "https://data.example/sparql"
SETTINGS = Settings(base=BASE, title={"en": "Small"})


@pytest.fixture(scope="session")
def described(store, catalog):
    """The shipped catalogue's description, as a store to ask."""
    return EmbeddedStore(
        Quad(*t)
        for t in void_description(store, catalog.queries, settings=catalog.settings, endpoint=ENDPOINT)
    )


def told(store, queries):
    return void_description(store, queries, settings=SETTINGS, endpoint=ENDPOINT)


def small(catalog, **options):
    store = catalog.load()
    triples = void_description(
        store, catalog.queries, settings=catalog.settings, endpoint=ENDPOINT, **options
    )
    return store, EmbeddedStore(Quad(*t) for t in triples)


def values(store, text):
    return [row[0].value if row[0] else None for row in store.query(f"SELECT ?x WHERE {{ {text} }}")]


def test_the_service_says_what_it_speaks_and_where(described):
    assert values(described, "?x a sd:Service , dcat:DataService") == [ENDPOINT]
    for each in ("sd:endpoint", "dcat:endpointURL"):
        assert values(described, f"<{ENDPOINT}> {each} ?x") == [ENDPOINT]
    assert values(described, f"<{ENDPOINT}> sd:supportedLanguage ?x") == [expand("sd:SPARQL11Query")]
    assert len(values(described, f"<{ENDPOINT}> sd:resultFormat ?x")) == 8


def test_federation_is_claimed_only_where_it_is_allowed(small_catalog):
    for federated in (False, True):
        _, found = small(small_catalog, federated=federated)
        features = set(values(found, f"<{ENDPOINT}> sd:feature ?x"))
        assert (expand("sd:BasicFederatedQuery") in features) == federated
        assert expand("sd:UnionDefaultGraph") in features


def test_the_default_graph_and_each_named_one_are_counted(store, described):
    """More of what is counted is in test_dcat.py."""
    dataset = f"<{ENDPOINT}> sd:defaultDataset"
    whole = str(len({quad.triple for quad in store}))
    assert values(described, f"{dataset}/sd:defaultGraph/void:triples ?x") == [whole]
    in_store = Counter(quad.graph_name.value for quad in store)
    assert sorted(values(described, f"{dataset}/sd:namedGraph/sd:name ?x")) == sorted(in_store)
    for name, triples in in_store.items():
        assert values(described, f"?named sd:name <{name}> ; sd:graph/void:triples ?x") == [str(triples)]


def test_a_dataset_keeps_its_own_record(catalog, store, described):
    for dataset in catalog.datasets.values():
        own = set(store.query(f"CONSTRUCT {{ <{dataset.iri}> ?p ?o }} WHERE {{ <{dataset.iri}> ?p ?o }}"))
        again = set(
            described.query(f"CONSTRUCT {{ <{dataset.iri}> ?p ?o }} WHERE {{ <{dataset.iri}> ?p ?o }}")
        )
        assert own
        said = {triple for triple in own if triple.predicate != term("dct:source")}
        assert len(said) < len(own) or dataset.name == "international"
        assert said <= again
        assert dataset.iri in values(described, f"<{BASE}catalog> dcat:dataset ?x")
        assert dataset.iri in values(described, f"<{ENDPOINT}> dcat:servesDataset ?x")
    assert values(described, f"<{BASE}catalog> dct:publisher/foaf:name ?x")


@pytest.mark.parametrize(
    ("text", "kind", "holds"),
    [
        ("ASK {}", "sh:SPARQLAskExecutable", "sh:ask"),
        ("SELECT * {}", "sh:SPARQLSelectExecutable", "sh:select"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "sh:SPARQLConstructExecutable", "sh:construct"),
    ],
)
def test_a_question_is_of_the_kind_that_its_form_says(text, kind, holds):
    triples = void_description(
        EmbeddedStore(), {"q": Query("q", text, "Why?", tags=("one",))}, settings=SETTINGS, endpoint=ENDPOINT
    )
    found = EmbeddedStore(Quad(*triple) for triple in triples)
    assert values(found, f"?x a {kind} ; {holds} {Literal(text)} ; schema:keywords 'one'") == [
        f"{BASE}query/q"
    ]


def test_a_question_that_describes_has_no_shacl_form_and_is_left_out():
    triples = void_description(
        EmbeddedStore(), {"q": Query("q", "DESCRIBE <urn:x>")}, settings=SETTINGS, endpoint=ENDPOINT
    )
    assert f"{BASE}query/q" not in {triple.subject.value for triple in triples}


def test_an_empty_store_is_described_as_empty():
    triples = told(EmbeddedStore(), {})
    found = EmbeddedStore(Quad(*triple) for triple in triples)
    assert values(found, "?graph void:triples ?x") == ["0"]
    assert values(found, "?s dcat:dataset ?x") == []


def test_the_description_is_the_same_whatever_the_order_of_the_data(small_catalog):
    store, _ = small(small_catalog)
    backwards = EmbeddedStore(reversed(list(store)))
    once, again = (told(each, small_catalog.queries) for each in (store, backwards))
    assert once == again
    assert [str(t) for t in once] == sorted(str(t) for t in once)
