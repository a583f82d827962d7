"""The command line as a person meets it: real processes, their output, their exit codes.

Tests of `cli.author`, `cli.options` and `cli.publish`.
"""

from __future__ import annotations

import gzip
import http.server
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import checkout
import pytest
from cases import some
from click.shell_completion import ShellComplete
from command import COMMAND, on_terminal, refused, run

import policygraph
import policygraph.cli.main
import policygraph.store.endpoint
from policygraph import Catalog
from policygraph.cli import options
from policygraph.cli.main import cli
from policygraph.rdf.namespaces import expand

PLANS = "SELECT ?plan WHERE { ?plan a pg:Plan ; pg:endDate ?end } ORDER BY ?plan"
PREF = "http://www.w3.org/2004/02/skos/core#prefLabel"
COMMANDS = (
    *("analyse", "crosswalk", "describe", "diff", "export", "network", "path", "publish", "queries", "query"),
    *("quote", "validate", "verify", "new", "tables", "import", "view", "init", "words"),
)

EXPLORING = ("crosswalk", "describe", "path", "queries", "query")  # whose examples name what is in the data


@pytest.fixture
def file(tmp_path: Path):
    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def fake_pager(tmp_path: Path):
    """A pager that says that it was there."""
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged\ncat\n")
    pager.chmod(0o755)
    return str(pager)


# ---- What the commands do


def test_no_command_tells_what_there_is_and_what_to_try():
    done = run()
    assert done.returncode == 0
    assert "denmark" in done.stdout
    assert done.stdout.count("\n  policygraph ") == 3


def test_things_to_try_work(tmp_path):
    for line in run().stdout.splitlines():
        if line.startswith("  policygraph "):
            args = shlex.split(line.split("      ")[0])[1:]
            assert run(*args, cwd=tmp_path).returncode == 0, line


@pytest.mark.full
@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_examples_that_work(command, tmp_path, examplia, small_catalog):
    if command == "diff" and not (Catalog.find().root / ".git").exists():
        pytest.skip("no git history here, as in an unpacked archive")
    done = run(command, "--help")
    assert done.returncode == 0
    examples = [line.strip() for line in done.stdout.splitlines() if line.startswith("  policygraph ")]
    assert examples
    examples = examples if command in EXPLORING else examples[:1]
    catalogs = {
        "publish": small_catalog,
        "validate": examplia,
        "export": examplia,
    }  # enough for these, which take their time
    of_small = ("--catalog", catalogs[command].root) if command in catalogs else ()
    if command in ("tables", "import"):
        own = shutil.copytree(examplia.root, tmp_path / "catalog")
        of_small = ("--catalog", own)
        if command == "import":
            policygraph.write_tables(Catalog(own), "examplia", tmp_path / "examplia.xlsx")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "factsheet.txt").write_text("It was launched in June.", encoding="utf-8")
    # The text is that of no source, so nothing is verified, which is no success.
    wanted = 1 if command == "verify" else 0
    for example in examples:
        done = run(*of_small, *shlex.split(example)[1:], cwd=tmp_path)
        assert done.returncode == wanted, (example, done.stderr)


@pytest.mark.parametrize("asked", [("query", "plans-in-force", "--help"), ("queries", "plans-in-force")])
def test_help_in_a_pipe_has_lines_of_80_columns(asked):
    assert max(map(len, run(*asked).stdout.splitlines())) <= 80


def test_the_examples_of_every_command_are_tried():
    from policygraph.cli.main import cli

    # Servers do not end, push needs one, stores stay, draft needs texts: test_serve.py, test_mcp.py,
    # test_endpoints.py, test_stores.py and test_draft.py try them.
    assert {*COMMANDS, "serve", "mcp", "push", "load", "store", "draft"} == set(cli.commands)


def test_queries_lists_every_saved_question_with_its_summary(catalog):
    listed = run("queries").stdout
    for name, query in catalog.queries.items():
        assert name in listed
        assert query.summary in listed


def test_queries_by_tag(catalog):
    listed = run("queries", "--tag", "plans").stdout
    for name, query in catalog.queries.items():
        assert (f"{name}  " in listed) == ("plans" in query.tags)


def test_query_by_name_file_stdin_and_expression_give_the_same_answer(catalog, file):
    name = "modernisation-areas" if "modernisation-areas" in catalog.queries else next(iter(catalog.queries))
    text = catalog.queries[name].text
    expected = run("query", name, "--format", "csv").stdout
    assert expected.count("\n") > 1
    assert run("query", file("mine.rq", text), "--format", "csv").stdout == expected
    assert run("query", "-", "--format", "csv", stdin=text).stdout == expected
    assert run("query", "-e", text, "--format", "csv").stdout == expected


def test_own_queries_need_no_prefixes():
    plans = run("query", "-e", PLANS, "--iris").stdout.splitlines()[2:-1]
    assert plans == sorted(plans)
    assert {
        "pgid:dk/plan/digital-strategy-2016-2020",
        "pgid:dk/plan/digital-welfare-2013-2020",
        "pgid:dk/plan/public-sector-digitisation-2011-2015",
    } < {*plans}


