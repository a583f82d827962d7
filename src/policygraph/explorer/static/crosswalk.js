// The crosswalk view: a matrix of how two lists connect, with an explanation of the selected cell.
import { button, byId, fill, formatNumber, make, plural } from "./dom.js";
import { crosswalk, looked } from "./model.js";
import { basisBadge, pathSteps } from "./paths.js";

const MARKS = { same: "=", shared: "h", "none found": "·", "left out": "–", "not examined": "?" }; // instead of a number, as in crosswalk.py

/** @param {App} app */
export function crosswalkView(app) {
  const { doc, model, texts } = app;
  const table = byId("matrix");
  const picks = { rows: byId("rows"), columns: byId("columns") };
  for (const [name, pick] of Object.entries(picks)) {
    pick.replaceChildren(...doc.lists.map(({ iri, name: title, members }) => make("option", { value: iri }, `${title} (${members.length})`)));
    pick.addEventListener("change", () => app.change({ ...chosen(), [name]: pick.value, cell: null }));
  }
  byId("tab-crosswalk").hidden = doc.lists.length < 2;
  const meanings = { same: texts.crosswalk_same, shared: texts.only_shared, "none found": texts.none_examined, "left out": texts.left_out, "not examined": texts.not_examined };
  // By default two long lists, of things that few others share, such as areas.
  const common = ({ members }) => Number(members.some((id) => model.node(id).hub));
  const usual = [...doc.lists].sort((a, b) => common(a) - common(b) || b.members.length - a.members.length).map(({ iri }) => iri);
  let key = "";
  let grid = new Map(); // cells by the IRIs of their row and column

  function chosen() {
    const known = (iri) => doc.lists.some((list) => list.iri === iri);
    const { rows, columns } = app.state();
    return { rows: known(rows) ? rows : usual[0] || "", columns: known(columns) ? columns : usual[1] || "" };
  }

  function draw() {
    const { rows, columns } = chosen();
    const now = `${rows} ${columns} ${app.filterKey()}`;
    if (now === key) return;
    key = now;
    [picks.rows.value, picks.columns.value] = [rows, columns];
    const [down, across] = [rows, columns].map((iri) => doc.lists.find((list) => list.iri === iri).members.map((id) => model.node(id)));
    const { cells, rowTotals, columnTotals } = crosswalk(model, app.allowed(), down.map(({ id }) => id), across.map(({ id }) => id));
    const most = Math.max(0.0001, ...cells.flat().map(({ same, strength }) => (same ? 0 : strength)));
    const title = ({ name, notation }) => [notation ? make("span", { className: "notation" }, `${notation} `) : null, make("span", { dir: "auto" }, name)];
    const sum = (number) => (number ? formatNumber(number, 2) : "–");
    const head = make("tr", {}, make("td", {}), ...across.map((node) => make("th", { scope: "col" }, ...title(node))), make("th", { scope: "col", className: "total" }, texts.total));
    const body = down.map((row, y) => make("tr", {}, make("th", { scope: "row" }, ...title(row)), ...across.map((column, x) => make("td", {}, cell(row, column, cells[y][x], most))), make("td", { className: "total" }, sum(rowTotals[y]))));
    const foot = make("tr", {}, make("th", { scope: "row", className: "total" }, texts.total), ...across.map((_, x) => make("td", { className: "total" }, sum(columnTotals[x]))), make("td", {}));
    table.replaceChildren(make("caption", { className: "unseen" }, texts.crosswalk), make("thead", {}, head), make("tbody", {}, ...body), make("tfoot", {}, foot));
    grid = new Map(down.map(({ iri }, y) => [iri, new Map(across.map((column, x) => [column.iri, cells[y][x]]))]));
    const connected = cells.flat().filter(({ count, same }) => count && !same);
    const weak = connected.filter(({ kind }) => kind === "weak").length;
    byId("matrix-note").textContent = fill(texts.matrix_note, { n: connected.length, weak, m: down.length * across.length, hops: doc.defaults.hops });
    const kinds = new Set(cells.flat().map(({ kind }) => kind));
    byId("matrix-signs").replaceChildren(...Object.keys(MARKS).filter((kind) => kinds.has(kind)).map((kind) => make("li", {}, make("b", {}, MARKS[kind]), ` ${meanings[kind]}`)));
  }

  const looking = (row, column) => meanings[looked(model, row.id, column.id)];

  function cell(row, column, found, most) {
    const many = found.count;
    const none = found.same || !many;
    const [sign, meaning] = many && !found.same ? [formatNumber(found.strength, 2), `${formatNumber(found.strength, 2)}, ${plural(texts, "paths_n", many)}`]
      : [MARKS[found.kind], found.kind === "shared" ? `${meanings.shared}. ${looking(row, column)}` : meanings[found.kind]];
    const description = `${row.name} × ${column.name}: ${meaning}`;
    const made = button(sign, { ariaLabel: description, title: description, disabled: found.same, data: { row: row.iri, column: column.iri } });
    if (none) made.classList.add("none");
    else {
      const tint = Math.round(12 + 36 * Math.sqrt(found.strength / most));
      made.style.background = `color-mix(in srgb, var(--inferred) ${tint}%, var(--page))`;
      if (found.stated) made.classList.add("sourced");
    }
    return made;
  }

  function explain() {
    const place = byId("cell");
    const [row, column] = (app.state().cell || []).map(app.nodeOf);
    for (const each of table.querySelectorAll("button")) {
      each.setAttribute("aria-pressed", String(Boolean(row && column) && each.dataset.row === row.iri && each.dataset.column === column.iri));
    }
    if (!row || !column) return place.replaceChildren(make("p", { className: "soft" }, texts.cell_hint));
    const { paths: found = [], count = 0 } = grid.get(row.iri)?.get(column.iri) || {};
    const go = (node) => button(node.name, { className: "go", dir: "auto", data: { goto: node.iri } });
    const heading = make("h3", { tabIndex: -1 }, go(row), make("span", {}, " × "), go(column));
    if (!found.length) return place.replaceChildren(heading, make("p", {}, make("b", {}, looking(row, column))), make("p", {}, fill(texts.none_within, { hops: doc.defaults.hops })));
    return place.replaceChildren(heading,
      make("p", { className: "soft" }, count ? plural(texts, "paths_found", count) : `${meanings.shared}. ${looking(row, column)}`),
      make("ol", { className: "paths" }, ...found.map((path) => make("li", { className: "path" }, make("div", { className: "top" }, basisBadge(app, path)), pathSteps(app, path)))),
      button(texts.longer_paths, { data: { longer: "" } }));
  }

  byId("crosswalk").addEventListener("click", ({ target }) => {
    const at = target.closest("button");
    if (!at) return;
    const { row, column, claim, goto, longer } = at.dataset;
    if (row) {
      app.change({ ...chosen(), cell: [row, column] });
      byId("cell").querySelector("h3, p").scrollIntoView({ block: "nearest" });
    } else if (claim) app.select(claim);
    else if (goto) app.select(goto);
    else if (longer !== undefined) app.change({ view: "paths", from: app.state().cell[0], to: app.state().cell[1], path: -1 });
  });
  table.addEventListener("keydown", (event) => { // arrow keys move from cell to cell
    const at = event.target.closest("td");
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!at || !step) return;
    const row = table.tBodies[0].rows[at.parentElement.rowIndex - 1 + step[1]];
    const next = row?.cells[at.cellIndex + step[0]]?.querySelector("button");
    if (next) next.focus();
    event.preventDefault();
  });

  function update() {
    if (app.state().view !== "crosswalk" || doc.lists.length < 2) return;
    draw();
    explain();
  }
  return { update };
}
