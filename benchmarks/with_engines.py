"""PageRank and connected components of Parquet files by one tool, with the time and memory that they took.

    python benchmarks/with_engines.py TOOL X.parquet

The last line of what is printed is JSON: milliseconds of the processor, megabytes at most, the highest
PageRank and the number of parts. What policygraph does it does twice, as its measure also ranks without
inferences.
"""

import json
import resource
import sys
from time import process_time
from typing import Any

DAMPING, DOUBT = 0.85, {"strong": 0.3, "medium": 0.5}


def read(path: str) -> tuple[int, Any, Any, Any]:
    """The number of nodes, and the ends and weights of connected pairs, as `simple` makes them."""
    import numpy as np
    from pyarrow.parquet import ParquetFile

    nodes, edges = (ParquetFile(path.replace(".parquet", f"-{part}.parquet")) for part in ("nodes", "edges"))
    count = nodes.metadata.num_rows
    keys, doubts = [], []
    for batch in edges.iter_batches(1_000_000, columns=["source", "target", "basis", "strength"]):
        source, target, basis, strength = (column.to_numpy(zero_copy_only=False) for column in batch.columns)
        ends = np.minimum(source, target) * count + np.maximum(source, target)
        doubt = np.where(basis == "inferred", 0.8, 0.1)
        for word, value in DOUBT.items():
            doubt[(basis == "inferred") & (strength == word)] = value
        keys.append(ends[source != target])
        doubts.append(np.log(doubt[source != target]))
    pairs, which = np.unique(np.concatenate(keys), return_inverse=True)
    weights = 1 - np.exp(np.bincount(which, np.concatenate(doubts)))
    return count, pairs // count, pairs % count, weights


def rustworkx(path: str) -> tuple[float, int]:
    """As `policygraph analyse` measures in one process."""
    import rustworkx as rx

    count, one, other, weights = read(path)
    graph = rx.PyDiGraph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from([*zip(one.tolist(), other.tolist(), weights.tolist(), strict=True)])
    graph.add_edges_from([*zip(other.tolist(), one.tolist(), weights.tolist(), strict=True)])
    scores = rx.pagerank(graph, alpha=DAMPING, weight_fn=float, tol=1e-8 / count, max_iter=200)
    return max(scores.values()), rx.number_weakly_connected_components(graph)


def networkx(path: str) -> tuple[float, int]:
    """Plain networkx, with SciPy."""
    import networkx as nx

    count, one, other, weights = read(path)
    graph = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_weighted_edges_from(zip(one.tolist(), other.tolist(), weights.tolist(), strict=True))
    scores = nx.pagerank(graph, alpha=DAMPING, tol=1e-8 / count, max_iter=200)
    return max(scores.values()), nx.number_connected_components(graph)


def igraph(path: str) -> tuple[float, int]:
    """python-igraph (GPL)."""
    import igraph
    import numpy as np

    count, one, other, weights = read(path)
    graph = igraph.Graph(n=count, edges=np.column_stack([one, other]))
    scores = graph.pagerank(damping=DAMPING, weights=weights.tolist())
    return max(scores), len(graph.connected_components())


def duckdb(path: str) -> tuple[float, int]:
    """DuckDB in SQL: power iteration, and each node takes the least number around it."""
    import duckdb

    base, engine = path.removesuffix(".parquet"), duckdb.connect(config={"threads": 2})
    doubt = "CASE WHEN basis <> 'inferred' THEN .1 WHEN strength = 'strong' THEN .3 WHEN strength = 'medium' "
    doubt += "THEN .5 ELSE .8 END"
    engine.execute(
        f"""CREATE TABLE pairs AS SELECT least(source, target) one, greatest(source, target) other,
        1 - exp(sum(ln({doubt}))) weight FROM '{base}-edges.parquet' WHERE source <> target GROUP BY ALL"""
    )
    engine.execute(
        """CREATE TABLE ends AS WITH both_ways AS (FROM pairs UNION ALL SELECT other, one, weight FROM pairs),
        total AS (SELECT one, sum(weight) whole FROM both_ways GROUP BY one)
        SELECT one, other, weight / whole share FROM both_ways JOIN total USING (one)"""
    )
    ((count, connected),) = engine.execute(
        f"SELECT (SELECT count(*) FROM '{base}-nodes.parquet'), (SELECT count(DISTINCT one) FROM ends)"
    ).fetchall()
    least = (1 - DAMPING) / (count - DAMPING * (count - connected))
    engine.execute(f"CREATE TABLE scores AS SELECT DISTINCT one AS id, 1 / {count} score FROM ends")
    for _ in range(113):  # after which no score is off by more than 1e-8
        engine.execute(
            f"""CREATE OR REPLACE TABLE scores AS
            SELECT other id, {least} + {DAMPING} * sum(share * score) score
            FROM ends JOIN scores ON ends.one = scores.id GROUP BY other"""
        )
    ((highest,),) = engine.execute("SELECT max(score) FROM scores").fetchall()
    engine.execute("CREATE TABLE parts AS SELECT DISTINCT one AS id, one AS part FROM ends")
    changed = 1
    while changed:
        engine.execute(
            """CREATE OR REPLACE TABLE next AS SELECT id, least(any_value(parts.part), min(around.part)) part
            FROM parts JOIN ends ON ends.one = parts.id
            JOIN (SELECT id AS other, part FROM parts) around USING (other) GROUP BY id"""
        )
        query = "SELECT count(*) FROM next JOIN parts USING (id) WHERE next.part <> parts.part"
        ((changed,),) = engine.execute(query).fetchall()
        engine.execute("CREATE OR REPLACE TABLE parts AS FROM next")
    ((number,),) = engine.execute("SELECT count(DISTINCT part) FROM parts").fetchall()
    return highest, number + count - connected


def policygraph(path: str) -> tuple[float, int]:
    """`policygraph analyse … --engine local`."""
    from policygraph import analyse

    components = analyse("components", path, engine="local")
    (parts,) = {row[0] for row in components.rows[-1:]}
    if "rows" in components.recipe:
        parts = int(components.recipe["rows"].split()[-2].replace(",", ""))
    central = analyse("central", path, engine="local")
    return central.rows[0][central.columns.index("pagerank")], parts


if __name__ == "__main__":
    tool, file = sys.argv[1:]
    start = process_time()
    highest, parts = globals()[tool](file)
    taken = (process_time() - start) * 1000
    print(json.dumps([taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, highest, parts]))
