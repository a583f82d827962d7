"""Publish a catalogue to a folder: every document of its site a file, all of them or none.

The files are written to a draft beside the folder, which then takes its name; a reader of the site meets the
old one or the new one. An interrupted publication leaves nothing but that draft, which the next one removes.
The same site gives the same bytes, in however many processes it is rendered.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from policygraph.catalog import history
from policygraph.catalog.settings import OWN
from policygraph.errors import PolicyGraphError, PublicationError, reason
from policygraph.site.publication.memory import (
    READS,
    Memory,
    Published,
    Written,
    head,
    require_ours,
    seal,
    standing,
)
from policygraph.site.publication.replacement import replacement
from policygraph.site.urls import MANIFEST, SERVER_RULES, document_stem, folded, public_url
from policygraph.store.sparql import varies
from policygraph.store.trace import Key, Note
from policygraph.text import notebook_progress

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog
    from policygraph.site.site import Site
    from policygraph.store.protocols import Store

GITHUB_PAGES = "github-pages"
"""A host of static files, which reads no rules."""

_NO_IMAGE = 'Previews of links to these pages have no image; for one: pip install "policygraph[images]"'
_MAX_NAME = 255  # bytes of the name of a file or folder on the usual file systems
_BATCH = 112  # documents that a process renders at a time, since those beside each other read the same


def publish(
    catalog: Catalog,
    folder: str | os.PathLike[str],
    *,
    store: Store | None = None,
    address: str = "",
    sparql: str = "",
    host: str | None = None,
    partial: bool = False,
    previous: Sequence[str | os.PathLike[str]] = (),
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> Published:
    """Publish a catalogue to a folder as a web site, with data, downloads and rules for web servers.

    Args:
        catalog: what is published.
        folder: created, or replaced as a whole if it holds such a site.
        store: the data; by default all the datasets, as their files are now.
        address: the public URL of the site, by default that in the catalogue's settings. Where its IRIs begin
            otherwise, rules are added that redirect from them, as w3id.org wants them.
        sparql: the URL of a SPARQL endpoint with the same data, for links from the pages.
        host: `GITHUB_PAGES`, to write what that reads; by default what any web server does.
        partial: whether to go on where things of the catalogue would have no page of their own.
        previous: whose versions stay besides those in the folder: folders or addresses of earlier
            publications, or revisions of the catalogue in git, the earliest first.
        progress: called with the number of files written, and of all; by default, notebooks show them.
        processes: how many render; by default one per core on Linux, else one.

    PublicationError when an address is not one, not all of its own things would have a page, or the record
    would break DCAT-AP 3; or as for `write_site`.
    """
    start = monotonic()
    catalog = catalog.anew() if store is None else catalog  # else the fingerprint would be of other files
    address = public_url(address, "address") if address else catalog.settings.address
    if sparql:
        public_url(sparql, "sparql")
    # Of another store than the catalogue's, such as a service, nobody knows whether it has changed.
    known = store is None and not previous
    basis, made = fingerprint(catalog, address, sparql, host, partial) if known else ("", "")
    asked = (*catalog.queries.values(), *catalog.internal.values())
    if made and any(varies(query.text) for query in asked):
        made += f", {datetime.now(UTC).date()}"  # for a question may ask for the time
    if done := standing(folder, made):
        return done
    # Where nothing has changed, none of this is needed.
    from policygraph.site import webserver
    from policygraph.site.site import Site
    from policygraph.site.versions import archive

    store = catalog.store if store is None else store
    target, base = Path(os.path.realpath(folder)), catalog.settings.base
    digest = archive.digest(str(target))
    kept: Mapping[str, bytes] = archive.read(str(target), base) if digest else {}
    kept = archive.gather(catalog, map(str, previous), kept, address=address)
    site = Site(catalog, store, address=address, live=False, sparql=sparql, previous=kept)
    memory = Memory(site, target, basis)  # first, since what it finds unchanged is not computed again
    if why := site.unpublishable(partial=partial):
        raise PublicationError(why)

    def beside(written: Mapping[str, Written]) -> Mapping[str, bytes]:
        if archive.digest(str(target)) != digest:
            raise PublicationError(f"Another process has published to {folder} meanwhile; publish again.")
        # Without .nojekyll, GitHub Pages leaves out files that begin with a dot.
        settings = catalog.settings
        known = {"address": address, "base": base, "removed": site.removed, "around": site.around}
        rules = webserver.files(written, settings.languages, **known)  # type: ignore[arg-type]
        few = host == GITHUB_PAGES
        rules = {f"/{name}": text for name, text in rules.items() if not few or name == SERVER_RULES[-1]}
        if few:
            gone = {*map(document_stem, site.removed)}
            rules |= webserver.redirects(written, settings, address, gone)
        return rules | {"/.nojekyll": b""}

    shown = progress or notebook_progress("documents written")
    things, of = site.things()
    done = write_site(
        site, folder, beside=beside, progress=shown, processes=processes, memory=memory, made=made
    )
    lacks = site.has_stories and not find_spec("resvg_py")
    notes = filter(None, (_NO_IMAGE if lacks else "", site.note))
    return done._replace(seconds=monotonic() - start, things=things, of=of, note="\n".join(notes))


def write_site(
    site: Site,
    folder: str | os.PathLike[str],
    *,
    beside: Callable[[Mapping[str, Written]], Mapping[str, bytes]] | None = None,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
    memory: Memory | None = None,
    made: str = "",
) -> Published:
    """Write every document of a site to a folder, which is created, or replaced if it holds such a site.

    Args:
        site: made with `live=False`.
        folder: the target; a symbolic link stays one. An unchanged file keeps its modification time.
        beside: makes further files from all documents, by path, such as the rules of a web server.
        progress: called with the number of files written, and of all: 0 before the first, all before
            the old site is replaced; what it raises ends the publication.
        processes: how many render; by default one per core on Linux, else one.
        memory: of the publication before in this folder; without it, every document is rendered.
        made: a digest of all that documents are made of, for `standing`.

    PublicationError when the folder holds other files, cannot be written, or is being published to; a path
    cannot be the name of a file; a page is missing. The folder is then as it was.
    """
    start, target = monotonic(), Path(folder)
    try:
        target = target.resolve()
        memory = memory or Memory(site, target, "")
        paths = list(site.paths())
        _check(site, paths)
        require_ours(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if progress:
            progress(0, len(paths) + 1)
        with replacement(target) as (draft, swap):
            written = memory.recall(draft, paths)
            rest = [path for path in paths if path not in written]
            # Closed, so that no process writes to the draft any more when it is removed.
            with closing(_write(site, rest, draft, target, processes or _cores())) as rendered:
                for each, reads, notes in rendered:
                    written[each.path] = each
                    memory.add(each, reads, notes)
                    if progress:
                        progress(len(written), len(paths) + 1)
            more = beside(written) if beside else {}
            more = {**more, f"/{READS}": memory.document()} if memory.basis else more
            written |= {path: _save(draft, target, path, body) for path, body in more.items()}
            lines = (f"{written[path].digest}  {path[1:]}\n".encode() for path in sorted(written))
            last = _save(draft, target, f"/{MANIFEST}", head(made) + b"".join(lines))
            require_ours(target)
            if progress:
                progress(len(paths) + 1, len(paths) + 1)
            swap()
            seal(target)
    except (OSError, RuntimeError) as error:  # resolve() finds a loop of links
        raise PublicationError(f"{folder} cannot be published to: {reason(error)}.") from None
    files = [*written.values(), last]
    pages = sum(each.media == "text/html" for each in files)
    size = sum(each.size for each in files)
    return Published(pages, len(files), size, monotonic() - start, rendered=[*rest, *more, last.path])


def fingerprint(catalog: Catalog, *options: object) -> tuple[str, str]:
    """Digests of all but the data that a publication is made of, and of that with the data.

    The second is empty where the data are in no files. Of libraries it has the versions, of this package and
    the catalogue the files.
    """
    package, settings = Path(__file__).parents[1], catalog.settings
    own = [catalog.root / each for each in OWN]
    folders = [package, *own, *catalog.vocabulary, *filter(None, (settings.logo, settings.style))]
    found = sha256(repr((sys.version, options, str(catalog.files), [*catalog.datasets])).encode())
    for place in sorted(map(str, sys.path)):
        found.update(repr(sorted(each.name for each in Path(place).glob("*.dist-info"))).encode())
    for folder in folders:
        _add(found, folder, sorted(folder.rglob("*")) if folder.is_dir() else [folder])
    basis = found.hexdigest()
    if catalog.place:
        return basis, ""
    paths = [*map(catalog.datasets.path, catalog.datasets)]
    for path in paths:
        _add(found, path, [path])
    # Pages say since when git has had a statement.
    found.update(repr([*map(history.state, sorted({path.parent for path in paths}))]).encode())
    return basis, found.hexdigest()


def _add(found: Any, root: Path, files: Iterable[Path]) -> None:
    for file in files:
        if "__pycache__" not in file.parts and file.is_file():
            found.update(f"{file.relative_to(root)} ".encode())
            found.update(sha256(file.read_bytes()).digest())


def _check(site: Site, paths: Sequence[str]) -> None:
    """Check that each path can be a file of its own, whether the file system is case-sensitive or not."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for part in path.split("/"):
            if len(os.fsencode(part)) > _MAX_NAME:
                why = f"{part[:40]}… is longer than the {_MAX_NAME} bytes that a file's name may have"
                raise PublicationError(f"{_subject(site, path)} cannot be published: {why}.")
        key = folded(path)
        if key in files:
            names = [*(f"<{iri}>" for iri in site.resources(path)), path]
            if files[key] == path == names[0]:  # as version 1.0 in a language does with 1.0.LANGUAGE
                raise PublicationError(f"Two documents cannot both be published as {path}; rename one.")
            one, other = names[:2] if files[key] == path else sorted((_subject(site, files[key]), names[0]))
            both = f"{one} and {other} cannot both be published"
            raise PublicationError(f"{both}: many file systems take them for one name.")
        files[key] = path
        while key := key.rpartition("/")[0]:
            folders.setdefault(key, path)
    for key in sorted(files.keys() & folders.keys()):
        one, other = _subject(site, files[key]), _subject(site, folders[key])
        both = f"{one} and {other} cannot both be published"
        raise PublicationError(f"{both}: {files[key]} would be a file and a folder.")


