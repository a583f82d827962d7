"""A measure's table as a well-formed data cube whose origin is told."""

from __future__ import annotations

import math
import re
from importlib.metadata import version

import networkx as nx
import pyoxigraph
import pytest
import rdflib

import policygraph
from policygraph.analysis.network import network, simple
from policygraph.analysis.table import Node, Table, make_table, observations
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, expand

EX = "https://example.org/"
HEAD = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
HOSTILE = "æøå \"a\" 'b' \\ \n\r\t <script> ]]> 😀 مرحبا %20 {} \x00\x1b"

# The integrity constraints of https://www.w3.org/TR/vocab-data-cube/#wf-rules that can hold here, in our own
# words; each is true of a cube that is not well formed. The others are about slices, code lists and measure
# dimensions, of which there are none.
COMPONENT = "?set qb:structure/qb:component ?part ."
CONSTRAINTS = {
    "IC-1: an observation is of one data set": """
        ?row a qb:Observation .
        { FILTER NOT EXISTS { ?row qb:dataSet ?set } }
        UNION { ?row qb:dataSet ?set, ?other FILTER(?set != ?other) }""",
    "IC-2: a data set has one structure": """
        ?set a qb:DataSet .
        { FILTER NOT EXISTS { ?set qb:structure ?structure } }
        UNION { ?set qb:structure ?structure, ?other FILTER(?structure != ?other) }""",
    "IC-3: a structure has a measure": """
        ?structure a qb:DataStructureDefinition
        FILTER NOT EXISTS { ?structure qb:component/qb:measure/a qb:MeasureProperty }""",
    "IC-4: a dimension has a range": """
        ?dimension a qb:DimensionProperty FILTER NOT EXISTS { ?dimension rdfs:range ?range }""",
    "IC-5: a dimension of concepts has a code list": """
        ?dimension a qb:DimensionProperty ; rdfs:range skos:Concept
        FILTER NOT EXISTS { ?dimension qb:codeList ?list }""",
    "IC-6: only an attribute is optional": """
        ?structure qb:component ?part . ?part qb:componentRequired false
        FILTER NOT EXISTS { ?part qb:attribute/a qb:AttributeProperty }""",
    "IC-11: an observation has each dimension": f"""
        ?row qb:dataSet ?set . {COMPONENT} ?part qb:dimension ?dimension
        FILTER NOT EXISTS {{ ?row ?dimension ?value }}""",
    "IC-12: no two observations are of the same": f"""
        ?one qb:dataSet ?set . ?other qb:dataSet ?set . FILTER(?one != ?other)
        FILTER NOT EXISTS {{
            {COMPONENT} ?part qb:dimension ?dimension . ?one ?dimension ?value . ?other ?dimension ?another
            FILTER(?value != ?another)
        }}""",
    "IC-13: an observation has each attribute that is required": f"""
        ?row qb:dataSet ?set . {COMPONENT} ?part qb:attribute ?attribute
        FILTER NOT EXISTS {{ ?part qb:componentRequired false }}
        FILTER NOT EXISTS {{ ?row ?attribute ?value }}""",
    "IC-14: an observation has each measure": f"""
        ?row qb:dataSet ?set . {COMPONENT} ?part qb:measure ?measure
        FILTER NOT EXISTS {{ ?row ?measure ?value }}""",
    "each value is of a component": """
        ?row qb:dataSet ?set ; ?property ?value FILTER(?property != qb:dataSet && ?property != rdf:type)
        FILTER NOT EXISTS {
            ?set qb:structure/qb:component/(qb:dimension|qb:measure|qb:attribute) ?property
        }""",
    "a component property is of one kind and has an English label and a range": """
        ?part qb:dimension|qb:measure|qb:attribute ?property
        FILTER NOT EXISTS {
            ?property a rdf:Property ; rdfs:label ?label ; rdfs:range ?range FILTER(LANG(?label) = "en")
        }""",
    "a measure is no dimension and no attribute": """
        ?property a qb:MeasureProperty, ?other VALUES ?other { qb:DimensionProperty qb:AttributeProperty }""",
    "what the activity generates says so, by whom, and with what plan": """
        ?set a qb:DataSet FILTER NOT EXISTS {
            ?set prov:wasGeneratedBy ?activity .
            ?activity a prov:Activity ; prov:generated ?set ; prov:wasAssociatedWith ?agent ;
                prov:qualifiedAssociation [ a prov:Association ; prov:agent ?agent ; prov:hadPlan ?plan ] .
            ?agent a prov:SoftwareAgent . ?plan a prov:Plan .
        }""",
}


