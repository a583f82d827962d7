"""The shipped stories hold: what they assert, in every language, with whole names."""

from __future__ import annotations

import tomllib

import pytest
from checkout import SHIPPED

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.metadata import Metadata
from policygraph.explorer.story import Levels, Storyboard, stories
from policygraph.rdf.namespaces import MODEL, PREFIXES

CATALOGUES = [SHIPPED, pytest.param(SHIPPED / "europe", marks=pytest.mark.full)]


@pytest.mark.full
@pytest.mark.parametrize("root", CATALOGUES, ids=lambda root: root.name)
def test_every_sentence_holds_and_every_name_is_whole(root):
    catalog = Catalog(root)
    metadata, offered = Metadata(catalog, catalog.store), stories(catalog)
    levels = Levels(metadata)
    assert [*offered] == sorted(path.stem for path in (root / "stories").glob("*.toml"))
    for name, story in offered.items():
        for language in catalog.settings.languages:
            for slide in Storyboard(story, metadata, language, levels).slides:
                where = (name, slide.step.id, language)
                assert slide.faults == [], where
                assert slide.language == language, where
                assert slide.step.asserts or slide.step.view, where
                assert "…" not in slide.svg.partition("Titles")[0], where
                assert slide.rows, where


def test_a_sentence_that_counts_comparisons_has_a_line_for_each(tmp_path):
    """And holds beside another country, with which one of the two is compared."""
    file, catalog = tmp_path / "land.ttl", Catalog(SHIPPED)
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    file.write_text(
        f"""{head}@base <{MODEL}> . <urn:x:plan> a pg:Plan ; pg:inCountry <urn:x:land> ;
  pg:startDate "2015-01-01"^^xsd:date . <urn:x:land> a pg:Country . <urn:x:pair> a pg:Comparison ;
  pg:compares <urn:x:plan> , <id/dk/plan/digital-growth-strategy> ; pg:aspect pgc:aspect\\/manner ;
  pg:verdict pgc:verdict\\/same .""",
        encoding="utf-8",
    )
    store = catalog.load(files=[*(each.path for each in catalog.datasets.values()), file])
    board = Storyboard(stories(catalog)["two-countries"], Metadata(catalog, store), "en")
    assert [slide.faults for slide in board.slides] == [[], [], []]
    (slide,) = (each for each in board.slides if each.step.id == "compared")
    assert len(slide.rows) == slide.step.asserts[0]["rows"] == 8
    assert "OECD Observatory" in slide.svg, "in which is only the first of several passages of a claim"


@pytest.mark.parametrize(
    "path",
    sorted([*SHIPPED.glob("stories/*.toml"), *SHIPPED.glob("*/stories/*.toml")]),
    ids=lambda path: path.stem,
)
def test_no_address_and_no_coordinate_is_typed(path):
    def leaves(value):
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from leaves(each)
        if not isinstance(value, dict | list):
            yield value

    assert not [
        each for each in leaves(tomllib.loads(path.read_text(encoding="utf-8"))) if "://" in str(each)
    ]
