"""Home, explorer, dataset page and terminal: a figure that two of them show is the same, or they say why.

Tests of `site.pages.explore` and `site.pages.home`.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter

import pytest
from command import run


@pytest.fixture(scope="module")
def shown(catalog, static_site):
    """What each of them shows of Denmark."""
    names = {name: name for name in ("index", "things", "explore")} | {"data": "data/denmark"}
    pages = {name: static_site.page(f"/{path}.html").body.decode() for name, path in names.items()}
    document = json.loads(re.search(r'id="document">(.*?)</script>', pages["explore"]).group(1))
    said = run("--catalog", catalog.root)
    assert said.returncode == 0, said.stderr
    return catalog, pages, document, said.stdout


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", page)))


def number(text: str) -> int:
    return int(text.replace(",", ""))


def counts(page: str, name: str) -> Counter[str]:
    """The kinds of a page with their numbers, each name and number as this pattern finds them."""
    return Counter({plain(kind).strip(): number(count) for kind, count in re.findall(name, page)})


def test_kinds_of_things(shown):
    _, pages, document, terminal = shown
    home = counts(pages["index"], r'class="name">(.*?)</span><span class="count">([\d,]+)</span>')
    things = counts(pages["things"], r'<bdi[^>]*>([^<]*)</bdi> <span class="count">([\d,]+)</span></a>')
    typed = counts(re.search(r"Things: (.*?)\. ", terminal)[1] + ", ", r"(\S.*?) ([\d,]+), ")
    drawn = Counter({kind["name"]: kind["count"] for kind in document["kinds"]})
    assert home
    assert home == things
    assert home.items() <= typed.items()
    # The explorer has fewer: home and terminal say that it has only what a claim connects.
    alone = home - drawn
    assert drawn + alone == home
    assert f"{alone.total()} things without a connection are not in it" in plain(pages["index"])
    assert "The picture has only those that a claim connects." in terminal


def test_things_and_connections(shown, tmp_path):
    data, pages, document, _ = shown
    things, connections = len(document["nodes"]), len(document["edges"])
    words = [f"{n} {what}{'s' * (n != 1)}" for n, what in ((things, "thing"), (connections, "connection"))]
    assert f"It shows {' and '.join(words)}" in plain(pages["index"])
    assert " and ".join(words) in plain(pages["explore"].partition('id="status"')[2][:200])
    drawn = run("--catalog", data.root, "view", "-o", tmp_path / "picture.html")
    assert f"{things} things, {connections} connections" in drawn.stdout


def test_claims_and_who_says_so(shown):
    _, pages, document, terminal = shown
    home = plain(pages["index"])
    claims = number(re.search(r"rests on ([\d,]+) claims", home)[1])
    assert claims == number(re.search(r"Things: .*\bClaim ([\d,]+)\b", terminal)[1])
    bases = counts(pages["index"], r'<dt>.*?<b>([^<]*)</b> <span class="count">([\d,]+)</span>')
    drawn = Counter({basis["name"]: basis["count"] for basis in document["bases"]})
    assert bases.total() == claims
    told = re.search(r"Claims, by who says so: (.*)", terminal)[1].split(", ")
    assert {name: number(count) for name, count in map(str.split, told)} == bases
    assert drawn <= bases
    assert f"{(bases - drawn).total()} other claim" in home


def test_findings_and_questions(shown):
    _, pages, document, terminal = shown
    found = [question["finding"] for question in document["questions"] if question["finding"]]
    home = plain(pages["index"])
    assert found
    assert all(finding.partition("{")[0].rstrip(": ") in home for finding in found)  # then the number
    assert re.search(r"All (\d+) saved questions", home)[1] == re.search(r"(\d+) saved queries", terminal)[1]


def test_versions(shown):
    data, pages, document, _ = shown
    drawn = {each["iri"]: each["version"] for each in document["datasets"]}
    home = re.findall(r"version ([\d.]+) · <time", pages["index"])
    assert home
    assert sorted(home) == sorted(drawn.values())
    told = plain(pages["data"])
    assert f"version {drawn[next(iter(data.datasets.values())).iri]} " in told
