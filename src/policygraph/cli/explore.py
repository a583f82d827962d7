"""The commands of an analyst, who looks at a network, measures it and asks why two things are connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from policygraph.cli.options import (
    Session,
    out,
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
OTHERS = {"turtle": (".ttl",), "svg": (".svg",)}  # what a table can be, though no answer to a question


def network_options(command: Command) -> Command:
    """Which network to work on: a question's rows, and what is kept of them."""
    for option in (
        click.option(
            "--without", multiple=True, metavar="THING", help="Leave this thing out; repeat it for several."
        ),
        click.option("--country", metavar="COUNTRY", help="Keep only things of this country, and of none."),
        click.option(
            "--relation",
            "relations",
            multiple=True,
            metavar="NAME",
            help="Keep only this relation; repeat it for several.",
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            metavar="NAME",
            help="Keep only things of this kind; repeat it for several.",
        ),
        click.option(
            "--min-strength",
            type=click.Choice(["weak", "medium", "strong"]),
            help="Leave out weaker inferences.",
        ),
        click.option("--stated-only", is_flag=True, help="Keep only what the source itself states."),
    ):
        command = option(command)
    command = parameter_option(command)
    return click.option(
        "--query",
        "query",
        metavar="NAME|FILE.rq",
        shell_complete=query_names,
        help="A question whose rows are the connections: ?source and ?target.",
    )(command)


def _networks(
    session: Session, query: str, values: tuple[str, ...], chosen: Mapping[str, Any]
) -> tuple[nx.MultiDiGraph, nx.MultiDiGraph, Store]:
    """The network of a saved question, with its recipe; what is kept of it; and the store it comes from."""
    from policygraph.analysis.network import narrowed, network
    from policygraph.analysis.paths import require_node
    from policygraph.rdf.namespaces import compact

    store = session.store()
    edges = session.bind(session.question(query), **parameter_values(values))
    whole = network(store, edges=edges, nodes=session.bind(session.question("network-nodes")))
    if query != "network":  # then what its rows do not name is no part of it
        whole.remove_nodes_from(set(whole) - set(network(store, edges=edges)))
    found = store.query(
        "SELECT ?data ?version { ?data a dcat:Dataset ; dcat:version ?version } ORDER BY ?data"
    )
    versions = [f"{compact(row['data'].value)} {row['version'].value}" for row in found]  # type: ignore[union-attr]
    whole.graph["network"] = " ".join([query, *values])
    if versions:
        whole.graph["dataset"] = ", ".join(versions)
    without = [_thing(session, store, what) for what in chosen["without"]]
    for each in without:  # else the recipe would tell of what was not done, as of a kind's name
        require_node(whole, each)
    return whole, narrowed(whole, **{**chosen, "without": without}), store


def _thing(session: Session, store: Store, what: str) -> str:
    from policygraph.catalog.resource import find

    return find(store, what, labels=session.bind(session.question("labels")))


def _format(name: str | None, output: Path | None, *others: str) -> str:
    """The format asked for, or else that of the file's suffix; `others` are those beside the ones of rows."""
    from policygraph.errors import FormatError, nearest

    known = {row: formats.FORMATS[row].suffixes for row in ROWS} | {other: OTHERS[other] for other in others}
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


def _put_table(found: Table, *, format: str, output: Path | None) -> None:
    """A measure's table, with how to read it and its recipe, where the format has a place for them."""
    import json

    if format == "turtle":
        from policygraph.analysis.datacube import observations

        out(observations(found), output)
        return
    people = format in ("table", "markdown")
    text = formats.write(
        found.answer(people=people), format=format, labels=found.labels, width=None if output else width()
    )
    if people:
        from policygraph.analysis.crosswalk import escaped

        reading = escaped(found.reading) if format == "markdown" else found.reading
        text += f"\n{_wrapped(reading)}\n{_recipe(found, format)}".encode()
    elif format == "json":
        made = json.loads(text) | {"reading": found.reading, "recipe": dict(found.recipe)}
        text = json.dumps(made, ensure_ascii=False, indent=2, default=str).encode() + b"\n"
    out(text, output)
    if not people and format != "json":
        recipe = "; ".join(f"{name}: {value}" for name, value in found.recipe.items())
        click.echo(f"{found.reading}\nRecipe: {recipe}.", err=True)


