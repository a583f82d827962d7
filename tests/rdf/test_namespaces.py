from __future__ import annotations

import re

import pytest

from policygraph.rdf import namespaces
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact, expand, property_order


def test_prefixes_stand_in_alphabetical_order():
    assert list(PREFIXES) == sorted(PREFIXES)


def test_namespaces_are_distinct_and_end_where_a_name_can_begin():
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    assert [ns for ns in PREFIXES.values() if not re.fullmatch(r"https?://\S+[#/]", ns)] == []


def test_shared_prefixes_are_spelled_as_rdflib_spells_them():
    from rdflib import namespace

    for prefix in (
        "rdf",
        "rdfs",
        "owl",
        "xsd",
        "skos",
        "foaf",
        "prov",
        "org",
        "void",
        "sh",
        "qb",
        "time",
        "vann",
    ):
        assert PREFIXES[prefix] == str(getattr(namespace, prefix.upper())), prefix
    assert PREFIXES["schema"] == str(namespace.SDO)
    assert PREFIXES["dct"] == str(namespace.DCTERMS)
    assert PREFIXES["dcat"] == str(namespace.DCAT)


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("skos:Concept", "http://www.w3.org/2004/02/skos/core#Concept"),
        ("pgc:basis/stated", BASE + "concept/basis/stated"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("https://example.org/a", "https://example.org/a"),
        ("<id/xy/plan/growth>", BASE + "id/xy/plan/growth"),
        ("urn:isbn:9788787353892", "urn:isbn:9788787353892"),
        (" skos:Concept ", "http://www.w3.org/2004/02/skos/core#Concept"),
    ],
)
def test_a_name_expands_to_its_iri(name, iri):
    assert expand(name, base=BASE) == iri


@pytest.mark.parametrize(
    "name", ["", "<>", "<plan>", "plan", "a b", "https://example.org/a b", "<a> <b>", 'x"y', "skos:a\nb"]
)
def test_what_is_neither_iri_nor_curie_is_refused(name):
    with pytest.raises(ValueError, match="neither an IRI nor a CURIE"):
        expand(name)


def test_an_unknown_prefix_names_the_nearest():
    with pytest.raises(ValueError, match=r"unknown prefix 'sko'\. Did you mean 'skos:Concept'\?"):
        expand("sko:Concept")


def test_the_longest_namespace_wins():
    prefixes = {"a": "http://e.org/", "b": "http://e.org/x/", "c": "http://e.org/x"}
    assert compact("http://e.org/x/y", prefixes) == "b:y"


def test_an_iri_of_no_namespace_stays_as_it_is():
    assert compact("https://example.org/a") == "https://example.org/a"


@pytest.mark.parametrize("iri", [*PREFIXES.values(), BASE + "id/a/b#char=1,2", "urn:x:y", "https://e.org//z"])
def test_compact_and_expand_are_inverse(iri):
    assert expand(compact(iri)) == iri


def test_a_long_iri_is_compacted_and_not_remembered():
    before = namespaces._compact.cache_info()
    assert compact(PREFIXES["skos"] + "x" * 2_000) == "skos:" + "x" * 2_000
    assert namespaces._compact.cache_info() == before


def test_properties_come_in_the_order_of_a_description() -> None:
    names = ["dct:type", "rdf:object", "skos:definition", "skos:altLabel", "rdfs:label", "skos:prefLabel"]
    ordered = sorted(map(expand, ["adms:a", *names, "rdf:type"]), key=property_order)
    assert list(map(compact, ordered)) == [
        *("rdf:type", "skos:prefLabel", "rdfs:label", "skos:altLabel", "skos:definition", "rdf:object"),
        *("adms:a", "dct:type"),
    ]
