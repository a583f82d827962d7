"""Compare two versions of a graph by their triples, whatever the layout of their files.

Order, prefixes and the labels of blank nodes do not count: each connected group of blank nodes is named by
its content (RDF Dataset Canonicalization, https://www.w3.org/TR/rdf-canon/), so equal groups have equal
names, and two groups with the same content are one. Blank nodes that did change are paired with those they
came from, where they are values of the same subject; the pairing decides only how short the difference is,
never whether it is right.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import chain
from typing import NamedTuple, TypeAlias, TypeVar

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    Triple,
)

from policygraph.rdf.namespaces import compact, expand
from policygraph.rdf.turtle import serialize
from policygraph.text import table

_Term: TypeAlias = NamedNode | BlankNode | Literal | Triple
_Node = TypeVar("_Node", bound=_Term)
_BySubject: TypeAlias = Mapping[_Term, list[Triple]]
_Features: TypeAlias = dict[tuple[_Term, _Term], list[BlankNode]]

_LABELS = [NamedNode(expand(name)) for name in ("rdfs:label", "skos:prefLabel", "dct:title", "foaf:name")]
_TYPE, _FIRST, _REST = (NamedNode(expand(name)) for name in ("rdf:type", "rdf:first", "rdf:rest"))
_SHORTHAND = {expand(name) for name in ("xsd:integer", "xsd:decimal", "xsd:boolean")}
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}  # as in a text diff
_KINDS = tuple(_SIGNS)


class StatementChange(NamedTuple):
    """A changed property value, as text for people; `before` or `after` is "" where there was none."""

    property: str  # a CURIE, or a path of them through blank nodes: sh:property/sh:message
    before: str
    after: str


class Change(NamedTuple):
    """The changes of one subject."""

    kind: str  # "added", "removed", or "changed": in both versions, with different statements
    name: str  # its CURIE, or "[]" for a blank node that is no value
    label: str  # in the requested language if there is one; "" without any label
    types: tuple[str, ...]  # CURIEs
    statements: tuple[StatementChange, ...]


@dataclass(frozen=True)
class Difference:
    """Two versions as sets of triples, in which matching blank nodes have the same name."""

    old: frozenset[Triple]
    new: frozenset[Triple]

    @cached_property
    def added(self) -> frozenset[Triple]:
        """The triples only in the new version."""
        return self.new - self.old

    @cached_property
    def removed(self) -> frozenset[Triple]:
        """The triples only in the old version."""
        return self.old - self.new

    def changes(self, *, language: str = "en") -> list[Change]:
        """The difference by subject: added, then changed, then removed subjects, each sorted by label."""
        before, after = _by_subject(self.old), _by_subject(self.new)
        owners = _Owners(self.old | self.new)
        sides: dict[tuple[_Term, str, _Term, str], tuple[list[Triple], list[Triple]]] = {}
        for number, (triples, other) in enumerate(((self.removed, after), (self.added, before))):
            for triple in triples:
                owner, path = owners[triple.subject]
                if path and triple.subject not in other:
                    continue  # it is shown whole, as [ … ], where it is a value
                key = (owner, f"{path}{compact(triple.predicate.value)}", triple.subject, _language(triple))
                sides.setdefault(key, ([], []))[number].append(triple)
        by_owner: dict[_Term, list[StatementChange]] = defaultdict(list)
        for (owner, path, _, _), (removed, added) in sides.items():
            old = [_shown(triple.object, before) for triple in removed]
            new = [_shown(triple.object, after) for triple in added]
            if len(old) == len(new) == 1 and _single(removed[0], before) and _single(added[0], after):
                by_owner[owner].append(StatementChange(path, old[0], new[0]))
            else:
                by_owner[owner] += [StatementChange(path, text, "") for text in old]
                by_owner[owner] += [StatementChange(path, "", text) for text in new]
        changes = []
        for owner, statements in by_owner.items():
            kind = "added" if owner not in before else "removed" if owner not in after else "changed"
            own = after.get(owner) or before.get(owner, [])
            name = compact(owner.value) if isinstance(owner, NamedNode) else "[]"
            types = sorted(_shown(t.object, after) for t in own if t.predicate == _TYPE)
            label = _label(own, language)
            changes.append(
                Change(kind, name, label, tuple(types), tuple(sorted(statements, key=_types_first)))
            )
        return sorted(changes, key=lambda c: (_KINDS.index(c.kind), c.label.casefold(), c))

    def summary(self) -> str:
        """The difference in numbers: "2 things added, 1 changed, 14 statements added, 3 removed"."""
        things = Counter(change.kind for change in self.changes())
        statements = Counter(added=len(self.added), removed=len(self.removed))
        parts = []
        for what, numbers in (("thing", things), ("statement", statements)):
            kinds = [kind for kind in _KINDS if numbers[kind]]
            for kind in kinds:
                # The noun is written once: 2 things added, 1 changed.
                noun = f" {what}{'s' if numbers[kind] > 1 else ''}" if kind == kinds[0] else ""
                parts.append(f"{numbers[kind]:,}{noun} {kind}")
        return ", ".join(parts) or "Nothing changed"


def difference(old: Iterable[Quad | Triple], new: Iterable[Quad | Triple]) -> Difference:
    """Compare two versions of a graph; in which named graph a triple is does not count."""
    before, after = _named_by_content(old), _named_by_content(new)
    return Difference(frozenset(before), frozenset(_paired(before, after)))


def _shown(term: _Term, triples: _BySubject, inside: frozenset[_Term] = frozenset()) -> str:
    """A term as in Turtle, with CURIEs; a blank node as [ … ] or, for a list, ( … )."""
    if isinstance(term, NamedNode):
        text = compact(term.value)
    elif isinstance(term, Literal):
        datatype = term.datatype.value
        text = str(Literal(term.value, language=term.language))
        if not term.language and datatype != expand("xsd:string"):
            text = term.value if datatype in _SHORTHAND else f"{text}^^{compact(datatype)}"
    elif isinstance(term, Triple) or term in inside:
        text = str(term) if isinstance(term, Triple) else "[]"
    else:
        inside |= {term}
        own = triples.get(term, [])
        items: list[str] = []
        while {t.predicate for t in own} == {_FIRST, _REST}:
            items += [_shown(t.object, triples, inside) for t in own if t.predicate == _FIRST]
            term = next(t.object for t in own if t.predicate == _REST)
            own = [] if term in inside else triples.get(term, [])
            inside |= {term}
        if items:
            return f"( {' '.join(items)} )"
        parts = sorted(f"{compact(t.predicate.value)} {_shown(t.object, triples, inside)}" for t in own)
        return f"[ {' ; '.join(parts)} ]" if parts else "[]"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in text)


def _label(triples: list[Triple], language: str) -> str:
    for predicate in _LABELS:
        labels = [t.object for t in triples if t.predicate == predicate and isinstance(t.object, Literal)]
        if labels:
            order = (language, "en", None)
            best = min(labels, key=lambda o: (order.index(o.language) if o.language in order else 3, str(o)))
            return "".join(c if c.isprintable() else " " for c in best.value)
    return ""


def _types_first(change: StatementChange) -> tuple[bool, StatementChange]:
    return change.property != "rdf:type", change


def _language(triple: Triple) -> str:
    return getattr(triple.object, "language", None) or ""


def _single(triple: Triple, triples: _BySubject) -> bool:
    """Whether a predicate has only this value in its language."""
    values = [t for t in triples[triple.subject] if t.predicate == triple.predicate]
    return [_language(t) for t in values].count(_language(triple)) == 1


class _Owners(dict[_Term, tuple[_Term, str]]):
    """Maps each node to the subject under which it is shown, and the path of properties to it."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.parents: dict[_Term, tuple[_Term, str]] = {}
        for triple in sorted(triples, key=lambda t: (isinstance(t.subject, BlankNode), str(t))):
            if isinstance(triple.object, BlankNode):
                self.parents.setdefault(triple.object, (triple.subject, compact(triple.predicate.value)))

    def __missing__(self, node: _Term) -> tuple[_Term, str]:
        owner, path, seen = node, "", {node}
        while isinstance(owner, BlankNode) and owner in self.parents:
            owner, step = self.parents[owner]
            path = f"{step}/{path}"
            if owner in seen:  # a cycle of blank nodes has no other owner; one of them stands for all
                owner = min(seen, key=str)
                path = "" if owner == node else path
                break
            seen.add(owner)
        self[node] = owner, path
        return self[node]


