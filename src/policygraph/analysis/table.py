"""Hold the result of a measure: a table with how to read it and how it was made."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import QueryResultsFormat, parse_query_results

import policygraph
from policygraph.analysis.network import THEN, language_of, prefixes, refuse, require_nodes
from policygraph.errors import NetworkError
from policygraph.i18n import FALLBACK, and_more, format_number, words
from policygraph.rdf.namespaces import XSD, compact
from policygraph.rdf.terms import is_iri
from policygraph.store.answer import Answer, positions
from policygraph.text import html_table, lower

if TYPE_CHECKING:
    import networkx as nx
    import pandas
    from pyoxigraph import QuerySolutions


MAX_CONNECTIONS = 1_000_000
"""The most edges for a measure whose time is proportional to them: a minute or two."""


class Node(str):
    """The name of a node in a cell of a table, as distinct from any other text."""

    __slots__ = ()


class Table(NamedTuple):
    """The result of a measure.

    Its columns, its words for a measure, a role or a gap, and the names in its recipe are the same in each
    language; people read all but the columns in theirs. Labels and sentences follow it for machines too.
    """

    name: str  # of the measure
    columns: tuple[str, ...]  # names in snake case
    rows: tuple[tuple[Any, ...], ...]  # of str, int, float, None, `Node`, or a tuple of `Node`
    reading: str  # how to read it, in one sentence
    recipe: Mapping[str, Any]  # what reproduces it: the projection, the algorithm, its parameters, versions
    labels: Mapping[str, str]  # of the nodes in it, as far as they have labels or CURIEs
    language: str = FALLBACK  # of what people read

    def answer(self, *, people: bool = False) -> QuerySolutions:
        """Convert to the result of a SELECT, which every result format can write.

        For people, numbers have three decimals and several nodes in a cell are the labels of the first few.
        For machines, nodes are IRIs, several separated by spaces, and a column of them has a label column.
        """
        variables: list[str] = []
        bindings: list[dict[str, dict[str, str]]] = [{} for _ in self.rows]
        names = _names(self.language) if people else {}
        for number, column in enumerate(self.columns):
            cells = [row[number] for row in self.rows]
            named = not people and any(isinstance(cell, Node) for cell in cells)
            variables += [column, f"{column}_label"] if named else [column]
            for binding, value in zip(bindings, cells, strict=True):
                if value is not None and value != ():
                    if type(value) is str and column in _NAMED:
                        value = ", ".join(names.get(each, each) for each in value.split(", "))
                    if type(value) is str and column == "claim":
                        value = Node(value)  # of no label
                    binding[column] = self._term(value, people)
                    if named:
                        binding[f"{column}_label"] = {"type": "literal", "value": self.label(value)}
        document = {"head": {"vars": variables}, "results": {"bindings": bindings}}
        return parse_query_results(json.dumps(document), format=QueryResultsFormat.JSON)  # type: ignore[return-value]

    @property
    def recipe_text(self) -> str:
        """The recipe as one sentence, its numbers with three decimals."""
        names, texts, entries = _names(self.language), words(self.language, "measures"), []
        for name, value in self.recipe.items():
            key, bracket, side = name.removesuffix(")").partition(" (")
            side = f" ({texts['compare']['sides'].get(side, side)})" if bracket else ""
            text = format_number(value, self.language, 3) if isinstance(value, float) else str(value)
            text = THEN.join(names.get(each, each) for each in text.split(THEN)) if key in _NAMED else text
            entries.append(f"{names.get(key, key)}{side}: {text}")
        return str(texts["recipe"]).format(entries="; ".join(entries))

    def frame(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame, as machines read it; ExtraError without pandas."""
        return Answer(self.answer()).frame()

    def select(self, *columns: str) -> Table:
        """The table with only these columns, in this order; QueryError for one that it does not have."""
        chosen = positions(columns, self.columns)
        return self._replace(columns=columns, rows=tuple(tuple(row[n] for n in chosen) for row in self.rows))

    def to_csv(self) -> str:
        """The table as CSV, as machines read it."""
        return Answer(self.answer()).to_csv()

    @property
    def _shown(self) -> Answer:
        return Answer(self.answer(people=True), look_up=lambda _: self.labels)

    def __str__(self) -> str:
        return f"{self._shown}\n{self.reading}\n\n{self.recipe_text}\n"

    def __repr__(self) -> str:
        return f"<Table {self.name}: {', '.join(self.columns)}, {len(self.rows):,} rows>"

    def _repr_html_(self) -> str:
        more, note = partial(and_more, language=self.language), f"{self.reading} {self.recipe_text}"
        return html_table(self.columns, list(self._shown.texts), more, note=note)

    def label(self, node: object) -> str:
        """Return the label of a node, or else its name."""
        return str(self.labels.get(str(node), node))

    def _term(self, value: Any, people: bool) -> dict[str, str]:
        if isinstance(value, tuple):
            shown = [self.label(node) for node in value[: _SHOWN if people else 0]]
            left = len(value) - len(shown)
            rest = [and_more(left, self.language)] if left else []
            text = "; ".join([*shown, *rest]) if people else " ".join(value)
            return {"type": "literal", "value": text}
        if isinstance(value, Node):
            if is_iri(value):
                return {"type": "uri", "value": str(value)}
            return {"type": "literal", "value": self.label(value) if people else str(value)}
        if isinstance(value, int):
            return {"type": "literal", "value": str(value), "datatype": XSD + "integer"}
        if isinstance(value, float):
            number = format_number(value, self.language, 3) if people else repr(value)
            return {"type": "literal", "value": number, "datatype": XSD + ("decimal" if people else "double")}
        return {"type": "literal", "value": str(value)}