def test_machine_formats_hold_full_iris():
    rows = json.loads(run("query", "-e", PLANS, "--format", "json").stdout)["results"]["bindings"]
    assert rows[0]["plan"]["value"].startswith("https://w3id.org/policygraph/id/dk/plan/")


def test_explain_prints_sparql_that_any_tool_runs(catalog, store):
    import rdflib

    text = run("query", "-e", PLANS, "--explain").stdout
    assert len(list(rdflib.Graph().query(text))) == 0
    assert [row["plan"] for row in store.query(text)] == [row["plan"] for row in store.query(PLANS)]


def test_explain_shows_the_bound_value():
    text = "SELECT ?plan WHERE {\n  VALUES ?plan { UNDEF } # rdfs:Resource: one thing\n  ?plan a pg:Plan\n}"
    bound = run("query", "-e", text, "-p", "plan=<id/dk/plan/a>", "-p", "plan=<id/dk/plan/b>", "--explain")
    assert (
        "<https://w3id.org/policygraph/id/dk/plan/a> <https://w3id.org/policygraph/id/dk/plan/b>"
        in bound.stdout
    )
    named = run("query", "-e", text, "-p", "plan=Strategy for Digital Welfare", "--explain").stdout
    assert "{ <https://w3id.org/policygraph/id/dk/plan/digital-welfare-2013-2020> }" in named
    assert "UNDEF" not in run("query", "-e", text, "--explain").stdout


