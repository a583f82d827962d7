"""Query RDF with SPARQL: anything with a method `query(text)` is a store.

Every store returns pyoxigraph's own types, knows the catalogue's prefixes, and refuses updates.
`EmbeddedStore` holds quads in memory; `Endpoint` is any SPARQL 1.1 service on the web
(https://www.w3.org/TR/sparql11-protocol/).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pyoxigraph as ox

from policygraph.errors import DocumentError, EndpointError, QueryError
from policygraph.rdf import reader
from policygraph.rdf.namespaces import MODEL, PREFIXES, Prefixes, expand
from policygraph.rdf.sparql import UPDATES, declare, form, guard, names_graphs, syntax_error, tokens
from policygraph.text import printable

if TYPE_CHECKING:
    from urllib.request import Request

    import rdflib

    from policygraph.rdf.http import EndpointResponse

Results: TypeAlias = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""The results of SELECT, of ASK, and of CONSTRUCT or DESCRIBE; solutions can be iterated once."""

_BATCH = 500
_GET_LIMIT = 1_500  # characters of a query; longer ones go by POST, since many servers cut URLs at 2,000
_ACCEPTED = (
    ox.QueryResultsFormat.JSON,
    ox.QueryResultsFormat.XML,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.TURTLE,
)
_PARTIAL = ("X-SPARQL-MaxRows", "X-SQL-State")
_NESTED_LIMIT = 1_000  # RDF 1.2 triple terms in a response; pyoxigraph's parsers recurse into them


class Store(Protocol):
    """Anything that runs SPARQL queries."""

    def query(self, text: str) -> Results:
        """Run a SPARQL query; QueryError when it cannot be read or is an update."""
        ...


