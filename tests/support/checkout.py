"""A checkout whose only data are Denmark and the bodies it names: the tests use its package and catalogue.

So a file added to `data/` breaks no test of behaviour. It is a folder of links to everything else of this
checkout; importing this module, before `policygraph`, puts its package first on the path. Tests of what is
shipped (tests/data/) use `SHIPPED`.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

SHIPPED = Path(__file__).parents[2]
"""This checkout, with all its data."""

DATA = ("denmark.ttl", "international.ttl")
_VARIABLE = "POLICYGRAPH_TEST_CHECKOUT"


def settings(root: Path) -> None:
    """Give another catalogue the settings of the shipped one: its base, its languages, its prefixes."""
    (root / "catalog.toml").symlink_to(SHIPPED / "catalog.toml")


def without_factsheet(quads):
    """The quads of Denmark without the claims and passages of its factsheet, which are most of it.

    For engines in Python, which take a thousand times as long as ours for what is asked of them.
    """
    quads = [*quads]
    passages = {q.subject for q in quads if "/source/eu-factsheet-denmark#" in str(q.subject)}
    rests = {q.subject for q in quads if q.object in passages and q.predicate.value.endswith("#passage")}
    return [q for q in quads if q.subject not in passages | rests]


def _make() -> str:
    """Make the folder; the processes of pytest-xdist inherit the first one's."""
    folder = Path(tempfile.mkdtemp(prefix="policygraph-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in SHIPPED.iterdir():
        if path.name != "data":
            (folder / path.name).symlink_to(path)
    (folder / "data").mkdir()
    for name in DATA:
        (folder / "data" / name).symlink_to(SHIPPED / "data" / name)
    return str(folder)


if _VARIABLE not in os.environ:
    os.environ[_VARIABLE] = _make()
    _path = [f"{os.environ[_VARIABLE]}/src", os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _path))
sys.path.insert(0, f"{os.environ[_VARIABLE]}/src")  # pytest-xdist gives its processes the path of before
