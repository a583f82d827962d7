"""RDF documents read safely: whatever is in the file, the process lives and the error has a place.

Before the parser sees a text, what would end the process or reach out of it is refused: entities in RDF/XML,
deep nesting, remote contexts in JSON-LD, files that are not files. After it, literals whose text is not of
their datatype are refused too, for the engine would take them in silence and then find nothing.

The word is from RDF 1.1 Concepts (https://www.w3.org/TR/rdf11-concepts/#rdf-documents).
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox

from policygraph.errors import DocumentError, nearest
from policygraph.rdf.namespaces import PREFIXES

SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}
_BOM = b"\xef\xbb\xbf"
LARGEST = 256 * 1024 * 1024  # bytes; a larger graph belongs in a server, reached as an endpoint
DEEPEST = 200  # levels; the parser overflows the stack at some thousands

_XSD = PREFIXES["xsd"]
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_DAY = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
# XML Schema 1.1 part 2: the texts of a datatype, where a pattern can say it …
_PATTERNS = {
    "boolean": "true|false|1|0",
    "decimal": _NUMBER,
    "double": rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "float": rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN",
    "hexBinary": "(?:[0-9A-Fa-f]{2})*",
    "language": "[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
}
# … the bounds of the integers …
_BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    **{name: (-(2**bits) // 2, 2**bits // 2 - 1) for name, bits in _BITS.items()},
    **{f"unsigned{name.title()}": (0, 2**bits - 1) for name, bits in _BITS.items()},
}
# … and what takes a calendar, which is the engine's. The pattern spares it what is plainly right.
_CASTS = {
    "date": rf"(?!0000)[0-9]{{4}}-{_DAY}",
    "dateTime": rf"(?!0000)[0-9]{{4}}-{_DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?",
    "gYear": "(?!0000)[0-9]{4}",
    "gYearMonth": "(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])",
    "gMonthDay": rf"--(?:{_DAY}|02-29)",  # the engine refuses leap day
    **dict.fromkeys(("time", "gMonth", "gDay", "duration", "dayTimeDuration", "yearMonthDuration"), "(?!)"),
}
_KNOWN = {**_PATTERNS, **_CASTS}  # compiled when met: most files need two or three of them
_INTEGER = r"[+-]?[0-9]{1,4000}"  # int() refuses more than 4,300 digits
_FAMILY = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)

Typed = set[tuple[str, str]]  # texts of literals with the names of their XML Schema datatypes


def read(path: str | Path, *, graph: str | None = None) -> list[ox.Quad]:
    """The quads of an RDF file, in its order; what it puts in no graph goes into the graph named `graph`.

    DocumentError, with line and column where known, for anything that is not a sound RDF file.
    """
    return parse(_bytes(Path(path)), name=str(path), graph=graph)


def parse(
    data: bytes, *, name: str, format: ox.RdfFormat | None = None, graph: str | None = None
) -> list[ox.Quad]:
    """The quads of an RDF document already in memory; `name` is its file name or IRI, for messages.

    Without a format, the suffix of the name decides. DocumentError as for `read`.
    """
    format = format or _format(name)
    text = _sound(data, name=name, format=format)
    try:
        # IRIs are resolved by the base that the document declares: a file means the same wherever it lies.
        quads = list(ox.parse(text, format=format))
    except SyntaxError as error:
        raise _located(error, data, name=name, format=format) from None
    literals = (quad.object for quad in quads if type(quad.object) is ox.Literal)
    typed = {(o.value, o.datatype.value) for o in literals if not o.language}
    wrong = _ill_typed({(v, t.removeprefix(_XSD)) for v, t in typed if t.startswith(_XSD)})
    if wrong:
        raise _misfit(wrong, text, name=name)
    if graph is None:
        return quads
    home, nowhere = ox.NamedNode(graph), ox.DefaultGraph()
    return [ox.Quad(q.subject, q.predicate, q.object, home) if q.graph_name == nowhere else q for q in quads]


def load(path: str | Path, *, store: ox.Store, graph: str) -> None:
    """Puts an RDF file into an engine's graph: the same as adding what `read` gives, in half the time.

    The engine parses the file itself, once a glance at the text has shown that every typed literal in it is
    right. Where a glance cannot tell, the file is read in full. DocumentError as for `read`.
    """
    data, name, home = _bytes(Path(path)), str(path), ox.NamedNode(graph)
    format = _format(name)
    text = _sound(data, name=name, format=format)
    typed = _glance(text) if format in _FAMILY else None
    if typed is None or _ill_typed(typed):
        store.extend(parse(data, name=name, format=format, graph=graph))
        return
    try:
        store.load(data.removeprefix(_BOM), format=format, to_graph=home)
    except SyntaxError as error:
        raise _located(error, data, name=name, format=format) from None


def _bytes(path: Path) -> bytes:
    """What is in a file, looked at before it is opened: opening a FIFO would wait for ever."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError("This is a folder; name an RDF file in it.", path=path)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("This is a pipe or a device; save its content in a file first.", path=path)
        if status.st_size > LARGEST:
            size, most = (f"{n / 1024**2:,.0f} MB" for n in (status.st_size, LARGEST))
            what = f"This file has {size}, more than the {most} that are read; load it into a SPARQL server."
            raise DocumentError(what, path=path)
        return path.read_bytes()
    except FileNotFoundError:
        raise DocumentError("There is no such file.", path=path) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"This file cannot be read ({reason}).", path=path) from None


