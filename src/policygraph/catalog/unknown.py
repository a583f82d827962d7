"""Tell which IRIs and languages of a query occur nowhere in a store, the usual reason for an empty answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policygraph.errors import nearest
from policygraph.rdf.namespaces import PREFIXES, compact
from policygraph.rdf.sparql import tokens
from policygraph.rdf.store import Store, batches, rows

_OCCURS = "{ %s ?p1 ?o1 } UNION { ?s2 %s ?o2 } UNION { ?s3 ?p3 %s } UNION { GRAPH %s { ?s4 ?p4 ?o4 } }"
_UNUSED = (
    f"SELECT ?x {{ VALUES ?x {{ %s }} FILTER NOT EXISTS {{ {_OCCURS.replace('%s', '?x')} }} }} ORDER BY ?x"
)
_ALIKE = (
    "SELECT DISTINCT ?x { { ?x ?p1 ?o1 } UNION { ?s2 ?x ?o2 } UNION { ?s3 ?p3 ?x } "
    'FILTER(isIRI(?x) && STRSTARTS(STR(?x), "%s")) }'
)
_TAGS = "SELECT DISTINCT (LCASE(LANG(?o)) AS ?tag) { ?s ?p ?o FILTER(isLiteral(?o) && LANG(?o) != '') }"
_LANGUAGE = re.compile(
    r"""\bLANG(?:MATCHES)?\s*\([^()]*(?:\([^()]*\)\s*)?[=,)\s]+["']([A-Za-z]+(?:-\w+)*)["']""", re.IGNORECASE
)


def unknown(store: Store, text: str) -> list[str]:
    """A sentence for each IRI and language tag of a query that the store does not have, with the nearest."""
    iris = dict.fromkeys(_iris(text))
    sentences = []
    for few in batches([*iris]):
        for row in rows(store, _UNUSED % few):
            name, iri = compact(row["x"].value), row["x"].value
            namespace = iri[: -len(name.partition(":")[2])] if name != iri else re.sub("[^/#]*$", "", iri)
            known = [compact(other["x"].value) for other in rows(store, _ALIKE % namespace)]
            sentences.append(f"{name} is used nowhere.{nearest(name, known)}")
    tags = {token[0][1:] for token in tokens(text) if token.lastgroup == "tag"}
    tags |= set(_LANGUAGE.findall(text))
    if tags:
        known = sorted(row["tag"].value for row in rows(store, _TAGS))
        for tag in sorted(tags):
            if not any(f"{each}-".startswith(f"{tag.lower()}-") for each in known):
                sentences.append(f"No text is in the language {tag!r}; there are: {', '.join(known)}.")
    return sentences


def _iris(text: str) -> Iterator[str]:
    """The absolute IRIs that a query names, except those of functions, datatypes and prefixes."""
    prefixes = dict(PREFIXES)
    found = [token for token in tokens(text) if token.lastgroup != "comment"]
    for place, token in enumerate(found):
        word, before = token[0], found[place - 1][0].upper() if place else ""
        after = found[place + 1][0] if place + 1 < len(found) else ""
        if token.lastgroup == "name" and before == "PREFIX":
            prefixes[word[:-1]] = after[1:-1]
        elif (
            before in ("^", "BASE") or after == "(" or (place > 1 and found[place - 2][0].upper() == "PREFIX")
        ):
            continue
        elif token.lastgroup == "iri" and re.match(r"<\w[\w+.-]*:", word):
            yield word[1:-1]
        elif token.lastgroup == "name" and (prefix := word.partition(":")[0]) in prefixes:
            yield prefixes[prefix] + re.sub(r"\\(.)", r"\1", word.partition(":")[2])