def rows(store: Store, text: str) -> Iterator[ox.QuerySolution]:
    """The rows of a SELECT; QueryError for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, ox.QuerySolutions):
        raise QueryError("This query gives no rows; write a SELECT.")
    return iter(answer)


def batches(iris: Sequence[str]) -> Iterator[str]:
    """IRIs as SPARQL writes them, with spaces between, some hundreds at a time for one query each."""
    for start in range(0, len(iris), _BATCH):
        yield " ".join(f"<{iri}>" for iri in iris[start : start + _BATCH])


def triples(store: Store, text: str) -> Iterator[ox.Triple]:
    """The triples of a CONSTRUCT or DESCRIBE; QueryError for a query of another form."""
    answer = store.query(text)
    if not isinstance(answer, ox.QueryTriples):
        raise QueryError("This query gives no triples; write a CONSTRUCT or a DESCRIBE.")
    return iter(answer)


class EmbeddedStore:
    """Quads in memory, queried by Oxigraph; the default graph is the union of all graphs, unless FROM says
    otherwise, and relative IRIs are resolved against `base`.

    A pyoxigraph store is used as it is, other quads are copied into a new one. `services` are the IRIs of the
    services that a query may call with SERVICE. `prefixes` are those of its CURIEs; as its attribute, with
    those that its files declare, they are what a query need not declare.
    """

    def __init__(
        self,
        quads: Iterable[ox.Quad] = (),
        *,
        services: Collection[str] = (),
        prefixes: Prefixes = PREFIXES,
    ) -> None:
        self.services, self.curies, self.prefixes, self.base = services, prefixes, dict(prefixes), ""
        if isinstance(quads, ox.Store):
            self._store = quads
        else:
            self._store = ox.Store()
            self.add(quads)

    def add(
        self,
        data: str | PathLike[str] | rdflib.Graph | Iterable[ox.Quad | ox.Triple],
        *,
        graph: str | None = None,
    ) -> None:
        """Add an RDF file, an rdflib graph, or quads and triples, all or none; what has no graph, to `graph`.

        Literals get their canonical lexical form ("007" becomes 7). DocumentError for a file that cannot be
        read, for a graph that is neither an IRI nor a CURIE, and for anything else.
        """
        try:
            graph = graph and expand(graph, self.prefixes, base=self.base)
        except ValueError as error:
            raise DocumentError(str(error)) from None
        if isinstance(data, str | PathLike):
            if graph:
                reader.load(Path(data), self._store, graph=graph)
                return
            data = reader.read(Path(data))
        elif "rdflib" in sys.modules and isinstance(data, sys.modules["rdflib"].Graph):
            text = data.serialize(format="nquads" if data.context_aware else "nt", encoding="utf-8")
            data = reader.parse(text, name="the rdflib graph", format=ox.RdfFormat.N_QUADS)
        default = ox.DefaultGraph()
        to = ox.NamedNode(graph) if graph else default
        try:
            self._store.extend(
                each
                if isinstance(each, ox.Quad) and (to == default or each.graph_name != default)
                else ox.Quad(*[*each][:3], to)  # type: ignore[call-arg]
                for each in data
            )
        except TypeError:
            what = "This is no RDF: add a file, an rdflib graph, or pyoxigraph's quads or triples."
            raise DocumentError(what) from None

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[ox.Quad]:
        return iter(self._store)

    def query(self, text: str) -> Results:
        """Run a SPARQL query.

        QueryError, with line and column, for a text that is not a query, is an update, calls a service that
        is not allowed, or is so large or so deeply nested that it could crash the process.
        """
        guard(text, services=self.services)
        try:
            union = not names_graphs(text)  # the engine would let the union replace what FROM says
            answer: Results = self._store.query(
                text, base_iri=self.base or None, prefixes=self.prefixes, use_default_graph_as_union=union
            )
            return _whole(answer) if self.services else answer  # so that a service's error is raised here
        except SyntaxError as error:
            raise syntax_error(text, str(error), self.prefixes) from None
        except (OSError, RuntimeError, ValueError) as error:
            # Its message may hold the page that a service answered.
            what = printable(" ".join(str(error).split())[:300].rstrip(".: "))
            raise QueryError(f"the query cannot be answered: {what}.") from None

    def dataset(self) -> rdflib.Dataset:
        """The same quads, not a copy, as an rdflib dataset with the same prefixes."""
        from oxrdflib import OxigraphStore
        from rdflib import Dataset

        dataset = Dataset(store=OxigraphStore(store=self._store), default_union=True)
        for prefix, iri in self.prefixes.items():
            dataset.bind(prefix, iri, replace=True)
        return dataset


def _whole(answer: Results) -> Results:
    if isinstance(answer, ox.QuerySolutions):
        layout = ox.QueryResultsFormat.JSON
        return ox.parse_query_results(answer.serialize(format=layout) or b"", format=layout)
    return _triples(ox.Quad(*triple) for triple in answer) if isinstance(answer, ox.QueryTriples) else answer


def _triples(quads: Iterable[ox.Quad]) -> ox.QueryTriples:
    # Only a query can create a QueryTriples.
    return EmbeddedStore(quads).query("CONSTRUCT WHERE { ?s ?p ?o }")  # type: ignore[return-value]


class Endpoint:
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
        EndpointError: the service is down, slow, not SPARQL, or sends an error or a part of the answer.
        QueryError: it cannot read the query.
    """

    prefixes = curies = PREFIXES
    """Those that a query need not declare, and those of its CURIEs."""

    base = ""
    """What relative IRIs in a query are resolved against."""

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

        from policygraph.rdf.http import Headers

        self._headers = Headers(headers)
        del headers  # so that no traceback with local variables tells them
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
        except ValueError:
            usable = False
        if "@" in (parts.netloc if usable else url):
            raise EndpointError(
                "The address of a service holds no user and no password: set POLICYGRAPH_USER and "
                "POLICYGRAPH_PASSWORD, or POLICYGRAPH_TOKEN, instead."
            )
        if not usable or not re.fullmatch(r"[!-~]+", url):
            raise EndpointError(f"{url!r} is not the address of a SPARQL service; one begins with https://.")
        for name in self._headers:
            if name.lower() == "authorization":
                raise EndpointError(
                    "Set POLICYGRAPH_TOKEN, or user and password, not a header Authorization."
                )
            if not re.fullmatch(r"[\w-]+: [ -~]*", f"{name}: {self._headers[name]}", re.ASCII):
                raise EndpointError(f"{name!r} is not the name of an HTTP header, or its value is not ASCII.")
        self.url, self.timeout = url, timeout
        self._method, self._graphs = method, graphs

    def __iter__(self) -> Iterator[ox.Quad]:
        """Every triple of the service, in the default graph."""
        return (ox.Quad(*triple) for triple in triples(self, "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))

    def query(self, text: str) -> Results:
        """Send a SPARQL query to the service and read the whole response."""
        query_form = form(text)
        if query_form in UPDATES:
            raise QueryError(f"{query_form} is an update, and updates are refused; send a query.")
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
            from policygraph.rdf.http import reason

            what = f"answers with {media} that cannot be read: {reason(error)}."
            raise EndpointError(f"{self.url} {what}") from None
        if isinstance(answer, ox.QueryBoolean) != (query_form == "ASK"):
            raise EndpointError(f"{self.url} answers {query_form} with a result of another query form.")
        return answer

    def send(self, request: Request) -> EndpointResponse:
        """Send an HTTP request with the credentials, headers and limits of this endpoint.

        QueryError for HTTP 400, EndpointError for any other status but success.
        """
        from policygraph.rdf.http import send

        response = send(request, self.url, timeout=self.timeout, headers=self._headers)
        status = response.status
        if status == 400:
            raise QueryError(f"{self.url} refuses the query (HTTP 400): {_first_line(response.body)}")
        if not 200 <= status < 300:
            raise EndpointError(f"{self.url} answers with HTTP error {status}: {_first_line(response.body)}")
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
        graphs = () if names_graphs(text) else self._graphs  # a service would let them replace what FROM says
        for name, value in (*parse_qsl(parameters), *(("default-graph-uri", graph) for graph in graphs)):
            wrapper.addParameter(name, value)
        # Not by setQuery(), whose regex for the query form also matches words in comments, nor by
        # setTimeout(), which would cut 0.5 seconds to 0, which means none.
        wrapper.queryString = declare(_without_header(text), self.prefixes, self.base)
        wrapper.queryType = query_form
        wrapper.timeout = self.timeout
        wrapper.setOnlyConneg(True)
        if query_form in ("SELECT", "ASK"):
            accept = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
        else:
            accept = "application/n-triples, text/turtle;q=0.8"
        wrapper.addCustomHttpHeader("Accept", accept)
        if self._method == POST or len(wrapper.queryString) > _GET_LIMIT:
            wrapper.setMethod(POST)
        # Not by query(), which sends credentials on to whatever host a redirect names, for digests installs
        # an opener for the whole process, and turns the bodies of errors into Python source.
        return wrapper._createRequest()

    def _results(self, media: str, body: bytes) -> ox.QuerySolutions | ox.QueryBoolean:
        layout = self._layout(ox.QueryResultsFormat, media, "SPARQL results")
        if layout == ox.QueryResultsFormat.JSON:
            import json

            json.loads(body)  # pyoxigraph's own reader overflows the stack on deep nesting
        # Read to its end, so that an error is raised here and not when the caller iterates.
        return _whole(ox.parse_query_results(body, format=layout))  # type: ignore[return-value]

    def _graph(self, media: str, body: bytes) -> ox.QueryTriples:
        layout = self._layout(ox.RdfFormat, media, "an RDF graph")
        if body.count(b"<<") > _NESTED_LIMIT:
            raise ValueError("it holds too many triple terms")
        return _triples(ox.parse(body, format=layout, base_iri=self.url))

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


def _local_error(text: str, prefixes: Prefixes) -> QueryError | None:
    # Where our own parser also refuses the text, its error has the position in the text as written.
    try:
        guard(text)
    except QueryError:  # too large for us, or calls other services, which this service may allow
        return None
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
