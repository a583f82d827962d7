"""Measures the server beside rdflib-endpoint and Oxigraph's own: answers a second, waiting, start, memory.

wrk asks over loopback, with `CONNECTIONS` connections that each wait for their answer. All three hold the
same data, and take turns at each task in every round. A text that varies is the same query with another
comment at its end, so that nothing kept from before can answer it.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import randrange
from statistics import median
from typing import NamedTuple
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from report import OTHER, OURS, machine, row, write
from synthetic import Shape, triples

from policygraph import Catalog

CONNECTIONS, SECONDS, ROUNDS, STARTS = 8, 2, 3, 11
EDGES, MILLION = 100_000, 1_000_000  # claims, of which the first triples are taken
BEYOND = 60  # MB that a worker may hold beside the store
MB = 2**20
CATALOG = Catalog.find()
FILES = [*CATALOG.ontology, *(dataset.path for dataset in CATALOG.datasets.values())]
JSON = "application/sparql-results+json"
SMALL = """PREFIX pg: <https://w3id.org/policygraph/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?plan ?label WHERE { ?plan a pg:Plan ; skos:prefLabel ?label }"""
HEAVY = CATALOG.queries["network"].bind()

OURSELVES, RDFLIB, OXIGRAPH = "policygraph serve", "rdflib-endpoint", "oxigraph serve-read-only"

# What wrk runs: another number at the end of each address if it varies, and the figures as JSON at the end.
LUA = """
local path, accept, number = %s, %s, %s
local same
function init()
  same = wrk.format("GET", path, { Accept = accept })
end
function request()
  if number then
    number = number + 1
    return wrk.format("GET", path .. number, { Accept = accept })
  end
  return same
end
function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('{"rate": %%f, "half": %%f, "most": %%f, "wrong": %%d}\\n',
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, wrong))
end
"""


class Task(NamedTuple):
    """What is asked: a query, whose text varies or not, or one of our own addresses."""

    name: str
    query: str = ""
    varied: bool = False
    path: str = ""
    seconds: int = SECONDS


class Server(NamedTuple):
    """A server that runs, and where its endpoint is."""

    process: subprocess.Popen[bytes]
    port: int
    path: str

    def address(self, task: Task) -> str:
        """The path of a task, without the number that varies."""
        if task.path:
            return task.path
        return f"{self.path}?query={quote(task.query)}" + ("%20%23" if task.varied else "")

    def asked(self, path: str, accept: str = JSON) -> bytes:
        """The answer to one request."""
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": accept})
        with urlopen(request, timeout=30) as answer:
            return bytes(answer.read())


TASKS = [
    Task("small query, text varies", SMALL, varied=True),
    Task("small query, repeated", SMALL),
    Task("heavy query (`network`), text varies", HEAVY, varied=True, seconds=20 * SECONDS),
    Task("saved question, `/query/plans-in-force.html`", path="/query/plans-in-force.html"),
    Task("saved question, `….csv`", path="/query/plans-in-force.csv"),
    Task("resource, `/doc/….html`", path="/doc/{thing}.html"),
    Task("resource, `/doc/….ttl`", path="/doc/{thing}.ttl"),
    Task("dump, `/download/….ttl`", path="/download/{dataset}.ttl"),
]
TARGETS = {  # by task and other server: times as many answers a second
    (TASKS[0].name, RDFLIB): 20,
    (TASKS[2].name, RDFLIB): 20,
    (TASKS[0].name, OXIGRAPH): 0.4,
    (TASKS[1].name, OXIGRAPH): 2,
}


