"""What the explorer begins with: the catalogue's questions, names and datasets, in the language asked for."""

from __future__ import annotations

from collections import Counter
from functools import cache

import checkout
import networkx as nx
import pytest
from command import refused, run
from networks import explore

from policygraph.analysis.network import claim_levels, network, shows
from policygraph.catalog.catalog import Catalog
from policygraph.errors import NetworkError, QueryError, ResourceError
from policygraph.explorer.page import view
from policygraph.rdf.namespaces import PREFIXES, word
from policygraph.site.context import SiteContext
from policygraph.store.protocols import rows

# What the bases of a saved question leave of a level of evidence; of weak inferences it has none.
BASES_OF = {
    "said": ["stated"],
    "documents": ["stated", "external"],
    "weak": None,
    "only": ["inferred"],
}
NEMID = "https://w3id.org/policygraph/id/dk/initiative/nemid"


catalog_of = cache(Catalog.find)


def document(language=None, root=None, **options):
    catalog = catalog_of(root)
    return explore(catalog, catalog.store, language=language, **options).document


@pytest.fixture(scope="module")
def whole():
    return document()


@pytest.fixture(scope="module")
def danish():
    return document("da")


def test_every_question_with_a_view_of_its_own_is_a_starting_point(whole, catalog):
    views = ("graph", "timeline", "things")
    marked = [name for name, query in catalog.queries.items() if query.view in views]
    assert [question["name"] for question in whole["questions"]] == marked
    assert {"network", "neighbourhood", "timeline", "plans-in-force", "areas-without-plan"} <= set(marked)


def test_a_question_that_asks_for_things_begins_with_them(whole, store, catalog):
    asked = next(each for each in whole["questions"] if each["name"] == "areas-without-plan")
    iris = {node["id"]: node["iri"] for node in whole["nodes"]}
    answer = {row["area"].value for row in store.query(catalog.queries["areas-without-plan"].bind())}
    assert {iris[node] for node in asked["nodes"]} == answer
    assert asked["edges"] == []


def test_a_finding_is_counted_as_the_sources_state_it_too(whole, store, catalog):
    iris = {node["id"]: node["iri"] for node in whole["nodes"]}
    edges = {edge["id"]: edge for edge in whole["edges"]}
    found = {each["name"]: each for each in whole["questions"] if each["finding"]}
    assert found.keys() == {"areas-joined", "areas-without-plan"}
    counts = {}
    for key, basis in BASES_OF.items():
        asked = catalog.ask("areas-without-plan", store=store, basis=basis)
        part = found["areas-without-plan"]["levels"][key]
        assert {iris[node] for node in part} == {row["area"] for row in asked}, key
        counts[key] = len(asked)
        asked = catalog.ask("areas-joined", store=store, basis=basis)
        part = [each for each in found["areas-joined"]["edges"] if shows(key, edges[each]["evidence"])]
        assert {edges[each]["claim"] for each in part} == {row["claim"] for row in asked}, key
    assert (counts["said"], counts["weak"]) == (8, 6)


def test_what_the_project_made_up_and_what_is_claimed_of_it_is_read(whole, store):
    """A computed claim has the level of its weakest premise; a thing is there from what names it."""
    levels = {node["iri"]: node["evidence"] for node in whole["nodes"]}
    nodes = {node["id"]: node["iri"] for node in whole["nodes"]}
    coined = {row["thing"].value for row in rows(store, "SELECT ?thing { ?thing pg:coined true }")}
    assert len(coined & levels.keys()) == 2
    place = {"stated": 0, "external": 1}
    for edge in whole["edges"]:
        basis = whole["bases"][edge["basis"]]["key"]
        weak = edge["strength"] is not None and whole["strengths"][edge["strength"]]["key"] == "weak"
        of = place.get(basis, 3 if weak else 2)
        at = {nodes[edge["source"]], nodes[edge["target"]]} & coined
        assert edge["evidence"] == (max(of, 2) if at or basis == "derived" else of)
    assert {levels[iri] for iri in coined & levels.keys()} == {2}
    named = """SELECT ?thing {
      { ?thing pg:mentionedIn ?passage }
      UNION { ?data a dcat:Dataset ; dct:source ?own . ?thing dct:source ?own }
      UNION { ?claim pg:basis ?basis ; rdf:subject|rdf:object ?thing .
        FILTER(?basis = <https://w3id.org/policygraph/concept/basis/stated>) } }"""
    there = {row["thing"].value for row in rows(store, named)}
    for iri, level in levels.items():
        assert (level == 0) == (iri in there - coined), iri


def test_the_levels_of_evidence_add_up_to_the_whole(whole):
    assert [each["key"] for each in whole["evidence"]] == ["said", "documents", "read", "weak"]
    assert sum(each["count"] for each in whole["evidence"]) == len(whole["edges"])
    assert all(each["count"] for each in whole["evidence"])


def test_an_empty_default_is_not_in_the_title_of_a_question(whole):
    assert not [each["title"] for each in whole["questions"] if "http" in each["title"]]