def _subject(site: Site, path: str) -> str:
    """What a document is about, for messages: the IRI, or else the path."""
    return next((f"<{iri}>" for iri in site.resources(path)), path)


def _save(draft: Path, target: Path, path: str, body: bytes, media: str = "", policy: str = "") -> Written:
    """Write a file of the draft; keep the modification time of an unchanged one, for caches and rsync."""
    file = draft / path[1:]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    with suppress(OSError):
        before = target / path[1:]
        state = before.stat()
        if state.st_size == len(body) and before.read_bytes() == body:
            os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    return Written(path, media, policy, len(body), sha256(body).hexdigest())


Rendered = tuple[Written, Iterable[Key], Mapping[Key, Note]]  # a document, what it read, and notes on that


def _render(site: Site, draft: Path, target: Path, path: str) -> Rendered:
    trace: Any = site.trace
    try:
        with trace.frame() as reads:
            page = site.page(path)
            if not reads:
                trace.volatile()  # nobody knows what it was made of
    except PolicyGraphError as error:
        raise PublicationError(f"The page {path} cannot be rendered: {error}") from None
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise PublicationError(f"The page {path} cannot be rendered: {why}.") from error
    if page is None or page.refused:
        what = f"cannot be rendered: {page.refused}" if page else f"of {_subject(site, path)} is not there."
        raise PublicationError(f"The page {path} {what}")
    notes, trace.fresh = trace.fresh, {}
    return _save(draft, target, path, page.body, page.media, page.policy), reads, notes


