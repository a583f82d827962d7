"""Check RDF, JSON, XML and CSV documents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from typing import Any

from pyoxigraph import Literal, NamedNode, Quad

from policygraph.check.site.fetch import Fetched
from policygraph.check.site.report import Crawl, shorten
from policygraph.errors import DocumentError, FormatError
from policygraph.rdf import reader
from policygraph.rdf.csvw import DIALECT, METADATA
from policygraph.rdf.formats import in_xml
from policygraph.rdf.namespaces import DESCRIPTION_PROPERTIES, LABEL_PROPERTIES, expand
from policygraph.rdf.terms import TYPE, canonical
from policygraph.site.pages.fair import CRATE
from policygraph.site.urls import decode, parse_path, suffix_of

_LABELS = {*LABEL_PROPERTIES[:-1], expand("schema:name")}
# People have no other name abroad.
_TEXTS = {*LABEL_PROPERTIES, *DESCRIPTION_PROPERTIES} - {expand("foaf:name")}
_GONE = ("dct:replaces", "prov:wasRevisionOf")  # what a claim replaces is no longer there
_WITHOUT_DOCUMENT = {*map(expand, ("sd:name", "sd:graph", "void:feature", "void:subset", *_GONE))}
_PRIMARY, _LICENCE = expand("foaf:primaryTopic"), expand("dct:license")
_SUBJECT, _STRING = expand("rdf:subject"), expand("xsd:string")
_DATASET = NamedNode(expand("dcat:Dataset"))
_MAX_BYTES = 60_000_000  # of JSON or XML, which grow when parsed; a sitemap may have 50 MB
_FORMS = {  # by name, the rule and what is wrong with another form
    METADATA: (
        "csvw",
        "It does not describe tables, each with a url, and with columns if it has a tableSchema.",
    ),
    CRATE: ("crate", "It is not an RO-Crate: a JSON document with a @graph, where ./ has parts."),
}
_ATOM = "{http://www.w3.org/2005/Atom}"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")  # RFC 3339
_XML = (".atom", ".graphml", ".gexf", ".svg")


def check_rdf(crawl: Crawl, path: str, answer: Fetched) -> list[Quad] | None:
    """Check an RDF document, note its IRIs, and return its quads; None when it cannot be parsed."""
    suffix = suffix_of(path)
    if is_html(answer.body):
        crawl.fault("content", path, "It is an HTML page; its suffix says RDF.")
        return None
    try:
        quads = reader.parse(answer.body, name=path, format=reader.SUFFIXES[suffix or ".ttl"])
    except DocumentError as error:
        crawl.fault("not-rdf", path, str(error).removeprefix(f"{path}:"))
        return None
    crawl.counts["data documents"] += 1
    crawl.counts["triples"] += len(quads)
    if _check_formats(crawl, path, quads):
        return quads
    _check_languages(crawl, path, quads)
    _note_iris(crawl, path, quads)
    kind = path.split("/")[1]
    if kind not in ("query", "download", ".well-known", "catalog" + suffix):
        _check_topic(crawl, path, quads)
    if kind != "query" and not any(quad.predicate.value == _LICENCE for quad in quads):
        crawl.fault("data-licence", path, "It names no licence.")
    return quads


def check_other(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check that a document that is neither HTML nor RDF can be read."""
    suffix, body, problem = suffix_of(path), answer.body, ""
    rule, other_form = _FORMS.get(path.rpartition("/")[2], ("content", ""))
    crawl.counts["other documents"] += 1
    try:
        if is_html(body):
            problem = "It is an HTML page."
        elif suffix in (".json", ".webmanifest"):
            _check_size(body)
            content = json.loads(body)
            if rule == "csvw":
                problem = _check_tables(crawl, path, content)
            elif rule == "crate":
                _check_crate(crawl, path, content)
        elif suffix in (".xml", *_XML):
            root = parse_xml(body, entities=suffix == ".svg")  # programs that draw write some for namespaces
            problem = _feed_problem(root) if suffix == ".atom" else ""
        elif suffix in (".csv", ".tsv"):
            body.decode()
    except (ValueError, RecursionError) as error:
        problem = f"It cannot be read: {shorten(str(error))}."
    except (LookupError, TypeError, AttributeError, csv.Error):
        problem = other_form
    if problem:
        crawl.fault(rule, path, problem)


def _check_tables(crawl: Crawl, path: str, metadata: Any) -> str:
    """Check the header of each table against its columns in CSVW metadata; return what is wrong."""
    for each in metadata.get("tables", [metadata]):
        stated = {**metadata, **each}
        where = crawl.urls.path(crawl.urls.resolve(each["url"], path))
        schema, own = stated.get("tableSchema", {}), stated.get("dialect", DIALECT) == DIALECT
        if isinstance(schema, str) or not own or "@base" in str(stated.get("@context")):
            has = "has a schema elsewhere, a base, or another dialect"
            crawl.fault("csvw-form", path, f"Not checked: {shorten(each['url'])} {has}.")
            continue
        names = [_names(column) for column in schema.get("columns", []) if not column.get("virtual")]
        if where is None or not names:
            continue
        text = crawl.read(where).body.decode("utf-8-sig")
        header = next(csv.reader(io.StringIO(text, newline="")), [])
        same = (cell in known or not known for cell, known in zip(header, names, strict=True))
        if len(header) != len(names) or not all(same):
            return f"The header of {shorten(each['url'])} does not have the columns described."
    return ""


def _names(column: Any) -> set[str]:
    """The name and titles of a column; titles are a text or a list, or either by language."""
    titles = column.get("titles", [])
    groups = [column.get("name", []), *(titles.values() if isinstance(titles, dict) else [titles])]
    return {each for group in groups for each in (group if isinstance(group, list) else [group])}


