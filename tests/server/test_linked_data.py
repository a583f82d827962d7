"""Pages under pressure: each is made once, as many are kept as fit, and what waits is limited."""

from __future__ import annotations

import asyncio
import threading

import pytest
from loops import run

from policygraph.server import linked_data, responses
from policygraph.server.linked_data import LinkedData
from policygraph.site.site import Page


class Small:
    """A site of as many pages as one asks for, each of so many bytes; it counts what it makes."""

    def __init__(self, size=10, wait=None):
        self.made, self._size, self._wait = [], size, wait

    def variants(self, path, language="en"):
        return {"text/html": "/gone.html"} if path == "/broken" else {}

    def page(self, path, arguments=None):
        self.made.append(path)
        if self._wait:
            self._wait.wait(20)
        return None if path == "/gone.html" else Page(b"x" * self._size, "text/html")

    def lost(self, path, language="en"):
        return Page(b"lost", "text/html")


async def asked(pages, path, **headers):
    sent = []

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": pairs}
    await pages(scope, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


def test_a_page_is_made_once_however_many_wait_for_it():
    go = threading.Event()
    site = Small(wait=go)

    async def many():
        pages = LinkedData(site)
        tasks = [asyncio.create_task(asked(pages, "/a.html")) for _ in range(50)]
        await asyncio.sleep(0.05)
        go.set()
        return [status for status, *_ in await asyncio.gather(*tasks)]

    assert run(many()) == [200] * 50
    assert site.made == ["/a.html"]


def test_pages_that_were_asked_for_last_are_kept_as_far_as_they_fit():
    site = Small(size=5_000)

    async def some():
        pages = LinkedData(site, cache=100_000)
        for number in range(30):
            await asked(pages, f"/{number}.html")
            await asked(pages, "/0.html")
        await asked(pages, "/1.html")

    run(some())
    assert site.made.count("/0.html") == 1
    assert site.made.count("/1.html") == 2


def test_what_is_too_large_to_keep_is_made_again():
    site = Small(size=50_000)

    async def twice():
        pages = LinkedData(site, cache=100_000)
        return [await asked(pages, "/a.html") for _ in range(2)]

    assert {status for status, *_ in run(twice())} == {200}
    assert site.made == ["/a.html"] * 2


def test_a_crowd_that_wants_different_pages_is_told_to_come_back():
    go = threading.Event()
    site = Small(wait=go)

    async def crowd():
        pages = LinkedData(site)
        tasks = [asyncio.create_task(asked(pages, f"/{number}.html")) for number in range(100)]
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


def test_a_promise_that_is_not_kept_is_an_error():
    with pytest.raises(LookupError, match="promised"):
        run(asked(LinkedData(Small()), "/broken"))


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
