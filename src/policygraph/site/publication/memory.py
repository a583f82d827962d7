"""Know a published folder by its own lists: its files, as they were written, and what each was made of."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from policygraph.errors import PublicationError
from policygraph.site.urls import MANIFEST
from policygraph.store.trace import Key, Note

if TYPE_CHECKING:
    from policygraph.site.site import Site

READS = ".policygraph-reads"  # the file with what each page was made of

NOT_FOR_PUBLICATION = '<meta name="generator" content="PolicyGraph verify">'
"""What marks a page that holds the texts of sources."""

_HEAD = b"# What `policygraph publish` wrote here; sha256sum -c compares.\n"
_SECOND = 10**9  # in nanoseconds


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


def standing(folder: str | os.PathLike[str], made: str) -> Published | None:
    """The publication in a folder if it is of the same and all its files are as they were written."""
    start, target = monotonic(), Path(folder)
    try:
        if not made or head(made) != (target / MANIFEST).read_bytes()[: len(head(made))]:
            return None
        require_ours(target)
        files, sealed = _listed(target), _sealed(target)
        sizes = [_size(f"{target}{path}", digest, sealed) for path, digest in files.items()]
        if None in sizes:
            return None
        size = sum(sizes, (target / MANIFEST).stat().st_size)  # type: ignore[arg-type]
    except OSError:
        return None
    pages = sum(path.endswith(".html") for path in files)
    return Published(pages, len(files) + 1, size, monotonic() - start)


def seal(folder: Path) -> None:
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


def head(made: str) -> bytes:
    """The first lines of the list of files, which name the digest of what these are made of."""
    return _HEAD + (f"# Of {made}\n".encode() if made else b"")


def require_ours(folder: Path) -> None:
    """Raise PublicationError when a folder holds what no publication wrote, which would be deleted."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise PublicationError(f"{folder} is a file; name a folder to publish to.")
    try:
        listed = _listed(folder)
    except FileNotFoundError:
        listed = {}
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted([*names, *(each for each in folders if Path(parent, each).is_symlink())]):
            path = f"{parent}/{name}"[len(f"{folder}/") :]
            if path == MANIFEST or f"/{path}" in listed:
                continue
            what = f"{path}, which no publication wrote; move it elsewhere, or it would be lost"
            here = Path(parent, name)
            if name.endswith((".html", ".htm")) and NOT_FOR_PUBLICATION.encode() in here.read_bytes():
                what = f"{path}, which shows the texts of sources and is not for publication"
                what += "; move it elsewhere"
            elif not listed:
                what = "files but no site published by this command; name another folder"
            raise PublicationError(f"{folder} holds {what}.")


class Memory:
    """What the documents of a publication are made of, and which of the one before need not be made again.

    `basis` is a digest of all but the data that they are made of; where it is the one of the folder, what the
    same data made stays. Without it, nothing does.
    """

    def __init__(self, site: Site, target: Path, basis: str) -> None:
        self._site, self._target = site, target
        self._trace: Any = site.trace
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
        # As they are read back, whatever a tuple in them was called here.
        order = sorted(used, key=lambda number: json.dumps(keys[number]))
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
