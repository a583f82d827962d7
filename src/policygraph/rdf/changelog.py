"""How a difference is written: as a table for a terminal, as a changelog's entry, as a patch for machines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from policygraph.rdf.diff import Difference, blank_nodes, renamed
from policygraph.rdf.turtle import serialize
from policygraph.text import table

_SIGNS = {"added": "+", "changed": "~", "removed": "-"}  # as in a diff of text


def as_table(difference: Difference, *, language: str = "en", width: int | None = None) -> str:
    """For people: a row a statement, a subject's name in its first row, and the numbers in the last line."""
    rows = []
    for change in difference.changes(language=language):
        name = f"{change.label} ({change.name})" if change.label else change.name
        for number, said in enumerate(change.statements):
            first = (_SIGNS[change.kind], name) if number == 0 else ("", "")
            rows.append((*first, *said))
    head = ("", "thing", "property", "before", "after")
    return (table(head, rows, width=width) if rows else "") + f"{difference.summary()}\n"


def as_markdown(difference: Difference, *, language: str = "en") -> str:
    """For a changelog: headings of the third level, a line a subject, and below it what changed about it."""
    lines = []
    before = ""
    for change in difference.changes(language=language):
        if change.kind != before:
            lines += ["", f"### {change.kind.title()}", ""]
            before = change.kind
        name = f"{_escaped(change.label)} ({_code(change.name)})" if change.label else _code(change.name)
        kind = f": {', '.join(map(_code, change.types))}" if change.types and before != "changed" else ""
        lines.append(f"- {name}{kind}")
        for path, old, new in change.statements if change.kind == "changed" else ():
            if old and new:
                what = f"{_code(old)} → {_code(new)}"
            else:
                what = f"added {_code(new)}" if new else f"removed {_code(old)}"
            lines.append(f"  - {_code(path)}: {what}")
    return "\n".join([*lines[1:], ""]) if lines else f"{difference.summary()}.\n"


def as_patch(difference: Difference) -> str:
    """For machines: the SPARQL 1.1 Update that makes the new version of the old one, its data in Turtle.

    Without blank nodes it is a TurtlePatch (https://www.w3.org/2001/sw/wiki/TurtlePatch): DELETE DATA and
    INSERT DATA. Blank nodes have no name to delete them by, so they are found by all that is said of them.
    """
    nodes = blank_nodes(difference.added | difference.removed)
    old = [(triple, blank_nodes([triple])) for triple in difference.old]
    where: list[Triple] = []
    before = -1
    while len(nodes) != before:  # what is said of them may be said through others
        before = len(nodes)
        where = [triple for triple, among in old if among & nodes]
        nodes |= blank_nodes(where)
    known = blank_nodes(where)
    order = sorted(nodes, key=str)
    names = {node: f"{'?' if node in known else '_:'}b{number}" for number, node in enumerate(order)}
    # Turtle has no variables; what stands in for them holds a hash, so that no text of the data is like it.
    stand_ins = {node: NamedNode(f"x:{node.value[1:13]}.{number}") for number, node in enumerate(order)}
    header: set[str] = set()

    def block(triples: Iterable[Triple]) -> str:
        text = serialize(renamed(triple, stand_ins) for triple in triples)
        opening, _, body = text.partition("\n\n")
        header.update(line[1:-2] for line in opening.strip().splitlines())
        for node, name in names.items():
            body = body.replace(str(stand_ins[node]), name)
        return "{\n" + "".join(f"  {line}\n" for line in body.splitlines() if line) + "}"

    steps = []
    sides = (("DELETE", difference.removed), ("INSERT", difference.added))
    for verb, triples in sides:
        if ground := [triple for triple in triples if not blank_nodes([triple])]:
            steps.append(f"{verb} DATA {block(ground)}")
    clauses = []
    for verb, triples in sides:
        if touching := [triple for triple in triples if blank_nodes([triple])]:
            clauses.append(f"{verb} {block(touching)}")
    if clauses:
        steps.append("\n".join([*clauses, f"WHERE {block(where)}"]))
    # BASE and PREFIX are written in SPARQL as in Turtle, but for the @, the full stop and the case.
    declared = [re.sub(r"^\w+", lambda word: word[0].upper(), line) for line in sorted(header)]
    return "\n".join([f"# {difference.summary()}", *declared, "", " ;\n".join(steps)]).rstrip() + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", text)


def _code(text: str) -> str:
    """A code span of CommonMark, whose fence is longer than any run of backticks in the text."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
