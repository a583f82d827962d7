"""Write compact JSON-LD: JSON that can be read without knowing RDF and parses to the same graph.

A context (https://www.w3.org/TR/json-ld11/) maps plain keys to IRIs. It is read from a file, never from the
network, and the part of it that is used is written into the document. Keys are in the order of the context,
nodes in the order given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import pyoxigraph as ox

from policygraph.errors import DocumentError
from policygraph.rdf.namespaces import XSD
from policygraph.rdf.terms import TYPE

_IMPORTING = Lock()
_PART = 32  # nodes; of so few, few terms are relevant


def serialize(quads: Sequence[ox.Quad], *, context: Path) -> bytes:
    """The quads as one JSON-LD document with the context in the file `context`; named graphs stay apart.

    DocumentError when the file holds no valid context. ValueError when the document would not parse to the
    same quads.
    """
    with _IMPORTING:  # of two threads that import it first, at once, one sees a part of it
        from pyld import jsonld

    (terms, inside), nodes = _context(context), _expanded(quads)
    base = terms.get("@base") if isinstance(terms, dict) else None
    below = [word.removeprefix(base) for word in _words(nodes) if word.startswith(base)] if base else []
    if base and (not below or any(":" in word for word in below)):
        # pyld itself, when it reads, takes a relative IRI with a colon for an absolute one.
        terms = {key: term for key, term in terms.items() if key != "@base"}
    options = {"graph": True, "skipExpansion": True, "documentLoader": _refuse_remote}
    try:
        parts = [nodes[start : start + _PART] for start in range(0, len(nodes), _PART)] or [nodes]
        document, *rest = [jsonld.compact(part, _relevant(terms, part, inside), options) for part in parts]
    except jsonld.JsonLdError as error:
        while isinstance(error.__cause__, jsonld.JsonLdError):
            error = error.__cause__
        raise DocumentError(f"This is not a JSON-LD context: {error.args[0]}", path=context) from None
    for part in rest:
        *_, key = part  # @graph or an alias of it
        document[key] += part[key]
    document.pop("@context", None)
    body = _ordered(document, terms if isinstance(terms, dict) else {})
    document = {"@context": _used(terms, body), **body}
    data = (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    try:
        missing = set(quads) - set(ox.parse(data, format=ox.RdfFormat.JSON_LD))
    except SyntaxError as error:
        raise ValueError(f"with the context {context}, {error}") from None
    if missing:
        raise ValueError(f"the context {context} cannot express {min(map(str, missing))}; use another format")
    return data


def _context(path: Path) -> tuple[Any, set[str]]:
    """The context in a file, and the words in it that may be those of its other terms."""
    try:
        return _parsed(path.read_text(encoding="utf-8"), path)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{error.msg}.", path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise DocumentError("This is nested too deep for a context.", path=path) from None
    except UnicodeDecodeError:
        raise DocumentError("This is not UTF-8 text.", path=path) from None
    except OSError as error:
        raise DocumentError(f"This cannot be read: {error.strerror}.", path=path) from None


@lru_cache(8)  # since every page of a site has the same
def _parsed(text: str, path: Path) -> tuple[Any, set[str]]:
    document = json.loads(text)
    if not isinstance(document, dict) or "@context" not in document:
        raise DocumentError('This is not a JSON-LD context; write {"@context": {…}}.', path=path)
    context = document["@context"]
    words = _words([*context.values()] if isinstance(context, dict) else context)
    return context, {word.partition(":")[0] for word in words if "://" not in word}


def _refuse_remote(url: str, _: object) -> NoReturn:
    from pyld.jsonld import JsonLdError

    what = f"A remote context is never fetched; copy the content of {url} into this one."
    raise JsonLdError(what, "remote")


def _expanded(quads: Sequence[ox.Quad]) -> list[dict[str, Any]]:
    """The quads as expanded JSON-LD, with the keyword @type, and JSON's own numbers and booleans."""
    nodes: list[dict[str, Any]] = json.loads(ox.serialize(quads, format=ox.RdfFormat.JSON_LD) or b"[]")
    for node in chain(nodes, *(each.get("@graph", ()) for each in nodes)):
        types = node.pop(TYPE.value, [])
        node |= {"@type": [each["@id"] for each in types if "@id" in each]} if types else {}
        node |= {TYPE.value: literals} if (literals := [each for each in types if "@id" not in each]) else {}
        for values in node.values():
            for value in values if isinstance(values, list) else ():
                if isinstance(value, dict) and "@value" in value:
                    value["@value"] = _native(value["@value"], value.get("@type", ""))
    return nodes


def _native(text: str, datatype: str) -> object:
    """A JSON number or boolean where that is exactly the same literal, else its text."""
    if datatype == f"{XSD}boolean" and text in ("true", "false"):
        return text == "true"
    if datatype == f"{XSD}integer" and re.fullmatch("0|-?[1-9][0-9]{,13}", text):  # exact in JavaScript
        return int(text)
    return text


def _relevant(context: Any, nodes: list[dict[str, Any]], inside: set[str]) -> Any:
    """A context without terms and prefixes for IRIs that the nodes lack: pyld compares each with each IRI."""
    if not isinstance(context, dict):
        return context
    words = _words(nodes)
    starts = {word[: sign.end()] for word in words for sign in re.finditer(r"[:/?#\[\]@]", word)}

    def kept(key: str, term: Any) -> bool:
        plain = isinstance(term, dict) and term.keys() <= {"@id", "@type", "@container"}
        iri = term["@id"] if plain and "@id" in term else term
        return key in inside or not isinstance(iri, str) or "://" not in iri or iri in words or iri in starts

    return {key: term for key, term in context.items() if key.startswith("@") or kept(key, term)}


def _ordered(value: Any, terms: dict[str, Any]) -> Any:
    """The same value with keys in the order of the context, other keys after them alphabetically."""
    places = {key: place for place, key in enumerate(terms)}
    # rdflib ignores a datatype under an alias of @type whose container is @set
    plain = {key for key, term in terms.items() if isinstance(term, dict) and term.get("@id") == "@type"}

    def ordered(value: Any) -> Any:
        if isinstance(value, list):
            return [ordered(each) for each in value]
        if not isinstance(value, dict):
            return value
        pairs = [("@type" if "@value" in value and key in plain else key, it) for key, it in value.items()]
        return {key: ordered(it) for key, it in sorted(pairs, key=place)}

    def place(pair: tuple[str, Any]) -> tuple[int, str]:
        return places.get(pair[0], len(places)), pair[0]

    return ordered(value)


def _used(context: Any, document: Any) -> Any:
    """The part of a context that the document uses, so that a small document has no hundred unused keys."""
    if not isinstance(context, dict):
        return context
    words, size = _words(document), -1
    while len(words) > size:
        size = len(words)
        words |= {word.partition(":")[0] for word in words}  # a CURIE needs its prefix
        kept = {key: value for key, value in context.items() if key in words or key.startswith("@")}
        words |= _words(list(kept.values()))
    return kept


def _words(value: Any) -> set[str]:
    """Every key and every string in a JSON value that may be a term."""
    words, waiting = set[str](), [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            words.add(each)
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            words.update(each)
            waiting += each.values()
    return words
