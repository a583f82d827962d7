"""Define the command group and the commands that query, validate, compare and export.

Exit code 0: success. 1: a check failed. 2: an error, which one sentence on stderr explains.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import click

import policygraph
from policygraph.catalog.catalog import Catalog, edited
from policygraph.catalog.metadata import Metadata
from policygraph.catalog.query import ROWS as QUERY_ROWS, Query
from policygraph.cli import author, explore, publish, serve, store as stores
from policygraph.cli.options import (
    FILE,
    HELP,
    ROWS,
    Session,
    Visible,
    dataset_names,
    emit,
    emit_answer,
    option,
    output_option,
    output_options,
    pairs,
    parameter_option,
    progress,
    query_names,
    report_options,
    services_option,
    several,
    width,
    write,
)
from policygraph.errors import PolicyGraphError, QueryError
from policygraph.i18n import format_number
from policygraph.rdf import formats
from policygraph.text import printable, table, wrap

_CLAIMS = "ASK { ?claim rdf:subject ?source ; rdf:object ?target . FILTER(isIRI(?source) && isIRI(?target)) }"
_STATED = "pgc:basis/stated"
_UNTOLD = ("headers", "timeout", "no_pager")  # options that what to ask next does not repeat
_WRITING = ("init", "words", "new", "import", "draft")
_STARTING = ("new", "draft", "quote", "validate", "import")  # in a catalogue that may be empty yet
_PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)"


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@option("--catalog DIR", "Use the catalogue in this folder, which has data/.", type=FILE)
@option("--as-of WHEN", "Use it as of a day, such as 2026-11-24, or a git revision.")
@several(
    "--data FILE",
    "Query this RDF file, with the ontology if it uses its terms, instead of the datasets; repeat.",
    type=FILE,
)
@option("--store DIR", "Query this store, made by load, instead.", type=FILE)
@option("--endpoint URL", "Query this SPARQL endpoint instead.")
@option(
    "--timeout SECONDS",
    "Wait this long for an endpoint; default: 30.",
    type=click.FloatRange(0, min_open=True),
)
@several("--graph IRI", "Query this graph of the endpoint; repeat for several.", "graphs")
@pairs(
    "--header NAME=VALUE", "Send this HTTP header to endpoints; repeat for several.", "headers", secret=True
)
@click.option("--method", type=click.Choice(["GET", "POST"]), help="How to send queries to an endpoint.")
@services_option
@option("--language TAG", "Language of labels, such as en or da.")
@click.option("--no-pager", is_flag=True, help="Print long results at once, also in a terminal.")
@click.version_option(package_name="policygraph", message="policygraph %(version)s")
@click.pass_context
def cli(
    context: click.Context,
    /,
    catalog: Path | None,
    as_of: str | None,
    data: tuple[Path, ...],
    store: Path | None,
    endpoint: str | None,
    services: tuple[str, ...],
    language: str | None,
    no_pager: bool,
    **options: Any,
) -> None:
    """Query, explore, check and publish what governments have said they will do, as a graph.

    Every claim has its provenance: stated by the source, inferred with a rationale, external or derived.
    Name a resource by label, CURIE (prefix:name) or IRI.

    \b
    policygraph                        show what the catalogue holds
    policygraph queries                list the saved queries
    policygraph query area-connections
    policygraph describe NemID

    An endpoint gets the user and password, or token, that POLICYGRAPH_USER and POLICYGRAPH_PASSWORD, or
    POLICYGRAPH_TOKEN, or ~/.netrc hold.
    """
    if empty := [name for name, value in context.params.items() if value == ""]:  # of an unset variable
        raise click.UsageError(f"--{empty[0].replace('_', '-')} is empty; give it a value, or leave it out.")
    if sum(map(bool, (data, store, endpoint))) > 1:
        raise click.UsageError("--data, --store and --endpoint exclude each other: query one of them.")
    if services and endpoint:
        raise click.UsageError("--allow-service is for files and datasets; an endpoint decides for itself.")
    given = {name: value for name, value in options.items() if value}
    if given and not endpoint and context.invoked_subcommand not in ("push", "serve"):
        raise click.UsageError("--timeout, --graph, --header and --method need --endpoint.")
    if as_of and (data or store or endpoint):
        raise click.UsageError("--as-of is for a catalogue; leave out --data, --store and --endpoint.")
    if as_of and context.invoked_subcommand in _WRITING:
        raise click.UsageError("--as-of shows what was, which no command writes to; leave it out.")
    if context.invoked_subcommand in ("init", "words"):  # which need no catalogue
        return
    if context.invoked_subcommand in _STARTING and not store and (own := catalog or edited()):
        found = Catalog(own, files=data, empty=True)
    else:
        found = Catalog.find(catalog, files=data, store=store)
    if catalog is None and edited() == found.root:
        click.echo(f"Using the catalogue in {found.root}, not the one installed.", err=True)
    if as_of:
        found = found.at(as_of)
        click.echo(f"policygraph: note: {found.note}", err=True)
    language = language or found.settings.language
    context.obj = Session(found, data, endpoint, language, given, services)
    if context.invoked_subcommand is None:
        contents(context.obj)


def contents(session: Session) -> None:
    """Print what the catalogue is about and what to ask it, and count the things of each class."""
    source, context = session.source, click.get_current_context()
    ask, saved = partial(session.catalog.ask, **source), session.catalog.queries
    counted = session.store(ontology=False) if session.data else source["store"]
    if session.data and not counted.query("ASK { ?s ?p ?o }"):
        click.echo("policygraph: note: there are no statements in it.", err=True)
    things = ask("contents", store=counted, labels=source["store"]).texts
    if source_name := session.endpoint or session.catalog.place or ", ".join(map(str, session.data)):
        _say(f"{source_name} hold{'s' * (len(session.data) < 2)}:")
    else:
        names = ", ".join(session.catalog.datasets)
        holds = "It held" if session.catalog.note else f"{session.catalog.root} holds"
        asks = {0: "", 1: " and 1 saved query"}.get(len(saved), f" and {len(saved)} saved queries")
        _say(f"{holds} {names}{asks}.")
    label = printable(session.catalog.example(store=counted, language=session.language))
    given = {**context.params, "language": session.language, **dict.fromkeys(_UNTOLD)}
    program, language = "policygraph", session.language or "en"
    for known in context.command.params:
        value = given.get(str(known.name)) or ()
        for each in value if isinstance(value, tuple) else [value]:
            program += f" {known.opts[0]} {shlex.quote(str(each))}"
    claims = bool(counted.query(_CLAIMS))
    listed = ("queries", "list the saved queries")
    drawn = ("view -o picture.html", "draw the graph as an interactive page")
    lines = [
        listed if claims and saved else (f"query -e {_PROPERTIES!r}", "count the properties"),
        (f"describe {shlex.quote(label) if label else 'LABEL'}", "show every statement about a resource"),
        # Of a file, every triple between two things is drawn.
        drawn if claims or session.data else ("view --query FILE.rq", "draw what the query connects"),
    ]
    if claims:
        answer = Metadata(session.catalog, source["store"]).covered(session.language)
        found, covered = [*answer.select("place", "first", "last").texts], list[str]()
        for place in filter(None, dict.fromkeys(row[0] for row in found)):
            first, last = ([row[n] for row in found if row[0] == place and row[n]] for n in (1, 2))
            covered.append(f"{place} {min(first, default='')}-{max(last, default='')}".removesuffix(" -"))
        if covered:
            _say(f"Countries and years: {', '.join(covered)}")
        bases: Counter[str] = Counter()
        by_basis = ask("claims-by-basis")
        wanted = [each for each in ("basis", "status", "claims") if each in by_basis.columns]
        for basis, *status, number in by_basis.select(*wanted).texts:
            bases[f"{basis} ({status[0]})" if any(status) else basis] += int(number)
        _say(f"Claims, by who says so: {_counts(bases.most_common(), language)}")
        # Those that can be asked on any basis.
        asked = (q for q in saved.values() if "basis" in q.parameters and not q.parameters["basis"].default)
        # Those whose finding needs nothing but the number of rows.
        counting = [each for each in asked if each.finding(language, {QUERY_ROWS: "0"})][:3]
        if counting:
            _line("\nFindings, as the sources state it (and with what is read into them):")
        for query in counting:
            stated, read = (len(ask(query, basis=basis).shown.rows) for basis in (_STATED, None))
            _say(query.finding(language, {QUERY_ROWS: f"{stated} ({read})"}), indent=2)
            _line(f"      {program} query {query.name}")
    else:
        _say(f"Things: {_counts(things, language)}")
        edges = "--query FILE.rq, a SELECT with ?source and ?target"
        _line()
        _say(f"No claim here connects two resources, so to measure it, choose its edges: {edges}.")
    _line("\nTry:")
    commands = [f"  {program} {command}" for command, _ in lines]
    below = max(map(len, commands)) > HELP // 2
    for command, (_, purpose) in zip(commands, lines, strict=True):
        _line(f"{command}\n      {purpose}" if below else f"{command:{HELP // 2}}  {purpose}")
    if claims:
        _line()
        _say(f"Things: {_counts(things, language)}. The picture has only those that a claim connects.")


def _say(text: str, *, indent: int = 0) -> None:
    _line("\n".join(wrap(text, width=width(), indent=indent)))


def _line(text: str = "") -> None:
    write(f"{text}\n".encode(errors="backslashreplace"))  # the name of a file may be any bytes


def _counts(rows: Iterable[Sequence[Any]], language: str) -> str:
    """Names with their numbers; at a terminal a dozen, so that what comes before stays on the screen."""
    listed = [f"{name} {format_number(int(number), language)}" for name, number in rows]
    if width() and len(listed) > 12:
        listed[12:] = [f"and {len(listed) - 12} other classes (policygraph | cat lists all)"]
    return ", ".join(listed) or "none"


@cli.command()
@click.argument("name", required=False, metavar="[NAME]", shell_complete=query_names)
@option("--tag TAG", "List only queries with this tag.")
@click.pass_obj
def queries(session: Session, name: str | None, tag: str | None) -> None:
    """List the saved queries with their parameters and tags, or explain the one named NAME.

    \b
    policygraph queries --tag plans
    policygraph queries plans-in-force
    """
    language = session.language or "en"
    if name and tag:
        raise click.UsageError("--tag lists queries, and NAME explains one; leave out one of the two.")
    if name is not None:
        emit(session.catalog.saved(_query(session, name)).guide(language, width=width() or HELP))
        return
    lines = [
        (query.name, query.title(language)[0], ", ".join(query.parameters), ", ".join(query.tags))
        for query in session.catalog.tagged(tag)
    ]
    emit(table(("name", "summary", "parameters", "tags"), lines, width=width()))


class _Query(click.Command):
    """`query`, whose help is that of the saved query where one is named."""

    def get_help_option(self, context: click.Context) -> click.Option | None:
        option = super().get_help_option(context)
        if option is not None:
            option.is_eager = False  # so that the name is known
        return option

    def format_help(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        name = context.params.get("name")
        if not name or name == "-":
            super().format_help(context, formatter)
            return
        self.format_usage(context, formatter)
        query = context.obj.catalog.saved(_query(context.obj, name))
        guide = query.guide(context.obj.language or "en", width=width() or HELP)
        formatter.write(f"\n{guide}\nAll options: {context.command_path} --help\n")


@cli.command(cls=_Query)
@click.argument("name", required=False, metavar="NAME|FILE.rq|-", shell_complete=query_names, is_eager=True)
@option("-e,--expression SPARQL", "Run this text; known prefixes need no PREFIX declaration.")
@parameter_option
@output_options(*formats.FORMATS, "svg")
@click.option(
    "--labels/--iris",
    default=None,
    help="Write labels, also in csv, or CURIEs, also in tables; by default, people get labels.",
)
@click.option("--explain", is_flag=True, help="Print the SPARQL with its parameters bound; do not run it.")
@click.pass_obj
def query(
    session: Session,
    /,
    name: str | None,
    expression: str | None,
    values: dict[str, list[str]],
    explain: bool,
    **chosen: Any,
) -> None:
    """Run a saved query or your own SPARQL.

    NAME is a saved query (its --help tells its parameters), FILE.rq a file, and - standard input; -e takes
    the text itself. Things are given by name, CURIE (prefix:name) or IRI.

    \b
    policygraph query plans-in-force -p year=2014
    policygraph query plans-in-force --labels -o plans.csv
    policygraph query -e 'SELECT ?thing ?label WHERE { ?thing skos:prefLabel ?label }'
    """
    if (name is None) == (expression is None):
        what = "Name one query: a saved one, a .rq file, - for standard input, or -e 'SPARQL'."
        raise click.UsageError(what)
    prefixes = session.catalog.settings.prefixes
    asked = Query.parse(expression or "", prefixes=prefixes) if name is None else _query(session, name)
    if explain:
        from policygraph.store.sparql import declare

        store = session.store()
        text = session.catalog.bind(asked, store, **values)
        emit(declare(text, store.prefixes, store.base).rstrip() + "\n", chosen["output"])
        return
    emit_answer(session.catalog.ask(asked, **session.source, values=values), **chosen)


def _query(session: Session, name: str) -> Query | str:
    if name == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
            return Query.parse(text, prefixes=session.catalog.settings.prefixes)
        except UnicodeDecodeError:
            raise QueryError("standard input is not UTF-8 text.") from None
    return name if name.endswith(".rq") or "/" in name else session.catalog.queries[name]


@cli.command()
@click.argument("what", metavar="RESOURCE")
@output_options(*ROWS)
@click.pass_obj
def describe(session: Session, /, what: str, **chosen: Any) -> None:
    """Show every statement about a resource, with its provenance.

    RESOURCE is a label or words of it, in any language, a notation, a CURIE or an IRI.

    \b
    policygraph describe NemID
    policygraph describe pgid:dk/plan/digital-welfare-2013-2020
    """
    description = session.catalog.describe(what, **session.source)
    if any(chosen.values()):
        emit_answer(description.answer, **chosen)
    else:
        emit(description.text(width=width()))


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME|FILE]…", shell_complete=dataset_names)
@report_options("table", "turtle")
@click.option(
    "--ontology", is_flag=True, help="Check the ontology, concepts and metadata against quality checklists."
)
@pairs(
    "--text FOLDER|SOURCE=FILE",
    "A folder of texts, to compare claims with their passages; for tables, the text of a source.",
    "texts",
    bare=True,
)
@option("--first N", "Report at most N results of each shape.", type=click.IntRange(1))
@click.pass_obj
def validate(
    session: Session,
    names: tuple[str, ...],
    format_: str,
    output: Path | None,
    ontology: bool,
    texts: dict[str, str],
    first: int | None,
) -> int:
    """Validate datasets, RDF files or tables with SHACL.

    Without arguments, validate every dataset. For tables, a workbook or a folder of .csv files, messages name
    the cell. With texts, stated and external claims are compared with the words of their passages. Exit code
    0: the data conform. 1: they do not. 2: an error.

    \b
    policygraph validate
    policygraph validate draft.ttl --format turtle
    policygraph validate large.nt --first 5
    policygraph validate examplia --text sources
    policygraph validate examplia.xlsx
    policygraph validate --ontology
    """
    if session.endpoint or session.catalog.place:
        what = "A store cannot be validated directly: export it to a file, then validate the file."
        raise click.UsageError(what)
    if ontology:
        if names or session.data or texts or format_ != "table" or first:
            what = "--ontology checks a whole catalogue and prints a table: name no files, and no texts."
            raise click.UsageError(what)
        from policygraph.check.ontology import format_results

        results = policygraph.assess(session.catalog)
        emit(format_results(results, width=None if output else width()), output)
        return 1 if any(each.result == "failed" for each in results) else 0
    folder = texts.pop("", None)
    if len(names) == 1 and names[0] not in session.catalog.datasets and author.are_tables(names[0]):
        if folder:
            raise click.UsageError("--text of tables names the source: SOURCE=FILE.")
        if output or format_ != "table" or first:
            what = "The report on tables is whole and text: leave out --format, --output, --first."
            raise click.UsageError(what)
        with progress("Validating"):
            done = policygraph.import_tables(session.catalog, names[0], texts=texts, write=False)
        return author.report_import(done, session, written=False)
    if texts:
        raise click.UsageError("--text of datasets and files names one folder of texts.")
    # Its datasets are the background of files.
    catalog = Catalog(session.catalog.root, past=session.catalog.is_past)
    with progress("Validating"):
        report = policygraph.validate(catalog, *names, *session.data, first=first, texts=folder)
    shown = None if output else width()
    emit(report.turtle() if format_ == "turtle" else report.text(width=shown), output)
    return 0 if report.conforms else 1


@cli.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "markdown", "turtle"]),
    help="table for people, markdown for a changelog, turtle for machines: a SPARQL Update, which cannot "
    "delete blank nodes.",
)
@output_option("Write to this file; .md chooses markdown, .ru turtle.", prints=True)
@click.pass_obj
def diff(session: Session, old: str, new: str | None, format_: str | None, output: Path | None) -> None:
    """Compare two versions of the graph, statement by statement.

    OLD and NEW are each an RDF file, a folder with ontology/ and data/, or a git revision of the catalogue;
    without NEW, the catalogue as it is now. Exit code 0, whether or not they differ. 2: an error.

    \b
    policygraph diff HEAD
    policygraph diff HEAD~1 HEAD --format markdown
    policygraph diff old.ttl new.ttl -o changes.ru
    """
    from policygraph.rdf import diff

    session.require_catalog("diff compares OLD and NEW")
    with progress("Comparing"):
        changes = session.catalog.diff(old, new)
    language = session.language or "en"
    suffixes = {".md": "markdown", ".ru": "turtle"}
    format_ = format_ or suffixes.get(output.suffix.lower() if output else "", "table")
    if format_ == "turtle":
        text = diff.as_patch(changes)
    elif format_ == "markdown":
        text = diff.as_markdown(changes, language=language)
    else:
        text = diff.as_table(changes, language=language, width=None if output else width())
    emit(text, output)


@cli.command()
@click.argument("file", type=FILE)
@click.pass_obj
def export(session: Session, file: Path) -> None:
    """Export the graph, or with --data those files alone, to an RDF file.

    The suffix of FILE chooses the format: .ttl, .nt, .nq, .trig, .jsonld or .rdf; add .gz to compress.

    \b
    policygraph export graph.jsonld
    policygraph export graph.nq.gz
    """
    with progress("Exporting"):
        policygraph.export(session.store(ontology=False), file, context=session.catalog.context)
    click.echo(f"Wrote {file}", err=True)


for module in (explore, serve, publish, author, stores):
    for command in vars(module).values():
        if isinstance(command, click.Command) and command is not publish.check:  # which is of `publish`
            cli.add_command(command)


def main() -> None:
    """Run the command line; an error ends in one sentence on stderr and exit code 2."""
    import gc

    _open_standard_streams()
    # Few objects are garbage; looking for it after each 700, as Python does, took a tenth of a publication.
    gc.set_threshold(100_000, 20, 50)
    if code := run():
        try:
            sys.stdout.flush()
        except OSError:  # at its end, Python would try again and print a second error
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _open_standard_streams() -> None:
    """Open /dev/null for each standard stream that is closed, before another file gets its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # Not writable for stdout: to lose what is printed there is an error, as to the coreutils.
            mode = os.O_WRONLY if name == "stderr" else os.O_RDONLY
            os.set_inheritable(os.open(os.devnull, mode), True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))


def run() -> int:
    """Run the command in `sys.argv` and return its exit code."""
    with redirect_stdout(Visible(sys.stdout)), redirect_stderr(Visible(sys.stderr)):
        try:
            code = cli.main(standalone_mode=False)
            return code if isinstance(code, int) else 0
        except click.ClickException as error:
            error.show()
            return 2
        except PolicyGraphError as error:
            what = str(error)
        except click.Abort:
            what = "Stopped."
        except OSError as error:
            what = f"{error.filename or 'The output'} cannot be used: {error.strerror}."
        # Only lines that are indented, such as of candidates, are ours.
        click.echo("policygraph: " + re.sub(r"\s*\n(?!  )\s*", " ", what), err=True)
        return 2
