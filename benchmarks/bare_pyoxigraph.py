"""A saved question asked with pyoxigraph and Click alone: what the engine itself costs."""

from pathlib import Path

import click
from pyoxigraph import RdfFormat, Store


@click.command()
@click.argument("query", type=click.Path(exists=True, path_type=Path))
@click.argument("files", type=click.Path(exists=True, path_type=Path), nargs=-1)
def main(query: Path, files: tuple[Path, ...]) -> None:
    """Ask QUERY of the triples in FILES."""
    store = Store()
    for path in files:
        store.load(path=str(path), format=RdfFormat.TURTLE)
    answer = store.query(query.read_text(encoding="utf-8"))
    head = [variable.value for variable in answer.variables]
    rows = [["" if term is None else getattr(term, "value", str(term)) for term in row] for row in answer]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, ["-" * width for width in widths], *rows):
        click.echo("  ".join(map(str.ljust, cells, widths)).rstrip())
    click.echo(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
