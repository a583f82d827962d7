"""Every rule of ontology/shapes.ttl, by data that break it: one edit of the shipped data for each message."""

from __future__ import annotations

import re
import subprocess
import sys

import pyoxigraph as ox
import pytest
from shacl_faults import CATALOG, FAULTS, SH, TRAPS, UNDESCRIBED

from policygraph.check.shacl import check, validate
from policygraph.errors import CatalogError, DocumentError
from policygraph.rdf import turtle
from policygraph.rdf.namespaces import BASE, PREFIXES, compact


def report_on(*faults):
    """The report on the shipped data with all of these edits made; each edit must change something."""
    data = ox.Store()
    data.extend(ox.Quad(*quad.triple) for quad in CATALOG.load("denmark"))
    for fault in faults:
        before = set(data)
        if fault.edit:
            data.update(fault.edit, base_iri=BASE, prefixes=dict(PREFIXES))
            assert set(data) != before, f"the edit for {fault.name!r} finds nothing to change in the data"
    return check(data, shapes=CATALOG.shapes)


# The faults are independent of each other, so one run finds them all, in the time that one takes.
@pytest.fixture(scope="module")
def report():
    return report_on(*FAULTS)


@pytest.fixture(scope="module")
def undescribed():
    return report_on(UNDESCRIBED)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_reported_by_its_shape_with_what_to_do(report, fault):
    found = [r for r in report.results if r.focus == fault.focus and r.shape == fault.shape]
    assert any(result.message.startswith(fault.message) for result in found), found


def test_each_of_the_fourteen_traps_is_a_fault_that_its_shape_catches():
    shapes = {fault.name: fault.shape for fault in FAULTS}
    assert len(TRAPS) == 14
    assert {name: shapes.get(name) for name in TRAPS} == {name: shape for name, (shape, _) in TRAPS.items()}


def test_data_that_do_not_say_what_they_are_do_not_conform(undescribed):
    assert [(r.shape, r.focus) for r in undescribed.results] == [(UNDESCRIBED.shape, UNDESCRIBED.focus)]
    assert undescribed.results[0].message.startswith(UNDESCRIBED.message)


def test_every_shape_and_every_message_has_a_fault_that_calls_for_it(report, undescribed):
    shapes = ox.Store()
    shapes.load(path=CATALOG.shapes)
    results = [*report.results, *undescribed.results]
    named = {row[0].value for row in shapes.query(f"SELECT ?s {{ ?s a <{SH}NodeShape> FILTER(isIRI(?s)) }}")}
    assert {compact(iri) for iri in named} == {result.shape for result in results}

    messages = {row[0].value for row in shapes.query(f"SELECT ?m {{ ?shape <{SH}message> ?m }}")}
    said = "\n".join(result.message for result in results)
    templates = {m: ".+".join(map(re.escape, re.split(r"\{\?\w+\}", m))) for m in messages}
    unsaid = {m for m, pattern in templates.items() if not re.search(f"^{pattern}$", said, re.MULTILINE)}
    assert unsaid == set(), "add a Fault to tests/support/shacl_faults.py for each of these"


def test_a_missing_danish_label_is_a_warning_and_all_else_is_a_violation(report):
    assert {r.shape for r in report.results if r.severity == "Warning"} == {"pgs:DanishLabel"}
    assert {r.severity for r in report.results} == {"Violation", "Warning"}


def test_warnings_alone_do_not_fail():
    warned = report_on(next(fault for fault in FAULTS if fault.name == "no Danish label"))
    assert [(r.severity, r.path) for r in warned.results] == [("Warning", "skos:prefLabel")]
    assert warned.conforms


def test_violations_come_first(report):
    severities = [result.severity for result in report.results]
    assert severities == sorted(severities)
    assert not report.conforms


def test_one_fault_gives_one_result():
    lonely = (
        "target without unit",
        "means typed as goal",
        "quotation of 13 words",
        "direct triple without claim",
    )
    report = report_on(*(fault for fault in FAULTS if fault.name in lonely))
    assert len(report.results) == len(lonely)


def test_names_in_a_report_are_written_as_in_the_data_file(report):
    assert not [r for r in report.results if BASE in " ".join(r)]
    paths = {result.path for result in report.results}
    assert {"pg:unit/skos:inScheme", "^pg:hasExpectedContribution"} <= paths


def test_the_graph_of_a_report_is_a_shacl_report_and_turtle_every_time_the_same(report):
    text = "SELECT (COUNT(?r) AS ?n) { ?report a sh:ValidationReport ; sh:result ?r ; sh:conforms false }"
    assert int(next(report.graph.query(text))["n"].value) == len(report.results)
    few = FAULTS[:2]
    assert turtle.serialize(report_on(*few).graph) == turtle.serialize(report_on(*few).graph)


def test_the_shipped_catalogue_conforms():
    report = validate(CATALOG)
    assert report.conforms
    assert report.results == ()


def test_a_dataset_is_validated_by_its_name_and_a_file_by_its_path(tmp_path):
    text = CATALOG.datasets["denmark"].path.read_text(encoding="utf-8")
    file = tmp_path / "denmark.ttl"
    file.write_text(
        text.replace("pg:unit <concept/unit/percent>", "pg:unit <concept/sector/health>"), encoding="utf-8"
    )
    assert validate(CATALOG, "denmark").conforms
    assert {result.shape for result in validate(CATALOG, file).results} == {"pgs:Target"}


def test_things_without_a_name_are_reported_too(tmp_path):
    file = tmp_path / "nameless.ttl"
    file.write_text(f"@prefix pg: <{PREFIXES['pg']}> . [] a pg:Goal .", encoding="utf-8")
    assert any(result.focus.startswith("_:") for result in validate(CATALOG, file).results)


def test_an_unknown_dataset_is_an_error_that_names_the_nearest():
    with pytest.raises(CatalogError, match="Did you mean 'denmark'"):
        validate(CATALOG, "danmark")


def test_a_missing_file_is_an_error():
    with pytest.raises(DocumentError, match=r"nowhere\.ttl: There is no such file"):
        validate(CATALOG, "nowhere.ttl")


@pytest.mark.parametrize(
    "shape",
    [
        'sh:property [ sh:path "text" ; sh:minCount 1 ]',
        'sh:property [ sh:path <urn:p> ; sh:minCount "one" ]',
        'sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE {" ]',
        'sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE { $this a ?t MINUS { ?t a $this } }" ]',
    ],
    ids=["path", "number", "syntax", "minus"],
)
def test_shapes_that_cannot_be_used_are_one_sentence_that_names_their_file(tmp_path, shape, capfd):
    file = tmp_path / "shapes.ttl"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; sh:targetNode <urn:x> ; {shape} .", encoding="utf-8"
    )
    with pytest.raises(CatalogError, match=r"shapes\.ttl: these shapes cannot be used: [^\n]+\.$"):
        check([], shapes=file)
    assert capfd.readouterr() == ("", "")


def test_importing_validation_does_not_import_what_changes_rdflib():
    code = "import policygraph.check.shacl, sys; print(sorted({'pyshacl', 'rdflib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
