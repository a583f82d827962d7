// The view of paths between two nodes: each hop as a sentence with its provenance.
import { basisLine, button, byId, fill, flags, icon, make, plural, press, put, wrap } from "./dom.js";
import { combobox } from "./combobox.js";
import { missing, paths, through } from "./model.js";

// The basis of an edge in words, with its strength and status.
/** @param {any} doc */
export const basisOf = (doc, edge) =>
  [doc.bases[edge.basis].name, doc.strengths[edge.strength]?.name, edge.facts?.status]
    .filter(Boolean)
    .join(", ");

// The button to who says so of an edge: its line as drawn, and its basis in words.
/** @param {App} app */
export function evidence(app, edge, words = app.doc.bases[edge.basis].name) {
  const { key } = app.doc.bases[edge.basis];
  const title = `${app.texts.why} ${basisOf(app.doc, edge)}`;
  const made = button(basisLine(key), {
    className: "why",
    title,
    ariaLabel: `${title}: ${app.sentence(edge)}`,
    data: { claim: app.edgeKey(edge), basis: key },
  });
  made.append(make("span", words));
  return made;
}

// A path as a list of hops, each with a sentence and a button for each of its edges. Hops in `lacking` are
// marked as hidden.
/** @param {App} app */
export function pathSteps(app, path, lacking = new Set()) {
  const { doc, model, texts } = app;
  const end = (node) => [icon(doc.kinds[node.kind]), flags(doc, node), make("b", { dir: "auto" }, node.name)];
  return make(
    "ol.hops",
    path.hops.map((hop) => {
      const [one, other] = [model.node(hop.from), model.node(hop.to)];
      return make(
        "li",
        { className: lacking.has(hop) ? "lacking" : "" },
        hop.edges.map((id) => {
          const edge = model.edge(id);
          const { name } = doc.relations[edge.relation];
          // the first and last words alone say nothing
          const section = (text) => text.replace(/:? \(char=[\d,]+\)/, "").replace(/:? “[^”]*…[^”]*”$/, "");
          const reasons = [...new Set([edge.rationale, ...edge.passages.map(section)])].filter(Boolean);
          const items = reasons.map((text) => make("li", { dir: "auto" }, text));
          const verb = make("i", { dir: "auto" }, edge.source === one.id ? `${name} →` : `← ${name}`);
          return make(
            "div.hop",
            make("span.says", end(one), " ", verb, " ", end(other)),
            evidence(app, edge, basisOf(doc, edge)),
            lacking.has(hop) && make("span.soft", `(${texts.hidden_now})`),
            items.length && make("ul.reasons", items),
          );
        }),
      );
    }),
  );
}

/** @param {App} app */
export function basisBadge(app, path) {
  const { model, texts } = app;
  if (path.hubs.length) {
    const names = path.hubs.map((id) => model.node(id).name).join(", ");
    return make("span.badge", fill(texts.through_hubs, { names }));
  }
  if (path.stated) return make("span.badge.stated", texts.all_stated);
  const n = path.hops.filter(({ edges }) => model.edge(edges[0]).evidence === 0).length;
  return make("span.badge", fill(texts.part_stated, { n, m: path.hops.length }));
}

/** @param {App} app */
export function pathsView(app) {
  const { model, texts } = app;
  const fields = { from: byId("path-from"), to: byId("path-to") };
  for (const [name, field] of Object.entries(fields)) {
    const choose = (node) => {
      app.between({ [name]: node.iri });
      const open = ["to", "from"].find((other) => !app.nodeOf(app.state()[other]));
      (open ? fields[open] : list.querySelector("button") || byId("path-note")).focus();
    };
    combobox(app, field, byId(`path-${name}-found`), choose, true);
    field.addEventListener("change", () => {
      if (!field.value.trim()) app.change({ [name]: "", path: -1 });
    });
    field.addEventListener("blur", () => {
      // what was typed and not chosen is no end of a path
      field.value = app.nodeOf(app.state()[name])?.name ?? "";
      wrap(field);
    });
  }
  byId("path-swap").addEventListener("click", () => {
    const { from, to } = app.state();
    app.between({ from: to, to: from });
  });
  const list = byId("path-list");
  let key = "";
  let found = [];

  function search() {
    const { from, to } = app.state();
    const [one, other] = [app.nodeOf(from), app.nodeOf(to)];
    const { edges } = app.allowed();
    const now = `${from} ${to} ${app.allowedKey()}`;
    if (now === key) return;
    key = now;
    found = one && other && one !== other ? paths(model, edges, one.id, other.id, 5) : [];
    put(byId("path-note"), note(edges, one, other));
    put(list, found.map(listed));
  }
  function listed(path, number) {
    const steps = plural(texts, "n_steps", path.hops.length);
    const look = { data: { path: number }, title: texts.path_show };
    const top = button(fill(texts.path_n, { n: number + 1, steps }), look);
    return make("li.path", make("div.top", top, basisBadge(app, path)), pathSteps(app, path));
  }

  // What is said of them: how many there are and through what, or which is missing.
  function note(edges, one, other) {
    if (!one || !other) return make("span.asks", texts.paths_hint);
    if (one === other) return texts.paths_same;
    if (!found.length) {
      const lacking = missing(model, app.allowed(), one.id, other.id);
      const steps = lacking && pathSteps(app, lacking.path, new Set(lacking.hops));
      return [make("b", texts.paths_none), " ", lacking ? [texts.paths_missing, steps] : texts.paths_never];
    }
    const all = through(model, edges, one.id, other.id);
    const names = all.map((id) => model.node(id).name).join(", ");
    const stated = found.some((path) => path.stated);
    const sourced = [...edges].filter((id) => model.edge(id).evidence === 0);
    const [sure] = stated ? [] : paths(model, sourced, one.id, other.id, 1);
    const further = sure && !found.some(({ nodes }) => nodes.join() === sure.nodes.join());
    if (further) found.push(sure);
    return [
      make("b", plural(texts, "paths_found", found.length)),
      " ",
      names && !app.filtered() && [fill(texts.paths_through, { names }), " "],
      further ? texts.paths_sure : !stated && !sure && !app.filtered() && texts.paths_none_stated,
    ];
  }

  function update() {
    const { path, view } = app.state();
    for (const [name, field] of Object.entries(fields)) {
      const node = app.nodeOf(app.state()[name]);
      if (node || document.activeElement !== field) field.value = node?.name ?? "";
      wrap(field);
    }
    if (view === "paths" || path >= 0) search();
    for (const [place, row] of [...list.children].entries()) {
      row.classList.toggle("chosen", place === path);
      row.querySelector("[data-path]").setAttribute("aria-pressed", String(place === path));
    }
  }

  press(byId("paths"), "button", ({ dataset: { claim, path } }) => {
    if (claim) app.select(claim);
    else if (path) app.showPath(Number(path), found[Number(path)]);
  });

  return {
    update,
    found: () => found,
    // Where a path stands in the list of now, or -1.
    placeOf({ nodes }) {
      search();
      return found.findIndex((path) => path.nodes.join() === nodes.join());
    },
    chosen: () => found[app.state().path] || null,
    best() {
      if (found.length) app.showPath(0, found[0]);
    },
  };
}
