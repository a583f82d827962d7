"""Compare two versions of a graph by their triples, whatever the layout of their files.

Order, prefixes and the labels of blank nodes do not count: each connected group of blank nodes is named by
its content (RDF Dataset Canonicalization, https://www.w3.org/TR/rdf-canon/) and by how many of the same there
are. A group in which something changed is another group: its triples are all removed and added.

A statement that claims of both versions make, on better or worse grounds, is strengthened or weakened.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from policygraph.errors import FormatError
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, Prefixes, compact, expand, local_name
from policygraph.rdf.terms import TYPE, Term, best_literal, blank_nodes, canonical, renamed
from policygraph.rdf.turtle import serialize
from policygraph.text import escape_markdown, grouped, printable, table

_Statements: TypeAlias = Iterable[Quad | Triple]


class _BySubject(dict[Term, list[Triple]]):
    """The triples of one version by subject, with the texts of its blank nodes so many levels deep."""

    def __init__(self) -> None:
        self.texts: dict[tuple[Term, int], str] = {}


_FIRST, _REST = (NamedNode(expand(name)) for name in ("rdf:first", "rdf:rest"))
_SHORTHAND = {expand(name) for name in ("xsd:integer", "xsd:decimal", "xsd:boolean")}
_DEPTH, _LONG = 50, 2_000  # levels of blank nodes that are shown, and characters of one within another
_STATEMENT = tuple(NamedNode(expand(name)) for name in ("rdf:subject", "rdf:predicate", "rdf:object"))
_GROUNDS = {"weak": 0, "medium": 1, "strong": 2, "derived": 3, "external": 3, "stated": 3}
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}  # as in a text diff
_SIGNS |= {"strengthened": "↑", "weakened": "↓"}
_KINDS = tuple(_SIGNS)


class StatementChange(NamedTuple):
    """A changed property value, as text for people; `before` or `after` is "" where there was none."""

    property: str  # a CURIE
    before: str  # as in Turtle; a blank node with all that is said of it, as [ … ]
    after: str


class Change(NamedTuple):
    """The changes of one subject."""

    kind: str  # "added", "removed", "changed" (said differently), "strengthened" or "weakened" (claimed so)
    name: str  # its CURIE, or "[]" for a blank node that is no value
    label: str  # in the requested language if there is one; "" without any label
    types: tuple[str, ...]  # CURIEs
    statements: tuple[StatementChange, ...]


@dataclass(frozen=True)
class Difference:
    """Two versions as sets of triples, in which matching blank nodes have the same name."""

    old: frozenset[Triple]
    new: frozenset[Triple]
    prefixes: Prefixes = field(compare=False, repr=False)  # of the CURIEs that people read

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
        before, after, known = _by_subject(self.old), _by_subject(self.new), self.prefixes
        sides: dict[tuple[Term, str, str], tuple[list[Triple], list[Triple]]] = {}
        for number, triples in enumerate((self.removed, self.added)):
            changed = _by_subject(triples)
            for subject in _listed(changed):
                for triple in changed[subject]:
                    key = (subject, compact(triple.predicate.value, known), _language(triple))
                    sides.setdefault(key, ([], []))[number].append(triple)
        by_subject: dict[Term, list[StatementChange]] = defaultdict(list)
        for (subject, property_, _), (removed, added) in sides.items():
            old = [_shown(triple.object, before, known) for triple in removed]
            new = [_shown(triple.object, after, known) for triple in added]
            one = len(old) == len(new) == 1 and _single(removed[0], before) and _single(added[0], after)
            if one and old == new and isinstance(removed[0].object, Literal):  # without their datatypes
                terms: list[Any] = [removed[0].object, added[0].object]
                types = [compact(each.datatype.value, known) for each in terms]
                old, new = ([f"{text} ({type_})"] for text, type_ in zip((*old, *new), types, strict=True))
            pairs = [(*old, *new)] if one else [*((text, "") for text in old), *(("", text) for text in new)]
            by_subject[subject] += [StatementChange(property_, *pair) for pair in pairs]
        changes = []
        for subject, statements in by_subject.items():
            kind = "added" if subject not in before else "removed" if subject not in after else "changed"
            own = after.get(subject) or before.get(subject, [])
            name = compact(subject.value, known) if isinstance(subject, NamedNode) else "[]"
            types = sorted(_shown(t.object, after, known) for t in own if t.predicate == TYPE)
            statements.sort(key=lambda change: (change.property != "rdf:type", change))
            changes.append(Change(kind, name, _label(own, language), tuple(types), tuple(statements)))
        now = _grounds(after)
        for statement, ground in _grounds(before).items():
            if rise := _GROUNDS[now.get(statement, ground)] - _GROUNDS[ground]:
                name, *parts = (_shown(part, after, known) for part in statement)
                claimed = StatementChange(" ".join(parts), ground, now[statement])
                label = _label(after.get(statement[0], []), language)
                changes.append(Change(_KINDS[-2 if rise > 0 else -1], name, label, (), (claimed,)))
        return sorted(changes, key=lambda c: (_KINDS.index(c.kind), c.label.casefold(), c))

    def summary(self) -> str:
        """The difference in numbers: "2 things added, 1 changed, 14 statements added, 3 removed"."""
        things = Counter(change.kind for change in self.changes())
        claims = Counter({kind: things.pop(kind, 0) for kind in _KINDS[-2:]})
        statements = Counter(added=len(self.added), removed=len(self.removed))
        parts = []
        for what, numbers in (("thing", things), ("claim", claims), ("statement", statements)):
            kinds = [kind for kind in _KINDS if numbers[kind]]
            for kind in kinds:
                # The noun is written once: 2 things added, 1 changed.
                noun = f" {what}{'s' if numbers[kind] > 1 else ''}" if kind == kinds[0] else ""
                parts.append(f"{numbers[kind]:,}{noun} {kind}")
        return ", ".join(parts) or "Nothing changed"


def difference(old: _Statements, new: _Statements, *, prefixes: Prefixes = PREFIXES) -> Difference:
    """Compare two versions of a graph; in which named graph a triple is does not count."""
    return Difference(_named_by_content(old), _named_by_content(new), prefixes)


def _grounds(triples: _BySubject) -> dict[tuple[Term, ...], str]:
    """The best ground of each statement that claims make: its basis or, where inferred, its strength."""
    found: dict[tuple[Term, ...], str] = {}
    for own in triples.values():
        values = {t.predicate: t.object for t in own}
        if values.keys() >= set(_STATEMENT):
            statement = tuple(values.pop(part) for part in _STATEMENT)
            iris = (each.value for each in values.values() if isinstance(each, NamedNode))
            names = {local_name(iri) for iri in iris if iri.startswith(PREFIXES["pgc"])}
            if (grounds := names & _GROUNDS.keys()) and "rejected" not in names:
                best = max(sorted(grounds), key=_GROUNDS.__getitem__)
                found[statement] = max(best, found.get(statement, "weak"), key=_GROUNDS.__getitem__)
    return found


def _shown(
    term: Term, triples: _BySubject, known: Prefixes, inside: frozenset[Term] = frozenset(), depth: int = 0
) -> str:
    """A term as in Turtle, with CURIEs; a blank node with what is said of it, within `_DEPTH` and `_LONG`."""
    if isinstance(term, NamedNode):
        text = compact(term.value, known)
    elif isinstance(term, Literal):
        datatype = term.datatype.value
        text = str(Literal(term.value, language=term.language, direction=term.direction))
        if not term.language and datatype != expand("xsd:string"):
            text = term.value if datatype in _SHORTHAND else f"{text}^^{compact(datatype, known)}"
    elif isinstance(term, Triple) or term in inside:
        text = str(term) if isinstance(term, Triple) else "[]"
    else:
        if (term, depth) not in triples.texts:
            text = _blank(term, triples, known, inside, depth) if depth < _DEPTH else "[ … ]"
            triples.texts[term, depth] = "[ … ]" if depth and len(text) > _LONG else text
        return triples.texts[term, depth]
    return "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in text)


def _blank(term: Term, triples: _BySubject, known: Prefixes, inside: frozenset[Term], depth: int) -> str:
    """A blank node as [ … ] or, for a list, ( … )."""
    inside |= {term}
    own = triples.get(term, [])
    items: list[str] = []
    while {t.predicate for t in own} - {TYPE} == {_FIRST, _REST}:
        items += [_shown(t.object, triples, known, inside, depth + 1) for t in own if t.predicate == _FIRST]
        term = next(t.object for t in own if t.predicate == _REST)
        own = [] if term in inside else triples.get(term, [])
        inside |= {term}
    if items:
        return f"( {' '.join(items)} )"
    pairs = ((t.predicate, _shown(t.object, triples, known, inside, depth + 1)) for t in own)
    parts = sorted(f"{compact(predicate.value, known)} {value}" for predicate, value in pairs)
    return f"[ {' ; '.join(parts)} ]" if parts else "[]"


def _label(triples: list[Triple], language: str) -> str:
    named = (t.object for name in LABEL_PROPERTIES[:-1] for t in triples if t.predicate.value == name)
    best = best_literal((each for each in named if isinstance(each, Literal)), language)
    return printable(best.value) if best else ""


def _language(triple: Triple) -> str:
    return getattr(triple.object, "language", None) or ""


def _single(triple: Triple, triples: _BySubject) -> bool:
    """Whether a predicate has only this value in its language."""
    values = [t for t in triples[triple.subject] if t.predicate == triple.predicate]
    return [_language(t) for t in values].count(_language(triple)) == 1


def _listed(by_subject: _BySubject) -> list[Term]:
    """The subjects of a report: all but the blank nodes that are shown as a value of another."""
    values = {triple.object for triples in by_subject.values() for triple in triples}
    listed: list[Term] = []
    shown: set[Term] = set()
    # Last are blank nodes that are values: one is still not shown if only a cycle leads to it.
    order = sorted(by_subject, key=lambda term: (isinstance(term, BlankNode), term in values, str(term)))
    for subject in order:
        if subject not in shown:
            listed.append(subject)
            waiting = [subject]
            while waiting:
                objects = {triple.object for triple in by_subject.get(waiting.pop(), ())}
                fresh = {term for term in objects if isinstance(term, BlankNode)} - shown
                waiting += fresh
                shown |= fresh
    return listed


def _by_subject(triples: Iterable[Triple]) -> _BySubject:
    by_subject = _BySubject()
    for triple in sorted(triples, key=str):
        by_subject.setdefault(triple.subject, []).append(triple)
    return by_subject


def _named_by_content(quads: _Statements) -> frozenset[Triple]:
    """The triples, with each blank node named by the content of its connected group."""
    triples = {quad.triple if isinstance(quad, Quad) else quad for quad in quads}
    touching = grouped((node, triple) for triple in triples for node in blank_nodes([triple]))
    named = {triple for triple in triples if not blank_nodes([triple])}
    alike = Counter[str]()
    while touching:
        group: set[Triple] = set()
        waiting = {next(iter(touching))}
        while waiting:
            fresh = {*touching.pop(waiting.pop(), ())} - group
            group |= fresh
            waiting |= blank_nodes(fresh)
        content = {quad.triple for quad in canonical(group)}
        digest = sha256("\n".join(sorted(map(str, content))).encode()).hexdigest()
        alike[digest] += 1
        name = f"h{digest}n{alike[digest]}"
        names = {node: BlankNode(f"{name}{node.value}") for node in blank_nodes(content)}
        named |= {renamed(triple, names) for triple in content}
    return frozenset(named)


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
    lines, before = list[str](), ""
    for change in difference.changes(language=language):
        if change.kind != before:
            lines += ["", f"### {change.kind.title()}", ""]
            before = change.kind
        label = escape_markdown(change.label)
        name = f"{label} ({_code(change.name)})" if label else _code(change.name)
        kind = f": {', '.join(map(_code, change.types))}" if change.types and before != "changed" else ""
        lines.append(f"- {name}{kind}")
        for path, old, new in change.statements if change.kind not in ("added", "removed") else ():
            one = f"added {_code(new)}" if new else f"removed {_code(old)}"
            lines.append(f"  - {_code(path)}: {f'{_code(old)} → {_code(new)}' if old and new else one}")
    return "\n".join([*lines[1:], ""]) if lines else f"{difference.summary()}.\n"


def as_patch(difference: Difference) -> str:
    """Format a difference as a SPARQL 1.1 Update that turns the old version into the new one.

    It is a TurtlePatch (https://www.w3.org/2001/sw/wiki/TurtlePatch): DELETE DATA and INSERT DATA.

    FormatError when a removed triple has a blank node, which has no name to delete it by.
    """
    if blank_nodes(difference.removed):
        what = "a patch cannot be written: it would delete blank nodes, which have no names"
        raise FormatError(f"{what}; ask for the table, or pass on both versions as Turtle.")
    header: set[str] = set()
    steps = []
    for verb, triples in (("DELETE", difference.removed), ("INSERT", difference.added)):
        if triples:
            text = serialize(triples, prefixes=difference.prefixes)
            opening, _, body = text.partition("\n\n") if text.startswith("@") else ("", "", text)
            header.update(line[1:-2] for line in opening.splitlines())
            lines = "".join(f"  {line}\n" for line in body.split("\n") if line)
            steps.append(f"{verb} DATA {{\n{lines}}}")
    # SPARQL writes BASE and PREFIX as Turtle does, but for the @, the full stop and the case.
    declared = [re.sub(r"^\w+", lambda word: word[0].upper(), line) for line in sorted(header)]
    return "\n".join([f"# {difference.summary()}", *declared, "", " ;\n".join(steps)]).rstrip() + "\n"


def _code(text: str) -> str:
    """A code span of CommonMark, whose fence is longer than any run of backticks in the text."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}"
