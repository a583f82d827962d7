"""A command whose optional libraries are missing says which install brings them."""

from __future__ import annotations

import subprocess
import sys


def test_serve_without_its_extra_is_one_sentence():
    code = "import sys; sys.modules['granian'] = None; from policygraph.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "serve"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == (
        'policygraph: policygraph serve needs granian; install it with: pip install "policygraph[server]"\n'
    )
