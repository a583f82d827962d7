"""One thing of the graph, found by the name that a person has for it: its IRI, a CURIE or its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policygraph.errors import ResourceError, nearest
from policygraph.vocabulary import PREFIXES, compact, expand

if TYPE_CHECKING:
    from policygraph.store import Store

_SHOWN = 12  # candidates in an error message; more would scroll the rest away


def find(store: Store, what: str, *, labels: str) -> str:
    """The IRI of the thing that `what` names: `<IRI>`, an absolute IRI, a CURIE or (the start of) a label.

    `labels` is the SPARQL text of a SELECT with ?thing and ?label. Upper and lower case are the same in
    labels, and a whole label goes before the start of one. ResourceError when nothing or more than one thing
    has such a name; its candidates are the things it may be.
    """
    what = what.strip()
    if what.startswith("<") or "://" in what or what.partition(":")[0] in PREFIXES:
        try:
            return expand(what)
        except ValueError as error:
            raise ResourceError(f"{what!r} is not the name of a thing: {error}") from None
    wanted = what.casefold()
    whole: dict[str, str] = {}
    starts: dict[str, str] = {}
    known: dict[str, str] = {}
    for row in store.query(labels):  # type: ignore[union-attr]
        thing, label = row["thing"].value, row["label"].value
        folded = label.casefold()
        known.setdefault(folded, label)
        if folded == wanted:
            whole.setdefault(thing, label)
        if wanted and folded.startswith(wanted):
            starts.setdefault(thing, label)
    found = whole or starts
    if len(found) == 1:
        return next(iter(found))
    if not found:
        close = nearest(wanted, known)
        for folded, label in known.items():
            close = close.replace(repr(folded), repr(label))
        raise ResourceError(f"No label begins with {what!r}, in any language.{close}")
    listed = [
        f"  {label}  {compact(thing)}" for thing, label in sorted(found.items(), key=lambda item: item[1])
    ]
    more = [f"  and {len(listed) - _SHOWN} more"] if len(listed) > _SHOWN else []
    raise ResourceError(
        "\n".join(
            [f"{what!r} may be any of these; name one by its whole label or CURIE:", *listed[:_SHOWN], *more]
        ),
        candidates=tuple(found),
    )
