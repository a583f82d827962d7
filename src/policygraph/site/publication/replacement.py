"""Replace a folder by a new one at once, or not at all, by one process at a time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from policygraph.errors import PublicationError
from policygraph.store.kept import exchange

_LOCK_TIMEOUT = 5.0  # seconds in which the processes of a killed publication end


@contextmanager
def replacement(target: Path) -> Iterator[tuple[Path, Callable[[], None]]]:
    """Lock an empty draft folder; yield it and a function that puts it in the target's place.

    If that is not called, or anything raises, the target is as it was and the draft is removed.

    Raises:
        PublicationError: another process is replacing this folder, or a link is where its draft is to be.
        OSError: a folder cannot be made, renamed or emptied.
    """
    draft, aside = (target.with_name(f".{target.name}.policygraph-{what}") for what in ("draft", "old"))
    if link := next(filter(Path.is_symlink, (draft, aside)), None):  # what it leads to would be emptied
        raise PublicationError(f"{link} is a symbolic link, which no publication makes; remove it.")
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
                if not exchange(draft, target):
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
        lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            flock(lock, LOCK_EX | LOCK_NB)
            if os.path.samestat(os.fstat(lock), folder.stat()):
                return lock  # it has not been renamed meanwhile
        except BlockingIOError:
            if monotonic() > last:
                os.close(lock)
                what = f"Another process is publishing to {target} now"
                raise PublicationError(f"{what}; wait until it has ended.") from None
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
