"""The record for data portals: true, complete by DCAT-AP 3, and each of the shapes that say so bites."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter, defaultdict
from dataclasses import replace

import pyoxigraph as ox
import pytest
from pyoxigraph import Literal, NamedNode, Quad, Triple

from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import check
from policygraph.rdf.formats import write
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact, expand
from policygraph.site.context import SiteContext
from policygraph.site.dcat import SHAPES, construct, record, void_description
from policygraph.site.downloads import data, distributions
from policygraph.site.site import Site
from policygraph.store.memory import EmbeddedStore

ENDPOINT = "https://data.example/sparql"
A = NamedNode(expand("rdf:type"))
REQUIRED, RECOMMENDED = "Violation", "Warning"


# What a dataset should say for portals and Examplia's does not.
MORE = """
<data/examplia> dct:title "Examplia: en åben havn"@da ; dct:description "Et land, der ikke findes."@da ;
  dct:temporal <data/examplia#period> .
<data/examplia#period> a dct:PeriodOfTime ;
  dcat:startDate "2021-01-01"^^xsd:date ; dcat:endDate "2024-12-31"^^xsd:date .
"""


@pytest.fixture(scope="module")
def catalog(examplia, tmp_path_factory):
    root = shutil.copytree(examplia.root, tmp_path_factory.mktemp("dcat") / "catalog")
    with (root / "data" / "examplia.ttl").open("a", encoding="utf-8") as file:
        file.write(MORE)
    return Catalog(root)


@pytest.fixture(scope="module")
def store(catalog):
    return catalog.load()


@pytest.fixture(scope="module")
def site(catalog, store):
    return Site(catalog, store)


@pytest.fixture(scope="module")
def library(site):
    return site._context


def context(catalog, store, sparql=""):
    return SiteContext(catalog, store, sparql=sparql)


@pytest.fixture(scope="module")
def served(catalog, store):
    """The record of a catalogue with a SPARQL service."""
    return record(context(catalog, store, ENDPOINT))


@pytest.fixture(scope="module", params=["files", "service"])
def triples(request, library):
    return record(library) if request.param == "files" else request.getfixturevalue("served")


@pytest.fixture(scope="module")
def told(triples):
    """The record as a store to ask."""
    return EmbeddedStore(Quad(*triple) for triple in triples)


def term(name):
    return NamedNode(expand(name))


def column(store, text):
    return [row[0].value for row in store.query(text)]


def quads(found):
    return (Quad(*triple) for triple in found)


# ---- DCAT-AP


def warnings(report):
    return [(each.focus, each.path, each.severity) for each in report.results]


def test_the_record_conforms_without_a_warning(triples):
    assert warnings(check(quads(triples), shapes=SHAPES)) == []


@pytest.mark.full
def test_so_does_the_shipped_one_but_that_bodies_of_no_country_have_no_place(publication):
    folder = publication(Catalog.find())[0]
    report = check(ox.parse(path=folder / "catalog.nt"), shapes=SHAPES)
    everywhere = [
        (f"{BASE}data/international", path, RECOMMENDED) for path in ("dct:spatial", "dct:temporal")
    ]
    assert warnings(report) == everywhere
    assert report.conforms


def shapes():
    """What the shapes ask for: a class, a property, and how much it matters when that is missing."""
    store = ox.Store()
    store.load(SHAPES.read_bytes(), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        "SELECT ?class ?path ?severity { ?shape sh:targetClass ?class ; sh:property ?p . "
        "?p sh:path ?path ; sh:minCount 1 OPTIONAL { ?p sh:severity ?severity } } ORDER BY ?class ?path",
        prefixes=dict(PREFIXES),
    )
    for row in rows:
        severity = row["severity"].value.rpartition("#")[2] if row["severity"] else REQUIRED
        yield compact(row["class"].value), compact(row["path"].value), severity


ASKED = list(shapes())
# Written down from the specification by hand, apart from the file of shapes.
MANDATORY = {
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher"},
    "dcat:Dataset": {"dct:title", "dct:description"},
    "dcat:DatasetSeries": {"dct:title", "dct:description"},
    "dcat:Distribution": {"dcat:accessURL"},
    "dcat:DataService": {"dct:title", "dcat:endpointURL"},
    "dcat:CatalogRecord": {"dct:modified", "foaf:primaryTopic"},
    "dcat:Relationship": {"dcat:hadRole", "dct:relation"},
    "foaf:Agent": {"foaf:name"},
    "spdx:Checksum": {"spdx:algorithm", "spdx:checksumValue"},
    "skos:Concept": {"skos:prefLabel"},
    "skos:ConceptScheme": {"dct:title"},
    "adms:Identifier": {"skos:notation"},
}
# One of each class that this record does not have.
OTHERS = f"""@base <{BASE}> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<x/series> a dcat:DatasetSeries ; dct:title "s"@en ; dct:description "d"@en ; dcat:contactPoint <x/c> ;
  dct:publisher <agent/policygraph> ; dct:spatial <x/place> ; dct:temporal <x/time> .
