"""A site in a folder: whole or not there, the same bytes each time, and nothing of anyone else's is lost.

Tests of `site.publication.replacement` too.
"""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import checkout
import pytest
from command import COMMAND, run
from releases import tree

from policygraph.errors import PublicationError, QueryError, moved
from policygraph.site.publication import replacement
from policygraph.site.publication.memory import READS
from policygraph.site.publish import write_site as publish
from policygraph.site.rendering import Page
from policygraph.site.site import Site
from policygraph.site.urls import MANIFEST
from policygraph.store.memory import EmbeddedStore
from policygraph.store.trace import TracedStore


def beside(folder: Path) -> list[str]:
    """What lies beside a published folder: nothing should."""
    return sorted(path.name for path in folder.parent.iterdir() if path != folder)


class Pages:
    """A site of the test's own: bodies, or what makes them, by path."""

    trace = TracedStore(EmbeddedStore())

    def __init__(self, pages, things=None):
        self.pages, self._things = pages, things or {}

    def paths(self):
        return iter(self.pages)

    def resources(self, path):
        return self._things.get(path, [])

    def page(self, path):
        body = self.pages[path]
        body = body() if callable(body) else body
        return (
            Page(body, "text/html" if path.endswith(".html") else "text/plain") if body is not None else None
        )


def pages(count=40, **more):
    return Pages({f"/a/{number}.html": b"%d" % number for number in range(count)} | more)


@pytest.fixture
def place(tmp_path):
    """Where a site goes; its parent holds nothing else."""
    parent = tmp_path / "web"
    parent.mkdir()
    return parent / "site"


@pytest.fixture
def small(small_catalog):
    return Site(small_catalog, small_catalog.load(), live=False)


def test_the_folder_holds_every_document_under_its_path_and_a_list(small, place):
    done = publish(small, place)
    written = tree(place)
    expected = {path[1:]: small.page(path).body for path in small.paths()}
    assert len(expected) > 50
    assert {name: body for name, body in written.items() if name != MANIFEST} == expected
    assert done.files == len(written)
    assert done.pages == sum(name.endswith(".html") for name in written)
    assert done.bytes == sum(map(len, written.values()))
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=place, check=True)
    assert len((place / MANIFEST).read_text().splitlines()) == len(written)
    assert beside(place) == []


def test_what_belongs_beside_the_documents_is_written_and_listed_too(small, place):
    def rules(written):
        assert written["/index.html"].media == "text/html"
        assert "default-src" in written["/index.html"].policy
        return {"/rules/x.conf": b"x"}

    publish(small, place, beside=rules)
    assert (place / "rules" / "x.conf").read_bytes() == b"x"
    assert "  rules/x.conf\n" in (place / MANIFEST).read_text()


def test_any_number_of_processes_writes_the_same_bytes(small, tmp_path):
    told = []
    publish(small, tmp_path / "one", processes=1)
    publish(small, tmp_path / "many", processes=3, progress=lambda done, of: told.append((done, of)))
    assert tree(tmp_path / "one") == tree(tmp_path / "many")
    count = len(list(small.paths())) + 1  # with the list, before the folder takes its place
    assert told == [(number, count) for number in range(count + 1)]


def test_a_second_publication_replaces_the_first_and_drops_what_is_gone(place):
    publish(pages(3), place)
    publish(Pages({"/b.html": b"b"}), place)
    assert set(tree(place)) == {"b.html", MANIFEST}
    assert not (place / "a").exists()
    assert beside(place) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_keeps_its_time_until_its_bytes_change(place, processes):
    publish(pages(), place)
    for path in place.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    site = pages()
    site.pages["/a/1.html"] = b"x"
    publish(site, place, processes=processes)
    assert (place / "a" / "2.html").stat().st_mtime == 1_000_000_000
    assert (place / "a" / "1.html").stat().st_mtime > 1_000_000_000


def test_files_can_be_read_by_a_web_server(place):
    before = os.umask(0o022)
    try:
        publish(pages(), place)
        assert stat.S_IMODE((place / "a").stat().st_mode) == stat.S_IMODE(place.stat().st_mode) == 0o755
        assert stat.S_IMODE((place / "a" / "1.html").stat().st_mode) == 0o644
        place.chmod(0o750)
        publish(pages(), place)
        assert stat.S_IMODE(place.stat().st_mode) == 0o750
    finally:
        os.umask(before)


