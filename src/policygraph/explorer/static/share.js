// The share button and the export menu: what is shown as a picture, as tables, as data, or as a query.
import { byId, make } from "./dom.js";
import { edgesCsv, graphml, nodesCsv, sparql } from "./export.js";
import { pixels, snapshot } from "./snapshot.js";

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

/** @param {App} app */
export function sharing(app) {
  const { doc, model, texts } = app;
  const opener = byId("export");
  const menu = byId("export-menu");
  const file = doc.title.normalize("NFKD").replace(/[^\w -]+/g, "").trim().split(/\s+/).slice(0, 4).join("-").toLowerCase() || "network";
  menu.replaceChildren(...doc.exports.map(({ key, name }) => make("button", { type: "button", role: "menuitem", tabIndex: -1, data: { format: key } }, make("b", {}, name), make("span", {}, texts.formats[key]))));
  const items = [...menu.children];
  opener.setAttribute("aria-expanded", "false");

  function toggle(open, place = 0) {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) items.at(place).focus();
  }
  opener.addEventListener("click", () => toggle(menu.hidden));
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    toggle(true, event.key === "ArrowUp" ? -1 : 0);
    event.preventDefault();
  });
  menu.addEventListener("keydown", (event) => {
    const place = items.indexOf(document.activeElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (event.key === "Escape") { toggle(false); opener.focus(); } else if (event.key === "Tab") return toggle(false);
    else return undefined;
    event.stopPropagation();
    return event.preventDefault();
  });
  document.addEventListener("pointerdown", ({ target }) => { if (!menu.hidden && !target.closest(".menu")) toggle(false); });
  menu.addEventListener("click", ({ target }) => {
    const at = target.closest("button");
    if (!at) return;
    toggle(false);
    opener.focus();
    write(at.dataset.format);
  });

  function write(key) {
    const { nodes, edges } = app.seen();
    const { suffix, media: type } = doc.exports.find((format) => format.key === key);
    const name = `${file}${suffix}`;
    const saved = () => app.say(`${texts.saved} ${key === "csv" ? `${file}-things.csv, ${file}-connections.csv` : name}`);
    if (key === "png") return pixels(snapshot(app), doc.exports.find((format) => format.key === "svg").media, type).then((blob) => { download(blob, name, type); saved(); });
    if (key === "csv") {
      download(nodesCsv(model, nodes), `${file}-things.csv`, type);
      download(edgesCsv(model, nodes, edges), `${file}-connections.csv`, type);
    } else {
      const made = { graphml, sparql }[key];
      download(made ? made(model, nodes, edges) : snapshot(app), name, type);
    }
    return saved();
  }

  async function share() {
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      const field = make("textarea", { value: address, className: "unseen" });
      document.body.append(field);
      field.select();
      document.execCommand("copy"); // where pages from files cannot use the clipboard
      field.remove();
      byId("share").focus();
    }
    app.say(location.protocol === "file:" ? texts.copied_file : texts.copied);
  }
  // What is selected, shown and looked at goes along to another language; what the filter hides is there by other names.
  for (const way of /** @type {any[]} */ ([...document.querySelectorAll("#ways [hreflang]")])) {
    way.addEventListener("click", () => { way.hash = window.explorer.address({ kinds: [], relations: [], countries: [], added: [], opened: [] }); });
  }
  byId("share").hidden = location.protocol === "about:"; // a notebook's frame has no address
  byId("share").addEventListener("click", share);
  return { write };
}
