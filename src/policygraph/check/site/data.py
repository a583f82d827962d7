"""Check RDF, JSON, XML, CSV and text documents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote
from xml.parsers import expat

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from policygraph.check.site.crawl import Crawl, shorten
from policygraph.check.site.fetch import Fetched
from policygraph.errors import DocumentError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES
from policygraph.site.urls import parse_path

_LABELS = {
    PREFIXES[prefix] + name
    for prefix, name in (
        ("skos", "prefLabel"),
        ("rdfs", "label"),
        ("dct", "title"),
        ("foaf", "name"),
        ("schema", "name"),
        ("vcard", "fn"),
    )
}
_TEXTS = {
    PREFIXES[prefix] + name
    for prefix, name in (
        ("skos", "prefLabel"),
        ("skos", "altLabel"),
        ("skos", "definition"),
        ("rdfs", "label"),
        ("rdfs", "comment"),
        ("dct", "title"),
        ("dct", "description"),
    )
}
_WITHOUT_DOCUMENT = {
    PREFIXES[prefix] + name
    for prefix, name in (
        ("owl", "priorVersion"),
        ("sd", "name"),
        ("sd", "graph"),
        ("void", "subset"),
    )
}
_PRIMARY = PREFIXES["foaf"] + "primaryTopic"
_DATASET = NamedNode(PREFIXES["dcat"] + "Dataset")
_TYPE, _LICENCE = PREFIXES["rdf"] + "type", PREFIXES["dct"] + "license"
_SUBJECT, _STRING = PREFIXES["rdf"] + "subject", PREFIXES["xsd"] + "string"
# How the second byte of a UTF-8 character looks when decoded as Windows-1252 or Latin-1.
_SECOND = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MOJIBAKE = re.compile(rf"Ã{_SECOND}|Â[\x80-\xbf]|â(?:€|\x80){_SECOND}|\N{{REPLACEMENT CHARACTER}}")
_MAX_BYTES = 60_000_000  # of JSON or XML, which grow when parsed; a sitemap may have 50 MB
_ROUNDS = 8  # of hashing that distinguish blank nodes
_FEEDS = (".atom", ".graphml", ".gexf", ".svg")


def check_rdf(crawl: Crawl, path: str, answer: Fetched) -> list[Quad]:
    """Check an RDF document, note its IRIs, and return its quads; none when it cannot be parsed."""
    suffix = suffix_of(path)
    if is_html(answer.body):
        crawl.fault("content", path, "It is an HTML page; its suffix says RDF.")
        return []
    try:
        quads = reader.parse(answer.body, name=path, format=reader.SUFFIXES[suffix or ".ttl"])
    except DocumentError as error:
        rule = "encoding" if "UTF-8" in str(error) else "not-rdf"
        crawl.fault(rule, path, str(error).removeprefix(f"{path}:"))
        return []
    crawl.counts["data documents"] += 1
    crawl.counts["triples"] += len(quads)
    check_mojibake(crawl, path, answer.body.decode("utf-8", "replace"))
    _check_languages(crawl, path, quads)
    _note_iris(crawl, path, quads)
    _check_formats(crawl, path, quads)
    kind = path.split("/")[1]
    if kind not in ("query", "download", ".well-known", "catalog" + suffix):
        _check_topic(crawl, path, quads)
    if kind != "query" and not any(quad.predicate.value == _LICENCE for quad in quads):
        crawl.fault("data-licence", path, "It names no licence.")
    return quads


def check_other(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check a document that is neither HTML nor RDF."""
    suffix, body = suffix_of(path), answer.body
    problem = ""
    crawl.counts["other documents"] += 1
    if suffix != ".html" and is_html(body):
        problem = "It is an HTML page."
    elif suffix in (".json", ".webmanifest"):
        try:
            if len(body) > _MAX_BYTES:
                raise ValueError(f"{len(body):,} bytes are more than are read")
            json.loads(body)
        except (ValueError, RecursionError) as error:
            problem = f"It is not valid JSON: {shorten(str(error))}."
    elif suffix in (".xml", *_FEEDS):
        problem = xml_problem(body)
    elif suffix in (".csv", ".tsv"):
        problem = _rows_problem(decode(crawl, path, body), "\t" if suffix == ".tsv" else ",")
    elif suffix in (".js", ".txt", ".rq"):
        text = decode(crawl, path, body)
        if suffix != ".js":
            check_mojibake(crawl, path, text)
    elif suffix == ".png" and not body.startswith(b"\x89PNG\r\n\x1a\n"):
        problem = "It is not a PNG image."
    if problem:
        crawl.fault("content", path, problem)


def xml_problem(body: bytes) -> str:
    """Say in a sentence what is wrong with XML; "" when it is well-formed and declares no entities."""
    if len(body) > _MAX_BYTES:
        return f"It has {len(body):,} bytes, more than are read."
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype  # works in any encoding
    try:
        parser.Parse(body, True)
    except _DoctypeError:
        return "It declares a document type or entities, which are not read."
    except (expat.ExpatError, LookupError, ValueError) as error:
        return f"It is not well-formed XML: {shorten(str(error))}."
    return ""


class _DoctypeError(Exception):
    """The XML declares a document type."""


