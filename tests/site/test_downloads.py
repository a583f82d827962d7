"""The dumps: read by three tools, each the same as the source; the network; sizes and checksums on pages."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shutil
import subprocess
from functools import cache

import checkout
import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib
from cases import some
from tools import missing

from policygraph import Catalog
from policygraph.rdf.csvw import METADATA
from policygraph.rdf.namespaces import MODEL as BASE
from policygraph.site.context import SiteContext
from policygraph.site.downloads import SUMS, data, distributions, measured
from policygraph.site.publish import publish
from policygraph.site.site import Site

# rdflib warns of its own use of its own Dataset.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")

RAPPER = shutil.which("rapper")
# The suffix of each dump, with what each reader calls its format; raptor reads no JSON-LD.
DUMPS = {
    ".ttl": (ox.RdfFormat.TURTLE, "turtle", "turtle"),
    ".nt": (ox.RdfFormat.N_TRIPLES, "nt", "ntriples"),
    ".nq.gz": (ox.RdfFormat.N_QUADS, "nquads", "nquads"),
    ".trig": (ox.RdfFormat.TRIG, "trig", "trig"),
    ".jsonld": (ox.RdfFormat.JSON_LD, "json-ld", ""),
    ".rdf": (ox.RdfFormat.RDF_XML, "xml", "rdfxml"),
}
NAMED = (".nq.gz", ".trig")
# What dumps easily lose: blank nodes in rings and lists, odd texts, datatypes, names of files.
HARD = r"""@base <https://w3id.org/policygraph/> .
@prefix e: <https://example.org/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<id/xy/a> a e:T ; e:list ( 1 "two" [ e:in <id/xy/a> ] ) ;
  e:knows _:one ; e:text "quote \" backslash \\ line\nreturn\rtab\t𐍈 <&> ]]>"@en-gb , "" ;
  e:number 1 , 2.5 , "1000"^^xsd:double , true ; e:odd "x"^^e:type ; e:day "2020-02-29"^^xsd:date .
_:one e:knows _:two . _:two e:knows _:one , _:two .
[] a e:Alone .
"""


def library(catalog, store=None):
    return SiteContext(catalog, store or catalog.load())


@pytest.fixture(scope="module")
def shipped(live_site):
    return live_site._context


@pytest.fixture(scope="module")
def hard(tmp_path_factory, catalog):
    """A catalogue of two datasets with names that could be taken for others."""
    root = tmp_path_factory.mktemp("hard")
    for folder in ("ontology", "data", "queries"):
        (root / folder).mkdir()
    checkout.settings(root)
    (root / "data" / "network-x.ttl").write_text(HARD, encoding="utf-8")
    (root / "data" / "all.ttl").write_text(HARD.replace("xy/a", "xy/b"), encoding="utf-8")
    return library(Catalog(root))


def canonical(quads):
    """Quads with names of blank nodes that do not depend on the reader."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@cache
def source(held, name, *, named):
    """A dataset as its file says."""
    dataset = held.catalog.datasets[name]
    graph = ox.NamedNode(dataset.iri) if named else ox.DefaultGraph()
    quads = ox.parse(dataset.path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=BASE)
    return canonical(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)


def dump(held, name, suffix):
    content = data(held, f"/download/{name}{suffix}")
    return gzip.decompress(content) if suffix.endswith(".gz") else content


def by_oxigraph(content, suffix):
    return ox.parse(content, format=DUMPS[suffix][0])


def by_rdflib(content, suffix, monkeypatch):
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    found = rdflib.Dataset()
    found.parse(data=content, format=DUMPS[suffix][1])
    graphs = {q[3] for q in found.quads()}
    assert suffix in NAMED or len(graphs) == 1
    quads = ox.parse(found.serialize(format="nquads"), format=ox.RdfFormat.N_QUADS)
    return quads if suffix in NAMED else (ox.Quad(*quad.triple) for quad in quads)


def by_rapper(content, suffix, folder):
    file = folder / f"dump{suffix}"
    named = suffix in NAMED
    command = [RAPPER, "-q", "-i", DUMPS[suffix][2], "-o", "nquads" if named else "ntriples", str(file), BASE]
    found = []
    for part in pieces(content) if suffix == ".trig" else [content]:
        file.write_bytes(part)
        ended = subprocess.run(command, capture_output=True, timeout=60)
        assert (ended.returncode, ended.stderr.decode()) == (0, "")
        found += ox.parse(ended.stdout, format=ox.RdfFormat.N_QUADS if named else ox.RdfFormat.N_TRIPLES)
    return found


