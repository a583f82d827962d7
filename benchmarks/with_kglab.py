"""A saved question asked with kglab, which reads and asks through rdflib and imports much more."""

import sys
from pathlib import Path

import kglab


def main(query: str, *files: str) -> None:
    """Ask the question in the file `query` of the triples in `files`."""
    graph = kglab.KnowledgeGraph()
    for path in files:
        graph.load_rdf(path, format="turtle")
    answer = list(graph.query(Path(query).read_text(encoding="utf-8")))
    head = list(answer[0].labels)  # kglab gives rows only, so an empty answer has no header
    rows = [["" if term is None else str(term) for term in row] for row in answer]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, ["-" * width for width in widths], *rows):
        print("  ".join(map(str.ljust, cells, widths)).rstrip())
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
