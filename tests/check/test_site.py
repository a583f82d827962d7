"""Inspecting a published site: a clean one has no fault, every planted one is found, and its fix is told.

The faults of a folder are planted in copies of one that `publish` wrote, those of a server between the real
one and its visitor.

Tests of `check.site.data`, `check.site.fetch`, `check.site.inspect`, `check.site.pages`,
`check.site.record` and `check.site.report`.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import re
import shutil
import socket
import sys
import threading
import time
from collections import Counter
from typing import NamedTuple
from unittest.mock import patch

import loopback
import pytest

from policygraph.catalog.catalog import Catalog
from policygraph.check import shacl
from policygraph.check.site import data, fetch, pages
from policygraph.check.site.fetch import CrawlError, Folder, SiteUrls, decompress
from policygraph.check.site.inspect import inspect
from policygraph.check.site.record import _check_counts
from policygraph.check.site.report import RULES, SEVERITIES, Crawl, SiteReport
from policygraph.errors import ExtraError, PublicationError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL as BASE, expand
from policygraph.site.publish import write_site as publish
from policygraph.site.site import Site
from policygraph.store.memory import EmbeddedStore

pytest_plugins = ["serving"]

HERE = "https://data.example.org/policy/"  # a base that is not the shipped one

ONTOLOGY = """@base <BASE> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix t: <BASEontology#> .

<ontology> a owl:Ontology ;
  rdfs:label "Terms for building"@en , "Begreber om byggeri"@da ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> .

t:Project a owl:Class ;
  rdfs:label "Project"@en , "Projekt"@da ; rdfs:isDefinedBy <ontology> .

t:needs a owl:ObjectProperty ;
  rdfs:label "needs"@en , "kræver"@da ; rdfs:isDefinedBy <ontology> .

t:cost a owl:DatatypeProperty ;
  rdfs:label "cost"@en , "pris"@da ; rdfs:isDefinedBy <ontology> .
"""

DATA = """@base <BASE> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <BASEontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<data/xy> a dcat:Dataset ;
  dct:title "Bridges and roads"@en , "Broer og veje"@da ;
  dct:description "What is being built."@en , "Hvad der bygges."@da ;
  dcat:version "1.0.0" ;
  dct:issued "2024-01-01"^^xsd:date ;
  dct:modified "2024-02-01"^^xsd:date ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:publisher <agent/builders> .

<agent/builders> a foaf:Agent ;
  foaf:name "The builders"@en , "Bygherrerne"@da .

<id/xy/project/bridge> a t:Project ;
  skos:prefLabel "Bridge"@en , "Broen over Åen"@da ;
  t:needs <id/xy/project/road> .

<id/xy/project/road> a t:Project ;
  skos:prefLabel "Road"@en , "Vej"@da ;
  t:cost 12 .
"""

QUERY = """#+ summary: What is being built
#+ tags: [projects]
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX t: <BASEontology#>

SELECT ?project ?label WHERE {
  VALUES ?language { "en" }  # xsd:string: language of the labels
  ?project a t:Project ; skos:prefLabel ?label .
  FILTER(LANG(?label) = ?language)
}
ORDER BY ?project ?label
"""
CRATE = "download/xy/ro-crate-metadata.json"
BRIDGE, ROAD = "doc/xy/project/bridge", "doc/xy/project/road"


def builders(root, base):
    """A small catalogue whose record is complete, at this base."""
    for name, text in {
        "ontology/terms.ttl": ONTOLOGY,
        "data/xy.ttl": DATA,
        "queries/projects.rq": QUERY,
        "catalog.toml": 'base = "BASE"\nlanguages = ["en", "da"]\ntitle = "Builders"\n',
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text.replace("BASE", base), encoding="utf-8")
    return Catalog(root)


@pytest.fixture(autouse=True, scope="module")
def each_record_checked_once():
    """Most faults leave the record as it is, whose shapes take the most time."""
    check, known = shacl.check, {}

    def remembered(quads, *, shapes):
        key = frozenset(map(str, quads)), shapes
        if key not in known:
            known[key] = check(quads, shapes=shapes)
        return known[key]

    with patch.object(shacl, "check", remembered):
        yield


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """Its site, in a folder."""
    catalog = builders(tmp_path_factory.mktemp("builders"), HERE)
    folder = tmp_path_factory.mktemp("published") / "site"
    publish(Site(catalog, catalog.load(), live=False), folder, processes=1)
    return folder


@pytest.fixture
def folder(clean, tmp_path):
    """A copy to plant faults in, without the list of the files, with which each is another fault."""
    return shutil.copytree(clean, tmp_path / "site", ignore=shutil.ignore_patterns(".policygraph"))


def test_a_published_folder_is_clean(clean):
    told = []
    report = inspect(str(clean), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (len(told), len(told))
    assert report.findings == ()
    assert report.clean
    assert report.base == HERE
    assert report.counts["pages"] == len([*clean.rglob("*.html")])
    assert {name for name in ("data documents", "links", "checksums", "counts") if report.counts[name]}


class Plant:
    """A folder to plant a fault in."""

    def __init__(self, folder):
        self.folder = folder

    def edit(self, path, old, new, count=1):
        """Change what is in a file; it must be there."""
        text = (self.folder / path).read_text(encoding="utf-8")
        changed = re.sub(old, new, text, count=count, flags=re.DOTALL)
        assert changed != text, f"{path} has no {old}"
        (self.folder / path).write_text(changed, encoding="utf-8")

    def edits(self, path, old, new):
        """Change it wherever it is."""
        self.edit(path, old, new, count=0)

    def append(self, path, html):
        self.edit(path, "</main>", f"{html}</main>")

    def write(self, path, data):
        (self.folder / path).parent.mkdir(exist_ok=True)
        (self.folder / path).write_bytes(data)

    def remove(self, *paths):
        for path in paths:
            (self.folder / path).unlink()


def planted(name):
    """What plants by this method of a Plant, with arguments that are given before."""
    return lambda *given, **more: lambda site: getattr(site, name)(*given, **more)


edit, edits, append, write, remove = map(planted, ("edit", "edits", "append", "write", "remove"))
PAGE = f"{BRIDGE}.html"
VERSION = f"<{HERE}id/xy/project/road> <http://www.w3.org/2002/07/owl#priorVersion> <{HERE}data/xy/0.9> .\n"
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
NOTHING = {
    **dict.fromkeys(("ttl", "nt", "trig"), b""),
    "nq.gz": gzip.compress(b""),
    "jsonld": b"[]",
    "rdf": b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
}
BOMB = gzip.compress(bytes(2**20)) * 300  # 300 MB in 300 kB
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>"""
REMOTE = b'{"@context": "https://evil.example/context.jsonld", "@id": "x"}'

