"""The documents tell the truth: commands and code in them run, and print what they say."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from assistants import results
from checkout import SHIPPED
from command import run, seen
from documents import different, fences, sessions
from tools import missing

import policygraph
from policygraph.catalog import catalog as catalogues
from policygraph.cli.main import cli
from policygraph.site.site import Site

pytest_plugins = ["browser"]
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "europe" / "README.md"])
# Tests of their own follow these to the letter.
FOLLOWED = {
    "CONTRIBUTING.md": "authoring/test_skeleton.py",
    "jsonld.md": "data/test_context.py",
    "publish-your-own.md": "site/test_publish_your_own.py",
}
SERVED = "http.md"
# What needs another machine, or does not end; its options are read, not more.
_ELSEWHERE = re.compile(
    r"--endpoint|\bfactsheets\b|\w+://|\b(?:serve|mcp)\b|sources\b|DIR\b|docker|\bpublish\b"
)


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, where a document is followed, with all the data, at a terminal of 100 columns."""
    monkeypatch.setattr(catalogues, "_shipped", lambda: SHIPPED)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "10000")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "europe").symlink_to(SHIPPED / "europe")
    return tmp_path


@pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated")  # rdflib's own use of it
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if path == ROOT / "README.md" else pytest.mark.full)
        for path in DOCUMENTS
        if path.name not in (*FOLLOWED, SERVED) and fences(path.read_text(encoding="utf-8"))
    ],
    ids=lambda path: path.name,
)
def test_commands_and_code_print_what_is_shown(path, folder):
    """In the order of the document; a `text` block is what the block before it prints."""
    catalog = policygraph.Catalog.find()
    names: dict[str, object] = {}
    wrong, printed = [], ""
    for language, name, text in fences(path.read_text(encoding="utf-8")):
        if name and language != "json":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        elif language in ("console", "sh"):
            for command, shown in sessions(
                text if language == "console" else re.sub("(?m)^(?=.)", "$ ", text)
            ):
                printed = output(command)
                wrong += different(printed, shown, command) if language == "console" else []
        elif language == "sparql" and "{" in text:
            printed = catalog.ask(text).write(width=100).decode()
        elif language == "python" and ">>> " in text:
            wrong += doctested(text, path.name, names)
        elif language == "python":
            download(re.findall(r'read_csv\("([\w/.]+)"', text))
            with contextlib.redirect_stdout(io.StringIO()) as said:
                exec(compile(text, str(path), "exec"), {})
            printed = said.getvalue()
        elif language == "js":
            printed = tool("node", "--input-type=module", "-e", text)
        elif language == "text" and printed:
            wrong += different(printed, text.splitlines(), path.name)
    assert not wrong, "\n".join(wrong)


def download(names: list[str]) -> None:
    """Lay down files that the site offers for download."""
    catalog = policygraph.Catalog.find()
    site = Site(catalog, catalog.store, live=False)
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(site.page(f"/download/{name}").body)


@pytest.mark.full
def test_a_server_answers_as_is_shown(tmp_path, monkeypatch):
    from serving import running

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(SHIPPED / "src"))
    text = (ROOT / "docs" / SERVED).read_text(encoding="utf-8")
    with running(tmp_path) as server:
        for command, shown in sessions("".join(blocks("console", text))):
            printed = tool("bash", "-c", command.replace(":8000/", f":{server.port}/"))
            assert not different(printed.replace(f":{server.port}/", ":8000/"), shown, command)
        assert not doctested(
            "".join(blocks("python", text)).replace(":8000/", f":{server.port}/"), SERVED, {}
        )


def doctested(text: str, name: str, names: dict[str, object]) -> list[str]:
    """What examples print otherwise than they show; `names` are those that they know and define."""
    example, report = doctest.DocTestParser().get_doctest(text, names, name, name, 0), []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=report.append, clear_globs=False)
    names |= example.globs
    return report


