"""Differences between two versions of a graph, and where versions are read from."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from policygraph.catalog import history
from policygraph.errors import CatalogError, DocumentError, FormatError
from policygraph.rdf import reader
from policygraph.rdf.diff import Difference, as_markdown, as_patch, as_table, difference
from policygraph.rdf.namespaces import MODEL, PREFIXES as COMMON
from policygraph.rdf.turtle import serialize

ROOT = Path(__file__).parents[2]
PREFIXES = """@base <https://w3id.org/policygraph/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix pgid: <https://w3id.org/policygraph/id/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix t: <https://example.org/terms#> .
"""
ROAD = '<id/xy/project/road> a t:Project ; skos:prefLabel "Road"@en , "Vej"@da ; t:cost 12 .'
SHAPE = (
    'pgid:shape a sh:NodeShape ; sh:property [ sh:path t:cost ; sh:minCount 1 ; sh:message "Give it."@en ] , '
    '[ sh:path t:owner ; sh:in ( "a" "b" ) ; sh:node [ sh:class t:Body ] ] .'
)

KNOWN = {**COMMON, "pgid": f"{MODEL}id/"}


def quads(text: str) -> list[ox.Quad]:
    return reader.parse((PREFIXES + text).encode(), name="text.ttl")


def between(old: str, new: str) -> Difference:
    return difference(quads(old), quads(new), prefixes=KNOWN)


def changes(old: str, new: str) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    return [(c.kind, c.name, [tuple(s) for s in c.statements]) for c in between(old, new).changes()]  # type: ignore[misc]


# ---- What counts as a change


def test_equal_graphs_have_no_difference():
    found = between(ROAD, ROAD)
    assert (found.added, found.removed, found.changes()) == (frozenset(), frozenset(), [])
    assert found.summary() == "Nothing changed"
    assert as_table(found) == "Nothing changed\n"
    assert as_markdown(found) == "Nothing changed.\n"
    assert as_patch(found) == "# Nothing changed\n"


def test_a_subject_in_one_version_only_is_added_or_removed():
    assert [c[:2] for c in changes("", ROAD)] == [("added", "pgid:xy/project/road")]
    assert [c[:2] for c in changes(ROAD, "")] == [("removed", "pgid:xy/project/road")]


def test_a_single_value_is_shown_from_old_to_new():
    assert changes(ROAD, ROAD.replace('"Road"', '"Motorway"')) == [
        ("changed", "pgid:xy/project/road", [("skos:prefLabel", '"Road"@en', '"Motorway"@en')])
    ]


def test_a_value_in_each_language_is_single():
    found = changes(ROAD, ROAD.replace('"Road"', '"Way"').replace('"Vej"', '"Motorvej på øen"'))
    assert found[0][2] == [
        ("skos:prefLabel", '"Road"@en', '"Way"@en'),
        ("skos:prefLabel", '"Vej"@da', '"Motorvej på øen"@da'),
    ]


def test_one_of_several_values_is_removed_and_another_added():
    found = changes("<id/a> dct:relation <id/b> , <id/c> .", "<id/a> dct:relation <id/b> , <id/d> .")
    assert found[0][2] == [("dct:relation", "", "pgid:d"), ("dct:relation", "pgid:c", "")]


def test_a_datatype_alone_is_a_change():
    found = changes('<id/a> dct:issued "2014"^^xsd:gYear .', '<id/a> dct:issued "2014" .')
    assert found[0][2] == [("dct:issued", '"2014"^^xsd:gYear', '"2014"')]
    found = changes("<id/a> dct:extent 12 .", '<id/a> dct:extent "12"^^xsd:decimal .')
    assert found[0][2] == [("dct:extent", "12 (xsd:integer)", "12 (xsd:decimal)")]


def test_a_direction_alone_is_a_change():
    found = changes('<id/a> dct:title "x"@ar .', '<id/a> dct:title "x"@ar--rtl .')
    assert found[0][2] == [("dct:title", '"x"@ar', '"x"@ar--rtl')]


def test_a_term_that_is_deprecated_is_changed():
    term = '<id/t> a owl:Class ; rdfs:label "Old"@en'
    found = changes(f"{term} .", f"{term} ; owl:deprecated true ; dct:isReplacedBy <id/u> .")
    assert found == [
        ("changed", "pgid:t", [("dct:isReplacedBy", "", "pgid:u"), ("owl:deprecated", "", "true")])
    ]


def test_the_graph_that_holds_a_statement_does_not_count():
    old = [
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode("https://example.org/g")) for q in quads(ROAD)
    ]
    assert difference(old, quads(ROAD)).summary() == "Nothing changed"


def test_the_summary_counts_things_and_statements():
    old = f"{ROAD} <id/gone> t:cost 1 ."
    new = f"{ROAD.replace('12', '13')} <id/b> t:cost 1 , 2 . <id/c> t:cost 1 ."
    assert (
        between(old, new).summary() == "2 things added, 1 changed, 1 removed, 4 statements added, 2 removed"
    )
    assert between("", "<id/c> t:cost 1 .").summary() == "1 thing added, 1 statement added"


# ---- Blank nodes


def test_renamed_and_reordered_blank_nodes_are_no_change():
    old = "<id/a> t:p _:x , _:y . _:x t:q 1 ; t:next _:y . _:y t:q 2 ; t:next _:x ."
    new = "_:n1 t:next _:n2 ; t:q 2 . _:n2 t:next _:n1 . _:n2 t:q 1 . <id/a> t:p _:n1 , _:n2 ."
    assert between(old, new).summary() == "Nothing changed"
    assert between("[] t:q 1 .", "[] t:q 1 . [] t:q 1 .").summary() == "1 thing added, 1 statement added"


def test_the_shipped_shapes_are_the_same_in_any_order_and_with_any_names():
    old = reader.read(ROOT / "ontology" / "shapes.ttl")
    new = reader.parse(serialize(reversed(old)).encode(), name="shapes.ttl")
    assert difference(old, new).summary() == "Nothing changed"


def test_a_changed_blank_node_is_shown_whole_before_and_after_and_others_are_not_shown():
    found = between(SHAPE, SHAPE.replace("Give it.", "Give the cost."))
    assert found.summary() == "1 thing changed, 4 statements added, 4 removed"
    node = '[ sh:message "{}"@en ; sh:minCount 1 ; sh:path https://example.org/terms#cost ]'
    assert found.changes()[0].statements == (
        ("sh:property", "", node.format("Give the cost.")),
        ("sh:property", node.format("Give it."), ""),
    )


def test_a_change_two_blank_nodes_deep_is_shown_where_their_subject_is():
    found = changes(SHAPE, SHAPE.replace("t:Body", "t:Office"))
    assert [c[:2] for c in found] == [("changed", "pgid:shape")]
    new, old = found[0][2]
    assert "sh:node [ sh:class https://example.org/terms#Office ]" in new[2]
    assert "sh:node [ sh:class https://example.org/terms#Body ]" in old[1]


def test_a_single_blank_node_is_shown_from_old_to_new():
    found = changes("<id/a> t:p [ t:q 1 ] ; t:r 1 .", "<id/a> t:p [ t:q 2 ] ; t:r 1 .")
    term = "https://example.org/terms#"
    assert found[0][2] == [(f"{term}p", f"[ {term}q 1 ]", f"[ {term}q 2 ]")]


def test_a_list_is_one_value():
    found = changes('<id/a> t:in ( "a" "b" ) .', '<id/a> t:in ( "a" "x" "b" ) .')
    assert found[0][2] == [("https://example.org/terms#in", '( "a" "b" )', '( "a" "x" "b" )')]


def test_a_list_is_one_value_whatever_class_its_nodes_have():
    nodes = " ".join(f"_:n{n} a rdf:List ; rdf:first {n} ; rdf:rest _:n{n + 1} ." for n in range(500))
    ((_, _, statements),) = changes(
        "", f"<id/a> t:in _:n0 . {nodes} _:n500 a rdf:List ; rdf:first 500 ; rdf:rest () ."
    )
    assert statements[0][2] == f"( {' '.join(map(str, range(501)))} )"


@pytest.mark.parametrize(
    "text",
    [
        "<id/a> t:p _:x0 . " + " ".join(f"_:x{n} t:p _:x{n + 1} ; t:q _:x{n + 1} , {n} ." for n in range(60)),
        f"<id/a> t:p {'[ t:q 1 ; t:p ' * 190}1{' ]' * 190} .",
        "<id/a> t:p _:x0 . " + " ".join(f"_:x{n} t:p _:x{n + 1} ; t:q {n} ." for n in range(900)),
    ],
)
def test_what_is_long_or_deep_in_blank_nodes_is_shown_in_part(text):
    ((_, _, statements),) = changes("", text)
    assert "[ … ]" in statements[0][2]
    assert len(statements[0][2]) < 10_000


def test_a_blank_node_of_two_subjects_is_shown_with_both():
    old = "<id/a> t:p _:x . <id/b> t:p _:x . _:x t:q 1 ."
    found = changes(old, old.replace("1", "2"))
    assert [c[:2] for c in found] == [("changed", "pgid:a"), ("changed", "pgid:b")]


def test_an_added_blank_node_is_shown_as_one_value():
    found = changes(SHAPE, SHAPE.replace(" .", " , [ sh:path t:size ; sh:or ( [ sh:minCount 1 ] ) ] ."))
    assert found[0][2] == [
        ("sh:property", "", "[ sh:or ( [ sh:minCount 1 ] ) ; sh:path https://example.org/terms#size ]")
    ]


def test_a_blank_node_that_nothing_leads_to_is_a_thing():
    found = changes("[] a owl:AllDisjointClasses ; owl:members ( t:A t:B ) .", "")
    assert found[0][:2] == ("removed", "[]")
    assert found[0][2][0] == ("rdf:type", "owl:AllDisjointClasses", "")


@pytest.mark.parametrize("more", ["", " _:b t:next _:c . _:c t:q 2 ; t:next _:c ."])
def test_a_circle_of_blank_nodes_is_shown_once(more):
    found = between("", f"_:a t:next _:b . _:b t:next _:a ; t:q 1 .{more}")
    assert found.summary() == f"1 thing added, {6 if more else 3} statements added"
    assert len(found.changes()) == 1


def test_every_changed_statement_is_shown_somewhere():
    dice = random.Random(5)
    nodes = ["<id/a>", "<id/b>", "_:a", "_:b", "_:c"]
    for _ in range(300):
        texts = [
            " ".join(
                f"{dice.choice(nodes)} t:{dice.choice('pq')} {dice.choice([*nodes, number])} ."
                for number in range(100, 100 + dice.randrange(7))
            )
            for _ in range(2)
        ]
        found = between(*texts)
        shown = str([c.statements for c in found.changes()])
        numbers = [t.object.value for t in found.added | found.removed if isinstance(t.object, ox.Literal)]
        assert [number for number in numbers if number not in shown] == [], texts
        assert bool(found.changes()) == bool(found.added | found.removed), texts


# ---- Claims on other grounds


def claimed(name, ground, value="t:road"):
    """A claim that the town has a road, stated or inferred with a strength."""
    grounds = f"pg:basis <concept/basis/{ground}>"
    if ground != "stated":
        grounds = f"pg:basis <concept/basis/inferred> ; pg:strength <concept/strength/{ground}>"
    statement = f"rdf:subject t:town ; rdf:predicate t:has ; rdf:object {value}"
    return f"<id/xy/claim/{name}> a pg:Claim ; {statement} ; {grounds} . "


FROM = "<id/xy/claim/a> dct:source <id/source/external> , <id/source/rejected> . "
REJECTED = claimed("b", "stated") + "<id/xy/claim/b> pg:status <concept/review/rejected> . "


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (claimed("a", "strong"), claimed("b", "stated"), "strengthened"),
        (claimed("a", "weak"), claimed("a", "medium"), "strengthened"),
        (claimed("a", "weak"), claimed("a", "weak") + claimed("b", "strong"), "strengthened"),
        (claimed("a", "stated"), claimed("b", "strong"), "weakened"),
        (claimed("a", "weak") + claimed("b", "strong"), claimed("b", "strong"), None),
        (claimed("a", "weak"), claimed("b", "stated", "t:path"), None),
        (claimed("a", "weak") + FROM, claimed("a", "strong") + FROM, "strengthened"),
        (claimed("a", "weak"), claimed("a", "weak") + REJECTED, None),
        (claimed("a", "weak") + claimed("b", "stated"), claimed("a", "weak") + REJECTED, "weakened"),
    ],
)
def test_a_claim_on_other_grounds_is_strengthened_or_weakened_whatever_its_iri(old, new, kind):
    found = [c for c in between(old, new).changes() if c.kind.endswith("ened")]
    assert [c.kind for c in found] == [kind] * bool(kind)


def test_what_is_strengthened_is_shown_and_counted():
    town = 't:town rdfs:label "Town"@en . '
    found = between(town + claimed("a", "weak"), town + claimed("b", "stated"))
    thing = "`https://example.org/terms#has https://example.org/terms#road`"
    assert as_markdown(found).endswith(
        f"### Strengthened\n\n- Town (`https://example.org/terms#town`)\n  - {thing}: `weak` → `stated`\n"
    )
    assert "↑" in as_table(found)
    assert found.summary() == (
        "1 thing added, 1 removed, 1 claim strengthened, 5 statements added, 6 removed"
    )


# ---- How it is written


CASES = {
    "added": ("", ROAD),
    "removed": (ROAD, ""),
    "changed": (ROAD, ROAD.replace('"Vej"', '"Motorvej på\u2028\\"øen\\"\\n"')),
    "nested": (SHAPE, SHAPE.replace("Give it.", "Give the cost.").replace("t:Body", "t:Office")),
    "list": (SHAPE, SHAPE.replace('( "a" "b" )', "( )")),
    "new blank node": (ROAD, f"{ROAD} {SHAPE}"),
    "blank node gone": (f"{ROAD} {SHAPE}", ROAD),
    "values that change places": (
        "<id/a> t:p [ t:q 1 ; t:r 1 ] , [ t:q 2 ; t:r 2 ] .",
        "<id/a> t:p [ t:q 2 ; t:r 1 ] , [ t:q 3 ; t:r 2 ] .",
    ),
    "circle": ("_:a t:next _:b . _:b t:next _:a ; t:q 1 .", "_:a t:next _:b . _:b t:next _:a ; t:q 2 ."),
}


PATCHED = {name: CASES[name] for name in ("added", "removed", "changed", "new blank node")}


@pytest.mark.parametrize(("old", "new"), PATCHED.values(), ids=PATCHED)
def test_the_patch_makes_the_new_version_of_the_old(old, new):
    store = ox.Store()
    store.extend(quads(old))
    store.update(as_patch(between(old, new)))
    assert difference(store, quads(new)).summary() == "Nothing changed"


@pytest.mark.parametrize(("old", "new"), PATCHED.values(), ids=PATCHED)
def test_the_patch_is_sparql_update_that_rdflib_applies_too(old, new):
    import rdflib
    from rdflib.compare import isomorphic

    graph = rdflib.Graph().parse(data=PREFIXES + old)
    graph.update(as_patch(between(old, new)))
    assert isomorphic(graph, rdflib.Graph().parse(data=PREFIXES + new))


@pytest.mark.parametrize("name", sorted(CASES.keys() - PATCHED.keys()))
def test_a_patch_that_would_delete_blank_nodes_is_refused_in_a_sentence(name):
    with pytest.raises(FormatError, match=r"^a patch cannot be written: .* no names; ask for the table, or "):
        as_patch(between(*CASES[name]))


@pytest.mark.parametrize(("old", "new"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("write", [as_table, as_markdown, as_patch], ids=lambda f: f.__name__)
def test_the_same_versions_give_the_same_text(write, old, new):
    again = difference(reversed(quads(old)), reversed(quads(new)), prefixes=KNOWN)
    if write is as_patch and (old, new) not in PATCHED.values():
        return
    assert write(between(old, new)) == write(again)


def test_the_table_fits_the_terminal():
    text = as_table(between(*CASES["new blank node"]), width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_labels_come_in_the_language_asked_for():
    assert "Road (pgid:xy/project/road)" in as_table(between("", ROAD))
    assert "Vej (pgid:xy/project/road)" in as_table(between("", ROAD), language="da")
    assert "Road (pgid:xy/project/road)" in as_table(between("", ROAD), language="fr")


def test_markdown_is_ready_for_the_changelog():
    old = f"{ROAD} <id/gone> a t:Project ."
    new = f'{ROAD.replace("12", "13").replace("Road", "Street")} <id/new> a owl:Class ; rdfs:label "New"@en .'
    assert as_markdown(between(old, new)) == (
        "### Added\n\n"
        "- New (`pgid:new`): `owl:Class`\n\n"
        "### Changed\n\n"
        "- Street (`pgid:xy/project/road`)\n"
        "  - `https://example.org/terms#cost`: `12` → `13`\n"
        '  - `skos:prefLabel`: `"Road"@en` → `"Street"@en`\n\n'
        "### Removed\n\n"
        "- `pgid:gone`: `https://example.org/terms#Project`\n"
    )


def test_markdown_shows_signs_and_does_not_obey_them():
    label = "*a* [b](c) <i>d</i> `e` _f_ | # & ~g~"
    new = f'<id/a> rdfs:label "{label}"@en .'
    text = as_markdown(between("<id/a> t:cost 1 .", new))
    assert r"\*a\* \[b\](c) \<i\>d\</i\> \`e\` \_f\_ \| \# \& \~g\~ (`pgid:a`)" in text
    assert f'`` "{label}"@en ``' in text


def test_control_signs_do_not_reach_the_terminal():
    text = as_table(between("", '<id/a> rdfs:label "a\\u001B[31m\\u202Eb"@en .'))
    assert "\x1b" not in text
    assert "\u202e" not in text


# ---- Where versions are kept


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A catalogue in a subfolder of a git repository: empty, v1, broken, v2, and a work tree ahead of it."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    root = tmp_path / "repository" / "catalogue"
    (root / "queries").mkdir(parents=True)
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "nothing yet")
    write(root / "ontology" / "terms.ttl", 't:Project a owl:Class ; rdfs:label "Project"@en .')
    write(root / "data" / "øland.ttl", f"{ROAD} _:b0 t:q 1 .")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    git(root, "tag", "v1")
    (root / "data" / "øland.ttl").write_text(PREFIXES + "<id/a> t:p ;;; oops\n", encoding="utf-8")
    git(root, "commit", "-q", "-am", "broken")
    write(root / "data" / "øland.ttl", f"{ROAD.replace('Vej', 'Motorvej på øen')} _:b0 t:q 1 .")
    git(root, "commit", "-q", "-am", "two")
    write(root / "data" / "second.ttl", "<id/xy/project/bridge> a t:Project . _:b0 t:q 2 .")
    return root


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "policygraph", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", cwd=cwd, timeout=60)


def test_files_are_compared_in_any_format(tmp_path):
    old = write(tmp_path / "old.ttl", ROAD)
    new = tmp_path / "new.nt"
    new.write_bytes(ox.serialize((q.triple for q in quads(ROAD)), format=ox.RdfFormat.N_TRIPLES) or b"")
    assert difference(history.read(old, root="."), history.read(new, root=".")).summary() == "Nothing changed"


def test_folders_are_compared_by_all_their_files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    write(one / "data" / "a.ttl", f"{ROAD} _:b0 t:q 1 .")
    write(one / "data" / "b.ttl", "_:b0 t:r 1 .")
    write(two / "ontology" / "all.ttl", f"{ROAD} _:x t:q 1 . _:y t:r 1 .")
    (two / "ontology" / ".draft.ttl").write_text("no Turtle")
    assert difference(history.read(one, root=one), history.read(two, root=one)).summary() == "Nothing changed"


def test_revisions_are_compared_and_the_work_tree_is_left_alone(repository, tmp_path):
    before = {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()}
    for old in ("v1", "HEAD~2", "v1^{commit}"):
        done = run("--catalog", repository, "diff", old, "HEAD", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert '"Vej"@da' in done.stdout
        assert '"Motorvej på øen"@da' in done.stdout
        assert done.stdout.splitlines()[-1] == "1 thing changed, 1 statement added, 1 removed"
    assert {path: path.read_bytes() for path in repository.rglob("*") if path.is_file()} == before


def test_one_version_alone_is_compared_with_the_catalogue_as_it_is(repository):
    done = run("--catalog", repository, "diff", "HEAD")
    assert done.stdout.splitlines()[-1] == "2 things added, 2 statements added"


def test_a_hook_of_another_repository_does_not_mislead_git(repository, monkeypatch, tmp_path):
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    assert len(history.read("v1", root=repository)) == 7


def test_a_file_goes_before_a_revision_of_the_same_name(repository, monkeypatch):
    monkeypatch.chdir(repository)
    git(repository, "tag", "data")
    with pytest.raises(
        CatalogError, match=r"^The folder data is not a catalogue: it has no RDF file in ontology/"
    ):
        history.read("data", root=repository)


def test_the_suffix_of_the_output_chooses_the_format(repository, tmp_path):
    for name, beginning in (("c.md", "### Changed"), ("c.ru", "# 1 thing changed"), ("c.txt", "   thing")):
        done = run("--catalog", repository, "diff", "v1", "HEAD", "-o", tmp_path / name)
        assert (done.returncode, done.stdout) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)
    turtle = run("--catalog", repository, "diff", "v1", "HEAD", "--format", "turtle").stdout
    assert turtle == (tmp_path / "c.ru").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("missing.ttl", r"missing\.ttl: There is no such file\."),
        ("v9", r"'v9' is no file or folder here, and no revision in the git history of \S+\."),
        ("HEAD~99", r"'HEAD~99' is no file or folder here, and no revision in the git history of \S+\."),
        (
            "HEAD~3",
            r"The revision 'HEAD~3' of \S+ is not a catalogue: it has no RDF file in ontology/ or data/\.",
        ),
        ("HEAD~1", r"HEAD~1:data/øland\.ttl:\d+:\d+: .+"),
        ("--version", None),
        ("", None),
    ],
)
def test_a_version_that_cannot_be_read_is_one_sentence(repository, tmp_path, version, sentence):
    done = run("--catalog", repository, "diff", "--", version, "HEAD", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert sentence is None or re.fullmatch(f"policygraph: {sentence}\n", done.stderr), done.stderr


def test_a_revision_of_what_is_no_repository_is_one_sentence(small_catalog):
    with pytest.raises(CatalogError, match=r"no revision in the git history of \S+: not a git repository"):
        history.read("HEAD", root=small_catalog.root)


def test_a_revision_without_git_is_one_sentence(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CatalogError, match=r"git cannot be run \(No such file or directory\)\."):
        history.read("HEAD", root=repository)


def test_a_malformed_file_is_named_with_its_place(tmp_path):
    write(tmp_path / "data" / "a.ttl", "<id/a> t:p ;;; oops")
    with pytest.raises(DocumentError, match=r"data/a\.ttl:12:"):
        history.read(tmp_path, root=tmp_path)


def test_data_and_endpoint_do_not_go_with_diff(tmp_path):
    done = run("--data", write(tmp_path / "a.ttl", ROAD), "diff", "HEAD")
    assert done.returncode == 2
    assert "leave out --data, --store and --endpoint" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<urn:a> <urn:p> "1" .', '<urn:a> <urn:p> "2" .'),
        ("", '<urn:a> <urn:p> "1" . <urn:b> <urn:p> "1" .'),
        (
            '<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "1" .',
            '<urn:a> <urn:p> "1" . <urn:b> <urn:p> "1" .',
        ),
    ],
)
def test_a_patch_of_what_has_no_prefix_changes_one_into_the_other(old, new):
    graphs = [
        {quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)} for text in (old, new)
    ]
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in graphs[0])
    store.update(as_patch(difference(*graphs)))
    assert {quad.triple for quad in store} == graphs[1]
