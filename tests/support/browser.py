"""A real Chromium for the tests of the page, one for a session.

A test module says `pytest_plugins = ["browser"]` and takes the fixture `browser`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(reason: str) -> None:
    """Skip the test with a sentence; or fail, where POLICYGRAPH_BROWSER=required says that it has to run."""
    if os.environ.get("POLICYGRAPH_BROWSER") == "required":
        pytest.fail(f"POLICYGRAPH_BROWSER=required, but {reason}.", pytrace=False)
    pytest.skip(f"The page is not tested in a browser, for {reason}.")


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Playwright's browser; `browser.new_page()` gives a blank page."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("Playwright is not installed (`uv sync`)")
    if not CHROMIUM.exists():
        missing(f"{CHROMIUM} is not there (`apt-get install chromium`)")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        except Error as error:
            missing(f"Chromium does not start: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()
