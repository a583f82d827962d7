"""Measure networks of any size with an engine that speaks Spark Connect: Sail in this process, or a cluster.

All is joins and sums of data frames with whole numbers for nodes, so that it runs wherever Spark's SQL does;
the values equal those of the measures in memory.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from policygraph.analysis.centrality import DAMPING, without_betweenness
from policygraph.analysis.comparison import MEMBERS, components_table, figures, mixing, summary_table
from policygraph.analysis.exchange import write_parquet
from policygraph.analysis.network import CONFIDENCE
from policygraph.analysis.table import Node, Table, make_table, phrase
from policygraph.errors import EndpointError, NetworkError, extra
from policygraph.text import printable

if TYPE_CHECKING:
    import networkx as nx

    from policygraph.catalog.catalog import Catalog

MOST_ROWS = 100_000
"""The most rows of a table that an engine gives: the first, of a network that has more things or parts."""

UPLOADED = 2_000_000
"""The most connections that go to an engine, and come back, over its address instead of a place of files."""

_PORT, _SECONDS, _RETRIES = 15002, 10, 4
_CLOSE = 1e-8  # PageRank stops when the sum of all changes is less
_ROUNDS = 100
_ALIKE = 6  # digits of scores, whose mean is 1, that those who share a rank have in common
_BATCH = 1_000_000  # rows that go up at a time
_TOO_LARGE = (
    f"More than {UPLOADED:,} connections do not go over the address of an engine; name a place that it and "
    "its workers read and write by --scratch (scratch=)."
)
# The share of doubt that a claim leaves.
_DOUBT = f"""CASE WHEN coalesce(basis, '') <> 'inferred' THEN {1 - CONFIDENCE["document"]!r}D
  WHEN strength = 'strong' THEN {1 - CONFIDENCE["strong"]!r}D
  WHEN strength = 'medium' THEN {1 - CONFIDENCE["medium"]!r}D ELSE {1 - CONFIDENCE["weak"]!r}D END"""


def measured(
    name: str,
    source: nx.Graph | Catalog | str | Path,
    *,
    engine: str,
    scratch: str | None = None,
    **chosen: Any,
) -> Table:
    """Run a measure on an engine.

    Args:
        name: "central" (without betweenness), "components" or "summary" (without paths and clustering).
        source: "X.parquet", for the two files that `write_parquet` makes; where the engine itself reads them,
            a URI such as "s3a://bucket/X.parquet". Or a catalogue, or any networkx graph, which are written
            first.
        engine: "local", or the address of a Spark Connect server, "sc://host:15002".
        scratch: a place of files that a server and its workers can read and write, such as
            "s3a://bucket/folder" or a shared folder; what is written there is removed at the end.
        chosen: the store, language, query and filters, as `write_parquet` takes them.

    Raises:
        NetworkError: the engine has no such measure, or the network does not fit its way there.
        EndpointError: the engine does not answer, is of another version, or fails.
        ExtraError: a library is not installed.
    """
    if name not in _MEASURES:
        way = "read the files that `policygraph network x.parquet` writes with igraph or graspologic"
        way = way if name == "communities" else "leave out engine= (--engine)"
        raise NetworkError(f"{name} is no measure of an engine, which has {', '.join(_MEASURES)}; {way}.")
    if engine != "local" and not re.match(r"sc://[^/;]", engine):
        what = "or the address of a Spark Connect server: sc://host:15002"
        raise EndpointError(f"An engine is 'local', {what}.")
    from tempfile import TemporaryDirectory

    with ExitStack() as stack:
        near = scratch if engine == "local" else None
        try:
            folder = stack.enter_context(TemporaryDirectory(prefix="policygraph-", dir=near))
        except OSError as error:
            raise NetworkError(f"{near} is no place to write to: {error.strerror or error}.") from None
        if not isinstance(source, str | Path):
            given, source = source, Path(folder) / "network.parquet"
            write_parquet(given, source, **chosen)
        elif any(value for each, value in chosen.items() if each not in ("store", "language")):
            raise NetworkError("Parquet files are measured whole; narrow the network as you write them.")
        place = folder if engine == "local" else scratch
        with _opened(engine, place) as tables:
            tables.about["language"] = chosen.get("language")
            return _MEASURES[name](_Network(tables, str(source)))


class _Tables:
    """The data frames of a session, and the folder that keeps them between rounds."""

    def __init__(self, session: Any, name: str, folder: str, local: bool) -> None:
        self.session, self.name, self.folder, self.local = session, name, folder, local
        self.about: dict[str, Any] = {}
        self._times = Counter[str]()

    def kept(self, name: str, frame: Any) -> Any:
        """A frame that is computed, so that what is made of it does not compute it again."""
        if not self.folder:
            return self._sent(frame.toArrow())
        self._times[name] += 1
        place = f"{self.folder}/{name}-{self._times[name] % 2}"  # the one before is read meanwhile
        frame.write.mode("overwrite").parquet(place)
        return self.session.read.parquet(place)

    def _sent(self, table: Any) -> Any:
        from pyspark.sql.pandas.types import from_arrow_schema

        return self.session.createDataFrame(table, from_arrow_schema(table.schema))  # which may have no rows

    def read(self, source: str) -> tuple[Any, Any]:
        """The nodes and the edges of a network, sent to the engine where it cannot read them."""
        paths = [f"{source.removesuffix('.parquet')}{part}.parquet" for part in ("-nodes", "-edges")]
        if "://" in source:
            return self.session.read.parquet(paths[0]), self.session.read.parquet(paths[1])
        from pyarrow import ArrowException, Table as Arrow
        from pyarrow.parquet import ParquetFile

        files = []
        for path in paths:
            try:
                files.append(ParquetFile(path))
            except (OSError, ArrowException) as error:
                raise NetworkError(f"{path} cannot be read as Parquet: {error}.") from None
        self.about |= json.loads((files[1].metadata.metadata or {}).get(b"policygraph", "{}"))
        if self.local:
            return tuple(self.session.read.parquet(str(Path(path).resolve())) for path in paths)
        if files[1].metadata.num_rows > UPLOADED and not self.folder:
            raise NetworkError(_TOO_LARGE)
        if not self.folder:
            return self._sent(files[0].read()), self._sent(files[1].read())
        places = [f"{self.folder}/{name}" for name in ("nodes", "edges")]
        for place, file in zip(places, files, strict=True):
            for batch in file.iter_batches(_BATCH):
                self._sent(Arrow.from_batches([batch])).write.mode("append").parquet(place)
            if not file.metadata.num_rows:
                self._sent(file.read()).write.parquet(place)
        return self.session.read.parquet(places[0]), self.session.read.parquet(places[1])


@contextmanager
def _opened(engine: str, scratch: str | None) -> Iterator[_Tables]:
    """Open a session on an engine; what goes wrong there is one sentence, without a token."""
    import os
    import socket
    import warnings
    from importlib.metadata import version
    from urllib.parse import urlsplit
    from uuid import uuid4

    local, folder = engine == "local", scratch or ""
    os.environ.setdefault("RUST_LOG", "off")  # Sail and gRPC would write beside our one sentence
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # of pandas, which is not used
        with extra("sail" if local else "cluster", "--engine"), _main_file():
            import grpc
            import pyarrow  # noqa: F401
            from pyspark.errors import PySparkException
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession

            if local:
                from pysail.spark import SparkConnectServer
        shown = "local engine"
        if local:
            server = SparkConnectServer("127.0.0.1", 0)
            server.start(background=True)
            stack.callback(server.stop)
            engine = f"sc://localhost:{server.listening_address[1]}"  # where a token needs no encryption
        parts = urlsplit(engine)
        try:
            address = parts.hostname or "", parts.port or _PORT
            if not local:
                shown = "engine at sc://{}:{}".format(*address)
                socket.create_connection(address, _SECONDS).close()
        except (OSError, ValueError) as error:
            raise EndpointError(f"No {shown} answers: {error}; is a Spark Connect server there?") from None
        secrets = [*re.split("[;=/]", parts.path), os.environ.get("SPARK_CONNECT_AUTHENTICATE_TOKEN")]
        try:
            session = SparkSession.builder.remote(engine).create()
            stack.callback(_stop, session)
            session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES)])
            if session.version.split(".")[0] != "4":
                what = f"speaks Spark {session.version}, and this needs 4"
                raise EndpointError(f"The {shown} {what}; start Spark 4 or Sail there.")
            name = f"Sail {version('pysail')}, local" if local else f"Spark {session.version}, {shown[10:]}"
            tables = _Tables(session, name, folder, local)
            if folder and not local:
                tables.folder = f"{folder.rstrip('/')}/policygraph-{uuid4().hex}"
                stack.callback(_remove, tables)
            yield tables
        except (PySparkException, grpc.RpcError) as error:
            text = error.details() if isinstance(error, grpc.Call) else str(error)
            what = printable(" ".join(text.split()))[:300].rstrip(". ")
            for each in filter(None, secrets):
                what = what.replace(each, "…")
            raise EndpointError(f"The {shown} failed: {what}.") from None


@contextmanager
def _main_file() -> Iterator[None]:
    """Give the main module a file: pyspark takes `python -c` for its own doctests, and ends the process."""
    main = vars(sys.modules["__main__"])
    own = "__file__" in main
    main.setdefault("__file__", "-c")
    try:
        yield
    finally:
        if not own:
            del main["__file__"]


def _stop(session: Any) -> None:
    with suppress(Exception):  # of an engine that is gone
        session.stop()


def _remove(tables: _Tables) -> None:
    """Remove what was written to the scratch place, or have the recipe say that it is still there."""
    from pyarrow import ArrowException, fs

    try:
        system, path = fs.FileSystem.from_uri(tables.folder.replace("s3a://", "s3://"))
        system.delete_dir(path)
    except (OSError, ValueError, ArrowException):
        tables.about["still there"] = tables.folder


class _Network:
    """The data frames of a network: its nodes, claims, connected pairs, and neighbours of what has any."""

    def __init__(self, tables: _Tables, source: str) -> None:
        self.tables = tables
        self.nodes, self.edges = tables.read(source)
        self.things, numbers = self.nodes.selectExpr("count(*)", "count(DISTINCT number)").first()
        self.claims = self.edges.count()
        if self.claims > UPLOADED and not tables.folder:
            raise NetworkError(_TOO_LARGE)
        if not self.things:
            raise NetworkError("The network is empty, so there is nothing to measure.")
        if numbers != self.things:
            what = f"{self.things:,} nodes with {numbers:,} numbers"
            raise NetworkError(f"{Path(source).name} has {what}; each needs one of its own.")
        doubt = f"ln({_DOUBT})"
        pairs = (
            self.edges.where("source <> target")
            .selectExpr("least(source, target) one", "greatest(source, target) other", f"{doubt} every",
                        f"CASE WHEN basis = 'inferred' THEN 0D ELSE {doubt} END certain")
            .groupBy("one", "other").sum("every", "certain").toDF("one", "other", "every", "certain")
            .selectExpr("one", "other", "1 - exp(every) every", "1 - exp(certain) certain")
        )  # fmt: skip
        self.pairs = tables.kept("pairs", pairs)
        degrees = (
            self.both.selectExpr("one", "every", "certain", "1 neighbours", "int(certain > 0) firm")
            .groupBy("one").sum("every", "certain", "neighbours", "firm")
            .toDF("number", "every", "certain", "neighbours", "firm")
        )  # fmt: skip
        self.degrees = tables.kept("degrees", degrees)

    @property
    def both(self) -> Any:
        """The pairs, each in both directions."""
        return self.pairs.union(self.pairs.select("other", "one", "every", "certain"))

    def with_nodes(self, frame: Any) -> Any:
        """The nodes with what a frame has of them."""
        degrees = self.degrees.select("number", "neighbours", "firm")
        joined = self.nodes.join(degrees, "number", "left").join(frame, "number", "left")
        return joined.fillna(0, ["neighbours", "firm"])

    def table(self, name: str, rows: int, things: int, **recipe: Any) -> tuple[nx.Graph, dict[str, Any]]:
        """What `make_table` takes: a graph for its attributes and labels, and more of the recipe."""
        import networkx as nx

        graph = nx.Graph(**self.tables.about)
        part = {"rows": phrase(graph, name, "engine_rows", n=rows, all=things)} if rows < things else {}
        whole = {"things": self.things, "connections": self.claims, "engine": self.tables.name}
        return graph, {**whole, **part, **recipe}


def _central(network: _Network) -> Table:
    scores, least, rounds = _pagerank(network)
    every, certain = (f"coalesce({name}, {least[name]!r}D)" for name in least)
    found = network.with_nodes(scores.select("number", "every", "certain")).selectExpr(
        "iri", "kind", "label", "neighbours", "firm", f"{every} every",
        f"round({every} * {network.things}, {_ALIKE}) score",
        f"round({certain} * {network.things}, {_ALIKE}) score_without",
    )  # fmt: skip
    # Only scores are sorted as a whole, each once, and the first rows picked; not the rows of all things.
    above = found.groupBy("score_without").count().selectExpr(
        "score_without", "sum(count) OVER (ORDER BY score_without DESC) - count + 1 rank_without"
    )  # fmt: skip
    order, down = ["score", "iri"], [False, True]
    ranked = found.orderBy(order, ascending=down).limit(MOST_ROWS).join(above, "score_without")
    first = ranked.orderBy(order, ascending=down).toArrow().to_pylist()
    ranks: dict[float, int] = {}  # the place of the first with each score
    inferred = network.edges.where("basis = 'inferred'").count()
    graph, recipe = network.table("central", len(first), network.things, inferred_connections=inferred)
    rows = []
    for place, each in enumerate(first, 1):
        rank = ranks.setdefault(each["score"], place)
        graph.add_node(each["iri"], **({"label": each["label"]} if each["label"] else {}))
        before = each["rank_without"] if each["firm"] else None
        change = None if before is None else before - rank
        node = Node(each["iri"])
        rows.append((rank, node, each["kind"], each["neighbours"], each["every"], before, change))
    columns = ("rank", "thing", "kind", "neighbours", "pagerank", "rank_without", "change")
    reading = without_betweenness(graph, phrase(graph, "central", "rounds", rounds=rounds))
    return make_table(graph, "central", columns, rows, **reading, **recipe)


def _pagerank(network: _Network) -> tuple[Any, dict[str, float], int]:
    """Return the scores with all and with `certain` claims, that of a node without any, and the rounds.

    Chebyshev's iteration takes a third of the rounds of the power iteration; it may be used since a walk
    on an undirected network has real eigenvalues, which are at most the damping. A node without connections
    has the same score in each round, so only the others take part.
    """
    tables, things = network.tables, network.things
    sums = "count(*)", "sum(every)", "sum(int(firm > 0))", "sum(certain)"
    connected, every, firm, certain = (each or 0 for each in network.degrees.selectExpr(*sums).first())
    least, start = {}, []
    for name, nodes, strength in (("every", connected, every), ("certain", firm, certain)):
        least[name] = (1 - DAMPING) / (things - DAMPING * (things - nodes))
        rest = (1 - things * least[name]) / (strength or 1)
        start.append(f"{least[name]!r}D + {rest!r}D * {name} {name}")
    of = network.degrees.selectExpr("number", "every of_every", "certain of_certain")
    shares = network.both.withColumnRenamed("one", "number").join(of, "number").selectExpr(
        "number", "other", "every / of_every every",
        "CASE WHEN certain > 0 THEN certain / of_certain ELSE 0D END certain",
    )  # fmt: skip
    shares = tables.kept("shares", shares)
    zeros = [f"0D {time}_{name}" for time in ("last", "before") for name in least]
    scores = network.degrees.selectExpr("number", *start, "0D before_every", "0D before_certain", "0D change")
    factor = 1.0
    for number in range(1, _ROUNDS + 1):
        from_others = shares.join(scores.selectExpr("number", "every e", "certain c"), "number").selectExpr(
            "other number", "every * e every", "certain * c certain", *zeros
        )
        own = scores.selectExpr(
            "number", "0D every", "0D certain", "every last_every", "certain last_certain",
            "before_every", "before_certain",
        )  # fmt: skip
        names = own.columns[1:]
        new = from_others.union(own).groupBy("number").sum(*names).toDF("number", *names)
        moved = (
            f"{factor!r}D * ({least[name]!r}D + {DAMPING}D * {name} - before_{name}) + before_{name} {name}"
            for name in least
        )
        scores = new.selectExpr("number", *moved, "last_every before_every", "last_certain before_certain")
        change = "abs(every - before_every) + abs(certain - before_certain) change"
        scores = tables.kept("scores", scores.selectExpr("*", change))
        (moves,) = scores.selectExpr("sum(change)").first()
        if (moves or 0) < _CLOSE:
            break
        factor = 1 / (1 - DAMPING**2 / 2) if number == 1 else 1 / (1 - DAMPING**2 * factor / 4)
    return scores, least, number


def _components(network: _Network) -> Table:
    home, rounds = _parts(network)
    parts, first = _largest(network, home)
    graph, recipe = network.table("components", len(first), parts.count(), rounds=rounds)
    small = parts.where(f"size <= {MEMBERS}").select("part")
    order, down = ["part", "neighbours", "iri"], [True, False, True]
    members_of = home.join(small, "part").orderBy(order, ascending=down)
    members: dict[int, tuple[Node, ...]] = {}
    wanted = {each["part"] for each in first}
    for part, rows in groupby(members_of.toLocalIterator(), key=lambda row: row["part"]):
        if part in wanted:
            listed = list(rows)
            members[part] = tuple(Node(row["iri"]) for row in listed)
            graph.add_nodes_from((row["iri"], {"label": row["label"]}) for row in listed if row["label"])
    found = [(each["size"], each["neighbours"] // 2, members.get(each["part"])) for each in first]
    return components_table(graph, found, network.things, **recipe)


def _parts(network: _Network) -> tuple[Any, int]:
    """Return the nodes with the part that each is in, and the rounds.

    Each round draws an order of all nodes; each joins its first neighbour, and what that one joins (hooking
    and pointer jumping, Shiloach and Vishkin 1982). At least half of the nodes left are expected to go.
    """
    tables, draw = network.tables, Random(0)  # noqa: S311
    left = network.pairs.select("one", "other")
    home, rounds = network.degrees.selectExpr("number", "number part"), 0
    while left.count():
        rounds += 1
        order = f"{draw.getrandbits(62)}L"  # by the bits that are other than in it
        both = left.union(left.select("other", "one")).selectExpr("one child", f"other ^ {order} root")
        up = both.groupBy("child").min("root").toDF("child", "root")
        up = tables.kept("up", up.selectExpr("child", f"least(root, child ^ {order}) ^ {order} root"))
        over = up.selectExpr("child root", "root top")
        up = tables.kept("over", up.join(over, "root").selectExpr("child", "top root"))
        one, other = up.toDF("one", "a"), up.toDF("other", "b")
        merged = left.join(one, "one").join(other, "other").where("a <> b")
        merged = merged.selectExpr("least(a, b) one", "greatest(a, b) other").distinct()
        home = home.join(up.toDF("part", "root"), "part", "left").selectExpr(
            "number", "coalesce(root, part) part"
        )
        left, home = tables.kept("left", merged), tables.kept("home", home)
    found = network.with_nodes(home)
    return found.selectExpr("coalesce(part, number) part", "iri", "label", "neighbours"), rounds


def _largest(network: _Network, home: Any) -> tuple[Any, list[dict[str, Any]]]:
    """Return the parts with their sizes, and the first of them, the largest first."""
    sums = {"one": "sum", "iri": "min", "neighbours": "sum"}
    parts = home.selectExpr("part", "1 one", "iri", "neighbours").groupBy("part").agg(sums)
    parts = network.tables.kept("parts", parts.toDF("part", "size", "iri", "neighbours"))
    first = parts.orderBy(["size", "iri"], ascending=[False, True]).limit(MOST_ROWS)
    return parts, first.toArrow().to_pylist()


def _summary(network: _Network) -> Table:
    parts, (largest, *_) = _largest(network, _parts(network)[0])
    graph, recipe = network.table("summary", 0, 0)
    kind = "coalesce(kind, 'of no kind')"
    nodes = network.nodes.join(network.degrees, "number", "left").fillna(0, ["neighbours"])
    kinds = nodes.selectExpr(f"{kind} kind", "1 one", "neighbours").groupBy("kind").sum("one", "neighbours")
    words = "coalesce(basis, 'of no basis') basis", "coalesce(strength, 'of no strength') strength"
    stated = network.edges.selectExpr(*words).groupBy("basis", "strength").count()
    bases, strengths = Counter[str](), Counter[str]()
    for basis, strength, number in stated.collect():
        bases[basis] += number
        strengths[strength] += number if basis == "inferred" else 0
    named = network.nodes.selectExpr("number", f"{kind} kind")
    ends = network.pairs.join(named.toDF("one", "a"), "one").join(named.toDF("other", "b"), "other")
    found = ends.groupBy("a", "b").count().collect()
    met: dict[tuple[str, ...], int] = {(a, b): number for a, b, number in found}
    hub = nodes.orderBy(["neighbours", "iri"], ascending=[False, True]).first()
    graph.add_node(hub["iri"], **({"label": hub["label"]} if hub["label"] else {}))
    numbers = figures(
        {each: (things, around / things) for each, things, around in kinds.collect()},
        sum(met.values()), bases, strengths,
        alone=network.things - network.degrees.count(), parts=parts.count(), largest=largest["size"],
    )  # fmt: skip
    recipe["algorithm"] = phrase(graph, "summary", "engine_algorithm")
    wholes: dict[str, Any] = {"most neighbours": (Node(hub["iri"]), hub["neighbours"])}
    wholes |= dict.fromkeys(("mean steps", "most steps", "clustering"), (None, None))
    wholes["assortativity by kind"] = None, mixing(met)
    return summary_table(graph, numbers, wholes, phrase(graph, "summary", "engine_left"), **recipe)


_MEASURES = {"central": _central, "components": _components, "summary": _summary}
