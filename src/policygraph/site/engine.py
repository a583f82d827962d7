"""Make the files with which a browser answers SPARQL and saved questions where no server does.

The engine is Oxigraph's, in WebAssembly. It runs in a worker over the data as a server has them: each graph,
and in the default graph the RDF merge of all. A question's page holds its query in parts and its form;
labels and links are in a file for each language. Scripts and engine are named by their content, and so found
anew when it changes; the other addresses end with a digest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from policygraph.catalog.parameters import FOUR_DIGITS, NO_YEAR, Parameter, refusal, serialized
from policygraph.catalog.query import Query, best_text
from policygraph.errors import QueryError
from policygraph.rdf.namespaces import compact, expand
from policygraph.rdf.terms import NUMBERS
from policygraph.site import downloads
from policygraph.site.context import OXIGRAPH, SiteContext
from policygraph.site.noted import once
from policygraph.site.rendering import WORKER_POLICY, Page, label
from policygraph.site.urls import relative
from policygraph.store.answer import NOT_STATED
from policygraph.store.sparql import declared, tokens
from policygraph.text import gzipped

FOLDER = "/engine/"
_SCRIPTS, _STATIC = ("client.js", "question.js"), Path(__file__).parent / "static" / "engine"
_DATA, _ENGINE = "all.trig.gz", ("web.js", "web_bg.wasm.gz")
_NAMED = "SELECT DISTINCT ?x { { ?x ?p ?o } UNION { ?s ?x ?o } UNION { ?s ?p ?x } FILTER(isIRI(?x)) }"


def documents(context: SiteContext) -> Mapping[str, Callable[[], Page]]:
    """What makes each file, by path; none where browsers answer nothing."""
    if not context.in_browser:
        return {}
    makers = {_DATA: lambda: _page(_data(context))}
    for each in context.languages:
        makers[_labels_name(context, each)] = partial(_labels_page, context, each)
    makers |= {name: partial(_page, _short(_STATIC / name)) for name in _SCRIPTS}
    makers |= {name: partial(_page, body, WORKER_POLICY) for name, body in _hashed(context).items()}
    return {FOLDER + name: make for name, make in makers.items()}


def sources(context: SiteContext, language: str) -> dict[str, Any]:
    """What a page names to its script: the files to load, as from the folder's, and their size in bytes."""
    worker, engine, wasm = _hashed(context)
    labels = _labels_name(context, language), *_measured(context, language)
    loaded = {"data": (_DATA, *_measured(context, "")), "labels": labels}
    files = {key: f"{name}?{digest}" for key, (name, digest, _) in loaded.items()}
    size = sum(map(len, _hashed(context).values())) + sum(each[-1] for each in loaded.values())
    return {"worker": worker, "engine": engine, "wasm": wasm, **files, "size": size}


def terms(context: SiteContext, language: str) -> dict[str, Any]:
    """What the script of the SPARQL page needs: the prefixes, classes and properties in use, the files."""
    used = {"class": "?s a ?x FILTER(isIRI(?x))", "property": "?s ?x ?o"}
    known = {kind: context.column(f"SELECT DISTINCT ?x {{ {of} }} ORDER BY ?x") for kind, of in used.items()}
    return {**_known(context, language), **known}


def _known(context: SiteContext, language: str) -> dict[str, Any]:
    """By what scripts shorten an IRI, and find its page."""
    return {"prefixes": context.prefixes, "base": context.base, "tag": f"{context.urls.tag(language)}.html"}


def question(context: SiteContext, query: Query, language: str, **values: Any) -> dict[str, Any]:
    """What the script of a saved question's page needs, with `values`: the query in parts, how to read it."""
    return {
        "parts": query.parts(),
        "labelled": context.catalog.saved("labels").parts(),
        "counted": {name: context.catalog.saved(name).parts() for name in sorted(query.counted)},
        "fields": {name: _field(each) for name, each in query.parameters.items()},
        "localised": query.localised,
        "unstated": query.unstated,
        "finding": best_text(query.findings, language)[0],
        "absent": NOT_STATED.value,
        "numbers": sorted(NUMBERS),
        **values,
    }


