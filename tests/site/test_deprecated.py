"""What is no longer to be used looks so on its page and in lists, and is left out of search and sitemap."""

from __future__ import annotations

import re

import pytest
from checkout import SHIPPED

from policygraph.catalog.catalog import Catalog
from policygraph.check.site.inspect import inspect
from policygraph.site.publish import publish
from policygraph.site.site import Site

PORTS = SHIPPED / "tests" / "support" / "ports.ttl"
MORE = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
<port/old> a org:Site ; skos:prefLabel "Old Harbour"@en ; org:siteOf <agency> ; owl:deprecated true ;
  prov:invalidatedAtTime "2026-03-01"^^xsd:date ; dct:isReplacedBy <port/north> .
<port/past> a org:Site ; skos:prefLabel "Past Harbour"@en ; org:siteOf <agency> .
<port/south> dct:replaces <port/past> .
<port/kept> a org:Site ; skos:prefLabel "Kept Harbour"@en ; org:siteOf <agency> ; owl:deprecated false .
<kind/sail> a skos:Concept ; skos:prefLabel "Sailing port"@en ; skos:inScheme <kind> ;
  skos:broader <kind/any> ; owl:deprecated "1"^^xsd:boolean .
<plan/1> a pg:Plan ; skos:prefLabel "Harbour plan"@en .
<plan/2> a pg:Plan ; skos:prefLabel "Former plan"@en ; owl:deprecated true .
<plan/3> a pg:Plan ; skos:prefLabel "Earlier plan"@en ; dct:isReplacedBy <plan/1> .
"""
SETTINGS = """base = "https://data.ports.example/"
languages = ["en", "da", "nb"]
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """The register of ports with things that are deprecated, replaced, and kept."""
    root = tmp_path_factory.mktemp("deprecated")
    (root / "data").mkdir()
    (root / "data" / "ports.ttl").write_text(PORTS.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    (root / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    return Catalog(root)


@pytest.fixture(scope="module")
def site(catalog):
    return Site(catalog, catalog.load(), live=False)


def text(site, path, **arguments):
    return site.page(path, arguments).body.decode()


def banner(page):
    (found,) = page.split('<p class="refused" role="note">')[1:]
    return found.partition("</p>")[0]


@pytest.mark.parametrize(
    ("tag", "no_more", "since", "instead", "replaced"),
    [
        ("", "No longer to be used", "since", "Use instead", "Replaced"),
        (".da", "Skal ikke længere bruges", "fra", "Brug i stedet", "Erstattet"),
        (".nb", "Skal ikke lenger brukes", "fra", "Bruk i stedet", "Erstattet"),
    ],
)
def test_its_page_begins_with_when_and_by_what_it_is_replaced(site, tag, no_more, since, instead, replaced):
    page = text(site, f"/port/old{tag}.html")
    shown = banner(page)
    assert shown.startswith(f"<b>{no_more}")
    assert f'({since} <time datetime="2026-03-01">2026-03-01</time>)' in shown
    assert f'{instead}: <a href="north{tag}.html">' in shown
    assert page.index("refused") < page.index("<h2")
    assert '<meta name="robots" content="noindex">' in page
    assert "owl#deprecated" not in page, "the banner says it"
    past = banner(text(site, f"/port/past{tag}.html"))
    assert past.startswith(f"<b>{replaced}")
    assert f'{instead}: <a href="south{tag}.html">' in past
    assert no_more in banner(text(site, f"/kind/sail{tag}.html"))
    for kept in ("port/kept", "port/north"):
        assert "noindex" not in text(site, f"/{kept}{tag}.html")


@pytest.mark.parametrize(
    ("tag", "mark", "replaced"),
    [("", "no longer used", "replaced"), (".da", "udgået", "erstattet"), (".nb", "utgått", "erstattet")],
)
def test_it_is_marked_where_it_is_listed(site, tag, mark, replaced):
    for path in ("/things", "/names", "/agency"):
        page = text(site, f"{path}{tag}.html")
        for name, word in (("Old Harbour", mark), ("Past Harbour", replaced)):
            behind = page.split(name, 1)[1].split("</li>")[0]
            assert f'<small class="deprecated">{word}</small>' in behind, (path, name)
        assert "deprecated" not in page.split("Kept Harbour", 1)[1].split("</li>")[0]
    assert (
        f'<small class="deprecated">{mark}</small>'
        in text(site, f"/kind{tag}.html").split("Sailing port")[-1]
    )


def test_it_is_out_of_sitemap_and_searched_by_its_name_what_replaces_it_is_found(site, catalog):
    live = Site(catalog, catalog.load())
    index, found, listed = (
        text(site, "/search.html"),
        text(live, "/search.html", q=["harbour"]),
        text(site, "/sitemap.xml"),
    )
    for path in ("/port/old.html", "/port/past.da.html"):
        assert path not in listed
        assert f'href="{path[1:].replace(".da", "")}"' not in index + found
    assert re.search(r"port/north\.html.*Old Harbour", index), "by the name of what it replaces"
    assert "port/north.html" in text(live, "/search.html", q=["Old Harbour"])
    assert "Kept Harbour" in index
    assert "Kept Harbour" in found
    assert "/port/kept.html" in listed


def test_what_is_not_there_about_it_is_not_of_interest(catalog, site):
    base = "https://data.ports.example/plan/"
    assert catalog.absences(f"{base}1").properties
    for each in ("2", "3"):
        assert not catalog.absences(f"{base}{each}").named
        assert "Not stated" not in text(site, f"/plan/{each}.html")


@pytest.mark.full
def test_the_checker_accepts_it(catalog, tmp_path):
    publish(catalog, tmp_path / "site")
    old = tmp_path / "site" / "port" / "old.html"

    def unlisted():
        return [each.where for each in inspect(tmp_path / "site").findings if each.rule == "sitemap"]

    assert not unlisted()
    old.write_text(old.read_text(encoding="utf-8").replace("noindex", "index"), encoding="utf-8")
    assert unlisted() == ["/port/old.html"]
