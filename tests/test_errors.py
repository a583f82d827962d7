from __future__ import annotations

import pytest

from policygraph.errors import DocumentError, QueryError, ResourceError, nearest


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ({}, "Bad."),
        ({"line": 2}, "line 2: Bad."),
        ({"line": 2, "column": 3}, "line 2, column 3: Bad."),
        ({"path": "f.ttl"}, "f.ttl: Bad."),
        ({"path": "f.ttl", "line": 2, "column": 3}, "f.ttl:2:3: Bad."),
    ],
)
def test_an_error_begins_with_its_place(place, sentence):
    assert str(DocumentError("Bad.", **place)) == str(QueryError("Bad.", **place)) == sentence


def test_the_parts_of_an_error_can_be_asked_for():
    error = QueryError("Bad.", path="q.rq", line=2, column=3, parameter="year")
    assert (error.path, error.line, error.column, error.parameter) == ("q.rq", 2, 3, "year")
    assert ResourceError("Which?", candidates=["urn:a", "urn:b"]).candidates == ("urn:a", "urn:b")


def test_nearest_names_one_similar_word_or_none():
    assert nearest("plams", ["plans", "areas"]) == " Did you mean 'plans'?"
    assert nearest("xyz", ["plans", "areas"]) == ""
    assert nearest("", ["plans", "areas"]) == ""
    assert nearest("pl", ["plans-by-area", "plans-in-force"]) == " Did you mean 'plans-by-area'?"
