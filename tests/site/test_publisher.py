"""Another publisher's catalogue: own base and address, own name, and a record that says what its data say."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote, urljoin

import loopback
import pyoxigraph as ox
import pytest
import rdflib
import serving
import webservers
from pyld import jsonld

from policygraph import validate
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.settings import Settings
from policygraph.check.shacl import check
from policygraph.check.site.inspect import inspect
from policygraph.errors import PublicationError, QueryError
from policygraph.rdf.formats import by_suffix, write
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.terms import canonical
from policygraph.site.context import SiteContext
from policygraph.site.dcat import SHAPES, record
from policygraph.site.publication.memory import Written
from policygraph.site.publish import publish
from policygraph.site.site import Site
from policygraph.site.webserver import redirects
from policygraph.store.memory import EmbeddedStore

PORTS = Path(__file__).parents[1] / "support" / "ports.ttl"
BASE, ADDRESS = "https://data.ports.example/", "https://ports.example/open/"
SETTINGS = f"""base = "{BASE}"
address = "{ADDRESS}"
title = "Ports of the coast"
tagline = "Every port, and who runs it."

[publisher]
name = "Ports Agency"
iri = "{BASE}agency"
email = "data@ports.example"
homepage = "https://ports.example/"
logo = "harbour.svg"

[links]
imprint = "https://ports.example/imprint"
accessibility = "https://ports.example/accessibility"

