"""Define the rules by which a web server with a published folder answers as `server.linked_data` does.

The folder holds documents. What the URL of a resource, or one that is negotiated, answers is defined once, as
steps: each sets variables, some only if a text matches a pattern, a file exists, or one quality is less than
another. `apache`, `nginx` and `caddy` translate the steps (see docs/rewriting.md). PCRE and RE2 read the
patterns alike; a quality is written without zeros at its end, so that comparing texts compares numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from policygraph.i18n import LANGUAGES
from policygraph.site import headers
from policygraph.site.urls import DOCUMENTS, GRAPHS, ROWS

FORMS: Mapping[str, str] = {
    ".html": "text/html",
    **GRAPHS,
    **ROWS,
    ".rq": "application/sparql-query",
}
"""The negotiated formats, the preferred first: media types by suffix."""

NAMES = (".htaccess", "nginx.conf", "Caddyfile", "w3id.htaccess")
"""The files of rules; no server serves them, nor names beside them that begin with a dot."""

ALWAYS = {**headers.ALWAYS, "cache-control": headers.REVALIDATE}
VARY = "Accept, Accept-Language"
NOT_ALLOWED = "Use GET; nothing else does anything here."
NOT_ACCEPTABLE = "Accept one of these:"

VARIABLE = re.compile(r"\{(\w+)\}")
_PACKED = re.compile(r"gzip|^image/(?!svg)|^font/|octet-stream")
VOID = r"^\.well-known/void$"
"""The path of the catalogue's record, which redirects to a document."""

_OTHERS = tuple(LANGUAGES[1:])
_ANSWERS = tuple(suffix for suffix in FORMS if suffix in ROWS or suffix == ".rq")  # of queries alone


class Served(NamedTuple):
    """How a document is served: its media type, and the Content-Security-Policy of a page."""

    media: str
    policy: str = ""


class Test(NamedTuple):
    """A condition: `how` is match, file, missing or less; texts may name variables as {name}."""

    how: str
    text: str
    other: str = ""


class Step(NamedTuple):
    """Variables to set, and a condition; {1} is the first group that a pattern matched."""

    sets: Mapping[str, str]
    test: Test | None = None


class Summary(NamedTuple):
    """The media types and policies of a folder's documents.

    Args:
        types: media types by suffix.
        answers: those under /query/ that differ.
        single: those of single documents that differ from both.
        policy: the Content-Security-Policy of pages.
        policies: those of single pages that differ.
    """

    types: Mapping[str, str]
    answers: Mapping[str, str]
    single: Mapping[str, str]
    policy: str
    policies: Mapping[str, str]

    def compressible(self) -> list[str]:
        """The media types that are worth compressing."""
        medias = {*self.types.values(), *self.answers.values(), *self.single.values(), "text/plain"}
        return sorted(media for media in medias if not _PACKED.search(media))


def content_type(media: str) -> str:
    """The Content-Type of a media type: all text here is UTF-8."""
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def pattern(paths: Iterable[str]) -> str:
    """A pattern of any of these paths, without their first slash."""
    return "|".join(re.escape(path.lstrip("/")) for path in paths)


def summary(documents: Mapping[str, Served]) -> Summary:
    """Summarise documents by path: what most have, and the exceptions."""

    def most(part: Mapping[str, Served]) -> dict[str, str]:
        counted: dict[str, Counter[str]] = {}
        for path, served in sorted(part.items()):
            counted.setdefault(_suffix(path), Counter())[served.media] += 1
        return {suffix: each.most_common(1)[0][0] for suffix, each in counted.items()}

    asked = {path: served for path, served in documents.items() if path.startswith("/query/")}
    types = most({path: served for path, served in documents.items() if path not in asked})
    answers = {}
    for suffix, media in most(asked).items():
        if types.setdefault(suffix, media) != media:
            answers[suffix] = media
    single = {}
    for path, served in sorted(documents.items()):
        usual = types[_suffix(path)]
        if served.media != (answers.get(_suffix(path), usual) if path in asked else usual):
            single[path] = served.media
    pages = {path: served.policy for path, served in documents.items() if served.media == "text/html"}
    policy = Counter(pages.values()).most_common(1)[0][0] if pages else ""
    policies = {path: each for path, each in sorted(pages.items()) if each != policy}
    return Summary(types, answers, single, policy, policies)


def _suffix(path: str) -> str:
    name = path.rpartition("/")[2]
    return "." + name.rpartition(".")[2] if "." in name else ""


