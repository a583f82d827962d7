// The legend, which is also the filter.
import { basisLine, byId, fill, formatNumber, make, wrap } from "./dom.js";

// The key of a basis in a state; the name of an unknown one.
export const basisKey = ({ key, name }) => (key === "other" ? name : key);

/** @param {App} app */
export function legend(app) {
  const { doc, texts } = app;
  const place = byId("legend-parts");
  const boxes = []; // {box, list, key}

  function choice(list, key, name, mark, data, hint) {
    const box = make("input", { type: "checkbox", checked: true, data });
    const many = make("span", { className: "count" });
    boxes.push({ box, list, key, many });
    box.addEventListener("change", () => {
      const off = new Set(app.state()[list]);
      if (box.checked) off.delete(key);
      else off.add(key);
      app.change({ [list]: [...off] });
    });
    return make(
      "li",
      {},
      make(
        "label",
        { title: hint || "" },
        box,
        mark,
        make("span", { className: "name", dir: "auto" }, name),
        many,
      ),
    );
  }

  function part(title, list, rows) {
    if (!rows.length) return null;
    const all = make("button", { type: "button", className: "plain", data: { all: list } }, texts.all);
    const none = make("button", { type: "button", className: "plain", data: { none: list } }, texts.none);
    all.setAttribute("aria-label", `${title}: ${texts.all}`);
    none.setAttribute("aria-label", `${title}: ${texts.none}`);
    all.addEventListener("click", () => app.change({ [list]: [] }));
    none.addEventListener("click", () =>
      app.change({ [list]: boxes.filter((each) => each.list === list).map(({ key }) => key) }),
    );
    const tools = rows.length > 3 ? make("span", { className: "allnone" }, all, none) : null;
    return make(
      "section",
      { className: "part", role: "group", ariaLabel: title },
      make("h3", {}, title, tools),
      make("ul", {}, ...rows),
    );
  }

  const spanned = doc.nodes
    .flatMap(({ start, end, horizon }) => [start, end, horizon])
    .filter((year) => Number.isFinite(year));
  const [first, last] = [Math.min(...spanned), Math.max(...spanned)];
  const parts = [
    part(
      texts.bases,
      "bases",
      doc.bases.map((basis) =>
        choice(
          "bases",
          basisKey(basis),
          basis.name,
          basisLine(basis.key),
          { basis: basisKey(basis) },
          basis.meaning,
        ),
      ),
    ),
    part(
      texts.strengths,
      "strengths",
      doc.strengths.map(({ key, name }) =>
        choice("strengths", key, name, make("span", { className: `weight ${key}` }), { strength: key }),
      ),
    ),
    part(
      texts.countries,
      "countries",
      doc.countries.length > 1
        ? doc.countries.map(({ name }) => choice("countries", name, name, null, { country: name }))
        : [],
    ),
  ].filter(Boolean);
  place.replaceChildren(...parts);
  byId("connected").after(
    part(
      texts.relations,
      "relations",
      doc.relations.map(({ name }) => choice("relations", name, name, null, { relation: name })),
    ) ?? "",
  ); // the longest last

  // Years: what lies outside is hidden; what has no years stays.
  const from = byId("year-from");
  const to = byId("year-to");
  byId("years").hidden = !spanned.length;
  for (const field of [from, to]) Object.assign(field, { min: first, max: last });
  from.placeholder = spanned.length ? first : "";
  to.placeholder = spanned.length ? last : "";
  for (const field of [from, to]) {
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
  connected.replaceChildren(make("option", { value: "" }, texts.anything));
  if (doc.nodes.length <= 2500) options();
  else connected.addEventListener("focus", options, { once: true });
  connected.addEventListener("change", () => app.change({ connectedTo: connected.value }));

  byId("legend-reset").addEventListener("click", () => {
    app.change({
      kinds: [],
      relations: [],
      bases: [],
      strengths: [],
      countries: [],
      years: null,
      year: null,
      connectedTo: "",
    });
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
    for (const { box, list, key, many } of boxes) {
      many.textContent = told(
        list,
        boxes.filter((each) => each.list === list).findIndex((each) => each.box === box),
      );
      box.checked = !state[list].includes(key);
    }
    [from.value, to.value] = state.years || ["", ""];
    if (state.connectedTo) options();
    connected.value = state.connectedTo;
    wrap(connected);
    const set =
      ["kinds", "relations", "bases", "strengths", "countries"].reduce(
        (sum, list) => sum + state[list].length,
        0,
      ) +
      (state.years ? 1 : 0) +
      (state.year !== null ? 1 : 0) +
      (state.connectedTo ? 1 : 0);
    byId("legend-reset").hidden = !set;
    byId("legend-title").textContent = set ? fill(texts.filter_set, { n: set }) : texts.filter;
  }
  return { update };
}
