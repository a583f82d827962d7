"""Measures a start and every saved question beside other tools, and writes the figures into README.md.

One run measures everything, and the tools take turns in every round, so that whatever slows the machine
slows all of them: the ratios are what to read.
"""

import gc
import signal
import sys
from statistics import median, quantiles

import rdflib
from report import HERE, OTHER, OURS, machine, process, timed, write

from policygraph import Catalog, EmbeddedStore, Query

QUESTION = "plans-in-force"  # light, so that the start is what counts: hardest on policygraph
PROCESS_ROUNDS, QUERY_ROUNDS, WARM_UP = 21, 25, 2
TARGET = 5.0  # ms for a question in the embedded engine
CAP, BUDGET = 20, 2.0  # seconds: rdflib for one answer, and before it may start another
CATALOG = Catalog.find()
FILES = [*CATALOG.ontology, *(dataset.path for dataset in CATALOG.datasets.values())]


def cold_start(query: Query) -> list[str]:
    """The table of whole processes that answer one saved question, from start to exit."""
    task = [CATALOG.root / "queries" / f"{query.name}.rq", *FILES]
    commands = {
        f"`policygraph query {query.name}`": [OURS.with_name("policygraph"), "query", query.name],
        "(a) pyoxigraph and Click alone": [sys.executable, HERE / "bare_pyoxigraph.py", *task],
        "(b) rdflib": [sys.executable, HERE / "with_rdflib.py", *task],
        "(c) kglab": [OTHER, HERE / "with_kglab.py", *task],
    }
    times: dict[str, list[float]] = {tool: [] for tool in commands}
    answers = set()
    for number in range(WARM_UP + PROCESS_ROUNDS):
        for tool, command in commands.items():
            taken, printed = timed(process, command)
            answers.add(printed.split()[-2])  # "12 rows"
            times[tool] += [taken] if number >= WARM_UP else []
    if len(answers) > 1:
        sys.exit(f"The tools answer {query.name} with different numbers of rows: {answers}.")
    lines = ["| whole process | median, ms | middle half, ms | policygraph is | target |"]
    lines += ["|---|---:|---:|---:|---:|"]
    ours = median(next(iter(times.values())))
    targets = ["", "≤ 1.5 × as long", "≥ 4 × faster", "≥ 15 × faster"]
    for (tool, taken), target in zip(times.items(), targets, strict=True):
        low, _, high = quantiles(taken, n=4)
        ratio = f"{ours / median(taken):.2f} × as long" if "as long" in target else ""
        ratio = f"{median(taken) / ours:.1f} × faster" if "faster" in target else ratio
        lines.append(f"| {tool} | {median(taken):,.0f} | {low:,.0f} to {high:,.0f} | {ratio} | {target} |")
    return lines


def slow(*_: object) -> None:
    """What the alarm does to rdflib."""
    raise TimeoutError


def in_rdflib(graph: rdflib.Graph, text: str) -> list[object]:
    """rdflib's answer; TimeoutError after `CAP` seconds."""
    signal.setitimer(signal.ITIMER_REAL, CAP, 1)  # again each second, should rdflib swallow the first
    try:
        return list(graph.query(text))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def compared(query: Query, store: EmbeddedStore, graph: rdflib.Graph) -> tuple[float, str]:
    """Oxigraph's median in ms for a question, and the question's line of the table."""
    text, ours, theirs, note = query.bind(), [], [], ""
    for number in range(WARM_UP + QUERY_ROUNDS):
        taken, rows = timed(lambda: list(store.query(text)))
        ours += [taken] if number >= WARM_UP else []
        if not note and sum(theirs) < BUDGET * 1000:
            try:
                taken, found = timed(in_rdflib, graph, text)
                theirs.append(taken)
                note = "" if len(found) == len(rows) else f"{len(found)} rows"
            except TimeoutError:
                note = f"over {CAP:,} s"
            except Exception as error:  # rdflib's own engine raises what it likes
                note = "needs named graphs" if "dataset" in str(error) else type(error).__name__
    best = median(ours)
    other = median(theirs[1:] or theirs or [CAP * 1000])  # its first round warms up, if there is another
    ratio = f"{note.partition(' ')[0]} {other / best:,.0f}" if note[:4] in ("", "over") else ""
    shown = f"{best:.2f}" if best <= TARGET else f"**{best:.2f}**"
    return best, f"| `{query.name}` | {len(rows):,} | {shown} | {note or f'{other:,.1f}'} | {ratio.strip()} |"


def questions() -> list[str]:
    """The table of every saved question with its defaults, in both engines, in this process."""
    store, graph = CATALOG.load(), rdflib.Graph()
    for path in FILES:
        graph.parse(path, format="turtle")
    gc.freeze()  # rdflib's many objects are no garbage to look through
    signal.signal(signal.SIGALRM, slow)
    found = [compared(query, store, graph) for query in CATALOG.queries.values()]
    late = sum(taken > TARGET for taken, _ in found)
    return [
        f"{len(found)} questions on {len(store):,} triples: {len(found) - late} within the target of "
        f"{TARGET:g} ms in the embedded engine, {late} over it (bold).",
        *("", "| question | rows | Oxigraph, ms | rdflib, ms | ratio |", "|---|---:|---:|---:|---:|"),
        *(line for _, line in found),
    ]


if __name__ == "__main__":
    ours = ("policygraph", "pyoxigraph", "click", "rdflib")
    about, starts = machine(ours, ("kglab",)), "\n".join(cold_start(CATALOG.queries[QUESTION]))
    answers = "\n".join(questions())
    write(f"{about}\n\n### Cold start\n\n{starts}\n\n### Every saved question\n\n{answers}")