@contextlib.contextmanager
def running(tool: str, folder: Path, files: list[Path], *options: str) -> Iterator[Server]:
    """A server of these files, from its first answer on; Oxigraph's has loaded them before."""
    port = 20_000 + randrange(20_000)
    here = ["--host", "127.0.0.1", "--port", str(port)]
    there = ["--location", folder / "oxigraph", "--bind", f"127.0.0.1:{port}"]
    path, command = {
        OURSELVES: ("/sparql", [OURS.with_name("policygraph"), *options, "serve", *here]),
        RDFLIB: ("/", [OTHER.with_name("rdflib-endpoint"), "serve", *here, *files]),
        OXIGRAPH: ("/query", [OURS.with_name("oxigraph"), "serve-read-only", *there]),
    }[tool]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
    server = Server(process, port, path)
    try:
        while True:
            try:
                server.asked(server.address(Task("", "ASK {}")))
                break
            except (URLError, ConnectionError):
                if process.poll() is not None:
                    sys.exit(f"{tool} ended: {(folder / 'log').read_text()[-500:]}")
                time.sleep(0.005)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def rest() -> None:
    """Wait until the machine does little, a minute at most: servers work on for those who have gone."""
    whole, before = (os.cpu_count() or 1) * os.sysconf("SC_CLK_TCK") / 2, None
    for _ in range(120):
        idle = int(Path("/proc/stat").read_text(encoding="ascii").split()[4])
        if before is not None and idle - before > 0.9 * whole:
            return
        before = idle
        time.sleep(0.5)


def measured(server: Server, task: Task, folder: Path, *, refused: bool = False) -> dict[str, float]:
    """What wrk says of one server and task, of which some may be `refused`, as when all ask at once."""
    accept = JSON if task.query else "*/*"
    path = server.address(task)
    number = str(randrange(10**9)) if task.varied else "nil"
    script = folder / "ask.lua"
    script.write_text(LUA % (json.dumps(path), json.dumps(accept), number), encoding="utf-8")
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{task.seconds}",
        "--timeout",
        "120s",
        "--latency",
        "-s",
        str(script),
    ]
    rest()
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/"], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if (found["wrong"] and not refused) or not found["rate"]:
        sys.exit(
            f"{server.path}, {task.name}: {found['wrong']} requests went wrong, of {found['rate']} a second."
        )
    print(f"{task.name}, {server.path}: {found['rate']:,.0f} a second", file=sys.stderr)
    return found


def rates(folder: Path) -> list[str]:
    """The table of answers a second."""
    thing = next(iter(CATALOG.load().query(SMALL)))["plan"].value
    dataset = next(iter(CATALOG.datasets))
    places = {"thing": thing.partition("/id/")[2], "dataset": dataset}
    tasks = [task._replace(path=task.path.format(**places)) for task in TASKS]
    figures: dict[tuple[str, str], list[dict[str, float]]] = {}
    with contextlib.ExitStack() as stack:
        servers = {
            tool: stack.enter_context(running(tool, folder, FILES)) for tool in (OURSELVES, RDFLIB, OXIGRAPH)
        }
        time.sleep(20)  # what they prepare once they serve
        for task in (task for task in tasks if task.query):
            found = {name: each.asked(each.address(task)) for name, each in servers.items()}
            count = {name: len(json.loads(body)["results"]["bindings"]) for name, body in found.items()}
            if len(set(count.values())) > 1:
                sys.exit(f"They answer {task.name} with different numbers of rows: {count}.")
        for task in tasks:  # a page that nobody has asked for yet is made first
            servers[OURSELVES].asked(servers[OURSELVES].address(task), "*/*")
        for _ in range(ROUNDS):
            for task in tasks:
                for tool, server in servers.items():
                    if task.query or tool == OURSELVES:
                        figures.setdefault((task.name, tool), []).append(measured(server, task, folder))
    head = ("task", "server", "answers a second", "p50, ms", "p99, ms", "policygraph answers")
    lines = [row(*head), "|---|---|---:|---:|---:|---:|"]
    for (name, tool), rounds in figures.items():
        rate, half, most = (median(each[key] for each in rounds) for key in ("rate", "half", "most"))
        ratio = ""
        if tool != OURSELVES:
            # Round by round, since what slows the machine slows the neighbours in a round.
            pairs = zip(figures[name, OURSELVES], rounds, strict=True)
            times = median(ours["rate"] / theirs["rate"] for ours, theirs in pairs)
            ratio = f"{times:,.0f} ×" if times >= 10 else f"{times:.2f} ×"
            if target := TARGETS.get((name, tool)):
                ratio += f" (target {target} ×{'' if times >= target else ', missed'})"
        lines.append(
            row(
                name,
                f"`{tool}`",
                f"{rate:,.{0 if rate >= 10 else 1}f}",
                f"{half:,.1f}",
                f"{most:,.1f}",
                ratio,
            )
        )
    return lines


