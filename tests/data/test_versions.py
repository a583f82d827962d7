"""The versions of what is shipped agree, by the rules of docs/versions.md."""

from __future__ import annotations

import re
import tomllib

import pyoxigraph as ox
from checkout import SHIPPED as ROOT

from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL, expand

FILES = sorted([*(ROOT / "ontology").glob("*.ttl"), *(ROOT / "data").glob("*.ttl")])
SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


def values(predicate):
    """The values of a property by subject, in all the catalogue's files."""
    found = {}
    for path in FILES:
        for quad in reader.read(path):
            if quad.predicate.value == expand(predicate):
                found.setdefault(quad.subject.value, []).append(quad.object.value)
    return found


def test_every_version_is_a_semantic_version():
    versions = [*values("owl:versionInfo").values(), *values("dcat:version").values()]
    assert len(versions) >= len(FILES)
    assert [number for numbers in versions for number in numbers if not SEMANTIC.fullmatch(number)] == []


def test_the_newest_sections_of_the_changelog_are_the_versions_that_are_shipped():
    """A new file in data/ needs a section of its own, a new version one above the others."""
    newest = {}
    for part, number in re.findall(
        r"^## (.+) (\S+), ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    ):
        newest.setdefault(part, number)
    software = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    shipped = {
        "Software": software,
        "Ontology": values("owl:versionInfo")[expand("<ontology>", base=MODEL)][0],
    }
    for path in (ROOT / "data").glob("*.ttl"):
        shipped[f"Data: {path.stem.title()}"] = values("dcat:version")[
            expand(f"<data/{path.stem}>", base=MODEL)
        ][0]
    (shipped["Data: Europe"],) = {
        number
        for path in (ROOT / "europe" / "data").glob("*.ttl")
        for number in re.findall(r'dcat:version "(.+)"', path.read_text("utf-8"))
    }
    assert newest == shipped


def lacking_a_replacement(found):
    """What is deprecated and names no replacement, or only one that is unknown or deprecated too."""
    rows = found.query(
        """PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX dct: <http://purl.org/dc/terms/>
        SELECT DISTINCT ?term WHERE {
          ?term owl:deprecated true
          FILTER NOT EXISTS {
            ?term dct:isReplacedBy ?other . ?other a ?type
            FILTER NOT EXISTS { ?other owl:deprecated true }
          }
        }"""
    )
    return sorted(row["term"].value for row in rows)


def test_what_is_deprecated_names_its_replacement():
    store = ox.Store()
    for path in FILES:
        store.extend(reader.read(path))
    assert lacking_a_replacement(store) == []


def test_the_deprecation_rule_finds_what_breaks_it():
    store = ox.Store()
    text = """@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix t: <https://example.org/terms#> .
        t:New a owl:Class . t:Old a owl:Class ; owl:deprecated true ; dct:isReplacedBy t:New .
        t:Alone a owl:Class ; owl:deprecated true .
        t:Circular a owl:Class ; owl:deprecated true ; dct:isReplacedBy t:Alone ."""
    store.extend(reader.parse(text.encode(), name="text.ttl"))
    names = [iri.rpartition("#")[2] for iri in lacking_a_replacement(store)]
    assert names == ["Alone", "Circular"]