# ---- Names for blank nodes


def _by_subject(triples: Iterable[Triple]) -> _BySubject:
    by_subject: dict[_Term, list[Triple]] = {}
    for triple in sorted(triples, key=str):
        by_subject.setdefault(triple.subject, []).append(triple)
    return by_subject


def _blank_nodes(triples: Iterable[Triple]) -> set[BlankNode]:
    """The blank nodes in some triples, and in the triple terms in them."""
    nodes: set[BlankNode] = set()
    for triple in triples:
        for term in triple:
            if isinstance(term, BlankNode):
                nodes.add(term)
            elif isinstance(term, Triple):
                nodes |= _blank_nodes([term])
    return nodes


def _renamed(term: _Node, names: Mapping[BlankNode, BlankNode] | Mapping[BlankNode, NamedNode]) -> _Node:
    """A term, or a triple, with other names for its blank nodes."""
    if isinstance(term, BlankNode):
        return names.get(term, term)  # type: ignore[return-value]
    if isinstance(term, Triple):
        return Triple(*(_renamed(part, names) for part in term))  # type: ignore[return-value]
    return term


def _named_by_content(quads: Iterable[Quad | Triple]) -> set[Triple]:
    """The triples, with each blank node named by the content of its connected group."""
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    touching: dict[BlankNode, list[Triple]] = {}
    for triple in triples:
        for node in _blank_nodes([triple]):
            touching.setdefault(node, []).append(triple)
    done: set[BlankNode] = set()
    named = triples.difference(chain.from_iterable(touching.values()))
    for start in touching:
        group: set[Triple] = set()
        waiting = [start] if start not in done else []
        done.add(start)
        while waiting:
            for triple in touching[waiting.pop()]:
                if triple not in group:
                    group.add(triple)
                    fresh = _blank_nodes([triple]) - done
                    done |= fresh
                    waiting += fresh
        if group:
            dataset = Dataset(Quad(*triple) for triple in group)
            dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
            canonical = {quad.triple for quad in dataset}
            digest = sha256("\n".join(sorted(map(str, canonical))).encode()).hexdigest()
            names = {node: BlankNode(f"h{digest}{node.value}") for node in _blank_nodes(canonical)}
            named |= {_renamed(triple, names) for triple in canonical}
    return named


