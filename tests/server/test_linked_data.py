"""Pages under load: each is rendered once, as many are cached as fit, and few may wait.

Tests of `server.responses`.
"""

from __future__ import annotations

import asyncio
import threading

import pytest
from loops import run

from policygraph.server import linked_data, responses
from policygraph.server.linked_data import LinkedData
from policygraph.site import urls
from policygraph.site.rendering import Page


class Small:
    """A site with a page of `size` bytes at every path; it lists the pages that it renders."""

    languages, removed = ("en",), {}

    def __init__(self, size=10, wait=None):
        self.rendered, self._size, self._wait = [], size, wait

    def variants(self, path, language="en"):
        return {"text/html": "/gone.html"} if path == "/broken" else {}

    def page(self, path, arguments=None):
        self.rendered.append(path)
        if self._wait:
            self._wait.wait(20)
        return None if path == "/gone.html" else Page(b"x" * self._size, "text/html")

    def not_found(self, path, language="en"):
        return Page(b"not found", "text/html")


async def get(pages, path, **headers):
    sent = []

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": pairs}
    await pages(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_page_is_rendered_once_however_many_wait_for_it():
    go = threading.Event()
    site = Small(wait=go)

    async def many():
        pages = LinkedData(site)
        tasks = [asyncio.create_task(get(pages, "/a.html")) for _ in range(50)]
        await asyncio.sleep(0.05)
        go.set()
        return [status for status, *_ in await asyncio.gather(*tasks)]

    assert run(many()) == [200] * 50
    assert site.rendered == ["/a.html"]


def test_recent_pages_are_cached_as_far_as_they_fit():
    site = Small(size=5_000)

    async def some():
        pages = LinkedData(site, cache=100_000)
        for number in range(30):
            await get(pages, f"/{number}.html")
            await get(pages, "/0.html")
        await get(pages, "/1.html")

    run(some())
    assert site.rendered.count("/0.html") == 1
    assert site.rendered.count("/1.html") == 2


def test_what_is_too_large_to_cache_is_rendered_again():
    site = Small(size=50_000)

    async def twice():
        pages = LinkedData(site, cache=100_000)
        return [await get(pages, "/a.html") for _ in range(2)]

    assert {status for status, *_ in run(twice())} == {200}
    assert site.rendered == ["/a.html"] * 2


def test_too_many_different_pages_at_once_are_refused():
    go = threading.Event()
    site = Small(wait=go)

    async def crowd():
        pages = LinkedData(site)
        tasks = [asyncio.create_task(get(pages, f"/{number}.html")) for number in range(100)]
        for _ in range(500):
            done = [task.result() for task in tasks if task.done()]
            if done:
                break
            await asyncio.sleep(0.01)
        go.set()
        return done, await asyncio.gather(*tasks)

    at_once, all_of_them = run(crowd())
    assert {status for status, *_ in at_once} == {503}
    assert len(at_once) == 100 - linked_data._MAX_WAITING
    assert all(headers[b"retry-after"] == b"2" for _, headers, _ in at_once)
    assert sum(status == 200 for status, *_ in all_of_them) == linked_data._MAX_WAITING


def test_a_missing_document_that_is_offered_is_an_error():
    with pytest.raises(LookupError, match="offered but missing"):
        run(get(LinkedData(Small()), "/broken"))


def test_a_long_address_is_refused_before_anything_is_made_of_it(monkeypatch):
    monkeypatch.setattr(linked_data, "decode", None)
    path = "x" * 60_000
    scope = {"path": f"//{path}", "raw_path": f"/%2f{path}".encode(), "query_string": b"", "headers": []}
    with pytest.raises(responses.Refusal) as refused:
        run(LinkedData(Small())._respond(scope, None))
    assert refused.value.response.status == 414


def test_a_long_path_is_read_and_not_remembered():
    before = urls._decode.cache_info()
    path = "a%C3%A6%2Fb" * 200
    assert urls.decode(path) == f"aæ{urls.ESCAPED}b" * 200
    assert urls._decode.cache_info() == before


def test_headers_that_come_twice_are_one_list():
    scope = {"headers": [(b"accept", b"text/turtle"), (b"x", b"y"), (b"accept", b"text/html;q=0.5")]}
    assert responses.request_headers(scope) == {"accept": "text/turtle, text/html;q=0.5"}


@pytest.mark.parametrize("href", ['https://x.example/a"b>\r\nc: d', "https://x.example/æ ø", "/a,b;c"])
def test_a_link_cannot_leave_its_brackets(href):
    ((name, value),) = responses.link_header([("alternate", href, "text/html")])
    assert name == b"link"
    assert value.startswith(b"<")
    assert value.endswith(b'>; rel="alternate"; type="text/html"')
    assert value.count(b">") == 1
    assert not set(b' "\r\n') & set(value.partition(b">")[0])
    assert responses.link_header([]) == []
