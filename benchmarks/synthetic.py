"""Synthetic data of the catalogue's shape and any size, as N-Triples, from a seed and never held in memory.

    .venv/bin/python benchmarks/synthetic.py 100000 > build/synthetic.nt
    .venv/bin/python benchmarks/synthetic.py 10000000 --parquet build/synthetic.parquet

Each connection is drawn from the real ones: its kinds of ends, relation, basis, strength, passages and
documents together, so that all of these keep their real proportions. Which thing of a kind it meets follows a
power law fitted to the real degrees of that kind. The same size, seed and data give the same triples.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from policygraph import Catalog
from policygraph.analysis.exchange import EDGES, NODES, save_rows
from policygraph.analysis.network import network
from policygraph.rdf.namespaces import MODEL as BASE, PREFIXES

PG, RDF, SKOS, DCT = (PREFIXES[prefix] for prefix in ("pg", "rdf", "skos", "dct"))
SEED = 0
HOME = f"{BASE}id/synthetic/"

LEAN = f"""SELECT ?source ?target ?relation ?basis ?strength WHERE {{
  ?claim <{RDF}subject> ?source ; <{RDF}predicate> ?relation ; <{RDF}object> ?target ; <{PG}basis> ?basis .
  OPTIONAL {{ ?claim <{PG}strength> ?strength }}
}}"""
"""The leanest question that is still a network of claims."""


class Kind(NamedTuple):
    """How many of the real things are of a kind, how many ends of connections they have, and how unevenly.

    The thing of rank r among n has a share of the ends that falls as (r / n) ** (1 / hub - 1).
    """

    things: int
    ends: int
    hub: float


class Shape(NamedTuple):
    """What synthetic data take after: the real kinds of things, and the real connections between them."""

    kinds: dict[str, Kind]
    connections: list[tuple[str, str, dict[str, Any]]]

    @classmethod
    def of(cls, catalog: Catalog) -> "Shape":
        """The shape of all the catalogue's data, as the saved questions tell of them."""
        edges, nodes = (catalog.bind(name) for name in ("network", "network-nodes"))
        graph = network(catalog.load(), edges=edges, nodes=nodes)
        kind = {node: str(data["class"]) for node, data in graph.nodes(data=True)}
        things, ends = Counter(kind.values()), Counter[str]()
        ranks: dict[str, list[int]] = {each: [] for each in things}
        for node, degree in sorted(graph.degree, key=lambda each: (-each[1], each[0])):
            ends[kind[node]] += degree
            ranks[kind[node]].append(degree)
        kinds = {}
        for each in sorted(things):  # the hub that makes these degrees likeliest; 1 if all are alike
            fall = sum(degree * -log((rank + 0.5) / things[each]) for rank, degree in enumerate(ranks[each]))
            kinds[each] = Kind(things[each], ends[each], max(1.0, fall / max(1, ends[each])))
        return cls(kinds, [(kind[one], kind[two], data) for one, two, data in graph.edges(data=True)])


class Connection(NamedTuple):
    """A synthetic claim that connects two things; `like` has the attributes of the real one behind it."""

    source: str
    target: str
    like: dict[str, Any]


def sizes(shape: Shape, edges: int) -> dict[str, int]:
    """How many things of each kind there are in a network of so many edges."""
    return {
        kind: max(2, round(edges * real.things / len(shape.connections)))
        for kind, real in shape.kinds.items()
    }


def connections(shape: Shape, edges: int, seed: int = SEED) -> Iterator[Connection]:
    """So many connections; no loops, but parallel ones, as where two sources agree."""
    random, count = Random(seed), sizes(shape, edges)
    turns = dict.fromkeys(count, 0)

    def pick(kind: str) -> str:
        real = shape.kinds[kind]
        if random.random() < real.things / real.ends:  # an end for each thing: hardly one is left out
            turns[kind] += 1
            return thing(kind, turns[kind] % count[kind])
        return thing(kind, int(count[kind] * random.random() ** real.hub))

    for _ in range(edges):
        one, two, like = random.choice(shape.connections)
        source, target = pick(one), pick(two)
        while target == source:
            target = pick(two)
        yield Connection(source, target, like)


