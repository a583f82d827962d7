"""Choose the media type, language and coding that a client prefers (RFC 9110, section 12.5).

These are pure functions of a header's text. A header that cannot be parsed is ignored; it is never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MIN_GZIP = 1_000  # bytes; a shorter body fits in one packet

# An element of a list of preferences; commas and semicolons in quoted parameters do not separate.
# A quote that is never closed is so to the end: to look for more from each sign behind it takes too long.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.?)*(?:"|$))+')
_PARAMETER = re.compile(r';((?:[^;"]|"(?:[^"\\]|\\.?)*(?:"|$))*)')
_QUALITY = re.compile(r"0?\.\d+|[01]\.?|1\.0+")  # Java leaves the 0 out
_MAX_LENGTH = 4_000  # characters of a header that are parsed; browsers send 140


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The best of the offered media types, or None when the client takes none of them.

    For each type the most specific range in `accept` counts, then the highest quality, then the order of
    `offered`, whose first is chosen for no header and for `*/*`. A range with parameters, such as a charset
    or a profile, matches too; the same range without them takes precedence.
    """
    ranges = list(_preferences(accept))
    if not ranges:
        return offered[0] if offered else None
    best, chosen = 0.0, None
    for media in offered:
        quality = max((rank, quality) for rank, quality in _matches(ranges, media.lower()))[1]
        if quality > best:
            best, chosen = quality, media
    return chosen


def language(accept_language: str | None, offered: Sequence[str]) -> str:
    """The best of the offered languages by RFC 4647 lookup, so `da-DK` matches `da`; else the first.

    The range `*` matches those that no other range names.
    """
    wanted = sorted(_preferences(accept_language), key=lambda preference: -preference[2])
    named = {tag for tag, _, _ in wanted}
    for tag, _, quality in wanted:
        while tag and quality:
            for each in offered:
                if each.lower() == tag or (tag == "*" and each.lower() not in named):
                    return each
            tag = tag.rpartition("-")[0]
    return offered[0]


def gzip_accepted(accept_encoding: str | None) -> bool:
    """Whether the client accepts gzip; without a header it does not."""
    codings = {coding: quality for coding, _, quality in _preferences(accept_encoding)}
    return codings.get("gzip", codings.get("x-gzip", codings.get("*", 0.0))) > 0


def _preferences(header: str | None) -> Iterator[tuple[str, bool, float]]:
    """Each name in a header in lower case, whether it has parameters of its own, and its quality."""
    for element in _ELEMENT.findall((header or "")[:_MAX_LENGTH]):
        name = element.partition(";")[0].strip().lower()
        parameters = [parameter.strip() for parameter in _PARAMETER.findall(element)]
        quality, own = "1", False
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip().lower() == "q":
                quality = value.strip()
                break
            own = own or bool(parameter)
        if name:  # of what has no quality that can be read, it is below any other
            yield name, own, float(quality) if _QUALITY.fullmatch(quality) else 1e-4


def _matches(ranges: Sequence[tuple[str, bool, float]], media: str) -> Iterator[tuple[int, float]]:
    """The specificity and the quality of each range that matches a media type."""
    yield 0, 0.0
    for name, own, quality in ranges:
        if name == media:
            yield (3 if own else 4), quality
        elif name == media.partition("/")[0] + "/*":
            yield 2, quality
        elif name in ("*/*", "*"):
            yield 1, quality
