"""Re-anchor passages: rewrite their positions in a Turtle file and leave the rest of it as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from policygraph.errors import EvidenceError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, expand
from policygraph.rdf.terms import canonical


class Change(NamedTuple):
    """What becomes of a resource: its new IRI, and the new value of some of its properties, by CURIE."""

    iri: str
    values: Mapping[str, str]


def rewrite(path: Path, changes: Mapping[str, Change]) -> bytes:
    """The content of a Turtle file with these changes, by IRI, and no other.

    EvidenceError when the file is laid out so that they cannot be made by changing just these places.
    """
    data = path.read_bytes()

    def renamed(match: re.Match[str]) -> str:
        change = changes.get(match[1] if ":" in match[1] else BASE + match[1])
        new = change.iri if change else match[1]
        return f"<{new if ':' in match[1] else new.removeprefix(BASE)}>"

    blocks = re.split(r"(?<=\.\n)(?=\n)", re.sub(r"<([^<>\s]*)>", renamed, data.decode("utf-8")))
    values = {change.iri: change.values for change in changes.values()}
    for number, block in enumerate(blocks):
        subject = re.search(r"^<([^<>\s]*)>\s", block, re.MULTILINE)
        for name, value in values.get(BASE + subject[1], {}).items() if subject else ():
            written = rf'(\b{name} "?)(?:(?<=")[^"\n]*|[0-9]+)'
            blocks[number] = re.sub(written, lambda at, to=value: at[1] + to, blocks[number], count=1)
    changed = "".join(blocks).encode()
    wanted = canonical(_changed(reader.parse(data, name=str(path)), changes))
    if canonical(reader.parse(changed, name=str(path))) != wanted:  # the proof that nothing else has changed
        what = f"The passages in {path} cannot be re-anchored, for its layout is not the usual one"
        raise EvidenceError(f"{what}: run `make format`, then try again. Nothing was changed.")
    return changed


def _changed(quads: list[Quad], changes: Mapping[str, Change]) -> Iterator[Quad]:
    def renamed(term: Any) -> Any:
        change = changes.get(term.value) if isinstance(term, NamedNode) else None
        return NamedNode(change.iri) if change else term

    for quad in quads:
        change = changes.get(quad.subject.value) if isinstance(quad.subject, NamedNode) else None
        values = {expand(name): value for name, value in change.values.items()} if change else {}
        other = renamed(quad.object)
        if isinstance(other, Literal) and quad.predicate.value in values:
            text = values[quad.predicate.value]
            typed = Literal(text, datatype=other.datatype)
            other = Literal(text, language=other.language) if other.language else typed
        yield Quad(renamed(quad.subject), quad.predicate, other, quad.graph_name)
