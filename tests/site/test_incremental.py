"""A publication over the one before renders what a change affects, and writes what a full one would.

Tests of `store.trace`, `site.noted` and `site.publication.memory`.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import shutil
import subprocess
import time
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import checkout
import pyoxigraph as ox
import pytest
from releases import tree

from policygraph.catalog.catalog import Catalog
from policygraph.check.site.inspect import inspect
from policygraph.rdf import jsonld
from policygraph.rdf.namespaces import PREFIXES
from policygraph.site.pages import home
from policygraph.site.publication.memory import READS
from policygraph.site.publish import publish
from policygraph.site.site import Site
from policygraph.site.urls import MANIFEST
from policygraph.store.memory import EmbeddedStore
from policygraph.store.trace import TracedStore

BASE = "https://w3id.org/policygraph/"
LABEL = ox.NamedNode(PREFIXES["skos"] + "prefLabel")


def copy(root: Path, to: Path) -> Path:
    """A catalogue in a folder of its own, whose data and questions can be edited."""
    to.mkdir(parents=True)
    (to / "ontology").symlink_to(root / "ontology")
    for name in ("data", "queries"):
        shutil.copytree(root / name, to / name)
    shutil.copy(root / "catalog.toml", to / "catalog.toml")
    return to


def own(path: Path) -> Path:
    """A file in place of a link to the checkout's, which no test writes in."""
    text = path.read_text(encoding="utf-8")
    path.unlink()
    path.write_text(text, encoding="utf-8")
    return path


