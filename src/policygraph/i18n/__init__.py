"""Provide the fixed words of pages and reports in each language, with their plural forms.

Each language has a file named by its BCP 47 tag, all with the same sections and keys. A phrase with a number
`{n}` has a key for each plural category of its language, such as `things_one` and `things_other`
(https://cldr.unicode.org/index/cldr-spec/plural-rules). `alphabet` has its letters in order. A new language
is a new file and nothing else, here or in a catalogue's folder `i18n`, where a text may stand beside the
English one, as in {"en": "All things", "de": "Alles"}; what such a file lacks is in English. A tag may be
written in either case, as in pt-BR; everywhere else it is in small letters, as RDF stores give it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from policygraph.errors import DocumentError
from policygraph.text import lower, natural, unmarked, upper

if TYPE_CHECKING:
    from babel import Locale

_FOLDER = Path(__file__).parent
FALLBACK = "en"  # the language of what is said in no other

LANGUAGES = tuple(sorted((it.stem for it in _FOLDER.glob("*.json")), key=lambda tag: (tag != FALLBACK, tag)))
"""The languages of the pages: English first, then by tag."""

MARKS = ("\ue000", "\ue001")
"""What stands around a text in English that stands for one in another language, where that is asked for."""

OF_QUESTIONS = ("questions", "findings", "descriptions", "hints")
"""The sections of a catalogue's file on its questions, by name: titles, findings and descriptions; and hints
of their parameters, by the text that stands in the question."""

_added: dict[str, tuple[Path, dict[str, Any]]] = {}  # by language, a catalogue's file and its words

PLURALS = ("zero", "one", "two", "few", "many", "other")
"""The plural categories of CLDR, of which each language uses some."""


def languages() -> tuple[str, ...]:
    """Return the languages of the pages with those of catalogues."""
    more = sorted(_added.keys() - {*LANGUAGES})
    return (*LANGUAGES, *(tag for tag in more if _added[tag][0].is_file()))  # that of a past day goes with it


def add(folder: Path, *, past: bool = False) -> None:
    """Add the languages in the folder of a catalogue, of a `past` one those that are no more there.

    DocumentError for a file that is none, and where the process opened a catalogue with other words for a
    language, or with none: they are those of a process, so that one of the two would have the other's.
    """
    folder, there = folder.resolve(), languages() if past else ()
    files = {path.stem.lower(): path for path in sorted(folder.glob("*.json"))}
    before, found = dict(_added), dict[str, tuple[Path, dict[str, Any]]]()
    for tag in sorted({*files, *LANGUAGES}.difference(there)):  # of some it may have no words
        path = files.get(tag, folder / f"{tag}.json")
        if tag not in LANGUAGES and language_name(tag, FALLBACK) == tag:
            what = "Its name is no language that the Unicode CLDR knows; name it as in de.json."
            raise DocumentError(what, path=path)
        other, known = _added.get(tag, (path, {}))
        own = _words(path) if path.is_file() else {}
        if own != known and other != path and other.parents[1].is_dir():
            what = f"This process has other words for {tag!r} already, those of {other.parents[1]}"
            raise DocumentError(f"{what}; open this catalogue in a process of its own.", path=folder.parent)
        found[tag] = path, own
    _added.update(found)
    if changed := [tag for tag, (_, own) in found.items() if own != before.get(tag, (own, {}))[1]]:
        _forget()
        try:
            for tag in changed:
                _read(tag)
        except DocumentError:  # of which other catalogues would hear
            _added.clear()
            _added.update(before)
            _forget()
            raise


def direction(tag: str) -> str:
    """Return in which direction a language is written, as HTML's attribute `dir` takes it."""
    return _locale(tag).text_direction


def words(language: str, *sections: str, marked: bool = False) -> dict[str, Any]:
    """Return the words of these sections of a language's file; later sections override earlier ones.

    `@language` is their language: the one asked for by its exact tag, else its primary subtag, else English.
    What is in English instead has `MARKS` around it, if it is to be `marked`.
    """
    known = languages()
    tag = next(each for each in (*_tags(language), FALLBACK) if each in known)
    chosen: dict[str, Any] = {"@language": tag}
    for section in sections:
        chosen |= _read(tag, marked).get(section, {})
    return chosen


