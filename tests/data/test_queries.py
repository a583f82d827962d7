"""The house rules of saved questions, over every file in `queries/`; their answers are in `expected/`.

An expected answer is checked against the source by hand before it is committed. After a deliberate change,
`python tests/data/test_queries.py` writes them all anew: read the difference before you commit it.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from pyoxigraph import QueryTriples

from policygraph import Catalog, Query
from policygraph.catalog.query import LANGUAGE
from policygraph.rdf import formats
from policygraph.rdf.namespaces import PREFIXES, expand
from policygraph.rdf.sparql import form, tokens

# rdflib warns of its own use of its own Dataset.
pytestmark = pytest.mark.filterwarnings("ignore:Dataset.* is deprecated:DeprecationWarning")

CATALOG = Catalog.find()
EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(CATALOG.queries)
DATASETS = ("denmark", "international")
# Every question that the project set out to answer for one country has its file.
ASKED = set(
    """
absences amounts area-connections area-features areas-by-case-study areas-refined areas-sharing
areas-without-plan catalogue-record claims-by-basis connections-expected contents countries-compared
digital-welfare-areas disagreements drivers-by-plan evidence examinations external-links
goals-by-reform-track goals-of-innovation hubs incomplete-resources labels launches levels-by-plan
members modernisation-areas neighbourhood network network-nodes origins participations passages
passages-left-out plan-intervals plans-by-area plans-by-sector plans-in-force plans-overlapping
policy-chain target-results targets terms-unused terms-used timeline
""".split()  # noqa: SIM905  a list this long reads better so
)

Rows = list[list[str]]


def normal(text: str) -> Rows:
    """Rows of a CSV, with the lines within a cell in alphabetical order: GROUP_CONCAT promises none."""
    rows = csv.reader(io.StringIO(text, newline=""))
    return [["\n".join(sorted(cell.split("\n"))) for cell in row] for row in rows]


def answer(store, query: Query, **values: object) -> Rows:
    """The rows of a SELECT below their head; of a CONSTRUCT, the triples."""
    asked = store.query(query.bind(**values))
    if isinstance(asked, QueryTriples):
        return [
            ["triple"],
            *([line] for line in formats.write(asked, format="ntriples").decode().splitlines()),
        ]
    return normal(formats.write(asked, format="csv").decode())


def expected(query: Query) -> Path:
    """The file that holds a question's answer: triples for a CONSTRUCT, else rows."""
    return EXPECTED / f"{query.name}.{'nt' if form(query.text) == 'CONSTRUCT' else 'csv'}"


@pytest.fixture(scope="module")
def store():
    """The ontology with Denmark and the bodies it names."""
    return CATALOG.load(*DATASETS)


@pytest.fixture(scope="module")
def dataset(store):
    """The same quads in rdflib's own store, to be asked by rdflib's own engine."""
    import warnings

    import rdflib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = rdflib.Dataset(default_union=True)
        found.parse(data="".join(f"{quad} .\n" for quad in sorted(store, key=str)), format="nquads")
    return found


@pytest.fixture(params=NAMES)
def query(request) -> Query:
    return CATALOG.queries[request.param]


def test_every_question_has_its_file():
    assert set(NAMES) == ASKED


def test_names_are_kebab_case(query):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)


def test_summary_is_a_plain_question_and_tags_are_given(query):
    assert re.fullmatch(r"[A-Z].*\?", query.summary)
    assert query.description.endswith(".")
    assert query.tags


def test_prefixes_are_declared_as_in_the_table_and_used(query):
    found = [token for token in tokens(query.text) if token.lastgroup != "comment"]
    declared, used = {}, set()
    for before, token, after in zip([None, *found], found, [*found[1:], None], strict=False):
        if token.lastgroup == "name":
            prefix = token[0].partition(":")[0]
            if before is not None and before[0] == "PREFIX":
                declared[prefix] = after[0][1:-1]
            else:
                used.add(prefix)
    assert declared == {prefix: PREFIXES[prefix] for prefix in used}


def test_answer_is_what_was_checked_by_hand(query, store):
    text = expected(query).read_bytes().decode()
    wanted = (
        normal(text)
        if expected(query).suffix == ".csv"
        else [["triple"], *([line] for line in text.splitlines())]
    )
    assert answer(store, query) == wanted


def test_defaults_give_rows_unless_the_header_says_none(query, store):
    assert (len(answer(store, query)) > 1) != (query.expect or "").startswith("none")


def test_rdflib_gives_the_same_rows_in_the_same_order(query, store, dataset):
    result = dataset.query(query.bind())
    if result.type == "CONSTRUCT":
        lines = sorted(result.graph.serialize(format="nt").splitlines())
        assert [["triple"], *([line] for line in lines if line)] == answer(store, query)
        return
    # rdflib keeps the order of insertion where a query does not say: the same order means ORDER BY is total.
    assert "ORDER BY" in query.text
    head = [str(variable) for variable in result.vars]
    found = [["" if term is None else str(term) for term in row] for row in result]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *found])
    assert normal(text.getvalue()) == answer(store, query)


def values_of(parameter, store) -> list[str]:
    """Values to try for a parameter: something else of its kind, and something that is not in the data."""
    if parameter.kind == LANGUAGE:
        return ["da", "fr"]
    if parameter.kind == "xsd:integer":
        return ["2012", "1900"]
    instances = f"SELECT DISTINCT ?x {{ ?x a/rdfs:subClassOf* <{expand(parameter.kind)}> }} ORDER BY ?x"
    return [*(row["x"].value for row in store.query(instances)), "https://example.org/nothing"]


def test_every_parameter_changes_the_answer(query, store):
    usual = answer(store, query)
    for name, parameter in query.parameters.items():
        assert parameter.summary, name
        assert any(answer(store, query, **{name: value}) != usual for value in values_of(parameter, store)), (
            name
        )


if __name__ == "__main__":
    STORE = CATALOG.load(*DATASETS)
    EXPECTED.mkdir(exist_ok=True)
    for NAME in NAMES:
        QUERY = CATALOG.queries[NAME]
        LAYOUT = {".nt": "ntriples", ".csv": "csv"}[expected(QUERY).suffix]
        expected(QUERY).write_bytes(formats.write(STORE.query(QUERY.bind()), format=LAYOUT))
