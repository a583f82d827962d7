"""One thing of the graph: found by the name a person has for it, and told with who says what about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from policygraph.errors import ResourceError, nearest
from policygraph.i18n import natural, printable
from policygraph.rdf.namespaces import PREFIXES, compact, expand

if TYPE_CHECKING:
    from pyoxigraph import QuerySolutions

    from policygraph.rdf.store import Store

_SHOWN = 12  # candidates in an error message; more would scroll the rest away


def find(store: Store, what: str, *, labels: str) -> str:
    """The IRI of the thing that `what` names: `<IRI>`, an absolute IRI, a CURIE or (the start of) a label.

    `labels` is the SPARQL text of a SELECT with ?thing and ?label. A whole label as written goes before one
    that differs in upper and lower case, and that before the start of one. ResourceError when nothing or more
    than one thing has such a name; its candidates are the things it may be.
    """
    what = what.strip()
    if what.startswith("<") or "://" in what or what.partition(":")[0] in PREFIXES:
        try:
            return expand(what)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a thing: {error}") from None
    wanted = what.casefold()
    exact: dict[str, str] = {}
    whole: dict[str, str] = {}
    starts: dict[str, str] = {}
    known: dict[str, str] = {}
    for row in store.query(labels):  # type: ignore[union-attr]
        thing, label = row["thing"].value, row["label"].value
        folded = label.casefold()
        known.setdefault(folded, label)
        if label == what:
            exact.setdefault(thing, label)
        if folded == wanted:
            whole.setdefault(thing, label)
        if wanted and folded.startswith(wanted):
            starts.setdefault(thing, label)
    found = exact or whole or starts
    if len(found) == 1:
        return next(iter(found))
    if not found:
        close = nearest(wanted, known)
        for folded, label in known.items():
            close = close.replace(repr(folded), repr(label))
        raise ResourceError(f"No label begins with {what!r}, in any language.{close}")
    listed = [
        f"  {printable(label)}  {compact(thing)}"
        for thing, label in sorted(found.items(), key=lambda item: item[1])
    ]
    more = [f"  and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    raise ResourceError(
        "\n".join([f"{what!r} may be any of these; name one by its CURIE:", *listed[:_SHOWN], *more]),
        candidates=tuple(found),
    )


def tell(statements: QuerySolutions, *, width: int | None = None) -> str:
    """Statements as text: each arrow, relation and thing once, with the claims behind it indented below.

    `statements` has ?direction, ?relation, ?other and, of each claim, ?basis, ?strength, ?rationale,
    ?document and ?passages (one a line), any of which may be unbound. No line is longer than `width`
    columns; without a width, none is wrapped.
    """
    from textwrap import wrap

    def put(text: str, indent: int) -> None:
        text = printable(text)
        lines.extend(wrap(text, width, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))
                     if width else [" " * indent + text])  # fmt: skip

    lines: list[str] = []
    before = ""
    for row in statements:
        cells = {name: _text(row[name]) for name in _STATEMENT}
        line = "{direction} {relation}: {other}".format_map(cells)
        if line != before:
            put(line, 0)
            before = line
        basis = ", ".join(cells[name] for name in ("basis", "strength") if cells[name])
        if said := ": ".join(part for part in (basis, cells["rationale"]) if part):
            put(said, 4)
        for evidence in filter(
            None, [cells["document"], *sorted(cells["passages"].split("\n"), key=natural)]
        ):
            put(evidence, 4)
    return "\n".join([*lines, ""])


_STATEMENT = ("direction", "relation", "other", "basis", "strength", "rationale", "document", "passages")


def _text(term: object) -> str:
    if isinstance(term, NamedNode):
        return compact(term.value)
    return "" if term is None else getattr(term, "value", str(term))
