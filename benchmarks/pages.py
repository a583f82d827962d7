"""Measures the explorer's page beside pyvis's own page of the same network, in one browser, in turn.

A picture is there when the first node has been painted; the page is ready when, after that, a second has
passed in which nothing kept its only thread busy for more than a tenth of a second. Both are times from the
start of the navigation, by the browser's own clock. Neither page has a network.
"""

import itertools
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

import networkx as nx
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from report import machine, row, write
from synthetic import Shape, connections

from policygraph import Catalog
from policygraph.analysis.network import network
from policygraph.explorer.page import view

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
SIZES = (150, 500, 2_000, 10_000)
ROUNDS = {150: 3, 500: 3}  # of larger ones one: pyvis takes the whole minute
CAP = 60  # seconds for a page to get ready
TARGET, TARGET_SIZE = 3, 500  # times as soon as pyvis, for so many things and more
FRAMES, FRAMES_SIZE = 20, 2_000  # a second while one drags, with so many things
DRAG = 3  # seconds

WATCH = """
globalThis.marks = { drawn: null, busy: 0, ready: null };
new PerformanceObserver(list => {
  for (const { startTime, duration } of list.getEntries()) {
    if (duration > 100) marks.busy = Math.max(marks.busy, startTime + duration);
  }
}).observe({ type: "longtask", buffered: true });
const { fill } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fill = function (...values) {
  fill.apply(this, values);
  if (!this.canvas.isConnected) return;
  CanvasRenderingContext2D.prototype.fill = fill;
  setTimeout(() => { marks.drawn = performance.now(); });
};
const watching = setInterval(() => {
  if (marks.drawn === null || performance.now() - Math.max(marks.drawn, marks.busy) < 1000) return;
  marks.ready = Math.max(marks.drawn, marks.busy);
  clearInterval(watching);
}, 50);
"""
COUNT = """() => {
  globalThis.frames = 0;
  globalThis.counting = true;
  globalThis.since = performance.now();
  const next = () => { globalThis.frames += 1; if (globalThis.counting) requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
COUNTED = """() => {
  globalThis.counting = false;
  return globalThis.frames / ((performance.now() - globalThis.since) / 1000);
}"""


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
        page.add_edge(source, target, title=facts["relation"])
    return str(page.generate_html())


def opened(browser: Browser, address: str) -> tuple[BrowserContext, Page]:
    """A new window without a network, which watches itself, at this address."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    return context, page


def visited(browser: Browser, address: str) -> tuple[float, float]:
    """The milliseconds until the first picture and until the page is ready; `CAP` seconds at most."""
    context, page = opened(browser, address)
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


def dragged(browser: Browser, address: str) -> dict[str, float]:
    """Frames a second while the whole picture is dragged, and while one thing is."""
    context, page = opened(browser, address)
    page.wait_for_function("() => marks.ready !== null", timeout=CAP * 1000)
    spots = page.evaluate("""() => {
      const picture = explorer.frames();
      const box = document.getElementById("canvas").getBoundingClientRect();
      const at = picture.body.nodeIndices.map(id => picture.canvasToDOM(picture.getPositions([id])[id]));
      const free = { x: 12, y: box.height - 12 };
      const [thing] = at.sort((a, b) => Math.hypot(a.x - box.width / 2, a.y - box.height / 2)
        - Math.hypot(b.x - box.width / 2, b.y - box.height / 2));
      const on = ({ x, y }) => [box.x + x, box.y + y];
      return { "the picture": on(free), "a thing": on(thing) };
    }""")
    rates = {}
    for what, (x, y) in spots.items():
        page.mouse.move(x, y)
        page.mouse.down()
        page.evaluate(COUNT)
        for step in itertools.count(1):
            page.mouse.move(x + (step % 60) * 3, y - (step % 45) * 2)
            if step % 10 == 0 and page.evaluate("() => performance.now() - globalThis.since") > DRAG * 1000:
                break
        rates[what] = page.evaluate(COUNTED)
        page.mouse.up()
    context.close()
    return rates


def shown(times: list[float]) -> str:
    """The median, in ms; or that it took too long."""
    return f"{'over ' if median(times) >= CAP * 1000 else ''}{median(times):,.0f}"


def ratio(ours: list[float], theirs: list[float]) -> str:
    """How many times sooner ours is, at least."""
    return f"{'over ' if median(theirs) >= CAP * 1000 else ''}{median(theirs) / median(ours):.0f} ×"


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size and write the tables."""
    catalog = Catalog.find()
    about = machine(("policygraph", "pyvis", "playwright"), ())
    head = ("things", "connections", "page, MB", "pyvis, MB", "picture, ms", "pyvis, ms", "sooner",
            "ready, ms", "pyvis, ms", "sooner")  # fmt: skip
    lines = [row(*head), "|" + "---:|" * len(head)]
    rates: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        about += f" Chromium {browser.version}, without a graphics card."
        for size in sizes:
            graph = drawn(catalog, size)
            makers = {"ours": lambda each: view(each, title="Synthetic"), "pyvis": by_pyvis}
            files = {name: Path(folder) / f"{name}-{size}.html" for name in makers}
            for name, make in makers.items():
                files[name].write_text(make(graph), encoding="utf-8")
            times: dict[str, list[tuple[float, float]]] = {name: [] for name in makers}
            for _ in range(ROUNDS.get(size, 1)):
                for name, file in files.items():
                    times[name].append(visited(browser, file.as_uri()))
            weights = [f"{file.stat().st_size / 1e6:.1f}" for file in files.values()]
            cells = []
            for place in range(2):
                ours, theirs = ([each[place] for each in times[name]] for name in makers)
                goal = f" (target {TARGET} ×)" if size >= TARGET_SIZE else ""
                cells += [shown(ours), shown(theirs), ratio(ours, theirs) + goal]
            lines.append(row(f"{len(graph):,}", f"{graph.size():,}", *weights, *cells))
            print(lines[-1], file=sys.stderr)
            if size == FRAMES_SIZE:
                rates = dragged(browser, files["ours"].as_uri())
        browser.close()
    told = ""
    if rates:
        rate = " and ".join(f"{number:.0f} while {what} is" for what, number in rates.items())
        told = f"\n\nFrames a second with {FRAMES_SIZE:,} things: {rate} dragged (target: over {FRAMES})."
    write(f"{about}\n\n" + "\n".join(lines) + told)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
