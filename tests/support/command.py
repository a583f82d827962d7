"""Run the command line, in this process: to start another takes longer than most commands do."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from policygraph.cli.main import run as run_command

COMMAND = [sys.executable, "-m", "policygraph"]


def run(
    *args: object, stdin: str | bytes = b"", cwd: Path | None = None, terminal: bool = False
) -> subprocess.CompletedProcess[str]:
    """What a command gives that a person types, with its exit code; `terminal` is whether stdout is one."""
    data = stdin.encode() if isinstance(stdin, str) else stdin
    command = ["policygraph", *map(str, args)]
    with contextlib.ExitStack() as stack:
        # Files, since output that a format makes is written to the descriptor itself.
        files = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
        given, out, err = files
        if terminal:
            out.isatty = lambda: True  # type: ignore[method-assign]
        given.buffer.write(data)
        given.seek(0)
        stack.enter_context(contextlib.chdir(cwd or Path.cwd()))
        stack.enter_context(patch.multiple(sys, argv=command, stdin=given, stdout=out, stderr=err))
        code = run_command()
        said = []
        for stream in (out, err):
            stream.flush()
            stream.buffer.seek(0)
            said.append(stream.buffer.read().decode())
    return subprocess.CompletedProcess(command, code, *said)


def refused(*args: object, **more: object) -> str:
    """The sentence on stderr of a command that must fail, and fail politely."""
    done = run(*args, **more)  # type: ignore[arg-type]
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.strip()
    return done.stderr
