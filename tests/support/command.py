"""Run the command line, in this process: to start another takes longer than most commands do."""

from __future__ import annotations

import contextlib
import signal
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
        for number in (signal.SIGINT, signal.SIGTERM):  # to which commands listen until the process ends
            stack.callback(signal.signal, number, signal.getsignal(number))
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


def on_terminal(*args: str, columns: int = 80, lines: int = 24, **env: str) -> str:
    """What `policygraph` with these arguments writes to a terminal of this size."""
    return seen([*COMMAND, *args], columns=columns, lines=lines, **env)


def seen(command: list[str], *, columns: int = 80, lines: int = 24, **env: str) -> str:
    """What a command writes to a terminal of this size, which nobody types on."""
    import fcntl
    import os
    import pty
    import struct
    import termios

    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")} | env
    process = subprocess.Popen(command, stdout=terminal, stderr=subprocess.DEVNULL, stdin=terminal, env=env)
    os.close(terminal)
    written = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not part:
            break
        written += part
    os.close(controller)
    assert process.wait() == 0
    return written.decode()
