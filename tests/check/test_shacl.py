"""Every rule of ontology/shapes.ttl, by data that break it: one edit of the shipped data for each message.

Tests of `check.claims`.
"""

from __future__ import annotations

import re
import subprocess
import sys

import checkout
import pyoxigraph as ox
import pytest
from checkout import SHIPPED, without_factsheet
from shacl_faults import ACCEPTED, CATALOG, FAULTS, SH, TRAPS, UNDESCRIBED

from policygraph.catalog.catalog import Catalog
from policygraph.check import claims, shacl
from policygraph.check.shacl import _name, check, validate
from policygraph.errors import CatalogError, DocumentError
from policygraph.rdf import reader, turtle
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact
from policygraph.store import kept
from policygraph.store.memory import EmbeddedStore

# Two countries of one goal each; the second ties the first one's goal to its own.
PREFIX = f"@base <{BASE}> .\n" + "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
DATASET = """
<data/{name}> a dcat:Dataset ; dct:title "{name}"@en ; dct:description "A test."@en ; dcat:version "1" ;
  dct:publisher <agent/policygraph> ; dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:source <source/{name}> ; dct:language <urn:en> , <urn:{tag}> .
<urn:en> skos:notation "en" . <urn:{tag}> skos:notation "{tag}" .
<source/{name}> a pg:SourceDocument ; dct:title "{name}"@en ; dct:rights "Cited."@en .
<source/{name}#passage-title> a pg:Passage ; rdfs:label "{name}"@en ; pg:section "{name}"@en ;
  pg:isPassageOf <source/{name}> .
<id/{tag}/goal/{name}> a pg:Goal ; skos:prefLabel "{name}"@en , "{name}"@{tag} ;
  pg:mentionedIn <source/{name}#passage-title> .
<id/{tag}/claim/{claim}> a pg:Claim ; rdf:subject <id/{tag}/goal/{name}> ; rdf:predicate skos:prefLabel ;
  rdf:object "{name}"@en ; pg:basis <concept/basis/stated> ; pg:passage <source/{name}#passage-title> .
"""
HARBOUR = PREFIX + DATASET.format(name="harbour", tag="nl", claim="4vcqgibp")
FOREST = PREFIX + DATASET.format(name="forest", tag="fi", claim="ttmeat57")
TIE = "h64tukkg"
TIES = f"""
<id/nl/goal/harbour> pg:contributesTo <id/fi/goal/forest> .
<id/fi/claim/{TIE}> a pg:Claim ; rdf:subject <id/nl/goal/harbour> ; rdf:predicate pg:contributesTo ;
  rdf:object <id/fi/goal/forest> ; pg:basis <concept/basis/stated> ;
  pg:passage <source/forest#passage-title> .
"""
LABEL = '"harbour"@en , "harbour"@nl'


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A catalogue of two small datasets, one of which says something of the other's goal."""
    root = tmp_path_factory.mktemp("two")
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    for name, text in (("harbour", HARBOUR), ("forest", FOREST + TIES)):
        (root / "data" / f"{name}.ttl").write_text(text, encoding="utf-8")
    return Catalog(root)


def results_about(catalog, *inputs):
    return [(result.focus, result.shape) for result in validate(catalog, *inputs).results]


@pytest.fixture(scope="module")
def shipped():
    """The shipped data, Denmark in the default graph."""
    denmark = ox.NamedNode(CATALOG.datasets["denmark"].iri)
    return {ox.Quad(*q.triple) if q.graph_name == denmark else q for q in CATALOG.load()}


# The faults are independent of each other, so one run finds them all, in the time that one takes.
@pytest.fixture(scope="module")
def faulty(shipped):
    """The shipped data after edits; what is accepted leaves no trace in a report, so it must change them."""
    data = ox.Store()
    data.extend(shipped)
    for edit in ACCEPTED:
        before = set(data)
        data.update(edit, base_iri=BASE, prefixes=dict(PREFIXES))
        assert set(data) != before, f"this edit finds nothing to change in the data: {edit}"
    for fault in FAULTS:
        if fault.edit:
            data.update(fault.edit, base_iri=BASE, prefixes=dict(PREFIXES))
    return data


