"""Check an ontology, its concepts and its datasets against a quality checklist.

The checks are those of FOOPS! (https://w3id.org/foops), OOPS! (https://oops.linkeddata.es), SKOS, five-star
open data and Data on the Web Best Practices (https://www.w3.org/TR/dwbp/). A check is a SPARQL file in
`ontology_rules/`: each row is one resource examined, and `?fault` says what is wrong with it. What SPARQL
cannot express is below; what files cannot decide is listed.

Queries use what `_load` writes into a graph of its own: what the files are, which terms and namespaces are
the catalogue's own, and which terms other vocabularies define, as far as rdflib ships them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.errors import QueryError, nearest
from policygraph.rdf import reader
from policygraph.rdf.namespaces import compact, expand
from policygraph.rdf.terms import TYPE, canonical
from policygraph.store.answer import Answer
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import triples
from policygraph.text import natural, table, tsv

_FOLDER = Path(__file__).parent / "ontology_rules"
_MARKING = Path(__file__).parent / "ontology_marks.rq"
_CHECK = "urn:policygraph:check:"
_MARKS = ox.NamedNode(f"{_CHECK}marks")
# Terms newer than rdflib's lists: DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), schema.org.
_DCAT_3 = (
    "DatasetSeries first hasCurrentVersion hasVersion inSeries last prev previousVersion resource version"
)
_NEWER_TERMS = {expand("dcat:"): _DCAT_3, expand("schema:"): "StatisticalVariable"}
RESULTS = ("passed", "failed", "not checked", "not applicable")


class CheckResult(NamedTuple):
    """The result of one check.

    `result` is "passed", "failed", "not applicable" (nothing to examine, or files cannot decide it) or
    "not checked" (not decidable with what is installed).
    """

    check: str
    asks: str
    result: str
    seen: int = 0  # the number of resources examined
    faults: tuple[str, ...] = ()  # names the faulty ones
    note: str = ""  # explains the result


_Found: TypeAlias = Iterator[tuple[str, str | None]]  # each resource examined; without a fault it passes


def assess(catalog: Catalog, *checks: str) -> tuple[CheckResult, ...]:
    """Run checks, by their ids, or all of them on a catalogue.

    QueryError for an unknown id; DocumentError and CatalogError when a file of the catalogue cannot be used.
    """
    for check in checks:
        if check not in CHECKS:
            raise QueryError(f"there is no check {check!r}.{nearest(check, CHECKS)}")
    store = _load(catalog)
    return tuple(_run(name, catalog, store) for name in CHECKS if not checks or name in checks)


def format_results(results: Sequence[CheckResult], *, width: int | None = None) -> str:
    """Format results as a table and their counts, in lines of at most `width` columns."""
    rows = []
    for each in results:
        faults = [*each.faults[:5], *([f"and {len(each.faults) - 5} more"] if len(each.faults) > 5 else [])]
        findings = "; ".join([*([each.note] if each.note else []), *faults])
        rows.append((each.check, each.asks, each.result, f"{each.seen:,}" if each.seen else "", findings))
    head = ("check", "requirement", "result", "examined", "findings")
    text = table(head, rows, width=width, right=(False, False, False, True, False))
    counts = [f"{sum(each.result == result for each in results)} {result}" for result in RESULTS]
    return f"{text}{len(rows)} checks: {', '.join(counts)}.\n"


def _load(catalog: Catalog) -> EmbeddedStore:
    store = catalog.load()
    kinds = {catalog.graph(path): "Vocabulary" for path in _own(catalog, catalog.ontology)}
    kinds |= {dataset.iri: "Data" for dataset in catalog.datasets.values()}
    for path in _own(catalog, catalog.shapes):
        quads = reader.read(path, graph=catalog.graph(path))
        store.add(quads)
        kinds |= {catalog.graph(path): "Shapes"} if quads else {}
    store.add(_mark(graph, kind) for graph, own in kinds.items() for kind in (own, "Document"))
    store.add([ox.Quad(s, p, o, _MARKS) for s, p, o in triples(store, Query.read(_MARKING).text)])
    for iri, terms in _known_terms().items():
        store.add(_mark(term, "Known") for term in terms)
        store.add([ox.Quad(ox.NamedNode(iri), ox.NamedNode(f"{_CHECK}lists"), ox.Literal(iri), _MARKS)])
    return store


def _own(catalog: Catalog, paths: Iterable[Path]) -> list[Path]:
    """Those of the files that are examined: in the catalogue's own ontology, or else this package's."""
    return [path for path in paths if path.parent == catalog.vocabulary[-1]]


def _mark(iri: str, kind: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(iri), TYPE, ox.NamedNode(_CHECK + kind), _MARKS)


@cache
def _known_terms() -> Mapping[str, tuple[str, ...]]:
    """The terms of the vocabularies that rdflib ships, by their namespaces."""
    from rdflib import namespace

    terms: dict[str, tuple[str, ...]] = {}
    for name in namespace.__all__:
        each = getattr(namespace, name)
        if isinstance(each, type(namespace.DefinedNamespace)) and each is not namespace.DefinedNamespace:
            iri = str(each._NS)
            # `_extras` holds names that are no Python identifiers, such as sh:class.
            others = (*each._extras, *_NEWER_TERMS.get(iri, "").split())
            terms[iri] = (*map(str, dir(each)), *(iri + local for local in others))
    return terms


def _run(name: str, catalog: Catalog, store: EmbeddedStore) -> CheckResult:
    """Run a check: a function or else a SPARQL file, unless files cannot decide it."""
    if name in _ELSEWHERE:
        asks, why = _ELSEWHERE[name]
        return CheckResult(name, asks, "not applicable", note=why)
    partial = False
    if name in _FUNCTIONS:
        asks, examine = _FUNCTIONS[name]
        rows = [{"thing": thing, "fault": fault or ""} for thing, fault in examine(catalog)]
    else:
        query = Query.read(_FOLDER / f"{name}.rq")
        asks, partial, answer = query.summary, "partial" in query.tags, Answer(store.query(query.text))
        rows = [{column: str(value or "") for column, value in row.items()} for row in answer]
    known, base = catalog.settings.prefixes, catalog.settings.base
    found = {f"{row['thing']} {row['fault']}" for row in rows if row.get("fault")}
    written = sorted([compact(word, known) for word in each.split(" ")] for each in found)
    # What has no prefix, as the catalogue's files write it.
    faults = [
        [f"<{it.removeprefix(base)}>" if it.startswith(base) else it for it in each] for each in written
    ]
    notes = sorted({row["note"] for row in rows if row.get("note")})
    result = "failed" if faults else "passed" if rows else "not applicable"
    note = "; ".join(notes) if rows else "nothing to examine"
    result = "not checked" if partial and rows else result
    return CheckResult(name, asks, result, len(rows), tuple(map(" ".join, faults)), note)


def _syntaxes(catalog: Catalog) -> _Found:
    for path in _own(catalog, catalog.ontology):
        triples = [quad.triple for quad in reader.read(path)]
        # RDF/XML names elements by the end of a property's IRI; Oxigraph, unlike others, accepts any IRI.
        nameable = all(re.search(r"[^\W\d][\w.-]*$", triple.predicate.value) for triple in triples)
        for syntax in (ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):
            copies = ox.parse(ox.serialize(triples, format=syntax) or b"", format=syntax)
            same = canonical(copies) == canonical(triples)
            same = same and (nameable or syntax != ox.RdfFormat.RDF_XML)
            yield path.name, None if same else f"cannot be written as {syntax.name}"


def _base_namespace(catalog: Catalog) -> _Found:
    for path in _own(catalog, catalog.ontology):
        reader = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE)
        next(reader, None)  # declarations are read with the first triple
        declared = reader.base_iri or "" in reader.prefixes
        yield path.name, None if declared else "declares neither"


def _open_format(catalog: Catalog) -> _Found:
    folders = (catalog.vocabulary[-1], *catalog.folders)
    for path in sorted(path for folder in folders for path in folder.glob("*") if path.is_file()):
        if not path.name.startswith("."):
            is_open = path.suffix.lower() not in (".xls", ".xlsx", ".doc", ".docx", ".mdb", ".pdf", ".sav")
            yield path.name, None if is_open else "is in a proprietary format"


_FUNCTIONS: Mapping[str, tuple[str, Callable[[Catalog], _Found]]] = {
    "P39-base-namespace": ("Every ontology file declares a base or a default namespace", _base_namespace),
    "RDF1-syntaxes": ("Every ontology file reads the same as Turtle, RDF/XML and JSON-LD", _syntaxes),
    "STAR3-open-format": ("Every file is in an open format", _open_format),
}
_ELSEWHERE = {name: (asks, why) for name, asks, why in tsv(_FOLDER / "elsewhere.tsv")}

CHECKS = sorted([*_FUNCTIONS, *_ELSEWHERE, *(path.stem for path in _FOLDER.glob("*.rq"))], key=natural)
"""The checks by id."""
