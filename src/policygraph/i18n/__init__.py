"""Provide the fixed words of pages and reports in each language, with their plural forms.

Each language has a file named by its BCP 47 tag, all with the same sections and keys. A phrase with a number
`{n}` has a key for each plural category of its language, such as `things_one` and `things_other`
(https://cldr.unicode.org/index/cldr-spec/plural-rules). `alphabet` has its letters in order. A new language
is a new file and nothing else.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policygraph.text import lower, natural

if TYPE_CHECKING:
    from babel import Locale

_FOLDER = Path(__file__).parent
FALLBACK = "en"  # the language of what is said in no other

LANGUAGES = tuple(
    sorted((file.stem for file in _FOLDER.glob("*.json")), key=lambda tag: (tag != FALLBACK, tag))
)
"""The languages of the pages: English first, then by tag."""

PLURALS = ("zero", "one", "two", "few", "many", "other")
"""The plural categories of CLDR, of which each language uses some."""


def words(language: str, *sections: str) -> dict[str, Any]:
    """Return the words of these sections of a language's file; later sections override earlier ones.

    `@language` is their language: the one asked for by its exact tag, else its primary subtag, else English.
    """
    tag = next(each for each in (language, language.split("-")[0].lower(), FALLBACK) if each in LANGUAGES)
    chosen: dict[str, Any] = {"@language": tag}
    for section in sections:
        chosen |= _read(tag)[section]
    return chosen


def in_each_language(section: str, key: str, languages: Sequence[str]) -> dict[str, str]:
    """Return one of the words in each language, by tag."""
    return {language: words(language, section)[key] for language in languages}


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


def language_name(tag: str, language: str) -> str:
    """Return what a language is called in another, such as "Danish"; the tag itself where that is unknown."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-").get_display_name(language) or tag
    except (UnknownLocaleError, ValueError):
        return tag


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
    alphabet = words(language, "order")["alphabet"]
    signs = unicodedata.normalize("NFC", text.casefold())
    plain = (each if each in alphabet else unicodedata.normalize("NFKD", each)[0] for each in signs)
    places = {ord(letter): chr(ord("a") + place) for place, letter in enumerate(alphabet)}
    return natural("".join(plain).translate(places))


def initial(text: str, language: str) -> str:
    """Return the letter of a language's alphabet under which a text is listed; "#" for none."""
    first = words(language, "order")["alphabet"].find(text[:1].casefold())
    plain = text[:1] if first >= 0 else unicodedata.normalize("NFKD", text)[:1]
    return plain.upper() if plain.isalpha() else "#"


def basis_label(basis: tuple[str, str], language: str, *, capital: bool = False) -> str:
    """Return a basis and strength in words: "inferred, weak", or as a line begins, "Inferred, Weak"."""
    known = words(language, "explorer")
    name, strength = basis
    parts = [known["basis_names"].get(name or "none", name)]
    if strength:
        parts.append(known["strength_names"].get(strength, strength))
    return ", ".join(text.capitalize() if capital else lower(text) for text in parts)


@cache
def _locale(language: str) -> Locale:
    from babel import Locale

    return Locale.parse(language, sep="-")


@cache
def _read(tag: str) -> Mapping[str, Mapping[str, Any]]:
    sections: Mapping[str, Mapping[str, Any]] = json.loads(
        (_FOLDER / f"{tag}.json").read_text(encoding="utf-8")
    )
    return sections