def test_an_empty_folder_is_filled_and_one_that_is_not_there_is_made(tmp_path):
    (tmp_path / "empty").mkdir()
    publish(pages(1), tmp_path / "empty")
    publish(pages(1), tmp_path / "new" / "er" / "site")
    assert tree(tmp_path / "empty") == tree(tmp_path / "new" / "er" / "site")


def test_a_link_to_a_folder_stays_a_link(place):
    link = place.with_name("link")
    link.symlink_to(place.name)
    publish(pages(1), link)
    publish(pages(2), link)
    assert link.is_symlink()
    assert (place / "a" / "1.html").exists()


# Nothing of anyone else's is lost.


def refused(site, folder, message, **more):
    before = tree(folder) if folder.is_dir() else None
    with pytest.raises(PublicationError, match=message) as caught:
        publish(site, folder, **more)
    assert str(caught.value).count("\n") == 0
    if before is not None:
        assert tree(folder) == before
    if folder.parent.is_dir():
        assert [name for name in beside(folder) if "policygraph-" in name] == []


def test_a_folder_with_other_files_is_refused(place):
    place.mkdir()
    (place / "thesis.txt").write_text("x")
    refused(
        pages(1), place, r"site holds files but no site published by this command; name another folder\.$"
    )


@pytest.mark.parametrize("name", ["CNAME", ".git/HEAD", "a/notes.txt"])
def test_a_published_folder_with_a_file_of_someone_elses_is_refused(place, name):
    publish(pages(1), place)
    (place / name).parent.mkdir(exist_ok=True)
    (place / name).write_text("x")
    refused(pages(2), place, rf"site holds {re.escape(name)}, which no publication wrote; move it elsewhere")


def test_a_link_in_a_published_folder_is_someone_elses(place, tmp_path):
    publish(pages(1), place)
    (place / "more").symlink_to(tmp_path, target_is_directory=True)
    refused(pages(2), place, "site holds more, which no publication wrote")


def test_a_file_that_comes_while_pages_are_rendered_is_not_lost(place):
    publish(pages(1), place)
    site = Pages({"/b.html": lambda: (place / "new.txt").write_text("x") and b"b"})
    with pytest.raises(PublicationError, match=r"holds new\.txt, which no publication wrote"):
        publish(site, place)
    assert set(tree(place)) == {"a/0.html", "new.txt", MANIFEST}


def test_a_list_that_is_no_text_makes_nothing_ours(place):
    place.mkdir()
    (place / MANIFEST).write_bytes(b"\xff")
    (place / "x").write_text("x")
    refused(pages(1), place, "site holds x, which no publication wrote")


