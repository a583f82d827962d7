"""Write query results and graphs in the formats of `FORMATS`, chosen by name or by a file's suffix.

Rows (results of SELECT and ASK) are written for people as `table` and `markdown`, for machines in the four
W3C result formats; graphs (CONSTRUCT, DESCRIBE, a whole store) in the W3C syntaxes of RDF. The same graph
always gives the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from shutil import copymode
from typing import Any, NamedTuple, TypeAlias

import pyoxigraph as ox

from policygraph.errors import FormatError, nearest, reason
from policygraph.rdf.namespaces import PREFIXES, Prefixes, compact
from policygraph.rdf.terms import NUMBERS, Term, canonical
from policygraph.text import NOT_XML, csv_text, escape_markdown, gzipped, records, table


class Solutions(NamedTuple):
    """The rows of a SELECT as people read them: its variables, and for each row their terms."""

    variables: Sequence[str]
    rows: Sequence[Sequence[Term | None]]


Rows: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | Solutions
PEOPLE = ("table", "record", "markdown")  # the formats for people, with labels and in one language


_XML_NAME = re.compile(r"[^\W\d][\w.-]*$")  # at the end of an IRI
_DESCRIPTOR = re.compile(r"/(?:dev|proc/self)/(?:fd/|std)(out|err|\d+)")  # a file that is open already
_Statements: TypeAlias = Iterable[ox.Quad | ox.Triple]


class Ordered(list[ox.Quad]):
    """Quads that `ordered` gave, which need not be put in order for each format."""


class Format(NamedTuple):
    """A format of query results or graphs."""

    name: str  # in options, and as the key of `FORMATS`
    media: str
    suffixes: tuple[str, ...]  # of files, the first when one is written
    holds: str  # "rows" or "graph"
    title: str  # what people call it
    engine: Any = None  # the engine's name for it, where the engine reads or writes it
    own: Callable[..., bytes] | None = None  # writes it where the engine does not
    standard: str = ""  # the IRI of the specification
    w3c: str = ""  # the IRI by which the W3C names it
    eu: str = ""  # its code in the EU's authority table of file types


def write(
    answer: Rows | Iterable[ox.Triple | ox.Quad],
    *,
    format: str,
    labels: Mapping[str, str] | None = None,
    width: int | None = None,
    context: Path | None = None,
    base: str = "",
    prefixes: Prefixes = PREFIXES,
) -> bytes:
    """The result of a query, or any quads, in a format of `FORMATS`, as UTF-8.

    `labels` (from IRI to label) are for table, markdown and csv; in the first two an IRI without a label is
    written as a CURIE. `width` is for tables, in columns; without one, lines are not wrapped. `context`, a
    file with a JSON-LD context, is for jsonld: its keys replace IRIs. `base` is for turtle: IRIs are written
    relative to it. `prefixes` are those of CURIEs and prefixed names. FormatError for a format that is
    unknown, naming those that fit, or cannot hold the result; DocumentError for an invalid context.
    """
    row = by_name(format)
    holds = "rows" if isinstance(answer, Rows) else "graph"
    if row.holds != holds:
        fitting = ", ".join(each.name for each in FORMATS.values() if each.holds == holds)
        kind = "true or false" if isinstance(answer, ox.QueryBoolean) else _KINDS[holds]
        raise FormatError(f"the answer is {kind}, which {format} cannot hold; choose from {fitting}.")
    if not isinstance(answer, Rows):
        try:
            return row.own(answer, context, base, prefixes) if row.own else _rdf(answer, row.engine, prefixes)
        except (ValueError, TypeError, OSError) as error:  # the last from the engine's writers
            raise FormatError(f"the graph cannot be written as {format}: {error}.") from None
    if row.own is None:
        assert not isinstance(answer, Solutions)  # noqa: S101  those are for people
        return for_xml(row.engine, answer.serialize(format=row.engine) or b"")
    if isinstance(answer, ox.QueryBoolean):
        return b"true\n" if answer else b"false\n"
    if isinstance(answer, ox.QuerySolutions):
        answer = Solutions([each.value for each in answer.variables], [list(row) for row in answer])
    return row.own(answer, labels or {}, prefixes, width)


def by_name(name: str) -> Format:
    """The format with that name; FormatError, naming the nearest, when there is none."""
    if name not in FORMATS:
        raise FormatError(f"unknown format {name!r}; there are {', '.join(FORMATS)}.{nearest(name, FORMATS)}")
    return FORMATS[name]


def by_media(media: str) -> Format:
    """The format of a media type."""
    return next(row for row in FORMATS.values() if row.media == media)


def by_suffix(
    path: str | os.PathLike[str], *, holds: str | None = None, packed: bool = True, others: Iterable[str] = ()
) -> Format:
    """The format of a file's suffix (without ".gz" if `packed`), among those that hold "rows" or a "graph".

    `others` are suffixes that the caller knows, for the error.
    """
    suffix = Path(str(path).removesuffix(".gz") if packed else path).suffix.lower()
    rows = [row for row in FORMATS.values() if holds in (None, row.holds)]
    if found := next((row for row in rows if suffix in row.suffixes), None):
        return found
    known = " ".join([*(suffix for row in rows for suffix in row.suffixes), *others])
    raise FormatError(f"{path}: no format has the suffix {suffix!r}; use one of {known}.")


def export(quads: Iterable[ox.Quad], path: str | os.PathLike[str], *, context: Path | None = None) -> Format:
    """Write a store, or any quads, to a file in the format of its suffix, gzipped if that ends in ".gz".

    The same quads give the same bytes. Turtle, N-Triples and RDF/XML hold the union of the graphs, the others
    named graphs. `context` is as for `write`. FormatError when the suffix is unknown or the file cannot be
    written; then it stays as it was.
    """
    row = by_suffix(path, holds="graph")
    base, prefixes = getattr(quads, "base", ""), getattr(quads, "curies", PREFIXES)
    save(write(quads, format=row.name, context=context, base=base, prefixes=prefixes), path)
    return row


def save(data: bytes, path: str | os.PathLike[str]) -> None:
    """Write a file atomically, gzipped if its name ends in ".gz"; FormatError when it cannot be written."""
    save_together({path: data})


def save_together(contents: Mapping[str | os.PathLike[str], bytes]) -> None:
    """Write files as `save` does, all of them or none."""
    drafts: dict[Path, Path] = {}
    path: str | os.PathLike[str] = ""
    try:
        for path, data in contents.items():
            if str(path).lower().endswith(".gz"):
                data = gzipped(data)
            if found := _DESCRIPTOR.fullmatch(str(path)):  # whose file may have more, before and after
                with open({"out": 1, "err": 2}.get(found[1]) or int(found[1]), "wb", closefd=False) as file:
                    file.write(data)
                continue
            target = Path(path).resolve()  # a symbolic link stays one
            if target.is_dir():
                raise IsADirectoryError(21, "it is a folder")
            if target.exists() and not target.is_file():
                target.write_bytes(data)  # a pipe or a device, which must not be replaced
                continue
            if target.exists() and not os.access(target, os.W_OK):
                raise PermissionError(13, "Permission denied")
            draft = target.with_name(f".{target.name[:60]}.{os.urandom(3).hex()}")  # of at most 255 bytes
            with draft.open("xb") as file:  # never one that is there, such as a link to another file
                drafts[target] = draft
                if target.exists():
                    copymode(target, draft)
                file.write(data)
        for target, draft in drafts.items():
            draft.replace(target)
    except (OSError, RuntimeError) as error:
        raise FormatError(f"{path} cannot be written: {reason(error)}.") from None
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _table(
    answer: Solutions, labels: Mapping[str, str], prefixes: Prefixes, width: int | None, record: bool = False
) -> bytes:
    head, terms = answer
    rows = [[shown(term, labels, prefixes) for term in row] for row in terms]
    if record:
        text = records(head, rows, width=width)
    else:
        text = table(head, rows, width=width, right=_numeric(head, terms)) if head else ""
    return f"{text}{len(rows):,} row{'' if len(rows) == 1 else 's'}\n".encode()


def _markdown(answer: Solutions, labels: Mapping[str, str], prefixes: Prefixes, width: int | None) -> bytes:
    head, terms = answer
    lines = [head, ["---:" if right else "---" for right in _numeric(head, terms)]]
    for row in terms:
        texts = zip(row, (escape_markdown(shown(term, labels, prefixes)) for term in row), strict=True)
        lines.append([f"[{text}](<{t.value}>)" if isinstance(t, ox.NamedNode) else text for t, text in texts])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).encode()


def shown(term: Term | None, labels: Mapping[str, str], prefixes: Prefixes = PREFIXES) -> str:
    """A term for people: an IRI's label or CURIE, a literal's lines without control characters."""
    text = term.value if isinstance(term, ox.Literal) else str(term or "")
    if isinstance(term, ox.NamedNode):
        text = labels.get(term.value) or compact(term.value, prefixes)
    if not text.isprintable():
        text = " · ".join(filter(None, map(str.strip, text.split("\n"))))
        text = "".join(c if c.isprintable() else " " for c in text)
    return text


def _numeric(head: Sequence[str], rows: Sequence[Sequence[Term | None]]) -> list[bool]:
    """Which columns hold only numbers; a year is a date, not a number."""
    columns = ([row[number] for row in rows if row[number] is not None] for number in range(len(head)))
    kinds = ({isinstance(t, ox.Literal) and t.datatype.value in NUMBERS for t in each} for each in columns)
    return [kind == {True} for kind in kinds]


def _turtle(quads: _Statements, context: Path | None, base: str, prefixes: Prefixes) -> bytes:
    from policygraph.rdf.turtle import serialize as turtle

    return turtle(quads, base=base, prefixes=prefixes).encode()


def _jsonld(quads: _Statements, context: Path | None, base: str, prefixes: Prefixes) -> bytes:
    if context is None:
        return _rdf(quads, ox.RdfFormat.JSON_LD, prefixes)
    from policygraph.rdf.jsonld import serialize as jsonld

    return jsonld(ordered(quads), context=context)


def ordered(quads: _Statements) -> Ordered:
    """Each quad once, in an order and with blank node labels that do not depend on the input's."""
    if isinstance(quads, Ordered):
        return quads
    found = [*canonical(quads)]
    # Lines are in the order of what they say, since no term goes on with what is before a space.
    lines = (ox.serialize(found, format=ox.RdfFormat.N_QUADS) or b"").split(b"\n")
    keyed = sorted(zip((str(quad.graph_name) for quad in found), lines, found, strict=False))
    return Ordered(quad for *_, quad in keyed)


