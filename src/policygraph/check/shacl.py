"""Validate data with SHACL.

pySHACL evaluates the catalogue's shapes (https://www.w3.org/TR/shacl/). `validate` returns a
`ValidationReport`: results for people, with names as in the data file, and the W3C report for machines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store as _Oxigraph, parse, serialize

from policygraph.errors import CatalogError
from policygraph.rdf import formats, reader
from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact
from policygraph.rdf.terms import TYPE, best_literal, term
from policygraph.store.memory import EmbeddedStore
from policygraph.store.sparql import tokens
from policygraph.text import table

if TYPE_CHECKING:
    import rdflib

    from policygraph.catalog.catalog import Catalog

_IRI = re.compile(r"<(https?://[^\s<>]+)>|https?://[^\s<>\"]*[^\s<>\".,:;!?)]")
_PREFIXED = re.compile(r"[a-z]+:[A-Za-z0-9_](?:[\w.-]*[\w-])?", re.ASCII)
# Files do not use those of resources and concepts: the local names have slashes, which Turtle would escape.
_PREFIXES = {prefix: iri for prefix, iri in PREFIXES.items() if prefix != "pgc"}
_DATASET, _IN_DATASET, _RESULT, _CONFORMS = map(
    term, ("dcat:Dataset", "void:inDataset", "sh:result", "sh:conforms")
)
# Patterns of the nodes that a target declaration means: https://www.w3.org/TR/shacl/#targets
_TARGETS = {
    "targetNode": "VALUES ?node {{ {} }}",
    "targetClass": "?node a/rdfs:subClassOf* {}",
    "targetSubjectsOf": "?node {} ?value",
    "targetObjectsOf": "?subject {} ?node",
}
_VARIABLE = re.compile(r"\{[?$](\w+)\}")  # in a message
_PART = "urn:part"  # from a shape to the property shapes that got targets of their own
_Ask = Callable[[str], Any]  # of the data
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
    sh:conforms; it is made when it is first asked for, since it takes far more memory than the results.
    """

    conforms: bool
    results: tuple[ValidationResult, ...]
    _made: Callable[[], EmbeddedStore] = field(repr=False)

    @cached_property
    def graph(self) -> EmbeddedStore:
        return self._made()

    def text(self, *, width: int | None = None) -> str:
        """The report as a table and a verdict, in lines of at most `width` columns."""
        rows = [(each.severity, each.focus, each.message, each.shape) for each in self.results]
        text = table(("severity", "focus node", "message", "shape"), rows, width=width) if rows else ""
        return text + ("The data conform to the shapes.\n" if self.conforms else "The data do not conform.\n")

    def turtle(self) -> bytes:
        """The report as Turtle."""
        return formats.write(self.graph, format="turtle", prefixes=self.graph.curies)


def validate(catalog: Catalog, *inputs: str | Path, first: int | None = None) -> ValidationReport:
    """Validate datasets of a catalogue, by name, or RDF files with the catalogue's shapes.

    The other datasets are read as background, so that a thing may be named in one and described in another;
    results are about the inputs only. Without inputs, every dataset is validated. With `first`, the report
    has at most so many results of each shape, and is made sooner where there are many.
    CatalogError for an unknown name, or unusable shapes; DocumentError for a file that cannot be read.
    """
    names = [str(each) for each in inputs if _is_name(each, catalog)]
    files = [each for each in inputs if not _is_name(each, catalog)]
    data, focus = _Data(catalog.settings.prefixes), None
    for quads in catalog.batches(*names, files=files, holds=lambda text: bool(data.ask(text))):
        data.add(quads)
    if inputs:
        focus = {quad.subject for quad in data.store}
        # Read twice, since a dataset may be described at the end of its file.
        datasets = _datasets(quad for quads in catalog.batches() for quad in quads)
        background = {graph for graph in datasets if datasets[graph] not in data.datasets.values()}
        for quads in catalog.batches():
            # Without their self-descriptions, so that a file without one is found out.
            data.add(quad for quad in quads if quad.graph_name in background and quad.object != _DATASET)
    return _check(data, shapes=catalog.shapes, focus=focus, first=first, base=catalog.settings.base)


def _datasets(quads: Iterable[Quad]) -> dict[Any, Any]:
    """The dataset that each graph describes, the first of several, by the name of the graph."""
    found: dict[Any, Any] = {}
    for quad in quads:
        if quad.predicate == TYPE and quad.object == _DATASET:
            found.setdefault(quad.graph_name, quad.subject)
    return found


