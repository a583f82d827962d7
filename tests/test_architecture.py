"""The rules that the code's structure keeps; docs/architecture.md says why."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pyoxigraph as ox
import pytest
from babel import Locale
from checkout import SHIPPED

import policygraph
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

PACKAGE = Path(policygraph.__file__).parent
ROOT = PACKAGE.parents[1]

# A room imports only from rooms before it; `server` and `check` do not know each other.
ROOMS = "errors text fonts i18n rdf store catalog analysis explorer site server check authoring cli".split()  # noqa: SIM905
HEAVY = set(
    "SPARQLWrapper anyio babel defusedxml granian httpx jinja2 networkx numpy openpyxl oxrdflib "  # noqa: SIM905
    "pandas prettytable pyld pyshacl pyvis rdflib rustworkx".split()
)


def name_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def modules():
    """The syntax trees of all modules by name: not at import, which every process of the tests does."""
    return {
        name_of(path): ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
        if path.parent != PACKAGE or not path.name.startswith("_")
    }


def imported(tree):
    """The names of the modules that a tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(tree):
    """The modules of this package that a tree imports."""
    for name in imported(tree):
        name = name.removeprefix("policygraph.")
        yield from (each for each in (name, name.rpartition(".")[0]) if each in modules())


def test_rooms_import_only_from_rooms_before_them():
    rooms = {module: module.partition(".")[0] for module in modules()}
    wrong = [
        f"{module} imports {other}"
        for module, tree in modules().items()
        for other in own(tree)
        if ROOMS.index(rooms[other]) > ROOMS.index(rooms[module])
        or {rooms[module], rooms[other]} == {"server", "check"}
    ]
    assert wrong == []


def test_the_assistant_needs_no_site():
    """Nor does what it imports: it cites and finds by the catalogue alone."""
    reached, waiting = set(), ["server.mcp"]
    while waiting:
        module = waiting.pop()
        reached.add(module)
        waiting += {*own(modules()[module])} - reached
    assert "catalog.metadata" in reached
    assert sorted(each for each in reached if each.partition(".")[0] == "site") == []


def test_imports_make_no_circle():
    graph = {module: {*own(tree)} - {module} for module, tree in modules().items()}
    TopologicalSorter(graph).prepare()  # CycleError names the circle


def test_no_room_is_crowded_and_no_module_is_called_as_a_folder_beside_it():
    folders = [PACKAGE, *(path.parent for path in PACKAGE.rglob("__init__.py"))]
    modules = {folder: [path.stem for path in folder.glob("[!_]*.py")] for folder in folders}
    assert {str(folder): names for folder, names in modules.items() if len(names) > 12} == {}
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 9
    assert [
        folder / stem for folder, names in modules.items() for stem in names if (folder / stem).is_dir()
    ] == []


def test_the_house_is_drawn_as_it_is():
    """The tree in docs/architecture.md has each module behind its room or folder."""
    drawn, room = {}, ""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    for line in text.splitlines():
        if found := re.match(r"[├└]── (\w+)/", line):
            room = found[1]
        elif found := re.match(r"│?     (?:(\w+)/)? *(.*)", line):
            names = (each for each in found[2].split() if not each.endswith("/"))
            drawn[f"{room}.{found[1]}" if found[1] else room] = {*names}
    there = {}
    for name in modules():
        if not (PACKAGE / name.replace(".", "/")).is_dir() and "." in name:
            there.setdefault(name.rpartition(".")[0], set()).add(name.rpartition(".")[2])
    assert drawn == there


def test_a_room_says_what_each_of_its_modules_is_for():
    for name in modules():
        room, _, module = name.rpartition(".")
        if room and not (PACKAGE / name.replace(".", "/")).is_dir():
            text = (PACKAGE / room.replace(".", "/") / "__init__.py").read_text(encoding="utf-8")
            assert f"`{module}`" in text, name


def test_the_tests_of_a_module_are_found_by_its_name():
    """By the name of the file, in the folder of the room, or by a text search in the first lines of files."""
    tests = {path: path.read_text(encoding="utf-8")[:2_000] for path in (ROOT / "tests").rglob("test_*.py")}
    rooms = {(path.parent.name, path.stem) for path in tests}
    lost = [
        name
        for name in modules()
        if not (PACKAGE / name.replace(".", "/")).is_dir()
        and not any(
            room in (name.split(".")[0], "tests")
            and f"{stem}_".startswith(f"test_{name.rpartition('.')[2]}_")
            for room, stem in rooms
        )
        and not any(f"`{name}`" in text for text in tests.values())
    ]
    assert lost == []


def test_only_the_command_line_prints_or_exits():
    wrong = []
    for module, tree in modules().items():
        if module.partition(".")[0] == "cli":
            continue
        # A module that is also a command may end with an error message.
        body = [
            node for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node))
        ]
        tree = ast.Module(body, [])
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        called &= {"print", "input", "exit", "quit", "sys.exit", "os._exit", "SystemExit", "click.echo"}
        streams = re.findall(r"\bsys\.(?:stdout|stderr|argv)\b", ast.unparse(tree))
        click = [name for name in imported(tree) if name.split(".")[0] == "click"]
        wrong += [f"{module}: {what}" for what in (*called, *streams, *click)]
    assert wrong == []


