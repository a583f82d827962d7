"""Re-anchor passages: rewrite their positions in a Turtle file and leave the rest of it as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from policygraph.errors import EvidenceError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, expand
from policygraph.rdf.terms import canonical


class Anchoring(NamedTuple):
    """What becomes of a resource: its new IRI, and the new value of some of its properties, by CURIE."""

    iri: str
    values: Mapping[str, str]


def rewrite(path: Path, changes: Mapping[str, Anchoring]) -> bytes:
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
    # The proof that nothing else has changed: what the file says, with the changes, is what the new one says.
    wanted = {_changed(quad, changes) for quad in canonical(reader.parse(data, name=str(path)))}
    if canonical(reader.parse(changed, name=str(path))) != canonical(wanted):
        what = f"The passages in {path} cannot be re-anchored, for its layout is not the usual one"
        raise EvidenceError(f"{what}: run `make format`, then try again. Nothing was changed.")
    return changed


def _changed(quad: Quad, changes: Mapping[str, Anchoring]) -> Quad:
    subject, predicate, value, graph = quad
    change = changes.get(getattr(subject, "value", ""))
    text = (
        {expand(name): text for name, text in change.values.items()}.get(predicate.value) if change else None
    )
    if text is not None and isinstance(value, Literal):
        kind = {"language": value.language} if value.language else {"datatype": value.datatype}
        value = Literal(text, **kind)
    subject, value = (
        NamedNode(changes[each.value].iri) if isinstance(each, NamedNode) and each.value in changes else each
        for each in (subject, value)
    )
    return Quad(subject, predicate, value, graph)
