"""The tables in docs/coverage hold: what they call said is in the data, the rest has its reason."""

from __future__ import annotations

import csv

import pytest
from checkout import SHIPPED as ROOT

from policygraph.catalog.catalog import Catalog
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, word

CATALOG = Catalog(ROOT)
TABLES = sorted((ROOT / "docs" / "coverage").glob("*.csv"))


@pytest.fixture(scope="module")
def described():
    paths = (dataset.path for dataset in CATALOG.datasets.values())
    return {quad.subject.value.removeprefix(BASE) for path in paths for quad in reader.read(path)}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_a_row_of_the_table_is_said_by_the_data_or_left_out_for_a_reason(path, described):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    code = {"norway": "no", "denmark": "dk"}[path.stem]
    faults = []
    for row in rows:
        said = [name for name in row["said"].split(" ++ ") if name]
        names = [name if "/" in name else f"claim/{name}" for name in said]
        known = [name for name in names if {f"id/{name}", f"id/{code}/{name}"} & described]
        if known != names or not (said or row["left out"]) or int(row["start"]) >= int(row["end"]):
            faults.append(row)
        if row["kind"] not in ("entry", "sentence") or not 0 < len(row["what"].split()) <= 12:
            faults.append(row)
    assert rows
    assert faults == []


def test_what_cannot_be_checked_here_is_told_with_its_numbers():
    found = CATALOG.ask("""SELECT ?document (COUNT(*) AS ?n) (SAMPLE(?p) AS ?property) {
      ?claim pg:citedDocument ?document ; rdf:predicate ?p ; pg:rationale ?why
      FILTER(CONTAINS(?why, "Not checkable here")) } GROUP BY ?document""").rows
    on_nemid = [row for row in found if word(row["property"]) in ("ended", "operatedby")]
    assert (len(on_nemid), len(found), sum(row["n"] for row in found)) == (1, 4, 10)
    text = " ".join((ROOT / "docs" / "omissions.md").read_text(encoding="utf-8").split())
    one = "One external document that names NemID's operator and its end, and three that name strategies,"
    assert f"{one} are not at hand as texts: ten claims" in text
