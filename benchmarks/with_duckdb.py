"""The lists of a network's nodes and edges, read and counted by DuckDB in SQL.

python benchmarks/with_duckdb.py X-nodes.csv X-edges.csv
"""

import json
import sys
from time import perf_counter

import duckdb


def main(nodes: str, edges: str) -> None:
    """Print what was counted, and how long it took, as JSON."""
    start = perf_counter()
    engine = duckdb.connect(config={"threads": 2})
    for table, file in (("nodes", nodes), ("edges", edges)):
        engine.read_csv(file, header=True, all_varchar=True).create(table)
    engine.execute(
        "CREATE TABLE ends AS SELECT src AS one, dst AS other FROM edges UNION ALL SELECT dst, src FROM edges"
    )

    def value(query: str) -> int:
        return int(engine.execute(query).fetchone()[0])

    found = {
        "nodes": value("SELECT count(*) FROM nodes"),
        "edges": value("SELECT count(*) FROM edges"),
        "ends without a node": value("SELECT count(*) FROM ends WHERE one NOT IN (SELECT id FROM nodes)"),
        "highest degree": value("SELECT max(n) FROM (SELECT count(*) AS n FROM ends GROUP BY one)"),
    }
    # Each node takes the least name around it until nothing changes; one name is left in each part.
    engine.execute("CREATE TABLE parts AS SELECT id, id AS part FROM nodes")
    changed = 1
    while changed:
        engine.execute(
            "CREATE OR REPLACE TABLE next AS SELECT id, least(part, (SELECT min(around.part) FROM ends"
            " JOIN parts around ON around.id = ends.other WHERE ends.one = parts.id)) AS part FROM parts"
        )
        changed = value("SELECT count(*) FROM next JOIN parts USING (id) WHERE next.part <> parts.part")
        engine.execute("CREATE OR REPLACE TABLE parts AS SELECT * FROM next")
    found["components"] = value("SELECT count(DISTINCT part) FROM parts")
    print(json.dumps([(perf_counter() - start) * 1000, found]))


if __name__ == "__main__":
    main(*sys.argv[1:])
