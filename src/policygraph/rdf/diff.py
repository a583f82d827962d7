"""What changed between two versions of a graph, by what they say and not by how their files are written.

Order, layout and prefixes are no change, and neither are the names of blank nodes: each connected group of
them is named by its content (RDF Dataset Canonicalization, https://www.w3.org/TR/rdf-canon/), so equal groups
have equal names, and two groups of which the same is said are one. Blank nodes that did change are paired
with those they came from, where they hang on the same thing; the pairing decides only how short the
difference is, never whether it is right.
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
_About: TypeAlias = Mapping[_Term, list[Triple]]

_LABELS = [NamedNode(expand(name)) for name in ("rdfs:label", "skos:prefLabel", "dct:title", "foaf:name")]
_TYPE, _FIRST, _REST = (NamedNode(expand(name)) for name in ("rdf:type", "rdf:first", "rdf:rest"))
_BARE = {expand(name) for name in ("xsd:integer", "xsd:decimal", "xsd:boolean")}
_KINDS = ("added", "changed", "removed")


class StatementChange(NamedTuple):
    """One thing said of a subject, as text for people; `before` or `after` is "" where it is not said."""

    property: str  # a CURIE, or a path of them through blank nodes: sh:property/sh:message
    before: str
    after: str


class Change(NamedTuple):
    """What changed about one subject."""

    kind: str  # "added", "removed", or "changed": it is in both versions, and other things are said of it
    name: str  # its CURIE, or "[]" for a blank node that nothing leads to
    label: str  # in the language asked for where there is one; else ""
    types: tuple[str, ...]  # CURIEs
    statements: tuple[StatementChange, ...]


@dataclass(frozen=True)
class Difference:
    """Two versions as sets of triples, with the same names for blank nodes that are the same."""

    old: frozenset[Triple]
    new: frozenset[Triple]

    @cached_property
    def added(self) -> frozenset[Triple]:
        """The triples that only the new version has."""
        return self.new - self.old

    @cached_property
    def removed(self) -> frozenset[Triple]:
        """The triples that only the old version has."""
        return self.old - self.new

    def changes(self, *, language: str = "en") -> list[Change]:
        """The difference by subject: those added, then changed, then removed; each by its label."""
        before, after = _about(self.old), _about(self.new)
        owners = _Owners(self.old | self.new)
        sides: dict[tuple[_Term, str, _Term, str], tuple[list[Triple], list[Triple]]] = {}
        for number, (triples, other) in enumerate(((self.removed, after), (self.added, before))):
            for triple in triples:
                owner, path = owners[triple.subject]
                if path and triple.subject not in other:
                    continue  # all that is said of it stands where it is named: [ … ]
                key = (owner, f"{path}{compact(triple.predicate.value)}", triple.subject, _language(triple))
                sides.setdefault(key, ([], []))[number].append(triple)
        found: dict[_Term, list[StatementChange]] = defaultdict(list)
        for (owner, path, _, _), (gone, come) in sides.items():
            old, new = ([_shown(t.object, at) for t in side] for side, at in ((gone, before), (come, after)))
            if len(old) == len(new) == 1 and _single(gone[0], before) and _single(come[0], after):
                found[owner].append(StatementChange(path, old[0], new[0]))
            else:
                found[owner] += [StatementChange(path, text, "") for text in old]
                found[owner] += [StatementChange(path, "", text) for text in new]
        changes = []
        for owner, statements in found.items():
            kind = "added" if owner not in before else "removed" if owner not in after else "changed"
            said = after.get(owner) or before.get(owner, [])
            name = compact(owner.value) if isinstance(owner, NamedNode) else "[]"
            types = sorted(_shown(t.object, after) for t in said if t.predicate == _TYPE)
            label = _label(said, language)
            changes.append(Change(kind, name, label, tuple(types), tuple(sorted(statements, key=_by_type))))
        return sorted(changes, key=lambda c: (_KINDS.index(c.kind), c.label.casefold(), c))

    def summary(self) -> str:
        """The difference in numbers: "2 things added, 1 changed, 14 statements added, 3 removed"."""
        things = Counter(change.kind for change in self.changes())
        statements = Counter(added=len(self.added), removed=len(self.removed))
        parts = []
        for what, numbers in (("thing", things), ("statement", statements)):
            kinds = [kind for kind in _KINDS if numbers[kind]]
            for kind in kinds:
                # The noun is said once: 2 things added, 1 changed.
                noun = f" {what}{'s' if numbers[kind] > 1 else ''}" if kind == kinds[0] else ""
                parts.append(f"{numbers[kind]:,}{noun} {kind}")
        return ", ".join(parts) or "Nothing changed"


def difference(old: Iterable[Quad | Triple], new: Iterable[Quad | Triple]) -> Difference:
    """What changed from `old` to `new`; the names of graphs do not count."""
    before, after = _named(old), _named(new)
    return Difference(frozenset(before), frozenset(_paired(before, after)))


def _shown(term: _Term, about: _About, inside: frozenset[_Term] = frozenset()) -> str:
    """A term as Turtle would have it, with CURIEs; a blank node as [ … ] or, for a list, ( … )."""
    if isinstance(term, NamedNode):
        text = compact(term.value)
    elif isinstance(term, Literal):
        datatype = term.datatype.value
        text = str(Literal(term.value, language=term.language))
        if not term.language and datatype != expand("xsd:string"):
            text = term.value if datatype in _BARE else f"{text}^^{compact(datatype)}"
    elif isinstance(term, Triple) or term in inside:
        text = str(term) if isinstance(term, Triple) else "[]"
    else:
        inside |= {term}
        said = about.get(term, [])
        items: list[str] = []
        while {t.predicate for t in said} == {_FIRST, _REST}:
            items += [_shown(t.object, about, inside) for t in said if t.predicate == _FIRST]
            term = next(t.object for t in said if t.predicate == _REST)
            said = [] if term in inside else about.get(term, [])
            inside |= {term}
        if items:
            return f"( {' '.join(items)} )"
        parts = sorted(f"{compact(t.predicate.value)} {_shown(t.object, about, inside)}" for t in said)
        return f"[ {' ; '.join(parts)} ]" if parts else "[]"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in text)


def _label(said: list[Triple], language: str) -> str:
    for predicate in _LABELS:
        labels = [t.object for t in said if t.predicate == predicate and isinstance(t.object, Literal)]
        if labels:
            order = (language, "en", None)
            best = min(labels, key=lambda o: (order.index(o.language) if o.language in order else 3, str(o)))
            return "".join(c if c.isprintable() else " " for c in best.value)
    return ""


def _by_type(said: StatementChange) -> tuple[bool, StatementChange]:
    return said.property != "rdf:type", said


def _language(triple: Triple) -> str:
    return getattr(triple.object, "language", None) or ""


def _single(triple: Triple, about: _About) -> bool:
    """Whether a predicate has this value alone, in this language."""
    like = [t for t in about[triple.subject] if t.predicate == triple.predicate]
    return [_language(t) for t in like].count(_language(triple)) == 1


class _Owners(dict[_Term, tuple[_Term, str]]):
    """For each node the subject that it is shown under, and the path of properties from there."""

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
            if owner in seen:  # a circle of blank nodes hangs on nothing; one of them stands for all
                owner = min(seen, key=str)
                path = "" if owner == node else path
                break
            seen.add(owner)
        self[node] = owner, path
        return self[node]


# ---- Names for blank nodes


def _about(triples: Iterable[Triple]) -> _About:
    about: dict[_Term, list[Triple]] = {}
    for triple in sorted(triples, key=str):
        about.setdefault(triple.subject, []).append(triple)
    return about


def blank_nodes(triples: Iterable[Triple]) -> set[BlankNode]:
    """The blank nodes in some triples, and in the triples that these are about."""
    found: set[BlankNode] = set()
    for triple in triples:
        for term in triple:
            found |= (
                {term}
                if isinstance(term, BlankNode)
                else blank_nodes([term])
                if type(term) is Triple
                else set()
            )
    return found


def renamed(term: _Node, names: Mapping[BlankNode, BlankNode] | Mapping[BlankNode, NamedNode]) -> _Node:
    """A term, or a triple, with other names for its blank nodes."""
    if isinstance(term, BlankNode):
        return names.get(term, term)  # type: ignore[return-value]
    if isinstance(term, Triple):
        return Triple(*(renamed(part, names) for part in term))  # type: ignore[return-value]
    return term


def _named(quads: Iterable[Quad | Triple]) -> set[Triple]:
    """The triples, each blank node named by what its connected group says."""
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    touching: dict[BlankNode, list[Triple]] = {}
    for triple in triples:
        for node in blank_nodes([triple]):
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
                    fresh = blank_nodes([triple]) - done
                    done |= fresh
                    waiting += fresh
        if group:
            dataset = Dataset(Quad(*triple) for triple in group)
            dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
            canonical = {quad.triple for quad in dataset}
            digest = sha256("\n".join(sorted(map(str, canonical))).encode()).hexdigest()
            names = {node: BlankNode(f"h{digest}{node.value}") for node in blank_nodes(canonical)}
            named |= {renamed(triple, names) for triple in canonical}
    return named


def _paired(old: set[Triple], new: set[Triple]) -> set[Triple]:
    """The new triples, with old names for blank nodes that hang on the same thing and say similar things."""
    before = _about(old)
    while True:
        loose = blank_nodes(old) ^ blank_nodes(new)
        after = _about(new)
        (leads_to, says), (leads_to_new, says_new) = _features(old, loose), _features(new, loose)
        scores: Counter[tuple[BlankNode, BlankNode]] = Counter()
        for feature, nodes in leads_to.items():
            scores.update((one, other) for one in nodes for other in leads_to_new.get(feature, ()))
        hanging = {triple.object for triple in chain(old, new)}
        for feature, nodes in says.items():
            for one in nodes:
                for other in says_new.get(feature, ()):
                    if (one, other) in scores or not {one, other} & hanging:
                        scores[one, other] += 1
        names: dict[BlankNode, BlankNode] = {}
        taken: set[BlankNode] = set()
        for one, other in sorted(scores, key=lambda pair: (-scores[pair], str(pair[0]), str(pair[1]))):
            if one in taken or other in names:
                continue
            # A list is one value: it is the same or it is another.
            is_list = any(t.predicate == _REST for t in chain(before.get(one, ()), after.get(other, ())))
            if not is_list or _shown(one, before) == _shown(other, after):
                names[other] = one
                taken.add(one)
        if not names:
            return new
        new = {renamed(triple, names) for triple in new}


_Features: TypeAlias = dict[tuple[_Term, _Term], list[BlankNode]]


def _features(triples: Iterable[Triple], loose: set[BlankNode]) -> tuple[_Features, _Features]:
    """What leads to each of the loose blank nodes, and what each says, as far as it has a name."""
    leads_to: _Features = defaultdict(list)
    says: _Features = defaultdict(list)
    for s, p, o in triples:
        if isinstance(o, BlankNode) and o in loose and s not in loose:
            leads_to[s, p].append(o)
        if isinstance(s, BlankNode) and s in loose and o not in loose:
            says[p, o].append(s)
    return leads_to, says


_SIGNS = {"added": "+", "changed": "~", "removed": "-"}  # as in a diff of text


def as_table(difference: Difference, *, language: str = "en", width: int | None = None) -> str:
    """For people: a row a statement, a subject's name in its first row, and the numbers in the last line."""
    rows = []
    for change in difference.changes(language=language):
        name = f"{change.label} ({change.name})" if change.label else change.name
        for number, said in enumerate(change.statements):
            first = (_SIGNS[change.kind], name) if number == 0 else ("", "")
            rows.append((*first, *said))
    head = ("", "thing", "property", "before", "after")
    return (table(head, rows, width=width) if rows else "") + f"{difference.summary()}\n"


