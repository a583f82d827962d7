"""Build a release in `dist/`: wheel and sdist, the same bytes twice, a list of what is in them, checksums.

It builds what is committed, in two folders of different names, and installs the wheel into an empty
environment of each Python on this machine that the package claims, with every extra alone and with all.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
CLAIMED = "Programming Language :: Python :: 3."
INSIDE = ("editor/yasgui/", "engine/oxigraph/", "fonts/")
FONT = {
    "type": "file",
    "name": "Liberation Sans, as Story Sans",
    "licenses": [{"license": {"id": "OFL-1.1"}}],
}


def run(*command: str | Path, folder: Path = ROOT, **environment: str) -> str:
    """The output of a command, which ends this program when it fails."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def build(folder: Path) -> dict[str, bytes]:
    """Wheel and sdist of the last commit, by name, built in an empty folder."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    folder.mkdir()
    subprocess.run(["tar", "-xf", "-"], cwd=folder, input=archive, check=True)
    day = run("git", "log", "-1", "--format=%ct").strip()
    run(sys.executable, "-m", "hatchling", "build", "-d", "dist", folder=folder, SOURCE_DATE_EPOCH=day)
    return {path.name: path.read_bytes() for path in sorted((folder / "dist").iterdir())}


def installed(wheel: Path, python: Path | str, extra: str, folder: Path) -> dict[str, dict[str, Any]]:
    """The packages of an empty environment with the wheel and one extra, where a question has its answer."""
    run(UV, "venv", "--quiet", "--clear", "--python", python, folder)
    there = folder / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--python", there, f"{wheel}[{extra}]" if extra else wheel)
    code = "import policygraph as pg; print(len(pg.Catalog.find().ask('plans-in-force', year=2014)))"
    if not int(run(there, "-I", "-W", "error", "-c", code, folder=folder)):
        sys.exit(f"{python} with [{extra}]: a saved question has no answer")
    (place,) = folder.glob("lib/python3*/site-packages")
    found = [component(each) for each in importlib.metadata.distributions(path=[str(place)])]
    return {each["purl"]: each for each in found}


def component(package: importlib.metadata.Distribution) -> dict[str, Any]:
    """An installed package with the licence that it states: by SPDX, or else in its own words."""
    name, version, about = canonicalize_name(package.name), package.version, package.metadata
    found = {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
    classes = [each for each in about.get_all("Classifier", []) if each.startswith("License ::")]
    stated = [*about.get_all("License-Expression", []), *about.get_all("License", []), *classes]
    words = [each.split(" :: ")[-1] for each in stated if "\n" not in each and each not in ("", "UNKNOWN")]
    for each in words if len(classes) < 2 else words[: -len(classes)]:
        with contextlib.suppress(InvalidLicenseExpression):
            expression = canonicalize_license_expression(each.removesuffix(" License"))
            return {**found, "licenses": [{"expression": expression}]}
    return {**found, "licenses": [{"license": {"name": each}} for each in words]} if words else found


def contents(about: dict[str, Any], packages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the wheel holds of others, and what was installed beside it, as CycloneDX 1.5."""
    locked = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    inside = [
        {
            "type": "library",
            "name": (name := key.removeprefix("node_modules/")),
            "version": each["version"],
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{each['version']}",
            "licenses": [{"expression": each["license"]}],
        }
        for key, each in locked.items()
        if key
    ]
    own = {
        "type": "application",
        "name": about["name"],
        "version": about["version"],
        "licenses": [{"expression": about["license"]}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**own, "components": [*inside, FONT]}},
        "components": [each for _, each in sorted(packages.items()) if each["name"] != about["name"]],
    }


def pythons(claimed: set[str]) -> dict[str, str]:
    """The interpreters on this machine of the versions that the package claims."""
    listed = run(UV, "python", "list", "--only-installed", "--offline", "--output-format", "json")
    found: dict[str, str] = {}
    for each in json.loads(listed):
        short = "{major}.{minor}".format_map(each["version_parts"])
        if each["implementation"] == "cpython" and "shims" not in each["path"] and short in claimed:
            found.setdefault(short, each["path"])
    return dict(sorted(found.items()))


def main() -> None:
    """Build, compare, install, and say what was done."""
    if run("git", "status", "--porcelain"):
        sys.exit("There are changes that are not committed; a release is built from a commit.")
    about = project()
    version = about["version"]
    top = re.search(r"^## Software (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    if not top or not top[1].startswith(f"{version}, "):
        sys.exit(f"The first section of CHANGELOG.md is not “Software {version}, DAY”.")
    claimed = {each.split()[-1] for each in about["classifiers"] if each.startswith(CLAIMED)}
    found = pythons(claimed)
    if missing := sorted(claimed - found.keys()):
        sys.exit(
            f"These Pythons, which pyproject.toml claims, are not on this machine: {', '.join(missing)}."
        )
    with tempfile.TemporaryDirectory() as work:
        one, other = (build(Path(work, name)) for name in ("one", "another"))
        if one != other:
            sys.exit(f"Two builds differ: {', '.join(name for name in one if one[name] != other.get(name))}.")
        dist = ROOT / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        dist.mkdir()
        for name, body in one.items():
            (dist / name).write_bytes(body)
        (wheel,) = dist.glob("*.whl")
        held = zipfile.ZipFile(wheel).namelist()
        if lacking := [each for each in INSIDE if not any(each in name for name in held)]:
            sys.exit(f"The wheel lacks {', '.join(lacking)}; is npm there?")
        packages: dict[str, dict[str, Any]] = {}
        for python, path in found.items():
            for extra in ("", *about["optional-dependencies"]):
                there = installed(wheel, path, extra, Path(work, "environment"))
                packages |= there
                print(f"Python {python} with [{extra}]: {len(there)} packages, a question is answered")
        text = json.dumps(contents(about, packages), indent=1) + "\n"
        (dist / f"policygraph-{version}.cdx.json").write_text(text, encoding="utf-8")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(dist.iterdir())}
    (dist / "SHA256SUMS").write_text("".join(f"{each}  {name}\n" for name, each in sums.items()))
    for name in sums:
        print(f"dist/{name}: {(dist / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
