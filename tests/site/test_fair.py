"""The page of a dataset leads programs to what belongs to it, as Signposting and RO-Crate readers find it."""

from __future__ import annotations

import json
import re

import pytest
import thesaurus
from serving import running

from policygraph.catalog.catalog import Catalog
from policygraph.site.pages.fair import CRATE
from policygraph.site.publish import publish
from policygraph.site.site import Site

PAGE, IRI = "/data/terms.html", f"{thesaurus.BASE}data/terms"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = thesaurus.write(tmp_path_factory.mktemp("fair") / "t", 12)
    undated = re.sub("dct:modified .* ;", "", thesaurus.HEAD.partition(f"<{thesaurus.BASE}terms>")[0])
    (folder / "data" / "undated.ttl").write_text(undated.replace("data/terms", "data/undated"), "utf-8")
    return Catalog(folder)


@pytest.fixture(scope="module")
def site(catalog):
    return Site(catalog, catalog.store, live=False)


def test_header_and_page_have_the_same_links_and_nothing_else_has(site):
    page = site.page(PAGE)
    found = {(rel, href) for rel, href, _ in page.links}
    assert {("cite-as", IRI), ("type", "https://schema.org/Dataset")} <= found
    assert ("linkset", "/download/terms/linkset.json") in found
    text = page.body.decode()
    ours = ("cite-as", "type", "license", "author", "describedby", "item", "linkset")
    for rel, href in (each for each in found if each[0] in ours):
        href = href if "://" in href else ".." + href if href.startswith("/download") else href[6:]
        assert f'<link rel="{rel}" href="{href}"' in text
    assert text.count('<link rel="license"') == 1
    assert "cite-as" not in site.page("/things.html").body.decode()


def test_the_linkset_has_the_same_links_with_addresses_and_the_way_back(site):
    first, *files = json.loads(site.page("/download/terms/linkset.json").body)["linkset"]
    assert first["anchor"] == f"{thesaurus.BASE}data/terms.html"
    assert {each["href"] for each in first["item"]} == {each["anchor"] for each in files}
    assert all(each["collection"][0]["href"] == first["anchor"] for each in files)
    crate = f"{thesaurus.BASE}download/terms/{CRATE}"
    assert crate in {each["href"] for each in first["describedby"]}
    file = site.page("/download/terms.ttl")
    assert ("collection", "/data/terms.html", "text/html") in file.links


def test_a_crate_names_the_publisher_and_a_dataset_without_a_date_has_none(site):
    _, root, *others = json.loads(site.page(f"/download/terms/{CRATE}").body)["@graph"]
    assert root["publisher"] == {"@id": f"{thesaurus.BASE}agency"}
    assert {"@type": "Organization", "@id": f"{thesaurus.BASE}agency", "name": "Agency"} in others
    assert site.page(f"/download/undated/{CRATE}") is None
    assert CRATE not in site.page("/download/undated/linkset.json").body.decode()


@pytest.mark.full
def test_signposting_of_pypi_reads_header_page_and_linkset(catalog, tmp_path):
    from signposting import find_signposting_html, find_signposting_http, find_signposting_linkset

    with running(tmp_path, catalog=catalog) as server:
        at = f"http://127.0.0.1:{server.port}"
        found = [
            find_signposting_http(f"{at}{PAGE}"),
            find_signposting_html(f"{at}{PAGE}"),
            find_signposting_linkset(f"{at}/download/terms/linkset.json"),
        ]
    for each in found[:2]:
        assert each.citeAs.target == IRI
        assert {each.type for each in each.describedBy} >= {"text/turtle", "application/ld+json"}
        assert len(each.items) > 8
        assert {link.target for link in each.types} == {
            "https://schema.org/AboutPage",
            "https://schema.org/Dataset",
        }
    (page,) = (each for each in found[2].other_contexts if each.endswith(PAGE))
    assert found[2].for_context(page).citeAs.target == IRI


@pytest.mark.full
def test_rocrate_of_pypi_reads_the_folder_of_each_dataset(catalog, tmp_path):
    from rocrate.rocrate import ROCrate

    publish(catalog, tmp_path / "site", processes=1)
    folder = tmp_path / "site" / "download" / "terms"
    crate = ROCrate(folder)
    assert crate.name == "Terms"
    assert crate.root_dataset["identifier"] == IRI
    own = [each for each in crate.data_entities if "://" not in each.id]
    beside = {"linkset.json", "ro-crate-metadata.json"}
    assert {each.id for each in own} == {path.name for path in folder.iterdir()} - beside
    assert all(int(each["contentSize"]) == (folder / each.id).stat().st_size for each in own)