def load(content):
    store = pyoxigraph.Store()
    store.load(content, format=pyoxigraph.RdfFormat.TURTLE)
    return store


def broken(store):
    return [rule for rule, pattern in CONSTRAINTS.items() if store.query(f"{HEAD} ASK {{ {pattern} }}")]


def select(store, text):
    return [[term and term.value for term in row] for row in store.query(HEAD + text)]


def roles(store):
    """The role of each column, in the order of the components."""
    found = select(store, """
        SELECT ?role ?column WHERE {
            VALUES ?role { qb:dimension qb:measure qb:attribute }
            ?structure qb:component ?part . ?part ?role ?column ; qb:order ?order
        } ORDER BY ?order""")  # fmt: skip
    return {column.partition("#")[2]: role.partition("#")[2] for role, column in found}


GRAPH = nx.DiGraph([(EX + "a", EX + "b")], dataset="pgdata:xy 0.1.0", network="network")
GRAPH.nodes[EX + "a"]["label"] = HOSTILE
GRAPH.add_nodes_from([('"80 %"', {"label": "80 %"}), "_:b0"])
ROWS = [
    (Node(EX + "a"), 2, 0.5, "Area", 3, (Node(EX + "b"), Node('"80 %"')), True),
    (Node(EX + "b"), -1, 1e-300, "Plan", None, (), False),
    (Node('"80 %"'), 0, 3.0, HOSTILE, 1, (Node("_:b0"),), False),
    (Node("_:b0"), 10**20, math.inf, "", None, (), None),
]
COLUMNS = ("thing", "degree", "page_rank", "kind", "rank_change", "through", "stated")


def small(graph=GRAPH, rows=ROWS, **recipe):
    recipe = {"algorithm": "PageRank", "seed": 0, "damping": 0.85} | recipe
    return make_table(graph, "central", COLUMNS, rows, reading="Read <it> “so”.", **recipe)


def measured(graph):
    """A table of a real network, made by hand."""
    plain = simple(graph)
    ranks = nx.degree_centrality(plain)
    rows = [
        (
            Node(node), graph.nodes[node].get("kind"), plain.degree(node), ranks[node],
            tuple(map(Node, sorted(plain[node]))), graph.nodes[node].get("start"),
        )
        for node in sorted(plain)
    ]  # fmt: skip
    columns = ("node", "kind", "degree", "centrality", "neighbours", "since")
    return make_table(graph, "neighbours", columns, rows, reading="Who is beside whom.", algorithm="degree")


@pytest.fixture(scope="module")
def real(store, catalog):
    graph = network(catalog, store=store)
    graph.graph["dataset"] = "pgdata:xy 1.0"
    return measured(graph)


def made(columns, rows):
    return make_table(nx.Graph(), "made up", columns, rows, reading="?")


