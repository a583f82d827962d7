"""Push named graphs to a SPARQL 1.1 store, by updates or the Graph Store Protocol, and have it count them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from policygraph.errors import EndpointError, PolicyGraphError
from policygraph.store.protocols import rows

if TYPE_CHECKING:
    from policygraph.store.endpoint import Endpoint

_LINES, _BYTES = 1_000, 1_000_000  # of triples in one update; Virtuoso runs out of memory at 5,000


def push(
    quads: Iterable[Quad],
    endpoint: Endpoint,
    *,
    update: Endpoint | None = None,
    graph_store: Endpoint | None = None,
    pushed: Callable[[str, int], None] | None = None,
) -> dict[str, int]:
    """Replace the named graphs of a store by those of some quads, and return how many triples each has.

    Args:
        quads: each in a named graph.
        endpoint: answers queries about the store.
        update: takes its updates; by default the same.
        graph_store: takes its graphs by the Graph Store Protocol, in place of updates.
        pushed: called with the IRI of each graph that the store has whole, and its number of triples.

    EndpointError when a graph cannot be pushed, or the store then counts other triples than it got. The
    message, as after Ctrl-C, says which graphs are whole.
    """
    from urllib.parse import quote, urlencode
    from urllib.request import Request

    graphs: dict[str, dict[Triple, None]] = {}
    for quad in quads:
        if not isinstance(quad.graph_name, NamedNode):
            raise EndpointError("Only named graphs can be pushed, and a triple is in none; give it one.")
        graphs.setdefault(quad.graph_name.value, {})[quad.triple] = None
    whole: dict[str, int] = {}
    for graph, triples in sorted(graphs.items()):
        try:
            if graph_store:
                address = (
                    f"{graph_store.url}{'&' if '?' in graph_store.url else '?'}graph={quote(graph, safe='')}"
                )
                # N-Triples are Turtle too, which every store reads.
                headers = {"Content-Type": "text/turtle"}
                graph_store.send(Request(address, _lines(triples), headers, method="PUT"))  # noqa: S310
            else:
                to = update or endpoint
                for text in _updates(graph, triples):
                    to.send(Request(to.url, urlencode({"update": text}).encode()))  # noqa: S310
            counted = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
            found = [row["n"].value for row in rows(endpoint, counted)]
            if found != [str(len(triples))]:
                what = f"counts {', '.join(found)} triples for the {len(triples):,} it got."
                raise EndpointError(f"{endpoint.url} {what}")
        except (PolicyGraphError, KeyboardInterrupt) as error:
            what = str(error) or "Stopped."
            left = sorted(graphs.keys() - whole.keys() - {graph})
            raise EndpointError(
                f"{what} {graph} may be there in part; whole: {', '.join(whole) or 'none'}; "
                f"as before: {', '.join(left) or 'none'}. Push again."
            ) from None
        whole[graph] = len(triples)
        if pushed:
            pushed(graph, len(triples))
    return whole


def _updates(graph: str, triples: Iterable[Triple]) -> Iterator[str]:
    """Updates that replace a graph; blank nodes are in the first, since their labels end with it."""
    parts: dict[bool, list[Triple]] = {True: [], False: []}
    for triple in triples:
        parts[any(isinstance(part, BlankNode | Triple) for part in triple)].append(triple)
    start, batch, size = f"CLEAR SILENT GRAPH <{graph}> ;\n", [_lines(parts[True])], 0
    for line in (*_lines(parts[False]).splitlines(keepends=True), b""):
        if not line or len(batch) > _LINES or size + len(line) > _BYTES:
            yield f"{start}INSERT DATA {{ GRAPH <{graph}> {{\n{b''.join(batch).decode()}}} }}"
            start, batch, size = "", [], 0
        batch.append(line)
        size += len(line)


def _lines(triples: Iterable[Triple]) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
