// The view of matrices and tiles: a cell shows what is counted in it, below its picture.
import { byId, press } from "./dom.js";
import { shows } from "./model.js";

/** @param {App} app */
export function matrices(app) {
  const place = byId("matrices");
  const cells = [...place.querySelectorAll("[data-cell]")];

  function update() {
    const { cell, evidence } = app.state();
    const out = !shows(app.doc, evidence, 0); // all that it counts is said
    for (const at of place.querySelectorAll("section")) at.hidden = out;
    byId("matrices-note").textContent = app.texts[out ? "matrices_out" : "matrices_whole"];
    for (const at of cells) {
      at.hidden = at.dataset.cell !== cell?.join(" ");
      const link = at.closest("section").querySelector(`a[href="#row-${at.dataset.row}"]`);
      if (at.hidden) link?.removeAttribute("aria-current");
      else link?.setAttribute("aria-current", "true");
    }
  }

  press(place, "a[href^='#']", (link, event) => {
    event.preventDefault(); // the address holds the state
    const to = link.getAttribute("href").slice(1);
    const at = link.closest("section").querySelector(`[data-row="${to.replace("row-", "")}"]`);
    if (!at) return byId(to)?.focus();
    app.change({ cell: at.dataset.cell.split(" ") });
    at.scrollIntoView({ block: "nearest" });
  });
  return { update };
}
