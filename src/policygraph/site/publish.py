"""A site in a folder: every document a file, whole or not at all, for any web server or none.

The files are written to a folder beside the one meant, which then takes its name; so whoever reads the site
meets the old one or the new one, and of an interrupted publication nothing stays but that draft, which the
next one clears away. The same site gives the same bytes, whoever renders it and in how many processes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from policygraph.errors import PolicyGraphError, PublicationError

if TYPE_CHECKING:
    from policygraph.site.site import Site

LIST = ".policygraph"
"""The file that makes a folder known as a published site: its files with their SHA-256."""

_HEAD = b"# What `policygraph publish` wrote here; sha256sum -c compares.\n"
_LONGEST = 255  # bytes that the name of a file or folder may have on the usual file systems
_TOGETHER = 12  # documents that a process takes at a time


class Written(NamedTuple):
    """A file of the folder: its path in the site, media type, policy of its page, size, and SHA-256."""

    path: str
    media: str
    policy: str
    size: int
    digest: str


class Published(NamedTuple):
    """What a publication wrote: how many pages for people, files and bytes, and how long it took."""

    pages: int
    files: int
    bytes: int
    seconds: float


def publish(
    site: Site,
    folder: str | os.PathLike[str],
    *,
    beside: Callable[[Mapping[str, Written]], Mapping[str, bytes]] | None = None,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> Published:
    """Write every document of a site to a folder, which is made, or replaced if it holds a published site.

    Args:
        site: made with `live=False`, so that its pages ask nothing of a server.
        folder: where; a link to a folder stays a link. A file that stays as it was keeps its time.
        beside: given all documents, the files to write beside them by path, such as a web server's rules.
        progress: called with the number of documents written, and of all.
        processes: how many render; by default as many as there are cores to use.

    Raises:
        PublicationError: the folder holds anything else, cannot be written, or is being published to; a path
            cannot be a file's name; a page is missing. Then the folder is as it was.
    """
    start = monotonic()
    paths = list(site.paths())
    _check(site, paths)
    target = Path(folder)
    try:
        target = target.resolve()
        _require_ours(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacement(target) as (draft, swap):
            written = {}
            for each in _write(site, paths, draft, target, processes or _cores()):
                written[each.path] = each
                if progress:
                    progress(len(written), len(paths))
            for path, body in (beside(written) if beside else {}).items():
                written[path] = _save(draft, target, path, body)
            lines = (f"{written[path].digest}  {path[1:]}\n".encode() for path in sorted(written))
            last = _save(draft, target, f"/{LIST}", _HEAD + b"".join(lines))
            _require_ours(target)
            swap()
    except (OSError, RuntimeError) as error:  # resolve() meets circles of links
        reason = getattr(error, "strerror", None) or str(error)
        raise PublicationError(f"{folder} cannot be published to: {reason}.") from None
    files = [*written.values(), last]
    pages = sum(each.media == "text/html" for each in files)
    return Published(pages, len(files), sum(each.size for each in files), monotonic() - start)


def _check(site: Site, paths: Sequence[str]) -> None:
    """Each path can be a file of its own, on systems that tell capital letters apart or not."""
    found: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        for part in path.split("/"):
            if len(os.fsencode(part)) > _LONGEST:
                raise PublicationError(
                    f"{_thing(site, path)} cannot be published: {part[:40]}… is longer than the {_LONGEST} "
                    "bytes that a file's name may have."
                )
        key = normalize("NFC", path).casefold()
        if key in found:
            one, other = sorted((_thing(site, found[key]), _thing(site, path)))
            raise PublicationError(
                f"{one} and {other} cannot both be published: many file systems take them for one name."
            )
        found[key] = path
        while key := key.rpartition("/")[0]:
            folders.setdefault(key, path)
    for key in sorted(found.keys() & folders.keys()):
        one, other = _thing(site, found[key]), _thing(site, folders[key])
        raise PublicationError(
            f"{one} and {other} cannot both be published: {found[key]} would be a file and a folder."
        )


def _thing(site: Site, path: str) -> str:
    """What a document is about, for a message: the IRI, or else the path."""
    return next((f"<{iri}>" for iri in site.resources(path)), path)


def _require_ours(folder: Path) -> None:
    """PublicationError when a folder holds what no publication wrote, for it would be lost."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise PublicationError(f"{folder} is a file; name a folder to publish to.")
    try:
        lines = (folder / LIST).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    ours = {LIST, *(line.partition("  ")[2] for line in lines)}
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted([*names, *(each for each in folders if Path(parent, each).is_symlink())]):
            path = Path(parent, name).relative_to(folder).as_posix()
            if path in ours:
                continue
            if not lines:
                raise PublicationError(
                    f"{folder} holds files but no site published by this command; name another folder."
                )
            raise PublicationError(
                f"{folder} holds {path}, which no publication wrote; move it elsewhere, or it would be lost."
            )


