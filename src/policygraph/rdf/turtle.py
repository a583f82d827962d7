"""Write Turtle in a canonical layout, in which equal graphs are equal text.

Each subject is one block: types first, then labels and the triple of an RDF reification, then the other
predicates by CURIE; objects in natural order ("area-2" before "area-10"), each on its own line where they do
not fit in one. IRIs under `BASE` are written relative to it. `serialize` writes any graph; `format` formats a
file that people edit and keeps its order and headings. `python -m policygraph.rdf.turtle FILE…` formats files
in place.

The syntax is RDF 1.1 Turtle (https://www.w3.org/TR/turtle/).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from policygraph.errors import DocumentError
from policygraph.rdf.namespaces import BASE, PREFIXES, compact, expand

WIDTH = 110
_LABELS = ("rdfs:label", "skos:prefLabel", "skos:altLabel", "skos:definition", "dct:title", "dct:description")
_STATEMENT = ("rdf:subject", "rdf:predicate", "rdf:object")  # in the order of a sentence
_FIRST = [expand(name) for name in ("rdf:type", *_LABELS, *_STATEMENT)]
# Only names that need no escapes; every other IRI is written in full.
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[\w-])?", re.ASCII)
# A relative path that BASE resolves unchanged: no scheme, no leading slash, no dot segments.
_RELATIVE = re.compile(r"(?!.*/\.)[\w~%-][^:/?#]*(?:[/?#].*)?")
_SHORTHAND = {
    expand("xsd:boolean"): re.compile("true|false"),
    expand("xsd:integer"): re.compile(r"[+-]?[0-9]+"),
    expand("xsd:decimal"): re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    expand("xsd:double"): re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)[eE][+-]?[0-9]+"),
}
_STRINGS = (None, expand("xsd:string"), expand("rdf:langString"))

# Triple-quoted strings come first, since they begin with an empty string.
_TOKEN = re.compile(
    r'''(?P<comment>\#[^\n]*)
    | (?P<string>"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<iri><[^<>\s]*>)
    | (?P<end>\.)
    | (?P<word>(?:\\.|[^\s<"'\#;,()\[\].\\])+(?:\.+(?:\\.|[^\s<"'\#;,()\[\].\\])+)*)
    | (?P<mark>\S)''',
    re.VERBOSE | re.DOTALL,
)


_Subject: TypeAlias = NamedNode | BlankNode | Triple
_Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
_Node = TypeVar("_Node", bound=_Term)


class _BlankNodeError(DocumentError):
    """A file with blank nodes, which the canonical layout does not support."""


class _Statement(NamedTuple):
    """A block or a directive of a file, with the comment lines above it ("" is an empty line)."""

    comments: list[str]
    text: str  # the subject of a block; the whole of a directive
    directive: bool


def serialize(quads: Iterable[Quad | Triple], *, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Write a graph in canonical Turtle, with its subjects in natural order; graph names are left out.

    Blank nodes are labelled by RDF Dataset Canonicalization, so equal graphs give equal text.
    """
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    if any(isinstance(term, BlankNode) for triple in triples for term in triple):
        dataset = Dataset(Quad(*triple) for triple in triples)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        triples = {Triple(_renamed(q.subject), q.predicate, _renamed(q.object)) for q in dataset}
    writer = _Writer(prefixes)
    subjects = sorted({triple.subject for triple in triples}, key=_order)
    return writer.document([([], subject) for subject in subjects], triples)