<x/entry> a dcat:CatalogRecord ; dct:modified "2026-01-01"^^xsd:date ; foaf:primaryTopic <x/series> ;
  dct:conformsTo <x/profile> ; dct:issued "2026-01-01"^^xsd:date ; adms:status <x/new> .
<x/related> a dcat:Relationship ; dcat:hadRole <x/role> ; dct:relation <x/series> .
<x/theme> a skos:Concept ; skos:prefLabel "t"@en .
<x/scheme> a skos:ConceptScheme ; dct:title "t"@en .
<x/id> a adms:Identifier ; skos:notation "1" .
<x/licence> a dct:LicenseDocument ; dct:type <x/kind> .
<x/place> a dct:Location ; dcat:bbox "POLYGON((0 0,1 0,1 1,0 0))" ; dcat:centroid "POINT(0 0)" .
"""


@pytest.fixture(scope="module")
def whole(served):
    """The record, with one thing of each class that the shapes know and it does not have."""
    return {*served, *(quad.triple for quad in ox.parse(OTHERS, format=ox.RdfFormat.TURTLE))}


def test_the_shapes_ask_for_what_the_specification_makes_mandatory():
    found = defaultdict(set)
    for class_, path, severity in ASKED:
        if severity == REQUIRED:
            found[class_].add(path)
    assert found == MANDATORY
    assert sum(severity == RECOMMENDED for *_, severity in ASKED) > 35


def test_a_thing_of_every_class_conforms(whole):
    assert warnings(check(quads(whole), shapes=SHAPES)) == []


def test_each_property_that_is_missing_is_told(whole):
    asked, taken = set(), set()
    for class_, path, severity in ASKED:
        focus = max(t.subject.value for t in whole if t.predicate == A and t.object == term(class_))
        asked.add((focus, path, severity))
        taken.add((focus, term(path)))
    report = check(quads(t for t in whole if (t.subject.value, t.predicate) not in taken), shapes=SHAPES)
    assert asked <= {(each.focus.strip("<>"), each.path, each.severity) for each in report.results}
    assert not report.conforms
    assert all("DCAT-AP 3" in each.message for each in report.results)


@pytest.mark.parametrize("severity", [REQUIRED, RECOMMENDED])
def test_what_is_recommended_alone_fails_no_check(whole, severity):
    focus = max(t.subject.value for t in whole if t.predicate == A and t.object == term("dcat:Dataset"))
    taken = {term(path) for class_, path, each in ASKED if (class_, each) == ("dcat:Dataset", severity)}
    left = (t for t in whole if t.subject.value != focus or t.predicate not in taken)
    assert check(quads(left), shapes=SHAPES).conforms == (severity == RECOMMENDED)


@pytest.mark.parametrize(
    ("class_", "path", "value"),
    [
        ("dcat:Catalog", "dct:publisher", NamedNode("http://e/other")),
        ("dcat:Catalog", "foaf:homepage", Literal("https://e/")),
        ("dcat:Catalog", "dct:issued", Literal("yesterday")),
        ("dcat:Dataset", "dct:title", Literal("")),
        ("dcat:Dataset", "dct:publisher", NamedNode("http://e/other")),
        ("dcat:Dataset", "dcat:theme", Literal("government")),
        ("dcat:Dataset", "dct:language", Literal("en")),
        ("dcat:Distribution", "dcat:accessURL", Literal("https://e/")),
        ("dcat:Distribution", "dct:license", Literal("CC BY")),
        ("dcat:Distribution", "dcat:byteSize", Literal("12 kB")),
        ("dcat:Distribution", "dcat:mediaType", Literal("text/turtle")),
        ("dcat:DataService", "dcat:endpointURL", Literal("https://e/")),
        ("foaf:Agent", "foaf:name", NamedNode("http://e/name")),
        ("spdx:Checksum", "spdx:checksumValue", Literal("00")),
        ("dct:PeriodOfTime", "dcat:endDate", Literal("later")),
    ],
)
def test_a_value_of_a_wrong_kind_or_one_too_many_is_told(served, class_, path, value):
    focus = next(t.subject for t in served if t.predicate == A and t.object == term(class_))
    report = check(quads({*served, Triple(focus, term(path), value)}), shapes=SHAPES)
    found = [each for each in report.results if each.path == path]
    assert found
    assert {each.focus.strip("<>") for each in found} == {focus.value}


# ---- What it says is true


def test_each_file_is_told_with_its_true_size_and_sum(library, told):
    rows = told.query(
        "SELECT ?url ?size ?sum ?media ?packed { ?d a dcat:Distribution ; dcat:downloadURL ?url ; "
        "dcat:accessURL ?url ; dcat:byteSize ?size ; dcat:mediaType ?media ; "
        "spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?sum ] "
        "OPTIONAL { ?d dcat:compressFormat ?packed } }"
    )
    seen = set()
    for row in rows:
        path = "/" + row["url"].value.removeprefix(BASE)
        content = data(library, path)
        assert int(row["size"].value) == len(content), path
        assert row["sum"].value.lower() == hashlib.sha256(content).hexdigest(), path
        assert bool(row["packed"]) == (content[:2] == b"\x1f\x8b"), path
        media = row["media"].value.removeprefix("https://www.iana.org/assignments/media-types/")
        assert media in (distributions(library)[path].media, "application/xml"), path
        seen.add(path)
    assert seen == set(distributions(library))


def test_a_file_belongs_to_its_dataset_and_has_its_licence(library, told):
    for each in distributions(library).values():
        holder = each.dataset or f"{BASE}catalog"
        text = "SELECT ?licence {{ <{}> dcat:distribution [ dcat:downloadURL <{}> ; dct:license ?licence ] }}"
        found = column(told, text.format(holder, BASE + each.path[1:]))
        assert found == [library.metadata.records[f"{BASE}data/examplia"]["license"]]


def test_titles_are_in_both_languages(told):
    text = (
        "SELECT ?s {{ VALUES ?class {{ dcat:Catalog dcat:Dataset dcat:Distribution dcat:DataService }} "
        '?s a ?class FILTER NOT EXISTS {{ ?s dct:title ?t FILTER(LANG(?t) = "{}") }} }}'
    )
    for language in ("en", "da"):
        assert column(told, text.format(language)) == []


def test_a_dataset_says_what_a_portal_wants_to_know(library, told):
    (row,) = told.query(
        f"SELECT * {{ <{BASE}data/examplia> dcat:version ?version ; dct:publisher/foaf:name ?name ; "
        "dcat:contactPoint [ vcard:fn ?name ; vcard:hasURL ?contact ] ; dct:license ?licence ; "
        "dct:spatial ?place ; dct:temporal [ dcat:startDate ?from ; dcat:endDate ?to ] ; dcat:theme ?theme ; "
        f'dcat:landingPage ?page ; dct:identifier ?id FILTER(LANG(?name) = "en") }}'
    )
    assert row["version"].value == library.metadata.records[f"{BASE}data/examplia"]["version"]
    assert row["page"].value == f"{BASE}data/examplia.html"
    assert row["id"].value == f"{BASE}data/examplia"
    assert row["contact"].value == BASE
    assert row["from"].value < row["to"].value


def test_what_a_dataset_says_itself_is_kept(catalog, store):
    this, contact = NamedNode(f"{BASE}data/examplia"), NamedNode("mailto:someone@example.org")
    more = EmbeddedStore(
        [
            *store,
            Quad(this, term("dcat:contactPoint"), contact, this),
            Quad(this, term("dct:identifier"), Literal("7"), this),
        ]
    )
    found = record(context(catalog, more))
    assert {t.object for t in found if (t.subject, t.predicate) == (this, term("dcat:contactPoint"))} == {
        contact
    }
    assert {t.object for t in found if (t.subject, t.predicate) == (this, term("dct:identifier"))} == {
        Literal("7")
    }


@pytest.mark.full
def test_a_catalogue_can_say_itself_who_it_is(catalog, store):
    """As one with datasets of several publishers must, since a catalogue has one: in data or settings."""
    this, other = NamedNode(f"{BASE}catalog"), NamedNode(f"{BASE}data/other")
    graph = NamedNode(f"{BASE}data/examplia")
    more = [
        Triple(other, A, term("dcat:Dataset")),
        Triple(other, term("dct:publisher"), NamedNode("https://example.org/ministry")),
    ]
    several = EmbeddedStore([*store, *(Quad(*each, graph) for each in more)])
    unsettled = context(catalog, several)
    unsettled.settings = replace(catalog.settings, publisher={})
    found = check(quads(record(unsettled)), shapes=SHAPES)
    assert f"{BASE}catalog" in {each.focus for each in found.results if each.path == "dct:publisher"}

    title, publisher = Literal("Ours", language="en"), NamedNode("https://example.org/portal")
    more += [Triple(this, term("dct:publisher"), publisher), Triple(this, term("dct:title"), title)]
    several = EmbeddedStore([*store, *(Quad(*each, graph) for each in more)])
    said = record(context(catalog, several, ENDPOINT))
    for subject in (this, NamedNode(ENDPOINT)):
        assert {t.object for t in said if (t.subject, t.predicate) == (subject, term("dct:publisher"))} == {
            publisher
        }
    assert {t.object for t in said if (t.subject, t.predicate) == (this, term("dct:title"))} == {title}
    assert {t.object for t in said if (t.subject, t.predicate) == (this, term("dcat:dataset"))} == {
        graph,
        other,
    }


# ---- VoID


def graphs(store):
    """The triples of each graph, and of their union, by IRI; counted here without SPARQL."""
    found = defaultdict(set)
    for quad in store:
        found[quad.graph_name.value].add(quad.triple)
    return dict(found)


def numbers(told, subject, name):
    return [int(value) for value in column(told, f"SELECT ?n {{ <{subject}> {name} ?n }}")]


def partitions(told, subject, kind, count):
    rows = told.query(
        f"SELECT ?of ?n {{ <{subject}> void:{kind}Partition [ void:{kind} ?of ; void:{count} ?n ] }}"
    )
    return {row["of"].value: int(row["n"].value) for row in rows}


def test_counts_are_those_of_the_triples(store, told, triples):
    (union,) = column(told, "SELECT DISTINCT ?whole { ?whole void:subset ?graph ; void:triples ?n }")
    held = graphs(store)
    assert set(column(told, f"SELECT ?g {{ <{union}> void:subset ?g }}")) == set(held)
    for name, found in {**held, union: set().union(*held.values())}.items():
        types = {(t.subject, t.object) for t in found if t.predicate == A}
        assert numbers(told, name, "void:triples") == [len(found)], name
        assert numbers(told, name, "void:properties") == [len({t.predicate for t in found})], name
        assert numbers(told, name, "void:distinctSubjects") == [len({t.subject for t in found})], name
        assert numbers(told, name, "void:distinctObjects") == [len({t.object for t in found})], name
        assert numbers(told, name, "void:classes") == [len({kind for _, kind in types})], name
        entities = {t.subject for t in found if isinstance(t.subject, NamedNode)}
        assert numbers(told, name, "void:entities") == [len(entities)], name
        classes = Counter(kind.value for _, kind in types)
        assert partitions(told, name, "class", "entities") == classes, name
        properties = Counter(t.predicate.value for t in found)
        assert partitions(told, name, "property", "triples") == properties, name


def test_counts_are_those_of_the_dumps_that_are_named_beside_them(library, told):
    rows = list(told.query("SELECT ?n ?dump { ?data void:triples ?n ; void:dataDump ?dump }"))
    assert len(rows) == 6 * len(library.catalog.datasets)
    for row in rows:
        content = data(library, "/" + row["dump"].value.removeprefix(BASE))
        if row["dump"].value.endswith(".ttl"):
            parsed = list(ox.parse(content, format=ox.RdfFormat.TURTLE))
            assert len({quad.triple for quad in parsed}) == int(row["n"].value)


def test_the_properties_of_each_class_are_told_with_their_values(store, told):
    held = {quad.triple for quad in store}
    kinds = defaultdict(set)
    for triple in held:
        if triple.predicate == A:
            kinds[triple.subject].add(triple.object.value)
    used, classes, datatypes = Counter(), set(), set()
    for s, p, o in held:
        for kind in kinds[s]:
            used[kind, p.value] += 1
            classes |= {(kind, p.value, other) for other in kinds.get(o, ())}
            if isinstance(o, Literal):
                datatypes.add((kind, p.value, o.datatype.value))
    head = "?class_ void:class ?class ; void:propertyPartition ?p . ?p void:property ?property"
    rows = told.query(f"SELECT * {{ {head} ; void:triples ?n }}")
    assert {(row["class"].value, row["property"].value): int(row["n"].value) for row in rows} == used
    rows = told.query(f"SELECT * {{ {head} ; void:classPartition [ void:class ?of ] }}")
    assert {(row["class"].value, row["property"].value, row["of"].value) for row in rows} == classes
    rows = told.query(f"SELECT * {{ {head} ; void-ext:datatypePartition [ void-ext:datatype ?of ] }}")
    assert {(row["class"].value, row["property"].value, row["of"].value) for row in rows} == datatypes


# ---- The saved questions


def test_the_sparql_editor_finds_the_questions_the_prefixes_and_what_to_complete(catalog, told):
    """By the shapes of the queries that SIB's sparql-editor sends (its README), in words of our own."""
    rows = told.query(
        "SELECT DISTINCT ?q ?comment ?query { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ; "
        "sh:select|sh:ask|sh:construct ?query } ORDER BY ?q"
    )
    found = [
        (row["q"].value.removeprefix(f"{BASE}query/"), row["comment"], row["query"].value) for row in rows
    ]
    assert [name for name, *_ in found] == sorted(catalog.queries), "each once"
    for name, comment, text in found:
        assert comment.language == "en"
        assert comment.value.startswith(catalog.queries[name].summary)
        assert text == catalog.queries[name].text
    rows = told.query("SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix }")
    assert {row["prefix"].value: row["namespace"].value for row in rows} == catalog.settings.prefixes
    named = column(told, "SELECT DISTINCT ?p { ?q sh:prefixes ?of . ?of sh:declare [ sh:prefix ?p ] }")
    assert set(named) == set(catalog.settings.prefixes)