def _refuse_doctype(*_: object) -> None:
    raise _DoctypeError


def fingerprint(quads: Iterable[Quad]) -> object:
    """Compute a value that is equal for equal triples, whatever the labels of blank nodes, in linear time.

    Blank nodes are distinguished by hashing their triples, round by round: graphs that differ here are not
    isomorphic, and graphs that do not are, except for symmetric blank nodes that such data never have.
    """
    triples = {quad.triple for quad in quads}
    ground = frozenset(str(t) for t in triples if not any(type(x) is BlankNode for x in t))
    if len(ground) == len(triples):
        return ground
    rest = [t for t in triples if any(type(x) is BlankNode for x in t)]
    colours: dict[object, str] = {x: "" for t in rest for x in t if type(x) is BlankNode}
    for _ in range(_ROUNDS):
        seen: dict[object, list[str]] = {node: [] for node in colours}
        for s, p, o in rest:
            if s in seen:
                seen[s].append(f"> {p} {colours.get(o, o)}")
            if o in seen:
                seen[o].append(f"< {p} {colours.get(s, s)}")
        colours = {
            node: hashlib.sha256("\n".join([colours[node], *sorted(lines)]).encode()).hexdigest()
            for node, lines in seen.items()
        }
    return ground, tuple(sorted(" ".join(str(colours.get(x, x)) for x in t) for t in rest))


def decode(crawl: Crawl, path: str, body: bytes) -> str:
    """Decode a document; add a finding when it is not UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        crawl.fault(
            "encoding", path, f"Line {line} has the byte 0x{body[error.start]:02X}, which is not UTF-8."
        )
        return body.decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")


def check_mojibake(crawl: Crawl, path: str, text: str) -> None:
    """Look for text that was decoded in the wrong encoding and written again."""
    match = _MOJIBAKE.search(text)
    if match:
        around = text[max(0, match.start() - 15) : match.end() + 15]
        crawl.fault("mojibake", path, f"This text is garbled: “{shorten(' '.join(around.split()))}”.")


def _check_languages(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    for quad in quads:
        value = quad.object
        if (
            quad.predicate.value in _TEXTS
            and type(value) is Literal
            and not value.language
            and value.datatype.value == _STRING
        ):
            crawl.fault(
                "literal-language", path, f"{shorten(str(value))} of {quad.subject} has no language tag."
            )
            return


def _note_iris(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    base = crawl.base
    datasets = {quad.subject for quad in quads if quad.object == _DATASET}
    for quad in quads:
        if (
            quad.predicate.value in _WITHOUT_DOCUMENT
            and quad.object not in datasets
            and type(quad.object) is NamedNode
        ):
            crawl.names_only.add(quad.object.value)
        for term in quad.triple:
            if type(term) is NamedNode and term.value.startswith(base):
                crawl.iris.setdefault(term.value.partition("#")[0], path)
        for term in (quad.predicate, quad.object if quad.predicate.value == _TYPE else None):
            if type(term) is NamedNode and term.value.startswith(base) and "#" in term.value:
                crawl.terms.setdefault(term.value, path)


def _check_formats(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    stem, current = path.removesuffix(suffix_of(path)), fingerprint(quads)
    rule = "dumps-differ" if path.startswith("/download/") else "formats-differ"
    first, known = crawl.fingerprints.setdefault(stem, (path, current))
    if known != current:
        crawl.fault(rule, path, f"It does not hold the same triples as {first}.")


def _check_topic(crawl: Crawl, path: str, quads: list[Quad]) -> None:
    wanted = next((crawl.urls.base + each.path.lstrip("/") for each in parse_path(path)), "")
    topics = {
        quad.subject.value
        for quad in quads
        if type(quad.subject) is NamedNode and unquote(quad.subject.value.partition("#")[0]) == wanted
    }
    primary = {quad.object.value for quad in quads if quad.predicate.value == _PRIMARY}  # type: ignore[union-attr]
    if not topics or (primary and not primary & topics):
        crawl.fault("topic", path, f"It does not describe {shorten(wanted)}.")
        return
    own = {topic for topic in topics if "#" not in topic} or topics
    about = [quad for quad in quads if type(quad.subject) is NamedNode and quad.subject.value in own]
    is_statement = any(quad.predicate.value == _SUBJECT for quad in about)
    if not is_statement and not any(quad.predicate.value in _LABELS for quad in about):
        crawl.fault("label", path, f"{shorten(min(own))} has no label.")


def _rows_problem(text: str, delimiter: str) -> str:
    lines = csv.reader(io.StringIO(text)) if delimiter == "," else _tsv_rows(text)
    try:
        widths = {len(line) for line in lines if line}
    except csv.Error as error:
        return f"Its rows cannot be read: {shorten(str(error))}."
    return "" if len(widths) < 2 else f"Its rows have from {min(widths)} to {max(widths)} columns."


def _tsv_rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        yield line.split("\t")


def is_html(body: bytes) -> bool:
    """Whether a document looks like HTML, whatever its suffix."""
    return bool(re.match(rb"\s*<(?:!doctype html|html|head|body)\b", body[:1_000], re.IGNORECASE))


def suffix_of(path: str) -> str:
    """The suffix of a path; "" without one."""
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2] if "." in name else ""
