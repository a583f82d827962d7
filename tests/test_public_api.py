"""`__all__` is what is there, and what is there is `__all__`."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import run

import policygraph
from policygraph import errors
from policygraph.analysis.crosswalk import format_crosswalk
from policygraph.cli import main
from policygraph.cli.main import cli
from policygraph.cli.publish import check
from policygraph.i18n import format_number


@pytest.mark.parametrize("name", policygraph.__all__)
def test_every_public_name_is_there(name):
    assert getattr(policygraph, name) is not None
    assert not inspect.ismodule(getattr(policygraph, name))


@pytest.mark.parametrize("name", policygraph.__all__)
def test_every_public_name_says_what_it_is(name):
    assert inspect.getdoc(getattr(policygraph, name))


def test_public_names_are_sorted_and_unique():
    assert policygraph.__all__ == sorted(set(policygraph.__all__))


def test_nothing_public_is_left_out():
    # Modules appear as they are imported; they are reached by their names.
    names = {name for name in vars(policygraph) if not name.startswith("_")}
    modules = {name for name in names if inspect.ismodule(getattr(policygraph, name))}
    assert names - modules - {"annotations", "Path", "import_module"} <= set(policygraph.__all__)


def test_type_checkers_see_the_same_names_from_the_same_modules():
    stub = Path(policygraph.__file__).with_suffix(".pyi")
    imports = [
        node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)
    ]
    assert all(alias.asname == alias.name for node in imports for alias in node.names)
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert seen == policygraph._HOME
    assert sorted(seen) == policygraph.__all__


def test_the_public_names_are_few():
    assert len(policygraph.__all__) <= 37


def test_every_error_is_one_of_policygraph():
    tree = [value for name, value in vars(errors).items() if inspect.isclass(value) and name[0] != "_"]
    tree = [value for value in tree if issubclass(value, Exception)]
    assert all(issubclass(value, policygraph.PolicyGraphError) for value in tree)


def test_dir_lists_the_public_names():
    assert set(policygraph.__all__) <= set(dir(policygraph))


def test_an_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        policygraph.nothing  # noqa: B018


def test_a_function_named_as_a_module_is_the_function():
    code = (
        "import policygraph.analysis.network, policygraph.explorer.page\n"
        "from policygraph import network, view\nassert callable(view) and callable(network)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# What each command calls: a public function, or a method of the catalogue.
CALLS = {
    "analyse": "analyse",
    "crosswalk": "crosswalk",
    "describe": "Catalog.describe",
    "diff": "Catalog.diff",
    "draft": "draft_tables",
    "export": "export",
    "import": "import_tables",
    "load": "Catalog.keep",
    "mcp": "assistant",
    "network": "write_network",
    "new": "new_dataset",
    "path": "paths",
    "publish": "publish",
    "publish check": "inspect",
    "push": "push",
    "queries": "Catalog.tagged",
    "query": "Catalog.ask",
    "quote": "quote",
    "serve": "app",
    "store": "kept_stores",
    "tables": "write_tables",
    "validate": "validate",
    "verify": "verify",
    "view": "view",
}


def commands():
    yield from cli.commands.items()
    yield "publish check", check


def test_every_command_has_its_public_function():
    # What only writes files for people to fill in, at a terminal, has none.
    assert dict(commands()).keys() - {"init", "words"} == CALLS.keys()
    homes = {"": policygraph, "Catalog": policygraph.Catalog}
    for name in CALLS.values():
        home, _, function = name.rpartition(".")
        assert callable(getattr(homes[home], function))
        assert home or function in policygraph.__all__


@pytest.mark.parametrize("command", CALLS)
def test_a_command_calls_its_public_function(command):
    """By the code of the command and of the command line's own functions that it calls."""
    home, _, function = CALLS[command].rpartition(".")
    callback = dict(commands())[command].callback
    called = set(re.findall(r"[\w.]+(?=\()", inspect.getsource(inspect.unwrap(callback))))
    assert (f"session.catalog.{function}" if home else f"policygraph.{function}") in called