@pytest.fixture(scope="module")
def touched(shipped, faulty):
    """All that the edits touch, and whatever is to be found faulty for their sake."""
    named = {fault.focus for fault in FAULTS}
    focus = {quad.subject for quad in faulty if _name(getattr(quad.subject, "value", ""), BASE) in named}
    return focus | {quad.subject for quad in shipped ^ set(faulty)}


@pytest.fixture(scope="module")
def report(faulty, touched):
    return check(faulty, shapes=CATALOG.shapes, focus=touched, base=BASE)


@pytest.fixture(scope="module")
def undescribed(two):
    data = ox.Store()
    data.extend(ox.Quad(*quad.triple) for quad in two.load())
    data.update(UNDESCRIBED.edit, prefixes=dict(PREFIXES))
    return check(data, shapes=CATALOG.shapes, base=BASE)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_reported_by_its_shape_with_what_to_do(report, fault):
    found = [r for r in report.results if r.focus == fault.focus and r.shape == fault.shape]
    assert any(result.message.startswith(fault.message) for result in found), found


def test_a_fault_is_reported_once_and_what_must_be_accepted_is_not(report):
    expected = [(fault.focus, fault.shape, fault.message) for fault in FAULTS]
    unexpected = [
        r
        for r in report.results
        if not any(
            (r.focus, r.shape) == (focus, shape) and r.message.startswith(message)
            for focus, shape, message in expected
        )
    ]
    # Most of what is planted is a value of which nobody claims anything, as nothing shipped is.
    assert {result.shape for result in unexpected} <= {"pgs:ClaimOfValue"}
    assert len(report.results) - len(unexpected) == len(FAULTS)


@pytest.fixture(scope="module")
def part(faulty):
    data = ox.Store()
    data.extend(without_factsheet(faulty))
    return data


@pytest.fixture(scope="module")
def whole(part):
    """The results about all of a part of the data."""
    return check(part, shapes=CATALOG.shapes, base=BASE)


@pytest.mark.full
def test_the_results_with_a_focus_are_those_of_the_whole(part, touched, whole):
    found = check(part, shapes=CATALOG.shapes, focus=touched, base=BASE)
    names = {_name(each.value, BASE) for each in touched}
    assert found.results == tuple(result for result in whole.results if result.focus in names)
    assert len({result.shape for result in found.results}) > 30
    assert not found.conforms


@pytest.fixture
def asked_for_each_node(monkeypatch):
    """Leaves the SPARQL of constraints to pySHACL, which asks it for each node."""
    monkeypatch.setattr(shacl, "_is_for_all", lambda select: False)


@pytest.mark.full
def test_constraints_asked_once_for_all_nodes_find_what_pyshacl_finds_for_each(part, whole, request):
    assert len({result.shape for result in whole.results}) > 30
    request.getfixturevalue("asked_for_each_node")
    found = {result.focus for result in whole.results}
    things = sorted({quad.subject for quad in part}, key=str)
    asked = {each for each in things if _name(each.value, BASE) in found} | {*things[::5]}
    each = check(part, shapes=CATALOG.shapes, base=BASE, focus=asked)
    assert (each.conforms, each.results) == (whole.conforms, whole.results)