def _rdf(statements: _Statements, layout: ox.RdfFormat, known: Prefixes) -> bytes:
    rows: list[Any] = (quads := ordered(statements))
    if not layout.supports_datasets:
        rows = [quad.triple for quad in quads]
        if any(quad.graph_name != quads[0].graph_name for quad in quads):
            rows = sorted({*rows}, key=str)
    if layout == ox.RdfFormat.RDF_XML:
        for triple in rows:
            if not _XML_NAME.search(triple.predicate.value):
                raise ValueError(f"no XML name can be made of {triple.predicate}")
    iris = {term.value for row in rows for term in row if isinstance(term, ox.NamedNode)}
    rests = {p: [iri[len(base) :] for iri in iris if iri.startswith(base)] for p, base in known.items()}
    # A slash behind a prefix would be escaped.
    prefixes = {p: known[p] for p, names in rests.items() if names and "/" not in "".join(names)}
    data: bytes = ox.serialize(rows, format=layout, prefixes=prefixes) or b""
    return for_xml(layout, data)


def for_xml(layout: Any, data: bytes) -> bytes:
    """Data as they can stand in their format: in XML, a carriage return is a character reference.

    FormatError for a character that XML has none for.
    """
    if "xml" not in layout.media_type:
        return data
    text = data.decode()
    if wrong := NOT_XML.search(text):
        before = text[: wrong.start()].rpartition(">")[2][-30:]
        what = f"XML cannot hold the character U+{ord(wrong[0]):04X}, which follows {before!r}"
        raise FormatError(f"{what}; correct the text, or choose another format.")
    # An XML parser reads a carriage return as a newline, unless it is a character reference.
    return data.replace(b"\r", b"&#13;")


