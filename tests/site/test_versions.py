"""Versions stay where they were published, byte by byte, whoever publishes after them; or nothing is.

Tests of `site.versions.archive`, `site.versions.changes`, `site.versions.releases` and
`site.versions.stream`.
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import time
from functools import partial
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

import checkout
import loopback
import pyoxigraph as ox
import pytest
from releases import BASE, VERSIONS, digests, release, tree

from policygraph.catalog.catalog import Catalog
from policygraph.check.site.inspect import inspect
from policygraph.errors import CatalogError, PublicationError
from policygraph.rdf.namespaces import expand
from policygraph.rdf.terms import canonical
from policygraph.site.context import SiteContext
from policygraph.site.pages.fair import CRATE
from policygraph.site.publish import publish as publish_site
from policygraph.site.site import Site
from policygraph.site.urls import document_stem
from policygraph.site.versions import archive
from policygraph.site.versions.changes import ANSWERS, GONE, THINGS, counts, pairs, table
from policygraph.text import grouped

publish = partial(publish_site, processes=1)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The folder after each of three releases, and what each was to have at its addresses from then on."""
    root, place = tmp_path_factory.mktemp("register"), tmp_path_factory.mktemp("web") / "site"
    folders, kept = [], []
    for number in range(3):
        publish(release(root, number), place)
        folders.append(shutil.copytree(place, place.with_name(f"after-{number}")))
        kept.append(digests(place))
    return folders, kept


@pytest.fixture
def site(published, tmp_path):
    """A folder with the first release, to publish over."""
    return shutil.copytree(published[0][0], tmp_path / "site")


@pytest.fixture
def agency(tmp_path):
    """Publishes a release of the agency to a folder, with options."""

    def of(number, name="site", **options):
        publish(release(tmp_path / "register", number), tmp_path / name, **options)
        return tmp_path / name

    return of


def graph(path):
    body = path.read_bytes()
    body = gzip.decompress(body) if path.suffix == ".gz" else body
    return {
        quad.triple
        for quad in ox.parse(
            body, format=ox.RdfFormat.from_extension(path.name.split(".")[-1].replace("gz", "nt"))
        )
    }


def test_the_folder_of_each_version_is_a_crate(published):
    folders, _ = published
    for name in ("1.0.0", "1.1.0"):
        folder = folders[2] / "download" / "register" / name
        crate = json.loads((folder / CRATE).read_text(encoding="utf-8"))
        assert crate["@context"][1:] == [{"sha256": "http://schema.org/sha256"}]  # which RO-Crate 1.1 lacks
        about, root, *rest = crate["@graph"]
        assert (about["about"], root["identifier"]) == ({"@id": "./"}, f"{BASE}register/{name}")
        assert root["name"].endswith(name)
        assert root["version"] == name
        assert root["datePublished"]
        assert [root["license"]["@id"]] == [each["@id"] for each in rest if each["@type"] == "CreativeWork"]
        files = {each["@id"]: each["sha256"] for each in rest if each["@type"] == "File"}
        there = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != CRATE}
        assert files == {each: sha256(body).hexdigest() for each, body in there.items()}


def test_each_version_has_its_record_and_its_files(published):
    folders, _ = published
    record = graph(folders[2] / "register" / "1.1.0.ttl")
    this = ox.NamedNode(f"{BASE}register/1.1.0")
    said = {
        (each.predicate.value, each.object.value)
        for each in record
        if each.subject == this and not isinstance(each.object, ox.BlankNode)
    }
    assert {
        (expand("dcat:version"), "1.1.0"),
        (expand("dct:modified"), "2026-10-01"),
        (expand("dcat:isVersionOf"), f"{BASE}register"),
        (expand("dcat:previousVersion"), f"{BASE}register/1.0.0"),
        (expand("dct:license"), "https://creativecommons.org/licenses/by/4.0/"),
    } <= said
    sums = {each.object.value for each in record if each.predicate.value == expand("spdx:checksumValue")}
    folder = folders[2] / "download" / "register" / "1.1.0"
    files = [path for path in folder.iterdir() if path.name != CRATE]
    assert {sha256(each.read_bytes()).hexdigest() for each in files} == sums
    assert {"register.ttl", "register.nt.gz", "csv-metadata.json", "Site.csv"} <= {
        each.name for each in files
    }
    prior = (expand("owl:priorVersion"), f"{BASE}vocab/0.9")
    assert prior in {(e.predicate.value, e.object.value) for e in graph(folders[2] / "vocab" / "1.0.ttl")}


def test_its_files_hold_what_was_published_then(published):
    folders, _ = published
    for number, name in enumerate(VERSIONS):
        then = graph(folders[number] / "download" / "ports.nt")
        for file in ("register.ttl", "register.nt.gz"):
            kept = graph(folders[2] / "download" / "register" / name / file)
            assert {*canonical(kept)} == {*canonical(then)}


def test_what_was_published_stays_byte_by_byte(published):
    folders, kept = published
    assert (
        kept[0].items()
        <= kept[1].items()
        <= kept[2].items() | {("changes/gone.ttl", kept[1]["changes/gone.ttl"])}
    )
    for folder in folders:
        subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "versions.sha256"], cwd=folder, check=True
        )
    assert not [name for name in kept[2] if name.endswith(".html")], "pages are made anew"


def commit(root, tag):
    """Commit all of a catalogue in git, with a tag."""
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", tag]):
        subprocess.run(["git", "-C", root, "-c", "user.name=x", "-c", "user.email=x", *command], check=True)


def of_release(folder, number, *changes):
    """A release with other texts in its data."""
    data = release(folder, number).root / "data" / "ports.ttl"
    text = data.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    data.write_text(text, encoding="utf-8")
    return Catalog(folder)


@pytest.mark.full
def test_an_earlier_version_that_is_brought_later_stands_before_the_later_one(tmp_path, published):
    root, site = tmp_path / "register", tmp_path / "site"
    publish(release(root, 2), site)
    publish(release(root, 2), site, previous=[published[0][0]])
    listed = (site / "register.link").read_text(encoding="utf-8")
    assert re.findall(r"register/([\d.]+)>", listed) == ["1.0.0", "2.0.0"]
    assert "<port/old>" in (site / "changes" / "gone.ttl").read_text(encoding="utf-8")
    assert (site / "port" / "old.html").exists()