def _format(name: str) -> ox.RdfFormat:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        what = f"The suffix {suffix!r} is of no RDF format; those known are {known}."
        what += " Unpack it first: gunzip FILE." if suffix == ".gz" else nearest(suffix, SUFFIXES)
        raise DocumentError(what, path=name)
    return SUFFIXES[suffix]


def _sound(data: bytes, *, name: str, format: ox.RdfFormat) -> str:
    """The text of a document that can be given to the parser."""
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(error.object[: error.start].decode("utf-8"))
        what = f"The byte 0x{data[error.start]:02X} is not UTF-8; save the file in that encoding."
        raise DocumentError(what, path=name, line=line, column=column) from None
    nul = text.find("\0")
    if nul >= 0:
        line, column = _place(text[:nul])
        what = "There is a NUL byte here; this is no text, or the file is damaged."
        raise DocumentError(what, path=name, line=line, column=column)
    if format == ox.RdfFormat.RDF_XML:
        declared = re.search("<!(DOCTYPE|ENTITY)", text)
        if declared:
            line, column = _place(text[: declared.start()])
            what = (
                f"Entity declarations ({declared[0]}) are not read; remove them and write out the entities."
            )
            raise DocumentError(what, path=name, line=line, column=column)
    elif format == ox.RdfFormat.JSON_LD:
        _shallow(re.finditer(r'"(?:[^"\\]|\\.)*"?|[][{}]', text, re.DOTALL), "[{", "]}", text, name=name)
    elif "<<(" in text:
        _shallow(re.finditer(r"<<|>>", text), ("<<",), (">>",), text, name=name)
    return text


def _shallow(
    tokens: Iterator[re.Match[str]], opening: str | tuple[str, ...], closing: object, text: str, *, name: str
) -> None:
    depth = 0
    for token in tokens:
        depth += (token[0] in opening) - (token[0] in closing)  # type: ignore[operator]
        if depth > DEEPEST:
            line, column = _place(text[: token.start()])
            what = f"Nesting is deeper than {DEEPEST} levels here; flatten the document."
            raise DocumentError(what, path=name, line=line, column=column)


