"""The wheel holds the whole catalogue, and the catalogue is found in it."""

from __future__ import annotations

import email
import importlib.metadata
import json
import operator
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import release
from checkout import SHIPPED
from tools import missing

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


@pytest.mark.parametrize("folder", ["ontology", "data", "queries", "i18n"])
def test_the_wheel_holds_the_catalogue(folder, wheel):
    assert files(wheel / "policygraph" / "_catalog" / folder) == files(SHIPPED / folder)


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    package = wheel / "policygraph"
    assert [name for name in files(package) if not name.startswith("_catalog/")] == files(
        Path(policygraph.__file__).parent
    )
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {"policygraph"}
    assert (package / "py.typed").is_file()


def test_the_readme_of_the_package_has_no_link_that_leads_nowhere(wheel):
    text = next(wheel.glob("*.dist-info/METADATA")).read_text(encoding="utf-8")
    assert "Project-URL: Homepage, https://" in text
    assert "frame = catalog.ask" in text
    assert {each.partition(":")[0] for each in re.findall(r"\]\(([^)]+)\)", text)} == {"https"}
    assert "<img" not in text


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


@pytest.mark.parametrize("parts", [("ontology", "data", "queries"), ("data", "catalog.toml")])
def test_an_installed_package_prefers_the_catalogue_it_stands_in_and_says_so(wheel, tmp_path, parts):
    for part in (*parts, "notes"):
        (tmp_path / part).touch() if part == "catalog.toml" else (tmp_path / part).mkdir()
    (tmp_path / "data" / "own.ttl").write_text('<a:s> <http://www.w3.org/2000/01/rdf-schema#label> "Own" .')
    environment = {**os.environ, "PYTHONPATH": str(wheel), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "policygraph", "query", "-e", "SELECT ?s { ?s rdfs:label 'Own' }"]
    done = subprocess.run(
        command, cwd=tmp_path / "notes", env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[2:] == ["Own", "1 row"]
    assert done.stderr == f"Using the catalogue in {tmp_path}, not the one installed.\n"


def test_the_wheel_is_small_and_names_every_licence(wheel):
    (built,) = wheel.parent.glob("policygraph-*.whl")
    assert built.stat().st_size < 4_200_000
    (licences,) = wheel.glob("*.dist-info/licenses/THIRD-PARTY.md")
    text = licences.read_text(encoding="utf-8")
    editor = json.loads((SHIPPED / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name in ("@zazuko/yasgui", "oxigraph"):
        assert f"`{name}` {editor[f'node_modules/{name}']['version']}" in text
    project = tomllib.loads((SHIPPED / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    named = {re.match(r"[\w-]+", each)[0] for group in groups for each in group} - {"policygraph"}
    beside = text.partition("## Installed beside it")[2].partition("\n## ")[0]
    assert named <= {*re.findall(r"[a-z0-9-]+", beside)}


def test_the_wheel_has_the_text_of_each_licence_that_it_declares(wheel):
    (metadata,) = wheel.glob("*.dist-info/METADATA")
    about = email.message_from_string(metadata.read_text(encoding="utf-8"))
    ids = about["License-Expression"].split(" AND ")
    files = {f"LICENSES/{each}.txt" for each in ids} - {"LICENSES/Apache-2.0.txt"} | {"LICENSE"}
    assert {*about.get_all("License-File")} == {*files, "THIRD-PARTY.md"}
    assert all((metadata.parent / "licenses" / name).stat().st_size > 1000 for name in files)
    told = (metadata.parent / "licenses" / "THIRD-PARTY.md").read_text(encoding="utf-8")
    assert [each for each in ids if f"[{each}](" not in told] == []


def test_the_version_is_said_the_same_everywhere():
    project = tomllib.loads((SHIPPED / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (SHIPPED / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {project['version']}\n" in citation
    assert {*re.findall(r"- type: (\S+)", citation)} <= {"report", "website"}  # of those of CFF 1.2.0
    (day,) = re.findall(r"\ndate-released: (\d{4}-\d\d-\d\d)\n", citation)
    about = json.loads((SHIPPED / "codemeta.json").read_text(encoding="utf-8"))
    assert (about["version"], about["dateModified"]) == (project["version"], day)
    changes = (SHIPPED / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## .*", changes, re.MULTILINE)[0] == f"## Software {project['version']}, {day}"


@pytest.mark.parametrize(
    ("stated", "licences"),
    [
        ("License-Expression: MIT-0\nLicense: BSD", [{"expression": "MIT-0"}]),
        ("License: MIT OR Apache-2.0", [{"expression": "MIT OR Apache-2.0"}]),
        (
            "License: All of it\n word by word\nClassifier: License :: OSI Approved :: MIT License",
            [{"expression": "MIT"}],
        ),
        ("License: BSD", [{"license": {"name": "BSD"}}]),
        ("License: UNKNOWN", None),
    ],
)
def test_a_release_lists_the_licence_that_a_package_states(stated, licences, tmp_path):
    (tmp_path / "METADATA").write_text(f"Name: Some_Thing\nVersion: 1.0\n{stated}\n", encoding="utf-8")
    found = release.component(importlib.metadata.PathDistribution(tmp_path))
    assert (found["purl"], found.get("licenses")) == ("pkg:pypi/some-thing@1.0", licences)


@pytest.mark.parametrize(
    ("package", "module", "names"),
    [
        ("rdflib", "rdflib.namespace", ["SH._NS", "SH._extras"]),
        ("pyvis", "pyvis.network", ["Network.generate_html"]),
        ("pyshacl", "pyshacl.graph_abstraction", ["OxigraphDataGraph", "to_ox", "to_rdf"]),
        ("SPARQLWrapper", "SPARQLWrapper", ["SPARQLWrapper._createRequest"]),
    ],
)
def test_parts_of_others_that_are_not_public_are_there_and_bounded(package, module, names):
    there = importlib.import_module(module)
    for name in names:
        what = f"{package} {importlib.metadata.version(package)} has no {name} any more, which is used here"
        assert operator.attrgetter(name)(there), what
    project = tomllib.loads((SHIPPED / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(each.startswith(package.lower()) and ",<" in each for each in project["dependencies"])


@pytest.mark.full
def test_the_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path), "-t"]
    subprocess.run([*command, "sdist"], cwd=SHIPPED, capture_output=True, check=True)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    subprocess.run([*command, "wheel"], cwd=unpacked, capture_output=True, check=True)
    (built,) = wheel.parent.glob("policygraph-*.whl")
    with zipfile.ZipFile(built) as one, zipfile.ZipFile(tmp_path / built.name) as other:
        assert {each.filename: each.CRC for each in one.infolist()} == {
            each.filename: each.CRC for each in other.infolist()
        }


def test_a_checkout_finds_itself():
    assert Catalog.find().root == ROOT
    assert (ROOT / "pyproject.toml").is_file()


def another_python():
    """The newest installed CPython of another version than the running one, or None."""
    command = [Path(sys.executable).with_name("uv"), "python", "list", "--only-installed", "--offline"]
    command += ["--output-format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {
        (each["version_parts"]["major"], each["version_parts"]["minor"]): each["path"]
        for each in json.loads(listed)
        if each["implementation"] == "cpython" and "shims" not in each["path"]
    }
    claimed = [each for each in found if each >= (3, 11) and each != sys.version_info[:2]]
    return found[max(claimed)] if claimed else None


SMOKE = """
import policygraph as pg
catalog = pg.Catalog.find()
assert len(catalog.ask("plans-in-force", year=2014)) == 4
page = pg.view(pg.network(catalog, store=catalog.load("denmark", "international")))
print(pg.__version__, len(page.document["nodes"]))
"""


@pytest.mark.full
def test_the_wheel_works_on_another_python(wheel, tmp_path, denmark):
    python = another_python()
    if python is None:
        pytest.skip("Not tested: no Python but the running one is installed.")
    (built,) = wheel.parent.glob("policygraph-*.whl")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = tmp_path / "pins.txt"
    pins.write_text("\n".join(re.findall(r"^(\w[^\\\n]*==[^\\\n]*)", lock, re.MULTILINE)), encoding="utf-8")
    uv, own = Path(sys.executable).with_name("uv"), tmp_path / "venv" / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", python, own.parents[1]], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", own, "--constraints", pins, built]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        missing(f"the wheel's dependencies cannot be installed for {python}: {done.stderr.strip()[-300:]}")
    done = subprocess.run([own, "-I", "-c", SMOKE], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [policygraph.__version__, str(len(denmark))]
