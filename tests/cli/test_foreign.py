"""Data of others, which the catalogue knows nothing of, at the command line: what it tells of them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pyoxigraph
import pytest
from cases import sampled
from command import refused, run

import policygraph
from policygraph import Catalog
from policygraph.rdf.namespaces import expand
from policygraph.server.evaluation import Limits, QueryJob, evaluate
from policygraph.site.site import Site
from policygraph.store.protocols import Store

BIRDS = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix b: <https://example.org/birds#> .

b:owl a b:Bird ; rdfs:label "Barn owl"@en , "Slørugle"@da ; b:eats b:mouse .
b:mouse a b:Mammal ; rdfs:label "House mouse"@en .
b:Bird a rdfs:Class ; rdfs:label "Bird"@en .
b:eats a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Property> ; rdfs:label "eats"@en .
"""
EDGES = "SELECT ?source ?relation ?target { ?source ?relation ?target . FILTER(?relation = b:eats) }"


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    path = tmp_path / "birds.ttl"
    path.write_text(BIRDS, encoding="utf-8")
    return path


def test_the_downloads_of_a_site_are_those_of_its_file(birds, examplia):
    catalog = Catalog.find(examplia.root, files=[birds])
    site = Site(catalog, catalog.load(), live=False)
    files = {path for path in site.paths() if path.startswith("/download/")}
    assert "/download/birds.nt" in files
    assert not any("examplia" in path for path in files)
    lines = site.page("/download/birds.nt").body.decode().splitlines()
    assert len(lines) == 10
    assert not any("network" in path for path in files)  # there is none
    assert "birds.ttl" in site.page("/catalog.html").body.decode()


def test_a_file_has_no_empty_download(tmp_path, examplia):
    file = tmp_path / "graphs.trig"
    file.write_text("<urn:graph> { <urn:a> <urn:b> <urn:c> }")
    catalog = Catalog.find(examplia.root, files=[file])
    site = Site(catalog, catalog.load(), live=False)
    files = {path for path in site.paths() if path.startswith("/download/")}
    assert not any("graphs" in path for path in files)
    assert b"<urn:a> <urn:b> <urn:c>" in site.page("/download/all.trig").body.replace(b"\t", b" ")


def test_files_of_one_name_are_refused(birds, tmp_path):
    (tmp_path / "birds.nt").touch()
    assert "have the same name" in refused("--data", birds, "--data", tmp_path / "birds.nt")


def test_the_summary_tells_of_the_file_and_how_to_ask(birds, tmp_path):
    said = run("--data", birds).stdout
    assert "\nThings: Property 1, Class 1, " in said
    assert "No claim here connects two resources" in said
    (tmp_path / "FILE.rq").write_text("PREFIX b: <https://example.org/birds#> " + EDGES)
    tries = [shlex.split(line) for line in said.splitlines() if line.startswith("  policygraph ")]
    assert len(tries) == 3
    for words in tries:
        done = run(*words[1:], cwd=tmp_path)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), words
    assert (tmp_path / "picture.html").exists()
    other = birds.with_name("other.ttl")
    other.write_text(BIRDS)
    assert run("--data", birds, "--data", other).stdout.startswith(f"{birds}, {other} hold:\n")


@pytest.mark.parametrize(
    "command",
    [
        ("network", "out.graphml"),
        *((name, *more) for name, *more in (("path", "House", "Barn"), ("crosswalk", "House", "Barn"))),
        *(("analyse", name) for name in ("central", "summary", "compare", "communities")),
    ],
)
def test_nothing_is_made_of_nothing(command, birds, tmp_path):
    said = refused("--data", birds, *command, cwd=tmp_path)
    assert "no claim here connects two resources" in said
    assert "--query FILE.rq" in said
    assert not list(tmp_path.glob("out*"))


def test_a_file_without_claims_is_drawn_as_it_is(birds, tmp_path):
    done = run("--data", birds, "view", "-o", "out.html", cwd=tmp_path)
    assert "4 things, 1 connection.\n" in done.stdout
    document = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "w3id.org/policygraph/ontology#" not in document.partition('id="document">')[2].partition("<")[0]
    # By a question of one's own too, its things have their classes.
    (tmp_path / "eats.rq").write_text(EDGES, encoding="utf-8")
    run("--data", birds, "view", "--query", tmp_path / "eats.rq", "-o", "own.html", cwd=tmp_path)
    held = (tmp_path / "own.html").read_text(encoding="utf-8").partition('id="document">')[2]
    kinds = json.loads(held.partition("</script>")[0])["kinds"]
    assert sorted(each["name"] for each in kinds) == ["Bird", "Mammal"]


def test_a_query_without_rows_is_named_as_the_reason(birds, tmp_path):
    none = tmp_path / "none.rq"
    none.write_text("SELECT ?source ?target { ?source <urn:none> ?target }")
    assert "the query finds no edges here" in refused("--data", birds, "view", "--query", none, cwd=tmp_path)
    filtered = refused("--data", birds, "view", "--query", none, "-p", "x=1", cwd=tmp_path)
    assert "no parameter" in filtered