def _place(before: str) -> tuple[int, int]:
    """The line and column, both from 1, of what comes after a text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _located(error: SyntaxError, data: bytes, *, name: str, format: ox.RdfFormat) -> DocumentError:
    """The parser's error, with a place and words of our own where it has none."""
    if "LoadDocumentCallback" in str(error):
        text = data.decode("utf-8")
        remote = re.search(r'"@(?:context|import)"\s*:\s*(?:\[[^]"]*)?"', text) or re.search(
            '"@context"', text
        )
        line, column = _place(text[: remote.start()]) if remote else (None, None)
        what = "A remote @context is never fetched; write the context into the document."
        return DocumentError(what, path=name, line=line, column=column)
    if format == ox.RdfFormat.RDF_XML and error.lineno is None:
        # The parser does not say where; expat does, and by now there are no entities to fear.
        from xml.parsers import expat

        try:
            expat.ParserCreate().Parse(data, True)
        except expat.ExpatError as place:
            what = f"{expat.ErrorString(place.code).capitalize()}."
            return DocumentError(what, path=name, line=place.lineno, column=place.offset + 1)
    return DocumentError.of(error, path=name)


def _glance(text: str) -> Typed | None:
    """The typed literals in Turtle or one of its relatives, or more (comments too); None when unsure."""
    typed = set()
    name = re.compile(rf"xsd:(\w+)|<{re.escape(_XSD)}(\w+)>")
    for before, after in pairwise(text.split("^^")):
        start = before.rfind('"', 0, -1)
        lexical = before[start + 1 : -1]
        datatype = name.match(after)
        plain = before.endswith('"') and before[start - 1 : start] != "\\" and "\\" not in lexical
        if not plain or not datatype:
            return None
        typed.add((lexical, datatype[1] or datatype[2]))
    return typed


def _ill_typed(typed: Typed) -> Typed:
    """Those literals whose text is not of their datatype; datatypes not known here may have any text."""
    wrong: Typed = set()
    unsure: Typed = set()
    for lexical, datatype in typed:
        if datatype in _BOUNDS:
            low, high = _BOUNDS[datatype]
            number = int(lexical) if re.fullmatch(_INTEGER, lexical) else None
            right = number is not None and (low is None or low <= number) and (high is None or number <= high)
        else:
            right = datatype not in _KNOWN or re.fullmatch(_KNOWN[datatype], lexical) is not None
        if not right:
            (unsure if datatype in _CASTS else wrong).add((lexical, datatype))
    if unsure:
        # One question for all of them: which do not survive a cast?
        casts = " UNION ".join(
            f"{{ VALUES ?text {{ {' '.join(str(ox.Literal(v)) for v, t in sorted(unsure) if t == name)} }} "
            f'BIND(<{_XSD}{name}>(?text) AS ?value) BIND("{name}" AS ?name) }}'
            for name in sorted({t for _, t in unsure})
        )
        rows = ox.Store().query(f"SELECT ?text ?name {{ {casts} FILTER(!BOUND(?value)) }}")
        wrong |= {(row["text"].value, row["name"].value) for row in rows}  # type: ignore[union-attr]
    return wrong


def _misfit(wrong: Typed, text: str, *, name: str) -> DocumentError:
    """The error for the first of the ill-typed literals that the text shows."""

    def where(literal: tuple[str, str]) -> int:
        lexical, datatype = re.escape(literal[0]), re.escape(literal[1])
        for pattern in (rf'["\']{lexical}["\']\s*\^\^\s*\S*{datatype}\b', rf'["\'>]{lexical}["\'<]', lexical):
            found = re.search(pattern, text)
            if found:
                return found.start()
        return len(text)

    first = min(wrong, key=lambda literal: (where(literal), literal))
    line, column = _place(text[: where(first)]) if where(first) < len(text) else (None, None)
    shown = first[0] if len(first[0]) <= 60 else first[0][:60] + "…"
    what = f'"{shown}" is no xsd:{first[1]}; correct the value or its datatype.'
    return DocumentError(what, path=name, line=line, column=column)
