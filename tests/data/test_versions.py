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


def sections():
    """What the changelog says of each part, its version and the day, the newest first."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    return re.findall(r"^## (.+) (\S+), (\S+)$((?s:.*?))(?=^## |\Z)", text, re.MULTILINE)


def test_every_version_is_a_semantic_version():
    versions = [*values("owl:versionInfo").values(), *values("dcat:version").values()]
    assert len(versions) >= len(FILES)
    assert [number for numbers in versions for number in numbers if not SEMANTIC.fullmatch(number)] == []


def test_the_newest_sections_of_the_changelog_are_the_versions_that_are_shipped():
    """A new file in data/ needs a section of its own, a new version one above the others, with its day."""
    newest = {part: (number, day) for part, number, day, _ in reversed(sections())}
    software = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    released = re.findall("^date-released: (.+)", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    shipped = {"Software": (software, *released)}
    numbers, days = values("owl:versionInfo") | values("dcat:version"), values("dct:modified")
    for part, name in {
        "Ontology": "<ontology>",
        **{f"Data: {path.stem.title()}": f"<data/{path.stem}>" for path in (ROOT / "data").glob("*.ttl")},
    }.items():
        iri = expand(name, base=MODEL)
        shipped[part] = (*numbers[iri], *days[iri])
    (shipped["Data: Europe"],) = {
        re.search('dcat:version "(.+?)".*?dct:modified "(.+?)"', path.read_text("utf-8"), re.DOTALL).groups()
        for path in (ROOT / "europe" / "data").glob("*.ttl")
    }
    assert newest == shipped


def test_the_changelog_counts_the_claims_that_are_shipped():
    bases = {each.rpartition("/")[2] for each in (basis for (basis,) in values("pg:basis").values())}
    counted = 0
    for part, text in {part: text for part, _, _, text in reversed(sections())}.items():
        for number, basis in re.findall(rf"(\d+) (?:are )?({'|'.join(bases)})", text):
            path = ROOT / "data" / f"{part.removeprefix('Data: ').lower()}.ttl"
            found = [quad for quad in reader.read(path) if quad.predicate.value == expand("pg:basis")]
            told = [quad for quad in found if quad.object.value.endswith(f"/{basis}")]
            assert int(number) == len(told), f"CHANGELOG.md, {part}: {basis}"
            counted += 1
    assert counted >= 6


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
