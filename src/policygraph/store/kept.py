"""Keep stores on disk, so that files are parsed once and every process opens what came of it.

A kept store is a folder with the engine's files, an index and a manifest. It is written beside its place and
moved there at the end, never changed, and opened read-only; one of files is named by their contents, so it
can be neither stale nor wrong. The engine opens some of its files only when it needs them, so who has a store
open holds its folder, which is then moved but not removed.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from shutil import rmtree
from time import time, time_ns
from typing import Any, NamedTuple, TypeAlias
from weakref import finalize

import pyoxigraph as ox

from policygraph.errors import DocumentError, FormatError, warn
from policygraph.rdf import reader
from policygraph.rdf.formats import save, write
from policygraph.rdf.namespaces import LABEL_PROPERTIES, PREFIXES, Prefixes
from policygraph.store.index import Index
from policygraph.store.memory import EmbeddedStore, merged
from policygraph.store.protocols import Results, Store, count, read_answer, rows, whole
from policygraph.store.sparql import asks_graphs

LARGE = 10_000_000
"""Bytes of files whose parsing takes longer than opening a kept store is worth, some half a second."""

MOST_STORES, MOST_BYTES = 20, 5_000_000_000  # that are kept by themselves

_NONE = ox.DefaultGraph()
_LAYOUT = 4  # of the folder
_COPIED = 2_000_000  # triples, which take 1 GB in memory
_BATCH = 100_000  # quads; more take more memory, fewer more time
_SETTLED = 2.0  # seconds after which a file's time tells whether it has changed
_MANIFEST, _STORE, _INDEX, _LOCK = "manifest.json", "store", "index.sqlite", "lock"
_HASHES = "hashes.json"  # of large files
# In the errors of what may be opened another time: the system's, the engine's and SQLite's.
_NUMBERS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.EPERM)
_PASSING = (*map(os.strerror, _NUMBERS), "file descriptors", "unable to open database file")

Files: TypeAlias = Callable[[Callable[[str], bool]], Iterator[tuple[Path, str, bool]]]
"""Gives files with the IRIs of their graphs, and whether all of a file goes there.

