// The timeline view: bars and marks of dated nodes on an axis of years.
import { byId, compareNames, fill, icon, make, plural } from "./dom.js";
import { flags } from "./countries.js";
import { hasYear, inForce, lastYear, lastingKinds, yearsOf } from "./model.js";

/** @param {App} app */
export function timeline(app) {
  const { doc, texts } = app;
  const place = byId("timeline-rows");
  const field = byId("in-force");
  const dated = doc.nodes.filter(hasYear);
  const kindsDated = new Set(dated.map(({ kind }) => kind));
  byId("tab-timeline").hidden = !dated.length;
  const lasting = lastingKinds(doc.nodes);
  const yearsIn = ({ start, end, horizon }) => [start, end, horizon].filter(Number.isFinite);
  const years = dated.flatMap(yearsIn);
  const [first, latest] = [Math.min(...years), Math.max(...years)];
  const last = latest + 1 + Math.ceil((latest - first) / 12); // room for the last years' names
  const across = (year) => `${((year - first) / Math.max(1, last - first)) * 100}%`;
  Object.assign(field, { min: first, max: latest });
  field.addEventListener("change", () => app.change({ year: field.value ? Math.round(Number(field.value)) : null }));
  byId("in-force-any").addEventListener("click", () => { app.change({ year: null }); field.focus(); });

  function ticks() {
    const step = [1, 2, 5, 10, 20, 50, 100].find((each) => (last - first) / each <= (place.clientWidth < 500 ? 6 : 14)) || 200;
    const made = make("div", { className: "ticks", aria: { hidden: true } });
    for (let year = Math.ceil(first / step) * step; year < last; year += step) {
      const room = ((last - year) / (last - first)) * place.clientWidth * (place.clientWidth < 500 ? 1 : 0.5);
      const tick = make("span", {}, room > 34 ? String(year) : "");
      tick.style.insetInlineStart = across(year);
      made.append(tick);
    }
    const { year } = app.state();
    if (year !== null && year >= first && year < last) {
      const now = make("i", {});
      now.style.insetInlineStart = across(year);
      now.style.width = `${100 / Math.max(1, last - first)}%`;
      made.append(now);
    }
    return made;
  }

  // A bar to the last year, or pale to the edge where none is known, dashed to a horizon; a mark where no start is known.
  function row(node) {
    const kind = doc.kinds[node.kind];
    const { start, end, horizon } = node;
    const over = lastYear(node);
    const bar = (from, to, looks) => {
      const made = make("span", { className: `bar ${looks} l${kind.lane}` });
      made.style.insetInlineStart = across(from);
      made.style.width = `${((to - from) / Math.max(1, last - first)) * 100}%`;
      return made;
    };
    const mark = make("span", { className: `mark l${kind.lane}${end === null ? " horizon" : ""}` });
    mark.style.insetInlineStart = across((end ?? horizon) + 0.5);
    const bars = start === null ? [mark] : [over === null ? bar(start, last, "open") : bar(start, over + 1, ""), ...(horizon > start ? [bar(start, horizon + 1, "horizon")] : [])];
    const when = [yearsOf(node, texts), end === null && over !== null && fill(texts.succeeded, { year: over })].filter(Boolean).join(", ");
    // Which dates these are, such as when a law came into force.
    const dates = Object.entries(node.facts).flatMap(([name, value]) => value.split("\n").filter((each) => /^\d{4}(-|$)/.test(each) && yearsIn(node).includes(Number(each.slice(0, 4)))).map((each) => `${name} ${each}`));
    const title = [`${node.name}, ${kind.name}, ${when}`, ...dates].join("; ");
    return make("li", {}, make("button", { type: "button", title, data: { node: node.iri }, aria: { pressed: app.state().selected === node.iri }, ariaLabel: title },
      make("span", { className: "who" }, icon(kind), ...flags(doc, node), make("span", { dir: "auto" }, node.name)), make("span", { className: "when" }, when), make("span", { className: "track" }, ...bars)));
  }

  // Those of a kind that have no year or, where one is asked about, no beginning, of which it therefore says nothing.
  function without(kind, some) {
    const rows = some.filter((node) => node.kind === kind).sort((a, b) => compareNames(a.name, b.name)).map((node) => make("li", {},
      make("button", { type: "button", data: { node: node.iri }, aria: { pressed: app.state().selected === node.iri } }, make("span", { className: "who" }, icon(doc.kinds[kind]), ...flags(doc, node), make("span", { dir: "auto" }, node.name)))));
    return rows.length ? [make("details", { open: open.has(kind), data: { kind } }, make("summary", { className: "soft" }, plural(texts, app.state().year === null ? "undated" : "unplaced", rows.length)), make("ul", {}, ...rows))] : [];
  }
  const open = new Set();
  place.addEventListener("toggle", (event) => {
    const at = /** @type {any} */ (event.target);
    open[at.open ? "add" : "delete"](Number(at.dataset.kind));
  }, true);

  function update() {
    if (app.state().view !== "timeline" || !dated.length) return;
    const { year, selected } = app.state();
    if (document.activeElement !== field) field.value = year ?? "";
    byId("in-force-any").hidden = year === null;
    const { nodes } = app.seen();
    const shown = dated.filter((node) => nodes.has(node.id) && hasYear(node)).sort((a, b) => a.kind - b.kind || yearsIn(a)[0] - yearsIn(b)[0] || yearsIn(a).at(-1) - yearsIn(b).at(-1) || compareNames(a.name, b.name));
    const placed = year === null ? shown : shown.filter((node) => inForce(node, year));
    const unknown = app.anyYear().filter((node) => kindsDated.has(node.kind) && (year === null ? !hasYear(node) : node.start === null && !(node.end < year && node.end !== null)));
    const filtered = year === null || !lasting.size ? "" : fill(texts.only_lasting, { kinds: [...lasting].sort((a, b) => a - b).map((kind) => doc.kinds[kind].name).join(", ") });
    byId("timeline-note").textContent = [
      year === null ? plural(texts, "dated", placed.length) : fill(plural(texts, "in_force_n", placed.length), { year }),
      unknown.length ? plural(texts, year === null ? "undated_n" : "unplaced_n", unknown.length) : "", filtered,
      app.state().bases.length ? texts.years_any_basis : ""].filter(Boolean).join(" ");
    const focus = place.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    const kinds = [...new Set([...placed, ...unknown].map(({ kind }) => kind))].sort((a, b) => a - b);
    place.replaceChildren(ticks(), ...kinds.flatMap((kind) => [make("h3", { dir: "auto" }, doc.kinds[kind].name), make("ul", {}, ...placed.filter((node) => node.kind === kind).map(row)), ...without(kind, unknown)]));
    const again = [...place.querySelectorAll("button")].find(({ dataset }) => dataset.node === (focus || selected));
    if (again && focus) again.focus({ preventScroll: true });
    else if (again) again.scrollIntoView({ block: "nearest" });
  }

  place.addEventListener("click", ({ target }) => {
    const at = target.closest("button");
    if (at) app.select(at.dataset.node === app.state().selected ? "" : at.dataset.node);
  });
  return { update };
}
