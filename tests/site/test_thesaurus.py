"""A thesaurus as a site: where a concept stands, and pages that do not grow with the whole."""

from __future__ import annotations

import re

import pytest
import thesaurus

from policygraph.catalog.catalog import Catalog
from policygraph.site.pages import home
from policygraph.site.site import Site
from policygraph.store.memory import EmbeddedStore


def made(folder, number, **options):
    catalog = Catalog(thesaurus.write(folder, number))
    return Site(catalog, catalog.load(graphs=True), live=False, **options)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "SPLIT", 150)
        patch.setattr(home, "_PART", 60)
        patch.setattr("policygraph.site.pages.resource.SPLIT", 150)
        yield made(tmp_path_factory.mktemp("thesaurus") / "t", 200)


def page(site, path):
    return site.page(path).body.decode()


def part(text, start, end):
    return text.partition(start)[2].partition(end)[0]


def names(text):
    return re.findall(r"<bdi>([^<]+)</bdi>", text)


def test_a_concept_has_its_way_up_and_its_branch(site):
    text = page(site, "/c/60.html")  # below 10, which is below 0
    assert re.findall(r"\d{5}", part(text, '<nav class="soft ways"', "</nav>")) == ["00000", "00010"]
    assert '<h1><span class="soft">00060</span> ' in text
    tree = part(text, 'aria-labelledby="branch"', "</section>")
    assert re.findall(r"\d{5}", tree) == ["00000", "00010", *(f"{n:05}" for n in range(60, 65))]
    assert tree.count('aria-current="page"') == 1
    top = page(site, "/c/3.html")
    assert "soft ways" not in top
    beside = re.findall(r"\d{5}", part(top, 'aria-labelledby="branch"', "</section>"))
    assert beside == [
        *(f"{n:05}" for n in (0, 1, 2, 3, 25, 26, 27, 28, 29)),
        *(f"{n:05}" for n in range(4, 10)),
    ]


def test_a_scheme_is_named_once(site):
    said = part(page(site, "/c/3.html"), 'aria-labelledby="says"', "</section>")
    assert said.count('href="../terms.html"') == 1


def test_mappings_are_a_group_with_labels_where_they_are_known(site):
    known, unknown = (
        part(page(site, f"/c/{n}.html"), 'aria-labelledby="mappings"', "</section>") for n in (6, 9)
    )
    assert "EuroVoc" in known
    assert 'href="http://eurovoc.europa.eu/9"' in unknown
    assert "mappings" not in page(site, "/c/7.html")


def test_home_has_top_concepts_and_the_alphabet(site):
    text = page(site, "/index.html")
    assert re.findall(r"<li>(\d{5})", text) == [f"{n:05}" for n in range(10)]
    assert 'href="names-r.html"' in text


@pytest.mark.full
def test_everything_is_reached_by_links(site):
    """Without a script: from the home page and that of the search, by links alone."""
    paths = {path for path in site.paths() if path.endswith(".html")}
    waiting = ["/index.html", "/search.html"]
    seen = {*waiting}
    while waiting:
        at = waiting.pop()
        for href in re.findall(r'href="([^"#?:]+\.html)', page(site, at)):
            to = "/" + "/".join(_joined(at, href))
            if to in paths and to not in seen:
                seen.add(to)
                waiting.append(to)
    assert not {path for path in paths - seen if path.startswith(("/c/", "/names", "/search"))}


def _joined(at, href):
    parts = at.split("/")[1:-1]
    for each in href.split("/"):
        parts = parts[:-1] if each == ".." else [*parts, each]
    return parts


def test_each_name_is_on_the_page_of_its_letter(site):
    context = site._context
    pages = home.letter_pages(context)
    for language, end in (("en", ".html"), ("da", ".da.html")):
        listed = [names(part(page(site, path + end), "<main", "</main")) for path in pages.values()]
        labels = {context.labels.of(f"{thesaurus.BASE}c/{n}", language).text for n in range(200)}
        assert labels <= {name for each in listed for name in each}
        assert max(map(len, listed)) < 60


def test_each_word_is_on_a_page_of_the_index_or_too_common(site):
    pages, common = home._search_pages(site._context)
    assert {"af", "concept"} & {*common}
    for n in range(200):
        iri = f"{thesaurus.BASE}c/{n}"
        for word in re.findall(r"\w+", site._context.labels.of(iri, "en").text.lower()):
            starts = [start for start in pages if word.startswith(start.removeprefix("/search-"))]
            assert word in common or iri in pages[max(starts, key=len)], word
    assert max(map(len, pages.values())) <= 60


@pytest.mark.full
def test_pages_do_not_grow_with_the_whole(tmp_path, monkeypatch):
    """Eight times the concepts: no page is much larger, and no concept asks the store more often."""
    asked, largest, per_page = 0, [], []
    for module in ("home", "resource"):
        monkeypatch.setattr(f"policygraph.site.pages.{module}.SPLIT", 500)
    monkeypatch.setattr(home, "_PART", 250)
    query = EmbeddedStore.query

    def counted(self, text):
        nonlocal asked
        asked += 1
        return query(self, text)

    monkeypatch.setattr(EmbeddedStore, "query", counted)
    for number in (250, 2_000):
        site = made(tmp_path / str(number), number)
        sizes = {}
        for path in site.paths():
            if path.endswith(".html") and not (path.startswith("/c/") and int(path[3:].split(".")[0]) % 16):
                sizes[path] = len(site.page(path).body)
        concepts = [path for path in sizes if path.startswith("/c/")]
        asked = 0
        for path in concepts[-30:]:
            site.page(path)
        per_page.append(asked)
        largest.append(max(sizes.values()))
    assert largest[1] < 200_000
    assert per_page[1] <= per_page[0] + 5


def test_what_no_browser_opens_is_no_link_and_names_of_digits_have_an_anchor(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "catalog.toml").write_text(
        'base = "https://x.example/"\nlanguages = ["en"]\n', encoding="utf-8"
    )
    about = "a skos:Concept ; skos:topConceptOf <urn:x:scheme> ; skos:broader <urn:x:top> ; skos:prefLabel"
    (tmp_path / "data" / "x.ttl").write_text(
        "@base <https://x.example/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<urn:x:scheme> a skos:ConceptScheme ; skos:prefLabel "Scheme"@en .\n'
        '<urn:x:top> a skos:Concept ; skos:prefLabel "Top"@en .\n'
        + "".join(f'<c/{number}> {about} "{number} winds"@en .\n' for number in range(60)),
        encoding="utf-8",
    )
    catalog = Catalog(tmp_path)
    site = Site(catalog, catalog.load(), live=False)
    for path, to in (("/index.html", "names.html"), ("/c/30.html", "../names.html")):
        assert f'<a class="next" href="{to}">' in page(site, path)
        assert 'href="None"' not in page(site, path)
    assert 'href="names.html#0">#</a>' in page(site, "/index.html")
    assert 'href="#0">#</a>' in page(site, "/names.html")
    assert '<h2 id="0">#</h2>' in page(site, "/names.html")
