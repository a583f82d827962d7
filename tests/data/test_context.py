"""The JSON-LD context: a plain key for every term, the same graph either way, and examples that are true.

`PYTHONPATH=tests/support python tests/data/test_context.py` writes the results of the examples,
and the table of keys, into jsonld.md.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from command import run
from pyld import jsonld as pyld

from policygraph.catalog.catalog import Catalog
from policygraph.rdf import formats
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES, compact

CATALOG = Catalog(Path(__file__).parents[2])
DOCUMENT = CATALOG.root / "docs" / "jsonld.md"
CONTEXT = json.loads(CATALOG.context.read_text(encoding="utf-8"))["@context"]
KEYS = {
    key: {"@id": term} if isinstance(term, str) else term for key, term in CONTEXT.items() if key[0] != "@"
}
TERMS = {key: term for key, term in KEYS.items() if term["@id"][0] != "@" and key != "xsd"}
RDF, RDFS, OWL, XSD = (PREFIXES[prefix] for prefix in ("rdf", "rdfs", "owl", "xsd"))
FILES = sorted(path for folder in ("ontology", "data") for path in (CATALOG.root / folder).glob("*.ttl"))
# Two keys for one property, told apart by what their values are.
VARIANTS = {"Text", "Name", "Date", "Month", "Year", "Decimal", "Integer", "Boolean"}


def containers(term):
    held = term.get("@container", [])
    return {held} if isinstance(held, str) else set(held)


def kind(value):
    """What a context has to say of a value: @id, @language, or its datatype."""
    if not isinstance(value, ox.Literal):
        return "@id"
    return "@language" if value.language else value.datatype.value.replace(XSD, "xsd:")


def holds(term):
    if "@language" in containers(term):
        return "@language"
    return {"@vocab": "@id"}.get(term.get("@type"), term.get("@type", "xsd:string"))


def values(subject, name):
    prefix, local = name.split(":")
    found = ONTOLOGY.quads_for_pattern(subject, ox.NamedNode(PREFIXES[prefix] + local), None)
    return [quad.object.value for quad in found if not isinstance(quad.object, ox.BlankNode)]


ONTOLOGY = ox.Store()
ONTOLOGY.load(path=CATALOG.root / "ontology" / "policygraph.ttl")
OWN = sorted(
    {q.subject for q in ONTOLOGY if getattr(q.subject, "value", "").startswith(PREFIXES["pg"])}, key=str
)


def canonical(quads):
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@cache
def union(store):
    return formats.write(
        store.query("CONSTRUCT WHERE { ?s ?p ?o }"), format="jsonld", context=CATALOG.context
    )


@pytest.fixture(scope="module")
def document():
    return json.loads(union(CATALOG.store))


def nodes(value):
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)


# The keys


def test_every_term_of_the_ontology_is_a_key_by_its_own_name():
    expected = {term.value.removeprefix(PREFIXES["pg"]): term.value for term in OWN}
    found = {key: term["@id"] for key, term in TERMS.items() if term["@id"].startswith(PREFIXES["pg"])}
    missing = [
        f'add "{key}": {{"@id": "{iri}", …}} to ontology/context.jsonld'
        for key, iri in expected.items()
        if found.get(key) != iri
    ]
    assert missing == []
    variants = {
        key + variant for key in expected for variant in VARIANTS if found.get(key + variant) == expected[key]
    }
    assert sorted(set(found) - set(expected) - variants) == [], "the ontology has no such terms"


def test_every_term_that_is_used_has_a_key_for_each_kind_of_its_values():
    known = {(term["@id"], holds(term)) for term in TERMS.values()}
    classes = {term["@id"] for term in TERMS.values()}
    missing = set()
    for quad in CATALOG.store:
        if quad.predicate.value == RDF + "type":
            if quad.object.value not in classes:
                missing.add((compact(quad.object.value), "a class"))
        elif (quad.predicate.value, kind(quad.object)) not in known:
            missing.add((compact(quad.predicate.value), kind(quad.object)))
    assert sorted(missing) == [], "add keys for these to ontology/context.jsonld"


def test_a_key_is_the_local_name_of_its_term():
    other = {}
    for key, term in TERMS.items():
        prefix, local = compact(term["@id"]).split(":")
        prefixed = prefix + local[0].upper() + local[1:]
        if key not in (local, prefixed, *(local + variant for variant in VARIANTS)):
            other[key] = term["@id"]
        if key == prefixed:
            assert local in TERMS or local in ("label", "type"), f"{key} needs no prefix"
    assert other == {"label": PREFIXES["skos"] + "prefLabel"}


def test_no_two_keys_stand_for_the_same():
    same = [(term["@id"], holds(term)) for term in TERMS.values()]
    assert sorted({each for each in same if same.count(each) > 1}) == []
    lines = CATALOG.context.read_text(encoding="utf-8")
    keys = re.findall(r'^    "([^"]+)": ', lines, re.MULTILINE)
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


@pytest.mark.parametrize("term", OWN, ids=lambda term: term.value.partition("#")[2])
def test_a_key_types_values_as_the_ontology_does(term):
    key = TERMS[term.value.removeprefix(PREFIXES["pg"])]
    ranges = [*values(term, "rdfs:range"), *values(term, "schema:rangeIncludes")]
    if OWL + "DatatypeProperty" in values(term, "rdf:type"):
        typed = {iri.replace(XSD, "xsd:").replace(RDF + "langString", "@language") for iri in ranges}
        assert holds(key) in typed
    elif OWL + "ObjectProperty" in values(term, "rdf:type") or OWL + "AnnotationProperty" in values(
        term, "rdf:type"
    ):
        assert holds(key) == "@id"
    else:
        assert key == {"@id": term.value}


def test_prefixes_are_those_of_the_catalogue():
    assert {key: KEYS[key]["@id"] for key in ("xsd",)} == {"xsd": XSD}
    assert CONTEXT["@base"] == BASE


# What comes out


def test_values_are_plain_and_a_key_holds_one_value_or_always_an_array(document):
    assert set(document) == {"@context", "graph"}
    for node in document["graph"]:
        for key, value in node.items():
            assert key in KEYS, f"{key} of {node['id']}"
            several = "@set" in containers(KEYS[key])
            if "@language" in containers(KEYS[key]):
                assert isinstance(value, dict)
                assert {isinstance(each, list) for each in value.values()} == {several}, (
                    f"{key} of {node['id']}"
                )
            else:
                assert isinstance(value, list) == several, f"{key} of {node['id']}"
                assert not any(nodes(value)), f"{key} of {node['id']}"


def test_what_the_shapes_limit_to_one_is_no_array():
    shapes = ox.Store()
    shapes.load(path=CATALOG.shapes[0])
    single = shapes.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT DISTINCT ?path { ?s sh:path ?path ; sh:maxCount 1 }"
    )
    paths = {row["path"].value for row in single}
    assert {
        key for key, term in TERMS.items() if term["@id"] in paths and "@set" in containers(term)
    } == set()


def test_ids_are_relative_to_the_base(document):
    assert all(not node["id"].startswith(BASE) for node in nodes(document["graph"]) if "id" in node)


# The same graph


@pytest.mark.full
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # in rdflib's own parser
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=pytest.mark.full if path.parent.name == "data" else (), id=path.stem)
        for path in FILES
    ],
)
def test_three_processors_read_the_same_graph(path, tmp_path, monkeypatch):
    import rdflib

    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    quads = list(ox.parse(path=path))
    formats.export(quads, tmp_path / "g.jsonld", context=CATALOG.context)
    written = (tmp_path / "g.jsonld").read_text(encoding="utf-8")
    expected = canonical(quads)
    assert canonical(ox.parse(written.encode(), format=ox.RdfFormat.JSON_LD)) == expected
    by_pyld = pyld.to_rdf(json.loads(written), {"format": "application/n-quads"})
    assert canonical(ox.parse(by_pyld.encode(), format=ox.RdfFormat.N_QUADS)) == expected
    by_rdflib = rdflib.Graph().parse(data=written, format="json-ld").serialize(format="nt")
    assert canonical(ox.parse(by_rdflib.encode(), format=ox.RdfFormat.N_TRIPLES)) == expected


@pytest.mark.full
def test_export_holds_each_file_as_a_graph_with_the_context_in_it(tmp_path, examplia):
    assert run("--catalog", examplia.root, "export", tmp_path / "g.jsonld").returncode == 0
    data = (tmp_path / "g.jsonld").read_bytes()
    assert {*ox.parse(data, format=ox.RdfFormat.JSON_LD)} == {*examplia.store}, "none has blank nodes"
    exported = json.loads(data)
    assert isinstance(exported["@context"], dict)
    ontology = {f"ontology/{path.stem}" for path in CATALOG.ontology if path.stem != "shapes"}
    assert {graph["id"] for graph in exported["graph"]} == {"data/examplia"} | ontology


def test_an_ontology_of_ones_own_keeps_the_shipped_context_until_it_has_one(small_catalog):
    command = ["query", "-e", "CONSTRUCT WHERE { ?s ?p ?o }", "--format", "jsonld"]
    assert small_catalog.context.samefile(CATALOG.context)
    assert '"@base": "https://w3id.org/' in run("--catalog", small_catalog.root, *command).stdout
    own = small_catalog.root / "ontology" / "context.jsonld"
    own.write_text('{"@context": {"cost": "https://example.org/terms#cost"}}', encoding="utf-8")
    assert small_catalog.context == own
    assert '"cost": ' in run("--catalog", small_catalog.root, *command).stdout


def test_an_unsound_context_is_one_sentence(small_catalog, tmp_path):
    (small_catalog.root / "ontology" / "context.jsonld").write_text('{"@context": 7', encoding="utf-8")
    done = run("--catalog", small_catalog.root, "export", tmp_path / "g.jsonld")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "ontology/context.jsonld:1:15: Expecting ',' delimiter." in done.stderr
    assert run("--catalog", small_catalog.root, "export", tmp_path / "g.ttl").returncode == 0


# The document

EXAMPLE = re.compile(r"```json frame\n(.*?)```\n\n```json\n(.*?)```\n", re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \| (.*) \|$", re.MULTILINE)
WORDS = {
    "@id": "id",
    "@language": "text by language",
    "xsd:date": "date",
    "xsd:gYear": "year",
    "xsd:gYearMonth": "month",
    "xsd:decimal": "number in a string",
    "xsd:integer": "number",
    "xsd:boolean": "true or false",
}


SEVERAL = {
    "id": "array of ids",
    "key or type": "array of keys or types",
    "text by language": "texts by language",
    "string": "array of strings",
}


@cache
def expanded(store):
    return pyld.expand(json.loads(union(store)))


def part(store, frame):
    """The nodes that a frame chooses, and what its tree can have: pyld goes through all of them for each."""
    back = {TERMS[name]["@id"] for each in nodes(frame) for name in each.get("@reverse", ())}
    kind = TERMS[frame["type"]]["@id"] if "type" in frame else None
    found = expanded(store)
    here = {
        each["@id"]
        for each in found
        if each["@id"] == BASE + frame.get("id", " ") or kind in each.get("@type", ())
    }
    links = [
        (each["@id"], name, value["@id"])
        for each in found
        for name, values in each.items()
        if name[0] != "@"
        for value in values
        if "@id" in value
    ]
    kept = set()
    for _ in range(5):  # deeper than any frame
        kept |= here
        here = {to for start, _, to in links if start in kept}
        here |= {start for start, name, to in links if name in back and to in kept}
    return [each for each in found if each["@id"] in kept]


def framed(document, frame):
    """The tree that a frame makes of the data, its keys in the order of the context."""
    tree = pyld.frame(document, {"@context": CONTEXT, **frame}, {"omitDefault": True})
    tree.pop("@context")
    return in_order(tree)


def in_order(value):
    if isinstance(value, list):
        return [in_order(each) for each in value]
    if isinstance(value, dict):
        order = list(CONTEXT)
        return {k: in_order(value[k]) for k in sorted(value, key=lambda k: [*order, k].index(k))}
    return value


def rows(written):
    """The table of keys: ours mean what the ontology says, the others what the document says already."""
    meanings = {key: meaning for key, _, meaning in ROW.findall(written)}
    for key, term in sorted(TERMS.items(), key=lambda item: item[0].lower()):
        if key[0].isupper() or key == "foafAgent":
            continue
        if term["@id"].startswith(PREFIXES["pg"]):
            found = ONTOLOGY.quads_for_pattern(
                ox.NamedNode(term["@id"]), ox.NamedNode(PREFIXES["skos"] + "definition"), None
            )
            meanings[key] = next(quad.object.value for quad in found if quad.object.language == "en")
        word = "key or type" if term.get("@type") == "@vocab" else WORDS.get(holds(term), "string")
        if "@set" in containers(term):
            word = SEVERAL[word]
        yield f"| `{key}` | {word} | {meanings.get(key, '')} |"


def indented(value):
    return json.dumps(value, ensure_ascii=False, indent=2)


def regenerated(written):
    stores = CATALOG.load("denmark", "international"), CATALOG.store

    def filled(example):
        frame = json.loads(example[1])
        parts = (part(store, frame) for store in stores)
        tree = next((tree for some in parts if some and (tree := framed(some, frame))), None)
        assert tree, f"nothing in the data is {frame}"
        return f"```json frame\n{indented(frame)}\n```\n\n```json\n{indented(tree)}\n```\n"

    written = EXAMPLE.sub(filled, written)
    table = "\n".join(rows(written))
    return re.sub(
        r"(?<=\| --- \| --- \| --- \|\n).*?(?=\n\n|\Z)", lambda _: table, written, count=1, flags=re.DOTALL
    )


@pytest.mark.full
def test_the_examples_and_the_table_in_the_document_are_what_the_data_give():
    written = DOCUMENT.read_text(encoding="utf-8")
    assert regenerated(written) == written, "run: PYTHONPATH=tests/support python tests/data/test_context.py"


def test_each_main_class_has_an_example_and_every_key_a_meaning():
    written = DOCUMENT.read_text(encoding="utf-8")
    shown = {
        name
        for _, tree in EXAMPLE.findall(written)
        for node in nodes(json.loads(tree))
        for name in node.get("type", [])
    }
    assert {
        *("Country", "Government", "Plan", "Area", "AreaScheme", "Initiative", "DigitalInfrastructure"),
        *("CaseStudy", "Legislation", "Goal", "Means", "Outcome", "Target", "Indicator", "Observation"),
        *("Amount", "Challenge", "Publication", "SourceDocument", "Passage", "Claim", "Examination"),
        *("Duty", "StatedAbsence", "Comparison"),
    } <= shown
    assert [key for key, _, meaning in ROW.findall(written) if not meaning.strip()] == []


@pytest.mark.full
def test_the_command_of_the_document_writes_what_its_programs_read(tmp_path, examplia):
    """The one that exports is tested by `test_export_holds_each_file_as_a_graph_with_the_context_in_it`."""
    asked, exported = re.findall(r"(?m)^\$ policygraph (.*)", DOCUMENT.read_text(encoding="utf-8"))
    assert shlex.split(exported, comments=True) == ["export", "all.jsonld"]
    *words, name = shlex.split(asked, comments=True)
    assert name == "graph.jsonld"
    assert run("--catalog", examplia.root, *words, tmp_path / name).returncode == 0
    assert (tmp_path / name).read_bytes() == union(examplia.store)


SNIPPET = re.compile(r"```(sh|js|python)\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
PROGRAMS = {"sh": "jq", "js": "node", "python": sys.executable}


def printed(language, code, folder):
    """What a program of the document prints, in a folder that holds the graph."""
    (folder / "graph.jsonld").write_bytes(union(CATALOG.store))
    name = folder / {"sh": "x.sh", "js": "x.mjs", "python": "x.py"}[language]
    name.write_text(code, encoding="utf-8")
    command = [{"sh": "sh", "js": "node"}.get(language, sys.executable), name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(("language", "code", "shown"), SNIPPET.findall(DOCUMENT.read_text(encoding="utf-8")))
def test_a_program_in_the_document_prints_what_it_shows(language, code, shown, tmp_path):
    if not shutil.which(PROGRAMS[language]):
        from tools import missing  # not on the path when this file is run

        missing(f"{PROGRAMS[language]} is not installed")
    now = printed(language, code, tmp_path)
    assert now == shown, "if that is right, run this file, which writes it into docs/jsonld.md"


if __name__ == "__main__":
    import tempfile

    def rerun(snippet):
        language, code, shown = snippet.groups()
        if shutil.which(PROGRAMS[language]):
            with tempfile.TemporaryDirectory() as folder:
                shown = printed(language, code, Path(folder))
        return f"```{language}\n{code}```\n\n```text\n{shown}```"

    text_of_document = regenerated(DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(SNIPPET.sub(rerun, text_of_document), encoding="utf-8")
