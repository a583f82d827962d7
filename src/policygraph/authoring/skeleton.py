"""Start a catalogue, or a dataset: the tables of a country, with what is known of it and examples of rows.

What the rows are is in the catalogue's `ontology/tables.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from pyoxigraph import NamedNode

from policygraph import i18n
from policygraph.authoring import rows, workbook
from policygraph.authoring.quotes import read_text
from policygraph.authoring.vocabulary import BETWEEN, SEPARATOR, Names, Sheet, Tables, Vocabulary
from policygraph.catalog import datafiles
from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query, selected
from policygraph.catalog.settings import NAME, own_prefixes
from policygraph.errors import CatalogError, PolicyGraphError, nearest
from policygraph.rdf import formats, reader
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows as rows_of
from policygraph.text import fold

_Rows: TypeAlias = Sequence[Mapping[str, str]]
_PRIVATE = "xx"  # in place of a country's code; ISO 3166 leaves it to its users
_TEMPLATES = Path(__file__).parent / "templates"
_UNLABELLED = """SELECT (COUNT(DISTINCT ?term) AS ?n) {{
  ?term rdfs:label|skos:prefLabel ?english FILTER(LANG(?english) = "en")
  FILTER NOT EXISTS {{ ?term rdfs:label|skos:prefLabel ?own FILTER(LANG(?own) = "{tag}") }}
}}"""


def new_dataset(
    catalog: Catalog, country: str, path: str | Path, *, language: str, text: str | Path | None = None
) -> list[str]:
    """Write the tables of a new dataset, or its Turtle, to fill in.

    Args:
        catalog: that the dataset is to be part of.
        country: its name in English; one that ISO 3166 does not have gets a code for private use.
        path: of a new file .xlsx or .ttl, or of a new folder for .csv files.
        language: BCP 47 tag of the country's language.
        text: file with the text of its source.

    Returns:
        Lines: that ISO 3166 does not have the country; length and SHA-256 of the text; its headings with
        their positions.

    Raises:
        CatalogError: the country has a dataset already, the path is taken, or there is no such language.
        DocumentError: the text cannot be read.
    """
    path, vocabulary = Path(path), Vocabulary(catalog)
    name = slug(country)
    if name in catalog.datasets:
        raise CatalogError(f"There is a dataset {name!r} already: {catalog.datasets[name].path}.")
    if _is_taken(path):
        raise CatalogError(f"{path} is there already; name a new file or folder.")
    if not name[:1].isalpha():
        raise CatalogError(f"{country!r} is no name of a country.")
    source = read_text(text) if text else None
    values = _facts(name, country, language, vocabulary)
    values |= {"source": f"{name}-source", "spoken": "", "sha256": "", "length": ""}
    if source:
        values["source"] = slug(source.name) or values["source"]
        values |= {"sha256": source.sha256, "length": str(source.length)}
    values["publisher"], more = _publisher(catalog, vocabulary, values["code"])
    tables = _fill(vocabulary, vocabulary.start, values, more, "en")
    if path.suffix == ".ttl":
        unread = {"sha256": "", "length": "", "spoken": "eu:language/ENG"}
        examples = _fill(vocabulary, vocabulary.start, {**values, **unread}, more, "en")
        formats.save(_turtle(tables, examples, vocabulary).encode(), path)
    else:
        workbook.write(tables, path, vocabulary)
    lines = [values["note"]] if values["note"] else []
    if source:
        lines += [f"{values['source']}: {source.length} characters, SHA-256 {source.sha256}"]
        lines += [f"{each.start:>8}  {each.title}" for each in source.headings]
    return lines


def new_catalog(folder: str | Path, *, base: str, name: str, languages: Sequence[str]) -> Path:
    """Write a catalogue to begin with: its settings, a question, and the tables of a dataset to import.

    Args:
        folder: of the catalogue, new or without `catalog.toml`.
        base: the beginning of its IRIs.
        name: of the publisher.
        languages: of the pages, as BCP 47 tags, the first one's also of the dataset.

    Returns:
        The folder of the tables.

    CatalogError when the folder has such files, or `base` or `languages` is none; DocumentError when its
    ontology cannot be read, or no cell can hold `name`; FormatError or OSError when it cannot be written. No
    file is written then.
    """
    # The name of a dataset begins with a letter.
    folder, publisher = Path(folder), re.sub("^(?![a-z])", "publisher-", slug(name)).strip("-")
    tables, settings, question = (folder / each for each in ("tables", NAME, "queries/things.rq"))
    if there := [path for path in (tables, settings, question) if _is_taken(path)]:
        raise CatalogError(f"{there[0]} is there already; name a new folder.")
    others = [tag for tag in languages if tag not in i18n.LANGUAGES]
    words = {folder / "i18n" / f"{tag}.json": words_file(folder, tag) for tag in others}
    # The publisher has a page before any dataset describes it.
    given = {"base": base, "languages": [*languages], "name": name, "iri": f"{base}catalog#publisher"}
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in given.items()}
    text = (_TEMPLATES / NAME).read_text(encoding="utf-8").format_map(quoted)
    texts = {settings: text, question: (_TEMPLATES / question.name).read_text(encoding="utf-8")}
    texts |= {path: own for path, own in words.items() if not path.exists()}
    written: dict[str | PathLike[str], bytes] = {path: own.encode() for path, own in texts.items()}
    folders, is_new = {folder / "data", *(path.parent for path in texts)}, not folder.exists()
    try:
        for each in folders:
            each.mkdir(parents=True, exist_ok=True)
        formats.save_together(written)
        catalog = Catalog(folder, empty=True)
        vocabulary = Vocabulary(catalog)
        if not (code := vocabulary.languages.get(tag := languages[0])):
            raise CatalogError(f"The tables know no language {tag!r}; begin with another.")
        named, rows = _publisher(catalog, vocabulary, _PRIVATE)
        values = {"name": publisher, "code": _PRIVATE, "title": name, "publisher": named, "tag": tag}
        values |= {"language": f"eu:language/{code}", "today": date.today().isoformat()}
        filled = _fill(vocabulary, vocabulary.first, values, rows)
        workbook.write(filled, tables, vocabulary)
    except (PolicyGraphError, OSError):
        for path in texts:
            path.unlink(missing_ok=True)
        for each in sorted({tables, *folders} - (set() if is_new else {folder}), reverse=True):
            with suppress(OSError):  # it has other files
                each.rmdir()
        raise
    return tables


def _is_taken(path: Path) -> bool:
    """Whether a path has anything but an empty folder, as a full disk may have left."""
    return path.exists() and not (path.is_dir() and not any(path.iterdir()))


def words_file(root: Path, tag: str) -> str:
    """The words of pages in a language, each beside the English, with what it says of questions.

    What its file in the catalogue's folder i18n has already is in it. CatalogError for a tag that is no
    language's.
    """
    folder, tag = root / "i18n", tag.lower()
    i18n.add(folder)
    if i18n.language_name(tag, i18n.FALLBACK) == tag:
        raise CatalogError(f"{tag!r} is no language that the Unicode CLDR knows.")
    texts, prefixes = i18n.template(tag), own_prefixes(root)
    known = [i18n.of_questions(folder, each) for each in i18n.OF_QUESTIONS]
    for path in sorted(root.glob("queries/*.rq")):
        query = Query.read(path, prefixes=prefixes).with_languages(*known)
        for section, key, own in query.texts():
            if english := own.get(i18n.FALLBACK):
                texts.setdefault(section, {})[key] = {i18n.FALLBACK: english, tag: own.get(tag, "")}
        for section, names in (("tags", query.tags), ("columns", selected(query.text, prefixes) or ())):
            for name in names:
                texts["site"][section].setdefault(name, {i18n.FALLBACK: name, tag: ""})
    for section, written in zip(i18n.OF_QUESTIONS, known, strict=True):
        for key in (key for key, own in written.items() if tag in own):  # perhaps of a question since renamed
            texts.setdefault(section, {}).setdefault(key, {i18n.FALLBACK: "", tag: written[key][tag]})
    return json.dumps(texts, ensure_ascii=False, indent=2) + "\n"


def lacking_labels(root: Path, tag: str) -> int:
    """Count the terms of the ontology with a label in English and none in a language.

    It is that of the catalogue in a folder, or else this package's. CatalogError as for `Catalog`.
    """
    files = Catalog(root, empty=True).ontology
    store = EmbeddedStore(quad for path in files for quad in reader.read(path))
    return int(next(rows_of(store, _UNLABELLED.format(tag=tag.lower())))["n"].value)


def slug(text: str) -> str:
    """A text as the name of a thing or a file: small letters, digits and hyphens."""
    return re.sub("[^a-z0-9]+", "-", fold(text)).strip("-")


def _facts(name: str, country: str, tag: str, vocabulary: Vocabulary) -> dict[str, str]:
    """What a country and a language are called, and their codes, as the Unicode CLDR has them."""
    from babel import Locale
    from babel.core import get_global

    languages = vocabulary.languages
    if tag not in languages:
        what = f"{tag!r} is no language that the tables know; write the tag of one, such as nl."
        raise CatalogError(what + nearest(vocabulary.tag(tag), languages))
    english, own = Locale("en").territories, Locale(tag).territories
    two = ((code, title) for code, title in english.items() if len(code) == 2)
    code = next((code for code, title in two if name in (slug(title), slug(title.replace("&", "and")))), "")
    aliases = get_global("territory_aliases").items()
    # Others are for private use, so that the EU's table may have other ones.
    three = [iso for iso, two in aliases if two == [code] and re.fullmatch("(?!Q[M-Z]|X|ZZ)[A-Z]{3}", iso)]
    # Of two, such as DEU and DDR, the one of today has the two letters.
    territory = max(three, key=lambda long: len({*long} & {*code}), default="")
    private, note = f"x{name[0]}", ""  # ISO 3166 leaves XA to XZ to its users
    if not code:
        note = f"ISO 3166 has no country {country!r}, so its code is {private!r}, for private use."
        note += nearest(country, english.values()) or nearest(country.split()[0], english.values())
    elif not territory:
        note = f"ISO 3166 has no three letters for {english[code]}: look up its IRI in the EU's table of"
        note += " countries, and write it as 'spatial'."
    facts = {"name": name, "tag": tag, "language": f"eu:language/{languages[tag]}"}
    facts |= {"country": english.get(code, country.title()), "local": own.get(code, country.title())}
    facts |= {"code": code.lower() or private, "territory": territory and f"eu:country/{territory}"}
    return {**facts, "note": note, "today": date.today().isoformat()}


def _publisher(catalog: Catalog, vocabulary: Vocabulary, code: str) -> tuple[str, list[dict[str, str]]]:
    """The name of the catalogue's publisher in a table, and rows about it where it is described nowhere."""
    settings = catalog.settings
    iri = NamedNode(settings.iri or f"{settings.base}agent/publisher")
    name = Names(vocabulary.iri, code, vocabulary.prefixes).of(iri)
    if iri.value in vocabulary.described or catalog.store.query(f"ASK {{ {iri} a ?kind }}"):
        return name, []
    texts = (settings.publisher or settings.title).items()
    called = [{"about": name, "field": f"foaf:name@{tag}", "value": text} for tag, text in texts]
    return name, [{"about": name, "field": "kind", "value": "foaf:Organization"}, *called]


