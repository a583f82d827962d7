"""Values of parameters: things by name, CURIE or IRI, and what is refused."""

from __future__ import annotations

import re

import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.errors import QueryError
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.site.site import Site

BRIDGE = "https://w3id.org/policygraph/id/xy/project/bridge"
ASKS = """#+ finding: "{rows} of {project}"
PREFIX t: <https://example.org/terms#>
SELECT ?project ?p ?o {
  VALUES ?project { UNDEF }  # t:Project: only this project
  ?project a t:Project ; ?p ?o
}"""
EXTRA = """@base <https://w3id.org/policygraph/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://example.org/terms#> .
<id/xy/project/north> a t:Project ; skos:prefLabel "Road north"@en .
<id/xy/project/south> a t:Project ; skos:prefLabel "Road south"@en .
<id/xy/project/secret> a t:Project .
<id/xy/person/road> skos:prefLabel "Roadie"@en .
"""


@pytest.fixture
def catalog(small_catalog):
    (small_catalog.root / "data" / "more.ttl").write_text(EXTRA, encoding="utf-8")
    return Catalog(small_catalog.root)


@pytest.mark.parametrize(
    "said",
    [
        "Brücke",
        "brücke",
        "bridge",
        "Bri",
        BRIDGE,
        "pgid:xy/project/bridge",
        r"pgid:xy\/project\/bridge",
        f"<{BRIDGE}>",
    ],
)
def test_a_thing_is_given_by_name_in_any_language_by_curie_or_iri(catalog, said):
    query = Query.parse(ASKS)
    assert catalog.bind(query, project=said) == query.bind(project=BRIDGE)
    assert {row["project"] for row in catalog.ask(query, project=[said])} == {BRIDGE}
    assert catalog.ask(query, project=said).finding == "5 of Bridge"
    assert catalog.ask(query, project=said, language="de").finding == "5 of Brücke"


def test_a_finding_is_told_where_all_rows_agree(catalog):
    query = Query.parse(
        ASKS.replace("{rows} of {project}", "{rows} of {name}").replace(
            "?project ?p", "(?project AS ?name) ?p"
        )
    )
    assert catalog.ask(query, project="Bridge").finding == "5 of Bridge"
    assert catalog.ask(query).finding == ""


def test_a_finding_without_a_value_is_not_told(catalog):
    text = ASKS.replace("{project}", "{x}").replace("only this project", "x") + " LIMIT 0"
    text = text.replace("SELECT ?project", "SELECT ?project (?o AS ?x)")
    answer = catalog.ask(Query.parse(text))
    assert (len(answer), answer.finding) == (0, "")
    assert answer.write().decode().endswith("\n0 rows\n")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "Bridgge",
            r"parameter 'project' takes t:Project, .*not 'Bridgge'. No label, .* mean 'Bridge'\?",
        ),
        ("Roadie", "not 'Roadie'"),
        ("pgid:xy/person/road", "No t:Project has this IRI. Did you mean 'pgid:xy/project/road'"),
        ("https://example.org/nothing", "No t:Project has this IRI. There are pgid:xy/project/bridge, "),
        ("<https://example.org/nothing>", "No t:Project has this IRI. There are pgid:xy/project/bridge, "),
        (f"<{BASE}id/xy/person/road>", "No t:Project has this IRI. Did you mean 'pgid:xy/project/road'"),
        ("pgidd:xy", "not 'pgidd:xy'"),
    ],
)
def test_a_name_of_nothing_comes_with_the_nearest(catalog, said, message):
    with pytest.raises(QueryError, match=message) as caught:
        catalog.ask(Query.parse(ASKS), project=said)
    assert caught.value.parameter == "project"
    assert "\n" not in str(caught.value)


def test_a_name_of_three_things_lists_them_with_their_curies_in_one_line(catalog):
    with pytest.raises(QueryError) as caught:
        catalog.ask(Query.parse(ASKS), project="Roa")
    assert str(caught.value) == (
        "parameter 'project' takes t:Project, by name, CURIE or IRI; not 'Roa'. 'Roa' may be any of "
        "these; name one by its CURIE: Road (pgid:xy/project/road); Road north (pgid:xy/project/north); "
        "Road south (pgid:xy/project/south)."
    )


