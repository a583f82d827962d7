"""Push named graphs to a SPARQL 1.1 store, by updates or the Graph Store Protocol, and have it count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Triple, serialize

from policygraph.errors import EndpointError, PolicyGraphError
from policygraph.store.endpoint import SHOW_ALL, Endpoint
from policygraph.store.protocols import rows
from policygraph.text import grouped

_LINES, _BYTES = 1_000, 1_000_000  # of triples in one update; Virtuoso runs out of memory at 5,000
_DEFAULT = "the default graph"
_PROBE = NamedNode("urn:policygraph:probe")


def push(
    quads: Iterable[Quad],
    endpoint: Endpoint,
    *,
    update: Endpoint | None = None,
    graph_store: Endpoint | None = None,
    merge: bool = False,
    pushed: Callable[[str, int], None] | None = None,
    seen: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Replace the named graphs of a store by those of some quads, and return how many triples each has.

    Args:
        quads: each in a named graph.
        endpoint: answers queries about the store.
        update: takes its updates; by default the same.
        graph_store: takes its graphs by the Graph Store Protocol, in place of updates.
        merge: also replace the default graph, by the merge of these graphs: what several state, once. It is
            counted and named as "the default graph".
        pushed: called with the IRI of each graph that the store has whole, and its number of triples.
        seen: called at the end with a sentence on what questions without GRAPH see.

    EndpointError when a graph cannot be pushed, the store then counts other triples than it got, or its
    default graph shows the named graphs, so that a merge in it would count twice. The message, as after
    Ctrl-C, says which graphs are whole.
    """
    from urllib.parse import quote, urlencode
    from urllib.request import Request

    graphs: dict[str, dict[Triple, None]] = {}
    for quad in quads:
        if not isinstance(quad.graph_name, NamedNode):
            raise EndpointError("Only named graphs can be pushed, and a triple is in none; give it one.")
        graphs.setdefault(quad.graph_name.value, {})[quad.triple] = None
    sent = set[str]()  # of what the store got at least a part
    stated = Counter(triple for triples in graphs.values() for triple in triples)

    def put(graph: str, triples: Collection[Triple]) -> None:
        """Replace a graph; without triples, remove it."""
        if graph_store:
            where = "default" if graph == _DEFAULT else f"graph={quote(graph, safe='')}"
            address = f"{graph_store.url}{'&' if '?' in graph_store.url else '?'}{where}"
            # N-Triples are Turtle too, which every store reads.
            headers, method = {"Content-Type": "text/turtle"}, "PUT" if triples else "DELETE"
            graph_store.send(Request(address, _lines(triples), headers, method=method))  # noqa: S310
            sent.add(graph)
        else:
            to = update or endpoint
            for text in _updates(graph, triples):
                to.send(Request(to.url, urlencode({"update": text}).encode()))  # noqa: S310
                sent.add(graph)

    def shown() -> bool:
        """Whether questions without GRAPH see the named graphs, as a triple that is put in one tells."""
        put(_PROBE.value, [Triple(_PROBE, _PROBE, _PROBE)])
        try:
            return bool(endpoint.query(f"ASK {{ {_PROBE} ?p ?o GRAPH {_PROBE} {{ {_PROBE} ?p ?o }} }}"))
        finally:
            put(_PROBE.value, ())

    if merge and shown():
        what = "shows the named graphs in its default graph already, where a merge would count once more"
        raise EndpointError(f"{endpoint.url} {what}; push without --merge, or end that union.")
    whole: dict[str, int] = {}
    parts: list[tuple[str, Collection[Triple]]] = [*sorted(graphs.items()), *[(_DEFAULT, stated)] * merge]
    for graph, triples in parts:
        try:
            put(graph, triples)
            if (found := _count(endpoint, _in(graph, "?s ?p ?o"))) != len(triples):
                what = f"counts {found:,} triples for the {len(triples):,} it got."
                raise EndpointError(f"{endpoint.url} {what}")
        except (PolicyGraphError, KeyboardInterrupt) as error:
            refused = isinstance(getattr(error.__context__, "reason", None), ConnectionRefusedError)
            part = "none" if refused and graph not in sent else graph
            left = ", ".join(each for each, _ in parts if each not in whole and each != part) or "none"
            what = f"{str(error) or 'Stopped.'} Perhaps in part: {part}; whole: {', '.join(whole) or 'none'}"
            raise EndpointError(f"{what}; as before: {left}. Push again.") from None
        whole[graph] = len(triples)
        if pushed:
            pushed(graph, len(triples))
    if seen and stated:
        try:
            seen(_seen(endpoint, stated, merge or shown()))
        except PolicyGraphError as error:  # the graphs are there
            seen(str(error))
    return whole


def _seen(endpoint: Endpoint, stated: Counter[Triple], shown: bool) -> str:
    """A sentence on what questions without GRAPH see of triples, each stated by so many graphs."""
    total = f"{_count(endpoint, '?s ?p ?o'):,} triples"
    if not shown:
        return f"{endpoint.url} shows questions without GRAPH only {total} of its default graph: {SHOW_ALL}"
    most = max((each for each in stated if not _has_blank(each)), key=stated.__getitem__, default="")
    if _count(endpoint, f"{most}") == 1:
        return f"Questions without GRAPH see {total}: the merge of these graphs, each triple once."
    what = "the sum of the graphs, where SUM, AVG and COUNT count what several state several times"
    advice = "push --merge to a store without a union avoids that"
    return f"Questions without GRAPH see {total}: {what}; {advice}."


def _count(endpoint: Endpoint, pattern: str) -> int:
    return int(next(rows(endpoint, f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"))["n"].value)


def _in(graph: str, triples: str) -> str:
    return triples if graph == _DEFAULT else f"GRAPH <{graph}> {{ {triples} }}"


def _has_blank(triple: Triple) -> bool:
    return any(isinstance(part, BlankNode | Triple) for part in triple)


def _updates(graph: str, triples: Iterable[Triple]) -> Iterator[str]:
    """Updates that replace a graph; blank nodes are in the first, since their labels end with it."""
    parts = grouped((_has_blank(triple), triple) for triple in triples)
    old = "DEFAULT" if graph == _DEFAULT else f"GRAPH <{graph}>"
    start, batch, size = f"DROP SILENT {old} ;\n", list[bytes](), 0
    if blank := _lines(parts.get(True, ())).decode():
        # Virtuoso takes no blank nodes in INSERT DATA.
        yield f"{start}INSERT {{ {_in(graph, blank)} }} WHERE {{}}"
        start = ""
    for line in (*_lines(parts.get(False, ())).splitlines(keepends=True), b""):
        if not line or len(batch) > _LINES or size + len(line) > _BYTES:
            data = b"".join(batch).decode()
            if start or data:
                yield start + (data and f"INSERT DATA {{ {_in(graph, data)} }}")
            start, batch, size = "", [], 0
        batch.append(line)
        size += len(line)


def _lines(triples: Iterable[Triple]) -> bytes:
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""