It may ask what those before them hold.
"""


class Manifest(NamedTuple):
    """What a kept store is, and was made of."""

    engine: str
    layout: int
    files: dict[str, str]  # by the IRI of the graph of each
    triples: int
    prefixes: Prefixes
    graphs: bool  # whether it has the named graphs, beside their merge
    sizes: dict[str, int]  # in bytes, of its own files


class KeptStore(EmbeddedStore):
    """A store on disk, for reading.

    Where it has only the merge of its graphs, what asks for the graphs themselves gets them from `load`.
    OSError or ValueError for one that is damaged, or another version's.
    """

    def __init__(
        self, folder: Path, *, load: Callable[[], EmbeddedStore] | None = None, prefixes: Prefixes = PREFIXES
    ) -> None:
        super().__init__(prefixes=prefixes)
        self._folder, self._load, self._unnamed = folder, load, set()
        while not self._open():
            pass
        self.disk = folder / _STORE if self.manifest.graphs else None
        self.prefixes = {**self.manifest.prefixes, **prefixes}
        with suppress(OSError):  # of another user, or a disk that is only read
            os.utime(folder / _MANIFEST)  # the least recently used are removed first

    def _open(self) -> bool:
        """Open what is there; false when another store took its place meanwhile."""
        folder, handles = self._folder, _hold(self._folder)
        finalize(self, _release, Path(os.path.realpath(folder)), handles)
        self.handle = handles[0]  # of its folder, wherever that is moved
        try:
            self.manifest = manifest(folder)
            if any((folder / name).stat().st_size != size for name, size in self.manifest.sizes.items()):
                raise OSError("a file has another size than when it was written")
            self._store = self._disk = ox.Store.read_only(str(held(folder, self.handle) / _STORE))
            self.index = Index(folder / _INDEX)
        except (OSError, RuntimeError, ValueError):
            if is_held(folder, self.handle):
                raise
        return is_held(folder, self.handle)

    def add(self, *_: Any, **__: Any) -> None:
        """DocumentError: a kept store does not change."""
        raise DocumentError("A kept store is for reading; add to an EmbeddedStore, or load its files anew.")

    def _answer(self, text: str) -> Results:
        if self._store is not self._disk:
            return super()._answer(text)
        try:
            return whole(super()._answer(text))
        except (OSError, RuntimeError) as error:
            if not self._load or str(held(self._folder, self.handle)) not in str(error):
                raise
            _forget(self._folder, error)
            self.scanned()
            return super()._answer(text)

    def streamed(self, text: str) -> Results:
        """The same, read from the disk row by row, which the store must outlast."""
        return super()._answer(text)

    def counted(self, text: str) -> Results:
        """The same, whose answer is kept in the folder, where that can be written."""
        import subprocess
        from hashlib import sha256

        if not self.manifest.graphs and asks_graphs(text, self.prefixes):
            return self.query(text)  # the other process has no files to load
        asked = json.dumps([text, self.base, dict(sorted(self.prefixes.items()))])
        place = self._folder / f"{sha256(asked.encode()).hexdigest()}.answer"
        if not place.exists() and os.access(self._folder, os.W_OK):
            # In another process, which gives back the memory that it took.
            command = [sys.executable, "-P", "-m", __name__, str(self._folder), asked, str(place)]
            # Where that fails, as by a text too long for an argument, it is asked here, below.
            with suppress(OSError):
                subprocess.run(command, check=False, stderr=subprocess.DEVNULL)  # noqa: S603  our own module
        with suppress(OSError, ValueError, SyntaxError):
            answer = read_answer(place.read_bytes())
            if is_held(self._folder, self.handle):  # else it is of the store that took this one's place
                return answer
        return self.query(text)

    def scanned(self) -> Store:
        """The same in memory, where its files are at hand, or it is small enough to be copied."""
        if self._load:
            files, self._load = self._load(), None
            self._store, self._waiting = files._store, files._waiting
        elif self._disk is self._store and self.manifest.triples <= _COPIED:
            self._store = ox.Store()
            self._store.bulk_extend(self._disk.quads_for_pattern(None, None, None, _NONE))
        return self

    def _named(self) -> ox.Store:
        if self.manifest.graphs:
            return self._disk
        self.scanned()
        return super()._named()


def held(folder: Path, handle: int) -> Path:
    """A path to the folder of a handle, wherever it was moved; that which it had, where no system tells."""
    path = Path(f"/proc/self/fd/{handle}")
    return path if path.exists() else folder


def is_held(folder: Path, handle: int) -> bool:
    """Whether a path leads to the folder of a handle."""
    with suppress(FileNotFoundError):
        return os.path.samestat(folder.stat(), os.fstat(handle))
    return False


def _hold(folder: Path) -> list[int]:
    """Handles of a folder and of its lock, which keep it from being removed until they are closed."""
    from fcntl import LOCK_SH, flock

    handles = [os.open(folder, os.O_RDONLY | os.O_DIRECTORY)]
    with suppress(OSError):  # without a lock, or in a file system without
        handles.append(os.open(_LOCK, os.O_RDONLY, dir_fd=handles[0]))
        flock(handles[1], LOCK_SH)
    return handles


def _release(folder: Path, handles: list[int]) -> None:
    from fcntl import LOCK_UN, flock

    for lock in handles[1:]:
        with suppress(OSError):
            flock(lock, LOCK_UN)  # closing leaves it to a process that is just being started
        os.close(lock)
    moved = not is_held(folder, handles[0])  # asked now, since who moves it later finds it unlocked
    os.close(handles[0])
    if moved:
        remove_left(folder.parent, _start(folder))


def _write_answer(folder: str, asked: str, place: str) -> None:
    """Write the answer of a kept store to a query, with its base and prefixes, as JSON or N-Triples."""
    text, base, prefixes = json.loads(asked)
    store = KeptStore(Path(folder), prefixes=prefixes)
    store.base = base
    answer = store.query(text)
    save(write(answer, format="ntriples" if isinstance(answer, ox.QueryTriples) else "json"), place)


def manifest(folder: Path) -> Manifest:
    """The manifest of a kept store; OSError or ValueError where this version cannot open it."""
    try:
        found = Manifest(**json.loads((folder / _MANIFEST).read_text(encoding="utf-8")))
    except TypeError:
        raise ValueError("its manifest is another's") from None
    if (found.engine, found.layout) != (ox.__version__, _LAYOUT):
        raise ValueError(f"it was made by another version (engine {found.engine}, layout {found.layout})")
    return found


def keep(
    files: Sequence[tuple[str, Path]],
    read: Files,
    *,
    load: Callable[[], EmbeddedStore],
    base: str,
    graphs: bool = False,
) -> EmbeddedStore:
    """The store of some files: kept on disk, from now on, where parsing them takes long.

    Args:
        files: all that may be read, with what decides the IRI of its graph besides its content.
        read: gives those that are.
        load: the same in memory.
        base: what else the store depends on.
        graphs: whether it is to have the named graphs too.

    DocumentError for a file that cannot be read.
    """
    home = cache()
    if not home or not all(path.is_file() and os.access(path, os.R_OK) for _, path in files):
        return load()
    if sum(path.stat().st_size for _, path in files) < LARGE:
        return load()
    name = _name(files, base, home)
    place, whole = home / name, home / f"{name}-graphs"
    place = whole if graphs or whole.exists() else place
    try:
        if not place.exists():
            warn(f"Keeping these data in {place}, to be ready sooner from now on.")
            build(place, read, graphs=graphs, unchanged=lambda: _name(files, base, home) == name)
            clear_stores(most=MOST_STORES, size=MOST_BYTES)
        return KeptStore(place, load=load)
    except (OSError, RuntimeError, ValueError) as error:  # the second is the engine's, of a damaged store
        _forget(place, error)
        return load()


def _forget(place: Path, error: Exception) -> None:
    """Say that a kept store cannot be opened or read, and remove it if it is damaged."""
    why = " ".join(str(getattr(error, "strerror", None) or error).split())[:200].rstrip(".")
    warn(f"No store is kept in {place}: {why}. POLICYGRAPH_CACHE=off keeps from trying.")
    if not any(each in str(error) for each in _PASSING):
        _retire(place)


def _retire(place: Path) -> None:
    """Take a kept store from its place, and remove it as soon as nobody has it open."""
    with suppress(OSError):  # it is another's
        place.rename(place.with_name(f"{_start(place)}{time_ns()}"))
    remove_left(place.parent, _start(place))


def build(
    place: Path,
    read: Files,
    *,
    graphs: bool = False,
    replace: bool = False,
    reading: Callable[[int], object] = lambda _: None,
    unchanged: Callable[[], bool] = lambda: True,
) -> None:
    """Write a kept store, where there may be one already.

    Args:
        place: its folder.
        read: gives its files.
        graphs: whether it has the named graphs too, without which it is half as large.
        replace: whether it takes the place of one that is there.
        reading: called with each number of bytes that were read.
        unchanged: whether these files are still the same.

    DocumentError for a file that cannot be read, OSError where nothing can be written; `place` is as before.
    """
    with _beside(place, replace=replace) as folder:
        made = _write(folder, read, graphs, reading)
        # Its files are final only now that the engine is closed, which else goes on compacting them.
        written = (path for path in folder.rglob("*") if path.suffix in (".sst", ".sqlite"))
        made = made._replace(sizes={str(path.relative_to(folder)): path.stat().st_size for path in written})
        (folder / _MANIFEST).write_text(json.dumps(made._asdict()), encoding="utf-8")
        if not unchanged():
            raise OSError("a file changed while it was read")


def _write(folder: Path, read: Files, graphs: bool, reading: Callable[[int], object]) -> Manifest:
    from sqlite3 import Error

    store = EmbeddedStore()
    store._store = engine = ox.Store(str(folder / _STORE))
    paths: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    waiting: list[ox.Quad] = []

    def add(quads: list[ox.Quad], least: int) -> None:
        """Write quads and those that wait, when there are as many; small portions would cost much more."""
        waiting.extend(quads)
        if len(waiting) >= least:
            engine.bulk_extend(merged(waiting) if graphs else waiting)
            waiting.clear()

    def holds(text: str) -> bool:
        add([], 1)
        return bool(store.query(text))

    for path, graph, alone in read(holds):
        paths[graph] = str(path.absolute())
        stream = reader.Stream(path, reading)
        for batch in stream.batches(_BATCH, graph=graph if graphs else None, alone=alone):
            if not graphs and any(quad.graph_name != _NONE for quad in batch):
                batch = [ox.Quad(*quad.triple) for quad in batch]
            add(batch, _BATCH)
        prefixes = {**stream.prefixes, **prefixes}
    add([], 1)
    engine.flush()
    try:
        # Sooner than by a query.
        named = (engine.quads_for_pattern(None, ox.NamedNode(iri), None, _NONE) for iri in LABEL_PROPERTIES)
        found = (quad.triple for quads in named for quad in quads)
        labels = (
            t for t in found if isinstance(t.subject, ox.NamedNode) and isinstance(t.object, ox.Literal)
        )
        Index.write(folder / _INDEX, partial(rows, store), labels)
    except Error as error:
        raise OSError(f"its index cannot be written: {error}") from None
    return Manifest(ox.__version__, _LAYOUT, paths, count(store, sys.maxsize), prefixes, graphs, {})


@contextmanager
def _beside(place: Path, *, replace: bool) -> Iterator[Path]:
    """A new folder that is moved to `place` at the end, or removed on an error.

    Where `place` is full, it is replaced; or left as it is, since another builder won.
    """
    start = _start(place)
    if replace:
        _require_store(place)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_left(place.parent, start)
    with locked(place.parent, start) as folder:
        yield folder
        if replace:
            _require_store(place)
        try:
            folder.rename(place)
        except OSError:
            if not place.exists():
                raise
            if replace and not exchange(folder, place):
                place.rename(f"{folder}.old")
                folder.rename(place)
    remove_left(place.parent, start)


def _require_store(place: Path) -> None:
    """OSError where a place has no kept store, of whatever version, or others' files, lost with it."""
    if not place.exists():
        return
    known: Any = ()
    with suppress(OSError, ValueError):
        known = json.loads((place / _MANIFEST).read_text(encoding="utf-8"))
    if not isinstance(known, dict) or not {"engine", "layout"} <= known.keys():
        raise OSError("it is no store, and is left as it is; name a new folder")
    others = {each.name for each in place.iterdir() if ".answer" not in each.name}
    if others := others - {_MANIFEST, _STORE, _INDEX, _LOCK}:
        raise OSError(f"it holds {min(others)}, which no load wrote; move it elsewhere, or it would be lost")