def _tags(language: str) -> tuple[str, str]:
    return language.lower(), language.split("-")[0].lower()


def lacking(texts: Mapping[str, Any], tag: str) -> tuple[int, int]:
    """Return how many of the texts of a `template` are empty, and how many there are."""
    found = [not text[tag] for _, text in _leaves(texts) if text[FALLBACK]]
    return 0 if tag == FALLBACK else sum(found), len(found)


def unknown(texts: Mapping[str, Any]) -> list[str]:
    """Return the keys, behind their sections, of the texts of a `template` that no page has."""
    pages = {name: each for name, each in texts.items() if name not in OF_QUESTIONS}
    return [key for key, text in _leaves(pages) if not text[FALLBACK]]


def template(tag: str) -> dict[str, Any]:
    """Return the file of a language with the English beside each text; what it lacks is empty.

    What it has and English has not is in it too, with empty English, unless questions may name it.
    """
    plurals = _locale(tag).plural_form.tags | {"other"}

    def beside(english: Mapping[str, Any], own: Any, *path: str) -> dict[str, Any]:
        own, found = own if isinstance(own, dict) else {}, {}
        for key, value in english.items():
            stem, _, form = key.rpartition("_")
            forms = [key]
            if form in PLURALS and f"{stem}_other" in english:  # each category that the language has
                forms = [f"{stem}_{each}" for each in PLURALS if each in plurals] if form == "other" else []
            for each in forms:
                text = english.get(each, value)
                if isinstance(text, dict):
                    found[each] = beside(text, own.get(each), *path, each)
                else:
                    found[each] = {FALLBACK: text, tag: _text(own.get(each), tag)}
        # English has no columns, since they are words.
        known = (key for each in LANGUAGES for key in _own(each).get("site", {}).get("columns", ()))
        for key in (*(known if path == _OF_QUERIES[0] else ()), *own):
            if isinstance(text := own.get(key), dict) and key not in found:
                found[key] = beside({}, text, *path, key)
            named = {FALLBACK: key if path in _OF_QUERIES else "", tag: _text(text, tag)}
            found.setdefault(key, named)
        return found

    return beside(_own(FALLBACK), _own(tag))