def _made(found: Table, **more: Any) -> Table:
    """A table whose recipe also says what was asked for on the command line, and by which version."""
    from importlib.metadata import version

    asked = {name.replace("_", " "): value for name, value in more.items()}
    return found._replace(recipe={**found.recipe, **asked, "policygraph": version("policygraph")})


def _recipe(found: Table, format: str) -> str:
    """A table's recipe as a paragraph for people."""
    from policygraph.analysis.crosswalk import escaped

    told = "; ".join(
        f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}"
        for name, value in found.recipe.items()
    )
    told = _wrapped(f"Recipe: {escaped(told) if format == 'markdown' else told}.")
    return f"\n{told}\n"


def _wrapped(text: str) -> str:
    from textwrap import fill

    return fill(text, width() or 110, break_long_words=False, break_on_hyphens=False)


@click.command()
@click.argument("name", required=False, metavar="[MEASURE]")
@network_options
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="For compare: another dataset's file, or another catalogue.",
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
    """Measure the network: what is central, what belongs together, where gaps are; or list the measures.

    \b
    policygraph analyse central
    policygraph analyse communities --stated-only
    policygraph analyse isolated --format csv
    policygraph analyse central -o central.ttl
    """
    from policygraph.analysis.comparison import columns_of, compare
    from policygraph.analysis.measures import MEASURES, of_name
    from policygraph.analysis.measures import analyse as measured
    from policygraph.errors import NetworkError
    from policygraph.text import table

    if name is None:
        rows = [(name, measure.asks) for name, measure in MEASURES.items()]
        out(table(("measure", "question"), rows, width=width()).encode(), None)
        return
    format = _format(format_, output, "turtle")
    if against and name != "compare":
        raise click.UsageError("--against is for compare: policygraph analyse compare --against FILE.")
    question = query or of_name(name).network
    whole, graph, store = _networks(session, question, values, chosen)
    if against is not None:
        other = session.elsewhere(against)
        names = ("this", against.stem)
        try:
            columns_of(names)
        except NetworkError:  # a file is called as it is; the person has no other name to give
            names = ("this", "other")
        found = compare(graph, _networks(other, question, values, chosen)[1], names=names)
    elif name == "compare" and any(chosen.values()):
        found = compare(whole, graph, names=("everything", "narrowed"))
    else:
        found = measured(name, graph, ask=lambda question: _rows(session, store, question))
    _put_table(_made(found), format=format, output=output)


