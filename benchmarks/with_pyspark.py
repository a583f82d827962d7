"""The lists of a network's nodes and edges, counted by Spark in its local mode, on this machine only.

    python benchmarks/with_pyspark.py X-nodes.csv X-edges.csv

What is read has the columns that GraphFrames wants: `id`; `src`, `dst` and `relationship`.
"""

import json
import os
import sys
import tempfile
from time import perf_counter

from pyspark.sql import DataFrame, SparkSession, functions as sql

ROUNDS_BETWEEN_SAVING = 3  # of the search for parts, before Spark's plan for it grows too long


def session(folder: str) -> SparkSession:
    """Spark on two cores, which listens to this machine only and shows no page."""
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable
    options = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.adaptive.enabled": "false",  # it makes many small jobs of one
        "spark.sql.shuffle.partitions": "2",
        "spark.local.dir": folder,
        "spark.sql.warehouse.dir": folder,
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2]").appName("policygraph")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def main(nodes_file: str, edges_file: str) -> None:
    """Print what was counted, and how long it took, as JSON."""
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        spark = session(folder)
        ready = perf_counter()
        nodes, edges = (
            spark.read.csv(file, header=True, multiLine=True, escape='"').cache()
            for file in (nodes_file, edges_file)
        )
        one_way = edges.select(sql.col("src").alias("one"), sql.col("dst").alias("other"))
        ends = one_way.union(edges.select("dst", "src")).cache()
        found = {
            "nodes": nodes.count(),
            "edges": edges.count(),
            "ends without a node": ends.join(nodes, ends.one == nodes.id, "left_anti").count(),
            "highest degree": ends.groupBy("one").count().agg(sql.max("count")).first()[0],
            "components": parts(nodes.select("id"), ends),
        }
        taken = perf_counter() - ready
        spark.stop()
    print(json.dumps([(ready - start) * 1000, taken * 1000, found]))


def parts(nodes: DataFrame, ends: DataFrame) -> int:
    """The number of connected parts: each node takes the least name around it until nothing changes."""
    known = nodes.withColumn("part", sql.col("id")).localCheckpoint()
    number = 0
    while True:
        around = ends.join(known, ends.other == known.id).groupBy("one").agg(sql.min("part").alias("least"))
        after = known.join(around, known.id == around.one, "left").select(
            "id", sql.least("part", "least").alias("part"), (sql.col("least") < sql.col("part")).alias("new")
        )
        number += 1
        if number % ROUNDS_BETWEEN_SAVING == 0:
            after = after.localCheckpoint()
            if not after.where("new").count():
                return after.select("part").distinct().count()
        known = after.select("id", "part")


if __name__ == "__main__":
    main(*sys.argv[1:])
