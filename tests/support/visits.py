"""Visits to the explorer's page in a real browser.

A test module says `pytest_plugins = ["visits"]` and takes the fixture `visit`. Whatever a visit does, the
page stays silent on the console and asks nothing of the network: that is checked when the visit ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from networks import explore
from visitors import READY, Keyboard, Mouse, Visitor

from policygraph.analysis.network import network
from policygraph.catalog.catalog import Catalog

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
def denmark(catalog, store):
    """The network itself, to compare with."""
    queries = catalog.queries
    return network(store, edges=queries["network"].bind(), nodes=queries["network-nodes"].bind())


@pytest.fixture(scope="session")
def address(stored) -> str:
    """Where Denmark's page is, as `policygraph view` writes it."""
    return stored("denmark", explore(Catalog.find(), Catalog.find().load()))


@pytest.fixture
def visit(browser) -> Iterator[Callable[..., Any]]:
    """Opens a page for someone: visit(address, Keyboard, width=320); other options are Playwright's."""
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def start(address: str, person: type[Visitor] = Mouse, *, width=1440, height=900, ready=READY, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, accept_downloads=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        if ready:
            page.wait_for_selector(ready, timeout=60_000)
        return person(page)

    yield start
    for context in contexts:
        context.close()
    assert not said, "The page writes to the console."
    outside = [url for url in asked if not url.startswith(("file:", "blob:", "about:", "data:"))]
    assert not outside, "The page asks something of the network."
    assert all(url.partition("#")[0].endswith(".html") for url in asked if url.startswith("file:"))


@pytest.fixture(params=[Mouse, Keyboard], ids=["mouse", "keyboard"])
def person(request) -> type[Visitor]:
    """Each test that takes this is done twice."""
    return request.param