[theme]
accent = "#00695c"
"""


def opened(root, settings=SETTINGS, data=None):
    (root / "data").mkdir(exist_ok=True)
    (root / "data" / "ports.ttl").write_text(data or PORTS.read_text(encoding="utf-8"), encoding="utf-8")
    (root / "harbour.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    (root / "catalog.toml").write_text(settings, encoding="utf-8")
    return Catalog(root)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """A register of two ports with a list of kinds: no claims, no ontology, no queries."""
    return opened(tmp_path_factory.mktemp("ports"))


@pytest.fixture(scope="module")
def site(catalog):
    return Site(catalog, catalog.load(), live=False)


@pytest.fixture(scope="module")
def told(catalog):
    """The record, to be asked."""
    return EmbeddedStore(ox.Quad(*triple) for triple in record(SiteContext(catalog, catalog.load())))


def values(store, pattern):
    return sorted(str(row["x"].value) for row in store.query(f"SELECT ?x {{ {pattern} }}"))


def text(site, path):
    return site.page(path).body.decode()


def test_each_thing_of_its_own_has_a_page_and_data(catalog, site):
    paths = set(site.paths())
    own = {quad.subject.value for quad in catalog.load() if isinstance(quad.subject, ox.NamedNode)}
    assert len(own) == 7
    for iri in own:
        assert {iri.removeprefix(BASE).join(("/", end)) for end in (".html", ".ttl")} <= paths
    assert "\n<port/north> a org:Site ;" in text(site, "/port/north.ttl")


def test_what_a_publisher_says_in_another_language_is_marked_with_it(tmp_path):
    own = opened(tmp_path, f'languages = ["en", "da"]\n{SETTINGS}')
    page = text(Site(own, own.load()), "/index.da.html")
    for said in ("Ports of the coast", "Every port, and who runs it.", "Ports Agency"):
        assert f'<span lang="en" dir="auto">{said}</span>' in page.partition("<body")[2], said


def test_pages_are_in_the_languages_of_the_catalogue(site):
    assert not [path for path in site.paths() if ".da." in path or ".nb." in path]
    assert site.page("/port/north.da.html") is None
    assert site.variants("/port/north", "da") == site.variants("/port/north")
    assert "hreflang" not in text(site, "/index.html")
    tables = json.loads(text(site, "/download/ports/csv-metadata.json"))["tables"]
    titles = {table["url"]: table.get("dc:title", []) for table in tables}
    assert [each["@language"] for each in titles["things.csv"]] == ["en"]


def test_any_language_can_be_the_first(tmp_path):
    catalog = opened(tmp_path, SETTINGS.replace("title =", 'languages = ["nb", "en"]\ntitle =', 1))
    site = Site(catalog, catalog.load(), live=False)
    paths = set(site.paths())
    assert {"/index.en.html", "/port/north.en.html", "/404.en.html", "/feed.en.atom"} <= paths
    assert not [path for path in paths if ".nb." in path or ".da." in path]
    page = text(site, "/port/north.html")
    assert '<html lang="nb" dir="ltr">' in page
    assert '<span lang="en" dir="auto">North Harbour</span>' in page
    links = dict(re.findall('<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', page))
    here, there = f"{ADDRESS}port/north.html", f"{ADDRESS}port/north.en.html"
    assert links == {"nb": here, "x-default": here, "en": there}
    assert f'<link rel="canonical" href="{here}">' in page
    assert f'<link rel="canonical" href="{there}">' in text(site, "/port/north.en.html")
    assert "canonical" not in text(site, "/404.html")
    known = f'hreflang="en" href="{there}"/>'
    assert text(site, "/sitemap.xml").count(known) == 2, "of each of the two"
    assert '<html lang="en" dir="ltr">' in text(site, "/port/north.en.html")
    assert site.page("/index.html").language == site.not_found("/nothing").language == "nb"
    assert 'xml:lang="nb"' in text(site, "/feed.atom")
    titles = {row["x"].language for row in catalog.load().query("SELECT ?x { ?s skos:prefLabel ?x }")}
    assert titles == {"en"}
    store = EmbeddedStore(ox.Quad(*each) for each in record(SiteContext(catalog, catalog.load())))
    tags = {
        str(row["x"].language) for row in store.query("SELECT ?x { ?s a dcat:Distribution ; dct:title ?x }")
    }
    assert tags == {"nb", "en"}


def test_the_shipped_ontology_is_not_loaded_for_data_that_do_not_use_it(catalog, tmp_path):
    assert {quad.graph_name.value for quad in catalog.load()} == {BASE + "register"}
    plan = f'<{BASE}plan> a <{PREFIXES["pg"]}Plan> ; <{PREFIXES["skos"]}prefLabel> "Plan"@en .'
    store = opened(tmp_path, data=plan).load()
    assert store.query("ASK { pg:Plan rdfs:label ?x }")


def test_addresses_are_where_the_site_is_and_iris_what_the_data_say(site, told):
    for path in ("/robots.txt", "/sitemap.xml", "/feed.atom"):
        assert ADDRESS in text(site, path), path
        assert "w3id.org" not in text(site, path), path
    assert f"<loc>{ADDRESS}port/north.html</loc>" in text(site, "/sitemap.xml")
    assert f"<id>{BASE}feed.atom</id>" in text(site, "/feed.atom")
    links = site.page("/port/north.html").links
    assert ("canonical", ADDRESS + "port/north.html", "text/html") in links
    page = text(site, "/port/north.html")
    assert f'"@id": "{BASE}port/north"' in page
    assert f'"url": "{ADDRESS}port/north.html"' in page
    assert values(told, f"<{BASE}register> dct:identifier ?x") == [BASE + "register"]
    for each in values(told, "?file dcat:downloadURL|dcat:accessURL ?x"):
        assert each.startswith(ADDRESS + "download/")
        assert site.page("/" + each.removeprefix(ADDRESS))
    assert values(told, "?c a dcat:Catalog ; foaf:homepage ?x") == [ADDRESS]


def test_another_address_moves_the_site_and_no_iri(catalog):
    elsewhere = "https://mirror.example/"
    moved = Site(catalog, catalog.load(), live=False, address=elsewhere)
    for path in ("/robots.txt", "/sitemap.xml"):
        assert elsewhere in text(moved, path)
        assert ADDRESS not in text(moved, path)
    assert f"<{BASE}port/north>" not in text(moved, "/sitemap.xml")
    assert BASE + "port/north" in text(moved, "/port/north.nt")


def test_the_record_keeps_what_the_dataset_says(told):
    this = f"<{BASE}register>"
    assert values(told, f"{this} dcat:contactPoint/vcard:hasEmail ?x") == ["mailto:desk@ports.example"]
    assert values(told, f"{this} dcat:contactPoint ?c . ?c vcard:fn ?x") == ["Register desk"]
    assert values(told, f"{this} dct:provenance/dct:description ?x") == ["Copied from the paper register."]
    assert values(told, f"{this} dct:accrualPeriodicity ?x")[0].endswith("/frequency/MONTHLY")
    assert values(told, f"{this} dct:accessRights ?x")[0].endswith("/access-right/PUBLIC")
    assert values(told, f"{this} dct:publisher/foaf:name ?x") == ["Ports Agency"]
    assert len(values(told, f"{this} dcat:distribution ?x")) > 6


def test_a_source_that_is_no_dataset_is_a_relation_in_the_record(tmp_path):
    data = PORTS.read_text(encoding="utf-8").replace(
        "dct:publisher <agency> ;", "dct:publisher <agency> ; dct:source <paper> , <register> ;", 1
    )
    catalog = opened(tmp_path, data=data)
    found = EmbeddedStore(ox.Quad(*each) for each in record(SiteContext(catalog, catalog.load())))
    assert values(found, f"<{BASE}register> dct:source ?x") == [BASE + "register"]
    assert values(found, f"<{BASE}register> dct:relation ?x") == [BASE + "paper"]


def test_the_record_names_the_catalogue_and_who_publishes_it(told):
    assert values(told, "?c a dcat:Catalog ; dct:title ?x") == ["Ports of the coast"]
    assert values(told, "?c a dcat:Catalog ; dct:description ?x") == ["Every port, and who runs it."]
    assert values(told, "?c a dcat:Catalog ; dct:publisher ?x") == [BASE + "agency"]
    assert values(told, f"<{BASE}agency> foaf:mbox ?x") == ["mailto:data@ports.example"]
    assert check(told, shapes=SHAPES).conforms


def by_pyld(text):
    return jsonld.to_rdf(json.loads(text), {"format": "application/n-quads"})


def by_rdflib(text):
    return rdflib.Graph().parse(data=text, format="json-ld").serialize(format="nt")


def by_pyoxigraph(text):
    return ox.serialize(ox.parse(text, format=ox.RdfFormat.JSON_LD), format=ox.RdfFormat.N_QUADS).decode()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize("reader", [by_pyld, by_rdflib, by_pyoxigraph])
def test_the_record_in_json_ld_is_the_same_to_every_reader(reader, site):
    """`tests/interop/test_clients.py` asks jsonld.js."""
    lines = ox.parse(site.page("/catalog.nt").body, format=ox.RdfFormat.N_TRIPLES)
    expected = set(canonical(quad.triple for quad in lines))
    read = ox.parse(reader(site.page("/catalog.jsonld").body.decode()), format=ox.RdfFormat.N_QUADS)
    assert set(canonical(quad.triple for quad in read)) == expected
    assert len(expected) > 300


def test_json_ld_has_no_relative_iri_with_a_colon(tmp_path):
    """PyLD takes `graph-dcat:Dataset`, relative to a base, for an IRI of the scheme `graph-dcat`."""
    context = tmp_path / "context.jsonld"
    context.write_text(json.dumps({"@context": {"@base": BASE}}), encoding="utf-8")
    quad = ox.Quad(ox.NamedNode(BASE + "a#b-c:d"), ox.NamedNode("urn:p"), ox.NamedNode(BASE + "e"))
    written = write([quad], format="jsonld", context=context)
    assert BASE + "a#b-c:d" in jsonld.to_rdf(json.loads(written), {"format": "application/n-quads"})


def test_every_page_shows_whose_it_is(site):
    for path in ("/index.html", "/port/north.html", "/catalog.html"):
        page = text(site, path)
        assert "Ports of the coast" in page.partition("</title>")[0]
        assert '<a href="https://ports.example/">Ports Agency</a>' in page
        assert '<a href="mailto:data@ports.example">' in page
        assert '<a href="https://ports.example/imprint">Imprint</a>' in page
        assert "Privacy" not in page
        assert "PolicyGraph" not in page.replace('<meta name="generator" content="PolicyGraph">', "").replace(
            "from policygraph", ""
        )
    assert "--link: #00695c" in text(site, "/site.css")
    assert site.page("/logo.svg").body == b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_saved_text_that_is_no_query_is_named_by_its_file(tmp_path):
    catalog = opened(tmp_path)
    (tmp_path / "queries").mkdir(exist_ok=True)
    (tmp_path / "queries" / "bad.rq").write_text("VALUES ?x { 1 }", encoding="utf-8")
    with pytest.raises(QueryError, match=r"^queries/bad\.rq:1:1: a query begins with SELECT"):
        publish(Catalog(catalog.root), tmp_path / "site", processes=1)


def test_where_nothing_would_have_a_page_nothing_is_published(tmp_path):
    catalog = opened(tmp_path, SETTINGS.replace(BASE, "https://other.example/"))
    with pytest.raises(PublicationError) as error:
        publish(catalog, tmp_path / "site", processes=1)
    assert "none has an IRI below https://other.example/; most begin with https://data.ports.example/" in str(
        error.value
    )
    assert f"Set base in {tmp_path / 'catalog.toml'}." in str(error.value)
    assert not (tmp_path / "site").exists()


def with_things(root, *iris):
    more = "\n".join(
        f'<{iri}> a org:Site ; skos:prefLabel "{number}"@en .' for number, iri in enumerate(iris)
    )
    return opened(root, data=f"{PORTS.read_text(encoding='utf-8')}\n{more}\n")


@pytest.mark.parametrize(
    "iri",
    ["q?x=1", "q%3Fx", "a//b", "a//", "index", "search", "download/ports", "query", "changes/x", "doc/port"],
)
def test_where_a_thing_would_have_no_page_nothing_is_published(tmp_path, iri):
    catalog = with_things(tmp_path, iri)
    with pytest.raises(PublicationError) as error:
        publish(catalog, tmp_path / "site", processes=1)
    assert str(error.value).startswith(
        f"1 of the things below {BASE} would have no page, such as <{BASE}{iri}>: an IRI cannot have a"
    )
    assert str(error.value).endswith("Give them other IRIs, or publish with --partial.")
    assert not (tmp_path / "site").exists()


@pytest.mark.full
def test_what_can_have_a_page_is_published_where_part_is_asked_for(tmp_path):
    catalog = with_things(tmp_path, "port?1", "port?2", "port/3")
    with pytest.raises(PublicationError, match=r"^2 of the things"):
        publish(catalog, tmp_path / "site", processes=1)
    publish(catalog, tmp_path / "site", partial=True, processes=1)
    assert inspect(tmp_path / "site").clean
    assert [path.name for path in sorted((tmp_path / "site" / "port").glob("?.html"))] == ["3.html"]
    for name in ("search", "things"):
        assert "port?1" not in (tmp_path / "site" / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.full
def test_of_two_iris_that_are_one_file_for_some_the_first_is_published_where_part_is_asked_for(tmp_path):
    catalog = with_things(tmp_path, "port/Ab", "port/ab", "port/aB#x")
    with pytest.raises(
        PublicationError, match=r"<.*/port/Ab> and <.*/port/a[bB].*> cannot both be published"
    ):
        publish(catalog, tmp_path / "site", processes=1)
    done = publish(catalog, tmp_path / "site", partial=True, processes=1)
    assert [path.name for path in (tmp_path / "site" / "port").glob("[aA]*.html")] == ["Ab.html"]
    assert done.of - done.things == 2
    assert not publish(catalog, tmp_path / "site", partial=True, processes=1).rendered


@pytest.mark.parametrize("iris", [("id/%C3%A6", "id/æ"), ("id/a%2Fb", "id/a%2fb")])
def test_two_iris_of_one_document_are_named_and_not_published(tmp_path, iris):
    catalog = with_things(tmp_path, *iris)
    with pytest.raises(PublicationError) as error:
        publish(catalog, tmp_path / "site", processes=1)
    assert f"<{BASE}{iris[0]}> and <{BASE}{iris[1]}> would have one document" in str(error.value)
    assert not (tmp_path / "site").exists()


SLASHED = {
    "id/port/1/": "id/port/1/index",
    "id/port/2/#x": "id/port/2/index",
    "s/": "s/index",
    "id/a%2Fb": "doc/a\u2215b",
    "id/a/b": "doc/a/b",
    "": "index",
    "#x": "index",
}
"""IRIs in a folder, with an escaped slash and without a name, each with the stem of its documents."""


@pytest.mark.full
def test_an_iri_that_ends_in_a_slash_has_its_page_in_that_folder(tmp_path):
    catalog, folder = with_things(tmp_path, *SLASHED), tmp_path / "site"
    publish(catalog, folder, processes=1)
    search, sitemap = ((folder / name).read_text(encoding="utf-8") for name in ("names.html", "sitemap.xml"))
    for number, (iri, stem) in enumerate(SLASHED.items()):
        page = (folder / f"{stem}.html").read_text(encoding="utf-8")
        fragment = iri.partition("#")[2]
        assert f">{number}<" in page or f'<li id="x"><blockquote><p lang="en" dir="auto">“{number}”' in page
        assert f'"{number}"@en' in (folder / f"{stem}.ttl").read_text(encoding="utf-8")
        assert f'href="{quote(stem)}.html{f"#{fragment}" if fragment else ""}"><bdi>{number}</bdi>' in search
        assert f"<loc>{ADDRESS}{quote(stem)}.html</loc>" in sitemap
    assert inspect(str(folder), base=BASE).findings == ()


def test_a_folder_and_a_name_with_one_file_are_both_named(tmp_path):
    catalog = with_things(tmp_path, "s/", "s/index")
    with pytest.raises(PublicationError) as error:
        publish(catalog, tmp_path / "site", processes=1)
    assert f"<{BASE}s/> and <{BASE}s/index> cannot both be published" in str(error.value)


@pytest.mark.full
@pytest.mark.parametrize("server", ["ours", "apache", "w3id"])
def test_servers_lead_from_an_iri_in_a_folder_as_from_any_other(server, tmp_path):
    catalog = with_things(tmp_path, *SLASHED, "id/port/1")
    with webservers.room() as home:
        publish(catalog, home / "site", processes=1)
        (home / "rules").mkdir()
        shutil.copy(home / "site" / "w3id.htaccess", home / "rules" / ".htaccess")
        place = home / {"apache": "site", "w3id": "rules"}.get(server, "")
        start = (
            serving.running(home, catalog=catalog)
            if server == "ours"
            else webservers.running("apache", place)
        )
        with start as found:
            for iri, stem in {**SLASHED, "id/port/1": "doc/port/1", "catalog/": "catalog"}.items():
                path = "/" + iri.partition("#")[0]
                if "%" in path and server != "ours":
                    continue  # which Apache refuses before it reads any rule
                for media, suffix in (("text/html", ".html"), ("text/turtle", ".ttl")):
                    connection = http.client.HTTPConnection("127.0.0.1", found.port, timeout=60)
                    connection.request("GET", path, headers={"Accept": media})
                    reply = connection.getresponse()
                    connection.close()
                    status = 303 if server == "w3id" or iri.startswith("id/") else 200
                    where = reply.getheader("Location" if status == 303 else "Content-Location")
                    if iri == "catalog/" and server != "w3id":
                        assert (reply.status, reply.getheader("Location")[-8:]) == (308, "/catalog")
                        continue
                    assert reply.status == status, (path, media)
                    root = ADDRESS if server == "w3id" else "/"
                    where = re.sub(r"^http://127\.0\.0\.1:\d+", "", where)
                    assert where == f"{root}{quote(stem)}{suffix}", (path, media)


@pytest.mark.full
def test_an_ontology_of_ones_own_leaves_the_network_and_publishes_its_own_terms(tmp_path, examplia):
    data = examplia.datasets["examplia"].path.read_text(encoding="utf-8")
    data = re.sub("<(agent|data|id|source)/", rf"<{BASE}\1/", data)
    sites = {}
    for own in ("", VOCABULARY):
        root = tmp_path / ("with" if own else "without")
        (root / "ontology").mkdir(parents=True)
        (root / "ontology" / "terms.ttl").write_text(own, encoding="utf-8")
        catalog = opened(root, data=data)
        sites[own] = Site(catalog, catalog.load(), live=False)
    before, after = (set(site.paths()) for site in sites.values())
    assert {path for path in after - before if path.endswith(".html")} == {"/terms.html"}
    assert before <= after
    homes = [re.sub("<[^>]*>", "", text(site, "/index.html")) for site in sites.values()]
    assert ["10 things and 8 connections" in home for home in homes] == [True, True]


@pytest.mark.full
def test_a_vocabulary_in_one_document_has_its_terms_on_one_page(tmp_path):
    data = re.sub(
        r"<([a-z/-]+)>", lambda iri: f"<terms#{iri[1].replace('/', '-')}>", PORTS.read_text(encoding="utf-8")
    )
    catalog = opened(tmp_path, SETTINGS.replace(f'base = "{BASE}"', 'base = "https://other.example/"'), data)
    with pytest.raises(PublicationError, match=f"most begin with {BASE}. Set base"):
        publish(catalog, tmp_path / "site", processes=1)
    catalog = opened(tmp_path, SETTINGS.replace("agency", "terms#agency"), data)
    publish(catalog, tmp_path / "site", processes=1)
    page = (tmp_path / "site" / "terms.html").read_text(encoding="utf-8")
    assert 'id="port-north"' in page
    assert "A harbour for fishing." in page
    assert 'is narrower than → <a href="terms.html#kind-any">' in page
    assert 'href="terms.html#port-north"' in (tmp_path / "site" / "names.html").read_text(encoding="utf-8")
    assert inspect(str(tmp_path / "site"), base=BASE).findings == ()


VOCABULARY = f"""@base <{BASE}> . @prefix : <{BASE}terms#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix dct: <http://purl.org/dc/terms/> .
<terms> a owl:Ontology ; dct:title "Terms of ports"@en ; dct:modified "2025-01-01" , "2026-01-01" ;
  dct:license <https://creativecommons.org/publicdomain/zero/1.0/> .