@pytest.mark.full
def test_a_revision_from_before_what_is_there_knows_nothing_of_it(tmp_path):
    root, site = tmp_path / "register", tmp_path / "site"
    for number in (0, 2):
        release(root, number)
        commit(root, f"v{number}")
    publish(Catalog(root), site)
    publish(Catalog(root), site, previous=["HEAD~1"])
    assert "previousVersion" not in (site / "register" / "1.0.0.ttl").read_text(encoding="utf-8")
    assert [each.name for each in (site / "changes" / "register").glob("*.ru")] == ["1.0.0..2.0.0.ru"]
    assert (site / "port" / "old.html").exists()


@pytest.mark.full
def test_two_publications_that_differ_in_a_version_are_refused(tmp_path, published):
    one = of_release(tmp_path / "one", 0, ("Old Harbour", "Draft Harbour"))
    publish(one, tmp_path / "draft")
    with pytest.raises(PublicationError, match=r"nt\.gz is not what is kept of this version already"):
        publish(release(tmp_path / "register", 1), tmp_path / "draft", previous=[published[0][0]])


@pytest.mark.full
def test_a_version_that_is_published_anew_may_be_brought_from_before_again(tmp_path, published):
    """The version that the data have now has what they say now."""
    again = of_release(tmp_path / "register", 0, ("Old Harbour", "Older Harbour"))
    for _ in range(2):
        publish(again, tmp_path / "site", previous=[published[0][0]])
    dump = graph(tmp_path / "site" / "download" / "register" / "1.0.0" / "register.nt.gz")
    assert "Older Harbour" in {getattr(each.object, "value", "") for each in dump}


def test_a_version_with_the_address_of_another_is_refused(site, tmp_path):
    catalog = release(tmp_path / "register", 0)
    words = catalog.root / "ontology" / "vocab.ttl"
    words.write_text(words.read_text().replace('versionInfo "0.9"', 'versionInfo "1.0"'), encoding="utf-8")
    with pytest.raises(
        PublicationError,
        match=r"vocab/0\.9> was published as version 0\.9 of <.*vocab>, and is version 1\.0 of",
    ):
        publish(Catalog(catalog.root), site)


@pytest.mark.parametrize("other", ["a", "z"])  # before and after the ontology, by their IRIs
def test_two_things_with_the_address_of_one_version_are_refused(tmp_path, other):
    catalog, site = release(tmp_path / "register", 0), tmp_path / "site"
    about = "dct:title 'S' ; dct:description 'S' ; dcat:version '3' ; owl:versionIRI <vocab/0.9>"
    this = f"<{other}> a dcat:Dataset ; {about} ."
    data = catalog.root / "data" / "ports.ttl"
    text = data.read_text(encoding="utf-8")
    data.write_text(f"@prefix owl: <http://www.w3.org/2002/07/owl#> .\n{text}{this}", encoding="utf-8")
    what = rf"<{BASE}vocab/0\.9> is version .* of <(.*)> and version .* of <(.*)>; give one of them an IRI"
    with pytest.raises(PublicationError, match=what) as told:
        publish(Catalog(catalog.root), site)
    assert {*re.search(what, str(told.value)).groups()} == {f"{BASE}vocab", f"{BASE}{other}"}
    assert not site.exists()


@pytest.mark.full
def test_a_version_is_kept_whatever_its_iri_begins_with_or_ends_in(tmp_path):
    root, site, kept = tmp_path / "register", tmp_path / "site", {}
    iris = {"v0": "v0/{}/", "v1": "id/v1/{}", "v2": "v2/{}#"}
    for number in (0, 2):
        folder = release(root, number).root / "ontology"
        words = (folder / "vocab.ttl").read_text()
        for own, iri in iris.items():
            text = re.sub(r"<vocab/([\d.]+)>", lambda name, iri=iri: f"<{iri.format(name[1])}>", words)
            (folder / f"{own}.ttl").write_text(re.sub("<vocab(?=[>#])", f"<{own}", text), encoding="utf-8")
        publish(Catalog(root), site)
        assert kept.items() <= digests(site).items()
        kept = {path: each for path, each in digests(site).items() if path != GONE[1:]}
        assert not inspect(site, base=BASE).errors
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "versions.sha256"], cwd=site, check=True)
    for own, iri in iris.items():
        assert [*site.glob(f"changes/**/{own}/0.9..1.0.html")]
        page = f"{document_stem('/' + iri.format('0.9').rstrip('#'))[1:]}.html"
        assert "This is an earlier version" in (site / page).read_text(encoding="utf-8")


def test_a_row_of_changes_is_one_also_of_an_iri_with_a_sign_that_ends_a_line(tmp_path):
    first = release(tmp_path / "0", 0)
    later = of_release(tmp_path / "1", 1, ("<port/east>", "<port/ea\u2028st>"))
    kept = archive.stays(Site(first, first.load(), live=False)._context)
    context = Site(later, later.load(), live=False, previous=kept)._context
    rows = table(context, "/changes/register/1.0.0..1.1.0", THINGS)
    assert {row["thing"] for row in rows if row["change"] == "new"} == {f"{BASE}port/ea\u2028st"}


def test_a_version_has_the_graph_of_its_name_wherever_it_is_described(tmp_path):
    catalog = release(tmp_path / "register", 0)
    data = catalog.root / "data"
    text = (data / "ports.ttl").read_text(encoding="utf-8")
    (data / "ships.ttl").write_text(
        f"<{BASE}ship/s1> <http://www.w3.org/2004/02/skos/core#prefLabel> 'Ship'@en .\n"
        f"<{BASE}data/ships> a <http://www.w3.org/ns/dcat#Dataset> .\n",
        encoding="utf-8",
    )
    more = f'<{BASE}data/ships> a dcat:Dataset ; dct:title "S" ; dct:description "S" ; dcat:version "1.0.0" .'
    (data / "ports.ttl").write_text(text + more, encoding="utf-8")
    publish(Catalog(catalog.root), tmp_path / "site")
    dump = graph(tmp_path / "site" / "download" / "data" / "ships" / "1.0.0" / "ships.nt.gz")
    assert f"<{BASE}ship/s1>" in {str(each.subject) for each in dump}