def _paired(old: set[Triple], new: set[Triple]) -> set[Triple]:
    """The new triples, with old names for blank nodes of the same subject and with similar values."""
    before = _by_subject(old)
    while True:
        unpaired = _blank_nodes(old) ^ _blank_nodes(new)
        after = _by_subject(new)
        (incoming, outgoing), (incoming_new, outgoing_new) = (_features(t, unpaired) for t in (old, new))
        scores: Counter[tuple[BlankNode, BlankNode]] = Counter()
        for feature, nodes in incoming.items():
            scores.update((one, other) for one in nodes for other in incoming_new.get(feature, ()))
        objects = {triple.object for triple in chain(old, new)}
        for feature, nodes in outgoing.items():
            for one in nodes:
                for other in outgoing_new.get(feature, ()):
                    if (one, other) in scores or not {one, other} & objects:
                        scores[one, other] += 1
        names: dict[BlankNode, BlankNode] = {}
        taken: set[BlankNode] = set()
        for one, other in sorted(scores, key=lambda pair: (-scores[pair], str(pair[0]), str(pair[1]))):
            if one in taken or other in names:
                continue
            # A list is one value: equal or different, never paired in part.
            is_list = any(t.predicate == _REST for t in chain(before.get(one, ()), after.get(other, ())))
            if not is_list or _shown(one, before) == _shown(other, after):
                names[other] = one
                taken.add(one)
        if not names:
            return new
        new = {_renamed(triple, names) for triple in new}


def _features(triples: Iterable[Triple], unpaired: set[BlankNode]) -> tuple[_Features, _Features]:
    """The edges to and from each unpaired blank node whose other end is a known term."""
    incoming: _Features = defaultdict(list)
    outgoing: _Features = defaultdict(list)
    for s, p, o in triples:
        if isinstance(o, BlankNode) and o in unpaired and s not in unpaired:
            incoming[s, p].append(o)
        if isinstance(s, BlankNode) and s in unpaired and o not in unpaired:
            outgoing[p, o].append(s)
    return incoming, outgoing


