"""Validate data with SHACL.

pySHACL evaluates the catalogue's shapes (https://www.w3.org/TR/shacl/). `validate` returns a
`ValidationReport`: results for people, with names as in the data file, and the W3C report for machines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store as _Oxigraph, parse, serialize

from policygraph.check.claims import renamed
from policygraph.errors import CatalogError
from policygraph.rdf import formats, reader
from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact, expand
from policygraph.rdf.terms import TYPE, best_literal, by_subject, term
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
_DATASET, _IN_DATASET, _OBJECT = map(term, ("dcat:Dataset", "void:inDataset", "rdf:object"))
_RESULT, _CONFORMS, _OBJECTS_OF = map(term, ("sh:result", "sh:conforms", "sh:targetObjectsOf"))
# Patterns of the nodes that a target declaration means: https://www.w3.org/TR/shacl/#targets
_TARGETS = {
    "targetNode": "VALUES ?node {{ {} }}",
    "targetClass": "?node a/rdfs:subClassOf* {}",
    "targetSubjectsOf": "?node {} ?value",
    "targetObjectsOf": "?subject {} ?node",
}
_VARIABLE = re.compile(r"\{[?$](\w+)\}")  # in a message
_NODES = 1_000  # that pySHACL validates at once, since each result takes it some 10 KB
_ROOT = BlankNode("report")
_PART = "urn:part"  # from a shape to the property shapes that got targets of their own
_Ask = Callable[[str], Any]  # of the data
_Rows = list[dict[str, Any]]
_Report = Callable[[], Iterable[Quad]]  # makes a part of the report when it is needed, to save memory
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
    _graph: Callable[[], EmbeddedStore] = field(repr=False)

    @cached_property
    def graph(self) -> EmbeddedStore:
        """The report as RDF, which takes much more memory than its results."""
        return self._graph()

    def text(self, *, width: int | None = None) -> str:
        """The report as a table and a verdict, in lines of at most `width` columns."""
        rows = [(each.severity, each.focus, each.message, each.shape) for each in self.results]
        text = table(("severity", "focus node", "message", "shape"), rows, width=width) if rows else ""
        return text + ("The data conform to the shapes.\n" if self.conforms else "The data do not conform.\n")

    def joined(self, results: Iterable[ValidationResult], base: str = "") -> ValidationReport:
        """The report with the results of checks that no shape can make."""
        if not (more := tuple(results)):
            return self
        every = tuple(sorted((*self.results, *more), key=_sort_key))
        conforms = self.conforms and all(each.severity in _SEVERITIES[1:] for each in more)

        def quads() -> Iterator[Quad]:
            yield from (quad for quad in self.graph if quad.predicate != _CONFORMS)
            (root,) = (quad.subject for quad in self.graph if quad.predicate == _CONFORMS)
            yield Quad(root, _CONFORMS, Literal(conforms))
            for each in more:
                about = {
                    "resultMessage": Literal(each.message, language="en"),
                    "resultSeverity": term(f"sh:{each.severity}"),
                    "focusNode": each.focus and NamedNode(expand(each.focus, _PREFIXES, base=base)),
                    "resultPath": each.path and term(each.path),
                    "sourceConstraintComponent": term(each.shape),
                }
                yield from _result(root, about.items())

        return ValidationReport(conforms, every, lambda: EmbeddedStore(quads(), prefixes=self.graph.curies))

    def turtle(self) -> bytes:
        """The report as Turtle."""
        return formats.write(self.graph, format="turtle", prefixes=self.graph.curies)


def validate(catalog: Catalog, *inputs: str | Path, first: int | None = None) -> ValidationReport:
    """Validate datasets or RDF files, as `policygraph.validate` does without texts."""
    names = [str(each) for each in inputs if is_name(each, catalog)]
    files = [each for each in inputs if not is_name(each, catalog)]
    data, focus = _Data(catalog.settings.prefixes), None
    read = partial(catalog.stream, lambda text: bool(data.ask(text)))
    for quads in read(*names, files=files):
        data.add(quads)
    if inputs:
        focus, described = {quad.subject for quad in data.store}, set(data.datasets.values())
        rules = (quad for path in catalog.shapes for quad in reader.read(path))
        aimed: list[Any] = [quad.object for quad in rules if quad.predicate == _OBJECTS_OF]
        objects = {q.object for each in aimed for q in data.store.quads_for_pattern(None, each, None)}
        # Read twice, since a file may describe its dataset at its end.
        datasets = _datasets(quad for quads in read() for quad in quads)
        background = {iri for iri, dataset in datasets.items() if dataset not in described}
        for quads in read():
            # Without their self-descriptions, so that a file without one is found out.
            data.add([q for q in quads if q.graph_name in background and q.object != _DATASET])
        # A text, or what is described nowhere, is nobody else's to validate.
        stated = data.store.quads_for_pattern
        focus |= {each for each in objects if isinstance(each, Literal) or not any(stated(each, None, None))}
    base = catalog.settings.base
    report = check(data, shapes=catalog.shapes, focus=focus, first=first, base=base)
    changed = renamed(catalog, data.ask, data.written)
    old = ((claim.value, new) for claim, new in changed if not focus or claim in focus)
    found = []
    for name, new in ((_name(claim, base), _name(new, base)) for claim, new in islice(old, first)):
        what = f"The claim has changed under its name: call it {new}, and say dct:replaces {name}."
        found.append(ValidationResult("Violation", name, "rdf:object", "", what, "pgs:ClaimName"))
    return report.joined(found, base)


class _Data:
    """What is validated, in one graph, which queries join sooner than a union."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.store, self.prefixes = _Oxigraph(), dict(prefixes)
        self.datasets: dict[Any, Any] = {}  # as of `_datasets`
        self.typed: list[tuple[Any, Any]] = []  # what has a type, with its graph
        self.written: dict[Any, Any] = {}  # literal objects of claims, which the store may write otherwise

    def ask(self, query: str) -> Any:
        return self.store.query(query, prefixes=self.prefixes)

    def add(self, quads: Iterable[Quad]) -> _Data:
        self.datasets = _datasets(quads) | self.datasets
        self.typed += ((quad.subject, quad.graph_name) for quad in quads if quad.predicate == TYPE)
        objects = (quad for quad in quads if quad.predicate == _OBJECT and isinstance(quad.object, Literal))
        self.written |= {quad.subject: quad.object for quad in objects}
        self.store.extend(Quad(*map(_plain, quad.triple)) for quad in quads)
        return self


