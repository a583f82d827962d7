"""Format Turtle files that people edit: canonical blocks, in the order and under the headings of the file.

The order and the headings of a dataset follow from its triples instead. `python tools/format_turtle.py FILE…`
formats files in place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import RdfFormat, parse

from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.errors import DocumentError
from policygraph.rdf.terms import Node, term
from policygraph.rdf.turtle import document

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


class _BlankNodeError(DocumentError):
    """A file with blank nodes, which the canonical layout does not support."""


class _Statement(NamedTuple):
    """A block or a directive of a file, with the comment lines above it ("" is an empty line)."""

    comments: list[str]
    text: str  # the subject of a block; the whole of a directive
    directive: bool


def format(text: str, *, path: object = None) -> str:
    """Format a file that people edit: its subjects stay in their order, under their headings.

    A heading is a comment on lines of its own above a subject. Blocks of the same subject are merged into the
    first. A dataset is laid out as `datafiles` does, and comments of people's own stay above their subjects.
    DocumentError, with the line, for text that is not Turtle, for a comment within a block, and for blank
    nodes: a file that needs them is laid out by hand.
    """
    try:
        parser = parse(text, format=RdfFormat.TURTLE)
        triples = {quad.triple for quad in parser}
    except SyntaxError as error:
        raise DocumentError.of(error, path=path) from None
    base, known = parser.base_iri or "", Catalog.find().settings.prefixes
    dataset = any(
        triple.predicate == term("rdf:type") and triple.object == term("dcat:Dataset") for triple in triples
    )
    if dataset:
        text = re.sub(f"(?m)^{datafiles.HEADING}.*", "", text)
    statements, last = _statements(text, path)
    subjects = _subjects(statements)
    own = {name: iri for name, iri in parser.prefixes.items() if name and iri not in known.values()}

    # Comments above and between the directives belong to no subject; they go to the top of the file.
    head = _trimmed([line for statement in statements if statement.directive for line in statement.comments])
    blocks: dict[Node, list[str]] = {}
    waiting: list[str] = []
    for statement in statements:
        if statement.directive:
            continue
        waiting = _join_comments(waiting, statement.comments)
        subject = subjects[id(statement)]
        if subject not in blocks:
            blocks[subject] = waiting
            waiting = []
    texts = ("".join(f"{line}\n" for line in comments).lstrip("\n") for comments in blocks.values())
    above = dict(zip(blocks, texts, strict=True))
    order = (
        [(s, heading + above[s]) for s, heading in datafiles.blocks(triples, base, known)]
        if dataset
        else above.items()
    )
    body = document(order, triples, base=base, prefixes={**own, **known})
    opening = "\n".join([*head, "", ""]) if head else ""
    last = _join_comments(waiting, last)
    ending = "\n".join(["", *_trimmed(last), ""]) if last else ""
    return opening + body + ending


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


def _subjects(statements: list[_Statement]) -> dict[int, Node]:
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