def format(text: str, *, path: object = None) -> str:
    """Format a file that people edit: its subjects stay in their order, under their headings.

    A heading is a comment on lines of its own above a subject. Blocks of the same subject are merged into the
    first. DocumentError, with the line, for text that is not Turtle, for a comment within a block, and for
    blank nodes: a file that needs them is laid out by hand.
    """
    try:
        parser = parse(text, format=RdfFormat.TURTLE)
        triples = {quad.triple for quad in parser}
    except SyntaxError as error:
        raise DocumentError.of(error, path=path) from None
    statements, last = _statements(text, path)
    subjects = _subjects(statements)
    own = {name: iri for name, iri in parser.prefixes.items() if name and iri not in PREFIXES.values()}

    # Comments above and between the directives belong to no subject; they go to the top of the file.
    head = _trimmed([line for statement in statements if statement.directive for line in statement.comments])
    blocks: dict[_Subject, list[str]] = {}
    waiting: list[str] = []
    for statement in statements:
        if statement.directive:
            continue
        waiting = _join_comments(waiting, statement.comments)
        subject = subjects[id(statement)]
        if subject not in blocks:
            blocks[subject] = waiting
            waiting = []
    writer = _Writer({**own, **PREFIXES})
    body = writer.document([(comments, subject) for subject, comments in blocks.items()], triples)
    opening = "\n".join([*head, "", ""]) if head else ""
    last = _join_comments(waiting, last)
    ending = "\n".join(["", *_trimmed(last), ""]) if last else ""
    return opening + body + ending


