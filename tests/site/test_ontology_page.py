"""The ontology's reference: complete beside pyLODE's, and made for a reader who has never seen RDF."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from html import unescape

import checkout
import html5rdf
import pytest
import rdflib

from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.site.pages.ontology import reference
from policygraph.site.site import Site

PYLODE = """
import sys, pylode
sys.stdout.write(pylode.OntPub(sys.argv[1]).make_html())
"""
TERMS = BASE + "ontology#"
VERSION = "0.4.0"
INCLUDES = rdflib.URIRef("https://schema.org/domainIncludes")


@pytest.fixture(scope="module")
def site(live_site):
    return live_site


@pytest.fixture(scope="module")
def pages(site):
    """The reference by language, as html5rdf's tree."""
    return {
        language: html5rdf.parse(site.page(path).body.decode(), namespaceHTMLElements=False)
        for language, path in (
            ("en", "/ontology.html"),
            ("da", "/ontology.da.html"),
            ("nb", "/ontology.nb.html"),
        )
    }


@pytest.fixture(scope="module")
def ontology(catalog, tmp_path_factory):
    """The ontology with its alignments, as one file of Turtle, and as a graph."""
    graph = rdflib.Graph()
    for name in ("policygraph", "alignments"):
        graph.parse(catalog.root / "ontology" / f"{name}.ttl", format="turtle", publicID=BASE)
    for other in set(graph.subjects(rdflib.RDF.type, rdflib.OWL.Ontology)) - {
        rdflib.URIRef(BASE + "ontology")
    }:
        graph.remove((other, None, None))  # pyLODE reads a file as one ontology
    file = tmp_path_factory.mktemp("ontology") / "ontology.ttl"
    graph.serialize(file)
    return file, graph


def words(element):
    """What an element says, with a space between its parts and none before a point or comma."""
    return re.sub(r" (?=[.,])", "", " ".join(" ".join(element.itertext()).split()))


def entry(page, iri):
    """The text of a term's entry, of which the part that is folded in has the term's name."""
    found = page.findall(f".//details/div[@id='{iri.removeprefix(TERMS)}']/..")
    assert len(found) == 1, iri
    return words(found[0])


@pytest.mark.full
def test_nothing_that_pylode_shows_is_missing(ontology, pages):
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PYLODE, str(ontology[0])],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs = html5rdf.parse(made, namespaceHTMLElements=False)
    hrefs = {link.get("href") for page in pages.values() for link in page.iter("a")}
    terms = 0
    for entity in theirs.iter("div"):
        if "entity" not in entity.get("class", "").split():
            continue
        iri = next(words(code) for code in entity.iter("code"))
        if not iri.startswith(TERMS):
            continue
        terms += 1
        ours = " ".join(entry(page, iri) for page in pages.values())
        # What it says of a term in words: the definition, notes and examples, in each language.
        said = [words(each) for each in entity.iter("p")]
        assert len(said) >= 2, iri
        assert [each for each in said if each not in ours] == [], iri
        # Its labels stand in one heading, without a space between.
        title = re.sub(r" [a-z]+$", "", words(next(entity.iter("h3"))))
        labels = [str(each) for each in ontology[1].objects(rdflib.URIRef(iri), rdflib.RDFS.label)]
        assert sorted(title.replace(" ", "")) == sorted("".join(labels).replace(" ", "")), title
        assert [each for each in labels if each not in ours] == [], iri
        # And where it leads: to the terms that it is a kind of, comes from, goes to.
        linked = {link.get("href") for link in entity.iter("a")} - {None}
        outside = {each for each in linked if not each.startswith((BASE, "#")) and "hover" not in each}
        defined = {each.get("href") for each in entity.iter("a") if each.get("class") == "hover_property"}
        assert outside - defined - hrefs == set(), iri
    assert terms == len(set(ontology[1].subjects(rdflib.RDFS.isDefinedBy, rdflib.URIRef(BASE + "ontology"))))
    # Of the ontology itself, too.
    about = next(each for each in theirs.iter("div") if each.get("id") == "metadata")
    ours = " ".join(words(page) for page in pages.values())
    said = [words(each) for each in about.iter("p")] + [words(each) for each in about.iter("code")]
    assert len(said) > 5
    assert [each for each in said if each not in ours] == []


def test_every_term_has_an_anchor_that_is_its_fragment(ontology, pages, catalog):
    terms = {
        str(term)
        for term in ontology[1].subjects(rdflib.RDFS.isDefinedBy, None)
        if str(term).startswith(TERMS)
    }
    written = (file.read_text() for file in (catalog.root / "ontology").glob("*.ttl"))
    assert len(terms) == sum(len(re.findall(r"(?m)^pg:\w+ a ", each)) for each in written)
    for page in pages.values():
        anchors = {TERMS + each.get("id") for each in page.findall(".//details/div[@id]")}
        assert anchors == terms


def test_a_sentence_of_the_data_is_read_aloud(pages, site):
    for language, is_a, around in (("en", "is a", "“%s”"), ("da", "er en", "»%s«")):
        lesson = next(each for each in pages[language].iter("section") if each.get("class") == "lesson")
        parts = [next(each.iter("a")) for each in next(lesson.iter("ol")).iter("li")]
        assert not [each for part in parts for each in part.iter() if each.get("lang")]  # in another language
        subject, relation, object_ = (words(part) for part in parts)
        aloud = "".join(next(each for each in lesson.iter("p") if each.get("class") == "aloud").itertext())
        assert around % f"{subject} {relation} {object_}." in aloud
        assert f"{subject} {is_a} " in words(lesson)
        # It stands in the data just so.
        claim = next(each.get("href") for each in lesson.iter("a") if "/claim/" in each.get("href"))
        said = site.page("/" + claim).body.decode()
        assert subject in unescape(said)
        assert object_ in unescape(said)