_TERMS = """@base <https://data.ports.example/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<vocab#Berth> a owl:Class ; rdfs:label "Berth"@en ; rdfs:isDefinedBy <vocab> ;
  rdfs:subClassOf [ a owl:Restriction ; owl:onProperty <vocab#of> ; owl:someValuesFrom <vocab#Quay> ] .
<vocab#of> a owl:ObjectProperty ; rdfs:label "of"@en .
[] a owl:AllDisjointClasses ; owl:members ( <vocab#Berth> <vocab#Quay> ) .
<vocab/ships#Ship> a owl:Class ; rdfs:label "Ship"@en ; rdfs:subClassOf [ owl:complementOf <vocab#Quay> ] .
<https://other.example/x> a owl:Class ; rdfs:label "X"@en ; rdfs:isDefinedBy <https://other.example/> .
<vocab> rdfs:comment "Of berths"@en . <vocab/ships> rdfs:comment "Of ships"@en .
<https://nobody.example/z> rdfs:label "Z"@en .
"""


@pytest.mark.full
def test_a_version_of_an_ontology_has_its_terms_of_other_files_and_no_other_ontology(tmp_path):
    catalog, site = release(tmp_path / "register", 0), tmp_path / "site"
    folder = catalog.root / "ontology"
    (folder / "terms.ttl").write_text(_TERMS, encoding="utf-8")
    ships = (
        f'<{BASE}vocab/ships> a <{expand("owl:Ontology")}> ; <{expand("owl:versionInfo")}> "3" .\n'
        f'<{BASE}vocab/ships#Bow> <{expand("rdfs:label")}> "Bow"@en .\n'
    )
    (folder / "ships.ttl").write_text(ships, encoding="utf-8")
    publish(Catalog(catalog.root), site)
    own, other = (
        graph(site / "download" / "vocab" / path) for path in ("0.9/vocab.nt.gz", "ships/3/ships.nt.gz")
    )
    for path in ("0.9/vocab.ttl", "ships/3/ships.ttl"):
        again = graph(site / "download" / "vocab" / path)
        assert {*canonical(again)} in ({*canonical(own)}, {*canonical(other)})

    def named(triples):
        return {str(each.subject).strip("<>").removeprefix(BASE) for each in triples if "_:" not in str(each)}

    assert named(own) == {"vocab", "vocab#Quay", "vocab#Berth", "vocab#of"}
    assert named(other) == {"vocab/ships", "vocab/ships#Bow", "vocab/ships#Ship"}
    said = [{each.object.value for each in its if "comment" in each.predicate.value} for its in (own, other)]
    assert said == [{"Of berths"}, {"Of ships"}]
    assert {expand("owl:AllDisjointClasses"), expand("owl:Restriction")} <= {
        getattr(each.object, "value", "") for each in own
    }
    assert expand("owl:complementOf") not in {each.predicate.value for each in own}
    assert expand("owl:complementOf") in {each.predicate.value for each in other}
    first = digests(site)
    (folder / "terms.ttl").write_text(_TERMS.replace('"Berth"', '"Place"'), encoding="utf-8")
    (folder / "vocab.ttl").write_text((folder / "vocab.ttl").read_text().replace("0.9", "0.10"))
    publish(Catalog(catalog.root), site)
    assert first.items() <= digests(site).items()
    assert "vocab#Berth" in (site / "changes/vocab/0.9..0.10.csv").read_text(encoding="utf-8")
    assert not inspect(site, base=BASE).errors


@pytest.mark.full
def test_days_do_not_turn_round_what_the_records_say(tmp_path, site):
    root = tmp_path / "register"
    for tagline in ("One", "Two"):
        catalog = of_release(root, 1, ("2026-10-01", "2026-08-31"))
        (root / "catalog.toml").write_text(f'tagline = "{tagline}"\n{(root / "catalog.toml").read_text()}')
        publish(Catalog(catalog.root), site)
        assert [each.name for each in (site / "changes" / "register").glob("*.ru")] == ["1.0.0..1.1.0.ru"]


@pytest.mark.full
def test_the_day_since_when_something_is_gone_stays_the_first(tmp_path, published, site):
    """Over three publications within a version, and over the versions after it."""

    def days(folder):
        triples = graph(folder / "changes" / "gone.ttl")
        since = expand("prov:invalidatedAtTime")
        return {
            each.subject.value.rpartition("/")[2]: each.object.value
            for each in triples
            if each.predicate.value == since
        }

    after = [days(folder) for folder in published[0][1:]]
    assert after[0]["old"] == "2026-10-01"
    assert after[0].items() <= after[1].items()

    old = (
        '<port/old> a org:Site ; skos:prefLabel "Old Harbour"@en , "Gammelhavn"@da ; org:siteOf <agency> .\n'
    )
    root = tmp_path / "register"
    for day in ("05", "06", "07"):
        note = f'<port/past> skos:note "{day}"@en .\n'
        publish(of_release(root, 0, ("2026-09-01", f"2026-09-{day}"), (old, note)), site)
        assert days(site) == {"old": "2026-09-05"}
    publish(release(root, 1), site)
    assert days(site)["old"] == "2026-09-05"
    assert days(site)["nameless"] == "2026-10-01"


