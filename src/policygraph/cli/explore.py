"""Define the commands that measure, connect, export and draw the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import policygraph
from policygraph.analysis.network import SHOWN, STRENGTHS
from policygraph.cli.options import (
    FILE,
    ROWS,
    Command,
    Session,
    emit,
    option,
    output_option,
    output_options,
    parameter_option,
    progress,
    query_names,
    several,
    single,
    together,
    width,
)
from policygraph.rdf import formats

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.analysis.crosswalk import Crosswalk
    from policygraph.analysis.paths import Paths
    from policygraph.analysis.table import Table


MAX_DRAWN = 40_000  # connections of a page, which has some 25 MB then

country_option = single("--country COUNTRY", "Keep what is of this country, or of none and leads to it.")


evidence_option = single(
    "--evidence",
    "Keep what sources say, or documents too, or strong and medium readings, or all; or readings only.",
    type=click.Choice(SHOWN),
)


network_options = together(
    several("--without RESOURCE", "Leave out this resource; repeat for several."),
    country_option,
    several("--relation NAME", "Keep only edges of this relation; repeat for several.", "relations"),
    several("--kind NAME", "Keep only resources of this narrowest class; repeat for several.", "kinds"),
    single("--min-strength", "Leave out inferred edges weaker than this.", type=click.Choice(STRENGTHS)),
    evidence_option,
    parameter_option,
    single(
        "--query NAME|FILE.rq",
        "Query whose rows are the edges: ?source and ?target.",
        shell_complete=query_names,
    ),
)
"""Adds the options that choose a network: the query for its edges, and filters."""


def _hops(help: str) -> Callable[[Command], Command]:
    return click.option("--hops", type=click.IntRange(1, 3), default=2, show_default=True, help=help)


def _arguments(session: Session, chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {**session.source, **{name: value for name, value in chosen.items() if value is not None}}


def _network(session: Session, name: str, chosen: Mapping[str, Any]) -> nx.MultiDiGraph:
    """Make the network that a command narrows, refused where it is too large to follow paths in."""
    from policygraph.analysis.paths import MAX_CONNECTIONS

    return policygraph.network(session.catalog, most=(name, MAX_CONNECTIONS), **chosen)


def _report(
    session: Session, chosen: dict[str, Any], make: Callable[..., Table | Paths | Crosswalk], *others: str
) -> None:
    """Write a result in the chosen format; its reading and recipe on stderr if that has no place for them.

    `make` takes the arguments of `policygraph.network`; `others` are formats beside those of rows.
    """
    from policygraph.analysis.measures import choose_format, write
    from policygraph.analysis.paths import Paths, format_paths
    from policygraph.analysis.table import Table

    named, output, columns = (chosen.pop(name) for name in ("format_", "output", "columns"))
    format = choose_format(named, output, *others)
    if columns and format in others:
        raise click.UsageError("a picture takes no --columns: leave them out, or write rows, such as csv.")
    with progress("Measuring"):
        result = make(**_arguments(session, chosen))
    table = result if isinstance(result, Table) else result.table
    if columns:
        result = table.select(*columns)
    elif named is None and output is None and isinstance(result, Paths):
        emit(format_paths(result, width=width()))
        return
    emit(write(result, format=format, width=None if output else width()), output)
    if format not in ("table", "markdown", "json", "svg"):
        click.echo(f"{table.reading}\n{table.recipe_text}", err=True)


@click.command()
@click.argument("name", required=False, metavar="[MEASURE]")
@click.argument("against", nargs=-1, metavar="[DATASET]...")
@option("--scratch URI", "Where a remote engine and its workers read and write files for a while.")
@option(
    "--engine ADDRESS|local",
    "Measure with Spark Connect at sc://host:15002, or with Sail in this process (local).",
)
@network_options
@output_options(*ROWS)
@click.pass_obj
def analyse(
    session: Session,
    /,
    name: str | None,
    against: tuple[str, ...],
    engine: str | None,
    scratch: str | None,
    **chosen: Any,
) -> None:
    """Measure the network: centrality, communities, gaps and more.

    Without MEASURE, list the measures. compare takes one dataset, to compare everything with, or several:
    names, RDF files or folders of catalogues. --country narrows the first. With --engine, central, components
    and summary take FILE.parquet, as `policygraph network FILE.parquet` writes it, or the catalogue.

    \b
    policygraph analyse central
    policygraph analyse communities --evidence said
    policygraph analyse isolated --format csv
    policygraph analyse compare examplia other.ttl
    policygraph analyse central -o central.csv
    policygraph analyse central network.parquet --engine local
    """
    from policygraph.analysis.measures import format_measures

    if name is None:
        emit(format_measures(session.language, width=width()))
        return

    source: Any = session.catalog
    if len(against) == 1 and against[0].endswith(".parquet"):
        source, against = against[0], ()

    def measure(**network: Any) -> Table:
        return policygraph.analyse(name, source, against=against, engine=engine, scratch=scratch, **network)

    _report(session, chosen, measure)


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("-k", type=click.IntRange(1, 50), default=3, show_default=True, help="Maximum number of paths.")
@network_options
@output_options(*ROWS)
@click.pass_obj
def path(session: Session, /, source: str, target: str, k: int, **chosen: Any) -> None:
    """Explain how two resources are connected, with provenance.

    Each path is printed with the provenance of every step; paths through specific resources come before
    paths through widely connected ones. FROM and TO are each a label or the start of one, a CURIE or an IRI.

    \b
    policygraph path NemID "Job creation"
    policygraph path MitID Citizens --evidence said
    policygraph --language da path NemID "Digitalisering i den offentlige sektor"
    """

    def find(**network: Any) -> Paths:
        return policygraph.paths(_network(session, "path", network), source, target, k=k)

    _report(session, chosen, find)


@click.command()
@click.argument("one", metavar="LIST")
@click.argument("other", metavar="LIST")
@_hops("Maximum number of edges in a path.")
@network_options
@output_options(*ROWS, "svg")
@click.pass_obj
def crosswalk(session: Session, /, one: str, other: str, hops: int, **chosen: Any) -> None:
    """Build a matrix of how strongly two lists are connected.

    LIST is a list (such as the areas of a plan), a class (Plan), or resources separated by ";". Each is
    a label or the start of one, a CURIE or an IRI.

    \b
    policygraph crosswalk pgid:dk/scheme/modernisation-areas pgid:dk/scheme/digital-welfare-areas
    policygraph crosswalk Plan Goal -o plans-goals.svg
    policygraph crosswalk "NemID; MitID" Driver --hops 3
    """

    def build(**network: Any) -> Crosswalk:
        from policygraph.analysis.crosswalk import check_lists

        if not any(network.get(name) for name in ("country", "kinds", "without")):  # which shorten lists
            check_lists(session.catalog, network.get("store") or session.catalog.store, one, other)
        return policygraph.crosswalk(_network(session, "crosswalk", network), one, other, hops=hops)

    _report(session, chosen, build, "svg")


@click.command("network")
@click.argument("file", type=FILE)
@network_options
@click.pass_obj
def network_file(session: Session, /, file: Path, **chosen: Any) -> None:
    """Export the network for Gephi, Cytoscape and other tools.

    The suffix of FILE chooses the format: .graphml or .gexf for Gephi, .cyjs for Cytoscape, .json for
    networkx and D3; .csv and .parquet write two files, of nodes and of edges, for everything else. A
    .parquet of the whole network is written row by row, whatever its size.

    \b
    policygraph network graph.gexf
    policygraph network said.graphml --evidence said
    policygraph network graph.parquet
    """
    from policygraph.analysis.exchange import write_parquet

    with progress("Writing"):
        arguments = _arguments(session, chosen)
        if file.suffix == ".parquet":
            written, nodes, edges = write_parquet(session.catalog, file, **arguments)
        else:
            graph = policygraph.network(session.catalog, **arguments)
            written, nodes, edges = policygraph.write_network(graph, file), len(graph), graph.size()
    click.echo(f"Wrote {' and '.join(map(str, written))}: {nodes} nodes, {edges} edges.", err=True)


@click.command()
@output_option("HTML file to write.", default=Path("policygraph.html"), show_default=True)
@single(
    "--query",
    "Query whose rows are the edges: ?source and ?target.",
    default=["network"],
    show_default=True,
    shell_complete=query_names,
)
@option("--focus RESOURCE", "At first, show this resource and its neighbourhood.")
@_hops("Radius of the neighbourhood, in edges.")
@evidence_option
@option("--story NAME", "Begin with this story of the catalogue.", default="")
@country_option
@parameter_option
@click.pass_obj
def view(
    session: Session,
    /,
    output: Path,
    focus: str | None,
    hops: int,
    evidence: str | None,
    story: str,
    **chosen: Any,
) -> None:
    """Draw the graph as one interactive HTML page that works offline.

    RESOURCE is a label or the start of one, a CURIE or an IRI. What --focus or --evidence hides at
    first, a click shows; but of a graph too large to draw, the page has only what is near RESOURCE.

    \b
    policygraph view -o picture.html
    policygraph --language da view -o graf.html
    policygraph view --focus NemID --hops 1 --evidence said
    policygraph view --story nemid
    """
    from policygraph.explorer.document import LIMITS

    drawn, arguments = (LIMITS["nodes"], LIMITS["edges"]), _arguments(session, chosen | {"around": focus})
    if session.data and arguments.get("query") == "network":
        claims = arguments["store"].query("ASK { ?claim rdf:subject ?thing }")
        arguments["query"] = "network" if claims else "file-links"
    with progress("Drawing"):
        graph = policygraph.network(
            session.catalog, steps=hops, drawn=drawn, most=("view", MAX_DRAWN), **arguments
        )
        page = policygraph.view(graph, focus=focus, steps=hops, evidence=evidence, story=story)
    formats.save(page.encode(), output)
    nodes, edges = len(page.document["nodes"]), len(page.document["edges"])
    counts = f"{nodes:,} thing{'s' * (nodes != 1)}, {edges:,} connection{'s' * (edges != 1)}"
    click.echo(f"Open {output.absolute()} in a browser: {counts}.")
    limits = page.document["limits"]
    most = f"at once ({limits['nodes']:,} things, {limits['edges']:,} connections)"
    if "around" in graph.graph:
        less = f"what lies within {hops} step{'s' * (hops > 1)} of {focus} (--hops), and no questions"
        click.echo(f"All of the network is too much to draw {most}: the page has only {less}.", err=True)
    if nodes > limits["nodes"] or edges > limits["edges"]:
        click.echo(f"That is too much to draw {most}: the page begins with the kinds of things.", err=True)
