"""Validate data with SHACL.

pySHACL evaluates the catalogue's shapes (https://www.w3.org/TR/shacl/). `validate` returns a
`ValidationReport`: results for people, with names as in the data file, and the W3C report for machines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, Store as _Oxigraph, parse, serialize

from policygraph.errors import CatalogError
from policygraph.rdf import formats, reader
from policygraph.rdf.namespaces import BASE, PREFIXES, compact
from policygraph.rdf.sparql import tokens
from policygraph.rdf.store import EmbeddedStore
from policygraph.rdf.terms import best_literal
from policygraph.text import table

if TYPE_CHECKING:
    import rdflib

    from policygraph.catalog.catalog import Catalog

_IRI = re.compile(r"<(https?://[^\s<>]+)>|https?://[^\s<>\"]*[^\s<>\".,:;!?)]")
_PREFIXED = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[\w.-]*[\w-])?", re.ASCII)
# Files do not use those of resources and concepts: the local names have slashes, which Turtle would escape.
_PREFIXES = {
    prefix: iri for prefix, iri in PREFIXES.items() if prefix not in ("pgc", "pgdata", "pgid", "pgsource")
}
_TYPE = NamedNode(f"{PREFIXES['rdf']}type")
_DATASET = NamedNode(f"{PREFIXES['dcat']}Dataset")
_IN_DATASET = NamedNode(f"{PREFIXES['void']}inDataset")
# Patterns of the nodes that a target declaration means: https://www.w3.org/TR/shacl/#targets
_TARGETS = {
    "targetNode": "VALUES ?node {{ {} }}",
    "targetClass": "?node a/rdfs:subClassOf* {}",
    "targetSubjectsOf": "?node {} ?value",
    "targetObjectsOf": "?subject {} ?node",
}
_SEVERITIES = ("Violation", "Warning", "Info")


class ValidationResult(NamedTuple):
    """One violation or warning; every field is text for people."""

    severity: str  # "Violation", "Warning" or "Info"
    focus: str  # the focus node
    path: str  # the SPARQL property path; "" when the result is about the node itself
    value: str  # the wrong value; "" when one is missing
    message: str  # how to fix it
    shape: str  # the named shape


@dataclass(frozen=True)
class ValidationReport:
    """The result of a validation: data conform when there is no violation; warnings do not count.

    `graph` is the SHACL validation report (https://www.w3.org/TR/shacl/#validation-report), with the same
    sh:conforms.
    """

    conforms: bool
    results: tuple[ValidationResult, ...]
    graph: EmbeddedStore

    def text(self, *, width: int | None = None) -> str:
        """The report as a table and a verdict, in lines of at most `width` columns."""
        rows = [(each.severity, each.focus, each.message, each.shape) for each in self.results]
        text = table(("severity", "focus node", "message", "shape"), rows, width=width) if rows else ""
        return text + ("The data conform to the shapes.\n" if self.conforms else "The data do not conform.\n")

    def turtle(self) -> bytes:
        """The report as Turtle."""
        return formats.write(self.graph.query("CONSTRUCT WHERE { ?s ?p ?o }"), format="turtle")


def validate(catalog: Catalog, *inputs: str | Path, first: int | None = None) -> ValidationReport:
    """Validate datasets of a catalogue, by name, or RDF files with the catalogue's shapes.

    The other datasets are read as background, so that a thing may be named in one and described in another;
    results are about the inputs only. Without inputs, every dataset is validated. With `first`, the report
    has at most so many results of each shape, and is made sooner where there are many.
    CatalogError for an unknown name, or unusable or no shapes; DocumentError for a file that cannot be read.
    """
    if not catalog.shapes.is_file():
        raise CatalogError(f"This catalogue has no shapes to validate with; write them in {catalog.shapes}.")
    names = [str(each) for each in inputs if _is_name(each, catalog)]
    files = [each for each in inputs if not _is_name(each, catalog)]
    store = catalog.load(*names, files=files)
    if not inputs:
        return check(store, shapes=catalog.shapes, first=first)
    focus = {quad.subject for quad in store}
    described = set(_datasets(store).values())
    everything = catalog.load()
    background = {iri for iri, dataset in _datasets(everything).items() if dataset not in described}
    # Without their self-descriptions, so that a file without one is found out.
    store.add(quad for quad in everything if quad.graph_name in background and quad.object != _DATASET)
    return check(store, shapes=catalog.shapes, focus=focus, first=first)


def _datasets(quads: Iterable[Quad]) -> dict[Any, Any]:
    """The dataset that each graph describes, by the name of the graph."""
    return {q.graph_name: q.subject for q in quads if q.predicate == _TYPE and q.object == _DATASET}


def check(
    quads: Iterable[Quad],
    *,
    shapes: str | Path,
    focus: Set[object] | None = None,
    first: int | None = None,
) -> ValidationReport:
    """Validate a store, or any quads, with the shapes in a file; the quads must include the ontology.

    With `focus`, only these nodes are validated. Shapes can ask for the dataset that describes a
    thing: void:inDataset leads to it from each thing with a type in a graph with a dcat:Dataset.
    CatalogError when the shapes cannot be used, DocumentError when they cannot be read.
    """
    rules = reader.read(shapes)
    import logging

    # Imported late: pySHACL patches rdflib for the whole process.
    from pyshacl import validate as pyshacl
    from pyshacl.graph_abstraction import OxigraphDataGraph
    from rdflib import RDF, SH, Graph

    class DataGraph(OxigraphDataGraph):
        # pySHACL tests the graph for truth again and again, and rdflib would count its triples each time.
        def __bool__(self) -> bool:
            return True

    data = _Oxigraph()
    quads = list(quads)
    data.extend(quads)
    datasets = _datasets(quads)
    typed = (quad for quad in quads if quad.predicate == _TYPE and quad.graph_name in datasets)
    data.extend(Quad(quad.subject, _IN_DATASET, datasets[quad.graph_name]) for quad in typed)
    triples = serialize((quad.triple for quad in rules), format=RdfFormat.N_TRIPLES) or b""
    shacl = Graph().parse(data=triples, format="nt")
    logging.getLogger("pyshacl-validate").disabled = True  # its messages are in the error
    try:
        parts = _narrow(shacl, data, focus, first)
        conforms, graph, text = pyshacl(DataGraph(data), shacl_graph=shacl, allow_warnings=True)
    except (RuntimeError, SyntaxError, ValueError, re.error) as error:
        raise _shapes_error(shapes, str(error)) from error
    if not isinstance(graph, Graph):
        raise _shapes_error(shapes, text)
    for result, part in list(graph.subject_objects(SH.sourceShape)):
        if part in parts:
            graph.set((result, SH.sourceShape, parts[part]))
    report = EmbeddedStore(parse(graph.serialize(format="nt", encoding="utf-8"), format=RdfFormat.N_TRIPLES))
    results = [_result(graph, node, shacl) for node in graph.subjects(RDF.type, SH.ValidationResult)]
    results.sort(key=_sort_key)
    if first is not None:
        shown = Counter[str]()
        results = [each for each in results if shown.update([each.shape]) or shown[each.shape] <= first]
    return ValidationReport(conforms=conforms, results=tuple(results), graph=report)


def _narrow(
    shapes: rdflib.Graph, data: _Oxigraph, focus: Set[object] | None, first: int | None
) -> dict[Any, Any]:
    """Narrow the shapes with targets to the nodes in `focus`, and their SPARQL to those that it finds.

    pySHACL asks the SPARQL of a constraint once for each node. Asked once for all, it takes a fraction of the
    time; the constraint becomes a shape of its own, whose targets are the nodes found. Returned is, for each
    of these, the shape that it is a part of.
    """
    from rdflib import RDF, RDFS, SH, URIRef
    from rdflib.util import from_n3

    def term_of(node: object) -> Any:
        return from_n3(str(node))

    parts: dict[Any, Any] = {}
    targets: dict[Any, list[Any]] = {}
    for triple in shapes:
        implicit = triple[1:] == (RDF.type, RDFS.Class)  # a class that is a shape too
        kind = "targetClass" if implicit else str(triple[1]).removeprefix(str(SH))
        if kind in _TARGETS:
            term = (triple[0] if implicit else triple[2]).n3()
            targets.setdefault(triple[0], []).append((triple, _TARGETS[kind].format(term)))
    for shape, declared in targets.items():
        nodes: set[Any] = set()
        for _, pattern in declared:
            nodes |= _column(data, f"SELECT ?node {{ {pattern} }}", "node")
        if focus is not None:
            nodes &= focus
            for triple, _ in declared:
                shapes.remove(triple)
            for node in nodes:
                shapes.add((shape, SH.targetNode, term_of(node)))
        for constraint in list(shapes.objects(shape, SH.sparql)):
            select = str(shapes.value(constraint, SH.select))
            for declaration in shapes.objects(constraint, SH.prefixes / SH.declare):
                prefix, namespace = (shapes.value(declaration, each) for each in (SH.prefix, SH.namespace))
                select = f"PREFIX {prefix}: <{namespace}> {select}"
            if not _is_for_all(select):
                continue
            try:
                found = _column(data, select, "this")
            except (KeyError, RuntimeError, SyntaxError, ValueError):
                continue  # pySHACL says what is wrong
            if None in found:
                continue  # of such a row, every node is one
            part = URIRef(
                f"urn:part:{len(parts)}"
            )  # a blank node would be spelt out, with its targets, in each result
            shapes.remove((shape, SH.sparql, constraint))
            shapes.add((part, SH.sparql, constraint))
            parts[part] = shape
            for node in sorted(nodes & found, key=str)[:first]:
                shapes.add((part, SH.targetNode, term_of(node)))
            for predicate in (SH.severity, SH.deactivated, SH.message):
                for value in shapes.objects(shape, predicate):
                    shapes.add((part, predicate, value))
    return parts


def _is_for_all(select: str) -> bool:
    """Whether a constraint can be asked once for all nodes: it means the same before $this has a value."""
    groups: list[str] = []  # the brackets that are open: "(", or the word before "{"
    before, selected, bound = "", False, False
    for token in tokens(select):
        word = token[0].replace("?", "$") if token.lastgroup == "variable" else token[0].upper()
        depth = len(groups) - groups.count("(")
        if word in ("{", "("):
            groups.append(before if word == "{" else word)
        elif word in ("}", ")"):
            groups.pop()
        elif word in ("LIMIT", "MINUS", "VALUES", "SERVICE", "$PATH", "$shapesGraph", "$currentShape"):
            return False
        elif word == "SELECT" and depth:
            return False  # it may aggregate over all nodes
        elif word == "$this" and not depth:
            selected = selected or not groups  # else the rows may be of several nodes
        elif word == "$this":
            if depth > 1 and "EXISTS" not in groups and before != "{":
                return False  # in a nested group, unless it begins a pattern there
            if depth == len(groups) == 1:
                bound = True
            elif not bound and {"(", "OPTIONAL", "EXISTS"}.intersection(groups):
                return False  # nothing has bound it yet
        before = word
    return selected


def _column(data: _Oxigraph, query: str, name: str) -> set[Any]:
    rows: Any = data.query(query, prefixes=dict(PREFIXES), use_default_graph_as_union=True)
    return {row[name] for row in rows}


def _is_name(text: str | Path, catalog: Catalog) -> bool:
    """Whether an input is a dataset's name, perhaps misspelt: no existing file, folder or suffix."""
    path = Path(text)
    return str(text) in catalog.datasets or not (path.suffix or path.name != str(text) or path.exists())


def _shapes_error(shapes: str | Path, reason: str) -> CatalogError:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return CatalogError(f"{shapes}: these shapes cannot be used: {_readable(lines[0].rstrip('.'))}.")


def _result(report: rdflib.Graph, node: rdflib.term.Node, shapes: rdflib.Graph) -> ValidationResult:
    from rdflib import SH

    def field(predicate: Any) -> str:
        return _term(report, report.value(node, predicate))

    # pySHACL drops the tag of a message template; untagged text comes after English and before all else.
    message: Any = best_literal(sorted(report.objects(node, SH.resultMessage), key=str), "en")
    focus, value = field(SH.focusNode), field(SH.value)
    return ValidationResult(
        severity=field(SH.resultSeverity).removeprefix("sh:"),
        focus=focus,
        path=field(SH.resultPath),
        value="" if value == focus else value,
        message="" if message is None else _readable(str(message)),
        shape=_term(shapes, _named_shape(shapes, report.value(node, SH.sourceShape))),
    )


def _sort_key(result: ValidationResult) -> tuple[Any, ...]:
    severity = result.severity
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else -1, result


def _named_shape(shapes: rdflib.Graph, shape: Any) -> Any:
    """The named shape that a shape belongs to."""
    from rdflib import BNode

    seen = set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = next(shapes.subjects(None, shape), shape)
    return shape


def _term(graph: rdflib.Graph, term: Any) -> str:
    """A term, or a SHACL path (https://www.w3.org/TR/shacl/#property-paths), as text for people."""
    from rdflib import BNode, URIRef
    from rdflib.extras.shacl import SHACLPathError, parse_shacl_path

    if term is None:
        return ""
    if isinstance(term, URIRef):
        return _name(str(term))
    if not isinstance(term, BNode):
        return str(term)
    try:
        return _readable(parse_shacl_path(graph, term).n3())
    except SHACLPathError:
        return f"_:{term}"


def _readable(message: str) -> str:
    """Write the IRIs in a message as the data file does, so that an author can search for them."""
    return _IRI.sub(lambda match: _name(match[1] or match[0]), message)


def _name(iri: str) -> str:
    """Write an IRI as the catalogue's files do: as a prefixed name, or relative to `BASE`."""
    name = compact(iri, _PREFIXES)
    if name != iri and _PREFIXED.fullmatch(name):
        return name
    return f"<{iri.removeprefix(BASE)}>" if iri.startswith(BASE) else iri
