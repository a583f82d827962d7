// The view of paths between two nodes: each hop as a sentence with its provenance.
import { basisLine, button, byId, fill, flags, icon, make, plural, wrap } from "./dom.js";
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
  made.append(make("span", {}, words));
  return made;
}

// A path as a list of hops, each with a sentence and a button for each of its edges. Hops in `lacking` are
// marked as hidden.
/** @param {App} app */
export function pathSteps(app, path, lacking = new Set()) {
  const { doc, model, texts } = app;
  return make(
    "ol",
    { className: "hops" },
    ...path.hops.map((hop) => {
      const [one, other] = [model.node(hop.from), model.node(hop.to)];
      return make(
        "li",
        { className: lacking.has(hop) ? "lacking" : "" },
        ...hop.edges.map((id) => {
          const edge = model.edge(id);
          const forward = edge.source === one.id;
          const sentence = forward
            ? [one, `${doc.relations[edge.relation].name} →`, other]
            : [one, `← ${doc.relations[edge.relation].name}`, other];
          const reasons = [
            ...new Set([
              edge.rationale,
              ...edge.passages.map((text) =>
                text.replace(/:? \(char=[\d,]+\)/, "").replace(/:? “[^”]*…[^”]*”$/, ""),
              ),
            ]),
          ].filter(Boolean); // the first and last words alone say nothing
          return make(
            "div",
            { className: "hop" },
            make(
              "span",
              { className: "says" },
              icon(doc.kinds[sentence[0].kind]),
              ...flags(doc, sentence[0]),
              make("b", { dir: "auto" }, sentence[0].name),
              " ",
              make("i", { dir: "auto" }, sentence[1]),
              " ",
              icon(doc.kinds[sentence[2].kind]),
              ...flags(doc, sentence[2]),
              make("b", { dir: "auto" }, sentence[2].name),
            ),
            evidence(app, edge, basisOf(doc, edge)),
            ...(lacking.has(hop) ? [make("span", { className: "soft" }, `(${texts.hidden_now})`)] : []),
            ...(reasons.length
              ? [
                  make(
                    "ul",
                    { className: "reasons" },
                    ...reasons.map((text) => make("li", { dir: "auto" }, text)),
                  ),
                ]
              : []),
          );
        }),
      );
    }),
  );
}

/** @param {App} app */
export function basisBadge(app, path) {
  if (path.hubs.length)
    return make(
      "span",
      { className: "badge" },
      fill(app.texts.through_hubs, { names: path.hubs.map((id) => app.model.node(id).name).join(", ") }),
    );
  return path.stated
    ? make("span", { className: "badge stated" }, app.texts.all_stated)
    : make(
        "span",
        { className: "badge" },
        fill(app.texts.part_stated, {
          n: path.hops.filter(({ edges }) => app.model.edge(edges[0]).evidence === 0).length,
          m: path.hops.length,
        }),
      );
}

/** @param {App} app */
export function pathsView(app) {
  const { model, texts } = app;
  const fields = { from: byId("path-from"), to: byId("path-to") };
  for (const [name, field] of Object.entries(fields)) {
    combobox(field, byId(`path-${name}-found`), {
      model,
      texts,
      search: app.search,
      keep: true,
      say: app.say,
      choose(node) {
        app.between({ [name]: node.iri });
        const open = ["to", "from"].find((other) => !app.nodeOf(app.state()[other]));
        (open ? fields[open] : list.querySelector("button") || byId("path-note")).focus();
      },
    });
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
    const edges = app.allowed();
    const now = `${from} ${to} ${app.allowedKey()}`;
    if (now === key) return;
    key = now;
    found = one && other && one !== other ? paths(model, edges, one.id, other.id, 5) : [];
    const note = byId("path-note");
    note.replaceChildren();
    if (!one || !other) note.append(make("span", { className: "asks" }, texts.paths_hint));
    else if (one === other) note.append(texts.paths_same);
    else if (!found.length) absence(note, edges, one, other);
    else {
      const must = through(model, edges, one.id, other.id).map(model.node);
      const stated = found.some((path) => path.stated);
      const sourced = new Set([...edges].filter((id) => model.edge(id).evidence === 0));
      const [sure] = stated ? [] : paths(model, sourced, one.id, other.id, 1);
      const further = sure && !found.some(({ nodes }) => nodes.join() === sure.nodes.join());
      if (further) found.push(sure);
      note.append(make("b", {}, plural(texts, "paths_found", found.length)), " ");
      if (must.length && !app.filtered())
        note.append(fill(texts.paths_through, { names: must.map(({ name }) => name).join(", ") }), " ");
      if (further) note.append(texts.paths_sure);
      else if (!stated && !sure && !app.filtered()) note.append(texts.paths_none_stated);
    }
    list.replaceChildren(
      ...found.map((path, number) =>
        make(
          "li",
          { className: "path", data: { number } },
          make(
            "div",
            { className: "top" },
            button(fill(texts.path_n, { n: number + 1, steps: plural(texts, "n_steps", path.hops.length) }), {
              data: { path: number },
              title: texts.path_show,
            }),
            basisBadge(app, path),
          ),
          pathSteps(app, path),
        ),
      ),
    );
  }

  function absence(note, edges, one, other) {
    note.append(make("b", {}, texts.paths_none), " ");
    const shortest = missing(model, edges, one.id, other.id);
    if (!shortest) note.append(texts.paths_never);
    else note.append(texts.paths_missing, pathSteps(app, shortest.path, new Set(shortest.hops)));
  }

  function update() {
    const { from, to, path, view } = app.state();
    for (const [name, iri] of [
      ["from", from],
      ["to", to],
    ]) {
      if (document.activeElement !== fields[name] || app.nodeOf(iri))
        fields[name].value =
          app.nodeOf(iri)?.name ||
          (iri
            ? ""
            : fields[name].value && document.activeElement === fields[name]
              ? fields[name].value
              : "");
      wrap(fields[name]);
    }
    if (view === "paths" || path >= 0) search();
    for (const row of list.children) {
      const on = Number(row.dataset.number) === path;
      row.classList.toggle("chosen", on);
      row.querySelector("[data-path]").setAttribute("aria-pressed", String(on));
    }
  }

  byId("paths").addEventListener("click", ({ target }) => {
    const at = target.closest("button");
    if (!at) return;
    if (at.dataset.claim) app.select(at.dataset.claim);
    else if (at.dataset.path) app.showPath(Number(at.dataset.path), found[Number(at.dataset.path)]);
  });

  return {
    update,
    found: () => found,
    chosen: () => found[app.state().path] || null,
    best() {
      if (found.length) app.showPath(0, found[0]);
    },
  };
}