class Editor:
    """Makes edits by chance, of which each seed has its own."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.chance = root, random.Random(seed)
        own(root / "catalog.toml")
        twice = [self.remove, self.text, self.text, self.label, self.claim, self.thing, self.blank, self.link]
        self._next = self.shuffled(*twice, *twice, self.question, self.settings, self.style, self.file)

    def shuffled(self, *edits):
        return iter(self.chance.sample(edits, len(edits)))

    def edit(self) -> str:
        """The next of twenty, in which each kind is."""
        return next(self._next)()

    def data(self):
        paths = (self.root / "data").glob("[!m]*.ttl")  # not the one that comes and goes
        path = self.chance.choice(sorted(paths))
        quads = sorted(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=BASE), key=str)
        return path, quads

    def save(self, path, quads) -> None:
        written = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
        path.write_bytes(written)  # which is Turtle too

    def remove(self) -> str:
        path, quads = self.data()
        gone = quads.pop(self.chance.randrange(len(quads)))
        self.save(path, quads)
        return f"remove {gone}"

    def text(self) -> str:
        path, quads = self.data()
        texts = [quad for quad in quads if isinstance(quad.object, ox.Literal) and quad.object.language]
        if not texts:
            return self.remove()
        old = self.chance.choice(texts)
        new = ox.Literal(f"{old.object.value} {self.chance.randrange(99)}", language=old.object.language)
        self.save(path, [ox.Quad(old.subject, old.predicate, new) if quad == old else quad for quad in quads])
        return f"change {old}"

    def label(self) -> str:
        path, quads = self.data()
        named = self.chance.choice([quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)])
        name = ox.Literal(
            f"Name {self.chance.randrange(99)}", language=self.chance.choice(["en", "da", "nb"])
        )
        self.save(path, [*quads, ox.Quad(named, LABEL, name)])
        return f"name {named}"

    def claim(self) -> str:
        """Another thing that is as one is, such as a claim."""
        path, quads = self.data()
        old = self.chance.choice([quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)])
        new = ox.NamedNode(f"{old.value}-{self.chance.randrange(99)}")
        self.save(path, [*quads, *(ox.Quad(new, q.predicate, q.object) for q in quads if q.subject == old)])
        return f"copy {old}"

    def thing(self) -> str:
        """One thing less."""
        path, quads = self.data()
        gone = self.chance.choice([quad.subject for quad in quads if "/data/" not in str(quad.subject)])
        self.save(path, [quad for quad in quads if gone not in (quad.subject, quad.object)])
        return f"remove {gone}"

    def blank(self) -> str:
        path, quads = self.data()
        of = self.chance.choice([quad.subject for quad in quads if isinstance(quad.subject, ox.NamedNode)])
        node, note = ox.BlankNode(), ox.Literal(f"within {self.chance.randrange(99)}")
        terms = [ox.NamedNode(PREFIXES["dct"] + name) for name in ("relation", "description")]
        self.save(path, [*quads, ox.Quad(of, terms[0], node), ox.Quad(node, terms[1], note)])
        return f"blank node of {of}"

    def link(self) -> str:
        path, quads = self.data()
        things = sorted({quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)})
        one, other = self.chance.choice(things), self.chance.choice(things)
        verb = self.chance.choice(quads).predicate
        self.save(path, [*quads, ox.Quad(ox.NamedNode(one), verb, ox.NamedNode(other))])
        return f"link {one} {verb} {other}"

    def version(self) -> str:
        """The next version of one of the datasets that have one."""
        version = re.compile(r'(?<=dcat#version> ")1\.\d+')
        files = {path: path.read_text(encoding="utf-8") for path in sorted(self.root.glob("data/*.ttl"))}
        path = self.chance.choice([path for path, text in files.items() if version.search(text)])
        new = f"1.{int(version.search(files[path])[0][2:]) + 1}"
        path.write_text(version.sub(new, files[path]), encoding="utf-8")
        return f"version {new}"

    def question(self) -> str:
        path = self.chance.choice(sorted((self.root / "queries").glob("*.rq")))
        path.write_text(path.read_text().replace("#+ summary: ", "#+ summary: Now, ", 1))
        return f"question {path.name}"

    def settings(self) -> str:
        path = self.root / "catalog.toml"
        path.write_text(path.read_text() + f"# {self.chance.randrange(99)}\n")
        return "settings"

    def style(self) -> str:
        """The words of the pages."""
        (self.root / "i18n").mkdir(exist_ok=True)
        (self.root / "i18n" / "xx.json").write_text('{"@language": "xx"}')
        return "words"

    def file(self) -> str:
        """A file more, or less."""
        more = self.root / "data" / "more.ttl"
        if more.exists():
            more.unlink()
        else:
            more.write_text(f'@base <{BASE}> . <id/more> <{LABEL.value}> "More"@en .')
        return "file"


def pages(folder: Path) -> dict[str, bytes]:
    """All but the list of what each was made of, among it what the folder kept of versions before."""
    return {path: body for path, body in tree(folder).items() if path not in (READS, MANIFEST)}


def check(root: Path, place: Path, *, seed: int) -> None:
    """Edit a catalogue twenty times, publish each, and compare every third with a full publication.

    A page that was left as it was by mistake stays so, unless one of the next two edits makes it again.
    """
    editor, before, since = Editor(root, seed), 0, []
    publish(Catalog(root), place / "site", processes=1)
    for number in range(20):
        start = time.process_time()
        shutil.rmtree(place / "kept", ignore_errors=True)
        shutil.copytree(root, place / "kept", symlinks=True)
        since.append(f"{number}: {editor.edit()}")
        try:
            done = publish(Catalog(root), place / "site", processes=1)
        except Exception as error:
            shutil.rmtree(place / "full", ignore_errors=True)
            with pytest.raises(type(error)):
                publish(Catalog(root), place / "full", processes=1)
            shutil.rmtree(root)
            (place / "kept").rename(root)
            print(since.pop(), error)
            continue
        print(since[-1], len(done.rendered), round(time.process_time() - start, 1), flush=True)
        if number % 3 != 1:  # so that the last of twenty is compared
            continue
        shutil.rmtree(place / "full", ignore_errors=True)
        full = publish(Catalog(root), place / "full", processes=1)
        one, other = tree(place / "site"), tree(place / "full")
        assert sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)) == [], (
            since
        )
        before += len(full.rendered) - len(done.rendered)
        since.clear()
    assert before > 0, "nothing was ever left as it was"


def changed(root: Path, before: str, after: str) -> None:
    path = root / "data" / "xy.ttl"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def twice(small_catalog, tmp_path):
    """Publishes, and gives what the same catalogue publishes again, what was there before, and the folder."""
    place = tmp_path / "site"
    publish(small_catalog, place, processes=1)
    before = tree(place)

    def again():
        return publish(small_catalog, place, processes=1), before, place

    return again


def test_one_fact_changes_the_files_that_show_it(twice, small_catalog):
    changed(small_catalog.root, "t:cost 12", "t:cost 13")
    start = time.monotonic()
    done, before, place = twice()
    assert done.seconds > (time.monotonic() - start) * 0.8, "a part of which compares"
    after = tree(place)
    unlike = {path for path in after if after[path] != before[path]}
    stems = {path.partition(".")[0] for path in unlike if not path.startswith((".", "download", "engine"))}
    assert stems == {"doc/xy/project/road", "catalog", "editions"}, "the record has sizes and sums"
    assert unlike - {".policygraph", ".policygraph-reads"} <= {path[1:] for path in done.rendered}
    assert "/doc/xy/project/bridge.html" not in done.rendered
    assert len(done.rendered) < len(after) / 2


def test_a_new_name_changes_every_page_that_says_it(twice, small_catalog):
    changed(small_catalog.root, '"Road"@en', '"Street"@en')
    done, _, place = twice()
    named = {path for path, body in tree(place).items() if path.endswith(".html") and b"Street" in body}
    assert {"doc/xy/project/bridge.html", "names.html", "search.html", "query/needs.html"} <= named
    assert not any(b">Road<" in body for path, body in tree(place).items() if path.endswith(".html"))
    assert {f"/{path}" for path in named} <= {*done.rendered}


def test_what_is_said_within_a_blank_node_changes_the_pages_that_show_it(small_catalog, tmp_path):
    place, road = tmp_path / "site", "t:cost 12"
    changed(small_catalog.root, road, f"{road} ; dct:relation [ dct:relation [ dct:description 'one' ] ]")
    publish(Catalog(small_catalog.root), place, processes=1)
    changed(small_catalog.root, "'one'", "'other'")
    publish(Catalog(small_catalog.root), place, processes=1)
    for name in ("road.html", "road.da.html", "road.ttl", "road.jsonld"):
        body = (place / "doc" / "xy" / "project" / name).read_text(encoding="utf-8")
        assert "other" in body, name


@pytest.mark.full
def test_a_new_letter_makes_only_what_names_letters_again(small_catalog, tmp_path, monkeypatch):
    monkeypatch.setattr(home, "SPLIT", 1)  # so that each letter has a page
    place = tmp_path / "site"
    publish(Catalog(small_catalog.root), place, processes=1)
    changed(small_catalog.root, '"Road"@en', '"Zebra crossing"@en')
    done = publish(Catalog(small_catalog.root), place, processes=1)
    assert {"/names-z.html", "/names-b.html"} <= {*done.rendered}
    assert {"/ontology.html", "/corrections.html", "/404.html"}.isdisjoint(done.rendered)
    broken = {each.rule for each in inspect(place).findings}
    assert broken.isdisjoint(("dead-link", "sitemap", "alternate", "reachable", "content"))
    publish(Catalog(small_catalog.root), tmp_path / "full", processes=1)
    assert pages(place) == pages(tmp_path / "full")


def test_what_many_pages_ask_is_asked_once():
    asked = []

    class Counted(EmbeddedStore):
        def query(self, text):
            asked.append(text)
            return super().query(text)

    thing = ox.NamedNode(f"{BASE}thing")
    of = Counted(
        [ox.Quad(thing, LABEL, ox.Literal("A", language="en")), ox.Quad(thing, LABEL, ox.BlankNode())]
    )
    store = TracedStore(of)
    texts = ["SELECT ?o { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }", "ASK { ?s ?p ?o }"]
    with store.frame():
        one, other = ([*map(store.query, texts)] for _ in range(2))
    assert [each for each in asked if each in texts] == texts
    assert [*map(str, one[0])] == [*map(str, other[0])]
    assert {*one[1]} == {*other[1]}
    assert bool(one[2]) is bool(other[2]) is True


@pytest.mark.full
def test_what_is_said_of_things_beside_each_other_is_asked_together(examplia, monkeypatch):
    asked, ask = [], EmbeddedStore.query
    monkeypatch.setattr(EmbeddedStore, "query", lambda self, text: asked.append(text) or ask(self, text))
    site = Site(examplia, examplia.store, live=False)
    paths = [path for path in site.paths() if path.startswith("/doc/") and path.endswith((".html", ".ttl"))]
    assert len(paths) > 70
    assert all(map(site.page, paths))
    for part in ("rdf:subject ?about ; ?p ?o", "FILTER(?property NOT IN"):
        assert 0 < len([text for text in asked if part in text]) < len(paths) / 12


def test_where_nothing_changed_nothing_is_made(twice, monkeypatch):
    monkeypatch.setattr(EmbeddedStore, "query", lambda self, text: pytest.fail("it asked something"))
    done, before, place = twice()
    assert (done.rendered, done.files, done.bytes) == ((), len(before), sum(map(len, before.values())))
    assert tree(place) == before


def test_a_copy_of_a_folder_is_not_taken_for_untouched(small_catalog, tmp_path):
    site, other = tmp_path / "site", tmp_path / "copy"
    publish(small_catalog, site, processes=1)
    for page in site.glob("*.html"):
        page.write_text("Edited by hand.", encoding="utf-8")
    subprocess.run(["cp", "-a", site, other], check=True)
    assert publish(small_catalog, other, processes=1).rendered
    assert "Edited" not in (other / "index.html").read_text(encoding="utf-8")
    assert not publish(small_catalog, other, processes=1).rendered


@pytest.mark.full
def test_a_file_that_somebody_changed_is_made_again(twice):
    place = twice()[2]
    for name in ("doc/xy/project/bridge.html", READS, "site.css"):
        for edit in (lambda file: file.write_bytes(b"mine"), Path.unlink):
            edit(place / name)
            done, before, _ = twice()
            assert done.rendered, name
            assert tree(place) == before, name


@pytest.mark.full
def test_reads_that_are_broken_are_ignored(twice, small_catalog):
    _, before, place = twice()
    for number, body in enumerate((b"no gzip", gzip.compress(b"no JSON"), gzip.compress(b"{}"))):
        listed = place / MANIFEST
        old, new = (sha256(each).hexdigest() for each in ((place / READS).read_bytes(), body))
        (place / READS).write_bytes(body)
        listed.write_text(listed.read_text().replace(old, new))
        changed(small_catalog.root, f"t:cost {12 + number}", f"t:cost {13 + number}")
        assert len(twice()[0].rendered) > 90
    changed(small_catalog.root, "t:cost 15", "t:cost 12")
    twice()
    assert tree(place) == before


def test_the_next_publication_may_have_other_settings(twice, small_catalog):
    path = own(small_catalog.root / "catalog.toml")
    path.write_text(re.sub(r'(?m)^en = "[^"]+"', 'en = "Another"', path.read_text(), count=1))
    done, before, place = twice()
    assert len([each for each in done.rendered if each.endswith(".html")]) == sum(
        path.endswith(".html") for path in before
    )
    assert b"Another" in (place / "index.html").read_bytes()


@pytest.mark.full
def test_what_a_service_answers_is_made_each_time(small_catalog, tmp_path):
    for _ in range(2):
        done = publish(small_catalog, tmp_path / "site", store=small_catalog.load(), processes=1)
        assert len(done.rendered) > 90
    assert READS not in tree(tmp_path / "site")


def dated(root: Path) -> Path:
    """Give the ontology and the data a version, and the path of the data."""
    about = """@prefix dct: <http://purl.org/dc/terms/> . <{}> a <http://www.w3.org/{}> ; <{}> "1.0" ;
      dct:title "Roads"@en ; dct:description "Of xy."@en ; dct:modified "2026-01-01" ."""
    kinds = {"ontology/terms": ("ontology", "2002/07/owl#Ontology", f"{PREFIXES['owl']}versionInfo")}
    kinds["data/xy"] = ("data/xy", "ns/dcat#Dataset", f"{PREFIXES['dcat']}version")
    for name, terms in kinds.items():
        with (root / f"{name}.ttl").open("a", encoding="utf-8") as file:
            file.write(f"\n{about.format(*terms)}\n")
    return root / "data" / "xy.ttl"


def in_full(root: Path, place: Path) -> dict[str, bytes]:
    """What a publication writes that keeps the versions of the one before, and makes all else anew."""
    (place / READS).unlink()
    assert len(publish(Catalog(root), place, processes=1).rendered) > 90
    return tree(place)


@pytest.mark.full
def test_a_new_version_changes_no_page_of_a_thing(small_catalog, tmp_path):
    """Nor its citation; a script says it there."""
    data = dated(small_catalog.root)
    publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    before = tree(shutil.copytree(tmp_path / "site", tmp_path / "old"))
    data.write_text(data.read_text().replace('"1.0"', '"1.1"'), encoding="utf-8")
    done = publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    after = tree(tmp_path / "site")
    assert not [path for path in done.rendered if path.startswith("/doc/")]
    full = in_full(small_catalog.root, tmp_path / "old")
    assert [path for path in {**full, **after} if full.get(path) != after.get(path)] == []
    both = (path for path in after.keys() & before.keys() if path.endswith(".html"))
    pages = {path for path in both if after[path] != before[path]}
    stems = {path.partition(".")[0] for path in pages}
    assert stems == {"data/xy", "data/xy/1", "index", "catalog"}, "the old version names the new one"
    assert b'"version": "1.1"' in after["editions.js"]
    assert b"1.1" in after["data/xy.html"]


@pytest.mark.full
def test_versions_after_edits_by_chance_are_those_of_a_full_publication(small_catalog, tmp_path):
    editor, site = Editor(small_catalog.root, 0), tmp_path / "site"
    dated(small_catalog.root)
    publish(Catalog(small_catalog.root), site, processes=1)
    for number, edit in enumerate(editor.shuffled(editor.text, editor.label, editor.blank, editor.link)):
        what = [edit()]
        what += [editor.version()] if number != 1 else []
        full = shutil.copytree(site, tmp_path / f"full-{number}")
        publish(Catalog(small_catalog.root), site, processes=1)
        one, other = tree(site), in_full(small_catalog.root, full)
        assert [path for path in {**one, **other} if one.get(path) != other.get(path)] == [], what


@pytest.fixture
def json_ld_once(monkeypatch):
    """Writes the same triples as JSON-LD once, for which pyld takes a quarter of a publication's time."""
    serialize, written = jsonld.serialize, {}

    def once(quads, *, context):
        key = (*quads, context)
        if key not in written:
            written[key] = serialize(quads, context=context)
        return written[key]

    monkeypatch.setattr(jsonld, "serialize", once)