def pieces(content):
    """A TriG document of one graph as several: raptor 2.0.16 dies of any that is longer than 8 kB."""
    head, graph, body = re.fullmatch(
        r"((?:@prefix .*\n)*)(\S+ \{\n)(.*)\}\n", content.decode(), re.DOTALL
    ).groups()
    part = ""
    for block in re.split(r"(?<= \.\n)(?=\t\S)", body):
        if part and len((head + part + block).encode()) > 7_000:
            yield f"{head}{graph}{part}}}\n".encode()
            part = ""
        part += block
    yield f"{head}{graph}{part}}}\n".encode()


every_dump = pytest.mark.parametrize("suffix", some(DUMPS, ".ttl", ".nq.gz", ".jsonld"))
each_dataset = pytest.mark.parametrize(("which", "name"), [("shipped", "denmark"), ("hard", "network-x")])


@pytest.mark.full
@every_dump
@each_dataset
def test_oxigraph_reads_the_source_again(request, which, name, suffix):
    held = request.getfixturevalue(which)
    found = canonical(by_oxigraph(dump(held, name, suffix), suffix))
    assert found == source(held, name, named=suffix in NAMED)


@pytest.mark.full
@every_dump
@each_dataset
def test_rdflib_reads_the_source_again(request, which, name, suffix, monkeypatch):
    held = request.getfixturevalue(which)
    found = canonical(by_rdflib(dump(held, name, suffix), suffix, monkeypatch))
    assert found == source(held, name, named=suffix in NAMED)


@pytest.mark.full
@pytest.mark.parametrize("suffix", [suffix for suffix, (*_, raptor) in DUMPS.items() if raptor])
@each_dataset
def test_raptor_reads_the_source_again(request, which, name, suffix, tmp_path):
    if not RAPPER:
        missing("raptor is not installed (`apt-get install raptor2-utils`)")
    held = request.getfixturevalue(which)
    found = canonical(by_rapper(dump(held, name, suffix), suffix, tmp_path))
    assert found == source(held, name, named=suffix in NAMED)


def test_one_dump_holds_every_graph(shipped, store):
    for suffix in NAMED:
        assert canonical(by_oxigraph(dump(shipped, "all", suffix), suffix)) == canonical(store), suffix


def test_a_dataset_may_be_called_like_the_dump_of_everything(hard):
    found = distributions(hard)
    assert found["/download/all.trig"].dataset == f"{BASE}data/all"
    assert found["/download/network-x.ttl"].dataset == f"{BASE}data/network-x"
    assert "/download/network.graphml" not in found  # these two have no network


def test_what_is_packed_is_packed_without_a_date_or_a_name(shipped):
    content = data(shipped, "/download/denmark.nq.gz")
    assert content[:2] == b"\x1f\x8b"
    assert content[3] == 0, "no file name"
    assert content[4:8] == bytes(4), "no time"


def test_the_network_is_read_by_networkx(shipped):
    graph = shipped.network("en")
    for suffix, read in ((".graphml", nx.read_graphml), (".gexf", nx.read_gexf)):
        found = read(io.BytesIO(data(shipped, f"/download/network{suffix}")))
        assert set(found) == set(graph)
        assert sorted((a, b) for a, b, *_ in found.edges) == sorted((a, b) for a, b, *_ in graph.edges)
        assert all(values["label"] for _, values in found.nodes(data=True))


def test_paths_are_known_without_the_tables(hard, monkeypatch):
    known = set(distributions(hard))
    monkeypatch.setattr("policygraph.rdf.csvw.tables", None)
    assert set(distributions(library(hard.catalog))) == known
    assert {"/download/all/T.csv", "/download/all/links.csv"} <= known


def test_the_network_as_lists_has_the_same_nodes_and_edges(shipped):
    graph = shipped.network("en")
    nodes, edges = (
        list(csv.DictReader(io.StringIO(data(shipped, f"/download/network-{part}.csv").decode(), newline="")))
        for part in ("nodes", "edges")
    )
    assert [row["id"] for row in nodes] == sorted(graph)
    assert sorted((row["src"], row["dst"]) for row in edges) == sorted((a, b) for a, b, *_ in graph.edges)


