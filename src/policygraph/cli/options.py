"""Define the options that commands share, the session, and how results reach stdout or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policygraph.catalog.catalog import Catalog
from policygraph.catalog.query import Query
from policygraph.errors import QueryError
from policygraph.rdf import formats
from policygraph.rdf.store import EmbeddedStore, Endpoint, Store

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from policygraph.rdf.store import Answer

Command = TypeVar("Command", bound=Callable[..., Any])


def query_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a saved query in a shell."""
    from click.shell_completion import CompletionItem

    catalog = Catalog.find(context.find_root().params.get("catalog"))
    return [
        CompletionItem(name, help=catalog.queries[name].summary)
        for name in catalog.queries
        if name.startswith(typed)
    ]


def dataset_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a dataset in a shell."""
    from click.shell_completion import CompletionItem

    catalog = Catalog.find(context.find_root().params.get("catalog"))
    return [CompletionItem(name) for name in catalog.datasets if name.startswith(typed)]


def output_options(*choices: str) -> Callable[[Command], Command]:
    """Add --format and --output to a command that prints a result."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            help="Write to this file; its suffix chooses the format.",
        )(command)
        return click.option(
            "--format", "format_", metavar="FORMAT", help=f"Output format: {', '.join(choices)}."
        )(command)

    return decorate


def parameter_option(command: Command) -> Command:
    """Add -p name=value to a command that runs a query."""
    return click.option(
        "-p",
        "--param",
        "values",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a query parameter; repeat for several parameters, or several values of one.",
    )(command)


def parameter_values(pairs: tuple[str, ...]) -> dict[str, list[str]]:
    """Parse "name=value" pairs to the values of each parameter; QueryError for anything else."""
    values: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise QueryError(f"-p takes name=value; not {pair!r}.", parameter=name or None)
        values.setdefault(name, []).append(value)
    return values


def base_url(url: str, *, option: str) -> str:
    """Check a public URL and end it with a slash; UsageError, which names the option, for an invalid one."""
    from policygraph.errors import EndpointError
    from policygraph.rdf.store import Endpoint

    try:
        Endpoint(url)
    except EndpointError:
        raise click.UsageError(
            f"{option} takes an address such as https://data.example.org/; not {url!r}."
        ) from None
    if "?" in url or "#" in url:
        raise click.UsageError(f"{option} takes an address without ? and #.")
    return url.rstrip("/") + "/"


def width() -> int | None:
    """The width of the terminal; None when stdout is not one."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def emit_answer(
    answer: Answer,
    *,
    format: str | None,
    output: Path | None,
    context: Path | None = None,
    labels: Mapping[str, str] = {},
) -> None:
    """Write a result to stdout or a file, in the given format, else the file's, else one for people."""
    from pyoxigraph import QueryTriples

    holds = "graph" if isinstance(answer, QueryTriples) else "rows"
    if format is None:
        if output is not None:
            format = formats.by_suffix(output, holds=holds).name
        else:
            format = "turtle" if holds == "graph" else "table"
    room = None if output else width()
    text = formats.write(answer, format=format, labels=labels, width=room, context=context)
    emit(text, output)


def emit(data: bytes, output: Path | None) -> None:
    """Write bytes to stdout, or atomically to a file."""
    if output is None:
        try:
            # Not sys.stdout.buffer: under PYTHONUNBUFFERED it is the raw file, which may write only a part.
            with open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
                stdout.write(data)
        except BrokenPipeError:
            # The reader has closed the pipe; Python must not flush the rest at exit.
            import os

            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(2) from None
    else:
        if output.suffix.lower() == ".gz":
            import gzip

            data = gzip.compress(data, mtime=0)
        formats.save(data, output)
        click.echo(f"Wrote {output}", err=True)


class Session:
    """The global options: a catalogue, files or an endpoint to query instead of its datasets, a language."""

    def __init__(
        self, catalog: Path | None, data: tuple[Path, ...], endpoint: str | None, language: str | None
    ) -> None:
        self.catalog = Catalog.find(catalog)
        self.data = data
        self.endpoint = endpoint
        self.language = language

    def store(self, *, ontology: bool = True) -> Store:
        """Open the endpoint, or the files (with the ontology or without), or the whole catalogue."""
        if self.endpoint:
            return Endpoint(self.endpoint)
        if self.data and not ontology:
            from policygraph.rdf.reader import read

            return EmbeddedStore(
                quad for path in self.data for quad in read(path, graph=path.absolute().as_uri())
            )
        return self.catalog.load(files=self.data)

    def with_data(self, path: Path) -> Session:
        """The same session with another catalogue (a folder), or another data file and this ontology."""
        if path.is_dir():
            return Session(path, (), None, self.language)
        return Session(self.catalog.root, (path,), None, self.language)

    def saved_query(self, name: str) -> Query:
        """Read a .rq file, or a saved query: the catalogue's own, else the shipped one."""
        return Query.read(name) if name.endswith(".rq") or "/" in name else self.catalog.saved(name)

    def bind(self, query: Query, **values: Any) -> str:
        """Bind values to a query's parameters, and the session's language if it has such a parameter."""
        return query.bind_in(self.language, **values)