NODES = """
<urn:a> a <urn:T> ; <urn:p> 1 , 2 ; <urn:q> <urn:b> . <urn:b> a <urn:T> ; <urn:p> 3 .
<urn:c> a <urn:T> ; <urn:q> 4 . <urn:d> <urn:p> 5 , 6 .
"""
SELECTS = {
    "a pattern": ("$this ?value { $this <urn:p> ?value }", True),
    "an object": ("$this { ?other <urn:q> $this }", True),
    "a union": ("$this { { $this <urn:p> 3 } UNION { $this <urn:q> ?v } }", True),
    "a nested union": (
        "$this { { $this <urn:p> 3 } UNION { { $this <urn:q> 4 } UNION { ?v <urn:q> $this } } }",
        False,
    ),
    "a union without it": ("$this { { $this <urn:p> 3 } UNION { ?x <urn:p> 6 } }", True),
    "not exists": ("$this { $this a ?t FILTER NOT EXISTS { ?x <urn:q> $this } }", True),
    "only not exists": ("$this { FILTER NOT EXISTS { $this <urn:q> ?v } }", False),
    "optional": ("$this { $this a ?t OPTIONAL { $this <urn:q> ?v } FILTER(!BOUND(?v)) }", True),
    "only optional": ("$this { OPTIONAL { $this <urn:q> ?v } FILTER(!BOUND(?v)) }", False),
    "only a filter": ('$this { FILTER(STR($this) != "urn:a") }', False),
    "a filter in a group": ("$this { $this a ?t { ?x a ?t FILTER(?x != $this) } }", False),
    "grouped": ("$this (COUNT(?v) AS ?n) { $this <urn:p> ?v } GROUP BY $this HAVING (COUNT(?v) > 1)", True),
    "not grouped": ("(COUNT(?v) AS ?n) { $this <urn:p> ?v } HAVING (COUNT(?v) = 2)", False),
    "grouped by another": ("?t { $this a ?t ; <urn:p> ?v } GROUP BY ?t HAVING (COUNT(*) = 1)", False),
    "a subquery": (
        "$this { $this a ?t { SELECT (COUNT(?v) AS ?n) { $this <urn:p> ?v } } FILTER(?n = 5) }",
        False,
    ),
    "the first": ("$this { $this <urn:p> ?v } ORDER BY ?v LIMIT 1", False),
    "minus": ("$this { $this a ?t MINUS { ?x <urn:q> $this } }", False),
}


@pytest.mark.parametrize(("select", "once"), SELECTS.values(), ids=SELECTS)
def test_a_select_of_ones_own_finds_the_same_for_all_nodes_as_for_each(tmp_path, select, once, request):
    file = tmp_path / "shapes.ttl"
    constraint = f"[ sh:message 'm {{?value}}' ; sh:select '''SELECT {select}''' ]"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; sh:targetClass <urn:T> ; sh:sparql {constraint} .",
        encoding="utf-8",
    )
    data = list(ox.parse(NODES, format=ox.RdfFormat.TURTLE))

    def results():
        try:
            return check(data, shapes=file).results
        except CatalogError as error:
            return str(error)

    assert shacl._is_for_all(f"SELECT {select}") == once
    found = results()
    request.getfixturevalue("asked_for_each_node")
    assert results() == found != ()