def test_two_thousand_versions_are_placed_as_their_records_say(tmp_path):
    """In time that grows with their number, also where the days and the names say the opposite."""
    from policygraph.site.versions import releases

    def kept(number):
        head = f"@base <{BASE}register/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
        said = "<{0}> dcat:isVersionOf <../register> ; dcat:version '{0}' ; dcat:previousVersion <{1}> ."
        return {f"/register/{n}.ttl": (head + said.format(n, n + 1)).encode() for n in range(number, 0, -1)}

    catalog, took = release(tmp_path, 2), []
    for number in (1_000, 2_000):
        context = Site(catalog, catalog.store)._context
        context.previous = kept(number)
        context.forget()
        start = time.process_time()
        found = [each.name for each in releases.history(context, f"{BASE}register")]
        took.append(time.process_time() - start)
        assert found == [*map(str, range(number, 0, -1)), "2.0.0"]
    assert took[1] < 3 * took[0] + 0.1, took


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """Two releases in which two datasets change, with questions, as what makes the site of the second."""
    prefixes = "#+ summary: Which?\n" + "".join(
        f"PREFIX {each}: <{expand(f'{each}:')}>\n" for each in ("dct", "org", "skos")
    )
    root, names, kept = tmp_path_factory.mktemp("compared"), ", ".join(f'"{n}"' for n in range(200)), {}
    more = (
        '<port/same> a org:Site ; skos:prefLabel "Old Harbour"@en . [] a dct:Location . [] a dct:Location .\n'
        "<port/same> dct:replaces <port/past> .\n"
    )
    for number, year, noted in ((0, '"2014"', "<port/old>"), (1, '"2014"^^xsd:gYear', "<port/north>")):
        north = f"<port/north> skos:altLabel {names} ; dct:date {year} ; a "
        release_ = [("<port/north> a ", f"{more if number else ''}{north}")]
        root = of_release(root / str(number), number, *release_).root
        head = f'<data/berths> a dcat:Dataset ; dct:title "Berths"@en ; dcat:version "{number}" .\n'
        text = (root / "data" / "ports.ttl").read_text(encoding="utf-8").partition("\n<register>")[0]
        (root / "data" / "berths.ttl").write_text(f'{text}{head}{noted} skos:note "deep" .', encoding="utf-8")
        for name, text in {
            "east": 'ASK { ?port skos:prefLabel "East Harbour"@en }',
            "all": "CONSTRUCT { ?port skos:altLabel ?name } WHERE { ?port skos:prefLabel ?name }",
            "same": "CONSTRUCT { ?of skos:note ?x } WHERE { ?of ?p ?x FILTER(ISBLANK(?x)) }",
            "blank": "SELECT ?of ?x { ?of ?p ?x FILTER(ISBLANK(?x)) }",
            "renamed": 'SELECT ?port { ?port skos:prefLabel "Old Harbour"@en }',
            "year": "SELECT ?year { ?port dct:date ?year }",
            "joined": "SELECT (GROUP_CONCAT(?name) AS ?names) { ?port skos:altLabel ?name }",
            "both": 'SELECT ?port { ?port a org:Site ; skos:note "deep" FILTER(STRENDS(STR(?port), "old")) }',
        }.items():
            (root / "queries" / f"{name}.rq").write_text(f"{prefixes}{text}", encoding="utf-8")
        make = partial(Site, Catalog(root), Catalog(root).load(), live=False, previous=kept)
        kept = archive.stays(make()._context)
    return make


def test_answers_are_compared_by_their_terms_and_blank_nodes_are_not(compared):
    context = compared()._context
    found = {
        path: grouped(
            (row["question"], f"{row['change']}{row['row']}") for row in table(context, path, ANSWERS)
        )
        for path in pairs(context)
    }
    berths, ports = (found[f"/changes/{name}"] for name in ("data/berths/0..1", "register/1.0.0..1.1.0"))
    assert ports.keys() == {"all", "east", "ports", "renamed", "year"}
    assert ports["east"] == ["-false", "+true"]
    assert ports["renamed"] == [f"-<{BASE}port/old>", f"+<{BASE}port/same>"]
    assert ports["year"] == ['-"2014"', f'+"2014"^^<{expand("xsd:gYear")}>']
    assert berths == {"both": ["-Old Harbour"]}  # which went in both, and is told of one


def test_each_thing_without_a_name_is_counted_and_what_moved_has_its_statements(compared):
    context, path = compared()._context, "/changes/register/1.0.0..1.1.0"
    assert counts(context, path)["new"] == 4
    moved = [row for row in table(context, path, THINGS) if row["change"] == "moved"]
    assert [row["after"] for row in moved if not row["property"]] == [f"{BASE}port/same", f"{BASE}port/south"]
    assert {row["before"] for row in moved} > {'"Past Harbour"@en', '"Forrige Havn"@da'}
    page = compared().page(f"{path}.html").body.decode()
    assert page.partition('id="moved"')[2].count("Past Harbour") == 2


def test_answers_of_an_endpoint_are_not_said_to_be_as_before(compared, monkeypatch):
    monkeypatch.setattr(compared.args[1], "url", "https://endpoint.example/sparql")
    site = compared()
    page = site.page("/changes/register/1.0.0..1.1.0.html").body.decode()
    assert "were not compared" in page
    assert ".answers.csv" not in page
    assert "answer differently" not in site.page("/feed.atom").body.decode()


@pytest.mark.full
def test_things_with_a_fragment_have_tombstones_and_another_case_of_a_name_is_no_obstacle(tmp_path):
    root, site = tmp_path / "register", tmp_path / "site"
    more = "".join(
        f'<{BASE}{each}> skos:prefLabel "X"@en .\n' for each in ("thing/x#this", "port/NemId", "port/2")
    )
    now = "".join(
        f'<{BASE}{each}> skos:prefLabel "It"@en ; dct:replaces <{BASE}{old}> .\n'
        for each, old in (("port/NemID", "port/NemId"), ("vocab#Bé", "port/2"))
    )
    for number, text in enumerate((more, now, "")):
        if number == 2:  # both were removed, of which one has a page
            shutil.copytree(site, before := tmp_path / "before")
        data = release(root, number).root / "data" / "ports.ttl"
        data.write_text(data.read_text(encoding="utf-8") + text, encoding="utf-8")
        publish(Catalog(root), site, address="https://elsewhere.example/")
    assert (site / "thing" / "x.html").exists()
    assert not inspect(site, static=True, base=BASE).errors
    assert len([*(site / "port").glob("[Nn]em[Ii][Dd].html")]) == 1
    site = before
    rules = (site / ".htaccess").read_text(encoding="utf-8")
    assert "PG_MISSING:thing/x%" in rules
    redirects = (site / "w3id.htaccess").read_text(encoding="utf-8")
    assert f'RewriteRule "^port/NemId$" "{BASE}port/NemID" [R=303,NE,L]' in redirects
    assert f'RewriteRule "^port/2$" "{BASE}vocab#B\\%C3\\%A9" [R=303,NE,L]' in redirects
    assert re.search(r'\^port/NemId\$"\nRewriteRule \^ "%{ENV:PG_ROOT}port/NemID"', rules)


