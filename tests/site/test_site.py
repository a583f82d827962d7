"""The site: what each kind of page says, and nothing in the data can break a page.

Tests of `site.context`, `site.pages.resource`, `site.rendering` and `site.urls`.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from urllib.parse import urldefrag

import checkout
import html5rdf
import pytest
import rdflib
from cases import sampled, some
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib.compare import isomorphic, to_isomorphic

from policygraph import Catalog
from policygraph.i18n import LANGUAGES
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES
from policygraph.site.pages.query import AnswerTable, bars
from policygraph.site.rendering import Page
from policygraph.site.site import Site
from policygraph.text import shorten

# rdflib warns of its own use of its own Dataset.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

NEMID = "id/dk/initiative/nemid"
# One of each kind of page, in both languages where that could make a difference.
KINDS = (
    "/index.html",
    "/index.da.html",
    "/query.html",
    "/query/plans-in-force.html",
    "/query/timeline.da.html",
    "/query/area-features.html",
    "/query/plan-intervals.html",
    "/things.html",
    "/doc/dk/initiative/nemid.html",
    "/doc/dk/initiative/nemid.da.html",
    "/data/denmark.html",
    "/source/opsi-denmark.html",
    "/concept/basis.html",
    "/catalog.html",
    "/ontology.html",
    "/search.html",
    "/crosswalk.html",
    "/sparql.html",
)


@pytest.fixture(scope="module")
def site(live_site):
    return live_site


def text(page: Page) -> str:
    """A page's words, without its tags."""
    body = re.sub(r"<(style|script)\b.*?</\1>", "", page.body.decode(), flags=re.DOTALL)
    return re.sub(r" (?=[,.:])", "", " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()))


def graph(page: Page) -> rdflib.Graph:
    return rdflib.Graph().parse(data=page.body, format=page.media)


@pytest.mark.full
def test_paths_are_stable_and_each_once(site):
    paths = list(site.paths())
    assert paths == list(site.paths())
    assert len(paths) == len(set(paths))
    assert {"/index.html", "/index.da.html", "/doc/dk/initiative/nemid.ttl", "/query/targets.csv"} <= set(
        paths
    )


@pytest.mark.parametrize("path", sampled(KINDS, 4))
def test_pages_are_valid_html(site, path):
    parser = html5rdf.HTMLParser(strict=True)
    document = parser.parse(site.page(path).body.decode())
    assert document is not None


@pytest.mark.parametrize("basis", some(["stated", "inferred", "external", "derived"], "external"))
def test_pages_of_claims_are_valid_html(site, catalog, store, basis):
    claim = catalog.claims(basis=f"{BASE}concept/basis/{basis}", store=store)[0]
    path = f"/doc/{claim.iri.removeprefix(f'{BASE}id/')}.html"
    assert html5rdf.HTMLParser(strict=True).parse(site.page(path).body.decode()) is not None


@pytest.mark.parametrize(
    "iri",
    some([NEMID, "ontology", "data/denmark", "source/opsi-denmark", "concept/basis"], NEMID, "ontology"),
)
def test_the_documents_of_a_thing_say_the_same_and_hold_its_triples(site, store, iri):
    media = site.variants(f"/{iri}")
    graphs = {kind: graph(site.page(path)) for kind, path in media.items() if kind != "text/html"}
    assert set(graphs) == {
        "text/turtle",
        "application/ld+json",
        "application/n-triples",
        "application/rdf+xml",
    }
    turtle = graphs.pop("text/turtle")
    for kind, other in graphs.items():
        assert isomorphic(turtle, other), kind
    own = rdflib.Graph().parse(
        data="".join(f"{t} .\n" for t in store.query(f"CONSTRUCT WHERE {{ <{BASE}{iri}> ?p ?o }}")),
        format="nt",
    )
    assert own
    assert set(to_isomorphic(own)) <= set(turtle)


def test_a_things_data_hold_its_claims_what_refers_to_it_and_its_licence(site, catalog, store):
    found = graph(site.page("/doc/dk/initiative/nemid.ttl"))
    this, mitid = rdflib.URIRef(BASE + NEMID), rdflib.URIRef(BASE + "id/dk/initiative/mitid")
    claims = set(found.subjects(rdflib.RDF.subject, this)) | set(found.subjects(rdflib.RDF.object, this))
    listed = catalog.claims(BASE + NEMID, store=store) + catalog.claims(object=BASE + NEMID, store=store)
    assert len(listed) > 20
    assert {str(claim) for claim in claims} == {claim.iri for claim in listed}
    assert all(len(list(found.predicate_objects(claim))) >= 4 for claim in claims)
    assert (mitid, None, this) in found
    assert (mitid, rdflib.SKOS.prefLabel, rdflib.Literal("MitID", lang="en")) in found
    document = rdflib.URIRef(BASE + "doc/dk/initiative/nemid")
    assert found.value(document, rdflib.FOAF.primaryTopic) == this
    assert found.value(document, rdflib.DCTERMS.license)


def test_a_download_is_the_whole_dataset(site, catalog):
    source = parse(catalog.datasets["denmark"].path.read_bytes(), format=RdfFormat.TURTLE)
    written = parse(site.page("/download/denmark.nt").body, format=RdfFormat.N_TRIPLES)
    assert {q.triple for q in written} == {q.triple for q in source}


def test_a_thing_is_told_with_who_says_so(site, catalog, store):
    page = site.page("/doc/dk/initiative/nemid.html")
    said = text(page)
    assert "Denmark's national electronic ID" in said
    listed = catalog.claims(BASE + NEMID, store=store) + catalog.claims(object=BASE + NEMID, store=store)
    bases = Counter(each.basis.rpartition("/")[2] for each in listed if isinstance(each.object, NamedNode))
    assert (
        f"{bases.total()} claims connect it to other things: {bases['stated']} stated by a source, "
        f"{bases['inferred']} inferred by a curator, {bases['external']} from another document"
    ) in said
    assert "Inferred, strong" in said
    assert "Developed with the banks, run by a private provider" in said
    assert "“offers a … identification method”" in said
    assert "Featured case study, characters 369 to 406 · in the document" in said
    assert "type Free for citizens Who says so: Stated" in said
    assert "ended 2023-10-31 Who says so: External" in said, "so have values"
    assert "other name Danish National eID and digital signature scheme Who says so: Stated" in said
    assert re.search(r"version \d+\.\d+\.\d+ \(20\d\d-\d\d-\d\d\)", said), "it can be cited"
    assert ("alternate", "/policygraph/doc/dk/initiative/nemid.ttl", "text/turtle") in page.links
    assert ("canonical", BASE + "doc/dk/initiative/nemid.html", "text/html") in page.links
    assert any(rel == "license" for rel, *_ in page.links)


def test_a_passage_leads_to_its_place_in_the_document(site):
    body = site.page("/doc/dk/initiative/nemid.html").body.decode()
    opsi = "http://beta.oecd-opsi.org/innovations/country-profiles/denmark/"
    assert f'href="{opsi}#:~:text=offers%20a,identification%20method"' in body
    mentions = body.partition('id="mentions"')[2]
    assert mentions.count("<blockquote>") == mentions.count(f'href="{opsi}#:~:text=') > 1


def test_what_is_contested_is_marked_with_a_link_to_the_claim_that_contests_it(site, catalog, store):
    target = BASE + "id/dk/target/digital-written-communication-2015"
    body = site.page("/doc/dk/target/digital-written-communication-2015.html").body.decode()
    marks = re.findall(r'<p class="contested">(.*?)</p>', body)
    pairs = [
        (row["a"].value, row["b"].value)
        for row in store.query(f"SELECT ?a ?b {{ ?a pg:disputes ?b ; rdf:subject <{target}> }}")
    ]
    assert len(pairs) == 2
    assert {
        claim.iri for claim in catalog.claims(target, relation=f"{BASE}ontology#population", store=store)
    } == {iri for pair in pairs for iri in pair}
    # Beside each claim stands a mark for each that contests it or that it contests.
    assert len(marks) == 2 * len(pairs)
    for mark, other in zip(sorted(marks), sorted(iri for pair in pairs for iri in pair), strict=True):
        assert f'href="../{other.removeprefix(f"{BASE}id/dk/")}.html"' in mark
    assert all("Contested: " in mark for mark in marks), "not by colour alone"
    assert "Contested" not in text(site.page("/doc/dk/initiative/nemid.html"))


@pytest.mark.full
def test_what_is_not_there_is_told_by_kind_with_links(site, catalog):
    body = site.page("/doc/dk/area/telemedicine.html").body.decode()
    section = body.partition('id="absences"')[2].partition("</section>")[0]
    absences = catalog.absences(BASE + "id/dk/area/telemedicine")
    assert len(absences.properties) == 2
    of_the_list = f"{BASE}id/dk/area/"
    assert [len(iris) for iris in absences.examined.values() if iris[0].startswith(of_the_list)] == [7]
    assert absences.unexamined
    told = re.findall(r"<li>(.*?): (.*?)</li>", section, re.DOTALL)
    assert {kind: links.count("<a ") for kind, links in told} == {
        "Not stated": len(absences.properties),
        **{f"Examined on {day}, none found": len(iris) for day, iris in absences.examined.items()},
        "Not examined": len(absences.unexamined),
    }
    assert 'id="absences"' not in site.page("/doc/dk/country/denmark.html").body.decode()


def test_lists_are_in_the_order_of_the_language_and_many_statements_by_kind(site):
    body = site.page("/concept/sector.da.html").body.decode()
    listed = body.partition('id="members"')[2].partition("</ol>")[0]
    names = re.findall(r'class="d1">.*?<bdi[^>]*>([^<]+)</bdi>', listed)
    assert names == ["Offentlig forvaltning", "Socialområdet", "Sundhed", "Uddannelse og læring", "Bankvæsen"]
    body = site.page("/things.da.html").body.decode()
    listed = body.partition('<h2 id="Sector">')[2].partition("</ul>")[0]
    names = re.findall(r"<bdi[^>]*>([^<]+)</bdi>", listed)[1:]
    assert (names[0], names[-1]) == ("Bankvæsen", "Ældrepleje")
    body = site.page("/doc/dk/country/denmark.nb.html").body.decode()
    kinds = re.findall(r'<h4><bdi[^>]*>([^<]+)</bdi> <span class="count">(\d+)', body)
    assert [name for name, _ in kinds][:2] == ["Utfordring", "Drivkraft"], "in the order of the policy chain"
    first = body.partition("<h4>")[2].partition("</details>")[0]
    assert first.count('<div class="thing">') == int(kinds[0][1])


def test_the_page_of_a_list_has_the_parts_of_its_members_below_them(site):
    body = site.page("/doc/dk/scheme/modernisation-areas.html").body.decode()
    members = body.partition('id="members"')[2].partition("</section>")[0]
    assert members.count("<li>") == 8
    above = members[: members.index("leadership.html")]
    assert above.rpartition("<li>")[2].count("capacity-management-and-procurement.html") == 1
    assert above.rpartition("<li")[2].startswith(' class="d1"')


@pytest.mark.full
def test_pages_are_in_both_languages_and_say_where_a_text_is_not(site):
    danish = text(site.page("/doc/dk/initiative/nemid.da.html"))
    assert "Danmarks nationale elektroniske id" in danish
    assert "Hvad der siges om den" in danish
    assert "What is said" not in danish
    assert site.page("/index.da.html").body.count(b'lang="en"') < 5
    english = site.page("/doc/dk/legislation/public-digital-post-act-2012.html")
    assert 'lang="da"' in english.body.decode()
    # A title that is there in English only is marked on a Danish page.
    marked = site.page("/source/signicat-nemid.da.html").body.decode()
    assert '<span lang="en" dir="auto">Signicat developer documentation: NemID' in marked


@pytest.mark.parametrize(
    ("iri", "more"), [(NEMID, {}), ("id/dk/plan/digital-welfare-2013-2020", {"targets area": "5"})]
)
def test_the_picture_of_a_thing_draws_all_that_its_page_lists_or_says_how_many_more(
    site, catalog, store, iri, more
):
    body = unescape(site.page(f"/{iri.replace('id/', 'doc/', 1)}.html").body.decode())
    lead, _, picture = body[body.index('aria-labelledby="picture"') :].partition("<svg")
    drawn = picture[picture.index('class="lines"') : picture.index('class="cards"')]
    described = catalog.describe(BASE + iri, store=store)
    name = described.labels.of
    missing = Counter()
    for each in described.resource.connections():
        ends = (described.iri, each.other.value) if each.outward else (each.other.value, described.iri)
        words = (shorten(name(part, "en").text, 100) for part in (ends[0], each.predicate, ends[1]))
        missing[name(each.predicate, "en").text] += f"{' '.join(words)} (" not in drawn
    assert {relation: str(number) for relation, number in missing.items() if number} == more
    assert dict(re.findall(r">([^<>]+)(?:</bdi>)?</a> \((\d+) more\)", lead)) == more


def test_a_question_is_answered_with_the_parameters_of_its_form(site, catalog, store):
    asked = site.page("/query/plans-in-force.html", {"year": ["2012"]})
    rows = list(store.query(catalog.queries["plans-in-force"].bind(year=2012)))
    assert f"Answer {len(rows)} row" in text(asked)
    for row in rows:
        assert row["from"].value in text(asked)
    assert 'value="2012"' in asked.body.decode()
    assert 'href="plans-in-force.csv?year=2012"' in asked.body.decode()
    table = site.page("/query/plans-in-force.csv", {"year": ["2012"]}).body.decode()
    assert table.count("\r\n") == len(rows) + 1
    assert re.search(r"VALUES \?year { \S*2012\S* }", text(asked))


def test_a_thing_is_asked_about_by_name_curie_or_iri(site):
    answers = {
        text(site.page("/query/evidence.html", {"thing": [name]})).split("Answer")[1].split("The query")[0]
        for name in ("NemID", "nemid", "pgid:dk/initiative/nemid", BASE + NEMID)
    }
    assert len(answers) == 1
    assert "exemplifies" in answers.pop()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [({"year": ["soon"]}, "soon"), ({"years": ["2014"]}, "years"), ({"year": [""]}, "needs a value")],
)
def test_a_wrong_parameter_is_told_in_a_sentence_and_refused(site, arguments, word):
    page = site.page("/query/plans-in-force.html", arguments)
    assert page.refused
    assert word in text(page)
    assert 'role="alert"' in page.body.decode()
    assert "<table" not in page.body.decode()
    data = site.page("/query/plans-in-force.json", arguments)
    assert data.refused
    assert data.media == "text/plain"
    assert word in data.body.decode()