def test_the_map_holds_every_relation_below_each_class_that_it_begins_at(pages, ontology):
    graph = ontology[1]
    relations = {each for each in graph.subjects(rdflib.RDF.type, rdflib.OWL.ObjectProperty) if TERMS in each}
    expected = {
        str(each).removeprefix(TERMS): len(
            [*graph.objects(each, rdflib.RDFS.domain), *graph.objects(each, INCLUDES)]
        )
        for each in relations
    }
    for page in pages.values():
        boxes = page.findall(".//ul[@class='boxes']/li")
        rows = [row for box in boxes for row in box.findall("./ul/li")]
        assert Counter(row.find("a").get("href").partition("#")[2] for row in rows) == expected
        heads = [box.find("./h4/a").get("href") for box in boxes]
        assert len(heads) == len(set(heads)) > 20
        assert all(words(row).partition("→")[2].strip() for row in rows)


def test_uses_are_counted_with_those_of_more_special_terms(site, store):
    found = {term.iri: term for terms in reference(site._context, "en").own.values() for term in terms}
    for name in ("Actor", "Plan", "relatesTo"):
        term = found[TERMS + name]
        kind = "?x a ?t" if name[0].isupper() else "?x ?t ?y"
        below = "rdfs:subClassOf" if name[0].isupper() else "rdfs:subPropertyOf"
        row = next(
            store.query(
                f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT * {{ ?t {below}* <{term.iri}> . {kind} }} }}"
            )
        )
        assert term.uses + term.narrower_uses == int(row["n"].value), name


def test_versions_and_citation_are_told(pages):
    said = words(pages["en"].find(".//body"))
    assert f"Version {VERSION}" in said
    assert f"{BASE}ontology/{VERSION}" in said
    assert "Previous version" not in said, "that it names none does not say that it is the first"
    assert f"PolicyGraph ontology, version {VERSION}" in said
    assert "PolicyGraph alignments" in said
    assert "Bases of claims 4 concepts" in said


def test_mappings_name_the_vocabulary(pages):
    assert "Close match elsewhere Country schema:Country" in entry(pages["en"], TERMS + "Country")
    assert "foaf:Agent" in entry(pages["en"], TERMS + "Actor")


@pytest.fixture(scope="module")
def successive(tmp_path_factory):
    """An ontology in its second version, with a term that is no longer to be used and one without any end."""
    root = tmp_path_factory.mktemp("second")
    for folder in ("ontology", "data", "queries"):
        (root / folder).mkdir()
    checkout.settings(root)
    (root / "ontology" / "terms.ttl").write_text(
        f"""@base <{BASE}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix o: <ontology#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix dct: <http://purl.org/dc/terms/> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <ontology> a owl:Ontology ; owl:versionInfo "2.0.0" ; owl:priorVersion <ontology/1.0.0> ;
          skos:changeNote "Roads came."@en .
        o:Road a owl:Class ; rdfs:label "Road"@en .
        o:Way a owl:Class ; rdfs:label "Way"@en ; owl:deprecated true ; dct:isReplacedBy o:Road .
        o:leads a owl:ObjectProperty ; rdfs:label "leads to somewhere that has a name longer than a box"@en ;
          rdfs:domain o:Road .
        o:joins a owl:ObjectProperty ; rdfs:label "joins"@en ; rdfs:domain o:Road ; rdfs:range o:Road .""",
        encoding="utf-8",
    )
    (root / "data" / "x.ttl").write_text(f"<{BASE}id/x/a> a <{TERMS}Road> .", encoding="utf-8")
    catalog = Catalog(root)
    return Site(catalog, catalog.load())


def test_a_later_version_tells_what_changed_and_what_replaces_what(successive):
    page = html5rdf.parse(successive.page("/ontology.html").body.decode(), namespaceHTMLElements=False)
    said = words(page)
    assert f"Previous version {BASE}ontology/1.0.0" in said
    assert "What changed Roads came." in said
    assert "No longer to be used. Use instead: Road." in entry(page, TERMS + "Way")
    assert "How to read the data" not in said, "there is no sentence in these data to learn from"


def test_a_catalogue_without_terms_of_its_own_has_a_reference(small_catalog):
    body = Site(small_catalog, small_catalog.load()).page("/ontology.html").body.decode()
    assert "Project" in body
    assert 'class="drawing"' not in body


def test_a_claim_that_no_browser_opens_is_no_link(successive, tmp_path):
    for name in ("ontology", "queries", "catalog.toml"):
        (tmp_path / name).symlink_to(successive._context.catalog.root / name)
    (tmp_path / "data").mkdir()
    label = "http://www.w3.org/2004/02/skos/core#prefLabel"
    (tmp_path / "data" / "x.ttl").write_text(
        f"""@base <{BASE}> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        <id/x/a> a <{TERMS}Road> ; <{label}> "A"@en . <id/x/b> a <{TERMS}Road> ; <{label}> "B"@en .
        <urn:x:claim> rdf:subject <id/x/a> ; rdf:predicate <{TERMS}joins> ; rdf:object <id/x/b> .""",
        encoding="utf-8",
    )
    catalog = Catalog(tmp_path)
    body = Site(catalog, catalog.load()).page("/ontology.html").body.decode()
    assert "How to read the data" in body
    assert 'href="None"' not in body
