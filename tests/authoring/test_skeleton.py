"""A new dataset: what `new` writes, and the way to a valid one that CONTRIBUTING describes."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import partialmethod
from pathlib import Path

import checkout
import pytest
from checkout import SHIPPED
from command import refused, run

from policygraph import Catalog, import_tables, new_dataset
from policygraph.authoring import workbook
from policygraph.authoring.skeleton import words_file
from policygraph.catalog import datafiles
from policygraph.catalog.settings import Settings
from policygraph.errors import CatalogError, DocumentError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE

KNOWN = Settings.read(SHIPPED).prefixes

TEXT = "# Norway\n\nNorge, Noreg.\n\n# Strategi\n\nRegjeringen la fram en strategi.\n"


@pytest.fixture
def catalog(tmp_path):
    """A copy of the shipped catalogue without any country."""
    root = tmp_path / "catalog"
    for name in ("ontology", "queries"):
        shutil.copytree(SHIPPED / name, root / name)
    checkout.settings(root)
    (root / "data").mkdir()
    shutil.copy(SHIPPED / "data" / "international.ttl", root / "data")
    return Catalog(root)


def rows(tables, sheet):
    head, lines = tables[sheet]
    return [{c: text for c, text in zip(head, row, strict=True) if text} for _, row in lines]


def test_a_country_of_the_world_comes_with_its_codes_and_names(catalog, tmp_path):
    text = tmp_path / "Fact Sheet.txt"
    text.write_text(TEXT, encoding="utf-8")
    outline = new_dataset(catalog, "Norway", tmp_path / "n", language="nb", text=text)
    assert outline[0].startswith("fact-sheet: 70 characters, SHA-256 ")
    assert [line.split(maxsplit=1) for line in outline[1:]] == [["0", "Norway"], ["25", "Strategi"]]
    tables = workbook.read(tmp_path / "n")
    facts = {row["field"]: row.get("value") for row in rows(tables, "dataset") if "about" not in row}
    assert (facts["name"], facts["code"], facts["spatial"]) == ("norway", "no", "eu:country/NOR")
    assert {"about": "eu:language/NOB", "field": "notation", "value": "nb"} in rows(tables, "dataset")
    assert rows(tables, "things")[0]["label@nb"] == "~Norge"
    assert {"thing": "country/norway", "relation": "same as", "address": "eu:country/NOR"} in rows(
        tables, "mappings"
    )
    source = rows(tables, "sources")[0]
    assert (source["source"], source["length"], len(source["sha256"])) == ("fact-sheet", "70", 64)


def test_a_source_is_named_by_the_country_where_its_file_has_no_latin_letter(catalog, tmp_path):
    text = tmp_path / "Ελλάδα.txt"
    text.write_text(TEXT, encoding="utf-8")
    (line, *_) = new_dataset(catalog, "Greece", tmp_path / "g", language="el", text=text)
    assert line.startswith("greece-source: ")
    assert rows(workbook.read(tmp_path / "g"), "sources")[0]["source"] == "greece-source"


def test_a_country_that_iso_does_not_name_is_told(catalog, tmp_path):
    assert new_dataset(catalog, "Norwey", tmp_path / "n", language="nb") == [
        "ISO 3166 has no country 'Norwey', so its code is 'xn', for private use. Did you mean 'Norway'?"
    ]
    facts = {row["field"]: row.get("value") for row in rows(workbook.read(tmp_path / "n"), "dataset")}
    assert facts["code"] == "xn"
    assert "spatial" not in facts
    (line,) = new_dataset(catalog, "Czech Republic", tmp_path / "c", language="cs")
    assert line.endswith("Did you mean 'Czechia'?")


@pytest.mark.parametrize(("country", "code"), [("Kosovo", "xk"), ("European Union", "eu"), ("Sark", "cq")])
def test_a_country_without_three_letters_in_iso_gets_none(catalog, tmp_path, country, code):
    (line,) = new_dataset(catalog, country, tmp_path / "x", language="en")
    assert line.startswith(f"ISO 3166 has no three letters for {country}")
    facts = {row["field"]: row.get("value") for row in rows(workbook.read(tmp_path / "x"), "dataset")}
    assert (facts["code"], "spatial" in facts) == (code, False)


@pytest.mark.parametrize(
    ("country", "code"),
    [("Bosnia and Herzegovina", "ba"), ("Trinidad & Tobago", "tt"), ("trinidad and tobago", "tt")],
)
def test_and_is_a_sign_or_a_word(catalog, tmp_path, country, code):
    assert new_dataset(catalog, country, tmp_path / "t", language="bs") == []
    facts = {row["field"]: row.get("value") for row in rows(workbook.read(tmp_path / "t"), "dataset")}
    assert facts["code"] == code


@pytest.mark.full
def test_each_sheet_has_an_example_that_is_not_read(catalog, tmp_path):
    new_dataset(catalog, "Norway", tmp_path / "n.xlsx", language="nb")
    tables = workbook.read(tmp_path / "n.xlsx")
    for sheet in ("things", "claims", "mentions", "amounts", "observations", "names", "examined"):
        assert [row for row in rows(tables, sheet) if next(iter(row.values())).startswith("# ")], sheet
    from openpyxl import load_workbook

    assert load_workbook(tmp_path / "n.xlsx")["claims"].data_validations.dataValidation
    done = import_tables(catalog, tmp_path / "n.xlsx")
    assert not done.conforms
    assert not [line for line in done.problems if "plan" in line]
    assert any(re.match(r"dataset!C\d+: Give the dataset a 'title'", line) for line in done.problems)
    assert not (catalog.root / "data" / "norway.ttl").exists()


def test_the_turtle_is_laid_out_and_its_examples_are_turtle_too(catalog, tmp_path):
    new_dataset(catalog, "Examplia", tmp_path / "e.ttl", language="nl")
    plain, _, examples = (
        (tmp_path / "e.ttl").read_text(encoding="utf-8").partition("\n# An example of each kind of block.\n")
    )
    assert datafiles.write(reader.parse(plain.encode(), name="e.ttl"), BASE, KNOWN) == plain
    prefixes = (SHIPPED / "data" / "denmark.ttl").read_text(encoding="utf-8").partition("\n\n")[0]
    shown = prefixes + re.sub("(?m)^# ", "", examples)
    kinds = {
        q.object.value.rpartition("#")[2]
        for q in reader.parse(shown.encode(), name="e.ttl")
        if q.predicate.value.endswith("#type")
    }
    assert {
        "Plan",
        "Goal",
        "Area",
        "AreaScheme",
        "Claim",
        "Passage",
        "Amount",
        "Observation",
        "Examination",
    } <= kinds


def test_what_cannot_be_started_is_told_and_nothing_is_written(catalog, tmp_path):
    with pytest.raises(
        CatalogError, match=r"There is a dataset 'international' already: .*international\.ttl"
    ):
        new_dataset(catalog, "International", tmp_path / "x", language="nl")
    for language, meant in (("dutch", "nl"), ("English", "en"), ("northern sami", "se"), ("NB", "nb")):
        with pytest.raises(CatalogError) as error:
            new_dataset(catalog, "Examplia", tmp_path / "x", language=language)
        assert str(error.value) == (
            f"{language!r} is no language that the tables know; write the tag of one, such as nl."
            f" Did you mean {meant!r}?"
        )
    (tmp_path / "x.xlsx").touch()
    with pytest.raises(CatalogError, match=r"x\.xlsx is there already; name a new file or folder"):
        new_dataset(catalog, "Examplia", tmp_path / "x.xlsx", language="nl")
    with pytest.raises(CatalogError, match="'!' is no name of a country"):
        new_dataset(catalog, "!", tmp_path / "x", language="nl")
    with pytest.raises(DocumentError):
        new_dataset(catalog, "Examplia", tmp_path / "x", language="nl", text=tmp_path / "none.txt")
    assert not (tmp_path / "x").exists()


@pytest.mark.full
def test_the_way_that_contributing_describes_leads_to_a_valid_country(catalog, tmp_path):
    """Its files are written and its commands run, in their order; nothing but the dataset's file is new."""
    way = (SHIPPED / "CONTRIBUTING.md").read_text(encoding="utf-8")
    way = way[way.index("## Add a country") : way.index("## Add a question")]
    before = {p: p.read_bytes() for p in catalog.root.rglob("*") if p.is_file()}
    commands = []
    for kind, name, body in re.findall(r"(?ms)^```(\w+) ?(\S*)\n(.*?)^```$", way):
        if kind == "sh":
            for line in body.splitlines():
                command = shlex.split(line)
                assert command.pop(0) == "policygraph"
                run = [sys.executable, "-m", "policygraph", "--catalog", str(catalog.root), *command]
                done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=120)
                assert done.returncode == 0, done.stderr + done.stdout
                commands.append((command[0], done.stdout))
        else:
            assert name
            (tmp_path / name).write_text(body, encoding="utf-8")
    assert [name for name, _ in commands] == ["new", "import", "validate"]
    assert "harbour: " in commands[0][1]
    assert "the dataset is new" in commands[1][1]
    assert commands[2][1] == "The data conform to the shapes.\n"
    after = {p: p.read_bytes() for p in catalog.root.rglob("*") if p.is_file()}
    new = catalog.root / "data" / "examplia.ttl"
    assert {p for p in after if before.get(p) != after[p]} == {new}
    text = new.read_text(encoding="utf-8")
    assert text.count("a pg:Claim") == 12  # the period is two
    assert '"Plan Open Haven 2021-2024"@nl' in text