def at_start(tree):
    """What runs when a module is imported: all but functions and what only type checkers see."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def test_heavy_libraries_are_imported_where_they_are_needed():
    found = {
        module: {name.split(".")[0] for node in at_start(tree) for name in imported(node)} & HEAVY
        for module, tree in modules().items()
    }
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("module", "barred"), [("policygraph", {"pyoxigraph"}), ("policygraph.cli.main", set())]
)
def test_starting_imports_nothing_heavy(module, barred):
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert module in modules
    assert set(modules) & (HEAVY | barred) == set()


def test_an_answer_imports_nothing_heavy():
    ask = "from policygraph import Catalog; Catalog.find().ask('plans-in-force')"
    command = [sys.executable, "-c", f"import sys; {ask}; print(*sys.modules)"]
    modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert set(modules) & HEAVY == set()


def public(tree):
    """The public classes and functions of a module, by name."""
    kinds = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {node.name: node for node in tree.body if isinstance(node, kinds) and node.name[0] != "_"}


def test_what_pages_read_is_noted():
    """What is kept outside the notes of `store.trace` would leave pages as they were when it changes."""
    known = {  # caches of what does not depend on the data, or whose readers are noted themselves
        "site.context": {"_neighbours", "__init__", "levels"},
        "site.feeds": {"listing"},  # within the site map, which is made each time
        "site.rendering": {"_jinja"},
        "site.site": {"_made"},
        "site.urls": {"resources", "_decode", "_relative"},
    }
    wrong = []
    for module, tree in modules().items():
        if module.partition(".")[0] != "site" and module not in ("catalog.metadata", "explorer.story"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name not in known.get(module, ()):
                used = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
                wrong += [f"{module}: {node.name}"] * bool(used & {"cached_property", "cache", "lru_cache"})
            if isinstance(node, ast.Attribute) and module not in ("site.context", "site.noted"):
                wrong += [f"{module}: {node.attr}"] * (node.attr in ("untraced", "_store"))
            if isinstance(node, ast.Attribute) and module.startswith("site.pages"):
                wrong += [f"{module}: catalog.{node.attr}"] * (
                    ast.unparse(node.value).endswith("catalog") and node.attr in ("store", "load", "labels")
                )
    assert wrong == []


def test_one_class_name_means_one_thing():
    names = Counter(
        name
        for tree in modules().values()
        for name, node in public(tree).items()
        if isinstance(node, ast.ClassDef)
    )
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_a_newcomer_finds_the_words_of_the_field():
    wanted = (
        "cache label claim passage render route search export download redirect negotiation pool queue etag "
        "sitemap feed dcat void shacl diff layout measure crosswalk csvw"
    )
    named = {part for module in modules() for part in module.split(".")}
    named |= {name for tree in modules().values() for name in public(tree)}
    words = {
        word.lower().rstrip("s")
        for name in named
        for word in re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    }
    assert set(wanted.split()) - words - {"template"} == set()  # a template is found under `render`


def test_nothing_is_called_by_a_word_that_says_nothing():
    vague = {"told", "tell", "said", "lost", "matter"}
    wrong = set()
    for module, tree in modules().items():
        for node in ast.walk(tree):
            names = {getattr(node, field, None) for field in ("id", "arg", "name", "attr")}
            wrong |= {f"{module}: {name}" for name in names if str(name).strip("_").lower() in vague}
    assert wrong == set()


def terms():
    """The local names of the ontology's own terms."""
    path = ROOT / "ontology" / "policygraph.ttl"
    quads = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
    named = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return {iri.removeprefix(PREFIXES["pg"]) for iri in named if iri.startswith(PREFIXES["pg"])}


def countries():
    """What countries are called: all in English, those of the shipped data also as their files and labels."""
    yield from (name for code, name in Locale("en").territories.items() if len(code) == 2)
    for path in (SHIPPED / "data").glob("*.ttl"):
        yield path.stem
        for quad in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
            named = quad.predicate.value.endswith(("#prefLabel", "#altLabel", "#label"))
            if named and re.match(re.escape(BASE) + "id/[a-z]{2}/country/", quad.subject.value):
                yield quad.object.value


def texts():
    """Every text of ours that is shipped in the package, code and pages alike; what npm brings is others'."""
    kinds = {".py", ".html", ".js", ".css", ".json", ".rq"}
    return {
        p.relative_to(PACKAGE): p.read_text(encoding="utf-8")
        for p in PACKAGE.rglob("*")
        if p.suffix in kinds and p.parent.name not in ("yasgui", "oxigraph")
    }


# The claim model, which is what the package is about; only the room that writes data names it.
CLAIM_MODEL = set(
    "Claim Passage SourceDocument basis charEnd charStart isPassageOf mentionedIn passage section sha256 "  # noqa: SIM905
    "textLength".split()
)


def test_the_package_holds_no_term_of_the_ontology():
    local = terms()
    assert len(local) > 50, "the ontology's terms are not where this test looks for them"
    assert local >= CLAIM_MODEL
    written = re.compile(rf"(?:\bpg:|{re.escape(BASE)}ontology#|\bontology#)(\w+)")
    found = {
        (str(path), name)
        for path, text in texts().items()
        for name in written.findall(text)
        if name in local and not (path.parts[0] == "authoring" and name in CLAIM_MODEL)
    }
    assert found == set(), "policy is in the Turtle files and in queries/; the code knows graphs"


def test_the_package_names_no_country():
    found = set(countries())
    assert found
    names = {name.lower(): re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in found}
    wrong = {}
    for path, text in texts().items():
        lower = text.lower()
        if some := [name for name, word in names.items() if name in lower and word.search(text)]:
            wrong[str(path)] = some
    assert wrong == {}
