"""The commands of an analyst, who looks at a network, measures it and asks why two things are connected."""

from __future__ import annotations

from pathlib import Path

import click

from policygraph import formats
from policygraph.session import Session
from policygraph.terminal import parameter_option, parameter_values, query_names


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
@parameter_option
@click.pass_obj
def view(session: Session, output: Path, name: str, values: tuple[str, ...]) -> None:
    """Draw the graph as one interactive page that needs no network.

    \b
    policygraph view -o picture.html
    policygraph --language da view -o graf.html
    """
    from policygraph.network import network
    from policygraph.view import view as page

    store, language = session.store(), session.language or "en"
    edges = session.question(name)
    nodes = session.bind(session.question("network-nodes"))
    graph = network(store, edges=session.bind(edges, **parameter_values(values)), nodes=nodes)
    title = edges.summary or name
    if name == "network":  # all of it, so it is called what the datasets are called
        found = store.query("SELECT ?title { ?data a dcat:Dataset ; dct:title ?title } ORDER BY ?title")
        titles = [row["title"] for row in found]  # type: ignore[union-attr]
        title = " · ".join(each.value for each in titles if each.language == language) or title
    else:
        graph.remove_nodes_from([node for node, degree in list(graph.degree) if not degree])
    formats.save(page(graph, title=title, language=language).encode(), output)
    click.echo(f"Open {output.absolute()} in a browser: {len(graph)} things, {graph.size()} connections.")