def test_output_file_takes_its_format_from_its_suffix(tmp_path):
    done = run("query", "-e", PLANS, "-o", tmp_path / "plans.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "plans.csv").read_text().startswith("plan\nhttps://")


def test_a_dash_is_standard_output_where_a_result_is_printed(tmp_path):
    assert run("query", "-e", "ASK {}", "-o", "-").stdout == "true\n"
    assert run("query", "-e", "ASK {}", "--format", "json", "-o", "-", cwd=tmp_path).stdout.startswith("{")
    assert "name one after -o" in refused("view", "-o", "-", cwd=tmp_path)
    assert not list(tmp_path.iterdir())


def test_graph_answers_are_turtle():
    kind = "<https://w3id.org/policygraph/concept/plan-type/growth-plan>"
    done = run("query", "-e", f"CONSTRUCT {{ ?s a pg:Plan }} WHERE {{ ?s dct:type {kind} }}")
    assert "<id/dk/plan/jobs-and-growth-towards-2020> a pg:Plan" in done.stdout


def test_language_goes_to_the_labels(tmp_path):
    assert "Telemedicine" not in run("--language", "da", "query", "areas-listed").stdout
    assert "Udbredelse af telemedicin" in run("--language", "da", "query", "areas-listed").stdout


def test_data_files_with_the_ontology_are_asked_instead_of_the_datasets(file):
    path = file("my drivers.ttl", f"<http://example.org/a> a <{expand('pg:Challenge')}> .")
    drivers = "SELECT ?driver { ?driver a/rdfs:subClassOf* pg:Driver }"
    answer = run("--data", path, "query", "-e", drivers, "--format", "csv").stdout
    assert answer.split() == ["driver", "http://example.org/a"]
    saved = file("drivers.rq", drivers)
    assert run("--data", path, "query", saved, "--format", "csv").stdout == answer
    alone = "SELECT (COUNT(*) AS ?n) { GRAPH <https://w3id.org/policygraph/data/my%20drivers> { ?s ?p ?o } }"
    assert run("--data", path, "query", "-e", alone, "--format", "csv").stdout.split() == ["n", "1"]


def test_what_the_ontology_holds_is_not_in_a_data_file(file, tmp_path):
    path = file("mine.ttl", f"<urn:a> a <{expand('pg:Challenge')}> , <http://example.org/B> .")
    assert "\nThings: http://example.org/B 1, Challenge 1\n" in run("--data", path).stdout
    run("--data", path, "export", tmp_path / "all.nq")
    assert {line.split()[-2] for line in (tmp_path / "all.nq").read_text().splitlines()} == {
        "<https://w3id.org/policygraph/data/mine>"
    }


def test_saved_questions_know_the_ontology_beside_own_files(catalog):
    data = catalog.datasets["denmark"].path
    own = run("--data", data, "query", "area-connections", "--format", "csv").stdout
    assert own == run("query", "area-connections", "--format", "csv").stdout
    assert "NemID" in run("--data", data, "describe", "NemID").stdout
    assert str(data) in run("--data", data).stdout


def test_a_catalogue_without_questions_uses_the_shipped_ones_for_its_commands(tmp_path):
    for folder in ("ontology", "data", "queries"):
        (tmp_path / folder).mkdir()
    checkout.settings(tmp_path)
    (tmp_path / "data" / "mine.ttl").write_text(
        "<http://example.org/a> <http://www.w3.org/2004/02/skos/core#prefLabel> 'Æble'@da ."
    )
    told = run("--catalog", tmp_path).stdout
    assert told.startswith(f"{tmp_path} holds mine.\n")
    assert " queries" not in told
    assert "http://example.org/a" in run("--catalog", tmp_path, "describe", "æb").stdout
    assert run("--catalog", tmp_path, "export", tmp_path / "x.nt").returncode == 0
    assert "no query" in refused("--catalog", tmp_path, "queries")


def test_the_picture_is_named_after_the_datasets(tmp_path):
    assert run("--language", "da", "view", "-o", tmp_path / "x.html").returncode == 0
    assert "Danmark: planer for en moderne" in (tmp_path / "x.html").read_text(encoding="utf-8")


def test_endpoint_is_asked_instead_of_the_catalogue(service):
    address = service(200, "application/sparql-results+json", b'{"head":{},"boolean":true}')
    assert run("--endpoint", address, "query", "-e", "ASK {}").stdout == "true\n"


@pytest.mark.parametrize(
    "what",
    [
        "NemID",
        "nemid",
        "pgid:dk/initiative/nemid",
        "https://w3id.org/policygraph/id/dk/initiative/nemid",
        "<https://w3id.org/policygraph/id/dk/initiative/nemid>",
    ],
)
def test_describe_finds_a_thing_by_any_of_its_names(what):
    done = run("describe", what)
    assert done.returncode == 0
    assert "pgid:dk/initiative/nemid" in done.stdout
    assert "Developed with the banks" in done.stdout  # out of it
    assert "← is about: NemID – Danish" in done.stdout  # into it


def test_describe_knows_labels_in_either_language():
    assert "pgid:dk/area/telemedicine" in run("describe", "Udbredelse af telemed").stdout


def test_a_label_as_written_goes_before_one_in_other_letters():
    assert run("describe", "Passage").stdout.startswith("Passage (pg:Passage)\n")
    assert run("describe", "passage").stdout.startswith("passage (pg:passage)\n")


def test_an_answer_is_packed_where_its_file_is_named_so(tmp_path):
    assert run("query", "-e", PLANS, "-o", tmp_path / "plans.csv.gz").returncode == 0
    packed = gzip.decompress((tmp_path / "plans.csv.gz").read_bytes())
    assert packed.decode() == run("query", "-e", PLANS, "--format", "csv").stdout


def test_control_signs_of_labels_do_not_reach_the_terminal(file):
    name = '"A \\u001B[31mname\\nand more"@en'
    data = file("labels.ttl", f"<urn:a> <{PREF}> {name} . <urn:b> <{PREF}> {name} .")
    assert "\x1b" not in refused("--data", data, "describe", "A ")
    told = run("--data", data, "describe", "<urn:a>").stdout
    assert "A [31mname and more" in told
    assert "\x1b" not in told
    asked = file("asked.rq", "#+ summary: A \x1b]0;b\x07\nASK {}")
    assert "summary: A \\u001B]0;b\\u0007\nASK" in run("query", asked, "--explain").stdout
    assert refused("query", "a\n\x07b.rq") == "policygraph: a \\u0007b.rq: There is no such file.\n"
    literal = ("query", "-e", "SELECT ('\\u0007' AS ?bell) {}", "--format", "csv")
    assert "\x07" in run(*literal).stdout
    assert "\\u0007" in run(*literal, terminal=True).stdout


def test_what_to_try_is_printable(file):
    data = file(os.fsdecode(b"\xff.ttl"), f'<urn:a> <{PREF}> "A \\u001B[31mname\\nand more"@en .')
    told = run("--data", data)
    assert told.returncode == 0
    assert " describe 'A [31mname and more'\n" in told.stdout
    assert "\x1b" not in told.stdout


def test_describe_lists_the_candidates_of_an_ambiguous_label():
    sentence = refused("describe", "Reform trac")
    assert "Reform track 1" in sentence
    assert "pgid:dk/plan/reform-track-public-sector" in sentence


def test_describe_names_the_nearest_label():
    assert "NemID" in refused("describe", "NemDI")


def test_describe_says_when_nothing_is_said():
    assert "pgid:dk/plan/nothing" in refused("describe", "pgid:dk/plan/nothing")


def test_validate_conforms(examplia):
    done = run("--catalog", examplia.root, "validate", "examplia")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "The data conform to the shapes.")


def test_validate_reports_the_first_results_of_each_shape(file, examplia):
    goals = "".join(f"<urn:goal:{number}> a pg:Goal ." for number in range(4))
    path = file("goals.ttl", f"@prefix pg: <https://w3id.org/policygraph/ontology#> . {goals}")

    def shown(*options):
        done = run("--catalog", examplia.root, "validate", path, *options)
        assert done.returncode == 1
        return done.stdout.count("pgs:Evidence"), done.stdout.count("pgs:Unclaimed")

    assert (shown(), shown("--first", 2)) == ((4, 4), (2, 2))


