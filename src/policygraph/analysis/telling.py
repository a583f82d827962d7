"""Paths told to a person: a sentence for each claim, with who says so, in English or Danish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policygraph.i18n import ground, lower, natural, printable, words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from policygraph.analysis.paths import Hop, Path, Paths


def tell(found: Paths, *, language: str = "en", width: int | None = None) -> str:
    """The answer as text: a heading for each path, and for each hop a sentence and who says so.

    A sentence goes the way its claim points, whichever way the path goes.

    Args:
        found: the answer.
        language: BCP 47 tag; English or Danish. Labels and relations are in that of the network.
        width: columns that no line exceeds; without a width, none is wrapped.
    """
    from textwrap import wrap

    fixed = words(language, "texts", "sentences")
    said, labels = fixed["path"], found.labels
    lines: list[str] = []

    def put(text: str, indent: int = 0, hang: int = 2) -> None:
        text = printable(text)
        lines.extend(wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + hang))
                     if width else [" " * indent + text])  # fmt: skip

    def put_hop(hop: Hop) -> None:
        for forwards, relation, claims in hop.relations:
            ends = (hop.source, hop.target) if forwards else (hop.target, hop.source)
            one, other = (labels[end] for end in ends)
            put(f"{one} {relation or fixed['unnamed_relation']} {other}".rstrip(".") + ".", 3)
            for claim in claims:
                data = {name: str(value) for name, value in claim.attributes.items() if value is not None}
                basis = ground(claim.basis, language, capital=True) if claim.basis[0] else ""
                if reason := ": ".join(filter(None, (basis, data.get("rationale")))):
                    put(reason, 7)
                passages = sorted(data.get("passages", "").split("\n"), key=natural)
                for evidence in filter(None, [data.get("document"), *passages]):
                    put(evidence, 7)

    def every(things: Iterable[Hashable]) -> str:
        *most, last = [labels[each] for each in things]
        return f" {fixed['and']} ".join(filter(None, [", ".join(most), last]))

    ends = {"source": labels[found.source], "target": labels[found.target]}
    count = len(found.paths)
    if not count:
        opening = said["none"].format(**ends)
    else:
        opening = said["some" if found.more else "all"][count != 1].format(n=count, **ends)
    put(opening, hang=0)
    for end in found.alone:
        put(said["alone"].format(thing=labels[end]), hang=0)
    if found.through:
        put(said["every"].format(things=every(found.through)), hang=0)
    if found.nowhere:
        put(said["nowhere"], hang=0)

    def heading(path: Path) -> str:
        middle = path.nodes[1:-1]
        return str(said["through"].format(things=every(middle)) if middle else said["direct"])

    for number, path in enumerate(found.paths, start=1):
        weakest = (
            said["stated"] if path.stated else said["weakest"].format(basis=ground(path.weakest, language))
        )
        lines.append("")
        put(f"{number}. {heading(path)} ({weakest})")
        for hop in path.hops:
            put_hop(hop)
        around = {b: (a, c) for a, b, c in zip(path.nodes, path.nodes[1:], path.nodes[2:], strict=False)}
        for middle, relation, outwards in path.listed:
            one, other = (labels[each] for each in around[middle])
            note = said["lists" if outwards else "shared"]
            relation = relation or fixed["unnamed_relation"]
            put(note.format(middle=labels[middle], one=one, other=other, relation=relation), 3)
    if found.lacking is not None:
        lines.append("")
        put(said["lacking"][len(found.missing) != 1].format(
            way=lower(heading(found.lacking)), n=len(found.missing)
        ))  # fmt: skip
        for hop in found.missing:
            put_hop(hop)
    return "\n".join([*lines, ""])
