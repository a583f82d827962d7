"""What a program drafted and nobody checked is said to be so wherever it is shown, and can be left out."""

from __future__ import annotations

import shutil

import checkout
import pytest
from checkout import SHIPPED
from command import run

import policygraph
from policygraph.analysis.network import network
from policygraph.analysis.paths import format_paths, paths
from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import MODEL as BASE, compact
from policygraph.server.mcp import _Tools
from policygraph.site.site import Site

CLAIM = f"{BASE}id/ex/claim/bhqr6utt"  # the plan has the goal
ENDS = ("plan/open-harbour", "goal/shorter-waiting")
SAYS = "Drafted, not checked"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """A country with one claim that was drafted."""
    root = tmp_path_factory.mktemp("drafted")
    for folder in ("ontology", "queries"):
        (root / folder).symlink_to(SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    file = root / "data" / "examplia.ttl"
    shutil.copy(SHIPPED / "tests" / "support" / "examplia.ttl", file)
    with file.open("a", encoding="utf-8") as data:
        data.write("\n<id/ex/claim/bhqr6utt> pg:status <concept/review/drafted> .\n")
    return Catalog(root)


def test_a_description_says_it_after_the_basis(catalog):
    assert f"    Stated, {SAYS}\n" in catalog.describe("Open Harbour Plan").text()
    assert catalog.describe("Quiet quays").text().count(SAYS) == 0
    assert "Oplyst, Udkast, ikke kontrolleret" in catalog.describe("Open Harbour Plan", language="da").text()
    (claim,) = (each for each in catalog.claims() if each.status)
    assert (claim.iri, claim.status) == (CLAIM, f"{BASE}concept/review/drafted")


def test_a_page_says_it_after_the_basis(catalog):
    site = Site(catalog, catalog.load(graphs=True))
    page = site.page("/doc/ex/plan/open-harbour.html").body.decode()
    assert page.count(f"Stated, <bdi>{SAYS}</bdi>") == 1
    assert (
        "<bdi>Udkast, ikke kontrolleret</bdi>" in site.page("/doc/ex/plan/open-harbour.da.html").body.decode()
    )


def test_a_path_says_it_after_the_basis(catalog):
    graph = network(catalog)
    found = paths(graph, *(f"{BASE}id/ex/{end}" for end in ENDS))
    assert f"Stated, {SAYS}" in format_paths(found)
    column = found.table.columns.index("status")
    assert found.table.rows[0][column] == SAYS


def test_the_explorer_says_it_with_the_basis(catalog):
    document = policygraph.view(network(catalog)).document
    (edge,) = (each for each in document["edges"] if each["claim"].endswith("bhqr6utt"))
    assert edge["facts"]["status"] == SAYS
    assert f"Stated, {SAYS}" in str(policygraph.view(network(catalog)))


def test_an_assistant_is_told(catalog):
    reply = _Tools(catalog, catalog.load(graphs=True), "en", None).describe("Open Harbour Plan 2021-2024")
    mark = compact(CLAIM, catalog.settings.prefixes)
    assert {each["claim"]: each.get("status") for each in reply["claims"]}[mark] == SAYS
    assert reply["claims_by_status"] == {"drafted": 1}
    assert sum(reply["claims_by_level"].values()) == len(reply["claims"])


def test_what_was_drafted_can_be_left_out(catalog):
    def drafted(graph):
        return [data for *_, data in graph.edges(data=True) if data.get("status")]

    whole, checked = network(catalog), network(catalog, values={"omitted": "Drafted, not checked"})
    assert (len(drafted(whole)), len(drafted(checked))) == (1, 0)
    assert whole.number_of_edges() == checked.number_of_edges() + 1
    assert checked.graph["network"] == "network omitted=Drafted, not checked"
    told = run(
        "--catalog",
        catalog.root,
        "path",
        "Open Harbour Plan 2021-2024",
        "Shorter waiting times for ships",
        "-p",
        "omitted=drafted",
    ).stdout
    assert SAYS not in told