@pytest.mark.full
def test_the_documentation_is_built_without_a_warning_and_is_searched_in_a_folder(browser):
    command = [sys.executable, SHIPPED / "tools" / "build_docs.py"]
    environment = {**os.environ, "PYTHONPATH": str(SHIPPED / "src"), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pages = [*(SHIPPED / "build" / "docs").rglob("*.html")]
    assert len(pages) > 35
    fetched = (
        r"""<(?:script|img|iframe|source)\b[^>]* src="(?:https?:)?//|<link\b[^>]* href="(?:https?:)?//"""
    )
    for page in pages:
        assert not re.search(fetched, page.read_text(encoding="utf-8")), page
    opened, asked = browser.new_page(), []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((SHIPPED / "build" / "docs" / "docs" / "faq.html").as_uri())
    opened.keyboard.press("/")
    opened.keyboard.type("crosswalk")
    opened.locator(".md-search-result__link").first.wait_for()
    assert "crosswalk" in opened.locator(".md-search-result__list").inner_text().lower()
    assert all(url.startswith(("file:", "data:", "about:")) for url in asked), asked


@pytest.mark.full
def test_an_assistant_gets_the_replies_that_are_shown():
    text = (ROOT / "docs" / "assistants.md").read_text(encoding="utf-8")
    calls = [json.loads(each) for each in blocks("json call", text)]
    shown = blocks("json reply", text)
    assert len(calls) == len(shown) == 10
    asked = [(call["tool"], call["arguments"]) for call in calls]
    _, replies = results(["--catalog", str(SHIPPED), "mcp"], asked)
    for reply, lines in zip(replies, shown, strict=True):
        printed = json.dumps(reply.structured_content, ensure_ascii=False, indent=2)
        assert not different(printed, lines.splitlines(), "the server")
    # What the assistant answered cites claims of the replies, and of those that contradict them.
    answers = [line for line in text.splitlines() if line.startswith("> ")]
    assert len(answers) == 10
    for answer, reply in zip(answers, replies, strict=True):
        cited = re.findall(r"\[(pgid:[^]]+)\]", answer)
        assert all(mark in json.dumps(reply.structured_content) for mark in cited)
        assert bool(cited) <= (reply.structured_content["ending"] in ("answered", "disputed"))


def output(command: str) -> str:
    """What a command of ours, or of jq, prints; one that needs another machine is only parsed."""
    words = shlex.split(command, comments=True)
    if not words or words[0] not in ("policygraph", "jq"):
        return ""
    if words[0] == "jq":
        return tool("bash", "-c", f"set -o pipefail; {command}")
    if _ELSEWHERE.search(command):
        context = cli.make_context("policygraph", words[1:])
        name, called, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
        called.make_context(name, rest, parent=context)
        return ""
    done = run(*words[1:], terminal=True)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout + done.stderr


def tool(*command: str) -> str:
    """What another's program prints."""
    if not shutil.which(command[0]):
        missing(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 127:
        missing(done.stderr)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.full
def test_mypy_accepts_the_python_of_the_readme(tmp_path):
    """As a user's own file, with nothing configured."""
    code = tmp_path / "readme.py"
    code.write_text(doctest.script_from_examples("\n".join(blocks("python"))), encoding="utf-8")
    assert "pg.network(catalog" in code.read_text(encoding="utf-8")
    kept = SHIPPED / ".mypy_cache" / "readme"
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", kept, code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_help_lists_every_target():
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "test", "lint", "format", "bench", "help"} <= targets
    assert all(f"make {target}" in listed for target in targets)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_files_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


@pytest.mark.full
def test_the_first_minute_fits_forty_lines_and_never_waits(tmp_path):
    """`make run` in a small terminal, as README says, in a folder that has what it needs."""
    for name in ("data", "ontology", "queries", "catalog.toml", "Makefile"):
        (tmp_path / name).symlink_to(SHIPPED / name)
    program = tmp_path / "bin" / "policygraph"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m policygraph --catalog . "$@"\n')
    program.chmod(0o755)
    (tmp_path / "pager").write_text("#!/bin/sh\necho paged\ncat\n")
    (tmp_path / "pager").chmod(0o755)
    make = ["make", "-C", str(tmp_path), "--no-print-directory", "-o", ".venv/ready", "VENV=.venv"]
    make += ["BIN=bin", "run"]
    said = seen(make, PAGER=str(tmp_path / "pager"))
    assert "paged" not in said
    lines = [line for line in said.replace(str(tmp_path), "").split("\r\n") if line]
    assert len(said.split("\r\n")) <= 40
    assert max(map(len, lines)) <= 80
    for what in ("Countries and years: ", "Claims, by who says so: Stated ", "Findings, ", "(char=", "Open "):
        assert what in said
    assert len(re.findall(r"\d \(\d+\)\r\n", said)) == 3
    assert (tmp_path / "build" / "policygraph.html").stat().st_size > 100_000
