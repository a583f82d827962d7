"""A catalogue's settings: what is read, what is refused, and that the package knows none of it."""

from __future__ import annotations

import re

import pytest
from checkout import SHIPPED

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.settings import Settings
from policygraph.errors import CatalogError
from policygraph.rdf.namespaces import PREFIXES

WHOLE = """base = "https://data.example.org/"
address = "https://policies.example.org/linked/"
languages = ["da", "en"]
title = "Havnen"
tagline = { da = "Planer for havnen", en = "Plans for the harbour" }

[publisher]
name = "Harbour Office"
iri = "https://data.example.org/agent/office"
email = "data@example.org"
homepage = "https://example.org/"
logo = "pictures/logo.svg"

[links]
imprint = "https://example.org/imprint"
feedback = "mailto:data@example.org"

[theme]
accent = "#005EA5"
style = "own.css"

[prefixes]
harbour = "https://data.example.org/id/"
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "logo.svg").write_text(SVG.format("<path d='M0 0'/>"), encoding="utf-8")
    (tmp_path / "own.css").write_text("body { margin: 0 }", encoding="utf-8")
    return tmp_path


def read(folder, text):
    (folder / "catalog.toml").write_text(text, encoding="utf-8")
    return Settings.read(folder)


def refusal(folder, text):
    with pytest.raises(CatalogError) as error:
        read(folder, text)
    sentence = str(error.value)
    assert "\n" not in sentence
    assert sentence.endswith((".", "?"))
    return sentence.removeprefix(f"{folder / 'catalog.toml'}, ")


def test_everything_a_publisher_decides_is_read(folder):
    found = read(folder, WHOLE)
    assert (found.base, found.address) == (
        "https://data.example.org/",
        "https://policies.example.org/linked/",
    )
    assert found.languages == ("da", "en")
    assert found.title == {"da": "Havnen"}  # a text without a language is in the first
    assert found.tagline["en"] == "Plans for the harbour"
    assert (found.publisher, found.email) == ({"da": "Harbour Office"}, "data@example.org")
    assert found.logo == folder / "pictures" / "logo.svg"
    assert list(found.links) == ["imprint", "feedback"]
    assert (found.accent, found.style) == ("#005ea5", folder / "own.css")
    assert found.prefixes == {**PREFIXES, "harbour": "https://data.example.org/id/"}


def test_a_byte_order_mark_is_no_part_of_the_settings(folder):
    assert read(folder, f"\ufeff{WHOLE}") == read(folder, WHOLE)


def test_a_text_is_in_the_language_if_it_has_that(folder):
    settings = read(folder, WHOLE)
    assert [settings.text("tagline", tag) for tag in ("da", "en")] == [
        "Planer for havnen",
        "Plans for the harbour",
    ]
    assert settings.text("title", "en") == "Havnen"
    assert settings.text("description", "en") == ""


def test_what_is_no_toml_is_a_sentence(folder):
    for text, what in (("x = [1", "(at end of document)."), ("x = " + "[" * 3_000, "Nesting is too deep;")):
        assert what in refusal(folder, text)


def test_every_key_has_a_default(folder):
    found = Settings.read(folder)
    assert (found.languages, found.title) == (("en",), {"en": folder.name})
    assert (found.address, found.publisher, found.logo, found.links) == (found.base, {}, None, {})
    assert read(folder, 'base = "https://a.org/b/"').address == "https://a.org/b/"


def test_a_prefix_of_its_own_is_known_to_questions(folder):
    (folder / "data" / "x.ttl").write_text(
        '<https://data.example.org/id/a> <http://purl.org/dc/terms/title> "A"@en .', encoding="utf-8"
    )
    (folder / "catalog.toml").write_text(WHOLE, encoding="utf-8")
    catalog = Catalog(folder)
    assert [row["t"].value for row in catalog.load().query("SELECT ?t { harbour:a dct:title ?t }")] == ["A"]
    assert [row["t"].value for row in catalog.load().query("SELECT ?t { <id/a> dct:title ?t }")] == ["A"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('titel = "x"', "line 1: titel is no setting; there are base, address,"),
        ('titel = "x"', "Did you mean 'title'?"),
        (
            '\n[publisher]\nname = "x"\nmail = "y"',
            "line 4: publisher.mail is no setting; there are name, iri,",
        ),
        ('[links]\nimprnt = "https://a.org/"', "Did you mean 'imprint'?"),
        ("base = 7", "line 1: base takes an address such as"),
        ('\nbase = "https://a.org"', "line 2: base takes an address that ends with a slash"),
        ('base = "https://a.org/?x/"', "without ? and #"),
        (
            'title = "x"\nbase = "https://a.org/terms#"',
            "line 2: base takes an address that ends with a slash, without ? and #; not "
            "'https://a.org/terms#'. Write https://a.org/: each https://a.org/terms#x then has its place on "
            "the page /terms.",
        ),
        ('base = "ftp://a.org/"', "line 1: base takes an address such as"),
        ('base = "https://me:secret@a.org/"', "line 1: base takes an address such as"),
        ('base = "https://gögn.example/"', "line 1: base takes an address in ASCII, with a host as xn--"),
        ('base = "https://a.org:99999/"', "line 1: base takes an address such as"),
        ('languages = "en"', 'line 1: languages takes a list of languages such as ["en"]'),
        ("languages = []", "line 1: languages takes a list"),
        ('languages = ["en", "xx"]', "line 1: languages has 'xx', a language without words for pages; there"),
        ("title = { en = 3 }", "line 1: title takes a text; not 3."),
        ('[title]\n"e n" = "x"', "line 1: title has 'e n' where a language is named"),
        ('publisher = "x"', "line 1: publisher is a table, which begins with [publisher]."),
        (
            '[publisher]\nemail = "nobody"',
            "line 2: publisher.email takes an address such as",
        ),
        ('[publisher]\niri = "a b"', "line 2: publisher.iri takes an IRI"),
        ('[links]\nprivacy = "javascript:alert(1)"', "line 2: links.privacy takes an address"),
        ('[theme]\naccent = "red"', 'line 2: theme.accent takes a colour such as "#005ea5"'),
        ('[theme]\naccent = "#7a9cff"', "line 2: theme.accent has a contrast of 2.4:1 on the pages"),
        ('[prefixes]\ndct = "https://a.org/"', "line 2: prefixes.dct is taken: dct: stands for"),
        ('[prefixes]\n"1a" = "https://a.org/"', "line 2: prefixes.1a is no prefix"),
        ('[prefixes]\nok = "a b"', "line 2: prefixes.ok takes an IRI"),
        ('[publisher]\nlogo = "../logo.svg"', "line 2: publisher.logo leads out of the folder"),
        ('[publisher]\nlogo = "out.svg"', "line 2: publisher.logo leads out of the folder"),
        ('[publisher]\nlogo = "none.png"', "line 2: publisher.logo names 'none.png', which is no file"),
        ('[publisher]\nlogo = "logo.exe"', "line 2: publisher.logo takes a file with one of .svg"),
        ('[theme]\nstyle = "/etc/passwd.css"', "line 2: theme.style leads out of the folder"),
        ('title = "x', "catalog.toml: Unterminated string (at end of document)."),
    ],
)
def test_a_mistake_is_named_with_its_key_and_line(folder, text, sentence):
    (folder.parent / "logo.svg").write_text(SVG, encoding="utf-8")
    (folder / "out.svg").symlink_to(folder.parent / "logo.svg")
    assert sentence in refusal(folder, text)


def test_the_package_knows_no_base_but_that_of_the_claim_model_and_no_title():
    """What a catalogue decides is in its catalog.toml, also of PolicyGraph's own."""
    own = Settings.read(SHIPPED)
    found, texts = {}, [*own.tagline.values(), *own.description.values(), *own.title.values()]
    kinds = (".py", ".json", ".html", ".ttl", ".tsv", ".rq", ".xml", ".atom", ".txt", ".js")
    paths = [path for path in (SHIPPED / "src").rglob("*") if path.suffix in kinds]
    for path in (path for path in paths if not {"yasgui", "oxigraph"} & {*path.parts}):
        text = path.read_text(encoding="utf-8")
        for name in re.findall(rf"{re.escape(own.base)}[\w/#-]*", text):
            found[name] = path.name
        if path.suffix == ".json":
            assert not [each for each in texts if f'": "{each}' in text], path
    assert found == {own.base + "ontology#": "prefixes.tsv"}


def test_a_prefix_means_what_its_own_catalogue_says(tmp_path):
    found = []
    for name in ("one", "two"):
        (tmp_path / name / "data").mkdir(parents=True)
        base = f"https://{name}.example.org/id/"
        (tmp_path / name / "catalog.toml").write_text(f'[prefixes]\nquay = "{base}"', encoding="utf-8")
        (tmp_path / name / "data" / "x.ttl").write_text(
            f'<{base}a> <http://purl.org/dc/terms/title> "{name}"@en .', encoding="utf-8"
        )
        found.append(Catalog(tmp_path / name))
    assert [each.find_resource("quay:a").split("/")[2] for each in found] == [
        "one.example.org",
        "two.example.org",
    ]
