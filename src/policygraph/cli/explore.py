"""Define the commands that measure, connect, export and draw the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policygraph.cli.options import (
    Session,
    emit,
    output_options,
    parameter_option,
    parameter_values,
    query_names,
    width,
)
from policygraph.rdf import formats

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.analysis.table import Table
    from policygraph.rdf.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])
ROWS = tuple(row.name for row in formats.FORMATS.values() if row.holds == "rows")
OTHER_FORMATS = {"turtle": (".ttl",), "svg": (".svg",)}  # of measures; a query result has no such format


def network_options(command: Command) -> Command:
    """Add the options that choose a network: the query for its edges, and filters."""
    for option in (
        click.option(
            "--without",
            multiple=True,
            metavar="RESOURCE",
            help="Leave out this resource; repeat for several.",
        ),
        click.option("--country", metavar="COUNTRY", help="Keep only resources of this country, or of none."),
        click.option(
            "--relation",
            "relations",
            multiple=True,
            metavar="NAME",
            help="Keep only edges of this relation; repeat for several.",
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            metavar="NAME",
            help="Keep only resources of this class; repeat for several.",
        ),
        click.option(
            "--min-strength",
            type=click.Choice(["weak", "medium", "strong"]),
            help="Leave out inferred edges weaker than this.",
        ),
        click.option(
            "--stated-only", is_flag=True, help="Keep only edges that the source itself states, no inference."
        ),
    ):
        command = option(command)
    command = parameter_option(command)
    return click.option(
        "--query",
        "query",
        metavar="NAME|FILE.rq",
        shell_complete=query_names,
        help="Query whose rows are the edges: ?source and ?target.",
    )(command)


def _load_networks(
    session: Session, query: str, values: tuple[str, ...], chosen: Mapping[str, Any]
) -> tuple[nx.MultiDiGraph, nx.MultiDiGraph, Store]:
    """Load the network of a query, with its recipe; also the filtered network and the store."""
    from policygraph.analysis.network import narrowed, network
    from policygraph.analysis.paths import require_node
    from policygraph.rdf.namespaces import compact
    from policygraph.rdf.store import rows

    store = session.store()
    edges = session.bind(session.saved_query(query), **parameter_values(values))
    whole = network(store, edges=edges, nodes=session.bind(session.saved_query("network-nodes")))
    if query != "network":  # keep only nodes that its rows name
        whole.remove_nodes_from(set(whole) - set(network(store, edges=edges)))
    text = "SELECT ?data ?version { ?data a dcat:Dataset ; dcat:version ?version } ORDER BY ?data"
    versions = [f"{compact(row['data'].value)} {row['version'].value}" for row in rows(store, text)]
    whole.graph["network"] = " ".join([query, *values])
    if versions:
        whole.graph["dataset"] = ", ".join(versions)
    without = [_find(session, store, what) for what in chosen["without"]]
    for iri in without:  # a resource that is not in the network cannot be left out
        require_node(whole, iri)
    return whole, narrowed(whole, **{**chosen, "without": without}), store


def _find(session: Session, store: Store, what: str) -> str:
    from policygraph.catalog.resource import find

    return find(store, what, labels=session.bind(session.saved_query("labels")))


def _choose_format(name: str | None, output: Path | None, *others: str) -> str:
    """Choose the format by name, else by the file's suffix; `others` are formats beside those of rows."""
    from policygraph.errors import FormatError, nearest

    known = {row: formats.FORMATS[row].suffixes for row in ROWS} | {
        other: OTHER_FORMATS[other] for other in others
    }
    if name is not None:
        if name not in known:
            raise FormatError(f"unknown format {name!r}; there are {', '.join(known)}.{nearest(name, known)}")
        return name
    if output is None:
        return "table"
    suffix = output.suffix.lower()
    for format, suffixes in known.items():
        if suffix in suffixes:
            return format
    listed = " ".join(suffix for suffixes in known.values() for suffix in suffixes)
    raise FormatError(f"{output}: no format has the suffix {suffix!r}; use one of {listed}.")


def _emit_table(result: Table, *, format: str, output: Path | None) -> None:
    """Write a measure's table with its reading and recipe; on stderr if the format has no place for them."""
    import json

    if format == "turtle":
        from policygraph.analysis.datacube import observations

        emit(observations(result), output)
        return
    people = format in ("table", "markdown")
    text = formats.write(
        result.answer(people=people), format=format, labels=result.labels, width=None if output else width()
    )
    if people:
        from policygraph.analysis.crosswalk import escape_markdown

        reading = escape_markdown(result.reading) if format == "markdown" else result.reading
        text += f"\n{_wrap(reading)}\n{_format_recipe(result, format)}".encode()
    elif format == "json":
        document = json.loads(text) | {"reading": result.reading, "recipe": dict(result.recipe)}
        text = json.dumps(document, ensure_ascii=False, indent=2, default=str).encode() + b"\n"
    emit(text, output)
    if not people and format != "json":
        recipe = "; ".join(f"{name}: {value}" for name, value in result.recipe.items())
        click.echo(f"{result.reading}\nRecipe: {recipe}.", err=True)


