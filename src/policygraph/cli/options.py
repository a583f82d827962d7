"""What the commands share: their common options, and how an answer reaches standard output or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    """The saved questions whose names begin so, for a shell's completion."""
    from click.shell_completion import CompletionItem

    catalog = Catalog.find(context.find_root().params.get("catalog"))
    return [
        CompletionItem(name, help=catalog.queries[name].summary)
        for name in catalog.queries
        if name.startswith(typed)
    ]


def dataset_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """The datasets whose names begin so, for a shell's completion."""
    from click.shell_completion import CompletionItem

    catalog = Catalog.find(context.find_root().params.get("catalog"))
    return [CompletionItem(name) for name in catalog.datasets if name.startswith(typed)]


def output_options(*choices: str) -> Callable[[Command], Command]:
    """--format and --output, for every command that prints an answer."""

    def decorate(command: Command) -> Command:
        command = click.option(
            "-o",
            "--output",
            type=click.Path(path_type=Path),
            help="Write to this file; its suffix chooses the format.",
        )(command)
        return click.option("--format", "format_", metavar="FORMAT", help=f"One of {', '.join(choices)}.")(
            command
        )

    return decorate


def parameter_option(command: Command) -> Command:
    """-p name=value, for every command that asks a saved question."""
    return click.option(
        "-p",
        "--param",
        "values",
        multiple=True,
        metavar="NAME=VALUE",
        help="A parameter's value; repeat it for several parameters, or for several values of one.",
    )(command)


def parameter_values(pairs: tuple[str, ...]) -> dict[str, list[str]]:
    """The values of each parameter, from "name=value" pairs; QueryError for what is no such pair."""
    values: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise QueryError(f"{pair!r} is no parameter; write -p name=value.", parameter=name or None)
        values.setdefault(name, []).append(value)
    return values


def address(url: str, *, option: str) -> str:
    """A public address with its last slash; UsageError, which names the option, for what is none."""
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
    """The columns of the terminal; None when the output goes elsewhere."""
    if not sys.stdout.isatty():
        return None
    from shutil import get_terminal_size

    return get_terminal_size().columns


def put(answer: Answer, *, format: str | None, output: Path | None, context: Path | None = None) -> None:
    """An answer to stdout or a file, in the format asked for, else the file's, else what suits a person."""
    from pyoxigraph import QueryTriples

    holds = "graph" if isinstance(answer, QueryTriples) else "rows"
    if format is None:
        if output is not None:
            format = formats.by_suffix(output, holds=holds).name
        else:
            format = "turtle" if holds == "graph" else "table"
    text = formats.write(answer, format=format, width=None if output else width(), context=context)
    out(text, output)


def out(data: bytes, output: Path | None) -> None:
    """Bytes to standard output, or whole to a file."""
    if output is None:
        try:
            # Not sys.stdout.buffer: under PYTHONUNBUFFERED that is the raw file, which may write a part only.
            with open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
                stdout.write(data)
        except BrokenPipeError:
            # Whoever read this has what they wanted; Python must not try to write the rest at exit.
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
    """A catalogue, the files or the service asked instead of its datasets, and a language, each as chosen."""

    def __init__(
        self, catalog: Path | None, data: tuple[Path, ...], endpoint: str | None, language: str | None
    ) -> None:
        self.catalog = Catalog.find(catalog)
        self.data = data
        self.endpoint = endpoint
        self.language = language

    def store(self, *, ontology: bool = True) -> Store:
        """The endpoint; or the files, beside the ontology if that is wanted; or the whole catalogue."""
        if self.endpoint:
            return Endpoint(self.endpoint)
        if self.data and not ontology:
            from policygraph.rdf.reader import read

            return EmbeddedStore(
                quad for path in self.data for quad in read(path, graph=path.absolute().as_uri())
            )
        return self.catalog.load(files=self.data)

    def elsewhere(self, path: Path) -> Session:
        """The same session over another catalogue (a folder), or over another file beside this ontology."""
        if path.is_dir():
            return Session(path, (), None, self.language)
        return Session(self.catalog.root, (path,), None, self.language)

    def question(self, name: str) -> Query:
        """A .rq file, or a saved question: the catalogue's own, or else the shipped one."""
        return Query.read(name) if name.endswith(".rq") or "/" in name else self.catalog.saved(name)

    def bind(self, query: Query, **values: Any) -> str:
        """The query's text with these values, and the session's language where it asks for one."""
        return query.bind_in(self.language, **values)
