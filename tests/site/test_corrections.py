"""What is contradicted or replaced is listed, and each claim has a link to tell what is wrong with it."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cases import sampled
from checkout import SHIPPED
from command import run

from policygraph.catalog.catalog import Catalog
from policygraph.site.site import Site

NEMID, PORTS = "/doc/dk/initiative/nemid.html", SHIPPED / "tests" / "support" / "ports.ttl"
DENMARK = "https://w3id.org/policygraph/data/denmark"
REPLACED = """
@prefix pg: <https://w3id.org/policygraph/ontology#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<https://data.ports.example/claim/1> a pg:Claim ;
  pg:basis <https://w3id.org/policygraph/concept/basis/stated> ; rdf:subject <port/north> ;
  rdf:predicate dct:title ; rdf:object "North" .
<https://data.ports.example/claim/2> a pg:Claim ;
  pg:basis <https://w3id.org/policygraph/concept/basis/stated> ; rdf:subject <port/north> ;
  rdf:predicate dct:title ; rdf:object "North Harbour" ; dct:replaces <https://data.ports.example/claim/1> .
"""


def text(site, path):
    return site.page(path).body.decode()


def with_setting(root, catalog, setting):
    for name in ("data", "ontology", "queries"):
        (root / name).symlink_to(catalog.root / name)
    settings = (SHIPPED / "catalog.toml").read_text(encoding="utf-8")
    (root / "catalog.toml").write_text(f"{settings}\n[site]\ncorrections = {setting!r}\n", encoding="utf-8")
    return Catalog(root)


def ports(root, settings="", more=""):
    (root / "data").mkdir()
    (root / "data" / "ports.ttl").write_text(PORTS.read_text(encoding="utf-8") + more, encoding="utf-8")
    (root / "catalog.toml").write_text(f'base = "https://data.ports.example/"\n{settings}', encoding="utf-8")
    catalog = Catalog(root)
    return Site(catalog, catalog.load(), live=False)


def test_a_claim_that_took_the_place_of_one_that_is_no_longer_there_is_listed(tmp_path):
    gone = REPLACED.replace(
        """<https://data.ports.example/claim/1> a pg:Claim ;
  pg:basis <https://w3id.org/policygraph/concept/basis/stated> ; rdf:subject <port/north> ;
  rdf:predicate dct:title ; rdf:object "North" .
