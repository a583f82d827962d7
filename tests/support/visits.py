"""Visits to the explorer's page in a real browser.

A test module says `pytest_plugins = ["visits"]` and takes the fixture `visit`. Whatever a visit does, the
page stays silent on the console and asks nothing of the network: that is checked when the visit ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checkout import SHIPPED
from networks import explore
from visitors import READY, Mouse, Visitor

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog
from policygraph.explorer.page import view

pytest_plugins = ["browser"]


@pytest.fixture(scope="session")
def stored(tmp_path_factory) -> Callable[[str, str], str]:
    """Keeps a page in a file; gives its address."""
    folder = tmp_path_factory.mktemp("pages")

    def keep(name: str, html: str) -> str:
        file: Path = folder / f"{name}.html"
        file.write_text(html, encoding="utf-8")
        return file.as_uri()

    return keep


@pytest.fixture(scope="session")
def common(tmp_path_factory) -> Callable[[str, Callable[[], str]], str]:
    """As `stored`, a page that several files visit, of whichever of pytest-xdist's processes asks first."""
    home = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        home = home.parent

    def keep(name: str, make: Callable[[], str]) -> str:
        file = home / f"{name}.html"
        with file.with_suffix(".html.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                file.write_text(make(), encoding="utf-8")
        return file.as_uri()

    return keep


@pytest.fixture(scope="session")
def address(common, catalog, store) -> str:
    """Where Denmark's page is, as `policygraph view` writes it."""
    return common("denmark", lambda: explore(catalog, store))


@pytest.fixture(scope="session")
def danish(common, catalog, store) -> str:
    """Where Denmark's page in Danish is."""
    return common("danish", lambda: explore(catalog, store, language="da"))


@pytest.fixture(scope="session")
def countries(common) -> str:
    """Where the page of all that is shipped is: two countries, and what ties them."""
    return common("countries", lambda: view(network(Catalog(SHIPPED))))


@pytest.fixture(scope="session")
def idle() -> dict[str, list[Any]]:
    """Pages that nobody visits now, by their options: to open another in a browser takes a second."""
    return {}


@pytest.fixture
def visit(browser, idle) -> Iterator[Callable[..., Any]]:
    """Opens a page for someone: visit(address, Keyboard, width=320); other options are Playwright's."""
    said: list[str] = []
    asked: list[str] = []
    ended = []

    def start(address: str, person: type[Visitor] = Mouse, *, width=1440, height=900, ready=READY, **options):
        options |= {"viewport": {"width": width, "height": height}}
        pages = idle.setdefault(repr(sorted(options.items())), [])
        page = pages.pop() if pages else None
        if page is None:
            page = browser.new_context(offline=True, accept_downloads=True, **options).new_page()
        listeners = {
            "console": lambda message: said.append(message.text),
            "pageerror": lambda error: said.append(str(error)),
            "request": lambda request: asked.append(request.url),
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        ended.append((page, listeners, options, pages))
        page.goto(address)
        if ready:
            page.wait_for_selector(ready, timeout=60_000)
        return person(page)

    yield start
    for page, listeners, options, pages in ended:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        # What a visit leaves behind, the next must not meet.
        page.goto("about:blank")
        page.context.clear_permissions()
        page.set_viewport_size(options["viewport"])
        # None would leave what is emulated.
        page.emulate_media(media="null", color_scheme=options.get("color_scheme", "light"))
        pages.append(page)
    assert not said, "The page writes to the console."
    outside = [url for url in asked if not url.startswith(("file:", "blob:", "about:", "data:"))]
    assert not outside, "The page asks something of the network."
    assert all(url.partition("#")[0].endswith(".html") for url in asked if url.startswith("file:"))
