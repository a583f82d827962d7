"""What tests need that `make` does not install: skipped where it is missing, but in CI that fails."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

FOR_SHORT_RUNS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of Java with which a run of seconds takes a third less of the processor."""


def missing(what: str) -> NoReturn:
    """Skip the test with a sentence; or fail, where POLICYGRAPH_TOOLS=required says that all are there."""
    if os.environ.get("POLICYGRAPH_TOOLS") == "required":
        pytest.fail(f"POLICYGRAPH_TOOLS=required, but {what}.", pytrace=False)
    pytest.skip(f"Not tested: {what}.")