SETTINGS = """base = "https://data.example.org/"
[publisher]
name = "Ports Agency"
iri = "https://data.example.org/agent/ports"
"""


def test_a_dataset_of_another_publisher_names_it_in_a_catalogue_that_is_empty(tmp_path):
    (tmp_path / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    assert (
        run("--catalog", tmp_path, "new", "Germany", "--language", "de", "-o", tmp_path / "de").returncode
        == 0
    )
    facts = rows(workbook.read(tmp_path / "de"), "dataset")
    assert [row["value"] for row in facts if row["field"] == "publisher"] == ["agent/ports"]
    assert [row["value"] for row in facts if row["field"] == "spatial"] == ["eu:country/DEU"]
    about = {row["field"]: row["value"] for row in facts if row.get("about") == "agent/ports"}
    assert about == {"kind": "foaf:Organization", "foaf:name@en": "Ports Agency"}
    found = run("--catalog", tmp_path, "import", tmp_path / "de")
    assert found.returncode == 1  # what only its author knows is missing, and nothing else
    assert "described nowhere" not in found.stdout
    assert "Give the document a 'title'" in found.stdout


def test_what_init_writes_is_imported_asked_and_published_as_it_says(tmp_path):
    root = tmp_path / "mine"
    done = run("init", root, stdin="https://data.example.org\nPorts Agency\nen,da\n")
    assert done.returncode == 0, done.stderr
    assert 'languages = ["en", "da"]' in (root / "catalog.toml").read_text(encoding="utf-8")
    tables, text = root / "tables", tmp_path / "ports.txt"
    text.write_text("The port is open.", encoding="utf-8")
    assert run("--catalog", root, "validate", tables).returncode == 0
    assert run("--catalog", root, "quote", "port is open", "--text", text).returncode == 0
    assert "The catalogue is empty" in run("--catalog", root, "validate").stderr
    commands = [shlex.split(line) for line in done.stdout.splitlines() if line.startswith("  policygraph")]
    for command in commands:
        said = run(*command[1:], cwd=tmp_path)
        assert said.returncode == 0, said.stdout + said.stderr
    assert [command[3] for command in commands] == ["import", "publish"]
    assert "docs/" not in done.stdout  # which the wheel has not
    assert "<https://data.example.org/data/ports-agency>" in (
        tmp_path / "site" / "data" / "ports-agency.nt"
    ).read_text(encoding="utf-8")
    assert "Ports Agency" in run("--catalog", root, "query", "things").stdout
    again = run("init", root, "--base", "https://x.org/", "--name", "X", "--languages", "en")
    assert again.returncode == 2
    assert "is there already; name a new folder." in again.stderr


@pytest.mark.parametrize(
    ("given", "answers", "missing"),
    [
        ((), "", "--base, --name, --languages"),
        (("--languages", "en"), "https://data.example.org\n", "--name"),
    ],
)
def test_what_nobody_answers_is_named(tmp_path, given, answers, missing):
    done = run("init", tmp_path / "mine", *given, stdin=answers)
    assert done.returncode == 2
    assert f"nobody can be asked; give {missing}.\n" in done.stderr


def test_a_full_disk_leaves_nothing_in_the_way_of_the_next_try(tmp_path, monkeypatch):
    given = ("init", tmp_path / "mine", "--base", "https://e.org/", "--name", "X", "--languages", "en")
    for file in ("things.rq", "dataset.csv"):
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", partialmethod(full, file))
            assert "No space left" in run(*given).stderr
        assert [*tmp_path.glob("mine/*")] == []
    assert run(*given).returncode == 0
    new = ("--catalog", tmp_path / "mine", "new", "Examplia", "--language", "nl", "-o", tmp_path / "tables")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", partialmethod(full, "dataset.csv"))
        assert "No space left" in run(*new).stderr
    assert run(*new).returncode == 0


def full(path, name, target):
    """Move a draft to its place, but not to a file of this name."""
    if target.name == name:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return path.rename(target)


def test_two_plus_signs_in_a_name_are_of_it(tmp_path):
    given = ("--base", "https://data.example.org/", "--name", "C++ Agency", "--languages", "en")
    done = run("init", tmp_path / "mine", *given)
    assert done.returncode == 0, done.stderr
    assert "C++ Agency" in (tmp_path / "mine" / "catalog.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("--base", "x", "base takes an address"),
        ("--languages", "en,xx", "'xx' is no language"),
        ("--name", "Ports ++ Agency", "No cell can hold ++, which is in 'Ports ++ Agency'"),
    ],
)
def test_init_writes_nothing_for_what_no_catalogue_takes(option, value, what, tmp_path):
    given = {"--base": "https://data.example.org/", "--name": "X", "--languages": "en", option: value}
    done = run("init", tmp_path / "mine", *(part for pair in given.items() for part in pair))
    assert done.returncode == 2
    assert what in done.stderr
    assert [*tmp_path.glob("mine/*")] == []


