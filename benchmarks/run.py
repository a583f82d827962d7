"""Measures a whole process beside those of other tools, and writes the figures into README.md.

The tools take turns in every round, so that whatever slows the machine slows all of them: the ratios are
what to read.
"""

import re
import sys
from statistics import median, quantiles

from report import HERE, OTHER, OURS, machine, process, timed, write

from policygraph import Catalog, Query

QUESTION = "plans-in-force"  # light, so that the start is what counts: hardest on policygraph
PROCESS_ROUNDS, WARM_UP = 21, 2
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
            answers.update(re.findall(rb"^\d+ rows?$", printed, re.MULTILINE))  # a summary may follow
            times[tool] += [taken] if number >= WARM_UP else []
    if len(answers) != 1:
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


if __name__ == "__main__":
    ours = ("policygraph", "pyoxigraph", "click", "rdflib")
    about, starts = machine(ours, ("kglab",)), "\n".join(cold_start(CATALOG.queries[QUESTION]))
    write(f"{about}\n\n### Cold start\n\n{starts}")
