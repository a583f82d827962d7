"""A folder that takes the place of another at once: whoever looks there meets the old one or the new one.

The new one is made beside the old, under a name of its own. What an interrupted process leaves there is
cleared away by the next one, and two processes at once are kept apart by a lock on it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from policygraph.errors import PublicationError

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