def _plain(term: Any) -> Any:
    """The term, or the text of one without a value, a triple, since pySHACL knows none."""
    return term if hasattr(term, "value") else Literal(str(term))


def _datasets(quads: Iterable[Quad]) -> dict[Any, Any]:
    """The dataset that each graph describes, the first of several, by the name of the graph."""
    found = [(q.graph_name, q.subject) for q in quads if q.predicate == TYPE and q.object == _DATASET]
    return dict(reversed(found))


def check(
    quads: Iterable[Quad] | _Data,
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
    paths = [shapes] if isinstance(shapes, str | Path) else shapes
    rules = [quad for path in paths for quad in reader.read(path)]
    data = quads if isinstance(quads, _Data) else _Data(getattr(quads, "curies", PREFIXES)).add([*quads])
    base, prefixes = base or getattr(quads, "base", ""), data.prefixes
    import logging

    # Imported late: pySHACL patches rdflib for the whole process.
    from pyshacl import validate as pyshacl
    from pyshacl.graph_abstraction import OxigraphDataGraph, to_rdf
    from rdflib import RDF, SH, Graph, Literal as Text, URIRef

    targets: dict[Any, Set[Any]] = {}
    part: dict[Any, list[Any]] = {}  # of the targets

    class DataGraph(OxigraphDataGraph):
        # pySHACL tests the graph for truth again and again, and rdflib would count its triples each time.
        def __bool__(self) -> bool:
            return True

        def subject_objects(self, predicate: Any = None, unique: bool = False) -> Any:
            if predicate in targets:
                return ((node, node) for node in part.get(predicate, ()))
            return super().subject_objects(predicate, unique)

        def predicate_objects(self, subject: Any = None, unique: bool = False) -> Any:
            # Only sh:closed asks for them, which is not to see what was added here.
            pairs = () if isinstance(subject, Text) else super().predicate_objects(subject, unique)
            return (pair for pair in pairs if str(pair[0]) != _IN_DATASET.value)

        # A path may lead through a literal, of whose properties the engine cannot be asked.
        def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
            return () if isinstance(subject, Text) else super().objects(subject, predicate, unique)

    @cache  # of the shapes, many have the same targets
    def find(patterns: str) -> Set[Any]:
        found = {row["node"] for row in data.ask(f"SELECT ?node {{ {patterns} }}")}
        return found if focus is None else found & focus

    typed = ((thing, data.datasets.get(graph)) for thing, graph in data.typed)
    data.store.extend(Quad(thing, _IN_DATASET, dataset) for thing, dataset in typed if dataset)
    data.typed.clear()
    triples = serialize((quad.triple for quad in rules), format=RdfFormat.N_TRIPLES) or b""
    shacl = Graph().parse(data=triples, format="nt")
    logging.getLogger("pyshacl-validate").disabled = True  # its messages are in the error
    report: list[_Report] = []
    described: set[Any] = set()  # nodes of the shapes
    try:
        for shape, patterns in _targets(shacl).items():
            key = URIRef(f"urn:targets:{len(targets)}")
            targets[key] = find(patterns)
            report += _prepare(shacl, data.ask, shape, targets[key], key, first)
        pairs = ((key, to_rdf(node)) for key, nodes in targets.items() for node in nodes)
        # Also without any, to find what is wrong with the shapes.
        for some in chain([()], iter(lambda: [*islice(pairs, _NODES)], [])):
            part = {key: [node for _, node in of] for key, of in groupby(some, itemgetter(0))}
            _, graph, text = pyshacl(DataGraph(data.store), shacl_graph=shacl, allow_warnings=True)
            if not isinstance(graph, Graph):
                raise _shapes_error(paths[-1], text)
            for ours in (SH.targetSubjectsOf, URIRef(_PART), SH.conforms):
                graph.remove((None, ours, None))
            for node in {each for each in graph.objects() if (each, None, None) in shacl}:
                if node in described:  # in another part, of which pySHACL would make a second copy
                    graph -= graph.cbd(node)
                described.add(node)
            (root,) = graph.subjects(RDF.type, SH.ValidationReport)
            triples = graph.serialize(format="nt", encoding="utf-8")
            triples = triples.replace(root.n3().encode(), str(_ROOT).encode())
            report.append(partial(parse, triples, format=RdfFormat.N_TRIPLES))
    except (RuntimeError, SyntaxError, ValueError, re.error) as error:
        where = f" in {error.pattern!r}" if isinstance(error, re.error) else ""
        raise _shapes_error(paths[-1], f"{error}{where}") from error
    results = sorted((each for part in report for each in _results(part(), shacl, base)), key=_sort_key)
    conforms = all(result.severity in _SEVERITIES[1:] for result in results)
    report.append(lambda: [Quad(_ROOT, _CONFORMS, Literal(conforms))])
    if first is not None:
        shown = Counter[str]()
        results = [each for each in results if shown.update([each.shape]) or shown[each.shape] <= first]
    whole = (quad for part in report for quad in part())
    return ValidationReport(conforms, tuple(results), lambda: EmbeddedStore(whole, prefixes=prefixes))


def _results(report: Iterable[Quad], shapes: rdflib.Graph, base: str) -> Iterator[ValidationResult]:
    """The results in a part of a report, as text for people."""
    fields = [term(f"sh:{name}") for name in ("resultSeverity", "focusNode", "resultPath", "value")]
    of_shape, of_message = term("sh:sourceShape"), term("sh:resultMessage")
    about = by_subject(report)
    named = cache(lambda shape: _text(shapes, _named_shape(shapes, shape)))
    for result in (about[each] for each in about[_ROOT].get(_RESULT, ())):
        severity, focus, path, value = (_text(shapes, *result.get(name, ())) for name in fields)
        value, focus = "" if value == focus else _name(value, base), _name(focus, base)
        message, shape = _message(result.get(of_message, ()), base), named(*result[of_shape])
        yield ValidationResult(severity.removeprefix("sh:"), focus, path, value, message, shape)


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
) -> Iterator[_Report]:
    """Target a shape, for pySHACL, at the subjects of `key`; yield the results of its SPARQL.

    pySHACL asks the SPARQL of a constraint once for each node; once for all, it needs a tenth of the time. It
    takes the property shapes of a node shape for one node after the other; with targets of their own, they
    save a fifth of what is left.
    """
    from rdflib import SH, BNode, URIRef

    alone = (shape, SH.path, None) not in shapes and (None, None, shape) not in shapes
    if alone and not shapes.value(shape, SH.deactivated):
        parts = [*shapes.objects(shape, SH.property)]
        # What looks at the other property shapes of its shape needs them to stay there.
        kept = (shape, SH.closed, None) in shapes
        kept = kept or any((each, SH.qualifiedValueShapesDisjoint, None) in shapes for each in parts)
        for part in [each for each in parts if isinstance(each, BNode) and not kept]:
            shapes.remove((shape, SH.property, part))
            shapes.add((shape, URIRef(_PART), part))
            shapes.add((part, SH.targetSubjectsOf, key))
        for constraint in list(shapes.objects(shape, SH.sparql)):
            if (rows := _rows_for_all(shapes, ask, constraint, nodes)) is not None:
                shapes.remove((shape, SH.sparql, constraint))
                shown = set(sorted({row["this"] for row in rows}, key=str)[:first])
                rows = [row for row in rows if row["this"] in shown]
                for start in range(0, len(rows), _NODES):
                    yield partial(_answers, shapes, shape, constraint, rows[start : start + _NODES])
    if nodes:
        shapes.add((shape, SH.targetSubjectsOf, key))