@pytest.mark.full
def test_what_takes_long_is_shown_with_its_seconds_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with options.progress("Validating"):
        time.sleep(2.2)
    assert capsys.readouterr().err == "\rValidating: 2 seconds\x1b[K\r\x1b[K"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    with options.progress("Validating") as show:
        assert show is None
    assert capsys.readouterr().err == ""


def test_validate_tells_what_to_do_and_exits_1(file, examplia):
    path = file(
        "draft.ttl",
        "@base <https://w3id.org/policygraph/> . @prefix pg: <ontology#> .\n<id/xx/plan/a> a pg:Plan .",
    )
    done = run("--catalog", examplia.root, "validate", path)
    assert done.returncode == 1
    assert "skos:prefLabel" in done.stdout
    turtle = run("--catalog", examplia.root, "validate", path, "--format", "turtle")
    assert turtle.returncode == 1
    assert "sh:conforms false" in turtle.stdout


EXPORTS = ("g.ttl", "g.nt", "g.nq", "g.trig", "g.jsonld", "g.rdf", "g.nq.gz")


@pytest.mark.parametrize("name", some(EXPORTS, "g.ttl", "g.jsonld", "g.nq.gz"))
def test_export_gives_the_same_bytes_twice_and_every_triple(name, tmp_path, examplia):
    import pyoxigraph

    assert run("--catalog", examplia.root, "export", tmp_path / name).returncode == 0
    first = (tmp_path / name).read_bytes()
    run("--catalog", examplia.root, "export", tmp_path / name)
    assert (tmp_path / name).read_bytes() == first
    if name.endswith(".gz"):
        first = gzip.decompress(first)
    layout = pyoxigraph.RdfFormat.from_extension(name.split(".")[1])
    triples = {quad.triple for quad in pyoxigraph.parse(first, format=layout, base_iri="http://example.org/")}
    assert triples == {quad.triple for quad in examplia.load()}


def test_view_writes_one_page_and_says_where(tmp_path):
    done = run("view", "-o", tmp_path / "picture.html")
    assert done.returncode == 0
    assert str(tmp_path / "picture.html") in done.stdout
    assert "NemID" in (tmp_path / "picture.html").read_text()


def test_another_catalogue(small_catalog):
    root = small_catalog.root if isinstance(small_catalog, Catalog) else small_catalog
    listed = run("--catalog", root, "queries").stdout
    assert "area-connections" not in listed
    assert all(path.stem in listed for path in Path(root, "queries").glob("*.rq"))


def completed(*words, catalog):
    """What a shell offers for the last word, each with its help."""
    context = cli.make_context("policygraph", ["--catalog", str(catalog.root)], resilient_parsing=True)
    complete = ShellComplete(context.command, {}, "policygraph", "_POLICYGRAPH_COMPLETE")
    words = ["--catalog", str(catalog.root), *words]
    return {item.value: item.help for item in complete.get_completions(words[:-1], words[-1])}


def test_completion_offers_queries_parameters_and_things(small_catalog):
    (small_catalog.root / "queries" / "needs-of.rq").write_text(NEEDS_OF, encoding="utf-8")
    assert completed("query", "nee", catalog=small_catalog) == {
        "needs": "Which project needs which",
        "needs-of": "What does a project need?",
    }
    assert completed("query", "needs-of", "-p", "", catalog=small_catalog) == {"project=": "only this one"}
    assert completed("query", "needs-of", "-p", "project=", catalog=small_catalog) == {
        "project=pgid:xy/project/bridge": "Brücke",
        "project=pgid:xy/project/road": "Road",
    }
    assert completed("query", "needs-of", "-p", "project=ro", catalog=small_catalog) == {
        "project=pgid:xy/project/road": "Road"
    }
    assert completed("network", "--query", "needs-of", "-p", "p", catalog=small_catalog) == {
        "project=": "only this one"
    }
    assert completed("query", "needs-of", "-p", "nothing=", catalog=small_catalog) == {}


NEEDS_OF = """#+ summary: What does a project need?
#+ de: Was braucht ein Projekt?
#+ description: The projects that it needs.
#+ finding: "{rows} in all, the first of {source}"
#+ finding-de: "{rows} im Ganzen, zuerst {source}"
PREFIX t: <https://example.org/terms#>
SELECT ?source ?target {
  VALUES ?project { UNDEF }  # t:Project: only this one
  ?source t:needs ?target . ?project t:needs ?target
}
ORDER BY ?source"""


def test_a_query_explains_itself(small_catalog):
    (small_catalog.root / "queries" / "needs-of.rq").write_text(NEEDS_OF, encoding="utf-8")
    shown = run("--catalog", small_catalog.root, "queries", "needs-of").stdout
    assert shown.startswith("What does a project need?\n\nThe projects that it needs.\n\nparameter ")
    assert "project    t:Project  any      only this one" in shown
    german = ("--catalog", small_catalog.root, "--language", "de")
    for asked in (("needs-of", "--help"), ("-h", "needs-of")):
        text = run(*german, "query", *asked).stdout
        assert "\nWas braucht ein Projekt?\n" in text
        assert "only this one" in text
    assert "What does a project" not in run(*german, "queries").stdout
    assert "--columns" in run("query", "--help").stdout
    assert "Did you mean 'needs-of'" in refused(*german, "queries", "need-of")