def test_a_publisher_whose_name_begins_with_a_digit_gets_tables_that_are_imported(tmp_path):
    given = ("--base", "https://data.example.org/", "--name", "3M Agency", "--languages", "en")
    assert run("init", tmp_path / "mine", *given).returncode == 0
    done = run("--catalog", tmp_path / "mine", "import", tmp_path / "mine" / "tables")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("ontology", "name"), [("<a> <b", "X"), ("", "Ports\x07")])
def test_init_leaves_nothing_where_the_tables_cannot_be_written(ontology, name, tmp_path):
    file = tmp_path / "ontology" / "own.ttl"
    file.parent.mkdir()
    file.write_text(ontology, encoding="utf-8")
    given = ("--base", "https://data.example.org/", "--name", name, "--languages", "en,de")
    assert refused("init", tmp_path, *given)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [file]


def test_init_writes_the_words_of_a_language_that_is_not_shipped(tmp_path):
    given = {"--base": "https://data.example.org/", "--name": "X", "--languages": "en,de"}
    done = run("init", tmp_path / "mine", *(part for pair in given.items() for part in pair))
    assert done.returncode == 0, done.stderr
    words = tmp_path / "mine" / "i18n" / "de.json"
    assert f"{words} has the words of pages, in English until you fill them in." in done.stdout
    assert json.loads(words.read_text(encoding="utf-8"))["site"]["wrong"] == {"en": "This is wrong", "de": ""}


