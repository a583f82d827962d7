"""Read RDF files, with limits that protect the process, and errors with line and column.

Refused before parsing is what could crash the process or make it read other files: entities in RDF/XML, deep
nesting, remote contexts in JSON-LD, pipes and devices. Refused after parsing are ill-typed literals
(https://www.w3.org/TR/rdf11-concepts/#dfn-ill-typed), which the engine would accept and then never match.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple, TypeAlias

import pyoxigraph as ox

from policygraph.errors import DocumentError, PolicyGraphError, extra, nearest, reason
from policygraph.rdf.formats import FORMATS
from policygraph.rdf.namespaces import XSD
from policygraph.rdf.terms import PATTERNS, TYPE, fits
from policygraph.text import shorten

SUFFIXES = {
    **{row.suffixes[0]: row.engine for row in FORMATS.values() if isinstance(row.engine, ox.RdfFormat)},
    ".json": ox.RdfFormat.JSON_LD,
    ".owl": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
}
DATA = (*(row.suffixes[0] for row in FORMATS.values() if isinstance(row.engine, ox.RdfFormat)), ".owl")
"""The suffixes of the files in `data/`."""

_DEFAULT = ox.DefaultGraph()
_PART = 1 << 16  # bytes
_BOM = b"\xef\xbb\xbf"
MAX_BYTES = 256 * 1024 * 1024  # a larger graph belongs in a SPARQL server, queried as an endpoint
_LARGE = 10_000_000  # bytes, which would take long to read twice
MAX_DEPTH = 200  # levels; the parser overflows the stack at some thousands

_TOO_LONG = "An IRI or a literal has more than the 16 MB that are read; keep the text in another file."
_TOO_DEEP = f"Nesting is deeper than {MAX_DEPTH} levels; flatten the document."

# Types that need a calendar, which the engine casts.
_CASTS = frozenset(
    "date dateTime gYear gYearMonth gMonthDay gMonth gDay time duration dayTimeDuration "  # noqa: SIM905
    "yearMonthDuration".split()
)
_LEAP_DAY = ("--02-29", "gMonthDay")  # the engine refuses it

_JSON = re.compile(r'"(?:[^"\\]|\\.)*"?|[][{}]', re.DOTALL)  # strings and brackets
_BOUNDED = re.compile(r"\^\^\s*[^\s^]*(?:[a-z]Integer|unsigned\w+|\b(?:byte|short|int|long))\b")
_SIGNS = ("_:", "[", "(", "<<", "{|", "~")  # that a blank node begins with in Turtle
_ASIDE = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>|#.*""")  # where they are none
# A triple term is the last in the one around it, so those that are deep in each other end in a row.
_ENDS = re.compile(rb"\)>>(?:\s|#[^\r\n]*+|\)>>)*+")
_ENDS_XML = re.compile(rb"</[^<>]*+>(?:\s|</[^<>]*+>)*+")

_Typed: TypeAlias = set[tuple[str, str]]  # texts of literals with the names of their XML Schema datatypes


def read(path: str | Path, *, graph: str | None = None) -> list[ox.Quad]:
    """Read the quads of an RDF file, in its order; those in its default graph go into the graph `graph`.

    Blank nodes get new labels, so that those of two files are never the same.
    DocumentError, with line and column where known, for anything that is not a valid RDF file.
    """
    return RdfText.open(Path(path)).quads(graph=graph)


def parse(data: bytes, *, name: str, format: ox.RdfFormat | None = None) -> list[ox.Quad]:
    """Parse an RDF document in memory; `name` is its file name or IRI, for messages.

    Without a format, the suffix of the name decides. DocumentError as for `read`.
    """
    return RdfText.of(data, name=name, format=format).quads()