def test_people_are_told_the_finding_and_machines_are_not(small_catalog):
    (small_catalog.root / "queries" / "needs-of.rq").write_text(NEEDS_OF, encoding="utf-8")
    ask = ("--catalog", small_catalog.root, "query", "needs-of")
    assert run(*ask).stdout.endswith("1 row\n1 in all, the first of Bridge\n")
    assert run(*ask[:2], "--language", "de", *ask[2:]).stdout.endswith("1 im Ganzen, zuerst Brücke\n")
    assert run(*ask, "--columns", "target").stdout == (
        "target\n------\nRoad\n1 row\n1 in all, the first of Bridge\n"
    )
    for format in ("csv", "tsv", "json", "xml"):
        done = run(*ask, "--format", format)
        assert "in all" not in done.stdout + done.stderr
    assert run(*ask, "--format", "record").stdout.startswith("source  Bridge\ntarget  Road\n\n1 row\n")


def test_columns_are_chosen_in_every_format_of_rows(small_catalog):
    ask = ("--catalog", small_catalog.root, "query", "needs")
    assert run(*ask, "--columns", "target, source").stdout.split()[:2] == ["target", "source"]
    assert run(*ask, "--columns", "?target", "--format", "csv").stdout == (
        "target\r\nhttps://w3id.org/policygraph/id/xy/project/road\r\n"
    )
    found = json.loads(run(*ask, "--columns", "target", "--format", "json").stdout)
    assert found["head"]["vars"] == list(found["results"]["bindings"][0]) == ["target"]
    assert "has no column 'targt'; it has: source, target. Did you mean 'target'" in refused(
        *ask, "--columns", "targt"
    )
    graph = "CONSTRUCT WHERE { ?s ?p ?o }"
    assert "only the answer to a SELECT has" in refused(*ask[:3], "-e", graph, "--columns", "subject")


def test_what_a_table_shows_with_iris_is_taken_as_a_parameter(small_catalog):
    (small_catalog.root / "queries" / "needs-of.rq").write_text(NEEDS_OF, encoding="utf-8")
    ask = ("--catalog", small_catalog.root, "query", "needs-of")
    curie = run(*ask, "--columns", "source", "--iris").stdout.splitlines()[2]
    assert curie == "pgid:xy/project/bridge"
    assert (
        run(*ask, "-p", f"project={curie}").stdout
        == run(*ask, "-p", "project=Brücke").stdout
        == run(*ask).stdout
    )
    assert run(*ask, "--labels", "--format", "csv").stdout == "source,target\r\nBridge,Road\r\n"
    assert "json holds IRIs only" in refused(*ask, "--labels", "--format", "json")


@pytest.mark.full
def test_a_pager_shows_only_what_does_not_fit_a_terminal(fake_pager):
    for asked in ("queries",), ("query", "evidence"):
        assert "paged" in on_terminal(*asked, PAGER=fake_pager)
    for asked in ("queries", "plans-in-force"), ("--no-pager", "queries"):
        assert "paged" not in on_terminal(*asked, PAGER=fake_pager)
    assert "paged" not in run("queries").stdout


def test_no_command_never_waits_and_leads_with_what_it_is_about(fake_pager, catalog):
    seen = on_terminal(PAGER=fake_pager)
    assert "paged" not in seen
    lines = seen.split("\r\n")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    first = next(n for n, line in enumerate(lines) if line.startswith("Countries and years: Denmark "))
    places = re.findall(r"(?:, |: )(\D+) \d{4}-\d{4}", lines[first])
    assert len(places) == len({*places})  # each once, of however many datasets
    assert re.fullmatch(r"Countries and years: (?:\w+ \d{4}-\d{4}(?:, )?)+", lines[first])
    assert first <= 3  # the path of the catalogue may be long
    claims = r"Claims, by who says so: Stated \d+, Inferred \d+, External \d+, Derived \d+"
    assert re.fullmatch(claims, lines[first + 1])
    asked = [match[1] for match in map(re.compile(r" {6}policygraph query (\S+)").fullmatch, lines) if match]
    assert len(asked) == 3
    for name in asked:
        told = lines[lines.index(f"      policygraph query {name}") - 1]
        stated, read = (catalog.ask(name, **more) for more in ({"basis": "stated"}, {}))
        assert told == f"  {stated.finding} ({len(read)})"
        assert stated.finding.endswith(f": {len(stated)}")
    assert seen.index("Try:") < seen.index("Things: Claim ")


def test_what_there_is_is_counted_in_the_numbers_of_the_language():
    assert policygraph.cli.main._counts([("Oplyst", "1303")], "da") == "Oplyst 1.303"
    assert policygraph.cli.main._counts([("Stated", "1303")], "en") == "Stated 1,303"


