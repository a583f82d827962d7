"""Node for the tests of scripts that need no page: it evaluates functions as a page of Playwright does."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools import missing

PROGRAM = Path(__file__).with_suffix(".mjs")


class Node:
    """A process of Node in which a script has run; `evaluate` is that of Playwright's pages."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def evaluate(self, expression: str, argument: object = None) -> Any:
        """Return what a function, "(value) => expression", returns for the argument, both as JSON."""
        return self.send([expression, argument])

    def send(self, message: object) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "Node has ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer.get("value")


@contextmanager
def running(script: str) -> Iterator[Node]:
    """Run the script in a Node of its own, which ends with the block."""
    command = shutil.which("node")
    if command is None:
        missing("Node is not installed (`apt-get install nodejs`)")
    pipe = subprocess.PIPE
    with subprocess.Popen([command, PROGRAM], stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        started = Node(process)
        started.send([script])
        yield started
