"""Measures PageRank and components of large networks by several tools, and stops when they do not agree."""

import sys
import tempfile
from pathlib import Path
from subprocess import CalledProcessError, TimeoutExpired

from report import OTHER, OURS, asked, machine, row, write
from synthetic import Shape, parquet

from policygraph import Catalog

SIZES = (1_000_000, 10_000_000)
TOOLS = {"policygraph": OURS, "rustworkx": OURS, "networkx": OTHER, "igraph": OTHER, "duckdb": OTHER}
CAP = 1_200  # seconds for one tool


def main(sizes: tuple[int, ...], tools: list[str]) -> None:
    """Measure each size by each tool and write the table."""
    about = machine(("policygraph", "pysail", "rustworkx"), ("networkx", "igraph", "duckdb"))
    shape = Shape.of(Catalog.find())
    lines = [
        row("claims", "by", "processor, s", "GB", "highest PageRank", "parts"),
        "|---:|---|---:|---:|---:|---:|",
    ]
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            file, first = Path(folder) / "x.parquet", None
            parquet(shape, size, file)
            for tool in tools:
                try:
                    taken, memory, highest, parts = asked(
                        TOOLS[tool], "with_engines.py", tool, file, seconds=CAP
                    )
                except (TimeoutExpired, CalledProcessError) as error:
                    why = f"over {CAP:,}" if isinstance(error, TimeoutExpired) else "out of memory"
                    lines.append(row(f"{size:,}", tool, why, "", "", ""))
                    continue
                first = first or (highest, parts)
                if abs(highest - first[0]) > 1e-6 or parts != first[1]:
                    sys.exit(f"{tool} finds {highest} and {parts} parts, {tools[0]} {first}.")
                cells = f"{taken / 1000:,.0f}", f"{memory / 1024:.1f}", f"{highest:.9f}", f"{parts:,}"
                lines.append(row(f"{size:,}", tool, *cells))
            print(*lines, sep="\n", file=sys.stderr)
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(tuple(map(int, filter(str.isdigit, sys.argv[1:]))) or SIZES,
         [each for each in sys.argv[1:] if each in TOOLS] or [*TOOLS])  # fmt: skip
