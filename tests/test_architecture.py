"""The rules that the code's structure keeps; docs/ and CONTRIBUTING.md say why."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

import policygraph
from policygraph.vocabulary import BASE, PREFIXES

PACKAGE = Path(policygraph.__file__).parent
ROOT = PACKAGE.parents[1]
MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.glob("[!_]*.py")}

# From the ground up; a module may import only from layers below its own.
LAYERS = (
    {
        "addresses",
        "diagram",
        "errors",
        "faults",
        "hypertext",
        "layout",
        "retention",
        "table",
        "vocabulary",
        "wording",
    },
    {"crawl", "documents", "jsonld", "replacement", "sparql", "turtle"},
    {"query", "store", "survey", "values"},
    {
        "account",
        "catalog",
        "conduct",
        "csvw",
        "difference",
        "excerpt",
        "formats",
        "names",
        "proofs",
        "resource",
        "revision",
    },
    {
        "asking",
        "changelog",
        "description",
        "evaluation",
        "measure",
        "negotiation",
        "network",
        "session",
        "signposts",
        "terminal",
        "turns",
        "validation",
        "webpage",
    },
    {
        "centrality",
        "community",
        "comparison",
        "coverage",
        "exchange",
        "holdings",
        "observation",
        "paths",
        "quality",
        "relay",
        "scene",
        "workers",
    },
    {"analysis", "crosswalk", "inspection", "picture", "protocol", "telling"},
    {"heatmap", "library", "view"},
    {"distribution", "explorer", "terms", "writing"},
    {"feed", "markup", "record"},
    {"inquiry", "portrait"},
    {"chapters", "discovery", "exploration"},
    {"site"},
    {"publication", "replies"},
    {"rules"},
    {"apache", "caddy", "nginx"},
    {"rewriting"},
    {"dereferencing"},
    {"workbench"},
    {"server"},
    {"hosting", "publishing"},
    {"cli"},
)
LAYER = {module: number for number, layer in enumerate(LAYERS) for module in layer}
COMMANDS = {"cli", "exploration", "hosting", "publishing", "terminal"}  # these alone speak to the person
HEAVY = set(
    "SPARQLWrapper granian jinja2 networkx numpy oxrdflib pandas prettytable pyld pyshacl pyvis rdflib "  # noqa: SIM905
    "rustworkx starlette".split()
)


def imported(tree):
    """The names of the modules that a tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_start(tree):
    """What runs when a module is imported: all but functions and what only type checkers see."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def test_every_module_has_a_layer():
    assert set(MODULES) == set(LAYER), "add the module to LAYERS above, or drop it there"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_point_down(module):
    own = [name.split(".")[1] for name in imported(MODULES[module]) if name.startswith("policygraph.")]
    assert [name for name in own if LAYER.get(name, 99) >= LAYER[module]] == []


@pytest.mark.parametrize("module", sorted(set(MODULES) - COMMANDS))
def test_only_the_command_line_prints_or_exits(module):
    tree = MODULES[module]
    # A module that is also a command may end with an error message.
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node))
    ]
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert (
        called & {"print", "input", "exit", "quit", "sys.exit", "os._exit", "SystemExit", "click.echo"}
        == set()
    )
    assert [name for name in imported(tree) if name.split(".")[0] == "click"] == []
    assert not re.search(r"\bsys\.(stdout|stderr|argv)\b", ast.unparse(tree))


@pytest.mark.parametrize("module", sorted(MODULES))
def test_heavy_libraries_are_imported_where_they_are_needed(module):
    names = {name.split(".")[0] for node in at_start(MODULES[module]) for name in imported(node)}
    assert names & HEAVY == set()


@pytest.mark.parametrize(("module", "barred"), [("policygraph", {"pyoxigraph"}), ("policygraph.cli", set())])
def test_starting_imports_nothing_heavy(module, barred):
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert module in modules
    assert set(modules) & (HEAVY | barred) == set()


def terms():
    """The local names of the ontology's own terms."""
    path = ROOT / "ontology" / "policygraph.ttl"
    quads = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    named = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return {iri.removeprefix(PREFIXES["pg"]) for iri in named if iri.startswith(PREFIXES["pg"])}


def countries():
    """What the countries of the shipped data are called: their files, and the labels of id/<cc>/country/…."""
    for path in (ROOT / "data").glob("*.ttl"):
        yield path.stem
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
            of_country = re.match(re.escape(BASE) + "id/[a-z]{2}/country/", str(quad.subject).strip("<>"))
            if of_country and quad.predicate.value.endswith(("#prefLabel", "#altLabel", "#label")):
                yield quad.object.value


def texts():
    """Every text of ours that is shipped in the package, code and pages alike; YASGUI is others'."""
    kinds = {".py", ".html", ".js", ".css", ".json", ".rq"}
    return {
        p.relative_to(PACKAGE): p.read_text(encoding="utf-8")
        for p in PACKAGE.rglob("*")
        if p.suffix in kinds and p.parent.name != "yasgui"
    }


def names(tree):
    """The identifiers of a module and its strings that are one word."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        yield from (
            value
            for field in ("id", "attr", "arg", "name")
            if isinstance(value := getattr(node, field, None), str)
        )


def test_the_package_holds_no_term_of_the_ontology():
    local = terms()
    assert len(local) > 50, "the ontology's terms are not where this test looks for them"
    written = re.compile(rf"(?:\bpg:|{re.escape(BASE)}ontology#|\bontology#)(\w+)")
    found = {
        (str(path), name) for path, text in texts().items() for name in written.findall(text) if name in local
    }
    assert found == set(), "policy is in the Turtle files and in queries/; the code knows graphs"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_identifier_or_string_is_a_term_of_the_ontology(module):
    # A term in lower case, such as "section", is also a plain word; one with a capital letter is not.
    distinctive = {name for name in terms() if name != name.lower()}
    assert distinctive & set(names(MODULES[module])) == set()


def test_the_package_names_no_country():
    found = set(countries())
    assert found
    named = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(found))) + r")\b", re.IGNORECASE)
    assert {str(path): named.findall(text) for path, text in texts().items() if named.search(text)} == {}