FOLDER = {
    "dead-link": {
        "a link to a page that is not there": edits(PAGE, r"road\.html", "railway.html"),
        "a data document that is linked and not there": remove(f"{ROAD}.rdf"),
        "a link out of the folder": append(PAGE, '<a href="../../../../x">x</a>'),
        "a style sheet that is not there": remove("site.css"),
        "a link to the maker's server": append(PAGE, '<a href="http://localhost:8000/query">x</a>'),
        "a link to the maker's disk": append(PAGE, '<a href="file:///home/me/x.html">x</a>'),
        "a link from the host's root": append(PAGE, f'<a href="/{ROAD}.html">x</a>'),
        "an entry of the feed in another language that leads nowhere": edits(
            "feed.da.atom", "xy\\.da\\.html", "nowhere.da.html"
        ),
    },
    "page-licence": {"no licence on a page": edits(PAGE, 'rel="license"', "")},
    "alternate": {
        "no link to the data": edits(PAGE, '<(a|link)[^>]* href="[^"]*bridge.ttl"[^>]*>', ""),
        "no link to the other language": edits(PAGE, '<(a|link)[^>]* href="[^"]*bridge.da.html"[^>]*>', ""),
    },
    "not-rdf": {
        "data that break off": lambda site: site.write(
            f"{BRIDGE}.ttl", (site.folder / f"{BRIDGE}.ttl").read_bytes()[:-30]
        ),
        "data in another charset": lambda site: site.write(
            f"{BRIDGE}.ttl", (site.folder / f"{BRIDGE}.ttl").read_text().encode("latin-1")
        ),
        "entities in RDF/XML": write(f"{BRIDGE}.rdf", ENTITIES),
        "a remote context": write(f"{BRIDGE}.jsonld", REMOTE),
        "a dump in no format": lambda site: site.write(
            "download/xy.nt", (site.folder / "download/xy.nt").read_bytes()[:-9]
        ),
    },
    "content": {
        "a page by the name of data": write(f"{BRIDGE}.ttl", b"<!doctype html><title>Moved</title>"),
        "a text by the name of a page": write(PAGE, b"Internal error"),
        "broken JSON": write("query/projects.json", b'{"head": '),
        "endless JSON": write("query/projects.json", b"[" * 200_000),
        "rows in another charset": write("query/projects.csv", "Å".encode("latin-1")),
        "broken XML": edit("query/projects.xml", "</sparql>", ""),
        "a feed with a day in words": edit("feed.atom", "<updated>.*?<", "<updated>yesterday<"),
        "an entry of a feed without its id": edit("feed.atom", "(<entry>\\s*)<id>.*?</id>", r"\1"),
        "an entry of a feed that is there twice": edit("feed.atom", "(<entry>.*?</entry>)", r"\1\1"),
        "a feed that breaks off": edit("feed.atom", "</feed>", ""),
    },
    "topic": {
        "data of another thing": lambda site: site.write(
            f"{BRIDGE}.ttl", (site.folder / f"{ROAD}.ttl").read_bytes()
        )
    },
    "formats-differ": {
        "formats that differ": edit(f"{ROAD}.nt", r"[^\n]*ontology#cost[^\n]*\n", ""),
        "a record that lost triples in one format": edit("catalog.jsonld", '"Builders"', '"Bilders"'),
    },
    "label": {
        "no label": edits(f"{ROAD}.nt", r"<[^>]*/road> <[^>]*prefLabel>[^\n]*\n", ""),
        "a heading that is a blank node's number": edit(
            PAGE, "<h1>.*?</h1>", "<h1><bdi>c3946523b540e3b8d5be95d18c3aec35</bdi></h1>"
        ),
    },
    "literal-language": {"a label without its language": edit(f"{ROAD}.nt", '"Road"@en', '"Road"')},
    "data-licence": {"no licence of the data": edits(f"{ROAD}.nt", r"[^\n]*dc/terms/license>[^\n]*\n", "")},
    "iri": {
        "an IRI without a document": edits(f"{BRIDGE}.nt", "id/xy/project/road>", "id/xy/project/railway>"),
        "a thing without documents": remove(*(f"{ROAD}{suffix}" for suffix in (".html", ".da.html", ".ttl"))),
        "an earlier version without a document": edit(f"{ROAD}.nt", r"\Z", VERSION),
    },
    "term": {"a term that is not told of": edit("ontology.html", 'id="needs"', "")},
    "record": {
        "no record": remove("catalog.ttl", ".well-known/void"),
        "a record of no catalogue": lambda site: [
            site.edit(path, r"dcat:Catalog(?=[ ,;])", "<https://example.org/x>")
            for path in ("catalog.ttl", ".well-known/void")
        ],
    },
    "recommended": {
        "a contact that got lost": edits("catalog.ttl", "dcat:contactPoint", "dct:relation"),
        "a dataset without its files": edits("catalog.ttl", "dcat:distribution", "dct:relation"),
    },
    "own-address": {
        "robots.txt of another host": edit("robots.txt", HERE, "https://example.org/"),
        "a feed of another host": edits("feed.atom", f'href="{HERE}', 'href="https://example.org/'),
        "a page whose own address is on another host": edit(
            PAGE, "</head>", '<link rel="canonical" href="https://example.org/x"></head>'
        ),
        "files on another host": edit("catalog.ttl", "foaf:homepage <[^>]*>", f"foaf:homepage <{HERE}new/>"),
    },
    "csvw": {
        "a table with other columns than its metadata say": edit(
            "download/xy/things.csv", "^[^,]*", "subject"
        ),
        "metadata of no tables": write("download/xy/csv-metadata.json", b"{}"),
    },
    "csvw-form": {
        "tables of columns that another site describes": write(
            "csv-metadata.json", b'{"url": "a.csv", "tableSchema": "http://b.example/c"}'
        )
    },
    "page-language": {
        "a page in another language than its name says": edit(
            f"{BRIDGE}.da.html", '<html lang="da"', '<html lang="en"'
        )
    },
    "dcat-ap": {
        "a record without a publisher": edits(
            "catalog.ttl", r"dct:publisher (\S+agent/builders>)", r"dct:relation \1"
        )
    },
    "distribution": {"a dump that is not there": remove("download/xy.nt")},
    "distribution-type": {
        "the wrong type of a dump": edit(
            "catalog.ttl", "media-types/application/n-triples", "media-types/text/plain"
        )
    },
    "byte-size": {"the wrong size of a dump": edit("catalog.ttl", r'(byteSize "?)(?=[0-9])', r"\g<1>9")},
    "checksum": {
        "the wrong checksum": edit("download/SHA256SUMS", "^[0-9a-f]{8}", "00000000"),
        "the wrong checksum in the record": edit(
            "catalog.ttl", r'(checksumValue "?)[0-9a-fA-F]{8}', r"\g<1>00000000"
        ),
        "a line in no form of sha256sum": edit("download/SHA256SUMS", "^", "x\n"),
    },
    "removed": {
        "a thing that was removed, without a page": write(
            "changes/gone.ttl", f'<{HERE}id/xy/old> {LABEL} "Old"@en .'.encode()
        )
    },
    "signposting": {
        "a page of a dataset that programs cannot cite": edit(
            "data/xy.html", '<link rel="cite-as"[^>]*>', ""
        ),
        "a linkset with more than the page": edit("data/xy.html", '<link rel="item"[^>]*xy.nt"[^>]*>', ""),
        "a linkset with a wrong media type": edit("download/xy/linkset.json", "text/turtle", "text/plain"),
        "a linkset in another format": edit("download/xy/linkset.json", '"linkset"', '"links"'),
    },
    "crate": {
        "a crate with a file that is not there": edits(CRATE, r"xy\.nt", "yx.nt"),
        "a crate with the checksum of another file": edit(
            "download/xy/ro-crate-metadata.json", '(sha256": ")[0-9a-f]{8}', r"\g<1>00000000"
        ),
        "a crate of nothing": write(CRATE, b"[]"),
    },
    "unlisted": {"a list of another folder": write(".policygraph", b"0" * 64 + b"  robots.txt\n")},
    "unsummed": {"a dump without a checksum": edit("download/SHA256SUMS", r"[^\n]*xy\.nt\n", "")},
    "dumps-differ": {"dumps that differ": edit("download/xy.nt", r"[^\n]*cost[^\n]*\n", "")},
    "packed": {
        "a dump that breaks off": lambda site: site.write(
            "download/xy.nq.gz", (site.folder / "download/xy.nq.gz").read_bytes()[:-20]
        ),
        "a dump that fills the memory": write("download/xy.nq.gz", BOMB),
    },
    "void": {
        "too many triples": edits("catalog.ttl", r"(void:triples )(\d+)", r"\g<1>1\2"),
        "too many entities of a class": edits("catalog.ttl", r"(void:entities )(\d+)", r"\g<1>1\2"),
        "dumps of nothing": lambda site: [
            site.write(f"download/xy.{suffix}", text) for suffix, text in NOTHING.items()
        ],
        "a class that is not counted": edits(
            "catalog.ttl",
            r"void:class <ontology#Project>|void:class \S*ontology#Project>?",
            "void:class <ontology#Other>",
        ),
    },
    "sitemap": {
        "a sitemap entry that is dead": edit("sitemap.xml", r"road\.html", "railway.html"),
        "a sitemap of another site": edit("sitemap.xml", HERE, "https://example.org/"),
        "entities in the sitemap": edit("sitemap.xml", "<urlset", '<!DOCTYPE x [<!ENTITY a "b">]><urlset'),
        "a page that is not in the sitemap": edit(
            "sitemap.xml", r"<url><loc>[^<]*road\.html</loc>.*?</url>", ""
        ),
    },
    "own-iri": {
        "a dump of things that have IRIs elsewhere": edits(
            "download/xy.nt", HERE, "https://elsewhere.example/"
        )
    },
    "size-limit": {"a page without end": append(PAGE, "<p title='" + "x" * 17_000_000)},
    "reachable": {
        "a link out of the folder, on the disk": lambda site: (
            site.remove(PAGE) or (site.folder / PAGE).symlink_to("/etc/hostname")
        )
    },
}
"""Faults by the rule that each breaks."""


