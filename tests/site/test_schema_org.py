"""What pages tell search engines: in the words of schema.org, from the data, and safe whatever they hold."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator

import checkout
import pytest
import rdflib

from policygraph import Catalog
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.site.pages.schema_org import json_ld
from policygraph.site.site import Site

pytest_plugins = ["browser", "serving"]

# rdflib warns of its own use of its own Dataset.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
WORDS = set(inspect.get_annotations(rdflib.SDO)) | {"StatisticalVariable"}  # a newer one

ADDRESS = "https://data.example.org/"  # of what is published


@pytest.fixture(scope="module")
def site(static_site):
    return static_site


@pytest.fixture(scope="module")
def marked(published):
    """What each page of a published site says, by path."""
    folder = published[0]
    files = {f"/{file.relative_to(folder)}": file for file in sorted(folder.rglob("*.html"))}
    return {path: said(file.read_text(encoding="utf-8"), path) for path, file in files.items()}


def told(site, path):
    return said(site.page(path).body.decode(), path)


def said(body, path):
    found = SCRIPT.findall(body)
    assert len(found) <= 1, path
    return json.loads(found[0]) if found else None


def nodes(node) -> Iterator[dict]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for each in node:
            yield from nodes(each)


def test_every_page_of_a_thing_or_a_question_is_marked_in_words_that_schema_org_has(marked):
    plain = {re.sub(r"(-[^./]*)?(\.(da|nb))?\.html$", "", path) for path, node in marked.items() if not node}
    expected = {"/query", "/things", "/names", "/search", "/explore", "/crosswalk", "/sparql", "/404"}
    # Versions are of what has a page itself, and stories say what other pages have.
    plain = {path for path in plain if not re.search(r"/\d+\.\d+\.\d+$|^(/embed)?/story/", path)}
    assert plain - {"/corrections"} == expected
    for path, node in marked.items():
        for each in nodes(node):
            kind = each.get("@type")
            assert kind is None or kind in WORDS, path
            keys = {key for key in each if not key.startswith("@")} - {"query-input"}
            assert keys <= WORDS, (path, keys - WORDS)
            assert "" not in each.values(), path


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/index", "WebSite"),
        ("/catalog", "DataCatalog"),
        ("/data/denmark", "Dataset"),
        ("/ontology", "DefinedTermSet"),
        ("/concept/basis", "DefinedTermSet"),
        ("/concept/basis/stated", "DefinedTerm"),
        ("/query/targets", "SoftwareSourceCode"),
        ("/source/opsi-denmark", "CreativeWork"),
        ("/doc/dk/country/denmark", "Country"),
        ("/doc/dk/organisation/agency-for-digitisation", "GovernmentOrganization"),
        ("/doc/dk/organisation/kl", "Organization"),
        ("/doc/dk/legislation/public-digital-post-act-2012", "Legislation"),
        ("/doc/dk/plan/digital-welfare-2013-2020", "Thing"),
        ("/doc/int/publication/government-at-a-glance-2015-denmark", "CreativeWork"),
        ("/doc/dk/initiative/nemid", "Thing"),
    ],
)
def test_what_a_thing_is_follows_from_the_alignments(site, path, kind):
    assert told(site, f"{path}.html")["@type"] == told(site, f"{path}.da.html")["@type"] == kind


@pytest.mark.full
def test_each_claim_is_a_claim(marked, catalog):
    kinds = [node["@type"] for path, node in marked.items() if re.match("/doc/(dk|ex)/claim/", path)]
    written = catalog.datasets["denmark"].path.read_text().count(" a pg:Claim ;")
    assert written > 1_000
    assert len(kinds) in (3 * 10, 2 * written), "in each language of the pages"
    assert set(kinds) == {"Claim"}


@pytest.mark.full
def test_the_page_of_a_dataset_says_what_finding_and_citing_it_needs(site):
    english, danish = (told(site, f"/data/denmark{ending}.html") for ending in ("", ".da"))
    assert english["name"] == "Denmark: plans for a modern and digital public sector"
    assert danish["name"] == "Danmark: planer for en moderne og digital offentlig sektor"
    assert 50 <= len(english["description"]) <= 5_000, "what Google asks for"
    assert english["license"] == "https://creativecommons.org/licenses/by/4.0/"
    record = (checkout.SHIPPED / "data" / "denmark.ttl").read_text(encoding="utf-8")
    assert f'dcat:version "{english["version"]}"' in record
    assert f'dct:modified "{english["dateModified"]}"' in record
    assert english["temporalCoverage"] == "1992-01-01/2029-12-31"
    assert english["creator"]["@type"] == "Organization"
    assert english["includedInDataCatalog"]["@id"] == BASE + "catalog"
    files = {
        each["contentUrl"].removeprefix(BASE): each["encodingFormat"] for each in english["distribution"]
    }
    assert files["download/denmark.ttl"] == "text/turtle"
    for path, media in files.items():
        page = site.page("/" + path)
        assert page is not None, path
        assert page.media in media
    (listed, other) = told(site, "/catalog.html")["dataset"]
    assert other["@id"] == BASE + "data/international"
    assert listed | {"@context": "https://schema.org/"} == english


def test_terms_lead_to_where_they_are_told(site):
    terms = told(site, "/ontology.html")["hasDefinedTerm"]
    assert len(terms) > 100
    body = site.page("/ontology.html").body.decode()
    for each in terms:
        page, _, anchor = each["url"].partition("#")
        assert page == BASE + "ontology.html"
        assert f'id="{anchor}"' in body
    bases = {each["name"] for each in told(site, "/concept/basis.da.html")["hasDefinedTerm"]}
    assert len(bases) == 4
    assert told(site, "/concept/basis/stated.html")["inDefinedTermSet"]["@id"] == BASE + "concept/basis"


def test_addresses_in_the_marks_are_pages_of_the_site(published, marked):
    known = {f"/{file.relative_to(published[0])}" for file in published[0].rglob("*.*")}
    for path, node in marked.items():
        for each in nodes(node):
            for key in ("url", "contentUrl"):
                if key in each and each[key].startswith(ADDRESS):
                    where = each[key].removeprefix(ADDRESS).partition("#")[0]
                    assert f"/{where}" in known, (path, each[key])
    target = marked["/index.da.html"]["potentialAction"]["target"]["urlTemplate"]
    assert target == f"{ADDRESS}search.da.html?q={{search_term_string}}"


@pytest.mark.full
def test_the_marks_are_sound_json_ld(site):
    for path in ("/data/denmark.html", "/ontology.html", "/query/targets.html", "/index.html"):
        node = {**told(site, path), "@context": {"@vocab": "https://schema.org/"}}
        graph = rdflib.Graph().parse(data=json.dumps(node), format="json-ld")
        assert len(graph) > 10
        kind = rdflib.URIRef("https://schema.org/" + node["@type"])
        assert (rdflib.URIRef(node["@id"]), rdflib.RDF.type, kind) in graph


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>&quot;'\"\\",
    "\u2028\u2029\u0007",
    "</SCRIPT ",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_ends_the_script_that_holds_it(text):
    said = json_ld({"@type": "Thing", "name": text})
    assert not re.search(r"[<>&\u2028\u2029\u0000-\u001f]", said)
    assert json.loads(said)["name"] == text


def test_hostile_names_stay_in_the_marks(tmp_path):
    for folder in ("ontology", "data", "queries"):
        (tmp_path / folder).mkdir()
    checkout.settings(tmp_path)
    names = " , ".join(f"{json.dumps(text)}@en" for text in HOSTILE)
    (tmp_path / "data" / "xy.ttl").write_text(
        f"""@base <{BASE}> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix dcat: <http://www.w3.org/ns/dcat#> .
        @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <data/xy> a dcat:Dataset ; dct:title {names} ; dct:description {names} ;
          dct:license <javascript:alert(1)> ; dcat:keyword {names} ;
          dct:publisher <javascript:alert(2)> , _:nobody .
        <id/xy/a> a skos:Concept ; skos:prefLabel {names} ; foaf:page <javascript:alert(3)> .""",
        encoding="utf-8",
    )
    catalog = Catalog(tmp_path)
    hostile = Site(catalog, catalog.load(), live=False)
    for path in ("/data/xy.html", "/catalog.da.html", "/doc/xy/a.html"):
        body = hostile.page(path).body.decode()
        own = r'<script\b(?! src="[./]*editions\.js" defer>)[^>]*>'
        assert re.findall(own, body, re.IGNORECASE) == ['<script type="application/ld+json">'], path
        assert body.lower().count("</script") == 2, path
        node = told(hostile, path)
        assert "javascript:" not in json.dumps(node)
        assert node
    assert set(told(hostile, "/data/xy.html")["keywords"]) == set(HOSTILE)


@pytest.mark.full
def test_the_marks_break_no_policy_of_the_page(browser, served):
    tab = browser.new_page(base_url=f"http://127.0.0.1:{served.port}")
    wrong = []
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    for path in ("/", "/data/denmark", "/ontology", "/doc/dk/initiative/nemid.da.html", "/query/targets"):
        reply = tab.goto(path)
        assert "default-src 'self'" in reply.headers["content-security-policy"]
        text = tab.locator("script[type='application/ld+json']").text_content()
        assert json.loads(text)["@context"] == "https://schema.org/"
    tab.close()
    assert wrong == []
