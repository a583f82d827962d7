// The legend, which is also the filter.
import { byId, fill, formatNumber, make, wrap } from "./dom.js";

// The key of a basis in a state; the name of an unknown one.
export const basisKey = ({ key, name }) => (key === "other" ? name : key);

/** @param {App} app */
export function legend(app) {
  const { doc, texts } = app;
  const boxes = [...byId("legend").querySelectorAll("[data-list]")];
  const [from, to] = [byId("year-from"), byId("year-to")];
  byId("legend").addEventListener("change", ({ target: box }) => {
    const { list } = box.dataset;
    if (!list) return;
    const off = new Set(app.state()[list]);
    off[box.checked ? "delete" : "add"](box.value);
    app.change({ [list]: [...off] });
  });
  byId("legend").addEventListener("click", ({ target }) => {
    const { all, none } = target.dataset;
    if (all) app.change({ [all]: [] });
    if (none)
      app.change({ [none]: boxes.filter(({ dataset }) => dataset.list === none).map(({ value }) => value) });
  });
  // Years: what lies outside is hidden; what has no years stays.
  for (const field of [from, to])
    field.addEventListener("change", () => {
      const wanted = [from, to].map(({ value, placeholder }) => Number(value || placeholder));
      app.change({ years: from.value || to.value ? [Math.min(...wanted), Math.max(...wanted)] : null });
    });

  const connected = byId("connected");
  function options() {
    // made when first needed: ten thousand options cost time
    if (connected.options.length > 1) return;
    const groups = doc.kinds.map((kind) => make("optgroup", { label: kind.name }));
    for (const node of app.listed) groups[node.kind].append(make("option", { value: node.iri }, node.name));
    connected.append(...groups.filter((group) => group.childElementCount));
  }
  if (doc.nodes.length <= 2500) options();
  else connected.addEventListener("focus", options, { once: true });
  connected.addEventListener("change", () => app.change({ connectedTo: connected.value }));

  byId("legend-reset").addEventListener("click", () => {
    app.change({ ...app.unfiltered(), evidence: app.state().evidence });
    byId("legend-title").focus(); // the button is no longer there
  });

  function update() {
    const state = app.state();
    const { nodes, edges } = app.seen();
    const told = (list, place) => {
      const all = doc[list][place]?.count || 0;
      const shown = list === "countries" ? [...nodes].map(app.model.node) : [...edges].map(app.model.edge);
      const field = { bases: "basis", strengths: "strength", relations: "relation" }[list] || list;
      const some = shown.filter((each) => [each[field]].flat().includes(place)).length;
      const m = formatNumber(all);
      return some < all ? fill(texts.n_of_m, { n: formatNumber(some), m }) : m;
    };
    for (const box of boxes) {
      const { list, place } = box.dataset;
      box.parentElement.querySelector(".count").textContent = told(list, Number(place)); // how many are shown
      box.checked = !state[list].includes(box.value);
    }
    [from.value, to.value] = state.years || ["", ""];
    if (state.connectedTo) options();
    connected.value = state.connectedTo;
    wrap(connected);
    const set =
      [state.kinds, state.relations, state.bases, state.strengths, state.countries].flat().length +
      [state.years, state.year !== null, state.connectedTo].filter(Boolean).length;
    byId("legend-reset").hidden = !set;
    byId("legend-title").textContent = set ? fill(texts.filter_set, { n: set }) : texts.filter;
  }
  return { update };
}