def test_labels_are_those_of_the_file(birds, tmp_path):
    edges = tmp_path / "eats.rq"
    edges.write_text("SELECT ?source (b:eats AS ?relation) ?target { ?source b:eats ?target }")
    said = run("--data", birds, "path", "--query", edges, "Barn owl", "mouse").stdout
    assert "Barn owl eats House mouse" in said
    assert "Slørugle" in run("--data", birds, "--language", "da", "describe", "Barn owl").stdout
    run("--data", birds, "network", "--query", edges, tmp_path / "x.json")
    nodes = json.loads((tmp_path / "x.json").read_text())["nodes"]
    assert {node["label"] for node in nodes} == {"Barn owl", "House mouse"}


def test_people_are_found_by_their_names(tmp_path):
    file = tmp_path / "people.ttl"
    file.write_text("<urn:ann> <http://xmlns.com/foaf/0.1/name> 'Ann Lee' ; <urn:knows> <urn:bo> .")
    assert run("--data", file, "describe", "Lee").stdout.startswith("Ann Lee (urn:ann)\n")


def test_prefixes_of_the_file_need_no_declaration(birds):
    done = run("--data", birds, "query", "-e", "SELECT ?x { b:owl b:eats ?x }", "--format", "csv")
    assert done.stdout.split() == ["x", "https://example.org/birds#mouse"]


def test_the_feed_of_a_file_tells_nothing_of_the_catalogue_s_own_datasets(birds):
    catalog = Catalog.find(files=[birds])
    assert (
        Site(catalog, catalog.load()).page("/feed.atom") is None
    )  # no dataset is described, so nothing changes
    described = birds.with_name("flock.ttl")
    described.write_text(f"{BIRDS} <urn:d> a <{expand('dcat:Dataset')}> ; <{expand('dct:title')}> 'Flock' ; "
                         f"<{expand('dct:modified')}> '2026-01-01'^^<{expand('xsd:date')}> .")  # fmt: skip
    catalog = Catalog.find(files=[described])
    feed = Site(catalog, catalog.load()).page("/feed.atom").body.decode()
    assert "Flock" in feed
    assert "Denmark" not in feed


def test_pages_tell_of_data_without_claims(birds, examplia):
    catalog = Catalog.find(examplia.root, files=[birds])
    site = Site(catalog, catalog.load())
    assert ">Bird<" in site.page("/index.html").body.decode()
    things = site.page("/things.html").body.decode()
    assert "Barn owl" in things
    assert "Denmark" not in things
    assert "no network" in site.page("/explore.html").body.decode()
    assert "intet netværk" in site.page("/explore.da.html").body.decode()


THESAURUS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix th: <urn:thesaurus:> .

th:scheme a skos:ConceptScheme ; skos:prefLabel "Weather"@en .
th:rain a skos:Concept ; skos:inScheme th:scheme ; skos:prefLabel "Rain"@en ; skos:notation "W1" .
th:drizzle a skos:Concept ; skos:inScheme th:scheme ; skos:broader th:rain ;
  skos:prefLabel "Light persistent rain"@en ; skos:altLabel "Drizzle"@en , "W1 in drops"@en .
