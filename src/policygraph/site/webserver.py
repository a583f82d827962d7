"""Make the rules by which web servers answer for a published folder and w3id.org redirects to it.

The rules are in `templates/`: `htaccess` answers as `server.linked_data` does, `nginx.conf` and `Caddyfile`
more simply, `headers` and `redirects` are for hosts of files, `w3id.htaccess` redirects, and
`negotiation.htaccess` is the part of it and of `htaccess` that chooses the format and the language.
docs/rewriting.md describes the answers. None can compare numbers: the first format of ours that is listed is
chosen.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from policygraph.site import rendering, urls
from policygraph.site.rendering import fill
from policygraph.site.urls import FORMS, GRAPHS, ROWS, SAFE, SERVER_RULES, document_stem, relative, suffix_of
from policygraph.text import jinja

if TYPE_CHECKING:
    from policygraph.catalog.settings import Settings
    from policygraph.site.publication.memory import Written

*_RULES, _W3ID = SERVER_RULES
_OF_QUERIES = (*ROWS, ".rq")  # formats that only the documents of queries have
_PACKED = re.compile(r"gzip|^image/(?!svg)|^font/|octet-stream")


def redirects(
    documents: Mapping[str, Written], settings: Settings, address: str, removed: Collection[str] = ()
) -> Mapping[str, bytes]:
    """Return a page at the IRI of each thing that leads to the page about it, for hosts without redirects.

    Of what was removed, whose documents have these paths without suffix, there is a page alone.

    They answer /id/x with the file id/x.html.
    """
    pages = {}
    for page in documents:
        stem = page.removesuffix(".html")
        of_thing = page.startswith("/doc/") and stem != page and urls.ESCAPED not in page
        if not of_thing or (f"{stem}.ttl" not in documents and stem not in removed):
            continue
        name = "/id/" + stem.removeprefix("/doc/")
        forms = [(stem + suffix, media) for suffix, media in GRAPHS.items() if stem + suffix in documents]
        pages[f"{name}.html"] = fill(
            "redirect.html",
            language=settings.languages[0],
            iri=settings.base + quote(name[1:], safe=SAFE),
            page=relative(page, name),
            canonical=address + quote(page[1:], safe=SAFE),
            others=[(relative(path, name), media) for path, media in forms],
        )
    return pages


def files(
    documents: Mapping[str, Written],
    languages: Sequence[str],
    *,
    address: str = "",
    base: str = "",
    removed: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    around: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Mapping[str, bytes]:
    """Return the rules for a folder of these documents, by file name.

    Args:
        documents: by path, with their media types and policies.
        languages: of the pages, the first at the plain addresses.
        address: the URL of the folder on the web.
        base: what IRIs begin with; where that is not the address, there are rules for w3id.org.
        removed: as of `Site.removed`.
        around: as of `Site.around`.
    """
    host = urlsplit(address).hostname or "localhost"
    shown: dict[str, Any] = {**_summary(documents), "hidden": SERVER_RULES[1:], "host": host}
    shown |= _past(removed, around, address)
    endings = [*GRAPHS, ".html", *(f".{tag}.html" for tag in languages[1:])]
    shown["endings"] = _endings(documents, [stem for _, stem, _ in shown["linked"]], endings)
    shown["about"] = any(path.startswith("/doc/") for path in documents)
    texts = {name: _render(name.lstrip("._"), languages, **shown) for name in _RULES}
    if address != base:
        names = {**_names(documents, languages), "moved": shown["moved"], "base": base}
        texts[_W3ID] = _render(_W3ID, languages, **names, address=address.rstrip("/"))
    return {name: text.encode() for name, text in texts.items()}


def _render(template: str, languages: Sequence[str], **values: object) -> str:
    folder = Path(__file__).parent / "templates"
    environment = jinja(folder, re=_escaped, content_type=rendering.content_type)
    plain = environment.overlay(autoescape=False, keep_trailing_newline=True)
    render = plain.get_template(template).render
    return render(forms=FORMS, preferred=next(iter(GRAPHS)), languages=languages, **values)


def _escaped(text: str) -> str:
    """A text as a pattern without #, which Apache would take for the end of the pattern."""
    return re.escape(text).replace("\\#", "\\x23")


def _pattern(paths: Iterable[str]) -> str:
    return "|".join(_escaped(path.lstrip("/")) for path in paths)