COUNTED = "sh:property [ sh:path <urn:q> ; sh:minCount 1 ; sh:message 'q' ]"
ASKED = (
    "sh:sparql [ sh:message 'v {?value} {$this} {?none}'@en ;"
    " sh:select 'SELECT $this ?value { $this <urn:p> ?value }' ]"
)
TARGETED = "sh:targetClass <urn:T> ; "
SHAPES = {
    "a property and a query": f"<urn:s> a sh:NodeShape ; {TARGETED} {COUNTED} ; {ASKED} .",
    "two targets": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:targetSubjectsOf <urn:p> ; {COUNTED} ; {ASKED} .",
    "deactivated": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:deactivated true ; {COUNTED} ; {ASKED} .",
    "a warning": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:severity sh:Warning ; {ASKED} .",
    "of a property": f"<urn:s> a sh:PropertyShape ; sh:path <urn:q> ; {TARGETED} {ASKED} .",
    "named by another": f"<urn:s> a sh:NodeShape ; {TARGETED} {COUNTED} ; {ASKED} ."
    " <urn:o> a sh:NodeShape ; sh:targetNode <urn:d> ; sh:node <urn:s> .",
    "a message of the shape": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:message 'm' ; {ASKED} .",
    "a shape without a name": f"[] a sh:NodeShape ; {TARGETED} {COUNTED} ; sh:class <urn:U> ; {ASKED} .",
    "closed": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:closed true ;"
    " sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ;"
    " sh:property [ sh:path <urn:p> ; sh:maxCount 1 ; sh:message 'p' ] .",
    "properties of a literal": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:property [ sh:path <urn:p> ;"
    " sh:node [ sh:closed true ; sh:property [ sh:path <urn:q> ; sh:minCount 1 ] ] ; sh:message 'n' ] .",
    "values of one of two kinds": f"<urn:s> a sh:NodeShape ; {TARGETED} sh:property "
    + " , ".join(
        f"[ sh:path <urn:p> ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape [ sh:in ( {values} ) ] ;"
        f" sh:qualifiedValueShapesDisjoint true ; sh:message '{values}' ]"
        for values in ("1 2", "2 3")
    )
    + " .",
    "a query without a message": f"<urn:s> a sh:NodeShape ; {TARGETED}"
    " sh:sparql [ sh:select 'SELECT $this ?value { $this <urn:p> ?value }' ] .",
    "a deactivated query": f"<urn:s> a sh:NodeShape ; {TARGETED} {ASKED[:-1]} ; sh:deactivated true ] .",
}


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_results_and_report_are_those_of_pyshacl(tmp_path, shapes, monkeypatch):
    import pyshacl
    from rdflib import Graph, URIRef

    file = tmp_path / "shapes.ttl"
    file.write_text(f"@prefix sh: <{SH}> . {shapes}", encoding="utf-8")
    conforms, graph, _ = pyshacl.validate(
        Graph().parse(data=NODES), shacl_graph=Graph().parse(file), allow_warnings=True
    )
    theirs = ox.parse(graph.serialize(format="nt"), format=ox.RdfFormat.N_TRIPLES)
    results = """SELECT ?focus ?value ?path ?severity ?component (STR(?m) AS ?text) {
        ?report sh:result ?result . ?result sh:focusNode ?focus ; sh:resultSeverity ?severity ;
            sh:sourceConstraintComponent ?component
        OPTIONAL { ?result sh:value ?value } OPTIONAL { ?result sh:resultPath ?path }
        OPTIONAL { ?result sh:resultMessage ?m } }"""
    expected = sorted(map(str, EmbeddedStore(theirs).query(results)))
    for nodes in (1, shacl._NODES):  # at once
        monkeypatch.setattr(shacl, "_NODES", nodes)
        report = check(ox.parse(NODES, format=ox.RdfFormat.TURTLE), shapes=file)
        assert sorted(map(str, report.graph.query(results))) == expected
        assert report.conforms == conforms
        assert "urn:part" not in turtle.serialize(report.graph)
        assert turtle.serialize(report.graph).count("sh:ValidationReport") == 1
        assert len(report.results) == len(list(graph.objects(None, URIRef(f"{SH}result"))))
        assert all(result.message for result in report.results)


def test_a_row_may_have_a_message_of_its_own(tmp_path):
    file = tmp_path / "shapes.ttl"
    row = "$this <urn:p> ?v BIND(IF(?v = 1, CONCAT(STR(?v), '!'), <urn:x>) AS ?message)"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; {TARGETED}"
        f' sh:sparql [ sh:message "of all" ; sh:select """SELECT $this ?message {{ {row} }}""" ] .',
        encoding="utf-8",
    )
    report = check(ox.parse(NODES, format=ox.RdfFormat.TURTLE), shapes=file)
    assert {each.message for each in report.results} == {"1!", "of all"}


def test_what_a_closed_shape_does_not_allow_is_what_the_data_say(tmp_path):
    file = tmp_path / "shapes.ttl"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; {TARGETED} sh:closed true ;"
        " sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ;"
        " sh:property [ sh:path <urn:p> ] .",
        encoding="utf-8",
    )
    data = f"<urn:g> {{ <urn:g> a <{PREFIXES['dcat']}Dataset> . {NODES} }}"
    report = check(ox.parse(data, format=ox.RdfFormat.TRIG), shapes=file)
    assert {(each.focus, each.path) for each in report.results} == {("urn:a", "urn:q"), ("urn:c", "urn:q")}


def test_a_report_is_the_same_however_many_nodes_are_validated_at_once(tmp_path, monkeypatch):
    file, reports = tmp_path / "shapes.ttl", []
    path = "sh:path [ sh:alternativePath ( <urn:p> <urn:r> ) ] ; sh:in ( 7 8 ) ; sh:message 'one of two'"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; {TARGETED} sh:property [ {path} ] ; {ASKED} .",
        encoding="utf-8",
    )
    for nodes in (1, shacl._NODES):
        monkeypatch.setattr(shacl, "_NODES", nodes)
        report = check(ox.parse(NODES, format=ox.RdfFormat.TURTLE), shapes=file)
        reports.append((report.results, turtle.serialize(report.graph)))
    assert reports[0] == reports[1]
    assert "rdf:first" in reports[0][1]


