// The table view: the things or the connections that are shown, to be sorted and filtered by a word; the
// connections are the table that the page has without scripts.
import { button, byId, compareNames, fill, formatNumber, make, put } from "./dom.js";
import { became, CHANGES, fold, yearsOf } from "./model.js";

/** @param {App} app */
export function tableView(app) {
  const { doc, model, texts } = app;
  const field = /** @type {any} */ (byId("table-filter"));
  const links = byId("table").appendChild(byId("plain").querySelector(".scroll")).querySelector("table");
  const heads = ["name", "kind", "notation", "country", "years", "connections_heading", "changed"];
  const things = make(
    "table",
    make("caption", texts.heading_things),
    make("thead", make("tr", ...heads.map((name) => make("th", { scope: "col" }, texts[name])))),
    make("tbody"),
  );
  byId("table").append(
    make("div.scroll", { tabIndex: 0, role: "region", ariaLabel: texts.heading_things }, things),
  );

  const ofLinks = [...links.tBodies[0].rows].map((at, number) => ({ at, edge: doc.edges[number] }));
  const relation = (edge) =>
    button(doc.relations[edge.relation].name, { className: "go", data: { claim: app.edgeKey(edge) } });
  for (const { at, edge } of ofLinks) put(at.cells[1], relation(edge));
  const append = (table, cells, look) =>
    table.tBodies[0].appendChild(
      make(
        "tr",
        cells.map((cell, column) => make("td", look(column), cell)),
      ),
    );
  const known = new Set(ofLinks.map(({ edge }) => edge.id));
  // Of very many, the page lists the first; those of a thing that is selected get their rows then.
  function more(edges) {
    for (const edge of edges.filter(({ id }) => !known.has(id))) {
      known.add(edge.id);
      const { facts, document: cited, strength } = edge;
      const cells = [
        model.node(edge.source).name,
        relation(edge),
        model.node(edge.target).name,
        [doc.bases[edge.basis].name, facts.status].filter(Boolean).join(", "),
        strength === null ? facts.strength : doc.strengths[strength].name,
        edge.rationale,
        edge.passages.join("\n"),
        cited === null ? "" : `${doc.documents[cited].name}\n${doc.documents[cited].link}`,
        edge.curator,
        edge.claim,
      ];
      const look = (column) => ({ className: column === 6 || column === 7 ? "lines" : "" });
      ofLinks.push({ edge, at: append(links, cells, look) });
      links.dataset.sort = "";
    }
  }
  let ofThings = null;
  const listed = () =>
    (ofThings ??= app.listed.map((node) => {
      const cells = [
        button(node.name, { className: "go", dir: "auto", data: { node: node.iri } }),
        doc.kinds[node.kind].name,
        node.notation,
        node.countries.map((of) => doc.countries[of].name).join(", "),
        ...["", "", ""], // what the state says
      ];
      const look = (column) => (column === 5 ? { data: { of: texts[heads[column]] } } : {});
      return { node, at: append(things, cells, look) };
    }));

  const words = new Map(); // of each connection, folded when first searched; what is said of a thing changes
  const folded = (row) => [...row.cells].map((cell) => fold(cell.textContent)).join(" ");
  const holds = (row, edge) =>
    edge ? (words.get(row) ?? words.set(row, folded(row)).get(row)) : folded(row);

  for (const table of [links, things]) {
    table.tBodies[0].addEventListener("click", ({ target }) => {
      const { claim, node } = target.closest("tr").querySelector("button").dataset;
      app.select(claim ?? node);
    });
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      put(head, button(head.textContent, { className: "plain" }));
      head.firstChild.addEventListener("click", () =>
        app.change({ sort: app.state().sort === column + 1 ? -column - 1 : column + 1 }),
      );
    });
  }
  // As the state says; again only if it says otherwise, or what the column holds depends on the rest of the
  // state.
  function order(table, rows, sort) {
    const heads = [...table.tHead.rows[0].cells];
    const column = Math.min(Math.abs(sort), heads.length) - 1;
    if (table.dataset.sort === String(sort) && (table === links || column < 4)) return;
    table.dataset.sort = sort;
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[column].setAttribute("aria-sort", sort > 0 ? "ascending" : "descending");
    const by = (at) => at.cells[column].dataset.by ?? at.cells[column].textContent; // numbers as they are
    const sorted = rows.map(({ at }) => at).sort((a, b) => compareNames(by(a), by(b)) * Math.sign(sort));
    table.tBodies[0].append(...sorted);
  }
  for (const name of ["things", "links"])
    byId(`table-${name}`).addEventListener("click", () => app.change({ table: name, sort: 1 }));
  field.addEventListener("input", () => app.change({ word: field.value }));

  return {
    update() {
      const { view, table: name, sort, word, year } = app.state();
      if (view !== "table") return;
      const table = name === "things" ? things : links;
      for (const [each, at] of /** @type {[string, any][]} */ ([
        ["things", things],
        ["links", links],
      ])) {
        at.closest(".scroll").hidden = at !== table;
        byId(`table-${each}`).setAttribute("aria-pressed", String(at === table));
      }
      if (document.activeElement !== field) field.value = word;
      const chosen = app.nodeOf(app.selected())?.id;
      const { nodes, edges } = app.answered() ?? app.pictured();
      const ofChosen = [...edges]
        .map(model.edge)
        .filter(({ source, target }) => !chosen || source === chosen || target === chosen);
      if (table === links && (chosen || fold(word) || app.answered())) more(ofChosen);
      const rows = table === links ? ofLinks : listed();
      const drawn = app.pictured().edges;
      const wanted = fold(word);
      let [shown, all] = [0, 0];
      for (const { at, edge, node } of rows) {
        const inside = edge
          ? edges.has(edge.id) && !(chosen && edge.source !== chosen && edge.target !== chosen)
          : nodes.has(node.id);
        if (node && inside) {
          const change = became(model, node, year);
          const many = model.links(node.id).filter(({ id }) => drawn.has(id)).length;
          at.cells[4].textContent = yearsOf(node, texts);
          at.cells[4].dataset.by = String(node.start ?? node.end ?? node.horizon ?? "");
          at.cells[5].textContent = formatNumber(many);
          at.cells[5].dataset.by = String(many);
          at.cells[6].textContent = change && `${CHANGES[change]} ${texts.changes[change]}`;
        }
        at.hidden = !inside || Boolean(wanted && !holds(at, edge).includes(wanted));
        all += Number(inside);
        shown += Number(!at.hidden);
        at.classList.toggle("chosen", (edge ? app.edgeKey(edge) : node.iri) === app.selected());
      }
      if (table === links) all = ofChosen.length; // listed or not
      order(table, rows, sort);
      things.classList.toggle("compared", Array.isArray(year));
      byId("table-note").textContent = fill(texts.n_of_m, { n: formatNumber(shown), m: formatNumber(all) });
    },
  };
}
