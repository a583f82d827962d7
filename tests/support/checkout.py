"""A checkout whose only data are Denmark and the bodies it names: the tests use its package and catalogue.

So a file added to `data/` breaks no test of behaviour. It is a folder of links to everything else of this
checkout; importing this module, before `policygraph`, puts its package first on the path. Tests of what is
shipped (tests/data/) use `SHIPPED`. Where POLICYGRAPH_TEST_PART is set, as by `make test`, it has a part of
Denmark.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

SHIPPED = Path(__file__).parents[2]
"""This checkout, with all its data."""

DATA = ("denmark.ttl", "international.ttl")
PUBLISHED = "https://data.example.org/"
"""Where the fixture `publication` says that its folders will be."""

_VARIABLE = "POLICYGRAPH_TEST_CHECKOUT"


def settings(root: Path, *languages: str) -> None:
    """Give another catalogue the settings of the shipped one: its base, its prefixes, its languages or these.

    Two are enough for most of what pages say, to which a third is as the second.
    """
    if not languages:
        (root / "catalog.toml").symlink_to(SHIPPED / "catalog.toml")
        return
    text = (SHIPPED / "catalog.toml").read_text(encoding="utf-8")
    text, found = re.subn("(?m)^languages = .*", f"languages = {[*languages]}", text)
    assert found
    (root / "catalog.toml").write_text(text, encoding="utf-8")


def without_factsheet(quads):
    """The quads of Denmark without what only its factsheet tells of, which is two thirds of it.

    For `make test`, and for engines in Python, which take a thousand times as long as ours.
    """
    quads, factsheet, claims = [*quads], "/source/eu-factsheet-denmark#", defaultdict(dict)
    for subject, predicate, object, _ in quads:
        name = predicate.value.rpartition("#")[2]
        if name in ("subject", "predicate", "object"):
            claims[subject][name] = object
        elif name in ("passage", "disputes"):
            claims[subject].setdefault(name, set()).add(object)
    others = {each for each, parts in claims.items() if "subject" not in parts}
    cited = set().union(*(claims.pop(each).get("passage", ()) for each in others))
    disputes = {claim for claim, each in claims.items() if "disputes" in each}
    disputes |= {other for claim in disputes for other in claims[claim]["disputes"]}
    rests = {claim: {*map(str, each.get("passage", "-"))} for claim, each in claims.items()}
    out = {
        claim
        for claim, each in claims.items()
        if claim not in disputes
        and all(factsheet in passage for passage in rests[claim])
        # Which the rest needs: whose the claims are, and since when a plan is in force.
        and not re.search(
            r"/(mitid|government)>|/digital-strategy-.*inForce",
            " ".join(str(each.get(part)) for part in ("subject", "predicate", "object")),
        )
    }
    parts = ("subject", "predicate", "object")  # a claim may lack one, where its shape is tested
    triples = {claim: tuple(map(each.get, parts)) for claim, each in claims.items()}
    told, untold = ({triples[claim] for claim in each} for each in (triples.keys() - out, out))
    gone, stays = ({end for triple in each for end in triple[::2]} for each in (untold, told))
    out |= (gone - stays) & {quad.subject for quad in quads}
    cited = cited.union(*(claims[claim].get("passage", ()) for claim in claims.keys() - out))
    out |= {q.subject for q in quads if factsheet in str(q.subject)} - cited
    # A name is a claim too, and a thing that stays needs one.
    untold = {each for each in untold - told if not each[1].value.endswith("prefLabel")}
    return [q for q in quads if out.isdisjoint((q.subject, q.object)) and (*q.triple,) not in untold]


def _make() -> str:
    """Make the folder; the processes of pytest-xdist inherit the first one's."""
    folder = Path(tempfile.mkdtemp(prefix="policygraph-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _link(folder, "data")
    return str(folder)


def in_two_languages(folder: Path) -> Path:
    """Make a folder with the same, but for what its pages are in."""
    folder.mkdir(parents=True)
    _link(folder, "data", "catalog.toml")
    settings(folder, "en", "da")
    return folder


def _link(folder: Path, *but: str) -> None:
    for path in SHIPPED.iterdir():
        if path.name not in but:
            (folder / path.name).symlink_to(path)
    (folder / "data").mkdir()
    for name in DATA:
        (folder / "data" / name).symlink_to(SHIPPED / "data" / name)


def reduce(path: Path) -> None:
    """Leave a part of the data of a file."""
    from pyoxigraph import parse

    from policygraph.rdf import turtle

    parser = parse(path=str(path))
    quads = without_factsheet(parser)
    path.unlink()
    path.write_text(turtle.serialize(quads, base=parser.base_iri, prefixes=parser.prefixes), encoding="utf-8")


if _VARIABLE not in os.environ:
    os.environ[_VARIABLE] = _make()
    _path = [f"{os.environ[_VARIABLE]}/src", os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, _path))
sys.path.insert(0, f"{os.environ[_VARIABLE]}/src")  # pytest-xdist gives its processes the path of before
_denmark = Path(os.environ[_VARIABLE], "data", DATA[0])
if "POLICYGRAPH_TEST_PART" in os.environ and _denmark.is_symlink():
    reduce(_denmark)
