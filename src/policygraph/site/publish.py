"""Write a site to a folder: every document a file, all of them or none, for any web server or none.

The files are written to a draft beside the folder, which then takes its name; a reader of the site meets the
old one or the new one. An interrupted publication leaves nothing but that draft, which the next one removes.
The same site gives the same bytes, in however many processes it is rendered.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from itertools import chain
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.catalog import history
from policygraph.catalog.settings import OWN
from policygraph.errors import CatalogError, PolicyGraphError, PublicationError
from policygraph.site.urls import folded
from policygraph.store.trace import Key, Note, TracedStore

if TYPE_CHECKING:
    from policygraph.catalog.catalog import Catalog
    from policygraph.site.site import Site

MANIFEST = ".policygraph"  # the file that marks a folder as a published site: its files with their SHA-256

READS = ".policygraph-reads"  # the file with what each page was made of

NOT_FOR_PUBLICATION = '<meta name="generator" content="PolicyGraph verify">'
"""What marks a page that holds the texts of sources."""

_HEAD = b"# What `policygraph publish` wrote here; sha256sum -c compares.\n"
_MAX_NAME = 255  # bytes of the name of a file or folder on the usual file systems
_SECOND = 10**9  # in nanoseconds
_BATCH = 112  # documents that a process renders at a time, since those beside each other read the same


class Written(NamedTuple):
    """A file of the folder: its path in the site, media type, policy of its page, size, and SHA-256."""

    path: str
    media: str
    policy: str
    size: int
    digest: str


class Published(NamedTuple):
    """The counts of a publication: pages for people, files and bytes; and how long it took.

    Of all things below the base, so many have a page. `note` says what the pages lack; empty for nothing.
    `rendered` are the paths of the files that were made; the others are those of the publication before.
    """

    pages: int
    files: int
    bytes: int
    seconds: float
    things: int = 0
    of: int = 0
    note: str = ""
    rendered: Sequence[str] = ()


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
        processes: how many render; by default one for each CPU core.
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
        _require_ours(target)
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
            for path, body in (beside(written) if beside else {}).items():
                written[path] = _save(draft, target, path, body)
                rest.append(path)
            if memory.basis:
                written[f"/{READS}"] = _save(draft, target, f"/{READS}", memory.document())
            lines = (f"{written[path].digest}  {path[1:]}\n".encode() for path in sorted(written))
            last = _save(draft, target, f"/{MANIFEST}", _head(made) + b"".join(lines))
            _require_ours(target)
            if progress:
                progress(len(paths) + 1, len(paths) + 1)
            swap()
            _seal(target)
    except (OSError, RuntimeError) as error:  # resolve() finds a loop of links
        reason = getattr(error, "strerror", None) or str(error)
        raise PublicationError(f"{folder} cannot be published to: {reason}.") from None
    files = [*written.values(), last]
    pages = sum(each.media == "text/html" for each in files)
    size = sum(each.size for each in files)
    return Published(pages, len(files), size, monotonic() - start, rendered=rest)


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
    for path in map(catalog.datasets.path, catalog.datasets):
        _add(found, path, [path])
    with suppress(CatalogError):  # pages say since when git has had a statement
        found.update(history.state(catalog.root))
    return basis, found.hexdigest()


def _add(found: Any, root: Path, files: Iterable[Path]) -> None:
    for file in files:
        if "__pycache__" not in file.parts and file.is_file():
            found.update(f"{file.relative_to(root)} ".encode())
            found.update(sha256(file.read_bytes()).digest())


def standing(folder: str | os.PathLike[str], made: str) -> Published | None:
    """The publication in a folder if it is of the same and all its files are as they were written."""
    start, target = monotonic(), Path(folder)
    try:
        if not made or _head(made) != (target / MANIFEST).read_bytes()[: len(_head(made))]:
            return None
        _require_ours(target)
        files, sealed = _listed(target), _sealed(target)
        sizes = [_size(f"{target}{path}", digest, sealed) for path, digest in files.items()]
        if None in sizes:
            return None
        size = sum(sizes, (target / MANIFEST).stat().st_size)  # type: ignore[arg-type]
    except OSError:
        return None
    pages = sum(path.endswith(".html") for path in files)
    return Published(pages, len(files) + 1, size, monotonic() - start)


def _seal(folder: Path) -> None:
    """Give the list of the files a time of change after all of theirs, which a removed link changes too.

    The part of its time of modification below a second says where it is, so that a copy is known as one.
    """
    before = (manifest := folder / MANIFEST).stat()
    second = before.st_mtime_ns // _SECOND * _SECOND
    os.utime(manifest, ns=(before.st_atime_ns, second + _where(before)))


def _sealed(folder: Path) -> int:
    """The time since when files would have another one if they had been changed; 0 in a copy."""
    found = (folder / MANIFEST).stat()
    return found.st_ctime_ns if found.st_mtime_ns % _SECOND == _where(found) else 0


def _where(file: os.stat_result) -> int:
    return int(sha256(f"{file.st_dev} {file.st_ino}".encode()).hexdigest()[:12], 16) % _SECOND


def _size(file: str, digest: str, sealed: int) -> int | None:
    """The size of a file not touched since the list of files, or else of this digest; None for another."""
    found = os.stat(file)  # noqa: PTH116  one of very many
    same = found.st_ctime_ns < sealed or sha256(Path(file).read_bytes()).hexdigest() == digest
    return found.st_size if same else None


def _head(made: str) -> bytes:
    return _HEAD + (f"# Of {made}\n".encode() if made else b"")


class Memory:
    """What the documents of a publication are made of, and which of the one before need not be made again.

    `basis` is a digest of all but the data that they are made of; where it is the one of the folder, what the
    same data made stays. Without it, nothing does.
    """

    def __init__(self, site: Site, target: Path, basis: str) -> None:
        self._site, self._target = site, target
        self._trace: Any = getattr(site, "trace", None)
        self.basis = basis and sha256(repr((basis, site.given)).encode()).hexdigest()
        self._numbers: dict[Key, int] = {}
        self._pages: dict[str, tuple[Written, tuple[int, ...]]] = {}
        self._known: dict[str, str] = {}
        self._sealed = 0
        self._before: dict[str, Any] = {"pages": {}}
        if basis:
            self._open()

    def _open(self) -> None:
        """Read what the documents of the publication before were made of, and compare it."""
        try:
            self._known = _listed(self._target)
            self._sealed = _sealed(self._target)
            packed = (self._target / READS).read_bytes()
            if self._known[f"/{READS}"] != sha256(packed).hexdigest():
                return
            before = json.loads(gzip.decompress(packed))
        except (OSError, KeyError, EOFError, ValueError):
            return
        if before.get("basis") == self.basis:
            before["notes"] = [(_key(key), *note) for key, *note in before["notes"]]
            holds = self._trace.unchanged(before["notes"], self._site.again, self._site.compare)
            self._numbers = {key: number for number, (key, *_) in enumerate(before["notes"])}
            before["reads"] = [(tuple(each), all(map(holds.__getitem__, each))) for each in before["reads"]]
            self._before = before

    def add(self, written: Written, reads: Iterable[Key], notes: Mapping[Key, Note]) -> None:
        """Remember what a document was made of."""
        if self.basis:
            self._trace.notes.update(notes)
            numbers = sorted(self._numbers.setdefault(each, len(self._numbers)) for each in reads)
            self._pages[written.path] = written, tuple(numbers)

    def recall(self, draft: Path, paths: Sequence[str]) -> dict[str, Written]:
        """Put into the draft the documents of before that would be the same again."""
        kept: dict[str, Written] = {}
        for path in paths:
            size, media, policy, number = self._before["pages"].get(path, (0, 0, 0, -1))
            reads, same = self._before["reads"][number] if number >= 0 else ((), False)
            if same and _link(self._target, draft, path, self._known.get(path, ""), self._sealed):
                kinds, digest = self._before["kinds"], self._known[path]
                kept[path] = Written(path, kinds[media], kinds[policy], size, digest)
                self._pages[path] = kept[path], reads
        return kept

    def document(self) -> bytes:
        """All of it as a file, the same for the same documents."""
        reads: dict[tuple[int, ...], int] = {}
        kinds: dict[str, int] = {}
        pages = {}
        for path, (written, numbers) in sorted(self._pages.items()):
            number = reads.setdefault(numbers, len(reads))
            policy, media = (kinds.setdefault(each, len(kinds)) for each in (written.policy, written.media))
            pages[path] = written.size, media, policy, number
        keys, used, waiting = [*self._numbers], set[int](), {*chain.from_iterable(reads)}
        while waiting:
            used.add(number := waiting.pop())
            for each in self._trace.notes[keys[number]].needs or ():
                if (needed := self._numbers.setdefault(each, len(keys))) == len(keys):
                    keys.append(each)
                waiting |= {needed} - used
        order = sorted(used, key=lambda number: repr(keys[number]))
        place = {number: at for at, number in enumerate(order)}
        at = lambda key: place[self._numbers[key]]  # noqa: E731
        found = [(keys[number], self._trace.notes[keys[number]]) for number in order]
        about = {
            "basis": self.basis,
            "kinds": [*kinds],
            "reads": [sorted(map(place.__getitem__, each)) for each in reads],
            "pages": pages,
            "notes": [
                (key, digest, None if needs is None else sorted(map(at, needs)), value)
                for key, (digest, needs, value) in found
            ],
        }
        return gzip.compress(json.dumps(about, separators=(",", ":")).encode(), 1, mtime=0)


def _key(given: list[Any]) -> Key:
    return tuple(_key(each) if isinstance(each, list) else each for each in given)


def _listed(folder: Path) -> dict[str, str]:
    """The SHA-256 of the files of a published folder, by path."""
    lines = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    parts = (line.partition("  ") for line in lines if not line.startswith("#"))
    return {f"/{name}": digest for digest, _, name in parts}


def _link(target: Path, draft: Path, path: str, digest: str, sealed: int) -> bool:
    """Put a file of before into the draft, if it is as it was written."""
    old, new = f"{target}{path}", f"{draft}{path}"
    try:
        if _size(old, digest, sealed) is None:
            return False
        try:
            os.link(old, new)
        except FileNotFoundError:  # the first of its folder
            Path(new).parent.mkdir(parents=True)
            return _link(target, draft, path, digest, sealed)
        except OSError:  # a file system without links
            shutil.copy2(old, new)
    except OSError:
        return False
    return True


def _check(site: Site, paths: Sequence[str]) -> None:
    """Check that each path can be a file of its own, whether the file system is case-sensitive or not."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for part in path.split("/"):
            if len(os.fsencode(part)) > _MAX_NAME:
                raise PublicationError(
                    f"{_subject(site, path)} cannot be published: {part[:40]}… is longer than the "
                    f"{_MAX_NAME} bytes that a file's name may have."
                )
        key = folded(path)
        if key in files:
            names = [*(f"<{iri}>" for iri in site.resources(path)), path]
            one, other = names[:2] if files[key] == path else sorted((_subject(site, files[key]), names[0]))
            raise PublicationError(
                f"{one} and {other} cannot both be published: many file systems take them for one name."
            )
        files[key] = path
        while key := key.rpartition("/")[0]:
            folders.setdefault(key, path)
    for key in sorted(files.keys() & folders.keys()):
        one, other = _subject(site, files[key]), _subject(site, folders[key])
        raise PublicationError(
            f"{one} and {other} cannot both be published: {files[key]} would be a file and a folder."
        )