def _with_recipe(result: Table, **arguments: Any) -> Table:
    """Add the arguments of the command line and the version of the software to a table's recipe."""
    from importlib.metadata import version

    more = {name.replace("_", " "): value for name, value in arguments.items()}
    return result._replace(recipe={**result.recipe, **more, "policygraph": version("policygraph")})


def _format_recipe(result: Table, format: str) -> str:
    """Format a table's recipe as a paragraph."""
    from policygraph.analysis.crosswalk import escape_markdown

    recipe = "; ".join(
        f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in result.recipe.items()
    )
    paragraph = _wrap(f"Recipe: {escape_markdown(recipe) if format == 'markdown' else recipe}.")
    return f"\n{paragraph}\n"


def _wrap(text: str) -> str:
    from textwrap import fill

    return fill(text, width() or 110, break_long_words=False, break_on_hyphens=False)


@click.command()
@click.argument("name", required=False, metavar="[MEASURE]")
@network_options
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="For compare: the file of another dataset, or another catalogue.",
)
@output_options(*ROWS, "turtle")
@click.pass_obj
def analyse(
    session: Session,
    /,
    name: str | None,
    query: str | None,
    values: tuple[str, ...],
    against: Path | None,
    format_: str | None,
    output: Path | None,
    **chosen: Any,
) -> None:
    """Measure the network: centrality, communities, gaps and more.

    Without MEASURE, list the measures.

    \b
    policygraph analyse central
    policygraph analyse communities --stated-only
    policygraph analyse isolated --format csv
    policygraph analyse central -o central.ttl
    """
    from policygraph.analysis.comparison import columns_of, compare
    from policygraph.analysis.measures import MEASURES, find_measure
    from policygraph.analysis.measures import analyse as measured
    from policygraph.errors import NetworkError
    from policygraph.text import table

    if name is None:
        rows = [(name, measure.asks) for name, measure in MEASURES.items()]
        emit(table(("measure", "question"), rows, width=width()).encode(), None)
        return
    format = _choose_format(format_, output, "turtle")
    if against and name != "compare":
        raise click.UsageError("--against is for compare: policygraph analyse compare --against FILE.")
    query = query or find_measure(name).network
    whole, graph, store = _load_networks(session, query, values, chosen)
    if against is not None:
        other = session.with_data(against)
        names = ("this", against.stem)
        try:
            columns_of(names)
        except NetworkError:  # the file's name cannot be a column
            names = ("this", "other")
        result = compare(graph, _load_networks(other, query, values, chosen)[1], names=names)
    elif name == "compare" and any(chosen.values()):
        result = compare(whole, graph, names=("everything", "narrowed"))
    else:
        result = measured(name, graph, ask=lambda saved: _query_rows(session, store, saved))
    _emit_table(_with_recipe(result), format=format, output=output)


def _query_rows(session: Session, store: Store, name: str) -> list[dict[str, Any]]:
    from policygraph.rdf.terms import python_value

    answer: Any = store.query(session.bind(session.saved_query(name)))
    names = [variable.value for variable in answer.variables]
    return [{name: python_value(row[name]) for name in names} for row in answer]


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "-k", "k", type=click.IntRange(1, 50), default=3, show_default=True, help="Maximum number of paths."
)
@network_options
@output_options(*ROWS, "turtle")
@click.pass_obj
def path(
    session: Session,
    /,
    source: str,
    target: str,
    k: int,
    query: str | None,
    values: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    **chosen: Any,
) -> None:
    """Explain how two resources are connected, with provenance.

    Each path is printed with the provenance of every step; paths through specific resources come before
    paths through widely connected ones. FROM and TO are each a label or the start of one, a CURIE or an IRI.

    \b
    policygraph path NemID "Job creation"
    policygraph path Telemedicine "Demographic challenges" --stated-only
    policygraph --language da path NemID "Digitalisering i den offentlige sektor"
    """
    from policygraph.analysis.paths import format_paths, paths, paths_table

    format = _choose_format(format_, output, "turtle")
    whole, graph, store = _load_networks(session, query or "network", values, chosen)
    ends = [_find(session, store, what) for what in (source, target)]
    result = paths(graph, *ends, k=k, whole=whole)
    if format_ is None and output is None:
        emit(format_paths(result, language=session.language or "en", width=width()).encode(), None)
    else:
        _emit_table(_with_recipe(paths_table(result, graph), paths_at_most=k), format=format, output=output)


