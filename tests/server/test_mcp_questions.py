"""Twice sixty frozen questions to the assistant, over what is shipped; some by HTTP.

No answer is about another thing, nothing is cited where there is nothing, and each unknown term is named.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from assistants import results
from checkout import SHIPPED
from serving import running

import policygraph
from policygraph.catalog.catalog import Catalog
from policygraph.rdf.namespaces import expand
from policygraph.server.mcp import ENDINGS, MAX_BYTES, NOTHINGS

OURS, READERS = (
    tomllib.loads(Path(__file__).with_name(f"{whose}_questions.toml").read_text(encoding="utf-8"))["question"]
    for whose in ("assistant", "reader")
)
QUESTIONS = OURS + READERS
CALLS = [(each["tool"], each["arguments"]) for each in QUESTIONS]


@pytest.fixture(scope="module")
def catalog():
    return Catalog(SHIPPED)


def check(question, result, catalog):
    text = result.content[0].text
    assert question.get("named", "") in text, text
    assert len(text.encode()) <= MAX_BYTES
    if result.is_error:
        assert question["expect"] == ["error"], text
        return
    reply = json.loads(text)
    assert reply == result.structured_content
    ending = reply["ending"]
    assert any(ending.startswith(each) for each in question["expect"]), text
    found = ending in ENDINGS[:2]
    assert ("citation" in reply, "searched" in reply) == (found, not found)
    assert (ending == ENDINGS[2]) == ("kind_of_nothing" in reply) == ("nothing" in reply)
    if ending == ENDINGS[2]:
        assert reply["kind_of_nothing"] in NOTHINGS
    matched = reply.get("matched", [])
    things = reply.get("between", matched if isinstance(matched, list) else [reply])
    for thing in things if matched != "none" and ending != ENDINGS[3] else ():
        names = {row[0].value for row in catalog.store.query(f"SELECT ?n {{ <{thing['iri']}> ?p ?n }}")}
        known = {thing["iri"].casefold(), *(name.casefold() for name in names)}
        assert thing["asked"].casefold() in known, "an answer about another thing"
    for claim in reply.get("claims", ()):
        iri = expand(claim["claim"], catalog.settings.prefixes)
        assert catalog.store.query(f"ASK {{ <{iri}> rdf:subject ?s ; rdf:object ?o }}"), "a mark of no claim"
        assert claim["level"] in ("said", "documents", "read", "weak")
    marks = {claim["claim"] for claim in reply.get("claims", ())}
    assert {mark for row in reply.get("rows", ()) for mark in row.get("cite", ())} <= marks


def test_there_are_sixty_and_they_are_frozen():
    for questions in (OURS, READERS):
        groups = Counter(each["group"].replace("-", " or ") for each in questions)
        assert groups.pop("outside") == 20
        assert groups == dict.fromkeys(("misspelt", "disputed", "danish or norwegian", "plain"), 10)


@pytest.mark.full
def test_some_questions_end_as_they_ought(catalog):
    some = (0, 26, 37)
    _, found = results(policygraph.assistant(catalog), [CALLS[number] for number in some])
    for number, result in zip(some, found, strict=True):
        check(QUESTIONS[number], result, catalog)


@pytest.mark.full
def test_all_questions_end_as_they_ought(catalog, tmp_path):
    """Those that run queries, and each sixth, by HTTP, the others in memory."""
    some = [n for n, (tool, _) in enumerate(CALLS) if n % 6 == 0 or tool in ("ask", "sparql")]
    rest = [n for n in range(len(CALLS)) if n not in some]
    with running(tmp_path, "--mcp", catalog=catalog) as server:
        _, by_http = results(f"http://127.0.0.1:{server.port}/mcp", [CALLS[n] for n in some])
    _, inside = results(policygraph.assistant(catalog), [CALLS[n] for n in rest])
    answers = dict(zip((*some, *rest), (*by_http, *inside), strict=True))
    found = [answers[n] for n in range(len(CALLS))]
    for question, result in zip(QUESTIONS, found, strict=True):
        check(question, result, catalog)
    sizes = sorted(len(each.content[0].text.encode()) for each in found)
    assert sizes[len(sizes) // 2] <= MAX_BYTES
