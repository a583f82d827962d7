"""Build the documentation site: lay the pages of this checkout together, generate the reference, run mkdocs.

The command line's reference is Click's own help, Python's the docstrings, the list of saved questions their
headers; none of them is in git. `python tools/build_docs.py` writes build/docs.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import policygraph
from policygraph import Catalog
from policygraph.cli.main import cli

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "build" / "docs-source"
_SHOWN = ("text/html", "image/svg+xml", "image/png", "text/plain", "text")  # of an output, the first
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
# Mermaid would be fetched from another host; the site of the terms draws the same.
_DRAWING = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
_DRAWN = "![The classes and relations, as the page of the terms draws them](pages-terms.png)"
_FENCE = re.compile(r"^(```\w+) \S+$", re.MULTILINE)


def main() -> None:
    """Write the pages and run mkdocs, which refuses a link that leads nowhere."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    generated = {
        "docs/reference/cli.md": command_line(),
        "docs/reference/python.md": python(),
        "docs/reference/prefixes.md": prefixes(),
        "queries/index.md": questions(),
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        generated[f"notebooks/{path.stem}.md"] = notebook(path)
    for name, text in generated.items():
        _write(name, text)
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"]:
        _page(page)
    for file in (ROOT / "docs" / "logo.svg", ROOT / "tools" / "iframe-worker.js"):
        shutil.copyfile(file, SOURCE / "docs" / file.name)
    sys.exit(subprocess.call([sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean"], cwd=ROOT))


def _write(name: str, text: str) -> None:
    path = SOURCE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _page(page: Path) -> None:
    """Copy a page and the files that it links to; links to a folder lead to its index or are plain text."""
    text = page.read_text(encoding="utf-8")

    def link(match: re.Match[str]) -> str:
        target = (page.parent / match[1]).resolve()
        name = target.relative_to(ROOT)
        if target.is_dir():
            index = next((each for each in ("index.md", "README.md") if (SOURCE / name / each).exists()), "")
            index = index or ("README.md" if (target / "README.md").exists() else "")
            return f"]({match[1].rstrip('/')}/{index}" if index else f"]({_up(page)}README.md"
        if target.suffix != ".md":
            (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target, SOURCE / name)
        return match[0]

    _write(str(page.relative_to(ROOT)), _FENCE.sub(r"\1", _LINK.sub(link, _DRAWING.sub(_DRAWN, text))))


def _up(page: Path) -> str:
    return "../" * (len(page.relative_to(ROOT).parts) - 1)


def command_line() -> str:
    """Every command with its help, as `--help` prints it."""
    lines = ["# Command line\n", "What `policygraph COMMAND --help` prints.\n"]
    for path, command, context in _commands(cli, click.Context(cli, info_name="policygraph")):
        lines += [f"## {path.removeprefix('policygraph ')}\n" if " " in path else "## policygraph\n"]
        lines += [f"```text\n{command.get_help(context)}\n```\n"]
    return "\n".join(lines)


def _commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield context.command_path, command, context
    for name, sub in getattr(command, "commands", {}).items():
        yield from _commands(sub, click.Context(sub, parent=context, info_name=name))


def python() -> str:
    """The public names with their docstrings, classes first."""
    lines = ["# Python\n", "```python\nimport policygraph as pg\n```\n"]
    names = sorted(vars(policygraph)["__all__"], key=lambda name: (not name[0].isupper(), name))
    for name in names:
        lines.append(f"::: {getattr(policygraph, name).__module__}.{name}\n")
    return "\n".join(lines)


def prefixes() -> str:
    """The prefixes that no query needs to declare."""
    head = "# Prefixes\n\nNo query, table or option needs to declare these.\n\n"
    return f"{head}| prefix | namespace |\n|---|---|\n" + "".join(
        f"| `{name}` | `{iri}` |\n" for name, iri in sorted(Catalog.find().settings.prefixes.items())
    )


def questions() -> str:
    """The saved questions, each with its parameters and its SPARQL."""
    lines = [
        "# Saved questions\n",
        "`policygraph query NAME`, `catalog.ask(NAME)`, and a page each on the site.\n",
    ]
    for query in Catalog.find().tagged():
        text = re.sub(r"(?m)^#\+.*\n", "", query.text).strip()
        lines += [f"## {query.name}\n", f"**{query.summary}** {query.description}\n"]
        if query.parameters:
            lines += ["| parameter | kind | meaning |", "|---|---|---|"]
            lines += [
                f"| `{each.name}` | {each.kind} | {each.summary} |" for each in query.parameters.values()
            ]
        lines += [f"\n```sparql\n{text}\n```\n"]
    return "\n".join(lines)


def notebook(path: Path) -> str:
    """A notebook with the outputs stored in it."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        for output in cell.get("outputs", ()):
            data = {
                form: "".join(value) for form, value in output.get("data", output).items() if form in _SHOWN
            }
            form = next(each for each in _SHOWN if each in data)
            if form.startswith("image/"):
                png = data[form] if form == "image/png" else base64.b64encode(data[form].encode()).decode()
                parts.append(f'<img alt="{path.stem}" src="data:{form};base64,{png}">')
            else:
                parts.append(data[form] if form == "text/html" else f"```text\n{data[form].rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