def _field(parameter: Parameter) -> dict[str, Any]:
    """How a value becomes a term: what it is an instance or a literal of, and why it takes no other."""
    is_year = parameter.kind == "xsd:gYear"
    return {
        "kind": parameter.iri or expand(parameter.kind),
        "thing": bool(parameter.iri),
        "default": [serialized(term) for term in parameter.default],
        "pattern": FOUR_DIGITS if is_year else r"[\s\S]*",
        "refused": str(refusal(parameter, "{value}", NO_YEAR if is_year else "")),
        "needed": str(refusal(parameter, "", "It needs a value.")) if parameter.default else "",
    }


@once
def _hashed(context: SiteContext) -> Mapping[str, bytes]:
    """The worker's script, the engine's and the engine, by names that change with them."""
    bodies = [_short(_STATIC / "worker.js"), *((OXIGRAPH / name).read_bytes() for name in _ENGINE)]
    names = ("worker-{}.js", "engine-{}.js", "engine-{}.wasm.gz")
    return {name.format(_digest(body)): body for name, body in zip(names, bodies, strict=True)}


@partial(once, stored=True)
def _measured(context: SiteContext, language: str) -> tuple[str, int]:
    """The digest and the size of the labels in a language, or for "" of the data."""
    body = _labels(context, language) if language else _data(context)
    return _digest(body), len(body)


@once
def _data(context: SiteContext) -> bytes:
    return gzipped(downloads.everything(context))


@once
def _labels(context: SiteContext, language: str) -> bytes:
    """The label of each IRI in the data, its language and its page here; and the prefixes.

    Of those with their CURIE as label and the usual page, which is 1, only those with a fragment are in it.
    A label is a list of places in `texts`, since many consist of others.
    """
    places: dict[str, int] = {}
    found, own = {}, _known(context, language)
    written = {NOT_STATED.value}  # by questions, as part of their answers
    for query in context.catalog.queries.values():
        known = {**context.prefixes, **declared(query.text)}
        names = (each[0] for each in tokens(query.text) if each.lastgroup == "name" and each[0][-1] != ":")
        try:
            written |= {expand(name, known) for name in names}
        except ValueError as error:
            raise QueryError(str(error), path=query.path) from None
    for iri in sorted({*context.column(_NAMED), *written}):
        text, other = label(context, iri, language)
        here = context.urls.is_here(iri) and context.urls.of(iri, language, lambda to: relative(to, "/x"))
        stem, sharp, part = iri.removeprefix(context.base).partition("#")
        usual = re.sub("^id/", "doc/", stem) + own["tag"] + sharp + part
        page, other = here or 0 if here != usual else 1, other if other != language else ""
        if part or (text, other, page) != (
            compact(iri, context.prefixes),
            "",
            int(iri.startswith(context.base)),
        ):
            found[iri] = [[places.setdefault(part, len(places)) for part in text.split(" · ")], other, page]
    packed = {"texts": [*places], "iris": found, **own}
    return gzipped(json.dumps(packed, ensure_ascii=False, separators=(",", ":")).encode())


def _labels_name(context: SiteContext, language: str) -> str:
    return f"labels{context.urls.tag(language)}.json.gz"


def _labels_page(context: SiteContext, language: str) -> Page:
    return _page(_labels(context, language))


def _short(script: Path) -> bytes:
    """A script of ours without comments and indentation."""
    return re.sub(rb"(?m)^ *//.*\n|^ +", b"", script.read_bytes())


def _page(body: bytes, policy: str = "") -> Page:
    packed = body.startswith(b"\x1f\x8b")
    return Page(body, "application/gzip" if packed else "text/javascript", policy=policy)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()[:12]
