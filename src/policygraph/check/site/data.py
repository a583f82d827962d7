"""Proofs of documents of data, of style and of all else that is no page: whether each is sound."""

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
from policygraph.site.urls import parse_path as meanings

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
_NAMING = {
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
# UTF-8 read as Windows-1252 or Latin-1 and written again: what its second bytes look like then.
_SECOND = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_GARBLED = re.compile(rf"Ã{_SECOND}|Â[\x80-\xbf]|â(?:€|\x80){_SECOND}|\N{{REPLACEMENT CHARACTER}}")
_LARGEST = 60_000_000  # bytes of JSON or XML, which grow when they are read; a sitemap may have 50 MB
_ROUNDS = 8  # by which blank nodes are told apart
_FEEDS = (".atom", ".graphml", ".gexf", ".svg")


def data(survey: Crawl, path: str, answer: Fetched) -> list[Quad]:
    """Prove a document of RDF, and note what it names; its quads, none when it cannot be read."""
    suffix = ending(path)
    if is_html(answer.body):
        survey.fault("content", path, "It is an HTML page, and by its name it is RDF.")
        return []
    try:
        quads = reader.parse(answer.body, name=path, format=reader.SUFFIXES[suffix or ".ttl"])
    except DocumentError as error:
        rule = "encoding" if "UTF-8" in str(error) else "not-rdf"
        survey.fault(rule, path, str(error).removeprefix(f"{path}:"))
        return []
    survey.counts["data documents"] += 1
    survey.counts["triples"] += len(quads)
    garbled(survey, path, answer.body.decode("utf-8", "replace"))
    _texts(survey, path, quads)
    _named(survey, path, quads)
    _same(survey, path, quads)
    kind = path.split("/")[1]
    if kind not in ("query", "download", ".well-known", "catalog" + suffix):
        _topic(survey, path, quads)
    if kind != "query" and not any(quad.predicate.value == _LICENCE for quad in quads):
        survey.fault("data-licence", path, "It names no licence.")
    return quads


def other(survey: Crawl, path: str, answer: Fetched) -> None:
    """Prove a document that is neither a page nor RDF."""
    suffix, body = ending(path), answer.body
    problem = ""
    survey.counts["other documents"] += 1
    if suffix != ".html" and is_html(body):
        problem = "It is an HTML page."
    elif suffix in (".json", ".webmanifest"):
        try:
            if len(body) > _LARGEST:
                raise ValueError(f"{len(body):,} bytes are more than are read")
            json.loads(body)
        except (ValueError, RecursionError) as error:
            problem = f"It is no JSON: {shorten(str(error))}."
    elif suffix in (".xml", *_FEEDS):
        problem = unsound(body)
    elif suffix in (".csv", ".tsv"):
        problem = _rows(decoded(survey, path, body), "\t" if suffix == ".tsv" else ",")
    elif suffix in (".js", ".txt", ".rq"):
        words = decoded(survey, path, body)
        if suffix != ".js":
            garbled(survey, path, words)
    elif suffix == ".png" and not body.startswith(b"\x89PNG\r\n\x1a\n"):
        problem = "It is no PNG image."
    if problem:
        survey.fault("content", path, problem)


def unsound(body: bytes) -> str:
    """What is wrong with XML, as a sentence; empty when nothing is. Entities are wrong, whatever they say."""
    if len(body) > _LARGEST:
        return f"It has {len(body):,} bytes, more than are read."
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _declared  # whatever encoding it is written in
    try:
        parser.Parse(body, True)
    except _DeclaredError:
        return "It declares a document type or entities, which are not read."
    except (expat.ExpatError, LookupError, ValueError) as error:
        return f"It is no sound XML: {shorten(str(error))}."
    return ""


class _DeclaredError(Exception):
    """A document type was declared."""


def _declared(*_: object) -> None:
    raise _DeclaredError


def fingerprint(quads: Iterable[Quad]) -> object:
    """What is the same for the same triples, whatever blank nodes are called; in time that anyone can bear.

    Blank nodes are told apart by what is said of them, round by round: two graphs that differ here are not
    isomorphic, and those that do not, are, save for shapes of blank nodes that no data of this kind have.
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


def decoded(survey: Crawl, path: str, body: bytes) -> str:
    """A document as text; a fault when it is not in UTF-8."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        survey.fault(
            "encoding", path, f"Line {line} has the byte 0x{body[error.start]:02X}, which is not UTF-8."
        )
        return body.decode("utf-8", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")


def garbled(survey: Crawl, path: str, text: str) -> None:
    """Look for letters that were read in one encoding and written in another."""
    found = _GARBLED.search(text)
    if found:
        around = text[max(0, found.start() - 15) : found.end() + 15]
        survey.fault("mojibake", path, f"These letters are garbled: “{shorten(' '.join(around.split()))}”.")


def _texts(survey: Crawl, path: str, quads: list[Quad]) -> None:
    for quad in quads:
        value = quad.object
        if (
            quad.predicate.value in _TEXTS
            and type(value) is Literal
            and not value.language
            and value.datatype.value == _STRING
        ):
            survey.fault(
                "literal-language", path, f"{shorten(str(value))} of {quad.subject} has no language."
            )
            return


def _named(survey: Crawl, path: str, quads: list[Quad]) -> None:
    base = survey.base
    datasets = {quad.subject for quad in quads if quad.object == _DATASET}
    for quad in quads:
        if quad.predicate.value in _NAMING and quad.object not in datasets and type(quad.object) is NamedNode:
            survey.names_only.add(quad.object.value)
        for term in quad.triple:
            if type(term) is NamedNode and term.value.startswith(base):
                survey.iris.setdefault(term.value.partition("#")[0], path)
        for term in (quad.predicate, quad.object if quad.predicate.value == _TYPE else None):
            if type(term) is NamedNode and term.value.startswith(base) and "#" in term.value:
                survey.terms.setdefault(term.value, path)


def _same(survey: Crawl, path: str, quads: list[Quad]) -> None:
    start, mark = path.removesuffix(ending(path)), fingerprint(quads)
    rule = "dumps-differ" if path.startswith("/download/") else "formats-differ"
    first, known = survey.prints.setdefault(start, (path, mark))
    if known != mark:
        survey.fault(rule, path, f"It does not hold the same triples as {first}.")


def _topic(survey: Crawl, path: str, quads: list[Quad]) -> None:
    wanted = next((survey.map.base + each.path.lstrip("/") for each in meanings(path)), "")
    topics = {
        quad.subject.value
        for quad in quads
        if type(quad.subject) is NamedNode and unquote(quad.subject.value.partition("#")[0]) == wanted
    }
    primary = {quad.object.value for quad in quads if quad.predicate.value == _PRIMARY}  # type: ignore[union-attr]
    if not topics or (primary and not primary & topics):
        survey.fault("topic", path, f"It says nothing of {shorten(wanted)}.")
        return
    own = {topic for topic in topics if "#" not in topic} or topics
    about = [quad for quad in quads if type(quad.subject) is NamedNode and quad.subject.value in own]
    is_statement = any(quad.predicate.value == _SUBJECT for quad in about)
    if not is_statement and not any(quad.predicate.value in _LABELS for quad in about):
        survey.fault("label", path, f"{shorten(min(own))} has no label.")


def _rows(text: str, sign: str) -> str:
    lines = csv.reader(io.StringIO(text), delimiter=sign) if sign == "," else _split(text)
    try:
        widths = {len(line) for line in lines if line}
    except csv.Error as error:
        return f"Its rows cannot be read: {shorten(str(error))}."
    return "" if len(widths) < 2 else f"Its rows have from {min(widths)} to {max(widths)} columns."


def _split(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        yield line.split("\t")


def is_html(body: bytes) -> bool:
    """Whether a document looks like a page, whatever its name says."""
    return bool(re.match(rb"\s*<(?:!doctype html|html|head|body)\b", body[:1_000], re.IGNORECASE))


def ending(path: str) -> str:
    """The suffix of a path; empty without one."""
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2] if "." in name else ""