def _turtle(tables: Tables, unread: Tables, vocabulary: Vocabulary) -> str:
    """The Turtle of the tables, with their examples as comments; these need tables of a source unread."""
    shown = {}
    for name, sheet in unread.items():
        examples = [[re.sub(r"^# (?=\S+$)", "", row[0]), *row[1:]] for _, row in sheet.rows]
        shown[name] = Sheet(sheet.head, list(enumerate(examples, 2)))
    plain, full = (rows.read(each, vocabulary, known={}).triples.keys() for each in (tables, shown))
    more = datafiles.write(full - plain, vocabulary.iri, vocabulary.prefixes).partition("\n\n")[2]
    text = datafiles.write(plain, vocabulary.iri, vocabulary.prefixes)
    return text + "\n# An example of each kind of block.\n" + re.sub("(?m)^(?=.)", "# ", more)


def _fill(v: Vocabulary, rows: dict[str, _Rows], values: dict[str, str], about: _Rows, *tags: str) -> Tables:
    """The tables of some rows with values in them, and of rows about others, with texts in some languages."""
    tables = {}
    if wrong := next(filter(BETWEEN.search, values.values()), ""):
        raise CatalogError(f"No cell can hold {SEPARATOR}, which is in {wrong!r}; call it otherwise.")
    for sheet, spec in v.sheets.items():
        filled: list[Mapping[str, str]] = []
        for row in rows.get(sheet, ()):
            cells = {column.format_map(values): text.format_map(values) for column, text in row.items()}
            if cells not in filled and (sheet == "sources" or "" not in cells.values()):
                filled.append(cells)
        filled += about if sheet == "dataset" else ()
        tables[sheet] = spec.sheet(sorted({*tags, values["tag"]}), filled)
    return tables
