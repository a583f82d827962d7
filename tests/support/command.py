"""Run the command line as a person does: in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "policygraph"]


def run(*args: object, stdin: str | bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([*COMMAND, *map(str, args)], input=data, capture_output=True, cwd=cwd, timeout=60)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def refused(*args: object, **more: object) -> str:
    """The sentence on stderr of a command that must fail, and fail politely."""
    done = run(*args, **more)  # type: ignore[arg-type]
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.stderr.strip()
    return done.stderr