""",
        "",
    )
    assert "claim/1> a" not in gone
    page = text(ports(tmp_path, more=gone), "/corrections.html")
    assert re.search(r"North Harbour.* replaces .*claim/1", page)


@pytest.mark.full
def test_claims_that_contradict_others_are_listed_and_in_the_feed(static_site, store):
    disputes = len(list(store.query("SELECT * { ?claim pg:disputes ?other }")))
    assert disputes
    for tag, title, word in (
        ("", "Corrections", "contradicts"),
        (".da", "Rettelser", "modsiger"),
        (".nb", "Rettelser", "motsier"),
    ):
        page = text(static_site, f"/corrections{tag}.html")
        assert f"<h1>{title}</h1>" in page
        assert page.count(f"</a> {word} <a href=") == disputes
        assert f'<a href="corrections{tag}.html" aria-current="page">{title}</a>' in page
        assert text(static_site, f"/feed{tag}.atom").count(f" {word} ") == disputes
    assert "This is wrong" not in text(static_site, NEMID)
    ids = re.findall("<id>(.*)</id>", text(static_site, "/feed.atom"))
    assert len(ids) == len(set(ids))
    assert "/corrections.da.html" in set(static_site.paths())


@pytest.mark.parametrize(
    ("setting", "names"),
    sampled(
        [
            ("mailto:data@example.org", ("subject", "body")),
            ("https://example.org/issues/new?labels=data", ("title", "body")),
        ],
        2,
    ),
)
def test_each_claim_has_a_link_with_its_iri_its_passage_and_the_version(
    setting, names, tmp_path, catalog, store
):
    site = Site(with_setting(tmp_path, catalog, setting), store, live=False)
    shown = re.findall(rf'<a href="([^"]*)" data-edition="{DENMARK}">This is wrong</a>', text(site, NEMID))
    links = [*map(unescape, shown)]
    assert len(links) == text(site, NEMID).count('<div class="claim">') > 5
    passages = 0
    for link in links:
        assert link.startswith(setting)
        given = parse_qs(urlsplit(link).query, strict_parsing=True)
        assert re.match("This is wrong: .*NemID", given[names[0]][0])
        claim, dataset, *cited = given["body"][0].split()[:1] + given["body"][0].strip().split("\n")[1:]
        assert re.fullmatch(r"https://w3id\.org/policygraph/id/dk/claim/\w{8}", claim)
        assert dataset == DENMARK, "to which a script adds its version"
        passages += len(cited)
    assert passages >= len(links) - 2
    assert "Det er forkert</a>" in text(site, NEMID.replace(".html", ".da.html"))
    (of_claim,) = re.findall(
        r'<a href="([^"]*)" data-edition="[^"]*">This is wrong</a>', text(site, "/doc/dk/claim/pbhex6c3.html")
    )
    assert re.search("claim%2Fpbhex6c3.*source%2F[a-z-]+%23", of_claim)
    assert "use the link “This is wrong”" in text(site, "/corrections.html")


def test_where_nothing_is_contradicted_and_nobody_wants_to_know_there_is_no_page(tmp_path):
    site = ports(tmp_path)
    assert not [path for path in site.paths() if "corrections" in path]
    assert site.page("/corrections.html") is None
    assert "orrections" not in text(site, "/index.html")


def test_where_mistakes_can_be_told_the_page_says_so_before_there_are_any(tmp_path):
    site = ports(tmp_path, '[site]\ncorrections = "mailto:data@ports.example"\n')
    assert "/corrections.html" in set(site.paths())
    assert "No claim has been contradicted or replaced yet." in text(site, "/corrections.html")


def test_a_claim_that_takes_the_place_of_another_is_a_correction(tmp_path):
    site = ports(tmp_path, more=REPLACED)
    assert text(site, "/corrections.html").count("</a> replaces <a href=") == 1


def test_claims_with_a_fragment_and_those_of_one_name_have_ids_of_their_own(tmp_path):
    basis = "pg:basis <https://w3id.org/policygraph/concept/basis/stated>"
    old = f'{{}} {basis} ; rdf:subject <port/north> ; rdf:predicate dct:title ; rdf:object "N" .\n'
    about = "dct:created '2026-11-01'^^xsd:date ; prov:wasAttributedTo <agency>"
    more = "@prefix prov: <http://www.w3.org/ns/prov#> .\n"
    more += f"<c#c2> {about} ; dct:replaces <a#c1> , <b#c1> .\n"
    more += "".join(map(old.format, ("<a#c1>", "<b#c1>", "<c#c2>")))
    site = ports(tmp_path, more=REPLACED + more)
    ids = re.findall(r"<id>(.*#.*c%23c2.*)</id>", text(site, "/feed.atom"))
    anchors = re.findall('<li id="([^"]+)"', text(site, "/corrections.html"))
    assert len({*ids}) == 2
    assert all(re.fullmatch("[^#]+#[^#|]+", each) for each in ids)
    assert len(anchors) == len({*anchors}) == 3
    assert {unquote(each.partition("#")[2]) for each in ids} < {*anchors}


def test_a_language_may_name_the_other_claim_first(tmp_path):
    (tmp_path / "i18n").mkdir()
    words = {"site": {"replaces_claim": "{other} > {claim}"}}
    (tmp_path / "i18n" / "eo.json").write_text(json.dumps(words), encoding="utf-8")
    page = text(ports(tmp_path, 'languages = ["en", "eo"]\n', REPLACED), "/corrections.eo.html")
    said = re.sub("<[^>]*>", "", page.partition('<ul class="statements">')[2].partition("</p>")[0])
    assert " ".join(said.split("&gt;")[1].split()) == "North Harbour · title · North Harbour"


@pytest.mark.parametrize("setting", ["data@ports.example", "mailto:x", "ftp://ports.example/"])
def test_what_is_no_address_is_refused_with_its_line(setting, tmp_path):
    (tmp_path / "catalog.toml").write_text(f'[site]\ncorrections = "{setting}"\n', encoding="utf-8")
    done = run("--catalog", tmp_path, "queries")
    assert done.returncode == 2
    assert "catalog.toml, line 2: site.corrections takes an address such as" in done.stderr
