"""The fixed words that people read, in English and Danish, and how evidence is put in order for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def words(language: str, *names: str) -> dict[str, Any]:
    """The words in `i18n/NAME.json`, in the language of a BCP 47 tag, or else in English.

    Args:
        language: the tag.
        names: of the files, `texts` (a page's own words) without one; later ones add to earlier ones.
    """
    found: dict[str, Any] = {}
    for name in names or ("texts",):
        known = _read(name)
        found |= known.get(language.split("-")[0].lower(), known["en"])
    return found


def basis_label(basis: tuple[str, str], language: str, *, capital: bool = False) -> str:
    """A basis and strength in words: "inferred, weak", or as a line begins, "Inferred, Weak"."""
    known = words(language)
    what, strength = basis
    said = [known["basis_names"].get(what or "none", what)]
    if strength:
        said.append(known["strength_names"].get(strength, strength))
    return ", ".join(text.capitalize() if capital else lower(text) for text in said)


def natural(text: str) -> list[str | int]:
    """A key that puts "char=878" before "char=1022": text and numbers in turn."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", text)]


def printable(text: str) -> str:
    """The text in one line and without control signs, which a terminal would obey and XML cannot hold."""
    if text.isprintable():
        return text
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def lower(text: str) -> str:
    """The text with a small first letter."""
    return text[:1].lower() + text[1:]


@cache
def _read(name: str) -> Mapping[str, Mapping[str, Any]]:
    known: Mapping[str, Mapping[str, Any]] = json.loads(
        (_FOLDER / f"{name}.json").read_text(encoding="utf-8")
    )
    return known
