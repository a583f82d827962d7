"""A saved question asked with rdflib: its own Turtle parser, its own store and its own SPARQL engine."""

import sys
from pathlib import Path

from rdflib import Graph


def main(query: str, *files: str) -> None:
    """Ask the question in the file `query` of the triples in `files`."""
    graph = Graph()
    for path in files:
        graph.parse(path, format="turtle")
    answer = graph.query(Path(query).read_text(encoding="utf-8"))
    head = [str(variable) for variable in answer.vars]
    rows = [["" if term is None else str(term) for term in row] for row in answer]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, ["-" * width for width in widths], *rows):
        print("  ".join(map(str.ljust, cells, widths)).rstrip())
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
