"""The wheel holds the whole catalogue, and the catalogue is found in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from checkout import SHIPPED

import policygraph
from policygraph.catalog.catalog import Catalog

ROOT = Path(policygraph.__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, unpacked; built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=SHIPPED, capture_output=True, check=True)
    (built,) = folder.glob("policygraph-*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def files(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    )


@pytest.mark.parametrize("folder", ["ontology", "data", "queries"])
def test_the_wheel_holds_the_catalogue(folder, wheel):
    assert files(wheel / "policygraph" / "_catalog" / folder) == files(SHIPPED / folder)


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    package = wheel / "policygraph"
    assert [name for name in files(package) if not name.startswith("_catalog/")] == files(
        Path(policygraph.__file__).parent
    )
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {"policygraph"}
    assert (package / "py.typed").is_file()


def test_an_installed_package_finds_its_own_catalogue(wheel, tmp_path):
    code = "from policygraph import Catalog; c = Catalog.find(); print(c.root, len(c.load()), len(c.queries))"
    environment = {**os.environ, "PYTHONPATH": str(wheel), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    own = Catalog(SHIPPED)
    assert done.stdout.split() == [
        str(wheel / "policygraph" / "_catalog"),
        str(len(own.load())),
        str(len(own.queries)),
    ]


def test_a_checkout_finds_itself():
    assert Catalog.find().root == ROOT
    assert (ROOT / "pyproject.toml").is_file()