def _start(place: Path) -> str:
    """How a folder beside a store is called, as nobody else would call one."""
    return f".{place.name}.policygraph-"


def exchange(one: Path, other: Path) -> bool:
    """Let two folders take each other's place at once; false where the system or the file system cannot."""
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        library, apple = ctypes.CDLL(None), sys.platform == "darwin"
        here, rename = (-2, library.renameatx_np) if apple else (-100, library.renameat2)  # AT_FDCWD
        # RENAME_SWAP, RENAME_EXCHANGE
        return not rename(here, os.fsencode(one), here, os.fsencode(other), 2)
    return False


@contextmanager
def locked(home: Path, start: str) -> Iterator[Path]:
    """A new folder whose name starts so, locked inside, and removed on an error."""
    from fcntl import LOCK_EX, flock
    from tempfile import mkdtemp

    locked = False
    while not locked:
        folder = Path(mkdtemp(prefix=start, dir=home))
        with ExitStack() as undo, ExitStack() as stack:
            undo.callback(rmtree, folder, ignore_errors=True)
            try:
                lock = stack.enter_context((folder / _LOCK).open("ab"))
            except FileNotFoundError:
                continue
            flock(lock, LOCK_EX)
            # Another builder may have taken it for one that was left, before it was locked.
            if locked := (folder / _LOCK).exists():
                yield folder
                undo.pop_all()


