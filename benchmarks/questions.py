"""Measures every saved question in four engines and what labels cost, and writes the figures into README.md.

In every round the engines take turns, so that whatever slows the machine slows all of them: the ratios are
what to read.
"""

import gc
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import rdflib
from pyoxigraph import Literal, NamedNode, Quad
from report import HERE, machine, row, timed, write

from policygraph import Catalog, EmbeddedStore, Endpoint, Query
from policygraph.rdf.namespaces import expand

sys.path.insert(0, str(HERE.parent / "tests" / "support"))  # another `engines` lies here
import engines

ROUNDS, WARM_UP, ROWS = 11, 2, 10_000
TARGET = 5.0  # ms for a question in the embedded engine
MANY, DRAWN = 150.0, 300.0  # ms for one of thirty-one countries, and for its picture
BUDGET = 3.0  # seconds, after which an engine starts no other round
PATIENCE = 600  # seconds for an answer
CATALOG, EUROPE = Catalog.find(), Catalog("europe")
LINKS = "SELECT ?source ?target { ?source pg:relatesTo ?target } ORDER BY ?source ?target"


def in_turns(asked: dict[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """The median milliseconds of each, and its last result."""
    times: dict[str, list[float]] = {name: [] for name in asked}
    results: dict[str, Any] = {}
    for _ in range(WARM_UP + rounds):
        for name, ask in asked.items():
            if sum(times[name]) < BUDGET * 1000:
                taken, results[name] = timed(ask)
                times[name].append(taken)
    return {name: median(taken[WARM_UP:] or taken[-1:]) for name, taken in times.items()}, results


def questions(catalog: Catalog, queries: list[Query], rounds: int, target: float) -> list[str]:
    """The table of saved questions with their defaults: milliseconds in Oxigraph, ratios of the others."""
    store, graph = catalog.load(), rdflib.Dataset(default_union=True)
    graph.parse(data="".join(f"{quad} .\n" for quad in store), format="nquads")
    gc.freeze()  # rdflib's many objects are no garbage to look through
    lines, late = [], 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        homes = [Path(folder) / name for name in ("oxigraph", "virtuoso")]
        for home in homes:
            home.mkdir()
        served = Endpoint(running.enter_context(engines.oxigraph(store, homes[0])), timeout=PATIENCE)
        virtuoso = Endpoint(running.enter_context(engines.virtuoso(store, homes[1]))[0], timeout=PATIENCE)
        for query in queries:
            text = query.bind()
            took, found = in_turns(
                {
                    "Oxigraph": lambda text=text: list(store.query(text)),
                    "served": lambda text=text: list(served.query(text)),
                    "Virtuoso": lambda text=text: list(virtuoso.query(text)),
                    "rdflib": lambda text=text: list(graph.query(text)),
                },
                rounds,
            )
            # Virtuoso has a row more or less at times, which tests/interop/test_engines.py looks into.
            if len(counts := {len(rows) for name, rows in found.items() if name != "Virtuoso"}) > 1:
                sys.exit(f"The engines answer {query.name} with different numbers of rows: {counts}.")
            ours, *others = took.values()
            late += ours > target
            shown = f"{ours:.2f}" if ours <= target else f"**{ours:.2f}**"
            lines.append(
                row(f"`{query.name}`", counts.pop(), shown, *(f"{each / ours:,.1f}" for each in others))
            )
    return [
        f"{len(lines)} questions on {len(store):,} triples: {len(lines) - late} within the target of "
        f"{target:g} ms in the embedded engine, {late} over it (bold).",
        "",
        row("question", "rows", "Oxigraph, ms", "`oxigraph serve`, × as long", "Virtuoso, ×", "rdflib, ×"),
        "|---|---:|---:|---:|---:|---:|",
        *lines,
    ]


def matrices(rounds: int) -> list[str]:
    """How long answers are turned into marks and these into pictures, beside asking alone."""
    store, name = EUROPE.load(), "domains-by-country"
    took, _ = in_turns(
        {
            "asked": lambda: list(store.query(EUROPE.bind(name, store))),
            "asked, as CSV with labels": lambda: EUROPE.ask(name, store=store).to_csv(labels=True),
            "asked and drawn as SVG": lambda: EUROPE.ask(name, store=store).picture.svg(),
        },
        max(3, rounds // 5),
    )
    shortest = min(took.values())
    return [
        f"`{name}`, {len(EUROPE.ask(name, store=store).shown.rows)} cells; to be drawn in {DRAWN:g} ms:",
        "",
        row("answer", "ms", "× as long as asking"),
        "|---|---:|---:|",
        *(row(name, f"{taken:,.0f}", f"{taken / shortest:,.1f}") for name, taken in took.items()),
    ]


def labels(rounds: int, size: int) -> list[str]:
    """The table of an answer of so many rows, with two things of its own in each, without and with labels."""
    things = [NamedNode(f"https://example.org/thing/{number}") for number in range(2 * size)]
    store = EmbeddedStore(
        Quad(thing, NamedNode(expand("skos:prefLabel")), Literal(f"Thing {number}", language="en"))
        for number, thing in enumerate(things)
    )
    store.add(
        Quad(each, NamedNode(expand("pg:relatesTo")), other)
        for each, other in zip(things[:size], things[size:], strict=True)
    )
    query = Query.parse(LINKS)
    took, _ = in_turns(
        {
            "the rows, read": lambda: list(store.query(LINKS)),
            "CSV with IRIs": lambda: CATALOG.ask(query, store=store).to_csv(),
            "CSV with labels": lambda: CATALOG.ask(query, store=store).to_csv(labels=True),
            "table with CURIEs": lambda: CATALOG.ask(query, store=store).write(labels=False),
            "table with labels": lambda: CATALOG.ask(query, store=store).write(),
        },
        rounds,
    )
    least = min(took.values())
    return [
        f"{size:,} rows that name {2 * size:,} things:",
        "",
        row("answer", "ms", "× as long as the rows"),
        "|---|---:|---:|",
        *(row(name, f"{taken:,.0f}", f"{taken / least:,.1f}") for name, taken in took.items()),
    ]


def main(rounds: int = ROUNDS, size: int = ROWS) -> None:
    """Measure both and write the tables."""
    about = machine(("policygraph", "pyoxigraph", "rdflib"), ())
    own = [query for name, query in EUROPE.queries.items() if name not in CATALOG.queries]
    parts = {
        "Every saved question": questions(CATALOG, [*CATALOG.queries.values()], rounds, TARGET),
        "Thirty-one countries": [*questions(EUROPE, own, rounds, MANY), "", *matrices(rounds)],
        "Labels": labels(max(3, rounds // 5), size),
    }
    tables = (f"### {name}\n\n" + "\n".join(lines) for name, lines in parts.items())
    write("\n\n".join([about, *tables]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
