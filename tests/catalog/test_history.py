"""A catalogue as of a revision of git or of a day."""

from __future__ import annotations

import gc
import json
import re
import shutil
import subprocess
import sys

import pytest
from checkout import SHIPPED

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.history import since
from policygraph.errors import CatalogError, DocumentError
from policygraph.site.publish import fingerprint
from policygraph.site.site import Site
from policygraph.store import kept


def git(folder, *arguments, when="2026-01-01T12:00:00Z"):
    who = {
        f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    command = ["git", "-C", folder, "-c", "init.defaultBranch=main", *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**who, **dates, "PATH": "/usr/bin:/bin"})


@pytest.fixture
def catalog(small_catalog):
    """The small catalogue, a folder of a repository; "Road" was "Path" until the end of 1 January in UTC."""
    root = small_catalog.root
    settings = (root / "catalog.toml").read_bytes()  # a link to the checkout's, which is another repository
    (root / "catalog.toml").unlink()
    (root / "catalog.toml").write_bytes(settings)
    file = root / "data" / "xy.ttl"
    now = file.read_text(encoding="utf-8")
    git(root.parent, "init", "-q")
    for name, when in (("Path", "2026-01-01T23:59:59Z"), ("Road", "2026-01-02T01:00:00+01:00")):
        file.write_text(now.replace('"Road"', f'"{name}"'), encoding="utf-8")
        git(root.parent, "add", root.name)
        git(root.parent, "commit", "-qm", name, when=when)
    return Catalog(root)


@pytest.mark.parametrize(
    ("when", "name"),
    [
        ("HEAD~1", "Path"),
        ("HEAD", "Road"),
        ("main", "Road"),
        ("2026-01-01", "Path"),
        ("2026-01-02", "Road"),
        ("2030-01-01", "Road"),
        ("2100-01-01", "Road"),
        ("9999-12-31", "Road"),
    ],
)
def test_it_is_as_it_was_and_says_of_which_commit(catalog, when, name):
    before = {path: path.read_bytes() for path in catalog.root.parent.rglob("*") if path.is_file()}
    then = catalog.at(when)
    assert {row[1] for row in then.ask("projects").texts} >= {name}
    assert then.note.startswith("As of commit ")
    assert ("2026-01-01 23:59 UTC." if name == "Path" else "2026-01-02 00:00 UTC.") in then.note
    assert {path: path.read_bytes() for path in catalog.root.parent.rglob("*") if path.is_file()} == before


def test_the_store_that_is_kept_of_it_is_found_again(catalog, monkeypatch, tmp_path):
    """By its content, from whichever revision or folder: nothing is built twice."""
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folders = []
    for when in ("HEAD~1", "HEAD~1", "2026-01-01", "HEAD", ""):
        store = (catalog.at(when) if when else catalog).load()
        assert isinstance(store, kept.KeptStore)
        places = (tmp_path / "cache" / "policygraph").glob("*/manifest.json")
        folders.append({path.parent.name: path.stat().st_ino for path in places})
    assert folders[0] == folders[1] == folders[2]
    assert folders[0].items() < folders[3].items()
    assert folders[3] == folders[4]


def test_its_files_go_with_it(catalog):
    then = catalog.at("HEAD")
    folder = then.root.parent
    assert folder.is_dir()
    del then
    gc.collect()
    assert not folder.exists()


