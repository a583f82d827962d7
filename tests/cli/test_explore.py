"""The analyst's commands as a person meets them: real processes, their output, their exit codes."""

from __future__ import annotations

import csv
import io
import json
import re

import networkx as nx
import pytest
from click.testing import CliRunner
from command import refused, run

from policygraph.analysis.crosswalk import crosswalk
from policygraph.analysis.measures import MEASURES
from policygraph.analysis.network import narrowed
from policygraph.cli.main import cli
from policygraph.explorer.document import LIMITS
from policygraph.i18n import LANGUAGES, words

DATASETS = re.compile(r"dataset: pgdata:denmark \d+\.\d+\.\d+, pgdata:international \d+\.\d+\.\d+;")


def test_analyse_alone_lists_the_measures_and_what_they_ask():
    for language in LANGUAGES:
        listed = run("--language", language, "analyse").stdout
        for name in MEASURES:
            assert name in listed
            assert words(language, "measures")[name]["asks"] in listed


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_prints_its_reading_and_its_recipe(name):
    done = run("analyse", name)
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert re.search(f"Recipe: network: {MEASURES[name].network}; {DATASETS.pattern}", told)
    assert "policygraph: " in told
    assert done.stdout.index(" rows\n") < done.stdout.index("Recipe")


def test_people_read_a_measure_in_their_language_and_machines_the_same_words_in_each():
    danish = run("--language", "da", "analyse", "compare").stdout
    told = " ".join(danish.split())
    assert "rank by connections" not in danish
    assert "placering efter forbindelser" in danish
    assert "udsagn oplyst " in told
    assert "Hver række er et tal om alt og det samme om det, kilderne siger; " in told
    assert re.search(r"Opskrift: netværk: network; .*; belæg \(det, kilderne siger\): sagt; ting: ", told)
    csv_ = run("--language", "nb", "analyse", "bridges", "--format", "csv")
    assert {row["role"] for row in csv.DictReader(io.StringIO(csv_.stdout))} == {
        "cut point",
        "bridge",
        "broker",
    }
    assert "Oppskrift: nettverk: network; " in csv_.stderr
    document = json.loads(run("--language", "nb", "analyse", "summary", "--format", "json").stdout)
    assert document["recipe"]["algorithm"].startswith("enkel urettet graf uten vekter")


def test_rows_for_machines_keep_the_recipe_apart(denmark):
    done = run("analyse", "central", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    assert len(rows) == len(denmark)
    assert rows[0]["thing"].startswith("https://w3id.org/policygraph/")
    assert rows[0]["thing_label"]
    assert "Recipe" not in done.stdout
    assert "Recipe: network: network; " in done.stderr
    document = json.loads(run("analyse", "central", "--format", "json").stdout)
    assert len(document["results"]["bindings"]) == len(denmark)
    assert document["recipe"]["network"] == "network"
    assert document["reading"].endswith(".")


def test_labels_are_in_the_language_asked_for():
    assert "Strategi for digital velfærd 2013-2020" in run("--language", "da", "analyse", "central").stdout


def test_options_narrow_the_network_and_say_so_in_the_recipe(denmark):
    told = " ".join(
        run("analyse", "summary", "--evidence", "said", "--kind", "Plan", "--kind", "Area").stdout.split()
    )
    assert "evidence: said; kinds: Plan, Area" in told
    assert f"things: {len(narrowed(denmark, evidence='said', kinds=('Plan', 'Area')))};" in told


@pytest.mark.full
def test_the_suffix_of_a_file_may_be_in_capitals(tmp_path):
    for name, begins in (("A.SVG", "<svg"), ("A.MD", "| "), ("A.CSV", "row,")):
        assert run("crosswalk", "NemID", "MitID", "-o", tmp_path / name).returncode == 0
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_every_table_for_people_ends_with_its_recipe():
    for format in ("table", "markdown"):
        told = run("crosswalk", "NemID; MitID", "Driver", "--format", format).stdout
        recipe = " ".join(told.partition("\nRecipe: ")[2].split())
        assert DATASETS.search(recipe)
        assert "hops: 2; rows: NemID; MitID; columns: Driver; policygraph: " in recipe
    told = " ".join(run("path", "NemID", "MitID", "-k", "7", "--format", "markdown").stdout.split())
    assert "paths at most: 7; policygraph: " in told
    told = " ".join(run("analyse", "communities").stdout.split())
    assert re.search(r"modularity: 0\.\d{3};", told)  # and not with every digit


def test_another_question_gives_another_network():
    told = " ".join(run("analyse", "summary", "--query", "area-features").stdout.split())
    assert "network: area-features" in told


@pytest.mark.full
def test_a_question_of_ones_own_gives_a_network(tmp_path):
    loops = (
        "SELECT ?source ?target WHERE { VALUES (?source ?target) { (<urn:a> <urn:a>) (<urn:b> <urn:c>) } }"
    )
    (tmp_path / "mine.rq").write_text(loops, encoding="utf-8")
    for name in set(MEASURES) - {"levels"}:
        done = run("analyse", name, "--query", tmp_path / "mine.rq")
        assert done.returncode == 0, done.stderr
    assert "urn:b" in run("path", "<urn:b>", "<urn:c>", "--query", tmp_path / "mine.rq").stdout
    assert "no path" in run("path", "<urn:a>", "<urn:b>", "--query", tmp_path / "mine.rq").stdout


@pytest.mark.full
def test_compare_takes_options_files_and_catalogues(tmp_path, small_catalog, catalog):
    assert "narrowed" in run("analyse", "compare", "--kind", "Plan", "--kind", "Goal").stdout
    everything = b"\n".join(dataset.path.read_bytes() for dataset in catalog.datasets.values())
    (tmp_path / "all.ttl").write_bytes(everything)
    same = run("analyse", "compare", tmp_path / "all.ttl", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(same.stdout, newline="")))
    assert "things" in {row["measure"] for row in rows}
    assert [row for row in rows if row["this"] != row["all"]] == []
    assert "Only compare takes datasets" in refused("analyse", "central", "denmark")
    three = run("analyse", "compare", "denmark", tmp_path / "all.ttl", "denmark", "--format", "csv").stdout
    assert three.partition("\n")[0].strip() == "measure,of,denmark,all,other_3"
    assert "There is no dataset or file 'denmrk'. Did you mean 'denmark'?" in refused(
        "analyse", "compare", "denmrk"
    )
    assert run("analyse", "compare", catalog.root).returncode == 0
    (tmp_path / "this.ttl").write_bytes(catalog.datasets["denmark"].path.read_bytes())
    told = run("analyse", "compare", tmp_path / "this.ttl").stdout
    assert told.splitlines()[0].split() == ["measure", "of", "this", "other", "change"]
    assert "policygraph: " in " ".join(told.split())


