"""Serve the SPARQL page, which shows people what the endpoint returns to programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from policygraph.i18n import words
from policygraph.server import responses
from policygraph.server.linked_data import LinkedData, Request, TooBusy, busy_response, parse_request
from policygraph.server.responses import Receive, Response, Scope, Send
from policygraph.site.site import Site

PATH = "/sparql"  # the path of the endpoint, and of its page for browsers

_ACCEPT = b"application/sparql-results+json, application/n-triples"


class SparqlPage:
    """The SPARQL page as an ASGI application: a page of the site, or a query with its result.

    `respond` is that of the endpoint, so that people get the same limits and the same cache as programs.
    `paths` has those of the documents, each with its language.
    """

    def __init__(
        self, site: Site, pages: LinkedData, respond: Callable[[Scope, Receive], Awaitable[Response | None]]
    ) -> None:
        self._site, self._pages, self._respond = site, pages, respond
        self.paths = {site.variants(PATH, each)["text/html"]: each for each in site.languages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI 3)."""
        response = responses.refused_method(scope["method"]) or parse_request(scope)
        if isinstance(response, Request):
            if not response.arguments.get("query", [""])[0].strip():
                await self._pages(scope, receive, send)
                return
            response = await self._answer(scope, receive, response)
        await responses.send_response(response, scope, send)

    async def _answer(self, scope: Scope, receive: Receive, request: Request) -> Response:
        language = self.paths.get(request.path) or self._pages.language(request)
        query = request.arguments["query"][0]
        as_program = {"method": "GET", "path": PATH, "headers": [(b"accept", _ACCEPT)]}
        answer = await self._respond({**scope, **as_program}, receive)
        assert answer is not None  # noqa: S101  programs do not get the page
        status, headers, body = answer.status, dict(answer.headers), answer.body
        results, error, note = b"", "", ""
        if status != 200:
            error = body.decode().strip()
        elif headers[b"content-type"].startswith(b"application/n-triples"):
            results = _rows(body)
        else:
            results = body
        if b"policygraph-truncated" in headers:
            note = words(language, "site")["truncated"]
        try:
            page = await self._pages.in_thread(
                lambda: self._site.answer(query, language, results=results, error=error, note=note)
            )
        except TooBusy:
            return busy_response()
        retry = [(name, value) for name, value in headers.items() if name == b"retry-after"]
        return responses.page_response(status, page, responses.NEGOTIATED, responses.NO_STORE, *retry)


def _rows(triples: bytes) -> bytes:
    """N-Triples as SPARQL results with three columns, so that the page shows graphs as rows."""
    from pyoxigraph import QueryResultsFormat, RdfFormat, Store, parse

    store = Store()
    store.extend(parse(triples, format=RdfFormat.N_TRIPLES))
    rows = store.query("SELECT ?subject ?predicate ?object { ?subject ?predicate ?object }")
    return rows.serialize(format=QueryResultsFormat.JSON) or b""  # type: ignore[arg-type]