def test_each_version_has_a_page_that_leads_to_the_latest(published):
    folders, _ = published
    for tag, words in (("", "This is an earlier version"), (".da", "Dette er en tidligere version")):
        page = (folders[2] / "register" / f"1.0.0{tag}.html").read_text(encoding="utf-8")
        assert words in page
        assert f'<link rel="latest-version" href="../register{tag}.html">' in page
        assert f'<link rel="successor-version" href="1.1.0{tag}.html">' in page
        assert '<link rel="timemap" href="../register.link">' in page
        assert words not in (folders[2] / "register" / f"2.0.0{tag}.html").read_text(encoding="utf-8")
    dataset = (folders[2] / "register.html").read_text(encoding="utf-8")
    assert 'href="register/1.0.0.html"' in dataset
    assert '<link rel="predecessor-version" href="register/1.1.0.html">' in dataset
    assert '<link rel="timemap" href="register.link">' in (folders[2] / "register.da.html").read_text("utf-8")
    assert '<link rel="timemap" href="vocab.link">' in (folders[2] / "vocab.html").read_text(encoding="utf-8")
    assert 'href="changes/register/1.1.0..2.0.0.html"' in dataset
    changes = folders[2] / "changes" / "register"
    answers = (changes / "1.0.0..1.1.0.answers.csv").read_text(encoding="utf-8")
    assert re.search(r",\+,.*East Harbour", answers)
    page = (changes / "1.0.0..1.1.0.html").read_text(encoding="utf-8")
    assert 'port/east.html"><bdi>East Harbour</bdi>' in page  # as it was called then


def test_the_record_of_the_catalogue_names_each_version_and_the_current_one(published):
    record = graph(published[0][2] / "catalog.ttl")
    of = {
        name: {
            each.object.value.removeprefix(f"{BASE}register/")
            for each in record
            if each.predicate.value == expand(name)
        }
        for name in ("dcat:hasVersion", "dcat:hasCurrentVersion")
    }
    assert of == {"dcat:hasVersion": {*VERSIONS}, "dcat:hasCurrentVersion": {"2.0.0"}}


def test_a_time_map_lists_them(published):
    lines = (published[0][2] / "register.link").read_text(encoding="utf-8").split(",\n")
    assert lines[0] == f'<{BASE}register>; rel="original latest-version"'
    assert [line.partition(">")[0] for line in lines[2:]] == [f"<{BASE}register/{name}" for name in VERSIONS]
    assert lines[2].rstrip().endswith('rel="memento"; datetime="Tue, 01 Sep 2026 00:00:00 GMT"')


def test_the_feed_keeps_the_entry_of_each_version(published):
    atom, found = "{http://www.w3.org/2005/Atom}", list[set[tuple[str, ...]]]()
    for folder in published[0]:
        entries = ElementTree.parse(folder / "feed.atom").findall(f"{atom}entry")
        parts = ("id", "title", "updated", "content")
        found.append({tuple(each.findtext(atom + part, "") for part in parts) for each in entries})
    assert found[0] < found[1] < found[2]
    assert {f"{BASE}register#{name}" for name in VERSIONS} < {iri for iri, *_ in found[2]}
    assert len({iri for iri, *_ in found[2]}) == len(found[2])
    links = [each.get("href") for each in ElementTree.parse(folder / "feed.atom").iter(f"{atom}link")]
    assert f"{BASE}register/1.0.0.html" in links


def test_the_checker_finds_nothing_wrong_and_what_was_changed_or_is_missing(published, tmp_path):
    folder = shutil.copytree(published[0][2], tmp_path / "site")
    assert inspect(folder, base=BASE).findings == ()
    (folder / "download" / "register" / "1.0.0" / "register.ttl").write_text("", encoding="utf-8")
    (folder / "register" / "1.1.0.ttl").unlink()
    found = {(each.rule, each.where) for each in inspect(folder, base=BASE).errors}
    assert ("checksum", "/download/register/1.0.0/register.ttl") in found
    assert ("distribution", "/versions.sha256") in found


def test_lines_that_are_missing_from_the_list_of_what_is_kept_are_found(published, agency, tmp_path):
    folder = shutil.copytree(published[0][1], tmp_path / "elsewhere")
    gone = ("download/register/1.0.0/register.ttl", "register/1.0.0.ttl", "changes/gone.ttl")
    lines = (folder / "versions.sha256").read_text(encoding="utf-8").splitlines(keepends=True)
    rest = [line for line in lines if not line.rstrip().endswith(tuple(f"  {each}" for each in gone))]
    assert len(rest) == len(lines) - len(gone)
    (folder / "versions.sha256").write_text("".join(rest), encoding="utf-8")
    found = [str(each) for each in inspect(folder, base=BASE).errors if each.where == "/versions.sha256"]
    assert "not the one in .policygraph" in " ".join(found)
    assert all(f"does not list /{each}" in " ".join(found) for each in (gone[0], gone[2]))
    with pytest.raises(PublicationError, match=r"versions\.sha256 is not as it was published"):
        agency(2, previous=[folder])


