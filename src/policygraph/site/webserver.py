"""Publish a catalogue with the rules by which Apache answers for the folder and w3id.org redirects to it.

The rules are in `templates/`: `htaccess` answers as `server.linked_data` does, `w3id.htaccess` redirects, and
`negotiation.htaccess` is the part of both that chooses the format and the language. docs/rewriting.md
describes the answers. mod_rewrite cannot calculate: a quality is written without zeros at its end, so that
comparing texts compares numbers.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from policygraph.errors import PublicationError
from policygraph.site import rendering
from policygraph.site.publish import write_site
from policygraph.site.rendering import fill
from policygraph.site.urls import DOCUMENTS, FORMS, GRAPHS, ROWS, SAFE, VOID, public_url, relative, suffix_of
from policygraph.text import jinja, notebook_progress

if TYPE_CHECKING:
    import os

    from policygraph.catalog.catalog import Catalog
    from policygraph.catalog.settings import Settings
    from policygraph.site.publish import Published, Written
    from policygraph.store.protocols import Store

GITHUB_PAGES = "github-pages"
"""A host of static files, which reads no rules."""

LESS = r"^(\S*)(?: \1[.0-9]|" + "|".join(rf"{digit}\S* \1[{digit + 1}-9]" for digit in range(9)) + ")"
"""Matches two qualities with a space between if the first is less: it ends sooner, or a digit is smaller."""

_OF_QUERIES = (*ROWS, ".rq")  # formats that only the documents of queries have
_PACKED = re.compile(r"gzip|^image/(?!svg)|^font/|octet-stream")

# An element of a list of preferences: what is named, parameters that are not its quality, and its quality.
_QUOTED = r"\x22(?:[^\x22\x5C]|\x5C.)*\x22"
_TEXT = rf"(?:[^,;\x22]|{_QUOTED})*"
_OWN = rf"(?:;\s*(?:[^qQ\s,;\x22]{_TEXT}|[qQ][^\s=,;\x22]{_TEXT})?)*"
_NAME = r"[^\s,;\x22{}<>]+"
_QUALITY = r";\s*[qQ]\s*=\s*(1|0(?:\.[0-9]{0,2}[1-9])?)\.?0{0,3}\s*"


def publish(
    catalog: Catalog,
    folder: str | os.PathLike[str],
    *,
    store: Store | None = None,
    address: str = "",
    sparql: str = "",
    host: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> Published:
    """Publish a catalogue to a folder as a web site, with data, downloads and rules for web servers.

    Args:
        catalog: what is published.
        folder: created, or replaced as a whole if it holds such a site.
        store: the data; by default all the datasets.
        address: the public URL of the site, by default that in the catalogue's settings. Where its IRIs begin
            otherwise, rules are added that redirect from them, as w3id.org wants them.
        sparql: the URL of a SPARQL endpoint with the same data, for links from the pages.
        host: `GITHUB_PAGES`, to write what that reads; by default what any web server does.
        partial: whether to go on where things of the catalogue would have no page of their own.
        progress: called with the number of files written, and of all; by default, notebooks show them.
        processes: how many render; by default one for each CPU core.

    PublicationError when an address is not one, not all of its own things would have a page, or the record
    would break DCAT-AP 3; or as for `policygraph.site.publish.write_site`.
    """
    from policygraph.site.site import Site

    address = public_url(address, "address") if address else catalog.settings.address
    if sparql:
        public_url(sparql, "sparql")
    store = catalog.store if store is None else store
    site = Site(catalog, store, address=address, live=False, sparql=sparql)
    if reason := site.unpublishable(partial=partial):
        raise PublicationError(reason)

    def beside(written: Mapping[str, Written]) -> Mapping[str, bytes]:
        # Without .nojekyll, GitHub Pages leaves out files that begin with a dot.
        elsewhere, languages = address if address != catalog.settings.base else "", catalog.settings.languages
        rules = {f"/{name}": text for name, text in files(written, languages, address=elsewhere).items()}
        if host == GITHUB_PAGES:
            rules = {**redirects(written, catalog.settings, address), **rules}
            rules.pop("/.htaccess")
        return rules | {"/.nojekyll": b""}

    shown = progress or notebook_progress("documents written")
    return write_site(site, folder, beside=beside, progress=shown, processes=processes)


def redirects(documents: Mapping[str, Written], settings: Settings, address: str) -> Mapping[str, bytes]:
    """Return a page at the IRI of each thing that leads to the page about it, for hosts without redirects.

    They answer /id/x with the file id/x.html.
    """
    pages = {}
    for page in documents:
        stem = page.removesuffix(".html")
        if not page.startswith("/doc/") or stem == page or f"{stem}.ttl" not in documents:
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
    documents: Mapping[str, Written], languages: Sequence[str], *, address: str = ""
) -> Mapping[str, bytes]:
    """Return the rules for a folder of these documents, by file name.

    Args:
        documents: by path, with their media types and policies.
        languages: of the pages, the first at the plain addresses.
        address: the URL of the folder on the web; rules for w3id.org need it.
    """
    texts = {".htaccess": _render("htaccess", languages, **_summary(documents))}
    if address:
        names = _names(documents, languages)
        texts["w3id.htaccess"] = _render("w3id.htaccess", languages, **names, address=address.rstrip("/"))
    return {name: text.encode() for name, text in texts.items()}


def _render(template: str, languages: Sequence[str], **values: object) -> str:
    folder = Path(__file__).parent / "templates"
    environment = jinja(folder, re=re.escape, content_type=_content_type)
    plain = environment.overlay(autoescape=False, keep_trailing_newline=True)
    return plain.get_template(template).render(
        forms=FORMS,
        kinds=list(dict.fromkeys(media.partition("/")[0] for media in FORMS.values())),
        preferred=next(iter(GRAPHS)),
        languages=languages,
        own=_OWN,
        name=_NAME,
        quality=_QUALITY,
        less=LESS,
        **values,
    )


def _content_type(media: str) -> str:
    return f"{media}; charset=utf-8" if media.startswith("text/") else media


def _pattern(paths: Iterable[str]) -> str:
    return "|".join(re.escape(path.lstrip("/")) for path in paths)


def _summary(documents: Mapping[str, Written]) -> dict[str, object]:
    """Summarise how documents are served: what most of a suffix have, and the exceptions."""
    # Queries may have types of their own.
    counted: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for path, each in sorted(documents.items()):
        counted[path.startswith("/query/"), suffix_of(path)][each.media] += 1
    usual = {key: each.most_common(1)[0][0] for key, each in counted.items()}
    types = {suffix: media for (_, suffix), media in sorted(usual.items(), reverse=True)}
    exceptions = {
        rf"query/[^/]+{re.escape(suffix)}": media
        for (of_query, suffix), media in sorted(usual.items())
        if of_query and media != types[suffix]
    }
    exceptions |= {
        _pattern([path]): each.media
        for path, each in sorted(documents.items())
        if each.media != usual[path.startswith("/query/"), suffix_of(path)]
    }
    pages = {
        path: each.policy
        for path, each in sorted(documents.items())
        if each.media == "text/html" or each.policy == rendering.WORKER_POLICY
    }
    policy = Counter(pages.values()).most_common(1)[0][0] if pages else ""
    medias = {*types.values(), *exceptions.values(), "text/plain"}
    return {
        "types": {suffix: media for suffix, media in sorted(types.items()) if suffix},
        "exceptions": exceptions,
        "policy": policy,
        "policies": {_pattern([path]): each for path, each in pages.items() if each != policy},
        "compressible": sorted(media for media in medias if not _PACKED.search(media)),
        "of_queries": _OF_QUERIES,
        "documents": "|".join(each.strip("/") for each in DOCUMENTS),
        "headers": rendering,
    }


def _names(documents: Mapping[str, Written], languages: Sequence[str]) -> dict[str, object]:
    """Patterns of the paths of documents, and for each format of their stems, for a server without files."""
    suffixes = sorted({suffix_of(path)[1:] for path in documents} - {""})
    bare = sorted(path for path in documents if not suffix_of(path) and path != VOID)
    named = [f".+\\.(?:{'|'.join(suffixes)})", *([_pattern(bare)] if bare else [])]
    stems = {suffix: _stems(documents, suffix, languages) for suffix in FORMS}
    return {
        "named": "|".join(named),
        "stems": {suffix: pattern for suffix, pattern in stems.items() if pattern},
    }


def _stems(documents: Mapping[str, Written], suffix: str, languages: Sequence[str]) -> str:
    """A pattern of the stems that have a document with this suffix; empty for none."""
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
        (wanted if ending == suffix else others)[folder + slash].add(name)
    parts = []
    for folder, names in sorted(wanted.items()):
        rest = others[folder] - names
        if folder and not rest:
            parts.append(f"{re.escape(folder)}.+")
        elif folder and len(rest) < len(names):
            parts.append(f"{re.escape(folder)}(?!(?:{_pattern(sorted(rest))})$).+")
        else:
            parts.append(f"{re.escape(folder)}(?:{_pattern(sorted(names))})")
    return f"^(?:{'|'.join(parts)})$" if parts else ""