# Lists of IRIs in a network's attributes, and its language, which a recipe leaves out.
_UNTOLD = ("examined", "symmetric", "transitive", "succession", "letters", "language")
_NAMED = {"measure", "of", "role", "gap", "how", "basis", "strength", "evidence", "minimum strength"}
"""The columns, and the entries of a recipe, that hold our own words."""
_SHOWN = 6  # nodes of one cell for people; machines get all


def make_table(
    graph: nx.Graph,
    name: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    /,
    *,
    reading: str = "",
    algorithm: str = "",
    filled: Mapping[str, Any] = MappingProxyType({}),
    **recipe: Any,
) -> Table:
    """Make a `Table` with the labels of a network's nodes; its recipe begins with that of the network.

    `filled` are values for the measure's own words, where there is no other `reading` or `algorithm`.
    """
    body = tuple(tuple(row) for row in rows)
    cells = (cell if isinstance(cell, tuple) else (cell,) for row in body for cell in row)
    nodes = {each for each in chain.from_iterable(cells) if isinstance(each, Node)}
    known = prefixes(graph)
    known_as = {str(node): data.get("label") for node, data in graph.nodes(data=True) if Node(node) in nodes}
    names = ((str(node), known_as.get(node) or compact(node, known)) for node in nodes)
    labels = {node: str(name) for node, name in names if name != node}
    full = {str(name): value for name, value in graph.graph.items() if name.partition(" (")[0] not in _UNTOLD}
    full |= {"things": len(graph), "connections": graph.number_of_edges()}
    full["algorithm"] = algorithm or phrase(graph, name, "algorithm", **filled)
    full |= {key.replace("_", " "): value for key, value in recipe.items()}
    full |= {"policygraph": policygraph.__version__}
    reading = reading or phrase(graph, name, "reading", **filled)
    return Table(name, tuple(columns), body, reading, full, labels, language_of(graph))


def phrase(graph: nx.Graph, name: str, key: str, /, **values: Any) -> str:
    """Return a text of a measure in the language of a network, with these values."""
    language = language_of(graph)
    for each, value in values.items():
        if isinstance(value, int | float):
            values[each] = format_number(value, language, 2 * isinstance(value, float))
    return str(words(language, "measures")[name][key]).format(**values)


def _names(language: str) -> dict[str, str]:
    """Return what people call the words of measures, of bases and of strengths."""
    known = words(language, "explorer", "measures")
    bases = {name: lower(text) for name, text in known["basis_names"].items()}
    return {**bases, **known["strength_names"], **known["names"]}


def check_size(
    graph: nx.Graph, name: str, *, connections: int = sys.maxsize, things: int = sys.maxsize
) -> None:
    """Raise NetworkError, with what to do, for a network that is empty or too large for a measure."""
    require_nodes(graph, f"{name} has nothing to measure")
    if not len(graph):
        raise NetworkError(f"The network is empty, so {name} has nothing to measure; filter it less.")
    refuse(name, connections, graph.number_of_edges())
    refuse(name, things, len(graph), "things")