def test_questions_are_told_in_danish_too(catalog, told):
    rows = told.query(
        'SELECT ?q ?label { ?q a sh:SPARQLExecutable ; rdfs:label ?label FILTER(LANG(?label) = "da") }'
    )
    assert len(list(rows)) == len(catalog.queries)


def test_questions_have_a_target_where_there_is_a_service_and_only_there(library, served):
    for endpoint, triples in (("", record(library)), (ENDPOINT, served)):
        found = EmbeddedStore(quads(triples))
        assert set(column(found, "SELECT ?t { ?q schema:target ?t }")) == ({endpoint} - {""})
        assert column(found, "SELECT ?s { ?s a sd:Service }") == ([endpoint] if endpoint else [])
        assert column(found, f"SELECT ?s {{ <{BASE}catalog> dcat:service ?s }}") == (
            [endpoint] if endpoint else []
        )


# ---- Where it is


def test_the_site_has_the_record_in_every_form_and_at_the_well_known_place(site, library):
    once = {Quad(*triple) for triple in record(library)}
    for suffix, layout in (
        (".ttl", ox.RdfFormat.TURTLE),
        (".nt", ox.RdfFormat.N_TRIPLES),
        (".rdf", ox.RdfFormat.RDF_XML),
        (".jsonld", ox.RdfFormat.JSON_LD),
    ):
        assert set(ox.parse(site.page(f"/catalog{suffix}").body, format=layout)) == once, suffix
    void = site.page("/.well-known/void")
    assert void.media == "text/turtle"
    assert void.body == site.page("/catalog.ttl").body
    assert "/.well-known/void" in set(site.paths())


