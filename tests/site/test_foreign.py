"""Pages of data that make no claims: a thesaurus with an agency, and an ontology with blank nodes."""

from __future__ import annotations

import re

import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.rdf import reader
from policygraph.site.site import Site
from policygraph.store.memory import EmbeddedStore

SETTINGS = 'base = "https://data.example.org/"'
THESAURUS = """@base <https://data.example.org/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .

<data/thesaurus> a dcat:Dataset ;
  dct:title "Health thesaurus"@en ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:publisher <org/agency> .

<org/agency> a org:Organization ; skos:prefLabel "Health Agency"@en ;
  org:hasSite
    [ a org:Site ; org:siteAddress [ vcard:locality "Utrecht"@nl ] ] ,
    [ a org:Site ; org:siteAddress [ vcard:locality "Assen"@nl ] ] .

<thes/health> a skos:ConceptScheme ; skos:prefLabel "Health"@en .
<thes/care> a skos:Concept ; skos:prefLabel "Care"@en ; skos:inScheme <thes/health> ;
  skos:topConceptOf <thes/health> .
<thes/home-care> a skos:Concept ; skos:prefLabel "Home care"@en ; skos:inScheme <thes/health> ;
  skos:broader <thes/care> .
<thes/night-care> a skos:Concept ; skos:prefLabel "Night care"@en ; skos:inScheme <thes/health> ;
  skos:broader <thes/home-care> .
<thes/day-care> a skos:Concept ; skos:prefLabel "Day care"@en ; skos:inScheme <thes/health> .
<thes/care> skos:narrower <thes/day-care> .
"""
ONTOLOGY = """@base <https://data.example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix t: <https://data.example.org/ontology#> .

t:Member a owl:Class ; rdfs:label "Member"@en ; rdfs:subClassOf
  [ a owl:Restriction ; owl:onProperty t:in ; owl:minCardinality 1 ] ,
  [ a owl:Class ; owl:unionOf ( t:Person t:Group ) ] .
t:Person a owl:Class ; rdfs:label "Person"@en .
t:Group a owl:Class ; rdfs:label "Group"@en .
t:in a owl:ObjectProperty ; rdfs:label "in"@en .
"""
NUMBER = re.compile(r"\b[0-9a-f]{32}\b|_:\w+")