def test_no_command_imports_what_only_it_would_do():
    """What commands take from the rooms formats results, names choices, limits, what is covered; all else is
    public.
    """
    formats = {
        "policygraph.analysis.crosswalk": {"MAX_CONNECTIONS", "check_lists"},
        "policygraph.analysis.exchange": {"write_parquet"},
        "policygraph.analysis.measures": {"choose_format", "format_measures", "write"},
        "policygraph.analysis.network": {"SHOWN", "STRENGTHS"},
        "policygraph.analysis.paths": {"MAX_CONNECTIONS", "Paths", "format_paths"},
        "policygraph.analysis.table": {"Table"},
        "policygraph.authoring.skeleton": {"lacking_labels", "new_catalog", "words_file"},
        "policygraph.catalog.metadata": {"Metadata"},
        "policygraph.check.ontology": {"format_results"},
        "policygraph.explorer.document": {"LIMITS"},
        "policygraph.i18n": {"format_number"},
        "policygraph.check.site.inspect": {"SAMPLE"},
        "policygraph.rdf": {"diff", "formats"},
        "policygraph.rdf.formats": {"by_suffix"},
        "policygraph.store.sparql": {"declare"},
        "policygraph.rdf.reader": {"read"},
        "policygraph.store.endpoint": {"Endpoint"},
        "policygraph.store.kept": {"clear_stores"},
        "policygraph.store.memory": {"EmbeddedStore"},
        "policygraph.site.urls": {"public_url"},
    }
    plain = {"catalog.catalog", "catalog.query", "errors", "text"}
    for path in Path(main.__file__).parent.glob("*.py"):
        for node in at_run_time(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("policygraph."):
                module = str(node.module)
                if not module.startswith("policygraph.cli") and module.partition(".")[2] not in plain:
                    assert {alias.name for alias in node.names} <= formats.get(module, set()), path.name


def at_run_time(tree):
    """Every node but those that only type checkers see."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node
            yield from at_run_time(node)


def test_the_version_is_that_of_the_installed_package():
    from importlib.metadata import version

    assert policygraph.__version__ == version("policygraph")
    shown = run("--version").stdout
    assert shown == f"policygraph {policygraph.__version__}\n"


def test_python_gets_what_the_terminal_prints():
    catalog = policygraph.Catalog.find()
    assert run("describe", "NemID").stdout == catalog.describe("NemID").text()
    graph = policygraph.network(catalog, evidence="said", without=["MitID"])
    narrow = ("--evidence", "said", "--without", "MitID")
    assert run("path", "NemID", "MitID", *narrow[:2]).stdout == str(
        policygraph.paths(policygraph.network(catalog, evidence="said"), "NemID", "MitID")
    )
    matrix = policygraph.crosswalk(graph, "Plan", "Goal")
    assert run("crosswalk", "Plan", "Goal", *narrow, "--format", "csv").stdout == matrix.table.to_csv()
    table = policygraph.analyse("overlaps", catalog)
    assert run("analyse", "overlaps", "--format", "csv").stdout == table.to_csv()
    assert run("query", "plans-in-force", "-p", "year=2014").stdout == str(
        catalog.ask("plans-in-force", year=2014)
    )
    question = "CONSTRUCT WHERE { ?s skos:notation ?o }"
    answer = catalog.ask(policygraph.Query.parse(question))
    assert run("query", "-e", question).stdout == str(answer)
    assert run("query", "-e", "ASK {}").stdout == str(catalog.ask(policygraph.Query.parse("ASK {}")))


@pytest.mark.full
def test_an_answer_is_read_as_often_as_one_likes(tmp_path):
    catalog = policygraph.Catalog.find()
    answer = catalog.ask("plans-in-force", year=2014, language="da")
    assert len(answer) == len(answer.rows) == len(list(answer)) == len(answer.frame()) == 4
    assert [row["from"].year for row in answer.rows] == [2011, 2012, 2013, 2013]
    answer.save(tmp_path / "plans.csv")
    assert (tmp_path / "plans.csv").read_bytes().decode() == answer.to_csv()
    graph = catalog.ask(policygraph.Query.parse("CONSTRUCT WHERE { ?s skos:notation ?o }"))
    assert graph.columns == ("subject", "predicate", "object")
    assert len(graph.frame()) == len(graph) > 0
    assert catalog.ask(policygraph.Query.parse("ASK {}"))
    with pytest.raises(errors.FormatError):
        catalog.ask(policygraph.Query.parse("ASK {}")).frame()


def test_a_frame_has_values_labels_or_terms():
    catalog = policygraph.Catalog.find()
    answer = catalog.ask("SELECT ?s ?n { ?s skos:notation ?n } ORDER BY ?n LIMIT 1", language="da")
    (row,), (labelled,), (terms,) = (
        frame.to_dict("records")
        for frame in (answer.frame(), answer.frame(labels=True), answer.frame(terms=True))
    )
    assert row["s"].startswith("https://")
    assert labelled == {"s": answer.labels[row["s"]], "n": row["n"]}
    texts = catalog.ask("SELECT (STR(?s) AS ?iri) { ?s skos:notation 'M1' }").frame(labels=True)["iri"]
    assert texts.str.startswith("https://").all()  # a text that looks like an IRI stays what it is
    assert len(catalog.ask("DESCRIBE pg:Plan").frame()) > 3
    assert terms["s"].value == row["s"]
    assert terms["n"].datatype
    tagged = catalog.ask(
        "CONSTRUCT { ?s skos:prefLabel ?l } WHERE { ?s skos:notation 'M1' ; skos:prefLabel ?l }"
    )
    assert {term.language for term in tagged.frame(terms=True)["object"]} >= {"da", "en"}
    with pytest.raises(errors.FormatError, match="not both"):
        tagged.frame(labels=True, terms=True)


def test_search_gives_things_by_words_of_their_labels_with_their_kinds():
    catalog = policygraph.Catalog.find()
    found = catalog.search("PRIVATE public co-operation", language="da")
    assert "Øget offentlig-privat samarbejde" in str(found)
    assert found.rows[0]["kind"].rpartition("#")[2] == "Area"
    assert catalog.search("nemid").rows[0]["thing"] == catalog.find_resource("NemID")
    assert not catalog.search("no such words")
    assert not catalog.search("")


def test_claims_have_their_passages():
    claims = policygraph.Catalog.find().claims("NemID")
    assert any(passage.start for claim in claims for passage in claim.passages)
    assert all(claim.basis for claim in claims)


def test_names_are_found_in_any_language_and_in_a_graph_of_ones_own():
    import networkx as nx

    catalog = policygraph.Catalog.find()
    graph = policygraph.network(catalog, language="da")
    (danish,) = [node for node, data in graph.nodes(data=True) if data["label"] == "Den private sektor"] or [
        None
    ]
    found = policygraph.paths(graph, "NemID", "Private sector")
    assert danish in (None, found.target)
    own = nx.Graph([("a", "b")])
    own.nodes["a"]["label"], own.nodes["b"]["label"] = "Bridge", "Road"
    assert policygraph.paths(own, "Brid", "road").paths[0].nodes == ("a", "b")
    assert policygraph.crosswalk(own, "bridge; b", ["Road"]).rows == ("a", "b")
    with pytest.raises(errors.NetworkError, match="not in the network"):
        policygraph.paths(own, "Brig", "Road")
    own.nodes["b"]["label"] = "Bridge too"
    with pytest.raises(errors.ResourceError, match="may be any of these"):
        policygraph.paths(own, "Brid", "b")
    with pytest.raises(errors.QueryError, match="or a store and `edges`"):
        policygraph.network(catalog.store)


def test_one_name_or_file_stands_for_a_list_of_one(tmp_path):
    catalog = policygraph.Catalog.find()
    for chosen in ({"kinds": "Plan"}, {"without": "NemID"}, {"relations": "is part of"}):
        listed = {name: [each] for name, each in chosen.items()}
        one, same = (policygraph.network(catalog, **each) for each in (chosen, listed))
        assert {*one} == {*same}
    path = tmp_path / "birds.ttl"
    path.write_text("<https://x.org/a> <https://x.org/b> 1 .", encoding="utf-8")
    assert policygraph.Catalog(catalog.root, files=str(path)).files == (path,)
    assert len(catalog.load(files=path, ontology=False)) == 1


def test_a_query_is_named_by_a_path_and_a_thing_by_a_term():
    catalog = policygraph.Catalog.find()
    path = catalog.root / "queries" / "timeline.rq"
    assert str(catalog.ask(path)) == str(catalog.ask("timeline"))
    (row, *_) = catalog.ask("timeline").results
    assert catalog.describe(row["thing"]).iri == row["thing"].value


@pytest.mark.parametrize("name", ["", None, 3])
def test_what_names_nothing_is_refused_and_never_everything(name):
    catalog = policygraph.Catalog.find()
    with pytest.raises(errors.ResourceError):
        catalog.find_resource(name)
    if name is not None:
        with pytest.raises(errors.ResourceError):
            catalog.claims(name)


def test_what_is_no_network_is_refused_in_a_sentence():
    catalog = policygraph.Catalog.find()
    uses = (policygraph.view, policygraph.central, policygraph.pyvis, policygraph.summary)
    for use in (*uses, policygraph.communities, policygraph.narrowed):
        with pytest.raises(errors.NetworkError, match="is no network: make one with policygraph"):
            use(catalog)
    with pytest.raises(errors.NetworkError, match="is no network: make one with policygraph"):
        policygraph.paths(catalog, "NemID", "MitID")


def test_a_table_and_an_answer_have_their_own_frame_and_text(examplia):
    graph = policygraph.network(examplia)
    table, (one, other, *_) = policygraph.central(graph), next(iter(graph.edges))
    assert len(table.frame()) == len(table.rows)
    answer = examplia.ask("plan-intervals")
    assert list(answer.frame().columns) == list(answer.columns)
    assert "Recipe: " in str(table)
    said = [table, policygraph.paths(graph, one, other), examplia.describe(one), examplia.datasets]
    assert all(len(repr(each)) < 200 and " at 0x" not in repr(each) for each in said), said


def test_rows_are_chosen_from_a_select_only(examplia):
    answer = examplia.ask("network")
    chosen = answer.where(lambda row: row["source"] == answer.rows[0]["source"])
    assert 0 < len(chosen) < len(answer)
    assert {row["source"] for row in chosen} == {answer.rows[0]["source"]}
    for columns in ((), ("source", "source")):
        with pytest.raises(errors.QueryError, match="name each column once"):
            answer.select(*columns)
    with pytest.raises(errors.QueryError, match="only the answer to a SELECT"):
        examplia.ask("ASK { ?s ?p ?o }").where(bool)
    for text in ("ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(errors.QueryError, match="only the answer to a SELECT has columns"):
            examplia.ask(text).select("subject")


def test_a_crosswalk_is_text_and_a_frame_of_its_strengths():
    matrix = policygraph.crosswalk(policygraph.network(policygraph.Catalog.find()), "NemID; MitID", "Driver")
    assert str(matrix) == format_crosswalk(matrix)
    drivers = len(matrix.columns)
    assert repr(matrix) == f"<Crosswalk NemID; MitID × Driver: 2 × {drivers}>"
    frame = matrix.frame()
    assert frame.shape == (2, drivers)
    assert frame.iloc[0, 0] == matrix.cells[0][0].strength
    assert frame.columns[0].endswith(matrix.labels[matrix.columns[0]])


def test_a_notebook_shows_thirty_rows_at_most_all_of_them_escaped():
    import networkx as nx

    graph = nx.path_graph([f"n{number}" for number in range(40)])
    graph.nodes["n3"]["label"] = evil = "<script>alert(1)</script>"
    shown = policygraph.central(graph)._repr_html_()
    assert shown.count("<tr>") == 31
    assert "<p>and 10 more</p>" in shown
    assert evil not in shown
    values = " ".join(f'"<b>{number}"' for number in range(31))
    catalog = policygraph.Catalog.find()
    answer = catalog.ask(policygraph.Query.parse(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}"))
    assert "<b>" not in answer._repr_html_()
    assert "<p>and 1 more</p>" in answer._repr_html_()
    danish = catalog.ask(policygraph.Query.parse("SELECT ?x { ?x a pg:Claim }"), language="da")
    assert f"<p>og {format_number(len(danish) - 30, 'da')} til</p>" in danish._repr_html_()
    assert "pgid:dk/initiative/nemid" in catalog.describe("NemID")._repr_html_()
    for result in (policygraph.crosswalk(graph, ["n3"], ["n4"]), policygraph.paths(graph, "n3", "n5")):
        assert "&lt;script&gt;" in result._repr_html_()
        assert evil not in result._repr_html_()