class _Writer:
    """Writes one document and remembers which prefixes it used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        # After a prefix for a path under BASE come slashes, which Turtle would have to escape.
        self.prefixes = {
            name: iri for name, iri in prefixes.items() if not (iri.startswith(BASE) and iri.endswith("/"))
        }
        self.used: set[str] = set()

    def document(self, blocks: list[tuple[list[str], _Subject]], triples: set[Triple]) -> str:
        about: dict[_Subject, dict[NamedNode, list[_Term]]] = {}
        for triple in triples:
            properties = about.setdefault(triple.subject, {})
            properties.setdefault(triple.predicate, []).append(triple.object)
        written = []
        for comments, subject in blocks:
            heading = "".join(f"{line}\n" for line in comments).lstrip("\n")
            written.append(f"\n{heading}{self.block(subject, about[subject])}")
        header = [f"@base <{BASE}> .\n"]
        header += [f"@prefix {name}: <{self.prefixes[name]}> .\n" for name in sorted(self.used)]
        return "".join(header + written)

    def block(self, subject: _Subject, properties: Mapping[NamedNode, list[_Term]]) -> str:
        lines = []
        for predicate in sorted(properties, key=_rank):
            name = "a" if predicate.value == _FIRST[0] else self.term(predicate)
            objects = [self.term(term) for term in sorted(properties[predicate], key=_order)]
            line = f"{name} {' , '.join(objects)}"
            if len(line) + 4 > WIDTH and len(objects) > 1:
                line = f"{name}\n    " + " ,\n    ".join(objects)
            lines.append(line)
        # The type is on the line of the subject.
        return f"{self.term(subject)} " + " ;\n  ".join(lines) + " .\n"

    def term(self, term: _Term) -> str:
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if not isinstance(term, Literal):
            return str(term)
        datatype = term.datatype.value
        if datatype in _SHORTHAND and _SHORTHAND[datatype].fullmatch(term.value):
            return term.value
        if term.language or datatype in _STRINGS:
            return str(term)
        return f"{Literal(term.value)}^^{self.iri(datatype)}"

    def iri(self, iri: str) -> str:
        prefix, _, local = compact(iri, self.prefixes).partition(":")
        if prefix in self.prefixes and self.prefixes[prefix] + local == iri and _LOCAL.fullmatch(local):
            self.used.add(prefix)
            return f"{prefix}:{local}"
        if iri.startswith(BASE) and _RELATIVE.fullmatch(iri[len(BASE) :]):
            return f"<{iri[len(BASE) :]}>"
        return f"<{iri}>"


def _rank(predicate: NamedNode) -> tuple[int, str]:
    place = _FIRST.index(predicate.value) if predicate.value in _FIRST else len(_FIRST)
    return place, compact(predicate.value)


def _order(term: _Term) -> tuple[object, ...]:
    """Natural order: IRIs, blank nodes, then literals by language; digits count as numbers."""
    text = term.value if isinstance(term, NamedNode | BlankNode | Literal) else str(term)
    kind = 0 if isinstance(term, NamedNode) else 1 if isinstance(term, BlankNode) else 2
    language = (term.language or "") if isinstance(term, Literal) else ""
    # Splitting by digits alternates text and number, so text is never compared with a number.
    parts = [int(part) if at % 2 else part for at, part in enumerate(re.split("([0-9]+)", text))]
    return kind, language, parts, str(term)


def _renamed(term: _Node) -> _Node:
    """Rename the blank nodes c14n0, c14n1 … of RDFC-1.0 to b0, b1 …, which are easier to read."""
    return type(term)("b" + term.value.removeprefix("c14n")) if isinstance(term, BlankNode) else term


def _statements(text: str, path: object) -> tuple[list[_Statement], list[str]]:
    """The statements of a Turtle file, and the comment lines after the last of them."""
    statements: list[_Statement] = []
    comments: list[str] = []
    start: re.Match[str] | None = None
    end = 0
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup, token[0]
        if kind == "comment":
            if start or text[text.rfind("\n", 0, token.start()) + 1 : token.start()].strip():
                raise DocumentError(
                    "A comment within a block has no place in the canonical layout; move it above the block.",
                    path=path,
                    line=_line(text, token),
                )
            comments += ["", word.rstrip()] if comments and _gap(text, end, token) else [word.rstrip()]
            end = token.end()
            continue
        if (kind == "mark" and word in "[(") or (kind == "word" and word.startswith("_:")):
            what = "A blank node has no place in the canonical layout; give it an IRI."
            raise _BlankNodeError(what, path=path, line=_line(text, token))
        if start is None:
            start = token
            if comments and _gap(text, end, token):
                comments.append("")
        end = token.end()
        keyword = start[0].lower()
        # The SPARQL spelling of a directive (BASE, PREFIX) ends without a full stop.
        if kind == "end" or (kind == "iri" and keyword in ("base", "prefix")):
            directive = keyword in ("@base", "@prefix", "base", "prefix")
            statements.append(
                _Statement(comments, text[start.start() : end] if directive else start[0], directive)
            )
            comments, start = [], None
    return statements, comments


def _line(text: str, token: re.Match[str]) -> int:
    return text.count("\n", 0, token.start()) + 1


def _gap(text: str, end: int, token: re.Match[str]) -> bool:
    return text.count("\n", end, token.start()) > 1


def _subjects(statements: list[_Statement]) -> dict[int, _Subject]:
    """The subject of every block, as the parser reads it with the directives above it."""
    blocks = [statement for statement in statements if not statement.directive]
    number = {id(statement): index for index, statement in enumerate(blocks)}
    skeleton = "\n".join(
        statement.text if statement.directive else f"{statement.text} <x:> {number[id(statement)]} ."
        for statement in statements
    )
    quads = parse(skeleton, format=RdfFormat.TURTLE)
    return {id(statement): quad.subject for statement, quad in zip(blocks, quads, strict=True)}


def _join_comments(lines: list[str], more: list[str]) -> list[str]:
    """Join two groups of comment lines with one empty line between them."""
    return [*lines, "", *more] if lines and more and lines[-1] else lines + more


def _trimmed(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip("\n").split("\n") if lines else []


def main(paths: Iterable[str]) -> None:
    """Format files in place, atomically; a file with blank nodes is laid out by hand and left unchanged."""
    for path in map(Path, paths):
        old = path.read_text(encoding="utf-8")
        try:
            new = format(old, path=path)
        except _BlankNodeError:
            continue
        if new != old:
            draft = path.with_name(f".{path.name}.new")
            draft.write_text(new, encoding="utf-8")
            draft.replace(path)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (DocumentError, OSError, UnicodeDecodeError) as error:
        sys.exit(str(error))
