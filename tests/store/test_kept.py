"""A store that is kept on disk: its contract, and when it is built, taken, left and removed."""

from __future__ import annotations

import pytest
from contract import OWN, NameContract, QuadContract, in_graph

from policygraph.store import kept
from policygraph.store.memory import EmbeddedStore


def open_kept(place, files):
    """The store in a folder, of files with the IRIs of their graphs, where it is already there."""

    def load():
        store = EmbeddedStore()
        store.load(files)
        return store

    return kept.KeptStore(place, load=load)


@pytest.fixture(scope="module", params=[True, False], ids=["with graphs", "the merge"])
def places(request, real, small_file, tmp_path_factory):
    """The folders of two kept stores, with their graphs and without, the small and the real one."""
    home = tmp_path_factory.mktemp("kept")
    small = [(small_file, OWN)]
    kept.build(home / "small", lambda holds: iter(small), graphs=request.param)
    kept.build(home / "large", lambda holds: iter(real), graphs=request.param)
    return home


class TestKeptStore(QuadContract, NameContract):
    @pytest.fixture
    def stated(self, quads):
        return in_graph(quads)

    @pytest.fixture
    def store(self, places, small_file):
        return open_kept(places / "small", [(small_file, OWN)])

    @pytest.fixture
    def both(self, places, real, loaded):
        store = open_kept(places / "large", real)
        store.prefixes, store.base = loaded.prefixes, loaded.base
        return store