def of_questions(folder: Path, section: str) -> dict[str, dict[str, str]]:
    """Return one of the sections `OF_QUESTIONS` of a catalogue's folder, by question and language."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.json")):
        for name, known in _sections(path).get(section, {}).items():
            if text := _text(known, path.stem):
                found.setdefault(name, {})[path.stem.lower()] = text
    return found


def _leaves(tree: Mapping[str, Any], *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, each in tree.items():
        inner = isinstance(each.get(FALLBACK, each), dict)
        yield from _leaves(each, *path, key) if inner else [(".".join((*path, key)), each)]


def _text(value: Any, tag: str) -> Any:
    """A text, or a list of them, in a file, where it may stand beside the English; "" for none."""
    if isinstance(value, dict):
        value = next((each for key, each in value.items() if key.lower() == tag.lower()), "")
    return value.strip() if isinstance(value, str) else value or ""


def in_each_language(section: str, key: str, languages: Sequence[str]) -> dict[str, str]:
    """Return one of the words in each language that has it, by tag; in English where none has."""
    known = {language: words(language, section, marked=True) for language in languages}
    there = {tag: each[key] for tag, each in known.items() if each["@language"] in _tags(tag)}
    own = {tag: text for tag, text in there.items() if not text.startswith(MARKS[0])}
    return own or {FALLBACK: words(FALLBACK, section)[key]}


def plural(words: Mapping[str, Any], key: str, n: int) -> str:
    """Return the form of a phrase that fits a number: "1 thing", "2 things"."""
    forms, language = plural_forms(words, key), words["@language"]
    form = forms.get(_locale(language).plural_form(n), forms["other"])
    return form.replace("{n}", format_number(n, language))


def plural_forms(words: Mapping[str, Any], key: str) -> dict[str, str]:
    """Return the forms of a phrase by plural category."""
    return {name: words[f"{key}_{name}"] for name in PLURALS if f"{key}_{name}" in words}


def format_number(n: float, language: str, decimals: int = 0) -> str:
    """Return a number as it is written in a language: 1,234 or 1.234, and with two decimals 0.50 or 0,50."""
    from babel.numbers import format_decimal

    tag = words(language)["@language"]
    return format_decimal(n, "#,##0." + "0" * decimals if decimals else None, _locale(tag))


def and_more(n: int, language: str) -> str:
    """Return that so many are not shown: "and 3 more"."""
    return str(words(language, "crosswalk")["more"]).format(n=format_number(n, language))


def territory_code(name: str, language: str) -> str:
    """Return the two letters of ISO 3166 for a country by its name; of an unknown one, its first two."""
    known = (row for tag in (language, *LANGUAGES) for row in _locale(tag).territories.items())
    return next((code for code, each in known if each == name and code.isalpha()), name[:2].title())


def language_name(tag: str, language: str) -> str:
    """Return what a language is called in another, such as "Danish"; the tag itself where that is unknown."""
    known = locale(tag)
    return (known and known.get_display_name(_locale(language))) or tag


def locale(tag: str) -> Locale | None:
    """Return what the Unicode CLDR has of a language; None where it does not know it."""
    from babel import UnknownLocaleError

    with suppress(UnknownLocaleError, ValueError):
        return _locale(tag)
    return None


def code_name(curie: str, language: str) -> str:
    """Return the name of a country or language in the EU's tables, such as eu:country/FRA; empty for another.

    CLDR has the names (https://cldr.unicode.org), and the two letters that stand for three.
    """
    from babel.core import get_global

    locale, (table, _, code) = _locale(words(language)["@language"]), curie.rpartition("/")
    name = None
    if table == "eu:country":
        name = locale.territories.get(get_global("territory_aliases").get(code, [""])[0])
    elif table == "eu:language":
        name = locale.languages.get(get_global("language_aliases").get(code.lower(), ""))
    return name or ""


def alphabetical(text: str, language: str) -> list[str | int]:
    """Return a sort key in the order of a language's alphabet: å follows z in Danish, and is an a in English.

    Capitals and accents do not count, and numbers are in order of their values.
    """
    alphabet = _alphabet(language)
    signs = normalize("NFC", text.casefold())
    plain = (each if each in alphabet else unmarked(each) for each in signs)
    every = dict.fromkeys(alphabet + ascii_lowercase)  # a script of its own comes before Latin
    places = {ord(letter): chr(ord("a") + place) for place, letter in enumerate(every)}
    return natural("".join(plain).translate(places))


def initial(text: str, language: str) -> str:
    """Return the letter of a language's alphabet under which a text is listed; "#" for none."""
    first = normalize("NFC", text)[:1]
    plain = first if first.lower() in _alphabet(language) else unmarked(first)[:1]
    return plain.upper() if plain.isalpha() else "#"


def _alphabet(language: str) -> str:
    return str(words(language, "order")["alphabet"]).lower()


def basis_label(basis: tuple[str, str], language: str, *, capital: bool = False) -> str:
    """Return a basis and strength in words: "inferred, weak", or as a line begins, "Inferred, Weak"."""
    known = words(language, "explorer")
    name, strength = basis
    parts = [known["basis_names"].get(name or "none", name)]
    if strength:
        parts.append(known["strength_names"].get(strength, strength))
    return ", ".join(upper(text) if capital else lower(text) for text in parts)


_OF_QUERIES = (("site", "columns"), ("site", "tags"))  # which queries name, each catalogue's others
_LEVELS = 5  # of objects in each other
_FORMS = ("an object of sections", "a section, an object of texts", "a text, or a list where English has one")
_GAPS = re.compile(r"{\w+}")


@cache
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(language, sep="-")


@cache
def _own(tag: str) -> dict[str, Any]:
    """The sections of a language in its files; where both have a text, that of the catalogue counts."""
    shipped = _FOLDER / f"{tag}.json"
    found = _sections(shipped) if shipped.is_file() else {}
    return _merged(found, _added[tag][1]) if tag in _added else found


def _merged(texts: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    found = {**texts}
    for key, each in others.items():
        both = isinstance(each, dict) and isinstance(texts.get(key), dict)
        found[key] = _merged(texts[key], each) if both else each
    return found


def _sections(path: Path) -> dict[str, dict[str, Any]]:
    def check(value: Any, *keys: str) -> None:
        if isinstance(value, dict) and len(keys) < _LEVELS:
            for key, each in value.items():
                check(each, *keys, key)
        elif len(keys) < 2 or not isinstance(
            value, str | None if keys[0] in OF_QUESTIONS else str | list | None
        ):
            what = f"{'.'.join(keys) or 'it'} is to be {_FORMS[min(len(keys), 2)]}"
            raise ValueError(f'{what}, as in {{"site": {{"search": "Suche"}}}}')

    try:
        if not path.is_file():
            raise ValueError("it is a pipe, a device or a folder")
        text = path.read_text(encoding="utf-8-sig")
        sections: dict[str, dict[str, Any]] = json.loads(text, object_pairs_hook=_unique)
        check(sections)
        return sections
    except (OSError, ValueError, RecursionError) as error:
        reason = "nesting is too deep" if isinstance(error, RecursionError) else error
        if isinstance(error, UnicodeDecodeError):
            line = error.object.count(b"\n", 0, error.start) + 1
            reason = f"its line {line} is not UTF-8"
        raise DocumentError(f"This is no file of words: {reason}.", path=path) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in JSON; ValueError for a key that it has twice, of which one text would be lost."""
    if len(found := dict(pairs)) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"{max(keys, key=keys.count)!r} stands twice in one object")
    return found


def _words(path: Path) -> dict[str, Any]:
    """The texts of a catalogue's file without the English, but for its questions', which are its alone."""

    def own(value: Any) -> Any:
        if not isinstance(value, dict) or FALLBACK in value:
            return _text(value, path.stem)
        return {key: text for key, each in value.items() if (text := own(each))}

    found: dict[str, Any] = own(_sections(path) | {section: {} for section in OF_QUESTIONS})
    return found


def _forget() -> None:
    """Have the words read anew."""
    for each in (_own, _read):
        each.cache_clear()


@cache
def _read(tag: str, marked: bool = False) -> Mapping[str, Any]:
    path, added = _added.get(tag, (_FOLDER, {}))
    if tag == FALLBACK and not added:
        return _own(tag)
    before, behind = MARKS if marked else ("", "")

    def in_english(text: Any) -> Any:
        return [*map(in_english, text)] if isinstance(text, list) else f"{before}{text}{behind}"

    def chosen(tree: Mapping[str, Any], *place: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, each in tree.items():
            if isinstance(english := each.get(FALLBACK, each), dict):
                found[key] = chosen(each, *place, key)
                continue
            if not english:  # which no page has
                continue
            gaps = ({*_GAPS.findall(str(text))} - {"{n}"} for text in (english, each[tag] or english))
            other = ", ".join(sorted(set.symmetric_difference(*gaps)))
            if other := other or "form" * (type(english) is not type(each[tag] or english)):
                what = (
                    f"{'.'.join((*place, key))}: {each[tag]!r} and the English {english!r} differ in {other}."
                )
                raise DocumentError(what, path=path if added else _FOLDER / f"{tag}.json")
            found[key] = each[tag] or in_english(english)
        return found

    texts = template(tag)
    columns = {name: text[tag] for name, text in texts["site"].pop("columns").items() if text[tag]}
    found = chosen(texts)
    found["site"]["columns"] = columns
    return found
