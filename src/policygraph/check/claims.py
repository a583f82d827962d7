"""Recompute the IRIs of claims, which are made from what the claims say."""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from policygraph.catalog.catalog import Catalog

# Only names of that form are made so; other catalogues may name their claims otherwise.
_CLAIMS = """SELECT ?claim ?subject ?relation ?object ?basis (MIN(STR(?document)) AS ?cited)
(MIN(STR(?agent)) AS ?curator) {{
  ?claim a {claim} ; rdf:subject ?subject ; rdf:predicate ?relation ; rdf:object ?object ; {basis} ?basis
  FILTER(REGEX(STR(?claim), "/claim/[a-z2-7]{{8}}$"))
  OPTIONAL {{ ?claim {cites} ?document }} OPTIONAL {{ ?claim prov:wasAttributedTo ?agent }}
}} GROUP BY ?claim ?subject ?relation ?object ?basis ORDER BY ?claim"""


def names(content: str) -> list[str]:
    """The names of a claim by its content: eight letters, or where they are taken the next eight."""
    letters = b32encode(sha256(content.encode()).digest()).decode().lower()
    return [letters[at : at + 8] for at in range(0, 48, 8)]


def renamed(
    catalog: Catalog, ask: Callable[[str], Any], written: Mapping[Any, Any]
) -> Iterator[tuple[Any, str]]:
    """Each claim whose IRI is not made from what it says, with the one that is.

    `written` are literal objects of claims as their files have them: a store writes 2.0 as 2.
    """
    model = json.loads(catalog.tables.read_text(encoding="utf-8"))["model"]
    found = list(ask(_CLAIMS.format_map(model)))
    taken = {row["claim"].value for row in found}
    for row in found:
        value, folder = str(written.get(row["claim"], row["object"])), row["claim"].value.rpartition("/")[0]
        before, behind = ("subject", "relation"), ("basis", "cited", "curator")
        parts = [[getattr(row[name], "value", "") for name in side] for side in (before, behind)]
        iris = [f"{folder}/{each}" for each in names("\n".join([*parts[0], value, *parts[1]]))]
        free = [each for number, each in enumerate(iris) if taken.issuperset(iris[:number])]
        if row["claim"].value not in free:
            yield row["claim"], free[-1]
