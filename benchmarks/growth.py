"""Measures commands on files that grow, with the power of the triples by which their time grows.

    .venv/bin/python benchmarks/growth.py 1000 8400 84500

The numbers are of synthetic claims; beside them stands Denmark. Seconds are the processor's, of whole
processes with their children; a command that takes longer than `PATIENCE` is not asked of a larger file.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from math import log
from pathlib import Path

from report import HERE, OURS, machine, row, write

SIZES, PATIENCE = (8_400, 84_500), 300  # claims, about 100,000 and a million triples; seconds
THINGS = (
    f"<https://w3id.org/policygraph/id/{path}>" for path in ("dk/initiative/nemid", "synthetic/amount/0")
)
NAME = f"SELECT ?p ?o WHERE {{ VALUES ?thing {{ {' '.join(THINGS)} }} ?thing ?p ?o }}"  # one is in each file
COMMANDS: dict[str, tuple[str, ...]] = {
    "`oxigraph load`, beside the next row": ("oxigraph", "load", "--location", "store", "--file"),
    "the first command, which keeps a large file's store": ("query", "-e", "ASK {}"),
    "look-up of one thing, `-e`": ("query", "-e", NAME),
    "a term that nothing uses, `-e`": ("query", "-e", "SELECT ?x { ?x a pg:Plann }"),
    "`describe` by name": ("describe", "NAME"),
    "`describe` by a misspelt name (refused)": ("describe", "NAMEx"),
    "`query plans-in-force`": ("query", "plans-in-force"),
    "`query -e` of a count": ("query", "-e", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"),
    "`query network`": ("query", "network", "--format", "csv"),
    "`analyse central`": ("analyse", "central"),
    "`analyse communities`": ("analyse", "communities"),
    "`validate`": ("validate",),
    "`validate --first 5`": ("validate", "--first", "5"),
    **{f"`export x.{name}`": ("export", f"x.{name}") for name in ("nt", "nq", "ttl", "jsonld")},
    "`network x.parquet`": ("network", "x.parquet"),
    "`view`": ("view", "-o", "x.html"),
    "`publish`": ("publish", "site"),
}  # fmt: skip


def spent(command: tuple[str, ...], file: Path) -> tuple[float, int, int]:
    """The processor's seconds, the peak memory in MB and the exit code of a command."""
    start = os.times()
    name = "Digital Post" if file.stem == "denmark" else "Amount no. 0"
    command = tuple(each.replace("NAME", name) for each in command)
    with tempfile.TemporaryDirectory() as folder:
        ours = [OURS.with_name("policygraph"), "--data", file, *command]
        if command[0] == "oxigraph":
            ours = [OURS.with_name("oxigraph"), *command[1:], file]
        process = subprocess.Popen(
            ours, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "XDG_CACHE_HOME": str(file.parent)},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    end = os.times()
    seconds = end.children_user + end.children_system - start.children_user - start.children_system
    return seconds, usage.ru_maxrss // 1024, os.waitstatus_to_exitcode(status)


def files(sizes: tuple[int, ...], folder: Path) -> Iterator[tuple[int, Path]]:
    """Denmark, and synthetic claims: the number of triples and the file."""
    denmark = folder / "denmark.nt"
    for file in (denmark, *(folder / f"{size}.nt" for size in sizes)):
        if file == denmark:
            subprocess.run(
                [OURS.with_name("policygraph"), "--data", HERE.parent / "data/denmark.ttl", "export", file],
                check=True,
            )
        else:
            with file.open("wb") as out:
                subprocess.run([OURS, HERE / "synthetic.py", file.stem], stdout=out, check=True)
        with file.open("rb") as lines:
            yield sum(1 for _ in lines), file


def main(sizes: tuple[int, ...]) -> None:
    """Measure each command on each file and write the table."""
    about = machine(("policygraph", "pyoxigraph", "pyshacl", "networkx"), ())
    with tempfile.TemporaryDirectory() as folder:
        given = dict(files(sizes, Path(folder)))
        lines = [
            row("command", *(f"{triples:,} triples" for triples in given), "grows with triples ^"),
            "|---|" + "---:|" * (len(given) + 1),
        ]
        for name, command in COMMANDS.items():
            cells, measured = [], []
            for triples, file in given.items():
                if measured and measured[-1][1] > PATIENCE:
                    break
                seconds, memory, code = spent(command, file)
                refused = " refused" if code == 2 else ""
                cells.append(f"{seconds:.2f} s, {memory:,} MB{refused}")
                if not refused:
                    measured.append((triples, seconds))
            power = ""
            if len(measured) > 1:
                (small, before), (big, after) = measured[-2:]
                power = f"{log(after / before) / log(big / small):.2f}"
            lines.append(row(name, *cells, *[""] * (len(given) - len(cells)), power))
            print(lines[-1], file=sys.stderr, flush=True)
    write(f"{about}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