class RdfText(NamedTuple):
    """The text of an RDF document that is safe to be parsed."""

    text: str
    format: ox.RdfFormat
    name: str

    @classmethod
    def open(cls, path: Path) -> RdfText:
        """The text of a file; DocumentError as for `read`."""
        return cls.of(read_bytes(path), name=str(path))

    @classmethod
    def of(cls, data: bytes, *, name: str, format: ox.RdfFormat | None = None) -> RdfText:
        """The text of a document in memory; DocumentError as for `read`."""
        format = format or _format(name)
        data = data.removeprefix(_BOM)
        text = decode(data, name=name)
        if (place := too_deep(data, xml=format == ox.RdfFormat.RDF_XML)) is not None:
            raise _error_at(data[:place].decode(), _TOO_DEEP, name)
        if format == ox.RdfFormat.RDF_XML:
            if declared := re.search("<!(DOCTYPE|ENTITY)", text):
                what = f"Entity declarations ({declared[0]}) are not read; remove them and write out the"
                raise _error_at(text[: declared.start()], f"{what} entities.", name)
            # The parser passes over what it does not know.
            known = ["Literal", "Resource", "Collection"]
            if re.search(r""":version\s*=\s*["']1\.2["']""", text):
                known.append("Triple")
            if other := re.search(rf""":parseType\s*=\s*["'](?!(?:{"|".join(known)})["'])([^"']*)""", text):
                what = f"{other[1]!r} is no rdf:parseType; there are {', '.join(known)}"
                what += "." if "Triple" in known else ', and Triple with rdf:version="1.2".'
                raise _error_at(text[: other.start() + 1], what, name)
        elif format == ox.RdfFormat.JSON_LD:
            depth = 0
            for token in _JSON.finditer(text):
                depth += (token[0] in "[{") - (token[0] in "]}")
                if depth > MAX_DEPTH:
                    raise _error_at(text[: token.start()], _TOO_DEEP, name)
        return cls(text, format, name)

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that its head declares."""
        parser = ox.parse(self.text, format=self.format)
        with self._parsing():
            next(parser, None)
        return parser.prefixes

    @property
    def is_plain(self) -> bool:
        """Whether it surely has neither graphs nor blank nodes, which get another name at each parsing.

        Nor integers of another type than xsd:integer, which the engine stores as of that, whatever they say.
        """
        if _BOUNDED.search(self.text):
            return False
        if self.format == ox.RdfFormat.N_TRIPLES:
            return "_:" not in self.text
        if self.format != ox.RdfFormat.TURTLE or any(quote * 3 in self.text for quote in "\"'"):
            return False
        signs = [sign for sign in _SIGNS if sign in self.text]
        lines = (line for line in self.text.split("\n") if any(sign in line for sign in signs))
        return not any(sign in rest for rest in (_ASIDE.sub("", line) for line in lines) for sign in signs)

    def quads(self, *, graph: str | None = None, alone: bool = False) -> list[ox.Quad]:
        """Its quads, as `read` gives them; `alone`, all of them are in the graph `graph`."""
        with self._parsing():
            # IRIs are resolved only by the document's own base: a file means the same in any folder.
            quads = list(ox.parse(self.text, format=self.format, rename_blank_nodes=True))
        if wrong := _ill_typed(quad.object for quad in quads):
            raise _ill_typed_error(_first(wrong, quads), self)
        return quads if graph is None else in_graph(quads, ox.NamedNode(graph), alone)

    def load(self, store: ox.Store, *, to_graph: ox.NamedNode | None = None) -> None:
        """Add its triples to a store, sooner than by `quads`; their datatypes are left to `check_types`."""
        with self._parsing():
            store.load(self.text, format=self.format, to_graph=to_graph)

    @contextmanager
    def _parsing(self) -> Iterator[None]:
        """DocumentError when what is parsed inside cannot be."""
        try:
            yield
        except SyntaxError as error:
            raise _syntax_error(error, self.text, name=self.name, format=self.format) from None
        except MemoryError:
            raise DocumentError(_TOO_LONG, path=self.name) from None


def too_deep(data: bytes, *, xml: bool = False) -> int | None:
    """Where triple terms end that are more than `MAX_DEPTH` in each other, in Turtle, its kin or XML."""
    ends, sign, most = (_ENDS_XML, b"</", 2 * MAX_DEPTH) if xml else (_ENDS, b")>>", MAX_DEPTH)
    return next((row.start() for row in ends.finditer(data) if row[0].count(sign) > most), None)


class Stream:
    """The quads of an RDF file of any size, as `read` gives them, in batches; it may be packed (.gz, .zst).

    `reading` is called with each number of bytes that were read.
    """

    def __init__(self, path: Path, reading: Callable[[int], object] = lambda _: None) -> None:
        self._path, self._reading = path, reading
        self._unpack = _PACKED.get(path.suffix.lower())
        self._rest, self._place = b"", 0  # what was unpacked beyond what was read, and the place in the file
        self.prefixes: dict[str, str] = {}  # that were declared so far

    def batches(self, size: int, *, graph: str | None = None, alone: bool = False) -> Iterator[list[ox.Quad]]:
        """Lists of so many quads, the last of fewer; `graph`, `alone` and DocumentError as for `RdfText`."""
        name, document = str(self._path), None
        try:
            with _opened(self._path) as file:
                format = _format(str(self._path.with_suffix("")) if self._unpack else name, name)
                read = partial(self._read, file, self._chunks(file))
                source: Any = SimpleNamespace(read=read)
                if format in (ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML):  # which are checked as a whole
                    parts = iter(partial(read, _PART), b"")
                    data = b"".join(islice(parts, MAX_BYTES // _PART + 1))
                    if len(data) > MAX_BYTES:
                        what = "This format is not read in parts; convert the file to N-Triples."
                        raise DocumentError(what, path=name)
                    document = RdfText.of(data, name=name, format=format)
                    source = document.text
                parser = ox.parse(source, format=format, rename_blank_nodes=True)
                while batch := [*islice(parser, size)]:
                    if wrong := _ill_typed(quad.object for quad in batch):
                        raise SyntaxError(_ill_typed_text(_first(wrong, batch), named=True))
                    self.prefixes |= parser.prefixes
                    yield batch if graph is None else in_graph(batch, ox.NamedNode(graph), alone)
        except (SyntaxError, EOFError, MemoryError) as error:
            if document:
                document.quads()  # which tells the place, and more of the cause
            elif not self._unpack and self._path.stat().st_size <= MAX_BYTES:
                RdfText.open(self._path).quads()
            if isinstance(error, MemoryError):
                raise DocumentError(_TOO_LONG, path=name) from None
            raise DocumentError.of(SyntaxError(*error.args), path=name) from None

    def _read(self, file: Any, chunks: Iterator[bytes], size: int) -> bytes:
        """Read from a file, with the limits of `RdfText`."""
        try:
            self._rest = self._rest or next(chunks, b"")
        except PolicyGraphError:
            raise
        except Exception as error:  # each way to pack has errors of its own
            raise SyntaxError(f"This file cannot be unpacked: {error}.") from None
        data, self._rest = self._rest[:size], self._rest[size:]
        place = os.lseek(file.fileno(), 0, os.SEEK_CUR)
        self._reading(place - self._place)
        self._place = place
        if b"\0" in data:
            raise SyntaxError("There is a NUL byte in it; this is not text, or the file is damaged.")
        return data

    def _chunks(self, file: Any) -> Iterator[bytes]:
        """What is in a file, unpacked and without a byte order mark."""
        before = b""
        for chunk in filter(None, (self._unpack or _plain)(file)):
            if too_deep(before + chunk) is not None:
                raise DocumentError(_TOO_DEEP, path=self._path)
            yield chunk if before else chunk.removeprefix(_BOM)
            before = chunk


def in_graph(quads: list[ox.Quad], graph: ox.NamedNode, alone: bool = False) -> list[ox.Quad]:
    """The quads, those in the default graph in this one, or all of them."""
    return [ox.Quad(*q.triple, graph) if alone or q.graph_name == _DEFAULT else q for q in quads]  # type: ignore[call-arg]


def instances(path: Path, kind: str) -> Iterator[str]:
    """The instances of a class in a file, by IRI, in order; of a large or packed one, in its beginning."""
    large, wanted = path.suffix.lower() in _PACKED or path.stat().st_size > _LARGE, (TYPE, ox.NamedNode(kind))
    for batch in islice(Stream(path).batches(100), 100 if large else None):
        found = (quad.subject for quad in batch if (quad.predicate, quad.object) == wanted)
        yield from (subject.value for subject in found if isinstance(subject, ox.NamedNode))


def files(folder: Path) -> list[Path]:
    """The files of data in a folder, but for hidden ones."""
    return sorted(path for path in folder.glob("[!.]*") if path.suffix.lower() in DATA)


def stem(path: Path) -> str:
    """The name of a file without its suffix, and without that of its packing."""
    return Path(path.stem).stem if path.suffix.lower() in _PACKED else path.stem


def check_types(store: ox.Store, documents: Iterable[RdfText]) -> None:
    """DocumentError for an ill-typed literal in the default graph of a store that these were loaded into."""
    typed = f'{{ ?s ?p ?o FILTER(STRSTARTS(STR(DATATYPE(?o)), "{XSD}")) }}'
    rows: Any = store.query(f"SELECT DISTINCT ?o {typed}")
    if _ill_typed(row["o"] for row in rows):
        for document in documents:
            document.quads()  # which finds the place


def _ill_typed(terms: Iterable[object]) -> _Typed:
    typed = {(o.value, o.datatype.value) for o in terms if type(o) is ox.Literal and not o.language}
    return ill_typed({(v, t.removeprefix(XSD)) for v, t in typed if t.startswith(XSD)})


def read_bytes(path: Path) -> bytes:
    """Read a file; DocumentError for what is none: opening a FIFO would block forever."""
    with _opened(path, most=MAX_BYTES) as file:
        return file.read()


@contextmanager
def _opened(path: Path, *, most: int | None = None) -> Iterator[BinaryIO]:
    """A file, of at most so many bytes, to be read inside; DocumentError as for `read_bytes`."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError("This is a folder; name a file in it.", path=path)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("This is a pipe or a device; save its content in a file first.", path=path)
        if most and status.st_size > most:
            size, limit = (f"{n / 1024**2:,.0f} MB" for n in (status.st_size, most))
            what = f"This file has {size}, more than the {limit} that are read; load it into a store first"
            raise DocumentError(f"{what}: policygraph load FILE --store DIR.", path=path)
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise DocumentError("There is no such file.", path=path) from None
    except (OSError, ValueError, zlib.error) as error:
        raise DocumentError(f"This file cannot be read ({reason(error)}).", path=path) from None


