"""Define the options that commands share, the session, and how results reach stdout or a file."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial, reduce
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from policygraph.catalog.catalog import Catalog
from policygraph.errors import FormatError, nearest
from policygraph.rdf import formats
from policygraph.store.endpoint import Endpoint
from policygraph.store.memory import EmbeddedStore
from policygraph.text import visible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from policygraph.store.answer import Answer

ROWS = tuple(row.name for row in formats.FORMATS.values() if row.holds == "rows")
HELP = 80  # columns of help where there is no terminal, as click has it

Command = TypeVar("Command", bound=Callable[..., Any])


def query_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a saved query in a shell."""
    queries = _catalog(context).queries
    return _completions({name: queries[name].summary for name in queries if name.startswith(typed)})


def parameter_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete -p in a shell: the parameters of the query and, after =, the things that one takes."""
    catalog = _catalog(context)
    # An option that still lacks its value keeps click from naming the arguments before it.
    words = [*(context.params.get(each) or "" for each in ("query", "name")), *context.args]
    query = next((catalog.queries[word] for word in words if word in catalog.queries), None)
    name, equals, value = typed.partition("=")
    if query is None:
        return []
    if not equals:
        known = query.parameters.items()
        return _completions({f"{each}=": it.summary for each, it in known if each.startswith(name)})
    choices = catalog.choices(query, name) if name in query.parameters else {}
    return _completions({
        f"{name}={curie}": label
        for curie, label in choices.items()
        if value.casefold() in label.casefold() or curie.startswith(value)
    })  # fmt: skip


def dataset_names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete the name of a dataset in a shell."""
    return _completions({name: "" for name in _catalog(context).datasets if name.startswith(typed)})


def _catalog(context: click.Context) -> Catalog:
    return Catalog.find(context.find_root().params.get("catalog"))