@pytest.mark.full
@pytest.mark.usefixtures("json_ld_once")
@pytest.mark.parametrize("seed", range(3))
def test_many_edits_by_chance_publish_what_a_full_publication_does(small_catalog, tmp_path, seed):
    """The first in all languages of the pages; to the others, the third is as the second."""
    if seed:
        (small_catalog.root / "catalog.toml").unlink()
        checkout.settings(small_catalog.root, "en", "da")
    check(small_catalog.root, tmp_path, seed=seed)


@pytest.mark.alone  # for minutes
def test_ten_edits_by_chance_of_denmark_publish_what_a_full_publication_does(catalog, tmp_path):
    """A page that was left as it was by mistake stays so, and is found at the end."""
    root = copy(catalog.root, tmp_path / "catalog")
    if "POLICYGRAPH_TEST_PART" not in os.environ:  # or it is a part already
        checkout.reduce(root / "data" / "denmark.ttl")
    editor = Editor(root, 37)
    for _ in range(11):
        done = publish(Catalog(root), tmp_path / "site")
        editor.chance.choice([editor.text, editor.label, editor.claim, editor.blank, editor.link])()
    assert publish(Catalog(root), tmp_path / "site").files > 1_000 > len(done.rendered)
    publish(Catalog(root), tmp_path / "full")
    one, other = pages(tmp_path / "site"), pages(tmp_path / "full")
    assert [path for path in one.keys() | other.keys() if one.get(path) != other.get(path)] == []


