"""Inspect a published site: check its pages, data, record and dumps, and how its server answers.

The site is a folder or a web address, as `policygraph publish` makes it with any base. A folder is read
whole; of a web address some documents of every kind are read, and the server's responses are checked. Nothing
that is read is trusted.

The rules for servers are those of RFC 9110 (HTTP), RFC 8288 (Link), CORS (https://fetch.spec.whatwg.org/)
and the W3C's Cool URIs for the Semantic Web (https://www.w3.org/TR/cooluris/).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from importlib import import_module
from os import PathLike, fspath

from policygraph.check.site import data, pages, record
from policygraph.check.site.fetch import MEDIA, Fetched, SiteUrls, Source, Web, open_source
from policygraph.check.site.report import COUNTS, RECORD, RULES, Crawl, SiteReport, is_404, pick, shorten
from policygraph.errors import DocumentError, extra
from policygraph.rdf import reader
from policygraph.rdf.namespaces import PREFIXES
from policygraph.site import urls
from policygraph.site.downloads import SUMS
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import rows
from policygraph.text import notebook_progress

_Progress = Callable[[int, int], None]
SAMPLE = 3  # the default number of documents of each kind to read at a web address

_SAMPLED_ADDRESSES = 300  # to request beyond the documents read, when only a sample is read
# Written by `publish` for web servers; not part of the site.
_FILES = {".nojekyll", ".policygraph", ".policygraph-reads", *urls.SERVER_RULES}
_RDF = {*urls.GRAPHS, ".nq", ".trig"}


def inspect(
    where: str | PathLike[str],
    *,
    base: str = "",
    static: bool = False,
    sample: int = SAMPLE,
    seconds: float = 60.0,
    only: Collection[str] = (),
    progress: _Progress | None = None,
) -> SiteReport:
    """Inspect a published site, in a folder or at a web address.

    Args:
        where: the folder, or the root address of the site.
        base: the beginning of the IRIs of its data; by default what its record says.
        static: whether its host serves files as they are, so that rules of negotiation do not apply.
        sample: how many documents of each kind to read at a web address; 0 for all.
        seconds: the most that a document may take to arrive from a web address.
        only: the paths of documents to read of a folder, such as those that have changed; by default all.
        progress: called with the number of documents read and the total; by default, notebooks show them.

    Raises:
        CrawlError: nothing can be read at all.
        PublicationError: the base is no address.
        ExtraError: a library is missing.
    """
    where, base = fspath(where), urls.public_url(base, "base") if base else ""
    with extra("check", "policygraph publish check"):
        import_module("httpx")
        import_module("lxml")
    with open_source(where, seconds) as site:
        shown = progress or notebook_progress("documents read") or (lambda done, total: None)
        return _inspect(where, site, base, static, sample, only, shown)


def _inspect(
    where: str, site: Source, base: str, static: bool, sample: int, only: Collection[str], progress: _Progress
) -> SiteReport:
    live = isinstance(site, Web)
    # What is below /id/ leads to documents, on hosts that cannot redirect, but for those in a folder.
    there = set() if isinstance(site, Web) else {*site.paths()}
    paths = {each for each in there if each[1:] not in _FILES and ("/index." in each or each[:4] != "/id/")}
    crawl = Crawl(site, paths=paths, limit=_SAMPLED_ADDRESSES if sample and live else None)
    catalogue = _read_record(crawl)
    stated = record.base_from_record(catalogue) or site.address
    if base and stated != base:
        problem = f"Its IRIs begin with {shorten(stated)}, not with {shorten(base)}."
        crawl.fault("record", crawl.record, problem)
    base = base or stated
    crawl.urls = SiteUrls(site.address, base, record.homepage(catalogue))
    crawl.own = site.address if isinstance(site, Web) and not site.is_local else crawl.urls.public
    listed = record.check_sitemap(crawl)
    homes = (re.fullmatch(r"/index\.([\w-]+)\.html", path) for path in {*paths, *listed})
    crawl.languages |= {home[1] for home in homes if home}
    record.check_addresses(crawl, catalogue)
    chosen = sorted(paths.intersection(only) if only else paths)
    read = _read_sample(crawl, listed, sample, progress) if live else _read(crawl, chosen, 0, progress)
    record.check_dumps(crawl, catalogue, only)
    pages.check_signposts(crawl, catalogue)
    record.check_removed(crawl, listed, static=static)
    _check_links(crawl)
    _check_iris(crawl)
    here = read if only else crawl.paths
    pages_here = {each for each in here if each.endswith(".html") and not is_404(each)}
    for path in sorted(pages_here.difference(listed, crawl.unlisted)) if listed else ():
        crawl.fault("sitemap", path, "The sitemap does not list it.")
    for path in pick(listed, sample if live else 0, _kind):
        if not crawl.exists(path):
            crawl.fault("sitemap", "/sitemap.xml", f"It lists {shorten(path)}, which does not exist.")
    if not (live or only):
        record.check_listed(crawl, there)
    if isinstance(site, Web):
        _check_server(crawl, read, sample, static)
        crawl.counts["requests"] = site.requests
    # A host of plain files keeps these rules or not.
    kept = {each for each in crawl.findings if not (static and each.rule in ("media-type", "cors"))}
    findings = sorted(kept, key=lambda each: ([*RULES].index(each.rule), each))
    always = ("pages", "data documents", "links", "checksums")
    counts = {name: crawl.counts[name] for name in COUNTS if crawl.counts[name] or name in always}
    return SiteReport(where, base if live or base != site.address else "", counts, tuple(findings))


def _read_record(crawl: Crawl) -> EmbeddedStore:
    """Read the catalogue record, where `publish` writes it or where the site says that it is."""
    found = False
    for path in dict.fromkeys((RECORD, urls.VOID, *_linked_data(crawl))):
        answer = crawl.read(path, accept="text/turtle")
        if answer.status != 200:
            continue
        found = True
        with suppress(DocumentError):  # reported when the document is checked
            format = reader.SUFFIXES[urls.suffix_of(path) or ".ttl"]
            store = EmbeddedStore(reader.parse(answer.body, name=path, format=format))
            if list(rows(store, record.CATALOGS)):
                crawl.record = path
                return store
    crawl.fault("record", RECORD, "It describes no dcat:Catalog." if found else "It is missing.")
    return EmbeddedStore()


def _linked_data(crawl: Crawl) -> list[str]:
    """A few of the data that the home page links."""
    page = next((each for each in map(crawl.read, ("/index.html", "/")) if each.status == 200), Fetched(0))
    with suppress(ValueError):
        links = (crawl.urls.resolve(href, "/") for href, *_ in pages.parse_html(page.body).links)
        return [path for path in map(crawl.urls.path, links) if path and urls.suffix_of(path) in _RDF][:5]
    return []


def _read_sample(crawl: Crawl, listed: list[str], sample: int, progress: _Progress) -> set[str]:
    """Read some documents of every kind at a web address, and return their paths."""
    read = _read(crawl, pick(listed or ["/index.html"], sample, _kind), 0, progress)
    if not listed:
        linked = sorted({path for path in crawl.links if path.endswith(".html")} - read)
        read |= _read(crawl, pick(linked, sample, _kind), len(read), progress)
    # What the pages link or load beside other pages.
    offered = {path for path in crawl.links if not path.endswith((".html", "/"))} - read
    chosen = {crawl.record} | set(pick(sorted(offered), sample, _kind))
    return read | _read(crawl, sorted(chosen), len(read), progress)


def _read(crawl: Crawl, paths: list[str], before: int, progress: _Progress) -> set[str]:
    kinds: Counter[str] = Counter()
    for number, path in enumerate(paths, before + 1):
        answer = crawl.read(path)
        if answer.status == 200:
            _check(crawl, path, answer)
            kinds[_kind(path)] += 1
            if not isinstance(crawl.source, Web):
                crawl.digests[path] = answer.digest
            elif kinds[_kind(path)] == 1:
                check_document(crawl, path, answer)
        progress(number, before + len(paths))
    return set(paths)


def _check(crawl: Crawl, path: str, answer: Fetched) -> None:
    suffix = urls.suffix_of(path)
    if suffix == ".html":
        pages.check_page(crawl, path, answer)
    elif suffix in _RDF or path == urls.VOID:
        if not path.startswith(("/download/", "/changes/")):
            data.check_rdf(crawl, path, answer)
    elif path not in ("/sitemap.xml", "/robots.txt", SUMS) and suffix != ".gz":  # checked elsewhere
        data.check_other(crawl, path, answer)


def _check_links(crawl: Crawl) -> None:
    sampled = set(crawl.sample(sorted(crawl.links.keys() - crawl.paths)))
    for target, sources in crawl.links.items():
        many = f" ({len(sources):,} links do)" if len(sources) > 1 else ""
        if target == "/..":
            crawl.fault("dead-link", sources[0], f"It links a file outside the folder{many}.")
        elif (target in crawl.paths or target in sampled) and not crawl.exists(target):
            crawl.fault("dead-link", sources[0], f"It links {shorten(target)}, which does not exist{many}.")


def _check_iris(crawl: Crawl) -> None:
    """Check that every IRI of the site in the data has a document, and every term an anchor."""
    # A base such as http://www.w3.org/ns/ has others' vocabularies below it, each of which is at home there.
    others = tuple(iri for iri in PREFIXES.values() if iri.startswith(crawl.urls.base) and "#" in iri)
    named = (iri for iri in crawl.iris.keys() - crawl.names_only if f"{iri}#" not in others)
    for iri in crawl.sample(sorted(named)):
        path = crawl.urls.path(iri) or "/"
        path = "/catalog" if path == urls.VOID else path  # the server redirects from there
        crawl.counts["iris"] += 1
        documents = (f"{urls.document_stem(path)}.html", f"{urls.document_stem(path)}.ttl", path)
        is_file = isinstance(crawl.source, Web) or urls.path_of(iri, crawl.urls.base)  # else it was left out
        if is_file and not any(map(crawl.exists, documents)) and not any(map(crawl.has_twin, documents)):
            crawl.fault("iri", crawl.iris[iri], f"It names {shorten(iri)}, which has no document.")
    for iri, source in sorted(crawl.terms.items()):
        address, _, fragment = iri.partition("#")
        ids = crawl.ids.get(urls.document_stem(crawl.urls.path(address) or "/") + ".html")
        if ids is not None and fragment not in ids:
            crawl.fault("term", source, f"It uses {shorten(iri)}, which the page of terms does not describe.")


def _check_server(crawl: Crawl, read: set[str], sample: int, static: bool) -> None:
    """Check content negotiation for some documents of every kind, and the paths that every site has."""
    check_not_found(crawl)
    if static:
        return
    formats, known = dict[str, list[str]](), read | crawl.links.keys()
    for path in sorted(read):
        if path.endswith(".html") and not path.startswith("/download/"):
            document = next(urls.parse_path(path, crawl.languages), None)
            if document and not document.tag:
                stem = urls.document_stem(document.path)
                suffixes = [each for each in (*urls.GRAPHS, *urls.ROWS) if stem + each in known]
                formats[document.path] = [".html", *suffixes]
    several = sorted(path for path, suffixes in formats.items() if len(suffixes) > 1)
    for path in pick(several, sample, _kind):
        check_negotiation(crawl, path, formats[path])
    void = crawl.read(urls.VOID, accept="text/turtle")
    if void.status != 200 or void.media != "text/turtle":
        received = f"{void.status} and {shorten(void.media) or 'no media type'}"
        crawl.fault("iri", urls.VOID, f"Accept: text/turtle gets {received}, not 200 and text/turtle.")


def _kind(path: str) -> str:
    """A key for documents of the same kind: the folder and the suffixes."""
    folder, _, name = path.rpartition("/")
    return name if not folder else f"{folder}/*.{name.partition('.')[2]}"


_MISSING = "/doc/there-is/nothing-here"


def check_negotiation(crawl: Crawl, path: str, suffixes: Iterable[str]) -> None:
    """Check the responses for a resource, or a document in several formats with these suffixes."""
    status = 200 if urls.is_document(path) else 303
    for accept in (*map(MEDIA.__getitem__, suffixes), *([""] if ".ttl" in suffixes else ()), "*/*"):
        _check_response(crawl, path, accept, status)
    answer = crawl.source.get(path, accept="image/x-none")
    if answer.status != 406:
        crawl.fault("not-acceptable", path, f"Accept: image/x-none gets {answer.status}, not 406.")


def check_document(crawl: Crawl, path: str, answer: Fetched) -> None:
    """Check the headers of a document that was read."""
    suffix = urls.suffix_of(path)
    other = suffix in (".json", ".xml") and not path.startswith("/query/")
    wanted = None if other else MEDIA.get(suffix)
    if wanted and answer.media != wanted and not (suffix == ".js" and answer.media.endswith("/javascript")):
        media = shorten(answer.media) or "missing"
        crawl.fault("media-type", path, f"Its Content-Type is {media}, not {wanted}.")
    _check_cors(crawl, path, answer)


def check_not_found(crawl: Crawl) -> None:
    """Check the response for a missing document."""
    for accept in ("text/html", "text/turtle"):
        answer = crawl.source.get(_MISSING, accept=accept)
        if answer.status != 404:
            crawl.fault("not-found", _MISSING, f"A missing document gets {answer.status}, not 404.")
            return


def _check_response(crawl: Crawl, path: str, accept: str, status: int) -> None:
    where = f"{path} ({accept or 'no Accept'})"
    answer = crawl.source.get(path, accept)
    crawl.counts["negotiations"] += 1
    if not answer.status or answer.status >= 500:
        crawl.fault("reachable", where, answer.problem or f"The server answers {answer.status}.")
        return
    if answer.status != status:
        rule = "see-other" if status == 303 else "negotiation"
        crawl.fault(rule, where, f"The status is {answer.status}, not {status}.")
        if answer.status not in (301, 302, 307, 308):
            return
    vary = {each.strip().lower() for each in answer.headers.get("vary", "").split(",")}
    if not vary & {"accept", "*"}:
        crawl.fault("vary", where, f"Vary is {shorten(answer.headers.get('vary', '')) or 'missing'}.")
    if status == 303:
        answer = _follow(crawl, path, where, answer)
    elif not (location := answer.headers.get("content-location")):
        crawl.fault("content-location", where, "There is no Content-Location.")
    elif _target(crawl, location, path) is None:
        crawl.fault("content-location", where, f"Content-Location is {shorten(location)}, not on this site.")
    if answer.status == 200:
        wanted = {"": "text/turtle", "*/*": "text/html"}.get(accept, accept)
        if answer.media != wanted:
            media = shorten(answer.media) or "missing"
            crawl.fault("negotiation", where, f"The media type is {media}, not {wanted}.")
        if not re.search('rel="?alternate', answer.headers.get("link", "")):
            crawl.fault("link-header", where, "No Link header names the other formats.")
        _check_cors(crawl, where, answer)


def _follow(crawl: Crawl, path: str, where: str, answer: Fetched) -> Fetched:
    location = answer.headers.get("location", "")
    target = _target(crawl, location, path) if location else None
    if target is None:
        why = f"Location leads off this site: {shorten(location)}." if location else "There is no Location."
        crawl.fault("redirects", where, why)
        return Fetched(0)
    document = crawl.source.get(target)
    if document.status in (301, 302, 303, 307, 308):
        crawl.fault("redirects", where, f"The document {shorten(target)} redirects once more.")
    elif document.status != 200:
        crawl.fault("iri", where, f"It leads to {shorten(target)}, which answers {document.status}.")
    return document


def _target(crawl: Crawl, location: str, path: str) -> str | None:
    """The path of this site that a URL in a header of another path means; None where it leads off it."""
    # It may be below the public base, which is not the address that is checked.
    return crawl.urls.path(location) or crawl.urls.path(crawl.urls.resolve(location, path))


def _check_cors(crawl: Crawl, where: str, answer: Fetched) -> None:
    if answer.headers.get("access-control-allow-origin") != "*":
        crawl.fault("cors", where, "There is no Access-Control-Allow-Origin: *.")
