"""A store that keeps the texts of the queries that it answers."""

from policygraph.store.protocols import QuadStore


class Recording(QuadStore):
    """Another store, with the `texts` that it was asked."""

    def __init__(self, store):
        self.store, self.texts = store, []
        self.prefixes, self.base = store.prefixes, store.base

    def query(self, text):
        self.texts.append(text)
        return self.store.query(text)

    def __iter__(self):
        return iter(self.store)

    def __len__(self):
        return len(self.store)