class Yesterday(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) - timedelta(days=1)


def test_what_asks_for_the_time_is_asked_again_on_another_day(small_catalog, tmp_path, monkeypatch):
    (small_catalog.root / "queries" / "now.rq").write_text("SELECT (NOW() AS ?time) {}\n", encoding="utf-8")
    with monkeypatch.context() as earlier:
        earlier.setattr("policygraph.site.publish.datetime", Yesterday)
        old = publish(Catalog(small_catalog.root), tmp_path / "old", processes=1)
        assert publish(Catalog(small_catalog.root), tmp_path / "old", processes=1).rendered == ()
    shutil.copytree(tmp_path / "old", tmp_path / "site")  # whose files are of today
    new = publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    assert "/query/now.csv" in old.rendered
    assert "/query/now.csv" in new.rendered


@pytest.mark.full
def test_two_files_that_change_places_change_their_downloads(small_catalog, tmp_path):
    paths = [small_catalog.root / "data" / f"{name}.ttl" for name in ("one", "two")]
    text = (checkout.SHIPPED / "tests" / "support" / "ports.ttl").read_text(encoding="utf-8")
    (small_catalog.root / "catalog.toml").unlink()
    settings = f'base = "{re.search("@base <(.*)>", text)[1]}"\nlanguages = ["en"]\n'
    (small_catalog.root / "catalog.toml").write_text(settings, encoding="utf-8")
    texts = [text, re.sub(r"<(register|port/\w+)(?=[/>#])", r"<\1-2", text)]
    for order in (texts, texts[::-1]):
        for path, text in zip(paths, order, strict=True):
            path.write_text(text, encoding="utf-8")
        publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    publish(Catalog(small_catalog.root), tmp_path / "full", processes=1)
    assert pages(tmp_path / "site") == pages(tmp_path / "full")
