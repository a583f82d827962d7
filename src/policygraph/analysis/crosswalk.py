"""Compare two lists in a crosswalk: a matrix of how strongly their members connect, with explanations."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from policygraph.analysis.network import simple
from policygraph.analysis.paths import Path, path_along, require_node, unique_labels
from policygraph.analysis.table import Node, Table, check_size, make_table
from policygraph.errors import NetworkError
from policygraph.i18n import basis_label, words
from policygraph.text import printable
from policygraph.text import table as format_table

if TYPE_CHECKING:
    import networkx as nx

MAX_CONNECTIONS = 500_000
MAX_CELLS = 10_000
MAX_STEPS = 5_000_000
"""The most edges, cells and, for 3 hops, ways from the rows: they take half a minute at most."""

HOPS = 2
"""How many edges a path has at most, where the caller does not say."""

PATHS_KEPT = 10
"""How many paths a cell keeps; it counts all."""

MARKS: Mapping[str, str] = {"stated": "", "inferred": "~", "external": "+", "derived": "°", "": "?"}
"""The mark of each basis after a number; a missing or other basis has the last."""

_EMPTY, _SAME = "·", "="


class CrosswalkCell(NamedTuple):
    """How a node of one list connects to a node of the other.

    Args:
        strength: from 0, not at all, to 1, certainly; 1 for the same node in both lists.
        paths: the best, `PATHS_KEPT` at most: those with the fewest hops first, then the strongest.
        ways: how many paths there are.
        basis: of the weakest hop of the first path, such as ("inferred", "weak").
        text: the first path in a few words.
        same: whether it is the same node in both lists.
    """

    strength: float
    paths: tuple[Path, ...]
    ways: int
    basis: tuple[str, str]
    text: str
    same: bool

    @property
    def number(self) -> str:
        """The strength with two decimals and the mark of its basis, or a sign where there is no path."""
        if not self.ways:
            return _SAME if self.same else _EMPTY
        number = f"{self.strength:.2f}" if self.strength >= 0.005 else "<0.01"
        return number + MARKS.get(self.basis[0], MARKS[""])


class Crosswalk(NamedTuple):
    """How each node of one list connects to each of another.

    Args:
        rows: names of the nodes of one list.
        columns: names of those of the other.
        cells: row by row, one cell a column.
        hops: the most hops that a path may have.
        labels: unique labels of the nodes, by name.
        keys: a short name for each node in the lists: its notation, or else a number.
        language: of the explanations.
    """

    rows: tuple[Hashable, ...]
    columns: tuple[Hashable, ...]
    cells: tuple[tuple[CrosswalkCell, ...], ...]
    hops: int
    labels: Mapping[Hashable, str]
    keys: Mapping[Hashable, str]
    language: str

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
        return (
            tuple(row for row, total in zip(self.rows, self.row_totals, strict=True) if not total),
            tuple(
                column for column, total in zip(self.columns, self.column_totals, strict=True) if not total
            ),
        )

    @property
    def reading(self) -> str:
        """How to read it, in one sentence in its language."""
        return str(words(self.language, "crosswalk")["reading"]).format(hops=self.hops)


def crosswalk(
    graph: nx.Graph,
    rows: Iterable[Hashable],
    columns: Iterable[Hashable],
    *,
    hops: int = HOPS,
    language: str = "en",
) -> Crosswalk:
    """Measure how strongly each node of one list connects to each of another, ignoring directions.

    A path counts the product of the weights of its edges in `network.simple`, divided by the degree of each
    node that it goes through: for two hops the weighted resource allocation of Zhou, Lü and Zhang (2009). The
    paths of a cell combine as the claims of one edge do: 1 - (1 - p)(1 - q)….

    Args:
        graph: any networkx graph; it is not changed.
        rows: names of the nodes of one list, in the order to show; duplicates are dropped.
        columns: those of the other list, which may overlap the first.
        hops: 1, 2 or 3: the most that a path may have.
        language: BCP 47 tag of the explanations.

    Raises:
        NetworkError: the network is empty or has more than `MAX_CONNECTIONS`, a list is empty, the matrix has
            more than `MAX_CELLS`, 3 hops take more than `MAX_STEPS`, a node is not in the network, or hops is
            not 1, 2 or 3.
    """
    check_size(graph, "crosswalk", connections=MAX_CONNECTIONS)
    rows, columns = tuple(dict.fromkeys(rows)), tuple(dict.fromkeys(columns))
    if hops not in (1, 2, 3):
        raise NetworkError(f"A crosswalk follows paths of 1, 2 or 3 hops, not of {hops}.")
    if not (rows and columns):
        raise NetworkError("A crosswalk needs two lists with something in them, and one is empty.")
    if len(rows) * len(columns) > MAX_CELLS:
        raise NetworkError(
            f"A crosswalk has {MAX_CELLS:,} cells at most, and this one would have {len(rows):,} × "
            f"{len(columns):,}; take a shorter list."
        )
    for node in (*rows, *columns):
        require_node(graph, node)

    plain, wanted = simple(graph), set(columns)
    steps = sum(len(plain[node]) if hops == 3 else 1 for row in rows for node in plain[row])
    if steps > MAX_STEPS:
        raise NetworkError(
            f"A crosswalk of 3 hops follows {MAX_STEPS:,} ways at most, and here are {steps:,}; "
            "follow 2 hops, or leave out what connects everything."
        )
    # Sorted, so that among equal paths the first is the same for any order of the graph.
    around = {node: sorted(plain[node], key=str) for node in sorted(plain, key=str)}
    near = {node: [other for other in others if other in wanted] for node, others in around.items()}
    results = []
    for row in rows:
        scored = _scored_paths(plain, around, near, row, hops)
        for column in columns:
            routes = sorted(scored[column], key=lambda way: (len(way[1]), -round(way[0], 12)))
            doubt = prod(1 - score for score, _ in routes)
            same = row == column
            paths = tuple(path_along(graph, plain, way) for _, way in routes[:PATHS_KEPT])
            results.append((1.0 if same else 1 - doubt, paths, len(routes), same))

    between = {node for _, paths, _, _ in results for path in paths[:1] for node in path.nodes}
    labels = unique_labels(graph, {*rows, *columns, *between})
    cells = [
        CrosswalkCell(
            strength,
            paths,
            ways,
            paths[0].weakest if paths else ("", ""),
            _explanation(paths, ways, same, labels, language),
            same,
        )
        for strength, paths, ways, same in results
    ]
    size = len(columns)
    grid = tuple(tuple(cells[start : start + size]) for start in range(0, len(cells), size))
    return Crosswalk(rows, columns, grid, hops, labels, _keys(graph, (*rows, *columns)), language)


def crosswalk_table(matrix: Crosswalk, graph: nx.Graph) -> Table:
    """Convert a crosswalk to a table "crosswalk": one row for each cell, including empty ones."""
    body = [
        (
            Node(row),
            Node(column),
            cell.strength,
            cell.ways,
            tuple(Node(node) for path in cell.paths[:1] for node in path.nodes[1:-1]),
            ", ".join(filter(None, cell.basis)) or None,
            cell.text,
        )
        for row, column, cell in matrix.each()
    ]
    return make_table(
        graph,
        "crosswalk",
        ("row", "column", "strength", "paths", "through", "basis", "explanation"),
        body,
        reading=matrix.reading,
        algorithm="resource allocation (Zhou, Lü and Zhang 2009), weighted, joined as 1 - (1 - p)(1 - q)…",
        hops=matrix.hops,
    )


def format_crosswalk(matrix: Crosswalk, *, width: int | None = None) -> str:
    """Format a crosswalk for a terminal: the matrix by short names, their labels, and the explanations.

    Args:
        matrix: the crosswalk.
        width: of the terminal; a wider matrix is split into blocks. Without it, nothing is wrapped.
    """
    from textwrap import wrap

    heads, *body = _cells(matrix, align=True)
    sizes = [max(map(len, column)) + 2 for column in zip(heads, *body, strict=True)]
    parts = []
    for block in _blocks(sizes, width):
        picked = [[row[column] for column in block] for row in (heads, *body)]
        parts.append(format_table(picked[0], picked[1:], width=width, right=[column > 0 for column in block]))
    listed = [
        f"{matrix.keys[node]}  {matrix.labels[node]}"
        for node in dict.fromkeys((*matrix.rows, *matrix.columns))
    ]
    for lines in (notes(matrix), listed):
        hung = (wrap(line, width, subsequent_indent="    ") if width else [line] for line in lines)
        parts.append("".join(f"{line}\n" for lines in hung for line in lines))
    texts = words(matrix.language, "crosswalk")
    if explained := [
        (f"{matrix.keys[row]} × {matrix.keys[column]}", cell.number, cell.text)
        for row, column, cell in matrix.each()
        if cell.ways
    ]:
        head = (texts["connection"], texts["strength"], texts["explanation"])
        parts.append(format_table(head, explained, width=width))
    return "\n".join(parts)


def format_markdown(matrix: Crosswalk) -> str:
    """Format a crosswalk as Markdown: the matrix with full labels, and a list of the explanations."""

    def full(node: Hashable) -> str:
        return f"{matrix.keys[node]} {matrix.labels[node]}"

    heads, *body = _cells(matrix)
    rows = [["", *map(full, matrix.columns), heads[-1]]]
    rows += [[full(row), *cells[1:]] for row, cells in zip(matrix.rows, body, strict=False)]
    rows.append(body[-1])
    lines = ["| " + " | ".join(map(escape_markdown, row)) + " |" for row in rows]
    lines.insert(1, "| --- |" + " ---: |" * (len(heads) - 1))
    lines += ["", *(f"{escape_markdown(note)}  " for note in notes(matrix)), ""]
    lines += [
        f"- {escape_markdown(f'{matrix.keys[row]} × {matrix.keys[column]}: {cell.number}, {cell.text}')}"
        for row, column, cell in matrix.each()
        if cell.ways
    ]
    return "\n".join([*lines, ""])


def escape_markdown(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, in one line, also in a table."""
    return re.sub(r"([\\`*_\[\]<>|~#&])", r"\\\1", " ".join(text.split()))


