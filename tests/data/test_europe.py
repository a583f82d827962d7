"""The catalogue of thirty-one accounts: what is drawn is what a reader found, and all of it conforms."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest
from checkout import SHIPPED

from policygraph import Catalog, validate

pytestmark = pytest.mark.full

ROOT = SHIPPED / "europe"
HEADINGS = {
    "Artificial Intelligence": "artificial-intelligence",
    "Distributed Ledger Technologies": "distributed-ledger",
    "Big Data": "big-data",
    "Cloud Computing": "cloud-computing",
    "Internet of Things": "internet-of-things",
    "High-performance Computing": "high-performance-computing",
    "High-speed Broadband Connectivity": "broadband",
    "GovTech": "govtech",
}


@pytest.fixture(scope="module")
def europe():
    return Catalog(ROOT)


def test_thirty_one_accounts_and_the_deep_data_are_one_catalogue(europe):
    assert len(europe.datasets) == 31 + 1 + len(Catalog(SHIPPED).datasets)
    countries = {row["country"] for row in europe.ask("accounts-coverage")}
    assert len(countries) == 31


def test_every_dataset_conforms(europe):
    report = validate(europe)
    assert [each for each in report.results if each.severity == "Violation"] == []


def test_the_matrix_shows_what_a_reader_of_the_texts_found(europe):
    """In the eight fields that its sentence counts; Portugal prints two titles as bullets (README)."""
    with (ROOT / "cells.csv").open(encoding="utf-8", newline="") as file:
        read = {(row["country"], HEADINGS[row["heading"]]): row["mark"] for row in csv.DictReader(file)}
    shown = {}
    for row in europe.ask("domains-by-country"):
        country, domain = (str(row[name]).rpartition("/")[2] for name in ("country", "domain"))
        if domain in HEADINGS.values():
            number = int(row["named"])
            shown[country, domain] = str(number) if number else "none" if row["absence"] else "text"
    assert shown.pop(("portugal", "broadband")) == "2"
    assert read.pop(("portugal", "broadband")) == "4"
    assert shown == {cell: mark for cell, mark in read.items() if mark != "no heading"}


def test_what_its_sentences_count_is_checked(europe):
    """Each outline of the chapter on legislation, and each title in a field of technology."""
    for row in europe.ask("domains-by-country"):
        domain = str(row["domain"]).rpartition("/")[2]
        if row["absence"] or (domain in HEADINGS.values() and int(row["named"])):
            assert row["checked"], (row["country"], domain)


def test_a_first_is_checked_and_told_with_how_many_have_a_date(europe):
    rows = list(europe.ask("first-by-domain"))
    assert rows
    for row in rows:
        assert 0 < int(row["dated"]) <= int(row["named"])


def test_a_directive_has_the_laws_of_several_accounts(europe):
    found = Counter(str(row["directive"]).rpartition("/")[2] for row in europe.ask("laws-transposing"))
    assert found["web-accessibility-directive"] > 1


def test_the_readme_tells_the_numbers(europe):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = list(europe.ask("accounts-coverage"))
    total = {
        name: sum(int(row[name]) for row in rows)
        for name in ("headings", "titles", "ofRegions", "none", "notRead")
    }
    for name, label in (
        ("headings", "headings of three chapters"),
        ("titles", "titles below them"),
        (
            "ofRegions",
            "of these, below the national level: of a region by their title, or under a heading on "
            "subnational things",
        ),
        ("notRead", "headings with text but without a title or such a sentence, drawn as `?`"),
        ("none", "stated absences"),
    ):
        assert f"| {label} | {total[name]:,} |" in text, name


def test_the_readers_verdicts_are_those_that_the_readme_counts():
    """Of the last draw of things, and of what was read whole."""
    with (ROOT / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        verdicts = list(csv.DictReader(file))
    last = Counter((row["reader"], row["says"].split()[0], row["verdict"]) for row in verdicts)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for reader in "JK":
        right, doubtful = last[reader, "kind", "right"], last[reader, "kind", "doubtful"]
        assert last[reader, "kind", "wrong"] == 0
        assert right + doubtful == 100
        assert re.search(rf"{reader}: {right} (of 100 )?right, {doubtful} doubtful", text)
    assert last["G", "absence", "right"] == 201
    for reader, doubtful in (("H", 4), ("I", 1)):
        assert last[reader, "absence", "right"] == 150 - doubtful == 150 - last[reader, "absence", "doubtful"]


@pytest.mark.parametrize("chapter", ["infrastructure", "political-communications"])
def test_what_a_reader_doubts_is_not_told_as_checked(europe, chapter):
    asked = "SELECT ?a { ?a a pg:StatedAbsence ; pg:status pgc:review\\/under-review }"
    doubted = {row["a"] for row in europe.ask(asked)}
    found = europe.ask("domains-by-country", chapter=f"pgc:chapter/{chapter}")
    rows = [row for row in found if row["absence"] in doubted]
    assert rows
    assert not [row for row in rows if row["checked"]]
