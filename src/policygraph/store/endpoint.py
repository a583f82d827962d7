"""Ask a SPARQL 1.1 service on the web (https://www.w3.org/TR/sparql11-protocol/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from policygraph.errors import EndpointError, PolicyGraphError, QueryError, reason
from policygraph.rdf.namespaces import MODEL, PREFIXES, Prefixes
from policygraph.rdf.reader import MAX_DEPTH, too_deep
from policygraph.rdf.terms import is_iri
from policygraph.store.memory import EmbeddedStore
from policygraph.store.protocols import Results, Store, of_triples, triples, whole
from policygraph.store.sparql import UPDATES, asks_graphs, declare, form, guard, tokens
from policygraph.text import printable

if TYPE_CHECKING:
    from urllib.request import Request

    from policygraph.store.http import EndpointResponse

_GET_LIMIT = 2_000  # characters of an address, where many servers cut it; longer ones go by POST
_ROWS, _GRAPHS = ox.QueryResultsFormat, ox.RdfFormat
# Of graphs, and of rows.
_ACCEPT = (
    "application/n-triples, text/turtle;q=0.8",
    "application/sparql-results+json, application/sparql-results+xml;q=0.8",
)
_ACCEPTED = (_ROWS.JSON, _ROWS.XML, _GRAPHS.N_TRIPLES, _GRAPHS.TURTLE)
_VIRTUOSO = "nodeID://"  # before its names of blank nodes
_CUT = re.compile("Unterminated|[Uu]nexpected end|end of input")  # in what readers say
_PARTIAL = ("X-SPARQL-MaxRows", "X-SQL-State")

SHOW_ALL = (
    "start it with its union option (as `oxigraph serve --union-default-graph`), fill its default graph by "
    "`policygraph push --merge`, or name the graphs by --graph (in Python, graphs=)."
)
"""What to do where a question sees nothing of the named graphs."""


class Endpoint(Store):
    """A SPARQL service on the web.

    It gets the token of POLICYGRAPH_TOKEN, or the user and password of POLICYGRAPH_USER and
    POLICYGRAPH_PASSWORD or of ~/.netrc; another host that it redirects to gets neither these nor the headers.

    Args:
        url: its address, without user and password.
        timeout: seconds for the whole response, waiting for a busy service (HTTP 429 and 503) included.
        headers: more HTTP headers, by name.
        method: "GET", by which long queries go by POST all the same, or "POST".
        graphs: IRIs of the graphs to ask, where a query does not say so with FROM.

    Raises:
        EndpointError: the service is down, slow, not SPARQL, sends an error or a part of the answer, or has
            triples in named graphs only, where a question that names none would find nothing; or an
            argument is wrong.
        QueryError: it cannot read the query.
    """

    curies: Prefixes = PREFIXES

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 30.0,
        headers: Mapping[str, str] = MappingProxyType({}),
        method: str = "GET",
        graphs: Sequence[str] = (),
    ) -> None:
        from urllib.parse import urlsplit

        from policygraph.store.http import Headers

        self._headers = Headers(headers)
        del headers  # so that no traceback with local variables tells them
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:
            usable = False
        if "@" in (parts.netloc if usable else url):
            what = "The address of a service holds no user and no password: set POLICYGRAPH_USER and"
            raise EndpointError(f"{what} POLICYGRAPH_PASSWORD, or POLICYGRAPH_TOKEN, instead.")
        if not usable or not re.fullmatch(r"[!-~]+", url):
            raise EndpointError(f"{url!r} is not the address of a SPARQL service; one begins with https://.")
        for name in self._headers:
            if name.lower() == "authorization":
                what = "Set POLICYGRAPH_TOKEN, or user and password, not a header Authorization."
                raise EndpointError(what)
            if not re.fullmatch(r"[\w-]+: [ -~]*", f"{name}: {self._headers[name]}", re.ASCII):
                raise EndpointError(f"{name!r} is not the name of an HTTP header, or its value is not ASCII.")
        if not (isinstance(timeout, int | float) and timeout > 0):
            raise EndpointError(f"timeout is a number of seconds above 0, not {timeout!r}.")
        if method not in ("GET", "POST"):
            raise EndpointError(f"method is 'GET' or 'POST', not {method!r}.")
        if isinstance(graphs, str):
            raise EndpointError(f"graphs is a list of IRIs, not {graphs!r}; put it into one.")
        for graph in graphs:
            if not is_iri(graph):
                raise EndpointError(f"{graph!r} is not the IRI of a graph.")
        self.url, self.timeout = url, timeout
        self._method, self._graphs = method, graphs
        # Whether a question that names no graph sees a triple, or need not; asked once.
        self._sees = bool(graphs) or "graph-uri=" in url

    def __iter__(self) -> Iterator[ox.Quad]:
        """Every triple of the service, in the default graph."""
        return (ox.Quad(*triple) for triple in triples(self, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))

    def query(self, text: str) -> Results:
        """Send a SPARQL query to the service and read the whole response."""
        query_form = form(text)
        if query_form in UPDATES:
            raise QueryError(f"{query_form} is an update, and updates are refused; send a query.")
        answer = self._answer(text, query_form)
        if not self._sees and not asks_graphs(text, self.prefixes):
            self._refuse_unseen()
        return answer

    def _refuse_unseen(self) -> None:
        # After any first answer: one that found nothing need not be empty, such as a COUNT or NOT EXISTS.
        unseen = False
        with suppress(PolicyGraphError):  # the answer itself is there
            self._sees = bool(self._answer("ASK { ?s ?p ?o }", "ASK"))
            unseen = not self._sees and bool(self._answer("ASK { GRAPH ?g { ?s ?p ?o } }", "ASK"))
        if unseen:
            what = "has triples in named graphs but none in its default graph, which questions are asked of"
            raise EndpointError(f"{self.url} {what}: {SHOW_ALL}")

    def _answer(self, text: str, query_form: str) -> Results:
        try:
            response = self.send(self._request(text, query_form))
        except QueryError as error:
            raise _local_error(text, self.prefixes) or error from None
        self._refuse_part(response)
        media, body = response.headers.get_content_type(), response.body
        read = self._results if query_form in ("SELECT", "ASK") else self._graph
        try:
            answer: Results = read(media, body)
        except (SyntaxError, ValueError, RecursionError) as error:
            what = f"answers with {media} that cannot be read: {reason(error)}; is it a SPARQL service?"
            at_end = getattr(error, "pos", None) == len(getattr(error, "doc", ""))  # of JSON
            if body and (at_end or _CUT.search(str(error))):
                what = "breaks off in the middle of its answer; ask again."
            raise EndpointError(f"{self.url} {what}") from None
        if isinstance(answer, ox.QueryBoolean) != (query_form == "ASK"):
            raise EndpointError(f"{self.url} answers {query_form} with a result of another query form.")
        return answer

    def send(self, request: Request) -> EndpointResponse:
        """Send an HTTP request with the credentials, headers and limits of this endpoint.

        QueryError for HTTP 400, EndpointError for any other status but success.
        """
        from policygraph.store.http import send

        response = send(request, self.url, timeout=self.timeout, headers=self._headers)
        status = response.status
        if status == 400:
            raise QueryError(f"the service refuses the query (HTTP 400): {_first_line(response.body)}")
        if not 200 <= status < 300:
            what = f"{self.url} answers with HTTP error {status}: {_first_line(response.body)}"
            raise EndpointError(what, status=status)
        return response

    def _refuse_part(self, response: EndpointResponse) -> None:
        # Virtuoso sends MaxRows also when an answer has exactly as many rows as it may, and 206 and a state
        # when its time ran out ("anytime" queries).
        signs = [f"{name}: {response.headers[name]}" for name in _PARTIAL if response.headers[name]]
        if signs or response.status == 206:
            what = f"sends only a part of the answer ({', '.join(signs) or 'HTTP 206'}); ask for less"
            raise EndpointError(f"{self.url} {what}, with a LIMIT.")

    def _request(self, text: str, query_form: str) -> Any:
        from urllib.parse import parse_qsl

        from SPARQLWrapper import POST, SPARQLWrapper

        address, _, parameters = self.url.partition("?")
        wrapper: Any = SPARQLWrapper(address, agent=f"policygraph ({MODEL})")
        # A service would let them replace what FROM says.
        graphs = () if asks_graphs(text, self.prefixes, ["FROM"]) else self._graphs
        for name, value in (*parse_qsl(parameters, True), *(("default-graph-uri", each) for each in graphs)):
            wrapper.addParameter(name, value)
        # Not by setQuery(), whose regex for the query form also matches words in comments, nor by
        # setTimeout(), which would cut 0.5 seconds to 0, which means none.
        wrapper.queryString = declare(_without_header(text), self.prefixes, self.base)
        wrapper.queryType = query_form
        wrapper.timeout = self.timeout
        wrapper.setOnlyConneg(True)
        wrapper.addCustomHttpHeader("Accept", _ACCEPT[query_form in ("SELECT", "ASK")])
        for method in (self._method, POST):
            wrapper.setMethod(method)
            # Not by query(), which sends credentials on to whatever host a redirect names, for digests
            # installs an opener for the whole process, and turns the bodies of errors into Python source.
            request = wrapper._createRequest()
            if len(request.full_url) <= _GET_LIMIT:
                break
        return request

    def _results(self, media: str, body: bytes) -> ox.QuerySolutions | ox.QueryBoolean:
        layout = self._layout(_ROWS, media, "SPARQL results")
        if layout == _ROWS.JSON:
            import json

            document = json.loads(body)  # pyoxigraph's own reader overflows the stack on deep nesting
            if _VIRTUOSO.encode() in body:
                cells = (cell for row in document["results"]["bindings"] for cell in row.values())
                for cell in cells:
                    if cell["type"] == "bnode":
                        cell["value"] = cell["value"].removeprefix(_VIRTUOSO)
                body = json.dumps(document).encode()
        # Read to its end, so that an error is raised here and not when the caller iterates.
        results: Any = whole(ox.parse_query_results(body, format=layout))
        if [*map(str, getattr(results, "variables", ()))] == ["?__ASK_RETVAL"]:  # as Virtuoso answers ASK
            results = ox.Store().query(f"ASK {{ FILTER({any(row[0].value == '1' for row in results):d}) }}")
        return results  # type: ignore[no-any-return]

    def _graph(self, media: str, body: bytes) -> ox.QueryTriples:
        layout = self._layout(_GRAPHS, media, "an RDF graph")
        if too_deep(body) is not None:
            raise ValueError(f"its triple terms are nested more than {MAX_DEPTH} deep")
        return of_triples(ox.parse(body, format=layout, base_iri=self.url))

    def _layout(self, formats: Any, media: str, wanted: str) -> Any:
        """The format of a response, if it is one of those that were asked for."""
        layout = formats.from_media_type(media)
        if layout in _ACCEPTED:
            return layout
        what = "a web page" if "html" in media else media
        asks = "is it the address of a SPARQL service?"
        raise EndpointError(f"{self.url} answers with {what} instead of {wanted}; {asks}")


def _without_header(text: str) -> str:
    # Comments before the query are not sent; the line breaks stay, so that lines keep their numbers.
    start = next((token.start() for token in tokens(text)), 0)
    return "\n" * text.count("\n", 0, start) + text[start:]


def _local_error(text: str, prefixes: Prefixes) -> QueryError | None:
    # Where our own parser also refuses the text, its error has the position in the text as written.
    with suppress(QueryError):  # too large for us, or calls other services, which this service may allow
        guard(text)
        try:
            EmbeddedStore(prefixes=prefixes).query(text)
        except QueryError as error:
            return error if error.line else None
    return None


def _first_line(body: bytes) -> str:
    """The first line of a server's message, or the title of its HTML page, as one sentence."""
    from html import unescape

    text = body.decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>(.*?)</title", text, re.DOTALL | re.IGNORECASE)
    if title or "<html" in text[:500].lower():
        text = unescape(re.sub(r"<[^>]*>", " ", title[1] if title else text))
        text = " ".join(text.split())
    line = printable(next((line.strip() for line in text.splitlines() if line.strip()), "no explanation"))
    return (line[:200] + "…" if len(line) > 200 else line.rstrip(".")) + "."
