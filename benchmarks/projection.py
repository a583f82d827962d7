"""Measures how long it takes to make a network of an answer, and how much memory, from 1,000 edges up.

The bare query reads every row of the same answer and touches nothing in it. Each figure is of a process of
its own, forked from one that holds the data; it asks the lean question once before, or else the bare query
would look slower than it is, by the copying of what the two processes share. Time is the processor's: all of
this is one thread, so on an idle machine it is what passes, and on a busy one it still can be compared.
"""

import gc
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import pyoxigraph
from report import machine, row, write
from synthetic import LEAN, Shape, connections, triples

from policygraph import Catalog, EmbeddedStore
from policygraph.analysis.network import network
from policygraph.rdf.namespaces import PREFIXES

SIZES = (1_000, 10_000, 100_000, 500_000, 1_000_000)
ROUNDS, SLOW = 3, 100_000  # so many edges need seconds in the saved question: once will do
TARGET, TARGET_SIZE = 3, 500_000  # times the bare query, for so many edges
SAVED_LIMIT, RDFLIB_LIMIT, RDFLIB_ALL_LIMIT = 500_000, 500_000, 10_000  # edges; above them it takes minutes
Figures = tuple[float, float, int]  # milliseconds, megabytes, edges


def apart(action: Callable[[], int], warm_up: Callable[[], int] = int) -> Figures:
    """The time, peak memory over what was there before, and result of an action in a forked process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        warm_up()
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts here
        before, start = memory("VmRSS"), process_time()
        count = action()
        taken = (process_time() - start) * 1000
        os.write(writer, json.dumps([taken, memory("VmHWM") - before, count]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        printed = stream.read()
    os.waitpid(child, 0)
    if not printed:
        sys.exit("A measured process ended before it was done; is there enough memory?")
    return tuple(json.loads(printed))


def memory(name: str) -> float:
    """Megabytes of this process by the name that Linux gives them."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0


def best(rounds: list[Figures]) -> Figures:
    """The medians of some rounds."""
    times, sizes, counts = zip(*rounds, strict=True)
    return median(times), median(sizes), counts[0]


def in_rdflib(lines: Iterator[str]) -> Figures:
    """rdflib's own projection, of triples that it has read before."""
    import rdflib
    from rdflib.extras.external_graph_libs import rdflib_to_networkx_multidigraph

    graph = rdflib.Graph()
    graph.parse(data="".join(lines), format="nt")
    gc.freeze()
    return apart(
        lambda: rdflib_to_networkx_multidigraph(graph).number_of_edges(), lambda: sum(1 for _ in graph)
    )


def statements(shape: Shape, size: int) -> Iterator[str]:
    """Only the plain statements, without who says so."""
    for source, target, like in connections(shape, size):
        yield f"<{source}> <{like['property']}> <{target}> .\n"


def measured(catalog: Catalog, shape: Shape, size: int) -> Iterator[tuple[str, Any]]:
    """The lines of one size, each with a name: what was measured."""
    engine = pyoxigraph.Store()
    for path in catalog.ontology:
        engine.bulk_load(path=path, base_iri=PREFIXES["pg"])
    with tempfile.NamedTemporaryFile("w", suffix=".nt", encoding="utf-8") as file:
        file.writelines(triples(shape, size))
        file.flush()
        engine.bulk_load(path=file.name)
    yield "triples", len(engine)
    store, saved = EmbeddedStore(engine), catalog.queries["network"].bind()

    def bare(text: str) -> int:
        return sum(1 for _ in store.query(text))

    def projected(text: str) -> int:
        return network(store, edges=text).number_of_edges()

    for name, text, rounds, limit in (
        ("lean", LEAN, ROUNDS if size <= TARGET_SIZE else 1, max(SIZES)),
        ("saved", saved, ROUNDS if size < SLOW else 1, SAVED_LIMIT),
    ):
        if size > limit:
            continue
        ways: dict[Callable[[str], int], list[Figures]] = {bare: [], projected: []}
        for _ in range(rounds):
            for way, found in ways.items():
                found.append(apart(partial(way, text), partial(bare, LEAN)))
        for way, found in ways.items():
            # The saved question has a row for each document and passage of a claim.
            if way is projected and found[0][2] != size:
                sys.exit(f"{found[0][2]} edges were made of {size}.")
            yield f"{name} {way.__name__}", best(found)


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size and write the tables."""
    about = machine(("policygraph", "pyoxigraph", "networkx", "rdflib"), ())
    catalog = Catalog.find()
    shape = Shape.of(catalog)
    found = {}
    for size in sizes:
        found[size] = dict(measured(catalog, shape, size))
        if size <= RDFLIB_LIMIT:
            found[size]["rdflib"] = in_rdflib(statements(shape, size))
        if size <= RDFLIB_ALL_LIMIT:
            found[size]["rdflib all"] = in_rdflib(triples(shape, size))
        print(f"{size:,} edges: done", file=sys.stderr)
    lines = [
        row("edges", "triples", "question", "bare query, ms", "network, ms", "ratio", "network, MB"),
        "|---:|---:|---|---:|---:|---:|---:|",
    ]
    for size, figures in found.items():
        for name in ("lean", "saved"):
            if bare := figures.get(f"{name} bare"):
                ours = figures[f"{name} projected"]
                ratio = f"{ours[0] / bare[0]:.2f}"
                if ours[0] > TARGET * bare[0]:
                    ratio = f"**{ratio}**"
                question = "five columns" if name == "lean" else "`network`"
                lines.append(row(f"{size:,}", f"{figures['triples']:,}", question, f"{bare[0]:,.0f}",
                                 f"{ours[0]:,.0f}", ratio, f"{ours[1]:,.0f}"))  # fmt: skip
    lines += ["", row("edges", "triples read", "rdflib makes", "ms", "µs for each edge", "ours, µs", "MB")]
    lines.append("|---:|---|---:|---:|---:|---:|---:|")
    for size, figures in found.items():
        for name, read in (("rdflib", "plain statements"), ("rdflib all", "all")):
            if theirs := figures.get(name):
                lines.append(row(
                    f"{size:,}", read, f"{theirs[2]:,} edges", f"{theirs[0]:,.0f}",
                    f"{theirs[0] * 1000 / theirs[2]:.1f}",
                    f"{figures['lean projected'][0] * 1000 / size:.1f}", f"{theirs[1]:,.0f}",
                ))  # fmt: skip
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