@pytest.mark.parametrize("lists", ["versions.sha256", "changes/stream.ttl register.link vocab.link"])
def test_the_checker_finds_that_lists_of_versions_are_missing(published, tmp_path, lists):
    folder, lists = shutil.copytree(published[0][2], tmp_path / "site"), {*lists.split()}
    for name in lists:
        (folder / name).unlink()
    found = {(each.rule, each.where) for each in inspect(folder, base=BASE).errors}
    rules = {name: "content" if name.endswith(".link") else "distribution" for name in lists}
    assert {(rule, f"/{name}") for name, rule in rules.items()} <= found
    pages = {each.relative_to(folder).as_posix() for each in folder.rglob("*.html")}
    assert {where for _, where in found} <= {f"/{name}" for name in {*lists, *pages, ".policygraph"}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"<[^>]+/1\.1\.0>[^\n]+\n", ""),
        (r"(?<=/1\.1\.0>; rel=\"memento\"; datetime=\")\w+, \d\d", "Fri, 02"),
        (r"(?<=register/)1\.1\.0(?=>)", "1.1.1"),
        (r"(?<=\n)<[^>]+/1\.0\.0>", f'<{BASE}register/0.9.0>; rel="memento",\n\\g<0>'),
    ],
)
def test_the_checker_finds_that_a_time_map_was_altered(published, tmp_path, old, new):
    folder = shutil.copytree(published[0][2], tmp_path / "site")
    text = (folder / "register.link").read_text(encoding="utf-8")
    (folder / "register.link").write_text(changed := re.sub(old, new, text), encoding="utf-8")
    assert changed != text
    found = {(each.rule, each.where) for each in inspect(folder, base=BASE).errors}
    assert found == {(rule, "/register.link") for rule in ("content", "checksum")}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (r" ;\n  tree:node <[^>]+/register/1\.1\.0\.ttl>", "", "does not name"),
        (r"changes/register/1\.1\.0\.ttl", "changes/register/0.9.0.ttl", "of no version"),
    ],
)
def test_the_checker_finds_that_a_stream_was_altered(published, tmp_path, old, new, what):
    folder = shutil.copytree(published[0][2], tmp_path / "site")
    text = (folder / "changes" / "stream.ttl").read_text(encoding="utf-8")
    (folder / "changes" / "stream.ttl").write_text(changed := re.sub(old, new, text), encoding="utf-8")
    assert changed != text
    found = inspect(folder, base=BASE).errors
    assert {(each.rule, each.where) for each in found} >= {("content", "/changes/stream.ttl")}
    assert what in " ".join(str(each) for each in found)


def test_publishing_again_changes_nothing(agency, published, tmp_path):
    site = shutil.copytree(published[0][1], tmp_path / "site")
    before = tree(site)
    assert tree(agency(1)) == before


@pytest.mark.full
def test_who_keeps_a_version_has_the_page_of_who_made_it(agency):
    made = agency(1)
    kept = agency(1, "kept", previous=[made])
    for page in ("register/1.1.0.html", "vocab/0.9.html"):
        assert (kept / page).read_bytes() == (made / page).read_bytes()


@pytest.mark.parametrize(
    "path", ["download/register/1.0.0/register.ttl", "register/1.0.0.ttl", "versions.sha256"]
)
@pytest.mark.parametrize("harm", ["changed", "removed"])
def test_a_publication_that_would_lose_a_version_stops(agency, site, path, harm):
    file = site / path
    file.unlink() if harm == "removed" else file.write_bytes(file.read_bytes() + b" ")
    before = tree(site)
    with pytest.raises(PublicationError, match=path):
        agency(1)
    assert tree(site) == before


def stays(root, previous, *changes, address=""):
    """What is kept after a publication of a catalogue in whose files some texts are others now."""
    for path in (*root.glob("data/*"), *root.glob("ontology/*")):
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    catalog = Catalog(root)
    context = SiteContext(catalog, catalog.load(), address=address, live=False)
    context.previous = previous
    assert archive.refusal(context) == ""
    return archive.stays(context)


def test_a_version_that_changes_leaves_those_below_its_folder(tmp_path):
    """Of an ontology of modules the core has `core/1.0/`, and a module `core/1.0/mod`."""
    root = release(tmp_path, 0).root
    words = (root / "ontology" / "vocab.ttl").read_text(encoding="utf-8")
    for name, path, version in (("core", "core/", "core/0.9/"), ("mod", "core/mod", "core/0.9/mod")):
        text = words.replace("vocab/0.9", version).replace("<vocab>", f"<{path}>").replace("vocab#", path)
        (root / "ontology" / f"{name}.ttl").write_text(text, encoding="utf-8")
    first = stays(root, {})
    more = [('"0.9" ; owl:versionIRI <core/0.9/mod>', '"1.0" ; owl:versionIRI <core/1.0/mod>')]
    then = stays(root, first, *more)
    now = stays(root, then, ("<core/Quay>", "<core/Jetty>"))
    module = {path: body for path, body in first.items() if "core/0.9/mod" in path}
    assert {"/core/0.9/mod.ttl", "/download/core/0.9/mod/mod.nt.gz"} < module.keys()
    assert module.items() <= then.items()
    assert module.items() <= now.items()
    assert b"Jetty" in now["/download/core/0.9/core.ttl"]


def test_a_version_whose_name_begins_as_the_record_of_another_stays(tmp_path):
    first = stays(release(tmp_path, 0).root, {}, ('"1.0.0"', '"1.0.0.ttl"'))
    then = stays(tmp_path, first, ('"1.0.0.ttl"', '"1.0.0"'))
    old = {path: body for path, body in first.items() if "/1.0.0.ttl" in path}
    assert {"/register/1.0.0.ttl.ttl", "/download/register/1.0.0.ttl/register.ttl"} < old.keys()
    assert old.items() <= then.items()
    assert old.items() <= stays(tmp_path, then, ("Old Harbour", "Older Harbour")).items()


