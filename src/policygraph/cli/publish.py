"""The commands of a publisher: the catalogue as a folder of files, and whether a published site is sound."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from policygraph.cli.options import Session, address, out, width
from policygraph.errors import PolicyGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policygraph.rdf.store import Store
    from policygraph.site.publish import Written


class _Publish(click.Command):
    """The command, unless the word after it is "check"; a folder of that name is ./check."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["check"]:
            return check.make_context(f"{info_name} check", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command()
@click.argument("place", metavar="URL|DIR")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", help="How to report."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report to this file.")
@click.option(
    "--all", "every", is_flag=True, help="Of a web address too, read every document, not some of each kind."
)
def check(place: str, format_: str, output: Path | None, every: bool) -> int:
    """Read a published site as a stranger would, and name each fault with its fix.

    Exit code 0: there is none. 1: there are some. 2: it could not be read.

    \b
    policygraph publish check site
    policygraph publish check https://data.example.org/ --format json
    """
    from policygraph.check.site.inspect import SAMPLE, inspect

    with _progress("documents read") as told:
        report = inspect(place, sample=0 if every else SAMPLE, told=told)
    text = report.json() if format_ == "json" else report.text(None if output else width()).encode()
    out(text, output)
    return 0 if report.clean else 1


@click.command(cls=_Publish)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--address",
    "home",
    metavar="URL",
    help="Where DIR will be on the web; then there are rules for w3id.org.",
)
@click.option("--sparql", metavar="URL", help="Where people can ask the same data in SPARQL, to be linked.")
@click.option(
    "--processes", type=click.IntRange(1), metavar="N", help="How many render; by default one a core."
)
@click.pass_obj
def publish(
    session: Session, folder: Path, home: str | None, sparql: str | None, processes: int | None
) -> Callable[[], int]:
    """Write the catalogue to DIR as a web site: pages, data, downloads and a web server's rules.

    DIR is made, or replaced as a whole if this command wrote it; nothing else is overwritten. `policygraph
    publish check` then tells whether the site is sound, there or where it is on the web.

    \b
    policygraph publish site
    policygraph publish site --address https://data.example.org/policy/
    policygraph publish check site
    """
    from policygraph.site.site import Site

    home = address(home, option="--address") if home else ""
    if sparql:
        address(sparql, option="--sparql")
    store: Store = session.store()
    root = urlsplit(home).path or "/"
    site = Site(session.catalog, store, root=root, live=False, sparql=sparql or "")
    return lambda: _publish(site, folder, home, processes)  # where Ctrl-C arrives, to clear the draft away


def _publish(site: Any, folder: Path, home: str, processes: int | None) -> int:
    from policygraph.site.publish import publish as write
    from policygraph.site.webserver.files import files
    from policygraph.site.webserver.rules import Served

    def beside(written: Mapping[str, Written]) -> Mapping[str, bytes]:
        served = {path: Served(each.media, each.policy) for path, each in written.items()}
        # GitHub Pages would leave out what begins with a dot.
        return {f"/{name}": text for name, text in files(served, address=home).items()} | {"/.nojekyll": b""}

    try:
        with _progress("files written") as told:
            done = write(site, folder, beside=beside, told=told, processes=processes)
    except PolicyGraphError as error:
        click.echo(f"policygraph: {error}", err=True)
        return 2
    except KeyboardInterrupt:
        click.echo(f"policygraph: Stopped; {folder} is as it was.", err=True)
        return 2
    click.echo(
        f"Wrote {folder}: {done.pages:,} pages in {done.files:,} files, {done.bytes:,} bytes, "
        f"in {done.seconds:.1f} seconds.",
        err=True,
    )
    return 0


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Tells how far something is, in one line that is cleared at its end, to a person at a terminal only."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    last = 0.0

    def told(done: int, of: int) -> None:
        nonlocal last
        if monotonic() - last > 0.1 or done == of:
            last = monotonic()
            click.echo(f"\r{done:,} of {of:,} {what}\x1b[K", nl=False, err=True)

    try:
        yield told
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)