def test_a_file_is_refused_and_so_is_what_cannot_be_made(place):
    place.write_text("x")
    refused(pages(1), place, r"site is a file; name a folder to publish to\.")
    refused(pages(1), place / "below", r"below cannot be published to: File exists: .+/site\.")
    refused(pages(1), Path("/proc/nowhere/site"), r"cannot be published to: No such file or directory\.")
    assert place.read_text() == "x"
    with pytest.raises(PublicationError, match="/ holds files but no site"):
        publish(pages(1), "/")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_disk_that_takes_no_more_is_told_in_a_sentence(place, processes):
    publish(pages(3), place)
    # A limit of this process stands for a full disk; see below for a disk that is.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    site = pages(40)
    site.pages["/big.html"] = b"x" * 300_000
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        refused(site, place, r"site cannot be published to: File too large\.$", processes=processes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.full
def test_a_full_disk_leaves_the_old_site(small_catalog, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    publishing = f"{sys.executable} -m policygraph --catalog {small_catalog.root} publish {disk}/site"
    script = f"""mount -t tmpfs -o size=8m tmpfs {disk} || exit 77
{publishing} || exit 1
printf '\\nold\\n' >> {disk}/site/index.html
head -c 9000000 /dev/zero > {disk}/other
{publishing}
echo "code $?"
tail -n 1 {disk}/site/index.html
ls -A {disk}"""
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no disk of one's own can be made here: {done.stderr}")
    assert done.stdout.split() == ["code", "2", "old", "other", "site"], done.stderr
    assert done.stderr.splitlines()[-1].endswith("cannot be published to: No space left on device.")


# What cannot be files.


def test_a_name_that_is_too_long_is_refused_with_its_iri(place):
    long = "/doc/" + "ø" * 126 + ".html"  # 257 bytes
    site = Pages({long: b"x"}, {long: ["https://example.org/id/long"]})
    refused(
        site,
        place,
        r"^<https://example.org/id/long> cannot be published: ø+… is longer than the 255 bytes that",
    )
    assert not place.exists()


@pytest.mark.parametrize(
    ("one", "other"), [("/doc/a.html", "/doc/A.html"), ("/doc/é.html", "/doc/e\u0301.html")]
)
def test_names_that_some_file_systems_confuse_are_refused_with_their_iris(place, one, other):
    site = Pages({one: b"", other: b""}, {one: ["urn:one"], other: ["urn:other"]})
    refused(site, place, r"^<urn:one> and <urn:other> cannot both be published: many file systems take them")


def test_a_file_that_would_be_a_folder_too_is_refused(place):
    site = Pages({"/doc/a.html": b"", "/doc/a.html/b.html": b""}, {"/doc/a.html": ["urn:a"]})
    refused(
        site,
        place,
        r"^<urn:a> and /doc/a\.html/b\.html cannot both be published: /doc/a\.html would be a file",
    )


def test_two_iris_of_one_page_are_both_named(small_catalog, place):
    (small_catalog.root / "data" / "xy.ttl").write_text(
        "@base <https://w3id.org/policygraph/> .\n<id/xy/a> <urn:p> 1 . <id/xy/a.da> <urn:p> 1 .\n"
    )
    site = Site(small_catalog, small_catalog.load(), live=False)
    one, other = (f"<https://w3id.org/policygraph/id/xy/a{tag}>" for tag in ("", ".da"))
    refused(site, place, f"^({one} and {other}|{other} and {one}) cannot both be published")


def test_colliding_iris_are_named_from_the_data(small_catalog):
    (small_catalog.root / "data" / "xy.ttl").write_text(
        "<https://w3id.org/policygraph/id/xy/project/Bridge> <urn:p> 1 .\n"
        "<https://w3id.org/policygraph/id/xy/project/bridge> <urn:p> 1 .\n"
    )
    site = Site(small_catalog, small_catalog.load(), live=False)
    one, other = (f"<https://w3id.org/policygraph/id/xy/project/{name}>" for name in ("Bridge", "bridge"))
    assert site.unpublishable() == (
        f"{one} and {other} cannot both be published: many file systems take them for one name. "
        "Give them other IRIs, or publish with --partial."
    )
    assert "Bridge" not in site.unpublishable(partial=True)


# Pages that are not there, or wrong.


def gone():
    return None


def broken():
    raise QueryError("That is no year.")


def mistaken():
    return {}["key"]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (gone, r"^The page /a/7\.html of <urn:seven> is not there\.$"),
        (broken, r"^The page /a/7\.html cannot be rendered: That is no year\.$"),
        (mistaken, r"^The page /a/7\.html cannot be rendered: KeyError: 'key'\.$"),
    ],
)
def test_a_page_that_fails_ends_the_publication_and_is_named(place, make, message, processes):
    publish(pages(2), place)
    site = pages()
    site.pages["/a/7.html"] = make
    site._things = {"/a/7.html": ["urn:seven"]}
    refused(site, place, message, processes=processes)


def test_a_page_that_refuses_its_arguments_is_an_error(place):
    site = pages(1)
    site.page = lambda path: Page(b"", "text/html", refused="line 2: no year.")
    refused(site, place, r"^The page /a/0\.html cannot be rendered: line 2: no year\.$")


def test_a_process_that_is_killed_is_told_in_a_sentence(place):
    here = os.getpid()
    site = pages()
    site.pages["/a/7.html"] = lambda: os.kill(os.getpid(), signal.SIGKILL) if os.getpid() != here else b""
    refused(
        site,
        place,
        "^A process that rendered pages was killed before it was done; is there enough memory",
        processes=2,
    )


@pytest.mark.full
def test_many_pages_do_not_fill_the_pipes(place):
    done = publish(pages(3_000), place, processes=2)
    assert done.files == 3_001


# Interrupted.