def test_what_a_process_that_was_killed_left_goes_with_the_next(catalog, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    code = "import os, sys; from policygraph import Catalog; then = Catalog(sys.argv[1]).at('HEAD')\n"
    command = [sys.executable, "-c", f"{code}os.kill(os.getpid(), 9)", catalog.root]
    assert subprocess.run(command, check=False).returncode == -9
    (left,) = tmp_path.glob("policygraph-*")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    one = catalog.at("HEAD")
    other = catalog.at("HEAD~1")
    assert not left.exists()
    assert len([*tmp_path.glob("policygraph-*")]) == 2
    assert [*one.datasets] == [*other.datasets] == ["xy"]


def test_a_repository_runs_no_hook_of_its_own(catalog, tmp_path):
    hooks = catalog.root.parent / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    (hooks / "post-index-change").write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    (hooks / "post-index-change").chmod(0o755)
    catalog.at("HEAD")
    assert not (tmp_path / "ran").exists()


def test_a_temporary_folder_that_cannot_be_used_is_named(catalog, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fake = tmp_path / "git"
    fake.write_text(
        '#!/bin/sh\ncase $* in *checkout-index*) echo "error: unable to write file x" >&2; exit 1;;'
    )
    with fake.open("a") as file:
        file.write(f' esac\nexec {shutil.which("git")} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    place = re.escape(str(tmp_path))
    sentence = (
        rf"^The files of HEAD cannot be put into {place}: unable to write file x; TMPDIR names another fol"
    )
    with pytest.raises(CatalogError, match=sentence):
        catalog.at("HEAD")
    assert [*tmp_path.glob("policygraph-*")] == []
    monkeypatch.setattr("tempfile.tempdir", str(fake))
    with pytest.raises(CatalogError, match=rf"cannot be put into {place}/git: Not a directory; TMPDIR"):
        catalog.at("HEAD")


def test_settings_of_git_in_the_environment_are_heard(catalog, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    top = re.escape(str(catalog.root.parent))
    cure = f"`git config --global --add safe.directory {top}`"
    with pytest.raises(CatalogError, match=rf"dubious ownership in .*{top}'; if you trust it: {cure}\.$"):
        catalog.at("HEAD")
    for name, value in (("COUNT", "1"), ("KEY_0", "safe.directory"), ("VALUE_0", "*")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    assert [*catalog.at("HEAD").datasets] == ["xy"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("link", r"queries led to /.*shared, out of the repository"),
        ("include", r"shared led to /.*shared, out of the repository"),
        ("submodule", r"more led to the submodule small/more, out of the repository"),
        ("loop", r"queries/a\.rq led to .*a\.rq, out of the repository"),
    ],
)
def test_what_leads_out_of_the_repository_is_refused_and_untouched(catalog, tmp_path, change, what):
    root, shared = catalog.root, tmp_path / "shared"
    shared.mkdir()
    (shared / "broken.rq").write_text("#+ nonsense", encoding="utf-8")
    (shared / "more.ttl").write_text("<a:s> <a:p> 1 .", encoding="utf-8")
    git(root.parent, "rm", "-rq", f"{root.name}/queries")
    if change == "link":
        (root / "queries").symlink_to(shared)
    elif change == "loop":
        (root / "queries").mkdir()
        (root / "queries" / "a.rq").symlink_to("a.rq")
    else:
        settings = root / "catalog.toml"
        name = shared if change == "include" else "more"
        settings.write_text(f'include = ["{name}"]\n{settings.read_text()}', encoding="utf-8")
    git(root.parent, "add", ":/small")
    if change == "submodule":
        git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},small/more")
        shutil.copytree(shared, root / "more")
    git(root.parent, "commit", "-qm", "Lead out")
    with pytest.raises(CatalogError, match=what):
        Catalog(root).at("HEAD")
    assert {each.name for each in shared.iterdir()} == {"broken.rq", "more.ttl"}


def test_the_difference_from_a_catalogue_as_of_a_day_is_from_its_own_history(catalog):
    (change,) = catalog.at("HEAD").diff("HEAD~1").changes()
    assert change.label == "Road"


def test_a_branch_counts_from_the_day_when_it_was_merged(catalog):
    top = catalog.root.parent
    git(top, "checkout", "-qb", "draft")
    (catalog.root / "data" / "draft.ttl").write_text("<a:s> <a:p> 1 .", encoding="utf-8")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "draft", when="2026-01-03T12:00:00Z")
    git(top, "checkout", "-q", "main")
    git(top, "commit", "-qm", "own", "--allow-empty", when="2026-01-03T10:00:00Z")
    git(top, "merge", "-q", "--no-ff", "-m", "merged", "draft", when="2026-01-05T12:00:00Z")
    found = [[*catalog.at(f"2026-01-0{day}").datasets] for day in (3, 4, 5)]
    assert found == [["xy"], ["xy"], ["draft", "xy"]]
    assert "2026-01-03 10:00 UTC." in catalog.at("2026-01-03").note


SAY = """
import sys
from policygraph import i18n
from policygraph.catalog.catalog import Catalog
catalog = Catalog(sys.argv[1])
past = eval(sys.argv[2])
print(i18n.words("de", "site")["search"], *i18n._added.get("de", [None])[:1])
"""


def said(root, asked):
    """What a process of its own, since words are those of a process, says after it asks for the past."""
    command = [sys.executable, "-c", SAY, root, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def reworded(catalog):
    """The file of a catalogue's German words, one of which is another since the commit before."""
    file = catalog.root / "i18n" / "de.json"
    file.parent.mkdir()
    for word in ("Suche", "Suchen"):
        file.write_text(json.dumps({"site": {"search": word}}), encoding="utf-8")
        git(catalog.root.parent, "add", "-A")
        git(catalog.root.parent, "commit", "-qm", word)
    return file


PAST = ["catalog.at('HEAD~1')", "catalog.diff('HEAD~1')", "catalog.at('HEAD')"]


@pytest.mark.parametrize("asked", PAST)
def test_the_words_are_those_of_today_whatever_they_were(catalog, asked):
    file = reworded(catalog)
    assert said(catalog.root, asked) == ["Suchen", str(file)]


@pytest.mark.parametrize("asked", PAST[:2])
def test_a_language_that_was_given_up_since_is_no_hindrance(catalog, asked):
    root, words = catalog.root, {"site": {"search": "Suche"}}
    (root / "i18n").mkdir()
    (root / "i18n" / "de.json").write_text(json.dumps(words), encoding="utf-8")
    (root / "catalog.toml").unlink()
    (root / "catalog.toml").write_text('languages = ["en", "de"]', encoding="utf-8")
    git(root.parent, "add", "-A")
    git(root.parent, "commit", "-qm", "German")
    (root / "i18n" / "de.json").unlink()
    (root / "catalog.toml").write_text('languages = ["en"]', encoding="utf-8")
    git(root.parent, "commit", "-qam", "no German")
    assert said(root, asked)


def test_what_is_not_committed_is_not_in_it(catalog):
    (catalog.root / "data" / "new.ttl").write_text("", encoding="utf-8")
    assert [*catalog.at("HEAD").datasets] == ["xy"]


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("v9", r"'v9' is no day and no revision in the git history of \S+\."),
        ("2026-02-31", r"'2026-02-31' is no day and no revision in .*: day .+\."),
        ("2025-12-31", r"The git history of \S+ begins after 2025-12-31\."),
        ("1926-11-24", r"The git history of \S+ begins after 1926-11-24\."),
        ("--help", r"'--help' is no day and no revision in the git history of \S+\."),
    ],
)
def test_what_there_is_not_is_one_sentence(catalog, when, sentence):
    with pytest.raises(CatalogError, match=f"^{sentence}$"):
        catalog.at(when)


def test_a_history_that_is_cut_is_told(catalog, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{catalog.root.parent}", "cut")
    cut = Catalog(tmp_path / "cut" / catalog.root.name)
    with pytest.raises(
        CatalogError, match=r"begins after 2026-01-01, which was cut when it was cloned: `git fetch"
    ):
        cut.at("2026-01-01")


def test_a_folder_without_git_is_one_sentence(small_catalog):
    with pytest.raises(
        CatalogError, match=r"no day and no revision in the git history of .*: not a git repository"
    ):
        small_catalog.at("HEAD")


def test_where_there_was_no_catalogue_yet_is_one_sentence(catalog):
    git(catalog.root.parent, "rm", "-rq", "--cached", catalog.root.name)
    git(catalog.root.parent, "commit", "-qm", "gone")
    with pytest.raises(CatalogError, match=r"^As of commit .*, there is no catalogue in ") as error:
        catalog.at("HEAD")
    assert str(error.value).endswith(
        f" in {catalog.root}: The catalogue HEAD:small does not exist; name a folder with data/."
    )


def test_a_file_that_could_not_be_read_is_named_by_its_revision(catalog):
    (catalog.root / "data" / "xy.ttl").write_text("<a:s> <a:p> .\n", encoding="utf-8")
    git(catalog.root.parent, "commit", "-qam", "broken")
    then = catalog.at("HEAD")
    with pytest.raises(DocumentError, match=r"^HEAD:small/data/xy\.ttl:1:\d+: ") as error:
        then.load()
    assert error.value.path == "HEAD:small/data/xy.ttl"


def test_any_error_names_files_by_their_revision(catalog):
    then = catalog.at("HEAD~1")
    with pytest.raises(CatalogError, match=r"There is no query 'nope' in HEAD~1:small/queries\.$"):
        then.queries["nope"]


def test_a_question_that_cannot_be_read_is_left_out_by_name(catalog):
    (catalog.root / "queries" / "odd.rq").write_text(
        "#+ view: hologram\nSELECT * { ?s ?p ?o }", encoding="utf-8"
    )
    git(catalog.root.parent, "add", "-A")
    git(catalog.root.parent, "commit", "-qm", "odd")
    then = catalog.at("HEAD")
    assert [*then.queries] == ["needs", "projects"]
    assert then.note.endswith(", without odd, which this package cannot read.")


def test_a_model_that_is_too_old_is_one_sentence(tmp_path):
    for name in ("ontology", "queries"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    (tmp_path / "data").mkdir()
    shutil.copy(SHIPPED / "tests" / "support" / "examplia.ttl", tmp_path / "data")
    shutil.copy(SHIPPED / "catalog.toml", tmp_path)
    git(tmp_path, "init", "-q")
    file = tmp_path / "ontology" / "policygraph.ttl"
    now = file.read_text(encoding="utf-8")
    for version in ("0.2.0", "0.3.1", "0.4.0"):
        file.write_text(
            now.replace('owl:versionInfo "0.4.0"', f'owl:versionInfo "{version}"'), encoding="utf-8"
        )
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", version)
    catalog = Catalog(tmp_path)
    assert [catalog.at(each).model for each in ("HEAD", "HEAD~1")] == ["0.4.0", "0.3.1"]
    with pytest.raises(CatalogError, match=r", the model was 0\.2\.0; this package reads 0\.3 and 0\.4\.$"):
        catalog.at("HEAD~2")


def test_commands_take_it_and_those_that_write_refuse(catalog):
    def run(*arguments):
        command = [sys.executable, "-m", "policygraph", "--catalog", catalog.root, "--as-of", "2026-01-01"]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)

    asked = run("query", "projects", "--format", "csv")
    assert (asked.returncode, '"Path"' in asked.stdout or "Path" in asked.stdout) == (0, True)
    assert asked.stderr.startswith("policygraph: note: As of commit ")
    described = run("describe", "Path")
    assert described.returncode == 0, described.stderr
    refused = run("new", "Land")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--as-of shows what was, which no command writes to; leave it out." in refused.stderr


@pytest.mark.full
def test_commands_that_open_it_anew_leave_the_words_of_today_too(catalog, tmp_path):
    reworded(catalog)
    command = [sys.executable, "-m", "policygraph", "--catalog", catalog.root, "--as-of", "HEAD~1"]
    for more in (["validate"], ["verify", "--text", tmp_path], ["verify", "--text", tmp_path, "--fix"]):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert "other words" not in done.stderr
        assert ("leave out --fix" in done.stderr) == ("--fix" in more)


def test_each_resource_is_known_since_the_commit_that_brought_it(catalog):
    file = catalog.root / "data" / "xy.ttl"
    file.write_text(file.read_text(encoding="utf-8") + "\n<id/xy/new> a <x:y> .\n", encoding="utf-8")
    base = catalog.settings.base
    assert since(file) == {f"{base}id/xy/project/{name}": "2026-01-01" for name in ("bridge", "road")}
    git(catalog.root.parent, "commit", "-qam", "new", when="2026-01-03T00:30:00+01:00")
    assert since(file)[f"{base}id/xy/new"] == "2026-01-02"


def test_it_is_known_of_subjects_alone_by_the_files_own_names(catalog):
    """What begins a line as an object or in a literal stands since another day, or is nothing."""
    file = catalog.root / "data" / "own.ttl"
    text = """@base <https://own.example/> .
PREFIX c: <terms#>
<z> c:p 'it\\'s' , \"\"\"
<q> a note. \\\"\"\"
<q> a note.\"\"\" . # it's "one
<o> <about>
<q> , c:a.b , 1.5 , c:it\\'s .
c:o c:p 12.
"""
    dated = (("", "2026-01-01T12:00:00Z"), ("<q> c:p 1 .\n<o> c:p 2 .\n", "2026-01-02T12:00:00Z"))
    for more, when in dated:
        text += more
        file.write_text(text, encoding="utf-8")
        git(catalog.root.parent, "add", "-A")
        git(catalog.root.parent, "commit", "-qm", "own", when=when)
    days = {"z": "2026-01-01", "o": "2026-01-01", "terms#o": "2026-01-01", "q": "2026-01-02"}
    assert since(file) == {f"https://own.example/{name}": day for name, day in days.items()}


def test_a_publication_knows_that_git_has_another_answer(catalog, tmp_path):
    """Where a history was cut, what replaces a commit, and the repositories of what is included."""
    top, other = tmp_path / "cut", tmp_path / "other"
    git(catalog.root.parent, "commit", "-qm", "same", "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{catalog.root.parent}", top)
    other.mkdir()
    (other / "more.ttl").write_text("<a:s> <a:p> 1 .", encoding="utf-8")
    settings = top / "small" / "catalog.toml"
    settings.write_text(f'include = ["{other}"]\n{settings.read_text()}', encoding="utf-8")
    git(other, "init", "-q")
    git(other, "add", "-A")
    deeper, replaced = ("fetch", "-q", "--deepen=1"), ("replace", "--graft", "HEAD")
    known = [fingerprint(Catalog(top / "small"))]
    for where, *command in ((top, *deeper), (top, *replaced), (other, "commit", "-qm", "more")):
        git(where, *command)
        known.append(fingerprint(Catalog(top / "small")))
    assert [len(set(each)) for each in zip(*known, strict=True)] == [1, 4]


def test_since_when_is_not_known_where_the_history_was_cut(catalog, tmp_path):
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{catalog.root.parent}", "cut")
    assert since(tmp_path / "cut" / catalog.root.name / "data" / "xy.ttl") == {}
    assert since(tmp_path / "none.ttl") == {}


def test_settings_do_not_change_since_when_each_is_there(catalog, tmp_path, monkeypatch, caplog):
    file = catalog.root / "data" / "xy.ttl"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{catalog.root.parent}", "cut")
    (tmp_path / ".gitconfig").write_text(
        "[blame]\nignoreRevsFile = .git-blame-ignore-revs\nshowRoot = true\n[safe]\ndirectory = *\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    assert {*since(file).values()} == {"2026-01-01"}
    assert since(tmp_path / "cut" / catalog.root.name / "data" / "xy.ttl") == {}
    assert caplog.messages == []


def test_why_it_is_not_known_since_when_is_noted_unless_git_has_no_history(catalog, tmp_path, caplog):
    new = catalog.root / "data" / "new.ttl"
    new.write_text("<a:s> <a:p> 1 .")
    (tmp_path / "none.ttl").write_text("<a:s> <a:p> 1 .")
    assert since(new) == since(tmp_path / "none.ttl") == {}
    assert caplog.messages == []
    shutil.rmtree(catalog.root.parent / ".git" / "objects")
    (catalog.root.parent / ".git" / "objects").mkdir()
    assert since(catalog.root / "data" / "xy.ttl") == {}
    (message,) = caplog.messages
    assert message.startswith("policygraph: note: Pages do not say since when ")


def test_the_page_of_a_claim_says_since_when_it_stands(tmp_path, examplia):
    for folder in ("ontology", "queries", "data"):
        shutil.copytree(examplia.root / folder, tmp_path / folder)
    shutil.copy(SHIPPED / "catalog.toml", tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "all")
    catalog = Catalog(tmp_path)
    site = Site(catalog, catalog.store)
    claim = next(path for path in site.paths() if "/claim/" in path and path.endswith(".da.html"))
    assert 'I disse data siden <time datetime="2026-01-01">' in site.page(claim).body.decode()