def test_the_default_answer_is_the_static_page(site):
    assert site.page("/query/targets.html") == site.page("/query/targets.html", {})


def test_a_timeline_shows_years_as_bars(site, catalog, store):
    body = site.page("/query/plans-in-force.html").body.decode()
    rows = list(store.query(catalog.queries["plans-in-force"].bind()))
    assert body.count('class="span"') == len(rows) > 2
    assert '<rect x="0" y="2" width="50" height="6"/>' in body, "2011 to 2015 are five years of ten"


@pytest.mark.parametrize(
    ("value", "measured", "drawn"),
    [
        (Literal(98), Literal(91), (100, 100 * 91 / 98)),
        (Literal(80), Literal(120), (100 * 80 / 120, 100)),
        (Literal(80), None, (100, 0)),
        (Literal("many"), Literal(91), (None, 100)),
        (
            Literal("INF", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#double")),
            Literal(91),
            (None, 100),
        ),
        (Literal(0), Literal(-5), (0, 0)),
        (Literal(-5), Literal(3), (None, 100)),  # and no mark left of the picture
        (None, None, (None, 0)),
    ],
)
def test_a_bar_has_its_figure_and_what_it_is_to_reach(value, measured, drawn):
    table = AnswerTable(("target", "value", "measured"), [[None, value, measured]], 1)
    assert bars(table) == [drawn]


@pytest.mark.full
def test_a_target_has_its_figures_beside_it(site):
    body = site.page("/doc/dk/target/gigabit-2025.html").body.decode()
    assert '<a href="../../../query/progress.html">' in body
    assert f'width="{100 * 91 / 98:.1f}"' in body, "91 of 98"
    assert '<path class="reach" d="M100.0 0v10"/>' in body


def test_search_finds_by_any_name_in_any_language(site):
    for words in ("nemid", "NEMID", "Danish National eID", "national signature scheme"):
        assert (
            'href="doc/dk/initiative/nemid.html"' in site.page("/search.html", {"q": [words]}).body.decode()
        ), words
    danish = site.page("/search.da.html", {"q": ["demografiske"]}).body.decode()
    assert 'href="doc/dk/challenge/demographic-change.da.html"' in danish
    nothing = site.page("/search.html", {"q": ["zzzzzz"]})
    assert "Nothing has that name" in text(nothing)
    assert not nothing.refused
    assert "Which areas does no plan carry out?" in text(
        site.page("/search.html", {"q": ["no plan implement"]})
    )


def test_nothing_is_at_other_paths_but_a_page_of_near_names(site):
    for path in (
        "/nothing.html",
        "/id/dk/initiative/nemid",
        "/doc/dk/initiative/nemid",
        "/../etc/passwd",
        "/%2e",
    ):
        assert site.page(path) is None, path
    assert site.variants("/id/dk/initiative/nothing") == {}
    lost = site.not_found("/id/dk/initiative/nemidd", "da")
    assert 'href="/policygraph/doc/dk/initiative/nemid.da.html"' in lost.body.decode()
    assert "<script>" not in site.not_found("/<script>alert(1)</script>").body.decode()


def test_the_terms_are_a_reference_with_anchors_examples_and_counts(site):
    body = site.page("/ontology.html").body.decode()
    terms = {urldefrag(iri).fragment for iri in re.findall(rf"{BASE}ontology#\w+", body)}
    assert len(terms) > 100
    for term in terms:
        assert f'id="{term}"' in body
    said = text(site.page("/ontology.html"))
    assert "used 19 times" in said
    assert "A state that a government says it wants to reach, without a number" in said


def test_the_explorer_brings_its_own_policy(site):
    page = site.page("/explore.html")
    assert page.policy != Page(b"").policy
    assert "script-src 'sha256-" in page.policy
    assert 'lang="da"' in site.page("/explore.da.html").body.decode()[:300]


def test_a_class_has_one_sign_on_all_pages(tmp_path):
    (path := tmp_path / "x.ttl").write_text(
        """@prefix pg: <https://w3id.org/policygraph/ontology#> . @prefix x: <https://x.org/> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        x: a <http://www.w3.org/2002/07/owl#Ontology> .
        x:County rdfs:isDefinedBy x: ; rdfs:label "Wellbeing county"@en , "Hyvinvointialue"@da .
        x:a a x:County ; rdfs:label "A" .
        x:b a x:County ; rdfs:label "B" . x:claim a pg:Claim ; rdf:subject x:a ; rdf:object x:b ;
        rdf:predicate pg:relatesTo ; pg:basis <https://w3id.org/policygraph/concept/basis/stated> .""",
        encoding="utf-8",
    )
    catalog = Catalog.find(checkout.SHIPPED, files=[path])
    site = Site(catalog, catalog.store, live=False)
    sign = site._context.kinds["https://x.org/County"]["letter"]
    page = site.page("/explore.da.html").body.decode()
    assert re.findall(r'"letter": ?"(\w+)"', page) == [sign]


def test_a_crosswalk_lays_any_two_lists_across(site):
    page = site.page(
        "/crosswalk.html",
        {"rows": ["pgid:dk/scheme/digital-welfare-areas"], "columns": ["pgid:dk/scheme/modernisation-areas"]},
    )
    assert "<svg" in page.body.decode()
    assert "Welfare technology in nursing and care" in text(page)
    wrong = site.page("/crosswalk.html", {"rows": ["<b>"]})
    assert wrong.refused
    assert (
        "<b>" not in wrong.body.decode().replace("<b>There", "").split('role="alert"')[1].split("</div>")[0]
    )


def test_the_sparql_page_shows_a_query_with_its_answer_or_its_error(site, store):
    query = "SELECT ?x WHERE { VALUES ?x { <" + BASE + NEMID + '> "</textarea><script>" } }'
    from policygraph.rdf import formats

    page = site.answer(query, results=formats.write(store.query(query), format="json"))
    assert "NemID" in text(page)
    assert "<script>" not in page.body.decode()
    asked = site.page("/sparql.html", {"query": ["ASK {}"]}).body.decode()
    assert '<a href="sparql.da.html?query=ASK+%7B%7D" lang="da"' in asked
    wrong = site.answer("SELEC", "da", error="line 1, column 1: not SPARQL")
    assert wrong.refused
    assert "column 1" in text(wrong)
    assert wrong.language == "da"


@pytest.mark.full
def test_a_site_that_hangs_below_a_path_has_the_same_pages_but_for_links_that_begin_at_its_root(
    catalog, store, site
):
    here = b"https://data.example.org/graph/"
    below = Site(catalog, store, address=here.decode())
    for path in ("/index.html", "/doc/dk/initiative/nemid.da.html"):
        assert below.page(path).body.replace(here, BASE.encode()) == site.page(path).body
    links = re.findall(r'(?:href|action|src)="([^#"][^"]*)"', below.not_found("/doc/nothing").body.decode())
    assert "/graph/site.css" in links
    assert all(link.startswith(("/graph/", "https://")) for link in links), "where it is read is not known"
    assert ("alternate", "/graph/doc/dk/initiative/nemid.ttl", "text/turtle") in below.page(
        "/doc/dk/initiative/nemid.html"
    ).links


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "</title></textarea></svg><script>alert(1)</script>",
    "]]><!-- \\u0000\\u0007 -->",
    "\\u202Egnp.exe",
]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A catalogue whose every name is an attack."""
    root = tmp_path_factory.mktemp("hostile")
    for folder in ("ontology", "data", "queries"):
        (root / folder).mkdir()
    checkout.settings(root, "en", "da")
    names = [name.replace("\\", "\\\\").replace('"', '\\"').replace("\\\\u", "\\u") for name in HOSTILE]
    lines = [
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
        "@prefix dct: <http://purl.org/dc/terms/> .",
    ]
    lines += [
        "@prefix dcat: <http://www.w3.org/ns/dcat#> .",
        "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .",
    ]
    lines.append(
        f'<{BASE}data/xy> a dcat:Dataset ; dct:title "{names[0]}"@en ; dct:license <javascript:alert(1)> .'
    )
    for number, name in enumerate(names):
        lines.append(
            f"<{BASE}id/xy/thing/{number}> a <{BASE}ontology#Kind> ;"
            f' skos:prefLabel "{name}"@en , "{name}"@da ;'
            f' skos:definition "{name}" ; skos:related <{BASE}id/xy/thing/{(number + 1) % len(names)}> ,'
            f" <javascript:alert(1)> ; skos:note <{BASE}id/xy/it's&(fine)> ."
            f"\n<{BASE}id/xy/claim/{number}> rdf:subject <{BASE}id/xy/thing/{number}> ;"
            " rdf:predicate skos:related ;"
            f" rdf:object <{BASE}id/xy/thing/{(number + 1) % len(names)}> ."
        )
    lines.append(
        f'<{BASE}id/xy/it\'s&(fine)> skos:prefLabel "odd"@en . <{BASE}id/../../etc> skos:prefLabel "up"@en .'
        f' <{BASE}id/a%20b%22c> skos:prefLabel "percent"@en .'
    )
    (root / "data" / "xy.ttl").write_text("\n".join(lines), encoding="utf-8")
    (root / "ontology" / "o.ttl").write_text(
        f"<{BASE}ontology#Kind> a <http://www.w3.org/2002/07/owl#Class> ; "
        f'<http://www.w3.org/2000/01/rdf-schema#label> "{names[0]}"@en .',
        encoding="utf-8",
    )
    (root / "ontology" / "context.jsonld").write_text('{"@context": {}}')  # the shipped one has no way up
    (root / "queries" / "all.rq").write_text(
        "#+ summary: <script>alert(1)</script>\n#+ description: <img src=x onerror=alert(1)>\n"
        "#+ tags: [<b>]\n"
        "SELECT ?x ?label WHERE { ?x skos:prefLabel ?label }\nORDER BY ?x ?label\n",
        encoding="utf-8",
    )
    catalog = Catalog(root)
    return Site(catalog, catalog.load())


@pytest.mark.full
def test_hostile_names_are_only_text(hostile):
    paths = [path for path in hostile.paths() if path.endswith(".html") and not path.startswith("/explore")]
    assert len(paths) > 30
    for path in paths:
        page = hostile.page(path)
        body = page.body.decode()
        for each in re.findall(r"<script\b[^>]*>", body):
            assert "src=" in each or each == '<script type="application/ld+json">', path
        assert not re.search(r"<[^>]*\son\w+\s*=", re.sub(r'"[^"]*"', '""', body)), path
        assert "<img src=x" not in body, path
        assert 'href="javascript:' not in body, path
        assert not re.search(r"[\x00\x07]", body), path
        assert "49" not in text(page).split("Facts")[0] or "/" in path
    page = hostile.page("/search.html", {"q": [HOSTILE[1]]})
    assert "<img src=x" not in page.body.decode()


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_pages_stay_valid(hostile, number):
    html5rdf.HTMLParser(strict=True).parse(hostile.page(f"/doc/xy/thing/{number}.html").body.decode())


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "html"])
def test_an_iri_with_percent_signs_has_documents(hostile, suffix):
    assert b"percent" in hostile.page(f'/doc/a b"c.{suffix}').body


def test_paths_that_no_file_may_have_are_no_paths(hostile):
    assert not any(".." in path for path in hostile.paths())
    assert hostile.page("/doc/xy/it's&(fine).html") is not None
    assert any("it's&(fine)" in path for path in hostile.paths())


def test_a_statement_is_only_a_claim_where_every_claim_of_it_is_weak(catalog, tmp_path):
    data = f"@base <{BASE}> . @prefix pg: <ontology#> . @prefix rdf: <{PREFIXES['rdf']}> .\n"
    for number, end, strength in ((1, "one", "weak"), (2, "one", "strong"), (3, "two", "weak")):
        data += f"<id/xy/claim/{number}> a pg:Claim ; pg:strength <concept/strength/{strength}> ; "
        data += "pg:basis <concept/basis/inferred> ; rdf:subject <id/xy/it> ; rdf:predicate pg:relatesTo ; "
        data += f"rdf:object <id/xy/{end}> . <id/xy/{end}> a pg:Area . <id/xy/it> a pg:Area .\n"
    (tmp_path / "weak.ttl").write_text(data, encoding="utf-8")
    weak = Site(catalog, catalog.load(files=tmp_path / "weak.ttl"))
    pages = [text(weak.page(f"/doc/xy/{name}.html")) for name in ("one", "two", "it")]
    assert [page.count("Only a claim") for page in pages] == [0, 1, 1]


def test_a_small_catalogue_without_questions_has_a_site(small_catalog):
    small = Site(small_catalog, small_catalog.load())
    assert "Bridge" in text(small.page("/doc/xy/project/bridge.html"))
    assert "Road" in text(small.page("/doc/xy/project/road.da.html")), "a name in English is better than none"
    assert small.page("/query/needs.html").body.count(b"<svg") == 1, "a graph is drawn"


def test_a_description_of_the_service_can_stand_for_the_catalogue(small_catalog):
    from pyoxigraph import Triple

    one = Triple(NamedNode(BASE), NamedNode(BASE + "p"), NamedNode(BASE + "o"))
    store = small_catalog.load()
    described = Site(small_catalog, store, description=lambda: [one])
    assert tuple(map(rdflib.URIRef, (BASE, BASE + "p", BASE + "o"))) in graph(described.page("/catalog.ttl"))
    assert len(graph(Site(small_catalog, store).page("/catalog.nt"))) > 10


def test_a_period_begins_before_it_ends_and_an_address_is_no_quotation(site):
    page = site.page("/data/denmark.da.html").body.decode()
    main = page.partition("<main")[2].partition("</main>")[0]
    assert [each[0] for each in re.findall(">(begynder|slutter)[:<]", main)] == ["b", "s", "b", "s"]
    assert "»Danmark: planer" in main
    assert "“" not in main


def test_languages_are_called_alike_on_all_pages(site):
    for path in ("/explore.html", "/catalog.html"):
        page = site.page(path).body.decode()
        assert re.search(r'hreflang="nb"[^>]*>Norsk bokmål<', page), path


def test_each_thing_is_cited_in_its_own_dataset(tmp_path):
    for folder in ("ontology", "data", "queries"):
        (tmp_path / folder).mkdir()
    checkout.settings(tmp_path)
    for name in ("xx", "yy"):
        (tmp_path / "data" / f"{name}.ttl").write_text(
            f"""@base <{BASE}> . @prefix dct: <http://purl.org/dc/terms/> .
            @prefix dcat: <http://www.w3.org/ns/dcat#> .
            @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
            <data/{name}> a dcat:Dataset ; dct:title "Data of {name}"@en ; dcat:version "1" .
            <id/{name}/thing> skos:prefLabel "Thing of {name}"@en .""",
            encoding="utf-8",
        )
    catalog = Catalog(tmp_path)
    two = Site(catalog, catalog.load())
    for name in ("xx", "yy"):
        said = text(two.page(f"/doc/{name}/thing.html"))
        assert f"“Thing of {name}”. In: Data of {name}, version 1." in said
        marked = [f'<span lang="en" dir="auto">{each} of {name}</span>' for each in ("Thing", "Data")]
        danish, data = (
            two.page(path).body.decode() for path in (f"/doc/{name}/thing.da.html", "/catalog.da.html")
        )
        assert "»{}«. I: {}, version 1.".format(*marked) in danish
        assert f">{marked[1]}</a>, version 1" in danish.partition("<footer")[2]
        assert marked[1] in data.partition("<footer")[0]
    (tmp_path / "queries" / "all.rq").write_text(
        "#+ summary: What?\nSELECT ?s { ?s ?p ?o }", encoding="utf-8"
    )
    catalog = Catalog(tmp_path)
    said = text(Site(catalog, catalog.load()).page("/query/all.html"))
    assert "“What?”. In: Data of xx, version 1; Data of yy, version 1." in said


def test_the_address_of_a_version_has_a_page_that_tells_which_one(site):
    (version,) = {
        row["v"].value
        for row in site._context.store.query(
            "SELECT ?v { ?o owl:versionIRI ?v FILTER(CONTAINS(STR(?v), '/ontology/')) }"
        )
    }
    path = site._context.urls.path(version)
    page, data = (site.page(path + suffix).body.decode() for suffix in (".html", ".ttl"))
    assert 'href="../ontology.html"' in page
    assert "owl:versionIRI" in data
    number = version.rpartition("/")[2]
    assert f"PolicyGraph ontology</bdi> {number}" in page.partition("<h1>")[2].partition("</h1>")[0]
    assert f'"PolicyGraph-ontologien {number}"@da' in data


def test_what_an_ontology_defines_is_part_of_it_and_of_no_dataset(site):
    part = NamedNode("http://purl.org/dc/terms/isPartOf")

    def wholes(path):
        quads = parse(site.page(path).body, format=RdfFormat.TURTLE)
        return {quad.object.value for quad in quads if quad.predicate == part}

    things = site._context.urls.resources
    scheme = next(path for path in things if re.fullmatch("/concept/[a-z-]+", path))
    assert wholes(f"{scheme}.ttl") == {f"{BASE}concept"}
    assert wholes("/ontology.ttl") == wholes("/data/denmark.ttl") == set()
    assert wholes("/doc/dk/initiative/nemid.ttl") == {f"{BASE}data/denmark"}


@pytest.mark.full
def test_two_things_side_by_side_are_called_what_they_are_called():
    catalog = Catalog(checkout.SHIPPED)
    site = Site(catalog, catalog.load(graphs=True))
    for language in LANGUAGES:
        page = site.page(f"/doc/dk/initiative/nemid{'' if language == 'en' else '.' + language}.html")
        text = page.body.decode()
        heads = re.findall(r"<th[^>]*>(.*?)</th>", text[text.index('id="aside-1"') :])
        assert heads[1:3] == ["BankID", "NemID"], language


def test_lists_that_are_too_long_to_compare_stop_nothing(catalog, store, monkeypatch):
    monkeypatch.setattr("policygraph.analysis.crosswalk.MAX_CELLS", 1)
    site = Site(catalog, store, live=False)
    page = site.page("/crosswalk.html")
    assert "for stort til" in site.page("/crosswalk.da.html").body.decode()
    assert not page.refused
    assert "There is no such list" not in page.body.decode()