def _subject(site: Site, path: str) -> str:
    """What a document is about, for messages: the IRI, or else the path."""
    return next((f"<{iri}>" for iri in site.resources(path)), path)


def _require_ours(folder: Path) -> None:
    """Raise PublicationError when a folder holds what no publication wrote, which would be deleted."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise PublicationError(f"{folder} is a file; name a folder to publish to.")
    try:
        lines = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    ours = {MANIFEST, *(line.partition("  ")[2] for line in lines)}
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted([*names, *(each for each in folders if Path(parent, each).is_symlink())]):
            path = f"{parent}/{name}"[len(f"{folder}/") :]
            if path in ours:
                continue
            if name.endswith((".html", ".htm")) and NOT_FOR_PUBLICATION in Path(parent, name).read_text(
                encoding="utf-8", errors="replace"
            ):
                what = "which shows the texts of sources and is not for publication; move it elsewhere"
                raise PublicationError(f"{folder} holds {path}, {what}.")
            if not lines:
                raise PublicationError(
                    f"{folder} holds files but no site published by this command; name another folder."
                )
            raise PublicationError(
                f"{folder} holds {path}, which no publication wrote; move it elsewhere, or it would be lost."
            )


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
    trace, reads = getattr(site, "trace", None), set[Key]()
    try:
        if isinstance(trace, TracedStore):
            with trace.frame() as reads:
                page = site.page(path)
                if not reads:
                    trace.volatile()  # nobody knows what it was made of
        else:
            page = site.page(path)
    except PolicyGraphError as error:
        raise PublicationError(f"The page {path} cannot be rendered: {error}") from None
    except Exception as error:
        raise PublicationError(
            f"The page {path} cannot be rendered: {type(error).__name__}: {error}."
        ) from error
    if page is None or page.refused:
        what = f"cannot be rendered: {page.refused}" if page else f"of {_subject(site, path)} is not there."
        raise PublicationError(f"The page {path} {what}")
    written, notes = _save(draft, target, path, page.body, page.media, page.policy), dict[Key, Note]()
    if isinstance(trace, TracedStore):
        notes, trace.fresh = trace.fresh, {}
    return written, reads, notes


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
        raise PublicationError(
            "A process that rendered pages was killed before it was done; is there enough memory?"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """The number of processes to render with; 1 where a process cannot safely be forked."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