class _Data:
    """What is validated, all in one graph, which queries join sooner than a union."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.store, self.prefixes = _Oxigraph(), dict(prefixes)
        self.datasets: dict[Any, Any] = {}  # as of `_datasets`
        self.typed: dict[Any, set[Any]] = {}  # the things with a type in each graph

    def ask(self, query: str) -> Any:
        return self.store.query(query, prefixes=self.prefixes)

    def add(self, quads: Iterable[Quad]) -> None:
        self.store.extend(map(self._merged, quads))

    def _merged(self, quad: Quad) -> Quad:
        if quad.predicate == TYPE:
            self.typed.setdefault(quad.graph_name, set()).add(quad.subject)
            self.datasets = _datasets([quad]) | self.datasets
        return Quad(*quad.triple)


def check(
    quads: Iterable[Quad],
    *,
    shapes: str | Path | Sequence[Path],
    focus: Set[object] | None = None,
    first: int | None = None,
    base: str = "",
) -> ValidationReport:
    """Validate a store, or any quads, with the shapes in files; the quads must include the ontology.

    With `focus`, only these nodes are validated. Shapes can ask for the dataset that describes a
    thing: void:inDataset leads to it from each thing with a type in a graph with a dcat:Dataset.
    CatalogError when the shapes cannot be used, DocumentError when they cannot be read.
    """
    data = _Data(getattr(quads, "curies", PREFIXES))
    data.add(quads)
    paths = [shapes] if isinstance(shapes, str | Path) else shapes
    return _check(data, shapes=paths, focus=focus, first=first, base=base or getattr(quads, "base", ""))


def _check(
    data: _Data, *, shapes: Sequence[str | Path], focus: Set[object] | None, first: int | None, base: str
) -> ValidationReport:
    rules = [quad for path in shapes for quad in reader.read(path)]
    import logging

    # Imported late: pySHACL patches rdflib for the whole process.
    from pyshacl import validate as pyshacl
    from pyshacl.graph_abstraction import OxigraphDataGraph, to_ox, to_rdf
    from rdflib import RDF, SH, Graph, URIRef

    targets: dict[Any, Set[Any]] = {}

    class DataGraph(OxigraphDataGraph):
        # pySHACL tests the graph for truth again and again, and rdflib would count its triples each time.
        def __bool__(self) -> bool:
            return True

        def subject_objects(self, predicate: Any = None, unique: bool = False) -> Any:
            if predicate in targets:
                return ((to_rdf(node), None) for node in targets[predicate])
            return super().subject_objects(predicate, unique)

    @cache  # of the shapes, many have the same targets
    def find(patterns: str) -> Set[Any]:
        found = (row["node"] for row in data.ask(f"SELECT ?node {{ {patterns} }}"))
        return {node for node in found if focus is None or node in focus}

    for graph, dataset in data.datasets.items():
        data.store.extend(Quad(thing, _IN_DATASET, dataset) for thing in data.typed[graph])
    data.typed = {}
    triples = serialize((quad.triple for quad in rules), format=RdfFormat.N_TRIPLES) or b""
    shacl = Graph().parse(data=triples, format="nt")
    logging.getLogger("pyshacl-validate").disabled = True  # its messages are in the error
    asked: list[Callable[[], Iterator[list[Quad]]]] = []  # give results
    try:
        for shape, patterns in _targets(shacl).items():
            key = URIRef(f"urn:targets:{len(targets)}")
            targets[key] = find(patterns)
            asked += _prepare(shacl, data.ask, shape, targets[key], key, first)
        _, graph, text = pyshacl(DataGraph(data.store), shacl_graph=shacl, allow_warnings=True)
    except (RuntimeError, SyntaxError, ValueError, re.error) as error:
        raise _shapes_error(shapes, str(error)) from error
    if not isinstance(graph, Graph):
        raise _shapes_error(shapes, text)
    for ours in (SH.targetSubjectsOf, URIRef(_PART), SH.conforms):
        graph.remove((None, ours, None))
    root, found = graph.value(None, RDF.type, SH.ValidationReport), graph.objects(None, SH.result)
    theirs = ([Quad(*map(to_ox, triple)) for triple in graph.triples((each, None, None))] for each in found)
    each = chain(theirs, *(answers() for answers in asked))
    results = sorted(_results(each, graph, shacl, base), key=_sort_key)
    conforms = all(result.severity in _SEVERITIES[1:] for result in results)
    if first is not None:
        shown = Counter[str]()
        results = [each for each in results if shown.update([each.shape]) or shown[each.shape] <= first]
    triples = graph.serialize(format="nt", encoding="utf-8")  # smaller than a graph of rdflib

    def made() -> EmbeddedStore:
        report, node = EmbeddedStore(prefixes=data.prefixes), to_ox(root)
        report.add([*parse(triples, format=RdfFormat.N_TRIPLES), Quad(node, _CONFORMS, Literal(conforms))])
        for about in chain(*(answers() for answers in asked)):
            report.add([Quad(node, _RESULT, about[0].subject), *about])
        return report

    return ValidationReport(conforms, tuple(results), made)


def _results(
    found: Iterable[list[Quad]], graph: rdflib.Graph, shapes: rdflib.Graph, base: str
) -> Iterator[ValidationResult]:
    """The results, each of which is what a report says about it, as text for people; `graph` has the paths."""
    fields = [term(f"sh:{name}") for name in ("resultSeverity", "focusNode", "resultPath", "value")]
    of_shape, of_message = term("sh:sourceShape"), term("sh:resultMessage")
    named = cache(lambda shape: _text(shapes, _named_shape(shapes, shape)))
    for quads in found:
        about = {quad.predicate: quad.object for quad in quads if quad.subject == quads[0].subject}
        severity, focus, path, value = (_text(graph, about.get(name)) for name in fields)
        yield ValidationResult(
            severity=severity.removeprefix("sh:"),
            focus=_name(focus, base),
            path=path,
            value="" if value == focus else _name(value, base),
            message=_message([quad.object for quad in quads if quad.predicate == of_message], base),
            shape=named(about[of_shape]),
        )


def _targets(shapes: rdflib.Graph) -> dict[Any, str]:
    """The patterns of the nodes that each shape with targets validates; the shapes lose the declarations."""
    from rdflib import RDF, RDFS, SH, BNode

    targets: dict[Any, list[str]] = {}
    for triple in list(shapes):
        implicit = triple[1:] == (RDF.type, RDFS.Class)  # a class that is a shape too
        kind = "targetClass" if implicit else str(triple[1]).removeprefix(str(SH))
        named: Any = triple[0] if implicit else triple[2]
        if kind in _TARGETS and not isinstance(named, BNode):
            targets.setdefault(triple[0], []).append(f"{{ {_TARGETS[kind].format(named.n3())} }}")
            shapes.remove(triple)
    return {shape: " UNION ".join(sorted(patterns)) for shape, patterns in targets.items()}


def _prepare(
    shapes: rdflib.Graph, ask: _Ask, shape: Any, nodes: Set[Any], key: Any, first: int | None
) -> Iterator[Callable[[], Iterator[list[Quad]]]]:
    """Target a shape, for pySHACL, at the subjects of `key`; yield what gives the results of its SPARQL.

    pySHACL asks the SPARQL of a constraint once for each node, and takes the property shapes of a node shape
    for one node after the other. Asked once for all, or with targets of their own, they need a fraction of
    the time.
    """
    from rdflib import SH, BNode, URIRef

    if (shape, SH.path, None) not in shapes and (None, None, shape) not in shapes:
        active = not shapes.value(shape, SH.deactivated)
        for part in list(shapes.objects(shape, SH.property)):
            if active and isinstance(part, BNode):
                shapes.remove((shape, SH.property, part))
                shapes.add((shape, URIRef(_PART), part))
                shapes.add((part, SH.targetSubjectsOf, key))
        for constraint in list(shapes.objects(shape, SH.sparql)):
            asked = _rows_for_all(shapes, ask, constraint, nodes, first) if active else None
            if asked is not None:
                shapes.remove((shape, SH.sparql, constraint))
                yield partial(_answers, shapes, shape, constraint, *asked)
    if nodes:
        shapes.add((shape, SH.targetSubjectsOf, key))


def _rows_for_all(
    shapes: rdflib.Graph, ask: _Ask, constraint: Any, nodes: Set[Any], first: int | None
) -> tuple[list[str], list[Sequence[Any]]] | None:
    """The variables and rows of a constraint for all nodes; None if pySHACL has to ask, or to say what is wrong."""
    from rdflib import SH

    selects, messages = (list(shapes.objects(constraint, each)) for each in (SH.select, SH.message))
    select = str(selects[0]) if len(selects) == 1 else ""
    for declaration in shapes.objects(constraint, SH.prefixes / SH.declare):
        prefix, namespace = (shapes.value(declaration, each) for each in (SH.prefix, SH.namespace))
        select = f"PREFIX {prefix}: <{namespace}> {select}"
    if shapes.value(constraint, SH.deactivated) or not _is_for_all(select):
        return None
    try:
        found = ask(select)
        names = [variable.value for variable in found.variables]
        this, whole, rows = names.index("this"), True, {}
        for row in found:
            whole = whole and bool(row[this])
            if row[this] in nodes:
                rows[tuple(row)] = None
    except (RuntimeError, SyntaxError, ValueError):
        return None
    if not whole or "failure" in names or not all(hasattr(text, "language") for text in messages):
        return None  # a row without a node is of every node
    if first is None:
        return names, [*rows]
    kept = set(sorted({row[this] for row in rows}, key=str)[:first])
    return names, [row for row in rows if row[this] in kept]


def _answers(
    shapes: rdflib.Graph, shape: Any, constraint: Any, names: list[str], rows: list[Sequence[Any]]
) -> Iterator[list[Quad]]:
    """The results that the rows of a constraint mean (https://www.w3.org/TR/shacl/#sparql-constraints-validation)."""
    from pyshacl.graph_abstraction import to_ox
    from rdflib import SH

    severity = shapes.value(shape, SH.severity) or SH.Violation
    templates: list[Any] = [text for each in (constraint, shape) for text in shapes.objects(each, SH.message)]
    same = [
        (TYPE, term("sh:ValidationResult")),
        (term("sh:sourceConstraintComponent"), term("sh:SPARQLConstraintComponent")),
        *((term(f"sh:{name}"), to_ox(value)) for name, value in (
            ("sourceConstraint", constraint), ("sourceShape", shape), ("resultSeverity", severity)
        )),
    ]  # fmt: skip
    of_focus, of_value, of_path, of_message = map(
        term, ("sh:focusNode", "sh:value", "sh:resultPath", "sh:resultMessage")
    )
    source: list[Any] = list(shapes.triples((constraint, None, None)))
    source = [Quad(*map(to_ox, triple)) for triple in source]  # type: ignore[arg-type]
    for values in rows:
        row = dict(zip(names, values, strict=True))
        focus, path = row["this"], row.get("path")
        value = row["value"] = row.get("value") or focus
        messages = [Literal(_filled(text, row), language=text.language) for text in templates]
        about = [*same, (of_focus, focus), (of_value, value), *((of_message, each) for each in messages)]
        node = BlankNode()
        yield [*(Quad(node, *pair) for pair in about + [(of_path, path)] * bool(path)), *source]
        source = []


def _filled(template: str, row: dict[str, Any]) -> str:
    return _VARIABLE.sub(lambda match: getattr(row.get(match[1]), "value", match[0]), template)


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


def _is_name(text: str | Path, catalog: Catalog) -> bool:
    """Whether an input is a dataset's name, perhaps misspelt: no existing file, folder or suffix."""
    path = Path(text)
    return str(text) in catalog.datasets or not (path.suffix or path.name != str(text) or path.exists())


def _shapes_error(shapes: Iterable[str | Path], reason: str) -> CatalogError:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    names = ", ".join(map(str, shapes))
    return CatalogError(f"{names}: these shapes cannot be used: {_readable(lines[0].rstrip('.'))}.")


def _message(messages: Iterable[Any], base: str) -> str:
    # pySHACL drops the tag of a message template; untagged text comes after English and before all else.
    message = best_literal(sorted(messages, key=str), "en")
    return "" if message is None else _readable(getattr(message, "value", str(message)), base)


def _sort_key(result: ValidationResult) -> tuple[Any, ...]:
    severity = result.severity
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else -1, result


def _named_shape(shapes: rdflib.Graph, shape: Any) -> Any:
    """The named shape that a shape belongs to."""
    from pyshacl.graph_abstraction import to_rdf
    from rdflib import BNode

    shape, seen = to_rdf(shape), set()
    while isinstance(shape, BNode) and shape not in seen:
        seen.add(shape)
        shape = next(shapes.subjects(None, shape), shape)
    return shape


def _text(graph: rdflib.Graph, term: Any = None) -> str:
    """A term, or a SHACL path (https://www.w3.org/TR/shacl/#property-paths), as text for people."""
    text = "" if term is None else str(getattr(term, "value", term))
    if isinstance(term, NamedNode):
        return _name(text)
    if term is None or isinstance(term, Literal):
        return text
    from rdflib import BNode, URIRef
    from rdflib.extras.shacl import SHACLPathError, parse_shacl_path

    if isinstance(term, URIRef):
        return _name(text)
    try:
        return _readable(parse_shacl_path(graph, BNode(text)).n3())
    except SHACLPathError:
        return f"_:{text}"


def _readable(message: str, base: str = "") -> str:
    """Write the IRIs in a message as the data file does, so that an author can search for them."""
    return _IRI.sub(lambda match: _name(match[1] or match[0], base), message)


@lru_cache(1 << 16)
def _name(iri: str, base: str = "") -> str:
    """Write an IRI as the catalogue's files do: as a prefixed name, or relative to its base."""
    name = compact(iri, _PREFIXES)
    if name != iri and _PREFIXED.fullmatch(name):
        return name
    return f"<{iri.removeprefix(base)}>" if base and iri.startswith(base) else iri
