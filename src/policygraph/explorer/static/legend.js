// The legend, which is also the filter.
import { basisLine, button, byId, fill, formatNumber, make, put, wrap } from "./dom.js";

// The key of a basis in a state; the name of an unknown one.
export const basisKey = ({ key, name }) => (key === "other" ? name : key);

/** @param {App} app */
export function legend(app) {
  const { doc, texts } = app;
  const boxes = []; // {box, list, key, place, many}

  // A choice of each of a list of the document, of which `of` is one: {key, name, mark, hint}.
  function part(list, of, choices) {
    const title = texts[list];
    const rows = choices.map(({ key, name, mark, hint = "" }, place) => {
      const box = make("input", { type: "checkbox", checked: true, data: { [of]: key } });
      const many = make("span.count");
      boxes.push({ box, list, key, place, many });
      box.addEventListener("change", () => {
        const off = new Set(app.state()[list]);
        off[box.checked ? "delete" : "add"](key);
        app.change({ [list]: [...off] });
      });
      return make(
        "li",
        make("label", { title: hint }, box, mark, make("span.name", { dir: "auto" }, name), many),
      );
    });
    const tool = (name, off) => {
      const look = { className: "plain", data: { [name]: list }, ariaLabel: `${title}: ${texts[name]}` };
      const made = button(texts[name], look);
      made.addEventListener("click", () => app.change({ [list]: off }));
      return made;
    };
    const keys = choices.map(({ key }) => key);
    const tools = rows.length > 3 && make("span.allnone", tool("all", []), tool("none", keys));
    const look = { role: "group", ariaLabel: title };
    return rows.length && make("section.part", look, make("h3", title, tools), make("ul", rows));
  }
  const plainly = ({ name }) => ({ key: name, name });

  const spanned = doc.nodes
    .flatMap(({ start, end, horizon }) => [start, end, horizon])
    .filter((year) => Number.isFinite(year));
  const [first, last] = [Math.min(...spanned), Math.max(...spanned)];
  const bases = doc.bases.map((basis) => ({
    key: basisKey(basis),
    name: basis.name,
    mark: basisLine(basis.key),
    hint: basis.meaning,
  }));
  const strengths = doc.strengths.map(({ key, name }) => ({ key, name, mark: make(`span.weight.${key}`) }));
  put(
    byId("legend-parts"),
    part("bases", "basis", bases),
    part("strengths", "strength", strengths),
    doc.countries.length > 1 && part("countries", "country", doc.countries.map(plainly)),
  );
  // the longest last
  byId("connected").after(part("relations", "relation", doc.relations.map(plainly)) || "");

  // Years: what lies outside is hidden; what has no years stays.
  const [from, to] = [byId("year-from"), byId("year-to")];
  byId("years").hidden = !spanned.length;
  [from.placeholder, to.placeholder] = spanned.length ? [first, last] : ["", ""];
  for (const field of [from, to]) {
    Object.assign(field, { min: first, max: last });
    field.addEventListener("change", () => {
      const wanted = [from, to].map(({ value, placeholder }) => Number(value || placeholder));
      app.change({ years: from.value || to.value ? [Math.min(...wanted), Math.max(...wanted)] : null });
    });
  }

  const connected = byId("connected");
  function options() {
    // made when first needed: ten thousand options cost time
    if (connected.options.length > 1) return;
    const groups = doc.kinds.map((kind) => make("optgroup", { label: kind.name }));
    for (const node of app.listed) groups[node.kind].append(make("option", { value: node.iri }, node.name));
    connected.append(...groups.filter((group) => group.childElementCount));
  }
  put(connected, make("option", { value: "" }, texts.anything));
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
      // how many are shown
      const all = doc[list][place]?.count || 0;
      const shown = list === "countries" ? [...nodes].map(app.model.node) : [...edges].map(app.model.edge);
      const some = shown.filter((each) =>
        [each[{ bases: "basis", strengths: "strength", relations: "relation" }[list] || list]]
          .flat()
          .includes(place),
      ).length;
      return some < all
        ? fill(texts.n_of_m, { n: formatNumber(some), m: formatNumber(all) })
        : formatNumber(all);
    };
    for (const { box, list, key, place, many } of boxes) {
      many.textContent = told(list, place);
      box.checked = !state[list].includes(key);
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
