"""A made-up agency that publishes its register of ports three times, each time with something else in it."""

from __future__ import annotations

import checkout

from policygraph.catalog.catalog import Catalog

BASE = "https://data.ports.example/"
VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
_DAYS = ("2026-09-01", "2026-10-01", "2026-11-01")
_PORT = '<port/{0}> a org:Site ; skos:prefLabel "{1}"@en , "{2}"@da ; org:siteOf <agency> .\n'
_OLD = _PORT.format("old", "Old Harbour", "Gammelhavn")
_PAST = _PORT.format("past", "Past Harbour", "Forrige Havn")
_EAST = _PORT.format("east", "East Harbour", "Østhavn")
_MORE = (
    _OLD + _PAST + "<port/nameless> org:siteOf <agency> .\n",
    # One is withdrawn, one has another address, one is new.
    _EAST + '<port/south> dct:replaces <port/past> ; dct:description "Deep since 2026."@en .\n',
    _EAST.replace("East Harbour", "Eastern Harbour") + "<port/south> dct:replaces <port/past> .\n",
)
_VOCABULARY = """@base <https://data.ports.example/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<vocab> a owl:Ontology ; dct:title "Words for ports"@en ; owl:versionInfo "{0}" ; owl:versionIRI <vocab/{0}> ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ; dct:modified "{1}"^^xsd:date .
<vocab#Quay> a owl:Class ; rdfs:label "Quay"@en ; rdfs:isDefinedBy <vocab> .
"""
_QUESTION = """#+ summary: Which ports there are
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?port ?name { ?port a org:Site ; skos:prefLabel ?name FILTER(LANG(?name) = "en") } ORDER BY ?port
"""
_AGENCIES = """#+ summary: Who runs them
PREFIX org: <http://www.w3.org/ns/org#>
SELECT DISTINCT ?agency { ?port org:siteOf ?agency }
"""


def release(root, number):
    """Write the catalogue as of one of its releases, from 0 on, and open it."""
    for name in ("data", "ontology", "queries"):
        (root / name).mkdir(parents=True, exist_ok=True)
    data = (checkout.SHIPPED / "tests" / "support" / "ports.ttl").read_text(encoding="utf-8")
    data = data.replace('dcat:version "1.0.0"', f'dcat:version "{VERSIONS[number]}"')
    data = data.replace("2026-11-20", _DAYS[number])
    (root / "data" / "ports.ttl").write_text(data + _MORE[number], encoding="utf-8")
    words = _VOCABULARY.format("0.9" if number < 2 else "1.0", _DAYS[0 if number < 2 else 2])
    if number == 2:
        words = words.replace("Quay", "Pier")
    (root / "ontology" / "vocab.ttl").write_text(words, encoding="utf-8")
    (root / "queries" / "ports.rq").write_text(_QUESTION, encoding="utf-8")
    (root / "queries" / "agencies.rq").write_text(_AGENCIES, encoding="utf-8")
    settings = f'base = "{BASE}"\nlanguages = ["en", "da"]\n[site]\nsparql = false\n'
    (root / "catalog.toml").write_text(settings, encoding="utf-8")
    return Catalog(root)


def digests(folder):
    """The lines of the list of what is kept: the SHA-256 of each file, by its path."""
    lines = (folder / "versions.sha256").read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines[1:])}


def tree(folder):
    """The bytes of each file of a folder, by its path in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
