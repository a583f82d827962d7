"""Two countries, one of them in English and Dutch without a Danish word: everything works with both.

`tests/support/examplia.ttl` is the second one; copied to `data/`, it breaks no test of behaviour.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import checkout
import pyoxigraph as ox
import pytest
from cases import sampled
from checkout import DATA, SHIPPED
from command import run
from networks import explore

import policygraph as pg
from policygraph.analysis.network import left_out
from policygraph.catalog.catalog import Catalog
from policygraph.check.shacl import validate
from policygraph.explorer.document import finding
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.site.site import Site

EXAMPLIA = Path(__file__).parent / "support" / "examplia.ttl"
PLAN = {"en": "Open Harbour Plan 2021-2024", "nl": "Plan Open Haven 2021-2024"}
GOAL = {"en": "Shorter waiting times for ships", "nl": "Kortere wachttijden voor schepen"}

in_its_languages = pytest.mark.parametrize("language", PLAN)


@pytest.fixture(scope="module")
def both(catalog, tmp_path_factory):
    """A catalogue of a part of Denmark with Examplia beside it."""
    root = tmp_path_factory.mktemp("both")
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    for path in (*(dataset.path for dataset in catalog.datasets.values()), EXAMPLIA):
        (root / "data" / path.name).symlink_to(path)
    checkout.reduce(root / "data" / "denmark.ttl")
    return Catalog(root)


def test_the_second_country_has_no_word_of_the_first_one_s_language(examplia):
    texts = [q.object for q in ox.parse(path=EXAMPLIA) if isinstance(q.object, ox.Literal)]
    assert {text.language for text in texts} == {None, "en", "nl"}
    results = validate(examplia, "examplia").results
    assert {(result.severity, result.shape) for result in results} <= {("Warning", "pgs:DanishLabel")}


def test_a_file_beside_denmark_is_not_in_the_catalogue_of_the_tests(catalog):
    assert Catalog.find().root == catalog.root != SHIPPED
    assert list(catalog.datasets) == ["denmark", "international"]
    assert run().stdout.split("holds ")[1].startswith("denmark, international and ")


@pytest.mark.full
def test_the_tests_of_the_shipped_data_stay_green_when_every_country_but_denmark_goes(tmp_path):
    for path in SHIPPED.iterdir():
        if path.name not in ("data", "tests"):
            (tmp_path / path.name).symlink_to(path)
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    shutil.copytree(SHIPPED / "tests", tmp_path / "tests", ignore=left_out)
    (tmp_path / "data").mkdir()
    for name in DATA:
        (tmp_path / "data" / name).symlink_to(SHIPPED / "data" / name)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("POLICYGRAPH", "PYTHONPATH", "PYTEST"))
    }
    tests = [f"tests/data/{name}.py" for name in ("test_data", "test_ontology")]
    command = [sys.executable, "-m", "pytest", *tests, "-q", "-m", "not full", "-p", "no:cacheprovider"]
    command += ["--deselect", f"{tests[1]}::test_every_term_is_used_by_the_data"]  # by all of them together
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@in_its_languages
def test_the_summary_and_a_thing_are_printed(both, language):
    options = ("--catalog", both.root, "--language", language)
    assert "holds denmark, examplia, international and" in run(*options).stdout
    described = run(*options, "describe", PLAN["en"]).stdout
    assert f": {PLAN[language]}\n" in described
    assert f": {GOAL[language]}\n" in described


def test_two_datasets_are_compared_by_their_names(both):
    done = run("--catalog", both.root, "analyse", "compare", "denmark", "examplia", "--format", "csv")
    rows = [row for row in csv.DictReader(done.stdout.splitlines()) if row["measure"] == "things"]
    for name in ("denmark", "examplia"):
        (things,) = [row[name] for row in rows if not row["of"]]
        assert int(things) == len(pg.network(both, store=both.load(name)))
    kinds = {kind for _, kind in pg.network(both).nodes(data="kind")}
    assert {row["of"] for row in rows} <= {"", *kinds}, "a kind from a third dataset is known too"


def test_the_country_that_is_kept_narrows_only_what_is_compared(both):
    chosen = {"country": "Examplia"}
    kept = pg.network(both, **chosen)
    whole = pg.network(both, store=both.load("denmark"))
    table = pg.analyse("compare", both, against="denmark", **chosen)
    assert next(row for row in table.rows if row[0] == "things")[2:4] == (len(kept), len(whole))


@pytest.mark.parametrize("name", ["Denmark", "Danmark", "denmark", "pgid:dk/country/denmark"])
def test_a_country_is_kept_by_any_of_its_names(both, name):
    kept = pg.network(both, country=name)
    assert f"{BASE}id/dk/initiative/nemid" in kept
    assert f"{BASE}id/ex/plan/open-harbour" not in kept


@pytest.mark.parametrize(
    ("name", "kept", "left"), sampled([("Denmark", "dk", "ex"), ("Examplia", "ex", "dk")], 2)
)
def test_the_country_that_is_not_kept_is_itself_left_out(both, name, kept, left):
    countries = {"dk": f"{BASE}id/dk/country/denmark", "ex": f"{BASE}id/ex/country/examplia"}
    network = pg.network(both, country=name)
    assert countries[kept] in network
    assert countries[left] not in network
    page = pg.view(pg.network(both)).document  # whose filter reads the country of each thing
    own = {node["iri"]: [page["countries"][n]["iri"] for n in node["countries"]] for node in page["nodes"]
           if node["iri"] in countries.values()}  # fmt: skip
    assert own == {iri: [iri] for iri in countries.values()}


@pytest.mark.full
def test_a_thing_of_two_countries_is_in_both(both):
    dk, ex = f"{BASE}id/dk/country/denmark", f"{BASE}id/ex/country/examplia"
    plan, quay = f"{BASE}id/ex/plan/open-harbour", f"{BASE}id/ex/area/quay"
    alone = pg.network(both)
    store, graph = both.load(), ox.NamedNode(both.datasets["examplia"].iri)
    facts = [(plan, "pg:inCountry", dk), (quay, "pg:inCountry", dk), (quay, "pg:inCountry", ex)]
    store.add(
        [ox.Quad(ox.NamedNode(s), ox.NamedNode(expand(p)), ox.NamedNode(o), graph) for s, p, o in facts]
    )
    whole = pg.network(both, store=store)
    assert whole.nodes[plan]["country"] == f"{dk}; {ex}"

    page = pg.view(whole).document
    (shared,) = [node for node in page["nodes"] if node["iri"] == plan]
    assert [page["countries"][n]["iri"] for n in shared["countries"]] == [dk, ex]
    counts, before = (
        {each["iri"]: each["count"] for each in pg.view(each).document["countries"]}
        for each in (whole, alone)
    )
    assert counts == {dk: before[dk] + 1, ex: before[ex]}

    for name, own, other in (("Denmark", dk, ex), ("Examplia", ex, dk)):
        part, without = (pg.network(both, store=each, country=name) for each in (store, both.store))
        assert {*part} == {*without, plan}
        assert own in part
        assert other not in part
        assert pg.view(part).document["title"] == pg.view(without).document["title"]
        # What is of the other country alone is left out, but nothing of both, connected or not.
        assert left_out(part) == left_out(without) - {plan}
        assert quay not in left_out(part)


def test_a_body_by_a_weak_likeness_is_not_responsible(both):
    plan, claim = f"{BASE}id/ex/plan/open-harbour", ox.NamedNode(f"{BASE}id/ex/claim/weakweak")
    store = both.load()
    said = {
        "rdf:subject": plan,
        "rdf:predicate": expand("pg:coordinatedBy"),
        "rdf:object": f"{BASE}id/dk/organisation/government",
        "pg:basis": f"{BASE}concept/basis/inferred",
        "pg:strength": f"{BASE}concept/strength/medium",
    }
    graph = ox.NamedNode(both.datasets["examplia"].iri)

    def bodies():
        rows = both.ask("responsible-bodies", store=store)
        return [
            row["body"] for row in rows if (row["plan"], row["relation"]) == (plan, said["rdf:predicate"])
        ]

    quads = [ox.Quad(claim, ox.NamedNode(expand(p)), ox.NamedNode(o), graph) for p, o in said.items()]
    store.add(quads)
    assert said["rdf:object"] in bodies()
    store.add([ox.Quad(claim, quads[-1].predicate, ox.NamedNode(f"{BASE}concept/strength/weak"), graph)])
    assert bodies() == []


def test_an_area_that_only_a_body_carries_out_has_no_plan(both):
    store = both.load()
    free = {row["area"] for row in both.ask("areas-without-plan", store=store)}
    area = min(free)
    graph = ox.NamedNode(both.datasets["examplia"].iri)

    def claim(number, subject):
        said = {
            "rdf:subject": subject,
            "rdf:predicate": expand("pg:implements"),
            "rdf:object": area,
            "pg:basis": f"{BASE}concept/basis/stated",
        }
        name = ox.NamedNode(f"{BASE}id/ex/claim/body000{number}")
        store.add([ox.Quad(name, ox.NamedNode(expand(p)), ox.NamedNode(o), graph) for p, o in said.items()])
        return {row["area"] for row in both.ask("areas-without-plan", store=store)}

    assert claim(1, f"{BASE}id/dk/organisation/government") == free
    assert claim(2, f"{BASE}id/ex/plan/open-harbour") == free - {area}


def test_no_country_of_that_name_is_an_error(both):
    with pytest.raises(pg.PolicyGraphError, match="of the country 'NemID'"):
        pg.network(both, country="NemID")


@in_its_languages
def test_every_label_in_every_answer_is_a_text(both, language):
    for name in both.queries:
        answer = both.ask(name, language=language)
        if isinstance(answer, ox.QuerySolutions):
            labels = [v.value for v in answer.variables if v.value.lower().endswith("label")]
            texts = {row[label] for row in answer for label in labels}
            assert not [text for text in texts if not isinstance(text, ox.Literal)], name
            assert not [text for text in texts if "://" in text.value], name


@in_its_languages
def test_the_picture_holds_both_and_calls_each_thing_by_its_name(both, language):
    document = explore(both, both.store, language=language).document
    titles = {each["iri"].rpartition("/")[2]: each["title"] for each in document["datasets"]}
    assert document["title"] == f"{titles['denmark']} · {titles['examplia']}"
    names = {node["iri"]: node["name"] for node in document["nodes"]}
    assert names[f"{BASE}id/ex/plan/open-harbour"] == PLAN[language]
    assert f"{BASE}id/dk/initiative/nemid" in names
    assert not [name for name in names.values() if "://" in name or re.match(r"pg\w*:", name)]
    assert len(titles) == 3


@pytest.mark.full
def test_every_page_of_the_second_country_has_a_name_for_its_heading(both):
    site = Site(both, both.store)
    paths = [path for path in site.paths() if path.endswith(".html") and re.search("/ex/|examplia", path)]
    assert len(paths) > 20
    for path in paths:
        page = site.page(path).body.decode()
        heading = re.search(r"<h1.*?</h1>", page, re.DOTALL)[0]
        assert not re.search(r"://|\bpg\w*:", re.sub(r"<[^>]*>", "", heading)), path


@pytest.mark.full
def test_the_picture_of_one_country_is_titled_and_counted_for_it(both):
    """Its title and findings are those that the country has alone, whatever it was narrowed by."""
    alone = pg.view(pg.network(both, store=both.load("denmark", "international"))).document
    kept = pg.view(pg.network(both, country="Denmark")).document
    assert kept["title"] == alone["title"]
    told = [
        {
            each["name"]: finding(each, document, {node["id"] for node in document["nodes"]})[0]
            for each in document["questions"]
        }
        for document in (kept, alone)
    ]
    assert told[0] == told[1]
    assert told[0]["areas-joined"] == (
        "Connections between areas of two lists, weak ones left out: 0 as said, 4 with what is read "
        "(M2–W4, M2–W5, M2–W6, M3–W3)"
    )
    # With fewer claims the answers would be others, so there is none.
    for fewer in ({"min_strength": "strong"}, {"evidence": "said"}, {"values": {"basis": "stated"}}):
        narrow = pg.view(pg.network(both, **fewer)).document
        assert {each["finding"] for each in narrow["questions"]} == {""}


def test_each_thing_and_claim_of_a_picture_has_its_dataset(both):
    document = pg.view(pg.network(both)).document
    names = [each["iri"].rpartition("/")[2] for each in document["datasets"]]
    of = {each["iri"]: [names[n] for n in each["datasets"]] for each in document["nodes"]}
    assert of[f"{BASE}id/ex/plan/open-harbour"] == ["examplia"]
    assert of[f"{BASE}id/dk/initiative/nemid"] == ["denmark"]
    claims = {
        (each["claim"].split("/id/")[1][:2], names[n]) for each in document["edges"] for n in each["datasets"]
    }
    assert claims == {("dk", "denmark"), ("ex", "examplia")}


def test_the_command_draws_one_country(both, tmp_path):
    told = run("--catalog", both.root, "view", "--country", "Examplia", "-o", tmp_path / "x.html").stdout
    graph = pg.network(both, country="Examplia")
    assert f"{len(pg.view(graph).document['nodes'])} things" in told
    assert " 9 things, 8 connections" in told, "what is of it, and what is joined to that"


def test_a_crosswalk_of_one_country_lists_no_other_one_s(both):
    network = pg.network(both, country="Examplia")
    matrix = pg.crosswalk(network, "Plan", "Area")
    assert {iri for iri in (*matrix.rows, *matrix.columns) if "/dk/" in iri} == set()
    assert f"{BASE}id/ex/plan/open-harbour" in matrix.rows
    # Nor those that no claim connects.
    graph = ox.NamedNode(both.datasets["denmark"].iri)
    lonely = ox.NamedNode(f"{BASE}id/dk/area/lonely")
    listed = f"{BASE}id/dk/scheme/modernisation-areas"
    said = {
        "rdf:type": expand("pg:Area"),
        "skos:topConceptOf": listed,
        "skos:inScheme": listed,
        "pg:inCountry": f"{BASE}id/dk/country/denmark",
    }
    store = both.load()
    store.add([ox.Quad(lonely, ox.NamedNode(expand(p)), ox.NamedNode(o), graph) for p, o in said.items()])
    alone = pg.network(both, store=store, country="Examplia")
    assert lonely.value not in pg.crosswalk(alone, "Plan", "Area").columns
    assert lonely.value in pg.crosswalk(pg.network(both, store=store), "Plan", "Area").columns
    found = {each["name"]: each["finding"] for each in pg.view(alone).document["questions"]}
    before = {each["name"]: each["finding"] for each in pg.view(network).document["questions"]}
    assert found == before
    with pytest.raises(pg.PolicyGraphError, match="is left out of this network; narrow it less"):
        pg.crosswalk(network, "pgid:dk/scheme/modernisation-areas", "Area")
