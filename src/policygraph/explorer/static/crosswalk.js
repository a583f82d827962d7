// The crosswalk view: a matrix of how two lists connect, with an explanation of the selected cell.
import { anew, button, byId, fill, flags, formatNumber, go, make, plural, press, put, wrap } from "./dom.js";
import { hyphenated } from "./labels.js";
import { crosswalk, looked } from "./model.js";
import { basisBadge, pathSteps } from "./paths.js";

function shade(at, share) {
  at.style.setProperty("--share", share);
  at.classList.add("heat", share < 0.65 ? "light" : "deep");
  return at;
}

/** @param {App} app */
export function crosswalkView(app) {
  const { doc, model, texts } = app;
  const { marks, frames, signs, kinds, hops } = doc.defaults;
  const mark = (basis) => marks[basis] ?? marks[""];
  const frame = (basis) => frames[basis] ?? frames[""];
  const table = byId("matrix");
  const picks = { rows: byId("rows"), columns: byId("columns") };
  for (const [name, pick] of Object.entries(picks)) {
    pick.addEventListener("change", () => app.change({ ...chosen(), [name]: pick.value, cell: null }));
  }
  byId("tab-crosswalk").hidden = doc.lists.length < 2;
  const { matrix } = texts; // the words of the terminal's and the site's crosswalk
  const { meanings } = matrix;
  const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}`;
  const basisOf = (found) => doc.bases[model.edge(found.weakest).basis];
  const number = (found) => {
    const least = found.strength < 0.005 ? "<" : "";
    return `${least}${formatNumber(Math.max(0.01, found.strength), 2)}${mark(basisOf(found).key)}`;
  };
  // By default two long lists, of things that few others share, such as areas.
  const common = ({ members }) => Number(members.some((id) => model.node(id).hub));
  const usual = [...doc.lists]
    .sort((a, b) => common(a) - common(b) || b.members.length - a.members.length)
    .map(({ iri }) => iri);
  // The lists that the filter leaves, with what it leaves of them.
  const lists = () =>
    doc.lists
      .map((list) => ({ ...list, members: list.members.filter((id) => app.allowed().nodes.has(id)) }))
      .filter(({ members }) => members.length);
  const flagged = ([id]) =>
    flags(doc, app.countries().length > 1 ? model.node(id) : { countries: [] })
      .map(({ textContent }) => `${textContent} `)
      .join("");
  let key = "";
  let grid = new Map(); // cells by the IRIs of their row and column
  const none = { down: [], across: [], cells: [] };
  let drawn = none;

  function chosen() {
    const left = lists().map(({ iri }) => iri);
    const { rows, columns } = app.state();
    const [one, ...more] = usual.filter((iri) => left.includes(iri));
    const other = app.countries().length > 1 ? abroad(one, more) : more[0];
    return {
      rows: left.includes(rows) ? rows : one,
      columns: left.includes(columns) ? columns : (other ?? one),
    };
  }
  // The list of another country of which most is known, compared with this one; or else the next.
  const compared = new Map();
  function abroad(one, more) {
    const members = (iri) => doc.lists.find((list) => list.iri === iri).members;
    const of = (iri) => model.node(members(iri)[0]).countries;
    const most = (iri) => {
      const both = `${one} ${iri}`;
      if (!compared.has(both)) {
        const { cells } = crosswalk(model, model.all, members(one), members(iri));
        compared.set(both, cells.flat().filter(({ kind }) => kind !== "not examined").length);
      }
      return compared.get(both);
    };
    return (
      more
        .filter((iri) => of(iri).length && of(iri).join() !== of(one).join())
        .sort((a, b) => most(b) - most(a))[0] ?? more[0]
    );
  }

  function draw() {
    const { rows, columns } = chosen();
    const now = `${rows} ${columns} ${app.allowedKey()}`;
    if (now === key) return;
    key = now;
    const offered = lists();
    const option = ({ iri, name, members }) =>
      make("option", { value: iri }, `${flagged(members)}${name} (${formatNumber(members.length)})`);
    for (const pick of Object.values(picks)) put(pick, offered.map(option));
    [grid, drawn] = [new Map(), none];
    if (!offered.length) {
      for (const at of [table, byId("matrix-signs"), byId("matrix-reading")]) put(at);
      byId("matrix-note").textContent = texts.outline_empty;
      return;
    }
    [picks.rows.value, picks.columns.value] = [rows, columns];
    for (const pick of Object.values(picks)) wrap(pick);
    const [down, across] = [rows, columns].map((iri) =>
      offered.find((list) => list.iri === iri).members.map((id) => model.node(id)),
    );
    const [ids, those] = [down, across].map((nodes) => nodes.map(({ id }) => id));
    const { cells, rowTotals, columnTotals } = crosswalk(model, app.allowed().edges, ids, those);
    const all = cells.flat();
    const unfiltered = app.filtered() ? crosswalk(model, model.all, ids, those).cells.flat() : all;
    all.forEach((found, place) => {
      if (!found.paths.length && unfiltered[place].paths.length) found.kind = "left out";
    });
    const most = Math.max(0.0001, ...all.map(({ same, strength }) => (same ? 0 : strength)));
    const title = (node) => [
      flags(doc, node),
      " ",
      node.notation && make("span.notation", `${node.notation} `),
      make("span", { dir: "auto" }, hyphenated(node.name)),
    ];
    const sum = (total) => (total ? formatNumber(total, 2) : "");
    // in a cell, of which column or total it is, where there is no room for heads
    const of = (text) => make("span.of", { ariaHidden: "true" }, text);
    const short = ({ notation }, x) => of(notation || `${x + 1} `);
    table.style.setProperty("--columns", String(across.length));
    const numbers = [
      ...columnTotals.map(sum),
      ...all.filter(({ count, same }) => count && !same).map(number),
    ];
    table.style.setProperty("--letters", String(Math.max(1, ...numbers.map(({ length }) => length))));
    const head = make(
      "tr",
      make("td"),
      across.map((node, x) => make("th", { scope: "col" }, !node.notation && short(node, x), title(node))),
      make("th.total", { scope: "col" }, texts.total),
    );
    const body = down.map((row, y) =>
      make(
        "tr",
        make("th", { scope: "row" }, title(row)),
        across.map((column, x) => make("td", short(column, x), cell(row, column, cells[y][x], most))),
        make("td.total", of(rowTotals[y] ? texts.total : "\u00a0"), sum(rowTotals[y])),
      ),
    );
    const foot = make(
      "tr",
      make("th.total", { scope: "row" }, texts.total),
      across.map((column, x) => make("td.total", short(column, x), sum(columnTotals[x]))),
      make("td"),
    );
    put(
      table,
      make("caption.unseen", texts.crosswalk),
      make("thead", head),
      make("tbody", body),
      make("tfoot", foot),
    );
    drawn = { down, across, cells };
    grid = new Map(
      down.map(({ iri }, y) => [iri, new Map(across.map((column, x) => [column.iri, cells[y][x]]))]),
    );
    const totals = [...rowTotals, ...columnTotals];
    const alone = [...down, ...across].filter((_, place) => !totals[place]);
    legend(all, most, alone);
  }

  // The notes: pairs by kind, the scale, marks and signs, and how it is computed.
  function legend(found, most, alone) {
    const count = (kind) => found.filter((cell) => cell.kind === kind).length;
    const pairs = found.filter(({ same }) => !same).length;
    const counts = kinds.filter(count).map((kind) => fill(matrix.kinds[kind], { n: count(kind) }));
    const of = plural({ ...matrix, "@language": texts["@language"] }, "pairs", pairs);
    byId("matrix-note").textContent = fill(of, { counts: counts.join(", ") });
    const numbers = found.filter((cell) => cell.count && !cell.same);
    const least = Math.sqrt(Math.min(...numbers.map(({ strength }) => strength)) / most);
    const shares = (numbers.length ? [0, 1 / 3, 2 / 3, 1] : []).map((part) => least + part * (1 - least));
    const scale = [...new Map(shares.map((share) => [formatNumber(share * share * most, 2), share]))].map(
      ([label, share]) => shade(make("span", label), share),
    );
    const bases = new Map(numbers.map((cell) => [basisOf(cell).key, basisOf(cell).name]));
    put(
      byId("matrix-signs"),
      scale.length && make("li.scale", make("b", texts.strength), scale),
      [...bases].map(([key, name]) =>
        make("li", make("b", { className: frame(key) }, mark(key)), ` ${name}`),
      ),
      Object.keys(signs)
        .filter(count)
        .map((kind) => make("li", make("b", signs[kind]), ` ${sentence(meanings[kind])}`)),
    );
    const things = [...new Set(alone.map(({ notation, name }) => notation || name))].join(", ");
    const without = things && !app.filtered() ? fill(matrix.without, { things }) : "";
    byId("matrix-reading").textContent = `${fill(matrix.reading, { hops })} ${without}`;
  }

  const looking = (row, column) => sentence(meanings[looked(model, row.id, column.id)]);

  function cell(row, column, found, most) {
    const many = found.count;
    const strong = many && !found.same;
    const sign = strong ? number(found) : signs[found.kind];
    const more = found.kind === "shared" ? `. ${looking(row, column)}` : "";
    const meaning = strong
      ? `${sign}, ${basisOf(found).name}, ${plural(texts, "paths_n", many)}`
      : sentence(meanings[found.kind]) + more;
    const description = `${row.name} × ${column.name}: ${meaning}`;
    const made = button(sign, {
      ariaLabel: description,
      title: description,
      disabled: found.same,
      data: { row: row.iri, column: column.iri },
    });
    made.classList.add(...(strong ? [frame(basisOf(found).key)] : ["none", found.kind.replace(" ", "-")]));
    if (strong) shade(made, Math.sqrt(found.strength / most));
    return made;
  }

  function explain() {
    const place = byId("cell");
    const [row, column] = (app.state().cell || []).map(app.nodeOf);
    for (const each of table.querySelectorAll("button")) {
      const on = each.dataset.row === row?.iri && each.dataset.column === column?.iri;
      each.setAttribute("aria-pressed", String(on));
    }
    const chosenCell = grid.get(row?.iri)?.get(column?.iri);
    if (!chosenCell) return anew(place, make("p.soft.asks", texts.cell_hint));
    const { paths: found, count, shared } = chosenCell;
    const heading = make("h3", { tabIndex: -1 }, go(row), make("span", " × "), go(column));
    if (!found.length)
      return anew(
        place,
        heading,
        make("p", make("b", sentence(meanings[chosenCell.kind]))),
        make("p", fill(texts.none_within, { hops })),
      );
    const listed = (some) =>
      make(
        "ol.paths",
        some.map((path) => make("li.path", make("div.top", basisBadge(app, path)), pathSteps(app, path))),
      );
    const hubs = found.filter((path) => path.hubs.length);
    const none = `${sentence(meanings.shared)}. ${looking(row, column)}`;
    return anew(
      place,
      heading,
      make("p.soft", count ? plural(texts, "paths_found", count) : none),
      listed(found.filter((path) => !path.hubs.length)),
      hubs.length && count && make("p.soft", fill(texts.not_counted, { n: formatNumber(shared) })),
      listed(hubs),
      button(texts.longer_paths, { data: { longer: "" } }),
    );
  }

  press(byId("crosswalk"), "button", ({ dataset: { row, column, claim, goto, longer } }) => {
    if (row) {
      app.change({ ...chosen(), cell: [row, column] });
      byId("cell").querySelector("h3, p").scrollIntoView({ block: "nearest" });
    } else if (claim || goto) app.select(claim || goto);
    else if (longer !== undefined) app.between({ from: app.state().cell[0], to: app.state().cell[1] });
  });
  table.addEventListener("keydown", (event) => {
    // arrow keys move from cell to cell
    const at = event.target.closest("td");
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!at || !step) return;
    let [x, y, next] = [at.cellIndex, at.parentElement.rowIndex - 1, null];
    do {
      // past a thing beside itself
      x += step[0];
      y += step[1];
      next = table.tBodies[0].rows[y]?.cells[x]?.querySelector("button");
    } while (next?.disabled);
    next?.focus();
    event.preventDefault();
  });

  const fit = () => {
    // a name and a word are whole
    table.classList.remove("stacked");
    table.classList.toggle(
      "stacked",
      table.offsetWidth > table.parentElement.clientWidth ||
        [...table.querySelectorAll("thead th")].some((at) => at.scrollWidth > at.clientWidth),
    );
  };
  new ResizeObserver(fit).observe(table.parentElement);

  function update() {
    if (app.state().view !== "crosswalk" || doc.lists.length < 2) return;
    draw();
    fit();
    explain();
  }
  return { update, drawn: () => drawn };
}