def notes(matrix: Crosswalk) -> list[str]:
    """Return the notes to a crosswalk: how it is computed, what the signs mean, and what is unconnected."""
    texts = words(matrix.language, "explorer", "crosswalk")
    cells = [cell for _, _, cell in matrix.each()]
    signs = [
        f"{mark} {texts['basis_names'][basis or 'none'].lower()}"
        for basis, mark in MARKS.items()
        if mark and any(cell.ways and cell.number.endswith(mark) for cell in cells)
    ]
    signs += [f"{_EMPTY} {texts['none']}"] if any(cell.number == _EMPTY for cell in cells) else []
    signs += [f"{_SAME} {texts['same']}"] if any(cell.number == _SAME for cell in cells) else []
    lines = [matrix.reading, *([texts["signs"].format(signs=", ".join(signs))] if signs else [])]
    if lone := [
        matrix.keys[node] for node in dict.fromkeys((*matrix.unconnected[0], *matrix.unconnected[1]))
    ]:
        lines.append(texts["without"].format(things=", ".join(lone)))
    return lines


def _scored_paths(
    plain: nx.Graph,
    around: Mapping[Hashable, list[Hashable]],
    near: Mapping[Hashable, list[Hashable]],
    row: Hashable,
    hops: int,
) -> Mapping[Hashable, list[tuple[float, tuple[Hashable, ...]]]]:
    """Return all simple paths from a node to the columns, by their end, each with its score."""
    paths: dict[Hashable, list[tuple[float, tuple[Hashable, ...]]]] = defaultdict(list)
    unfinished: list[tuple[float, tuple[Hashable, ...]]] = [(1.0, (row,))]
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


