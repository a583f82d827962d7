"""Data of others, which the catalogue knows nothing of, at the command line: what it tells of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import refused, run

from policygraph import Catalog
from policygraph.site.site import Site

BIRDS = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix b: <https://example.org/birds#> .

b:owl a b:Bird ; rdfs:label "Barn owl"@en , "Slørugle"@da ; b:eats b:mouse .
b:mouse a b:Mammal ; rdfs:label "House mouse"@en .
b:Bird a rdfs:Class ; rdfs:label "Bird"@en .
b:eats a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Property> ; rdfs:label "eats"@en .
"""
EDGES = "SELECT ?source ?relation ?target { ?source ?relation ?target . FILTER(?relation = b:eats) }"


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    path = tmp_path / "birds.ttl"
    path.write_text(BIRDS, encoding="utf-8")
    return path


def test_the_downloads_of_a_site_are_those_of_its_file(birds, examplia):
    catalog = Catalog.find(examplia.root, files=[birds])
    site = Site(catalog, catalog.load(), live=False)
    files = {path for path in site.paths() if path.startswith("/download/")}
    assert "/download/birds.nt" in files
    assert not any("examplia" in path for path in files)
    lines = site.page("/download/birds.nt").body.decode().splitlines()
    assert len(lines) == 10
    assert not any("network" in path for path in files)  # there is none
    assert "birds.ttl" in site.page("/catalog.html").body.decode()


def test_a_file_has_no_empty_download(tmp_path, examplia):
    file = tmp_path / "graphs.trig"
    file.write_text("<urn:graph> { <urn:a> <urn:b> <urn:c> }")
    catalog = Catalog.find(examplia.root, files=[file])
    site = Site(catalog, catalog.load(), live=False)
    files = {path for path in site.paths() if path.startswith("/download/")}
    assert not any("graphs" in path for path in files)
    assert b"<urn:a> <urn:b> <urn:c>" in site.page("/download/all.trig").body.replace(b"\t", b" ")


def test_files_of_one_name_are_refused(birds, tmp_path):
    (tmp_path / "birds.nt").touch()
    assert "have the same name" in refused("--data", birds, "--data", tmp_path / "birds.nt")