def _rows_for_all(shapes: rdflib.Graph, ask: _Ask, constraint: Any, nodes: Set[Any]) -> _Rows | None:
    """The rows of a constraint for all these nodes; None if pySHACL has to ask, or to say what is wrong."""
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
        these = (tuple(row) for row in found if not row["this"] or row["this"] in nodes)
        rows = [dict(zip(names, row, strict=True)) for row in dict.fromkeys(these)]
    except (RuntimeError, SyntaxError, ValueError):
        return None
    usable = "failure" not in names and all(hasattr(text, "language") for text in messages)
    return rows if usable and all(row["this"] for row in rows) else None  # without a node: of every node


def _answers(shapes: rdflib.Graph, shape: Any, constraint: Any, rows: _Rows) -> Iterator[Quad]:
    """The results that the rows of a constraint mean (https://www.w3.org/TR/shacl/#sparql-constraints-validation)."""
    from pyshacl.graph_abstraction import to_ox
    from rdflib import SH

    templates: list[Any] = [text for each in (constraint, shape) for text in shapes.objects(each, SH.message)]
    severity, component = shapes.value(shape, SH.severity) or SH.Violation, SH.SPARQLConstraintComponent
    origin = {"sourceConstraintComponent": component, "sourceConstraint": constraint, "sourceShape": shape}
    same = [(name, to_ox(value)) for name, value in {**origin, "resultSeverity": severity}.items()]
    yield from (Quad(*map(to_ox, triple)) for triple in shapes.triples((constraint, None, None)))  # type: ignore[arg-type]
    for row in rows:
        row["value"] = row.get("value") or row["this"]
        about = [("focusNode", row["this"]), ("value", row["value"]), ("resultPath", row.get("path"))]
        messages = [Literal(_filled(each, row), language=each.language) for each in templates]
        messages = [row["message"]] if isinstance(row.get("message"), Literal) else messages
        yield from _result(_ROOT, [*same, *about, *(("resultMessage", each) for each in messages)])