@pytest.fixture
def root(tmp_path):
    for name, text in {"data/thesaurus.ttl": THESAURUS, "ontology/terms.ttl": ONTOLOGY}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "queries").mkdir()
    (tmp_path / "catalog.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def site(root, live=False):
    catalog = Catalog(root)
    return Site(catalog, catalog.load(), live=live)


def test_every_page_is_there_linked_and_the_same_again(root):
    first, second = site(root), site(root)
    pages = {path: first.page(path).body for path in first.paths() if not path.startswith("/download/")}
    assert {"/thes/night-care.html", "/org/agency.ttl", "/catalog.jsonld"} <= set(pages)
    assert [path for path, body in pages.items() if second.page(path).body != body] == []
    html = {path: body.decode() for path, body in pages.items() if path.endswith(".html")}
    assert [path for path, body in html.items() if NUMBER.search(re.sub(r"<code>.*?</code>", "", body))] == []
    linked = " ".join(html.values())
    for name in ("agency", "health", "care", "home-care", "night-care", "thesaurus"):
        assert f'/{name}.html"' in linked, name


def test_a_thesaurus_is_a_tree(root):
    page = site(root).page("/thes/health.html").body.decode()
    members = re.search(r'<ol class="members">.*?</ol>', page, re.DOTALL)[0]
    found = re.findall(r"<li(?: class=\"(d\d)\")?>.*?<bdi>(.*?)</bdi>", members)
    assert found == [("", "Care"), ("d1", "Day care"), ("d1", "Home care"), ("d2", "Night care")]


def test_a_vocabulary_is_documented_wherever_its_terms_are(root):
    """As W3C's ORG, whose terms are at a path of their own."""
    terms = root / "ontology" / "terms.ttl"
    text = terms.read_text("utf-8").replace("ontology#", "vocabulary/care#")
    header = '<vocabulary/care> a owl:Ontology ; rdfs:label "Care"@en ; owl:versionInfo "0.8" .'
    terms.write_text(f"{text}\n{header}\n", "utf-8")
    page = site(root).page("/ontology.html").body.decode()
    terms, _, versions = page.partition('id="versions"')
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", terms) == ["Group", "Member", "Person", "in"]
    assert "<h3><bdi>Care</bdi></h3>" in versions
    assert '<div id="Member">' in page
    assert re.search(r"Version</dt><dd><bdi>0.8<", page)
    assert 'href="ontology.ttl"' not in page
    assert page.count('<li class="card"><h4>') == 3


def test_the_navigation_leads_to_what_there_is(root):
    def sections():
        page = site(root).page("/index.html").body.decode()
        return re.findall(r'<li><a href="(\w+)\.html"', page.partition("<nav")[2].partition("</nav>")[0])

    assert sections() == ["things", "catalog", "ontology", "sparql"]
    (root / "queries" / "care.rq").write_text(
        "#+ summary: Which care is there?\nSELECT ?s { ?s a skos:Concept }", "utf-8"
    )
    for path in (root / "ontology").iterdir():
        path.unlink()
    assert sections() == ["query", "things", "catalog", "sparql"]
    assert "Which care is there?" in site(root).page("/index.html").body.decode()
    assert "See the whole network" not in site(root).page("/index.html").body.decode()


def test_names_are_listed_from_a_to_z(root):
    page = site(root).page("/names.html").body.decode()
    letters = re.findall(r'<h2 id="(.)">', page)
    assert letters == ["C", "D", "G", "H", "I", "M", "N", "P"]
    assert re.findall(r"<bdi>(.*?)</bdi>", page.partition('id="H"')[2].partition("</ul>")[0]) == [
        "Health",
        "Health Agency",
        "Health thesaurus",
        "Home care",
    ]
    assert 'href="names.html"' in site(root).page("/things.html").body.decode()


def test_a_dataset_page_has_words_and_no_codes(root):
    data = root / "data" / "thesaurus.ttl"
    more = """dct:spatial <http://publications.europa.eu/resource/authority/country/NLD> ;
  dct:language <http://publications.europa.eu/resource/authority/language/NLD> ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
  dct:temporal <data/thesaurus#period> ;
  dct:publisher <org/agency> .

<data/thesaurus#period> a dct:PeriodOfTime ; dcat:startDate "2020" .
"""
    data.write_text(data.read_text("utf-8").replace("dct:publisher <org/agency> .\n", more, 1), "utf-8")
    page = site(root).page("/data/thesaurus.html").body.decode()
    text = " ".join(re.sub("<[^>]*>", " ", page.partition("<main")[2]).split())
    assert "area covered Netherlands" in text
    assert "language Dutch" in text
    assert "updated monthly" in text
    assert "period covered begins 2020" in text
    assert not re.search(r"\beu:|#period", text)


def test_a_blank_node_is_shown_within_its_owner(root):
    page = site(root).page("/org/agency.html").body.decode()
    assert page.index(">Assen<") < page.index(">Utrecht<") < page.index("</main>")
    terms = site(root).page("/ontology.html").body.decode()
    assert re.findall(r"<h3><bdi>(.*?)</bdi>", terms) == ["Group", "Member", "Person", "in"]
    assert re.search(r": at least (<bdi>)?1", terms)


MEMBERS = """
<id/ann> a org:Person ; skos:prefLabel "Ann"@en . <id/chair> a org:Role ; skos:prefLabel "Chair"@en .
<id/list> org:of ( <id/ann> ) .
[] a org:Membership ; org:member <id/ann> ; org:organization <org/agency> ;
  org:role <id/chair> ; org:memberDuring [ org:since [ org:year 2020 ] ] .
<org/agency> org:hasMembership [ a org:Membership ; org:member <id/ann> ; org:role <id/treasurer> ] .
[] skos:inScheme <thes/health> ; skos:definition "Nameless"@en .
"""


def test_what_blank_nodes_say_of_a_thing_is_on_its_page_and_in_its_data(root):
    file = root / "data" / "thesaurus.ttl"
    file.write_text(file.read_text("utf-8") + MEMBERS, "utf-8")
    ann = (
        site(root).page("/doc/ann.html").body.decode().partition('id="refers"')[2].partition("</section>")[0]
    )
    text = " ".join(re.sub("<[^>]*>", " ", ann).split())
    assert "member Ann member during since year 2020 organization Health Agency role Chair" in text
    assert "Health Agency has membership member Ann role https://data.example.org/id/treasurer" in text
    assert "list" not in text
    data = reader.parse(site(root).page("/doc/ann.nt").body, name="ann.nt")
    relations = [triple.predicate.value.rpartition("#")[2] for triple in data]
    assert (relations.count("member"), relations.count("hasMembership"), relations.count("year")) == (2, 1, 1)
    scheme = site(root).page("/thes/health.html").body.decode()
    assert "Nameless" in scheme.partition('id="refers"')[2].partition("</section>")[0]
    assert "Night care" in scheme.partition('class="members"')[2].partition("</ol>")[0]


def test_the_home_page_counts_kinds_and_promises_nothing_that_is_not_there(root):
    page = site(root).page("/index.html").body.decode()
    assert re.search(r"Concept</bdi></span><span class=\"count\">4<", page)
    assert "saved question" not in page
    assert '<a href="sparql.html">' in page.partition("<main")[2]
    assert "change its parameters" not in site(root).page("/query.html").body.decode()


def test_an_id_on_the_page_of_data_has_no_space(root):
    (root / "data" / "thesaurus.ttl").rename(root / "data" / "our thesaurus.ttl")
    page = site(root).page("/catalog.html").body.decode()
    assert page.count('"d-our%20thesaurus"') == 2
    assert not re.findall(r'id="[^"]*\s[^"]*"', page)


def test_kinds_of_one_name_have_each_a_place_in_the_list(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.toml").write_text('base = "https://data.example.org/"\n', encoding="utf-8")
    lines = [
        f'<https://data.example.org/{n}> a <https://{n}.example/ns#Plan> ; rdfs:label "Plan {n}" .'
        for n in range(3)
    ]
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    (tmp_path / "data" / "plans.ttl").write_text(prefix + "\n".join(lines), encoding="utf-8")
    pages = site(tmp_path)
    home, things = (pages.page(path).body.decode() for path in ("/index.html", "/things.html"))
    ids = re.findall(r'<h2 id="([^"]*)">', things.partition("<main")[2])
    assert len(ids) == len({*ids}) == 3
    assert re.findall(r'things.html#([^"]*)"', home) == ids


@pytest.mark.full
def test_a_context_that_cannot_express_the_data_is_done_without(examplia):
    store = EmbeddedStore()
    store.add(reader.parse(THESAURUS.encode(), name="thesaurus.ttl"))
    live = Site(examplia, store)
    for path in live.paths():
        assert live.page(path) is not None, path
    record = [live.page(f"/catalog{suffix}").body for suffix in (".ttl", ".jsonld")]
    expected, found = (
        set(reader.parse(body, name=name)) for body, name in zip(record, ("a.ttl", "a.jsonld"), strict=True)
    )
    assert len(found) == len(expected) > 10


MORE = """
<thes/odd> a skos:Concept , [ a <http://www.w3.org/2002/07/owl#Restriction> ] ; skos:prefLabel "Odd"@en .
"""


def test_a_thing_of_a_kind_without_a_name_shows_no_id(root):
    with (root / "data" / "thesaurus.ttl").open("a", encoding="utf-8") as data:
        data.write(MORE)
    assert not NUMBER.search(site(root).page("/thes/odd.html").body.decode())


def test_a_dataset_without_a_description_leads_to_its_file(root):
    text = THESAURUS.replace("data/thesaurus", "data/other").replace("thes/", "thus/")
    bare = "\n".join(line for line in text.split("\n") if "dct:" not in line and "dcat:Dataset" not in line)
    (root / "data" / "bare.ttl").write_text(bare, encoding="utf-8")
    page = site(root).page("/catalog.html").body.decode()
    assert 'id="d-bare"><a href="download/bare.ttl"' in page


def test_what_no_question_lists_is_not_asked_for(root, monkeypatch):
    monkeypatch.setattr("policygraph.site.pages.home._MAX", 1)
    page = site(root, live=True).page("/things.html").body.decode()
    assert "/members" not in page


def test_a_dataset_of_elsewhere_leads_there(root):
    text = """<https://other.example/set> a <http://www.w3.org/ns/dcat#Dataset> ;
      <http://purl.org/dc/terms/title> "Other set"@en ."""
    (root / "data" / "other.ttl").write_text(text, encoding="utf-8")
    assert (
        'id="d-other"><a href="https://other.example/set"' in site(root).page("/catalog.html").body.decode()
    )


def test_what_describes_the_whole_is_told_once(root):
    text = """<https://data.example.org/> <http://www.w3.org/2004/02/skos/core#definition> "Zeta."@en ;
      <http://purl.org/dc/terms/description> "Alpha."@en ."""
    (root / "data" / "whole.ttl").write_text(text, encoding="utf-8")
    page = site(root).page("/index.html").body.decode().partition("<main")[2]
    assert (page.count("Alpha."), page.count("Zeta.")) == (1, 1)


def test_lines_end_alike_on_pages_however_they_end_in_the_data(root):
    file = root / "data" / "thesaurus.ttl"
    more = r'<thes/care> skos:definition "One\r\ntwo\rthree\u0085"@en .'
    file.write_text(f"{file.read_text('utf-8')}{more}\n", "utf-8")
    assert "One\ntwo\nthree\ufffd" in site(root).page("/thes/care.html").body.decode()


def test_people_read_the_day_of_a_time(root):
    file = root / "data" / "thesaurus.ttl"
    when = '"2026-12-01T08:00:00+01:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    more = f'<data/thesaurus> dct:modified {when} ; dcat:version "1" .'
    file.write_text(f"{file.read_text('utf-8')}{more}\n", "utf-8")
    whole = site(root, live=True)
    for path in ("/index.html", "/catalog.html", "/thes/care.html"):
        page = re.sub("<script.*?</script>", "", whole.page(path).body.decode(), flags=re.DOTALL)
        assert "2026-12-01" in page, path
        assert "2026-12-01T" not in page, path
    dataset = whole.page("/data/thesaurus.html").body.decode().partition('id="versions"')[2]
    assert ">2026-12-01</time>" in dataset
    assert "2026-12-01T08:00:00+01:00" in whole.page("/data/thesaurus.ttl").body.decode()
