"""Convert between IRIs and CURIEs by the table of prefixes.

A CURIE (W3C CURIE Syntax 1.0) is `prefix:local`. Unlike in a prefixed name of Turtle, its local part may hold
slashes, so `pgid:xy/plan/growth` is one, and `expand(compact(iri)) == iri` for every IRI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from policygraph.text import tsv

_TABLE = dict(tsv(Path(__file__).parent / "prefixes.tsv"))

MODEL = _TABLE["pg"].removesuffix("ontology#")
"""What the IRIs of the claim model begin with: its terms, concepts and shapes."""

MODELS = ("0.3", "0.4")
"""The versions of the claim model that this package reads."""

Prefixes: TypeAlias = Mapping[str, str]  # namespaces by prefix

_ALL = {**_TABLE, "pgc": f"{MODEL}concept/", "pgs": f"{MODEL}shape/"}
PREFIXES: Prefixes = MappingProxyType(dict(sorted(_ALL.items())))
"""The prefixes that every catalogue has, from `prefixes.tsv`, with those of the claim model."""

XSD = PREFIXES["xsd"]
"""What the IRIs of datatypes begin with."""

# Not allowed in an IRI by RFC 3987 and SPARQL's IRIREF.
_FORBIDDEN = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# Schemes without "//" that are accepted; any other word before a colon is taken for a prefix.
OPAQUE = ("urn:", "tag:", "mailto:", "doi:", "info:")
_MAX_KEPT = 1_000  # characters of an IRI that is remembered: any client of a server may make it up


def expand(name: str, prefixes: Prefixes = PREFIXES, *, base: str = "") -> str:
    """The full IRI of a CURIE (`skos:Concept`), of an IRI, or of either an IRI or a path in angle brackets.

    A path in angle brackets (`<id/xy/plan/growth>`) is relative to `base`, that of a catalogue.
    ValueError, with a sentence for the user that names the nearest prefix, when it is none of these.
    """
    name = name.strip()
    bracketed = name.startswith("<") and name.endswith(">")
    iri = name[1:-1] if bracketed else name
    prefix, colon, local = iri.partition(":")
    if not iri or _FORBIDDEN.search(iri) or not (colon or (bracketed and base)):
        raise ValueError(f"{name!r} is neither an IRI nor a CURIE such as 'skos:Concept'.")
    if bracketed and (base or _SCHEME.match(iri)):
        return iri if _SCHEME.match(iri) else base + iri
    if prefix in prefixes:
        return prefixes[prefix] + local
    if _SCHEME.match(iri) and (local.startswith("//") or iri.lower().startswith(OPAQUE)):
        return iri
    from difflib import get_close_matches

    matches = get_close_matches(prefix, list(prefixes), n=1, cutoff=0.5)
    hint = f" Did you mean '{matches[0]}:{local}'?" if matches else ""
    raise ValueError(f"{name!r} has the unknown prefix {prefix!r}.{hint}")


def compact(iri: str, prefixes: Prefixes = PREFIXES) -> str:
    """The CURIE of an IRI, by the longest namespace that it starts with; without one, the IRI unchanged."""
    find = _compact if len(iri) <= _MAX_KEPT else _compact.__wrapped__
    return find(iri, tuple(prefixes.items()))


@lru_cache(1 << 14)
def _compact(iri: str, prefixes: tuple[tuple[str, str], ...]) -> str:
    best, length = "", 0
    for prefix, namespace in prefixes:
        if len(namespace) > length and iri.startswith(namespace):
            best, length = prefix, len(namespace)
    return f"{best}:{iri[length:]}" if length else iri


def local_name(iri: str) -> str:
    """The part of an IRI behind its last slash or hash, such as the `stated` of `…/basis/stated`."""
    return re.split("[/#]", iri.rstrip("/#"))[-1]


def word(value: object) -> str:
    """Return the last part of a concept's IRI, or a label, in lower case: `stated` for `…/basis/stated`."""
    return "" if value is None else local_name(str(value)).casefold()


_LABELS = ("skos:prefLabel", "rdfs:label", "dct:title", "foaf:name", "vcard:fn", "skos:altLabel")
LABEL_PROPERTIES = tuple(map(expand, _LABELS))
"""The properties that label a resource, the best first; the last is used only for search."""

DESCRIPTION_PROPERTIES = tuple(map(expand, ("skos:definition", "dct:description", "rdfs:comment")))
"""The properties that describe a resource in a sentence or more, the best first."""

_STATEMENT = map(expand, ("rdf:subject", "rdf:predicate", "rdf:object"))
_PROPERTIES = [expand("rdf:type"), *LABEL_PROPERTIES, *DESCRIPTION_PROPERTIES[:-1], *_STATEMENT]


def property_order(iri: str, prefixes: Prefixes = PREFIXES) -> tuple[int, str]:
    """The sort key of a property: types, labels, descriptions, the parts of a reification, then by CURIE."""
    return _PROPERTIES.index(iri) if iri in _PROPERTIES else len(_PROPERTIES), compact(iri, prefixes)