SLOW = """
import sys, time
from policygraph.site.publish import write_site as publish
from policygraph.site.rendering import Page
from policygraph.store.memory import EmbeddedStore
from policygraph.store.trace import TracedStore
class Site:
    trace = TracedStore(EmbeddedStore())
    def paths(self): return iter([f"/{n}.html" for n in range(200)])
    def resources(self, path): return []
    def page(self, path):
        time.sleep(0.02)
        return Page(b"new", "text/html")
publish(Site(), sys.argv[1], processes=int(sys.argv[2]))
"""


def started(command, draft):
    """A publication that has written some files."""
    whole = ["env", "--default-signal=HUP", *command]  # which the tests may be started without, by nohup
    process = subprocess.Popen(whole, stderr=subprocess.PIPE, text=True)
    last = time.monotonic() + 60
    while not draft.is_dir() or sum(1 for _ in draft.rglob("*.html")) < 20:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < last
        time.sleep(0.01)
    return process


@pytest.mark.full
@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_publication_that_is_killed_leaves_the_old_site_and_the_next_clears_up(place, processes, number):
    publish(pages(3), place)
    before = tree(place)
    process = started([sys.executable, "-c", SLOW, place, processes], replacement_of(place))
    process.send_signal(number)
    process.wait(10)
    process.stderr.close()
    assert tree(place) == before
    publish(pages(4), place)  # may have to wait for the processes that were left alone
    assert set(tree(place)) == {f"a/{number}.html" for number in range(4)} | {MANIFEST}
    assert beside(place) == []


def replacement_of(place):
    return place.with_name(f".{place.name}.policygraph-draft")


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_what_stops_it_leaves_the_old_site_and_no_draft(small_catalog, place, number):
    publish(pages(3), place)
    before = tree(place)
    with (small_catalog.root / "data" / "xy.ttl").open("a", encoding="utf-8") as file:
        file.writelines(f"<id/xy/project/{number}> a t:Project .\n" for number in range(200))
    command = [*COMMAND, "--catalog", small_catalog.root, "publish", place]
    process = started(command, replacement_of(place))
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said == f"policygraph: Stopped; {place} is as it was.\n"
    assert tree(place) == before
    assert beside(place) == []


@pytest.mark.parametrize("begun", [False, True])
def test_what_stops_it_with_its_processes_or_while_a_revision_is_read_is_said_too(
    small_catalog, place, monkeypatch, begun
):
    def made(*_, progress, **__):
        if begun:
            progress(0, 1)
        signal.raise_signal(signal.SIGTERM)
        raise PublicationError("A process that rendered pages was killed before it was done.")

    monkeypatch.setattr("policygraph.publish", made)
    monkeypatch.setitem(moved, "folder", "HEAD")
    monkeypatch.setattr(os, "_exit", lambda _: pytest.fail("the folder of the revision is left"))
    said = run("--catalog", small_catalog.root, "publish", place).stderr
    assert said == f"policygraph: Stopped; {place} is as it was.\n"


