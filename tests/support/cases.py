"""Choose which cases of a conformance table also go over a socket."""

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