@click.command()
@click.argument("rows", metavar="LIST")
@click.argument("columns", metavar="LIST")
@click.option(
    "--hops",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="Maximum number of edges in a path.",
)
@network_options
@output_options(*ROWS, "turtle", "svg")
@click.pass_obj
def crosswalk(
    session: Session,
    /,
    rows: str,
    columns: str,
    hops: int,
    query: str | None,
    values: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    **chosen: Any,
) -> None:
    """Build a matrix of how strongly two lists are connected.

    LIST is a list (such as the areas of a plan), a class (Plan), or resources separated by ";". Each is
    a label or the start of one, a CURIE or an IRI.

    \b
    policygraph crosswalk pgid:dk/scheme/modernisation-areas pgid:dk/scheme/digital-welfare-areas
    policygraph crosswalk Plan Goal -o plans-goals.svg
    policygraph crosswalk "NemID; MitID" Driver --hops 3
    """
    from policygraph.analysis.crosswalk import crosswalk as crossed
    from policygraph.analysis.crosswalk import crosswalk_table, format_crosswalk, format_markdown

    format = _choose_format(format_, output, "turtle", "svg")
    _, graph, store = _load_networks(session, query or "network", values, chosen)
    lists = [_members(session, store, graph, what) for what in (rows, columns)]
    result = crossed(graph, *(members for _, members in lists), hops=hops, language=session.language or "en")
    matrix = _with_recipe(crosswalk_table(result, graph), rows=rows, columns=columns)
    if format == "svg":
        from policygraph.analysis.heatmap import svg

        emit(svg(result, title=" × ".join(name for name, _ in lists)).encode(), output)
    elif format == "markdown":
        emit((format_markdown(result) + _format_recipe(matrix, format)).encode(), output)
    elif format == "table":
        printed = format_crosswalk(result, width=None if output else width())
        emit((printed + _format_recipe(matrix, format)).encode(), output)
    else:
        _emit_table(matrix, format=format, output=output)


def _members(session: Session, store: Store, graph: nx.MultiDiGraph, what: str) -> tuple[str, list[str]]:
    """The label of a list and its members: of a list or a class, or the resources named."""
    names = [name for name in what.split(";") if name.strip()]
    from policygraph.rdf.store import rows
    from policygraph.rdf.terms import best_literal

    if len(names) > 1:
        return what, [_find(session, store, name) for name in names]
    group = _find(session, store, what)
    text = session.bind(session.saved_query("members"), group=f"<{group}>")
    members = {row["member"].value: row["label"] for row in rows(store, text)}
    for member, label in members.items():  # a member without edges is listed too
        if member not in graph:
            graph.add_node(member, **({"label": label.value} if label else {}))
    labels = rows(store, session.bind(session.saved_query("labels")))
    name = best_literal(
        (row["label"] for row in labels if row["thing"].value == group), session.language or "en"
    )
    return name.value if name else what, [*members] or [group]


@click.command("network")
@click.argument("file", type=click.Path(path_type=Path))
@network_options
@click.pass_obj
def network_file(
    session: Session, /, file: Path, query: str | None, values: tuple[str, ...], **chosen: Any
) -> None:
    """Export the network for Gephi, Cytoscape and other tools.

    The suffix of FILE chooses the format: .graphml or .gexf for Gephi, .cyjs for Cytoscape, .json for
    networkx and D3; .csv writes two files, of nodes and of edges, for everything else.

    \b
    policygraph network graph.gexf
    policygraph network stated.graphml --stated-only
    """
    from policygraph.analysis.exchange import write

    _, graph, _ = _load_networks(session, query or "network", values, chosen)
    written = write(graph, file)
    names = " and ".join(map(str, written))
    click.echo(f"Wrote {names}: {len(graph)} nodes, {graph.size()} edges.", err=True)


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("policygraph.html"),
    show_default=True,
    help="HTML file to write.",
)
@click.option(
    "--query",
    "name",
    default="network",
    show_default=True,
    shell_complete=query_names,
    help="Query whose rows are the edges: ?source and ?target.",
)
@click.option("--focus", metavar="RESOURCE", help="At first, show this resource and its neighbourhood.")
@click.option(
    "--hops",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="Radius of the neighbourhood, in edges.",
)
@click.option("--stated-only", is_flag=True, help="At first, show only edges that the source itself states.")
@parameter_option
@click.pass_obj
def view(
    session: Session,
    output: Path,
    name: str,
    focus: str | None,
    hops: int,
    stated_only: bool,
    values: tuple[str, ...],
) -> None:
    """Draw the graph as one interactive HTML page that works offline.

    RESOURCE is a label or the start of one, a CURIE or an IRI. What --focus or --stated-only hides at
    first, a click shows.

    \b
    policygraph view -o picture.html
    policygraph --language da view -o graf.html
    policygraph view --focus NemID --hops 1 --stated-only
    """
    from policygraph.explorer.page import explore

    page = explore(
        session.catalog,
        session.store(),
        language=session.language,
        query=session.saved_query(name),
        values=parameter_values(values),
        focus=focus,
        steps=hops,
        stated_only=stated_only,
    )
    formats.save(page.encode(), output)
    nodes, edges = len(page.document["nodes"]), len(page.document["edges"])
    click.echo(f"Open {output.absolute()} in a browser: {nodes:,} things, {edges:,} connections.")
    limits = page.document["limits"]
    if nodes > limits["nodes"] or edges > limits["edges"]:
        click.echo(
            f"That is too much to draw at once ({limits['nodes']:,} things, {limits['edges']:,} "
            "connections): the page begins with the kinds of things.",
            err=True,
        )