def _explanation(
    paths: Sequence[Path], ways: int, same: bool, labels: Mapping[Hashable, str], language: str
) -> str:
    """Explain the first path in a few words: its relation and direction, or what it goes through."""
    texts = words(language, "explorer", "crosswalk")
    if not paths:
        return str(texts["same" if same else "none"])
    hops, middle = paths[0].hops, [labels[node] for node in paths[0].nodes[1:-1]]
    if not middle:
        explanation = ", ".join(
            f"{'→' if forwards else '←'} {printable(relation) or texts['unnamed_relation']}"
            for forwards, relation, _ in hops[0].relations
        )
    else:
        how = "through"
        if len(hops) == 2 and paths[0].listed:
            how = "lists" if paths[0].listed[0][2] else "shared"
        explanation = texts[how].format(things=f" {texts['and']} ".join(middle))
    if basis := basis_label(paths[0].weakest, language):
        explanation += f" ({printable(basis)})"
    return explanation + (f", {texts['more'].format(n=ways - 1)}" if ways > 1 else "")


def _keys(graph: nx.Graph, nodes: Iterable[Hashable]) -> dict[Hashable, str]:
    """Return a short name for each node: its notation if unique, or else a free number."""
    listed = list(dict.fromkeys(nodes))
    notations = {node: printable(str(graph.nodes[node].get("notation") or "")) for node in listed}
    counts = Counter(notations.values())
    kept = {node: notation for node, notation in notations.items() if notation and counts[notation] == 1}
    free = (number for number in map(str, count(1)) if number not in notations.values())
    return {node: kept[node] if node in kept else next(free) for node in listed}


def _cells(matrix: Crosswalk, *, align: bool = False) -> list[list[str]]:
    """Format header, rows and totals; with `align`, numbers without a mark have a space in its place."""
    total = words(matrix.language, "crosswalk")["total"]
    ends = tuple(mark for mark in MARKS.values() if mark)

    def put(number: str) -> str:
        return number if not align or number.endswith(ends) else f"{number} "

    body = [
        [matrix.keys[row], *(put(cell.number) for cell in cells), put(f"{sum_:.2f}")]
        for row, cells, sum_ in zip(matrix.rows, matrix.cells, matrix.row_totals, strict=True)
    ]
    sums = [put(f"{each:.2f}") for each in matrix.column_totals]
    return [["", *(put(matrix.keys[node]) for node in matrix.columns), put(total)], *body, [total, *sums, ""]]


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