:Quay a owl:Class , rdfs:Class ; rdfs:label "Quay"@en ; rdfs:subClassOf [ owl:onProperty :depth ] .
:Crane a owl:Class , rdfs:Class ; rdfs:label "Crane"@en .
:on a owl:ObjectProperty ; rdfs:label "stands on"@en ; rdfs:domain :Crane ; rdfs:range :Quay .
:depth a owl:DatatypeProperty ; rdfs:label "depth"@en ; rdfs:domain :Quay ."""


@pytest.mark.full
def test_a_vocabulary_is_cited_grouped_and_counted_as_it_is(tmp_path):
    catalog = opened(tmp_path, SETTINGS.replace("agency", "terms"), VOCABULARY)
    site = Site(catalog, catalog.load(), live=False)
    page = text(site, "/ontology.html")
    assert "What is described" in page
    assert "Who says so" not in page
    assert '<a rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">CC0 1.0</a>' in page
    assert "“Terms of ports” (2026-01-01)." in text(site, "/terms.html")
    assert text(site, "/things.html").count("<bdi>Crane</bdi>") == 1
    publish(catalog, tmp_path / "site", processes=1)
    assert {each.rule for each in inspect(tmp_path / "site").findings} <= {"data-licence", "recommended"}


def test_data_of_another_base_are_not_published_for_the_sake_of_the_vocabulary(tmp_path):
    opened(tmp_path, data=PORTS.read_text(encoding="utf-8").replace(BASE, "https://other.example/"))
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "terms.ttl").write_text(VOCABULARY, encoding="utf-8")
    with pytest.raises(PublicationError, match="most begin with https://other"):
        publish(Catalog(tmp_path), tmp_path / "site", processes=1)
    with pytest.raises(PublicationError, match="Put this file into a folder data/, and set base in a"):
        publish(Catalog(tmp_path, files=[tmp_path / "data" / "ports.ttl"]), tmp_path / "site", processes=1)


def test_a_file_without_statements_is_not_published(tmp_path):
    catalog = opened(tmp_path)
    (tmp_path / "empty.ttl").write_text("", encoding="utf-8")
    with pytest.raises(PublicationError, match=r"^No statement is in .*empty\.ttl\.$"):
        publish(Catalog(catalog.root, files=tmp_path / "empty.ttl"), tmp_path / "site", processes=1)


@pytest.mark.parametrize(
    ("iri", "name"),
    [
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "PDM 1.0"),
        ("https://creativecommons.org/licenses/by/3.0/dk/", "CC BY 3.0 DK"),
        ("https://creativecommons.org/licenses/by-sa/4.0/legalcode", "CC BY-SA 4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "Free to use"),
        ("http://publications.europa.eu/resource/authority/licence/CC_BY_4_0", "CC BY 4.0"),
        ("http://publications.europa.eu/resource/authority/licence/EUPL_1_2", "EUPL 1.2"),
    ],
)
def test_a_licence_has_its_label_or_else_its_usual_name(tmp_path, iri, name):
    label = f'\n<{iri}> rdfs:label "{name}"@en .' if name == "Free to use" else ""
    terms = VOCABULARY.replace("https://creativecommons.org/publicdomain/zero/1.0/", iri) + label
    catalog = opened(tmp_path, SETTINGS.replace("agency", "terms"), terms)
    page = text(Site(catalog, catalog.load(), live=False), "/ontology.html")
    assert f'<a rel="license" href="{iri}">{name}<' in page


@pytest.mark.full
def test_blank_nodes_of_a_vocabulary_beside_data_are_counted_once(tmp_path):
    catalog = opened(tmp_path)
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "terms.ttl").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "ontology" / "others.ttl").write_text(
        VOCABULARY.replace(BASE, "https://w3.example/"), encoding="utf-8"
    )
    publish(Catalog(catalog.root), tmp_path / "site", processes=1)
    assert inspect(str(tmp_path / "site")).findings == ()
    feed = (tmp_path / "site" / "feed.atom").read_text(encoding="utf-8")
    assert re.findall("<entry>\n<id>([^<]*)", feed) == [f"{BASE}register#1.0.0", f"{BASE}terms"]


def test_pages_say_it_as_a_reader_would(site):
    concept = text(site, "/kind/any.html")
    assert "is broader than" in concept
    assert "is narrower than" not in concept
    dataset = text(site, "/register.html")
    assert '<a href="mailto:desk@ports.example"><bdi>desk@ports.example</bdi></a>' in dataset
    assert "“Register of ports”, version 1.0.0 (2026-11-20). Ports Agency." in dataset
    assert "network" not in text(site, "/catalog.html")


@pytest.mark.parametrize(
    ("taken", "left", "missing"),
    [
        ('dct:description "Which ports there are, and who runs them."@en ;', "", "a description"),
        ("foaf:name", "skos:altLabel", "a name"),
        ("<https://creativecommons.org/licenses/by/4.0/>", '"CC BY"', "of another kind"),
    ],
)
def test_a_record_that_breaks_its_profile_is_not_published(tmp_path, taken, left, missing):
    data = PORTS.read_text(encoding="utf-8")
    assert taken in data
    settings = SETTINGS.replace('name = "Ports Agency"\n', "")
    catalog = opened(tmp_path, settings, data.replace(taken, left))
    with pytest.raises(PublicationError, match=f"The record would break its profile.*{missing}"):
        publish(catalog, tmp_path / "site", processes=1)
    assert not (tmp_path / "site").exists()


class GitHubPages(loopback.Quiet):
    """Answers as GitHub Pages does: /x with the file x.html, a folder with its index, else 404.html."""

    def translate_path(self, path):
        file = Path(super().translate_path(path))
        return str(
            file if file.is_file() or not file.with_name(f"{file.name}.html").is_file() else f"{file}.html"
        )

    def send_error(self, code, message=None, explain=None):
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.full
def test_github_pages_leads_from_each_iri_to_its_page(tmp_path):
    data = PORTS.read_text(encoding="utf-8").replace("<port/", "<id/port/")
    catalog = opened(tmp_path, data=data)
    folder = tmp_path / "site"
    publish(catalog, folder, host="github-pages", processes=1)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {".nojekyll", "404.html", "id/port/north.html", "w3id.htaccess"} <= names
    assert ".htaccess" not in names
    assert not [name for name in names if name.startswith("id/") and ".da." in name]
    with loopback.serving(folder, GitHubPages) as here:

        def read(path):
            with urllib.request.urlopen(here + path, timeout=20) as reply:
                return reply.read().decode(), reply.url

        stub, at = read("id/port/north")
        assert f'<link rel="canonical" href="{ADDRESS}doc/port/north.html">' in stub
        target = urljoin(at, re.search(r'content="0; url=([^"]+)"', stub)[1])
        assert target == here + "doc/port/north.html"
        assert "North Harbour" in read("doc/port/north.html")[0]
        for media, href in re.findall(r'rel="alternate" type="([^"]+)" href="([^"]+)"', stub):
            assert read(urljoin(at, href).removeprefix(here))[0], media
        for path in ("", "register", "catalog", "agency", ".well-known/void", "kind/fishing"):
            assert read(path)[0]
        with pytest.raises(urllib.error.HTTPError) as lost:
            read("nothing")
        with lost.value as page:
            assert (page.code, b"/open/site.css" in page.read()) == (404, True)


CLAIMED = """@base <https://data.ports.example/> .
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<plan> a pg:Plan ; skos:prefLabel "Plan"@nb ; pg:launchedBy <agency> .
<claim> a pg:Claim ; rdf:subject <plan> ; rdf:predicate pg:launchedBy ; rdf:object <agency> ;
  pg:basis <https://w3id.org/policygraph/concept/basis/stated> ; pg:passage <text#char=0,5> .
