"""The SPARQL page for people: what the endpoint answers to a program, shown on a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policygraph.server.linked_data import LinkedData, Request, TooBusy, busy_response, parse_request
from policygraph.server.protocol import ASGIApp, Receive, Scope, Send
from policygraph.server.responses import (
    NEGOTIATED,
    NOT_KEPT,
    Response,
    page_response,
    refused_method,
    send_response,
)
from policygraph.site.site import Site
from policygraph.site.urls import LANGUAGES, html_path

PATH = "/sparql"
"""Where the endpoint is, and its page for browsers."""

PATHS: Mapping[str, str] = {html_path(PATH, language): language for language in LANGUAGES}
"""The page's documents, each with its language."""

_ACCEPT = b"application/sparql-results+json, application/n-triples"


class SparqlPage:
    """The page as an ASGI application: empty as a page of the site, with a query as its answer.

    `endpoint` answers what a query asks, so that a person meets the same limits and the same kept answers.
    """

    def __init__(self, site: Site, pages: LinkedData, endpoint: ASGIApp) -> None:
        self._site, self._pages, self._endpoint = site, pages, endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        made = refused_method(scope["method"])
        asked = made or parse_request(scope)
        if isinstance(asked, Request):
            if not asked.arguments.get("query", [""])[0].strip():
                await self._pages(scope, receive, send)
                return
            asked = await self._answer(scope, asked)
        await send_response(asked, scope, send)

    async def _answer(self, scope: Scope, asked: Request) -> Response:
        language = PATHS.get(asked.path, asked.language)
        query = asked.arguments["query"][0]
        status, headers, body = await _request(self._endpoint, scope)
        told: dict[str, Any] = {}
        if status != 200:
            told["error"] = body.decode().strip()
        elif headers[b"content-type"].startswith(b"application/n-triples"):
            told["results"] = _rows(body)
        else:
            told["results"] = body
        if b"policygraph-truncated" in headers:
            told["note"] = _CUT[language]
        try:
            page = await self._pages.made(lambda: self._site.answer(query, language, **told))
        except TooBusy:
            return busy_response()
        again = [(name, value) for name, value in headers.items() if name == b"retry-after"]
        return page_response(status, page, NEGOTIATED, NOT_KEPT, *again)


_CUT = {
    "en": "The answer is longer than this service gives at once; ask for parts of it with LIMIT and OFFSET.",
    "da": "Svaret er længere, end tjenesten giver på én gang; bed om dele af det med LIMIT og OFFSET.",
}


async def _request(endpoint: ASGIApp, scope: Scope) -> tuple[int, dict[bytes, bytes], bytes]:
    """The endpoint's answer to the same address, as to a program."""
    status, headers, body = 500, {}, bytearray()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)
        headers.update(message.get("headers", ()))
        body.extend(message.get("body", b""))

    await endpoint({**scope, "method": "GET", "path": PATH, "headers": [(b"accept", _ACCEPT)]}, receive, send)
    return status, headers, bytes(body)


def _rows(triples: bytes) -> bytes:
    """N-Triples as SPARQL results of three columns, so that the page shows both kinds of answer alike."""
    from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

    def told(term: object) -> dict[str, str]:
        if isinstance(term, Literal):
            more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
            return {"type": "literal", "value": term.value, **more}
        if isinstance(term, NamedNode):
            return {"type": "uri", "value": term.value}
        return {"type": "bnode", "value": term.value if isinstance(term, BlankNode) else str(term)}

    names = ("subject", "predicate", "object")
    quads = parse(triples, format=RdfFormat.N_TRIPLES)
    rows = [{name: told(getattr(quad, name)) for name in names} for quad in quads]
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()