def starts(folder: Path) -> list[str]:
    """How long each takes from the start of the process to its first answer."""
    times: dict[str, list[float]] = {}
    for _ in range(STARTS):
        for tool in (OURSELVES, RDFLIB, OXIGRAPH):
            start = time.perf_counter()
            with running(tool, folder, FILES):
                times.setdefault(tool, []).append((time.perf_counter() - start) * 1000)
    lines = [row("server", "start to first answer, ms", "fastest and slowest"), "|---|---:|---:|"]
    for tool, found in times.items():
        target = f" (target 1,000{'' if median(found) < 1000 else ', missed'})" if tool == OURSELVES else ""
        lines.append(
            row(f"`{tool}`", f"{median(found):,.0f}{target}", f"{min(found):,.0f} to {max(found):,.0f}")
        )
    return lines


def held(pid: int) -> tuple[float, float]:
    """The memory of a process in MB by its share (PSS), and how much of that is the store's files."""
    total = store = 0
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            name = line
        elif line.startswith("Pss:"):
            size = int(line.split()[1]) * 1024
            total += size
            store += size if ".sst" in name else 0
    return total / MB, store / MB


def memory(folder: Path) -> str:
    """What the processes hold when they serve a million triples."""
    file, shape = folder / "synthetic.nt", Shape.of(CATALOG)
    lines = dict.fromkeys(
        line for number, line in enumerate(triples(shape, EDGES)) if number < 1.17 * MILLION
    )
    count = min(MILLION, len(lines))
    file.write_text("".join(list(lines)[:count]), encoding="utf-8")
    del lines
    start = time.perf_counter()
    with running(OURSELVES, folder, [], "--data", str(file)) as server:
        begun = time.perf_counter() - start
        for task in TASKS[0], Task("", SMALL.replace("pg:Plan", "?kind") + " LIMIT 1000", varied=True):
            measured(server, task, folder, refused=True)
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
        workers = [held(int(pid)) for pid in children]
        main = held(server.process.pid)[0]
    most = max(total - store for total, store in workers)
    shown = ", ".join(f"{total:,.0f} MB, of which {store:,.0f} the store's files" for total, store in workers)
    missed = "" if most <= BEYOND else ", missed"
    return (
        f"Serving {count:,} synthetic triples, asked by wrk before: the workers hold {shown}; "
        f"at most {most:,.0f} MB each beyond the store, which the kernel caches for all (target "
        f"{BEYOND}{missed}); the server itself, which makes the pages, {main:,.0f} MB. "
        f"The first answer came after {begun:,.1f} s."
    )


def main() -> None:
    """Measure and write, or say why not."""
    if not shutil.which("wrk"):
        print(
            "serving.py needs wrk (apt-get install -y wrk); its figures stay as they were.", file=sys.stderr
        )
        return
    ours = ("policygraph", "pyoxigraph", "granian", "oxigraph")
    about = machine(ours, ("rdflib-endpoint", "uvicorn", "rdflib"))
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"wrk \S+", said)
    about += f" {version[0] if version else 'wrk'}, {CONNECTIONS} connections."
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        load = [OURS.with_name("oxigraph"), "load", "--location", folder / "oxigraph"]
        for path in FILES:
            load += ["--file", path]
        subprocess.run(list(map(str, load)), check=True, capture_output=True)
        parts = ["\n".join(rates(folder)), "\n".join(starts(folder)), memory(folder)]
    write("\n\n".join([about, *parts]))


if __name__ == "__main__":
    main()
