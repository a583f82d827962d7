"""Cut the replies to assistants to a size that these can read, entry by entry."""

from __future__ import annotations

import json
import re
from typing import Any, TypeAlias

from policygraph.errors import QueryError
from policygraph.text import shorten

MAX_BYTES = 4_000  # the most of a reply

_WHOLE = {"matched", "between", "notes", "citation", "searched", "examples"}  # lists that are not cut
_LONGEST = (600, 200, 100, 60, 40, 25, 12, 6)  # characters of a text, fewer where no entry would fit
_TIMES = 4  # times as many, of what a claim is cited for
_MARK = re.compile(r" \[\S{1,300}\]\Z")

Reply: TypeAlias = dict[str, Any]


def fitted(reply: Reply, offset: int = 0, most: int = MAX_BYTES) -> Reply:
    """The reply with as many entries of its lists, from the offset on, as make at most so many bytes.

    Claims that are a mapping come with the entries that cite their marks. A reply that says whether there is
    `more` begins at the offset itself.
    """
    marked = {**reply["claims"]} if isinstance(reply.get("claims"), dict) else {}
    # Where the rows are a page of more, the marks of what is disputed are no rows.
    whole = _WHOLE | {"disputed"} if "more" in reply else _WHOLE
    lists = {name: each for name, each in reply.items() if isinstance(each, list) and name not in whole}
    entries = [(name, entry) for name, each in lists.items() for entry in each]
    entries = entries if "more" in reply else entries[offset:]
    if offset and not entries:
        raise QueryError(f"Nothing is left from offset {offset} on; ask with a smaller one.")
    fit = {name: [] if name in (*lists, "claims") else _cut(each) for name, each in reply.items()}
    fit |= {name: _cut(reply[name], most // 2) for name in {"outside"} & fit.keys()}  # all that is covered
    more, used, number = fit.pop("more", False), len(as_json(fit).encode()) + 120, 0  # for `next` and `cut`
    for name, entry in entries:
        marks = entry.get("cite", ()) if marked else ()
        pieces = [(name, entry), *(("claims", marked.pop(mark)) for mark in marks if mark in marked)]
        for longest in _LONGEST:
            width = min(_TIMES * longest, _LONGEST[0])
            new = [(key, _cut(each, longest if key == "claims" else width)) for key, each in pieces]
            size = sum(len(as_json(each).encode()) + 2 for _, each in new)
            if number or used + size <= most:
                break
        if number and used + size > most:
            break
        for key, each in new:
            fit[key].append(each)
        used, number = used + size, number + 1
    if more or number < len(entries):
        text = f"Not the whole answer; ask for the rest with the offset {offset + number}."
        fit |= {"next": offset + number, "cut": text}
    return fit


def _cut(value: Any, longest: int = _LONGEST[0]) -> Any:
    """A value with its texts cut to so many characters, but for marks, also at their ends, and addresses."""
    if isinstance(value, dict):
        return {name: _cut(each, longest) for name, each in value.items()}
    if isinstance(value, list):
        return [_cut(each, longest) for each in value]
    whole = not isinstance(value, str) or (" " not in value and len(value) <= _LONGEST[0] // 2)
    if whole:
        return value
    mark = "".join(_MARK.findall(value))
    return shorten(value.removesuffix(mark), longest) + mark


def as_json(value: Any) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)
