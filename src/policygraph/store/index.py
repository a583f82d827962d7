"""Index the names in a store and the types of its values, in one SQLite file.

Its trigrams (https://sqlite.org/fts5.html) find what may match; whether it does, and in which order, who asks
decides as for a store without an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote
from weakref import finalize

from policygraph.errors import QueryError
from policygraph.rdf.namespaces import LABEL_PROPERTIES
from policygraph.text import fold

Labelled: TypeAlias = Iterable[Any]  # resources, properties and literals
Ask: TypeAlias = Callable[[str], Iterable[Any]]  # gives the rows of a SELECT

NEAR = 1_000
"""How many terms on each side of an unknown one, in alphabetical order, may be meant."""

_SHORT, _LONGEST = 8, 200  # letters
_ALIKE = 200  # names that may be meant by a misspelt one
_LABELS = len(LABEL_PROPERTIES)  # whose rank is less
_NAMES = f"""SELECT ?iri ?property ?label {{
  VALUES ?property {{ {" ".join(f"<{iri}>" for iri in LABEL_PROPERTIES)} }}
  ?iri ?property ?label FILTER(isIRI(?iri) && isLiteral(?label))
}}"""
# A version has the names of what it is a version of, with its number.
_VERSIONS = f"""SELECT ?iri ?property ?label ?number {{
  ?of owl:versionIRI ?iri ; owl:versionInfo ?number ; ?property ?label
  FILTER(?property IN ({", ".join(f"<{iri}>" for iri in LABEL_PROPERTIES[:-1])}))
  FILTER(isIRI(?iri) && isLiteral(?label) && isLiteral(?number))
}}"""
ANY_NAME = "|".join(f"<{each}>" for each in LABEL_PROPERTIES)
_ALSO = f"""SELECT ?iri ?name {{
  {{ ?iri skos:notation ?name }} UNION {{ ?iri (dct:replaces|^dct:isReplacedBy)/({ANY_NAME}) ?name }}
  FILTER(isIRI(?iri) && isLiteral(?name))
}}"""
# How many values of each type a property has, and one of them.
TYPES = """SELECT %s ?type (COUNT(*) AS ?count) (SAMPLE(?o) AS ?example) { %s
  BIND(IF(isIRI(?o), "IRI", IF(!isLiteral(?o), "blank",
    IF(LANG(?o) = "", STR(DATATYPE(?o)), CONCAT("@", LANG(?o))))) AS ?type)
} GROUP BY %s ?type ORDER BY DESC(?count) ?type"""
_EVERY = ("?p", "?s ?p ?o", "?p")
_CLASSES = "SELECT DISTINCT ?c { ?s a ?c FILTER(isIRI(?c)) }"
_PARTS = """SELECT DISTINCT ?s {
  ?s ?p ?o FILTER(isIRI(?s) && (CONTAINS(STR(?s), "#") || CONTAINS(STR(?s), "%")))
}"""
_TABLES = """PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
CREATE TABLE names (iri, rank, text, language, folded);
CREATE VIRTUAL TABLE grams USING fts5 (folded, content = 'names', tokenize = 'trigram', detail = none);
CREATE TABLE types (property, type, count, example);
CREATE TABLE terms (iri PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE parts (document, iri, PRIMARY KEY (document, iri)) WITHOUT ROWID"""


class Name(NamedTuple):
    """A name of a resource; `rank` is the place of its property among those of labels, or after them."""

    iri: str
    rank: int
    text: str
    language: str = ""


class Values(NamedTuple):
    """Values of one type that a property has: a datatype, a language as `@tag`, "IRI" or "blank"."""

    type: str
    number: int
    example: str  # as SPARQL writes it


class Index:
    """The index in a SQLite file."""

    def __init__(self, path: Path) -> None:
        import sqlite3

        # Not checked: nothing is ever written, and SQLite itself takes one thread at a time.
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._file = sqlite3.connect(address, uri=True, check_same_thread=False)
        # Else Python 3.13 warns of it; at the end of the process, a thread may still ask.
        finalize(self, self._file.close).atexit = False
        self._path = path
        try:
            self._file.execute("SELECT rowid FROM names LIMIT 1")
        except sqlite3.Error as error:
            raise ValueError(f"its index cannot be read: {error}") from None

    @classmethod
    def write(cls, path: Path, ask: Ask, labels: Labelled) -> None:
        """Write the index of a store to a new file; `sqlite3.Error` where that cannot be done."""
        import sqlite3

        file = sqlite3.connect(path, isolation_level=None)
        try:
            file.executescript(_TABLES)
            file.execute("BEGIN")
            names = ((*name, fold(name.text)) for name in read_names(ask, labels))
            file.executemany("INSERT INTO names VALUES (?, ?, ?, ?, ?)", names)
            file.execute("CREATE INDEX equal ON names (folded)")
            file.execute("INSERT INTO grams (grams) VALUES ('rebuild')")
            types = ((p.value, t.value, int(n.value), str(o)) for p, t, n, o in ask(TYPES % _EVERY))
            file.executemany("INSERT INTO types VALUES (?, ?, ?, ?)", types)
            classes = ((row["c"].value,) for row in ask(_CLASSES))
            file.executemany("INSERT INTO terms VALUES (?)", classes)
            parts = ((unquote(row["s"].value.partition("#")[0]), row["s"].value) for row in ask(_PARTS))
            file.executemany("INSERT INTO parts VALUES (?, ?)", parts)
            for found in ("iri FROM names ORDER BY iri", "property FROM types"):
                file.execute(f"INSERT OR IGNORE INTO terms SELECT DISTINCT {found}")
            file.execute("COMMIT")
        finally:
            file.close()

    def names(self, text: str) -> Iterator[Name]:
        """What `read_names` gives that has every word of a text, folded."""
        words = fold(text[:_LONGEST]).split()  # what has these may have all
        within = " AND ".join("instr(folded, ?)" for _ in words) or "TRUE"
        grams = " ".join(gram for word in words for gram in _grams(word))
        among = " AND rowid IN (SELECT rowid FROM grams (?))" if grams else ""
        return self._found(f"WHERE {within}{among}", *words, *([grams] if grams else ()), ranks=_LABELS + 1)

    def equal(self, text: str) -> Iterator[Name]:
        """The names that are a text, folded."""
        return self._found("WHERE folded = ?", fold(text))

    def alike(self, text: str) -> Iterator[Name]:
        """The names that share most with a text, which may be misspelt."""
        wanted = fold(text[:_LONGEST])
        if len(wanted) <= _SHORT:  # with a wrong letter, it may share no trigram
            size = "length(folded) BETWEEN ? AND ?"
            yield from self._found(f"WHERE substr(folded, 1, 1) = ? AND {size}", wanted[:1], 2, 2 * _SHORT)
        if grams := " OR ".join(_grams(wanted)):
            best = "(SELECT rowid AS id FROM grams (?) ORDER BY rank LIMIT ?)"
            yield from self._found(f"JOIN {best} ON id = names.rowid", grams, _ALIKE)

    def first(self, most: int) -> list[str]:
        """The resources whose names are first in alphabetical order, so many at most."""
        asked = "SELECT DISTINCT iri FROM names WHERE rank < ? ORDER BY folded LIMIT ?"
        return [iri for (iri,) in self._ask(asked, _LABELS, most)]

    def parts(self, document: str) -> list[str]:
        """The IRIs with a fragment or an escape in a document, whose own IRI is given without escapes."""
        return [iri for (iri,) in self._ask("SELECT iri FROM parts WHERE document = ?", document)]

    def _found(self, where: str, *values: object, ranks: int = _LABELS) -> Iterator[Name]:
        what = "SELECT iri, names.rank, text, language FROM names"
        return map(Name._make, self._ask(f"{what} {where} AND names.rank < ?", *values, ranks))

    def _ask(self, text: str, *values: object) -> Iterator[Any]:
        try:
            yield from self._file.execute(text, values)
        except self._file.Error as error:
            what = f"the index of this store is damaged ({error})"
            raise QueryError(f"{what}; remove {self._path.parent}, or load it anew.") from None

    def types(self, iri: str) -> Iterator[Values]:
        """The types of a property's values, the most frequent first."""
        asked = "SELECT type, count, example FROM types WHERE property = ? ORDER BY count DESC, type"
        return map(Values._make, self._ask(asked, iri))

    def tags(self) -> list[str]:
        """The language tags of all texts."""
        found = self._ask("SELECT DISTINCT substr(type, 2) FROM types WHERE type LIKE '@%' ORDER BY 1")
        return [tag for (tag,) in found]

    def terms(self, iri: str, start: str) -> list[str]:
        """The terms near to an IRI in alphabetical order, of those that start so."""
        asked = "SELECT iri FROM terms WHERE iri {} ? AND iri >= ? AND iri < ? ORDER BY iri {} LIMIT ?"
        ways = (("<", "DESC"), (">=", "ASC"))
        found = (self._ask(asked.format(*way), iri, start, f"{start}\U0010ffff", NEAR) for way in ways)
        return [term for way in found for (term,) in way]


def read_names(ask: Ask, labels: Labelled | None = None) -> Iterator[Name]:
    """All names in a store, then notations and the names of what is replaced, which rank last.

    `labels` are those that are known already: a resource, a property, a literal.
    """
    versions = [*ask(_VERSIONS)]
    unnamed = {row["iri"].value for row in versions}
    for iri, property, label in ask(_NAMES) if labels is None else labels:
        unnamed.discard(iri.value)
        yield Name(iri.value, LABEL_PROPERTIES.index(property.value), label.value, label.language or "")
    for iri, property, label, number in versions:
        if iri.value in unnamed:
            text = f"{label.value} {number.value}"
            yield Name(iri.value, LABEL_PROPERTIES.index(property.value), text, label.language or "")
    yield from also(ask)


def also(ask: Ask) -> list[Name]:
    """By what things are found besides their names, in order."""
    found = sorted((row["iri"].value, row["name"].value) for row in ask(_ALSO))
    return [Name(iri, _LABELS, name) for iri, name in found]


def _grams(text: str) -> Iterator[str]:
    """The trigrams of a folded text, as FTS5 writes them."""
    grams = {text[place : place + 3] for place in range(len(text) - 2)}
    return (f'"{gram}"' for gram in sorted(grams) if '"' not in gram)
