"""Define the commands for who writes data: find quotes and verify passages."""

from __future__ import annotations

from pathlib import Path

import click

import policygraph
from policygraph.cli.options import Session, dataset_names, emit, width

# ---- Quotes and evidence


@click.command()
@click.argument("words")
@click.option(
    "--text", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The text, in UTF-8."
)
@click.option("--under", default="", metavar="HEADING", help="Find only what stands under this heading.")
@click.pass_obj
def quote(session: Session, words: str, text: Path, under: str) -> None:
    """Find a quote in a source text: its positions, and the Turtle and table cells to paste.

    An ellipsis stands for words left out. Quotation marks, dashes, spaces and line breaks may differ.

    \b
    policygraph quote "launched in June" --text sources/factsheet.txt
    policygraph quote "The plan … by 2020" --text sources/factsheet.txt --under Goals
    """
    emit(policygraph.quote(session.catalog, words, text=text, under=under).text(width=width()).encode(), None)


@click.command()
@click.argument("names", nargs=-1, metavar="[DATASET]…", shell_complete=dataset_names)
@click.option(
    "--text",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder of texts, each SOURCE.txt or any .txt with the SHA-256 of a source.",
)
@click.option("--fix", is_flag=True, help="Rewrite the positions of passages that moved: all or none.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a passage was not checked, too.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.html",
    help="Write a page of the texts with their passages; it is not for publication.",
)
@click.pass_obj
def verify(
    session: Session, names: tuple[str, ...], text: Path, fix: bool, strict: bool, output: Path | None
) -> int:
    """Verify that passages are what stands at their positions in the texts of the sources.

    Exit code 0: all that could be checked is exact. 1: it is not. 2: an error.

    \b
    policygraph verify --text sources
    policygraph verify examplia --text sources --fix
    policygraph verify --text sources -o ~/evidence.html
    """
    if session.data or session.endpoint:
        raise click.UsageError("verify reads the datasets of the catalogue; leave out --data and --endpoint.")
    found = policygraph.verify(session.catalog, *names, texts=text, fix=fix, language=session.language)
    if output:
        policygraph.write_evidence(found, output)
        click.echo(f"Wrote {output}", err=True)
    emit(found.text(width=width()).encode(), None)
    return 0 if found.holds(strict=strict) else 1
