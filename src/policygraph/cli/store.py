"""Define the commands that keep data on disk, and list and remove what is kept."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

import click

import policygraph
from policygraph.cli.options import FILE, Session, emit, option, progress, width
from policygraph.store.kept import clear_stores
from policygraph.text import table


@click.command()
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]…")
@option("--store DIR", "The folder of the store.", "place", required=True, type=FILE)
@click.pass_obj
def load(session: Session, files: tuple[Path, ...], place: Path) -> None:
    """Load RDF files of any size, or the datasets, into a store on disk, to ask it with --store.

    Files may be packed: .gz, .zst. The ontology is loaded with what uses its terms. A store that is there
    already is replaced when the new one is whole.

    \b
    policygraph load large.nt.gz --store large
    policygraph --store large query -e 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }'
    """
    session.require_catalog("load reads the files that it is given, or the datasets")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # to clear away what is half-written
    total = sum(path.stat().st_size for path in files if path.is_file())
    with progress("bytes" if total else "Loading", counted=bool(total)) as show:
        read = 0

        def reading(size: int) -> None:
            nonlocal read
            read += size
            if show and total:
                show(min(read, total), total)  # the ontology is read too

        done = session.catalog.keep(place, files=files, reading=reading)
    click.echo(f"Loaded {done.triples:,} triples into {place}", err=True)


@click.command()
@click.argument("clear", type=click.Choice(["clear"]), required=False, metavar="[clear]")
def store(clear: str | None) -> None:
    """List the stores that are kept of large files, so that these are parsed once; or clear them all.

    They are in the user's cache, and the least recently used are removed by themselves. POLICYGRAPH_CACHE=off
    keeps none.
    """
    if clear:
        click.echo(f"Stores removed: {clear_stores()}", err=True)
        return
    lines = []
    for each in policygraph.kept_stores():
        used = datetime.fromtimestamp(each.used, UTC).strftime("%Y-%m-%d %H:%M")
        files = ", ".join(Path(file).name for file in each.files) or "of another version"
        lines.append((str(each.place), f"{each.size / 1e6:,.0f} MB", used, files))
    emit(table(("store", "size", "last used (UTC)", "files"), lines, width=width()))