def test_a_hostile_label_stays_text_in_markdown(tmp_path):
    (tmp_path / "evil.ttl").write_text(
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "@prefix pg: <https://w3id.org/policygraph/ontology#> .\n"
        "<urn:a> skos:prefLabel '<img src=x>'@en . <urn:b> skos:prefLabel 'B'@en . <urn:a> a pg:Goal .\n"
        "<urn:c> rdf:subject <urn:a> ; rdf:predicate pg:drives ; rdf:object <urn:b> ; pg:basis <urn:d> .\n",
        encoding="utf-8",
    )
    told = run("--data", tmp_path / "evil.ttl", "path", "<urn:a>", "<urn:b>", "--format", "markdown").stdout
    assert "connect \\<img src=x\\> with B" in " ".join(told.split())
    assert re.search(r"(?<!\\)<img", told) is None


def test_path_tells_who_says_so_at_every_step():
    told = run("path", "NemID", "Danish banks", "-k", "1").stdout
    assert "all steps stated" in told
    shared = run("path", "NemID", "Job creation, especially", "-k", "1", "--evidence", "said").stdout
    assert "many things share Danish government" in shared
    assert "Stated" in told
    danish = run("--language", "da", "path", "NemID", "pgid:dk/goal/job-creation", "-k", "1").stdout
    assert "Oplyst" in danish


def test_path_that_the_source_does_not_state_says_so_and_what_it_would_need():
    modernisation = "pgid:dk/plan/public-sector-modernisation"
    told = run(
        "path",
        "Better regulation and goal-orientation",
        "NemID",
        "--evidence",
        "said",
        "--without",
        modernisation,
    ).stdout
    assert "no path" in told
    assert "Inferred, Weak" in told or "inferred, weak" in told


