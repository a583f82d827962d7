// The timeline view: bars and marks of dated nodes on an axis of years.
import { byId, compareNames, fill, icon, make, plural } from "./dom.js";
import { lastingKinds, yearsOf } from "./model.js";

/** @param {App} app */
export function timeline(app) {
  const { doc, texts } = app;
  const place = byId("timeline-rows");
  const field = byId("in-force");
  const dated = doc.nodes.filter(({ start, end }) => start || end);
  const kindsDated = new Set(dated.map(({ kind }) => kind));
  const undated = doc.nodes.filter(({ start, end, kind }) => !start && !end && kindsDated.has(kind));
  byId("tab-timeline").hidden = !dated.length;
  const lasting = lastingKinds(doc.nodes);
  const years = dated.flatMap(({ start, end }) => [start, end].filter(Boolean));
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

  function row(node) {
    const kind = doc.kinds[node.kind];
    const [from, to] = [node.start || node.end, node.end || node.start];
    const whole = node.start && node.end && node.end > node.start;
    const bar = make("span", { className: `${whole ? "bar" : "mark"} l${kind.lane}` });
    bar.style.insetInlineStart = across(whole ? from : from + 0.5);
    if (whole) bar.style.width = `${((to - from + 1) / Math.max(1, last - first)) * 100}%`;
    return make("li", {}, make("button", { type: "button", data: { node: node.iri }, aria: { pressed: app.state().selected === node.iri }, ariaLabel: `${node.name}, ${kind.name}, ${yearsOf(node, texts)}` },
      make("span", { className: "who", title: node.name }, icon(kind), make("span", { dir: "auto" }, node.name)), make("span", { className: "when" }, yearsOf(node, texts)), make("span", { className: "track" }, bar)));
  }

  // Those of a kind that have no year, of which a year therefore says nothing.
  function without(kind, some) {
    const rows = some.filter((node) => node.kind === kind).sort((a, b) => compareNames(a.name, b.name)).map((node) => make("li", {},
      make("button", { type: "button", data: { node: node.iri }, aria: { pressed: app.state().selected === node.iri } }, make("span", { className: "who" }, icon(doc.kinds[kind]), make("span", { dir: "auto" }, node.name)))));
    return rows.length ? [make("details", { open: open.has(kind), data: { kind } }, make("summary", { className: "soft" }, plural(texts, "undated", rows.length)), make("ul", {}, ...rows))] : [];
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
    const shown = dated.filter(({ id }) => nodes.has(id)).sort((a, b) => a.kind - b.kind || (a.start || a.end) - (b.start || b.end) || (a.end || a.start) - (b.end || b.start) || compareNames(a.name, b.name));
    const any = app.anyYear();
    const unknown = undated.filter(({ id }) => any.has(id));
    const counted = year === null ? plural(texts, "dated", shown.length) : fill(plural(texts, "in_force_n", shown.filter(({ kind }) => lasting.has(kind)).length), { year });
    const filtered = year === null ? "" : fill(texts.only_lasting, { kinds: [...lasting].sort((a, b) => a - b).map((kind) => doc.kinds[kind].name).join(", ") });
    byId("timeline-note").textContent = [counted, unknown.length ? plural(texts, "undated_n", unknown.length) : "", filtered].filter(Boolean).join(" ");
    const focus = place.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    const kinds = [...new Set([...shown, ...unknown].map(({ kind }) => kind))].sort((a, b) => a - b);
    place.replaceChildren(ticks(), ...kinds.flatMap((kind) => [make("h3", { dir: "auto" }, doc.kinds[kind].name), make("ul", {}, ...shown.filter((node) => node.kind === kind).map(row)), ...without(kind, unknown)]));
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