def test_the_version_of_now_names_the_address_that_the_site_has_now(tmp_path):
    first = stays(release(tmp_path, 0).root, {}, address="https://old.example/")
    then = stays(release(tmp_path, 1).root, first, address="https://old.example/")
    now = stays(tmp_path, then, address="https://new.example/")
    addressed = {"/register/1.1.0.ttl", "/download/register/1.1.0/csv-metadata.json", "/vocab/0.9.ttl"}
    assert {path for path, body in now.items() if b"https://new.example/download/" in body} == addressed
    assert {path for path, body in now.items() if body != then.get(path)} == addressed
    assert stays(tmp_path, now, address="https://new.example/") == now
    assert stays(tmp_path, now, address="https://old.example/") == then


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("", "a version without a name; give it one"),
        ("1.0?", "version '1.0?', which no address can end in; name it otherwise"),
        ("..", "version '..', which no address can end in; name it otherwise"),
        ("1..2", "version '1..2', which no address can end in; name it otherwise"),
        ("4\\n5", "version '4\\n5', which no address can end in; name it otherwise"),
    ],
)
def test_a_version_without_a_name_for_an_address_is_refused(tmp_path, name, what):
    catalog = of_release(tmp_path / "register", 0, ('"1.0.0"', f'"{name}"'))
    sentence = re.escape(f"<{BASE}register> has {what} (dcat:version, owl:versionInfo), or leave it out.")
    with pytest.raises(PublicationError, match=f"^{sentence}$"):
        publish(catalog, tmp_path / "site")


@pytest.mark.full
def test_data_that_changed_within_a_version_are_said(tmp_path, site):
    catalog = of_release(tmp_path / "register", 0, ("Old Harbour", "Older Harbour"))
    done = publish(catalog, site)
    said = "1 thing changed, 1 statement added, 1 removed"
    assert f"<{BASE}register> was changed ({said}), and is version 1.0.0 as before" in done.note
    assert "Older Harbour" in (site / "download/register/1.0.0/register.ttl").read_text(encoding="utf-8")
    assert publish(Catalog(catalog.root), site).note == ""


@pytest.mark.full
def test_a_version_that_others_came_after_is_not_replaced(agency, published, tmp_path):
    shutil.copytree(published[0][1], tmp_path / "site")
    catalog = of_release(tmp_path / "register", 0, ("Old Harbour", "Older Harbour"))
    with pytest.raises(
        PublicationError, match=r"register/1\.0\.0> was published with other data, and 1\.1\.0 after"
    ):
        publish(catalog, tmp_path / "site")
    site = agency(0)  # as it was: a publisher may go back
    assert {*digests(site)} >= {
        "register/1.0.0.ttl",
        "register/1.1.0.ttl",
        "changes/register/1.0.0..1.1.0.csv",
    }
    assert (site / "changes/register/1.0.0..1.1.0.html").exists()


@pytest.mark.full
def test_versions_come_from_another_folder_or_the_web(agency, published, site):
    second = agency(1, "second", previous=[site])
    assert digests(second) == published[1][1]
    with loopback.serving(site) as there:
        third = agency(1, "third", previous=[there])
        (site / "register" / "1.0.0.ttl").write_bytes(b"")
        with pytest.raises(PublicationError, match=r"register/1\.0\.0\.ttl is not as it was published"):
            agency(1, "fourth", previous=[there])
    assert digests(third) == published[1][1]


@pytest.mark.full
def test_revisions_keep_what_publications_one_after_the_other_keep(tmp_path):
    """The second changes a version under its name, and removes something from it."""
    root, site, after = tmp_path / "register", tmp_path / "site", []
    anew = (("Past Harbour", "Passed Harbour"), ("<port/old>", "<port/anew>"))
    for tag, number, changes in (("first", 0, ()), ("again", 0, anew), ("next", 1, ())):
        catalog = of_release(root, number, *changes)
        commit(root, tag)
        publish(catalog, site)
        after.append(shutil.copytree(site, tmp_path / f"after-{tag}"))
    assert "<port/old>" in (site / "changes" / "gone.ttl").read_text(encoding="utf-8")
    for number, previous in enumerate((["first", "again"], [after[0], "again"], ["again", after[1]])):
        publish(catalog, tmp_path / f"{number}", previous=previous)
        assert digests(tmp_path / f"{number}") == digests(site), previous
    with pytest.raises(CatalogError, match="nowhere"):
        publish(catalog, tmp_path / "other", previous=["nowhere"])
    what = r"Name first earlier, or leave it out: .*1\.0\.0> was published with other data, and 1\.1\.0 after"
    with pytest.raises(PublicationError, match=what):
        publish(catalog, tmp_path / "other", previous=[site, "first"])


def test_the_versions_of_another_catalogue_are_refused(site, tmp_path):
    catalog = release(tmp_path / "register", 1)
    settings = catalog.root / "catalog.toml"
    for path in (settings, *catalog.root.glob("data/*"), *catalog.root.glob("ontology/*")):
        path.write_text(
            path.read_text(encoding="utf-8").replace(BASE, "https://other.example/"), encoding="utf-8"
        )
    with pytest.raises(PublicationError, match=r"keeps no versions .*https://other\.example/"):
        publish(Catalog(catalog.root), site)


@pytest.mark.parametrize("line", ["0" * 64 + "  download/../../x", "nonsense", "0" * 64 + "  index.html"])
def test_a_list_that_names_other_files_is_refused(agency, site, line):
    (site / ".policygraph").unlink()
    with (site / "versions.sha256").open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(PublicationError, match=r"versions\.sha256 is not as it was published"):
        agency(1, "other", previous=[site])


@pytest.mark.full
def test_another_publication_meanwhile_loses_nothing(tmp_path, site, published):
    done = []

    def between(number, total):
        if number == 0 and not done:
            done.append(True)
            shutil.rmtree(site)
            shutil.copytree(published[0][1], site)

    with pytest.raises(PublicationError, match="meanwhile"):
        publish(release(tmp_path / "register", 2), site, progress=between)
    assert "register/1.1.0.ttl" in digests(site)


