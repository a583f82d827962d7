"""Define the commands that publish a catalogue as a static site, check that, and fill a SPARQL store."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import click

import policygraph
from policygraph import i18n
from policygraph.cli.options import (
    Session,
    emit,
    option,
    previous_option,
    progress,
    report_options,
    url_callback,
    width,
)
from policygraph.errors import ExtraError, PolicyGraphError, moved

_LONG = 5  # seconds of a check, which are then said


class _Publish(click.Command):
    """`publish`, or `publish check` when the first argument is "check"; a folder of that name is ./check."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args[:1] == ["check"]:
            return check.make_context(f"{info_name} check", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command()
@click.argument("place", metavar="URL|DIR")
@report_options("table", "json")
@click.option(
    "--all", "all_", is_flag=True, help="Read every document on the web, not a sample of each kind."
)
@click.option(
    "--profile",
    type=click.Choice(["server", "static"]),
    default="server",
    help="static: the host serves files as they are, such as GitHub Pages; nothing is asked of its headers.",
)
@option("--base IRI", "What its IRIs begin with; by default as --catalog or it says.", default="")
@click.pass_context
def check(
    context: click.Context, place: str, format_: str, output: Path | None, all_: bool, profile: str, base: str
) -> int:
    """Check a published site, in a folder or on the web.

    Each fault is reported with its fix: broken links, wrong checksums and counts, missing
    metadata, and, on the web, wrong redirects, media types and headers. Exit code 0: no error, though
    there may be warnings and hints. 1: errors. 2: it cannot be checked.

    \b
    policygraph publish check site
    policygraph publish check https://data.example.org/ --format json
    policygraph --catalog mine publish check site
    """
    from policygraph.check.site.inspect import SAMPLE

    if not base and context.find_root().params.get("catalog"):
        base = context.find_object(Session).catalog.settings.base  # type: ignore[union-attr]
    with progress("documents read", counted=True) as show:
        report = policygraph.inspect(
            place, base=base, static=profile == "static", sample=0 if all_ else SAMPLE, progress=show
        )
    emit(report.json() if format_ == "json" else report.text(None if output else width()), output)
    return 0 if report.clean else 1


@click.command(cls=_Publish)
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@option("--address URL", "Public URL of the site, if not that in catalog.toml.", callback=url_callback)
@option(
    "--sparql URL",
    "SPARQL endpoint with the same data, for links from the pages.",
    callback=lambda context, option, url: url_callback(context, option, url) and url,
)
@option("--processes N", "How many render; default: cores on Linux, or 1.", type=click.IntRange(1))
@click.option("--partial", is_flag=True, help="Publish what can have a page, without the rest.")
@previous_option
@click.option("--for", "host", type=click.Choice(["github-pages"]), help="Write what this host reads.")
@click.option("--check/--no-check", "checks", default=True, help="Check what was written; the default.")
@click.pass_obj
def publish(session: Session, /, folder: Path, checks: bool, **options: Any) -> int:
    """Publish the catalogue to DIR as a static web site.

    The site has pages, data, downloads and rules for web servers. DIR is created, or replaced as a whole if
    this command wrote it; nothing else is overwritten. At the end it is checked, as `publish check` does,
    and errors are listed; the last line is a sum.

    \b
    policygraph publish site
    policygraph publish site --address https://data.example.org/policy/
    policygraph --catalog mine publish site --for github-pages
    policygraph publish check site
    """
    given = click.get_current_context().find_root().params
    if not any(given[name] for name in ("catalog", "as_of", "data", "store", "endpoint")):
        click.echo(f"Publishing the catalogue in {session.catalog.root}; --catalog names another.", err=True)
    writing, stopped, message = False, False, f"policygraph: Stopped; {folder} is as it was."

    def stop(number: int, _: object) -> None:
        nonlocal stopped
        if not writing and not moved:
            with suppress(OSError):  # the terminal may be gone
                os.write(sys.stderr.fileno(), f"{message}\n".encode())
            os._exit(2)  # an exception could be caught, as in an import
        signal.signal(number, signal.SIG_DFL)  # a second one ends the process itself
        stopped = True
        if not writing:  # the folder of a revision is to be removed
            raise KeyboardInterrupt

    stops = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    stops = [each for each in stops if signal.getsignal(each) != signal.SIG_IGN]  # as by nohup
    for each in stops:
        signal.signal(each, stop)
    # What only the files say can be known to be as it was.
    store = session.store() if session.endpoint or session.services else None
    try:
        with progress("files written", counted=True) as show:

            def written(number: int, total: int) -> None:
                nonlocal writing
                writing = True
                if stopped:
                    raise KeyboardInterrupt  # which lets the draft be removed
                if show:
                    show(number, total)

            done = policygraph.publish(session.catalog, folder, store=store, progress=written, **options)
    except (KeyboardInterrupt, PolicyGraphError):  # the second where rendering processes were ended too
        if not stopped:
            raise
        with suppress(OSError):
            click.echo(message, err=True)
        return 2
    for each in stops:
        signal.signal(each, signal.SIG_DFL)
    size = f"{done.pages:,} pages in {done.files:,} files"
    if not done.rendered:
        click.echo(f"Nothing changed: {folder} has {size} and stays as it is.", err=True)
        return 0
    size += f" ({len(done.rendered):,} rendered, {done.files - len(done.rendered):,} as before)"
    click.echo(f"Wrote {folder}: {size}, {done.bytes:,} bytes, in {done.seconds:.1f} seconds.", err=True)
    if done.note:
        click.echo(done.note, err=True)
    for name, note in session.catalog.doubts(store or session.catalog.store):
        click.echo(f"queries/{name}.rq: {note}", err=True)
    languages = session.catalog.settings.languages
    queries = session.catalog.queries.values()
    asked = {(section, key): each for query in queries for section, key, each in query.texts() if each}
    for tag in languages:
        missing, texts = i18n.lacking(i18n.template(tag), tag)
        missing += sum(tag not in each for each in asked.values())
        texts += len(asked)
        if missing:
            click.echo(f"{tag}: {missing:,} of {texts:,} texts are in another language.", err=True)
    checked = _checked(folder, session.catalog.settings.base, done.rendered) if checks else "not checked"
    parts = f"{len(languages)} language{'' if len(languages) == 1 else 's'}, {checked}"
    click.echo(f"{done.things:,} of {done.of:,} things have a page, {parts}", err=True)
    return 0


def _checked(folder: Path, base: str, only: Sequence[str]) -> str:
    """What a check of the documents at these paths found, in a few words; its errors are printed."""
    start = monotonic()
    try:
        with progress("documents read", counted=True) as show:
            report = policygraph.inspect(folder, base=base, only=only, progress=show)
    except ExtraError as error:
        return f"not checked: {error}"
    for each in report.errors:
        click.echo(f"{each.where}: {each.problem} {each.fix}", err=True)
    found = f"checked: {len(report.errors)} error{'' if len(report.errors) == 1 else 's'}"
    seconds = monotonic() - start
    return f"{found}, in {seconds:.0f} seconds" if seconds > _LONG else found


@click.command()
@option("--endpoint URL", "SPARQL endpoint of the store, which counts what it got.", required=True)
@option("--update URL", "Where the store takes updates, if not there.")
@option("--graph-store URL", "Put whole graphs here (Graph Store Protocol) instead.")
@click.option("--merge", is_flag=True, help="Replace the default graph too, by the merge of what is pushed.")
@click.option("--no-ontology", is_flag=True, help="Leave the ontology out.")
@click.pass_obj
def push(session: Session, /, endpoint: str, merge: bool, no_ontology: bool, **to: str | None) -> None:
    """Push the datasets, or with --data those files, with the ontology to a SPARQL store.

    Each becomes a named graph, which replaces the graph of that name in the store; the store then counts it,
    and what questions without GRAPH see; where that is nothing, --merge helps. Updates go in batches; with
    --graph-store, each graph goes whole.

    \b
    policygraph push --endpoint https://example.org/sparql --update https://example.org/update
    policygraph --data draft.ttl push --endpoint https://example.org/sparql
    """
    if session.endpoint or "graphs" in session.options:
        what = "push takes the datasets or --data; leave out --graph and name --endpoint after push."
        raise click.UsageError(what)
    if all(to.values()):
        raise click.UsageError("--update and --graph-store exclude each other.")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # so that what is whole can be told
    policygraph.push(
        session.catalog.load(ontology=not no_ontology),
        session.open(endpoint),
        merge=merge,
        pushed=lambda graph, count: click.echo(f"Pushed {graph}: {count:,} triples", err=True),
        seen=lambda note: click.echo(f"policygraph: note: {note}", err=True),
        **{way: session.open(url) for way, url in to.items() if url},
    )