def thing(kind: str, number: int) -> str:
    """The IRI of a synthetic thing."""
    return f"{HOME}{kind.removeprefix(PG).lower()}/{number}"


def triples(shape: Shape, edges: int, seed: int = SEED) -> Iterator[str]:
    """The data as lines of N-Triples: things with labels, and each connection as statement and claim."""
    for kind, number in sizes(shape, edges).items():
        for each in range(number):
            about, word = f"<{thing(kind, each)}>", kind.removeprefix(PG)
            yield f"{about} <{RDF}type> <{kind}> .\n"
            yield f'{about} <{SKOS}prefLabel> "{word} no. {each}"@en .\n'
            yield f'{about} <{SKOS}prefLabel> "{word} nr. {each} på dansk"@da .\n'
    for number, (source, target, like) in enumerate(connections(shape, edges, seed)):
        prop, claim = like["property"], f"<{HOME}claim/{number}>"
        yield f"<{source}> <{prop}> <{target}> .\n"
        yield f"{claim} <{RDF}type> <{PG}Claim> .\n"
        yield f"{claim} <{RDF}subject> <{source}> .\n"
        yield f"{claim} <{RDF}predicate> <{prop}> .\n"
        yield f"{claim} <{RDF}object> <{target}> .\n"
        yield f"{claim} <{PG}basis> <{like['basis_iri']}> .\n"
        if "strength_iri" in like:
            yield f"{claim} <{PG}strength> <{like['strength_iri']}> .\n"
        if "rationale" in like:
            yield f'{claim} <{PG}rationale> "Reason {number} why the two belong together."@en .\n'
            yield f'{claim} <{PG}rationale> "Grund {number} til, at de to hører sammen."@da .\n'
        if "document" in like:
            yield f"{claim} <{PG}citedDocument> <{HOME}source/{number % 100}> .\n"
            yield f'<{HOME}source/{number % 100}> <{DCT}title> "Document {number % 100}"@en .\n'
        # As in the real data, a passage stands behind two claims; one claim may have several.
        first = number - number % 2
        for place in range(like.get("passages", "").count("char=")):
            passage = f"<{HOME}passage/{max(0, first - 2 * place)}>"
            yield f"{claim} <{PG}passage> {passage} .\n"
            if not place:
                yield f'{passage} <{PG}section> "Section {first % 9}" .\n'
                yield f'{passage} <{PG}charStart> "{first}"^^<{PREFIXES["xsd"]}integer> .\n'
                yield f'{passage} <{PG}charEnd> "{first + 50}"^^<{PREFIXES["xsd"]}integer> .\n'


def parquet(shape: Shape, edges: int, path: Path, seed: int = SEED) -> None:
    """Write the two files that `policygraph network x.parquet` would write of the data."""
    first, count = {}, 0
    for kind, number in sizes(shape, edges).items():
        first[thing(kind, 0).rpartition("/")[0]] = count
        count += number

    def number(iri: str) -> int:
        kind, _, place = iri.rpartition("/")
        return first[kind] + int(place)

    def things() -> Iterator[tuple[Any, ...]]:
        for kind, number in sizes(shape, edges).items():
            word = kind.removeprefix(PG)
            for each in range(number):
                iri = thing(kind, each)
                yield first[iri.rpartition("/")[0]] + each, iri, word, f"{word} no. {each}"

    def claims() -> Iterator[tuple[Any, ...]]:
        for source, target, like in connections(shape, edges, seed):
            yield number(source), number(target), like["property"], like["basis"], like.get("strength")

    for part, columns, rows in (("nodes", NODES, things()), ("edges", EDGES, claims())):
        save_rows(path.with_name(f"{path.stem}-{part}.parquet"), columns, rows, {"network": "synthetic"})


def main() -> None:
    """Print N-Triples, or write Parquet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("edges", type=int)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--parquet", type=Path)
    options = parser.parse_args()
    shape = Shape.of(Catalog.find())
    if options.parquet:
        parquet(shape, options.edges, options.parquet, options.seed)
    else:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.writelines(triples(shape, options.edges, options.seed))


if __name__ == "__main__":
    main()