@pytest.mark.full
def test_nohup_lets_it_go_on(small_catalog, place):
    code = """import signal
from policygraph.cli import main, publish
made = publish.policygraph.publish
publish.policygraph.publish = lambda *a, **k: [signal.raise_signal(signal.SIGHUP), made(*a, **k)][1]
main.main()"""
    command = ["nohup", sys.executable, "-c", code, "--catalog", small_catalog.root]
    done = subprocess.run(
        [*command, "publish", place, "--no-check"], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (place / "index.html").exists()


# Presses Ctrl-C at the event of that number, of an import, a file or a folder, since publish listens, or
# where a module is imported; for 0, writes how many events there were before the last file was written.
PRESSED = """
import os, signal, sys
from policygraph.cli.main import main
moment, counted, here, seen = sys.argv.pop(1), sys.argv.pop(1), os.getpid(), 0
signal.signal(signal.SIGINT, signal.SIG_DFL)
def hook(event, arguments):
    global seen
    if os.getpid() != here or not callable(signal.getsignal(signal.SIGINT)):
        return
    seen += 1
    if str(seen) == moment or (event == "import" and arguments[0] == moment):
        signal.raise_signal(signal.SIGINT)
    if moment == "0" and event == "open" and str(arguments[0]).endswith("-draft/.policygraph"):
        with open(counted, "w") as file:
            print(seen, file=file)
sys.addaudithook(hook)
main()
"""


@pytest.mark.full
@pytest.mark.parametrize("processes", [1, 2])
def test_ctrl_c_is_heard_whenever_it_comes(small_catalog, place, tmp_path, processes):
    count = tmp_path / "count"

    def pressed(moment):
        command = [sys.executable, "-c", PRESSED, str(moment), count, "--catalog", small_catalog.root]
        command += ["publish", place, "--processes", str(processes)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert pressed(0).returncode == 0
    last = int(count.read_text())
    assert last > 500
    publish(pages(3), place)
    before = tree(place)
    late, early = 7 * last // 8, () if processes > 1 else (1, *range(last // 4, last, last // 4))
    for moment in (*early, late, last):
        done = pressed(moment)
        assert (done.returncode, done.stderr) == (2, f"policygraph: Stopped; {place} is as it was.\n"), moment
        assert tree(place) == before
        assert beside(place) == []


@pytest.mark.full
@pytest.mark.parametrize("module", ["numpy._core.einsumfunc", "numpy.lib._histograms_impl"])
def test_ctrl_c_is_heard_inside_an_import(examplia, place, module):
    """As an exception it was lost in numpy, or became a RecursionError."""
    command = [sys.executable, "-c", PRESSED, module, "", "--catalog", examplia.root, "publish", place]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (2, f"policygraph: Stopped; {place} is as it was.\n")
    assert not place.exists()
    assert beside(place) == []


@pytest.mark.full
def test_only_one_at_a_time_publishes_to_a_folder(place, monkeypatch):
    monkeypatch.setattr(replacement, "_LOCK_TIMEOUT", 0.2)
    process = started([sys.executable, "-c", SLOW, place, "2"], replacement_of(place))
    try:
        with pytest.raises(
            PublicationError, match=r"^Another process is publishing to .*site now; wait until"
        ):
            publish(pages(1), place)
    finally:
        assert process.wait(60) == 0
        process.stderr.close()
    assert (place / "199.html").read_bytes() == b"new"
    assert beside(place) == []


def test_whoever_reads_meanwhile_always_meets_a_site(place):
    publish(pages(5), place)
    missed, done = [], threading.Event()

    def look():
        while not done.is_set():
            try:
                place.stat()
            except OSError as error:
                missed.append(error)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(2, 30):
        publish(pages(number), place, processes=1)
    done.set()
    reader.join()
    assert missed == []


def test_where_folders_cannot_change_names_at_once_two_renames_do(place, monkeypatch):
    monkeypatch.setattr(replacement, "exchange", lambda one, other: False)
    publish(pages(2), place)
    publish(pages(3), place)
    assert set(tree(place)) == {"a/0.html", "a/1.html", "a/2.html", MANIFEST}
    assert beside(place) == []


def test_a_second_rename_that_fails_takes_the_first_back(place, monkeypatch):
    monkeypatch.setattr(replacement, "exchange", lambda one, other: False)
    publish(pages(2), place)
    rename = Path.rename

    def failing(self, to):
        if self == replacement_of(place):
            raise OSError(errno.ENOTEMPTY, "no")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    refused(pages(3), place, r"cannot be published to: no\.")


def test_a_stop_between_two_renames_is_made_good_by_the_next(place):
    publish(pages(2), place)
    place.rename(place.with_name(f".{place.name}.policygraph-old"))
    site = pages(1)
    site.pages["/b.html"] = gone
    refused(site, place, "is not there")
    assert set(tree(place)) == {"a/0.html", "a/1.html", MANIFEST}


@pytest.mark.parametrize("what", ["draft", "old"])
def test_a_link_in_the_place_of_a_draft_is_refused_and_not_followed(place, what):
    place.parent.joinpath("other", "of").mkdir(parents=True)
    place.with_name(f".{place.name}.policygraph-{what}").symlink_to(place.parent / "other")
    with pytest.raises(PublicationError, match=f"-{what} is a symbolic link, which no publication makes;"):
        publish(pages(1), place)
    assert [path.name for path in place.parent.joinpath("other").iterdir()] == ["of"]


def test_an_old_kernel_exchanges_nothing(tmp_path, monkeypatch):
    import ctypes

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace())
    assert replacement.exchange(tmp_path, tmp_path) is False


# The command.


def test_the_command_says_what_it_wrote(published):
    folder, said = published
    written, languages = tree(folder), 2 if folder.parent.name == "denmark" else 3
    size = sum(map(len, written.values()))
    found = re.fullmatch(
        rf"Wrote {folder}: ([\d,]+) pages in {len(written):,} files \([\d,]+ rendered, 0 as before\), "
        rf"{size:,} bytes, in [\d.]+ seconds\.\n"
        rf"([\d,]+) of \2 things have a page, {languages} languages, not checked\n",
        said,
    )
    assert found, said
    assert int(found[1].replace(",", "")) > 300


def test_a_catalogue_is_published_with_its_questions_and_rules(published, catalog):
    names = set(tree(published[0]))
    for name in catalog.queries:
        assert {f"query/{name}.html", f"query/{name}.da.html", f"query/{name}.rq"} <= names
        assert names & {f"query/{name}.csv", f"query/{name}.ttl"}
    assert {"index.html", "index.da.html", "ontology.ttl", "explore.html", ".nojekyll"} <= names
    assert {".htaccess", "w3id.htaccess"} <= names
    assert {"sparql.html", "sparql.da.html", "engine/client.js"} <= names
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=published[0], check=True)


