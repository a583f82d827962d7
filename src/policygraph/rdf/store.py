"""Query RDF with SPARQL: anything with a method `query(text)` is a store.

Every store returns pyoxigraph's own types, knows the catalogue's prefixes, and refuses updates.
`EmbeddedStore` holds quads in memory; `Endpoint` is any SPARQL 1.1 service on the web
(https://www.w3.org/TR/sparql11-protocol/).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pyoxigraph import (
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store as _Oxigraph,
    Triple,
    parse,
    parse_query_results,
)

from policygraph.errors import EndpointError, QueryError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import BASE, PREFIXES
from policygraph.rdf.sparql import UPDATES, declare, form, guard, names_graphs, syntax_error, tokens
from policygraph.text import printable

if TYPE_CHECKING:
    from pathlib import Path

    import rdflib

Results: TypeAlias = QuerySolutions | QueryBoolean | QueryTriples
"""The results of SELECT, of ASK, and of CONSTRUCT or DESCRIBE; solutions can be iterated once."""

_BATCH = 500
_GET_LIMIT = 1_500  # characters of a query; longer ones go by POST, since many servers cut URLs at 2,000
_ACCEPTED = (QueryResultsFormat.JSON, QueryResultsFormat.XML, RdfFormat.N_TRIPLES, RdfFormat.TURTLE)
_NESTED_LIMIT = 1_000  # RDF 1.2 triple terms in a response; pyoxigraph's parsers recurse into them


class Store(Protocol):
    """Anything that runs SPARQL queries."""

    def query(self, text: str) -> Results:
        """Run a SPARQL query; QueryError when it cannot be read or is an update."""
        ...


def rows(store: Store, text: str) -> Iterator[QuerySolution]:
    """The rows of a SELECT; QueryError for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, QuerySolutions):
        raise QueryError("This query gives no rows; write a SELECT.")
    return iter(answer)


def batches(iris: Sequence[str]) -> Iterator[str]:
    """IRIs as SPARQL writes them, with spaces between, some hundreds at a time for one query each."""
    for start in range(0, len(iris), _BATCH):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _BATCH])


def triples(store: Store, text: str) -> Iterator[Triple]:
    """The triples of a CONSTRUCT or DESCRIBE; QueryError for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, QueryTriples):
        raise QueryError("This query gives no triples; write a CONSTRUCT or a DESCRIBE.")
    return iter(answer)


class EmbeddedStore:
    """Quads in memory, queried by Oxigraph; the default graph is the union of all graphs, unless FROM says
    otherwise, and relative IRIs are resolved against `BASE`.

    A pyoxigraph store is used as it is, other quads are copied into a new one.
    """

    def __init__(self, quads: Iterable[Quad] = ()) -> None:
        if isinstance(quads, _Oxigraph):
            self._store = quads
        else:
            self._store = _Oxigraph()
            self.add(quads)

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads, all or none; literals get their canonical lexical form ("007" becomes 7)."""
        self._store.extend(quads)

    def load(self, path: str | Path, *, graph: str) -> None:
        """Add an RDF file, with its default graph as `graph`; DocumentError for one that cannot be read."""
        reader.load(path, self._store, graph=graph)

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[Quad]:
        return iter(self._store)

    def query(self, text: str) -> Results:
        """Run a SPARQL query.

        QueryError, with line and column, for a text that is not a query, is an update, calls another service,
        or is so large or so deeply nested that it could crash the process.
        """
        guard(text)
        try:
            union = not names_graphs(text)  # the engine would let the union replace what FROM says
            return self._store.query(
                text, base_iri=BASE, prefixes=dict(PREFIXES), use_default_graph_as_union=union
            )
        except SyntaxError as error:
            raise syntax_error(text, str(error)) from None
        except (OSError, RuntimeError, ValueError) as error:
            raise QueryError(f"the query cannot be answered: {error}.") from None

    def dataset(self) -> rdflib.Dataset:
        """The same quads, not a copy, as an rdflib dataset."""
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        return Dataset(store=OxigraphStore(store=self._store), default_union=True)


