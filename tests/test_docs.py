"""The documents tell the truth: commands and code in them run, and print what they say."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = (
    *(
        "analyse",
        "crosswalk",
        "describe",
        "diff",
        "export",
        "network",
        "path",
        "publish",
        "queries",
        "query",
        "serve",
        "validate",
    ),
    "view",
)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def sessions() -> list[tuple[str, list[str]]]:
    """Each command of the console blocks with the output shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks("console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line.rstrip())
    return [(command, lines) for command, lines in found if command.startswith("policygraph")]


@pytest.mark.parametrize(("command", "shown"), sessions(), ids=lambda value: str(value)[:40])
def test_readme_shows_what_a_command_prints(command, shown, tmp_path):
    # A terminal of 100 columns; a line "…" stands for lines left out.
    script = Path(sys.executable).with_name("policygraph")
    env = {**os.environ, "COLUMNS": "100", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL, str(script), *shlex.split(command)[1:]],
        capture_output=True,
        cwd=tmp_path,
        env=env,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    printed = [line.rstrip() for line in done.stdout.decode().splitlines()]
    segments: list[list[str]] = [[]]
    for line in shown:
        segments.append([]) if line == "…" else segments[-1].append(line)
    at = 0
    for number, segment in enumerate(segments):
        places = [n for n in range(at, len(printed) + 1) if printed[n : n + len(segment)] == segment]
        assert places, "\n".join(printed)
        assert number > 0 or places[0] == 0, "the beginning is left out without a …"
        at = places[0] + len(segment)
    assert shown[-1] == "…" or at == len(printed), "the end is left out without a …"


# Runs a command as if stdout were a terminal.
TERMINAL = """
import sys
from policygraph.cli.main import main
sys.stdout.isatty = lambda: True
sys.argv = sys.argv[1:]
main()
"""


@pytest.mark.parametrize(
    "path",
    [path for path in DOCUMENTS if "\n>>> " in path.read_text(encoding="utf-8")],
    ids=lambda path: path.name,
)
def test_python_runs_and_prints_what_it_says(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    example = doctest.DocTestParser().get_doctest(
        "\n".join(blocks("python", text)), {}, path.name, str(path), 0
    )
    assert example.examples
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example).failed == 0


@pytest.mark.full
def test_mypy_accepts_the_python_of_the_readme(tmp_path):
    """As a user's own file, with nothing configured."""
    code = tmp_path / "readme.py"
    code.write_text(doctest.script_from_examples("\n".join(blocks("python"))), encoding="utf-8")
    assert "pg.network(catalog)" in code.read_text(encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", tmp_path, code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_mentions_every_command(command):
    assert f"policygraph {command}" in README


def test_make_help_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "lint", "format", "bench", "help"} <= targets
    assert all(f"make {target}" in listed for target in targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_files_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_changelog_names_the_versions_that_are_shipped():
    import tomllib

    changelog = (ROOT / "CHANGELOG.md").read_text()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"Software {version}" in changelog
    ontology = re.search(r'owl:versionInfo "([^"]+)"', (ROOT / "ontology" / "policygraph.ttl").read_text())
    assert ontology is not None
    assert f"Ontology {ontology[1]}" in changelog
    for path in (ROOT / "data").glob("*.ttl"):
        data = re.search(r'dcat:version "([^"]+)"', path.read_text(encoding="utf-8"))
        assert data is not None
        assert f"Data: {path.stem.title()} {data[1]}" in changelog