def in_xml(statement: Any) -> bool:
    """Whether RDF/XML can hold a statement: its property ends with a name, and XML has its characters."""
    named = _XML_NAME.search(statement.predicate.value)
    return bool(named) and not NOT_XML.search(getattr(statement.object, "value", ""))


def write_held(quads: list[Any], *, format: str, **how: Any) -> bytes:
    """As `write`, without the statements that RDF/XML cannot hold; a comment at its end says how many."""
    try:
        return write(quads, format=format, **how)
    except FormatError:
        held = type(quads)(filter(in_xml, quads))
        missing = len(quads) - len(held)
        if format != "rdfxml" or not missing:
            raise
        note = f"<!-- {missing:,} statements cannot be in XML; the other formats have them. -->\n"
        return write(held, format=format, **how) + note.encode()


def _csv(answer: Solutions, labels: Mapping[str, str], prefixes: Prefixes, width: int | None) -> bytes:
    """SPARQL 1.1 Query Results CSV (https://www.w3.org/TR/sparql11-results-csv-tsv/).

    Not by pyoxigraph's writer, which leaves an IRI with a comma in it unquoted.
    """

    def cell(term: Term | None) -> str:
        if isinstance(term, ox.NamedNode):
            return labels.get(term.value, term.value)
        return term.value if isinstance(term, ox.Literal) else str(term or "")

    return csv_text(chain([answer.variables], (map(cell, row) for row in answer.rows)))


