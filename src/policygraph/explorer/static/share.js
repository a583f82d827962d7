// The share button and the export menu: what is shown as a picture, as tables, or as data.
import { byId, make, press } from "./dom.js";
import { crosswalkCsv, csv, csvw, datasetsOf, edgesCsv, graphml, nodesCsv, pathsCsv, xml } from "./export.js";
import { pixels, snapshot } from "./snapshot.js";

const served = /^http/.test(location.protocol);
const APART = 500; // milliseconds between two downloads: browsers drop one that another follows at once
let free = 0;

function download(content, name, type) {
  const now = performance.now();
  const start = Math.max(now, free);
  free = start + APART;
  setTimeout(() => {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const link = make("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }, start - now);
}

// Where something is from, as lines: the passages and the document of a claim; the datasets of things, with
// their version; the address.
/** @param {App} app */
export function cited({ doc, model, texts }, things, edges) {
  return [
    ...edges.flatMap(({ passages, document: place }) => {
      const found = doc.documents[place];
      const named = found && [found.name, found.link].filter(Boolean).join(", ");
      return [...passages, found && `${texts.document}: ${named}`];
    }),
    ...datasetsOf(model, { nodes: things, edges: edges.map(({ id }) => id) }).map(({ title, version, iri }) =>
      [title, version, iri].filter(Boolean).join(", "),
    ),
    edges[0]?.claim,
    served && location.href,
  ];
}

/** @param {App} app */
export function sharing(app) {
  const { doc, model, texts } = app;
  const menu = byId("export-menu");
  // The name of a file: of what a title has before its colons, and of what the tab shows.
  const short = (words) => {
    // a letter of another script is another without its mark
    const latin = words
      .join(" ")
      .normalize("NFKD")
      .replace(/(\p{Script=Latin})\p{M}+/gu, "$1");
    const plain = latin.normalize("NFC").toLowerCase();
    return (plain.match(/[\p{L}\p{M}\p{N}]+/gu) || []).join("-").slice(0, 90).replace(/-+$/, "");
  };
  menu.querySelector("[data-format=embed]").hidden = !served;
  menu.addEventListener("beforetoggle", () => {
    const { bottom, left, right } = byId("export").getBoundingClientRect();
    const { clientWidth, dir } = document.documentElement;
    menu.style.setProperty("--below", `${bottom + 3}px`);
    menu.style.setProperty("--end", `${dir === "rtl" ? left : clientWidth - right}px`);
  });
  press(menu, "button", ({ dataset }) => {
    menu.hidePopover();
    write(dataset.format);
  });

  const chosen = (id) => /** @type {any} */ (byId(id)).selectedOptions[0]?.text.replace(/ \([^()]*\)$/, "");
  const named = (...iris) => iris.map((iri) => app.nodeOf(iri)?.name ?? "");
  // What each tab shows: its things and connections, what they are called, and a table of them.
  const tabs = {
    crosswalk() {
      const { down, across, cells } = app.parts.crosswalk.drawn();
      return {
        nodes: [...down, ...across].map(({ id }) => id),
        edges: cells.flat().flatMap(({ paths }) => paths.flatMap((path) => path.edges)),
        names: [chosen("rows"), chosen("columns")],
        table: crosswalkCsv(model, { down, across, cells }),
      };
    },
    paths() {
      const found = app.parts.paths.found();
      const { nodes, edges } = app.inView();
      return {
        nodes,
        edges: [...edges, ...found.flatMap((path) => path.edges)],
        names: named(app.state().from, app.state().to),
        table: pathsCsv(model, found),
      };
    },
    matrices() {
      const texts = (at, some) => [...at.querySelectorAll(some)].map(({ textContent }) => textContent);
      const rows = [...byId("matrices").querySelectorAll("section:not([hidden]) [data-cell]")].map((at) => [
        ...at.dataset.cell.split(" "),
        ...texts(at, "b"),
        texts(at, "li").join("; "),
      ]);
      return { nodes: [], edges: [], names: [], table: csv([["row", "column", "says", "titles"], ...rows]) };
    },
    timeline() {
      const rows = [...byId("timeline-rows").querySelectorAll("[data-node]:has(.track)")];
      const nodes = new Set(rows.map(({ dataset }) => app.nodeOf(dataset.node).id));
      const { year } = app.state();
      return { nodes, edges: [], names: [year ?? ""], table: nodesCsv(model, nodes, year) };
    },
    table() {
      const { nodes, edges } = app.parts.table.held();
      const { table, word, year } = app.state();
      return table === "things"
        ? { nodes, edges, names: [texts.heading_things, word], table: nodesCsv(model, nodes, year) }
        : { nodes, edges, names: [texts.connections_heading, word], table: edgesCsv(model, edges) };
    },
    picture: () => ({
      ...app.inView(),
      names: [chosen("layout"), ...(byId("layout").value === "around" ? named(app.selected()) : [])],
    }),
  };

  // The line by which others embed the tab that is open, as it is.
  function embedded() {
    const src = `${location.href.split("#")[0]}#${window.explorer.address({ bare: true })}`;
    const look = { width: "100%", height: 640, style: "border: 0", loading: "lazy" };
    return copied(xml("iframe", { src, title: app.title(), ...look }, ""), texts.copied_embed);
  }

  function write(key) {
    const { view } = document.body.dataset;
    if (key === "embed") return embedded();
    const { names, table, ...within } = tabs[view]();
    const format = (wanted) => doc.exports.find((each) => each.key === wanted);
    const { suffix, media: type } = format(key);
    const titles = app.title().split(" · ");
    const title = short(titles.map((part) => part.split(":")[0]));
    const tab = view === "picture" ? "" : byId(`tab-${view}`).textContent;
    const parts = [title, key === "graphml" ? "" : short([tab, ...names, app.level()])];
    const name = parts.filter(Boolean).join("-") || "network";
    const save = (files) => {
      const called = Object.entries(files).map(([end, content]) => [name + end, content]);
      for (const [file, content] of called) download(content, file, type);
      app.say(`${texts.saved} ${called.map(([file]) => file).join(", ")}`);
    };
    if (key === "png")
      return pixels(snapshot(app, within), format("svg").media, type)
        .catch(() => null)
        .then((blob) => (blob ? save({ [suffix]: blob }) : app.say(texts.too_large)));
    const { nodes, edges } = app.inView();
    if (key === "graphml") return save({ [suffix]: graphml(model, nodes, edges, app.title()) });
    if (key === "svg") return save({ [suffix]: snapshot(app, within) });
    const both = () => ({
      "-things.csv": nodesCsv(model, nodes, app.state().year),
      "-connections.csv": edgesCsv(model, edges),
    });
    const tables = table === undefined ? both() : { [suffix]: table };
    const urls = Object.keys(tables).map((end) => name + end);
    return save({ ...tables, "-csv-metadata.json": csvw(doc, app.title(), urls, datasetsOf(model, within)) });
  }

  async function copied(text, done) {
    const focused = /** @type {any} */ (document.activeElement);
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = make("textarea.unseen", { value: text });
      document.body.append(field);
      field.select();
      document.execCommand("copy"); // where pages from files cannot use the clipboard
      field.remove();
      focused.focus();
    }
    app.say(done);
  }
  const share = () => copied(location.href, location.protocol === "file:" ? texts.copied_file : texts.copied);
  // What is selected, shown and looked at goes along to another language; what the filter hides is there by
  // other names.
  for (const way of /** @type {any[]} */ ([...document.querySelectorAll("#ways [hreflang]")])) {
    way.addEventListener("click", () => {
      way.hash = window.explorer.address({ kinds: [], relations: [], countries: [] });
    });
  }
  byId("share").hidden = location.protocol === "about:"; // a notebook's frame has no address
  byId("share").addEventListener("click", share);
  return { copy: (lines) => copied(lines.filter(Boolean).join("\n"), texts.copied_text) };
}