def test_a_path_as_rows():
    ends = ("Dissemination of telemedicine", "Increasing demographic challenges")
    done = run("path", *ends, "--evidence", "said", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    assert {row["basis"].rpartition("/")[2].casefold() for row in rows} == {"stated"}


@pytest.mark.parametrize("name", ["n.graphml", "n.gexf", "n.json", "n.cyjs", "n.csv", "n.graphml.gz"])
def test_network_writes_files_that_other_tools_read(name, tmp_path, denmark):
    done = run("network", tmp_path / name)
    assert done.returncode == 0, done.stderr
    assert f"{len(denmark)} nodes, {denmark.size()} edges" in done.stderr
    if ".graphml" in name:
        graph = nx.read_graphml(tmp_path / name)
        assert (len(graph), graph.size()) == (len(denmark), denmark.size())


@pytest.mark.full
def test_crosswalk_of_two_lists_by_label_and_as_csv_markdown_and_svg(tmp_path, denmark):
    ends = ("Areas of public sector modernisation", "Areas of the Strategy for Digital Welfare")
    told = run("crosswalk", *ends).stdout
    assert "M3" in told
    assert "W3" in told
    done = run("crosswalk", *ends, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    matrix = crosswalk(denmark, *ends)
    assert len(rows) == len(matrix.rows) * len(matrix.columns)
    assert run("crosswalk", *ends, "--format", "markdown").stdout.count("|") > len(rows)
    assert run("crosswalk", *ends, "-o", tmp_path / "map.svg").returncode == 0
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.full
def test_crosswalk_of_two_kinds_and_of_things_named_one_by_one():
    assert run("crosswalk", "Plan", "pg:Goal").returncode == 0
    told = run("crosswalk", "NemID; MitID", "Driver").stdout
    assert "MitID" in told
    assert run("crosswalk", "NemID", "pg:Driver").returncode == 0  # one thing is a list of one


def test_a_member_of_a_list_that_nothing_is_claimed_of_is_a_row_all_the_same():
    told = run("crosswalk", "Plan", "Area", "--relation", "has goal").stdout
    assert "No specific connection is found for" in told
    assert "Better regulation and goal-orientation" in told


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("analyse", "centre"), "Did you mean 'central'"),
        (("analyse", "central", "--country", "Denmark", "--country", "Norway"), "--country takes one"),
        (("path", "NemID", "MitID", "--evidence", "said", "--evidence", "read"), "--evidence takes one"),
        (("view", "--query", "network", "--query", "file-links"), "name one of network, file-links."),
        (("analyse", "central", "--query", "plans-in-force"), "add ?source and ?target"),
        (("analyse", "central", "--kind", "Plann"), "Did you mean 'Plan'"),
        (("analyse", "central", "--relation", "nothing"), "No relation in the network"),
        (("analyse", "central", "--country", "XX"), "of the country 'XX'"),
        (("analyse", "central", "--country", ""), "of the country ''"),
        (("analyse", "central", "--format", "markdwon"), "Did you mean 'markdown'"),
        (
            ("analyse", "central", "--format", "ntriples"),
            "there are table, record, csv, tsv, json, xml, markdown.",
        ),
        (
            ("analyse", "central", "-o", "file.csv.gz"),
            "use one of .txt .csv .tsv .json .srj .xml .srx .md.",
        ),
        (("crosswalk", "NemID", "MitID", "-o", "file.pdf"), ".svg"),
        (
            ("crosswalk", "NemID", "MitID", "--columns", "row", "--format", "svg"),
            "picture takes no --columns",
        ),
        (("crosswalk", "NemID", "MitID", "--columns", "row", "-o", "map.svg"), "picture takes no --columns"),
        (("path", "NemID", "Nowhere at all"), "No label, nor a word in one, begins with"),
        (("analyse", "central", "--without", "Plan"), "'pg:Plan' is not in the network"),
        (("path", "NemID", "NemID"), "Both ends are NemID"),
        (("path", "NemID", "pgid:dk/nothing"), "pgid:dk/nothing"),
        (("path", "NemID", "Driver"), "network"),
        (("crosswalk", "pg:Nothing", "Driver"), "ontology#Nothing"),
        (("network", "file.xyz"), ".xyz"),
        (("network", "no/such/folder/file.gexf"), "folder"),
    ],
)
def test_bad_input_gets_a_sentence(args, sentence):
    assert sentence in refused(*args)


@pytest.mark.full
def test_columns_are_chosen_of_every_result():
    central = run("analyse", "central", "--columns", "thing, pagerank", "--format", "csv").stdout
    assert central.splitlines()[0] == "thing,thing_label,pagerank"
    assert run("analyse", "central", "--columns", "rank").stdout.split()[:3] == ["rank", "----", "1"]
    found = run("path", "NemID", "MitID", "-k", "1", "--columns", "relation,basis").stdout
    assert found.split()[:2] == ["relation", "basis"]
    pairs = run("crosswalk", "Plan", "Goal", "--columns", "strength", "--format", "csv").stdout
    assert pairs.splitlines()[0] == "strength"
    assert run("describe", "NemID", "--columns", "property").stdout.split()[0] == "property"
    twice = run("analyse", "central", "--columns", "rank,rank")
    assert (twice.returncode, twice.stderr) == (
        2, "policygraph: name each column once, and at least one; not rank, rank.\n"
    )  # fmt: skip
    assert "Did you mean 'pagerank'?" in run("analyse", "central", "--columns", "pagerenk").stderr


def test_the_terminal_says_that_a_page_has_only_what_is_near(tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "edges", 10)
    command = ["view", "--focus", "NemID", "--hops", "1", "-o", str(tmp_path / "x.html")]
    done = CliRunner().invoke(cli, command, standalone_mode=False)
    assert done.exception is None
    assert "the page has only what lies within 1 step of NemID (--hops), and no questions." in done.output


def test_a_page_too_large_to_be_of_use_is_refused_with_a_country_too(tmp_path, examplia, monkeypatch):
    monkeypatch.setattr("policygraph.cli.explore.MAX_DRAWN", 1)
    command = ["--catalog", examplia.root, "view", "-o", tmp_path / "x.html"]
    for chosen in ([], ["--country", "Examplia"]):
        assert "view is usable up to 1 connections" in refused(*command, *chosen)
    assert not (tmp_path / "x.html").exists()
    monkeypatch.setitem(LIMITS, "edges", 5)
    done = run(*command, "--focus", "Harbour Register", "--hops", "1")
    assert "3 things, 2 connections" in done.stdout, done.stderr