def _result(root: Any, about: Iterable[tuple[str, Any]]) -> Iterator[Quad]:
    """A result in a report, with these values, where they are any, of properties of SHACL."""
    node = BlankNode()
    yield from (Quad(root, _RESULT, node), Quad(node, TYPE, term("sh:ValidationResult")))
    yield from (Quad(node, term(f"sh:{name}"), value) for name, value in about if value)


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


def is_name(text: str | Path, catalog: Catalog) -> bool:
    """Whether an input is a dataset's name, perhaps misspelt: no existing file, folder or suffix."""
    path = Path(text)
    return str(text) in catalog.datasets or not (path.suffix or path.name != str(text) or path.exists())


def _shapes_error(own: str | Path, reason: str) -> CatalogError:
    """That the last of the files, which is the catalogue's own, cannot be used: the package's can."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return CatalogError(f"{own}: these shapes cannot be used: {_readable(lines[0].rstrip('.'))}.")


def _message(messages: Iterable[Any], base: str) -> str:
    # pySHACL drops the tag of a message template; untagged text comes after English and before all else.
    message = best_literal(sorted(messages, key=str), "en")
    if message is None:
        return "This breaks a rule that has no sh:message; its shape says what it asks."
    return _readable(getattr(message, "value", str(message)), base)


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
    from rdflib import BNode, URIRef
    from rdflib.extras.shacl import SHACLPathError, parse_shacl_path

    text = "" if term is None else str(getattr(term, "value", term))
    if isinstance(term, NamedNode | URIRef):
        return _name(text)
    if not isinstance(term, BlankNode | BNode):
        return text
    with suppress(SHACLPathError):
        return _readable(parse_shacl_path(graph, BNode(text)).n3())
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
