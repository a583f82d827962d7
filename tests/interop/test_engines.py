"""Every saved question gives the same rows from the engines of others, with its defaults and with values.

What an engine reads otherwise is in docs/portable-sparql.md.
"""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import chain, islice

import engines
import pytest
import rdflib
from checkout import SHIPPED, without_factsheet
from pyoxigraph import NamedNode, Quad

from policygraph import Catalog, Endpoint
from policygraph.catalog.labels import Labels
from policygraph.errors import PolicyGraphError
from policygraph.rdf.namespaces import expand
from policygraph.site.dcat import construct
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Store

pytestmark = pytest.mark.full

CATALOG = Catalog.find()
QUESTIONS = {**CATALOG.queries, **CATALOG.internal}
QUADRATIC = (
    "area-connections",
    "areas-sharing",
    "claims-falling",
    "file-links",
    "file-things",
    "linking-both",
    "policy-chain",
)
"""For these rdflib pairs all things of the data, or all claims: of a tenth of the data it does so soon."""
TIED = ("comparisons", "contrasts")
"""What is asked of two countries: of one, they have no rows."""


@pytest.fixture(scope="module")
def few():
    """A third of Denmark, of which nearly every question has rows, and something of which little is said."""
    bare = ("urn:x:bare", expand("rdf:type"), expand("pg:Plan"), CATALOG.datasets["denmark"].iri)
    return EmbeddedStore([*without_factsheet(CATALOG.load()), Quad(*map(NamedNode, bare))])


@pytest.fixture(scope="module")
def fewer(few):
    """The areas that have something in common, the claims on them, and what these name."""
    areas = {row[name] for row in few.query(CATALOG.bind("areas-sharing")) for name in ("area", "other")}
    claimed = [NamedNode(expand(name)) for name in ("rdf:subject", "rdf:object")]
    about = areas | {quad.subject for quad in few if quad.predicate in claimed and quad.object in areas}
    about |= {quad.object for quad in few if quad.subject in about}
    return EmbeddedStore([quad for quad in few if quad.subject in about])


@pytest.fixture(scope="module")
def tied():
    """Things of two countries that are compared, the claims on them, and what rests on these."""
    both = Catalog(SHIPPED)
    store = both.load()
    few = {}  # a pair by verdict, as rdflib would take minutes for all
    for row in store.query(both.bind("contrasts")):
        few.setdefault(row["verdict"], (row["thing"], row["other"]))
    about = {*chain(*few.values())}
    for _ in range(2):
        about |= {quad.subject for quad in store if quad.object in about}
    return EmbeddedStore([quad for quad in store if quad.subject in about])


@pytest.fixture(scope="module")
def asked(few):
    return with_rows(few, QUESTIONS.keys() - TIED)


@pytest.fixture(scope="module")
def asked_fewer(fewer):
    return with_rows(fewer, QUADRATIC)


@pytest.fixture(scope="module")
def asked_tied(tied):
    found = with_rows(tied, TIED)
    assert {name.split()[0] for name, _, rows in found if rows} == {*TIED}
    return found


def with_rows(store, names):
    """Each question as text with its rows: by default, and with a value for each parameter, of 50 at most."""
    found = []
    for query in (QUESTIONS[name] for name in sorted(names)):
        usual = engines.multiset(store.query(query.bind()))
        found.append((query.name, query.bind(), usual))
        for name, parameter in query.parameters.items():
            for value in islice(engines.cases(store, parameter), 50):
                text = query.bind(**{name: value})
                rows = engines.multiset(store.query(text))
                if rows and rows != usual:
                    found.append((f"{query.name} {name}={value}", text, rows))
                    break
    return found


def offenders(service, asked, *, repeats=False):
    """What a service answers otherwise; of one that `repeats`, each row of a SELECT DISTINCT counts once."""
    wrong = []
    for name, text, wanted in asked:
        try:
            found = engines.multiset(service.query(text))
        except PolicyGraphError as error:
            wrong.append(f"{name}: {error}")
            continue
        if repeats and "SELECT DISTINCT" in text:
            found, wanted = Counter({*found}), Counter({*wanted})
        if found != wanted:
            wrong.append(
                f"{name}: {found.total()} rows for {wanted.total()}, such as {(found - wanted) or ''!s:.200}"
            )
    return wrong


def test_oxigraph_serve(few, asked, tied, asked_tied, tmp_path):
    for name, store, questions in (("one", few, asked), ("two", tied, asked_tied)):
        (tmp_path / name).mkdir()
        with engines.oxigraph(store, tmp_path / name) as url:
            assert not offenders(Endpoint(url), questions)


class Rdflib(Store):
    """What rdflib's own engine answers, as any service would send it."""

    def __init__(self, quads):
        self.data = rdflib.Dataset(default_union=True)
        self.data.parse(data="".join(f"{quad} .\n" for quad in quads), format="nquads")

    def query(self, text):
        answer = self.data.query(text)
        if answer.type == "CONSTRUCT":
            return engines.triples(answer.serialize(format="nt"))
        return engines.results(answer.serialize(format="json"))


def test_rdflib(few, asked, fewer, asked_fewer, tied, asked_tied):
    assert {name.split()[0] for name, _, rows in asked_fewer if rows} == {*QUADRATIC}
    others = [each for each in asked if each[0].split()[0] not in QUADRATIC]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert not offenders(Rdflib(few), others)
        assert not offenders(Rdflib(fewer), asked_fewer)
        assert not offenders(Rdflib(tied), asked_tied)


def test_rdflib_endpoint(fewer, asked_fewer, tmp_path):
    """The engine is that of the test above."""
    with engines.rdflib_endpoint(fewer, tmp_path) as url:
        assert not offenders(Endpoint(url, timeout=60), asked_fewer)


def test_virtuoso_as_loaded_and_as_restarted(tmp_path):
    """Of all of Denmark: of a part of it, it does not end to compare goals."""
    store = CATALOG.load()
    asked = with_rows(store, QUESTIONS)
    with engines.virtuoso(store, tmp_path) as (url, start_anew):
        service = Endpoint(url, timeout=120)
        assert not offenders(service, asked, repeats=True)
        for name in ("partitions", "usage"):  # with those of its own graphs
            whole = NamedNode("urn:whole")
            ours, theirs = ({*map(str, construct(each, name, union=whole))} for each in (store, service))
            assert ours == {each for each in theirs if each in ours or "urn:whole" in each}
        iris = {row["thing"].value for row in store.query(CATALOG.bind("labels"))}
        ours, theirs = Labels(store, iris), Labels(service, iris)
        assert [iri for iri in iris for tag in ("en", "da") if ours.of(iri, tag) != theirs.of(iri, tag)] == []
        start_anew()
        assert not offenders(service, asked, repeats=True)
        europe = Catalog(SHIPPED / "europe")
        for name in sorted(europe.queries.keys() - CATALOG.queries.keys()):
            list(service.query(europe.bind(name)))  # with a row or without, it is not refused