def as_markdown(difference: Difference, *, language: str = "en") -> str:
    """For a changelog: headings of the third level, a line a subject, and below it what changed about it."""
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
    """For machines: the SPARQL 1.1 Update that makes the new version of the old one, its data in Turtle.

    Without blank nodes it is a TurtlePatch (https://www.w3.org/2001/sw/wiki/TurtlePatch): DELETE DATA and
    INSERT DATA. Blank nodes have no name to delete them by, so they are found by all that is said of them.
    """
    nodes = blank_nodes(difference.added | difference.removed)
    old = [(triple, blank_nodes([triple])) for triple in difference.old]
    where: list[Triple] = []
    before = -1
    while len(nodes) != before:  # what is said of them may be said through others
        before = len(nodes)
        where = [triple for triple, among in old if among & nodes]
        nodes |= blank_nodes(where)
    known = blank_nodes(where)
    order = sorted(nodes, key=str)
    names = {node: f"{'?' if node in known else '_:'}b{number}" for number, node in enumerate(order)}
    # Turtle has no variables; what stands in for them holds a hash, so that no text of the data is like it.
    stand_ins = {node: NamedNode(f"x:{node.value[1:13]}.{number}") for number, node in enumerate(order)}
    header: set[str] = set()

    def block(triples: Iterable[Triple]) -> str:
        text = serialize(renamed(triple, stand_ins) for triple in triples)
        opening, _, body = text.partition("\n\n")
        header.update(line[1:-2] for line in opening.strip().splitlines())
        for node, name in names.items():
            body = body.replace(str(stand_ins[node]), name)
        return "{\n" + "".join(f"  {line}\n" for line in body.splitlines() if line) + "}"

    steps = []
    sides = (("DELETE", difference.removed), ("INSERT", difference.added))
    for verb, triples in sides:
        if ground := [triple for triple in triples if not blank_nodes([triple])]:
            steps.append(f"{verb} DATA {block(ground)}")
    clauses = []
    for verb, triples in sides:
        if touching := [triple for triple in triples if blank_nodes([triple])]:
            clauses.append(f"{verb} {block(touching)}")
    if clauses:
        steps.append("\n".join([*clauses, f"WHERE {block(where)}"]))
    # BASE and PREFIX are written in SPARQL as in Turtle, but for the @, the full stop and the case.
    declared = [re.sub(r"^\w+", lambda word: word[0].upper(), line) for line in sorted(header)]
    return "\n".join([f"# {difference.summary()}", *declared, "", " ;\n".join(steps)]).rstrip() + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|~&#])", r"\\\1", text)


def _code(text: str) -> str:
    """A code span of CommonMark, whose fence is longer than any run of backticks in the text."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
