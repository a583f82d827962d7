"""What the benchmarks share: a clock, processes of other tools, and the place of figures in README.md."""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

HERE = Path(__file__).parent
OURS, OTHER = (HERE.parent / venv / "bin/python" for venv in (".venv", ".venv-bench"))
SECTIONS = "<!-- figures, written by {} -->\n", "<!-- end of the figures of {} -->"


def timed(action: Callable[..., Any], *values: Any) -> tuple[float, Any]:
    """The milliseconds that an action takes, and what it gives."""
    start = perf_counter()
    result = action(*values)
    return (perf_counter() - start) * 1000, result


def process(command: list[str | Path], seconds: float | None = None) -> bytes:
    """What a command prints, started as on anyone's machine: `PYTHON*` unset, bytecode caches in use."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, timeout=seconds)
    return done.stdout


def asked(python: Path, script: str, *values: object, seconds: float | None = None) -> Any:
    """The JSON on the last line that one of these scripts prints, run by one of the two Pythons.

    TimeoutExpired after so many seconds.
    """
    printed = process([python, HERE / script, *map(str, values)], seconds)
    return json.loads(printed.splitlines()[-1])


def machine(packages: Iterable[str], others: Iterable[str]) -> str:
    """What the figures are measured on, with the versions of our packages and those of the other Python."""
    info = Path("/proc/cpuinfo")
    cpu = re.search(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else None
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    others = list(others)
    theirs = subprocess.check_output([OTHER, "-c", code, *others], text=True).split() if others else []
    versions = [f"{name} {version(name)}" for name in packages]
    versions += [f"{name} {number}" for name, number in zip(others, theirs, strict=True)]
    return (
        f"{cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores; {platform.platform()}; "
        f"Python {platform.python_version()}; {', '.join(versions)}. "
        f"Load average before the run: {os.getloadavg()[0]:.2f}."
    )


def row(*cells: object) -> str:
    """A row of a table in Markdown."""
    return f"| {' | '.join(map(str, cells))} |"


def write(figures: str) -> None:
    """Put the figures of the script that runs into its place in README.md, and print them."""
    readme, script = HERE / "README.md", Path(sys.argv[0]).name
    start, end = (mark.format(script) for mark in SECTIONS)
    before, found, rest = readme.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        sys.exit(f"README.md has no {start.strip()} with {end} after it.")
    readme.write_text(f"{before}{start}\n{figures}\n\n{end}{after}", encoding="utf-8")
    print(figures)