def test_findings_say_in_brackets_what_is_read_into_them(small_catalog):
    claim = (
        "[] rdf:subject <urn:{0}> ; rdf:object <urn:o> ; rdf:predicate <urn:p> ; pg:basis pgc:basis\\/{1} ."
    )
    prefixes = "".join(f"PREFIX {name}: <{expand(name + ':')}>\n" for name in ("rdf", "pg", "pgc"))
    data = prefixes + claim.format("a", "stated") + claim.format("b", "inferred")
    (small_catalog.root / "data" / "claims.ttl").write_text(data)
    asked = "?c rdf:subject ?s ; pg:basis ?basis\nVALUES ?basis { UNDEF }  # pgc:basis: on which basis\n"
    for name, finding, columns in (
        ("all-of-one", "All are of {s}", "?s"),
        ("counted", "There are {rows} in all", "?s"),
        ("named", "They are {names}", "(IF(COUNT(*) = 1, 'one', 'more than one') AS ?names)"),
        ("without-a-basis", "There are {rows}", "?s"),
    ):
        where = asked if name != "without-a-basis" else asked.replace("?basis", "?b")
        text = f'#+ summary: What?\n#+ finding: "{finding}"\n{prefixes}SELECT {columns} {{ {where} }}\n'
        (small_catalog.root / "queries" / f"{name}.rq").write_text(text)
    told = run("--catalog", small_catalog.root).stdout
    shown = re.findall(r"  (.*)\n {6}policygraph .* query (\S+)", told)
    assert shown == [("There are 1 (2) in all", "counted")]
    stated = (
        (small_catalog.root / "queries" / "counted.rq").read_text().replace("UNDEF", "pgc:basis\\/stated")
    )
    (small_catalog.root / "queries" / "a-default.rq").write_text(stated)  # which asks about no other basis
    assert run("--catalog", small_catalog.root).stdout.endswith(told.partition("\n\n")[2])


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", some(["evidence", "plans-in-force", "network"], "evidence"))
def test_no_word_is_broken_on_a_terminal(name, columns, catalog):
    seen = on_terminal("--no-pager", "query", name, columns=columns)
    assert max(map(len, seen.split("\r\n"))) <= columns
    answer = catalog.ask(name)
    words = {word for row in answer.texts for cell in row for word in cell.split()}
    assert {word for word in words if len(word) <= columns - 20} <= set(seen.split())


def test_tables_fit_the_terminal_and_cut_nothing():
    seen = on_terminal("queries", columns=72, PAGER="cat")
    assert max(map(len, seen.split("\r\n"))) <= 72
    assert "…" not in seen


# ---- Bad input: one sentence, exit code 2, no traceback, nothing half-written


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.ttl", "<a:a> <a:b>\n  <a:c> , oops .", "bad.ttl:2:"),
        ("bad.rdf", '<!DOCTYPE r [<!ENTITY a "aaaa">]><r>&a;</r>', "bad.rdf"),
        ("deep.jsonld", '{"@id":"a:b","a:c":' * 20_000 + "1" + "}" * 20_000, "deep.jsonld"),
        ("remote.jsonld", '{"@context": "http://127.0.0.1:9/context", "name": "x"}', "remote.jsonld"),
        (
            "typed.ttl",
            '<a:a> <a:b> 1 ;\n <a:c> "2024-02-30"^^<http://www.w3.org/2001/XMLSchema#date> .',
            "typed.ttl:2",
        ),
        ("latin.ttl", '<a:a> <a:b>\n "é" .'.encode("latin-1"), "latin.ttl:2"),
        ("nul.ttl", b'<a:a> <a:b> "x\x00y" .', "nul.ttl:1"),
        ("what.docx", "x", "what.docx"),
        ("packed.ttl.gz", "x", "Unpack it first"),
    ],
)
def test_bad_documents_are_refused_with_their_place(name, content, said, file):
    assert said in refused("--data", file(name, content), "query", "-e", "ASK {}")


ODD_NAMES = ("my data.ttl", 'a"<{^|`\\>b.ttl', "new\nline.ttl", "ø%20.ttl", os.fsdecode(b"\xff.ttl"))


@pytest.mark.full
@pytest.mark.parametrize("name", some(ODD_NAMES, ODD_NAMES[1], ODD_NAMES[4]))
def test_a_file_may_have_any_name(name, file, tmp_path):
    path = file(name, '<http://example.org/a> <http://www.w3.org/2000/01/rdf-schema#label> "Aa"@en .')
    assert "conform" in run("validate", path).stdout
    assert "http://example.org/a" in run("--data", path, "describe", "Aa").stdout
    assert run("--data", path, "export", tmp_path / "x.nq").returncode == 0
    assert "Aa" in (tmp_path / "x.nq").read_text()