def _completions(found: Mapping[str, str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(text, help=help or None) for text, help in found.items()]


FILE = click.Path(path_type=Path)


def output_option(help: str, *, prints: bool = False, **more: Any) -> Callable[[Command], Command]:
    """Add --output, a file to write, to a command; where it `prints` without one, also with "-"."""

    def checked(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
        if path != Path("-"):
            return path
        if not prints:
            raise click.UsageError("this is written to a file only: name one after -o.")
        return None

    return click.option("-o", "--output", type=FILE, help=help, callback=checked, **more)


def option(usage: str, help: str, *name: str, **more: Any) -> Callable[[Command], Command]:
    """Add an option to a command, with what it takes behind it as in its help: "-o,--output FILE"."""
    names, _, metavar = usage.partition(" ")
    return click.option(*names.split(","), *name, metavar=metavar or None, help=help, **more)


several = partial(option, multiple=True)
"""Adds one that can be repeated."""


def single(usage: str, help: str, **more: Any) -> Callable[[Command], Command]:
    """Add an option to a command that is refused where it is given twice, since one would go unnoticed."""

    def one(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> str | None:
        if len(given) > 1:
            raise click.UsageError(f"{usage.split()[0]} takes one; name one of {', '.join(given)}.")
        return given[0] if given else None

    return option(usage, help, multiple=True, callback=one, **more)


services_option = several(
    "--allow-service URL",
    "Allow queries to call this endpoint with SERVICE; repeat.",
    "services",
    callback=lambda _, __, given: tuple(Endpoint(each).url for each in given),  # or it is no address
)
previous_option = several(
    "--previous DIR|URL|REVISION",
    "Keep the versions of this publication, or those of a revision in git, too; repeat, the earliest first.",
)


def together(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Add several options to a command, the last first in its help."""
    return lambda command: reduce(lambda made, option: option(made), options, command)


def output_options(*choices: str) -> Callable[[Command], Command]:
    """Add --format, --columns and --output to a command that prints a result."""

    def known(_: click.Context, __: click.Parameter, name: str | None) -> str | None:
        if name is None or name in choices:
            return name
        raise FormatError(f"unknown format {name!r}; there are {', '.join(choices)}.{nearest(name, choices)}")

    def names(_: click.Context, __: click.Parameter, text: str | None) -> list[str]:
        return [] if text is None else [name.strip(" ?") for name in text.split(",")]

    listed = f"Output format: {', '.join(choices)}."
    return together(
        output_option("Write to this file; its suffix chooses the format.", prints=True),
        option("--columns A,B", "Write only these columns.", callback=names),
        option("--format FORMAT", listed, "format_", callback=known),
    )


def report_options(*choices: str) -> Callable[[Command], Command]:
    """Add --format, of which the first choice is the default, and --output to a command that reports."""
    kinds = click.Choice(choices)
    return together(
        output_option("Write the report to this file.", prints=True),
        click.option("--format", "format_", type=kinds, default=choices[0], help="Report format."),
    )


def pairs(
    usage: str,
    help: str,
    name: str,
    secret: bool = False,
    many: bool = False,
    bare: bool = False,
    **more: Any,
) -> Callable[[Command], Command]:
    """Add an option for pairs of a name and a value; of `many` values of a name, all count, else the last.

    A `bare` value has the empty name.
    """

    def parsed(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for each in given:
            key, equals, value = ("", "=", each) if bare and "=" not in each else each.partition("=")
            if not (key or bare) or not equals or (many and not value.strip()):
                what = re.sub(r"(,\S+)? ", " takes ", usage, count=1)
                raise click.UsageError(f"{what}{'' if secret else f'; not {each!r}'}.")
            values[key] = [*values.get(key, ()), value] if many else value
        return values

    return option(usage, help, name, multiple=True, callback=parsed, **more)


parameter_option = pairs(
    "-p,--param NAME=VALUE",
    "Set a query parameter; repeat for several parameters, or several values of one.",
    "values",
    many=True,
    shell_complete=parameter_names,
)
"""Adds -p name=value to a command that runs a query."""


def url_callback(_: click.Context, option: click.Parameter, value: str | None) -> str:
    """Check the public URL that an option takes, if any."""
    from policygraph.site.urls import public_url

    return public_url(value, option.opts[0]) if value else ""


def width() -> int | None:
    """The width of the terminal; None when stdout is not one."""
    return size.columns if (size := _terminal()) else None


def _terminal() -> os.terminal_size | None:
    from shutil import get_terminal_size

    return get_terminal_size() if sys.stdout.isatty() else None


def emit_answer(
    answer: Answer, format_: str | None, columns: list[str], output: Path | None, labels: bool | None = None
) -> None:
    """Write an answer to stdout or a file, in the given format, else the file's, else one for people."""
    for note in answer.notes:
        click.echo(f"policygraph: note: {note}", err=True)
    answer = answer.select(*columns) if columns else answer
    machine = (format_ or (output.suffix[1:] if output else "")) in {*ROWS} - {*formats.PEOPLE}
    if machine and not labels and answer.repeated:
        click.echo(f"policygraph: note: {answer.repeated}", err=True)
    if output is None:
        emit(answer.write(format=format_, width=width(), labels=labels))
    else:
        answer.save(output, format=format_, labels=labels)
        click.echo(f"Wrote {output}", err=True)


def emit(text: str | bytes, output: Path | None = None) -> None:
    """Write a text, or data, to stdout, or atomically to a file; data keep there what a terminal obeys."""
    if isinstance(text, bytes) and output is None and _terminal():
        text = text.decode()
    data = text if isinstance(text, bytes) else visible(text).encode(errors="backslashreplace")
    if output is None and _fills_screen(data):
        click.echo_via_pager(data.decode())
    elif output is None:
        write(data)
    else:
        formats.save(data, output)
        click.echo(f"Wrote {output}", err=True)


class Visible:
    """A stream of text for a terminal, which gets no sign that it obeys."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text as `visible` gives it."""
        return int(self._stream.write(visible(text)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def write(data: bytes) -> None:
    """Write to stdout, or to nowhere once its reader has closed the pipe."""
    try:
        # Not sys.stdout.buffer: under PYTHONUNBUFFERED it is the raw file, which may write only a part.
        with open(sys.stdout.fileno(), "wb", closefd=False) as stdout:
            stdout.write(data)
    except BrokenPipeError:
        # Python must not flush the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(what: str, *, counted: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Show what takes long in one line of a terminal, cleared at the end; None when stderr is no terminal.

    What is not `counted`, by calls of what is yielded, is shown with its seconds, from the second one on.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    start, last, done = monotonic(), 0.0, Event()

    def say(text: str) -> None:
        click.echo(f"\r{text}\x1b[K".encode(), nl=False, err=True)  # bytes, which are not made visible

    def show(number: int, total: int) -> None:
        nonlocal last
        if monotonic() - last > 0.1 or number == total:
            last = monotonic()
            say(f"{number:,} of {total:,} {what}")

    def wait() -> None:
        while not done.wait(2):
            say(f"{what}: {monotonic() - start:.0f} seconds")

    thread = Thread(target=wait, daemon=True)
    if not counted:  # where processes are forked, no thread may run
        thread.start()
    try:
        yield show
    finally:
        done.set()
        if not counted:
            thread.join()
        say("")


def _fills_screen(data: bytes) -> bool:
    """Whether a text needs a pager: it is longer than the terminal, and the user has not refused one."""
    context, size = click.get_current_context(silent=True), _terminal()
    refused = context is None or context.find_root().params.get("no_pager")
    return size is not None and not refused and data.count(b"\n") >= size.lines


class Session(NamedTuple):
    """What the global options say."""

    catalog: Catalog
    data: tuple[Path, ...]  # files, or
    endpoint: str | None  # an endpoint, to query instead of the catalogue's datasets
    language: str | None
    options: Mapping[str, Any]  # of endpoints, as `Endpoint` takes them
    services: tuple[str, ...]  # that may be called with SERVICE

    def store(self, *, ontology: bool = True) -> EmbeddedStore | Endpoint:
        """Open the endpoint, or the files or the datasets with the ontology; files also without it."""
        if self.endpoint:
            return self.open(self.endpoint)
        store = self.catalog.load(ontology=ontology or not self.data)
        store.services = self.services
        return store

    def open(self, url: str) -> Endpoint:
        """Open a service; on a terminal, ask once for the password of a user who comes without one."""
        user, *others = (os.environ.get(f"POLICYGRAPH_{name}") for name in ("USER", "PASSWORD", "TOKEN"))
        if user and not any(others) and sys.stdin.isatty():
            password = click.prompt(f"Password of {user}", hide_input=True, err=True)
            os.environ["POLICYGRAPH_PASSWORD"] = password
        endpoint = Endpoint(url, **self.options)
        endpoint.base = self.catalog.settings.base
        endpoint.prefixes = endpoint.curies = self.catalog.settings.prefixes
        return endpoint

    def require_catalog(self, what: str) -> None:
        """UsageError, which says what the command does, where --data, --store or --endpoint were given."""
        if self.data or self.catalog.place or self.endpoint:
            raise click.UsageError(f"{what}; leave out --data, --store and --endpoint.")

    @property
    def source(self) -> dict[str, Any]:
        """The store and the language, as the functions of the library take them."""
        return {"store": self.store(), "language": self.language}
