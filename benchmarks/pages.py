"""Measures the explorer's page beside pyvis's own page of the same network, in one browser, in turn.

A picture is there when it has been painted: of the explorer when its script has shown the map, of pyvis when
its canvas has the first node. The page is ready when, after that, a second has passed in which nothing kept
its only thread busy for more than a tenth of a second. Both are times from the start of the navigation, by
the browser's own clock. No page has a network. With a commit as the first argument, the page that the
package made then takes its turn too.
"""

import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import networkx as nx
from playwright.sync_api import Browser, Error, sync_playwright
from report import HERE, machine, row, write
from synthetic import Shape, connections

from policygraph import Catalog
from policygraph.analysis.network import network
from policygraph.explorer.page import view

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
SIZES = (500, 2_000, 10_000)
ROUNDS = 5  # of pyvis fewer where it takes the whole minute
CAP = 60  # seconds for a page to get ready
TARGETS = {"Denmark": (600, 1.1), "2,000": (800, None)}  # ms to the picture, MB of the page
BEFORE = """
import pickle, sys
from pathlib import Path
from policygraph import Catalog
from policygraph.analysis.network import network
from policygraph.explorer.page import view
source, page = sys.argv[1:]
if source == "Denmark":
    made = view(network(Catalog(Path.cwd())))
else:
    made = view(pickle.load(open(source, "rb")), title="Synthetic")
open(page, "w", encoding="utf-8").write(made)
"""

WATCH = """
globalThis.marks = { drawn: null, busy: 0, ready: null };
new PerformanceObserver(list => {
  for (const { startTime, duration } of list.getEntries()) {
    if (duration > 100) marks.busy = Math.max(marks.busy, startTime + duration);
  }
}).observe({ type: "longtask", buffered: true });
const painted = () => requestAnimationFrame(() => setTimeout(() => { marks.drawn ??= performance.now(); }));
new MutationObserver(() => { if (document.body?.dataset.drawn) painted(); })
  .observe(document, { subtree: true, childList: true, attributeFilter: ["data-drawn"] });
const { fill } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fill = function (...values) {
  fill.apply(this, values);
  if (!this.canvas.isConnected || document.getElementById("app")) return;
  CanvasRenderingContext2D.prototype.fill = fill;
  painted();
};
const watching = setInterval(() => {
  if (marks.drawn === null || performance.now() - Math.max(marks.drawn, marks.busy) < 1000) return;
  marks.ready = Math.max(marks.drawn, marks.busy);
  clearInterval(watching);
}, 50);
"""


def drawn(catalog: Catalog, things: int) -> nx.MultiDiGraph:
    """A synthetic network of so many things, with the attributes that the catalogue's own has."""
    shape = Shape.of(catalog)
    edges, nodes = (catalog.bind(name) for name in ("network", "network-nodes"))
    real = network(catalog.load(), edges=edges, nodes=nodes)
    kinds = {facts["class"].rpartition("#")[2].lower(): facts for _, facts in real.nodes(data=True)}
    graph = nx.MultiDiGraph()
    wanted = round(things * real.size() / len(real))
    for source, target, like in connections(shape, 2 * wanted):
        for node in (source, target):
            kind, number = node.rsplit("/", 2)[1:]
            facts = {name: value for name, value in kinds[kind].items() if name in ("class", "layer")}
            if node not in graph and len(graph) < things:
                graph.add_node(node, label=f"{kind} no. {number}", **facts)
        if source in graph and target in graph:
            graph.add_edge(source, target, **like)
            wanted -= 1
        if not wanted:
            break
    return graph


def by_pyvis(graph: nx.MultiDiGraph) -> str:
    """pyvis's own page, with all that it is told in it, and its default physics."""
    from pyvis.network import Network

    page = Network(directed=True, cdn_resources="in_line")
    for node, facts in graph.nodes(data=True):
        page.add_node(node, label=facts["label"], title=facts["class"], group=facts["class"])
    for source, target, facts in graph.edges(data=True):
        page.add_edge(source, target, title=facts.get("relation") or facts["property"])
    return str(page.generate_html())


