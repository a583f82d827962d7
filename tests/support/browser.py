"""A real Chromium for the tests of the page, one for a session.

A test module says `pytest_plugins = ["browser"]` and takes the fixture `browser`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from tools import missing

# The same engine without windows takes two thirds of the time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Playwright's browser; `browser.new_page()` gives a blank page."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        missing("Playwright is not installed (`uv sync`)")
    if CHROMIUM is None:
        missing("Chromium is not there (`apt-get install chromium-headless-shell`)")
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        except Error as error:
            missing(f"Chromium does not start: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()