_work: list[tuple[Site, Path, Path]] = []  # of a rendering process, where `_start` puts it


def _start(*work: Any) -> None:
    """Start a rendering process, which ends when its parent does."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    def follow() -> None:
        parent_process().join()  # type: ignore[union-attr]
        signal.raise_signal(signal.SIGKILL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # its parent ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=follow, daemon=True).start()
    _work[:] = [work]


def _render_here(path: str) -> Rendered:
    return _render(*_work[0], path)


_LOCK_TIMEOUT = 5.0  # seconds in which the processes of a killed publication end


@contextmanager
def replacement(target: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Lock an empty draft folder; yield it and a function that puts it in the target's place.

    If that is not called, or anything raises, the target is as it was and the draft is removed.

    Raises:
        PublicationError: another process is replacing this folder.
        OSError: a folder cannot be made, renamed or emptied.
    """
    draft, aside = (target.with_name(f".{target.name}.policygraph-{what}") for what in ("draft", "old"))
    locks = [_lock(draft, target)]
    try:
        if aside.is_dir() and not target.exists():
            aside.rename(target)  # a publication was stopped between the two renames below
        _empty(draft)

        def swap() -> None:
            if target.is_dir():
                locks.append(_lock(target, target))  # it gets the draft's name, which another could then lock
                shutil.copymode(target, draft)
            try:
                draft.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
                if not _exchange(draft, target):
                    target.rename(aside)
                    try:
                        draft.rename(target)
                    except BaseException:
                        aside.rename(target)
                        raise
            for old in (draft, aside):
                shutil.rmtree(old, ignore_errors=True)

        yield draft, swap
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    finally:
        for each in locks:
            os.close(each)


def _lock(folder: Path, target: Path) -> int:
    """Lock a folder, created if need be; PublicationError when another process has the lock."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    last = monotonic() + _LOCK_TIMEOUT
    while True:
        folder.mkdir(exist_ok=True)
        lock = os.open(folder, os.O_RDONLY)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
            if os.path.samestat(os.fstat(lock), folder.stat()):
                return lock  # it has not been renamed meanwhile
        except BlockingIOError:
            if monotonic() > last:
                os.close(lock)
                raise PublicationError(
                    f"Another process is publishing to {target} now; wait until it has ended."
                ) from None
            sleep(0.05)
        except FileNotFoundError:
            pass
        os.close(lock)


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders at once, as Linux can on most file systems; False if it cannot."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE, see renameat2(2)
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