def _write(
    site: Site, paths: Sequence[str], draft: Path, target: Path, processes: int
) -> Generator[Rendered]:
    if processes == 1:
        yield from (_render(site, draft, target, path) for path in paths)
        return
    # First one of each kind, so that what all pages need is memoised before processes are forked.
    first = set({path.rpartition(".")[2]: path for path in reversed(paths)}.values())
    yield from (_render(site, draft, target, path) for path in paths if path in first)
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    rest = [path for path in paths if path not in first]
    pool = ProcessPoolExecutor(processes, get_context("fork"), _start, (site, draft, target))
    try:
        few = max(1, min(_BATCH, len(rest) // (4 * processes)))
        yield from pool.map(_render_here, rest, chunksize=few)
    except BrokenProcessPool:
        why = "A process that rendered pages was killed before it was done"
        raise PublicationError(f"{why}; is there enough memory?") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """The number of processes to render with; 1 where a process cannot safely be forked."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


_work: list[tuple[Site, Path, Path]] = []  # of a rendering process, where `_start` puts it


def _start(*work: Any) -> None:
    """Start a rendering process, which ends when its parent does."""
    import gc
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    def follow() -> None:
        parent_process().join()  # type: ignore[union-attr]
        signal.raise_signal(signal.SIGKILL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=follow, daemon=True).start()
    gc.freeze()  # what the parent made stays, and is not to be gone through again
    _work[:] = [work]


def _render_here(path: str) -> Rendered:
    return _render(*_work[0], path)