def _plain(file: Any) -> Iterator[bytes]:
    return iter(partial(file.read, _PART), b"")


def _zstandard(file: Any) -> Iterator[bytes]:
    with extra("zst", "A .zst file"):
        import zstandard

    frame: Any = None  # zstandard's own reader takes a file that breaks off for one that ends
    while packed := (frame.unused_data if frame and frame.eof else b"") or file.read(1024):
        frame = zstandard.ZstdDecompressor().decompressobj() if not frame or frame.eof else frame
        yield frame.decompress(packed)  # a few bytes may hold some MB
    if frame and not frame.eof:
        raise EOFError("the file breaks off before its end")


_PACKED: Mapping[str, Callable[[Any], Iterator[bytes]]] = {
    ".gz": lambda file: _plain(gzip.GzipFile(fileobj=file)),
    ".zst": _zstandard,
}


def _format(name: str, path: str = "") -> ox.RdfFormat:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        what = f"No RDF format has the suffix {suffix!r}; use one of {', '.join(SUFFIXES)}."
        what += " Unpack it first: gunzip FILE." if suffix == ".gz" else nearest(suffix, SUFFIXES)
        raise DocumentError(what, path=path or name)
    return SUFFIXES[suffix]


def decode(data: bytes, *, name: object) -> str:
    """Decode a text from UTF-8; DocumentError, with line and column, for what is no such text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"The byte 0x{data[error.start]:02X} is not UTF-8; save the file in that encoding."
        raise _error_at(data[: error.start].decode("utf-8"), what, name) from None
    before, nul, _ = text.partition("\0")
    if nul:
        raise _error_at(before, "There is a NUL byte here; this is not text, or the file is damaged.", name)
    return text


def _error_at(before: str, what: str, name: object) -> DocumentError:
    """What is wrong behind a part of a document, with its line and column."""
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return DocumentError(what, path=name, line=line, column=column)


def _syntax_error(error: SyntaxError, text: str, *, name: str, format: ox.RdfFormat) -> DocumentError:
    """The parser's error, with a position and a message of our own where it has none."""
    if "LoadDocumentCallback" in str(error):
        remote = r'"@(?:context|import)"\s*:\s*(?:\[[^]"]*)?"'
        place = re.search(remote, text) or re.search('"@context"|$', text)
        what = "A remote @context is never fetched; write the context into the document."
        return _error_at(text[: place.start() if place else 0], what, name)
    if format == ox.RdfFormat.RDF_XML and error.lineno is None:
        # The parser gives no position; expat does for what is no XML, and entities were refused before.
        from xml.parsers import expat

        try:
            expat.ParserCreate(namespace_separator=" ").Parse(text, True)
        except expat.ExpatError as cause:
            what = f"{expat.ErrorString(cause.code).capitalize()}."
            return DocumentError(what, path=name, line=cause.lineno, column=cause.offset + 1)
        # Given line by line, the parser reads no line before it needs it.
        lines = BytesIO(text.encode())
        file: Any = SimpleNamespace(read=lines.readline)
        with suppress(SyntaxError):
            list(ox.parse(file, format=format))
        error.lineno = lines.getvalue()[: -len(lines.read()) - 1].count(b"\n") + 1
    return DocumentError.of(error, path=name)