def test_each_of_the_fourteen_traps_is_a_fault_that_its_shape_catches():
    shapes = {fault.name: fault.shape for fault in FAULTS}
    assert len(TRAPS) == 14
    assert {name: shapes.get(name) for name in TRAPS} == {name: shape for name, (shape, _) in TRAPS.items()}


def test_data_that_do_not_say_what_they_are_do_not_conform(undescribed):
    assert [(r.shape, r.focus) for r in undescribed.results] == [(UNDESCRIBED.shape, UNDESCRIBED.focus)]
    assert undescribed.results[0].message.startswith(UNDESCRIBED.message)


def test_every_shape_and_every_message_has_a_fault_that_calls_for_it(report, undescribed):
    shapes = ox.Store()
    shapes.load(path=CATALOG.shapes[0])
    results = [*report.results, *undescribed.results]
    named = {row[0].value for row in shapes.query(f"SELECT ?s {{ ?s a <{SH}NodeShape> FILTER(isIRI(?s)) }}")}
    assert {compact(iri) for iri in named} == {result.shape for result in results}

    messages = {row[0].value for row in shapes.query(f"SELECT ?m {{ ?shape <{SH}message> ?m }}")}
    said = "\n".join(result.message for result in results)
    templates = {m: ".+".join(map(re.escape, re.split(r"\{\?\w+\}", m))) for m in messages}
    unsaid = {m for m, pattern in templates.items() if not re.search(f"^{pattern}$", said, re.MULTILINE)}
    assert unsaid == set(), "add a Fault to tests/support/shacl_faults.py for each of these"


def test_warnings_come_last_and_alone_do_not_fail(tmp_path):
    shapes = tmp_path / "shapes.ttl"
    rule = 'sh:property [ sh:path <urn:p> ; sh:minCount 1 ; sh:severity sh:{} ; sh:message "{}"@en ]'
    warning, violation = rule.format("Warning", "a"), rule.format("Violation", "b")

    def results(*rules):
        target = f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; sh:targetNode <urn:x>"
        shapes.write_text(" ; ".join([target, *rules]) + " .", encoding="utf-8")
        report = check([], shapes=shapes)
        return report.conforms, [result.severity for result in report.results]

    assert results(warning) == (True, ["Warning"])
    assert results(warning, violation) == (False, ["Violation", "Warning"])


def test_names_in_a_report_are_written_as_in_the_data_file(report):
    assert not [r for r in report.results if BASE in " ".join(r)]
    paths = {result.path for result in report.results}
    assert {"pg:unit/skos:inScheme", "^pg:expectedContribution|^pg:hasBudget"} <= paths


@pytest.mark.full
def test_a_report_on_the_same_data_is_the_same_turtle(two, tmp_path):
    file = tmp_path / "harbour.ttl"
    file.write_text(HARBOUR.replace(LABEL, '"harbour"'), encoding="utf-8")
    first, second = (turtle.serialize(validate(two, file).graph) for _ in range(2))
    assert first == second


@pytest.mark.full
def test_datasets_that_name_each_other_s_things_conform_alone_and_together(two):
    for names in ((), ("forest",), ("harbour",), ("forest", "harbour")):
        assert results_about(two, *names) == [], names


def test_what_is_described_nowhere_is_found_below_the_base_of_any_catalogue():
    text = (
        PREFIX.replace(BASE, "https://data.example/", 1)
        + """<data/x> a dcat:Dataset .
      <id/x/goal/a> a pg:PolicyEntity ; pg:relatesTo <id/x/goal/b> , <data/x> ; foaf:page <about> .
      <source/a> a pg:SourceDocument ; dct:publisher <id/x/organisation/b> ."""
    )
    quads = [*reader.parse(text.encode(), name="x.ttl", format=ox.RdfFormat.TURTLE)]
    results = check(quads, shapes=CATALOG.shapes, base="https://data.example/").results
    found = [each.message.partition(" but")[0] for each in results if each.shape == "pgs:Dangling"]
    assert sorted(found) == [
        "<id/x/goal/b> is named by pg:relatesTo",
        "<id/x/organisation/b> is named by dct:publisher",
    ]