# An element of a list of preferences: what is named, parameters that are not its quality, and its quality.
_QUOTED = r"\x22(?:[^\x22\x5C]|\x5C.)*\x22"
_TEXT = rf"(?:[^,;\x22]|{_QUOTED})*"
_OWN = rf"(?:;\s*(?:[^qQ\s,;\x22]{_TEXT}|[qQ][^\s=,;\x22]{_TEXT})?)*"
_NAME = r"[^\s,;\x22{}<>]+"
_QUALITY = r";\s*[qQ]\s*=\s*(1|0(?:\.[0-9]{0,2}[1-9])?)\.?0{0,3}\s*"
# Of two qualities with a space between, the first is less: it ends sooner, or a digit of it is smaller.
LESS = r"^(\S*)(?: \1[.0-9]|" + "|".join(rf"{digit}\S* \1[{digit + 1}-9]" for digit in range(9)) + ")"


def _preferred(header: str, name: str, variable: str, other: str) -> Iterator[Step]:
    """Set a variable to the quality of a name in a header, or else to that of another variable."""
    start = rf"(?i)(?:^|,)\s*{name}\s*{_OWN}"
    yield Step({variable: other})
    yield Step({variable: "1"}, Test("match", f"{{{header}}}", rf"{start}(?:,|$)"))
    yield Step({variable: "{1}"}, Test("match", f"{{{header}}}", rf"{start}{_QUALITY}(?:[;,]|$)"))


def _located(names: Mapping[str, str]) -> Iterator[Step]:
    """Find which document is meant, without its suffix, for each text of `names`."""
    yield Step({"slash": ""})
    for before, after in names.items():
        yield Step({after: f"{{{before}}}"})
        yield Step({after: "{1}", before: "{1}", "slash": "1"}, Test("match", f"{{{before}}}", "^(.+)/$"))
        yield Step({after: "doc/{1}"}, Test("match", f"{{{before}}}", "^id/(.+)$"))
        yield Step({after: "index"}, Test("match", f"{{{before}}}", "^$"))
        yield Step({after: "catalog"}, Test("match", f"{{{before}}}", VOID))
    yield Step({"page": "{stem}"})
    yield Step({"page": ""}, Test("match", "{path}", VOID))
    yield Step({"see": ""})
    yield Step({"see": "1"}, Test("match", "{path}", "^[^/]+/."))
    yield Step(
        {"see": ""}, Test("match", "{path}", f"^(?:{'|'.join(each.strip('/') for each in DOCUMENTS)})/")
    )


def _documented(names: Mapping[str, str]) -> Iterator[Step]:
    """The same for the path of a document."""
    yield Step({"document": ""})
    yield Step({"document": "1"}, Test("file", "{path}"))
    yield Step({"document": ""}, Test("match", "{path}", VOID))  # the file is for servers without rules
    languages = f"(?:\\.(?:{'|'.join(_OTHERS)}))?"
    for before, after in names.items():
        yield Step({after: ""}, Test("match", "{document}", "^1$"))
        for below, suffixes in (("", [each for each in FORMS if each not in _ANSWERS]), ("query/", FORMS)):
            ending = "|".join(suffix[1:] for suffix in suffixes)
            own = rf"^1({below}.+?){languages}\.(?:{ending})$"
            yield Step({after: "{1}"}, Test("match", f"{{document}}{{{before}}}", own))
    yield Step({"page": "{stem}"}, Test("match", "{document}", "^1$"))
    yield Step({"table": ""})
    yield Step({"table": "{1}"}, Test("match", "{stem}", "^(query/.+)$"))


def _weighed() -> Iterator[Step]:
    """Set the quality of each format and language, from `accept` and `language`."""
    yield Step({"any": "1", "first": "1"})
    yield Step({"first": "1.1"}, Test("match", "{accept}", "^$"))  # who wants nothing special is no browser
    yield Step({"any": "0"}, Test("match", "{accept}", rf"(?:^|,)\s*{_NAME}\s*{_OWN}(?:,|$)"))
    yield Step({"any": "0"}, Test("match", "{accept}", rf"(?:^|,)\s*{_NAME}\s*{_OWN}{_QUALITY}(?:[;,]|$)"))
    yield from _preferred("accept", r"\*(?:/\*)?", "any", "{any}")
    for kind in dict.fromkeys(media.partition("/")[0] for media in FORMS.values()):
        yield from _preferred("accept", rf"{kind}/\*", f"any_{kind}", "{any}")
    for suffix, media in FORMS.items():
        kind = media.partition("/")[0]
        yield from _preferred("accept", re.escape(media), f"q_{suffix[1:]}", f"{{any_{kind}}}")
    preferred = next(iter(GRAPHS))[1:]
    yield Step({f"q_{preferred}": "{first}"}, Test("match", "{first}", r"^1\.1$"))
    yield Step({"tongue": "", "liked": "0", "foremost": ""})
    either = "|".join(LANGUAGES)
    yield Step({"foremost": "{1}"}, Test("match", "{language}", rf"(?i)(?:^|,)\s*({either})(?:[-;,\s]|$)"))
    for each in LANGUAGES:
        tongue = "" if each == LANGUAGES[0] else f".{each}"
        yield from _preferred("language", rf"{each}(?:-[a-z0-9-]*)?", f"l_{each}", "0")
        first = Test("match", f"{{foremost}} {{l_{each}}}", rf"(?i)^{each} (?:1|0\.)")
        yield Step({"tongue": tongue, "liked": f"{{l_{each}}}"}, first)
    for each in LANGUAGES:
        tongue = "" if each == LANGUAGES[0] else f".{each}"
        less = Test("less", "{liked}", f"{{l_{each}}}")
        yield Step({"tongue": tongue, "liked": f"{{l_{each}}}"}, less)


