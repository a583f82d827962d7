"""The house rules of saved questions, over every file in `queries/`; their answers are in `expected/`.

An expected answer is checked against the source by hand before it is committed. After a deliberate change,
`python tests/data/test_queries.py` writes them all anew: read the difference before you commit it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from checkout import SHIPPED
from engines import cases, multiset
from offenders import of_every
from pyoxigraph import QueryTriples, Triple

from policygraph import Catalog, Query
from policygraph.catalog.notes import notes
from policygraph.i18n import words as words_of
from policygraph.rdf import formats
from policygraph.rdf.namespaces import PREFIXES
from policygraph.rdf.terms import term
from policygraph.store.sparql import form, tokens

CATALOG = Catalog(SHIPPED)
EXPECTED = Path(__file__).parent / "expected"
QUERIES = [*CATALOG.queries.values(), *CATALOG.internal.values()]
ANSWERED = [query for query in QUERIES if query.name[:5] != "file-"]  # which give all there is
DATASETS = ("denmark", "international")
MOST_LINES, LONGEST_LINE = 25, 110
TRANSLATED = {"en", "da", "nb"}  # another language may lack some, which is counted
ASKED = set(
    """
absences amounts area-connections area-features areas-joined areas-listed areas-sharing areas-without-plan
claims-by-basis claims-falling connections-by-basis connections-expected contrasts countries-compared
disagreements drivers duties evidence external-links goals-compared goals-served incomplete-resources
initiatives-by-plan members neighbourhood network pairs-examined participations passages-left-out
plan-intervals plans-by-area plans-by-sector plans-in-force plans-overlapping policy-chain progress
responsible-bodies targets terms-used timeline
""".split()  # noqa: SIM905  a list this long reads better so
)

every_question = of_every(QUERIES, lambda query: query.name)


@pytest.fixture(scope="module")
def store():
    """The ontology with Denmark and the bodies it names."""
    return CATALOG.load(*DATASETS)


@pytest.fixture(scope="module")
def answers(store):
    """The columns of each question, of which a CONSTRUCT has none, and its rows."""
    found = {}
    for query in QUERIES:
        answer = store.query(query.bind())
        names = [each.value for each in getattr(answer, "variables", ())]
        found[query.name] = names, [*answer]
    return found


def words(query: Query) -> list[re.Match[str]]:
    """The tokens of a question but its comments."""
    return [*tokens(query.text)]


def expected(query: Query) -> Path:
    """The file that holds a question's answer: triples for a CONSTRUCT, else rows."""
    return EXPECTED / f"{query.name}.{'nt' if form(query.text) == 'CONSTRUCT' else 'csv'}"


def written(store, query: Query) -> bytes:
    """A question's answer as its file holds it: every language of a text a row."""
    return formats.write(
        store.query(query.bind()), format="csv" if expected(query).suffix == ".csv" else "ntriples"
    )


def test_every_question_has_its_file():
    assert set(CATALOG.queries) == ASKED
    assert sorted(path.stem for path in EXPECTED.iterdir()) == sorted(query.name for query in ANSWERED)


@every_question
def test_names_are_kebab_case(query):
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", query.name)


@every_question
def test_the_header_asks_a_plain_question_in_each_language_and_tells_how_to_read_the_answer(query):
    assert re.fullmatch(r"[A-Z].*\?", query.summary)
    assert query.summaries.keys() >= TRANSLATED
    assert all(summary.endswith("?") for summary in query.summaries.values())
    assert query.description.endswith(".")
    assert query.tags
    for language in TRANSLATED:
        assert {*query.tags} <= words_of(language, "site")["tags"].keys(), language
    assert not query.findings or query.findings.keys() >= TRANSLATED


@every_question
def test_a_question_is_short(query):
    lines = query.text.splitlines()
    assert max(map(len, lines)) <= LONGEST_LINE
    below = [line for line in lines if line and not line.startswith("#+")]
    assert len(below) <= MOST_LINES, len(below)


@every_question
def test_prefixes_are_declared_as_in_the_table_and_used(query):
    found, declared, used = words(query), {}, set()
    for before, token, after in zip([None, *found], found, [*found[1:], None], strict=False):
        if token.lastgroup == "name":
            prefix = token[0].partition(":")[0]
            if before is not None and before[0] == "PREFIX":
                declared[prefix] = after[0][1:-1]
            else:
                used.add(prefix)
    assert declared == {prefix: PREFIXES[prefix] for prefix in used}


def test_every_column_and_parameter_has_a_name(answers):
    """English pages show the name itself."""
    used = {name for query in CATALOG.queries.values() for name in query.parameters}
    used |= {column for name in CATALOG.queries for column in answers[name][0]}
    for language in ("da", "nb"):
        assert used - words_of(language, "site")["columns"].keys() == set(), language