@pytest.mark.parametrize(
    ("kind", "said", "iri"),
    [
        ("rdfs:Resource", "pgid:xy/project/road", f"{BASE}id/xy/project/road"),
        ("rdfs:Resource", "Bridge", BRIDGE),
        ("rdf:Property", "https://example.org/terms#needs", "https://example.org/terms#needs"),
        ("rdf:Property", "other", "https://example.org/terms#other"),
    ],
)
def test_all_is_a_resource_and_what_is_used_as_one_is_a_property(catalog, kind, said, iri):
    (catalog.root / "data" / "said.ttl").write_text(
        f"""PREFIX rdf: <{expand("rdf:")}> PREFIX rdfs: <{expand("rdfs:")}>
        <{BASE}id/xy/a> a rdfs:Resource ; rdfs:label 'A' .
        <https://example.org/terms#other> a rdf:Property ; rdfs:label 'other' .""",
        encoding="utf-8",
    )
    catalog = Catalog(catalog.root)
    query = Query.parse(f"ASK {{\nVALUES ?x {{ UNDEF }} # {kind}: x\n?x ?p ?o }}")
    assert catalog.bind(query, x=said) == query.bind(x=iri)
    with pytest.raises(QueryError, match=f"No {kind} has this IRI"):
        catalog.bind(query, x="https://example.org/nothing")


def test_choices_are_the_things_of_the_class(catalog):
    query = Query.parse(ASKS)
    assert catalog.choices(query, "project") == {
        "pgid:xy/project/bridge": "Brücke",
        "pgid:xy/project/north": "Road north",
        "pgid:xy/project/road": "Road",
        "pgid:xy/project/secret": "pgid:xy/project/secret",
        "pgid:xy/project/south": "Road south",
    }
    with pytest.raises(QueryError, match=r"has no parameter 'projct'; it has: .*Did you mean 'project'\?$"):
        catalog.choices(query, "projct")


@pytest.mark.parametrize("language", ["tlh", "xx-YY", "english_GB"])
def test_a_language_that_nobody_has_is_refused(catalog, language):
    with pytest.raises(QueryError, match=f"language '{language}'; there are: de, en."):
        catalog.ask("needs", language=language)
    assert catalog.ask("needs", language="de-AT").write().decode().splitlines()[2].split() == [
        "Brücke",
        "Road",
    ]


def test_a_parameter_may_take_the_concepts_of_a_scheme_alone(small_catalog):
    """What is no member is refused, and a form offers none but the members."""
    concepts = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix e: <https://example.org/> .
e:green a skos:Concept ; skos:prefLabel "Green"@en , "Grün"@de ; skos:inScheme e:colours .
e:loud a skos:Concept ; skos:prefLabel "Loud"@en ; skos:inScheme e:sounds ."""
    (small_catalog.root / "data" / "concepts.ttl").write_text(concepts, encoding="utf-8")
    (small_catalog.root / "queries" / "which.rq").write_text(
        "PREFIX e: <https://example.org/>\n"
        "SELECT ?x {\n  VALUES ?x { UNDEF } # e:colours: its colour\n ?x a ?y }"
    )
    catalog = Catalog(small_catalog.root)
    assert [*catalog.choices("which", "x")] == ["https://example.org/green"]
    for said in ("grün", "https://example.org/green"):
        assert [row["x"] for row in catalog.ask("which", x=said)] == ["https://example.org/green"]
    for said in ("Loud", "https://example.org/loud"):
        with pytest.raises(QueryError, match="'x' takes e:colours, by name, CURIE or IRI; not ") as refused:
            catalog.bind("which", x=said)
        assert "\n" not in str(refused.value)
    page = Site(catalog, catalog.load()).page("/query/which.html").body.decode()
    assert re.findall(r"<option value=.h[^>]*>([^<]*)", page) == ["Green"]