@pytest.mark.full
def test_results_are_about_the_named_dataset_only_and_in_its_own_languages(two, tmp_path):
    file = tmp_path / "harbour.ttl"
    file.write_text(HARBOUR.replace(LABEL, '"harbour"@en'), encoding="utf-8")
    assert results_about(two, file) == [("<id/nl/goal/harbour>", "pgs:LanguageLabel")]
    assert results_about(two, "forest", file) == [("<id/nl/goal/harbour>", "pgs:LanguageLabel")]
    (result,) = validate(two, file).results
    assert result.message.startswith("The dataset has texts in nl: add a skos:prefLabel")


def test_what_a_shape_targets_as_an_object_is_validated_in_one_file_too(tmp_path):
    """A text, or what is described nowhere, is no subject of the file."""
    checkout.settings(tmp_path)
    for name, text in {
        "ontology/shapes.ttl": f"""{PREFIX} [] a sh:NodeShape ; sh:targetObjectsOf dct:source ;
            sh:nodeKind sh:IRI ; sh:pattern "^https" ; sh:message "A source is an address."@en .""",
        "data/a.ttl": f"""{PREFIX} <id/x> dct:source "a text"@en , <urn:y> , <id/z> .
            <id/z> dct:title "Z"@en .""",
        "data/b.ttl": f'{PREFIX} <id/w> dct:source "another"@en .',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    catalog = Catalog(tmp_path)
    assert {each.focus for each in validate(catalog).results} == {"a text", "another", "urn:y"}
    for given in ("a", tmp_path / "data" / "a.ttl"):
        assert {each.focus for each in validate(catalog, given).results} == {"a text", "urn:y"}


@pytest.mark.full
def test_a_file_that_describes_a_dataset_of_the_catalogue_stands_for_it(two, tmp_path):
    file = tmp_path / "draft.ttl"
    file.write_text((FOREST + TIES).replace('"forest"@fi', '"Forest"@fi'), encoding="utf-8")
    assert results_about(two, file) == []
    # What only the replaced dataset says is not there.
    file.write_text(HARBOUR.replace("id/nl/goal/harbour", "id/nl/goal/port"), encoding="utf-8")
    both = tmp_path / "forest.ttl"
    both.write_text(FOREST + TIES, encoding="utf-8")
    assert (f"<id/fi/claim/{TIE}>", "pgs:DomainAndRange") in results_about(two, file, both)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("basis/stated", "basis/external", True),
        ("rdf:object <id/fi/goal/forest>", 'rdf:object "2.0"^^xsd:decimal', True),
        (f"claim/{TIE}", "claim/a-name-of-ours", False),
        ("a pg:Claim", "a pg:Claim ; dct:replaces <id/fi/claim/aaaaaaaa>", False),
    ],
)
def test_a_claim_that_was_changed_under_its_old_name_is_found(two, tmp_path, old, new, found):
    file = tmp_path / "draft.ttl"
    assert old in TIES
    file.write_text(FOREST + TIES.replace(old, new), encoding="utf-8")
    report = validate(two, file)
    results = [result for result in report.results if result.shape == "pgs:ClaimName"]
    assert [result.focus for result in results] == [f"<id/fi/claim/{TIE}>"] * found
    if found:
        assert not report.conforms
        name = re.search(r"call it (<\S+>), and say dct:replaces", results[0].message)[1]
        file.write_text(
            (FOREST + TIES.replace(old, new)).replace(f"<id/fi/claim/{TIE}>", name), encoding="utf-8"
        )
        assert "pgs:ClaimName" not in {result.shape for result in validate(two, file).results}
        text = "SELECT ?r { ?r sh:sourceConstraintComponent pgs:ClaimName ; ^sh:result/sh:conforms false }"
        assert len(list(report.graph.query(text))) == 1


@pytest.mark.full
def test_of_claims_of_one_name_the_second_has_the_next_letters(monkeypatch, two, tmp_path):
    monkeypatch.setattr(claims, "names", lambda content: [TIE, "bbbbbbbb", "cccccccc"])
    assert {result.focus for result in validate(two).results} == {
        "<id/nl/claim/4vcqgibp>",
        "<id/fi/claim/ttmeat57>",
    }
    file = tmp_path / "draft.ttl"
    for name, found in (("bbbbbbbb", False), ("cccccccc", True)):
        file.write_text((FOREST + TIES).replace("claim/ttmeat57", f"claim/{name}"), encoding="utf-8")
        focuses = {result.focus for result in validate(two, file).results}
        assert (f"<id/fi/claim/{name}>" in focuses) == found