SHAPES = {  # what a table may look like, and the roles of its columns
    "small": (small(), "dimension measure measure attribute attribute attribute attribute"),
    "nodes alone": (made(["a"], [(Node(EX + "a"),), (Node(EX + "b"),)]), "dimension measure"),
    "pairs": (
        made(["a", "b", "n"], [(Node("x:a"), Node("x:b"), 1), (Node("x:a"), Node("x:c"), 1)]),
        "dimension dimension measure",
    ),
    "nodes and text": (
        made(["a", "setting", "n"], [(Node("x:a"), "with", 1), (Node("x:a"), "without", 1)]),
        "dimension dimension measure",
    ),
    "text first": (
        made(["gap", "a", "b"], [("x", Node("x:a"), Node("x:c")), ("y", Node("x:a"), Node("x:d"))]),
        "dimension measure measure",
    ),
    "text": (made(["what", "value"], [("things", 3), ("density", 0.25)]), "dimension measure"),
    "no key": (made(["row", "n"], [("a", 1), ("a", 2)]), "dimension measure attribute"),
    "groups": (
        made(["part", "members"], [(1, (Node("x:a"), Node("x:b"))), (2, ())]), "dimension measure attribute"
    ),
    "no numbers": (made(["a", "ok"], [(Node("x:a"), True), (Node("x:b"), False)]), "dimension measure"),
    "only gaps": (made(["count"], [(None,), (1,)]), "dimension measure attribute"),
    "one row": (made(["n"], [(1,)]), "dimension measure"),
    "empty": (made(["a", "n"], []), "dimension measure attribute attribute"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_any_table_is_a_well_formed_cube_with_a_role_for_each_column(shape):
    made_table, expected = SHAPES[shape]
    store = load(observations(made_table))
    assert broken(store) == []
    found = roles(store)
    assert " ".join(found.values()) == expected
    assert set(made_table.columns) <= set(found)
    assert len(select(store, "SELECT * { ?row a qb:Observation }")) == len(made_table.rows)


def test_the_real_network_is_a_well_formed_cube(real):
    store = load(observations(real))
    assert broken(store) == []
    assert " ".join(roles(store)) == "node degree centrality kind neighbours since"
    assert " ".join(roles(store).values()) == "dimension measure measure attribute attribute attribute"
    assert len(select(store, "SELECT * { ?row a qb:Observation }")) == len(real.rows) > 100


BREAKING = {
    "IC-1": "DELETE WHERE { ?row qb:dataSet ?set }",
    "IC-2": "DELETE WHERE { ?set qb:structure ?structure }",
    "IC-3": "DELETE WHERE { ?part qb:measure ?measure }",
    "IC-4": "DELETE { ?d rdfs:range ?r } WHERE { ?d a qb:DimensionProperty ; rdfs:range ?r }",
    "IC-5": "INSERT { ?d rdfs:range skos:Concept } WHERE { ?d a qb:DimensionProperty }",
    "IC-6": "INSERT { ?part qb:componentRequired false } WHERE { ?part qb:measure ?measure }",
    "IC-11": "DELETE { ?row ?d ?v } WHERE { ?d a qb:DimensionProperty . ?row ?d ?v }",
    "IC-12": """INSERT { ?row qb:dataSet ?set ; ?d ?v } WHERE {
        ?d a qb:DimensionProperty . ?old ?d ?v ; qb:dataSet ?set BIND(IRI(CONCAT(STR(?old), "x")) AS ?row)
    }""",
    "IC-13": "DELETE WHERE { ?part qb:componentRequired false }",
    "IC-14": "DELETE { ?row ?m ?v } WHERE { ?m a qb:MeasureProperty . ?row ?m ?v }",
    "each value": "INSERT { ?row dct:title 'x' } WHERE { ?row a qb:Observation }",
    "a component property": "DELETE WHERE { ?column rdfs:label ?label }",
    "a measure": "INSERT { ?m a qb:AttributeProperty } WHERE { ?m a qb:MeasureProperty }",
    "what the activity": "DELETE WHERE { ?association prov:hadPlan ?plan }",
}  # fmt: skip


@pytest.mark.parametrize("rule", BREAKING)
def test_each_constraint_notices_what_it_forbids(rule):
    store = load(observations(small()))
    store.update(HEAD + BREAKING[rule])
    assert any(each.startswith(rule) for each in broken(store))


def test_values_read_back_equal_to_the_table():
    content = observations(small())
    graph = rdflib.Graph().parse(data=content, format="turtle")
    columns = "urn:policygraph:analysis/central#"
    (this,) = graph.subjects(rdflib.RDF.type, rdflib.URIRef(expand("qb:DataSet")))
    names = {
        str(name): Node(iri.split()[0])
        for iri, name in ((str(s), o) for s, o in graph.subject_objects(rdflib.DCTERMS.identifier))
    }
    iris = {str(name): rdflib.URIRef(iri) for name, iri in names.items()}
    assert set(iris) == {'"80 %"', "_:b0"}
    for number, row in enumerate(ROWS, start=1):
        observation = rdflib.URIRef(f"{this}#row-{number}")
        for name, cell in zip(COLUMNS, row, strict=True):
            found = {*graph.objects(observation, rdflib.URIRef(columns + name))}
            cells = [each for each in (cell if isinstance(cell, tuple) else (cell,)) if each is not None]
            nodes = {iris.get(each, rdflib.URIRef(each)) for each in cells if isinstance(each, Node)}
            values = {each.toPython() for each in found if isinstance(each, rdflib.Literal)}
            assert {each for each in found if isinstance(each, rdflib.URIRef)} == nodes
            assert values == {each for each in cells if not isinstance(each, Node)}
            assert not any(each.language for each in found if isinstance(each, rdflib.Literal))


def test_values_have_types_and_columns_ranges():
    store = load(observations(small()))
    text = """SELECT ?name (GROUP_CONCAT(DISTINCT STR(?type)) AS ?types) ?range WHERE {
        ?column rdfs:range ?range . BIND(STRAFTER(STR(?column), "#") AS ?name)
        ?row ?column ?value . BIND(IF(ISIRI(?value), rdfs:Resource, DATATYPE(?value)) AS ?type)
    } GROUP BY ?name ?range"""
    found = {name: (types, range_) for name, types, range_ in select(store, text)}
    assert all(types == range_ for types, range_ in found.values())
    ranges = [found[name][1].rpartition("#")[2] for name in COLUMNS]
    assert " ".join(ranges) == "Resource integer double string integer Resource boolean"


def test_a_column_with_whole_and_broken_numbers_is_of_doubles():
    content = observations(made(["a", "n"], [("x", 1), ("y", 0.25), ("z", math.nan)])).decode()
    assert "#n> 1.0e0" in content
    assert "#n> 0.25e0" in content
    assert '#n> "NaN"^^xsd:double' in content


def test_nodes_have_their_labels_and_those_without_an_iri_get_one():
    store = load(observations(small(), base=EX))
    labels = dict(
        select(store, "SELECT ?node ?label { ?row a qb:Observation ; ?p ?node . ?node rdfs:label ?label }")
    )
    assert labels.pop(EX + "a") == HOSTILE
    assert all(iri.startswith(EX + "node/") for iri in labels)
    assert sorted(labels.values()) == ["80 %", "_:b0"]
    identified = dict(select(store, "SELECT ?iri ?name { ?iri dct:identifier ?name }"))
    assert sorted(identified.values()) == ['"80 %"', "_:b0"]
    assert set(identified) == set(labels)


def test_the_data_set_has_a_name_and_says_how_to_read_it():
    store = load(observations(small()))
    ((this, title, description),) = store.query(
        HEAD + "SELECT ?set ?title ?text { ?set a qb:DataSet ; dct:title ?title ; dct:description ?text }"
    )
    assert re.fullmatch(r"urn:policygraph:analysis/central-[0-9a-f]{12}", this.value)
    assert (title.value, title.language) == ("central", "en")
    assert (description.value, description.language) == ("Read <it> “so”.", "en")


def test_the_same_result_has_the_same_iri_and_another_has_another():
    def iri(*args, **options):
        ((found,),) = select(load(observations(small(*args, **options))), "SELECT ?set { ?set a qb:DataSet }")
        return found

    assert iri() == iri()
    others = [iri(seed=1), iri(rows=ROWS[:3]), iri(graph=nx.DiGraph(GRAPH, dataset="pgdata:zz"))]
    assert len({iri(), *others}) == 4
    backwards = GRAPH.copy()
    backwards.graph = dict(reversed(GRAPH.graph.items()))
    assert iri(backwards) == iri()


def test_the_recipe_is_the_plan_that_the_software_followed():
    store = load(observations(small(parts=("a", "b"), country=None)))
    found = select(store, """SELECT ?name ?value WHERE {
        ?activity prov:qualifiedAssociation/prov:hadPlan/schema:additionalProperty ?entry .
        ?entry a schema:PropertyValue ; schema:name ?name ; schema:value ?value
    } ORDER BY ?name ?value""")  # fmt: skip
    assert found == [
        ["algorithm", "PageRank"],
        ["connections", "1"],
        ["damping", "0.85"],
        ["dataset", "pgdata:xy 0.1.0"],
        ["network", "network"],
        ["parts", "a"],
        ["parts", "b"],
        ["policygraph", policygraph.__version__],
        ["seed", "0"],
        ["things", "4"],
    ]
    agents = select(
        store,
        "SELECT ?name ?now { ?agent a prov:SoftwareAgent ; rdfs:label ?name ; schema:softwareVersion ?now }",
    )
    assert agents == [["PolicyGraph", version("policygraph")]]


@pytest.mark.parametrize(
    ("dataset", "used", "titles"),
    [
        ("pgdata:xy 0.1.0", [BASE + "data/xy"], []),
        ("https://example.org/data", [EX + "data"], []),
        ("pgdata:xy 1.0, https://example.org/data 2", [BASE + "data/xy", EX + "data"], []),
        (["pgdata:xy 1", "pgdata:zz"], [BASE + "data/xy", BASE + "data/zz"], []),
        ("Facts, public: 0.1.0", ["#dataset-1"], ["Facts, public: 0.1.0"]),
        (["pgdata:xy", 'a "file".ttl'], ["#dataset-2", BASE + "data/xy"], ['a "file".ttl']),
        (None, [], []),
        ("", [], []),
    ],
)
def test_what_was_used_is_the_dataset_by_iri_or_by_title(dataset, used, titles):
    store = load(observations(small(dataset=dataset)))
    iris = [iri for (iri,) in select(store, "SELECT ?used { ?activity a prov:Activity ; prov:used ?used }")]
    assert sorted("#" + iri.rpartition("#")[2] if "#" in iri else iri for iri in iris) == sorted(used)
    assert titles == [
        title for (title,) in select(store, "SELECT ?title { ?used a prov:Entity ; dct:title ?title }")
    ]


def test_the_same_table_gives_the_same_bytes_in_any_parser(real):
    for each in (small(), real):
        content = observations(each)
        assert content == observations(each)
        parsed = rdflib.Graph().parse(data=content, format="turtle")
        assert len(parsed) == len(load(content)) > 50
        assert b"_:" not in content.replace(b'"_:b0"', b"")


def test_nothing_but_the_table_and_the_version_has_a_part_in_it(monkeypatch):
    before = observations(small())
    monkeypatch.setattr("time.time", lambda: 0.0)
    other = Table(
        *small()[:4], dict(reversed(small().recipe.items())), dict(reversed(small().labels.items()))
    )
    assert observations(other) == before


def test_text_that_utf8_cannot_hold_and_odd_names_are_no_obstacle():
    odd = make_table(nx.Graph(), "a b/ø", ["x y#", "n"], [("\ud800half", 1)], reading="\ud800half")
    store = load(observations(odd))
    assert broken(store) == []
    (row,) = select(
        store, 'SELECT ?p ?v { ?row a qb:Observation ; ?p ?v FILTER(LANG(?v) = "" && STR(?v) = "half") }'
    )
    assert row == ["urn:policygraph:analysis/a%20b%2F%C3%B8#x%20y%23", "half"]