def faults_by_rule():
    """Each fault; where not everything is run, the first of each rule."""
    for rule, faults in FOLDER.items():
        for number, (fault, plant) in enumerate(faults.items()):
            yield pytest.param(rule, plant, marks=pytest.mark.full if number else (), id=fault)


@pytest.mark.parametrize(("rule", "plant"), [*faults_by_rule()])
def test_a_fault_in_a_folder_is_found(rule, plant, folder, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BYTES", 5_000_000)
    plant(Plant(folder))
    found = inspect(str(folder)).findings
    assert rule in {finding.rule for finding in found}, found
    for finding in found:
        assert finding.fix == RULES[finding.rule].fix
        assert finding.where
        assert finding.problem.endswith((".", "”.")), finding.problem


def test_a_folder_is_compared_with_its_own_list(clean, tmp_path):
    site = Plant(shutil.copytree(clean, tmp_path / "site"))
    site.remove(".well-known/void")
    site.edit("query/projects.csv", r"\Z", "x,y\r\n")
    site.edit(".policygraph", r"\n[^\n]*  404\.html\n", "\n")
    assert [(each.rule, each.where, each.problem) for each in inspect(site.folder).findings] == [
        ("checksum", "/.policygraph", "It lists /.well-known/void, which does not exist."),
        ("checksum", "/query/projects.csv", "Its SHA-256 is not the one in .policygraph."),
        ("unlisted", "/.policygraph", "It does not list 1 file, such as /404.html."),
    ]


# The server, and who stands between it and its visitors.


class Reply:
    """What the server answers, to be spoilt."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.slow = self.endless = self.cut = False


class Asked(NamedTuple):
    method: str
    path: str
    accept: str


@contextlib.contextmanager
def spoiling(app, fault):
    """The application on a socket, each answer spoilt by `fault(asked, reply)`; gives the address."""

    def answer(request):
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers.pop("accept-encoding", None)  # so that a fault changes a body, and not what is packed
        asked = Asked(request.command, request.path.partition("?")[0], headers.get("accept", ""))
        reply = Reply(*app.ask(request.command, request.path, headers=headers))
        length = len(reply.body)
        fault(asked, reply)
        if len(reply.body) != length and "content-length" in reply.headers:
            reply.headers["content-length"] = str(len(reply.body))
        if reply.cut:
            return
        if reply.endless:
            reply.headers.pop("content-length", None)
        lines = [f"HTTP/1.1 {reply.status} x", *(f"{k}: {v}" for k, v in reply.headers.items())]
        with contextlib.suppress(OSError):
            # In one piece: a small packet after another waits for the visitor to acknowledge the first.
            told = reply.body if request.command != "HEAD" and not reply.endless else b""
            request.wfile.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + told)
            while reply.endless:
                request.wfile.write(b"x" if reply.slow else b"x" * 65_536)
                time.sleep(0.05 if reply.slow else 0)

    with loopback.servers() as start:
        yield start(answer).removesuffix("sparql")


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The real application over the small catalogue."""
    from serving import application

    root = tmp_path_factory.mktemp("builders")
    builders(root, BASE)
    with application(catalog=root) as app:
        yield app


def headers(**changed):
    """A fault that changes headers of every answer: None takes one away."""

    def spoil(asked, reply):
        for name, value in changed.items():
            name = name.replace("_", "-")
            if value is None:
                reply.headers.pop(name, None)
            else:
                reply.headers[name] = value

    return spoil


def where(test, spoil):
    """A fault of some answers only."""
    return lambda asked, reply: spoil(asked, reply) if test(asked, reply) else None


def status(code, **changed):
    """A fault that answers with another status."""

    def spoil(asked, reply):
        reply.status = code
        headers(**changed)(asked, reply)

    return spoil


def body(change):
    def spoil(asked, reply):
        reply.body = change(reply.body)

    return spoil


def of(path):
    return lambda asked, reply: asked.path == path


def is_thing(asked, reply):
    return reply.status == 303


def attribute(**values):
    def spoil(asked, reply):
        for name, value in values.items():
            setattr(reply, name, value)

    return spoil


def unmarked(asked, reply):
    if reply.status in (200, 304) and asked.path.count("/") == 1:
        reply.headers["vary"] = "Accept-Encoding"


def html(asked, reply):
    return reply.headers.get("content-type", "").startswith("text/html")


# Those that are planted together break no rule of each other, and are in an order in which each is there.
SERVER = (
    {
        "302 for 303": ("see-other", where(is_thing, status(302))),
        "no Vary on documents": ("vary", unmarked),
        "no Content-Location": ("content-location", where(of("/ontology"), headers(content_location=None))),
        "no CORS": ("cors", headers(access_control_allow_origin=None)),
        "no Link": ("link-header", headers(link=None)),
        "200 for 406": ("not-acceptable", where(lambda asked, reply: reply.status == 406, status(200))),
        "200 for 404": ("not-found", where(lambda asked, reply: reply.status == 404, status(200))),
        "a dump that has changed": (
            "checksum",
            where(of("/download/xy.nt"), body(lambda data: data + b"\n")),
        ),
        "VoID is not at its place": ("iri", where(of("/.well-known/void"), status(404))),
        "Accept is ignored": (
            "negotiation",
            where(
                lambda asked, reply: asked.path == "/ontology" and asked.accept == "text/turtle",
                headers(content_type="text/html; charset=utf-8"),
            ),
        ),
        "an endless body": ("size-limit", where(of("/site.css"), attribute(endless=True))),
    },
    {
        "Vary without Accept": ("vary", where(is_thing, headers(vary="Accept-Encoding"))),
        "301 for 303": ("see-other", where(is_thing, status(301))),
        "Content-Location of another site": (
            "content-location",
            where(of("/ontology"), headers(content_location="https://example.org/x.ttl")),
        ),
        "CORS for one": ("cors", headers(access_control_allow_origin="https://example.org")),
        "a dump that clients unpack": (
            "checksum",
            where(lambda asked, reply: asked.path.endswith(".gz"), headers(content_encoding="gzip")),
        ),
        "RDF/XML as XML": (
            "media-type",
            where(lambda asked, reply: asked.path.endswith(".rdf"), headers(content_type="application/xml")),
        ),
        "a redirect that leaves": (
            "redirects",
            where(of("/site.css"), status(302, location="https://cdn.example.org/site.css")),
        ),
        "a thing whose document is missing": ("iri", where(of(f"/{BRIDGE}.jsonld"), status(404))),
        "a dump that is not there": ("distribution", where(of("/download/xy.nt"), status(404))),
    },
    {
        "no redirect": ("see-other", where(is_thing, status(200, location=None))),
        "Turtle as plain text": (
            "media-type",
            where(
                lambda asked, reply: asked.path.endswith(".ttl"),
                headers(content_type="text/plain; charset=utf-8"),
            ),
        ),
        "a redirect in a circle": (
            "redirects",
            where(of("/index.html"), status(302, location="/index.html")),
        ),
        "a server error": ("reachable", where(of(f"/{BRIDGE}.html"), status(500))),
    },
    {
        "a redirect to another host": (
            "redirects",
            where(is_thing, headers(location="http://evil.example/")),
        ),
        "a document of several forms redirects": ("negotiation", where(of("/ontology"), status(404))),
        "a page that is not there": ("dead-link", where(of("/things.html"), status(404))),
        "a sitemap that lists it": ("sitemap", where(of("/things.html"), status(404))),
    },
    {
        "a redirect to nowhere": ("redirects", where(is_thing, headers(location=None))),
        "a connection that ends": ("reachable", where(of(f"/{BRIDGE}.html"), attribute(cut=True))),
    },
    {
        "a document that redirects": (
            "redirects",
            where(of(f"/{BRIDGE}.ttl"), status(302, location=f"/{BRIDGE}.nt")),
        ),
        "a body that breaks off": (
            "reachable",
            where(of(f"/{BRIDGE}.html"), headers(content_length="1000000")),
        ),
    },
    {
        "a sitemap of another host": ("own-address", lambda asked, reply: None),
        "a trickle": ("reachable", where(of("/site.css"), attribute(endless=True, slow=True))),
    },
    {
        "no sitemap": ("sitemap", where(of("/sitemap.xml"), status(404))),
        "a mirror that links its maker": (
            "dead-link",
            where(html, body(lambda page: page.replace(b'href="', b'href="http://localhost:8000/'))),
        ),
    },
    {
        "no record": (
            "record",
            where(lambda asked, reply: asked.path in ("/catalog.ttl", "/.well-known/void"), status(404)),
        )
    },
)


def test_the_small_server_is_clean(live):
    with spoiling(live, lambda asked, reply: None) as address:
        report = inspect(address, sample=0)
    assert report.findings == ()
    assert report.base == BASE
    for name in ("data documents", "links", "checksums", "counts", "negotiations", "requests"):
        assert report.counts[name] > 10, name


@pytest.mark.full
@pytest.mark.parametrize("faults", SERVER, ids=lambda faults: ", ".join(faults))
def test_faults_of_a_server_are_found(faults, live, monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BYTES", 5_000_000)
    rules = {rule for rule, _ in faults.values()}
    if "own-address" in rules:
        monkeypatch.setattr(fetch, "LOCAL", re.compile("nowhere"))

    def spoil(asked, reply):
        for _, each in faults.values():
            each(asked, reply)

    slow = {"a trickle", "a body that breaks off"} & {*faults}
    with spoiling(live, spoil) as address:
        found = inspect(address, sample=1, seconds=1.0 if slow else 60.0).findings
    assert rules <= {finding.rule for finding in found}, found
    assert len(rules) == len(faults)
    assert all(finding.fix == RULES[finding.rule].fix and finding.where for finding in found)


def test_every_rule_has_a_fault_that_breaks_it():
    assert {*RULES} == {*FOLDER}.union(rule for faults in SERVER for rule, _ in faults.values())
    assert sum(map(len, (*FOLDER.values(), *SERVER))) > 75


@pytest.mark.full
def test_a_site_below_a_path_is_inspected_there(clean, tmp_path):
    """A plain file server negotiates nothing, but links and documents are right wherever the folder lies."""
    shutil.copytree(clean, tmp_path / "mirror" / "policy")
    with loopback.serving(tmp_path) as address:
        report = inspect(f"{address}mirror/policy/", sample=0)
        static = inspect(f"{address}mirror/policy/", sample=0, static=True)
    rules = Counter(finding.rule for finding in report.findings)
    assert report.base == HERE
    assert report.counts["pages"] > 20
    assert not report.clean
    assert static.findings == ()
    assert {"see-other", "media-type", "cors"} <= set(rules)
    assert not {"dead-link", "topic", "formats-differ", "checksum", "void", "iri", "record"} & (
        set(rules) - {"iri"}
    )


def test_other_hosts_are_never_asked(live):
    asked = []
    with spoiling(live, lambda asked_, reply: asked.append(asked_)) as trap:
        elsewhere = where(lambda asked, reply: reply.status == 303, headers(location=f"{trap}x"))
        with spoiling(live, elsewhere) as address:
            found = inspect(address, sample=1).findings
    assert asked == []
    assert "redirects" in {finding.rule for finding in found}


@pytest.mark.parametrize(
    "place",
    [
        "/no/such/folder",
        "http://",
        "http://127.0.0.1:1/",
        "http://[/",
        "http://127.0.0.1:1/org.ttl",
        "https://127.0.0.1:99999/",
        "http://a b/",
        "http://xn--/",
        "http://\x1b/",
    ],
)
def test_a_place_that_is_none_is_refused_in_one_sentence(place):
    with pytest.raises(CrawlError, match=r"^[^\n]+\.$"):
        inspect(place)


@pytest.mark.full
def test_a_server_without_head_has_no_dead_links(live):
    with spoiling(live, where(lambda asked, reply: asked.method == "HEAD", status(405))) as address:
        assert inspect(address).findings == ()


@pytest.mark.full
def test_a_page_where_resources_are_and_no_documents_is_read(live):
    def spoil(asked, reply):
        if asked.path == "/sitemap.xml":
            reply.body = reply.body.replace(
                b"</urlset>", f"<url><loc>{BASE}id/x.html</loc></url></urlset>".encode()
            )
        elif asked.path == "/id/x.html":
            reply.status, reply.body = 200, b"<!doctype html><html><title>x</title></html>"
            reply.headers["content-type"] = "text/html"

    with spoiling(live, spoil) as address:
        found = {(each.rule, each.where) for each in inspect(address, sample=1).findings}
    assert ("page-licence", "/id/x.html") in found


@pytest.mark.full
def test_a_redirect_to_nothing_is_a_dead_link(live):
    lost = where(lambda asked, reply: asked.method == "HEAD", status(301, location="/nowhere"))
    with spoiling(live, lost) as address:
        assert "dead-link" in {finding.rule for finding in inspect(address, sample=1).findings}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX-",  # and no more
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\n\r\n" + gzip.compress(BOMB),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=["trickling headers", "packed twice", "no gzip", "too many requests"],
)
def test_a_server_that_plays_tricks_is_left_in_one_sentence(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reply():
            with contextlib.suppress(OSError), server.accept()[0] as connection:
                connection.recv(10_000)
                connection.sendall(answer)
                while answer.endswith(b"X-"):
                    connection.sendall(b"x")
                    time.sleep(0.02)
                connection.recv(10_000)

        threading.Thread(target=reply, daemon=True).start()
        start = time.monotonic()
        with pytest.raises(CrawlError, match=r"^[^\n]+\.$"):
            inspect(f"http://127.0.0.1:{server.getsockname()[1]}/", seconds=0.2)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("library", ["httpx", "lxml"])
def test_a_library_that_is_missing_is_named(library, clean, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        ExtraError, match=rf"needs {library}; install it with: pip install .policygraph\[check\]"
    ):
        inspect(str(clean))


@pytest.mark.parametrize("limit", ["MAX_TOTAL_BYTES", "MAX_REQUESTS"])
def test_a_site_without_end_is_left(live, monkeypatch, limit):
    monkeypatch.setattr(fetch, limit, 30)
    with (
        spoiling(live, lambda asked, reply: None) as address,
        pytest.raises(CrawlError, match="is too large"),
    ):
        inspect(address)


def test_a_folder_that_is_empty_has_faults_and_no_crash(tmp_path):
    report = inspect(str(tmp_path))
    assert {"record", "sitemap"} <= {finding.rule for finding in report.findings}
    assert report.counts["pages"] == 0


def test_the_report_is_for_people_and_for_machines(folder):
    plant = Plant(folder)
    plant.append(PAGE, '<img src="\x1b]0;x.png" alt="">')
    for page in folder.rglob("*.html"):
        page.write_text(page.read_text().replace('rel="license"', ""))
    report = inspect(str(folder))
    text = report.text(100)
    assert "\x1b" not in text
    assert "]0;x.png, which does not exist" in text
    assert max(map(len, text.split("dead-link:")[0].splitlines()[:16])) <= 100
    assert f"  Fix: {RULES['page-licence'].fix}" in text
    assert "more.\n" in text
    told = json.loads(report.json())
    assert not told["clean"]
    assert told["counts"]["findings"] == len(told["findings"]) == len(report.findings)
    assert set(told["findings"][0]) == {"severity", "rule", "where", "problem", "fix"}
    assert text.count("warning page-licence: ") == 1
    assert text.count("The page names no licence.") == 3
    assert text.index("error dead-link: ") < text.index("warning page-licence: ")
    assert "folder.invalid" not in text + report.json().decode()


def test_the_languages_are_those_of_the_site_and_not_of_this_process(folder):
    for file in [*folder.rglob("*.html")]:
        text = (
            file.read_text(encoding="utf-8").replace(".da.html", ".sv.html").replace('lang="da"', 'lang="sv"')
        )
        file.unlink()
        file.with_name(file.name.replace(".da.", ".sv.")).write_text(text, encoding="utf-8")
    asked = {"page-language", "alternate"}
    assert asked.isdisjoint(each.rule for each in inspect(folder).findings)
    Plant(folder).edit(f"{BRIDGE}.sv.html", 'html lang="sv"', 'html lang="en"')
    Plant(folder).edit(f"{ROAD}.html", '<link[^>]* hreflang="sv"[^>]*>', "")
    found = {(each.rule, each.where) for each in inspect(folder).findings}
    assert {("page-language", f"/{BRIDGE}.sv.html"), ("alternate", f"/{ROAD}.html")} <= found


def test_a_record_is_read_where_the_site_says_that_it_is(folder):
    (folder / ".well-known" / "void").unlink()
    (folder / "data.ttl").write_bytes((folder / "catalog.ttl").read_bytes())
    for path in folder.glob("catalog.*"):
        path.unlink()
    assert "record" in {finding.rule for finding in inspect(str(folder)).findings}
    Plant(folder).edit("index.html", 'href="catalog.ttl"', 'href="data.ttl"')
    report = inspect(str(folder))
    assert "record" not in {finding.rule for finding in report.findings}
    assert report.base == HERE
    assert report.counts["counts"] > 10


def test_warnings_and_hints_fail_no_check(folder):
    Plant(folder).edits(PAGE, 'rel="license"', "")
    report = inspect(str(folder))
    assert {finding.rule for finding in report.findings} == {"page-licence"}
    assert report.clean
    assert "passes every rule" not in report.text()


@pytest.mark.full
def test_the_base_is_what_the_publisher_says_not_the_site(folder):
    report = inspect(str(folder), base="https://example.org/")
    assert report.base == "https://example.org/"
    assert "own-iri" in {finding.rule for finding in report.findings}


def test_a_base_that_begins_no_iri_is_refused(folder):
    with pytest.raises(PublicationError, match="base takes an address without"):
        inspect(str(folder), base="https://example.org/terms#")


def test_names_and_status_lines_of_strangers_give_a_terminal_no_orders(folder):
    (folder / "a\x1b[31m\nFAKE: b.html").write_text("<p>")
    report = inspect(str(folder))
    assert any("FAKE" in finding.where for finding in report.findings)
    assert "\x1b" not in report.text()
    assert "\nFAKE" not in report.text()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            with server.accept()[0] as connection:
                connection.recv(10_000)
                connection.sendall(b"\x1b[31mNO\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(CrawlError) as caught:
            inspect(f"http://127.0.0.1:{server.getsockname()[1]}/")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_are_refused_in_any_encoding(encoding):
    text = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>'
    if encoding == "utf-16-be":
        text = "\N{ZERO WIDTH NO-BREAK SPACE}" + text
    with pytest.raises(ValueError, match="entities"):
        data.parse_xml(text.encode(encoding))


PUBLIC = (
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"{}>'
)
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.mark.parametrize(
    ("path", "declared", "rules"),
    [
        ("/logo.svg", "", []),
        ("/logo.svg", '[<!ENTITY ns_svg "http://www.w3.org/2000/svg">]', []),  # as older programs write it
        ("/data.xml", "", []),
        ("/data.xml", '[<!ENTITY ns_svg "http://www.w3.org/2000/svg">]', ["content"]),
    ],
)
def test_a_document_type_alone_is_no_fault(path, declared, rules, tmp_path):
    crawl = Crawl(Folder(tmp_path), paths=())
    data.check_other(crawl, path, fetch.Fetched(200, body=(PUBLIC.format(declared) + DRAWN).encode()))
    assert [finding.rule for finding in crawl.findings] == rules


@pytest.mark.parametrize(
    ("name", "begins", "problem"),
    [("md5", "", ""), ("sha512", "", ""), ("sha1", "0" * 20, "Its SHA-1 is "), ("blake2b", "0", "")],
)
def test_a_checksum_is_computed_as_the_record_says(folder, name, begins, problem):
    text = (folder / "catalog.ttl").read_text(encoding="utf-8")
    for line in (folder / "download" / "SHA256SUMS").read_text().splitlines():
        sha256, path = line.split()
        digest = hashlib.new(name, (folder / "download" / path).read_bytes()).hexdigest()
        assert sha256 in text
        text = text.replace(sha256, begins + digest[len(begins) :])
    (folder / "catalog.ttl").write_text(text.replace("Algorithm_sha256", f"Algorithm_{name}"))
    problems = [each.problem for each in inspect(str(folder)).findings if each.rule == "checksum"]
    assert bool(problems) == bool(problem)
    assert all(each.startswith(problem) for each in problems)


def test_a_sitemap_may_be_an_index_of_others_and_a_feed_may_escape_what_its_links_have(folder):
    feed = folder / "feed.atom"
    feed.write_text(re.sub(r"xy(\.html)", r"x&#121;\1", feed.read_text(encoding="utf-8")), encoding="utf-8")
    where = folder / "sitemap.xml"
    text = where.read_text(encoding="utf-8")
    first, *pages = re.findall("<url>.*?</url>", text)
    part = text[: text.index("<url>")] + "{}</urlset>"
    (folder / "map-1.xml").write_text(part.format(first), encoding="utf-8")
    (folder / "map-2.xml.gz").write_bytes(gzip.compress(part.format("".join(pages)).encode()))
    maps = "".join(f"<sitemap><loc>{HERE}{name}</loc></sitemap>" for name in ("map-1.xml", "map-2.xml.gz"))
    index = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
    where.write_text(index, encoding="utf-8")
    assert inspect(str(folder)).findings == ()
    (folder / "map-1.xml").write_text(index, encoding="utf-8")
    found = [(each.rule, each.problem) for each in inspect(str(folder)).findings]
    assert found == [("sitemap", "The sitemap does not list it.")]


PART, OTHER = (
    "<urn:a> a <urn:A> , <urn:B> ; <urn:p> [] .",
    "<urn:b> a <urn:A> , <urn:C> , <urn:D> ; <urn:p> [] .",
)


def faults_of_counts(folder, stated, dumps):
    """What is wrong with what a record says of a dataset with these dumps."""
    crawl = Crawl(Folder(folder), paths=())
    files = {f"/{number}.ttl": text for number, text in enumerate(dumps)}
    listed = " , ".join(f"<{crawl.source.address}{path[1:]}>" for path in files)
    text = f"PREFIX void: <http://rdfs.org/ns/void#> <urn:d> void:dataDump {listed} ; {stated} ."
    record = EmbeddedStore(reader.parse(text.encode(), name="catalog.ttl"))
    read = {path: reader.parse(text.encode(), name=path) for path, text in files.items()}
    _check_counts(crawl, record, read)
    return [finding.problem for finding in crawl.findings]


@pytest.mark.parametrize(
    ("dumps", "triples"),
    [
        ([PART], 3),
        ([PART, OTHER], 7),
        ([OTHER, PART], 7),
        ([PART, PART, OTHER, OTHER], 7),  # in two formats each, which number blank nodes otherwise
        ([PART, PART + OTHER], 7),
    ],
)
def test_a_dataset_may_be_in_several_dumps(dumps, triples, tmp_path):
    assert faults_of_counts(tmp_path, f"void:triples {triples}", dumps) == []
    (problem,) = faults_of_counts(tmp_path, "void:triples 5", dumps)
    assert problem.endswith(f"is 5, not {triples}.")


def test_what_a_claim_replaces_needs_no_document(tmp_path):
    crawl = Crawl(Folder(tmp_path), paths=())
    crawl.urls = SiteUrls(HERE, "")
    text = f"<{HERE}new> <{expand('dct:replaces')}> <{HERE}old> ; <{expand('dct:relation')}> <{HERE}other> ."
    data._note_iris(crawl, "/new.ttl", reader.parse(text.encode(), name="new.ttl"))
    assert crawl.iris.keys() - crawl.names_only >= {f"{HERE}new", f"{HERE}other"}
    assert f"{HERE}old" in crawl.names_only


def test_rdf_xml_may_lack_what_it_cannot_hold_and_nothing_else(tmp_path):
    texts = (
        '<urn:a> <urn:b> "c" , "\\u0007" ; <urn:1> "d" .',
        '<urn:a> <urn:b> "c" .',
        '<urn:a> <urn:b> "x" .',
    )
    whole, held, other = (reader.parse(text.encode(), name="a.ttl") for text in texts)
    for read, faults in (
        ([("a.ttl", whole), ("a.rdf", held)], 0),
        ([("a.rdf", held), ("a.ttl", whole)], 0),
        ([("a.ttl", whole), ("a.rdf", other)], 1),
        ([("a.ttl", whole), ("a.nt", held)], 1),
    ):
        crawl = Crawl(Folder(tmp_path), paths=())
        for path, quads in read:
            data._check_formats(crawl, f"/{path}", quads)
        assert len(crawl.findings) == faults


def test_partitions_may_be_of_some_classes_but_none_is_forgotten(tmp_path):
    of = "void:classPartition [ void:class <urn:{}> ; void:entities {} ]"
    stated = [of.format(*each) for each in (("A", 2), ("B", 1), ("C", 1), ("D", 1))]
    for wrong, partitions in ((0, stated), (0, stated[:1]), (1, stated[:3])):
        assert len(faults_of_counts(tmp_path, " ; ".join(partitions), [PART, OTHER])) == wrong
    (problem,) = faults_of_counts(tmp_path, of.format("A", 3), [PART, OTHER])
    assert problem == "void:entities of urn:A in <urn:d> is 3, not 2."


def columns(*described):
    """The description of a table of these columns."""
    return {"url": "t.csv", "tableSchema": {"columns": described}}


A, B = {"name": "a"}, {"name": "b"}
CSVW = "http://www.w3.org/ns/csvw"


def faults_of_a_table(metadata, text, folder):
    (folder / "t.csv").write_text(text, encoding="utf-8")
    crawl = Crawl(Folder(folder), paths=())
    data.check_other(crawl, "/csv-metadata.json", fetch.Fetched(200, body=json.dumps(metadata).encode()))
    return [finding.rule for finding in crawl.findings]


@pytest.mark.parametrize(
    ("metadata", "text"),
    [
        ({"tables": [columns(A, B)]}, "a,b\n"),
        ({"tables": [columns(A, {"name": "x", "titles": "b"})]}, "a,b\n"),
        ({"tables": [columns(A, {"name": "x", "titles": ["c", "b"]})]}, "a,b\n"),
        ({"tables": [columns({"name": "x", "titles": {"en": "a", "da": "c"}}, B)]}, "a,b\n"),
        ({"tables": [columns(A, {"titles": {"en": ["c", "b"]}})]}, "a,b\n"),
        ({"tables": [columns(A, B)]}, "\ufeffa,b\n"),
        (columns(A, B), '"a","b"\r\n'),
        (columns(A, {"datatype": "date"}, {"virtual": True}), "a,b\n"),
        ({"@context": [CSVW, {"@language": "en"}], "tables": [columns(A, B)]}, "a,b\n"),
    ],
)
def test_the_names_and_titles_of_columns_are_those_of_the_header(metadata, text, tmp_path):
    assert faults_of_a_table(metadata, text, tmp_path) == []
    assert faults_of_a_table(metadata, text.replace("a", "z"), tmp_path) == ["csvw"]


@pytest.mark.parametrize(
    "metadata", [{"url": "t.csv"}, columns(A, B) | {"url": "http://elsewhere.example/t.csv"}]
)
def test_a_table_without_columns_or_elsewhere_is_not_compared(metadata, tmp_path):
    assert faults_of_a_table(metadata, "1,2\n", tmp_path) == []


@pytest.mark.parametrize(
    "metadata",
    [
        {"url": "t.csv", "tableSchema": "schema.json"},
        {"dialect": {"header": False}, "tables": [columns(A, B)]},
        columns(A, B) | {"dialect": "dialect.json"},
        columns(A, B) | {"dialect": {"delimiter": ";"}},
        columns(A, B) | {"@context": [CSVW, {"@base": "sub/"}]},
    ],
)
def test_a_table_in_a_form_that_is_not_read_is_not_judged(metadata, tmp_path):
    assert faults_of_a_table(metadata, "1,2|3,4\n", tmp_path) == ["csvw-form"]


def test_a_clean_report_says_so():
    assert "passes every rule" in SiteReport("site", HERE, {"pages": 1}, ()).text()


def test_rules_are_sentences():
    for name, rule in RULES.items():
        assert name == rule.name
        assert rule.severity in SEVERITIES
        assert rule.fix.endswith(".")
        assert not rule.asks.endswith(".")
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)


@pytest.mark.full
@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "<a " * 200_000,
        "<div>" * 200_000,
        '<a href="' * 100_000,
        "<!--" * 200_000,
        "<![CDATA[" * 50_000,
        "&#x110000;&#0;&amp" * 50_000,
        "<svg><title>" * 50_000,
        "<h1>" * 100_000,
        "<h1" * 300_000,
        "<h2></h2>" * 100_000,
        "<a id=x " + "b " * 100_000 + ">",
        "<meta http-equiv=content-security-policy>" * 10_000,
        "".join(f"<p><b x={number}>" for number in range(70_000)),  # a tree as of browsers has 2.5 billion
        "<b>" * 500 + "</p></x>" * 120_000,
        "<b>" * 100_000 + "</p>" * 160_000,
        "<a " + " ".join(f"b{number}" for number in range(130_000)) + ">",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_pages_are_read_in_time(text):
    start = time.monotonic()
    with contextlib.suppress(ValueError):
        pages.parse_html(text.encode())
    crawl = Crawl(Folder("."), paths=())
    pages.check_page(crawl, "/index.html", fetch.Fetched(200, body=b"<!doctype html>" + text.encode()))
    assert time.monotonic() - start < 10


def test_a_page_is_taken_apart():
    found = pages.parse_html(
        """<!doctype html><html lang="da"><head><meta charset="utf-8"><title>A &amp; b <a id="no"></title>
        <base href="/no"><link rel="stylesheet" href="x.css">
        <link rel="Alternate" type="text/turtle" hreflang="en" href="x.ttl?a=1&amp;b">
        <script type="application/ld+json">{"a": 1}</script>
        </head><body><h1>One <b>two</b></h1><svg><title>no</title><use xlink:href="#a"/></svg>
        <p id="æ">text</p><p id=a><!-- <a href="no"> -->
        <img src="3.png"><form action="/search">""".encode()
    )
    assert found.ids == {"æ", "a"}
    links = ["x.css", "x.ttl?a=1&b", "#a", "3.png", "/search"]
    assert [href for href, *_ in found.links] == links
    assert found.links[1][1:] == ("alternate", "text/turtle")
    assert pages.parse_html(b"<script>go('<p id=no>')</script>").ids == set()


def test_a_page_of_too_deep_nesting_is_too_large():
    with pytest.raises(ValueError, match="512 elements"):
        pages.parse_html(b"<div>" * 1_000_000)


def test_packed_data_are_unpacked_within_limits(monkeypatch):
    monkeypatch.setattr(fetch, "MAX_BYTES", 5_000_000)
    assert decompress(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    assert decompress(b"") == b""
    for packed in (b"x", gzip.compress(b"a" * 1000)[:-5], BOMB):
        with pytest.raises(ValueError, match=r"\.$"):
            decompress(packed)


def test_a_folder_gives_what_is_in_it_alone(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (tmp_path / "site" / "æ b.html").write_text("x")
    (tmp_path / "site" / "%41.html").write_text("x")
    place = Folder(tmp_path / "site")
    assert place.get("/../secret.txt").status == 0
    assert place.get("/\0").status == 0
    assert place.get("/nothing").status == 404
    assert [place.get(path).status for path in place.paths()] == [200, 200]
