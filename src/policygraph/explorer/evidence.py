"""Decide from which level of evidence on a claim, a thing and a year are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from policygraph.analysis.network import STRENGTHS
from policygraph.rdf.namespaces import word
from policygraph.store.protocols import Store, rows

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.catalog.catalog import Catalog
    from policygraph.store.answer import Answer

LEVELS = ("said", "documents", "read", "weak")
"""The levels of evidence: what the source says, other documents say, is read into them, or weakly."""


def evidence_level(basis: str, strength: str | None) -> int:
    """Return the level of evidence of a claim, by its basis and the strength of its inference."""
    weak = basis == "inferred" and strength not in STRENGTHS[1:]
    return {"stated": 0, "external": 1}.get(basis, LEVELS.index("weak" if weak else "read"))


def shows(key: str, level: int) -> bool:
    """Whether what is shown up to a level of evidence has this one; "only" is what is read, and no more."""
    return level >= LEVELS.index("read") if key == "only" else level <= LEVELS.index(key)


def add_levels(graph: nx.Graph, evidence: Answer, grounds: Iterable[Any]) -> dict[Any, int]:
    """Add to nodes, their years and edges from which level of evidence on they are there; return the claims'.

    A thing is there from the first claim, passage or document that names it; what the project made up, and
    what is claimed of that, counts as read.
    """
    read, named, years = LEVELS.index("read"), dict[Any, int](), dict[tuple[Any, Any], int]()
    claims, premises, found = {row["claim"]: row for row in evidence}, dict[str, set[str]](), [*grounds]
    coined = {row["thing"].value for row in found if row["coined"]}
    succeeds = {row["succession"].value for row in found if row["succession"]}
    for row in found:
        if row["premise"]:
            premises.setdefault(row["thing"].value, set()).add(row["premise"].value)
        elif row["document"]:
            known = int(row["own"] is None)
            named[row["thing"].value] = min(named.get(row["thing"].value, known), known)

    def level(claim: str, above: tuple[str, ...] = ()) -> int:
        """Return the level of a claim; that of a computed one is its weakest premise's."""
        weakest = [level(each, (*above, claim)) for each in premises.get(claim, ()) if each not in above]
        row = claims.get(claim, {})
        return max(weakest, default=evidence_level(word(row.get("basis")), word(row.get("strength"))))

    levels = {claim: level(claim) for claim in claims if claim}
    for row in evidence:
        known, year = levels.get(row["claim"], 0), getattr(row["target"], "year", row["target"])
        for end in (row["source"], row["target"]):
            named[end] = min(named.get(end, known), known)
        for dated in ((row["source"], year), (row["target"], row["claim"] in succeeds and "succeeded")):
            years[dated] = min(years.get(dated, known), known)
        if coined.intersection((row["source"], row["target"])) and row["claim"]:
            levels[row["claim"]] = max(known, read)
    for node, data in graph.nodes(data=True):
        data["level of evidence"] = read if node in coined else named.get(node)
        data["levels"] = {
            name: years.get((node, data.get(name)), years.get((node, name), 0))
            for name in ("start", "end", "horizon", "succeeded")
        }
    for *_, data in graph.edges(data=True):
        data["level of evidence"] = levels.get(data.get("claim"))
    return levels


def count_claims(catalog: Catalog, store: Store) -> Counter[int]:
    """Return how many claims there are at each level of evidence, as a place in `LEVELS`."""
    import networkx as nx

    evidence, grounds = catalog.ask("evidence", store=store), rows(store, catalog.bind("grounds", store))
    return Counter(add_levels(nx.Graph(), evidence, grounds).values())