def _summary(documents: Mapping[str, Written]) -> dict[str, object]:
    """Summarise how documents are served: what most of a suffix have, and the exceptions."""

    def kind(path: str) -> tuple[bool, str]:  # queries may have types of their own
        return path.startswith("/query/"), suffix_of(path)

    every, counted = sorted(documents.items()), defaultdict[tuple[bool, str], Counter[str]](Counter)
    for path, each in every:
        counted[kind(path)][each.media] += 1
    usual = {key: each.most_common(1)[0][0] for key, each in counted.items()}
    types = {suffix: media for (_, suffix), media in sorted(usual.items(), reverse=True)}
    exceptions = {
        rf"query/[^/]+{re.escape(suffix)}": media
        for (of_query, suffix), media in sorted(usual.items())
        if of_query and media != types[suffix]
    }
    exceptions |= {_pattern([path]): each.media for path, each in every if each.media != usual[kind(path)]}
    pages = {
        path: each.policy
        for path, each in every
        if (each.media == "text/html" and not path.startswith("/embed/"))
        or each.policy == rendering.WORKER_POLICY
    }
    policy = Counter(pages.values()).most_common(1)[0][0] if pages else ""
    others = {path: each for path, each in pages.items() if each != policy}
    medias = {*types.values(), *exceptions.values(), "text/plain"}
    return {
        "types": {suffix: media for suffix, media in sorted(types.items()) if suffix},
        "exceptions": exceptions,
        "policy": policy,
        "policies": {_pattern([path]): each for path, each in others.items()},
        "alone": {path: each for path, each in others.items() if not path.endswith(".html")},
        "compressible": sorted(media for media in medias if not _PACKED.search(media)),
        "of_queries": _OF_QUERIES,
        "documents": "|".join(each.strip("/") for each in urls.DOCUMENTS),
        "headers": rendering,
    }


def _endings(
    documents: Collection[str], stems: Iterable[str], endings: Sequence[str]
) -> dict[str, Sequence[str]]:
    """What rules for the documents of each stem end in: few, since hosts read a hundred rules.

    It is ".*", or where another document begins so (0.2.1.ttl as 0.2.ttl does), each of these endings but
    those of pages, which have the links themselves.
    """
    paths, found = sorted(documents), dict[str, Sequence[str]]()
    for stem in stems:
        begun = paths[bisect(paths, f"{stem}.") : bisect(paths, f"{stem}/")]
        own = {f"{stem}{ending}": ending for ending in endings}
        each = [own[path] for path in own if not path.endswith(".html") or path not in documents]
        found[stem] = [".*"] if own.keys() >= {*begun} else each
    return found


def _past(
    removed: Mapping[str, tuple[str, str]], around: Mapping[str, Mapping[str, str]], address: str
) -> dict[str, object]:
    """What was removed and what was replaced, by path, and the links to other versions."""
    links = {path: [(to, "", rel) for rel, to in each.items()] for path, each in around.items()}
    moved = [(path, *to) for path, to in removed.items() if to[0]]
    links |= {path: [(to, fragment, "successor-version")] for path, to, fragment in moved}

    def named(each: Iterable[tuple[str, str, str]]) -> list[tuple[str, str]]:
        return [(address + quote(to[1:], safe=SAFE) + fragment, rel) for to, fragment, rel in each]

    return {
        "gone": [(path, document_stem(path)) for path, (to, _) in removed.items() if not to],
        "moved": [(path, document_stem(path), to, document_stem(to), end) for path, to, end in moved],
        "linked": [(path, document_stem(path), named(each)) for path, each in links.items()],
        "graphs": GRAPHS,
    }


def _names(documents: Mapping[str, Written], languages: Sequence[str]) -> dict[str, object]:
    """Patterns of the paths of documents, and for each format of their stems, for a server without files."""
    suffixes = sorted({suffix_of(path)[1:] for path in documents} - {""})
    bare = sorted(path for path in documents if not suffix_of(path) and path != urls.VOID)
    named = [f".+\\.(?:{'|'.join(suffixes)})", *([_pattern(bare)] if bare else [])]
    stems = {suffix: _stems(documents, languages, suffix) for suffix in FORMS}
    return {
        "named": "|".join(named),
        "slashed": _stems(documents, languages),
        "stems": {suffix: pattern for suffix, pattern in stems.items() if pattern},
    }


def _stems(documents: Mapping[str, Written], languages: Sequence[str], suffix: str = "") -> str:
    """A pattern of the stems that have a document with this suffix, or of those in a folder; "" for none."""
    wanted: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = defaultdict(set)
    for path in documents:
        ending = suffix_of(path)
        if ending not in FORMS or (ending in _OF_QUERIES and not path.startswith("/query/")):
            continue
        stem = path[1:].removesuffix(ending)
        for language in languages[1:]:
            stem = stem.removesuffix(f".{language}")
        folder, slash, name = stem.partition("/") if "/" in stem else ("", "", stem)
        chosen = ending == suffix if suffix else folder and f"/{name}".endswith("/index")
        (wanted if chosen else others)[folder + slash].add(name)
    parts = []
    for folder, names in sorted(wanted.items()):
        rest = others[folder] - names
        if folder and not rest:
            parts.append(f"{_escaped(folder)}.+")
        elif folder and len(rest) < len(names):
            parts.append(f"{_escaped(folder)}(?!(?:{_pattern(sorted(rest))})$).+")
        else:
            parts.append(f"{_escaped(folder)}(?:{_pattern(sorted(names))})")
    return f"^(?:{'|'.join(parts)})$" if parts else ""