@every_question
def test_no_language_is_named(query):
    assert not re.search(r"\blang(Matches)?\s*\(|\"@[a-z]", query.text, re.IGNORECASE)
    assert not [name for name, parameter in query.parameters.items() if parameter.kind == "language"]
    # What people read comes from labels: a question makes no words of its own but these.
    literals = {token[0][1:-1] for token in words(query) if token[0][0] in "\"'"}
    literals -= {term.value for parameter in query.parameters.values() for term in parameter.default}
    literals -= {"/country/"}  # behind which IRIs have its name
    assert literals <= {"", "→", "←", "in", "out", "#period-beginning", "#period-end", "#period"}, literals


@every_question
def test_no_default_is_of_a_country(query):
    defaults = [str(term) for parameter in query.parameters.values() for term in parameter.default]
    assert not [term for term in defaults if "/id/" in term]


@every_question
def test_what_reads_claims_tells_their_basis_and_takes_one(query):
    if "rdf:predicate" not in query.text or query.name in (
        "absences",
        "grounds",
        "network-nodes",
        "pairs-examined",
        "terms-used",
    ):
        return  # these look for claims, or count them, whatever they rest on
    columns = query.text.partition("SELECT")[2].partition("WHERE")[0]
    assert "basis" in query.parameters
    assert query.parameters["basis"].kind == "pgc:basis"
    assert query.name == "areas-without-plan" or "?basis" in columns
    if "pg:strength" in query.text:
        assert "?strength" in columns
    assert "pg:status" in query.text or query.name == "claims-by-basis", "rejected claims are not told apart"


@every_question
def test_dates_compare_only_through_bounds(query):
    dates = r"pg:(?:launched|established|inForceSince|inOperationSince|ended|periodStart|periodEnd)\s+(\?\w+)"
    for variable in re.findall(dates, query.text):
        assert not re.search(rf"FILTER[^\n]*\{variable}\b|YEAR\(\{variable}\)", query.text), variable


def test_no_comparison_leaves_values_out(store):
    told = {
        query.name: [each for each in notes(store, query.bind()) if "compare" in each] for query in QUERIES
    }
    assert not {name: each for name, each in told.items() if each}


def test_the_order_is_total(answers):
    offenders = []
    for query in QUERIES:
        names, rows = answers[query.name]
        order = set(re.findall(r"\?(\w+)", query.text.rpartition("ORDER BY")[2]))
        places = [place for place, name in enumerate(names) if name in order]
        keys = Counter(tuple(str(row[place]) for place in places) for row in rows if names)
        offenders += [(query.name, key) for key, times in keys.items() if times > 1]
    assert not offenders


def test_answers_are_what_was_checked_by_hand(store):
    other = [q.name for q in ANSWERED if written(store, q) != expected(q).read_bytes()]
    assert not other, "look at what they answer now; if it is right, run this file, which writes that down"


def test_each_question_has_an_answer_or_says_why_not(answers):
    for query in QUERIES:
        assert bool(query.expect) == (not answers[query.name][1]), query.name
        assert not query.expect or re.fullmatch(r"none, .{20,}", query.expect), query.name


@pytest.mark.full
def test_every_parameter_changes_the_answer():
    """For some value, in the shipped data and what Norway's statements add, of which one is drafted."""
    store = CATALOG.load(*DATASETS, files=[Path(__file__).parent / "norwegian_statements.ttl"])
    claim, *_ = (row["claim"] for row in store.query(CATALOG.queries["network"].bind()))
    store.add([Triple(claim, term("pg:status"), term("pgc:review/drafted"))])
    offenders = []
    for query in QUERIES:
        usual = multiset(store.query(query.bind()))
        # What answers nothing of one country has its parameters tried on a graph that was made up.
        for name, parameter in query.parameters.items() if not query.expect else ():
            tried = (multiset(store.query(query.bind(**{name: value}))) for value in cases(store, parameter))
            if not parameter.summary or not any(found != usual for found in tried):
                offenders.append(f"{query.name} {name}")
    assert not offenders


@pytest.mark.full
def test_a_rejected_claim_is_no_answer(store):
    """Each claim that an answer names is gone when it is rejected, or has that status in a column."""
    offenders = []
    for query in QUERIES:
        rows = store.query(query.bind())
        if isinstance(rows, QueryTriples) or "claim" not in {each.value for each in rows.variables}:
            continue
        claim = next((row["claim"] for row in rows if row["claim"] is not None), None)
        rejected = CATALOG.load(*DATASETS)
        rejected.add([quad_of(claim)])
        found = rejected.query(query.bind())
        names = {each.value for each in found.variables}
        if any(row["claim"] == claim and ("status" not in names or row["status"] is None) for row in found):
            offenders.append(query.name)
    assert not offenders


def quad_of(claim):
    from pyoxigraph import NamedNode, Quad

    from policygraph.rdf.namespaces import expand

    return Quad(claim, NamedNode(expand("pg:status")), NamedNode(expand("pgc:review/rejected")))


if __name__ == "__main__":
    STORE = CATALOG.load(*DATASETS)
    EXPECTED.mkdir(exist_ok=True)
    for OLD in EXPECTED.iterdir():
        OLD.unlink()
    for QUERY in ANSWERED:
        expected(QUERY).write_bytes(written(STORE, QUERY))