@pytest.mark.full
def test_data_that_are_large_enough_to_be_kept_on_disk_are_validated_alike(two, tmp_path, monkeypatch, capfd):
    file = tmp_path / "harbour.ttl"
    file.write_text(HARBOUR.replace(LABEL, '"harbour"@en'), encoding="utf-8")
    small = [validate(two, *inputs).results for inputs in ((), (file,), ("forest", file))]
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert [validate(two, *inputs).results for inputs in ((), (file,), ("forest", file))] == small
    place = tmp_path / "store"
    two.keep(place)
    stored = Catalog(two.root, store=place)
    assert [validate(stored, *inputs).results for inputs in ((), (file,))] == small[:2]
    assert small[1]


@pytest.mark.full
def test_a_dataset_may_be_described_at_the_end_of_its_file_which_is_read_in_parts(two, tmp_path, monkeypatch):
    batches = reader.Stream.batches
    monkeypatch.setattr(reader.Stream, "batches", lambda self, _, **more: batches(self, 3, **more))
    description, things = re.split(r"(?=<source/harbour> a)", HARBOUR.removeprefix(PREFIX), maxsplit=1)
    file = tmp_path / "draft.ttl"
    file.write_text(PREFIX + things.replace(LABEL, '"harbour"@en') + description, encoding="utf-8")
    assert results_about(two, file) == [("<id/nl/goal/harbour>", "pgs:LanguageLabel")]
    assert results_about(two) == []


def test_a_file_that_does_not_say_what_it_is_is_found_beside_datasets_that_do(two, tmp_path):
    file = tmp_path / "ties.ttl"
    file.write_text(PREFIX + TIES, encoding="utf-8")
    assert results_about(two, file) == [(UNDESCRIBED.focus, UNDESCRIBED.shape)]


def test_things_without_a_name_are_reported_too(two, tmp_path):
    file = tmp_path / "nameless.ttl"
    file.write_text(f"@prefix pg: <{PREFIXES['pg']}> . [] a pg:Goal .", encoding="utf-8")
    assert any(result.focus.startswith("_:") for result in validate(two, file).results)


def test_a_claim_about_a_triple_is_validated_as_about_its_text(two, tmp_path):
    file = tmp_path / "about.ttl"
    file.write_text(
        f"PREFIX pg: <{BASE}ontology#> PREFIX rdf: <{PREFIXES['rdf']}> <urn:c> a pg:Claim ; "
        "rdf:subject <urn:a> ; rdf:predicate pg:relatesTo ; rdf:object <<( <urn:a> pg:relatesTo <urn:b> )>> ."
    )
    found = [result.message for result in validate(two, file).results if result.focus == "urn:c"]
    assert any("<urn:a> " in message and "the data lack that triple" in message for message in found)


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
        'sh:property [ sh:path <urn:p> ; sh:pattern "(" ]',
        'sh:property [ sh:path <urn:p> ; sh:minCount "one" ]',
        'sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE {" ]',
        'sh:sparql [ sh:message "m" ; sh:select "SELECT $this WHERE { $this a ?t MINUS { ?t a $this } }" ]',
    ],
    ids=["path", "pattern", "number", "syntax", "minus"],
)
def test_shapes_that_cannot_be_used_are_one_sentence_that_names_their_file(tmp_path, shape, capfd):
    file = tmp_path / "shapes.ttl"
    file.write_text(
        f"@prefix sh: <{SH}> . <urn:s> a sh:NodeShape ; sh:targetNode <urn:x> ; {shape} .", encoding="utf-8"
    )
    what = rf"^{file}: these shapes cannot be used: [^\n]+\.$"
    with pytest.raises(CatalogError, match=what) as refused:
        check([], shapes=[CATALOG.shapes[0], file])
    assert ("in '('." in str(refused.value)) == ("pattern" in shape)
    assert capfd.readouterr() == ("", "")


def test_importing_validation_does_not_import_what_changes_rdflib():
    code = "import policygraph.check.shacl, sys; print(sorted({'pyshacl', 'rdflib'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