def test_the_question_that_holds_everything_does(whole):
    asked = next(each for each in whole["questions"] if each["name"] == "network")
    assert (len(asked["nodes"]), len(asked["edges"])) == (len(whole["nodes"]), len(whole["edges"]))


def test_things_are_found_by_every_name_they_have_in_any_language(whole, danish):
    node = next(node for node in whole["nodes"] if node["name"] == "Central-government level")
    assert "Statsligt niveau" in node["names"]
    other = next(each for each in danish["nodes"] if each["iri"] == node["iri"])
    assert other["name"] == "Statsligt niveau"
    assert set(other["names"]) == set(node["names"])


@pytest.mark.full
def test_a_page_is_called_as_its_datasets_of_places_are(whole, danish):
    assert [dataset["iri"] for dataset in whole["datasets"]] == [
        f"https://w3id.org/policygraph/data/{name}" for name in ("denmark", "international")
    ]
    assert all(dataset["version"] for dataset in whole["datasets"])
    assert whole["title"] == whole["datasets"][0]["title"]
    assert danish["title"] == danish["datasets"][0]["title"] != whole["title"]
    with pytest.raises(QueryError, match="nothing here has a label in the language 'nl'; there are: da, en"):
        document("nl")


@pytest.mark.full
def test_another_question_is_a_page_with_only_its_own_things(whole, catalog, store):
    found = document(query="neighbourhood")
    assert found["title"] == catalog.queries["neighbourhood"].summary
    assert 0 < len(found["nodes"]) < len(whole["nodes"])
    assert {edge["source"] for edge in found["edges"]} | {edge["target"] for edge in found["edges"]} == {
        node["id"] for node in found["nodes"]
    }
    other = document(query="neighbourhood", values={"thing": ["pgid:dk/country/denmark"]})
    assert len(other["nodes"]) != len(found["nodes"])
    mine = next(each for each in other["questions"] if each["name"] == "neighbourhood")
    assert len(mine["nodes"]) < len(found["nodes"])  # the starting point has the question's defaults


def test_what_is_not_there_is_refused():
    with pytest.raises(ResourceError, match="No label, nor a word in one, begins with 'Nowhere'"):
        document(focus="Nowhere", query="neighbourhood")
    with pytest.raises(NetworkError, match="is not in this network"):
        document(focus="pgid:dk/nowhere", query="neighbourhood")
    with pytest.raises(QueryError, match="add \\?source and \\?target"):
        document(query="labels")


def test_another_catalogue_has_its_own_starting_points(small_catalog):
    found = document(root=small_catalog.root, query="needs")
    assert [question["name"] for question in found["questions"]] == ["needs"]
    assert [node["names"] for node in found["nodes"]] == [["Bridge", "Brücke"], ["Road"]]
    assert found["datasets"] == []


def test_a_starting_point_that_is_no_table_is_left_out(small_catalog):
    question = "#+ summary: Which?\n#+ view: things\nASK {}\n"
    (small_catalog.root / "queries" / "ask.rq").write_text(question, encoding="utf-8")
    found = document(root=small_catalog.root, query="needs")
    assert [question["name"] for question in found["questions"]] == ["needs"]


@pytest.mark.full
def test_the_command_writes_the_same_page(tmp_path, denmark):
    file = tmp_path / "page.html"
    done = run("view", "-o", file, "--focus", "NemID", "--hops", "1", "--evidence", "said")
    assert done.returncode == 0, done.stderr
    catalog = catalog_of(None)
    page = explore(catalog, catalog.store, focus="NemID", steps=1, evidence="said")
    assert file.read_text(encoding="utf-8") == page
    iris = {node["id"]: node["iri"] for node in page.document["nodes"]}
    assert iris[page.document["focus"]["node"]] == NEMID
    assert page.document["focus"]["steps"] == 1
    assert f"{len(denmark)} things, {denmark.size()} connections" in done.stdout


def test_the_command_says_what_is_wrong(tmp_path):
    assert "No label, nor a word in one, begins with 'Nowhere'" in refused(
        "view", "-o", tmp_path / "x.html", "--focus", "Nowhere"
    )
    assert "--hops" in refused("view", "-o", tmp_path / "x.html", "--hops", "4")
    assert not (tmp_path / "x.html").exists()


def test_a_page_that_begins_with_kinds_is_said_to(tmp_path):
    rows = "\n".join(f'("https://example.org/{number}" "https://example.org/x")' for number in range(2001))
    folder = tmp_path / "large"
    for name in ("ontology", "data", "queries"):
        (folder / name).mkdir(parents=True)
    checkout.settings(folder)
    (folder / "data" / "empty.ttl").write_text("", encoding="utf-8")
    (folder / "queries" / "many.rq").write_text(
        f"SELECT ?source ?target {{ VALUES (?source ?target) {{ {rows} }} }}", encoding="utf-8"
    )
    done = run("--catalog", folder, "view", "-o", tmp_path / "x.html", "--query", "many")
    assert done.returncode == 0, done.stderr
    assert "2,002 things, 2,001 connections" in done.stdout
    assert "begins with the kinds" in done.stderr


