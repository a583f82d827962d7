"""A SKOS thesaurus of any size, made up: in English and Danish, five concepts below each, with mappings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

BASE = "https://terms.example.org/"
SETTINGS = f"""base = "{BASE}"
title = {{en = "Terms of a city", da = "En bys ord"}}
languages = ["en", "da"]
[publisher]
name = "Agency"
iri = "{BASE}agency"
"""
HEAD = f"""@prefix : <{BASE}c/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<{BASE}agency> a foaf:Agent ; foaf:name "Agency"@en .
<{BASE}data/terms> a dcat:Dataset ; dct:title "Terms"@en , "Ord"@da ; dct:description "Made up."@en ;
  dct:publisher <{BASE}agency> ; dct:license <http://creativecommons.org/licenses/by/4.0/> ;
  dct:modified "2026-01-01"^^xsd:date ; dcat:version "1.0.0" .
<{BASE}terms> a skos:ConceptScheme ; skos:prefLabel "Terms of a city"@en , "En bys ord"@da .
"""
WORDS = """river harbour budget school cable dike forest record council tax bridge lamp archive
zone port water road grant plan audit yard ice night union value quay"""
ABOUT = "safety planning upkeep survey supply control finance design law training mapping history"
FIRST, SECOND = WORDS.split(), ABOUT.split()
TOPS, BELOW = 10, 5


def lines(number: int) -> Iterator[str]:
    """The blocks of its concepts in Turtle, the top concepts first."""
    for n in range(number):
        one, other = FIRST[n * 7 % 26], SECOND[n // 26 * 5 % 12]
        above = f"skos:broader :{(n - TOPS) // BELOW}" if n >= TOPS else f"skos:topConceptOf <{BASE}terms>"
        yield f'''
:{n} a skos:Concept ; skos:inScheme <{BASE}terms> ; skos:notation "{n:05}" ; {above} ;
  skos:prefLabel "{one.title()} {other} {n}"@en , "{other.title()} af {one} {n}"@da ;
  skos:definition "What is {other} of a {one}."@en .'''
        if n % 3 == 0:
            yield f"\n:{n} skos:exactMatch <http://eurovoc.europa.eu/{n}> ."
        if n % 6 == 0:
            yield f'\n<http://eurovoc.europa.eu/{n}> skos:prefLabel "EuroVoc {one} {n}"@en .'


def write(folder: Path, number: int) -> Path:
    """Write it as a catalogue; return the folder."""
    (folder / "data").mkdir(parents=True)
    (folder / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "data" / "terms.ttl").write_text(HEAD + "".join(lines(number)) + "\n", encoding="utf-8")
    return folder
