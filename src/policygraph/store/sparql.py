"""Analyse SPARQL 1.1 text by its tokens: the query form, missing prefixes, what to refuse, syntax errors.

All functions use one tokenizer, so a word in a comment, a string or an IRI is never taken for a keyword.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from pyoxigraph import NamedNode, Store

from policygraph.errors import QueryError, nearest
from policygraph.rdf.namespaces import PREFIXES, Prefixes
from policygraph.text import shorten

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_VARYING = ("NOW", "RAND", "UUID")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")

# Oxigraph parses by recursion: 4,000 nested brackets, 16,000 negations or 4,000 BINDs crash the process.
# Terms in VALUES cost no recursion and do not count.
MAX_LENGTH, MAX_DEPTH, MAX_TOKENS = 1_000_000, 100, 5_000

# What is read in vain, but for a few characters, is not read again: the time is that of the length.
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n\r]*)
    | (?P<string>\"{3}(?:[^"\\]++|\\.|\"{1,2}(?!\"))*\"{3} | '{3}(?:[^'\\]++|\\.|'{1,2}(?!'))*'{3}
        | "(?!"")(?:[^"\\\n\r]++|\\[^\n\r])*" | '(?!'')(?:[^'\\\n\r]++|\\[^\n\r])*')
    | (?P<unclosed>\"{3}.* | '{3}.* | ["'][^\n\r]*)
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]++|\\[uU](?=[0-9A-Fa-f]))*>)
    | (?P<variable>[?$]\w+)
    | (?P<blank>_:\w[\w.-]*)
    | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d_](?:[\w.-]{0,99}[\w-])?)?:(?:[\w:.-]*[\w:-]|%[0-9A-Fa-f]{2}|\\[^\w\s])*)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[({\[])
    | (?P<close>[)}\]])
    | (?P<other>\d+(?:\.\d+)?|\^\^|[<>]=|\S)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"""\\(?:[tbnrf"'\\]|u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})""")
# What can only be an IRI outside of strings and comments, and ends none of these.
_ADDRESS = re.compile(r"""<https?://[^<>"'\s(){}\\]*>""")
_BROKEN = "an IRI begins here that holds a space or a sign such as { or |, or is never closed."
_GAP = " " * 15  # longer than any keyword
_SLASHES = re.compile(r"<[A-Za-z][\w+.-]*://")  # of an IRI; no two are in a comparison
_NO_OPERANDS = {*"(,=!<+-*/|&^", "^^", "<=", ">="}  # behind which < compares nothing


def tokens(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The tokens of a text, without comments; `lastgroup` is the kind, such as `name` for a prefixed name.

    A string that is never closed is `unclosed`, to the end of its line or, with three quotes, of the text.
    """
    return (token for token in _TOKEN.finditer(text, start) if token.lastgroup != "comment")


def comments(text: str) -> Iterator[str]:
    """The comments of a text of SPARQL, Turtle, TriG, N-Triples or N-Quads, each with its sign."""
    return (token[0].rstrip() for token in _TOKEN.finditer(text) if token.lastgroup == "comment")


def varies(text: str) -> bool:
    """Whether the same data may give another answer at another time; of a long text, whether they might."""

    def calls(kind: str | None, word: str) -> bool:
        # No space needs to be before a function, and what begins behind < may look like an IRI.
        is_called = kind == "iri" and any(f"{each}(" in word for each in _VARYING)
        return is_called or kind == "unclosed" or (kind == "word" and word.endswith(_VARYING))

    # The server asks this of any text before all else, where no other request is answered meanwhile.
    if not any(map(text.upper().__contains__, _VARYING)):
        return False
    return len(text) > MAX_TOKENS or any(calls(each.lastgroup, each[0].upper()) for each in tokens(text))


def error_at(text: str, offset: int, what: str) -> QueryError:
    """A QueryError with the line and column, both from 1, of an offset."""
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return QueryError(what, line=line, column=column)


def form(text: str) -> str:
    """The query form: one of `FORMS` or, for an update, of `UPDATES`; QueryError when there is none."""
    prologue = False
    for token in tokens(text):
        word = token[0].upper()
        if prologue and token.lastgroup in ("name", "iri", "string"):
            continue
        if prologue and word == "<":
            raise error_at(text, token.start(), _BROKEN)
        if word in FORMS or word in UPDATES:
            return word
        prologue = word in ("PREFIX", "BASE", "VERSION")
        if not prologue:
            what = f"a query begins with {', '.join(FORMS[:-1])} or {FORMS[-1]}, not with {token[0]!r}."
            raise error_at(text, token.start(), what + nearest(word, FORMS))
    raise QueryError(f"the text holds no query; begin one with {', '.join(FORMS[:-1])} or {FORMS[-1]}.")


def asks_graphs(text: str, prefixes: Prefixes = PREFIXES, words: Sequence[str] = ("GRAPH", "FROM")) -> bool:
    """Whether a query asks for graphs by one of these words; errs on the side of yes."""
    found = re.compile("|".join(words), re.IGNORECASE).search
    if not found(text := _ADDRESS.sub("<>", text)):  # many names of a graph's things have such a word in them
        return False
    known = {*prefixes, *declared(text)}

    def may(kind: str | None, word: str) -> bool:  # the engine needs no space around these
        if kind in ("name", "blank") and any(f".{each}" in word.upper() for each in words):
            return True  # b:c.d.GRAPH is read as b:c.d . GRAPH
        prefix = word.partition(":")[0]  # GRAPHb:g is read as GRAPH b:g, whatever is declared
        return kind == "word" or (kind == "name" and (prefix not in known or bool(found(prefix))))

    asks = any(found(token[0]) and may(token.lastgroup, token[0]) for token in tokens(text))
    return asks or any(_in_two_ways(text))


def asked_graphs(
    text: str, prefixes: Prefixes = PREFIXES, base: str = ""
) -> tuple[list[NamedNode], list[NamedNode]]:
    """The graphs that a query names with FROM, and with FROM NAMED; SyntaxError where these are wrong."""
    start, depth, clause, known = -1, 0, "", {*prefixes, *declared(text)}
    words: tuple[list[str], list[str]] = [], []
    for token in tokens(text) if "FROM" in text.upper() else ():
        word, kind = token[0], token.lastgroup
        depth += (kind == "open") - (kind == "close")
        start = token.start() if start < 0 and word.upper() in FORMS else start
        if start < 0 or depth or kind not in ("word", "name", "iri"):
            continue
        # The engine needs no space behind the keywords.
        if kind == "word" or (kind == "name" and word.partition(":")[0] not in known):
            first, second, word = re.findall("^(FROM)?(NAMED)?(.*)", word, re.IGNORECASE)[0]
        else:
            first = second = ""
        clause = "NAMED" if second and (first or clause) else "FROM" if first else clause
        if clause and word:
            words[clause == "NAMED"].append(word)
            clause = ""
    if not any(words):
        return [], []
    asked = [f"{text[:start]} SELECT ?g {{ VALUES ?g {{ {' '.join(each)} }} }}" for each in words]
    found: Any = [Store().query(each, prefixes=dict(prefixes), base_iri=base or None) for each in asked]
    return tuple([row["g"] for row in each] for each in found)  # type: ignore[return-value]


def declared(text: str) -> dict[str, str]:
    """The prefixes that a text declares."""
    words = [*tokens(text)]
    return {
        prefix[0][:-1]: namespace[0][1:-1]
        for word, prefix, namespace in zip(words, words[1:], words[2:], strict=False)
        if (word[0].upper(), prefix.lastgroup, namespace.lastgroup) == ("PREFIX", "name", "iri")
    }


def declare(text: str, prefixes: Prefixes = PREFIXES, base: str = "") -> str:
    """Add a PREFIX declaration for each of `prefixes` that the text uses and does not declare, and the base.

    They are put before the first word, behind the header, so line numbers in a service's error messages stay
    right.
    """
    if not (prefixes or base):
        return text
    words = list(tokens(text))
    # Some services take no second BASE, and what follows one of the text's own needs none.
    rest = re.sub(r"\A(?:#[^\r\n]*[\r\n]|\s)+", "", text)
    own = re.match(r"BASE\s*<[A-Za-z][\w+.-]*:", rest, re.IGNORECASE)
    iris = (token[0] for token in words if token.lastgroup == "iri")
    relative = not own and not all(re.match(r"<[A-Za-z][\w+.-]*:", iri) for iri in iris)
    used = {token[0].partition(":")[0] for token in words if token.lastgroup == "name"}
    missing = sorted((used - declared(text).keys()) & prefixes.keys())
    start = f"BASE <{base}> " if base and relative else ""
    start += "".join(f"PREFIX {prefix}: <{prefixes[prefix]}> " for prefix in missing)
    return text.removesuffix(rest) + start + rest


def guard(text: str, *, services: Collection[str] = ()) -> str:
    """Return the query form, one of `FORMS`; QueryError for a text that is not safe to run.

    Refused are updates; `SERVICE`, since the engine would send requests to any address, except to the IRIs in
    `services`, written in full; and texts so long or so deeply nested that they would crash the process.
    """
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is {len(text):,} characters long; at most {MAX_LENGTH:,} are accepted.")
    # Most queries are short and without SERVICE: their tokens need no check.
    if len(text) > MAX_TOKENS or sum(map(text.count, "([{")) > MAX_DEPTH or "SERVICE" in text.upper():
        _check_tokens(text, [services] if isinstance(services, str) else services)
    word = form(text)
    if word in UPDATES:
        raise QueryError(f"{word} is an update, and updates are refused: the catalogue is files; edit those.")
    return word


def _check_tokens(text: str, services: Collection[str]) -> None:
    """QueryError for `SERVICE` to an IRI that is not allowed, too deep nesting or too many tokens."""
    for token in _in_two_ways(text):
        what = f"{shorten(token[0], 41)!r} can be read in two ways, one of which hides what follows from the"
        how = "put a space behind < in a comparison, end each string, and write IRIs in full and signs"
        raise error_at(text, token.start(), f"{what} checks; {how} without a backslash.")
    depth = count = 0
    values, before = False, ""
    for token in tokens(text):
        kind, word = token.lastgroup, token[0].upper()
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            values = values and word != "}"
        elif word == "VALUES":
            values = True
        elif _may_be_service(kind, word, before) and not _is_allowed(text, token, services):
            what = f"SERVICE is refused (here {token[0]!r}): queries run on the catalogue only"
            instead = "query the other service itself, as an endpoint, or allow it with --allow-service."
            raise error_at(text, token.start(), f"{what}; {instead}")
        # A comparison may look like an IRI, and be as many tokens as it has signs.
        signs = kind == "iri" and not _SLASHES.match(word) and len(re.findall(r"\W", word))
        count += 0 if values else signs or 1
        before = word
        if depth > MAX_DEPTH:
            raise error_at(text, token.start(), f"brackets are nested more than {MAX_DEPTH} deep.")
        if count > MAX_TOKENS:
            what = f"the query has more than {MAX_TOKENS:,} tokens; put long lists into VALUES."
            raise error_at(text, token.start(), what)


def _may_be_service(kind: str | None, word: str, before: str) -> bool:
    # Oxigraph needs no space around keywords: it reads SERVICEex:s as SERVICE ex:s, and trueSERVICE as two
    # words. No other keyword contains SERVICE, so any token that does is refused.
    # Of a local name, it reads what is up to the first or the second dot.
    if kind == "name" and "SERVICE" in word.partition(":")[0]:
        return before != "PREFIX"
    return (kind == "word" and "SERVICE" in word) or (kind in ("name", "blank") and ".SERVICE" in word)


def _in_two_ways(text: str) -> Iterator[re.Match[str]]:
    """The tokens in whose place the engine may read strings, brackets or comments."""
    opened: list[str] = []
    before, values = "", False
    for token in tokens(text):
        kind, word = token.lastgroup, token[0]
        if kind == "iri" and not _SLASHES.match(word) and re.search(r"['()[\]#]", word):
            # FILTER(1<'>' … is a comparison, and <<?s?p'>' … a triple.
            compares = opened[-1:] == ["("] and not values and before not in _NO_OPERANDS
            unsure = compares or text[token.start() - 1] == "<"
        elif kind == "string":  # what is wrong for a long one, it reads as shorter ones
            unsure = word[:3] in ("'''", '"""') and "\\" in _ESCAPE.sub("", word)
        else:
            unsure = kind == "unclosed" or word == "\\"
        if unsure:
            yield token
        if kind == "open":
            opened.append(word)
        elif kind == "close":
            del opened[-1:]
        values = word.upper() == "VALUES" or (values and word != "}")
        before = word


def _is_allowed(text: str, service: re.Match[str], services: Collection[str]) -> bool:
    if not services or service[0].upper() != "SERVICE":
        return False
    following = (token[0] for token in tokens(text, service.end()))
    address = next((word for word in following if word.upper() != "SILENT"), "")
    return address[:1] + address[-1:] == "<>" and address[1:-1] in services


def syntax_error(text: str, prefixes: Prefixes = PREFIXES, base: str = "") -> QueryError:
    """Explain in one sentence, with the place, why pyoxigraph cannot read a text.

    Its list of everything it would have accepted helps nobody, so the usual causes are looked for first.
    """
    opened: list[re.Match[str]] = []
    known = {*prefixes, *declared(text)}
    for token in tokens(text):
        kind, word = token.lastgroup, token[0]
        if kind == "name":
            prefix = word.partition(":")[0]
            if prefix not in known and text[token.start() - 1] == "<":
                return error_at(text, token.start() - 1, _BROKEN)
            if prefix not in known:
                hint = nearest(prefix, known) or f" Declare it: PREFIX {prefix}: <…>."
                return error_at(text, token.start(), f"the prefix of {word!r} is not declared.{hint}")
        elif kind == "open":
            opened.append(token)
        elif kind == "close":
            if not opened or "([{".index(opened[-1][0]) != ")]}".index(word):
                return error_at(text, token.start(), f"{word!r} closes nothing.")
            opened.pop()
        elif kind == "unclosed":
            return error_at(text, token.start(), "a string begins here and is never closed.")
    if opened:
        return error_at(text, opened[-1].start(), f"{opened[-1][0]!r} is never closed.")

    # Where the engine seeks a keyword, it says where that would end: with gaps, before the next token. In one
    # line, columns are offsets.
    def spread(token: re.Match[str]) -> str:
        is_apart = token.lastgroup in ("close", "variable") or text[token.start() - 1].isspace()
        return _GAP * (is_apart or token[0] in ",{") + token[0]

    spaced = _TOKEN.sub(spread, text).replace("\n", "\r") + _GAP
    message = ""
    try:
        Store().query(spaced, base_iri=base or None, prefixes=dict(prefixes))
    except SyntaxError as error:
        message = str(error)
    found = re.findall(r"error at 1:(\d+): expected (?:one of )?(.*)", message, re.DOTALL) or [("1", "")]
    column, sought = int(found[0][0]), found[0][1].split(", ")
    end = column - 1 - min(len(each) if re.fullmatch(r"\w+", each) else 0 for each in sought)
    signs = islice(re.finditer(r"\S", text), len("".join(spaced[:end].split())), None)
    at = next((each.start() for each in signs), len(text.rstrip()))
    # Between grammar symbols, the engine's own remarks are the only parts in plain words.
    depth, remark = 0, next((each for each in sought if re.match(r"\w+ \S+ ", each)), "")
    # One is made behind what it is about, such as a SELECT or an IRI.
    for token in reversed([*tokens(text[:at])] if remark else []):
        depth += (token.lastgroup == "close") - (token.lastgroup == "open")
        if depth <= 0 and {token[0].upper(), str(token.lastgroup).upper()} & {*remark.split()}:
            return error_at(text, token.start(), f"{remark.rstrip('.')}.")
    for name in re.finditer(r"(?<![\w-])[\w-]*:[\w.-]+(?:/[\w.-]+)+", text):
        if name.start() <= at < name.end():
            escaped = name[0].replace("/", "\\/")
            return error_at(text, at, f"a slash in a prefixed name is escaped: {escaped}")
    rest = text[at:].partition("\n")[0].strip()
    # The position is the furthest that the parser got, so the mistake is there or just before.
    what = f"the query cannot be read at or before {rest[:40]!r}."
    return error_at(text, at, what if rest else "the end of the query is missing.")