# ---- Formats


def as_table(difference: Difference, *, language: str = "en", width: int | None = None) -> str:
    """Format a difference as a text table: a row for each statement, and the numbers in the last line."""
    rows = []
    for change in difference.changes(language=language):
        name = f"{change.label} ({change.name})" if change.label else change.name
        for number, statement in enumerate(change.statements):
            first = (_SIGNS[change.kind], name) if number == 0 else ("", "")
            rows.append((*first, *statement))
    head = ("", "thing", "property", "before", "after")
    return (table(head, rows, width=width) if rows else "") + f"{difference.summary()}\n"


def as_markdown(difference: Difference, *, language: str = "en") -> str:
    """Format a difference for a changelog: third-level headings, and a list item for each subject."""
    lines = []
    before = ""
    for change in difference.changes(language=language):
        if change.kind != before:
            lines += ["", f"### {change.kind.title()}", ""]
            before = change.kind
        name = f"{_escaped(change.label)} ({_code(change.name)})" if change.label else _code(change.name)
        kind = f": {', '.join(map(_code, change.types))}" if change.types and before != "changed" else ""
        lines.append(f"- {name}{kind}")
        for path, old, new in change.statements if change.kind == "changed" else ():
            if old and new:
                what = f"{_code(old)} → {_code(new)}"
            else:
                what = f"added {_code(new)}" if new else f"removed {_code(old)}"
            lines.append(f"  - {_code(path)}: {what}")
    return "\n".join([*lines[1:], ""]) if lines else f"{difference.summary()}.\n"


def as_patch(difference: Difference) -> str:
    """Format a difference as a SPARQL 1.1 Update that turns the old version into the new one.

    Without blank nodes it is a TurtlePatch (https://www.w3.org/2001/sw/wiki/TurtlePatch): DELETE DATA and
    INSERT DATA. Blank nodes cannot be deleted by name, so they are matched by all triples about them.
    """
    nodes = _blank_nodes(difference.added | difference.removed)
    old = [(triple, _blank_nodes([triple])) for triple in difference.old]
    where: list[Triple] = []
    before = -1
    while len(nodes) != before:  # the triples about them may hold more blank nodes
        before = len(nodes)
        where = [triple for triple, among in old if among & nodes]
        nodes |= _blank_nodes(where)
    known = _blank_nodes(where)
    order = sorted(nodes, key=str)
    names = {node: f"{'?' if node in known else '_:'}b{number}" for number, node in enumerate(order)}
    # Turtle has no variables; their stand-ins hold a hash, so that no text in the data equals one.
    stand_ins = {node: NamedNode(f"x:{node.value[1:13]}.{number}") for number, node in enumerate(order)}
    header: set[str] = set()

    def block(triples: Iterable[Triple]) -> str:
        text = serialize(_renamed(triple, stand_ins) for triple in triples)
        opening, _, body = text.partition("\n\n")
        header.update(line[1:-2] for line in opening.strip().splitlines())
        for node, name in names.items():
            body = body.replace(str(stand_ins[node]), name)
        return "{\n" + "".join(f"  {line}\n" for line in body.splitlines() if line) + "}"

    steps = []
    sides = (("DELETE", difference.removed), ("INSERT", difference.added))
    for verb, triples in sides:
        if ground := [triple for triple in triples if not _blank_nodes([triple])]:
            steps.append(f"{verb} DATA {block(ground)}")
    clauses = []
    for verb, triples in sides:
        if touching := [triple for triple in triples if _blank_nodes([triple])]:
            clauses.append(f"{verb} {block(touching)}")
    if clauses:
        steps.append("\n".join([*clauses, f"WHERE {block(where)}"]))
    # SPARQL writes BASE and PREFIX as Turtle does, but for the @, the full stop and the case.
    declared = [re.sub(r"^\w+", lambda word: word[0].upper(), line) for line in sorted(header)]
    return "\n".join([f"# {difference.summary()}", *declared, "", " ;\n".join(steps)]).rstrip() + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", text)


def _code(text: str) -> str:
    """A code span of CommonMark, whose fence is longer than any run of backticks in the text."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
