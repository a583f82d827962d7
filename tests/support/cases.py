"""Choose which cases of a table always run, and which also go over a socket."""

from __future__ import annotations

import pytest


def in_process_and_over_a_socket(fixture, cases, names, *, inside, served):
    """Parameters for a test: each case in this process, and every tenth over a socket too.

    `fixture` gets the value of the fixture `inside` or `served`, whose names are its parameters.
    """
    places = {inside: cases, served: cases[::10]}
    values = [(place, case) for place, some in places.items() for case in some]
    ids = [f"{place}-{names(case)}" for place, case in values]
    return pytest.mark.parametrize((fixture, "case"), values, ids=ids, indirect=[fixture])


def sampled(cases, step):
    """All cases, of which `make test` runs each `step`-th; `make test-all` runs every one."""
    full = pytest.mark.full
    whole = [case if type(case) is tuple else (case,) for case in cases]
    return [pytest.param(*case, marks=full if n % step else ()) for n, case in enumerate(whole)]


def some(cases, *always):
    """All cases, of which `make test` runs these alone; `make test-all` runs every one."""
    assert {*always} <= {*cases}
    return [pytest.param(case, marks=() if case in always else pytest.mark.full) for case in cases]