<text> a pg:SourceDocument ; skos:prefLabel "Tekst"@nb .
<text#char=0,5> a pg:Passage ; pg:isPassageOf <text> .
"""


@pytest.mark.full
def test_a_passage_without_a_heading_is_published_beside_an_ontology_of_ones_own(tmp_path):
    """In Norwegian first, with a contact that has no name; of w3id's terms none is published as one's own."""
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "terms.ttl").write_text(VOCABULARY, encoding="utf-8")
    settings = SETTINGS.replace("title =", 'languages = ["nb", "en"]\ntitle =', 1)
    catalog = opened(tmp_path, settings, PORTS.read_text(encoding="utf-8") + CLAIMED)
    folder = tmp_path / "site"
    done = publish(catalog, folder, processes=1)
    assert done.things == done.of == 16
    assert 'href="text.html#char=0,5"' in (folder / "plan.html").read_text(encoding="utf-8")
    assert 'id="char=0,5"' in (folder / "text.html").read_text(encoding="utf-8")
    assert len((folder / "download" / "network-edges.csv").read_text(encoding="utf-8").splitlines()) == 2
    assert "desk@ports.example" in (folder / "catalog.ttl").read_text(encoding="utf-8")
    assert not [
        path
        for path in folder.rglob("*policygraph*")
        if path.name not in (".policygraph", ".policygraph-reads")
    ]
    assert inspect(str(folder), base=BASE).clean


@pytest.mark.full
@pytest.mark.parametrize("suffix", [".trig", ".jsonld", ".rdf"])
def test_data_in_any_format_are_loaded_validated_compared_and_published(suffix, catalog, site, tmp_path):
    """Of a format with graphs, each file is one all the same: the graph of its dataset."""
    root = opened(tmp_path).root
    turtle, other = root / "data" / "ports.ttl", root / "data" / f"ports{suffix}"
    graph = ox.NamedNode("urn:any") if suffix == ".trig" else ox.DefaultGraph()
    quads = [ox.Quad(*quad.triple, graph) for quad in catalog.load()]
    other.write_bytes(write(quads, format=by_suffix(other).name))
    turtle.unlink()
    same = Catalog(root)
    assert list(same.datasets) == ["ports"]
    assert same.datasets["ports"].iri == f"{BASE}register"
    assert {str(quad.graph_name) for quad in same.load()} == {f"<{BASE}register>"}
    assert [*Site(same, same.load(), live=False).paths()] == [*site.paths()]
    assert validate(same).conforms
    assert not same.diff(PORTS).added | same.diff(PORTS).removed
    publish(same, tmp_path / "site", processes=1)
    assert inspect(str(tmp_path / "site"), base=BASE).findings == ()


def test_github_pages_leads_from_the_iri_of_what_was_removed():
    written = Written("", "text/html", "", 0, "")
    names = ("a.html", "a.da.html", "a.ttl", "old.html", "old.da.html")
    documents = dict.fromkeys((f"/doc/{name}" for name in names), written)
    found = redirects(documents, Settings(base="https://x.example/"), "https://x.example/", {"/doc/old"})
    assert {*found} == {"/id/a.html", "/id/old.html"}