@pytest.mark.full
def test_language_time_zone_hashes_and_processes_change_no_byte(publication, examplia, tmp_path):
    again = ("publish", tmp_path / "again", "--processes", "3", "--address", checkout.PUBLISHED, "--no-check")
    danish = {"LC_ALL": "da_DK.UTF-8", "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "77"}
    command = [*COMMAND, "--catalog", examplia.root, *again]
    subprocess.run(command, env={**os.environ, **danish}, check=True, capture_output=True, timeout=300)
    one, other = tree(publication(examplia)[0]), tree(tmp_path / "again")
    # In however many processes; what each was made of is noted by the process that made it.
    for name in (MANIFEST, READS):
        del one[name], other[name]
    assert one == other


@pytest.mark.full
def test_with_an_address_there_are_rules_for_persistent_iris(small_catalog, place):
    done = run("--catalog", small_catalog.root, "publish", place, "--address", "https://data.example.org/x")
    assert done.returncode == 0, done.stderr
    assert "https://data.example.org/x/" in (place / "w3id.htaccess").read_text()
    # Nobody knows below which address this one is shown, so it links from the root of the host.
    assert 'href="/x/site.css"' in (place / "404.html").read_text()
    assert "dead-link" not in run("publish", "check", place).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--address", "data.example.org"), "--address takes an address such as https://data.example.org/"),
        (("--sparql", "https://example.org/?x"), "--sparql takes an address without ? and #."),
        (("--processes", "0"), "0 is not in the range x>=1"),
    ],
)
def test_options_that_cannot_be_are_refused(place, arguments, message):
    done = run("publish", place, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert beside(place) == []


def test_what_cannot_be_published_is_one_sentence_and_exit_code_2(small_catalog, place):
    place.write_text("x")
    done = run("--catalog", small_catalog.root, "publish", place)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"policygraph: {place} is a file; name a folder to publish to.\n"


@pytest.mark.full
def test_progress_is_for_terminals(small_catalog, place):
    ours, theirs = pty.openpty()
    command = [*COMMAND, "--catalog", small_catalog.root, "publish", place]
    process = subprocess.Popen(command, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 4096):
            said += block
    except OSError:  # how Linux says that nobody writes any more
        pass
    os.close(ours)
    assert process.wait(60) == 0
    count = len([*tree(place)]) - 7  # the rules, .nojekyll and what pages read are no documents
    assert f"\r{count:,} of {count:,} files written".encode() in said
    assert b"\r\x1b[KWrote " in said


def test_check_finds_nothing_in_what_was_published(published):
    done = run("publish", "check", published[0], "--format", "json")
    report = json.loads(done.stdout)
    assert report["counts"]["pages"] > 300
    assert report["counts"]["links"] > 5_000
    assert report["findings"] == []
    assert done.returncode == 0


@pytest.mark.full
def test_check_finds_what_is_broken_later(small, place, tmp_path):
    publish(small, place)
    (place / "logo.svg").unlink()
    done = run("publish", "check", place, "-o", tmp_path / "report.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "logo.svg" in (tmp_path / "report.txt").read_text()
    assert run("publish", "check", tmp_path / "nothing").returncode == 2
    assert "Check a published site" in run("publish", "check", "--help").stdout
