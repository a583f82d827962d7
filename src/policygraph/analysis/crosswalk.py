"""Compare two lists in a crosswalk: a matrix of how strongly their members connect, with explanations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, islice
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from policygraph.analysis import network
from policygraph.analysis.paths import MAX_CONNECTIONS, Path, hubs_between, path_along, unique_labels
from policygraph.analysis.table import Node, Table, check_size, make_table
from policygraph.errors import NetworkError, extra
from policygraph.i18n import and_more, basis_label, format_number, plural, words
from policygraph.text import escape_markdown, html_table, lower, printable, table as format_table, wrap

if TYPE_CHECKING:
    import networkx as nx
    import pandas

    from policygraph.catalog.catalog import Catalog
    from policygraph.store.protocols import Store

MAX_CELLS = 500_000
MAX_STEPS = 5_000_000
"""The most cells and, for 3 hops, ways from the rows: with `MAX_CONNECTIONS`, half a minute, 1 GB."""

MAX_BLOCKS = 8  # the most parts that a matrix is split into to fit a terminal; more nobody puts together

HOPS = 2  # how many edges a path has at most, where the caller does not say

PATHS_KEPT = 10  # how many paths a cell keeps; it counts all

MARKS: Mapping[str, str] = {"stated": "", "inferred": "~", "external": "+", "derived": "°", "": "*"}
"""The mark of each basis after a number; a missing or other basis has the last."""

FRAMES: Mapping[str, str] = {"stated": "whole", "inferred": "dashed", "": "dotted"}
"""The line round a number of each basis; a missing or other basis has the last."""

SIGNS: Mapping[str, str] = {
    "same": "=",
    "shared": "h",
    "none found": "·",
    "left out": "–",
    "not examined": "?",
}
"""What stands in place of a number in a cell of these kinds."""

KINDS = ("direct", "weak", "through", "shared", "none found", "left out", "not examined")
"""The kinds of cells, but for "same", in the order of the notes."""

_Neighbours: TypeAlias = Mapping[Hashable, list[Hashable]]
_Scored: TypeAlias = tuple[float, tuple[Hashable, ...]]  # a path with its score


class CrosswalkCell(NamedTuple):
    """How a node of one list connects to a node of the other.

    `kind` is "direct" by a claim that is not weak; "weak" by weak claims only; "through" other things;
    "shared", only through hubs; "same" for one node in both lists. Or without any path "none found", where
    somebody examined the pair; "left out", where the network that this one was narrowed from has a claim on
    it; or else "not examined".
    """

    strength: float  # from 0, not at all, to 1, certainly; 1 for the same node in both lists
    paths: tuple[Path, ...]  # the shortest, then strongest; last those through hubs, which do not count
    ways: int  # how many paths there are that run through no hub
    shared: int  # how many there are through hubs
    kind: str
    basis: tuple[str, str]  # of the weakest hop of the first path, such as ("inferred", "weak")
    text: str  # the first path in a few words
    number: str  # the strength and the mark of its basis, or a sign where there is no path

    @property
    def same(self) -> bool:
        """Whether it is the same node in both lists."""
        return self.kind == "same"

    @property
    def summary(self) -> str:
        """Its strength and text, or the text alone where it has no strength."""
        return f"{self.number}, {self.text}" if self.ways else self.text


class Crosswalk(NamedTuple):
    """How each node of one list connects to each of another."""

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    cells: tuple[tuple[CrosswalkCell, ...], ...]  # row by row, one cell a column
    hops: int  # the most that a path may have
    labels: Mapping[Hashable, str]  # unique
    keys: Mapping[Hashable, str]  # a short name for each node: its notation, or else a number
    language: str
    title: str  # what the lists are called, if they are named by a text
    table: Table  # "crosswalk": one row for each cell, including empty ones

    def each(self) -> Iterator[tuple[Hashable, Hashable, CrosswalkCell]]:
        """Yield each row and column with their cell, in order."""
        for row, cells in zip(self.rows, self.cells, strict=True):
            for column, cell in zip(self.columns, cells, strict=True):
                yield row, column, cell

    @property
    def row_totals(self) -> tuple[float, ...]:
        """The sum of the strengths in each row, without cells of one and the same node."""
        return tuple(map(_total, self.cells))

    @property
    def column_totals(self) -> tuple[float, ...]:
        """The sum of the strengths in each column, without cells of one and the same node."""
        return tuple(map(_total, zip(*self.cells, strict=True)))

    @property
    def unconnected(self) -> tuple[tuple[Hashable, ...], tuple[Hashable, ...]]:
        """The rows, and the columns, that nothing connects to the other list."""
        sides = (self.rows, self.row_totals), (self.columns, self.column_totals)
        rows, columns = (tuple(node for node, sum_ in zip(*side, strict=True) if not sum_) for side in sides)
        return rows, columns

    def full(self, node: Hashable) -> str:
        """The short name and the label of a node."""
        return f"{self.keys[node]} {self.labels[node]}"

    def grid(self, name: Callable[[Hashable], str]) -> list[list[str]]:
        """The matrix as text: a header, the rows and the totals, with a name for each node."""
        total = words(self.language, "crosswalk")["total"]
        shown = partial(two_decimals, language=self.language)
        body = [
            [name(row), *(cell.number for cell in cells), shown(sum_)]
            for row, cells, sum_ in zip(self.rows, self.cells, self.row_totals, strict=True)
        ]
        return [["", *map(name, self.columns), total], *body, [total, *map(shown, self.column_totals), ""]]

    def frame(self) -> pandas.DataFrame:
        """The strengths as a pandas DataFrame, a row and a column for each node; ExtraError without pandas.

        `table.frame()` has a row for each cell, with its paths, basis and explanation.
        """
        with extra("pandas", "A DataFrame"):
            from pandas import DataFrame
        strengths = [[cell.strength for cell in cells] for cells in self.cells]
        return DataFrame(strengths, [*map(self.full, self.rows)], [*map(self.full, self.columns)])

    def __str__(self) -> str:
        return format_crosswalk(self)

    def __repr__(self) -> str:
        return f"<Crosswalk {self.title}: {len(self.rows)} × {len(self.columns)}>"

    def _repr_html_(self) -> str:
        heads, *body = self.grid(self.full)
        return html_table(heads, body, partial(and_more, language=self.language), note=" ".join(notes(self)))

    @property
    def reading(self) -> str:
        """How to read it, in its language."""
        return str(words(self.language, "crosswalk")["reading"]).format(hops=self.hops)


def _check_cells(rows: int, columns: int) -> None:
    """Raise NetworkError for a matrix with more than `MAX_CELLS`."""
    if rows * columns > MAX_CELLS:
        what = f"A crosswalk has {MAX_CELLS:,} cells at most, and this one would have {rows:,} × {columns:,}"
        raise NetworkError(f"{what}; take a shorter list.")


def check_lists(catalog: Catalog, store: Store, one: str, other: str) -> None:
    """Raise NetworkError for two lists of the whole network that are too long, without making that."""
    _check_cells(network.list_size(catalog, store, one), network.list_size(catalog, store, other))


def crosswalk(
    graph: nx.Graph,
    rows: str | Iterable[Hashable],
    columns: str | Iterable[Hashable],
    *,
    hops: int = HOPS,
    language: str | None = None,
    whole: nx.Graph | None = None,
) -> Crosswalk:
    """Measure how strongly each node of one list connects to each of another, ignoring directions.

    A path counts the product of the weights of its edges in `network.simple`, divided by the degree of each
    node that it goes through: for two hops the weighted resource allocation of Zhou, Lü and Zhang (2009). The
    paths of a cell combine as the claims of one edge do: 1 - (1 - p)(1 - q)…. Paths through hubs, nodes whose
    attribute `hub` is True, are counted apart. The network's attribute `examined` tells which pairs somebody
    examined, as in `network.network`. Paths run over things of the lists' countries and of none, so that the
    numbers do not depend on what other countries are there.

    Args:
        graph: any networkx graph; it is not changed.
        rows: one list, as `network.find_list` takes it: names of nodes, in the order to show, or a text that
            names them, their list or their class. Duplicates are dropped.
        columns: the other list, which may overlap the first.
        hops: 1, 2 or 3: the most that a path may have.
        language: BCP 47 tag of the explanations; by default that of the network, or else English.
        whole: the network that `graph` was narrowed from; by default what `narrowed` made it from.

    Raises:
        NetworkError: the network is empty or has more than `MAX_CONNECTIONS`, a list is empty, the matrix has
            more than `MAX_CELLS`, 3 hops take more than `MAX_STEPS`, a node is not in the network, or hops is
            not 1, 2 or 3.
        ResourceError: several resources have the label of one that is named, or none in the catalogue.
    """
    check_size(graph, "crosswalk", connections=MAX_CONNECTIONS)
    place = network.origin(graph)
    language = language or network.language_of(graph)
    named = {side: each for side, each in (("rows", rows), ("columns", columns)) if isinstance(each, str)}
    (title, listed), (other, beside) = network.find_list(graph, rows), network.find_list(graph, columns)
    title = f"{title} × {other}" if title and other else ""
    alone = {node: data for node, data in (listed | beside).items() if node not in graph}
    if alone:  # a member of a list without edges is listed too
        graph = graph.copy()
        graph.add_nodes_from(alone.items())
    rows, columns = tuple(listed), tuple(beside)
    if hops not in (1, 2, 3):
        raise NetworkError(f"A crosswalk follows paths of 1, 2 or 3 hops, not of {hops}.")
    if not (rows and columns):
        raise NetworkError("A crosswalk needs two lists with something in them, and one is empty.")
    _check_cells(len(rows), len(columns))

    of = {node: network.countries(data) for node, data in graph.nodes(data=True)}
    own = {each for node in (*rows, *columns) for each in of[node]}
    far = [node for node in graph if own and of[node] and own.isdisjoint(of[node])]
    plain, wanted = network.simple(graph.subgraph({*graph}.difference(far)) if far else graph), set(columns)
    steps = sum(len(plain[node]) if hops == 3 else 1 for row in rows for node in plain[row])
    if steps > MAX_STEPS:
        what = f"A crosswalk of 3 hops follows {MAX_STEPS:,} ways at most, and here are {steps:,}"
        raise NetworkError(f"{what}; follow 2 hops, or leave out what connects everything.")
    # Sorted, so that among equal paths the first is the same for any order of the graph.
    around = {node: sorted(plain[node], key=str) for node in sorted(plain, key=str)}
    near = {node: [other for other in others if other in wanted] for node, others in around.items()}
    whole, results = place.part if whole is None and place else whole, []
    examined = [set(group.split()) for group in str(graph.graph.get("examined") or "").split(";")]
    for row in rows:
        scored = _scored_paths(plain, around, near, row, hops)
        for column in columns:
            routes = sorted(scored[column], key=lambda way: (len(way[1]), -round(way[0], 12)))
            ways = [route for route in routes if not hubs_between(plain, route[1])]
            shared = [route for route in routes if hubs_between(plain, route[1])]
            paths = tuple(path_along(graph, plain, way) for _, way in (ways + shared)[:PATHS_KEPT])
            empty = _looked(graph, whole, examined, row, column)
            strength = 1.0 if row == column else 1 - prod(1 - score for score, _ in ways)
            kind, basis = _kind(paths, empty), paths[0].weakest if paths else ("", "")
            kind = "same" if row == column else kind
            results.append(CrosswalkCell(strength, paths, len(ways), len(shared), kind, basis, empty, ""))

    between = {node for cell in results for path in cell.paths[:1] for node in path.nodes}
    labels = unique_labels(graph, {*rows, *columns, *between})
    cells = (
        cell._replace(text=_explanation(cell, labels, language), number=_number(cell, language))
        for cell in results
    )
    grid = tuple(tuple(islice(cells, len(columns))) for _ in rows)
    keys, table = _keys(graph, rows, columns), Table("crosswalk", (), (), "", {}, {})
    matrix = Crosswalk(rows, columns, grid, hops, labels, keys, language, title, table)
    return matrix._replace(table=_table(matrix, graph, named))


def _table(matrix: Crosswalk, graph: nx.Graph, named: Mapping[str, Any]) -> Table:
    columns = ("row", "column", "kind", "strength", "paths", "shared", "through", "basis", "explanation")
    body = []
    for row, column, cell in matrix.each():
        through = tuple(Node(node) for path in cell.paths[:1] for node in path.nodes[1:-1])
        numbers, basis = (cell.strength, cell.ways, cell.shared), ", ".join(filter(None, cell.basis)) or None
        body.append((Node(row), Node(column), cell.kind, *numbers, through, basis, cell.text))
    recipe = {"hops": matrix.hops, **named}
    table = make_table(graph, "crosswalk", columns, body, reading=matrix.reading, **recipe)
    return table._replace(language=matrix.language)


def format_crosswalk(matrix: Crosswalk, *, width: int | None = None) -> str:
    """Format a crosswalk for a terminal: the matrix by short names, their labels, and the explanations.

    A matrix wider than `width` is split into blocks, or left out where these would be more than `MAX_BLOCKS`;
    without a width, nothing is wrapped.
    """
    marks = tuple(filter(None, MARKS.values()))

    def align(text: str) -> str:  # a number without a mark has a space in its place
        return text if text.endswith(marks) else f"{text} "

    grid = [[row[0], *map(align, row[1:])] for row in matrix.grid(matrix.keys.__getitem__)]
    sizes = [max(map(len, column)) + 2 for column in zip(*grid, strict=True)]
    parts, blocks, remarks = [], _blocks(sizes, width), notes(matrix)
    if len(blocks) > MAX_BLOCKS:
        blocks, remarks = [], [*remarks, words(matrix.language, "crosswalk")["wide"]]
    for block in blocks:
        picked = [[row[column] for column in block] for row in grid]
        parts.append(format_table(picked[0], picked[1:], width=width, right=[column > 0 for column in block]))
    nodes = dict.fromkeys((*matrix.rows, *matrix.columns))
    listed = [f"{matrix.keys[node]}  {matrix.labels[node]}" for node in nodes]
    for lines in (remarks, listed):
        parts.append("".join(f"{each}\n" for line in lines for each in wrap(line, width=width, hang=4)))
    texts = words(matrix.language, "crosswalk")
    if explained := [
        (f"{matrix.keys[row]} × {matrix.keys[column]}", cell.number, cell.text)
        for row, column, cell in matrix.each()
        if cell.paths
    ]:
        head = (texts["connection"], texts["strength"], texts["explanation"])
        parts.append(format_table(head, explained, width=width))
    return "\n".join(parts)


def format_markdown(matrix: Crosswalk) -> str:
    """Format a crosswalk as Markdown: the matrix with full labels, and a list of the explanations."""
    rows = [[escape_markdown(text) for text in row] for row in matrix.grid(matrix.full)]
    rows.insert(1, ["---", *["---:"] * (len(rows[0]) - 1)])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines += ["", *(f"{escape_markdown(note)}  " for note in notes(matrix)), ""]
    lines += [
        f"- {escape_markdown(f'{matrix.keys[row]} × {matrix.keys[column]}: {cell.number}, {cell.text}')}"
        for row, column, cell in matrix.each()
        if cell.paths
    ]
    return "\n".join([*lines, ""])


def notes(matrix: Crosswalk) -> list[str]:
    """Return the notes to a crosswalk: its computation, pairs by kind, signs, and what is unconnected."""
    texts = words(matrix.language, "explorer", "crosswalk")
    cells = [cell for _, _, cell in matrix.each()]
    signs = [
        f"{mark} {lower(texts['basis_names'][basis or 'none'])}"
        for basis, mark in MARKS.items()
        if mark and any(cell.ways and cell.number.endswith(mark) for cell in cells)
    ]
    counts = Counter(cell.kind for cell in cells)
    pairs = counts.total() - counts["same"]
    by_kind = [texts["kinds"][kind].format(n=counts[kind]) for kind in KINDS if counts[kind]]
    used = [kind for kind in SIGNS if counts[kind]]
    instead = "; ".join(f"{SIGNS[kind]} {texts['meanings'][kind]}" for kind in used)
    lines = [
        matrix.reading,
        *([plural(texts, "pairs", pairs).format(counts=", ".join(by_kind))] if pairs else []),
        *([texts["signs"].format(signs=", ".join(signs))] if signs else []),
        *([texts["instead"].format(signs=instead)] if used else []),
    ]
    rows, columns = matrix.unconnected
    if alone := [matrix.keys[node] for node in dict.fromkeys((*rows, *columns))]:
        lines.append(texts["without"].format(things=", ".join(alone)))
    return lines


def _scored_paths(
    plain: nx.Graph, around: _Neighbours, near: _Neighbours, row: Hashable, hops: int
) -> Mapping[Hashable, list[_Scored]]:
    """Return all simple paths from a node to the columns, by their end, each with its score."""
    paths: dict[Hashable, list[_Scored]] = defaultdict(list)
    unfinished: list[_Scored] = [(1.0, (row,))]
    while unfinished:
        score, path = unfinished.pop()
        last = path[-1]
        here = plain[last]
        for node in near[last]:
            if node not in path:
                paths[node].append((score * here[node]["weight"], (*path, node)))
        if len(path) < hops:
            unfinished.extend(
                (score * here[node]["weight"] / len(plain[node]), (*path, node))
                for node in reversed(around[last])
                if node not in path
            )
    return paths


def _looked(
    graph: nx.Graph, whole: nx.Graph | None, examined: Iterable[set[str]], row: Hashable, column: Hashable
) -> str:
    """Tell of a pair without a path whether somebody looked for one."""
    if whole is not None and (whole.has_edge(row, column) or whole.has_edge(column, row)):
        return "left out"
    ends = [{str(node), str(graph.nodes[node].get("scheme"))} for node in (row, column)]
    for group in examined:
        one, other = (end & group for end in ends)
        if one and other and (len(one | other) > 1 or len(group) == 1):
            return "none found"
    return "not examined"


def _kind(paths: Sequence[Path], empty: str) -> str:
    if not paths:
        return empty
    if paths[0].hubs:
        return "shared"
    if len(paths[0].hops) > 1:
        return "through"
    claims = paths[0].hops[0].claims
    weak = all(network.confidence(claim.attributes) <= network.CONFIDENCE["weak"] for claim in claims)
    return "weak" if weak else "direct"


def _number(cell: CrosswalkCell, language: str) -> str:
    if cell.kind in SIGNS:
        return SIGNS[cell.kind]
    return two_decimals(cell.strength, language) + MARKS.get(cell.basis[0], MARKS[""])


def two_decimals(strength: float, language: str) -> str:
    """Return a strength or a sum of such as it is written; one that is not 0 is never 0.00."""
    least = "<" if 0 < strength < 0.005 else ""
    return least + format_number(0.01 if least else strength, language, 2)


def _explanation(cell: CrosswalkCell, labels: Mapping[Hashable, str], language: str) -> str:
    """Explain the first path in a few words: its relation and direction, or what it goes through."""
    texts, paths = words(language, "explorer", "crosswalk"), cell.paths
    if not paths:
        return str(texts["meanings"][cell.kind])
    hops, middle = paths[0].hops, [labels[node] for node in paths[0].hubs or paths[0].nodes[1:-1]]
    if not middle:
        explanation = ", ".join(
            f"{'→' if forwards else '←'} {printable(relation) or texts['unnamed_relation']}"
            for forwards, relation, _ in hops[0].relations
        )
    else:
        how = "hubs" if paths[0].hubs else "through"
        if how == "through" and len(hops) == 2 and paths[0].listed:
            how = "lists" if paths[0].listed[0][2] else "shared"
        explanation = texts[how].format(things=f" {texts['and']} ".join(middle))
    if basis := basis_label(paths[0].weakest, language):
        explanation += f" ({printable(basis)})"
    more = (cell.ways or cell.shared) - 1
    explanation += f", {texts['more'].format(n=more)}" if more else ""
    return explanation if cell.ways else f"{explanation}; {texts['meanings'][cell.text]}"


def _keys(graph: nx.Graph, *lists: Iterable[Hashable]) -> dict[Hashable, str]:
    """Return a short name for each node: its notation if unique, or else a free number.

    Numbers follow the names of nodes, not their labels, so that one is of the same thing in every language.
    """
    listed = list(dict.fromkeys(node for each in lists for node in sorted(each, key=str)))
    notations = {node: printable(str(graph.nodes[node].get("notation") or "")) for node in listed}
    counts = Counter(notations.values())
    kept = {node: notation for node, notation in notations.items() if notation and counts[notation] == 1}
    free = (number for number in map(str, count(1)) if number not in notations.values())
    return {node: kept[node] if node in kept else next(free) for node in listed}


def _blocks(sizes: Sequence[int], width: int | None) -> list[list[int]]:
    """Split columns into blocks that fit the width, each with the first column."""
    blocks, room = [[0]], 0
    for column, size in enumerate(sizes[1:], start=1):
        if width is not None and len(blocks[-1]) > 1 and size > room:
            blocks.append([0])
        room = (width or 0) - sizes[0] + 2 if len(blocks[-1]) == 1 else room
        blocks[-1].append(column)
        room -= size
    return blocks


def _total(cells: Iterable[CrosswalkCell]) -> float:
    return sum(cell.strength for cell in cells if not cell.same)