class Endpoint:
    """A SPARQL service on the web.

    `timeout`, in seconds, is for the whole response. EndpointError when the service is down, slow, not SPARQL
    or answers with an error; QueryError when it cannot read the query.
    """

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:
            usable = False
        if not usable or not re.fullmatch(r"[!-~]+", url):
            raise EndpointError(f"{url!r} is not the address of a SPARQL service; one begins with https://.")
        self.url = url
        self.timeout = timeout

    def __iter__(self) -> Iterator[Quad]:
        """Every triple of the service, in the default graph."""
        return (Quad(*triple) for triple in triples(self, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))

    def query(self, text: str) -> Results:
        """Send a SPARQL query to the service and read the whole response."""
        query_form = form(text)
        if query_form in UPDATES:
            raise QueryError(f"{query_form} is an update, and updates are refused; send a query.")
        media, body = self._response(text, query_form)
        read = self._results if query_form in ("SELECT", "ASK") else self._graph
        try:
            answer: Results = read(media, body)
        except (SyntaxError, ValueError, RecursionError) as error:
            what = f"answers with {media} that cannot be read: {_reason(error)}."
            raise EndpointError(f"{self.url} {what}") from None
        if isinstance(answer, QueryBoolean) != (query_form == "ASK"):
            raise EndpointError(f"{self.url} answers {query_form} with a result of another query form.")
        return answer

    def _response(self, text: str, query_form: str) -> tuple[str, bytes]:
        from http.client import HTTPException
        from time import monotonic
        from urllib.error import HTTPError, URLError

        from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

        deadline = monotonic() + self.timeout
        try:
            response = self._request(text, query_form).query().response
            with response:
                parts = []
                while part := response.read1(1 << 16):
                    parts.append(part)
                    if monotonic() > deadline:
                        raise TimeoutError
                if response.length:
                    raise EndpointError(f"{self.url} breaks off in the middle of its answer.")
                self._refuse_part(response.headers)
                return response.headers.get_content_type(), b"".join(parts)
        except SPARQLWrapperException as error:
            # SPARQLWrapper has read the body of the HTTPError into its own message.
            status = getattr(error.__context__, "code", 400)
            body = re.search(r"Response:\n(b['\"].*)", str(error), re.DOTALL)
            raise self._http_error(text, status, _bytes_literal(body[1]) if body else b"") from None
        except HTTPError as error:
            with error:
                raise self._http_error(text, error.code, error.read(1 << 16)) from None
        except (TimeoutError, URLError) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise EndpointError(
                    f"{self.url} did not answer within {self.timeout:g} seconds; ask for less or wait longer."
                ) from None
            raise EndpointError(f"{self.url} cannot be reached: {_reason(reason)}.") from None
        except (OSError, HTTPException, ValueError) as error:
            raise EndpointError(f"{self.url} does not answer as HTTP: {_reason(error)}.") from None

    def _refuse_part(self, headers: Any) -> None:
        # Virtuoso sends the second one also when an answer has exactly as many rows as it may.
        for name in ("Policygraph-Truncated", "X-SPARQL-MaxRows"):
            if headers[name]:
                what = (
                    f"sends only a part of the answer ({name}: {headers[name]}); ask for less, with a LIMIT."
                )
                raise EndpointError(f"{self.url} {what}")

    def _request(self, text: str, query_form: str) -> Any:
        from urllib.parse import parse_qsl

        from SPARQLWrapper import POST, SPARQLWrapper

        address, _, parameters = self.url.partition("?")
        wrapper: Any = SPARQLWrapper(address, agent="policygraph (https://w3id.org/policygraph/)")
        for name, value in parse_qsl(parameters):
            wrapper.addParameter(name, value)
        # Not by setQuery(), whose regex for the query form also matches words in comments, nor by
        # setTimeout(), which would cut 0.5 seconds to 0, which means none.
        wrapper.queryString = declare(_without_header(text))
        wrapper.queryType = query_form
        wrapper.timeout = self.timeout
        wrapper.setOnlyConneg(True)
        if query_form in ("SELECT", "ASK"):
            accept = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
        else:
            accept = "application/n-triples, text/turtle;q=0.8"
        wrapper.addCustomHttpHeader("Accept", accept)
        if len(wrapper.queryString) > _GET_LIMIT:
            wrapper.setMethod(POST)
        return wrapper

    def _http_error(self, text: str, status: int, body: bytes) -> EndpointError | QueryError:
        if status == 400:
            return _local_error(text) or QueryError(
                f"{self.url} refuses the query (HTTP 400): {_first_line(body)}"
            )
        return EndpointError(f"{self.url} answers with HTTP error {status}: {_first_line(body)}")

    def _results(self, media: str, body: bytes) -> QuerySolutions | QueryBoolean:
        layout = self._layout(QueryResultsFormat, media, "SPARQL results")
        if layout == QueryResultsFormat.JSON:
            import json

            json.loads(body)  # pyoxigraph's own reader overflows the stack on deep nesting
        answer = parse_query_results(body, format=layout)
        if isinstance(answer, QueryBoolean):
            return answer
        deque(answer, maxlen=0)  # so that an error is raised here and not when the caller iterates
        return parse_query_results(body, format=layout)

    def _graph(self, media: str, body: bytes) -> QueryTriples:
        layout = self._layout(RdfFormat, media, "an RDF graph")
        if body.count(b"<<") > _NESTED_LIMIT:
            raise ValueError("it holds too many triple terms")
        # Only a query can create a QueryTriples.
        graph = EmbeddedStore(parse(body, format=layout, base_iri=self.url))
        return graph.query("CONSTRUCT WHERE { ?s ?p ?o }")  # type: ignore[return-value]

    def _layout(self, formats: Any, media: str, wanted: str) -> Any:
        """The format of a response, if it is one of those that were asked for."""
        layout = formats.from_media_type(media)
        if layout in _ACCEPTED:
            return layout
        what = "a web page" if "html" in media else media
        raise EndpointError(
            f"{self.url} answers with {what} instead of {wanted}; is it the address of a SPARQL service?"
        )


def _without_header(text: str) -> str:
    # Comments before the query are not sent; the line breaks stay, so that lines keep their numbers.
    first = next((token for token in tokens(text) if token.lastgroup != "comment"), None)
    start = first.start() if first else 0
    return "\n" * text.count("\n", 0, start) + text[start:]


def _local_error(text: str) -> QueryError | None:
    # Where our own parser also refuses the text, its error has the position in the text as written.
    try:
        guard(text)
    except QueryError:  # too large for us, or calls other services, which this service may allow
        return None
    try:
        EmbeddedStore().query(text)
    except QueryError as error:
        return error if error.line else None
    return None


def _bytes_literal(text: str) -> bytes:
    from ast import literal_eval

    return bytes(literal_eval(text))


def _reason(error: object) -> str:
    """An exception's message in short: its first line, without the error number and the full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).strip().splitlines()[0].rstrip(".")


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
