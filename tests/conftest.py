"""The catalogue of the tests, Denmark, and one small enough to know by heart."""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import checkout  # puts its package before this checkout's
import pytest

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.site.site import Site

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Tests that a shell started in the background would hand down that Ctrl-C stops nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# No test writes into the user's cache, nor do the processes that tests start.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="policygraph-cache-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

LONG = {"browser", "inside", "publication", "served", "serving"}
# The files that take a minute and more where everything is run.
LONGEST = (
    *("test_engine.py", "test_engines.py", "test_incremental.py", "test_kept.py", "test_large.py"),
    *("test_pages.py", "test_reasoning.py", "test_services.py", "test_versions.py"),
)


def pytest_configure(config):
    """Let a thread of a server import pyld during a test: without PySocks, its requests warns."""
    config.addinivalue_line("filterwarnings", "ignore:SOCKS support in urllib3")


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, then those that need a browser, a server or a site.

    Those that read one publication come later, but for the first of them, which makes it.
    """
    slow = {item.path for item in items if LONG & {*item.fixturenames}}
    first, *rest = sorted({item.path for item in items if "publication" in item.fixturenames}) or [None]

    def order(path):
        return path != first, path.name not in LONGEST, path not in slow, path in rest

    items.sort(key=lambda item: order(item.path))


def pytest_collection_finish():
    """Keep the garbage collector from the million objects that collecting makes, which stay."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


ONTOLOGY = """@base <https://w3id.org/policygraph/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix t: <https://example.org/terms#> .

t:Project a owl:Class ;
  rdfs:label "Project"@en , "Projekt"@de .
"""

DATA = """@base <https://w3id.org/policygraph/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix t: <https://example.org/terms#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<id/xy/project/bridge> a t:Project ;
  skos:prefLabel "Bridge"@en , "Brücke"@de ;
  dct:issued "2014"^^xsd:gYear ;
  t:needs <id/xy/project/road> .

<id/xy/project/road> a t:Project ;
  skos:prefLabel "Road"@en ;
  dct:issued "2012-03-31"^^xsd:date ;
  t:cost 12 .
"""

QUERIES = {
    "projects": """#+ summary: What is being built
#+ tags: [projects]
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX t: <https://example.org/terms#>

SELECT ?project ?label WHERE {
  VALUES ?language { "en" }  # xsd:string: language of the labels
  ?project a t:Project ; skos:prefLabel ?label .
  FILTER(LANG(?label) = ?language)
}
ORDER BY ?project ?label
""",
    "needs": """#+ summary: Which project needs which
#+ tags: [projects, network]
#+ view: graph
PREFIX t: <https://example.org/terms#>

SELECT ?source ?target WHERE { ?source t:needs ?target }
ORDER BY ?source ?target
""",
}


@pytest.fixture(scope="session")
def catalog():
    """The ontology, the queries and Denmark, whatever else is in data/ (tests/support/checkout.py)."""
    return Catalog.find()


@pytest.fixture(scope="session")
def store(catalog):
    """Everything in it; questions only, nothing is added."""
    return catalog.load()


@pytest.fixture(scope="session")
def live_site(catalog, store):
    """The catalogue's site as a server has it; its pages are asked for only."""
    return Site(catalog, store)


@pytest.fixture(scope="session")
def static_site(catalog, store):
    """As `live_site`, as files."""
    return Site(catalog, store, live=False)


@pytest.fixture(scope="session")
def denmark(catalog, store):
    """The network of Denmark; measured and drawn only, nothing is added."""
    return network(catalog, store=store)


@pytest.fixture
def small_catalog(tmp_path):
    """A catalogue of 12 triples and two questions, in a folder that a test may write in."""
    root = tmp_path / "small"
    for folder in ("ontology", "data", "queries"):
        (root / folder).mkdir(parents=True)
    checkout.settings(root)
    (root / "ontology" / "terms.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (root / "data" / "xy.ttl").write_text(DATA, encoding="utf-8")
    for name, text in QUERIES.items():
        (root / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    return Catalog(root)


@pytest.fixture(scope="session")
def examplia(tmp_path_factory):
    """The shipped ontology and queries with a small made-up country; to be read, not to be changed."""
    root = tmp_path_factory.mktemp("examplia")
    for folder in ("ontology", "queries", "i18n"):
        (root / folder).symlink_to(checkout.SHIPPED / folder)
    checkout.settings(root)
    (root / "data").mkdir()
    (root / "data" / "examplia.ttl").symlink_to(checkout.SHIPPED / "tests" / "support" / "examplia.ttl")
    return Catalog(root)


@pytest.fixture(scope="session")
def publication(tmp_path_factory):
    """Publishes a catalogue by the command; gives the folder, to be read only, and what that said.

    Each is made once, whichever of pytest-xdist's processes asks first: Examplia in all languages, Denmark,
    which has ten times its pages, in two; the folder of that catalogue is beside its site.
    """
    home = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        home = home.parent

    def publish(catalog):
        name = next(iter(catalog.datasets))
        folder, said = home / name / "site", home / f"{name}.txt"
        with (home / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not said.exists():
                denmark = "denmark" in catalog.datasets
                root = checkout.in_two_languages(folder.with_name("catalog")) if denmark else catalog.root
                command = [sys.executable, "-m", "policygraph", "--catalog", root, "publish", folder]
                command += ["--address", checkout.PUBLISHED, "--no-check"]
                hashes = {**os.environ, "PYTHONHASHSEED": "1"}  # unlike those of the tests
                done = subprocess.run(command, capture_output=True, text=True, timeout=900, env=hashes)
                assert (done.returncode, done.stdout) == (0, ""), done.stderr
                said.write_text(done.stderr, encoding="utf-8")
        return folder, said.read_text(encoding="utf-8")

    return publish


@pytest.fixture(scope="session", params=["examplia", pytest.param("catalog", marks=pytest.mark.full)])
def published(request, publication):
    """A site and what publishing it said: of Examplia, and of Denmark where everything is run."""
    return publication(request.getfixturevalue(request.param))