def visited(browser: Browser, address: str) -> tuple[float, float]:
    """The milliseconds until the first picture and until the page is ready; `CAP` seconds at most."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    found = []
    for what in ("drawn", "ready"):
        left = CAP * 1000 - sum(found, 0)
        try:
            mark = page.wait_for_function(f"() => marks.{what}", timeout=max(1, left), polling=100)
            found.append(min(mark.json_value(), CAP * 1000))
        except Error:
            found.append(CAP * 1000)
    context.close()
    return found[0], found[1]


def shown(times: list[float], target: float | None = None) -> str:
    """The median, in ms, with its target; or that it took too long."""
    found = f"{'over ' if median(times) >= CAP * 1000 else ''}{median(times):,.0f}"
    return f"{found} (target {target:,.0f})" if target else found


def ratio(ours: list[float], theirs: list[float]) -> str:
    """How many times sooner ours is, at least."""
    times = median(theirs) / median(ours)
    return f"{'over ' if median(theirs) >= CAP * 1000 else ''}{times:.{1 if times < 10 else 0}f} ×"


def denmark(root: Path, folder: Path) -> Path:
    """A catalogue of links to this one's files, with Denmark and what it names as its only data."""
    (folder / "data").mkdir(parents=True)
    for path in root.iterdir():
        if path.name != "data":
            (folder / path.name).symlink_to(path)
    for name in ("denmark.ttl", "international.ttl"):
        (folder / "data" / name).symlink_to(root / "data" / name)
    return folder


def main(commit: str | None, sizes: tuple[int, ...]) -> None:
    """Measure each size and write the table."""
    catalog = Catalog.find()
    about = machine(("policygraph", "pyvis", "playwright"), ())
    lines = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        old = Path(folder) / "before"
        if commit:
            packed = Path(folder) / "before.tar"
            subprocess.run(["git", "archive", f"--output={packed}", commit], cwd=HERE.parent, check=True)
            shutil.unpack_archive(packed, old, filter="tar")
            then = denmark(old, Path(folder) / "then")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        about += f" Chromium {browser.version}, without a graphics card."
        about += f" *Before* is commit {commit}." if commit else ""
        real = network(Catalog(denmark(catalog.root, Path(folder) / "now")))
        for name, graph in [("Denmark", real), *((f"{size:,}", drawn(catalog, size)) for size in sizes)]:
            pages = {"ours": str(view(graph) if graph is real else view(graph, title="Synthetic"))}
            pages["pyvis"] = by_pyvis(graph)
            files = {maker: Path(folder) / f"{maker}-{name}.html" for maker in pages}
            for maker, page in pages.items():
                files[maker].write_text(page, encoding="utf-8")
            if commit:
                source, files["before"] = Path(folder) / "graph", Path(folder) / f"before-{name}.html"
                source.write_bytes(pickle.dumps(nx.MultiDiGraph(graph)))
                task = ["Denmark" if graph is real else str(source), files["before"]]
                where = {"PYTHONPATH": str(old / "src"), "PATH": ""}
                subprocess.run([sys.executable, "-c", BEFORE, *task], cwd=then, env=where, check=True)
            times: dict[str, list[tuple[float, float]]] = {maker: [] for maker in files}
            for _ in range(ROUNDS):
                for maker, file in files.items():
                    if max(times[maker], default=(0, 0))[1] < CAP * 1000:
                        times[maker].append(visited(browser, file.as_uri()))
            lines.append(line(name, graph, files, times))
            print(lines[-1], file=sys.stderr)
        browser.close()
    head = ("things", "connections", "page, MB", "before", "pyvis", "picture, ms", "before", "pyvis",
            "before / ours", "pyvis / ours", "ready, ms", "pyvis")  # fmt: skip
    write(f"{about}\n\n" + "\n".join([row(*head), "|" + "---:|" * len(head), *lines]))


def line(
    name: str, graph: nx.MultiDiGraph, files: dict[str, Path], times: dict[str, list[tuple[float, float]]]
) -> str:
    """A row of the table."""
    goal, most = TARGETS.get(name, (None, None))
    size = {maker: f"{file.stat().st_size / 1e6:.2f}" for maker, file in files.items()}
    first = {maker: [each[0] for each in found] for maker, found in times.items()}
    ready = {maker: [each[1] for each in found] for maker, found in times.items()}
    return row(
        f"{name} ({len(graph)})" if name == "Denmark" else name,
        f"{graph.size():,}",
        size["ours"] + (f" (target {most})" if most else ""),
        size.get("before", ""),
        size["pyvis"],
        shown(first["ours"], goal),
        shown(first["before"]) if "before" in first else "",
        shown(first["pyvis"]),
        ratio(first["ours"], first["before"]) if "before" in first else "",
        ratio(first["ours"], first["pyvis"]),
        shown(ready["ours"]),
        shown(ready["pyvis"]),
    )


if __name__ == "__main__":
    commit = sys.argv[1] if sys.argv[1:] and not sys.argv[1].isdecimal() else None
    main(commit, tuple(int(each) for each in sys.argv[1:] if each.isdecimal()) or SIZES)