def ill_typed(typed: _Typed) -> _Typed:
    """The literals, as text and name of an XML Schema datatype, whose text is not valid for it."""
    wrong = {(v, t) for v, t in typed if t in PATTERNS and not fits(v, t)}
    unsure = {(v, t) for v, t in typed if t in _CASTS} - {_LEAP_DAY}
    if unsure:  # one query for all of them: which casts fail?
        casts = " UNION ".join(
            f"{{ VALUES ?text {{ {' '.join(str(ox.Literal(v)) for v, t in sorted(unsure) if t == name)} }} "
            f'BIND(<{XSD}{name}>(?text) AS ?value) BIND("{name}" AS ?name) }}'
            for name in sorted({t for _, t in unsure})
        )
        rows = ox.Store().query(f"SELECT ?text ?name {{ {casts} FILTER(!BOUND(?value)) }}")
        wrong |= {(row["text"].value, row["name"].value) for row in rows}  # type: ignore[union-attr]
    return wrong


def _first(wrong: _Typed, quads: Iterable[ox.Quad]) -> ox.Quad:
    """The first quad with one of these literals."""
    found = ((quad, quad.object) for quad in quads if isinstance(quad.object, ox.Literal))
    return next(quad for quad, o in found if (o.value, o.datatype.value.removeprefix(XSD)) in wrong)


def _ill_typed_error(quad: Any, document: RdfText) -> DocumentError:
    lexical, datatype = re.escape(quad.object.value), re.escape(quad.object.datatype.value.removeprefix(XSD))
    quoted, element = rf'["\']{lexical}["\']\s*\^\^\s*\S*{datatype}\b', rf'["\'>]{lexical}["\'<]'
    if document.format in (ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML):  # which have its type elsewhere
        found = [*islice(re.finditer(element, document.text), 2)]
        place = found[0] if len(found) == 1 else None
    else:
        places = (re.search(pattern, document.text) for pattern in (quoted, element, lexical))
        place = next(filter(None, places), None)
    what = _ill_typed_text(quad, named=not place)
    if not place:
        return DocumentError(what, path=document.name)
    return _error_at(document.text[: place.start()], what, document.name)


def _ill_typed_text(quad: Any, *, named: bool) -> str:
    value, datatype = shorten(quad.object.value, 61), quad.object.datatype.value.removeprefix(XSD)
    what = f'"{value}" is not a valid xsd:{datatype}; correct the value or its datatype'
    of = "" if isinstance(quad.subject, ox.BlankNode) else f" of {quad.subject}"
    return f"{what}, in the property {quad.predicate}{of}." if named else f"{what}."