def test_a_slash_in_a_prefixed_name_is_explained():
    said = refused("query", "-e", "SELECT ?p { pgid:dk/plan/x ?p ?o }")
    assert "pgid:dk\\/plan\\/x" in said


def test_pipes_folders_and_missing_files_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.ttl")
    (tmp_path / "folder.ttl").mkdir()
    for name in ("pipe.ttl", "folder.ttl", "missing.ttl"):
        assert name in refused("--data", tmp_path / name, "query", "-e", "ASK {}")
        assert name in refused("validate", tmp_path / name)


def test_empty_catalogue_is_refused(tmp_path):
    assert str(tmp_path) in refused("--catalog", tmp_path, "queries")
    for folder in ("ontology", "data", "queries"):
        (tmp_path / folder).mkdir()
    checkout.settings(tmp_path)
    assert "empty" in refused("--catalog", tmp_path)


def test_unknown_names_come_with_the_nearest():
    assert "'area-connections'" in refused("query", "area-conections")
    assert "'denmark'" in refused("validate", "denmrk")
    assert "'csv'" in refused("query", "-e", "ASK {}", "--format", "cvs")
    assert "year" in refused("query", "plans-in-force", "-p", "yaer=2014")
    assert "plans" in refused("queries", "--tag", "nothing")


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_parameter_with_nothing_is_an_error(nothing):
    """An empty variable of a shell would otherwise ask about all countries."""
    assert f"-p takes NAME=VALUE; not 'country={nothing}'." in refused(
        "query", "plans-in-force", "-p", f"country={nothing}"
    )


def test_values_of_the_wrong_kind_name_the_parameter_and_its_kind():
    sentence = refused("query", "plans-in-force", "-p", "year=soon")
    assert "year" in sentence
    assert "xsd:gYear" in sentence
    assert "NAME=VALUE; not '2014'" in refused("query", "plans-in-force", "-p", "2014")


def test_syntax_errors_name_file_line_and_column(file):
    text = "SELECT ?s WHERE {\n  ?s nope:nope ?o .\n}"
    assert "mine.rq:2:" in refused("query", file("mine.rq", text))
    assert "line 2" in refused("query", "-", stdin=text)
    assert "line 2" in refused("query", "-e", text)


def test_updates_are_refused():
    assert "update" in refused("query", "-e", "INSERT DATA { <a:a> <a:b> <a:c> }")


def test_formats_must_fit_the_answer():
    assert "is true or false, which" in refused("query", "-e", "ASK {}", "--format", "turtle")
    assert "turtle" in refused("query", "-e", "CONSTRUCT WHERE { ?s ?p ?o }", "--format", "csv")


def test_unwritable_output_leaves_nothing_behind(tmp_path, examplia):
    small = ("--catalog", examplia.root)
    (tmp_path / "folder.csv").mkdir()
    for target in ("missing/x.csv", "folder.csv"):
        assert target in refused("query", "-e", PLANS, "-o", tmp_path / target)
    assert "x.ttl" in refused(*small, "export", tmp_path / "missing" / "x.ttl")
    assert "x.html" in refused(*small, "view", "-o", tmp_path / "missing" / "x.html")
    assert "suffix" in refused("export", tmp_path / "x.docx")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_one_question_at_a_time():
    assert "one query" in refused("query")
    assert "one query" in refused("query", "area-connections", "-e", "ASK {}")
    assert "exclude" in refused(
        "--data", "x.ttl", "--endpoint", "http://127.0.0.1:9", "query", "-e", "ASK {}"
    )