def test_what_was_written_of_a_question_or_hint_that_was_renamed_stays_in_the_words(tmp_path):
    path = tmp_path / "i18n" / "de.json"
    path.parent.mkdir()
    own = {"questions": {"harbours": {"en": "All", "de": "Alle"}, "new": ""}, "hints": {"a tag": "Marke"}}
    path.write_text(json.dumps(own), encoding="utf-8")
    for _ in range(2):
        run("words", "de", "-o", path)
        texts = json.loads(path.read_text(encoding="utf-8"))
        assert texts["questions"] == {"harbours": {"en": "", "de": "Alle"}}
        assert texts["hints"] == {"a tag": {"en": "", "de": "Marke"}}


def test_words_are_those_of_the_questions_that_people_read(tmp_path):
    question = "#+ summary: {0}\n#+ description: About {0}.\nASK {{\n"
    question += "VALUES ?x {{ UNDEF }} # xsd:string: {0} of\n?x ?p ?o }}"
    (tmp_path / "queries" / "internal").mkdir(parents=True)
    for name in ("ports", "internal/ships"):
        (tmp_path / "queries" / f"{name}.rq").write_text(question.format(name), encoding="utf-8")
    texts = json.loads(words_file(tmp_path, "de"))
    assert [[*texts[each]] for each in ("questions", "descriptions", "hints")] == [
        ["ports"],
        ["ports"],
        ["ports of"],
    ]


@pytest.mark.parametrize("command", ["validate", "queries"])
def test_other_commands_need_data(command, tmp_path):
    (tmp_path / "data").mkdir()
    done = run("--catalog", tmp_path, command)
    assert done.returncode == 2
    assert "The catalogue is empty" in done.stderr