"""


def test_a_thesaurus_is_counted_and_described_alone(tmp_path, examplia):
    file = tmp_path / "weather.ttl"
    file.write_text(THESAURUS)
    assert "\nThings: Concept 2, " in run("--data", file).stdout  # and none of the catalogue's own
    for name in ("W1", "w1", "Rain", "rain"):
        assert run("--data", file, "describe", name).stdout.startswith("Rain (urn:thesaurus:rain)\n")
    assert "Light persistent rain" in run("--data", file, "describe", "persistent").stdout
    catalog = Catalog.find(examplia.root, files=[file])
    things = Site(catalog, catalog.load()).page("/things.html").body.decode()
    assert "Light persistent rain" in things
    assert "Stated" not in things  # a concept of the catalogue's own


def test_a_catalogue_of_three_files_without_our_terms(small_catalog, tmp_path):
    folder = small_catalog.root
    assert "Project" in run("--catalog", folder).stdout
    assert "no claim here" in refused("--catalog", folder, "network", tmp_path / "x.gexf")
    said = run("--catalog", folder, "path", "--query", "needs", "Bridge", "Road")
    assert "Bridge" in said.stdout
    assert "pgid:" not in said.stdout
    assert "conform to the shapes" in run("--catalog", folder, "validate").stdout
    asked = run("--catalog", folder, "query", "-e", "SELECT ?x { ?x a t:Project }", "--format", "csv")
    assert len(asked.stdout.split()) == 3
    assert run("--catalog", folder, "publish", tmp_path / "site", "--no-check").returncode == 0
    assert not list((tmp_path / "site" / "download").glob("network*"))


def test_a_question_is_of_the_file_and_not_of_the_ontology_beside_it(tmp_path):
    file = Path(__file__).parents[1] / "support" / "vocabulary.ttl"
    schema, relations = (
        tmp_path / "schema.rq",
        ("rdfs:subClassOf", "rdfs:domain", "rdfs:range", "owl:inverseOf"),
    )
    schema.write_text(f"SELECT ?source ?relation ?target {{ VALUES ?relation {{ {' '.join(relations)} }} "
                      "?source ?relation ?target }")  # fmt: skip
    said = {expand(name) for name in relations}
    pairs = [
        (quad.subject, quad.object) for quad in pyoxigraph.parse(path=file) if quad.predicate.value in said
    ]
    asked = run("--data", file, "query", schema, "--format", "csv").stdout
    assert len(asked.splitlines()) - 1 == len(pairs)
    told = run("--data", file, "view", "--query", schema, "-o", tmp_path / "schema.html").stdout
    assert f"{len({end for pair in pairs for end in pair})} things, {len(pairs)} connections" in told
    # The ontology's words are still there for what the file has no word for.
    assert "→ is a:" in run("--data", file, "describe", "Vocal quartet").stdout


@pytest.mark.parametrize(
    ("language", "domain"),
    [
        ("en", "says something about: Section"),
        ("da", "siger noget om: Section"),
        ("nb", "sier noe om: Section"),
    ],
)
def test_a_property_of_the_file_is_said_to_say_something_about_its_domain(language, domain):
    file = Path(__file__).parents[1] / "support" / "vocabulary.ttl"
    said = run("--data", file, "--language", language, "describe", "is section of").stdout
    assert f"→ {domain}" in said


def test_data_in_the_terms_of_the_ontology_have_it_beside_them(tmp_path):
    file = tmp_path / "plan.ttl"
    file.write_text("<urn:a> a <https://w3id.org/policygraph/ontology#Organisation> .")
    asked = "SELECT ?x { ?x a/rdfs:subClassOf* pg:Actor }"
    assert "urn:a" in run("--data", file, "query", "-e", asked, "--format", "csv").stdout


class Remote(Store):
    """A service that is asked by its text alone, as one on the web is."""

    def __init__(self, store):
        self.query, self.url = store.query, "https://example.org/sparql"


def test_a_service_without_labels_gets_those_of_the_ontology(tmp_path, examplia):
    file = tmp_path / "bare.ttl"
    file.write_text("<urn:a> a <https://w3id.org/policygraph/ontology#Plan> .")
    remote = Remote(Catalog.find(examplia.root, files=[file]).load(ontology=False))
    query = tmp_path / "kinds.rq"
    query.write_text("SELECT ?s ?kind { ?s a ?kind }")
    assert "Plan" in examplia.ask(str(query), store=remote).write().decode().split("\n")[2].split()
    assert "→ is a: Plan\n" in examplia.describe("urn:a", store=remote).text()
    edges = tmp_path / "edges.rq"
    edges.write_text("SELECT ?source ?target { ?source a ?target }")
    graph = policygraph.network(examplia, str(edges), store=remote)
    assert graph.nodes["https://w3id.org/policygraph/ontology#Plan"]["label"] == "Plan"


def test_a_server_and_what_is_explained_know_the_prefixes_too(birds, examplia):
    asked = "SELECT ?x { b:owl b:eats ?x }"
    said = run("--data", birds, "query", "-e", asked, "--explain").stdout
    assert said == f"PREFIX b: <https://example.org/birds#> {asked}\n"
    store = Catalog.find(examplia.root, files=[birds]).load()
    limits = Limits(prefixes=store.prefixes)
    answer = evaluate(pyoxigraph.Store(), QueryJob(asked, rows="csv"), limits)
    assert (answer.kind, answer.body) == ("answer", b"x\r\n")


def test_a_file_without_a_statement_is_noted(tmp_path):
    path = tmp_path / "empty.ttl"
    path.touch()
    assert "note: there are no statements in it." in run("--data", path).stderr
    refused = run("--data", path, "publish", tmp_path / "site")
    assert (refused.returncode, refused.stderr) == (2, f"policygraph: No statement is in {path}.\n")


@pytest.mark.parametrize("name", sampled(["b.ttl", "b.nt", "b.nq", "b.trig", "b.jsonld"], 4))
def test_a_file_with_a_byte_order_mark_is_queried_checked_and_exported(name, tmp_path):
    said = '{"@id": "urn:x", "urn:p": "a"}' if name == "b.jsonld" else '<urn:x> <urn:p> "a" .'
    (tmp_path / name).write_text(f"\ufeff{said}", encoding="utf-8")
    asked = run("--data", tmp_path / name, "query", "-e", "SELECT ?o { <urn:x> <urn:p> ?o }")
    assert (asked.returncode, asked.stdout.split()[-3:]) == (0, ["a", "1", "row"])
    assert run("validate", tmp_path / name).returncode in (0, 1)
    assert run("--data", tmp_path / name, "export", tmp_path / "out.nt").returncode == 0
    assert (tmp_path / "out.nt").read_bytes() == b'<urn:x> <urn:p> "a" .\n'