@pytest.mark.parametrize(
    "command",
    [
        ("tables", "denmark", "-o", "d.xlsx"),
        ("import", "d.xlsx"),
        ("new", "examplia", "--language", "nl"),
        ("draft", "a.txt", "--pattern", "a.toml", "-o", "drafts"),
    ],
    ids=" ".join,
)
def test_what_writes_datasets_takes_those_of_the_catalogue(command, tmp_path, file):
    data = file("mine.ttl", "<urn:a> <urn:b> 1 .")
    for other in (("--endpoint", "http://127.0.0.1:9/"), ("--data", data)):
        assert "leave out --data, --store and --endpoint" in refused(*other, *command, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.ttl"]


def test_nothing_is_imported_into_the_catalogue_of_a_wheel(tmp_path, small_catalog):
    shipped = small_catalog.root.rename(tmp_path / "_catalog")
    assert "a catalogue of your own" in refused("--catalog", shipped, "import", "d.xlsx", cwd=tmp_path)


def test_a_new_catalogue_that_one_stands_in_is_written_to(tmp_path, monkeypatch):
    """Where the package's own is that of a wheel."""
    assert (
        run("init", tmp_path, "--base", "https://x.org/", "--name", "X", "--languages", "en").returncode == 0
    )
    monkeypatch.setattr(policygraph.cli.main, "edited", lambda: tmp_path)
    done = run("new", "examplia", "--language", "nl", "-o", tmp_path / "examplia", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        0,
        f"Using the catalogue in {tmp_path}, not the one installed.",
    )


def test_a_catalogue_that_cannot_be_begun_leaves_no_folder_but_one_that_was_there(tmp_path):
    (tmp_path / "old").mkdir()
    for name in ("new", "old"):
        options = ("--base", "https://x.org/", "--name", "", "--languages", "en")
        assert "title takes a text" in refused("init", tmp_path / name, *options)
    assert [*tmp_path.rglob("*")] == [tmp_path / "old"]


def test_no_option_is_silently_left_out(tmp_path):
    assert "leave out one of the two" in refused("queries", "plans-in-force", "--tag", "plans")
    assert "and no texts" in refused("validate", "--ontology", "--text", tmp_path)


def test_what_is_published_is_named_only_where_it_is_the_catalogue(tmp_path):
    said = refused("--endpoint", "http://127.0.0.1:9/", "publish", tmp_path / "site")
    assert "Publishing the catalogue in" not in said


@pytest.fixture
def service():
    """A loopback service that always answers the same; call it with a status, a media type and a body."""
    servers = []

    def serve(status: int, media: str, body: bytes, *, wait: float = 0) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(wait)
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/sparql"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_endpoints_that_do_not_answer_as_they_should(service):
    assert "refused" in refused("--endpoint", "http://127.0.0.1:9/", "query", "-e", "ASK {}")
    page = service(200, "text/html", b"<html><title>Hello</title></html>")
    assert "web page" in refused("--endpoint", page, "query", "-e", "ASK {}")
    broken = service(500, "text/plain", b"out of memory\nmore")
    assert "500: out of memory" in refused("--endpoint", broken, "query", "-e", "ASK {}")
    assert "address" in refused("--endpoint", "ftp://example.org", "query", "-e", "ASK {}")


def test_slow_endpoints_are_given_up(service, monkeypatch, capsys):
    monkeypatch.setitem(policygraph.store.endpoint.Endpoint.__init__.__kwdefaults__, "timeout", 0.3)
    address = service(200, "application/sparql-results+json", b"{}", wait=1)
    monkeypatch.setattr(sys, "argv", ["policygraph", "--endpoint", address, "query", "-e", "ASK {}"])
    with pytest.raises(SystemExit) as end:
        policygraph.cli.main.main()
    assert end.value.code == 2
    assert "0.3 seconds" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.parametrize(
    ("asked", "read", "code"),
    [
        # More than a pipe holds, and made sooner than a table.
        (("query", "-e", "SELECT * WHERE { ?s ?p ?o }", "--format", "csv"), 1, 0),
        (("validate", "draft.ttl"), 0, 1),
        ((), 0, 0),
    ],
    ids=["query", "validate", "summary"],
)
def test_a_broken_pipe_ends_quietly(asked, read, code, examplia, file):
    draft = file("draft.ttl", f"<urn:a> a <{expand('pg:Plan')}> .")
    process = subprocess.Popen(
        [*COMMAND, "--catalog", examplia.root, *asked],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=draft.parent,
    )
    process.stdout.read(read)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == code


@pytest.mark.full
@pytest.mark.parametrize(
    ("closed", "asked", "code", "told"),
    [
        (">&-", ("describe", "Bridge"), 2, "The output cannot be used: Bad file descriptor."),
        (">&-", ("--help",), 2, "The output cannot be used: Bad file descriptor."),
        (">&-", ("export", "x.nt"), 0, "Wrote x.nt"),
        ("<&-", ("query", "-"), 2, "the text holds no query"),
        ("<&-", ("mcp",), 0, ""),
        ("2>&-", ("queries", "nope"), 2, ""),
        ("2>&-", ("publish", "site", "--no-check"), 0, ""),
        ("<&- >&- 2>&-", ("export", "x.nt"), 0, ""),
    ],
)
def test_a_standard_stream_may_be_closed(closed, asked, code, told, small_catalog, tmp_path):
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *COMMAND, "--catalog", small_catalog.root, *asked]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        command, cwd=tmp_path, env=buffered, input="", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert done.stderr.count("\n") == bool(told)


def test_ctrl_c_is_heard_before_the_program_is_loaded(monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setitem(sys.modules, "policygraph.cli.main", None)
    try:
        with pytest.raises(ImportError):
            import_module("policygraph.__main__").main()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.full
def test_ctrl_c_stops_even_a_busy_engine(tmp_path, examplia):
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    process = subprocess.Popen(
        [*COMMAND, "--catalog", examplia.root, "query", "-e", endless, "-o", tmp_path / "x.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    ticks = 0.0
    while ticks < 1.0 * os.sysconf("SC_CLK_TCK") and process.poll() is None:  # more than it takes to start
        time.sleep(0.05)
        ticks = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().split()[13:15]))
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == -signal.SIGINT
    assert (out, err) == (b"", b"")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--as-of", "--endpoint", "--language"])
def test_an_option_that_is_empty_is_not_taken_for_none(option):
    done = run(option, "", "query", "countries-compared")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option} is empty; give it a value, or leave it out." in done.stderr
