"""Read a catalogue as it was: its graph, or all its files, at a revision of git or on a day."""

from __future__ import annotations

import os
import re
import tomllib
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NamedTuple
from urllib.parse import urljoin

from pyoxigraph import Quad

from policygraph.catalog.settings import NAME, OWN, Settings
from policygraph.errors import CatalogError, moved, reason, warn
from policygraph.rdf import reader
from policygraph.store.kept import temporary

_HASH = re.compile(rb"[0-9a-f]{40,64}(?= \d)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# The next statement of Turtle, or a base or prefix, declared as in Turtle or SPARQL; linear in any text.
_STATEMENT = re.compile(
    r"""(?:\s++|\#[^\n]*+)*+ (?P<statement>
    (?:@?(?i:base)\s*|@?(?i:prefix)\s+(?P<name>[\w.-]*:)\s*)<(?P<declared>[^<>]*)>\s*\.?
    | (?:<(?P<iri>[^<>\\]*)>|(?P<prefix>[\w.-]*:)(?P<local>[\w:.-]*)(?=\s))?
      (?:\"{3}(?:[^"\\]++|\\.|\"{1,2}(?!\"))*+\"{3} | '{3}(?:[^'\\]++|\\.|'{1,2}(?!'))*+'{3}
        | "(?:[^"\\\n]++|\\.)*+" | '(?:[^'\\\n]++|\\.)*+' | <[^<>\s]*+> | \#[^\n]*+
        | \\. | [^."'<\#\\]++ | \.(?![\s\#]|\Z) | ["'<\\])*+ (?:\.|\Z))""",
    re.VERBOSE | re.DOTALL,
)
_NO_HISTORY = re.compile("git cannot be run|not a git repository|no such (path|ref)")
# In a git hook, these point to the hook's repository, which may not be the catalogue's; those with settings,
# such as of a safe folder, do not. Of `git rev-parse --local-env-vars`.
_LOCAL = {
    f"GIT_{name}"
    for name in "ALTERNATE_OBJECT_DIRECTORIES COMMON_DIR DIR GRAFT_FILE IMPLICIT_WORK_TREE INDEX_FILE "  # noqa: SIM905
    "NO_REPLACE_OBJECTS OBJECT_DIRECTORY PREFIX REPLACE_REF_BASE SHALLOW_FILE WORK_TREE".split()
}


class Past(NamedTuple):
    """The files of a revision in a folder of their own, which goes with this; and which commit it is."""

    root: Path  # of the catalogue, in that folder
    note: str  # the commit and its time, for people
    folder: ExitStack  # closed, it is removed


def read(version: str | Path, *, root: str | Path) -> list[Quad]:
    """Read the quads of an RDF file, a catalogue's folder, or a git revision of the catalogue in `root`.

    Of a folder or a revision, the .ttl files in `ontology/`, and the files of data in `data/` and the folders
    that `catalog.toml` includes are read. A name that is both a file and a revision is the file.
    DocumentError, naming the revision and the file,
    for a file that cannot be read; CatalogError for a folder or a revision that has no such files, and for an
    unknown revision.
    """
    path = Path(version)
    if path.is_dir():
        return _quads(path, f"folder {version}")
    if path.exists() or path.suffix.lower() in reader.SUFFIXES:
        return reader.read(path)
    past = at(root, str(version), or_file=True)
    with past.folder:
        return _quads(past.root, f"revision {str(version)!r} of {root}")


def _quads(root: Path, what: str) -> list[Quad]:
    folders = (root / "ontology", root / "data", *Settings.read(root, past=True).include)
    files = sorted(file for folder in folders for file in reader.files(folder))
    files = [file for file in files if file.suffix == ".ttl" or file.parent.name != "ontology"]
    if not files:
        raise CatalogError(f"The {what} is not a catalogue: it has no RDF file in ontology/ or data/.")
    return [quad for file in files for quad in reader.parse(reader.read_bytes(file), name=str(file))]


def at(root: str | Path, when: str, *, or_file: bool = False) -> Past:
    """The files of the catalogue in `root` as of a revision, or of a day: of its last commit, in UTC.

    The work tree and the repository are not touched. CatalogError where there is no such revision, or where
    one may have meant a file.
    """
    root = Path(root).resolve()
    try:
        commit = _last(root, when) if _DAY.fullmatch(when) else _commit(root, when)
        places = _git(root, "rev-parse", "--show-prefix", "--show-toplevel").decode().split("\n")
    except CatalogError as error:
        what = "no file or folder here, and no revision" if or_file else "no day and no revision"
        plain = re.search("Needed a single revision|expected commit type", str(error))  # which adds nothing
        what = f"{when!r} is {what} in the git history of {root}"
        raise CatalogError(f"{what}{_shallow(root)}." if plain else f"{what}: {error}") from None
    if not commit:
        raise CatalogError(f"The git history of {root} begins after {when}{_shallow(root)}.")
    shown = _git(root, "show", "--no-patch", "--format=%h, %cd", "--date=format-local:%F %R", commit)
    home = Path(gettempdir()).resolve()
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary("past"))
            top, index = folder / "files", {"GIT_INDEX_FILE": f"{folder}/index"}
            moved[str(top)] = when
            stack.callback(moved.pop, str(top))
            _git(root, "read-tree", commit, **index)
            _git(Path(places[1]), "checkout-index", "--all", f"--prefix={top}/", **index)
        except (CatalogError, OSError) as error:
            what = f"The files of {when} cannot be put into {home}: {reason(error)}"
            raise CatalogError(f"{what}; TMPDIR names another folder.") from None
        past = Past(top / places[0], f"commit {shown.decode().strip()} UTC", stack)
        tree = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit)
        submodules = re.findall(rb"(?:^|\0)160000 commit \w+\t([^\0]+)", tree)
        _require_own(past, top, [top / os.fsdecode(each) for each in submodules])
        return past._replace(folder=stack.pop_all())