def test_the_service_tells_the_same_as_the_record_of_a_live_site(catalog, store):
    described = void_description(
        store, catalog.queries, settings=catalog.settings, endpoint=ENDPOINT, federated=True
    )
    site = Site(catalog, store, description=lambda: described)
    found = {quad.triple for quad in ox.parse(site.page("/catalog.nt").body, format=ox.RdfFormat.N_TRIPLES)}
    assert set(described) <= found
    assert Triple(NamedNode(ENDPOINT), term("dct:publisher"), NamedNode(f"{BASE}agent/policygraph")) in found


def test_the_record_is_in_order(library):
    lines = [str(triple) for triple in record(library)]
    assert lines == sorted(lines)


def test_a_small_catalogue_has_a_record_too(small_catalog):
    (small_catalog.root / "catalog.toml").unlink()
    (small_catalog.root / "catalog.toml").write_text('base = "https://other.example/"')
    other = Catalog(small_catalog.root)
    found = record(SiteContext(other, other.load()))
    held = EmbeddedStore(quads(found))
    assert column(held, "SELECT ?c { ?c a dcat:Catalog }") == ["https://other.example/catalog"]
    assert write(quads(found), format="jsonld")


def test_a_licence_of_some_datasets_is_not_that_of_all():
    """And a publisher whose IRI has a fragment can be reached."""
    about = f"a <{expand('dcat:Dataset')}> ; <{expand('dct:publisher')}> <https://x.org/a#it>"
    text = f"<https://x.org/{{}}> {about} {{}} .\n"
    licence = f"; <{expand('dct:license')}> <https://creativecommons.org/licenses/by/4.0/>"
    asked = {"home": NamedNode("https://x.org/"), "catalogue": NamedNode("https://x.org/catalog")}

    def found(name, second, **more):
        turtle = text.format("a", licence) + text.format("b", second)
        store = EmbeddedStore(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
        return Counter(each.predicate.value for each in construct(store, name, **asked, **more))

    assert not found("catalogue", "")[expand("dct:license")]
    assert found("catalogue", licence)[expand("dct:license")] == 1
    assert found("dataset", "", email=None)[expand("dcat:contactPoint")] == 2


def test_a_question_is_described_in_its_own_language(small_catalog):
    root = small_catalog.root
    (root / "catalog.toml").unlink()
    (root / "catalog.toml").write_text('languages = ["da"]\n', encoding="utf-8")
    text = "#+ summary: Hvilke havne\n#+ description: Alle.\nSELECT ?x { ?x ?p ?o }\n"
    (root / "queries" / "q.rq").write_text(text, encoding="utf-8")
    catalog = Catalog(root)
    found = void_description(catalog.load(), catalog.queries, settings=catalog.settings)
    assert Literal("Hvilke havne Alle.", language="da") in {each.object for each in found}