def _save(draft: Path, target: Path, path: str, body: bytes, media: str = "", policy: str = "") -> Written:
    """Write a file of the draft; one that is as before keeps its time, for those who cache or copy it."""
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
        what = "refuses its own arguments" if page else "is not there"
        raise PublicationError(f"The page {path} of {_thing(site, path)} {what}.")
    return _save(draft, target, path, page.body, page.media, page.policy)


def _write(site: Site, paths: Sequence[str], draft: Path, target: Path, processes: int) -> Iterator[Written]:
    """Render and write every path, as soon as it is done."""
    if processes == 1 or not hasattr(os, "fork"):
        yield from (_render(site, draft, target, path) for path in paths)
        return
    # One of each kind here, so that what all pages need is made before it would be in each process.
    first = set({path.rpartition(".")[2]: path for path in reversed(paths)}.values())
    yield from (_render(site, draft, target, path) for path in paths if path in first)
    rest = [path for path in paths if path not in first]
    parts = [rest[start : start + _TOGETHER] for start in range(0, len(rest), _TOGETHER)]
    yield from _in_parallel(
        lambda path: _render(site, draft, target, path), parts, min(processes, len(parts) or 1)
    )


def _cores() -> int:
    """How many processes to render with; one where a process cannot safely be forked."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _in_parallel(
    work: Callable[[str], Written], parts: Sequence[Sequence[str]], count: int
) -> Iterator[Written]:
    """What comes of each path, rendered by forked processes, which take part after part."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(count, get_context("fork"), _begin, (work,))
    try:
        for done in as_completed([pool.submit(_part, paths) for paths in parts]):
            yield from done.result()
    except BrokenProcessPool:
        raise PublicationError(
            "A process that rendered pages was ended before it was done; is there memory enough?"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_works: list[Callable[[str], Written]] = []  # what a process that renders does; fork hands it over


def _begin(work: Callable[[str], Written]) -> None:
    """The beginning of a process that renders, which is to end with the one that started it."""
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    def follow() -> None:
        parent_process().join()  # type: ignore[union-attr]
        signal.raise_signal(signal.SIGKILL)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this will end it
    Thread(target=follow, daemon=True).start()
    _works[:] = [work]


def _part(paths: Sequence[str]) -> list[Written]:
    """What a process makes of some paths."""
    return [_works[0](path) for path in paths]


_PATIENCE = 5.0  # seconds that the processes of one that was killed may take to notice it


@contextmanager
def replacement(target: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """An empty folder for a draft, which no other process writes to, and what puts it in the target's place.

    Without that call, or when anything is raised, the target is as it was and the draft is gone.

    Raises:
        PublicationError: another process is replacing this folder.
        OSError: a folder cannot be made, renamed or emptied.
    """
    draft, aside = (target.with_name(f".{target.name}.policygraph-{what}") for what in ("draft", "old"))
    held = [_hold(draft, target)]
    try:
        if aside.is_dir() and not target.exists():
            aside.rename(target)  # a publication was stopped between two renames
        _empty(draft)

        def swap() -> None:
            if target.is_dir():
                held.append(_hold(target, target))  # it gets the draft's name, which another might take up
                shutil.copymode(target, draft)
            try:
                draft.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
                if not _exchanged(draft, target):
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
        for each in held:
            os.close(each)


def _hold(folder: Path, target: Path) -> int:
    """A lock on a folder, which is made if need be; PublicationError when another process has it."""
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # then two at a time are the person's own affair
        folder.mkdir(exist_ok=True)
        return os.open(os.devnull, os.O_RDONLY)
    last = monotonic() + _PATIENCE
    while True:
        folder.mkdir(exist_ok=True)
        held = os.open(folder, os.O_RDONLY)
        try:
            flock(held, LOCK_EX | LOCK_NB)
            if os.path.samestat(os.fstat(held), folder.stat()):
                return held  # not one that got another name meanwhile
        except BlockingIOError:
            if monotonic() > last:
                os.close(held)
                raise PublicationError(
                    f"Another process is publishing to {target} now; wait until it has ended."
                ) from None
            sleep(0.05)
        except FileNotFoundError:
            pass
        os.close(held)


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two folders have changed names at once, which Linux can on most file systems."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE, see renameat2(2)
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)
