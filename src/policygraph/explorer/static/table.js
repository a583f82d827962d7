// The table view: the connections that are shown, to be sorted; it is the table that the page has without scripts.
import { button, byId, compareNames } from "./dom.js";

/** @param {App} app */
export function tableView(app) {
  const table = byId("table").appendChild(byId("plain").querySelector(".scroll")).querySelector("table");
  const [body] = table.tBodies;
  const rows = [...body.rows].map((at, number) => ({ at, edge: app.doc.edges[number] }));
  for (const { at, edge } of rows) at.cells[1].replaceChildren(button(at.cells[1].textContent, { className: "go", data: { claim: app.edgeKey(edge) } }));
  body.addEventListener("click", ({ target }) => app.select(target.closest("tr").querySelector("button").dataset.claim));
  [...table.tHead.rows[0].cells].forEach((head, column, heads) => {
    head.replaceChildren(button(head.textContent, { className: "plain" }));
    head.firstChild.addEventListener("click", () => {
      const way = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", way);
      rows.sort((a, b) => compareNames(a.at.cells[column].textContent, b.at.cells[column].textContent) * (way === "ascending" ? 1 : -1));
      body.append(...rows.map(({ at }) => at));
    });
  });
  return { update() {
    if (app.state().view !== "table") return;
    if (!table.querySelector("[aria-sort]")) table.querySelector("th button").click();
    const node = app.nodeOf(app.selected())?.id;
    for (const { at, edge } of rows) {
      at.hidden = !app.seen().edges.has(edge.id) || Boolean(node && edge.source !== node && edge.target !== node);
      at.classList.toggle("chosen", app.edgeKey(edge) === app.selected());
    }
  } };
}