def _chosen(offers: Mapping[str, Test]) -> Iterator[Step]:
    """Choose the most wanted format on offer, as `form`; `offers` has a test for each."""
    yield Step({"offered": "", "form": "", "best": "0"})
    for suffix, test in offers.items():
        name = suffix[1:]
        yield Step({f"has_{name}": "", f"could_{name}": "0"})
        sets = {
            f"has_{name}": "1",
            f"could_{name}": f"{{q_{name}}}",
            "offered": f"{{offered}} {FORMS[suffix]}",
        }
        yield Step(sets, test)
        yield Step({"best": f"{{could_{name}}}", "form": suffix}, Test("less", "{best}", f"{{could_{name}}}"))


def _there() -> dict[str, Test]:
    """The test for each format: whether its file exists."""
    names = {".html": "{page}", **dict.fromkeys(GRAPHS, "{stem}"), **dict.fromkeys(_ANSWERS, "{table}")}
    return {suffix: Test("file", names[suffix] + suffix) for suffix in FORMS}


def steps() -> list[Step]:
    """The steps for GET and HEAD, which set the `answer` and its variables."""
    names = {"path": "stem", "raw": "at"}
    return [
        *_located(names),
        *_documented(names),
        *_weighed(),
        *_chosen(_there()),
        Step({"has_html": ""}, Test("match", "{path}", r"^404\.")),  # it comes in place of anything
        Step({"lost": "404{tongue}.html"}),
        Step({"lost": "404.html"}, Test("missing", "{lost}")),
        Step({"tongue": ""}, Test("missing", "{page}{tongue}.html")),
        Step({"form": "{tongue}.html"}, Test("match", "{form}", r"^\.html$")),
        Step({"answer": "document"}),
        Step({"answer": "see"}, Test("match", "{see}", "^1$")),
        Step({"answer": "refused"}, Test("match", "{form}", "^$")),
        Step({"answer": "slash"}, Test("match", "{slash}", "^1$")),
        Step({"answer": "nothing"}, Test("match", "{offered}", "^$")),
        Step({"answer": "file"}, Test("match", "{document}", "^1$")),
        Step({"answer": "nothing"}, Test("match", "{path}", rf"^(?:\.[^/]*|{pattern(NAMES)})$")),
    ]


def persistent_steps(documents: Mapping[str, Served]) -> list[Step]:
    """The steps of a server that only redirects to documents, which set `stem` and `form`."""
    offers = {suffix: Test("match", "{stem}", _stems(documents, suffix)) for suffix in FORMS}
    voids = Test("match", "{path}", VOID)
    return [
        *_located({"path": "stem"}),
        *_weighed(),
        Step({"q_html": "0"}, voids),
        *_chosen({suffix: test for suffix, test in offers.items() if test.other}),
        Step({"form": ".html"}, Test("match", "{form}", "^$")),
        Step({"form": "{tongue}.html"}, Test("match", "{form}", r"^\.html$")),
    ]


def _stems(documents: Mapping[str, Served], suffix: str) -> str:
    """A pattern of the stems that have a document with this suffix; empty for none. Only PCRE reads it."""
    wanted: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    for path in documents:
        stem, _, ending = path[1:].rpartition(".")
        if f".{ending}" not in FORMS or (f".{ending}" in _ANSWERS and not path.startswith("/query/")):
            continue
        for language in _OTHERS:
            stem = stem.removesuffix(f".{language}")
        top, slash, name = stem.partition("/")
        (wanted if f".{ending}" == suffix else others).setdefault(top + slash if slash else "", set()).add(
            name if slash else top
        )
    parts = []
    for top, names in sorted(wanted.items()):
        rest = others.get(top, set()) - names
        if top and not rest:
            parts.append(f"{re.escape(top)}.+")
        elif top and len(rest) < len(names):
            parts.append(f"{re.escape(top)}(?!(?:{pattern(sorted(rest))})$).+")
        else:
            parts.append(f"{re.escape(top)}(?:{pattern(sorted(names))})")
    return f"^(?:{'|'.join(parts)})$" if parts else ""
