"""What the tests of all stores share: a small graph with known sums, and Denmark and Norway."""

from __future__ import annotations

import sys
from pathlib import Path

import checkout
import pyoxigraph
import pytest

from policygraph.catalog.catalog import Catalog

sys.path.append(str(Path(__file__).parent))  # for contract.py
pytest.register_assert_rewrite("contract")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="session")
def shipped():
    """The shipped catalogue, of which Denmark and Norway are taken."""
    return Catalog(checkout.SHIPPED)


@pytest.fixture(scope="session")
def real(shipped):
    """The files of Denmark and Norway, with their ontology, and the IRIs of their graphs."""
    files = [
        (shipped.datasets.path(name), shipped.datasets[name].iri, True) for name in ("denmark", "norway")
    ]
    return [*files, *((path, shipped.graph(path), True) for path in shipped.ontology)]


@pytest.fixture(scope="session")
def loaded(shipped):
    """The same in memory, which the answers of every store are compared with."""
    return shipped.load("denmark", "norway")


@pytest.fixture(scope="session")
def canonical_loaded(loaded):
    """Its quads, to be compared with those of others."""
    from contract import canonical

    return canonical(loaded)


@pytest.fixture(scope="session")
def quads():
    """The quads of `contract.DATA`."""
    from contract import DATA

    return [*pyoxigraph.parse(DATA, format=pyoxigraph.RdfFormat.N_QUADS)]


@pytest.fixture(scope="session")
def small_file(tmp_path_factory):
    """`contract.DATA` as a file."""
    from contract import DATA

    path = tmp_path_factory.mktemp("small") / "small.nq"
    path.write_bytes(DATA)
    return path


@pytest.fixture(scope="session")
def named_in_memory(shipped, loaded):
    """What each of `contract.NAMES` finds in memory."""
    from contract import by_name

    return by_name(shipped, loaded)
