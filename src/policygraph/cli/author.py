"""Define the commands for who writes data: start a dataset, tables, find quotes and verify passages."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import policygraph
from policygraph import i18n
from policygraph.cli.options import (
    FILE,
    Session,
    dataset_names,
    emit,
    option,
    output_option,
    pairs,
    progress,
    width,
)
from policygraph.text import wrap

if TYPE_CHECKING:
    from policygraph.authoring.conversion import Import


# ---- Catalogues


@click.command("words")
@click.argument("tag")
@output_option("The file, by default on the terminal.", prints=True)
def words_(tag: str, output: Path | None) -> None:
    """Write the words of pages in a language, each beside the English, to be filled in.

    The file i18n/TAG.json beside catalog.toml, here or in the folder that --catalog names, is then read; what
    it has already stays. TAG is a BCP 47 tag.

    \b
    policygraph words de -o i18n/de.json
    policygraph --catalog mine words de -o mine/i18n/de.json
    """
    from policygraph.authoring.skeleton import lacking_labels, words_file

    tag, root = tag.lower(), click.get_current_context().find_root().params["catalog"]
    inside = output and output.absolute().parent.name == "i18n"
    folder = root or (output.absolute().parents[1] if output and inside else Path())
    text = words_file(folder, tag)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
    emit(text, output)
    lacking, number = i18n.lacking(texts := json.loads(text), tag)
    if unknown := i18n.unknown(texts):
        click.echo(f"No page has these texts, which stay: {', '.join(unknown)}.", err=True)
    click.echo(f"{lacking:,} of {number:,} texts are still in English.", err=True)
    if terms := lacking_labels(folder, tag):
        where = f"add them in ontology/labels.{tag}.ttl"
        click.echo(f"{terms:,} terms of the ontology have no label in {tag}; {where}.", err=True)


# ---- Tables


class _Asked(click.Option):
    """An option that is prompted for; where nobody can answer, an error names those that are missing."""

    def prompt_for_value(self, context: click.Context) -> Any:
        try:
            return super().prompt_for_value(context)
        except click.Abort:
            if sys.stdin.isatty():
                raise
            asked = (each for each in context.command.params if isinstance(each, _Asked))
            missing = ", ".join(each.opts[0] for each in asked if each.name not in context.params)
            what = f"Without a terminal, nobody can be asked; give {missing}."
            raise click.UsageError(what, context) from None


@click.command()
@click.argument("folder", type=FILE, metavar="DIR")
@option("--base URL", "Where its IRIs begin.", cls=_Asked, prompt="What its IRIs begin with")
@option("--name TEXT", "Who publishes it.", cls=_Asked, prompt="Name of the publisher")
@option("--languages A,B", "Of its pages.", cls=_Asked, prompt=True, default="en")
def init(folder: Path, base: str, name: str, languages: str) -> None:
    """Start a catalogue of your own in DIR: its settings, a question, and a dataset to import.

    What no option says is asked.

    \b
    policygraph init ports --base https://data.example.org/ --name "Ports Agency" --languages en,da
    policygraph init ports
    """
    from policygraph.authoring.skeleton import new_catalog

    base, tags = base.rstrip("/") + "/", [tag.strip() for tag in languages.split(",")]
    tables = new_catalog(folder, base=base, name=name, languages=tags)
    program = shlex.join(["policygraph", "--catalog", str(folder)])
    emit(
        f"Fill in {tables}, then:\n  {program} import {shlex.quote(str(tables))}\n  {program} publish site\n"
    )
    emit("Web servers find their rules in the site; `--for github-pages` publishes what that host reads.\n")
    for tag in (tag for tag in tags if tag not in i18n.LANGUAGES):
        emit(f"{folder / 'i18n' / tag}.json has the words of pages, in English until you fill them in.\n")
    click.echo(f"Wrote {folder}", err=True)


@click.command()
@click.argument("country")
@option("--language TAG", "The country's language, such as nl.", "tag", required=True)
@option("--text FILE", "The text of its source, in UTF-8.", type=FILE)
@output_option("A new file .xlsx or .ttl, or a folder for .csv files; by default COUNTRY.xlsx.")
@click.pass_obj
def new(session: Session, country: str, tag: str, text: Path | None, output: Path | None) -> None:
    """Start the dataset of a country: tables to fill in, with an example of each row.

    With a text, its length and SHA-256 are filled in, and its headings printed.

    \b
    policygraph new examplia --language nl
    policygraph new examplia --language nl --text factsheet.txt -o examplia
    """
    session.require_catalog("new starts a dataset of the catalogue")
    output = output or Path(f"{country}.xlsx")
    outline = policygraph.new_dataset(session.catalog, country, output, language=tag, text=text)
    emit("".join(f"{line}\n" for line in outline))
    click.echo(f"Wrote {output}", err=True)


@click.command("tables")
@click.argument("name", shell_complete=dataset_names)
@output_option("A file .xlsx, or a folder for .csv files.", required=True)
@click.pass_obj
def tables_(session: Session, name: str, output: Path) -> None:
    """Write a dataset as tables, a fact a row.

    \b
    policygraph tables examplia -o examplia.xlsx
    policygraph tables examplia -o examplia
    """
    session.require_catalog("tables writes a dataset of the catalogue")
    _warn(policygraph.write_tables(session.catalog, name, output))
    click.echo(f"Wrote {output}", err=True)


@click.command("import")
@click.argument("tables", type=FILE, metavar="FILE.xlsx|FOLDER")
@pairs("--text SOURCE=FILE", "The text of a source; repeat.", "texts")
@click.pass_obj
def import_(session: Session, tables: Path, texts: dict[str, str]) -> int:
    """Import tables: validate them, find their quotes, show what changes, write the dataset.

    Exit code 0: written. 1: the data do not conform, and nothing was written. 2: an error, and nothing was
    written.

    \b
    policygraph import examplia.xlsx
    policygraph import examplia.xlsx --text factsheet-examplia=factsheet.txt
    """
    session.require_catalog("import writes a dataset of the catalogue")
    if session.catalog.root.name == "_catalog":  # of the package, in its wheel
        raise click.UsageError("import writes into a catalogue of your own; name it with --catalog.")
    from policygraph.catalog.catalog import around

    here, root = around(), session.catalog.root
    if here and not here.samefile(root) and not click.get_current_context().find_root().params["catalog"]:
        what = f"import would write into the catalogue {root}, and you are in {here}"
        raise click.UsageError(f"{what}; name one of them with --catalog.")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # to clear away the draft
    with progress("Importing"):
        done = policygraph.import_tables(session.catalog, tables, texts=texts)
    return report_import(done, session, written=True)


@click.command()
@click.argument("texts", type=FILE, nargs=-1, required=True, metavar="TEXT…")
@option("--pattern FILE", "How the texts are read, in TOML.", type=FILE, required=True)
@output_option("A folder, for a folder of .csv files for each text.", required=True)
@click.pass_obj
def draft(session: Session, texts: tuple[Path, ...], pattern: Path, output: Path) -> None:
    """Draft tables from texts that share a structure: what stands under which heading.

    What was made of each title is in the file #read.csv of its folder, which `import` passes over.

    \b
    policygraph draft factsheets/*.txt --pattern pattern.toml -o drafts
    policygraph import drafts/examplia --text factsheet-examplia=factsheets/examplia.txt
    """
    session.require_catalog("draft writes tables for the catalogue")
    lines = policygraph.draft_tables(session.catalog, texts, pattern=pattern, path=output)
    emit("".join(f"{line}\n" for line in lines))
    click.echo(f"Wrote {output}", err=True)


def are_tables(name: str) -> bool:
    """Whether an argument is a workbook, a folder of .csv files, or one of them."""
    return name.lower().endswith((".xlsx", ".csv")) or any(Path(name).glob("*.[cC][sS][vV]"))


def report_import(done: Import, session: Session, *, written: bool) -> int:
    """Print what an import found, and what it changed; the exit code is 0 if the tables conform."""
    from policygraph.rdf import diff

    lines = [*done.problems, f"The data {'' if done.conforms else 'do not '}conform to the shapes."]
    if written:
        lines[-1] += "" if done.conforms else " Nothing was written."
    if written and done.conforms:
        if done.difference.old:
            emit(diff.as_table(done.difference, language=session.language or "en", width=width()))
        else:
            lines.insert(0, f"{done.difference.summary()}: the dataset is new.")
    emit("".join(f"{part}\n" for line in lines for part in wrap(line, width=width())))
    if written and done.conforms:
        _warn(done.comments)
        click.echo(f"Wrote {done.path}", err=True)
    return 0 if done.conforms else 1


def _warn(comments: tuple[str, ...]) -> None:
    if comments:
        more = f" and {len(comments) - 1} more" if len(comments) > 1 else ""
        click.echo(f"Comments in the Turtle are not kept by tables: {comments[0]!r}{more}.", err=True)


# ---- Quotes and evidence


@click.command()
@click.argument("words")
@option("--text FILE", "The text, in UTF-8.", required=True, type=FILE)
@option("--under HEADING", "Find only what stands under this heading.", default="")
@click.pass_obj
def quote(session: Session, words: str, text: Path, under: str) -> None:
    """Find a quote in a source text: its positions, and the Turtle and table cells to paste.

    An ellipsis stands for words left out. Quotation marks, dashes, spaces and line breaks may differ.

    \b
    policygraph quote "launched in June" --text sources/factsheet.txt
    policygraph quote "The plan … by 2020" --text sources/factsheet.txt --under Goals
    """
    emit(policygraph.quote(session.catalog, words, text=text, under=under).text(width=width()))


@click.command()
@click.argument("names", nargs=-1, metavar="[DATASET]…", shell_complete=dataset_names)
@option(
    "--text FOLDER",
    "The folder of texts, each SOURCE.txt or any .txt with the SHA-256 of a source.",
    required=True,
    type=FILE,
)
@click.option("--fix", is_flag=True, help="Rewrite positions of passages that moved, in all files or none.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a passage was not checked, too.")
@click.option("--order", is_flag=True, help="List the claims of which least stands in their passages first.")
@output_option("Write a page of the texts with their passages; not for publication.", metavar="FILE.html")
@click.pass_obj
def verify(
    session: Session,
    names: tuple[str, ...],
    text: Path,
    fix: bool,
    strict: bool,
    order: bool,
    output: Path | None,
) -> int:
    """Verify that passages are what stands at their positions in the texts of the sources.

    Stated and external claims are compared with the words of their passages. Exit code 0: all that could be
    checked is exact, and no claim contradicts its passages. 1: it is not. 2: an error.

    \b
    policygraph verify --text sources
    policygraph verify examplia --text sources --fix
    policygraph verify examplia --text sources --order
    policygraph verify --text sources -o ~/evidence.html
    """
    session.require_catalog("verify reads the datasets of the catalogue")
    if fix and session.catalog.is_past:
        raise click.UsageError("--as-of shows what was, which no command writes to; leave out --fix.")
    found = policygraph.verify(session.catalog, *names, texts=text, fix=fix, language=session.language)
    if output:
        policygraph.write_evidence(found, output)
        click.echo(f"Wrote {output}", err=True)
    emit(found.order(width=width()) if order else found.text(width=width()))
    return 0 if found.holds(strict=strict) else 1
