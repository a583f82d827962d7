"""Whether data meet the catalogue's shapes, and what to mend where they do not.

The shapes are in SHACL (https://www.w3.org/TR/shacl/), and pySHACL reads them. `validate` answers with a
`ValidationReport`: results for people, who find in them the names that stand in their file, and the W3C validation
report for machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Quad, RdfFormat, parse, serialize
from pyoxigraph import Store as _Oxigraph

from policygraph.errors import CatalogError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, PREFIXES, compact
from policygraph.rdf.store import EmbeddedStore

if TYPE_CHECKING:
    import rdflib

    from policygraph.catalog.catalog import Catalog

_IRI = re.compile(r"<(https?://[^\s<>]+)>|https?://[^\s<>\"]*[^\s<>\".,:;!?)]")
_PREFIXED = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[\w.-]*[\w-])?", re.ASCII)
# Those of things and concepts are not used in files: what follows has slashes, which Turtle would escape.
_PREFIXES = {
    prefix: iri for prefix, iri in PREFIXES.items() if prefix not in ("pgc", "pgdata", "pgid", "pgsource")
}
_SEVERITIES = ("Violation", "Warning", "Info")


class ValidationResult(NamedTuple):
    """One thing to mend, or to know; every field is text for people."""

    severity: str  # "Violation", "Warning" or "Info"
    focus: str  # what it is about
    path: str  # the property, as a SPARQL property path; "" when it is about the thing as a whole
    value: str  # the value that is wrong; "" when one is lacking
    message: str  # what to do
    shape: str  # the named shape that asks for it


@dataclass(frozen=True)
class ValidationReport:
    """What validation found: it conforms when there is no violation; warnings are listed, and do not count.

    `graph` is the SHACL validation report (https://www.w3.org/TR/shacl/#validation-report), whose sh:conforms
    says the same as `conforms`.
    """

    conforms: bool
    results: tuple[ValidationResult, ...]
    graph: EmbeddedStore


def validate(catalog: Catalog, *wanted: str | Path) -> ValidationReport:
    """Whether datasets of a catalogue, by their names, or RDF files meet the catalogue's shapes.

    What is wanted is seen as one graph, together with the ontology; nothing wanted means every dataset.
    CatalogError for an unknown name and for shapes that cannot be used; DocumentError for an unsound file.
    """
    names = [str(each) for each in wanted if _is_name(each, catalog)]
    files = [each for each in wanted if not _is_name(each, catalog)]
    return check(catalog.load(*names, files=files), shapes=catalog.shapes)


def check(quads: Iterable[Quad], *, shapes: str | Path) -> ValidationReport:
    """Whether a store, or any quads, meet the shapes in a file; the ontology must be among the quads.

    CatalogError when the shapes cannot be used, DocumentError when they cannot be read.
    """
    rules = reader.read(shapes)
    import logging

    # pySHACL changes rdflib for the whole process, so it waits until it is asked.
    from pyshacl import validate as pyshacl
    from pyshacl.graph_abstraction import OxigraphDataGraph
    from rdflib import RDF, SH, Graph

    class DataGraph(OxigraphDataGraph):
        # pySHACL asks at every turn whether there is a graph, and rdflib would count its triples each time.
        def __bool__(self) -> bool:
            return True

    data = _Oxigraph()
    data.extend(quads)
    shacl = Graph().parse(data=_ntriples(rules), format="nt")
    logging.getLogger("pyshacl-validate").disabled = True  # what it would say is in the error
    try:
        conforms, found, text = pyshacl(DataGraph(data), shacl_graph=shacl, allow_warnings=True)
    except (RuntimeError, SyntaxError, ValueError, re.error) as error:
        raise _unusable(shapes, str(error)) from error
    if not isinstance(found, Graph):
        raise _unusable(shapes, text)
    report = EmbeddedStore(parse(found.serialize(format="nt", encoding="utf-8"), format=RdfFormat.N_TRIPLES))
    results = [_result(found, node, shacl) for node in found.subjects(RDF.type, SH.ValidationResult)]
    return ValidationReport(conforms=conforms, results=tuple(sorted(results, key=_order)), graph=report)


def _is_name(wanted: str | Path, catalog: Catalog) -> bool:
    """Whether a dataset is meant; a word that is neither one nor looks like a file is a misspelt name."""
    path = Path(wanted)
    return str(wanted) in catalog.datasets or not (path.suffix or path.name != str(wanted) or path.exists())


def _ntriples(quads: Iterable[Quad]) -> bytes:
    return serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""


def _unusable(shapes: str | Path, reason: str) -> CatalogError:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return CatalogError(f"{shapes}: these shapes cannot be used: {_readable(lines[0].rstrip('.'))}.")


def _result(report: rdflib.Graph, node: rdflib.term.Node, shapes: rdflib.Graph) -> ValidationResult:
    from rdflib import SH

    def one(predicate: Any) -> str:
        return _term(report, report.value(node, predicate))

    messages = sorted(report.objects(node, SH.resultMessage), key=lambda m: (_language(m) != "en", str(m)))
    focus, value = one(SH.focusNode), one(SH.value)
    return ValidationResult(
        severity=one(SH.resultSeverity).removeprefix("sh:"),
        focus=focus,
        path=one(SH.resultPath),
        value="" if value == focus else value,
        message=_readable(str(messages[0])) if messages else "",
        shape=_term(shapes, _named(shapes, report.value(node, SH.sourceShape))),
    )


def _order(result: ValidationResult) -> tuple[Any, ...]:
    severity = result.severity
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else -1, result


def _language(message: Any) -> str:
    return getattr(message, "language", None) or "en"  # pySHACL drops the tag of a message that it fills in


def _named(shapes: rdflib.Graph, shape: Any) -> Any:
    """The named shape that a shape is part of."""
    from rdflib import BNode

    seen = set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = next(shapes.subjects(None, shape), shape)
    return shape


def _term(graph: rdflib.Graph, term: Any) -> str:
    """A term, or a SHACL path (https://www.w3.org/TR/shacl/#property-paths), as text for people."""
    from rdflib import RDF, SH, BNode, URIRef

    if term is None:
        return ""
    if isinstance(term, URIRef):
        return _name(str(term))
    if not isinstance(term, BNode):
        return str(term)
    if (term, RDF.first, None) in graph:
        return "/".join(_term(graph, step) for step in graph.items(term))
    for kind, form in (
        (SH.inversePath, "^{}"),
        (SH.zeroOrMorePath, "{}*"),
        (SH.oneOrMorePath, "{}+"),
        (SH.zeroOrOnePath, "{}?"),
    ):
        if (inner := graph.value(term, kind)) is not None:
            return form.format(_term(graph, inner))
    if (choices := graph.value(term, SH.alternativePath)) is not None:
        return f"({'|'.join(_term(graph, choice) for choice in graph.items(choices))})"
    return f"_:{term}"


def _readable(message: str) -> str:
    """A message with the IRIs in it as they stand in the file, where an author looks for them."""
    return _IRI.sub(lambda found: _name(found[1] or found[0]), message)


def _name(iri: str) -> str:
    """An IRI as the catalogue's files write it: a prefixed name, or relative to `BASE`."""
    name = compact(iri, _PREFIXES)
    if name != iri and _PREFIXED.fullmatch(name):
        return name
    return f"<{iri.removeprefix(BASE)}>" if iri.startswith(BASE) else iri