def _require_own(past: Past, top: Path, submodules: list[Path]) -> None:
    """Raise CatalogError where what a catalogue was leads out of its repository, to files as they are now."""
    included: Any = ()
    with suppress(OSError, ValueError, RecursionError):  # of which one hears when they are read
        included = tomllib.loads((past.root / NAME).read_text("utf-8-sig")).get("include", ())
    names = ("data", "ontology", *OWN, *(included if isinstance(included, list) else ()))
    places = [past.root / name for name in names if isinstance(name, str)]

    def out(path: Path) -> str:
        real = Path(os.path.realpath(path))
        for each in submodules:
            if real.is_relative_to(each):
                return f"the submodule {each.relative_to(top)}"
        return "" if real.is_relative_to(top) and not real.is_symlink() else f"{real}"  # a loop of links

    inside = (each for place in places if not out(place) for each in place.rglob("*"))
    for each in (past.root, *places, *inside):
        if where := out(each):
            what = f"{os.path.relpath(each, past.root)} led to {where}"
            raise CatalogError(f"In {past.note}, {what}, out of the repository; what was there is not known.")


def _commit(root: Path, revision: str) -> str:
    return _git(root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()


def _last(root: Path, day: str) -> str:
    """The last commit before the end of a day in UTC; "" when there is none."""
    try:
        seconds = int(datetime.fromisoformat(f"{day}T23:59:59Z").timestamp())
    except ValueError as error:
        raise CatalogError(f"{error}.") from None
    # Not a commit of a branch that was merged later; git itself reads only the years from 1970 to 2099.
    before = ("-1", "--first-parent", f"--before=@{max(seconds, 0)} +0000")
    return _git(root, "rev-list", *before, "HEAD").decode().strip()


def since(path: Path) -> dict[str, str]:
    """The day in UTC since when each subject stands in a Turtle file, where it begins a line.

    A subject that no commit has is left out; so are all where there is no git, and where the history was cut.
    The user's settings change nothing.
    """
    found, days, last = dict[str, str](), dict[bytes, str](), b""
    begun, written, place = dict[int, str](), list[str](), 0  # the days of lines by where these begin
    try:
        blame = ("-c", "blame.showRoot=false", "blame", "--no-ignore-revs-file", "--no-textconv")
        lines = _git(path.parent, *blame, "--porcelain", "--", path.name).split(b"\n")
        cut = _git(path.parent, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except CatalogError as error:
        if not _NO_HISTORY.match(str(error)):
            warn(f"note: Pages do not say since when {path} has its claims: {error}")
        return found
    for line in lines:
        if match := _HASH.match(line):
            last = match[0]
        elif line.startswith(b"committer-time "):
            days[last] = datetime.fromtimestamp(int(line.split()[1]), UTC).date().isoformat()
        elif line == b"boundary" and cut:
            days[last] = ""
        elif line.startswith(b"\t"):
            if last.strip(b"0"):
                begun[place] = days[last]
            written.append(line[1:].decode("utf-8", "replace"))
            place += len(written[-1]) + 1
    names = {"": ""}  # the base, and by prefix

    def absolute(iri: str) -> str:
        plain = iri.removesuffix("#")  # an empty fragment, which would be lost
        return urljoin(names[""], plain) + iri[len(plain) :]

    for each in _STATEMENT.finditer("\n".join(written)):
        if each["declared"] is not None:
            names[each["name"] or ""] = absolute(each["declared"])
        elif (day := begun.get(each.start("statement"))) is not None:
            iri, short = each["iri"], f"{names.get(each['prefix'], '')}{each['local']}"
            iri = short if iri is None else absolute(iri)
            found[iri] = min(found.get(iri, day), day)
    return {iri: day for iri, day in found.items() if day}


def state(folder: Path) -> bytes:
    """What the answers of `since` depend on besides the files of a folder; empty where there is no git."""
    found = list[bytes]()
    replaced = ("--glob=refs/replace", "--symbolic-full-name", "--glob=refs/replace")  # by what, and which
    with suppress(CatalogError, OSError):
        lines = _git(folder, "rev-parse", "HEAD", *replaced, "--git-path", "shallow")
        *found, shallow = lines.splitlines()
        found.append((folder / os.fsdecode(shallow)).read_bytes())
    return b" ".join(found)


def _shallow(root: Path) -> str:
    """What to do where the history may be cut, as a further clause."""
    with suppress(CatalogError):
        if _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
            return ", which was cut when it was cloned: `git fetch --unshallow` brings the rest"
    return ""


def _git(root: Path, *arguments: str, **variables: str) -> bytes:
    """Run git and return its output; CatalogError with git's own reason when it fails."""
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")  # no programs of the repository
    try:
        done = subprocess.run(  # noqa: S603  a list, no shell; user input comes after --end-of-options
            ["git", "-C", str(root), *quiet, *arguments],  # noqa: S607  git is found on the user's PATH
            capture_output=True,
            env={**environment, "LC_ALL": "C", "TZ": "UTC", **variables},
        )
    except (OSError, ValueError) as error:
        raise CatalogError(f"git cannot be run ({getattr(error, 'strerror', None) or error}).") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it refused"]
        what = re.sub(r"^(fatal|error): ", "", lines[0]).rstrip(".")
        if "dubious ownership" in what:
            what += f"; if you trust it: `{lines[-1].strip()}`"
        raise CatalogError(f"{what}.")
    return done.stdout