def test_the_site_has_each_file_once_with_its_bytes_and_type(hard):
    site = Site(hard.catalog, hard.catalog.load())
    paths = list(site.paths())
    assert len(set(paths)) == len(paths)
    for path, each in distributions(hard).items():
        page = site.page(path)
        assert path in paths
        assert page.body == data(hard, path)
        assert page.media == ("application/gzip" if path.endswith(".gz") else each.media)
        assert ("canonical", BASE + path[1:], page.media) in page.links
    assert site.page(SUMS).body == data(hard, SUMS)
    assert site.page("/download/all.csv") is None
    assert site.page("/download/../SHA256SUMS") is None
    links = site.page("/download/all/T.csv").links
    assert ("describedby", f"/policygraph/download/all/{METADATA}", "application/csvm+json") in links
    assert site.variants("/download/all")["text/turtle"] == "/download/all.ttl"


@pytest.mark.full
@pytest.mark.parametrize("path", ["/catalog.html", "/catalog.da.html", "/data/denmark.html"])
def test_pages_show_each_file_with_size_and_checksum(live_site, shipped, path):
    body = live_site.page(path).body.decode()
    for each in distributions(shipped).values():
        if "catalog" in path or each.dataset == f"{BASE}data/denmark":
            assert f'download/{each.path.removeprefix("/download/")}" download>' in body
            assert measured(shipped, each.path)[1] in body
    size = len(data(shipped, "/download/denmark.ttl"))
    assert size > 1_000_000
    said = f"{size / 1_000_000:.1f} MB"
    assert (said.replace(".", ",") if ".da." in path else said) in body


def test_tables_are_described_in_the_words_of_the_catalogue(shipped):
    metadata = json.loads(data(shipped, f"/download/denmark/{METADATA}"))
    assert metadata["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert {each["@language"] for each in metadata["dc:title"]} == {"en", "da"}
    (claims,) = [table for table in metadata["tables"] if table["url"] == "Claim.csv"]
    assert {"@value": "Udsagn", "@language": "da"} in claims["dc:title"]
    columns = {column["name"]: column for column in claims["tableSchema"]["columns"]}
    assert columns["rationale_da"]["titles"]["da"] == "begrundelse"
    assert re.search("[a-z]", columns["rationale_da"]["dc:description"][0]["@value"])


def test_there_is_no_other_file(shipped):
    with pytest.raises(KeyError):
        data(shipped, "/download/denmark.zip")


def test_a_thing_of_a_class_without_a_name_has_its_table(small_catalog, tmp_path):
    more = """<id/k> a <https://w3id.org/z/K> , [ a owl:Restriction ; owl:onProperty <id/p> ] ."""
    path = small_catalog.root / "data" / "xy.ttl"
    owl = "@prefix owl: <http://www.w3.org/2002/07/owl#> ."
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{owl} {more}\n", encoding="utf-8")
    publish(Catalog(small_catalog.root), tmp_path / "site", processes=1)
    (listed,) = (tmp_path / "site" / "download").glob("xy/csv-metadata.json")
    tables = {each["url"] for each in json.loads(listed.read_text(encoding="utf-8"))["tables"]}
    assert tables == {each.name for each in listed.parent.glob("*.csv")}


@pytest.mark.parametrize(
    ("object", "lost"),
    [
        ("<<( <id/xy/a> <p> 1 )>>", ("xy.jsonld", "xy/csv-metadata.json")),
        ('"x"@ar--rtl', ("xy/csv-metadata.json",)),
    ],
    ids=["triple term", "direction"],
)
def test_a_format_that_cannot_hold_a_dataset_has_no_file_of_it(object, lost, small_catalog):
    path = small_catalog.root / "data" / "xy.ttl"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n<id/xy/a> <p> {object} .\n", encoding="utf-8")
    context = library(Catalog(small_catalog.root))
    made = {each.removeprefix("/download/") for each in distributions(context)}
    for each in ("xy.ttl", "xy.rdf", "xy.trig", "xy.jsonld", "xy/csv-metadata.json"):
        assert (each in made) == (each not in lost), each
    assert all(data(context, each) for each in distributions(context))
    assert "xy.ttl" in data(context, SUMS).decode()