def test_each_connection_names_the_text_it_rests_on_and_where_that_is(whole):
    edges, documents = whole["edges"], whole["documents"]
    assert all(edge["document"] is not None for edge in edges if edge["passages"])
    stated = [edge for edge in edges if edge["passages"] and not edge["rationale"]]
    cited = [documents[edge["document"]] for edge in stated]
    assert {each["link"] for each in cited if "Observatory" in each["name"]} == {
        "http://beta.oecd-opsi.org/innovations/country-profiles/denmark/"
    }


def written(folder, *claims, more=""):
    """The page of these claims, each a name, a basis and more about it, that a plan implements an area."""
    ends = "rdf:subject <urn:x:p> ; rdf:predicate pg:implements ; rdf:object <urn:x:a>"
    data = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("foaf", "pg", "pgc", "rdf", "rdfs"))
    data += f"<urn:x:p> a pg:Plan ; pg:implements <urn:x:a> . <urn:x:a> a pg:Area . {more}\n"
    for name, basis, about in claims:
        data += f"{name} a pg:Claim ; {ends} ; pg:basis pgc:basis\\/{basis}{about} .\n"
    (folder / "claims.ttl").write_text(data, encoding="utf-8")
    catalog = Catalog.find()
    return explore(catalog, catalog.load(files=folder / "claims.ttl")).document


@pytest.mark.parametrize(
    ("name", "basis"), [("<urn:c>", "stated"), ("<urn:c>", "inferred"), ("[]", "stated")]
)
def test_a_level_of_evidence_without_a_claim_that_has_a_name_is_drawn_too(tmp_path, name, basis):
    found = written(tmp_path, (name, basis, ""))
    assert len(found["edges"]) == 1
    assert [each["finding"] for each in found["questions"] if each["name"] == "areas-without-plan"] != [""]


def test_each_passage_has_the_address_of_its_own_document(tmp_path):
    more = ""
    for name in "xyz":
        more += f'<urn:s:{name}> pg:isPassageOf <urn:d:{name}> ; pg:section "Of {name}" .\n'
        more += f"<urn:d:{name}> foaf:page <https://example.org/{name}> .\n" if name != "z" else ""
    passages = "; pg:passage <urn:s:x> , <urn:s:y> , <urn:s:z>"
    claims = [
        ("<urn:c:1>", "stated", passages),
        ("<urn:c:2>", "external", f"{passages} ; pg:citedDocument <urn:d:x>"),
        ("<urn:c:3>", "stated", "; pg:passage <urn:s:x>"),
        ("<urn:c:4>", "external", "; pg:passage <urn:s:x> ; pg:citedDocument <urn:d:y>"),
        ("<urn:c:5>", "inferred", ""),
    ]
    links = {
        edge["claim"][6:]: dict(zip(edge["passages"], edge["links"], strict=bool(edge["links"])))
        for edge in written(tmp_path, *claims, more=more)["edges"]
    }
    own = {"Of x": "https://example.org/x", "Of y": "https://example.org/y", "Of z": ""}
    assert links == {"1": own, "2": own, "3": {}, "4": {"Of x": own["Of x"]}, "5": {}}


@pytest.mark.full
def test_the_sign_of_a_kind_is_the_same_everywhere(whole, danish, catalog, store):
    context = SiteContext(catalog, store)
    site = {iri: (kind["letter"], kind["shape"], kind["color"]) for iri, kind in context.kinds.items()}
    assert len({letter for letter, *_ in site.values()}) == len(site) > 20
    part = view(network(catalog, store=store, evidence="said", kinds=["Plan", "Organisation"])).document
    for drawn in (whole, danish, part):
        for kind in drawn["kinds"]:
            assert (kind["letter"], kind["shape"], kind["color"]) == site[kind["iri"]]
    asked = nx.MultiDiGraph()
    areas = [row["area"] for row in catalog.ask("areas-listed", store=store)]
    nx.add_path(asked, areas)
    drawn = context.draw(asked, "Areas", "en")
    area = next(kind for kind in context.kinds.values() if kind["name"] == "Area")
    assert f'fill="{area["color"]}"' in drawn
    assert f">{area['letter']}</text>" in drawn
    assert "Areas, list by list" in drawn, "the heading of its lane"


def test_claims_are_counted_by_level_as_the_page_has_them(whole, catalog, store):
    counts = Counter(claim_levels(catalog, store).values())
    by_basis = catalog.ask("claims-by-basis", store=store)
    assert counts.total() == sum(row["claims"] for row in by_basis)
    coined = """PREFIX pg: <https://w3id.org/policygraph/ontology#>
      PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
      SELECT DISTINCT ?claim { ?thing pg:coined true . ?claim rdf:subject|rdf:object ?thing ; pg:basis ?basis
        FILTER(STRENDS(STR(?basis), "/stated"))
        FILTER NOT EXISTS { ?claim pg:status <https://w3id.org/policygraph/concept/review/rejected> } }"""
    stated = sum(row["claims"] for row in by_basis if word(row["basis"]) == "stated")
    assert counts[0] == stated - len(list(store.query(coined))) < stated, "what the project made up is read"
    assert all(counts[place] >= each["count"] for place, each in enumerate(whole["evidence"]))
