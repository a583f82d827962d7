"""Write a site to a folder: every document a file, all of them or none, for any web server or none.

The files are written to a draft beside the folder, which then takes its name; a reader of the site meets the
old one or the new one. An interrupted publication leaves nothing but that draft, which the next one removes.
The same site gives the same bytes, in however many processes it is rendered.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from policygraph.errors import PolicyGraphError, PublicationError

if TYPE_CHECKING:
    from policygraph.site.site import Site

MANIFEST = ".policygraph"  # the file that marks a folder as a published site: its files with their SHA-256

NOT_FOR_PUBLICATION = '<meta name="generator" content="PolicyGraph verify">'
"""What marks a page that holds the texts of sources."""

_HEAD = b"# What `policygraph publish` wrote here; sha256sum -c compares.\n"
_MAX_NAME = 255  # bytes of the name of a file or folder on the usual file systems
_BATCH = 12  # documents that a process renders at a time


class Written(NamedTuple):
    """A file of the folder: its path in the site, media type, policy of its page, size, and SHA-256."""

    path: str
    media: str
    policy: str
    size: int
    digest: str


class Published(NamedTuple):
    """The counts of what a publication wrote: pages for people, files and bytes; and how long it took.

    Of all things below the base, so many have a page. `note` says what the pages lack; empty for nothing.
    """

    pages: int
    files: int
    bytes: int
    seconds: float
    things: int = 0
    of: int = 0
    note: str = ""


def write_site(
    site: Site,
    folder: str | os.PathLike[str],
    *,
    beside: Callable[[Mapping[str, Written]], Mapping[str, bytes]] | None = None,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> Published:
    """Write every document of a site to a folder, which is created, or replaced if it holds such a site.

    Args:
        site: made with `live=False`.
        folder: the target; a symbolic link stays one. An unchanged file keeps its modification time.
        beside: makes further files from all documents, by path, such as the rules of a web server.
        progress: called with the number of files written, and of all: 0 before the first, all before
            the old site is replaced; what it raises ends the publication.
        processes: how many render; by default one for each CPU core.

    PublicationError when the folder holds other files, cannot be written, or is being published to; a path
    cannot be the name of a file; a page is missing. The folder is then as it was.
    """
    start = monotonic()
    paths = list(site.paths())
    _check(site, paths)
    target = Path(folder)
    try:
        target = target.resolve()
        _require_ours(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        if progress:
            progress(0, len(paths) + 1)
        with replacement(target) as (draft, swap):
            written = {}
            # Closed, so that no process writes to the draft any more when it is removed.
            with closing(_write(site, paths, draft, target, processes or _cores())) as rendered:
                for each in rendered:
                    written[each.path] = each
                    if progress:
                        progress(len(written), len(paths) + 1)
            for path, body in (beside(written) if beside else {}).items():
                written[path] = _save(draft, target, path, body)
            lines = (f"{written[path].digest}  {path[1:]}\n".encode() for path in sorted(written))
            last = _save(draft, target, f"/{MANIFEST}", _HEAD + b"".join(lines))
            _require_ours(target)
            if progress:
                progress(len(paths) + 1, len(paths) + 1)
            swap()
    except (OSError, RuntimeError) as error:  # resolve() finds a loop of links
        reason = getattr(error, "strerror", None) or str(error)
        raise PublicationError(f"{folder} cannot be published to: {reason}.") from None
    files = [*written.values(), last]
    pages = sum(each.media == "text/html" for each in files)
    return Published(pages, len(files), sum(each.size for each in files), monotonic() - start)


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
        key = normalize("NFC", path).casefold()
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
            path = Path(parent, name).relative_to(folder).as_posix()
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
    return Written(path, media, policy, len(body), hashlib.sha256(body).hexdigest())


def _render(site: Site, draft: Path, target: Path, path: str) -> Written:
    try:
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
    return _save(draft, target, path, page.body, page.media, page.policy)


def _write(site: Site, paths: Sequence[str], draft: Path, target: Path, processes: int) -> Generator[Written]:
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
        yield from pool.map(_render_here, rest, chunksize=_BATCH)
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


def _render_here(path: str) -> Written:
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