@contextmanager
def temporary(what: str) -> Iterator[Path]:
    """A new folder in TMPDIR, removed at the end; so are those of processes that were killed."""
    from tempfile import gettempdir

    home, start = Path(gettempdir()).resolve(), f"policygraph-{what}-"
    remove_left(home, start)
    with locked(home, start) as folder, ExitStack() as stack:
        stack.callback(rmtree, folder, ignore_errors=True)
        yield folder


def remove_left(home: Path, start: str) -> None:
    """Remove this user's folders that start so and that nobody locks: of dead processes, replaced stores."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    for left in home.glob("*"):
        with suppress(OSError):
            # Of another user's, even a lock may be a link to anywhere; a link is no folder of ours.
            ours = left.name.startswith(start) and left.lstat().st_uid == os.getuid()
            if ours and not left.is_symlink():
                # One that died while it removed another may have left it without its lock.
                with (left / _LOCK).open("ab") as lock:
                    flock(lock, LOCK_EX | LOCK_NB)
                    rmtree(left, ignore_errors=True)


def cache() -> Path | None:
    """The folder of the stores that are kept by themselves; None where POLICYGRAPH_CACHE is off."""
    with suppress(RuntimeError):  # nobody's home
        if os.environ.get("POLICYGRAPH_CACHE", "").lower() != "off":
            given = Path(os.environ.get("XDG_CACHE_HOME", ""))  # which is to be ignored where it is relative
            return (given if given.is_absolute() else Path.home() / ".cache") / "policygraph"
    return None


class Kept(NamedTuple):
    """A store that is kept by itself."""

    place: Path
    size: int  # in bytes
    used: float  # when it was last, in seconds since 1970
    files: tuple[str, ...]  # that it was made of, none for one of another version


def kept_stores() -> list[Kept]:
    """The stores that are kept by themselves, the last used first."""
    found = []
    for path in (cache() or Path(os.devnull)).glob(f"[!.]*/{_MANIFEST}"):
        files: tuple[str, ...] = ()
        with suppress(OSError, ValueError):
            files = tuple(manifest(path.parent).files.values())
        with suppress(OSError):  # another process has just removed it
            size = sum(each.stat().st_size for each in path.parent.rglob("*") if each.is_file())
            found.append(Kept(path.parent, size, path.stat().st_mtime, files))
    return sorted(found, key=lambda each: each.used, reverse=True)


def clear_stores(*, most: int = 0, size: int = 0) -> int:
    """Remove the stores that are kept by themselves, but some of those used last: so many, of so many bytes.

    Returns the number of those that were removed.
    """
    total, removed = 0, 0
    for number, each in enumerate(kept_stores()):
        total += each.size
        if number >= most or (number and total > size):
            _retire(each.place)
            removed += 1
    if home := cache():
        remove_left(home, ".")
    return removed


def _name(files: Sequence[tuple[str, Path]], base: str, home: Path) -> str:
    """The name of the store of some files, by their contents."""
    from hashlib import file_digest, sha256

    known_at = home / _HASHES
    known: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        known = json.loads(known_at.read_text(encoding="utf-8"))
    hashes, before = sha256(f"{ox.__version__} {_LAYOUT} {base}".encode()), dict(known)
    for role, path in files:
        status = path.stat()
        state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        found = known.get(str(path.absolute()))
        if status.st_size < LARGE or not found or found[:-1] != state:
            with path.open("rb") as file:
                found = [*state, file_digest(file, "sha256").hexdigest()]
            # A younger file may change once more within the same moment.
            if status.st_size >= LARGE and time() - status.st_mtime > _SETTLED:
                known[str(path.absolute())] = found
        hashes.update(f"\n{role} {found[-1]}".encode())
    if known != before:
        with suppress(OSError, FormatError):  # it is only sooner by it
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            save(json.dumps(known).encode(), known_at)
    return hashes.hexdigest()[:32]


if __name__ == "__main__":
    _write_answer(*sys.argv[1:])