@pytest.mark.full
def test_a_country_published_twice_keeps_all(examplia, tmp_path):
    """In the words of the shipped ontology, with one of its questions: before, there was a plan more, and a
    weaker claim.

    That three releases stay is tested above, and Denmark's pages are inspected in test_publish.py.
    """
    text = examplia.datasets["examplia"].path.read_text(encoding="utf-8")
    weak = text.replace("/strength/medium>", "/strength/weak>", 1)
    assert weak != text
    plan = '<id/ex/plan/made-up> a pg:Plan ; skos:prefLabel "Made up"@en , "Opdigtet"@da .\n'
    version = re.search('dcat:version "([^"]+)"', text)[1]
    root, place, kept = tmp_path / "country", tmp_path / "site", []
    (root / "data").mkdir(parents=True)
    (root / "ontology").symlink_to(examplia.root / "ontology")
    (root / "queries").mkdir()
    shutil.copy(examplia.root / "queries" / "incomplete-resources.rq", root / "queries")
    checkout.settings(root, "en", "da")
    for name, then in (("0.1.1", weak + plan), (version, text)):
        then = then.replace(f'dcat:version "{version}"', f'dcat:version "{name}"')
        (root / "data" / "examplia.ttl").write_text(then, encoding="utf-8")
        done = publish_site(Catalog(root), place)
        kept.append(digests(place))
    assert kept[0].items() <= kept[1].items()
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "versions.sha256"], cwd=place, check=True)
    assert inspect(place, only=done.rendered).errors == []
    changes = (place / f"changes/data/examplia/0.1.1..{version}.csv").read_text(encoding="utf-8")
    assert re.search(r"^strengthened,.*,weak,medium", changes, re.MULTILINE)
    assert re.search(r"^withdrawn,\S+/id/ex/plan/made-up,Made up,", changes, re.MULTILINE)
    answers = (place / f"changes/data/examplia/0.1.1..{version}.answers.csv").read_text(encoding="utf-8")
    assert re.search(",-,.*Made up", answers)
    assert "Opdigtet" in (place / "doc/ex/plan/made-up.da.html").read_text(encoding="utf-8")
    assert "Made up" not in (place / "search.html").read_text(encoding="utf-8")


@pytest.mark.full
@pytest.mark.parametrize("harm", [errno.ENOSPC, errno.EROFS, signal.SIGKILL])
def test_a_publication_that_is_stopped_midway_keeps_the_versions(agency, site, published, monkeypatch, harm):
    write = Path.write_bytes
    before = tree(site)

    def stopped(path, body):
        if path.name == "1.1.0.ttl":
            if harm is signal.SIGKILL:
                os.kill(os.getpid(), harm)
            raise OSError(harm, os.strerror(harm))
        return write(path, body)

    monkeypatch.setattr(Path, "write_bytes", stopped)
    if harm is signal.SIGKILL:
        if not (child := os.fork()):
            agency(1)
        assert os.waitpid(child, 0)[1] == harm
    else:
        with pytest.raises(PublicationError, match="site cannot be published to"):
            agency(1)
    monkeypatch.undo()
    assert tree(site) == before
    assert digests(agency(1)) == published[1][1]


def test_a_circle_of_blank_nodes_has_an_end(tmp_path):
    data = release(tmp_path, 0).root / "data" / "ports.ttl"
    circle = "<port/north> dct:relation _:a . _:a dct:relation _:b . _:b dct:relation _:a .\n"
    data.write_text(data.read_text(encoding="utf-8") + circle, encoding="utf-8")
    catalog = Catalog(tmp_path)
    page = Site(catalog, catalog.load(), live=False).page("/changes/register/1.0.0.ttl")
    assert page.body.count(b"terms/relation") + page.body.count(b"dct:relation") >= 3


@pytest.mark.full
def test_versions_of_one_day_keep_their_order(tmp_path):
    """Though "1.0.0" comes before "1.0.0-rc.1" by its name."""
    root = release(tmp_path / "register", 0).root
    data = root / "data" / "ports.ttl"
    text = data.read_text(encoding="utf-8")
    for number, name in enumerate(("1.0.0-rc.1", "1.0.0", "1.0.0")):
        data.write_text(text.replace('dcat:version "1.0.0"', f'dcat:version "{name}"'), encoding="utf-8")
        with next((root / "queries").glob("*.rq")).open("a", encoding="utf-8") as query:
            query.write(f"# {number}\n")
        done = publish(Catalog(root), tmp_path / "site")
        assert "follows" not in done.note
    assert (tmp_path / "site/changes/register/1.0.0-rc.1..1.0.0.html").exists()


def test_a_version_below_the_one_before_is_noted(tmp_path):
    root = release(tmp_path / "register", 0).root
    data = root / "data" / "ports.ttl"
    text = data.read_text(encoding="utf-8")
    publish(Catalog(root), tmp_path / "site")
    data.write_text(text.replace('dcat:version "1.0.0"', 'dcat:version "0.9.5"'), encoding="utf-8")
    note = publish(Catalog(root), tmp_path / "site").note
    assert f"Version 0.9.5 of <{BASE}register> follows 1.0.0 and is the current one" in note


def test_a_version_that_others_came_after_is_noted_when_it_is_published_again(tmp_path):
    again = f"Version 1.0.0 of <{BASE}register> is the current one again, and no feed tells it: 1.1.0 came"
    for number, note in ((0, ""), (1, ""), (0, again)):
        done = publish(release(tmp_path / "register", number), tmp_path / "site")
        assert done.note.startswith(note)
        assert bool(note) == ("again" in done.note)


@pytest.mark.full
def test_what_each_of_several_publications_removed_is_known(published, tmp_path):
    root = tmp_path / "register"
    data = release(root, 1).root / "data" / "ports.ttl"
    text = data.read_text(encoding="utf-8")
    publish(Catalog(root), tmp_path / "s1", previous=[published[0][0]])
    text = re.sub(r"<port/east>[^\n]*\n", "", text.replace('"1.1.0"', '"1.2.0"'))
    data.write_text(text, encoding="utf-8")
    publish(Catalog(root), tmp_path / "s2", previous=[tmp_path / "s1"])
    data.write_text(text.replace('"1.2.0"', '"1.3.0"'), encoding="utf-8")
    publish(Catalog(root), tmp_path / "s3", previous=[tmp_path / "s1", tmp_path / "s2"])
    assert {"old.html", "east.html"} <= {each.name for each in (tmp_path / "s3" / "port").iterdir()}


def test_the_script_knows_the_version_of_the_ontology_too(published):
    assert f'"{BASE}vocab": {{"version": "1.0"' in (published[0][2] / "editions.js").read_text("utf-8")