def _rows(session: Session, store: Store, question: str) -> list[dict[str, Any]]:
    from policygraph.rdf.terms import python_value

    answer = store.query(session.bind(session.question(question)))
    names = [variable.value for variable in answer.variables]  # type: ignore[union-attr]
    return [{name: python_value(row[name]) for name in names} for row in answer]  # type: ignore[union-attr]


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option(
    "-k", "k", type=click.IntRange(1, 50), default=3, show_default=True, help="How many paths at most."
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
    """Tell why two things are connected: the paths between them, and who says so at every step.

    FROM and TO are each a label or the start of one, a CURIE or an IRI. Paths through what connects
    everything come after those through what is specific.

    \b
    policygraph path NemID "Job creation"
    policygraph path Telemedicine "Demographic challenges" --stated-only
    policygraph --language da path NemID "Digitalisering i den offentlige sektor"
    """
    from policygraph.analysis.paths import format_paths, paths, rows

    format = _format(format_, output, "turtle")
    whole, graph, store = _networks(session, query or "network", values, chosen)
    ends = [_thing(session, store, what) for what in (source, target)]
    found = paths(graph, *ends, k=k, whole=whole)
    if format_ is None and output is None:
        out(format_paths(found, language=session.language or "en", width=width()).encode(), None)
    else:
        _put_table(_made(rows(found, graph), paths_at_most=k), format=format, output=output)


@click.command()
@click.argument("rows", metavar="LIST")
@click.argument("columns", metavar="LIST")
@click.option(
    "--hops",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="How many steps a path has at most.",
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
    """Lay two lists across each other: how strongly, and through what, does each thing connect with each?

    LIST is a list (the areas that a plan sets out), a kind (Plan), or things with ; between them, each by its
    label or the start of one, its CURIE or its IRI.

    \b
    policygraph crosswalk pgid:dk/scheme/modernisation-areas pgid:dk/scheme/digital-welfare-areas
    policygraph crosswalk Plan Goal -o plans-goals.svg
    policygraph crosswalk "NemID; MitID" Driver --hops 3
    """
    from policygraph.analysis.crosswalk import crosswalk as crossed
    from policygraph.analysis.crosswalk import markdown, table, text

    format = _format(format_, output, "turtle", "svg")
    _, graph, store = _networks(session, query or "network", values, chosen)
    lists = [_members(session, store, graph, what) for what in (rows, columns)]
    found = crossed(graph, *(members for _, members in lists), hops=hops, language=session.language or "en")
    made = _made(table(found, graph), rows=rows, columns=columns)
    if format == "svg":
        from policygraph.analysis.heatmap import svg

        out(svg(found, title=" × ".join(name for name, _ in lists)).encode(), output)
    elif format == "markdown":
        out((markdown(found) + _recipe(made, format)).encode(), output)
    elif format == "table":
        told = text(found, width=None if output else width())
        out((told + _recipe(made, format)).encode(), output)
    else:
        _put_table(made, format=format, output=output)


def _members(session: Session, store: Store, graph: nx.MultiDiGraph, what: str) -> tuple[str, list[str]]:
    """What a list is called, and its things: those of a list or a kind, or those that are named."""
    names = [name for name in what.split(";") if name.strip()]
    if len(names) > 1:
        return what, [_thing(session, store, name) for name in names]
    group = _thing(session, store, what)
    answer: Any = store.query(session.bind(session.question("members"), group=f"<{group}>"))
    members = {row["member"].value: row["label"] for row in answer}
    for member, label in members.items():  # what nothing is claimed of is in the list all the same
        if member not in graph:
            graph.add_node(member, **({"label": label.value} if label else {}))
    labels: Any = store.query(session.bind(session.question("labels")))
    languages = {row["label"].language: row["label"].value for row in labels if row["thing"].value == group}
    name = languages.get(session.language or "en", languages.get("en", what))
    return name, [*members] or [group]


@click.command("network")
@click.argument("file", type=click.Path(path_type=Path))
@network_options
@click.pass_obj
def network_file(
    session: Session, /, file: Path, query: str | None, values: tuple[str, ...], **chosen: Any
) -> None:
    """Write the network to FILE for other tools; its suffix chooses the format.

    .graphml and .gexf are for Gephi and the like, .cyjs for Cytoscape, .json for networkx and D3; .csv makes
    two lists, of nodes and of edges, for everything else.

    \b
    policygraph network graph.gexf
    policygraph network stated.graphml --stated-only
    """
    from policygraph.analysis.exchange import write

    _, graph, _ = _networks(session, query or "network", values, chosen)
    written = write(graph, file)
    names = " and ".join(map(str, written))
    click.echo(f"Wrote {names}: {len(graph)} things, {graph.size()} connections.", err=True)


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("policygraph.html"),
    show_default=True,
    help="The page to write.",
)
@click.option(
    "--query",
    "name",
    default="network",
    show_default=True,
    shell_complete=query_names,
    help="A saved question whose rows are the edges: ?source and ?target.",
)
@click.option("--focus", metavar="THING", help="Begin with this thing and what is around it.")
@click.option(
    "--hops",
    type=click.IntRange(1, 3),
    default=2,
    show_default=True,
    help="How many steps around it.",
)
@click.option("--stated-only", is_flag=True, help="Begin with only what the source itself states.")
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
    """Draw the graph as one interactive page that needs no network.

    THING is a label or the start of one, a CURIE or an IRI. What a page does not show at first, because of
    --focus or --stated-only, is a click away.

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
        query=session.question(name),
        values=parameter_values(values),
        focus=focus,
        steps=hops,
        stated_only=stated_only,
    )
    formats.save(page.encode(), output)
    things, connections = len(page.scene["nodes"]), len(page.scene["edges"])
    click.echo(f"Open {output.absolute()} in a browser: {things:,} things, {connections:,} connections.")
    limits = page.scene["limits"]
    if things > limits["nodes"] or connections > limits["edges"]:
        click.echo(
            f"That is more than can be drawn at once ({limits['nodes']:,} things, {limits['edges']:,} "
            "connections): the page begins with the kinds of things.",
            err=True,
        )