_KINDS = {"rows": "a table of rows", "graph": "a graph"}
_RFC4180 = "https://www.rfc-editor.org/rfc/rfc4180"
_W3C = "http://www.w3.org/ns/formats/"


def _rows(name: str, engine: ox.QueryResultsFormat, *suffixes: str, **more: Any) -> Format:
    """A format of rows that the engine knows."""
    media, title = engine.media_type.partition(";")[0], name.upper()
    return Format(name, media, suffixes, "rows", title, engine, w3c=f"{_W3C}SPARQL_Results_{title}", **more)


def _graphs(name: str, engine: ox.RdfFormat, title: str, standard: str, **more: Any) -> Format:
    """A format of graphs that the engine knows."""
    more |= {"standard": f"https://www.w3.org/TR/{standard}", "w3c": _W3C + title.replace("/", "_")}
    return Format(name, engine.media_type, (f".{engine.file_extension}",), "graph", title, engine, **more)


FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        Format("table", "text/plain", (".txt",), "rows", "Text", own=_table),
        Format("record", "text/plain", (), "rows", "Text, row by row", own=partial(_table, record=True)),
        _rows("csv", ox.QueryResultsFormat.CSV, ".csv", own=_csv, standard=_RFC4180, eu="CSV"),
        _rows("tsv", ox.QueryResultsFormat.TSV, ".tsv"),
        _rows("json", ox.QueryResultsFormat.JSON, ".json", ".srj"),
        _rows("xml", ox.QueryResultsFormat.XML, ".xml", ".srx"),
        Format("markdown", "text/markdown", (".md",), "rows", "Markdown", own=_markdown),
        _graphs("turtle", ox.RdfFormat.TURTLE, "Turtle", "turtle/", eu="RDF_TURTLE", own=_turtle),
        _graphs("ntriples", ox.RdfFormat.N_TRIPLES, "N-Triples", "n-triples/", eu="RDF_N_TRIPLES"),
        _graphs("nquads", ox.RdfFormat.N_QUADS, "N-Quads", "n-quads/", eu="RDF_N_QUADS"),
        _graphs("trig", ox.RdfFormat.TRIG, "TriG", "trig/", eu="RDF_TRIG"),
        _graphs("jsonld", ox.RdfFormat.JSON_LD, "JSON-LD", "json-ld11/", eu="JSON_LD", own=_jsonld),
        _graphs("rdfxml", ox.RdfFormat.RDF_XML, "RDF/XML", "rdf-syntax-grammar/", eu="RDF_XML"),
    )
}
GRAPHS = ("turtle", "jsonld", "ntriples", "rdfxml")
"""The formats in which the site and the endpoint offer a graph, in order of preference."""

ROWS = ("csv", "tsv", "json", "xml")  # the formats in which they offer rows
