"""Writes a network's lists, has DuckDB and Spark read and count them, and stops when they count otherwise."""

import sys
import tempfile
from pathlib import Path

import networkx as nx
from report import OTHER, asked, machine, row, timed, write
from synthetic import Shape, connections, sizes, thing

from policygraph import Catalog
from policygraph.analysis.exchange import write_network as export
from policygraph.analysis.network import network

SIZE = 50_000
CAP = 300  # seconds for one engine


def counted(graph: nx.MultiDiGraph) -> dict[str, int]:
    """What every engine is to find."""
    return {
        "nodes": len(graph),
        "edges": graph.number_of_edges(),
        "ends without a node": 0,
        "highest degree": max(degree for _, degree in graph.degree),
        "components": nx.number_connected_components(nx.Graph(graph)),
    }


def networks(catalog: Catalog, size: int) -> dict[str, nx.MultiDiGraph]:
    """The real network, with all the line breaks and quotes of its passages, and a big one of its shape."""
    edges, nodes = (catalog.bind(name) for name in ("network", "network-nodes"))
    shape = Shape.of(catalog)
    big = nx.MultiDiGraph()
    for kind, number in sizes(shape, size).items():
        big.add_nodes_from((thing(kind, each), {"class": kind}) for each in range(number))
    big.add_edges_from(
        (source, target, {**like, "claim": f"synthetic:{number}"})
        for number, (source, target, like) in enumerate(connections(shape, size))
    )
    return {"the catalogue's": network(catalog.load(), edges=edges, nodes=nodes), "synthetic": big}


def main(size: int = SIZE) -> None:
    """Write, read and count each network, and write the table."""
    about = machine(("policygraph", "networkx"), ("duckdb", "pyspark"))
    lines, first = [], True
    for name, graph in networks(Catalog.find(), size).items():
        took, expected = timed(counted, graph)
        if first:
            lines += [row("network", "by", "ms", *expected), "|---|---|---:|" + "---:|" * len(expected)]
            first = False
        with tempfile.TemporaryDirectory() as folder:
            writing, files = timed(export, graph, Path(folder) / "network.csv")
            megabytes = sum(file.stat().st_size for file in files) / 1e6
            duck, in_duckdb = asked(OTHER, "with_duckdb.py", *files, seconds=CAP)
            begin, spark, in_spark = asked(OTHER, "with_pyspark.py", *files, seconds=CAP)
        for engine, found in (("DuckDB", in_duckdb), ("Spark", in_spark)):
            if found != expected:
                sys.exit(f"{engine} counts {found} in the lists of {name} network; it has {expected}.")
        for engine, time, found in (
            ("networkx, in memory", f"{took:,.0f}", expected),
            ("DuckDB", f"{duck:,.0f}", in_duckdb),
            ("PySpark, `local[2]`", f"{spark:,.0f} (and {begin:,.0f} to start)", in_spark),
        ):
            lines.append(row(name, engine, time, *(f"{value:,}" for value in found.values())))
        lines.append(
            row(name, f"writing the lists, {megabytes:,.1f} MB", f"{writing:,.0f}", *[""] * len(expected))
        )
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