def parse_xml(body: bytes, *, entities: bool = False) -> Any:
    """Parse XML with lxml; ValueError when it is not well-formed, too large, or declares entities."""
    from lxml import etree

    _check_size(body)
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError(f"not well-formed XML ({error})") from None
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and not entities and any(dtd.iterentities()):
        raise ValueError("it declares entities")
    return root


def _feed_problem(feed: Any) -> str:
    """What a feed or the first of its entries lacks (RFC 4287), in a sentence; empty for nothing."""
    ids = set[str]()
    for each in (feed, *feed.iter(f"{_ATOM}entry")):
        name, updated = (each.findtext(f"{_ATOM}{part}", "").strip() for part in ("id", "updated"))
        if not name or name in ids or each.find(f"{_ATOM}title") is None or not _TIME.fullmatch(updated):
            what = "an id of its own, a title, or an updated such as 2026-01-31T12:00:00Z"
            return f"{'It' if each is feed else f'The entry “{shorten(name)}”'} lacks {what}."
        ids.add(name)
    return ""


def _check_size(body: bytes) -> None:
    if len(body) > _MAX_BYTES:
        raise ValueError(f"{len(body):,} bytes are more than are read")


def _check_languages(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    texts = (quad for quad in quads if quad.predicate.value in _TEXTS)
    for value, of in ((quad.object, quad.subject) for quad in texts):
        if type(value) is Literal and value.datatype.value == _STRING:
            crawl.fault("literal-language", path, f"{shorten(str(value))} of {of} has no language tag.")
            return


def _note_iris(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    base = crawl.urls.base
    datasets = {quad.subject for quad in quads if quad.object == _DATASET}
    things = {quad.subject.value for quad in quads if type(quad.subject) is NamedNode}
    if path.startswith("/download/") and things and not any(thing.startswith(base) for thing in things):
        example = f"None of its {len(things):,} things, such as {shorten(min(things))},"
        crawl.fault("own-iri", path, f"{example} has an IRI that begins with {shorten(base)}.")
    for quad in quads:
        named = [each.value if type(each) is NamedNode else "" for each in quad.triple]
        if quad.predicate.value in _WITHOUT_DOCUMENT and quad.object not in datasets:
            crawl.names_only.add(named[2])
        for iri in (each for each in named if each.startswith(base)):
            crawl.iris.setdefault(iri.partition("#")[0], path)
        for iri in named[1 : 3 if quad.predicate == TYPE else 2]:
            if iri.startswith(base) and "#" in iri:
                crawl.terms.setdefault(iri, path)


def _check_formats(crawl: Crawl, path: str, quads: list[Quad]) -> bool:
    """Check that a document says what it says in other formats; return whether one of them was read."""
    stem = path.removesuffix(suffix_of(path))
    try:
        current = frozenset(canonical(quad.triple for quad in quads))
    except FormatError as error:
        crawl.fault("size-limit", path, str(error))
        return False
    rule = "dumps-differ" if path.startswith("/download/") else "formats-differ"
    first, known = crawl.fingerprints.setdefault(stem, (path, current))
    same = known == current
    if not same and ".rdf" in (suffix_of(first), suffix_of(path)):  # which lacks what XML cannot hold
        same = {*filter(in_xml, known)} == {*filter(in_xml, current)}
    if not same:
        crawl.fault(rule, path, f"It does not hold the same triples as {first}.")
    return first != path and same and current <= known


def _check_topic(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    wanted = [crawl.urls.base + each.path.lstrip("/") for each in parse_path(path)]
    subjects = {quad.subject.value for quad in quads if type(quad.subject) is NamedNode}
    topics = {iri for iri in subjects if decode(iri.partition("#")[0]) in wanted}
    primary = {quad.object.value for quad in quads if quad.predicate.value == _PRIMARY}  # type: ignore[union-attr]
    if not topics or (primary and not primary & {*topics, *wanted}):
        crawl.fault("topic", path, f"It does not describe {shorten(next(iter(wanted), path))}.")
        return
    own = {topic for topic in topics if "#" not in topic} or topics
    about = [quad for quad in quads if type(quad.subject) is NamedNode and quad.subject.value in own]
    is_statement = any(quad.predicate.value == _SUBJECT for quad in about)
    if not is_statement and not any(quad.predicate.value in _LABELS for quad in about):
        crawl.fault("label", path, f"{shorten(min(own))} has no label.")


def is_html(body: bytes) -> bool:
    """Whether a document looks like HTML, whatever its suffix."""
    return bool(re.match(rb"\s*<(?:!doctype html|html|head|body)\b", body[:1_000], re.IGNORECASE))


def _check_crate(crawl: Crawl, path: str, crate: Any) -> None:
    """Check the files of an RO-Crate, their sizes and SHA-256."""
    parts = {each["@id"]: each for each in crate["@graph"]}
    for name in [each["@id"] for each in parts["./"]["hasPart"]]:
        where = crawl.urls.path(crawl.urls.resolve(name, path))
        if where is None:
            continue
        if not crawl.exists(where):
            crawl.fault("crate", path, f"It names {shorten(name)}, which does not exist.")
            continue
        body = crawl.read(where).body
        actual = {"contentSize": str(len(body)), "sha256": hashlib.sha256(body).hexdigest()}
        if wrong := [key for key in actual if parts[name].get(key, actual[key]) != actual[key]]:
            crawl.fault("crate", path, f"{shorten(name)} has another {' and '.join(wrong)}.")
